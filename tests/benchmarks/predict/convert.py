"""Writes the pipelines as skops files and, where it converts and answers alike, as ONNX models.

``convert.py FOLDER`` runs in the peers' environment and prints, as JSON, what is to be said of a family's
ONNX model, or why there is none.
ONNX models take the matrix that dictionaries make of a row, for string columns with missing values do not
convert.
"""

import copy
import json
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import skops.io
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxruntime import InferenceSession
from skl2onnx import to_onnx, update_registered_converter
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline

# ONNX compares and adds in single precision.
TOLERANCE = 1e-3
SAMPLE = 2000


def main():
    folder = Path(sys.argv[1])
    rows = pd.DataFrame.from_records(json.loads((folder / "rows.json").read_text())[:SAMPLE])
    notes = {}
    for path in sorted(folder.glob("*/pipeline.joblib")):
        model = joblib.load(path)
        family = path.parent.name
        if isinstance(model, Pipeline):
            skops.io.dump(model, path.with_suffix(".skops"))
        try:
            note = write_onnx(family, model, rows, path.parent / "model.onnx")
            if note:
                notes[family] = note
        except Exception as error:  # noqa: BLE001  # whatever a converter raises is a result
            notes[family] = f"not converted: {type(error).__name__}: {error}".split("\n")[0][:120]
    sys.stdout.write(json.dumps(notes) + "\n")


def write_onnx(family, model, rows, path):
    if not isinstance(model, Pipeline):
        raise TypeError("a vote of pipelines with string columns does not convert")
    matrix = model["encode"].transform(rows).astype(np.float32)
    estimator = model["model"]
    if family == "logistic":
        imputer, scaler = (step for _, step in model["encode"].named_transformers_["numbers"].steps)
        raw = imputer.transform(rows[imputer.feature_names_in_])
        matrix[:, : raw.shape[1]] = raw
        estimator = unscaled(estimator, scaler, matrix)
    if family == "catboost":
        estimator.save_model(str(path), format="onnx")
        rename_output(path)
    else:
        options = {id(estimator): {"zipmap": False}}
        if family == "lightgbm":
            update_registered_converter(
                type(estimator),
                "LightGbmLGBMClassifier",
                calculate_linear_classifier_output_shapes,
                convert_lightgbm,
                options={"nocl": [True, False], "zipmap": [True, False, "columns"]},
            )
        if isinstance(estimator, Pipeline):
            options = {id(estimator[-1]): {"zipmap": False}}
        converted = to_onnx(estimator, matrix[:1], options=options, target_opset={"": 18, "ai.onnx.ml": 3})
        path.write_bytes(converted.SerializeToString())
    session = InferenceSession(str(path), providers=["CPUExecutionProvider"])
    theirs = model.predict_proba(rows)[:, 1]
    ours = session.run(["probabilities"], {session.get_inputs()[0].name: matrix})[0][:, 1]
    away = np.abs(ours - theirs)
    complete = ~np.isnan(matrix).any(axis=1)
    if not away[complete].max() <= TOLERANCE:
        path.unlink()
        raise ValueError(f"the converted model differs by {away[complete].max():.3g}")
    if not away.max() <= TOLERANCE:
        return f"measured, but its answers to rows with missing values differ by up to {away.max():.3g}"
    return None


def unscaled(estimator, scaler, matrix):
    """Return the regression on unscaled numbers, behind an imputer, as one pipeline."""
    inner = copy.deepcopy(estimator)
    width = len(scaler.mean_)
    weights = estimator.coef_.copy()
    weights[:, :width] /= scaler.scale_
    inner.coef_ = weights
    inner.intercept_ = estimator.intercept_ - weights[:, :width] @ scaler.mean_
    return Pipeline([("impute", SimpleImputer(strategy="median").fit(matrix)), ("model", inner)])


def rename_output(path):
    """CatBoost writes a list of dictionaries: take the probabilities in front of that."""
    import onnx

    model = onnx.load(str(path))
    zipmap = next(node for node in model.graph.node if node.op_type == "ZipMap")
    source = zipmap.input[0]
    model.graph.node.remove(zipmap)
    for node in model.graph.node:
        for place, name in enumerate(node.output):
            if name == source:
                node.output[place] = "probabilities"
    for output in list(model.graph.output):
        if output.name == "probabilities":
            model.graph.output.remove(output)
    shape = [None, 2]
    model.graph.output.append(
        onnx.helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, shape)
    )
    onnx.save(model, str(path))


if __name__ == "__main__":
    main()
