"""What is known of each indicator in the last year: its value, the year before, the others, the mark, the plan?

A brief is written from these records and from nothing else, so that a figure has the same digits wherever it stands.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from edustats.analysis.coverage import ALL
from edustats.catalogue import Indicator, Unit
from edustats.catalogue.standards import find_school_year_start, list_standards, load_standard
from edustats.metrics.standards.coefficients import round_half_up as half_up
from edustats.metrics.standards.targets import TargetJudgement
from edustats.present.county.peers import read_peers
from edustats.present.county.series import build_history
from edustats.present.county.targets import TargetPlan, read_target_plan
from edustats.present.records.numbers import choose_decimals, round_half_up
from edustats.present.standards.case import read_local_standard
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.words import Text

FEWEST_RANKED = 4
"""A place among fewer counties says nothing."""
FIRST_SPAN = 3
"""Years at least between the last year and the first that it is held against."""
SHARES = ("share",)
NEARLY_WHOLE = 0.98
"""A prefecture's ratio over this part of its denominator may be held against another year's."""
WHOLE_STATES = ("ok", "break")
ROUND = ("yuan_per_pupil", "yuan_per_person", "dollar_per_pupil")
"""Money a head: a brief prints no fen."""
STRICTEST = ("quality_balance_2017", "preschool_universal_2020", "staffing_2014", "class_size_2016")
"""Where several standards ask for the same figure, the first of these is the one that a brief names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark that a standard sets for an indicator."""

    standard: str
    item: str
    op: str
    value: float
    clause: Text
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One indicator of one area in its last year; nan where a side is not known."""

    indicator: Indicator
    unit: Unit
    year: int
    value: float
    num: float
    den: float
    before: float
    """Value of the year before, under the same definition; where that is not whole, of the one before it."""
    before_year: int
    first_year: int
    first: float
    """First comparable value, at least three years earlier; nan where there is none."""
    above: float
    """Value of the area above in the same year."""
    peers: float
    place: tuple[int, int] | None
    """First and last place that areas with the same printed value share; None where there is no better."""
    ranked: int
    mark: Mark | None
    target: TargetJudgement | None
    trend: str
    whole: bool
    """Whether every unit gave its figure, or for a ratio nearly every one."""

    @property
    def key(self) -> str:
        return self.indicator.key

    @property
    def better(self) -> int:
        """1 where more is better, -1 where less is, 0 where neither."""
        return {"higher": 1, "lower": -1}.get(self.indicator.better, 0)

    @property
    def step(self) -> float:
        """Change since the year before."""
        return self.value - self.before

    @property
    def yearly(self) -> bool:
        """Whether the change is that of one year."""
        return math.isfinite(self.before) and self.before_year == self.year - 1

    @property
    def growth(self) -> float:
        """Relative change since the year before."""
        return self.step / self.before if self.before else math.nan

    @property
    def span(self) -> float:
        """Change since the first year."""
        return self.value - self.first

    @property
    def gap(self) -> float:
        """Distance to the area above."""
        return self.value - self.above if self.indicator.den else math.nan

    @property
    def places(self) -> int:
        """Decimals at which the value stands everywhere in a brief."""
        held = [v for v in (self.value, self.before, self.above) if math.isfinite(v)]
        places = 0 if self.unit.key in ROUND else choose_decimals(self.unit, *held)
        limits = [m.value for m in (self.mark, self.target and self.target.target) if m is not None]
        missed = [v for v in limits if v != self.value and not self._reached(v)]
        while places < 4 and any(
            self._printed(v, places) == self._printed(self.value, places) for v in missed
        ):
            places += 1  # what misses a mark must not look as if it reached it
        return places

    def _printed(self, value: float, places: int) -> object:
        return round_half_up(value * self.unit.times, places)

    def _reached(self, value: float) -> bool:
        if self.mark is not None and value == self.mark.value:
            return self.mark.met
        return self.target is not None and self.target.verdict == "met"

    def moved(self, by: float) -> bool:
        """Whether a difference to the value is more than nothing at the decimals printed, and both ends print apart."""
        if not math.isfinite(by):
            return False
        places = self.places
        apart = self._printed(self.value, places) != self._printed(self.value - by, places)
        return apart and self._printed(by, places) != 0


def compares_above(view: AreaView) -> bool:
    """Whether the area above holds more than this one: the sum of one county is no comparison for it."""
    return not isinstance(view, View) or view.store.count_counties(view.above) > 1


@dataclass(frozen=True, slots=True)
class FactBook:
    """All facts of an area, by indicator, for one year."""

    view: AreaView
    year: int
    facts: Mapping[str, Fact]

    def __getitem__(self, key: str) -> Fact | None:
        """The fact of the book's own year; None where there is none."""
        found = self.facts.get(key)
        return found if found is not None and found.year == self.year else None

    def some(self, *keys: str) -> list[Fact]:
        """Those of the facts named that there are, in the order given."""
        return [fact for key in keys if (fact := self[key]) is not None]

    def stages(self, stem: str, *stages: str) -> list[Fact]:
        """The facts ``{stem}_{stage}`` that there are."""
        return self.some(*(f"{stem}_{stage}" for stage in stages))

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.facts.values())


def collect_facts(
    view: AreaView, *, deep: bool = True, plan: TargetPlan | None = None, keys: Collection[str] = ()
) -> FactBook:
    """Everything a brief may say of an area.

    Parameters
    ----------
    view : a county or a prefecture
    deep : with the verdict on trends and the peers' mean, or without, which is much faster
    plan : the prefecture's plan where somebody has read it already
    keys : the indicators wanted, with those of the plan; empty: all that there are

    Returns
    -------
    FactBook
        One fact for each indicator with a value; those of years before the view's last are kept apart by their
        ``year``.
    """
    reader = _FactReader(view, deep, plan)
    wanted = {*keys, *reader.targets} if keys else {indicator.key for indicator in view.indicators}
    found = [fact for i in view.indicators if i.key in wanted and (fact := reader.read(i)) is not None]
    year = max((fact.year for fact in found), default=view.last_year)
    return FactBook(view, year, {fact.key: fact for fact in found})


@dataclass(frozen=True, slots=True)
class _Rows:
    """Observations of one indicator as arrays, by year."""

    area: np.ndarray
    level: np.ndarray
    year: np.ndarray
    value: np.ndarray
    num: np.ndarray
    den: np.ndarray
    coverage: np.ndarray
    members: np.ndarray
    status: np.ndarray

    def select(self, hit: np.ndarray) -> _Rows:
        return _Rows(*(getattr(self, name)[hit] for name in self.__slots__))


def _split_by_indicator(frame: pd.DataFrame) -> dict[str, _Rows]:
    """The observations with a value, of each indicator by year."""
    frame = frame[frame["value"].notna().to_numpy()].sort_values("year", kind="stable")
    columns = {
        name: frame[name].to_numpy() for name in _Rows.__slots__ if name not in ("area", "status", "level")
    }
    columns |= {name: frame[name].astype(str).to_numpy(object) for name in ("area", "status", "level")}
    keys, names = pd.factorize(frame["indicator"].astype(str))
    order = np.argsort(keys, kind="stable")
    ends = np.searchsorted(keys[order], np.arange(len(names) + 1))
    return {
        str(key): _Rows(**{name: held[order[ends[k] : ends[k + 1]]] for name, held in columns.items()})
        for k, key in enumerate(names)
    }


@dataclass(frozen=True)
class _FactReader:
    view: AreaView
    deep: bool = True
    """Whether trends and peers are wanted, which take the counties together."""
    plan: TargetPlan | None = None

    @cached_property
    def marks(self) -> Mapping[str, tuple[str, str, str]]:
        """Indicator → (standard, item, stage), for items that ask something of the county as a whole."""
        found: dict[str, tuple[str, str, str]] = {}
        for key in sorted(list_standards(), key=_rank_standard):
            for item in load_standard(key).of_kind("county"):
                for stage, indicator in item.indicators.items():
                    found.setdefault(indicator, (key, item.key, stage))
        return found

    @cached_property
    def targets(self) -> Mapping[str, TargetJudgement]:
        """Indicator → the plan's nearest target for the area, judged; those of its own before those of every county."""
        plan = self.plan or read_target_plan(self.view)
        held = [t for t in plan.targets if t.area == self.view.area and not t.counties]
        if isinstance(self.view, View):
            held += [t for t in plan.targets if t.area == "" and not t.counties]
        found: dict[str, TargetJudgement] = {}
        for target in sorted(held, key=lambda t: (t.area == "", t.year)):
            found.setdefault(target.indicator, plan.judged(target, self.view.area))
        return found

    @cached_property
    def rows(self) -> Mapping[str, _Rows]:
        """The observations of each indicator, cut out of the comparison once for all its counties."""
        comparison = self.view.comparison
        return comparison.keep("rows of facts", lambda: _split_by_indicator(comparison.rows))

    def read(self, indicator: Indicator) -> Fact | None:
        if indicator.key not in self.rows:
            return None
        own = self._comparable(indicator)
        if not len(own.year):
            return None
        year, value = int(own.year[-1]), float(own.value[-1])
        values = {int(y): float(v) for y, v in zip(own.year, own.value, strict=True)}
        first_year = min(values)
        before_year = next((y for y in (year - 1, year - 2) if y in values), year - 1)
        far = year - first_year >= FIRST_SPAN
        place, ranked = self._place(indicator, year)
        return Fact(
            indicator=indicator, unit=self.view.known.unit_of(indicator.key), year=year, value=value,
            # a stated rate has no counts: 13.5% is not 0 of 1 class
            num=float(own.num[-1]) if indicator.has_base else math.nan,
            den=float(own.den[-1]) if indicator.has_base else math.nan, before=values.get(before_year, math.nan),
            before_year=before_year,
            first_year=first_year, first=values[first_year] if far else math.nan,
            above=self._above(indicator, year), peers=self._peers(indicator, year), place=place, ranked=ranked,
            mark=self._mark(indicator, year, value), target=self.targets.get(indicator.key),
            trend=build_history(self.view, indicator).verdict if self.deep else "cannot_tell",
            whole=str(own.status[-1]) in WHOLE_STATES or self._covered(own) >= (NEARLY_WHOLE if indicator.den else ALL),
        )  # fmt: skip

    def _covered(self, own: _Rows) -> float:
        """The share that the last figure covers: of the area, or of the counties that its name says are added up."""
        share, held = float(own.coverage[-1]), self.view.store.count_counties(self.view.area)
        if isinstance(self.view, View) or self.view.store.is_whole(self.view.area) or not held:
            return share
        return share * float(own.members[-1]) / held

    def _comparable(self, indicator: Indicator) -> _Rows:
        """The area's own years that can be held against its last: whole ones, since the last declared break.

        A count over some of the schools is no smaller school system; a ratio over nearly all of them still tells.
        """
        rows = self.rows[indicator.key]
        own = rows.select(rows.area == self.view.area)
        if not len(own.year):
            return own
        least = NEARLY_WHOLE if indicator.den else 1.0
        whole = np.isin(own.status, WHOLE_STATES) | (own.coverage >= least)
        own = own.select(whole) if whole[-1] else self._same_units(indicator, own)
        breaks = np.flatnonzero(own.status == "break")
        return own.select(np.arange(len(own.year)) >= breaks[-1]) if len(breaks) else own

    def _same_units(self, indicator: Indicator, own: _Rows) -> _Rows:
        """Of an area that is not whole: the years of the same counties, if its last is their sum; else its last."""
        last = int(own.year[-1])
        if isinstance(self.view, View):
            return own.select(own.year == last)
        same = self.view.trend_series(indicator.key).dropna(subset="value").set_index("year")["value"]
        if last not in same or not math.isclose(float(same[last]), float(own.value[-1]), rel_tol=1e-9):
            return own.select(own.year == last)
        kept = own.select(np.isin(own.year, same.index.to_numpy()))
        return replace(kept, value=same.reindex(kept.year).to_numpy(float))

    def _above(self, indicator: Indicator, year: int) -> float:
        if not compares_above(self.view):
            return math.nan
        if not isinstance(self.view, View) and not self.view.store.is_whole(self.view.above):
            return math.nan  # the sum of one prefecture is no province to hold it against
        rows = self.rows[indicator.key]
        held = rows.value[(rows.area == self.view.above) & (rows.year == year)]
        return float(held[0]) if len(held) else math.nan

    @cached_property
    def peer_rows(self) -> tuple[int, ...]:
        """Positions of the county's peers in the panel; none for a prefecture."""
        found = read_peers(self.view) if self.deep and isinstance(self.view, View) else None
        return () if found is None else tuple(int(k) for k in found.index)

    def _peers(self, indicator: Indicator, year: int) -> float:
        """The plain mean of the peers' values, as everywhere."""
        if not self.peer_rows or not indicator.den:
            return math.nan
        panel = self.view.panel
        values = panel.values[panel.at(indicator), list(self.peer_rows), list(panel.years).index(year)]
        held = values[np.isfinite(values)]
        return float(held.mean()) if len(held) else math.nan

    def _place(self, indicator: Indicator, year: int) -> tuple[tuple[int, int] | None, int]:
        """Places that the area shares with those that print the same, and how many are compared."""
        if indicator.better == "none" or not isinstance(self.view, View):
            return None, 0
        rows = self.rows[indicator.key]
        county = rows.select((rows.level == "county") & (rows.year == year))
        own = np.flatnonzero(county.area == self.view.area)
        if len(county.year) < FEWEST_RANKED or not len(own):
            return None, len(county.year)
        unit = self.view.known.unit_of(indicator.key)
        printed = half_up(county.value * unit.times, unit.decimals)
        return _shared_places(printed, float(printed[own[0]]), indicator.better), len(county.year)

    def _mark(self, indicator: Indicator, year: int, value: float) -> Mark | None:
        if indicator.key not in self.marks:
            return None
        key, item, stage = self.marks[indicator.key]
        which = read_local_standard(self.view, key)
        found = which.threshold(item, stage, max(find_school_year_start(year), which.start))
        if found is None or found.op not in (">=", "<="):
            return None
        unit = self.view.known.unit_of(indicator.key)
        places = which.decimals["share" if unit.key in SHARES else "value"]
        shown = float(round_half_up(value * unit.times, places))
        limit = found.value * unit.times
        strict = found.unit == "share" and found.printed in (0, 1)
        met = (shown >= limit if found.op == ">=" else shown <= limit) if not strict else (
            value >= found.value if found.op == ">=" else value <= found.value)  # fmt: skip
        return Mark(
            standard=key, item=item, op=found.op, value=found.value, clause=found.clause, met=bool(met)
        )


def _rank_standard(key: str) -> tuple[int, str]:
    return (STRICTEST.index(key) if key in STRICTEST else len(STRICTEST), key)


def _shared_places(printed: np.ndarray, own: float, better: str) -> tuple[int, int]:
    """First and last of the places shared by all that print the same.

    Examples
    --------
    >>> _shared_places(np.array([3.0, 2.0, 2.0, 1.0]), 2.0, "higher")
    (2, 3)
    """
    ahead = int((printed > own).sum() if better == "higher" else (printed < own).sum())
    return ahead + 1, ahead + int((printed == own).sum())
