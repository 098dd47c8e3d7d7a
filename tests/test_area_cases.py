"""Do the cases kept beside the repository come out right, each through the command that a stranger would use?"""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from edustats import cli, open_county, open_prefecture, show_data_warnings, show_peers
from edustats.errors import EdustatsError
from edustats.present.prefecture.overview import show_county_table, show_prefecture_trends
from edustats.present.records.items import Table
from edustats.store.reading import open_store

CASES = Path(
    os.environ.get("EDUSTATS_CASES", Path(__file__).resolve().parents[2] / "shared" / "cases" / "areas")
)
pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="the cases are kept beside the repository and are not here"
)


def load(number, tmp_path):
    folder = next(CASES.glob(f"{number:02}_*"))
    words = ["load", str(folder / "my.toml"), "--store", str(tmp_path / "s"), "--lang", "zh"]
    done = CliRunner().invoke(cli.app, words)
    told = str(done.exception) if isinstance(done.exception, EdustatsError) else done.output
    assert done.exit_code == 0 or isinstance(done.exception, EdustatsError), done.exception
    return tmp_path / "s", told, json.loads((folder / "right.json").read_text("utf-8"))["right"]


def value(store, county, year, indicator, column="value"):
    rows = open_store(store).county(county).compare
    own = rows[(rows["area"] == county) & (rows["year"] == year) & (rows["indicator"] == indicator)]
    return own[column].item()


def said(items):
    return "\n".join(item.sentence.zh + item.note.zh for item in items if hasattr(item, "sentence"))


def test_01_no_nation_of_two_counties(tmp_path):
    store, _, _ = load(1, tmp_path)
    gaps = [
        i for i in show_peers(open_county("990101", store)) if isinstance(i, Table) and i.key == "peer_gaps"
    ]
    assert not [c for c in gaps[0].columns if c.label.zh in ("全国", "990000")]


def test_02_a_city_without_counties(tmp_path):
    store, _, right = load(2, tmp_path)
    for path in (store / "compare").glob("*.parquet"):
        rows = pd.read_parquet(path)
        assert not rows.duplicated(["area", "year", "indicator"]).any()
        own = rows[(rows["area"] == "440000") & (rows["indicator"] == "count_pupils")].set_index("year")
        assert own["level"].astype(str).unique().tolist() == [right["level of 440000"]]
        assert own["value"][[2019, 2024]].tolist() == [right[f"440000 pupils {y}"] for y in (2019, 2024)]


def test_03_a_county_that_begins_later(tmp_path):
    store, _, _ = load(3, tmp_path)
    told = said(show_data_warnings(open_county("990101", store)))
    assert told.count("990102 乙区") == 1


def test_04_a_county_absent_in_the_last_year(tmp_path):
    store, told, _ = load(4, tmp_path)
    assert "990103 丙县没有2024年的数据" in told
    trend = said(show_prefecture_trends(open_prefecture("990100", store)))
    for number in ("16.7:1", "16.5:1", "18.2:1", "18.0:1"):
        assert number in trend
    assert "改善" not in trend
    assert "也没有缺报" not in said(show_data_warnings(open_county("990103", store)))


def test_05_a_year_to_come(tmp_path):
    store, told, _ = load(5, tmp_path)
    assert "年份不可能" in told
    assert open_store(store).about["years"][-1] == 2024


def test_07_per_cent_cells(tmp_path):
    store, _, right = load(7, tmp_path)
    assert value(store, "990101", 2021, "share_passing_math4") == pytest.approx(
        right["share_passing_math4 990101 2021"]
    )


def test_10_a_misspelt_key_is_refused(tmp_path):
    _, told, _ = load(10, tmp_path)
    assert "indicators" in told


def test_11_a_zero_lost_from_a_names_page(tmp_path):
    store, _, right = load(11, tmp_path)
    assert {code: open_store(store).name(code).zh for code in right} == right


def test_12_school_numbers_that_repeat_in_every_county(tmp_path):
    _, told, _ = load(12, tmp_path)
    assert "存疑 0 处" in told


@pytest.mark.parametrize(
    ("number", "pupils"), [(13, 400), (14, 600), (17, 100)]
)  # fmt: skip
def test_schools_all_come_in(tmp_path, number, pupils):
    store, _, _ = load(number, tmp_path)
    found = open_store(store)
    rows = pd.concat(found.county(code).units for code in found.counties)
    assert rows["pupils"].sum() == pupils


def test_15_two_counties_that_become_one(tmp_path):
    store, _, _ = load(15, tmp_path)
    key = "ratio_pupils_per_teacher"
    assert [value(store, "330203", 2019, key, side) for side in ("num", "den")] == [1500, 70]


def test_16_the_same_name_twice(tmp_path):
    store, _, _ = load(16, tmp_path)
    told = said(show_county_table(open_prefecture("", store)))
    assert "最高的鼓楼区（320106）" in told
    assert "最低的鼓楼区（320302）" in told


def test_18_school_year_labels_are_read(tmp_path):
    store, _, _ = load(18, tmp_path)
    assert open_store(store).about["years"] == [2021, 2022]
