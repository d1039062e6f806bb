"""People come, are led on, stay over reloads, and leave nothing behind when they go."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from infra.local.stack import LocalStack
from tests.e2e.service import PASSWORD, User
from tests.ui.conftest import Visit

pytestmark = pytest.mark.slow

Begin = Callable[..., Visit]
NewUser = Callable[..., User]

CSV = b"age,city\n" + b"".join(b"%d,Rome\n" % age for age in range(20, 60))
OTHER_PASSWORD = "Other-Password-2"
REFUSED = r"http 400 POST http://127\.0\.0\.1:\d+/$"
EXPIRED = r"http 401 GET .*/v1/"
# The stack's Cognito knows no RevokeToken, and says so without the headers that a browser asks for.
NOT_REVOKED = "console error: Access to fetch .* blocked by CORS policy"


def _own_keys(page: Page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('csv-analyzer.'))")


def _sign_out(page: Page) -> None:
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()


@pytest.fixture(scope="module")
def owner(new_user: NewUser) -> User:
    """An editor with one dataset, `people.csv`."""
    user = new_user("session-owner@example.com")
    assert user.dataset(user.upload(CSV, "people.csv"))["status"] == "READY"
    return user


@pytest.mark.long
def test_a_sign_up_leads_over_the_code_into_the_page(visit: Begin) -> None:
    guest = visit()
    guest.allowed = [REFUSED, NOT_REVOKED]
    page = guest.open("/sign-in")
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("heading", level=1, name="Create an account")).to_be_visible()
    page.get_by_label("E-mail").fill("newcomer@example.com")
    password = page.get_by_label("Password", exact=True)
    password.fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("The password does not follow all of the rules below yet.")).to_be_visible()
    password.fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", level=1, name="Confirm your e-mail")).to_be_visible()
    # The stack's Cognito sends no mail, and takes any code.
    page.get_by_label("Code").fill("123 456")
    page.get_by_role("button", name="Confirm and sign in").click()
    expect(page.get_by_role("heading", level=1, name="Datasets")).to_be_visible()

    _sign_out(page)
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("heading", level=1, name="Create an account")).to_be_visible()
    page.get_by_label("E-mail").fill("newcomer@example.com")
    password.fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("There is an account with this e-mail address already.")).to_be_visible()


def test_a_wrong_password_is_told_and_can_be_corrected(owner: User, visit: Begin) -> None:
    guest = visit()
    guest.allowed = [REFUSED]
    page = guest.open("/sign-in")
    page.get_by_label("E-mail").fill(owner.email)
    password = page.get_by_label("Password", exact=True)
    password.fill("Wrong-Password-1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("E-mail or password is wrong.")).to_be_visible()
    expect(password).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_value(owner.email)

    password.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()


@pytest.mark.long
def test_a_password_from_an_administrator_must_be_changed(stack: LocalStack, visit: Begin) -> None:
    cognito = stack.client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=10)["UserPools"][0]["Id"]
    email = "invited@example.com"
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=email,
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
    )
    guest = visit()
    page = guest.open("/sign-in?to=/models")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Choose your own password")).to_be_visible()
    page.get_by_label("New password").fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Save and sign in").click()

    expect(page.get_by_role("heading", level=1, name="Models")).to_be_visible()
    assert stack.tokens(email, OTHER_PASSWORD)["RefreshToken"]


@pytest.mark.long
def test_a_forgotten_password_is_replaced_by_a_code(
    stack: LocalStack, new_user: NewUser, visit: Begin
) -> None:
    user = new_user("forgetful@example.com")
    guest = visit()
    page = guest.open("/sign-in")
    page.get_by_role("link", name="Forgotten your password?").click()
    expect(page.get_by_role("heading", level=1, name="Forgotten password")).to_be_visible()
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_role("button", name="Send the code").click()
    expect(page.get_by_role("heading", level=1, name="Choose a new password")).to_be_visible()
    page.get_by_label("Code").fill("123456")
    page.get_by_label("New password").fill(OTHER_PASSWORD)
    page.get_by_role("button", name="Change password and sign in").click()

    expect(page.get_by_role("heading", level=1, name="Datasets")).to_be_visible()
    assert stack.tokens(user.email, OTHER_PASSWORD)["RefreshToken"]


@pytest.mark.long
def test_a_session_lasts_over_a_reload_and_belongs_to_its_tab(owner: User, visit: Begin) -> None:
    guest = visit()
    page = guest.sign_in(owner)
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()

    tab = guest.context.new_page()
    tab.goto(page.url)
    expect(tab.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    assert tab.evaluate("JSON.stringify(localStorage)").find("eyJ") == -1
    tab.close()


@pytest.mark.long
def test_a_link_opened_before_the_sign_in_leads_back_to_it(owner: User, visit: Begin) -> None:
    dataset = owner.get("/datasets")["items"][0]["id"]
    guest = visit()
    page = guest.open(f"/datasets/{dataset}/rows?page=1")
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    guest.enter(owner)
    expect(page.get_by_role("heading", level=1, name="people.csv")).to_be_visible()
    assert f"/datasets/{dataset}/rows" in page.url

    elsewhere = visit()
    page = elsewhere.open("/sign-in?to=https%3A%2F%2Fexample.com%2F")
    elsewhere.enter(owner)
    expect(page.get_by_role("heading", level=1, name="Datasets")).to_be_visible()
    assert page.url.startswith(owner.stack.api_url)


@pytest.mark.long
def test_a_token_that_the_service_no_longer_takes_is_renewed(owner: User, visit: Begin) -> None:
    guest = visit()
    guest.allowed = [EXPIRED]
    page = guest.sign_in(owner)
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()
    spoilt: list[str] = []

    def spoil(route: Route) -> None:
        # Nobody can wait an hour for a token to end: the first request of each address carries a broken one.
        if route.request.url in spoilt:
            route.continue_()
            return
        spoilt.append(route.request.url)
        token = route.request.headers["authorization"]
        route.continue_(headers={**route.request.headers, "authorization": token[:-4] + "AAAA"})

    page.route("**/v1/models?*", spoil)
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_text("No models yet")).to_be_visible()
    assert spoilt


@pytest.mark.long
def test_a_session_that_cannot_be_renewed_ends_at_the_door(owner: User, visit: Begin) -> None:
    guest = visit()
    guest.allowed = [EXPIRED, REFUSED]
    page = guest.sign_in(owner)
    page.get_by_role("link", name="people.csv").click()
    expect(page.get_by_role("heading", level=1, name="people.csv")).to_be_visible()
    # As after thirty days: neither the token nor the one to renew it is worth anything.
    page.route(
        "**/v1/models?*",
        lambda route: route.continue_(headers={**route.request.headers, "authorization": "a.b.c"}),
    )
    page.route(
        "http://127.0.0.1:*/",
        lambda route: route.fulfill(
            status=400,
            headers={"access-control-allow-origin": "*"},
            body=json.dumps({"__type": "NotAuthorizedException", "message": "Refresh Token has expired"}),
        ),
    )
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", level=1, name="Sign in")).to_be_visible()
    page.unroute_all()
    guest.enter(owner)
    expect(page.get_by_role("heading", level=1, name="Models")).to_be_visible()


@pytest.mark.long
def test_a_sign_out_leaves_nothing_to_whoever_comes_next(
    owner: User, new_user: NewUser, visit: Begin
) -> None:
    other = new_user("next-one@example.com")
    guest = visit()
    guest.allowed = [NOT_REVOKED, r"http 404 GET .*/v1/datasets/"]
    page = guest.sign_in(owner)
    page.get_by_role("link", name="people.csv").click()
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_role("textbox", name="Name of the model").fill("secret-plan")
    page.get_by_role("link", name="Clean", exact=True).click()
    page.get_by_role("button", name="Add a step").first.click()
    page.get_by_role("menuitem", name="Drop columns").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    dataset = page.url.split("/datasets/")[1].split("/")[0]
    assert f"csv-analyzer.train.{dataset}" in _own_keys(page)

    _sign_out(page)
    assert _own_keys(page) == []
    # Nobody holds the first user's answers back for the second, be it for a moment.
    seen: list[str] = []

    def tell(name: str) -> None:
        seen.append(name)

    page.expose_function("tell", tell)
    page.evaluate(
        "new MutationObserver(() => document.body.innerText.includes('people.csv') && tell('people.csv'))"
        ".observe(document.body, {subtree: true, childList: true, characterData: true})"
    )
    guest.enter(other)
    expect(page.get_by_text("No datasets yet")).to_be_visible()
    # Not even the way back leads to what the first one saw.
    page.go_back()
    expect(page.get_by_role("alert", name="That did not work")).to_be_visible()
    assert seen == []


@pytest.mark.long
def test_two_tabs_are_two_sessions(owner: User, new_user: NewUser, visit: Begin) -> None:
    other = new_user("second-tab@example.com")
    guest = visit()
    page = guest.sign_in(owner)
    expect(page.get_by_role("link", name="people.csv")).to_be_visible()
    first = guest.page
    guest.page = guest.context.new_page()
    tab = guest.sign_in(other)
    expect(tab.get_by_text("No datasets yet")).to_be_visible()
    _sign_out(tab)

    first.bring_to_front()
    first.get_by_role("link", name="Models").click()
    expect(first.get_by_text("No models yet")).to_be_visible()
    first.reload()
    expect(first.get_by_role("heading", level=1, name="Models")).to_be_visible()
