"""Which figures of a sentence are which of its numbers? So that a click on one can show where it comes from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from edustats.catalogue import catalogue
from edustats.present.finding import Number
from edustats.present.sentences import HUNDRED_MILLION, TEN_THOUSAND, rounded

PRINTED = re.compile(r"(?<![\d.,A-Za-z])\d[\d,]*(?:\.\d+)?(?P<size>[万亿])?(?![\d年])")
SIZES = {"万": TEN_THOUSAND, "亿": HUNDRED_MILLION}


def anchors(sentence: str, numbers: Sequence[Number]) -> Iterator[tuple[int, int, int]]:
    """Start and end of each figure that prints one of the numbers, and the place of that number.

    A figure prints a number that rounds to it; where several do, the first that has not been printed yet.

    Examples
    --------
    >>> from edustats.present.finding import Provenance
    >>> from edustats.words import NOTHING, Text
    >>> source = Provenance(files=(), filter="", formula="", clause=NOTHING, version="")
    >>> half = Number(label=NOTHING, value=0.5, unit="share", decimals=1, source=source)
    >>> list(anchors("2024年为50.0%。", [half]))
    [(6, 10, 0)]
    """
    told: set[int] = set()
    for figure in PRINTED.finditer(sentence):
        fitting = [k for k, number in enumerate(numbers) if _prints(figure, number)]
        if fitting:
            chosen = next((k for k in fitting if k not in told), fitting[0])
            told.add(chosen)
            yield figure.start(), figure.end(), chosen


def _prints(figure: re.Match[str], number: Number) -> bool:
    unit = catalogue().units.get(number.unit)
    digits = figure[0].rstrip("万亿").replace(",", "")
    value = abs(number.value) * (unit.times if unit else 1) / SIZES.get(figure["size"] or "", 1)
    if not math.isfinite(value):
        return False
    decimals = len(digits.partition(".")[2])
    return rounded(value, decimals) == Decimal(digits)
