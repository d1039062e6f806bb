"""A page as `npm run build` leaves it, small."""

from pathlib import Path

DOCUMENT = """<!doctype html>
<html lang="en">
  <head>
    <base href="/v1/app/" />
    <meta property="csp-nonce" nonce="CSP_NONCE">
    <link rel="icon" href="favicon.svg" />
    <script type="module" src="./assets/index-B1a2C3d4.js" nonce="CSP_NONCE"></script>
    <link rel="stylesheet" href="./assets/index-E5f6G7h8.css" nonce="CSP_NONCE">
  </head>
  <body><div id="root"></div></body>
</html>
"""
FILES = {
    "index.html": DOCUMENT,
    "favicon.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "assets/index-B1a2C3d4.js": "console.log('\N{LATIN SMALL LETTER A WITH DIAERESIS}');\n" * 100,
    "assets/index-E5f6G7h8.css": "body{margin:0}",
    "assets/mark-I9j0K1l2.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    ".vite/manifest.json": "{}",
}


def write_page(folder: Path, document: str = DOCUMENT) -> Path:
    """Write the files below a folder."""
    for name, text in (FILES | {"index.html": document}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder
