"""What do strangers' headings mean, with their units and stages glued on, and which column names the areas?"""

from __future__ import annotations

import pytest
from test_blocks import read_as_drafted
from test_strangers_kinds import save
from typer.testing import CliRunner

from edustats.cli import app
from edustats.load.tables.reader import load_tables

AREAS = "430223,攸县\n430224,茶陵县\n"


def draft_one(folder, heading, value="51666"):
    """The lines under [columns] that a table with one column of figures is drafted with."""
    (folder / "t.csv").write_text(f"县域,年份,{heading}\n攸县,2021,{value}\n茶陵县,2021,{value}\n", "utf-8")
    told = CliRunner().invoke(app, ["inspect", str(folder / "t.csv"), "--write", str(folder / "my.toml")])
    assert told.exit_code == 0, told.output
    return (folder / "my.toml").read_text("utf-8").partition("[columns]\n")[2].strip()


@pytest.mark.parametrize(
    ("heading", "column", "unit"),
    [
        ("普通小学在校生数_人", "pupils_primary", "人"),
        ("普通小学在校生数人", "pupils_primary", "人"),
        ("普通小学学校数_个", "schools_primary", "个"),
        ("小学学校数所", "schools_primary", "所"),
        ("小学在校学生数:人", "pupils_primary", "人"),
        ("小学在校学生数/人", "pupils_primary", "人"),
        ("小学毕业生数【人】", "leavers_primary", "人"),
        ("小学在校学生数（单位：万人）", "pupils_primary", "万人"),
        ("普通小学专任教师数万人", "teachers_primary", "万人"),
        ("小学学生数合计", "pupils_primary", "person"),
        ("小学校数（所）", "schools_primary", "所"),
        ("PrimarySchoolStudents", "pupils_primary", "person"),
        ("primary_school_teachers", "teachers_primary", "person"),
        ("Junior Secondary Students", "pupils_junior", "person"),
        ("职业高中在校生数（人）", "pupils_vocational", "人"),
    ],
)
def test_units_and_stages_glued_to_a_heading(tmp_path, heading, column, unit):
    assert draft_one(tmp_path, heading) == f'{column} = {{ from = "{heading}", unit = "{unit}" }}'


@pytest.mark.parametrize(
    "heading",
    [
        "普通中学在校学生数_人",
        "MiddleSchoolStudents",
        "教育支出_万元",
        "RegisteredPopulation",
        "户籍人口数_万人",
        "小学教育经费_万元",
        "教育经费（万元）",
        "每万人口小学在校生数",
    ],
)
def test_what_could_be_something_else_is_not_drafted_as_sure(tmp_path, heading):
    assert not [line for line in draft_one(tmp_path, heading).splitlines() if not line.startswith("#")]


def test_the_names_beside_county_codes_are_those_of_the_counties(tmp_path):
    (tmp_path / "t.csv").write_text(
        "行政区划代码,年份,省份,城市,县域,普通小学在校生数_人\n430223,2021,湖南省,株洲市,攸县,51666\n"
        "430224,2021,湖南省,株洲市,茶陵县,43900\n", "utf-8",
    )  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.csv")
    assert found == {
        ("攸县", 2021, "pupils_primary"): (51666, "F2"),
        ("茶陵县", 2021, "pupils_primary"): (43900, "F3"),
    }


def test_what_is_counted_may_stand_in_the_corner_over_the_areas(tmp_path):
    (tmp_path / "t.csv").write_text(
        "普通小学在校学生数(万人),2014,2015\n株洲市,23.51,23.9\n湘潭市,15.2,15.5\n", "utf-8"
    )
    found = read_as_drafted(tmp_path, tmp_path / "t.csv")
    assert found[("株洲市", 2014, "pupils_primary")] == (235100, "B2")
    assert found[("湘潭市", 2015, "pupils_primary")] == (155000, "C3")


def test_a_table_of_the_statistical_yearbook_of_2006(tmp_path):
    save(tmp_path / "t.xlsx", {"21-32": [  # China Statistical Yearbook 2006, table 21-32, some rows
        ["21-32 各地区普通小学基本情况 (2005年)"], ["", "", "", "", "", "", "单位:人"],
        ["地 区", "学校数", "招生数", "在校学生数", "毕业生数", "教职工数", ""],
        ["", "(所)", "", "", "", "", "#专任教师"],
        ["全 国", 366213, 16717440, 108640655, 20194768, 6132155, 5592453],
        ["北 京", 1403, 71020, 494482, 93486, 61352, 47948], ["内蒙古", 5850, 258947, 1596381, 327773, 138645, 118988],
        ["吉 林", 7393, 215380, 1625238, 330055, 163366, 137675],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert {column: value for (area, _, column), (value, _) in found.items() if area == "吉林"} == {
        "schools_primary": 7393, "entrants_primary": 215380, "pupils_primary": 1625238, "leavers_primary": 330055,
        "staff_primary": 163366, "teachers_primary": 137675,
    }  # fmt: skip
    assert {year for _, year, _ in found} == {2005} and len({area for area, _, _ in found}) == 3


def test_headings_in_two_languages_are_found_by_the_chinese_words(tmp_path):
    (tmp_path / "t.csv").write_text(
        "2023年小学学生情况,,,\n县市区,招生数,在校学生数,\nCounty,Entrants,Enrolment,\n,,合计 Total,其中女 Female\n"
        "攸县,8123,50988,23800\n茶陵县,7001,42876,20011\n", "utf-8",
    )  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.csv")
    assert {column: value for (area, _, column), (value, _) in found.items() if area == "攸县"} == {
        "entrants_primary": 8123, "pupils_primary": 50988, "pupils_girls_primary": 23800,
    }  # fmt: skip


def test_a_row_a_stage_with_stages_that_the_catalogue_has_not(tmp_path):
    (tmp_path / "t.csv").write_text(  # figures of Jiangmen's education bureau, 2024/25
        "江门市2024-2025年全市基础教育情况表,,,\n类别,学校数,班级数,在校学生数\n学前教育,650,4318,124541\n小学,334,8697,371009\n"
        "初中,147,3672,171369\n特殊教育,8,122,1282\n专门学校,2,8,127\n中等职业教育,15,/,35480\n总计,1212,18670,793558\n",
        "utf-8",
    )
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / "t.csv"), "--write", str(tmp_path / "my.toml")])
    assert told.exit_code == 0, told.output
    page = (tmp_path / "my.toml").read_text("utf-8")
    assert "value = 0  # 标题写“2024-2025”：若是学年，填 2024" in page
    (tmp_path / "my.toml").write_text(page.replace("value = 0 ", "value = 2024 "), "utf-8")
    tidy = load_tables(tmp_path / "my.toml").tidy.iloc[0]
    assert tidy[["kindergartens", "schools_primary", "classes_junior", "children", "pupils_special"]].tolist() == [
        650, 334, 3672, 124541, 1282,
    ]  # fmt: skip
    assert "schools" not in tidy and "pupils" not in tidy  # 特殊教育 and 专门学校 are not all


def test_a_yearbook_in_sections_and_two_languages(tmp_path):
    (tmp_path / "t.csv").write_text(  # Chongqing Statistical Yearbook 2008, table 17-5, some rows
        "17-5 重庆市教育事业基本情况(2006-2007),,\n\"单位:人、所     (person, unit)\",,\n指标 Item,2006,2007\n"
        "学校数 Number of Schools,,\n    普通中学     Regular Secondary Schools,1373,1361\n"
        "  初 中         Junior,1087,1099\n"
        "小 学 Primary Schools,8754,7990\n幼儿园 Kindergartens,3376,3351\n"
        "特殊教育学校 Schools for the Blind  Deaf,44,43\n"
        "专任教师 Number of Full-time Teachers,,\n    普通中学     Regular Secondary Schools,95782,99807\n"
        "  初 中         Junior,68575,71985\n小 学 Primary Schools,113724,119831\n"
        "幼儿园 Kindergartens,13615,14270\n", "utf-8",
    )  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.csv")
    assert {(year, column): value for (_, year, column), (value, _) in found.items()} == {
        (2006, "schools_junior"): 1087, (2007, "schools_junior"): 1099, (2006, "schools_primary"): 8754,
        (2007, "schools_primary"): 7990, (2006, "kindergartens"): 3376, (2007, "kindergartens"): 3351,
        (2006, "teachers_junior"): 68575, (2007, "teachers_junior"): 71985, (2006, "teachers_primary"): 113724,
        (2007, "teachers_primary"): 119831, (2006, "teachers_preschool"): 13615, (2007, "teachers_preschool"): 14270,
    }  # fmt: skip


def test_the_economic_profile_of_a_yearbook(tmp_path):
    """Items of every kind in sections, counties in the columns, a unit for each item: some are none of ours."""
    save(tmp_path / "t.xlsx", {"表1": [
        ["株洲市各县（市、区）主要社会经济指标（2022年）"],
        ["指　标", "计量单位", "渌口区", "攸县", "茶陵县"],
        ["一、基本情况"],
        ["年末总人口", "万人", 28.31, 66.84, 51.07],
        ["行政区域土地面积", "平方公里", 1053, 2648, 2507],
        ["粮食产量", "万吨", 18, 42, 30],
        ["三、教育、卫生"],
        ["小学在校学生数", "万人", 1.5678, 6.1234, 4.5001],
        ["普通小学学校数", "所", 31, 98, 77],
        ["小学专任教师数", "百人", 10.12, 33.45, 24.99],
        ["医院床位数", "张", 1000, 3000, 2500],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found["渌口区", 2022, "pupils_primary"] == (15678, "C8")
    assert found["攸县", 2022, "teachers_primary"] == (3345, "D10")
    assert found["茶陵县", 2022, "schools_primary"] == (77, "E9")
    assert len(found) == 9


def test_units_of_rows_are_read_where_some_of_them_are_none_of_ours(tmp_path):
    """A mapping that says persons is told of 万人, though another row is in tons."""
    save(tmp_path / "t.xlsx", {"表1": [
        ["2022年", "", ""], ["指标", "计量单位", "攸县", "茶陵县"],
        ["小学在校学生数", "万人", 6.1, 4.5], ["粮食产量", "吨", 9, 9],
    ]})  # fmt: skip
    (tmp_path / "my.toml").write_text(
        'title = { zh = "甲", en = "a" }\n[[tables]]\nfile = "t.xlsx"\n[area]\nin = "headings"\n[year]\nin = "title"\n'
        '[columns]\npupils_primary = { from = "{area}", unit = "person", where = { "指标" = "小学在校学生数" } }\n',
        "utf-8",
    )  # fmt: skip
    told = CliRunner().invoke(
        app, ["load", str(tmp_path / "my.toml"), "--store", str(tmp_path / "s"), "--lang", "zh"]
    )
    assert told.exit_code != 0
    assert "万人" in str(told.exception)


def test_stages_under_years_count_what_the_title_says(tmp_path):
    save(tmp_path / "t.xlsx", {"表1": [
        ["各县（市、区）在校学生数"], ["地区", "2021年", "", "2022年", ""], ["", "小学", "初中", "小学", "初中"],
        ["攸县", 62050, 29001, 61234, 29500], ["茶陵县", 46001, 20900, 45001, 21000],
    ]})  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found["攸县", 2021, "pupils_junior"] == (29001, "C4")
    assert found["茶陵县", 2022, "pupils_primary"] == (45001, "D5")
    assert len(found) == 8


def test_sheets_that_are_called_by_two_digits_of_their_year(tmp_path):
    rows = {
        "21年": [["县市区", "小学在校生"], ["攸县", 62050]],
        "22年": [["县市区", "小学在校生"], ["攸县", 61234]],
    }
    save(tmp_path / "t.xlsx", rows)
    found = read_as_drafted(tmp_path, tmp_path / "t.xlsx")
    assert found == {
        ("攸县", 2021, "pupils_primary"): (62050, "B2"),
        ("攸县", 2022, "pupils_primary"): (61234, "B2"),
    }


def test_the_heading_that_says_it_all_comes_before_one_that_is_alike(tmp_path):
    (tmp_path / "t.csv").write_text("县域,年份,小学在校生总计数,小学在校生数\n攸县,2021,610,51666\n", "utf-8")
    found = read_as_drafted(tmp_path, tmp_path / "t.csv")
    assert found == {("攸县", 2021, "pupils_primary"): (51666, "D2")}


def test_subtotals_of_counties_in_a_list_of_schools_are_totals(tmp_path):
    save(tmp_path / "t.xlsx", {"表1": [
        ["株洲市2022年小学名单"], ["县区", "学校名称", "学生数合计", "教师数"],
        ["攸县", "攸县实验小学", "1215人", 80], ["攸县", "攸县第一小学", 315, 40], ["攸县小计", "", 1530, 120],
    ]})  # fmt: skip
    draft, store = tmp_path / "my.toml", tmp_path / "s"
    CliRunner().invoke(app, ["inspect", str(tmp_path / "t.xlsx"), "--write", str(draft)])
    told = CliRunner().invoke(app, ["load", str(draft), "--store", str(store), "--lang", "zh"])
    assert told.exit_code == 0, told.output
    assert told.output == (
        "t.xlsx：读入 4 行 = 采用 2 行 + 搁置 2 行\n  标题、单位行：1 行\n  合计行（上级区域）：1 行\n"
        "存疑 0 处：错误 0 处，提醒核对 0 处\n"
    )


@pytest.mark.parametrize(("cell", "value"), [("98所", 98), ("98", 98), ("1,098 所", 1098)])
def test_schools_may_be_written_with_their_word(tmp_path, cell, value):
    (tmp_path / "t.csv").write_text(f'县域,年份,小学学校数\n攸县,2021,"{cell}"\n', "utf-8")
    assert read_as_drafted(tmp_path, tmp_path / "t.csv") == {("攸县", 2021, "schools_primary"): (value, "C2")}


def test_what_is_counted_under_english_stages_is_no_row_of_units(tmp_path):
    (tmp_path / "t.csv").write_text(
        'Enrolment by county 2022/23\n\nCounty,Primary,,Junior secondary,\n,Pupils,Teachers,Pupils,Teachers\n'
        'Lukou,"15,678","1,012","7,001",640\nYouxian,"61,234","3,345","29,500","2,345"\n'
        'Total,"76,912","4,357","36,501","2,985"\n', "utf-8",
    )  # fmt: skip
    found = read_as_drafted(tmp_path, tmp_path / "t.csv")
    assert found["Youxian", 2022, "teachers_junior"] == (2345, "E6")
    assert found["Lukou", 2022, "pupils_primary"] == (15678, "B5")
    assert len(found) == 8
