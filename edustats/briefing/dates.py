"""Can the dates be right?

31 June, a weekday that the day was not, an end before its start, durations, anniversaries, ages, and a year
compared with itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from edustats.briefing.mentions import Mention
from edustats.briefing.readings import Reading, span
from edustats.briefing.text import Cleaned

_DAY = re.compile(
    r"(?<![\d.])(?:(?P<year>(?:19|20)\d{2})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?P<week>[(，]?(?:星期|周)(?P<weekday>[一二三四五六日天]))?"
)
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEEKDAYS: Final = "一二三四五六日"


def date_readings(cleaned: Cleaned, found: list[Mention]) -> Iterator[Reading]:
    """Readings of every date, duration and anniversary of a text."""
    text = cleaned.text
    for match in _DAY.finditer(text):
        yield from _check_day(match)
    yield from _check_stretches(text)
    yield from _check_days(text)
    yield from _check_month_count(text)
    yield from _check_anniversaries(text)
    yield from _check_ages(text)
    yield from _against_itself(text, found)


def _make_reading(match: re.Match[str], relation: str, error: str, right: bool, **facts: Any) -> Reading:
    return Reading(
        kind="other",
        relation=relation,
        start=match.start(),
        end=match.end(),
        numbers={},
        printed=match.group(),
        value=facts.get("value"),
        verdict="consistent" if right else "inconsistent",
        error=error,
        facts={"said": match.group(), **facts},
    )


def _check_day(match: re.Match[str]) -> Iterator[Reading]:
    month, day = int(match["month"]), int(match["day"])
    exists = 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]
    if exists and match["year"] and (month, day) == (2, 29):
        exists = int(match["year"]) % 4 == 0
    if not exists:
        yield _make_reading(match, "the day exists", "no_such_day", right=False)
    elif match["year"] and match["weekday"]:
        name = _WEEKDAYS[date(int(match["year"]), month, day).weekday()]
        said = match["weekday"].replace("天", "日")
        yield _make_reading(match, "weekday of the date", "weekday", right=said == name, value=f"星期{name}")


_STRETCH = re.compile(
    r"(?P<y0>(?:19|20)\d{2})年(?P<m0>\d{1,2})月(?:\d{1,2}日)?(?P<begin>正式)?(?:开工|动工|启动|开建|奠基|立项|开始|破土)[^。；\n]{0,30}?"
    r"(?P<y1>(?:19|20)\d{2})年(?P<m1>\d{1,2})月(?:\d{1,2}日)?(?:底|初|中旬|份)?(?:正式|全面|如期|顺利|将|前)?(?:竣工|完工|建成|投用|结束|验收|交付|投入使用|完成)"
    r"(?:[^。；\n\d]{0,10}?(?:工期|历时|用时|为期|周期)(?:为|共|约)?(?P<n>\d{1,3})个月)?"
)


def _check_stretches(text: str) -> Iterator[Reading]:
    """2022年3月开工，2023年9月竣工，工期18个月."""
    for match in _STRETCH.finditer(text):
        months = 12 * (int(match["y1"]) - int(match["y0"])) + int(match["m1"]) - int(match["m0"])
        if months < 0:
            yield _make_reading(match, "start <= end", "end_before_start", right=False)
        elif match["n"]:
            right = abs(int(match["n"]) - months) <= 1
            yield _make_reading(match, "end - start == months", "months_between", right=right, value=months)


MONTHS_BACK: Final = 6
"""12月28日启动，1月5日结束 ends in the next year."""
_DAYS_APART = re.compile(
    r"(?P<m0>\d{1,2})月(?P<d0>\d{1,2})日(?:正式)?(?:开班|开工|启动|开始|开幕|开赛|开营|动工)[^。；\n年]{0,24}?"
    r"(?P<m1>\d{1,2})月(?P<d1>\d{1,2})日(?:正式|全面|顺利|圆满)?(?:结业|结束|闭幕|完成|竣工|完工|闭营|收官|结营)"
)


def _check_days(text: str) -> Iterator[Reading]:
    """7月8日开班，7月2日结业."""
    for match in _DAYS_APART.finditer(text):
        first, last = ((int(match[f"m{k}"]), int(match[f"d{k}"])) for k in "01")
        if last < first and first[0] - last[0] < MONTHS_BACK:
            yield _make_reading(match, "start <= end", "end_before_start", right=False)


_PERIOD = re.compile(
    r"(?P<y0>(?:19|20)\d{2})年(?P<m0>\d{1,2})月(?:\d{1,2}日)?[至到\-—–~～](?P<y1>(?:19|20)\d{2})年(?P<m1>\d{1,2})月(?:\d{1,2}日|底)?"
    r"[，)(]{0,2}(?:共计?|为期|历时|工期|周期)(?:为|约)?(?P<n>\d{1,3})个月"
)


def _check_month_count(text: str) -> Iterator[Reading]:
    """2023年6月至2024年11月，共17个月: counted with or without the last."""
    for match in _PERIOD.finditer(text):
        months = 12 * (int(match["y1"]) - int(match["y0"])) + int(match["m1"]) - int(match["m0"])
        right = int(match["n"]) in (months, months + 1)
        yield _make_reading(match, "end - start == months", "months_between", right=right, value=months)


_FOUNDED = re.compile(
    r"(?:创办|建校|成立|始建|创建|创立|建立|建院|建园|创校)于?(?P<y0>(?:18|19|20)\d{2})年[^。；\n]{0,30}?(?P<y1>20\d{2})年[^。；\n]{0,14}?"
    r"(?P<n>\d{1,3})周年"
)


def _check_anniversaries(text: str) -> Iterator[Reading]:
    """创办于1953年，2023年迎来建校70周年."""
    for match in _FOUNDED.finditer(text):
        years = int(match["y1"]) - int(match["y0"])
        yield _make_reading(
            match, "y1 - y0 == years", "anniversary", right=int(match["n"]) == years, value=years
        )


_BORN = re.compile(
    r"(?:现年|今年)(?P<age>\d{2})岁[^。；\n\d]{0,6}?(?P<born>19\d{2}|20[01]\d)年(?:\d{1,2}月)?(?:出)?生"
)
_BORN_FIRST = re.compile(
    r"(?P<born>19\d{2}|20[01]\d)年(?:\d{1,2}月)?(?:出)?生[^。；\n\d]{0,6}?(?:现年|今年)(?P<age>\d{2})岁"
)
_BORN_AT = re.compile(
    r"(?P<born>19\d{2}|20[01]\d)年(?:\d{1,2}月)?(?:出)?生[^。；\n\d]{0,12}?(?P<then>(?:19|20)\d{2})年[^。；\n\d]{0,6}?时?(?P<age>\d{2})岁"
)
_YEARS = re.compile(r"(20[0-4]\d)年")
AGE_ROOM: Final = 3
"""A text may be a few years younger than the year it names."""


def _check_ages(text: str) -> Iterator[Reading]:
    """现年45岁（1978年生）, in a text about 2023."""
    for match in _BORN_AT.finditer(text):
        age, value = int(match["age"]), int(match["then"]) - int(match["born"])
        right = value - 1 <= age <= value + 1
        yield _make_reading(match, "year - born == age", "age", right=right, value=value)
    for pattern in (_BORN, _BORN_FIRST):
        for match in pattern.finditer(text):
            around = text[max(0, match.start() - 200) : match.end() + 200]
            years = [int(year) for year in _YEARS.findall(around) if int(year) > int(match["born"]) + 15]
            if years:
                age, born = int(match["age"]), int(match["born"])
                right = min(years) - born - AGE_ROOM <= age <= max(years) - born + AGE_ROOM
                yield _make_reading(match, "year - born == age", "age", right=right, value=max(years) - born)


_WITHIN_YEAR = re.compile(
    r"年(?:初|\d{1,2}月|上半年|下半年|[一二三四]季度|春|秋|计划|预算|目标|同期|底|末|年初)"
)


def _against_itself(text: str, found: list[Mention]) -> Iterator[Reading]:
    """截至2023年底…，比2023年增长2.5%: a year is not compared with itself."""
    for m in found:
        if m.role != "change" or not m.base.startswith("Y") or not m.year or int(m.base[1:]) != m.year:
            continue
        level = next(
            (x for x in reversed(found[max(0, m.index - 3) : m.index]) if x.sentence == m.sentence), None
        )
        place = m.near.find(m.base[1:])
        inside = _WITHIN_YEAR.match(m.near[place + 4 :])
        if (
            level is None
            or not level.is_level
            or level.year != m.year
            or inside
            or level.clause < m.clause - 1
        ):
            continue
        start, end = span(level, m)
        yield Reading(
            kind="other",
            relation="a year is compared with another",
            start=start,
            end=end,
            numbers={"y0": m.year, "y1": m.year},
            printed=m.q.value,
            verdict="inconsistent",
            error="same_year",
            facts={"said": f"{m.year}"},
        )
