"""Decision trees: those of `scoring.families.trees`, and oblivious ones as products of matrices."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

from automl.onnx_export.graph import DOUBLE, FLOAT, INT, ML, Graph

type Arrays = Mapping[str, NDArray[Any]]

# A row goes to the first child where its value is at most, or below, the threshold.
SPLIT_AT_MOST, SPLIT_BELOW = 0, 1
SUM, AS_THEY_ARE = 1, 0
# Trees that are walked together where each row needs cells of its own for each tree.
CHUNK = 64


@dataclass(frozen=True)
class Splits:
    """Trees, each node's children behind it.

    Parameters
    ----------
    sizes
        Nodes of each tree.
    left, right
        Of each node: how far its children are, 0 for leaves.
    feature, threshold, missing_left
        Of each inner node.
    """

    sizes: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    feature: NDArray[Any]
    threshold: NDArray[Any]
    missing_left: NDArray[Any]


def add_trees(
    graph: Graph,
    trees: Splits,
    matrix: str,
    weights: NDArray[Any],
    targets: NDArray[Any],
    count: int,
    *,
    mode: int = SPLIT_AT_MOST,
) -> str:
    """Return rows x targets: for each target the sum of the leaves that its trees end in.

    Parameters
    ----------
    graph
        Where to write.
    trees
        What to walk.
    matrix
        What to read, in doubles.
    weights
        Of each leaf.
    targets
        Of each tree.
    count
        How many targets there are.
    mode
        How numbers are compared with thresholds.
    """
    inner = trees.right > 0
    rank = np.where(inner, np.cumsum(inner), np.cumsum(~inner)) - 1
    node = np.flatnonzero(inner)
    left, right = node + trees.left[node], node + trees.right[node]
    roots = np.cumsum(trees.sizes) - trees.sizes
    leaf_targets = np.repeat(targets, trees.sizes)[~inner]
    bare = np.flatnonzero(~inner[roots])
    # A tree that is a leaf is a split with this leaf on either side.
    lone = rank[roots[bare]]
    root = rank[roots].copy()
    root[bare] = len(node) + np.arange(len(bare))

    def with_lone(values: NDArray[Any], lone: NDArray[Any]) -> list[int]:
        numbers: list[int] = np.concatenate([values, lone]).astype(np.int64).tolist()
        return numbers

    zeros = np.zeros(len(bare))
    threshold = np.concatenate([np.asarray(trees.threshold, dtype=np.float64), zeros])
    return graph.node(
        "TreeEnsemble",
        matrix,
        domain=ML,
        aggregate_function=SUM,
        post_transform=AS_THEY_ARE,
        n_targets=count,
        nodes_modes=numpy_helper.from_array(np.full(len(threshold), mode, dtype=np.uint8)),
        nodes_splits=numpy_helper.from_array(threshold),
        nodes_featureids=with_lone(trees.feature, zeros),
        nodes_missing_value_tracks_true=with_lone(trees.missing_left, zeros),
        nodes_truenodeids=with_lone(rank[left], lone),
        nodes_trueleafs=with_lone(~inner[left], zeros + 1),
        nodes_falsenodeids=with_lone(rank[right], lone),
        nodes_falseleafs=with_lone(~inner[right], zeros + 1),
        leaf_targetids=leaf_targets.astype(np.int64).tolist(),
        leaf_weights=numpy_helper.from_array(np.asarray(weights, dtype=np.float64)),
        tree_roots=root.astype(np.int64).tolist(),
    )


@dataclass(frozen=True)
class _Trees:
    """The arrays of a group of trees, and which slot each tree adds to."""

    splits: Splits
    value: NDArray[Any]
    slot: NDArray[Any]
    sets: list[NDArray[Any] | None] = field(default_factory=list)
    constant: NDArray[Any] | None = None
    terms: list[tuple[NDArray[Any], NDArray[Any]]] = field(default_factory=list)

    def take(self, trees: NDArray[Any]) -> "_Trees":
        """Return some trees."""
        sizes = self.splits.sizes
        tree = np.repeat(np.arange(len(sizes)), sizes)
        inner = self.splits.right > 0
        place = np.argsort(tree, kind="stable")
        starts = np.cumsum(sizes) - sizes
        nodes = np.concatenate([place[starts[one] : starts[one] + sizes[one]] for one in trees])
        splits, leaves = inner[nodes], ~inner[nodes]
        rank = np.where(inner, np.cumsum(inner), np.cumsum(~inner)) - 1
        split, leaf = rank[nodes[splits]], rank[nodes[leaves]]
        old = self.splits
        return _Trees(
            Splits(
                sizes[trees],
                old.left[nodes],
                old.right[nodes],
                old.feature[split],
                old.threshold[split],
                old.missing_left[split],
            ),
            self.value[leaf],
            self.slot[trees],
            [self.sets[one] for one in split] if self.sets else [],
            None if self.constant is None else self.constant[leaf],
            [self.terms[one] for one in leaf] if self.terms else [],
        )


def tree_scores(graph: Graph, block: Mapping[str, Any], arrays: Arrays, matrix: str, width: int) -> str:
    """Return the scores of a group of trees: rows x parts x outputs.

    Parameters
    ----------
    graph
        Where to write.
    block, arrays
        The group, as stored.
    matrix
        The plan's matrix.
    width
        How many columns it has.
    """
    if block["single_precision"]:
        matrix = graph.cast(graph.cast(matrix, FLOAT), DOUBLE)
    base = np.atleast_2d(np.asarray(arrays["base"], dtype=np.float64))
    parts, outputs = base.shape
    trees = _read(block, arrays, parts, outputs)
    wide = trees.value.shape[1]
    slots = parts * outputs // wide
    if wide == 1 and not trees.sets and trees.constant is None:
        scores = add_trees(graph, trees.splits, matrix, trees.value[:, 0], trees.slot, slots)
    else:
        scores = _by_leaf(graph, trees, matrix, slots, width)
    scores = graph.node("Reshape", scores, [-1, parts, outputs])
    if block["average"]:
        counts = np.bincount(trees.slot, minlength=slots)[:: slots // parts]
        scores = graph.node("Div", scores, counts.astype(np.float64)[None, :, None])
    return graph.node("Add", scores, base[None])


def _read(block: Mapping[str, Any], arrays: Arrays, parts: int, outputs: int) -> _Trees:
    sizes = arrays["sizes"].astype(np.int64)
    threshold = arrays["threshold"]
    if block["single_precision"]:
        with np.errstate(over="ignore"):
            threshold = threshold.astype(np.float32)
    left = _distances(sizes, arrays["leaf"].astype(bool))
    splits = Splits(
        sizes,
        left,
        np.where(left, left + 1, 0),
        arrays["feature"].astype(np.int64),
        threshold.astype(np.float64),
        arrays["missing_left"].astype(bool),
    )
    count = arrays["trees"].astype(np.int64) if "trees" in arrays else np.array([len(sizes)])
    part = np.repeat(np.arange(parts), count)
    turn = np.arange(len(sizes)) - (np.cumsum(count) - count)[part]
    wide = arrays["value"].shape[1]
    slot = part if wide == outputs else part * outputs + turn % outputs
    return _Trees(
        splits,
        arrays["value"],
        slot,
        _sets(arrays) if arrays.get("set_size", np.zeros(1)).any() else [],
        arrays.get("constant"),
        _terms(arrays) if "constant" in arrays else [],
    )


def _distances(sizes: NDArray[Any], leaf: NDArray[Any]) -> NDArray[Any]:
    """Return how far each node's left child is, 0 for leaves: a tree's k-th split has node 2 k + 1."""
    root = np.repeat(np.cumsum(sizes) - sizes, sizes)
    before = np.cumsum(~leaf) - ~leaf
    place = root + 2 * (before - before[root]) + 1
    return np.where(leaf, 0, place - np.arange(len(leaf)))


def _sets(arrays: Arrays) -> list[NDArray[Any] | None]:
    """Return for each split which codes go left, None for numbers."""
    size = arrays["set_size"].astype(np.int64)
    length = -(-size // 8)
    end = np.cumsum(length)
    return [
        np.unpackbits(arrays["set_bits"][stop - bytes_ : stop], bitorder="little")[:count].astype(bool)
        if count
        else None
        for count, bytes_, stop in zip(size, length, end, strict=True)
    ]


def _terms(arrays: Arrays) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return of each leaf the inputs of its linear function, and their weights."""
    ends = np.cumsum(arrays["term_count"].astype(np.int64))[:-1]
    features = np.split(arrays["term_feature"].astype(np.int64), ends)
    return list(zip(features, np.split(arrays["term_weight"].astype(np.float64), ends), strict=True))


def _by_leaf(graph: Graph, trees: _Trees, matrix: str, slots: int, width: int) -> str:
    """Return rows x (slots times width of a leaf), by way of the number of the leaf that a row ends in."""
    totals = []
    for slot in range(slots):
        own = np.flatnonzero(trees.slot == slot)
        made = []
        for chunk in _chunks(own):
            part = trees.take(chunk)
            leaf = _leaves(graph, part, matrix, width)
            answers = _answers(graph, part, leaf, matrix, width)
            made.append(graph.total(answers, 1))
        totals.append(made[0] if len(made) == 1 else graph.node("Sum", *made))
    return graph.beside(totals)


def _chunks(trees: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for start in range(0, len(trees), CHUNK):
        yield trees[start : start + CHUNK]


def _leaves(graph: Graph, trees: _Trees, matrix: str, width: int) -> str:
    """Return in which leaf of each tree a row ends: rows x trees."""
    splits = trees.splits
    if trees.sets:
        matrix, splits = _with_sets(graph, trees, matrix, width)
    count = len(splits.sizes)
    numbers = np.arange(len(trees.value), dtype=np.float64)
    return graph.cast(add_trees(graph, splits, matrix, numbers, np.arange(count), count), INT)


def _with_sets(graph: Graph, trees: _Trees, matrix: str, width: int) -> tuple[str, Splits]:
    """Return the matrix with a column for each set, zero where it holds a row's code, and splits on these."""
    old = trees.splits
    feature, threshold, missing = old.feature.copy(), old.threshold.copy(), old.missing_left.copy()
    by_feature: dict[int, dict[bytes, NDArray[Any]]] = {}
    for split, codes in enumerate(trees.sets):
        if codes is not None:
            by_feature.setdefault(int(feature[split]), {})[codes.tobytes()] = codes
    columns: dict[tuple[int, bytes], int] = {}
    pieces = [matrix]
    for read, sets in by_feature.items():
        most = max(map(len, sets.values()))
        # The last row stands for codes that are in no set, and for missing ones.
        outside = np.ones((most + 1, len(sets)), dtype=bool)
        for place, (key, codes) in enumerate(sets.items()):
            outside[: len(codes), place] = ~codes
            columns[read, key] = width + place
        width += len(sets)
        code = graph.columns(matrix, [read])
        above = graph.node("Greater", code, np.full((1, 1), -1.0))
        known = graph.node("And", above, graph.node("Less", code, np.full((1, 1), float(most))))
        code = graph.cast(graph.node("Where", known, code, np.full((1, 1), float(most))), INT)
        flags = graph.node("Gather", outside, graph.node("Squeeze", code, [1]), axis=0)
        pieces.append(graph.cast(flags, DOUBLE))
    for split, codes in enumerate(trees.sets):
        if codes is not None:
            feature[split] = columns[int(old.feature[split]), codes.tobytes()]
            threshold[split], missing[split] = 0.5, False
    return graph.beside(pieces), Splits(old.sizes, old.left, old.right, feature, threshold, missing)


def _answers(graph: Graph, trees: _Trees, leaf: str, matrix: str, width: int) -> str:
    """Return what each tree's leaf answers: rows x trees x width of a leaf."""
    values = graph.node("Gather", trees.value, leaf, axis=0)
    if trees.constant is None:
        return values
    most = max((len(features) for features, _ in trees.terms), default=0)
    if not most:
        return graph.node("Unsqueeze", graph.node("Gather", trees.constant, leaf, axis=0), [2])
    # Leaves with fewer inputs read a column of zeros.
    features = np.full((len(trees.terms), most), width, dtype=np.int64)
    weights = np.zeros((len(trees.terms), most))
    for place, (own, factors) in enumerate(trees.terms):
        features[place, : len(own)], weights[place, : len(own)] = own, factors
    # Added to NaN or infinity, zero times a column would not be zero: the codes of leaves are finite.
    zero = graph.node("Mul", graph.cast(graph.columns(leaf, [0]), DOUBLE), 0.0)
    count = len(trees.splits.sizes)
    places = graph.node("Reshape", graph.node("Gather", features, leaf, axis=0), [-1, count * most])
    inputs = graph.node("GatherElements", graph.beside([matrix, zero]), places, axis=1)
    inputs = graph.node("Reshape", inputs, [-1, count, most])
    missing = graph.node("Greater", graph.total(graph.cast(graph.node("IsNaN", inputs), DOUBLE), 2), 0.0)
    added = graph.total(graph.node("Mul", inputs, graph.node("Gather", weights, leaf, axis=0)), 2)
    linear = graph.node("Add", graph.node("Gather", trees.constant, leaf, axis=0), added)
    answer = graph.node("Where", missing, graph.node("Squeeze", values, [2]), linear)
    return graph.node("Unsqueeze", answer, [2])


def oblivious_scores(graph: Graph, arrays: Arrays, matrix: str) -> str:
    """Return the scores of oblivious trees: rows x parts x outputs.

    A product of the answers to a chunk's distinct questions with powers of two numbers the leaves; in single
    precision these sums of powers are exact.
    """
    base = np.atleast_2d(np.asarray(arrays["base"], dtype=np.float64))
    depth = arrays["depth"].astype(np.int64)
    parts, outputs = base.shape
    count = arrays["trees"].astype(np.int64) if "trees" in arrays else np.array([len(depth)])
    first = np.cumsum(count) - count
    single = graph.cast(matrix, FLOAT)
    totals = []
    for start, trees in zip(first, count, strict=True):
        made = [
            _oblivious_chunk(graph, arrays, single, chunk)
            for chunk in _chunks(np.arange(start, start + trees))
        ]
        totals.append(made[0] if len(made) == 1 else graph.node("Sum", *made))
    scores = graph.node("Reshape", graph.beside(totals), [-1, parts, outputs])
    return graph.node("Add", scores, base[None])


def _oblivious_chunk(graph: Graph, arrays: Arrays, single: str, trees: NDArray[Any]) -> str:
    """Return the sum of some trees that stand side by side: rows x outputs."""
    depth = arrays["depth"].astype(np.int64)
    level_end, leaf_end = np.cumsum(depth), np.cumsum(1 << depth)
    levels = slice(int(level_end[trees[0]] - depth[trees[0]]), int(level_end[trees[-1]]))
    leaves = slice(int(leaf_end[trees[0]] - (1 << depth[trees[0]])), int(leaf_end[trees[-1]]))
    values = np.asarray(arrays["value"])[leaves]
    first = np.cumsum(1 << depth[trees]) - (1 << depth[trees])
    if levels.start == levels.stop:
        # Rows are counted by what is read; all of them get the same.
        nothing = graph.node("Mul", graph.cast(graph.columns(single, [0]), DOUBLE), 0.0)
        nothing = graph.node("Where", graph.node("IsNaN", nothing), np.zeros((1, 1)), nothing)
        return graph.node("Add", nothing, np.asarray(values, dtype=np.float64).sum(axis=0)[None])
    questions = np.rec.fromarrays(
        [
            arrays["feature"].astype(np.int64)[levels],
            arrays["border"].astype(np.float32)[levels],
            arrays["missing_above"].astype(bool)[levels],
        ]
    )
    distinct, number = np.unique(questions, return_inverse=True)
    tree = np.repeat(np.arange(len(trees)), depth[trees])
    level = np.arange(len(tree)) - np.repeat(np.cumsum(depth[trees]) - depth[trees], depth[trees])
    powers = np.zeros((len(distinct), len(trees)), dtype=np.float32)
    np.add.at(powers, (number, tree), np.exp2(level).astype(np.float32))
    inputs = graph.columns(single, distinct["f0"])
    above = graph.node("Greater", inputs, graph.single(distinct["f1"][None]))
    missing = graph.node("And", graph.node("IsNaN", inputs), distinct["f2"][None])
    asked = graph.cast(graph.node("Or", above, missing), FLOAT)
    leaf = graph.cast(graph.node("MatMul", asked, graph.single(powers)), INT)
    leaf = graph.node("Add", leaf, first[None])
    return graph.total(graph.node("Gather", values, leaf, axis=0), 1)
