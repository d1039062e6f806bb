"""The main job on the local stack: sign in, upload, train, judge, predict, all over the public API."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_breast_cancer, load_diabetes

from infra.local.stack import LocalStack

EMAIL: Final = "demo@example.com"
PASSWORD: Final = "Demo-Password-1"  # noqa: S105  # of a user that exists on this machine only
_SAMPLE_BUDGET_SECONDS = 20
_PATIENCE_SECONDS = 1200.0
_POLL_SECONDS = 0.5
_SHOWN_METRICS: Final = {
    "classification": (
        "accuracy",
        "precision_weighted",
        "recall_weighted",
        "f1_weighted",
        "roc_auc",
        "log_loss",
    ),
    "regression": ("r2", "mae", "mse", "rmse"),
}


class DemoError(RuntimeError):
    """The job can't be done; the message says why."""


@dataclass(frozen=True)
class DemoJob:
    """A file to train on, the column to predict, and whether it goes through the drop folder."""

    csv: Path
    target: str
    drop: bool = False
    budget_seconds: int | None = None


def sample_jobs(folder: Path) -> list[DemoJob]:
    """A classifier and a regressor on real data that scikit-learn ships, one through each door."""
    samples = folder / "samples"
    samples.mkdir(parents=True, exist_ok=True)
    cancer = load_breast_cancer(as_frame=True)
    frame = cancer.frame.assign(diagnosis=cancer.target_names[cancer.target]).drop(columns="target")
    frame.to_csv(samples / "breast-cancer.csv", index=False)
    load_diabetes(as_frame=True, scaled=False).frame.to_csv(samples / "diabetes.csv", index=False)
    return [
        DemoJob(samples / "breast-cancer.csv", "diagnosis", budget_seconds=_SAMPLE_BUDGET_SECONDS),
        DemoJob(samples / "diabetes.csv", "target", drop=True),
    ]


def own_job(csv: Path, target: str) -> list[DemoJob]:
    """The user's own file.

    Raises
    ------
    DemoError
        If there is no such file.
    """
    if not csv.is_file():
        raise DemoError(f"There is no file {csv}. Name one with make run CSV=path TARGET=column.")
    return [DemoJob(csv, target)]


def run(stack: LocalStack, jobs: list[DemoJob], console: Console) -> bool:
    """Carry out the jobs, print what happens and what came out; say whether all of them ended well."""
    owner = stack.create_user(EMAIL, PASSWORD, groups=("admin",))
    done = True
    with httpx.Client(base_url=stack.api_url, timeout=60, trust_env=False) as client:
        client.headers["Authorization"] = stack.sign_in(EMAIL, PASSWORD)
        console.print(f"Stack up at {stack.api_url}; signed in as {EMAIL}.")
        for job in jobs:
            try:
                _run_one(stack, client, owner, job, console)
            except DemoError as error:
                console.print(f"[bold red]{job.csv.name}: {error}[/]")
                done = False
        has_page = client.get("/app/").is_success
    _print_page(stack, console, has_page=has_page)
    _print_addresses(stack, console)
    return done


def _run_one(stack: LocalStack, client: httpx.Client, owner: str, job: DemoJob, console: Console) -> None:
    console.print(f"\n[bold]{job.csv.name}[/] -> predict [bold]{job.target}[/]")
    start = time.monotonic()
    training_id = (
        _by_drop_folder(stack, client, owner, job, console) if job.drop else _by_api(client, job, console)
    )
    training = _wait(
        lambda: _get(client, f"/jobs/{training_id}"),
        lambda found: _say(console, f"  {found['progress']:>4.0%}  {found['message'] or found['status']}"),
    )
    if training["status"] == "FAILED":
        raise DemoError(training["error"]["message"])
    name, version = training["model"], training["version"]
    report = _get(client, f"/models/{name}/versions/{version}")
    console.print(f"  model {name}, version {version}, after {time.monotonic() - start:.0f} s")
    _print_metrics(report, console)
    _print_leaderboard(report, console)
    _predict(client, name, console)
    logged = _wait(lambda: _tracking(client, name, version), lambda _: None)
    console.print(f"  logged to MLflow as run {logged['run']}")


def _tracking(client: httpx.Client, name: str, version: int) -> dict[str, Any]:
    run = _get(client, f"/models/{name}/versions/{version}")["mlflow_run_id"]
    return {"status": "SUCCEEDED" if run else "WAITING", "run": run}


def _by_api(client: httpx.Client, job: DemoJob, console: Console) -> str:
    created = _ok(client.post("/datasets", json={"file_name": job.csv.name}))
    form = created["upload"]
    with job.csv.open("rb") as file:
        sent = httpx.post(
            form["url"],
            data=form["fields"],
            files={"file": (job.csv.name, file)},
            timeout=600,
            trust_env=False,
        )
    if sent.is_error:
        raise DemoError(f"S3 refused the upload: {sent.status_code}")
    console.print(f"  uploaded {job.csv.stat().st_size:,} bytes by presigned form, dataset {created['id']}")
    _analyzed(client, created["id"], console)
    order: dict[str, Any] = {"target": job.target}
    if job.budget_seconds:
        order["budget_seconds"] = job.budget_seconds
    return str(_ok(client.post(f"/datasets/{created['id']}/train", json=order))["id"])


def _by_drop_folder(
    stack: LocalStack, client: httpx.Client, owner: str, job: DemoJob, console: Console
) -> str:
    known = {item["id"] for item in _get(client, "/datasets")["items"]}
    bucket, key = stack.outputs["DataBucketName"], f"drop/{owner}/target={job.target}/{job.csv.name}"
    stack.client("s3").put_object(Bucket=bucket, Key=key, Body=job.csv.read_bytes())
    console.print(f"  copied to s3://{bucket}/{key}; the drop folder does the rest")

    def arrived() -> dict[str, Any]:
        new = [item for item in _get(client, "/datasets")["items"] if item["id"] not in known]
        return {"status": "ARRIVED", "id": new[0]["id"]} if new else {"status": "WAITING"}

    dataset = _wait(arrived, lambda _: None, ends=("ARRIVED",))
    return str(_analyzed(client, dataset["id"], console)["job_id"])


def _analyzed(client: httpx.Client, dataset_id: str, console: Console) -> dict[str, Any]:
    dataset = _wait(
        lambda: _get(client, f"/datasets/{dataset_id}"),
        lambda found: _say(console, f"  dataset is {found['status']}"),
        ends=("READY", "FAILED"),
    )
    if dataset["status"] == "FAILED":
        raise DemoError(dataset["error"]["message"])
    counts = (f"{dataset['rows']:,} rows", f"{dataset['columns']} columns", f"{dataset['warnings']} warnings")
    console.print(f"  {', '.join(counts)}")
    return dataset


def _wait(
    look: Callable[[], dict[str, Any]],
    tell: Callable[[dict[str, Any]], None],
    ends: tuple[str, ...] = ("SUCCEEDED", "FAILED"),
) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    last: dict[str, Any] = {}
    while time.monotonic() < deadline:
        found = look()
        if found != last:
            tell(found)
            last = found
        if found["status"] in ends:
            return found
        time.sleep(_POLL_SECONDS)
    raise DemoError(f"Nothing came of it in {_PATIENCE_SECONDS:.0f} s; see the logs in .local/logs.")


def _predict(client: httpx.Client, name: str, console: Console) -> None:
    schema = _get(client, f"/models/{name}/schema")
    body = {"instances": [schema["examples"][0]]}
    answer = _ok(client.post(f"/models/{name}/predict", json=body))
    console.print(f"  [bold]POST /models/{name}/predict[/] {json.dumps(body)}")
    console.print(f"  [bold]answers[/] {json.dumps(answer)}")


def _print_metrics(report: dict[str, Any], console: Console) -> None:
    table = Table("metric", title="Metrics", title_justify="left")
    parts = ("holdout", "cross_validation", "baseline")
    for part in parts:
        table.add_column(part.replace("_", " "), justify="right")
    for metric in _SHOWN_METRICS[report["task"]]:
        values = [report["metrics"][part].get(metric) for part in parts]
        if any(value is not None for value in values):
            table.add_row(metric, *("-" if value is None else f"{value:,.4g}" for value in values))
    console.print(table)


def _print_leaderboard(report: dict[str, Any], console: Console) -> None:
    table = Table("model", title="Leaderboard", title_justify="left")
    for name in (report["metric"], "± std", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in report["leaderboard"]:
        figures = (f"{row['mean']:,.4g}", f"{row['std']:,.2g}", f"{row['fit_seconds']:.1f}")
        table.add_row(row["model"], *figures, "chosen" if row["chosen"] else "")
    console.print(table)


def _print_page(stack: LocalStack, console: Console, *, has_page: bool) -> None:
    if has_page:
        console.print(f"\n[bold]The page:[/] {stack.api_url}/app/")
        console.print(f"  sign in as {EMAIL} with {PASSWORD}")
    else:
        console.print(
            "\n[bold]The page:[/] not built. Install Node.js 20.19 or later, run make page, and start again."
        )


def _print_addresses(stack: LocalStack, console: Console) -> None:
    client_id = stack.outputs["UserPoolClientId"]
    console.print("\n[bold]For programs[/]")
    for name, value in {
        "API": stack.api_url,
        "docs": f"{stack.api_url}/docs",
        "MLflow": stack.mlflow_url,
        "AWS (S3, Cognito, ...)": stack.aws_url,
        "data bucket": stack.outputs["DataBucketName"],
        "logs": stack.state_dir / "logs",
        "sign-in": f"{EMAIL} / {PASSWORD} (app client {client_id})",
    }.items():
        console.print(f"  {name:<24}{value}")
    console.print(
        "\n[bold]In another terminal[/]\n"
        f"  TOKEN=$(curl -s {stack.aws_url}/ -H 'Content-Type: application/x-amz-json-1.1' "
        "-H 'X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth' "
        f"""-d '{{"ClientId":"{client_id}","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":"""
        f"""{{"USERNAME":"{EMAIL}","PASSWORD":"{PASSWORD}"}}}}' | python3 -c """
        """'import json,sys; print(json.load(sys.stdin)["AuthenticationResult"]["IdToken"])')\n"""
        f'  curl -s {stack.api_url}/models -H "Authorization: $TOKEN"'
    )


def _say(console: Console, line: str) -> None:
    console.print(line)


def _get(client: httpx.Client, path: str) -> dict[str, Any]:
    return _ok(client.get(path))


def _ok(response: httpx.Response) -> dict[str, Any]:
    answer: dict[str, Any] = response.json()
    if response.is_error:
        faults = [fault["message"] for fault in answer.get("errors", [])]
        raise DemoError(" ".join([*faults, answer["detail"]]))
    return answer
