"""The page by the keyboard alone: whatever a mouse can do is reached, shown and given back by keys."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.service import PASSWORD, User
from tests.ui.conftest import Visit
from tests.ui.world import CLASSIFIER, DATASET, World

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(400)]

MOST_STOPS = 90
# Whether the element with the focus, or what stands for it, differs from how it looks without the focus.
IS_SHOWN = """async () => {
  const look = (element) => {
    const style = getComputedStyle(element);
    return [style.outlineStyle === 'none' ? '' : style.outlineWidth + style.outlineColor,
      style.boxShadow, style.borderColor, style.backgroundColor, style.insetBlockStart].join('|');
  };
  const focused = document.activeElement;
  // A control that is drawn by another element, such as a radio button, shows its focus there.
  const ancestors = [1, 2, 3].reduce((found) => [...found, found.at(-1)?.parentElement], [focused]);
  const around = [...ancestors, ...(focused.parentElement?.children ?? [])].filter(Boolean);
  // Colours go over into each other, in no time here, but not before the next picture.
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
  await drawn();
  const before = around.map(look);
  focused.blur();
  await drawn();
  const after = around.map(look);
  focused.focus({ preventScroll: true, focusVisible: true });
  return before.some((one, place) => one !== after[place]);
}"""


def _tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until something has the focus; every stop on the way must show that it has it."""
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert page.evaluate(IS_SHOWN), page.evaluate("document.activeElement.outerHTML.slice(0, 300)")
        if wanted.evaluate("wanted => wanted === document.activeElement"):
            return
    raise AssertionError(f"{MOST_STOPS} times {key} do not lead to {wanted}")


def _is_within(page: Page, dialog: Locator) -> bool:
    return bool(dialog.evaluate("dialog => dialog.contains(document.activeElement)"))


def test_signing_in_and_finding_the_way(visit: Callable[..., Visit], world: World) -> None:
    page = visit().open("/sign-in")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(world.owner.email)
    _tab_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=DATASET)).to_be_visible()

    # The first stop of a view that was just loaded leads past the navigation.
    page.reload()
    expect(page.get_by_role("link", name=DATASET)).to_be_visible()
    skip = page.get_by_role("link", name="Skip to the content")
    _tab_to(page, skip)
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    _tab_to(page, page.get_by_role("button", name="Choose files"))
    with page.expect_file_chooser():
        page.keyboard.press("Enter")

    _tab_to(page, page.get_by_role("link", name=DATASET))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=DATASET, level=1)).to_be_visible()
    _tab_to(page, page.get_by_role("link", name="Rows"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Rows")).to_be_visible()


def test_menus_and_dialogs_keep_the_focus_and_give_it_back(visit: Callable[..., Visit], world: World) -> None:
    owner = visit()
    owner.resume(world.owner)
    page = owner.open("/datasets")
    menu = page.get_by_role("button", name="Your account")
    _tab_to(page, menu)
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()

    erase = page.get_by_role("button", name=f"Erase {DATASET}")
    _tab_to(page, erase)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=f"Erase {DATASET}?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert _is_within(page, dialog)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(erase).to_be_focused()

    page = owner.open(f"/datasets/{world.dataset}")
    card = page.get_by_role("link", name=re.compile("area_m2")).first
    card.wait_for()
    _tab_to(page, card)
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="area_m2")
    expect(drawer).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert _is_within(page, drawer)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(card).to_be_focused()


def test_steps_of_a_recipe_change_places(visit: Callable[..., Visit], world: World) -> None:
    owner = visit()
    owner.resume(world.owner)
    page = owner.open(f"/datasets/{world.dataset}/clean")
    steps = page.get_by_role("list", name="Steps of the recipe").get_by_role("listitem")
    expect(steps.first).to_contain_text("listing")
    _tab_to(page, page.get_by_role("button", name="Move step 1"))
    page.keyboard.press("Space")
    expect(page.get_by_text(re.compile("^(Picked up step 1|Step 1 is over place 1) of 4"))).to_be_attached()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("Step 1 is over place 2 of 4.")).to_be_attached()
    page.keyboard.press("Space")

    expect(steps.nth(1)).to_contain_text("listing")
    page.keyboard.press("Control+z")
    expect(steps.first).to_contain_text("listing")


def test_a_training_is_ordered(visit: Callable[..., Visit], new_user: Callable[[], User]) -> None:
    user = new_user()
    rows = "".join(f"{i},{i % 7},{'yes' if i % 7 > 3 else 'no'}\n" for i in range(60))
    dataset = user.upload(f"number,size,large\n{rows}".encode(), "sizes.csv")
    assert user.dataset(dataset)["status"] == "READY"
    owner = visit()
    owner.resume(user)
    page = owner.open(f"/datasets/{dataset}/train")
    target = page.get_by_role("radio", name="large")
    expect(target).to_be_visible()
    _tab_to(page, page.get_by_role("radiogroup", name="Suggested columns").get_by_role("radio").first)
    page.keyboard.press("Space")
    _tab_to(page, page.get_by_role("slider", name="Time to search"))
    page.keyboard.press("Home")
    _tab_to(page, page.get_by_role("button", name="Start training"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Training of sizes", level=1)).to_be_visible()
    job = user.get("/jobs?limit=1")["items"][0]
    assert job["dataset_id"] == dataset
    assert user.job(job["id"])["status"] == "SUCCEEDED"


def test_the_threshold_moves_by_arrows(visit: Callable[..., Visit], world: World) -> None:
    owner = visit()
    owner.resume(world.owner)
    page = owner.open(f"/models/{CLASSIFIER}/versions/1")
    slider = page.get_by_role("slider", name=re.compile("^Threshold of"))
    expect(slider).to_be_visible()
    before = slider.get_attribute("aria-valuetext")
    _tab_to(page, slider)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")

    expect(slider).not_to_have_attribute("aria-valuetext", str(before))
    expect(page).to_have_url(re.compile(r"threshold="))
