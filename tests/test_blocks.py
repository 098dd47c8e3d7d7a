"""Do several tables on one sheet, in one workbook or in several files come in each by its own headings?

Every table goes through the public commands: what inspect drafts is loaded as it stands, and what is exported is held
against the cells.
"""

from __future__ import annotations

import pandas as pd
import pytest
from test_strangers_kinds import save
from typer.testing import CliRunner

from edustats.cli import app
from edustats.errors import DataError
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
