"""What in the figures cannot be carried on as it stands? Doubts, each of which names one thing.

A doubt takes a figure out of the projection, or stands beside it; it never changes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edustats.metrics.seats.cohorts import Cohorts
from edustats.metrics.seats.ratios import OutsideRatio, observe_ratios
from edustats.typing import Floats

MORE_THAN_ALL = 1.1
"""First-graders per child of the age from which more come than there are: migration, or a wrong figure."""
FAR_FROM_OTHERS = 5.0
"""Times by which one year's births may differ from the median of the others."""
THOUSANDS = 100.0
"""Entrants per child from which births can only be in thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One thing that was found: its kind, the county's code, whether the projection leaves it out, and facts."""

    kind: str
    area: str
    excluded: bool
    facts: dict[str, Any] = field(default_factory=dict)


def find_doubts(cohorts: Cohorts) -> list[Doubt]:
    """Everything about a prefecture's cohorts that must be said.

    Parameters
    ----------
    cohorts : of one prefecture

    Returns
    -------
    list of Doubt
        ``births_in_thousands`` and ``no_births`` (a county), ``ratio`` (a county, grade and year outside 0.2 to 3), and
        ``more_than_children`` (a county and year in which more entered grade 1 than there were children).

    Examples
    --------
    >>> from edustats.metrics.seats.structure import build_structure
    >>> cohorts = Cohorts(structure=build_structure(), areas=("甲县",), years=np.arange(2015.0, 2025), births_from=2005,
    ...                   grades=np.full((1, 10, 18), 100.0), births=np.full((1, 20), 100.0))
    >>> find_doubts(cohorts)
    []
    """
    log, _, outside = observe_ratios(cohorts)
    found = _find_thousands(cohorts)
    scaled = {doubt.area for doubt in found}
    found += [_name_ratio(cohorts, one) for one in outside if cohorts.areas[one.area] not in scaled]
    without = ~np.isfinite(cohorts.births).any(axis=1)
    found += [Doubt(kind="no_births", area=cohorts.areas[a], excluded=True) for a in np.flatnonzero(without)]
    return found + _find_more_than_children(cohorts, log)


def _find_thousands(cohorts: Cohorts) -> list[Doubt]:
    """Counties whose births are a thousandth of those who enter."""
    found = []
    for a, area in enumerate(cohorts.areas):
        ratios = np.concatenate([_entry_ratios(cohorts, a, g) for g in _entries(cohorts)] or [np.zeros(0)])
        held = ratios[np.isfinite(ratios)]
        if len(held) and np.median(held) > THOUSANDS:
            births = cohorts.births[a][np.isfinite(cohorts.births[a])]
            facts = {"births": float(births[-1]), "times": float(round(np.median(held)))}
            found.append(Doubt(kind="births_in_thousands", area=area, excluded=True, facts=facts))
    return found


def _entries(cohorts: Cohorts) -> list[int]:
    return [g for g, feed in enumerate(cohorts.structure.feeds) if feed < 0]


def _entry_ratios(cohorts: Cohorts, area: int, grade: int) -> Floats:
    children = cohorts.intake(cohorts.births, cohorts.years, grade)[area]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(children > 0, cohorts.grades[area, :, grade] / children, np.nan)


def _name_ratio(cohorts: Cohorts, one: OutsideRatio) -> Doubt:
    stage, grade = _name_grade(cohorts, one.grade)
    facts = {"year": one.year, "stage": stage, "grade": grade, "found": float(one.value)}
    return Doubt(kind="ratio", area=cohorts.areas[one.area], excluded=True, facts=facts)


def _name_grade(cohorts: Cohorts, grade: int) -> tuple[str, int]:
    for name, start in cohorts.structure.first.items():
        place = cohorts.structure.slice_of(name)
        if place.start <= grade < place.stop:
            return name, grade - start + 1
    raise IndexError(grade)


def _find_more_than_children(cohorts: Cohorts, log: Floats) -> list[Doubt]:
    found = []
    for g in _entries(cohorts):
        stage, _ = _name_grade(cohorts, g)
        for a, t in zip(*np.nonzero(log[:, :, g] > np.log(MORE_THAN_ALL)), strict=True):
            facts = {
                "year": int(cohorts.years[t]),
                "stage": stage,
                "entrants": float(cohorts.grades[a, t, g]),
                "children": float(cohorts.grades[a, t, g] / np.exp(log[a, t, g])),
            }
            found.append(Doubt(kind="more_than_children", area=cohorts.areas[a], excluded=False, facts=facts))
    return found


def screen_births(births: Floats, areas: Sequence[str], first: int) -> tuple[Floats, list[Doubt]]:
    """Births without single years that are far from all others of the county, and a doubt for each.

    Parameters
    ----------
    births : (a, b) by calendar year
    areas : codes of the counties
    first : calendar year of the first column

    Returns
    -------
    (a, b) array and list of Doubt
        A year five times above or below the median of the county's other years is left out.

    Examples
    --------
    >>> screen_births(np.array([[900.0, 0.88, 870.0]]), ["1"], 2020)[0]
    array([[900.,  nan, 870.]])
    """
    made, found = births.copy(), []
    for a, area in enumerate(areas):
        for t in np.flatnonzero(np.isfinite(births[a])):
            others = np.delete(births[a], t)
            others = others[np.isfinite(others)]
            usual = float(np.median(others)) if len(others) > 1 else float(births[a, t])
            times = births[a, t] / usual if usual > 0 else 1.0
            if not 1 / FAR_FROM_OTHERS <= times <= FAR_FROM_OTHERS:
                made[a, t] = np.nan
                facts = {"year": first + int(t), "births": float(births[a, t]), "times": float(times)}
                found.append(Doubt(kind="births_outlier", area=area, excluded=True, facts=facts))
    return made, found


def drop_last_year(cohorts: Cohorts) -> tuple[Floats, list[Doubt]]:
    """Pupils without stages whose last year cannot follow from the year before: they are not carried on.

    Examples
    --------
    >>> from edustats.metrics.seats.structure import build_structure
    >>> cohorts = Cohorts(structure=build_structure(), areas=("甲县",), years=np.arange(2015.0, 2025), births_from=2005,
    ...                   grades=np.full((1, 10, 18), 100.0), births=np.full((1, 20), 100.0))
    >>> drop_last_year(cohorts)[1]
    []
    """
    grades, found = cohorts.grades.copy(), []
    for one in observe_ratios(cohorts)[2]:
        if one.year == cohorts.years[-1] and cohorts.structure.feeds[one.grade] >= 0:
            stage, grade = _name_grade(cohorts, one.grade)
            if np.isfinite(grades[one.area, -1, cohorts.structure.slice_of(stage)]).any():
                facts = {"stage": stage, "grade": grade, "found": float(one.value)}
                found.append(
                    Doubt(kind="last_year", area=cohorts.areas[one.area], excluded=True, facts=facts)
                )
            grades[one.area, -1, cohorts.structure.slice_of(stage)] = np.nan
    return grades, found


def drop_births_in_thousands(births: Floats, areas: Sequence[str], doubts: Sequence[Doubt]) -> Floats:
    """Births without those of counties that give them in thousands: not counted is better than multiplied by guess.

    Examples
    --------
    >>> bad = Doubt(kind="births_in_thousands", area="b", excluded=True)
    >>> drop_births_in_thousands(np.ones((2, 1)), ["a", "b"], [bad])
    array([[ 1.],
           [nan]])
    """
    wrong = {doubt.area for doubt in doubts if doubt.kind == "births_in_thousands"}
    return np.where(np.array([area in wrong for area in areas])[:, None], np.nan, births)
