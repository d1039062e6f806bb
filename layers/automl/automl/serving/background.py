"""The rows that a model compares with when it gives reasons."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.learners.base import FloatArray
from automl.serving.export import instances_of
from automl.serving.inputs import Inputs
from scoring.columns import Column
from scoring.reasons import ROWS

type Answer = Callable[[Mapping[str, Column], int], FloatArray]

FEWEST = 8
MOST = 24
MAX_TEXT = 500
# So many rows stand for all.
SAMPLE = 500


def background(inputs: Inputs, answer: Answer) -> dict[str, list[Any]]:
    """Return a few rows of the training, as the values of each feature that a client would send.

    Their mean answer is the base value of all reasons, so it should be near that of all rows; and they should
    be rows that occur, as answers for rows that cannot occur mean nothing. So they are picked by the answers.
    Wide tables get fewer, because explaining a row takes answers in proportion to rows times columns.

    Parameters
    ----------
    inputs
        Of the model, with the rows that were learned from.
    answer
        The model that is served: raw columns and the number of rows to answers.
    """
    sample = np.linspace(0, len(inputs.frame) - 1, min(SAMPLE, len(inputs.frame))).astype(np.intp)
    answers = answer({name: column[sample] for name, column in inputs.columns.items()}, len(sample))
    # Two pairs of orders for each, where the table is not wide.
    count = int(np.clip(ROWS // max(1, 4 * (len(inputs.features) - 1)), FEWEST, MOST))
    rows = sample[representatives(answers, count)]
    instances = instances_of(inputs.frame.iloc[rows], inputs.features)
    return {feature.name: [_short(row[feature.name]) for row in instances] for feature in inputs.features}


def representatives(answers: FloatArray, count: int) -> NDArray[np.intp]:
    """Return the positions of rows, one from each of so many strata of like answers.

    What the mean of those picked lacks is made up for by the next, so that it stays near that of all.

    Parameters
    ----------
    answers
        Rows x outputs.
    count
        How many; fewer if there are fewer rows.
    """
    order = np.lexsort((answers.max(axis=1), answers.argmax(axis=1)))
    owed = np.zeros(answers.shape[1])
    picked = []
    for stratum in np.array_split(order, min(count, len(order))):
        owed += answers[stratum].mean(axis=0)
        picked.append(stratum[np.abs(answers[stratum] - owed).sum(axis=1).argmin()])
        owed -= answers[picked[-1]]
    return np.array(picked)


def _short(value: Any) -> Any:
    return value[:MAX_TEXT] if isinstance(value, str) else value
