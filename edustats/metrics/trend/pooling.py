"""What is the trend in each county, when the counties of a prefecture are read together?

A small county's slope is mostly noise. The prefecture's counties share a movement, each with a departure of
its own; the departure is drawn towards the shared movement the more, the less its own years say. Years in
which all counties jump together widen everybody's interval, because they are one piece of evidence and not
nine. Arrays in, arrays out: indicators by counties by years.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from edustats.errors import DataError
from edustats.metrics.trend.autocorrelation import (
    FittedLines,
    estimate_noise_variance,
    estimate_persistence,
    estimate_slope_variance,
    estimate_slopes,
    fit_lines,
)
from edustats.typing import Floats

FEWEST_AREAS = 4
"""With fewer counties a spread of slopes cannot be estimated, and each stands alone."""
SPREADS = np.concatenate([np.linspace(0, 3, 25), np.linspace(3.5, 12, 12)])
"""Spreads of true slopes tried, in standard errors of one slope; each is thought as likely as another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledSlopes:
    """A slope for each indicator and county, (k, c) arrays; nan where there are too few years."""

    own: Floats
    """From the county's years alone, by least squares."""
    robust: Floats
    """Theil and Sen's, from the county's years alone."""
    per_year: Floats
    """Read together with the other counties; ``own`` where there are fewer than four."""
    se: Floats
    df: Floats
    rho: Floats
    """(k,), how much of one year's departure is found again in the next."""
    weight: Floats
    """Share of the county's own departure that is believed, 0 to 1; 1 where it stands alone."""
    noise: Floats
    """Standard deviation of one year's own departure, what all counties share left out."""
    n: npt.NDArray[np.int64]

    @property
    def p(self) -> Floats:
        """Two-sided p of no trend."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2 * stdtr(self.df, -np.abs(self.per_year) / self.se))

    def limits(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Lower and upper limit of each slope."""
        half = stdtrit(self.df, (1 + confidence) / 2) * self.se
        return self.per_year - half, self.per_year + half


def estimate_pooled_slopes(
    years: npt.ArrayLike, values: npt.ArrayLike, segments: npt.ArrayLike | None = None
) -> PooledSlopes:
    """Slopes of all counties, indicator by indicator, read together.

    Parameters
    ----------
    years : (n,) array_like
        Whole years, ascending; they need not follow on each other.
    values : (k, c, n) array_like
        Indicators by counties by years on the scale of the line (logit for shares, logarithm for counts);
        nan where missing.
    segments : (k, c, n) array_like of int, optional
        Number of the definition a year belongs to. Levels differ between definitions, the slope does not.

    Returns
    -------
    Slopes
        In the scale's unit per year.

    Raises
    ------
    DataError
        When the years do not ascend or their number is not that of the values.

    Notes
    -----
    Departures from the counties' lines follow an AR(1) whose rho is one for all counties of an indicator
    (:func:`~edustats.metrics.trend.autocorrelation.estimate_persistence`). The variance of the shared slope comes from
    the yearly means of the departures, so common shocks count once. Own departures have moderated variances (Smyth
    2004) and normal true slopes whose spread is integrated out over a flat prior (Morris 1983; Gelman 2006).
    The interval covers the county's slope over repetitions of noise and counties; for one county far from
    all others it covers less, which ``weight`` shows.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> noise = rng.normal(0, 1, (1, 9, 10))
    >>> found = estimate_pooled_slopes(np.arange(2015, 2025), 0.5 * np.arange(10) + noise)
    >>> bool(np.all(np.abs(found.per_year - 0.5) <= np.abs(found.own - 0.5).max()))
    True
    """
    t, y = np.asarray(years, float), np.asarray(values, float)
    if y.ndim != 3 or y.shape[2] != len(t) or (np.diff(t) <= 0).any():
        raise DataError("trends.not_a_cube", years=len(t), shape=" × ".join(map(str, y.shape)))
    k, c, n = y.shape
    parts = None if segments is None else np.asarray(segments, np.int64).reshape(k * c, n)
    found = fit_lines(t, y.reshape(k * c, n), parts)
    groups = np.repeat(np.arange(k), c)
    departures = np.where(
        np.isfinite(y) & (found.plan_of >= 0).reshape(k, c, 1), found.departures.reshape(k, c, n), np.nan
    )
    together = _count_counties(departures) >= FEWEST_AREAS
    shared = _average_over_counties(departures)
    rho = estimate_persistence(found, groups, _estimate_independent_share(departures, shared))
    own, df = estimate_slopes(found, y.reshape(k * c, n), rho[groups])
    variance = estimate_slope_variance(found, found.departures, rho[groups])
    alone = PooledSlopes(
        own=own.reshape(k, c), robust=estimate_robust_slopes(t, y), per_year=own.reshape(k, c),
        se=np.sqrt(variance).reshape(k, c), df=df.reshape(k, c), rho=rho, weight=np.ones((k, c)),
        noise=np.sqrt(estimate_noise_variance(found, variance, rho[groups])).reshape(k, c), n=found.n.reshape(k, c),
    )  # fmt: skip
    if not together.any():
        return alone
    return _pool_slopes(alone, found, departures, shared, together)


def _count_counties(departures: Floats) -> npt.NDArray[np.int64]:
    return np.asarray(np.isfinite(departures).any(axis=2).sum(axis=1))


def _average_over_counties(departures: Floats) -> Floats:
    """(k, n) yearly means over the counties; nan in years without any."""
    held = np.isfinite(departures)
    count = held.sum(axis=1)
    total = np.where(held, departures, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _estimate_independent_share(departures: Floats, shared: Floats) -> Floats:
    """Independent series that the counties amount to, over their number: 1/c when all move as one."""
    c = np.maximum(_count_counties(departures), 1)
    held = np.isfinite(departures).sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        within = np.nansum(departures**2, axis=(1, 2)) / held
        common = np.nansum(shared**2, axis=1) / np.isfinite(shared).sum(axis=1)
        alike = (c * common / within - 1) / np.maximum(c - 1, 1)
    return np.asarray(1 / (1 + (c - 1) * np.clip(np.nan_to_num(alike), 0, 1)))


def _pool_slopes(
    alone: PooledSlopes, found: FittedLines, departures: Floats, shared: Floats, pool: npt.NDArray[np.bool_]
) -> PooledSlopes:
    """Replace the slopes of the indicators that have counties enough by pooled ones."""
    own, c = alone.own, np.maximum(_count_counties(departures), 2)
    held, rho = np.isfinite(own), np.repeat(alone.rho, own.shape[1])
    middle = _average_rows(own)
    # Every county's years are tried on the shared departures; what is missing in one is held by another.
    common = np.where(np.isfinite(departures), shared[:, None, :], 0.0).reshape(len(rho), -1)
    shared_variance = _average_rows(estimate_slope_variance(found, common, rho).reshape(own.shape))
    shared_df = _average_rows(alone.df)
    apart = np.nan_to_num(departures - shared[:, None, :]).reshape(common.shape)
    variance = estimate_slope_variance(found, apart, rho).reshape(own.shape) * (c / (c - 1))[:, None]
    variance, df = _moderate_variance(np.where(held, variance, np.nan), alone.df)
    noise = np.sqrt(estimate_noise_variance(found, variance.reshape(-1), rho).reshape(own.shape))
    drawn, spread, weight = _shrink_to_shared_slope(np.where(held, own - middle[:, None], np.nan), variance)
    total = shared_variance[:, None] + spread
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = total**2 / (shared_variance[:, None] ** 2 / shared_df[:, None] + spread**2 / df)
    use = pool[:, None] & held
    return replace(
        alone,
        per_year=np.where(use, middle[:, None] + drawn, own),
        se=np.where(use, np.sqrt(total), alone.se),
        df=np.where(use, joint, alone.df),
        weight=np.where(use, weight, 1.0),
        noise=np.where(use, noise, alone.noise),
    )


def _average_rows(values: Floats) -> Floats:
    held = np.isfinite(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(held, values, 0.0).sum(axis=1) / held.sum(axis=1))


def _moderate_variance(variance: Floats, df: Floats) -> tuple[Floats, Floats]:
    """Each county's variance drawn towards that of all, the more the more alike they are (Smyth 2004)."""
    mean, own_df = _average_rows(variance), _average_rows(df)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = _average_rows((variance - mean[:, None]) ** 2) / mean**2
        excess = (spread - 2 / own_df) / (1 + 2 / own_df)
    prior = (4 + 2 / np.maximum(np.nan_to_num(excess), 0.02))[:, None]
    return (prior * mean[:, None] + df * variance) / (prior + df), prior + df


def _shrink_to_shared_slope(apart: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    """Posterior mean and variance of each departure from the shared slope, and the weight of its own years.

    Normal departures around 0 whose spread is summed over SPREADS, each weighted by its likelihood.
    """
    held = np.isfinite(apart)
    v = np.where(held, variance, 1.0)[:, None, :]
    x = np.where(held, apart, 0.0)[:, None, :]
    squared = (SPREADS[None, :, None] ** 2) * _average_rows(variance)[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = np.where(held[:, None, :], np.log(squared + v) + x**2 / (squared + v), 0.0).sum(axis=2) / -2
        step = np.gradient(SPREADS)
        chance = np.exp(fit - fit.max(axis=1, keepdims=True)) * step
        chance = (chance / chance.sum(axis=1, keepdims=True))[:, :, None]
        kept = squared / (squared + v)
        weight = (chance * kept).sum(axis=1)
        mean = (chance * kept * x).sum(axis=1)
        within = (chance * kept * v).sum(axis=1)
        between = (chance * (kept * x) ** 2).sum(axis=1) - mean**2
    return mean, within + np.maximum(between, 0), weight


def estimate_robust_slopes(years: npt.ArrayLike, values: npt.ArrayLike) -> Floats:
    """Theil and Sen's slope of every series, the median of the slopes between all pairs of years.

    Parameters
    ----------
    years : (n,) array_like, ascending
    values : (..., n) array_like, nan where missing

    Returns
    -------
    (...) array in the values' unit per year; nan with fewer than two values.

    Examples
    --------
    >>> estimate_robust_slopes([2018, 2019, 2020, 2021], [[1, 2, 30, 4]])
    array([1.])
    """
    t, y = np.asarray(years, float), np.asarray(values, float)
    if len(t) < 2:
        return np.full(y.shape[:-1], np.nan)
    i, j = np.triu_indices(len(t), 1)
    slopes = np.sort((y[..., j] - y[..., i]) / (t[j] - t[i]), axis=-1)  # nan last
    count = np.isfinite(slopes).sum(axis=-1)
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, slopes.shape[-1] - 1)
    pick = np.stack([low, high], axis=-1)
    return np.asarray(np.take_along_axis(slopes, pick, axis=-1).mean(axis=-1))
