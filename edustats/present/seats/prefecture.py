"""Which counties will be short of seats, in which stage and when? The prefecture's page."""

from __future__ import annotations

import numpy as np

from edustats.present.records.items import Table, TableColumn
from edustats.present.records.numbers import format_percent, format_without_unit, format_year
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.seats.charts import show_seat_wave
from edustats.present.seats.county import show_seat_outlook
from edustats.present.seats.outlook import AreaOutlook, read_outlook
from edustats.present.view.prefecture import PrefectureView
from edustats.words import DASH, Text, say


def show_prefecture_seats(view: PrefectureView) -> ChapterItems:
    """The prefecture's two sentences, its wave, and every county's peak and worst year by stage."""
    found = read_outlook(view)
    items = [*show_seat_outlook(view), *show_seat_wave(view)]
    if found is not None:
        items.append(_tabulate_counties(found))
    return collect_items(view, items, source=found.source() if found is not None else None)


def _tabulate_counties(found: AreaOutlook) -> Table:
    heads = ("county", "stage", "peak", "peak_chance", "pupils", "worst", "short")
    rows = [_fill_county_row(found, a, s) for a in range(len(found.whole.areas)) for s in found.told]
    return Table(
        key="seats.counties",
        title=say("seats.title_counties", area=found.name),
        columns=tuple(TableColumn(label=say(f"seats.head_{name}")) for name in heads),
        rows=tuple(row for row in rows if row),
        note=found.tell_method(),
        sources=(found.source(),),
        sortable=True,
        brief=False,
    )


def _fill_county_row(found: AreaOutlook, a: int, s: int) -> tuple[Text | str, ...]:
    whole = found.whole
    peaks, paths = whole.peaks[a, s], whole.found.paths[:, a, :, s]
    if not (np.isfinite(peaks).all() and np.isfinite(paths).all()):
        return ()
    k, chances = int(peaks.argmax()), whole.shortfall.chance[a, :, s]
    before = len(whole.places.cohorts.years)
    top = whole.places.pupils[a, k, s] if k < before else float(np.median(paths[:, k - before]))
    worst = int(np.nanargmax(chances)) if np.isfinite(chances).any() else -1
    at_risk = worst >= 0 and chances[worst] > 0
    return (
        found.view.store.name(whole.areas[a]),
        found.stage(s),
        format_year(int(found.years[k])),
        format_percent(peaks[k], 0),
        format_without_unit(top, found.view.known.units["person"]),
        format_year(int(whole.years[worst])) if at_risk else DASH,
        format_percent(chances[worst], 0) if worst >= 0 else DASH,
    )
