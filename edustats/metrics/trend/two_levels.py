"""How far has a county's level moved, when the area's common path and its own departure are known apart?

The common path is one series an indicator: a shock to all counties is one draw a year, not nine. How much
further than thought the common path went in earlier years is learned by standing in each of them, and widens
what is said of this one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr

from edustats.metrics.trend.common_path import split_common
from edustats.metrics.trend.local_level import Levels, fit_levels
from edustats.metrics.trend.pooling import FEWEST_AREAS
from edustats.typing import Flags, Floats

FEWEST_YEARS = 3
"""Held years from which levels can be told from noise at all."""
FIRST_ORIGIN = 5
"""Years known at the first origin that is looked back at."""
PRIOR_WIDENING, PRIOR_YEARS = 1.25, 3
"""How much further than thought a common path goes before any year was looked back at, and what that weighs."""
WORST = 16.0
"""A squared miss counts at most so much: one wild indicator is not a wild year."""
OWN_WIDENING = 1.1
"""Departures of one year are found again in the next (rho about 0.3), which a level with white noise does not
know; so much wider is what is said of a county's own movement."""
SIZE_POWER = -0.25
"""Movement of a county by its denominator. Standard deviations of real figures fall more slowly than the
square root says, because most of their noise is not sampling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Mean, variance and degrees of freedom of one contrast of levels, (k, c) arrays."""

    mean: Floats
    variance: Floats
    df: Floats

    def above(self, limit: Floats) -> Floats:
        """Probability that the contrast is more than the limit."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(stdtr(self.df, (self.mean - limit) / np.sqrt(self.variance)))

    def below(self, limit: Floats) -> Floats:
        """Probability that it is less."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(stdtr(self.df, (limit - self.mean) / np.sqrt(self.variance)))


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoLevels:
    """The levels of k indicators in c counties; contrasts name years of ``years``, one weight each."""

    years: Floats
    """(s,) the years of the values and those asked about after them."""
    common: Levels
    """k rows."""
    own: Levels
    """k·c rows, magnified by ``part``; the counties' values where an indicator's counties are too few."""
    together: Flags
    """(k,) whether the counties of the indicator are read together."""
    part: Floats
    """(k,) standard deviation of a departure from the mean of c counties, over that from the true mean."""
    shape: tuple[int, int]

    def moved(self, weights: Floats, widening: float, known_years: int) -> Moved:
        """Contrasts of the counties' levels; ``weights`` (k, c, s) add up to 0 in each county."""
        own, common = self.own_moved(weights), self._common(weights)
        together = self.together[:, None]
        path = np.where(together, common.mean, 0.0)
        # A county that stands alone has no shocks of others to be told from: all of it is widened.
        wide = widening**2 * np.where(together, common.variance, own.variance)
        free = np.minimum(np.where(together, common.df, own.df), PRIOR_YEARS + known_years)
        rest = np.where(together, own.variance, 0.0)
        variance = wide + rest
        with np.errstate(invalid="ignore", divide="ignore"):
            df = variance**2 / (wide**2 / free + rest**2 / own.df)
        return Moved(mean=path + own.mean, variance=variance, df=df)

    def own_moved(self, weights: Floats) -> Moved:
        """Contrasts of the departures alone: against what the counties did together."""
        asked, part = _states(weights), self.part[:, None]
        mean, variance = self.own.of(asked, np.arange(len(asked)))
        return Moved(
            mean=mean.reshape(self.shape) / part,
            variance=np.maximum(OWN_WIDENING**2 * variance.reshape(self.shape), 1e-18),
            df=self.own.df.reshape(self.shape),
        )

    def _common(self, weights: Floats) -> Moved:
        k, c = self.shape
        series = np.repeat(np.arange(k), c)
        mean, variance = self.common.of(_states(weights), series)
        return Moved(
            mean=mean.reshape(k, c),
            variance=np.maximum(variance.reshape(k, c), 1e-18),
            df=self.common.df[series].reshape(k, c),
        )

    def curve(self) -> Floats:
        """(k, c, s) fitted levels on the scale of the values."""
        own = self.own.curve().reshape(*self.shape, -1) / self.part[:, None, None]
        return np.asarray(np.where(self.together[:, None, None], self.common.curve()[:, None], 0.0) + own)


def _states(weights: Floats) -> Floats:
    """(k·c, s+1) weights of the states: contrasts do not ask for the noise of the first year."""
    flat = weights.reshape(-1, weights.shape[-1])
    return np.concatenate([np.zeros((len(flat), 1)), flat], axis=1)


def fit_two_levels(years: Floats, values: Floats, sizes: Floats | None = None) -> TwoLevels:
    """Common paths and own departures of all series, read together where an indicator has four counties.

    Parameters
    ----------
    years : (s,) ascending; the values stand in the first n
    values : (k, c, n) on an unbounded scale, nan where missing
    sizes : (k, c) typical denominators, nan where unknown
    """
    k, c, n = values.shape
    split = split_common(values)
    enough = np.isfinite(values).sum(axis=2) >= FEWEST_YEARS
    together = enough.sum(axis=1) >= FEWEST_AREAS
    count = enough.sum(axis=1)
    part = np.where(together, np.sqrt(count / np.maximum(count - 1, 1)), 1.0)
    apart = np.where(together[:, None, None], split.departures * part[:, None, None], values)
    return TwoLevels(
        years=years,
        common=fit_levels(
            years, np.where(together[:, None], split.path, np.nan), np.arange(k), FEWEST_YEARS
        ),
        own=fit_levels(
            years, apart.reshape(k * c, n), np.repeat(np.arange(k), c), FEWEST_YEARS, _movement(sizes, k, c)
        ),
        together=together, part=part, shape=(k, c),
    )  # fmt: skip


def _movement(sizes: Floats | None, k: int, c: int) -> Floats | None:
    """How much a county of this denominator moves beside the others of its indicator; 1 where unknown."""
    if sizes is None:
        return None
    log = np.log(np.where(sizes > 0, sizes, np.nan))
    known = np.isfinite(log)
    middle = np.where(known, log, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.exp(SIZE_POWER * np.where(known, log - middle[:, None], 0.0)).reshape(k * c)


def squared_misses(years: Floats, values: Floats, sizes: Floats | None = None) -> list[float]:
    """How far common paths went beyond what was thought: standing in each year from the fifth to the last but one.

    A mean over the indicators of squared misses in units of their own variance, one a year; 1 is as thought.
    """
    found = []
    for end in range(FIRST_ORIGIN, values.shape[2]):
        fitted = fit_two_levels(years[: end + 1], values[..., :end], sizes)
        missed = _missed(fitted, values[..., end])
        if missed.size:
            found.append(float(np.minimum(missed, WORST).mean()))
    return found


def _missed(fitted: TwoLevels, following: Floats) -> Floats:
    """(≤ k,) squared miss of each common path in the year after its last; nothing where it was not seen."""
    (k, c), states = fitted.shape, len(fitted.years) + 1
    asked = np.zeros((k * c, states))
    asked[:, [0, -1]] = 1.0  # less the first year's noise, and on to the next level
    own, _ = fitted.own.of(asked, np.arange(k * c))
    own = (own + fitted.own.first).reshape(k, c) / fitted.part[:, None]
    path, variance = fitted.common.of(asked[:k], np.arange(k))
    error = following - own - (path + fitted.common.first)[:, None]
    held = np.isfinite(error)
    mean = np.where(held, error, 0.0).sum(axis=1) / np.maximum(held.sum(axis=1), 1)
    seen = held.any(axis=1) & fitted.together
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = mean**2 / (variance + fitted.common.noise())
    return np.asarray(squared[seen & np.isfinite(squared)])


def widening(misses: list[float]) -> float:
    """Factor by which the standard deviation of common paths is widened.

    Examples
    --------
    >>> widening([]), round(widening([4.0, 4.0, 4.0]), 2)
    (1.25, 1.67)
    """
    total = PRIOR_YEARS * PRIOR_WIDENING**2 + sum(misses)
    return float(np.sqrt(total / (PRIOR_YEARS + len(misses))))
