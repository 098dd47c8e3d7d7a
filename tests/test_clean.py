"""Does a cell hold the number it shows, and never one that it does not?"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.load.files.values import KINDS, OK, UNREADABLE, cells, code, number, numbers, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("５２１", 521),
        ("－３", -3),
        ("１２．５", 12.5),
        ("＋７", 7),
        ("4,614.46", 4614.46),
        ("1 122", 1122),
        ("2\u2009083", 2083),
        ("1\u00a0234\u00a0567", 1234567),
        ("0.5210万", 5210),
        ("1.35亿", 135_000_000),
        ("3.5 万", 35_000),
        ("\u300042\u00a0", 42),
        ("−8", -8),
        ("1e3", 1000),
    ],
)
def test_untidy_numbers_mean_what_they_show(text, value):
    assert number(text) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "450①",
        "450²",
        "约400",
        "12人",
        "1,22",
        "12 34",
        "1200余",
        "3.5万多",
        "2000+",
        "十二",
        "12.5%",
        "1:16.2",
        "2019-09-01",
        "#DIV/0!",
        "1.2.3",
        "--",
        "٣٤",
        "1,2345",
        "万",
        "5個",
        "½",
        "12/7",
        "0x1F",
        "1_000",
    ],
)
def test_what_is_no_number_is_not_guessed(text):
    assert number(text) is None


def test_a_per_cent_sign_is_read_only_where_per_cent_is_declared():
    assert number("12.5%", "percent") == 12.5
    assert number("１２．５％", "%") == 12.5
    assert number("12.5%", "share") is None


def test_a_ratio_is_read_either_way_round_only_where_a_ratio_is_declared():
    assert number("16.2:1", "pupils_per_teacher") == 16.2
    assert number("1∶16.2", "pupils_per_teacher") == 16.2
    assert number("3:2", "pupils_per_teacher") is None
    assert number("16.2:1", "person") is None


def test_ten_thousands_of_ten_thousands_are_refused():
    assert number("1.2万", "万元") is None
    assert number("1.2万", "元") == 12000


def test_a_column_keeps_every_kind_of_gap_apart():
    marks = {"*": "not_applicable", "": "not_collected", "…": "suppressed", "xx": "masked"}
    values, kinds, odd = cells([3.0, "*", "", "…", "xx", "3①", "４", None, True], marks)
    assert [KINDS[k] for k in kinds] == [
        "ok", "not_applicable", "not_collected", "suppressed", "masked", "unreadable", "ok", "not_collected",
        "unreadable",
    ]  # fmt: skip
    assert odd == {5: "3①", 8: "True"}
    assert values[0] == 3
    assert values[6] == 4
    assert np.isnan(values[kinds != OK]).all()


def test_an_infinite_number_is_unreadable():
    values, kinds, _ = cells(["1e999"], {})
    assert math.isnan(values[0])
    assert kinds[0] == UNREADABLE


def test_a_code_turned_into_a_float_comes_back_and_one_cut_short_does_not():
    assert code("2199000060.0") == "2199000060"
    assert code("2.199E+09") == ""
    assert code("2019-09-01") == ""


def test_full_width_is_half_width_and_circled_digits_stay():
    assert plain("（Ａ）１２①") == "(A)12①"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_from_its_own_text(value):
    assert number(repr(value)) == value


@given(st.integers(-(10**12), 10**12))
def test_thousands_marks_change_nothing(value):
    assert number(f"{value:,}") == value


def test_a_gap_keeps_its_kind_and_is_never_zero():
    column = pd.Series(["3", "", "*", "x", "0", "…"])
    values, kinds = numbers(column, {"": "not_collected", "*": "not_applicable", "…": "masked"})
    named = [KINDS[kind] for kind in kinds]
    assert named == ["ok", "not_collected", "not_applicable", "unreadable", "ok", "masked"]
    assert np.isnan(values[[1, 2, 3, 5]]).all()
    assert values[4] == 0
