"""What does a store hold about children, seats and teachers? The figures of a prefecture as the projection takes them.

A county's figure is the sum over its schools of a stage. A school of the stage without the figure makes the county's
figure unknown for that year: a sum without it would be read as a fall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from edustats.errors import DataError
from edustats.metrics.seats.capacity import (
    Planned,
    carry_seats,
    check_plans,
    find_missing_capacity,
    measure_capacity,
    sum_capacity,
)
from edustats.metrics.seats.cohorts import Cohorts, Counted
from edustats.metrics.seats.doubts import (
    Doubt,
    drop_births_in_thousands,
    drop_last_year,
    find_doubts,
    screen_births,
)
from edustats.metrics.seats.structure import Structure, build_structure
from edustats.store.reading import Store
from edustats.typing import Floats

PUPILS = {
    "preschool": "children",
    "primary": "pupils_primary",
    "junior": "pupils_junior",
    "senior": "pupils_senior",
    "vocational": "pupils_vocational",
}
TAUGHT = {
    "preschool": "kindergartens",
    "primary": "schools_primary",
    "junior": "schools_junior",
    "senior": "schools_senior",
    "vocational": "schools_vocational",
}
"""Columns that tell that a school teaches a stage."""
GROUPS = {
    (3, 5): "population_age_3_5",
    (6, 11): "population_age_6_11",
    (12, 14): "population_age_12_14",
    (15, 17): "population_age_15_17",
}
REGISTER = "seat_plans"
MOST_WITHOUT_CAPACITY = 0.05
"""Share of a stage's pupils in schools without capacity from which its seats are not compared with its pupils."""
FARTHEST_FROM_ENTRANTS = 0.12
"""Difference of a stage's pupils from the entrants of its grades' years from which the number of grades is in doubt."""
STAGES = {
    "幼儿园": "preschool",
    "小学": "primary",
    "初中": "junior",
    "普通高中": "senior",
    "中职": "vocational",
}
MOST_SEATS = 100_000
CLOSED_KINDS = ("关闭", "撤并", "close")


@dataclass(frozen=True, kw_only=True)
class SchoolPlaces:
    """One prefecture: its past, its seats, its plans, and what stands in doubt."""

    prefecture: str
    cohorts: Cohorts
    pupils: Floats
    """(a, t, s) pupils of each stage, nan where not held."""
    schools: pd.DataFrame
    """Capacity of every school and stage in the last year."""
    seats: Floats
    """(a, s) seats today, nan where no school has a capacity."""
    lower_bound: np.ndarray
    """(a, s) whether a part of them is only what classes imply."""
    teachers: Floats
    """(a, s) teachers today."""
    plans: tuple[Planned, ...]
    doubts: tuple[Doubt, ...] = field(default=())

    def seats_ahead(self, years: Floats) -> Floats:
        """(a, h, s) seats of the coming years with the plans that can be counted."""
        c = self.cohorts
        return carry_seats(self.seats, self.plans, c.areas, c.structure.names, years)


def read_school_places(
    store: Store,
    prefecture: str,
    structure: Structure | None = None,
    plans: Sequence[Planned] | None = None,
    last_year: int = 0,
) -> SchoolPlaces:
    """Everything the projection of one prefecture needs, with what stands in doubt.

    Parameters
    ----------
    store : an open store
    prefecture : code of an area that counties belong to
    structure : stages and grades; None: 6-3-3 with kindergartens
    plans : openings and closures; None: those of the store's register
    last_year : nothing later is read; 0: the last year held

    Raises
    ------
    DataError
        The store holds no pupils of any of these stages, or fewer than three years.
    """
    structure = structure or build_structure()
    counties = store.members(prefecture)
    areas = tuple(sorted({*counties} - {*store.find_damaged(counties)}))
    rows = _read_rows(store, areas, structure)
    years = _list_years(rows, last_year)
    if len(years) < 3:
        raise DataError("seats.nothing_held", area=store.name(prefecture))
    held, doubts = {}, []
    for what, columns in _list_columns(structure).items():
        held[what], found = _sum_stages(rows, areas, years, columns)
        doubts += found if what == "pupils" else []
    births, odd = _read_births(rows, areas, years)
    doubts += odd
    counted = Counted(
        structure=structure,
        areas=areas,
        years=years,
        pupils=held["pupils"],
        entrants=held["entrants"],
        leavers=held["leavers"],
        **births,
    )
    cohorts, found = _take_out_doubtful(counted.build(float(years[-1])))
    found += _doubt_structure(structure, prefecture, held["pupils"], held["entrants"])
    measured = _measure_schools(rows, years, structure)
    seats, lower = _arrange_seats(measured, areas, structure)
    given, unread = _read_plans(store, prefecture) if plans is None else (list(plans), [])
    sound, refused = check_plans(given, _find_closed(rows, years), areas, structure.names)
    stack = {
        what: np.stack([held[what][s] for s in structure.names], axis=-1) for what in ("pupils", "teachers")
    }
    return SchoolPlaces(
        prefecture=prefecture,
        cohorts=cohorts,
        pupils=_blank_doubtful_years(stack["pupils"], cohorts, found),
        schools=measured,
        seats=seats,
        lower_bound=lower,
        teachers=stack["teachers"][:, -1],
        plans=tuple(sound),
        doubts=(*doubts, *found, *find_missing_capacity(measured), *unread, *refused),
    )


def _list_columns(structure: Structure) -> dict[str, dict[str, str]]:
    names = [name for name in structure.names if name in PUPILS]
    if len(names) < len(structure.names):
        raise DataError(
            "seats.stage_not_in_store", stage=", ".join(sorted(set(structure.names) - set(names)))
        )
    kinds = {what: {name: f"{what}_{name}" for name in names} for what in ("entrants", "leavers", "teachers")}
    return {"pupils": {name: PUPILS[name] for name in names}, **kinds}


def _read_rows(store: Store, areas: Sequence[str], structure: Structure) -> pd.DataFrame:
    names = [name for group in _list_columns(structure).values() for name in group.values()]
    names += [f"{what}_{s}" for s in structure.names for what in ("classes", "seats", "rooms", "design")]
    names += [TAUGHT[s] for s in structure.names]
    columns = [
        "county",
        "unit",
        "unit_name",
        "year",
        "township",
        "births",
        *GROUPS.values(),
        *dict.fromkeys(names),
    ]
    rows = store.rows("units", list(areas), columns)
    numbers = [name for name in columns if name not in ("county", "unit", "unit_name", "township")]
    rows[numbers] = rows[numbers].apply(pd.to_numeric, errors="coerce")
    return rows


def _list_years(rows: pd.DataFrame, last_year: int) -> Floats:
    counted = rows[rows[list({n for n in PUPILS.values() if n in rows})].notna().any(axis=1)]
    if last_year:
        counted = counted[counted["year"] <= last_year]
    if counted.empty:
        return np.zeros(0)
    return np.arange(float(counted["year"].min()), float(counted["year"].max()) + 1)


def _sum_stages(
    rows: pd.DataFrame, areas: Sequence[str], years: Floats, columns: Mapping[str, str]
) -> tuple[dict[str, Floats], list[Doubt]]:
    """By stage (a, t) sums, nan where a school of the stage lacks the figure, and a doubt for each of those.

    Who tells pupils, entrants or leavers of a stage has it: without the pupils, the entrants are still counted.
    """
    made, doubts = {}, []
    for stage, column in columns.items():
        moved = (rows[[f"entrants_{stage}", f"leavers_{stage}"]] > 0).any(axis=1)
        taught = rows[(rows[TAUGHT[stage]] > 0) | rows[PUPILS[stage]].notna() | moved]
        lost = taught[taught[column].isna()]
        sums = taught.groupby(["county", "year"])[column].sum(min_count=1)
        grid = (
            sums.reindex(pd.MultiIndex.from_product([areas, years]))
            .to_numpy(float)
            .reshape(len(areas), len(years))
            .copy()
        )
        for place, own in lost[lost["year"].isin(years)].groupby(["county", "year"]):
            county, year = str(place[0]), int(float(str(place[1])))
            grid[list(areas).index(county), int(year - years[0])] = np.nan
            facts: dict[str, Any] = {"year": year, "stage": stage}
            whole = (own["unit"] == county).all()
            if not whole:
                facts |= {"n": len(own), "school": str(own["unit_name"].iloc[0])}
            kind = "not_told" if whole else "incomplete"
            doubts.append(Doubt(kind=kind, area=county, excluded=True, facts=facts))
        made[stage] = grid
    return made, doubts


def _read_births(
    rows: pd.DataFrame, areas: Sequence[str], years: Floats
) -> tuple[dict[str, Any], list[Doubt]]:
    """Births by calendar year and residents by age group, as :class:`Counted` takes them."""
    last = float(years[-1])
    wide = {}
    for name in ("township", "births", *GROUPS.values()):
        whole = rows[rows[name].notna() & (rows["unit"] == rows["county"]) & (rows["year"] <= last)]
        wide[name] = whole.pivot_table(index="county", columns="year", values=name, aggfunc="last").reindex(
            list(areas)
        )
    if wide["births"].empty:
        none = np.full((len(areas), 1), np.nan)
        return {"births": none, "births_from": int(last), "groups": {}, "group_years": np.zeros(0, int)}, []
    first = int(wide["births"].columns.min())
    span = np.arange(first, int(last) + 1)
    births = wide["births"].reindex(columns=span).to_numpy(float)
    counted = np.arange(min([int(years[0]), first]), int(last) + 1)
    groups = {
        ages: wide[name].reindex(columns=counted).to_numpy(float)
        for ages, name in GROUPS.items()
        if not wide[name].empty
    }
    births, odd = screen_births(births, areas, first)
    return {"births": births, "births_from": first, "groups": groups, "group_years": counted}, odd


def _take_out_doubtful(cohorts: Cohorts) -> tuple[Cohorts, list[Doubt]]:
    """The cohorts without births that are plainly in thousands, and all doubts."""
    grades, doubts = drop_last_year(cohorts)
    cohorts = replace(cohorts, grades=grades)
    doubts += find_doubts(cohorts)
    if any(doubt.kind == "births_in_thousands" for doubt in doubts):
        births = drop_births_in_thousands(cohorts.births, cohorts.areas, doubts)
        cohorts = replace(cohorts, births=births, shares=())
    return cohorts, doubts


def _blank_doubtful_years(pupils: Floats, cohorts: Cohorts, doubts: Sequence[Doubt]) -> Floats:
    """(a, t, s) pupils without the years to which a grade rose beyond reason: they would pass for a peak."""
    made = pupils.copy()
    names = cohorts.structure.names
    for doubt in doubts:
        if doubt.kind == "ratio" and float(doubt.facts["found"]) > 1:
            t = int(doubt.facts["year"] - cohorts.years[0])
            made[cohorts.areas.index(doubt.area), t, names.index(doubt.facts["stage"])] = np.nan
    return made


def _doubt_structure(
    structure: Structure, prefecture: str, pupils: Mapping[str, Floats], entrants: Mapping[str, Floats]
) -> list[Doubt]:
    """Stages whose pupils are not about the entrants of as many years as they have grades."""
    found = []
    for stage in structure.stages:
        came = entrants[stage.name][:, -stage.grades :]
        whole = np.isfinite(came).all(axis=1) & np.isfinite(pupils[stage.name][:, -1])
        if came.shape[1] < stage.grades or not whole.any() or stage.name == "preschool":
            continue
        expected, held = came[whole].sum(), pupils[stage.name][whole, -1].sum()
        if expected > 0 and abs(held / expected - 1) > FARTHEST_FROM_ENTRANTS:
            facts = {
                "stage": stage.name,
                "grades": stage.grades,
                "expected": float(expected),
                "found": float(held),
            }
            found.append(Doubt(kind="structure", area=prefecture, excluded=False, facts=facts))
    return found


def _measure_schools(rows: pd.DataFrame, years: Floats, structure: Structure) -> pd.DataFrame:
    now = rows[rows["year"] == years[-1]]
    frames = []
    for stage in structure.names:
        own = now[(now[TAUGHT[stage]] > 0) | (now[PUPILS[stage]] > 0)]
        facts = {name: own[f"{name}_{stage}"] for name in ("design", "seats", "rooms", "classes")}
        about = {"area": own["county"], "school": own["unit"], "name": own["unit_name"], "stage": stage}
        about["township"] = own["township"]
        frames.append(pd.DataFrame({**about, "pupils": own[PUPILS[stage]], **facts}))
    return measure_capacity(pd.concat(frames, ignore_index=True))


def _arrange_seats(
    measured: pd.DataFrame, areas: Sequence[str], structure: Structure
) -> tuple[Floats, np.ndarray]:
    """(a, s) seats, nan where schools without capacity teach more than a twentieth of the pupils, and lower bounds."""
    lost = measured["pupils"].where(measured["capacity"].isna(), 0.0)
    share = lost.groupby([measured["area"], measured["stage"]]).sum()
    share = share / measured.groupby(["area", "stage"])["pupils"].sum()
    summed = sum_capacity(measured).set_index(["area", "stage"])
    summed["capacity"] = summed["capacity"].where(share <= MOST_WITHOUT_CAPACITY)
    grid = pd.MultiIndex.from_product([areas, structure.names])
    shape = (len(areas), len(structure.names))
    lower = summed["lower_bound"].reindex(grid).fillna(value=False).astype(bool).to_numpy().reshape(shape)
    return summed["capacity"].reindex(grid).to_numpy(float).reshape(shape), lower


def _find_closed(rows: pd.DataFrame, years: Floats) -> dict[str, int]:
    """Schools that are in the returns of earlier years and not in the last: by code the first year without."""
    seen = rows[rows["unit"] != rows["county"]].groupby("unit")["year"].max()
    return {str(unit): int(year) + 1 for unit, year in seen.items() if year < years[-1]}


def _read_plans(store: Store, prefecture: str) -> tuple[list[Planned], list[Doubt]]:
    """Plans of the register, and a doubt for every row that is none."""
    rows = store.register(REGISTER)
    plans, doubts = [], []
    for place, row in enumerate(rows.to_dict("records") if len(rows) else [], 1):
        try:
            plans.append(_read_plan(row, place))
        except (KeyError, TypeError, ValueError, OverflowError):
            facts = {"row": row.get("row", place), "found": f"{row.get('year')}, {row.get('seats')}"}
            doubts.append(Doubt(kind="bad_plan", area=prefecture, excluded=True, facts=facts))
    return plans, doubts


def _read_plan(row: Mapping[Any, Any], place: int) -> Planned:
    stage, kind, name = (str(row.get(one, "")).strip() for one in ("stage", "kind", "name"))
    year, seats = int(float(row["year"])), float(row["seats"])
    if not (1900 < year < 2200 and abs(seats) < MOST_SEATS):
        raise ValueError(row["seats"])
    return Planned(
        school=str(row.get("unit") or name or place),
        area=str(row.get("county", "")).strip(),
        stage=STAGES.get(stage, stage),
        year=year,
        seats=-abs(seats) if kind in CLOSED_KINDS else seats,
        new=kind == "新建",
        name=name,
    )
