"""From a messy file to what a recipe leaves of it, across the whole local stack."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.service import User, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

KINDS = ("flat", " House", "house", "unknown")
CSV = "id;kind;age;price\n" + "".join(
    f"{i};{KINDS[i % 4]};{'' if i % 5 == 0 else 20 + i % 40};{i % 40 + 0.5:.1f}\n".replace(".", ",")
    for i in range(400)
)
STEPS: list[dict[str, Any]] = [
    {"step": "drop_columns", "columns": ["id"]},
    {"step": "trim", "columns": ["kind"], "case": "lower"},
    {"step": "mark_missing", "columns": ["kind"], "values": ["unknown"]},
    {"step": "impute", "columns": ["age"], "strategy": "median"},
    {"step": "filter_rows", "column": "price", "operator": "le", "value": 30},
]


@pytest.fixture(scope="module")
def owner(new_user: Callable[[], User]) -> User:
    return new_user()


@pytest.fixture(scope="module")
def dataset(owner: User) -> str:
    dataset_id = owner.upload(CSV.encode(), "houses.csv")
    assert owner.dataset(dataset_id)["status"] == "READY"
    return dataset_id


def _put(user: User, dataset: str, **recipe: Any) -> Any:
    answer = user.http.put(f"/datasets/{dataset}/recipe", json=recipe)
    assert answer.status_code == 202, answer.text
    version = answer.json()["version"]
    return wait(lambda: user.get(f"/datasets/{dataset}/recipe?version={version}"), "READY", "FAILED")


def test_a_recipe_is_refused_tried_and_shown(owner: User, dataset: str) -> None:
    refused = owner.http.put(
        f"/datasets/{dataset}/recipe",
        json={"steps": [{"step": "drop_columns", "columns": ["idd"]}, {"step": "clip", "columns": ["kind"]}]},
    )
    assert refused.status_code == 422
    assert [fault["step"] for fault in refused.json()["errors"]] == [1, 2, 2]
    assert owner.get(f"/datasets/{dataset}")["newest_recipe"] is None

    recipe = _put(owner, dataset, target="price", steps=STEPS)
    assert (recipe["version"], recipe["status"], recipe["error"]) == (1, "READY", None)
    effect = recipe["effect"]
    assert (effect["rows_before"], effect["rows_after"]) == (400, 300)
    assert (effect["columns_before"], effect["columns_after"]) == (4, 3)
    assert (effect["missing_before"], effect["missing_after"]) == (80, 70)
    assert owner.get(f"/datasets/{dataset}")["newest_recipe"] == 1

    raw = owner.get(f"/datasets/{dataset}/preview?limit=2")
    cleaned = owner.get(f"/datasets/{dataset}/preview?recipe=1&limit=2")
    assert [row["cells"] for row in raw["rows"]] == [[0, "flat", None, 0.5], [1, "House", 21, 1.5]]
    assert [row["cells"] for row in cleaned["rows"]] == [["flat", 40, 0.5], ["house", 21, 1.5]]

    profile = owner.get(f"/datasets/{dataset}/profile?recipe=1")
    assert (profile["rows"], profile["missing_cells"]) == (300, 70)
    assert {entry["column"] for entry in profile["target"]["associations"]} == {"kind", "age"}
    assert owner.get(f"/datasets/{dataset}/profile")["target"] is None


def test_what_only_the_data_can_tell_names_the_step(owner: User, dataset: str) -> None:
    recipe = _put(
        owner, dataset, steps=[{"step": "filter_rows", "column": "price", "operator": "gt", "value": 99}]
    )
    assert recipe["status"] == "FAILED"
    assert recipe["error"]["steps"] == [{"step": 1, "message": "no row would be left"}]
    gone = owner.http.get(f"/datasets/{dataset}/preview?recipe={recipe['version']}")
    assert (gone.status_code, gone.json()["code"]) == (409, "conflict")


def test_nobody_else_sees_it(new_user: Callable[[], User], dataset: str) -> None:
    stranger = new_user()
    for path in ("recipe", "recipes", "preview", "profile?recipe=1"):
        assert stranger.http.get(f"/datasets/{dataset}/{path}").status_code == 404
    put = stranger.http.put(f"/datasets/{dataset}/recipe", json={"target": "price"})
    assert put.status_code == 404
