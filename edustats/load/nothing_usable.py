"""Why is there nothing to load? What was looked for, what was found instead, and the nearest name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from edustats.errors import DataError
from edustats.load.ledger import Entry
from edustats.words import Text, say

MOST_SHOWN = 3
MOST_LETTERS = 40
NEAR = 0.5


def describe_nothing_usable(
    source: str, entries: Sequence[Entry], forms: Iterable[str], counties: Iterable[str], refused: Sequence[Text]
) -> DataError:  # fmt: skip
    """The refusal of sources of which no row of any school or county could be used.

    Parameters
    ----------
    source : what the user named
    entries : the account of every file read
    forms : titles of the layouts that were looked for
    counties : names of the counties that a row may belong to
    refused : why files could not be read
    """
    files = {entry.file for entry in entries}
    strange, misnamed = _texts(entries, "no_county", -1), _texts(entries, "misnamed", slice(1, 3))
    if misnamed:
        why = say("load.nothing_misnamed", found=_shown(misnamed))
    elif strange:
        why = say("load.nothing_counties", found=_shown(strange), near=_near(strange, sorted(set(counties))))
    elif refused:
        first = refused[:MOST_SHOWN]
        why = Text("".join(text.zh for text in first), " ".join(text.en for text in first))
    elif any(entry.form not in ("", "refused") for entry in entries):
        why = say("load.nothing_rows", files=_shown([entry.file for entry in entries]))
    else:
        found = [entry.aside[0][2] for entry in entries if entry.aside]
        why = say("load.nothing_form", found=_shown(found), forms=_shown(dict.fromkeys(forms), most=20))
    return DataError("load.nothing_usable", source=source, files=len(files), why=why)


def _texts(entries: Sequence[Entry], reason: str, cells: int | slice) -> list[str]:
    rows = [text.split("\t") for entry in entries for _, own, text in entry.aside if own == reason]
    told = (" ".join(row[cells]) if isinstance(cells, slice) else row[cells] for row in rows)
    return [words for words in dict.fromkeys(one.strip() for one in told) if words]


def _shown(found: Iterable[str], most: int = MOST_SHOWN) -> str:
    texts = [" ".join(text.split())[:MOST_LETTERS] for text in dict.fromkeys(found)]
    return "；".join(texts[:most]) + ("……" if len(texts) > most else "") or "—"


def _near(strange: Sequence[str], counties: Sequence[str]) -> Text:
    for text in strange:
        close = difflib.get_close_matches(text, counties, n=1, cutoff=NEAR)
        if close:
            return say("load.nothing_near", text=text, near=close[0])
    return say("load.nothing_known", counties=_shown(counties, most=20))
