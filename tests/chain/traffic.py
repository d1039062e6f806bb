"""What a service lives through in a bad hour: traffic, faults of users and machines, drift, no MLflow."""

import itertools
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from infra.local.stack import LocalStack
from tests.e2e.service import User, wait

PARAMETERS = {
    # Short, so that a message that nobody can read is among the dead letters in less than two minutes.
    "AnalyzeTimeoutSeconds": "15",
    "AnalyzeVisibilitySeconds": "20",
    "TrainTimeoutSeconds": "40",
    "TrainVisibilitySeconds": "55",
    "TrainingBudgetSeconds": "5",
}
# The erase function runs every two minutes, the clock of the rules 20 times as fast.
HEARTBEAT_SECONDS = 5.0
KINDS = ("flat", "house")
HOMES = "rooms,age,kind,price\n" + "".join(
    f"{i % 7},{i % 31},{KINDS[i % 2]},{1000 * (i % 7) + 10 * (i % 31) + 500 * (i % 2)}\n" for i in range(217)
)
ONE_LABEL = HOMES.replace("house", "flat").encode()
ROW = {"rooms": 3, "age": 10, "kind": "flat"}


class Traffic:
    """Users of a local stack, and what happens to it.

    Parameters
    ----------
    stack:
        The whole local stack, with MLflow.
    """

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.owner = User(stack, "owner@example.com", groups=("admin",))
        self.clumsy = User(stack, "clumsy@example.com")
        self._stopping = threading.Event()
        # As on a stack that has been there for a while.
        stack.run_schedule("EraseFunction")
        self._heart = threading.Thread(target=self._beat, daemon=True)
        self._heart.start()
        self._dataset = self.owner.upload(HOMES.encode(), "homes.csv")
        assert self.owner.dataset(self._dataset)["status"] == "READY"
        self._numbers = itertools.count()
        # A scrape that a busy machine leaves out may be the one that would have seen it.
        self.again: dict[str, Callable[[], Any]] = {
            "ApiServerErrors": self.kill_under_a_request,
            "BatchesFailing": self.fail_batch,
            "FunctionErrors": self.kill_under_a_request,
            "GateRefusals": self.be_refused,
            "ModelMuchWorse": self.train_without_what_matters,
            "ModelsDrifted": lambda: stack.run_schedule("DriftFunction"),
            "ModelsWorseLive": lambda: stack.run_schedule("DriftFunction"),
            "TrackingFailing": lambda: stack.run_schedule("TrackingFunction"),
            "TrainingsFailing": self.fail_training,
        }

    def stop(self) -> None:
        """End what runs in the background."""
        self._stopping.set()
        self._heart.join()
        self.owner.http.close()
        self.clumsy.http.close()

    def _beat(self) -> None:
        while not self._stopping.wait(HEARTBEAT_SECONDS):
            self.stack.run_schedule("EraseFunction")

    def begin(self) -> None:
        """Leave a message that nobody can read, and train the model that everything is about."""
        self.send("AnalyzeQueue", "this is no notification of S3")
        job = self.owner.job(self._train())
        assert job["status"] == "SUCCEEDED", job

    def live(self) -> None:
        """Do everything else, as far as it can be, at once."""
        steps: list[Callable[[], None]] = [
            self.drift,
            self.fail_trainings,
            self.fail_batches,
            self.train_worse,
        ]
        with ThreadPoolExecutor(len(steps)) as crowd:
            for step in [crowd.submit(step) for step in steps]:
                step.result()
        self.err()
        self.lose_mlflow()

    def send(self, queue: str, body: str) -> None:
        """Put a message into a queue, as S3 does."""
        url = self.stack.template.resolve({"Ref": queue})
        self.stack.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    def drift(self) -> None:
        """Post outcomes that the model was far from, and ask about moved rows until a run tells drift."""
        wrong = [{"prediction": 0, "actual": 1000 * (i % 7) + 500 * (i % 2)} for i in range(217)]
        answer = self.owner.http.post("/models/homes/outcomes", json={"id": "hour", "outcomes": wrong})
        assert answer.status_code == 200, answer.text
        moved = [{"rooms": 6, "age": 30 + i % 31, "kind": "barn"} for i in range(217)]

        def look() -> Any:
            # Counts are written once a minute, and folded by the second run.
            answer = self.owner.predict("homes", *moved)
            assert answer.status_code == 200, answer.text
            self.stack.run_schedule("DriftFunction")
            self.stack.run_schedule("DriftFunction")
            self._stopping.wait(2)
            return self.owner.get("/models/homes/drift")

        wait(look, "drifted")

    def fail_trainings(self) -> None:
        """Drop files that nothing can be learned from, order a recipe that leaves no row, erase all of it."""
        for _ in range(4):
            self.fail_training()
        self.clumsy.drop(b"\x89PNG\r\n\x1a\n" + bytes(200), "picture.csv", target="price")
        assert self.clumsy.dropped("picture.csv")["status"] == "FAILED"
        dataset = self.clumsy.upload(HOMES.encode(), "to clean.csv")
        assert self.clumsy.dataset(dataset)["status"] == "READY"
        for version, limit, status in ((1, 3000, "READY"), (2, -1, "FAILED")):
            step = {"step": "filter_rows", "column": "price", "operator": "le", "value": limit}
            answer = self.clumsy.http.put(f"/datasets/{dataset}/recipe", json={"steps": [step]})
            assert answer.status_code == 202, answer.text
            path = f"/datasets/{dataset}/recipe?version={version}"
            recipe = wait(lambda path=path: self.clumsy.get(path), "READY", "FAILED")
            assert recipe["status"] == status, recipe
        erased = self.clumsy.http.delete(f"/datasets/{dataset}")
        assert erased.status_code == 200, erased.text

    def fail_training(self) -> None:
        """Drop a file that nothing can be learned from."""
        name = f"one label {next(self._numbers)}.csv"
        self.clumsy.drop(ONE_LABEL, name, target="kind")
        job = self.clumsy.job(self.clumsy.dropped(name)["job_id"])
        assert job["status"] == "FAILED", job

    def fail_batches(self) -> None:
        """Score a file with a bad row, then four without the model's columns; S3 tells each of them twice."""
        good = self._batch(HOMES.replace(",price", ",cost").replace("1,1,", "1,old,", 1).encode())
        assert (good["status"], good["rows_with_errors"] > 0) == ("SUCCEEDED", True), good
        for _ in range(4):
            self.fail_batch()

    def fail_batch(self) -> None:
        """Score a file without the model's columns."""
        assert self._batch(b"age,other\n1,2\n")["status"] == "FAILED"

    def _batch(self, content: bytes) -> Any:
        ordered = self.owner.http.post("/models/homes/batch", json={"file_name": "rows.csv"}).json()
        form = ordered["upload"]
        sent = httpx.post(
            form["url"], data=form["fields"], files={"file": ("rows.csv", content)}, trust_env=False
        )
        assert sent.status_code == 204, sent.text
        done = wait(lambda: self.owner.get(f"/models/homes/batch/{ordered['id']}"), "SUCCEEDED", "FAILED")
        bucket = self.stack.outputs["DataBucketName"]
        record = {"s3": {"bucket": {"name": bucket}, "object": {"key": form["fields"]["key"]}}}
        self.send("BatchQueue", json.dumps({"Records": [record]}))
        return done

    def train_worse(self) -> None:
        """Train a version that knows next to nothing, which the gate refuses, and cancel a training."""
        self.train_without_what_matters()
        self.be_refused()
        cancelled = self._train(budget_seconds=25, model="never")
        self.owner.job(cancelled, "RUNNING")
        assert self.owner.http.delete(f"/jobs/{cancelled}").status_code == 202
        assert self.owner.job(cancelled, "CANCELLED", "SUCCEEDED", "FAILED")["status"] == "CANCELLED"

    def train_without_what_matters(self) -> None:
        """Train a version without the columns that tell most."""
        job = self.owner.job(self._train(exclude=["rooms", "kind"]))
        assert job["status"] == "SUCCEEDED", job

    def be_refused(self) -> None:
        """Ask the gate for what it cannot allow."""
        refused = self.owner.http.put("/models/homes/stages/production", json={"version": 2})
        assert (refused.status_code, refused.json()["code"]) == (409, "gate_refused"), refused.text

    def _train(self, **options: Any) -> str:
        return self.owner.train(self._dataset, "price", **{"model": "homes", **options})

    def err(self) -> None:
        """Ask what cannot be answered: a caller's fault, a file that was changed, a killed process."""
        assert self.owner.predict("homes", {"rooms": 3}).status_code == 422
        assert self.owner.predict("homes", ROW | {"age": 10_000}).status_code == 200
        for path in ("/models/nobody", "/datasets/nobody", "/app/"):
            self.owner.http.get(path)
        bucket = self.stack.outputs["DataBucketName"]
        key = f"models/{self.owner.sub}/homes/2/model.npz"
        self.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=b"somebody else's bytes")
        answer = self.owner.http.post("/models/homes/predict?version=2", json={"instances": [{"age": 3}]})
        assert answer.status_code >= 500, answer.text
        self.kill_under_a_request()

    def kill_under_a_request(self) -> None:
        """Kill predict's process in the middle of a request."""
        body = {"instances": [ROW] * 5000}
        with ThreadPoolExecutor(1) as client:
            for _ in range(20):
                asked = client.submit(self.owner.http.post, "/models/homes/predict", json=body)
                while not asked.done():
                    self._stopping.wait(0.05)
                    self.stack.functions["PredictFunction"].kill()
                if asked.result().status_code >= 500:
                    return
        raise AssertionError("no request died with its process")

    def lose_mlflow(self) -> None:
        """Change stages while MLflow is away, which the tracking function notices, then tell it."""
        self.stack.stop_mlflow()
        order = {"version": 2, "force": True, "reason": "To see what happens."}
        changed = self.owner.http.put("/models/homes/stages/production", json=order)
        assert changed.status_code == 200, changed.text
        assert self.owner.http.post("/models/homes/rollback").status_code == 200
        for _ in range(4):
            self.stack.run_schedule("TrackingFunction")
            self._stopping.wait(3)

    def mend(self) -> None:
        """Do what the runbooks say: MLflow is back, the dead letters are thrown away."""
        url = self.stack.template.resolve({"Ref": "AnalyzeDeadLetterQueue"})
        self.stack.client("sqs").purge_queue(QueueUrl=url)
        self.stack.start_mlflow()
        self.stack.run_schedule("TrackingFunction")
