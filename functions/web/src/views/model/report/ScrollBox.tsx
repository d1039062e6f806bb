import type { ReactNode } from "react";
import { styles } from "./styles";

/** What may be wider or longer than its place: it scrolls by itself, with the keyboard too. */
export function ScrollBox({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <div role="group" className={styles.scroll} aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
