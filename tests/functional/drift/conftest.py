"""What tests of drift share: a user with a model, the bucket, and the hourly run."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from csv_analyzer import ids, keys
from csv_analyzer.catalog import Catalog, model_key, version_key
from csv_analyzer.dynamo import Table, put_new, update
from csv_analyzer.keys import ObservationKey, VersionKey
from csv_analyzer.records import Version
from csv_analyzer.storage import Storage
from drift import app as drift_app
from drift.service import DriftService
from infra.local.template import Template
from scoring.drift.observation import Observation
from tests.functional.conftest import ME, Call, Context, load_event
from tests.unit.scoring.batch_samples import features, packed

NOW = datetime.now(UTC)


TODAY = NOW.date()


HOUSES = VersionKey(ME, "houses", 1)


EDGES = {"edges": [0, 30, 60, 90], "counts": [0, 0, 1000, 1000, 1000, 0]}


PRICES = {"edges": [0, 1, 2, 3], "counts": [0, 0, 1000, 1000, 1000, 0]}


REFERENCE = {
    "features": [
        EDGES,
        PRICES,
        {"edges": [0, 0.5, 1], "counts": [1000, 0, 1000, 1000, 0]},
        {"edges": [0, 1e9, 2e9], "counts": [0, 0, 1500, 1500, 0]},
        {"values": ["flat", "house"], "once": 0, "counts": [0, 1500, 1500, 0, 0]},
    ],
    "predictions": {"values": ["no", "yes"], "once": 0, "counts": [0, 1000, 2000, 0, 0]},
}


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    """Instances that are distributed as the reference is, but for what is changed."""
    members = (None, False, True)
    return [
        {
            "age": 15 + 30 * (i % 3),
            "Price": 0.5 + i % 3,
            "member": members[i % 3],
            "day": ("1990-01-01", "2020-01-01")[i % 2],
            "kind": ("flat", "house")[i % 2],
            **changes,
        }
        for i in range(count)
    ]


@dataclass
class World:
    """A user with a model, the bucket, and the hourly run."""

    template: Template
    predict: Call
    api: Call
    storage: Storage

    def publish(self, number: int = 1, **manifest: Any) -> VersionKey:
        known = [
            {**feature, "known_values": ["flat", "house"]} if feature["name"] == "kind" else feature
            for feature in features()
        ]
        npz, content = packed(
            **{"reference": REFERENCE, "inputs": known, "target": f"sold {number}", **manifest}
        )
        version = Version(
            owner=ME, created_at="2025-01-15T10:30:00Z", model="houses", version=number, dataset_id="d",
            job_id="j", task="classification", target="sold", metric="log_loss",
            npz_sha256=digest(npz), manifest_sha256=digest(content),
        )  # fmt: skip
        for name, body in (("model.npz", npz), ("manifest.json", content)):
            self.storage.put(keys.model(ME, "houses", number, name), body, "application/octet-stream")
        self.table.write(
            put_new(version_key(ME, "houses", number), version.to_item()),
            update(
                model_key(ME, "houses"),
                assign={"latest": number, "versions": number},
                default={"owner": ME, "name": "houses", "created_at": "", "production": number},
            ),
        )
        return VersionKey(ME, "houses", number)

    @property
    def table(self) -> Table:
        return Table(self.template.tables["Catalog"].name)

    def version(self, number: int = 1) -> Version:
        return Catalog(self.table).version(ME, "houses", number)

    def ask(self, instances: list[dict[str, Any]], **changes: Any) -> None:
        answer = self.predict(
            "predict-post-predict", path={"name": "houses"}, body={"instances": instances}, **changes
        )
        assert answer.status == 200, answer.body

    def observe(self, count: int, *, ago: timedelta = timedelta(0)) -> str:
        """Put an observation as predict would have written it some time ago."""
        vector = np.array(USUAL) * (count // 300)
        moment = NOW - ago
        observed = ids.derived_id(moment, str(count), str(len(self.waiting())))
        key = keys.observation(ObservationKey(HOUSES, moment.date().isoformat(), observed))
        body = Observation(self.version().manifest_sha256, count, vector).encode()
        self.storage.put(key, body, "application/json")
        return key

    def waiting(self) -> list[str]:
        return [entry.key for entry in self.storage.listed(keys.OBSERVATIONS)]

    def document(self, place: VersionKey = HOUSES) -> dict[str, Any]:
        found: dict[str, Any] = self.storage.get_json(keys.drift(place), 10**8)
        return found

    def rows_folded(self) -> int:
        return sum(day["rows"] for day in self.document()["days"].values())

    def show(self, status: int = 200, **changes: Any) -> Any:
        answer = self.api("api-get-model-drift", path={"name": "houses"}, **{"query": {}, **changes})
        assert answer.status == status, answer.body
        return answer.body


USUAL = [
    *(0, 0, 100, 100, 100, 0),
    *(0, 0, 100, 100, 100, 0),
    *(100, 0, 100, 100, 0),
    *(0, 0, 150, 150, 0),
    *(0, 150, 150, 0, 0),
    *(0, 100, 200, 0, 0),
]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def world(aws: Template, predict: Call, api: Call, storage: Storage) -> World:
    world = World(aws, predict, api, storage)
    world.publish()
    return world


def run(context: Context | None = None, *, at: datetime | None = None) -> dict[str, Any]:
    """The hourly run, by its real handler on the committed event."""
    if at is None:
        result: dict[str, Any] = drift_app.handler(load_event("schedule-drift"), context or Context(900))
        return result
    service = DriftService(drift_app.service.catalog, drift_app.service.storage, lambda: at)
    return asdict(service.run(lambda: 900.0))
