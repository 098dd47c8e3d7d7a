"""What is taken from a sheet before it is known whose it is? Blocks of figures with their cells, and an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from edustats.load.files import values as clean
from edustats.load.returns.forms import Figure
from edustats.typing import Floats, KindCodes

Ints = npt.NDArray[np.int32]
CATEGORIES = ("11", "21", "22", *map(str, range(31, 38)), "41", "42", "51", "91", "92", "93")
NOT_APPLICABLE = clean.KINDS.index("not_applicable")


@dataclass(slots=True, kw_only=True)
class Filled:
    """One column of a block: its values, their kinds, and the cells they were read from."""

    values: Floats
    kinds: KindCodes
    rows: Ints
    letter: str
    words: str
    raw: dict[int, str] = field(default_factory=dict)
    scale: float = 1.0


@dataclass(slots=True, kw_only=True)
class Block:
    """The figures of some units in one year, from one sheet."""

    form: str
    kind: str
    file: str
    sheet: str
    year: int
    units: list[str]
    rows: Ints
    names: list[str]
    counties: list[str]
    texts: dict[str, list[str]] = field(default_factory=dict)
    columns: dict[str, Filled] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Account:
    """What became of every row of one sheet."""

    file: str
    sheet: str
    digest: str
    form: str = ""
    read: int = 0
    loaded: int = 0
    aside: list[tuple[int, str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Headings that nothing was read from."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finding about one cell or row, before it is put in words."""

    rule: str
    severity: str
    row: int
    letter: str
    unit: str
    column: str
    value: str
    expected: str


@dataclass(slots=True, kw_only=True)
class Taken:
    """Everything taken from one sheet."""

    blocks: list[Block]
    account: Account
    doubts: list[Doubt]


def row_text(row: Iterable[object]) -> str:
    """A row as text, cells parted by tabs, for the ledger."""
    return "\t".join(clean.text(cell) for cell in row).strip("\t")


def cell_at(row: Sequence[object], column: int) -> object:
    """The cell of a column; nothing where there is no such column, or where the row is cut short before it."""
    return row[column] if 0 <= column < len(row) else ""


def is_empty(row: Sequence[object]) -> bool:
    """Whether nothing stands in a row."""
    return not any(cell not in ("", None) for cell in row)


def plain_all(cells: Sequence[object]) -> list[str]:
    """Cells as plain text."""
    shown = {cell: clean.plain(clean.text(cell)) for cell in set(cells)}
    return [shown[cell] for cell in cells]


def is_school(code: str) -> bool:
    """Whether a code is a school's: ten digits that begin with a category."""
    return len(code) == 10 and code[:2] in CATEGORIES


def keep_rows(block: Block, keep: np.ndarray) -> None:
    """Only some rows of a block."""

    def kept(values: Sequence[str]) -> list[str]:
        return [values[i] for i in keep]

    block.units, block.names, block.counties = kept(block.units), kept(block.names), kept(block.counties)
    block.rows = block.rows[keep]
    block.texts = {key: kept(values) for key, values in block.texts.items()}
    for filled in block.columns.values():
        filled.values, filled.kinds, filled.rows = filled.values[keep], filled.kinds[keep], filled.rows[keep]


def split_by_year(block: Block, when: Sequence[int]) -> list[Block]:
    """A block per year, where a list has a column of years."""
    if len(set(when)) <= 1:
        block.year = when[0] if when else block.year
        return [block]
    made = []
    for year in sorted(set(when)):
        part = replace(block, year=year, texts=dict(block.texts),
                       columns={name: replace(filled) for name, filled in block.columns.items()})  # fmt: skip
        keep_rows(part, np.array([k for k, one in enumerate(when) if one == year], dtype=int))
        made.append(part)
    return made


def add_filled(parts: list[Filled], words: str) -> Filled:
    """The sum of some columns; where one is missing the sum is, with the graver kind."""
    first = parts[0]
    first.words = words
    # where the parts stand in one row, the figure's address is all their cells
    first.letter = "+".join(dict.fromkeys(part.letter for part in parts))
    for part in parts[1:]:
        gaps = np.isnan(part.values)
        first.values = first.values + part.values
        first.kinds = np.where(gaps, np.maximum(first.kinds, part.kinds), first.kinds)
        first.raw |= part.raw
    return first


def map_yes_no(
    figure: Figure, cells: Sequence[object], rows: Ints, letter: str, missing: Mapping[str, str]
) -> Filled:
    """是 and 否 as the numbers the form declares for them."""
    values, kinds = np.full(len(cells), np.nan), np.zeros(len(cells), np.uint8)
    raw: dict[int, str] = {}
    for i, cell in enumerate(cells):
        shown = clean.plain(clean.text(cell))
        if shown in figure.values:
            values[i] = figure.values[shown]
        elif shown in missing:
            kinds[i] = clean.KINDS.index(missing[shown])
        else:
            kinds[i], raw[i] = clean.UNREADABLE, shown
    return Filled(values=values, kinds=kinds, rows=rows, letter=letter, words="", raw=raw)
