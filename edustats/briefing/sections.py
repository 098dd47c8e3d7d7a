"""Do the paragraphs of a section add up to the paragraph that sums them up?

A yearly bulletin gives the measures of 义务教育 in one paragraph and those of 小学 and 初中 in the next two. No word
says that they add up; the figures do: where several measures of the same names add up, the paragraphs divide the
whole, and a measure that does not is worth a look, or wrong where at least three others hold.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention
from edustats.briefing.parts import UNSUMMABLE
from edustats.briefing.readings import Reading
from edustats.briefing.text import Cleaned

Measures = dict[tuple[str, str], Mention]

MOST_PARTS: Final = 5
REACH: Final = 8
"""Lines after the whole in which its parts are looked for."""
_AROUND = re.compile(
    r"全[国省市县区州]|我[国省市县区州]|共有|现有|总|的|数$|有$|为$|达到?$|共$|[^\u4e00-\u9fff]"
)
_OTHER_TIME = re.compile(r"累计|计划|预计|目标|近[两三四五六七八九十\d]+年|以来|上年|去年")


def section_readings(cleaned: Cleaned, found: list[Mention]) -> Iterator[Reading]:
    """Readings of every paragraph whose measures the paragraphs after it add up to."""
    lines = list(_measure_lines(cleaned.text, found))
    for k, whole in enumerate(lines):
        if len(whole) >= 3:
            yield from _compare_section(whole, lines[k + 1 : k + 1 + REACH])


def _measure_lines(text: str, found: list[Mention]) -> Iterator[Measures]:
    """The levels of every line that has some, and their yearly changes, by what is measured."""
    ends = [match.start() for match in re.finditer("\n", text)]
    by_line: dict[int, list[Mention]] = defaultdict(list)
    for m in found:
        by_line[bisect(ends, m.q.start)].append(m)
    for line in sorted(by_line):
        yield _measure_line(by_line[line])


def _measure_line(mentions: list[Mention]) -> Measures:
    measures: Measures = {}
    noun = ""
    for m in mentions:
        if m.q.dimension in UNSUMMABLE or m.q.is_rate or m.q.approximation or m.bracket or m.part:
            continue
        if m.role == "level" and not _OTHER_TIME.search(m.near):
            noun = _AROUND.sub("", m.near)
            measures.setdefault((noun, m.q.dimension), m)
        elif m.role == "change" and m.base == "yoy" and noun:
            measures.setdefault((f"{noun}+", m.q.dimension), m)
    return {key: m for key, m in measures.items() if len(key[0]) >= 2}


def _compare_section(whole: Measures, after: list[Measures]) -> Iterator[Reading]:
    """The readings of the number of parts with which most measures add up."""
    best: list[tuple[Mention, list[Mention]]] = []
    for k in range(2, min(MOST_PARTS, len(after)) + 1):
        named = [key for key in whole if all(key in part for part in after[:k])]
        sums = [(whole[key], [part[key] for part in after[:k]]) for key in named]
        if _count_holding(sums) > _count_holding(best):
            best = sums
    strong = _count_holding(best)
    holding = sum(_adds_up(*one) for one in best)
    failing = len(best) - holding
    if strong >= 2 and holding >= 2 * failing:
        for head, parts in best:
            yield _judge_section(head, parts, firm=holding >= 3)


def _count_holding(sums: list[tuple[Mention, list[Mention]]]) -> int:
    """How many levels add up, numbers of one or two figures aside: those add up by chance."""
    return sum(
        _adds_up(head, parts) and head.role == "level" and head.q.lo >= 100 * _last_digit(head)
        for head, parts in sums
    )


def _last_digit(m: Mention) -> float:
    return m.q.scale * 10.0**-m.q.decimals


def _sign(m: Mention) -> float:
    return -1.0 if m.role == "change" and m.sign < 0 else 1.0


def _signed_value(m: Mention) -> float:
    return m.q.base * _sign(m)


def _signed_interval(m: Mention) -> Interval:
    """The values it may stand for; a change may have been taken from levels that were rounded already."""
    room = _last_digit(m) / 2 if m.role == "change" and m.q.decimals else 0.0
    return Interval(m.q.lo - room, m.q.hi + room).times(_sign(m))


def _add_parts(parts: list[Mention]) -> Interval:
    held = [_signed_interval(m) for m in parts]
    return Interval(sum(one.lo for one in held), sum(one.hi for one in held))


def _adds_up(head: Mention, parts: list[Mention]) -> bool:
    return _add_parts(parts).meets(_signed_interval(head))


def _judge_section(head: Mention, parts: list[Mention], *, firm: bool) -> Reading:
    scale = head.q.scale * _sign(head)
    return Reading(
        kind="sum_of_parts",
        relation="sum(parts) == whole",
        start=head.q.start - min(len(head.near), 40),
        end=head.q.end,
        numbers={"whole": head.q.value, "parts": [m.q.value for m in parts]},
        stated=_signed_interval(head).times(1 / scale),
        printed=head.q.value,
        expected=_add_parts(parts).times(1 / scale),
        value=round(sum(_signed_value(m) for m in parts) / scale, 6),
        firm=firm,
        likely=True,
        error="sum",
        facts={"whole": head.q.text, "parts": "、".join(m.q.text for m in parts)},
    )
