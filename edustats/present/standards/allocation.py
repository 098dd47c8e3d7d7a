"""What would it take to mend the shortfalls: which moves, which purchases, at what price?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from edustats.metrics.standards.allocation import Plan, Rules, plan
from edustats.metrics.standards.judgement import StageJudgement
from edustats.present.records.items import Finding, Item, Table
from edustats.present.records.numbers import digits, joined
from edustats.present.records.sheet import Sheet, sheet
from edustats.present.standards.case import (
    MOST_ROWS,
    QUALITY,
    TEN_THOUSAND,
    _basis,
    _can,
    _heads,
    _Judged,
    _judged,
    _listed,
    _number,
    _share,
    own_standard,
    stage_name,
)
from edustats.present.standards.shortfalls import _goods, _stage_of, _whole
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


def moves(
    view: View,
    prices: Mapping[str, float] | None = None,
    *,
    move_cost: float = 10_000.0,
    share: float = 0.2,
    movable: Sequence[str] = MOVABLE,
    within_township: bool = False,
    kilometres: float = math.inf,
    seconds: float = 5.0,
) -> Sheet:
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
    if not _can(view, own_standard(view, QUALITY)):
        return sheet(view.lang)
    judged = _judged(view, QUALITY)
    wanted = PRICES | dict(prices or {})
    items: list[Item] = []
    for found, at in judged.stages():
        if (made := _stage_of(judged, found, at)) is None:
            continue
        stage, here = made
        rules = Rules(
            price=np.array([wanted.get(item, math.inf) for item in found.items]), whole=_whole(judged, found),
            movable=np.array([item in movable for item in found.items]), move_cost=move_cost, share=share,
            group=_townships(judged, found, here) if within_township else None,
            place=_places(judged, found, here) if math.isfinite(kilometres) else None, reach=kilometres,
        )  # fmt: skip
        items += _plan_items(judged, found, at, here, plan(stage, rules, seconds), rules)
    return sheet(view.lang, items, source=_basis(judged))


def _townships(judged: _Judged, found: StageJudgement, here: np.ndarray) -> np.ndarray | None:
    if "township" not in judged.case.units:
        return None
    return pd.factorize(judged.case.units["township"].iloc[found.rows[here]])[0]


def _places(judged: _Judged, found: StageJudgement, here: np.ndarray) -> np.ndarray | None:
    units = judged.case.units
    if not {"longitude", "latitude"} <= set(units):
        return None
    return units[["longitude", "latitude"]].to_numpy(float)[found.rows[here]]


def _plan_items(
    judged: _Judged, found: StageJudgement, at: int, here: np.ndarray, made: Plan, rules: Rules
) -> list[Item]:
    items: list[Item] = [_plan_finding(judged, found, made, rules)]
    if gaps := int((found.area == at).sum()) - len(here):
        said = say("standards.plan_missing", area=judged.view.name, stage=stage_name(found.stage), n=gaps)
        items.append(
            Finding(key=f"standards.plan_gap.{found.stage}", sentence=joined(said), verdict="cannot_tell")
        )
    return items + _plan_tables(judged, found, here, made)


def _plan_finding(judged: _Judged, found: StageJudgement, made: Plan, rules: Rules) -> Finding:
    facts: dict[str, Any] = {"area": judged.view.name, "stage": stage_name(found.stage)}
    key = f"standards.plan.{found.stage}"
    if made.status == "infeasible":
        why = [
            say(f"standards.reason_{why}", item=judged.name(found.items[k]) if k >= 0 else "")
            for k, why in made.reasons
        ]
        said = say("standards.plan_infeasible", why=_listed(why, 7), **facts)
        return Finding(
            key=key, sentence=joined(said), verdict="not_met", note=_plan_note(judged, found, rules)
        )
    if made.status == "no_time":
        bound = digits(max(made.bound, 0) / TEN_THOUSAND, 1, "zh")
        said = say("standards.plan_no_time", bound=bound, **facts)
        return Finding(key=key, sentence=joined(said), verdict="cannot_tell")
    if not made.moves and not made.purchases:
        return Finding(key=key, sentence=joined(say("standards.plan_nothing", **facts)), verdict="met")
    said = say("standards.plan", **_plan_facts(judged, found, made), **facts)
    return Finding(key=key, sentence=joined(said), note=_plan_note(judged, found, rules))


def _plan_facts(judged: _Judged, found: StageJudgement, made: Plan) -> dict[str, Any]:
    bought = np.zeros((1, len(found.items)))
    for p in made.purchases:
        bought[0, p.item] += p.amount
    goods = _goods(judged, found, bought, "area_bought")
    return {
        "moved": sum(m.count for m in made.moves), "hired": goods.pop("teachers"), **goods,
        "cost": Text(digits(made.cost / TEN_THOUSAND, 1, "zh"),
                     digits(made.cost / TEN_THOUSAND, 1, "en", grouped=True)),
        "gap": _share(made.gap, 2),
    }  # fmt: skip


def _plan_note(judged: _Judged, found: StageJudgement, rules: Rules) -> Text:
    listed = [
        Text(f"{judged.name(item).zh}{price:g}", f"{judged.name(item).en} {price:g}")
        for item, price in zip(found.items, rules.price, strict=True) if math.isfinite(price)
    ]  # fmt: skip
    said = say(
        "standards.note_plan",
        prices=_listed(listed, 7),
        move=f"{rules.move_cost:g}",
        share=_share(rules.share, 0),
    )
    return say("sentences.note", parts=said)


def _plan_tables(judged: _Judged, found: StageJudgement, here: np.ndarray, made: Plan) -> list[Table]:
    def school(i: int) -> Text:
        return judged.school(int(found.rows[here[i]]))

    facts = {"area": judged.view.name, "stage": stage_name(found.stage)}
    tables = []
    if made.moves:
        rows = tuple(
            (judged.name(found.items[m.item]), school(m.source), school(m.target), m.count)
            for m in made.moves
        )
        tables.append(Table(
            key=f"standards.moves.{found.stage}", title=say("standards.title_moves", **facts),
            columns=_heads("item", "from", "to", "count"), rows=rows[:MOST_ROWS], brief=False,
        ))  # fmt: skip
    if made.purchases:
        largest = sorted(made.purchases, key=lambda p: (p.item, -p.amount))
        rows2 = tuple(
            (judged.name(found.items[p.item]), school(p.school), _number(p.amount, 0)) for p in largest
        )
        tables.append(Table(
            key=f"standards.purchases.{found.stage}", title=say("standards.title_purchases", **facts),
            columns=_heads("item", "school", "amount"), rows=rows2[:MOST_ROWS], brief=False,
        ))  # fmt: skip
    return tables
