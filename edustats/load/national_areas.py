"""Which counties were there in which years? The national lists of codes, and what changed after the newest of them."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from edustats.areas import ALWAYS, Event, read_events
from edustats.load.reading.county_codes import FILE

CHANGES = Path(__file__).with_name("county_changes.toml")
APART = 2
"""Years between two lists at most: a code that is missing no longer than that was there all the time."""


@cache
def _changes() -> dict[str, Any]:
    return tomllib.loads(CHANGES.read_text("utf-8"))


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def list_spans() -> dict[str, tuple[tuple[int, int], ...]]:
    """Whole calendar years in which a code was a county's, all names taken together.

    A year in which it began or ended is left out: both the old and the new code are right in it.

    Examples
    --------
    >>> list_spans()["330283"], list_spans()["330213"][0][0], list_spans()["441900"]
    (((1996, 2015),), 2017, ((1988, 9999),))
    """
    held: dict[str, list[tuple[str, str]]] = {}
    for row in _rows():
        held.setdefault(row["code"], []).append((row["first"], row["last"] or "9999-12"))
    spans = {code: _whole_years(own) for code, own in held.items() if code not in _changes()["not_asked"]}
    return spans | {code: (tuple(years),) for code, years in _changes()["cities"].items()}


def _whole_years(months: list[tuple[str, str]]) -> tuple[tuple[int, int], ...]:
    joined: list[list[str]] = []
    for first, last in sorted(months):
        if joined and int(first[:4]) - int(joined[-1][1][:4]) <= APART:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    years = [(int(a[:4]) + (a[5:] > "01"), int(b[:4]) - (b[5:] < "12")) for a, b in joined]
    return tuple((first, min(last, ALWAYS[1])) for first, last in years if first <= last)


@cache
def list_events() -> tuple[Event, ...]:
    """Counties that took over another's name under a new code, and the changes after the newest list."""
    open_codes = {row["code"] for row in _rows() if not row["last"]}
    renamed = [
        {"year": int(row["last"][:4]) + 1, "from": row["code"], "to": row["successor"]}
        for row in _rows()
        if row["successor"] and row["code"] not in open_codes
    ]
    return read_events([*renamed, *_changes()["events"]])
