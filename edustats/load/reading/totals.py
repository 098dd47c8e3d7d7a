"""Which rows are totals? Their words say so, their codes, or that they are what all the others add up to."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from edustats.load.files.values import plain

Floats = npt.NDArray[np.float64]
WORDS = re.compile(
    r"(?:本页|以上|全部|全体|各[县区市校]{0,3}|全[市县区省国州盟校镇乡]|[县区市校]{1,2}|总|分|公办|民办|其他)*(?:合计|总计|小计|共计|总数|总和)"
    r"|合\s*计|总\s*计|小\s*计|全[市县区省国州盟]|平均|均值|平均值"
    r"|(?:grand|sub|overall|district|county|city|state|national|all)?[\s-]*totals?|all(?: (?:areas|districts|counties|"
    r"schools|authorities|states|england|pupils))?|sum|overall|average|mean",
    re.IGNORECASE,
)
_ENDING = re.compile(r"(?:合计|总计|小计|共计|汇总|累计)(?:\(\d+[所个校]?\))?$")
_MAY_BE = re.compile("[计数和均全]|[A-Za-zＡ-Ｚａ-ｚ]")
"""Letters of which every total's word has one; nearly no school's name is looked at twice."""
_MAY_END = re.compile("[计总]")
TOLERANCE = 0.5
LARGE = 100.0
"""A lone column's sum below this may be chance."""


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
    return [int(found[0])] if _says_something(others) else []


def _says_something(others: Floats) -> bool:
    """Whether the sums are more than chance: columns that are not all multiples of one, or several large counts."""
    if others.shape[1] > 1:
        return len(others) > 3 or bool(np.linalg.matrix_rank(others / others.max(axis=0)) > 1)
    return len(others) > 2 and others.sum() >= LARGE and len(np.unique(others)) > 1
