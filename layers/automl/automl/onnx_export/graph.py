"""An ONNX graph, built node by node. Its numbers are doubles, so that it answers as `scoring` does."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

# TreeEnsemble came with version 5 of the operators for classical models; ONNX Runtime has it since 1.20.
OPSET = 21
ML_OPSET = 5
IR_VERSION = 10
ML = "ai.onnx.ml"
DOUBLE, FLOAT, INT, STRING = (
    int(kind) for kind in (TensorProto.DOUBLE, TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING)
)
# Arrays from this size on are stored in single precision where that loses nothing.
LARGE = 256

type Value = str | float | list[int] | NDArray[Any]


class Graph:
    """A graph in the making.

    Parameters
    ----------
    taken
        Names that are not the graph's to give: those of its inputs and outputs.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._count = 0
        self._known: dict[bytes, str] = {}
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def node(self, kind: str, *inputs: Value, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output and return the output's name.

        Parameters
        ----------
        kind
            The operator.
        inputs
            Names of other values, or constants.
        domain
            Of the operator.
        attributes
            Of the node.
        """
        names = [value if isinstance(value, str) else self.constant(value) for value in inputs]
        output = self._name()
        self.nodes.append(helper.make_node(kind, names, [output], domain=domain, **attributes))
        return output

    def rename(self, value: str, name: str) -> None:
        """Give a value the name of an output."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))

    def constant(self, value: float | list[int] | NDArray[Any]) -> str:
        """Return the name of a constant: whole numbers are int64, others doubles."""
        array = np.asarray(value)
        if array.dtype.kind in "iu" and array.dtype != np.int64:
            array = array.astype(np.int64)
        if array.dtype == np.float64 and array.size >= LARGE:
            with np.errstate(over="ignore"):
                single = array.astype(np.float32)
            if np.array_equal(single.astype(np.float64), array, equal_nan=True):
                return self.cast(self._stored(single), DOUBLE)
        if array.dtype == np.float32:
            return self.cast(self._stored(array), DOUBLE)
        return self._stored(array)

    def single(self, array: NDArray[Any]) -> str:
        """Return the name of a constant in single precision."""
        return self._stored(np.asarray(array, dtype=np.float32))

    def cast(self, value: str, kind: int) -> str:
        """Return a value as numbers of another kind."""
        return self.node("Cast", value, to=kind)

    def columns(self, value: str, columns: NDArray[Any] | list[int], width: int | None = None) -> str:
        """Return some columns of a matrix; the matrix itself where they are all of its `width`."""
        places = np.asarray(columns, dtype=np.int64)
        if width is not None and np.array_equal(places, np.arange(width)):
            return value
        return self.node("Gather", value, places, axis=1)

    def beside(self, values: list[str], axis: int = 1) -> str:
        """Return values side by side."""
        return values[0] if len(values) == 1 else self.node("Concat", *values, axis=axis)

    def total(self, value: str, axis: int, *, keep: bool = False) -> str:
        """Return the sum over an axis."""
        return self.node("ReduceSum", value, [axis], keepdims=int(keep))

    def clip(self, value: str, low: Value, high: Value) -> str:
        """Return a value inside bounds; NaN stays."""
        inside = self.node("Min", self.node("Max", value, low), high)
        return self.node("Where", self.node("IsNaN", value), value, inside)

    def model(self, inputs: list[ValueInfoProto], outputs: list[ValueInfoProto]) -> ModelProto:
        """Return the finished model."""
        graph = helper.make_graph(self.nodes, "model", inputs, outputs, initializer=self.constants)
        versions = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
        return helper.make_model(
            graph, opset_imports=versions, ir_version=IR_VERSION, producer_name="csv-analyzer"
        )

    def _stored(self, array: NDArray[Any]) -> str:
        content = array if array.dtype == object else np.ascontiguousarray(array)
        head = str((content.dtype, array.shape)).encode()
        body = repr(array.tolist()).encode() if array.dtype == object else content.tobytes()
        key = sha256(head + body).digest()
        if key not in self._known:
            name = self._known[key] = self._name()
            self.constants.append(numpy_helper.from_array(content.reshape(array.shape), name))
        return self._known[key]

    def _name(self) -> str:
        while True:
            self._count += 1
            name = f"v{self._count}"
            if name not in self._taken:
                return name
