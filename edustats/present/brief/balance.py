"""Does the county meet the standard of quality balance, what stands in the way, and which schools need most?"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edustats.metrics.standards.allocation import compute_shortfalls
from edustats.metrics.standards.items import OPEN, combine_stage_verdicts
from edustats.metrics.standards.judgement import NOT_MET, StageJudgement
from edustats.present.brief.facts import Fact, FactBook
from edustats.present.brief.phrasing import Story, join_clauses, say_amount, sentences
from edustats.present.brief.stories import say_condition
from edustats.present.records.items import Table, TableColumn
from edustats.present.records.numbers import format_amount, format_count, format_number
from edustats.present.standards.allocation import PRICES
from edustats.present.standards.case import (
    QUALITY,
    _has_needed_columns,
    _judge_county,
    _JudgedStandard,
    _trace_standard,
    format_goods,
    format_ten_thousands,
    name_stage,
    read_local_standard,
)
from edustats.present.standards.shortfalls import _build_stage_problem, _flag_whole_units
from edustats.present.view.county import View
from edustats.words import LIST, NOTHING, Text, concatenate_texts, join_texts, read_all_texts, say

OUTSIDE = ("preconditions", "vetoes")
NEEDIEST = 5
WORST_FIRST = ("overdue", "not_met", "off_course")


@dataclass(frozen=True)
class Balance:
    """A county held against the standard of quality balance and the annual plan."""

    view: View

    @cached_property
    def judged(self) -> _JudgedStandard | None:
        if not _has_needed_columns(self.view, read_local_standard(self.view, QUALITY)):
            return None
        return _judge_county(self.view, QUALITY)

    @cached_property
    def verdicts(self) -> dict[str, str]:
        """Item → verdict, of the items that the standard counts."""
        if self.judged is None:
            return {}
        joint = combine_stage_verdicts(self.judged.found)
        items = self.judged.standard.items
        return {
            key: v
            for key, v in joint.items()
            if key in items and items[key].part not in OUTSIDE and key != "cv"
        }

    def count(self, *verdicts: str) -> int:
        return sum(verdict in verdicts for verdict in self.verdicts.values())

    @property
    def met(self) -> int:
        return self.count("met", "basic")

    @property
    def missed(self) -> int:
        return self.count("not_met")

    @property
    def open(self) -> int:
        return self.count(*OPEN)

    @cached_property
    def schools_missing(self) -> bool:
        """Whether a school falls short of the rule for single schools."""
        return self.judged is not None and any(
            found.schools is not None and bool((found.schools.verdict[found.area == at] == NOT_MET).any())
            for found, at in self.judged.stages()
        )


# --- the judgement ------------------------------------------------------------------------------------------


def tell_balance(book: FactBook, balance: Balance, told: Collection[str] = ()) -> Story | None:
    """The verdict with what stands in the way, and the targets that are off course.

    ``told`` are indicators of which other judgements say already that they miss their target.
    """
    late = list_late_targets(book)
    if balance.judged is None or not balance.met + balance.missed:
        return _tell_targets_alone(late)
    key = "short" if balance.missed or balance.schools_missing else "open" if balance.open else "met"
    lead = say(f"brief.balance_{key}", open=format_count(balance.open))
    if late:
        lead = concatenate_texts(lead, say("brief.and_late", n=format_count(len(late))))
    counts = say(
        "brief.balance_counts", n=format_count(len(balance.verdicts)), met=format_count(balance.met),
        missed=format_count(balance.missed), open=format_count(balance.open),
    )  # fmt: skip
    main = _tell_main_obstacle(balance)
    new = [fact for fact in late if fact.key not in told]
    body = [join_clauses(counts, main), sentences(*(_tell_late(fact) for fact in new[:2]))]
    return Story(
        family="balance", lead=lead, body=body, facts=tuple(late), source=_trace_standard(balance.judged)
    )


def _tell_targets_alone(late: list[Fact]) -> Story | None:
    if not late:
        return None
    lead = say("brief.late_alone", n=format_count(len(late)))
    return Story(
        family="balance", lead=lead, body=[sentences(*(_tell_late(f) for f in late[:3]))], facts=tuple(late)
    )


def list_late_targets(book: FactBook) -> list[Fact]:
    """Facts whose target is past and missed, or off course; the gravest first."""
    held = [
        fact
        for fact in book
        if fact.target is not None and fact.target.verdict in WORST_FIRST and fact.year == book.year
    ]
    return sorted(held, key=lambda fact: (WORST_FIRST.index(fact.target.verdict), fact.key))  # type: ignore[union-attr]


def _tell_late(fact: Fact) -> Text:
    if fact.target is None:
        return NOTHING
    plan = fact.target.target
    return say(
        f"brief.late_{fact.target.verdict}", said=say_amount(fact), year=plan.year,
        condition=say_condition(fact, plan.operator, plan.value),
    )  # fmt: skip


def _tell_main_obstacle(balance: Balance) -> Text:
    """The resource that is spread worst beyond its limit, else the one that most schools lack."""
    judged = balance.judged
    if judged is None:
        return NOTHING
    found = [one for stage, at in judged.stages() for one in _list_obstacles(judged, stage, at)]
    if not found:
        return NOTHING
    _, stage, at, k = max(found, key=lambda one: one[0])
    here = stage.area == at
    mark = stage.marks[k]
    short = int((stage.schools.reached[here, k] == NOT_MET).sum()) if stage.schools is not None else 0
    unit = judged.view.known.unit_of(judged.standard.items[stage.items[k]].indicators[stage.stage])
    mean = float(stage.spread.mean[at, k])
    digits = 0 if mark is None or float(mark.value * unit.times).is_integer() else 1
    facts = {
        "item": name_item(judged, stage.items[k]), "stage": name_stage(stage.stage), "n": format_count(int(here.sum())),
        "short": format_count(short), "cv": format_number(float(stage.spread.cv[at, k]), 3, "coefficient"),
        "limit": format_number(stage.limit.printed, 2, "coefficient"),
        "value": format_amount(mean, unit, unit.decimals),
        "mark": format_amount(mark.value, unit, digits) if mark else "—", "per": _say_base(unit.key),
    }  # fmt: skip
    spread = stage.spread_verdict[at, k] == NOT_MET
    side = "over" if mark is not None and mean >= mark.value else "under"
    return join_clauses(
        say(f"brief.obstacle_{side}", **facts), say("brief.obstacle_spread", **facts) if spread else NOTHING
    )


def _say_base(unit: str) -> Text:
    """Of what a resource is counted: pupils by the hundred, or one by one."""
    kind = (
        "hundred" if unit.startswith("per_hundred") else "pupil" if unit.endswith("per_pupil") else "school"
    )
    return say(f"brief.per_{kind}")


def _list_obstacles(
    judged: _JudgedStandard, found: StageJudgement, at: int
) -> list[tuple[float, StageJudgement, int, int]]:
    here = found.area == at
    made = []
    for k in range(len(found.items)):
        excess = float(found.spread.cv[at, k]) / found.limit.printed
        short = (
            float((found.schools.reached[here, k] == NOT_MET).mean())
            if found.schools is not None and here.any()
            else 0.0
        )
        size = (10 + excess if found.spread_verdict[at, k] == NOT_MET else 0.0) + short
        if size > 0 and math.isfinite(size):
            made.append((size, found, at, k))
    return made


def name_item(judged: _JudgedStandard, key: str) -> Text:
    """What a brief calls an item of the standard: its short name where it has one."""
    address = f"brief.item_{key}"
    return (
        say(address) if judged.standard.key == QUALITY and address in read_all_texts() else judged.name(key)
    )


# --- the section's tables -----------------------------------------------------------------------------------


def tabulate_coefficients(balance: Balance) -> list[Table]:
    """Seven coefficients by stage, their limits in the heads."""
    judged = balance.judged
    if judged is None or not (held := list(judged.stages())):
        return []
    items = judged.standard.of_kind("school")
    heads = [
        say(
            "brief.head_limit",
            stage=name_stage(s.stage),
            limit=format_number(s.limit.printed, 2, "coefficient"),
        )
        for s, _ in held
    ]
    rows = []
    for item in items:
        cells: list[Text] = []
        for stage, at in held:
            k = stage.items.index(item.key) if item.key in stage.items else -1
            cv = float(stage.spread.cv[at, k]) if k >= 0 else math.nan
            over = k >= 0 and stage.spread_verdict[at, k] == NOT_MET
            value = format_number(cv, 3, "coefficient")
            cells += [concatenate_texts(value, say("brief.over_limit")) if over else value]
            cells += [_count_short_schools(stage, at, k)]
        rows.append((name_item(judged, item.key), *cells))
    columns = [TableColumn(label=say("standards.head_item"))]
    for head in heads:
        columns += [TableColumn(label=head), TableColumn(label=say("brief.head_short_schools"))]
    return [Table(
        key="brief.coefficients", title=say("brief.title_coefficients", area=balance.view.name), columns=tuple(columns),
        rows=tuple(rows), sources=(_trace_standard(judged),), note=say("brief.note_coefficients"),
    )]  # fmt: skip


def _count_short_schools(found: StageJudgement, at: int, k: int) -> Text:
    if k < 0 or found.schools is None:
        return say("brief.none_cell")
    here = found.area == at
    short = int((found.schools.reached[here, k] == NOT_MET).sum())
    return say("brief.of_schools", short=format_count(short), n=format_count(int(here.sum())))


def tabulate_neediest(balance: Balance) -> list[Table]:
    """The schools that lack most by cost, with what they lack; the prices are those of the plan."""
    judged = balance.judged
    if judged is None:
        return []
    lacking = [row for stage, at in judged.stages() for row in _list_lacking(judged, stage, at)]
    lacking.sort(key=lambda row: -row[0])
    if not lacking:
        return []
    total = math.fsum(cost for cost, *_ in lacking)
    rows = tuple((school, stage, what, _cost(cost)) for cost, school, stage, what in lacking[:NEEDIEST])
    heads = ("school", "stage", "lacks", "cost")
    return [Table(
        key="brief.neediest", rows=rows, columns=tuple(TableColumn(label=say(f"brief.head_{head}")) for head in heads),
        title=say("brief.title_neediest", n=format_count(len(rows))),
       
        note=say("brief.note_prices", all=format_count(len(lacking)), total=_cost(total)),
        sources=(_trace_standard(judged),),
    )]  # fmt: skip


def _cost(yuan: float) -> Text:
    return format_ten_thousands(yuan)


def _list_lacking(
    judged: _JudgedStandard, found: StageJudgement, at: int
) -> list[tuple[float, Text, Text, Text]]:
    made = _build_stage_problem(judged, found, at)
    if made is None:
        return []
    stage, here = made
    lack = compute_shortfalls(stage, _flag_whole_units(judged, found))
    prices = np.array([PRICES.get(item, math.nan) for item in found.items])
    rows = []
    for i in np.flatnonzero((lack > 0).any(axis=1)):
        cost = float(np.nansum(lack[i] * prices))
        parts = [
            _say_lack(judged, found, k, float(lack[i, k]))
            for k in np.argsort(-lack[i] * prices)
            if lack[i, k] > 0
        ]
        rows.append(
            (
                cost,
                judged.school(int(found.rows[here[i]])),
                name_stage(found.stage),
                join_texts(parts[:3], LIST),
            )
        )
    return rows


def _say_lack(judged: _JudgedStandard, found: StageJudgement, k: int, amount: float) -> Text:
    item = judged.standard.items[found.items[k]]
    shown = format_ten_thousands(amount) if item.goods == "yuan" else format_goods(amount, item.goods)
    return say(f"brief.lack_{found.items[k]}", amount=shown)
