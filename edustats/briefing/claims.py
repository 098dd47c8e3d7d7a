"""Which claims does a draft make, and how does each fare?

Numbers are read sentence by sentence; rules turn them into readings; the best reading of every number is
judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Final

from edustats.briefing.calendar import calendar_readings
from edustats.briefing.changes import change_readings
from edustats.briefing.columns import column_readings
from edustats.briefing.dates import date_readings
from edustats.briefing.english import english_readings
from edustats.briefing.extremes import extreme_readings
from edustats.briefing.gaps import gap_readings, multiple_readings, spread_readings
from edustats.briefing.goals import goal_readings
from edustats.briefing.interval import Interval
from edustats.briefing.ladders import ladder_readings
from edustats.briefing.lexicon import LEXICON, one_of
from edustats.briefing.listing import listing_readings
from edustats.briefing.mentions import Mention, mentions
from edustats.briefing.numbers import Year
from edustats.briefing.order import order_readings
from edustats.briefing.pairs import Pair, Scene, scene
from edustats.briefing.parts import part_readings
from edustats.briefing.products import product_readings
from edustats.briefing.proportions import proportion_of_amounts, proportion_readings
from edustats.briefing.ratios import quotient_readings, rate_readings
from edustats.briefing.readings import Reading, span
from edustats.briefing.repeats import repeat_readings
from edustats.briefing.sections import section_readings
from edustats.briefing.shares import portion_readings, share_readings
from edustats.briefing.sides import side_readings
from edustats.briefing.splits import band_readings, split_readings
from edustats.briefing.style import style_readings
from edustats.briefing.sums import sum_readings
from edustats.briefing.tables import table_readings, tables_of
from edustats.briefing.text import Cleaned, is_english
from edustats.briefing.verdict import Claim, choose, judge
from edustats.briefing.yearly import mean_readings

MEMORY: Final = 40
"""Numbers of earlier sentences that a rule may look at."""
GROSS: Final = 150
"""A gross enrolment rate counts pupils of any age and may pass 100 %, but not by half."""
LONGEST: Final = 48
"""Numbers in one sentence; real ones have thirty at most."""


def find_claims(cleaned: Cleaned) -> list[Claim]:
    """Every claim of a clean text, judged, in the order of the text.

    Parameters
    ----------
    cleaned : the clean text and its map to the text as given

    Returns
    -------
    list of Claim
    """
    if is_english(cleaned.text):
        found_readings = list(english_readings(cleaned))
        return sorted((judge(r, cleaned) for r in found_readings), key=lambda claim: (claim.start, claim.end))
    found, dates = mentions(cleaned)
    readings = list(_number_readings(cleaned, found))
    readings += count_readings(cleaned, found, dates)
    claims = {(r.start, r.end, r.kind, r.relation): judge(r, cleaned) for r in readings}
    return sorted(claims.values(), key=lambda claim: (claim.start, claim.end, claim.kind))


def _number_readings(cleaned: Cleaned, found: list[Mention]) -> Iterator[Reading]:
    done: list[Mention] = []
    pairs: list[Pair] = []
    for here in _split_sentences(found):
        near = bool(done) and done[-1].sentence >= here[0].sentence - 1
        stage = scene(cleaned.text, here, done[-MEMORY:], pairs if near else [])
        yield from _read_results(stage)
        yield from _check_directions(stage)
        for rule in SENTENCE_RULES:
            yield from rule(stage)
        done += here
        pairs = stage.pairs


def _split_sentences(found: list[Mention]) -> Iterator[list[Mention]]:
    """The numbers of each sentence; an endless sentence in pieces, so that the cost stays in step with
    the length."""
    for _, group in groupby(found, key=lambda m: m.sentence):
        numbers = list(group)
        for start in range(0, len(numbers), LONGEST):
            yield numbers[start : start + LONGEST]


def _read_results(s: Scene) -> Iterator[Reading]:
    """The best reading of every number that is a result."""
    for m in s.here:
        rule = RESULT_RULES.get(m.role)
        if m.role == "to" and m.q.dimension != "times":
            continue
        if rule is not None:
            best = choose(rule(m, s))
            if best is not None or not _serves_growth(m, s):
                yield best if best is not None else _leave_open(m)
        elif m.role == "share":
            best = choose(share_readings(m, s))
            if best is not None:
                yield best


def _serves_growth(m: Mention, s: Scene) -> bool:
    """Is it the amount that the growth rate after it was reckoned from?"""
    after = next((x for x in s.here if x.index == m.index + m.length), None)
    rate = after is not None and after.role == "change" and after.q.dimension in ("percent", "times")
    return rate and m.role == "change" and m.q.dimension not in ("percent", "points", "times")


def _leave_open(m: Mention) -> Reading:
    """A result whose other numbers the text does not give."""
    start, end = span(m)
    kinds = {"points": "pp_change", "percent": "growth_rate", "times": "growth_multiple"}
    by_role = {
        "gap": "gap_to_reference",
        "mean": "cagr",
        "multiple": "growth_multiple",
        "to": "growth_multiple",
    }
    kind = by_role.get(m.role, kinds.get(m.q.dimension, "difference"))
    baseless = m.role == "change" and m.q.dimension in ("percent", "points") and not m.base and not m.year
    return Reading(
        kind=kind,
        relation="other number not given",
        numbers={"stated": m.q.value},
        start=start,
        end=end,
        printed=m.q.value,
        verdict="uncheckable",
        firm=False,
        error="missing_base" if baseless else "arithmetic",
        facts={"said": m.near[-12:] + m.q.text} if baseless else {},
    )


def _check_directions(s: Scene) -> Iterator[Reading]:
    """由…提高到…, with no change stated: only the verb can be checked."""
    for pair in s.pairs:
        if pair.how == "from" and not _has_result(pair, s):
            yield _judge_direction(pair)


def _has_result(pair: Pair, s: Scene) -> bool:
    following = [m for m in s.here if pair.last < m.index <= pair.last + 2 * pair.v1.length]
    return any(
        m.role == "change" and m.segment == pair.v1.segment and not m.own and m.base != "mom"
        for m in following
    )


def _judge_direction(pair: Pair) -> Reading:
    v0, v1, sign = pair.v0.q, pair.v1.q, pair.v1.sign
    start, end = span(pair.v0, pair.v1)
    neutral = sign == 0 or v0.dimension == "inverse" or not _rises_with_its_verb(pair)
    right = v1.hi > v0.lo if sign > 0 else v1.lo < v0.hi
    verdict = "uncheckable" if neutral else "consistent" if right else "inconsistent"
    change = v1.base - v0.base
    facts: dict[str, object] = {"v0": v0.text, "v1": v1.text}
    return Reading(
        kind="other" if neutral else "direction",
        relation="v1 > v0" if sign > 0 else "v1 < v0" if sign else "from, to",
        numbers={"v0": v0.value, "v1": v1.value},
        start=start,
        end=end,
        value={"delta": round(change / v1.scale, 4)},
        verdict=verdict,
        error="direction" if not neutral else "arithmetic",
        facts=facts,
    )


_BETTER_BELOW = re.compile(
    r"排名|排位|名次|位次|座次|位列|位居|第\d|前\d|(?:由|从|至|到)[^，。；]{0,12}前$|成绩|用时|耗时|时间|时长|改善|优化|改进"
)
_BETTER_BELOW_UNITS: Final = frozenset({"位", "秒", "分钟", "小时", "天", "个工作日", "号"})


def _rises_with_its_verb(pair: Pair) -> bool:
    """Two amounts of one thing, next to each other; not ranks and times, of which the smaller is the better."""
    v0, v1 = pair.v0, pair.v1
    adjacent = v1.index - v0.index <= 2 * v1.length and v1.clause - v0.clause <= 2 and not v1.own
    ranked = v0.q.unit == "名" and re.search(r"全[市县省区国校]|年级|第|前", v0.near)
    words = v0.near + v0.subject + v1.near
    bare = not v0.q.unit and not v0.q.decimals  # a coefficient has decimals, a rank has none
    smaller = _BETTER_BELOW.search(words) or v0.q.unit in _BETTER_BELOW_UNITS or ranked or bare
    return adjacent and v0.q.unit == v1.q.unit and not smaller


_BOUNDED = re.compile(one_of(LEXICON.raw["rates"]["bounded"]))
_UNBOUNDED = re.compile(one_of(LEXICON.raw["rates"]["unbounded"]))


def bounded_readings(s: Scene) -> Iterator[Reading]:
    """A rate that cannot exceed 100 %, and does; a percentage that looks like a year."""
    for m in s.here:
        if not m.q.is_rate or m.q.lo <= 100 or m.role in ("change", "mean", "gap", "spread"):
            continue
        start, end = span(m)
        if 1990 <= m.q.value <= 2035 and not m.q.decimals:
            yield Reading(
                kind="bound",
                relation="rate <= 100",
                numbers={"value": m.q.value},
                start=start,
                end=end,
                printed=m.q.value,
                verdict="uncheckable",
                severity="error",
                error="damaged_percent",
                facts={"said": m.q.text},
            )
            continue
        if "毛入" in m.near and m.q.lo <= GROSS:
            continue
        rate = _BOUNDED.search(m.near)
        if rate and not _UNBOUNDED.search(m.near) and not _CHANGE_WORDS.search(m.near):
            yield _judge_above(m, rate.group(), start, end)


_CHANGE_WORDS = re.compile(LEXICON.words("verbs", "up", "down"))


def _judge_above(m: Mention, rate: str, start: int, end: int) -> Reading:
    likely = m.q.text.lstrip("约近超")[1:]
    facts: dict[str, object] = {"rate": rate, "said": m.q.text, "likely": likely}
    return Reading(
        kind="bound",
        relation="rate <= 100",
        numbers={"value": m.q.value, "most": 100},
        start=start,
        end=end,
        stated=m.q.interval,
        printed=m.q.value,
        expected=Interval(0, 100),
        value=likely,
        error="above_100",
        facts=facts,
    )


def fall_readings(s: Scene) -> Iterator[Reading]:
    """下降1.5倍: nothing can fall by more than itself."""
    for m in s.here:
        if m.role == "change" and m.q.dimension == "times" and m.sign < 0 and m.q.hi >= 1:
            start, end = span(m)
            yield Reading(
                kind="growth_multiple",
                relation="a fall is less than once the value",
                numbers={"times": m.q.value},
                start=start,
                end=end,
                printed=-m.q.value,
                verdict="inconsistent",
                error="fall_in_times",
                facts={"said": m.q.text},
            )


_NOT_AN_ADJECTIVE = re.compile(r"$|[^\u4e00-\u9fff]|和地区|的|参加|参与|派|建交|组成|建立|有")
"""340个国家重点扶持县 are counties."""


def limit_readings(s: Scene) -> Iterator[Reading]:
    """2023个国家: more than there are."""
    for m in s.here:
        words = m.q.unit + m.after
        for name, most in LEXICON.raw["limits"].items():
            if words.startswith(name):
                if m.q.lo > most and _NOT_AN_ADJECTIVE.match(words, len(name)):
                    start, end = span(m)
                    yield Reading(
                        kind="bound",
                        relation="count <= number there are",
                        start=start,
                        end=end + len(name) - 1,
                        numbers={"value": m.q.value, "most": most},
                        stated=m.q.interval,
                        printed=m.q.value,
                        expected=Interval(0, most),
                        value=None,
                        error="limit",
                        facts={"said": f"{m.q.value:g}{name}", "most": most},
                    )
                break


def balance_readings(s: Scene) -> Iterator[Reading]:
    """出生率9.12‰，死亡率6.85‰，自然增长率2.27‰: the first less the second is the third."""
    triples = LEXICON.raw["balances"]["triples"] if len(s.here) >= 3 else ()
    for first, second, third in triples:
        a, b, c = (
            next((m for m in s.here if word in m.near and m.role not in ("change", "mean")), None)
            for word in (first, second, third)
        )
        if (
            a is None
            or b is None
            or c is None
            or not a.index < c.index > b.index
            or c.index - min(a.index, b.index) > 8
        ):
            continue
        if a.q.unit != b.q.unit or a.q.unit != c.q.unit:
            continue
        start, end = span(a, b, c)
        expected = (a.q.interval - b.q.interval).times(1 / c.q.scale)
        clear = third in ("顺差", "逆差") or (third == "自然增长率" and {a.segment, b.segment} == {c.segment})
        clear = clear or (
            c.near.endswith(third) and third[0] == "净" and b.index == a.index + 1 == c.index - 1
        )
        yield Reading(
            kind="difference",
            relation="first - second == third",
            start=start,
            end=end,
            firm=clear,
            numbers={"v0": b.q.value, "v1": a.q.value, "delta": c.q.value},
            stated=c.q.interval.times(1 / c.q.scale),
            printed=c.q.value,
            expected=expected,
            value=(a.q.base - b.q.base) / c.q.scale,
            facts={"said": c.q.text},
        )


RESULT_RULES: Final[dict[str, Callable[[Mention, Scene], Iterator[Reading]]]] = {
    "change": change_readings,
    "mean": mean_readings,
    "gap": gap_readings,
    "spread": spread_readings,
    "multiple": multiple_readings,
    "to": multiple_readings,
}
"""For each part that is a result: the rule that says what it follows from."""

SENTENCE_RULES: Final[tuple[Callable[[Scene], Iterable[Reading]], ...]] = (
    part_readings,
    sum_readings,
    split_readings,
    band_readings,
    bounded_readings,
    fall_readings,
    limit_readings,
    balance_readings,
    quotient_readings,
    rate_readings,
    product_readings,
    goal_readings,
    extreme_readings,
    side_readings,
    portion_readings,
    proportion_of_amounts,
)
"""Rules that read a whole sentence at once."""


def count_readings(cleaned: Cleaned, found: list[Mention], dates: list[Year]) -> Iterator[Reading]:
    """Readings of lists, years, orders and wording."""
    yield from listing_readings(cleaned, found)
    yield from calendar_readings(cleaned, dates)
    yield from date_readings(cleaned, found)
    yield from order_readings(cleaned, found)
    yield from repeat_readings(cleaned, found, dates)
    yield from proportion_readings(cleaned)
    yield from section_readings(cleaned, found)
    yield from ladder_readings(found)
    yield from table_readings(cleaned)
    for rows in tables_of(cleaned.text):
        yield from column_readings(rows)
    yield from style_readings(cleaned, found)
