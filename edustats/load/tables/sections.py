"""Under which heading does a row of items stand? 小学 under 一、学校数, and 小学 again under 二、在校学生数.

Yearbooks list their items in sections: a line of words, mostly without figures, and the rows beneath it, which come
again in the next. A row is then told from the others by both, section/row, as a column is by its outer and its own
heading.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from edustats.load.files.values import plain, text
from edustats.load.reading import years
from edustats.load.reading.totals import is_total_word
from edustats.load.reading.units import is_line
from edustats.load.tables.layout import NOTE, is_area

LONGEST = 24
FEWEST = 2
"""Sections of a table that has any; one line alone may be a remark."""
_BESIDE_CHINESE = re.compile(r"(?<=[一-鿿）)])\s+[A-Za-z][\x00-\x7f]*$")
_NUMBERED = re.compile(r"^[（(]?[一二三四五六七八九十\d]+[)）、.．]\s*")

Row = Sequence[object]


def name_sections(rows: Sequence[Row], column: int) -> list[str]:
    """The section of each row, '' where it stands in none or is the line of one.

    Parameters
    ----------
    rows : the rows beneath the headings, in their order
    column : that of the items

    Examples
    --------
    >>> rows = [["一、学校数", ""], ["小学", 5], ["二、在校生", ""], ["小学", 900], ["初中", 400]]
    >>> name_sections(rows, 0)
    ['', '一、学校数', '', '二、在校生', '二、在校生']
    """
    words = [plain(text(row[column])) if _is_filled(row, column) else "" for row in rows]
    beside = _find_translations(rows, column)
    lines = [
        _stands_alone(row, column, beside) and _is_section(word)
        for row, word in zip(rows, words, strict=True)
    ]
    items = Counter(word for word, line in zip(words, lines, strict=True) if word and not line)
    if any(is_area(word) or years.label(word) is not None for word in items):
        return [""] * len(rows)
    line = above = ""
    found = []
    for word, alone in zip(words, lines, strict=True):
        repeated = items[word] > 1
        found.append("" if alone or not word else line or (above if repeated else ""))
        line = word if alone else line
        above = above if repeated or not word else word
    return found if len({*found} - {""}) >= FEWEST else [""] * len(rows)


def names_area_alone(row: Row, column: int) -> bool:
    """Whether a row is the line of an area over its items: 攸县, and nothing beside it.

    Examples
    --------
    >>> names_area_alone(["攸县", "", ""], 0), names_area_alone(["攸县", 5, ""], 0), names_area_alone(["小学", ""], 0)
    (True, False, False)
    """
    words = plain(text(row[column])) if _stands_alone(row, column, set()) else ""
    return bool(words) and (is_area(words) or is_total_word(words))


def _is_filled(row: Row, column: int) -> bool:
    return column < len(row) and row[column] not in ("", None)


def _stands_alone(row: Row, column: int, beside: set[int]) -> bool:
    return [j for j, cell in enumerate(row) if cell not in ("", None) and j not in beside] == [column]


def _find_translations(rows: Sequence[Row], column: int) -> set[int]:
    """The columns that say the items once more in Latin letters: 学校数, Number of Schools."""
    width = max((len(row) for row in rows), default=0)
    found = set()
    for j in range(width):
        told = [text(row[column]) for row in rows if _is_filled(row, j) and _is_filled(row, column)]
        words = [text(row[j]) for row in rows if _is_filled(row, j)]
        if (
            j != column
            and len(words) > 1
            and all(map(_TRANSLATED.match, words))
            and any(map(_CHINESE.search, told))
        ):
            found.add(j)
    return found


_TRANSLATED = re.compile(r"[\x00-\x7f’‘“”–—]*[A-Za-z]{4}[\x00-\x7f’‘“”–—]*$")
_CHINESE = re.compile(r"[一-鿿]")


def _is_section(words: str) -> bool:
    chinese = _BESIDE_CHINESE.sub("", words)
    return len(chinese) <= LONGEST and not NOTE.match(words) and not is_line(words) and not is_area(words)


def join_section(section: str, words: str) -> str:
    """A row by its section and its own words, as a mapping names it."""
    return f"{section}/{words}" if section else words


def split_section(words: str) -> tuple[str, ...]:
    """The words that say what a row counts, those of its section first and without their number."""
    return tuple(_NUMBERED.sub("", word) for word in words.split("/"))
