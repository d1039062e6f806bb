"""What somebody owns who has used the page for a while: a dataset, a recipe, models, batches, drift."""

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from infra.local.stack import LocalStack
from tests.e2e.service import User, wait

ROWS = 600
SERVED = 400
DATASET = "apartments.csv"
REGRESSOR = "rents"
CLASSIFIER = "quickly-let"
DISTRICTS = ("Harbour", "Old town", "Hill", "Station", "Riverside")
HEATINGS = ("gas", "district heat", "heat pump")
STEPS: list[dict[str, Any]] = [
    {"step": "drop_columns", "columns": ["listing"]},
    {"step": "mark_missing", "columns": ["distance_m"], "values": [-200]},
    {"step": "impute", "columns": ["area_m2"], "strategy": "median"},
    {"step": "trim", "columns": ["heating"], "case": "lower"},
]


@dataclass
class World:
    """An administrator with things of every kind, by their ids.

    Parameters
    ----------
    owner : User
        Owns all of it.
    dataset : str
        Id of `apartments.csv`.
    training : str
        Id of the training of the classifier.
    """

    owner: User
    dataset: str
    training: str


@pytest.fixture(scope="session")
def world(stack: LocalStack, new_user: Callable[..., User]) -> World:
    """A dataset with a recipe, a regressor, a classifier of two versions, a batch, drift, and outcomes."""
    owner = new_user("ada.admin@example.com", groups=("admin",))
    rows = _apartments(random.Random(6))  # noqa: S311
    dataset = owner.upload(_csv(rows), DATASET)
    assert owner.dataset(dataset)["status"] == "READY"
    trainings = [
        _classifier(owner, dataset),
        owner.train(dataset, "rent", model=REGRESSOR, exclude=["let_fast"]),
    ]
    _save_recipe(owner, dataset)
    first, _ = (owner.job(training) for training in trainings)
    assert first["status"] == "SUCCEEDED", first
    second = _classifier(owner, dataset, recipe=1, compact=True)
    _score_a_file(owner, rows[:40])
    moved = [_features(row) | {"rooms": 6, "heating": "wood"} for row in rows[:SERVED]]
    _predict_until_drift_is_told(stack, owner, moved)
    _tell_what_came_true(owner, rows[:SERVED])
    assert owner.job(second)["status"] == "SUCCEEDED"
    return World(owner, dataset, trainings[0])


def _classifier(owner: User, dataset: str, **options: Any) -> str:
    return owner.train(dataset, "let_fast", model=CLASSIFIER, **options)


def _apartments(chance: random.Random) -> list[dict[str, Any]]:
    """Numbers, categories, dates, yes and no, missing values, and -200 where nothing was measured."""
    rows = []
    for number in range(ROWS):
        rooms = chance.choice((1, 2, 2, 3, 3, 4, 5))
        area = round(rooms * 24 + chance.gauss(8, 7), 1)
        district = chance.choice(DISTRICTS)
        balcony = chance.random() < 0.4
        distance = chance.randrange(20, 3000)
        rent = (
            area * (9 + 1.5 * DISTRICTS.index(district)) + 60 * balcony - distance / 20 + chance.gauss(0, 60)
        )
        haste = 0.5 * balcony - distance / 3000 + 0.2 * DISTRICTS.index(district) + chance.gauss(0, 0.2)
        rows.append(
            {
                "listing": f"L{number:05d}",
                "rooms": rooms,
                "area_m2": "" if chance.random() < 0.07 else area,
                "district": district,
                "heating": "" if chance.random() < 0.12 else chance.choice(HEATINGS),
                "balcony": "true" if balcony else "false",
                "distance_m": -200 if chance.random() < 0.05 else distance,
                "listed_on": (date(2021, 1, 1) + timedelta(days=chance.randrange(1800))).isoformat(),
                "rent": round(max(rent, 250)),
                "let_fast": "quick" if haste > 0.1 else "slow",
            }
        )
    return rows


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _features(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the regressor is asked about it."""
    known = {name: value for name, value in row.items() if name not in {"rent", "let_fast", "listing"}}
    meant = {"": None, "true": True, "false": False}
    return {name: meant.get(value, value) for name, value in known.items()}


def _save_recipe(owner: User, dataset: str) -> None:
    answer = owner.http.put(f"/datasets/{dataset}/recipe", json={"steps": STEPS})
    assert answer.status_code == 202, answer.text
    recipe = wait(lambda: owner.get(f"/datasets/{dataset}/recipe?version=1"), "READY", "FAILED")
    assert recipe["status"] == "READY", recipe


def _score_a_file(owner: User, rows: list[dict[str, Any]]) -> None:
    ordered = owner.http.post(f"/models/{REGRESSOR}/batch", json={"file_name": "new apartments.csv"})
    assert ordered.status_code == 201, ordered.text
    job = ordered.json()
    form = job["upload"]
    files = {"file": ("new apartments.csv", _csv([*rows, rows[0] | {"rooms": "many"}]))}
    assert httpx.post(form["url"], data=form["fields"], files=files, trust_env=False).status_code == 204
    done = wait(lambda: owner.get(f"/models/{REGRESSOR}/batch/{job['id']}"), "SUCCEEDED", "FAILED")
    assert done["status"] == "SUCCEEDED", done


def _tell_what_came_true(owner: User, rows: list[dict[str, Any]]) -> None:
    """Rents that were paid, of flats that the model thought a good deal cheaper."""
    outcomes = [{"prediction": row["rent"] - 400, "actual": row["rent"]} for row in rows]
    answer = owner.http.post(f"/models/{REGRESSOR}/outcomes", json={"id": "autumn", "outcomes": outcomes})
    assert answer.status_code == 200, answer.text


def _predict_until_drift_is_told(stack: LocalStack, owner: User, rows: list[dict[str, Any]]) -> None:
    def look() -> Any:
        # The process writes its counts once a minute, and may just have written those of another test.
        answer = owner.predict(REGRESSOR, *rows)
        assert answer.status_code == 200, answer.text
        stack.run_schedule("DriftFunction")
        stack.run_schedule("DriftFunction")
        return owner.get(f"/models/{REGRESSOR}/drift")

    wait(look, "drifted")
