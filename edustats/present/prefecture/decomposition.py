"""How much of a prefecture's inequality lies between its counties, and how much inside them?

The schools of all counties are read, and of their rows only the columns of the indicators asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from edustats.analysis.like_for_like import like_for_like
from edustats.analysis.schools import read_school_values
from edustats.catalogue import Indicator, catalogue
from edustats.metrics.inequality import decomposition
from edustats.metrics.inequality.measures import coefficient_of_variation
from edustats.present.drawing import small_multiples as charts
from edustats.present.prefecture.overview import MOST_TOLD, compare_counties
from edustats.present.records.items import Cell, Figure, Finding, Number, Table, TableColumn
from edustats.present.records.numbers import (
    change_matches_ends,
    format_difference,
    format_number,
    format_percent,
    is_printed_zero,
    join_sentence,
)
from edustats.present.records.row_filter import select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.notes import describe_formula, select_most_telling
from edustats.present.view.prefecture import PrefectureView
from edustats.words import CLAUSES, Text, join_texts, say

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
class TheilSplit:
    """One indicator's Theil index over the years, split between and within counties."""

    indicator: Indicator
    rows: pd.DataFrame
    """One row per year and part, see :func:`decompose_by_year`."""
    cv: dict[int, float]
    """Coefficient of variation between all units of the prefecture, by year."""
    n: int
    """Units in the last year."""
    kept: int
    """Counties compared: those that are there in every year."""
    left: Mapping[str, tuple[int, ...]]
    """Counties left out, with the years that they lack."""
    whole: pd.DataFrame
    """The last year's rows over all counties that are in."""

    @property
    def years(self) -> list[int]:
        return sorted(self.cv)

    def row(self, year: int, part: str) -> pd.Series:
        return self.rows[(self.rows["year"] == year) & (self.rows["part"] == part)].iloc[0]

    def share(self, year: int) -> float:
        """The part between counties, 0-1; nan where all units are alike."""
        return float(self.row(year, "between")["share"])


def decompose_by_year(frame: pd.DataFrame) -> pd.DataFrame:
    """The Theil index of each year split between and within counties.

    Parameters
    ----------
    frame : one row per unit and year with ``county``, ``year``, ``value`` (>= 0) and ``weight`` (> 0)

    Returns
    -------
    DataFrame
        Columns :data:`TIDY`; ``part`` is total, between or within, ``share`` its part of the total (0-1).
        ``lower`` and ``upper`` are those of :func:`~edustats.metrics.inequality.decomposition.decompose_inequality`,
        nan where ``note`` says why there is none. A year in which every value is 0, or with one county only, is left
        out.
    """
    kept = [own for _, own in cast(Groups, frame.groupby("year")) if _can_decompose(own)]
    if not kept:
        return pd.DataFrame(columns=list(TIDY))
    found = decomposition.decompose_inequality_by_year(pd.concat(kept), "value", "weight", "year", ["county"])
    return found[found["part"].isin(PARTS)][list(TIDY)].reset_index(drop=True)


def _can_decompose(own: pd.DataFrame) -> bool:
    return own["county"].nunique() > 1 and bool(own["value"].any())


def show_theil_decomposition(view: PrefectureView, indicators: Sequence[str] = ()) -> ChapterItems:
    """How much of the inequality between all units lies between counties and how much inside them, by year.

    Parameters
    ----------
    view : from :func:`~edustats.open_prefecture`
    indicators : keys; empty: those of the table side by side that are ratios of units' own figures
    """
    asked = [
        one.indicator for one in compare_counties(view, indicators) if _is_unit_ratio(view, one.indicator)
    ]
    splits, left_out = _decompose_indicators(view, asked) if asked else ([], [])
    if not splits:
        said = say("prefecture.no_units", area=view.name_whose(view.area))
        return collect_items(
            view, Finding(key="prefecture.parts", sentence=join_sentence(said), verdict="cannot_tell")
        )
    most = select_most_telling(
        splits, lambda split: _replace_nan(split.share(split.years[-1])), most=MOST_TOLD
    )
    findings = [_describe_split(view, split) for split in most]
    table = _tabulate_splits(view, splits, left_out)
    return collect_items(view, findings, table, _draw_split_chart(view, splits[:PANELS]))


def _is_unit_ratio(view: PrefectureView, indicator: Indicator) -> bool:
    return bool(indicator.den) and not indicator.across and view.known.levels(indicator) == {"school"}


def _decompose_indicators(
    view: PrefectureView, indicators: Sequence[Indicator]
) -> tuple[list[TheilSplit], list[Indicator]]:
    """The indicators that can be split, and those of which most units have nothing or all."""
    rows = read_school_values(view.store, view.counties, tuple(i.key for i in indicators))
    frames = [(indicator, frame) for indicator in indicators
              if len(frame := _build_unit_frame(view, rows, indicator))]  # fmt: skip
    graded = [(indicator, frame) for indicator, frame in frames if _has_graded_values(frame, indicator)]
    splits = [split for indicator, frame in graded if (split := _decompose_indicator(view, frame, indicator))]
    held = [indicator for indicator, _ in graded]
    return splits, [indicator for indicator, _ in frames if indicator not in held]


def _has_graded_values(frame: pd.DataFrame, indicator: Indicator) -> bool:
    """Whether most units lie between nothing and all: where they do not, there are no levels to compare."""
    extreme = frame["value"] == 0
    if indicator.unit == "share":
        extreme |= frame["value"] == 1
    return bool(extreme.mean() <= MOST_EXTREME)


def _build_unit_frame(view: PrefectureView, rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """County, year, value and weight of every complete unit, in years that mean the same."""
    own = rows[rows["indicator"] == indicator.key]
    same = view.comparable_series(indicator.key)["year"]
    good = (own["value"] >= 0) & (own["weight"] > 0) & own["year"].isin(same)
    return own.loc[good, ["county", "year", "value", "weight"]]


def _decompose_indicator(
    view: PrefectureView, frame: pd.DataFrame, indicator: Indicator
) -> TheilSplit | None:
    """The split over the counties that are there in every year; of the last year alone where those are too few."""
    last = frame[frame["year"] == frame["year"].max()]
    counted = frame.groupby(["county", "year"], as_index=False).size()
    counted = counted.set_axis(["area", "year", "num"], axis=1).assign(den=1.0, status="ok")
    same = like_for_like(counted, view.store.tree, view.area, ratio=False)
    if same is not None and same.left and len(same.kept) > 1:
        frame = frame[frame["county"].isin(same.kept)]
    elif same is not None and same.left:
        frame = last
    rows = decompose_by_year(frame)
    if rows.empty:
        return None
    known = frame[frame["year"].isin(rows["year"])]
    held = {int(year): own for year, own in cast(Groups, known.groupby("year"))}
    cv = {year: coefficient_of_variation(own["value"], own["weight"]) for year, own in held.items()}
    apart = set(last["county"]) - set(frame["county"])
    return TheilSplit(
        indicator=indicator, rows=rows, cv=cv, n=len(held[max(cv)]), kept=frame["county"].nunique(),
        left=same.left if same is not None and len(cv) > 1 else {}, whole=decompose_by_year(last) if apart else rows,
    )  # fmt: skip


def _describe_split(view: PrefectureView, split: TheilSplit) -> Finding:
    first, last = split.years[0], split.years[-1]
    facts = {
        "area": _name_compared(view, split),
        "unit": view.store.unit_name,
        "indicator": split.indicator.name,
        "year": last,
        "n": split.n,
        "theil": _format_theil(float(split.row(last, "total")["estimate"])),
        "share": format_percent(split.share(last)),
    }
    span = _format_split_interval(split.row(last, "between"))
    said = [say("prefecture.split", **facts), span]
    if first != last and math.isfinite(split.share(first)):
        said.append(_describe_share_change(split.share(first), split.share(last), first))
        share = view.known.units["share"]
        said += (
            []
            if change_matches_ends(split.share(first), split.share(last), share)
            else [say("sentences.rounding")]
        )
    return Finding(
        key=f"prefecture.parts.{split.indicator.key}",
        sentence=join_sentence(*said),
        numbers=_list_split_numbers(view, split),
        note=_write_split_note(
            view,
            split.indicator,
            say(f"prefecture.note_split{'_interval' if span.zh else ''}"),
            *_note_left_out(view, split),
        ),
    )


def _name_compared(view: PrefectureView, split: TheilSplit) -> Text:
    """The prefecture, or how many of its counties are compared."""
    return (
        say("areas.same_counties", area=view.store.name(view.area), n=str(split.kept))
        if split.left
        else view.name
    )


def _note_left_out(view: PrefectureView, split: TheilSplit) -> list[Text]:
    """Who is not compared, and the figures of the last year with all who are in."""
    if not split.left:
        return []
    lacking = [
        say(
            "areas.lacks",
            name=view.county_name(code),
            years=join_texts([Text(str(y), str(y)) for y in years]),
        )
        for code, years in split.left.items()
    ]
    whole, last = split.whole.set_index(["year", "part"]), split.years[-1]
    return [say(
        "prefecture.note_split_common", n=split.kept, names=join_texts(lacking), year=last,
        theil=_format_theil(float(whole["estimate"].loc[(last, "total")])),
        share=format_percent(float(whole["share"].loc[(last, "between")])),
    )]  # fmt: skip


def _format_split_interval(row: pd.Series) -> Text:
    """The interval of a part, where there is one."""
    if not (math.isfinite(row["lower"]) and math.isfinite(row["upper"])):
        return Text("", "")
    return say(
        "prefecture.split_interval",
        low=_format_theil(row["lower"], "interval_end"),
        high=_format_theil(row["upper"], "interval_end"),
    )


def _describe_share_change(before: float, now: float, year: int) -> Text:
    """How the counties' share has moved since the first year, as printed."""
    size = format_difference(now - before, catalogue().units["share"])
    if is_printed_zero(size):
        return say("prefecture.split_same", year=year)
    word = "up" if now > before else "down"
    return say(f"prefecture.split_{word}", year=year, before=format_percent(before), size=size)


def _replace_nan(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _format_theil(value: float, kind: str = "level") -> Text:
    return format_number(value, 4, "coefficient", kind)


def _list_split_numbers(view: PrefectureView, split: TheilSplit) -> tuple[Number, ...]:
    last = split.years[-1]
    source = view.provenance(split.indicator, select_rows("units", view.area, last, group="county"))
    return tuple(
        Number(label=say(f"prefecture.part_{part}"), value=float(split.row(last, part)["estimate"]), unit="",
               decimals=4, source=source)
        for part in PARTS
    )  # fmt: skip


def _write_split_note(view: PrefectureView, indicator: Indicator, *extra: Text) -> Text:
    parts = [indicator.clause, describe_formula(view.known, indicator), *extra]
    return say("sentences.note", parts=join_texts(parts, CLAUSES))


def _tabulate_splits(
    view: PrefectureView, splits: Sequence[TheilSplit], left_out: Sequence[Indicator]
) -> Table:
    names = join_texts(i.name for i in left_out)
    more = say("prefecture.note_extreme", names=names) if left_out else Text("", "")
    if absent := dict.fromkeys(code for split in splits for code in split.left):
        told = say(
            "prefecture.note_parts_common", names=join_texts(view.county_name(code) for code in absent)
        )
        more = Text(more.zh + told.zh, f"{more.en} {told.en}")
    about = say("prefecture.note_parts")
    heads = ("years", "theil_first", "theil_last", "share_first", "share_last", "cv_first", "cv_last")
    decimals = (None, None, 4, 4, 1, 1, DECIMALS, DECIMALS)
    units = ("", "", "coefficient", "coefficient", "share", "share", "coefficient", "coefficient")
    labels = [say("sentences.head_indicator"), *(say(f"prefecture.head_{head}") for head in heads)]
    return Table(
        key="prefecture.parts", title=say("prefecture.title_parts", area=view.name, unit=view.store.unit_name),
        columns=tuple(
            TableColumn(label=label, decimals=d, unit=u) for label, d, u in zip(labels, decimals, units, strict=True)
        ),
        rows=tuple(_fill_split_row(split) for split in splits), note=Text(about.zh + more.zh, about.en + more.en),
        sources=tuple(view.provenance(s.indicator, select_rows("units", view.area, group="county")) for s in splits),
    )  # fmt: skip


def _fill_split_row(split: TheilSplit) -> tuple[Cell | Text, ...]:
    first, last = split.years[0], split.years[-1]
    numbers = [
        *(float(split.row(year, "total")["estimate"]) for year in (first, last)),
        *(split.share(year) * 100 for year in (first, last)),
        *(split.cv[year] for year in (first, last)),
    ]
    held = (number if math.isfinite(number) else None for number in numbers)
    return (split.indicator.name, f"{first}–{last}", *held)


def _draw_split_chart(view: PrefectureView, splits: Sequence[TheilSplit]) -> Figure:
    panels = []
    for split in splits:
        wide = split.rows.pivot(index="year", columns="part", values="estimate")
        panels.append(charts.StackedPanel(
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
        *(TableColumn(label=head) for head in heads),
        TableColumn(label=say("prefecture.head_theil"), decimals=4, unit="coefficient"),
    )
    sources = tuple(
        view.provenance(s.indicator, select_rows("units", view.area, group="county")) for s in splits
    )
    return Figure(
        key="prefecture.parts_chart", title=title, alt=say("prefecture.alt_parts_chart", area=view.name, n=len(splits)),
        data=Table(key="prefecture.parts_data", title=title, columns=columns, rows=rows, sources=sources),
        png=charts.draw_stacked_panels(panels, labels),
    )  # fmt: skip
