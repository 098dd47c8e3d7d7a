"""Is a target of the annual plan met, on course or out of reach, and how fast would one have to be?

The plan is a table of conditions: an indicator, whom it binds, a year, an operator and a value. A row that cannot
be read as a condition is refused with its reason and judged by nobody. What is to come is judged by a chance from
the forecast, and beside it stands the change a year that is still needed and the fastest that any county of the
panel has managed over as many years.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.typing import Floats
from edustats.words import Text, say

OPERATORS = {
    ">=": (">=", "≥", "＞=", "不低于", "不少于", "不小于", "达到", "以上"),
    "<=": ("<=", "≤", "＜=", "不高于", "不超过", "不大于", "以下"),
    ">": (">", "＞", "高于", "超过", "大于"),
    "<": ("<", "＜", "低于", "小于"),
}
EVERY = ("", "各县", "各县区", "各县（市、区）", "所有县", "每个县", "every county", "all counties")
LIKELY, UNLIKELY = 2 / 3, 1 / 3
"""Between these chances a target is neither on course nor off it."""
_SOME = re.compile(r"(?P<more>增加|再增|新增|\+)?\s*(?P<n>\d{1,3})\s*(?:个县.*|counties|more counties)")
_PLAIN = str.maketrans("（）：，％＋－　", "():,%+- ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One condition of the plan, in the catalogue's unit."""

    indicator: str
    year: int
    operator: str
    value: float
    area: str = ""
    """Code of the county or prefecture bound; empty: every county by itself."""
    counties: int = 0
    """How many counties have to reach it by that year; 0: no such count."""
    clause: str = ""
    row: int = 0
    """Row of the plan's file."""

    def reached(self, value: float) -> bool:
        """Whether a value meets the condition; a hair's breadth of rounding counts as met."""
        slack = 1e-9 * max(1.0, abs(self.value))
        apart = value - self.value if self.operator[0] == ">" else self.value - value
        return apart >= -slack if self.operator.endswith("=") else apart > slack


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedTarget:
    """A row of the plan that is no condition: what stands there and why it cannot be judged."""

    row: int
    name: str
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetJudgement:
    """One target for one area."""

    target: Target
    area: str
    verdict: str
    """met, not_met (in its year), overdue (its year is past), on_course, off_course or cannot_tell."""
    reason: str = ""
    """Why nothing can be told: a forecast's reason, ``even_chance``, ``too_far``, ``year_missing``."""
    year: int = 0
    """Last year with a value; 0 where there is none."""
    value: float = math.nan
    chance: float = math.nan
    """Of meeting it in its year, 0.01 to 0.99; nan where that year is past or nothing is forecast."""
    needed: float = math.nan
    """Change a year still needed, in the indicator's unit; nan where met or past."""
    fastest: float = math.nan
    """Fastest change a year in that direction of any county over as many years; nan where none is that long."""
    fastest_area: str = ""

    @property
    def precedent(self) -> bool | None:
        """Whether a county ever changed as fast as needed; None where that is not known."""
        if not (math.isfinite(self.needed) and math.isfinite(self.fastest)):
            return None
        return abs(self.fastest) >= abs(self.needed) * (1 - 1e-9) and self.fastest * self.needed > 0


def parse_target_plan(
    plan: pd.DataFrame, known: Catalogue, areas: Mapping[str, Sequence[str]]
) -> tuple[tuple[Target, ...], tuple[RefusedTarget, ...]]:
    """Read the rows of a plan.

    Parameters
    ----------
    plan : DataFrame
        Text columns ``indicator`` (key or name), ``year``, ``relation``, ``target``, ``unit``; if there, ``area``
        (a name, a code, empty for every county, ``3个县`` for three counties whichever, ``增加2个县`` for two more
        than the phase before), ``clause`` and ``row``.
    known : the catalogue, for names, units and ranges
    areas : code of every area with its names

    Returns
    -------
    targets, refused
        Every row is in one of the two.

    Examples
    --------
    >>> from edustats.catalogue import catalogue
    >>> row = {"indicator": "小学师生比", "year": "2026", "relation": "≥", "target": "0.06", "unit": ""}
    >>> targets, refused = parse_target_plan(pd.DataFrame([row]), catalogue(), {})
    >>> len(targets), refused[0].why.en[:30]
    (0, 'row 1: no unit is given for th')
    """
    targets: list[Target] = []
    refused: list[RefusedTarget] = []
    rows = plan.fillna("").astype(str).to_dict("records")
    names = {_normalize_name(text): key for key, i in known.indicators.items() for text in (key, i.zh, i.en)}
    for position, raw in enumerate(rows, start=1):
        row = {str(name): str(text).strip() for name, text in raw.items()}
        where = int(float(row.get("row") or position))
        try:
            targets.append(_read_target(row, where, known, names, areas, targets))
        except _UnreadableError as no:
            refused.append(RefusedTarget(row=where, name=row.get("indicator", ""), why=no.why))
    return tuple(targets), tuple(refused)


class _UnreadableError(Exception):
    def __init__(self, key: str, row: int, **facts: object) -> None:
        self.why = say(f"targets.refused_{key}", row=row, **facts)
        super().__init__(key)


def _read_target(
    row: dict[str, str],
    where: int,
    known: Catalogue,
    names: Mapping[str, str],
    areas: Mapping[str, Sequence[str]],
    before: list[Target],
) -> Target:
    key = _find_indicator(row.get("indicator", ""), where, known, names)
    indicator, year = known.indicators[key], row.get("year", "")[:4]
    if not year.isdigit() or len(year) < 4:
        raise _UnreadableError("year", where, found=row.get("year") or "—")
    operator = next((k for k, words in OPERATORS.items() if row.get("relation", "") in words), "")
    if not operator:
        raise _UnreadableError("operator", where, found=row.get("relation") or "—", known="≥ ≤ > <")
    value = _read_target_value(row, where, known, key)
    low, high = indicator.range
    if not low <= value <= high:
        times = known.unit_of(key).times
        raise _UnreadableError(
            "range", where, found=row["target"], low=f"{low * times:g}", high=f"{high * times:g}"
        )
    target = Target(
        indicator=key, year=int(year), operator=operator, value=value, clause=row.get("clause", ""), row=where
    )
    return _set_bound_areas(target, row.get("area", ""), areas, before)


def _find_indicator(name: str, where: int, known: Catalogue, names: Mapping[str, str]) -> str:
    if _normalize_name(name) not in names:
        near = difflib.get_close_matches(_normalize_name(name), names, n=2, cutoff=0.4)
        told = [known.indicators[names[n]].name for n in near]
        nearest = Text("、".join(t.zh for t in told) or "无", ", ".join(t.en for t in told) or "none")
        raise _UnreadableError("indicator", where, found=name or "—", near=nearest)
    return names[_normalize_name(name)]


def _normalize_name(name: str) -> str:
    return "".join(name.translate(_PLAIN).split()).lower()


def _read_target_value(row: dict[str, str], where: int, known: Catalogue, key: str) -> float:
    unit = known.unit_of(key)
    scales = {unit.zh: 1 / unit.times, unit.en: 1 / unit.times} | dict(unit.scales)
    accepted = ", ".join(scales)
    if not row.get("unit"):
        raise _UnreadableError("no_unit", where, found=row.get("target") or "—", known=accepted)
    if row["unit"] not in scales:
        raise _UnreadableError("unit", where, found=row["unit"], known=accepted)
    try:
        number = float(row.get("target", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _UnreadableError("value", where, found=row.get("target") or "—")
    return number * scales[row["unit"]]


def _set_bound_areas(
    target: Target, area: str, areas: Mapping[str, Sequence[str]], before: list[Target]
) -> Target:
    """Whom the target binds; a phase that adds counties counts from the one before."""
    if area in EVERY:
        return target
    if found := _SOME.fullmatch(area):
        same = [t.counties for t in before if t.indicator == target.indicator and t.year < target.year]
        held = max(same, default=0) if found["more"] or "more" in area else 0
        return replace(target, counties=held + int(found["n"]))
    for code, names in areas.items():
        if area == code or area in names:
            return replace(target, area=code)
    raise _UnreadableError("area", target.row, found=area)


def judge_target(
    target: Target,
    area: str,
    years: Sequence[int],
    values: Mapping[str, Floats],
    chance: float,
    reason: str,
) -> TargetJudgement:
    """Judge one target for one area.

    Parameters
    ----------
    target : the condition
    area : whose value counts, a key of ``values``
    years : (t,) years in order, the last of them the last year of the data
    values : (t,) values of the indicator by county or area, nan where missing or before a break
    chance : probability, from the forecast, that the area meets the condition in the target's year; nan if none
    reason : why there is none

    Returns
    -------
    Judgement
        ``met`` when the target's year has come and its value holds, or when a later year's is held already.
        ``not_met`` in its own year, ``overdue`` after it. Before it: ``on_course`` from two chances in three,
        ``off_course`` up to one in three, ``cannot_tell`` between them.

    Examples
    --------
    >>> aim = Target(indicator="x", year=2025, operator=">=", value=0.9)
    >>> found = judge_target(aim, "a", [2022, 2023], {"a": np.array([0.80, 0.84]), "b": np.array([0.6, 0.7])}, 0.2, "")
    >>> found.verdict, round(found.needed, 3), found.fastest_area
    ('off_course', 0.03, '')
    """
    own = values[area]
    held = np.flatnonzero(np.isfinite(own))
    if len(held) == 0:
        return TargetJudgement(target=target, area=area, verdict="cannot_tell", reason="missing")
    year, value = int(years[held[-1]]), float(own[held[-1]])
    found = TargetJudgement(target=target, area=area, verdict="", year=year, value=value)
    if target.year <= years[-1]:
        return _judge_past_target(found, dict(zip(years, own, strict=True)), years[-1])
    if target.reached(value):
        return replace(found, verdict="met", chance=chance)
    span = target.year - year
    fastest, who = find_fastest_change(years, values, span, rising=target.value > value)
    found = replace(
        found, chance=chance, needed=(target.value - value) / span, fastest=fastest, fastest_area=who
    )
    if not math.isfinite(chance):
        return replace(found, verdict="cannot_tell", reason=reason or "too_far")
    if UNLIKELY < chance < LIKELY:
        return replace(found, verdict="cannot_tell", reason="even_chance")
    return replace(found, verdict="on_course" if chance >= LIKELY else "off_course")


def _judge_past_target(found: TargetJudgement, by_year: Mapping[int, float], now: int) -> TargetJudgement:
    """The target's year has come: its own value decides, and a later one whether it is still owed."""
    target = found.target
    then = by_year.get(target.year, math.nan)
    if math.isfinite(then) and target.reached(then):
        return replace(found, verdict="met", year=target.year, value=float(then))
    if found.year < target.year:
        return replace(found, verdict="cannot_tell", reason="year_missing")
    if target.reached(found.value):
        return replace(found, verdict="met")
    return replace(found, verdict="not_met" if target.year == now else "overdue")


def find_fastest_change(
    years: Sequence[int], values: Mapping[str, Floats], span: int, rising: bool
) -> tuple[float, str]:
    """The fastest change a year over exactly ``span`` years of any county, and whose; nan where none is so long.

    Examples
    --------
    >>> rows = {"a": np.array([1.0, 2.0, 2.5]), "b": np.array([1.0, 1.0, 4.0])}
    >>> find_fastest_change([2020, 2021, 2022], rows, 2, True)
    (1.5, 'b')
    """
    place = {year: k for k, year in enumerate(years)}
    pairs = [(k, place[year + span]) for year, k in place.items() if year + span in place]
    if not pairs or not values:
        return math.nan, ""
    earlier, later = np.array(pairs).T
    rows = np.array(list(values.values()), float)
    steps = ((rows[:, later] - rows[:, earlier]) / span).ravel()
    known = np.isfinite(steps)
    if not known.any():
        return math.nan, ""
    best = int(np.where(known, steps if rising else -steps, -math.inf).argmax())  # the first of equal ones
    return float(steps[best]), list(values)[best // len(pairs)]


def judge_county_count_target(
    target: Target, each: Sequence[TargetJudgement], now: int
) -> tuple[str, int, float]:
    """Judge a target that so many counties have to reach: verdict, how many meet it now, and the chance.

    Parameters
    ----------
    target : with ``counties`` above 0
    each : the same condition judged county by county
    now : last year of the data

    Returns
    -------
    verdict, met, chance
        The chance treats counties as independent, which they are not quite: common shocks make both very good
        and very bad years likelier. nan where a county that could decide has none.
    """
    met = sum(j.verdict == "met" for j in each)
    if target.year <= now:
        unknown = sum(j.verdict == "cannot_tell" for j in each)
        if met >= target.counties:
            return "met", met, math.nan
        if met + unknown >= target.counties:
            return "cannot_tell", met, math.nan
        return "not_met" if target.year == now else "overdue", met, math.nan
    chances = np.array([j.chance for j in each])
    if met >= target.counties:
        return "met", met, _compute_chance_of_at_least(chances, target.counties)
    chance = _compute_chance_of_at_least(chances, target.counties)
    if not math.isfinite(chance) or UNLIKELY < chance < LIKELY:
        return "cannot_tell", met, chance
    return "on_course" if chance >= LIKELY else "off_course", met, chance


def _compute_chance_of_at_least(chances: Floats, count: int) -> float:
    """Chance that at least ``count`` of independent events happen."""
    if len(chances) < count or not np.isfinite(chances).all():
        return math.nan if len(chances) >= count else 0.01
    ways = np.ones(1)
    for p in chances:
        ways = np.convolve(ways, [1 - p, p])
    return float(np.clip(ways[count:].sum(), 0.01, 0.99))
