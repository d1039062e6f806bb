"""Write the contract of the API, and the table of its routes: ``make openapi``."""

import os
import re
import sys
from pathlib import Path
from typing import Final

from infra.local.template import Template

ROOT: Final = Path(__file__).resolve().parent.parent
README: Final = ROOT / "functions" / "README.md"
_TABLE: Final = re.compile(r"(<!-- routes: make openapi -->\n)(.*?)(<!-- end of routes -->)", re.DOTALL)


def main() -> int:
    """Write ``functions/api/openapi.json`` and the table in ``functions/README.md``."""
    template = Template.load(ROOT / "template.yaml")
    os.environ.update(template.functions["ApiFunction"].environment)
    os.environ.update(POWERTOOLS_DEV="false", AWS_DEFAULT_REGION=template.ids.region)
    # The routes are made of these settings, so they are imported after them.
    from api import contract, openapi  # noqa: PLC0415
    from api.app import app  # noqa: PLC0415

    contract.DOCUMENT.write_text(openapi.text_of(app), encoding="utf-8")
    README.write_text(
        with_table(README.read_text("utf-8"), openapi.role_table(openapi.document(app))), "utf-8"
    )
    print(f"Wrote {contract.DOCUMENT.relative_to(ROOT)} and the table in {README.relative_to(ROOT)}.")
    return 0


def with_table(text: str, table: str) -> str:
    """Text of the README with another table of routes."""
    return _TABLE.sub(lambda found: found[1] + table + found[3], text)


if __name__ == "__main__":
    sys.exit(main())
