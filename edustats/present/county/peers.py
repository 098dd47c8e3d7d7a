"""Which counties are most like this one, and how does it stand against them, the area and the nation?"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from edustats.analysis.peers import PeerSet, find_peers
from edustats.analysis.references import ReferenceFigure, read_references
from edustats.catalogue import Indicator, Unit
from edustats.catalogue.peers import PeerFeature, read_peer_rules
from edustats.metrics.comparison.peers import PeerStanding, compare_with_peers
from edustats.present.county.profile import MOST_ROWS, format_signed_difference, make_number
from edustats.present.records.items import Cell, Finding, Table, TableColumn
from edustats.present.records.numbers import (
    choose_decimals,
    format_amount,
    format_difference,
    format_number,
    format_without_unit,
    format_year,
    is_printed_zero,
    join_sentence,
    round_half_up,
)
from edustats.present.records.row_filter import select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.notes import select_most_telling, write_scope_note
from edustats.shipped import shipped
from edustats.typing import Floats
from edustats.words import DASH, LIST, Text, concatenate_texts, join_texts, say

MOST_TOLD = 6
MOST_BEST = 2
"""Peers named where several are the best."""
NATIONAL = "data/reference/national_education.csv"


def read_peers(view: View) -> PeerSet | None:
    """The county's peers among the counties of its panel; None where none can be told. Kept with the view."""
    prices = tuple(sorted(view.prices.changes.items()))
    return view.remember(("peers", view.first_year, view.last_year, prices), lambda: find_peers(view.panel))


def compute_peer_mean(view: View, indicator: Indicator) -> tuple[Floats, Floats]:
    """Years and the plain mean of the peers' values in each; nan in years in which none has one."""
    panel, found = view.panel, read_peers(view)
    if found is None or not len(found.index):
        return panel.years, np.full(len(panel.years), np.nan)
    rows = panel.values[panel.at(indicator), found.index]
    held = np.isfinite(rows)
    with np.errstate(invalid="ignore"):
        return panel.years, np.where(held, rows, 0).sum(axis=0) / held.sum(axis=0)


def show_peers(view: View) -> ChapterItems:
    """The counties most like this one with their distance, and the gaps to their mean and their best."""
    found = read_peers(view)
    if found is None or not len(found.index):
        return collect_items(
            view, Finding(key="peers", sentence=join_sentence(say("trends.no_peers", area=view.name)))
        )
    rows = [
        row for i in view.indicators if i.compare and i.den and (row := _compare_with_peers(view, i, found))
    ]
    told = select_most_telling(rows, lambda row: row.weight, most=MOST_TOLD)
    tables = [_tabulate_peer_gaps(view, rows)] if rows else []
    return collect_items(
        view,
        _describe_peer_choice(view, found),
        _tabulate_peers(view, found),
        [_describe_peer_gap(view, r) for r in told],
        tables,
    )


def _describe_peer_choice(view: View, found: PeerSet) -> Finding:
    store, areas = view.store, view.panel.areas
    named = [
        say("trends.peer", name=store.name(areas[k]), distance=format_number(d, 2, "coefficient"))
        for k, d in zip(found.index, found.distance, strict=True)
    ]
    names = join_texts(named)
    features = Text(
        "、".join(f.name.zh for f in found.features), ", ".join(f.name.en for f in found.features)
    )
    said = say("trends.peers", area=view.name, names=names, n=len(named), features=features)
    return Finding(key="peers", sentence=join_sentence(said), note=say("trends.peers_note"))


def _tabulate_peers(view: View, found: PeerSet) -> Table:
    order = [view.panel.own, *found.index]
    distances = [0.0, *found.distance]
    heads = [
        TableColumn(label=say("trends.head_feature", name=f.name, year=year))
        for f, year in zip(found.features, found.years, strict=True)
    ]
    rows = tuple(
        (
            view.store.name(view.panel.areas[k]),
            DASH if position == 0 else format_number(distances[position], 2, "coefficient"),
            *(_format_feature(view, f, v) for f, v in zip(found.features, found.values[k], strict=True)),
        )
        for position, k in enumerate(order)
    )
    return Table(
        key="peers",
        title=say("trends.title_peers", area=view.name),
        columns=(
            TableColumn(label=say("trends.head_county")),
            TableColumn(label=say("trends.head_distance")),
            *heads,
        ),
        rows=rows,
    )


def _format_feature(view: View, feature: PeerFeature, value: float) -> Text:
    """A feature in the unit of its indicator; a share in per cent, what is divided by another as a plain ratio."""
    ((num, den),) = feature.formulas
    unit = None if den else view.known.unit_of(num.split(" + ")[0])
    if unit is not None and unit.key == "share":
        return format_amount(value, unit)
    places = 0 if abs(value) >= 100 else 3
    return format_number(value, places, unit.key if unit is not None else "coefficient")


@dataclass(frozen=True, slots=True, kw_only=True)
class _PeerComparison:
    """One indicator against the peers, in the last year the county has a value."""

    indicator: Indicator
    year: int
    value: float
    against: PeerStanding
    best: tuple[int, ...]
    """The peers whose printed figure is the best."""
    weight: float
    """Gap to the peers' mean in standard deviations between the counties."""


def _compare_with_peers(view: View, indicator: Indicator, found: PeerSet) -> _PeerComparison | None:
    panel = view.panel
    values = panel.values[panel.at(indicator)]
    held = np.flatnonzero(np.isfinite(values[panel.own]))
    if not len(held):
        return None
    now = values[:, held[-1]]
    against = compare_with_peers(now, panel.own, found.index, indicator.better)
    if not against.n:
        return None
    spread = float(now[np.isfinite(now)].std())
    return _PeerComparison(
        indicator=indicator,
        year=int(panel.years[held[-1]]),
        value=float(now[panel.own]),
        against=against,
        best=_find_best(
            view.known.unit_of(indicator.key), now[list(found.index)], found.index.tolist(), against
        ),
        weight=abs(against.gap_to_mean) / spread if spread > 0 else 0.0,
    )


def _find_best(
    unit: Unit, values: np.ndarray, index: Sequence[int], against: PeerStanding
) -> tuple[int, ...]:
    """All peers that print the best figure: of two that are alike neither is the best alone."""
    if against.best_index < 0:
        return ()
    printed = [round_half_up(value * unit.times, unit.decimals) for value in (against.best, *values.tolist())]
    return tuple(at for at, value in zip(index, printed[1:], strict=True) if value == printed[0])


def _name_best(view: View, row: _PeerComparison) -> Text:
    names = [view.store.name(view.panel.areas[at]) for at in row.best]
    if len(names) <= MOST_BEST:
        return join_texts(names, LIST)
    return say("prefecture.and_others", names=join_texts(names[:MOST_BEST], LIST), n=len(names))


def _describe_peer_gap(view: View, row: _PeerComparison) -> Finding:
    unit, against = view.known.unit_of(row.indicator.key), row.against
    places = choose_decimals(unit, row.value, against.mean)
    nil = is_printed_zero(format_without_unit(against.gap_to_mean, unit, places))
    word = "same" if nil else "above" if against.gap_to_mean > 0 else "below"
    said = say(
        f"trends.peer_{word}", year=row.year, area=view.name, indicator=row.indicator.name,
        value=view.format_covered(row.value, row.indicator.key, view.area, row.year, places), n=against.n,
        mean=format_amount(against.mean, unit, places),
        gap=format_difference(against.gap_to_mean, unit, places),
    )  # fmt: skip
    best = Text("", "")
    if row.best:
        best = say(
            "trends.peer_best", name=_name_best(view, row), value=format_amount(against.best, unit, places)
        )
    source = view.provenance(row.indicator, select_rows("peers", view.area, row.year))
    labels = (view.name, say("trends.peers_mean"))
    return Finding(
        key=f"peers.{row.indicator.key}",
        sentence=join_sentence(said, best),
        numbers=tuple(
            make_number(t, v, unit, source) for t, v in zip(labels, (row.value, against.mean), strict=True)
        ),
        note=write_scope_note(view, row.indicator, row.year),
    )


def _tabulate_peer_gaps(view: View, rows: list[_PeerComparison]) -> Table:
    above = _list_areas_above(view)
    heads = [say("sentences.head_indicator"), say("sentences.head_year"), view.name]
    heads += [say(f"trends.{name}") for name in ("peers_mean", "head_gap", "head_best")]
    heads += [view.name_total(code) for code in above]
    cells = [_fill_peer_gap_row(view, row, above) for row in rows]
    nation = [_format_national_figure(view, row) for row in rows]
    note, published = say("trends.gaps_note"), any(value.zh != "—" for value in nation)
    if published:  # for some of the indicators
        note = concatenate_texts(note, Text("", " "), say("trends.gaps_note_nation"))
        heads.append(say("trends.head_nation"))
        cells = [(*row, value) for row, value in zip(cells, nation, strict=True)]
    for area, figures in _group_references(view).items():
        beside = [_format_reference(view, row, figures) for row in rows]
        if any(value.zh != "—" for value in beside):
            heads.append(say("areas.head_reference", area=area))
            cells = [(*row, value) for row, value in zip(cells, beside, strict=True)]
            sources = join_texts([Text(s, s) for s in dict.fromkeys(f.source for f in figures)])
            note = concatenate_texts(
                note, Text("", " "), say("areas.note_reference", area=area, source=sources)
            )
    return Table(
        key="peer_gaps",
        title=say("trends.title_gaps", area=view.name),
        columns=tuple(TableColumn(label=label) for label in heads),
        rows=tuple(cells),
        note=note,
        sources=tuple(view.provenance(r.indicator, select_rows("peers", view.area, r.year)) for r in rows),
        brief=len(rows) <= MOST_ROWS,
    )


def _group_references(view: View) -> dict[str, list[ReferenceFigure]]:
    """The bureau's own table of published figures, by the area they are of."""
    found: dict[str, list[ReferenceFigure]] = {}
    for figure in read_references(view.store, view.known):
        found.setdefault(figure.area, []).append(figure)
    return found


def _format_reference(view: View, row: _PeerComparison, figures: list[ReferenceFigure]) -> Text:
    """The published figure of the same year, or the latest before it with its year."""
    held = {f.year: f.value for f in figures if f.indicator == row.indicator.key and f.year <= row.year}
    if not held:
        return DASH
    value = format_amount(held[max(held)], view.known.unit_of(row.indicator.key))
    return value if max(held) == row.year else say("trends.value_of", value=value, year=max(held))


def _list_areas_above(view: View) -> list[str]:
    """The area right above, and of those further above the ones that the store is about; nearest first."""
    held = set(view.compare["area"].unique())
    further = [
        code for code in view.store.tree.chain(view.above) if code in held and view.store.is_whole(code)
    ]
    return [view.above, *further]


def _fill_peer_gap_row(view: View, row: _PeerComparison, above: list[str]) -> tuple[Cell | Text, ...]:
    unit, against, best = view.known.unit_of(row.indicator.key), row.against, DASH
    if row.best:
        best = say("trends.named_value", name=_name_best(view, row), value=format_amount(against.best, unit))
    return (
        row.indicator.name,
        format_year(row.year),
        view.cover_of(row.indicator.key, view.area, row.year).mark(format_amount(row.value, unit)),
        format_amount(against.mean, unit),
        format_signed_difference(against.gap_to_mean, unit),
        best,
        *(_format_total(view, row, code) for code in above),
    )


def _format_total(view: View, row: _PeerComparison, area: str) -> Text:
    """The figure of an area above in the year of the row, marked where it does not cover the area."""
    found = view.comparison.find_row(row.indicator.key, area, row.year, ("value",))
    if found is None:
        return DASH
    return view.format_covered(float(found["value"]), row.indicator.key, area, row.year)


def _format_national_figure(view: View, row: _PeerComparison) -> Text:
    """The published national figure of the same year, or the latest before it with its year."""
    series = read_peer_rules().national.get(row.indicator.key)
    held = _read_national_figures().get(series, {}) if series else {}
    years = [year for year in held if year <= row.year]
    if not years:
        return DASH
    value = format_amount(held[max(years)], view.known.unit_of(row.indicator.key))
    return value if max(years) == row.year else say("trends.value_of", value=value, year=max(years))


@cache
def _read_national_figures() -> dict[tuple[str, str], dict[int, float]]:
    """National figures by (stage, name) and year."""
    found: dict[tuple[str, str], dict[int, float]] = {}
    with shipped(NATIONAL).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["stage"], row["indicator_name"])
            found.setdefault(key, {})[int(row["year"])] = float(row["value"])
    return found
