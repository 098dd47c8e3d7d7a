"""Are the shares right?

Rules for 占…的…% and 占比. A share is condemned only when the
words leave one part and one whole: the part right before it or named beside it, the whole that 占 names, the head
of the 其中 list, or the number of 320名教师中，有138名….
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import OF_WHOLE, Mention
from edustats.briefing.pairs import Scene, comparable
from edustats.briefing.parts import EDGES, UNSUMMABLE
from edustats.briefing.readings import Reading, span

_NAMED_SHARE = r"(?:占比|占有率|所占比例|所占比重|比例|比重|份额|比率)"
_TRAIL = r"(?:为|达到?|约为|约|近|是|超过|超|仅|只|的|高达|分别|已|到|\(|:)*$"
_OF = re.compile(
    rf"占(?!比)(?P<of>[^，。；()]{{0,30}}?)(?:的?(?:比例|比重|份额|比率|总数|总量|总额|百分比)+)?{_TRAIL}"
)
_LABELLED = re.compile(rf"(?P<label>[^，。；：()]{{0,24}}?){_NAMED_SHARE}{_TRAIL}")
_SCOPE = re.compile(
    r"^(?:了|到)?(?P<scope>全国|全世界|世界|全球|全省|全市|全县|全区|全州|全盟|全校|全院|我国|我省|我市|我县|我区|同类|同期|当年|当地|本地|社会)"
)
SCOPE_REACH = 600
_AREA_WORDS = re.compile(
    r"全国|全世界|全球|全省|全市|全县|全区|全州|全盟|全校|全院|我国|我省|我市|我县|我区|[\u4e00-\u9fff](?:省|市|县|区|州|镇|乡)"
)
_WITHIN = re.compile(r"(?:之|当)?中(?:，|有|的|，有|，共有|共有|已有|，已有)|其中|(?:，|\()含")


def share_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 占幼儿园总数的83.0%: the part over the whole."""
    of, label, scope = _share_words(m)
    yield from _told_before(m, s, label, of)
    if not of and (one := _of_the_same_whole(m, s)) is not None:
        yield one
    for part, sure in _share_parts(m, s, label):
        for whole, certain in _share_wholes(part, m, s, of, scope):
            yield _judge_share(part, whole, m, firm=sure and certain)


def _of_the_same_whole(m: Mention, s: Scene) -> Reading | None:
    """2150人，占专任教师的71.7%，其中研究生86人，占2.9%: as much of the teachers as the share before it is."""
    back = [x for x in s.here if m.index - 3 <= x.index < m.index and x.segment == m.segment]
    if len(back) != 3 or back[1].role != "share" or not (back[0].is_level and back[2].is_level):
        return None
    first, share, part = back
    if first.q.unit != part.q.unit or not first.q.base or share.q.dimension != m.q.dimension:
        return None
    expected = (part.q.interval / first.q.interval) * share.q.interval.times(1 / m.q.scale)
    made = _judge_share(part, first, m, firm=False)
    value = part.q.base / first.q.base * share.q.value
    alike = made.stated is not None and expected.meets(made.stated)
    return replace(made, expected=expected, value=value) if alike else None


def _told_before(m: Mention, s: Scene, label: str, of: str) -> Iterator[Reading]:
    """女教师占62%，全县教师2000人中女教师1240人; 占85%，即170人，总数200人: the amounts stand after the share."""
    if of and (told := _whole_after(m, s, of)):
        yield _judge_share(*told, m, firm=True)
    ahead = [x for x in s.here if m.index < x.index <= m.index + 2 and x.segment == m.segment and x.is_level]
    if len(ahead) != 2 or ahead[0].q.unit != ahead[1].q.unit or ahead[0].q.dimension in UNSUMMABLE:
        return
    first, second = ahead
    among = _WITHIN_IT.match(s.text[first.q.end : second.q.start])
    ends = bool(second.subject) and label.endswith(second.subject[-4:])
    named = len(label) >= 2 and (second.near.endswith(label[-6:]) or ends)
    if (among or (of and _same_thing(first.subject, of))) and named:
        yield _judge_share(second, first, m, firm=True)
    elif _THAT_IS.match(first.near):
        inside = _is_told_in_bracket(first, second, of, s)
        if inside or _IN_ALL.search(second.near):
            yield _judge_share(first, second, m, firm=inside or not of)


def _is_told_in_bracket(part: Mention, whole: Mention, of: str, s: Scene) -> bool:
    """占专任教师的12%，即984人（专任教师8200人）."""
    opened = s.text[part.q.end : whole.q.start].startswith("(")
    return opened and whole.bracket and bool(of) and _same_thing(whole.subject, of)


def _whole_after(m: Mention, s: Scene, of: str) -> tuple[Mention, Mention] | None:
    """党员4960名，占教职工总数的31%，教职工1.6万名: the whole that 占 names stands right after the share."""
    beside = {x.index - m.index: x for x in s.here if abs(x.index - m.index) == 1 and x.is_level}
    part, whole = beside.get(-1), beside.get(1)
    if part is None or whole is None or part.q.unit != whole.q.unit or whole.segment != m.segment:
        return None
    named = len(of) >= 2 and _same_thing(EDGES.sub("", whole.subject), of) and whole.clause == m.clause + 1
    again = any(_same_thing(x.subject, of) for x in [*s.before[-20:], *s.here] if x.index < m.index)
    return (part, whole) if named and not again and part.length == whole.length == 1 else None


_THAT_IS = re.compile(r"^(?:也就是|即|计|就是|有|为)?$|^(?:即|也就是)[\u4e00-\u9fff]{0,6}$")
_IN_ALL = re.compile(
    r"^(?:全[市县区校省])?[\u4e00-\u9fff]{0,6}(?:总数|总人数|总量|总|共有?|合计)(?:为|是|有)?$"
)


def portion_readings(s: Scene) -> Iterator[Reading]:
    """85%的乡镇建有…，即20个乡镇中有17个; 竣工率90%，60个项目中54个竣工: a rate, and what it was reckoned from."""
    for m, whole, part in zip(s.here, s.here[1:], s.here[2:], strict=False):
        if not m.q.is_rate or m.role not in ("level", "share") or whole.q.unit != part.q.unit:
            continue
        alike = m.segment == whole.segment == part.segment and whole.is_level and part.is_level
        among = _AMONG.match(s.text[whole.q.end : part.q.start])
        if not (alike and among) or whole.q.dimension in UNSUMMABLE or whole.clause - m.clause > 1:
            continue
        stem = re.search(r"([\u4e00-\u9fff]{2})率(?:为|达到?)?$", m.near)
        of = re.match(r"的([\u4e00-\u9fff]{2,8})", m.after)
        counted = bool(stem) and stem is not None and stem[1] in part.near + part.after.split("，")[0]
        again = (
            of is not None and among["noun"] != "" and of[1].startswith(among["noun"]) and "即" in whole.near
        )
        if counted or again:
            yield _judge_share(part, whole, m, firm=True)


_AMONG = re.compile(r"(?P<noun>[\u4e00-\u9fff]{0,6}?)(?:之|当)?中，?(?:有|已有|已)?[\u4e00-\u9fff]{0,6}$")
_WITHIN_IT = re.compile(r"(?:之|当)?中|，?其中")


def _share_words(m: Mention) -> tuple[str, str, str]:
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
    subjects = [x for x in pool if x.is_level and x.q.dimension not in UNSUMMABLE and _noun_counted(x)]
    found = [x for x in subjects if _noun_counted(x).endswith(label[-6:]) or label.endswith(_noun_counted(x))]
    for k, x in enumerate(reversed(found)):
        same = EDGES.sub("", _noun_counted(x)) == EDGES.sub("", label)
        close = x.index == m.index - 1 and x.clause == m.clause - 1
        alone = len(found) == 1 and (len(label) >= 3 or close) and x.sentence == m.sentence
        yield x, k == 0 and (same or alone) and x.sentence >= m.sentence - 2


def _noun_counted(x: Mention) -> str:
    """What is counted: 女教师1240人, or 1240名女教师."""
    if x.subject:
        return x.subject
    after = re.match(r"的?([\u4e00-\u9fff]{2,8})", x.after)
    return after[1] if after else ""


_QUALIFIES = re.compile(r"(?:不足|不到|不满|少于|低于|未满|超过|超|高于|多于|大于|小于|在)$")
"""有3所在校生不足50人，占30%: the number tells which three, and is no amount of its own."""
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
        if x.index < y.index < m.index
        and y.role not in ("change", "share", "base")
        and not _is_inline(y, m)
        and not (y.clause == x.clause and _QUALIFIES.search(y.near))
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
        and (x.q.hi >= part.q.lo or _is_inline(x, m))
    ]
    bracket = [x for x in pool if x.index == m.index - 1 and _is_inline(x, m)]
    if bracket:
        yield bracket[0], True
        return
    before = [] if of else [x for x in reversed(pool) if _told_inline(x, part, s)]
    if before:
        yield before[0], True
        return
    named = [
        x
        for x in reversed(pool)
        if of and not x.part and _same_thing(_noun_counted(x), of) and _covers_area(x, scope, s)
    ]
    if of and not named:  # 招聘教师860名，其中…215名，占招聘总数的25%
        named = [x for x in reversed(pool) if _is_deed_of(x, part, of)]
    heads = [] if of else [x for x in reversed(pool) if x.index < part.index and _is_whole_of(x, part, s)]
    strong = named or heads[:1]
    for k, x in enumerate(strong):
        yield (
            x,
            k == 0
            and _is_the_whole(x, part, m, of, s)
            and (not scope or _covers_area(x, scope, s))
            and len(strong) == 1,
        )
    for x in reversed(pool):
        if x not in strong and x.index < part.index and x.q.unit == part.q.unit:
            yield x, False


def _is_deed_of(x: Mention, part: Mention, of: str) -> bool:
    """Whether the head of a list says itself what was done: 招聘 of 招聘教师860名."""
    head = part.part and not x.part and x.q.unit == part.q.unit and x.mark < part.mark
    return head and bool(re.search(rf"{re.escape(of)}[\u4e00-\u9fff]{{2,}}$", x.near))


def _told_inline(x: Mention, part: Mention, s: Scene) -> bool:
    """优秀12所，占参评学校60所的20%，良好36所，占60%: the whole of the share before serves on."""
    share = next((y for y in s.here if y.index == x.index + 1), None)
    served = (
        share is not None and share.role == "share" and _is_inline(x, share) and share.index == part.index - 1
    )
    return served and x.segment == part.segment and x.q.unit == part.q.unit


def _covers_area(whole: Mention, scope: str, s: Scene) -> bool:
    """Does the whole cover the area that the share names? 占全省…的46% is no share of what one county has."""
    if not scope:
        return True
    clause = s.text[max(0, whole.q.start - 40) : whole.q.start]
    return (
        scope in clause[clause.rfind("。") + 1 :] or scope in ("同期", "当年") or _speaks_of(scope, whole, s)
    )


def _speaks_of(scope: str, whole: Mention, s: Scene) -> bool:
    """全国共有幼儿园…。在园幼儿4805万人，…占全国在园幼儿的88%: this area was named last, and no place since."""
    before = s.text[max(0, whole.q.start - SCOPE_REACH) : whole.q.start]
    named = list(_AREA_WORDS.finditer(before))
    return bool(named) and named[-1].group() == scope


def _is_whole_of(x: Mention, part: Mention, s: Scene) -> bool:
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
        and (first.part or bool(_WITHIN.search(s.text[x.q.end : first.q.start])) or _all_asked(x, first))
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
        named = _OF.search(m.near)
        raw = _SCOPE.sub("", named["of"]).strip("的") if named else ""
        ends = len(raw) >= 3 and _noun_counted(x).endswith(raw) and x.segment == m.segment
        head = x.index == part.index - 1 and x.segment == m.segment and _noun_counted(x).endswith(of)
        head = head and not _are_kinds(x, part)
        deed = _is_deed_of(x, part, of) and x.index == part.index - 1
        return EDGES.sub("", _noun_counted(x)) == of or (part.part and len(of) >= 3) or ends or head or deed
    plain = _OF.search(m.near) is None or re.search(rf"占(?:比|总数|总量|总额|全部|其)?{_TRAIL}", m.near)
    if part.part:
        return bool(plain)
    between = s.text[x.q.end : part.q.start]
    certain = (
        bool(_WITHIN.search(between))
        or _continues_list(x, part, s)
        or _kinds_of(x, part)
        or _all_asked(x, part)
        or _only_two(x, part, m, s)
    )
    return bool(plain) and certain and not _are_kinds(x, part)


def _only_two(whole: Mention, part: Mention, m: Mention, s: Scene) -> bool:
    """义务教育在校生4.8万人，随迁子女1.2万人，占比25%: the segment holds no other number of the kind."""
    alike = [x for x in s.here if x.segment == m.segment and x.q.dimension == part.q.dimension]
    near = whole.index == part.index - 1 == m.index - 2 and m.clause - whole.clause <= 2
    told = bool(_ALL_TOLD.search(whole.near)) and not part.year
    return near and told and alike == [whole, part]


def _are_kinds(whole: Mention, part: Mention) -> bool:
    """城区教师1200人，乡村教师800人: two kinds beside each other, neither is the whole of the other."""
    if "教职工" in whole.near:
        return False
    groups = [*LEXICON.raw["families"]["complete"], *LEXICON.raw["families"]["disjoint"]]
    return any(
        any(word in whole.near and word not in part.near for word in group)
        and any(word in part.near for word in group)
        for group in groups
    )


_ALL_TOLD = re.compile(r"共|总|全[县市区省校州国镇乡]|现有|阶段|各级|在校生|教职工")


_ALL_ASKED = re.compile(
    r"体检|筛查|受检|统考|抽样|受访|回收|收回|发放问卷|样本|参加|参与|参检|参测|应届|应|调查|抽查|抽检|适龄|报考|报名|毕业生|人数|总数|共|总|全[县市区省校州国镇乡]|现有"
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


def _judge_share(part: Mention, whole: Mention, m: Mention, *, firm: bool) -> Reading:
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
