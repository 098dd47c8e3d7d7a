"""Do the changes that a sentence states follow from its levels?

Rules for 增长, 提高…个百分点, 增加…倍, 翻番, 年均增长, 高于省平…, 相差…. Each takes one number and the
numbers around it, and gives the readings in which that number is a result, the most natural first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from edustats.briefing.interval import Interval, point
from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import DIGITS, Quantity
from edustats.briefing.readings import Reading, span

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
        return _pair_dated_levels(mention, back)
    return None


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


# --- changes -------------------------------------------------------------------------------------


def change_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 增长5%, 增加3万人, 提高2个百分点, 增长1.5倍."""
    seen = False
    pairs = _of_so_many_years(m, s)
    for pair in reversed(s.pairs if pairs is None else pairs):
        if (pair.last < m.index or _stands_right_after(m, pair) or _told_after(m, pair, s)) and _places_agree(
            m, pair
        ):
            seen = True
            yield from _check_change(m, pair, firm=_belongs_only_to(m, pair, s))
    yield from _speed_readings(m, s)
    if not seen:
        yield from _by_triple(m, s)
        for pair in reversed(s.earlier[-2:]):
            if _places_agree(m, pair) and not m.own:
                yield from _check_change(m, pair, firm=False)
        yield from _by_earlier(m, s)


def _stands_right_after(m: Mention, pair: Pair) -> bool:
    """较12.40亿元下降8.1%至11.40亿元: the end stands right after the change."""
    return pair.last == m.index + 1 and pair.v1.near in ("至", "到", "达", "达到")


def _told_after(m: Mention, pair: Pair, s: Scene) -> bool:
    """增速提高1.3个百分点，由3.2%提高到4.5%: the values stand after the change, and have none of their own."""
    if pair.how == "base":  # 招生4200人，下降5.3%，上年为4435人
        close = (
            pair.v1.index == m.index - 1 and m.clause - pair.v1.clause <= 1 and pair.v0.index == m.index + 1
        )
        return close and not m.own and pair.v0.segment == m.segment and not m.base.startswith("Y")
    opened = pair.how == "from" and pair.v0.index == m.index + 1 and pair.v0.near.startswith(("由", "从"))
    return opened and not any(x.role == "change" and pair.last < x.index <= pair.last + 2 for x in s.here)


_SO_MANY_YEARS = re.compile(
    r"(?P<n>[两三四五六七八九十]|\d{1,2})年(?:来|间|以来|期间)?(?:累计|共|合计|一共|总共|净)?"
)
_REAL = re.compile(r"生产总值|GDP|增加值|总产值|可比|不变价|实际|扣除")
_OF_OUTPUT = re.compile(r"(?:占|相当于)[^，。；\d]{0,10}(?:生产总值|GDP)")
"""占GDP的4.22%: the output is what the amount is measured by, not the amount that grew."""


def _of_so_many_years(m: Mention, s: Scene) -> list[Pair] | None:
    """2021年88.2%、2022年90.1%、2023年92.4%，两年提高4.2个百分点: from the first year to the last."""
    match = _SO_MANY_YEARS.search(m.near)
    if match is None or m.base:
        return None
    n = int(match["n"]) if match["n"].isdigit() else _parse_small_number(match["n"])
    dated = [x for x in s.here if x.index < m.index and (x.is_level or x.role == "share") and x.year]
    ends = [(a, b) for b in dated[-1:] for a in dated if b.year - a.year == n and comparable(a.q, b.q)]
    if ends:
        return [Pair(*ends[-1], "years")]
    return [] if any(p.how == "years" for p in s.pairs) else None


def _may_be_real(m: Mention, pair: Pair, s: Scene) -> bool:
    """Growth at constant prices does not follow from amounts at current ones."""
    if pair.v1.q.dimension != "money":
        return False
    start = pair.v0.q.start - 40 if pair.v0.q.start > 40 else 0
    return bool(_REAL.search(_OF_OUTPUT.sub("", s.text[start : m.q.end + 16])))


def _places_agree(m: Mention, pair: Pair) -> bool:
    return m.length == pair.v1.length and m.place == pair.v1.place


def _belongs_only_to(m: Mention, pair: Pair, s: Scene) -> bool:
    """Does the change belong to this pair and to nothing else?"""
    between = [x for x in s.here if pair.last < x.index < m.index and x.place == m.place]
    if m.q.is_rate and _may_be_real(m, pair, s):
        return False
    if _told_after(m, pair, s):
        return m.segment == pair.v1.segment
    others = any(x.role in ("from", "to", "level", "base") and not x.bracket for x in between)
    return not others and not m.own and m.segment == pair.v1.segment and not _bases_differ(m, pair)


def _bases_differ(m: Mention, pair: Pair) -> bool:
    """A change with a base of its own (同比, 较年初) is not the change from another year."""
    if pair.how == "base":
        return bool(m.base and pair.v0.base and m.base != pair.v0.base)
    if m.base.startswith("Y"):
        return bool(pair.v0.year) and m.base != f"Y{pair.v0.year}"
    apart = pair.v1.year - pair.v0.year if pair.v0.year and pair.v1.year else 0
    return bool(m.base) and (apart > 1 or m.base in ("ytd", "mom"))


def _check_change(m: Mention, pair: Pair, *, firm: bool) -> Iterator[Reading]:
    """The change m as the difference, the growth or the multiple between two values."""
    rate = pair.v1.q.is_rate
    dimension = m.q.dimension
    if dimension == "points":
        yield from _check_points(m, pair, firm) if rate else _points_for_percent(m, pair, firm)
    elif dimension == "percent":
        yield from _growth_of_rate(m, pair, firm) if rate else _check_growth(m, pair, firm)
    elif dimension in ("times", "doublings"):
        yield from _check_multiple(m, pair, firm)
    elif comparable(m.q, pair.v1.q) and comparable(m.q, pair.v0.q):
        yield _make_reading("difference", "v1 - v0 == delta", m, pair, difference(pair), "delta", firm)


def difference(pair: Pair) -> Interval:
    """What was added; a fall of 6.4 % after a rise of 18.2 % is 24.6 points less."""
    return _signed_level(pair.v1) - _signed_level(pair.v0)


def _signed_level(m: Mention) -> Interval:
    """A value, negative where it is itself a fall."""
    return signed(m) if m.role in ("change", "mean") and m.q.is_rate else m.q.interval


def growth(pair: Pair) -> Interval:
    """Growth in per cent."""
    return (pair.v1.q.interval / pair.v0.q.interval).plus(-1).times(100)


def signed(m: Mention) -> Interval:
    """The stated change, negative for a fall: a rate in per cent, anything else in the unit printed."""
    q = m.q
    scale = 1.0 if q.is_rate else q.scale  # 一成五 and 150‰ are 15 %
    lo, hi = q.lo / scale, q.hi / scale
    if q.value < 0:
        return Interval(lo, hi)
    return Interval(-hi, -lo) if m.sign < 0 else Interval(lo, hi)


def _printed_value(m: Mention) -> float:
    value = m.q.base if m.q.is_rate else m.q.value
    return -value if m.sign < 0 < value else value


def _make_reading(
    kind: str,
    relation: str,
    m: Mention,
    pair: Pair,
    expected: Interval,
    name: str,
    firm: bool,
    rivals: tuple[tuple[str, Interval], ...] = (),
) -> Reading:
    scale = m.q.scale if kind == "difference" else 1.0
    v0, v1 = pair.v0.q, pair.v1.q
    value = {"difference": v1.base - v0.base, "pp_change": v1.base - v0.base}.get(kind)
    if value is None:
        value = v1.base / v0.base - 1 if v0.base else 0.0
        value *= 100 if kind == "growth_rate" else 1
    start, end = span(pair.v0, pair.v1, m)
    return Reading(
        kind=kind,
        relation=relation,
        numbers={"v0": v0.value, "v1": v1.value, name: m.q.value},
        start=start,
        end=end,
        stated=signed(m),
        printed=_printed_value(m),
        expected=expected.times(1 / scale),
        value=value / scale,
        firm=firm,
        rivals=rivals,
        facts={"v0": v0.text, "v1": v1.text, "said": m.q.text},
    )


def _check_points(m: Mention, pair: Pair, firm: bool) -> Iterator[Reading]:
    rivals = (("growth_as_points", growth(pair)),)
    yield _make_reading(
        "pp_change", "v1 - v0 == delta_pp", m, pair, difference(pair), "delta_pp", firm, rivals
    )


def _points_for_percent(m: Mention, pair: Pair, firm: bool) -> Iterator[Reading]:
    """Points between numbers that are no rates: wrong in itself, when the growth is what was meant."""
    if comparable(pair.v0.q, pair.v1.q) and growth(pair).meets(signed(m)):
        yield _with_verdict(
            _make_reading("growth_rate", "(v1 - v0) / v0 * 100 == pct", m, pair, growth(pair), "pct", firm),
            "points_for_percent",
        )


def _growth_of_rate(m: Mention, pair: Pair, firm: bool) -> Iterator[Reading]:
    """A change in per cent between two rates: growth proper, or points without their name."""
    relation = "(v1 - v0) / v0 * 100 == pct"
    proper = growth(pair)
    v0, v1, stated = pair.v0.q, pair.v1.q, signed(m)
    if v0.base and stated.meets(difference(pair)) and not stated.meets(point(100 * (v1.base / v0.base - 1))):
        # 1%下降到0.95%，下降0.05%: a base of one digit would allow almost any growth, yet points are meant.
        yield _with_verdict(
            _make_reading(
                "growth_rate",
                relation,
                m,
                pair,
                proper,
                "pct",
                firm,
                (("percent_for_points", difference(pair)),),
            ),
            "percent_for_points",
        )
        return
    rivals = (("percent_for_points", difference(pair)),)
    yield _make_reading("growth_rate", relation, m, pair, proper, "pct", firm, rivals)


def _check_growth(m: Mention, pair: Pair, firm: bool) -> Iterator[Reading]:
    rivals = (("growth_to", (pair.v1.q.interval / pair.v0.q.interval).times(100)),)
    yield _make_reading(
        "growth_rate", "(v1 - v0) / v0 * 100 == pct", m, pair, growth(pair), "pct", firm, rivals
    )


def _check_multiple(m: Mention, pair: Pair, firm: bool) -> Iterator[Reading]:
    ratio = pair.v1.q.interval / pair.v0.q.interval
    if m.q.dimension == "doublings":
        yield _make_reading("growth_multiple", "v1 / v0 == 2 ** n", m, pair, ratio, "times", firm)
        return
    if m.sign < 0:
        return
    yield _make_reading(
        "growth_multiple",
        "v1 / v0 - 1 == times",
        m,
        pair,
        ratio.plus(-1),
        "times",
        firm,
        (("growth_to", ratio),),
    )


def _with_verdict(reading: Reading, error: str) -> Reading:
    return replace(reading, verdict="inconsistent", error=error) if reading.firm else reading


# --- a level, what was added, and the growth -------------------------------------------------------


def _by_triple(m: Mention, s: Scene) -> Iterator[Reading]:
    """达35.2亿元，比上年增加15.3亿元，增长76.88%: the base is the level less what was added."""
    if m.q.dimension not in ("percent", "times"):
        return
    delta = _find_absolute_change(m, s)
    if delta is None:
        return
    yield from _by_base(delta, m, s)
    firm = True
    for level, close in _levels_for(delta, m, s):
        if not m.own and level.q.base > 0:
            real = _may_be_real(m, Pair(level, level, "levels"), s)
            yield _judge_triple(level, delta, m, firm=firm and close and not real)
        firm = False


def _by_base(delta: Mention, m: Mention, s: Scene) -> Iterator[Reading]:
    """与上年的1265万人相比，增加73万人，增长5.8%: what was added over the base."""
    base = next(
        (
            x
            for x in reversed(s.here)
            if x.role == "base" and x.index < delta.index and comparable(x.q, delta.q)
        ),
        None,
    )
    if base is None or base.q.lo <= 0 or base.place != m.place or base.length != m.length:
        return
    per = 100 if m.q.dimension == "percent" else 1
    change = delta.q.interval if delta.sign >= 0 else Interval(-delta.q.hi, -delta.q.lo)
    start, end = span(base, delta, m)
    yield Reading(
        kind="growth_rate",
        relation="delta / v0 == growth",
        start=start,
        end=end,
        stated=signed(m),
        printed=_printed_value(m),
        numbers={"v0": base.q.value, "delta": delta.q.value, "pct": m.q.value},
        expected=(change / base.q.interval).times(per),
        value=per * (change.lo + change.hi) / 2 / base.q.base,
        firm=base.segment == m.segment and not m.own,
        facts={"v0": base.q.text, "v1": "", "said": m.q.text},
    )


_FALLS_OR_RISES = r"(?:回落|下降|放缓|收窄|减少|提高|加快|回升|上升|扩大|降低|提升)"
_A_YEAR_AGO = re.compile(r"上年同期|去年同期|上年|去年|同期")


def _speed_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """同比下降6.4%，上年同期为增长18.2%，增速回落24.6个百分点: the distance of two growth rates."""
    named = re.search(rf"(?:增速|增幅|涨幅)[^，。；]{{0,8}}{_FALLS_OR_RISES}", m.near)
    rates = [x for x in s.here if x.index < m.index and x.segment == m.segment and x.q.is_rate]
    if m.q.dimension != "points" or not named or len(rates) != 2 or any(x.role != "change" for x in rates):
        return
    ago = [x for x in rates if _A_YEAR_AGO.search(x.near) and not re.search(r"[比较]", x.near)]
    if len(ago) == 1:
        now = next(x for x in rates if x is not ago[0])
        yield _make_reading(
            "pp_change",
            "v1 - v0 == delta_pp",
            m,
            Pair(ago[0], now, "speed"),
            signed(now) - signed(ago[0]),
            "delta_pp",
            firm=True,
        )


def _find_absolute_change(m: Mention, s: Scene) -> Mention | None:
    """The absolute change beside a relative one, against the same base."""
    for x in s.here:
        near = 0 < abs(x.index - m.index) <= 2 * m.length and x.segment == m.segment
        alike = x.role == "change" and x.base == m.base and x.place == m.place and x.length == m.length
        absolute = x.q.dimension not in ("percent", "points", "times", "doublings", "")
        if (
            near
            and alike
            and (absolute or x.q.scale >= 1e4)
            and (x.sign == m.sign or m.q.value < 0)
            and x.q.value > 0
        ):
            later = x if x.index > m.index else m
            if not later.own:
                return x
    return None


def _levels_for(delta: Mention, m: Mention, s: Scene) -> Iterator[tuple[Mention, bool]]:
    """Levels a change may belong to, the nearest first, each with: do the words leave no other?"""
    first = min(delta.index, m.index)
    fits = [
        x
        for x in s.here
        if x.is_level and comparable(x.q, delta.q) and x.place == m.place and x.length == m.length
    ]
    back = [x for x in fits if x.index < first and (not x.bracket or delta.bracket)][::-1][:BACK]
    own = delta.own if delta.index < m.index else m.own
    for k, x in enumerate(back):
        yield x, k == 0 and x.segment == delta.segment and not own
    if not back:
        yield from _levels_elsewhere(delta, m, s, fits, own=own)


def _levels_elsewhere(
    delta: Mention, m: Mention, s: Scene, fits: list[Mention], *, own: bool
) -> Iterator[tuple[Mention, bool]]:
    """No level before the change: one after it, one for each of 分别, or one in the sentence before."""
    ahead = [x for x in fits if x.index > min(delta.index, m.index) and x.segment == delta.segment][:1]
    for x in ahead:
        yield x, x.clause - min(delta.clause, m.clause) <= 2 and not x.own
    if m.length > 1:
        yield from _level_of_place(delta, m, s)
    if ahead or own or m.length > 1:
        return
    earlier = [
        x
        for x in s.before[-8:]
        if x.sentence == m.sentence - 1 and x.is_level and comparable(x.q, delta.q) and not x.bracket
    ]
    for x in reversed(earlier[-2:]):
        yield x, len(earlier) == 1


def _level_of_place(delta: Mention, m: Mention, s: Scene) -> Iterator[tuple[Mention, bool]]:
    """小学23.4万人，初中11.2万人，分别增加0.5万人、0.3万人: the levels in the order of the list."""
    head = next((x for x in s.here if x.index == min(delta.index, m.index) - m.place), None)
    if head is None:
        return
    singles = [
        x
        for x in s.here
        if x.is_level
        and x.length == 1
        and x.index < head.index
        and comparable(x.q, delta.q)
        and not x.bracket
    ][-m.length :]
    if len(singles) == m.length:
        yield singles[m.place], "分别" in head.near


def _judge_triple(level: Mention, delta: Mention, m: Mention, *, firm: bool) -> Reading:
    change = delta.q.interval if delta.sign >= 0 else Interval(-delta.q.hi, -delta.q.lo)
    base = level.q.interval - change
    rate = change / base
    amount = delta.q.base if delta.sign >= 0 else -delta.q.base
    before = level.q.base - amount
    start, end = span(level, delta, m)
    per = 100 if m.q.dimension == "percent" else 1
    value = per * amount / before if before else None
    kind = "growth_rate" if per == 100 else "growth_multiple"
    return Reading(
        kind=kind,
        relation="delta / (v1 - delta) == growth",
        numbers={"v1": level.q.value, "delta": delta.q.value, "pct" if per == 100 else "times": m.q.value},
        start=start,
        end=end,
        stated=signed(m),
        printed=_printed_value(m),
        expected=rate.times(per),
        value=value,
        firm=firm and base.lo > 0,
        rivals=(("share_of_new", (change / level.q.interval).times(per)), *_lost_unit(level, change, per)),
        facts={"v0": "", "v1": level.q.text, "said": m.q.text},
    )


def _lost_unit(level: Mention, change: Interval, per: int) -> tuple[tuple[str, Interval], ...]:
    """减少230.47人 beside 4627.55万人: the growth that follows had the magnitude not been lost."""
    whole = change.times(level.q.scale)
    base = level.q.interval - whole
    return (("lost_unit", (whole / base).times(per)),) if level.q.scale > 1 and base.lo > 0 else ()


def _by_earlier(m: Mention, s: Scene) -> Iterator[Reading]:
    """The level of an earlier year, of the same subject, in a sentence before: enough to confirm."""
    level = next((x for x in reversed(s.here) if x.is_level and x.index < m.index), None)
    if level is None or not level.subject:
        return
    for old in reversed(s.before[-30:]):
        fits = old.is_level and comparable(old.q, level.q) and old.subject == level.subject and old.q.base
        if fits and (not old.year or not level.year or old.year < level.year):
            yield from _check_change(m, Pair(old, level, "years"), firm=False)


# --- mean yearly change ----------------------------------------------------------------------------

_SPAN_WORDS = re.compile(r"([一二两三四五六七八九十]{1,2}|\d{1,2})年(?:来|间|期间|里|内|年均)")
_PLAN_END = re.compile(r"[“\"]?(十[一二三四五]?五)[”\"]?(?:规划|时期)?(?:期)?末")
_PLAN_WORDS = re.compile(r"[“\"]?(十[一二三四五]?五)[”\"]?(?:规划)?(?:时期|期间)")


def mean_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 年均增长11.8% and 年均增加2万人 between two values some years apart."""
    yield from _mean_of_series(m, s)
    for pair in reversed(s.pairs):
        told = m.q.is_rate and _told_after(m, pair, s)  # 年均增长8.0%，由50.0亿元增加到73.5亿元
        if (pair.last < m.index or told) and _places_agree(m, pair):
            for n, sure in _count_periods(pair, m, s):
                yield from _check_yearly_mean(m, pair, n, firm=sure and _belongs_only_to(m, pair, s))


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
        count = int(match[1]) if match[1].isdigit() else _parse_small_number(match[1])
        yield from ((count, False), (max(1, count - 1), False))


_YEARS_IN_FRONT = re.compile(
    r"(?:^|(?<=[。\n，]))(?:从|自)?(?P<first>(?:19|20)\d{2})年?(?:[-—–~～至到]{1,2})(?P<last>(?:19|20)\d{2})年(?:末|底)?(?:间|期间)?，"
)


def _parse_small_number(word: str) -> int:
    tens, _, ones = word.partition("十")
    return DIGITS.get(word, 0) if "十" not in word else 10 * DIGITS.get(tens, 1) + DIGITS.get(ones, 0)


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
            printed=_printed_value(m),
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
            printed=_printed_value(m),
            expected=expected,
            value=(v1.base - v0.base) / n / m.q.scale,
            firm=firm,
            facts=facts,
        )


# --- gaps, spreads, multiples ------------------------------------------------------------------------


def gap_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 高于省平(13.5%)2.4个百分点: the value, less the reference, is the gap."""
    rate = m.q.dimension == "points"
    fits = [x for x in s.here if (x.q.is_rate if rate else comparable(x.q, m.q)) and x.index != m.index]
    kinds = ("change", "mean") if rate and _is_of_growth(m) else ("level", "to", "share", "whole")
    values = [x for x in fits if x.index < m.index and x.role in kinds][::-1]
    references = sorted((x for x in fits if x.role == "reference"), key=lambda x: abs(x.index - m.index))
    if not references:
        references = [x for x in fits if x.index == m.index - 1 and x.bracket]
    ahead = [x for x in fits if m.index < x.index <= m.index + 2 and x.segment == m.segment]
    told = len(ahead) == 2 and ahead[0].near.startswith(("达", "为")) and ahead[1].role == "reference"
    if told and not values and m.length == 1:  # 高出全省1.6个百分点，达到93.4%，全省平均为91.8%
        yield _judge_gap(ahead[0], ahead[1], m, firm=not ahead[0].own)
        return
    if not references:
        yield from _gap_of_growth(m, s)
    for k, reference in enumerate(references):
        for j, value in enumerate(x for x in values if x.index != reference.index):
            close = abs(reference.index - m.index) == 1 and value.sentence == m.sentence and m.length == 1
            yield _judge_gap(
                value, reference, m, firm=k == 0 and j == 0 and close and value.segment == m.segment
            )


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
        numbers={"value": _printed_value(value), "reference": _printed_value(reference), "gap_pp": m.q.value},
        printed=_printed_value(m),
        expected=expected,
        value=_printed_value(value) - _printed_value(reference),
        firm=firm,
        facts={"v0": reference.q.text, "v1": value.q.text, "said": m.q.text},
    )
    if m.q.is_rate and expected.meets(signed(m)):
        return replace(reading, verdict="inconsistent", error="percent_for_points", rivals=())
    return reading


def _judge_gap(value: Mention, reference: Mention, m: Mention, *, firm: bool) -> Reading:
    expected = (value.q.interval - reference.q.interval).times(1 / m.q.scale)
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
        stated=signed(m),
        printed=_printed_value(m),
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
_FORMER = re.compile(r"(?P<one>前者|后者)(?:是|为|相当于|达到?)(?:前者|后者)的$")
_COMPARED_WITH = re.compile(r"(?:是|为|相当于|即)[^，。；]{0,24}的?$")


def multiple_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 是2015年的2.4倍: the ratio of two values."""
    for pair in reversed(s.pairs):
        if pair.last < m.index and _places_agree(m, pair):
            yield _judge_ratio(m, pair, firm=_belongs_only_to(m, pair, s))
    levels = [x for x in s.here if x.index < m.index and x.is_level and x.q.dimension != "percent"]
    if len(levels) >= 2 and comparable(levels[-1].q, levels[-2].q) and _COMPARED_WITH.search(m.near):
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


RESULT_RULES: Final[dict[str, Callable[[Mention, Scene], Iterator[Reading]]]] = {
    "change": change_readings,
    "mean": mean_readings,
    "gap": gap_readings,
    "spread": spread_readings,
    "multiple": multiple_readings,
    "to": multiple_readings,
}
"""For each part that is a result: the rule that says what it follows from."""
