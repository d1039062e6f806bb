"""Settings are read from the environment once, and say everything that is wrong at once."""

import pytest

from csv_analyzer.settings import ApiSettings

GOOD = {**dict.fromkeys(ApiSettings.variables(), "1"), "SELF_SIGN_UP": "true"}


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


@pytest.mark.parametrize(("text", "flag"), [("true", True), ("false", False)])
def test_flags_are_read_as_parameters_of_a_template_spell_them(text: str, flag: bool) -> None:
    assert ApiSettings.from_environment({**GOOD, "SELF_SIGN_UP": text}).self_sign_up is flag


def test_a_flag_that_is_none_is_a_fault() -> None:
    with pytest.raises(RuntimeError, match="SELF_SIGN_UP must be true or false, not 'False'"):
        ApiSettings.from_environment({**GOOD, "SELF_SIGN_UP": "False"})
