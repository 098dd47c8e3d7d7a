"""Are the counties growing alike? Their spread over the years (sigma) and whether those behind gain (beta)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from edustats.errors import DataError
from edustats.metrics.inequality.measures import check_confidence
from edustats.typing import Floats

FEWEST = 5
"""Counties below which no interval is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence:
    """Sigma and beta of one group of counties; nan limits where there are too few."""

    first_year: int
    last_year: int
    n: int
    """Counties with a value in the first and the last year."""
    first_spread: float
    last_spread: float
    """Standard deviation between the counties, in the value's unit."""
    sigma: float
    """Last spread over the first; below 1 they have come closer."""
    sigma_lower: float
    sigma_upper: float
    beta: float
    """Yearly growth per unit of the starting value; below 0 those behind gain."""
    beta_lower: float
    beta_upper: float
    verdict: str
    """closer, apart, or cannot_tell, by the interval of sigma."""
    p: float = math.nan
    """Two-sided p of equal spreads (Pitman and Morgan); nan where there is no interval."""


def measure_convergence(years: npt.ArrayLike, values: npt.ArrayLike, confidence: float = 0.95) -> Convergence:
    """Sigma and beta convergence between the first and the last year.

    Parameters
    ----------
    years : (n,) array_like, ascending
    values : (c, n) array_like
        Counties by years, in the scale on which alike is meant (shares as they are, amounts as logarithms);
        nan where missing. Only counties with a value in both end years are counted.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Convergence

    Raises
    ------
    DataError
        Years and values that do not fit, or fewer than two years.

    Notes
    -----
    The counties are the same in both years, so the ratio of the spreads has the interval of Pitman (1939) and
    Morgan (1939) for paired variances. Beta is the slope of yearly growth on the starting value with HC3
    errors. Growth is counted from the year after the start: a chance low start would otherwise look like
    catching up. With three years or fewer there is no such year, and beta is nan.

    Examples
    --------
    >>> gaps = np.array([-3.0, -2, -1, 0, 1, 2, 3])
    >>> found = measure_convergence([2015, 2016, 2020], np.outer(gaps, [1.0, 0.9, 0.5]))
    >>> round(found.sigma, 2), found.verdict
    (0.5, 'closer')
    """
    check_confidence(confidence)
    t, y = np.asarray(years, float), np.asarray(values, float)
    if y.ndim != 2 or y.shape[1] != len(t) or len(t) < 2 or (np.diff(t) <= 0).any():
        raise DataError("trends.not_a_cube", years=len(t), shape=" × ".join(map(str, y.shape)))
    y = y[np.isfinite(y[:, 0]) & np.isfinite(y[:, -1])]
    first, last, n = y[:, 0], y[:, -1], len(y)
    spreads = (float(first.std(ddof=1)), float(last.std(ddof=1))) if n > 1 else (math.nan, math.nan)
    sigma, low, high = _compare_spreads(first, last, spreads, confidence)
    beta, beta_low, beta_high = _estimate_beta(t, y, confidence)
    verdict = "closer" if high < 1 else "apart" if low > 1 else "cannot_tell"
    return Convergence(
        first_year=int(t[0]), last_year=int(t[-1]), n=n, first_spread=spreads[0], last_spread=spreads[1],
        sigma=sigma, sigma_lower=low, sigma_upper=high, beta=beta, beta_lower=beta_low, beta_upper=beta_high,
        verdict=verdict, p=_test_spreads(first, last) if math.isfinite(low) else math.nan,
    )  # fmt: skip


def measure_convergence_by_group(
    years: npt.ArrayLike, values: Mapping[str, npt.ArrayLike], confidence: float = 0.95
) -> dict[str, Convergence]:
    """:func:`measure_convergence` of several groups, each with values of its own: town and village apart."""
    return {name: measure_convergence(years, rows, confidence) for name, rows in values.items()}


def _compare_spreads(
    first: Floats, last: Floats, spreads: tuple[float, float], confidence: float
) -> tuple[float, float, float]:
    n = len(first)
    if n < 2 or not spreads[0] > 0:
        return math.nan, math.nan, math.nan
    sigma = spreads[1] / spreads[0]
    if n < FEWEST or not spreads[1] > 0:
        return sigma, math.nan, math.nan
    r = float(np.corrcoef(first, last)[0, 1])
    wide = 1 + 2 * max(0.0, 1 - r**2) * float(stdtrit(n - 2, (1 + confidence) / 2)) ** 2 / (n - 2)
    root = math.sqrt(wide + math.sqrt(wide**2 - 1))
    return sigma, sigma / root, sigma * root


def _test_spreads(first: Floats, last: Floats) -> float:
    """Spreads of pairs are equal where sums and differences are uncorrelated."""
    added, apart = first + last, last - first
    if not (np.ptp(added) > 0 and np.ptp(apart) > 0):
        return 1.0
    r, df = float(np.corrcoef(added, apart)[0, 1]), len(first) - 2
    if abs(r) >= 1 - 1e-12:
        return 0.0
    return 2 * float(stdtr(df, -abs(r) * math.sqrt(df / (1 - r**2))))


def _estimate_beta(t: Floats, y: Floats, confidence: float) -> tuple[float, float, float]:
    inside = y[:, 1:-1]
    column = next((k for k in range(inside.shape[1]) if np.isfinite(inside[:, k]).sum() >= FEWEST), None)
    if column is None:
        return math.nan, math.nan, math.nan
    y = y[np.isfinite(inside[:, column])]
    growth = (y[:, -1] - y[:, column + 1]) / (t[-1] - t[column + 1])
    start = y[:, 0] - y[:, 0].mean()
    squares = float(start @ start)
    if not squares > 0:
        return math.nan, math.nan, math.nan
    beta = float(start @ growth) / squares
    left = growth - growth.mean() - beta * start
    leverage = 1 / len(y) + start**2 / squares
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(leverage < 1 - 1e-12, start * left / (1 - leverage), 0.0)
    se = math.sqrt(float(parts @ parts)) / squares
    half = float(stdtrit(len(y) - 2, (1 + confidence) / 2)) * se
    return beta, beta - half, beta + half
