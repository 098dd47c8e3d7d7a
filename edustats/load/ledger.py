"""What became of every row? Rows read = rows loaded + rows set aside, file by file, always."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from edustats.errors import DataError
from edustats.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The account of one file."""

    file: str
    digest: str
    read: int
    loaded: int
    set_aside: pd.DataFrame
    """One row per row set aside: file, row, reason, raw (the row's text)."""

    def __post_init__(self) -> None:
        if self.read != self.loaded + len(self.set_aside):
            raise DataError(
                "load.unbalanced",
                file=self.file,
                read=self.read,
                loaded=self.loaded,
                aside=len(self.set_aside),
            )


def balance(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row per file: file, digest, read, loaded, set_aside."""
    return pd.DataFrame(
        [(e.file, e.digest, e.read, e.loaded, len(e.set_aside)) for e in entries],
        columns=["file", "digest", "read", "loaded", "set_aside"],
    )


def lines(entries: Sequence[Entry], lang: str) -> list[str]:
    """The ledger as it is printed: a line per file, then a line per reason."""
    printed = []
    for e in entries:
        facts = {"file": e.file, "read": e.read, "loaded": e.loaded, "aside": len(e.set_aside)}
        printed.append(say("load.ledger_line", **facts)[lang])
        for reason, count in e.set_aside["reason"].value_counts().items():
            printed.append(
                "  " + say("load.ledger_reason", reason=say(f"load.reason_{reason}"), rows=count)[lang]
            )
    return printed
