"""Whose unit does a line of units say? 单位：人（学生为万人）: 万人 for the pupils, 人 for everybody else.

A line that names what each unit is of speaks of those columns; what it says of none, or of 其余, is of all others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from edustats.load.reading.units import Unit, tidy_line, unit_of

_HEAD = re.compile(r"^(?:[注说备][明释解]?\s*\d{0,2}\s*[:：.、]\s*)?(?:\d{1,2}\s*[.、]\s*)?")
_NOTE = re.compile(r"\s*[注说备][明释解]?\s*\d{0,2}\s*[:：.、]")
_LINE = re.compile(r"^(?:计量|计价|数据)?单位\s*[:：]\s*")
_UNIT = r"[^\s\d、，,;；。()（）:：/]{1,6}?"
_OF = re.compile(
    rf"(?P<what>[一-鿿][一-鿿、和及与]{{0,11}}?)\s*的?\s*(?:(?:计量|计价)?单位)?\s*(?:均?[为是]|[:：]|以|按|\s|(?=[十百千万亿]))\s*"
    rf"(?P<unit>{_UNIT})\s*(?:为(?:计量)?单位|计算?)?$"
)
_IN_BRACKETS = re.compile(rf"(?P<what>[一-鿿]{{2,10}})[(（]\s*(?P<unit>{_UNIT})\s*[)）]")
_PARTS = re.compile(r"[、，,;；。()（）\n]")
_NUMBERED = re.compile(r"^\d{1,2}\s*[.．]\s*")
_WORD = re.compile(r"[一-鿿]{1,10}$")
_BEFORE = re.compile(r"^(?:其中|本表|表中|上表|表内)的?")
_ALL = re.compile(
    r"^(?:本表|下列|以上|各项|全部)?(?:计量|计价|金额|货币|币种|数据|数量|数值|指标|人数|面积|均|一律|单位)*$"
)
"""What names nothing by itself: 金额单位为万元 is of all money."""
_OTHERS = re.compile(r"^(?:其余|其他|其它|余)(?:各项|指标|数据|项目|栏)?(?:均|皆|都)?$")
_THINGS = tuple(
    (re.compile(rf"^(?:{name})(?:人?数|总数|数量)?$"), re.compile(heading)) for name, heading in (
        ("学生|在校生|在校学生|生", r"学生|生(?:人)?数|在校|招生|毕业|幼儿|就读|寄宿|入学"),
        ("教师|专任教师|教职工|师资", r"教师|教职工|职工|教员"),
        ("学校|校|机构|学校机构", r"学校|校数|园数|机构|幼儿园"),
        ("班|班级|教学班", r"班"),
        ("经费|金额|资金|投入|支出|教育经费", r"经费|支出|投入|收入|拨款|资金|预算|工资|费"),
        ("面积|校舍面积|建筑面积|占地面积", r"面积|占地|用地"),
        ("图书|图书册|藏书", r"图书|藏书"),
        ("人口", r"人口"),
    )
)  # fmt: skip
"""What a word of a line is of, and the headings that count it: 学生 of 在校生数."""


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit and what a line says it is of; nothing where it is of all."""

    what: str
    unit: Unit


def read_named_units(line: str) -> list[NamedUnit]:
    """The units of a line that names what they are of; [] for a line that names nothing.

    Examples
    --------
    >>> [(one.what, one.unit.words) for one in read_named_units("单位：人（学生为万人）")]
    [('', '人'), ('学生', '万人')]
    >>> [(one.what, one.unit.words) for one in read_named_units("注：在校生单位为万人，其余为人")]
    [('在校生', '万人'), ('其余', '人')]
    >>> read_named_units("单位：人、万元"), read_named_units("注：不含特教学校")
    ([], [])
    """
    told = _HEAD.sub("", tidy_line(line))
    line_of_units = bool(_LINE.match(told))
    told = _LINE.sub("", told)
    if not line_of_units and "单位" not in told and not _NOTE.match(line):
        return []
    found: list[NamedUnit] = []
    waiting: list[str] = []
    named = False
    for part in map(
        str.strip, _PARTS.split(_IN_BRACKETS.sub(_open_bracket, told) if line_of_units else told)
    ):
        if line_of_units and (unit := unit_of(part)) is not None:
            found.append(NamedUnit("", unit))
        elif (match := _OF.match(_NUMBERED.sub("", part))) and (unit := unit_of(match["unit"])) is not None:
            words = [*waiting, *re.split("[和及与]", _BEFORE.sub("", match["what"]))]
            found += [NamedUnit("" if _ALL.match(word) else word, unit) for word in words]
            waiting, named = [], True
        else:
            waiting = [*waiting, part] if _WORD.match(part) else []
    return found if named else []


def choose_named(found: list[NamedUnit], heading: str) -> list[Unit]:
    """The units of a column among those of a line, by its heading and those above it.

    Examples
    --------
    >>> found = read_named_units("单位：学生为万人，其余为人")
    >>> [[u.words for u in choose_named(found, heading)] for heading in ("小学在校生数", "小学专任教师")]
    [['万人'], ['人']]
    """
    named = [one for one in found if one.what and _bare(one.what) in heading]
    longest = max((len(_bare(one.what)) for one in named), default=0)  # 生均经费 before 经费
    literal = [one.unit for one in named if len(_bare(one.what)) == longest]
    alike = [
        one.unit
        for one in found
        if any(name.match(one.what) and counted.search(heading) for name, counted in _THINGS)
    ]
    others = [one.unit for one in found if not one.what or _OTHERS.match(one.what)]
    return literal or alike or others


def _open_bracket(match: re.Match[str]) -> str:
    """学生（万人） as 学生：万人; 万人（教师为人） stays."""
    if unit_of(match["what"]) is None and unit_of(match["unit"]) is not None:
        return f"{match['what']}：{match['unit']}"
    return match[0]


def _bare(what: str) -> str:
    return re.sub(r"(?:人?数|总数|数量)$", "", what) or what
