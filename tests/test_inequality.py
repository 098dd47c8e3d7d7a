"""Coefficient of variation, Gini, Theil and its parts, and what an interval refuses."""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from edustats.errors import DataError, ParameterError
from edustats.metrics.inequality.decomposition import decompose_inequality
from edustats.metrics.inequality.measures import (
    MIN_UNITS,
    coefficient_of_variation,
    estimate_interval,
    gini,
    official_cv,
    theil,
)

ORACLES = Path(__file__).resolve().parents[2] / "shared" / "oracles"
outside = pytest.mark.skipif(
    not ORACLES.exists(), reason="the outside oracles are kept beside the repository"
)
MEASURES = {"cv": coefficient_of_variation, "gini": gini, "theil": theil}
every_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)

BOOKS, PUPILS = [279, 137, 935, 160, 402], [45, 37, 89, 76, 55]


# --- against numbers from outside ---


def load(name: str):
    return json.loads((ORACLES / name).read_text("utf-8"))


def oracle(key: str) -> dict:
    return next(case for case in load("inequality_cases.json") if case["id"] == key)


def test_official_worked_example_is_0_5153():
    found = official_cv(BOOKS, PUPILS)
    assert found.cv == pytest.approx(0.5152566298844764, rel=1e-12)
    assert (round(found.mean, 2), round(found.sd, 2), found.n, found.weight) == (6.33, 3.26, 5, 302)


def test_official_example_is_neither_unweighted_nor_divided_by_n_minus_1():
    per_pupil = np.array(BOOKS) / PUPILS
    # The two wrong forms fall on different sides of the limit 0.50.
    assert coefficient_of_variation(per_pupil) == pytest.approx(0.4888, abs=5e-5)
    assert coefficient_of_variation(per_pupil, variant="sample") == pytest.approx(0.5465, abs=5e-5)
    found = official_cv(BOOKS, PUPILS).cv
    assert abs(found - 0.4888) > 0.02
    assert abs(found - 0.5465) > 0.02
    assert found == pytest.approx(coefficient_of_variation(per_pupil, PUPILS), rel=1e-12)


@outside
def test_published_composites_are_the_plain_mean_of_the_counties_coefficients():
    # Three of 23 rows fix the definition; one row (永川小学) was printed 0.001 off its own inputs.
    for row in load("published_cv_fixtures.json")["composite8"]:
        assert np.mean(row["cv"]) == pytest.approx(row["published"], abs=0.0012), row["name"]


@outside
def test_published_coefficient_is_sd_over_mean():
    # Two schools at mean - sd and mean + sd, of equal size, have exactly the published mean and sd.
    row = load("published_cv_fixtures.json")["cv7"][0]
    for mean, sd, cv in zip(row["mean"], row["sd"], row["cv"], strict=True):
        assert official_cv([100 * (mean - sd), 100 * (mean + sd)], [100, 100]).cv == pytest.approx(
            cv, abs=1e-6
        )


@outside
@pytest.mark.parametrize(
    ("key", "measure"),
    [
        ("CA-gini-u", lambda x, w: gini(x)),
        ("CA-gini-u-corr", lambda x, w: gini(x, corrected=True)),
        ("CA-gini-w", gini),
        ("CA-theil-u", lambda x, w: theil(x)),
        ("CA-cv-sample", lambda x, w: coefficient_of_variation(x, variant="sample")),
        ("CA-cv2-pop", lambda x, w: coefficient_of_variation(x) ** 2),
        ("CA-cv-w", coefficient_of_variation),
    ],
)
def test_californian_spending_agrees_with_other_packages(key, measure):
    table, case = pd.read_csv(ORACLES / "data" / "caschools.csv"), oracle(key)
    assert measure(table["expenditure"], table["students"]) == pytest.approx(case["expected"], rel=1e-9)


@outside
@pytest.mark.parametrize("key", ["CA-gini-w-jack", "CA-theil-w-jack", "CA-cv-w-jack"])
def test_jackknife_standard_error_agrees_with_one_made_by_deleting_each_unit_elsewhere(key):
    table, expected = pd.read_csv(ORACLES / "data" / "caschools.csv"), oracle(key)["expected"]
    found = estimate_interval(key.split("-")[1], table["expenditure"], table["students"])
    assert found.estimate == pytest.approx(expected["est"], rel=1e-9)
    assert found.se == pytest.approx(expected["se"], rel=1e-7)


def split_theil(values, weights, groups):
    """Estimates by part: total, within, between."""
    return decompose_inequality(values, weights, [groups], ["group"]).set_index("part")["estimate"]


@outside
def test_theil_within_and_between_californian_counties_agree_with_convey():
    table, expected = pd.read_csv(ORACLES / "data" / "caschools.csv"), oracle("CA-geidec1-w")["expected"]
    parts = split_theil(table["expenditure"], table["students"], table["county"])
    for part in ("total", "within", "between"):
        assert parts[part] == pytest.approx(expected[part], rel=1e-9)


@outside
@pytest.mark.parametrize(("key", "province"), [("ILO-Pangasinan", "Pangasinan"), ("ILO-LaUnion", "La Union")])
def test_philippine_incomes_agree_with_ineq(key, province):
    table, expected = pd.read_csv(ORACLES / "data" / "ilocos.csv"), oracle(key)["expected"]
    income = table.loc[table["province"] == province, "income"]
    assert len(income) == expected["n"]
    assert theil(income) == pytest.approx(expected["theil_t"], rel=1e-9)
    assert gini(income) == pytest.approx(expected["gini"], rel=1e-9)


@outside
@pytest.mark.parametrize(("key", "measure"), [("API-theil-w", theil), ("API-cv-w", coefficient_of_variation)])
def test_whole_state_weighted_by_enrolment_agrees_with_other_packages(key, measure):
    table = pd.read_csv(ORACLES / "data" / "api_schools.csv").dropna(subset="enroll")
    assert measure(table["api00"], table["enroll"]) == pytest.approx(oracle(key)["expected"], rel=1e-9)


@outside
def test_cases_written_out_in_full_agree():
    corrected, grouped = oracle("INEQ-gini-corr"), oracle("INEQ-theil10-w")
    assert gini(corrected["args"]["x"], corrected=True) == pytest.approx(corrected["expected"], rel=1e-9)
    args = grouped["args"]
    assert theil(args["x"], args["w"]) == pytest.approx(grouped["expected"], rel=1e-9)


@outside
def test_grouped_health_data_agree_once_scaled():
    table = pd.read_csv(ORACLES / "data" / "healthequal_NonorderedSample.csv")
    x, w = table["estimate"], table["population"]
    assert 1000 * theil(x, w) == pytest.approx(oracle("NON-ti")["expected"]["est"], rel=1e-9)
    assert 100 * coefficient_of_variation(x, w) == pytest.approx(oracle("NON-cov")["expected"], rel=1e-9)


@outside
def test_57_counties_agree_column_by_column():
    schools = pd.read_csv(ORACLES / "data" / "api_schools.csv").dropna(subset="enroll")
    expected = pd.read_csv(ORACLES / "api_per_county_expected.csv").set_index("cnum")
    columns = {
        "gini_u": lambda x, w: gini(x),
        "gini_w": gini,
        "theil_u": lambda x, w: theil(x),
        "theil_w": theil,
        "cv_w": coefficient_of_variation,
        "cv_pop_u": lambda x, w: coefficient_of_variation(x),
        "cv_sample_u": lambda x, w: coefficient_of_variation(x, variant="sample"),
    }
    assert len(expected) == 57
    for county, rows in schools.groupby("cnum"):
        assert len(rows) == expected.loc[county, "n"]
        for column, measure in columns.items():
            found = measure(rows["api00"].to_numpy(), rows["enroll"].to_numpy())
            # Printed with 15 digits; what is left is the order of summation.
            assert found == pytest.approx(expected.loc[county, column], rel=1e-9), (county, column)


def test_zeros_stay_in_the_mean():
    # Half have nothing and half the same: ln 2, all of it between (packages that drop zeros say 0).
    parts = split_theil([0, 0, 0, 10, 10, 10], None, [0, 0, 0, 1, 1, 1])
    assert parts["total"] == pytest.approx(math.log(2), rel=1e-12)
    assert parts["between"] == pytest.approx(math.log(2), rel=1e-12)
    assert parts["within"] == pytest.approx(0, abs=1e-12)


# --- worked by hand ---


def test_everything_in_the_smallest_unit_reaches_each_upper_bound():
    values, weights = [5, 0, 0], [1, 3, 4]
    assert coefficient_of_variation(values, weights) == pytest.approx(math.sqrt(8 - 1))
    assert gini(values, weights) == pytest.approx(1 - 1 / 8)
    assert theil(values, weights) == pytest.approx(math.log(8))


def test_gini_is_the_mean_distance_of_all_pairs_also_with_ties():
    rng = np.random.default_rng(5)
    values, weights = rng.integers(0, 6, 30).astype(float), rng.integers(1, 9, 30).astype(float)
    share = weights / weights.sum()
    units = list(zip(share, values, strict=True))
    pairs = sum(p * q * abs(x - y) for p, x in units for q, y in units)
    assert gini(values, weights) == pytest.approx(pairs / (2 * share @ values), rel=1e-12)
    assert gini(values, weights, corrected=True) == pytest.approx(
        pairs / (2 * share @ values) / (1 - share @ share), rel=1e-12
    )


@every_measure
def test_one_unit_has_nothing_to_differ_from(measure):
    assert measure([7.0], [300]) == pytest.approx(0, abs=1e-12)


def test_one_school_has_no_official_coefficient_but_keeps_its_mean():
    found = official_cv([600], [300])
    assert math.isnan(found.cv)
    assert (found.mean, found.n, found.weight) == (2, 1, 300)


def test_corrected_and_sample_forms_of_one_unit_are_undefined():
    assert math.isnan(gini([7.0], corrected=True))
    assert math.isnan(coefficient_of_variation([7.0], variant="sample"))


@every_measure
def test_values_near_the_largest_number_do_not_overflow(measure):
    assert measure([1e300, 3e300]) == pytest.approx(measure([1, 3]), rel=1e-12)


# --- properties ---

units = st.lists(
    st.tuples(st.integers(0, 500).map(lambda v: v / 10), st.integers(1, 2000).map(float)),
    min_size=2,
    max_size=40,
).filter(lambda rows: any(value > 0 for value, _ in rows))


def columns(rows) -> tuple[np.ndarray, np.ndarray]:
    values, weights = np.array(rows).T
    return values, weights


@every_measure
@given(units, st.floats(1e-6, 1e6))
def test_a_change_of_unit_changes_nothing(measure, rows, scale):
    values, weights = columns(rows)
    assert measure(values * scale, weights) == pytest.approx(measure(values, weights), rel=1e-9, abs=1e-12)


@every_measure
@given(units, st.floats(1e-6, 1e6))
def test_the_scale_of_the_weights_changes_nothing(measure, rows, scale):
    values, weights = columns(rows)
    assert measure(values, weights * scale) == pytest.approx(measure(values, weights), rel=1e-9, abs=1e-12)


@every_measure
@given(units, st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_changes_nothing(measure, rows, seed):
    values, weights = columns(rows)
    order = np.random.default_rng(seed).permutation(len(values))
    assert measure(values[order], weights[order]) == pytest.approx(
        measure(values, weights), rel=1e-9, abs=1e-12
    )


@every_measure
@given(units)
def test_splitting_every_unit_into_two_alike_changes_nothing(measure, rows):
    values, weights = columns(rows)
    twice = measure(np.tile(values, 2), np.concatenate([weights / 4, weights * 3 / 4]))
    assert twice == pytest.approx(measure(values, weights), rel=1e-9, abs=1e-12)


@every_measure
@given(units, st.floats(0.01, 0.5))
def test_moving_something_from_a_richer_to_a_poorer_pupil_lowers_it(measure, rows, part):
    values, weights = columns(rows)
    rich, poor = int(values.argmax()), int(values.argmin())
    assume(values[rich] - values[poor] > 0.05)
    # The same total leaves one unit and arrives in the other; half the gap would make them equal.
    moved = part * (values[rich] - values[poor]) / (1 / weights[rich] + 1 / weights[poor])
    after = values.copy()
    after[rich] -= moved / weights[rich]
    after[poor] += moved / weights[poor]
    assert measure(after, weights) < measure(values, weights)


@every_measure
@given(units, st.floats(0.01, 10))
def test_the_same_amount_for_everyone_never_raises_it(measure, rows, amount):
    values, weights = columns(rows)
    assert measure(values + amount, weights) <= measure(values, weights) + 1e-12


@given(units)
def test_measures_stay_within_their_bounds(rows):
    values, weights = columns(rows)
    smallest = weights.min() / weights.sum()
    assert 0 <= coefficient_of_variation(values, weights) <= math.sqrt(1 / smallest - 1) + 1e-9
    assert 0 <= gini(values, weights) <= 1 - smallest + 1e-9
    assert 0 <= theil(values, weights) <= -math.log(smallest) + 1e-9


@every_measure
@given(st.floats(0.1, 1e6), st.lists(st.floats(1, 1e4), min_size=1, max_size=30))
def test_units_that_are_all_alike_show_no_inequality(measure, value, weights):
    # The square root in the coefficient of variation turns a rounding of 1e-16 into 1e-8 at worst.
    assert measure([value] * len(weights), weights) == pytest.approx(0, abs=1e-7)


grouped = st.lists(
    st.tuples(
        st.integers(0, 50).map(float),
        st.integers(1, 900).map(float),
        st.sampled_from(["城区", "镇区", "乡村"]),
    ),
    min_size=1,
    max_size=40,
).filter(lambda rows: any(value > 0 for value, _, _ in rows))


@given(grouped)
def test_within_and_between_add_up_to_the_whole(rows):
    assume(len(rows) > 1)
    values, weights, groups = (list(column) for column in zip(*rows, strict=True))
    parts = split_theil(values, weights, groups)
    assert parts["within"] + parts["between"] == pytest.approx(parts["total"], abs=1e-12)
    assert parts["total"] == pytest.approx(theil(values, weights), rel=1e-9, abs=1e-12)


@given(grouped, st.integers(0, 2**32 - 1))
def test_order_of_the_rows_does_not_change_the_parts(rows, seed):
    assume(len(rows) > 1)
    table = pd.DataFrame(rows, columns=["value", "weight", "group"])
    mixed = table.sample(frac=1, random_state=seed)
    one = split_theil(table["value"], table["weight"], table["group"])
    two = split_theil(mixed["value"], mixed["weight"], mixed["group"])
    for part in ("within", "between"):
        assert one[part] == pytest.approx(two[part], rel=1e-9, abs=1e-12)


def test_one_group_is_all_within_and_groups_of_one_unit_are_all_between():
    values, weights = [1, 2, 3, 6], [10, 20, 30, 5]
    assert split_theil(values, weights, ["county"] * 4)["between"] == pytest.approx(0, abs=1e-12)
    alone = split_theil(values, weights, list("abcd"))
    assert alone["between"] == pytest.approx(alone["total"])
    assert split_theil([3, 3], None, ["a", "b"])["total"] == pytest.approx(0, abs=1e-12)


# --- the interval: what it says and what it refuses (its coverage: test_coverage.py) ---


def county(n: int = 30, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.gamma(4, 1, n), rng.lognormal(6, 0.7, n)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("n", [MIN_UNITS, 60, 300])
def test_interval_holds_its_estimate_and_says_what_it_covers(name, n):
    found = estimate_interval(name, *county(n))
    assert found.estimate == MEASURES[name](*county(n))
    assert 0 < found.lower < found.estimate < found.upper
    assert (found.n, found.method, found.covers, found.confidence) == (
        n,
        "jackknife_log",
        "superpopulation",
        0.95,
    )


@pytest.mark.parametrize("name", MEASURES)
def test_each_unit_left_out_in_turn_gives_the_standard_error(name):
    values, weights = county()
    left = np.array([MEASURES[name](np.delete(values, i), np.delete(weights, i)) for i in range(30)])
    assert estimate_interval(name, values, weights).se == pytest.approx(np.sqrt(29 * left.var()), rel=1e-9)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_limits_are_those_of_the_method_page_worked_out_slowly(name, confidence):
    (values, weights), n, measure = county(), 30, MEASURES[name]
    left = np.log([measure(np.delete(values, i), np.delete(weights, i)) for i in range(n)])
    pseudo = n * math.log(measure(values, weights)) - (n - 1) * left
    error, u = np.sqrt(pseudo.var(ddof=1) / n), pseudo - pseudo.mean()
    by_weight, carriers = weights.sum() ** 2 / (weights**2).sum(), (u**2).sum() ** 2 / (u**4).sum()
    below, above = stats.t.ppf((1 + confidence) / 2, [by_weight - 1, carriers - 1])
    found = estimate_interval(name, values, weights, confidence)
    assert found.lower == pytest.approx(math.exp(pseudo.mean() - below * error), rel=1e-9)
    size, more = np.log(weights), np.sqrt(values)
    large = max(np.corrcoef(size, more)[0, 1], 0) * min(size.std() / 0.5, 1) * (1 - 10 / n)
    assert found.upper == pytest.approx(math.exp(pseudo.mean() + (1 + 1.2 * large) * above * error), rel=1e-9)


@pytest.mark.parametrize("name", MEASURES)
def test_weights_that_hardly_differ_widen_nothing(name):
    values, _ = county()
    even = estimate_interval(name, values, np.full(len(values), 500.0))
    nearly = estimate_interval(name, values, 500.0 + np.argsort(np.argsort(values)) / 100)
    assert nearly.upper == pytest.approx(even.upper, rel=0.01)


@pytest.mark.parametrize("holder", range(0, 40, 7))
def test_where_one_school_has_everything_no_measure_has_an_interval(holder):
    values, weights = np.zeros(40), np.exp(np.random.default_rng(holder).normal(0, 0.5, 40))
    values[holder] = 0.408
    assert {estimate_interval(name, values, weights).method for name in MEASURES} == {"one_unit_decides"}


@pytest.mark.parametrize("name", MEASURES)
def test_more_confidence_is_never_narrower(name):
    limits = [estimate_interval(name, *county(), confidence) for confidence in (0.5, 0.8, 0.95, 0.99)]
    assert all(a.lower > b.lower and a.upper < b.upper for a, b in pairwise(limits))


@pytest.mark.parametrize("name", MEASURES)
def test_interval_depends_neither_on_order_nor_on_the_scale_of_weights_or_values(name):
    values, weights = county()
    order = np.random.default_rng(3).permutation(len(values))
    one, two = (
        estimate_interval(name, values, weights),
        estimate_interval(name, 7 * values[order], weights[order] / 90),
    )
    assert (two.lower, two.upper, two.se) == pytest.approx((one.lower, one.upper, one.se), rel=1e-9)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.arange(1, MIN_UNITS), "too_few"),
        (np.full(MIN_UNITS, 0.1), "no_variation"),
        ([3] * MIN_UNITS + [4], "one_unit_decides"),
        ([0] * MIN_UNITS + [4], "one_unit_decides"),
    ],
)
def test_refused_interval_keeps_the_estimate_and_gives_the_reason(name, values, reason):
    found = estimate_interval(name, values)
    assert found.method == reason
    assert found.estimate == MEASURES[name](values)
    assert all(math.isnan(number) for number in (found.lower, found.upper, found.se))


@pytest.mark.parametrize("name", MEASURES)
def test_one_unit_that_carries_nearly_everything_leaves_the_upper_limit_open(name):
    found = estimate_interval(name, [1.0, 1.1] * 10 + [300.0], confidence=0.999)
    assert found.method == "jackknife_log"
    assert found.upper > 0.9
    assert 0 <= found.lower < found.estimate


def test_gini_cannot_exceed_1_whatever_its_interval():
    values = np.zeros(25)
    values[:2] = 1, 3
    assert estimate_interval("gini", values).upper == 1


def test_unknown_measure_is_refused_with_the_list():
    with pytest.raises(ParameterError) as caught:
        estimate_interval("palma", [1, 2])
    assert caught.value.text("en").startswith("measure is palma; expected one of: cv, gini, theil, ")


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_confidence_outside_0_to_1_is_refused(confidence):
    with pytest.raises(ParameterError) as caught:
        estimate_interval("cv", [1, 2], confidence=confidence)
    assert "expected a number between 0 and 1" in caught.value.text("en")


# --- refusals ---

NOT_FINITE = "expected a finite number: drop missing ones first, never count them as 0"
NO_MEAN = "so the mean is 0 and no inequality is defined; expected at least one above 0"
REFUSED = [
    (([1, -2, 3], None), "value number 2 is -2; expected 0 or more", "第 2 个数值为 -2，应不小于 0"),
    (([1, math.nan], None), f"value number 2 is nan; {NOT_FINITE}", "第 2 个数值为 nan"),
    (([1, None], None), f"value number 2 is nan; {NOT_FINITE}", "缺失值请先剔除"),
    (([1, 2], [5, 0]), "weight number 2 is 0; expected more than 0", "第 2 个权重为 0，应大于 0"),
    (([1, 2], [5, -1]), "weight number 2 is -1; expected more than 0", "第 2 个权重为 -1"),
    (([1, 2], [5, math.inf]), f"weight number 2 is inf; {NOT_FINITE}", "第 2 个权重为 inf"),
    (([1, 2], [5]), "2 values but 1 weights; expected as many of one as of the other", "权重有 1 个"),
    (([], None), "there is no value at all; expected at least 1", "没有任何数值，至少应有 1 个"),
    (([0, 0], None), f"all 2 values are 0, {NO_MEAN}", "全部 2 个数值都是 0"),
    (([[1, 2], [3, 4]], None), "expected one list of values; got an array of 2 dimensions", "2 维数组"),
    ((["many", 2], None), "expected values that are numbers; got ['many', 2]", "得到的是 ['many', 2]"),
]


@every_measure
@pytest.mark.parametrize(("arguments", "english", "chinese"), REFUSED)
def test_refused_input_names_the_place_the_value_and_what_was_expected(measure, arguments, english, chinese):
    with pytest.raises(DataError) as caught:
        measure(*arguments)
    assert caught.value.text("en") == english
    assert chinese in caught.value.text("zh")


@pytest.mark.parametrize(
    ("arguments", "english"),
    [
        (([5, -1], [3, 4]), "resource number 2 is -1; expected 0 or more"),
        (([5, 1], [3, 0]), "pupil count number 2 is 0; expected more than 0"),
        (([0, 0], [3, 4]), f"all 2 resources are 0, {NO_MEAN}"),
    ],
)
def test_official_coefficient_names_the_resource_and_the_pupils(arguments, english):
    with pytest.raises(DataError) as caught:
        official_cv(*arguments)
    assert caught.value.text("en") == english


def test_sample_form_refuses_weights_and_unknown_forms_are_refused():
    with pytest.raises(ParameterError) as caught:
        coefficient_of_variation([1, 2], [1, 2], variant="sample")
    assert "no agreed weighted formula" in caught.value.text("en")
    with pytest.raises(ParameterError) as caught:
        coefficient_of_variation([1, 2], variant="robust")
    assert caught.value.text("en") == (
        "variant is robust; expected one of: population, sample, weighted_sample"
    )


@every_measure
def test_input_is_left_as_it_was(measure):
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([1.0, 5.0, 2.0])
    measure(values, weights)
    assert values.tolist() == [3, 1, 2]
    assert weights.tolist() == [1, 5, 2]


def test_no_interval_where_one_unit_holds_half_of_all_pupils():
    rng = np.random.default_rng(3)
    values, weights = rng.normal(10, 2, 40), np.full(40, 100.0)
    weights[0] = 3900.0
    found = estimate_interval("cv", values, weights)
    assert (found.method, math.isnan(found.lower)) == ("few_by_weight", True)
    assert estimate_interval("cv", values, np.full(40, 100.0)).method == "jackknife_log"
