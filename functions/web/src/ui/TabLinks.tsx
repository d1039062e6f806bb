import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "react-router";
import classes from "@/ui/TabLinks.module.css";

export type TabLink = { to: string; label: string; icon?: ReactNode };

/** Views of one thing side by side, each with an address of its own. */
export function TabLinks({ links, label }: { links: readonly TabLink[]; label: string }) {
  const { pathname } = useLocation();
  const list = useRef<HTMLElement>(null);
  // The path of the thing itself is the beginning of all others, so the longest that fits is meant.
  const here = links
    .filter((link) => pathname === link.to || pathname.startsWith(`${link.to}/`))
    .reduce<TabLink | null>((best, link) => (best && best.to.length > link.to.length ? best : link), null);
  const place = here === null ? -1 : links.indexOf(here);
  useEffect(() => {
    // On a phone the link of this view may stand beyond the edge.
    const link = list.current?.children[place] as HTMLElement | undefined;
    if (list.current && link) {
      list.current.scrollLeft = link.offsetLeft - (list.current.clientWidth - link.offsetWidth) / 2;
    }
  }, [place]);
  return (
    <nav aria-label={label} className={classes.list} ref={list}>
      {links.map((link) => (
        <Link
          key={link.to}
          to={link.to}
          className={classes.tab}
          {...(link === here ? { "aria-current": "page" as const } : {})}
        >
          {link.icon}
          {link.label}
        </Link>
      ))}
    </nav>
  );
}
