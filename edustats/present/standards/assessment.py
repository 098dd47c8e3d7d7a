"""Does the county meet the national standards, how sure is that, and what would it take?

Every verb takes a view and returns a sheet. Where the data lack the columns a standard needs, the first verb
says so in one sentence and the others have nothing to show.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from edustats.catalogue.standards import Standard, find_school_year_start
from edustats.metrics.standards.items import OPEN, ItemVerdict, combine_stage_verdicts, judge_overall
from edustats.metrics.standards.judgement import (
    MET,
    NOT_MET,
    UNKNOWN,
    StageJudgement,
    judge_standard,
)
from edustats.present.records.items import Finding, Item, Number, Table
from edustats.present.records.numbers import (
    format_count,
    format_number,
    format_year,
    join_sentence,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.case import (
    BASIC,
    MOST_ROWS,
    PRESCHOOL,
    QUALITY,
    _append_coefficient,
    _format_percent,
    _has_needed_columns,
    _join_names,
    _judge_county,
    _JudgedStandard,
    _make_columns,
    _make_provenance,
    _report_missing_columns,
    _trace_standard,
    _write_standard_note,
    format_item_value,
    format_mark,
    format_threshold,
    name_stage,
    name_verdict,
    read_local_standard,
)
from edustats.present.view.county import View
from edustats.words import DASH, NOTHING, Text, say

# --- what the county's data allow ---------------------------------------------------------------------------


# --- where the county stands --------------------------------------------------------------------------------


def show_assessment(
    view: View, documents: Mapping[str, bool] | None = None, concessions: Sequence[str] = ()
) -> ChapterItems:
    """Whether the county meets quality balance, basic balance and universal preschool, item by item.

    Parameters
    ----------
    view : one county
    documents : what the papers show: item → met; an item without an entry stays open
    concessions : keys of the 2019 concessions to apply; off by default
    """
    which = read_local_standard(view, QUALITY)
    if not _has_needed_columns(view, which):
        return collect_items(view, _report_missing_columns(view, which))
    judged = _judge_county(view, QUALITY, documents, concessions=concessions)
    items: list[Item] = [
        _summarize_standard(judged),
        *_describe_stages(judged),
        *_report_absent_stages(judged),
    ]
    items += [
        *_describe_basic_balance(view),
        *_describe_preschool(view, documents),
        _tabulate_items(judged),
        *_tabulate_years(view),
    ]
    return collect_items(view, items, _tabulate_refused_schools(judged), source=_trace_standard(judged))


def _summarize_standard(judged: _JudgedStandard) -> Finding:
    joint = {
        key: verdict for key, verdict in combine_stage_verdicts(judged.found).items() if key not in ("cv",)
    }
    asked = {
        key: verdict
        for key, verdict in joint.items()
        if judged.standard.items[key].part not in ("preconditions", "vetoes")
    }
    missed = [judged.name(key) for key, verdict in asked.items() if verdict == "not_met"]
    rule = _has_failing_school(judged)
    open_ = sum(verdict in OPEN for verdict in asked.values())
    met = sum(verdict in ("met", "basic") for verdict in asked.values())
    verdict = "not_met" if missed or rule else judge_overall(judged.found)
    said = say(
        f"standards.overall_{verdict}", year=judged.year, area=judged.view.name, standard=judged.standard.name,
        n=len(asked), met=met, missed=len(missed), open=open_, which=_join_names(missed, 4) or "—",
    )  # fmt: skip
    parts = [said, say("standards.overall_rule")] if rule else [said]
    chip = {"not_met": "not_met", "open": "cannot_tell", "met": "met"}[verdict]
    return Finding(
        key=f"standards.{judged.standard.key}",
        sentence=join_sentence(*parts),
        verdict=chip,
        note=_write_standard_note(judged),
    )


def _has_failing_school(judged: _JudgedStandard) -> bool:
    return any(
        found.schools is not None and (found.schools.verdict[found.area == at] == NOT_MET).any()
        for found, at in judged.stages()
    )


def _describe_stages(judged: _JudgedStandard) -> list[Finding]:
    return [_describe_stage(judged, found, at) for found, at in judged.stages()]


def _describe_stage(judged: _JudgedStandard, found: StageJudgement, at: int) -> Finding:
    here = found.area == at
    verdicts = found.schools.verdict[here] if found.schools else np.empty(0, np.int8)
    told, met = int((verdicts != UNKNOWN).sum()), int((verdicts == MET).sum())
    facts: dict[str, Any] = {
        "year": judged.year, "area": judged.view.name, "stage": name_stage(found.stage), "n": told, "met": met,
        "share": _format_percent(met / told) if told else "—",
    }  # fmt: skip
    parts = [say("standards.schools", **facts)]
    if unknown := len(verdicts) - told:
        parts.append(say("standards.schools_unknown", n=unknown))
    parts.append(_describe_spread(judged, found, at))
    if changed := _count_rounding_changes(found, at):
        parts.append(say("standards.unrounded", n=changed))
    good = told and met == told and (found.spread_verdict[at] == MET).all()
    return Finding(
        key=f"standards.{judged.standard.key}.{found.stage}",
        sentence=join_sentence(*parts),
        verdict="met" if good else "not_met",
        numbers=_list_stage_numbers(judged, found, at, met, told),
        note=_write_standard_note(judged),
    )


def _describe_spread(judged: _JudgedStandard, found: StageJudgement, at: int) -> Text:
    limit = format_number(found.limit.printed, 2, "coefficient")
    over = [k for k in range(len(found.items)) if found.spread_verdict[at, k] == NOT_MET]
    if (found.spread_verdict[at] == UNKNOWN).all():
        return say("standards.spread_one")
    if not over:
        return say("standards.spread_all", limit=limit)
    which = [_append_coefficient(judged.name(found.items[k]), found.spread.cv[at, k]) for k in over]
    return say("standards.spread_some", limit=limit, n=len(over), which=_join_names(which, 7))


def _count_rounding_changes(found: StageJudgement, at: int) -> int:
    """Verdicts on schools and coefficients that rounding decides."""
    changed = int((found.spread_verdict[at] != found.spread_unrounded[at]).sum())
    if found.schools is not None and found.unrounded is not None:
        here = found.area == at
        changed += int((found.schools.verdict[here] != found.unrounded.verdict[here]).sum())
    return changed


def _list_stage_numbers(
    judged: _JudgedStandard, found: StageJudgement, at: int, met: int, told: int
) -> tuple[Number, ...]:
    source = _make_provenance(
        judged.view,
        judged.rows(found.stage, told),
        "met / judged",
        judged.standard.source,
    )
    label = say("standards.head_share")
    numbers = [Number(label=label, value=met / told, unit="share", decimals=1, source=source)] if told else []
    for k, item in enumerate(found.items):
        cv = float(found.spread.cv[at, k])
        if math.isfinite(cv):
            key = judged.standard.items[item].indicators[found.stage]
            own = judged.view.provenance(judged.view.known.indicator(key), judged.rows())
            named = say("standards.cv_of", item=judged.name(item))
            numbers.append(Number(label=named, value=cv, unit="coefficient", decimals=3, source=own))
    return tuple(numbers)


def _report_absent_stages(judged: _JudgedStandard) -> list[Finding]:
    """Stages without the columns, or without a school: one sentence each."""
    shown = {found.stage for found, _ in judged.stages()}
    made = []
    for stage in judged.standard.stages:
        if stage not in shown:
            said = say(
                "standards.no_schools", year=judged.year, area=judged.view.name, stage=name_stage(stage),
                standard=judged.standard.name,
            )  # fmt: skip
            made.append(
                Finding(key=f"standards.absent.{stage}", sentence=join_sentence(said), verdict="cannot_tell")
            )
    return made


def _describe_basic_balance(view: View) -> list[Finding]:
    if not _has_needed_columns(view, read_local_standard(view, BASIC)):
        return []
    judged = _judge_county(view, BASIC)
    return [
        _describe_composite(judged, found, at)
        for found, at in judged.stages()
        if math.isfinite(found.composite[at])
    ]


def _describe_composite(judged: _JudgedStandard, found: StageJudgement, at: int) -> Finding:
    value = float(found.composite[at])
    said = say(
        "standards.composite", year=judged.year, area=judged.view.name, stage=name_stage(found.stage),
        value=format_number(value, 3, "coefficient"), limit=format_number(found.limit.printed, 2, "coefficient"),
    )  # fmt: skip
    source = _make_provenance(
        judged.view, judged.rows(found.stage), "mean of 8 coefficients", found.limit.clause
    )
    label = say("standards.head_cv")
    return Finding(
        key=f"standards.{BASIC}.{found.stage}", sentence=join_sentence(said),
        verdict="met" if found.composite_verdict[at] == MET else "not_met",
        numbers=(Number(label=label, value=value, unit="coefficient", decimals=3, source=source),),
        note=_write_standard_note(judged, say("standards.note_basic")),
    )  # fmt: skip


def _describe_preschool(view: View, documents: Mapping[str, bool] | None) -> list[Finding]:
    judged = _judge_county(view, PRESCHOOL, documents)
    count = Counter(combine_stage_verdicts(judged.found).values())
    met, missed = count["met"] + count["basic"], count["not_met"]
    if not met and not missed:
        return []
    said = say(
        "standards.preschool_level", year=judged.year, area=view.name, judged=met + missed, met=met, missed=missed,
        open=36 - met - missed,
    )  # fmt: skip
    lent = Number(label=NOTHING, value=math.nan, unit="", decimals=0, source=_trace_standard(judged))
    return [Finding(
        key=f"standards.{PRESCHOOL}", sentence=join_sentence(said), verdict="not_met" if missed else "cannot_tell",
        numbers=(lent,),
        note=say("sentences.note", parts=judged.standard.source),
    )]  # fmt: skip


# --- tables ---------------------------------------------------------------------------------------------------


def _tabulate_items(judged: _JudgedStandard) -> Table:
    rows = tuple(_fill_item_row(judged, one) for one in judged.found)
    return Table(
        key="standards.items", columns=_make_columns("item", "stage", "value", "mark", "n", "verdict"), rows=rows,
        title=say("standards.title_items", area=judged.view.name, standard=judged.standard.name, year=judged.year),
        note=_write_standard_note(judged), brief=False,
    )  # fmt: skip


def _fill_item_row(judged: _JudgedStandard, one: ItemVerdict) -> tuple[Text | str, ...]:
    item = judged.standard.items[one.item]
    name = Text(item.zh, item.en)
    verdict = name_verdict(one.verdict)
    if one.unrounded:
        exact = name_verdict(one.unrounded)
        verdict = Text(f"{verdict.zh}（未舍入：{exact.zh}）", f"{verdict.en} (unrounded: {exact.en})")
    return (
        name,
        name_stage(one.stage),
        format_item_value(judged, one),
        _format_requirement(judged, one),
        format_count(one.n) if one.n else DASH,
        verdict,
    )


def _format_requirement(judged: _JudgedStandard, one: ItemVerdict) -> Text | str:
    """The mark; for a resource the floor of every school and the limit of the coefficient, which decide."""
    limit = judged.standard.threshold("cv", one.stage, judged.case.on)
    if judged.standard.items[one.item].kind != "school" or one.mark is None or limit is None:
        return format_threshold(one.mark)
    return say(
        "standards.two_marks",
        floor=format_mark(one.mark, one.mark.printed * judged.standard.floor),
        limit=format_number(limit.printed, 2, "coefficient"),
    )


def _tabulate_years(view: View) -> list[Table]:
    which = read_local_standard(view, QUALITY)
    rows = tuple(_fill_year_row(which, year, found, at) for year, found, at in _judge_years(view, which))
    if len(rows) < 2:
        return []
    return [Table(
        key="standards.years", title=say("standards.title_years", area=view.name, standard=which.name),
        columns=_make_columns("year", "stage", "n", "share", "over"), rows=rows,
    )]  # fmt: skip


def _judge_years(view: View, which: Standard) -> Iterator[tuple[int, StageJudgement, int]]:
    """Each year since the standard began by stage, with the county's place; like years are judged together."""
    every = sorted({int(year) for year in view.units["year"]})
    days = {
        year: max(find_school_year_start(year), which.start) for year in every if year >= which.start.year
    }
    for _, group in groupby(days, key=lambda year: tuple(t for t in which.thresholds if t.holds(days[year]))):
        years = list(group)
        rows = view.units[view.units["year"].isin(years)].reset_index(drop=True)
        judged = judge_standard(rows, which, days[years[-1]], known=view.known)
        for year in years:
            for found in judged.stages.values():
                if (at := found.of(view.area, year)) >= 0:
                    yield year, found, at


def _fill_year_row(which: Standard, year: int, found: StageJudgement, at: int) -> tuple[Text | str, ...]:
    verdicts = found.schools.verdict[found.area == at] if found.schools else np.empty(0)
    told = int((verdicts != UNKNOWN).sum())
    share = _format_percent((verdicts == MET).sum() / told) if told else "—"
    over = [which.items[found.items[k]].name for k in np.flatnonzero(found.spread_verdict[at] == NOT_MET)]
    return (
        format_year(year),
        name_stage(found.stage),
        format_count(told),
        share,
        _join_names(over, 7) if over else "—",
    )


def _tabulate_refused_schools(judged: _JudgedStandard) -> list[Table]:
    stages = judged.case.judgement.stages.values() if judged.case.judgement else ()
    rows: list[tuple[Text | str, ...]] = []
    for found in stages:
        for bad in found.refused.to_dict("records"):
            what = judged.name(bad["item"]) if bad["item"] else Text("", "")
            rows.append(
                (
                    judged.school(int(bad["row"])),
                    name_stage(found.stage),
                    what or "—",
                    say(f"standards.why_{bad['reason']}"),
                )
            )
        for out in found.left_out.to_dict("records"):
            rows.append(
                (
                    judged.school(int(out["row"])),
                    name_stage(found.stage),
                    "—",
                    say(f"standards.why_{out['reason']}"),
                )
            )
    if not rows:
        return []
    title = say("standards.refused_title", year=judged.year)
    heads = _make_columns("school", "stage", "item", "reason")
    return [
        Table(key="standards.refused", title=title, columns=heads, rows=tuple(rows[:MOST_ROWS]), brief=False)
    ]


# --- schools, shortfalls, contributions ----------------------------------------------------------------------


# --- the plan ---------------------------------------------------------------------------------------------------


# --- several counties -------------------------------------------------------------------------------------------
