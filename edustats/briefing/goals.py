"""Were targets met as the text says, and do values stand where it says against the standard beside them?

计划20所，实际17所，完成85%; 目标85%，实际90%，超额完成5个百分点; 4.2平方米，高于4.5平方米的标准; several rates against
several means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention
from edustats.briefing.pairs import Scene, comparable
from edustats.briefing.readings import Reading, span

_PLAN = re.compile(r"计划|目标|任务|预算|指标数?")
_DONE = re.compile(r"实际|完成|建成|达到|已|实现|决算|执行")
_SHARE_DONE = re.compile(
    r"^(?:，)?(?:已|共|累计)?(?:(?:计划|目标|任务)?完成(?:率|比例)"
    r"|(?:完成|占|达到?|为)了?(?:年度|全年|年初|既定|总|其|预期|规划|原定)*"
    r"(?:计划|目标|任务|预算)(?:数|任务|总数|量|值)?)(?:的|为|达到?|约)*$"
)
_BEYOND = re.compile(
    r"(?:超额完成|超额|超计划|超目标|超预算|超出(?:计划|目标|任务|预算)|超过(?:计划|目标|任务|预算))[^，。；]{0,8}$"
)


@dataclass(frozen=True, slots=True)
class Goal:
    """What was planned and what was done, in one segment."""

    plan: Mention
    done: Mention


def goal_readings(s: Scene) -> Iterator[Reading]:
    """Readings of plans, standards and means beside what was reached."""
    for m in s.here:
        share = _SHARE_DONE.search(m.near) if m.q.is_rate and not _BEYOND.search(m.near) else None
        beyond = _BEYOND.search(m.near)
        goal = _find_goal(m, s) if share or beyond else None
        if goal is not None:
            yield _judge_goal(m, goal, beyond=bool(beyond))
    yield from _check_vectors(s)
    yield from _check_standards(s)


def _find_goal(m: Mention, s: Scene) -> Goal | None:
    """The one plan and the one result of one unit that stand before the number."""
    before = [
        x for x in s.here if x.index < m.index and x.segment == m.segment and not x.bracket and x.length == 1
    ]
    plans = [
        x
        for x in before
        if _PLAN.search(x.near)
        and x.q.lo > 0
        and x.role in ("level", "reference", "whole", "to", "change", "base")
    ]
    if len(plans) != 1:
        return None
    plan = plans[0]
    done = [
        x
        for x in before
        if x.index > plan.index
        and x.q.unit == plan.q.unit
        and (x.is_level or x.role == "change")
        and _DONE.search(x.near)
    ]
    return Goal(plan, done[0]) if len(done) == 1 and comparable(plan.q, done[0].q) else None


def _judge_goal(m: Mention, goal: Goal, *, beyond: bool) -> Reading:
    done, plan = goal.done.q, goal.plan.q
    if m.q.is_rate:
        expected = (done.interval / plan.interval).times(100).plus(-100 if beyond else 0)
        value, printed = 100 * done.base / plan.base - (100 if beyond else 0), m.q.base
        stated, relation = (
            m.q.interval,
            "done / plan - 1 == beyond" if beyond else "done / plan * 100 == share_pct",
        )
    else:
        scale = m.q.scale
        expected, stated = (done.interval - plan.interval).times(1 / scale), m.q.interval.times(1 / scale)
        value, printed, relation = (done.base - plan.base) / scale, m.q.value, "done - plan == beyond"
    start, end = span(goal.plan, goal.done, m)
    amount = m.q.dimension == "points" or comparable(m.q, done)
    return Reading(
        kind="ratio_share",
        relation=relation,
        start=start,
        end=end,
        firm=m.q.is_rate or amount,
        numbers={"part": done.value, "whole": plan.value, "share_pct" if m.q.is_rate else "delta": m.q.value},
        stated=stated,
        printed=printed,
        expected=expected,
        value=value,
        facts={"said": m.q.text},
    )


# --- several rates against several means -----------------------------------------------------------

_ALL = re.compile(r"(?:均|都|全部|全都)(?P<verb>高于|低于|超过|优于|大于|小于|达到)[^，。；\d]{0,12}$")


def _check_vectors(s: Scene) -> Iterator[Reading]:
    """毛入园率92%、普惠率89%、公办率61%，均高于全省89%、86%、55%."""
    for m in s.here:
        match = _ALL.search(m.near)
        if match is None or m.place or m.length < 2:
            continue
        marks = [x for x in s.here if m.index <= x.index < m.index + m.length]
        values = [x for x in s.here if x.index < m.index and x.segment == m.segment and x.q.unit == m.q.unit]
        if len(values) != len(marks) or not all(x.is_level or x.role == "share" for x in values):
            continue
        for value, mark in zip(values, marks, strict=True):
            yield _judge_comparison(value, mark, -1 if match["verb"] in ("低于", "小于") else 1)


# --- a value against the standard right after it -----------------------------------------------------

_ABOVE = re.compile(r"^(?:，)?(?:远|均|都|略|已|也)?(?:高于|超过|超出|大于|多于|优于|达到)[^，。；\d]{0,10}$")
_BELOW = re.compile(
    r"^(?:，)?(?:远|均|都|略|仍|也)?(?:低于|小于|少于|不足|未达到|未达(?!标))[^，。；\d]{0,10}$"
)
_OF_STANDARD = re.compile(
    r"^的?[^，。；\d]{0,8}(?:标准|底线|要求|规定|目标|上限|下限|限值|平均水平|平均值|水平)"
)
_REFERENCE = re.compile(r"标准|底线|要求|规定|目标|限值|平均|省平|国平|市平|县平")
_LOOSE = frozenset({"least", "most", "over", "nearly"})


def _check_standards(s: Scene) -> Iterator[Reading]:
    """小学生均校舍面积4.2平方米，高于4.5平方米的标准; 差异系数为0.72，低于0.65的国家标准."""
    for value, mark in zip(s.here, s.here[1:], strict=False):
        if value.q.is_rate or mark.q.is_rate or value.q.unit != mark.q.unit or value.q.scale != mark.q.scale:
            continue
        if not value.is_level or mark.clause - value.clause > 1 or value.length > 1 or mark.length > 1:
            continue
        said = mark.near + (mark.q.text[:2] if mark.q.text.startswith(("超过", "不足")) else "")
        sign = 1 if _ABOVE.match(said) else -1 if _BELOW.match(said) else 0
        named = _OF_STANDARD.match(mark.after) or _REFERENCE.search(mark.near)
        if sign and named and value.q.approximation not in _LOOSE and not value.bracket:
            yield _judge_comparison(value, mark, sign)


def _judge_comparison(value: Mention, mark: Mention, sign: int) -> Reading:
    half = Interval(min(mark.q.base, mark.q.lo), mark.q.base)
    right = value.q.hi >= half.hi if sign > 0 else value.q.lo <= mark.q.base
    start, end = span(value, mark)
    return Reading(
        kind="bound",
        relation="value > benchmark" if sign > 0 else "value < benchmark",
        start=start,
        end=end,
        numbers={"value": value.q.value, "benchmark": mark.q.value},
        printed=mark.q.value,
        value=value.q.value,
        verdict="consistent" if right else "inconsistent",
        error="threshold",
        facts={"said": mark.q.text, "verb": mark.near},
    )
