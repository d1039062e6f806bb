"""Shapes of what the service says of itself."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from csv_analyzer.schemas.registry import GateView


class Fault(BaseModel):
    """One fault of an input; `location` or, of a prediction's rows, `instance` and `feature` say where."""

    location: Annotated[str | None, Field(description="Such as `body.target`.")] = None
    instance: Annotated[int | None, Field(description="Position among the instances, from 0.")] = None
    feature: Annotated[str | None, Field(description="Feature of the instance.")] = None
    step: Annotated[int | None, Field(description="Number of a recipe's step, from 1.")] = None
    code: Annotated[str, Field(description="Stable code.")]
    message: str


class Problem(BaseModel):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: Annotated[list[Fault] | None, Field(description="Every fault of the input.")] = None
    gate: Annotated[GateView | None, Field(description="With 409 gate_refused: what was compared.")] = None
    retry_after: Annotated[
        int | None, Field(description="Seconds; with 429, and as the header Retry-After.")
    ] = None


class Health(BaseModel):
    """The service is alive."""

    status: Literal["ok"]


class ClientConfig(BaseModel):
    """What a client must know to sign in; nothing of it is secret."""

    region: Annotated[str, Field(description="AWS region of the stack.")]
    user_pool_client_id: Annotated[str, Field(description="App client of Cognito to sign in with.")]
    cognito_url: Annotated[str, Field(description="Where Cognito's API answers (`InitiateAuth` and others).")]
    role_without_group: Annotated[
        Literal["viewer", "editor", "admin"],
        Field(description="Role of a user who is in none of the groups `viewer`, `editor` and `admin`."),
    ]
    self_sign_up: Annotated[
        bool, Field(description="Whether everybody may sign up; else an administrator adds users.")
    ]
    version: Annotated[str, Field(description="Version of this service.")]
