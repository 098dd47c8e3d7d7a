"""Is the standard met, which targets are off course, and who owes what until when?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from edustats.metrics.standards.targets import TargetJudgement
from edustats.present.brief.area import AreaBrief
from edustats.present.brief.balance import name_item, tabulate_coefficients, tabulate_neediest
from edustats.present.brief.charts import trace_rows
from edustats.present.brief.facts import Fact, FactBook
from edustats.present.brief.phrasing import (
    clauses,
    derive_number,
    format_size,
    format_value,
    make_finding,
    name,
)
from edustats.present.brief.stories import say_condition
from edustats.present.records.items import Finding, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_count, format_difference, format_year, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.case import _trace_standard
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.present.view.prefecture import PrefectureView
from edustats.words import DASH, LIST, NOTHING, Text, concatenate_texts, join_texts, list_texts, say


def show_balance(brief: AreaBrief) -> ChapterItems:
    """The verdict in a sentence, the coefficients with their limits, and the schools that need most."""
    balance = brief.balance
    if balance is None or balance.judged is None or not balance.verdicts:
        return collect_items(brief.view)
    missed = [
        name_item(balance.judged, key) for key, verdict in balance.verdicts.items() if verdict == "not_met"
    ]
    key = "balance_missed" if missed else "balance_none_missed"
    said = say(
        f"brief.{key}", year=balance.judged.year, area=brief.view.name, n=format_count(len(balance.verdicts)),
        met=format_count(balance.met), missed=format_count(balance.missed), open=format_count(balance.open),
        names=join_texts(missed, LIST),
    )  # fmt: skip
    verdict = "not_met" if missed or balance.schools_missing else "cannot_tell" if balance.open else "met"
    finding = Finding(
        key="brief.balance", sentence=join_sentence(said), verdict=verdict,
        note=say("sentences.note", parts=balance.judged.standard.source),
    )  # fmt: skip
    source = _trace_standard(balance.judged)
    return collect_items(
        brief.view, finding, tabulate_coefficients(balance), tabulate_neediest(balance), source=source
    )


JudgedFact = tuple[Fact, TargetJudgement]
ON_COURSE = ("met", "on_course")


OFF_COURSE = ("overdue", "not_met", "off_course")


def show_duties(brief: AreaBrief) -> ChapterItems:
    """Targets in three lights, what is owed by whom until when, and on what all of this rests."""
    book = brief.book
    judged = [(fact, fact.target) for fact in book if fact.target is not None]
    return collect_items(
        brief.view, _describe_targets(book, judged), _tabulate_duties(brief, judged), _describe_scope(brief)
    )


def _describe_targets(book: FactBook, judged: Sequence[JudgedFact]) -> list[Finding]:
    if not judged:
        return []
    good = [fact for fact, found in judged if found.verdict in ON_COURSE]
    counts = {
        "good": len(good),
        "late": sum(found.verdict in OFF_COURSE for _, found in judged),
        "open": sum(found.verdict == "cannot_tell" for _, found in judged),
    }
    told = [say(f"brief.targets_{kind}", n=format_count(n)) for kind, n in counts.items() if n]
    parts = [clauses(say("brief.targets_all", area=book.view.name, n=format_count(len(judged))), *told)]
    if good:
        parts.append(say("brief.targets_named", names=list_texts([_say_target(f) for f in good])))
    facts = [fact for fact, _ in judged]
    counted = [
        replace(derive_number(book, say("trace.kind_count"), float(n), facts), unit="")
        for n in (len(judged), *counts.values())
    ]
    return [make_finding(book, "brief.targets", facts, *parts, derived=counted)]


def _say_target(fact: Fact) -> Text:
    return say("brief.target_good", name=name(fact), value=format_value(fact))


def _tabulate_duties(brief: AreaBrief, judged: Sequence[JudgedFact]) -> list[Table]:
    """One row for each target that is missed or unsure, then the standard's items, then the data to be looked at."""
    rows: list[tuple[Text, ...]] = []
    grave = [*OFF_COURSE, "cannot_tell"]
    order = sorted(
        (pair for pair in judged if pair[1].verdict in grave),
        key=lambda p: (grave.index(p[1].verdict), p[0].key),
    )
    rows += [
        (name(f), _now(f, j), _wanted(f, j), _needed(f, j), _precedent(brief, j), NOTHING, NOTHING)
        for f, j in order
    ]
    rows += _list_missed_items(brief)
    if not rows:
        return []
    heads = ("duty", "now", "wanted", "needed", "precedent", "who", "until")
    return [Table(
        key="brief.duties", title=say("brief.title_duties"), rows=tuple(rows), note=say("brief.note_duties"),
        columns=tuple(TableColumn(label=say(f"brief.head_{head}")) for head in heads),
        sources=_trace_rows(brief, [fact for fact, _ in order], len(rows)),
    )]  # fmt: skip


def _trace_rows(brief: AreaBrief, facts: Sequence[Fact], rows: int) -> tuple[Provenance, ...]:
    """A source a row: the target's figure, or the standard where an item of it is missed."""
    judged = brief.balance.judged if brief.balance else None
    standard = (_trace_standard(judged),) if judged else ()
    return (*trace_rows(brief.book, facts), *standard * (rows - len(facts)))


def _list_missed_items(brief: AreaBrief) -> list[tuple[Text, ...]]:
    """The standard's items that are not met, each with how many schools or classes stand in the way."""
    balance = brief.balance
    if balance is None or balance.judged is None:
        return []
    blank = (NOTHING, NOTHING, NOTHING, NOTHING)
    rows: list[tuple[Text, ...]] = []
    for key, verdict in balance.verdicts.items():
        if verdict == "not_met":
            offenders = {code for one in balance.judged.found if one.item == key for code in one.offenders}
            now = (
                say("brief.schools_short", n=format_count(len(offenders)))
                if offenders
                else say("brief.not_met")
            )
            rows.append(
                (
                    name_item(balance.judged, key),
                    concatenate_texts(say("brief.light_red"), now),
                    say("brief.by_standard"),
                    *blank,
                )
            )
    return rows


def _now(fact: Fact, found: TargetJudgement) -> Text:
    lights = {"cannot_tell": "amber"}
    return concatenate_texts(say(f"brief.light_{lights.get(found.verdict, 'red')}"), format_value(fact))


def _wanted(fact: Fact, found: TargetJudgement) -> Text:
    plan = found.target
    return say(
        "targets.cell_target",
        due=format_year(plan.year),
        condition=say_condition(fact, plan.operator, plan.value),
    )


def _needed(fact: Fact, found: TargetJudgement) -> Text:
    if math.isfinite(found.needed):
        places = fact.unit.decimals + 1 if fact.unit.decimals else 0
        size = format_difference(found.needed, fact.unit, places, kind="slope")
        return say("brief.needed_a_year", sign="+" if found.needed > 0 else "−", size=size)
    return say("brief.overdue_by", size=format_size(fact, found.target.value - fact.value))


def _precedent(brief: AreaBrief, found: TargetJudgement) -> Text:
    precedent = found.precedent
    if precedent is None:
        return DASH
    return (
        say("brief.precedent_yes", who=brief.view.store.name(found.fastest_area))
        if precedent
        else say("brief.precedent_no")
    )


def _is_by_schools(view: AreaView) -> bool:
    """Whether schools reported, and not their county in one row."""
    if isinstance(view, PrefectureView):
        return all(view.county(code).has_units for code in view.counties)
    return view.has_units


NAMED = 4


def _name_ratios(brief: AreaBrief) -> str:
    """How the ratios of a brief were made: from schools, from counties, or stated by the source."""
    view = brief.view
    areas = (view.area, *(view.counties if isinstance(view, PrefectureView) else ()))
    held = {key for area in areas for key in view.comparison.held_indicators(area)}
    stated = [not one.has_base for key in held if (one := view.known.indicator(key)).den]
    if any(stated):
        return "_stated" if all(stated) else "_some_stated"
    return "" if _is_by_schools(brief.view) else "_counties"


def _describe_scope(brief: AreaBrief) -> list[Finding]:
    """Three lines: which data and year, what was left out, what rests on how many doubtful values."""
    view, year = brief.view, brief.book.year
    besides = [
        say(f"brief.scope_{kind}")
        for kind, key in (("births", "count_births"), ("money", "count_budget_education")) if brief.book[key]
    ]  # fmt: skip
    facts = {"cite": Text(**view.store.about["cite"]), "year": year, "next_year": year + 1}
    lines = [say("brief.scope_data", besides=join_texts(besides, Text("和", " and ")), **facts) if besides
             else say("brief.scope_plain", **facts)]  # fmt: skip
    partial = [f for f in brief.book if f.year == year and not f.whole]
    names = join_texts([f.indicator.name for f in partial[:NAMED]], Text("、", "; "))
    if partial:
        every = "_all" if len(partial) <= NAMED else ""
        every += "" if _is_by_schools(view) else "_counties"
        lines.append(say(f"brief.scope_partial{every}", n=format_count(len(partial)), names=names))
    elif _is_by_schools(view) and any(f.key.startswith("count_schools") for f in brief.book):
        lines.append(say("brief.scope_whole"))
    if isinstance(view, View) and len(view.data.findings):
        held = view.data.findings
        count = int(held["year"].astype(int).between(view.first_year, view.last_year).sum())
        if count:
            lines.append(say("brief.scope_doubts", n=format_count(count)))
    lines.append(say(f"brief.scope_words{_name_ratios(brief)}"))
    return [
        Finding(key=f"brief.scope.{k}", sentence=join_sentence(line)) for k, line in enumerate(lines[:4], 1)
    ]
