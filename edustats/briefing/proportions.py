"""Do proportions agree with the amounts that they are of?

三次产业结构比例为6.01:55.04:38.95 makes 100; 城镇8.4万人，乡村3.6万人，城乡之比为7:3; 600万元、240万元、360万元，
按5:2:3分担; 8400人，普高、中职各占55%、45%，分别招生4620人、3780人.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import gcd

from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention
from edustats.briefing.pairs import Scene, comparable
from edustats.briefing.parts import UNSUMMABLE
from edustats.briefing.readings import Reading, span
from edustats.briefing.sides import label_of
from edustats.briefing.text import Cleaned

_PROPORTION = re.compile(r"(?<![\d.:])\d{1,2}(?:\.\d{1,3})?(?::\d{1,2}(?:\.\d{1,3})?){2,3}(?![\d:.])")


def proportion_readings(cleaned: Cleaned) -> Iterator[Reading]:
    """三次产业结构比例为6.01:55.04:38.95: the members of a proportion in hundredths add up to 100."""
    for match in _PROPORTION.finditer(cleaned.text):
        words = cleaned.text[max(0, match.start() - 16) : match.start()]
        parts = match.group().split(":")
        total = sum(map(float, parts))
        half = sum(0.5 * 10.0 ** -len(part.partition(".")[2]) for part in parts)
        coarse = gcd(*(round(1000 * float(part)) for part in parts)) > 1000  # 40:30:20 is a plain proportion
        if re.search(r"结构|比例|构成", words) and 85 < total < 115 and not coarse:
            yield Reading(
                kind="sum_of_parts",
                relation="sum(shares) == 100",
                start=match.start(),
                end=match.end(),
                numbers={"parts": [float(part) for part in parts], "whole": 100},
                stated=Interval(100, 100),
                printed=100,
                expected=Interval(total - half, total + half),
                value=total,
                error="shares_not_100",
                facts={"parts": "、".join(parts)},
            )


# --- proportions of amounts beside them ---------------------------------------------------------------

_TERM = r"\d{1,4}(?:\.\d{1,3})?"
_OF_TWO = re.compile(
    rf"(?P<a>[\u4e00-\u9fff])(?P<b>[\u4e00-\u9fff])(?:学生|教师|人数|在校生|规模|招生|资金|投入|经费|支出|配套|分担)?(?:之)?比(?:例)?(?:约?[为是达]|约)?"
    rf"(?P<x>{_TERM}):(?P<y>{_TERM})(?![\d:.])"
)
_OF_NAMED = re.compile(
    rf"(?P<a>[\u4e00-\u9fff]{{2,6}})[与和](?P<b>[\u4e00-\u9fff]{{2,6}}?)(?:学生|教师|人数|在校生)?之比(?:约?[为是达])"
    rf"(?P<x>{_TERM}):(?P<y>{_TERM})(?![\d:.])"
)
"""市直学校与县区学校教师之比为1:4，其中市直2400人，县区9600人."""
_SHARED_OUT = re.compile(
    rf"(?:按|按照|以)(?P<terms>{_TERM}(?::{_TERM})+)(?:的)?(?:比例)?(?:分担|负担|分配|配套|承担|安排)?"
)
TENTHS = 10.0
"""7:3 is told in tenths: a share may be half a tenth off."""
SHARED_ROOM = 0.01


def ratio_of_amounts(s: Scene) -> Iterator[Reading]:
    """Readings of 城乡之比为7:3 and of amounts shared out as 5:2:3."""
    if not s.here:
        return
    first, last = s.here[0].q.start, s.here[-1].q.end + 24
    lead = max(0, first - 30)
    for match in _OF_TWO.finditer(s.text, lead, last):
        sides = [_amount_named(match[name], match.start(), s) for name in "ab"]
        if sides[0] and sides[1] and sides[0] is not sides[1] and comparable(sides[0].q, sides[1].q):
            yield from _judge_proportion([x for x in sides if x], [match["x"], match["y"]], match)
    for match in _OF_NAMED.finditer(s.text, lead, last):
        sides = [_amount_named(match[name][:2], match.end(), s, after=True) for name in "ab"]
        if sides[0] and sides[1] and sides[0] is not sides[1] and comparable(sides[0].q, sides[1].q):
            yield from _judge_proportion([x for x in sides if x], [match["x"], match["y"]], match)
    for match in _SHARED_OUT.finditer(s.text, lead, last):
        terms = match["terms"].split(":")
        lists = [
            m for m in s.here if m.length == len(terms) and m.is_level and m.q.dimension not in UNSUMMABLE
        ]
        if len(lists) == len(terms) and (lists[-1].q.end < match.start() or lists[0].q.start > match.end()):
            yield from _judge_proportion(lists, terms, match)


def _amount_named(sign: str, place: int, s: Scene, *, after: bool = False) -> Mention | None:
    """The one amount whose label holds the sign: 城 of 城乡之比 is that of 城镇在校生."""
    found = [
        m
        for m in s.here
        if m.is_level
        and (m.q.start >= place if after else m.q.start < place)
        and m.q.dimension not in UNSUMMABLE
        and sign in label_of(m, s)
    ]
    near = [m for m in found if m.segment == found[-1].segment]
    return near[0] if len(near) == 1 else None


def _judge_proportion(amounts: list[Mention], terms: list[str], match: re.Match[str]) -> Iterator[Reading]:
    """Each amount's share of them all against its term's."""
    total, told = sum(m.q.base for m in amounts), sum(map(float, terms))
    if total <= 0 or told <= 0 or any(m.q.lo <= 0 for m in amounts):
        return
    if len(terms) > 2:
        room = SHARED_ROOM
    elif told == TENTHS:
        room = 0.5 / TENTHS
    else:  # 1:3 may be 1:3.4; 2:3 is a plain fraction
        large = max(map(float, terms))
        room = min(0.03, told * (0.5 / large) * large / told**2)
    shares = [m.q.base / total for m in amounts]
    spread = max((m.q.hi - m.q.lo) / m.q.base for m in amounts)
    worst = max(range(len(terms)), key=lambda k: abs(shares[k] - float(terms[k]) / told))
    share, term = shares[worst], float(terms[worst]) / told
    start, end = span(*amounts)
    yield Reading(
        kind="ratio_share",
        relation="part / sum == term / sum of terms",
        numbers={"parts": [m.q.value for m in amounts], "terms": terms},
        start=min(start, match.start()),
        end=max(end, match.end()),
        stated=Interval(term - room, term + room),
        printed=":".join(terms),
        expected=Interval(share * (1 - spread), share * (1 + spread)),
        value=":".join(f"{x / shares[-1] * float(terms[-1]):.3g}" for x in shares),
        facts={"said": ":".join(terms)},
    )


# --- a whole shared out in per cent -------------------------------------------------------------------


def shared_whole(s: Scene) -> Iterator[Reading]:
    """招生8400人，普高、中职各占55%、45%，分别招生4620人、3780人: each share of the whole is its amount."""
    for head in s.here:
        if head.place or head.length < 2 or not head.is_level or head.q.dimension in UNSUMMABLE:
            continue
        amounts = [m for m in s.here if head.index <= m.index < head.index + head.length]
        rates = [m for m in s.here if m.length == head.length and m.q.is_rate and m.segment == head.segment]
        if not rates or "占" not in s.text[max(0, rates[0].q.start - 40) : rates[0].q.start]:
            continue
        wholes = [
            m
            for m in s.here
            if m.length == 1 and m.is_level and m.q.unit == head.q.unit and m.segment == head.segment
        ]
        if len(rates) != head.length or len(wholes) != 1 or wholes[0].index > min(head.index, rates[0].index):
            continue
        for amount, rate in zip(amounts, rates, strict=True):
            yield _judge_portion(wholes[0], rate, amount)


def _judge_portion(whole: Mention, rate: Mention, amount: Mention) -> Reading:
    start, end = span(whole, rate, amount)
    return Reading(
        kind="ratio_share",
        relation="part / whole * 100 == share_pct",
        numbers={"part": amount.q.value, "whole": whole.q.value, "share_pct": rate.q.value},
        start=start,
        end=end,
        stated=rate.q.interval.times(1 / rate.q.scale),
        printed=rate.q.value,
        expected=(amount.q.interval / whole.q.interval).times(100 / rate.q.scale),
        value=100 * amount.q.base / whole.q.base / rate.q.scale,
        facts={"v0": whole.q.text, "v1": amount.q.text, "said": rate.q.text},
    )


def proportion_of_amounts(s: Scene) -> Iterator[Reading]:
    """Readings of every proportion that stands beside the amounts it is of."""
    yield from ratio_of_amounts(s)
    yield from shared_whole(s)
