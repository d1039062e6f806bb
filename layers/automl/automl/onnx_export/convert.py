"""From the two files of a portable model to an ONNX file that answers alike."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, helper

import scoring
from automl.errors import NotExpressibleError
from automl.onnx_export.families import calibrated, group_answers
from automl.onnx_export.graph import DOUBLE, STRING, Graph
from automl.onnx_export.inputs import InputGraph, describe, fed
from automl.onnx_export.steps import add_steps, columns_read
from automl.serving.export import difference, hostile_instances, sha256
from scoring.blocks import Encoders
from scoring.columns import FloatArray
from scoring.inputs import Feature, Instance
from scoring.model import read_arrays
from scoring.reader import columns_of
from scoring.steps import Plan

LABEL, PROBABILITIES, PREDICTION = "label", "probabilities", "prediction"
# Relative for numbers beyond one. Graphs of doubles come far below it.
TOLERANCE = 1e-6
MAX_BYTES = 100_000_000
# Where a model adds numbers beyond this to others, the order of the additions decides what comes out.
FAR = 1e15
# The rows of the check: so many cells of them are compared.
CHECKED_CELLS = 60_000


@dataclass(frozen=True)
class OnnxModel:
    """An ONNX file and how near its answers come to those of `scoring`.

    Parameters
    ----------
    content
        The bytes of the file.
    parity
        The largest difference that was found, relative for numbers beyond one.
    rows
        How many rows were compared.
    """

    content: bytes
    parity: float
    rows: int


def to_onnx(npz: bytes, manifest: bytes, instances: Sequence[Instance]) -> OnnxModel:
    """Write a portable model as ONNX and compare both.

    Parameters
    ----------
    npz, manifest
        The two files of the model.
    instances
        Rows to compare on; rows with missing values, unseen categories and other hostile values are made from
        the first of them.

    Raises
    ------
    NotExpressibleError
        When ONNX has no words for the model, the file is too large, or the answers differ.
    """
    model = scoring.load(npz, manifest, sha256(npz), sha256(manifest))
    arrays = read_arrays(npz)
    try:
        proto = convert(json.loads(manifest), arrays)
    except UnicodeEncodeError as error:
        raise NotExpressibleError("a name or a category of the model is no Unicode text") from error
    if proto.ByteSize() > MAX_BYTES:
        raise NotExpressibleError(
            f"the file would have {proto.ByteSize():,} bytes, and more than {MAX_BYTES:,} are not kept"
        )
    checked = [*instances[: max(1, CHECKED_CELLS // len(model.features))]]
    checked += [row for row in hostile_instances(checked, model.features) if not _is_far(row)]
    parity = _compare(model, proto.SerializeToString(), checked)
    if not parity <= TOLERANCE:
        raise NotExpressibleError(f"its answers there differ by {parity:.3g}, more than {TOLERANCE:g}")
    helper.set_model_props(proto, {**_properties(model), "parity": f"{parity:.3g}"})
    return OnnxModel(proto.SerializeToString(deterministic=True), parity, len(checked))


def convert(manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> ModelProto:
    """Write a portable model as ONNX.

    Inputs are named as the features and have the shape rows x 1; numbers, booleans and dates are doubles, all
    others texts. A classifier has the outputs ``label`` (rows) and ``probabilities`` (rows x classes), a
    regressor ``prediction`` (rows x 1).

    Raises
    ------
    NotExpressibleError
        When ONNX has no words for something in it.
    """
    block = manifest["model"]
    if block.get("memory"):
        raise NotExpressibleError("the model recalls known rows by their hashes (train it without recall)")
    if manifest.get("recipe"):
        raise NotExpressibleError("the model cleans its columns by a recipe first")
    features = [Feature.from_json(feature) for feature in manifest["features"]]
    names = [feature.name for feature in features]
    outputs = _output_names(names, classes=bool(manifest["classes"]))
    graph = Graph([*names, *outputs])
    encoders = Encoders.from_json(manifest["encoders"])
    sizes = {
        "numbers": [0] * len(encoders.names),
        "codes": encoders.sizes,
        "terms": [step.size for step in encoders.of("terms")],
    }
    plan = Plan.load(block["steps"], arrays, sizes)
    blocks = InputGraph(graph, features).blocks(encoders, columns_read(plan.steps))
    matrix = add_steps(graph, plan.steps, blocks, encoders)
    answers = [
        group_answers(graph, group, _of_group(arrays, index), matrix, plan.width)
        for index, group in enumerate(block["groups"])
    ]
    total = answers[0] if len(answers) == 1 else graph.node("Sum", *answers)
    total = calibrated(graph, total, block)
    infos = [helper.make_tensor_value_info(outputs[-1], DOUBLE, ["rows", max(1, len(manifest["classes"]))])]
    if manifest["classes"]:
        weighed = total
        if block.get("decision"):
            weighed = graph.node("Mul", total, np.array([block["decision"]], dtype=np.float64))
        winner = graph.node("ArgMax", weighed, axis=1, keepdims=0)
        labels = np.array(manifest["classes"], dtype=object)
        graph.rename(graph.node("Gather", labels, winner, axis=0), outputs[0])
        infos.insert(0, helper.make_tensor_value_info(outputs[0], STRING, ["rows"]))
    graph.rename(total, outputs[-1])
    return graph.model(describe(features), infos)


def _is_far(instance: Instance) -> bool:
    """Return whether a row has a number that is added to others in vain."""
    return any(isinstance(value, int | float) and abs(value) > FAR for value in instance.values())


def _output_names(features: Sequence[str], *, classes: bool) -> list[str]:
    """Return the names of the outputs; an underscore tells one from a feature of the same name."""
    names = []
    for name in (LABEL, PROBABILITIES) if classes else (PREDICTION,):
        own = name
        while own in features:
            own += "_"
        names.append(own)
    return names


def _of_group(arrays: Mapping[str, NDArray[Any]], index: int) -> dict[str, NDArray[Any]]:
    prefix = f"{index}."
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _properties(model: scoring.Model) -> dict[str, str]:
    manifest = model.manifest
    return {
        "task": model.task,
        "target": str(manifest.get("target", "")),
        "classes": json.dumps(model.classes, ensure_ascii=False),
        "model_sha256": str(manifest.get("model_sha256", "")),
    }


def _compare(model: scoring.Model, content: bytes, instances: Sequence[Instance]) -> float:
    """Return the largest difference between both models' answers, infinite where labels differ."""
    columns = columns_of(instances, model.features)
    ours = model.score(columns, len(instances))
    theirs, labels = run(content, fed(model.features, columns), classes=bool(model.classes))
    if theirs.shape != ours.shape or not np.isfinite(theirs).all():
        return float("inf")
    worst = difference(theirs, ours)
    if labels is not None and labels != [model.classes[place] for place in model.decide(theirs)]:
        return float("inf")
    return worst


def run(
    content: bytes, inputs: Mapping[str, NDArray[Any]], *, classes: bool
) -> tuple[FloatArray, list[str] | None]:
    """Return the probabilities or numbers, and the labels, that ONNX Runtime answers with."""
    # It is large and only needed here.
    import onnxruntime  # noqa: PLC0415

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answers = session.run(None, dict(inputs))
    return np.asarray(answers[-1]), answers[0].tolist() if classes else None
