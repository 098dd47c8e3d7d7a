"""Does one file ever cost another? Damage, far cells, size, time and layouts nobody thought of."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from returns_made import ROWS, listed
from typer.testing import CliRunner

from edustats.cli import app
from edustats.errors import DataError
from edustats.example.workbooks import Page, write_xls, write_xlsx
from edustats.load.files import apart
from edustats.load.files.workbook import read_sheets
from edustats.load.returns import reader


def far_workbook(path, *cells):
    """A workbook of a small table and cells wherever they are said to be."""
    write_xlsx(path, [Page(name="a", rows=[["学校", "人数"], ["甲", 1]])])
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    sheet = next(name for name in parts if name.startswith("xl/worksheets/"))
    rows = b"".join(b'<row r="%d">%s</row>' % (int(re.findall(rb"\d+", cell)[0]), cell) for cell in cells)
    parts[sheet] = parts[sheet].replace(b"</sheetData>", rows + b"</sheetData>")
    with zipfile.ZipFile(path, "w") as target:
        for name, body in parts.items():
            target.writestr(name, body)
    return path


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        (b'<c r="XFD1048576"><v>1</v></c>', "XFD1048576"),
        (b'<c t="n" r="ZZ999999"><v>1</v></c>', "ZZ999999"),
        (b"<c r='CZ200000'><v>1</v></c>", "CZ200000"),
        (b'<c s="0" r="A1048576"><v>1</v></c>', "A1048576"),
        (b'<c r="ZZ9000"><v>1</v></c>', "ZZ9000"),
    ],
)
def test_a_far_cell_is_named_however_it_is_written(tmp_path, cell, named):
    with pytest.raises(DataError) as caught:
        read_sheets(far_workbook(tmp_path / "远.xlsx", cell))
    assert caught.value.text("zh") == (
        f"工作簿 远.xlsx 在 {named} 还有内容，远在表外；请删去表外的空行空列后另存。"
    )


def test_a_stray_note_beside_the_table_is_no_far_cell(tmp_path):
    (sheet,) = read_sheets(far_workbook(tmp_path / "a.xlsx", b'<c r="XFD9"><v>1</v></c>'))
    assert len(sheet.rows) == 9


SPACES = " ".join(
    f'xmlns:{x}="urn:oasis:names:tc:opendocument:xmlns:{x}:1.0"' for x in ("office", "table", "text")
)
ODS = (
    f"<?xml version='1.0' encoding='UTF-8'?><office:document-content {SPACES} office:version='1.2'>"
    '<office:automatic-styles/><office:body><office:spreadsheet><table:table table:name="a">'
    '<table:table-row table:number-rows-repeated="{rows}"><table:table-cell office:value-type="float" '
    'office:value="1" table:number-columns-repeated="{columns}"><text:p>1</text:p></table:table-cell>'
    "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
)
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def open_document(path, rows, columns):
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        target.writestr("META-INF/manifest.xml", MANIFEST)
        target.writestr("content.xml", ODS.format(rows=rows, columns=columns))
    return path


def test_a_repeated_cell_is_refused_before_it_fills_the_memory(tmp_path):
    (sheet,) = read_sheets(open_document(tmp_path / "a.ods", 3, 2))
    assert [len(row) for row in sheet.rows] == [2, 2, 2]
    with pytest.raises(DataError, match=r"2 GB|1200"):
        read_sheets(open_document(tmp_path / "b.ods", 9_000, 10_000))


def test_a_workbook_of_too_many_cells_says_up_to_which_sheet(tmp_path, monkeypatch):
    from edustats.load.files import workbook

    monkeypatch.setattr(workbook, "MOST_CELLS", 10)
    write_xlsx(tmp_path / "a.xlsx", [Page(name=n, rows=[[1, 2], [3, 4], [5, 6]]) for n in "ab"])
    with pytest.raises(DataError) as caught:
        workbook.read_sheets_here(tmp_path / "a.xlsx", "a.xlsx")
    assert caught.value.facts["sheet"] == "b"


def cut(path, start):
    """A workbook whose middle is gone, as a broken transfer leaves it."""
    body = path.read_bytes()
    path.write_bytes(body[:start] + body[start + 1_000 :])


def test_files_of_every_damage_cost_themselves_alone(tmp_path):
    listed(tmp_path)
    for start in range(512, 4_000, 512):
        broken = tmp_path / f"坏{start}.xls"
        write_xls(broken, Page(name="a", rows=[[f"第{i}行", i] for i in range(60)]))
        cut(broken, start)
    for name in ("空.xlsx", "字.xlsb", "半.ods", "夹.et"):
        (tmp_path / name).write_bytes(b"PK\x03\x04" + os.urandom(200) if name != "空.xlsx" else b"")
    loaded = reader.load_returns([tmp_path])
    assert len(loaded.tidy) == len(ROWS)
    refused = loaded.findings[loaded.findings["rule"] == "file_refused"]
    assert {"空.xlsx", "字.xlsb", "半.ods", "夹.et"} <= set(refused["file"])
    assert not refused["zh"].str.contains("Traceback|Error").any()


def test_a_layout_nobody_thought_of_costs_its_file_alone(tmp_path, monkeypatch):
    listed(tmp_path)
    write_xlsx(tmp_path / "怪.xlsx", [Page(name="怪", rows=[["x"]])])
    take = reader.take_sheet
    monkeypatch.setattr(
        reader, "take_sheet", lambda sheet, *rest: [][1] if sheet.name == "怪" else take(sheet, *rest)
    )
    loaded = reader.load_returns([tmp_path])
    assert len(loaded.tidy) == len(ROWS)
    (told,) = loaded.findings.loc[loaded.findings["rule"] == "file_refused", "en"]
    assert told.startswith("the contents of file 怪.xlsx could not be made out (IndexError: list index")


# --- the reading process itself: what it is asked is replaced by what would be its end ---

END = {
    "abort": ("os.abort()", "已损坏，无法读取"),
    "exit": ("os._exit(0)", "已损坏，无法读取"),
    "panic": ("raise BaseException('index out of bounds')", "已损坏，无法读取"),
    "memory": ("return bytearray(20_000_000_000)", "所需内存超过 2 GB"),
    "time": ("time.sleep(60)", "超过 0.5 秒"),
}


@pytest.fixture
def dying_reader(tmp_path, monkeypatch):
    """A reading process whose reader comes to an end of its own at files that ask for it."""
    lines = [f"    if path.name == '{name}.xlsx':\n        {does}" for name, (does, _) in END.items()]
    (tmp_path / "dying.py").write_text(
        "import os, time\nfrom edustats.load.files import reading_process as r\nreal = r.read_sheets_here\n"
        "def read_sheets_here(path, name):\n" + "\n".join(lines) + "\n    return real(path, name)\n"
        "r.read_sheets_here = read_sheets_here\nr.main()\n",
        "utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(apart, "CHILD", "dying")
    monkeypatch.setattr(apart, "SECONDS", 0.5)
    monkeypatch.setattr(apart, "_reader", None)
    yield
    if apart._reader:
        apart._reader.close()


def test_a_reader_that_does_not_start_is_told_with_the_file_that_was_to_be_read(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "CHILD", "edustats.no_such_module")
    monkeypatch.setattr(apart, "_reader", None)
    write_xlsx(tmp_path / "甲.xlsx", [Page(name="a", rows=[["甲", 1]])])
    with pytest.raises(DataError) as caught:
        read_sheets(tmp_path / "甲.xlsx")
    assert (
        caught.value.text("zh") == "读取文件的程序没有启动，甲.xlsx 没有读；请运行 edustats doctor 检查安装。"
    )
    assert apart._reader is None


@pytest.mark.skipif(
    sys.flags.isolated, reason="this Python, such as the embeddable one of Windows, asks no PYTHONPATH"
)
@pytest.mark.parametrize("end", [name for name in END if name != "memory" or sys.platform == "linux"])
def test_whatever_ends_the_reader_the_next_file_is_read(tmp_path, dying_reader, end):
    for name in (end, "good"):
        write_xlsx(tmp_path / f"{name}.xlsx", [Page(name="a", rows=[["甲", 1]])])
    with pytest.raises(DataError) as caught:
        read_sheets(tmp_path / f"{end}.xlsx")
    assert END[end][1] in caught.value.text("zh")
    assert read_sheets(tmp_path / "good.xlsx")[0].rows == [["甲", 1.0]]


def test_the_reading_process_goes_with_the_one_it_reads_for(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", [Page(name="a", rows=[["甲", 1]])])
    code = (
        "import os,sys;from pathlib import Path;from edustats.load.files import apart\n"
        "from edustats.load.files.workbook import read_sheets\nread_sheets(Path(sys.argv[1]))\n"
        "print(apart._reader._process.pid, flush=True)\nos._exit(1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.xlsx")], capture_output=True, text=True, check=False
    )
    pid = int(done.stdout)
    if sys.platform == "linux":
        for _ in range(100):
            stat = Path(f"/proc/{pid}/stat")
            if not stat.exists() or stat.read_text().split(")")[1].split()[0] == "Z":
                return
            os.sched_yield()
            subprocess.run([sys.executable, "-c", ""], check=False)
        raise AssertionError("the reader outlived its asker")


# --- nothing usable ---


def load(*args):
    return CliRunner(env={"COLUMNS": "4000", "EDUSTATS_LANG": "zh"}).invoke(
        app, ["load", *map(str, args), "--lang", "zh"]
    )


def test_a_county_spelt_otherwise_is_answered_with_the_nearest_name(tmp_path):
    listed(tmp_path)
    page = tmp_path / "returns.toml"
    page.write_text(page.read_text("utf-8").replace("汀阳区", "汀羊区"), "utf-8")
    made = load(tmp_path, "--store", tmp_path / "s")
    assert isinstance(made.exception, DataError)
    told = made.exception.text("zh")
    assert "与“汀阳区”最接近的是“汀羊区”，请改正报表或 returns.toml 中的名称。" in told
    assert not (tmp_path / "s").exists()


def test_a_folder_of_something_else_says_what_was_looked_for_and_found(tmp_path):
    (tmp_path / "in").mkdir()
    write_xlsx(tmp_path / "in" / "通讯录.xlsx", [Page(name="a", rows=[["姓名", "电话"], ["张三", "123"]])])
    told = load(tmp_path / "in", "--store", tmp_path / "s").exception.text("zh")
    assert told.startswith("in 中没有可用的数据（看了 1 个文件）：没有一张表的表头是已知表式。要找的是：")
    assert "小学分校一览表" in told
    assert "姓名 电话" in told


def test_a_folder_of_damaged_files_says_why_each_was_refused(tmp_path):
    (tmp_path / "in").mkdir()
    for name in "ab":
        (tmp_path / "in" / f"{name}.xlsx").write_bytes(b"")
    told = load(tmp_path / "in", "--store", tmp_path / "s").exception.text("zh")
    assert "文件 a.xlsx 是空的（0 字节或全为零）" in told
    assert "文件 b.xlsx 是空的" in told
