"""Is each cell, sheet and file of somebody else read for what it is at the limit where its neighbour is not?"""

# ruff: noqa: E501  (tables of cases are read across)

import io
import os
import struct
import zipfile
from types import SimpleNamespace

import pandas as pd
import pytest

from edustats.errors import DataError
from edustats.load import ledger, national_areas, nothing_usable
from edustats.load.area_names import complete_name, find_former_names
from edustats.load.files import apart, biff, extent, formats, workbook
from edustats.load.files.frames import _cell_of, _in_own_code, _rows_of
from edustats.load.files.markup import tables_in
from edustats.load.files.plain_text import separator_of
from edustats.load.files.settings import NAMES, WHOLE, WORDS, _is
from edustats.load.files.values import _HALF, code, number, plain
from edustats.load.files.workbook import Sheet
from edustats.load.ledger import Entry

# --- numbers ---


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("30×千", "千人", 30.0), ("30×千", "人", 30_000.0), ("30×万", "千人", None), ("1.5万", "万人", None), ("1.5万", "人", 15_000.0),
        ("1.5亿", "", 150_000_000.0), ("12×", "人", None), ("0.521万", "", 5210.0), ("1,234", "", 1234.0), ("12,34", "", None), ("12.5 %", "%", 12.5),
        ("16.2:1", "pupils_per_teacher", 16.2), ("1:16.2", "pupils_per_teacher", 16.2), ("2:3", "pupils_per_teacher", None), ("1:1", "pupils_per_teacher", 1.0), ("16.2:1", "", None),
    ],
)  # fmt: skip
def test_a_number_counts_what_stands_behind_it_unless_its_unit_does(text, unit, value):
    assert number(text, unit) == value


@pytest.mark.parametrize(
    ("text", "width", "divide", "found"),
    [("1234", 4, 1, "1234"), ("12345", 4, 1, ""), ("12", 4, 1, "0012"), ("12", 0, 1, "12"), ("1010.0", 2, 1000, "01"), ("'430204", 6, 1, "430204"),
     ("43 02 04", 6, 1, "430204"), ("x", 6, 1, "")],
)  # fmt: skip
def test_a_code_is_of_its_width_or_none(text, width, divide, found):
    assert code(text, width, divide) == found


def test_what_nobody_sees_is_dropped_and_every_space_is_one():
    dropped = {0xAD, 0x200B, 0x200C, 0x200D, 0xFEFF}
    assert {letter for letter, half in _HALF.items() if half is None} == dropped
    spaces = {0x3000, 0xA0, 0x202F, 0x205F, *range(0x2000, 0x200B)}
    assert {letter for letter, half in _HALF.items() if half == 0x20} == spaces
    assert {letter: half for letter, half in _HALF.items() if letter in (0x2212, 0xFE63, 0x2236)} == {
        0x2212: 0x2D, 0xFE63: 0x2D, 0x2236: 0x3A,
    }  # fmt: skip
    assert (_HALF[0xFF01], _HALF[0xFF5E], 0xFF5F in _HALF, 0xFF00 in _HALF) == (0x21, 0x7E, False, False)
    assert plain("a\u2060b") == "ab" and plain("é ") == "é"


@pytest.mark.parametrize(
    ("cell", "read"),
    [(True, "True"), (5, 5.0), (float("nan"), ""), (None, ""), (".", ""), ("NaT", ""), ("2021-09-01 00:00:00", "2021-09-01"),
     ("2021-09-01 10:00:00", "2021-09-01 10:00:00"), ("甲", "甲")],
)  # fmt: skip
def test_a_cell_of_a_frame_is_a_number_a_text_or_blank(cell, read):
    found = _cell_of(cell)
    assert found == read and type(found) is type(read)


def test_a_frame_of_too_many_cells_is_refused_and_words_are_read_in_their_own_code(monkeypatch):
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    monkeypatch.setattr("edustats.load.files.frames.MOST_CELLS", 4)
    assert _rows_of(frame, ["a", "b"], "t.dta") == [["a", "b"], [1.0, "x"], [2.0, "y"]]
    monkeypatch.setattr("edustats.load.files.frames.MOST_CELLS", 30_003)
    big = pd.DataFrame({"a": range(30_004)})
    with pytest.raises(DataError) as error:
        _rows_of(big, ["a"], "t.dta")
    assert "t.dta" in error.value.text("zh") and " 3 " in f" {error.value.text('zh')} ".replace("3", " 3 ")
    assert _in_own_code("plain", "t.dta") == "plain"
    assert _in_own_code("甲县在校学生数".encode("gb18030").decode("latin-1"), "t.dta") == "甲县在校学生数"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a;b\n1;2\n3;4\nx\ny\n", ";"), ("a;b\n1;2\nx\ny\nz\n", ";"), ("a,b,c\n1,2,3\n", ","), ("a\tb\n1\t2\n", "\t"), ("a;b;c,d\n1;2;3\n", ";"),
        ("a;b,c\nd;e,f\n", ";"), ("a;b,c,d\nd;e,f,g\n", ","), ("a\nb\n", None),
    ],
)  # fmt: skip
def test_cells_are_parted_by_what_stands_equally_often_in_most_lines(text, mark):
    found = separator_of(text)
    assert found == mark or (mark is None and found in ",;\t|")


# --- pages ---


def page(body):
    (found,) = tables_in(body.encode(), "t.html")
    return found


def test_cells_of_a_page_stand_where_a_browser_would_show_them():
    found = page("<table><td rowspan>a<br>b<tr><td colspan=2 rowspan=2>c</td><td>d<tr><td>e</table><br>f")
    assert found.rows == [["a\nb"], ["c", "", "d"], ["", "", "e"]]
    assert found.merged == [((1, 0), (2, 1))]
    found = page("<table><tr><td>a<!-- no --></td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>")
    assert found.rows == [["a", "b"], ["c", "d"]]


XML = ('<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles>'
       '<Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style><Style ss:ID="q"><NumberFormat ss:Format="0"/></Style></Styles>'
       '<Worksheet ss:Name="表"><Table>{}</Table></Worksheet></Workbook>')  # fmt: skip


def test_rows_and_cells_of_excels_own_pages_stand_at_their_number():
    rows = ('<Row ss:Index="3"><Cell ss:Index="2" ss:StyleID="p"><Data>0.5</Data></Cell><Cell ss:StyleID="q"><Data>7</Data></Cell>'
            '<Cell ss:StyleID="p"><Data>x</Data></Cell></Row><Row><Cell ss:MergeDown="1" ss:MergeAcross="1"><Data>m</Data></Cell></Row>'
            "<Row><Cell><Data>n</Data></Cell></Row>")  # fmt: skip
    found = page(XML.format(rows))
    assert found.name == "表"
    assert found.rows == [[], [], ["", 0.5, "7", "x"], ["m", ""], ["", "", "n"]]
    assert found.merged == [((3, 0), (4, 1))] and found.percent == {(2, 1), (2, 3)}


# --- workbooks ---


def archive(**parts):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, body in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_rels", ".rels"), body)
    return zipfile.ZipFile(held)


def test_sheets_are_those_of_the_tabs_in_their_order():
    book = '<sheet name="b" r:id="r2"/><sheet name="a" r:id="r1"/><sheet name="gone" r:id="r3"/><sheet name="none" r:id="r9"/>'
    links = ('<Relationship Id="r1" Target="/xl/worksheets/one"/><Relationship Target="worksheets/two" Id="r2"/>'
             '<Relationship Id="r3" Target="worksheets/three"/><Relationship Id="r4"/><Relationship Target="x"/>')  # fmt: skip
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, body in {
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": links,
            "xl/worksheets/one": "",
            "xl/worksheets/two": "",
        }.items():
            made.writestr(name, body)
    with zipfile.ZipFile(held) as opened:
        assert workbook._sheet_parts(opened) == ["xl/worksheets/two", "xl/worksheets/one"]
    for lacking in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as made:
            made.writestr(lacking, book + links)
        with zipfile.ZipFile(held) as opened:
            assert workbook._sheet_parts(opened) == []


def cells(*rows, **more):
    return Sheet(file="t", digest="d", name="s", rows=[[*row] for row in rows], **more)


def test_an_error_is_put_back_into_its_empty_cell_and_nowhere_else():
    held = [cells(["", 1.0], [None], top=2, left=1)]
    for place in ((0, 2, 1), (0, 2, 2), (0, 3, 1), (0, 3, 2), (0, 1, 1), (0, 2, 0), (0, 4, 1), (1, 2, 1)):
        workbook._put_back(held, *place, "#N/A")
    assert held[0].rows == [["#N/A", 1.0], ["#N/A"]]


def test_an_amount_is_shown_as_its_cell_shows_it_where_there_is_a_number():
    held = cells([5.0, "x"], [6.0], top=1, left=1)
    amount = formats.amount_shown('0"千元"')
    workbook._show(held, [(1, 1), (1, 2), (2, 1), (2, 2), (0, 1), (1, 0), (3, 1)], amount)
    assert held.rows == [["5千元", "x"], ["6千元"]]


def test_a_workbook_may_hold_so_many_cells_and_no_more(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_CELLS", 20_000)

    def opened(height):
        sheet = SimpleNamespace(height=height, width=100, start=None, merged_cell_ranges=None,
                                to_python=lambda skip_empty_area: [["a"]])  # fmt: skip
        book = SimpleNamespace(sheet_names=["一", "二"], get_sheet_by_index=lambda _: sheet)
        return workbook._sheets(book, "t.xlsx", "d")

    first, second = opened(100)
    assert (first.top, first.left, first.merged, second.name) == (0, 0, (), "二")
    with pytest.raises(DataError) as error:
        opened(101)
    assert (
        "二" in error.value.text("zh")
        and "2" in error.value.text("zh")
        and "t.xlsx" in error.value.text("en")
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7", "pdf"), (b" \n%PDF", "pdf"), (b"\xff\xd8\xff", "picture"), (b"[{", "json"), (b"a,b", ""),
        (workbook.COMPOUND + "WordDocument".encode("utf-16-le"), "doc"), (workbook.COMPOUND, ""),
        (workbook.COMPOUND + "WordDocumentWorkbook".encode("utf-16-le"), ""), (workbook.COMPOUND + "Book".encode("utf-16-le"), ""),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_known_by_its_first_bytes(body, kind):
    assert workbook._name_other_kind(body) == kind


def test_a_workbook_that_is_broken_or_empty_is_refused_and_a_text_of_that_name_is_read(tmp_path):
    def read(name, body):
        (tmp_path / name).write_bytes(body)
        return workbook.read_sheets_here(tmp_path / name, name)

    for name, body in (("a.csv", b"\0\0"), ("a.xls", b"\x09\x08broken\0\0")):
        with pytest.raises(DataError) as error:
            read(name, body)
        assert name in error.value.text("zh")
    assert read("b.xls", b"a,b\n1,2\n")[0].rows == [["a", "b"], ["1", "2"]]
    assert read("c.xls", "a\tb\n1\t2\n".encode("utf-16"))[0].rows == [["a", "b"], ["1", "2"]]
    (sheet,) = read("d.csv", b"a,b\n1\x07,2\n")
    assert "\x07" not in sheet.rows[1][0] and sheet.rows[1][1] == "2"


def test_a_folder_holds_the_files_that_can_be_returns_and_no_drafts_of_excel(tmp_path):
    for name in ("b/a.XLSX", "a.csv", "~$a.xlsx", ".a.csv", "a.docx", "a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "c.csv").mkdir()
    assert [name for _, name in workbook.returns_in(tmp_path)] == ["a.csv", "b/a.XLSX"]


def test_a_cell_far_away_stretches_a_sheet_and_a_full_sheet_is_large(monkeypatch):
    monkeypatch.setattr(extent, "WIDE_AREA", 100)
    monkeypatch.setattr(extent, "LEAST_FILLED", 0.1)
    blank = [[""] * 10 for _ in range(10)]
    assert extent.find_farthest_cell(blank) is None  # nothing stands there
    blank[8][9] = blank[9][2] = 1.0
    assert extent.find_farthest_cell(blank) == (8, 9)
    assert extent.find_farthest_cell(blank[:9]) is None  # one row fewer is no wide area
    full = [[1.0, *[""] * 9] for _ in range(10)]
    assert extent.find_farthest_cell(full) is None
    assert [extent._is_far(*facts) for facts in ((100, 9), (100, 10), (99, 1))] == [True, False, False]
    assert [extent._position(letters) for letters in (b"A", b"Z", b"AA")] == [0, 25, 26]


# --- older workbooks ---


def record(kind, body=b""):
    return struct.pack("<HH", kind, len(body)) + body


def test_error_cells_of_an_old_workbook_are_found_with_their_sheet(monkeypatch):
    formula = struct.pack("<HHH", 3, 1, 0) + bytes([2, 0, 7, 0, 0, 0, 0xFF, 0xFF])
    number_ = struct.pack("<HHH", 4, 1, 0) + bytes(8)
    error = struct.pack("<HHH", 5, 2, 0) + bytes([0x2A, 1])
    truth = struct.pack("<HHH", 6, 2, 0) + bytes([1, 0])
    strange = struct.pack("<HHH", 7, 2, 0) + bytes([99, 1])
    sheet = record(0x809, b"xx") + b"".join(
        [record(0x06, formula), record(0x06, number_), record(0x205, error), record(0x205, truth), record(0x205, strange), record(0x0A)]
    )  # fmt: skip
    sheet = biff._OPENS + sheet[2:]

    def listing(offset):
        return (
            record(0x85, struct.pack("<IHBB", offset, 0, 1, 0) + b"S")
            + record(0x85, struct.pack("<IHBB", 0, 0, 1, 1) + "表".encode("utf-16-le"))
            + record(0x0A)
        )

    head = listing(0)
    stream = listing(len(head)) + sheet + record(0x06, formula)
    monkeypatch.setattr(biff, "_stream", lambda content: stream)
    assert list(biff._sheets(stream)) == [(len(head), "S")]
    found = biff.errors_in(b"")
    assert found == {("S", 3, 1): biff.ERRORS[7], ("S", 5, 2): biff.ERRORS[0x2A], ("S", 7, 2): "#?"}
    assert (biff._FORMULA, biff._EOF, biff._BOUNDSHEET, biff._BOOLERR) == (0x06, 0x0A, 0x85, 0x205)
    monkeypatch.setattr(biff, "_stream", lambda content: b"")
    assert (biff.errors_in(b""), biff.styles_in(b""), biff.styled_in(b"", {1})) == ({}, [], {})


def test_styles_that_begin_a_part_are_read_and_those_of_cut_records_are_none():
    assert formats.format_codes(b'<cellXfs><xf numFmtId="9"/></cellXfs>') == ["0%"]
    several = (formats._MULTIPLE, struct.pack("<HHHI", 5, 2, 1, 0) + struct.pack("<H", 2))
    assert formats.styled_cells_of_xls([several], {1}) == {(5, 2)}
    assert formats.styled_cells_of_xls([(formats._MULTIPLE, several[1][:6])], {1}) == frozenset()
    assert formats.styled_cells_of_xls([(formats._NUMBER, struct.pack("<HHH", 1, 2, 1))], {1}) == {(1, 2)}
    assert formats.styled_cells_of_xls([(formats._NUMBER, b"\0\0\0\0")], {0}) == frozenset()
    assert formats.styled_cells(b'<c s="3" r="B2"/><c s="33" r="C2"/>', [3]) == {(1, 1)}
    assert formats.styled_cells(b'<c s="3" r="B2"/>', []) == frozenset()


def ods(body):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        if body is not None:
            made.writestr("content.xml", body)
    return held.getvalue()


def test_percentages_of_an_open_document_are_found_where_rows_and_cells_repeat():
    percent = '<table:table-cell office:value-type="percentage" table:number-columns-repeated="2"/>'
    body = ('<table:table table:name="a"><table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
            f'<table:table-row table:number-rows-repeated="2"><table:covered-table-cell/>{percent}<table:table-cell/></table:table-row>'
            f'</table:table><table:table><table:table-row>{percent}</table:table-row></table:table>')  # fmt: skip
    assert formats.percent_cells_of_ods(ods(body)) == {
        0: {(2, 1), (2, 2), (3, 1), (3, 2)},
        1: {(0, 0), (0, 1)},
    }
    assert formats.percent_cells_of_ods(ods("<table:table/>")) == {}
    assert formats.percent_cells_of_ods(ods(None)) == {}


# --- the process that reads ---


def reading(monkeypatch, left, memory=0, waits=9):
    """A reading process without a process, and what became of it after some looks."""
    made, looks, done = object.__new__(apart.ReadingProcess), [], []
    made._process = SimpleNamespace(
        pid=5,
        kill=lambda: done.append("kill"),
        poll=lambda: None,
        wait=lambda: done.append("wait"),
        stdin=io.BytesIO(),
        stdout=io.BytesIO(),
    )
    made._ended, made.owner, made._errors = "", os.getpid(), io.BytesIO(b"words")
    monkeypatch.setattr(apart, "_memory", lambda pid: memory)
    event = SimpleNamespace(wait=lambda seconds: looks.append(seconds) or len(looks) > waits)
    made._watch(event, left)
    return made, looks, done


def test_a_reader_that_takes_too_long_or_too_much_is_ended(monkeypatch):
    every = apart.LOOKS_EVERY
    made, looks, done = reading(monkeypatch, 2 * every)
    assert (made._ended, len(looks), done) == ("load.too_long", 2, ["kill"])
    made, looks, done = reading(monkeypatch, 30 * every, apart.MEMORY + 1)
    assert (made._ended, len(looks), done) == ("load.too_much", 1, ["kill"])
    made, looks, done = reading(monkeypatch, 30 * every, apart.MEMORY, waits=2)
    assert (made._ended, len(looks), done, made.alive) == ("", 3, [], True)
    assert "t.xlsx" in made._death("t.xlsx").text("zh") and done == ["kill", "wait"]
    for ended, said, key in (
        ("load.too_long", b"", "load.too_long"),
        ("", apart._NO_MEMORY, "load.too_much"),
        ("", b"x", "load.reader_broke"),
    ):
        made._ended, made._errors = ended, io.BytesIO(said)
        assert made._death("t").address == key
    made._process.poll = lambda: 1
    assert not made.alive
    made._process.poll, made.owner = lambda: None, -1
    done.clear()
    made.close()  # a copy in a process that forked
    assert not made.alive and done == []


# --- the account and what is refused ---


def entry(file="a.csv", aside=(), **more):
    return Entry(
        file=file,
        sheet="",
        form="f",
        digest="d",
        read=len(aside) + 1,
        loaded=1,
        aside=tuple(aside),
        unread=(),
        **more,
    )


def test_many_files_are_told_by_folder_and_as_many_as_the_limit_each():
    most = ledger.MOST_LINES
    few = ledger.lines([entry(f"in/{k}.csv") for k in range(most)], "en")
    assert len(few) == most and few[0].startswith("in/0.csv")
    many = ledger.lines(
        [entry(f"in/{k}.csv") for k in range(most)] + [entry("b.csv", [(2, "total", "x")])], "en"
    )
    assert [line.split(":")[0] for line in many][:2] == ["in/", "b.csv"] and len(many) == 5
    assert "1" in many[2] and "1" in many[-1] and str(most + 1) in many[-2]


def test_what_stands_in_files_of_which_nothing_is_usable_is_shown_a_few_and_shortened():
    most, letters = nothing_usable.MOST_SHOWN, nothing_usable.MOST_LETTERS
    assert nothing_usable._shown([]) == "—"
    assert nothing_usable._shown(str(k) for k in range(most)) == "；".join(map(str, range(most)))
    assert nothing_usable._shown(str(k) for k in range(most + 1)) == "；".join(map(str, range(most))) + "……"
    assert nothing_usable._shown(["a \n b", "a b", "x" * (letters + 1)]) == f"a b；a b；{'x' * letters}"
    near = nothing_usable._near(["石锋区"], ["石峰区", "荷塘区"])
    assert "石锋区" in near.zh and "石峰区" in near.zh and "荷塘区" not in near.zh
    far = nothing_usable._near(["某某"], [f"县{k}" for k in range(21)])
    assert "县19" in far.zh and "县20" not in far.zh and "……" in far.zh


@pytest.mark.parametrize(
    ("value", "kind", "fits"),
    [
        (True, WHOLE, False),
        (5, WHOLE, True),
        ("5", WHOLE, False),
        ("x", WORDS, True),
        (["x"], NAMES, True),
        (5, WORDS, False),
    ],
)
def test_a_value_of_a_page_is_of_its_kind_and_truth_is_no_number(value, kind, fits):
    assert _is(value, kind) is fits


# --- names and lists of areas ---


@pytest.mark.parametrize(
    ("said", "scheme", "name"),
    [("五峰县", "gbt2260", "五峰土家族自治县"), ("五峰县", "flat", "五峰县"), ("420529", "gbt2260", "420529"), ("宜昌巿五峰县", "gbt2260", "五峰土家族自治县"),
     ("长阳县", "gbt2260", "长阳县")],
)  # fmt: skip
def test_a_name_that_a_table_shortens_is_completed_and_another_is_kept(said, scheme, name):
    assert complete_name("420529", said, 2023, scheme) == name


def test_a_name_of_before_is_told_for_its_years_only():
    named = pd.DataFrame({"code": ["1"], "year": [2020], "name": ["旧县"]})
    areas = pd.DataFrame(
        [("1", "county", "新县", "New"), ("2", "county", "他县", "O")], columns=["code", "level", "zh", "en"]
    )
    found = find_former_names(named, areas, {"1": [2020], "2": [2020]}, "flat")
    assert found[["code", "year", "zh"]].to_numpy().tolist() == [["1", 2020, "旧县"]]


def test_only_counties_that_ended_and_have_one_that_follows_are_events():
    open_codes = {row["code"] for row in national_areas._rows() if not row["last"]}
    told = national_areas.list_events()
    ended = {
        row["code"] for row in national_areas._rows() if row["successor"] and row["code"] not in open_codes
    }
    declared = set()
    for one in national_areas._changes()["events"]:
        before = one.get("from", ())
        declared |= {before} if isinstance(before, str) else {*before}
    assert {code for one in told for code in one.before} == ended | declared
    assert not {code for one in told for code in one.before} & open_codes - declared
