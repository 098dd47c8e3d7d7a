"""Does the county's workbook hold every table as numbers, say what they are, and run nothing?"""

import datetime
import zipfile

import nbformat
import openpyxl
import pytest
from lxml import etree

import edustats as edu
from edustats.catalogue import catalogue
from edustats.present.records.items import Finding, Number, Provenance, Table, TableColumn
from edustats.present.records.numbers import NumericText, format_amount, format_year
from edustats.present.records.row_filter import RowFilter
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.publish.xlsx import write_data_workbook
from edustats.report.trace.quantities import read_quantity
from edustats.words import Text

EVIL = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1+1",
    "\"'&",
    "‮县‬",
    "长" * 200,
]


def notebook(path, items, lang="zh"):
    book = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output("display_data", data=build_mime_bundle(item, lang)) for item in items
    ]
    book.cells = [nbformat.v4.new_markdown_cell("# 一章", metadata={"tags": ["lang-zh"]}), cell]
    nbformat.write(book, path)
    return path


def source(**facts):
    made = {"files": (("a.xlsx", "0" * 64),), "filter": RowFilter(areas=("01",), years=(2024,)), "formula": "a / b",
            "clause": Text("依据", "source"), "version": "1"}  # fmt: skip
    return Provenance(**made | facts)


def made(tmp_path, *items, title="甲县", lang="zh"):
    target = tmp_path / "data.xlsx"
    write_data_workbook([notebook(tmp_path / "10.ipynb", items, lang)], target, title=title, lang=lang)
    return openpyxl.load_workbook(target)


def table(*rows, heads=("名称", "数值"), **facts):
    columns = tuple(TableColumn(label=Text(head, "head")) for head in heads)
    return Table(key="t", title=Text("一张表", "a table"), columns=columns, rows=rows, **facts)


@pytest.fixture(scope="module")
def county(michigan, tmp_path_factory):
    view = edu.open_county("82", michigan, lang="zh")
    items = [
        *edu.show_cover(view),
        *edu.show_profile(view),
        *edu.show_trends(view),
        *edu.show_inequality(view),
        *edu.show_pen_parade(view),
    ]
    folder = tmp_path_factory.mktemp("county")
    return items, made(folder, *items), folder / "data.xlsx"


def cells(page):
    return [cell for row in page.iter_rows() for cell in row if cell.value is not None]


def test_every_table_has_a_sheet_with_title_scope_units_source_and_legend(county):
    items, book, _ = county
    tables = [
        item if isinstance(item, Table) else item.data for item in items if not isinstance(item, Finding)
    ]
    assert len(tables) >= 4
    for number, one in enumerate(tables, 1):
        page = next(p for p in book if p.title.startswith(f"表{number} "))
        above = [page.cell(row, 1).value for row in range(1, 6)]
        assert above[0]
        assert [line[:3] for line in above[1:]] == ["范围：", "单位：", "来源：", "图例："]
        assert page.max_row >= len(one.rows) + 6


def test_the_numbers_of_the_page_are_numbers_and_unrounded(county):
    items, book, _ = county
    profile = next(item for item in items if isinstance(item, Table) and item.key == "profile")
    page = next(p for p in book if "主要指标" in p.title)
    printed = [cell for row in profile.rows for cell in row if isinstance(cell, NumericText)]
    assert printed
    scale = {id(one): 100 if (one.kind, one.unit) == ("difference", "share") else 1 for one in printed}
    held = {round(cell.value, 9) for cell in cells(page) if isinstance(cell.value, (int, float))}
    assert {round(one.value * scale[id(one)], 9) for one in printed} <= held


def test_shares_print_as_per_cent_and_other_units_with_their_name(county):
    _, book, _ = county
    page = next(p for p in book if "主要指标" in p.title)
    formats = {cell.number_format for cell in cells(page) if isinstance(cell.value, float)}
    assert "0.0%" in formats
    assert any('"' in form for form in formats)


def test_headings_stay_on_the_screen_and_come_again_on_every_sheet_of_paper(county):
    _, book, _ = county
    for page in book:
        top = int(page.freeze_panes[1:]) - 1
        assert page.print_title_rows == f"${top}:${top}"
        assert page.cell(top, 1).font.bold


def test_the_contents_lead_to_every_sheet(county):
    _, book, _ = county
    links = [cell.hyperlink.location for cell in cells(book.worksheets[0]) if cell.hyperlink]
    assert [link.split("'")[1] for link in links] == [p.title for p in book.worksheets[1:-2]]


def test_scope_and_sources_have_their_sheets(county):
    items, book, _ = county
    notes = {item.note.zh for item in items if item.note.zh}
    assert notes <= {cell.value for cell in cells(book["口径"])}
    listed = {cell.value for cell in cells(book["来源"])}
    formulas = {one.formula for item in items if isinstance(item, Table) for one in item.sources}
    assert formulas
    assert formulas <= listed


def test_all_xml_is_well_formed_and_the_package_whole(county):
    with zipfile.ZipFile(county[2]) as parts:
        assert parts.testzip() is None
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(parts.read(name))


@pytest.mark.parametrize("evil", EVIL)
def test_a_text_of_a_return_is_never_a_formula(tmp_path, evil):
    text = Text(evil, evil)
    note = Finding(key="f", sentence=text, note=text)
    origin = source(files=((evil, "0" * 64),), filter=RowFilter(areas=(evil,), group=evil), formula=evil)
    book = made(tmp_path, table((text, evil), (evil, text), sources=(origin,), note=text), note, title=evil)
    for page in book:
        for cell in cells(page):
            assert cell.data_type != "f"
            if isinstance(cell.value, str) and cell.value[0] in "=+-@":
                assert cell.quotePrefix
    assert all(len(page.title) <= 31 for page in book)


def test_missing_and_withheld_are_marks_and_never_zero(tmp_path):
    book = made(tmp_path, table(("甲", None), ("乙", Text("※", "※")), ("丙", 0)))
    page = book.worksheets[1]
    last = [page.cell(row, 2).value for row in range(page.max_row - 2, page.max_row + 1)]
    assert last == ["—", "※", 0]


def test_a_number_without_a_known_unit_is_printed_bare(tmp_path):
    stray = Number(label=Text("数", "n"), value=1.25, unit="furlong", decimals=2, source=source())
    one = NumericText("1.25", "1.25", 1.25, "furlong", 2)
    book = made(tmp_path, table(("甲", one)), Finding(key="f", sentence=Text("句。", "S."), numbers=(stray,)))
    found = [c for c in cells(book.worksheets[1]) if c.value == 1.25]
    assert [cell.number_format for cell in found] == ["0.00"]


def test_a_code_stays_a_text_and_a_year_is_a_number():
    plain = TableColumn(label=Text("数", "number"))
    assert read_quantity("3199000014", plain) is None
    assert read_quantity(format_year(2024), plain).value == 2024


def test_nothing_to_report_is_said(tmp_path):
    book = made(tmp_path)
    assert "没有可列表的数据" in "".join(str(cell.value) for cell in cells(book.worksheets[0]))


def test_the_same_notebooks_give_the_same_workbook_to_the_byte(tmp_path, monkeypatch):
    item = table(("甲", format_amount(0.5, catalogue().units["share"])))
    held = []
    for day in (1, 2):
        monkeypatch.setattr("openpyxl.writer.excel.datetime", FixedDay(day))
        made(tmp_path, item)
        held.append((tmp_path / "data.xlsx").read_bytes())
    assert held[0] == held[1]


class FixedDay:
    """A clock that stands at noon of a day; openpyxl writes the time into a workbook."""

    def __init__(self, day):
        self.datetime, self.timezone, self.day = self, datetime.timezone, day

    def now(self, tz=None):
        return datetime.datetime(2024, 1, self.day, 12, tzinfo=tz)
