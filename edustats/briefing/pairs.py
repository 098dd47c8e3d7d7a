"""Which two values does a change lie between?

Rules that join a value before and a value after: 由…提高到…, 上年为…, 2022年…2023年…, and the sentence before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import Quantity

BACK: Final = 14
"""How many numbers a rule looks back: enough for the longest list of indicators seen in one sentence."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A value before and a value after; ``how`` says which words join them."""

    v0: Mention
    v1: Mention
    how: str

    @property
    def last(self) -> int:
        """Index of the later number of the two in the text."""
        return max(self.v0.index, self.v1.index)


@dataclass(frozen=True, slots=True)
class Scene:
    """The numbers of one sentence, those of the sentences before it, and the clean text."""

    text: str
    here: list[Mention]
    before: list[Mention]
    pairs: list[Pair]
    earlier: list[Pair]


def comparable(a: Quantity, b: Quantity) -> bool:
    """Can one be subtracted from the other?"""
    if a.dimension == b.dimension:
        return a.dimension != "things" or a.unit == b.unit or "个" in (a.unit, b.unit)
    bare = a if not a.dimension else b if not b.dimension else None
    return bare is not None and (a.scale >= 1e4 <= b.scale or bare.scale >= 1e4)


def scene(text: str, here: list[Mention], before: list[Mention], earlier: list[Pair]) -> Scene:
    """A sentence with the pairs of values it joins, and those of the sentence before it."""
    pairs = [
        pair
        for i, m in enumerate(here)
        if (pair := _pair_values(here, i) or _pair_across_sentences(m, before))
    ]
    return Scene(text, here, before, pairs, earlier)


_SPEED = re.compile(r"增速|增幅|降幅|涨幅|增长率|增长幅度|增长速度")


def _pair_values(here: list[Mention], i: int) -> Pair | None:
    mention = here[i]
    back = here[max(0, i - BACK) : i][::-1]
    if mention.role == "to":
        return _pair_ends(mention, back)
    ahead = next((m for m in back if m.q.dimension != "points"), None)
    of_speed = (
        mention.q.is_rate and ahead is not None and ahead.role == "change" and _SPEED.search(ahead.near)
    )
    if mention.role == "base" and (_SPEED.search(mention.near) or of_speed):
        rate = next(
            (
                m
                for m in back
                if m.role in ("change", "mean") and m.q.is_rate and m.segment == mention.segment
            ),
            None,
        )
        return Pair(mention, rate, "base") if rate else None
    if mention.role == "base":
        v1 = next(
            (
                m
                for m in back
                if (m.is_level or m.role == "share")
                and not m.bracket
                and comparable(m.q, mention.q)
                and m.segment == mention.segment
            ),
            None,
        )
        v1 = v1 or _year_before(mention, back)
        return Pair(mention, v1, "base") if v1 else None
    if mention.role in ("level", "whole", "share"):
        return (
            _base_in_bracket(mention, back)
            or _then_and_now(mention, back)
            or _pair_dated_levels(mention, back)
        )
    return None


def _base_in_bracket(mention: Mention, back: list[Mention]) -> Pair | None:
    """92.9%，比2012年提高28.4个百分点（2012年为64.5%）: the bracket gives the year that the change names."""
    change, level = (*back[:2], None, None)[:2]
    if change is None or level is None or not mention.bracket or not mention.year:
        return None
    named = change.role == "change" and change.base == f"Y{mention.year}" and level.is_level
    return Pair(mention, level, "base") if named and comparable(level.q, mention.q) else None


_THEN = re.compile(
    r"春季|上学期|开学|年初|期初|学期初|原有|原来|此前|过去|当时|起初|最初|建校初|改革前|[整治调撤合]并?前|前期"
)
_NOW = re.compile(
    r"秋季学期|秋季|下学期|目前|现有|现在|如今|本学期|年末|年底|期末|学期末|今年|今秋|眼下|[整治]后|调整后|合并后|撤并后|截至"
)


def _then_and_now(mention: Mention, back: list[Mention]) -> Pair | None:
    """开学时登记学生2154人，本学期2086人，减少68人: one thing at two times that words tell."""
    first = back[0] if back else None
    if first is None or not (first.is_level and mention.is_level) or first.q.unit != mention.q.unit:
        return None
    beside = mention.clause == first.clause + 1 and mention.length == first.length == 1
    rest = re.sub(r"[为有达共学期的]", "", _NOW.sub("", mention.near))
    bare = not rest or rest in first.near
    told = _THEN.search(first.near) and _NOW.search(mention.near) and not _NOW.search(first.near)
    return Pair(first, mention, "then") if beside and bare and told else None


def _year_before(mention: Mention, back: list[Mention]) -> Mention | None:
    """去年招生5250人，比前年5000人增长5%: last year is what is spoken of, the year before it the base."""
    last = back[0] if back and "前年" in mention.near else None
    told = last is not None and last.role == "base" and re.match(r"(?:去年|上年)", last.near)
    return last if told and last is not None and comparable(last.q, mention.q) else None


_AREA = re.compile(r"[\u4e00-\u9fff]{1,2}[国省市县区州校镇乡](?=[\u4e00-\u9fff])")


def _same_area(a: Mention, b: Mention) -> bool:
    """全市招聘 and 全县招聘 are two things, 甲县投入 and 乙县投入 as well."""
    first, second = ({match.group() for match in _AREA.finditer(m.near)} for m in (a, b))
    return not (first and second) or bool(first & second)


def _pair_across_sentences(mention: Mention, before: list[Mention]) -> Pair | None:
    """2022年招聘教师215人。2023年招聘教师258人: one subject, two years, two sentences."""
    if not mention.year or len(mention.subject) < 3 or not mention.is_level or mention.length > 1:
        return None
    for m in reversed(before[-8:]):
        if m.sentence < mention.sentence - 1:
            return None
        same = (
            m.is_level
            and m.subject == mention.subject
            and _same_area(m, mention)
            and m.q.unit == mention.q.unit
            and m.length == 1
        )
        if same and m.year and m.year != mention.year:
            first, last = sorted((m, mention), key=lambda x: x.year)
            return Pair(first, last, "years")
    return None


def _pair_ends(mention: Mention, back: list[Mention]) -> Pair | None:
    """由…提高到…: the start is the nearest one of the same unit, and of the same place in its list."""
    for m in back:
        if m.role in ("from", "base") and comparable(m.q, mention.q):
            same_place = m.length == mention.length and m.place == mention.place
            if same_place:
                return Pair(m, mention, "from")
            if m.length == 1 or mention.length == 1:
                return None
        elif m.role == "to" and m.length == 1:
            return None
    return None


def _pair_dated_levels(mention: Mention, back: list[Mention]) -> Pair | None:
    """2022年为…, 2023年为…: two levels of one unit, each with its year."""
    for m in back:
        if m.role == "base" and comparable(m.q, mention.q) and m.clause < mention.clause and not mention.own:
            return Pair(m, mention, "base")
        if (
            (m.is_level or m.role == "share")
            and m.place == mention.place
            and m.length == mention.length
            and comparable(m.q, mention.q)
        ):
            shortened = m.subject.startswith(mention.subject) or m.subject.endswith(mention.subject)
            shortened = shortened and mention.clause <= m.clause + 2
            named = len(mention.subject) >= 2 and (mention.subject == m.subject or shortened)
            named = named and _same_area(m, mention)
            same = not mention.own or named
            if m.year and mention.year and m.year != mention.year and same:
                first, last = sorted((m, mention), key=lambda x: x.year)
                return Pair(first, last, "years")
            return None
    return None
