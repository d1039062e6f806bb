"""What a first visit costs, and what the page looks like before anybody is signed in."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.stack import LocalStack
from tests.e2e.service import User
from tests.ui.conftest import PATIENCE_MS, WEB, Visit

FIRST_LOAD_BYTES = 250_000
# Classes of Mantine's style sheets that an element on the page has and no loaded sheet knows.
UNSTYLED = """known => {
    const loaded = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules].map(rule => rule.cssText));
    const written = new Set(loaded.join(" ").match(/m_[0-9a-f]+/g));
    const used = new Set([...document.querySelectorAll("[class]")].flatMap(found => [...found.classList]));
    return known.filter(name => used.has(name) && !written.has(name));
}"""


class Traffic:
    """The bytes that Chromium receives for a page, headers included, by address."""

    def __init__(self, page: Page) -> None:
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        self._urls: dict[str, str] = {}
        self._bytes: dict[str, float] = {}
        client.on("Network.responseReceived", self._begun)
        client.on("Network.loadingFinished", self._ended)

    def _begun(self, event: dict[str, object]) -> None:
        self._urls[str(event["requestId"])] = event["response"]["url"]  # type: ignore[index]

    def _ended(self, event: dict[str, object]) -> None:
        self._bytes[str(event["requestId"])] = float(event["encodedDataLength"])  # type: ignore[arg-type]

    def by_url(self) -> dict[str, float]:
        """Bytes of each request that is over, the largest first."""
        sizes = sorted(self._bytes.items(), key=lambda entry: -entry[1])
        return {
            f"{self._urls[request]} ({request})": size for request, size in sizes if request in self._urls
        }


def assert_small(name: str, page: Page, traffic: Traffic) -> None:
    by_url = traffic.by_url()
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN")
    print(f"{name}: {sum(by_url.values()):.0f} bytes, {len(by_url)} requests, first paint {paint:.0f} ms")
    assert sum(by_url.values()) <= FIRST_LOAD_BYTES, json.dumps(by_url, indent=1)


def test_the_first_load_of_the_sign_in_is_small(stack: LocalStack, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    traffic = Traffic(page)
    page.goto(f"{stack.api_url}/app/")
    # A trial click waits until the button is there, is still, and takes a click.
    page.get_by_role("button", name="Sign in").click(trial=True)
    usable = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    print(f"the sign-in can be used after {usable:.0f} ms")
    assert_small("sign-in", page, traffic)
    context.close()


def test_the_first_load_of_the_datasets_is_small(
    stack: LocalStack, user: User, visit: Callable[..., Visit]
) -> None:
    user.upload(b"a,b\n1,x\n2,y\n")
    # The browser of another day: only the session is there, and nothing in the cache.
    back = visit()
    back.resume(user)
    traffic = Traffic(back.page)
    page = back.open("/datasets")
    expect(page.get_by_role("link", name="data.csv")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    assert_small("datasets", page, traffic)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/forgotten-password", "/datasets", "/nowhere"])
def test_what_comes_with_the_start_has_its_styles(path: str, user: User, visit: Callable[..., Visit]) -> None:
    guest = visit()
    if path in {"/datasets", "/nowhere"}:
        guest.resume(user)
        user.upload(b"a,b\n1,x\n2,y\n")
    page = guest.open(path)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Language").click()
    page.get_by_role("menuitemradio", name="English").wait_for()
    sheet = (WEB / "node_modules" / "@mantine" / "core" / "styles.css").read_text()

    assert page.evaluate(UNSTYLED, sorted(set(re.findall(r"m_[0-9a-f]+", sheet)))) == []


def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(
    visit: Callable[..., Visit], user: User
) -> None:
    guest = visit()
    page = guest.open("/models?search=houses")
    page.get_by_role("heading", level=1).wait_for()
    assert re.search(r"/app/sign-in\?to=", page.url)

    guest.enter(user)
    expect(page.get_by_role("heading", level=1, name="Models")).to_be_visible()
    assert page.url.endswith("/app/models?search=houses")
