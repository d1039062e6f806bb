"""A model as one archive that runs anywhere with NumPy alone: its files, the code that scores, and how to."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import scoring
from automl.result import MANIFEST_FILE, MODEL_FILE
from automl.serving.export import sha256

SUMS_FILE = "SHA256SUMS"
README_FILE = "README.md"
# The earliest moment that a zip can hold: equal models make equal bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644
UNIX = 3
# What reads recipes that people write: a model replays fitted ones.
NOT_NEEDED = "vocabulary"
# So many features and values of an example are shown; the manifest has all of them.
SHOWN = 200
SHOWN_TEXT = 80


def pack_archive(npz: bytes, manifest: bytes) -> bytes:
    """Return a zip with the model, the sources of `scoring`, their checksums and a README.

    Parameters
    ----------
    npz, manifest
        The two files of the model.

    Returns
    -------
    bytes
        Equal for equal models.
    """
    members = {MODEL_FILE: npz, MANIFEST_FILE: manifest}
    package = Path(scoring.__file__).parent
    for source in sorted(package.rglob("*.py")):
        if source.parent.name == NOT_NEEDED:
            continue
        members[source.relative_to(package.parent).as_posix()] = source.read_bytes()
    members[README_FILE] = readme(json.loads(manifest)).encode()
    members[SUMS_FILE] = "".join(f"{sha256(content)}  {name}\n" for name, content in members.items()).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system = UNIX
            entry.external_attr = READABLE << 16
            # The arrays are compressed already.
            entry.compress_type = zipfile.ZIP_STORED if name == MODEL_FILE else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return buffer.getvalue()


def readme(manifest: Mapping[str, Any]) -> str:
    """Return how to run the model, in Markdown."""
    example = {name: _shown(value) for name, value in list(manifest["example"].items())[:SHOWN]}
    classes = manifest["classes"]
    answers = f"one of {len(classes)} classes, with the probability of each" if classes else "a number"
    rows = [
        f"| {_cell(feature['name'])} | {feature['type']} | {'yes' if feature['nullable'] else 'no'} |"
        for feature in manifest["features"][:SHOWN]
    ]
    more = len(manifest["features"]) - len(rows)
    if more > 0:
        rows.append(f"| and {more} more, see `manifest.json` | | |")
    return f"""# A model of {_cell(manifest["target"])}

Predicts {answers}. Needs Python 3.12 or later and NumPy; nothing is installed, and nothing is unpickled.

```
pip install numpy
unzip model.zip -d model && cd model
sha256sum -c {SUMS_FILE}
python -m scoring predict . rows.csv
```

Without unpacking: `PYTHONPATH=model.zip python -m scoring predict model.zip rows.csv`.
`python -m scoring predict --help` names the options.

In a program:

```python
import hashlib, json, pathlib, scoring

npz, manifest = (pathlib.Path(name).read_bytes() for name in ("{MODEL_FILE}", "{MANIFEST_FILE}"))
model = scoring.load(npz, manifest, *(hashlib.sha256(file).hexdigest() for file in (npz, manifest)))
model.predict([model.example])
```

## What it takes

| column | type | may be missing |
|---|---|---|
{chr(10).join(rows)}

The JSON Schema of a row is under `schema` in `{MANIFEST_FILE}`. An example:

```json
{json.dumps(example, ensure_ascii=False, indent=1)}
```

## What is here

| file | holds |
|---|---|
| `{MODEL_FILE}` | the arrays of the model, format {manifest["format_version"]} |
| `{MANIFEST_FILE}` | what the model says of itself: inputs, schema, figures, versions |
| `scoring/` | the code that loads the model and answers |
| `{SUMS_FILE}` | the digest of every other file |
"""


def _shown(value: object) -> object:
    return value[:SHOWN_TEXT] if isinstance(value, str) else value


def _cell(text: str) -> str:
    """Return a name as it may stand in a table of Markdown."""
    return " ".join(text.replace("|", "\\|").replace("`", "'").split())[:SHOWN_TEXT]
