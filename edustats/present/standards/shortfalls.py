"""Which schools miss what, and by how much?"""

from __future__ import annotations

from typing import Any

import numpy as np

from edustats.catalogue import Unit
from edustats.metrics.standards.allocation import StageResources
from edustats.metrics.standards.allocation import compute_shortfalls as lacks
from edustats.metrics.standards.judgement import MET, NOT_MET, SchoolVerdicts, StageJudgement
from edustats.present.records.items import Finding, Item, Table, TableColumn
from edustats.present.records.numbers import format_count, format_number, format_without_unit, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.case import (
    GOODS,
    MOST_ROWS,
    QUALITY,
    TOP,
    _format_percent,
    _has_needed_columns,
    _join_names,
    _judge_county,
    _JudgedStandard,
    _make_columns,
    _trace_standard,
    format_goods,
    format_ten_thousands,
    name_stage,
    name_verdict,
    read_local_standard,
)
from edustats.present.view.county import View
from edustats.words import Text, list_texts, say

WHOLE = ("teachers", "rooms")


def show_school_verdicts(view: View) -> ChapterItems:
    """Schools that do not reach the standard, with what they miss."""
    if not _has_needed_columns(view, read_local_standard(view, QUALITY)):
        return collect_items(view.lang)
    judged = _judge_county(view, QUALITY)
    tables = [
        table for found, at in judged.stages() for table in _tabulate_failing_schools(judged, found, at)
    ]
    return collect_items(view, tables, source=_trace_standard(judged))


def _tabulate_failing_schools(judged: _JudgedStandard, found: StageJudgement, at: int) -> list[Table]:
    schools = found.schools
    if schools is None:
        return []
    order = [int(i) for i in np.flatnonzero(found.area == at) if schools.verdict[i] != MET]
    order.sort(key=lambda i: (int(schools.count[i]), judged.school(int(found.rows[i])).zh))
    rows = tuple(_fill_failing_row(judged, found, schools, i) for i in order[:MOST_ROWS])
    if not rows:
        return []
    title = say(
        "standards.title_schools", area=judged.view.name, stage=name_stage(found.stage), year=judged.year
    )
    heads = _make_columns("school", "reached", "missed", "verdict")
    return [Table(key=f"standards.schools.{found.stage}", title=title, columns=heads, rows=rows, brief=False)]


def _fill_failing_row(
    judged: _JudgedStandard, found: StageJudgement, schools: SchoolVerdicts, i: int
) -> tuple[Text | str, ...]:
    missed = [
        _append_amount(
            judged.name(found.items[k]), float(found.values[i, k]), judged.unit(found.items[k], found.stage)
        )
        for k in np.flatnonzero(schools.reached[i] != MET)
    ]
    verdict = {MET: "met", NOT_MET: "not_met"}.get(int(schools.verdict[i]), "unknown")
    return (
        judged.school(int(found.rows[i])),
        format_count(int(schools.count[i])),
        _join_names(missed, 7),
        name_verdict(verdict),
    )


def _append_amount(name: Text, shown: float, unit: Unit) -> Text:
    """A school's value behind its name; the judgement holds it as the form prints it."""
    return say("sentences.bracketed", name=name, value=format_without_unit(shown / unit.times, unit, 2))


def _build_stage_problem(
    judged: _JudgedStandard, found: StageJudgement, at: int
) -> tuple[StageResources, np.ndarray] | None:
    """The schools of a stage whose data are complete, as a planning problem, and their positions."""
    here = np.flatnonzero((found.area == at) & np.isfinite(found.totals).all(axis=1))
    marks = [mark.value for mark in found.marks if mark is not None]
    if not len(here) or len(marks) != len(found.items):
        return None
    problem = StageResources(
        pupils=found.pupils[here], totals=found.totals[here], marks=np.array(marks), limit=found.limit.printed,
        must_reach=judged.standard.must_reach, floor=judged.standard.floor,
    )  # fmt: skip
    return problem, here


def _flag_whole_units(judged: _JudgedStandard, found: StageJudgement) -> np.ndarray:
    return np.array([judged.standard.items[item].goods in WHOLE for item in found.items])


def show_shortfalls(view: View) -> ChapterItems:
    """What each failing school lacks, and which schools carry each coefficient."""
    if not _has_needed_columns(view, read_local_standard(view, QUALITY)):
        return collect_items(view.lang)
    judged = _judge_county(view, QUALITY)
    items: list[Item] = []
    for found, at in judged.stages():
        items += [
            *_describe_shortfalls(judged, found, at),
            *_tabulate_contributing_schools(judged, found, at),
        ]
    return collect_items(view, items, source=_trace_standard(judged))


def _describe_shortfalls(judged: _JudgedStandard, found: StageJudgement, at: int) -> list[Item]:
    made = _build_stage_problem(judged, found, at)
    if made is None:
        return []
    stage, here = made
    lack = lacks(stage, _flag_whole_units(judged, found))
    some = lack.sum(axis=1) > 0
    facts: dict[str, Any] = {"year": judged.year, "area": judged.view.name, "stage": name_stage(found.stage)}
    key = f"standards.lacks.{found.stage}"
    if not some.any():
        return [Finding(key=key, sentence=join_sentence(say("standards.lacks_none", **facts)), verdict="met")]
    goods = list_texts(_say_what_lacks(_total_by_goods(judged, found, lack, "square_metres")))
    said = say("standards.lacks", n=int(some.sum()), goods=goods, **facts)
    return [
        Finding(key=key, sentence=join_sentence(said), verdict="not_met"),
        _tabulate_shortfalls(judged, found, here, lack),
    ]


def _say_what_lacks(totals: dict[str, Text]) -> list[Text]:
    """The sorts of goods of which anything lacks, as it is printed."""
    names = ("teachers", "square_metres", "yuan", "rooms")
    told = [name for name in names if totals[name].zh.strip("0.")]
    return [say(f"standards.lack_{name}", much=totals[name]) for name in told or names]


def _total_by_goods(
    judged: _JudgedStandard, found: StageJudgement, amounts: np.ndarray, area: str
) -> dict[str, Text]:
    """Totals by sort of goods, as a sentence prints them."""
    goods = np.array([judged.standard.items[item].goods for item in found.items])
    totals = {
        sort: float(amounts[:, goods == sort].sum())
        for sort in ("teachers", "square_metres", "yuan", "rooms")
    }
    names = {"teachers": "teachers", "square_metres": area, "rooms": "rooms"}
    told = {name: format_number(totals[sort], 0, GOODS[sort]) for sort, name in names.items()}
    return told | {"yuan": format_ten_thousands(totals["yuan"])}


def _tabulate_shortfalls(
    judged: _JudgedStandard, found: StageJudgement, here: np.ndarray, lack: np.ndarray
) -> Table:
    order = [i for i in np.argsort(-(lack > 0).sum(axis=1), kind="stable") if lack[i].any()]
    rows = [
        (
            judged.school(int(found.rows[here[i]])),
            *(
                format_goods(v, judged.standard.items[item].goods) if v else "—"
                for v, item in zip(lack[i], found.items, strict=True)
            ),
        )
        for i in order[:MOST_ROWS]
    ]
    columns = (
        TableColumn(label=say("standards.head_school")),
        *(TableColumn(label=judged.name(item)) for item in found.items),
    )
    title = say(
        "standards.title_lacks", area=judged.view.name, stage=name_stage(found.stage), year=judged.year
    )
    return Table(
        key=f"standards.lacks.{found.stage}", title=title, columns=columns, rows=tuple(rows), brief=False
    )


def _tabulate_contributing_schools(judged: _JudgedStandard, found: StageJudgement, at: int) -> list[Item]:
    """Per indicator the schools that make up most of the squared coefficient."""
    here = np.flatnonzero(found.area == at)
    rows = []
    for k, item in enumerate(found.items):
        square = found.spread.cv[at, k] ** 2
        if not square > 0:
            continue
        parts = np.nan_to_num(found.spread.parts[here, k]) / square
        for i in np.argsort(-parts, kind="stable")[:TOP]:
            rows.append(
                (judged.name(item), judged.school(int(found.rows[here[i]])), _format_percent(float(parts[i])))
            )
    if not rows:
        return []
    title = say(
        "standards.title_carries", area=judged.view.name, stage=name_stage(found.stage), year=judged.year
    )
    heads = _make_columns("item", "school", "part")
    return [
        Table(
            key=f"standards.carries.{found.stage}", title=title, columns=heads, rows=tuple(rows), brief=False
        )
    ]
