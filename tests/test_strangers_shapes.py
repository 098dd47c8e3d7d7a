"""Does a table of a shape that strangers bring come in right by the draft of inspect, uncorrected?"""

import csv

import pytest

from edustats.catalogue import catalogue
from edustats.errors import EdustatsError
from edustats.load.reading.matching import matched
from edustats.load.reading.stages import stages_said
from edustats.load.tables.draft import write_draft
from edustats.load.tables.inspection import inspect_files
from edustats.load.tables.layout import is_area
from edustats.load.tables.reader import load_tables


def figures(folder, rows, name="t.csv"):
    """What a table becomes: area, year and column to figure."""
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    write_draft(inspect_files(file), folder / "my.toml")
    tidy = load_tables(folder / "my.toml").tidy
    keys = {"county", "unit", "year", "name"}
    return {
        (row["county"], row["year"], column): value
        for row in tidy.to_dict("records")
        for column, value in row.items()
        if column not in keys and isinstance(value, float) and value == value
    }


def test_the_title_names_the_indicator_and_its_unit_where_every_column_is_a_year(tmp_path):
    rows = [
        ["株洲市各县市区小学在校生数（万人）"],
        ["县市区", "2022年", "2023年"],
        ["荷塘区", 1.74, 1.75],
        ["芦淞区", 1.6, 1.61],
    ]
    assert figures(tmp_path, rows) == {
        ("430202", 2022, "pupils_primary"): 17400,
        ("430202", 2023, "pupils_primary"): 17500,
        ("430203", 2022, "pupils_primary"): 16000,
        ("430203", 2023, "pupils_primary"): 16100,
    }


def test_money_in_a_wide_table_without_a_unit_is_asked_about(tmp_path):
    (tmp_path / "t.csv").write_text(
        "各区一般公共预算教育经费,,\n县市区,2022,2023\n荷塘区,12,13\n芦淞区,11,12\n", "utf-8"
    )
    write_draft(inspect_files(tmp_path / "t.csv"), tmp_path / "my.toml")
    assert '\n# budget_education = { from = "{year}"' in (tmp_path / "my.toml").read_text("utf-8")


@pytest.mark.parametrize("title", ["攸县历年小学情况", "株洲市攸县小学情况（2021-2022年）"])
def test_the_title_names_the_area_where_no_column_does(tmp_path, title):
    rows = [[title], ["年份", "小学学校数", "小学在校生数"], ["2021年", 54, 30500], ["2022年", 53, 30300]]
    assert figures(tmp_path, rows) == {
        ("430223", 2021, "schools_primary"): 54,
        ("430223", 2021, "pupils_primary"): 30500,
        ("430223", 2022, "schools_primary"): 53,
        ("430223", 2022, "pupils_primary"): 30300,
    }


def test_a_row_an_item_with_stages_or_units_in_columns_of_their_own(tmp_path):
    rows = [
        ["年度", "区县代码", "学段", "指标", "数值"],
        *(
            [2023, code, stage, item, value]
            for code, stage, item, value in [
                ("430202", "小学", "在校生数", 17500),
                ("430202", "初中", "在校生数", 8100),
                ("430202", "小学", "专任教师数", 950),
                ("430203", "小学", "在校生数", 16100),
                ("430203", "初中", "在校生数", 7300),
                ("430203", "小学", "专任教师数", 880),
            ]
        ),
    ]
    found = figures(tmp_path, rows)
    assert len(found) == 6
    assert found["430202", 2023, "pupils_junior"] == 8100
    assert found["430203", 2023, "teachers_primary"] == 880


def test_items_in_rows_and_years_in_columns_of_one_county(tmp_path):
    rows = [
        ["攸县教育事业主要指标"],
        ["指标", "单位", "2022年", "2023年"],
        ["小学在校生数", "人", 30300, 30200],
        ["一般公共预算教育经费", "万元", 85200, 90300],
        ["其他", "个", 2, 3],
    ]
    assert figures(tmp_path, rows) == {
        ("430223", 2022, "pupils_primary"): 30300,
        ("430223", 2022, "budget_education"): 852e6,
        ("430223", 2023, "pupils_primary"): 30200,
        ("430223", 2023, "budget_education"): 903e6,
    }


def test_a_table_on_its_side_without_a_heading_over_its_items_says_so(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(
        ",荷塘区,芦淞区\n小学学校数,21,18\n小学在校生数,17500,16100\n小学专任教师数,950,880\n", "utf-8"
    )
    assert "选择性粘贴" in inspect_files(file).lines("zh")[0]


def test_a_second_table_with_a_title_of_its_own_has_the_year_of_that_title(tmp_path):
    head = ["县市区", "在校生数"]
    rows = [
        ["2022年各区小学情况"],
        head,
        ["荷塘区", 17400],
        ["芦淞区", 16000],
        ["2023年各区小学情况"],
        head,
        ["荷塘区", 17500],
        ["芦淞区", 16100],
    ]
    found = figures(tmp_path, rows)
    assert found["430202", 2022, "pupils_primary"] == 17400
    assert found["430202", 2023, "pupils_primary"] == 17500


def test_code_and_name_in_one_cell(tmp_path):
    rows = [
        ["2023年普通初中情况"],
        ["单位名称", "学校（所）", "学生（人）"],
        ["430202 荷塘区", "８", "８１００"],
        ["430203芦淞区", "７", "７３００"],
    ]
    assert figures(tmp_path, rows)["430203", 2023, "pupils_junior"] == 7300


def test_a_row_per_stage_is_read_stage_by_stage(tmp_path):
    rows = [
        ["2023年各区中小学情况"],
        ["县市区", "学段", "学校数", "在校生数"],
        ["荷塘区", "小学", 21, 17500],
        ["荷塘区", "初中", 8, 8100],
        ["芦淞区", "小学", 18, 16100],
        ["芦淞区", "初中", 7, 7300],
    ]
    found = figures(tmp_path, rows)
    assert found["430202", 2023, "pupils_primary"] == 17500
    assert found["430203", 2023, "schools_junior"] == 7


def test_a_line_with_several_units_gives_each_column_the_one_that_fits(tmp_path):
    rows = [
        ["2023年各区小学在校生"],
        ["单位：千人、%"],
        ["县市区", "在校生数", "比上年增长"],
        ["荷塘区", 17.5, 1.2],
        ["芦淞区", 16.1, -0.3],
    ]
    assert figures(tmp_path, rows) == {
        ("430202", 2023, "pupils_primary"): 17500,
        ("430203", 2023, "pupils_primary"): 16100,
    }


@pytest.mark.parametrize("words", ["中小学", "义务教育", "高中阶段", "普通中学"])
def test_a_word_for_several_stages_is_no_word_of_one(tmp_path, words):
    assert len(stages_said(f"2023年各区{words}情况")) > 1
    rows = [[f"2023年各区{words}情况"], ["县市区", "在校生数"], ["荷塘区", 25600], ["芦淞区", 23400]]
    assert {column for _, _, column in figures(tmp_path, rows)} == {"pupils"}


def test_the_name_of_a_stage_beside_such_a_word_is_heard():
    assert stages_said("义务教育阶段初中") == ["junior"]
    assert stages_said("中小学、幼儿园") == ["primary", "junior", "senior", "preschool"]


@pytest.mark.parametrize(
    "heading",
    ["在校生数/#女", "在校学生总数（女）", "民办学校在校生数", "在校生比上年增加数", "计划在校生总数"],
)
def test_a_part_a_change_or_a_plan_is_not_taken_for_the_whole(heading):
    match = matched(tuple(heading.split("/")), catalogue())
    assert match is None or match.column != "pupils"


ITEMS = [["小学在校生", "人", 23510, 20110, 43620], ["一般公共预算教育经费", "千元", 700100, 560200, 1260300]]


def test_a_row_per_item_and_a_column_per_county_is_read_as_it_lies(tmp_path):
    rows = [["2023年各县教育情况"], ["指标", "计量单位", "攸县", "茶陵县", "全市"], *ITEMS]
    assert figures(tmp_path, rows) == {
        ("430223", 2023, "pupils_primary"): 23510,
        ("430223", 2023, "budget_education"): 700_100_000,
        ("430224", 2023, "pupils_primary"): 20110,
        ("430224", 2023, "budget_education"): 560_200_000,
    }
    made = load_tables(tmp_path / "my.toml").sources.set_index(["county", "column"])
    assert made.loc[("430224", "budget_education"), ["row", "letter"]].tolist() == [4, "D"]


def test_counties_over_years_are_told_apart(tmp_path):
    rows = [
        ["各县教育情况"],
        ["指标", "攸县", "", "茶陵县", ""],
        ["", "2022年", "2023年", "2022年", "2023年"],
        ["小学在校生（人）", 23880, 23510, 20500, 20110],
    ]
    assert figures(tmp_path, rows) == {
        ("430223", 2022, "pupils_primary"): 23880,
        ("430223", 2023, "pupils_primary"): 23510,
        ("430224", 2022, "pupils_primary"): 20500,
        ("430224", 2023, "pupils_primary"): 20110,
    }


def test_a_column_per_county_and_a_row_per_year_is_what_the_title_names(tmp_path):
    rows = [["各区小学在校生数（人）"], ["年份", "荷塘区", "芦淞区", "全市"], ["2022年", 17400, 16000, 33400]]
    assert figures(tmp_path, rows) == {
        ("430202", 2022, "pupils_primary"): 17400,
        ("430203", 2022, "pupils_primary"): 16000,
    }


def test_the_units_beside_the_items_are_held_against_the_mapping(tmp_path):
    rows = [["2023年各县教育情况"], ["指标", "计量单位", "攸县", "茶陵县", "全市"], *ITEMS]
    figures(tmp_path, rows)
    mapping = tmp_path / "my.toml"
    mapping.write_text(mapping.read_text("utf-8").replace('unit = "千元"', 'unit = "万元"'), "utf-8")
    with pytest.raises(EdustatsError, match="千元"):
        load_tables(mapping)


@pytest.mark.parametrize("heads", [["城区", "镇区", "乡村"], ["男", "女", "合计"]])
def test_columns_of_kinds_are_no_areas(tmp_path, heads):
    items = [["小学在校生（人）", 9510, 10000, 4000], ["小学专任教师（人）", 600, 600, 240]]
    rows = [["2023年攸县教育情况"], ["指标", *heads], *items]
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    assert not any(one.wide_columns("area") for one in inspect_files(tmp_path / "t.csv").tables)


@pytest.mark.parametrize("totals", [False, True])
def test_items_that_come_again_are_told_apart_by_the_line_over_them(tmp_path, totals):
    sums = [["", ""], ["", ""]] if not totals else [[72, 70], [35770, 35890]]
    rows = [
        ["攸县教育事业基本情况"],
        ["指标", "2022年", "2023年"],
        ["一、学校数（所）", *sums[0]],
        ["  小学", 52, 50],
        ["  初中", 20, 20],
        ["二、在校学生数（万人）", *sums[1]],
        ["  小学", 2.388, 2.351],
        ["  初中", 1.201, 1.226],
    ]
    read = {
        key: value for key, value in figures(tmp_path, rows).items() if key[2] not in ("schools", "pupils")
    }
    assert read == {
        ("430223", 2022, "schools_primary"): 52,
        ("430223", 2023, "schools_primary"): 50,
        ("430223", 2022, "schools_junior"): 20,
        ("430223", 2023, "schools_junior"): 20,
        ("430223", 2022, "pupils_primary"): 23880,
        ("430223", 2023, "pupils_primary"): 23510,
        ("430223", 2022, "pupils_junior"): 12010,
        ("430223", 2023, "pupils_junior"): 12260,
    }


def test_an_item_that_stands_nowhere_is_told_and_a_row_that_nothing_uses_is_counted(tmp_path):
    rows = [
        ["2023年各县小学"],
        ["指标", "攸县", "茶陵县"],
        ["在校生（人）", 23510, 20110],
        ["图书室（间）", 31, 25],
    ]
    figures(tmp_path, rows)
    mapping = tmp_path / "my.toml"
    entry = load_tables(mapping).ledger[0]
    assert [reason for _, reason, _ in entry.aside] == ["title", "not_mapped"]
    mapping.write_text(mapping.read_text("utf-8").replace("在校生(人)", "在校学生(人)"), "utf-8")
    with pytest.raises(EdustatsError, match=r"在校学生\(人\).*在校生\(人\)"):
        load_tables(mapping)


def test_a_list_in_sections_keeps_the_names_of_its_schools(tmp_path):
    rows = [["学校名称", "在校生数"], ["一、小学", ""], ["城关小学", 900], ["东门小学", 800]]
    rows += [["二、初中", ""], ["一中", 1200], ["二中", 1100]]
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
    assert inspect_files(tmp_path / "t.csv").tables[0].columns[0].example == "城关小学"


def test_kinds_of_places_in_the_headings_are_no_areas():
    words = ("城镇地区", "农村地区", "东部地区", "城区", "攸县", "甲县", "全市", "大兴安岭地区")
    assert [is_area(word) for word in words] == [False, False, False, False, True, True, True, True]
