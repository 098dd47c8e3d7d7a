"""How large are the county's schools, stage by stage, and what do the births mean for them?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from edustats.present.brief.area import AreaBrief
from edustats.present.brief.charts import draw_lines, read_line, trace_facts
from edustats.present.brief.facts import Fact, FactBook
from edustats.present.brief.phrasing import (
    clauses,
    derive_number,
    format_size,
    format_value,
    format_whole,
    join_clauses,
    make_finding,
    name,
    say_step,
)
from edustats.present.drawing.lines import Line
from edustats.present.records.items import Cell, Figure, Finding, Number, Table, TableColumn
from edustats.present.records.numbers import with_sign
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.words import (
    DASH,
    LIST,
    NOTHING,
    Text,
    join_texts,
    list_texts,
    read_all_texts,
    say,
)

STAGES = ("preschool", "primary", "junior", "senior", "vocational", "special")


SIZES: Mapping[str, Mapping[str, str]] = {
    "schools": {"preschool": "count_kindergartens"},
    "classes": {},
    "pupils": {"preschool": "count_children"},
    "teachers": {},
    "staff": {},
}
"""Columns of the first table; the indicator's key is ``count_{column}_{stage}`` unless named here."""


YEARS_TO_SCHOOL = 6


def show_size(brief: AreaBrief) -> ChapterItems:
    """Schools, classes, pupils, teachers and staff by stage with the year before; births and entrants in a chart."""
    book = brief.book
    table = _tabulate_sizes(book)
    return collect_items(brief.view, _describe_sizes(book), table, _draw_waves(book))


def _size_fact(book: FactBook, column: str, stage: str) -> Fact | None:
    return book[SIZES[column].get(stage, f"count_{column}_{stage}")]


def _describe_sizes(book: FactBook) -> list[Finding]:
    schools = [(s, f) for s in STAGES if (f := _size_fact(book, "schools", s)) and f.value > 0]
    pupils = [f for s in STAGES if (f := _size_fact(book, "pupils", s))] or book.some(
        "count_pupils", "count_population"
    )
    if not pupils:
        return []
    said = [_say_schools(book, schools), _say_total(book, pupils), _say_seats(book)]
    sizes = book.stages("mean_class_size", "primary", "junior", "senior")
    if sizes:
        parts = [
            say("brief.amount", name=say(f"brief.stage_{f.indicator.stage}"), value=format_value(f))
            for f in sizes
        ]
        moved = [f for f in sizes if f.moved(f.step)]
        step = NOTHING
        if moved:
            most = max(moved, key=lambda f: abs(f.step))
            step = say("brief.amount", name=say(f"brief.stage_{most.indicator.stage}"), value=say_step(most))
        said.append(join_clauses(say("brief.class_sizes", values=join_texts(parts, LIST)), step))
    facts = [f for _, f in schools] + pupils + book.some("count_births", "count_entrants_primary") + sizes
    if not any(part.zh for part in said):
        if all(f.key == "count_population" for f in pupils):
            return []  # no size of schools: page one and its cards have the residents
        said = [
            clauses(say("brief.amount_is", name=name(f), value=format_value(f)), say_step(f)) for f in pupils
        ]
    return [make_finding(book, "brief.size", facts, *said, derived=_derive_sizes(book, pupils))]


def _derive_sizes(book: FactBook, pupils: Sequence[Fact]) -> list[Number]:
    """All pupils, their change, and the births of those who start school: none of them is a figure by itself."""
    total, before = math.fsum(f.value for f in pupils), math.fsum(f.before for f in pupils)
    label = _call_pupils(pupils)
    found = [
        derive_number(book, label, value, pupils) for value in (total, total - before) if math.isfinite(value)
    ]
    if (births := book["count_births"]) is not None:
        rows = book.view.own_rows(book.year - YEARS_TO_SCHOOL)
        unit, source = births.unit, book.view.provenance(births.indicator, rows)
        found += [
            Number(label=name(births), value=value, unit=unit.key, decimals=unit.decimals, source=source)
            for value in _read_cohort(book)
        ]
    return found


def _read_cohort(book: FactBook) -> list[float]:
    """Births of the year whose children start school now; empty where they are not known."""
    series = book.view.series("count_births").dropna(subset="value")
    return [float(v) for v in series.loc[series["year"] == book.year - YEARS_TO_SCHOOL, "value"]]


def _say_schools(book: FactBook, schools: Sequence[tuple[str, Fact]]) -> Text:
    if not schools:
        return NOTHING
    parts = [say(f"brief.school_{stage}", value=format_value(fact)) for stage, fact in schools]
    return say("brief.schools", values=list_texts(parts))


def _say_total(book: FactBook, pupils: Sequence[Fact]) -> Text:
    """All pupils together, where every stage has this year and the last."""
    stages = [fact.indicator.stage for fact in pupils]  # pupils of all stages and people are no two stages
    if len(pupils) < 2 or "all" in stages or any(not f.yearly or not f.whole for f in pupils):
        return NOTHING
    total, before = math.fsum(f.value for f in pupils), math.fsum(f.before for f in pupils)
    unit, step = pupils[0].unit, total - before
    facts = {"who": _call_pupils(pupils), "value": format_whole(total, unit)}
    if not round(step):
        return say("brief.pupils_total", **facts)
    size = format_size(pupils[0], step)
    return say(f"brief.pupils_total_{'up' if step > 0 else 'down'}", size=size, **facts)


def _call_pupils(pupils: Sequence[Fact]) -> Text:
    """What the pupils of these stages together are called; all levels only where kindergartens are among them."""
    stages = {fact.indicator.stage for fact in pupils}
    kind = "compulsory" if stages <= {"primary", "junior"} else "all" if "preschool" in stages else "schools"
    return say(f"brief.pupils_of_{kind}")


def _say_seats(book: FactBook) -> Text:
    """What the births already registered mean for the years to come."""
    births, entrants, cohort = book["count_births"], book["count_entrants_primary"], _read_cohort(book)
    if births is None or entrants is None or not cohort or not births.value:
        return NOTHING
    then = cohort[0]
    if abs(births.value / then - 1) < 0.1:
        return NOTHING
    way = "fewer" if births.value < then else "more"
    return say(
        f"brief.cohort_{way}", year=book.year, born_year=book.year - YEARS_TO_SCHOOL, due=book.year + YEARS_TO_SCHOOL,
        then=format_whole(then, births.unit), now=format_value(births), entrants=format_value(entrants),
    )  # fmt: skip


def _tabulate_sizes(book: FactBook) -> list[Table]:
    columns = [c for c in SIZES if any(_size_fact(book, c, s) for s in STAGES)]
    stages = [s for s in STAGES if _size_fact(book, "pupils", s) is not None]
    if not stages:
        return []
    facts = [fact for c in columns for s in stages if (fact := _size_fact(book, c, s)) is not None]
    stepped = any(fact.yearly for fact in facts)
    heads = [TableColumn(label=say("brief.head_stage"))]
    for column in columns:
        heads += [TableColumn(label=say(f"brief.head_{column}"))]
        heads += [TableColumn(label=say("brief.head_step"))] if stepped else []
    rows, used = [], []
    for stage in stages:
        row: list[Cell | Text] = [say(f"brief.stage_{stage}")]
        for column in columns:
            fact = _size_fact(book, column, stage)
            row += [DASH if fact is None else _bare(fact, fact.value)]
            row += [DASH if fact is None else _bare_step(fact)] if stepped else []
            used += [fact] if fact is not None else []
        rows.append(tuple(row))
    title = say("brief.title_sizes", area=book.view.name, year=book.year)
    return [
        Table(
            key="brief.sizes",
            title=title,
            columns=tuple(heads),
            rows=tuple(rows),
            sources=trace_facts(book, used),
        )
    ]


def _bare(fact: Fact, value: float, kind: str = "level") -> Text:
    """A count without its unit, which stands in the head."""
    shown = format_whole(value, fact.unit, kind)
    bare = f"{value:.0f}"
    return replace(shown, zh=bare, en=f"{value:,.0f}") if shown != DASH else DASH


def _bare_step(fact: Fact) -> Text:
    if not fact.yearly:
        return DASH
    size = _bare(fact, abs(fact.step), "difference")
    return with_sign(size, "+" if fact.step > 0 else "−") if round(fact.step) else size


WAVES = ("count_births", "count_entrants_preschool", "count_entrants_primary", "count_entrants_junior")
TOTALS = ("count_pupils", "count_population", "count_children", "count_pupils_primary", "count_pupils_junior")


def _draw_waves(book: FactBook) -> list[Figure]:
    """Births and entrants of each stage over the years, one wave behind the other; else the pupils there are."""
    waves = _read_lines(book, WAVES)
    if len(waves) > 1:
        return _draw_counts(book, say("brief.title_waves", area=book.view.name), waves)
    totals = _read_lines(book, TOTALS)
    totals = {key: line for key, line in totals.items() if line.same_scale(next(iter(totals.values())))}
    names = join_texts([name(book.facts[key]) for key in totals], LIST)
    return _draw_counts(book, say("brief.title_line", area=book.view.name, name=names), totals)


def _read_lines(book: FactBook, keys: Sequence[str]) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for key in keys:
        if key in book.facts:
            address = f"brief.wave_{key}"
            label = say(address) if address in read_all_texts() else name(book.facts[key])
            line = read_line(book, key, label)
            found |= {key: line} if line is not None else {}
    return found


def _draw_counts(book: FactBook, title: Text, lines: Mapping[str, Line]) -> list[Figure]:
    facts = [book.facts[key] for key in lines]
    return draw_lines(
        book, "brief.waves", title, list(lines.values()), facts[0].unit if facts else None, facts
    )
