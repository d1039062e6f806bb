"""What is kept between requests: bounded by bytes, or for a moment."""

import gc

import numpy as np
import pytest

from predict.cache import BoundedCache, Moments, held_bytes
from scoring import compiled
from scoring.families.trees import TreeEnsemble


def test_the_longest_unused_is_forgotten_first() -> None:
    cache: BoundedCache[str] = BoundedCache(100)
    cache.put("a", "A", 40)
    cache.put("b", "B", 40)
    assert cache.get("a") == "A"
    cache.put("c", "C", 40)
    assert [cache.get(key) for key in "abc"] == ["A", None, "C"]
    assert cache.held == 80


def test_what_is_over_the_bound_alone_is_not_kept_not_even_as_the_first() -> None:
    cache: BoundedCache[str] = BoundedCache(100)
    cache.put("a", "A", 101)
    assert (cache.get("a"), cache.held) == (None, 0)
    cache.put("b", "B", 100)
    assert cache.get("b") == "B"


def test_room_can_be_made_before_something_is_loaded() -> None:
    cache: BoundedCache[str] = BoundedCache(100)
    cache.put("a", "A", 30)
    cache.put("b", "B", 30)
    cache.make_room(70)
    assert [cache.get(key) for key in "ab"] == [None, "B"]
    cache.make_room(1_000)
    assert cache.held == 0


class Asked:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_an_answer_is_fresh_for_a_moment() -> None:
    now, asked = [100.0], Asked()
    moments: Moments[int] = Moments(1.0, lambda: now[0])
    assert [moments.get("a", asked), moments.get("a", asked)] == [1, 1]
    now[0] = 101.0
    assert moments.get("a", asked) == 2
    # A clock that was set back must not make an answer last.
    now[0] = 50.0
    assert moments.get("a", asked) == 3


def test_an_error_is_not_kept() -> None:
    moments: Moments[int] = Moments(1.0, lambda: 0.0)

    def fail() -> int:
        raise KeyError

    with pytest.raises(KeyError):
        moments.get("a", fail)
    assert moments.get("a", Asked()) == 1


def test_the_number_of_fresh_answers_is_bounded() -> None:
    moments: Moments[int] = Moments(1.0, lambda: 0.0)
    for key in range(5_000):
        moments.get(key, Asked())
    assert len(moments._known) == 1_000


class Thing:
    """Holds what models hold: arrays, views of arrays, containers, and functions around them."""

    def __init__(self) -> None:
        array = np.zeros(1_000_000)
        self.array = array
        self.view = array[10:]
        self.nested = {"levels": [str(number) * 100 for number in range(1_000)]}
        other = np.ones((500, 1_000))
        self.method = np.ones((500, 1_000)).sum
        self.bound = lambda rows: other[rows]
        self.myself = self


def test_everything_that_is_held_is_counted_once() -> None:
    size = held_bytes(Thing())
    assert 16_000_000 + 100_000 < size < 16_000_000 + 500_000


def test_a_view_counts_what_it_keeps_alive() -> None:
    assert held_bytes(np.zeros(1_000_000)[:1]) > 8_000_000


def test_texts_in_an_array_are_counted() -> None:
    texts = np.array(["x" * 100_000 + str(number) for number in range(10)], dtype=object)
    assert held_bytes(texts) > 1_000_000


@pytest.mark.skipif(compiled.LIBRARY is None, reason="the loops are not compiled: make setup needs cc")
def test_what_compiled_loops_hold_is_counted() -> None:
    nodes = 2 * 10_000 + 1
    leaf = np.arange(nodes) % 2 == 1
    leaf[-1] = True
    trees = TreeEnsemble(
        {
            "sizes": np.array([nodes]),
            "leaf": leaf,
            "feature": np.zeros(10_000, dtype=np.int32),
            "threshold": np.zeros(10_000),
            "missing_left": np.zeros(10_000, dtype=bool),
            "value": np.zeros((10_001, 1)),
            "base": np.zeros(1),
        },
        single_precision=False,
        average=False,
    )

    # Each node takes 16 bytes, its value among them.
    assert 16 * nodes < held_bytes(trees) < 17 * nodes
    assert gc.is_tracked(trees._answerer._trees)
