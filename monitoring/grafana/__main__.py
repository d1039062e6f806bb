"""Write the dashboards: ``make dashboards``."""

import sys

from monitoring.grafana.render import FOLDER, ROOT, files


def main() -> int:
    """Write ``dashboards/*.json``; what is not made any more is deleted."""
    made = files()
    for stale in FOLDER.glob("*.json"):
        if stale.name not in made:
            stale.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"Wrote {len(made)} dashboards into {FOLDER.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
