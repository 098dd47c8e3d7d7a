"""What do the counties' teachers look like against the rules, and who retires when? As a data frame."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.selection import Names, Years, check_years, list_counties, select_years
from edustats.catalogue.timetable import read_timetable
from edustats.errors import DataError
from edustats.metrics.teachers.compliance import (
    CountedRule,
    count_promotions,
    judge_posts,
    judge_rotation,
)
from edustats.metrics.teachers.retirement import Band, RetirementWave, project_retirement
from edustats.metrics.teachers.subjects import SubjectNeed, compute_class_loads, judge_subjects
from edustats.schema import KINDS
from edustats.store.reading import KIND, CountyData, Store

HORIZON = 15
NOT_APPLICABLE = KINDS.index("not_applicable")
BANDS: dict[str, Band] = {
    "le_24": (18, 24), "25_29": (25, 29), "30_34": (30, 34), "35_39": (35, 39), "40_44": (40, 44), "45_49": (45, 49),
    "50_54": (50, 54), "55_59": (55, 59), "60_65": (60, 65), "ge_66": (66, 70),
}  # fmt: skip
STAGES = ("primary", "junior")


@dataclass(frozen=True)
class TeacherRecord:
    """A county's teachers by year, as its own row and its schools' observations tell."""

    data: CountyData

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The county's own rows, by year."""
        units = self.data.units
        own = units[(units["unit"] == units["county"]).to_numpy()]
        return own.drop_duplicates("year").set_index("year").sort_index()

    @cached_property
    def counts(self) -> dict[tuple[str, int], float]:
        """(column, year) → the county's sum where every school gave it, for the few columns that the rules need."""
        names = [f"{stem}_{s}" for stem in ("teachers", "pe_arts_teachers", "classes") for s in STAGES]
        units = self.data.units
        schools = (units["unit"] != units["county"]).to_numpy()
        held = np.flatnonzero(schools) if schools.any() else np.arange(len(units))
        years = units["year"].to_numpy()[held]
        rows = {int(year): held[years == year] for year in np.unique(years)}
        found = {}
        for name in names:
            kind = f"{name}{KIND}"
            if name not in units or kind not in units:
                continue
            values, kinds = units[name].to_numpy(float), units[kind].to_numpy()
            for year, own in rows.items():
                asked = values[own[kinds[own] != NOT_APPLICABLE]]
                whole = len(asked) and not np.isnan(asked).any()
                found[name, year] = float(asked.sum()) if whole else math.nan
        return found

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years with any figure of teachers."""
        own = {int(y) for y in self.rows.index if math.isfinite(self.own("rotation_done", int(y)))}
        told = {
            y for (name, y), v in self.counts.items() if name.startswith("teachers_") and math.isfinite(v)
        }
        aged = {int(y) for y in self.rows.index if math.isfinite(self.own("teachers_age_25_29", int(y)))}
        return tuple(sorted(own | told | aged))

    def own(self, name: str, year: int) -> float:
        """One column of the county's own row; nan where it is missing."""
        if name not in self.rows or year not in self.rows.index:
            return math.nan
        return float(self.rows[name].to_numpy(float)[self.rows.index.get_loc(year)])

    def total(self, stem: str, year: int) -> float:
        """A column over the compulsory stages; nan unless both are whole."""
        return sum(self.counts.get((f"{stem}_{s}", year), math.nan) for s in STAGES)

    def rotation(self, year: int) -> list[CountedRule]:
        """The 10 % and the 20 % of a year."""
        return judge_rotation(
            self.own("rotation_done", year), self.own("rotation_eligible", year), self.own("rotation_backbone", year),
            self.total("teachers", year),
        )  # fmt: skip

    def promotions(self, year: int) -> CountedRule:
        """Rural service of those promoted."""
        return count_promotions(
            self.own("promoted_with_rural_service", year), self.own("promoted_senior", year)
        )

    def posts(self, year: int) -> CountedRule:
        """Staff against posts."""
        return judge_posts(self.own("staff_on_posts", year), self.own("posts_compulsory", year))

    def ages(self, year: int) -> dict[str, dict[Band, float]]:
        """Men and women by age band; empty unless every band up to 65 is told for both: missing is not nobody."""
        both = {
            key: (self.own(f"teachers_age_{key}", year), self.own(f"women_age_{key}", year)) for key in BANDS
        }
        told = {key: pair for key, pair in both.items() if math.isfinite(pair[0]) and math.isfinite(pair[1])}
        if set(BANDS) - set(told) - {"ge_66"}:
            return {}
        return {
            "men": {BANDS[key]: all_ - women for key, (all_, women) in told.items()},
            "women": {BANDS[key]: women for key, (_, women) in told.items()},
        }

    def wave(self, year: int, horizon: int = HORIZON) -> RetirementWave | None:
        """The retirement wave from a year's ages; None where they are not told."""
        ages = self.ages(year)
        return project_retirement(ages, year, horizon) if ages else None

    def subjects(self, year: int) -> list[SubjectNeed]:
        """Teachers of subjects against the timetable of all nine years; nothing where either stage is not whole.

        The curriculum gives its shares of the lessons of nine years: a single stage may lie outside them.
        """
        everyone = self.total("teachers", year)
        if not everyone > 0:
            return []
        table = read_timetable().subjects
        held = {key: self.total(one.column, year) for key, one in table.items()}
        return judge_subjects(held, everyone, {key: one.share for key, one in table.items()})

    def loads(self, stage: str, year: int) -> tuple[float, float]:
        """Lessons a week of a teacher, and teachers of a class."""
        classes, heads = (
            self.counts.get((f"{stem}_{stage}", year), math.nan) for stem in ("classes", "teachers")
        )
        if math.isnan(classes) or math.isnan(heads):
            return math.nan, math.nan
        return compute_class_loads(classes, read_timetable().weekly_lessons[stage], heads)


def teachers(store: Store, area: Names = None, years: Years = None) -> pd.DataFrame:
    """Teachers of counties against the rules: rotation, promotion, posts, subjects, loads, and the retirement wave.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    area : codes or names of counties; None: all
    years : years of the figures, one, several, or a slice; a projection goes with the year of its age structure

    Returns
    -------
    DataFrame
        ``area``, ``area_name``, ``year``, ``rule`` (``rotation``, ``backbone``, ``promotion``, ``posts``, ``subject``,
        ``lessons_per_teacher``, ``teachers_per_class``, ``retired``), ``stage``, ``ahead`` (the year projected, for
        ``retired``), ``value`` (a share 0-1, lessons a week, teachers, or persons retired since), ``lower``, ``upper``
        (of a projection; of ``subject`` the teachers that the timetable asks for), ``num``, ``den``, ``denominator``
        (what ``den`` counts), ``mark``, ``verdict``, ``reason``.

    Examples
    --------
    >>> store = open_store("data/store/example")
    >>> teachers(store, "柏溪县", 2022).columns[:5].tolist()
    ['area', 'area_name', 'year', 'rule', 'stage']
    """
    years = check_years(store, years)
    chosen = list_counties(store, area)
    rows: list[dict[str, Any]] = []
    for code in chosen:
        record = TeacherRecord(store.county(code))
        for year in record.years:
            rows += [{"area": code, "year": year, **row} for row in _list_rows(record, year)]
    columns = ["area", "area_name", "year", "rule", "stage", "ahead", "value", "lower", "upper", "num", "den",
               "denominator", "mark", "verdict", "reason"]  # fmt: skip
    names = dict(zip(store.areas["code"], store.areas[store.lang], strict=True))
    frame = pd.DataFrame(rows).assign(area_name=lambda f: f["area"].map(names)) if rows else pd.DataFrame()
    made = select_years(frame.reindex(columns=columns), years).reset_index(drop=True)
    texts = ["denominator", "verdict", "reason"]
    made[texts] = made[texts].fillna("")
    made["ahead"] = made["ahead"].fillna(0).astype(int)
    made.attrs = {"cite": store.about["cite"][store.lang]}
    return made


def _list_rows(record: TeacherRecord, year: int) -> list[dict[str, Any]]:
    makers: dict[str, Callable[[int], list[CountedRule]]] = {
        "rotation": record.rotation,
        "promotion": lambda y: [record.promotions(y)],
        "posts": lambda y: [record.posts(y)],
    }
    rows = [_row_of(one) for rule, make in makers.items() for one in _or_refusal(rule, make, year)]
    for need in record.subjects(year):
        rows.append({"rule": "subject", "stage": "compulsory", "value": need.teachers, "lower": need.least,
                     "upper": need.most, "verdict": need.verdict, "reason": need.subject})  # fmt: skip
    for stage in STAGES:
        for name, value in zip(
            ("lessons_per_teacher", "teachers_per_class"), record.loads(stage, year), strict=True
        ):
            if math.isfinite(value):
                rows.append({"rule": name, "stage": stage, "value": value})
    wave = record.wave(year)
    if wave is not None:
        told = zip(wave.years, wave.total, wave.lower, wave.upper, strict=True)
        rows += [
            {"rule": "retired", "stage": "compulsory", "ahead": ahead, "value": total, "lower": low, "upper": high,
             "den": wave.teachers, "denominator": "teachers"}
            for ahead, total, low, high in told
        ]  # fmt: skip
    return rows


def _row_of(one: CountedRule) -> dict[str, Any]:
    return {
        "rule": one.rule, "stage": "compulsory", "value": one.share, "num": one.num, "den": one.den,
        "denominator": one.denominator, "mark": one.mark, "verdict": one.verdict, "reason": one.reason,
    }  # fmt: skip


def _or_refusal(rule: str, make: Callable[[int], list[CountedRule]], year: int) -> list[CountedRule]:
    """The verdicts, or one without a verdict where the figures cannot be: its reason is what is wrong with them."""
    try:
        return make(year)
    except DataError as error:
        return [CountedRule(rule=rule, num=np.nan, den=np.nan, denominator="", mark=np.nan, verdict="cannot_tell",
                            reason=error.address.partition(".")[2])]  # fmt: skip
