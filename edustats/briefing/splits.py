"""Do shares that divide a whole make 100, and do bands divide their whole?

第一产业占3.0%，第二产业占41.8%，第三产业占55.2%; 35岁以下620人，36至50岁980人，51岁以上400人; 6.01:55.04:38.95.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import Mention
from edustats.briefing.pairs import Scene
from edustats.briefing.parts import is_family, judge_excess, total_of
from edustats.briefing.readings import Reading, span

_COMPARED = re.compile(r"，[^，；。]{0,14}(?:高|低|多|少|相差)(?:出|了)?约?\d")
"""城镇学校比例为95.1%，乡村学校为81.6%，城镇学校高13.6个百分点: two rates held against each other."""


def split_readings(s: Scene) -> Iterator[Reading]:
    """Shares of kinds that divide a whole add up to 100: 第一产业占3.0%，第二产业占41.8%，第三产业占55.2%."""
    shares = [m for m in s.here if m.role in ("share", "level") and m.q.is_rate]
    if len(shares) < 2:
        return
    yield from _full_split(shares)
    yield from _split_of_labels(s)
    yield from _inner_share(shares, s)
    yield from _split_of_structure(shares, s)
    for family in LEXICON.raw["families"]["complete"]:
        n = len(family)
        for i in range(len(shares) - n + 1):
            run = shares[i : i + n]
            labels = [m.near for m in run]
            said = any(re.search(r"占|比重|比例", m.near) for m in run)
            if _COMPARED.match(s.text, run[-1].q.end) or _have_own_wholes(labels, family):
                continue
            if said and len({m.segment for m in run}) == 1 and is_family(labels, family):
                yield _judge_split(run, bands=sorted(family) == ["女", "男"])


_PROPERTY = re.compile(
    r"高级|中级|初级|[一二三]级|本科|专科|研究生|骨干|达标|合格|优[良秀]|普惠|公办|民办|随迁|留守|寄宿"
)


def _have_own_wholes(labels: list[str], family: list[str]) -> bool:
    """小学本科学历占78.4%，初中占92.6%: each share is of the teachers of its own stage."""
    return any(_PROPERTY.search(re.sub("|".join(family), "", label)) for label in labels)


_CROSSING = re.compile(r"骨干|党员|女|男|少数民族|特岗|新入职|以上(?!.*以下)")
"""What somebody is beside his degree or rank."""
_STRUCTURE = re.compile(r"职称|学历|年龄|结构|构成|来源|分布|去向|类型|层次")
_SEEN_BY = re.compile(r"(?:从|按|分)[\u4e00-\u9fff]{2,5}(?:看|分|来看|划分)，$")
"""从户籍看，本县籍占78.2%，外县籍占21.8%."""
_STRUCTURE_IS = re.compile(rf"(?:{_STRUCTURE.pattern})(?:比例)?[为是]")


def _split_of_structure(shares: list[Mention], s: Scene) -> Iterator[Reading]:
    """经费来源中，财政拨款占85.5%、学费收入占9.5%、社会捐赠占5.0%: a structure divides 100."""
    first = next(
        (
            k
            for k, m in enumerate(shares)
            if _STRUCTURE.search(s.text, max(0, m.q.start - 30), max(0, m.q.start - len(m.near)))
            or _STRUCTURE_IS.search(m.near)
            or _SEEN_BY.search(s.text, max(0, m.q.start - len(m.near) - 8), max(0, m.q.start - len(m.near)))
        ),
        None,
    )
    if first is None:
        return
    run = [shares[first]]
    for m in shares[first + 1 :]:
        if not re.match(r"[、；，]", s.text[run[-1].q.end : m.q.start]) or m.index != run[-1].index + 1:
            break
        run.append(m)
    named = re.search(
        rf"(?:{_STRUCTURE.pattern})(?:比例)?(?:为)?：", s.text[max(0, run[0].q.start - 24) : run[0].q.start]
    )
    plain = all(
        m.segment == run[0].segment and (named or (m.role == "share" and "占" in m.near)) for m in run
    )
    crossing = any(_CROSSING.search(m.near) for m in run)
    if (
        len(run) >= (2 if _SEEN_BY.search(s.text, max(0, run[0].q.start - 24), run[0].q.start) else 3)
        and plain
        and not crossing
        and total_of(run).hi > 90
        and total_of(run).lo < 115
    ):
        yield _judge_split(run)


def _inner_share(shares: list[Mention], s: Scene) -> Iterator[Reading]:
    """本科以上占82%，其中研究生占86%: of the same whole it cannot be, of the 82 % it may."""
    for outer, inner in pairwise(shares):
        named = "占" in outer.near and re.search(r"其中[^，。；]{0,12}占$", inner.near)
        if (
            named
            and inner.index == outer.index + 1
            and inner.segment == outer.segment
            and inner.q.lo > outer.q.hi
        ):
            yield judge_excess(outer, inner, "please_check")


def _split_of_labels(s: Scene) -> Iterator[Reading]:
    """小学、初中、高中教师分别占46.2%、31.5%、22.3%: kinds that divide a whole, before 分别."""
    for m in s.here:
        if not m.q.is_rate or m.place or m.length < 2 or not re.search(r"分别占(?:比)?(?:为|了)?$", m.near):
            continue
        run = [x for x in s.here if m.index <= x.index < m.index + m.length]
        labels = re.split(r"、|和|及|与", m.near[: m.near.rindex("分别")])
        if any(
            is_family(labels, family)
            for family in LEXICON.raw["families"]["complete"]
            if len(family) == len(labels)
        ):
            lead = s.text[max(0, m.q.start - 40) : m.q.start - len(m.near)]
            yield _judge_split(run, bands=bool(_SEEN_BY.search(lead)))


_BAND = re.compile(
    r"(?P<low>\d{1,3})(?P<unit>岁|周岁|年|元|分|人)?(?:(?:[-—–~～至到]{1,2}(?P<high>\d{1,3})|(?P<open>及?以下|以内|及?以上))(?:岁|周岁|年|元|分|人)?|(?:岁|周岁|年|元|分|人)(?P<open2>及?以下|以内|及?以上))"
    r"(?:的)?(?:教师|学生|人员|职工|[\u4e00-\u9fff]{0,4}?)(?:分别)?(?:有|为|占|约占|是)?(?P<n>\d[\d,]*(?:\.\d+)?)(?P<what>万?人|名|%|所|个)"
)


def band_readings(s: Scene) -> Iterator[Reading]:
    """全县教师2000人，35岁以下620人，36至50岁980人，51岁以上400人: bands from below to above divide the whole."""
    lead = max(0, s.here[0].q.start - 80)
    start = s.text.rfind("\n", lead, s.here[0].q.start) + 1 or lead
    found = list(_BAND.finditer(s.text, start, s.here[-1].q.end + 2))
    runs: list[list[re.Match[str]]] = []
    for match in found:
        opened = (match["open"] or match["open2"] or "").endswith(("下", "内", "上"))
        if opened and not (
            runs and len(runs[-1]) > 1 and not _is_open(runs[-1][-1]) and _follows(runs[-1][-1], match)
        ):
            runs.append([match])
        elif runs and _follows(runs[-1][-1], match):
            runs[-1].append(match)
    for run in _join_pairs(runs):
        upwards = run if int(run[0]["low"]) <= int(run[-1]["low"]) else run[::-1]
        ends = [match["open"] or match["open2"] or "" for match in (upwards[0], upwards[-1])]
        closed = ends[0].endswith(("下", "内")) and ends[1].endswith("上")
        if closed and len(run) >= 2 and _bands_adjoin(upwards):
            yield from _check_bands(run, s)


def _is_open(match: re.Match[str]) -> bool:
    return bool(match["open"] or match["open2"])


def _follows(before: re.Match[str], match: re.Match[str]) -> bool:
    return before["what"] == match["what"] and match.start() - before.end() < 12


def _join_pairs(runs: list[list[re.Match[str]]]) -> Iterator[list[re.Match[str]]]:
    """35岁以下620人，36岁以上980人: two open bands beside each other are one run."""
    k = 0
    while k < len(runs):
        pair = runs[k : k + 2]
        if len(pair) == 2 and len(pair[0]) == len(pair[1]) == 1 and _follows(pair[0][0], pair[1][0]):
            yield pair[0] + pair[1]
            k += 2
        else:
            yield runs[k]
            k += 1


def _bands_adjoin(run: list[re.Match[str]]) -> bool:
    """35岁以下, 36至50岁, 51岁以上: each begins where the one before it ends."""
    edge = int(run[0]["low"])
    for match in run[1:]:
        low = int(match["low"])
        if not 0 <= low - edge <= 1:
            return False
        edge = int(match["high"] or low)
    return True


def _check_bands(run: list[re.Match[str]], s: Scene) -> Iterator[Reading]:
    parts = [m for m in s.here for match in run if m.q.start <= match.start("n") < m.q.end]
    if len(parts) != len(run):
        return
    if all(m.q.is_rate for m in parts):
        yield _judge_split(parts, bands=True)
        return
    near = [m for m in s.here if m.is_level and m.q.unit == parts[0].q.unit and m.segment == parts[0].segment]
    before = [m for m in near if m.q.end <= run[0].start()]
    after = [m for m in near if m.role == "whole" and m.index == parts[-1].index + 1]
    whole = before[-1] if before else after[0] if after else None
    if whole is None:
        return
    scale = whole.q.scale
    start, end = span(whole, *parts)
    yield Reading(
        kind="sum_of_parts",
        relation="sum(parts) == whole",
        start=start,
        end=end,
        error="sum",
        firm=not whole.part,
        numbers={"whole": whole.q.value, "parts": [m.q.value for m in parts]},
        stated=whole.q.interval.times(1 / scale),
        printed=whole.q.value,
        expected=total_of(parts).times(1 / scale),
        value=sum(m.q.base for m in parts) / scale,
        facts={"whole": whole.q.text, "parts": "、".join(m.q.text for m in parts)},
    )


def _full_split(shares: list[Mention]) -> Iterator[Reading]:
    """Three or more shares in a row that happen to add up to 100."""
    for i in range(len(shares) - 2):
        for n in (3, 4, 5):
            run = shares[i : i + n]
            if (
                len(run) == n
                and total_of(run).meets(Interval(100, 100))
                and sum("占" in m.near or "比" in m.near for m in run) >= 2
            ):
                yield _judge_split(run)
                return


MOST_OF_SHARES = 125
"""小学占62%、初中占91%: beyond this, each share has a whole of its own."""


def _judge_split(run: list[Mention], *, bands: bool = False) -> Reading:
    """Shares that divide 100; bands that adjoin from below to above leave nothing out."""
    total = total_of(run)
    under = total.hi < 100
    start, end = span(*run)
    return Reading(
        kind="sum_of_parts",
        relation="sum(shares) == 100",
        start=start,
        end=end,
        error="shares_not_100" if under else "shares_sum",
        numbers={"parts": [m.q.value for m in run], "whole": 100},
        stated=Interval(100, 100),
        printed=100,
        expected=total,
        value=sum(m.q.base for m in run),
        firm=100 < total.lo < MOST_OF_SHARES or (bands and under),
        facts={"whole": "100%", "parts": "、".join(m.q.text for m in run)},
    )
