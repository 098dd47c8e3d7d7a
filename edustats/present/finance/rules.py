"""Do the two rules (两个只增不减), the older three growths and the two shares hold, year by year?"""

from __future__ import annotations

from collections.abc import Sequence

from edustats.analysis.finance import WHOLE
from edustats.metrics.finance.growth import MET, NOT_MET, UNKNOWN, YearVerdict, combine_verdicts
from edustats.metrics.finance.per_pupil import find_falling_stock
from edustats.present.finance.case import FinanceCase, describe_change, make_finding, name_stage, open_case
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_amount, format_percent
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.words import LIST, Text, join_texts, say

OLDER = ("faster_than_revenue", "per_pupil", "pay", "public_use", "share_gdp", "share_budget")


def show_finance_rules(view: View) -> ChapterItems:
    """The two rules of the last year with what breaks them or leaves them open, the older ones, and both by year."""
    case = open_case(view)
    if case is None:
        return collect_items(view)
    return collect_items(
        view,
        _judge_two(case),
        _judge_older(case),
        _list_doubts(case),
        _list_falling_stocks(case),
        _tabulate(case),
    )


def _judge_two(case: FinanceCase) -> Finding:
    found = case.accounts.two_rules[case.year]
    verdict = combine_verdicts(found)
    facts = {"year": case.year, "area": case.view.name}
    if verdict == MET:
        said = say("finance.two_met", **facts, stages=_name_all(found))
    elif verdict == NOT_MET:
        fallen = [v for v in found if v.verdict == NOT_MET]
        parts = [
            say("finance.fell", name=_name(v), change=describe_change(v.value, v.before)) for v in fallen
        ]
        rose = found[0].verdict == MET
        said = say(
            f"finance.two_not_met{'_total_up' if rose else ''}", **facts, parts=join_texts(parts, LIST)
        )
    else:
        said = say("finance.two_open", **facts, reasons=_explain_open(case, found))
    note = say("finance.note_two")
    return make_finding(case, "two_rules", said, "count_budget_education", verdict=verdict, note=note)


def _name(one: YearVerdict) -> Text:
    if one.stage in ("", "all"):
        return say("finance.rule_total") if one.rule == "total" else say(f"finance.rule_{one.rule}")
    return say("finance.rule_stage", stage=name_stage(one.stage), rule=say(f"finance.rule_{one.rule}"))


def _name_all(found: Sequence[YearVerdict]) -> Text:
    return join_texts([name_stage(v.stage) for v in found if v.rule == "per_pupil"], LIST)


def _explain_open(case: FinanceCase, found: Sequence[YearVerdict]) -> Text:
    open_ones = [v for v in found if v.verdict == UNKNOWN]
    parts = [
        say("finance.open", name=_name(v), reason=say(f"finance.why_{case.accounts.explain(v)}"))
        for v in open_ones
    ]
    return join_texts(parts, LIST)


def _judge_older(case: FinanceCase) -> list[Finding]:
    """The older rules in one sentence: what is met, what is not, what is open and why."""
    found = case.accounts.older_rules[case.year]
    groups = {verdict: [v for v in found if v.verdict == verdict] for verdict in (MET, NOT_MET, UNKNOWN)}
    parts = [
        say(f"finance.older_{verdict}", names=join_texts([_name(v) for v in held], LIST))
        for verdict, held in groups.items() if held and verdict != UNKNOWN
    ]  # fmt: skip
    if groups[UNKNOWN]:
        parts.append(say("finance.older_cannot_tell", names=_explain_open(case, groups[UNKNOWN])))
    if not parts:
        return []
    said = say("finance.older", year=case.year, parts=join_texts(parts, Text("；", "; ")))
    verdict, note = combine_verdicts(found), say("finance.note_older")
    return [make_finding(case, "older_rules", said, "count_budget_education", verdict=verdict, note=note)]


def _list_doubts(case: FinanceCase) -> list[Finding]:
    """Years that are in no believable unit; they are judged by nothing."""
    made = []
    for stage, doubts in case.accounts.doubtful.items():
        told = {year: why for year, why in doubts.items() if year in case.years}
        if told:
            why = join_texts(
                [say("finance.doubt", year=year, why=say(f"finance.doubt_{w}")) for year, w in told.items()],
                LIST,
            )
            name = say("finance.rule_total") if stage == "all" else say("finance.rule_stage", stage=name_stage(stage),
                                                                       rule=say("finance.rule_per_pupil"))  # fmt: skip
            said = say("finance.doubtful", name=name, parts=why)
            made.append(make_finding(case, f"doubtful.{stage}", said, "count_budget_education", UNKNOWN))
    return made


def _list_falling_stocks(case: FinanceCase) -> list[Finding]:
    """Teaching equipment that is worth less than a year before: named, in the last year, and not judged."""
    made = []
    for stage in ("primary", "junior"):
        key = f"per_pupil_equipment_{stage}"
        if not any(i.key == key and i.has_base for i in case.view.indicators):
            continue
        series = case.view.series(key)
        whole = series[series["status"].isin(WHOLE)].dropna(subset="num")
        fallen = find_falling_stock(whole["year"].tolist(), whole["num"].to_numpy(float))
        if case.year in fallen:
            unit = case.view.known.units["yuan"]
            before, now = (format_amount(value, unit) for value in fallen[case.year])
            said = say(
                "finance.stock_fell", year=case.year, stage=name_stage(stage), before=before, value=now
            )
            made.append(make_finding(case, f"stock.{stage}", said, key, UNKNOWN))
    return made


def _tabulate(case: FinanceCase) -> Table:
    """A row per rule and stage, a column per year: growth and verdict."""
    years = case.years[-6:]
    two = {(v.rule, v.stage): _name(v) for year in years for v in case.accounts.two_rules[year]}
    older = {
        (v.rule, v.stage): _name(v) for year in years for v in case.accounts.older_rules[year]
        if v.rule != "per_pupil"
    }  # fmt: skip
    rows = []
    for names, held in ((two, case.accounts.two_rules), (older, case.accounts.older_rules)):
        for key, name in names.items():
            found = [next((v for v in held[year] if (v.rule, v.stage) == key), None) for year in years]
            if any(one is not None and one.verdict != UNKNOWN for one in found):
                rows.append(
                    (name, *(_cell(case, one) for one in found))
                )  # the sentence names those never judged
    columns = [
        TableColumn(label=say("sentences.head_indicator")),
        *(TableColumn(label=Text(f"{y}年", f"{y}")) for y in years),
    ]
    return Table(
        key="finance.rules", title=say("finance.title_rules", area=case.view.name), columns=tuple(columns),
        rows=tuple(rows), note=say("finance.note_rules"), brief=False, sources=(case.source("count_budget_education"),),
    )  # fmt: skip


def _cell(case: FinanceCase, one: YearVerdict | None) -> Text:
    if one is None:
        return say("finance.cell_none")
    if one.verdict == UNKNOWN:
        return say("finance.cell_open", why=say(f"finance.short_{case.accounts.explain(one)}"))
    return say(f"finance.cell_{one.verdict}", rate=format_percent(one.rate, 2, "rate"))
