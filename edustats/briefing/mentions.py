"""Which part does each number play in its sentence?

A number is a level (在校生5万人), the start or end of a change (由…, 提高到…), the base it is measured
against
(比上年的…), a change (增长…), a mean yearly change, a share (占…), a gap (高于…), the reference of a gap
(省平…), a multiple or a spread. The words directly before it tell which.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from edustats.briefing.lexicon import LEXICON, one_of
from edustats.briefing.numbers import COUNTS, Quantity, Year, quantities, years
from edustats.briefing.text import Cleaned

LEVELS: Final = frozenset({"level", "to", "whole"})
"""Roles in which a number is the size of something at one time."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A number and its part in the sentence.

    ``near`` is what stands between it and the stop, comma or number before it; ``after`` what follows.
    ``own``: its clause names a subject of its own. ``place`` and ``length``: its place in a list that shares
    one role. ``mark`` is where the 其中 that makes it a part ends.
    """

    q: Quantity
    role: str
    sign: int
    base: str
    near: str
    after: str
    subject: str
    year: int
    sentence: int
    segment: int
    clause: int
    own: bool
    part: bool
    bracket: bool
    mark: int = -1
    place: int = 0
    length: int = 1
    index: int = 0
    dated: bool = True
    """Whether ``year`` is its own: the end of a change whose beginning alone is dated has none."""

    @property
    def is_level(self) -> bool:
        """Is it the size of something at one time?"""
        return self.role in LEVELS


_UP, _DOWN = LEXICON.words("verbs", "up"), LEXICON.words("verbs", "down")
_VERB = rf"(?:(?P<down>{_DOWN})|(?P<up>{_UP}))"
_ANY = LEXICON.words("verbs", "up", "down", "neutral")
_BEFORE = LEXICON.words("cues", "before")
_LINK = r"(?:为|达到?|高达|是|仅|只有|共|了|计|合计|近|在)?"
_CHANGE = re.compile(
    rf"{_VERB}(?:(?:幅度?|率|速度?|量|额|数|百分点)+(?:为|达到?|高达|是|在)?|了|达|高达)?[“\"(]?$"
)
_RATE_NAME = re.compile(f"(?:{one_of(LEXICON.raw['families']['stems'])}|自然增长)率(?:达到?|为|是|约)?$")
_MEAN = re.compile(
    LEXICON.words("cues", "mean") + rf"[^，。；]{{0,8}}{_VERB}(?:速度?|幅度?|率|了|量)*{_LINK}$"
)
_MEAN_RATE = re.compile(
    r"年(?:均|平均|复合)(?:复合)?(?:增长|增幅|增速|递增|增加|下降|减少)(?:率|速度|幅度)?(?:为|达到?|是)?$"
)
_TO = re.compile(
    rf"(?:{_VERB}|{LEXICON.words('verbs', 'neutral')}|提|增|扩|缩|精简|拓展|推进|变)(?:了)?"
    r"(?:到达|达到|到|至|为|成)(?!的)[^，。；]{0,20}$"
)
_FROM = re.compile(
    r"(?:由|从|自)(?!全|而|此|事|来|根|于|贸|主|治|有|筹|创|然|我|觉|动|愿|身|建|办|查|评|费|学)[^由从自，。；：]{0,30}$"
)
_BECOMES = re.compile(
    rf"(?:左右)?\)?(?:，)?(?:已|已经)?(?:大幅|逐步|迅速|快速)?{_ANY}(?:了)?(?:到达|达到|到|至|为)"
)
_CHANGES = re.compile(rf"\)?(?:相比)?[，]?(?:又|净|大幅|实际|同比|相比|，)?(?:{_UP}|{_DOWN}|[高低多少])")
_COMPARED = re.compile(r"(?:比|较|与|同|跟|相较于?|对比)(?!例|重|率)[^，。；]{0,24}(?:的|为|\(|约)?$")
_TIME = re.compile(
    r"年|(?:改革|调整|整治|合并|撤并|实施|改造|扩建)前|同期|月|季|期初|期末|届|基期|规划|[一二三四五]五"
)
_EARLIER = re.compile(rf"{_BEFORE}[^，。；]{{0,12}}$")
_SHARE = re.compile(
    r"占(?!地|用|有|领|压|道)[^，。；]{0,34}$|(?:占比|比重|比例|份额|占有率|比率|占)[^，。；]{0,10}$"
)
_PEER = re.compile(
    r"平均|省平|国平|市平|县平|标准|目标|预期|计划|要求|全国|全省|全市|全区|全县|同类|城市|农村|周边|底线|预算|省定|国定|国家|世界|OECD|其他"
)
_TARGET = re.compile(
    r"(?:平均(?:水平|值|数|线)?|水平|省平|国平|市平|县平|标准|目标|预期|预测|预计|计划|要求|底线|任务|(?<!公共)预算数?)(?:值|数|线)?(?:为|是|的|达到?|\()*$"
)
_BRACKETED_SPEED = re.compile(r"(?:[高低快慢]于|[高低]出)[^，。；]{1,16}(?:增速|增幅|增长率|水平|平均值?)\($")
"""高于财政收入增速（5.1%）3.3个百分点: the bracket holds what is held against, the gap stands after it."""
_MEETS_STANDARD = re.compile(r"(?:达到|符合|满足|超过|高于|低于)[^，。；]{0,12}(?:标准|要求|底线|目标)的$")
"""达到国家标准的84辆: so many that meet it, and not the standard."""
_STANDARD_AFTER = re.compile(
    r"的?[^，。；\d]{0,8}(?:标准|目标|要求|底线|平均水平|平均值|均值|水平)(?:高|低|多|少|快|慢)"
)
"""比90%的规划目标高3.1个百分点: what is held against stands after its number."""
_SPEED_END = re.compile(r"(?:增长率|增速|增幅|降幅|涨幅|增长速度|增长幅度)(?:为|的)?$")
_IN_WORDS = re.compile(r"半|分之|成")
_CLAUSE_ENDS = re.compile(r"[，。；)！]|$")
"""有138名取得教师资格，超过一半。: a share without 占."""
_PRICE = re.compile(r"每[生人份餐][^，。；]{0,4}每?[天日餐月年份]|每份|单价|标准(?:由|从)")
_LEVEL_OF = re.compile(r"的?(?:平均)?水平")
"""低于全省平均3.9%的水平1.3个百分点."""
_LAST_YEARS = re.compile(r"[比较](?:上年|去年|上一年)(?:度)?(?:的)?(?:预算|计划|任务|目标)数?$")
_OWN_YEAR = re.compile(r"，(?:同比|[比较](?:上年|去年|上学年))")
"""平均502.4分，比上年提高6.8分: what is held against its own year before is no yardstick of another."""
_AGO = re.compile(r"(?:之|以)?前(?:的|为)")
"""比十年前的30.0%提高: the amount of so many years ago."""
_LIKENED = re.compile(r"(?:左右)?(?:相比|比较|相较)(?:较)?[，]?")
_GAP = re.compile(
    r"(?:高于|低于|高出|低出|超出|超过|领先|落后|多于|少于|快于|慢于|优于|好于|大于|小于)[^，。；]{0,24}$|(?:比|较|高|低)[^，。；]{0,24}(?:高|低|多|少|快|慢|领先|落后)(?:出|了|于)?(?:约)?$"
)
OF_WHOLE = re.compile(r"占|完成|计划|预算|目标|任务|总数|总量|总额|共")
_COMPARES = re.compile(r"高于|低于|快于|慢于|高出")
_OF_GROWTH = re.compile(
    r"(?:增长|增幅|增速|收入|支出|经费)[^，。；]{0,12}(?:高于|低于|高出|快于|慢于)|(?:高于|低于|高出|快于|慢于)[^，。；]{0,24}(?:增长|增幅|增速|收入|支出|经费)"
)
_HIGH_LOW = re.compile(r"(?:(?P<up>高|多|快)|(?P<down>低|少|慢))(?:出|了)?(?:约)?$")
_LOWER = re.compile(r"低于|低|落后|少|慢|小于|不及")
_SPREAD = re.compile(
    r"(?<!同)比(?!例|重|率|上|去|前)[^，。；]{1,16}(?:多|少|高|低|大|小|长|短)(?:出|了)?$|(?:相差|差距|极差|差值|之差|(?<![顺逆时温])差)(?:为|达|约|了|是|仅)?$"
)
_MULTIPLE = re.compile(r"(?:是|为|相当于|达到?|到|至|即|的|约|近)[^，。；]{0,24}$")
_WHOLE = re.compile(r"(?:合计|共计|总计|总共|一共|加起来|合起来|总和|共)(?:为|达|达到|有|是)?$")
_JOINER = re.compile(r"(?:[、，和与及]|以及|[-—–~～至]{1,2}|，?和)$")
_PART = re.compile(r"其中|(?:包括|包含)(?![^，。；]{0,16}在内)|分别是|(?<=[，(])即(?!将|使|可|时|便|日)")
_STOPS: Final = "，；：。\n！？"
_BASE_WORD = re.compile(one_of(list(LEXICON.base)))
_BASE_YEAR = re.compile(r"(?:比|较|与|同|对比)[^，。；]{0,6}((?:19|20)\d{2})(?:年|学年)")
_BASE_PLAN = re.compile(r"(?:比|较|与)[“\"]?(十[一二三四五]?五)[”\"]?(?:规划)?(?:时期|期末|期间|末|初)")
_TERM = r"(?:[春秋]季)?(?:学期|学年)?(?:开学时?)?"
_YEAR_SIGN = "[一二三四五六七八九〇○零]"
_FILLER = re.compile(
    LEXICON.words("cues", "filler")
    + rf"|{_ANY}|{one_of(list(LEXICON.base))}|(?:19|20)\d{{2}}年?{_TERM}|[^\u4e00-\u9fff]+"
    rf"|[一二〇○零]{_YEAR_SIGN}{{3}}年"
    + "|"
    + LEXICON.words("cues", "whole")
    + r"|占[^，。；]*|高于|低于|[“\"]?十[一二三四五]?五[”\"]?"
)
_SUBJECT_END = re.compile(
    rf"(?:{_ANY}|到达|达到|共有|总共|合计|共计|现有|已有|共|达|为|有|是|至|到|的|了|约|仅|在|已|拥有|设有|招收|实现|完成|占比|\(|“|”)+$"
)
_LEADING = re.compile(
    r"^(?:截至|截止|到|至|据统计|其中|另有|另外|目前|此外|同时|全国|全省|全市|全县|全区|全州|我国|我省|我市|我县|我区|"
    r"(?:(?:19|20)\d{2}|[一二三四五六七八九〇○零]{4})年(?:末|底|度|秋季|春季)?|年末|年底|共有|各级各类|上年|去年|今年|本年|学年|由|从|[“”\s、，)的])+"
)


def mentions(cleaned: Cleaned) -> tuple[list[Mention], list[Year]]:
    """Every number of a text with its part in its sentence, and every year.

    Parameters
    ----------
    cleaned : the clean text

    Returns
    -------
    tuple of list of Mention, list of Year; both in order
    """
    text = cleaned.text
    dates = years(text)
    reader = _Reader(cleaned, dates)
    found: list[Mention] = []
    for quantity in quantities(text, dates):
        found.append(reader.read(quantity, found[-1] if found else None))
    return _with_lists(_with_bases(found)), dates


class _Reader:
    """Walks a text number by number, and keeps the place."""

    def __init__(self, cleaned: Cleaned, dates: list[Year]) -> None:
        self.cleaned, self.text, self.dates = cleaned, cleaned.text, dates
        self.clause = self.segment = self.done = self.next_year = 0
        self.year, self.year_sentence, self.parts, self.parts_segment = 0, -1, -1, -1

    def read(self, q: Quantity, before: Mention | None) -> Mention:
        sentence = self.cleaned.sentence(q.start)
        q = self._take_exactly(q)
        start, stop = self.cleaned.sentence_bounds(sentence)
        self._advance(q.start, sentence)
        left = max(start, q.start - 60, before.q.end if before and before.q.end <= q.start else 0)
        lead = self.text[left : q.start]
        near = _words_near(self.text, lead, left, before)
        clause_start = max(self.text.rfind(sign, max(start, q.start - 120), q.start) for sign in _STOPS) + 1
        clause = self.text[max(clause_start, start, q.start - 80) : q.start]
        after = self.text[q.end : min(stop, q.end + 24)]
        role, sign = _determine_role(q, near, after, before)
        whole_clause = clause if before is None or before.q.end <= clause_start else near
        return Mention(
            q,
            role,
            sign,
            _determine_base(near),
            near,
            after,
            _subject_words(whole_clause),
            self.year,
            sentence,
            self.segment,
            self.clause,
            _has_own_subject(whole_clause),
            self._in_parts(q),
            self._in_bracket(q.start, start),
            mark=self.parts,
            index=0 if before is None else before.index + 1,
            dated=self._is_dated(role, q, before),
        )

    def _take_exactly(self, q: Quantity) -> Quantity:
        """每生每天4元 is a price that was set, not a rounded amount."""
        plain = q.dimension == "money" and q.scale == 1.0 and not q.decimals and not q.approximation
        start = max(self.text.rfind(sign, 0, q.start) for sign in "。；\n") + 1
        priced = plain and q.value < 1e4 and _PRICE.search(self.text, max(start, q.start - 40), q.start)
        return replace(q, lo=q.base, hi=q.base) if priced else q

    def _is_dated(self, role: str, q: Quantity, before: Mention | None) -> bool:
        """由2015年的37.7%提高到80.6%: the year is the beginning's, and the end has none of its own."""
        if role != "to" or before is None or before.role != "from":
            return True
        return not self.year or any(before.q.end <= year.start < q.start for year in self.dates)

    def _advance(self, to: int, sentence: int) -> None:
        """Count clauses and segments, and take the latest year of the sentence."""
        passed = self.text[self.done : to]
        self.clause += sum(passed.count(sign) for sign in _STOPS)
        self.segment += sum(passed.count(sign) for sign in "；。\n！？")
        marks = list(_PART.finditer(passed))
        if marks:
            self.parts, self.parts_segment = self.done + marks[-1].end(), self.segment
        self.done = to
        while self.next_year < len(self.dates) and self.dates[self.next_year].start < to:
            year = self.dates[self.next_year]
            if not self.text[max(0, year.start - 6) : year.start].rstrip('“"').endswith(("比", "较", "与")):
                self.year, self.year_sentence = year.last, self.cleaned.sentence(year.start)
            self.next_year += 1
        if self.year_sentence != sentence:
            self.year = 0

    def _in_bracket(self, position: int, start: int) -> bool:
        left = max(start, position - 80)
        return self.text.rfind("(", left, position) > self.text.rfind(")", left, position)

    def _in_parts(self, q: Quantity) -> bool:
        near = self.parts_segment == self.segment and q.start >= self.parts and q.start - self.parts < 400
        return near and not self._left_bracket(q.start)

    def _left_bracket(self, position: int) -> bool:
        """Did 其中 stand in a bracket that has been closed since?"""
        opened = self.text.rfind("(", max(0, self.parts - 80), self.parts)
        inside = opened > self.text.rfind(")", max(0, self.parts - 80), self.parts)
        return inside and self.text.find(")", self.parts, position) >= 0


def _words_near(text: str, lead: str, left: int, before: Mention | None) -> str:
    """What stands between a number and the stop or number before it; a bracket just closed is looked
    through."""
    if lead.startswith(")") and before is not None:
        opening = text.rfind("(", max(0, left - 40), left)
        if opening >= 0:
            lead = text[max(0, opening - 30) : opening] + lead[1:]
    lead = lead.rstrip("：")
    cut = max(lead.rfind(sign) for sign in _STOPS) + 1
    return lead[cut:]


def _determine_role(q: Quantity, near: str, after: str, before: Mention | None) -> tuple[str, int]:
    """The part of one number, and the direction of its verb."""
    if before is not None and _JOINER.fullmatch(near) and before.q.dimension == q.dimension:
        return before.role, before.sign
    if before is not None and before.q.end + len(near) <= q.start + 1:
        followed = _after_number(before, near, q.dimension == "points")
        if followed:
            return followed
    for name, test in _ROLES:
        sign = test(q, near, after)
        if sign is not None:
            return name, sign
    return "level", 0


def _after_number(before: Mention, near: str, q_is_gap: bool = False) -> tuple[str, int] | None:
    """The part of a number that a word of one or two characters ties to the number before it."""
    if before.q.dimension == "duration" and _AGO.fullmatch(near) and _COMPARED.search(before.near):
        return "base", 0
    if before.role == "change" and near in ("至", "到", "达", "达到"):
        return "to", before.sign
    if near.startswith("的") and OF_WHOLE.search(before.near) and before.q.dimension != "percent":
        return "share", 0
    if before.role == "reference" and q_is_gap and _LEVEL_OF.fullmatch(near):
        return "gap", -1 if _LOWER.search(before.near) else 1
    held = _STANDARD_AFTER.match(near) if before.role == "reference" else None
    high_low = _HIGH_LOW.search(near) if held else _HIGH_LOW.fullmatch(near)
    compared = before.role == "reference" or (
        before.role == "change" and "比" in before.near and not before.base
    )
    if high_low and (compared or before.role == "base"):
        return "gap" if compared else "change", _verb_sign(high_low) or 1
    return None


def _verb_sign(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    return -1 if match["down"] else 1


def _is_mean(q: Quantity, near: str, after: str) -> int | None:
    match = _MEAN.search(near)
    if match:
        return _verb_sign(match)
    match = _MEAN_RATE.search(near)
    return (-1 if re.search("下降|减少", match.group()) else 1) if match else None


def _is_change(q: Quantity, near: str, after: str) -> int | None:
    if q.dimension == "doublings":
        return 1
    if q.value < 0 and near.endswith(("同比", "环比")):
        return 1
    if q.dimension in ("points", "percent") and _COMPARES.search(near):
        return None
    match = None if _RATE_NAME.search(near) else _CHANGE.search(near)
    if match is None and _BASE_WORD.search(near):
        match = _HIGH_LOW.search(near)
    return _verb_sign(match)


def _is_to(q: Quantity, near: str, after: str) -> int | None:
    match = _TO.search(near)
    return None if match is None else (-1 if match["down"] else 1 if match["up"] else 0)


def _is_from(q: Quantity, near: str, after: str) -> int | None:
    if q.dimension in ("points", "times"):
        return None
    return 0 if _FROM.search(near) or _BECOMES.match(after) else None


def _is_base(q: Quantity, near: str, after: str) -> int | None:
    if q.dimension in ("points", "times"):
        return None
    if _LIKENED.match(after) and not _PEER.search(near[-12:]):
        return 0
    compared = _COMPARED.search(near)
    if (
        compared
        and _TIME.search(compared.group())
        and (_CHANGES.match(after) or compared.group().endswith(("的", "(")))
    ):
        return 0
    return 0 if _EARLIER.search(near) and not _SHARE.search(near) and not _CHANGES.match(near[-2:]) else None


def _is_base_rate(q: Quantity, near: str, after: str) -> int | None:
    """比2000年到2010年的年平均增长率0.57%下降…: a growth rate that another one is compared with."""
    speaks = q.dimension == "percent" and _SPEED_END.search(near)
    return 0 if speaks and _COMPARED.search(near) and _CHANGES.match(after) else None


def _is_share(q: Quantity, near: str, after: str) -> int | None:
    if q.dimension != "percent":
        return None
    told = near.strip("，约已") == "" and _IN_WORDS.search(q.text) and _CLAUSE_ENDS.match(after)
    return 0 if told or _SHARE.search(near) else None


def _is_gap(q: Quantity, near: str, after: str) -> int | None:
    match = _GAP.search(near)
    if match is None or (q.dimension not in ("points", "percent") and not _HIGH_LOW.search(near)):
        return None
    if q.dimension == "percent" and not _HIGH_LOW.search(near):
        return (-1 if _LOWER.search(match.group()) else 1) if _OF_GROWTH.search(near) else None
    if not _OF_GROWTH.search(near) and not _PEER.search(near) and not near.startswith(("高", "低")):
        return None
    return -1 if _LOWER.search(match.group()) else 1


def _is_reference(q: Quantity, near: str, after: str) -> int | None:
    if q.dimension in COUNTS and _MEETS_STANDARD.search(near):
        return None
    if near.endswith("平均") and _OWN_YEAR.match(after) and not _COMPARED.search(near):
        return None
    if _LAST_YEARS.search(near) and _CHANGES.match(after):
        return None  # 较上年预算数7.9亿元增加: a year ago, not a yardstick
    peer = _COMPARED.search(near) and _PEER.search(near) and _CHANGES.match(after)
    target = _TARGET.search(near) or (near.endswith(("比", "较")) and _STANDARD_AFTER.match(after))
    return 0 if q.dimension != "points" and (target or peer) else None


def _is_bracketed_speed(q: Quantity, near: str, after: str) -> int | None:
    return 0 if q.dimension == "percent" and _BRACKETED_SPEED.search(near) else None


def _is_spread(q: Quantity, near: str, after: str) -> int | None:
    return 0 if _SPREAD.search(near) and not _BASE_YEAR.search(near) else None


def _is_multiple(q: Quantity, near: str, after: str) -> int | None:
    return 0 if q.dimension == "times" and _MULTIPLE.search(near) else None


def _is_whole(q: Quantity, near: str, after: str) -> int | None:
    return 0 if _WHOLE.search(near) else None


_ROLES: Final[tuple[tuple[str, Callable[[Quantity, str, str], int | None]], ...]] = (
    ("base", _is_base_rate),
    ("mean", _is_mean),
    ("reference", _is_bracketed_speed),
    ("change", _is_change),
    ("to", _is_to),
    ("gap", _is_gap),
    ("multiple", _is_multiple),
    ("reference", _is_reference),
    ("spread", _is_spread),
    ("from", _is_from),
    ("base", _is_base),
    ("share", _is_share),
    ("whole", _is_whole),
)
"""Asked in this order; the first that knows the words decides."""


def _determine_base(near: str) -> str:
    """What a change is measured against: yoy, mom, ytd, Y2015, a plan, or nothing."""
    match = _BASE_YEAR.search(near)
    if match:
        return "Y" + match[1]
    match = _BASE_PLAN.search(near)
    if match:
        return match[1]
    match = _BASE_WORD.search(near)
    return LEXICON.base[match.group()] if match else ""


def _has_own_subject(clause: str) -> bool:
    return len(_FILLER.sub("", clause)) >= 2


def _subject_words(clause: str) -> str:
    """The words of a clause that name what is counted."""
    return _LEADING.sub("", _SUBJECT_END.sub("", clause)).strip()[-24:]


def _with_bases(found: list[Mention]) -> list[Mention]:
    """Give a change the base of the change before it, when it only goes on: 比上年增加2万人，增长4%."""
    done: list[Mention] = []
    for mention in found:
        before = done[-1] if done else None
        goes_on = before is not None and before.segment == mention.segment and not mention.own
        if (
            goes_on
            and before is not None
            and not mention.base
            and mention.role in ("change", "to")
            and before.role in ("change", "base", "to")
        ):
            mention = replace(mention, base=before.base)
        done.append(mention)
    return done


def _with_lists(found: list[Mention]) -> list[Mention]:
    """Number the members of every list of numbers."""
    done: list[Mention] = []
    group: list[Mention] = []
    for mention in [*found, None]:
        if (
            mention is not None
            and group
            and _JOINER.fullmatch(mention.near or "-x")
            and mention.role == group[-1].role
            and mention.sentence == group[-1].sentence
        ):
            group.append(mention)
            continue
        done += [replace(m, place=k, length=len(group)) for k, m in enumerate(group)] if group[1:] else group
        group = [mention] if mention is not None else []
    return done
