"""Trainings and how far they are."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from api import contract, edge, views
from api.stack import plane
from csv_analyzer.roles import Role
from csv_analyzer.schemas.trainings import JobView, TrainRequest

routes = edge.Routes("Training")


@routes.post("/datasets/<dataset_id>/train", role=Role.EDITOR, responses=contract.accepted(JobView))
def train(dataset_id: str, request: Annotated[TrainRequest, Body()]) -> Response[JobView]:
    """Order the training of a model."""
    return edge.accepted(views.job_view(plane.train(routes.owner, dataset_id, request)))


@routes.get("/jobs/<job_id>", role=Role.VIEWER, responses=contract.found(JobView))
def get_job(job_id: str) -> JobView:
    """Show how far a training is, with the leaderboard so far."""
    return views.job_view(plane.catalog.job(routes.owner, job_id))
