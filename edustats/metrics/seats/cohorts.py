"""What has a prefecture counted so far? Children by grade, county and year, and the births behind them.

Where a form tells a stage's pupils and entrants but no grades, the grades are made out of the entrants of the years
before: those of last year are in grade 2 now. They are then brought to the stage's own total, which is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edustats.errors import DataError
from edustats.metrics.seats.ages import combine_births, learn_share, recover_births
from edustats.metrics.seats.structure import Structure
from edustats.typing import Flags, Floats, Ints


@dataclass(frozen=True, kw_only=True)
class Cohorts:
    """The past of the counties of one prefecture."""

    structure: Structure
    areas: tuple[str, ...]
    years: Floats
    """(t,) school years, by the year each begins, ascending without gaps."""
    grades: Floats
    """(a, t, g) pupils by grade of the structure, nan where not held."""
    births: Floats
    """(a, b) births by calendar year; nan where not held, b may be 0."""
    births_from: int = 0
    """Calendar year of the first column of births."""
    shares: tuple[float, ...] = ()
    """For every grade the share of the later calendar year's births in an intake; learned where empty."""
    repeaters: Floats | None = None
    """(a, t, g) pupils who repeat the grade they are in, where the form has them."""
    august: Floats | None = None
    """(b,) share of each calendar year's births before 1 September, where births are held by month; else learned."""
    retention: Floats | None = None
    """(a, t, s) of those of a stage who did not leave it with a certificate, how many are there a year later."""
    counted: Counted | None = None
    """What grades and births were made of, where forms do not tell them: a past year is then made anew."""

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit each other, gaps between years, negative counts."""
        shape = (len(self.areas), len(self.years), self.structure.size)
        if self.grades.shape != shape or self.births.shape[:1] != shape[:1]:
            raise DataError("seats.shapes", expected=str(shape), found=str(self.grades.shape))
        if len(self.years) and (np.diff(self.years) != 1).any():
            raise DataError("seats.years_with_gaps", years=", ".join(f"{y:.0f}" for y in self.years))
        for held in (self.grades, self.births):
            if (held < 0).any():
                raise DataError("seats.negative_count", found=f"{held[held < 0][0]:g}")
        if not self.shares:
            object.__setattr__(self, "shares", self._learn_shares())

    def _learn_shares(self) -> tuple[float, ...]:
        return tuple(
            learn_share(self.births, self.births_from, self.grades[:, :, g], self.years, age) if age else 0.0
            for g, age in enumerate(self.structure.ages)
        )

    def intake(self, births: Floats, years: Floats, grade: int) -> Floats:
        """(..., t) children of the age at which a grade is entered, out of births by calendar year."""
        age = self.structure.ages[grade]
        share: Floats | float = self.shares[grade]
        if self.august is not None:
            known = np.isfinite(self.august)
            usual = np.where(known, self.august, self.august[known].mean() if known.any() else share)
            later = np.full(births.shape[-1] - len(usual), usual.mean())
            share = np.concatenate([usual, later])
        return combine_births(births, self.births_from, years, age, share)

    def cut(self, last: float) -> Cohorts:
        """The same as known at the end of one school year: nothing of later years, no later births.

        What was made of counts is made again of those held then: a last grade is known from the leavers of the next
        year, a cohort from later age groups, and neither was known yet.
        """
        if self.counted is not None and last < self.years[-1]:
            return self.counted.build(last, without=np.asarray(~np.isfinite(self.births).any(axis=1)))
        keep = self.years <= last
        born = max(int(last) - self.births_from + 1, 0)
        again = None if self.repeaters is None else self.repeaters[:, keep]
        return Cohorts(
            structure=self.structure,
            areas=self.areas,
            years=self.years[keep],
            grades=self.grades[:, keep],
            births=self.births[:, :born],
            births_from=self.births_from,
            repeaters=again,
            august=None if self.august is None else self.august[:born],
            retention=None if self.retention is None else self.retention[:, keep],
        )

    def holds(self) -> Flags:
        """(a, s) whether a county has ever told pupils of a stage; one without such schools has none."""
        told = [np.isfinite(self.stage(name)).any(axis=1) for name in self.structure.names]
        return np.stack(told, axis=1)

    def stage(self, name: str) -> Floats:
        """(a, t) pupils of a stage; nan where a grade is not held."""
        return self.grades[:, :, self.structure.slice_of(name)].sum(axis=2)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a prefecture's forms tell, where they tell no grades: of this the cohorts of any year are made."""

    structure: Structure
    areas: tuple[str, ...]
    years: Floats
    """(t,) school years, ascending without gaps."""
    pupils: Mapping[str, Floats]
    """By stage (a, t); so are entrants and leavers."""
    entrants: Mapping[str, Floats]
    leavers: Mapping[str, Floats]
    births: Floats
    """(a, b) births by calendar year as told, nan where not."""
    births_from: int
    groups: Mapping[tuple[int, int], Floats]
    """By first and last age the residents of each year, (a, c)."""
    group_years: Ints
    """(c,) years of the residents."""

    def build(self, last: float, without: Flags | None = None) -> Cohorts:
        """The cohorts as known at the end of one school year.

        Parameters
        ----------
        last : nothing that was counted later is used
        without : (a,) counties whose births are not to be used
        """
        keep, residents = self.years <= last, self.group_years <= last
        pupils, entrants, leavers = (
            {stage: held[:, keep] for stage, held in one.items()}
            for one in (self.pupils, self.entrants, self.leavers)
        )
        births, first = recover_births(
            self.births[:, : max(int(last) - self.births_from + 1, 0)],
            self.births_from,
            {ages: held[:, residents] for ages, held in self.groups.items()},
            self.group_years[residents],
        )
        if without is not None:
            births = np.where(without[:, None], np.nan, births)
        return Cohorts(
            structure=self.structure,
            areas=self.areas,
            years=self.years[keep],
            grades=build_grades(self.structure, pupils, entrants, leavers),
            births=births,
            births_from=first,
            retention=measure_retention(self.structure, pupils, entrants, leavers),
            counted=self,
        )


def build_grades(
    structure: Structure,
    pupils: Mapping[str, Floats],
    entrants: Mapping[str, Floats],
    leavers: Mapping[str, Floats],
) -> Floats:
    """Pupils by grade out of the pupils, entrants and leavers of stages.

    Parameters
    ----------
    structure : the grades wanted
    pupils : by stage, (a, t) pupils of the stage
    entrants : by stage, (a, t) those in its first grade; a stage or a year may be missing
    leavers : by stage, (a, t) those who left with a certificate in the summer before: last year's last grade

    Returns
    -------
    (a, t, g) array
        The grades of a year sum to the stage's pupils where all are known; a grade whose entrants nobody counted
        is nan, but in the last year, which is carried on, it is taken to be like the other unknown ones.

    Examples
    --------
    >>> from edustats.metrics.seats.structure import Stage
    >>> two = Structure((Stage(name="primary", grades=2, age=6),))
    >>> build_grades(two, {"primary": np.array([[90.0, 100.0]])}, {"primary": np.array([[40.0, 52.0]])}, {})
    array([[[40., 50.],
            [52., 48.]]])
    """
    shape = next(iter(pupils.values())).shape
    made = np.full((*shape, structure.size), np.nan)
    nothing = np.full(shape, np.nan)
    for stage in structure.stages:
        held = pupils.get(stage.name)
        if held is not None:
            came, gone = entrants.get(stage.name, nothing), leavers.get(stage.name, nothing)
            made[:, :, structure.slice_of(stage.name)] = _split_stage(held, came, gone, stage.grades)
    return made


def measure_retention(
    structure: Structure,
    pupils: Mapping[str, Floats],
    entrants: Mapping[str, Floats],
    leavers: Mapping[str, Floats],
) -> Floats:
    """Of those who did not leave a stage with a certificate, how many are there a year later.

    Parameters
    ----------
    structure, pupils, entrants, leavers : as for :func:`build_grades`

    Returns
    -------
    (a, t, s) array
        (pupils - entrants) over (last year's pupils - leavers); nan where one of them is not held. It needs no grades.

    Examples
    --------
    >>> from edustats.metrics.seats.structure import Stage
    >>> two = Structure((Stage(name="primary", grades=2, age=6),))
    >>> held = [{"primary": np.array([row])} for row in ([100.0, 99.0], [50.0, 50.0], [48.0, 51.0])]
    >>> measure_retention(two, *held)[0, 1]
    array([1.])
    """
    shape = next(iter(pupils.values())).shape
    made = np.full((*shape, len(structure.names)), np.nan)
    nothing = np.full(shape, np.nan)
    for s, name in enumerate(structure.names):
        held = pupils.get(name, nothing)
        stayed = held[:, :-1] - leavers.get(name, nothing)[:, 1:]
        now = held[:, 1:] - entrants.get(name, nothing)[:, 1:]
        made[:, 1:, s] = np.divide(now, stayed, out=np.full(now.shape, np.nan), where=stayed > 0)
    return made


def _split_stage(pupils: Floats, entrants: Floats, leavers: Floats, grades: int) -> Floats:
    """(a, t, grades): first and last grade as counted, between them the entrants of the years before."""
    if grades == 1:
        return pupils[:, :, None].copy()
    counted = np.full((*pupils.shape, grades), np.nan)
    counted[:, :, 0] = entrants
    counted[:, :-1, -1] = leavers[:, 1:]
    older = np.full_like(counted, np.nan)
    for k in range(1, min(grades, pupils.shape[1])):
        older[:, k:, k] = entrants[:, : pupils.shape[1] - k]
    older = np.where(np.isfinite(counted), np.nan, older)
    rest = pupils - np.nan_to_num(counted).sum(axis=2)
    gap = ~np.isfinite(counted) & ~np.isfinite(older)
    last = np.zeros(gap.shape[1], bool)
    last[-1] = True
    fills = gap & (last[None, :] | (gap.sum(axis=2) == 1))[:, :, None]
    older = _fill_unknown(older, fills, rest)
    known = np.nan_to_num(older).sum(axis=2)
    scale = np.divide(rest, known, out=np.full(rest.shape, np.nan), where=(known > 0) & (rest >= 0))
    whole = np.asarray((np.isfinite(counted) | np.isfinite(older)).all(axis=2))
    # where a grade is not known the others cannot be brought to the total: only those counted stand
    between = np.where(whole[:, :, None], older * scale[:, :, None], np.nan)
    made = np.where(np.isfinite(counted), counted, between)
    made[(rest < 0) | ~np.isfinite(pupils)] = np.nan
    return np.where((pupils == 0)[:, :, None], 0.0, made)


def _fill_unknown(older: Floats, fills: Floats, rest: Floats) -> Floats:
    """What the stage has beside the grades known, shared evenly among those that are not."""
    n = fills.sum(axis=2)
    left = rest - np.nan_to_num(older).sum(axis=2)
    each = np.divide(left, n, out=np.zeros(left.shape), where=n > 0)
    alone = np.isfinite(older).sum(axis=2) + n
    usual = np.divide(rest, alone, out=np.zeros(rest.shape), where=alone > 0)
    return np.where(fills, np.where(each > 0.5 * usual, each, usual)[:, :, None], older)
