"""Do tables of statistics programs come in as they are, with their labels, numbers and kinds of missing?"""

from __future__ import annotations

import pandas as pd
import pytest
from pandas.io.stata import StataMissingValue
from test_blocks import read_as_drafted

from edustats.errors import DataError
from edustats.load.files.workbook import read_sheets

PANEL = pd.DataFrame(
    {"xian": ["攸县", "茶陵县"], "nian": [2022, 2022], "pri_stu": [61234.0, None], "pri_tea": [3345, 2499]}
)
LABELS = {"xian": "县区", "nian": "年份", "pri_stu": "小学在校生数", "pri_tea": "小学专任教师数"}


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_stata_is_read_by_its_labels(tmp_path, version):
    names = {own: own for own in LABELS} if version > 117 else {"xian": "County"}
    labels = (
        LABELS
        if version > 117
        else {"nian": "Year", "pri_stu": "Primary pupils", "pri_tea": "Primary teachers"}
    )
    panel = PANEL if version > 117 else PANEL.assign(xian=["Youxian", "Chaling"])
    panel.rename(columns=names).to_stata(
        tmp_path / "t.dta", write_index=False, version=version, variable_labels=labels
    )
    found = read_as_drafted(tmp_path, tmp_path / "t.dta")
    first = panel["xian"][0]
    assert found[first, 2022, "pupils_primary"] == (61234, "C1")
    assert found[first, 2022, "teachers_primary"] == (3345, "D1")
    assert len(found) == 4


def test_parquet_is_read_with_its_index(tmp_path):
    PANEL.rename(columns=LABELS).set_index("县区").to_parquet(tmp_path / "t.parquet")
    found = read_as_drafted(tmp_path, tmp_path / "t.parquet")
    assert found["茶陵县", 2022, "teachers_primary"] == (2499, "D2")


def test_kinds_of_missing_and_value_labels_stay_words(tmp_path):
    held = pd.DataFrame({"a": [1.0, 2.0], "b": pd.Categorical(["小学", "初中"])})
    held.to_stata(tmp_path / "t.dta", write_index=False, version=118)
    from edustats.load.files import frames

    assert frames._cell_of(StataMissingValue(102)) == ".a"
    assert frames._cell_of(StataMissingValue(101)) == ""
    (sheet,) = read_sheets(tmp_path / "t.dta")
    assert sheet.rows == [["a", "b"], [1.0, "小学"], [2.0, "初中"]]
    assert [sheet.row(i) for i in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "start"), [("t.parquet", b"PAR1"), ("t.dta", b"<stata_dta>"), ("t.dta", b"\x73\x02\x01\x00")]
)
def test_a_damaged_one_is_refused_in_a_sentence(tmp_path, name, start):
    (tmp_path / name).write_bytes(start + b"\x00\x01" * 40)
    with pytest.raises(DataError) as told:
        read_sheets(tmp_path / name)
    assert told.value.address == "load.damaged"


@pytest.mark.parametrize("kind", ["dta", "parquet"])
def test_single_precision_is_the_number_that_was_meant(tmp_path, kind):
    held = pd.DataFrame({"a": [1.5678, 6.1234], "b": ["x", None]}).astype({"a": "float32"})
    path = tmp_path / f"t.{kind}"
    held.to_parquet(path) if kind == "parquet" else held.fillna({"b": ""}).to_stata(path, write_index=False)
    (sheet,) = read_sheets(path)
    assert sheet.rows == [["a", "b"], [1.5678, "x"], [6.1234, ""]]


def test_words_of_an_older_stata_are_in_the_code_of_its_machine(tmp_path):
    def old(words):
        return words.encode("gb18030").decode("latin-1")

    held = pd.DataFrame({"xian": [old("攸县"), old("茶陵县")], "nian": [2012, 2012], "n": [61234.0, 45001.0]})
    labels = {"xian": old("县区"), "nian": old("年份"), "n": old("小学在校生数")}
    held.to_stata(tmp_path / "t.dta", write_index=False, version=117, variable_labels=labels)
    found = read_as_drafted(tmp_path, tmp_path / "t.dta")
    assert found["茶陵县", 2012, "pupils_primary"] == (45001, "C2")


def test_two_numbers_with_one_label_stay_numbers(tmp_path):
    held = pd.DataFrame({"a": [1.0, 2.0]})
    held.to_stata(
        tmp_path / "t.dta", write_index=False, version=118, value_labels={"a": {1: "小学", 2: "小学"}}
    )
    (sheet,) = read_sheets(tmp_path / "t.dta")
    assert sheet.rows == [["a"], [1.0], [2.0]]
