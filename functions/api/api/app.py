"""The control plane: its routes stand in `routes`, a module for each kind of thing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from api import edge
from api.routes import batches, datasets, drift, erasure, models, recipes, registry, service, trainings
from api.stack import settings
from csv_analyzer.observability import observed

app = edge.Resolver(settings.cors_origin, settings.role_without_group)
for module in (datasets, recipes, trainings, models, registry, drift, batches, erasure, service):
    app.include_router(module.routes.router)


@observed(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return edge.answer(app, event, context)
