"""Are the rules on money what the documents say, by cases worked by hand and by growth that was published?"""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.analysis.prices import read_national_prices
from edustats.errors import DataError
from edustats.metrics.finance.growth import (
    combine_verdicts,
    compute_mean_growth,
    judge_growing_faster,
    judge_not_falling,
    judge_shares,
    judge_three_growths,
    judge_two_rules,
)
from edustats.metrics.finance.pay import compare_pay, compute_pay_gaps
from edustats.metrics.finance.per_pupil import (
    average_pupils,
    compute_per_pupil,
    convert_money,
    find_doubtful_money,
    find_falling_stock,
)
from edustats.metrics.finance.prices import to_constant_prices
from edustats.metrics.finance.quota import judge_school_quotas
from edustats.metrics.finance.shares import compare_counties, compute_source_shares
from edustats.present.records.numbers import format_percent

PUBLISHED = Path(__file__).resolve().parent.parent.parent / "shared/data/china_education_finance_growth.csv"
# current, previous, printed growth: bulletins of Pingyuan (2021), Hulunbuir (2020), Shandong (2018), China (2013, 2017)
CARRIED = [
    (7857.06, 7681.97, "2.28%"), (32089.84, 23085.73, "39.00%"), (3296.09, 8835.15, "−62.69%"),
    (76.15, 73.11, "4.16%"), (17403.20, 19687.95, "−11.60%"), (2634.93, 2394.60, "10.04%"),
    (21405.67, 20314.17, "5.37%"), (2732.07, 2610.80, "4.64%"),
]  # fmt: skip
ROUNDED_PARTS = {("3.94", "3.92"), ("72.72", "68.91")}
"""Printed sums too coarse to give the printed growth back: it lies within what their rounding leaves open."""


def growth(current, previous):
    (_, found) = judge_not_falling([2019, 2020], [previous, current])
    return found.rate


@pytest.mark.parametrize(("current", "previous", "printed"), CARRIED)
def test_published_growth_is_printed_again_from_its_parts(current, previous, printed):
    assert format_percent(growth(current, previous), 2).zh == printed


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published bulletins are not beside this checkout")
def test_every_published_growth_reproduces_to_its_printed_precision():
    rows = list(csv.DictReader(PUBLISHED.open(encoding="utf-8-sig")))
    assert len(rows) == 33
    for row in rows:
        a, b = float(row["current"]), float(row["previous"])
        printed = float(row["printed_rate"].rstrip("%"))
        if (row["current"], row["previous"]) in ROUNDED_PARTS:
            half_a, half_b = (0.5 * 10 ** -len(row[n].partition(".")[2]) for n in ("current", "previous"))
            low, high = ((a - half_a) / (b + half_b) - 1) * 100, ((a + half_a) / (b - half_b) - 1) * 100
            assert low - 0.005 <= printed <= high + 0.005, row
        else:
            assert format_percent(growth(a, b), 2).zh.replace("−", "-") == f"{printed:.2f}%", row


# --- the two rules ---


def test_one_stage_that_falls_breaks_the_rule_though_the_total_rises():
    found = judge_two_rules([2020, 2021], [100e6, 110e6], {"primary": [9000, 9500], "junior": [12000, 11900]})
    assert {(v.rule, v.stage): v.verdict for v in found[2021]} == {
        ("total", "all"): "met", ("per_pupil", "primary"): "met", ("per_pupil", "junior"): "not_met",
    }  # fmt: skip
    assert combine_verdicts(found[2021]) == "not_met"


def test_standing_still_is_no_fall_and_rounding_of_sums_is_none_either():
    assert judge_not_falling([2020, 2021], [0.3, 0.1 + 0.2])[1].verdict == "met"
    assert judge_not_falling([2020, 2021], [1.0, 0.9999])[1].verdict == "not_met"


@pytest.mark.parametrize(
    ("years", "values", "reason"),
    [
        ([2019, 2021], [1, 2], "no_previous"), ([2020, 2021], [1, math.nan], "missing"),
        ([2020, 2021], [math.nan, 2], "no_previous"), ([2020, 2021], [1, -2], "not_positive"),
        ([2020, 2021], [0, 2], "not_positive"), ([2016, 2017], [1, 2], "not_in_force"),
    ],
)  # fmt: skip
def test_without_the_year_before_there_is_a_reason_and_no_verdict(years, values, reason):
    last = judge_not_falling(years, values)[-1]
    assert (last.verdict, last.reason) == ("cannot_tell", reason)


def test_2018_is_the_first_year_that_the_two_rules_bind():
    found = judge_not_falling([2016, 2017, 2018], [3, 2, 1])
    assert [v.verdict for v in found] == ["cannot_tell", "cannot_tell", "not_met"]
    assert found[1].rate == pytest.approx(-1 / 3)


def test_a_doubtful_unit_is_judged_in_neither_year_that_it_touches():
    years, values = [2019, 2020, 2021, 2022], [1.0e8, 1.1e4, 1.2e8, 1.3e8]
    doubts = find_doubtful_money(years, values)
    assert doubts == {2020: "leap", 2021: "leap"}
    found = judge_two_rules(years, values, {"primary": values}, doubtful={"all": doubts, "primary": doubts})
    assert [v.reason for year in (2020, 2021, 2022) for v in found[year]] == ["unit_doubtful"] * 6


def test_without_any_stage_the_second_rule_is_open():
    found = judge_two_rules([2020, 2021], [1, 2], {})
    assert combine_verdicts(found[2021]) == "cannot_tell"
    assert [v.reason for v in found[2021]] == ["", "no_stage"]


@given(st.lists(st.floats(1, 1e9), min_size=2, max_size=8), st.floats(0.01, 100))
def test_a_verdict_does_not_depend_on_the_unit(values, scale):
    years = list(range(2019, 2019 + len(values)))
    one, other = (judge_not_falling(years, np.array(values) * s) for s in (1.0, scale))
    assert [v.verdict for v in one] == [v.verdict for v in other]


# --- the older rules ---


def test_faster_than_revenue_is_strict_and_names_the_revenue_growth():
    found = judge_growing_faster([2020, 2021, 2022], [100, 106, 116], [200, 212, 220])
    assert [v.verdict for v in found] == ["cannot_tell", "not_met", "met"]
    assert found[2].other == pytest.approx(220 / 212 - 1)


def test_three_growths_ask_for_a_rise_and_two_shares_too():
    found = judge_three_growths(
        [2020, 2021], [100, 120], [50, 55], {"primary": [9, 9.5]}, [8, 8], {"junior": [3, 2]}
    )
    assert {(v.rule, v.stage): v.verdict for v in found[2021]} == {
        ("faster_than_revenue", ""): "met", ("per_pupil", "primary"): "met", ("pay", ""): "not_met",
        ("public_use", "junior"): "not_met",
    }  # fmt: skip
    shares = judge_shares([2020, 2021], [0.04, 0.04], [0.18, 0.19])
    assert [v.verdict for v in shares[2021]] == ["not_met", "met"]


# --- per pupil, prices, mean growth ---


def test_a_calendar_year_takes_eight_months_of_one_school_year_and_four_of_the_next():
    pupils = {2019: 1200.0, 2020: 1500.0, 2021: 900.0}
    assert average_pupils([2020, 2021, 2022], pupils)[:2].tolist() == [1300.0, 1300.0]
    assert math.isnan(average_pupils([2022], pupils)[0])
    assert compute_per_pupil({2020: 13e6}, {2020: 1300.0}) == {2020: 10000.0}


def test_constant_prices_reach_forward_and_back_and_stop_where_the_index_does():
    index = {2020: 102.0, 2021: 101.0}
    real = to_constant_prices([2019, 2020, 2021, 2022], [100, 102, 103.02, 110], index, 2019)
    assert real[:3] == pytest.approx([100, 100, 100])
    assert math.isnan(real[3])
    assert to_constant_prices([2019], [100], index, 2021)[0] == pytest.approx(103.02)


def test_the_national_index_is_named_and_of_the_printed_size():
    index = read_national_prices()
    assert index.name.zh == "全国居民消费价格指数（上年=100）"
    assert [round(100 * index.changes[y], 1) for y in (2011, 2020, 2021)] == [105.4, 102.5, 100.9]


def test_mean_growth_takes_intervals_and_names_its_base():
    found = compute_mean_growth([2010, 2012, 2015], [100.0, math.nan, 140.01])
    assert (found.base_year, found.year, found.steps) == (2010, 2015, 5)
    assert found.rate == pytest.approx(1.4001**0.2 - 1)
    with pytest.raises(DataError) as raised:
        compute_mean_growth([2010, 2012], [1.0, math.nan], year=2012)
    assert raised.value.text("zh") == "2012年没有数值，不能作为年均增长的首年或末年；有数值的年份：2010。"


# --- quotas, pay, sources, counties ---


def test_a_school_below_a_hundred_is_funded_as_if_it_had_a_hundred():
    found = judge_school_quotas([99, 100, 101, 60], [72000, 72000, 72000, 60 * 720], 720)
    assert found.short.tolist() == [False, False, True, True]
    assert found.due.tolist() == [72000, 72000, 72720, 72000]
    assert found.missing == pytest.approx(720 + 40 * 720)
    assert found.verdict == "not_met"


def test_a_school_that_is_not_known_leaves_the_quota_open_unless_another_is_short():
    assert judge_school_quotas([120, 80], [120 * 720, math.nan], 720).verdict == "cannot_tell"
    assert judge_school_quotas([120, 80], [119 * 720, math.nan], 720).verdict == "not_met"
    assert judge_school_quotas([], [], 720).verdict == "cannot_tell"


def test_pay_parity_names_the_year_it_was_lost():
    found = compare_pay([2019, 2020, 2021, 2022, 2023], [95, 101, 99, 98, 97], [100, 100, 100, 100, 100])
    assert (found.verdict, found.lost, found.since) == ("not_met", 2021, 2021)
    again = compare_pay([2020, 2021, 2022, 2023], [101, 99, 100, 98], [100, 100, 100, 100])
    assert (again.lost, again.lost_before, again.verdicts[2]) == (2023, (2021,), "met")
    assert compare_pay([2020, 2022], [101, 99], [100, 100]).lost == 0  # nobody knows what 2021 was
    assert compare_pay([2020], [101], [math.nan]).verdict == "cannot_tell"


def test_the_pay_gap_of_the_seed_speech():
    """2.05 to 3.01 in the city, 1.2 to 2.4 in the counties, in ten thousand yuan."""
    found = compute_pay_gaps([2010, 2015], [2.05e4, 3.01e4], [1, 1], [1.2e4, 2.4e4], [1, 1])
    assert found.ratio.round(2).tolist() == [1.71, 1.25]
    assert found.gap == pytest.approx([8500, 6100])


def test_sources_add_up_and_unknown_ones_leave_the_rest_open():
    assert compute_source_shares(200.0, {"fiscal": 172.0, "fees": 20.0}) == {
        "fiscal": 0.86,
        "fees": 0.1,
        "other": 0.04,
    }
    assert math.isnan(compute_source_shares(200.0, {"fiscal": 172.0, "fees": math.nan})["other"])


def test_counties_are_weighted_by_their_pupils():
    found = compare_counties([100.0, 400.0, 300.0], [10, 20, 30])
    each, weight = np.array([10.0, 20.0, 10.0]), np.array([10, 20, 30]) / 60
    mean = weight @ each
    assert found.mean == pytest.approx(mean)
    assert found.cv == pytest.approx(math.sqrt(weight @ (each - mean) ** 2) / mean)
    assert (found.highest, found.lowest, found.ratio) == (1, 0, 2.0)


# --- what cannot be ---

REFUSED = [
    (lambda: convert_money([1.0], ""), "经费没有注明单位“”，不作推断；请注明yuan、元、千元、万元、亿元之一。"),
    (lambda: convert_money([1.0], "万"), "经费单位“万”不认识；可用yuan、元、千元、万元、亿元。"),
    (lambda: compute_per_pupil({2020: 1.0}, {2021: 5.0}),
     "经费为2020年，学生数为2021年，不是同一年；请补报同一年的学生数。"),
    (lambda: compute_per_pupil({2020: -1.0}, {2020: 5.0}), "2020年经费为-1，支出不能小于零；请核对后重报。"),
    (lambda: average_pupils([2020], {2019: -4.0}), "2019年学生数为-4，人数不能小于零；请核对后重报。"),
    (lambda: judge_school_quotas([5, -1], [1, 1], 720), "第2所学校的学生数为-1，不能小于零；请核对。"),
    (lambda: judge_school_quotas([5], [1], 0), "生均公用经费基准定额为0，应大于零；请核对。"),
    (lambda: compute_source_shares(100, {"a": 70, "b": 31}), "各项来源合计101，大于总投入100；请核对是否重复计算。"),
    (lambda: judge_not_falling([2021, 2020], [1, 2]), "年份2021, 2020须由小到大、每年一次；请先排序去重。"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "said"), REFUSED)
def test_what_cannot_be_is_named_in_one_sentence(call, said):
    with pytest.raises(DataError) as raised:
        call()
    assert raised.value.text("zh") == said
    assert raised.value.text("en").count(".") >= 1


def test_a_stock_that_falls_is_named_and_a_hole_in_the_years_is_no_fall():
    assert find_falling_stock([2019, 2020, 2022], [100, 90, 80]) == {2020: (100.0, 90.0)}
    assert find_falling_stock([2019, 2020], [100, 99.95]) == {}
    with pytest.raises(DataError):
        find_falling_stock([2019], [-1])


def test_a_cost_per_pupil_outside_what_a_pupil_can_cost_is_doubted():
    assert find_doubtful_money([2020, 2021], [1.2, 1.3], per_pupil=True) == {2020: "outside", 2021: "outside"}
    assert find_doubtful_money([2020, 2021], [12000, 13000], per_pupil=True) == {}
    assert find_doubtful_money([2020], [-5.0]) == {2020: "negative"}
