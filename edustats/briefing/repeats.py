"""Is the same quantity given twice with two values?

A title, a summary, a table and the body of a draft tell the same figures; when one is mended the other is forgotten.
Two levels are the same quantity when what is counted, the area (全县), the year and the kind of number agree, and
neither is a plan, a period or an estimate. Different values are condemned when the year is the same, or when the one
looks like a slip of the other (two figures exchanged, one figure changed); otherwise they are worth a second look.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import Year
from edustats.briefing.readings import Reading, span
from edustats.briefing.tables import TOTAL, Cell, tables_of
from edustats.briefing.text import Cleaned

_SCOPE = re.compile(r"全国|全省|全市|全县|全区|全州|全盟|全旗|全镇|全校|我国|我省|我市|我县|我区|我州|我校")
_ALIKE_SCOPE: Final = {"我": "全"}
_OTHER_TIME = re.compile(
    r"累计|年来|以来|期间|计划|力争|目标|预计|将|拟|规划|预算|近[两二三四五六七八九十\d]+年|[两二三四五六七八九十]年|每年|年均|上半年|下半年|季度|\d月|月份|"
    r"[一二三四五六七八九十]五|新生|上年|去年|前年|同期|此前|原|曾|到20\d\d年|明年|下一?年|今后|未来|争取|确保|不低于|不少于|控制"
)
_THIS_YEAR = re.compile(r"今年以来|一年来|(?:19|20)\d{2}年以来|本年度?以来|本学年以来")
_EDGE_WORDS = re.compile(
    r"^(?:截至|目前|现有|全年|年末|年底|面对|面向|覆盖|惠及|涉及|围绕|对|为|在|向|共有|已有|共|现|有|今年|本年度?|总之|其中|的|，|(?:19|20)\d{2}年(?:末|底|度)?)+"
    r"|(?:共有|现有|已有|达到?|共|有|为|是|约|总数|人数|已|的|到)+$"
)
_AFTER_NOUN = re.compile(
    r"(?:的)?(?P<noun>[\u4e00-\u9fff]{2,8}?)(?=[，。、；：和与及的等)！]|$|开展|实施|进行|全部|均|都|已|实现|达到|完成|落实|继续|逐|全面|参加|接受|同步|得到)"
)
_PLACE_NAME = re.compile(
    r"(?:^|[，。；、(\n：])(?P<name>(?![全我各本该每])[\u4e00-\u9fff]{1,3}(?:县|区|市|镇|乡))(?=[，：(现共在教]|\d|学校)"
)
_KINDS: Final = {"persons", "schools", "classes", "money", "area", "land", "volumes", "percent", "sets"}
_STAGE = re.compile(
    r"幼儿|学前|小学|初级中学|初中|义务教育|高级中学|高中|职业|中职|中专|技工|特殊教育|中学|高等|高校|大学|本科|专科|研究生"
)
PLACE_REACH: Final = 400
STAGE_REACH: Final = 120
_FLOW = re.compile(r"新|改|扩|建|培训|招|盘活|完成|实施|发放|引进|投入|开展|组织|举办|资助|补助|培育|打造")
_PLANS = re.compile(r"下一步|明年|工作安排|主要任务|打算|重点工作|工作计划|今后|下半年|新的一年|将|要")
"""What was done last year and what is to be done next have the same name."""
KEPT: Final = 4
LONG: Final = 6
"""Signs of a name that says what is meant though no area is named beside it."""


@dataclass(frozen=True, slots=True)
class Told:
    """One quantity as told: what is counted, where, when, and its number."""

    noun: str
    scope: str
    year: int
    place: str
    m: Mention


def repeat_readings(cleaned: Cleaned, found: list[Mention], dates: list[Year]) -> Iterator[Reading]:
    """Readings of every quantity that is told a second time."""
    one_year = len({year.last for year in dates if not year.damaged}) <= 1
    told: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for m in found:
        new = _read_told(m, cleaned, [noun for noun, dimension in told if dimension == _dimension_of(m)])
        if new is None:
            continue
        before = told[(new.noun, _dimension_of(m))]
        yield from _compare_told(before, new, cleaned, one_year=one_year)
        before.append(new)
        del before[:-KEPT]
    yield from _compare_tables(cleaned, told, one_year=one_year)


_COMPARES = re.compile(r"[高低多少快慢优大小]于|[高低超]出|不及|超过|相当于")
"""低于全市的39.9人: what it is held against, and not what the sentence before speaks of."""


def _is_title(m: Mention, cleaned: Cleaned) -> bool:
    """Does it stand in the first line, which ends without a stop? 新增公办学位超8000个 is told more closely below."""
    first = cleaned.text.lstrip().split("\n", 1)[0]
    ends = cleaned.text.find(first) + len(first)
    return m.q.approximation in ("over", "nearly") and m.q.end <= ends and first[-1:] not in "。；，："


def _stage_before(m: Mention, text: str) -> str:
    """小学312所，学生91635人；初中32所，学生44949人: the level of education that bare pupils are of."""
    line = text[max(text.rfind("\n", 0, m.q.start) + 1, m.q.start - STAGE_REACH) : m.q.start]
    named = _STAGE.findall(line)
    of_stage = m.q.dimension == "persons" or m.q.unit == "个"  # 小学…2024年59个学校数据齐全
    return named[-1] if named and of_stage and not _SCOPE.search(m.near) else ""


def _dimension_of(m: Mention) -> str:
    return m.q.dimension if m.q.dimension != "things" else m.q.unit


def _read_told(m: Mention, cleaned: Cleaned, known: list[str]) -> Told | None:
    """What a level tells, or nothing where it may be of another time or of a part; ``known``: nouns told before."""
    kind = m.q.dimension in _KINDS or m.q.unit in ("个", "册", "台")
    if (
        m.role not in ("level", "to", "whole")
        or not kind
        or (m.q.approximation and not _is_title(m, cleaned))
        or m.length > 1
        or m.part
        or m.bracket
        or _COMPARES.search(m.near)
    ):
        return None
    start, end = cleaned.sentence_bounds(m.sentence)
    clause = cleaned.text[max(start, m.q.start - 40) : m.q.start]
    words = _THIS_YEAR.sub("", clause + cleaned.text[m.q.end : min(end, m.q.end + 8)])
    if _OTHER_TIME.search(words):
        return None
    bare = len(known) and re.search(rf"(?:{_SCOPE.pattern})$", m.near)
    again = next((one for one in known if len(one) >= 3 and m.after.startswith(one)), "") if bare else ""
    noun = again or _noun_counted(m)
    sentence = cleaned.text[max(start, m.q.start - 120) : m.q.start]
    scopes = list(_SCOPE.finditer(sentence))
    scope = scopes[-1].group().replace("我", "全") if scopes else ""
    least = 2 if scope else 4 if m.year and _STAGE.search(noun) else LONG
    if len(noun) < least or (m.q.is_rate and (len(noun) < 4 or not noun.endswith(("率", "占比", "比例")))):
        return None
    if not _STAGE.search(noun):
        noun = f"{_stage_before(m, cleaned.text)}{noun}"
    return Told(noun, scope, m.year, _place_named(cleaned.text, m.q.start), m)


def _noun_counted(m: Mention) -> str:
    """What is counted: 幼儿园86所, or 86所幼儿园."""
    if m.near.endswith(("、", "，", "和", "及", "与")):
        return _words_after(m)
    near = re.sub(_SCOPE, "", m.near)
    lead = _EDGE_WORDS.sub("", _EDGE_WORDS.sub("", near.strip("，、 ")))
    if lead and lead not in ("面", "覆", "惠"):
        return _unify_noun(lead) if re.fullmatch(r"[\u4e00-\u9fff()“”]{2,16}", lead) else ""
    return _words_after(m)


def _words_after(m: Mention) -> str:
    after = _AFTER_NOUN.match(m.after)
    return _unify_noun(after["noun"]) if after else ""


def _unify_noun(noun: str) -> str:
    """在校学生数 and 在校生 count the same."""
    return re.sub(r"(?:人|所|总)?数$", "", re.sub(r"(在[校园])(?:学生|幼儿)", r"\1生", noun))


def _place_named(text: str, position: int) -> str:
    """The county or township that the lines before speak of."""
    names = _PLACE_NAME.findall(text, max(0, position - PLACE_REACH), position)
    return names[-1] if names else ""


def _compare_told(before: list[Told], new: Told, cleaned: Cleaned, *, one_year: bool) -> Iterator[Reading]:
    for old in reversed(before):
        elsewhere = old.place != new.place or not _same_scope(old, new)
        if elsewhere or (old.year and new.year and old.year != new.year):
            continue
        same_year = (old.year == new.year and bool(new.year)) or one_year
        if not same_year and (old.year or new.year):
            continue
        planned = bool(_FLOW.match(new.noun)) and bool(
            _PLANS.search(cleaned.text, old.m.q.end, new.m.q.start)
        )
        yield _judge_repeat(old, new, certain=same_year and not planned)
        return


def _same_scope(old: Told, new: Told) -> bool:
    """The same area; a long name (教育经费总投入) needs it only once."""
    return old.scope == new.scope or (not (old.scope and new.scope) and len(new.noun) >= LONG)


def _judge_repeat(old: Told, new: Told, *, certain: bool) -> Reading:
    a, b = old.m.q, new.m.q
    beyond = (a.approximation == "over" and b.hi < a.lo) or (a.approximation == "nearly" and b.lo > a.hi)
    slip = is_slip(a.base, a.scale * 10.0**-a.decimals, b.base, b.scale * 10.0**-b.decimals)
    start, end = span(new.m)
    scale = b.scale
    return Reading(
        kind="repeat",
        relation="the same quantity, the same value",
        start=start,
        end=end,
        numbers={"first": a.value, "again": b.value},
        stated=b.interval.times(1 / scale),
        printed=b.value,
        expected=a.interval.times(1 / scale),
        value=a.base / scale,
        firm=a.interval.meets(b.interval) or beyond or (certain and (slip or bool(new.year))),
        likely=not a.approximation and (slip or certain),
        error="told_twice",
        facts={"first": old.m.near[-16:] + a.text, "said": b.text},
    )


def is_slip(a: float, a_step: float, b: float, b_step: float) -> bool:
    """Are the digits of one number those of the other with one changed, or two neighbours exchanged?

    Examples
    --------
    >>> is_slip(12430, 1, 12340, 1), is_slip(12000, 1000, 10240, 1), is_slip(430, 1, 86, 1)
    (True, True, False)
    """
    step = max(a_step, b_step)
    first, second = (str(round(value / step)) for value in (a, b))
    if len(first) < len(second):
        first, second = second, first
    if len(first) != len(second):
        return first.rstrip("0") == second.rstrip("0")
    unlike = [i for i in range(len(first)) if first[i] != second[i]]
    if len(unlike) == 1:
        return len(first) >= 2
    swapped = len(unlike) == 2 and unlike[1] == unlike[0] + 1
    return swapped and first[unlike[0]] == second[unlike[1]] and first[unlike[1]] == second[unlike[0]]


# --- a table and the text ----------------------------------------------------------------------------

_UNIT_IN_HEAD = re.compile(r"[((](?P<unit>万人|万元|亿元|人|名|所|个|元|%|册|平方米|万册)[))]")
_YEARS_IN_HEAD = re.compile(r"20\d{2}|上年|去年|增|减|比|率|占")
_SCALES: Final = {"万人": 1e4, "万元": 1e4, "亿元": 1e8, "万册": 1e4}


def _compare_tables(
    cleaned: Cleaned, told: dict[tuple[str, str], list[Told]], *, one_year: bool
) -> Iterator[Reading]:
    """A cell whose row and column name what the text tells."""
    by_noun: dict[str, list[Told]] = defaultdict(list)
    for items in told.values():
        for item in items:
            by_noun[item.noun].append(item)
    if not by_noun:
        return
    for rows in tables_of(cleaned.text):
        head = rows[0]
        for row in rows[1:]:
            for k in range(1, len(head)):
                cell, title = row[k], _unify_noun(_UNIT_IN_HEAD.sub("", head[k].text))
                if cell.number is None or not cell.text or _YEARS_IN_HEAD.search(title):
                    continue
                unit = _UNIT_IN_HEAD.search(head[k].text)
                scale = _SCALES.get(unit["unit"], 1.0) if unit else 1.0
                label = row[0].text
                nouns = (title,) if TOTAL.match(label) else (label + title, title + label)
                for item in (one for noun in nouns for one in by_noun.get(noun, ())):
                    yield _cell_reading(item, cell, scale, title, one_year=one_year)


def _cell_reading(item: Told, cell: Cell, scale: float, title: str, *, one_year: bool) -> Reading:
    value = (cell.number or 0.0) * scale
    half = max(cell.half, 0.0 if float(value).is_integer() and scale == 1.0 else 0.5) * scale
    shown, q = Interval(value - half, value + half), item.m.q
    slip = is_slip(q.base, q.scale * 10.0**-q.decimals, value, 2 * cell.half * scale or scale)
    return Reading(
        kind="repeat",
        relation="the same quantity, the same value",
        start=cell.start,
        end=cell.start + len(cell.text),
        numbers={"first": q.value, "again": cell.number},
        stated=shown.times(1 / scale),
        printed=cell.number,
        expected=q.interval.times(1 / scale),
        value=q.base / scale,
        firm=shown.meets(q.interval) or (slip and one_year),
        likely=True,
        error="told_twice",
        facts={"first": item.m.near[-16:] + q.text, "said": cell.text},
    )
