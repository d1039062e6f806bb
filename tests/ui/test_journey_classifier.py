"""One person's way from the sign-in form to a classifier in production, and back to nothing."""

import csv
import io
import json
import os
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from infra.local.stack import LocalStack
from tests.e2e.service import PASSWORD, User
from tests.ui.conftest import TRAINING_MS, Visit

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(600)]

HEADER = ["customer_id", "months", "call_minutes", "complaints", "plan", "age", "churn"]
COPIES = 12
# What stands for an unknown age.
UNKNOWN = "-999"


def _customers(rows: int, seed: int) -> list[list[str]]:
    """Customers of whom some leave: those who complain, and those who came lately."""
    dice = random.Random(seed)  # noqa: S311
    customers = []
    for number in range(rows):
        months, complaints = dice.randint(1, 72), dice.choice([0, 0, 0, 1, 1, 2, 3, 4])
        plan = dice.choice(["basic", "family", "premium"])
        risk = 0.9 * complaints - 0.04 * months + (plan == "basic") + dice.gauss(0, 0.7)
        customers.append(
            [
                f"C{number:05}",
                str(months),
                f"{dice.gauss(300, 60):.1f}" if dice.random() > 0.06 else "",
                str(complaints),
                plan,
                str(dice.randint(18, 80)) if dice.random() > 0.06 else UNKNOWN,
                "yes" if risk > 0.2 else "no",
            ]
        )
    return customers


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode()


def _choose(page: Page, button: Locator, name: str, content: bytes) -> None:
    """Choose a file by the dialog that a button opens."""
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files([{"name": name, "mimeType": "text/csv", "buffer": content}])


def _figures(table: Locator, row: str) -> list[float | None]:
    """Numbers of a row, by its beginning; percent signs do not count, and a dash is none."""
    cells = table.get_by_role("row", name=re.compile(f"^{row}")).get_by_role("cell").all_inner_texts()
    return [
        None if cell == "\N{EN DASH}" else float(cell.replace("%", "").replace(",", "")) for cell in cells
    ]


@pytest.mark.usefixtures("timed")
def test_from_an_empty_page_to_a_classifier_in_production_and_its_erasure(
    stack: LocalStack, new_user: Callable[..., User], visit: Callable[..., Visit]
) -> None:
    ada = visit()
    # A value that the model refuses.
    ada.allowed.append(r"http 422 POST .*/models/customers/predict$")
    page = ada.sign_in(new_user("ada.journey@example.com", ("admin",)))
    customers = _customers(400, seed=3)

    _upload(ada, customers)
    _look(ada)
    _clean(ada)
    _rows(page)
    _train(ada)
    _judge(ada)
    _try(ada, stack.sign_in("ada.journey@example.com", PASSWORD))
    _paste(page)
    _batch(ada)
    _train_again(page)
    _compare(ada)
    _run(ada)
    _erase(ada)


def _tab(page: Page, of: str, name: str) -> None:
    page.get_by_role("navigation", name=of).get_by_role("link", name=name, exact=True).click()


def _upload(ada: Visit, customers: list[list[str]]) -> None:
    page = ada.page
    expect(page.get_by_role("heading", name="No datasets yet")).to_be_visible()
    ada.check("journey-empty")

    _choose(
        page,
        page.get_by_role("button", name="Choose files").first,
        "customers.csv",
        _csv([*customers, *customers[:COPIES]]),
    )

    row = page.get_by_role("row", name=re.compile("customers.csv"))
    expect(row).to_contain_text("Ready", timeout=TRAINING_MS)
    expect(row).to_contain_text(re.compile("412 . 7"))
    row.get_by_role("link", name="customers.csv").click()


def _look(ada: Visit) -> None:
    page = ada.page
    warnings = page.get_by_role("region", name="warnings")
    expect(warnings).to_contain_text("12 rows repeat an earlier one exactly.")
    ada.check("journey-look")

    warnings.get_by_role("button", name="Count -999 as missing: age").click()
    warnings.get_by_role("button", name="Drop repeated rows", exact=True).click()

    expect(warnings.get_by_role("button", name=re.compile("^In the draft"))).to_have_count(2)
    link = page.get_by_role("link", name="See the draft in Clean")
    # Opened in a tab of its own it would lead to the same.
    expect(link).to_have_attribute("href", re.compile(r"^/v1/app/datasets/\w+/clean$"))
    # It stays as long as the pointer is on it.
    link.hover()
    ada.check("journey-remedy")
    link.click()


def _clean(ada: Visit) -> None:
    page = ada.page
    # A step lists in itself what it set.
    steps = page.get_by_role("list", name="Steps of the recipe").locator("> li")
    preview = page.get_by_role("region", name="What it does")
    versions = page.get_by_role("region", name="Versions")
    expect(steps.nth(0)).to_contain_text("Count -999 in “age” as missing.")
    expect(steps.nth(1)).to_contain_text("Leave out rows that repeat others")
    expect(preview).to_contain_text("Tried as version 1.", timeout=TRAINING_MS)

    # A step more, by its form.
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("menuitem", name=re.compile("^Fill missing cells")).click()
    form = page.get_by_role("dialog", name="Fill missing cells")
    form.get_by_label("Columns").click()
    page.get_by_role("option", name=re.compile("^call_minutes")).click()
    expect(form.get_by_role("status")).to_contain_text("“call_minutes” with the median of the column.")
    form.get_by_role("button", name="Add the step").click()
    expect(steps).to_have_count(3)
    expect(preview).to_contain_text("Tried as version 2.", timeout=TRAINING_MS)
    expect(steps.nth(1)).to_contain_text("12 rows left out")

    # Numbers before and after: of the table, and of the column that was filled.
    expect(preview).to_contain_text(re.compile(r"Rows\s*Before\s*412\s*After\s*400\s*12 fewer"))
    missing = preview.get_by_role("row", name=re.compile("^Missing cells")).get_by_role("cell")
    expect(missing.nth(1)).to_have_text("0")
    assert int(missing.nth(0).inner_text()) > 0

    # The last step one up, by keys alone, and back.
    handle = page.get_by_role("button", name="Move step 3")
    said = page.get_by_role("status")
    handle.press("Space")
    expect(said.filter(has_text="Step 3 is over place 3 of 3.")).to_have_count(1)
    page.keyboard.press("ArrowUp")
    expect(said.filter(has_text="Step 3 is over place 2 of 3.")).to_have_count(1)
    page.keyboard.press("Space")
    expect(steps.nth(1)).to_contain_text("Fill missing cells of “call_minutes”")
    expect(preview).to_contain_text("Tried as version 3.", timeout=TRAINING_MS)
    page.get_by_role("button", name="Undo").click()
    expect(steps.nth(2)).to_contain_text("Fill missing cells of “call_minutes”")
    expect(preview).to_contain_text("Tried as version 2.")

    # The draft, and the version that it is, outlive a reload.
    page.reload()
    expect(steps).to_have_count(3)
    expect(preview).to_contain_text("Tried as version 2.")
    expect(versions.get_by_role("listitem")).to_have_count(3)
    expect(versions.get_by_role("listitem").nth(1)).to_contain_text("Ready")
    ada.check("journey-clean")


def _rows(page: Page) -> None:
    _tab(page, "customers.csv", "Rows")
    expect(page.get_by_role("status").filter(has_text="All 412 rows.")).to_be_visible()
    page.get_by_label("Version of the data").select_option(label="After recipe 2")
    expect(page.get_by_role("status").filter(has_text="All 400 rows.")).to_be_visible()
    expect(page.get_by_role("table", name="Rows").get_by_role("row").nth(1)).to_contain_text("C00000")


def _train(ada: Visit) -> None:
    page = ada.page
    _tab(page, "customers.csv", "Clean")
    page.get_by_role("link", name="Train with this recipe").click()
    suggested = page.get_by_role("radiogroup", name="Suggested columns")
    expect(suggested.get_by_role("radio", name="churn")).to_be_checked()
    expect(page.get_by_role("textbox", name="Cleaning")).to_have_value("Recipe 2: 3 steps")
    page.get_by_role("slider", name="Time to search").focus()
    page.keyboard.press("Home")
    summary = page.get_by_role("complementary", name="Your training")
    expect(summary).to_contain_text("5 sec")
    ada.check("journey-train")
    summary.get_by_role("button", name="Start training").click()

    # Live until it is done; the news says so, too.
    expect(page.get_by_role("heading", name="Training of customers")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress of the training")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel training")).to_be_visible()
    done = page.get_by_role("alert", name="Version 1 of customers is ready")
    expect(done).to_be_visible(timeout=TRAINING_MS)
    board = page.get_by_role("table", name="Leaderboard")
    expect(board.get_by_role("row").filter(has_text="Chosen")).to_have_count(1)
    news = page.get_by_role("alert").filter(has_text="The training of customers is done")
    expect(news.get_by_role("link", name="Judge version 1")).to_be_visible()
    ada.check("journey-training")
    news.get_by_role("button", name="Close").click()
    done.get_by_role("link", name="Judge it").click()


def _judge(ada: Visit) -> None:
    page = ada.page
    expect(page.get_by_role("region", name="How good it is")).to_contain_text("better than guessing")
    numbers = page.get_by_role("group", name="Threshold and costs")
    slider = page.get_by_role("slider", name="Threshold of “yes”")
    precision, recall = _figures(numbers, "Precision")[0], _figures(numbers, "Recall")[0]
    cost = _figures(numbers, "Cost on the holdout")[0]

    # A lower threshold finds more and is right less often, and misses are dear.
    slider.focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("threshold="))
    page.get_by_label("Cost of a miss").fill("7")
    expect(page).to_have_url(re.compile("fn=7"))
    moved = [_figures(numbers, name)[0] for name in ("Precision", "Recall", "Cost on the holdout")]
    assert moved[0] != precision
    assert moved[1] != recall
    assert moved[2] != cost

    page.reload()
    expect(page.get_by_label("Cost of a miss")).to_have_value("7")
    assert moved == [_figures(numbers, name)[0] for name in ("Precision", "Recall", "Cost on the holdout")]

    page.get_by_role("button", name="Read the model card").click()
    expect(page.get_by_role("heading", name="customers, version 1")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as Markdown").click()
    assert Path(download.value.path()).read_text().startswith("# customers, version 1\n")
    ada.check("journey-judge")


def _try(ada: Visit, token: str) -> None:
    page = ada.page
    _tab(page, "customers", "Try")
    form = page.get_by_role("form", name="What is known")
    answer = page.get_by_role("status", name="Answer")
    expect(form.get_by_label("months", exact=True)).not_to_have_value("")
    form.get_by_role("button", name="Predict").click()
    expect(answer).to_contain_text("Probability of each class")
    expect(answer.get_by_role("figure", name="Why")).to_contain_text("Typical rows")
    shown = answer.get_by_role("progressbar")
    shares = [float(bar.get_attribute("aria-valuenow") or "nan") for bar in shown.all()]
    assert len(shares) == 2
    assert sum(shares) == pytest.approx(100)
    ada.check("journey-try")

    # Beyond what training saw: a warning, or a refusal beside the field.
    months = form.get_by_label("months", exact=True)
    months.fill("999")
    form.get_by_role("button", name="Predict").click()
    expect(answer.get_by_role("alert", name="1 value is unusual")).to_contain_text(
        "months: Training saw 1 to 72"
    )
    form.get_by_role("switch", name="Refuse unusual values").press("Space")
    form.get_by_role("button", name="Predict").click()
    expect(answer.get_by_role("alert", name=re.compile("^1 value can.t be used"))).to_contain_text("months")
    expect(months).to_have_attribute("aria-invalid", "true")
    expect(months).to_be_focused()
    ada.check("journey-try-refused")
    form.get_by_role("button", name="Fill in the example").click()
    form.get_by_role("switch", name="Refuse unusual values").press("Space")
    form.get_by_role("button", name="Predict").click()
    expect(answer).to_contain_text("Probability of each class")

    # The command that is shown does what the page did.
    command = page.get_by_role("tabpanel", name="curl").locator("pre").inner_text()
    ran = subprocess.run(
        ["sh", "-c", command],
        env={"PATH": os.environ["PATH"], "TOKEN": token, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    predicted = json.loads(ran.stdout)["predictions"][0]
    assert predicted["reasons"]["contributions"]
    label, share = predicted["prediction"], 100 * predicted["probabilities"][predicted["prediction"]]
    bar = answer.get_by_role("progressbar", name=label, exact=True)
    assert float(bar.get_attribute("aria-valuenow") or "nan") == pytest.approx(share)


def _paste(page: Page) -> None:
    page.get_by_text("Many rows", exact=True).click()
    # As a spreadsheet copies them; a complaint too many to be counted is no number.
    rows = ["\t".join(HEADER[:-1]), *("\t".join(row[:-1]) for row in _customers(3, seed=8))]
    page.get_by_role("textbox", name="Rows").fill("\n".join(rows))
    page.get_by_role("button", name="Predict 3 rows").click()
    expect(page.get_by_role("status").filter(has_text="3 rows have an answer, 0 without.")).to_be_visible()
    answers = page.get_by_role("region", name="Answers").get_by_role("row")
    expect(answers).to_have_count(4)
    for place in (1, 2, 3):
        expect(answers.nth(place).get_by_role("cell").nth(1)).to_have_text(re.compile("^(yes|no)$"))


def _batch(ada: Visit) -> None:
    page = ada.page
    _tab(page, "customers", "Batch")
    sent = _customers(60, seed=9)
    _choose(page, page.get_by_role("button", name="Choose a file").first, "new.csv", _csv(sent))
    job = page.get_by_role("article", name="new.csv")
    expect(job).to_contain_text("60 rows done.", timeout=TRAINING_MS)
    ada.check("journey-batch")
    with page.expect_download() as download:
        job.get_by_role("button", name="Predictions: download those of new.csv").click()
    assert download.value.suggested_filename == "new-predictions.csv"
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert [row["customer_id"] for row in rows] == [row[0] for row in sent]
    for row in rows:
        chosen = max(("yes", "no"), key=lambda label: float(row[f"p_{label}"]))
        assert row["prediction"] == chosen
    right = sum(row["prediction"] == row["churn"] for row in rows)
    assert right > 0.7 * len(rows)


def _train_again(page: Page) -> None:
    page.get_by_role("navigation", name="Navigation").get_by_role("link", name="Trainings").click()
    page.get_by_role("link", name=re.compile("^Training of customers")).click()
    page.get_by_role("link", name="Train again with these settings").click()
    page.get_by_role("textbox", name="Cleaning").click()
    page.get_by_role("option", name="The data as it was read").click()
    expect(page.get_by_role("status").filter(has_text="the training makes its version 2")).to_be_visible()
    page.get_by_role("button", name="Start training").click()
    done = page.get_by_role("alert", name="Version 2 of customers is ready")
    expect(done).to_be_visible(timeout=TRAINING_MS)
    news = page.get_by_role("alert").filter(has_text="The training of customers is done")
    news.get_by_role("button", name="Close").click()
    done.get_by_role("link", name="Judge it").click()


def _compare(ada: Visit) -> None:
    page = ada.page
    page.get_by_role("link", name="Compare with version 1").click()
    figures = page.get_by_role("region", name="Figures side by side").get_by_role("table")
    expect(figures.get_by_role("columnheader")).to_have_text(["Figure", "Version 1", "Version 2"])
    different = page.get_by_role("region", name="What was different")
    rows = different.get_by_role("row", name=re.compile("^Rows used"))
    expect(rows.get_by_role("cell")).to_have_text(["400", "412"])
    ada.check("journey-compare")


def _run(ada: Visit) -> None:
    page = ada.page
    _tab(page, "customers", "Run")
    expect(page.get_by_role("heading", name="Version 1 is in production")).to_be_visible()
    page.get_by_role("button", name="Promote version 2").click()
    dialog = page.get_by_role("dialog", name="Promote version 2")
    for row in ("Version 2", "Version 1, in production", "Naive baseline"):
        figure = dialog.get_by_role("row", name=re.compile(f"^{row}")).get_by_role("cell")
        assert float(figure.inner_text()) > 0
    ada.check("journey-promote")
    dialog.get_by_label("Reason").fill("Newer rows")
    dialog.get_by_role("button", name="Promote version 2").click()
    expect(page.get_by_role("heading", name="Version 2 is in production")).to_be_visible()
    page.get_by_role("button", name="Roll back").click()
    dialog = page.get_by_role("dialog", name="Roll back")
    dialog.get_by_role("button", name="Roll back to version 1").click()
    expect(page.get_by_role("heading", name="Version 1 is in production")).to_be_visible()

    for change in (
        "Version 1 was trained and went into production",
        "Version 2 was trained and is in staging",
        "Version 2 was promoted to production",
        "Version 1 came back into production",
    ):
        expect(page.get_by_text(change, exact=True)).to_be_visible()
    expect(page.get_by_text("Newer rows", exact=True)).to_be_visible()
    page.get_by_role("button", name="What the gate said").click()
    expect(page.get_by_role("row", name=re.compile("^May be worse by"))).to_be_visible()
    ada.check("journey-run")


def _erase(ada: Visit) -> None:
    page = ada.page
    page.get_by_role("button", name="Erase this model …").click()
    dialog = page.get_by_role("dialog", name="Erase customers")
    confirm = dialog.get_by_role("button", name="Erase this model")
    expect(confirm).to_be_disabled()
    dialog.get_by_label("Name of the model").fill("customers")
    confirm.click()
    receipt = page.get_by_role("status").filter(has_text="customers is erased")
    expect(receipt).to_contain_text("2 versions")
    expect(page.get_by_role("heading", name="No models yet")).to_be_visible()

    page.get_by_role("navigation", name="Navigation").get_by_role("link", name="Datasets").click()
    page.get_by_role("button", name="Erase customers.csv").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Erase")).click()
    expect(page.get_by_role("heading", name="No datasets yet")).to_be_visible()
    ada.check("journey-erased")
