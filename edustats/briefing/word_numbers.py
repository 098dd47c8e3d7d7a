"""Which numbers does Word set before the paragraphs of a list by itself?

They are in no text: 一、 二、 三、 of an automatic list stand in ``numbering.xml`` only, and a draft that announces
three items has none that can be counted. Here they become text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHINESE: Final = (
    "chineseCounting",
    "chineseCountingThousand",
    "japaneseCounting",
    "ideographDigital",
    "taiwaneseCounting",
)
_DIGITS: Final = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered."""

    form: str
    text: str
    start: int


@dataclass
class Numbering:
    """The lists of a Word file, and how far each has been counted."""

    levels: dict[tuple[str, int], Level] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def again(self) -> Numbering:
        """The same lists, counted from their start."""
        return Numbering(self.levels)

    def before(self, paragraph: Any) -> str:
        """The number that Word sets before a paragraph; '' where it is in no numbered list."""
        mark = paragraph.find(f"{W}pPr/{W}numPr")
        if mark is None:
            return ""
        number, depth = mark.find(f"{W}numId"), mark.find(f"{W}ilvl")
        key = number.get(f"{W}val", "") if number is not None else ""
        at = int(depth.get(f"{W}val", "0")) if depth is not None else 0
        level = self.levels.get((key, at))
        if level is None:
            return ""
        counts = self.counts[key]
        counts[at] = counts.get(at, level.start - 1) + 1
        for deeper in [k for k in counts if k > at]:
            del counts[deeper]
        if level.form not in (*_CHINESE, "decimal"):
            return ""

        def shown(match: re.Match[str]) -> str:
            k = int(match[1]) - 1
            own = self.levels.get((key, k), level)
            n = counts.get(k, own.start)
            return chinese(n) if own.form in _CHINESE else str(n)

        return re.sub(r"%(\d)", shown, level.text)


def chinese(n: int) -> str:
    """12 as 十二.

    Examples
    --------
    >>> [chinese(n) for n in (3, 10, 12, 25)]
    ['三', '十', '十二', '二十五']
    """
    tens, ones = divmod(n, 10)
    if n >= 100 or n < 1:
        return str(n)
    lead = "" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十"
    return lead + (_DIGITS[ones] if ones else "")


def read_numbering(root: Any) -> Numbering:
    """The lists that ``numbering.xml`` defines."""
    abstract: dict[str, dict[int, Level]] = {}
    for one in root.findall(f"{W}abstractNum"):
        levels = {int(level.get(f"{W}ilvl", "0")): _read_level(level) for level in one.findall(f"{W}lvl")}
        abstract[one.get(f"{W}abstractNumId", "")] = levels
    found: dict[tuple[str, int], Level] = {}
    for number in root.findall(f"{W}num"):
        of = number.find(f"{W}abstractNumId")
        for depth, level in abstract.get(of.get(f"{W}val", "") if of is not None else "", {}).items():
            found[number.get(f"{W}numId", ""), depth] = level
    return Numbering(found)


def _read_level(level: Any) -> Level:
    def told(tag: str, other: str) -> str:
        child = level.find(f"{W}{tag}")
        return str(child.get(f"{W}val", other)) if child is not None else other

    start = told("start", "1")
    return Level(told("numFmt", "decimal"), told("lvlText", ""), int(start) if start.isdigit() else 1)
