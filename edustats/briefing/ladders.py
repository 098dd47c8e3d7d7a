"""Do the levels of education add up to all of them?

The commonest sentence of a bureau: so many schools, of which so many kindergartens, primary and secondary schools. The
levels share nothing, so together they can never pass the whole. They may leave one out, so where they fall short the
writer is asked to look, and condemned only where the difference is a slip and another such list of the draft adds up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention
from edustats.briefing.parts import BESIDE, total_of
from edustats.briefing.readings import Reading, span
from edustats.briefing.repeats import is_slip

LEVELS: Final[tuple[tuple[str, str], ...]] = (
    ("preschool", "幼儿园|在园|幼儿|学前"),
    ("compulsory", "义务教育"),
    ("primary", "小学"),
    ("junior", "初级中学|初中"),
    ("senior", "高级中学|普通高中|普高|高中"),
    ("vocational", "职业|中职|中专|中等专业|技工|技校"),
    ("special", "特殊教育|特教"),
    ("middle", "普通中学|中学"),
    ("higher", "高等|高校|大学"),
    ("training", "教师进修|专门学校|工读"),
)
"""What the words of a level are; the first that fits is meant (职业高中 is tried as vocational before senior)."""
_WITHIN: Final = (
    {"compulsory", "primary"},
    {"compulsory", "junior"},
    {"middle", "junior"},
    {"middle", "senior"},
)
"""Levels of which one holds the other: they do not stand beside each other in one sum."""
_MIXED = re.compile(
    r"一贯|完全中学|教学点|附设|民办|公办|寄宿|女|男|乡村|农村|城区|镇|新增|招生|毕业|随班|送教|普惠|班"
)
_TOGETHER = re.compile(r"中小学校?|中小幼|(?<=[校生])[和及、]?(?:幼儿园|幼儿)")
_WHOLE = re.compile(r"各级|各类|共|总|全[国省市县区州旗盟]|现有|学校|学生|在校|教师|教职工")
FEWEST: Final = 3
SURE: Final = 4
"""Parts from which a list that falls short is worth a look on its own."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A whole and the levels of education that follow it."""

    whole: Mention
    parts: list[Mention]
    levels: frozenset[str]

    @property
    def holds(self) -> bool:
        """Do the levels add up to the whole?"""
        return total_of(self.parts).meets(self.whole.q.interval)


def ladder_readings(found: list[Mention]) -> Iterator[Reading]:
    """Readings of every whole that its levels of education do not add up to."""
    ladders = [
        one for _, group in groupby(found, key=lambda m: m.sentence) for one in _find_ladders([*group], found)
    ]
    holding = any(one.holds for one in ladders)
    for one in ladders:
        if not one.holds and (len(one.parts) >= SURE or holding or _exceeds(one)):
            yield _judge_ladder(one, firm=_exceeds(one) or (holding and _is_slip_of(one)))


def _find_ladders(sentence: list[Mention], found: list[Mention]) -> Iterator[Ladder]:
    """The ladders after every 其中 of a sentence, one for each unit."""
    opening = {m.mark: m for m in reversed(sentence) if m.part and not m.bracket}
    for first in opening.values():
        before = [m for m in found[: first.index] if m.sentence >= first.sentence - 1]
        after = [m for m in _list_after(first, sentence) if not m.bracket]
        for unit in dict.fromkeys(m.q.unit for m in after):
            parts = [m for m in after if m.q.unit == unit and m.role in ("level", "whole")]
            levels = [_read_level(m, after) for m in parts]
            whole = next(
                (m for m in reversed(before) if m.is_level and m.q.unit == unit and not m.bracket), None
            )
            if whole is not None and len(parts) >= FEWEST and _stand_apart(levels) and _is_whole(whole):
                yield Ladder(whole, parts, frozenset(levels))


def _list_after(first: Mention, sentence: list[Mention]) -> Iterator[Mention]:
    """The numbers from the first part on, up to another 其中 outside brackets or to 另有."""
    for m in sentence:
        if m.index > first.index and (
            BESIDE.match(m.near) or (m.part and not m.bracket and m.mark != first.mark)
        ):
            return
        if m.index >= first.index:
            yield m


def _read_level(m: Mention, after: list[Mention]) -> str:
    """The level a number is of: its own words', or those that open its segment (小学312所，学生91635人)."""
    own = _level_in(m.near) or _level_in(m.after[:8] if not m.near.strip("，、其中：") else "")
    opens = next(one for one in after if one.segment == m.segment)
    return own or (_level_in(opens.near) if opens.q.unit != m.q.unit else "")


def _level_in(words: str) -> str:
    if _MIXED.search(words):
        return ""
    named = [(match.start(), key) for key, pattern in LEVELS if (match := re.search(pattern, words))]
    keys = {key for _, key in named}
    if "vocational" in keys:
        return "vocational"
    if keys >= {"middle", "junior"} or keys >= {"middle", "senior"}:
        keys.discard("middle")
    return keys.pop() if len(keys) == 1 else ""


def _stand_apart(levels: list[str]) -> bool:
    told = set(levels)
    several = {key for key in told if levels.count(key) > 1} - {"vocational", "higher", "training"}
    return (
        "" not in told and len(told) >= FEWEST and not several and not any(pair <= told for pair in _WITHIN)
    )


def _is_whole(m: Mention) -> bool:
    words = _TOGETHER.sub("", m.near)
    return bool(_WHOLE.search(m.near)) and not _level_in(words) and m.role in ("level", "whole")


def _exceeds(one: Ladder) -> bool:
    return total_of(one.parts).lo > one.whole.q.hi


def _is_slip_of(one: Ladder) -> bool:
    total, step = sum(m.q.base for m in one.parts), one.whole.q.scale * 10.0**-one.whole.q.decimals
    return is_slip(one.whole.q.base, step, total, step)


def _judge_ladder(one: Ladder, *, firm: bool) -> Reading:
    scale = one.whole.q.scale
    start, end = span(one.whole, *one.parts)
    total: Interval = total_of(one.parts)
    return Reading(
        kind="sum_of_parts",
        relation="sum(parts) == whole",
        start=start,
        end=end,
        numbers={"whole": one.whole.q.value, "parts": [m.q.value for m in one.parts]},
        stated=one.whole.q.interval.times(1 / scale),
        printed=one.whole.q.value,
        expected=total.times(1 / scale),
        value=round(sum(m.q.base for m in one.parts) / scale, 6),
        firm=firm,
        likely=True,
        error="sum",
        facts={"whole": one.whole.q.text, "parts": "、".join(m.q.text for m in one.parts)},
    )
