"""Do several tables on one sheet, in one workbook or in several files come in each by its own headings?

Every table goes through the public commands: what inspect drafts is loaded as it stands, and what is exported is held
against the cells.
"""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest
from test_strangers_kinds import save
from typer.testing import CliRunner

from edustats.cli import app
from edustats.errors import DataError
from edustats.load.files.workbook import read_sheets
from edustats.load.tables.reader import load_tables

YOU, CHALING, YANLING, LILING = "攸县", "茶陵县", "炎陵县", "醴陵市"


def read_as_drafted(folder, *files):
    """(area, year, column) → (value, cell) of what is drafted, loaded and exported."""
    run = CliRunner().invoke
    draft, store, out = folder / "my.toml", folder / "store", folder / "out.csv"
    for told in (
        run(app, ["inspect", *map(str, files), "--write", str(draft)]),
        run(app, ["load", str(draft), "--store", str(store)]),
        run(app, ["export", "--store", str(store), "--out", str(out), "--what", "columns", "--inside"]),
    ):
        assert told.exit_code == 0, told.output or told.exception
    rows = pd.read_csv(out)
    keys = zip(rows["area_name"], rows["year"], rows["column"], strict=True)
    return dict(
        zip(keys, zip(rows["value"], rows["source"].str.split(", ").str[-1], strict=True), strict=True)
    )


def test_counties_in_blocks_side_by_side_keep_their_cells(tmp_path):
    save(tmp_path / "t.xlsx", {"表1": [
        ["2023年各县市区情况", "", "", "", "", "单位：万人"],
        ["县市区", "小学", "", "县市区", "小学", ""],
        ["", "在校生", "招生", "", "在校生", "招生"],
        [YOU, 5.1, 0.8, YANLING, 1.5, 0.2],
        [CHALING, 4.3, 0.7, LILING, 6.9, 1.1],
        ["", "", "", "合计", 17.8, 2.8],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found[YOU, 2023, "pupils_primary"] == (51000, "B4")
    assert found[LILING, 2023, "entrants_primary"] == (11000, "F5")
    assert len(found) == 8


def test_years_of_one_county_in_two_blocks(tmp_path):
    save(tmp_path / "t.xlsx", {"表1": [
        ["攸县历年小学在校生数"], ["年份", "在校生数（人）", "年份", "在校生数（人）"],
        [2020, 51000, 2022, 50500], [2021, 51100, 2023, 50700],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert {year: cell for (_, year, _), cell in found.items()} == {
        2020: (51000, "B3"), 2021: (51100, "B4"), 2022: (50500, "D3"), 2023: (50700, "D4"),
    }  # fmt: skip


def test_items_in_two_blocks_are_all_drafted(tmp_path):
    save(tmp_path / "t.xlsx", {"表1": [
        ["2023年攸县主要指标"], ["指标", "单位", "数值", "指标", "单位", "数值"],
        ["小学学校数", "所", 80, "初中学校数", "所", 30],
        ["小学在校生数", "人", 50988, "初中在校生数", "人", 24890],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found[YOU, 2023, "pupils_primary"] == (50988, "C4")
    assert found[YOU, 2023, "schools_junior"] == (30, "F3")


BENEATH = [
    ["2023年各县市区教育情况"], ["县市区", "小学学校数", "小学在校生数"], [YOU, 80, 50988], [CHALING, 77, 42876], [],
    ["续表"], ["县市区", "初中学校数", "初中在校生数"], [YOU, 30, 24890], [CHALING, 28, 20456],
]  # fmt: skip
STAGES = [
    ["2023年小学情况"], ["县市区", "学校数", "在校生数"], [YOU, 80, 50988], [CHALING, 77, 42876],
    ["2023年初中情况"], ["县市区", "学校数", "在校生数"], [YOU, 30, 24890], [CHALING, 28, 20456],
]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "cells"), [(BENEATH, ("C3", "B8", "C9")), (STAGES, ("C3", "B7", "C8"))], ids=["续表", "stages"]
)
def test_a_table_that_goes_on_beneath_with_other_columns(tmp_path, rows, cells):
    save(tmp_path / "t.xlsx", {"表1": rows})
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found[YOU, 2023, "pupils_primary"] == (50988, cells[0])
    assert found[YOU, 2023, "schools_junior"] == (30, cells[1])
    assert found[CHALING, 2023, "pupils_junior"] == (20456, cells[2])
    assert len(found) == 8


def test_stages_on_sheets_of_their_own_under_the_same_headings(tmp_path):
    heads = ["县市区", "学校数", "在校生数"]
    save(tmp_path / "t.xlsx", {
        "小学": [["2023年小学情况"], heads, [YOU, 80, 50988], [CHALING, 77, 42876]],
        "初中": [["2023年初中情况"], heads, [YOU, 30, 24890], [CHALING, 28, 20456]],
    })  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found[YOU, 2023, "pupils_primary"] == (50988, "C3")
    assert found[YOU, 2023, "pupils_junior"] == (24890, "C3")


def test_files_with_other_columns_and_other_words_for_the_areas(tmp_path):
    first, second = tmp_path / "2022年小学.csv", tmp_path / "2023年初中.csv"
    first.write_text(f"2022年小学情况\n县市区,在校生数\n{YOU},51234\n{CHALING},43210\n", "utf-8")
    second.write_text(f"2023年初中情况\n地区,在校生数\n{YOU},24890\n{CHALING},20456\n", "utf-8")
    found = read_as_drafted(tmp_path, first, second)
    assert found == {
        (YOU, 2022, "pupils_primary"): (51234, "B3"), (CHALING, 2022, "pupils_primary"): (43210, "B4"),
        (YOU, 2023, "pupils_junior"): (24890, "B3"), (CHALING, 2023, "pupils_junior"): (20456, "B4"),
    }  # fmt: skip
    assert 'rename = { "地区" = "县市区" }' in (tmp_path / "my.toml").read_text("utf-8")


def load_stage(folder, title, column, heading="在校生数"):
    (folder / "t.csv").write_text(f"{title}\n县市区,{heading}\n{YOU},24890\n{CHALING},20456\n", "utf-8")
    (folder / "m.toml").write_text(
        'title = { zh = "表", en = "t" }\n[[tables]]\nfile = "t.csv"\n[area]\ncode = "县市区"\n[year]\nin = "title"\n'
        f'[columns]\n{column} = {{ from = "{heading}", unit = "人" }}\n', "utf-8",
    )  # fmt: skip
    return load_tables(folder / "m.toml").tidy[column].tolist()


def test_a_title_of_another_stage_than_the_mapping_is_refused(tmp_path):
    with pytest.raises(DataError) as error:
        load_stage(tmp_path, "2023年初中情况", "pupils_primary")
    assert error.value.text("zh") == (
        "表 t.csv（工作表 —）的标题“2023年初中情况”说是初中，映射文件却用它填 pupils_primary（小学）；"
        "未读入，请改正映射文件，或给这张表另写一个 [[tables]]。"
    )


@pytest.mark.parametrize(
    ("title", "column", "heading"),
    [
        ("2023年初中情况", "pupils_junior", "在校生数"),
        ("2023年中小学情况", "pupils_primary", "在校生数"),
        ("2023年初中招生情况", "leavers_primary", "小学毕业生数"),
        ("2023年初中情况", "pupils", "在校生数"),
    ],
)
def test_a_title_that_agrees_or_leaves_it_open_is_not(tmp_path, title, column, heading):
    assert load_stage(tmp_path, title, column, heading) == [24890, 20456]


def test_columns_that_a_table_is_said_to_hold_must_be_in_the_mapping(tmp_path):
    (tmp_path / "m.toml").write_text(
        'title = { zh = "表", en = "t" }\n[[tables]]\nfile = "t.csv"\ncolumns = ["pupils_junir", "teachers_junior"]\n'
        '[area]\ncode = "县市区"\n[year]\nvalue = 2023\n[columns]\n'
        'pupils_junior = { from = "在校生数", unit = "人" }\n'
        'teachers_junior = { from = "生师比", unit = "pupils_per_teacher", divides = "pupils_junior" }\n', "utf-8",
    )  # fmt: skip
    with pytest.raises(DataError, match=r"pupils_junir") as error:
        load_tables(tmp_path / "m.toml")
    assert "tables 1.columns 缺少 pupils_junior" in error.value.text("zh")


def test_tables_of_a_word_file_with_their_titles_and_units(tmp_path):
    import docx

    document = docx.Document()
    document.add_paragraph("一、总体情况。" * 20)
    for title, unit, rows in (
        ("表1 2023年各县市区小学情况", "单位：万人",
         [["县市区", "小学", ""], ["", "在校生", "招生"], [YOU, "5.10", "0.8"], [CHALING, "4.3", "0.7"]]),
        ("表2 2023年各县市区初中情况", "", [["县市区", "学校数（所）", "在校生数（人）"], [YOU, "30", "24,890"],
                                    [CHALING, "28", "20,456①"]]),
    ):  # fmt: skip
        document.add_paragraph(title)
        document.add_paragraph(unit)
        table = document.add_table(len(rows), 3)
        for i, row in enumerate(rows):
            for j, words in enumerate(row):
                table.cell(i, j).text = words
        if not rows[0][2]:
            table.cell(0, 1).merge(table.cell(0, 2))
            table.cell(0, 0).merge(table.cell(1, 0))
    document.save(tmp_path / "报告.docx")
    found = read_as_drafted(tmp_path, tmp_path / "报告.docx")
    assert found[YOU, 2023, "pupils_primary"] == (51000, "B3")
    assert found[CHALING, 2023, "entrants_primary"] == (7000, "C4")
    assert found[CHALING, 2023, "pupils_junior"] == (20456, "C3")
    assert len(found) == 8


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", b"%PDF-1.7\n", "PDF 文件"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "图片"),
        ("a.rar", b"Rar!\x1a\x07\x01", "压缩包"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00\x00", "压缩包"),
        ("a.sav", b"$FL2@(#) SPSS DATA FILE", "SPSS 文件"),
        ("a.json", b'\n[{"county": 1}]', "JSON 文件"),
    ],
)
def test_what_is_no_table_is_told_what_it_is(tmp_path, name, content, kind):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        read_sheets(tmp_path / name)
    assert kind in error.value.text("zh") and "不是表格文件" in error.value.text("zh")


def test_an_archive_of_files_is_told_to_be_unpacked(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("表.csv", "县市区,在校生数\n")
    with pytest.raises(DataError, match=r"解压|unpack"):
        read_sheets(tmp_path / "a.zip")


def test_this_year_and_the_year_before(tmp_path):
    save(tmp_path / "t.xlsx", {"表1": [
        ["2023年各县市区小学在校生情况表"], ["县市区", "本年（人）", "上年（人）", "增减（人）", "增长（%）"],
        [YOU, 50988, 51234, -246, -0.5], [CHALING, 42876, 43210, -334, -0.8],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found == {
        (YOU, 2023, "pupils_primary"): (50988, "B3"), (CHALING, 2023, "pupils_primary"): (42876, "B4"),
        (YOU, 2022, "pupils_primary"): (51234, "C3"), (CHALING, 2022, "pupils_primary"): (43210, "C4"),
    }  # fmt: skip


def test_items_of_this_year_and_the_year_before(tmp_path):
    save(tmp_path / "t.xlsx", {"表1": [
        ["2023年攸县教育事业主要指标"], ["指标", "计量单位", "本年实际", "上年实际", "增长（%）"],
        ["小学学校数", "所", 80, 84, -4.8], ["初中在校生数", "人", 24890, 24567, 1.3],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found[YOU, 2022, "schools_primary"] == (84, "D3")
    assert found[YOU, 2023, "pupils_junior"] == (24890, "C4")
    assert len(found) == 4


def test_without_a_year_in_the_title_the_year_before_is_none(tmp_path):
    (tmp_path / "t.csv").write_text(
        f"小学在校生情况\n县市区,本年（人）,上年（人）\n{YOU},50988,51234\n", "utf-8"
    )
    (tmp_path / "m.toml").write_text(
        'title = { zh = "表", en = "t" }\n[[tables]]\nfile = "t.csv"\n[area]\ncode = "县市区"\n[year]\nin = "title"\n'
        '[columns]\npupils_primary = { from = "{year}（人）", unit = "人" }\n', "utf-8",
    )  # fmt: skip
    with pytest.raises(DataError, match="年"):
        load_tables(tmp_path / "m.toml")


def test_wholes_and_parts_under_one_heading_take_the_stage_of_the_title(tmp_path):
    (tmp_path / "t.csv").write_text(
        "2023年小学教育情况,,,,\n县市区,在校生数,,,专任教师数\n,计,其中：女,其中：随迁子女,计\n"
        f"{YOU},50988,23800,2100,3050\n{CHALING},42876,20011,1800,2600\n", "utf-8",
    )  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.csv")
    assert {column: value for (area, _, column), (value, _) in found.items() if area == YOU} == {
        "pupils_primary": 50988, "pupils_girls_primary": 23800, "teachers_primary": 3050,
    }  # fmt: skip


def test_the_day_that_figures_are_of_says_their_year(tmp_path):
    (tmp_path / "t.csv").write_text(
        f"县市区,统计日期,小学在校生数（人）\n{YOU},2022-09-01,51234\n{YOU},2023-09-01,50988\n", "utf-8"
    )
    found = read_as_drafted(tmp_path, tmp_path / "t.csv")
    assert {year: value for (_, year, _), (value, _) in found.items()} == {2022: 51234, 2023: 50988}


@pytest.mark.parametrize("heading", ["填报日期", "统计日期"])
def test_other_days_are_asked_about(tmp_path, heading):
    day = "2023-09-01" if heading == "填报日期" else "2023-06-30"
    (tmp_path / "t.csv").write_text(f"县市区,{heading},小学在校生数（人）\n{YOU},{day},50988\n", "utf-8")
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / "t.csv"), "--write", str(tmp_path / "my.toml")])
    assert told.exit_code == 0 and "value = 0" in (tmp_path / "my.toml").read_text("utf-8")


def test_a_second_title_without_a_year_says_the_stage_of_its_own_table(tmp_path):
    save(tmp_path / "t.xlsx", {"表1": [
        ["2023年小学情况"], ["县市区", "学校数", "在校生数"], [YOU, 80, 50988], [CHALING, 77, 42876],
        ["初中情况"], ["县市区", "学校数", "在校生数"], [YOU, 30, 24890], [CHALING, 28, 20456],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found[YOU, 2023, "pupils_junior"] == (24890, "C7")
    assert {column.rpartition("_")[2] for _, _, column in found} == {"primary", "junior"} and len(found) == 8


def test_a_word_table_is_read_as_it_is_seen(tmp_path):
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = docx.Document()
    document.add_paragraph("2023年各县市区小学情况")
    rows = [
        ["县市区", "学校数", "在校生数"],
        [YOU, "80", ""],
        [CHALING, "", "42876"],
        [YANLING, "30", "15011"],
    ]
    table = document.add_table(len(rows), 3)
    for i, row in enumerate(rows):
        for j, words in enumerate(row):
            table.cell(i, j).text = words
    cell = table.cell(1, 2).paragraphs[0]._p  # a figure that was corrected: one struck out, one put in
    cell.append(parse_xml(f"<w:del {nsdecls('w')}><w:r><w:delText>40000</w:delText></w:r></w:del>"))
    cell.append(parse_xml(f"<w:ins {nsdecls('w')}><w:r><w:t>50988</w:t></w:r></w:ins>"))
    field = "<w:sdt {}><w:sdtContent><w:tc><w:p><w:r><w:t>77</w:t></w:r></w:p></w:tc></w:sdtContent></w:sdt>"
    old = table.cell(2, 1)._tc  # a field of a form instead of a cell
    old.addprevious(parse_xml(field.format(nsdecls("w"))))
    old.getparent().remove(old)
    table.rows[3]._tr.get_or_add_trPr().append(parse_xml(f"<w:del {nsdecls('w')}/>"))  # a row struck out
    document.save(tmp_path / "t.docx")
    found = read_as_drafted(tmp_path, tmp_path / "t.docx")
    assert found == {
        (YOU, 2023, "schools_primary"): (80, "B2"), (YOU, 2023, "pupils_primary"): (50988, "C2"),
        (CHALING, 2023, "schools_primary"): (77, "B3"), (CHALING, 2023, "pupils_primary"): (42876, "C3"),
    }  # fmt: skip
