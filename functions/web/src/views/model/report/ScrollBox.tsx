import { type ReactNode, useEffect, useRef, useState } from "react";
import { styles } from "./styles";

/** What may be wider or longer than its place: it scrolls by itself, with the keyboard too. */
export function ScrollBox({
  label,
  minWidth = 0,
  isLong = false,
  children,
}: {
  label: string;
  minWidth?: number;
  /** Whether it may be so long that it scrolls down, too. */
  isLong?: boolean;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);

  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const measure = () =>
      setScrolls(
        element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1,
      );
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    for (const child of element.children) {
      observer.observe(child);
    }
    return () => observer.disconnect();
  }, []);

  return (
    // Only what scrolls is a stop of the Tab key.
    // biome-ignore lint/a11y/useSemanticElements: this is no group of fields.
    <div
      ref={box}
      role="group"
      className={isLong ? `${styles.scroll} ${styles.long}` : styles.scroll}
      aria-label={label}
      {...(scrolls ? { tabIndex: 0 } : {})}
    >
      <div style={{ minInlineSize: minWidth }}>{children}</div>
    </div>
  );
}
