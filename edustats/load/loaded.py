"""What comes out of loading, and what does a mapping say? The records, without the reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from edustats.catalogue import Catalogue
from edustats.load.ledger import Entry
from edustats.schema import SOURCES
from edustats.words import NOTHING, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Tidy rows and everything that was learnt on the way.

    ``tidy`` has one row per unit and year: county, unit, year, file, row, a column per group and one
    float column per catalogue column; ``kinds`` has the same rows and the kind of each of those values.
    ``registers`` holds lists of things that are no schools (programmes, projects, targets), as text.
    """

    mapping: TableMapping
    tidy: pd.DataFrame
    kinds: pd.DataFrame
    areas: pd.DataFrame
    ledger: tuple[Entry, ...]
    findings: pd.DataFrame
    registers: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    sources: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SOURCES)))
    """Every cell a figure was read from, one row each; several where cells were added up."""
    named: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["code", "year", "name"]))
    """What tables called each area in each year."""
    former: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["code", "year", "zh", "en"]))
    """Counties with the years in which they were called otherwise."""
    declared: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["area", "year", "column", "value"])
    )
    """Totals of areas above the counties, as the table itself gives them."""


INF = float("inf")
SCHOOL = Text("学校", "school")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of a mapping, or several (``*.xlsx``); ``rename``: its own heading → the heading the mapping uses.

    With ``database`` (an address such as ``sqlite:///returns.db``) ``file`` is a table of it, or a SELECT.
    ``sheets`` is empty where every sheet that has the headings is read; ``where`` keeps the rows with these words;
    ``columns`` are those of the catalogue that this table holds, where it does not hold all; ``title`` is a part of
    the words right over its headings, where tables under the same headings hold others.
    """

    file: str
    package: str = ""
    sheets: tuple[str, ...] = ()
    database: str = ""
    rename: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year: int = 0
    columns: tuple[str, ...] = ()
    title: str = ""

    def holds(self, column: str) -> bool:
        """Whether a column of the catalogue stands in this table."""
        return not self.columns or column in self.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRule:
    """Where the codes and names stand. ``scheme`` gbt2260: 4302.. belongs to 430200, 43.. to 430000; empty where the
    mapping does not say: then names that are all on the national lists say it.

    ``place`` is sheet or file where a table per county names it there, ``value`` the area where it is named nowhere,
    ``city`` the column of the cities that the counties named belong to. ``totals`` are codes and names of rows that
    are sums, ``own`` of rows that only look like it.
    """

    code: str = ""
    width: int = 0
    divide: int = 1
    unit: str = ""
    unit_width: int = 0
    unit_name: Text = SCHOOL
    name: str = ""
    names: str = ""
    scheme: str = ""
    parent: Mapping[str, str] = field(default_factory=dict)
    recode: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    value: str = ""
    city: str = ""
    within: str = ""
    totals: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRule:
    """Where the year stands: in a column, always the same, or on the sheet, in the title, in the file's name.

    ``label`` says which year of 2020-21 the store files a row under.
    """

    column: str = ""
    value: int = 0
    place: str = ""
    label: Literal["first", "second"] = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How one catalogue column is filled from source columns."""

    column: str
    sources: tuple[str, ...]
    unit: str
    scale: float
    of: str
    divides: str
    range: tuple[float, float]
    declared: bool
    """Whether the range is the mapping's own, and confirms what would look odd."""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A split of the units in two.

    ``high`` holds the units whose indicator ``by`` is at or above that year's median or, where ``codes``
    is given instead, those whose code the pattern matches whole.
    """

    key: str
    name: Text
    high: Text
    low: Text
    by: str = ""
    codes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """A mapping file, read and checked."""

    path: Path
    title: Text
    cite: Text
    lang: str
    folder: Path
    tables: tuple[SourceFile, ...]
    area: AreaRule
    year: YearRule
    missing: Mapping[str, str]
    fillings: tuple[Filling, ...]
    groups: tuple[Group, ...]
    breaks: tuple[Mapping[str, Any], ...]
    watch: tuple[str, ...]
    source: Text = NOTHING
    """Whose figures they are, in a few words; empty: as they are cited."""
    own: Catalogue | None = None
    """The catalogue with the columns of the mapping's own page; None where it names no page."""
    events: tuple[Mapping[str, Any], ...] = ()
    """Counties that begin, end, merge or split: ``year``, ``from``, ``to``."""
    register: Mapping[str, str] = field(default_factory=dict)
    """Counties that the bureau names as its own, code and name; empty where only the table knows."""
    decimal: str = ""
    """The decimal mark of numbers saved as text, where the mapping says it."""
    thousands: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Where a list of schools says what each is: attribute to heading."""
