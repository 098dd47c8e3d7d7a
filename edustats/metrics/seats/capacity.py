"""Are there seats for them? Seats of schools as built, opened and closed, held against the paths.

Design scale or seats are what a school was built for. Where neither is held, approved classes times the norm of a
class stand in, as a lower bound: classes follow pupils, so an empty room is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from edustats.errors import DataError
from edustats.metrics.seats.doubts import Doubt
from edustats.typing import Floats

CLASS_NORM = {
    "preschool": 30.0,
    "primary": 45.0,
    "junior": 50.0,
    "senior": 50.0,
    "vocational": 50.0,
    "compulsory": 45.0,
}
"""Pupils of a class by norm; kindergartens by age 25, 30 and 35, so 30 on average."""
KINDERGARTEN_NORM = (25.0, 30.0, 35.0)
"""Children of a class in their first, second and third year."""
BASES = ("design", "seats", "rooms", "classes")
"""What capacity is taken from, the best first; the last is a lower bound."""
REVIEW_EVERY = 2
"""Years after which the match of population and schools must be judged again."""
HALF_EMPTY_AFTER = 5
MOST_NAMED = 5
"""Schools without capacity that are named; of more it is said how many they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A planned opening, extension or closure. ``seats`` is what is added, or taken away where negative."""

    school: str
    area: str
    stage: str
    year: int
    seats: float
    new: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Seats against paths, (a, h, s) each."""

    seats: Floats
    chance: Floats
    """Share of paths in which there are more pupils than seats."""
    missing: Floats
    """Mean number of pupils without a seat."""
    empty: Floats
    """Mean number of empty seats."""
    safe: Floats
    """Further seats with which eight paths of ten would do; negative: that many could go."""


def measure_capacity(schools: pd.DataFrame) -> pd.DataFrame:
    """Seats of every school and stage, and what they are taken from.

    Parameters
    ----------
    schools : ``area``, ``school``, ``stage``, and of ``design``, ``seats``, ``rooms``, ``classes`` what is held; nan
        where not; ``township`` where held

    Returns
    -------
    DataFrame
        The same rows with ``capacity``, ``basis`` (design, seats, rooms, classes, or empty) and ``lower_bound``.

    Raises
    ------
    DataError
        A negative number, or a stage without a class norm; the school is named.

    Examples
    --------
    >>> held = pd.DataFrame({"area": ["1"], "school": ["a"], "stage": ["primary"], "classes": [12.0]})
    >>> measure_capacity(held)[["capacity", "basis", "lower_bound"]].values.tolist()
    [[540.0, 'classes', True]]
    """
    made = schools.copy()
    for name in BASES:
        column = made[name] if name in made else pd.Series(np.nan, index=made.index)
        made[name] = pd.to_numeric(column, errors="coerce").astype(float)
        wrong = made[made[name] < 0]
        if len(wrong):
            raise DataError(
                "seats.negative_seats", school=wrong["school"].iloc[0], found=f"{wrong[name].iloc[0]:g}"
            )
    norm = made["stage"].map(CLASS_NORM)
    if norm.isna().any():
        bad = made[norm.isna()].iloc[0]
        raise DataError("seats.unknown_stage", found=bad["stage"], known=", ".join(CLASS_NORM))
    ways = {
        "design": made["design"],
        "seats": made["seats"],
        "rooms": made["rooms"] * norm,
        "classes": made["classes"] * norm,
    }
    made["capacity"], made["basis"] = np.nan, ""
    for name, seats in ways.items():
        open_ = made["capacity"].isna() & seats.notna() & ~((seats == 0) & (name != "classes"))
        made.loc[open_, "capacity"], made.loc[open_, "basis"] = seats[open_], name
    made["lower_bound"] = made["basis"] == "classes"
    return made


def find_missing_capacity(measured: pd.DataFrame) -> list[Doubt]:
    """Schools of which no capacity is held, by county and stage: they count as no seats, the sum is a lower bound.

    Examples
    --------
    >>> held = pd.DataFrame({"area": ["1"], "school": ["a"], "stage": ["primary"], "classes": [np.nan]})
    >>> find_missing_capacity(measure_capacity(held))[0].kind
    'no_capacity'
    """
    lost = measured[measured["capacity"].isna()]
    lost = lost.assign(told=lost["name"] if "name" in lost else lost["school"])
    return [
        Doubt(
            kind="no_capacity",
            area=str(area),
            excluded=True,
            facts={
                "stage": str(stage),
                "n": len(own),
                "school": "、".join(map(str, own["told"].iloc[:MOST_NAMED])),
            },
        )
        for (area, stage), own in lost.groupby(["area", "stage"], sort=True)
    ]


def sum_capacity(measured: pd.DataFrame, by: Sequence[str] = ("area", "stage")) -> pd.DataFrame:
    """Seats by area and stage (or township, or school), and whether a part of them is only a lower bound.

    Parameters
    ----------
    measured : from :func:`measure_capacity`
    by : columns to sum by

    Returns
    -------
    DataFrame
        ``capacity`` (nan where no school has one), ``lower_bound``, ``schools``, ``missing`` (schools without one).

    Examples
    --------
    >>> held = pd.DataFrame({"area": ["1"], "school": ["a"], "stage": ["primary"], "classes": [6.0]})
    >>> sum_capacity(measure_capacity(held)).iloc[0].tolist()
    ['1', 'primary', np.float64(270.0), np.True_, np.int64(1), np.int64(0)]
    """
    made = measured.assign(missing=measured["capacity"].isna())
    return (
        made.groupby(list(by), sort=True)
        .agg(
            capacity=("capacity", lambda column: column.sum(min_count=1)),
            lower_bound=("lower_bound", "any"),
            schools=("school", "nunique"),
            missing=("missing", "sum"),
        )
        .reset_index()
        .assign(lower_bound=lambda f: f["lower_bound"] | (f["missing"] > 0))
    )


def check_plans(
    plans: Sequence[Planned], closed: Mapping[str, int], areas: Sequence[str], stages: Sequence[str]
) -> tuple[list[Planned], list[Doubt]]:
    """Plans that can be counted, and a doubt for each that cannot.

    Parameters
    ----------
    plans : openings, extensions and closures
    closed : by school the year since which it is closed
    areas, stages : those there are

    Returns
    -------
    list of Planned and list of Doubt
        ``opens_closed``: an extension of a school that is closed by then; ``unknown_place``: no such county or stage.

    Examples
    --------
    >>> plan = Planned(school="x", area="1", stage="primary", year=2027, seats=400, new=False)
    >>> [doubt.kind for doubt in check_plans([plan], {"x": 2020}, ["1"], ["primary"])[1]]
    ['opens_closed']
    """
    sound, doubts = [], []
    for plan in plans:
        facts = {"school": plan.name or plan.school, "year": plan.year, "seats": float(plan.seats)}
        if plan.area not in areas or plan.stage not in stages:
            found = f"{plan.area} {plan.stage}".strip()
            doubts.append(
                Doubt(kind="unknown_place", area=plan.area, excluded=True, facts={**facts, "found": found})
            )
        elif plan.school in closed and closed[plan.school] <= plan.year:
            doubts.append(
                Doubt(
                    kind="opens_closed",
                    area=plan.area,
                    excluded=True,
                    facts={**facts, "since": closed[plan.school]},
                )
            )
        else:
            sound.append(plan)
    return sound, doubts


def carry_seats(
    now: Floats, plans: Sequence[Planned], areas: Sequence[str], stages: Sequence[str], years: Floats
) -> Floats:
    """(a, h, s) seats of every coming year: those of today with what opens and closes, never below 0.

    Where today's are not held those of later years are not either.

    Examples
    --------
    >>> plan = Planned(school="n", area="1", stage="primary", year=2027, seats=90)
    >>> carry_seats(np.array([[100.0]]), [plan], ["1"], ["primary"], np.array([2026.0, 2027.0])).ravel()
    array([100., 190.])
    """
    seats = np.repeat(now[:, None], len(years), axis=1)
    for plan in plans:
        a, s = list(areas).index(plan.area), list(stages).index(plan.stage)
        since = years >= plan.year
        seats[a, since, s] += plan.seats
    return np.where(np.isfinite(seats), np.maximum(seats, 0.0), np.nan)


def compare_seats(paths: Floats, seats: Floats) -> Shortfall:
    """How likely seats do not suffice, how many are missing and how many stand empty.

    Parameters
    ----------
    paths : (p, a, h, s) pupils
    seats : (a, h, s) seats, nan where not held

    Returns
    -------
    Shortfall
        nan where pupils or seats are not held.

    Examples
    --------
    >>> float(compare_seats(np.array([90.0, 110.0]).reshape(2, 1, 1, 1), np.full((1, 1, 1), 100.0)).chance[0, 0, 0])
    0.5
    """
    away = paths - seats
    held = np.isfinite(away).all(axis=0)
    chance = np.where(held, (away > 0).mean(axis=0), np.nan)
    return Shortfall(
        seats=seats,
        chance=chance,
        missing=np.maximum(away, 0.0).mean(axis=0),
        empty=np.maximum(-away, 0.0).mean(axis=0),
        safe=np.quantile(away, 0.8, axis=0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningVerdict:
    """What may be said of one planned opening, as shares of the paths; nan where the years do not reach."""

    plan: Planned
    short_before: float
    """Seats did not suffice in a year before it opens."""
    peak_before: float
    """The most pupils came before it opens."""
    half_empty: float
    """Fewer than half of its seats are needed five years after it opened."""

    @property
    def too_late(self) -> bool:
        """More likely than not the peak is over, and seats were missing, before it opens."""
        return self.short_before > 0.5 and self.peak_before > 0.5

    @property
    def will_be_half_empty(self) -> bool:
        """More likely than not."""
        return self.half_empty > 0.5


def judge_openings(
    plans: Sequence[Planned],
    paths: Floats,
    seats: Floats,
    areas: Sequence[str],
    stages: Sequence[str],
    years: Floats,
) -> list[OpeningVerdict]:
    """Which planned school comes too late, and which will be half empty five years after it opened?

    Parameters
    ----------
    plans : those that can be counted
    paths : (p, a, h, s) pupils
    seats : (a, h, s) with all plans
    areas, stages, years : what the axes stand for

    Returns
    -------
    list of OpeningVerdict
        One for each plan that adds seats.

    Examples
    --------
    >>> judge_openings([], np.zeros((1, 1, 1, 1)), np.zeros((1, 1, 1)), ["1"], ["primary"], np.array([2026.0]))
    []
    """
    return [
        _judge_opening(
            plan,
            paths[:, list(areas).index(plan.area), :, list(stages).index(plan.stage)],
            seats[list(areas).index(plan.area), :, list(stages).index(plan.stage)],
            years,
        )
        for plan in plans
        if plan.seats > 0
    ]


def _judge_opening(plan: Planned, pupils: Floats, seats: Floats, years: Floats) -> OpeningVerdict:
    before = years < plan.year
    short = float((pupils[:, before] > seats[before]).any(axis=1).mean()) if before.any() else np.nan
    peak = float((years[pupils.argmax(axis=1)] < plan.year).mean())
    later = np.flatnonzero(years == plan.year + HALF_EMPTY_AFTER)
    half = np.nan
    if len(later):
        # the others are filled first: what is left over is what the new seats are needed for
        needed = pupils[:, later[0]] - (seats[later[0]] - plan.seats)
        half = float((needed < 0.5 * plan.seats).mean())
    return OpeningVerdict(plan=plan, short_before=short, peak_before=peak, half_empty=half)


def compute_match_index(paths: Floats, seats: Floats) -> Floats:
    """How well population and schools match: pupils with a seat over the larger of pupils and seats.

    Parameters
    ----------
    paths : (p, a, h, s) pupils
    seats : (a, h, s)

    Returns
    -------
    (h,) array
        Mean over the paths, from 0 (nowhere both) to 1 (everywhere as many seats as pupils). Both a missing seat and
        an empty one lower it, and a surplus in one county does not make up for a shortage in another. Counties and
        stages without pupils or seats held are left out.

    Examples
    --------
    >>> compute_match_index(np.array([80.0, 125.0]).reshape(1, 2, 1, 1), np.full((2, 1, 1), 100.0))
    array([0.8])
    """
    held = np.isfinite(paths) & np.isfinite(seats)
    met = np.where(held, np.minimum(paths, seats), 0.0).sum(axis=(1, 3))
    most = np.where(held, np.maximum(paths, seats), 0.0).sum(axis=(1, 3))
    return np.divide(met, most, out=np.full(met.shape, np.nan), where=most > 0).mean(axis=0)


def find_next_review(last: int) -> int:
    """Year in which the match must be judged again: two years after it was.

    Examples
    --------
    >>> find_next_review(2024)
    2026
    """
    return last + REVIEW_EVERY
