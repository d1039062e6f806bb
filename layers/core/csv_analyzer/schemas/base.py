"""What requests and answers of several routes have in common."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ModelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
ColumnName = Annotated[str, Field(min_length=1, max_length=300)]
Task = Literal["auto", "classification", "regression"]


class Request(BaseModel):
    """A request: unknown fields and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Reason(BaseModel):
    """Why something failed: a stable code and a sentence that says what to do."""

    code: str
    message: str


class Upload(BaseModel):
    """Where and with which form fields to post the file; the field `file` comes last."""

    kind: Literal["form"] = "form"
    url: str
    fields: dict[str, str]
    expires_in_seconds: int
