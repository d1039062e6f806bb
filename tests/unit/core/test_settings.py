"""Settings are read from the environment once, and say everything that is wrong at once."""

import pytest

from csv_analyzer.settings import ApiSettings

GOOD = dict.fromkeys(ApiSettings.variables(), "1")


def test_numbers_are_read_as_numbers() -> None:
    settings = ApiSettings.from_environment({**GOOD, "MAX_UPLOAD_BYTES": "1000", "UNKNOWN": "x"})
    assert settings.max_upload_bytes == 1000
    assert settings.data_bucket == "1"


def test_every_fault_is_named() -> None:
    environment = {**GOOD, "MAX_UPLOAD_BYTES": "many"}
    del environment["DATA_BUCKET"]
    with pytest.raises(
        RuntimeError, match=r"DATA_BUCKET is missing.*MAX_UPLOAD_BYTES must be a whole number"
    ):
        ApiSettings.from_environment(environment)
