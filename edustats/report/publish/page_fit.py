"""Do the judgements and the figures beside them stand on page one? Which letters, and how many figures?

Word lays a page out and this does not: it counts letters and lines, and leaves two lines free for what it cannot know.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edustats.report.publish.word_page import TEXT_WIDTH_MM

PAGE_PT = 225 / 25.4 * 72
"""Height of the text of an official page."""
HEAD_PT = 88.0
"""Classification, title, number and date above the first judgement."""
SPARE_PT = 30.0
CAPTION_PT, ROW_PT = 16.0, {"zh": 15.0, "en": 14.0}
"""Points of a caption and of a row, whose letters are five points less; within a cell are two margins."""
MARGINS_MM = 3.8
FEWEST_CARDS = 5
LETTERS = {"zh": ((11.5, 16.5), (11.0, 15.5), (10.5, 14.5)), "en": ((10.0, 13.5), (9.5, 12.5))}
"""Points of a judgement's letters and of its line, the most pleasant first."""
WIDE, NARROW, SEAM = 1.0, 0.52, 0.25
"""Ems of a Chinese letter, of another, and of the gap that a word processor leaves between the two."""


@dataclass(frozen=True, slots=True)
class PageOne:
    """Letters of the judgements, points of their line, and figures in the table below."""

    size: float
    line: float
    cards: int


def count_lines(text: str, size: float, width_mm: float = TEXT_WIDTH_MM) -> int:
    """Lines that a paragraph takes.

    Examples
    --------
    >>> count_lines("学" * 38, 11.5), count_lines("学" * 39, 11.5)
    (1, 2)
    """
    ems = sum(WIDE if char > "\u2e7f" else NARROW for char in text)
    ems += SEAM * sum((a > "\u2e7f") != (b > "\u2e7f") for a, b in pairwise(text))
    return max(1, math.ceil(ems * size / (width_mm / 25.4 * 72)))


def fit_page_one(judgements: Sequence[str], rows: Sequence[str], lang: str, name_mm: float) -> PageOne:
    """The largest letters with which all stands on one page; figures are left out before letters become small.

    ``rows`` are the first cells of the table, ``name_mm`` is their column's width.
    """

    room = name_mm - MARGINS_MM

    def height(size: float, line: float, cards: int) -> float:
        told = sum(count_lines(text, size) * line + 2 for text in judgements)
        table = sum(ROW_PT[lang] * count_lines(text, ROW_PT[lang] - 5, room) for text in ("", *rows[:cards]))
        return HEAD_PT + told + (CAPTION_PT + table if rows else 0.0)

    fewest = min(FEWEST_CARDS, len(rows))
    tried = [
        PageOne(size, line, cards)
        for size, line in LETTERS[lang]
        for cards in range(len(rows), fewest - 1, -1)
    ]
    fitting = (one for one in tried if height(one.size, one.line, one.cards) <= PAGE_PT - SPARE_PT)
    return next(fitting, PageOne(*LETTERS[lang][0], len(rows)))
