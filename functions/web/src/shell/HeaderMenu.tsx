import { ActionIcon, Paper } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import classes from "@/shell/HeaderMenu.module.css";

export type MenuEntry = {
  label: string;
  onChoose: () => void;
  icon?: ReactNode;
  lang?: string;
  /** Whether it is the one that holds, among others; undefined for what merely does something. */
  isChosen?: boolean;
};

/** A menu beneath a button of the header.
 *
 * Mantine's brings a library that keeps menus within the window, which is a tenth of what a first visit
 * loads; beneath the header there is always room.
 */
export function HeaderMenu({
  label,
  icon,
  head,
  entries,
}: {
  label: string;
  icon: ReactNode;
  head?: ReactNode;
  entries: readonly MenuEntry[];
}) {
  const [isOpen, setOpen] = useState(false);
  const outside = useClickOutside(() => setOpen(false));
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const items = () => [...(list.current?.querySelectorAll("button") ?? [])];

  useEffect(() => {
    if (isOpen) {
      const found = [...(list.current?.querySelectorAll("button") ?? [])];
      (found.find((item) => item.ariaChecked === "true") ?? found[0])?.focus();
    }
  }, [isOpen]);

  function onKeyDown(event: KeyboardEvent) {
    const all = items();
    const here = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = {
      ArrowDown: (here + 1) % all.length,
      ArrowUp: (here - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      all[next]?.focus();
    } else if (event.key === "Escape") {
      setOpen(false);
      button.current?.focus();
    } else if (event.key === "Tab") {
      setOpen(false);
    }
  }

  return (
    <div ref={outside} className={classes.menu}>
      <ActionIcon
        ref={button}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {icon}
      </ActionIcon>
      {isOpen && (
        <Paper withBorder shadow="md" p={4} className={classes.dropdown ?? ""}>
          {head !== undefined && <div className={classes.head}>{head}</div>}
          <div ref={list} role="menu" tabIndex={-1} aria-label={label} onKeyDown={onKeyDown}>
            {entries.map((entry) => (
              <button
                key={entry.label}
                type="button"
                className={classes.item}
                lang={entry.lang}
                tabIndex={-1}
                onClick={() => {
                  setOpen(false);
                  button.current?.focus();
                  entry.onChoose();
                }}
                {...(entry.isChosen === undefined
                  ? { role: "menuitem" }
                  : { role: "menuitemradio", "aria-checked": entry.isChosen })}
              >
                {entry.icon}
                {entry.label}
              </button>
            ))}
          </div>
        </Paper>
      )}
    </div>
  );
}
