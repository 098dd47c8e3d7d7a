"""Are the shares right?

Rules for 占…的…%, 占比, shares that divide 100, and proportions in hundredths. A share is condemned only when the
words leave one part and one whole: the part right before it or named beside it, the whole that 占 names, the head
of the 其中 list, or the number of 320名教师中，有138名….
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from math import gcd

from edustats.briefing.changes import Scene, comparable
from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import OF_WHOLE, Mention
from edustats.briefing.parts import EDGES, UNSUMMABLE, is_family, total_of
from edustats.briefing.readings import Reading, span
from edustats.briefing.text import Cleaned

_NAMED_SHARE = r"(?:占比|占有率|所占比例|所占比重|比例|比重|份额|比率)"
_TRAIL = r"(?:为|达到?|约为|约|近|是|超过|超|仅|只|的|高达|分别|已|到|\(|:)*$"
_OF = re.compile(
    rf"占(?!比)(?P<of>[^，。；()]{{0,30}}?)(?:的?(?:比例|比重|份额|比率|总数|总量|总额|百分比)+)?{_TRAIL}"
)
_LABELLED = re.compile(rf"(?P<label>[^，。；：()]{{0,24}}?){_NAMED_SHARE}{_TRAIL}")
_SCOPE = re.compile(
    r"^(?:了|到)?(?P<scope>全国|全世界|世界|全球|全省|全市|全县|全区|全州|全盟|全校|全院|我国|我省|我市|我县|我区|同类|同期|当年|当地|本地|社会)"
)
_WITHIN = re.compile(r"(?:之|当)?中(?:，|有|的|，有|，共有|共有|已有|，已有)|其中|(?:，|\()含")


def share_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 占幼儿园总数的83.0%: the part over the whole."""
    of, label, scope = _words(m)
    yield from _told_before(m, s, label, of)
    for part, sure in _share_parts(m, s, label):
        for whole, certain in _share_wholes(part, m, s, of, scope):
            yield _share(part, whole, m, firm=sure and certain)


def _told_before(m: Mention, s: Scene, label: str, of: str) -> Iterator[Reading]:
    """女教师占62%，全县教师2000人中女教师1240人: the amounts stand after the share."""
    ahead = [x for x in s.here if m.index < x.index <= m.index + 2 and x.segment == m.segment and x.is_level]
    if of or len(label) < 2 or len(ahead) != 2 or ahead[0].q.unit != ahead[1].q.unit:
        return
    whole, part = ahead
    if _WITHIN_IT.match(s.text[whole.q.end : part.q.start]) and part.near.endswith(label):
        yield _share(part, whole, m, firm=True)


_WITHIN_IT = re.compile(r"(?:之|当)?中|，?其中")


def _words(m: Mention) -> tuple[str, str, str]:
    """What the share is of, what has the share, and the area that the whole covers, as far as they are named."""
    match = _OF.search(m.near)
    if match is None:
        named = _LABELLED.search(m.near)
        return "", named["label"].strip("，、其中") if named else "", ""
    scope = _SCOPE.match(match["of"])
    of = EDGES.sub("", EDGES.sub("", match["of"]))
    return of, m.near[: match.start()].strip("，、其中"), scope["scope"] if scope else ""


def _share_parts(m: Mention, s: Scene, label: str) -> Iterator[tuple[Mention, bool]]:
    """What the share is of: the level before, or the one the clause names."""
    amounts = [
        x
        for x in s.here
        if x.is_level
        and x.index < m.index
        and x.q.dimension not in UNSUMMABLE
        and x.length == m.length
        and x.place == m.place
        and not (x.index == m.index - 1 and _is_inline(x, m))
    ]
    if len(label) >= 2:
        # 其中5所空余比例大于60%: what has the share is no number of the text
        yield from _named_parts(m, s, label, amounts)
        return
    for k, x in enumerate(reversed(amounts[-4:])):
        near = x.segment == m.segment and not x.bracket and not _own_clause_between(x, m, s)
        yield x, k == 0 and near and not _of_a_list(x, m, s)


def _named_parts(m: Mention, s: Scene, label: str, amounts: list[Mention]) -> Iterator[tuple[Mention, bool]]:
    pool = [*s.before[-20:], *amounts]
    subjects = [x for x in pool if x.is_level and x.q.dimension not in UNSUMMABLE and _noun(x)]
    found = [x for x in subjects if _noun(x).endswith(label[-6:]) or label.endswith(_noun(x))]
    for k, x in enumerate(reversed(found)):
        same = EDGES.sub("", _noun(x)) == EDGES.sub("", label)
        alone = len(found) == 1 and len(label) >= 3 and x.sentence == m.sentence
        yield x, k == 0 and (same or alone) and x.sentence >= m.sentence - 2


def _noun(x: Mention) -> str:
    """What is counted: 女教师1240人, or 1240名女教师."""
    if x.subject:
        return x.subject
    after = re.match(r"的?([\u4e00-\u9fff]{2,8})", x.after)
    return after[1] if after else ""


_PROPERTY = re.compile(r"占|占比|(?:所占)?(?:比例|比重|份额|比率)")


def _own_clause_between(x: Mention, m: Mention, s: Scene) -> bool:
    """Does a clause with a subject of its own stand between the amount and its share?"""
    named = _PROPERTY.search(m.near)
    if (
        named
        and not named.group().startswith("占")
        and len(m.near[: named.start()].strip("，、其中的所")) >= 2
    ):
        return True  # 其中5所空余比例大于60%: a property of the part
    between = [
        y
        for y in s.here
        if x.index < y.index < m.index and y.role not in ("change", "share", "base") and not _is_inline(y, m)
    ]
    return bool(between) or m.clause - x.clause > 3


def _of_a_list(x: Mention, m: Mention, s: Scene) -> bool:
    """包括教学类4项、科研类3项、管理类17项，占…: the share may be that of them all."""
    before = next((y for y in s.here if y.index == x.index - 1), None)
    joined = (
        before is not None and before.is_level and before.q.unit == x.q.unit and before.segment == x.segment
    )
    return joined and before is not None and "、" in s.text[before.q.end : x.q.start]


def _is_inline(whole: Mention, m: Mention) -> bool:
    """占支出52.40亿元的16.72%, 占支出(52.40亿元)的比例为16.72%: the whole stands right before the share."""
    return (m.near.startswith("的") and bool(OF_WHOLE.search(whole.near))) or (
        whole.bracket and "占" in whole.near
    )


def _share_wholes(part: Mention, m: Mention, s: Scene, of: str, scope: str) -> Iterator[tuple[Mention, bool]]:
    """What the share is taken of: a number in the bracket, the whole that 占 names, or the head of the
    list."""
    pool = [
        x
        for x in [*s.before[-40:], *s.here]
        if (x.is_level or x.role == "reference")
        and x.index not in (part.index, m.index)
        and (comparable(x.q, part.q) or (not x.q.dimension and x.index == m.index - 1))
        and x.index < m.index
        and x.q.hi >= part.q.lo
    ]
    bracket = [x for x in pool if x.index == m.index - 1 and _is_inline(x, m)]
    if bracket:
        yield bracket[0], True
        return
    named = [
        x for x in reversed(pool) if of and not x.part and _same_thing(_noun(x), of) and _covers(x, scope, s)
    ]
    heads = [] if of else [x for x in reversed(pool) if x.index < part.index and _heads(x, part, s)]
    strong = named or heads[:1]
    for k, x in enumerate(strong):
        yield (
            x,
            k == 0
            and _is_the_whole(x, part, m, of, s)
            and (not scope or _covers(x, scope, s))
            and len(strong) == 1,
        )
    for x in reversed(pool):
        if x not in strong and x.index < part.index and x.q.unit == part.q.unit:
            yield x, False


def _covers(whole: Mention, scope: str, s: Scene) -> bool:
    """Does the whole cover the area that the share names? 占全省…的46% is no share of what one county has."""
    if not scope:
        return True
    clause = s.text[max(0, whole.q.start - 40) : whole.q.start]
    return scope in clause[clause.rfind("。") + 1 :] or scope in ("同期", "当年")


def _heads(x: Mention, part: Mention, s: Scene) -> bool:
    """Is x the whole of a list that the part belongs to?"""
    if x.part or x.q.unit != part.q.unit:
        return False
    if _continues_list(x, part, s):
        return True
    if part.part:
        return x.mark < part.mark and not _is_in_list(x, part, s)
    return x.index == part.index - 1 and x.segment == part.segment


def _is_in_list(x: Mention, part: Mention, s: Scene) -> bool:
    return x.segment == part.segment and x.q.start > part.mark >= 0


def _continues_list(x: Mention, part: Mention, s: Scene) -> bool:
    """8,636人，其中本科8,295人，占96.05%；专科341人，占3.95%: the list goes on after the semicolon."""
    if x.sentence < part.sentence - 1 or x.segment == part.segment:
        return False
    between = [y for y in s.here if x.index < y.index < part.index]
    first = next((y for y in between if y.is_level), None)
    return (
        first is not None
        and (first.part or bool(_WITHIN.search(s.text[x.q.end : first.q.start])))
        and first.segment < part.segment
        and all(y.q.unit == x.q.unit or y.role in ("share", "change") for y in between)
        and all(y.q.hi <= x.q.hi for y in between if y.is_level)
    )


def _is_the_whole(x: Mention, part: Mention, m: Mention, of: str, s: Scene) -> bool:
    """Do the words leave no other whole?"""
    alike = x.q.unit == part.q.unit and (not x.year or not m.year or x.year == m.year)
    reach = 3 if len(of) >= 4 else 1
    if not alike or x.sentence < m.sentence - reach:
        return False
    if of:
        return EDGES.sub("", _noun(x)) == of or (part.part and len(of) >= 3)
    plain = _OF.search(m.near) is None or re.search(rf"占(?:比|总数|总量|总额|全部|其)?{_TRAIL}", m.near)
    if part.part:
        return bool(plain)
    between = s.text[x.q.end : part.q.start]
    certain = (
        bool(_WITHIN.search(between))
        or _continues_list(x, part, s)
        or _kinds_of(x, part)
        or _all_asked(x, part)
    )
    return bool(plain) and certain


_ALL_ASKED = re.compile(
    r"受访|参加|参与|参检|参测|应届|应|调查|抽查|抽检|适龄|报考|报名|毕业生|共|总|全[县市区省校州国镇乡]|现有"
)


def _all_asked(whole: Mention, part: Mention) -> bool:
    """受访家长1500人，…满意的1365人: the whole is everyone who was asked."""
    near = whole.segment == part.segment and part.clause - whole.clause <= 1 and whole.index == part.index - 1
    return near and bool(_ALL_ASKED.search(whole.near)) and not _ALL_ASKED.search(part.near)


def _kinds_of(whole: Mention, part: Mention) -> bool:
    """幼儿园640所，公办园224所: the part is named as a kind of the whole, in the same segment."""
    noun, kind = EDGES.sub("", whole.subject)[-3:], part.subject
    last = noun[-1:] if noun else ""
    return whole.segment == part.segment and bool(last) and kind.endswith(last) and kind != whole.subject


def _same_thing(subject: str, of: str) -> bool:
    subject = EDGES.sub("", subject)
    return bool(subject) and (
        subject == of or (len(of) >= 2 and subject.endswith(of)) or (len(subject) >= 2 and of == subject)
    )


def _share(part: Mention, whole: Mention, m: Mention, *, firm: bool) -> Reading:
    expected = (part.q.interval / whole.q.interval).times(100 / m.q.scale)
    start, end = span(part, m) if whole.sentence != m.sentence else span(part, whole, m)
    return Reading(
        kind="ratio_share",
        relation="part / whole * 100 == share_pct",
        start=start,
        end=end,
        firm=firm,
        numbers={"part": part.q.value, "whole": whole.q.value, "share_pct": m.q.value},
        stated=m.q.interval.times(1 / m.q.scale),
        printed=m.q.value,
        expected=expected,
        value=100 * part.q.base / whole.q.base / m.q.scale if whole.q.base else None,
        facts={"v0": whole.q.text, "v1": part.q.text, "said": m.q.text},
    )


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
            if _COMPARED.match(s.text, run[-1].q.end):
                continue
            if said and len({m.segment for m in run}) == 1 and is_family(labels, family):
                yield _split(run)


_STRUCTURE = re.compile(r"职称|学历|年龄|结构|构成|来源|分布|去向|类型|层次")


def _split_of_structure(shares: list[Mention], s: Scene) -> Iterator[Reading]:
    """经费来源中，财政拨款占85.5%、学费收入占9.5%、社会捐赠占5.0%: a structure divides 100."""
    first = next(
        (k for k, m in enumerate(shares) if _STRUCTURE.search(s.text, max(0, m.q.start - 30), m.q.start)),
        None,
    )
    if first is None:
        return
    run = [shares[first]]
    for m in shares[first + 1 :]:
        if not re.match(r"[、；，]", s.text[run[-1].q.end : m.q.start]) or m.index != run[-1].index + 1:
            break
        run.append(m)
    plain = all(m.role == "share" and "占" in m.near and m.segment == run[0].segment for m in run)
    if len(run) >= 3 and plain and total_of(run).hi > 90 and total_of(run).lo < 115:
        yield _split(run)


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
            start, end = span(outer, inner)
            yield Reading(
                kind="part_whole",
                relation="part <= whole",
                start=start,
                end=end,
                numbers={"whole": outer.q.value, "parts": [inner.q.value]},
                printed=inner.q.value,
                verdict="please_check",
                error="part_above_whole",
                facts={"part": inner.q.text, "whole": outer.q.text},
            )


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
            yield _split(run)


_BAND = re.compile(
    r"(?P<low>\d{1,3})(?P<unit>岁|周岁|年|元|分|人)?(?:(?:[-—–~～至到]{1,2}(?P<high>\d{1,3})|(?P<open>及?以下|以内|及?以上))(?:岁|周岁|年|元|分|人)?|(?:岁|周岁|年|元|分|人)(?P<open2>及?以下|以内|及?以上))"
    r"(?:的)?(?:教师|学生|人员|职工|[\u4e00-\u9fff]{0,4}?)(?:分别)?(?:有|为|占|约占|是)?(?P<n>\d[\d,]*(?:\.\d+)?)(?P<what>万?人|名|%|所|个)"
)


def band_readings(s: Scene) -> Iterator[Reading]:
    """全县教师2000人，35岁以下620人，36至50岁980人，51岁以上400人: bands from below to above divide the whole."""
    start, end = s.text.rfind("\n", 0, s.here[0].q.start) + 1, s.here[-1].q.end + 2
    found = [m for m in _BAND.finditer(s.text, max(start, s.here[0].q.start - 80), end)]
    runs: list[list[re.Match[str]]] = []
    for match in found:
        opened = (match["open"] or match["open2"] or "").endswith(("下", "内"))
        if opened:
            runs.append([match])
        elif runs and runs[-1][-1]["what"] == match["what"] and match.start() - runs[-1][-1].end() < 12:
            runs[-1].append(match)
    for run in runs:
        closed = (run[-1]["open"] or run[-1]["open2"] or "").endswith("上")
        if closed and len(run) >= 2 and _adjoin(run):
            yield from _bands(run, s)


def _adjoin(run: list[re.Match[str]]) -> bool:
    """35岁以下, 36至50岁, 51岁以上: each begins where the one before it ends."""
    edge = int(run[0]["low"])
    for match in run[1:]:
        low = int(match["low"])
        if not 0 <= low - edge <= 1:
            return False
        edge = int(match["high"] or low)
    return True


def _bands(run: list[re.Match[str]], s: Scene) -> Iterator[Reading]:
    parts = [m for m in s.here for match in run if m.q.start <= match.start("n") < m.q.end]
    if len(parts) != len(run):
        return
    if all(m.q.is_rate for m in parts):
        yield _split(parts)
        return
    before = [m for m in s.here if m.q.end <= run[0].start() and m.is_level and m.q.unit == parts[0].q.unit]
    whole = before[-1] if before and before[-1].segment == parts[0].segment else None
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


_PROPORTION = re.compile(r"(?<![\d.:])\d{1,2}(?:\.\d{1,3})?(?::\d{1,2}(?:\.\d{1,3})?){2,3}(?![\d:.])")


def proportion_readings(cleaned: Cleaned) -> Iterator[Reading]:
    """三次产业结构比例为6.01:55.04:38.95: the members of a proportion in hundredths add up to 100."""
    for match in _PROPORTION.finditer(cleaned.text):
        words = cleaned.text[max(0, match.start() - 16) : match.start()]
        parts = match.group().split(":")
        total = sum(map(float, parts))
        half = sum(0.5 * 10.0 ** -len(part.partition(".")[2]) for part in parts)
        coarse = gcd(*(round(1000 * float(part)) for part in parts)) > 1000  # 40:30:20 is a plain proportion
        if re.search(r"结构|比例|构成", words) and 85 < total < 115 and not coarse:
            yield Reading(
                kind="sum_of_parts",
                relation="sum(shares) == 100",
                start=match.start(),
                end=match.end(),
                numbers={"parts": [float(part) for part in parts], "whole": 100},
                stated=Interval(100, 100),
                printed=100,
                expected=Interval(total - half, total + half),
                value=total,
                error="shares_not_100",
                facts={"parts": "、".join(parts)},
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
                yield _split(run)
                return


MOST_OF_SHARES = 125
"""小学占62%、初中占91%: beyond this, each share has a whole of its own."""


def _split(run: list[Mention]) -> Reading:
    total = total_of(run)
    start, end = span(*run)
    return Reading(
        kind="sum_of_parts",
        relation="sum(shares) == 100",
        start=start,
        end=end,
        error="shares_sum",
        numbers={"parts": [m.q.value for m in run], "whole": 100},
        stated=Interval(100, 100),
        printed=100,
        expected=total,
        value=sum(m.q.base for m in run),
        firm=100 < total.lo < MOST_OF_SHARES,
        facts={"whole": "100%", "parts": "、".join(m.q.text for m in run)},
    )
