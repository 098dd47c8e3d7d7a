"""What does every way of writing a table down give, cell by cell? Small files made by hand for ``printing.py``.

A file is made as a system or an office program would save it, and what stands on its sheets is kept in
``files/printed`` as somebody has read it; a file that is refused, with the sentence.
"""

# ruff: noqa: E501  (files are written as they stand)

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import openpyxl
import pandas as pd
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from test_files_by_hand import EXCEL_2003, ODS, spreadsheet

from edustats.errors import EdustatsError
from edustats.example.workbooks import Page, write_xls
from edustats.load.files import biff, formats, workbook
from edustats.load.files.extent import find_far_cell, find_farthest_cell
from edustats.load.files.own_catalogue import read_own_catalogue
from edustats.load.files.places import locate
from edustats.load.files.plain_text import decoded, rows_of, separator_of
from edustats.load.files.settings import near, read_page
from edustats.load.files.workbook import read_sheets_here, returns_in


def tell_file(name: str, content: bytes) -> Iterator[str]:
    """The sheets of a file, each cell as it is read, or why it is refused."""
    yield f"# {name}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        yield from tell_answer(lambda: read_sheets_here(path, name))


def tell_answer(read: Callable[[], object]) -> Iterator[str]:
    try:
        found = read()
    except EdustatsError as error:
        yield from (error.text("zh"), error.text("en"))
        return
    if not isinstance(found, list) or not all(isinstance(one, workbook.Sheet) for one in found):
        yield str(found)
        return
    for sheet in found:
        yield f"[{sheet.name}] {sheet.row(0)} {sheet.letter(0)} {sheet.merged or ''} {sorted(sheet.percent) or ''}"
        yield from (f"  {row}" for row in sheet.rows)


# --- text ---

TEXTS = {
    "commas": "县,数\n甲,1\n", "semicolons": "县;数\n甲;1,5\n", "tabs": "县\t数\n甲\t1,200\n", "bars": "县|数\n甲|1\n",
    "two kinds": "县;数\n甲;1\n乙,2\n丙,3\n丁,4\n", "most lines": "表1\n县;数;率\n甲;1;2\n乙;3;4\n", "fewer lines": "表1\n注1\n注2\n县;数;率\n甲;1;2\n",
    "one a line as many commas": "a;b\n1,5;2\n2,5;3\n", "more commas": "a;b\n1,5,2;2\n2,5,1;3\n", "download": "a\t,b\t\n1\t,2\t\n",
    "quoted": '"a;b;c",1\n"d;e;f",2\n', "none": "县\n甲\n", "empty lines": "\n\na;b\n\n1;2\n", "sixty": "a;b\n" * 60 + "a,b,c\n" * 60,
}  # fmt: skip
ENCODED = [
    ("学校,数\n甲县,1\n", ("utf-8", "utf-8-sig", "gb18030", "utf-16")), ("學校,數\n甲縣國小,1\n", ("utf-8", "big5", "gb18030")),
    ("École,Élève\nLycée,1\n", ("utf-8", "latin-1", "cp1252")), ("a,“b”\n", ("cp1252", "gb18030")), ("éé,é,é,é\n", ("latin-1",)),
    ("éé,éé,é,é,é,é,é,é\n", ("latin-1",)), ("a\rb\r\nc\n", ("ascii",)),
]  # fmt: skip
QUOTES = [
    'a,b\n"x\ny",1\n',
    'a,b\n"x,1\ny,2\n',
    'a,b\n1,2\n"x\n1,2"\n',
    'a,b\n1,"x,\ny"\n',
    'a,b\n"x"z,1\n',
    'a,b,c\n1,"x,2\ny",2\n',
    'a,b\n"one\ntwo\nthree",1\n',
]


def read_texts() -> Iterator[str]:
    yield from (f"{name} → {separator_of(text)!r}" for name, text in TEXTS.items())
    for text, encodings in ENCODED:
        for encoding in encodings:
            try:
                yield f"{encoding} → {decoded(text.encode(encoding), 'a.csv')!r}"
            except EdustatsError as error:
                yield f"{encoding} → {error.text('zh')}"
    yield from tell_answer(lambda: decoded(b"a,\x81\x81\xff\xff\x00", "a.csv"))
    for text in QUOTES:
        yield repr(text)
        yield from tell_answer(lambda text=text: [rows_of(text.encode(), "a.csv"), 0])
    yield from tell_file("数.csv", "县,数\x07\n甲\x00,1\n".encode())


# --- pages ---

PAGES = {
    "spans": "<table><tr><th rowspan=3>县<th colspan=2>数<th>师</tr><tr><td rowspan=2>小<td>初<td>1<tr><td>7<td>8<tr><td>a<td>b<td>c<td>d</table>",
    "ends left out": "<table><tr><td>县<td>数<tr><td>甲<br>乙<td>1</table><p>8</p>",
    "tables inside": "<table><tr><td>版式<table><tr><td>县<td>数<tr><td>甲<td>1</table><td>边</table>",
    "two": "<html><body><table><tr><td>只此一格</table><table><tr><td>a<td>b</table><table><tr><td>c</td><td>d</td></tr></table>",
    "bad spans": "<table><tr><td colspan=x>a<td rowspan=-1>b<td colspan=0>c<td colspan=123456>d<td>e</table>",
    "words outside": "题<table>无<tr>无<td>a</td>无<td>b</td></tr></table>",
    "script": "<html><script>var a='<td>1</td>'</script><table><tr><td>a<td>b</table>",
    "no tables": "<html><p>无</p></html>",
    "far below": "\n" * 10 + "题目" * 100 + "<table><tr><td>a<td>b</table>",
}
XML_ROWS = """<Row ss:Index="2"><Cell ss:Index="2"><Data>县</Data></Cell><Cell><Data>率</Data></Cell></Row>
<Row><Cell ss:MergeDown="1"><Data>甲</Data></Cell><Cell ss:StyleID="s2"><Data>-0.5</Data></Cell><Cell ss:StyleID="s3"><Data>0.5</Data></Cell></Row>
<Row ss:Index="4"><Cell ss:StyleID="s1"><Data>1e-2</Data></Cell><Cell ss:StyleID="s1"><Data>约0.5</Data></Cell></Row>"""


def read_pages() -> Iterator[str]:
    for name, page in PAGES.items():
        yield from tell_file(f"{name}.xls", page.encode())
    yield from tell_file("2003.xls", EXCEL_2003.encode())
    head = EXCEL_2003.partition("<Worksheet")[0]
    table = f'<Worksheet ss:Name="表"><Table>{XML_ROWS}</Table></Worksheet></Workbook>'
    yield from tell_file("2003b.xml", (head + table).encode())
    yield from tell_file("gbk.htm", "<html><table><tr><td>县<td>学校数</table>".encode("gb18030"))


# --- workbooks ---


def _pack_workbook(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book, held = openpyxl.Workbook(), io.BytesIO()
    fill(book)
    book.save(held)
    return held.getvalue()


SHOWN = [(0.985, "0.0%"), (0.985, '0.0"%"'), (30000, '0"千元"'), (30000, "#,##0,"), (30000, "0!.0,"), (3e8, '0,"元"'), (3e8, "0,,"), (12, '0"人"'),
         (12, "General"), (0.5, "0%"), (5, '0"万人"'), (5.25, "0.00;[Red]-0.00"), (7e4, "0\\.0,")]  # fmt: skip


def _fill_formats(book: openpyxl.Workbook) -> None:
    first, second = book.active, book.create_sheet("二")
    for k, (value, shown) in enumerate(SHOWN):
        cell = first.cell(row=3 + k // 5, column=2 + k % 5, value=value)
        cell.number_format = shown
    first["B9"], first["C9"], first["D9"] = "=1/0", "合计", "x"
    first.merge_cells("C9:D10")
    second["C4"], second["D5"] = 0.25, "甲"
    second["C4"].number_format = "0.00%"


def _replace_part(content: bytes, part: str, old: str, new: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(held, "w") as written:
        for one in read.namelist():
            body = read.read(one)
            written.writestr(one, body.replace(old.encode(), new.encode()) if one == part else body)
    return held.getvalue()


FIRST_SHEET = "xl/worksheets/sheet1.xml"
BODIES = [b'<c r="A1" s="1"/><c s="1" r="B2"/><c s="11" r="AB13"/>', b'<c r="A1" t="e"><v>#N/A</v></c><c t="e" s="1" r="B3"><f>1/0</f><v>#DIV/0!</v></c>',
          b'<c r="A1"><f>B1+C1</f></c><c s="1" r="B12"><f>1+1</f><v></v></c><c t="str" r="C1"><f>D1</f><v></v></c><c r="D1"><f>2</f><v>2</v></c><c r="E1"><f t="shared"/><v/></c>',
          b'<c r="A1"/><c r="B20000"/><c r="CV3"/>', b'<c r="AAA19"/>', b'<c r="AAA3000"/>', b'<c r="XFD122"/>', b'<c r="XFD123"/>', b"<c r='A99999'/><c r='U1'/>", b"<c r='A99999'/><c r='T1'/>",
          b'<c r="ABCDEFGHIJ10"/>']  # fmt: skip


def read_workbooks() -> Iterator[str]:
    made = _pack_workbook(_fill_formats)
    yield from tell_file("formats.xlsx", made)
    yield from tell_file("error.xlsx", _replace_part(made, FIRST_SHEET, "<v></v>", "<v>7</v>"))
    yield from tell_file("far.xlsx", _replace_part(made, FIRST_SHEET, 'r="B9"', 'r="XFD123"'))
    yield from tell_file("cut.xlsx", made[: len(made) // 2])
    yield from tell_file("other.xlsx", spreadsheet("").replace(b"content.xml", b"content.xmm"))
    for body in BODIES:
        yield (f"{body.decode()} → {sorted(formats.styled_cells(body, [1, 11]))} {formats.empty_formulas(body)} {workbook._errors(body, 1)} "
               f"{find_far_cell(body)!r}")  # fmt: skip
    for rows, columns, filled in (
        (1999, 1000, 1),
        (2000, 1000, 1),
        (2000, 1000, 19_999),
        (2000, 1000, 20_000),
        (2, 1_000_000, 3),
    ):
        laid = [[""] * columns for _ in range(rows)]
        for k in range(filled):
            laid[rows - 1 - k // columns][k % columns] = 1.0
        yield f"{rows} {columns} {filled} → {find_farthest_cell(laid)}"
    for code in (
        "0.0%",
        '0"%"',
        "[%]0",
        "0\\%",
        "0.0,",
        "0,,.0",
        "0!.000,",
        "0\\.0",
        '0"百万元"',
        '0"公顷"',
        '0"校"',
        "yyyy年",
        "[>=100]0千;0",
        "0;0%",
        "#,##0",
        "0,0",
    ):
        yield f"{code} → {formats.is_percent(code)} {formats.amount_shown(code)}"
    yield from (f"{value:g} {shown} → {formats.show_amount(value, shown)}" for value, shown in (
        (3e8, (1e3, "元")), (3e8, (1e3, "")), (3e8, (1e4, "万元")), (3e8, (1e6, "")), (3e8, (100.0, "")), (12.5, (1.0, "千元")), (7.0, (10.0, "元"))))  # fmt: skip
    yield f"{[formats.position(one) for one in (b'A', b'Z', b'AA', b'AZ', b'BA', b'XFD')]} {[workbook.column_letter(k) for k in (0, 25, 26, 701, 702)]}"
    yield from _tell_old_workbooks()


def _tell_old_workbooks() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.xls")
        rows = [["县", "数", "率"], ["甲", 12, "#DIV/0!"], ["乙", None, "#N/A"], ["丙", "#REF!", 0.5]]
        write_xls(path, Page(name="表", rows=rows, merged=[(0, 0, 0, 1)]))
        yield from tell_file("a.xls", path.read_bytes())
        stream = biff._stream(path.read_bytes())
        yield f"{list(biff._sheets(stream))} {biff.errors_in(path.read_bytes())}"
        yield f"{[biff._error(kind, body) for kind, body in RECORDS]}"
        opened, ended = struct.pack("<HH", 9, 0), struct.pack("<HH", 0x0A, 0)
        narrow = struct.pack("<HHIHBB", 0x85, 11, 23, 0, 3, 0) + b"abc"
        wide = struct.pack("<HHIHBB", 0x85, 10, 22, 0, 1, 1) + "表".encode("utf-16-le")
        for record in (narrow, wide, narrow[:-3]):
            held = opened + record + ended
            yield f"{list(biff._sheets(held + biff._OPENS + bytes(4)))} {list(biff._sheets(held))} {list(biff._records(held[:-2], 0))}"
    codes = [(0x041E, struct.pack("<HHB", 164, 4, 0) + b"0.0%"), (0x041E, struct.pack("<HHB", 165, 3, 1) + '0"千元"'.encode("utf-16-le")), (0x041E, b"12345"),
             *((0xE0, struct.pack("<HHH", 0, number, kind)) for number, kind in ((164, 0), (164, 4), (9, 0), (10, 1), (165, 0), (11, 0))), (0xE0, b"12345")]  # fmt: skip
    yield f"{formats.format_codes_of_xls(codes)} {formats.amounts_among(formats.format_codes_of_xls(codes))}"
    styled = [(kind, struct.pack("<HHHHHH", 3, 4, 1, 2, 7, 1)) for kind in (0x203, 0x27E, 0xBD, 0x06, 0x99)]
    styled += [
        (0xBD, struct.pack("<HHHIHIH", 3, 4, 2, 9, 1, 9, 5)),
        (0xBD, bytes(5)),
        (0x203, struct.pack("<HHH", 8, 9, 1)),
        (0x203, bytes(5)),
    ]
    yield f"{[formats._styled(kind, body, {1}) for kind, body in styled]}"
    yield f"{formats.format_codes(STYLES)} {formats.amounts_among(['0%', '0,', ''])}"


RECORDS = [(0x205, bytes([1, 0, 2, 0, 0, 0, 7, 1])), (0x205, bytes([1, 0, 2, 0, 0, 0, 7, 0])), (0x205, bytes(7)), (6, bytes([*range(6), 2, 9, 0x2A, 9, 9, 9, 255, 255])),
           (6, bytes([*range(6), 1, 9, 0x2A, 9, 9, 9, 255, 255])), (6, bytes([*range(6), 2, 9, 0x2A, 9, 9, 9, 255, 254])), (6, bytes([*range(6), 2, 9, 0x2A, 9, 9, 9, 255])), (7, bytes(14))]  # fmt: skip
STYLES = (b'<numFmts><numFmt numFmtId="164" formatCode="0.0&quot;&#21315;&#20803;&quot;"/><numFmt formatCode="0.0%" numFmtId="165"/></numFmts>'
          b'<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0" a="b"/><xf numFmtId="164"/><xf a="1" numFmtId="165"/><xf numFmtId="9"/><xf numFmtId="10"/><xf numFmtId="11"/></cellXfs>')  # fmt: skip


# --- open documents, Word files, statistics programs ---


def _cell(value: str, kind: str = "string", more: str = "") -> str:
    given = f' office:value="{value}"' if kind != "string" else ""
    return f'<table:table-cell office:value-type="{kind}"{given}{more}><text:p>{value}</text:p></table:table-cell>'


def read_documents() -> Iterator[str]:
    share = _cell("0.985", "percentage")
    rows = [_cell("县") + _cell("率") + _cell("数"), _cell("甲") + share + _cell("7", "float"),
            _cell("乙") + _cell("0.5", "percentage", ' table:number-columns-repeated="2"'), '<table:covered-table-cell table:number-columns-repeated="2"/>' + share]  # fmt: skip
    repeats = ["", ' table:number-rows-repeated="2"', "", ""]
    body = "".join(
        f"<table:table-row{again}>{row}</table:table-row>" for row, again in zip(rows, repeats, strict=True)
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", ODS.format(body))
    yield from tell_file("a.ods", packed.getvalue())
    for times in (499, 500, 501):
        found = formats.percent_cells_of_ods(spreadsheet(f'<table:table table:name="a"><table:table-row table:number-rows-repeated="{times}">{share}'
                                                         f'{_cell("1", "percentage", f" table:number-columns-repeated={chr(34)}{times}{chr(34)}")}</table:table-row></table:table>'))  # fmt: skip
        yield f"{times} → {[(len(places), max(places)) for places in found.values()]}"
    yield from tell_file("a.docx", _write_document())
    held = pd.DataFrame(
        {
            "code": [1.0, 2.0, 3.0],
            "share": pd.Series([1.5678, 0.1, None], dtype="float32"),
            "name": ["甲", "", "丙"],
        }
    )
    labels = {"code": "县代码", "share": "比例", "name": ""}
    for named, same in ((None, False), (labels, False), (labels | {"name": "比例"}, True)):
        made = io.BytesIO()
        held.to_stata(
            made,
            write_index=False,
            variable_labels=named,
            version=118,
            value_labels={"code": {1: "甲", 2: "甲" if same else "乙"}},
        )
        yield from tell_file("a.dta", made.getvalue())
    old = io.BytesIO()
    pd.DataFrame({"a": ["x"], "day": pd.to_datetime(["2023-09-01"])}).to_stata(
        old, write_index=False, version=114, convert_dates={"day": "td"}
    )
    yield from tell_file("old.dta", old.getvalue())
    for frame in (
        held,
        held.set_index("code"),
        pd.DataFrame(
            {
                "t": [pd.Timestamp(2023, 9, 1), pd.Timestamp(2023, 9, 1, 12, 30)],
                "ok": [True, False],
                "n": [1, 2],
            }
        ),
    ):
        yield from tell_file("a.parquet", frame.to_parquet())
    yield from tell_file("cut.parquet", held.to_parquet()[:60])
    for start in (
        b"%PDF-1.4",
        b"\x89PNG",
        b"\xff\xd8\xff\xe0",
        b"Rar!",
        b"$FL2",
        b'[{"a": 1}]',
        b'  {"a": 1}',
        b"\x1f\x8b\x08",
        b"",
        bytes(20),
        b"abc\0def",
        b"BZh91AY",
    ):
        yield from tell_file("x.csv.bz2" if start[:2] == b"BZ" else "x.xls", start)
    yield from tell_file(
        "locked.xlsx", workbook.COMPOUND + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    yield from tell_file("a.doc", workbook.COMPOUND + bytes(600) + "WordDocument".encode("utf-16-le"))
    yield from tell_file(
        "both.doc", workbook.COMPOUND + bytes(600) + "WordDocument Workbook".encode("utf-16-le")
    )


def _write_document() -> bytes:
    """Titles, a table with cells over two columns and rows, one that was struck out, one inside, and one of one row."""
    document, held = docx.Document(), io.BytesIO()
    for words in ("一", "二", "三", "表1 2023年情况", "x" * 61, "各县情况", "单位：人"):
        document.add_paragraph(words)
    table = document.add_table(4, 4)
    for i, row in enumerate(("县 数 数 师", "县 小 初 计", "甲 1 2 3", "乙 4 5 6")):
        for j, words in enumerate(row.split(" ")):
            table.cell(i, j).text = words
    table.cell(0, 0).merge(table.cell(1, 0)).text = "县"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "数"
    table.cell(2, 3).add_paragraph("注\t制")
    table.cell(3, 1).paragraphs[0]._p.append(
        parse_xml(f"<w:del {nsdecls('w')}><w:r><w:t>删</w:t></w:r></w:del>")
    )
    table.cell(3, 2).paragraphs[0]._p.append(
        parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>增</w:t><w:br/><w:noBreakHyphen/></w:r></w:ins>")
    )
    before = OxmlElement("w:gridBefore")
    before.set(qn("w:val"), "1")
    gone = table.add_row()
    gone.cells[0].text = "删去的行"
    gone._tr.get_or_add_trPr().append(OxmlElement("w:del"))
    late = table.add_row()
    late.cells[0].text = "后"
    late._tr.get_or_add_trPr().append(before)
    document.add_paragraph("x" * 60)
    document.add_table(1, 2)
    document.add_paragraph("最后")
    inner = document.add_table(2, 2)
    inner.cell(0, 0).add_table(2, 2).cell(1, 1).text = "内"
    inner.cell(1, 1).text = "外"
    document.save(held)
    return held.getvalue()


# --- settings and places ---

OWN_PAGES = ["", "a = ", "[columns]\nx = 1\n", '[columns.x]\nzh = "甲"\n', '[columns.x]\nzh = "甲"\nen = "a"\nrange = [1, "b"]\nsensitive = 1\ncolor = 2\n',
             '[column.x]\nzh = "甲"\n', '[source]\nzh = "甲"\n', '[indicators.y]\nzh = "乙"\nen = "y"\nnum = "pupils_primary"\nunit = "person"\nbetter = 3\n',
             '[levels]\ntown = { zh = "镇", en = "town" }\n', "\n".join(f"k{n} = 1" for n in range(12)), "\n".join(f"k{n} = 1" for n in range(14))]  # fmt: skip


def read_settings() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "目录")
        folder.mkdir()
        path = folder / "own.toml"
        for page in OWN_PAGES:
            path.write_text(page, "utf-8")
            yield repr(page[:70])
            yield from tell_answer(lambda: (read_own_catalogue(path), "read")[1])
        path.write_bytes('a = "甲"\r\nb = ["\u0001", { c = "乙" }]\r\n'.encode("gb18030"))
        yield from tell_answer(lambda: str(read_page(path)))
        path.write_bytes(b"\xef\xbb\xbfa = 1\n")
        yield from tell_answer(lambda: str(read_page(path)))
        for file, package in (
            ("own.toml", ""),
            ("none.csv", ""),
            ("x" * 300, ""),
            ("a\0b", ""),
            ("none.csv", "edustats"),
            ("a.csv", "no_such_package"),
            ("words/__init__.py", "edustats"),
            ("a.csv", "math"),
        ):
            yield f"{file[:20]!r} {package}"
            yield from tell_answer(lambda file=file, package=package: locate(file, folder, package).name)
        yield from tell_answer(lambda: read_own_catalogue(folder / "none.toml"))
        for one in ("b/甲.csv", "a.XLSX", ".hidden.csv", "~$a.xlsx", "c.pdf", "b/d.parquet", "e.csv/f.txt"):
            (folder / one).parent.mkdir(exist_ok=True)
            (folder / one).write_text("x")
        yield str([one for _, one in returns_in(folder)])
    yield str(
        [
            near("widht", ["width", "code"]),
            near("zzz", list("abcdefghijklmnop")),
            near("colum", ["column", "columns", "colour", "volumes"]),
            near("zzz", list("abcdefghijklmnop"), 1),
        ]
    )


FILES_READ: dict[str, Callable[[], Iterator[str]]] = {
    "texts": read_texts, "pages": read_pages, "workbooks": read_workbooks, "documents": read_documents, "settings": read_settings,
}  # fmt: skip
