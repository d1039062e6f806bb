"""Training on a cleaned table: clients send the columns as they stand in the file."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

import scoring
from automl import FitConfig, fit, read_csv
from automl.cleaning import parse
from automl.cli import load_model, main, score_table
from automl.errors import DataError, ParityError, RecipeError
from automl.searching.workers import InProcess
from automl.serving import inputs
from automl.serving.export import sha256
from automl.serving.inputs import BY_RECIPE, FOR_RECIPE
from tests.conftest import ROOT
from tests.unit.automl.engine_samples import frozen, quick

TITANIC = ROOT.parent / "shared/data/data/titanic.csv"
RECIPE = [
    {"step": "mark_missing", "columns": ["area"], "values": [-200]},
    {"step": "drop_rows_missing", "columns": ["rooms"]},
    {"step": "filter_rows", "column": "price", "operator": "gt", "value": 0},
    {"step": "drop_columns", "columns": ["note"]},
    {"step": "trim", "columns": ["kind"], "case": "lower"},
    {"step": "map_values", "columns": ["kind"], "mapping": {"flat": "f", "house": "h"}, "other": "o"},
    {"step": "impute", "columns": ["area"], "strategy": "median", "by": "district"},
    {"step": "drop_columns", "columns": ["district"]},
    {"step": "clip", "columns": ["area"], "lower_quantile": 0.01, "upper_quantile": 0.99},
    {"step": "parse_dates", "columns": ["sold"], "format": "%Y%m%d"},
    {"step": "change_type", "columns": ["zone"], "type": "categorical"},
    {"step": "rename", "columns": {"area": "kind", "kind": "area", "sold": "day"}},
]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Leave two quick candidates."""
    monkeypatch.setattr("automl.training.candidates", quick)


def houses(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    area = rng.uniform(20, 200, rows).round(1)
    kind = rng.choice(["flat", "Flat", "HOUSE", "house", "hut"], rows)
    zone = rng.integers(1, 6, rows)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D")
    price = area * 3 + 40 * np.char.startswith(np.char.lower(kind), "h") + zone * 5 + rng.normal(0, 5, rows)
    return pd.DataFrame(
        {
            "area": np.where(rng.random(rows) < 0.1, -200, area),
            "rooms": np.where(rng.random(rows) < 0.1, np.nan, (area // 25).astype(int)),
            "kind": kind,
            "district": rng.choice(["north", "south", "east"], rows),
            "zone": zone,
            "sold": days.strftime("%Y%m%d").astype(int),
            "note": rng.choice(["x", "y", "z"], rows),
            "member": np.where(rng.random(rows) < 0.5, "TRUE", "FALSE"),
            "price": np.where(rng.random(rows) < 0.05, -1, price.round(2)),
        }
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("houses") / "houses.csv"
    houses().to_csv(path, index=False)
    return path


def trained(path, recipe, target="price", **options):
    config = FitConfig(target, recipe=parse(recipe), **options)
    return fit(read_csv(path), config, clock=frozen, workers=InProcess)


@pytest.fixture(scope="module")
def result(path):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automl.training.candidates", quick)
        return trained(path, RECIPE)


def loaded(result):
    manifest = result.manifest_bytes
    return scoring.load(result.npz_bytes, manifest, sha256(result.npz_bytes), sha256(manifest))


def test_clients_send_the_columns_of_the_file(result):
    manifest = json.loads(result.manifest_bytes)
    features = {entry["name"]: entry for entry in manifest["features"]}

    assert list(features) == ["area", "rooms", "kind", "district", "zone", "sold", "member"]
    assert features["sold"]["type"] == "numeric"
    assert features["kind"]["type"] == "categorical"
    assert list(manifest["schema"]["properties"]) == list(features) == list(manifest["example"])
    assert manifest["unused_columns"] == ["note", "price"]
    assert manifest["dropped_columns"] == {"district": FOR_RECIPE, "note": BY_RECIPE}
    assert result.dropped_columns == manifest["dropped_columns"]
    assert result.parameters["parity"] <= 1e-9


def test_missing_values_are_allowed_where_training_saw_or_the_recipe_fills_them(result):
    nullable = {feature.name for feature in loaded(result).features if feature.nullable}

    # The rows without rooms were left out, and nothing fills them.
    assert nullable == {"area"}


def test_warnings_are_of_what_clients_send(result):
    model = loaded(result)

    rows = model.read([{**model.example, "area": 1e6, "kind": "castle"}, {**model.example, "kind": "HOUSE"}])

    assert [(entry["instance"], entry["feature"], entry["code"]) for entry in rows.warnings] == [
        (0, "area", "out_of_range"),
        (0, "kind", "unseen_category"),
    ]


def test_reasons_are_of_what_clients_send(result):
    model = loaded(result)

    answer = model.predict([{**model.example, "area": -200, "kind": "HOUSE"}], explain=True)[0]

    told = answer["reasons"]
    contributions = {entry["feature"]: entry["contribution"] for entry in told["contributions"]}
    assert contributions.keys() == {feature.name for feature in model.features}
    assert told["base"] + sum(contributions.values()) == pytest.approx(answer["prediction"], rel=1e-9)
    # The recipe fills the area by the district, so the district has a part in the answer.
    assert contributions["kind"] != 0
    assert contributions["district"] != 0


def test_the_manifest_tells_what_was_asked_for_and_done(result):
    manifest = json.loads(result.manifest_bytes)

    assert parse(manifest["cleaning"]["recipe"]) == parse(RECIPE)
    assert [entry["step"] for entry in manifest["cleaning"]["steps"]] == list(range(1, len(RECIPE) + 1))
    assert result.rows == manifest["cleaning"]["steps"][-1]["rows_after"] < 300
    assert [step["kind"] for step in manifest["recipe"]] == [
        "map", "trim", "map", "fill", "clip", "convert", "convert", "rename",
    ]  # fmt: skip


def test_the_model_answers_a_raw_file_row_by_row_and_at_once(result, path):
    model = loaded(result)
    table = read_csv(path)

    answers = score_table(model, table)[:, 0]

    assert len(answers) == 300
    good = houses()["price"] > 0
    assert np.corrcoef(answers[good], houses()["price"][good])[0, 1] > 0.9
    unusual = {**model.example, "area": None, "kind": "castle", "district": "nowhere", "zone": 9}
    instances = [unusual, {**unusual, "area": -200, "kind": " Hut "}, model.example]
    together = model.predict(instances)
    assert together[0] == together[1]
    assert together == [model.predict([instance])[0] for instance in instances]


def test_importance_and_dependence_are_of_the_columns_that_clients_send(result):
    importance = [entry["feature"] for entry in result.report["importance"]["features"]]
    dependence = {entry["feature"]: entry for entry in result.report["dependence"]}

    assert set(importance) == {"area", "rooms", "kind", "district", "zone", "sold", "member"}
    assert importance[0] in {"area", "rooms"}
    assert set(dependence["kind"]["grid"]) == {"flat", "Flat", "HOUSE", "house", "hut"}
    by_kind = dict(zip(dependence["kind"]["grid"], dependence["kind"]["series"][0]["mean"], strict=True))
    assert by_kind["house"] == pytest.approx(by_kind["HOUSE"], rel=1e-9)
    assert by_kind["house"] > by_kind["flat"]


@pytest.mark.long
def test_a_model_without_a_recipe_has_none(path):
    config = FitConfig("price", exclude=("note",))
    manifest = fit(read_csv(path), config, clock=frozen, workers=InProcess).manifest

    assert manifest["recipe"] == []
    assert manifest["cleaning"] is None
    assert manifest["dropped_columns"] == {"note": "excluded"}
    assert manifest["unused_columns"] == ["note", "price"]


@pytest.mark.long
def test_models_without_a_recipe_load(result, path):
    manifest = fit(read_csv(path), FitConfig("price"), clock=frozen, workers=InProcess)
    old = {key: value for key, value in manifest.manifest.items() if key not in {"recipe", "cleaning"}}
    content = json.dumps(old).encode()

    model = scoring.load(manifest.npz_bytes, content, sha256(manifest.npz_bytes), sha256(content))

    assert model.predict([model.example]) == loaded(manifest).predict([model.example])


def test_labels_of_the_target_can_be_mapped_and_are_answered(path):
    recipe = [
        {"step": "map_values", "columns": ["kind"], "mapping": {"hut": None}},
        {"step": "trim", "columns": ["kind"], "case": "upper"},
    ]

    result = trained(path, recipe, target="kind")

    assert json.loads(result.manifest_bytes)["classes"] == ["FLAT", "HOUSE"]
    assert result.dropped_rows == (houses()["kind"] == "hut").sum()
    assert "kind" not in {feature.name for feature in loaded(result).features}


@pytest.mark.long
def test_known_rows_are_recalled_by_what_the_recipe_makes_of_them(tmp_path):
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 60, 900)
    spelt = np.where(rng.random(900) < 0.5, "a", "A")
    frame = pd.DataFrame({"code": codes, "kind": spelt, "x": codes % 7, "y": rng.normal(size=60)[codes]})
    frame.to_csv(tmp_path / "data.csv", index=False)
    recipe = [
        {"step": "trim", "columns": ["kind"], "case": "lower"},
        {"step": "change_type", "columns": ["code"], "type": "categorical"},
        {"step": "rename", "columns": {"code": "key"}},
    ]

    result = trained(tmp_path / "data.csv", recipe, target="y")

    manifest = json.loads(result.manifest_bytes)
    assert "key" in manifest["model"]["memory"]["columns"]
    model = loaded(result)
    row = {name: value for name, value in model.example.items() if name != "kind"}
    wanted = frame["y"][frame["code"] == row["code"]].iloc[0]
    if "kind" in model.example:
        row["kind"] = "A"
    assert model.predict([row])[0]["prediction"] == pytest.approx(wanted, abs=0.1)


def test_columns_that_the_recipe_reads_must_have_values(path):
    recipe = [
        {"step": "mark_missing", "columns": ["district"], "values": ["north"]},
        {"step": "impute", "columns": ["rooms"], "strategy": "mean", "by": "district"},
        {"step": "filter_rows", "column": "district", "operator": "missing"},
    ]
    assert trained(path, recipe).rows > 50

    frame = houses()
    frame.loc[frame.index % 3 > 0, "district"] = None
    frame.loc[frame.index % 3 == 0, "district"] = "north"
    frame.to_csv(path.with_name("gaps.csv"), index=False)
    with pytest.raises(DataError, match="'district', which has no values in the rows that are left"):
        trained(path.with_name("gaps.csv"), recipe[1:])


def test_a_replay_that_differs_ends_the_training(path, monkeypatch):
    def broken(table, recipe, target=None):
        cleaned = apply(table, recipe, target)
        cleaned.table.frame["area"] = cleaned.table.frame["area"].to_numpy(dtype=float) + 1e-3
        return cleaned

    apply = __import__("automl.training", fromlist=["apply"]).apply
    monkeypatch.setattr("automl.training.apply", broken)

    with pytest.raises(ParityError, match="does not make of the inputs what was learned from: 'area'"):
        trained(path, [{"step": "clip", "columns": ["area"], "lower": 0}])
    assert inputs.TOLERANCE == 1e-9


def test_an_invalid_recipe_ends_the_training_with_its_steps(path):
    with pytest.raises(RecipeError) as caught:
        trained(path, [{"step": "drop_duplicates"}, {"step": "drop_columns", "columns": ["price"]}])

    assert caught.value.faults == [{"step": 2, "message": "the target 'price' cannot be dropped"}]


@pytest.fixture
def recipe_file(tmp_path):
    file = tmp_path / "recipe.json"
    file.write_text(json.dumps(RECIPE), encoding="utf-8")
    return file


def test_the_command_line_trains_and_predicts_with_a_recipe(path, tmp_path, recipe_file, capsys):
    folder, out = tmp_path / "model", tmp_path / "predictions.csv"
    options = ["--target", "price", "--recipe", str(recipe_file), "--budget", "2", "--out", str(folder)]

    assert main(["fit", str(path), *options]) == 0
    assert main(["predict", str(folder), str(path), "--out", str(out)]) == 0

    with out.open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 300
    assert load_model(folder).manifest["cleaning"]["recipe"] == json.loads(recipe_file.read_text("utf-8"))


def test_the_command_line_cleans_a_file_and_reports_each_step(path, tmp_path, recipe_file, capsys):
    out = tmp_path / "cleaned.csv"

    assert (
        main(["clean", str(path), "--recipe", str(recipe_file), "--target", "price", "--out", str(out)]) == 0
    )

    report = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in report] == [step["step"] for step in RECIPE]
    table = read_csv(out)
    assert list(table.frame) == ["kind", "rooms", "area", "zone", "day", "member", "price"]
    assert table.formats["day"].type == "date"
    assert table.formats["member"].type == "boolean"
    assert len(table.frame) == report[-1]["rows_after"]
    assert not table.frame.isna().any(axis=None)


@pytest.mark.parametrize("content", ["{", '[{"step": "eval"}]', '[{"step": "trim", "columns": ["gone"]}]'])
def test_the_command_line_refuses_a_recipe_in_a_sentence(path, tmp_path, content, capsys):
    recipe = tmp_path / "recipe.json"
    recipe.write_text(content, encoding="utf-8")

    status = main(["clean", str(path), "--recipe", str(recipe), "--out", str(tmp_path / "cleaned.csv")])

    assert status == 1
    assert capsys.readouterr().err.startswith("error: The recipe cannot be applied: ")


@pytest.mark.skipif(not TITANIC.exists(), reason="the set of files is not here")
def test_titanic_is_cleaned_and_learned():
    recipe = [
        {"step": "drop_columns", "columns": ["PassengerId", "Ticket", "Cabin"]},
        {"step": "impute", "columns": ["Age"], "strategy": "median", "by": "Pclass"},
        {"step": "impute", "columns": ["Embarked"], "strategy": "mode"},
        {"step": "clip", "columns": ["Fare"], "upper_quantile": 0.99},
        {"step": "change_type", "columns": ["Pclass"], "type": "categorical"},
        {"step": "rename", "columns": {"SibSp": "siblings", "Parch": "parents"}},
    ]

    result = trained(TITANIC, recipe, target="Survived")

    steps = result.manifest["cleaning"]["steps"]
    assert [entry["cells_changed"] for entry in steps] == [0, 177, 2, 9, 891, 0]
    assert result.metrics["holdout"]["roc_auc"] > 0.8
    answer = loaded(result).predict([{**loaded(result).example, "Age": None, "Embarked": None}])
    assert set(answer[0]["probabilities"]) == {"0", "1"}
