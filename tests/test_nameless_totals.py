"""Are rows that hold what other rows hold too kept out, though no word calls them a total?"""

import csv

import numpy as np
import pytest

from edustats.load.reading.totals import sums_of_runs
from edustats.load.tables.draft import write_draft
from edustats.load.tables.inspection import inspect_files
from edustats.load.tables.reader import load_tables

HEAD = ["县区名称", "在校生数（人）", "专任教师数（人）"]
DISTRICTS = [
    ("荷塘区", 40017, 2003),
    ("芦淞区", 50120, 2511),
    ("石峰区", 30162, 1518),
    ("天元区", 36011, 1899),
]
OTHERS = [("攸县", 60118, 3005), ("茶陵县", 36122, 1710)]


def load_rows(folder, rows, head=HEAD):
    """Pupils by area, and the rules of the findings."""
    file = folder / "2022年小学.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([head, *rows])
    write_draft(inspect_files(file), folder / "my.toml")
    loaded = load_tables(folder / "my.toml")
    pupils = dict(zip(loaded.tidy["county"], loaded.tidy["pupils_primary"], strict=True))
    return pupils, loaded.findings


def summed(rows, name):
    return (name, *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))


def test_a_city_proper_over_its_districts_is_their_total_even_where_it_does_not_add_up(tmp_path):
    rows = [("株洲市", 252550, 12646), ("市区", 156000, 7900), *DISTRICTS, *OTHERS]
    pupils, _ = load_rows(tmp_path, rows)
    assert pupils == {"430202": 40017, "430203": 50120, "430204": 30162, "430211": 36011,
                      "430223": 60118, "430224": 36122}  # fmt: skip


def test_a_city_proper_without_districts_is_a_unit_and_no_county_of_another_city(tmp_path):
    pupils, _ = load_rows(tmp_path, [("市区", 156310, 7931), *OTHERS])
    assert pupils == {"4302SQ": 156310, "430223": 60118, "430224": 36122}


def test_a_subtotal_that_no_word_names_is_set_aside_with_the_rows_it_is_the_sum_of(tmp_path):
    pupils, findings = load_rows(
        tmp_path, [summed(DISTRICTS, "城四区"), *DISTRICTS, *OTHERS, ("炎陵县", 26017, 1303)]
    )
    assert len(pupils) == 7
    assert sum(pupils.values()) == 156310 + 60118 + 36122 + 26017
    assert findings["zh"].tolist() == [
        "2022年小学.csv 第 2 行（城四区）各项都等于第 3–6 行之和，作为合计行搁置；"
        "若不是合计，请在映射文件的 area.own 中列出。"
    ]


def test_round_figures_that_happen_to_add_up_stay(tmp_path):
    rows = [("荷塘区", 3000, 300), ("芦淞区", 1000, 100), ("石峰区", 2000, 200), ("天元区", 700, 60)]
    pupils, findings = load_rows(tmp_path, rows)
    assert len(pupils) == 4
    assert findings.empty


def test_rows_of_two_cities_over_their_counties_are_theirs(tmp_path):
    xiangtan = [("雨湖区", 31201, 1622), ("岳塘区", 36118, 1000)]
    rows = [("株洲市", 160000, 8000), *DISTRICTS, ("湘潭市", 70000, 2600), *xiangtan]
    pupils, _ = load_rows(tmp_path, rows)
    assert sorted(pupils) == ["430202", "430203", "430204", "430211", "430302", "430304"]


@pytest.mark.parametrize("beside", [True, False])
def test_xiongan_is_no_total_where_its_counties_are_not_there(tmp_path, beside):
    counties = [("130629", "容城县", 20011, 1003), ("130632", "安新县", 30017, 1502)] if beside else []
    rows = [("133100", "雄安新区", 75000, 3750), *counties, ("130602", "竞秀区", 40012, 2001)]
    pupils, _ = load_rows(tmp_path, rows, ["行政区划代码", *HEAD])
    assert ("133100" in pupils) is not beside


def test_a_county_whose_name_ends_as_the_city_proper_does_is_a_county(tmp_path):
    pupils, _ = load_rows(
        tmp_path, [("荆州市沙市区", 30118, 1504), ("江陵县", 20011, 1003), ("公安县", 40021, 2005)]
    )
    assert pupils["421002"] == 30118


def test_a_name_that_only_a_county_of_another_city_had_long_ago_is_not_taken_for_it(tmp_path):
    pupils, _ = load_rows(tmp_path, [("盐区", 30118, 1504), *DISTRICTS])
    assert pupils["盐区"] == 30118
    assert "320703" not in pupils


def test_who_made_a_table_stands_over_its_headings_and_is_none_of_them(tmp_path):
    (tmp_path / "2022年经费.csv").write_text(
        "株洲市2022年教育经费统计表,,\n制表单位：市教育局,,制表日期：2023年5月\n"
        "县市区,一般公共预算教育经费（万元）,小学生均一般公共预算教育事业费（元）\n荷塘区,81234,11234.5\n芦淞区,70123,10987.2\n",
        "utf-8",
    )
    found = inspect_files(tmp_path / "2022年经费.csv").tables[0]
    assert [(one.heading, one.column) for one in found.columns[:2]] == [
        ("县市区", ""), ("一般公共预算教育经费（万元）", "budget_education")
    ]  # fmt: skip
    assert found.columns[2].column == "stated_aa", "so much a pupil is no amount of all"


def test_items_that_name_a_stage_each_are_items_and_not_stages(tmp_path):
    rows = [
        ["小学学校数", "所", 54, 53],
        ["小学在校生数", "万人", 4.01, 3.98],
        ["初中在校生数", "人", 15023, 15110],
    ]
    file = tmp_path / "t.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(
            [["茶陵县历年教育主要指标"], ["指标", "单位", "2019年", "2020年"], *rows]
        )
    write_draft(inspect_files(file), tmp_path / "my.toml")
    tidy = load_tables(tmp_path / "my.toml").tidy.set_index("year")
    assert tidy.loc[2020, ["schools_primary", "pupils_primary", "pupils_junior"]].tolist() == [
        53,
        39800,
        15110,
    ]


@pytest.mark.parametrize(
    ("at", "counts", "kept"), [(0, (22, 20, 33, 23), 4), (4, (22, 20, 33, 23), 4), (2, (22, 20, 33, 23), 5),
                               (4, (10, 20, 30, 20), 5)],
)  # fmt: skip
def test_a_small_sum_is_a_total_where_totals_stand_and_round_ones_are_not(tmp_path, at, counts, kept):
    rows = list(zip(("荷塘区", "芦淞区", "石峰区", "天元区"), map(int, counts), strict=True))
    rows.insert(at, ("茶陵县", int(sum(counts))))
    file = tmp_path / "2022年小学.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([["县区名称", "小学学校数（所）"], *rows])
    write_draft(inspect_files(file), tmp_path / "my.toml")
    loaded = load_tables(tmp_path / "my.toml")
    assert len(loaded.tidy) == kept
    assert len(loaded.findings) == 5 - kept, "what is set aside is said"


def test_figures_too_large_to_be_exact_are_no_sums_of_their_neighbours():
    huge = np.array([[6e15], [2e15], [4e15], [7e15], [1e15]])
    with np.errstate(all="raise"):
        assert sums_of_runs(huge) == {}
