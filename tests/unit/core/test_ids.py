"""Ids sort by time and repeat where they must."""

from datetime import UTC, datetime, timedelta

from csv_analyzer.ids import derived_id, iso, new_id


def test_ids_sort_by_time_and_differ() -> None:
    early = datetime(2026, 1, 1, tzinfo=UTC)
    assert derived_id(early, "a") < derived_id(early + timedelta(milliseconds=1), "a") < new_id()
    assert len({new_id() for _ in range(1000)}) == 1000


def test_a_derived_id_is_the_same_for_the_same_parts_only() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert derived_id(moment, "a", "bc") == derived_id(moment, "a", "bc")
    assert derived_id(moment, "a", "bc") != derived_id(moment, "ab", "c")


def test_moments_are_written_in_utc() -> None:
    assert iso(datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)) == "2026-01-02T03:04:05.678Z"
