"""The county's self-assessment as the declaration tables II–VI want it, on the page and as a workbook.

Numbers go into the workbook as numbers, printed with the form's decimals. What only papers can show is left
for a person to fill in, and says so.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edustats import __version__
from edustats.catalogue import catalogue
from edustats.errors import DataError
from edustats.files import write_whole
from edustats.metrics.standards.items import ItemVerdict
from edustats.metrics.standards.judgement import MET, NOT_MET, UNKNOWN, StageJudgement
from edustats.present.records.items import Cell, Table, TableColumn
from edustats.present.records.numbers import format_number, format_without_unit
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.case import (
    QUALITY,
    _has_needed_columns,
    _judge_county,
    _JudgedStandard,
    _report_missing_columns,
    _trace_standard,
    format_item_value,
    format_threshold,
    name_stage,
    name_verdict,
    read_local_standard,
)
from edustats.present.view.county import View
from edustats.words import NumericText, Text, say

PARTS = ("government", "quality", "approval")


def show_declaration(view: View, documents: Mapping[str, bool] | None = None) -> ChapterItems:
    """Tables II to VI of one county and its last year.

    Parameters
    ----------
    view : one county
    documents : what the papers show: item → met; an item without an entry stays to be filled in
    """
    if not _has_needed_columns(view, read_local_standard(view, QUALITY)):
        return collect_items(view.lang)
    judged = _judge_county(view, QUALITY, documents)
    return collect_items(view, _build_declaration_tables(judged), source=_trace_standard(judged))


def save_declaration(view: View, path: str | Path, documents: Mapping[str, bool] | None = None) -> Path:
    """Write tables II to VI as a workbook, one sheet each.

    Parameters
    ----------
    view : one county
    path : the .xlsx file to write; it appears whole or not at all
    documents : as for :func:`show_declaration`

    Raises
    ------
    DataError
        The county's data lack the columns, so there is nothing to declare; or no such folder.
    """
    target = Path(path)
    if not _has_needed_columns(view, read_local_standard(view, QUALITY)):
        raise DataError(
            "standards.nothing_to_declare",
            area=view.name,
            why=_report_missing_columns(view, read_local_standard(view, QUALITY)).sentence,
        )
    if not target.parent.is_dir():
        raise DataError("standards.no_folder", folder=target.parent.name)
    judged = _judge_county(view, QUALITY, documents)
    book = _build_workbook(judged, _build_declaration_tables(judged))
    made = io.BytesIO()
    book.save(made)
    write_whole(target, made.getvalue())
    return target


def _build_declaration_tables(judged: _JudgedStandard) -> list[Table]:
    stages = [_tabulate_schools(judged, found, at) for found, at in judged.stages()]
    return [
        *stages,
        _tabulate_coefficients(judged),
        *(_tabulate_county_items(judged, part) for part in PARTS),
    ]


def _make_column(name: str, decimals: int | None = None) -> TableColumn:
    return TableColumn(label=say(f"standards.head_{name}"), decimals=decimals)


def _blank_if_missing(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _tabulate_schools(judged: _JudgedStandard, found: StageJudgement, at: int) -> Table:
    """Table II: every school, its pupils, the seven values with two decimals, and the verdict."""
    here = np.flatnonzero(found.area == at)
    names = tuple(
        TableColumn(label=judged.name(item), decimals=2, unit=judged.unit(item, found.stage).key)
        for item in found.items
    )
    pupils = replace(_make_column("weight", 0), persons=True, unit="person")
    columns = (
        _make_column("school"),
        pupils,
        *names,
        replace(_make_column("reached", 0), kind="count"),
        _make_column("verdict"),
    )
    rows = tuple(_fill_school_row(judged, found, int(i)) for i in here)
    facts = {"area": judged.view.name, "stage": name_stage(found.stage), "year": judged.year}
    return Table(
        key=f"declaration.schools.{found.stage}", title=say("standards.title_decl_schools", **facts),
        columns=columns, rows=rows, note=say("standards.note_rounding"), brief=False,
        sources=(_trace_standard(judged, found.stage),),
    )  # fmt: skip


def _fill_school_row(judged: _JudgedStandard, found: StageJudgement, i: int) -> tuple[Any, ...]:
    schools = found.schools
    code = int(schools.verdict[i]) if schools else UNKNOWN
    verdict = {MET: "met", NOT_MET: "not_met"}.get(code, "unknown")
    values = tuple(_blank_if_missing(value) for value in found.values[i])
    count = int(schools.count[i]) if schools else None
    return judged.school(int(found.rows[i])), float(found.pupils[i]), *values, count, name_verdict(verdict)


def _tabulate_coefficients(judged: _JudgedStandard) -> Table:
    """Table III: mean with two decimals and coefficient with three, every indicator and stage."""
    items = [item.key for item in judged.standard.of_kind("school")]
    columns = [_make_column("stage"), _make_column("value")]
    columns += [TableColumn(label=judged.name(item)) for item in items]
    rows: list[tuple[Any, ...]] = []
    for found, at in judged.stages():
        mean = (
            format_without_unit(v, judged.unit(i, found.stage), 2)
            for v, i in zip(found.spread.mean[at], items, strict=True)
        )
        cv = (format_number(float(v), 3, "coefficient") for v in found.spread.cv[at])
        stage = name_stage(found.stage)
        rows.append((stage, say("standards.head_mean"), *mean))
        rows.append(
            (
                stage,
                say("standards.cv_limit", limit=format_number(found.limit.printed, 2, "coefficient")),
                *cv,
            )
        )
    return Table(
        key="declaration.spread", title=say("standards.title_decl_spread", area=judged.view.name, year=judged.year),
        columns=tuple(columns), rows=tuple(rows), note=say("standards.note_weights"), brief=False,
    )  # fmt: skip


def _tabulate_county_items(judged: _JudgedStandard, part: str) -> Table:
    """Tables IV to VI: the county's own items."""
    rows = tuple(_fill_item_row(judged, one) for one in judged.found if one.part == part)
    columns = (
        _make_column("key"),
        _make_column("item"),
        _make_column("stage"),
        _make_column("value"),
        _make_column("mark"),
        _make_column("verdict"),
    )
    title = say(f"standards.title_decl_{part}", area=judged.view.name, year=judged.year)
    return Table(key=f"declaration.{part}", title=title, columns=columns, rows=rows, brief=False)


def _fill_item_row(judged: _JudgedStandard, one: ItemVerdict) -> tuple[Any, ...]:
    item = judged.standard.items[one.item]
    mark = format_threshold(one.mark)
    return (
        item.key,
        item.name,
        name_stage(one.stage),
        format_item_value(judged, one) if math.isfinite(one.value) else None,
        mark,
        name_verdict(one.verdict),
    )


# --- the workbook -------------------------------------------------------------------------------------------


def _build_workbook(judged: _JudgedStandard, tables: list[Table]) -> Any:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for table in tables:
        _write_table(book.create_sheet(_name_sheet(table, judged.view.lang)), table, judged)
    return book


def _name_sheet(table: Table, lang: str) -> str:
    kind, _, stage = table.key.removeprefix("declaration.").partition(".")
    return say(f"standards.sheet_{kind}", stage=name_stage(stage) if stage else "")[lang][:31]


def _write_table(page: Any, table: Table, judged: _JudgedStandard) -> None:
    """Title, headings, rows, then the scope and the source; numbers stay numbers."""
    from openpyxl.styles import Alignment, Font

    lang = judged.view.lang
    page.append([table.title[lang]])
    page["A1"].font = Font(bold=True, size=14)
    page.append([column.label[lang] for column in table.columns])
    for row in table.rows:
        page.append([_read_cell(value, lang) for value in row])
    for column, about in enumerate(table.columns, start=1):
        page.cell(2, column).font = Font(bold=True)
        page.cell(2, column).alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        for place, cells in enumerate(table.rows, start=3):
            value = cells[column - 1]
            places = value.decimals if isinstance(value, NumericText) else about.decimals
            if places is not None:
                page.cell(place, column).number_format = f"{0:.{places}f}"
    if table.note[lang]:
        page.append([table.note[lang]])
    cover = say(
        "standards.cover_line", area=judged.view.name, standard=judged.standard.name, year=judged.year,
        version=__version__,
    )  # fmt: skip
    page.append([cover[lang]])
    _set_page_layout(page, len(table.columns), len(table.rows))
    for cell in (cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)):
        cell.data_type = "s"  # a name that begins with = is a name, not a formula


def _set_page_layout(page: Any, columns: int, rows: int) -> None:
    """Ruled, one page wide, landscape, headings on every page and tall enough to be read."""
    from openpyxl.styles import Border, Side
    from openpyxl.utils import get_column_letter

    line = Side(style="thin", color="808080")
    for row in page.iter_rows(min_row=2, max_row=rows + 2, max_col=columns):
        for cell in row:
            cell.border = Border(left=line, right=line, top=line, bottom=line)
    for column in range(1, columns + 1):
        page.column_dimensions[get_column_letter(column)].width = 28 if column == 1 else 13
    page.row_dimensions[2].height = 64
    page.freeze_panes, page.print_title_rows = "B3", "2:2"
    page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _read_cell(value: Cell | Text, lang: str) -> Cell:
    """What a form's cell holds: a number on its print scale, else the words."""
    if isinstance(value, NumericText):
        unit = catalogue().units.get(value.unit)
        return value.value * (unit.times if unit else 1.0)
    return value[lang] if isinstance(value, Text) else value
