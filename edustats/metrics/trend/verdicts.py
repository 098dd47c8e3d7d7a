"""Improving, worsening, stable, or can one not tell? Many series judged at once, as one report prints them.

A direction is claimed when it survives the number of indicators asked about (Benjamini and Hochberg 1995)
and the county's own years agree with it. "Stable" is a finding too: the slope lies within a band that counts
as standing still. Everything else is "cannot tell". What the last year did is a question of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from edustats.metrics.trend.autocorrelation import FEWEST_YEARS
from edustats.metrics.trend.pooling import PooledSlopes, estimate_pooled_slopes
from edustats.typing import Floats

Words = npt.NDArray[np.str_]
Scale = Literal["logit", "log", "linear"]

DISCOVERY = 0.05
"""Share of the directions of one report that may be false."""
BANDS: dict[str, float] = {"logit": 0.01, "log": 0.005, "linear": 0.005}
"""Standing still, per year: odds changing by less than 1 % (a quarter point at 50 %, 0.05 at 95 %); amounts by
less than 0.5 %; where neither scale holds, less than 0.5 % of the mean size."""
OWN_FEWEST = 5
"""Years a county needs that stands alone: four in a row rise by chance in one case of 24."""
HALF_A_UNIT = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendVerdicts:
    """(k, c) arrays, an indicator a row and a county a column; the slopes are on the scale of each row."""

    verdict: Words
    """up, down, stable or cannot_tell."""
    reason: Words
    """Why there is no judgement: all_missing, one_year, few_years; own_years_differ, where the counties together
    move and this one's years do not; among_many, where the interval excludes 0 but so would some of so many by
    chance. constant, where nothing ever moved. Else empty."""
    scale: Words
    """(k,) logit, log or linear."""
    slopes: PooledSlopes
    lower: Floats
    upper: Floats
    p: Floats
    """After allowing for the number of indicators of the report."""
    per_year: Floats
    """Mean yearly change of the fitted line between the county's first and last year, in the value's own unit:
    the line of a share is bent and never leaves 0 to 1. For ``log``, the slope itself, a share of the value."""
    per_year_lower: Floats
    per_year_upper: Floats
    band: Floats
    """The slope that counts as standing still, as ``per_year`` is given."""


def judge_trends(
    years: npt.ArrayLike,
    values: npt.ArrayLike,
    shares: npt.ArrayLike,
    sizes: npt.ArrayLike | None = None,
    segments: npt.ArrayLike | None = None,
    band: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> TrendVerdicts:
    """Judge every indicator of every county.

    Parameters
    ----------
    years : (n,) array_like
        Whole years, ascending.
    values : (k, c, n) array_like
        Indicators by counties by years in the indicator's unit; nan where missing or before a break.
    shares : (k,) array_like of bool
        Which indicators are shares, 0-1. One with a value outside 0-1 is judged on a straight scale.
    sizes : (k, c, n) array_like, optional
        Denominators of the shares: how close to 0 or 1 an observed 0 or 1 is put. nan: 1000.
    segments : (k, c, n) array_like of int, optional
        Number of the definition each year belongs to; levels differ between definitions, the slope does not.
    band : (k,) array_like, optional
        Slope that counts as standing still, on the scale of each indicator; BANDS when none is given.
    confidence : float
        Of the limits.

    Returns
    -------
    Judged

    Raises
    ------
    DataError
        As :func:`~edustats.metrics.trend.pooling.estimate_pooled_slopes`.

    Notes
    -----
    The family of the false discovery rate is a column: all indicators of one county. Stable: the 90 %
    interval lies inside the band (two one-sided tests at 5 %), or nothing ever moved.

    Examples
    --------
    >>> rising = 0.5 + 0.03 * np.arange(10) + 0.004 * np.array([1, -1] * 5)
    >>> found = judge_trends(np.arange(2015, 2025), rising[None, None, :], [True])
    >>> str(found.verdict[0, 0]), round(float(found.per_year[0, 0]), 3)
    ('up', 0.03)
    """
    t, y = np.asarray(years, float), np.asarray(values, float)
    scaled, scale = transform_to_trend_scale(y, np.asarray(shares, bool), sizes)
    slopes = estimate_pooled_slopes(t, scaled, segments)
    lower, upper = slopes.limits(confidence)
    p = adjust_p_values(slopes.p)
    usual = np.array([BANDS[name] for name in scale])[:, None] * _compute_band_unit(y, scale)
    still = usual if band is None else np.broadcast_to(np.asarray(band, float).reshape(-1, 1), p.shape)
    verdict, reason = _word_verdicts(y, slopes, p, still)
    change = partial(_mean_change, t, y, scaled, scale)
    return TrendVerdicts(
        verdict=verdict, reason=reason, scale=scale, slopes=slopes, lower=lower, upper=upper, p=p,
        per_year=change(slopes.per_year), per_year_lower=change(lower), per_year_upper=change(upper),
        band=still * _compute_scale_steepness(y, scale),
    )  # fmt: skip


def transform_to_trend_scale(
    values: Floats, shares: npt.NDArray[np.bool_], sizes: npt.ArrayLike | None
) -> tuple[Floats, Words]:
    """Values on the scale of the line, and its name for each indicator."""
    bounded = _holds_in_all_rows(values, (values >= 0) & (values <= 1)) & shares
    positive = _holds_in_all_rows(values, values > 0) & ~shares
    scale = np.where(bounded, "logit", np.where(positive, "log", "linear"))
    den = np.full(values.shape, np.nan) if sizes is None else np.asarray(sizes, float)
    den = np.where(den >= 1, den, 1000.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = (values * den + HALF_A_UNIT) / (den + 2 * HALF_A_UNIT)
        logit, log = np.log(part / (1 - part)), np.log(values)
    chosen = np.where((scale == "logit")[:, None, None], logit, values)
    return np.where((scale == "log")[:, None, None], log, chosen), scale


def _holds_in_all_rows(values: Floats, holds: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.asarray((holds | np.isnan(values)).all(axis=(1, 2)))


def _average_known_years(values: Floats) -> Floats:
    held = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(held, values, 0.0).sum(axis=-1) / held.sum(axis=-1))


def _compute_band_unit(values: Floats, scale: Words) -> Floats:
    """What the band of each series is a multiple of."""
    return np.where((scale == "linear")[:, None], np.abs(_average_known_years(values)), 1.0)


def _mean_change(years: Floats, values: Floats, scaled: Floats, scale: Words, slope: Floats) -> Floats:
    """Mean yearly change of the line of this slope through the county's mean, over the county's own years."""
    held = np.isfinite(values)
    at = np.where(held, years, np.nan)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        first, last, middle = np.fmin.reduce(at, axis=2), np.fmax.reduce(at, axis=2), _average_known_years(at)
        level = _average_known_years(scaled)
        ends = [1 / (1 + np.exp(-(level + slope * (t - middle)))) for t in (first, last)]
        bent = np.where(last > first, (ends[1] - ends[0]) / (last - first), np.nan)
    return np.where((scale == "logit")[:, None], bent, slope)


def _compute_scale_steepness(values: Floats, scale: Words) -> Floats:
    """Units of the value per unit of the scale, at the county's mean."""
    mean = _average_known_years(values)
    return np.where((scale == "logit")[:, None], mean * (1 - mean), 1.0)


def adjust_p_values(p: Floats) -> Floats:
    """p-values allowing for all others of their column: Benjamini and Hochberg's step-up procedure.

    Parameters
    ----------
    p : (k, c) array_like, nan where nothing was tested

    Examples
    --------
    >>> adjust_p_values(np.array([[0.01], [0.04], [np.nan], [0.03]])).round(3).ravel().tolist()
    [0.03, 0.04, nan, 0.04]
    """
    order = np.argsort(p, axis=0)  # nan last
    ranked = np.take_along_axis(p, order, axis=0)
    tests = np.isfinite(p).sum(axis=0)
    scaled = ranked * tests / np.arange(1, len(p) + 1)[:, None]
    running = np.fmin.accumulate(scaled[::-1], axis=0)[::-1]
    back = np.empty_like(running)
    np.put_along_axis(back, order, np.minimum(running, 1.0), axis=0)
    return np.where(np.isfinite(p), back, np.nan)


def _word_verdicts(values: Floats, slopes: PooledSlopes, p: Floats, band: Floats) -> tuple[Words, Words]:
    n = np.isfinite(values).sum(axis=2)
    with np.errstate(invalid="ignore"):
        still = (np.fmax.reduce(values, axis=2) == np.fmin.reduce(values, axis=2)) & (n >= FEWEST_YEARS)
        low, high = slopes.limits(0.90)
        inside = (low >= -band) & (high <= band)
        agrees = np.sign(slopes.robust) == np.sign(slopes.per_year)
        enough = n >= np.where(slopes.weight < 1, FEWEST_YEARS, OWN_FEWEST)
        sure = (p <= DISCOVERY) & agrees & enough & ~still
    verdict = np.where(sure, np.where(slopes.per_year > 0, "up", "down"), "cannot_tell")
    verdict = np.where(still | (inside & enough), "stable", verdict)
    with np.errstate(invalid="ignore"):
        unsure = (verdict == "cannot_tell") & (slopes.p <= DISCOVERY) & enough
    reason = np.select(
        [
            n == 0,
            n == 1,
            n < FEWEST_YEARS,
            still,
            unsure & (p <= DISCOVERY) & ~agrees,
            unsure & (p > DISCOVERY),
        ],
        ["all_missing", "one_year", "few_years", "constant", "own_years_differ", "among_many"],
        "",
    )
    return verdict, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LastStep:
    """What the last year did, apart from the trend; arrays of one shape."""

    step: Floats
    """Last value less the one before it, nan where either year is missing."""
    usual: Floats
    """Median size of the steps before it; nan with fewer than three."""
    unusual: npt.NDArray[np.bool_]
    """Larger than every earlier step and than three times the usual one, with five steps or more before."""


def measure_last_step(years: npt.ArrayLike, values: npt.ArrayLike) -> LastStep:
    """The change of the last year beside those of the years before.

    Parameters
    ----------
    years : (n,) array_like, ascending
    values : (..., n) array_like, nan where missing

    Examples
    --------
    >>> found = measure_last_step(range(8), [[1, 2, 1, 2, 3, 2, 3, 9]])
    >>> float(found.step[0]), float(found.usual[0]), bool(found.unusual[0])
    (6.0, 1.0, True)
    """
    t, y = np.asarray(years, float), np.asarray(values, float)
    steps = np.where(np.diff(t) == 1, np.diff(y, axis=-1), np.nan)
    if steps.shape[-1] == 0:
        nothing = np.full(y.shape[:-1], np.nan)
        return LastStep(step=nothing, usual=nothing, unusual=np.zeros(y.shape[:-1], bool))
    before = np.sort(np.abs(steps[..., :-1]), axis=-1)  # nan last
    count = np.isfinite(before).sum(axis=-1)
    middle = np.stack([np.maximum((count - 1) // 2, 0), np.minimum(count // 2, before.shape[-1] - 1)], -1)
    usual = (
        np.where(count >= 3, np.take_along_axis(before, middle, -1).mean(-1), np.nan)
        if before.size
        else np.full(count.shape, np.nan)
    )
    largest = np.fmax.reduce(before, axis=-1, initial=-np.inf)
    size = np.abs(steps[..., -1])
    with np.errstate(invalid="ignore"):
        unusual = (count >= 5) & (size > largest) & (size > 3 * usual)
    return LastStep(step=steps[..., -1], usual=usual, unusual=unusual)
