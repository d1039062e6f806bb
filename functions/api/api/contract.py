"""What a route says of its answers: ``responses=contract.found(View)``; and the contract as it is served.

Said here is what only the route knows: what a success holds, and which problems are its own. What follows
from the kind of route (401 and 403 from its role, 404 from a path parameter, 413, 415 and 422 from a body,
429 and all 5xx from the gateway) is added by :mod:`api.openapi`, which writes ``openapi.json``.
"""

from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aws_lambda_powertools.event_handler.openapi.swagger_ui import generate_swagger_html
from pydantic import BaseModel

DOCUMENT: Final = Path(__file__).parents[1] / "openapi.json"
type Responses = dict[int, Any]


def found(model: type[BaseModel], *problems: int) -> Responses:
    """Responses of a route that answers 200 with a model."""
    return {200: _content(model, "Found."), **_own(*problems)}


def shown(model: type[BaseModel]) -> Responses:
    """Responses of a route that answers 200 with a model, or 409 where it is not ready."""
    return found(model, 409)


def changed(model: type[BaseModel]) -> Responses:
    """Responses of a route that answers 200 to a change, or 409 where it can't be made."""
    return {200: _content(model, "Changed."), **_own(409)}


def counted(model: type[BaseModel]) -> Responses:
    """Responses of a route that answers 200 to what it counts, or 409 where it can't."""
    return {200: _content(model, "Counted."), **_own(409)}


def downloadable(model: type[BaseModel]) -> Responses:
    """Responses of a route that answers 200 with where to download, or 409 with why not."""
    return {200: _content(model, "Signed."), **_own(409)}


def document(description: str, model: type[BaseModel] | None = None) -> Responses:
    """Responses of a route that answers 200 with a stored document, or 409 where there is none yet.

    The model describes the document for readers of the contract; the stored one is answered as it is.
    """
    content: dict[str, Any] = {"schema": {"type": "object"}} if model is None else {"model": model}
    return {200: {"description": description, "content": {"application/json": content}}, **_own(409)}


def text(media: str, description: str) -> Responses:
    """Responses of a route that answers 200 with a text, or 409 where there is none yet."""
    content = {media: {"schema": {"type": "string"}}}
    return {200: {"description": description, "content": content}, **_own(409)}


def created(model: type[BaseModel], *problems: int) -> Responses:
    """Responses of a route that answers 201."""
    return {201: _content(model, "Created."), **_own(*problems)}


def accepted(model: type[BaseModel], *problems: int) -> Responses:
    """Responses of a route that answers 202, or 409 where it can't be done now."""
    return {202: _content(model, "Accepted."), **_own(409, *problems)}


def openapi_json() -> str:
    """The contract as JSON text, as it is committed."""
    return DOCUMENT.read_text("utf-8")


def swagger_page() -> str:
    """Swagger UI in one page that loads nothing from elsewhere."""
    assets = files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    return generate_swagger_html(
        spec=openapi_json().replace("</", "<\\/"),
        swagger_js=assets.joinpath("swagger-ui-bundle.min.js").read_text("utf-8"),
        swagger_css=assets.joinpath("swagger-ui.min.css").read_text("utf-8"),
        swagger_base_url="",
        oauth2_config=None,
    )


def _content(model: type[BaseModel], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"model": model}}}


def _own(*statuses: int) -> Responses:
    return {status: {"description": "Problem."} for status in statuses}
