import classes from "@/views/sign-in/FrontDoor.module.css";

const COLUMNS = [0, 1, 2];
const ROWS = [0, 1, 2, 3, 4];
const DOTS = [
  [268, 104],
  [288, 84],
  [304, 90],
  [322, 62],
  [342, 66],
  [360, 38],
  [378, 34],
] as const;

/** A table with a gap in it that becomes a curve with its interval. */
export function Picture() {
  return (
    <svg viewBox="0 0 400 136" className={classes.picture} aria-hidden="true" focusable="false">
      {ROWS.map((row) =>
        COLUMNS.map((column) => (
          <rect
            key={`${row}-${column}`}
            x={2 + column * 54}
            y={8 + row * 24}
            width={48}
            height={17}
            rx={4}
            className={row === 0 ? classes.head : row === 3 && column === 1 ? classes.gap : classes.cell}
          />
        )),
      )}
      <path d="M182 66 h34 m-11 -10 l11 10 l-11 10" className={classes.arrow} />
      <path d="M248 8 V122 H396" fill="none" className={classes.axis} />
      <path d="M258 98 C300 84 330 60 388 12 L388 50 C340 84 300 108 258 118 Z" className={classes.band} />
      <path d="M258 108 C300 96 334 72 388 30" className={classes.line} />
      {DOTS.map(([x, y]) => (
        <circle key={x} cx={x} cy={y} r={3.5} className={classes.dot} />
      ))}
    </svg>
  );
}
