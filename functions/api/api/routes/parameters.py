"""Parameters that several routes take."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

PageSize = Annotated[int, Query(ge=1, le=100, description="Most items of a page.")]
After = Annotated[str | None, Query(pattern="^[0-9a-z_-]{1,64}$", description="`next` of the page before.")]
VersionNumber = Annotated[int | None, Query(ge=1, le=999_999, description="In production if absent.")]
