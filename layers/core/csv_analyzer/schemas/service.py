"""Shapes of what the service says of itself."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: Annotated[list[dict[str, Any]] | None, Field(description="Every fault of the input.")] = None
    retry_after: Annotated[
        int | None, Field(description="Seconds; with 429, and as the header Retry-After.")
    ] = None


class Health(BaseModel):
    """The service is alive."""

    status: Literal["ok"]
