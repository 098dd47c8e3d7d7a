"""In which letters does a terminal, a pipe or a file take what is printed?

A Windows console takes every letter. What is piped or written to a file goes in the system's code page: that of
a Western Windows has no Chinese, so UTF-8 is written there; that of a Chinese one (cp936) lacks a few signs,
which are spelled with those it has: a minus that became a question mark would be a wrong number.
"""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata

PROBE = "县学数报"
"""Simplified letters that only the code pages of mainland China and Unicode have."""
SPELLED = {"◐": "○", "−": "-", "–": "-", "∼": "~", "‱": "/10000", "‘": "'", "’": "'", "“": '"', "”": '"'}
HANDLER = "edustats.spelled"


def spell(error: UnicodeError) -> tuple[str, int]:
    """An error handler: what cannot be written, with the letters that can; never a question mark.

    Examples
    --------
    >>> "−2.5 m²".encode("gbk", HANDLER).decode("gbk")
    '-2.5 m2'
    """
    if not isinstance(error, UnicodeEncodeError):
        raise error
    said = "".join(_spelled(char, error.encoding) for char in error.object[error.start : error.end])
    return said, error.end


def _spelled(char: str, encoding: str) -> str:
    for way in (SPELLED.get(char, ""), unicodedata.normalize("NFKD", char)):
        try:
            way.encode(encoding)
        except UnicodeEncodeError:
            continue
        if way:
            return way
    return char.encode("ascii", "backslashreplace").decode()


codecs.register_error(HANDLER, spell)


def prepare_streams() -> None:
    """Make standard output and errors write what we say, whatever the code page."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if _knows_chinese(stream.encoding) else "utf-8", errors=HANDLER)


def _knows_chinese(encoding: str) -> bool:
    try:
        PROBE.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def speak_to_programs() -> None:
    """Write UTF-8 from now on: what other programs read must not depend on this machine's code page."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors=HANDLER)
