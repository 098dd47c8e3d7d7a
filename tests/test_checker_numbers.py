"""Is a printed number read as what it says, and for the values it may stand for?"""

from __future__ import annotations

import math

import pytest

from edustats.briefing.interval import Interval
from edustats.briefing.numbers import quantities, years
from edustats.briefing.text import clean


def read(text: str) -> list[tuple[float, str]]:
    cleaned = clean(text).text
    return [(q.value, q.unit) for q in quantities(cleaned, years(cleaned)) if q.unit]


@pytest.mark.parametrize(
    ("text", "value", "unit", "low", "high"),
    [
        ("35.2亿元", 35.2, "元", 35.15e8, 35.25e8),
        ("430所", 430, "所", 430, 430),
        ("3万人", 3, "人", 25_000, 35_000),
        ("近1.3万名", 1.3, "名", 12_000, 13_000),
        ("超47亿元", 47, "元", 47e8, 48e8),
        ("5700余万元", 5700, "元", 57e6, 58e6),
        ("约31%", 31, "%", 30, 32),
        ("63%以上", 63, "%", 62.5, math.inf),
        ("不超过15%", 15, "%", -math.inf, 15.5),
        ("百分之四十二点二", 42.2, "%", 42.15, 42.25),
        ("二十八万人", 28, "人", 275_000, 285_000),
        ("1.35个亿元", 1.35, "元", 1.345e8, 1.355e8),
        ("14亿1178万人", 14.1178, "人", 1_411_775_000, 1_411_785_000),
        ("近九成", 9, "成", 80, 90),
        ("翻了两番", 4, "番", 3.8, 4.2),
        ("16.33:1", 16.33, ":1", 16.325, 16.335),
        ("9.12‰", 9.12, "‰", 0.9115, 0.9125),
    ],
)
def test_a_number_stands_for_what_would_have_been_printed_so(
    text: str, value: float, unit: str, low: float, high: float
) -> None:
    cleaned = clean(text).text
    (quantity,) = quantities(cleaned, years(cleaned))
    assert (round(quantity.value, 6), quantity.unit) == (value, unit)
    assert quantity.lo == pytest.approx(low)
    assert quantity.hi == pytest.approx(high)


def test_members_of_a_list_share_the_unit_of_the_last() -> None:
    assert read("分别提高1.2、3.4和0.5个百分点") == [(1.2, "个百分点"), (3.4, "个百分点"), (0.5, "个百分点")]


@pytest.mark.parametrize(
    "text",
    [
        "二十四节气",
        "“520计划”",
        "2.0行动",
        "第十八中学",
        "教发〔2021〕12号",
        "3月15日",
        "电话0571-87654321",
        "5G+课堂",
        "“11242”工程",
        "第3届",
        "1+*证书",
        "2021年",
        "一九八○年",
        "2020—2022年",
        "202322年",
    ],
)
def test_what_is_no_quantity_has_no_unit(text: str) -> None:
    assert read(text) == []


def test_years_and_their_ranges_are_read() -> None:
    text = clean("2018—2022年，一九八○年，2020/2021学年").text
    assert [(year.first, year.last) for year in years(text)] == [
        (2018, 2022),
        (1980, 1980),
        (2020, 2020),
        (2021, 2021),
    ]


def test_eight_digits_before_year_are_two_years_without_their_dash() -> None:
    (year,) = years("计划(20232025年)")
    assert year.damaged


def test_interval_arithmetic_keeps_every_possible_value() -> None:
    a, b = Interval(1, 2), Interval(-1, 3)
    assert (a + b, a - b, a * b) == (Interval(0, 5), Interval(-2, 3), Interval(-2, 6))
    assert (a / Interval(2, 4)) == Interval(0.25, 1.0)
    assert (a / b).hi == math.inf
    assert Interval(4, 9).root(2) == Interval(2, 3)


def test_binary_fractions_do_not_make_a_true_difference_false() -> None:
    assert Interval(48.23 - 31.74, 48.23 - 31.74).meets(Interval(16.49, 16.49))
