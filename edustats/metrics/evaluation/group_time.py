"""What changed for those who took part, cohort by cohort and year by year, beside those who never did?

Each cohort (units that began in the same year) is compared with the units that never began, from the year before it
began. Units treated earlier are never a comparison: that is what makes the common regression with two fixed effects
say effects of the wrong sign when cohorts begin one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from edustats.typing import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTimeEffects:
    """Effects by cohort and year, and by years since the beginning."""

    cohort: Ints
    year: Ints
    effect: Floats
    error: Floats
    """(m,) one entry per cohort and year; the year just before the beginning is the base of later years."""
    since: Ints
    by_since: Floats
    by_since_error: Floats
    """(e,) the event study: years since the beginning, effects of the cohorts weighted by their units."""
    average: float
    average_error: float
    """Mean of the event study from the first year of taking part on."""
    pretrend_p: float
    """Wald test that all effects before the beginning are zero; nan where there is none or too few units."""


def estimate_group_time(
    values: Floats, years: Ints, first: Ints, last_since: int | None = None
) -> GroupTimeEffects:
    """Effects of each cohort in each year against units that never took part.

    Parameters
    ----------
    values : (n, t) complete, in the indicator's unit
    years : (t,) ascending
    first : (n,) year in which each unit began, 0: never
    last_since : keep only cohorts seen for so many years after their beginning, and no later year (balanced)

    Returns
    -------
    GroupTimeEffects
        Errors by the influence function, for many units; with few clusters see
        :func:`edustats.metrics.evaluation.few_clusters.compare_collapsed`.

    Notes
    -----
    Callaway and Sant'Anna (2021), unconditional, never treated as comparison, varying base before the beginning.

    Examples
    --------
    >>> values = np.array([[1.0, 1, 3, 3], [1, 1, 3, 3], [2, 2, 3, 3], [2, 2, 3, 3]])
    >>> found = estimate_group_time(values, np.arange(2020, 2024), np.array([2022, 2022, 0, 0]))
    >>> found.effect.tolist(), found.average
    ([0.0, 1.0, 1.0], 1.0)
    """
    cohorts = [int(g) for g in np.unique(first[first > 0]) if years[0] < g <= years[-1]]
    if last_since is not None:
        cohorts = [g for g in cohorts if years[-1] - g >= last_since]
    cells = [(g, t) for g in cohorts for t in range(1, len(years))]
    if last_since is not None:
        cells = [(g, t) for g, t in cells if years[t] - g <= last_since]
    parts = [_compare_cell(values, years, first, g, t) for g, t in cells]
    effect = np.array([one for one, _ in parts])
    influence = np.column_stack([two for _, two in parts])
    cohort = np.array([g for g, _ in cells])
    year = np.array([int(years[t]) for _, t in cells])
    size = np.array([int((first == g).sum()) for g in cohort], float)
    since, weights = _weigh_event_times(year - cohort, size)
    mean = weights[since >= 0].mean(axis=0)
    before = influence[:, year < cohort]
    return GroupTimeEffects(
        cohort=cohort, year=year, effect=effect, error=_error_of(influence), since=since, by_since=weights @ effect,
        by_since_error=_error_of(influence @ weights.T), average=float(mean @ effect),
        average_error=float(_error_of((influence @ mean)[:, None])[0]),
        pretrend_p=_test_before(effect[year < cohort], before),
    )  # fmt: skip


def _compare_cell(values: Floats, years: Ints, first: Ints, cohort: int, t: int) -> tuple[float, Floats]:
    """Difference of two mean changes, and each unit's influence on it."""
    base = t - 1 if years[t] < cohort else int(np.searchsorted(years, cohort)) - 1
    change = values[:, t] - values[:, base]
    own, other = first == cohort, first == 0
    gap = float(change[own].mean() - change[other].mean())
    pull = np.zeros(len(first))
    pull[own] = (change[own] - change[own].mean()) / own.mean()
    pull[other] = -(change[other] - change[other].mean()) / other.mean()
    return gap, pull


def _weigh_event_times(since: Ints, size: Floats) -> tuple[Ints, Floats]:
    found = np.unique(since)
    weights = np.where(since == found[:, None], size, 0.0)
    return found, weights / weights.sum(axis=1, keepdims=True)


def _error_of(influence: Floats) -> Floats:
    return np.sqrt((influence**2).sum(axis=0)) / len(influence)


def _test_before(effect: Floats, influence: Floats) -> float:
    spread = influence.T @ influence / len(influence) ** 2
    if not len(effect) or np.linalg.matrix_rank(spread) < len(effect):
        return float("nan")
    return float(stats.chi2.sf(effect @ np.linalg.solve(spread, effect), len(effect)))
