"""Is teachers' pay no lower than that of civil servants, and in which year was that lost?"""

from __future__ import annotations

from edustats.metrics.finance.growth import MET, NOT_MET, UNKNOWN
from edustats.present.drawing.lines import Line
from edustats.present.drawing.year_lines import build_year_figure
from edustats.present.finance.case import FinanceCase, make_finding, open_case
from edustats.present.records.items import Finding, Number
from edustats.present.records.numbers import format_amount, format_difference
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.words import LIST, NOTHING, Text, concatenate_texts, join_texts, say

UNIT = "yuan_per_person"


def show_pay_parity(view: View) -> ChapterItems:
    """Both mean pays over the years, and the verdict with the year in which parity was lost or reached."""
    case = open_case(view)
    if case is None or not case.accounts.has("teacher_pay", "civil_servant_pay"):
        return collect_items(view)
    accounts = case.accounts
    names = {
        "teachers": ("teacher_pay", "teachers_paid"),
        "servants": ("civil_servant_pay", "civil_servants"),
    }
    lines = [
        Line(say(f"finance.line_{who}"), case.years, tuple(case.at(accounts.ratio(*columns), y) for y in case.years),
             "own" if who == "teachers" else "reference")
        for who, columns in names.items()
    ]  # fmt: skip
    sources = tuple(case.source(f"mean_pay_{who}", *case.years) for who in ("teachers", "civil_servants"))
    title = say("finance.title_pay", area=view.name)
    figure = build_year_figure("finance.pay", title, lines, view.known.units[UNIT], view.lang, sources)
    return collect_items(view, figure, _judge(case))


def _judge(case: FinanceCase) -> Finding:
    parity, unit = case.accounts.pay, case.view.known.units[UNIT]
    states = dict(zip(parity.years, parity.verdicts, strict=True))
    verdict = states.get(case.year, UNKNOWN)
    facts = {"year": case.year, "area": case.view.name}
    if verdict == UNKNOWN:
        return make_finding(
            case, "pay_parity", say("finance.pay_open", **facts), "mean_pay_teachers", UNKNOWN
        )
    values = {
        "teachers": case.at(case.accounts.ratio("teacher_pay", "teachers_paid"), case.year),
        "servants": case.at(case.accounts.ratio("civil_servant_pay", "civil_servants"), case.year),
    }
    gap = case.at(parity.gap, case.year)
    told = {who: format_amount(value, unit) for who, value in values.items()}
    said = say(f"finance.pay_{verdict}", **facts, **told, gap=format_difference(gap, unit))
    note = say("finance.note_pay")
    return make_finding(
        case, "pay_parity", concatenate_texts(said, _tell_path(case, states, verdict)), "mean_pay_teachers", verdict,
        note, unit=UNIT, cited=_cite_pay(case, values["teachers"], values["servants"]),
    )  # fmt: skip


def _cite_pay(case: FinanceCase, teachers: float, servants: float) -> list[Number]:
    """Both means with their own sources; what lies between them rests on both."""
    keys = ("mean_pay_teachers", "mean_pay_civil_servants")
    own, other = (case.source(key, case.year) for key in keys)
    paid, peers = (case.view.known.indicators[key].name for key in keys)
    told = (
        (paid, teachers, own, ()),
        (peers, servants, other, ()),
        (paid, teachers - servants, own, (other,)),
    )
    return [
        Number(label=label, value=value, unit=UNIT, decimals=0, source=source, also=also)
        for label, value, source, also in told
    ]


def _tell_path(case: FinanceCase, states: dict[int, str], verdict: str) -> Text:
    """Since when it is so, and in which earlier years parity was lost."""
    parity = case.accounts.pay
    losses = [y for y in states if (states.get(y - 1), states[y]) == (MET, NOT_MET) and y in case.years]
    if verdict == NOT_MET and case.year in losses:
        return say("finance.pay_lost_now", year=case.year)
    if verdict == NOT_MET and losses and losses[-1] == parity.lost:
        return say("finance.pay_lost_since", year=losses[-1])
    if verdict == NOT_MET and not any(states.get(y) == MET for y in case.years):
        return say("finance.pay_never", first=case.years[0])
    if losses:
        return say(
            "finance.pay_lost_before", years=join_texts([Text(f"{y}年", f"{y}") for y in losses], LIST)
        )
    return NOTHING
