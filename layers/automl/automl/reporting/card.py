"""The model card of a version: its report in words.

After Mitchell et al., "Model Cards for Model Reporting" (2019).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from automl.config import CLASSIFICATION

SHOWN_FEATURES = 10
SHOWN_CLASSES = 100
SHOWN_DROPPED = 20
SHOWN_CANDIDATES = 12
METRICS = {
    "log_loss": "Log-loss",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1_macro": "F1, mean of the classes",
    "mcc": "Matthews correlation",
    "roc_auc": "Area under the ROC curve",
    "average_precision": "Average precision",
    "brier": "Brier score",
    "rmse": "Root of the mean squared error",
    "mae": "Mean absolute error",
    "median_ae": "Median absolute error",
    "mape": "Mean absolute percentage error",
    "r2": "Explained variance (R squared)",
    "max_error": "Largest error",
}
# Words in names of columns that may stand for what law or ethics protects in persons.
PROTECTED = frozenset(
    {
        "age", "sex", "gender", "race", "ethnic", "ethnicity", "religion", "religious",
        "nationality", "citizenship", "disability", "disabled", "handicap", "marital", "pregnant",
        "pregnancy", "orientation", "caste", "veteran", "birth", "birthdate", "birthday", "dob",
        "geschlecht", "konfession", "nationalität", "behinderung", "familienstand", "geburtsdatum",
        "sexe", "âge", "religión", "sexo", "edad", "género", "etnia", "raza", "nacionalidad"
    }
)  # fmt: skip
# With a backslash before them they are themselves: Markdown's marks, those at the start of a line, addresses.
MARKUP = re.compile(r"[\\`*_\[\]|~^$@]|^[-#+=:]|:(?=//)|(?<=www)\.", re.IGNORECASE)
NUMBERED = re.compile(r"^(\d{1,9})([.)])")
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
WORD = re.compile(r"[^\W\d_]+")
CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")


def escape(text: object) -> str:
    """Return a text of a file as Markdown that shows it and does nothing else, on one line."""
    line = " ".join("".join(char if char.isprintable() else " " for char in str(text)).split())
    marked = NUMBERED.sub(r"\1\\\2", MARKUP.sub(r"\\\g<0>", line))
    return "".join(ENTITIES.get(char, char) for char in marked)


def protected_columns(names: Iterable[str]) -> list[str]:
    """Return the columns whose names hold a word for an attribute that may be protected."""
    return [
        name for name in names if PROTECTED & {word.casefold() for word in WORD.findall(CAMEL.sub(" ", name))}
    ]


def model_card(report: Mapping[str, Any], *, name: str, version: int, created_at: str) -> str:
    """Return the model card of a version, in Markdown.

    Parameters
    ----------
    report
        From :func:`automl.reporting.document.make_document`, perhaps with ``cost``.
    name, version, created_at
        What the model is called, and when it was made (ISO 8601).
    """
    sections = [
        f"# {escape(name)}, version {version}\n\n{_summary(report, created_at)}",
        f"## Intended use\n\n{_use(report)}",
        f"## Data\n\n{_data(report)}",
        f"## How it was trained\n\n{_training(report)}",
        f"## How good it is\n\n{_metrics(report)}",
        *_each_class(report),
        f"## How sure it is\n\n{_sureness(report)}",
        f"## What its answers depend on\n\n{_importance(report)}",
        f"## Limits and warnings\n\n{_limits(report)}",
        *_ethics(report),
        f"## Versions\n\n{_versions(report)}",
        f"## How to call it\n\n{_call(report, name, version)}",
    ]
    return "\n\n".join(sections) + "\n"


def _summary(report: Mapping[str, Any], created_at: str) -> str:
    target = escape(report["target"])
    if report["task"] == CLASSIFICATION:
        what = f"one of {len(report['classes'])} classes of **{target}**"
    else:
        what = f"the number **{target}**"
    model = escape(report["model"]["name"])
    columns = _count(len(report["features"]), "column")
    return f"Predicts {what} from {columns}. {model}, made on {escape(created_at[:10])}."


def _use(report: Mapping[str, Any]) -> str:
    return (
        f"For rows like those of the training file: to estimate {escape(report['target'])} where it is not "
        "known yet, from columns that are known by then.\n\n"
        "Not for rows of another origin, time or population without checking it there first; not as the only "
        "ground of a decision about a person; not to say what would happen if a column were changed: it "
        "knows what goes together, not what causes what."
    )


def _data(report: Mapping[str, Any]) -> str:
    rows, split = report["rows"], report["split"]
    used = f"Rows: {rows['training'] + rows['holdout']:,} used, of which {rows['holdout']:,} were held out"
    items = [
        f"{used}; {rows['dropped']:,} dropped without a usable target.",
        f"Columns: {len(report['features'])} used, {len(report['dropped_columns'])} not used.",
        f"Target: {escape(report['target'])}{_labels(report)}.",
        f"SHA-256 of the file: {_code(report['data']['sha256'] or 'not recorded')}.",
        f"Holdout: {_code(split['holdout_id'] or 'not named')}.",
    ]
    lines = _items(items)
    if report["dropped_columns"]:
        pairs = [*report["dropped_columns"].items()]
        told = [f"{escape(column)}: {escape(reason)}" for column, reason in pairs[:SHOWN_DROPPED]]
        lines += f"\n\nNot used:\n\n{_items(told + _more(pairs, SHOWN_DROPPED))}"
    if report["recipe"] is not None:
        steps = [escape(sentence) for sentence in report["recipe"]["sentences"]]
        lines += "\n\nCleaned before training, and in the same way at prediction:\n\n"
        lines += (
            "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1)) or "1. (no step)"
        )
    return lines


def _labels(report: Mapping[str, Any]) -> str:
    if report["task"] != CLASSIFICATION:
        return ", a number"
    classes = report["classes"]
    told = ", ".join(escape(label) for label in classes[:SHOWN_FEATURES])
    return f", with the classes {told}{', ...' if len(classes) > SHOWN_FEATURES else ''}"


def _training(report: Mapping[str, Any]) -> str:
    split, kinds = report["split"], {"random": "at random, with the same mix of targets"}
    how = kinds.get(split["kind"]) or f"by the {split['kind']} column {escape(split['column'])}"
    cost = report.get("cost")
    metric, seconds = _metric(report["leaderboard"][0]["metric"]), report["seconds"]
    took = f"budget {seconds['budget']:g} s, used {seconds['used']:.0f} s, seed {split['seed']}"
    items = [
        f"Rows were split into {split['folds']} folds {how}; the last is the holdout, which chose nothing.",
        f"Chosen by {metric} in cross-validation; {took}.",
    ]
    if report["class_weights"]:
        told = ", ".join(
            f"{escape(label)}: {weight:.3g}" for label, weight in report["class_weights"].items()
        )
        items.append(
            f"Rows counted by class weights ({told}); probabilities are those of the file as it is, and the "
            "weights stand in the rule that picks the label."
        )
    if cost:
        items.append(f"Cost: about {cost['usd']:.4f} US dollars (an estimate: {escape(cost['basis'])})")
    rows = [
        (
            escape(row["model"]),
            f"{_number(row['mean'])} ± {_number(row['std'])}",
            f"{row['fit_seconds']:.1f}",
            "yes" if row["chosen"] else "",
        )
        for row in report["leaderboard"][:SHOWN_CANDIDATES]
    ]
    return f"{_items(items)}\n\n{_table(('Candidate', metric, 'Seconds', 'Served'), rows)}"


def _metrics(report: Mapping[str, Any]) -> str:
    metrics = report["metrics"]
    names = [name for name in METRICS if name in metrics["holdout"]]
    deciding = report["leaderboard"][0]["metric"]
    names = [deciding, *(name for name in names if name != deciding)]
    folds = metrics["cross_validation"]
    rows = [
        (
            _metric(name),
            f"{_number(folds.get(name))} ± {_number(folds.get(f'{name}_std'))}",
            _number(metrics["holdout"].get(name)),
            _number(metrics["baseline"].get(name)),
        )
        for name in names
    ]
    what = "the shares of the classes" if report["task"] == CLASSIFICATION else "the mean"
    said = (
        f"Cross-validation over {folds['folds']} folds with its spread (standard deviation), "
        f"the holdout of {report['split']['holdout_rows']:,} rows, and on these the naive answer: "
        f"{what}. The first figure decided."
    )
    return f"{_table(('Figure', 'Cross-validation', 'Holdout', 'Naive'), rows)}\n\n{said}"


def _each_class(report: Mapping[str, Any]) -> list[str]:
    if not report["per_class"]:
        return []
    entries = report["per_class"]
    rows = [
        (
            escape(entry["class"]),
            f"{entry['rows']:,}",
            _number(entry["precision"]),
            _number(entry["recall"]),
            _number(entry["f1"]),
        )
        for entry in entries[:SHOWN_CLASSES]
    ]
    said = "On the holdout, with the labels that the model answers."
    if report["positive_class"] is not None:
        said += f" The class that is looked for is {escape(report['positive_class'])}."
    table = _table(("Class", "Rows", "Precision", "Recall", "F1"), rows)
    return [f"## Each class\n\n{table}\n\n{said}"]


def _sureness(report: Mapping[str, Any]) -> str:
    interval, curves = report["interval"], report["curves"]
    if interval is not None:
        return (
            f"Each answer comes with an interval that is to cover {interval['coverage']:.0%} of the truths; "
            f"on the holdout it covered {interval['holdout_coverage']:.1%}, with a mean width of "
            f"{_number(interval['holdout_width'])}."
        )
    lines = [
        f"Of {escape(curve['class'])} the probability and the share of rows differ by "
        f"{curve['expected_error']:.1%} on average (expected calibration error on the holdout)."
        for curve in curves.get("calibration", [])
    ]
    threshold = (report["decision"] or {}).get("threshold")
    if threshold is not None and len(report["classes"]) == 2:
        label = escape(report["classes"][1])
        lines.append(f"{label} is answered from a probability of {threshold:.3g} on.")
    return _items(lines) if lines else "Too few rows of the classes were held out to say so."


def _importance(report: Mapping[str, Any]) -> str:
    importance = report["importance"]
    rows = [
        (escape(entry["feature"]), _number(entry["importance"]), f"{entry['share']:.0%}")
        for entry in importance["features"][:SHOWN_FEATURES]
    ]
    if not rows:
        return "Not measured: the time was too short."
    said = (
        f"By how much {_metric(importance['metric'])} becomes worse when the column is shuffled, on "
        f"{importance['rows']:,} rows of the holdout. Columns that say the same stand in for each other and "
        "look less important than they are."
    )
    return f"{_table(('Column', 'Importance', 'Share'), rows)}\n\n{said}"


def _limits(report: Mapping[str, Any]) -> str:
    items = [escape(warning) for warning in report["warnings"]]
    items += [escape(entry["reason"]) for entry in report["omitted"]]
    items.append(
        "Figures are of this file. Where rows change with time, they age: watch the drift of the inputs."
    )
    return _items(items)


def _ethics(report: Mapping[str, Any]) -> list[str]:
    found = protected_columns([feature["name"] for feature in report["features"]])
    if not found:
        return []
    names = ", ".join(escape(name) for name in found[:SHOWN_DROPPED])
    said = (
        f"The names of these columns suggest attributes of persons that law or ethics may protect: {names}. "
        "They were found by name only, so they may mean something else, and others may stand for such "
        "attributes without saying so. Whether the model treats groups of persons alike has not been "
        "measured: compare its errors between groups before it counts in decisions about persons, or train "
        "without them."
    )
    return [f"## Attributes that may be protected\n\n{said}"]


def _versions(report: Mapping[str, Any]) -> str:
    return _items([f"{escape(name)} {escape(number)}" for name, number in report["libraries"].items()])


def _call(report: Mapping[str, Any], name: str, version: int) -> str:
    # JSON without any character that the shell or Markdown would read as its own.
    body = json.dumps({"instances": [report["example"]]})
    for char in "'`<>&":
        body = body.replace(char, f"\\u{ord(char):04x}")
    path = re.sub(r"[^A-Za-z0-9._~-]", "", name)
    lines = [
        f'curl -X POST "$CSV_ANALYZER_URL/models/{path}/predict?version={version}" \\',
        '  -H "Authorization: $CSV_ANALYZER_TOKEN" -H "Content-Type: application/json" \\',
        f"  -d '{body}'",
    ]
    return "```sh\n" + "\n".join(lines) + "\n```"


def _metric(name: str) -> str:
    plain = name.removeprefix("weighted_")
    said = METRICS.get(plain, plain.replace("_", " ").capitalize())
    return f"{said}, rows weighted" if plain != name else said


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _code(text: str) -> str:
    return f"`{text}`"


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _more(entries: Sequence[Any], shown: int) -> list[str]:
    return [f"and {len(entries) - shown} more"] if len(entries) > shown else []


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
