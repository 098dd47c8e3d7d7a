"""What does the yearly bulletin on the use of education funds (经费执行情况公告) say, and how did the money run?"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from edustats.metrics.finance.growth import compute_mean_growth
from edustats.present.drawing.lines import Line
from edustats.present.drawing.year_lines import build_year_figure
from edustats.present.finance.case import (
    FinanceCase,
    make_finding,
    name_stage,
    open_case,
    per_pupil_key,
    tell_amount,
)
from edustats.present.records.items import Figure, Finding, Table, TableColumn
from edustats.present.records.numbers import (
    format_amount,
    format_difference,
    format_percent,
    format_year,
    join_sentence,
    keep_sign,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.words import DASH, Text, join_texts, say

CLAUSE = Text("；", "; ")


def show_finance_chart(view: View) -> ChapterItems:
    """Budget spending on education over the years, as spent and at the prices of the first year."""
    case = open_case(view)
    if case is None:
        nothing = Finding(key="finance.none", sentence=join_sentence(say("finance.no_money", area=view.name)))
        return collect_items(view, nothing)
    return collect_items(view, _draw_total(case))


def _draw_total(case: FinanceCase) -> list[Figure]:
    accounts, view = case.accounts, case.view
    spent = accounts.column("budget_education")
    real = accounts.real(spent)
    lines = [
        Line(say("finance.line_nominal"), case.years, tuple(case.at(spent, y) for y in case.years), "own"),
        Line(
            say("finance.line_real", year=accounts.years[0]),
            case.years,
            tuple(case.at(real, y) for y in case.years),
            "reference",
        ),
    ]
    note = say("finance.note_prices", name=accounts.prices.name, source=accounts.prices.source)
    title = say("finance.title_chart", area=view.name)
    source = (case.source("count_budget_education", *case.years),)
    return build_year_figure("finance.chart", title, lines, view.known.units["yuan"], view.lang, source, note)


def show_finance_bulletin(view: View) -> ChapterItems:
    """The sentences of the bulletin: totals, shares, per pupil by stage, sources, mean growth, and a table by year."""
    case = open_case(view)
    if case is None:
        return collect_items(view)
    found = [_tell_totals(case), _tell_shares(case), *_tell_per_pupil(case), _tell_mean_growth(case)]
    return collect_items(view, [one for one in found if one is not None], _tabulate_per_pupil(case))


def _tell_totals(case: FinanceCase) -> Finding | None:
    names = ("education_income", "fiscal_education", "budget_education")
    parts = [
        tell_amount(case, say(f"finance.name_{name}"), case.accounts.column(name))
        for name in names
        if case.accounts.has(name)
    ]
    told = [part for part in parts if part.zh]
    if not told:
        return None
    sentence = say(
        "finance.bulletin_total", year=case.year, area=case.view.name, parts=join_texts(told, CLAUSE)
    )
    cited = [
        number
        for name in names
        if case.accounts.has(name)
        for number in case.cite(
            replace(case.source("count_budget_education"), **_trace_column(case, name)),
            say(f"finance.name_{name}"), case.accounts.column(name), "yuan",
        )
    ]  # fmt: skip
    return make_finding(
        case, "totals", sentence, "count_budget_education", note=_note_real(case), cited=cited
    )


def _trace_column(case: FinanceCase, name: str) -> dict[str, Any]:
    """What a source says of one column of the return in the last two years."""
    files, places = case.view.origin(case.view.own_rows(case.year - 1, case.year), (name,))
    return {"files": files, "places": places, "formula": name}


def _note_real(case: FinanceCase) -> Text:
    """What the growth of the total is at constant prices, and by which index."""
    value, before = case.pair(case.accounts.real(case.accounts.column("budget_education")))
    if not (math.isfinite(value) and before > 0):
        return say("finance.note_no_index", year=case.year, name=case.accounts.prices.name)
    growth = value / before - 1
    rate = keep_sign(format_percent(abs(growth), 2, "rate"), growth)
    return say(f"finance.note_real{'_down' if growth < 0 else ''}", rate=rate, name=case.accounts.prices.name)


def _tell_shares(case: FinanceCase) -> Finding | None:
    accounts = case.accounts
    shares = {
        "share_budget_education": accounts.ratio("budget_education", "budget_expenditure"),
        "share_fiscal_education_gdp": accounts.ratio("fiscal_education", "gdp"),
        "share_fiscal_of_income": accounts.ratio("fiscal_education", "education_income"),
    }
    told = []
    for key, values in shares.items():
        value, before = case.pair(values)
        if not math.isfinite(value):
            continue
        step = value - before
        word = (
            "only"
            if not math.isfinite(step)
            else "level"
            if abs(step) < 0.5e-4
            else "up"
            if step > 0
            else "down"
        )
        told.append(say(
            f"finance.share_{word}", name=say(f"finance.name_{key}"), value=format_percent(value, 2),
            step=format_difference(step, case.view.known.units["share"], 2),
        ))  # fmt: skip
    if not told:
        return None
    sentence = say("finance.bulletin_shares", year=case.year, parts=join_texts(told, CLAUSE))
    cited = [
        number
        for key, values in shares.items()
        for number in case.cite(case.source(key), say(f"finance.name_{key}"), values, "share")
    ]
    return make_finding(case, "shares", sentence, "share_budget_education", unit="share", cited=cited)


def _tell_per_pupil(case: FinanceCase) -> list[Finding]:
    """One sentence a kind of money: every stage with its change."""
    made = []
    for kind in ("education", "operating", "public_use"):
        stages = [
            s for s in case.accounts.stages if math.isfinite(case.pair(case.accounts.per_pupil(s, kind))[0])
        ]
        parts = [
            tell_amount(case, name_stage(s), case.accounts.per_pupil(s, kind), "yuan_per_pupil")
            for s in stages
        ]
        if not parts:
            continue
        sentence = say(
            "finance.bulletin_per_pupil",
            year=case.year,
            name=say(f"finance.per_pupil_{kind}"),
            parts=join_texts(parts, CLAUSE),
        )
        note = say(f"finance.note_pupils_{case.accounts.pupils(stages[0])[1]}")
        cited = [
            number
            for s in stages
            for number in case.cite(
                case.source(per_pupil_key(s, kind)),
                name_stage(s),
                case.accounts.per_pupil(s, kind),
                "yuan_per_pupil",
            )
        ]
        made.append(
            make_finding(
                case,
                f"per_pupil_{kind}",
                sentence,
                per_pupil_key(stages[0], kind),
                note=note,
                unit="yuan_per_pupil",
                cited=cited,
            )
        )
    return made


def _tell_mean_growth(case: FinanceCase) -> Finding | None:
    """年均增长 since the first year, with its base."""
    spent = np.array([case.at(case.accounts.column("budget_education"), y) for y in case.years])
    if np.isfinite(spent).sum() < 2:
        return None
    found = compute_mean_growth(case.years, spent)
    if not math.isfinite(found.rate):
        return None
    unit = case.view.known.units["yuan"]
    sentence = say(
        "finance.mean_growth", first_year=found.base_year, last_year=found.year, steps=found.steps,
        base=format_amount(found.base, unit), value=format_amount(found.value, unit),
        rate=format_percent(found.rate, 2, "rate"),
    )  # fmt: skip
    return make_finding(case, "mean_growth", sentence, "count_budget_education", value=found.value,
                        years=(found.base_year, found.year))  # fmt: skip


def _tabulate_per_pupil(case: FinanceCase) -> list[Table]:
    """Amounts per pupil, nominal and real, by year: a row a year, two columns a stage."""
    accounts = case.accounts
    if not accounts.stages:
        return []
    heads = [TableColumn(label=say("sentences.head_year"))]
    columns = []
    for stage in accounts.stages:
        nominal = accounts.per_pupil(stage)
        columns += [nominal, accounts.real(nominal)]
        heads += [
            TableColumn(
                label=say("finance.head_nominal", stage=name_stage(stage)), decimals=2, unit="yuan_per_pupil"
            ),
            TableColumn(
                label=say("finance.head_real", stage=name_stage(stage), year=accounts.years[0]),
                decimals=2,
                unit="yuan_per_pupil",
            ),
        ]
    rows = tuple((format_year(y), *(_cell(case.at(column, y)) for column in columns)) for y in case.years)
    note = say("finance.note_prices", name=accounts.prices.name, source=accounts.prices.source)
    return [Table(
        key="finance.per_pupil", title=say("finance.title_per_pupil", area=case.view.name), columns=tuple(heads),
        rows=rows, note=note, brief=False, sources=tuple(case.source(per_pupil_key(s)) for s in accounts.stages),
    )]  # fmt: skip


def _cell(value: float) -> float | Text:
    return value if math.isfinite(value) else DASH
