"""Do totals, remainders and complements follow from what stands before them?

小学50所、初中30所，合计80所; 总计录取3120人 after two lists; 计划120座，已完成86座，剩余34座;
入园率91.3%，尚有8.7%…未入园.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON, one_of
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import COUNTS, parse_small_number
from edustats.briefing.pairs import Scene, comparable
from edustats.briefing.parts import UNSUMMABLE, divides, judge_excess, total_of
from edustats.briefing.readings import Reading, span

MOST_PARTS = 14
_PLAIN_TOTAL = re.compile(
    r"^(?:两者|三者|以上|全部)?(?:合计|共计|总计|一共|总共|共|共有)(?:为|达到?|有|是)?$"
)
_SCOPED_TOTAL = re.compile(
    r"^(?:(?P<n>[两三四五六七八九十])个?(?P<what>[\u4e00-\u9fff]{1,4})|全[省市县区校州镇][\u4e00-\u9fff]{0,6})(?:总)?(?:合计|共计|总计|一共|总共|共)(?:有)?$"
)
_NAMED_TOTAL = re.compile(
    r"^(?:全[省市县区州镇校]|城乡|各校|各地|(?P<n>[两三四五六七八九十])个?[\u4e00-\u9fff]{1,4}?)?(?:总共|共计|合计|累计|一共|共)(?P<what>[\u4e00-\u9fff]{2,8})$"
)
"""城区新增学位2400个，乡镇新增学位1150个，全县共新增学位3550个."""
_TOTAL_WORDS = re.compile(r"合计|共计|总计")
_ALL_TOLD = re.compile(r"^(?:以上|上述|全年|全县|全市|全区|全省)?(?:总计|合计|共计|累计)")
_SO_MANY = re.compile(
    r"^(?:以上|上述|这)?(?P<n>[两二三四五六七八九])(?:个|所|项|类|校|处|期|批)(?P<what>[\u4e00-\u9fff]{0,6}?)"
    r"(?:建成后|完成后|投用后|相加|加起来|合起来)?(?:合计|共计|总计|一共|总共|共)"
)


def sum_readings(s: Scene) -> Iterator[Reading]:
    """Readings of every total, remainder and complement of a sentence."""
    yield from _closing_sums(s)
    yield from _totals_of_sentences(s)
    yield from _check_remainders(s)
    yield from _check_unmet(s)
    yield from _check_among(s)
    yield from _check_complements(s)


def _closing_sums(s: Scene) -> Iterator[Reading]:
    """小学50所、初中30所，合计80所."""
    for total in s.here:
        noun = _NAMED_TOTAL.match(total.near) if total.role == "level" else None
        if (total.role != "whole" and not noun) or total.q.dimension in UNSUMMABLE or total.part:
            continue
        run: list[Mention] = []
        for m in reversed([x for x in s.here if x.index < total.index]):
            bare = m.length > 1 and not m.q.unit and total.q.dimension in COUNTS
            if (
                m.role not in ("level", "base", "whole")
                or not (m.q.unit == total.q.unit or bare)
                or m.segment != total.segment
                or m.bracket
            ):
                break
            run.insert(0, m)
        while len(run) > 2 and run[1].clause - run[0].clause > 1:
            run = run[1:]  # 收到作品862件，经评审，一等奖43件、…: the first is of another clause
        if noun and not (
            all(m.near.endswith(noun["what"]) for m in run)
            or _same_deed(run, noun)
            or _same_things(run, noun)
        ):
            continue
        if 2 <= len(run) <= MOST_PARTS:
            yield _judge_closing(run, total)


def _same_deed(run: list[Mention], noun: re.Match[str]) -> bool:
    """甲县完成投资1.2亿元、乙县0.9亿元，两县共完成2.1亿元: as many as counted, and what the first did."""
    many = noun["n"] and parse_small_number(noun["n"]) == len(run)
    return _one_list(run, noun["what"]) or bool(many and run and noun["what"][:2] in run[0].near)


def _same_things(run: list[Mention], noun: re.Match[str]) -> bool:
    """城区新增小学学位2400个、初中学位1800个，合计新增学位4200个: the deed stands with the first alone."""
    deed, thing = noun["what"][:-2], noun["what"][-2:]
    return bool(deed and run) and deed in run[0].near and all(m.near.endswith(thing) for m in run)


def _one_list(run: list[Mention], what: str) -> bool:
    """录取人数依次为800、640、560，共录取2000人: what was added up is one list, told to be so."""
    listed = bool(run) and run[0].length == len(run) > 1
    return listed and what[:2] in run[0].near and bool(_IN_TURN.search(run[0].near))


_IN_TURN = re.compile(r"(?:分别|依次)(?:[为是有][^，]{0,6}|[\u4e00-\u9fff]{0,4})$")


def _judge_closing(run: list[Mention], total: Mention) -> Reading:
    """The whole run, unless only its last members were added up: 全县100所，其中小学50所、初中30所，共80所."""
    fitting = [run[i:] for i in range(len(run) - 1) if total_of(run[i:]).meets(total.q.interval)]
    plain = bool(_PLAIN_TOTAL.match(total.near)) or bool(_TOTAL_WORDS.search(total.near))
    scoped = _SCOPED_TOTAL.match(total.near)
    if scoped:  # 三个年级共3450人; 全县学校共200所, where the kinds divide the whole
        whole = (
            parse_small_number(scoped["n"]) in (len(run), _years_covered(run))
            if scoped["n"]
            else divides([m.near for m in run])
        )
        return _judge_sum(fitting[0] if fitting else run, total, firm=whole and _new_clauses(run, total))
    named = _NAMED_TOTAL.match(total.near)
    if named:
        many = parse_small_number(named["n"]) == len(run) if named["n"] else False
        told = many or divides([m.near for m in run]) or _one_list(run, named["what"])
        told = told or (_TOTAL_WORDS.match(total.near) is not None and _new_clauses(run, total))
        return _judge_sum(fitting[0] if fitting else run, total, firm=told)
    counted = _COUNTED_TOGETHER.match(total.near)
    if counted and all(m.near.endswith(counted[1]) or _noun_after(m).endswith(counted[1]) for m in run):
        return _judge_sum(run, total, firm=_new_clauses(run, total))
    inner = any(m.role == "whole" for m in run[1:])
    clear = plain and not total.own and _new_clauses(run, total) and not inner
    return _judge_sum(fitting[0] if fitting else run, total, firm=clear)


_COUNTED_TOGETHER = re.compile(r"^([\u4e00-\u9fff]{2,6})(?:合计|共计|总计|一共|总共|共)(?:有|为)?$")
"""3个国家级示范区、5个省级示范区，示范区共8个: what all of them are, together."""


def _noun_after(m: Mention) -> str:
    noun = re.match(r"[\u4e00-\u9fff]*", m.after)
    return noun.group() if noun else ""


_FURTHER_YEARS = re.compile(r"(?:此后|之后|随后|其后|后|前|头)(?P<n>[一两三四五六七八九十])年")


def _years_covered(run: list[Mention]) -> int:
    """2022年860人，此后两年又招聘740人: three years."""
    found = [_FURTHER_YEARS.search(m.near) for m in run]
    if not any(found) or not all(match or m.year for match, m in zip(found, run, strict=True)):
        return 0
    return sum(parse_small_number(match["n"]) if match else 1 for match in found)


def _judge_sum(run: list[Mention], total: Mention, *, firm: bool) -> Reading:
    start, end = span(*run, total) if total.q.start - run[0].q.start < 200 else span(total)
    scale = total.q.scale
    return Reading(
        kind="sum_of_parts",
        relation="sum(parts) == whole",
        start=start,
        end=end,
        error="sum",
        firm=firm,
        numbers={"parts": [m.q.value for m in run], "whole": total.q.value},
        stated=total.q.interval.times(1 / scale),
        printed=total.q.value,
        expected=total_of(run).times(1 / scale),
        value=sum(m.q.base for m in run) / scale,
        facts={"whole": total.q.text, "parts": "、".join(m.q.text for m in run)},
    )


def _new_clauses(run: list[Mention], total: Mention) -> bool:
    return total.clause - run[-1].clause <= 1 and all(b.clause - a.clause <= 1 for a, b in pairwise(run))


def _totals_of_sentences(s: Scene) -> Iterator[Reading]:
    """…980人，…；…2140人，…。总计录取3120人; 两个项目建成后共增加学位1350个."""
    for total in s.here[:2]:
        start = total.q.start - len(total.near)
        lead = s.text[max(0, start - 24) : start]
        words = lead[max(lead.rfind(sign) for sign in "。；\n，") + 1 :] + total.near
        many, told = _SO_MANY.match(words), _ALL_TOLD.match(words)
        if total.q.dimension in UNSUMMABLE or total.part or not (many or told):
            continue
        before = [
            m
            for m in [*s.before[-20:], *[x for x in s.here if x.index < total.index]]
            if m.is_level and m.q.unit == total.q.unit and not m.part and not m.bracket and m.length == 1
        ]
        if many:
            yield from _sum_of_items(before, total, parse_small_number(many["n"]))
        elif before:
            last = before[-1].sentence
            run = [m for m in before if m.sentence == last and m.sentence < total.sentence]
            if len(run) >= 2:
                alike = len({m.subject[-2:] for m in run}) == 1
                yield _judge_sum(run, total, firm=last >= total.sentence - 2 and alike)


def _sum_of_items(before: list[Mention], total: Mention, n: int) -> Iterator[Reading]:
    run = before[-n:]
    apart = len({m.clause for m in run}) == n and run and total.sentence - run[0].sentence <= 2 * n + 2
    if len(run) == n and apart:
        alike = len({m.subject[-2:] for m in run}) == 1
        yield _judge_sum(run, total, firm=alike and len(before) == n)


# --- what is left ----------------------------------------------------------------------------------

_LEFT = re.compile(
    r"(?:其余|剩余|剩下|余下)(?:的)?(?:还有|尚有|为|有)?(?:[\u4e00-\u9fff]{0,6})$|(?:还|尚|仍)(?:缺|差|欠|缺少)$"
)


def _was_asked(whole: list[Mention]) -> bool:
    """需6.9万册，已有6.3万册，尚缺0.6万册; 缺口1200套，已配齐900套，还缺300套: what lacks is of what was asked for."""
    met = "已" in whole[1].near and len(whole) == 2
    return bool(_ASKED.search(whole[0].near)) or (met and "缺" in whole[0].near)


PER_HEAD = re.compile(r"[生人校班师园]均|每|平均")
_ASKED = re.compile(r"需|应|计划|任务|目标|共(?:有|需)?")
_STILL = re.compile(r"(?:还有|尚有|仍有|另有)$")
_NOT_YET = re.compile(r"(?:[\u4e00-\u9fff]{0,8})?(?:未|没有|不|待)")


def _check_remainders(s: Scene) -> Iterator[Reading]:
    """计划改造120座，已完成86座，剩余34座: the first less the ones between."""
    for m in s.here:
        left, still = _LEFT.search(m.near), _STILL.search(m.near)
        if not (left or (still and _NOT_YET.match(m.after))) or m.q.dimension in UNSUMMABLE or not m.is_level:
            continue
        run = [
            x
            for x in s.here
            if x.index < m.index
            and x.is_level
            and x.q.unit == m.q.unit
            and not x.bracket
            and not PER_HEAD.search(x.near)
        ]
        fits = [run[i:] for i in range(len(run) - 1) if _subtract_parts(run[i:]).meets(m.q.interval)]
        whole = fits[0] if fits else run
        if len(whole) >= 2 and whole[0].q.hi >= m.q.lo:
            near = whole[0].segment == m.segment and len(whole) <= 3 and m.clause - whole[0].clause <= 4
            asked = _ASKED.search(whole[0].near) and re.search(r"已|完成", whole[1].near)
            fits_in = whole[1].q.hi <= whole[0].q.hi or (bool(asked) and len(whole) == 2)
            near = near and (m.near[-1:] not in "缺差欠少" or _was_asked(whole))
            added = any("新" in x.near for x in whole[1:])  # 需整改36项，新发现3项，已整改39项
            yield _judge_remainder(whole, m, firm=near and fits_in and not added)


_UNMET = re.compile(r"(?:(?P<open>正在|即将)|(?:还|尚)?(?:未|没有|不|待))(?P<stem>[\u4e00-\u9fff]{2})")
_AMONG = re.compile("中(?:，|已|有|$)")
_WITHIN_THEM = re.compile(
    r"(?P<noun>[\u4e00-\u9fff]{2,8})(?<![其年集途心初高])中，(?!其)(?:(?![最每各均])[\u4e00-\u9fff]){0,6}$"
)


def _check_among(s: Scene) -> Iterator[Reading]:
    """2460名教师中，女教师2845名: no part of them is more than they are."""
    for whole, part in pairwise(s.here):
        between = s.text[whole.q.end : part.q.start]
        alike = whole.q.unit == part.q.unit and whole.segment == part.segment and whole.is_level
        alike = alike and part.is_level and part.role != "whole"
        within = _WITHIN_THEM.match(between)
        if alike and within and part.q.lo > whole.q.hi and part.near.endswith((within["noun"][-2:], "有")):
            yield judge_excess(whole, part)


def _check_unmet(s: Scene) -> Iterator[Reading]:
    """126所幼儿园中，117所通过年检，9所未通过: who did and who did not are all of them."""
    for whole, met, unmet in zip(s.here, s.here[1:], s.here[2:], strict=False):
        named = _UNMET.match(unmet.after) or _UNMET.search(re.split("[、，]", unmet.near)[-1])
        alike = whole.q.unit == met.q.unit == unmet.q.unit and whole.segment == unmet.segment
        plain = all(x.is_level and not x.bracket for x in (whole, met, unmet))
        among = _AMONG.search(s.text[whole.q.end : met.q.start])
        summable = whole.q.dimension not in UNSUMMABLE and met.q.lo <= whole.q.hi
        if named is None or not (among and alike and plain and summable):
            continue
        told = met.near + met.q.text + met.after.split("，")[0]
        if not re.search(rf"(?<![未不有]){named['stem']}", told):
            continue
        others = any(
            x.q.unit == whole.q.unit and x.segment == whole.segment and x.index == unmet.index + 1
            for x in s.here
        )
        if others and not named["open"] and whole.q.hi >= met.q.lo + unmet.q.lo:
            continue  # 117所通过，5所未通过，4所停办
        if not named["open"] or whole.q.hi < met.q.lo + unmet.q.lo:  # 正在改造: others may not have begun
            yield _judge_remainder([whole, met], unmet, firm=unmet.clause - whole.clause <= 2)


def _subtract_parts(run: list[Mention]) -> Interval:
    return run[0].q.interval - total_of(run[1:])


def _judge_remainder(run: list[Mention], m: Mention, *, firm: bool) -> Reading:
    start, end = span(*run, m)
    scale = m.q.scale
    return Reading(
        kind="difference",
        relation="whole - done == rest",
        start=start,
        end=end,
        firm=firm,
        numbers={"v1": run[0].q.value, "parts": [x.q.value for x in run[1:]], "delta": m.q.value},
        stated=m.q.interval.times(1 / scale),
        printed=m.q.value,
        expected=_subtract_parts(run).times(1 / scale),
        value=(run[0].q.base - sum(x.q.base for x in run[1:])) / scale,
        facts={"said": m.q.text},
    )


_STEM = re.compile(
    rf"(?P<stem>{one_of(LEXICON.raw['families']['stems'])})(?:率|的?(?:占比|比例))?(?:达到?|为|是|约|仅|只有)*$"
)
_OTHERS = re.compile(r"(?:还有|尚有|仍有|另有|其余|剩余|有)(?:约)?$")


def _are_bands(rest: Mention, s: Scene) -> bool:
    """优秀率22.4%，良好率41.3%，及格率31.1%，不及格率5.2%: bands that make 100 together, none the rest of one."""
    rates = [x.q for x in s.here if x.segment == rest.segment and x.index <= rest.index and x.q.is_rate]
    room = 0.5 * 10.0**-rest.q.decimals
    return any(abs(sum(q.base for q in rates[-n:]) - 100) <= n * room for n in range(3, len(rates) + 1))


def _check_complements(s: Scene) -> Iterator[Reading]:
    """入园率为91.3%，尚有8.7%的适龄幼儿未入园: the two make 100."""
    for rate, rest in pairwise(s.here):
        stem = _STEM.search(rate.near) if rate.q.is_rate and rest.q.is_rate else None
        if stem is None or rest.segment != rate.segment:
            continue
        unmet = rf"(?:未|没有|不){stem['stem']}"
        after = _OTHERS.search(rest.near) and re.match(rf"[\u4e00-\u9fff]{{0,10}}{unmet}", rest.after)
        if not after and not re.match(
            rf"，?(?:而|还有|尚)?{unmet}的?[^，。；]{{0,8}}(?:占|为|有|率)", rest.near
        ):
            continue
        if not comparable(rate.q, rest.q) or _are_bands(rest, s):
            continue
        start, end = span(rate, rest)
        yield Reading(
            kind="difference",
            relation="100 - rate == rest",
            start=start,
            end=end,
            numbers={"v1": 100, "v0": rate.q.value, "share_pct": rest.q.value},
            stated=rest.q.interval,
            printed=rest.q.base,
            expected=Interval(100 - rate.q.hi, 100 - rate.q.lo),
            value=100 - rate.q.base,
            facts={"said": rest.q.text},
        )
