"""A line that says what each unit is of: 单位：人（学生为万人）. Every column, and every item, gets its own."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from edustats.cli import app
from edustats.load.reading.named_units import choose_named, read_named_units

ROWS = (("荷塘区", 1.2345, 678, 9), ("攸县", 2.3456, 1234, 30), ("茶陵县", 2.0001, 1100, 20))


def run(*words):
    made = CliRunner().invoke(app, [*map(str, words), "--lang", "zh"])
    assert made.exit_code == 0, (made.output, made.exception)
    return made.output


def read(folder, rows):
    """What inspect says, the draft's columns, and year, area, column → value of what it loads."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(folder / "t.xlsx")
    told = run("inspect", folder / "t.xlsx", "--write", folder / "my.toml")
    lines = (folder / "my.toml").read_text("utf-8").partition("[columns]\n")[2].splitlines()
    run("load", folder / "my.toml", "--store", folder / "store")
    run("export", "--store", folder / "store", "--out", folder / "out.csv", "--what", "columns", "--inside")
    found = pd.read_csv(folder / "out.csv").dropna(subset=["value"])
    return told, lines, found.set_index(["year", "area_name", "column"])["value"].to_dict()


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("单位：学生数为万人，教师数为人", ""),
        ("单位：学生：万人；教师：人", ""),
        ("单位：人（学生为万人）", ""),
        ("计量单位：万人（教师为人）", ""),
        ("单位：学校（所）、学生（万人）、教师（人）", ""),
        ("学生数单位：万人", ""),
        ("", "注：在校生单位为万人，其余为人"),
        ("", "注：学生数以万人为单位"),
    ],
)
def test_each_column_has_the_unit_that_is_said_of_it(tmp_path, line, note):
    rows = [("2022年株洲市小学情况",), (line,), ("县区", "在校生数", "专任教师数", "学校数"), *ROWS, (note,)]
    _, _, found = read(tmp_path, [row for row in rows if any(row)])
    assert {key[1:]: round(value, 6) for key, value in found.items() if key[1] == "攸县"} == {
        ("攸县", "pupils_primary"): 23456, ("攸县", "teachers_primary"): 1234, ("攸县", "schools_primary"): 30,
    }  # fmt: skip


def test_money_behind_its_name_is_not_read_past(tmp_path):
    rows = [("2022年株洲市教育经费情况",), ("单位：经费：万元",), ("县区", "一般公共预算教育经费"),
            ("荷塘区", 81234), ("攸县", 93456)]  # fmt: skip
    assert read(tmp_path, rows)[2][2022, "攸县", "budget_education"] == 934_560_000


@pytest.mark.parametrize(("line", "teachers"), [("单位：人（学生为万人）", 678), ("单位：万人", 0.0678)])
def test_an_item_has_the_unit_that_is_said_of_it(tmp_path, line, teachers):
    rows = [("攸县历年小学情况",), (line,), ("指标", "2020年", "2021年"), ("小学在校生数", 1.2345, 1.25),
            ("小学专任教师数", teachers, teachers), ("小学学校数", 9, 9)]  # fmt: skip
    found = read(tmp_path, rows)[2]
    assert round(found[2020, "攸县", "pupils_primary"], 6) == 12345
    assert round(found[2020, "攸县", "teachers_primary"], 6) == 678


def test_pupils_in_broken_numbers_without_a_unit_are_asked_about(tmp_path):
    rows = [("2022年株洲市小学情况",), ("县区", "在校生数", "专任教师数"), *(r[:3] for r in ROWS)]
    told, lines, found = read(tmp_path, rows)
    assert "“在校生数”（B 列）的计量单位没有写明" in told
    assert lines[0].startswith("# pupils_primary = {")
    assert {key[2] for key in found} == {"teachers_primary"}


def test_ten_million_teachers_are_asked_about(tmp_path):
    rows = [
        ("2022年株洲市小学情况",),
        ("单位：万人",),
        ("县区", "在校生数", "专任教师数"),
        *(r[:3] for r in ROWS),
    ]
    told, lines, found = read(tmp_path, rows)
    assert "“专任教师数”（C 列）按 A2 的“万人”就是 678万人 这样多，请核对单位" in told
    assert lines[1].startswith("# teachers_primary = {")
    assert round(found[2022, "攸县", "pupils_primary"]) == 23456


def test_beside_pupils_beyond_number_fewer_teachers_are_asked_about_too(tmp_path):
    rows = [("2022年株洲市小学情况",), ("单位：万人",), ("县区", "在校生数", "专任教师数", "班数"),
            ("荷塘区", 1200, 60, 9), ("攸县", 900, 45, 30)]  # fmt: skip
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(tmp_path / "t.xlsx")
    told = run("inspect", tmp_path / "t.xlsx")
    assert "“在校生数”（B 列）按 A2 的“万人”就是 1200万人 这样多，请核对单位" in told
    assert "“专任教师数”（C 列）按 A2 的“万人”就是 60万人 这样多，请核对单位" in told
    assert "班数”（D 列）按" not in told


@pytest.mark.parametrize(
    "line",
    ["单位：人、万元", "注：不含特教学校", "填报单位：汀阳区教育局", "单位：元/人", "币种：人民币 单位：千元",
     "备注：教师为在编人员", "单位名称：攸县教育局  单位：人"],
)  # fmt: skip
def test_a_line_that_names_nothing_is_none(line):
    assert read_named_units(line) == []


@pytest.mark.parametrize(
    ("line", "heading", "units"),
    [
        ("单位：学校、班级为个，学生、教师为人，经费为万元", "小学班级数", ["个"]),
        ("单位：学校、班级为个，学生、教师为人，经费为万元", "初中在校生", ["人"]),
        ("本表经费单位：万元，其中生均经费为元", "小学生均经费", ["元"]),
        ("本表经费单位：万元，其中生均经费为元", "教育经费总支出", ["万元"]),
        ("单位：人，校舍面积：万平方米", "校舍面积", ["万平方米"]),
        ("单位：学生数为万人", "专任教师数", []),
        ("单位：学生万人、教师 人", "初中在校生", ["万人"]),
        ("注：1.本表为快报数；2.学生为万人", "初中在校生", ["万人"]),
        ("注：1.本表为快报数；2.学生为万人", "专任教师数", []),
    ],
)
def test_a_name_chooses_its_headings(line, heading, units):
    assert [one.words for one in choose_named(read_named_units(line), heading)] == units
