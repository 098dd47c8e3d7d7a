"""Is a number a number, a gap its own kind of gap, and nothing anything else?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.load.clean import KINDS, code, number, numbers, plain


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12), (" 12.5 ", 12.5), ("１２．５", 12.5), ("－3", -3), ("−3", -3), ("4,614.46", 4614.46),
        ("1,234,567", 1234567), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("+7", 7), ("\u300042\u00a0", 42),
    ],
)  # fmt: skip
def test_a_number_is_read_however_it_is_typed(cell, value):
    assert number(cell) == value


@pytest.mark.parametrize(
    "cell", ["", "12人", "1,2", "1 2", "12,34.5", "--", "*", "1.2.3", "一百", "nan", "inf", "12%"]
)
def test_what_is_no_number_is_none_and_never_a_guess(cell):
    assert number(cell) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_from_its_own_text(value):
    assert number(repr(value)) == value


@given(st.integers(-(10**12), 10**12))
def test_thousands_marks_change_nothing(value):
    assert number(f"{value:,}") == value


def test_a_gap_keeps_its_kind_and_is_never_zero():
    cells = pd.Series(["3", "", "*", "x", "0", "…"])
    values, kinds = numbers(cells, {"": "not_collected", "*": "not_applicable", "...": "masked"})
    assert [KINDS[kind] for kind in kinds] == [
        "ok",
        "not_collected",
        "not_applicable",
        "unreadable",
        "ok",
        "masked",
    ]
    assert np.isnan(values[[1, 2, 3, 5]]).all()
    assert values[4] == 0


@pytest.mark.parametrize(
    ("cell", "settings", "expected"),
    [
        ("01001", {}, "01001"), ("1010.0", {"width": 5}, "01010"),
        ("1010", {"width": 2, "divide": 1000}, "01"),
        ("４３０２０４", {"width": 6}, "430204"), ("4.3E+09", {}, ""), ("2024-09-01", {}, ""), ("", {}, ""),
        ("12345678", {"width": 6}, ""), ("430204.5", {}, ""), ("-1", {}, ""),
    ],
)  # fmt: skip
def test_a_code_stays_text_and_what_is_none_is_empty(cell, settings, expected):
    assert code(cell, **settings) == expected


def test_plain_text_is_half_width_and_trimmed():
    assert plain("　（１２％）\u00a0") == "(12%)"
