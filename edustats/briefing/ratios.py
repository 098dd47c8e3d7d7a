"""Does a ratio follow from the two numbers beside it?

生师比 from pupils and teachers, 班额, 生均 and 校均 amounts, 每百名学生…台, 报录比, 压减率 and its like. A ratio is
condemned only when its name says what is divided by what and the segment holds one number of either kind; a ratio
with other numbers around it can only be confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, permutations
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON, one_of
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import parse_small_number
from edustats.briefing.pairs import Scene, comparable
from edustats.briefing.readings import Reading, span

_PER = re.compile(r"生师比|师生比|师幼比|幼师比|校均|班均|平均班额|生均|人均|平均每|每校|户均|亩均|园均|班额")
_STEM = re.compile(f"(?P<stem>{one_of(LEXICON.raw['families']['stems'])})率")
ROOM: Final = 0.01
"""Ratios are often reckoned from figures not rounded: a difference below one in a hundred is no error."""


def quotient_readings(s: Scene) -> Iterator[Reading]:
    """在校生8214人，专任教师512人，生师比16.04:1: one number divided by another."""
    yield from _named_ratios(s)
    yield from _check_told_ratio(s)
    yield from _per_so_many(s)
    yield from _check_sex_ratio(s)
    yield from _each_unit(s)
    yield from _check_yearly_mean(s)
    for m in s.here:
        if m.role not in ("level", "whole") or m.q.is_rate or not _PER.search(m.near):
            continue
        amounts = [
            x
            for x in [*s.before[-6:], *s.here]
            if x.is_level
            and x.index < m.index
            and x.q.lo > 0
            and not x.q.is_rate
            and x.q.dimension != "duration"
            and not _PER.search(x.near)
        ][-6:]
        found = next((pair for pair in permutations(amounts, 2) if _may_divide(*pair, m)), None)
        if found:
            yield _judge_quotient(*found, m, firm=False)


def _may_divide(top: Mention, bottom: Mention, m: Mention) -> bool:
    if (
        m.q.dimension not in ("ratio", "inverse", top.q.dimension, "")
        or top.q.dimension == bottom.q.dimension == "money"
    ):
        return False
    narrow = m.q.hi - m.q.lo < 0.05 * m.q.base
    return narrow and (top.q.interval / bottom.q.interval).meets(m.q.interval)


def _judge_quotient(
    top: Mention, bottom: Mention, m: Mention, *, firm: bool, per: float = 1.0, likely: bool = False
) -> Reading:
    start, end = span(top, bottom, m)
    scale = m.q.scale
    return Reading(
        kind="ratio_share",
        relation="numerator / denominator == ratio",
        start=start,
        end=end,
        firm=firm,
        likely=likely,
        numbers={"part": top.q.value, "whole": bottom.q.value, "ratio": m.q.value},
        stated=m.q.interval.times(1 / scale),
        printed=m.q.value,
        expected=(top.q.interval / bottom.q.interval).times(per / scale),
        value=per * top.q.base / bottom.q.base / scale,
        facts={"said": m.q.text},
    )


# --- ratios whose name says what is divided by what -------------------------------------------------

_LEARNERS = r"在校生|学生|在园|幼儿|儿童|(?<!毕业)(?<!招)生\|"
_STAFF = r"专任教师|教师|保教人员|教职工"
_ENTRANTS, _ADMITTED = r"报名|报考|应聘|竞聘|投档", r"招聘|录取|录用|招录|招收|招考|岗位|名额|计划招"
_COMPETITION = re.compile(r"(?:报录|录取|招录|竞争|报考|考录|招考)比(?:例)?[为是达约到]*$")
_SIZE = r"(?:办学)?(?:规模|人数|学生|在校生|幼儿)?"
_WEIGHTED = re.compile(r"高校|高等|大学|本科|高职|折合|标准")
_NAMES: Final[tuple[tuple[re.Pattern[str], str, str, tuple[str, ...]], ...]] = (
    (re.compile(r"生师比(?:例)?[为是达约到]*$"), _LEARNERS, _STAFF, ("", "ratio", "inverse")),
    (re.compile(r"(?:师生比|师幼比)(?:例)?[为是达约到]*$"), _LEARNERS, _STAFF, ("inverse", "ratio")),
    (_COMPETITION, _ENTRANTS, _ADMITTED, ("inverse", "ratio")),
    (re.compile(r"(?:平均班额|班均(?:规模|人数|学生)?|班额)(?:平均)?[为是达约到]*$"), _LEARNERS, r"班", ("persons",)),
    (re.compile(rf"(?:校均|园均|所均){_SIZE}[为是达约到]*$"), _LEARNERS, r"校|园|所|小学|初中|高中", ("persons",)),
    (re.compile(r"(?P<of>生均|人均|师均|班均|校均)(?P<what>[^，。；]{0,10}?)[为是达约到]*$"), "", "", ()),
)  # fmt: skip


def _named_ratios(s: Scene) -> Iterator[Reading]:
    for m in s.here:
        if m.role not in ("level", "whole", "to") or m.q.is_rate or m.bracket or _is_of_a_part(m, s):
            continue
        for pattern, top, bottom, dimensions in _NAMES:
            match = pattern.search(m.near)
            if match is None:
                continue
            if not dimensions:
                yield from _amount_per(match, m, s)
            elif m.q.dimension not in dimensions:
                continue
            elif (pair := _two_numbers(s, m, top, bottom)) and _of_these(m.near[: match.start()], *pair):
                yield _judge_firmness(*pair, m, weighted=bool(_WEIGHTED.search(m.near + pair[0].near)))
            break


def _is_of_a_part(m: Mention, s: Scene) -> bool:
    """学校128所，在校生5.12万人，其中小学86所，校均380人: a mean after a part is the part's."""
    return m.part and any(x.part and x.index < m.index and x.segment == m.segment for x in s.here)


_ONE_TO_OTHER = re.compile(
    r"^(?:全[省市县区校])?(?P<one>[\u4e00-\u9fff]{2,6})[与和同](?P<other>[\u4e00-\u9fff]{2,6})之比[为是达约到]*$"
)


def _check_told_ratio(s: Scene) -> Iterator[Reading]:
    """教职工1860人，在园幼儿14880人，教职工与幼儿之比为1:8."""
    for m in s.here:
        match = _ONE_TO_OTHER.search(m.near) if m.q.dimension in ("ratio", "inverse") else None
        if match and (pair := _two_numbers(s, m, rf"{match['other']}\|", rf"{match['one']}\|")):
            yield _judge_firmness(*pair, m, weighted=bool(_WEIGHTED.search(m.near)))


def _of_these(subject: str, *amounts: Mention) -> bool:
    """Is the ratio that of the amounts beside it? 全校学生1500人，教学班32个，七年级平均班额52人 is of others."""
    told = "，".join(x.near for x in amounts)
    stages = re.findall(r"幼儿|学前|小学|初中|高中|中职", subject)
    own = all(re.search(rf"(?<!中){stage}", told) for stage in stages)  # 小学生均 is not that of 中小学
    return own and set(subject.strip("，、的")) <= set(told)


def _judge_firmness(
    top: Mention, bottom: Mention, m: Mention, *, weighted: bool, per: float = 1.0
) -> Reading:
    """Firm when far off, only likely when the roundings may explain it."""
    if m.q.dimension in ("ratio", "inverse") and top.q.base < bottom.q.base:
        top, bottom = bottom, top
    expected, stated = (top.q.interval / bottom.q.interval).times(per), m.q.interval
    room = ROOM * abs(expected.hi)
    far = not Interval(expected.lo - room, expected.hi + room).meets(stated)
    near = expected.meets(stated)
    return _judge_quotient(
        top, bottom, m, firm=(far or near) and not weighted, per=per, likely=far and weighted
    )


def _two_numbers(s: Scene, m: Mention, top: str, bottom: str) -> tuple[Mention, Mention] | None:
    """The one number of either kind before the ratio, in its segment."""
    # 教学班312个，班均学生45人，在校生14040人: one of the two may stand right after it, or both
    for further in (0, 1, 2):
        amounts = _find_amounts(s, m, further)
        tops = [x for x in amounts if re.search(top, _name_counted(x))]
        bottoms = [x for x in amounts if re.search(bottom, _name_counted(x)) and x not in tops]
        if len(tops) == len(bottoms) == 1 and len(amounts) <= 4:
            return tops[0], bottoms[0]
    return None


_ALL_OF_THEM = re.compile(
    r"^(?:全[县市区省校])?(?:学校)?(?:共有?|现有|总计)?"
    r"(?:在校生|在校学生|学生|在园幼儿|幼儿|教学班|班级|专任教师|教职工|教师|学校|幼儿园|计算机|图书)"
    r"(?:总?数)?(?:共|有|为)?$"
)


def _find_amounts(s: Scene, m: Mention, further: int = 0) -> list[Mention]:
    after = range(m.index + 1, m.index + further + 1)
    return [
        x
        for x in s.here
        if (x.index < m.index or (x.index in after and _ALL_OF_THEM.match(x.near.lstrip("("))))
        and x.is_level
        and x.segment == m.segment
        and x.q.lo > 0
        and x.q.dimension not in ("percent", "points", "times", "duration", "ratio", "inverse")
        and not _PER.search(x.near)
        and not x.part
        and x.length == 1
    ]


def _name_counted(x: Mention) -> str:
    """What is counted: before the number, its unit, or after it."""
    lead = re.sub(r"(?:共有|现有|共|有|为|达|到|的|招生)+$", "", x.near)
    return f"{lead}|{x.q.unit}{_noun_after(x)}"


def _noun_after(x: Mention) -> str:
    after = re.match(r"[\u4e00-\u9fff]{2,6}", x.after)
    return after.group() if after else ""


def _amount_per(match: re.Match[str], m: Mention, s: Scene) -> Iterator[Reading]:
    """公用经费支出1260.72万元，在校生17510人，生均720元: an amount of the same kind over the pupils."""
    over = {
        "生": _LEARNERS,
        "人": r"人|学生|教师|职工",
        "师": _STAFF,
        "班": r"班",
        "校": r"校|园|所|小学|初中",
    }[match["of"][0]]
    what = match["what"].strip("的")
    for further in (0, 1):
        pair = _find_amount_and_heads(_find_amounts(s, m, further), m, what, over)
        if pair and _of_these(m.near[: match.start()], *pair):
            yield _judge_firmness(*pair, m, weighted=bool(_WEIGHTED.search(m.near)))
            return


def _find_amount_and_heads(
    amounts: list[Mention], m: Mention, what: str, over: str
) -> tuple[Mention, Mention] | None:
    """The one amount of the kind of the mean, and the one number of those it is divided by."""
    tops = [
        x
        for x in amounts
        if comparable(x.q, m.q)
        and x.q.dimension == m.q.dimension
        and x.q.dimension not in ("", "persons")
        and (not what or what in x.near or x.q.dimension in ("volumes", "area"))
    ]
    bottoms = [
        x
        for x in amounts
        if x not in tops and (x.q.dimension != m.q.dimension) and re.search(over, _name_counted(x))
    ]
    return (tops[0], bottoms[0]) if len(tops) == len(bottoms) == 1 and len(amounts) <= 3 else None


_EACH = re.compile(
    r"每(?P<n>[百千万]|[两三四五六七八九十])?(?:名|个|位)?(?P<who>学生|幼儿|在校生|在园幼儿|教师|人口|儿童|中小学生|小学生|初中生)?(?:平均)?"
    r"(?:拥有|配备|配有|占有|有|配|供)?(?P<what>[^，。；]{0,10})$"
)
_THOUSANDS: Final = {"百": 100, "千": 1000, "万": 10_000}


def _per_so_many(s: Scene) -> Iterator[Reading]:
    """平均每百名学生拥有计算机15台; 平均每8名幼儿配备1名保教人员."""
    for m in s.here:
        match = _EACH.search(m.near)
        if match is None or not m.is_level or not match["n"] or not match["who"]:
            continue
        per = _THOUSANDS.get(match["n"]) or parse_small_number(match["n"])
        for further in (0, 2):
            amounts = _find_amounts(s, m, further)
            tops = [
                x
                for x in amounts
                if x.q.unit == m.q.unit and (not match["what"] or match["what"].strip("的") in x.near)
            ]
            bottoms = [x for x in amounts if _counts_who(x, match["who"])]
            if len(tops) == 1 and len(bottoms) == 1 and tops[0] is not bottoms[0]:
                yield _judge_firmness(tops[0], bottoms[0], m, weighted=False, per=per)
                break
    yield from _each_so_many(s)


def _counts_who(x: Mention, who: str) -> bool:
    """Is it they who are counted, 学生 or 在校生?"""
    named = _name_counted(x)
    return who[-2:] in named or (who.endswith("学生") and "在校生" in named)


_EACH_UNIT = re.compile(
    r"平均每(?:个)?(?P<unit>间|班|所|校|栋|户|园|村|乡镇|街道|社区|县区|县|镇|乡|组)[\u4e00-\u9fff]{0,6}$"
)


def _each_unit(s: Scene) -> Iterator[Reading]:
    """学生3600人，教室90间，平均每间教室40人."""
    for m in s.here:
        match = _EACH_UNIT.search(m.near)
        if match is None or not m.is_level:
            continue
        amounts = _find_amounts(s, m) if len(_find_amounts(s, m)) > 1 else _find_amounts(s, m, 1)
        unit = match["unit"]
        bottoms = [
            x
            for x in amounts
            if x.q.unit.endswith(unit)
            or _noun_after(x).startswith(unit)
            or (x.q.unit == "个" and unit in x.near[-4:])
        ]
        tops = [x for x in amounts if x.q.dimension == m.q.dimension and x not in bottoms]
        if len(tops) == len(bottoms) == 1:
            yield _judge_firmness(tops[0], bottoms[0], m, weighted=False)


_YEARLY = re.compile(r"^年均(?:投入|支出|安排|招聘|培训|新增|新建|资助|发放)?(?:约|达到?|为)?$")
_YEARS_TOLD = re.compile(r"(?<!\d)(?:近)?(?P<n>[两三四五六七八九十])年(?:来|间)?(?:共|累计|合计|总共)")


def _check_yearly_mean(s: Scene) -> Iterator[Reading]:
    """近三年累计投入4.5亿元，年均投入1.5亿元."""
    for total, mean in pairwise(s.here):
        years = _YEARS_TOLD.search(total.near)
        if years is None or not _YEARLY.match(mean.near) or not comparable(total.q, mean.q):
            continue
        n, scale = parse_small_number(years["n"]), mean.q.scale
        start, end = span(total, mean)
        expected = total.q.interval.times(1 / n / scale)
        yield Reading(
            kind="ratio_share",
            relation="total / years == mean",
            start=start,
            end=end,
            numbers={"part": total.q.value, "whole": n, "ratio": mean.q.value},
            stated=mean.q.interval.times(1 / scale),
            printed=mean.q.value,
            expected=expected,
            value=total.q.base / n / scale,
            firm=total.segment == mean.segment,
            facts={"said": mean.q.text},
        )


MOST_OF_RATIO: Final = 0.03
"""Part of itself that a ratio of small whole numbers, 2:3, may be off; more was not reduced but rounded away."""
_SEXES = re.compile(
    r"男女(?:生|教师)?(?:性别)?比(?:例)?(?:为|是|约为|约)?(?P<a>\d{1,3}(?:\.\d{1,2})?):(?P<b>\d{1,3}(?:\.\d{1,2})?)"
)


def _check_sex_ratio(s: Scene) -> Iterator[Reading]:
    """男生1260人，女生1400人，男女生比例为90:100."""
    if not s.here:
        return
    match = _SEXES.search(s.text, s.here[0].q.start, s.here[-1].q.end + 24)
    men, women = (
        [
            x
            for x in s.here
            if x.is_level and re.search(f"{sex}(?!女)[\u4e00-\u9fff]{{0,3}}$", x.near) and "比" not in x.near
        ]
        for sex in "男女"
    )
    if match is None or len(men) != 1 or len(women) != 1 or not women[0].q.base or not float(match["b"]):
        return
    stated = float(match["a"]) / float(match["b"])
    step = 0.5 * 10.0 ** -len(match["a"].partition(".")[2]) / float(match["b"])
    step = min(step, MOST_OF_RATIO * stated)
    start, _ = span(men[0], women[0])
    yield Reading(
        kind="ratio_share",
        relation="men / women == ratio",
        start=start,
        end=match.end(),
        numbers={"part": men[0].q.value, "whole": women[0].q.value, "ratio": stated},
        stated=Interval(stated - 1.5 * step, stated + 1.5 * step),
        printed=match["a"] + ":" + match["b"],
        expected=men[0].q.interval / women[0].q.interval,
        value=round(men[0].q.base / women[0].q.base, 3),
        facts={"said": match.group()},
    )


_EACH_SO_MANY = re.compile(r"每$")


def _each_so_many(s: Scene) -> Iterator[Reading]:
    for k, many in enumerate(s.here[:-1]):
        one = s.here[k + 1]
        served = re.match(
            r"[\u4e00-\u9fff]{1,8}?(?:(?:配备|配|拥有|有|共用|共享)|(?=1[台名人个]))", many.after
        )
        if not _EACH_SO_MANY.search(many.near) or not served or one.q.start - many.q.end > 14:
            continue
        who, what = many.after[:2], one.after[:2]
        amounts = _find_amounts(s, many)
        named = what if re.match(r"[\u4e00-\u9fff]{2}", what) else ""
        tops = [x for x in amounts if (named in _name_counted(x) if named else x.q.unit == one.q.unit)]
        bottoms = [x for x in amounts if _counts_who(x, who)]
        if len(tops) == 1 and len(bottoms) == 1 and tops[0] is not bottoms[0] and one.q.base > 0:
            expected = (bottoms[0].q.interval / tops[0].q.interval).times(one.q.base)
            whole = Interval(many.q.value - 0.5, many.q.value + 0.5)
            start, end = span(tops[0], bottoms[0], one)
            yield Reading(
                kind="ratio_share",
                relation="numerator / denominator == ratio",
                start=start,
                end=end,
                numbers={"part": bottoms[0].q.value, "whole": tops[0].q.value, "ratio": many.q.value},
                stated=whole,
                printed=many.q.value,
                expected=expected,
                value=round(one.q.base * bottoms[0].q.base / tops[0].q.base, 2),
                facts={"said": many.q.text},
            )


# --- rates named after their own part --------------------------------------------------------------

_PARTS_OF_RATES: Final = {
    "录取": r"录取|招生|招收",
    "上线": r"上线",
    "升学": r"升学|升入|录取",
    "入学": r"入学|就读|在读",
    "入园": r"入园|在园",
    "就业": r"就业",
    "参与": r"参与|参加",
    "完成": r"完成|建成|实际",
}
_WHOLES_OF_RATES: Final = r"参加|报考|报名|考生|应届|毕业|适龄|应|总|共|全|需|计划|参检|参测|调查|受访|抽查"


_DUE = re.compile(r"^(?:全[省市县区校])?(?:应|计划|拟|需|预计)")
_DONE = re.compile(r"^(?:实际|实|已)")


def _rate_before(m: Mention, s: Scene) -> Iterator[Reading]:
    """报到率98%，应报到150人，实际报到147人: the amounts stand after the rate."""
    ahead = [x for x in s.here if m.index < x.index <= m.index + 2 and x.segment == m.segment and x.is_level]
    if len(ahead) != 2 or ahead[0].q.unit != ahead[1].q.unit or not re.search(r"率[为达到是约]*$", m.near):
        return
    whole, part = ahead
    if _DUE.search(whole.near) and _DONE.search(part.near) and whole.q.lo > 0:
        yield _judge_rate(part, whole, m, firm=True)


_ALL_TOLD = re.compile(
    r"^(?:全[省市县区校州])?(?:在校)?(?P<who>学生|教师|幼儿)?(?:人数)?(?:总数|总人数|总量|总|共)[有为]?约?$"
    r"|^全[省市县区校州](?:义务教育(?:阶段)?|中小学)?(?:在校)?(?P<they>学生|教师|幼儿)(?:共有?|为)?$"
)


_BASE_IN_BRACKET = re.compile(
    r"^\((?:全[省市县区校州])?(?:实际)?(?:参加|参考|参检|参测|应|共|总|在校|学生|专任|教师|教职工|幼儿|在园|考生|报名|报考|毕业生|适龄|义务教育|计划|抽查)"
    r"[一-鿿]{0,10}$"
)
_IS_SHARE = re.compile(r"占|率[为达到是约]*$")


def _rate_with_base(m: Mention, s: Scene) -> Iterator[Reading]:
    """本科上线2316人，上线率58.4%（参加考试3966人）: the base of the rate stands in a bracket behind it."""
    beside = {x.index - m.index: x for x in s.here if abs(x.index - m.index) == 1 and x.segment == m.segment}
    part, whole = beside.get(-1), beside.get(1)
    if part is None or whole is None or not (part.is_level and whole.bracket and _IS_SHARE.search(m.near)):
        return
    told = s.text[s.text.rfind("(", 0, whole.q.start) : whole.q.start]
    alike = part.q.unit == whole.q.unit and part.length == whole.length == m.length == 1 and not part.bracket
    alone = s.text[whole.q.end : whole.q.end + 1] == ")"
    if (
        alike
        and alone
        and _BASE_IN_BRACKET.match(told)
        and not re.search(r"[年月]", told)
        and whole.q.lo >= part.q.hi > 0
    ):
        yield _judge_rate(part, whole, m, firm=m.clause - part.clause <= 1)


def _rate_between(m: Mention, s: Scene) -> Iterator[Reading]:
    """3.2万名学生参加课后服务，参与率94.1%，学生总数3.4万名: the part before the rate, all of them behind it."""
    stem = _ANY_RATE.search(m.near)
    beside = {x.index - m.index: x for x in s.here if abs(x.index - m.index) == 1 and x.segment == m.segment}
    part, whole = beside.get(-1), beside.get(1)
    if stem is None or part is None or whole is None or not (part.is_level and whole.is_level):
        return
    told = part.near + part.after.split("，")[0]
    named = re.search(_PARTS_OF_RATES.get(stem["stem"], stem["stem"]), told)
    alike = part.q.unit == whole.q.unit and part.length == whole.length == 1 and not part.part
    every = _ALL_TOLD.match(whole.near)
    if named and alike and every and (every["who"] or every["they"] or "") in told and whole.q.lo > 0:
        yield _judge_rate(part, whole, m, firm=True)


_ANY_RATE = re.compile(r"(?<![\u4e00-\u9fff])(?P<stem>[\u4e00-\u9fff]{2,5})率[为达到是约]*$")


def rate_readings(s: Scene) -> Iterator[Reading]:
    """227家…压减209家，压减率92.07%: the part that bears the name of the rate, over the whole before it."""
    yield from _same_base(s)
    yield from _check_reduction(s)
    for m in s.here:
        rate = m.q.is_rate and m.role in ("level", "to")
        if m.q.is_rate:
            yield from _rate_with_base(m, s)
        if rate:
            yield from _rate_before(m, s)
            yield from _rate_between(m, s)
        match = (_STEM.search(m.near) or _ANY_RATE.search(m.near)) if rate else None
        if match is None:
            continue
        stem = _PARTS_OF_RATES.get(match["stem"], match["stem"])
        amounts = [
            x
            for x in s.here
            if x.index < m.index
            and (x.is_level or x.role == "change")
            and not x.base
            and x.q.dimension not in ("percent", "points", "times")
            and x.segment == m.segment
        ][-4:]
        named = [x for x in amounts if re.search(stem, x.near + _noun_after(x)) and not _DUE.search(x.near)]
        if not named and match.re is _ANY_RATE:
            continue
        part = named[-1] if named else amounts[-1] if len(amounts) >= 2 else None
        wholes = [x for x in amounts if part is not None and x.index < part.index and x.q.unit == part.q.unit]
        if part is not None and wholes:
            close = m.clause - part.clause <= 1 and len([x for x in amounts if x.q.unit == part.q.unit]) == 2
            told = m.clause - part.clause <= 2 and bool(re.search(_WHOLES_OF_RATES, wholes[-1].near))
            prefix = m.near[: match.start()]
            own = m.clause > part.clause and not re.search(r"[不未非]$", prefix)
            own = own and not (m.part and not part.part) and _of_these(prefix, part, *wholes)
            firm = own and len(named) == 1 and len(wholes) == 1 and (close or told)
            reading = _judge_rate(part, wholes[-1], m, firm=firm)
            if firm or (reading.stated and reading.expected and reading.stated.meets(reading.expected)):
                yield reading


_REDUCED = re.compile(r"(?:压减|压缩|减少|下降|降低|缩减)率[为达到是约]*$")


def _check_reduction(s: Scene) -> Iterator[Reading]:
    """由480家压减到24家，压减率95%."""
    for m in s.here:
        if not m.q.is_rate or m.role != "level" or not _REDUCED.search(m.near):
            continue
        pairs = [
            p for p in s.pairs if p.last == m.index - 1 and p.how == "from" and p.v1.segment == m.segment
        ]
        for pair in pairs[:1]:
            start, end = span(pair.v0, pair.v1, m)
            expected = (pair.v1.q.interval / pair.v0.q.interval).times(-100).plus(100)
            yield Reading(
                kind="growth_rate",
                relation="1 - v1 / v0 == pct",
                start=start,
                end=end,
                numbers={"v0": pair.v0.q.value, "v1": pair.v1.q.value, "pct": m.q.value},
                stated=m.q.interval,
                printed=m.q.base,
                expected=expected,
                value=100 - 100 * pair.v1.q.base / pair.v0.q.base if pair.v0.q.base else None,
                firm=not m.own,
                facts={"v0": pair.v0.q.text, "v1": pair.v1.q.text, "said": m.q.text},
            )


def _judge_rate(part: Mention, whole: Mention, m: Mention, *, firm: bool) -> Reading:
    start, end = span(part, whole, m)
    return Reading(
        kind="ratio_share",
        relation="part / whole * 100 == rate",
        start=start,
        end=end,
        firm=firm,
        numbers={"part": part.q.value, "whole": whole.q.value, "share_pct": m.q.value},
        stated=m.q.interval.times(1 / m.q.scale),
        printed=m.q.value,
        expected=(part.q.interval / whole.q.interval).times(100 / m.q.scale),
        value=100 * part.q.base / whole.q.base / m.q.scale if whole.q.base else None,
        facts={"said": m.q.text},
    )


_NESTED: Final = (
    ("特控", "本科"),
    ("一本", "本科"),
    ("一本", "二本"),
    ("重本", "本科"),
    ("优秀", "及格"),
    ("优秀", "合格"),
)


def _same_base(s: Scene) -> Iterator[Reading]:
    """一本上线900人，上线率7.5%；本科上线4800人，上线率40.0%: both rates are of the same candidates."""
    pairs = [
        (x, y)
        for x, y in zip(s.here, s.here[1:], strict=False)
        if x.is_level
        and y.q.is_rate
        and x.q.dimension == "persons"
        and _STEM.search(y.near)
        and y.clause == x.clause + 1
    ]
    for (n1, r1), (n2, r2) in pairwise(pairs):
        stems = [match["stem"] for r in (r1, r2) if (match := _STEM.search(r.near))]
        bare = all(re.fullmatch(r"[\u4e00-\u9fff]{2}率[为达到是约]*", r.near) for r in (r1, r2))
        nested = any(
            {a in n.near and b not in n.near for n, a, b in ((n1, low, high), (n2, high, low))} == {True}
            for pair in _NESTED
            for low, high in (pair, pair[::-1])
        )
        if len(set(stems)) == 1 and bare and nested and min(n1.q.lo, r1.q.lo, r2.q.lo) > 0:
            start, end = span(n1, r1, n2, r2)
            yield Reading(
                kind="ratio_share",
                relation="both rates have one base",
                start=start,
                end=end,
                numbers={"part": n2.q.value, "whole": n1.q.value, "share_pct": r2.q.value},
                stated=r2.q.interval,
                printed=r2.q.value,
                expected=n2.q.interval / n1.q.interval * r1.q.interval,
                value=n2.q.base / n1.q.base * r1.q.base,
                facts={"said": r2.q.text},
            )
