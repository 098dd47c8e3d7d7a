"""Who teaches: qualification, backbone teachers, ranks, women, class loads; and who recruits them?"""

from __future__ import annotations

import math

from edustats.present.drawing.lines import Line
from edustats.present.drawing.year_lines import build_year_figure
from edustats.present.records.items import Figure as Picture
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import (
    choose_decimals,
    format_amount,
    format_count,
    format_difference,
    format_number,
    format_percent,
    join_sentence,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.teachers.case import Figure, TeacherCase, make_finding, open_case
from edustats.present.view.county import View
from edustats.present.view.coverage import find_open_years
from edustats.words import LIST, NOTHING, Text, join_texts, say

STRUCTURE = (
    "share_bachelor", "per_hundred_above_required", "per_hundred_backbone", "per_hundred_pe_arts",
    "share_teachers_senior_rank", "share_teachers_mid_rank", "share_teachers_under_35", "share_teachers_over_50",
    "share_teachers_female", "ratio_pupils_per_teacher",
)  # fmt: skip
SAID = ("share_bachelor", "per_hundred_backbone", "share_teachers_female", "share_teachers_over_50")
STAGES = ("primary", "junior")
SOURCES = ("graduates", "state_funded", "special_post", "transferred", "talent")
CLAUSE = Text("；", "; ")


def show_teacher_chart(view: View) -> ChapterItems:
    """Teachers who will have retired in the coming years where ages are known, else teachers by stage so far."""
    from edustats.present.teachers.retirement import draw_wave

    case = open_case(view)
    if case is None:
        nothing = Finding(
            key="teachers.none", sentence=join_sentence(say("teachers.no_teachers", area=view.name))
        )
        return collect_items(view, nothing)
    return collect_items(view, draw_wave(case) or _draw_counts(case))


def _draw_counts(case: TeacherCase) -> list[Picture]:
    view, unit = case.view, case.view.known.units["person"]
    lines: list[Line] = []
    for stage in STAGES:
        key = f"count_teachers_{stage}"
        series = view.series(key).dropna(subset="value") if key in case.held else None
        if series is not None and len(series):
            values, years = tuple(map(float, series["value"])), tuple(map(int, series["year"]))
            label, role = say(f"teachers.line_{stage}"), "" if lines else "own"
            lines.append(Line(label, years, values, role, find_open_years(series)))
    sources = tuple(case.source(f"count_teachers_{s}", *case.years) for s in STAGES)
    title = say("teachers.title_counts", area=view.name)
    return build_year_figure("teachers.counts", title, lines, unit, view.lang, sources)


def show_teacher_structure(view: View) -> ChapterItems:
    """Qualification, backbone, ranks, ages, women and loads: sentences for what moved, a table for all."""
    case = open_case(view)
    if case is None:
        return collect_items(view)
    found = [f for stem in SAID if (f := _tell(case, stem)) is not None]
    return collect_items(view, found, _tell_loads(case), _tabulate(case))


def _tell(case: TeacherCase, stem: str) -> Finding | None:
    """One characteristic in both stages, with its change and the area above."""
    figures = [f for s in STAGES if (f := case.figure(f"{stem}_{s}")) is not None]
    if not figures:
        return None
    parts = [_describe(case, figure) for figure in figures]
    said = say("teachers.told", year=figures[0].year, parts=join_texts(parts, CLAUSE))
    return make_finding(case, stem, said, figures[0].key)


def _describe(case: TeacherCase, figure: Figure) -> Text:
    unit, indicator = case.view.known.unit_of(figure.key), case.view.known.indicator(figure.key)
    places = choose_decimals(unit, figure.value)
    step = figure.value - figure.before
    moved = math.isfinite(step) and abs(step * unit.times) >= 0.5 * 10**-places
    way = "up" if step > 0 else "down"
    change = say(f"teachers.{way}", size=format_difference(step, unit, places)) if moved else NOTHING
    beside = (
        say("teachers.above", above=case.view.above_name, value=format_amount(figure.above, unit, places))
        if math.isfinite(figure.above) else NOTHING
    )  # fmt: skip
    value = format_amount(figure.value, unit, places)
    return say("teachers.figure", name=indicator.name, value=value, change=change, above=beside)


def _tell_loads(case: TeacherCase) -> list[Finding]:
    parts = []
    for stage in STAGES:
        lessons, each = case.record.loads(stage, case.year)
        if math.isfinite(lessons):
            facts = {
                "lessons": format_number(lessons, 1, "lessons_per_week"),
                "each": format_number(each, 2, "teachers_per_class"),
            }
            parts.append(say("teachers.load", stage=say(f"teachers.stage_{stage}"), **facts))
    if not parts:
        return []
    said = say("teachers.loads", year=case.year, parts=join_texts(parts, CLAUSE))
    source = case.trace_columns(
        [f"{stem}_{stage}" for stem in ("classes", "teachers") for stage in STAGES],
        formula="classes, teachers",
    )
    return [make_finding(case, "loads", said, source, note=say("teachers.note_loads"))]


def _tabulate(case: TeacherCase) -> list[Table]:
    figures = [f for stem in STRUCTURE for s in STAGES if (f := case.figure(f"{stem}_{s}")) is not None]
    if not figures:
        return []
    rows: list[tuple[Text | str, ...]] = []
    for figure in figures:
        unit, indicator = case.view.known.unit_of(figure.key), case.view.known.indicator(figure.key)
        cells = [format_amount(v, unit) for v in (figure.value, figure.before, figure.above)]
        rows.append((indicator.name, str(figure.year), *cells))
    heads = (say("sentences.head_indicator"), say("sentences.head_year"), case.view.name, say("teachers.head_before"),
             case.view.above_name)  # fmt: skip
    return [Table(
        key="teachers.structure", title=say("teachers.title_structure", area=case.view.name), rows=tuple(rows),
        columns=tuple(TableColumn(label=head) for head in heads), brief=False,
        sources=tuple(case.compared_source(f.key, f.year - 1, f.year) for f in figures),
    )]  # fmt: skip


def show_recruitment(view: View) -> ChapterItems:
    """Teachers recruited in the last year that tells them, by source."""
    case = open_case(view)
    year = case.last_of("teachers_recruited") if case else 0
    if case is None or not year:
        return collect_items(view)
    total = case.record.own("teachers_recruited", year)
    held = {s: v for s in SOURCES if math.isfinite(v := case.record.own(f"recruited_{s}", year))}
    over = sum(held.values()) > total
    parts = [
        say("teachers.source", name=say(f"teachers.source_{s}"), n=format_count(int(v)),
            share=format_percent(v / total, 1))
        for s, v in held.items() if v and total > 0 and not over
    ]  # fmt: skip
    facts = {"year": year, "area": view.name, "n": format_count(int(total))}
    if over:
        said = say("teachers.recruited_over", **facts, sum=format_count(int(sum(held.values()))))
        return collect_items(
            view, make_finding(case, "recruited", said, "count_teachers_recruited", "cannot_tell")
        )
    said = say(f"teachers.recruited{'_by' if parts else ''}", **facts, parts=join_texts(parts, LIST))
    return collect_items(view, make_finding(case, "recruited", said, "count_teachers_recruited"))
