"""Are numbers said as an official briefing says them, rounded once and half up?"""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.catalogue import catalogue
from edustats.present.records.numbers import (
    change_matches_ends,
    choose_decimals,
    format_amount,
    format_difference,
    format_digits,
    format_without_unit,
    join_sentence,
    round_half_up,
)
from edustats.words import Text

UNITS = catalogue().units
SHARE, PERSON, YEAR, RATIO = UNITS["share"], UNITS["person"], UNITS["year"], UNITS["pupils_per_teacher"]


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [(0.125, 2, "0.13"), (2.675, 2, "2.68"), (-0.5, 0, "-1"), (1.005, 2, "1.01"), (0.045, 2, "0.05")],
)
def test_halves_go_up_as_they_are_written(value, decimals, said):
    assert str(round_half_up(value, decimals)) == said


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_what_is_printed_is_within_half_a_unit_of_its_last_digit(value, decimals):
    said = Decimal(format_digits(value, decimals, "en").replace("−", "-"))
    assert abs(said - Decimal(repr(value))) <= Decimal("0.5").scaleb(-decimals)


def test_there_is_no_minus_nought():
    assert format_digits(-0.004, 2, "zh") == "0.00"


def test_the_minus_is_a_real_one():
    assert format_digits(-3.2, 1, "zh") == "−3.2"


@pytest.mark.parametrize(
    ("value", "unit", "zh", "en"),
    [
        (0.4823, SHARE, "48.2%", "48.2%"),
        (9999, PERSON, "9999人", "9,999"),
        (23456, PERSON, "2.35万人", "23,456"),
        (11.527, YEAR, "11.53年", "11.53 years"),
        (16.24, RATIO, "16.2:1", "16.2:1"),
        (math.nan, SHARE, "—", "—"),
    ],
)
def test_a_value_is_said_with_its_unit(value, unit, zh, en):
    assert format_amount(value, unit) == Text(zh, en)


@pytest.mark.parametrize(
    ("share", "said"), [(0.9996, "99.96%"), (1.0, "100.0%"), (0.0004, "0.04%"), (0.0, "0.0%")]
)
def test_no_share_becomes_a_hundred_or_nought_by_rounding(share, said):
    assert format_amount(share, SHARE).zh == said


def test_decimals_are_the_same_throughout_a_sentence():
    assert choose_decimals(SHARE, 0.9996, 0.5) == 2


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_difference_of_shares_is_said_in_percentage_points_of_the_unrounded_values(first, last):
    said = format_difference(last - first, SHARE)
    assert said.zh.endswith("个百分点")
    assert abs(float(said.zh.removesuffix("个百分点")) - abs(last - first) * 100) <= 0.05 + 1e-9


def test_rounded_ends_that_do_not_differ_by_the_rounded_change_are_noticed():
    assert change_matches_ends(0.100, 0.200, SHARE)
    assert not change_matches_ends(0.1004, 0.1106, SHARE)  # 10.0 % to 11.1 %, up 1.0 points


def test_a_joined_sentence_ends_once_and_begins_large():
    assert join_sentence(Text("甲", "one"), Text("，乙", ", two")) == Text("甲，乙。", "One, two.")


def test_english_groups_thousands_and_chinese_prose_does_not():
    assert format_without_unit(12345, PERSON) == Text("12345", "12,345")
