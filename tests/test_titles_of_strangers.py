"""What the title counts and the headings do not say: 合计, 小学, a column a year, tables beneath each other."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from edustats.catalogue import catalogue
from edustats.cli import app
from edustats.load.reading.matching import find_named_in


def run(*words):
    made = CliRunner().invoke(app, list(map(str, words)))
    assert made.exit_code == 0, (made.output, made.exception)
    return made.output


def draft(folder, rows):
    """The lines under [columns] of what is drafted for a sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(folder / "t.xlsx")
    run("inspect", folder / "t.xlsx", "--write", folder / "my.toml", "--lang", "zh")
    told = (folder / "my.toml").read_text("utf-8").partition("[columns]\n")[2]
    return [line.partition("  #")[0] for line in told.splitlines() if line]


def load(folder):
    """Area, year, column → value of what the draft loads."""
    run("load", folder / "my.toml", "--store", folder / "store")
    run("export", "--store", folder / "store", "--out", folder / "out.csv", "--what", "columns", "--inside")
    rows = pd.read_csv(folder / "out.csv")
    return rows.set_index(["area_name", "year", "column"])["value"].to_dict()


def test_a_column_of_all_is_what_the_title_counts(tmp_path):
    rows = [
        ("2022年株洲市各县区在园幼儿数（人）",),
        ("县区", "合计", "公办", "民办"),
        ("渌口区", 9000, 5200, 3800),
        ("攸县", 20110, 10300, 9810),
    ]
    assert draft(tmp_path, rows) == ['children = { from = "合计", unit = "人" }']
    assert load(tmp_path) == {("渌口区", 2022, "children"): 9000, ("攸县", 2022, "children"): 20110}


@pytest.mark.parametrize(
    ("title", "heads", "lines"),
    [
        ("2022年各县区小学在校学生数", ("总计", "其中：女"),
         ['pupils_primary = { from = "总计", unit = "person" }',
          'pupils_girls_primary = { from = "其中：女", unit = "person" }']),
        ("2022年各县区普通高中在校学生情况", ("合计", "男", "女"),
         ['pupils_senior = { from = "合计", unit = "person" }',
          'pupils_girls_senior = { from = "女", unit = "person" }']),
        ("2022年各县区一般公共预算教育经费（万元）", ("合计", "幼儿园", "小学"),
         ['budget_education = { from = "合计", unit = "万元" }',
          'budget_education_preschool = { from = "幼儿园", unit = "万元" }',
          'budget_education_primary = { from = "小学", unit = "万元" }']),
        ("2022年攸县等县区小学分年级学生数", ("一年级", "二年级", "合计"),
         ['# pupils_primary = { from = "合计", unit = "person" }']),
        ("2022年攸县小学分年级学生数", ("一年级", "二年级", "合计"),
         ['pupils_primary = { from = "合计", unit = "person" }']),
        ("Number of primary school pupils by local authority, 2022", ("Total", "Independent"),
         ['pupils_primary = { from = "Total", unit = "person" }']),
    ],
)  # fmt: skip
def test_all_and_stages_under_a_title(tmp_path, title, heads, lines):
    rows = [
        (title,),
        ("县区", *heads),
        ("渌口区", *range(4000, 4000 + len(heads))),
        ("攸县", *range(9000, 9000 + len(heads))),
    ]
    assert [line for line in draft(tmp_path, rows) if "?" not in line][: len(lines)] == lines


def test_a_stage_alone_is_near_no_column(tmp_path):
    rows = [("2022年各县区教育情况",), ("县区", "合计", "小学"), ("渌口区", 100, 60), ("攸县", 200, 120)]
    assert not [line for line in draft(tmp_path, rows) if "classes" in line or not line.startswith("#")]


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("各县区农村小学在校生数", None), ("各县区民办小学在校生数", None), ("城区小学在校生数", None),
        ("少数民族在校生数", None), ("各县区小学随迁子女在校生数", None), ("小学学校数与在校生数", None),
        ("每万人口小学在校生数", None), ("各县区小学新增专任教师数", None), ("校外培训机构专任教师数", None),
        ("各县区高校在校生数", None), ("各县区小学生均校舍建筑面积", None),
        ("2022年株洲市各县区小学在校生数", "pupils_primary"), ("攸县小学在校生数", "pupils_primary"),
        ("湘西土家族苗族自治州各县市小学在校生数", "pupils_primary"), ("附表3 各县区初中专任教师数", "teachers_junior"),
        ("汀阳区2020-2023年小学在校生数", "pupils_primary"), ("内蒙古自治区各盟市小学招生数", "entrants_primary"),
        ("株洲市教育局2022年各县区幼儿园数", "kindergartens"), ("各县区公办幼儿园在园幼儿数", "children_public"),
    ],
)  # fmt: skip
def test_the_end_of_a_title_is_not_all_of_it(title, column):
    found = find_named_in(title, catalogue())
    assert (found.column if found else None) == column
    assert found is None or found.sure


def test_a_year_a_column_of_a_part_is_not_drafted_as_the_whole(tmp_path):
    rows = [
        ("各县区农村小学在校生数（人）",),
        ("县区", "2021年", "2022年"),
        ("渌口区", 6004, 6100),
        ("攸县", 12988, 12000),
    ]
    assert all(line.startswith("#") for line in draft(tmp_path, rows))


def test_a_part_that_one_year_alone_has(tmp_path):
    rows = [
        ("各县区小学在校生数",),
        ("县区", "2021年", "", "2022年"),
        ("", "合计", "女", "合计"),
        ("渌口区", 21004, 9800, 21100),
        ("攸县", 50988, 23900, 51000),
    ]
    assert sorted(draft(tmp_path, rows)) == [
        'pupils_girls_primary = { from = "{year}年/女", unit = "person" }',
        'pupils_primary = { from = "{year}年/合计", unit = "person" }',
    ]
    own = {key[1:]: value for key, value in load(tmp_path).items() if key[0] == "渌口区"}
    assert own == {
        (2021, "pupils_primary"): 21004, (2021, "pupils_girls_primary"): 9800, (2022, "pupils_primary"): 21100,
    }  # fmt: skip


STACKED = [
    ("2022年株洲市基础教育基本情况",),
    ("表一 学校数（所）",), ("县区", "小学", "初中"), ("渌口区", 50, 12), ("攸县", 110, 30), ("合计", 160, 42),
    ("表二 在校学生数（人）",), ("县区", "小学", "初中"), ("渌口区", 21004, 10020), ("攸县", 50988, 25010),
    ("合计", 71992, 35030),
    ("表三 专任教师数（人）",), ("县区", "小学", "初中"), ("渌口区", 1350, 900), ("攸县", 2910, 1990),
    ("合计", 4260, 2890),
]  # fmt: skip


def test_tables_beneath_each_other_under_the_same_headings(tmp_path):
    assert draft(tmp_path, STACKED) == [
        'schools_primary = { from = "小学", unit = "所" }', 'schools_junior = { from = "初中", unit = "所" }',
        'pupils_primary = { from = "小学", unit = "人" }', 'pupils_junior = { from = "初中", unit = "人" }',
        'teachers_primary = { from = "小学", unit = "人" }', 'teachers_junior = { from = "初中", unit = "人" }',
    ]  # fmt: skip
    assert 'title = "表二 在校学生数（人）"' in (tmp_path / "my.toml").read_text("utf-8")
    own = {key[2]: value for key, value in load(tmp_path).items() if key[0] == "攸县"}
    assert own == {
        "schools_primary": 110, "schools_junior": 30, "pupils_primary": 50988, "pupils_junior": 25010,
        "teachers_primary": 2910, "teachers_junior": 1990,
    }  # fmt: skip


def test_the_same_headings_again_under_the_name_of_a_group_are_one_table(tmp_path):
    rows = [
        ("2022年株洲市小学基本情况",),
        ("一、市辖区",), ("县区", "在校生数", "专任教师数"), ("渌口区", 21004, 1350), ("天元区", 30004, 1750),
        ("二、县（市）",), ("县区", "在校生数", "专任教师数"), ("攸县", 50988, 2910), ("醴陵市", 60988, 3910),
    ]  # fmt: skip
    assert draft(tmp_path, rows) == [
        'pupils_primary = { from = "在校生数", unit = "person" }',
        'teachers_primary = { from = "专任教师数", unit = "person" }',
    ]
    assert "title =" not in (tmp_path / "my.toml").read_text("utf-8").partition("[[tables]]")[2]
    assert len(load(tmp_path)) == 8
