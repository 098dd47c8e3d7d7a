"""May these columns be measured, and how many equal units do they weigh as?

What every measure asks of its input before it computes: lists of numbers, equally long, complete, weights
above 0. Whatever is wrong is refused in one sentence that names the first wrong entry.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edustats.errors import DataError, ParameterError
from edustats.typing import Floats
from edustats.words import say


def parse_number_column(what: str, values: ArrayLike) -> Floats:
    """One list of numbers, missing ones kept; ``what`` is its name among the words of ``metrics``.

    Raises
    ------
    DataError
        When it is not one-dimensional or holds something that is no number.

    Examples
    --------
    >>> parse_number_column("values", [1, None])
    array([ 1., nan])
    """
    try:
        column = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise DataError("metrics.not_numeric", what=say(f"metrics.{what}"), found=repr(values)[:60]) from None
    if column.ndim != 1:
        raise DataError("metrics.not_a_list", what=say(f"metrics.{what}"), found=column.ndim)
    return column


def refuse_wrong_entries(address: str, what: str, column: Floats, wrong: NDArray[np.bool_]) -> None:
    """Raise a DataError that names the first wrong entry, counted from 1.

    Examples
    --------
    >>> refuse_wrong_entries("metrics.below", "values", np.array([1.0, 2.0]), np.array([False, False]))
    """
    if wrong.any():
        place = int(wrong.argmax())
        raise DataError(address, what=say(f"metrics.{what}"), place=place + 1, found=f"{column[place]:g}")


def require_same_length(first: str, a: NDArray[Any], second: str, b: NDArray[Any]) -> None:
    """Raise a DataError unless two columns are equally long.

    Examples
    --------
    >>> require_same_length("values", np.zeros(2), "weights", np.zeros(2))
    """
    if len(a) != len(b):
        names = {"first": say(f"metrics.{first}"), "second": say(f"metrics.{second}")}
        raise DataError("metrics.lengths", **names, n_first=len(a), n_second=len(b))


def check_values_and_weights(
    values: ArrayLike, weights: ArrayLike | None, names: tuple[str, str] = ("values", "weights")
) -> tuple[Floats, Floats]:
    """Values of either sign and weights > 0, both complete and equally long.

    Examples
    --------
    >>> check_values_and_weights([1, 2], None)
    (array([1., 2.]), array([1., 1.]))
    """
    x = parse_number_column(names[0], values)
    w = np.ones_like(x) if weights is None else parse_number_column(names[1], weights)
    if not len(x):
        raise DataError("metrics.empty", what=say(f"metrics.{names[0]}"))
    require_same_length(names[0], x, names[1], w)
    refuse_wrong_entries("metrics.not_finite", names[0], x, ~np.isfinite(x))
    refuse_wrong_entries("metrics.not_finite", names[1], w, ~np.isfinite(w))
    refuse_wrong_entries("metrics.not_positive", names[1], w, w <= 0)
    return x, w


def check_confidence(confidence: float) -> float:
    """The confidence level itself, or a ParameterError when it is not between 0 and 1.

    Examples
    --------
    >>> check_confidence(0.95)
    0.95
    """
    if not 0 < confidence < 1:
        raise ParameterError("metrics.confidence", found=confidence)
    return confidence


def check_amounts(
    values: ArrayLike, weights: ArrayLike | None, names: tuple[str, str] = ("values", "weights")
) -> tuple[Floats, Floats]:
    """Values >= 0, not all 0, and weights > 0, both complete and equally long.

    Examples
    --------
    >>> check_amounts([0, 2], None)
    (array([0., 2.]), array([1., 1.]))
    """
    x, w = check_values_and_weights(values, weights, names)
    refuse_wrong_entries("metrics.below", names[0], x, x < 0)
    if not x.any():
        raise DataError("metrics.all_zero", what=say(f"metrics.{names[0]}"), n=len(x))
    return x, w


def check_choice(name: str, found: object, *allowed: str) -> None:
    """Raise a ParameterError unless a variant is one of those that exist.

    Examples
    --------
    >>> check_choice("variant", "sample", "population", "sample")
    """
    if found not in allowed:
        raise ParameterError("metrics.choice", name=name, found=found, expected=", ".join(allowed))


def effective_sample_size(share: Floats) -> float:
    """How many units of equal weight would weigh as these do (Kish 1965).

    Parameters
    ----------
    share : (n,) array
        Each unit's share of the weights; they sum to 1.

    Returns
    -------
    float
        From 1 to n.

    Examples
    --------
    >>> effective_sample_size(np.array([0.5, 0.25, 0.25]))
    2.6666666666666665
    """
    return 1 / float(share @ share)


def count_effective_carriers(parts: Floats) -> float:
    """How many units carry a variance that is the sum of the squares of these parts.

    Parameters
    ----------
    parts : (n,) array
        What each unit adds, centred at 0.

    Returns
    -------
    float
        From 1 (one unit carries all) to n (all carry the same); nan when all parts are 0.

    Examples
    --------
    >>> count_effective_carriers(np.array([1.0, -1.0, 1.0, -1.0]))
    4.0
    """
    squares = (parts / np.abs(parts).max()) ** 2 if parts.any() else parts
    return float(squares.sum() ** 2 / (squares @ squares)) if parts.any() else math.nan
