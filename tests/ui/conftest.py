"""Chromium, people who are signed in to the page, and what every view is held against."""

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)

from infra.local.stack import LocalStack
from tests.e2e.service import PASSWORD, User
from tests.ui.world import world

__all__ = ["world"]

ROOT = Path(__file__).parents[2]
WEB = ROOT / "functions" / "web"
SCREENSHOTS = ROOT / ".local" / "screenshots"
AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
INDEX = WEB / "function" / "web" / "dist" / "index.html"
# Debian's Chromium as root, and without asking its maker for anything.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000
# A training on a busy machine.
TRAINING_MS = 200_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what cannot be, with the reason."""
    reason = _missing()
    if reason is None:
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


def _missing() -> str | None:
    if chromium() is None:
        return "there is no Chromium: on Debian apt-get install chromium"
    if not INDEX.exists():
        return "the page is not built: make page, which needs Node.js 20.19 or later"
    return None


def chromium() -> str | None:
    """Where Chromium is; `CHROMIUM` names another one."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


# Of a file, not of the session: as long as Playwright runs, its event loop is the one of this thread, and
# tests of other folders that run in the same process could start none.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a file."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield running
        running.close()


@dataclass
class Visit:
    """Somebody at the page: a browser context of its own, and what went wrong in it.

    Parameters
    ----------
    stack : LocalStack
        Serves the page.
    context : BrowserContext
        Of this visit.
    """

    stack: LocalStack
    context: BrowserContext
    faults: list[str] = field(default_factory=list)
    # What a test provokes on purpose: patterns of faults that may happen.
    allowed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._told)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("response", self._answered)

    def open(self, path: str = "/") -> Page:
        """Go to an address of the page, such as `/datasets`."""
        self.page.goto(f"{self.stack.api_url}/app{path}")
        return self.page

    def sign_in(self, user: User) -> Page:
        """Sign in by the form, as everybody does."""
        self.open("/sign-in")
        return self.enter(user)

    def enter(self, user: User, password: str = PASSWORD) -> Page:
        """Fill in the form of the sign-in that is shown."""
        page = self.page
        page.get_by_label(re.compile("^(e-?mail|adresse e-mail)", re.IGNORECASE)).fill(user.email)
        page.get_by_label(re.compile("^(password|mot de passe)", re.IGNORECASE)).fill(password)
        page.keyboard.press("Enter")
        # On the phone the navigation is folded away.
        page.get_by_role("button", name=re.compile("^(your account|votre compte)", re.IGNORECASE)).wait_for()
        return page

    def resume(self, user: User) -> None:
        """Be signed in as after a reload: with the refresh token in the session storage."""
        token = self.stack.tokens(user.email, PASSWORD)["RefreshToken"]
        entry = json.dumps(token)
        self.context.add_init_script(f"sessionStorage.setItem('csv-analyzer.refresh-token', {entry})")

    def check(self, name: str) -> None:
        """Hold what is shown against the rules for accessibility (axe), and keep a picture of it."""
        page = self.page
        page.wait_for_load_state("networkidle")
        # What stands for an answer that is awaited has neither role nor name.
        expect(page.locator("main .mantine-Skeleton-root")).to_have_count(0)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        # A dialog covers what is seen of the page, not what a picture of all of it would show.
        is_whole = page.get_by_role("dialog").count() == 0
        # A header that stays at the top would stand in the middle of the picture.
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=is_whole)
        violations = self.violations()
        assert not violations, f"{name}:\n" + "\n".join(violations)
        sideways = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert sideways <= 0, f"{name} scrolls sideways by {sideways} pixels"

    def violations(self) -> list[str]:
        """What axe finds, a line for each kind of violation with its first element."""
        self.page.evaluate(AXE.read_text())
        found: list[dict[str, Any]] = self.page.evaluate("axe.run().then(found => found.violations)")
        return [f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html'][:300]}" for rule in found]

    def _told(self, message: ConsoleMessage) -> None:
        # A refused request is told by `_answered`, with its address.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.faults.append(f"console {message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"http {response.status} {response.request.method} {response.url}")

    @property
    def unexpected(self) -> list[str]:
        """Faults that no pattern allows."""
        return [fault for fault in self.faults if not any(re.search(known, fault) for known in self.allowed)]


@pytest.fixture
def visit(stack: LocalStack, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Begin a visit: `visit(phone=True, dark=True, language="fr")`; none may leave faults behind."""
    visits: list[Visit] = []

    def begin(*, phone: bool = False, dark: bool = False, language: str = "en") -> Visit:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]  # a typed dictionary of Playwright's
            has_touch=phone,
            color_scheme="dark" if dark else "light",
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            reduced_motion="reduce",
            accept_downloads=True,
        )
        visits.append(Visit(stack, context))
        return visits[-1]

    yield begin
    faults = [fault for known in visits for fault in known.unexpected]
    for known in visits:
        known.context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def timed(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """Say how long a journey took."""
    begun = time.monotonic()
    yield
    seconds = round(time.monotonic() - begun, 1)
    record_property("journey_seconds", seconds)
    print(f"The journey took {seconds} seconds.")
