"""Of several counties, who meets a standard now, who is nearest, on what, and who could follow in which year?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edustats.errors import ParameterError
from edustats.metrics.standards.items import OPEN, CountyCase, ItemVerdict, judge_items
from edustats.metrics.standards.judgement import MET, UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCriterion:
    """One criterion a county misses, and by how much relative to the mark."""

    item: str
    stage: str
    gap: float
    """Above 0; 0.1 is a tenth of the mark. For schools: the share of schools that miss it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessStanding:
    """One county's place on the way to a standard."""

    county: str
    year: int
    misses: tuple[MissedCriterion, ...]
    judged: int
    """Criteria that could be judged."""
    open: int
    """Criteria that need papers or data."""

    @property
    def passes(self) -> bool:
        """Nothing that can be judged is missed; papers may still be wanting."""
        return self.judged > 0 and not self.misses

    @property
    def distance(self) -> tuple[int, float]:
        """Criteria missed, then the sum of the relative gaps: the smaller, the nearer."""
        return len(self.misses), math.fsum(miss.gap for miss in self.misses)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One year of the path: which counties are to meet the standard by then."""

    year: int
    cumulative: int
    counties: tuple[str, ...]


def assess_readiness(case: CountyCase) -> ReadinessStanding:
    """Judge one county and list what it misses.

    Notes
    -----
    A criterion is one coefficient of one stage, the pass rule of all schools of one stage, or one of the
    county's own items. Items that need documents count as open, not as missed.
    """
    found = judge_items(case)
    spread = {item.key for item in case.standard.of_kind("spread")}  # each coefficient is counted by itself
    misses = [_measure_miss(one) for one in found if one.verdict == "not_met" and one.item not in spread]
    rules = [
        rule for stage in case.standard.stages if (rule := _measure_schools_missing(case, stage)) is not None
    ]
    misses += [rule for rule in rules if rule.gap > 0]
    judged = sum(one.verdict not in OPEN for one in found) + len(rules)
    return ReadinessStanding(
        county=case.county, year=case.year, misses=tuple(misses), judged=judged,
        open=sum(one.verdict in OPEN for one in found),
    )  # fmt: skip


def _measure_schools_missing(case: CountyCase, stage: str) -> MissedCriterion | None:
    held = case.judgement.stages.get(stage) if case.judgement else None
    if held is None or held.schools is None or (at := held.of(case.county, case.year)) < 0:
        return None
    verdicts = held.schools.verdict[held.area == at]
    told = verdicts != UNKNOWN
    if not told.any():
        return None
    return MissedCriterion(item="schools", stage=stage, gap=float((verdicts[told] != MET).mean()))


def _measure_miss(one: ItemVerdict) -> MissedCriterion:
    if one.offenders and one.n:
        return MissedCriterion(item=one.item, stage=one.stage, gap=len(one.offenders) / one.n)
    if one.mark is None or not math.isfinite(one.value):
        return MissedCriterion(item=one.item, stage=one.stage, gap=1.0)
    base = abs(one.mark.value) or 1.0
    return MissedCriterion(item=one.item, stage=one.stage, gap=abs(one.value - one.mark.value) / base)


def rank_by_readiness(standings: Sequence[ReadinessStanding]) -> list[ReadinessStanding]:
    """Nearest first: fewest criteria missed, then the smallest gaps, then the code.

    Examples
    --------
    >>> near = ReadinessStanding(county="02", year=2023, misses=(), judged=5, open=0)
    >>> missed = MissedCriterion(item="g05", stage="primary", gap=1.0)
    >>> far = ReadinessStanding(county="01", year=2023, misses=(missed,), judged=5, open=0)
    >>> [one.county for one in rank_by_readiness([far, near])]
    ['02', '01']
    """
    return sorted(standings, key=lambda one: (one.judged == 0, *one.distance, one.county))


def plan_readiness_path(
    standings: Sequence[ReadinessStanding], cumulative: Sequence[int], first_year: int
) -> list[PathStep]:
    """Who meets the standard by which year, the nearest first.

    Parameters
    ----------
    standings : as :func:`assess_readiness` made them
    cumulative : how many counties in all by the end of each year: 1, 3, 9 for one, two more, all nine
    first_year : year of the first step

    Raises
    ------
    ParameterError
        Steps that fall, or ask for more counties than there are.

    Notes
    -----
    Counties that already pass come first. A path is an order of readiness, not a forecast.

    Examples
    --------
    >>> three = [ReadinessStanding(county=c, year=2023, misses=(), judged=1, open=0) for c in ("01", "02", "03")]
    >>> [step.counties for step in plan_readiness_path(three, (1, 3), 2024)]
    [('01',), ('02', '03')]
    """
    steps = np.asarray(cumulative, int)
    if not len(steps) or (np.diff(steps, prepend=0) < 0).any() or steps[-1] > len(standings):
        raise ParameterError(
            "standards.bad_path", found=", ".join(map(str, cumulative)), counties=len(standings)
        )
    order = [one.county for one in rank_by_readiness(standings)]
    starts = [0, *steps[:-1]]
    return [
        PathStep(year=first_year + k, cumulative=int(end), counties=tuple(order[start:end]))
        for k, (start, end) in enumerate(zip(starts, steps, strict=True))
    ]
