"""Which area belongs to which, and in which years? The tree that every sum above a county climbs.

A county has the years in which it is one: from the national lists of codes, from the bureau's own register and from
the ``[[events]]`` of a mapping. An area above a county is asked for its members of a year, never for whatever rows a
table happens to hold; so a sum can say how many there ought to be and who is missing, and counts each county once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

ALWAYS = (0, 9999)
NATION = "000000"
MUNICIPALITIES = ("11", "12", "31", "50")
"""Provinces that are cities: between them and their districts stands no area."""
DIRECT = "90"
"""Third and fourth digit of counties directly under a province, such as 429004."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A county and the years, both included, in which it is one of its area's."""

    code: str
    first: int
    last: int
    listed: bool
    """Whether a list or a register holds it; else only the table itself does."""

    def holds(self, year: int) -> bool:
        """Whether the county is to be counted in a year."""
        return self.first <= year <= self.last


@dataclass(frozen=True, kw_only=True)
class Event:
    """A change of areas: those that were, until the year before, and those that are from ``year`` on.

    A code on both sides goes on over other land; one on the left alone ends, one on the right alone begins.
    """

    year: int
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @cached_property
    def ends(self) -> set[str]:
        """Areas that are no more."""
        return set(self.before) - set(self.after)

    @cached_property
    def begins(self) -> set[str]:
        """Areas that were not."""
        return set(self.after) - set(self.before)

    @property
    def changes_land(self) -> set[str]:
        """Areas whose own figures before and after are not of the same land."""
        renamed = len(self.before) == len(self.after) == 1
        return set() if renamed or not self.before else set(self.after)


@dataclass(frozen=True, kw_only=True)
class AreaTree:
    """All areas, what each belongs to, and the years of the counties."""

    levels: Mapping[str, str]
    parents: Mapping[str, str]
    """Direct area above of every area; '' or absent where none is held."""
    counties: tuple[Membership, ...]
    held: Mapping[str, frozenset[int]]
    """Counties of which the table has any row, with the years of those."""
    events: tuple[Event, ...] = ()
    open_areas: frozenset[str] = frozenset()
    """Areas of which nobody knows how many counties they ought to have."""

    def chain(self, code: str) -> tuple[str, ...]:
        """The areas above one, nearest first.

        Examples
        --------
        >>> tree = build_tree(make_areas(["441900"]), {"441900": [2019, 2024]})
        >>> tree.chain("441900")
        ('440000', '000000')
        """
        found: list[str] = []
        at = self.parents.get(code, "")
        while at and at not in found and at != code:
            found.append(at)
            at = self.parents.get(at, "")
        return tuple(found)

    def own(self, area: str) -> tuple[Membership, ...]:
        """The counties that an area has in any year, by code."""
        return self._above.get(area, ())

    @cached_property
    def _events_of(self) -> dict[str, list[Event]]:
        """Every area with the events among its counties."""
        found: dict[str, dict[Event, None]] = {}
        for event in self.events:
            for code in (*event.before, *event.after):
                for area in self.chain(code):
                    found.setdefault(area, {})[event] = None
        return {area: list(events) for area, events in found.items()}

    @cached_property
    def _above(self) -> dict[str, tuple[Membership, ...]]:
        found: dict[str, list[Membership]] = {}
        for county in self.counties:
            for area in self.chain(county.code):
                found.setdefault(area, []).append(county)
        return {area: tuple(own) for area, own in found.items()}

    def members(self, area: str, year: int) -> tuple[str, ...]:
        """Codes of the counties that an area has in a year, ascending; each of them once.

        A county that has a row is always one of them: no row is left out of a sum. Where a table still, or already,
        uses the code of another year, that code stands for the county and the right one is not missing.
        """
        own = self.own(area)
        here = {one.code for one in own if year in self.held.get(one.code, ())}
        asked = {one.code for one in own if one.holds(year)} - here
        for event in self._events_of.get(area, ()):
            for gone, instead in ((event.ends, event.begins), (event.begins, event.ends)):
                if instead and instead <= here:
                    asked -= gone
        return tuple(sorted(here | asked))

    def is_whole(self, area: str, least: float = 0.98) -> bool:
        """Whether the table is about the area at all: it holds nearly all counties that there ought to be.

        A county that fails to report in one year does not change that; forty counties that are in no year do.
        """
        if area in self.open_areas:
            return False
        years = sorted({year for one in self.own(area) for year in self.held.get(one.code, ())})
        return any(self._holds_nearly_all(area, year, least) for year in years)

    def _holds_nearly_all(self, area: str, year: int, least: float) -> bool:
        own = self.members(area, year)
        return sum(code in self.held for code in own) >= least * len(own)

    def blocks(self, area: str) -> list[tuple[str, ...]]:
        """Counties of an area that stand for the same land together: those that an event joins are one block."""
        group = {one.code: one.code for one in self.own(area)}

        def root(code: str) -> str:
            while group[code] != code:
                code = group[code]
            return code

        for event in self._events_of.get(area, ()):
            joined = [code for code in (*event.before, *event.after) if code in group]
            for code in joined[1:]:
                group[root(code)] = root(joined[0])
        found: dict[str, list[str]] = {}
        for code in group:
            found.setdefault(root(code), []).append(code)
        return [tuple(own) for own in found.values()]

    def to_frame(self) -> pd.DataFrame:
        """One row per county and span of years: code, parent, first, last, listed (by a list or register), held."""
        rows = [
            (c.code, self.parents[c.code], c.first, c.last, c.listed, c.code in self.held)
            for c in self.counties
        ]
        return pd.DataFrame(rows, columns=["code", "parent", "first", "last", "listed", "held"])


def parent_of(code: str) -> str:
    """Code of the area that a code of GB/T 2260 belongs to directly; '' for the nation.

    Examples
    --------
    >>> parent_of("430204"), parent_of("430200"), parent_of("430000")
    ('430200', '430000', '000000')
    >>> parent_of("441900"), parent_of("429004"), parent_of("110101")
    ('440000', '420000', '110000')
    """
    if code == NATION:
        return ""
    if code.endswith("0000"):
        return NATION
    direct = code.endswith("00") or code[2:4] == DIRECT or code[:2] in MUNICIPALITIES
    return f"{code[:2]}0000" if direct else f"{code[:4]}00"


def level_of(code: str) -> str:
    """Level of an area above the counties, by its code of GB/T 2260."""
    if code == NATION:
        return "nation"
    return "province" if code.endswith("0000") else "prefecture"


def make_areas(counties: Iterable[str], names: Mapping[str, tuple[str, str]] | None = None) -> pd.DataFrame:
    """One row per county and per area above it, by the codes of GB/T 2260.

    Parameters
    ----------
    counties : codes; a city without counties (441900) is its own county
    names : code → Chinese and English name; a code without one is its own name

    Returns
    -------
    DataFrame
        code, level, parent, zh, en; counties first, then prefectures, provinces and the nation.
    """
    own, known = sorted(set(counties)), {NATION: ("全国", "China"), **(names or {})}
    above: dict[str, list[str]] = {"prefecture": [], "province": [], "nation": []}
    for code in own:
        at = parent_of(code)
        while at:
            above[level_of(at)].append(at)
            at = parent_of(at)
    rows = [(code, "county") for code in own]
    rows += [(code, level) for level, codes in above.items() for code in sorted(set(codes) - set(own))]
    table = [(code, level, parent_of(code), *known.get(code, (code, code))) for code, level in rows]
    return pd.DataFrame(table, columns=["code", "level", "parent", "zh", "en"])


def read_events(raw: Sequence[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Events as a mapping or a returns page writes them: ``year``, ``from``, ``to``.

    Examples
    --------
    >>> read_events([{"year": 2022, "from": ["330204"], "to": ["330203"]}])[0].ends
    {'330204'}
    """

    def codes(given: str | Iterable[str]) -> tuple[str, ...]:
        return (given,) if isinstance(given, str) else tuple(map(str, given))

    return tuple(
        Event(year=int(e["year"]), before=codes(e.get("from", ())), after=codes(e.get("to", ()))) for e in raw
    )


def build_tree(
    areas: pd.DataFrame,
    held: Mapping[str, Iterable[int]],
    *,
    listed: Mapping[str, Sequence[tuple[int, int]]] | None = None,
    register: Iterable[str] = (),
    events: Sequence[Event] = (),
    recoded: Iterable[str] = (),
) -> AreaTree:
    """Join what is known of the areas into one tree.

    Parameters
    ----------
    areas : code, level, parent of the table's counties and of the areas above them
    held : the years in which the table has rows of each county
    listed : spans of years in which the national lists hold a county, where they speak of the table's areas
    register : counties that the bureau itself names as its own; then the lists are not asked
    events : changes of areas, those of the mapping and those of the nation
    recoded : codes whose rows the mapping moved to another code: no counties of their own

    Notes
    -----
    A county of the register, or one of a place that no list speaks of, is expected in every year of the table unless
    an event says when it begins or ends. One that the lists do not hold although they speak of its province (a
    development zone) is expected from its first year on.
    """
    years = {code: frozenset(map(int, own)) for code, own in held.items()}
    first, last = (
        min((min(own) for own in years.values()), default=0),
        max((max(own) for own in years.values()), default=0),
    )
    levels, parents = (dict(zip(areas["code"], areas[name], strict=True)) for name in ("level", "parent"))
    gone, asked = set(recoded), set(register)
    lists = {} if asked else {code: own for code, own in (listed or {}).items() if code not in gone}
    spoken_of = {code[:2] for code in lists}
    spans: dict[str, Sequence[tuple[int, int]]] = {code: [(first, last)] for code in asked - gone}
    invented = not any(code[:2] in spoken_of for code in years)  # an example, or a country of its own
    for code, seen in years.items():
        spans.setdefault(code, [(first if invented else min(seen), last)])
    for code, own in lists.items():
        spans[code] = own
    roots = set(areas.loc[areas["level"] == "county", "parent"])
    only = roots.pop() if len(roots) == 1 else ""
    for code in [code for code in spans if code not in parents]:
        levels[code], parents[code] = "county", _nearest(code, levels) or only
    begin = {code: event.year for event in sorted(events, key=lambda one: one.year) for code in event.begins}
    end = {code: event.year - 1 for event in sorted(events, key=lambda one: -one.year) for code in event.ends}
    members = [
        Membership(code=code, first=since, last=until, listed=code in asked or code in lists)
        for code, own in spans.items()
        for since, until in _cut(own, begin.get(code, ALWAYS[0]), end.get(code, ALWAYS[1]))
    ]
    opened = {
        code
        for code, level in levels.items()
        if level == "province" and spoken_of and code[:2] not in spoken_of
    }
    return AreaTree(
        levels=levels, parents=parents, counties=tuple(sorted(members, key=lambda one: (one.code, one.first))),
        held=years, events=tuple(events), open_areas=frozenset(opened),
    )  # fmt: skip


def _cut(spans: Sequence[tuple[int, int]], begin: int, end: int) -> list[tuple[int, int]]:
    """Spans cut to the years in which events let the county be; one without a year where none is left."""
    cut = [(max(first, begin), min(last, end)) for first, last in spans]
    return [(first, last) for first, last in cut if first <= last] or [(1, 0)]


def _nearest(code: str, levels: Mapping[str, str]) -> str:
    """The nearest area above a county that only a list or a register holds; '' where the table has none."""
    at = parent_of(code)
    while at and at not in levels:
        at = parent_of(at)
    return at
