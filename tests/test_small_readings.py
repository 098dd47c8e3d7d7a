"""Is each cell, heading and row of a stranger's table read for what it is, where its neighbour reads otherwise?"""

import struct
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from own_tables import OWN_MAPPING, OWN_TABLE

from edustats.catalogue import catalogue
from edustats.errors import DataError
from edustats.load.area_names import find_former_names
from edustats.load.files import formats
from edustats.load.files.plain_text import _refuse_swallowed
from edustats.load.files.values import plain
from edustats.load.reading.magnitude import _as_read, _end_of_odd_neighbour
from edustats.load.reading.matching import Match, _staged, matched
from edustats.load.tables.layout import _is_note
from edustats.load.tables.reader import load_tables

KNOWN = catalogue()


@pytest.mark.parametrize(
    ("cell", "plainly"),
    [
        ("　１２．５％ ", "12.5%"), ("12\u3000人", "12 人"), ("1\u2009234", "1 234"), ("1\u200a2", "1 2"),
        ("1\u200b2", "12"), ("\ufeff12", "12"), ("12\xad3", "123"), ("−5", "-5"), ("﹣5", "-5"), ("1∶16", "1:16"),
        ("450①", "450①"), ("～", "~"),
    ],
)  # fmt: skip
def test_a_cell_is_read_in_half_width_without_what_nobody_sees(cell, plainly):
    assert plain(cell) == plainly


def test_number_formats_of_an_old_workbook_are_found_by_their_number():
    def style(number, kind=0):
        return formats._XF_RECORD, struct.pack("<HHH", 7, number, kind)

    records = [
        (formats._FORMAT_RECORD, struct.pack("<HHB", 164, 3, 0) + b"0%"),
        (formats._FORMAT_RECORD, struct.pack("<HHB", 165, 3, 1) + "0.0".encode("utf-16-le")),
        (formats._FORMAT_RECORD, struct.pack("<HHB", 166, 4, 1) + "0.0%".encode("utf-16-le")),
        style(0), style(164), style(165), style(166), style(164, kind=4), style(9),
    ]  # fmt: skip
    codes = formats.format_codes_of_xls(records)
    assert codes == [
        "",
        "0%",
        "0.0",
        "0.0%",
        "",
        "0%",
    ]  # the fifth is a style of styles, 9 one of the system's own
    assert [formats.is_percent(code) for code in codes] == [False, True, False, True, False, True]
    cell = (formats._NUMBER, struct.pack("<HHH", 2, 4, 1) + b"\0" * 8)
    other = (formats._NUMBER, struct.pack("<HHH", 3, 4, 0) + b"\0" * 8)
    several = (formats._MULTIPLE, struct.pack("<HHHIHIH", 5, 2, 1, 0, 0, 0, 3) + b"\0" * 6)
    assert formats.styled_cells_of_xls([several], {1}) == {(5, 2)}
    assert formats.styled_cells_of_xls([cell, other], {1, 3}) == {(2, 4)}


def test_a_rate_is_watched_as_a_rate_and_a_share_not_at_all():
    tidy = pd.DataFrame({
        "pupils_primary": [100.0, 200.0], "pupils_girls_primary": [40.0, 90.0], "books_primary": [2000.0, 6000.0],
    })  # fmt: skip
    rates = {
        "pupils_girls_primary": "pupils_primary",
        "books_primary": "pupils_primary",
        "no_such": "pupils_primary",
    }
    made = _as_read(tidy, rates, KNOWN)
    assert list(made) == ["pupils_primary", "books_primary"]
    assert made["books_primary"].tolist() == [20.0, 30.0]


def test_the_end_beside_an_odd_figure_is_cleared_by_the_one_beyond():
    unit = np.array(["a"] * 3 + ["b"] * 3 + ["c"] * 2)
    year = np.array([1, 2, 3, 1, 2, 3, 1, 2])
    value = np.array([100.0, 1000, 110, 100, 1000, 900, 100, 1000])
    odd = np.array([True, True, True, True, True, False, True, True])
    # of a the middle is the odd one; of b the first end stands against two; of c nobody can tell
    assert list(_end_of_odd_neighbour(unit, year, value, odd)) == [
        True, False, True, False, False, False, False, False,
    ]  # fmt: skip


def test_a_cell_that_swallowed_rows_is_refused_by_the_marks_in_it():
    """Of three cells a row each row that was swallowed brings two marks; a cell with breaks of its own brings fewer."""
    with pytest.raises(DataError):
        _refuse_swallowed(["a", "x\n1,2,0\n3,4,5", "b"], ",", "t.csv", 4)
    with pytest.raises(DataError):
        _refuse_swallowed(["a", "甲,1\n乙,2", "b"], ",", "t.csv", 4)
    _refuse_swallowed(["a", "甲,1\n乙", "b"], ",", "t.csv", 4)
    _refuse_swallowed(["甲,1\n乙,2"], ",", "t.csv", 4)
    _refuse_swallowed(["a", "1,2,3,4", "b"], ",", "t.csv", 4)


@pytest.mark.parametrize(
    ("core", "stage", "columns"),
    [
        ("pupils", "preschool", ["children"]), ("schools", "preschool", ["kindergartens"]),
        ("teachers", "preschool", ["teachers_preschool"]), ("pupils", "junior", ["pupils_junior"]),
        ("pupils", "", ["pupils"]),
        ("在园幼儿数", "preschool", ["children"]), ("幼儿园", "preschool", ["kindergartens"]),
        ("无此", "primary", []),
    ],
)  # fmt: skip
def test_a_heading_of_a_stage_names_the_column_of_that_stage(core, stage, columns):
    assert _staged(core, stage) == columns


def test_of_several_doubled_rows_the_first_pair_is_named(tmp_path):
    doubled = OWN_TABLE + "1002,990101,甲县,2022,310,20\n1003,990102,乙县,2022,190,10\n"
    (tmp_path / "schools.csv").write_text(doubled, "utf-8")
    (tmp_path / "own.toml").write_text(OWN_MAPPING, "utf-8")
    with pytest.raises(DataError) as error:
        load_tables(tmp_path / "own.toml")
    assert error.value.text("zh") == (
        "schools.csv:6 与 schools.csv:8 重复：1002（990101）2022年出现两次；请删去其一，或改正代码、年份。"
    )


@pytest.mark.parametrize(
    ("words", "row", "note"),
    [
        ("一二三四五六七八九十一二", ["一二三四五六七八九十一二", ""], False),  # twelve letters may be a name
        ("一二三四五六七八九十一二三", ["一二三四五六七八九十一二三", ""], True),
        ("甲", ["", "甲"], True),  # where neither a code nor a name stands
        ("甲", ["甲", ""], False),
    ],
)
def test_words_alone_beneath_a_table_are_a_note_where_they_are_long_or_stand_elsewhere(words, row, note):
    assert _is_note(words, row, SimpleNamespace(columns={"unit": 0})) is note


def test_names_of_other_years_are_those_of_their_language():
    named = pd.DataFrame({"code": ["1", "1"], "year": [2020, 2021], "name": ["旧县", "新县"]})
    areas = pd.DataFrame(
        [("1", "county", "新县", "New"), ("9", "prefecture", "市", "P")],
        columns=["code", "level", "zh", "en"],
    )
    found = find_former_names(named, areas, {"1": [2020, 2021]}, "flat")
    assert found.to_dict("records") == [{"code": "1", "year": 2020, "zh": "旧县", "en": "New"}]
    alike = areas.assign(en=areas["zh"])
    assert find_former_names(named, alike, {"1": [2020]}, "flat")["en"].tolist() == ["旧县"]


def test_a_heading_that_is_nearly_a_name_is_matched_less_surely():
    assert matched(("小学", "在校学生数"), KNOWN) == Match("pupils_primary", 1.0)
    name = KNOWN.columns["teachers_senior_rank_primary"].name.zh
    said = name[:-1] + "量"
    found = matched((said,), KNOWN)
    assert found.column == "teachers_senior_rank_primary"
    assert 0.8 < found.likeness <= 0.95  # never as sure as the same words
    assert matched((said,), KNOWN, near=False) is None
