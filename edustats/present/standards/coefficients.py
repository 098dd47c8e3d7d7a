"""How unequal are a county's schools by the seven resources of the standard?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from edustats.metrics.standards.certainty import Certainty, certainty
from edustats.metrics.standards.coefficients import half_up
from edustats.metrics.standards.judgement import MET, NOT_MET, UNKNOWN, StageJudgement
from edustats.present.drawing import figures
from edustats.present.records.chart import Chart, Series, values
from edustats.present.records.items import Figure, Finding, Table
from edustats.present.records.numbers import digits, joined
from edustats.present.records.sheet import Sheet, sheet
from edustats.present.standards.case import (
    QUALITY,
    _basis,
    _can,
    _heads,
    _Judged,
    _judged,
    _note,
    _number,
    _share,
    own_standard,
    stage_name,
    verdict_name,
)
from edustats.present.view.county import View
from edustats.words import Text, say

NOISE = 0.02


def differences(view: View) -> Sheet:
    """Seven coefficients per stage against their limits, with mean, spread, schools, pupils and exclusions."""
    if not _can(view, own_standard(view, QUALITY)):
        return sheet(view.lang)
    judged = _judged(view, QUALITY)
    rows = [row for found, at in judged.stages() for row in _spread_rows(judged, found, at)]
    if not rows:
        return sheet(view.lang)
    table = _spread_table(judged, tuple(rows))
    return sheet(view.lang, _sure(judged), table, _chart(judged, table), source=_basis(judged))


def _spread_table(judged: _Judged, rows: tuple[tuple[Text | str, ...], ...]) -> Table:
    heads = ("stage", "item", "mean", "sd", "cv", "mark", "verdict", "n", "weight", "left_out")
    title = say("standards.title_spread", area=judged.view.name, year=judged.year)
    return Table(key="standards.spread", title=title, columns=_heads(*heads), rows=rows, note=_note(judged))


def _spread_rows(judged: _Judged, found: StageJudgement, at: int) -> list[tuple[Text | str, ...]]:
    times = [
        judged.view.known.unit_of(judged.standard.items[i].indicators[found.stage]).times for i in found.items
    ]
    codes = {
        MET: "met",
        NOT_MET: "not_met",
        UNKNOWN: "one_school" if (found.area == at).sum() < 2 else "no_data",
    }
    outside = len(found.left_out) + int((found.refused["item"] == "").sum())
    rows: list[tuple[Text | str, ...]] = []
    for k, item in enumerate(found.items):
        here = int((found.area == at).sum())
        rows.append((
            stage_name(found.stage), judged.name(item), _number(found.spread.mean[at, k] * times[k], 2),
            _number(found.spread.sd[at, k] * times[k], 2), _number(found.spread.cv[at, k], 3),
            f"≤ {found.limit.printed:.2f}", verdict_name(codes[int(found.spread_verdict[at, k])]),
            str(found.spread.n[at, k]), _number(found.spread.weight[at, k], 0),
            str(outside + here - int(found.spread.n[at, k])),
        ))  # fmt: skip
    return rows


def _chart(judged: _Judged, table: Table) -> list[Figure]:
    shown = [
        (found.stage, found.limit.printed, half_up(found.spread.cv[at], 3)) for found, at in judged.stages()
    ]
    names = [judged.name(item.key) for item in judged.standard.of_kind("school")]
    top = max((float(np.nanmax(cv)) for _, _, cv in shown if np.isfinite(cv).any()), default=math.nan)
    if not math.isfinite(top):
        return []
    lang = judged.view.lang
    png = figures.against_limits(
        [name[lang] for name in names], [(stage_name(stage)[lang], limit, cv) for stage, limit, cv in shown],
        say("standards.head_cv")[lang],
    )  # fmt: skip
    return [Figure(
        key="standards.chart", title=say("standards.title_chart", area=judged.view.name, year=judged.year),
        alt=say("standards.alt_chart", top=digits(top, 3, "zh")), data=table, png=png,
        charts=(_bars(names, shown),),
    )]  # fmt: skip


def _bars(names: list[Text], stages: list[tuple[str, float, Any]]) -> Chart:
    """The coefficients as bars, each stage named with its limit."""
    return Chart(
        kind="bar", categories=tuple(names), unit=say("standards.head_cv"), decimals=3,
        series=tuple(
            Series(
                name=say("publish.with_limit", stage=stage_name(stage), limit=f"{limit:.2f}"),
                values=values(cv, 3),
            )
            for stage, limit, cv in stages
        ),
    )  # fmt: skip


def _sure(judged: _Judged) -> list[Finding]:
    return [made for found, at in judged.stages() if (made := _sure_of(judged, found, at))]


def _sure_of(judged: _Judged, found: StageJudgement, at: int) -> Finding | None:
    cv = found.spread.cv[at]
    if not np.isfinite(cv).any():
        return None
    k = int(np.nanargmin(np.abs(cv - found.limit.printed)))
    here = (found.area == at) & np.isfinite(found.totals[:, k])
    data = (found.totals[here, k], found.pupils[here], found.limit.printed)
    noisy, wider = certainty(*data, "noise", noise=NOISE), certainty(*data, "superpopulation")
    said = say(
        "standards.sure", year=judged.year, area=judged.view.name, stage=stage_name(found.stage),
        item=judged.name(found.items[k]), cv=digits(cv[k], 3, "zh"), limit=f"{found.limit.printed:.2f}",
        verdict=verdict_name("met" if noisy.met else "not_met"), noise=_share(NOISE, 0), p_noise=_chance(noisy),
        p_super=_chance(wider), i_noise=_between(noisy), i_super=_between(wider),
    )  # fmt: skip
    return Finding(
        key=f"standards.sure.{found.stage}", sentence=joined(said), note=_note(judged),
        verdict="cannot_tell" if min(noisy.stands, wider.stands) < 0.95 else "none",
    )  # fmt: skip


def _chance(found: Certainty) -> Text:
    if not math.isfinite(found.stands):
        return say("standards.no_chance")
    return Text(">99%", ">99%") if found.stands > 0.99 else _share(found.stands, 0)


def _between(found: Certainty) -> Text:
    if not math.isfinite(found.lower):
        return Text("", "")
    return say("standards.interval", low=digits(found.lower, 3, "zh"), high=digits(found.upper, 3, "zh"))
