"""Orders of recipes that come twice, die, or find their dataset changed or gone."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from analyze import app as analyze_app
from analyze.recipes import RecipeChecker
from csv_analyzer import aws as clients
from csv_analyzer import keys, recipes
from csv_analyzer.catalog import Catalog, recipe_key
from csv_analyzer.dynamo import Table, delete
from csv_analyzer.errors import GaveUpError
from csv_analyzer.events import LAST_ATTEMPT
from csv_analyzer.records import Recipe
from csv_analyzer.schemas.recipes import MAX_RECIPE_BYTES, RecipeOrder
from csv_analyzer.storage import Storage
from tests.functional.conftest import ME, Call, Context, sqs_event
from tests.functional.recipes.conftest import STEPS


def test_an_event_that_comes_twice_has_one_effect(
    dataset: str,
    put: Callable[..., Any],
    check: Callable[..., Any],
    get: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(dataset)
    applied: list[Recipe] = []
    apply = RecipeChecker._apply

    def counted(self: RecipeChecker, found: Any, recipe: Recipe, order: RecipeOrder) -> Any:
        applied.append(recipe)
        return apply(self, found, recipe, order)

    monkeypatch.setattr(RecipeChecker, "_apply", counted)
    for attempt in (1, 2, 3):
        check(dataset, attempt=attempt)
    assert len(applied) == 1
    assert get("recipe", dataset)["status"] == "READY"


def test_a_worker_that_dies_is_followed_by_another(
    dataset: str,
    put: Callable[..., Any],
    check: Callable[..., Any],
    get: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(dataset)
    with monkeypatch.context() as patch:
        patch.setattr(RecipeChecker, "_apply", lambda *_: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(BatchProcessingError):
            check(dataset)
    assert get("recipe", dataset)["status"] == "CHECKING"
    check(dataset, attempt=2)
    assert get("recipe", dataset)["status"] == "READY"


def test_after_the_last_attempt_the_user_is_told_and_the_message_given_up(
    dataset: str, put: Callable[..., Any], check: Callable[..., Any], get: Callable[..., Any]
) -> None:
    put(dataset)
    with pytest.raises(BatchProcessingError, match=GaveUpError.__name__):
        check(dataset, attempt=LAST_ATTEMPT)
    recipe = get("recipe", dataset)
    assert (recipe["status"], recipe["error"]["code"]) == ("FAILED", "recipe_interrupted")


def test_an_api_that_dies_after_the_order_leaves_nothing_half(
    dataset: str,
    put: Callable[..., Any],
    check: Callable[..., Any],
    get: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    api: Call,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(recipes, "enter", lambda *_: (_ for _ in ()).throw(SystemError))
        put(dataset, [STEPS[0]], status=500)
    assert get("recipes", dataset)["items"] == []
    # The number is taken, and the order's event brings the version to light.
    assert put(dataset, [STEPS[1]])["version"] == 2
    check(dataset)
    check(dataset, version=2)
    listed = get("recipes", dataset)["items"]
    assert [(item["version"], item["status"]) for item in listed] == [(2, "READY"), (1, "READY")]
    assert get("recipe", dataset, version=1)["steps"] == [STEPS[0]]
    assert get("", dataset)["newest_recipe"] == 2


def test_recipes_that_come_at_once_get_numbers_of_their_own(
    dataset: str, put: Callable[..., Any], get: Callable[..., Any]
) -> None:
    versions: list[int] = []
    workers = [
        threading.Thread(target=lambda i=i: versions.append(put(dataset, [STEPS[i % 5]])["version"]))
        for i in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(versions) == list(range(1, 9))
    assert [item["version"] for item in get("recipes", dataset)["items"]] == list(range(8, 0, -1))
    assert get("", dataset)["newest_recipe"] == 8


def test_the_recipe_of_a_deleted_dataset_is_passed_over(
    aws: Any, dataset: str, put: Callable[..., Any], check: Callable[..., Any], storage: Storage
) -> None:
    from csv_analyzer.catalog import dataset_key

    put(dataset)
    table = Table(aws.tables["Catalog"].name)
    table.write(delete(dataset_key(ME, dataset)))
    assert check(dataset) == {"batchItemFailures": []}
    listed = clients.s3().list_objects_v2(Bucket=storage.bucket, Prefix=f"profiles/{ME}/{dataset}/recipes/")
    assert "Contents" not in listed


def test_a_dataset_that_is_deleted_meanwhile_gets_no_recipe_back(
    aws: Any,
    dataset: str,
    put: Callable[..., Any],
    check: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from csv_analyzer.catalog import dataset_key

    put(dataset)
    table = Table(aws.tables["Catalog"].name)
    apply = RecipeChecker._apply

    def deleted_meanwhile(self: RecipeChecker, *args: Any) -> Any:
        found = apply(self, *args)
        table.write(delete(dataset_key(ME, dataset)))
        table.write(delete(recipe_key(ME, dataset, 1)))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(RecipeChecker, "_apply", deleted_meanwhile)
        with pytest.raises(BatchProcessingError):
            check(dataset)
    assert check(dataset, attempt=2) == {"batchItemFailures": []}
    assert table.get(recipe_key(ME, dataset, 1)) is None


def test_a_file_that_is_gone_ends_the_recipe(
    dataset: str,
    put: Callable[..., Any],
    check: Callable[..., Any],
    get: Callable[..., Any],
    storage: Storage,
) -> None:
    put(dataset)
    key = keys.upload(ME, dataset, "houses.csv")
    for version in clients.s3().list_object_versions(Bucket=storage.bucket, Prefix=key)["Versions"]:
        clients.s3().delete_object(Bucket=storage.bucket, Key=key, VersionId=version["VersionId"])
    check(dataset)
    assert get("recipe", dataset)["error"]["code"] == "file_gone"


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"steps": []}', b"x" * (MAX_RECIPE_BYTES + 1)])
def test_an_order_that_is_none_ends_in_a_sentence(
    dataset: str,
    check: Callable[..., Any],
    get: Callable[..., Any],
    storage: Storage,
    aws: Any,
    content: bytes,
) -> None:
    storage.put(keys.recipe(ME, dataset, 1), content, "application/json")
    check(dataset)
    found = Catalog(Table(aws.tables["Catalog"].name)).recipe(ME, dataset, 1)
    assert found.status == "FAILED"
    assert found.error
    assert found.error["code"] == "invalid_recipe"


def test_a_recipe_that_does_not_fit_a_newer_file_ends_with_its_step(
    dataset: str,
    put: Callable[..., Any],
    check: Callable[..., Any],
    get: Callable[..., Any],
    storage: Storage,
    context: Context,
) -> None:
    put(dataset)
    key = keys.upload(ME, dataset, "houses.csv")
    storage.put(key, b"a,b\n" + b"1,2\n" * 30, "text/csv")
    analyze_app.handler(sqs_event(key), context)
    check(dataset)
    error = get("recipe", dataset)["error"]
    assert error["steps"][0] == {"step": 1, "message": "there is no column 'id'"}


@pytest.mark.parametrize(
    "key", [f"recipes/{ME}/x/1.json", f"recipes/{ME}/{'0' * 24}/0.json", f"recipes/{ME}/{'0' * 24}/1.json"]
)
def test_keys_of_no_use_are_passed_over(aws: Any, storage: Storage, context: Context, key: str) -> None:
    storage.put(key, b"{}", "application/json")
    assert analyze_app.handler(sqs_event(key, template="sqs-s3-recipe"), context) == {"batchItemFailures": []}


def test_a_table_that_needs_more_memory_than_there_is_is_refused(
    dataset: str,
    put: Callable[..., Any],
    check: Callable[..., Any],
    get: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(dataset)
    monkeypatch.setattr("analyze.recipes.MAX_CELLS", 399)
    check(dataset)
    error = get("recipe", dataset)["error"]
    assert (error["code"], error["steps"]) == ("too_many_cells", [])
    assert "at most 79 rows" in error["message"]
