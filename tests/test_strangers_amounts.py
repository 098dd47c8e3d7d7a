"""Are figures read as a person sees them: with the unit of their row, of their number format, of (thousands)?"""

import pandas as pd
import pytest
from openpyxl import load_workbook

from edustats.load.files.formats import amount_shown, show_amount
from edustats.load.reading.years import years_said
from edustats.load.tables.draft import write_draft
from edustats.load.tables.inspection import inspect_files
from tests.test_strangers_kinds import MAPPING, PROFILE, finance, load, save


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [('#,##0"千元"', 30000.0, "30000千元"), ("#,##0,", 3e8, "300000×千"), ("0!.0,", 123456.0, "12.3456×万"),
     ('0\\.0,"万元"', 3e8, "30000万元"), ("#,##0,,", 3e8, "300×百万"), ('#,##0,"元"', 3e8, "300000元(1000)")],
)  # fmt: skip
def test_a_number_format_that_scales_is_read_as_it_is_shown(code, value, shown):
    assert show_amount(value, amount_shown(code)) == shown


@pytest.mark.parametrize(
    "code", ["#,##0.00", '0"人"', "yyyy年m月d日", '_ * #,##0_ ;_ * "-"_ ', '0"%"', "[$£-809]0"]
)
def test_a_number_format_that_changes_no_amount_is_left(code):
    assert amount_shown(code) is None


def shown_as(folder, code, size):
    path = folder / "2023年教育经费情况表.xlsx"
    book = load_workbook(path)
    for row in book["表"].iter_rows(min_row=5):
        for cell in row[2:]:
            cell.value, cell.number_format = cell.value * size, code
    book.save(path)


@pytest.mark.parametrize(
    ("line", "code", "size"),
    [("", '#,##0"千元"', 1.0), ("单位：千元", "#,##0,", 1e3), ("单位：万元", "0!.0,", 1e4)],
)
def test_money_shown_in_thousands_comes_in_right(line, code, size, tmp_path):
    finance(tmp_path, line=line, divide=1e4 if "万" in line else 1e3)
    shown_as(tmp_path, code, size)
    _, figures = load(tmp_path)
    assert figures["990102", 2023, "budget_education"] == pytest.approx(3e8)
    assert figures["990103", 2023, "budget_education_primary"] == pytest.approx(1.3e8)


def test_money_shown_in_another_scale_than_its_line_says_is_not_used(tmp_path):
    finance(tmp_path, line="单位：万元", divide=1.0)
    shown_as(tmp_path, "#,##0,", 1.0)
    told, figures = load(tmp_path)
    assert "无法识读：4 处" in told and not any(
        key[2].startswith("budget") and value == value for key, value in figures.items()
    )


def test_a_return_with_a_column_of_units(tmp_path):
    rows = [["2023年教育经费情况表"], ["地区代码", "地区", "计量单位", "一般公共预算教育经费"],
            ["990102", "汀阳区", "千元", 300000], ["990103", "云麓区", "万元", 33000]]  # fmt: skip
    (tmp_path / "returns.toml").write_text(PROFILE, "utf-8")
    save(tmp_path / "2023年教育经费情况表.xlsx", {"表": rows})
    told, figures = load(tmp_path)
    assert [figures[code, 2023, "budget_education"] for code in ("990102", "990103")] == pytest.approx(
        [3e8, 3.3e8]
    )
    assert "按表上所写单位换算" in told


def long_table(folder, units, head="县代码,县名,年份,计量单位,教育经费"):
    (folder / "a.csv").write_text(
        "\n".join([head, f"990101,甲县,2021,{units[0]},30000", f"990102,乙县,2021,{units[1]},33000"]), "utf-8"
    )
    mapping = folder / "m.toml"
    mapping.write_text(MAPPING.format(file="a.csv", heading="教育经费", unit="万元"), "utf-8")
    return load(folder, mapping)


def test_each_row_is_in_the_unit_it_says(tmp_path):
    _, figures = long_table(tmp_path, ("千元", "万元"))
    assert [figures[code, 2021, "budget_education"] for code in ("990101", "990102")] == pytest.approx(
        [3e7, 3.3e8]
    )


def test_a_mapping_that_all_rows_contradict_is_refused(tmp_path):
    told, figures = long_table(tmp_path, ("千元", "千元"))
    assert "单位列，行 2为“千元”" in told and "映射文件为“万元”" in told and not figures


def test_a_column_of_organisations_is_no_column_of_units(tmp_path):
    _, figures = long_table(tmp_path, ("甲县教育局", "乙县教育局"), "县代码,县名,年份,单位,教育经费")
    assert figures["990101", 2021, "budget_education"] == pytest.approx(3e8)


@pytest.mark.parametrize(
    ("title", "heading"),
    [("Pupils by district 2021 (thousands)", "pupils"), ("Pupils by district 2021", "pupils (000s)"),
     ("Pupils by district 2021, in thousands", "pupils"), ("2021年在校生（千）", "pupils"),
     ("2021", "pupils (tsd.)")],
)  # fmt: skip
def test_thousands_of_whatever_is_counted(title, heading, tmp_path):
    (tmp_path / "a.csv").write_text(f'"{title}"\ncode,name,{heading}\nA1,North,1.2\nA2,South,2.3\n', "utf-8")
    write_draft(inspect_files(tmp_path / "a.csv"), tmp_path / "m.toml")
    draft = (tmp_path / "m.toml").read_text("utf-8")
    _, figures = load(tmp_path, tmp_path / "m.toml")
    assert {key[0]: value for key, value in figures.items() if key[2] == "pupils"} == pytest.approx(
        {"A1": 1200, "A2": 2300}
    )
    (tmp_path / "m.toml").write_text(
        draft.replace(draft.partition('unit = "')[2].partition('"')[0], "person"), "utf-8"
    )
    told, figures = load(tmp_path, tmp_path / "m.toml")
    assert title in told or heading in told


def test_the_edition_of_a_yearbook_is_no_year_of_its_figures():
    assert not any(
        map(years_said, ("南京统计年鉴2022_小学", "统计年鉴（2022）", "Yearbook 2022", "2022年统计年鉴"))
    )


def drafted(folder, text, file="a.csv", replace=("", "")):
    (folder / file).write_text(text, "utf-8")
    write_draft(inspect_files(folder / file), folder / "m.toml")
    draft = (folder / "m.toml").read_text("utf-8").replace(*replace)
    (folder / "m.toml").write_text(draft, "utf-8")
    told, figures = load(folder, folder / "m.toml")
    return told, {key: value for key, value in figures.items() if value == value}


def test_areas_that_stand_once_over_the_rows_of_their_stages(tmp_path):
    rows = [
        "地区,学段,年份,在校生",
        "建邺区,小学,2021,100",
        ",初中,2021,50",
        "秦淮区,小学,2021,110",
        ",初中,2021,60",
    ]
    _, figures = drafted(tmp_path, "\n".join(rows))
    assert figures == {
        ("320105", 2021, "pupils_primary"): 100, ("320105", 2021, "pupils_junior"): 50,
        ("320104", 2021, "pupils_primary"): 110, ("320104", 2021, "pupils_junior"): 60,
    }  # fmt: skip


def test_rows_without_an_area_that_nothing_gives_one_are_told(tmp_path):
    told, figures = drafted(tmp_path, "地区,年份,小学在校生数\n建邺区,2021,100\n,2021,50\n秦淮区,2021,110\n")
    assert "没有写地区的行：1 处" in told and set(figures.values()) == {100, 110}


def test_figures_of_one_stage_are_not_those_of_all(tmp_path):
    _, figures = drafted(
        tmp_path,
        "地区,学段,年份,在校生\n建邺区,小学,2021,100\n秦淮区,小学,2021,110\n",
        replace=("# pupils", "pupils"),
    )
    assert {key[2] for key in figures} == {"pupils_primary"}


def test_a_total_of_the_sexes_is_no_total_of_areas(tmp_path):
    rows = [
        f"2021,{area},{sex},{n}"
        for area, n in (("建邺区", 500), ("秦淮区", 600))
        for sex in ("男", "女", "合计")
    ]
    _, figures = drafted(tmp_path, "\n".join(["年份,地区,性别,小学在校生数", *rows]))
    assert figures == {("320105", 2021, "pupils_primary"): 500, ("320104", 2021, "pupils_primary"): 600}


@pytest.mark.parametrize("outer", ["items", "years"])
def test_items_and_years_over_one_another(outer, tmp_path):
    items, years = ("小学在校生数", "小学专任教师数"), ("2020年", "2021年")
    over, under = (items, years) if outer == "items" else (years, items)
    head = f"地区,{over[0]},,{over[1]},\n,{under[0]},{under[1]},{under[0]},{under[1]}\n"
    _, figures = drafted(tmp_path, head + "建邺区,100,101,5,6\n秦淮区,110,111,7,8\n")
    second = ("pupils_primary", 2021) if outer == "items" else ("teachers_primary", 2020)
    assert figures["320105", second[1], second[0]] == 101 and figures["320104", 2021, "teachers_primary"] == 8


def test_a_stage_spelt_with_a_space_is_that_stage(tmp_path):
    _, figures = drafted(tmp_path, "地区,年份,小　学 在校生数\n建邺区,2021,１２０００\n秦淮区,2021,13000\n")
    assert figures == {("320105", 2021, "pupils_primary"): 12000, ("320104", 2021, "pupils_primary"): 13000}


def test_a_return_that_prints_no_unit_of_money_says_so(tmp_path):
    finance(tmp_path)
    told, _ = load(tmp_path)
    assert "没有写明计量单位：1 处" in told


def test_a_code_under_another_countys_name_is_nobodys(tmp_path):
    rows = [["2023年教育经费情况表"], ["单位：万元"], ["地区代码", "地区", "一般公共预算教育经费"],
            ["990102", "云麓区", 30000], ["990103", "云麓区", 33000]]  # fmt: skip
    (tmp_path / "returns.toml").write_text(PROFILE, "utf-8")
    save(tmp_path / "2023年教育经费情况表.xlsx", {"表": rows})
    told, figures = load(tmp_path)
    assert "地区代码与名称不一致：1 处（错误）" in told
    assert {key[0] for key, value in figures.items() if value == value} == {"990103"}


def test_headings_with_marks_of_notes_and_numbers_of_schools(tmp_path):
    rows = ["Local Authority,SeedCode,School Name,Year,FTE Teachers,Pupil roll(1)",
            "Harwick,5237521,Abbot School,2019,15.7,244", "Harwick,5237629,Airy School,2019,18.3,346"]  # fmt: skip
    _, figures = drafted(tmp_path, "\n".join(rows))
    assert figures["5237521", 2019, "pupils"] == 244 and figures["5237629", 2019, "teachers"] == 18.3


def test_columns_named_under_blanks_beside_outer_headings(tmp_path):
    rows = [["Report generated on: Wednesday, 06 May 2026 at 06:35 pm"], ["Academic Year: 2024-25"], [],
            ["", "", "Primary", "", "Special", ""],
            ["District", "Remarks", "Pupils", "Teachers", "Pupils", "Teachers"],
            ["North", "none", 130, 7, 90, 6], ["South", "none", 140, 8, 95, 6]]  # fmt: skip
    save(tmp_path / "a.xlsx", {"S": rows})
    write_draft(inspect_files(tmp_path / "a.xlsx"), tmp_path / "m.toml")
    _, figures = load(tmp_path, tmp_path / "m.toml")
    assert figures["North", 2024, "pupils_primary"] == 130 and figures["South", 2024, "teachers_primary"] == 8


def test_a_sum_that_is_not_its_parts_names_every_cell(tmp_path):
    head = ["学校标识码", "学校名称", "所在县区", "在校生数", "专任教师", "", "", "", ""]
    over = ["", "", "", "", "合计", "按学历分", "", "", ""]
    under = ["", "", "", "", "", "硕士研究生及以上", "本科", "专科", "高中阶段及以下"]
    rows = [
        ["2023年小学一览表"],
        head,
        over,
        under,
        ["2143000001", "甲小学", "汀阳区", 500, 30, 2, 20, 10, 3],
    ]
    (tmp_path / "returns.toml").write_text(PROFILE, "utf-8")
    save(tmp_path / "2023年小学一览表.xlsx", {"小学": rows})
    load(tmp_path)
    found = pd.concat(pd.read_parquet(path) for path in (tmp_path / "store").rglob("findings.parquet"))
    said = found.loc[found["rule"] == "sum_of_parts", "zh"].iloc[0]
    assert "（各项在 F5, G5, H5, I5；对照数在 E5）" in said


def test_a_plain_list_of_kindergartens(tmp_path):
    rows = [
        ["学校标识码", "园名", "所在县区", "在园幼儿数", "专任教师数"],
        ["1143000001", "甲幼儿园", "汀阳区", 200, 15],
    ]
    (tmp_path / "returns.toml").write_text(PROFILE, "utf-8")
    save(tmp_path / "2023年幼儿园一览表.xlsx", {"幼儿园": rows})
    _, figures = load(tmp_path)
    assert (
        figures["1143000001", 2023, "children"] == 200
        and figures["1143000001", 2023, "teachers_preschool"] == 15
    )
