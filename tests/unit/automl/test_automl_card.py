"""The model card: what it says of each task, and that texts of a file do nothing but stand in it."""

import json
import re

import pytest
from markdown_it import MarkdownIt

from automl import model_card
from automl.reporting.card import PROTECTED, escape, protected_columns

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://a.example/x.png)",
    "http://a.example/www.b.example",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "= = =",
    "> quote",
    "WWW.A.example https://a.example",
    "a:-:b |:-|",
    "a | b",
    "**bold** _it_ `code` ~~gone~~",
    "```\nfence",
    "&lt;b&gt; &amp; &#42;",
    "line\n\n## break\r\n***",
    "\\",
    "a\u202eb\u2028c\x00",
    "$x^2$ @me user@a.example",
    "'; rm -rf / #",
]


def card_of(report, name="houses", version=3):
    return model_card(report, name=name, version=version, created_at="2026-11-25T03:00:00Z")


def html_of(card):
    """Return the card as a reader of GitHub's dialect shows it, raw HTML and links of all kinds allowed."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(card)


@pytest.mark.parametrize("target", ["price", "sold", "grade"])
def test_the_card_tells_what_the_report_holds(quick_results, target):
    result = quick_results[target]
    report = result.report | {"cost": {"usd": 0.0123, "basis": "time times memory."}}

    card = card_of(report)

    html = html_of(card)
    heads = re.findall(r"<h2>(.*?)</h2>", html)
    classes = [] if target == "price" else ["Each class"]
    assert heads == [
        "Intended use", "Data", "How it was trained", "How good it is", *classes, "How sure it is",
        "What its answers depend on", "Limits and warnings", "Versions", "How to call it",
    ]  # fmt: skip
    assert "<h1>houses, version 3</h1>" in html
    holdout, folds = (result.metrics[part][result.metric] for part in ("holdout", "cross_validation"))
    baseline, spread = result.metrics["baseline"][result.metric], result.metrics["cross_validation"]
    figures = f"{folds:.4g} ± {spread[f'{result.metric}_std']:.4g} | {holdout:.4g} | {baseline:.4g}"
    assert figures in card
    assert "ab" * 32 in card
    assert result.holdout_id in card
    assert "240 used, of which 30 were held out" in card
    assert f"<td>{report['importance']['features'][0]['feature']}</td>" in html
    assert "0.0123 US dollars (an estimate" in html
    for row in result.leaderboard:
        assert f"<td>{row['model']}</td>" in html
    if target == "price":
        assert f"covered {report['interval']['holdout_coverage']:.1%}" in html
    else:
        for entry in report["per_class"]:
            assert f"<td>{entry['class']}</td>" in html
        assert "calibration error" in html
    assert ("yes" in html) or target != "sold"


def test_the_call_sends_what_the_model_takes(quick_results):
    result = quick_results["price"]

    html = html_of(card_of(result.report))

    body = re.search(r"-d '(.*)'", html.replace("&quot;", '"')).group(1)
    assert json.loads(body) == {"instances": [result.manifest["example"]]}
    assert "/models/houses/predict?version=3" in html


def test_weights_recipes_splits_and_warnings_are_told(quick_results):
    report = quick_results["grade"].report
    board = [{**row, "metric": "weighted_log_loss"} for row in report["leaderboard"]]
    changes = {
        "class_weights": {"high": 4.0, "low": 0.5, "middle": 0.5},
        "leaderboard": board,
        "metrics": {
            part: {**figures, "weighted_log_loss": 0.5} for part, figures in report["metrics"].items()
        },
        "split": report["split"] | {"kind": "group", "column": "city"},
        "omitted": [{"part": "x", "reason": "Not tried: forests."}],
    }

    html = html_of(card_of(report | changes))

    assert "class weights (high: 4, low: 0.5, middle: 0.5)" in html
    assert "by the group column city" in html
    assert "Not tried: forests." in html
    assert "<td>Log-loss, rows weighted</td>" in html
    steps = {"sentences": ["fill gappy with its median", "drop rows"], "steps": [], "recipe": {}}
    told = html_of(card_of(report | {"recipe": steps, "warnings": ["price | leaks"]}))
    assert "<li>fill gappy with its median</li>\n<li>drop rows</li>" in told
    assert "<li>price | leaks</li>" in told


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_of_a_file_are_shown_and_do_nothing(text):
    html = html_of(f"before {escape(text)} after\n\n- {escape(text)}\n\n| {escape(text)} | b |\n|---|---|\n")

    tags = set(re.findall(r"</?([a-z0-9]+)", html))
    assert tags <= {"p", "ul", "li", "table", "thead", "tr", "th"}
    shown = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    plain = re.sub(r"<[^>]*>", "", html)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        plain = plain.replace(entity, char)
    assert plain.count(shown) == 3


def test_no_name_of_a_file_breaks_the_card(quick_results):
    report = quick_results["grade"].report
    usual = html_of(card_of(report))
    allowed = set(re.findall(r"</?([a-z0-9]+)", usual))

    for text in HOSTILE:
        # Every text of the file at once; JSON's own marks stay what they are.
        def replaced(value, key="", text=text):
            if isinstance(value, dict):
                return {replaced(name, "key"): replaced(entry, name) for name, entry in value.items()}
            if isinstance(value, list):
                return [replaced(entry, key) for entry in value]
            known = {"city", "number", "gappy", "note", "high", "low", "middle", "grade", "key", "Bonn"}
            return f"{text} {value}" if value in known else value

        html = html_of(card_of(replaced(report), name=text))

        assert set(re.findall(r"</?([a-z0-9]+)", html)) <= allowed, text
        assert html.count("<h2>") == usual.count("<h2>"), text
        assert html.count("<tr>") == usual.count("<tr>"), text
        assert html.count("<pre>") == 1, text
        code = re.search(r"<pre><code[^>]*>(.*?)</code></pre>", html, re.DOTALL).group(1)
        assert len(code.splitlines()) == 3
        assert code.count("'") == 2


def test_columns_that_look_like_protected_attributes_are_named_by_their_words():
    innocent = ["average", "page", "usage", "message", "stage", "Essex"]
    told = [
        "Age",
        "applicant_age",
        "customerGender",
        "SEX-CODE",
        "date_of_birth",
        "Nationalität",
        "race time",
    ]

    assert protected_columns([*innocent, *told]) == told
    assert all(word == word.casefold() for word in PROTECTED)


def test_only_such_columns_bring_the_note(quick_results):
    report = quick_results["price"].report
    renamed = [{**feature, "name": "sex"} for feature in report["features"][:1]]

    assert "may be protected" not in card_of(report)
    assert "found by name only" in html_of(card_of(report | {"features": renamed}))
