"""Which year does a table, a row or a column speak of? And which of the years printed on a page is only its date?

The store keeps the year in which a school year begins, and the calendar year of money. A date of printing is never
the year of the figures; a label of two years is one of them, the first unless somebody says the second.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from edustats.load.files.values import plain

Which = Literal["first", "second"]
EARLIEST = 1949
_DASH = r"\s*[-—–－~～至/／_]\s*"
_TWO = re.compile(rf"(?<!\d)((?:19|20)\d\d){_DASH}((?:19|20)?\d\d)(?!\d)")
_JOINED = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d{4}|\d\d)(?!\d)")
_ONE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_AFTER = re.compile(
    r"^\s*(?:学年度?|年度?|school\s*year|academic\s*year)?\s*(?:初|末|底)?\s*$", re.IGNORECASE
)
_BEFORE = re.compile(
    r"^\s*(?:(?:school|academic|fiscal|financial)\s*year|f\.?y\.?|a\.?y\.?|s\.?y\.?|year|学年|年份|年度|统计年度)?\s*[:：]?\s*$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s*(?:年|[-/.])\s*(0?[1-9]|1[0-2])\s*(?:月|[-/.])\s*(?:(0?[1-9]|[12]\d|3[01])(?:\s*[日号])?)?"
    r"(?:\s*\d{1,2}:\d\d(?::\d\d)?)?(?!\d)"
)
_EIGHT = re.compile(r"((?:19|20)\d\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_MONTH = re.compile(r"(?<!\d)(?:19|20)\d\d\s*年\s*(?:0?[1-9]|1[0-2])\s*月(?!\d)")
_MADE = re.compile(
    r"(?:制表|打印|填报|填表|填制|编制|编印|导出|报出|上报|报送|提交|生成|印发|审核|更新|发布|下载|修订|输出|复核|印刷|出版)"
    r"(?:人|单位|者)?(?:于|的)?(?:日期|时间|年月)?\s*[:：为于]?\s*(?:19|20)\d\d[^\s,，;；。)）]*"
    r"|(?<!统计)(?<!数据)(?:日期|时间)\s*[:：]\s*(?:19|20)\d\d[^\s,，;；。)）]*"
    r"|\b(?:printed|exported|generated|created|compiled|downloaded|updated|published|issued|extracted|retrieved|as\s+at|"
    r"accessed|date)\b\s*(?:on|at|in)?\s*[:：]?\s*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,)?[^,;)]{0,24}?"
    r"(?:,\s*)?(?:19|20)\d\d[-/.\d]*",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r"(?:19|20)\d\d\s*年?[^0-9\s]{0,14}?(?:年鉴|统计制度|调查制度|yearbook)|(?:19|20)\d\d\s*年?(?:\d+月)?(?:版|修订)"
    r"|(?:年鉴|yearbook)[\s（(_—–·-]{0,3}(?:19|20)\d\d(?!\s*[-/—]\s*\d)",
    re.IGNORECASE,
)
_LAW = re.compile(r"[〔\[［(（](?:19|20)\d\d[〕\]］)）]\s*\d+\s*号")
_HAN = re.compile(r"[一二][〇零○Ｏ○九][〇零○Ｏ○一二三四五六七八九]{2}(?=年|学年|[—\-–至]|$)")
_DIGITS = str.maketrans("〇零○Ｏ○一二三四五六七八九", "00000123456789")
_SHORT = re.compile(r"'?([0-4]\d)(?:学年|年)(?:度|初|末|底|[春秋]季?)?")
"""22年, as a sheet is called; in a longer text it may be how long something took."""
_QUARTER = re.compile(
    r"第?[一二三四1-4]\s*季度|第[一二三四1-4]季|(?<![A-Za-z])Q[1-4](?![A-Za-z0-9])|(?:first|second|third|fourth)\s+quarter",
    re.IGNORECASE,
)
HEADINGS = (
    "年份", "年度", "学年", "统计年度", "统计年份", "数据年份", "学年度", "报表年度", "会计年度", "财政年度", "年",
    "year",
    "schoolyear",
    "academicyear", "fiscalyear", "yr", "timeperiod", "学年初", "所属年度", "所属年份",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a year as it was read: the year, whether it named two years, one, or a date, and its words."""

    year: int
    kind: Literal["two", "one", "date"]
    words: str


def label(cell: object, which: Which = "first") -> Label | None:
    """The year that a cell is, wholly; None where it is no year.

    Parameters
    ----------
    cell : text, number or date of a workbook
    which : of a label of two years, the one that the store files it under

    Examples
    --------
    >>> [label(t).year for t in ("2021-2022学年", "2020/21", "202122", "2021年", "2021/2022学年初")]
    [2021, 2020, 2021, 2021, 2021]
    >>> label("2020-21", "second").year, label("2019-2021"), label("2021.0").year
    (2021, None, 2021)
    """
    if isinstance(cell, (dt.datetime, dt.date)):
        return Label(cell.year, "date", cell.isoformat()[:10])
    text = plain(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell))
    text = re.sub(r"^(\d{4})\.0+$", r"\1", _in_digits(text).lstrip("'‘’"))
    text = re.sub(r"\s*(?:第?[一二上下]学期|[春秋]季?)$", "", text)
    if date := _EIGHT.fullmatch(text):
        return Label(int(date[1]), "date", text)
    for pattern in (_TWO, _JOINED):
        if (found := pattern.search(text)) and _bare(text, found):
            return _two_years(found, which, text)
    if date := re.fullmatch(rf"{_DATE.pattern}(?:\s*00:00:00)?", text):
        return Label(int(date[1]), "date", text)
    if (found := _ONE.search(text)) and _bare(text, found):
        return Label(int(found[1]), "one", text)
    return None


def _bare(text: str, found: re.Match[str]) -> bool:
    return bool(_BEFORE.match(text[: found.start()]) and _AFTER.match(text[found.end() :]))


def _two_years(found: re.Match[str], which: Which, text: str) -> Label | None:
    """2020-21 and 202021 are a school year; 2020-12 and 202012 are a month; 2019-2021 is neither."""
    first, tail = int(found[1]), found[2]
    second = int(tail) if len(tail) == 4 else first // 100 * 100 + int(tail)
    second += 100 if len(tail) == 2 and second < first and tail == "00" else 0
    if second == first + 1:
        return Label(second if which == "second" else first, "two", text)
    if len(tail) == 2 and 1 <= int(tail) <= 12:
        return Label(first, "date", text)
    return None


_BESIDE_THIS = re.compile(
    r"(?:(本年度?|今年|当年|本期|本学年)|(上年度?|去年|上期|上学年)|(前年))(?:同期|末)?(?:实际|实有|完成|数|数值|合计|人数)*"
)


def years_from_this(words: str) -> int | None:
    """How many years a heading's word lies from the year of its table: 本年 0, 上年实际 -1; None for any other.

    Examples
    --------
    >>> [years_from_this(words) for words in ("本年", "上年实际", "上年同期数", "比上年增长", "2023年")]
    [0, -1, -1, None, None]
    """
    found = _BESIDE_THIS.fullmatch(plain(words).replace(" ", ""))
    return None if found is None else -next(k for k, one in enumerate(found.groups()) if one)


def years_said(text: str, which: Which = "first") -> list[Label]:
    """The years that a title, a sheet's name or a file's name says its figures are of.

    Dates, of printing above all, numbers of documents and the editions of yearbooks are no years of figures;
    a span of several years is none either.

    Examples
    --------
    >>> [one.year for one in years_said("制表时间：2024年3月10日")]
    []
    >>> [one.year for words in ("2023/2024学年初一览表", "22年", "建校22年") for one in years_said(words)]
    [2023, 2022]
    >>> [one.year for one in years_said("2015—2023年各县区教育经费")]
    []
    """
    text = _in_digits(plain(text))
    if short := _SHORT.fullmatch(text):
        return [Label(2000 + int(short[1]), "one", text)]
    for noise in (_LAW, _MADE, _EDITION, _DATE, _MONTH):
        text = noise.sub(" ", text)
    found: list[Label] = []
    for match in _TWO.finditer(text):
        two = _two_years(match, which, match[0])
        # 2022—2023年 of money is a span of two years; a school year says so, or is written 2022/23 or 2022-23
        school = (
            len(match[2]) == 2
            or "/" in match[0]
            or re.match(r"\s*(?:学年|school|academic)", text[match.end() :])
        )
        if two is not None and two.kind == "two" and school:
            found.append(two)
    # what is left of a span, of several years or a month, is no year of its own
    text = _TWO.sub(" ", text)
    found += [Label(int(match[1]), "one", match[0]) for match in _ONE.finditer(text)]
    pairs = [one for one in found if one.kind == "two"]
    return pairs or found


def school_year_in(text: str) -> Label | None:
    """The span of two years in a title (2024-2025年) that may be a school year; None where there is none.

    Examples
    --------
    >>> school_year_in("2024-2025年全市基础教育情况表").year, school_year_in("2019-2024年教育情况")
    (2024, None)
    """
    found = [
        two
        for match in _TWO.finditer(_in_digits(plain(text)))
        if (two := _two_years(match, "first", match[0]))
    ]
    return found[0] if len(found) == 1 and found[0].kind == "two" else None


def find_quarter(text: str) -> str:
    """The quarter that a title or a file's name says its figures are of, in its own words; empty where it says none.

    Examples
    --------
    >>> find_quarter("2024年第一季度教育经费"), find_quarter("funds 2024Q3.xlsx"), find_quarter("2024年教育经费")
    ('第一季度', 'Q3', '')
    """
    found = _QUARTER.search(plain(text))
    return found[0].strip() if found else ""


def _in_digits(text: str) -> str:
    """二〇二三年 as 2023年."""
    return _HAN.sub(lambda match: match[0].translate(_DIGITS), text)


def date_of(texts: Iterable[str]) -> Label | None:
    """The year of a point in time that a title names: 截至2023年9月1日; dates of printing are none."""
    for text in texts:
        if found := re.search(
            rf"(?:截至|截止|时点|as\s+of|at)\s*[:：]?\s*{_DATE.pattern}", plain(text), re.IGNORECASE
        ):
            return Label(int(found[1]), "date", found[0])
    return None


def plausible(year: int, today: int = 0) -> bool:
    """Whether figures of a year can exist: not before 1949, not after next year.

    Examples
    --------
    >>> plausible(2023, 2026), plausible(2042, 2026), plausible(1201, 2026)
    (True, False, False)
    """
    return EARLIEST <= year <= (today or dt.date.today().year) + 1


def is_heading(words: str) -> bool:
    """Whether a heading is that of a column of years."""
    return re.sub(r"[\s_()（）]", "", plain(words)).lower() in HEADINGS
