"""What does a bureau do for pupils beside teaching, and how many of how many does each service reach?

Every share is the sum over the counties that gave both sides; who gave one side only, and whose part is above its
whole, is named and left out. After-school service is counted over the schools that serve, with those that said
nothing beside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from edustats.analysis.selection import Names, Years, check_years, list_counties, select_years
from edustats.metrics.comparison.share_interval import estimate_share_interval
from edustats.store.reading import Store
from edustats.typing import Floats

SERVICES: Mapping[str, tuple[str, str]] = {
    "meals": ("pupils_meals", "pupils_meal_schools"),
    "buses_licensed": ("buses_licensed", "buses"),
    "closed_campus": ("schools_closed_campus", "schools_safety_asked"),
    "guarded": ("schools_guarded", "schools_safety_asked"),
    "patrol": ("schools_patrol", "schools_safety_asked"),
    "alarm": ("schools_alarm", "schools_safety_asked"),
    "letters_on_time": ("petitions_on_time", "petitions_due"),
    "satisfied_education": ("satisfied_education", "asked_education"),
    "satisfied_afterschool": ("satisfied_afterschool", "asked_afterschool"),
    "satisfied_meals": ("satisfied_meals", "asked_meals"),
}
"""Service → its part and its whole, columns that a county sends about itself."""
SURVEYS = ("satisfied_education", "satisfied_afterschool", "satisfied_meals")
COUNTS = ("schools_meals", "pupils_bus", "buses", "school_doctors", "petitions", "training_agencies_before",
          "training_agencies_left", "training_agencies_closed", "training_agencies_nonprofit")  # fmt: skip
COLUMNS = tuple(dict.fromkeys([*(c for pair in SERVICES.values() for c in pair), *COUNTS,
                               *(f"satisfied_share_{s.removeprefix('satisfied_')}" for s in SURVEYS)]))  # fmt: skip
LEAST_ANSWERS = 30
"""Fewer answers than this are no survey: their share is not said."""
STAGES = ("primary", "junior")


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """How many of how many, over the counties that gave both."""

    num: float
    den: float
    low: float
    high: float
    """Wilson's 95 % interval of a survey; nan for a full count."""
    given: tuple[str, ...]
    """Codes of the counties that it is summed over."""
    lacking: tuple[str, ...]
    """Those that gave one side alone."""
    beyond: tuple[str, ...]
    """Those whose part is above its whole, which is no share."""

    @property
    def share(self) -> float:
        return self.num / self.den if self.den > 0 else math.nan


def read_sent_rows(
    store: Store, counties: Sequence[str], columns: Iterable[str], texts: Sequence[str] = ()
) -> pd.DataFrame:
    """What schools and counties sent: ``county``, ``unit``, ``year`` and the columns, nan where missing or withheld.

    A part above its whole, which loading refuses, is put back as it was sent: here it is looked at to be named, and no
    sum takes it.
    """
    names = list(dict.fromkeys(columns))
    rows = store.rows("units", list(counties), ["county", "unit", "year", *texts, *names])
    rows = rows.astype(dict.fromkeys(names, float)).reset_index(drop=True)
    refused = store.rows("findings", list(counties), ["rule", "county", "unit", "year", "column", "value"])
    refused = refused[
        (refused["rule"] == "part_above_whole").to_numpy() & refused["column"].isin(names).to_numpy()
    ]
    for one in refused.itertuples():
        at = (
            (rows["county"] == one.county) & (rows["unit"] == one.unit) & (rows["year"] == int(str(one.year)))
        )
        rows.loc[at, str(one.column)] = float(str(one.value))
    for area, year, column in store.read_withheld():
        if column in names:
            rows.loc[(rows["unit"] == area) & (rows["year"] == year), column] = np.nan
    return rows


def read_county_rows(store: Store, counties: Sequence[str], columns: Iterable[str]) -> pd.DataFrame:
    """What counties say about themselves, a row per county and year; as :func:`read_sent_rows`."""
    rows = read_sent_rows(store, counties, columns)
    own = rows[(rows["unit"] == rows["county"]).to_numpy()].drop_duplicates(["county", "year"])
    return own.drop(columns="unit").reset_index(drop=True)


def sum_service(rows: pd.DataFrame, service: str) -> ServiceShare:
    """One service of one year over the counties of some rows.

    Parameters
    ----------
    rows : from :func:`read_county_rows`, of one year
    service : a key of :data:`SERVICES`
    """
    num, den = (rows[name].to_numpy(float) for name in SERVICES[service])
    counties = rows["county"].astype(str).to_numpy()
    both = np.isfinite(num) & np.isfinite(den)
    above = both & ((num > den) | (num < 0))
    held = both & ~above & (den > 0)
    top, whole = (float(side[held].sum()) if held.any() else math.nan for side in (num, den))
    low, high = (
        estimate_share_interval(top, whole) if service in SURVEYS and held.any() else (math.nan, math.nan)
    )
    return ServiceShare(
        num=top, den=whole, low=float(low), high=float(high), given=_list_codes(counties, held),
        lacking=_list_codes(counties, np.isfinite(num) ^ np.isfinite(den)), beyond=_list_codes(counties, above),
    )  # fmt: skip


def find_shares_without_base(rows: pd.DataFrame, survey: str) -> dict[str, float]:
    """County → the share it reported without saying how many were asked; such a share is told and never used."""
    given = rows[f"satisfied_share_{survey.removeprefix('satisfied_')}"].to_numpy(float)
    bare = np.isfinite(given) & ~np.isfinite(rows[SERVICES[survey][1]].to_numpy(float))
    return dict(zip(rows["county"].astype(str).to_numpy()[bare], given[bare].tolist(), strict=True))


def find_shares_that_differ(rows: pd.DataFrame, survey: str) -> dict[str, tuple[float, float]]:
    """County → the share it reported and the one its counts give, where they differ by more than rounding."""
    given = rows[f"satisfied_share_{survey.removeprefix('satisfied_')}"].to_numpy(float)
    num, den = (rows[name].to_numpy(float) for name in SERVICES[survey])
    made = np.divide(num, den, out=np.full(len(num), np.nan), where=den > 0)
    off = np.abs(given - made) > 0.0006
    pairs = zip(given[off].tolist(), made[off].tolist(), strict=True)
    return dict(zip(rows["county"].astype(str).to_numpy()[off], pairs, strict=True))


# --- after-school service, school by school ---


@dataclass(frozen=True, slots=True)
class AfterSchool:
    """After-school service of one year over the schools of compulsory education."""

    schools: int
    """Schools with pupils of the compulsory stages."""
    told: int
    """Those of them that said how many take part, be it nobody."""
    serving: int
    """Those where somebody takes part."""
    pupils: float
    joined: float
    """Pupils of the serving schools, and those who take part."""
    teachers: float
    teaching: float
    beyond: tuple[str, ...]
    """Codes of schools with more taking part than there are; they are left out of the shares."""


def list_afterschool_columns() -> list[str]:
    """The columns that :func:`count_afterschool` looks at."""
    return [
        f"{who}{s}"
        for who in ("pupils_", "pupils_afterschool_", "teachers_", "teachers_afterschool_")
        for s in STAGES
    ]


def count_afterschool(rows: pd.DataFrame, stages: Sequence[str] = STAGES) -> AfterSchool:
    """Coverage and participation of one year.

    Parameters
    ----------
    rows : a row per school of one year with ``unit``, ``county`` and :func:`list_afterschool_columns`
    stages : that are looked at
    """
    own = rows[(rows["unit"] != rows["county"]).to_numpy()]
    sides = {name: own[name].to_numpy(float) for name in list_afterschool_columns()}
    pupils, joined, beyond = _pair_sides(sides, "pupils", stages)
    teachers, teaching, above = _pair_sides(sides, "teachers", stages)
    asked = np.sum([np.nan_to_num(sides[f"pupils_{stage}"]) for stage in stages], axis=0) > 0
    told = asked & np.isfinite(joined)
    serving, wrong = told & (joined > 0), (beyond | above) & asked
    counted = serving & ~wrong
    both = counted & np.isfinite(teachers) & np.isfinite(teaching)
    return AfterSchool(
        schools=int(asked.sum()), told=int(told.sum()), serving=int(serving.sum()),
        pupils=float(pupils[counted].sum()), joined=float(joined[counted].sum()),
        teachers=float(teachers[both].sum()), teaching=float(teaching[both].sum()),
        beyond=tuple(own["unit"].astype(str).to_numpy()[wrong]),
    )  # fmt: skip


def _pair_sides(
    sides: Mapping[str, Floats], who: str, stages: Sequence[str]
) -> tuple[Floats, Floats, np.ndarray]:
    """All and those who take part over the stages that told both, and where these are more than all."""
    n = len(sides[f"{who}_primary"])
    whole, part, told, above = np.zeros(n), np.zeros(n), np.zeros(n, bool), np.zeros(n, bool)
    for stage in stages:
        everyone, some = sides[f"{who}_{stage}"], sides[f"{who}_afterschool_{stage}"]
        both = np.isfinite(everyone) & np.isfinite(some)
        whole, part = whole + np.where(both, everyone, 0), part + np.where(both, some, 0)
        told, above = told | both, above | (both & (some > everyone))
    return np.where(told, whole, np.nan), np.where(told, part, np.nan), above


# --- the reduction of training agencies ---


@dataclass(frozen=True, slots=True)
class Reduction:
    """Training agencies before and now, over the counties that gave both."""

    before: float
    left: float
    closed: float
    nonprofit: float
    given: tuple[str, ...]
    lacking: tuple[str, ...]
    unequal: tuple[str, ...]
    """Counties where those left and those closed are not all there were, or more are left than there were."""

    @property
    def share(self) -> float:
        return (self.before - self.left) / self.before if self.before > 0 else math.nan


def count_reduction(rows: pd.DataFrame) -> Reduction:
    """The reduction of one year; counties whose counts contradict each other are named and left out."""
    before, left, closed, nonprofit = (
        rows[f"training_agencies_{name}"].to_numpy(float)
        for name in ("before", "left", "closed", "nonprofit")
    )
    both = np.isfinite(before) & np.isfinite(left)
    unequal = both & (
        (left > before) | (np.isfinite(closed) & (left + closed != before)) | (nonprofit > left)
    )
    held = both & ~unequal
    codes = rows["county"].astype(str).to_numpy()
    sums = {
        name: float(side[held].sum()) if held.any() else math.nan
        for name, side in (("before", before), ("left", left), ("closed", closed), ("nonprofit", nonprofit))
    }
    return Reduction(
        **sums, given=_list_codes(codes, held), lacking=_list_codes(codes, np.isfinite(before) ^ np.isfinite(left)),
        unequal=_list_codes(codes, unequal),
    )  # fmt: skip


def _list_codes(codes: np.ndarray, chosen: np.ndarray) -> tuple[str, ...]:
    return tuple(map(str, codes[chosen]))


# --- ranks over years ---


@dataclass(frozen=True, slots=True)
class Streak:
    """How many years running, up to the last that is given, a rank was within some number."""

    years: int
    first: int
    last: int
    gap: int
    """A year before the streak in which no rank is given, so that it may have been longer; 0: none."""


def measure_streak(ranks: Mapping[int, int], top: int) -> Streak:
    """Years running within ``top``, counted back from the last year given; a year without a rank ends it.

    Examples
    --------
    >>> measure_streak({2019: 1, 2021: 2, 2022: 3, 2023: 1}, 3)
    Streak(years=3, first=2021, last=2023, gap=2020)
    """
    if not ranks:
        return Streak(0, 0, 0, 0)
    last = max(ranks)
    year = last
    while ranks.get(year, top + 1) <= top:
        year -= 1
    gap = year if year not in ranks and any(y < year for y in ranks) else 0
    return Streak(last - year, year + 1 if last > year else 0, last, gap)


# --- for the researcher ---


def services(store: Store, area: Names = None, years: Years = None) -> pd.DataFrame:
    """Services to pupils, safety, surveys and letters of counties: how many of how many, and what is wrong with it.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    area : codes or names of counties; None: all
    years : a year, several, or a slice

    Returns
    -------
    DataFrame
        A row per county, year and service: ``area``, ``area_name``, ``year``, ``service``, ``num``, ``den``, ``share``
        (0-1, nan where there is none), ``low``, ``high`` (Wilson's interval of a survey), ``problem`` (``lacking``: one
        side alone; ``beyond``: the part is above the whole; ``few_answers``; or empty).

    Examples
    --------
    >>> services(store, "柏溪县", 2022).columns[:4].tolist()
    ['area', 'area_name', 'year', 'service']
    """
    years = check_years(store, years)
    chosen = list_counties(store, area)
    rows = select_years(read_county_rows(store, chosen, COLUMNS), years)
    names = dict(zip(store.areas["code"], store.areas[store.lang], strict=True))
    made = []
    for at in range(len(rows)):
        own = rows.iloc[[at]]
        code, year = str(own["county"].iloc[0]), int(own["year"].iloc[0])
        for service in SERVICES:
            one = sum_service(own, service)
            if one.given or one.lacking or one.beyond:
                few = service in SURVEYS and one.den < LEAST_ANSWERS
                problem = (
                    "lacking" if one.lacking else "beyond" if one.beyond else "few_answers" if few else ""
                )
                made.append((code, names[code], year, service, one.num, one.den, math.nan if few else one.share,
                             one.low, one.high, problem))  # fmt: skip
    columns = ["area", "area_name", "year", "service", "num", "den", "share", "low", "high", "problem"]
    return pd.DataFrame(made, columns=columns)
