"""Do gaps, spreads and multiples follow from the values they lie between?

高于省平(13.5%)2.4个百分点, 最高…最低…相差14.1个百分点, 是2015年的2.4倍.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from edustats.briefing.changes import belongs_only_to, places_agree, printed_value, signed
from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention
from edustats.briefing.pairs import Pair, Scene, comparable
from edustats.briefing.readings import Reading, span


def gap_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 高于省平(13.5%)2.4个百分点: the value, less the reference, is the gap."""
    rate = m.q.dimension == "points"
    fits = [x for x in s.here if (x.q.is_rate if rate else comparable(x.q, m.q)) and x.index != m.index]
    kinds = ("change", "mean") if rate and _is_of_growth(m) else ("level", "to", "share", "whole")
    values = [x for x in fits if x.index < m.index and x.role in kinds][::-1]
    references = sorted((x for x in fits if x.role == "reference"), key=lambda x: abs(x.index - m.index))
    if not references:
        gaps = {x.index for x in s.here if x.role == "gap"}  # what stands behind another gap is of that one
        references = [x for x in fits if x.index == m.index - 1 and x.bracket and x.index - 1 not in gaps]
    beside = {x.index - m.index: x for x in fits if x.segment == m.segment}
    if 1 in beside and beside[1].bracket and _IS_OF_ALL.match(beside[1].near):
        if -1 in beside and beside[-1].role in (*kinds, "reference") and m.length == 1:
            yield judge_gap(beside[-1], beside[1], m, firm=not beside[-1].bracket)
        return
    ahead = [x for x in fits if m.index < x.index <= m.index + 2 and x.segment == m.segment]
    told = len(ahead) == 2 and ahead[0].near.startswith(("达", "为")) and ahead[1].role == "reference"
    if told and not values and m.length == 1:  # 高出全省1.6个百分点，达到93.4%，全省平均为91.8%
        yield judge_gap(ahead[0], ahead[1], m, firm=not ahead[0].own)
        return
    if not references:
        yield from _gap_of_growth(m, s)
    for k, reference in enumerate(references):
        for j, value in enumerate(x for x in values if x.index != reference.index):
            close = abs(reference.index - m.index) == 1 and value.sentence == m.sentence and m.length == 1
            yield judge_gap(
                value, reference, m, firm=k == 0 and j == 0 and close and value.segment == m.segment
            )


_IS_OF_ALL = re.compile(r"^\(?(?:全[国省市县区]|[省市])(?:平均)?(?:水平|值)?(?:为|是)?$")
"""低于全省平均水平1.1个百分点（全省为1.9%）."""


def _is_of_growth(m: Mention) -> bool:
    """教育支出增长8.4%，高于财政收入增速(5.1%)3.3个百分点: the gap lies between two rates of growth."""
    return bool(re.search(r"(?:增速|增幅|增长率)$", m.near))


_OUTSIDE = re.compile(
    r"全国|全省|全市|全区|全县|平均|同期|上年|去年|周边|世界|全球|中央|东部|中部|西部|地区|行业"
)
_GROWTH_WORDS = re.compile(r"增长|增幅|增速|降幅|收入|支出|经费")


def _gap_of_growth(m: Mention, s: Scene) -> Iterator[Reading]:
    """支出增长15.23%，收入增长2.19%，前者高于后者13.04个百分点: the distance of two growth rates."""
    if _OUTSIDE.search(m.near):
        return  # 增幅高于全省平均70个百分点: the other rate is not in the text
    pool = [
        x
        for x in [*s.before[-8:], *s.here]
        if x.index < m.index
        and x.q.is_rate
        and x.role in ("change", "level", "mean", "reference")
        and x.sentence >= m.sentence - 1
    ][-4:]
    spoken = m.near if len(m.near) > 2 or not pool else pool[-1].near
    if not _GROWTH_WORDS.search(spoken) or len(pool) < 2:
        return
    alone = len([x for x in pool if x.sentence == m.sentence]) == 2
    for k in range(len(pool) - 1, 0, -1):
        for a in reversed(pool[:k]):
            high, low = (a, pool[k]) if signed(a).lo >= signed(pool[k]).lo else (pool[k], a)
            value, reference = (high, low) if m.sign > 0 else (low, high)
            reading = _growth_gap(value, reference, m, firm=alone and k == len(pool) - 1 and a is pool[k - 1])
            yield reading


def _growth_gap(value: Mention, reference: Mention, m: Mention, *, firm: bool) -> Reading:
    expected = signed(value) - signed(reference)
    start, end = span(value, reference, m)
    reading = Reading(
        kind="gap_to_reference",
        relation="value - reference == gap",
        start=start,
        end=end,
        stated=signed(m),
        numbers={"value": printed_value(value), "reference": printed_value(reference), "gap_pp": m.q.value},
        printed=printed_value(m),
        expected=expected,
        value=printed_value(value) - printed_value(reference),
        firm=firm,
        facts={"v0": reference.q.text, "v1": value.q.text, "said": m.q.text},
    )
    if m.q.is_rate and expected.meets(signed(m)):
        return replace(reading, verdict="inconsistent", error="percent_for_points", rivals=())
    return reading


def judge_gap(value: Mention, reference: Mention, m: Mention, *, firm: bool, sign: int = 0) -> Reading:
    """The gap m between a value and what it is held against; sign: which side the words say is more."""
    expected = (value.q.interval - reference.q.interval).times(1 / m.q.scale)
    size = Interval(m.q.lo / m.q.scale, m.q.hi / m.q.scale)
    stated = signed(m) if not sign else size if sign > 0 else Interval(-size.hi, -size.lo)
    start, end = span(value, reference, m)
    numbers = {
        "value": value.q.value,
        "reference": reference.q.value,
        "gap_pp" if m.q.dimension == "points" else "gap": m.q.value,
    }
    return Reading(
        kind="gap_to_reference",
        relation="value - reference == gap",
        numbers=numbers,
        start=start,
        end=end,
        stated=stated,
        printed=printed_value(m),
        expected=expected,
        value=(value.q.base - reference.q.base) / m.q.scale,
        firm=firm,
        rivals=(("wrong_direction", Interval(-expected.hi, -expected.lo)),),
        facts={"v0": reference.q.text, "v1": value.q.text, "said": m.q.text},
    )


def spread_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 最高…最低…相差14.1个百分点: the distance of the two values before it."""
    rate = m.q.dimension == "points"
    fits = [
        x
        for x in s.here
        if x.index < m.index
        and x.role not in ("change", "mean", "gap")
        and (x.q.is_rate if rate else comparable(x.q, m.q))
    ][-4:]
    if m.q.dimension == "times" or len(fits) < 2:
        return
    for k in range(len(fits) - 1, 0, -1):
        a, b = fits[k - 1], fits[k]
        high, low = (a, b) if a.q.base >= b.q.base else (b, a)
        expected = (high.q.interval - low.q.interval).times(1 / m.q.scale)
        start, end = span(a, b, m)
        extremes = "最" in a.near and "最" in b.near
        only = len(fits) == 2 and b.index == m.index - 1 and a.index == m.index - 2 and a.segment == m.segment
        sign = _named_side(m, a, b) if only and a.q.unit == b.q.unit else 0
        if sign:
            high, low = (a, b) if sign > 0 else (b, a)
            expected = (high.q.interval - low.q.interval).times(1 / m.q.scale)
        extremes = extremes or bool(sign)
        extremes = extremes or (only and a.q.unit == b.q.unit and bool(_PLAIN_SPREAD.match(m.near)))
        yield Reading(
            kind="difference",
            relation="max - min == spread",
            numbers={"v0": low.q.value, "v1": high.q.value, "delta": m.q.value},
            start=start,
            end=end,
            stated=Interval(m.q.lo / m.q.scale, m.q.hi / m.q.scale),
            printed=m.q.value,
            expected=expected,
            value=(high.q.base - low.q.base) / m.q.scale,
            firm=k == len(fits) - 1 and extremes,
            facts={"v0": low.q.text, "v1": high.q.text, "said": m.q.text},
        )


_ONE_THAN_OTHER = re.compile(
    r"(?P<one>[\u4e00-\u9fff]{2,6})比(?P<other>[\u4e00-\u9fff]{2,6}?)(?:平均|要|还)?(?:(?P<more>多|高|大|长)|(?P<less>少|低|小|短))(?:出|了)?(?:约)?$"
)


def _named_side(m: Mention, a: Mention, b: Mention) -> int:
    """乡村比城镇多3.4平方米: 1 where the first of the two is the one that is more, -1 where the second is."""
    match = _ONE_THAN_OTHER.search(m.near)
    if match is None:
        return 0
    straight = a.near.startswith(match["one"]) and b.near.startswith(match["other"])
    crossed = b.near.startswith(match["one"]) and a.near.startswith(match["other"])
    if straight == crossed:
        return 0
    return (1 if straight else -1) * (1 if match["more"] else -1)


_PLAIN_SPREAD = re.compile(
    r"(?:两者|二者|两[科校县区者地项类组]|前者与后者|城乡)?(?:相差|差距|极差|差值|之差|差)"
)
_COMPARED_TO = re.compile(r"^(?:约|大约)?(?:是|为|相当于|达到)")
_FORMER = re.compile(r"(?P<one>前者|后者)(?:是|为|相当于|达到?)(?:前者|后者)的$")
_COMPARED_WITH = re.compile(r"(?:是|为|相当于|即)[^，。；]{0,24}的?$")


def multiple_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 是2015年的2.4倍: the ratio of two values."""
    for pair in reversed(s.pairs):
        if pair.last < m.index and places_agree(m, pair):
            yield _judge_ratio(m, pair, firm=belongs_only_to(m, pair, s))
    levels = [x for x in s.here if x.index < m.index and x.is_level and x.q.dimension != "percent"]
    told = _COMPARED_WITH.search(m.near) or m.near == "的"
    if len(levels) >= 2 and comparable(levels[-1].q, levels[-2].q) and told:
        inline = m.near == "的" and _COMPARED_TO.match(levels[-1].near) and levels[-1].index == m.index - 1
        if inline and levels[-2].index == m.index - 2 and levels[-2].segment == m.segment:
            yield _judge_ratio(m, Pair(levels[-1], levels[-2], "levels"), firm=True)
        former = _FORMER.search(m.near) if levels[-2].segment == m.segment else None
        first = bool(former and former["one"] in ("前者", "最高", "最大", "最多"))
        yield _judge_ratio(m, Pair(levels[-2], levels[-1], "levels"), firm=bool(former) and not first)
        yield _judge_ratio(m, Pair(levels[-1], levels[-2], "levels"), firm=first)


def _judge_ratio(m: Mention, pair: Pair, *, firm: bool) -> Reading:
    ratio = pair.v1.q.interval / pair.v0.q.interval
    start, end = span(pair.v0, pair.v1, m)
    return Reading(
        kind="growth_multiple",
        relation="v1 / v0 == times",
        numbers={"v0": pair.v0.q.value, "v1": pair.v1.q.value, "times": m.q.value},
        start=start,
        end=end,
        stated=m.q.interval,
        printed=m.q.value,
        expected=ratio,
        value=pair.v1.q.base / pair.v0.q.base if pair.v0.q.base else None,
        firm=firm,
        rivals=(("growth_by", ratio.plus(-1)),),
        facts={"v0": pair.v0.q.text, "v1": pair.v1.q.text, "said": m.q.text},
    )
