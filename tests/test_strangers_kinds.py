"""Do units, years, codes and totals in other spellings come in right, and what does a contradiction cost?"""

import pandas as pd
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from edustats.cli import app
from edustats.errors import EdustatsError
from edustats.load.reading.areas import area_code
from edustats.load.reading.totals import is_total_name
from edustats.load.reading.units import units_in
from edustats.load.reading.years import label

PROFILE = """title = { zh = "某市报表", en = "Returns" }
lang = "zh"
parent = { code = "990100", level = "prefecture", zh = "云汀市", en = "Yunting" }
[counties]
990102 = { zh = "汀阳区", en = "Tingyang" }
990103 = { zh = "云麓区", en = "Yunlu" }
"""
MAPPING = """title = {{ zh = "测试", en = "test" }}
lang = "zh"
[[tables]]
file = "{file}"
[area]
code = "县代码"
width = 6
name = "县名"
[year]
from = "年份"
[columns]
budget_education = {{ from = "{heading}", unit = "{unit}" }}
"""


@pytest.mark.parametrize(
    "line",
    ["单位：仟元", "單位：千元", "单  位：千  元", "編制单位：某市教育局   单位：千元", "单位：千元（人民币）",
     "币种：人民币 单位：千元", "金额：千元", "填报单位：某局 2024年3月10日 单位：千元", "千元"],
)  # fmt: skip
def test_a_line_of_units_is_read_however_it_is_spelt(line):
    assert [(unit.kind, unit.size) for unit in units_in(line)] == [("yuan", 1000.0)]


def test_years_codes_and_totals_in_other_spellings():
    told = ("二〇二一年", "FY2021", "'2021", "20210901", "2021-2022学年上学期")
    assert {label(text).year for text in told} == {2021}
    codes = ("990101甲县", "'990101", "99 01 01", "9.90101E+11", "990101（甲县）")
    assert {area_code(text, 6) for text in codes} == {"990101"}
    assert area_code("9.90101E+11", 12) == area_code("9.90101E+11") == ""
    assert [is_total_name(name) for name in ("汀阳区小计", "合计（3所）", "合计路小学")] == [
        True,
        True,
        False,
    ]


def finance(folder, *, line="", name="2023年教育经费情况表", outer="一般公共预算教育经费", divide=1e4):
    (folder / "returns.toml").write_text(PROFILE, "utf-8")
    rows = [["2023年教育经费情况表"], [line], ["地区代码", "地区", outer, ""], ["", "", "合计", "小学"],
            ["990102", "汀阳区", 3e8 / divide, 1.2e8 / divide],
            ["990103", "云麓区", 3.3e8 / divide, 1.3e8 / divide]]  # fmt: skip
    save(folder / f"{name}.xlsx", {"表": rows})


def save(path, sheets):
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def load(folder, source=None):
    """The sentence of a refusal, or the figures that the store then holds."""
    store, out = folder / "store", folder / "out.csv"
    told = CliRunner().invoke(app, ["load", str(source or folder), "--store", str(store), "--lang", "zh"])
    if isinstance(told.exception, EdustatsError):
        return told.exception.text("zh"), {}
    assert told.exit_code == 0, told.exception
    words = ["export", "--store", str(store), "--what", "columns", "--inside", "--out", str(out)]
    assert CliRunner().invoke(app, words).exit_code == 0
    held = pd.read_csv(out, dtype={"area": str, "unit": str}).fillna({"unit": ""})
    figures = {(r["unit"] or r["area"], r["year"], r["column"]): r["value"] for r in held.to_dict("records")}
    return told.output, figures


@pytest.mark.parametrize(
    "made",
    [
        {"name": "2023年教育经费情况表（千元）"},
        {"outer": "一般公共预算教育经费（千元）"},
        {"line": "单 位：仟元"},
    ],
)
def test_money_comes_in_right_wherever_its_unit_stands(made, tmp_path):
    finance(tmp_path, **made, divide=1e3)
    _, figures = load(tmp_path)
    assert figures["990102", 2023, "budget_education"] == pytest.approx(3e8)
    assert figures["990103", 2023, "budget_education_primary"] == pytest.approx(1.3e8)


def test_money_of_another_country_is_refused(tmp_path):
    finance(tmp_path, line="单位：美元")
    told, figures = load(tmp_path)
    assert "单位：美元" in told and not figures


@pytest.mark.parametrize(
    ("file", "heading", "rows"),
    [("a.csv", "教育经费", ["", "", "", "千元"]), ("a.csv", "教育经费", ["单位：千元", "", "", ""]),
     ("经费（千元）.csv", "教育经费", None), ("a.csv", "教育经费 千元", None)],
)  # fmt: skip
def test_a_unit_that_the_mapping_contradicts_is_refused(file, heading, rows, tmp_path):
    lines = [
        ["县代码", "县名", "年份", heading],
        *([rows] if rows else []),
        ["990101", "甲县", "2021", "30000"],
    ]
    (tmp_path / file).write_text("\n".join(map(",".join, lines)), "utf-8")
    mapping = tmp_path / "m.toml"
    mapping.write_text(MAPPING.format(file=file, heading=heading, unit="万元"), "utf-8")
    told, figures = load(tmp_path, mapping)
    assert "千元" in told and "万元" in told and not figures


def test_a_sheet_that_contradicts_itself_costs_only_itself(tmp_path):
    head = ["学校标识码", "学校名称", "所在县区", "在校生数"]
    schools = [head, ["2143000001", "甲小学", "汀阳区", 500], ["2143000002", "乙小学", "云麓区", 800]]
    total = ["2143000009", "汀阳区小计", "汀阳区", 500]
    junior = [["2022年初中一览表"], head, ["3143000011", "丁中学", "汀阳区", 900]]
    (tmp_path / "returns.toml").write_text(PROFILE, "utf-8")
    save(tmp_path / "2023年一览表.xlsx",
         {"小学": [["2023年小学一览表"], *schools[:2], total, schools[2]], "初中": junior})  # fmt: skip
    told, figures = load(tmp_path)
    pupils = {key[0]: value for key, value in figures.items() if key[2] == "pupils_primary"}
    assert pupils == {"2143000001": 500, "2143000002": 800}
    assert not any(key[2] == "pupils_junior" for key in figures)
    assert "工作表 初中" in told and "2022年初中一览表" in told


COUNTIES = """title = { zh = "测试", en = "test" }
lang = "zh"
[[tables]]
file = "a.csv"
[area]
code = "县代码"
name = "县名"
scheme = "gbt2260"
[year]
from = "年份"
[columns]
pupils = { from = "在校生", unit = "人" }
"""


def counties(folder, *rows):
    (folder / "a.csv").write_text("\n".join(("县代码,县名,年份,在校生", *rows)), "utf-8")
    (folder / "m.toml").write_text(COUNTIES, "utf-8")
    return load(folder, folder / "m.toml")


def test_a_code_under_a_neighbours_name_is_told(tmp_path):
    told, figures = counties(tmp_path, "320105,秦淮区,2021,100", "320106,鼓楼区,2021,200")
    assert figures["320105", 2021, "pupils"] == 100 and "代码与名称不一致：1 处（核对）" in told
    found = pd.concat(pd.read_parquet(path) for path in (tmp_path / "store").rglob("findings.parquet"))
    said = "第 2 行的代码与名称不是同一个县（市、区）：320105 秦淮区；该名称的代码是 320104 秦淮区"
    assert all(said in sentence for sentence in found["zh"])


def test_names_with_one_city_before_them_are_of_one_city(tmp_path):
    _, figures = counties(tmp_path, "南京市建邺区,,2021,100", "南京市鼓楼区,,2021,200")
    assert {key[0]: value for key, value in figures.items() if key[2] == "pupils"} == {
        "320105": 100,
        "320106": 200,
    }
