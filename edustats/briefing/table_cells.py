"""Which observation does a cell of a table show? The one that its row, its column and the table's title name together.

A cell is compared only where nothing of its headings is left over: a column 同类县, 标准 or 比上年 makes it something
else than a level of the store, and words that are not known make it nobody knows what.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from edustats.briefing.spoken import STAGE_NAMES, Named, Names
from edustats.briefing.tables import Cell, split_lines

NUMBER: Final = re.compile(
    r"[●◐○▲△]?\s*[-+−]?\d[\d,，]*(?:\.\d+)?\s*(?:万|亿)?(?:[%％‰]|[:：]1|[人所名个班年册元套台]|平方米)*"
)
MOST_TITLE: Final = 60
_YEAR = re.compile(r"((?:19|20)\d{2})\s*(?:学年度?|年度?)?(?:[/—-](?:19|20)?\d{2}(?:学年度?|年度?)?)?")
_UNIT = re.compile(r"[（(](?:单位[:：])?(?:%|％|万?人|所|个|班|万?元|亿元|元/人|人/班|平方米|册|名|:1)[)）]")
_NUMBERED = re.compile(r"^(?:序号|编号|序|No\.?|\d{1,3})$")
_SEVERAL = re.compile(r"(?:19|20)\d{2}\s*年?\s*[—–~至-]+\s*(?:19|20)\d{2}")
_UNIT_LINE = re.compile(r"单位\s*[:：]\s*\S")
_LAST_YEAR = re.compile(r"^(?:上年|去年|上学年|上年同期|上年数|上年值)$")
_SERVING = re.compile(
    r"[\s:：、，,（()）]|本年度?|今年|当年|现状|现值|数值|本期|指标值|年份|指标|项目|学段|地区|单位"
)
_OF_HERE = re.compile(r"[本我全][县区旗]")
_OF_ABOVE = re.compile(r"[全本我][市州]")
_PERCENT = re.compile(r"[（(][^（()）]*[%％][)）]")
_MONEY = re.compile(r"[（(](?:单位[:：])?[万亿]?元(?:/人)?[)）]")
_SCALE = re.compile(r"[（(](?:单位[:：])?(万|亿)")


@dataclass(frozen=True, slots=True)
class CellMeaning:
    """What a cell shows: the names it may have in the store, its area ('' where none is said) and year (0 likewise)."""

    named: Named
    area: str
    year: int
    before: bool
    """Whether it is of the year before."""
    percent: bool
    """Whether its heading says that it is in per cent."""
    scale: float
    """What its heading says it has to be multiplied by: 万 and 亿."""
    money: bool
    """Whether its heading says that it is in 元, 万元 or 亿元."""
    measured: bool
    """Whether its own heading says the unit; a line 单位：万元 over the table leaves open which columns it is of."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A cell in its table."""

    rows: Sequence[Sequence[Cell]]
    row: int
    column: int
    title: str
    unit_line: bool
    """Whether a line of units stands over the table."""


class TableCells:
    """The cells of all tables of a text, found by where they stand."""

    def __init__(self, text: str, names: Names, areas: Sequence[str], here: str, above: str) -> None:
        self.names, self.here, self.above = names, here, above
        self.areas = sorted(areas, key=len, reverse=True)
        self.places: list[tuple[int, int, _Place]] = []
        title, unit_line = "", False
        for width, group in groupby(split_lines(text), key=lambda line: len(line.cells)):
            lines = list(group)
            if width < 2:
                over = [line.text.strip() for line in lines if line.text.strip()][-2:]
                unit_line = any(_UNIT_LINE.search(words) for words in over)
                titles = [words for words in over if not _UNIT_LINE.match(words)]
                title = titles[-1] if titles else ""
                continue
            rows = [line.cells for line in lines]
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    place = _Place(rows, i, j, title if len(title) <= MOST_TITLE else "", unit_line)
                    self.places.append((cell.start, cell.start + len(cell.text), place))
        self.starts = [start for start, _, _ in self.places]

    def holds(self, at: int) -> bool:
        """Does a place in the text lie in a cell?"""
        return self._find(at) is not None

    def read(self, at: int) -> CellMeaning | None:
        """What the cell at a place in the text shows; nothing where its headings do not say."""
        place = self._find(at)
        if place is None or not place.row or not place.column:
            return None
        if not NUMBER.fullmatch(place.rows[place.row][place.column].text):
            return None
        return self._combine(place, self._label(place.rows[place.row]), place.rows[0][place.column].text)

    def _find(self, at: int) -> _Place | None:
        k = bisect_right(self.starts, at) - 1
        return self.places[k][2] if k >= 0 and at <= self.places[k][1] else None

    def _label(self, row: Sequence[Cell]) -> str:
        """The words at the head of a row, without its number."""
        words = []
        for k, cell in enumerate(row):
            if cell.number is not None and not (k == 0 and (_NUMBERED.match(cell.text) or _is_year(cell))):
                break
            if not k and _is_year(cell):
                words.append(f"{cell.text}年")
                continue
            if k and NUMBER.fullmatch(cell.text):
                break
            if not _NUMBERED.match(cell.text):
                words.append(cell.text)
        return "\t".join(words)

    def _combine(self, place: _Place, label: str, head: str) -> CellMeaning | None:
        year, before, area = 0, False, ""
        rests = []
        for words in (label, head):
            words, told = self._take_year(words)
            year, before = told or year, before or bool(_LAST_YEAR.match(words.strip()))
            words, told_area = self._take_area(_LAST_YEAR.sub("", words.strip()))
            if told_area is None or (area and told_area):
                return None
            area = area or told_area
            rests.append(words)
        title, title_year = self._take_year(place.title)
        _, title_area = self._take_area(title)
        named = self._name(rests, title)
        if named is None or (not year and len(_SEVERAL.findall(place.title)) > 0):
            return None  # under 2015—2024年 a column without a year is of nobody knows which
        scale = _SCALE.search(label + head)
        return CellMeaning(
            named=named,
            area=area or title_area or "",
            year=year or title_year,
            before=before,
            percent=bool(_PERCENT.search(label + head)),
            scale={"万": 1e4, "亿": 1e8}[scale[1]] if scale else 1.0,
            money=bool(_MONEY.search(label + head)),
            measured=bool(_UNIT.search(label + head)) or not place.unit_line,
        )

    def _take_year(self, words: str) -> tuple[str, int]:
        found = _YEAR.findall(words)
        return (_YEAR.sub("", words), int(found[0])) if len(found) == 1 else (words, 0)

    def _take_area(self, words: str) -> tuple[str, str | None]:
        """The words without the area they name; None where it is one that the store does not have."""
        for area in self.areas:
            if area and area in words:
                return words.replace(area, "", 1), area
        if _OF_HERE.search(words):
            return _OF_HERE.sub("", words), self.here or None
        if _OF_ABOVE.search(words):
            return _OF_ABOVE.sub("", words), self.above or None
        return words, ""

    def _name(self, rests: Sequence[str], title: str) -> Named | None:
        """The indicator that row and column name with no word left over; the title where neither has a word."""
        bare = [_SERVING.sub("", _UNIT.sub("", words)) for words in rests]
        whole = [words for words in bare if words]
        if not whole:
            return self.names.find(title, "") if title else None
        for words in ("".join(whole), "".join(reversed(whole))):
            named = self.names.find(words, words)
            if named and not _strip_stages(words[: named.start] + words[named.end :]):
                return named
        return None


def _is_year(cell: Cell) -> bool:
    return re.fullmatch(r"(?:19|20)\d{2}", cell.text) is not None


def _strip_stages(words: str) -> str:
    for names in STAGE_NAMES.values():
        for name in names:
            words = words.replace(name, "")
    return re.sub(r"[的数值]|\(\)|（）", "", words)
