"""When do the seats of an area not suffice, how likely is that, and when will they stand empty?"""

from __future__ import annotations

import math

import numpy as np

from edustats.metrics.seats.backtest import summarize_errors
from edustats.metrics.seats.resources import PUPILS_PER_TEACHER, count_teachers
from edustats.present.records.items import Finding, Number, Table, TableColumn
from edustats.present.records.numbers import (
    format_amount,
    format_count,
    format_interval,
    format_number,
    format_percent,
    format_without_unit,
    format_year,
    join_sentence,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.seats.outlook import AreaOutlook, read_outlook
from edustats.present.seats.phrases import (
    find_likeliest_peak,
    format_band,
    format_chance,
    format_seats,
)
from edustats.present.view.area import AreaView
from edustats.words import CLAUSES, DASH, NOTHING, Text, join_texts, say

WORTH_SAYING = 0.2
SHOWN = (1, 2, 3, 5, 8, 10, 15)
"""Years ahead that the table for the plan gives."""
MOST_DOUBTS = 8


def show_seat_outlook(view: AreaView) -> ChapterItems:
    """Two sentences for the brief: where seats will be short and where they will stand empty; then what is in doubt."""
    found = read_outlook(view)
    if found is None:
        nothing = say("seats.cannot_project", area=view.name)
        return collect_items(
            view, Finding(key="seats", sentence=join_sentence(nothing), verdict="cannot_tell")
        )
    tight, empty = _choose_tight(found), _choose_falling(found)
    items = [_tell_peak(found, tight)]
    if empty is not None:
        items.append(_tell_fall(found, empty))
    return collect_items(
        view, items, _tell_match(found), _tell_openings(found), _tell_doubts(found), source=found.source()
    )


def _choose_tight(found: AreaOutlook) -> int:
    """The stage whose seats are most likely to be too few; without seats, the one whose peak comes latest."""
    chances = np.nanmax(np.where(np.isfinite(found.shortfall.chance), found.shortfall.chance, -1.0), axis=0)
    best = max(found.told, key=lambda s: chances[s])
    return (
        best
        if chances[best] >= WORTH_SAYING
        else max(found.told, key=lambda s: find_likeliest_peak(found, s)[0])
    )


def _choose_falling(found: AreaOutlook) -> int | None:
    """The stage that loses most of its pupils; None where none falls by a tenth."""
    fall = {s: 1 - found.bands["middle"][:, s].min() / found.past[-1, s] for s in found.told}
    worst = max(fall, key=lambda s: fall[s])
    return worst if fall[worst] > 0.1 else None


def _tell_peak(found: AreaOutlook, s: int) -> Finding:
    """When the peak comes and whether its pupils find a seat."""
    year, chance = find_likeliest_peak(found, s)
    unit = found.view.known.units["person"]
    if year <= found.last:
        past = found.past[int(year - found.years[0]), s]
        said = say(
            "seats.peak_past",
            area=found.name,
            stage=found.stage(s),
            year=year,
            pupils=format_amount(past, unit),
            chance=format_chance(chance),
        )
        return Finding(key="seats.peak", sentence=join_sentence(said), note=found.tell_method())
    h = year - found.last - 1
    facts = {
        "area": found.name,
        "stage": found.stage(s),
        "year": year,
        "pupils": format_amount(found.bands["middle"][h, s], unit),
        "interval": format_interval(found.bands["lower_80"][h, s], found.bands["upper_80"][h, s], unit),
        "chance": format_chance(chance),
    }
    parts = [say("seats.peak_ahead", **facts), *_tell_seats(found, s, h)]
    source = found.source()
    numbers = tuple(
        Number(label=say(f"seats.head_{name}"), value=float(value), unit="person", decimals=0, source=source)
        for name, value in (("pupils", found.bands["middle"][h, s]), ("seats", found.seats[h, s]))
        if math.isfinite(value)
    )
    return Finding(
        key="seats.peak",
        sentence=join_sentence(join_texts(parts, CLAUSES)),
        note=found.tell_method(),
        numbers=numbers,
    )


def _tell_seats(found: AreaOutlook, s: int, h: int) -> list[Text]:
    """Seats beside the pupils of a year, and how likely they are too few."""
    if not math.isfinite(found.seats[h, s]):
        return [say("seats.no_seats")]
    unit = found.view.known.units["seat"]
    facts = {
        "seats": format_amount(found.seats[h, s], unit),
        "chance": format_chance(found.shortfall.chance[h, s]),
    }
    bound = say("seats.is_lower_bound") if found.lower_bound[s] else NOTHING
    parts = [say("seats.seats_held", bound=bound, **facts)]
    if found.shortfall.chance[h, s] >= WORTH_SAYING:
        parts.append(say("seats.seats_to_add", add=format_amount(max(found.shortfall.safe[h, s], 0.0), unit)))
    return parts


def _tell_fall(found: AreaOutlook, s: int) -> Finding:
    """How far a stage falls and how many seats stand empty then."""
    h = int(found.bands["middle"][:, s].argmin())
    unit, seat = found.view.known.units["person"], found.view.known.units["seat"]
    said = say(
        "seats.fall",
        area=found.name,
        stage=found.stage(s),
        first=found.last,
        before=format_amount(found.past[-1, s], unit),
        year=int(found.whole.years[h]),
        after=format_amount(found.bands["middle"][h, s], unit),
        interval=format_interval(found.bands["lower_80"][h, s], found.bands["upper_80"][h, s], unit),
    )
    parts = [said]
    if math.isfinite(found.seats[h, s]):
        parts.append(say("seats.stand_empty", empty=format_amount(found.shortfall.empty[h, s], seat)))
    return Finding(
        key="seats.fall", sentence=join_sentence(join_texts(parts, CLAUSES)), note=found.tell_method()
    )


def _tell_match(found: AreaOutlook) -> list[Finding]:
    """The index of the match, now and in five years, and when it must be judged again."""
    index = found.whole.match
    if not np.isfinite(index[[0, min(4, len(index) - 1)]]).all():
        return []
    k = min(4, len(index) - 1)
    said = say(
        "seats.match",
        area=found.view.store.name(found.whole.places.prefecture),
        year=int(found.whole.years[0]),
        now=format_number(index[0], 2, "coefficient"),
        later_year=int(found.whole.years[k]),
        then=format_number(index[k], 2, "coefficient"),
        due=found.whole.review_due,
    )
    number = Number(
        label=say("seats.head_pupils"),
        value=math.nan,
        unit="coefficient",
        decimals=2,
        source=found.source(True),
    )
    return [
        Finding(
            key="seats.match", sentence=join_sentence(said), note=say("seats.match_note"), numbers=(number,)
        )
    ]


def _tell_openings(found: AreaOutlook) -> list[Finding]:
    """Planned schools that come too late or will be half empty."""
    told = []
    for n, one in enumerate(found.whole.openings):
        if found.row >= 0 and one.plan.area != found.view.area:
            continue
        facts = {
            "school": one.plan.name or one.plan.school,
            "year": one.plan.year,
            "stage": say(f"seats.stage_{one.plan.stage}"),
        }
        for key, hit, chance in (
            ("too_late", one.too_late, one.peak_before),
            ("half_empty", one.will_be_half_empty, one.half_empty),
        ):
            if hit:
                said = say(f"seats.{key}", chance=format_chance(chance), **facts)
                told.append(Finding(key=f"seats.{key}.{n}", sentence=join_sentence(said), verdict="none"))
    return told


def _tell_doubts(found: AreaOutlook) -> list[Finding]:
    """What the figures do not allow, in the county's own figures first."""
    from edustats.analysis.projection import tell_doubt

    own = [d for d in found.whole.places.doubts if found.row < 0 or d.area == found.view.area]
    told = [
        Finding(
            key=f"seats.doubt.{n}",
            sentence=join_sentence(tell_doubt(found.view.store, doubt)),
            verdict="cannot_tell",
        )
        for n, doubt in enumerate(own[:MOST_DOUBTS])
    ]
    if len(own) > MOST_DOUBTS:
        more = say("seats.more_doubts", n=len(own) - MOST_DOUBTS)
        told.append(Finding(key="seats.doubt.more", sentence=join_sentence(more), verdict="cannot_tell"))
    return told


# --- tables ---


def show_seat_table(view: AreaView) -> ChapterItems:
    """The table for the plan, and how wrong the same method was in past years."""
    found = read_outlook(view)
    if found is None:
        return collect_items(view.lang)
    return collect_items(view, _tabulate_plan(found), _tabulate_errors(found), source=found.source())


def _tabulate_plan(found: AreaOutlook) -> Table:
    heads = ("stage", "year", "pupils", "band", "seats", "short", "add", "teachers")
    rows = [
        _fill_plan_row(found, s, lead - 1)
        for s in found.told
        for lead in SHOWN
        if lead <= len(found.whole.years)
    ]
    return Table(
        key="seats.plan",
        title=say("seats.title_plan", area=found.name),
        rows=tuple(rows),
        note=say("seats.note_plan"),
        columns=tuple(TableColumn(label=say(f"seats.head_{name}")) for name in heads),
        sources=(found.source(),),
    )


def _fill_plan_row(found: AreaOutlook, s: int, h: int) -> tuple[Text | str, ...]:
    person, seat = found.view.known.units["person"], found.view.known.units["seat"]
    add, chance = found.shortfall.safe[h, s], found.shortfall.chance[h, s]
    stage = found.whole.stages[s]
    needed = (
        count_teachers([found.bands["middle"][h, s]], stage)[0] if stage in PUPILS_PER_TEACHER else math.nan
    )
    return (
        found.stage(s),
        format_year(int(found.whole.years[h])),
        format_without_unit(found.bands["middle"][h, s], person),
        format_band(found, h, s),
        format_seats(found, h, s),
        format_percent(chance, 0),
        format_without_unit(np.ceil(add), seat),
        format_without_unit(np.ceil(needed), person),
    )


def _tabulate_errors(found: AreaOutlook) -> Table:
    """Errors of the same method: the county's own, the prefecture's, and those of plain cohort survival, by lead."""
    tested = found.whole.errors
    own = tested if found.row < 0 else tested[tested["area"] == found.view.area]
    mine, every = (
        {(str(r["stage"]), int(r["lead"])): r for r in summarize_errors(one).to_dict("records")}
        for one in (own, tested)
    )
    rows = []
    for s in found.told:
        for lead in (1, 3, 5):
            key = (found.whole.stages[s], lead)
            if key in every:
                a, b = mine.get(key), every[key]
                rows.append(
                    (
                        found.stage(s),
                        say("forecast.cell_lead", lead=lead),
                        format_count(int(b["n"])),
                        DASH if a is None else format_percent(a["error"]),
                        format_percent(b["error"]),
                        format_percent(b["plain"]),
                        format_percent(b["covered_80"], 0),
                    )
                )
    heads = ("stage", "lead", "tries", "error_own", "error_all", "error_plain", "covered")
    return Table(
        key="seats.errors",
        title=say("seats.title_errors"),
        rows=tuple(rows),
        note=say("seats.note_errors"),
        brief=False,
        columns=tuple(TableColumn(label=say(f"seats.head_{name}")) for name in heads),
        sources=(found.source(),),
    )
