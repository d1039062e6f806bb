"""The OpenAPI contract, generated from the routes, and the page that shows it."""

import json
from importlib.resources import files
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.swagger_ui import generate_swagger_html
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.recipes import json_schema
from csv_analyzer import __version__
from csv_analyzer.catalog import SERVING_STAGES, Stage
from csv_analyzer.roles import Role
from csv_analyzer.schemas.datasets import UploadRequest
from csv_analyzer.schemas.predictions import PredictRequest, PredictResponse
from csv_analyzer.schemas.recipes import RecipeRequest
from csv_analyzer.schemas.service import Problem

_TITLE = "CSV Analyzer"
_REF = "#/components/schemas/{model}"
_PUBLIC = {"/config", "/health"}


def found(model: type[BaseModel]) -> dict[int, Any]:
    """Responses of a route that answers 200 with a model."""
    return {200: _content(model, "Found."), **_problems(401, 403, 404, 422)}


def shown(model: type[BaseModel]) -> dict[int, Any]:
    """Responses of a route that answers 200 with a model, or 409 where it is not ready."""
    return {200: _content(model, "Found."), **_problems(401, 403, 404, 409, 422)}


def changed(model: type[BaseModel]) -> dict[int, Any]:
    """Responses of a route that changes something at once, or says why it may not be changed."""
    return {200: _content(model, "Changed."), **_problems(401, 403, 404, 409, 415, 422)}


def downloadable(model: type[BaseModel]) -> dict[int, Any]:
    """Responses of a route that answers 200 with where to download, or 409 with why not."""
    return {200: _content(model, "Signed."), **_problems(401, 403, 404, 409, 422)}


def document(description: str) -> dict[int, Any]:
    """Responses of a route that answers 200 with a document of its own schema."""
    return {
        200: {"description": description, "content": {"application/json": {"schema": {"type": "object"}}}},
        **_problems(401, 403, 404, 409, 422),
    }


def text(media: str, description: str) -> dict[int, Any]:
    """Responses of a route that answers 200 with a text."""
    return {
        200: {"description": description, "content": {media: {"schema": {"type": "string"}}}},
        **_problems(401, 403, 404, 422),
    }


def created(model: type[BaseModel], *more: int) -> dict[int, Any]:
    """Responses of a route that answers 201, or with problems of which some are its own."""
    return {201: _content(model, "Created."), **_problems(401, 403, *more, 413, 415, 422)}


def accepted(model: type[BaseModel]) -> dict[int, Any]:
    """Responses of a route that answers 202."""
    return {202: _content(model, "Accepted."), **_problems(401, 403, 404, 409, 415, 422)}


def ordered(model: type[BaseModel]) -> dict[int, Any]:
    """Responses of a route that answers 202 to a body that may be too large."""
    return {**accepted(model), **_problems(413)}


def openapi(app: APIGatewayRestResolver) -> dict[str, Any]:
    """OpenAPI 3.1 of the control plane and of predict, which runs in a function of its own."""
    schema: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(
            title=_TITLE,
            version=__version__,
            description="From a CSV file to an authenticated prediction. Sign in with Cognito and send the "
            "ID token in the header `Authorization`.",
        )
    )
    _, shared = models_json_schema(
        [(model, "serialization") for model in (UploadRequest, PredictRequest, PredictResponse, Problem)],
        ref_template=_REF,
    )
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(shared["$defs"])
    components["securitySchemes"] = {
        "cognito": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Cognito ID token",
        }
    }
    # Relative to /v1/docs and /v1/openapi.json, so that it names the stage on every host.
    schema["servers"] = [{"url": "."}]
    schema["security"] = [{"cognito": []}]
    schema["paths"]["/datasets"]["post"]["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {"schema": _ref(UploadRequest)},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
    components["schemas"][RecipeRequest.__name__]["properties"]["steps"] |= json_schema()
    schema["paths"]["/models/{name}/predict"] = {"post": _predict_operation()}
    for operation in (operation for methods in schema["paths"].values() for operation in methods.values()):
        # Powertools makes a summary out of method and path, which stand beside it anyway.
        operation["summary"] = operation.pop("description", operation["summary"])
    for path in _PUBLIC:
        schema["paths"][path]["get"]["security"] = []
    return schema


def openapi_json(app: APIGatewayRestResolver) -> str:
    """The contract as JSON text."""
    return json.dumps(openapi(app))


def swagger_page(app: APIGatewayRestResolver) -> str:
    """Swagger UI in one page that loads nothing from elsewhere."""
    assets = files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    return generate_swagger_html(
        spec=openapi_json(app).replace("</", "<\\/"),
        swagger_js=assets.joinpath("swagger-ui-bundle.min.js").read_text("utf-8"),
        swagger_css=assets.joinpath("swagger-ui.min.css").read_text("utf-8"),
        swagger_base_url="",
        oauth2_config=None,
    )


def _predict_operation() -> dict[str, Any]:
    version = {"name": "version", "in": "query", "schema": {"type": "integer", "minimum": 1}}
    stages = {"type": "string", "enum": list(SERVING_STAGES), "default": Stage.PRODUCTION}
    stage = {"name": "stage", "in": "query", "schema": stages}
    return {
        "tags": ["Models"],
        "summary": "Predict one instance or many.",
        "operationId": "predict_models__name__predict_post",
        "x-required-role": Role.VIEWER,
        "parameters": [
            {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
            version | {"description": "A version; the one of the stage if absent."},
            stage | {"description": "Of staging answers the newest version."},
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref(PredictRequest)}},
        },
        "responses": {
            "200": {
                "description": "Predictions in the order of the instances.",
                "content": {"application/json": {"schema": _ref(PredictResponse)}},
            },
            **{str(status): answer for status, answer in _problems(401, 404, 409, 413, 422).items()},
        },
    }


def _content(model: type[BaseModel], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"model": model}}}


def _problems(*statuses: int) -> dict[int, Any]:
    schema = {"application/problem+json": {"schema": _ref(Problem)}}
    return {status: {"description": "Problem.", "content": schema} for status in statuses}


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}
