"""Did it work? What can be said of a measure that some took part in and others did not, and what cannot.

Whatever the figures cannot carry is refused here, by a reason; nothing is estimated around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edustats.metrics.evaluation.few_clusters import (
    LEVEL,
    CollapsedComparison,
    DriftBefore,
    bound_drift,
    compare_collapsed,
    count_permutations,
    find_attained_level,
)
from edustats.metrics.evaluation.group_time import GroupTimeEffects, estimate_group_time
from edustats.typing import Floats, Ints

REASONS = (
    "nobody", "no_comparison", "one_comparison", "always", "one_before", "too_few_ways", "no_complete", "no_change",
)  # fmt: skip
"""Why no effect is given; each has a sentence in ``words/evaluation.toml``."""
CROWDED = 2.5
"""Crowding that chance brings about once in 200 draws with nine counties."""


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
    before_drift: DriftBefore | None = None
    """How the two sides moved apart before, and what that leaves of the effect."""
    crowded: bool = False
    """Whether those who took part lie in few areas, so that what befell these cannot be told from the measure."""
    all_units_effect: float = float("nan")
    """The effect with units that are there in some years only, each where it has years before and after."""

    @property
    def trends_before_p(self) -> float:
        """Whether the two sides had different trends before."""
        return self.before_drift.p if self.before_drift else float("nan")

    @property
    def honest_limits(self) -> tuple[float, float]:
        """Limits that hold whether the two sides stopped drifting apart, went on as before, or anything between."""
        if self.comparison is None or self.before_drift is None:
            return float("nan"), float("nan")
        found, bound = self.comparison, self.before_drift
        return min(found.lower, bound.lower), max(found.upper, bound.upper)

    @property
    def verdict(self) -> str:
        """``higher`` or ``lower``: something is put down to the measure; else why not.

        It takes both tests, trends before that are not known to differ, and limits that hold even if they had gone on.
        """
        if self.comparison is None or self.comparison.verdict == "cannot_tell":
            return "cannot_tell"
        if self.crowded:
            return "crowded"
        if self.trends_before_p < LEVEL:
            return "not_parallel"
        low, high = self.honest_limits
        return self.comparison.verdict if low > 0 or high < 0 else "may_drift"


def estimate_effect(
    values: Floats, years: Ints, first: Ints, seed: int = 1, areas: Ints | None = None
) -> EffectEstimate:
    """What can be put down to a measure, or why nothing can.

    Parameters
    ----------
    values : (n, t) in the indicator's unit; nan where missing
    years : (t,) ascending
    first : (n,) year in which each unit began, 0: never. One later than the last year counts as never
    seed : of permutations that are drawn
    areas : (n,) in which each unit lies, where that is known

    Returns
    -------
    EffectEstimate

    Notes
    -----
    Refused: nobody took part; no comparison, or a single one; all took part from the first year; a single year before
    (no trend before can be looked at); so few ways in which the treatment could have fallen that no permutation is
    rarer than 5 %.

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
    return replace(
        told, comparison=compare_collapsed(own, years, began, seed),
        group_time=estimate_group_time(own, years, began), before_drift=bound_drift(own, years, began),
        crowded=areas is not None and measure_crowding(began, areas[kept]) > CROWDED,
        all_units_effect=_compare_all_units(values, years, first, start),
    )  # fmt: skip


def measure_crowding(first: Ints, areas: Ints) -> float:
    """How much more what befalls an area as a whole weighs than if those who took part were spread by chance (about 1).

    Examples
    --------
    >>> areas = np.repeat([0, 1, 2, 3], 5)
    >>> [round(measure_crowding(np.where(took, 2020, 0), areas), 1) for took in (areas == 0, np.arange(20) % 5 == 0)]
    [5.0, 0.0]
    """
    took = first > 0
    own, rest = (np.bincount(areas[side], minlength=areas.max() + 1) / side.sum() for side in (took, ~took))
    return float(((own - rest) ** 2).sum() / (1 / took.sum() + 1 / (~took).sum()))


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
    if find_attained_level(began) == 0:
        return "too_few_ways"
    return "no_change" if np.ptp(own, axis=1).max() == 0 else ""


def _mean_of_side(values: Floats, years: Ints, first: Ints, *, after: bool) -> float:
    took = np.flatnonzero(first > 0)
    sides = [values[i, (years >= first[i]) == after].mean() for i in took]
    return float(np.mean(sides)) if sides else float("nan")


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
