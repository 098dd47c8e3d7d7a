"""How unequal are a county's schools by the seven resources of the standard?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from edustats.metrics.standards.certainty import VerdictCertainty, assess_verdict_certainty
from edustats.metrics.standards.coefficients import round_half_up
from edustats.metrics.standards.judgement import MET, NOT_MET, UNKNOWN, StageJudgement
from edustats.present.drawing import figures
from edustats.present.records.chart import Chart, Series, round_values
from edustats.present.records.items import Figure, Finding, Table
from edustats.present.records.numbers import format_count, format_number, format_without_unit, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.case import (
    QUALITY,
    _format_percent,
    _has_needed_columns,
    _judge_county,
    _JudgedStandard,
    _make_columns,
    _trace_standard,
    _write_standard_note,
    name_stage,
    name_verdict,
    read_local_standard,
)
from edustats.present.view.county import View
from edustats.words import Text, concatenate_texts, say

NOISE = 0.02
SURELY = 0.99
"""A probability above it, or below the rest of it, is said so and no closer."""


def show_difference_coefficients(view: View) -> ChapterItems:
    """Seven coefficients per stage against their limits, with mean, spread, schools, pupils and exclusions."""
    if not _has_needed_columns(view, read_local_standard(view, QUALITY)):
        return collect_items(view.lang)
    judged = _judge_county(view, QUALITY)
    rows = [row for found, at in judged.stages() for row in _fill_coefficient_rows(judged, found, at)]
    if not rows:
        return collect_items(view.lang)
    table = _tabulate_coefficients(judged, tuple(rows))
    return collect_items(
        view,
        _describe_certainties(judged),
        table,
        _draw_coefficient_chart(judged, table),
        source=_trace_standard(judged),
    )


def _tabulate_coefficients(judged: _JudgedStandard, rows: tuple[tuple[Text | str, ...], ...]) -> Table:
    heads = ("stage", "item", "mean", "sd", "cv", "mark", "verdict", "n", "weight", "left_out")
    title = say("standards.title_spread", area=judged.view.name, year=judged.year)
    return Table(
        key="standards.spread",
        title=title,
        columns=_make_columns(*heads),
        rows=rows,
        note=_write_standard_note(judged),
    )


def _fill_coefficient_rows(
    judged: _JudgedStandard, found: StageJudgement, at: int
) -> list[tuple[Text | str, ...]]:
    units = [judged.unit(item, found.stage) for item in found.items]
    codes = {
        MET: "met",
        NOT_MET: "not_met",
        UNKNOWN: "one_school" if (found.area == at).sum() < 2 else "no_data",
    }
    coefficient, person = (judged.view.known.units[key] for key in ("coefficient", "person"))
    outside = len(found.left_out) + int((found.refused["item"] == "").sum())
    rows: list[tuple[Text | str, ...]] = []
    for k, item in enumerate(found.items):
        here = int((found.area == at).sum())
        rows.append((
            name_stage(found.stage), judged.name(item), format_without_unit(found.spread.mean[at, k], units[k], 2),
            format_without_unit(found.spread.sd[at, k], units[k], 2),
            format_without_unit(found.spread.cv[at, k], coefficient, 3),
            concatenate_texts("≤ ", format_number(found.limit.printed, 2, "coefficient")),
            name_verdict(codes[int(found.spread_verdict[at, k])]),
            format_count(int(found.spread.n[at, k])), format_without_unit(found.spread.weight[at, k], person, 0),
            format_count(outside + here - int(found.spread.n[at, k])),
        ))  # fmt: skip
    return rows


def _draw_coefficient_chart(judged: _JudgedStandard, table: Table) -> list[Figure]:
    shown = [
        (found.stage, found.limit.printed, round_half_up(found.spread.cv[at], 3))
        for found, at in judged.stages()
    ]
    names = [judged.name(item.key) for item in judged.standard.of_kind("school")]
    top = max((float(np.nanmax(cv)) for _, _, cv in shown if np.isfinite(cv).any()), default=math.nan)
    if not math.isfinite(top):
        return []
    lang = judged.view.lang
    png = figures.draw_against_limits(
        [name[lang] for name in names], [(name_stage(stage)[lang], limit, cv) for stage, limit, cv in shown],
        say("standards.head_cv")[lang],
    )  # fmt: skip
    return [Figure(
        key="standards.chart", title=say("standards.title_chart", area=judged.view.name, year=judged.year),
        alt=say("standards.alt_chart", top=format_number(top, 3, "coefficient")), data=table, png=png,
        charts=(_build_bar_chart(names, shown),),
    )]  # fmt: skip


def _build_bar_chart(names: list[Text], stages: list[tuple[str, float, Any]]) -> Chart:
    """The coefficients as bars, each stage named with its limit."""
    return Chart(
        kind="bar", categories=tuple(names), unit=say("standards.head_cv"), decimals=3,
        series=tuple(
            Series(
                name=say("publish.with_limit", stage=name_stage(stage), limit=f"{limit:.2f}"),
                values=round_values(cv, 3),
            )
            for stage, limit, cv in stages
        ),
    )  # fmt: skip


def _describe_certainties(judged: _JudgedStandard) -> list[Finding]:
    return [made for found, at in judged.stages() if (made := _describe_certainty(judged, found, at))]


def _describe_certainty(judged: _JudgedStandard, found: StageJudgement, at: int) -> Finding | None:
    cv = found.spread.cv[at]
    if not np.isfinite(cv).any():
        return None
    k = int(np.nanargmin(np.abs(cv - found.limit.printed)))
    here = (found.area == at) & np.isfinite(found.totals[:, k])
    data = (found.totals[here, k], found.pupils[here], found.limit.printed)
    noisy, wider = (
        assess_verdict_certainty(*data, "noise", noise=NOISE),
        assess_verdict_certainty(*data, "superpopulation"),
    )
    said = say(
        "standards.sure",
        year=judged.year,
        area=judged.view.name,
        stage=name_stage(found.stage),
        item=judged.name(found.items[k]),
        cv=format_number(cv[k], 3, "coefficient"),
        limit=format_number(found.limit.printed, 2, "coefficient"),
        verdict=name_verdict("met" if noisy.met else "not_met"),
        noise=concatenate_texts(
            say("standards.if_noise", noise=_format_percent(NOISE, 0)), _describe_chance(noisy)
        ),
        super=concatenate_texts(say("standards.if_drawn"), _describe_chance(wider)),
    )
    return Finding(
        key=f"standards.sure.{found.stage}", sentence=join_sentence(said), note=_write_standard_note(judged),
        verdict="cannot_tell" if min(noisy.stands, wider.stands) < 0.95 else "none",
    )  # fmt: skip


def _format_chance(chance: float) -> Text:
    return say("standards.hardly") if chance < 1 - SURELY else _format_percent(chance, 0)


def _describe_chance(found: VerdictCertainty) -> Text:
    """How likely the verdict is to stand, and what its interval is of; or that nothing can be said."""
    if not math.isfinite(found.stands):
        return say("standards.no_chance_given")
    word = "stands_surely" if found.stands > SURELY else "stands"
    facts = {} if word == "stands_surely" else {"chance": _format_chance(found.stands)}
    if not math.isfinite(found.lower):
        return say(f"standards.{word}_alone", **facts)
    low, high = (
        format_number(limit, 3, "coefficient", "interval_end") for limit in (found.lower, found.upper)
    )
    return say(f"standards.{word}", low=low, high=high, **facts)
