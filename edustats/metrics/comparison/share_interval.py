"""How surely is a share known when only part of those it is of were asked? Wilson's interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from statsmodels.stats.proportion import proportion_confint

from edustats.errors import DataError
from edustats.metrics.checks import check_confidence
from edustats.typing import Floats


def estimate_share_interval(
    count: npt.ArrayLike, total: npt.ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Wilson's interval of a share, for samples; a full count has no sampling error and needs none.

    Parameters
    ----------
    count : array_like
        Those who have it, 0 to ``total``; nan where unknown.
    total : array_like
        Those who were asked; 0 or nan gives nan.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    lower, upper : arrays of the shape of both together, from 0 to 1

    Raises
    ------
    DataError
        When a count is below 0 or above its total.

    Notes
    -----
    Wilson (1927): the shares that a score test does not reject. Unlike the textbook interval it does not leave
    0 to 1, and does not shrink to a point at 0 or at all of them.

    Examples
    --------
    >>> low, high = estimate_share_interval(8, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.49, 0.943)
    """
    check_confidence(confidence)
    k, n = np.broadcast_arrays(np.asarray(count, float), np.asarray(total, float))
    wrong = (k < 0) | (k > n)
    if wrong.any():
        raise DataError("trends.not_a_count", found=float(k[wrong][0]), total=float(n[wrong][0]))
    known = np.isfinite(k) & (n > 0)
    lower, upper = np.full(k.shape, np.nan), np.full(k.shape, np.nan)
    lower[known], upper[known] = proportion_confint(k[known], n[known], 1 - confidence, method="wilson")
    return lower, upper
