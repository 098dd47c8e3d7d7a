"""Where did every printed number of these notebooks come from? A numbered list, for page, brief and workbook.

The list travels inside the published file: as a custom XML part of a .docx or .xlsx, as an inert
``<template>`` of a page. ``edustats explain`` reads it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from edustats.present.records.items import NO_SOURCE, Figure, Finding, Number, Provenance, Table
from edustats.present.records.row_filter import describe_rows
from edustats.report.trace.notebook import read_blocks
from edustats.report.trace.quantities import CellQuantity, describe_number, list_quantities
from edustats.words import Text, say

SPACE = "urn:edustats:provenance:1"
TEMPLATE = "edustats-provenance"
# What XML cannot hold, and the marks that turn the reading direction of what follows.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNumber:
    """One number of a published file, in the language of the file."""

    id: str
    notebook: str
    record: str
    """Kind and key of what it stands in, e.g. ``table trends``."""
    within: str
    """The sentence, or the title of the table or figure."""
    label: str
    value: float
    unit: str
    decimals: int
    kind: str
    shown: str
    year: int | None
    sources: tuple[int, ...]
    """Numbers in the list of sources, from 1; empty where the record names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSources:
    """The distinct sources of some notebooks in order of first use, and every number printed from them."""

    lang: str
    listed: tuple[Provenance, ...]
    numbers: tuple[PrintedNumber, ...]
    counted: tuple[int, ...] = ()
    """The number of each source in the area's list; from 1 where nothing else is told."""

    def __hash__(self) -> int:
        return hash(
            (self.lang, len(self.listed), len(self.numbers))
        )  # not of thousands of numbers at every look

    def places(self) -> dict[Provenance, int]:
        """The number of each source in the list."""
        return dict(zip(self.listed, self.counted or range(1, len(self.listed) + 1), strict=True))

    def find_sources(self, numbers: Iterable[int]) -> list[Provenance]:
        """The sources of these numbers."""
        held = {number: source for source, number in self.places().items()}
        return [held[number] for number in numbers]


def select_sources(found: NumberSources, notebook: str) -> NumberSources:
    """What stands on the page of one notebook, each source with its number in the area's list."""
    numbers = tuple(one for one in found.numbers if one.notebook == notebook)
    used = {number for one in numbers for number in one.sources}
    kept = {source: number for source, number in found.places().items() if number in used}
    return NumberSources(lang=found.lang, listed=tuple(kept), numbers=numbers, counted=tuple(kept.values()))


def list_sources(executed: Sequence[Path], lang: str) -> NumberSources:
    """List what stands behind every finding, table and figure.

    Parameters
    ----------
    executed : executed notebooks, in reading order
    lang : zh or en
    """
    return list_labelled_sources(executed, lang)[0]


def list_labelled_sources(executed: Sequence[Path], lang: str) -> tuple[NumberSources, tuple[Text, ...]]:
    """The same, with the label of each number in both languages."""
    listing = _SourceListing(lang)
    for notebook in executed:
        for block in read_blocks(notebook, lang):
            listing.add(block, notebook.stem)
    listed, counted = tuple(listing.places), tuple(listing.places.values())
    found = NumberSources(lang=lang, listed=listed, numbers=tuple(listing.numbers), counted=counted)
    return found, tuple(listing.labels)


class _SourceListing:
    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.places: dict[Provenance, int] = {}
        self._met: dict[int, tuple[Provenance, int]] = {}
        """The number of each record that was met, by where it is held: to compare records is to compare their files."""
        self.years: list[int | None] = []
        """The only year of each source."""
        self.numbers: list[PrintedNumber] = []
        self.labels: list[Text] = []

    def add(self, block: object, notebook: str) -> None:
        self._add_item(block, notebook)
        if isinstance(block, (Finding, Table, Figure)):
            self._add_note(block, notebook)

    def _add_item(self, block: object, notebook: str) -> None:
        match block:
            case Finding():
                for one in block.numbers:
                    if _is_unsaid(one, self.lang):
                        self._number_sources(one.sources)
                        continue
                    found = CellQuantity(
                        value=one.value, decimals=one.decimals, shown=one.shown, unit=one.unit, kind=one.kind
                    )
                    where = self._number_sources(one.sources)
                    self._add_number(
                        notebook,
                        f"finding {block.key}",
                        block.sentence,
                        one.label,
                        found,
                        where,
                        find_row_year([one.label]),
                    )
            case Table():
                self._add_table(notebook, f"table {block.key}", block.title, block)
            case Figure():
                self._add_table(notebook, f"figure {block.key}", block.title, block.data)

    def _add_note(self, item: Finding | Table | Figure, notebook: str) -> None:
        """What notes and alternative texts say in numbers, under the same sources as the item they belong to."""
        sources = list_item_sources(item)
        for note in list_notes(item):
            for span in note.spans:
                if span.number.kind == "year" or len(set(getattr(span, self.lang))) != 2:
                    continue
                label = say(f"trace.kind_{span.number.kind}")
                found = describe_number(span.number)
                where = self._number_sources(sources)
                self._add_number(notebook, f"note {item.key}", note, label, found, where)

    def _number_sources(self, found: Iterable[Provenance]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(number for one in found if (number := self._number_source(one))))

    def _number_source(self, one: Provenance) -> int:
        """The number of a source; 0 of none."""
        if (met := self._met.get(id(one))) is None:
            number = 0 if one == NO_SOURCE else self.places.setdefault(one, len(self.places) + 1)
            self.years += map(_find_only_year, islice(self.places, len(self.years), None))
            met = self._met[id(one)] = one, number  # held, so that no other record is given its place
        return met[1]

    def _add_table(self, notebook: str, record: str, title: Text, table: Table) -> None:
        rows = [*zip(table.rows, assign_row_sources(table), strict=True)]
        years = [find_row_year([column.label]) for column in table.columns]
        for row, where in [*rows, (table.foot, table.sources)] if table.foot else rows:
            numbers, year = self._number_sources(where), find_row_year(row)
            for j, (cell, column) in enumerate(zip(row, table.columns, strict=False)):
                told = [one for one in list_quantities(cell, column, self.lang) if one.kind != "year"]
                if not told:
                    continue
                opening = _convert_to_text(row[0])
                head = column.label
                label = Text(f"{opening.zh} · {head.zh}", f"{opening.en} · {head.en}") if j else head
                of_column = self._number_sources(table.sources[k] for k in column.rests)
                named = find_row_year([cell]) or years[j] or year
                for found in told:
                    self._add_number(notebook, record, title, label, found, of_column or numbers, named)

    def _add_number(
        self, notebook: str, record: str, within: Text, label: Text, found: CellQuantity, where: tuple[int, ...],
        year: int | None = None,
    ) -> None:  # fmt: skip
        if year is None:
            years = {self.years[number - 1] for number in where}
            year = years.pop() if len(years) == 1 else None  # of several years it is that of none
        self.labels.append(label)
        self.numbers.append(
            PrintedNumber(
                id=f"n{len(self.numbers) + 1}", notebook=notebook, record=record, within=within[self.lang],
                label=label[self.lang], value=found.value, unit=found.unit, decimals=found.decimals,
                kind=found.kind, shown=found.shown[self.lang], year=year, sources=where,
            )
        )  # fmt: skip


def list_notes(item: Finding | Table | Figure) -> list[Text]:
    """The notes of an item, each once; of a figure its alternative text too."""
    notes = [item.note]
    if isinstance(item, Figure):
        notes += [item.data.note, item.alt]
    return list(dict.fromkeys(note for note in notes if note.zh))


def list_item_sources(item: Finding | Table | Figure) -> list[Provenance]:
    """What an item rests on."""
    if isinstance(item, Finding):
        return list(dict.fromkeys(source for number in item.numbers for source in number.sources))
    return list(item.data.sources if isinstance(item, Figure) else item.sources)


def _is_unsaid(one: Number, lang: str) -> bool:
    """Whether the sentence does not say the number, or says it in the other language alone: its place is empty."""
    start, end = one.zh if lang == "zh" else one.en
    return start == end


def _convert_to_text(cell: object) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell), str(cell))


def assign_row_sources(table: Table) -> list[tuple[Provenance, ...]]:
    """The sources of each row: one a row, or one for all rows that open alike, else all of the table's."""
    found = table.sources
    if len(found) == len(table.rows):
        return [(one,) for one in found]
    opened = list(dict.fromkeys(_get_first_cell(row) for row in table.rows))
    if len(found) == len(opened):
        return [(found[opened.index(_get_first_cell(row))],) for row in table.rows]
    return [found] * len(table.rows)


def _get_first_cell(row: Sequence[object]) -> str:
    return str(row[0]) if row else ""


def find_row_year(row: Sequence[object]) -> int | None:
    """The year that cells name, a row's or a single one, if they name just one."""
    spans = [span for cell in row if isinstance(cell, Text) for span in cell.spans]
    years = [int(span.number.value) for span in spans if span.number.kind == "year"]
    return years[0] if len(years) == 1 else None


def _find_only_year(source: Provenance) -> int | None:
    return source.filter.years[0] if len(source.filter.years) == 1 else None


def tabulate_sources(found: NumberSources) -> list[tuple[str, ...]]:
    """The list as rows of text: number, figures taken, formula, definition, files, places, version."""
    return [
        (
            str(number), describe_rows(one.filter)[found.lang], one.formula, one.clause[found.lang],
            "; ".join(f"{name} (sha256 {digest[:16]}…)" for name, digest in one.files),
            "; ".join(format_place(place, found.lang) for place in one.places), one.version,
        )
        for one, number in found.places().items()
    ]  # fmt: skip


def name_source_columns(lang: str) -> tuple[str, ...]:
    """The headings of :func:`tabulate_sources`."""
    names = ("number", "filter", "formula", "clause", "files", "places", "version")
    return tuple(say(f"trace.source_{name}")[lang] for name in names)


@lru_cache(maxsize=4096)
def format_place(place: tuple[str, str, str], lang: str) -> str:
    """A file, its sheet and its rows in words."""
    file, sheet, rows = place
    if not rows:  # of many files together
        return say("trace.place_no_rows", file=file, sheet=sheet)[lang] if sheet else file
    return say("trace.place" if sheet else "trace.place_no_sheet", file=file, sheet=sheet, rows=rows)[lang]


# --- inside a published file ---


MOST = 12
"""Formulas and filters of one row; what rests on more says how many."""


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One row of the table: scope in words, what the figures are, files by number."""

    note: Text
    sources: tuple[Provenance, ...] = ()
    files: tuple[int, ...] = ()


@dataclass(slots=True)
class SourceList:
    """What the text rests on, in the order in which it first does, by the numbers of the area's list."""

    lang: str
    places: Mapping[Provenance, int]
    held: dict[SourceEntry, str] = field(default_factory=dict)
    files: dict[tuple[str, str], int] = field(default_factory=dict)

    def mark_finding(self, finding: Finding) -> str:
        """The mark of a sentence: the numbers of its sources; nothing where it needs none."""
        return self.mark(finding.note, list_item_sources(finding))

    def mark(self, note: Text, found: Sequence[Provenance]) -> str:
        """The mark of what rests on these; a letter for a note on scope without figures."""
        sources = tuple(source for source in found if source in self.places)
        if not sources and not note.zh:
            return ""
        files = dict.fromkeys(file for source in sources for file in source.files)
        numbered = tuple(self.files.setdefault(file, len(self.files) + 1) for file in files)
        entry = SourceEntry(note if note.zh else sources[0].clause, sources, numbered)
        notes = sum(not one.sources for one in self.held)
        told = format_number_ranges(self.places[source] for source in sources)
        return self.held.setdefault(entry, told or say("publish.note_mark", n=notes + 1)[self.lang])

    def rows(self) -> list[list[str]]:
        """The table's rows: numbers, scope, formulas, rows of the store, files."""
        return [
            [
                f"[{numbers}]",
                entry.note[self.lang],
                _shorten_list([source.formula for source in entry.sources], self.lang),
                _shorten_list([describe_rows(one.filter)[self.lang] for one in entry.sources], self.lang),
                _format_file_ranges(entry.files),
            ]
            for entry, numbers in self.held.items()
        ]

    def list_files(self, lang: str) -> list[str]:
        """A line for each file: its number, name and digest."""
        return [
            say("publish.file_line", number=number, name=name, digest=digest[:16])[lang]
            for (name, digest), number in self.files.items()
        ]


def format_number_ranges(numbers: Iterable[int]) -> str:
    """Numbers as runs.

    Examples
    --------
    >>> format_number_ranges([8, 1, 2, 3])
    '1–3, 8'
    """
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _shorten_list(told: Sequence[str], lang: str) -> str:
    parts = list(dict.fromkeys(told))
    more = [say("publish.more_sources", count=len(parts))[lang]] if len(parts) > MOST else []
    return "; ".join([*parts[:MOST], *more])


def _format_file_ranges(numbers: Sequence[int]) -> str:
    """Numbers of files, those in a row joined.

    Examples
    --------
    >>> _format_file_ranges([1, 2, 3, 5, 7, 8])
    'F1–F3 F5 F7–F8'
    """
    runs = format_number_ranges(numbers).replace(", ", " F").replace("–", "–F")
    return f"F{runs}" if runs else ""
