"""Does each way of writing a table down give the cells that a person sees? Files made by hand, cells told by hand."""

import io
import zipfile

import pytest
from own_tables import OWN_MAPPING

from edustats.errors import DataError
from edustats.load.files import formats
from edustats.load.files.extent import find_far_cell, find_farthest_cell
from edustats.load.files.markup import tables_in
from edustats.load.files.plain_text import decoded, rows_of, separator_of
from edustats.load.files.workbook import _errors
from edustats.load.tables.reader import load_tables

# --- pages saved as workbooks ---


def rows_in(page):
    (table,) = tables_in(page.encode(), "a.xls")
    return table.rows, table.merged


def test_cells_that_span_push_their_neighbours_aside():
    rows, merged = rows_in(
        "<table><tr><th rowspan=2>县</th><th colspan=2>在校生</th><th>教师</th></tr>"
        "<tr><td>小学</td><td>初中</td><td>1</td></tr><tr><td>甲县</td><td>300</td><td>120</td><td>40</td></tr></table>"
    )
    assert rows == [["县", "在校生", "", "教师"], ["", "小学", "初中", "1"], ["甲县", "300", "120", "40"]]
    assert merged == [((0, 0), (1, 0)), ((0, 1), (0, 2))]


def test_a_cell_whose_end_is_left_out_keeps_its_text_and_its_place():
    rows, _ = rows_in("<table><tr><td>县<td>在校生<tr><td>甲县<td>1,200</table>")
    assert rows == [["县", "在校生"], ["甲县", "1,200"]]
    rows, _ = rows_in("<table><tbody><tr><th>县<th>数<tbody><tr><td>甲<br>县</td><td>7</table><p>8</p>")
    assert rows == [["县", "数"], ["甲\n县", "7"]]


def test_a_row_that_was_never_opened_is_one_and_words_outside_cells_are_none():
    assert rows_in("总计<table>无<td>1</td><td>2</td></table>")[0] == [["1", "2"]]
    assert rows_in("<table><tr><td>版式<table><tr><td>县<td>数</table></table>")[0] == [["县", "数"]]


EXCEL_2003 = """<?xml version="1.0"?><Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="s1"><NumberFormat ss:Format="0.0%"/></Style><Style ss:ID="s2"><NumberFormat ss:Format="Percent"/>
</Style><Style ss:ID="s3"><NumberFormat ss:Format="0.00"/></Style></Styles>
<Worksheet ss:Name="一"><Table><Row><Cell>
<Data ss:Type="String">县</Data></Cell><Cell ss:Index="3"><Data>率</Data></Cell>
</Row><Row ss:Index="3"><Cell ss:MergeAcross="1"><Data>甲县</Data></Cell><Cell ss:StyleID="s1"><Data>0.985</Data>
<Comment><ss:Data>去年0.97</ss:Data></Comment></Cell>
<Cell ss:StyleID="s2"><Data>不详</Data></Cell><Cell ss:StyleID="s3"/></Row>
</Table></Worksheet><Worksheet ss:Name="二"><Table><Row><Cell><Data>1</Data></Cell><Cell><Data>2</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


def test_the_xml_of_2003_leaves_rows_and_cells_out_and_shows_shares():
    first, second = tables_in(EXCEL_2003.encode(), "a.xls")
    assert [first.name, second.name] == ["一", "二"]
    assert first.rows == [["县", "", "率"], [], ["甲县", "", 0.985, "不详", ""]]
    assert (first.percent, second.percent) == ({(2, 2), (2, 3)}, set())
    assert (first.merged, second.rows) == ([((2, 0), (2, 1))], [["1", "2"]])


# --- text ---


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("县;在校生;教师\n甲县;1,5;2,5\n", ";"),
        ("县\t在校生\n甲县\t1,200\n乙县\t900\n", "\t"),
        ("县|数\n甲|1\n", "|"),
        ("县,数\n甲;乙,1\n丙,2\n丁,3\n", ","),
        ('县,数\n"甲;乙;丙",1\n', ","),
        ("县\t,数\t,年\t\n甲\t,1\t,2\t\n", ","),
        ("一个县\n甲县\n", ";"),
    ],
)
def test_what_parts_cells_is_what_stands_equally_often_in_nearly_every_line(text, mark):
    assert separator_of(text) == mark


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-be"])
def test_chinese_is_read_in_whatever_it_was_saved(encoding):
    bom = b"\xfe\xff" if encoding == "utf-16-be" else b""
    assert (
        decoded(bom + "学校名称,在校生\r\n甲县小学,12\r".encode(encoding), "a.csv")
        == "学校名称,在校生\n甲县小学,12\n"
    )


def test_traditional_and_western_letters_are_told_from_simplified_ones():
    assert (
        decoded("學校名稱,學生數\n甲縣國小,12\n".encode("big5"), "a.csv") == "學校名稱,學生數\n甲縣國小,12\n"
    )
    assert decoded("École,Élèves\nLycée,12\n".encode("cp1252"), "a.csv") == "École,Élèves\nLycée,12\n"
    with pytest.raises(DataError):
        decoded(b"a,\xff\xff\xff\n", "a.csv")


def test_an_open_quotation_mark_is_refused_with_its_line():
    assert rows_of('县,注\n甲,"两\n行"\n乙,"说""好"""\n'.encode(), "a.csv") == [
        ["县", "注"],
        ["甲", "两\n行"],
        ["乙", '说"好"'],
    ]
    for text in ('县,注\n甲,"好\n乙,1\n', '县,注\n甲,"好\n乙,1\n丙,"坏\n丁,2"\n'):
        with pytest.raises(DataError) as caught:
            rows_of(text.encode(), "a.csv")
        assert caught.value.facts["line"] == 2


# --- what stretches a sheet ---


def test_the_cell_that_stretches_a_sheet_is_named_and_a_large_table_is_not():
    assert find_far_cell(b'<c r="A1"/><c r="B20000"/><c r="CV3"/>') == "B20000"
    assert find_far_cell(b'<c r="A1"/><c r="AAA19"/>') == ""  # 703 columns of 19 rows are no two million
    assert find_far_cell(b'<c r="A1"/><c r="AAA3000"/>') == "AAA3000"
    rows = [[""] * 1001 for _ in range(2000)]
    rows[3][5], rows[1999][2] = 1.0, 2.0
    assert find_farthest_cell(rows) == (1999, 2)
    assert find_farthest_cell([[1.0] * 1001 for _ in range(2000)]) is None
    assert find_farthest_cell([[""] * 1001 for _ in range(2000)]) is None


# --- number formats ---


def spreadsheet(body):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("content.xml", body)
    return target.getvalue()


def test_shares_of_an_open_document_are_found_where_they_stand():
    share, number = '<table:table-cell office:value-type="percentage"/>', "<table:table-cell/>"
    body = (
        f'<table:table table:name="a"><table:table-column/><table:table-row>{number}</table:table-row>'
        f'<table:table-row><table:covered-table-cell table:number-columns-repeated="2"/>{share}</table:table-row>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="percentage" '
        f'table:number-columns-repeated="2"/>{number}</table:table-row><table:table-row>{number}{share}'
        f'</table:table-row></table:table><table:table table:name="b"><table:table-row>{share}</table:table-row>'
        "</table:table>"
    )  # fmt: skip
    assert formats.percent_cells_of_ods(spreadsheet(body)) == {
        0: {(1, 2), (2, 0), (2, 1), (3, 0), (3, 1), (4, 1)},
        1: {(0, 0)},
    }
    assert formats.percent_cells_of_ods(spreadsheet(f"<table:table>{number}</table:table>")) == {}


def test_cells_of_a_style_and_of_an_error_are_found_in_whatever_order_they_are_described():
    body = b'<c r="A1" s="1"/><c s="1" r="B2"/><c s="11" r="C3"/><c t="n" s="2" r="AA4"><v>1</v></c>'
    assert formats.styled_cells(body, [1]) == {(0, 0), (1, 1)}
    assert formats.styled_cells(body, [2, 11]) == {(2, 2), (3, 26)}
    wrong = b'<c r="A1" t="e"><v>#N/A</v></c><c t="e" s="1" r="B3"><f>1/0</f><v>#DIV/0!</v></c><c r="C1"><v>3</v></c>'
    assert _errors(wrong, 4) == {(4, 0, 0): "#N/A", (4, 2, 1): "#DIV/0!"}
    sums = b'<c r="A1"><f>B1+C1</f></c><c s="1" r="B1"><f>1+1</f><v>2</v></c><c t="str" r="C1"><f>D1</f><v></v></c>'
    assert formats.empty_formulas(sums) == {(0, 0): "=B1+C1"}


CELLS = ["县代码", "县名", "学年", "在校生", "午餐率"], ["990101", "甲县", "2021", "200", "0.985"]
SHARE_MAPPING = (
    OWN_MAPPING.partition("[columns]")[0].replace('unit = "学校代码"\n', "")
    + """[columns]
pupils = { from = "在校生", unit = "人" }
pupils_free_lunch = { from = "午餐率", unit = "%", of = "pupils" }
"""
)
ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
    '<table:table table:name="a">{}</table:table></office:spreadsheet></office:body></office:document-content>'
)


def write_xml(path):
    rows = "".join(f"<Row>{''.join(_cell_of_xml(cell) for cell in row)}</Row>" for row in CELLS)
    head = EXCEL_2003.partition("<Worksheet")[0]
    path.write_text(f'{head}<Worksheet ss:Name="a"><Table>{rows}</Table></Worksheet></Workbook>', "utf-8")


def _cell_of_xml(cell):
    style = ' ss:StyleID="s1"' if cell == "0.985" else ""
    return f"<Cell{style}><Data>{cell}</Data></Cell>"


def write_ods(path):
    rows = "".join(
        f"<table:table-row>{''.join(_cell_of_ods(cell) for cell in row)}</table:table-row>" for row in CELLS
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", ODS.format(rows))


def _cell_of_ods(cell):
    if cell != "0.985":
        return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
    given = f'office:value-type="percentage" office:value="{cell}"'
    return f"<table:table-cell {given}><text:p>98.5%</text:p></table:table-cell>"


@pytest.mark.parametrize(("name", "write"), [("a.xls", write_xml), ("a.ods", write_ods)])
def test_a_share_that_a_person_sees_is_the_one_that_is_loaded(tmp_path, name, write):
    """98.5% of 200 pupils are 197; the file holds 0.985."""
    write(tmp_path / name)
    (tmp_path / "own.toml").write_text(SHARE_MAPPING.replace("schools.csv", name), "utf-8")
    assert load_tables(tmp_path / "own.toml").tidy["pupils_free_lunch"].tolist() == [197.0]
