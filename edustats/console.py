"""In which letters does a terminal, a pipe or a file take what is printed?

A Windows console takes every letter. What is piped or written to a file goes in the system's code page: that of
a Western Windows has no Chinese, so UTF-8 is written there; that of a Chinese one (cp936) lacks a few signs,
which are spelled with those it has: a minus that became a question mark would be a wrong number.
"""

from __future__ import annotations

import codecs
import io
import re
import shutil
import signal
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

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


def fold_line(text: str, indent: int) -> str:
    """A line of two columns as wide as the terminal, the rest under the second column; for programs as it is.

    Parameters
    ----------
    indent : where the second column begins
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    return fold_to_width(text, width, indent)


def fold_to_width(text: str, width: int, indent: int) -> str:
    """A text in lines of so many columns, of which a Chinese sign takes two; words of letters stay whole.

    Examples
    --------
    >>> fold_to_width("key  小学生师比", 11, 5)
    'key  小学生\\n     师比'
    """
    lines, used = [""], 0
    for part in re.findall(r"[!-~]+ *|\s+|.", text):
        need = _measure_columns(part.rstrip())
        if used + need > width > indent:
            lines, used = [*lines, " " * indent], indent
            part = part.lstrip()
        lines[-1] += part
        used += _measure_columns(part)
    return "\n".join(line.rstrip() for line in lines)


def _measure_columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


STOPS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


class StoppedError(BaseException):
    """Somebody asked the command to stop; ``number`` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def hear_signals() -> Iterator[None]:
    """Leave the block in good order when somebody asks to stop; who asks again does not cut that short.

    Raises
    ------
    StoppedError
        A signal that asks to stop came.
    """

    def stop(number: int, _: object) -> None:
        for each in STOPS:
            signal.signal(each, signal.SIG_IGN)
        raise StoppedError(number)

    before = {number: signal.signal(number, stop) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
