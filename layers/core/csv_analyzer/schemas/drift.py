"""Shapes of the drift of a version."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from csv_analyzer.schemas.outcomes import QualityView

Status = Literal["ok", "watch", "drifted"]


class Bin(BaseModel):
    """A bin: ``missing`` values, one ``value``, all ``others``, or numbers ``from`` and ``below`` some."""

    model_config = ConfigDict(extra="allow")

    training: Annotated[float, Field(description="Share of the training's rows.")]
    observed: Annotated[float, Field(description="Share of the rows that were scored.")]


class Share(BaseModel):
    """A share of rows beside the one that was to be expected."""

    expected: float
    observed: float


class DriftFinding(BaseModel):
    """Something about a feature that the shares of its bins do not tell by themselves."""

    code: Literal["missing", "unseen", "out_of_range", "date_moves_on"]
    message: str


class Distribution(BaseModel):
    """How far a distribution is from that of the training."""

    status: Status
    psi: Annotated[float, Field(ge=0, description="Population stability index.")]
    psi_by_chance: Annotated[float, Field(ge=0, description="What it reaches without any drift.")]
    js_distance: Annotated[float, Field(ge=0, le=1, description="Jensen-Shannon distance.")]
    superiority: Annotated[
        float | None,
        Field(ge=0, le=1, description="Probability that a row is above one of the training; 0.5: not moved."),
    ] = None
    superiority_by_chance: Annotated[
        float | None, Field(ge=0, description="How far from 0.5 it comes without any drift.")
    ] = None
    bins: Annotated[list[Bin], Field(description="Of the 50 worst features.")]


class FeatureDrift(Distribution):
    """How far a feature is from the training."""

    feature: str
    type: Literal["numeric", "boolean", "date", "categorical", "text"]
    missing: Share | None = None
    unseen: Annotated[Share | None, Field(description="Categories that training never saw.")] = None
    out_of_range: Annotated[Share | None, Field(description="Numbers and dates beyond the training.")] = None
    findings: list[DriftFinding]


class WorstFeature(BaseModel):
    """The feature that moved the most."""

    feature: str
    psi: float
    status: Status


class DriftWindow(BaseModel):
    """What was scored in some days up to the last one, in UTC."""

    days: int
    first_day: str
    last_day: str
    rows: int
    status: Literal["ok", "watch", "drifted", "too_few"]
    features_by_status: Annotated[dict[str, int], Field(description="How many features have which status.")]
    worst: WorstFeature | None
    features: Annotated[list[FeatureDrift], Field(description="The 200 worst, the worst first.")]
    predictions: Distribution | None


class ResponseTimes(BaseModel):
    """Milliseconds within which a share of the requests was answered; null: none was, or it took longer."""

    p50: Annotated[int | None, Field(description="Half of them.")]
    p95: Annotated[int | None, Field(description="19 of 20.")]


class TrafficOfDay(BaseModel):
    """What a version was asked on one day, in UTC. Requests that were refused are not counted."""

    date: str
    rows: Annotated[int, Field(description="Rows scored, those of batch jobs among them.")]
    requests: Annotated[int, Field(description="Requests answered; a batch job is none.")]
    milliseconds: ResponseTimes


class DriftView(BaseModel):
    """Whether what a version is asked about has moved away from what it learned from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "houses",
                    "version": 1,
                    "stage": "production",
                    "status": "drifted",
                    "statement": "In 7 days 1,200 rows were scored. 1 feature drifted.",
                    "computed_at": "2026-03-31T12:00:00.000Z",
                    "window_days": 7,
                    "thresholds": {
                        "psi": {"watch": 0.1, "drifted": 0.25},
                        "superiority": {"watch": 0.06, "drifted": 0.09},
                        "share": {"watch": 0.05, "drifted": 0.1},
                        "minimum_rows": 100,
                        "false_alarms": 0.001,
                    },
                    "windows": [
                        {
                            "days": 7,
                            "first_day": "2026-03-25",
                            "last_day": "2026-03-31",
                            "rows": 1200,
                            "status": "drifted",
                            "features_by_status": {"ok": 0, "watch": 0, "drifted": 1},
                            "worst": {"feature": "rooms", "psi": 0.62, "status": "drifted"},
                            "features": [
                                {
                                    "feature": "rooms",
                                    "type": "numeric",
                                    "status": "drifted",
                                    "psi": 0.62,
                                    "psi_by_chance": 0.02,
                                    "js_distance": 0.27,
                                    "superiority": 0.675,
                                    "superiority_by_chance": 0.04,
                                    "missing": {"expected": 0.0, "observed": 0.0},
                                    "out_of_range": {"expected": 0.001, "observed": 0.0},
                                    "findings": [],
                                    "bins": [
                                        {"from": None, "below": 3.0, "training": 0.5, "observed": 0.15},
                                        {"from": 3.0, "below": None, "training": 0.5, "observed": 0.85},
                                    ],
                                }
                            ],
                            "predictions": {
                                "status": "ok",
                                "psi": 0.01,
                                "psi_by_chance": 0.02,
                                "js_distance": 0.04,
                                "superiority": 0.51,
                                "superiority_by_chance": 0.04,
                                "bins": [],
                            },
                        }
                    ],
                    "traffic": [
                        {
                            "date": "2026-03-31",
                            "rows": 1200,
                            "requests": 240,
                            "milliseconds": {"p50": 5, "p95": 20},
                        }
                    ],
                    "quality": {
                        "status": "worse",
                        "statement": "In 7 days 300 outcomes came back. mae is 2.61e+04; on the holdout it "
                        "was 1.721e+04: worse than chance explains.",
                        "metric": "rmse",
                        "window_days": 7,
                        "thresholds": {
                            "minimum_outcomes": 100,
                            "share_of_lift": 0.1,
                            "false_alarms": 0.001,
                        },
                        "training": {
                            "rows": 292,
                            "figures": {"mae": 17210.4, "rmse": 28871.9, "r2": 0.868, "bias": 312.5},
                            "classes": [],
                        },
                        "windows": [
                            {
                                "days": 7,
                                "first_day": "2026-03-25",
                                "last_day": "2026-03-31",
                                "outcomes": 300,
                                "status": "worse",
                                "figures": {"mae": 26100.2, "rmse": 35502.8, "r2": 0.79, "bias": -14870.3},
                                "classes": [],
                                "compared": [
                                    {
                                        "metric": "mae",
                                        "status": "worse",
                                        "live": 26100.2,
                                        "low": 23377.1,
                                        "high": 28823.3,
                                        "training": 17210.4,
                                        "baseline": 55432.7,
                                        "loss": 8889.8,
                                        "loss_at_least": 2795.6,
                                        "lift_lost": 0.233,
                                    }
                                ],
                            }
                        ],
                        "by_day": [
                            {
                                "date": "2026-03-31",
                                "outcomes": 300,
                                "figures": {"mae": 26100.2, "rmse": 35502.8, "r2": 0.79, "bias": -14870.3},
                            }
                        ],
                    },
                }
            ]
        }
    )

    model: str
    version: int
    stage: str
    status: Annotated[
        Literal["ok", "watch", "drifted", "too_few", "not_measured"],
        Field(description="`not_measured`: the version was trained before drift was; train it again."),
    ]
    statement: str
    computed_at: Annotated[str | None, Field(description="Every hour; null before the first time.")]
    window_days: Annotated[int | None, Field(description="The window that decided the status.")]
    thresholds: Annotated[dict[str, Any], Field(description="What makes a status.")]
    windows: list[DriftWindow]
    traffic: Annotated[list[TrafficOfDay], Field(description="Of the last 30 days, oldest first.")] = []
    quality: Annotated[QualityView, Field(description="On what came true of its predictions; as of now.")]
