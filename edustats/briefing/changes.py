"""Do the changes that a sentence states follow from its levels?

Rules for 增长, 提高…个百分点, 增加…倍, 翻番. Each takes one number and the numbers around it, and gives the readings in
which that number is a result, the most natural first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from edustats.briefing.interval import Interval, point
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import parse_small_number
from edustats.briefing.pairs import BACK, Pair, Scene, comparable
from edustats.briefing.readings import Reading, span


def change_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 增长5%, 增加3万人, 提高2个百分点, 增长1.5倍."""
    yield from _sum_of_changes(m, s)
    step = _step_of_series(m, s)
    if step is not None:
        yield from _check_change(m, step, firm=not _may_be_real(m, step, s))
    seen = step is not None
    if _TOGETHER.match(m.near) and len([p for p in s.pairs if p.how == "from" and p.last < m.index]) > 1:
        return  # 小学由86所减至78所，教学点由38个减至21个，共减少25个: of all, not of the last
    first_to_last = _ends_of_list(m, s)
    if first_to_last is not None:
        yield from _check_change(m, first_to_last, firm=not _may_be_real(m, first_to_last, s))
    pairs = _of_so_many_years(m, s)
    for pair in reversed(s.pairs if pairs is None else pairs):
        if (pair.last < m.index or _stands_right_after(m, pair) or told_after(m, pair, s)) and places_agree(
            m, pair
        ):
            seen = True
            yield from _check_change(m, pair, firm=belongs_only_to(m, pair, s))
    yield from _speed_readings(m, s)
    if not seen:
        yield from _by_triple(m, s)
        for pair in reversed(s.earlier[-2:]):
            if places_agree(m, pair) and not m.own:
                yield from _check_change(m, pair, firm=False)
        yield from _by_earlier(m, s)


def _stands_right_after(m: Mention, pair: Pair) -> bool:
    """较12.40亿元下降8.1%至11.40亿元: the end stands right after the change."""
    return pair.last == m.index + 1 and pair.v1.near in ("至", "到", "达", "达到")


_LAST_YEAR_WAS = re.compile(r"^(?:而)?(?:去年|上年|上学年|前一年)(?:同期)?(?:为|是|的)?$")


def told_after(m: Mention, pair: Pair, s: Scene) -> bool:
    """增速提高1.3个百分点，由3.2%提高到4.5%: the values stand after the change, and have none of their own."""
    if pair.how == "base":
        same = pair.v0.segment == m.segment and (not m.base.startswith("Y") or m.base == f"Y{pair.v0.year}")
        if pair.v1.index == m.index - 1:  # 招生4200人，下降5.3%，上年为4435人
            near = m.clause - pair.v1.clause <= 1 and pair.v0.index == m.index + 1
            return near and not m.own and same
        both = pair.v1.index == m.index + 1 and pair.v0.index == m.index + 2
        return both and not pair.v1.own and same and bool(_LAST_YEAR_WAS.match(pair.v0.near))
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
    altogether = match is None and m.near.startswith(("累计", "总共", "合计"))
    if m.base or not (match or altogether):
        return None
    dated = [x for x in s.here if x.index < m.index and (x.is_level or x.role == "share") and x.year]
    if match is None:
        alike = [x for x in dated if comparable(x.q, dated[-1].q)]
        return [Pair(alike[0], alike[-1], "years")] if len({x.year for x in alike}) > 2 else None
    n = int(match["n"]) if match["n"].isdigit() else parse_small_number(match["n"])
    ends = [(a, b) for b in dated[-1:] for a in dated if b.year - a.year == n and comparable(a.q, b.q)]
    if ends:
        return [Pair(*ends[-1], "years")]
    spoken = any(p.v0.near.startswith(("去年", "上年", "前年")) for p in s.pairs) and n > 1
    return (
        [] if spoken or any(p.how == "years" for p in s.pairs) else None
    )  # 去年…，今年…，明年预计…，两年增加


def _step_of_series(m: Mention, s: Scene) -> Pair | None:
    """分别为4.10亿元、4.51亿元、4.87亿元，后两年分别比上年增长10%、8%: each year against the one before it."""
    ends = [x for x in s.here if x.index < m.index - m.place and x.length == m.length + 1 and x.is_level]
    if m.length < 2 or m.base != "yoy" or len(ends) != m.length + 1 or ends[0].segment != m.segment:
        return None
    dated = _SERIES_OF_YEARS.search(ends[0].near)
    return Pair(ends[m.place], ends[m.place + 1], "series") if dated else None


def _ends_of_list(m: Mention, s: Scene) -> Pair | None:
    """2020—2023年，分别为1.42万人、1.36万人、1.27万人、1.15万人，三年减少0.27万人: from the first to the last."""
    match = _SO_MANY_YEARS.search(m.near)
    last = next((x for x in s.here if x.index == m.index - 1), None)
    if match is None or last is None or m.base or m.length > 1 or last.place != last.length - 1:
        return None
    n = int(match["n"]) if match["n"].isdigit() else parse_small_number(match["n"])
    first = next((x for x in s.here if x.index == last.index - n), None)
    dated = first is not None and first.place == 0 and last.length == n + 1 and last.segment == m.segment
    return Pair(first, last, "series") if first is not None and dated and first.is_level else None


_SERIES_OF_YEARS = re.compile(r"年")


def _sum_of_changes(m: Mention, s: Scene) -> Iterator[Reading]:
    """小学由792人降至779人，初中由354人降至341人，两学段共减少26人: what each lost, together."""
    match = _TOGETHER.match(m.near)
    pairs = [p for p in s.pairs if p.how == "from" and p.last < m.index and p.v1.segment == m.segment]
    alike = len(pairs) > 1 and all(comparable(m.q, p.v1.q) for p in pairs)
    if match is None or not alike or pairs[-1].last != m.index - 1 or m.base:
        return
    n = parse_small_number(match["n"]) if match["n"] else len(pairs)
    total = pairs[0].v1.q.interval - pairs[0].v0.q.interval
    for pair in pairs[1:]:
        total = total + difference(pair)
    start, end = span(pairs[0].v0, m)
    scale = m.q.scale
    yield Reading(
        kind="difference",
        relation="sum(v1 - v0) == delta",
        numbers={"parts": [p.v1.q.value - p.v0.q.value for p in pairs], "delta": m.q.value},
        start=start,
        end=end,
        stated=signed(m),
        printed=printed_value(m),
        expected=total.times(1 / scale),
        value=sum(p.v1.q.base - p.v0.q.base for p in pairs) / scale,
        firm=n == len(pairs),
        facts={"said": m.q.text},
    )


_TOGETHER = re.compile(
    r"^(?:(?P<n>[两三四五六])[\u4e00-\u9fff]{1,4}?|全[县市区校][\u4e00-\u9fff]{0,4})?(?:合计|总共|一共|共计|共)"
)


def _may_be_real(m: Mention, pair: Pair, s: Scene) -> bool:
    """Growth at constant prices does not follow from amounts at current ones."""
    if pair.v1.q.dimension != "money":
        return False
    start = pair.v0.q.start - 40 if pair.v0.q.start > 40 else 0
    return bool(_REAL.search(_OF_OUTPUT.sub("", s.text[start : m.q.end + 16])))


def places_agree(m: Mention, pair: Pair) -> bool:
    return m.length == pair.v1.length and m.place == pair.v1.place


def belongs_only_to(m: Mention, pair: Pair, s: Scene) -> bool:
    """Does the change belong to this pair and to nothing else?"""
    between = [x for x in s.here if pair.last < x.index < m.index and x.place == m.place]
    if m.q.is_rate and _may_be_real(m, pair, s):
        return False
    if told_after(m, pair, s):
        return m.segment == pair.v1.segment
    others = any(x.role in ("from", "to", "level", "base") and not x.bracket for x in between)
    return not others and not m.own and m.segment == pair.v1.segment and not _bases_differ(m, pair)


def _bases_differ(m: Mention, pair: Pair) -> bool:
    """A change with a base of its own (同比, 较年初) is not the change from another year."""
    if pair.how == "then":
        return bool(m.base)
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


def printed_value(m: Mention) -> float:
    """The number as it is printed, negative for a fall."""
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
        printed=printed_value(m),
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
        printed=printed_value(m),
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
        printed=printed_value(m),
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
