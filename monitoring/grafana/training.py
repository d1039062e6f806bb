"""Dashboard "Training and models": trainings, models, stages, exports, batches, tracking."""

from typing import Final

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.timeseries import Panel as Timeseries

from csv_analyzer.metrics import Metric
from monitoring.grafana.panels import Line, Shown, board, graph, number
from monitoring.grafana.series import SERVICE, highest, in_range, in_step, lowest, or_zero, ours

_SERVICE_LEGEND: Final = f"{{{{{SERVICE}}}}}"


def training() -> Dashboard:
    """Build the dashboard."""
    return board(
        "csv-analyzer-training",
        "Training and models",
        "What was trained, how good it is, what went into production and what batches did with it.",
        [
            ("Now", _now()),
            ("Trainings", _trainings()),
            ("Models", _models()),
            ("Batches", _batches()),
            ("MLflow", _tracking()),
        ],
        since="now-24h",
    )


def _now() -> list[Stat]:
    succeeded = or_zero(in_range(ours(Metric.TRAININGS_SUCCEEDED)))
    failed = or_zero(in_range(ours(Metric.TRAININGS_FAILED)))
    return [
        number(Shown("Trainings that succeeded", "In the range."), Line(succeeded, "succeeded")),
        number(
            Shown(
                "Share of trainings that failed",
                "Of those that ended by themselves; empty where none did.",
                unit="percentunit",
                warn=0.05,
                alarm=0.2,
                runbook="TrainingsFailing",
                decimals=1,
            ),
            Line(f"({failed}) / ((({succeeded}) + ({failed})) > 0)", "failed"),
        ),
        number(
            Shown(
                "Longest wait for a training",
                "The oldest message that the train function took up in the range.",
                unit="s",
                warn=900,
                alarm=3600,
                runbook="QueueWaiting",
            ),
            Line(
                highest(ours(Metric.QUEUE_SECONDS, "Maximum", f'{SERVICE}="train"'), window="$__range"),
                "longest",
            ),
        ),
        number(
            Shown(
                "Lowest lift in the range",
                "Share of the baseline's loss that the worst new model takes away; 0 is no better.",
                unit="percentunit",
                warn=0.1,
                alarm=0,
                low=True,
                runbook="ModelMuchWorse",
                decimals=1,
            ),
            Line(lowest(ours(Metric.MODEL_LIFT, "Minimum"), window="$__range"), "lowest"),
        ),
        number(
            Shown(
                "Versions much worse than production",
                "New versions with less than half of the lift of the one in production.",
                alarm=1,
                runbook="ModelMuchWorse",
            ),
            Line(or_zero(in_range(ours(Metric.MODELS_MUCH_WORSE))), "versions"),
        ),
        number(
            Shown(
                "Promotions refused in the range",
                "The gate kept a version out of a stage.",
                warn=1,
                runbook="GateRefusals",
            ),
            Line(or_zero(in_range(ours(Metric.GATE_REFUSALS))), "refusals"),
        ),
    ]


def _trainings() -> list[Timeseries]:
    return [
        graph(
            Shown(
                "Trainings by outcome",
                "In each step. A failed one says to its owner why; a cancelled one was ended by its owner.",
                runbook="TrainingsFailing",
            ),
            Line(in_step(ours(Metric.TRAININGS_SUCCEEDED)), "succeeded"),
            Line(in_step(ours(Metric.TRAININGS_FAILED)), "failed"),
            Line(in_step(ours(Metric.TRAININGS_CANCELLED)), "cancelled"),
            stacked=True,
        ),
        graph(
            Shown(
                "Faults of the engine",
                "No model could be fitted, or the stored one differed; the log of train has the trace.",
                alarm=1,
                runbook="EngineFaults",
            ),
            Line(in_step(ours(Metric.ENGINE_FAULTS)), "faults"),
        ),
        graph(
            Shown("Duration of trainings", "Mean and longest of each step.", unit="s"),
            Line(highest(ours(Metric.TRAINING_SECONDS, "Average")), "mean"),
            Line(highest(ours(Metric.TRAINING_SECONDS, "Maximum")), "longest"),
        ),
        graph(
            Shown(
                "Wait in the queue by service",
                "Age of the oldest message taken up in each step.",
                unit="s",
                warn=900,
                alarm=3600,
                runbook="QueueWaiting",
            ),
            Line(highest(ours(Metric.QUEUE_SECONDS, "Maximum"), SERVICE), _SERVICE_LEGEND),
            width=12,
        ),
        graph(
            Shown(
                "Budget used",
                "Share of the budget of time that a training used; at 100 % the search was cut short.",
                unit="percentunit",
                most=1,
            ),
            Line(highest(ours(Metric.BUDGET_USED, "Average")), "mean"),
            Line(highest(ours(Metric.BUDGET_USED, "Maximum")), "most"),
            width=12,
        ),
    ]


def _models() -> list[Timeseries]:
    return [
        graph(
            Shown(
                "Lift of new models",
                "Share of the baseline's loss that a model takes away on its holdout; 0 is no better.",
                unit="percentunit",
                least=None,
                most=1,
                runbook="ModelMuchWorse",
            ),
            Line(highest(ours(Metric.MODEL_LIFT, "Average")), "mean"),
            Line(lowest(ours(Metric.MODEL_LIFT, "Minimum")), "worst"),
        ),
        graph(
            Shown(
                "New versions much worse",
                "Versions with less than half of the lift of the one in production.",
                alarm=1,
                runbook="ModelMuchWorse",
            ),
            Line(in_step(ours(Metric.MODELS_MUCH_WORSE)), "versions"),
        ),
        graph(
            Shown(
                "Stages changed and refused",
                "Versions that went to another stage, and those that the gate kept out.",
                runbook="GateRefusals",
            ),
            Line(in_step(ours(Metric.STAGES_CHANGED)), "changed"),
            Line(in_step(ours(Metric.GATE_REFUSALS)), "refused"),
        ),
        graph(
            Shown(
                "ONNX files not written",
                "The version has no ONNX file: see 'the ONNX export failed' in the train function's log.",
                alarm=1,
            ),
            Line(in_step(ours(Metric.EXPORTS_FAILED)), "failed"),
            width=24,
        ),
    ]


def _batches() -> list[Timeseries]:
    return [
        graph(
            Shown(
                "Batches by outcome",
                "Continued: one more invocation of a long batch.",
            ),
            Line(in_step(ours(Metric.BATCHES_SUCCEEDED)), "succeeded"),
            Line(in_step(ours(Metric.BATCHES_FAILED)), "failed"),
            Line(in_step(ours(Metric.BATCHES_CONTINUED)), "continued"),
        ),
        graph(
            Shown("Rows in batches", "Rows scored in each step."),
            Line(in_step(ours(Metric.BATCH_ROWS)), "rows"),
        ),
        graph(
            Shown(
                "Share of batch rows with an error",
                "Rows that could not be scored; they are in the batch's file of errors.",
                unit="percentunit",
                warn=0.05,
                most=1,
            ),
            Line(
                f"{in_step(ours(Metric.BATCH_ROW_ERRORS))} / ({in_step(ours(Metric.BATCH_ROWS))} > 0)",
                "errors",
            ),
        ),
    ]


def _tracking() -> list[Timeseries]:
    return [
        graph(
            Shown("Runs logged in MLflow", "And stages copied to it."),
            Line(in_step(ours(Metric.TRACKING_LOGGED)), "runs"),
            Line(in_step(ours(Metric.STAGES_MIRRORED)), "stages"),
            width=12,
        ),
        graph(
            Shown(
                "MLflow could not be reached",
                "It is tried again; the service does not wait for it.",
                alarm=1,
            ),
            Line(in_step(ours(Metric.TRACKING_FAILED)), "failed"),
            width=12,
        ),
    ]
