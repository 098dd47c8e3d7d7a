"""What would it take to mend the shortfalls: which moves, which purchases, at what price?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from edustats.metrics.standards.allocation import AllocationPlan, AllocationRules, plan_allocation
from edustats.metrics.standards.judgement import StageJudgement
from edustats.present.records.items import Finding, Item, Table
from edustats.present.records.numbers import format_exact, format_number, join_sentence
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.case import (
    MOST_ROWS,
    QUALITY,
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
    read_local_standard,
)
from edustats.present.standards.shortfalls import _build_stage_problem, _flag_whole_units, _total_by_goods
from edustats.present.view.county import View
from edustats.words import Text, say

PRICES = {
    "r1": 80_000.0,
    "r2": 100_000.0,
    "r3": 80_000.0,
    "r4": 3_500.0,
    "r5": 400.0,
    "r6": 1.0,
    "r7": 60_000.0,
}
"""Yuan per teacher and year, square metre, yuan of equipment and room: examples, to be replaced by the user's."""
MOVABLE = ("r1", "r2", "r3")


def show_allocation_plan(
    view: View,
    prices: Mapping[str, float] | None = None,
    *,
    move_cost: float = 10_000.0,
    share: float = 0.2,
    movable: Sequence[str] = MOVABLE,
    within_township: bool = False,
    kilometres: float = math.inf,
    seconds: float = 5.0,
) -> ChapterItems:
    """The cheapest moves that bring each stage to the resource standard.

    Parameters
    ----------
    view : one county
    prices : yuan per unit of each item r1 to r7; ``math.inf`` where it cannot be bought or hired
    move_cost : yuan per teacher moved
    share : at most this share of a school's teachers of a kind may leave it
    movable : kinds of teachers that may be moved: r1, r2 (backbone), r3 (PE and arts)
    within_township, kilometres : rules on how far
    seconds : time allowed per stage
    """
    if not _has_needed_columns(view, read_local_standard(view, QUALITY)):
        return collect_items(view.lang)
    judged = _judge_county(view, QUALITY)
    wanted = PRICES | dict(prices or {})
    items: list[Item] = _report_unheld(judged, within_township, kilometres)
    for found, at in judged.stages():
        if (made := _build_stage_problem(judged, found, at)) is None:
            continue
        stage, here = made
        rules = AllocationRules(
            price=np.array([wanted.get(item, math.inf) for item in found.items]),
            whole=_flag_whole_units(judged, found),
            movable=np.array([item in movable for item in found.items]),
            move_cost=move_cost,
            share=share,
            group=_group_by_township(judged, found, here) if within_township else None,
            place=_locate_schools(judged, found, here) if math.isfinite(kilometres) else None,
            reach=kilometres,
        )
        items += _collect_plan_items(judged, found, at, here, plan_allocation(stage, rules, seconds), rules)
    return collect_items(view, items, source=_trace_standard(judged))


def _report_unheld(judged: _JudgedStandard, within_township: bool, kilometres: float) -> list[Item]:
    """A rule on how far that nothing held can be measured by is said, and not passed over."""
    held = set(judged.case.units)
    lacking = {
        "township": within_township and "township" not in held,
        "place": math.isfinite(kilometres) and not {"longitude", "latitude"} <= held,
    }
    said = [say(f"standards.unheld_{name}") for name, lacks_it in lacking.items() if lacks_it]
    key = "standards.plan_unheld"
    return [Finding(key=key, sentence=join_sentence(one), verdict="cannot_tell") for one in said]


def _group_by_township(judged: _JudgedStandard, found: StageJudgement, here: np.ndarray) -> np.ndarray | None:
    if "township" not in judged.case.units:
        return None
    return pd.factorize(judged.case.units["township"].iloc[found.rows[here]])[0]


def _locate_schools(judged: _JudgedStandard, found: StageJudgement, here: np.ndarray) -> np.ndarray | None:
    units = judged.case.units
    if not {"longitude", "latitude"} <= set(units):
        return None
    return units[["longitude", "latitude"]].to_numpy(float)[found.rows[here]]


def _collect_plan_items(
    judged: _JudgedStandard,
    found: StageJudgement,
    at: int,
    here: np.ndarray,
    made: AllocationPlan,
    rules: AllocationRules,
) -> list[Item]:
    items: list[Item] = [_describe_plan(judged, found, made, rules)]
    if gaps := int((found.area == at).sum()) - len(here):
        said = say("standards.plan_missing", area=judged.view.name, stage=name_stage(found.stage), n=gaps)
        items.append(
            Finding(
                key=f"standards.plan_gap.{found.stage}", sentence=join_sentence(said), verdict="cannot_tell"
            )
        )
    return items + _tabulate_plan(judged, found, here, made)


def _describe_plan(
    judged: _JudgedStandard, found: StageJudgement, made: AllocationPlan, rules: AllocationRules
) -> Finding:
    facts: dict[str, Any] = {"area": judged.view.name, "stage": name_stage(found.stage)}
    key = f"standards.plan.{found.stage}"
    if made.status == "infeasible":
        why = [
            say(f"standards.reason_{why}", item=judged.name(found.items[k]) if k >= 0 else "")
            for k, why in made.reasons
        ]
        said = say("standards.plan_infeasible", why=_join_names(why, 7), **facts)
        return Finding(
            key=key,
            sentence=join_sentence(said),
            verdict="not_met",
            note=_note_plan_prices(judged, found, rules),
        )
    if made.status == "no_time":
        bound = format_ten_thousands(max(made.bound, 0))
        said = say("standards.plan_no_time", bound=bound, **facts)
        return Finding(key=key, sentence=join_sentence(said), verdict="cannot_tell")
    if not made.moves and not made.purchases:
        return Finding(key=key, sentence=join_sentence(say("standards.plan_nothing", **facts)), verdict="met")
    said = say("standards.plan", **_count_plan_measures(judged, found, made), **facts)
    return Finding(key=key, sentence=join_sentence(said), note=_note_plan_prices(judged, found, rules))


def _count_plan_measures(
    judged: _JudgedStandard, found: StageJudgement, made: AllocationPlan
) -> dict[str, Any]:
    bought = np.zeros((1, len(found.items)))
    for p in made.purchases:
        bought[0, p.item] += p.amount
    goods = _total_by_goods(judged, found, bought, "area_bought")
    return {
        "moved": sum(m.count for m in made.moves), "hired": goods.pop("teachers"), **goods,
        "cost": format_ten_thousands(made.cost),
        "gap": _format_percent(made.gap, 2),
    }  # fmt: skip


def _note_plan_prices(judged: _JudgedStandard, found: StageJudgement, rules: AllocationRules) -> Text:
    listed = [
        say("standards.price", item=judged.name(item),
            price=format_number(price, 0 if price == int(price) else 2, "yuan"))
        for item, price in zip(found.items, rules.price, strict=True) if math.isfinite(price)
    ]  # fmt: skip
    said = say(
        "standards.note_plan",
        prices=_join_names(listed, 7),
        move=format_exact(rules.move_cost, "yuan"),
        share=_format_percent(rules.share, 0),
    )
    return say("sentences.note", parts=said)


def _tabulate_plan(
    judged: _JudgedStandard, found: StageJudgement, here: np.ndarray, made: AllocationPlan
) -> list[Table]:
    def school(i: int) -> Text:
        return judged.school(int(found.rows[here[i]]))

    facts = {"area": judged.view.name, "stage": name_stage(found.stage)}
    tables = []
    if made.moves:
        rows = tuple(
            (
                judged.name(found.items[m.item]),
                school(m.source),
                school(m.target),
                format_number(m.count, 0, "person"),
            )
            for m in made.moves
        )
        tables.append(Table(
            key=f"standards.moves.{found.stage}", title=say("standards.title_moves", **facts),
            columns=_make_columns("item", "from", "to", "count"), rows=rows[:MOST_ROWS], brief=False,
        ))  # fmt: skip
    if made.purchases:
        largest = sorted(made.purchases, key=lambda p: (p.item, -p.amount))
        rows2 = tuple(
            (
                judged.name(found.items[p.item]),
                school(p.school),
                format_goods(p.amount, judged.standard.items[found.items[p.item]].goods),
            )
            for p in largest
        )
        tables.append(Table(
            key=f"standards.purchases.{found.stage}", title=say("standards.title_purchases", **facts),
            columns=_make_columns("item", "school", "amount"), rows=rows2[:MOST_ROWS], brief=False,
        ))  # fmt: skip
    return tables
