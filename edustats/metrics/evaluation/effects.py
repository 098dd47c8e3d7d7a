"""Did it work? What can be said of a measure that some took part in and others did not, and what cannot.

Whatever the figures cannot carry is refused here, by a reason; nothing is estimated around it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from edustats.metrics.evaluation.few_clusters import (
    LEVEL,
    CollapsedComparison,
    DriftBefore,
    bound_drift,
    compare_collapsed,
    count_permutations,
    find_attained_level,
    subtract_others,
)
from edustats.metrics.evaluation.group_time import GroupTimeEffects, estimate_group_time
from edustats.typing import Floats, Ints

REASONS = (
    "nobody", "no_comparison", "one_comparison", "always", "one_before", "too_few_ways", "no_complete", "no_change",
)  # fmt: skip
"""Why no effect is given; each has a sentence in ``words/evaluation.toml``."""
AT_HOME = 0.9
"""Share of those who took part that must have somebody in their own area to be compared with."""
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
    within: bool = False
    """Whether each is compared with those of its own area only."""
    apart: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Positions of units that took part and have nobody at home to be compared with."""
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
    areas : (n,) in which each unit lies, where that is known: each is then compared with those of its own area, as
        far as nine in ten have somebody there

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
    crowded, homes = _compare_at_home(first, areas, kept)
    apart = np.zeros(len(first), dtype=bool) if homes is None else kept & ~homes
    kept &= ~apart
    place = None if homes is None else np.unique(np.asarray(areas)[kept], return_inverse=True)[1]
    own, began = values[kept], first[kept]
    told = EffectEstimate(
        reason="", before=_mean_of_side(own, years, began, after=False),
        after=_mean_of_side(own, years, began, after=True),
        treated=int((began > 0).sum()), others=int((began == 0).sum()), permutations=count_permutations(began, place),
        left_out=np.flatnonzero(~whole), from_start=start, apart=np.flatnonzero(apart & (first > 0)),
        within=place is not None, crowded=crowded,
    )  # fmt: skip
    reason = _find_refusal(first, told, own, years, began, place)
    if reason:
        return replace(told, reason=reason)
    paths = own if place is None else subtract_others(own, began, place)
    return replace(
        told, comparison=compare_collapsed(own, years, began, seed, place),
        group_time=estimate_group_time(paths, years, began), before_drift=bound_drift(own, years, began, place),
        all_units_effect=_compare_all_units(values, years, first, start, None if place is None else areas),
    )  # fmt: skip


def _compare_at_home(first: Ints, areas: Ints | None, kept: np.ndarray) -> tuple[bool, np.ndarray | None]:
    """Whether those who took part crowd in few areas; the units of areas that hold both kinds, where most lie there."""
    if areas is None or not (first[kept] > 0).any() or not (first[kept] == 0).any():
        return False, None
    kinds = [
        np.bincount(areas[kept & side], minlength=areas.max() + 1) > 0 for side in (first > 0, first == 0)
    ]
    homes = (kinds[0] & kinds[1])[areas]
    if homes[kept & (first > 0)].mean() >= AT_HOME and kinds[0].sum() > 1:
        return False, homes
    return measure_crowding(first[kept], areas[kept]) > CROWDED, None


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


def _find_refusal(
    first: Ints, told: EffectEstimate, own: Floats, years: Ints, began: Ints, place: Ints | None
) -> str:
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
    if find_attained_level(began, place) == 0:
        return "too_few_ways"
    return "no_change" if np.ptp(own, axis=1).max() == 0 else ""


def _mean_of_side(values: Floats, years: Ints, first: Ints, *, after: bool) -> float:
    took = np.flatnonzero(first > 0)
    sides = [values[i, (years >= first[i]) == after].mean() for i in took]
    return float(np.mean(sides)) if sides else float("nan")


def _compare_all_units(values: Floats, years: Ints, first: Ints, start: Ints, areas: Ints | None) -> float:
    """The effect over whoever has a year on either side; nan where a side is empty."""
    areas = np.zeros(len(first), dtype=np.int64) if areas is None else areas
    keep = ~np.isin(np.arange(len(first)), start)
    gaps = []
    for g in np.unique(first[keep & (first > 0)]):
        sides = []
        for side in (years >= g, years < g):
            seen = np.isfinite(values[:, side])
            count = seen.sum(axis=1)
            sums = np.where(seen, values[:, side], 0.0).sum(axis=1)
            sides.append(np.divide(sums, count, out=np.full(len(first), np.nan), where=count > 0))
        change = sides[0] - sides[1]
        known = np.isfinite(change) & keep
        for one in np.unique(areas[known & (first == g)]):
            other = change[known & (first == 0) & (areas == one)]
            if len(other):
                gaps.append(change[known & (first == g) & (areas == one)] - other.mean())
    return float(np.concatenate(gaps).mean()) if gaps else float("nan")
