import type { Column } from "@/views/dataset/look/profile";
import classes from "@/views/dataset/look/Spark.module.css";

const WIDTH = 100;
const HEIGHT = 36;
const GAP = 0.6;

/** A histogram small enough for a card, with the quartiles and the middle 90 % as a box below it. */
export function Spark({ column, label }: { column: Column; label: string }) {
  const { histogram, quantiles } = column;
  if (histogram === undefined) {
    return null;
  }
  const { counts } = histogram;
  const highest = Math.max(1, ...counts);
  const width = WIDTH / counts.length;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT + 8}`}
      preserveAspectRatio="none"
      className={classes.spark}
      role="img"
      aria-label={label}
    >
      {counts.map((count, place) => {
        // What is there at all must be seen beside what is there a thousand times.
        const height = count === 0 ? 0 : Math.max(1, (count / highest) * HEIGHT);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its place
            key={place}
            x={place * width}
            width={width - GAP}
            y={HEIGHT - height}
            height={height}
            className={classes.bar}
          />
        );
      })}
      {quantiles && <Box quantiles={quantiles} top={HEIGHT + 2} />}
    </svg>
  );
}

function Box({ quantiles, top }: { quantiles: Record<string, number>; top: number }) {
  const low = quantiles["0"] ?? 0;
  const range = (quantiles["1"] ?? 0) - low;
  const at = (share: string) => (range > 0 ? (((quantiles[share] ?? low) - low) / range) * WIDTH : WIDTH / 2);
  return (
    <>
      <rect
        x={at("0.05")}
        width={Math.max(0.5, at("0.95") - at("0.05"))}
        y={top + 2.5}
        height={1}
        className={classes.whisker}
      />
      <rect
        x={at("0.25")}
        width={Math.max(0.8, at("0.75") - at("0.25"))}
        y={top}
        height={6}
        className={classes.box}
      />
      <rect x={at("0.5") - 0.4} width={0.8} y={top} height={6} className={classes.median} />
    </>
  );
}

/** The most frequent values as bars, each with its share of the rows. */
export function TopBars({
  items,
  rows,
}: {
  items: readonly { key: string; text: string; count: number; share: string }[];
  rows: number;
}) {
  return (
    <ul className={classes.bars}>
      {items.map((item) => (
        <li key={item.key}>
          <span className={classes.label} title={item.text}>
            {item.text}
          </span>
          <span className={classes.share}>{item.share}</span>
          <span className={classes.track} aria-hidden>
            <span
              className={classes.fill}
              style={{ width: `${rows === 0 ? 0 : Math.max(0.5, (item.count / rows) * 100)}%` }}
            />
          </span>
        </li>
      ))}
    </ul>
  );
}
