"""The answer as text: what Lambda can hand back, and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from csv_analyzer import http
from csv_analyzer.errors import PayloadTooLargeError
from predict.answer import MAX_PAYLOAD_BYTES, encode

HEAD = {"model": 'houses "of" Köln', "version": 3, "stage": "production", "warnings": [], "warnings_total": 0}


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 1000])
def test_the_text_says_what_the_answer_says(count: int) -> None:
    predictions = [{"prediction": f'"{number}\\é'} for number in range(count)]
    assert json.loads(encode({**HEAD, "predictions": iter(predictions)})) == {
        **HEAD,
        "predictions": predictions,
    }


def test_the_largest_answer_fits_into_a_payload_and_the_next_is_refused_with_a_hint() -> None:
    def rows(count: int) -> Iterator[dict[str, Any]]:
        return ({"prediction": '\\"é', "probabilities": {"a": 0.5}} for _ in range(count))

    fitting, refused = 1, 200_000
    while refused - fitting > 256:
        middle = (fitting + refused) // 2
        try:
            encode({**HEAD, "predictions": rows(middle)})
            fitting = middle
        except PayloadTooLargeError:
            refused = middle
    response = http.respond(200, encode({**HEAD, "predictions": rows(fitting)}), "https://example.com")
    assert 0.99 * MAX_PAYLOAD_BYTES < len(json.dumps(response)) <= MAX_PAYLOAD_BYTES
    with pytest.raises(PayloadTooLargeError, match="batch"):
        encode({**HEAD, "predictions": rows(refused)})


def test_what_is_too_large_is_not_followed_to_its_end() -> None:
    told = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1_000_000):
            told.append(number)
            yield {"prediction": "x" * 10_000}

    with pytest.raises(PayloadTooLargeError):
        encode({**HEAD, "predictions": rows()})
    assert len(told) < 1_000


def test_a_number_that_json_can_not_say_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode({**HEAD, "predictions": [{"prediction": float("nan")}]})
