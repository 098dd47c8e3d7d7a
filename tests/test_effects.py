"""Is an effect said only where there is one to say, with the figures others get, and refused in one sentence else?"""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import edustats as edu
from edustats.catalogue import catalogue
from edustats.errors import DataError, MissingFileError, ParameterError
from edustats.metrics.evaluation.effects import estimate_effect
from edustats.metrics.evaluation.few_clusters import (
    compare_collapsed,
    count_permutations,
    estimate_permutation_power,
    find_attained_level,
)
from edustats.metrics.evaluation.group_time import estimate_group_time
from edustats.metrics.evaluation.synthetic import describe_synthetic
from edustats.present.evaluation.effects import describe_effect
from edustats.words import Text

ORACLES = Path(__file__).resolve().parent.parent.parent / "shared" / "oracles"
YEARS = np.arange(2015, 2023)


def draw(seed, first, effect=0.0, rho=0.5, sd=1.0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((len(first), len(YEARS)))
    for t in range(1, len(YEARS)):
        x[:, t] = rho * x[:, t - 1] + np.sqrt(1 - rho**2) * x[:, t]
    treated = (first[:, None] > 0) & (first[:, None] <= YEARS)
    return sd * x + effect * treated


def long(values, names=None, years=YEARS):
    names = names or [f"u{k:03d}" for k in range(len(values))]
    return pd.DataFrame(
        [
            (n, int(y), v)
            for n, row in zip(names, values, strict=True)
            for y, v in zip(years, row, strict=True)
        ],
        columns=["school", "year", "value"],
    )


FEW = np.array([2019, 2019, 2019, 0, 0, 0, 0, 0, 0])
MANY = np.array([2018] * 20 + [2020] * 20 + [0] * 40)
MAY_DRIFT_EN = (
    "The excellence rate of the junior leaving examination rose by 2.2 percentage points in the scho"
    "ols that took part; it rose by 0.1 percentage points in the others; the two differ by 2.1 perce"
    "ntage points, between 0.9 percentage points and 3.3 percentage points; if the two sides had gon"
    "e on drifting apart as before, the result would lie between −0.5 percentage points and 5.2 perc"
    "entage points; it may be nought, and nothing is decided."
)
MAY_DRIFT_ZH = (
    "实行的学校中考优秀率提高2.2个百分点；未实行的提高0.1个百分点；两边相差2.1个百分点，在0.9个百分点与3.3个百"
    "分点之间；此前两边走势的差别如果延续下去，结果在−0.5个百分点与5.2个百分点之间，可能没有作用，不作判断。"
)


# --- figures of others ---


@pytest.fixture
def mpdta():
    path = ORACLES / "data" / "mpdta_county_employment.csv"
    if not path.is_file():
        pytest.skip("the published panel lies outside the project")
    rows = pd.read_csv(path)
    wide = rows.pivot(index="countyreal", columns="year", values="lemp")
    first = rows.groupby("countyreal")["first.treat"].first().astype(int).to_numpy()
    return wide.to_numpy(), wide.columns.to_numpy(), first


def test_effects_by_cohort_and_year_are_those_published(mpdta):
    import json

    told = json.loads((ORACLES / "did_mpdta.json").read_text("utf-8"))
    found = estimate_group_time(*mpdta)
    mine = {
        (str(g), str(y)): (e, s)
        for g, y, e, s in zip(found.cohort, found.year, found.effect, found.error, strict=True)
    }
    for g, by_year in told["att_gt"].items():
        errors = told["se_dr_bootstrap_one_run"][g]
        for (year, effect), error in zip(by_year.items(), errors, strict=True):
            assert mine[g, year][0] == pytest.approx(effect, abs=5e-5)
            assert mine[g, year][1] == pytest.approx(error, rel=0.15)
    for since, effect in told["dynamic"].items():
        assert found.by_since[found.since == int(since)][0] == pytest.approx(effect, abs=5.1e-5)
    assert found.average == pytest.approx(told["dynamic_overall"]["att"], abs=5e-5)
    assert found.average_error == pytest.approx(told["dynamic_overall"]["se"], rel=0.15)
    assert found.pretrend_p == pytest.approx(told["pretest_p"], abs=1e-5)
    short = estimate_group_time(*mpdta, last_since=1)
    assert short.average == pytest.approx(told["balanced_e1_overall"]["att"], abs=5e-5)
    assert short.average_error == pytest.approx(told["balanced_e1_overall"]["se"], rel=0.15)


def test_a_published_panel_as_a_strangers_frame_gives_the_published_effects(mpdta):
    import json

    values, years, first = mpdta
    frame = long(values, [f"county {k}" for k in range(len(values))], years)
    frame["first.treat"] = np.repeat(first, len(years))
    found = edu.effect(frame, "first.treat")
    told = json.loads((ORACLES / "did_mpdta.json").read_text("utf-8"))
    for since, effect in told["dynamic"].items():
        own = found.event_study.set_index("since")["effect"]
        assert own[int(since)] == pytest.approx(effect, abs=5.1e-5)
    assert found.summary["verdict"].item() == "lower"  # as its authors say of minimum wages and teenagers


def test_one_cohort_is_the_t_of_two_samples_of_changes():
    values = draw(1, FEW, 1.0)
    found = compare_collapsed(values, YEARS, FEW)
    change = values[:, 4:].mean(axis=1) - values[:, :4].mean(axis=1)
    plain = stats.ttest_ind(change[:3], change[3:])
    assert found.t_p == pytest.approx(plain.pvalue)
    limits = plain.confidence_interval(0.95)
    assert (found.lower, found.upper) == pytest.approx((limits.low, limits.high))
    assert found.freedom == 7


def test_permutations_are_all_ways_and_the_real_one_counts():
    values = draw(2, FEW, 1.0)
    found = compare_collapsed(values, YEARS, FEW)
    change = values[:, 4:].mean(axis=1) - values[:, :4].mean(axis=1)
    gaps = [abs(change[list(c)].mean() - np.delete(change, c).mean()) for c in combinations(range(9), 3)]
    assert found.permutations == len(gaps) == 84
    assert found.permutation_p == pytest.approx(np.mean(np.array(gaps) >= gaps[0] - 1e-12))


def test_cohorts_that_begin_apart_are_permuted_as_they_are():
    first = np.array([2018, 2020, 0, 0, 0, 0])
    assert count_permutations(first) == 30
    assert compare_collapsed(draw(3, first), YEARS, first).permutations == 30


def test_a_growing_effect_of_cohorts_is_not_turned_into_its_opposite():
    grow = np.where((MANY[:, None] > 0) & (MANY[:, None] <= YEARS), YEARS - MANY[:, None] + 1.0, 0.0)
    found = estimate_group_time(grow + draw(4, MANY, sd=0.01), YEARS, MANY)
    later = found.since >= 0
    assert found.by_since[later] == pytest.approx(found.since[later] + 1.0, abs=0.02)


def test_a_common_movement_is_no_effect_and_a_level_is_none():
    values = draw(5, MANY, 0.5, sd=0.1)
    moved = values + 3 * np.sin(YEARS) + np.arange(len(MANY))[:, None]
    one, two = (estimate_effect(v, YEARS, MANY) for v in (values, moved))
    assert two.comparison.effect == pytest.approx(one.comparison.effect)
    assert two.group_time.effect == pytest.approx(one.group_time.effect)


def test_false_rejections_with_nine_counties_are_about_five_in_a_hundred():
    found = [compare_collapsed(draw(k, FEW), YEARS, FEW) for k in range(400)]
    for p in (np.array([one.permutation_p for one in found]), np.array([one.t_p for one in found])):
        assert 0.02 <= np.mean(p <= 0.05) <= 0.085


def test_power_grows_with_the_treated_and_is_none_with_one():
    power = [estimate_permutation_power(9, k, 2.0) for k in (1, 2, 3, 4)]
    assert power[0] == 0
    assert power[1:] == pytest.approx([0.43, 0.65, 0.70], abs=0.06)


# --- what is refused ---


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ([0] * 9, "nobody"),
        ([2019] * 9, "no_comparison"),
        ([2015] * 4 + [0] * 5, "always"),
        ([2016] * 4 + [0] * 5, "one_before"),
        ([2019] * 8 + [0], "one_comparison"),
        ([2019] + [0] * 8, "too_few_ways"),
        ([2019] * 2 + [0] * 4, "too_few_ways"),
        ([2019] * 3 + [0] * 3, "too_few_ways"),  # 20 ways, but each has its mirror
        ([2030] * 3 + [0] * 6, "nobody"),
    ],
)
def test_what_cannot_be_told_is_refused_by_its_reason(first, reason):
    first = np.array(first)
    found = estimate_effect(draw(6, first), YEARS, first)
    assert found.reason == reason
    assert found.comparison is None
    assert found.verdict == "cannot_tell"


def test_units_that_come_and_go_are_left_out_and_counted():
    values = draw(7, MANY, 1.0)
    values[0, 3], values[50, 7] = np.nan, np.nan
    found = estimate_effect(values, YEARS, MANY)
    assert found.left_out.tolist() == [0, 50]
    assert (found.treated, found.others) == (39, 39)
    assert found.all_units_effect == pytest.approx(found.comparison.effect, abs=0.1)


def test_those_treated_from_the_start_are_left_out_and_counted():
    first = MANY.copy()
    first[:5] = 2015
    found = estimate_effect(draw(8, first, 1.0), YEARS, first)
    assert found.from_start.tolist() == [0, 1, 2, 3, 4]
    assert found.treated == 35


def test_a_difference_that_was_there_before_is_not_put_down_to_the_measure():
    slope = np.where(MANY[:, None] > 0, 0.8, 0.0) * (YEARS - 2015)
    found = estimate_effect(draw(9, MANY) + slope, YEARS, MANY)
    assert found.comparison.verdict == "higher"
    assert found.verdict == "not_parallel"


def drifting(seed, first, effect=0.0, drift=0.3):
    return draw(seed, first, effect) + np.where(first[:, None] > 0, drift, 0.0) * (YEARS - 2015)


def test_limits_hold_whether_the_drift_before_stops_or_goes_on():
    inside = []
    for seed in range(60):
        found = estimate_effect(drifting(seed, FEW, 2.0), YEARS, FEW)
        low, high = found.honest_limits
        assert low <= found.comparison.lower
        assert high >= found.comparison.upper
        inside.append(low <= 2.0 <= high)
    assert np.mean(inside) >= 0.93


def test_a_straight_drift_is_hardly_ever_taken_for_an_effect():
    found = [estimate_effect(drifting(seed, MANY), YEARS, MANY) for seed in range(60)]
    assert np.mean([one.comparison.verdict == "higher" for one in found]) > 0.9
    assert np.mean([one.verdict in ("higher", "lower") for one in found]) <= 0.05


def test_the_drift_is_the_difference_of_the_slopes_over_the_years_compared():
    values = np.where(FEW[:, None] > 0, 0.5, 0.0) * (YEARS - 2015) + draw(1, FEW, sd=1e-6)
    found = estimate_effect(values, YEARS, FEW)
    assert found.before_drift.drift == pytest.approx(0.5 * 4, abs=1e-4)
    assert found.comparison.effect - found.before_drift.drift == pytest.approx(0.0, abs=1e-4)


def test_values_that_never_change_have_no_effect():
    assert estimate_effect(np.ones((9, 8)), YEARS, FEW).reason == "no_change"


# --- lists and tables of strangers ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit,first\na,2019\na,2020\n", "list.csv, row 3: a stands there twice; a unit begins once, delete one row"),
        ("unit,first\na,19\n",
         "list.csv, row 2, column first: found “19”, expected a year of four digits such as 2022, or 0 for "
         "never; correct it"),
        ("unit,first\n,2019\n", "list.csv, row 2: there is no code; add it or delete the row"),
        ("unit,since\na,2019\n",
         "list.csv, row 1: no column “first”, found unit, since; the heading should be “unit,first”"),
        ("unit,first,last\nu000,2018,2020\n",
         "list.csv, row 2: u000 stopped after 2020; a measure that is switched off cannot be evaluated so; take the "
         "unit out of data and list, or end in 2020"),
        ("", "list.csv cannot be read; save it as CSV in UTF-8 or as xlsx"),
    ],
)  # fmt: skip
def test_a_damaged_list_is_refused_in_one_sentence(text, said, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError) as caught:
        edu.effect(long(draw(1, FEW)), path)
    assert caught.value.text("en") == said


def test_a_list_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MissingFileError) as caught:
        edu.effect(long(draw(1, FEW)), tmp_path / "nobody.csv")
    assert "nobody.csv" in caught.value.text("zh")
    assert str(tmp_path) not in caught.value.text("zh")


def test_chinese_headings_and_leading_zeros_are_kept(tmp_path):
    path = tmp_path / "名单.csv"
    path.write_text("学校代码,起始年份\n001,2019\n002,2019\n003,2019\n999,2019\n", "utf-8-sig")
    found = edu.effect(long(draw(1, FEW), [f"00{k + 1}" for k in range(9)]), path)
    assert found.estimate.treated == 3
    assert found.unknown == ("999",)


@pytest.mark.parametrize(
    ("change", "address"),
    [
        (lambda f: f.drop(columns="value"), "evaluation.no_column"),
        (lambda f: f.head(0), "evaluation.empty"),
        (lambda f: pd.concat([f, f.head(1)]), "evaluation.twice"),
        (lambda f: f[f["year"] == 2015], "evaluation.one_year"),
        (lambda f: f.assign(indicator=["a", "b"] * (len(f) // 2)), "evaluation.several_indicators"),
    ],
)
def test_a_damaged_table_is_refused(change, address):
    with pytest.raises(DataError) as caught:
        edu.effect(change(long(draw(1, FEW))), {"u000": 2019})
    assert caught.value.address == address


# --- sentences ---


def sentences(values, first, lang="en"):
    found = edu.effect(long(values), {f"u{k:03d}": int(y) for k, y in enumerate(first) if y})
    known = catalogue()
    one = known.indicator("share_junior_excellent")
    said = describe_effect(found, one, known.unit_of(one.key), Text("学校", "schools"))
    return [finding.sentence[lang] for finding in said]


def exact(first, own, other):
    """Every treated school rises by ``own``, every other by ``other``, with a little that averages out."""
    wave = np.array([1, -1, 1, -1, 1, -1, 1, -1]) * 0.002
    sign = np.where(np.arange(len(first)) % 2 == 0, 1, -1)
    after = (YEARS >= 2019).astype(float)
    rise = np.where(first > 0, own, other)[:, None] * after
    tilt = np.where(np.arange(len(first)) // 2 % 2 == 0, 0.01, -0.01)[:, None] * after
    return 0.12 + rise + sign[:, None] * wave + tilt


def test_the_sentence_a_director_understands_says_both_sides_and_the_part_between():
    first = np.array([2019] * 20 + [0] * 20)
    said = sentences(exact(first, 0.16, 0.09), first)
    assert said[0].startswith("First, what could be seen: with 20 schools that took part and 20 that did not")
    assert said[1] == (
        "The excellence rate of the junior leaving examination rose by 16.0 percentage points in the schools that took "
        "part; it rose by 9.0 percentage points in the others; the part that can be put down to the measure is "
        "7.0 percentage points, between 6.3 percentage points and 7.7 percentage points."
    )
    assert said[2].startswith(
        "Both tests together: permutations p<0.001 (4999 permutations drawn), t on few units p<0.001"
    )
    chinese = sentences(exact(first, 0.16, 0.09), first, "zh")
    assert chinese[1] == (
        "实行的学校中考优秀率提高16.0个百分点；未实行的提高9.0个百分点；能归于这项措施的部分为7.0个百分点，在6.3个百分点与7.7个百分点之间。"
    )


def test_a_difference_that_drift_could_make_up_is_said_without_a_causal_word():
    first = np.array([2019] * 3 + [0] * 6)
    values = 0.2 + 0.01 * draw(12, first, 3.0)
    said = sentences(values, first)
    assert said[1] == MAY_DRIFT_EN
    assert sentences(values, first, "zh")[1] == MAY_DRIFT_ZH
    assert "put down" not in " ".join(said)


def test_few_permutations_tell_the_level_they_can_reach():
    first = np.array([2019] * 2 + [0] * 7)
    told = "all 36 permutations, whose 5% level is in fact 2.8%"
    assert told in sentences(0.2 + 0.01 * draw(11, first), first)[2]
    reached = [find_attained_level(np.repeat([2019, 0], [k, 9 - k])) for k in (2, 3, 4)]
    assert reached == pytest.approx([1 / 36, 4 / 84, 6 / 126])
    drawn = [compare_collapsed(draw(k, first), YEARS, first) for k in range(400)]
    assert np.mean([one.permutation_p <= 0.05 for one in drawn]) == pytest.approx(1 / 36, abs=0.025)


def test_without_a_sure_difference_no_word_says_that_something_was_caused():
    first = np.array([2019] * 20 + [0] * 20)
    said = " ".join(sentences(exact(first, 0.09, 0.09), first))
    assert "put down" not in said
    assert "which does not mean that there is none" in said


def test_a_refusal_says_why_and_gives_before_and_after_beside_it():
    said = sentences(exact(np.array([2019] + [0] * 8), 0.16, 0.09), np.array([2019] + [0] * 8))
    assert said[0] == (
        "With 1 that took part and 8 that did not, there are only 9 ways to choose them, so chance can never be ruled "
        "out at 5%; nothing is decided."
    )
    assert said[1].startswith("Before and after alone: the excellence rate")


def test_one_county_is_described_by_a_mixture_of_others():
    pytest.importorskip("pysyncon")
    rng = np.random.default_rng(1)
    others = rng.normal(0, 1, (8, 8)).cumsum(axis=1)
    own = 0.5 * others[0] + 0.5 * others[1] + 2.0 * (YEARS >= 2020)
    found = describe_synthetic(np.vstack([own, others]), YEARS, np.array([2020] + [0] * 8))
    assert found.weights.sum() == pytest.approx(1)
    assert found.gap_after == pytest.approx(2.0, abs=0.3)
    with pytest.raises(ParameterError):
        describe_synthetic(np.vstack([own, others]), YEARS, FEW)
