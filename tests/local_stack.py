"""The whole local stack on the project's template, started once for the tests of the path and of the page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sklearn.datasets import load_diabetes

from infra.local.stack import LocalStack
from tests.e2e.service import User

ROOT = Path(__file__).parent.parent

# Short, so that what a killed worker leaves behind, or finds in other hands, comes again while a test waits.
PARAMETERS = {
    "AnalyzeTimeoutSeconds": "60",
    "AnalyzeVisibilitySeconds": "75",
    "TrainTimeoutSeconds": "40",
    "TrainVisibilitySeconds": "55",
    "MaxUploadBytes": "3000000",
    "TrainingBudgetSeconds": "5",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The local stack with MLflow."""
    with LocalStack(ROOT / "template.yaml", PARAMETERS, tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def new_user(stack: LocalStack) -> Iterator[Callable[..., User]]:
    """Make a user who owns nothing yet."""
    users: list[User] = []

    def make(email: str = "", groups: tuple[str, ...] = ("editor",)) -> User:
        users.append(User(stack, email or f"user{len(users)}@example.com", groups))
        return users[-1]

    yield make
    for user in users:
        user.http.close()


@pytest.fixture
def user(new_user: Callable[..., User]) -> User:
    """A user who owns nothing yet."""
    return new_user()


@pytest.fixture(scope="session")
def diabetes_csv() -> bytes:
    """442 rows with a number to predict, `target`."""
    return load_diabetes(as_frame=True, scaled=False).frame.to_csv(index=False).encode()
