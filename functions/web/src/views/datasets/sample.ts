/** A made-up sample that has something of everything: kinds of columns, gaps, codes for missing, an id. */
export const SAMPLE_NAME = "sample-flats.csv";
export const SAMPLE_ROWS = 800;
/** What a meter that was out of order wrote; the analysis is to find it. */
export const BROKEN_METER = -200;

const COLUMNS = [
  "listing_id",
  "listed_on",
  "district",
  "kind",
  "rooms",
  "area_m2",
  "floor",
  "year_built",
  "energy_class",
  "balcony",
  "distance_to_centre_km",
  "street_noise_db",
  "rent",
  "let_within_a_week",
] as const;

const DISTRICTS = [
  { name: "Old Town", level: 1.3, distance: 1.1, noise: 64 },
  { name: "Harbour", level: 1.15, distance: 2.3, noise: 61 },
  { name: "University", level: 1.08, distance: 2.9, noise: 58 },
  { name: "Gardens", level: 1, distance: 4.6, noise: 49 },
  { name: "Mill Hill", level: 0.88, distance: 6.8, noise: 52 },
  { name: "Westfield", level: 0.78, distance: 9.4, noise: 55 },
] as const;
const ENERGY = ["A", "B", "C", "D", "E", "F"] as const;
const FIRST_DAY = Date.UTC(2024, 0, 1);
const DAY = 86_400_000;

/** Park and Miller's generator: the same numbers on every machine. */
class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed % 2_147_483_647 || 1;
  }

  /** Evenly in 0..1. */
  share(): number {
    this.state = (this.state * 48_271) % 2_147_483_647;
    return this.state / 2_147_483_647;
  }

  /** A whole number from..to. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.share() * (to - from + 1));
  }

  /** About normal around 0, as a sum of even ones is; the standard deviation is 1. */
  normal(): number {
    let sum = -6;
    for (let drawn = 0; drawn < 12; drawn += 1) sum += this.share();
    return sum;
  }

  hits(probability: number): boolean {
    return this.share() < probability;
  }

  one<T>(of: readonly T[]): T {
    return of[this.whole(0, of.length - 1)] as T;
  }
}

/** The sample as the text of a CSV file; a seed always makes the same one. */
export function sampleCsv(seed = 7, rows = SAMPLE_ROWS): string {
  const dice = new Dice(seed);
  const lines = [COLUMNS.join(",")];
  for (let row = 0; row < rows; row += 1) {
    lines.push(Object.values(flat(dice, row)).join(","));
  }
  return `${lines.join("\n")}\n`;
}

export function sampleFile(): File {
  return new File([sampleCsv()], SAMPLE_NAME, { type: "text/csv" });
}

function flat(dice: Dice, row: number): Record<(typeof COLUMNS)[number], string | number> {
  const district = dice.one(DISTRICTS);
  const rooms = dice.whole(1, 5);
  const area = Math.max(18, 14 + rooms * 19 + dice.normal() * 7);
  const year = dice.hits(0.4) ? dice.whole(1890, 1940) : dice.whole(1955, 2023);
  const age = (2024 - year) / 134;
  const energy = Math.min(5, Math.max(0, Math.round(age * 5 + dice.normal() * 0.8)));
  const balcony = dice.hits(0.35 + 0.07 * rooms);
  const kind = rooms === 1 ? "studio" : dice.one(["flat", "flat", "flat", "maisonette", "loft"]);
  const noise = district.noise + dice.normal() * 4;
  const style = kind === "loft" ? 1.12 : kind === "maisonette" ? 1.05 : 1;
  const fair =
    (170 + 9.4 * area) *
    district.level *
    style *
    (1.08 - 0.035 * energy) *
    (balcony ? 1.05 : 1) *
    (1 - 0.004 * (noise - 55));
  // What is asked strays from what is fair; what is asked too dear, stays.
  const stray = dice.normal() * 0.08;
  const isLet = dice.hits(1 / (1 + Math.exp(-(0.2 - 22 * stray + (district.level - 1) * 2))));
  return {
    listing_id: `L-${10_001 + row}`,
    listed_on: new Date(FIRST_DAY + dice.whole(0, 729) * DAY).toISOString().slice(0, 10),
    district: district.name,
    kind,
    rooms,
    area_m2: area.toFixed(1),
    floor: dice.whole(0, 8),
    year_built: dice.hits(0.05) ? "" : year,
    energy_class: dice.hits(0.07) ? "" : (ENERGY[energy] ?? ""),
    balcony: balcony ? "yes" : "no",
    distance_to_centre_km: Math.max(0.2, district.distance + dice.normal() * 0.6).toFixed(1),
    street_noise_db: dice.hits(0.04) ? BROKEN_METER : noise.toFixed(1),
    rent: Math.round(fair * (1 + stray)),
    let_within_a_week: isLet ? "yes" : "no",
  };
}
