"""Which rows are totals? Their words say so, their codes, or that they are what all the others add up to."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from edustats.load.files.values import plain

Floats = npt.NDArray[np.float64]
WORDS = re.compile(
    r"(?:本页|以上|全部|全体|各[县区市校]{0,3}|全[市县区省国州盟校镇乡]|[县区市校]{1,2}|总|分|公办|民办|其他)*(?:合计|总计|小计|共计|总数|总和)"
    r"|合\s*计|总\s*计|小\s*计|全[市县区省国州盟]|各?县(?:[(（]市(?:[、,，]?区)?[)）]|市|域)"
    r"|平均|均值|平均[值数]|最[大小高低]值?|中位[数值]|标准差|极差|方差|差异系数|变异系数"
    r"|(?:grand|sub|overall|district|county|city|state|national|all)?[\s-]*totals?|all(?: (?:areas|districts|counties|"
    r"schools|authorities|states|england|pupils))?|sum|overall|average|mean|maximum|minimum|median|max|min"
    r"|(?:standard|std\.?)\s*(?:deviation|dev\.?)",
    re.IGNORECASE,
)
_ENDING = re.compile(r"(?:合计|总计|小计|共计|汇总|累计)(?:\(\d+[所个校]?\))?$")
_STATISTIC = re.compile(
    r"平均|均值|平均[值数]|最[大小高低]值?|中位[数值]|标准差|极差|方差|差异系数|变异系数|average|mean|maximum|minimum|median|max|min"
    r"|(?:standard|std\.?)\s*(?:deviation|dev\.?)",
    re.IGNORECASE,
)
_MAY_BE = re.compile("[计数和均全最差位]|^各?县|[A-Za-zＡ-Ｚａ-ｚ]")
"""Letters of which every total's word has one; nearly no school's name is looked at twice."""
_MAY_END = re.compile("[计总]")
TOLERANCE = 0.5
LARGEST = 1e14
"""Whole numbers of ten-thousandths are exact up to here; a column with larger ones tells nothing."""
LARGE, SMALL = 100.0, 30.0
"""A lone column's sum below the first may be chance; where the row stands first or last, below the second."""
LEAST_DIGITS = 3.0
"""Digits that a sum of neighbouring rows must have beyond those that its many possible runs match by chance."""


def is_total_word(text: str) -> bool:
    """Whether a name is that of a total.

    Examples
    --------
    >>> [is_total_word(t) for t in ("合 计", "全市", "全部合计", "Total", "市本级", "合川区")]
    [True, True, True, True, False, False]
    """
    if not _MAY_BE.search(text):
        return False
    bare = re.sub(r"[\s:：]+", " ", plain(text)).strip()
    return bool(bare) and (WORDS.fullmatch(bare) or WORDS.fullmatch(bare.replace(" ", ""))) is not None


def is_statistic(text: str) -> bool:
    """Whether a row's name is that of a mean, a largest value or the like: no row of an area, and no sum of any.

    Examples
    --------
    >>> is_statistic("平 均"), is_statistic("Max"), is_statistic("合计")
    (True, True, False)
    """
    return _STATISTIC.fullmatch(re.sub(r"\s+", "", plain(text))) is not None


def is_total_name(text: str) -> bool:
    """Whether a name of an area or a school is that of a total: a total's word, or one at the end of a place's name.

    Examples
    --------
    >>> [is_total_name(t) for t in ("汀阳区小计", "城区小学合计", "合计路小学", "Total")]
    [True, True, False, True]
    """
    if not _MAY_END.search(text):
        return is_total_word(text)
    return is_total_word(text) or _ENDING.search(re.sub(r"\s+", "", plain(text))) is not None


def is_total_code(code: str) -> bool:
    """Whether a code stands for all areas: noughts, or three nines and more.

    Examples
    --------
    >>> [is_total_code(c) for c in ("00000000", "999", "99", "990101")]
    [True, True, False, False]
    """
    bare = plain(code)
    return bool(re.fullmatch(r"0{2,}|9{3,}", bare, re.ASCII))


def sums_of_the_others(values: Floats) -> list[int]:
    """Rows that are, in every column, what all other rows add up to; none where that could be chance.

    Parameters
    ----------
    values : (rows, columns) counts of one year, nan where missing; rates are no business of sums

    Examples
    --------
    >>> table = np.array([[9100., 310], [2300, 95], [4000, 120], [15400, 525]])
    >>> sums_of_the_others(table), sums_of_the_others(table[:3])
    ([3], [])
    """
    rows, _ = values.shape
    whole = np.isfinite(values).all(axis=0) & (np.nansum(np.abs(values), axis=0) > 0)
    held = values[:, whole]
    if rows < 3 or held.shape[1] < 1:
        return []
    close = np.abs(2 * held - held.sum(axis=0)) <= np.maximum(TOLERANCE, 1e-9 * np.abs(held))
    found = np.flatnonzero(close.all(axis=1))
    if len(found) != 1 or held[found[0]].min() <= 0:
        return []
    others = np.delete(held, found[0], axis=0)
    placed = found[0] in (0, rows - 1)
    return [int(found[0])] if _says_something(others, placed=bool(placed)) else []


def _says_something(others: Floats, *, placed: bool) -> bool:
    """Whether the sums are more than chance: columns that are not all multiples of one, or counts of some size.

    Where the row stands as totals do (``placed``), smaller counts are enough; not round ones: 10, 20, 30 and 60.
    """
    if others.shape[1] > 1:
        return len(others) > 3 or bool(np.linalg.matrix_rank(others / others.max(axis=0)) > 1)
    enough = others.sum() >= LARGE or (placed and _without_noughts(others).sum() >= SMALL)
    return len(others) > 2 and bool(enough) and len(np.unique(others)) > 1


def sums_of_runs(values: Floats) -> dict[int, tuple[int, int]]:
    """Rows that are, in every column, what the rows right below or right above them add up to, with the run's ends.

    A city proper stands over its districts, a subtotal under its counties, and nothing calls either so. One is found
    only where the figures have more digits than chance could match: round ones have few.

    Parameters
    ----------
    values : (rows, columns) counts of one year, nan where missing

    Examples
    --------
    >>> table = np.array([[90217., 4310], [40111, 2003], [50106, 2307], [60020, 3111], [26007, 1300]])
    >>> sums_of_runs(table), sums_of_runs(np.array([[3000.], [1000], [2000], [700]]))
    ({0: (1, 2)}, {})
    """
    whole = np.isfinite(values).all(axis=0) & (np.nansum(values, axis=0) > 0) & ~(values < 0).any(axis=0)
    held = np.unique(_without_noughts(values[:, whole]), axis=1)
    rows, columns = held.shape
    if rows < 4 or not columns:
        return {}
    least, found = LEAST_DIGITS + 2 * np.log10(rows), {}
    sums = np.vstack([np.zeros(columns), held.cumsum(axis=0)])
    enough = (held > 0).all(axis=1) & (np.log10(np.maximum(held, 1)).sum(axis=1) >= least)
    for row in np.flatnonzero(enough):
        # sums only grow: where the run must end, or begin, is looked up in one column and held against the others
        last = int(np.searchsorted(sums[:, 0], sums[row + 1, 0] + held[row, 0] - 0.5))
        first = int(np.searchsorted(sums[:, 0], sums[row, 0] - held[row, 0] + 0.5)) - 1
        for start, end in ((row + 1, last - 1), (first, row - 1)):
            if 0 <= start < end < rows and np.abs(sums[end + 1] - sums[start] - held[row]).max() < 0.5:
                found[int(row)] = int(start), int(end)
                break
    return found


def _without_noughts(held: Floats) -> Floats:
    """Whole numbers, each column divided by what all of it are multiples of; decimals are kept to the fourth."""
    whole = np.round(held * np.where(np.abs(held).max(axis=0, initial=0.0) < LARGEST, 1e4, 0.0))
    return whole / np.array([np.gcd.reduce(column.astype(np.int64)) or 1 for column in whole.T])
