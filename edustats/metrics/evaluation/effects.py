"""Did it work? What can be said of a measure that some took part in and others did not, and what cannot.

Whatever the figures cannot carry is refused here, by a reason; nothing is estimated around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edustats.metrics.evaluation.few_clusters import (
    LEVEL,
    CollapsedComparison,
    compare_collapsed,
    compare_trends_before,
    count_permutations,
)
from edustats.metrics.evaluation.group_time import GroupTimeEffects, estimate_group_time
from edustats.typing import Floats, Ints

REASONS = (
    "nobody", "no_comparison", "one_comparison", "always", "one_before", "too_few_ways", "no_complete", "no_change",
)  # fmt: skip
"""Why no effect is given; each has a sentence in ``words/evaluation.toml``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectEstimate:
    """What is known of one measure. Without ``comparison`` the ``reason`` says why there is no effect."""

    reason: str
    before: float
    after: float
    """Means of those who took part, each unit's years before and after its beginning; a description, nan if none."""
    treated: int
    others: int
    permutations: int
    left_out: Ints
    """Positions of units that are not there in every year: composition would pass for change."""
    from_start: Ints
    """Positions of units that took part from the first year on: nothing before to compare with."""
    comparison: CollapsedComparison | None = None
    group_time: GroupTimeEffects | None = None
    trends_before_p: float = float("nan")
    """Whether the two sides had different trends before: a t on each unit's slope, good for few units."""
    largest_step: float = float("nan")
    """The largest yearly step by which those who began later drifted from the others before they began."""
    drift: float = float("nan")
    """What a drift of that size a year would add up to over the years compared."""
    all_units_effect: float = float("nan")
    """The effect with units that are there in some years only, each where it has years before and after."""

    @property
    def honest_limits(self) -> tuple[float, float]:
        """Limits that hold even if the two sides kept drifting apart as much as they ever did before."""
        if self.comparison is None:
            return float("nan"), float("nan")
        return self.comparison.lower - self.drift, self.comparison.upper + self.drift

    @property
    def verdict(self) -> str:
        """``higher`` or ``lower`` where both tests agree and the two sides moved alike before, else why not."""
        if self.comparison is None:
            return "cannot_tell"
        if self.trends_before_p < LEVEL and self.comparison.verdict != "cannot_tell":
            return "not_parallel"
        return self.comparison.verdict

    @property
    def breakdown(self) -> float:
        """How many times the drift before would have to go on until nothing can be said; 0 where that is so already."""
        found = self.comparison
        if found is None or found.lower <= 0 <= found.upper:
            return 0.0
        near = min(abs(found.lower), abs(found.upper))
        return near / self.drift if self.drift > 0 else float("inf")


def estimate_effect(values: Floats, years: Ints, first: Ints, seed: int = 1) -> EffectEstimate:
    """What can be put down to a measure, or why nothing can.

    Parameters
    ----------
    values : (n, t) in the indicator's unit; nan where missing
    years : (t,) ascending
    first : (n,) year in which each unit began, 0: never. One later than the last year counts as never
    seed : of permutations that are drawn

    Returns
    -------
    EffectEstimate

    Notes
    -----
    Refused: nobody took part; no comparison, or a single one; all took part from the first year; a single year before
    (no trend before can be looked at); fewer than 20 ways in which the treatment could have fallen.
    The bound on drift is that of Rambachan and Roth (2023), relative magnitudes with M = 1, with the estimated steps.

    Examples
    --------
    >>> values = np.array([[1.0, 4, 5], [2, 5, 5]])
    >>> estimate_effect(values, np.array([2020, 2021, 2022]), np.array([2021, 2021])).reason
    'no_comparison'
    """
    first = np.where(first > years[-1], 0, first)
    start = np.flatnonzero((first > 0) & (first <= years[0]))
    whole = np.isfinite(values).all(axis=1)
    kept = whole & ~np.isin(np.arange(len(first)), start)
    own, began = values[kept], first[kept]
    told = EffectEstimate(
        reason="", before=_mean_of_side(own, years, began, after=False),
        after=_mean_of_side(own, years, began, after=True),
        treated=int((began > 0).sum()), others=int((began == 0).sum()), permutations=count_permutations(began),
        left_out=np.flatnonzero(~whole), from_start=start,
    )  # fmt: skip
    reason = _find_refusal(first, told, own, years, began)
    if reason:
        return replace(told, reason=reason)
    comparison = compare_collapsed(own, years, began, seed)
    found = estimate_group_time(own, years, began)
    step, drift = _bound_drift(found, years, began)
    return replace(
        told, comparison=comparison, group_time=found, largest_step=step, drift=drift,
        trends_before_p=compare_trends_before(own, years, began),
        all_units_effect=_compare_all_units(values, years, first, start),
    )  # fmt: skip


def _find_refusal(first: Ints, told: EffectEstimate, own: Floats, years: Ints, began: Ints) -> str:
    if not (first > 0).any():
        return "nobody"
    if (first > 0).all():
        return "no_comparison"
    if len(told.from_start) == (first > 0).sum():
        return "always"
    if not told.treated or not told.others:
        return "no_complete"
    if told.others == 1:
        return "one_comparison"
    if (years < began[began > 0].max()).sum() < 2:
        return "one_before"
    if 1 / told.permutations > LEVEL:
        return "too_few_ways"
    return "no_change" if np.ptp(own, axis=1).max() == 0 else ""


def _mean_of_side(values: Floats, years: Ints, first: Ints, *, after: bool) -> float:
    took = np.flatnonzero(first > 0)
    sides = [values[i, (years >= first[i]) == after].mean() for i in took]
    return float(np.mean(sides)) if sides else float("nan")


def _bound_drift(found: GroupTimeEffects, years: Ints, first: Ints) -> tuple[float, float]:
    before = np.abs(found.by_since[found.since < 0])
    if not len(before):
        return float("nan"), float("nan")
    spans = [years[years >= g].mean() - years[years < g].mean() for g in first[first > 0]]
    step = float(before.max())
    return step, step * float(np.mean(spans))


def _compare_all_units(values: Floats, years: Ints, first: Ints, start: Ints) -> float:
    """The effect over whoever has a year on either side; nan where a side is empty."""
    keep = ~np.isin(np.arange(len(first)), start)
    gaps, weights = [], []
    for g in np.unique(first[keep & (first > 0)]):
        sides = []
        for side in (years >= g, years < g):
            seen = np.isfinite(values[:, side])
            count = seen.sum(axis=1)
            sums = np.where(seen, values[:, side], 0.0).sum(axis=1)
            sides.append(np.divide(sums, count, out=np.full(len(first), np.nan), where=count > 0))
        change = sides[0] - sides[1]
        known = np.isfinite(change) & keep
        own, other = known & (first == g), known & (first == 0)
        if own.any() and other.any():
            gaps.append(change[own].mean() - change[other].mean())
            weights.append(int(own.sum()))
    return float(np.average(gaps, weights=weights)) if gaps else float("nan")
