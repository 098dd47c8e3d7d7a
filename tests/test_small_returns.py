"""Is each step of reading a return right at its limit, in a row that is cut short, and where a place says nothing?"""

# ruff: noqa: E501  (tables of cases are read across)

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_checks import block

from edustats.catalogue import catalogue
from edustats.errors import DataError, MissingFileError
from edustats.load.files.workbook import Sheet
from edustats.load.reading import units
from edustats.load.reading.units import Unit
from edustats.load.returns import (
    consistency,
    grids,
    headers,
    history,
    located,
    origins,
    places,
    reader,
    through_schools,
)
from edustats.load.returns.cells import collect_cells, widen_cells
from edustats.load.returns.consistency import Rule, Table, column_name
from edustats.load.returns.forms import Figure, Form, forms
from edustats.load.returns.headers import Header
from edustats.load.returns.lists import Work
from edustats.load.returns.located import Bound, name_slip, propose_slips
from edustats.load.returns.prefecture_profile import Profile, _profile_of_folder
from edustats.load.returns.records import Account, Doubt, Filled, Taken, map_yes_no, split_by_year
from edustats.words import NOTHING, Text

KNOWN = catalogue()


def sheet(*rows, name="表", file="t.csv", **more):
    return Sheet(file=file, digest="d", name=name, rows=[[*row] for row in rows], **more)


def work(*rows, **more):
    held = sheet(*rows, **more)
    return Work(held, forms(), KNOWN, Account(file=held.file, sheet=held.name, digest="d"), [])


def told(error):
    return error.value.text("zh"), error.value.text("en")


# --- where figures come from ---


def file_lines(*files, column="books"):
    return pd.DataFrame({
        "county": "1", "year": 2021, "column": column, "sheet": "s", "file": files, "digest": [f"d{k}" for k in range(len(files))],
        "min": 1, "max": 2, "nunique": 2, "rows": "1–2",
    })  # fmt: skip


def test_seven_files_of_a_folder_are_named_together_and_six_each():
    six = file_lines(*(f"in/{k}.xlsx" for k in range(6)))
    assert origins._join_lines(six)["file"].tolist() == six["file"].tolist()
    other = file_lines("out/9.xlsx", "8.xlsx", column="classes")
    joined = origins._join_lines(pd.concat([file_lines(*(f"in/{k}.xlsx" for k in range(7))), other]))
    assert joined[["column", "file", "rows"]].to_numpy().tolist() == [
        ["books", "in/* (7)", ""], ["classes", "8.xlsx", "1–2"], ["classes", "out/9.xlsx", "1–2"],
    ]  # fmt: skip
    assert joined["digest"].tolist()[0] == origins.digest_of(f"d{k}" for k in range(7))
    two = pd.concat(
        [
            file_lines(*(f"{f}/{k}" for k in range(7)), column=c)
            for f, c in (("b", "books"), ("a", "books"), ("c", "area"))
        ]
    )
    assert origins._join_lines(two)["file"].tolist() == ["c/* (7)", "a/* (7)", "b/* (7)"]


@pytest.mark.parametrize(
    ("rows", "shown"),
    [((4, 4, 1), "4"), ((6, 8, 3), "6–8"), ((6, 8, 2), "6–8 (2)"), ((6, 131, 103), "6–131 (103)")],
)
def test_rows_that_are_left_out_are_counted(rows, shown):
    assert origins.rows_text(*rows) == shown


def held_table(*blocks):
    found = collect_cells(list(blocks), {b.file: b.file for b in blocks})
    wide = widen_cells(found)
    return Table(wide=wide, kinds=wide.kinds, found=found, known=KNOWN)


def test_the_cells_of_both_sides_are_named_and_none_where_a_side_is_not_there():
    table = held_table(
        block({"books": 5.0, "classes": 2.0}), block({"books": 7.0}, 2022, "b.xlsx"),
        block({"classes": 1.0}, 2022, "c.xlsx"),
    )  # fmt: skip
    at = np.arange(len(table.keys))
    assert table.keys["year"].tolist() == [2021, 2022]

    def named(left, right, year_before=False):
        told = places.name_sides(table.wide, table.found, at, left, right, year_before)
        return [one if one is NOTHING else one.zh for one in told]

    assert named(["books"], []) == [NOTHING, NOTHING]
    assert named(["books"], ["gone"]) == [NOTHING, NOTHING]
    first, second = named(["books"], ["classes"])
    assert "C7" in first and "xlsx" not in first
    assert "c.xlsx" in second and "b.xlsx" not in second  # the right side stands in another file
    none, before = named(["books"], ["books"], year_before=True)
    assert none is NOTHING and "a.xlsx" in before


# --- rules ---


def rule(**terms):
    return Rule(name="n", rule="r", kind="x", left="a", right="b", severity="error", **terms)


def verdict(check, left, right, table=None, **terms):
    wrong, texts = check(table, rule(**terms), np.array(left, float), np.array(right, float))
    return wrong.tolist(), list(texts)


def test_a_rule_is_broken_beyond_its_limit_and_not_at_it():
    equal, most = consistency._check_equal, consistency._at_most
    assert verdict(equal, [10, 11, 12.1, 7.9], [10, 10, 10, 10], absolute=2)[0] == [False, False, True, True]
    assert verdict(equal, [110, 111], [100, 100], relative=0.1, absolute=2)[0] == [False, True]
    assert verdict(most, [10, 12, 12.1, 0], [10, 10, 10, 10], absolute=2) == (
        [False, False, True, False], ["≤ 10"] * 4
    )  # fmt: skip
    assert verdict(consistency._check_between, [3, 2.9, 21, 21.1], [10] * 4, low=0.4, high=2, absolute=1) == (
        [False, True, False, True], ["4–20"] * 4
    )  # fmt: skip
    assert verdict(consistency._check_ratio, [20, 20.1, 0], [10, 10, 0], high=2) == (
        [False, True, False], ["≤ 20", "≤ 20", "≤ 0"]
    )  # fmt: skip
    assert verdict(consistency._check_implication, [1, 1, 0, 1], [0, 1, 0, -1]) == (
        [True, False, False, True], ["0"] * 4
    )  # fmt: skip


def test_a_share_is_of_its_whole_and_says_nothing_where_there_is_none():
    table = SimpleNamespace(sum=lambda of: np.array([200.0, 200, 0, 50]))
    wrong, texts = verdict(
        consistency._check_share, [50, 48.9, 50, 90], [100, 100, 5, 60], table, absolute=1, whole="w"
    )
    assert wrong == [False, True, False, False]
    assert texts == ["50.0", "50.0", "nan", "120.0"]
    assert verdict(
        consistency._check_share,
        [51, 49],
        [100, 100],
        SimpleNamespace(sum=lambda _: np.array([200.0, 200])),
        absolute=1,
    )[0] == [False, False]


def test_per_pupil_a_school_of_fifty_stands_against_the_median_of_its_year():
    table = SimpleNamespace(keys=pd.DataFrame({"year": [1, 1, 1, 1, 1, 2]}))
    wrong, texts = verdict(
        consistency._check_against_peers,
        [50, 100, 150, 301, 900, 900],
        [50, 100, 150, 100, 49, 50],
        table,
        factor=3,
    )
    assert wrong == [False, False, False, True, False, False]
    assert texts[3] == "33.333333–300"
    assert verdict(consistency._check_against_peers, [50, 50, 50, 150, 17], [50] * 5,
                   SimpleNamespace(keys=pd.DataFrame({"year": [1] * 5})), factor=3)[0] == [False, False, False, False, False]  # fmt: skip
    assert verdict(consistency._check_against_peers, [51, 51, 51, 16], [51] * 4,
                   SimpleNamespace(keys=pd.DataFrame({"year": [1] * 4})), factor=3)[0] == [False, False, False, True]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "zh", "en"),
    [
        ("unit", "标识码", ""), ("books", KNOWN.columns["books"].name.zh, KNOWN.columns["books"].name.en),
        ("somewhere", "somewhere", "somewhere"),
    ],
)  # fmt: skip
def test_a_column_is_called_by_the_catalogue_or_by_its_own_word(column, zh, en):
    found = column_name(column, KNOWN)
    assert zh in found.zh and en in found.en


# --- proposals ---


CELL, OTHER = (2021, "books"), (2021, "pupils")


@pytest.mark.parametrize(
    ("seen", "meant", "slip"),
    [
        (12, 21, "swapped"), (121, 112, "swapped"), (12, 13, "digit"), (1234, 4231, "other"), (12, 123, "dropped"),
        (123, 12, "doubled"), (123, 13, "doubled"), (123, 45, "other"), (12, 345, "other"), (3, -3, "sign"),
        (30, 3, "times_ten"), (1.5, 15, "times_ten"), (1.25, 1.52, "swapped"),
    ],
)  # fmt: skip
def test_a_slip_has_the_name_of_what_the_hand_did(seen, meant, slip):
    assert name_slip(seen, meant) == slip


def propose(bounds, seen, usual=None):
    return propose_slips(bounds, {CELL: seen, OTHER: 40.0}, usual or {}, "u")


def test_a_cell_whose_value_the_rules_leave_is_proposed_with_how_far_it_is_from_usual():
    exact = [Bound("sum", {CELL: 1.0}, 21.0, 21.0)]
    (alone,) = propose(exact, 12.0)
    assert (alone.meant, alone.slip, alone.score, alone.limits) == (21.0, "swapped", 0.5 + 1.5, (21.0, 21.0))
    assert (alone.satisfied, alone.failing, alone.unit) == (("sum",), frozenset({CELL}), "u")
    (usual,) = propose(exact, 12.0, {CELL: 21.0})
    assert usual.score == 0.5
    (far,) = propose(exact, 12.0, {CELL: 2000.0})
    assert far.score == 0.5 + 3.0
    assert propose(exact, 21.0) == []


def test_of_a_wide_stretch_only_one_telling_slip_near_the_usual_names_a_value():
    wide = [Bound("sum", {CELL: 1.0}, 20.0, 23.0)]
    (alone,) = propose(wide, 12.0)
    assert math.isnan(alone.meant) and (alone.slip, alone.limits) == ("open", (20.0, 23.0))
    (swapped,) = propose(wide, 12.0, {CELL: 21.0})
    assert math.isnan(swapped.meant)  # 22 is a digit away too
    (tenfold,) = propose([Bound("sum", {CELL: 1.0}, 295.0, 305.0)], 3000.0, {CELL: 300.0})
    assert (tenfold.meant, tenfold.slip) == (300.0, "times_ten")


def test_class_sizes_bound_pupils_from_both_sides():
    bands = {f"classes_primary_{band}": 0.0 for band in consistency.BANDS} | {
        "classes_primary_36_40": 2.0,
        "classes_primary_ge_66": 1.0,
    }
    table = held_table(block({"pupils_primary": 150.0, **bands}))
    bounds = list(
        located._class_sizes(
            table, {2021: 0}, 2021, replace(rule(), left="pupils_primary"), {(2021, "pupils_primary"): 1.0}
        )
    )
    assert [(one.low, one.high) for one in bounds] == [(0.0, np.inf), (-np.inf, 0.0)]
    least, most = (one.weights for one in bounds)
    assert [-least[2021, f"classes_primary_{band}"] for band in ("le_25", "36_40", "ge_66")] == [1, 36, 66]
    assert [-most[2021, f"classes_primary_{band}"] for band in ("le_25", "36_40", "ge_66")] == [25, 40, 200]
    assert [one.holds({**dict.fromkeys(least, 0.0), (2021, "pupils_primary"): n, (2021, "classes_primary_36_40"): 2.0})
            for n in (71, 72, 80, 81) for one in bounds] == [False, True, True, True, True, True, True, False]  # fmt: skip


def test_a_part_is_bound_by_its_whole_where_both_are_there():
    key, part_of = next((k, c.part_of) for k, c in KNOWN.columns.items() if c.part_of)
    table = held_table(block({key: 5.0, part_of: 4.0}), block({key: 5.0, part_of: np.nan}, 2022, "b.xlsx"))
    (bound,) = located._bound_parts(table, {2021: 0, 2022: 1}, 2021)
    assert (bound.weights, bound.low, bound.high) == ({(2021, key): 1.0, (2021, part_of): -1.0}, -np.inf, 0.5)
    assert list(located._bound_parts(table, {2021: 0, 2022: 1}, 2022)) == []


# --- lists ---


LIST = Form(
    key="f", kind="list", title="t", keys={"unit": ("学校标识码",), "name": ("学校名称",), "county": ("县区",)},
    figures=(Figure(column="books", paths=("图书",), unit="册"),),
)  # fmt: skip
PATHS = [("学校名称",), ("图书",), ("县区",), ("学年",), ("学校标识码",)]


def header(form=LIST, **more):
    terms = {"form": form, "first": 0, "depth": 1, "paths": PATHS, "key": 4, "year": 2021}
    return Header(**(terms | more))


HEAD = [path[0] for path in PATHS]


def test_a_row_that_is_cut_short_before_its_code_is_told_and_loads_nothing():
    done = work(
        HEAD,
        ["甲小学", 5.0, "甲县", "2021", "2199000001"],
        ["乙小学"],
        ["丙小学", 7.0, "甲县"],
        [],
        ["合计", 12.0],
    )
    kept, codes, when = done.data_rows(header())
    assert (kept, codes, when) == ([1], ["2199000001"], [2021])
    assert [(row, reason) for row, reason, _ in done.account.aside] == [
        (3, "no_code"),
        (4, "no_code"),
        (6, "subtotal"),
    ]
    assert [(one.rule, one.row, one.letter, one.unit) for one in done.doubts] == [
        ("school_code", 3, "E", "乙小学"), ("school_code", 4, "E", "丙小学"),
    ]  # fmt: skip
    assert (done.account.read, done.account.loaded) == (3, 0)


def test_the_year_of_a_row_is_that_of_its_cell_and_a_row_without_one_is_set_aside():
    years = ["2021/2022", "去年", "1800", ""]
    done = work(HEAD, *(["甲小学", 5.0, "甲县", year, "2199000001"] for year in years))
    kept, _, when = done.data_rows(header(year=0, year_column=3))
    assert (kept, when) == ([1], [2021])
    assert [(one.rule, one.severity, one.row, one.letter, one.value) for one in done.doubts] == [
        ("year_unreadable", "error", row, "D", year) for row, year in zip((3, 4, 5), years[1:], strict=True)
    ]  # fmt: skip
    short = work(HEAD, ["甲小学", "2199000001"])
    assert short.year_in(1, header(year_column=3)) == 0


def test_a_list_whose_rows_all_lack_the_column_of_names_still_counts():
    done = work(HEAD[:1], ["2199000001"])
    kept, codes, _ = done.data_rows(header(paths=[("学校标识码",)], key=0))
    assert (kept, codes) == ([1], ["2199000001"])
    assert done.texts(header(paths=[("图书",)]), [("a", "b")], "name") == ["", ""]
    assert done.texts(header(paths=[("图书",)]), [], "name") == []
    assert done.texts(header(paths=[("图书",), ("学校名称",)]), [("a", "b"), (" 甲 ", None)], "name") == [
        "甲",
        "",
    ]
    assert done.cell(header(), ["甲"], "name") == "甲"
    assert done.cell(header(), ["甲"], "county") == ""
    assert done.cell(header(paths=[("图书",)]), ["甲"], "name") == ""


COUNTY = Form(key="c", kind="county", title="t", keys={"unit": ("代码",), "name": ("名称",)})


@pytest.mark.parametrize(
    ("kind", "cell", "by_name", "code"),
    [
        (COUNTY, "430204000", False, "430204"), (COUNTY, "430204000000", False, "430204"), (COUNTY, "430204", False, "430204"),
        (COUNTY, "4302040000", False, "4302040000"), (LIST, "430204000", False, "430204000"), (COUNTY, " 甲县 ", True, "甲县"),
        (COUNTY, "合计", True, ""), (COUNTY, "", True, ""), (COUNTY, "名称", True, ""),
    ],
)  # fmt: skip
def test_the_code_of_a_county_is_its_first_six_digits(kind, cell, by_name, code):
    assert work([]).code_in(cell, header(kind, paths=[("名称",)], by_name=by_name)) == code


def figure_block(*rows):
    return SimpleNamespace(rows=np.array(rows, np.int32), units=[f"u{row}" for row in rows])


def test_a_column_of_units_gives_each_row_its_own_size_and_tells_the_first_that_differs():
    done, own = work(HEAD), Unit("yuan", 10_000.0, "万元")
    money, persons = Unit("yuan", 1000.0, "千元"), Unit("person", 1.0, "人")
    figure = Figure(column="budget_education", paths=("经费",), unit="万元")
    sizes = done.sizes_of_rows(
        own,
        header(units=[own, None, persons, money, Unit("yuan", 1.0, "元")]),
        figure,
        figure_block(2, 3, 4, 5, 6),
    )
    assert sizes.tolist() == [1.0, 1.0, 1.0, 0.1, 0.0001]
    assert done.doubts == [Doubt("unit_printed", "warning", 5, "E", "u5", "budget_education", "千元", "万元")]
    quiet = work(HEAD)
    assert quiet.sizes_of_rows(own, header(units=[own, None]), figure, figure_block(2, 3)).tolist() == [
        1.0,
        1.0,
    ]
    rate = Unit(units.SHARE, 0.01, "%")
    assert quiet.sizes_of_rows(
        rate, header(units=[Unit(units.SHARE, 1.0, "")]), figure, figure_block(2)
    ).tolist() == [1.0]
    assert quiet.doubts == []


def total_of(given, values, *, kinds=None, scale=1.0):
    done = work(HEAD)
    filled = Filled(values=np.array(values, float), kinds=np.array(kinds or [0] * len(values), np.uint8),
                    rows=np.arange(len(values), dtype=np.int32), letter="B", words="", scale=scale)  # fmt: skip
    done.total(9, "books", given, filled)
    return [(one.row, one.letter, one.column, one.value, one.expected) for one in done.doubts]


def test_a_line_of_totals_is_doubted_beyond_what_rounding_explains():
    assert total_of(12.5, [4, 8]) == []
    assert total_of(12.6, [4, 8]) == [(9, "B", "books", "12.6", "12")]
    assert total_of(1.26, [4, 8], scale=10.0) == []
    assert total_of(1.27, [4, 8], scale=10.0) == [(9, "B", "books", "12.7", "12")]
    assert total_of("13", [4, 8]) == [] and total_of(90, [4, 8]) == []
    assert total_of(90.0, [4, math.nan], kinds=[0, 4]) == []
    not_applicable = consistency.NOT_APPLICABLE
    assert total_of(90.0, [4, math.nan], kinds=[0, not_applicable]) == [(9, "B", "books", "90", "4")]


def test_the_one_line_of_totals_is_held_and_none_where_a_row_was_lost():
    def told_of(*aside, line=("合计", 30.0)):
        done = work(HEAD, ["甲", 5.0], [*line])
        done.account.aside = [*aside]
        filled = Filled(
            values=np.array([5.0]), kinds=np.zeros(1, np.uint8), rows=np.array([2]), letter="B", words=""
        )
        done.totals(header(), SimpleNamespace(columns={"books": filled}))
        return [one.rule for one in done.doubts]

    assert told_of((3, "subtotal", "")) == ["total_row"]
    assert told_of((3, "subtotal", ""), line=("合计",)) == []  # cut short before the figure
    assert (
        told_of((3, "subtotal", ""), (2, "no_code", ""))
        == told_of((3, "subtotal", ""), (2, "duplicate", ""))
        == []
    )
    assert told_of((3, "subtotal", ""), (2, "note", "")) == ["total_row"]
    assert told_of() == told_of((3, "subtotal", ""), (2, "subtotal", "")) == []


def test_the_row_that_all_others_add_up_to_is_told_by_its_name_or_its_code():
    done = work(HEAD, ["甲"], ["乙"], ["全部"])
    columns = {c: Filled(values=np.array(v, float), kinds=np.zeros(3, np.uint8), rows=np.array([2, 3, 4]), letter="B", words="")
               for c, v in {"books": [5000, 7000, 12000], "pupils": [1000, 2000, 3000], "teachers": [100, 150, 250]}.items()}  # fmt: skip

    base = block({"books": 1.0})
    made = replace(base, units=["u1", "u2", "u3"], names=["甲", "乙", ""], counties=["c"] * 3, rows=np.array([2, 3, 4], np.int32),
                   texts={}, columns={name: replace(one) for name, one in columns.items()})  # fmt: skip
    data, when = done.without_sums(header(), made, [1, 2, 3], [2021] * 3)
    assert (data, when, made.units) == ([1, 2], [2021] * 2, ["u1", "u2"])
    assert [(one.rule, one.row, one.letter, one.unit, one.value) for one in done.doubts] == [
        ("adds_up", 4, "E", "u3", "u3")
    ]
    assert [(row, reason) for row, reason, _ in done.account.aside] == [(4, "subtotal")]
    assert done.without_sums(header(), made, [1, 2], [2021, 2022]) == ([1, 2], [2021, 2022])


def test_only_what_is_a_new_year_is_a_block_of_its_own():
    made = split_by_year(block({"books": 5.0}), [])
    assert [one.year for one in made] == [2021]
    base = block({"books": 5.0})
    assert split_by_year(base, [2019]) == [base] and base.year == 2019
    filled = Filled(
        values=np.array([1.0, 2, 3]),
        kinds=np.zeros(3, np.uint8),
        rows=np.array([2, 3, 4]),
        letter="B",
        words="",
    )
    three = replace(base, units=["a", "b", "a"], names=["甲", "乙", "甲"], counties=["c"] * 3, rows=np.array([2, 3, 4], np.int32),
                    texts={"t": ["x", "y", "z"]}, columns={"books": filled})  # fmt: skip
    assert split_by_year(three, [2020] * 3) == [three] and three.year == 2020
    parts = split_by_year(three, [2021, 2020, 2020])
    assert [(one.year, one.units, one.texts["t"], one.columns["books"].values.tolist()) for one in parts] == [
        (2020, ["b", "a"], ["y", "z"], [2.0, 3.0]), (2021, ["a"], ["x"], [1.0]),
    ]  # fmt: skip


def test_yes_and_no_are_read_as_the_form_says_and_what_is_neither_is_kept_to_be_told():
    figure = Figure(column="schools_network", paths=("x",), values={"是": 1.0, "否": 0.0})
    found = map_yes_no(figure, ["是", "否", "—", "也许"], np.arange(4), "B", {"—": "not_applicable"})
    assert found.values[:2].tolist() == [1.0, 0.0] and np.isnan(found.values[2:]).all()
    assert found.kinds.tolist()[:3] == [0, 0, consistency.NOT_APPLICABLE]
    assert found.raw == {3: "也许"}


# --- the header of a list ---


def staged(key, word, fits, figures=1):
    figure = tuple(Figure(column=f"c{k}", paths=("x",)) for k in range(figures))
    return fits, -figures, Form(key=key, kind="list", title=key, words=(word,), figures=figure), 0, False


def test_among_forms_of_stages_the_codes_of_the_schools_decide():
    primary, junior = staged("p", "小学", 3), staged("j", "初中", 3)

    def chosen(*codes, forms=(primary, junior)):
        return [one[2].key for one in headers._by_codes(sheet(["x"], *([code] for code in codes)), 1, forms)]

    assert chosen("2199000001", "2199000002") == ["p"]
    assert chosen("3199000001") == ["j"]
    assert chosen("3199000001", forms=(primary,)) == ["p"]
    assert chosen("3199000001", forms=(primary, staged("q", "小学", 2))) == [
        "p",
        "q",
    ]  # one stage: nothing to decide
    top = staged("w", "学校", 9)
    assert chosen("3199000001", forms=(top, primary, junior)) == [
        "w",
        "p",
        "j",
    ]  # the best is of no single stage
    with pytest.raises(DataError) as error:
        chosen("2199000001", "3199000001", "3199000002")
    assert told(error)[0].count("初中代码 2 个") == 1 and "小学代码 1 个" in told(error)[0]
    with pytest.raises(DataError) as error:
        chosen("x")
    assert "—" in told(error)[0]
    with pytest.raises(DataError):
        chosen("1199000001")  # kindergartens, of which none of the forms is


@pytest.mark.parametrize(
    ("file", "title", "codes", "stage", "weaker"),
    [
        ("小学.xlsx", "2021年小学一览表", [], "primary", ("", "")),
        ("小学.xlsx", "一览表", [], "primary", ("", "")), ("1.xlsx", "2021年初中一览表", [], "junior", ("", "")),
        ("小学.xlsx", "初中一览表", ["3199000001"], "junior", ("小学.xlsx 表", "primary")),
        ("小学.xlsx", "初中一览表", ["2199000001"], "primary", ("初中一览表", "junior")),
        ("1.xlsx", "一览表", [], "", ("", "")),
    ],
)  # fmt: skip
def test_file_and_title_say_the_stage_and_the_codes_decide_between_them(file, title, codes, stage, weaker):
    keyed = [(staged("p", "小学", 1)[2], 0, False), (staged("j", "初中", 1)[2], 0, False)]
    held = sheet([title], ["学校标识码"], *([code] for code in codes), file=f"in/{file}")
    chosen, said, words, other = headers._find_named_forms(held, 1, 1, keyed)
    assert (said, other) == (stage, weaker)
    assert [one[0].key for one in chosen] == ({"primary": ["p"], "junior": ["j"]}.get(stage) or ["p", "j"])
    assert (words == "") == (stage == "")


@pytest.mark.parametrize("codes", [[], ["2199000001", "3199000001"], ["1199000001"]])
def test_a_list_that_says_two_stages_is_refused_where_its_codes_say_neither(codes):
    keyed = [(staged("p", "小学", 1)[2], 0, False)]
    with pytest.raises(DataError) as error:
        headers._find_named_forms(
            sheet(["初中一览表"], ["码"], *([code] for code in codes), name="", file="小学.csv"), 1, 1, keyed
        )
    zh, en = told(error)
    assert "小学.csv" in zh and "—" in zh and "初中一览表" in zh and "初中一览表" in en


def test_a_list_of_schools_of_another_stage_is_refused_with_how_many_say_so():
    own = header(stage="primary", stage_words=" 2021年小学一览表 ")
    wrong = ["3199000001", "3199000002", "5199000001"]
    held = sheet(HEAD, ["甲", 5.0, "", "", "3199000001"], name="")
    with pytest.raises(DataError) as error:
        headers.refuse_other_stage(held, own, wrong)
    zh, en = told(error)
    assert "—" in zh and "“2021年小学一览表”" in zh and "2" in zh and "初中" in zh and "小学" in zh
    assert "junior" in en
    headers.refuse_other_stage(held, own, ["3199000001", "2199000001"])
    headers.refuse_other_stage(held, own, [])
    headers.refuse_other_stage(held, replace(own, stage=""), wrong)
    through = sheet(
        HEAD, ["甲学校", 5.0, "", "", "3199000001"], ["乙九年一贯制", 5.0, "", "", "3199000002"], ["x"]
    )
    headers.refuse_other_stage(through, own, wrong)  # of which each says that it teaches several stages


@pytest.mark.parametrize(
    ("rows", "depth"),
    [
        ([["代码", "人数"], ["", "男"], ["1", 2.0]], 2), ([["代码", "人数"], ["1", "男"]], 1), ([["代码", "人数"], [], ["", "男"]], 1),
        ([["代码", "人数"], ["", 2.0]], 1), ([["人数", "代码"], ["男"], ["女", ""], ["x", "1"]], 3), ([["代码", "人数"], ["", "单位：人"]], 2),
        ([["代码", "人数"]], 1), ([["代码", "人数"], [" ", "男"], [None, "女"]], 3),
    ],
)  # fmt: skip
def test_a_header_goes_on_while_its_key_is_empty_and_no_number_stands_there(rows, depth):
    key = rows[0].index("代码")
    assert headers._measure_depth(sheet(*rows), 0, key) == depth


def test_the_most_rows_of_a_header_are_looked_at_and_no_more():
    assert headers._measure_depth(sheet(["代码"], *([["", "x"]] * 30)), 0, 0) == headers.MOST_HEADER_ROWS


@pytest.mark.parametrize(
    ("title", "file", "key"),
    [("2021年小学", "2022/a.xlsx", "load.year_conflict"), ("2021年一季度", "a.xlsx", "load.quarter_of_list"),
     ("1905年小学", "a.xlsx", "load.year_of_list")],
)  # fmt: skip
def test_a_list_of_two_years_of_a_quarter_or_of_no_plausible_year_is_refused(title, file, key):
    held = sheet([title], ["码"], name="", file=file)
    with pytest.raises(DataError) as error:
        headers._agree_year(held, 1)
    assert error.value.address == key
    assert "—" in told(error)[0] and file in told(error)[0]
    assert headers._agree_year(sheet(["小学"], name="", file="a.xlsx"), 1) == 0
    assert headers._agree_year(sheet(["2021/2022学年初小学"], name="", file="a.xlsx"), 1) == 2021


# --- whose it is ---


NAMES = {"甲阳县": "990101", "乙阳市": "990102", "新城区": "990103"}
PROFILE = Profile(
    title=Text("t", "t"), cite=Text("t", "t"), parent={"code": "990100", "zh": "手工市", "en": "P"}, names=NAMES,
    counties={code: Text(name, name) for name, code in NAMES.items()}, changes={"990109": "990101", "990108": "990109"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("named", "hints", "county"),
    [
        ("甲阳县", (), "990101"), ("手工市甲阳县", (), "990101"), ("手工市", (), ""), ("甲阳", (), "990101"), ("乙阳县", (), "990102"), ("乙阳县局", (), ""),
        ("990102", (), "990102"), ("990102000000", (), "990102"), ("99010200", (), ""), ("990109", (), "990101"),
        ("990108", (), "990101"), ("990107", (), ""), ("他县", ("甲阳县.xlsx",), ""), ("", ("甲阳县.xlsx",), "990101"),
        ("", ("x.xlsx", "990102乙阳市"), "990102"), ("", ("990107丙县",), ""), ("", ("990109.xlsx",), "990101"), ("", (), ""),
    ],
)  # fmt: skip
def test_a_county_is_known_by_name_by_code_and_where_nothing_is_said_by_the_file(named, hints, county):
    assert PROFILE.county(named, hints) == county


def test_two_counties_of_one_name_are_neither_and_a_ring_of_changes_ends():
    twice = replace(PROFILE, names={"甲阳县": "990101", "甲阳区": "990104"})
    assert (twice.county("甲阳市"), twice.county("甲阳区")) == ("", "990104")
    ring = replace(PROFILE, changes={"1": "2", "2": "1"})
    assert ring.latest("1") == "2"
    bare = Profile(title=Text("t", "t"), cite=Text("t", "t"))
    assert bare.county("", ("990107丙县.xlsx",)) == "990107"
    assert bare.county("", ("990107.xlsx",)) == ""  # six digits without a name may be anything


def test_counties_are_taken_from_the_names_of_files_but_no_days_and_no_file_alone(tmp_path):
    (tmp_path / "990102乙阳市").mkdir()
    for name in (
        "990101甲阳县.xlsx",
        "202109汇总县.xlsx",
        "190101某县.xlsx",
        "990103.xlsx",
        "430201丙县.xlsx",
    ):
        (tmp_path / "990102乙阳市" / name).write_text("")
    made = _profile_of_folder(tmp_path)
    assert dict(made.names) == {"乙阳市": "990102", "甲阳县": "990101", "丙县": "430201"}
    assert made.counties["990101"] == Text("甲阳县", "990101")
    assert dict(_profile_of_folder(tmp_path / "990102乙阳市" / "990101甲阳县.xlsx").names) == {}


def test_the_page_is_looked_for_beside_a_source_and_three_folders_above(tmp_path):
    deep = tmp_path / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    page = '[counties]\n990102 = { zh = "汀阳区", en = "T" }\n'
    (deep / "x.xlsx").write_text("")
    (tmp_path / "returns.toml").write_text(page, "utf-8")
    assert list(reader.profile_of([deep], KNOWN).counties) == []
    (tmp_path / "a" / "returns.toml").write_text(page, "utf-8")
    assert list(reader.profile_of([deep], KNOWN).counties) == ["990102"]
    assert list(reader.profile_of([deep / "x.xlsx"], KNOWN).counties) == ["990102"]
    with pytest.raises(MissingFileError) as error:
        reader.profile_of([deep, tmp_path / "none"], KNOWN)
    assert "none" in told(error)[0]
    (deep / "x.xlsx").unlink()
    with pytest.raises(DataError) as error:
        reader.read_all([deep], PROFILE, KNOWN)
    assert "d " in told(error)[1] and ".xlsx" in told(error)[0]


def taken(*blocks, doubts=(), file="in/990101甲阳县/2021.xlsx"):
    return Taken(
        blocks=[*blocks], account=Account(file=file, sheet="s", digest="d", loaded=9), doubts=[*doubts]
    )


def rows_block(names, units, counties, kind="county", year=2021):
    n = len(units)
    return replace(block({"books": 1.0}), kind=kind, year=year, names=names, units=units, counties=counties,
                   rows=np.arange(5, 5 + n, dtype=np.int32), texts={},
                   columns={"books": Filled(values=np.arange(n, dtype=float), kinds=np.zeros(n, np.uint8),
                                            rows=np.arange(n), letter="C", words="")})  # fmt: skip


def test_rows_of_other_counties_totals_and_misnamed_ones_are_set_aside_with_their_reasons():
    units_ = ["990101", "990102", "990107", "990100", "430204"]
    held = rows_block(["甲阳县", "甲阳县", "丙县", "手工市", "石峰区"], units_, [""] * 5)
    found = taken(held)
    reader._settle_counties(found, held, PROFILE)
    assert held.units == ["990101"] == held.counties
    assert held.columns["books"].values.tolist() == [0.0]
    assert [(row, reason) for row, reason, _ in found.account.aside] == [
        (6, "misnamed"), (7, "no_county"), (8, "total"), (9, "no_county"),
    ]  # fmt: skip
    assert found.account.loaded == 5
    assert [(one.rule, one.severity, one.row, one.unit, one.value) for one in found.doubts if one.severity == "error"] == [
        ("county_name_other", "error", 6, "", "990102 甲阳县"), ("county_code", "error", 7, "", "990107"),
        ("county_code_elsewhere", "error", 9, "", "430204"),
    ]  # fmt: skip
    assert found.doubts[-1].expected and found.account.aside[1][2] == "\t丙县\t990107"


def test_a_list_of_schools_has_its_rows_of_unknown_counties_told_by_school():
    held = rows_block(["甲小学", "乙小学"], ["2199000001", "2199000002"], ["甲阳县", "他县"], kind="list")
    found = taken(held)
    reader._settle_counties(found, held, PROFILE)
    assert (held.units, held.counties) == (["2199000001"], ["990101"])
    assert [(one.rule, one.row, one.unit, one.value) for one in found.doubts] == [
        ("county_unknown", 6, "", "他县")
    ]
    assert found.account.aside == [(6, "no_county", "2199000002\t乙小学\t他县")]


def test_the_citys_own_schools_are_a_unit_beside_the_counties():
    own = "990100"

    def code(name, unit, profile=PROFILE, kind="county", named=None):
        held = rows_block([name], [unit], [""], kind=kind)
        return reader._own_unit(held, 0, named if named is not None else unit, profile)

    letters = code("市本级", own)
    assert letters == "9901BJ"
    assert code("市本级", "市本级") == letters
    assert code("", "市本级") == letters
    assert code("市本级", own, kind="list") == code("甲阳县", own) == ""
    assert code("市本级", own, replace(PROFILE, parent={})) == code("市本级", own, named="990107") == ""


def test_a_code_that_was_not_in_use_is_asked_about_once_where_it_first_stands():
    held = rows_block([""] * 4, ["430221"] * 2 + ["x"] * 2, ["430221", "430221", "430204", ""], year=2020)
    named = ["430221", "430221", "43020", "430204"]
    found = list(reader._odd_codes(held, named))
    assert [(one.rule, one.severity, one.row, one.value, one.expected) for one in found] == [
        ("county_code_past", "warning", 5, "430221", "株洲县 1980-12–2018-01")
    ]  # fmt: skip
    assert list(reader._odd_codes(replace(held, year=0), named)) == []


def test_a_doubt_stands_with_the_county_and_the_name_of_its_unit_or_of_its_file():
    held = rows_block(["甲小学"], ["2199000001"], ["990102"], kind="list", year=2019)
    doubt = Doubt("unreadable", "error", 7, "C", "2199000001", "books", "x", "")
    facts = reader._place_doubt(doubt, taken(held), PROFILE)
    assert [facts[key] for key in ("county", "name", "year", "cell", "unit", "tolerance")] == [
        "990102", "甲小学", 2019, "C7", "2199000001", "",
    ]  # fmt: skip
    facts = reader._place_doubt(replace(doubt, unit="other"), taken(held), PROFILE)
    assert [facts[key] for key in ("county", "name", "year")] == ["990101", "", 2019]
    facts = reader._place_doubt(doubt, taken(), PROFILE)
    assert [facts[key] for key in ("county", "name", "year")] == ["990101", "", 2021]


def test_a_file_that_is_refused_stays_in_the_ledger_with_its_reason(tmp_path):
    gathered = SimpleNamespace(accounts=[], doubts=[])
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"x")
    reader._refuse_file(path, "2021/a.xlsx", DataError("load.no_school_code", file="a.xlsx"), gathered, "s")
    reader._refuse_file(tmp_path / "b.xlsx", "b.xlsx", OSError("gone"), gathered)
    assert [(one.file, one.sheet, one.form, len(one.digest)) for one in gathered.accounts] == [
        ("2021/a.xlsx", "s", "refused", 64), ("b.xlsx", "", "refused", 0),
    ]  # fmt: skip
    first, second = gathered.doubts
    assert (first["year"], first["value"] != first["expected"], "a.xlsx" in first["expected"]) == (
        2021,
        True,
        True,
    )
    assert (second["year"], second["value"], second["expected"], second["row"]) == (0, "gone", "gone", 0)


def school(code="", name="甲校", cover=(), file="990101甲阳县/2021/2199000001甲校.xlsx", sheets=None):
    held = replace(rows_block([""], [""], [""], kind="grid"), texts={"unit": [code], "unit_name": [name]})
    found = taken(held, doubts=[Doubt("unreadable", "error", 7, "C", "", "books", "x", "")])
    pages = sheets or [sheet(*cover, name="封面")]
    reader._settle_school(pages, [found], file, PROFILE)
    return held, found


def test_a_school_is_known_by_its_form_or_else_by_the_name_of_its_file():
    held, found = school("2199000005")
    assert (held.units, held.counties, held.year, held.names) == (["2199000005"], ["990101"], 2021, ["甲校"])
    assert [(one.rule, one.unit) for one in found.doubts] == [
        ("unreadable", "2199000005"),
        ("code_in_name", "2199000005"),
    ]
    assert (found.doubts[1].value, found.doubts[1].expected, found.doubts[1].row) == (
        "2199000005",
        "2199000001",
        0,
    )
    held, found = school("")
    assert held.units == ["2199000001"] and [one.rule for one in found.doubts] == ["unreadable"]
    held, _ = school("21990000")  # too short to be one
    assert held.units == ["2199000001"]
    held, _ = school("9999000001")  # of no category
    assert held.units == ["2199000001"]
    held, _ = school("2199000001", cover=[["所在地区划（三级）", "乙阳市"], []])
    assert held.counties == ["990102"]
    held, _ = school("2199000001", cover=[["所在地区划"]])
    assert held.counties == ["990101"]


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"file": "990101甲阳县/2021/甲校.xlsx"}, "甲校.xlsx"), ({"code": "2199000001", "file": "990101甲阳县/甲校.xlsx"}, "封面"),
        ({"code": "2199000001", "file": "2021/甲校.xlsx"}, "甲校.xlsx"),
        ({"code": "2199000001", "cover": [["所在地区划", "他县"]]}, "他县"),
        ({"code": "2199000001", "cover": [["2022年"]], "file": "990101甲阳县/2021.xlsx"}, "2022"),
    ],
)  # fmt: skip
def test_a_school_without_code_year_or_county_is_refused_by_what_is_missing(terms, words):
    with pytest.raises(DataError) as error:
        school(**terms)
    assert words in told(error)[0] and words.partition(".")[0] in told(error)[1] + words


def test_a_year_that_nobody_contradicts_is_the_schools():
    assert reader._year_of_school("", "a.xlsx", "") == 0
    assert reader._year_of_school("2021/2022学年初", "a.xlsx", "") == 2021
    assert (
        reader._year_of_school("2020年和2021年", "2021/a.xlsx", "") == 2021
    )  # a cover of two years says none
    with pytest.raises(DataError) as error:
        reader._year_of_school("2020年", "2021.xlsx", "")
    assert "—" in told(error)[0] and "2020" in told(error)[0] and "2021" in told(error)[0]


# --- grids ---


def grid(*rows):
    return grids._Grid(work(*rows))


GRID = (
    ["表一"], ["指标名称", "代码", "合计", "女"], ["甲", "乙", "1", "2"], ["校舍面积", "01", 500.0, 1.0], ["其中：教室", "2", 300.0],
    ["说明"], ["图书", "1234", 7.0],
)  # fmt: skip


def test_items_of_a_grid_are_found_by_number_and_words_and_every_row_is_accounted_for():
    held = grid(*GRID)
    assert (held.first, held.body, held.left) == (1, 3, 0)
    assert held.at("01 校舍面积 @ 合计") == (3, 2)
    assert held.at("02 校舍面积 @ 合计") is None
    assert held.at("校舍面积 @ 男") is None
    assert held.at("没有 @ 合计 | 其中：教室 @ 女") == (4, 3)
    assert held.value((4, 3)) == "" and held.value((3, 3)) == 1.0
    assert held.rows("图书") == []  # a number of four digits is no item's
    held.settle()
    assert (held.work.account.read, held.work.account.loaded) == (7, 2)
    assert [(row, reason) for row, reason, _ in held.work.account.aside] == [
        (1, "title"), (2, "heading"), (3, "heading"), (6, "not_asked"), (7, "not_asked"),
    ]  # fmt: skip


def test_a_grid_without_its_corner_is_no_form_and_one_without_numbers_begins_beneath_its_head():
    assert grid(["x"], ["y"]).items is None
    bare = grid(["指标名称", "代码", "合计"], ["校舍面积", "", 5.0], ["短"])
    assert (bare.body, bare.items) == (1, {})
    late = grid(["指标名称", "代码", "合计"], *([[""] * 3] * 8), ["校舍面积", "01", 5.0])
    assert late.body == 1 and list(late.items) == ["校舍面积"]
    assert grids._find_scale(work([]), "fact_x", "册") == grids._find_scale(work([]), "books", "") == 1.0
    with pytest.raises(DataError) as error:
        grids._find_scale(work([], file="a.xlsx"), "books", "元")
    assert "a.xlsx" in told(error)[0] and "元" in told(error)[0]


# --- what is kept ---


def test_registers_of_two_loads_are_kept_together_and_written_and_read_again(tmp_path):
    def loaded(file, registers):
        cells = collect_cells([block({"books": 5.0}, file=file)], {file: file})
        empty = pd.DataFrame(columns=["file", "digest"])
        rows = pd.DataFrame({"file": [file], "digest": [file], "load": [1], "state": ["current"]})
        return history.History(
            files=rows, cells=cells, ledger=empty, aside=empty, findings=empty, registers=registers
        )

    first = loaded("a", {"targets": pd.DataFrame({"x": ["1"]}), "old": pd.DataFrame({"x": ["9"]})})
    second = loaded("b", {"targets": pd.DataFrame({"x": ["2"]}), "new": pd.DataFrame({"x": ["3"]})})
    both = history._join_histories(first, second)
    assert {name: frame["x"].tolist() for name, frame in both.registers.items()} == {
        "targets": ["1", "2"], "old": ["9"], "new": ["3"],
    }  # fmt: skip
    assert (
        both.cells.cells["at"].tolist()
        == both.cells.rows.index.tolist()
        == both.registers["targets"].index.tolist()
    )
    assert both.cells.cells["at"].tolist() == [0, 1]
    history.write_history(both, tmp_path / "h")
    again = history.read_history(tmp_path / "h")
    assert list(again.registers["targets"].columns) == ["x"] and again.registers["targets"]["x"].tolist() == [
        "1",
        "2",
    ]
    assert list(again.cells.rows.columns) == list(both.cells.rows.columns)
    assert history.read_history(tmp_path) is None


def test_fewer_than_no_pupils_are_refused_with_stage_and_place():
    with pytest.raises(DataError) as error:
        through_schools.compute_shares([1, 2], [3, -4.5], [0, 0])
    assert "2" in told(error)[0] and "-4.5" in told(error)[1] and "junior" in told(error)[1]
    assert math.isnan(through_schools.compute_shares([0], [0], [0]).junior[0])
