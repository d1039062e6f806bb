"""Shapes of actual outcomes, and of the quality that they show."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from csv_analyzer.schemas.base import Request
from csv_analyzer.schemas.registry import VersionNumber

MAX_OUTCOMES = 1000


def _text_or_number(value: object) -> object:
    """Refuse what no model answers, in one fault; if a class or a number is due, the model says."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PydanticCustomError("answer_type", "This must be a class, as text, or a number.")
    return value


_Answer = Annotated[
    Any,
    AfterValidator(_text_or_number),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}], "examples": [210100.0]}),
]


class Outcome(Request):
    """What was predicted, and what came true: two classes of the model, or two numbers."""

    prediction: Annotated[_Answer, Field(description="As the version answered it.")]
    actual: Annotated[_Answer, Field(description="What came true.")]


class OutcomesRequest(Request):
    """Outcomes of some predictions of one version, under an id of the client's own."""

    id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._:-]{1,128}$",
            description="Names these outcomes among those of the model: sent again for 40 days, they are not "
            "counted again.",
            examples=["orders-2026-03-31-1"],
        ),
    ]
    version: Annotated[
        VersionNumber | None, Field(description="Which version predicted; the one in production if null.")
    ] = None
    outcomes: Annotated[list[Outcome], Field(min_length=1, max_length=MAX_OUTCOMES)]


class OutcomesView(BaseModel):
    """Outcomes that are counted. They are not kept themselves."""

    id: Annotated[str, Field(examples=["orders-2026-03-31-1"])]
    model: str
    version: int
    date: Annotated[str, Field(description="The day, in UTC, that they count for.", examples=["2026-03-31"])]
    outcomes: Annotated[int, Field(ge=1, description="How many.", examples=[1])]
    counted: Annotated[bool, Field(description="False if they were counted before.", examples=[True])]


Figures = dict[str, float | None]


class ClassQuality(BaseModel):
    """How good a classifier is at one of its classes."""

    label: Annotated[str, Field(alias="class")]
    outcomes: Annotated[int, Field(description="How often it came true.")]
    predicted: Annotated[int, Field(description="How often it was predicted.")]
    precision: float
    recall: float
    f1: float


class TrainingQuality(BaseModel):
    """What the version had on its holdout."""

    rows: Annotated[int, Field(description="Rows of the holdout.")]
    figures: Figures
    classes: list[ClassQuality]


class Comparison(BaseModel):
    """A figure beside that of the holdout; of balanced accuracy both are of the classes that came true."""

    metric: Literal["accuracy", "balanced_accuracy", "mae"]
    status: Literal["worse", "as_expected"]
    live: float
    low: Annotated[float, Field(description="With `high` the interval of `live`, for 95 of 100.")]
    high: float
    training: float
    baseline: Annotated[float | None, Field(description="Of the naive baseline on the holdout.")]
    loss: Annotated[float, Field(description="How much worse it is; below 0 better.")]
    loss_at_least: Annotated[float, Field(description="What is lost beyond chance; below 0 maybe nothing.")]
    lift_lost: Annotated[
        float | None,
        Field(ge=-1000, le=1000, description="`loss` as a share of what the baseline is beaten by."),
    ]


class QualityWindow(BaseModel):
    """What came true in some days up to the last one, in UTC."""

    days: int
    first_day: str
    last_day: str
    outcomes: int
    status: Literal["worse", "as_expected", "too_few", "not_comparable"]
    figures: Annotated[Figures, Field(description="Metrics that counts tell; `bias` above 0 is too high.")]
    classes: list[ClassQuality]
    compared: Annotated[list[Comparison], Field(description="The worst first; empty if too few.")]


class QualityOfDay(BaseModel):
    """Outcomes that came in on one day, in UTC."""

    date: str
    outcomes: int
    figures: Figures


class QualityView(BaseModel):
    """How good a version is on outcomes that were posted, beside its holdout."""

    status: Annotated[
        Literal["worse", "as_expected", "too_few", "not_comparable"],
        Field(description="`not_comparable`: the version has no figures of its holdout."),
    ]
    statement: str
    metric: Annotated[str, Field(description="What the version was chosen by; a live one may not exist.")]
    window_days: Annotated[int | None, Field(description="The window that decided the status.")]
    thresholds: Annotated[dict[str, Any], Field(description="What makes a status.")]
    training: TrainingQuality
    windows: list[QualityWindow]
    by_day: Annotated[list[QualityOfDay], Field(description="The last 30 days, oldest first.")]
