"""``make fuzz``: Schemathesis against the local stack, by the contract, with real data behind the ids."""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx

from infra.local.stack import LocalStack
from tests.conformance import CONTRACT
from tests.conftest import ROOT
from tests.e2e.service import User, wait

HERE = Path(__file__).parent
MODEL = "houses"
PARAMETERS = {"MaxUploadBytes": "3000000", "TrainingBudgetSeconds": "5"}
# The columns of the contract's own examples, so that these are taken.
ROWS = b"id,rooms,age,kind,price\n" + b"".join(
    b"%d,%d,%s,%s,%d\n"
    % (i, 2 + i % 7, b"" if i % 17 == 0 else b"%d" % (i % 31), (b"flat", b"house")[i % 2], 9000 * (i % 7) + i)
    for i in range(150)
)


def main() -> int:
    """Run the command line, whose other options are those of Schemathesis; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schemathesis", type=Path, default=ROOT / ".venv-fuzz/bin/schemathesis")
    parser.add_argument("--examples", type=int, default=50, help="most requests per operation and phase")
    parser.add_argument("--seed", type=int, default=None)
    arguments, more = parser.parse_known_args()
    # Headers that are no HTTP are part of the run.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder, _stack(Path(folder)) as stack:
        user = User(stack, "fuzz@example.com", groups=("admin",))
        known = _prepare(user)
        contract = Path(folder) / "openapi.json"
        contract.write_text(json.dumps(_with_known(CONTRACT, known)))
        ids = Path(folder) / "known.json"
        ids.write_text(json.dumps(known))
        command = [
            *(str(arguments.schemathesis), "--config-file", str(HERE / "schemathesis.toml"), "run"),
            *(str(contract), "--url", stack.api_url, "--no-color"),
            *("--header", f"Authorization: {user.http.headers['Authorization']}"),
            *("--max-examples", str(arguments.examples), "--request-timeout", "60"),
            *more,
            *(("--seed", str(arguments.seed)) if arguments.seed is not None else ()),
        ]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
            "CSV_ANALYZER_FUZZ_KNOWN": str(ids),
        }
        # What deletes comes last: all else is about things that are there.
        statuses = [
            subprocess.run([*command, *chosen], cwd=folder, env=environment, check=False).returncode
            for chosen in (["--exclude-method", "DELETE"], ["--include-method", "DELETE"])
        ]
    return max(statuses)


def _stack(folder: Path) -> LocalStack:
    return LocalStack(ROOT / "template.yaml", PARAMETERS, folder / "state", mlflow=False)


def _prepare(user: User) -> dict[str, str]:
    """Make a dataset, a recipe, two versions, a batch job, an upload and a receipt; return their ids."""
    dataset = user.dataset(user.upload(ROWS, "houses.csv"))
    assert dataset["status"] == "READY", dataset
    recipe = {"target": "price", "steps": [{"step": "drop_columns", "columns": ["id"]}]}
    assert user.http.put(f"/datasets/{dataset['id']}/recipe", json=recipe).status_code == 202
    for _ in range(2):
        job = user.job(user.train(dataset["id"], "price", model=MODEL))
        assert job["status"] == "SUCCEEDED", job
    batch = user.http.post(f"/models/{MODEL}/batch", json={"file_name": "rows.csv"}).json()
    form = batch["upload"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("rows.csv", ROWS)}, trust_env=False)
    assert sent.status_code == 204, sent.text
    done = wait(lambda: user.get(f"/models/{MODEL}/batch/{batch['id']}"), "SUCCEEDED", "FAILED")
    assert done["status"] == "SUCCEEDED", done
    wait(lambda: user.get(f"/datasets/{dataset['id']}/recipe"), "READY", "FAILED")
    announced = {"file_name": "parts.csv", "size_bytes": len(ROWS), "multipart": True}
    in_parts = user.http.post("/datasets", json=announced).json()
    assert httpx.put(in_parts["upload"]["parts"][0]["url"], content=ROWS, trust_env=False).status_code == 200
    erased = user.http.delete(f"/datasets/{user.upload(ROWS, 'old.csv')}")
    assert erased.status_code == 200, erased.text
    return {
        "erasure_id": erased.json()["id"],
        "in_parts": in_parts["id"],
        "dataset_id": dataset["id"],
        "job_id": job["id"],
        "name": MODEL,
        "version": "1",
        "batch_id": batch["id"],
    }


def _with_known(contract: dict[str, Any], known: dict[str, str]) -> dict[str, Any]:
    """The contract whose examples of path parameters are there, with short trainings."""

    def told(value: Any) -> Any:
        if isinstance(value, list):
            return [told(item) for item in value]
        if not isinstance(value, dict):
            return value
        copy = {name: told(item) for name, item in value.items()}
        if copy.get("in") == "path":
            copy["example"] = known.get(copy["name"], copy["example"])
        if isinstance(copy.get("budget_seconds"), int):
            copy["budget_seconds"] = 5
        return copy

    changed: dict[str, Any] = told(contract)
    return changed


if __name__ == "__main__":
    sys.exit(main())
