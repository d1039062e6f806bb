"""The REST API as a translated template declares it: routes, authorizers, preflights, refusals."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from infra.local.intrinsics import TemplateError
from infra.local.specs import Api, Authorizer, GatewayResponse, Preflight, Route
from infra.local.views import function_of_arn, optional_int

if TYPE_CHECKING:
    from infra.local.template import Template

_METHODS = {"get", "put", "post", "delete", "patch", "head"}
_INTEGRATION_ARN = re.compile(r":lambda:path/[^/]+/functions/(?P<arn>arn:[^/]+)/invocations$")


def api(template: "Template") -> Api:
    """Return the REST API from its translated OpenAPI body."""
    found = template.of_type("AWS::ApiGateway::RestApi")
    if len(found) != 1:
        raise TemplateError(f"the local stack needs exactly one REST API, the template has {len(found)}")
    logical_id, properties = next(iter(found.items()))
    body = properties["Body"]
    routes, preflights = [], []
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            if method.lower() in _METHODS:
                routes.append(_route(template, method, path, operation))
            elif method.lower() == "options":
                preflights.append(_preflight(path, operation))
    stages = [
        stage["StageName"]
        for stage in template.of_type("AWS::ApiGateway::Stage").values()
        if stage["RestApiId"] == template.resolve({"Ref": logical_id})
    ]
    responses = body.get("x-amazon-apigateway-gateway-responses", {})
    definitions = body.get("securityDefinitions") or body.get("components", {}).get("securitySchemes", {})
    return Api(
        logical_id=logical_id,
        name=str(properties.get("Name", template.ids.stack_name)),
        rest_api_id=template.resolve({"Ref": logical_id}),
        stage=stages[0],
        routes=tuple(routes),
        preflights=tuple(preflights),
        authorizers={name: _authorizer(name, item) for name, item in definitions.items()},
        gateway_responses={name: _gateway_response(item) for name, item in responses.items()},
        binary_media_types=tuple(
            kind.replace("~1", "/")
            for kind in properties.get(
                "BinaryMediaTypes", body.get("x-amazon-apigateway-binary-media-types", [])
            )
        ),
        minimum_compression_size=properties.get("MinimumCompressionSize"),
    )


def _route(template: "Template", method: str, path: str, operation: Mapping[str, Any]) -> Route:
    match = _INTEGRATION_ARN.search(operation["x-amazon-apigateway-integration"]["uri"])
    if match is None:
        raise TemplateError(f"{method.upper()} {path} is not integrated with a function")
    names = [name for item in operation.get("security", []) for name in item if name != "NONE"]
    return Route(
        method=method.upper(),
        path=path,
        function=function_of_arn(template, match["arn"]),
        authorizer=names[0] if names else None,
    )


def _preflight(path: str, operation: Mapping[str, Any]) -> Preflight:
    answer = operation["x-amazon-apigateway-integration"]["responses"]["default"]
    return Preflight(path, _headers(answer.get("responseParameters", {}), "method.response.header."))


def _headers(parameters: Mapping[str, str], prefix: str) -> dict[str, str]:
    # A static value is written in single quotes.
    return {
        name.removeprefix(prefix): value.removeprefix("'").removesuffix("'")
        for name, value in parameters.items()
        if name.startswith(prefix)
    }


def _authorizer(name: str, definition: Mapping[str, Any]) -> Authorizer:
    settings = definition.get("x-amazon-apigateway-authorizer", {})
    pools = tuple(arn.rsplit("/", 1)[-1] for arn in settings.get("providerARNs", []))
    return Authorizer(name, definition.get("name", "Authorization"), pools)


def _gateway_response(item: Mapping[str, Any]) -> GatewayResponse:
    return GatewayResponse(
        status=optional_int(item.get("statusCode")),
        headers=_headers(item.get("responseParameters", {}), "gatewayresponse.header."),
        templates=item.get("responseTemplates", {}),
    )
