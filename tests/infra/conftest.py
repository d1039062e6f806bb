"""The template with other parameters than its defaults."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.template import Template

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def template_with() -> Callable[..., Template]:
    """Load the template with the given values of its parameters."""
    return lambda **parameters: Template.load(ROOT / "template.yaml", parameters)
