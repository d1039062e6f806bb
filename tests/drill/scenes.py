"""The scenarios: each has customers of its own and goes wrong in its own way."""

import base64
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from csv_analyzer import keys
from csv_analyzer.events import ObjectWritten, notification
from csv_analyzer.storage import UPLOAD_SECONDS
from tests.chain.traffic import HOMES, ROW
from tests.drill.audit import Kind
from tests.drill.machine import little_memory, small_disk, wrong_clock
from tests.drill.people import Customer
from tests.drill.plan import Fault, Rule
from tests.drill.stage import WORKERS, Stage

_ROWS = HOMES.replace(",price", ",cost").encode()
_MODEL = "homes"
# Mostly such that what was asked for has happened.
_LOSSY = {Fault.ERROR: 1, Fault.THROTTLE: 1, Fault.SLOW: 1, Fault.CUT: 1, Fault.LOST: 2, Fault.DENIED: 2}
# How often each function is killed, and how many seconds into its work at the most.
_KILLS = {
    "AnalyzeFunction": (3, 3.0),
    "TrainFunction": (2, 12.0),
    "BatchFunction": (2, 2.0),
    "ApiFunction": (3, 1.0),
}
# Of each of the five users of so many events.
_SMALL_FILES, _RECIPES, _BATCHES = 50, 12, 4
_OF_EVENTS = 1000
# A hundred each second.
_BUSY_LOOKS = 6000
_LITTLE_MB = 1000
_SMALL_BYTES = 8192


def storage(stage: Stage) -> None:
    """S3 breaks, throttles, is slow, cuts and loses answers; now and then it is away for all."""
    with stage.weather(s3=Rule(0.25, storms=0.05)):
        _days_work(stage)


def catalog(stage: Stage) -> None:
    """DynamoDB does."""
    with stage.weather(dynamodb=Rule(0.15, storms=0.04)):
        _days_work(stage)


def queues(stage: Stage) -> None:
    """SQS does; what pollers lose comes again."""
    with stage.weather(sqs=Rule(0.35, weights=_LOSSY)):
        _days_work(stage)


def mlflow(stage: Stage) -> None:
    """MLflow fails, is away, comes back and fails again; in the end it knows each version once."""
    with stage.customers("ana", "ben") as people:
        with stage.weather(mlflow=Rule(0.3, weights=_LOSSY)):
            _in_turns(people, lambda customer: _train(customer, 2))
            stage.stack.stop_mlflow()
            stage.say("MLflow is away")
            _in_turns(people, lambda customer: _train(customer, 1))
            stage.stack.run_schedule("TrackingFunction")
            stage.stack.start_mlflow()
            stage.say("MLflow is back")
            for _ in range(4):
                stage.stack.run_schedule("TrackingFunction")
        # What came after it has told a change of stages is told, too.
        for customer in people:
            order = {"version": 2, "force": True, "reason": "To see it told."}
            _put(customer, "production", order)


def kills(stage: Stage) -> None:
    """Processes are killed in the middle of their work, each job so seldom that a try is left."""
    with stage.customers("ana", "ben") as people:
        with _killer(stage, _KILLS):
            _in_turns(people, lambda customer: _work(customer, stage))
        # Once more, while a version is told to an MLflow that takes its time.
        slow = Rule(1.0, weights={Fault.SLOW: 1}, slow_seconds=(0.5, 1.0))
        with stage.weather(mlflow=slow):
            _train(people[0], 1)
            _kill_when_busy(stage, "TrainFunction", stage.dice("mlflow").uniform(0, 5))


def events(stage: Stage) -> None:
    """Many events of S3, each up to three times and in any order, also long after all is done."""
    names = [f"user{number}" for number in range(5)]
    with stage.customers(*names) as people:
        told: list[str] = []
        with _unheard(stage):
            datasets = _in_turns(people, lambda customer: _send_files(customer, stage.events))
            told += _keys_of(stage, keys.UPLOADS, people)
        late = _deliver(stage, told)
        for customer, ids in zip(people, datasets, strict=True):
            for dataset in ids:
                assert customer.ended(Kind.DATASET, dataset)["status"] == "READY"
        with _unheard(stage):
            own = dict(zip(people, datasets, strict=True))
            jobs = _in_turns(people, lambda customer: _order_all(customer, own[customer], stage.events))
            fresh = [*_keys_of(stage, keys.TRAINING, people), *_keys_of(stage, keys.RECIPES, people)]
        late += _deliver(stage, fresh)
        for customer, job in zip(people, jobs, strict=True):
            assert customer.ended(Kind.TRAINING, job)["status"] == "SUCCEEDED"
        with _unheard(stage):
            for customer, _number in itertools.product(people, range(_BATCHES)):
                customer.score(_MODEL, _ROWS)
            scored = _keys_of(stage, keys.BATCH, people)
        late += _deliver(stage, scored)
        distinct = len(told) + len(fresh) + len(scored)
        sent = 2 * distinct
        rest = stage.dice("late").sample(late, min(len(late), max(0, stage.events - sent)))
        _send_events(stage, rest)
        stage.account.notes.append(f"{sent + len(rest)} events about {distinct} objects")
        stage.say(stage.account.notes[-1])


def clock(stage: Stage) -> None:
    """Clocks go wrong by minutes, those of the API one way and those of the workers the other."""
    with stage.customers("ana") as (ana,):
        for ahead in (240, -240):
            with ExitStack() as wrong:
                pools = stage.stack.functions
                wrong.enter_context(pools["ApiFunction"].under(wrong_clock(ahead, stage.folder)))
                for name in WORKERS:
                    wrong.enter_context(pools[name].under(wrong_clock(-ahead, stage.folder)))
                stage.say(f"the API's clock is {ahead} s off, those of workers {-ahead} s")
                announced = ana.announce(f"form{ahead}.csv")
                left = _form_seconds(announced["upload"])
                stage.say(f"a form is good for {left:.0f} s")
                assert abs(left - UPLOAD_SECONDS - ahead) < 30, left
                ana.post(announced["upload"], HOMES.encode())
                assert ana.ended(Kind.DATASET, announced["id"])["status"] == "READY"
                ana.drop(HOMES.encode(), f"dropped{ahead}.csv", "price")
                done = ana.train(announced["id"], _MODEL, {"SUCCEEDED"})
                assert ana.ended(Kind.TRAINING, done)["status"] == "SUCCEEDED"
                ana.ended(Kind.BATCH, f"{_MODEL}#{ana.score(_MODEL, _ROWS)}")
                job = ana.train(announced["id"], f"killed{abs(ahead)}-{ahead < 0:d}")
                _kill_when_busy(stage, "TrainFunction", 3.0)
            # Others, whose clocks are right, find what the dead worker left.
            assert ana.ended(Kind.TRAINING, job)["status"] == "SUCCEEDED"


def disk(stage: Stage) -> None:
    """The disk of workers is full: for good, or until the next try."""
    with stage.customers("ana", "ben") as (ana, ben):
        pools = stage.stack.functions
        ready = ben.upload_ready(HOMES.encode(), "homes.csv")
        with pools["AnalyzeFunction"].under(small_disk(_SMALL_BYTES)):
            refused = ana.upload(HOMES.encode() * 4, "large.csv", {"FAILED analysis_interrupted"})
            with pools["TrainFunction"].under(small_disk(_SMALL_BYTES)):
                job = ben.train(ready, _MODEL, {"SUCCEEDED"})
                ben.until(
                    lambda: {"status": "FAILED" if stage.failures("TrainFunction") else "TRIED"},
                    {"FAILED"},
                    "the first try",
                )
            assert ben.ended(Kind.TRAINING, job)["status"] == "SUCCEEDED"
            error = ana.ended(Kind.DATASET, refused)["error"]
        stage.say(f"{error['code']}: {error['message']}")
        assert ana.upload_ready(HOMES.encode(), "after.csv")


def memory(stage: Stage) -> None:
    """A training needs more memory than there is, every time; others beside it do not."""
    with stage.customers("ana", "ben") as (ana, ben):
        small = ben.upload_ready(HOMES.encode(), "homes.csv")
        large = ana.upload_ready(_wide(), "large.csv")
        with stage.stack.functions["TrainFunction"].under(little_memory(_LITTLE_MB)):
            job = ana.train(large, "large", {"FAILED training_interrupted"}, target="y")
            for _ in range(2):
                assert (
                    ben.ended(Kind.TRAINING, ben.train(small, _MODEL, {"SUCCEEDED"}))["status"] == "SUCCEEDED"
                )
            error = ana.ended(Kind.TRAINING, job)["error"]
        stage.say(f"{error['code']}: {error['message']}")


def _wide() -> bytes:
    """A table that needs far more memory than the other one."""
    header = ",".join([f"x{number}" for number in range(40)] + ["y"])
    lines = (",".join(str((row * (column + 7)) % 1009) for column in range(41)) for row in range(120_000))
    return "\n".join([header, *lines]).encode()


def corrupt(stage: Stage) -> None:
    """Files of a model are damaged, cut and exchanged; nobody gets a wrong prediction."""
    with stage.customers("ana", "ben") as (ana, ben):
        for customer in (ana, ben):
            _train(customer, 2)
            order = {"version": 2, "force": True, "reason": "To be damaged."}
            _put(customer, "production", order)
            _put(customer, "staging", {"version": 1})
        right = {(who, version): _answer(who, version) for who in (ana, ben) for version in (1, 2)}
        heard = set()
        for what, file_name, damage in _damages(stage, ana):
            with _damaged(stage, ana, 2, file_name, damage):
                stage.stack.functions["PredictFunction"].kill()
                answer = ana.predict(_MODEL, ROW)
                document = answer.json()
                heard.add(f"{answer.status_code} {document['code']}: {document['detail']}")
                assert (answer.status_code, document["code"]) == (500, "model_damaged"), (what, answer.text)
                assert _answer(ana, 1) == right[ana, 1], what
                assert _answer(ben, 2) == right[ben, 2], what
        with _damaged(stage, ana, 2, "model.npz", lambda body: body[:-1]):
            batch = ana.score(_MODEL, _ROWS, {"FAILED model_damaged"})
            stage.say(f"a batch job: {ana.ended(Kind.BATCH, f'{_MODEL}#{batch}')['error']['message']}")
            rolled = ana.ask("POST", f"/models/{_MODEL}/rollback")
            assert rolled.status_code == 200, rolled.text
            time.sleep(1.1)
            answer = ana.predict(_MODEL, ROW).json()
            assert (answer["version"], answer["predictions"]) == (1, right[ana, 1])
        _put(ana, "staging", {"version": 2})
        stage.stack.functions["PredictFunction"].kill()
        for (who, version), answer in right.items():
            assert _answer(who, version) == answer
        for text in sorted(heard):
            stage.say(text)


def _damages(stage: Stage, customer: Customer) -> Iterator[tuple[str, str, Callable[[bytes], bytes]]]:
    """Kinds of damage, by the file that has it."""
    dice = stage.dice("damage")
    s3, bucket = stage.stack.client("s3"), stage.stack.outputs["DataBucketName"]

    def flip(body: bytes) -> bytes:
        place = dice.randrange(len(body))
        return body[:place] + bytes([body[place] ^ (1 << dice.randrange(8))]) + body[place + 1 :]

    for file_name in ("model.npz", "manifest.json"):
        for number in range(2):
            yield f"bit {number}", file_name, flip
        yield "half", file_name, lambda body: body[: len(body) // 2]
        yield "empty", file_name, lambda _body: b""
        yield "other bytes", file_name, lambda body: bytes(dice.randbytes(len(body)))
        key = keys.model(customer.sub, _MODEL, 1, file_name)
        other: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        yield "the file of another version", file_name, partial(_exchange, other)


def _exchange(other: bytes, _body: bytes) -> bytes:
    return other


@contextmanager
def _damaged(
    stage: Stage, customer: Customer, version: int, file_name: str, damage: Callable[[bytes], bytes]
) -> Iterator[None]:
    s3, bucket = stage.stack.client("s3"), stage.stack.outputs["DataBucketName"]
    key = keys.model(customer.sub, _MODEL, version, file_name)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=bucket, Key=key, Body=damage(body))
    try:
        yield
    finally:
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def _put(customer: Customer, into: str, change: Mapping[str, Any]) -> None:
    """Change the stage of a version."""
    changed = customer.ask("PUT", f"/models/{_MODEL}/stages/{into}", json=change)
    assert changed.status_code == 200, changed.text


def _answer(customer: Customer, version: int) -> Any:
    answer = customer.predict(_MODEL, ROW, f"?version={version}")
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def _days_work(stage: Stage) -> None:
    with stage.customers("ana") as (ana,):
        _work(ana, stage)


def _in_turns[T](people: Sequence[Customer], work: Callable[[Customer], T]) -> list[T]:
    """Let all of them work at the same time."""
    with ThreadPoolExecutor(len(people)) as crowd:
        return list(crowd.map(work, people))


def _work(customer: Customer, stage: Stage) -> None:
    """Upload, clean, train twice, drop a file, cancel a training, score a file."""
    number = stage.count()
    dataset = customer.upload_ready(HOMES.encode(), f"homes{number}.csv")
    customer.clean(dataset, target="price", steps=[{"step": "drop_duplicates"}])
    jobs = [customer.train(dataset, _MODEL), customer.train(dataset, _MODEL, seed=number)]
    ended = [customer.ended(Kind.TRAINING, job) for job in jobs]
    customer.drop(HOMES.encode(), f"dropped{number}.csv", "price")
    customer.change_mind(dataset, "never")
    if any(job["status"] == "SUCCEEDED" for job in ended):
        customer.score(_MODEL, _ROWS)


def _train(customer: Customer, times: int) -> None:
    dataset = customer.upload_ready(HOMES.encode(), "homes.csv")
    jobs = [customer.train(dataset, _MODEL, seed=number) for number in range(times)]
    for job in jobs:
        assert customer.ended(Kind.TRAINING, job)["status"] == "SUCCEEDED"


@contextmanager
def _killer(stage: Stage, times: Mapping[str, tuple[int, float]]) -> Iterator[None]:
    """Kill processes of functions while they are busy, so often, at moments within so many seconds."""
    leaving = threading.Event()

    def kill(function: str) -> None:
        dice = stage.dice(function)
        count, longest = times[function]
        for _ in range(count):
            _kill_when_busy(stage, function, dice.uniform(0, longest), leaving)
            if leaving.wait(dice.uniform(1, 4)):
                return

    with ThreadPoolExecutor(len(times)) as killers:
        working = [killers.submit(kill, function) for function in times]
        try:
            yield
        finally:
            leaving.set()
    for one in working:
        one.result()


def _kill_when_busy(
    stage: Stage, function: str, seconds: float, leaving: threading.Event | None = None
) -> None:
    """Wait until a function works, and so many seconds more, and kill it."""
    leaving = leaving or threading.Event()
    pool = stage.stack.functions[function]
    for _ in range(_BUSY_LOOKS):
        if pool.running or leaving.wait(0.01):
            break
    if leaving.wait(seconds) or not pool.running:
        return
    if stage.kill(function):
        stage.say(f"{function} was killed after {seconds:.2f} s")


@contextmanager
def _unheard(stage: Stage) -> Iterator[None]:
    """Let S3 tell nobody what is written meanwhile."""
    s3, bucket = stage.stack.client("s3"), stage.stack.outputs["DataBucketName"]
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    told.pop("ResponseMetadata")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    try:
        yield
    finally:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)


def _send_files(customer: Customer, events: int) -> list[str]:
    count = _SMALL_FILES * events // _OF_EVENTS
    return [
        *(
            customer.send(HOMES.encode()[: 600 + 13 * number], f"small{number}.csv")
            for number in range(count)
        ),
        customer.send(HOMES.encode(), "homes.csv"),
    ]


def _order_all(customer: Customer, datasets: Sequence[str], events: int) -> str:
    for dataset in datasets[: _RECIPES * events // _OF_EVENTS]:
        customer.clean(dataset, target="price", steps=[{"step": "drop_duplicates"}])
    return customer.train(datasets[-1], _MODEL)


def _keys_of(stage: Stage, prefix: str, people: Sequence[Customer]) -> list[str]:
    s3, bucket = stage.stack.client("s3"), stage.stack.outputs["DataBucketName"]
    pages = [
        page
        for customer in people
        for page in s3.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"{prefix}{customer.sub}/"
        )
    ]
    return [entry["Key"] for page in pages for entry in page.get("Contents", ())]


def _deliver(stage: Stage, told: Sequence[str]) -> list[str]:
    """Tell each key twice, all of them in any order; returns what may be told once more, late."""
    twice = [*told, *told]
    stage.dice("order", len(told)).shuffle(twice)
    _send_events(stage, twice)
    stage.say(f"{len(twice)} events about {len(told)} objects are sent in any order")
    stage.quiet()
    return list(told)


def _send_events(stage: Stage, told: Sequence[str]) -> None:
    bucket = stage.stack.outputs["DataBucketName"]
    for key in told:
        queue = {keys.TRAINING: "TrainQueue", keys.BATCH: "BatchQueue"}.get(
            f"{key.split('/')[0]}/", "AnalyzeQueue"
        )
        body = notification(ObjectWritten(bucket, key))
        stage.stack.client("sqs").send_message(QueueUrl=stage.url(queue), MessageBody=body)


def _form_seconds(form: Mapping[str, Any]) -> float:
    """How long a form is still good for."""
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    return datetime.fromisoformat(policy["expiration"]).timestamp() - time.time()


SCENES: Mapping[str, Callable[[Stage], None]] = {
    "storage": storage,
    "catalog": catalog,
    "queues": queues,
    "mlflow": mlflow,
    "kills": kills,
    "events": events,
    "clock": clock,
    "disk": disk,
    "memory": memory,
    "corrupt": corrupt,
}
