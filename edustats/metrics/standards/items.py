"""Which items of a standard does one county meet in one year, on which figure, and what only papers can show?

Schools' items take their verdict from :mod:`edustats.metrics.standards`; the county's own from its
observations; the rest need documents and stay open until somebody says what the documents show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue, catalogue
from edustats.catalogue.standards import (
    Standard,
    StandardItem,
    Threshold,
    find_school_year_start,
    load_standard,
)
from edustats.indicator_values import sum_columns
from edustats.metrics.standards.coefficients import reaches_mark, round_half_up
from edustats.metrics.standards.judgement import NOT_MET, UNKNOWN, StageJudgement, StandardJudgement
from edustats.typing import Floats

SHARE_UNITS = ("share",)
OPEN = ("needs_document", "no_data", "partial", "one_school")
"""Verdicts that leave an item open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVerdict:
    """One item in one stage."""

    item: str
    part: str
    stage: str
    verdict: str
    """``met``, ``basic``, ``not_met``, or open: ``needs_document``, ``no_data``, ``partial``, ``one_school``."""
    value: float = math.nan
    """In the catalogue's unit; for items about schools the number of schools that miss it."""
    mark: Threshold | None = None
    n: int = 0
    """Schools or units behind the value."""
    coverage: float = math.nan
    offenders: tuple[str, ...] = ()
    """Schools that miss the item."""
    unrounded: str = ""
    """The verdict on the unrounded value where it differs."""


@dataclass(frozen=True, kw_only=True)
class CountyCase:
    """All that is known of one county in one year."""

    standard: Standard
    county: str
    year: int
    units: pd.DataFrame
    """The county's rows of that year: its schools' and its own."""
    observed: pd.DataFrame
    """The county's observations of that year."""
    before: pd.DataFrame
    """Those of the year before, for rules on growth."""
    judgement: StandardJudgement | None = None
    documents: Mapping[str, bool] = field(default_factory=dict)
    """What the papers show: item → met."""
    quota: Standard | None = None
    """Whose quota of public-use funds holds; left out, the national one."""
    known: Catalogue = field(default_factory=catalogue)

    @cached_property
    def values(self) -> dict[str, dict[str, Any]]:
        """The observations by indicator, as plain values."""
        return _index_observations(self.observed)

    @cached_property
    def values_before(self) -> dict[str, dict[str, Any]]:
        """The same of the year before."""
        return _index_observations(self.before)

    @property
    def on(self) -> date:
        """The day whose thresholds hold."""
        return max(find_school_year_start(self.year), self.standard.start)

    def mark(self, item: StandardItem, stage: str) -> Threshold | None:
        return self.standard.threshold(item.key, stage, self.on)

    def conceded(self, item: str) -> Mapping[str, float] | None:
        """Values of a concession in use, None where there is none."""
        found = self.judgement.concessions if self.judgement else ()
        return next((c.values for c in found if c.item == item), None)


def _index_observations(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    held = [name for name in OBSERVED if name in rows]
    told = zip(*(rows[name].tolist() for name in held), strict=True)
    return {str(row[0]): dict(zip(held, row, strict=True)) for row in reversed([*told])}


OBSERVED = ("indicator", "value", "status", "n", "coverage")


def judge_items(case: CountyCase) -> list[ItemVerdict]:
    """Every item of a standard for one county and year, in the standard's order.

    Examples
    --------
    >>> import pandas as pd
    >>> from edustats.catalogue.standards import load_standard
    >>> nothing = pd.DataFrame(columns=["indicator", "value"])
    >>> rows = pd.DataFrame({"county": [], "unit": []})
    >>> case = CountyCase(standard=load_standard("quality_balance_2017"), county="01", year=2023, units=rows,
    ...             observed=nothing, before=nothing)
    >>> {v.verdict for v in judge_items(case)} <= {"needs_document", "no_data"}
    True
    """
    ways: dict[str, Callable[[CountyCase, StandardItem], list[ItemVerdict]]] = {
        "school": _judge_school_items,
        "spread": _judge_spread_items,
        "county": _judge_county_items,
        "every": _judge_every_school_items,
        "compare": _judge_paired_indicators,
        "growth": _judge_growth,
        "rooms": _judge_special_rooms,
        "size": _judge_school_size,
        "funded": _judge_small_school_funding,
        "quota": _judge_quota,
        "document": _judge_document,
    }
    return [found for item in case.standard.items.values() for found in ways[item.kind](case, item)]


def combine_stage_verdicts(found: list[ItemVerdict]) -> dict[str, str]:
    """One verdict per item: not met if any stage misses it, open if any is open, else the lower of met and basic.

    Examples
    --------
    >>> made = [ItemVerdict(item="a", part="p", stage=s, verdict=v) for s, v in (("x", "met"), ("y", "no_data"))]
    >>> combine_stage_verdicts(made)
    {'a': 'no_data'}
    """
    joined: dict[str, str] = {}
    order = ("not_met", *OPEN, "basic", "met")
    for one in found:
        joined[one.item] = min(joined.get(one.item, "met"), one.verdict, key=order.index)
    return joined


def judge_overall(found: list[ItemVerdict]) -> str:
    """``not_met`` where any item is missed, ``open`` where papers or data are wanting, else ``met``.

    Examples
    --------
    >>> judge_overall([ItemVerdict(item="a", part="p", stage="all", verdict="needs_document")])
    'open'
    """
    verdicts = set(combine_stage_verdicts(found).values())
    if "not_met" in verdicts:
        return "not_met"
    return "open" if verdicts & set(OPEN) else "met"


# --- one way per kind of item -------------------------------------------------------------------------------


def _judge_document(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    said = case.documents.get(item.key)
    verdict = "needs_document" if said is None else "met" if said else "not_met"
    return [ItemVerdict(item=item.key, part=item.part, stage="all", verdict=verdict)]


def _find_stage_judgement(case: CountyCase, stage: str) -> tuple[StageJudgement, int] | None:
    found = case.judgement.stages.get(stage) if case.judgement else None
    at = found.of(case.county, case.year) if found else -1
    return (found, at) if found is not None and at >= 0 else None


def _judge_school_items(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    """Every coefficient against the limit, and no school below 85 % of the mark."""
    return [_judge_school_item_in_stage(case, item, stage) for stage in item.indicators]


def _judge_school_item_in_stage(case: CountyCase, item: StandardItem, stage: str) -> ItemVerdict:
    held = _find_stage_judgement(case, stage)
    if held is None:
        return ItemVerdict(
            item=item.key, part=item.part, stage=stage, verdict="no_data", mark=case.mark(item, stage)
        )
    found, at = held
    k = found.items.index(item.key)
    here = found.area == at
    short = _find_schools_below_floor(found, k, here)
    code, n = int(found.spread_verdict[at, k]), int(found.spread.n[at, k])
    missing = int(here.sum()) - n
    verdict = "not_met" if (code == NOT_MET and case.standard.judge == "each") or short.any() else ""
    verdict = verdict or ("one_school" if code == UNKNOWN else "partial" if missing else "met")
    return ItemVerdict(
        item=item.key,
        part=item.part,
        stage=stage,
        verdict=verdict,
        value=float(found.spread.cv[at, k]),
        mark=found.marks[k],
        n=n,
        coverage=_divide_or_missing(found.spread.weight[at, k], found.pupils[here].sum()),
        offenders=_list_school_codes(case, found.rows[here][short]),
    )


def _find_schools_below_floor(found: StageJudgement, k: int, here: np.ndarray) -> np.ndarray:
    if found.schools is None:
        return np.zeros(int(here.sum()), bool)
    return found.schools.above_floor[here, k] == NOT_MET


def _divide_or_missing(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _list_school_codes(case: CountyCase, rows: np.ndarray) -> tuple[str, ...]:
    return tuple(case.units["unit"].iloc[rows])


def _judge_spread_items(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    """All coefficients of a stage together: each of them, or their mean where the standard says so."""
    return [_judge_spread_in_stage(case, item, stage) for stage in case.standard.stages]


def _judge_spread_in_stage(case: CountyCase, item: StandardItem, stage: str) -> ItemVerdict:
    held = _find_stage_judgement(case, stage)
    if held is None:
        return ItemVerdict(
            item=item.key, part=item.part, stage=stage, verdict="no_data", mark=case.mark(item, stage)
        )
    found, at = held
    mean = case.standard.judge == "mean"
    codes = found.composite_verdict[at : at + 1] if mean else found.spread_verdict[at]
    exact = _judge_spread_unrounded(found, at, mean)
    verdict = _combine_verdict_codes(codes, int(found.spread.n[at].max()))
    value = found.composite[at] if mean else np.nanmax(found.spread.cv[at], initial=-math.inf)
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict,
        value=float(value) if np.isfinite(value) else math.nan,
        mark=found.limit, n=int(found.spread.n[at].min()), unrounded="" if exact == verdict else exact,
    )  # fmt: skip


def _judge_spread_unrounded(found: StageJudgement, at: int, mean: bool) -> str:
    if mean:
        good = reaches_mark(found.composite[at : at + 1], found.limit.printed, found.limit.op)
        codes = np.where(np.isnan(found.composite[at : at + 1]), UNKNOWN, good)
        return _combine_verdict_codes(codes, int(found.spread.n[at].max()))
    return _combine_verdict_codes(found.spread_unrounded[at], int(found.spread.n[at].max()))


def _combine_verdict_codes(codes: np.ndarray, schools: int) -> str:
    if (codes == NOT_MET).any():
        return "not_met"
    if (codes == UNKNOWN).any():
        return "one_school" if schools < 2 else "no_data"
    return "met"


def _find_observation(case: CountyCase, key: str, before: bool = False) -> dict[str, Any] | None:
    found = (case.values_before if before else case.values).get(key)
    return None if found is None or not math.isfinite(found["value"]) else found


def _judge_county_items(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    return [_judge_county_item(case, item, stage, key) for stage, key in item.indicators.items()]


def _judge_county_item(case: CountyCase, item: StandardItem, stage: str, key: str) -> ItemVerdict:
    mark, seen = case.mark(item, stage), _find_observation(case, key)
    if seen is None or mark is None:
        return ItemVerdict(item=item.key, part=item.part, stage=stage, verdict="no_data", mark=mark)
    value, whole = float(seen["value"]), seen["status"] in ("ok", "break")
    total = not case.known.indicator(key).den
    places = _count_printed_decimals(case, key)
    verdict = _compare_with_mark(value, mark, places)
    if total and not whole and verdict == "met":
        verdict = "partial"  # a count over some of the schools can only grow
    exact = _compare_with_mark(value, mark, None)
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict, value=value, mark=mark, n=int(seen["n"]),
        coverage=float(seen["coverage"]), unrounded="" if exact == verdict or verdict == "partial" else exact,
    )  # fmt: skip


def _count_printed_decimals(case: CountyCase, key: str) -> int:
    """Decimals of the catalogue's own value at which the form prints: a rate with one has three as a share."""
    unit = case.known.unit_of(key)
    printed = case.standard.decimals["share" if unit.key in SHARE_UNITS else "value"]
    return printed + (2 if unit.times == 100 else 0)


def _compare_with_mark(value: float, mark: Threshold, places: int | None) -> str:
    every = mark.unit == "share" and mark.printed in (
        0,
        1,
    )  # all or none: rounding must not excuse one of them
    shown = np.array([value]) if places is None or every else round_half_up([value], places)
    if reaches_mark(shown, mark.value, mark.op)[0]:
        return "met"
    basic = mark.basic is not None and reaches_mark(shown, mark.basic, mark.op)[0]
    return "basic" if basic else "not_met"


def _judge_ratio(
    case: CountyCase, item: StandardItem, stage: str, value: float, places: int, n: int = 1
) -> ItemVerdict:
    mark = case.mark(item, stage)
    if mark is None or not math.isfinite(value):
        return ItemVerdict(item=item.key, part=item.part, stage=stage, verdict="no_data", mark=mark)
    verdict, exact = _compare_with_mark(value, mark, places), _compare_with_mark(value, mark, None)
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict, value=value, mark=mark, n=n,
        unrounded="" if exact == verdict else exact,
    )  # fmt: skip


def _judge_paired_indicators(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    """One figure of the county over another. Not rounded: 99.96 % of the civil servants' pay is not their pay."""
    made = []
    for stage, key in item.indicators.items():
        first, second = _find_observation(case, key), _find_observation(case, item.against[stage])
        value = (
            math.nan
            if first is None or second is None
            else float(first["value"] / (second["value"] or math.nan))
        )
        made.append(_judge_ratio(case, item, stage, value, 9))
    return made


def _judge_growth(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    """This year over the year before, unrounded."""
    made = []
    for stage, key in item.indicators.items():
        now, then = _find_observation(case, key), _find_observation(case, key, before=True)
        value = (
            math.nan
            if now is None or then is None or then["value"] <= 0
            else float(now["value"] / then["value"])
        )
        made.append(_judge_ratio(case, item, stage, value, 9))
    return made


# --- items that no school may miss --------------------------------------------------------------------------


def _select_schools(case: CountyCase) -> pd.DataFrame:
    rows = case.units[case.units["unit"] != case.units["county"]]
    return rows.reset_index(drop=True)


def _read_column(rows: pd.DataFrame, name: str) -> Floats:
    return rows[name].to_numpy(float) if name in rows else np.full(len(rows), np.nan)


def _sum_compulsory_stages(rows: pd.DataFrame, name: str) -> Floats:
    """Primary and junior together: a stage that is not there adds nothing, two that are missing stay missing."""
    both = np.stack([_read_column(rows, f"{name}_{stage}") for stage in ("primary", "junior")])
    return np.where(np.isnan(both).all(axis=0), np.nan, np.nansum(both, axis=0))


def _count_schools_missing_item(
    case: CountyCase, item: StandardItem, stage: str, rows: pd.DataFrame, good: np.ndarray, told: np.ndarray
) -> ItemVerdict:
    """A verdict on every school: ``good`` where it meets the item, ``told`` where that can be said."""
    bad = told & ~good
    verdict = "not_met" if bad.any() else "no_data" if not told.any() else "met" if told.all() else "partial"
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict,
        value=float(bad.sum()) if told.any() else math.nan, mark=case.mark(item, stage), n=int(told.sum()),
        coverage=_divide_or_missing(float(told.sum()), len(rows)), offenders=tuple(rows["unit"][bad]),
    )  # fmt: skip


def _judge_every_school_in_stage(case: CountyCase, item: StandardItem, stage: str, key: str) -> ItemVerdict:
    rows = _select_schools(case)
    indicator = case.known.indicator(key)
    num, den = (
        sum_columns(rows, indicator.num),
        sum_columns(rows, indicator.den) if indicator.den else np.ones(len(rows)),
    )
    mark = case.mark(item, stage)
    if num is None or den is None or mark is None:
        return ItemVerdict(item=item.key, part=item.part, stage=stage, verdict="no_data", mark=mark)
    value = np.divide(num, den, out=np.full(len(num), np.nan), where=den > 0)
    concerned = np.isfinite(value) | (_sum_compulsory_stages(rows, "pupils") > 0) & (stage == "compulsory")
    rows, value = rows[concerned].reset_index(drop=True), value[concerned]
    good = reaches_mark(round_half_up(value, _count_printed_decimals(case, key)), mark.value, mark.op)
    return _count_schools_missing_item(case, item, stage, rows, good, np.isfinite(value))


def _judge_every_school_items(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    return [_judge_every_school_in_stage(case, item, stage, key) for stage, key in item.indicators.items()]


def _select_schools_with_pupils(case: CountyCase) -> pd.DataFrame:
    rows = _select_schools(case)
    return rows[_sum_compulsory_stages(rows, "pupils") > 0].reset_index(drop=True)


def _judge_special_rooms(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    """A music room and an art room of the size for every 12 classes, each counted by itself."""
    rows, mark = _select_schools_with_pupils(case), case.mark(item, "compulsory")
    if mark is None:
        return [ItemVerdict(item=item.key, part=item.part, stage="compulsory", verdict="no_data")]
    wanted = np.ceil(_sum_compulsory_stages(rows, "classes") / mark.value)
    small = case.conceded(item.key) is not None
    built = _read_column(rows, "year_built") <= 2016
    good = told = np.ones(len(rows), bool)
    for large, lesser in (("music_rooms_96", "music_rooms_73"), ("art_rooms_90", "art_rooms_67")):
        rooms = _read_column(rows, large)
        rooms = np.where(small & built, np.fmax(rooms, _read_column(rows, lesser)), rooms)
        good, told = good & (rooms >= wanted), told & np.isfinite(rooms) & np.isfinite(wanted)
    return [_count_schools_missing_item(case, item, "compulsory", rows, good, told)]


def _judge_school_size(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    """Pupils of a school against its limit; the compulsory stages of a through-school against theirs."""
    rows = _select_schools_with_pupils(case)
    primary, junior = (
        np.nan_to_num(_read_column(rows, f"pupils_{stage}")) for stage in ("primary", "junior")
    )
    through = (primary > 0) & (junior > 0)
    if "school_type" in rows:
        taught = case.known.attributes["school_type"].stages
        both = [code for code, stages in taught.items() if {"primary", "junior"} <= {*stages}]
        through |= rows["school_type"].isin(both).to_numpy()
    made = []
    for stage, pupils, own in (
        ("primary", primary, ~through & (primary > 0)), ("junior", junior, ~through & (junior > 0)),
        ("compulsory", primary + junior, through),
    ):  # fmt: skip
        made.append(_judge_size_in_stage(case, item, stage, rows[own].reset_index(drop=True), pupils[own]))
    return made


def _judge_size_in_stage(
    case: CountyCase, item: StandardItem, stage: str, rows: pd.DataFrame, pupils: Floats
) -> ItemVerdict:
    mark, relief = case.mark(item, stage), case.conceded(item.key)
    if mark is None or not len(rows):
        return ItemVerdict(
            item=item.key,
            part=item.part,
            stage=stage,
            verdict="met" if len(case.units) else "no_data",
            mark=mark,
        )
    limit = np.full(len(rows), mark.value)
    if relief is not None and stage in relief:
        limit = np.where(_read_column(rows, "year_built") <= 2010, relief[stage], limit)
    return _count_schools_missing_item(case, item, stage, rows, pupils <= limit, np.isfinite(pupils))


def _find_quota(case: CountyCase, stage: str) -> float:
    """The county's own quota where it reports one, else the one in force."""
    own = case.units[case.units["unit"] == case.units["county"]]
    reported = _read_column(own, f"quota_{stage}")
    if len(reported) and np.isfinite(reported[0]):
        return float(reported[0])
    mark = (case.quota or load_standard("funds_and_provision")).threshold(
        "quota", stage, find_school_year_start(case.year)
    )
    return mark.value if mark else math.nan


def _judge_small_school_funding(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    """Schools below 100 pupils get at least 100 quotas; the quota of the stage with more pupils counts."""
    rows, mark = _select_schools_with_pupils(case), case.mark(item, "compulsory")
    if mark is None:
        return [ItemVerdict(item=item.key, part=item.part, stage="compulsory", verdict="no_data")]
    rows = rows[_sum_compulsory_stages(rows, "pupils") < mark.value].reset_index(drop=True)
    if rows.empty and len(case.units):
        return [
            ItemVerdict(
                item=item.key, part=item.part, stage="compulsory", verdict="met", value=0.0, mark=mark
            )
        ]
    junior = np.nan_to_num(_read_column(rows, "pupils_junior")) > np.nan_to_num(
        _read_column(rows, "pupils_primary")
    )
    quota = np.where(junior, _find_quota(case, "junior"), _find_quota(case, "primary"))
    funds = _read_column(rows, "public_funds")
    told = np.isfinite(funds) & np.isfinite(quota)
    return [
        _count_schools_missing_item(case, item, "compulsory", rows, funds >= mark.value * quota - 0.5, told)
    ]


def _judge_quota(case: CountyCase, item: StandardItem) -> list[ItemVerdict]:
    own = case.units[case.units["unit"] == case.units["county"]]
    made = []
    for stage in ("primary", "junior"):
        reported = _read_column(own, f"quota_{stage}")
        made.append(_judge_ratio(case, item, stage, float(reported[0]) if len(reported) else math.nan, 2))
    return made
