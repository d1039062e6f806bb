"""One person's way, in French and on a phone, from the sample to a regressor that says how sure it is."""

# French is written with typographic signs.
# ruff: noqa: RUF001

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.service import User
from tests.ui.conftest import TRAINING_MS, Visit

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(600)]

DATASET = "sample-flats.csv"
MODEL = "sample-flats"
# Blanks between thousands, a comma before decimals, and the typographic minus.
NUMBER = re.compile(r"[-\N{MINUS SIGN}]?\d[\d\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}]*(?:,\d+)?")


def _numbers(text: str) -> list[float]:
    """Numbers as a French page writes them."""
    found = (re.sub(r"[^\d,\N{MINUS SIGN}-]", "", number) for number in NUMBER.findall(text))
    return [float(number.replace(",", ".").replace("\N{MINUS SIGN}", "-")) for number in found]


def _tab(page: Page, of: str, name: str) -> None:
    page.get_by_role("navigation", name=of, exact=True).get_by_role("link", name=name, exact=True).click()


@pytest.mark.usefixtures("timed")
def test_from_the_sample_to_a_regressor_in_french_on_a_phone(
    new_user: Callable[..., User], visit: Callable[..., Visit]
) -> None:
    ada = visit(phone=True, language="fr")
    # A value that the model refuses.
    ada.allowed.append(rf"http 422 POST .*/models/{MODEL}/predict$")
    ada.sign_in(new_user("ada.regressor@example.com"))

    _take_the_sample(ada)
    _look(ada)
    _train(ada)
    _judge(ada)
    _try(ada)
    _be_refused(ada)
    _drift(ada)
    _find_the_way(ada)


def _take_the_sample(ada: Visit) -> None:
    page = ada.page
    expect(page.get_by_role("heading", name="Aucun jeu de données pour l’instant")).to_be_visible()
    ada.check("regressor-empty")

    page.get_by_role("button", name="Essayer le jeu d’exemple").click()

    card = page.get_by_role("list", name="Jeux de données").get_by_role("listitem").filter(has_text=DATASET)
    expect(card).to_contain_text("Prêt", timeout=TRAINING_MS)
    expect(card).to_contain_text("800 × 14")
    ada.check("regressor-datasets")
    card.get_by_role("link", name=DATASET).click()


def _look(ada: Visit) -> None:
    page = ada.page
    expect(page.get_by_role("heading", level=1, name=DATASET)).to_be_visible()
    # The id, and what a broken meter wrote.
    expect(page.get_by_role("button", name=re.compile("-200.*street_noise_db")).first).to_be_visible()
    ada.check("regressor-look")


def _train(ada: Visit) -> None:
    page = ada.page
    _tab(page, DATASET, "Entraîner")
    page.get_by_role("radiogroup", name="Colonnes suggérées").get_by_role("radio", name="rent").check()
    expect(page.get_by_text("Le modèle estimera un nombre (régression)")).to_be_visible()
    page.get_by_role("slider", name="Durée de la recherche").focus()
    page.keyboard.press("Home")
    # Known only when the flat is let.
    page.get_by_role("textbox", name="Laisser de côté").click()
    page.get_by_role("option", name="let_within_a_week").click()
    page.keyboard.press("Escape")
    summary = page.get_by_role("complementary", name="Votre entraînement")
    expect(summary).to_contain_text("Un nombre")
    expect(summary).to_contain_text("12 colonnes")
    ada.check("regressor-train")
    summary.get_by_role("button", name="Lancer l’entraînement").click()

    expect(page.get_by_role("heading", level=1, name=f"Entraînement de {MODEL}")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Avancement de l’entraînement")).to_be_visible()
    done = page.get_by_role("alert", name=f"La version 1 de {MODEL} est prête")
    expect(done).to_be_visible(timeout=TRAINING_MS)
    news = page.get_by_role("alert").filter(has_text=f"L’entraînement de {MODEL} est terminé")
    expect(news.get_by_role("link", name="Juger la version 1")).to_be_visible()
    ada.check("regressor-training")
    news.get_by_role("button", name="Fermer").click()
    done.get_by_role("link", name="La juger").click()


def _judge(ada: Visit) -> None:
    page = ada.page
    verdict = page.get_by_role("region", name="Sa qualité")
    expect(verdict).to_contain_text(re.compile("ieux que le hasard|Presque parfait"))
    figures = page.get_by_role("region", name="Toutes les mesures")
    r2 = figures.get_by_role("row", name=re.compile("R²|R2|détermination")).get_by_role("cell").first
    # How much of it is explained depends on what a busy machine had the time to try.
    assert 0 < _numbers(r2.inner_text())[0] <= 1

    errors = page.get_by_role("region", name="Ses écarts")
    expect(errors.get_by_role("figure", name="Prédit et réel")).to_contain_text("Sur la diagonale")
    histogram = errors.get_by_role("figure", name="Écarts")
    histogram.get_by_role("button", name="Afficher en tableau").click()
    counts = [_numbers(row)[-1] for row in histogram.get_by_role("row").all_inner_texts()[1:]]
    # Every row of the holdout is in one of the bars.
    held_out = _numbers(verdict.get_by_text("qui n’ont servi à aucun choix").inner_text())[0]
    assert sum(counts) == held_out
    quantiles = _numbers(errors.get_by_role("row", name=re.compile("^Écart")).last.inner_text())
    assert quantiles == sorted(quantiles)
    assert quantiles[0] < 0 < quantiles[-1]
    expect(errors).to_contain_text(re.compile(r"fait pour contenir 90\s%"))
    ada.check("regressor-judge")


def _answered(answer: Locator) -> tuple[float, float, float]:
    """The number that is answered, and the ends of its interval."""
    said = answer.get_by_role("figure", name="Fiabilité").get_by_text("la vraie valeur se situe").inner_text()
    share, low, high = _numbers(said)
    assert share == 90
    return _numbers(answer.get_by_role("paragraph").nth(1).inner_text())[0], low, high


def _try(ada: Visit) -> None:
    page = ada.page
    _tab(page, MODEL, "Essayer")
    form = page.get_by_role("form", name="Ce qui est connu")
    answer = page.get_by_role("status", name="Réponse")
    area = form.get_by_role("textbox", name="area_m2")
    area.fill("45,5")
    form.get_by_role("button", name="Prédire", exact=True).click()
    expect(answer.get_by_role("figure", name="Fiabilité")).to_be_visible()
    small, low, high = _answered(answer)
    assert low < small < high

    area.fill("95,5")
    form.get_by_role("button", name="Prédire", exact=True).click()
    expect(answer).to_contain_text(re.compile(r"area_m2 : 45,5 → 95,5"))
    large, low, high = _answered(answer)
    assert low < large < high
    assert large > small

    reasons = answer.get_by_role("figure", name="Pourquoi")
    expect(reasons).to_contain_text("Lignes typiques")
    reasons.get_by_role("button", name="Afficher en tableau").click()
    added = [_numbers(row.rsplit("\t", 1)[1])[0] for row in reasons.get_by_role("row").all_inner_texts()[1:]]
    base, told = _numbers(reasons.get_by_text("Les lignes typiques obtiennent").inner_text())[:2]
    assert base + sum(added) == pytest.approx(told, abs=0.01 * told)
    ada.check("regressor-try")


def _be_refused(ada: Visit) -> None:
    page = ada.page
    form = page.get_by_role("form", name="Ce qui est connu")
    answer = page.get_by_role("status", name="Réponse")
    area = form.get_by_role("textbox", name="area_m2")

    # No number at all: the page itself sees it.
    area.fill("grand")
    form.get_by_role("button", name="Prédire", exact=True).click()
    expect(area).to_be_focused()
    expect(area).to_have_attribute("aria-invalid", "true")
    expect(area).to_have_accessible_description(re.compile("Ce n’est pas un nombre."))
    expect(answer.get_by_role("alert", name="1 valeur ne convient pas")).to_contain_text("area_m2")

    # A number that training never saw: the service refuses it.
    area.fill("9000")
    form.get_by_role("switch", name="Refuser les valeurs inhabituelles").press("Space")
    form.get_by_role("button", name="Prédire", exact=True).click()
    expect(area).to_have_accessible_description(re.compile("Le modèle n’a rien appris au-delà."))
    expect(area).to_have_attribute("aria-invalid", "true")
    expect(area).to_be_focused()
    ada.check("regressor-try-refused")


def _drift(ada: Visit) -> None:
    page = ada.page
    _tab(page, MODEL, "Dérive")
    few = page.get_by_role("alert", name="Trop peu de prédictions pour se prononcer")
    counted = few.get_by_role("progressbar", name="Lignes comptées jusqu’ici")
    expect(counted).to_have_attribute("aria-valuenow", "0")
    expect(few).to_contain_text("0 lignes comptées")
    ada.check("regressor-drift")


def _find_the_way(ada: Visit) -> None:
    """The navigation unfolds, leads on and folds away again."""
    page = ada.page
    burger = page.get_by_role("button", name="Navigation")
    link = page.get_by_role("navigation", name="Navigation").get_by_role("link", name="Modèles")
    expect(link).not_to_be_in_viewport()
    burger.click()
    expect(link).to_be_in_viewport()
    ada.check("regressor-navigation")
    link.click()
    expect(page.get_by_role("heading", level=1, name="Modèles")).to_be_visible()
    expect(link).not_to_be_in_viewport()
    expect(page.get_by_role("link", name=MODEL).first).to_be_visible()
    ada.check("regressor-models")
