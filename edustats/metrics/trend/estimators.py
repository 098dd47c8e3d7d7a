"""Is a yearly series going anywhere, how fast, and can one tell?

One series by itself. A slope that one odd year cannot turn (Theil-Sen), its interval from the exact
distribution of Kendall's S, widened where one year's departure may carry over into the next, and a verdict
that may be "cannot tell". County series are short: four years cannot show a direction at 95 % whatever they
look like, and the answer says so. Years need not be evenly spaced. A county among its neighbours is read in
:mod:`~edustats.metrics.trend.verdicts`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, permutations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from edustats.errors import DataError, ParameterError
from edustats.metrics.checks import (
    check_confidence,
    parse_number_column,
    refuse_wrong_entries,
    require_same_length,
)
from edustats.metrics.trend.pooling import estimate_pooled_slopes
from edustats.typing import Floats

Better = Literal["higher", "lower", "none"]

MIN_YEARS = 4
"""Below this many years no verdict is attempted."""
HAC_FEWEST = 8
"""Below this many years errors estimated from the departures' own products mean nothing."""
ENUMERATED = 7
"""Up to this many years the permutations of a series with ties are counted one by one (7! = 5040)."""
NAMES = {
    "higher": {1: "improving", -1: "worsening"},
    "lower": {1: "worsening", -1: "improving"},
    "none": {1: "rising", -1: "falling"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopeEstimate:
    """A robust slope with its interval."""

    per_year: float
    """In the value's unit per year; nan with fewer than two years."""
    lower: float
    upper: float
    """-inf and inf when there are too few years for the confidence asked."""
    confidence: float
    n: int
    method: str
    """``sen_exact``; ``sen_ar1`` when widened for departures that carry over; ``hac``; or ``too_few`` when the
    limits are infinite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KendallTest:
    """The Mann-Kendall test for a monotone trend."""

    s: int
    """Pairs of years that rise minus pairs that fall."""
    p: float
    """Two-sided."""
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What a series does, as far as one can tell."""

    verdict: str
    """improving, worsening, rising, falling, stable or cannot_tell."""
    slope: SlopeEstimate
    kendall: KendallTest
    first_year: int | None
    last_year: int | None
    """First and last year used; None when none is left."""
    n: int


def _sort_series(years: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    """Both columns sorted by year, values possibly missing; every year whole and there once."""
    t, y = parse_number_column("years", years), parse_number_column("values", values)
    require_same_length("years", t, "values", y)
    refuse_wrong_entries("metrics.year_not_whole", "years", t, ~np.isfinite(t) | (t != np.floor(t)))
    refuse_wrong_entries("metrics.not_finite", "values", y, np.isinf(y))
    found, times = np.unique(t, return_counts=True)
    if (times > 1).any():
        twice = int(times.argmax())
        raise DataError("metrics.year_twice", year=f"{found[twice]:.0f}", times=int(times[twice]))
    order = np.argsort(t)
    return t[order], y[order]


def _require_complete_series(years: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    t, y = _sort_series(years, values)
    refuse_wrong_entries("metrics.not_finite", "values", y, np.isnan(y))
    return t, y


@cache
def _compute_inversion_distribution(n: int) -> Floats:
    """P(K <= k), k = 0 .. n(n-1)/2, for the inversions K of n different values in random order."""
    p = np.ones(1)
    for size in range(2, n + 1):
        p = np.convolve(p, np.full(size, 1 / size))
    return np.cumsum(p)


def theil_sen(years: ArrayLike, values: ArrayLike, confidence: float = 0.95) -> SlopeEstimate:
    """Median of the slopes between all pairs of years, with Sen's interval.

    Parameters
    ----------
    years : (n,) array_like
        Whole years in any order and with any gaps, each once.
    values : (n,) array_like
        One value a year, none missing.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Slope
        In the value's unit per year. ``lower`` and ``upper`` are -inf and inf when no interval of that
        confidence exists: at 95 % this takes five years. With fewer than two years ``per_year`` is nan.

    Raises
    ------
    DataError
        When a year is missing, not whole or there twice, a value is missing, or the lengths differ.
    ParameterError
        When the confidence is not between 0 and 1.

    Notes
    -----
    The estimate is Theil's (1950), the interval Sen's (1968): the slopes numbered ``k + 1`` from either end,
    where ``k`` is the largest number with ``P(K <= k) <= (1 - confidence) / 2`` and K counts the pairs of n
    years in random order that fall. Its distribution is computed exactly for every n; the levels jump, so
    short series are covered more often than asked (98.3 % with five or six years). Tied values keep the
    limits of the untied case, which errs on the safe side. The years' deviations from the line are taken as
    independent: where one high year drags the next along, the interval is too short.

    Examples
    --------
    >>> slope = theil_sen([2018, 2019, 2020, 2021, 2023], [1.0, 2.0, 3.0, 9.0, 6.0])
    >>> slope.per_year, slope.lower, slope.upper
    (1.0, -1.5, 6.0)
    >>> theil_sen([2020, 2021, 2022, 2023], [1, 2, 3, 4]).lower
    -inf
    """
    check_confidence(confidence)
    t, y = _require_complete_series(years, values)
    return _estimate_theil_sen(t, y, confidence)


def _estimate_theil_sen(t: Floats, y: Floats, confidence: float) -> SlopeEstimate:
    n = len(t)
    i, j = np.triu_indices(n, 1)
    slopes = np.sort((y[j] - y[i]) / (t[j] - t[i]))
    # The hair's breadth keeps a level that is met exactly from being lost to rounding.
    k = (
        int(np.searchsorted(_compute_inversion_distribution(n), (1 - confidence) / 2 + 1e-12, side="right"))
        - 1
    )
    lower, upper = (slopes[k], slopes[-1 - k]) if k >= 0 else (-math.inf, math.inf)
    middle = float(np.median(slopes)) if n > 1 else math.nan
    method = "sen_exact" if k >= 0 else "too_few"
    limits = {"lower": float(lower), "upper": float(upper)}
    return SlopeEstimate(per_year=middle, **limits, confidence=confidence, n=n, method=method)


def least_squares_hac(years: ArrayLike, values: ArrayLike, confidence: float = 0.95) -> SlopeEstimate:
    """Least squares slope with errors that allow for unequal and related departures (Newey and West 1987).

    Parameters
    ----------
    years, values : (n,) array_like
        As :func:`theil_sen`; from eight years on, fewer give infinite limits.
    confidence : float
        Between 0 and 1.

    Notes
    -----
    Bartlett weights over ``floor(4 (n / 100) ** (2 / 9))`` years, small-sample correction, Student's t with
    n - 2 degrees of freedom. In short series these errors are still too small (``docs/methods.md``); they
    are offered for comparison and decide no verdict.

    Examples
    --------
    >>> found = least_squares_hac(range(2015, 2025), [1, 2, 2, 4, 4, 5, 7, 7, 8, 9])
    >>> round(found.per_year, 3), found.method
    (0.903, 'hac')
    """
    check_confidence(confidence)
    t, y = _require_complete_series(years, values)
    n = len(t)
    if n < HAC_FEWEST:
        slope = (
            _estimate_theil_sen(t, y, confidence).per_year
            if n < 2
            else float(np.polyfit(t - t.mean(), y, 1)[0])
        )
        infinite = {"lower": -math.inf, "upper": math.inf}
        return SlopeEstimate(per_year=slope, **infinite, confidence=confidence, n=n, method="too_few")
    from statsmodels.regression.linear_model import OLS

    lags = {"maxlags": int(4 * (n / 100) ** (2 / 9)), "use_correction": True}
    fit = OLS(y, np.column_stack([np.ones(n), t - t.mean()])).fit(cov_type="HAC", cov_kwds=lags, use_t=True)
    low, high = fit.conf_int(1 - confidence)[1]
    return SlopeEstimate(
        per_year=float(fit.params[1]), lower=float(low), upper=float(high), confidence=confidence, n=n,
        method="hac",
    )  # fmt: skip


def mann_kendall(years: ArrayLike, values: ArrayLike) -> KendallTest:
    """Test whether a series rises or falls more consistently than chance would have it.

    Parameters
    ----------
    years : (n,) array_like
        Whole years in any order, each once; only their order counts.
    values : (n,) array_like
        One value a year, none missing.

    Returns
    -------
    Kendall
        ``s`` from -n(n-1)/2 to n(n-1)/2; ``p`` from 0 to 1, and 1 with fewer than two years or when all
        values are equal.

    Raises
    ------
    DataError
        As :func:`theil_sen`.

    Notes
    -----
    Mann (1945), Kendall (1975). Without ties ``p`` is exact for every n. With ties it is exact up to seven
    years, by counting every order of the values, and beyond that the normal approximation with the variance
    corrected for ties and S moved one towards 0.

    Examples
    --------
    >>> mann_kendall([2019, 2020, 2021, 2022, 2023], [1, 2, 3, 4, 5])
    KendallTest(s=10, p=0.016666666666666666, n=5)
    """
    return _test_kendall(_require_complete_series(years, values)[1])


def _test_kendall(y: Floats) -> KendallTest:
    n = len(y)
    s = _compute_kendall_s(y[None, :])[0]
    ties = np.unique(y, return_counts=True)[1]
    if len(ties) == n:
        p = _compute_exact_p(s, n)
    elif n <= ENUMERATED:
        orders = np.array(list(permutations(y)))
        p = float(np.mean(np.abs(_compute_kendall_s(orders)) >= abs(s)))
    else:
        p = _compute_normal_p(s, n, ties)
    return KendallTest(s=int(s), p=p, n=n)


def _compute_kendall_s(rows: Floats) -> Floats:
    """Kendall's S of each row."""
    pairs = combinations(range(rows.shape[1]), 2)
    return sum((np.sign(rows[:, j] - rows[:, i]) for i, j in pairs), start=np.zeros(len(rows)))


def _compute_exact_p(s: float, n: int) -> float:
    fewest = int(n * (n - 1) / 2 - abs(s)) // 2
    return min(1.0, 2 * float(_compute_inversion_distribution(n)[fewest])) if n > 1 else 1.0


def _compute_normal_p(s: float, n: int, ties: np.ndarray) -> float:
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    return float(2 * ndtr(-(abs(s) - 1) / math.sqrt(variance))) if s else 1.0


def judge_trend(
    years: ArrayLike,
    values: ArrayLike,
    better: Better,
    breaks: Iterable[int] = (),
    confidence: float = 0.95,
) -> Trend:
    """Direction of a yearly series, or "cannot tell".

    Parameters
    ----------
    years : (n,) array_like
        Whole years in any order and with any gaps, each once.
    values : (n,) array_like
        One value a year in any unit; missing ones (nan) are left out.
    better : {"higher", "lower", "none"}
        Which way is good; ``none`` where neither is.
    breaks : iterable of int
        First years of new definitions. Only the years from the latest of them on are compared; a break after
        the last year given has not happened yet and is ignored.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Trend
        ``verdict`` is

        - ``cannot_tell`` with fewer than four years;
        - ``stable`` when all values are equal;
        - a direction when the interval of the slope, widened for departures that carry over, excludes 0 and
          Kendall's p is below 1 - confidence: ``improving`` or ``worsening``, and ``rising`` or ``falling``
          when neither way is better;
        - ``cannot_tell`` otherwise.

    Raises
    ------
    DataError
        As :func:`theil_sen`, except that values may be missing.
    ParameterError
        When ``better`` is unknown or the confidence is not between 0 and 1.

    Examples
    --------
    >>> found = judge_trend(range(2017, 2024), [16, 16.2, 15.8, 15.5, 15.1, 15.0, 14.8], better="lower")
    >>> found.verdict, found.first_year, found.n
    ('improving', 2017, 7)
    >>> judge_trend([2020, 2021, 2022, 2023], [1, 2, 3, 4], better="higher").verdict
    'cannot_tell'
    """
    if better not in NAMES:
        raise ParameterError("metrics.choice", name="better", found=better, expected=", ".join(NAMES))
    check_confidence(confidence)
    t, y = _select_comparable_years(*_sort_series(years, values), breaks)
    slope, kendall = _widen_for_autocorrelation(_estimate_theil_sen(t, y, confidence), t, y), _test_kendall(y)
    first, last = (int(t[0]), int(t[-1])) if len(t) else (None, None)
    verdict = _judge_direction(y, slope, kendall, better)
    return Trend(verdict=verdict, slope=slope, kendall=kendall, first_year=first, last_year=last, n=len(t))


def _widen_for_autocorrelation(slope: SlopeEstimate, t: Floats, y: Floats) -> SlopeEstimate:
    """The interval wide enough for the exact one and for that which allows for departures carrying over."""
    if not math.isfinite(slope.lower):
        return slope
    low, high = (float(x[0, 0]) for x in estimate_pooled_slopes(t, y[None, None, :]).limits(slope.confidence))
    return replace(slope, lower=min(slope.lower, low), upper=max(slope.upper, high), method="sen_ar1")


def _select_comparable_years(t: Floats, y: Floats, breaks: Iterable[int]) -> tuple[Floats, Floats]:
    """The years that share the last definition and have a value."""
    happened = [year for year in breaks if len(t) and year <= t[-1]]
    kept = ~np.isnan(y) & (t >= max(happened, default=-math.inf))
    return t[kept], y[kept]


def _judge_direction(y: Floats, slope: SlopeEstimate, kendall: KendallTest, better: Better) -> str:
    if len(y) < MIN_YEARS:
        return "cannot_tell"
    if (y == y[0]).all():
        return "stable"
    sure = slope.lower > 0 or slope.upper < 0
    if sure and kendall.p < 1 - slope.confidence:
        return NAMES[better][1 if slope.lower > 0 else -1]
    return "cannot_tell"
