"""How segregated would schools look had their pupils been placed at random?

A school of ten is never exactly as mixed as its county. What chance alone shows is the baseline that a
measure of segregation has to exceed; it is a property of the schools' sizes and no interval.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from edustats.errors import ParameterError
from edustats.metrics.inequality.measures import check_confidence
from edustats.metrics.segregation.counts import check_pupil_counts, entropy, require_groups_present
from edustats.typing import Floats


def compute_index_under_random_placement(
    counts: ArrayLike,
    measure: Literal["dissimilarity", "isolation", "theil_h"] = "dissimilarity",
    group: int = 0,
) -> float:
    """The measure to be expected had the pupils been placed at random in schools of these sizes.

    Parameters
    ----------
    counts : (n, g) array_like
        As in :func:`edustats.metrics.segregation.indices.dissimilarity`; whole numbers.
    measure : {"dissimilarity", "isolation", "theil_h"}
        Which measure.
    group : int
        Column of the group, for isolation only.

    Returns
    -------
    float
        Greater than 0: what small schools show by chance alone. :func:`correct_for_chance` takes it off.

    Raises
    ------
    DataError, ParameterError
        As :func:`edustats.metrics.segregation.indices.compute_school_contributions`.

    Notes
    -----
    Every pupil is equally likely to sit in every seat, so that a school's count of a group is hypergeometric.
    Dissimilarity: exact, by the mean absolute deviation ``2 (m+1)(T-X-t+m+1) P(m+1) / T``, m the whole part
    of the mean (Diaconis and Zabell 1991). Isolation: exact, ``P + (1-P)(n-1)/(T-1)``. H: the first-order
    ``(n-1)(g-1) / (2 T E)`` (Miller 1955), at most 1; good where schools have more than a few of each group.

    Examples
    --------
    >>> round(compute_index_under_random_placement([[3, 3], [2, 4], [4, 2]]), 3)
    0.253
    """
    if measure not in ("dissimilarity", "isolation", "theil_h"):
        expected = "dissimilarity, isolation, theil_h"
        raise ParameterError("metrics.choice", name="measure", found=measure, expected=expected)
    table = check_pupil_counts(counts)
    n, groups = table.shape[0], int(np.count_nonzero(table.any(axis=0)))
    size, held = table.sum(axis=1), table.sum(axis=0)
    total, share = float(held.sum()), held / held.sum()
    if measure == "theil_h":
        return min(1.0, (n - 1) * (groups - 1) / (2 * total * entropy(held)))
    if measure == "isolation":
        require_groups_present(table, group)
        return float(share[group] + (1 - share[group]) * (n - 1) / (total - 1))
    apart = sum(_compute_mean_absolute_deviation(total, x, size).sum() for x in held if x > 0)
    return float(apart / (2 * total * float(share @ (1 - share))))


def _compute_mean_absolute_deviation(total: float, held: float, size: Floats) -> Floats:
    """Mean absolute deviation of a hypergeometric count, for schools of these sizes."""
    if held >= total:
        return np.zeros_like(size)
    m = np.floor(size * held / total)
    most = np.minimum(size, held)
    x = np.minimum(m + 1, most)  # beyond the most possible the probability is 0
    logs = (
        _compute_log_binomial(held, x)
        + _compute_log_binomial(total - held, np.maximum(size - x, 0))
        - _compute_log_binomial(total, size)
    )
    possible = (m + 1 <= most) & (size - x <= total - held)
    factor = 2 * (m + 1) * (total - held - size + m + 1) / total
    return np.where(possible, factor * np.exp(logs), 0.0)


def _compute_log_binomial(n: ArrayLike, k: ArrayLike) -> Floats:
    n, k = np.asarray(n, float), np.asarray(k, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def correct_for_chance(found: float, by_chance: float) -> float:
    """A measure with what chance alone would show taken off, rescaled so that 1 stays 1.

    Parameters
    ----------
    found, by_chance : float
        The measure, and :func:`compute_index_under_random_placement` of the same counts.

    Returns
    -------
    float
        At most 1; negative where pupils are mixed more evenly than chance would have it.

    Notes
    -----
    ``(found - by_chance) / (1 - by_chance)`` (Winship 1977; Carrington and Troske 1997).

    Examples
    --------
    >>> round(correct_for_chance(0.4, 0.1), 3)
    0.333
    """
    return (found - by_chance) / (1 - by_chance) if by_chance < 1 else math.nan


def simulate_chance_range(
    counts: ArrayLike, confidence: float = 0.95, draws: int = 999, seed: int = 20240901
) -> tuple[float, float]:
    """Range in which the dissimilarity of two groups falls when pupils are placed at random.

    Parameters
    ----------
    counts : (n, 2) array_like
        As in :func:`compute_index_under_random_placement`, whole numbers, two groups.
    confidence : float
        Share of the placements inside the range, the rest equally on either side.
    draws : int
        Random placements.
    seed : int
        The same seed gives the same range.

    Returns
    -------
    tuple of float
        Lower and upper end. It is no interval of the measure: it says what chance alone would show.

    Raises
    ------
    DataError
        As :func:`compute_index_under_random_placement`.

    Examples
    --------
    >>> low, high = simulate_chance_range([[30, 10], [10, 30], [20, 20]])
    >>> 0 <= low < high < 0.5
    True
    """
    check_confidence(confidence)
    table = np.round(check_pupil_counts(counts)).astype(np.int64)
    size, held = table.sum(axis=1), int(table[:, 0].sum())
    rest = int(size.sum()) - held
    drawn = np.random.default_rng(seed).multivariate_hypergeometric(
        size, held, size=draws, method="marginals"
    )
    apart = np.abs(drawn / held - (size - drawn) / rest).sum(axis=1) / 2
    low, high = np.quantile(apart, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
