"""What tests of answers share: the same tests by compiled loops and by NumPy."""

from collections.abc import Iterator

import pytest

from scoring import compiled


@pytest.fixture(params=["numpy", "compiled"], scope="module")
def loops(request: pytest.FixtureRequest) -> Iterator[str]:
    """Answer in one way, then in the other."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setattr(compiled, "LIBRARY", None)
        elif compiled.LIBRARY is None:
            pytest.skip("the loops are not compiled: install a C compiler (cc), then make setup")
        yield request.param
