"""A recipe from its order to the profile of what it leaves, through the real handlers."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csv_analyzer import aws as clients
from csv_analyzer import keys
from csv_analyzer.schemas.recipes import MAX_RECIPE_BYTES, RecipeOrder
from csv_analyzer.storage import Storage
from tests.functional.conftest import ME, YOU, Call
from tests.functional.recipes.conftest import STEPS

HOSTILE: list[dict[str, Any]] = [
    *STEPS,
    {"step": "mark_missing", "columns": ["kind"], "values": ["\ud800"]},
    {"step": "map_values", "columns": ["kind"], "mapping": {"flat": "\udfff"}, "other": "😀"},
    {"step": "impute", "columns": ["age"], "strategy": "constant", "value": 1e308},
    {"step": "clip", "columns": ["age", "price"], "lower": -0.0, "upper_quantile": 0.5},
    {"step": "rename", "columns": {"age": "ä\u202e"}},
]


def test_the_first_rows_are_shown_as_they_were_read(dataset: str, get: Callable[..., Any]) -> None:
    shown = get("preview", dataset, offset=4, limit=2)
    assert (shown["recipe"], shown["total_rows"], shown["preview_rows"], shown["offset"]) == (None, 80, 80, 4)
    assert [column["name"] for column in shown["columns"]] == ["id", "kind", "age", "price", "note"]
    assert shown["rows"] == [
        {"row": 4, "cells": [4, "flat", 24, 1040, "same"], "cut": []},
        {"row": 5, "cells": [5, "House", None, 1050, "same"], "cut": []},
    ]
    assert get("preview", dataset, offset=80)["rows"] == []


def test_a_recipe_is_applied_profiled_and_shown(
    dataset: str, put: Callable[..., Any], check: Callable[..., Any], get: Callable[..., Any]
) -> None:
    ordered = put(dataset, target="price")
    assert (ordered["version"], ordered["status"], ordered["effect"]) == (1, "CHECKING", None)
    assert ordered["steps"] == STEPS
    assert ordered["sentences"][0] == "Drop 'id', 'note'."
    assert get("", dataset)["newest_recipe"] == 1
    assert check(dataset) == {"batchItemFailures": []}

    recipe = get("recipe", dataset)
    assert (recipe["status"], recipe["error"], recipe["target"]) == ("READY", None, "price")
    effect = recipe["effect"]
    steps = effect.pop("steps")
    assert effect == {
        "rows_before": 80,
        "rows_after": 62,
        "columns_before": 5,
        "columns_after": 3,
        "missing_before": 16,
        "missing_after": 14,
    }
    assert [step["name"] for step in steps] == [step["step"] for step in STEPS]
    assert [step["description"] for step in steps] == recipe["sentences"]
    assert (steps[1]["cells_changed"], steps[2]["cells_made_missing"], steps[3]["cells_changed"]) == (
        20,
        20,
        16,
    )
    assert steps[3]["estimated"][0]["group_count"] == 2
    assert (steps[4]["rows_before"], steps[4]["rows_after"]) == (80, 62)

    profile = get("profile", dataset, recipe=1)
    assert (profile["rows"], profile["missing_cells"]) == (62, 14)
    assert [column["name"] for column in profile["columns"]] == ["kind", "age", "price"]
    assert [entry["column"] for entry in profile["target"]["associations"]]
    raw = get("profile", dataset)
    assert (raw["rows"], raw["target"]) == (80, None)
    assert {warning["code"] for warning in raw["warnings"]} >= {"constant", "id_like", "disguised_missing"}

    shown = get("preview", dataset, recipe=1, limit=3)
    assert (shown["recipe"], shown["total_rows"]) == (1, 62)
    assert [row["cells"] for row in shown["rows"]] == [
        ["flat", 40, 1000],
        ["house", 21, 1010],
        ["house", 22, 1020],
    ]


def test_choosing_the_target_is_a_recipe_too(
    dataset: str, put: Callable[..., Any], check: Callable[..., Any], get: Callable[..., Any]
) -> None:
    put(dataset, [], target="price")
    check(dataset)
    assert get("recipe", dataset)["effect"]["rows_after"] == 80
    assert get("profile", dataset, recipe=1)["target"]["name"] == "price"
    assert get("preview", dataset, recipe=1)["rows"] == get("preview", dataset)["rows"]


def test_versions_count_up_and_are_listed_newest_first(
    dataset: str, put: Callable[..., Any], get: Callable[..., Any]
) -> None:
    assert [put(dataset, [step])["version"] for step in STEPS[:3]] == [1, 2, 3]
    first = get("recipes", dataset, limit=2)
    assert [item["version"] for item in first["items"]] == [3, 2]
    rest = get("recipes", dataset, limit=2, after=first["next"])
    assert [item["version"] for item in rest["items"]] == [1]
    assert get("recipe", dataset, version=2)["steps"] == [STEPS[1]]
    assert get("recipe", dataset)["version"] == 3
    assert get("", dataset)["newest_recipe"] == 3


def test_every_fault_of_every_step_is_named_at_once(
    dataset: str, put: Callable[..., Any], get: Callable[..., Any]
) -> None:
    problem = put(
        dataset,
        [
            {"step": "drop_columns", "columns": ["nothing"]},
            {"step": "drop_duplicates"},
            {"step": "impute", "columns": ["kind"], "strategy": "mean"},
            {"step": "trim", "case": "x", "columns": ["id"]},
            "drop",
        ],
        status=422,
        target="prize",
    )
    assert problem["code"] == "invalid_request"
    assert [(fault["location"], fault.get("step"), fault["code"]) for fault in problem["errors"]] == [
        ("body.target", None, "unknown_column"),
        ("body.steps.1", 1, "invalid_step"),
        ("body.steps.3", 3, "invalid_step"),
        ("body.steps.4", 4, "invalid_step"),
        ("body.steps.5", 5, "invalid_step"),
    ]
    assert problem["errors"][2]["message"] == "'kind' is categorical, which has no mean: use mode or constant"
    assert get("", dataset)["newest_recipe"] is None
    assert get("recipes", dataset)["items"] == []


@pytest.mark.parametrize(
    ("body", "location"),
    [
        ({"steps": []}, "body.steps"),
        ({}, "body.steps"),
        ({"steps": [{"step": "drop_duplicates"}] * 101}, "body.steps"),
        ({"steps": "drop"}, "body.steps"),
        ({"steps": STEPS, "target": "age", "more": 1}, "body.more"),
        ({"steps": STEPS, "target": ""}, "body.target"),
        (
            {"steps": [{"step": "impute", "columns": ["price"], "strategy": "mean"}], "target": "price"},
            "body.steps.1",
        ),
    ],
)
def test_a_body_that_is_no_recipe_is_refused(api: Call, dataset: str, body: Any, location: str) -> None:
    answer = api("api-put-dataset-recipe", path={"dataset_id": dataset}, body=body)
    assert answer.status == 422
    assert location in {fault["location"] for fault in answer.body["errors"]}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(st.characters(), max_size=4)
    | st.sampled_from(["kind", "age", "price", "\ud800", "mean", "impute"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def hostile_steps(draw: st.DrawFn) -> Any:
    step = {**draw(st.sampled_from(HOSTILE))}
    for name in draw(st.lists(st.sampled_from(sorted(step)), max_size=2, unique=True)):
        step[name] = draw(JSON)
    return step


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(hostile_steps() | JSON, max_size=3) | JSON, target=st.sampled_from([None, "price"]) | JSON
)
def test_any_json_is_a_recipe_that_can_be_read_back_or_refused_with_its_faults(
    api: Call, dataset: str, get: Callable[..., Any], steps: Any, target: Any
) -> None:
    body = {"steps": steps, "target": target}
    answer = api("api-put-dataset-recipe", path={"dataset_id": dataset}, body=body)
    assert answer.status in {202, 422}, answer.text
    if answer.status == 422:
        assert answer.body["errors"]
    else:
        assert (
            get("recipe", dataset, version=answer.body["version"])["steps"] == answer.body["steps"] == steps
        )


def test_a_recipe_beyond_the_bound_is_too_large(dataset: str, put: Callable[..., Any]) -> None:
    values = [f"{i:04}" + "é" * 900 for i in range(200)]
    put(dataset, [{"step": "mark_missing", "columns": ["kind"], "values": values}], status=413)


def test_a_recipe_of_many_long_steps_fits_the_catalog(
    dataset: str, put: Callable[..., Any], check: Callable[..., Any], get: Callable[..., Any]
) -> None:
    mapping = {f"{'é' * 50}{i}": f"{'ü' * 50}{i}" for i in range(8)}
    steps = [{"step": "map_values", "columns": ["kind"], "mapping": mapping}] * 99
    put(dataset, [*steps, {"step": "impute", "columns": ["age"], "strategy": "mean", "by": "kind"}])
    check(dataset)
    recipe = get("recipe", dataset)
    assert recipe["status"] == "READY"
    assert max(map(len, recipe["sentences"])) < 200


def test_what_only_the_data_can_tell_ends_it_with_step_and_reason(
    dataset: str, put: Callable[..., Any], check: Callable[..., Any], get: Callable[..., Any]
) -> None:
    put(dataset, [STEPS[0], {"step": "filter_rows", "column": "price", "operator": "lt", "value": 0}])
    check(dataset)
    recipe = get("recipe", dataset)
    assert recipe["status"] == "FAILED"
    assert recipe["error"] == {
        "code": "invalid_recipe",
        "message": "The recipe cannot be applied: step 2: no row would be left.",
        "steps": [{"step": 2, "message": "no row would be left"}],
    }
    for what in ("profile", "preview"):
        problem = get(what, dataset, status=409, recipe=1)
        assert "step 2: no row would be left" in problem["detail"]


def test_what_is_not_ready_is_a_conflict(
    api: Call, storage: Storage, dataset: str, put: Callable[..., Any], get: Callable[..., Any]
) -> None:
    put(dataset)
    for what in ("profile", "preview"):
        assert "CHECKING" in get(what, dataset, status=409, recipe=1)["detail"]
        get(what, dataset, status=404, recipe=2)
    new = api("api-post-datasets", body={"file_name": "a.csv"}).body["id"]
    put(new, status=409)
    get("preview", new, status=409)
    get("recipe", new, status=404)
    assert get("recipes", new)["items"] == []


@pytest.mark.parametrize("what", ["recipe", "recipes", "profile", "preview"])
def test_what_belongs_to_somebody_else_is_not_there(
    dataset: str, put: Callable[..., Any], check: Callable[..., Any], get: Callable[..., Any], what: str
) -> None:
    put(dataset)
    check(dataset)
    get(what, dataset, status=404, owner=YOU)


def test_nobody_orders_for_the_dataset_of_somebody_else(api: Call, dataset: str, storage: Storage) -> None:
    answer = api("api-put-dataset-recipe", path={"dataset_id": dataset}, body={"steps": STEPS}, owner=YOU)
    assert answer.status == 404
    assert _orders(storage) == []


def test_a_viewer_sees_recipes_and_makes_none(api: Call, dataset: str, put: Callable[..., Any]) -> None:
    put(dataset)
    for what in ("recipe", "recipes", "preview"):
        assert api(f"api-get-dataset-{what}", path={"dataset_id": dataset}, groups="viewer").status == 200
    refused = api(
        "api-put-dataset-recipe", path={"dataset_id": dataset}, body={"steps": STEPS}, groups="viewer"
    )
    assert (refused.status, refused.body["code"]) == (403, "forbidden")


def test_the_stored_order_is_what_a_training_reads(
    dataset: str, put: Callable[..., Any], storage: Storage
) -> None:
    put(dataset, target="price")
    order = RecipeOrder.model_validate_json(storage.get(keys.recipe(ME, dataset, 1), MAX_RECIPE_BYTES))
    assert (order.dataset_id, order.version, order.target, order.steps) == (dataset, 1, "price", STEPS)
    assert len(order.sentences) == len(STEPS)


def test_the_contract_names_every_kind_of_step(api: Call) -> None:
    document = json.loads(api("api-get-openapi").text)
    steps = document["components"]["schemas"]["RecipeRequest"]["properties"]["steps"]
    assert len(steps["items"]["oneOf"]) == 12
    put_recipe = document["paths"]["/datasets/{dataset_id}/recipe"]["put"]
    assert put_recipe["x-required-role"] == "editor"
    assert {"202", "403", "404", "409", "413", "422"} <= put_recipe["responses"].keys()


def _orders(storage: Storage) -> list[str]:
    listed = clients.s3().list_objects_v2(Bucket=storage.bucket, Prefix="recipes/")
    return [item["Key"] for item in listed.get("Contents", [])]
