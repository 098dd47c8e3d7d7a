"""What comes out of loading, and what does a mapping say? The records, without the reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from edustats.load.ledger import Entry
from edustats.words import Text


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


INF = float("inf")
SCHOOL = Text("学校", "school")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of a mapping; ``rename`` maps a heading of this file to the heading the mapping uses.

    With ``database`` (an address such as ``sqlite:///returns.db``) ``file`` is a table of it, or a SELECT.
    """

    file: str
    package: str = ""
    sheet: str = ""
    database: str = ""
    rename: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRule:
    """Where the codes and names stand. ``scheme`` gbt2260: 4302.. belongs to 430200, 43.. to 430000."""

    code: str
    width: int = 0
    divide: int = 1
    unit: str = ""
    unit_width: int = 0
    unit_name: Text = SCHOOL
    name: str = ""
    names: str = ""
    scheme: str = "flat"
    parent: Mapping[str, str] = field(default_factory=dict)
    recode: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """How one catalogue column is filled from source columns."""

    column: str
    sources: tuple[str, ...]
    unit: str
    scale: float
    of: str = ""
    divides: str = ""
    range: tuple[float, float] = (-INF, INF)


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
    year: str
    missing: Mapping[str, str]
    fillings: tuple[Filling, ...]
    groups: tuple[Group, ...]
    breaks: tuple[Mapping[str, Any], ...]
    watch: tuple[str, ...]
    events: tuple[Mapping[str, Any], ...] = ()
    """Counties that begin, end, merge or split: ``year``, ``from``, ``to``."""
    register: Mapping[str, str] = field(default_factory=dict)
    """Counties that the bureau names as its own, code and name; empty where only the table knows."""
