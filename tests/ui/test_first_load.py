"""What a first visit costs, and what the page looks like before anybody is signed in."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import Browser

from infra.local.stack import LocalStack
from tests.ui.conftest import Visit

FIRST_LOAD_BYTES = 250_000


def test_the_first_load_is_small(stack: LocalStack, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    client = context.new_cdp_session(page)
    client.send("Network.enable")
    loaded: dict[str, float] = {}
    names: dict[str, str] = {}
    client.on("Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]}))
    client.on("Network.loadingFinished", lambda e: loaded.update({e["requestId"]: e["encodedDataLength"]}))
    page.goto(f"{stack.api_url}/app/")
    page.get_by_role("button", name="Sign in").wait_for()
    page.wait_for_load_state("networkidle")
    context.close()

    by_file = {
        names[request].rsplit("/", 1)[-1]: size for request, size in loaded.items() if request in names
    }
    assert sum(by_file.values()) <= FIRST_LOAD_BYTES, json.dumps(by_file, indent=1)


def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(
    visit: Callable[..., Visit], new_user: Callable[..., object]
) -> None:
    guest = visit()
    page = guest.open("/models?search=houses")
    page.get_by_role("heading", level=1).wait_for()

    assert re.search(r"/app/sign-in\?to=", page.url)
