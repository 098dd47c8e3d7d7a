"""Does a mean yearly change follow from two values some years apart?

年均增长11.8%, 年均增加2万人, over years that are dated, counted (五年来) or those of a plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from edustats.briefing.changes import (
    belongs_only_to,
    difference,
    growth,
    places_agree,
    printed_value,
    signed,
    told_after,
)
from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import parse_small_number
from edustats.briefing.pairs import Pair, Scene, comparable
from edustats.briefing.readings import Reading, span

_SPAN_WORDS = re.compile(r"([一二两三四五六七八九十]{1,2}|\d{1,2})年(?:来|间|期间|里|内|年均)")
_PLAN_END = re.compile(r"[“\"]?(十[一二三四五]?五)[”\"]?(?:规划|时期)?(?:期)?末")
_PLAN_WORDS = re.compile(r"[“\"]?(十[一二三四五]?五)[”\"]?(?:规划)?(?:时期|期间)")


def mean_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 年均增长11.8% and 年均增加2万人 between two values some years apart."""
    yield from _mean_of_series(m, s)
    for pair in reversed(s.pairs):
        told = m.q.is_rate and told_after(m, pair, s)  # 年均增长8.0%，由50.0亿元增加到73.5亿元
        if (pair.last < m.index or told) and places_agree(m, pair):
            for n, sure in _count_periods(pair, m, s):
                yield from _check_yearly_mean(m, pair, n, firm=sure and belongs_only_to(m, pair, s))


def _mean_of_series(m: Mention, s: Scene) -> Iterator[Reading]:
    """三年分别为10.2亿元、11.5亿元、12.9亿元，年均增长12.5%: from the first to the last of a list."""
    series = [x for x in s.here if x.index < m.index and x.is_level and x.length >= 3]
    if series and not series[-1].q.is_rate:
        last = series[-1]
        first = next(x for x in s.here if x.index == last.index - last.place)
        yield from _check_yearly_mean(m, Pair(first, last, "series"), last.length - 1, firm=False)


def _count_periods(pair: Pair, m: Mention, s: Scene) -> Iterator[tuple[int, bool]]:
    apart = pair.v1.year - pair.v0.year if pair.v0.year and pair.v1.year else 0
    plans = [match[1] for x in (pair.v0, pair.v1) if (match := _PLAN_END.search(x.near))]
    if len(plans) == 2:
        first, last = (LEXICON.raw["plans"][plan][1] for plan in plans)
        apart = last - first
    if 1 < apart < 60:
        yield apart, True
        return
    stretch = _YEARS_IN_FRONT.search(s.text, max(0, pair.v0.q.start - 60), pair.v0.q.start)
    if (
        stretch
        and "。" not in s.text[stretch.end() : pair.v0.q.start]
        and not pair.v0.year == pair.v1.year == 0
    ):
        yield int(stretch["last"]) - int(stretch["first"]), True
        return
    start = min(x.q.start for x in s.here[:1])
    words = s.text[max(0, start - 60) : m.q.start]
    if _PLAN_WORDS.search(words):
        yield from ((5, False), (4, False))
    if pair.how == "base" and pair.v0.q.dimension != "percent":
        yield from ((10, False), (5, False))
    for match in _SPAN_WORDS.finditer(words):
        count = int(match[1]) if match[1].isdigit() else parse_small_number(match[1])
        yield from ((count, False), (max(1, count - 1), False))


_YEARS_IN_FRONT = re.compile(
    r"(?:^|(?<=[。\n，]))(?:从|自)?(?P<first>(?:19|20)\d{2})年?(?:[-—–~～至到]{1,2})(?P<last>(?:19|20)\d{2})年(?:末|底)?(?:间|期间)?，"
)


def _check_yearly_mean(m: Mention, pair: Pair, n: int, *, firm: bool) -> Iterator[Reading]:
    v0, v1 = pair.v0.q, pair.v1.q
    start, end = span(pair.v0, pair.v1, m)
    numbers = {"v0": v0.value, "v1": v1.value, "n": n, "pct" if m.q.is_rate else "delta": m.q.value}
    facts = {"v0": v0.text, "v1": v1.text, "said": m.q.text, "n": n}
    if m.q.dimension == "percent" and v0.lo > 0:
        expected = (v1.interval / v0.interval).root(n).plus(-1).times(100)
        simple = growth(pair).times(1 / n)
        yield Reading(
            kind="cagr",
            relation="(v1 / v0) ** (1 / n) - 1 == pct",
            numbers=numbers,
            start=start,
            end=end,
            stated=signed(m),
            printed=printed_value(m),
            expected=expected,
            value=100 * ((v1.base / v0.base) ** (1 / n) - 1),
            firm=firm,
            rivals=(("simple_mean", simple),),
            facts=facts,
        )
    elif comparable(m.q, v1) or (m.q.dimension == "points" and v1.is_rate):
        expected = difference(pair).times(1 / n / m.q.scale)
        yield Reading(
            kind="difference",
            relation="(v1 - v0) / n == delta",
            numbers=numbers,
            start=start,
            end=end,
            stated=signed(m),
            printed=printed_value(m),
            expected=expected,
            value=(v1.base - v0.base) / n / m.q.scale,
            firm=firm,
            facts=facts,
        )
