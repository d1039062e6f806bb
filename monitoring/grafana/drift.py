"""Dashboard "Drift and data quality": drift of inputs and answers, unusual rows, datasets."""

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.timeseries import Panel as Timeseries

from csv_analyzer.metrics import Metric
from csv_analyzer.quality import TOLERATED_SHARE
from monitoring.grafana.panels import Line, Shown, board, graph, number
from monitoring.grafana.series import SERVICE, highest, in_range, in_step, or_zero, ours
from scoring.drift.report import DRIFTED_INDEX, WATCH_INDEX

# The drift function runs once an hour: what it said last holds until the next run.
_LATEST = "2h"


def drift() -> Dashboard:
    """Build the dashboard."""
    return board(
        "csv-analyzer-drift",
        "Drift and data quality",
        "Whether models in production still see what they were trained on, and what was wrong with data.",
        [
            ("Now", _now()),
            ("Drift", _drift()),
            ("Live quality", _outcomes()),
            ("Unusual rows", _rows()),
            ("Datasets and recipes", _datasets()),
        ],
        since="now-7d",
    )


def _now() -> list[Stat]:
    return [
        number(
            Shown(
                "Worst index of stability",
                "The largest population stability index of all features of models in production.",
                warn=WATCH_INDEX,
                alarm=DRIFTED_INDEX,
                runbook="ModelsDrifted",
                decimals=2,
            ),
            Line(highest(ours(Metric.DRIFT_WORST_INDEX, "Maximum"), window=_LATEST), "worst"),
            width=5,
        ),
        number(
            Shown(
                "Drifted models",
                "Models in production with a drifted feature or drifted answers, at the last runs.",
                alarm=1,
                runbook="ModelsDrifted",
            ),
            Line(highest(ours(Metric.DRIFTED_MODELS, "Maximum"), window=_LATEST), "models"),
            width=5,
        ),
        number(
            Shown(
                "Models worse on outcomes",
                "Models in production that are worse on actual outcomes than on their holdout.",
                alarm=1,
                runbook="ModelsWorseLive",
            ),
            Line(highest(ours(Metric.MODELS_WORSE_LIVE, "Maximum"), window=_LATEST), "models"),
            width=5,
        ),
        number(
            Shown(
                "Datasets that failed",
                "In the range: files that could not be read as a table; their owners were told why.",
                warn=1,
            ),
            Line(or_zero(in_range(ours(Metric.DATASETS_FAILED))), "datasets"),
            width=5,
        ),
        number(
            Shown(
                "Minutes not observed",
                "In the range: minutes whose counts could not be written, so that drift does not see them.",
                warn=1,
                runbook="ObservationsFailing",
            ),
            Line(or_zero(in_range(ours(Metric.OBSERVATIONS_FAILED))), "minutes"),
            width=4,
        ),
    ]


def _drift() -> list[Timeseries]:
    return [
        graph(
            Shown(
                "Index of stability, worst feature",
                f"Population stability index: below {WATCH_INDEX} fine, from {DRIFTED_INDEX} on act. "
                "A model may drift below it: levels, missing and unseen values are judged on their own.",
                warn=WATCH_INDEX,
                alarm=DRIFTED_INDEX,
                runbook="ModelsDrifted",
            ),
            Line(highest(ours(Metric.DRIFT_WORST_INDEX, "Maximum")), "worst"),
        ),
        graph(
            Shown(
                "Features and models that drifted",
                "At each hourly run. Which they are: GET /models/{name}/drift of the owner.",
                alarm=1,
                runbook="ModelsDrifted",
            ),
            Line(highest(ours(Metric.DRIFTED_FEATURES, "Maximum")), "features"),
            Line(highest(ours(Metric.DRIFTED_MODELS, "Maximum")), "models"),
        ),
        graph(
            Shown("Rows observed by service", "Rows that were counted for drift; no value is kept."),
            Line(in_step(ours(Metric.OBSERVED_ROWS), SERVICE), f"{{{{{SERVICE}}}}}"),
        ),
        graph(
            Shown(
                "Observations folded and refused",
                "Counts that the drift function took over, and those that did not fit their model.",
            ),
            Line(in_step(ours(Metric.OBSERVATIONS_FOLDED)), "folded"),
            Line(in_step(ours(Metric.OBSERVATIONS_REFUSED)), "refused"),
            width=12,
        ),
        graph(
            Shown(
                "Observations not written",
                "Minutes in which predict or batch could not write what it counted.",
                alarm=1,
                runbook="ObservationsFailing",
            ),
            Line(in_step(ours(Metric.OBSERVATIONS_FAILED), SERVICE), f"{{{{{SERVICE}}}}}"),
            width=12,
        ),
    ]


def _outcomes() -> list[Timeseries]:
    return [
        graph(
            Shown(
                "Lift lost on outcomes, worst model",
                "Share of its lift over the naive baseline that a model in production lost; 1 is all of it. "
                f"Below {TOLERATED_SHARE} nobody is told.",
                warn=TOLERATED_SHARE,
                runbook="ModelsWorseLive",
                decimals=2,
            ),
            Line(highest(ours(Metric.LIVE_QUALITY_LOSS, "Maximum")), "worst"),
            width=8,
        ),
        graph(
            Shown(
                "Models worse on outcomes, by run",
                "At each hourly run. Which they are: GET /models/{name}/drift of the owner.",
                alarm=1,
                runbook="ModelsWorseLive",
            ),
            Line(highest(ours(Metric.MODELS_WORSE_LIVE, "Maximum")), "models"),
            width=8,
        ),
        graph(
            Shown("Outcomes received", "Actual outcomes that clients posted; no value of one is kept."),
            Line(in_step(ours(Metric.OUTCOMES_RECEIVED)), "outcomes"),
            width=8,
        ),
    ]


def _rows() -> list[Timeseries]:
    return [
        graph(
            Shown(
                "Unseen categories",
                "Values of a category that training never saw; the answer carries a warning.",
            ),
            Line(in_step(ours(Metric.UNSEEN_CATEGORIES), SERVICE), f"{{{{{SERVICE}}}}}"),
            width=12,
        ),
        graph(
            Shown(
                "Numbers out of range",
                "Numbers outside of those that training saw; the answer carries a warning.",
            ),
            Line(in_step(ours(Metric.OUT_OF_RANGE), SERVICE), f"{{{{{SERVICE}}}}}"),
            width=12,
        ),
    ]


def _datasets() -> list[Timeseries]:
    return [
        graph(
            Shown("Datasets by outcome", "Files that were analyzed, and those that could not be read."),
            Line(in_step(ours(Metric.DATASETS_READY)), "ready"),
            Line(in_step(ours(Metric.DATASETS_FAILED)), "failed"),
            width=12,
        ),
        graph(
            Shown("Recipes by outcome", "Cleaning recipes that were applied, and those that failed."),
            Line(in_step(ours(Metric.RECIPES_READY)), "ready"),
            Line(in_step(ours(Metric.RECIPES_FAILED)), "failed"),
            width=12,
        ),
    ]
