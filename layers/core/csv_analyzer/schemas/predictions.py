"""Shapes of predictions."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from csv_analyzer.schemas.base import Request


class PredictRequest(Request):
    """Rows to predict: one object per row, a value per feature of the model's schema."""

    instances: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)]
    strict: Annotated[
        bool,
        Field(description="Refuse what else is a warning: values that training never saw."),
    ] = False
    explain: Annotated[
        bool,
        Field(description="Give reasons with each answer, for at most 10 instances; fewer of a wide table."),
    ] = False


class PredictionInterval(BaseModel):
    """Where the true number lies, for a share `coverage` of all rows like those of the training."""

    low: float
    high: float
    coverage: Annotated[float, Field(gt=0, lt=1)]


class Contribution(BaseModel):
    """What one feature adds to the base value; texts are cut at 100 characters."""

    feature: str
    value: Annotated[str | float | bool | None, Field(description="As the model read it.")]
    contribution: float


class Reasons(BaseModel):
    """Why this answer: the base value and all contributions add up to what is explained.

    They are Shapley values, estimated where more than a few features differ from those of a typical row; they
    describe the model and name no causes.
    """

    explained_class: Annotated[
        str | None,
        Field(alias="class", description="Its probability is explained; absent where a number is."),
    ] = None
    base: Annotated[float, Field(description="The mean answer for a few typical rows of the training.")]
    contributions: Annotated[list[Contribution], Field(description="Of every feature, the largest first.")]


class Prediction(BaseModel):
    """Prediction for one instance: a class with the probability of each, or a number with its interval."""

    prediction: str | float
    probabilities: dict[str, float] | None = None
    interval: PredictionInterval | None = None
    reasons: Reasons | None = None


class PredictWarning(BaseModel):
    """A value that was accepted though training never saw the like."""

    instance: Annotated[int, Field(ge=0, description="Position among the instances, from 0.")]
    feature: str
    code: Literal["out_of_range", "unseen_category"]
    message: str


class PredictResponse(BaseModel):
    """Predictions in the order of the instances, and the version that made them."""

    model: str
    version: int
    stage: Literal["staging", "production"]
    warnings: Annotated[list[PredictWarning], Field(max_length=100, description="The first 100.")]
    warnings_total: Annotated[int, Field(ge=0)]
    predictions: list[Prediction]
