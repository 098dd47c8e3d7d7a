"""Which items of a standard does one county meet in one year, on which figure, and what only papers can show?

Schools' items take their verdict from :mod:`edustats.metrics.standards`; the county's own from its
observations; the rest need documents and stay open until somebody says what the documents show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue, catalogue
from edustats.catalogue.standards import Item, Standard, Threshold, day_of, standard
from edustats.indicators import add_up
from edustats.metrics.standards.coefficients import half_up, reaches
from edustats.metrics.standards.judgement import NOT_MET, THROUGH, UNKNOWN, Judgement, StageJudgement
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
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
    judgement: Judgement | None = None
    documents: Mapping[str, bool] = field(default_factory=dict)
    """What the papers show: item → met."""
    quota: Standard | None = None
    """Whose quota of public-use funds holds; left out, the national one."""
    known: Catalogue = field(default_factory=catalogue)

    @property
    def on(self) -> date:
        """The day whose thresholds hold."""
        return max(day_of(self.year), self.standard.start)

    def mark(self, item: Item, stage: str) -> Threshold | None:
        return self.standard.threshold(item.key, stage, self.on)

    def conceded(self, item: str) -> Mapping[str, float] | None:
        """Values of a concession in use, None where there is none."""
        found = self.judgement.concessions if self.judgement else ()
        return next((c.values for c in found if c.item == item), None)


def item_verdicts(case: Case) -> list[ItemVerdict]:
    """Every item of a standard for one county and year, in the standard's order.

    Examples
    --------
    >>> import pandas as pd
    >>> from edustats.catalogue.standards import standard
    >>> nothing = pd.DataFrame(columns=["indicator", "value"])
    >>> rows = pd.DataFrame({"county": [], "unit": []})
    >>> case = Case(standard=standard("quality_balance_2017"), county="01", year=2023, units=rows,
    ...             observed=nothing, before=nothing)
    >>> {v.verdict for v in item_verdicts(case)} <= {"needs_document", "no_data"}
    True
    """
    ways: dict[str, Callable[[Case, Item], list[ItemVerdict]]] = {
        "school": _of_schools, "spread": _of_spread, "county": _of_county, "every": _of_every, "compare": _compared,
        "growth": _growth, "rooms": _rooms, "size": _size, "funded": _funded, "quota": _quota, "document": _paper,
    }  # fmt: skip
    return [found for item in case.standard.items.values() for found in ways[item.kind](case, item)]


def by_item(found: list[ItemVerdict]) -> dict[str, str]:
    """One verdict per item: not met if any stage misses it, open if any is open, else the lower of met and basic.

    Examples
    --------
    >>> made = [ItemVerdict(item="a", part="p", stage=s, verdict=v) for s, v in (("x", "met"), ("y", "no_data"))]
    >>> by_item(made)
    {'a': 'no_data'}
    """
    joined: dict[str, str] = {}
    order = ("not_met", *OPEN, "basic", "met")
    for one in found:
        joined[one.item] = min(joined.get(one.item, "met"), one.verdict, key=order.index)
    return joined


def overall(found: list[ItemVerdict]) -> str:
    """``not_met`` where any item is missed, ``open`` where papers or data are wanting, else ``met``.

    Examples
    --------
    >>> overall([ItemVerdict(item="a", part="p", stage="all", verdict="needs_document")])
    'open'
    """
    verdicts = set(by_item(found).values())
    if "not_met" in verdicts:
        return "not_met"
    return "open" if verdicts & set(OPEN) else "met"


def level(which: Standard, found: list[ItemVerdict]) -> str:
    """The level a county earns by how many items are met and how many only basically: the highest it reaches.

    Examples
    --------
    >>> from edustats.catalogue.standards import standard
    >>> made = [ItemVerdict(item=str(k), part="p", stage="all", verdict="met" if k < 33 else "basic")
    ...         for k in range(36)]
    >>> level(standard("preschool_universal_2020"), made)
    'excellent'
    """
    verdicts = list(by_item(found).values())
    if "not_met" in verdicts:
        return "not_met"
    if set(verdicts) & set(OPEN):
        return "open"
    met = verdicts.count("met")
    reached = [key for key, (least, _) in which.levels.items() if met >= least]
    return reached[-1] if reached else "not_met"


# --- one way per kind of item -------------------------------------------------------------------------------


def _paper(case: Case, item: Item) -> list[ItemVerdict]:
    said = case.documents.get(item.key)
    verdict = "needs_document" if said is None else "met" if said else "not_met"
    return [ItemVerdict(item=item.key, part=item.part, stage="all", verdict=verdict)]


def _stage_of(case: Case, stage: str) -> tuple[StageJudgement, int] | None:
    found = case.judgement.stages.get(stage) if case.judgement else None
    at = found.of(case.county, case.year) if found else -1
    return (found, at) if found is not None and at >= 0 else None


def _of_schools(case: Case, item: Item) -> list[ItemVerdict]:
    """Every coefficient against the limit, and no school below 85 % of the mark."""
    return [_of_stage(case, item, stage) for stage in item.indicators]


def _of_stage(case: Case, item: Item, stage: str) -> ItemVerdict:
    held = _stage_of(case, stage)
    if held is None:
        return ItemVerdict(
            item=item.key, part=item.part, stage=stage, verdict="no_data", mark=case.mark(item, stage)
        )
    found, at = held
    k = found.items.index(item.key)
    here = found.area == at
    short = _below_floor(found, k, here)
    code, n = int(found.spread_verdict[at, k]), int(found.spread.n[at, k])
    missing = int(here.sum()) - n
    verdict = "not_met" if (code == NOT_MET and case.standard.judge == "each") or short.any() else ""
    verdict = verdict or ("one_school" if code == UNKNOWN else "partial" if missing else "met")
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict, value=float(found.spread.cv[at, k]),
        mark=found.marks[k], n=n, coverage=_share(found.spread.weight[at, k], found.pupils[here].sum()),
        offenders=_names(case, found.rows[here][short]),
    )  # fmt: skip


def _below_floor(found: StageJudgement, k: int, here: np.ndarray) -> np.ndarray:
    if found.schools is None:
        return np.zeros(int(here.sum()), bool)
    return found.schools.above_floor[here, k] == NOT_MET


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _names(case: Case, rows: np.ndarray) -> tuple[str, ...]:
    return tuple(case.units["unit"].iloc[rows])


def _of_spread(case: Case, item: Item) -> list[ItemVerdict]:
    """All coefficients of a stage together: each of them, or their mean where the standard says so."""
    return [_spread_of_stage(case, item, stage) for stage in case.standard.stages]


def _spread_of_stage(case: Case, item: Item, stage: str) -> ItemVerdict:
    held = _stage_of(case, stage)
    if held is None:
        return ItemVerdict(
            item=item.key, part=item.part, stage=stage, verdict="no_data", mark=case.mark(item, stage)
        )
    found, at = held
    mean = case.standard.judge == "mean"
    codes = found.composite_verdict[at : at + 1] if mean else found.spread_verdict[at]
    exact = _within_exact(found, at, mean)
    verdict = _codes(codes, int(found.spread.n[at].max()))
    value = found.composite[at] if mean else np.nanmax(found.spread.cv[at], initial=-math.inf)
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict,
        value=float(value) if np.isfinite(value) else math.nan,
        mark=found.limit, n=int(found.spread.n[at].min()), unrounded="" if exact == verdict else exact,
    )  # fmt: skip


def _within_exact(found: StageJudgement, at: int, mean: bool) -> str:
    if mean:
        good = reaches(found.composite[at : at + 1], found.limit.printed, found.limit.op)
        codes = np.where(np.isnan(found.composite[at : at + 1]), UNKNOWN, good)
        return _codes(codes, int(found.spread.n[at].max()))
    return _codes(found.spread_unrounded[at], int(found.spread.n[at].max()))


def _codes(codes: np.ndarray, schools: int) -> str:
    if (codes == NOT_MET).any():
        return "not_met"
    if (codes == UNKNOWN).any():
        return "one_school" if schools < 2 else "no_data"
    return "met"


def _observation(case: Case, key: str, before: bool = False) -> pd.Series | None:
    rows = case.before if before else case.observed
    hit = rows[rows["indicator"] == key]
    return None if hit.empty or not math.isfinite(hit["value"].iloc[0]) else hit.iloc[0]


def _of_county(case: Case, item: Item) -> list[ItemVerdict]:
    return [_one_of_county(case, item, stage, key) for stage, key in item.indicators.items()]


def _one_of_county(case: Case, item: Item, stage: str, key: str) -> ItemVerdict:
    mark, seen = case.mark(item, stage), _observation(case, key)
    if seen is None or mark is None:
        return ItemVerdict(item=item.key, part=item.part, stage=stage, verdict="no_data", mark=mark)
    value, whole = float(seen["value"]), seen["status"] in ("ok", "break")
    total = not case.known.indicator(key).den
    places = _places(case, key)
    verdict = _against(value, mark, places)
    if total and not whole and verdict == "met":
        verdict = "partial"  # a count over some of the schools can only grow
    exact = _against(value, mark, None)
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict, value=value, mark=mark, n=int(seen["n"]),
        coverage=float(seen["coverage"]), unrounded="" if exact == verdict or verdict == "partial" else exact,
    )  # fmt: skip


def _places(case: Case, key: str) -> int:
    """Decimals of the catalogue's own value at which the form prints: a rate with one has three as a share."""
    unit = case.known.unit_of(key)
    printed = case.standard.decimals["share" if unit.key in SHARE_UNITS else "value"]
    return printed + (2 if unit.times == 100 else 0)


def _against(value: float, mark: Threshold, places: int | None) -> str:
    every = mark.unit == "share" and mark.printed in (
        0,
        1,
    )  # all or none: rounding must not excuse one of them
    shown = np.array([value]) if places is None or every else half_up([value], places)
    if reaches(shown, mark.value, mark.op)[0]:
        return "met"
    basic = mark.basic is not None and reaches(shown, mark.basic, mark.op)[0]
    return "basic" if basic else "not_met"


def _ratio(case: Case, item: Item, stage: str, value: float, places: int, n: int = 1) -> ItemVerdict:
    mark = case.mark(item, stage)
    if mark is None or not math.isfinite(value):
        return ItemVerdict(item=item.key, part=item.part, stage=stage, verdict="no_data", mark=mark)
    verdict, exact = _against(value, mark, places), _against(value, mark, None)
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict, value=value, mark=mark, n=n,
        unrounded="" if exact == verdict else exact,
    )  # fmt: skip


def _compared(case: Case, item: Item) -> list[ItemVerdict]:
    """One figure of the county over another. Not rounded: 99.96 % of the civil servants' pay is not their pay."""
    made = []
    for stage, key in item.indicators.items():
        first, second = _observation(case, key), _observation(case, item.against[stage])
        value = math.nan if first is None or second is None else float(first["value"] / second["value"])
        made.append(_ratio(case, item, stage, value, 9))
    return made


def _growth(case: Case, item: Item) -> list[ItemVerdict]:
    """This year over the year before, unrounded."""
    made = []
    for stage, key in item.indicators.items():
        now, then = _observation(case, key), _observation(case, key, before=True)
        value = (
            math.nan
            if now is None or then is None or then["value"] <= 0
            else float(now["value"] / then["value"])
        )
        made.append(_ratio(case, item, stage, value, 9))
    return made


# --- items that no school may miss --------------------------------------------------------------------------


def _schools_only(case: Case) -> pd.DataFrame:
    rows = case.units[case.units["unit"] != case.units["county"]]
    return rows.reset_index(drop=True)


def _column(rows: pd.DataFrame, name: str) -> Floats:
    return rows[name].to_numpy(float) if name in rows else np.full(len(rows), np.nan)


def _compulsory(rows: pd.DataFrame, name: str) -> Floats:
    """Primary and junior together: a stage that is not there adds nothing, two that are missing stay missing."""
    both = np.stack([_column(rows, f"{name}_{stage}") for stage in ("primary", "junior")])
    return np.where(np.isnan(both).all(axis=0), np.nan, np.nansum(both, axis=0))


def _missed(
    case: Case, item: Item, stage: str, rows: pd.DataFrame, good: np.ndarray, told: np.ndarray
) -> ItemVerdict:
    """A verdict on every school: ``good`` where it meets the item, ``told`` where that can be said."""
    bad = told & ~good
    verdict = "not_met" if bad.any() else "no_data" if not told.any() else "met" if told.all() else "partial"
    return ItemVerdict(
        item=item.key, part=item.part, stage=stage, verdict=verdict,
        value=float(bad.sum()) if told.any() else math.nan, mark=case.mark(item, stage), n=int(told.sum()),
        coverage=_share(float(told.sum()), len(rows)), offenders=tuple(rows["unit"][bad]),
    )  # fmt: skip


def _every_stage(case: Case, item: Item, stage: str, key: str) -> ItemVerdict:
    rows = _schools_only(case)
    indicator = case.known.indicator(key)
    num, den = (
        add_up(rows, indicator.num),
        add_up(rows, indicator.den) if indicator.den else np.ones(len(rows)),
    )
    mark = case.mark(item, stage)
    if num is None or den is None or mark is None:
        return ItemVerdict(item=item.key, part=item.part, stage=stage, verdict="no_data", mark=mark)
    value = np.divide(num, den, out=np.full(len(num), np.nan), where=den > 0)
    concerned = np.isfinite(value) | (_compulsory(rows, "pupils") > 0) & (stage == "compulsory")
    rows, value = rows[concerned].reset_index(drop=True), value[concerned]
    good = reaches(half_up(value, _places(case, key)), mark.value, mark.op)
    return _missed(case, item, stage, rows, good, np.isfinite(value))


def _of_every(case: Case, item: Item) -> list[ItemVerdict]:
    return [_every_stage(case, item, stage, key) for stage, key in item.indicators.items()]


def _with_pupils(case: Case) -> pd.DataFrame:
    rows = _schools_only(case)
    return rows[_compulsory(rows, "pupils") > 0].reset_index(drop=True)


def _rooms(case: Case, item: Item) -> list[ItemVerdict]:
    """A music room and an art room of the size for every 12 classes, each counted by itself."""
    rows, mark = _with_pupils(case), case.mark(item, "compulsory")
    if mark is None:
        return [ItemVerdict(item=item.key, part=item.part, stage="compulsory", verdict="no_data")]
    wanted = np.ceil(_compulsory(rows, "classes") / mark.value)
    small = case.conceded(item.key) is not None
    built = _column(rows, "year_built") <= 2016
    good = told = np.ones(len(rows), bool)
    for large, lesser in (("music_rooms_96", "music_rooms_73"), ("art_rooms_90", "art_rooms_67")):
        rooms = _column(rows, large)
        rooms = np.where(small & built, np.fmax(rooms, _column(rows, lesser)), rooms)
        good, told = good & (rooms >= wanted), told & np.isfinite(rooms) & np.isfinite(wanted)
    return [_missed(case, item, "compulsory", rows, good, told)]


def _size(case: Case, item: Item) -> list[ItemVerdict]:
    """Pupils of a school against its limit; the compulsory stages of a through-school against theirs."""
    rows = _with_pupils(case)
    primary, junior = (np.nan_to_num(_column(rows, f"pupils_{stage}")) for stage in ("primary", "junior"))
    through = (primary > 0) & (junior > 0)
    if "school_type" in rows:
        through |= rows["school_type"].isin(THROUGH).to_numpy()
    made = []
    for stage, pupils, own in (
        ("primary", primary, ~through & (primary > 0)), ("junior", junior, ~through & (junior > 0)),
        ("compulsory", primary + junior, through),
    ):  # fmt: skip
        made.append(_sized(case, item, stage, rows[own].reset_index(drop=True), pupils[own]))
    return made


def _sized(case: Case, item: Item, stage: str, rows: pd.DataFrame, pupils: Floats) -> ItemVerdict:
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
        limit = np.where(_column(rows, "year_built") <= 2010, relief[stage], limit)
    return _missed(case, item, stage, rows, pupils <= limit, np.isfinite(pupils))


def _quota_of(case: Case, stage: str) -> float:
    """The county's own quota where it reports one, else the one in force."""
    own = case.units[case.units["unit"] == case.units["county"]]
    reported = _column(own, f"quota_{stage}")
    if len(reported) and np.isfinite(reported[0]):
        return float(reported[0])
    mark = (case.quota or standard("funds_and_provision")).threshold("quota", stage, day_of(case.year))
    return mark.value if mark else math.nan


def _funded(case: Case, item: Item) -> list[ItemVerdict]:
    """Schools below 100 pupils get at least 100 quotas; the quota of the stage with more pupils counts."""
    rows, mark = _with_pupils(case), case.mark(item, "compulsory")
    if mark is None:
        return [ItemVerdict(item=item.key, part=item.part, stage="compulsory", verdict="no_data")]
    rows = rows[_compulsory(rows, "pupils") < mark.value].reset_index(drop=True)
    if rows.empty and len(case.units):
        return [
            ItemVerdict(
                item=item.key, part=item.part, stage="compulsory", verdict="met", value=0.0, mark=mark
            )
        ]
    junior = np.nan_to_num(_column(rows, "pupils_junior")) > np.nan_to_num(_column(rows, "pupils_primary"))
    quota = np.where(junior, _quota_of(case, "junior"), _quota_of(case, "primary"))
    funds = _column(rows, "public_funds")
    told = np.isfinite(funds) & np.isfinite(quota)
    return [_missed(case, item, "compulsory", rows, funds >= mark.value * quota - 0.5, told)]


def _quota(case: Case, item: Item) -> list[ItemVerdict]:
    own = case.units[case.units["unit"] == case.units["county"]]
    made = []
    for stage in ("primary", "junior"):
        reported = _column(own, f"quota_{stage}")
        made.append(_ratio(case, item, stage, float(reported[0]) if len(reported) else math.nan, 2))
    return made
