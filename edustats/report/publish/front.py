"""What does the index say before it lists files? The prefecture's judgements, and its counties side by side.

Everything is read from the prefecture's executed brief: the page computes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edustats.present.records.html import format_cell
from edustats.present.records.items import Cell, Finding, Table
from edustats.report.edition.manifest import ReportResult
from edustats.report.trace.notebook import Block, read_blocks
from edustats.words import NumericText, Text

JUDGEMENT, COUNTIES = "brief.judgement", "brief.counties"
MOST_JUDGED = 4


@dataclass(frozen=True, slots=True)
class FrontCell:
    """A cell of the counties' table: what stands there and by what it is sorted; none where it is words."""

    text: str
    value: float | None


@dataclass(frozen=True, slots=True)
class FrontRow:
    """One county: its name and its figures."""

    name: str
    cells: tuple[FrontCell, ...]


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The prefecture's page as the index shows it."""

    judgements: tuple[tuple[str, str], ...]
    """Each judgement and what it rests on."""
    title: str
    heads: tuple[str, ...]
    rows: tuple[FrontRow, ...]
    note: str


def read_front_page(edition: Path, results: Sequence[ReportResult], lang: str) -> FrontPage | None:
    """The front page of an edition; None where no prefecture's brief has run.

    Parameters
    ----------
    edition : the edition's folder
    results : the newest of each area and notebook
    lang : zh or en
    """
    for result in results:
        notebook = edition / result.folder / f"{result.notebook}.ipynb"
        if result.scope == "county" or not result.done or not notebook.is_file():
            continue
        blocks = read_blocks(notebook, lang)
        table = next((b for b in blocks if isinstance(b, Table) and b.key == COUNTIES), None)
        if table is not None:
            return _build_front_page(blocks, table, lang)
    return None


def _build_front_page(blocks: Sequence[Block], table: Table, lang: str) -> FrontPage:
    judged = [b.sentence[lang] for b in blocks if isinstance(b, Finding) and b.key.startswith(JUDGEMENT)]
    rows = tuple(
        FrontRow(format_cell(row[0], None, lang), tuple(_read_cell(cell, lang) for cell in row[1:]))
        for row in table.rows
    )
    heads = tuple(column.label[lang] for column in table.columns)
    return FrontPage(
        tuple(_split_lead(text, lang) for text in judged[:MOST_JUDGED]),
        table.title[lang],
        heads,
        rows,
        table.note[lang],
    )


def _split_lead(text: str, lang: str) -> tuple[str, str]:
    """The first sentence and the rest."""
    stop = "。" if lang == "zh" else ". "
    lead, _, rest = text.partition(stop)
    return (lead + stop.strip(), rest.strip()) if rest else (text, "")


def _read_cell(cell: Cell | Text, lang: str) -> FrontCell:
    return FrontCell(format_cell(cell, None, lang), _find_value(cell))


def _find_value(cell: Cell | Text) -> float | None:
    """The number a cell is sorted by: its own, or of two their ratio (5/11)."""
    if isinstance(cell, NumericText):
        return cell.value
    if isinstance(cell, Text):
        held = [span.number.value for span in cell.spans]
        return held[0] / held[1] if len(held) == 2 and held[1] else held[0] if len(held) == 1 else None
    return float(cell) if isinstance(cell, (int, float)) else None


def match_rows(front: FrontPage | None, names: Sequence[str]) -> Mapping[str, FrontRow]:
    """The front page's row of each county, by its name."""
    held = {row.name: row for row in front.rows} if front else {}
    return {name: held[name] for name in names if name in held}
