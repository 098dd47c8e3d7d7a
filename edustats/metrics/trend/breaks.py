"""Did a series jump at some year, more than the scatter about its line explains?

A jump that nobody declared is a question to the office that sent the figures: a new definition, a boundary,
a mistake. It is flagged and never repaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from edustats.metrics.trend.autocorrelation import PRIOR_RHO
from edustats.typing import Floats

FEWEST_YEARS = 8
"""A line, a jump and its year leave too little to judge by in fewer."""
EDGE = 2
"""Years on either side of a jump: a jump in the last year cannot be told from a bad last year."""
DRAWS = 4000
SEED = 1961


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumps:
    """(m,) arrays, one entry a series."""

    year: npt.NDArray[np.int64]
    """First year of the new level where the jump is sure; 0 otherwise."""
    size: Floats
    """In the value's unit; nan where none is sure."""
    p: Floats
    """Of the largest jump at any year; nan where there are too few years."""


def detect_jumps(years: npt.ArrayLike, values: npt.ArrayLike, level: float = 0.01) -> Jumps:
    """The largest jump of each series beside a straight line, tested for its being the largest of all years.

    Parameters
    ----------
    years : (n,) array_like, ascending
    values : (m, n) array_like, nan where missing
    level : float
        p below which a jump is sure; 0.01, because every series of a report is asked.

    Notes
    -----
    At each year a step is added to the line; the statistic is the largest squared t of the steps. Its
    distribution is that of 4,000 drawn series of as many years (fixed seed), whose departures keep 0.3 of
    the year before, so that ordinary persistence is not taken for a jump.

    Examples
    --------
    >>> found = detect_jumps(range(2013, 2023), [[1, 2, 1, 2, 1, 9, 8, 9, 8, 9]])
    >>> int(found.year[0]), round(float(found.size[0]))
    (2018, 7)
    """
    t, y = np.asarray(years, float), np.asarray(values, float)
    m = len(y)
    year, size, p = np.zeros(m, np.int64), np.full(m, np.nan), np.full(m, np.nan)
    patterns, which = np.unique(np.isfinite(y), axis=0, return_inverse=True)
    for k, held in enumerate(patterns):
        if held.sum() < FEWEST_YEARS:
            continue
        rows = np.flatnonzero(which.reshape(-1) == k)
        statistic, at, step = _find_largest_jump(t[held], y[np.ix_(rows, np.flatnonzero(held))])
        null = _simulate_null_statistic(tuple(t[held]))
        p[rows] = (1 + len(null) - np.searchsorted(null, statistic)) / (1 + len(null))
        sure = p[rows] < level
        year[rows] = np.where(sure, t[held][at], 0)
        size[rows] = np.where(sure, step, np.nan)
    return Jumps(year=year, size=size, p=p)


def _find_largest_jump(t: Floats, y: Floats) -> tuple[Floats, npt.NDArray[np.intp], Floats]:
    """Largest squared t over the years, the position of its year, and the step there."""
    n = len(t)
    line = np.column_stack([np.ones(n), t - t.mean()])
    remover = np.eye(n) - line @ np.linalg.pinv(line)
    steps = np.array([(np.arange(n) >= k).astype(float) for k in range(EDGE, n - EDGE + 1)]) @ remover
    left = (y - y.mean(axis=1, keepdims=True)) @ remover
    length = (steps**2).sum(axis=1)
    size = left @ steps.T / length
    gained = size**2 * length
    total = (left**2).sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Dust left by rounding on a perfect line is no jump.
        real = total > 1e-18 * (y**2).sum(axis=1, keepdims=True)
        squared = np.where(real, gained / np.maximum(total - gained, 1e-300) * (n - 3), 0.0)
    best = squared.argmax(axis=1)
    rows = np.arange(len(y))
    return squared[rows, best], best + EDGE, size[rows, best]


@lru_cache(maxsize=512)
def _simulate_null_statistic(years: tuple[float, ...]) -> Floats:
    """The statistic's values without any jump, ascending."""
    t = np.asarray(years)
    alike = PRIOR_RHO ** np.abs(t[:, None] - t[None, :])
    drawn = np.random.default_rng(SEED).standard_normal((DRAWS, len(t))) @ np.linalg.cholesky(alike).T
    return np.sort(_find_largest_jump(t, drawn)[0])
