"""What tests of recipes share: a dataset, and its recipes ordered, worked on and shown."""

from collections.abc import Callable
from typing import Any

import pytest

from analyze import app as analyze_app
from csv_analyzer import keys
from tests.functional.conftest import ME, Call, Context, sqs_event

KINDS = ("flat", " House", "house", "unknown")


ROWS = [
    f"{i},{KINDS[i % 4]},{'' if i % 5 == 0 else 20 + i % 40},{1000 + 10 * (i % 40)},same" for i in range(80)
]


CSV = ("id,kind,age,price,note\n" + "\n".join(ROWS) + "\n").encode()


STEPS: list[dict[str, Any]] = [
    {"step": "drop_columns", "columns": ["id", "note"]},
    {"step": "trim", "columns": ["kind"], "case": "lower"},
    {"step": "mark_missing", "columns": ["kind"], "values": ["unknown"]},
    {"step": "impute", "columns": ["age"], "strategy": "median", "by": "kind"},
    {"step": "filter_rows", "column": "price", "operator": "le", "value": 1300},
]


@pytest.fixture
def dataset(upload: Callable[..., str]) -> str:
    return upload(CSV)


@pytest.fixture
def put(api: Call) -> Callable[..., Any]:
    """Order a recipe."""

    def run(dataset_id: str, steps: Any = STEPS, status: int = 202, **body: Any) -> Any:
        answer = api("api-put-dataset-recipe", path={"dataset_id": dataset_id}, body={"steps": steps, **body})
        assert answer.status == status, answer.text
        return answer.body

    return run


@pytest.fixture
def check(context: Context) -> Callable[..., Any]:
    """Let the order of a recipe be worked on."""

    def run(dataset_id: str, version: int = 1, attempt: int = 1) -> Any:
        event = sqs_event(keys.recipe(ME, dataset_id, version), attempt=attempt, template="sqs-s3-recipe")
        return analyze_app.handler(event, context)

    return run


@pytest.fixture
def get(api: Call) -> Callable[..., Any]:
    """Ask for something of a dataset: ``get("profile", dataset, recipe=1)``."""

    def run(what: str, dataset_id: str, status: int = 200, owner: str = ME, **query: Any) -> Any:
        answer = api(
            f"api-get-dataset{what and '-'}{what}",
            path={"dataset_id": dataset_id},
            query={name: str(value) for name, value in query.items()},
            owner=owner,
        )
        assert answer.status == status, answer.text
        return answer.body

    return run
