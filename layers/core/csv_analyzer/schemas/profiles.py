"""Shapes of profiles, as the contract describes them: the engine writes them, the API passes them on."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class ColumnProfile(BaseModel):
    """One column; what else it has depends on its type."""

    model_config = ConfigDict(extra="allow")

    name: str
    type: Literal["numeric", "boolean", "categorical", "date", "text"]
    missing: Annotated[int, Field(ge=0)]
    missing_share: Annotated[float, Field(ge=0, le=1)]
    distinct: Annotated[int, Field(ge=0)]
    confidence: Annotated[float, Field(ge=0, le=1, description="How sure it is that the type is right.")]


class ProfileWarning(BaseModel):
    """Something odd about a column or the whole table, with the figures behind it."""

    column: Annotated[str | None, Field(description="Null where it is about the table.")]
    code: str
    message: str
    evidence: dict[str, Any]


class TargetProfile(BaseModel):
    """What goes with the column to predict."""

    name: str
    classes: Annotated[bool, Field(description="Whether its values are classes.")]
    associations: Annotated[list[dict[str, Any]], Field(description="Of every column, the strongest first.")]


class Profile(BaseModel):
    """What the analysis found in a file."""

    model_config = ConfigDict(extra="allow")

    rows: int
    columns: list[ColumnProfile]
    missing_cells: int
    duplicate_rows: int
    correlations: Annotated[list[dict[str, Any]], Field(description="The strongest pairs of columns.")]
    target: Annotated[TargetProfile | None, Field(description="Null where no target was named.")]
    warnings: list[ProfileWarning]
    file: Annotated[
        dict[str, Any], Field(description="How the file was read: encoding, delimiter and others.")
    ]


class InstanceSchema(BaseModel):
    """JSON Schema (draft 2020-12) of one instance."""

    model_config = ConfigDict(extra="allow")

    type: Literal["object"]
    properties: Annotated[dict[str, dict[str, Any]], Field(description="A schema for each feature.")]
    required: list[str]
    examples: list[dict[str, Any]]
