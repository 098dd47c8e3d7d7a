"""Is an assertion true, false, or beyond checking, and what should the writer do?

A claim is consistent when the values that follow from its other numbers meet the values the stated number
may stand
for. It is inconsistent only when they do not meet and the words leave no other reading; where another reading is
possible but unlikely the verdict is please_check, which condemns nothing. The rest is uncheckable.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edustats.briefing.interval import Interval
from edustats.briefing.readings import Reading
from edustats.briefing.text import Cleaned
from edustats.words import Text, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement about numbers, with its verdict; offsets refer to the text as given."""

    start: int
    end: int
    quote: str
    kind: str
    numbers: Mapping[str, object]
    relation: str
    stated: object
    expected: object
    interval: tuple[float, float] | None
    verdict: str
    severity: str
    error: str
    message: Text
    data: dict[str, object] | None = None

    def as_dict(self, lang: str = "zh") -> dict[str, Any]:
        """The record of the output contract, its note in one language."""
        return {
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
            "kind": self.kind,
            "numbers": dict(self.numbers),
            "relation": self.relation,
            "stated": self.stated,
            "expected": self.expected,
            "interval": list(self.interval) if self.interval else None,
            "verdict": self.verdict,
            "severity": self.severity,
            "data": self.data,
            "note": self.message[lang],
        }


def choose(readings: Iterable[Reading]) -> Reading | None:
    """The reading to judge: the first that holds, else the first that is firm, else the first.

    A loose reading may confirm a number; only a firm one may condemn it.
    """
    firm: Reading | None = None
    first: Reading | None = None
    for reading in readings:
        if _choose_verdict(reading) == "consistent":
            if firm is not None and not reading.firm and _is_named(firm):
                return firm
            return reading
        first = first or reading
        firm = firm or (reading if reading.firm else None)
    return firm or first


def _is_named(reading: Reading) -> bool:
    return _name_error(reading) != reading.error or reading.verdict == "inconsistent"


def _choose_verdict(reading: Reading) -> str:
    if reading.verdict:
        return reading.verdict
    if reading.stated is None or reading.expected is None or not _is_finite(reading.expected):
        return "uncheckable"
    if reading.stated.meets(reading.expected):
        telling = _tells_something(reading.stated, reading.expected) or (
            reading.firm and not _only_by_rounding(reading)
        )
        return "consistent" if telling else "uncheckable"
    if reading.firm:
        return "inconsistent"
    return "please_check" if reading.likely else "uncheckable"


def _tells_something(stated: Interval, expected: Interval) -> bool:
    """Is the agreement more than chance? A loose reading that allows almost anything confirms nothing."""
    width, size = expected.hi - expected.lo, max(abs(stated.lo), abs(stated.hi))
    if not (math.isfinite(width) and math.isfinite(size)):
        return False  # 600万亩以上 and 1000万亩以上 add up to almost anything
    return width <= max(6 * (stated.hi - stated.lo), 0.1 * size)


def _only_by_rounding(reading: Reading) -> bool:
    """Do only the roundings allow it? 3亿元 to 3.3亿元 is not a growth of 30 %, though it may be."""
    value = reading.value
    if reading.stated is None or not isinstance(value, float | int) or isinstance(value, bool):
        return False
    size = max(abs(reading.stated.lo), abs(reading.stated.hi))
    outside = max(reading.stated.lo - value, value - reading.stated.hi)
    return math.isfinite(size) and outside > max(0.3 * size, 2.0)


def _is_finite(interval: Interval) -> bool:
    return not (math.isinf(interval.lo) and math.isinf(interval.hi))


def judge(reading: Reading, cleaned: Cleaned) -> Claim:
    """The claim that a reading makes, judged.

    Parameters
    ----------
    reading : one assertion; its offsets are those of the clean text
    cleaned : the clean text and its map

    Returns
    -------
    Claim
    """
    verdict = _choose_verdict(reading)
    error = (
        _name_error(reading)
        if verdict in ("inconsistent", "please_check")
        else reading.error
        if reading.severity == "warning"
        else ""
    )
    start, end = cleaned.span(reading.start, reading.end)
    return Claim(
        start=start,
        end=end,
        quote=cleaned.given[start:end],
        kind=reading.kind,
        numbers=reading.numbers,
        relation=reading.relation,
        stated=reading.printed,
        expected=_round_value(reading.value),
        interval=_interval_ends(reading.expected),
        verdict=verdict,
        severity=_choose_severity(reading, verdict, error),
        error=error,
        message=_word_message(reading, verdict, error),
    )


def _name_error(reading: Reading) -> str:
    """Name of the error: the classic one whose value was printed, else the plain one."""
    if reading.stated is None:
        return reading.error
    return next((name for name, values in reading.rivals if reading.stated.meets(values)), reading.error)


def _choose_severity(reading: Reading, verdict: str, error: str) -> str:
    if reading.severity:
        return reading.severity
    return {"inconsistent": "error", "please_check": "warning"}.get(verdict, "note")


def _word_message(reading: Reading, verdict: str, error: str) -> Text:
    facts = dict(reading.facts)
    facts.setdefault("said", "")
    facts["value"] = _shown_value(reading)
    if (
        "v1" in facts
        and isinstance(reading.value, float | int)
        and error in ("percent_for_points", "points_for_percent")
    ):
        facts |= _wording_values(reading)
    if verdict == "please_check":
        return say("briefing.please_check", what=say(f"briefing.{error}", **facts))
    if error:
        return say(f"briefing.{error}", **facts)
    if reading.severity == "warning" or (
        verdict == "uncheckable" and reading.error not in ("arithmetic", "sum")
    ):
        return say(f"briefing.{reading.error}", **facts)
    if verdict == "uncheckable":
        return say("briefing.unknown")
    return say("briefing.agrees", **facts) if facts["value"] != "" else say("briefing.agrees_plainly")


def _wording_values(reading: Reading) -> dict[str, object]:
    said = reading.printed if isinstance(reading.printed, float | int) else 0.0
    return {
        "verb": say("briefing.word_fall" if said < 0 else "briefing.word_rise"),
        "points": f"{abs(said):g}",
    }


def _shown_value(reading: Reading) -> str | Text:
    """What follows from the other numbers, with its unit."""
    if isinstance(reading.value, dict):
        return ""
    if not isinstance(reading.value, float | int) or isinstance(reading.value, bool):
        return "" if reading.value is None or reading.value is True else str(reading.value)
    number, unit = _number_text(reading.value), _unit_text(reading)
    return say(unit, value=number) if unit else number


def _unit_text(reading: Reading) -> str:
    if reading.error == "growth_as_points" or {"delta_pp", "gap_pp"} & set(reading.numbers):
        return "briefing.unit_points"
    if {"pct", "share_pct"} & set(reading.numbers) or reading.relation.endswith("== 100"):
        return "briefing.unit_percent"
    return "briefing.unit_times" if reading.kind == "growth_multiple" else ""


def _number_text(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return "0"
    digits = 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if not float(value).is_integer() else f"{value:.0f}"


def _round_value(value: object) -> object:
    return round(value, 4) if isinstance(value, float) and math.isfinite(value) else value


def _interval_ends(interval: Interval | None) -> tuple[float, float] | None:
    if interval is None or not (math.isfinite(interval.lo) and math.isfinite(interval.hi)):
        return None
    return round(interval.lo, 6), round(interval.hi, 6)
