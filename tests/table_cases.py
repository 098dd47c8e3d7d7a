"""What does a mapping of one's own make of a small table that says whose, when and what in another way each time?

Tables with their mapping, and files without one that a draft is written for; what comes of each is printed by
``printing.py``.
"""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

HEAD = 'title = { zh = "表", en = "t" }\n'
COUNTY = '[area]\ncode = "县名"\nscheme = "gbt2260"\n'
FLAT = '[area]\ncode = "县名"\n'
YEAR = '[year]\nfrom = "年份"\n'
PUPILS = '[columns]\npupils_primary = { from = "小学在校生数", unit = "人" }\n'


def page(
    area: str = FLAT,
    year: str = YEAR,
    columns: str = PUPILS,
    file: str = "t.csv",
    more: str = "",
    source: str = "",
) -> str:
    return f'{HEAD}{more}[[tables]]\nfile = "{file}"\n{source}\n{area}\n{year}\n{columns}'


def counted(**columns: str) -> str:
    """Lines of [columns]: ``name="heading unit more"``."""
    lines = []
    for name, told in columns.items():
        heading, unit, *more = told.split(" ", 2)
        lines.append(
            f'{name} = {{ from = "{heading}", unit = "{unit}"{"".join(f", {one}" for one in more)} }}'
        )
    return "[columns]\n" + "\n".join(lines) + "\n"


STAGES = """县名,年份,学段,在校生数,女生比例,专任教师数
甲县,2022,小学,1200,47.5%,60
甲县,2022,初中,700,48%,50
甲县,2022,合计,1900,47.7%,110
乙县,2022,小学,300,50%,20
乙县,2022,初中,200,,16
乙县,2022,合计,500,50%,36
"""
BY_STAGE = counted(pupils="在校生数 人", teachers="专任教师数 人")
CITIES = """市,县区,年份,小学在校生数
南京市,鼓楼区,2022,1200
南京市,玄武区,2022,1300
徐州市,鼓楼区,2022,900
徐州市,合计,2022,900
南京市,,2022,2500
,320104,2022,7
"""
ITEMS = """指标,2022年
攸县,
小学在校生数,1200
小学专任教师数,60
茶陵县,
小学在校生数,300
小学专任教师数,20
"""
ITEMS_PAGE = page('[area]\nin = "sections"\nscheme = "gbt2260"\n', "[year]\nvalue = 2022\n",
                  '[columns]\npupils_primary = { from = "2022年", unit = "人", where = { "指标" = "小学在校生数" } }\n'
                  'teachers_primary = { from = "2022年", unit = "人", where = { "指标" = "小学专任教师数" } }\n')  # fmt: skip
SCHOOLS = """学校,县名,年份,位置,举办者,小学在校生数
一小,甲县,2022,镇区,公办,300
二小,甲县,2022,乡村,民办,120
三小,甲县,2022,山区,公办,80
四小,乙县,2022,,村委会,60
五小,乙县,2022,Town,public,60
"""
SCHOOL_AREA = '[area]\ncode = "县名"\nunit = "学校"\n\n[attributes]\nlocation = "位置"\nprovider = "举办者"\nunit_name = "学校"\n'
RAGGED = "小学在校生数,年份,县名\n1200,2022,甲县\n300,2022\n200\n100,2021,乙县\n"
UNITS = "县名,年份,计量单位,教育经费\n甲县,2022,万元,5200\n乙县,2022,元,12000000\n丙县,2022,,1300\n丁县,2022,人,1300\n"
CELLS = """县名,年份,巩固率,小学在校生数,经费
甲县,2022,98.5%,1.200,"1.234,5"
乙县,2022,975‰,0.300,"12,25"
丙县,2022,1.05,300人,无
"""

MAPPED: dict[str, dict[str, tuple[dict[str, str], str]]] = {
    "stages": {
        "a row per stage": ({"t.csv": STAGES}, page(columns=BY_STAGE)),
        "a rate of each stage": ({"t.csv": STAGES}, page(columns=BY_STAGE + 'pupils_girls = { from = "女生比例", unit = "%", of = "pupils" }\n')),
        "no column of the stage": ({"t.csv": STAGES}, page(columns=counted(land_area="在校生数 平方米"))),
        "a stage of two words": ({"t.csv": STAGES.replace("初中", "初级中学").replace("合计", "总计")}, page(columns=BY_STAGE)),
        "words that are no stage": ({"t.csv": STAGES.replace("初中", "成人")}, page(columns=BY_STAGE)),
        "one stage chosen": ({"t.csv": STAGES}, page(columns='[columns]\npupils_primary = { from = "在校生数", unit = "人", where = { "学段" = "小学" } }\n')),
        "two stages chosen": ({"t.csv": STAGES}, page(columns='[columns]\npupils = { from = "在校生数", unit = "人", where = { "学段" = ["合计", "总计"] } }\n')),
        "one stage by the source": ({"t.csv": STAGES}, page(columns=counted(pupils_junior="在校生数 人"), source='where = { "学段" = "初中" }\n')),
        "a school of two stages": ({"t.csv": "学校,县名,年份,学段,在校生数\n一校,甲县,2022,小学,300\n一校,甲县,2022,初中,200\n二校,甲县,2022,小学,120\n"}, page('[area]\ncode = "县名"\nunit = "学校"\n', columns=counted(pupils="在校生数 人"))),
        "a school of a stage each": ({"t.csv": "学校,县名,年份,学段,小学在校生数\n一校,甲县,2022,小学,300\n二校,甲县,2022,初中,120\n"}, page('[area]\ncode = "县名"\nunit = "学校"\n')),
        "a title of another stage": ({"t.csv": "2022年初中情况\n县名,年份,人数\n甲县,2022,700\n"}, page(columns=counted(pupils_primary="人数 人"))),
        "a title of the stage": ({"t.csv": "2022年小学情况\n县名,年份,人数\n甲县,2022,700\n"}, page(columns=counted(pupils_primary="人数 人"))),
        "twice without a stage": ({"t.csv": "县名,年份,性别,小学在校生数\n甲县,2022,男,600\n甲县,2022,女,550\n"}, page()),
        "twice and alike": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,600\n甲县,2022,550\n"}, page()),
        "twice and of two kinds": ({"t.csv": "县名,年份,小学在校生数,备注\n甲县,2022,600\n甲县,2022,550,上报\n"}, page()),
    },
    "areas": {
        "cities and their districts": ({"t.csv": CITIES}, page('[area]\ncode = "县区"\ncity = "市"\nscheme = "gbt2260"\n')),
        "cities of nobody": ({"t.csv": "市,县区,年份,小学在校生数\n甲市,乙县,2022,1200\n甲市,合计,2022,1200\n"}, page('[area]\ncode = "县区"\ncity = "市"\n')),
        "a district of two cities": ({"t.csv": CITIES}, page('[area]\ncode = "县区"\nscheme = "gbt2260"\n')),
        "a line with the county": ({"t.csv": ITEMS}, ITEMS_PAGE),
        "a line with a name of nobody": ({"t.csv": ITEMS.replace("茶陵县", "茶岭县")}, ITEMS_PAGE),
        "the county of the title": ({"t.csv": "430223攸县2022年小学情况\n年份,小学在校生数\n2022,1200\n"}, page('[area]\nin = "title"\nscheme = "gbt2260"\n')),
        "the county of the file": ({"430223攸县.csv": "年份,小学在校生数\n2022,1200\n"}, page('[area]\nin = "file"\nscheme = "gbt2260"\n', file="430223攸县.csv")),
        "the county of the sheet": ({"t.csv": "年份,小学在校生数\n2022,1200\n"}, page('[area]\nin = "sheet"\nscheme = "gbt2260"\n')),
        "the county of the mapping": ({"t.csv": "年份,小学在校生数\n2022,1200\n2023,1210\n"}, page('[area]\nvalue = "430223 攸县"\nscheme = "gbt2260"\n')),
        "names of nobody and none": ({"t.csv": "县名,年份,小学在校生数\n攸县,2022,1200\n幽县,2022,300\n,2022,80\n,2022,\n"}, page(COUNTY)),
        "another's name": ({"t.csv": "县代码,县名,年份,小学在校生数\n430223,茶陵县,2022,1200\n430224,攸县,2022,300\n430225,炎陵县,2022,80\n"}, page('[area]\ncode = "县代码"\nname = "县名"\nwidth = 6\nscheme = "gbt2260"\n')),
        "a county that is gone": ({"t.csv": "县代码,年份,小学在校生数\n430221,2017,1200\n430221,2020,300\n430212,2020,300\n"}, page('[area]\ncode = "县代码"\nwidth = 6\nscheme = "gbt2260"\n')),
        "parts of an area": ({"t.csv": "县名,年份,小学在校生数\n攸县,2022,1200\n其中：农村,2022,500\n城区,2022,700\n茶陵县,2022,300\n合计,2022,1500\n县域,2022,9\n"}, page(COUNTY)),
        "a part alone": ({"t.csv": "县名,年份,小学在校生数\n攸县,2022,1200\n城区,2022,700\n"}, page(FLAT)),
        "totals of one's own": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,1200\n乙县,2022,300\n本市,2022,1500\n全域,2022,7\n"}, page('[area]\ncode = "县名"\ntotals = ["本市"]\nown = ["全域"]\n')),
        "the city's own": ({"t.csv": "县名,年份,小学在校生数\n株洲市,2022,1500\n市本级,2022,80\n攸县,2022,1120\n茶陵县,2022,300\n"}, page(COUNTY)),
        "counties that were joined": ({"t.csv": "县代码,年份,小学在校生数\n990101,2022,1200\n990102,2022,300\n990103,2022,\n990104,2022,5\n"}, page('[area]\ncode = "县代码"\nwidth = 6\nrecode = { "990102" = "990101", "990104" = "990103" }\n')),
        "a recoding of nobody": ({"t.csv": "县代码,年份,小学在校生数\n990101,2022,1200\n"}, page('[area]\ncode = "县代码"\nwidth = 6\nrecode = { "990109" = "990101" }\n')),
        "attributes of schools": ({"t.csv": SCHOOLS}, page(SCHOOL_AREA)),
        "attributes of counties": ({"t.csv": SCHOOLS}, page(SCHOOL_AREA.replace('unit = "学校"\n\n', "\n"))),
    },
    "years": {
        "a year of each row": ({"t.csv": "县名,年份,小学在校生数\n甲县,2021/2022,1200\n甲县,2022-2023,1210\n乙县,去年,300\n丙县,1850,30\n"}, page()),
        "the second of two": ({"t.csv": "县名,年份,小学在校生数\n甲县,2021/2022,1200\n"}, page(year=YEAR + 'label = "second"\n')),
        "another in the title": ({"t.csv": "2021年小学情况\n县名,年份,小学在校生数\n甲县,2022,1200\n甲县,2023,1210\n"}, page()),
        "one of the title's": ({"t.csv": "2022年小学情况\n县名,年份,小学在校生数\n甲县,2022,1200\n甲县,2023,1210\n"}, page()),
        "the title's": ({"t.csv": "2021年小学情况\n县名,小学在校生数\n甲县,1200\n"}, page(year='[year]\nin = "title"\n')),
        "the title's and the file's": ({"2021.csv": "2021年小学情况\n县名,小学在校生数\n甲县,1200\n"}, page(file="2021.csv")),
        "none in the title": ({"t.csv": "小学情况\n县名,小学在校生数\n甲县,1200\n"}, page(year='[year]\nin = "title"\n')),
        "the file's against the title's": ({"2020.csv": "2021年小学情况\n县名,小学在校生数\n甲县,1200\n"}, page(file="2020.csv")),
        "the file's": ({"2020.csv": "县名,小学在校生数\n甲县,1200\n"}, page(year='[year]\nin = "file"\n', file="2020.csv")),
        "the mapping's": ({"t.csv": "县名,小学在校生数\n甲县,1200\n"}, page(year="[year]\nvalue = 2019\n")),
        "the mapping's against the title's": ({"t.csv": "2021年小学情况\n县名,小学在校生数\n甲县,1200\n"}, page(year="[year]\nvalue = 2019\n")),
        "the source's against the file's": ({"2020.csv": "县名,小学在校生数\n甲县,1200\n"}, page(file="2020.csv", source="year = 2021\n")),
        "a column of each": ({"t.csv": "县名,2021年小学在校生数,2022年小学在校生数\n甲县,1200,1210\n乙县,300,\n"}, page(columns=counted(pupils_primary="{year}小学在校生数 人"))),
        "a column of one, and there are two": ({"t.csv": "县名,2021年小学在校生数,2022年小学在校生数\n甲县,1200,1210\n"}, page(columns=counted(pupils_primary="2022年小学在校生数 人"))),
        "last year's beside": ({"t.csv": "2022年小学情况\n县名,本年小学在校生数,上年小学在校生数\n甲县,1210,1200\n"}, page(columns=counted(pupils_primary="{year}小学在校生数 人"))),
    },
    "cells": {
        "rows that are cut short": ({"t.csv": RAGGED}, page()),
        "a row that is too long": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,1200,5\n"}, page()),
        "a unit of each row": ({"t.csv": UNITS}, page(columns=counted(budget_education="教育经费 万元"))),
        "another unit of all rows": ({"t.csv": UNITS.replace("12000000", "1200").replace(",元,", ",千元,").replace("万元", "千元").replace(",人,", ",,")}, page(columns=counted(budget_education="教育经费 万元"))),
        "commas for points": ({"t.csv": CELLS}, page(columns=counted(pupils_primary="小学在校生数 千人", budget_education="经费 万元"), more="")
                              + '[numbers]\ndecimal = ","\nthousands = "."\n[missing]\nnot_collected = ["无"]\n'),
        "thousands or decimals": ({"t.csv": CELLS.replace("300人", "1.500")}, page()),
        "a fraction of a person": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,1200.5\n乙县,2022,300.0\n丙县,2022,1.25\n"}, page()),
        "signs of per cent": ({"t.csv": CELLS}, page(columns=counted(pupils_primary="小学在校生数 千人", pupils_girls_primary="巩固率 % of=\"pupils_primary\""))),
        "fractions under per cent": ({"t.csv": "县名,年份,率,小学在校生数\n甲县,2022,0.48,1200\n乙县,2022,0.5,300\n"}, page(columns=counted(pupils_primary="小学在校生数 人", pupils_girls_primary="率 % of=\"pupils_primary\""))),
        "per cents under fractions": ({"t.csv": "县名,年份,率,小学在校生数\n甲县,2022,48,1200\n乙县,2022,50,300\n"}, page(columns=counted(pupils_primary="小学在校生数 人", pupils_girls_primary="率 fraction of=\"pupils_primary\""))),
        "one fraction among per cents": ({"t.csv": "县名,年份,率,小学在校生数\n甲县,2022,48,1200\n乙县,2022,0.5,300\n丙县,2022,1,300\n丁县,2022,50,300\n戊县,2022,52,300\n"}, page(columns=counted(pupils_primary="小学在校生数 人", pupils_girls_primary="率 % of=\"pupils_primary\""))),
        "above a hundred": ({"t.csv": "县名,年份,率,小学在校生数\n甲县,2022,100,1200\n乙县,2022,100.5,300\n丙县,2022,0,300\n"}, page(columns=counted(pupils_primary="小学在校生数 人", pupils_girls_primary="率 % of=\"pupils_primary\""))),
        "no such heading": ({"t.csv": "县名,年份,小学学生\n甲县,2022,5\n"}, page()),
        "nothing beneath": ({"t.csv": "县名,年份,小学在校生数\n"}, page()), "nothing at all": ({"t.csv": "\n"}, page()),
        "a word alone": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,1200\n短注\n"}, page()),
        "a note and a head again": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,1200\n县名,年份,小学在校生数\n1,2,3\n乙县,2022,300①\n注：不含教学点\n（续表）\n本表数据来自各县上报的统计年报\n"}, page()),
        "another table beneath": ({"t.csv": "2021年情况\n县名,小学在校生数\n甲县,1200\n2022年情况\n县名,小学在校生数\n甲县,1210\n"}, page(year='[year]\nin = "title"\n')),
        "other columns beneath": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,1200\n乙县,2022,300\n\n年份,县名,小学在校生数\n2023,甲县,1210\n"}, page()),
    },
    "files": {
        "two files of one mapping": ({"2021年.csv": "县名,小学在校生数\n甲县,1200\n", "2022年.csv": "县名,小学在校生数\n甲县,1210\n乙县,300\n", "~$2022年.csv": "x", ".b.csv": "x"},
                                     page(year='[year]\nin = "file"\n', file="*.csv")),
        "a file that is not there": ({"t.csv": "x"}, page(file="s.csv")), "files that are not there": ({"t.csv": "x"}, page(file="s*.csv")),
        "a sheet that is not there": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,1200\n"}, page(source='sheet = ["x", "y"]\n')),
        "all sheets": ({"t.csv": "县名,年份,小学在校生数\n甲县,2022,1200\n"}, page(source='sheet = ["*"]\n')),
        "a heading by another name": ({"t.csv": "县,年份,小学生\n甲县,2022,1200\n"}, page(source='rename = { "县" = "县名", "小学生" = "小学在校生数" }\n')),
        "a title that is wanted": ({"t.csv": "小学情况\n县名,年份,小学在校生数\n甲县,2022,1200\n"}, page(source='title = "小学情况"\n')),
        "a title that is not there": ({"t.csv": "小学情况\n县名,年份,小学在校生数\n甲县,2022,1200\n"}, page(source='title = "初中情况"\n')),
    },
}  # fmt: skip

DRAFTED: dict[str, dict[str, str]] = {
    "units beneath the headings": {"t.csv": "2022年各县教育情况\n县名,小学在校生数,小学专任教师数,教育经费\n,人,人,万元\n甲县,1200,60,5200\n乙县,300,20,1200\n"},
    "a row per item": {"t.csv": "2022年攸县教育情况\n指标,计量单位,数值\n小学在校生数,人,1200\n小学专任教师数,人,60\n小学校舍面积,万平方米,1.25\n九年义务教育巩固率,%,98.5\n不明指标,个,3\n"},
    "a row per stage": {"t.csv": STAGES}, "a row per stage, and classes": {"t.csv": "县名,年份,学段,班级数,在校生数\n甲县,2022,小学,30,1200\n甲县,2022,初中,16,700\n乙县,2022,小学,9,300\n乙县,2022,初中,5,200\n"},
    "years over stages": {"t.csv": "各县在校学生数（人）\n县名,2021年,,2022年,\n,小学,初中,小学,初中\n甲县,1200,700,1210,710\n乙县,300,200,310,190\n"},
    "years alone": {"t.csv": "小学在校生数（万人）,2020,2021,2022\n甲县,1.2,1.21,1.22\n乙县,0.3,0.31,0.32\n"},
    "years of what nobody says": {"t.csv": "县名,2020,2021,2022\n甲县,12,13,14\n乙县,3,4,5\n"},
    "counted by the title alone": {"Pupil enrollment.csv": "District,Year,Value\nAdams,2021,1200\nBaker,2021,300\nClark,2022,310\n"},
    "counted by nobody": {"t.csv": "县名,年份,数值,其他\n甲县,2021,1200,5\n乙县,2021,300,6\n"},
    "two files alike": {"2021年.csv": "县名,小学在校生数\n甲县,1200\n乙县,300\n", "2022年.csv": "县名,小学在校生数\n甲县,1210\n乙县,310\n"},
    "two files that name it otherwise": {"a.csv": "县名,年份,小学在校生数（人）,小学班数（个）\n甲县,2021,1200,30\n乙县,2021,300,9\n", "b.csv": "县区,年度,小学在校学生数（人）,小学专任教师数（人）\n甲县,2021,1200,60\n乙县,2021,300,20\n"},
    "two files of which one says no year": {"a.csv": "县名,年份,小学在校生数\n甲县,2021,1200\n乙县,2021,300\n", "b.csv": "县名,小学专任教师数\n甲县,60\n乙县,20\n"},
    "marks of what is missing": {"t.csv": "县名,年份,小学在校生数,小学专任教师数\n甲县,2021,1200,*\n乙县,2021,…,20\n丙县,2021,不适用,-\n"},
    "rates in two scales": {"t.csv": "县名,年份,小学辍学率（%）,九年义务教育巩固率,小学生师比\n甲县,2021,0.1,0.985,17.2\n乙县,2021,0.02,0.97,18\n"},
    "money and area without a unit": {"t.csv": "县名,年份,教育经费,小学校舍面积,小学在校生数\n甲县,2021,5200,12000,1200.5\n乙县,2021,1200,3000,300.5\n丙县,2021,900,1000,10\n"},
    "people by ten thousands": {"t.csv": "单位：万人\n县名,年份,小学在校生数\n甲县,2021,1200\n乙县,2021,300\n"},
    "a column of cities": {"t.csv": "市,县区,年份,小学在校生数\n南京市,鼓楼区,2022,1200\n徐州市,鼓楼区,2022,900\n"},
    "a column that may be areas": {"t.csv": "片区,年份,小学在校生数\n东片,2021,1200\n西片,2021,300\n东片,2022,1210\n西片,2022,310\n"},
    "a title with its unit beside": {"t.csv": "2022年小学情况,单位：人\n制表单位：市教育局,填报日期：2023年5月\n县名,在校生数,专任教师数\n甲县,1200,60\n乙县,300,20\n"},
    "rows cut short": {"t.csv": "片区,指标,计量单位,2022年\n东片,小学在校生数,人,1200\n西片,小学在校生数,人,300\n东片,小学专任教师数,人,60\n西片,小学专任教师数\n南片\n"},
    "two years in title and file": {"2021年.csv": "2022年小学情况\n县名,小学在校生数\n甲县,1200\n乙县,300\n"},
}  # fmt: skip
