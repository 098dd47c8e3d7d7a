"""Which letters of a text from outside may go on? Those that stand where they are read, and are seen.

Control characters break XML and terminals, marks of direction turn a line around so that 21 is read as 12, and halves
of letters cannot be written at all. The first are shown by their pictures, for somebody must find them in the source;
the others are left out.
"""

from __future__ import annotations

import re

_ODD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings that make a spreadsheet run a text."""


def show_controls(text: str) -> str:
    """A text in which every letter can be seen, written and kept in place; breaks of lines stay.

    Examples
    --------
    >>> show_controls("甲\\x1b县\\u202e"), show_controls("1\\n2")
    ('甲␛县', '1\\n2')
    """
    return _ODD.sub(_picture, text) if _ODD.search(text) else text


def _picture(found: re.Match[str]) -> str:
    letter = found[0]
    if letter in _DIRECTION:
        return ""
    if letter == "\x7f":
        return "␡"
    return chr(0x2400 + ord(letter)) if ord(letter) < 0x20 else "�"


def guard_formula(text: str) -> str:
    """A text that a spreadsheet shows and does not run.

    Examples
    --------
    >>> guard_formula("=1+1"), guard_formula("甲县")
    ("'=1+1", '甲县')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
