"""Where does a table begin, and which words stand above each of its columns?

A column is known by its path: the words above it from the outermost heading to the innermost. A word that is merged
over several columns belongs to each of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from edustats.load.files.values import plain, text
from edustats.load.files.workbook import Sheet
from edustats.load.reading.units import AREA, CURRENCIES, SHARE, unit_beside, unit_of

Path = tuple[str, ...]
HEADER_WITHIN = 60
MOST_HEADER_ROWS = 8
_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{2,4}_")
_DASHES = str.maketrans({"—": "-", "–": "-", "－": "-", "~": "-", "至": "-", "（": "(", "）": ")"})
_HAN = re.compile(r"[一-鿿]")
_ENGLISH = re.compile(r"[A-Z][A-Za-z]{3}[\x00-\x7f]*$|Year$")
_OF_WHICH = re.compile(r"^(#|其中[::]?)")


@lru_cache(maxsize=8192)
def label(words: str) -> str:
    """Words of a header cell without breaks, escapes, inner spaces and the mark of an item of which.

    Examples
    --------
    >>> label("总　 计_x000D_"), label("其中：女"), label("26—30人")
    ('总计', '女', '26-30人')
    """
    bare = re.sub(r"\s+", "", _ESCAPED.sub("", plain(words)))
    return _OF_WHICH.sub("", bare.translate(_DASHES))


@lru_cache(maxsize=8192)
def bare_label(words: str) -> str:
    """A label in small letters without the unit beside it: how two headings are held against each other."""
    return label(unit_beside(words)[0]).lower()


def is_empty(row: Sequence[object]) -> bool:
    """Whether nothing stands in a row."""
    return not any(cell not in ("", None) for cell in row)


def words_in(sheet: Sheet, first: int, depth: int) -> list[list[str]]:
    """The words of header rows, each spread over the columns it is merged over or stands before."""
    block = sheet.rows[first : first + depth]
    width = max(map(len, block), default=0)
    words = [[text(row[j]).strip() if j < len(row) else "" for j in range(width)] for row in block]
    if not spread_merged(words, sheet, first):
        spread_blank(words)
    return words


def spread_merged(words: list[list[str]], sheet: Sheet, first: int) -> bool:
    """Copy merged words to the right, inside the header only; whether there were any."""
    found = False
    for (top, left), (_, right) in sheet.merged:
        i = top - sheet.top - first
        if 0 <= i < len(words) and right > left:
            found = True
            start, end = left - sheet.left, min(right - sheet.left + 1, len(words[i]))
            for j in range(max(start, 0), end):
                words[i][j] = words[i][start]
    return found


def spread_blank(words: list[list[str]]) -> None:
    """A header without merged cells (a .csv): a blank belongs to the word at its left, if one stands beneath."""
    for i, row in enumerate(words[:-1]):
        for j in range(1, len(row)):
            above = [w[j] for w in words[:i]] == [w[j - 1] for w in words[:i]]
            if not row[j] and row[j - 1] and above and any(w[j] for w in words[i + 1 :]):
                row[j] = row[j - 1]


def paths_of(words: Sequence[Sequence[str]]) -> list[Path]:
    """The path above every column, in words as they stand; a heading repeated beneath itself counts once."""
    width = max(map(len, words), default=0)
    found = []
    for j in range(width):
        path = [row[j] for row in words if j < len(row) and row[j]]
        found.append(tuple(w for k, w in enumerate(path) if k == 0 or label(w) != label(path[k - 1])))
    return found


COUNTED_PERSONS = ("pupils", "students", "teachers")


def is_unit_row(row: Sequence[object]) -> bool:
    """Whether a row beneath the headings holds units alone: 人, 人, 万元."""
    told = [
        (j, unit_of(cell) if type(cell) is str else None)
        for j, cell in enumerate(row)
        if cell not in ("", None)
    ]
    if (
        len(told) == 1 and told[0][0] > 0 and told[0][1] is not None
    ):  # 千元 alone over the one column of money
        return told[0][1].kind in (*CURRENCIES, AREA, SHARE) or told[0][1].size != 1.0
    found = [unit for _, unit in told if unit is not None]
    if len({unit.words.lower() for unit in found} & {*COUNTED_PERSONS}) > 1:
        return False  # Pupils beside Teachers: what is counted, and no unit of it
    return len(told) > 1 and len(found) == len(told)


def is_numbering(row: Sequence[object]) -> bool:
    """Whether a row holds the numbers of columns: 甲 乙 1 2 3, or A B 1 2 3."""
    told = [label(text(cell)).strip("()") for cell in row if cell not in ("", None)]
    numbers = [int(word) for word in told if word.isdigit() and len(word) < 4]
    letters = all(word.isdigit() or word in "甲乙丙丁戊己ABCDEFG" for word in told)
    return (
        len(told) > 2
        and letters
        and len(numbers) > 1
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    )


def extended(sheet: Sheet, first: int, depth: int, keys: Sequence[int]) -> int:
    """Rows of the header: those beneath that leave the key columns empty and hold words, or units alone."""
    rows = sheet.rows
    while first + depth < len(rows) and depth < MOST_HEADER_ROWS:
        row = rows[first + depth]
        if is_unit_row(row):
            return depth + 1
        if _translates(row, rows[first : first + depth]):
            depth += 1
            continue
        keyed = any(k < len(row) and text(row[k]).strip() for k in keys)
        told = [cell for cell in row if cell not in ("", None)]
        if keyed or len(told) < 2 or not all(type(cell) is str and not _is_figure(cell) for cell in told):
            break
        depth += 1
    return depth


def _translates(row: Sequence[object], above: Sequence[Sequence[object]]) -> bool:
    """Whether a row says in English what the Chinese headings above it say."""
    told = [(j, cell) for j, cell in enumerate(row) if cell not in ("", None)]
    english = all(type(cell) is str and _ENGLISH.match(plain(cell)) for _, cell in told)
    chinese = [any(j < len(line) and _HAN.search(text(line[j])) for line in above) for j, _ in told]
    return len(told) > 1 and english and sum(chinese) > 0.5 * len(told)


def in_chinese(path: Path) -> Path:
    """A path without the English words that stand with Chinese ones."""
    return tuple(word for word in path if _HAN.search(word)) or path


def _is_figure(cell: str) -> bool:
    return bool(re.fullmatch(r"[-+]?[\d,. ]+%?", plain(cell)))


# --- finding a declared heading ---


@lru_cache(maxsize=4096)
def wanted(path: str) -> tuple[tuple[str, ...], ...]:
    """The alternatives of a path, each as its words."""
    return tuple(tuple(label(word) for word in one.split("/")) for one in path.split("|"))


def find(paths: Sequence[tuple[str, ...]], path: str) -> list[int]:
    """Positions of the header paths that fit a declared one: all its words in order, the last word last.

    A path equal to the declared one goes before longer ones; the first alternative that fits anything counts.

    Examples
    --------
    >>> find([("在校生数", "合计"), ("在校生数", "女")], "在校生数/女")
    [1]
    """
    for words in wanted(path):
        equal = [j for j, have in enumerate(paths) if have == words]
        if equal:
            return equal
        longer = [j for j, have in enumerate(paths) if have and have[-1] == words[-1] and within(words, have)]
        if longer:
            return longer
    return []


def within(words: tuple[str, ...], have: tuple[str, ...]) -> bool:
    """Whether words stand in a path, in their order."""
    rest = iter(have)
    return all(word in rest for word in words)


def column_of(headings: Sequence[Path], path: str) -> list[int]:
    """Positions of the columns that somebody's heading names: as it stands, by its label, or without its unit.

    Parameters
    ----------
    headings : the words above every column, as they stand
    path : what a mapping calls it; ``/`` parts outer and inner headings

    Examples
    --------
    >>> column_of([("县名",), ("小学", "在校生(人)"), ("初中", "在校生(人)")], "初中/在校生")
    [2]
    >>> column_of([("县 名",), ("毕业率(%)",)], "毕业率(%)")
    [1]
    """
    found = _find_columns(headings, path)
    if found or not _HAN.search(path):
        return found
    return _find_columns([in_chinese(have) for have in headings], path)


def _find_columns(headings: Sequence[Path], path: str) -> list[int]:
    target = plain(path)
    exact = [j for j, have in enumerate(headings) if have and plain(" ".join(have)) == target]
    exact = exact or [j for j, have in enumerate(headings) if have and plain(have[-1]) == target]
    if exact:
        return exact
    labels = [tuple(label(word).lower() for word in have) for have in headings]
    bare = [tuple(bare_label(word) for word in have) for have in headings]
    ways = ((labels, lambda w: label(w).lower()), (bare, bare_label))
    for parts, (paths, clean) in ((parts, way) for parts in (path.split("/"), _parts(path)) for way in ways):
        words = tuple(clean(word) for word in parts)
        if equal := [j for j, have in enumerate(paths) if have == words]:
            return equal
        if longer := [
            j for j, have in enumerate(paths) if have and have[-1] == words[-1] and within(words, have)
        ]:
            return longer
    return []


def _parts(path: str) -> list[str]:
    """Outer and inner headings; a stroke before a unit (经费/万元) parts nothing."""
    bare, unit = unit_beside(path)
    return (bare if unit is not None and "/" in path else path).split("/")
