"""What if? A few assumptions that change the paths: births, an estate, a merged school, an age of entry, a closure.

A scenario is a small table in TOML; what is not in it stays as it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from edustats.errors import ParameterError
from edustats.metrics.seats.cohorts import Cohorts
from edustats.typing import Floats

KINDS = ("births", "estate", "merge", "entry_age", "private_closure")
FIELDS: dict[str, dict[str, type]] = {
    "births": {"from": int, "factor": float},
    "estate": {"year": int, "flats": int, "pupils_per_flat": float},
    "merge": {"year": int, "stage": str, "pupils": int, "to": str},
    "entry_age": {"year": int, "months": int},
    "private_closure": {"year": int, "stage": str, "pupils": int},
}
"""What each kind of change must hold beside its area; ``area`` may be left out where it is for all counties."""
PLACES = {"estate", "merge", "private_closure"}
"""Kinds that happen in one county, which must be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One assumption."""

    kind: str
    area: str = ""
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Assumptions that hold together.

    Examples
    --------
    >>> read_scenario({"births": [{"from": 2026, "factor": 1.1}]}, ["990121"]).changes[0].kind
    'births'
    """

    changes: tuple[Change, ...]

    def change_births(self, births: Floats, cohorts: Cohorts) -> Floats:
        """Births from a calendar year on times a factor, in one county or in all."""
        made = births.copy()
        for change in self._of("births"):
            at = max(int(change.values["from"]) - cohorts.births_from, cohorts.births.shape[1])
            made[:, _rows(change, cohorts), at:] *= change.values["factor"]
        return made

    def change_intake(self, intake: Floats, years: Floats, cohorts: Cohorts, delay: int = 0) -> Floats:
        """(p, a, h) children who enter by another day of entry, from (p, a, h + 1) by the old one.

        A later stage is reached by them ``delay`` years after grade 1.
        """
        made = intake
        for change in self._of("entry_age"):
            made = _move_entry(made, change, years - delay, cohorts)
        return made[..., : len(years)]

    def change_grades(self, grades: Floats, cohorts: Cohorts, year: int) -> Floats:
        """(p, a, g) pupils by grade of one coming year with what happens in it."""
        made = grades
        apply: dict[str, Callable[[Floats, Change, Cohorts], Floats]] = {
            "estate": _settle_estate,
            "merge": _merge_school,
            "private_closure": _take_in,
        }
        for change in self.changes:
            if change.kind in apply and change.values["year"] == year:
                made = apply[change.kind](made, change, cohorts)
        return made

    def _of(self, kind: str) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]


def read_scenario(given: Mapping[str, Any], areas: list[str] | tuple[str, ...]) -> Scenario:
    """A scenario from its table.

    Parameters
    ----------
    given : by kind a list of tables: ``births`` (from, factor), ``estate`` (area, year, flats, pupils_per_flat),
        ``merge`` (area, year, stage, pupils, to), ``entry_age`` (year, months), ``private_closure`` (area, year,
        stage, pupils)
    areas : codes of the counties there are

    Raises
    ------
    ParameterError
        A kind, a field or an area that is unknown, a field that is missing or of the wrong kind; it is named.

    Examples
    --------
    >>> estate = {"area": "1", "year": 2027, "flats": 900, "pupils_per_flat": 0.4}
    >>> read_scenario({"estate": [estate]}, ["1"]).changes[0].area
    '1'
    """
    changes = []
    for kind, tables in given.items():
        if kind not in KINDS or not isinstance(tables, list):
            raise ParameterError("seats.unknown_change", found=kind, known=", ".join(KINDS))
        changes += [_read_change(kind, table, k + 1, areas) for k, table in enumerate(tables)]
    return Scenario(tuple(changes))


def _read_change(
    kind: str, table: Mapping[str, Any], place: int, areas: list[str] | tuple[str, ...]
) -> Change:
    wanted = FIELDS[kind]
    for name, sort in wanted.items():
        value = table.get(name)
        sound = isinstance(value, (int, float) if sort is float else sort) and not isinstance(value, bool)
        if not sound or (sort is not str and not (name == "months" or float(str(value)) >= 0)):
            raise ParameterError("seats.bad_field", kind=kind, place=place, field=name, found=str(value))
    strange = sorted(set(table) - set(wanted) - {"area", "name"})
    if strange:
        raise ParameterError(
            "seats.unknown_field", kind=kind, place=place, field=strange[0], known=", ".join(wanted)
        )
    area = str(table.get("area", ""))
    for one in (area, str(table.get("to", ""))):
        if (one and one not in areas) or (not area and kind in PLACES):
            raise ParameterError(
                "seats.unknown_area", kind=kind, place=place, found=one, known=", ".join(areas)
            )
    return Change(kind=kind, area=area, values={name: table[name] for name in wanted})


def _rows(change: Change, cohorts: Cohorts) -> slice | int:
    return cohorts.areas.index(change.area) if change.area else slice(None)


def _move_entry(intake: Floats, change: Change, years: Floats, cohorts: Cohorts) -> Floats:
    """Another day of entry: those of so many months enter a year earlier.

    In the first year the intake is larger by them; afterwards each intake gives as many as it takes.
    """
    part = change.values["months"] / 12
    made, rows = intake.copy(), _rows(change, cohorts)
    for h in np.flatnonzero(years >= change.values["year"]):
        stays = 1.0 if years[h] == change.values["year"] else 1 - part
        made[:, rows, h] = stays * intake[:, rows, h] + part * intake[:, rows, h + 1]
    return made


def _settle_estate(grades: Floats, change: Change, cohorts: Cohorts) -> Floats:
    """Flats times pupils per flat, shared over the grades as the county's own pupils are."""
    made, a = grades.copy(), cohorts.areas.index(change.area)
    own = np.nan_to_num(grades[:, a])
    share = own / np.maximum(own.sum(axis=1, keepdims=True), 1e-9)
    made[:, a] += change.values["flats"] * change.values["pupils_per_flat"] * share
    return made


def _stage_share(grades: Floats, stage: str, cohorts: Cohorts) -> tuple[slice, Floats]:
    if stage not in cohorts.structure.names:
        raise ParameterError("seats.unknown_stage", found=stage, known=", ".join(cohorts.structure.names))
    place = cohorts.structure.slice_of(stage)
    own = grades[..., place]
    return place, own / np.maximum(own.sum(axis=-1, keepdims=True), 1e-9)


def _take_in(grades: Floats, change: Change, cohorts: Cohorts) -> Floats:
    """Pupils of a closed private school who were not counted before come into the county's stage."""
    made, a = grades.copy(), cohorts.areas.index(change.area)
    place, share = _stage_share(grades[:, a], change.values["stage"], cohorts)
    made[:, a, place] += change.values["pupils"] * share
    return made


def _merge_school(grades: Floats, change: Change, cohorts: Cohorts) -> Floats:
    """Pupils of a school that is merged into one of another county: they leave here and arrive there."""
    leave = replace(change, values={**change.values, "pupils": 0})
    made, a, b = grades.copy(), cohorts.areas.index(leave.area), cohorts.areas.index(str(change.values["to"]))
    place, share = _stage_share(grades[:, a], change.values["stage"], cohorts)
    moved = np.minimum(change.values["pupils"] * share, grades[:, a, place])
    made[:, a, place] -= moved
    made[:, b, place] += moved
    return made
