"""S3 notifications inside SQS messages."""

import json

import pytest

from csv_analyzer.events import ObjectWritten, notification, objects_written


def _notification(*keys: str) -> str:
    return json.dumps(
        {"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": key}}} for key in keys]}
    )


def test_keys_arrive_url_encoded_with_plus_for_blank() -> None:
    (written,) = objects_written(_notification("drop%2Fo%2Ftarget%3DSale+Price%2Fa%2Bb.csv"))
    assert written.key == "drop/o/target=Sale Price/a+b.csv"
    assert written.bucket == "b"


def test_folder_markers_and_the_test_message_name_no_object() -> None:
    assert list(objects_written(_notification("drop/o/"))) == []
    assert list(objects_written(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}))) == []


@pytest.mark.parametrize("body", ["", "[]", "null", "{}", '{"Records": [{}]}', '{"Records": 1}', '"text"'])
def test_anything_else_is_refused_so_that_it_ends_among_the_dead_letters(body: str) -> None:
    with pytest.raises(ValueError, match=r"notification|Expecting value"):
        list(objects_written(body))


@pytest.mark.parametrize("key", ["batch/o/houses/1/input.csv", "a b+c/ü&=%2F.csv"])
def test_a_message_of_our_own_names_an_object_as_s3_does(key: str) -> None:
    written = ObjectWritten("bucket", key)
    assert list(objects_written(notification(written))) == [written]
