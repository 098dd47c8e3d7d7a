"""How are the wave and the chance of too few seats drawn for an area?"""

from __future__ import annotations

import math

import numpy as np

from edustats.present.drawing.seats import RiskRow, Wave, draw_risk_strip, draw_waves
from edustats.present.records.items import Figure, Table, TableColumn
from edustats.present.records.numbers import format_percent, format_without_unit, format_year
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.seats.outlook import AreaOutlook, read_outlook
from edustats.present.seats.phrases import (
    find_likeliest_peak,
    format_band,
    format_chance,
    format_seats,
)
from edustats.present.view.area import AreaView
from edustats.words import DASH, Text, join_texts, say


def show_seat_wave(view: AreaView) -> ChapterItems:
    """The wave of children moving through the stages, with the seats that are there."""
    found = read_outlook(view)
    if found is None:
        return collect_items(view.lang)
    waves = [_make_wave(found, s) for s in found.told]
    labels = [say(f"seats.label_{name}")[view.lang] for name in ("counted", "ahead", "band", "seats")]
    title = say("seats.title_wave", area=found.name)
    peaks = join_texts([found.stage(s) for s in found.told], Text("、", ", "))
    figure = Figure(
        key="seats.wave",
        title=title,
        alt=say("seats.alt_wave", area=found.name, stages=peaks),
        data=_tabulate_wave(found, title),
        note=say("seats.note_wave"),
        png=draw_waves(waves, found.last, (labels[0], labels[1], labels[2], labels[3])),
    )
    return collect_items(view, figure, source=found.source())


def _make_wave(found: AreaOutlook, s: int) -> Wave:
    before = len(found.past)
    year, chance = find_likeliest_peak(found, s)
    pupils = np.concatenate([found.past[:, s], found.bands["middle"][:, s]])
    bands = [
        np.concatenate([np.full(before - 1, np.nan), found.past[-1:, s], found.bands[f"{side}_80"][:, s]])
        for side in ("lower", "upper")
    ]
    seats = np.concatenate(
        [
            np.full(before - 1, np.nan),
            found.whole.places.seats[found.row, s : s + 1] if found.row >= 0 else found.seats[:1, s],
            found.seats[:, s],
        ]
    )
    top = pupils[int(year - found.years[0])]
    printed = say(
        "seats.mark_peak",
        year=year,
        pupils=format_without_unit(top, found.view.known.units["person"]),
        chance=format_chance(chance),
    )[found.view.lang]
    return Wave(
        name=found.stage(s)[found.view.lang],
        years=found.years,
        pupils=pupils,
        lower=bands[0],
        upper=bands[1],
        seats=seats,
        peak=float(year),
        printed=printed,
    )


def _tabulate_wave(found: AreaOutlook, title: Text) -> Table:
    unit = found.view.known.units["person"]
    rows: list[tuple[Text | str, ...]] = []
    for s in found.told:
        rows += [
            (
                found.stage(s),
                format_year(int(year)),
                format_without_unit(value, unit),
                DASH,
                DASH,
            )
            for year, value in zip(found.whole.places.cohorts.years, found.past[:, s], strict=True)
        ]
        rows += [
            (
                found.stage(s),
                format_year(int(year)),
                format_without_unit(found.bands["middle"][h, s], unit),
                format_band(found, h, s),
                format_seats(found, h, s),
            )
            for h, year in enumerate(found.whole.years)
        ]
    heads = ("stage", "year", "pupils", "band", "seats")
    return Table(
        key="seats.wave_data",
        title=title,
        rows=tuple(rows),
        sources=(found.source(),),
        columns=tuple(TableColumn(label=say(f"seats.head_{name}")) for name in heads),
    )


def show_seat_risk(view: AreaView) -> ChapterItems:
    """A heat strip: how likely seats are too few, by year and stage."""
    found = read_outlook(view)
    if found is None or not np.isfinite(found.shortfall.chance[:, found.told]).any():
        return collect_items(view.lang)
    years = [int(year) for year in found.whole.years]
    rows = [
        RiskRow(
            name=found.stage(s)[view.lang],
            chances=found.shortfall.chance[:, s],
            printed=[_print_chance(c) for c in found.shortfall.chance[:, s]],
        )
        for s in found.told
    ]
    title = say("seats.title_risk", area=found.name)
    data = Table(
        key="seats.risk_data",
        title=title,
        sources=(found.source(),),
        columns=(
            TableColumn(label=say("seats.head_stage")),
            *(TableColumn(label=Text(str(y), str(y))) for y in years),
        ),
        rows=tuple(
            (found.stage(s), *(format_percent(c, 0) for c in found.shortfall.chance[:, s]))
            for s in found.told
        ),
    )
    figure = Figure(
        key="seats.risk",
        title=title,
        alt=say("seats.alt_risk", area=found.name),
        data=data,
        note=say("seats.note_risk"),
        png=draw_risk_strip(rows, years, say("seats.legend_risk")[view.lang]),
    )
    return collect_items(view, figure, source=found.source())


def _print_chance(chance: float) -> str:
    return "—" if not math.isfinite(chance) else f"{100 * chance:.0f}"
