"""When does a third of the teachers retire, and how sure is that?"""

from __future__ import annotations

import math

from edustats.analysis.teachers import BANDS
from edustats.metrics.teachers.retirement import OLDEST, RetirementWave
from edustats.present.drawing.lines import Line
from edustats.present.drawing.year_lines import build_year_figure
from edustats.present.records.items import Figure, Finding, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_count, format_number, format_percent, format_year
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.teachers.case import TeacherCase, make_finding, open_case
from edustats.present.view.county import View
from edustats.words import DASH, Text, concatenate_texts, say

SOON = 5
THIRD = 1 / 3


def draw_wave(case: TeacherCase) -> list[Figure]:
    """Persons retired since the count: expected, at least, at most; nothing without ages."""
    found = find_wave(case)
    if found is None:
        return []
    year, wave = found
    lines = [
        Line(say(f"teachers.line_{name}"), wave.years, tuple(float(v) for v in values), role)
        for name, values, role in (("expected", wave.total, "own"), ("least", wave.lower, "reference"),
                                   ("most", wave.upper, "reference"))
    ]  # fmt: skip
    view = case.view
    title = say("teachers.title_wave", area=view.name, year=year)
    return build_year_figure(
        "teachers.wave", title, lines, view.known.units["person"], view.lang, (trace_ages(case, year),),
        say("teachers.note_wave"),
    )  # fmt: skip


def trace_ages(case: TeacherCase, year: int) -> Provenance:
    """The columns of ages, of everybody and of the women."""
    columns = [f"{whose}_age_{key}" for whose in ("teachers", "women") for key in BANDS]
    return case.trace_columns(columns, year, "teachers_age_*, women_age_*")


def find_wave(case: TeacherCase) -> tuple[int, RetirementWave] | None:
    """The wave from the last year with an age structure by sex."""
    for year in reversed(case.years):
        wave = case.record.wave(year)
        if wave is not None:
            return year, wave
    return None


def show_retirement(view: View) -> ChapterItems:
    """How many retire within five years, in which year a third is gone, and how far ages in bands leave that open."""
    case = open_case(view)
    if case is None:
        return collect_items(view)
    found = find_wave(case)
    if found is None:
        return collect_items(view, _say_why_not(case))
    year, wave = found
    return collect_items(
        view,
        _tell(case, year, wave),
        _tell_too_old(case, year, wave),
        _tabulate_ages(case, year),
        _tabulate(case, year, wave),
    )


def _say_why_not(case: TeacherCase) -> list[Finding]:
    """Ages that are told without the sexes cannot be projected; without any ages nothing is said."""
    if not case.last_of("teachers_age_50_54"):
        return []
    said = say("teachers.no_sexes", area=case.view.name)
    return [make_finding(case, "retirement", said, trace_ages(case, case.year), "cannot_tell")]


def _tell(case: TeacherCase, year: int, wave: RetirementWave) -> Finding:
    at = SOON - 1
    said = say(
        "teachers.wave", year=year, area=case.view.name, n=format_count(round(wave.teachers)), last_year=wave.years[at],
        gone=format_number(float(wave.total[at]), 0, "person"), low=format_count(math.floor(wave.lower[at])),
        high=format_count(math.ceil(wave.upper[at])), share=format_percent(wave.total[at] / wave.teachers, 1),
    )  # fmt: skip
    note = say("teachers.note_wave")
    return make_finding(
        case, "retirement", concatenate_texts(said, _tell_third(wave)), trace_ages(case, year), note=note
    )


def _tell_third(wave: RetirementWave) -> Text:
    first, middle, last = wave.year_of_share(THIRD)
    if not first:
        return say("teachers.third_later", last_year=wave.years[-1])
    if not middle:
        return say("teachers.third_open", first_year=first, last_year=wave.years[-1])
    if not last:
        return say("teachers.third_from", first_year=first, year=middle)
    return say(
        "teachers.third" if first < last else "teachers.third_sure",
        first_year=first,
        year=middle,
        last_year=last,
    )


def _tell_too_old(case: TeacherCase, year: int, wave: RetirementWave) -> list[Finding]:
    if not wave.too_old:
        return []
    said = say("teachers.too_old", year=year, area=case.view.name, n=format_count(round(wave.too_old)))
    return [make_finding(case, "too_old", said, trace_ages(case, year), "cannot_tell")]


def _tabulate_ages(case: TeacherCase, year: int) -> Table:
    """The age structure: teachers, their share, and the women's share of every band."""
    ages = case.record.ages(year)
    men, women = ({b: n for b, n in ages[sex].items() if b[0] <= OLDEST} for sex in ("men", "women"))
    everyone = sum(men.values()) + sum(women.values())
    rows = tuple(
        (say("teachers.band", low=str(band[0]), high=str(band[1])), round(men[band] + women[band]),
         format_percent((men[band] + women[band]) / everyone, 1),
         format_percent(women[band] / (men[band] + women[band]), 1) if men[band] + women[band] else DASH)
        for band in sorted(men)
    )  # fmt: skip
    heads = (("band", None), ("teachers", 0), ("share_of_all", None), ("share_of_women", None))
    columns = tuple(
        TableColumn(label=say(f"teachers.head_{head}"), decimals=places, unit="person")
        for head, places in heads
    )
    title = say("teachers.title_ages", area=case.view.name, year=year)
    return Table(key="teachers.ages", title=title, columns=columns, rows=rows, brief=False,
                 sources=(trace_ages(case, year),))  # fmt: skip


def _tabulate(case: TeacherCase, year: int, wave: RetirementWave) -> Table:
    heads = ("year", "retiring", "gone", "low", "high", "share")
    rows = tuple(
        (format_year(ahead), float(wave.expected[k]), float(wave.total[k]), math.floor(wave.lower[k]),
         math.ceil(wave.upper[k]), format_percent(float(wave.total[k]) / wave.teachers, 1))
        for k, ahead in enumerate(wave.years)
    )  # fmt: skip
    columns = tuple(
        TableColumn(
            label=say(f"teachers.head_{h}"), decimals=0 if h not in ("year", "share") else None, unit="person"
        )
        for h in heads
    )
    return Table(
        key="teachers.wave.years", title=say("teachers.title_wave", area=case.view.name, year=year), columns=columns,
        rows=rows, note=say("teachers.note_wave"), brief=False, sources=(trace_ages(case, year),),
    )  # fmt: skip
