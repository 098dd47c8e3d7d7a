"""Do products, and the same amount in two units, agree?

36个班，每班50人，学位1800个; 1200名学生每人1000元，共计120万元; 60000平方米（约90亩）; 3.9亿元（39000万元）.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention
from edustats.briefing.pairs import Scene
from edustats.briefing.readings import Reading, span

_EACH = re.compile(
    r"每(?P<who>班|校|所|园|人|名|生|个班|位|户|个|学生|幼儿|期|场|次|批|组|间|栋|套|辆)(?P<time>每[年月天日]|每学[年期])?[^，。；]{0,10}$"
)
_COUNTED: Final = {
    "班": ("个班", "教学班", "班"),
    "个班": ("个班", "教学班", "班"),
    "校": ("所", "校"),
    "所": ("所",),
    "园": ("所",),
    "户": ("户",),
    "个": ("个",),
}
_PERSONS: Final = ("人", "名", "位", "学生", "教师")
_TOTAL = re.compile(r"(?:共|总|合计|全年|提供|增加|新增)[^，。；]{0,12}$|^(?:可|能)[^，。；]{0,10}$")
_WORDS_AFTER_TOTAL = re.compile(r"(?:惠及|带动|服务|覆盖)[^，。；]{0,12}$")
_PLACES = re.compile(r"学位|座位|学生|就读|容纳")
_LONGER = re.compile(r"累计|以来|[两三四五六七八九十\d]年")
_PERIODS: Final = {"月": ("个月",), "年": ("年",), "天": ("天", "日"), "日": ("天", "日")}


def product_readings(s: Scene) -> Iterator[Reading]:
    """Readings of every product and every second unit of a sentence."""
    for each in s.here:
        match = _EACH.search(each.near)
        if match is not None and each.q.lo > 0:
            yield from _check_product(each, match, s)
    yield from _second_units(s)


def _check_product(each: Mention, match: re.Match[str], s: Scene) -> Iterator[Reading]:
    units = _COUNTED.get(match["who"]) or (
        (match["who"],) if match["who"] in "期场次批组间栋套辆" else _PERSONS
    )
    near = [x for x in s.here if x.segment == each.segment]
    counts = [x for x in near if x.index < each.index and x.q.unit in units and x.is_level and not x.bracket]
    after = [] if counts else _counts_after(each, match, near)
    counts = counts or after
    if match["time"]:
        period = match["time"].removeprefix("每").removeprefix("学")
        spans = [x for x in near if x.q.unit in _PERIODS.get(period, ())]
    else:
        spans = []
    for total in near:
        if total.index <= each.index or total in counts or not _is_total(total, each):
            continue
        if after and not _same_deed(each, total):
            continue  # 每所学校安排资金15万元，全县46所学校共获得各类资金960万元
        once = match["time"] in ("每年", "每学年") and not spans and not _LONGER.search(total.near)
        if len(counts) == 1 and match["time"] == "每月" and not spans and _WHOLE_YEAR.search(total.near):
            yield _judge_months(counts[0], each, total)
            return
        if len(counts) == 1 and (not match["time"] or len(spans) == 1 or once):
            others = [x for x in near if each.index < x.index < total.index and x not in (*spans, *counts)]
            yield _judge_product(counts[0], each, spans, total, firm=not others)
        return


_ALL_TOLD = re.compile(r"^(?:全[县市区州旗]|共|现有)")


def _same_deed(each: Mention, total: Mention) -> bool:
    """共安排 after 安排: the verb of the total is that of what each was given, or there is none."""
    verb = re.search(r"(?:合计|共计|总计|共)(?P<verb>[\u4e00-\u9fff]{0,4})$", total.near)
    return verb is not None and verb["verb"][:2] in each.near


def _counts_after(each: Mention, match: re.Match[str], near: list[Mention]) -> list[Mention]:
    """每所学校安排资金15万元，全县46所学校共安排690万元: how many there are stands after what each was given.

    Of money only: 每校配备校医1名 is what should be, and 62所学校共配备58名 what is.
    """
    if each.q.dimension != "money" or match["who"] not in _COUNTED:
        return []
    units = _COUNTED[match["who"]]
    return [x for x in near if x.index == each.index + 1 and x.q.unit in units and _ALL_TOLD.search(x.near)]


def _is_total(total: Mention, each: Mention) -> bool:
    alike = total.q.dimension == each.q.dimension
    places = each.q.dimension == "persons" and bool(_PLACES.search(total.near + total.after[:4]))
    plain = not _WORDS_AFTER_TOTAL.search(total.near) or places
    return (alike or places) and plain and bool(_TOTAL.search(total.near)) and total.is_level


def _judge_product(
    count: Mention, each: Mention, spans: list[Mention], total: Mention, *, firm: bool
) -> Reading:
    expected, value = count.q.interval * each.q.interval, count.q.base * each.q.base
    for stretch in spans:
        expected, value = expected.times(stretch.q.value), value * stretch.q.value
    scale = total.q.scale
    start, end = span(count, each, total)
    return Reading(
        kind="product",
        relation="count * each == total",
        start=start,
        end=end,
        firm=firm,
        numbers={"count": count.q.value, "each": each.q.value, "total": total.q.value},
        stated=total.q.interval.times(1 / scale),
        printed=total.q.value,
        expected=_take_exactly(expected, value).times(1 / scale),
        value=value / scale,
        facts={"said": total.q.text},
    )


_WHOLE_YEAR = re.compile(r"全年|一年|每年|年(?:度)?(?:共|合计|总计)")
MONTHS: Final = range(12, 0, -1)
"""Of a year that something may be paid for: all, those of school, or fewer."""


def _judge_months(count: Mention, each: Mention, total: Mention) -> Reading:
    """860名教师每人每月300元，全年共309.6万元."""
    months = next(
        (n for n in MONTHS if (count.q.interval * each.q.interval).times(n).meets(total.q.interval)),
        MONTHS[0],
    )
    stretch = replace(total, q=replace(total.q, value=months, lo=months, hi=months, scale=1.0))
    return _judge_product(count, each, [stretch], total, firm=True)


def _take_exactly(expected: Interval, value: float) -> Interval:
    """1000元 each is a rate that was set, not a rounded one."""
    return Interval(min(expected.lo, value * 0.995), max(value * 1.005, min(expected.hi, value * 1.01)))


# --- the same amount in two units ------------------------------------------------------------------

_SQUARE_METRES: Final = {
    "平方米": 1.0, "㎡": 1.0, "m2": 1.0, "m²": 1.0, "平米": 1.0,
    "亩": 10_000 / 15, "公顷": 1e4, "平方公里": 1e6, "平方千米": 1e6,
}  # fmt: skip
_GLOSS = re.compile(r"^(?:约|合|折合|约合|即|相当于|约为)*$")
CONVERSION_ROOM: Final = 0.03


def _second_units(s: Scene) -> Iterator[Reading]:
    """60000平方米（约90亩）, 3.9亿元（39000万元）: the bracket repeats the amount."""
    for a, b in zip(s.here, s.here[1:], strict=False):
        between = s.text[a.q.end : b.q.start]
        opened = between[:1] in ("(", "，") and _GLOSS.match(between[1:].removeprefix("("))
        closed = s.text[b.q.end : b.q.end + 1] in (")", "，", "。", "；", "")
        glossed = between[:1] == "(" or re.match(r"，(?:约?合|折合|相当于|即)", between)
        if not (opened and closed and glossed):
            continue
        areas = _SQUARE_METRES.get(a.q.unit), _SQUARE_METRES.get(b.q.unit)
        if areas[0] and areas[1] and areas[0] != areas[1]:
            yield _same_amount(a, b, areas[0] / areas[1], CONVERSION_ROOM)
        elif a.q.dimension == b.q.dimension == "money" and a.q.scale != b.q.scale and a.q.unit == b.q.unit:
            yield _same_amount(a, b, 1.0, 0.0)


def _same_amount(a: Mention, b: Mention, factor: float, room: float) -> Reading:
    scale = b.q.scale
    amount = a.q.interval.times(factor)
    expected = Interval(amount.lo * (1 - room), amount.hi * (1 + room)).times(1 / scale)
    start, end = span(a, b)
    return Reading(
        kind="product",
        relation="the same amount in two units",
        start=start,
        end=end,
        numbers={"v0": a.q.value, "v1": b.q.value},
        stated=b.q.interval.times(1 / scale),
        printed=b.q.value,
        expected=expected,
        value=a.q.base * factor / scale,
        facts={"said": b.q.text},
    )
