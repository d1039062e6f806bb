"""The contract: OpenAPI 3.1 out of the routes, their models, the problems and the examples.

``make openapi`` writes it to ``functions/api/openapi.json``, which is what the service answers with; a test
fails when the two differ.
"""

import json
from typing import Any, Final

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic.json_schema import models_json_schema

from api import recipes
from api.composer import Composer, MissingExampleError
from api.edge import ROLE
from api.problems import PROBLEMS, statuses_of
from csv_analyzer import __version__
from csv_analyzer.records import SERVING_STAGES, Stage
from csv_analyzer.roles import Role
from csv_analyzer.schemas.datasets import UploadRequest
from csv_analyzer.schemas.predictions import PredictRequest, PredictResponse
from csv_analyzer.schemas.recipes import RecipeRequest
from csv_analyzer.schemas.service import Problem

Json = dict[str, Any]
_REF: Final = "#/components/schemas/{model}"
_DESCRIPTION: Final = """From a CSV file to an authenticated prediction.

Sign in with Cognito (`GET /config` says where) and send the ID token in the header `Authorization`. Each
operation names the role that it needs: `viewer`, `editor` or `admin`, the groups of the user pool. Everybody
sees only what is their own; all else is a 404. Lists come in pages: hand in `next` as `after` until it is
null. Every error is a problem document (RFC 9457) with a stable `code`."""
_TAGS: Final = {
    "Datasets": "CSV files: upload, status, what their analysis found.",
    "Recipes": "Cleaning: versioned lists of steps, applied to a dataset before a training.",
    "Training": "Trainings: order, progress, result.",
    "Models": "Models, their versions, predictions, and drift.",
    "Registry": "Which version is in production, how it came there, and what is allowed to.",
    "Batch": "Files of rows that a model scores.",
    "Erasure": "Erasing datasets and models with all that was made of them, and the receipts of it.",
    "Service": "What the service says of itself to everybody.",
}
_SECURITY: Final = {
    "cognito": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "ID token of Cognito, with or without `Bearer ` before it.",
    }
}
# What Powertools would answer with had the resolver no handlers of its own.
_UNUSED: Final = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


def document(app: APIGatewayRestResolver) -> Json:
    """OpenAPI 3.1 of the control plane and of predict, which runs in a function of its own.

    Raises
    ------
    MissingExampleError
        If nothing says what a field or a parameter looks like.
    """
    made: Json = json.loads(app.get_openapi_json_schema(title="CSV Analyzer", version=__version__))
    _, shared = models_json_schema(
        [(model, "serialization") for model in (UploadRequest, PredictRequest, PredictResponse, Problem)],
        ref_template=_REF,
    )
    schemas = {**made["components"]["schemas"], **shared["$defs"]}
    for name in _UNUSED:
        schemas.pop(name, None)
    paths: Json = dict(made["paths"])
    paths["/datasets"]["post"]["requestBody"] = _upload_body()
    paths["/models/{name}/predict"] = {"post": _predict()}
    schemas[RecipeRequest.__name__]["properties"]["steps"] |= recipes.json_schema()
    composer = Composer(schemas)
    for methods in paths.values():
        for operation in methods.values():
            _complete(operation, composer)
    if composer.missing:
        raise MissingExampleError(
            f"Nothing says what these look like: {', '.join(sorted(set(composer.missing)))}. "
            "Give each its `description` and `examples`, or add it to functions/api/api/examples.py."
        )
    return {
        "openapi": made["openapi"],
        "info": {"title": "CSV Analyzer", "version": __version__, "description": _DESCRIPTION},
        # Relative to /v1/docs and /v1/openapi.json, so that it names the stage on every host.
        "servers": [{"url": "."}],
        "security": [{"cognito": []}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": _SECURITY,
            "responses": {problem.name: _problem_response(status) for status, problem in PROBLEMS.items()},
            "schemas": dict(sorted(schemas.items())),
        },
    }


def text_of(app: APIGatewayRestResolver) -> str:
    """The contract as the text that is committed."""
    return json.dumps(document(app), indent=1, ensure_ascii=False) + "\n"


def role_table(contract: Json) -> str:
    """Every operation with who may call it, as a table in Markdown."""
    rows = [
        (path, method.upper(), operation.get(ROLE, "everybody"), operation["summary"])
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
    ]
    lines = ["| route | role | does |", "|---|---|---|"]
    lines += [f"| `{method} {path}` | {role} | {summary} |" for path, method, role, summary in rows]
    return "\n".join(lines) + "\n"


def _complete(operation: Json, composer: Composer) -> None:
    """Give an operation its words, its problems and its examples, in place."""
    role = operation.get(ROLE)
    text = operation["description"]
    # Powertools makes a summary out of method and path, which stand beside it anyway.
    operation["summary"] = " ".join(text.partition("\n\n")[0].split())
    access = f"Needs the role `{role}`." if role else "Open to everybody."
    operation["description"] = f"{text.strip()}\n\n{access}"
    if role is None:
        operation["security"] = []
    for parameter in operation.get("parameters", ()):
        composer.describe(parameter, operation["operationId"])
    answers = {status: answer for status, answer in operation["responses"].items() if status < "400"}
    for answer in answers.values():
        for media, content in answer.get("content", {}).items():
            content["example"] = composer.answer(operation["operationId"], media, content["schema"])
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        content["examples"] = composer.requests(operation["operationId"], media, content["schema"])
    problems = sorted(statuses_of(operation, public=role is None))
    references = {status: {"$ref": f"#/components/responses/{PROBLEMS[status].name}"} for status in problems}
    operation["responses"] = {**answers, **references}


def _problem_response(status: str) -> Json:
    problem = PROBLEMS[status]
    shown = {
        f"{example['code']}_{number}" if number else example["code"]: {
            "summary": example["title"],
            "value": example,
        }
        for example, number in _numbered(problem.examples)
    }
    content = {"schema": {"$ref": _REF.format(model="Problem")}, "examples": shown}
    response: Json = {
        "description": problem.description,
        "content": {"application/problem+json": content},
    }
    if status == "429":
        response["headers"] = {
            "Retry-After": {
                "description": "Seconds after which it is worth asking again.",
                "schema": {"type": "integer", "minimum": 0},
                "example": 60,
            }
        }
    return response


def _numbered(documents: tuple[Json, ...]) -> list[tuple[Json, int]]:
    seen: dict[str, int] = {}
    numbered = []
    for each in documents:
        seen[each["code"]] = seen.get(each["code"], 0) + 1
        numbered.append((each, 0 if seen[each["code"]] == 1 else seen[each["code"]]))
    return numbered


def _upload_body() -> Json:
    return {
        "required": True,
        "content": {
            "application/json": {"schema": _ref(UploadRequest)},
            "text/csv": {"schema": {"type": "string", "minLength": 1}},
        },
    }


def _predict() -> Json:
    version = {"name": "version", "in": "query", "schema": {"type": "integer", "minimum": 1}}
    stages = {"type": "string", "enum": list(SERVING_STAGES), "default": Stage.PRODUCTION}
    stage = {"name": "stage", "in": "query", "schema": stages}
    return {
        "tags": ["Models"],
        "description": "Predict one instance or many.",
        "operationId": "predict",
        ROLE: Role.VIEWER,
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
            "409": {},
        },
    }


def _ref(model: type) -> Json:
    return {"$ref": _REF.format(model=model.__name__)}
