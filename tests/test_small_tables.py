"""Is each step of reading a mapped table right at its limit, in a row cut short, and where a cell says nothing?"""

# ruff: noqa: E501  (tables of cases are read across)

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from edustats.catalogue import catalogue
from edustats.errors import DataError
from edustats.load.files.workbook import Sheet
from edustats.load.loaded import SourceFile
from edustats.load.reading import evidence
from edustats.load.reading.units import SHARE, Unit, unit_of
from edustats.load.tables import (
    columns_read,
    declared,
    draft,
    inspection,
    layout,
    rows,
    sections,
    sources,
    stated_rates,
    values,
)
from edustats.load.tables.findings import Doubt
from edustats.load.tables.layout import Layout

KNOWN = catalogue()


def sheet(*rows_, name="表", **more):
    return Sheet(file="t.csv", digest="d", name=name, rows=[[*row] for row in rows_], **more)


def laid(*rows_, depth=1, first=0, columns=None, **more):
    held = sheet(*rows_, **more)
    headings = tuple((word,) if word else () for word in held.rows[first])
    data = tuple(range(first + depth, len(held.rows)))
    return Layout(sheet=held, first=first, depth=depth, headings=headings, columns=columns or {}, rows=data)


def said(unit, near=evidence.OWN, cell="A1"):
    return evidence.UnitSaid(unit_of(unit), near, "title", cell, unit)


def told(error):
    return error.value.text("zh"), error.value.text("en")


# --- the layout ---


def test_cells_that_a_short_row_lacks_are_empty_and_merged_ones_are_repeated():
    made = laid(
        ["县名", "数"],
        ["甲"],
        ["乙", 5],
        [None, 6],
        top=3,
        left=2,
        merged=(((5, 2), (6, 2)), ((9, 3), (9, 4))),
    )
    assert made.values(1) == ["", 5, 6]
    assert made.values(0, down=True) == ["甲", "乙", "乙"]
    assert made.values(1, down=True) == ["", 5, 6]
    assert (made.heading(0), made.heading(2), made.cell(1, 0)) == ("县名", "", "C5")
    assert layout._merged_down(made.sheet, 0) == {2: (2, 0), 3: (2, 0)}
    assert layout._merged_down(made.sheet, 1) == {}  # merged sideways is not merged down
    wide = sheet(["a", "b"], ["c", "d"], merged=(((0, 0), (1, 1)),))
    assert layout._merged_down(wide, 1) == {0: (0, 0), 1: (0, 0)}
    assert [layout._cell_at(made.sheet, i, j) for i, j in ((0, 0), (1, 1), (4, 0), (-1, 0), (3, 1))] == [
        "县名",
        "",
        "",
        "",
        6,
    ]


def test_a_row_longer_than_the_headings_is_refused_and_rows_without_data_have_their_reason():
    made = laid(["标题", "x", "y", "z"], ["县名", "在校生", "教师"], ["甲县", 5.0, 6.0], ["县名", "在校生", "教师"], ["1", "2", "3"],
                ["注：说明"], ["（续表）"], [], ["乙县", 7.0, None, ""], first=1, columns={"县名": 0})  # fmt: skip
    kept, aside = layout._sorted_rows(made, 0, 9)
    assert kept == [2, 8]
    assert [(row, reason) for row, reason, _ in aside] == [
        (1, "title"),
        (4, "heading"),
        (5, "numbering"),
        (6, "note"),
        (7, "heading"),
    ]
    long = laid(["县名", "在校生"], ["甲县", 5.0, 6.0])
    with pytest.raises(DataError) as error:
        layout._sorted_rows(long, 0, 2)
    assert "第 2 行" in told(error)[0] and "2 列" in told(error)[0]


@pytest.mark.parametrize(
    ("cell", "data"),
    [
        (99.0, False),
        (99.5, True),
        ("999", False),
        ("1000", True),
        ("１０００", True),
        ("12a4", False),
        ("", False),
    ],
)
def test_a_number_of_some_length_in_the_first_column_is_data(cell, data):
    assert layout._holds_codes(["x", cell], {"县代码": 1, "x": 0}) is data
    assert layout._holds_codes(["x"], {"县代码": 1}) is False


def test_a_year_that_two_columns_name_is_neither():
    found = layout._find_wide([("2021年",), ("2022年",), ("2022年度",), ("合计",)], "{year}")
    assert found == {(2021, ""): 0}
    twice = layout._find_wide(
        [("县名",), ("2021年/人数",), ("2022年/人数",), ("2022年/人数",)], "{year}/人数"
    )
    assert twice == {(2021, ""): 1}
    paths = [("县名",), ("2022年", "人数"), ("2021年", "人数"), ("2022年", "班数")]
    assert layout._find_wide(paths, "{year}/人数") == {(2021, ""): 2, (2022, ""): 1}


def test_a_finding_stands_with_its_first_row_and_its_first_column():
    made = laid(["县名", "数"], ["甲", 5])

    def facts(**more):
        doubt = Doubt(rule="not_whole", severity="warning", layout=made, value="5", expected="", **more)
        return [doubt.row()[key] for key in ("row", "cell", "column")]

    assert facts(at=0, column=0) == [2, "A2", "县名"]
    assert facts(at=0) == [2, "", ""]
    assert facts(column=0) == [0, "", "县名"]
    assert facts() == [0, "", ""]
    assert facts(column=1, heading="own") == [0, "", "own"]


# --- units and numbers ---


@pytest.mark.parametrize(
    ("unit", "units", "cells", "percent", "scale"),
    [
        (SHARE, ["‰"], [5], False, "‰"), (SHARE, [], ["98.5%"], False, "percent"), (SHARE, [], ["９８％"], False, "percent"), (SHARE, [], [0.9], True, "percent"),
        (SHARE, [], [98.5], False, "percent"), (SHARE, [], [0.9], False, None), (SHARE, [], [], False, None), (SHARE, ["人"], [0.5], False, None),
        ("pupils_per_teacher", [], [17], False, "pupils_per_teacher"), ("person", [], [17], False, ""), ("person", ["万人"], [17], False, ""),
    ],
)  # fmt: skip
def test_a_rate_stands_in_the_scale_that_is_printed_or_leaves_no_doubt(unit, units, cells, percent, scale):
    assert stated_rates.choose_scale(unit, [said(one) for one in units], cells, as_percent=percent) == scale


@pytest.mark.parametrize(
    ("scale", "cells", "below"),
    [("%", [0.5, 1.0], True), ("%", [0.5, 1.01], False), ("%", [0, 0], False), ("%", [], False), ("", [0.5], False), (None, [0.5], False),
     ("人", [0.5], False), ("‰", [0.5], True), ("%", ["—", 0.2], True)],
)  # fmt: skip
def test_per_cents_none_of_which_is_above_one_may_be_fractions(scale, cells, below):
    assert stated_rates.are_below_one(scale, cells) is below


@pytest.mark.parametrize(
    ("name", "printed", "unit"),
    [
        ("毛入园率", "", SHARE),
        ("毛入园率", "%", SHARE),
        ("毛入园率", "人", ""),
        ("生师比", "", "pupils_per_teacher"),
        ("学校数", "", ""),
    ],
)
def test_a_rate_has_the_unit_of_its_name_and_none_where_another_is_printed(name, printed, unit):
    assert stated_rates._find_unit(name, printed) == unit


def test_the_stage_of_a_rate_is_the_one_it_says():
    assert [stated_rates._find_stage(name) for name in ("小学巩固率", "小学和初中巩固率", "小学高中巩固率", "巩固率")] == [
        "primary", "compulsory", "all", "all",
    ]  # fmt: skip


def test_a_heading_is_split_into_what_it_names_and_its_unit():
    assert stated_rates._split_heading("小学/生师比") == ("小学生师比", "")
    assert stated_rates._split_heading("毛入园率（%）") == ("毛入园率", "%")
    assert stated_rates._split_heading("Gross / enrolment rate") == ("Gross enrolment rate", "")


@pytest.mark.parametrize(
    ("own", "cells", "unit", "column", "doubt"),
    [
        ([], [5], "yuan", "budget_education", True), ([], [5], "square_metre", "land_area", True), ([], [5], "volume", "books", False), (["万元"], [5], "yuan", "budget_education", False),
        ([], [1.5, 2], "person", "pupils", False), ([], [1.5, 2.5, 3], "person", "pupils", True), ([], [1.5, 2.5], "person", "teachers_primary", False), ([], [], "person", "pupils", False),
        (["万人"], [1.5], "person", "pupils", False),
    ],
)  # fmt: skip
def test_the_unit_of_money_of_areas_and_of_broken_people_is_asked_for(own, cells, unit, column, doubt):
    assert columns_read._is_unit_in_doubt([said(one) for one in own], cells, unit, column) is doubt


def test_ten_thousands_said_of_the_whole_table_are_doubted_where_too_many_would_live_there():
    far = [said("万人", evidence.GENERAL)]
    limit = columns_read.MOST_PERSONS / 10_000
    asked = [
        columns_read._is_unit_in_doubt(far, [most], "person", "pupils")
        for most in (limit - 1, limit, limit + 1, limit + 0.5)
    ]
    assert asked == [False, False, True, False]  # a broken number is of ten thousands


def test_per_cent_signs_are_numbers_of_the_declared_unit_and_commas_points_where_declared():
    percent, share = Unit(SHARE, 0.01, "%"), Unit(SHARE, 1.0, "share")
    plain_, comma = SimpleNamespace(decimal="", thousands=""), SimpleNamespace(decimal=",", thousands="")
    spaced = SimpleNamespace(decimal=",", thousands=" ")
    read = values._as_number
    assert [read(plain_, cell, percent) for cell in ("98.5%", "985‰", "98.5")] == [98.5, 98.5, "98.5"]
    assert [read(plain_, cell, share) for cell in ("98.5%", "5‰")] == [0.985, 0.005]
    assert read(comma, "98,5%", percent) == 98.5
    assert read(plain_, "17500人", Unit("person", 10_000.0, "万人")) == 1.75
    assert [read(comma, cell, None) for cell in ("1.234,5", "12,25", "1.23,4", "x,1", "-7")] == [
        "1234.5",
        "12.25",
        "1.23,4",
        "x,1",
        "-7",
    ]
    assert [read(spaced, cell, None) for cell in ("1 234,5", "1.234,5")] == ["1234.5", "1.234,5"]
    assert read(plain_, "1,234", None) == "1,234"


def figures(units):
    made = laid(["县名", "单位", "经费"], *([["甲", "", 5.0]] * len(units)))
    return SimpleNamespace(units=units, rows=SimpleNamespace(layout=made))


def test_a_column_of_units_gives_every_row_its_size_and_is_refused_where_all_say_another():
    money, thousand = Unit("yuan", 1e4, "万元"), Unit("yuan", 1e3, "千元")
    every = np.array([True, True, True])
    sizes = values._sizes_of_rows("经费", figures([money, thousand, None]), money, every)
    assert sizes.tolist() == [1.0, 0.1, 1.0]
    assert values._sizes_of_rows("经费", figures([money, thousand]), None, every[:2]).tolist() == [1.0, 1.0]
    assert values._sizes_of_rows("经费", figures([]), money, every).tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(DataError) as error:
        values._sizes_of_rows("经费", figures([None, thousand, thousand]), money, every)
    assert (
        "行 3" in told(error)[0]
        and "千元" in told(error)[0]
        and "万元" in told(error)[0]
        and "表" in told(error)[0]
    )
    mixed = values._sizes_of_rows(
        "经费", figures([thousand, money, thousand]), money, np.array([True, True, False])
    )
    assert mixed.tolist() == [0.1, 1.0, 1.0]  # the row that is not chosen says nothing


# --- the areas above ---


@pytest.mark.parametrize(("code", "begins"), [("371000", "3710"), ("430000", "43"), ("000000", "")])
def test_an_area_above_begins_the_codes_of_its_counties(code, begins):
    assert declared._beginning(code) == begins


def test_the_smallest_area_that_all_counties_lie_in_is_theirs():
    def common(counties, above):
        keys = pd.DataFrame({"county": counties, "reason": [""] * len(counties)})
        part = SimpleNamespace(rows=SimpleNamespace(keys=keys, layout="one"))
        other = SimpleNamespace(rows=SimpleNamespace(keys=keys.assign(county="990000"), layout="other"))
        return declared._find_common_area(part, [part, other], above)

    above = ["000000", "430000", "430200", "4302BJ", "x30200"]
    assert common(["430202", "430223"], above) == "430200"
    assert common(["430202", "430304"], above) == "430000"
    assert common(["430202", "110101"], above) == "000000"
    assert common(["430202", "110101"], above[1:]) == ""
    assert common(["430200", "430202"], above) == "430000"  # it is one of the rows itself
    assert common([], above) == ""
    assert common([], ["430200"]) == "430200"


def lacking(total, counties=(100.0, 200.0), column="pupils", whole=("430200",), areas_=("430200",)):
    tidy = pd.DataFrame(
        {"county": [f"43020{k}" for k in range(len(counties))], "year": 2021, column: counties}
    )
    chains = {code: areas_ for code in tidy["county"]}
    told_ = pd.DataFrame([("430200", 2021, column, total)], columns=list(declared.DECLARED))
    found = declared.find_lacking_totals(told_, tidy, chains, {"430200": "株洲市"}, KNOWN, whole)
    return (
        []
        if found.empty
        else found[["rule", "unit", "name", "year", "value", "expected"]].to_numpy().tolist()
    )


def test_a_total_is_held_against_the_sum_of_its_counties():
    least = declared.LEAST
    assert lacking(300.0) == [] and lacking(0.0) == [] and lacking(math.nan) == []
    assert lacking(300.0 / (1 - least * 0.99)) == []
    assert lacking(400.0) == [["less_than_total", "430200", "株洲市", 2021, "300", "400"]]
    assert lacking(200.0) == [["more_than_total", "430200", "株洲市", 2021, "300", "200"]]
    assert lacking(400.0, (100.0, math.nan)) == []
    assert lacking(400.0, areas_=("430100",)) == []


def test_a_rate_of_the_whole_lies_between_those_of_its_counties_where_all_are_there():
    rate = next(key for key, one in KNOWN.columns.items() if one.unit == SHARE)
    slack = declared.SLACK / 6
    assert lacking(0.95, (0.9, 1.0), rate) == [] and lacking(1.0 + slack * 0.9, (0.9, 1.0), rate) == []
    assert lacking(0.9 - slack * 0.9, (0.9, 1.0), rate) == []
    (found,) = lacking(0.8, (0.9, 0.955), rate)
    assert found == [declared.OUTSIDE, "430200", "株洲市", 2021, "80%", "90%–95.5%"]
    assert len(lacking(1.2, (0.9, 0.955), rate)) == 1
    assert lacking(0.8, (0.9, 0.955), rate, whole=()) == []
    assert lacking(30.0, (15.0, 20.0), "quota_primary")[0][4:] == ["30", "15–20"]
    assert lacking(20.0 / (1 - declared.SLACK * 0.9), (15.0, 20.0), "quota_primary") == []


# --- rows and sources ---


def test_a_table_whose_rows_cannot_be_told_apart_is_set_aside_whole_with_its_reason():
    made = laid(["县名", "数"], ["甲", 5], ["乙", 6], top=2)
    part = rows.unread_rows(SourceFile(file="t.csv"), made, DataError("load.empty_table", file="t.csv"))
    assert part.keys[["row", "year", "reason", "code", "file", "sheet"]].to_numpy().tolist() == [
        [4, 0, "contradicts", "", "t.csv", "表"], [5, 0, "contradicts", "", "t.csv", "表"],
    ]  # fmt: skip
    (doubt,) = part.doubts
    assert (doubt.rule, doubt.severity, doubt.at) == ("table_refused", "error", -1)
    assert doubt.expected.zh != doubt.expected.en and "t.csv" in doubt.expected.zh


def test_a_row_is_looked_up_by_city_and_county_and_a_total_of_a_city_by_the_city():
    cities = ["南京市", "徐州市", "徐州市", "徐州市", "甲市", "南京市", "南京市"]
    counties = ["鼓楼区", "鼓楼区", "合计", "合计", "合计", "", "320102"]
    said_ = ["南京市", "", "徐州市", "", "甲市", "南京市", "南京市"]
    codes, names = rows._join_cities(cities, counties, said_)
    assert codes == ["南京市鼓楼区", "徐州市鼓楼区", "徐州市", "合计", "合计", "南京市", "320102"]
    assert names == ["鼓楼区", "鼓楼区", "", "合计", "合计", "", "320102"]


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (["攸县", "城区", "镇区"], [False, True, True]), (["攸县", "城区"], [False, False]), (["其中：农村", "甲"], [True, False]), (["甲", "乡村"], [False, True]),
        (["合计", "县域", "城区"], [False, False, True]), (["攸县", "县域", "城区"], [False, False, True]), (["合计", "城区"], [False, False]),
    ],
)  # fmt: skip
def test_what_is_a_part_of_the_area_above_it(names, parts):
    assert rows._are_parts(pd.Series(names)).tolist() == parts


@pytest.mark.parametrize(("held", "several", "enough"), [(3, True, True), (2, True, False), (0, False, True)])
def test_a_sheet_is_the_mappings_if_it_is_the_only_one_or_has_most_of_its_headings(held, several, enough):
    names = {name: "x" for name in "abcde"}
    made = laid([*"abcde"], columns={name: 0 for name in "abcde"[:held]})
    sheets = [("s", made.sheet)] * (2 if several else 1)
    assert sources._has_enough(made, names, sheets) is enough


# --- what a stranger's table is read as ---


@pytest.mark.parametrize(
    ("words", "section"),
    [
        ("一、学校数", True),
        ("字" * 24, True),
        ("字" * 25, False),
        ("注：说明", False),
        ("单位：人", False),
        ("攸县", False),
        (f"{'字' * 24} English words here", True),
    ],
)
def test_a_line_of_some_words_is_a_section_and_no_note_no_unit_and_no_area(words, section):
    assert sections._is_section(words) is section


def test_rows_cut_short_stand_in_their_section():
    rows_ = [["一、学校数"], ["小学", 5], [], ["二、在校生"], ["小学", 900], ["初中", 400]]
    assert sections.name_sections(rows_, 0) == ["", "一、学校数", "", "", "二、在校生", "二、在校生"]
    assert sections.name_sections(rows_[:3], 0) == ["", "", ""]  # one line alone may be a remark


def test_outer_headings_are_words_and_no_title_no_figures_and_not_who_made_it():
    def above(*words, **more):
        return inspection._belongs_above(sheet([*words], ["县名", "小学", "初中"], **more), 1)

    assert above("县名", "在校生数", "") and not above("2022年情况", "", "") and not above("县名", "5", "6")
    assert not above("制表单位：某局", "填报日期：5月") and not above("情况", "单位：人")
    assert above("其中：女", "男")
    long = "字" * inspection.LONG
    assert not above("县名", "x", long) and above("县名", "x", long[1:])
    half = "字" * (inspection.LONG // 2)
    assert not above("县名", half) and above("县名", half[1:])
    blank = [["县名", "在校生数"], ["", ""], ["小学", "初中"]]
    assert not inspection._belongs_above(sheet(*blank), 2)
    assert inspection._belongs_above(sheet(*blank, merged=(((0, 1), (1, 1)),)), 2)
    assert not inspection._belongs_above(sheet(*blank[1:], merged=(((0, 1), (1, 1)),)), 1)


def test_a_row_that_names_what_the_outer_headings_leave_blank_belongs_to_the_head():
    def under(*rows_, key=1):
        return inspection._is_under_outer_words(sheet(*rows_), 0, key)

    assert under(["Location", "2021", "2022"], ["A", 5.0, 6.0])
    assert under(["地区", "小学", "初中"], ["A", 5.0, 6.0])
    assert not under(["地区", "小学", "初中"], ["A", 5.0, 6.0], key=0)
    assert not under(["", "小学", "初中"], ["A", 5.0, 6.0])
    assert not under(["地区", "小学"], ["A", 5.0, 6.0])
    assert not under(["地区", "小学", "7"], ["A", 5.0, 6.0])
    assert not under(["地区", "小学", "初中"], ["A", "x", "y"])
    assert not under(["地区", "小学", "初中"])


def test_the_header_is_the_row_with_most_different_words_and_no_unit_line():
    def header(*rows_):
        return inspection._find_header(sheet(*rows_))

    assert header(["县名", "在校生数"], ["甲", 5.0]) == (0, 1)
    assert header(["2022年情况", "单位：人"], ["县名", "在校生数", "教师"], ["甲", 5.0, 6.0]) == (1, 1)
    assert header(["甲", 5.0], ["乙", 6.0]) is None
    assert header(["县名", "县名"], ["甲", 5.0]) is None
    assert header(["县名", "在校生数", ""], ["", "小学", "初中"], ["甲", 5.0, 6.0]) == (0, 2)


def test_a_further_file_adds_new_lines_and_only_names_what_stands_already():
    line = draft._Line
    have = {"pupils": line('pupils = { from = "在校生", unit = "人" }', "pupils", "在校生")}
    lines = [
        line('# x = { from = "x" }', "x", "x"), line("# words"), line('pupils = { from = "学生", unit = "人" }', "pupils", "学生"),
        line('teachers = { from = "教师", unit = "人" }', "teachers", "教师"), line('pupils = { from = "学生数", unit = "万人" }', "pupils", "学生数"),
        line('pupils = { from = "在校生", unit = "人" }', "pupils", "在校生"),
    ]  # fmt: skip
    kept, rename = draft._fit_lines(lines, have)
    assert [one.heading for one in kept] == ["在校生", "教师", "在校生"] and rename == {"学生": "在校生"}


def test_what_is_counted_may_stand_in_the_title_or_the_files_name():
    def named(file, title="", stage=""):
        table = SimpleNamespace(sheet=SimpleNamespace(file=file), title=title, known=KNOWN, stage=stage)
        found = draft._named_by_file(table)
        return found.column if found else None

    assert named("x/Pupil enrollment.csv") == "pupils"
    assert named("x/t.csv", "2022年各县小学在校生数") == "pupils_primary"
    assert named("x/Pupil enrollment.csv", "某表") == "pupils"
    assert named("t.csv") is None


def test_a_column_of_words_may_be_of_areas_where_they_come_again_and_no_translation():
    from edustats.load.tables.columns_read import ColumnRead
    from edustats.load.tables.table_read import TableRead

    def guess(columns, *rows_):
        held = sheet([heading for heading, _, _ in columns], *rows_)
        read = tuple(
            ColumnRead(letter=held.letter(j), heading=heading, role=role, example="", figures=figures)
            for j, (heading, role, figures) in enumerate(columns)
        )
        made = object.__new__(TableRead)
        for name, value in {"sheet": held, "first": 0, "depth": 1, "columns": read}.items():
            object.__setattr__(made, name, value)
        found = TableRead.guess_area(made)
        return found.heading if found else ""

    school, number_, other, item = (
        ("学校", "unit_name", False),
        ("数", "column", True),
        ("片", "nothing", False),
        ("项", "item", False),
    )
    assert guess([school, other, number_], ["一小", "东", 1.0], ["二小", "东", 2.0]) == "片"
    assert (
        guess([school, other, number_], ["一小", "甲", 1.0], ["二小", "乙", 2.0]) == ""
    )  # said once each: no areas
    assert guess([other, number_], ["甲", 1.0], ["乙", 2.0]) == "片"
    assert (
        guess([item, other, number_], ["学校数", "Schools", 1.0], ["教师数", "Teachers", 2.0], ["学校数"])
        == ""
    )
    assert guess([item, other, number_], ["学校数", "甲", 1.0], ["学校数", "乙", 2.0]) == "片"
    assert guess([("号", "unit", False), number_], ["430223", 1.0]) == "号"
    assert (
        guess([("号", "unit", False), number_], ["一小", 1.0]) == guess([other, number_], ["1a", 1.0]) == ""
    )


def test_a_column_that_another_heading_has_taken_is_no_second_one():
    from edustats.load.tables.columns_read import ColumnRead

    read = ColumnRead(
        letter="B",
        heading="小学在校生数",
        role="column",
        example="5",
        figures=True,
        column="pupils_primary",
        sure=1.0,
    )

    def matched_(taken):
        found = columns_read._matched_column(read, [said("人")], ["5"], KNOWN, taken, as_percent=False)
        return found.role, found.unit, found.question is None

    assert matched_(set()) == ("column", "人", True) and matched_({"pupils_primary"}) == (
        "nothing",
        "人",
        False,
    )
    rate = next(key for key, one in KNOWN.columns.items() if one.unit == SHARE)

    def rated(taken, scale="percent"):
        found = columns_read._rate_column(read, scale, KNOWN.columns[rate], taken)
        return found.role, found.unit, found.question is None

    assert rated(set()) == ("column", "percent", True) and rated({"pupils_primary"}) == (
        "nothing",
        "percent",
        False,
    )
    assert rated(set(), None) == ("column", "?", False) and rated(set(), "")[1] == SHARE


def test_counties_that_one_code_stands_for_are_added_up_in_their_order():
    from edustats.load.tables.assembly import ABSENT, KEYS, _added_up

    keys = pd.DataFrame({**{key: ["b", "a", "b", "c"] for key in KEYS}, "row": [2, 3, 4, 5]})
    values_ = pd.DataFrame({"x": [1.0, 2.0, 3.0, math.nan], "y": [math.nan, 5.0, 7.0, 8.0]})
    kinds = pd.DataFrame({"x": [0, 0, 0, 1], "y": [1, 0, 0, 0]}, dtype="uint8")
    own, added, kind = _added_up(keys, values_, kinds)
    assert own["row"].tolist() == [2, 3, 5] and added["x"].tolist()[:2] == [4.0, 2.0]
    assert (
        math.isnan(added["y"][0])
        and added["y"].tolist()[1:] == [5.0, 8.0]
        and kind["y"].tolist() == [1, 0, 0]
    )
    absent = kinds.assign(y=np.array([ABSENT, 0, 0, 0], "uint8"))
    _, added, kind = _added_up(keys, values_, absent)
    assert added["y"].tolist() == [7.0, 5.0, 8.0] and kind["y"].tolist() == [0, 0, 0]
    alone = keys.iloc[1:3]
    assert _added_up(alone, values_, kinds)[0] is alone


def test_a_county_after_a_city_that_nobody_lists_is_looked_for_where_its_neighbours_are():
    from edustats.load.reading.areas import resolve

    found = resolve(["某某市鼓楼区", "某某市玄武区"])
    assert found.codes == {"某某市鼓楼区": "320106", "某某市玄武区": "320102"}
    assert list(resolve(["某某市鼓楼区", "他他市白下区", "那那市攸县"]).ambiguous) == ["某某市鼓楼区"]
    assert resolve(["徐州市鼓楼区", "玄武区"], within="3201").codes == {
        "徐州市鼓楼区": "320302",
        "玄武区": "320102",
    }


def test_a_match_is_sure_at_its_limit_and_a_part_is_not_its_whole():
    from edustats.load.reading.matching import SURE, Match, _narrower

    assert Match("x", SURE).sure and not Match("x", SURE - 0.01).sure
    assert _narrower("一般公共预算支出", "一般公共预算教育支出") and not _narrower(
        "一般公共预算教育支出", "教育支出"
    )
    assert _narrower("女生数", "学生数") and not _narrower("学生数", "在校生数")


@pytest.mark.parametrize(
    ("one", "other", "tenfold"),
    [(1e3, 1e4, True), (1e4, 1e3, True), (1.0, 1e4, False), (1e3, 1e3, False), (1.0, 12.0, False)],
)
def test_units_ten_times_each_other_are_on_no_sheet_together(one, other, tenfold):
    assert evidence.is_tenfold(Unit("yuan", one, ""), Unit("yuan", other, "")) is tenfold
