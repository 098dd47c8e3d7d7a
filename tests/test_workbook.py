"""Is a file that cannot be a return refused in a sentence, and every other read whole?"""

import zipfile
from pathlib import Path

import pytest
from returns_made import HEAD, MERGED, ROWS, listed, page

from edustats.errors import DataError, EdustatsError, MissingFileError
from edustats.example.workbooks import Page, write_xls, write_xlsx
from edustats.load.files.workbook import read_sheets
from edustats.load.returns.reader import load_returns


def refusal(path: Path) -> str:
    with pytest.raises(EdustatsError) as caught:
        read_sheets(path)
    assert caught.value.text("zh")
    return caught.value.text("en")


def test_a_truncated_workbook_is_called_damaged(tmp_path):
    path = listed(tmp_path)
    path.write_bytes(path.read_bytes()[:900])
    assert "990102小学.xlsx cannot be opened" in refusal(path)


def test_a_file_of_nothing_is_called_empty(tmp_path):
    for content in (b"", b"\0" * 512):
        path = tmp_path / "a.xlsx"
        path.write_bytes(content)
        assert refusal(path) == "file a.xlsx is empty; export or send it again."


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(MissingFileError) as caught:
        read_sheets(tmp_path)
    assert "is not a file" in caught.value.text("en")


def test_a_locked_workbook_is_called_locked(tmp_path):
    path = tmp_path / "locked.xlsx"
    write_xls(path, Page(name="a", rows=[[1]]))
    content = bytearray(path.read_bytes())
    start = content.find("Workbook".encode("utf-16-le"))
    name = "EncryptedPackage".encode("utf-16-le")
    content[start : start + len(name)] = name
    path.write_bytes(bytes(content))
    assert "locked with a password" in refusal(path)


def test_a_workbook_that_would_unpack_to_a_gigabyte_is_refused_unopened(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 700_000_000)
    assert "would unpack to 700 MB" in refusal(path)


def test_a_cell_at_the_far_corner_is_refused_before_it_fills_the_memory(tmp_path):
    path = listed(tmp_path)
    far = tmp_path / "far.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(far, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            target.writestr(
                name,
                body.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                ),
            )
    assert "XFD1048576" in refusal(far)


def test_two_hundred_sheets_are_all_accounted_for(tmp_path):
    listed(tmp_path)
    pages = [Page(name=f"s{i}", rows=[["随手记", i]]) for i in range(199)]
    write_xlsx(tmp_path / "990102小学.xlsx", [*pages, page()])
    loaded = load_returns([tmp_path])
    assert len(loaded.ledger) == 200
    assert sum(e.read for e in loaded.ledger) == 199 + 6
    assert len(loaded.tidy) == 3


def test_an_error_cell_keeps_its_text(tmp_path):
    rows = [list(row) for row in ROWS]
    rows[1][7] = "#DIV/0!"
    sheet = read_sheets(listed(tmp_path, rows))[0]
    assert sheet.rows[4][7] == "#DIV/0!"


def test_an_error_cell_of_the_old_format_keeps_its_text_whatever_the_file_is_called(tmp_path):
    rows = [list(row) for row in ROWS]
    rows[1][7] = "#DIV/0!"
    listed(tmp_path).unlink()  # leaves the page that names the county
    for name in ("990102小学.xls", "990102小学.et"):
        write_xls(tmp_path / name, page(rows))
        sheet = read_sheets(tmp_path / name)[0]
        assert sheet.rows[4][7] == "#DIV/0!"
        loaded = load_returns([tmp_path / name])
        assert loaded.findings["rule"].tolist() == ["unreadable"]
        assert len(loaded.tidy) == 3


def test_a_file_whose_counties_nobody_knows_loads_no_row_and_loses_none(tmp_path):
    write_xls(tmp_path / "a.xls", page())
    loaded = load_returns([tmp_path / "a.xls"])
    assert loaded.tidy.empty
    assert [reason for _, reason, _ in loaded.ledger[0].aside].count("no_county") == 3


def test_errors_of_formulas_in_a_file_of_an_office_program_keep_their_texts():
    # written by LibreOffice: 1/0, NA(), a VLOOKUP that finds nothing
    sheet = read_sheets(Path(__file__).with_name("files") / "errors.xls")[0]
    assert sheet.rows == [
        ["学校", "班数"], ["甲", "#DIV/0!"], ["乙", 3], ["", "#N/A"], ["", "#N/A"],
    ]  # fmt: skip


def test_the_old_format_and_the_new_give_the_same_rows(tmp_path):
    new = read_sheets(listed(tmp_path))[0]
    write_xls(tmp_path / "old.xls", page())
    old = read_sheets(tmp_path / "old.xls")[0]
    assert new.rows == old.rows
    assert set(new.merged) == set(old.merged)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_comes_in_whatever_it_was_saved_in(tmp_path, encoding):
    listed(tmp_path).unlink()
    head = [
        "学校标识码",
        "学校名称",
        "所在县区",
        "办学类型",
        "在校生数",
        "在校生数/女",
        "专任教师/合计",
        "图书",
    ]
    text = "\r\n".join(",".join(str(v) for v in row) for row in [["2021/2022学年初小学"], head, *ROWS])
    (tmp_path / "990102小学.csv").write_bytes(text.encode(encoding))
    loaded = load_returns([tmp_path])
    assert loaded.tidy["pupils_primary"].tolist() == [300, 520, 12]


def test_a_byte_of_no_encoding_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("学校".encode("gb18030") + b"\xff\xff\x81")
    assert "no encoding we know" in refusal(path)


def test_one_damaged_file_does_not_stop_the_others_and_is_named(tmp_path):
    listed(tmp_path)
    (tmp_path / "990102初中.xlsx").write_bytes(b"PK not a workbook")
    loaded = load_returns([tmp_path])
    refused = loaded.findings[loaded.findings["rule"] == "file_refused"]
    assert refused["file"].tolist() == ["990102初中.xlsx"]
    assert "cannot be opened" in refused["en"].iloc[0]
    assert len(loaded.tidy) == 3
    assert {e.file for e in loaded.ledger} == {"990102小学.xlsx", "990102初中.xlsx"}


def test_a_title_merged_into_the_header_hides_no_column(tmp_path):
    path = listed(tmp_path)
    wide = page()
    wide.merged = [*MERGED, (0, 0, 1, 7)]
    write_xlsx(path, [wide])
    loaded = load_returns([tmp_path])
    assert sum(e.read for e in loaded.ledger) == 6
    assert loaded.tidy["pupils_primary"].tolist() == [300, 520, 12]


def test_a_word_merged_over_its_neighbour_s_column_makes_neither_be_read(tmp_path):
    path = listed(tmp_path)
    wide = page()
    wide.rows[1][6] = None
    wide.merged = [m for m in MERGED if m[1] != 4] + [(1, 4, 1, 6)]
    write_xlsx(path, [wide])
    loaded = load_returns([tmp_path])
    assert "pupils_primary" not in loaded.tidy
    told = loaded.findings[loaded.findings["rule"] == "two_columns"]
    assert told["expected"].tolist() == ["E, G"]
    assert "pupils" in told["en"].iloc[0].lower()


def test_header_words_of_the_test_are_those_of_a_form():
    assert HEAD[0][0] == "学校（机构）标识码"


def test_a_return_without_a_year_is_refused(tmp_path):
    path = listed(tmp_path, title="小学分校一览表", name="小学.xlsx")
    with pytest.raises(DataError, match=r"学年|school year"):
        load_returns([path])
