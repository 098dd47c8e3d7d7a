"""How well is the county staffed and funded, beside last year, the prefecture, its peers and the marks?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from edustats.present.brief.area import AreaBrief
from edustats.present.brief.charts import draw_lines, read_line, trace_rows
from edustats.present.brief.facts import Fact, FactBook, compares_above
from edustats.present.brief.phrasing import (
    call_above,
    clauses,
    format_above,
    format_value,
    make_finding,
    name,
    say_above,
    say_amount,
    say_step,
    sentences,
)
from edustats.present.brief.stories import say_condition
from edustats.present.records.items import Figure, Finding, Table, TableColumn
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.words import DASH, Text, concatenate_texts, say

RESOURCE_ROWS = 12


RESOURCES = (
    "ratio_pupils_per_teacher_primary", "ratio_pupils_per_teacher_junior", "ratio_pupils_per_teacher_senior",
    "ratio_children_per_teacher", "share_bachelor_primary", "share_bachelor_junior", "share_college_preschool",
    "mean_pay_teachers", "mean_pay_civil_servants", "share_rotation", "count_budget_education",
    "per_pupil_budget_education", "per_pupil_budget_education_primary", "per_pupil_budget_education_junior",
    "share_budget_education", "share_fiscal_education_gdp", "per_pupil_equipment_primary", "per_pupil_equipment_junior",
    "ratio_pupils_per_teacher", "per_pupil_spending", "per_pupil_revenue", "share_free_lunch", "share_passing_math4",
    "share_passing_math7", "share_graduating", "share_dropping_out", "mean_years_schooling", "share_illiterate_15plus",
    "share_urban",
)  # fmt: skip


def show_resources(brief: AreaBrief) -> ChapterItems:
    """Teachers and money: three sentences, one table of at most twelve rows and one chart."""
    return _show_figures(brief, "resources")


def show_main_figures(brief: AreaBrief) -> ChapterItems:
    """The same for data of another kind, such as a census: nothing where there are teachers or money."""
    return _show_figures(brief, "figures")


def _show_figures(brief: AreaBrief, kind: str) -> ChapterItems:
    book = brief.book
    facts = [f for key in RESOURCES if (f := book.facts.get(key)) is not None][:RESOURCE_ROWS]
    if not facts or _name_kind(facts) != kind:
        return collect_items(brief.view)
    return collect_items(
        brief.view, _describe_resources(book, facts), _tabulate_resources(book, facts), _draw_resources(book)
    )


def _describe_resources(book: FactBook, facts: Sequence[Fact]) -> list[Finding]:
    now = [f for f in facts if f.year == book.year]
    teachers = book.stages("count_teachers", "primary", "junior")
    counted = sentences(*(clauses(say_amount(f), say_step(f)) for f in teachers))
    apart = [f for f in now if f.better and math.isfinite(f.gap) and f.moved(f.gap)]
    behind = sorted((f for f in apart if f.gap * f.better < 0), key=_relative_gap)[-2:]
    ahead = sorted((f for f in apart if f.gap * f.better > 0), key=_relative_gap)[-2:]
    told = [
        clauses(say_amount(f), say_step(f), say_above(book, f))
        for f in [*ahead, *behind]
    ]  # fmt: skip
    split = len(ahead)
    parts = [counted, sentences(*told[:split])]
    if told[split:]:
        parts.append(
            concatenate_texts(say("brief.weaker"), sentences(*told[split:])) if split else sentences(*told)
        )
    return (
        [make_finding(book, "brief.resources", [*teachers, *ahead, *behind], *parts)]
        if any(p.zh for p in parts)
        else []
    )


def _relative_gap(fact: Fact) -> float:
    return abs(fact.gap) / abs(fact.above) if fact.above else 0.0


def _tabulate_resources(book: FactBook, facts: Sequence[Fact]) -> Table:
    county = isinstance(book.view, View)
    yearly = any(fact.yearly for fact in facts)  # figures ten years apart have no year before
    heads = [say("brief.head_figure"), book.view.name, *([say("brief.head_before")] if yearly else [])]
    compared = county and compares_above(book.view)
    likened = county and any(math.isfinite(fact.peers) for fact in facts)
    heads += [call_above(book)] if compared else []
    heads += [say("brief.head_peers")] if likened else []
    marked = any(f.mark is not None for f in facts)
    heads += [say("brief.head_mark")] if marked else []
    rows = []
    for fact in facts:
        label = (
            name(fact)
            if fact.year == book.year
            else say("publish.profile_tile", label=name(fact), year=fact.year)
        )
        row = [label, format_value(fact)]
        row += [format_value(fact, fact.before) if fact.yearly else DASH] if yearly else []
        row += [format_above(book, fact) if fact.indicator.den else DASH] if compared else []
        row += [_beside(fact, fact.peers)] if likened else []
        row += [say_condition(fact, fact.mark.op, fact.mark.value) if fact.mark else DASH] if marked else []
        rows.append(tuple(row))
    return Table(
        key="brief.resources.table", title=say(f"brief.title_{_name_kind(facts)}", area=book.view.name, year=book.year),
        columns=tuple(TableColumn(label=head) for head in heads), rows=tuple(rows),
        sources=trace_rows(book, facts),
    )  # fmt: skip


def _beside(fact: Fact, value: float) -> Text:
    """Another's value; a total of a larger area is no comparison."""
    return format_value(fact, value) if fact.indicator.den else DASH


def _draw_resources(book: FactBook) -> list[Figure]:
    """Teachers' pay beside civil servants', else a ratio beside the area above."""
    pay = ("mean_pay_teachers", "mean_pay_civil_servants")
    lines = [
        line
        for k in pay
        if k in book.facts
        and (line := read_line(book, k, name(book.facts[k]), "", "own" if k == pay[0] else "reference"))
    ]
    if len(lines) == len(pay):
        title = say("brief.title_pay", area=book.view.name)
        return draw_lines(
            book, "brief.pay", title, lines, book.facts[pay[0]].unit, [book.facts[k] for k in pay]
        )
    for key in RESOURCES:
        if key not in book.facts or not book.facts[key].indicator.den:
            continue
        own = read_line(book, key, book.view.name, "", "own")
        above = (
            read_line(book, key, call_above(book), book.view.above, "reference")
            if isinstance(book.view, View) and compares_above(book.view)
            else None
        )
        if own is not None:
            title = say("brief.title_line", area=book.view.name, name=name(book.facts[key]))
            both = [line for line in (own, above) if line is not None]
            return draw_lines(book, "brief.line", title, both, book.facts[key].unit, [book.facts[key]])
    return []


def _name_kind(facts: Sequence[Fact]) -> str:
    """What the table is about: teachers and money, or, for data of another kind, simply its figures."""
    staffed = any("teacher" in fact.key or "budget" in fact.key or "bachelor" in fact.key for fact in facts)
    return "resources" if staffed else "figures"
