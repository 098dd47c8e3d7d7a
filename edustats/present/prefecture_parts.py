"""How much of a prefecture's inequality lies between its counties, and are the counties drawing together?

Two questions on the same data. The first reads the schools of all counties, and of their rows only the columns
of the indicators asked for; the second reads the counties' own values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from edustats.catalogue import Indicator, Unit
from edustats.indicators import add_up
from edustats.metrics.inequality import coefficient_of_variation, theil_decomposition
from edustats.metrics.trend import trend
from edustats.present import prefecture_charts as charts
from edustats.present.finding import Cell, Column, Figure, Finding, Number, Sheet, Table, sheet
from edustats.present.prefecture import MOST_TOLD, PrefectureView, Standing, standings
from edustats.present.scope import formula, telling
from edustats.present.sentences import adds_up, bare, difference, digits, is_nil, joined
from edustats.words import Text, say

PANELS = 6
DECIMALS = 3
FEW_YEARS = 3
MOST_EXTREME = 0.5
"""Share of units with nothing or all above which an indicator is not split."""
PARTS = ("total", "between", "within")
Groups = Iterable[tuple[int, pd.DataFrame]]
TIDY = ("year", "part", "estimate", "lower", "upper", "share", "note")


# --- between and within ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """One indicator's Theil index over the years, split between and within counties."""

    indicator: Indicator
    rows: pd.DataFrame
    """One row per year and part, see :func:`over_years`."""
    cv: dict[int, float]
    """Coefficient of variation between all units of the prefecture, by year."""
    n: int
    """Units in the last year."""

    @property
    def years(self) -> list[int]:
        return sorted(self.cv)

    def row(self, year: int, part: str) -> pd.Series:
        return self.rows[(self.rows["year"] == year) & (self.rows["part"] == part)].iloc[0]

    def share(self, year: int) -> float:
        """The part between counties, 0-1; nan where all units are alike."""
        return float(self.row(year, "between")["share"])


def over_years(frame: pd.DataFrame) -> pd.DataFrame:
    """The Theil index of each year split between and within counties.

    Parameters
    ----------
    frame : one row per unit and year with ``county``, ``year``, ``value`` (>= 0) and ``weight`` (> 0)

    Returns
    -------
    DataFrame
        Columns :data:`TIDY`; ``part`` is total, between or within, ``share`` its part of the total (0-1).
        ``lower`` and ``upper`` are nan: no interval is attempted here. A year in which every value is 0 is
        left out.
    """
    rows = []
    for year, own in cast(Groups, frame.groupby("year")):
        if own["county"].nunique() > 1 and own["value"].any():
            found = theil_decomposition(own["value"], own["weight"], own["county"])
            shares = {"total": 1.0, "between": found.share_between, "within": 1 - found.share_between}
            for part in PARTS:
                rows.append((int(year), part, getattr(found, part), math.nan, math.nan, shares[part], ""))
    return pd.DataFrame(rows, columns=list(TIDY))


def between_and_within(view: PrefectureView, indicators: Sequence[str] = ()) -> Sheet:
    """How much of the inequality between all units lies between counties and how much inside them, by year.

    Parameters
    ----------
    view : from :func:`~edustats.present.prefecture.open_prefecture`
    indicators : keys; empty: those of the table side by side that are ratios of units' own figures
    """
    asked = [one.indicator for one in standings(view, indicators) if _of_units(view, one.indicator)]
    splits, left_out = _splits(view, asked) if asked else ([], [])
    if not splits:
        said = say("prefecture.no_units", area=view.name)
        return sheet(view.lang, Finding(key="prefecture.parts", sentence=joined(said), verdict="cannot_tell"))
    most = telling(splits, lambda split: _or_zero(split.share(split.years[-1])), most=MOST_TOLD)
    findings = [_split_finding(view, split) for split in most]
    table = _split_table(view, splits, left_out)
    return sheet(view.lang, findings, table, _split_chart(view, splits[:PANELS]))


def _of_units(view: PrefectureView, indicator: Indicator) -> bool:
    return bool(indicator.den) and not indicator.across and view.known.levels(indicator) == {"school"}


def _splits(view: PrefectureView, indicators: Sequence[Indicator]) -> tuple[list[Split], list[Indicator]]:
    """The indicators that can be split, and those of which most units have nothing or all."""
    units = view.units_of([name for indicator in indicators for name in indicator.inputs])
    if (units["unit"] == units["county"]).all():  # each county is one row
        return [], []
    frames = [(indicator, frame) for indicator in indicators
              if (frame := _frame(view, units, indicator)) is not None]  # fmt: skip
    graded = [(indicator, frame) for indicator, frame in frames if _graded(frame, indicator)]
    splits = [split for indicator, frame in graded if (split := _split(frame, indicator))]
    held = [indicator for indicator, _ in graded]
    return splits, [indicator for indicator, _ in frames if indicator not in held]


def _graded(frame: pd.DataFrame, indicator: Indicator) -> bool:
    """Whether most units lie between nothing and all: where they do not, there are no levels to compare."""
    extreme = frame["value"] == 0
    if indicator.unit == "share":
        extreme |= frame["value"] == 1
    return bool(extreme.mean() <= MOST_EXTREME)


def _frame(view: PrefectureView, units: pd.DataFrame, indicator: Indicator) -> pd.DataFrame | None:
    """County, year, value and weight of every complete unit; None where a column was never supplied."""
    num, den = add_up(units, indicator.num), add_up(units, indicator.den)
    if num is None or den is None:
        return None
    value = np.divide(num, den, out=np.full(len(units), np.nan), where=den > 0)
    frame = units[["county", "year"]].assign(value=value, weight=den)
    same = view.comparable(indicator.key)["year"]
    return frame[np.isfinite(value) & (value >= 0) & frame["year"].isin(same)]


def _split(frame: pd.DataFrame, indicator: Indicator) -> Split | None:
    rows = over_years(frame)
    if rows.empty:
        return None
    known = frame[frame["year"].isin(rows["year"])]
    held = {int(year): own for year, own in cast(Groups, known.groupby("year"))}
    cv = {year: coefficient_of_variation(own["value"], own["weight"]) for year, own in held.items()}
    return Split(indicator=indicator, rows=rows, cv=cv, n=len(held[max(cv)]))


def _split_finding(view: PrefectureView, split: Split) -> Finding:
    first, last = split.years[0], split.years[-1]
    facts = {
        "area": view.name, "unit": view.store.unit_name, "indicator": split.indicator.name, "year": last, "n": split.n,
        "theil": _decimals(float(split.row(last, "total")["estimate"])), "share": _percent(split.share(last)),
    }  # fmt: skip
    span = _span(split.row(last, "between"))
    said = [say("prefecture.split", **facts), span]
    if first != last and math.isfinite(split.share(first)):
        said.append(_moved(split.share(first), split.share(last), first))
        share = view.known.units["share"]
        said += [] if adds_up(split.share(first), split.share(last), share) else [say("sentences.rounding")]
    return Finding(
        key=f"prefecture.parts.{split.indicator.key}", sentence=joined(*said), numbers=_split_numbers(view, split),
        note=_note(view, split.indicator, say(f"prefecture.note_split{'_interval' if span.zh else ''}")),
    )  # fmt: skip


def _span(row: pd.Series) -> Text:
    """The interval of a part, where there is one."""
    if not (math.isfinite(row["lower"]) and math.isfinite(row["upper"])):
        return Text("", "")
    return say("prefecture.split_interval", low=_decimals(row["lower"]), high=_decimals(row["upper"]))


def _moved(before: float, now: float, year: int) -> Text:
    """How the counties' share has moved since the first year, as printed."""
    size = digits(abs(now - before) * 100, 1, "en")
    if not any(digit in "123456789" for digit in size):
        return say("prefecture.split_same", year=year)
    word = "up" if now > before else "down"
    return say(f"prefecture.split_{word}", year=year, before=_percent(before), size=size)


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _percent(share: float) -> str:
    return f"{digits(share * 100, 1, 'en')}%" if math.isfinite(share) else "—"


def _decimals(value: float) -> str:
    return digits(value, 4, "en")


def _split_numbers(view: PrefectureView, split: Split) -> tuple[Number, ...]:
    last = split.years[-1]
    source = view.provenance(split.indicator, f"units of parent={view.area} year={last} by county")
    return tuple(
        Number(label=say(f"prefecture.part_{part}"), value=float(split.row(last, part)["estimate"]), unit="",
               decimals=4, source=source)
        for part in PARTS
    )  # fmt: skip


def _note(view: PrefectureView, indicator: Indicator, *extra: Text) -> Text:
    parts = [indicator.clause, formula(view.known, indicator), *extra]
    return say("sentences.note", parts=Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts)))


def _split_table(view: PrefectureView, splits: Sequence[Split], left_out: Sequence[Indicator]) -> Table:
    names = Text("、".join(i.zh for i in left_out), ", ".join(i.en for i in left_out))
    more = say("prefecture.note_extreme", names=names) if left_out else Text("", "")
    about = say("prefecture.note_parts")
    heads = ("years", "theil_first", "theil_last", "share_first", "share_last", "cv_first", "cv_last")
    decimals = (None, 4, 4, 1, 1, DECIMALS, DECIMALS)
    labels = [say("sentences.head_indicator"), *(say(f"prefecture.head_{head}") for head in heads)]
    return Table(
        key="prefecture.parts", title=say("prefecture.title_parts", area=view.name, unit=view.store.unit_name),
        columns=tuple(Column(label=label, decimals=d) for label, d in zip(labels, (None, *decimals), strict=True)),
        rows=tuple(_split_row(split) for split in splits), note=Text(about.zh + more.zh, about.en + more.en),
        sources=tuple(view.provenance(s.indicator, f"units of parent={view.area} by county") for s in splits),
    )  # fmt: skip


def _split_row(split: Split) -> tuple[Cell | Text, ...]:
    first, last = split.years[0], split.years[-1]
    numbers = [
        *(float(split.row(year, "total")["estimate"]) for year in (first, last)),
        *(split.share(year) * 100 for year in (first, last)),
        *(split.cv[year] for year in (first, last)),
    ]
    held = (number if math.isfinite(number) else None for number in numbers)
    return (split.indicator.name, f"{first}–{last}", *held)


def _split_chart(view: PrefectureView, splits: Sequence[Split]) -> Figure:
    panels = []
    for split in splits:
        wide = split.rows.pivot(index="year", columns="part", values="estimate")
        panels.append(charts.Stack(
            title=split.indicator.name[view.lang], years=wide.index.to_numpy(float),
            lower=wide["within"].to_numpy(float), upper=wide["between"].to_numpy(float),
        ))  # fmt: skip
    labels = tuple(say(f"prefecture.part_{part}")[view.lang] for part in ("within", "between"))
    title = say("prefecture.title_parts_chart", area=view.name)
    rows = tuple(
        (split.indicator.name, str(row.year), say(f"prefecture.part_{row.part}"), row.estimate)
        for split in splits
        for row in cast(Any, split.rows.itertuples())
        if row.part != "total"
    )
    heads = (say("sentences.head_indicator"), say("sentences.head_year"), say("prefecture.head_part"))
    columns = (
        *(Column(label=head) for head in heads),
        Column(label=say("prefecture.head_theil"), decimals=4),
    )
    sources = tuple(view.provenance(s.indicator, f"units of parent={view.area} by county") for s in splits)
    return Figure(
        key="prefecture.parts_chart", title=title, alt=say("prefecture.alt_parts_chart", area=view.name, n=len(splits)),
        data=Table(key="prefecture.parts_data", title=title, columns=columns, rows=rows, sources=sources),
        png=charts.stacks(panels, labels),
    )  # fmt: skip


# --- drawing together -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """How far the counties lie apart on one indicator, by year."""

    indicator: Indicator
    unit: Unit
    years: list[int]
    sizes: list[float]
    """Standard deviation of a share, in the share's own unit; of all else the coefficient of variation."""
    n: int
    """Counties, those with a value in every year."""
    verdict: str

    @property
    def in_points(self) -> bool:
        """Whether the size is a standard deviation in percentage points."""
        return self.unit.key == "share"


def spread_over_years(frame: pd.DataFrame, in_points: bool) -> pd.DataFrame:
    """The spread of county values in each year, every county counting once (sigma convergence).

    Parameters
    ----------
    frame : one row per county and year with ``area``, ``year`` and ``value``
    in_points : standard deviation instead of the coefficient of variation, as shares near 0 or 1 want it

    Returns
    -------
    DataFrame
        Columns year, spread and n, one row per year; the counties are those with a value in every year.
    """
    wide = frame.pivot(index="year", columns="area", values="value").dropna(axis=1)
    if wide.shape[1] < 2:
        return pd.DataFrame(columns=["year", "spread", "n"])
    sizes = wide.std(axis=1, ddof=0)
    if not in_points:
        means = wide.mean(axis=1)
        sizes = sizes / means.where(means > 0)
    return pd.DataFrame({"year": wide.index, "spread": sizes.to_numpy(), "n": wide.shape[1]}).dropna()


def convergence(view: PrefectureView, indicators: Sequence[str] = ()) -> Sheet:
    """Whether the counties of a prefecture are drawing together or apart, and whether that is a trend.

    Parameters
    ----------
    view : from :func:`~edustats.present.prefecture.open_prefecture`
    indicators : keys; empty: those of the table side by side
    """
    spreads = [s for one in standings(view, indicators) if (s := _spread(view, one))]
    if not spreads:
        return sheet(view.lang)
    most = telling(spreads, _movement, most=MOST_TOLD)
    findings = [_spread_finding(view, s) for s in most]
    return sheet(view.lang, _summary(view, spreads), findings, _spread_table(view, spreads))


def _movement(spread: Spread) -> float:
    """Trends first, then how much the spread has changed as a part of what it was."""
    first, last = spread.sizes[0], spread.sizes[-1]
    return 1e9 * (spread.verdict in ("narrower", "wider")) + (abs(last - first) / first if first else 0.0)


def _spread(view: PrefectureView, one: Standing) -> Spread | None:
    rows = view.by_county[view.by_county["indicator"] == one.indicator.key].dropna(subset="value")
    rows = rows[rows["year"].isin(view.comparable(one.indicator.key)["year"])]
    found = spread_over_years(rows, one.unit.key == "share")
    if len(found) < 2:
        return None
    verdict = "change_only"
    if len(found) > FEW_YEARS:
        seen = trend(found["year"].to_numpy(float), found["spread"].to_numpy(float), better="lower").verdict
        verdict = {"improving": "narrower", "worsening": "wider"}.get(seen, seen)
    return Spread(
        indicator=one.indicator, unit=one.unit, years=[int(y) for y in found["year"]],
        sizes=[float(s) for s in found["spread"]], n=int(found["n"].iloc[0]), verdict=verdict,
    )  # fmt: skip


def _summary(view: PrefectureView, spreads: Sequence[Spread]) -> list[Finding]:
    told = [s for s in spreads if s.verdict != "change_only"]
    if not told:
        return []
    said = [say("prefecture.apart", area=view.name, n=len(told))]
    for verdict in ("narrower", "wider", "stable", "cannot_tell"):
        named = [s.indicator.name for s in told if s.verdict == verdict]
        if named:
            names = Text("、".join(t.zh for t in named), ", ".join(t.en for t in named))
            said.append(say(f"prefecture.apart_{verdict}", n=len(named), names=names))
    return [Finding(key="prefecture.convergence", sentence=joined(*said), note=say("prefecture.note_apart"))]


def _size(spread: Spread, value: float) -> Text:
    if spread.in_points:
        return difference(value, spread.unit)
    return Text(digits(value, DECIMALS, "zh"), digits(value, DECIMALS, "en"))


def _spread_finding(view: PrefectureView, spread: Spread) -> Finding:
    first, last = spread.sizes[0], spread.sizes[-1]
    decimals = spread.unit.decimals if spread.in_points else DECIMALS
    moved = (last - first) * (spread.unit.times if spread.in_points else 1)
    shown = digits(moved, decimals, "en")
    word = "same" if is_nil(Text(shown, shown)) else "up" if last > first else "down"
    facts = {
        "n": spread.n, "indicator": spread.indicator.name, "first_year": spread.years[0], "last_year": spread.years[-1],
        "measure": say(f"prefecture.measure_{'sd' if spread.in_points else 'cv'}"),
        "first": _size(spread, first), "last": _size(spread, last),
    }  # fmt: skip
    said = [say(f"prefecture.apart_{word}", **facts)]
    if spread.verdict != "change_only":
        said.append(say(f"prefecture.judged_{spread.verdict}", years=len(spread.years)))
    source = view.provenance(spread.indicator, f"parent={view.area} level=county")
    numbers = tuple(
        Number(label=say("sentences.head_first", year=year), value=value, unit="share" if spread.in_points else "",
               decimals=decimals, source=source)
        for year, value in ((spread.years[0], first), (spread.years[-1], last))
    )  # fmt: skip
    note = _note(view, spread.indicator, say("prefecture.note_spread", n=spread.n))
    return Finding(
        key=f"prefecture.convergence.{spread.indicator.key}", sentence=joined(*said), numbers=numbers,
        verdict=spread.verdict, note=note,
    )  # fmt: skip


def _spread_table(view: PrefectureView, spreads: Sequence[Spread]) -> Table:
    heads = [say("sentences.head_indicator"), *(say(f"prefecture.head_{h}") for h in ("measure", "years", "counties")),
             say("prefecture.head_first"), say("prefecture.head_last"), say("sentences.head_verdict")]  # fmt: skip
    rows = tuple(
        (s.indicator.name, say(f"prefecture.measure_{'sd' if s.in_points else 'cv'}"), f"{s.years[0]}–{s.years[-1]}",
         str(s.n), _bare_size(s, s.sizes[0]), _bare_size(s, s.sizes[-1]), say(f"sentences.{s.verdict}"))
        for s in spreads
    )  # fmt: skip
    return Table(
        key="prefecture.convergence", title=say("prefecture.title_convergence", area=view.name),
        columns=tuple(Column(label=head) for head in heads), rows=rows,
        sources=tuple(view.provenance(s.indicator, f"parent={view.area} level=county") for s in spreads),
    )  # fmt: skip


def _bare_size(spread: Spread, value: float) -> Text:
    return bare(value, spread.unit) if spread.in_points else _size(spread, value)
