"""The page with much to show: the widest table, a model of 500 features, one of 100 classes."""

import csv
import io
import random
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.service import User
from tests.ui.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(900)]

COLUMNS = 2000
FEATURES = 500
CLASSES = 100


def _wide(columns: int, rows: int, classes: int = 2) -> bytes:
    chance = random.Random(8)  # noqa: S311
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(f"sensor_{number:04d}" for number in range(columns - 1)), "state"])
    for row in range(rows):
        state = row % classes
        values = [round(state * (number % 3) + chance.gauss(0, 1), 3) for number in range(columns - 1)]
        writer.writerow([*values, f"state {state}"])
    return text.getvalue().encode()


@pytest.mark.usefixtures("timed")
def test_a_table_of_2000_columns_can_be_looked_at_cleaned_and_trained_on(
    new_user: Callable[..., User], visit: Callable[..., Visit]
) -> None:
    user = new_user("ada.wide@example.com")
    dataset = user.upload(_wide(COLUMNS, 100), "wide.csv")
    assert user.dataset(dataset)["status"] == "READY"
    ada = visit()
    ada.resume(user)

    page = ada.open(f"/datasets/{dataset}")
    expect(page.get_by_text("100 rows, 2,000 columns", exact=False).first).to_be_visible()
    page.get_by_label("Search by name").fill("sensor_1998")
    expect(page.get_by_role("link", name="sensor_1998")).to_be_visible()
    ada.check("wide-look")
    ada.open(f"/datasets/{dataset}/rows")
    expect(page.get_by_role("columnheader", name="sensor_0000")).to_be_visible()
    ada.check("wide-rows")
    ada.open(f"/datasets/{dataset}/clean")
    expect(page.get_by_role("button", name="Add a step")).to_be_visible()
    ada.check("wide-clean")
    ada.open(f"/datasets/{dataset}/train")
    expect(page.get_by_role("heading", name="What shall be predicted?")).to_be_visible()
    ada.check("wide-train")


@pytest.mark.usefixtures("timed")
@pytest.mark.parametrize(("features", "classes"), [(FEATURES, 2), (20, CLASSES)])
def test_a_model_of_many_features_or_classes_can_be_judged_and_tried(
    new_user: Callable[..., User], visit: Callable[..., Visit], features: int, classes: int
) -> None:
    name = f"states-{classes}"
    user = new_user(f"ben.{name}@example.com")
    dataset = user.upload(_wide(features + 1, 6 * max(classes, 30), classes), f"{name}.csv")
    assert user.dataset(dataset)["status"] == "READY"
    job = user.job(user.train(dataset, "state", model=name))
    assert job["status"] == "SUCCEEDED", job
    ben = visit()
    ben.resume(user)

    page = ben.open(f"/models/{name}/versions/1")
    expect(page.get_by_role("region", name="How good it is")).to_be_visible()
    ben.check(f"wide-judge-{classes}")
    ben.open(f"/models/{name}/try")
    page.get_by_role("form", name="What is known").get_by_role("button", name="Predict").click()
    expect(page.get_by_role("status", name="Answer")).to_contain_text("state ")
    ben.check(f"wide-try-{classes}")
