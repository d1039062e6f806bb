"""The profile says what hangs together, and warns with its reasons."""

import json

import numpy as np
import pytest

from automl import DataError, profile


def csv(**columns):
    rows = zip(*columns.values(), strict=True)
    return ",".join(columns) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def warnings_of(report):
    return {(warning["column"], warning["code"]): warning for warning in report["warnings"]}


@pytest.fixture
def related(read):
    rng = np.random.default_rng(0)
    signal = rng.normal(size=600)
    label = np.where(signal > 0, "high", "low")
    return read(
        csv(
            signal=signal.round(4),
            twin=np.exp(signal).round(6),
            noise=rng.normal(size=600).round(4),
            same=np.char.add("is ", label),
            other=rng.choice(["p", "q", "r"], 600),
            day=np.char.add("2024-01-", [f"{1 + int(9 * (s > 0)):02}" for s in signal]),
            amount=(3 * signal + rng.normal(size=600)).round(3),
            label=label,
        )
    )


def test_correlated_numbers_are_listed_strongest_first(related):
    pairs = profile(related)["correlations"]

    assert pairs[0] == {"columns": ["signal", "twin"], "correlation": pytest.approx(1, abs=1e-3)}
    assert all("noise" not in pair["columns"] for pair in pairs)


@pytest.mark.parametrize("target", ["label", "amount"])
def test_what_goes_with_a_target_is_listed_strongest_first(related, target):
    found = {
        entry["column"]: entry["association"] for entry in profile(related, target)["target"]["associations"]
    }

    assert min(found["signal"], found["twin"], found["same"], found["day"]) > 0.6
    assert max(found["noise"], found["other"]) < 0.2
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert target not in found


def test_without_a_target_there_is_none_and_an_unknown_one_is_refused(related):
    assert profile(related)["target"] is None
    with pytest.raises(DataError) as caught:
        profile(related, "nothing")
    assert caught.value.code == "unknown_column"


def test_outliers_lie_beyond_the_fences_of_a_box_plot(read):
    report = profile(read(csv(a=["x"] * 101, b=[*range(100), 1000])))

    outliers = report["columns"][1]["outliers"]
    assert outliers["count"] == 1
    assert 99 < outliers["high"] < 1000


def test_texts_have_lengths_and_dates_a_range(read):
    days = [f"2024-01-{i:02}" for i in range(1, 31)]
    report = profile(read(csv(word=["a", "abc", "ab"] * 10, day=days)))

    assert report["columns"][0]["length"] == {"min": 1, "mean": 2.0, "max": 3}
    assert report["columns"][1]["days"] == 29


def test_warnings_carry_their_evidence(read):
    rows = 400
    report = profile(
        read(
            csv(
                age=[*range(20, 80)] * 6 + [-1] * 40,
                mixed=[i if i % 2 else f"w{i % 9}" for i in range(rows)],
                when=[f"0{1 + i % 9}/0{1 + i % 7}/2024" for i in range(rows)],
                y=["rare" if i < 4 else "usual" for i in range(rows)],
            )
        ),
        "y",
    )

    found = warnings_of(report)
    assert found["age", "disguised_missing"]["evidence"] == {"value": -1.0, "count": 40, "nearest": 20.0}
    assert found["mixed", "mixed_types"]["evidence"]["numeric_share"] == 0.5
    assert found["when", "ambiguous_dates"]["evidence"] == {"date_format": "%d/%m/%Y"}
    assert found["y", "imbalanced_target"]["evidence"] == {"rarest": "rare", "share": 0.01}
    assert all(warning["message"].endswith(".") for warning in report["warnings"])


def test_a_wide_profile_stays_small_and_strict(read):
    header = ",".join(f"c{i}" for i in range(300))
    rows = "".join(",".join(str((i * j) % 97) for i in range(300)) + "\n" for j in range(60))

    text = json.dumps(profile(read(header + "\n" + rows), "c7"), allow_nan=False)

    assert len(text) < 2_000 * 300


@pytest.mark.parametrize("cells", [["", "", ""], ["1", "", ""], ["x", "x", "x"], ["1e308", "-1e308", "0"]])
@pytest.mark.parametrize("target", ["a", "b"])
def test_degenerate_columns_relate_to_nothing_and_crash_nothing(read, cells, target):
    report = profile(read(csv(a=["p", "q", "r"] * 3, b=cells * 3)), target)

    json.dumps(report, allow_nan=False)
