"""Which sheets of which files are a mapping's tables, and where do their headings stand?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from edustats.errors import DataError
from edustats.load.files.places import locate
from edustats.load.files.values import plain, text
from edustats.load.files.workbook import Sheet, read_sheets
from edustats.load.loaded import SourceFile, TableMapping
from edustats.load.reading.blocks import part_tables
from edustats.load.reading.evidence import year_evidence
from edustats.load.reading.headers import label
from edustats.load.reading.stages import stage_of, stages_of_titles, stages_said
from edustats.load.tables.database import read_query
from edustats.load.tables.layout import YEAR_HERE, Layout, lay_out, list_wanted_headings, refuse_absent
from edustats.load.tables.table_read import own_title
from edustats.words import join_names, say

_YEAR_IN_HEADING = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)(?:\s*[-/—–]\s*\d{2,4})?")


def read_sources(mapping: TableMapping, folder: Path) -> list[tuple[SourceFile, Sheet]]:
    """Every table of every source of a mapping; a file that several sources name is read once."""
    held: dict[tuple[Path, str], list[Sheet]] = {}
    return [(source, sheet) for source in mapping.tables for sheet in _read_source(source, folder, held)]


def _read_source(source: SourceFile, folder: Path, held: dict[tuple[Path, str], list[Sheet]]) -> list[Sheet]:
    """Every sheet of a source that may be read, and the others, to be told in the ledger."""
    if source.database:
        here = source.database.removeprefix("sqlite:///")
        # an embedded database lies beside the mapping, as a file would
        near = here != source.database and not Path(here).is_absolute()
        return [read_query(f"sqlite:///{folder / here}" if near else source.database, source.file)]
    found: list[Sheet] = []
    for path, name in _list_files(source, folder):
        if (path, name) not in held:
            held[path, name] = part_tables(read_sheets(path, name))
        found += held[path, name]
    have = [sheet.name for sheet in found]
    if lacking := [name for name in source.sheets if name != "*" and name not in have]:
        known = ", ".join(filter(None, have)) or "—"
        raise DataError("load.no_sheet", file=source.file, sheet=join_names(lacking), known=known)
    return found


def _list_files(source: SourceFile, folder: Path) -> Iterator[tuple[Path, str]]:
    if not re.search(r"[*?\[]", source.file) or source.package:
        path = locate(source.file, folder, source.package)
        yield path, path.name if source.package else Path(source.file).as_posix().removeprefix("./")
        return
    paths = [
        path
        for path in sorted(folder.glob(source.file))
        if path.is_file() and not path.name.startswith(("~$", "."))
    ]
    if not paths:
        locate(source.file, folder)
    for path in paths:
        yield path, path.relative_to(folder).as_posix()


def lay_out_tables(
    mapping: TableMapping, sheets: Sequence[tuple[SourceFile, Sheet]]
) -> tuple[TableMapping, list[tuple[SourceFile, Layout]]]:
    """The tables on all sheets. A mapping that names one year's column of a table with a column per year reads all."""
    tables = _find_tables(mapping, sheets)
    year = mapping.year.column
    if not mapping.year.value and not any(year in layout.columns for _, layout in tables):
        wide = _add_year_headings(mapping)
        again = _find_tables(wide, sheets) if wide is not mapping else []
        if any(layout.wide for _, layout in again):
            mapping, tables = wide, again
    for source, layout in tables:
        needed = list_wanted_headings(mapping, source)
        refuse_absent(
            layout,
            {
                name: target
                for name, target in needed.items()
                if target != "year" or _needs_year_column(mapping, layout)
            },
        )
    _refuse_other_titles(mapping, sheets, tables)
    if not tables:
        _refuse_without_headings(mapping, sheets)
    return mapping, tables


def _refuse_other_titles(
    mapping: TableMapping,
    sheets: Sequence[tuple[SourceFile, Sheet]],
    tables: Sequence[tuple[SourceFile, Layout]],
) -> None:
    """Refuse a source that is to be known by its title where only that keeps all of its tables from being read."""
    for source in mapping.tables:
        if not source.title or any(one is source for one, _ in tables):
            continue
        untitled = replace(source, title="")
        if _find_tables(mapping, [(untitled, sheet) for one, sheet in sheets if one is source]):
            raise DataError("load.no_table_title", file=source.file, title=source.title)


def _needs_year_column(mapping: TableMapping, layout: Layout) -> bool:
    """Whether a table needs a column of years: where nothing else says a year."""
    if any(year for year, _ in layout.wide) or mapping.year.value:
        return False
    return not year_evidence(layout.sheet, layout.titles, mapping.year.label)


def _find_tables(
    mapping: TableMapping, sheets: Sequence[tuple[SourceFile, Sheet]]
) -> list[tuple[SourceFile, Layout]]:
    found: list[tuple[SourceFile, Layout, str]] = []
    for source, sheet in sheets:
        if source.sheets and "*" not in source.sheets and sheet.name not in source.sheets:
            continue
        headings = list_wanted_headings(mapping, source)
        found += [
            (source, layout, _find_other_stage(mapping, source, layout))
            for layout in lay_out(sheet, headings, source.rename)
            if _has_enough(layout, headings, sheets) and _has_title(source, layout)
        ]
    _refuse_other_stage(mapping, found)
    return [(source, layout) for source, layout, stage in found if not stage]


def _find_other_stage(mapping: TableMapping, source: SourceFile, layout: Layout) -> str:
    """The one stage that the title names where no column of the mapping is of it, though all are of some; else ''.

    Columns whose own headings name their stage are right whatever the title says.
    """
    told = [text(cell) for i in layout.titles for cell in layout.sheet.rows[i] if cell not in ("", None)]
    said = stages_of_titles(told)
    held = [f for f in mapping.fillings if source.holds(f.column)]
    wanted = {stage_of(f.column) for f in held}
    named = any(
        stages_said(" ".join((name, *words)))
        for f in held
        for name in f.sources
        for words in [(), *f.where.values()]
    )
    return said[0] if len(said) == 1 and held and not named and not wanted & {"", "all", *said} else ""


def _refuse_other_stage(mapping: TableMapping, found: Sequence[tuple[SourceFile, Layout, str]]) -> None:
    """Refuse a table whose title says another stage than every part of the mapping that could read it."""
    taken = {(id(layout.sheet), layout.first) for _, layout, stage in found if not stage}
    for source, layout, stage in found:
        if stage and (id(layout.sheet), layout.first) not in taken:
            columns = [f.column for f in mapping.fillings if source.holds(f.column)]
            titles = [text(c) for i in layout.titles for c in layout.sheet.rows[i] if c not in ("", None)]
            raise DataError(
                "load.title_stage", file=layout.sheet.file, sheet=layout.sheet.name or "—", words=" ".join(titles)[:60],
                said=say(f"load.stage_{stage}"), column=columns[0], of=say(f"load.stage_{stage_of(columns[0])}"),
            )  # fmt: skip


def _has_title(source: SourceFile, layout: Layout) -> bool:
    """Whether the words that a mapping gives for a table's title stand right over its headings."""
    return label(source.title) in label(own_title(layout.sheet, layout.first))


def _has_enough(
    layout: Layout, headings: Mapping[str, str], sheets: Sequence[tuple[SourceFile, Sheet]]
) -> bool:
    """Whether a sheet is one of the mapping's: the only one, or one with most of the headings."""
    held = sum(
        name in layout.columns or any(name in own for own in layout.wide.values()) for name in headings
    )
    return len(sheets) == 1 or held >= 0.6 * len(headings)


def _add_year_headings(mapping: TableMapping) -> TableMapping:
    """The mapping with ``{year}`` for the year that stands in its headings; the same where none does."""

    def wide(heading: str) -> str:
        return heading if YEAR_HERE in heading else _YEAR_IN_HEADING.sub(YEAR_HERE, heading, count=1)

    fillings = tuple(replace(f, sources=tuple(map(wide, f.sources))) for f in mapping.fillings)
    return replace(mapping, fillings=fillings) if fillings != mapping.fillings else mapping


def _refuse_without_headings(mapping: TableMapping, sheets: Sequence[tuple[SourceFile, Sheet]]) -> None:
    source, sheet = sheets[0]
    first = next((row for row in sheet.rows if any(cell not in ("", None) for cell in row)), [])
    if not first or sum(any(c not in ("", None) for c in row) for row in sheet.rows) < 2:
        raise DataError("load.empty_table", file=sheet.file)
    needed = list_wanted_headings(mapping, source)
    made = Layout(
        sheet=sheet, first=0, depth=1, headings=tuple((plain(str(c)),) for c in first), columns={}, rows=()
    )
    refuse_absent(made, needed)
