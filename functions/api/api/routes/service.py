"""What the service says of itself to everybody."""

from aws_lambda_powertools.event_handler import Response, content_types

from api import contract, edge
from api.stack import settings
from csv_analyzer import __version__
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.service import ClientConfig, Health
from csv_analyzer.settings import AwsSettings

routes = edge.Routes("Service", RouteClass.SERVICE)


@routes.get("/health", responses=contract.found(Health))
def get_health() -> Health:
    """Say that the service is alive."""
    return Health(status="ok")


@routes.get("/config", responses=contract.found(ClientConfig))
def get_config() -> ClientConfig:
    """Say where and as what a client signs in."""
    aws = AwsSettings.from_environment()
    return ClientConfig(
        region=aws.region,
        user_pool_client_id=settings.user_pool_client_id,
        cognito_url=aws.endpoint("cognito-idp"),
        role_without_group=Role(settings.role_without_group).value,
        self_sign_up=settings.self_sign_up,
        version=__version__,
    )


@routes.get("/openapi.json", include_in_schema=False)
def get_openapi() -> Response[str]:
    """The contract of all routes."""
    return Response(200, content_types.APPLICATION_JSON, contract.openapi_json())


@routes.get("/docs", include_in_schema=False)
def get_docs() -> Response[str]:
    """Swagger UI; its own link to the contract asks for `?format=json`."""
    if (routes.event.query_string_parameters or {}).get("format") == "json":
        return get_openapi()
    return Response(200, content_types.TEXT_HTML, contract.swagger_page())
