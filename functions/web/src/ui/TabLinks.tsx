import type { ReactNode } from "react";
import { Link, useLocation } from "react-router";
import classes from "@/ui/TabLinks.module.css";

export type TabLink = { to: string; label: string; icon?: ReactNode };

/** Views of one thing side by side, each with an address of its own. */
export function TabLinks({ links, label }: { links: readonly TabLink[]; label: string }) {
  const { pathname } = useLocation();
  // The path of the thing itself is the beginning of all others, so the longest that fits is meant.
  const here = links
    .filter((link) => pathname === link.to || pathname.startsWith(`${link.to}/`))
    .reduce<TabLink | null>((best, link) => (best && best.to.length > link.to.length ? best : link), null);
  return (
    <nav aria-label={label} className={classes.list}>
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
