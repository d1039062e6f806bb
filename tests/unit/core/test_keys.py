"""Keys of the data bucket: what is built can be read back, and nothing else can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from csv_analyzer import keys
from csv_analyzer.schemas.base import ModelName

DATASET = "0" * 24
JOB = "a" * 24


@given(st.text(max_size=300))
def test_any_file_name_becomes_a_key_that_can_be_read_back(name: str) -> None:
    safe = keys.safe_file_name(name)
    place = keys.parse_file(keys.upload("owner-1", DATASET, safe))
    assert place == keys.FileKey("owner-1", DATASET, safe, "")
    assert safe.endswith(".csv")


@given(st.text(max_size=300))
def test_any_file_name_leads_to_a_valid_model_name(name: str) -> None:
    assert TypeAdapter(ModelName).validate_python(keys.model_name(name))


@pytest.mark.parametrize(
    ("key", "target", "file_name"),
    [
        ("drop/owner-1/target=price/houses.csv", "price", "houses.csv"),
        ("drop/owner-1/target=Sale Price (€)/a b.csv", "Sale Price (€)", "a b.csv"),
        ("drop/owner-1/target=a/b/houses.csv", "a/b", "houses.csv"),
        ("drop/owner-1/houses.CSV", "", "houses.CSV"),
    ],
)
def test_the_drop_folder_names_owner_target_and_file(key: str, target: str, file_name: str) -> None:
    assert keys.parse_file(key) == keys.FileKey("owner-1", "", file_name, target)


@pytest.mark.parametrize(
    "key",
    [
        "uploads/owner-1/short/a.csv",
        f"uploads//{DATASET}/a.csv",
        f"uploads/own er/{DATASET}/a.csv",
        "drop/owner-1/",
        "drop/owner-1/folder/houses.csv",
        "drop/../target=y/houses.csv",
        "models/owner-1/m/1/model.npz",
        "",
    ],
)
def test_other_keys_are_nobodys_files(key: str) -> None:
    assert keys.parse_file(key) is None


def test_a_training_order_names_its_owner_dataset_and_job() -> None:
    key = keys.training("owner-1", DATASET, JOB)
    assert keys.parse_training(key) == keys.TrainingKey("owner-1", DATASET, JOB)
    assert keys.parse_training(key + ".bak") is None


def test_an_observation_names_the_version_the_day_and_itself() -> None:
    place = keys.ObservationKey(keys.VersionKey("owner-1", "houses", 12), "2026-03-31", JOB)
    key = keys.observation(place)
    assert key == f"observations/owner-1/houses/12/2026-03-31/{JOB}.json"
    assert key.startswith(keys.observations(place.version))
    assert keys.parse_observation(key) == place
    for other in (
        key + ".bak",
        key.replace("/12/", "/012/"),
        key.replace("/12/", "/x/"),
        key.replace("-31", ""),
    ):
        assert keys.parse_observation(other) is None


def test_what_is_known_of_drift_names_the_version() -> None:
    key = keys.drift(keys.VersionKey("owner-1", "houses", 12))
    assert key == "drift/owner-1/houses/12.json"
    assert keys.parse_drift(key) == keys.VersionKey("owner-1", "houses", 12)
    assert keys.parse_drift("drift/owner-1/houses/0.json") is None


def test_a_file_of_rows_names_its_owner_model_and_job() -> None:
    key = keys.batch("owner-1", "houses", JOB)
    assert keys.parse_batch(key) == keys.BatchKey("owner-1", "houses", JOB)
    for other in (
        key + ".bak",
        key.replace("houses", "Houses"),
        key.replace(JOB, "job"),
        f"batch/o/{JOB}/input.csv",
    ):
        assert keys.parse_batch(other) is None


@pytest.mark.parametrize("version", [1, 12, 999_999])
def test_a_recipe_names_its_owner_dataset_and_version(version: int) -> None:
    key = keys.recipe("owner-1", DATASET, version)
    assert keys.parse_recipe(key) == keys.RecipeKey("owner-1", DATASET, version)


@pytest.mark.parametrize("version", ["0", "01", "1000000", "-1", "1.5", "x", ""])
def test_what_is_no_number_of_a_version_names_no_recipe(version: str) -> None:
    assert keys.parse_recipe(f"recipes/owner-1/{DATASET}/{version}.json") is None


def test_what_was_found_in_raw_and_in_cleaned_data_stands_apart() -> None:
    places = [
        place("owner-1", DATASET, version) for place in (keys.profile, keys.preview) for version in (0, 1, 2)
    ]
    assert len(set(places)) == len(places)
    assert all(key.startswith(f"profiles/owner-1/{DATASET}/") for key in places)
