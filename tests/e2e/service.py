"""A user of the whole local stack, for the tests of the path from a CSV to a prediction."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from infra.local.stack import LocalStack

PASSWORD = "Test-Password-1"
PATIENCE_SECONDS = 200.0


@dataclass
class User:
    """Somebody with a token; every call goes over HTTP or S3 as it would on AWS."""

    stack: LocalStack
    email: str
    groups: tuple[str, ...] = ("editor",)

    def __post_init__(self) -> None:
        self.sub = self.stack.create_user(self.email, PASSWORD, groups=self.groups)
        self.http = httpx.Client(
            base_url=self.stack.api_url,
            headers={"Authorization": self.stack.sign_in(self.email, PASSWORD)},
            timeout=60,
            trust_env=False,
        )

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def upload(self, content: bytes, file_name: str = "data.csv") -> str:
        """Upload through a presigned form; answers the dataset's id."""
        created = self.http.post("/datasets", json={"file_name": file_name})
        assert created.status_code == 201, created.text
        form = created.json()["upload"]
        sent = httpx.post(
            form["url"], data=form["fields"], files={"file": (file_name, content)}, trust_env=False
        )
        assert sent.status_code == 204, sent.text
        return str(created.json()["id"])

    def drop(self, content: bytes, file_name: str, target: str | None = None) -> None:
        """Copy a file into the drop folder."""
        folder = f"target={target}/" if target else ""
        self.stack.client("s3").put_object(
            Bucket=self.stack.outputs["DataBucketName"],
            Key=f"drop/{self.sub}/{folder}{file_name}",
            Body=content,
        )

    def dataset(self, dataset_id: str) -> Any:
        """The dataset when it is READY or FAILED."""
        return wait(lambda: self.get(f"/datasets/{dataset_id}"), "READY", "FAILED")

    def dropped(self, file_name: str) -> Any:
        """The dataset that a dropped file became, when it is READY or FAILED."""

        def look() -> Any:
            items = self.get("/datasets?limit=100")["items"]
            return next((item for item in items if item["file_name"] == file_name), {"status": "ABSENT"})

        return wait(look, "READY", "FAILED")

    def train(self, dataset_id: str, target: str, **options: Any) -> str:
        """Order a training; answers the job's id."""
        order = {"target": target, "budget_seconds": 5, **options}
        answer = self.http.post(f"/datasets/{dataset_id}/train", json=order)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def job(self, job_id: str, *ends: str) -> Any:
        """The job when it has ended, or has one of the given states."""
        return wait(lambda: self.get(f"/jobs/{job_id}"), *(ends or ("SUCCEEDED", "FAILED")))

    def predict(self, model: str, *instances: dict[str, Any]) -> httpx.Response:
        """Ask for predictions."""
        return self.http.post(f"/models/{model}/predict", json={"instances": list(instances)})


def wait(look: Callable[[], Any], *ends: object) -> Any:
    """Look until the status is one of those wanted."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    found: Any = None
    while time.monotonic() < deadline:
        found = look()
        if found["status"] in ends:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{found} did not reach {ends}")
