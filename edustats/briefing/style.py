"""What would a careful editor change, though the arithmetic stands?

These are notes: 低于…以下, 约…左右, 万元 beside 亿元, 增长-31.36%, a change without a base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from edustats.briefing.mentions import Mention
from edustats.briefing.readings import Reading, span
from edustats.briefing.text import Cleaned

_TWICE_BELOW: Final = re.compile(
    r"(?:低于|少于|小于|不足|不到)[^，。；\n]{0,10}(?:以下|以内|之下)|(?:高于|超过|多于|至少)\d[^，。；\n]{0,8}以上"
)
_TWICE_ABOUT: Final = re.compile(
    r"(?:约|大约|大概|近|将近)[\d.]{1,12}[^，。；\n\d]{0,6}(?:左右|上下|余(?!年|天|个月|日)|多个|以上)"
)


def style_readings(cleaned: Cleaned, found: list[Mention]) -> Iterator[Reading]:
    """Notes on wording, none of them an error of arithmetic."""
    for pattern, error in ((_TWICE_BELOW, "below_below"), (_TWICE_ABOUT, "two_approximations")):
        for match in pattern.finditer(cleaned.text):
            yield _make_note(match.start(), match.end(), error, {"said": match.group()}, "warning")
    yield from _two_units(found)
    yield from _note_negatives(found)


def _make_note(start: int, end: int, error: str, facts: dict[str, object], severity: str) -> Reading:
    return Reading(
        kind="other",
        relation="wording",
        numbers={},
        start=start,
        end=end,
        verdict="uncheckable",
        severity=severity,
        error=error,
        facts=facts,
    )


def _two_units(found: list[Mention]) -> Iterator[Reading]:
    for _, group in groupby(found, key=lambda m: m.sentence):
        money = [m for m in group if m.q.dimension == "money" and m.q.scale in (1e4, 1e8)]
        small, large = ([m for m in money if m.q.scale == scale] for scale in (1e4, 1e8))
        if small and large and abs(small[0].q.start - large[0].q.start) < 300:
            start, end = span(small[0], large[0])
            yield _make_note(start, end, "two_units", {}, "note")


def _note_negatives(found: list[Mention]) -> Iterator[Reading]:
    for m in found:
        if m.role == "change" and m.q.value < 0 and m.sign:
            start, end = span(m)
            better = f"下降{abs(m.q.value):g}{m.q.unit}"
            yield _make_note(
                start, end, "negative_growth", {"said": m.near + m.q.text, "better": better}, "note"
            )
