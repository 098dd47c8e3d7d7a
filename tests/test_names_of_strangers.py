"""Whose row is it, as strangers write the names of their areas? Through inspect, load and export."""

from __future__ import annotations

import pandas as pd
import pytest
from test_blocks import read_as_drafted
from test_strangers_kinds import save

from edustats.errors import DataError
from edustats.load.tables.reader import load_tables

HEADS = ["县市区", "小学学校数", "小学在校生数"]
TITLE = ["2023年各县市区小学情况"]


def pupils(folder, rows, heads=HEADS):
    """Pupils by area as it is called in what is exported."""
    save(folder / "t.xlsx", {"表": [TITLE, heads, *rows]})
    found = read_as_drafted(folder, folder / "t.xlsx")
    return {area: value for (area, _, column), (value, _) in found.items() if column == "pupils_primary"}


@pytest.mark.parametrize(
    "names",
    [
        ("1. 攸县", "2、茶陵县", "（三）炎陵县"),
        ("攸县：", " 茶 陵 县 ", "炎陵县*"),
        ("攸县教育局", "茶陵县教育体育局", "炎陵县教体局"),
        ("株洲市攸县", "湖南省株洲市茶陵县", "株洲市炎陵县"),
        ("430223攸县", "茶陵县(430224)", "炎陵县 430225"),
    ],
)
def test_what_stands_around_a_name_is_no_part_of_it(tmp_path, names):
    rows = [[name, k + 80, 50988 - 7001 * k] for k, name in enumerate(names)]
    assert pupils(tmp_path, rows) == {"攸县": 50988, "茶陵县": 43987, "炎陵县": 36986}


def test_a_city_beside_tells_counties_of_one_name_apart(tmp_path):
    rows = [["南京市", "鼓楼区", 50988], ["徐州市", "鼓楼区", 42876], ["南京市", "玄武区", 30001]]
    found = pupils(tmp_path, rows, ["城市", "区", "小学在校生数"])
    assert found == {"鼓楼区（南京市）": 50988, "鼓楼区（徐州市）": 42876, "玄武区": 30001}
    assert 'city = "城市"' in (tmp_path / "my.toml").read_text("utf-8")


def test_cities_over_their_counties_with_subtotals(tmp_path):
    rows = [
        ["株洲市", "攸县", 90, 50988], ["", "茶陵县", 80, 42876], ["", "小计", 170, 93864],
        ["衡阳市", "衡阳县", 100, 80011], ["", "衡南县", 90, 70001], ["", "小计", 190, 150012],
        ["合计", "", 360, 243876],
    ]  # fmt: skip
    assert pupils(tmp_path, rows, ["市州", *HEADS]) == {
        "攸县": 50988, "茶陵县": 42876, "衡阳县": 80011, "衡南县": 70001,
    }  # fmt: skip


@pytest.mark.parametrize(
    "parts", [("其中：农村",), ("  其中:女",), ("城区", "镇区", "乡村"), ("城镇", "农村")]
)
def test_parts_listed_under_an_area_are_no_areas(tmp_path, parts):
    rows = []
    for name, of in (("攸县", 50988), ("茶陵县", 42876)):
        rows += [[name, 90, of], *([part, 30 + k, of // 3 + k] for k, part in enumerate(parts))]
    assert pupils(tmp_path, rows) == {"攸县": 50988, "茶陵县": 42876}
    aside = pd.read_parquet(tmp_path / "store" / "set_aside.parquet")
    assert (aside["reason"] == "part").sum() == 2 * len(parts)


def test_a_county_that_is_called_as_a_kind_of_place_stays_one(tmp_path):
    assert pupils(tmp_path, [["晋城市城区", 40, 50988], ["晋城市高平市", 80, 42876]]) == {
        "城区": 50988,
        "高平市": 42876,
    }


@pytest.mark.parametrize(
    "word", ["平均", "平均数", "最大值", "最小值", "中位数", "标准差", "差异系数", "Max", "Std. dev."]
)
def test_statistics_beneath_a_table_are_neither_areas_nor_its_total(tmp_path, word):
    rows = [["攸县", 90, 50988], ["茶陵县", 80, 42876], [word, 85, 46932]]
    assert pupils(tmp_path, rows) == {"攸县": 50988, "茶陵县": 42876}
    found = [
        rule
        for path in (tmp_path / "store").rglob("findings.parquet")
        for rule in pd.read_parquet(path)["rule"]
    ]
    assert found == []


def test_a_county_that_was_renamed_years_ago_is_asked_about(tmp_path):
    rows = [["攸县", 90, 50988], ["株洲县", 30, 15011], ["渌口区", 30, 15012]]
    assert pupils(tmp_path, rows)["渌口区"] == 15012
    found = pd.concat([pd.read_parquet(p) for p in (tmp_path / "store").rglob("findings.parquet")])
    assert found["rule"].tolist() == ["county_code_past"]


@pytest.mark.parametrize(
    ("cities", "counties"), [("一、市区", "二、县（市）"), ("城区", "县域"), ("市区小计", "各县市小计")]
)
def test_groups_of_counties_among_them_are_no_counties(tmp_path, cities, counties):
    rows = [
        ["合计", 60, 6000], [cities, 21, 2100], ["荷塘区", 10, 1000], ["芦淞区", 11, 1100], [counties, 39, 3900],
        ["攸县", 9, 900], ["茶陵县", 10, 1000], ["炎陵县", 10, 1000], ["醴陵市", 10, 1000],
    ]  # fmt: skip
    found = pupils(tmp_path, rows)
    assert sum(found.values()) == 6000 and len(found) == 6


def test_kinds_of_places_are_areas_where_the_mapping_says_so(tmp_path):
    rows = [["城镇", 90, 50988], ["农村", 80, 42876]]
    save(tmp_path / "t.xlsx", {"表": [TITLE, HEADS, *rows]})
    (tmp_path / "m.toml").write_text(
        'title = { zh = "表", en = "t" }\n[[tables]]\nfile = "t.xlsx"\n[area]\ncode = "县市区"\n'
        'own = ["城镇", "农村"]\n'
        '[year]\nin = "title"\n[columns]\npupils_primary = { from = "小学在校生数", unit = "人" }\n', "utf-8",
    )  # fmt: skip
    assert load_tables(tmp_path / "m.toml").tidy["county"].tolist() == ["城镇", "农村"]
    page = (tmp_path / "m.toml").read_text("utf-8").replace('own = ["城镇", "农村"]\n', "")
    (tmp_path / "m.toml").write_text(page, "utf-8")
    with pytest.raises(DataError, match="上一行地区的一部分"):
        load_tables(tmp_path / "m.toml")
