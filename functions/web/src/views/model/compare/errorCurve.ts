const POINTS = 100;

/** Share of rows whose error is at most so large (Bi and Bennett 2003): the higher, the better. */
export function errorCurve(
  actual: readonly number[],
  predicted: readonly number[],
): { points: [number, number][]; median: number } {
  const errors = actual
    .map((value, place) => Math.abs(value - (predicted[place] ?? Number.NaN)))
    .filter(Number.isFinite)
    .sort((one, other) => one - other);
  const last = errors.length - 1;
  if (last < 0) {
    return { points: [], median: Number.NaN };
  }
  const steps = Math.min(POINTS, errors.length);
  const places = Array.from({ length: steps }, (_, step) =>
    steps === 1 ? last : Math.round((step * last) / (steps - 1)),
  );
  const points = places.map((place): [number, number] => [errors[place] ?? 0, (place + 1) / errors.length]);
  return { points: [[0, 0], ...points], median: errors[Math.floor(last / 2)] ?? 0 };
}
