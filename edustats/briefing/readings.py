"""What does a draft assert about its numbers, and what would make it true?

A reading is one assertion: the numbers it rests on, the value it states, the values that follow from the
others.
It is firm when the words leave no other reading; a loose reading can confirm a statement, never condemn it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One assertion about numbers.

    ``stated`` and ``expected`` are in the unit in which the result is printed. ``rivals`` are the values that
    follow from the classic errors, by the error's name: when one of them fits, the error can be named.
    ``likely``: not certain enough to condemn, but worth a second look.
    """

    kind: str
    relation: str
    numbers: Mapping[str, object]
    start: int
    end: int
    stated: Interval | None = None
    printed: object = None
    expected: Interval | None = None
    value: object = None
    firm: bool = True
    likely: bool = False
    rivals: tuple[tuple[str, Interval], ...] = ()
    error: str = "arithmetic"
    verdict: str = ""
    facts: dict[str, object] = field(default_factory=dict)
    severity: str = ""


def span(*sources: Mention) -> tuple[int, int]:
    """From the clause of the first number to the end of the last."""
    first = min(sources, key=lambda m: m.q.start)
    lead = len(first.near) if len(first.near) <= 40 else 0
    return first.q.start - lead, max(m.q.end for m in sources)
