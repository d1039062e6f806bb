"""Every view, in both themes, on the phone and in French: accessible, whole, translated, without faults."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.service import User
from tests.ui.conftest import WEB, Visit
from tests.ui.world import CLASSIFIER, REGRESSOR, World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MESSAGES = WEB / "src" / "messages"
PLURAL = re.compile(r"_(zero|one|two|few|many|other)$")
# All that a person can read or hear, each with the language that it is in.
TEXTS = """() => {
  const found = [[document.title, document.documentElement.lang]];
  const language = (element) => element.closest('[lang]').lang;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!['SCRIPT', 'STYLE', 'CODE'].includes(parent.tagName) && node.data.trim() !== '') {
      found.push([node.data.trim(), language(parent)]);
    }
  }
  for (const name of ['aria-label', 'aria-description', 'aria-valuetext', 'title', 'alt', 'placeholder']) {
    for (const element of document.querySelectorAll(`[${name}]:not([${name}=""])`)) {
      found.push([element.getAttribute(name), language(element)]);
    }
  }
  return found;
}"""


@dataclass
class Messages:
    """The texts of the page in a language.

    Parameters
    ----------
    language : str
        `en` or `fr`.
    """

    language: str

    def __post_init__(self) -> None:
        self.texts: dict[str, str] = {}
        for file in sorted((MESSAGES / self.language).glob("*.json")):
            for path, text in _flat(json.loads(file.read_text())):
                self.texts[f"{file.stem}:{path}"] = text

    def __call__(self, key: str) -> re.Pattern[str]:
        """A message as it stands on the page, whatever its placeholders hold."""
        return _pattern(self.texts[key])

    def patterns(self) -> list[re.Pattern[str]]:
        """Patterns of all messages that say something by words of their own."""
        bare = [re.sub(r"\{\{.*?\}\}|<.*?>", "", text) for text in self.texts.values()]
        return [
            _pattern(text)
            for text, rest in zip(self.texts.values(), bare, strict=True)
            if re.search(r"[^\W\d_]{3}", rest)
        ]


def _flat(messages: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in messages.items():
        if isinstance(value, str):
            yield path + key, value
        else:
            yield from _flat(value, f"{path}{key}.")


def _pattern(text: str) -> re.Pattern[str]:
    parts = re.split(r"\{\{.*?\}\}", re.sub(r"</?\w+\s*/?>", "", text))
    return re.compile("^" + "(.+)".join(re.escape(part) for part in parts) + "$", re.DOTALL)


ENGLISH, FRENCH = Messages("en"), Messages("fr")
GROUPS = {part for key in ENGLISH.texts for part in (key.split(":")[0], re.split("[:.]", key)[1])}
# What i18next shows for a message that is not there: its key.
KEY = re.compile(
    r"(?<![\w/.@-])(" + "|".join(sorted(map(re.escape, GROUPS))) + r")[:.][a-z]\w*(\.\w+)*(?![\w/@-])"
)
FILE = re.compile(r"\.(csv|json|onnx|md|py|gz|zip|com)$")


def _untranslated(page: Page, language: str) -> Iterator[str]:
    """Keys that show, and on a French page texts that are English ones of ours."""
    for text, of in page.evaluate(TEXTS):
        yield from (f"key: {found[0]}" for found in KEY.finditer(text) if not FILE.search(found[0]))
        if language == "fr" and of == "fr" and _is_english(text):
            yield f"English: {text}"


OURS = {language.language: language.patterns() for language in (ENGLISH, FRENCH)}


def _is_english(text: str) -> bool:
    return any(one.match(text) for one in OURS["en"]) and not any(one.match(text) for one in OURS["fr"])


@dataclass
class View:
    """A view, and how to see that it is all there.

    Parameters
    ----------
    name : str
        Of its picture.
    path : str
        Its address.
    ready : str
        Key of a message that shows when the view is complete.
    act : callable, optional
        What is done in it before it is looked at.
    """

    name: str
    path: str
    ready: str
    act: Callable[[Page, Messages], None] | None = None


def _ask(page: Page, messages: Messages) -> None:
    page.get_by_role("button", name=messages("try:fields.ask"), exact=True).click()
    expect(page.get_by_text(messages("try:reasons.title")).first).to_be_visible()


BEFORE = [
    View("sign-in", "/sign-in", "signIn:signIn.forgotten"),
    View("sign-up", "/sign-up", "signIn:signUp.text"),
    View("forgotten-password", "/forgotten-password", "signIn:forgotten.text"),
]
EMPTY = [
    View("datasets-empty", "/datasets", "datasets:empty.title"),
    View("trainings-empty", "/trainings", "trainings:empty.title"),
    View("models-empty", "/models", "models:list.empty.title"),
]


def _filled(world: World) -> list[View]:
    dataset, regressor, classifier = (
        f"/datasets/{world.dataset}",
        f"/models/{REGRESSOR}",
        f"/models/{CLASSIFIER}",
    )
    return [
        View("datasets", "/datasets", "datasets:filter.label"),
        View("look", dataset, "look:sections.correlations"),
        View("look-column", f"{dataset}?column=area_m2", "look:detail.next"),
        View("rows", f"{dataset}/rows", "look:rows.find"),
        View("clean", f"{dataset}/clean", "clean:steps"),
        View("train", f"{dataset}/train", "train:target.suggestions"),
        View("trainings", "/trainings", "trainings:list.open"),
        View("training-done", f"/trainings/{world.training}", "trainings:board.title"),
        View("models", "/models", "models:list.search"),
        View("run", classifier, "run:versions.title"),
        View("judge-classifier", f"{classifier}/versions/1", "judge:sections.threshold"),
        View("judge-regressor", f"{regressor}/versions/1", "judge:sections.errors"),
        View("compare", f"{classifier}/compare?versions=1,2", "judge:compare.differences"),
        View("try", f"{regressor}/try", "try:fields.title", _ask),
        View("try-classifier", f"{classifier}/try", "try:fields.title", _ask),
        View("batch", f"{regressor}/batch", "batch:file.title"),
        View("drift", f"{regressor}/drift", "drift:table.title"),
        View("drift-too-few", f"{classifier}/drift", "drift:tooFew.title"),
        View("account", "/account", "account:limits.title"),
        View("not-found", "/nowhere", "common:notFound.title"),
    ]


def _look_at(visit: Visit, views: list[View], messages: Messages, suffix: str) -> Iterator[str]:
    """Hold each view against the rules; the faults of all, that one run shows them all."""
    page = visit.page
    for view in views:
        known = len(visit.unexpected)
        try:
            visit.open(view.path)
            shown = page.get_by_text(messages(view.ready)).or_(page.get_by_label(messages(view.ready)))
            expect(shown.first).to_be_visible()
            if view.act is not None:
                view.act(page, messages)
            visit.check(f"{view.name}-{suffix}")
        except AssertionError as fault:
            yield f"{view.name}: {fault}"
        yield from (f"{view.name}: {fault}" for fault in _untranslated(page, messages.language))
        yield from (f"{view.name}: {fault}" for fault in visit.unexpected[known:])


@pytest.mark.long
@pytest.mark.parametrize(
    "variant",
    [
        pytest.param({}, id="light"),
        pytest.param({"dark": True}, id="dark"),
        pytest.param({"phone": True}, id="phone"),
        pytest.param({"language": "fr"}, id="french"),
        pytest.param({"phone": True, "dark": True, "language": "fr"}, id="phone-dark-french"),
    ],
)
def test_every_view_is_accessible_whole_and_translated(
    variant: dict[str, Any],
    world: World,
    user: User,
    visit: Callable[..., Visit],
    request: pytest.FixtureRequest,
) -> None:
    messages = FRENCH if variant.get("language") == "fr" else ENGLISH
    guest, newcomer, owner = (visit(**variant) for _ in range(3))
    newcomer.resume(user)
    owner.resume(world.owner)
    suffix = request.node.callspec.id

    faults = [
        *_look_at(guest, BEFORE, messages, suffix),
        *_look_at(newcomer, EMPTY, messages, suffix),
        *_look_at(owner, _filled(world), messages, suffix),
    ]

    assert not faults, "\n".join(faults)


def test_colours_of_the_theme_survive_the_build(visit: Callable[..., Visit]) -> None:
    def colour(*, dark: bool) -> str:
        page = visit(dark=dark).open("/sign-in")
        # A picture for the eyes alone has no name to find it by.
        cell = page.locator("main svg rect").last
        cell.wait_for()
        return str(cell.evaluate("cell => getComputedStyle(cell).fill"))

    light, dark = colour(dark=False), colour(dark=True)

    # What is drawn with a colour that the build has lost is black.
    assert "rgb(0, 0, 0)" not in {light, dark}
    assert light != dark
