"""Whose figures are these, where a table does not say it? It is asked; an item, a year or a town is no county."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from edustats.cli import app

BILINGUAL = [
    ("教育事业基本情况", "", "", ""),
    ("项 目", "Item", 2006, 2007),
    ("学校数", "Number of Schools", None, None),
    ("普通高等学校", "Regular Institutions of Higher Education", 38, 39),
    ("中等师范学校", "Teacher Training Schools", 9, 8),
    ("小 学", "Primary Schools", 8754, 7990),
    ("专任教师", "Number of Full-time Teachers", None, None),
    ("普通高等学校", "Regular Institutions of Higher Education", 23717, 26089),
    ("小 学", "Primary Schools", 113724, 119831),
]


def run(*words):
    return CliRunner().invoke(app, [*map(str, words), "--lang", "zh"])


def draft(folder, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell if cell != "" else None for cell in row])
    book.save(folder / "t.xlsx")
    told = run("inspect", folder / "t.xlsx", "--write", folder / "my.toml")
    assert told.exit_code == 0, told.output
    return told.output, (folder / "my.toml").read_text("utf-8")


def load(folder):
    """Area, name, year, column → value."""
    made = run("load", folder / "my.toml", "--store", folder / "store")
    assert made.exit_code == 0, made.output
    out = folder / "out.csv"
    assert (
        run("export", "--store", folder / "store", "--out", out, "--what", "columns", "--inside").exit_code
        == 0
    )
    rows = pd.read_csv(out, dtype={"area": str})
    rows = rows.dropna(subset=["value"])
    return rows.set_index(["area", "area_name", "year", "column"])["value"].to_dict()


def test_items_in_two_languages_are_asked_whose_they_are(tmp_path):
    told, page = draft(tmp_path, BILINGUAL)
    assert "t.xlsx（工作表 Sheet）没有写明是哪个地方的数" in told
    assert "[area]\n# 表里没有写明是哪个地方的数，请填地名或代码，如 攸县\n" in page
    assert 'value = ""' in page
    refused = run("load", tmp_path / "my.toml", "--store", tmp_path / "store")
    assert refused.exit_code == 1
    assert "[area] 的 value 还空着" in str(refused.exception)
    assert not (tmp_path / "store").exists()


def test_a_section_with_its_translation_beside_it_has_no_figures(tmp_path):
    _, page = draft(tmp_path, BILINGUAL)
    assert page.partition("[columns]\n")[2].splitlines() == [
        'schools_primary = { from = "{year}", unit = "school", where = { "项 目" = "学校数/小 学" } }',
        'teachers_primary = { from = "{year}", unit = "person", where = { "项 目" = "专任教师/小 学" } }',
    ]


@pytest.mark.parametrize(
    ("said", "area"),
    [("攸县", "430223"), ("430223", "430223"), ("430223攸县", "430223"), ("青山县", "青山县")],
)
def test_the_area_that_is_filled_in_is_that_of_every_row(tmp_path, said, area):
    _, page = draft(tmp_path, BILINGUAL)
    (tmp_path / "my.toml").write_text(page.replace('value = ""', f'value = "{said}"'), "utf-8")
    found = load(tmp_path)
    assert {key[0] for key in found} == {area}
    assert {key[2:]: value for key, value in found.items()} == {
        (2006, "schools_primary"): 8754, (2007, "schools_primary"): 7990,
        (2006, "teachers_primary"): 113724, (2007, "teachers_primary"): 119831,
    }  # fmt: skip


def test_a_column_of_items_is_refused_as_areas(tmp_path):
    _, page = draft(tmp_path, BILINGUAL)
    (tmp_path / "my.toml").write_text(page.replace('value = ""', 'code = "项 目"'), "utf-8")
    refused = run("load", tmp_path / "my.toml", "--store", tmp_path / "store")
    assert refused.exit_code == 1
    assert "[area] 把“项 目”当作地区，而 columns.schools_primary 的 where 把同一列当作项目" in str(
        refused.exception
    )


@pytest.mark.parametrize(
    "rows",
    [
        [("年份", "小学在校生数（人）"), (2019, 12000), (2020, 11800), (2021, 11500)],
        [("指标", "年份", "数值"), ("小学在校生数", 2020, 1200), ("小学专任教师数", 2020, 70)],
        [("Indicator", "2019", "2020"), ("Primary pupils", 1200, 1180), ("Primary teachers", 70, 71),
         ("Junior secondary pupils", 600, 610)],
    ],
)  # fmt: skip
def test_years_and_items_are_no_areas(tmp_path, rows):
    _, page = draft(tmp_path, rows)
    assert 'value = ""' in page
    assert "pupils_primary = {" in page


def test_a_further_column_of_words_may_be_of_areas(tmp_path):
    rows = [("片", "指标", "2020年"), ("甲", "小学在校生数", 1200), ("甲", "小学专任教师数", 70),
            ("乙", "小学在校生数", 2200), ("乙", "小学专任教师数", 170)]  # fmt: skip
    _, page = draft(tmp_path, rows)
    assert 'code = "片"' in page


@pytest.mark.parametrize(
    ("heading", "area"), [("镇名", "东城"), ("乡镇（街道）", "东城"), ("地区", "110101")]
)
def test_a_town_is_no_district_of_another_city(tmp_path, heading, area):
    rows = [
        ("年份", heading, "小学在校生数（人）"),
        (2020, "东城", 1200),
        (2020, "西城", 1180),
        (2020, "南湾", 1150),
    ]
    draft(tmp_path, rows)
    assert load(tmp_path)[area, "东城", 2020, "pupils_primary"] == 1200


@pytest.mark.parametrize("whole_at", [0, 6])
def test_items_beneath_a_line_with_their_county(tmp_path, whole_at):
    items = [("一、小学在校生", "人", 12000, 12345), ("二、小学专任教师", "人", 670, 678)]
    rows = [("荷塘区", "", "", ""), *items, ("攸县", "", "", ""), ("一、小学在校生", "人", 23000, 23456),
            ("二、小学专任教师", "人", 1200, 1234)]  # fmt: skip
    whole = [
        ("全市", "", "", ""),
        ("一、小学在校生", "人", 35000, 35801),
        ("二、小学专任教师", "人", 1870, 1912),
    ]
    rows[whole_at:whole_at] = whole
    _, page = draft(
        tmp_path, [("株洲市教育情况", "", "", ""), ("指标名称", "计量单位", "2021年", "2022年"), *rows]
    )
    assert 'in = "sections"' in page
    assert {key[1:]: value for key, value in load(tmp_path).items() if key[2] == 2022} == {
        ("荷塘区", 2022, "pupils_primary"): 12345, ("荷塘区", 2022, "teachers_primary"): 678,
        ("攸县", 2022, "pupils_primary"): 23456, ("攸县", 2022, "teachers_primary"): 1234,
    }  # fmt: skip
