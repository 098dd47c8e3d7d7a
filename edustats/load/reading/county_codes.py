"""Which county had this code in that year? The national lists of codes from December 1980 to April 2019."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("county_codes.csv")
NEWEST = "2019-04"
"""Month of the newest list: what a code means later is the bureau's to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One code under one name, and how long the lists held it."""

    code: str
    name: str
    first: str
    """Month of the first list that holds it, ``1995-12``."""
    last: str
    """Month of the last one; empty where the newest list still holds it."""
    successor: str
    """Code of the county that took over its name; empty where the lists do not say."""

    def held_about(self, year: int) -> bool:
        """Whether a list of that year, or of the year before or after, holds it."""
        return int(self.first[:4]) - 1 <= year <= (int(self.last[:4]) + 1 if self.last else 9999)


@cache
def _lists() -> dict[str, tuple[Listed, ...]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [Listed(**row) for row in csv.DictReader(file)]
    held: dict[str, tuple[Listed, ...]] = {}
    for row in rows:
        held[row.code] = (*held.get(row.code, ()), row)
    return held


def listed(code: str) -> tuple[Listed, ...]:
    """Every county that has had a code, oldest first.

    Examples
    --------
    >>> [(c.name, c.first, c.last, c.successor) for c in listed("330283")]
    [('奉化市', '1995-12', '2016-10', '330213')]
    >>> listed("990101")
    ()
    """
    return tuple(sorted(_lists().get(code, ()), key=lambda county: county.first))


def every() -> tuple[Listed, ...]:
    """Every code under every name it has had."""
    return tuple(county for counties in _lists().values() for county in counties)


@cache
def _provinces() -> frozenset[str]:
    return frozenset(code[:2] for code in _lists())


def question(code: str, year: int) -> tuple[str, str]:
    """What is odd about a county's code in the return of a year.

    Parameters
    ----------
    code : six digits
    year : in which the school year begins

    Returns
    -------
    (str, str)
        A rule and what the lists say: ``county_code_past`` for a code that was no longer, or not yet, in use,
        ``county_code_unlisted`` for one that no list up to then holds; ("", "") where nothing is odd, where the code is
        of no province (an invented place) or the year is later than the lists.

    Examples
    --------
    >>> question("330283", 2020)
    ('county_code_past', '奉化市 1995-12–2016-10 → 330213 奉化区')
    >>> question("330213", 2020), question("330299", 2023)
    (('', ''), ('', ''))
    >>> question("330299", 2015)
    ('county_code_unlisted', '1980-12–2019-04')
    """
    held = listed(code)
    if code[:2] not in _provinces() or any(county.held_about(year) for county in held):
        return "", ""
    if held:
        return "county_code_past", _told(held)
    return ("county_code_unlisted", f"1980-12–{NEWEST}") if year < int(NEWEST[:4]) else ("", "")


def _told(held: Sequence[Listed]) -> str:
    county = held[-1]
    told = f"{county.name} {county.first}–{county.last}"
    after = listed(county.successor)
    return f"{told} → {county.successor} {after[-1].name}" if after else told


def whose(code: str) -> str:
    """The county that a code belongs, or last belonged, to; empty where no list holds it.

    Examples
    --------
    >>> whose("430204"), whose("430299")
    ('石峰区', '')
    """
    held = listed(code)
    return held[-1].name if held else ""
