"""Whatever fails is told in words, beside what it is about, and with a way on."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from infra.local.stack import LocalStack
from tests.e2e.service import PASSWORD, User, wait
from tests.ui.conftest import TRAINING_MS, Visit

pytestmark = pytest.mark.slow

Begin = Callable[..., Visit]
NewUser = Callable[..., User]

HEADER = b"age,city,income\n"
# Ages repeat: what is different in every row may be an identifier, of which a model learns nothing.
AGES = [20 + place * 37 % 60 for place in range(160)]
ROWS = b"".join(
    b"%d,%s,%d\n" % (age, b"Rome" if place % 3 else b"Oslo", 900 + 25 * age + 17 * place % 90)
    for place, age in enumerate(AGES)
)
MODEL = "incomes"
# More than the stack of the tests takes.
LARGE = 3_100_000
# Long beside what a test does meanwhile; it is cancelled then.
LONG_BUDGET = 30


@dataclass
class Analyst:
    """An administrator with a usable dataset and a failed one, and a model of two versions.

    Parameters
    ----------
    user : User
        Owns all of it.
    ready : str
        Id of `people.csv`.
    failed : str
        Id of `headers.csv`.
    """

    user: User
    ready: str
    failed: str


@pytest.fixture(scope="module")
def analyst(new_user: NewUser) -> Analyst:
    """The second version was kept from what it needs, so that the gate refuses it."""
    user = new_user("error-analyst@example.com", groups=("admin",))
    ready, failed = user.upload(HEADER + ROWS, "people.csv"), user.upload(HEADER, "headers.csv")
    assert user.dataset(ready)["status"] == "READY"
    assert user.dataset(failed)["status"] == "FAILED"
    for excluded in ([], ["age"]):
        job = user.job(user.train(ready, "income", model=MODEL, exclude=excluded))
        assert job["status"] == "SUCCEEDED", job
    return Analyst(user, ready, failed)


def _file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": content}


def _alert(page: Page, text: str) -> None:
    expect(page.get_by_role("alert").filter(has_text=text).first).to_be_visible()


def test_a_file_that_is_refused_says_why_beside_its_name(user: User, visit: Begin) -> None:
    guest = visit()
    guest.allowed = [r"http 413 POST .*/v1/datasets$"]
    guest.resume(user)
    page = guest.open("/datasets")
    page.get_by_label("Choose files").set_input_files(
        [
            _file("empty.csv", b""),
            _file("sheet.xlsx", b"PK\x03\x04" + bytes(40)),
            _file("large.csv", b"a,b\n" + b"1,2\n" * (LARGE // 4)),
        ]
    )
    uploads = page.get_by_role("region", name="Uploads")
    for name, reason in {
        "empty.csv": "The file is empty.",
        "sheet.xlsx": "This is a workbook, not a CSV file.",
        "large.csv": "The file is larger than this service allows.",
    }.items():
        item = uploads.get_by_role("listitem").filter(has_text=name)
        expect(item.get_by_role("alert")).to_contain_text(reason)
        expect(item.get_by_role("button", name=f"Upload {name} again")).to_have_count(0)
    guest.check("errors-uploads")
    uploads.get_by_role("button", name="Remove empty.csv from this list").click()
    expect(uploads.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_role("heading", name="No datasets yet")).to_be_visible()


@pytest.mark.long
def test_a_dataset_that_failed_or_is_not_there_says_so(
    analyst: Analyst, new_user: NewUser, visit: Begin
) -> None:
    guest = visit()
    guest.allowed = [r"http 404 GET .*/v1/datasets/"]
    guest.resume(analyst.user)
    page = guest.open("/datasets")
    row = page.get_by_role("row").filter(has_text="headers.csv")
    expect(row).to_contain_text("Failed")
    expect(row).to_contain_text("The file has a header but no data rows")
    row.get_by_role("link", name="headers.csv").click()
    refused = page.get_by_role("alert", name="The file can't be used")
    expect(refused).to_contain_text("The file has a header but no data rows")
    expect(page.get_by_role("link", name="Train", exact=True)).to_have_count(0)
    guest.check("errors-dataset")

    stranger = new_user("error-stranger@example.com")
    others = stranger.upload(HEADER + ROWS, "not-yours.csv")
    page = guest.open(f"/datasets/{others}/rows")
    _alert(page, "That did not work")
    expect(page.get_by_text("not-yours.csv")).to_have_count(0)
    guest.check("errors-foreign")
    page = guest.open("/nowhere/at/all")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


@pytest.mark.long
def test_an_order_that_does_not_fit_is_told_beside_its_field(analyst: Analyst, visit: Begin) -> None:
    guest = visit()
    guest.allowed = [r"http 422 POST .*/train$"]
    guest.resume(analyst.user)
    page = guest.open(f"/datasets/{analyst.ready}/train?target=income")
    name = page.get_by_role("textbox", name="Name of the model")
    name.fill("Not A Name")
    start = page.get_by_role("button", name="Start training")
    start.click()
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    expect(page.get_by_text("Use small letters, digits, dashes and underscores")).to_be_visible()
    name.fill("errors")
    expect(name).not_to_have_attribute("aria-invalid", "true")

    def too_long(route: Route) -> None:
        # The form offers no budget that the service refuses: its answer is asked for with another one.
        route.continue_(post_data=route.request.post_data_json | {"budget_seconds": 100_000})

    page.route("**/train", too_long)
    start.click()
    _alert(page, "Something does not fit. See the marked fields.")
    expect(page.get_by_text(re.compile("less than or equal to"))).to_be_visible()
    guest.check("errors-train")
    page.unroute_all()


def _cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel training").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("alert").filter(has_text="The training was cancelled").first).to_be_visible(
        timeout=TRAINING_MS
    )


@pytest.mark.long
def test_a_limit_says_when_to_come_back(analyst: Analyst, visit: Begin) -> None:
    guest = visit()
    guest.allowed = [r"http 429 POST .*/train$"]
    guest.resume(analyst.user)
    page = guest.open(f"/datasets/{analyst.ready}/train?target=income")
    name = page.get_by_role("textbox", name="Name of the model")
    name.fill("errors")
    running = [
        analyst.user.train(analyst.ready, "income", budget_seconds=LONG_BUDGET, model=f"busy-{number}")
        for number in range(2)
    ]
    page.get_by_role("button", name="Start training").click()
    limit = page.get_by_role("alert").filter(has_text="Not now: a limit is reached")
    expect(limit).to_contain_text("2 trainings wait or run already; wait until one is over, or cancel one.")
    expect(limit).to_contain_text("You can try again from")
    expect(name).to_have_value("errors")
    guest.check("errors-limit")
    limit.get_by_role("link", name="See your trainings").click()

    # One of them goes, and the order, which is still there, is taken.
    page.get_by_role("link", name=re.compile("^Training of busy-0")).click()
    _cancel(page)
    assert analyst.user.http.delete(f"/jobs/{running[1]}").status_code in {200, 202}
    analyst.user.job(running[1], "CANCELLED")
    page = guest.open(f"/datasets/{analyst.ready}/train?target=income")
    expect(name).to_have_value("errors")
    page.get_by_role("button", name="Start training").click()
    expect(page.get_by_role("heading", level=1, name="Training of errors")).to_be_visible()
    _cancel(page)


@pytest.mark.long
def test_a_step_that_does_not_fit_is_told_beside_it(analyst: Analyst, visit: Begin) -> None:
    steps = [
        {"step": "drop_columns", "columns": ["city"]},
        {"step": "impute", "columns": ["city"], "strategy": "most_frequent"},
    ]
    guest = visit()
    guest.resume(analyst.user)
    page = guest.open("/account")
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    def draft(steps: list[dict[str, object]]) -> None:
        # As somebody left it in this tab.
        key, text = f"csv-analyzer.recipe.{analyst.ready}", json.dumps({"target": None, "steps": steps})
        page.evaluate("([key, text]) => sessionStorage.setItem(key, text)", [key, text])
        guest.open(f"/datasets/{analyst.ready}/clean")

    # The page itself sees that the column is gone by then.
    draft(steps)
    faults = page.get_by_role("alert", name="What is wrong with step 2")
    expect(faults).to_contain_text("At this point there is no column “city”")
    expect(page.get_by_role("alert", name="What is wrong with step 1")).to_have_count(0)

    # That no row would be left, only the data can tell.
    draft([steps[0], {"step": "filter_rows", "column": "age", "operator": "gt", "value": 1000}])
    expect(faults).to_contain_text("no row would be left", timeout=TRAINING_MS)
    expect(page.get_by_role("status").filter(has_text="can't be applied to the data")).to_be_visible()
    guest.check("errors-clean")


@pytest.mark.long
def test_a_service_that_is_away_is_told_and_tried_again(analyst: Analyst, visit: Begin) -> None:
    guest = visit()
    guest.resume(analyst.user)
    page = guest.open("/account")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # Stopping the service would stop it for all tests.
    page.route("**/v1/datasets?*", lambda route: route.abort())
    page.get_by_role("link", name="Datasets").click()
    _alert(page, "The service does not answer")
    guest.check("errors-away")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.long
def test_a_sign_in_that_is_away_keeps_the_session(analyst: Analyst, visit: Begin) -> None:
    guest = visit()
    guest.resume(analyst.user)
    # The service that knows where to sign in is not there when the page begins.
    guest.page.route("**/v1/config", lambda route: route.abort())
    page = guest.open("/datasets")
    _alert(page, "The service does not answer")
    guest.check("errors-start")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()


@pytest.mark.long
def test_a_part_of_the_page_that_cannot_be_loaded_is_told(analyst: Analyst, visit: Begin) -> None:
    guest = visit()
    guest.allowed = [r"console (error|warning):", r"http 404 GET .*/assets/Models-"]
    guest.resume(analyst.user)
    page = guest.open("/datasets")
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()
    # As after a deployment, when the files of the page that is open are gone.
    page.route("**/assets/Models-*.js", lambda route: route.fulfill(status=404, body=""))
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", level=1, name="This view can't be shown")).to_be_visible()
    _alert(page, "Reload the page.")
    guest.check("errors-chunk")
    page.unroute_all()
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("heading", level=1, name="Models")).to_be_visible()


@pytest.mark.long
def test_a_viewer_sees_everything_and_is_told_what_is_not_theirs(
    stack: LocalStack, new_user: NewUser, visit: Begin
) -> None:
    user = new_user("error-viewer@example.com")
    dataset = user.upload(HEADER + ROWS, "looked-at.csv")
    assert user.dataset(dataset)["status"] == "READY"
    cognito = stack.client("cognito-idp")
    group = {
        "UserPoolId": cognito.list_user_pools(MaxResults=10)["UserPools"][0]["Id"],
        "Username": user.email,
    }
    cognito.admin_remove_user_from_group(**group, GroupName="editor")
    cognito.admin_add_user_to_group(**group, GroupName="viewer")
    refused = httpx.post(
        f"{stack.api_url}/datasets/{dataset}/train",
        json={"target": "income"},
        headers={"Authorization": stack.sign_in(user.email, PASSWORD)},
        trust_env=False,
    )
    assert refused.status_code == 403, refused.text

    guest = visit()
    guest.resume(user)
    page = guest.open("/datasets")
    expect(page.get_by_role("link", name="looked-at.csv")).to_be_visible()
    expect(page.get_by_role("button", name="Choose files")).to_have_count(0)
    expect(page.get_by_role("button", name="Erase looked-at.csv")).to_have_count(0)
    guest.check("errors-viewer-datasets")
    page.get_by_role("link", name="looked-at.csv").click()
    page.get_by_role("link", name="Clean", exact=True).click()
    expect(page.get_by_text("Your role lets you look at recipes.")).to_be_visible()
    expect(page.get_by_role("button", name="Add a step")).to_have_count(0)
    page.get_by_role("link", name="Train", exact=True).click()
    start = page.get_by_role("button", name="Start training")
    expect(start).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("Your role may look, but not train.").first).to_be_visible()
    start.press("Enter")
    expect(page).to_have_url(re.compile(f"/datasets/{dataset}/train"))
    assert user.get("/jobs")["items"] == []
    guest.check("errors-viewer-train")


@pytest.mark.long
def test_a_role_that_was_taken_away_meanwhile_is_told(
    stack: LocalStack, new_user: NewUser, visit: Begin
) -> None:
    user = new_user("error-demoted@example.com")
    dataset = user.upload(HEADER + ROWS, "demoted.csv")
    assert user.dataset(dataset)["status"] == "READY"
    viewer = new_user("error-looker@example.com", groups=("viewer",))
    guest = visit()
    guest.allowed = [r"http 403 POST .*/train$"]
    guest.resume(user)
    page = guest.open(f"/datasets/{dataset}/train?target=income")
    start = page.get_by_role("button", name="Start training")
    expect(start).to_be_enabled()
    # The page knows the role by its token, and nobody can wait an hour for the next one.
    token = stack.sign_in(viewer.email, PASSWORD)
    page.route(
        "**/train",
        lambda route: route.continue_(headers={**route.request.headers, "authorization": token}),
    )
    start.click()
    _alert(page, "That did not work")
    expect(page.get_by_role("alert").first).to_contain_text(re.compile("role|allow", re.IGNORECASE))
    guest.check("errors-forbidden")


@pytest.mark.long
def test_the_gate_refuses_with_its_numbers_and_archived_versions_answer_nobody(
    analyst: Analyst, visit: Begin
) -> None:
    guest = visit()
    guest.allowed = [rf"http 409 PUT .*/v1/models/{MODEL}/stages/production$", "http 404 GET .*/v1/models/"]
    guest.resume(analyst.user)
    page = guest.open(f"/models/{MODEL}")
    page.get_by_role("button", name="Promote version 2").click()
    dialog = page.get_by_role("dialog", name="Promote version 2")
    dialog.get_by_role("button", name="Promote version 2").click()
    refused = dialog.get_by_role("alert", name="The gate refuses this version")
    expect(refused).to_be_visible()
    figures = [
        float(refused.get_by_role("row", name=re.compile(f"^{row}")).get_by_role("cell").first.inner_text())
        for row in ("Candidate", "In production")
    ]
    assert figures[0] > figures[1]
    # Only with a reason may it be overruled.
    expect(dialog.get_by_role("button", name="Promote all the same")).to_be_disabled()
    guest.check("errors-gate")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Version 1 is in production")).to_be_visible()

    page.get_by_role("button", name="More about version 2").click()
    page.get_by_role("menuitem", name="Archive").click()
    page.get_by_role("dialog", name="Archive version 2").get_by_role("button", name="Archive").click()
    expect(page.get_by_text("Version 2 was archived", exact=True)).to_be_visible()
    page = guest.open(f"/models/{MODEL}/try?version=2")
    expect(page.get_by_text("No such version answers")).to_be_visible()
    guest.check("errors-archived")
    page = guest.open(f"/models/{MODEL}/batch?version=2")
    expect(page.get_by_text("No such version answers")).to_be_visible()
    page = guest.open(f"/models/{MODEL}/versions/99")
    _alert(page, "That did not work")
    page = guest.open("/models/no-such-model")
    _alert(page, "That did not work")
    guest.check("errors-no-model")
    page.get_by_role("main").get_by_role("link", name="Models").click()
    expect(page.get_by_role("link", name=MODEL).first).to_be_visible()


@pytest.mark.long
def test_a_value_that_the_model_cannot_take_is_told_beside_its_field(analyst: Analyst, visit: Begin) -> None:
    guest = visit()
    guest.allowed = [rf"http 422 POST .*/models/{MODEL}/predict"]
    guest.resume(analyst.user)
    page = guest.open(f"/models/{MODEL}/try")
    form = page.get_by_role("form", name="What is known")
    age = form.get_by_role("textbox", name="age")
    age.fill("old")
    form.get_by_role("button", name="Predict", exact=True).click()
    expect(age).to_have_accessible_description(re.compile("This is not a number."))
    age.fill("")
    form.get_by_role("button", name="Predict", exact=True).click()
    expect(age).to_have_accessible_description(re.compile("Fill this in"))
    age.fill("1e99")
    form.get_by_role("switch", name="Refuse unusual values").press("Space")
    form.get_by_role("button", name="Predict", exact=True).click()
    expect(age).to_have_accessible_description(re.compile("the model has learned nothing beyond"))
    expect(age).to_be_focused()
    refused = page.get_by_role("alert", name=re.compile("^1 value can.t be used"))
    expect(refused.get_by_role("button", name="age")).to_be_visible()
    guest.check("errors-try")

    # Of many rows, those that can be answered are.
    page.get_by_text("Many rows", exact=True).click()
    page.get_by_role("textbox", name="Rows").fill("age,city\n30,Rome\nold,Oslo\n40,Oslo\n")
    expect(page.get_by_text("1 row has errors and is left out.")).to_be_visible()
    page.get_by_role("button", name="Predict 2 rows").click()
    answers = page.get_by_role("region", name="Answers").get_by_role("row")
    expect(answers).to_have_count(4)
    expect(answers.nth(2)).to_contain_text("no answer")
    guest.check("errors-rows")


@pytest.mark.long
def test_batches_that_fail_say_why_and_bad_rows_can_be_had(analyst: Analyst, visit: Begin) -> None:
    owner = analyst.user
    for name, content in {
        "wrong.csv": b"nothing,useful\n1,2\n",
        "mixed.csv": HEADER + ROWS + b"x,Rome,\n",
    }.items():
        ordered = owner.http.post(f"/models/{MODEL}/batch", json={"file_name": name}).json()
        form = ordered["upload"]
        sent = httpx.post(form["url"], data=form["fields"], files={"file": (name, content)}, trust_env=False)
        assert sent.status_code == 204
        wait(lambda job=ordered["id"]: owner.get(f"/models/{MODEL}/batch/{job}"), "SUCCEEDED", "FAILED")

    guest = visit()
    guest.resume(owner)
    page = guest.open(f"/models/{MODEL}/batch")
    failed = page.get_by_role("article", name="wrong.csv")
    expect(failed).to_contain_text("Failed")
    expect(failed).to_contain_text("Columns that the model needs are not in the file.")
    mixed = page.get_by_role("article", name="mixed.csv")
    expect(mixed).to_contain_text("161 rows done. 1 row has errors.")
    with page.expect_download() as download:
        mixed.get_by_role("button", name="Errors: download those of mixed.csv").click()
    errors = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(errors) == 2
    assert "age" in errors[1]
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files([_file("nothing.csv", b"")])
    _alert(page, "“nothing.csv” is empty.")
    guest.check("errors-batch")


@pytest.mark.long
def test_a_view_that_polls_outlives_a_time_without_network(analyst: Analyst, visit: Begin) -> None:
    guest = visit()
    guest.resume(analyst.user)
    job = analyst.user.train(analyst.ready, "income", model="offline")
    page = guest.open(f"/trainings/{job}")
    heading = page.get_by_role("heading", level=1, name="Training of offline")
    expect(heading).to_be_visible()
    guest.context.set_offline(True)
    assert analyst.user.job(job)["status"] == "SUCCEEDED"
    expect(heading).to_be_visible()
    expect(page.get_by_role("alert", name="Version 1 of offline is ready")).to_have_count(0)
    guest.context.set_offline(False)
    expect(page.get_by_role("alert", name="Version 1 of offline is ready")).to_be_visible()


@pytest.mark.long
def test_drift_says_how_much_it_lacks(analyst: Analyst, visit: Begin) -> None:
    guest = visit()
    guest.resume(analyst.user)
    page = guest.open(f"/models/{MODEL}/drift")
    few = page.get_by_role("alert", name="Too few predictions to tell")
    expect(few).to_contain_text("of the 100 rows that it takes were counted")
    guest.check("errors-drift")
