"""What the service says of itself to everybody."""

from aws_lambda_powertools.event_handler import Response, content_types

from api import contract, edge
from csv_analyzer.schemas.service import Health

routes = edge.Routes("Service")


@routes.get("/health", responses=contract.found(Health))
def health() -> Health:
    """Say that the service is alive."""
    return Health(status="ok")


@routes.get("/openapi.json", include_in_schema=False)
def openapi() -> Response[str]:
    """The contract of all routes."""
    return Response(200, content_types.APPLICATION_JSON, contract.openapi_json(routes.app))


@routes.get("/docs", include_in_schema=False)
def docs() -> Response[str]:
    """Swagger UI; its own link to the contract asks for `?format=json`."""
    if (routes.event.query_string_parameters or {}).get("format") == "json":
        return openapi()
    return Response(200, content_types.TEXT_HTML, contract.swagger_page(routes.app))
