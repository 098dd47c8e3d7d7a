"""Do parts and wholes agree?

Rules for 其中 lists and brackets. A list is taken for complete only when its kinds are known to divide the whole
(公办 and 民办); of any other list only the bound is known: no part exceeds its whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from typing import Any

from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import parse_small_number
from edustats.briefing.pairs import Scene, comparable
from edustats.briefing.readings import Reading, span


def judge_excess(whole: Mention, part: Mention, verdict: str = "inconsistent") -> Reading:
    """A part held against its whole, which it may not exceed."""
    start, end = span(whole, part)
    return Reading(
        kind="part_whole",
        relation="part <= whole",
        start=start,
        end=end,
        numbers={"whole": whole.q.value, "parts": [part.q.value]},
        printed=part.q.value,
        verdict=verdict,
        error="part_above_whole",
        facts={"part": part.q.text, "whole": whole.q.text},
    )


def _check_nested(s: Scene) -> Iterator[Reading]:
    """总投入8.4亿元，其中A7.1亿元，其中B6.3亿元: the second 其中 is of the first, or beside it in the whole."""
    for head, outer, inner in zip(s.here, s.here[1:], s.here[2:], strict=False):
        marks = outer.part and inner.part and -1 < outer.mark < inner.mark and not head.part
        levels = head.is_level and outer.is_level and inner.is_level
        alike = head.q.unit == outer.q.unit == inner.q.unit and head.segment == outer.segment == inner.segment
        if not (marks and levels and alike) or head.q.dimension in UNSUMMABLE:
            continue
        if inner.q.lo > outer.q.hi and outer.q.lo + inner.q.lo > head.q.hi:
            yield judge_excess(outer, inner)


def _check_interleaved(s: Scene) -> Iterator[Reading]:
    """面积41.2万平方米、图书62万册，其中小学…、…，初中…、…: where one measure adds up, the other must too."""
    columns = [(head, parts) for head, parts, marked in _find_lists(s) if marked and 2 <= len(parts) <= 4]
    for (h1, p1), (h2, p2) in pairwise(columns):
        apart = h1.q.unit != h2.q.unit and p1[0].mark == p2[0].mark and len(p1) == len(p2)
        woven = all(a.index + 1 == b.index for a, b in zip(p1, p2, strict=False)) and h1.index + 1 == h2.index
        if not apart or not woven:
            continue
        adds = [total_of(parts).meets(head.q.interval) for head, parts in ((h1, p1), (h2, p2))]
        if sum(adds) == 1:
            head, parts = (h1, p1) if adds[1] else (h2, p2)
            yield _judge_column(head, parts)


def _judge_column(head: Mention, parts: list[Mention]) -> Reading:
    scale = head.q.scale
    start, end = span(head, *parts)
    return Reading(
        kind="sum_of_parts",
        relation="sum(parts) == whole",
        start=start,
        end=end,
        error="sum",
        numbers={"whole": head.q.value, "parts": [m.q.value for m in parts]},
        stated=head.q.interval.times(1 / scale),
        printed=head.q.value,
        expected=total_of(parts).times(1 / scale),
        value=sum(m.q.base for m in parts) / scale,
        facts={"whole": head.q.text, "parts": "、".join(m.q.text for m in parts)},
    )


EDGES = re.compile(
    r"^(?:了|到|地方|全国|全省|全市|全县|全区|全州|我省|我市|我县|同期|当年|所有|总)+|(?:总数|总量|总额|人数|总人数|总|的|数|比例|比重)+$"
)
"""What may stand around the name of a whole."""
FAR = 160
"""Characters between a whole and its parts beyond which only the parts are quoted."""
BESIDE = re.compile(r"[，、]?(?:另有|另外|此外|另设|另)")
_OPEN_ENDED = re.compile(r"(?<![中高初同均平相一二三四特优次上下])等(?![级第奖])|以及其他|其余|另有")
UNSUMMABLE = frozenset(
    {"percent", "points", "times", "duration", "doublings", "ratio", "inverse", "score", ""}
)


def part_readings(s: Scene) -> Iterator[Reading]:
    """Readings of every list of parts in a sentence."""
    for head, parts, marked in _find_lists(s):
        if _IS_GAP.search(head.near):
            continue  # 甲县比乙县多招生1200人，其中甲县招生5400人
        parts = _without_others(head, parts)
        if _is_mean(head) and not (len(parts) > 1 and total_of(parts).meets(head.q.interval)):
            continue  # rural spending per pupil is no part of spending per pupil, and may be the larger
        yield _judge_parts(head, parts, s, marked=marked)
    yield from _check_nested(s)
    yield from _check_interleaved(s)


_IS_GAP = re.compile(r"比[\u4e00-\u9fff]{1,12}?[多少高低](?:[\u4e00-\u9fff]{0,6})$")
_OTHERS = re.compile(r"^[，；]?(?:其他|其它|其余|另外|另有)")


def _without_others(head: Mention, parts: list[Mention]) -> list[Mention]:
    """两县合计9.4万人，其中甲县5.1万人、乙县4.3万人，其他两县不足3万人: where the named ones make it up already."""
    at = next((k for k, part in enumerate(parts) if _OTHERS.match(part.near)), 0)
    return parts[:at] if at > 1 and total_of(parts[:at]).meets(head.q.interval) else parts


_MEAN_WORDS = re.compile(r"[生人校班师户园亩日月年周季]均|平均|每|各(?!级|类|种|项)|均价|单价|工资|收入")


def _is_mean(head: Mention) -> bool:
    """An amount per head: named so, or yuan without 万."""
    return bool(_MEAN_WORDS.search(head.near + head.subject)) or (
        head.q.dimension == "money" and head.q.scale == 1.0
    )


def _find_lists(s: Scene) -> Iterator[tuple[Mention, list[Mention], bool]]:
    """Each whole with its parts, and whether the words (其中, a bracket) say that they are parts."""
    done: set[int] = set()
    for group in _group_parts(s):
        head = _find_whole(group[0], s)
        if head is not None:
            longer = group if group[0].bracket else [*group, *_further_parts(group, head, s)]
            whole = (
                longer
                if len(longer) > len(group)
                and (total_of(longer).meets(head.q.interval) or _kinds_divide(longer, s, "complete"))
                else group
            )
            done |= {m.index for m in whole}
            yield head, whole, True
    yield from _silent_lists(s, done)
    yield from _find_branches(s, done)


def _group_parts(s: Scene) -> Iterator[list[Mention]]:
    """Runs of parts of one unit: after 其中 up to the end of the segment, or inside one bracket."""
    by_key: dict[tuple[object, ...], list[Mention]] = {}
    beside = -1
    falls = {m.segment for m in s.here if m.role == "change" and m.sign < 0}
    for m in s.here:
        beside = m.segment if BESIDE.match(m.near) else beside
        if m.segment == beside:
            continue  # 其中A88所、B30所，另有教学点40所: no part of the whole
        added = m.part and _was_added(m) and m.segment not in falls
        level = m.role in ("level", "whole") or added
        kind = level and m.q.dimension not in UNSUMMABLE and "占" not in m.near
        if kind and (m.part or m.bracket):
            bracket = s.text.rfind("(", max(0, m.q.start - 200), m.q.start) if m.bracket else -1
            by_key.setdefault((m.segment, bracket, m.mark, m.q.dimension, m.q.unit), []).append(m)
    yield from (group for group in by_key.values() if not _is_gloss(group[0], s))


_EXPLAINS = re.compile(r"(?!其中|含|包括|内含|有)(?:[一-鿿]{2,14})$")
"""What stands before a number in a bracket that says of whom a share or a mean is, and no part."""
_OF_ALL = re.compile("(?:全[省市县区校州国]|总|应|共)")


def _is_gloss(first: Mention, s: Scene) -> bool:
    """另有45.2%（38人）: the bracket says again what stands before it."""
    before = next((m for m in s.here if m.index == first.index - 1), None)
    bare = first.bracket and not _WORD.search(first.near)
    if bare and before is not None and before.q.end + 1 == first.q.start:
        return True
    # 占12%，即984人（专任教师8200人）: the bracket holds the whole that the share is of
    share = next((m for m in s.here if before is not None and m.index == before.index - 1), None)
    if first.bracket and _OF_ALL.match(first.near.lstrip("(，")):
        return True  # 退休教师82人（全县教职工1820人）
    if first.bracket and re.search("[年月]", s.text[s.text.rfind("(", 0, first.q.start) : first.q.start]):
        return True  # 留守儿童5316人（2020年为6012人）
    explains = before is not None and not before.bracket and _EXPLAINS.match(first.near.lstrip("(，"))
    if (
        first.bracket
        and before
        and explains
        and (before.q.unit != first.q.unit or _MEAN_WORDS.search(before.near))
    ):
        return True  # 本科上线2316人，上线率58.4%（参加考试3966人）: those the rate is of
    told_of = first.bracket and before is not None and re.fullmatch("即|计|为|共|有", before.near)
    return bool(told_of) and share is not None and share.q.is_rate


def _further_parts(group: list[Mention], head: Mention, s: Scene) -> list[Mention]:
    """Levels of the same unit in the segments after a list: 其中A…；B…；C…."""
    last = group[-1]
    return [
        m
        for m in s.here
        if m.index > last.index
        and m.role == "level"
        and m.q.unit == head.q.unit
        and not m.bracket
        and not m.part
    ][:5]


def _find_branches(s: Scene, done: set[int]) -> Iterator[tuple[Mention, list[Mention], bool]]:
    """分产业看，第一产业…；第二产业…；第三产业…: the whole stands in the sentence before."""
    levels = [
        m
        for m in s.here
        if m.role == "level"
        and m.q.dimension not in UNSUMMABLE
        and not m.part
        and not m.bracket
        and m.index not in done
    ]
    heads = [m for m in s.before if m.sentence >= s.here[0].sentence - 2 and m.is_level] + levels
    for n in (2, 3, 4):
        for i in range(len(levels) - n + 1):
            run = levels[i : i + n]
            if len({m.q.unit for m in run}) != 1 or not _kinds_divide(run, s, "complete"):
                continue
            fits = [
                h
                for h in heads
                if h.index < run[0].index and h.q.unit == run[0].q.unit and total_of(run).meets(h.q.interval)
            ]
            named = [
                h
                for h in heads
                if h.index < run[0].index and h.q.unit == run[0].q.unit and _branch_of(run[0], h)
            ]
            if fits or named:
                yield (fits or named)[-1], run, bool(named)
                return


_BRANCH = re.compile(
    "|".join(sorted({w for f in LEXICON.raw["families"]["complete"] for w in f}, key=len, reverse=True))
)


def _branch_of(part: Mention, head: Mention) -> bool:
    """中央一般公共预算收入 is a branch of 全国一般公共预算收入; 第一产业增加值 one of 国内生产总值."""
    whole = EDGES.sub("", head.subject)
    if "第一产业" in part.subject:
        return whole.endswith("生产总值")
    return len(whole) >= 4 and _BRANCH.sub("", part.subject).replace("本级", "") == whole


_ADDED = re.compile("(?:[新净]增|增加)[^，。；比]{0,8}$")


def _was_added(m: Mention) -> bool:
    """新增学位2.6万个，其中…: what was added is a whole too."""
    return m.role == "change" and not m.base and m.sign > 0 and bool(_ADDED.search(m.near))


def _find_whole(first: Mention, s: Scene) -> Mention | None:
    """The whole of a list of parts: the last level of the same unit before it."""
    back = [
        m for m in s.here if m.index < first.index and (m.role in ("level", "to", "whole") or _was_added(m))
    ]
    fits = [
        m
        for m in back
        if comparable(m.q, first.q)
        and m.q.unit == first.q.unit
        and (first.role != "change" or bool(_ADDED.search(m.near)))
        and ("净" not in m.near or "净" in first.near)
        and (not m.part or first.bracket)
        and not m.bracket
        and not _PER_UNIT.search(m.near)
        and _same_noun(m, first)
    ]
    if first.bracket:
        near = [m for m in fits if m.index >= first.index - 2 and not m.bracket]
        return near[-1] if near else None
    if fits:
        return _before_fall(fits[-1], first, s)
    earlier = (
        [m for m in s.before if m.sentence == first.sentence - 1] if not any(not m.part for m in back) else []
    )
    fits = [
        m
        for m in earlier
        if m.role in ("level", "to", "whole")
        and m.q.unit == first.q.unit
        and not m.part
        and not m.bracket
        and _same_noun(m, first)
    ]
    return fits[-1] if fits else None


_GONE = re.compile(r"注销|转型|撤[并销]|关[停闭]|停办|退出|取缔|淘汰|清退|销号")


def _before_fall(head: Mention, first: Mention, s: Scene) -> Mention:
    """由228个减至0个，其中注销或转型228个: those that went are part of what was there before."""
    gone = head.role == "to" and head.sign < 0 and _GONE.search(first.near + first.subject)
    began = [m for m in s.here if m.index == head.index - 1 and m.role == "from" and m.q.unit == head.q.unit]
    return began[0] if gone and began else head


_PER_UNIT = re.compile(r"[日月年周季校班户人生园]均|平均|各(?!级|类|种|项)|每")
"""日均127人次, 各派出6名: no whole of what follows."""


def siblings(head: Mention, first: Mention, s: Scene) -> list[Mention]:
    """医生8人、护士21人、教师2人，其中…: the levels of one kind that stand before a list of parts."""
    run = [head]
    for m in reversed([x for x in [*s.before[-12:], *s.here] if x.index < head.index]):
        alike = m.is_level and m.q.unit == head.q.unit and m.sentence == head.sentence
        if not alike or m.part or m.bracket or run[0].clause - m.clause > 1:
            break
        run.insert(0, m)
    if len(run) > 1 and head.sentence == first.sentence and _last_sign(head) == _last_sign(first):
        same = [m for m in run if _last_sign(m) == _last_sign(first)]
        return same or run
    return run


def _last_sign(m: Mention) -> str:
    """The last sign of what is counted: 学生 and 女生 are of one kind."""
    return m.subject[-1:]


def _may_belong(head: Mention, first: Mention, s: Scene) -> bool:
    """Can the part be one of the whole? A new sentence about another stage has another whole."""
    stages = [
        {key for key, names in LEXICON.raw["stages"].items() if any(n in _label_part(m) for n in names)}
        for m in (head, first)
    ]
    if stages[0] and stages[1] and not stages[0] & stages[1] and "compulsory" not in stages[0]:
        return False
    if head.sentence == first.sentence:
        return True
    levels = [m for m in s.before if m.sentence == head.sentence and m.is_level and m.q.unit == head.q.unit]
    return len(levels) == 1


def _label_part(m: Mention) -> str:
    return m.near + m.subject + m.after[:6]


_NOUN = re.compile(r"[\u4e00-\u9fff]{2,4}")


def _same_noun(head: Mention, part: Mention) -> bool:
    """赛事4个，其中…吸引了29个省市: what is counted must not differ, where the unit says little."""
    noun = _NOUN.match(part.after)
    if part.q.dimension not in ("things", "firms", "sets") or noun is None:
        return True
    return noun.group()[:2] in head.near + head.after[:8]


def _silent_lists(s: Scene, done: set[int]) -> Iterator[tuple[Mention, list[Mention], bool]]:
    """A level followed by two to six of the same unit that add up to it: parts, though no word says so."""
    levels = [
        m
        for m in s.here
        if m.role in ("level", "whole") and m.q.dimension not in UNSUMMABLE and m.index not in done
    ]
    for i, head in enumerate(levels):
        run: list[Mention] = []
        for m in levels[i + 1 : i + 7]:
            if m.q.unit != head.q.unit or m.segment != head.segment:
                break
            run.append(m)
            if len(run) >= 2 and total_of(run).meets(head.q.interval):
                yield head, list(run), False
                return
        # 小学…人，初中…人，高中…人: the first is one of them, and no whole
        if (
            2 <= len(run) <= 6
            and _kinds_divide(run, s, "complete")
            and not _kinds_divide([head, *run], s, "complete")
        ):
            yield head, run, False
            return


def total_of(parts: list[Mention]) -> Interval:
    """What they may add up to."""
    return reduce(Interval.__add__, (m.q.interval for m in parts))


def _judge_parts(head: Mention, parts: list[Mention], s: Scene, *, marked: bool) -> Reading:
    whole, total = head.q.interval, total_of(parts)
    scale = head.q.scale
    wholes = siblings(head, parts[0], s)
    belongs = _may_belong(head, parts[0], s)
    numbers: dict[str, object] = {"whole": head.q.value, "parts": [m.q.value for m in parts]}
    near = parts[0].q.start - head.q.end < FAR
    start, end = span(head, *parts) if near else span(*parts)
    facts: dict[str, object] = {"whole": head.q.text, "parts": "、".join(m.q.text for m in parts)}
    shared: dict[str, Any] = {
        "numbers": numbers,
        "start": start,
        "end": end,
        "stated": whole.times(1 / scale),
        "printed": head.q.value,
        "facts": facts,
    }
    value = sum(m.q.base for m in parts) / scale
    complete = _must_add_up(parts, total, whole, s) or _years_divide(parts, head, total, s)
    complete = complete and not (total.hi < whole.lo and _of_a_narrower_kind(head, parts))
    if len(parts) > 1 and (total.meets(whole) or complete):
        return Reading(
            kind="sum_of_parts",
            relation="sum(parts) == whole",
            expected=total.times(1 / scale),
            value=value,
            error="sum",
            firm=belongs
            and len(wholes) == 1
            and (marked or _announces_whole(head, parts))
            and not _may_overlap(head, parts, s)
            and not (total.hi < whole.lo and _of_every_kind(head, parts)),
            **shared,
        )
    # A later number above the whole has begun a new subject: 毕业生80人，其中女生40人，招生120人.
    fitting = [m for m in parts if m.q.lo <= whole.hi]
    largest = parts[0] if parts[0] not in fitting else max(fitting, key=lambda m: m.q.base)
    shared["facts"] = facts | {"part": largest.q.text}
    room = Interval(largest.q.lo / scale, float("inf"))
    within = whole.hi < largest.q.lo <= total_of(wholes).hi  # 医生8人、护士21人，其中10人…
    unlike = _counted_differently(head, largest)
    return Reading(
        kind="part_whole",
        relation="part <= whole",
        expected=room,
        value=largest.q.base / scale,
        firm=marked and not unlike and belongs and _marked_at(head, largest, s) and not within,
        error="unlike_coverage" if unlike else "part_above_whole",
        severity="warning" if unlike and largest.q.lo > head.q.hi else "",
        **shared,
    )


_ANNOUNCES = re.compile(r"抽查|抽检|受检|共|总|全[省市县区国校州]|合计|各级")


def _announces_whole(head: Mention, parts: list[Mention]) -> bool:
    """Do the words say that a whole is meant? 招收本科生410名、硕士生52名 is a list, not a whole and a part."""
    groups = [*LEXICON.raw["families"]["complete"], *LEXICON.raw["families"]["disjoint"]]
    among = any(
        any(word in head.near for word in group) and any(word in m.near for m in parts for word in group)
        for group in groups
    )
    return not among and (head.role == "whole" or bool(_ANNOUNCES.search(head.near)))


def _of_every_kind(head: Mention, parts: list[Mention]) -> bool:
    """各级各类学校263所，其中小学88所、初中25所、高中6所: kindergartens and others are left out, rightly."""
    levels = any("小学" in m.near for m in parts) and not any("幼" in m.near for m in parts)
    return levels and bool(re.search("各级|各类", head.near))


_OVERLAP = re.compile(r"同时|兼|均可|招收|开设|设有|开展|既|分别有")


def _may_overlap(head: Mention, parts: list[Mention], s: Scene) -> bool:
    """招收文科的540所、招收理科的598所: one school may do both; 招收博士生15人、硕士生115人: nobody is both."""
    return parts[0].q.dimension != "persons" and bool(_OVERLAP.search(s.text, head.q.end, parts[-1].q.start))


def _marked_at(head: Mention, part: Mention, s: Scene) -> bool:
    """Does the part stand in the clause that 其中 opens, or in the bracket?"""
    if part.bracket:
        return True
    if any(
        _SUBJECT.fullmatch(clause) for clause in re.split(r"[，；：]", s.text[head.q.end : part.mark])[1:-1]
    ):
        return False  # 赔偿1.5万元，获益也遭没收，其中包括6万元: 其中 is of the last clause
    between = s.text[part.mark : part.q.start].lstrip("，：")
    return not re.search(r"[，；]", between)


_SUBJECT = re.compile(r"[^\d%]*[\u4e00-\u9fff]{4,}[^\d%]*")


_THE_OTHERS = re.compile(r"[、，和及]?(?:其他|其它|其余)")
"""小学2658人、初中2618人、其他单位243人: a list that ends so leaves nothing out."""


def _must_add_up(parts: list[Mention], total: Interval, whole: Interval, s: Scene) -> bool:
    others = len(parts) > 2 and bool(_THE_OTHERS.match(parts[-1].near))
    if others or _kinds_divide(parts, s, "complete"):
        first, last = parts[0].q.start, parts[-1].q.end
        return not _OPEN_ENDED.search(s.text[first - 20 if first > 20 else 0 : last + 6])
    return total.lo > whole.hi and _kinds_divide(parts, s, "disjoint")


_WORD = re.compile(r"[\u4e00-\u9fff]")
_YEAR_LABEL = re.compile(r"((?:19|20)\d{2})年(?:度)?$")
_ALL_YEARS = re.compile(r"累计|近[两二三四五六七八九十\d]{1,2}年|[两二三四五六七八九十]年|期间|年共")


_SPAN_LABEL = re.compile(r"(前|后|头|末)(?P<n>[一两三四五六七八九])年")
_SO_MANY_YEARS = re.compile(r"(?P<n>[两三四五六七八九十])年")


_NARROWER = re.compile(
    r"住校|走读|在岗|贫困|普惠|新建|改扩建|标准化|示范|优质|达标|等级|寄宿|随迁|留守|困难|在编|合格|骨干|特岗|省级|市级|县级|优秀|重点|一级|二级|兼职"
)


def _of_a_narrower_kind(head: Mention, parts: list[Mention]) -> bool:
    """公办园6700人，普惠性民办园4580人: a kind of the private ones; the others are left out, rightly."""
    kinds = [set(_NARROWER.findall(m.near)) - set(_NARROWER.findall(head.near)) for m in parts]
    return any(kinds) and any(kind != kinds[0] for kind in kinds) and not all(kinds)


def _years_divide(parts: list[Mention], head: Mention, total: Interval, s: Scene) -> bool:
    """近三年累计1236人，其中2021年402人、2022年415人、2023年419人: these are all the years."""
    spans = [_SPAN_LABEL.search(m.near) for m in parts]
    if all(spans) and (named := _SO_MANY_YEARS.search(s.text, max(0, head.q.start - 30), head.q.start)):
        told = [parse_small_number(match["n"]) for match in spans if match]
        return sum(told) == parse_small_number(named["n"]) and len({match[1] for match in spans if match}) > 1
    found = [_YEAR_LABEL.search(m.near) for m in parts]
    years = [match[1] for match in found if match]
    distinct = len(years) == len(parts) and len(set(years)) == len(years)
    return distinct and (total.lo > head.q.hi or bool(_ALL_YEARS.search(head.near + head.subject)))


_ORDINAL = re.compile(r"第[一二三四五六七八九十\d]{1,2}(?:批|期|阶段|季度|标段|轮|次)")


def divides(labels: list[str]) -> bool:
    """Do the labels name the kinds that divide a whole?"""
    return any(
        is_family(labels, family)
        for family in LEXICON.raw["families"]["complete"]
        if len(family) == len(labels)
    )


def _kinds_divide(parts: list[Mention], s: Scene, table: str) -> bool:
    """Do the parts' labels divide a whole?"""
    labels = [m.near if _WORD.search(m.near.strip("其中、")) else m.near + m.after[:8] for m in parts]
    if table == "disjoint":
        ordinals = [match.group() for label in labels if (match := _ORDINAL.search(label))]
        if len(ordinals) == len(labels) == len(set(ordinals)):
            return True
        return any(_are_distinct(labels, group) for group in LEXICON.raw["families"]["disjoint"])
    return any(
        is_family(labels, family)
        for family in LEXICON.raw["families"]["complete"]
        if len(family) == len(labels)
    )


def _are_distinct(labels: list[str], group: list[str]) -> bool:
    found = [next((word for word in group if word in label), "") for label in labels]
    return all(found) and len(set(found)) == len(found)


def is_family(labels: list[str], family: list[str]) -> bool:
    """Does every label hold another kind of the family?"""
    if not any(word in labels[0] for word in family):
        return False
    left = sorted(family, key=len, reverse=True)
    for label in labels:
        word = next((word for word in left if word in label), None)
        if word is None:
            return False
        left.remove(word)
    return True


def _counted_differently(head: Mention, part: Mention) -> bool:
    """Wholes and parts that are counted over different bodies may cross."""
    words = LEXICON.raw["families"]["unlike"]
    return any(a in head.near + head.subject and b in part.near for a, b in words)
