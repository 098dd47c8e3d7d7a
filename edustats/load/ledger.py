"""What became of every row? Rows read = rows loaded + rows set aside, file by file, always."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from edustats.errors import DataError
from edustats.words import say

MOST_LINES = 40
FURNITURE = ("title", "heading", "numbering", "subtotal", "note", "cover", "not_asked")
"""Reasons for which a row is rightly set aside: it holds no school."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The account of one file, or of one sheet where it has several."""

    file: str
    digest: str
    read: int
    loaded: int
    aside: tuple[tuple[int, str, str], ...] = ()
    """Every row set aside: its number, the reason, the row's text."""
    sheet: str = ""
    form: str = ""
    unread: tuple[str, ...] = ()
    """Headings that nothing was read from."""

    def __post_init__(self) -> None:
        if self.read != self.loaded + len(self.aside):
            raise DataError(
                "load.unbalanced", file=self.file, read=self.read, loaded=self.loaded, aside=len(self.aside)
            )


def set_aside(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row per row set aside: file, sheet, row, reason, raw (the row's text)."""
    rows = [(e.file, e.sheet, *row) for e in entries for row in e.aside]
    frame = pd.DataFrame(rows, columns=["file", "sheet", "row", "reason", "raw"])
    return frame.astype({"file": "str", "sheet": "str", "row": "int32", "reason": "str", "raw": "str"})


def balance(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row per file and sheet: file, sheet, form, digest, read, loaded, set_aside, unread (headings)."""
    return pd.DataFrame(
        [
            (e.file, e.sheet, e.form, e.digest, e.read, e.loaded, len(e.aside), "\n".join(e.unread))
            for e in entries
        ],
        columns=["file", "sheet", "form", "digest", "read", "loaded", "set_aside", "unread"],
    )


def lines(entries: Sequence[Entry], lang: str) -> list[str]:
    """The ledger as it is printed: a line per file, then a line per reason; many files a line per folder."""
    files = {e.file for e in entries}
    told = {e.file: e.file if len(files) <= MOST_LINES else _folder(e.file) for e in entries}
    printed = []
    for name in dict.fromkeys(told.values()):
        own = [e for e in entries if told[e.file] == name]
        printed += _lines(name, own, lang)
    return (
        printed
        if len(files) <= MOST_LINES
        else [*printed, *_lines(say("load.ledger_all")[lang], entries, lang)]
    )


def _folder(file: str) -> str:
    return "".join(file.partition("/")[:2])


def _lines(name: str, own: Sequence[Entry], lang: str) -> list[str]:
    facts = {"read": sum(e.read for e in own), "loaded": sum(e.loaded for e in own)}
    said = say("load.ledger_line", file=name, aside=facts["read"] - facts["loaded"], **facts)[lang]
    reasons: Counter[str] = Counter()
    for e in own:
        reasons.update(reason for _, reason, _ in e.aside)
    return [said, *(_reason(reason, count, lang) for reason, count in reasons.most_common())]


def _reason(reason: str, count: int, lang: str) -> str:
    return "  " + say("load.ledger_reason", reason=say(f"load.reason_{reason}"), rows=count)[lang]
