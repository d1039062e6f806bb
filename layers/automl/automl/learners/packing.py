"""Fitted trees of every library as the portable arrays that serve them, in training and afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.learners.base import Arrays, Exported, FloatArray, Problem
from automl.learners.portable import Portable

# The score of a class that was never seen: its exponential is zero.
NEVER = -1e4


@dataclass(frozen=True)
class Tree:
    """One tree with local node numbers, its root first.

    Parameters
    ----------
    feature, threshold, left, right, missing_left, leaf
        For each node; of a leaf only ``leaf`` is read.
    value
        Nodes x width.
    sets
        For a node that splits categories: which go left, as bytes, lowest category first.
    constant, terms
        For a leaf that is linear: its constant, and its features and their weights.
    """

    feature: NDArray[Any]
    threshold: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    missing_left: NDArray[Any]
    leaf: NDArray[Any]
    value: FloatArray
    sets: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    constant: FloatArray | None = None
    terms: dict[int, tuple[list[int], list[float]]] = field(default_factory=dict)


def leaf_tree(value: FloatArray) -> Tree:
    """Return a tree that always answers the same."""
    nothing = np.zeros(1, dtype=np.int64)
    leaf = np.ones(1, dtype=np.bool_)
    return Tree(nothing, np.zeros(1), nothing, nothing, ~leaf, leaf, np.atleast_2d(value))


def pack_trees(trees: Sequence[Tree], base: FloatArray, *, single_precision: bool = False) -> Arrays:
    """Return trees as the arrays of `scoring.families.trees.TreeEnsemble`.

    Parameters
    ----------
    trees
        Either none has linear leaves or all have.
    base
        What is added for each output.
    single_precision
        Whether the trees compare and answer in float32: thresholds are rounded down, which no float32 input
        can tell, and values to the nearest.
    """
    sizes = np.array([len(tree.leaf) for tree in trees])
    roots = np.cumsum(sizes) - sizes
    leaf = np.concatenate([tree.leaf for tree in trees]).astype(np.bool_)
    start = np.repeat(roots, sizes)
    left = np.concatenate([tree.left for tree in trees]) + start
    right = np.concatenate([tree.right for tree in trees]) + start
    order = _level_order(roots, left, right, leaf)
    splits, leaves = order[~leaf[order]], order[leaf[order]]
    threshold = np.concatenate([tree.threshold for tree in trees])[splits].astype(np.float64)
    value = np.concatenate([tree.value for tree in trees])[leaves]
    feature = np.concatenate([tree.feature for tree in trees])[splits]
    arrays: Arrays = {
        "sizes": sizes.astype(np.int32),
        "leaf": leaf[order],
        "feature": _smallest(feature),
        "threshold": _rounded_down(threshold) if single_precision else threshold,
        "missing_left": np.concatenate([tree.missing_left for tree in trees])[splits].astype(np.bool_),
        "value": value.astype(np.float32 if single_precision else np.float64),
        "base": base,
    }
    sets = {
        int(root) + node: members
        for root, tree in zip(roots, trees, strict=True)
        for node, members in tree.sets.items()
    }
    if sets:
        nothing = np.zeros(0, dtype=np.uint8)
        ordered = [sets.get(node, nothing) for node in splits.tolist()]
        arrays["set_size"] = _smallest(np.array([8 * len(members) for members in ordered]))
        arrays["set_bits"] = np.concatenate(ordered)
    return arrays | _terms(trees, roots, leaves)


def _terms(trees: Sequence[Tree], roots: NDArray[Any], leaves: NDArray[Any]) -> Arrays:
    constants = [tree.constant for tree in trees if tree.constant is not None]
    if not constants:
        return {}
    terms = {
        int(root) + node: term
        for root, tree in zip(roots, trees, strict=True)
        for node, term in tree.terms.items()
    }
    ordered = [terms.get(node, ([], [])) for node in leaves.tolist()]
    return {
        "constant": np.concatenate(constants)[leaves],
        "term_count": _smallest(np.array([len(features) for features, _ in ordered])),
        "term_feature": np.array(
            [feature for features, _ in ordered for feature in features], dtype=np.int32
        ),
        "term_weight": np.array([weight for _, weights in ordered for weight in weights], dtype=np.float64),
    }


def _level_order(
    roots: NDArray[Any], left: NDArray[Any], right: NDArray[Any], leaf: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the nodes tree by tree, each tree level by level with siblings side by side."""
    levels, trees = [], []
    level, tree = roots, np.arange(len(roots))
    while level.size:
        levels.append(level)
        trees.append(tree)
        inner = ~leaf[level]
        parents = level[inner]
        level = np.stack([left[parents], right[parents]], axis=1).ravel()
        tree = np.repeat(tree[inner], 2)
    order: NDArray[np.int64] = np.concatenate(levels)[np.argsort(np.concatenate(trees), kind="stable")]
    return order


def _smallest(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers from zero on in the smallest type that holds them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def _rounded_down(threshold: FloatArray) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)


def join_trees(models: Sequence[Arrays], columns: Sequence[NDArray[Any]]) -> Arrays:
    """Return several models as the parts of one walk.

    Parameters
    ----------
    models
        What learners of one family exported; they agree in the rest of their blocks, outputs and width.
    columns
        For each model, where its columns stand in the matrix that all are served with.
    """
    placed = [_placed(model, places) for model, places in zip(models, columns, strict=True)]
    names = dict.fromkeys(name for model in placed for name in model if name != "base")
    joined = {
        name: np.concatenate([model[name] if name in model else _absent(model, name) for model in placed])
        for name in names
    }
    count = "depth" if "depth" in joined else "sizes"
    trees = np.array([len(model[count]) for model in models], dtype=np.int32)
    return joined | {"base": np.stack([model["base"] for model in models]), "trees": trees}


def _placed(model: Arrays, places: NDArray[Any]) -> Arrays:
    moved = {
        name: _smallest(np.asarray(places)[model[name]])
        for name in ("feature", "term_feature", "digit_feature")
        if name in model
    }
    return model | moved


def _absent(model: Arrays, name: str) -> NDArray[Any]:
    """Return what a model without sets, or without linear leaves, has in their place."""
    if name == "set_size":
        return np.zeros(len(model["feature"]), dtype=np.uint8)
    if name == "term_count":
        return np.zeros(len(model["value"]), dtype=np.uint8)
    if name == "constant":
        return model["value"][:, 0]
    return np.zeros(0, dtype=np.uint8)


def boosted(trees: Sequence[Tree], base: FloatArray, problem: Problem) -> Exported:
    """Return boosted trees, which take turns over the outputs, as data."""
    block = {"family": "trees", "link": problem.link, "single_precision": False, "average": False}
    return Exported(block, pack_trees(trees, base))


def constant(y: NDArray[Any], problem: Problem) -> Portable:
    """Return the model that answers the smoothed shares of the classes, or the mean, to every row.

    What is left to learn where only one answer was seen.
    """
    if not problem.classes:
        base = np.array([float(np.mean(y))])
    else:
        # One row more of each class (Laplace's rule of succession) keeps every logarithm finite.
        shares = np.log(np.bincount(y.astype(np.int64), minlength=problem.classes) + 1.0)
        base = shares if problem.classes > 2 else shares[1:] - shares[:1]
    trees = [leaf_tree(np.zeros(1)) for _ in range(problem.outputs)]
    return Portable(boosted(trees, base, problem), rounds=1)
