"""What tests of answers share: the same tests by compiled loops and by NumPy."""

import pytest

from scoring import compiled


@pytest.fixture(params=["numpy", "compiled"])
def loops(request, monkeypatch):
    """Answer in one way, then in the other."""
    if request.param == "numpy":
        monkeypatch.setattr(compiled, "LIBRARY", None)
    elif compiled.LIBRARY is None:
        pytest.skip("the loops are not compiled: install a C compiler (cc), then make setup")
    return request.param
