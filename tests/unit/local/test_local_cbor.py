"""CBOR as RFC 8949 writes it."""

from datetime import UTC, datetime

import pytest

from infra.local.cbor_protocol import decode, encode


# The examples of RFC 8949, appendix A.
@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (1000, "1903e8"),
        (1000000000000, "1b000000e8d4a51000"),
        (-1, "20"),
        (-1000, "3903e7"),
        (1.1, "fb3ff199999999999a"),
        (False, "f4"),
        (None, "f6"),
        (b"\x01\x02", "420102"),
        ("ü", "62c3bc"),
        ([1, [2, 3]], "8201820203"),
        ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
        (datetime(2013, 3, 21, 20, 4, 0, 500000, UTC), "c1fb41d452d9ec200000"),
    ],
)
def test_a_value_is_written_and_read_as_in_the_standard(value: object, written: str):
    assert encode(value).hex() == written
    assert decode(bytes.fromhex(written)) == value


def test_what_has_no_form_is_refused():
    with pytest.raises(TypeError, match="set"):
        encode({1})
    with pytest.raises(OverflowError):
        encode(1 << 64)
