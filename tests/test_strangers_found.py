"""Do the kinds of tables that strangers' own files were found to be come in right, or say why not?"""

import pytest
from test_strangers_shapes import figures
from typer.testing import CliRunner

from edustats.cli import app
from edustats.errors import DataError
from edustats.load.reading.areas import resolve
from edustats.load.reading.column_roles import Column, find_places, missing_marks
from edustats.load.reading.units import unit_beside
from edustats.load.tables.draft import write_draft
from edustats.load.tables.inspection import inspect_files
from edustats.load.tables.reader import load_tables

MAPPING = """title = {{ zh = "测试", en = "test" }}
[[tables]]
file = "{file}"
[area]
code = "{code}"
scheme = "{scheme}"
[year]
value = 2023
[columns]
{columns}
"""


def loaded(folder, text, columns, code="县区", scheme="flat", encoding="utf-8", file="t.csv"):
    if text is not None:
        (folder / file).write_bytes(text.encode(encoding))
    page = MAPPING.format(file=file, code=code, scheme=scheme, columns=columns)
    (folder / "own.toml").write_text(page, "utf-8")
    return load_tables(folder / "own.toml")


def draft(folder, text, name="t.csv"):
    (folder / name).write_text(text, "utf-8")
    write_draft(inspect_files(folder / name), folder / "my.toml")
    return (folder / "my.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("heads", "places"),
    [
        (["STATCD", "DISTCD", "STATNAME", "DISTNAME"], {1: "code", 3: "name"}),
        (["region_code", "new_la_code", "old_la_code", "la_name"], {1: "code", 3: "name"}),
        (["NO_UF", "CO_MUNICIPIO", "NO_MUNICIPIO"], {1: "code", 2: "name"}),
        (["State_UT", "Districts"], {0: "name"}),
    ],
)
def test_areas_are_found_by_the_words_of_a_heading_however_they_are_joined(heads, places):
    def cells(k, head):
        letters = head in ("STATNAME", "DISTNAME", "la_name", "NO_UF", "NO_MUNICIPIO", "State_UT")
        wide = head in ("STATCD", "STATNAME", "region_code", "NO_UF")
        numbers = [1, 1, 1] if wide else [1, 2, 3]
        return tuple(f"{'Abc'[k % 3]}{'xyz'[n - 1]}ville" if letters else f"{k + 1}{n:02}" for n in numbers)

    assert find_places([Column(k, head, cells(k, head)) for k, head in enumerate(heads)]) == places


def test_a_state_file_with_abbreviated_headings_comes_in_right(tmp_path):
    rows = [["AC_YEAR", "STATCD", "STATNAME", "DISTRICTS", "tot_schools", "TOTAL_ENROLMENT"]]
    rows += [["2015-16", 1, "Harl & Moor", 22, 28578, 1452682], ["2015-16", 2, "Ostland", 12, 18024, 588162]]
    rows += [["2015-16", 3, "Wick/Fen", 22, 28776, 2447062]]
    found = figures(tmp_path, rows)
    assert found["1", 2015, "pupils"] == 1452682
    assert len([key for key in found if key[2] == "pupils"]) == 3


def test_names_with_an_ampersand_or_a_stroke_are_names(tmp_path):
    made = loaded(
        tmp_path,
        "State,n\nHarl & Moor,500\nWick/Fen,600\n",
        'pupils = { from = "n", unit = "person" }',
        "State",
    )
    assert sorted(made.tidy["county"]) == ["Harl & Moor", "Wick-Fen"]


LEVELS = """time_period,geographic_level,country_code,new_la_code,la_name,education_phase,school_count,enrolments
202223,National,E92000001,,,Total,300,99000
202223,Local authority,E92000001,E06000001,Harwick,Total,40,12000
202223,Local authority,E92000001,E06000001,Harwick,Special,2,150
202223,Local authority,E92000001,E06000002,Ostley,Total,52,15500
202223,Local authority,E92000001,E06000002,Ostley,Special,3,c
"""


def test_what_tells_rows_of_an_area_apart_is_said_and_the_total_is_taken(tmp_path):
    told = draft(tmp_path, LEVELS)
    assert 'where = { "education_phase" = "Total" }' in told and 'suppressed = ["c"]' in told
    tidy = load_tables(tmp_path / "my.toml").tidy.set_index("county")
    assert tidy["pupils"].to_dict() == {"E06000001": 12000, "E06000002": 15500}


def test_a_figure_with_its_unit_is_read_and_never_drafted_as_a_gap(tmp_path):
    text = "2023年小学,,\n县区,在校学生数,专任教师数\n荷塘区,17500人,950\n芦淞区,1.6万,880人\n石峰区,1.4万人,790\n"
    assert "17500" not in draft(tmp_path, text).split("[columns]")[0]
    tidy = load_tables(tmp_path / "my.toml").tidy.set_index("county")
    assert tidy["pupils_primary"].to_dict() == {"430202": 17500, "430203": 16000, "430204": 14000}
    assert tidy["teachers_primary"].to_dict() == {"430202": 950, "430203": 880, "430204": 790}


def test_a_unit_of_another_kind_in_a_cell_is_refused(tmp_path):
    with pytest.raises(DataError, match="300万元"):
        loaded(tmp_path, "县区,n\n荷塘区,300万元\n芦淞区,500\n", 'pupils = { from = "n", unit = "人" }')


def test_marks_and_figures_are_told_apart():
    assert missing_marks(["12", "x", "17500人", "#VALUE!", "<10", "3.5%"]) == {
        "x": "suppressed",
        "<10": "suppressed",
    }


def test_a_column_of_broken_numbers_up_to_a_hundred_is_no_count(tmp_path):
    shares = (89.4, 60.1, 72.5, 55.5, 81.2, 43.9)
    rows = [
        f"2012,State {name},{share},{100 + share:.0f}\n" for name, share in zip("abcdef", shares, strict=True)
    ]
    text = "Year,State,free_lunch,students\n" + "".join(rows)
    told = draft(tmp_path, text)
    assert '\n# pupils_free_lunch = { from = "free_lunch", unit = "percent"' in told
    assert '\npupils = { from = "students"' in told


def test_a_table_none_of_whose_columns_is_known_is_still_a_table(tmp_path):
    told = draft(tmp_path, "Entity,Year,Blooms\nHarwick,2012,15\nOstley,2012,19\n")
    assert 'code = "Entity"' in told and '# ? = { from = "Blooms", unit = "?" }' in told
    with pytest.raises(DataError) as refused:
        load_tables(tmp_path / "my.toml")
    assert "no line under [columns] counts" in refused.value.text("en")


def test_a_download_of_a_data_base_names_what_it_counts_and_ends_its_cells_with_tabs(tmp_path):
    text = (
        "数据库：分省年度数据\t\n指标：普通小学在校学生数(万人)\t\n时间：最近2年\t\n地区\t,2022年\t,2021年\t,\n"
        "北京市\t,108.4\t,103.6\t,\n河北省\t,670.1\t,685.2\t,\n内蒙古自治区\t,140.3\t,139.9\t,\n数据来源：年报\t\n"
    )
    told = draft(tmp_path, text)
    assert 'title = { zh = "普通小学在校学生数(万人)"' in told
    tidy = load_tables(tmp_path / "my.toml").tidy.set_index(["county", "year"])
    assert tidy["pupils_primary"].to_dict() == {
        ("110000", 2021): 1036000, ("110000", 2022): 1084000, ("130000", 2021): 6852000, ("130000", 2022): 6701000,
        ("150000", 2021): 1399000, ("150000", 2022): 1403000,
    }  # fmt: skip


def test_items_of_one_province_in_rows(tmp_path):
    rows = [["数据库：分省年度数据"], ["地区：湖南省"], ["指标", "2022年", "2021年"]]
    rows += [
        ["普通小学在校学生数(万人)", 520.1, 530.2],
        ["普通高等学校数(所)", 137, 128],
        ["邮政业务量(亿元)", 9, 8],
    ]
    assert figures(tmp_path, rows) == {
        ("430000", 2022, "pupils_primary"): 5201000,
        ("430000", 2021, "pupils_primary"): 5302000,
    }


def test_headings_in_two_languages_are_one_heading(tmp_path):
    rows = [
        ["3-4  2022年各市普通小学基本情况  3-4 Statistics on Regular Primary Schools by City (2022)"],
        ["地区", "学校数（所）", "在校学生数（万人）", "专任教师数 Full-time Teachers"],
        ["Region", "Number of Schools (unit)", "Students Enrollment (10 000 persons)", "Full-time Teachers"],
        ["全  省", 6000, 520.1, 291000],
        ["长沙市", 900, 85.1, 40000],
        ["株洲市", 600, 30.2, 18000],
        ["续表"],
        ["湘潭市", 400, 20.5, 12000],
    ]
    found = figures(tmp_path, rows)
    assert len(found) == 9
    assert found["430100", 2022, "pupils_primary"] == 851000
    assert found["430300", 2022, "teachers_primary"] == 12000


@pytest.mark.parametrize(
    ("names", "codes", "open_"),
    [
        ("长沙 株洲 湘潭 衡阳", ["430100", "430200", "430300", "430400"], []),
        ("东城 西城 朝阳 丰台", ["110101", "110102", "110105", "110106"], []),
        ("石家庄 晋州 唐山 遵化 河北", ["130100", "130183", "130200", "130281", "130000"], []),
        ("岳阳楼 云溪 岳阳 华容", ["430602", "430603", "430623"], ["岳阳"]),
        ("朝阳", [], ["朝阳"]),
        ("邯郸市 邢台市", ["130400", "130500"], []),
    ],
)
def test_a_name_that_a_city_and_a_county_share_is_never_guessed(names, codes, open_):
    found = resolve(names.split(), None, 2021)
    assert sorted(found.codes.values()) == sorted(codes) and [*found.ambiguous] == open_


def test_the_new_county_of_an_old_name_is_taken():
    assert resolve(["五峰县"], None, 2021).codes == {"五峰县": "420529"}
    assert resolve(["奉化市"], None, 2020).codes == {"奉化市": "330213"}


def test_a_code_that_was_gone_in_the_year_is_told(tmp_path):
    made = loaded(
        tmp_path,
        "县区,n\n422729,8800\n420528,9100\n",
        'pupils = { from = "n", unit = "人" }',
        scheme="gbt2260",
    )
    rules = made.findings.loc[made.findings["rule"] == "county_code_past", ["county", "row"]]
    assert rules.to_numpy().tolist() == [["422729", 2]]


def test_a_table_of_provinces_says_which_scheme_to_write(tmp_path):
    text, columns = "县区,n\n北京市,600000\n河北省,700000\n", 'pupils = { from = "n", unit = "人" }'
    with pytest.raises(DataError, match=r'scheme 改为 "flat"|scheme = "flat"'):
        loaded(tmp_path, text, columns, scheme="gbt2260")
    assert sorted(loaded(tmp_path, text, columns).tidy["county"]) == ["110000", "130000"]


def test_a_province_over_its_cities_is_a_total(tmp_path):
    text = "县区,n\n河北,1500000\n石家庄,800000\n唐山,600000\n株洲,400000\n"
    made = loaded(tmp_path, text, 'pupils = { from = "n", unit = "人" }')
    assert sorted(made.tidy["county"]) == ["130100", "130200", "430200"]


@pytest.mark.parametrize(
    ("heading", "bare", "unit"),
    [("千元教育经费", "教育经费", "千元"), ("教育经费万元", "教育经费", "万元"), ("在校生数万人", "在校生数", "万人"),
     ("每万人在校生", "每万人在校生", None), ("百万元以上项目", "百万元以上项目", None)],
)  # fmt: skip
def test_a_unit_without_a_bracket_is_heard(heading, bare, unit):
    words, said = unit_beside(heading)
    assert (words, said and said.words) == (bare, unit)


@pytest.mark.parametrize(
    "text",
    [
        "县区,千元教育经费\n荷塘区,300000\n芦淞区,310000\n",
        "单位：千元,\n县区,教育经费（万元）\n荷塘区,300000\n芦淞区,310000\n",
    ],
)
def test_a_tenfold_contradiction_is_refused(text, tmp_path):
    heading = text.split("\n")[-4].split(",")[1]
    with pytest.raises(DataError, match=r"千元.*万元|万元.*千元"):
        loaded(tmp_path, text, f'budget_education = {{ from = "{heading}", unit = "万元" }}')


def test_two_lists_side_by_side_are_read_each_by_its_own_areas(tmp_path):
    columns = 'pupils_primary = { from = "小学/学生", unit = "人" }\n'
    columns += 'pupils_junior = { from = "初中/学生", unit = "人" }'
    text = "小学,,初中,\n县区,学生,县区,学生\n荷塘区,17500,芦淞区,8100\n芦淞区,16100,荷塘区,7300\n"
    with pytest.raises(DataError, match="初中/学生"):
        loaded(tmp_path, text, columns, code="小学/县区")
    page = (tmp_path / "own.toml").read_text("utf-8")
    second = '[[tables]]\nfile = "t.csv"\ncolumns = ["pupils_junior"]\nrename = { "初中/县区" = "小学/县区" }\n\n[area]'
    own = 'file = "t.csv"\ncolumns = ["pupils_primary"]\n'
    page = page.replace('file = "t.csv"\n', own, 1).replace("[area]", second, 1)
    (tmp_path / "own.toml").write_text(page, "utf-8")
    assert load_tables(tmp_path / "own.toml").tidy["pupils_junior"].tolist() == [7300, 8100]
    alike = text.replace("芦淞区,8100", "荷塘区,8100").replace("荷塘区,7300", "芦淞区,7300")
    assert loaded(tmp_path, alike, columns, code="小学/县区").tidy["pupils_junior"].tolist() == [8100, 7300]


def test_big5_is_read_as_it_was_written(tmp_path):
    text = "縣市別,學生數\n荷塘區,17500\n蘆淞區,16100\n"
    made = loaded(tmp_path, text, 'pupils = { from = "學生數", unit = "人" }', code="縣市別", encoding="big5")
    assert made.tidy["county"].tolist() == ["荷塘區", "蘆淞區"]


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("times", [10, 0.1])
def test_a_figure_of_one_year_is_held_against_its_peers(columns, times, tmp_path):
    pupils = [17500, 16100 * times, 14000, 18200, 15300, 16800]
    lines = [
        f"{name},{n:.0f},{950 - k}" for k, (name, n) in enumerate(zip("甲乙丙丁戊己", pupils, strict=True))
    ]
    mapped = 'pupils_primary = { from = "学生", unit = "人" }'
    mapped += '\nteachers_primary = { from = "教师", unit = "人" }' if columns == 2 else ""
    made = loaded(tmp_path, "县区,学生,教师\n" + "\n".join(lines) + "\n", mapped)
    assert made.findings[["rule", "cell"]].to_numpy().tolist() == [["magnitude", "B3"]]


def test_a_ratio_that_no_county_has_is_told_with_both_cells(tmp_path):
    columns = (
        'pupils_primary = { from = "学生", unit = "人" }\nteachers_primary = { from = "教师", unit = "人" }'
    )
    made = loaded(tmp_path, "县区,学生,教师\n荷塘区,17500,950\n芦淞区,161000,880\n", columns)
    assert made.findings[["rule", "cell"]].to_numpy().tolist() == [["ratio_impossible", "B3+C3"]]
    assert "183" in made.findings["zh"].iloc[0] and "3–45" in made.findings["zh"].iloc[0]


def test_a_table_that_contradicts_itself_costs_only_itself(tmp_path):
    (tmp_path / "x1.csv").write_text("单位：千元,\n县区,教育经费\n荷塘区,300000\n芦淞区,310000\n", "utf-8")
    (tmp_path / "x2.csv").write_text("单位：万元,\n县区,教育经费\n石峰区,31000\n天元区,32000\n", "utf-8")
    columns = 'budget_education = { from = "教育经费", unit = "万元" }'
    made = loaded(tmp_path, None, columns, file="x*.csv")
    assert made.tidy.set_index("county")["budget_education"].to_dict() == {"430204": 3.1e8, "430211": 3.2e8}
    assert made.findings["rule"].tolist() == ["table_refused"] and "千元" in made.findings["zh"].iloc[0]
    assert [entry.loaded for entry in made.ledger] == [0, 2]
    with pytest.raises(DataError, match="千元"):
        loaded(tmp_path, None, columns, file="x1.csv")


def test_areas_in_the_headings_over_years_are_asked_what_they_count(tmp_path):
    (tmp_path / "t.csv").write_text("时间,北京市,天津市\n2021年,5267,2258\n2022年,6150,2621\n", "utf-8")
    found = inspect_files(tmp_path / "t.csv")
    assert [one.role for one in found.tables[0].columns] == ["year", "wide", "wide"]
    write_draft(found, tmp_path / "my.toml")
    assert '# pupils = { from = "{area}"' in (tmp_path / "my.toml").read_text("utf-8")


def test_a_workbook_of_many_tables_is_drafted_for_the_one_that_is_known(tmp_path, monkeypatch):
    from test_strangers_kinds import save

    monkeypatch.setenv("EDUSTATS_LANG", "en")
    save(tmp_path / "book.xlsx", {
        "1-1": [["2022年城市绿地"], ["城市", "绿地"], ["长沙", 15], ["株洲", 18]],
        "3-4": [["2022年小学"], ["城市", "在校学生数"], ["长沙", 851000], ["株洲", 302000]],
    })  # fmt: skip
    done = CliRunner().invoke(
        app, ["inspect", str(tmp_path / "book.xlsx"), "--write", str(tmp_path / "my.toml")]
    )
    drafted = (tmp_path / "my.toml").read_text("utf-8")
    assert done.exit_code == 0 and 'sheet = ["3-4"]\n' in drafted and "没有看懂的列）：1-1" in drafted
    assert load_tables(tmp_path / "my.toml").tidy["pupils_primary"].tolist() == [851000, 302000]


@pytest.mark.parametrize(("total", "told"), [(61740, "差16.2%"), (47140, "多9.8%"), (51740, ""), (51741, "")])
def test_the_total_of_a_table_by_name_is_held_against_its_counties(tmp_path, total, told):
    rows = f"2023年各县小学\n地区,小学在校生（人）\n全市,{total}\n攸县,23510\n茶陵县,20110\n炎陵县,8120\n"
    (tmp_path / "t.csv").write_text(rows, "utf-8")
    write_draft(inspect_files(tmp_path / "t.csv"), tmp_path / "my.toml")
    found = load_tables(tmp_path / "my.toml").findings
    said = [one for one in found["zh"] if one.startswith("430200")]
    assert ([told in one for one in said] == [True]) if told else not said


def test_the_total_of_a_wider_area_is_not_held_against_a_city(tmp_path):
    rows = "2023年各县小学\n地区,小学在校生（人）\n全省,5174000\n攸县,23510\n茶陵县,20110\n炎陵县,8120\n"
    (tmp_path / "t.csv").write_text(rows, "utf-8")
    write_draft(inspect_files(tmp_path / "t.csv"), tmp_path / "my.toml")
    assert load_tables(tmp_path / "my.toml").findings.empty


# --- the unit that a row gives itself ---

ROWS = """2022年各县市教育情况,,,
单位：{line},,,
地区,指标,计量单位,数值
炎陵县,小学在校生数,{pupils},{a}
炎陵县,一般公共预算教育经费,{money},{b}
茶陵县,小学在校生数,{pupils},{a}
茶陵县,一般公共预算教育经费,{money},{b}
"""


@pytest.mark.parametrize(
    ("line", "pupils", "a", "money", "b"),
    [
        ("万元", "人", 12345, "万元", 34567),
        ("人", "人", 12345, "万元", 34567),
        ("万元", "人", 12345, "元", 345670000),
        ("万元、人", "万人", 1.2345, "元", 345670000),
    ],
)
def test_the_unit_of_a_row_wins_over_the_line_above_the_table(line, pupils, a, money, b, tmp_path):
    draft(tmp_path, ROWS.format(line=line, pupils=pupils, a=a, money=money, b=b))
    held = load_tables(tmp_path / "my.toml").tidy
    assert held["pupils_primary"].tolist() == [12345, 12345]
    assert held["budget_education"].tolist() == [345670000, 345670000]


def test_tenfold_between_row_and_line_is_still_refused(tmp_path):
    draft(tmp_path, ROWS.format(line="万元", pupils="人", a=12345, money="千元", b=345670))
    with pytest.raises(DataError, match="千元"):
        load_tables(tmp_path / "my.toml")


def test_a_row_that_counts_people_is_no_money_and_the_other_way_round(tmp_path):
    mixed = ROWS.format(line="万元", pupils="人", a=12345, money="万元", b=34567)
    head, rows = (
        mixed.split("茶陵县", 1)[0],
        [
            "茶陵县,小学在校生数,万元,12345",
            "茶陵县,一般公共预算教育经费,人,34567",
        ],
    )
    draft(tmp_path, head + "\n".join(rows) + "\n")
    read = load_tables(tmp_path / "my.toml")
    held = read.tidy.set_index("county")
    assert held.loc["430225", "budget_education"] == 345670000
    assert not held.loc["430224", ["budget_education", "pupils_primary"]].notna().any()
    told = read.findings[read.findings["rule"] == "unit_of_row"]
    assert told["cell"].tolist() == ["D6", "D7"] and "自写的单位是" in told["zh"].iloc[0]


# --- the yearbook of the country: China Statistical Yearbook 2009, table 20-1; Fujian 2001, table 14-20 ---

YEARBOOK_20_1 = """20-1 各级各类学校、教职工和专任教师情况 (2008年),,,
项 目,学校数(所),教职工数(人),专任教师(人)
高等教育,,,
 普通高等学校,2263,2051029,1237451
中等教育,,,
 普通高中,15206,,1475671
 普通初中,57701,,3468972
初等教育,,,
 普通小学,300854,5918300,5621938
学前教育,133722,1362500,898552
特殊教育,1640,45990,36306
"""


def test_levels_of_education_are_stages_and_no_areas(tmp_path):
    told = draft(tmp_path, YEARBOOK_20_1)
    assert 'value = ""' in told and "code =" not in told
    (tmp_path / "my.toml").write_text(
        told.replace('value = ""', 'value = "攸县"\nscheme = "gbt2260"'), "utf-8"
    )
    held = load_tables(tmp_path / "my.toml").tidy.iloc[0]
    assert (held["schools_primary"], held["teachers_junior"], held["kindergartens"]) == (
        300854,
        3468972,
        133722,
    )


def test_pupils_to_a_teacher_by_kind_of_school_are_no_kindergartens(tmp_path):
    told = draft(
        tmp_path,
        "14-20 平均每一专任教师负担学生数,,\n年份,小学,幼儿园\n1995,22.86,25.40\n1996,23.00,24.80\n1997,22.90,21.70\n",
    )
    assert "\nkindergartens = " not in told and "\n# kindergartens = " in told


def test_a_list_within_a_chinese_sentence_has_the_marks_of_chinese(tmp_path):
    (tmp_path / "t.csv").write_text("县区,2020年,2021年\n炎陵县,12,13\n攸县,14,15\n", "utf-8")
    read = inspect_files(tmp_path / "t.csv")
    assert "（2020年、2021年）" in "\n".join(read.lines("zh"))
    assert "(2020年, 2021年)" in "\n".join(read.lines("en"))
