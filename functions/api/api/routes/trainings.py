"""Trainings, how far they are, and what the caller may have."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from api import contract, edge
from api.routes.parameters import After, PageSize
from api.stack import training_plane
from csv_analyzer.metrics import RouteClass
from csv_analyzer.roles import Role
from csv_analyzer.schemas.trainings import JobList, JobView, LimitsView, TrainRequest

routes = edge.Routes("Training", RouteClass.TRAINING)


@routes.post("/datasets/<dataset_id>/train", role=Role.EDITOR, responses=contract.accepted(JobView, 429))
def train(dataset_id: str, request: Annotated[TrainRequest, Body()]) -> Response[JobView]:
    """Order the training of a model."""
    return edge.accepted(training_plane.order(routes.owner, dataset_id, request))


@routes.get("/jobs", role=Role.VIEWER, responses=contract.found(JobList))
def list_jobs(limit: PageSize = 20, after: After = None) -> JobList:
    """List your trainings, newest first."""
    items, more = training_plane.page(routes.owner, limit, after)
    return JobList(items=items, next=more)


@routes.get("/jobs/<job_id>", role=Role.VIEWER, responses=contract.found(JobView))
def get_job(job_id: str) -> JobView:
    """Show how far a training is, with the leaderboard so far."""
    return training_plane.find(routes.owner, job_id)


@routes.delete("/jobs/<job_id>", role=Role.EDITOR, responses=contract.accepted(JobView))
def cancel_job(job_id: str) -> Response[JobView]:
    """Cancel a training: one that waits is over at once, one that runs within seconds."""
    return edge.accepted(training_plane.cancel(routes.owner, job_id))


@routes.get("/limits", role=Role.ADMIN, responses=contract.found(LimitsView))
def get_limits() -> LimitsView:
    """Show what you may have, and what you have."""
    return training_plane.limits(routes.owner)
