"""Children, seats and teachers of the coming years: do cohorts, paths, seats and plans say what they must?"""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from edustats.errors import DataError, EdustatsError, ParameterError
from edustats.metrics.seats.ages import (
    combine_births,
    learn_share,
    recover_births,
)
from edustats.metrics.seats.backtest import summarize_errors, survive_cohorts, try_projections
from edustats.metrics.seats.capacity import (
    Planned,
    carry_seats,
    check_plans,
    compare_seats,
    compute_match_index,
    find_missing_capacity,
    find_next_review,
    judge_openings,
    measure_capacity,
    sum_capacity,
)
from edustats.metrics.seats.cohorts import Cohorts, Counted, build_grades
from edustats.metrics.seats.doubts import find_doubts
from edustats.metrics.seats.planning import Option, Weights, plan_seats
from edustats.metrics.seats.ratios import carry_on, observe_ratios
from edustats.metrics.seats.resources import count_classes, count_teachers, price_seats
from edustats.metrics.seats.scenarios import read_scenario
from edustats.metrics.seats.simulation import draw_births, find_peaks, project_cohorts, summarize_paths
from edustats.metrics.seats.structure import Stage, Structure, build_structure


def invent(seed=0, areas=4, years=12, noise=0.01, growth=-0.03, structure=None):
    """A prefecture whose entrants are eight twelfths of one year's births and four of the year before."""
    rng = np.random.default_rng(seed)
    structure = structure or build_structure()
    first, total = 2000, years + 22
    born = 3000 * np.exp(growth * np.arange(total)) * rng.uniform(0.5, 1.5, (areas, 1))
    births = np.round(born * rng.lognormal(0, 0.02, (areas, total)))
    start = first + 22 - 12
    span = np.arange(start - 12, start + years)
    grades = np.zeros((areas, len(span), structure.size))
    for t, year in enumerate(span):
        for g, (feed, age) in enumerate(zip(structure.feeds, structure.ages, strict=True)):
            flow = rng.lognormal(0, noise, areas) * (
                0.5 if structure.feeds.count(feed) > 1 and feed >= 0 else 0.98
            )
            if feed < 0:
                grades[:, t, g] = (
                    np.nan_to_num(combine_births(births, first, [year], age)[:, 0], nan=2500.0) * flow
                )
            else:
                grades[:, t, g] = (grades[:, t - 1, feed] if t else 2500.0) * flow
    keep = slice(12, None)
    return Cohorts(
        structure=structure,
        areas=tuple(f"c{a}" for a in range(areas)),
        years=span[keep].astype(float),
        grades=grades[:, keep],
        births=births[:, : span[-1] - first + 1],
        births_from=first,
    )


@pytest.fixture(scope="module")
def cohorts():
    return invent()


@pytest.fixture(scope="module")
def projected(cohorts):
    return project_cohorts(cohorts, 10, paths=300, seed=7)


# --- structure and cohorts ---


@pytest.mark.parametrize(
    ("name", "stages", "size"), [("6-3", 5, 18), ("5-4", 5, 18), ("9", 4, 18), ("6-3-3", 5, 18)]
)
def test_usual_systems_have_their_grades(name, stages, size):
    assert (len(build_structure(name).names), build_structure(name).size) == (stages, size)


def test_both_senior_branches_are_fed_by_the_last_grade_of_junior():
    made = build_structure("5-4")
    last = made.slice_of("junior").stop - 1
    assert [made.feeds[made.first[s]] for s in ("senior", "vocational")] == [last, last]
    assert made.ages[made.first["junior"]] == 11


@pytest.mark.parametrize("name", ["六三", "0-3", "6-", "1-2-3-4"])
def test_a_structure_that_is_none_is_named(name):
    with pytest.raises(ParameterError, match=r"6-3、5-4、9|6-3, 5-4 or 9"):
        build_structure(name)


def test_those_who_enter_by_31_august_are_eight_twelfths_of_one_year_and_four_of_the_year_before():
    assert combine_births(np.array([[1200.0, 600.0]]), 2017, [2024], 6)[0, 0] == pytest.approx(
        600 * 8 / 12 + 1200 * 4 / 12
    )


def test_an_unknown_calendar_year_leaves_the_intake_unknown():
    assert np.isnan(combine_births(np.array([[600.0]]), 2018, [2024], 6)[0, 0])


def test_before_the_first_births_no_intake_is_known():
    assert np.isnan(combine_births(np.zeros((2, 0)), 2020, [2018, 2019], 6)).tolist() == [[True] * 2] * 2


@pytest.mark.parametrize("true", [2 / 3, 1.0])
def test_the_split_is_learned_from_the_intakes(true):
    rng = np.random.default_rng(3)
    births = 2000 * rng.lognormal(0, 0.1, (6, 20))
    years = np.arange(2010, 2022)
    entrants = combine_births(births, 2002, years, 6, true) * rng.lognormal(0, 0.01, (6, 12))
    assert learn_share(births, 2002, entrants, years, 6) == pytest.approx(true, abs=0.06)


def test_cohorts_before_the_births_are_recovered_from_age_groups():
    rng = np.random.default_rng(1)
    born = np.round(1000 + 200 * np.sin(np.arange(28) / 3) + rng.normal(0, 15, 28))
    years = np.arange(2015, 2025)
    groups = {
        (low, high): np.array([[born[y - high - 1997 : y - low - 1997 + 1].sum() * 0.97 for y in years]])
        for low, high in ((3, 5), (6, 11), (12, 14), (15, 17))
    }
    made, first = recover_births(born[None, 18:], 2015, groups, years)
    assert first == 1998
    assert np.array_equal(made[0, 17:], born[18:])
    assert np.abs(made[0, 3:17] / born[4:18] - 1).mean() < 0.06


def test_grades_are_made_of_entrants_and_sum_to_the_pupils_counted(cohorts):
    structure = cohorts.structure
    pupils = {s: cohorts.stage(s) for s in structure.names}
    entrants = {s: cohorts.grades[:, :, structure.first[s]] for s in structure.names}
    leavers = {
        s: np.pad(
            cohorts.grades[:, :-1, structure.slice_of(s).stop - 1], ((0, 0), (1, 0)), constant_values=np.nan
        )
        for s in structure.names
    }
    made = build_grades(structure, pupils, entrants, leavers)
    last = np.stack([made[:, -1, structure.slice_of(s)].sum(axis=1) for s in structure.names])
    assert np.allclose(last, np.stack([pupils[s][:, -1] for s in structure.names]))
    assert np.nanmax(np.abs(made[:, 7] / cohorts.grades[:, 7] - 1)) < 0.05


def test_a_county_without_a_stage_has_none_of_its_pupils():
    two = Structure((Stage(name="primary", grades=2, age=6),))
    assert (build_grades(two, {"primary": np.zeros((1, 3))}, {}, {}) == 0).all()


# --- ratios ---


def test_a_ratio_beyond_reason_is_left_out_and_listed(cohorts):
    grades = cohorts.grades.copy()
    grades[1, 6, 4] *= 10
    spoiled = Cohorts(
        structure=cohorts.structure,
        areas=cohorts.areas,
        years=cohorts.years,
        grades=grades,
        births=cohorts.births,
        births_from=cohorts.births_from,
        shares=cohorts.shares,
    )
    log, _, outside = observe_ratios(spoiled)
    assert {(one.area, one.grade) for one in outside} == {(1, 4), (1, 5)}
    assert np.isnan(log[1, 6, 4])
    kinds = [
        (d.kind, d.area, d.facts["stage"], d.facts["grade"])
        for d in find_doubts(spoiled)
        if d.kind == "ratio"
    ]
    assert ("ratio", "c1", "primary", 2) in kinds


def test_repeaters_stand_on_neither_side():
    two = Structure((Stage(name="primary", grades=2, age=6),))
    grades = np.full((1, 5, 2), 110.0)
    stay = np.full((1, 5, 2), 10.0)
    held = Cohorts(
        structure=two,
        areas=("a",),
        years=np.arange(2018.0, 2023),
        grades=grades,
        births=np.full((1, 20), 100.0),
        births_from=2005,
        shares=(2 / 3, 0.0),
        repeaters=stay,
    )
    assert np.exp(observe_ratios(held)[0][0, 1:, 1]) == pytest.approx(1.0)


def test_counties_with_few_years_are_drawn_towards_their_prefecture():
    rng = np.random.default_rng(5)
    log = rng.normal(0.0, 0.05, (8, 10, 3))
    assert np.std(carry_on(log, 1).ahead[:, 0]) < np.std(log[:, -5:].mean(axis=1))


# --- paths ---


def test_the_same_seed_gives_the_same_paths(cohorts, projected):
    again = project_cohorts(cohorts, 10, paths=300, seed=7)
    other = project_cohorts(cohorts, 10, paths=300, seed=8)
    assert np.array_equal(again.paths, projected.paths)
    assert not np.array_equal(other.paths, projected.paths)


def test_counties_add_up_to_the_prefecture_in_every_path(projected):
    assert np.allclose(projected.paths.sum(axis=1), projected.prefecture())


def test_an_imposed_total_binds_every_path(cohorts):
    year = int(cohorts.years[-1]) + 3
    found = project_cohorts(cohorts, 5, paths=100, totals={("primary", year): 50_000.0})
    assert np.allclose(found.stage("primary")[:, :, 2].sum(axis=1), 50_000.0)
    assert not np.allclose(found.stage("primary")[:, :, 1].sum(axis=1), 50_000.0)


def test_counties_of_one_path_err_together_when_they_did_before():
    rng = np.random.default_rng(2)
    held = invent(seed=2, areas=6, noise=0.002)
    common = np.cumsum(rng.normal(0, 0.06, held.grades.shape[1]))
    spoiled = Cohorts(
        structure=held.structure,
        areas=held.areas,
        years=held.years,
        grades=held.grades * np.exp(common)[None, :, None],
        births=held.births,
        births_from=held.births_from,
    )
    apart = project_cohorts(held, 3, paths=400).shocks.parts
    together = project_cohorts(spoiled, 3, paths=400).shocks.parts
    assert together[0] > apart[0] + 0.2


def test_bands_hold_the_future_about_as_often_as_they_say():
    inside = []
    for seed in range(12):
        whole = invent(seed=100 + seed, years=17, noise=0.02)
        found = project_cohorts(whole.cut(float(whole.years[11])), 5, paths=300)
        bands = summarize_paths(found.paths)
        actual = np.stack([whole.stage(s)[:, 12:17] for s in whole.structure.names], axis=-1)
        inside.append((actual >= bands["lower_80"]) & (actual <= bands["upper_80"]))
    assert 0.68 < np.mean(inside) < 0.94


def test_bands_widen_with_the_years_and_lie_in_each_other(projected):
    bands = summarize_paths(projected.paths)
    assert (bands["lower_95"] <= bands["lower_80"]).all()
    assert (bands["upper_50"] <= bands["upper_80"]).all()
    width = (bands["upper_80"] - bands["lower_80"]) / bands["middle"]
    assert (width[:, -1] > width[:, 0]).all()


def test_peak_probabilities_sum_to_one_and_the_past_counts(projected):
    past = np.stack([projected.cohorts.stage(s) for s in projected.cohorts.structure.names], axis=1)
    peaks = find_peaks(np.moveaxis(projected.paths, 2, -1), past)
    assert np.allclose(peaks.sum(axis=-1), 1.0)
    assert peaks[:, 0, : past.shape[-1]].sum(axis=-1).min() > 0.9  # kindergartens have been falling for years


def test_births_that_are_not_held_leave_only_what_they_feed_unknown(cohorts):
    births = cohorts.births.copy()
    births[0] = np.nan
    held = Cohorts(
        structure=cohorts.structure,
        areas=cohorts.areas,
        years=cohorts.years,
        grades=cohorts.grades,
        births=births,
        births_from=cohorts.births_from,
        shares=cohorts.shares,
    )
    found = project_cohorts(held, 3, paths=100)
    assert np.isnan(found.stage("primary")[:, 0]).all()
    assert np.isfinite(found.stage("senior")[:, 0]).all()
    assert np.isfinite(found.stage("primary")[:, 1:]).all()
    assert [d.area for d in find_doubts(held) if d.kind == "no_births"] == ["c0"]


def test_a_county_without_last_years_births_is_carried_on_with_the_others(cohorts):
    births = cohorts.births.copy()
    births[0, -1] = np.nan
    held = Cohorts(
        structure=cohorts.structure,
        areas=cohorts.areas,
        years=cohorts.years,
        grades=cohorts.grades,
        births=births,
        births_from=cohorts.births_from,
        shares=cohorts.shares,
    )
    assert np.isfinite(draw_births(held, 3, 100, np.random.default_rng(0))[:, :, -4:]).all()


def test_births_in_thousands_are_named_and_not_used(cohorts):
    births = cohorts.births.copy()
    births[2] /= 1000
    held = Cohorts(
        structure=cohorts.structure,
        areas=cohorts.areas,
        years=cohorts.years,
        grades=cohorts.grades,
        births=births,
        births_from=cohorts.births_from,
        shares=cohorts.shares,
    )
    doubts = find_doubts(held)
    assert [(d.kind, d.area, d.excluded) for d in doubts if d.area == "c2"] == [
        ("births_in_thousands", "c2", True)
    ]


def test_more_first_graders_than_children_are_named(cohorts):
    grades = cohorts.grades.copy()
    g = cohorts.structure.first["primary"]
    grades[3, 5, g] *= 1.3
    held = Cohorts(
        structure=cohorts.structure,
        areas=cohorts.areas,
        years=cohorts.years,
        grades=grades,
        births=cohorts.births,
        births_from=cohorts.births_from,
        shares=cohorts.shares,
    )
    found = [d for d in find_doubts(held) if d.kind == "more_than_children"]
    assert [(d.area, d.facts["year"], d.facts["stage"]) for d in found] == [
        ("c3", int(cohorts.years[5]), "primary")
    ]


@pytest.mark.parametrize(("leads", "paths"), [(0, 200), (31, 200), (5, 10)])
def test_years_and_paths_out_of_range_are_refused(cohorts, leads, paths):
    with pytest.raises(ParameterError):
        project_cohorts(cohorts, leads, paths=paths)


def test_too_few_years_are_refused(cohorts):
    with pytest.raises(DataError, match=r"至少需要3个|needs 3"):
        project_cohorts(cohorts.cut(float(cohorts.years[1])), 3)


def test_past_errors_are_told_by_lead_beside_plain_survival(cohorts):
    tested = try_projections(cohorts, leads=3, paths=100)
    told = summarize_errors(tested)
    assert set(told["lead"]) == {1, 2, 3}
    # the first grade of a later lead depends on births that nobody knew at the origin
    assert tested["origin"].max() == cohorts.years[-2]
    assert told["error"].mean() < 0.05
    assert survive_cohorts(cohorts, 2).shape == (4, 2, 5)


def test_a_past_year_knows_nothing_that_was_counted_later():
    made, years = invent(areas=3), np.arange(2010, 2022)
    names = made.structure.names
    rng = np.random.default_rng(5)

    def count(spoil):
        """All counts, those of the last year times ``spoil``."""
        late = np.where(years == years[-1], spoil, 1.0)
        told = {
            "pupils": {s: made.stage(s) * late for s in names},
            "entrants": {s: made.grades[:, :, made.structure.first[s]] * late for s in names},
            "leavers": {s: made.grades[:, :, made.structure.slice_of(s).stop - 1] * late for s in names},
        }
        return Counted(
            structure=made.structure,
            areas=made.areas,
            years=years.astype(float),
            births=np.array([[900.0, 880, 870, 850]]).repeat(3, axis=0),
            births_from=2018,
            groups={(3, 5): people * late},
            group_years=years,
            **told,
        )

    people = rng.uniform(2500, 2700, (3, len(years)))
    for last in (2016.0, 2020.0):
        plain, spoiled = (count(by).build(2021.0).cut(last) for by in (1.0, 1.5))
        assert plain.years[-1] == last
        assert np.array_equal(plain.grades, spoiled.grades, equal_nan=True)
        assert np.array_equal(plain.births, spoiled.births, equal_nan=True)
        assert plain.shares == spoiled.shares
    assert np.isnan(
        count(1.0).build(2021.0, without=np.array([True, False, False])).cut(2020.0).births[0]
    ).all()


# --- scenarios ---


def test_each_kind_of_change_moves_what_it_names(cohorts):
    year = int(cohorts.years[-1]) + 2
    base = project_cohorts(cohorts, 8, paths=100, seed=3)
    tables = {
        "births": [{"from": year, "factor": 1.5}],
        "estate": [{"area": "c1", "year": year, "flats": 1000, "pupils_per_flat": 0.5}],
        "merge": [{"area": "c0", "year": year, "stage": "primary", "pupils": 300, "to": "c1"}],
        "private_closure": [{"area": "c2", "year": year, "stage": "junior", "pupils": 200}],
        "entry_age": [{"year": year, "months": 4}],
    }
    found = {
        kind: project_cohorts(
            cohorts, 8, paths=100, seed=3, scenario=read_scenario({kind: given}, cohorts.areas)
        ).paths
        - base.paths
        for kind, given in tables.items()
    }
    assert found["estate"][:, 1, 1].sum(axis=1) == pytest.approx(500.0)
    assert (found["estate"][:, 0] == 0).all()
    assert found["merge"][:, 0, 1, 1] == pytest.approx(-300.0)
    assert found["merge"][:, 1, 1, 1] == pytest.approx(300.0)
    assert found["private_closure"][:, 2, 1, 2] == pytest.approx(200.0)
    assert (found["births"][:, :, -1, 0] > 0).all()
    assert (found["births"][:, :, 1, 0] == 0).all()
    assert (found["entry_age"][:, :, 1, 1] > 0).all()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"flood": []}, "flood"),
        ({"estate": [{"area": "c9", "year": 2027, "flats": 1, "pupils_per_flat": 0.1}]}, "c9"),
        ({"estate": [{"year": 2027, "flats": 1, "pupils_per_flat": 0.1}]}, "estate"),
        ({"births": [{"from": 2027, "factor": "many"}]}, "many"),
        ({"births": [{"from": 2027, "factor": 1.0, "colour": "red"}]}, "colour"),
        ({"merge": [{"area": "c0", "year": 2027, "stage": "primary", "pupils": -4, "to": "c1"}]}, "-4"),
    ],
)
def test_a_scenario_that_cannot_be_is_named(given, named):
    with pytest.raises(ParameterError) as error:
        read_scenario(given, ["c0", "c1"])
    assert named in error.value.text("zh")
    assert named in error.value.text("en")


# --- seats ---


def test_capacity_is_taken_from_the_best_that_is_held_and_classes_are_a_lower_bound():
    held = pd.DataFrame(
        {
            "area": "1",
            "school": list("abcde"),
            "stage": ["primary", "primary", "junior", "preschool", "primary"],
            "design": [900, np.nan, np.nan, np.nan, np.nan],
            "seats": [800, 700, np.nan, np.nan, np.nan],
            "rooms": [np.nan, np.nan, 10, np.nan, np.nan],
            "classes": [12, 12, 8, 6, np.nan],
        }
    )
    made = measure_capacity(held)
    assert made["capacity"].tolist()[:4] == [900, 700, 500, 180]
    assert made["basis"].tolist() == ["design", "seats", "rooms", "classes", ""]
    assert made["lower_bound"].tolist() == [False, False, False, True, False]
    assert [(d.kind, d.facts["school"]) for d in find_missing_capacity(made)] == [("no_capacity", "e")]
    summed = sum_capacity(made).set_index("stage")
    assert summed.loc["primary", "capacity"] == 1600
    assert summed.loc["primary", "lower_bound"]
    assert not summed.loc["junior", "lower_bound"]


def test_plans_count_from_their_year_and_a_closed_school_does_not_open():
    plans = [
        Planned(school="n", area="1", stage="primary", year=2027, seats=500),
        Planned(school="o", area="1", stage="primary", year=2028, seats=-200),
        Planned(school="x", area="1", stage="primary", year=2027, seats=400, new=False),
        Planned(school="y", area="9", stage="primary", year=2027, seats=400),
    ]
    sound, doubts = check_plans(plans, {"x": 2022}, ["1"], ["primary"])
    assert [d.kind for d in doubts] == ["opens_closed", "unknown_place"]
    seats = carry_seats(np.array([[1000.0]]), sound, ["1"], ["primary"], np.arange(2026.0, 2030))
    assert seats.ravel().tolist() == [1000, 1500, 1300, 1300]


def test_a_school_that_opens_after_the_peak_comes_too_late_and_is_half_empty():
    years = np.arange(2026.0, 2036)
    paths = np.array([1200, 1300, 1250, 900, 800, 700, 700, 700, 700, 700.0])[None, None, :, None].repeat(
        10, axis=0
    )
    plan = Planned(school="n", area="1", stage="junior", year=2029, seats=400)
    seats = carry_seats(np.array([[1000.0]]), [plan], ["1"], ["junior"], years)
    (verdict,) = judge_openings([plan], paths, seats, ["1"], ["junior"], years)
    assert verdict.too_late
    assert verdict.will_be_half_empty


def test_the_match_index_is_bounded_and_one_only_where_every_place_is_full():
    paths = np.array([100.0, 50.0]).reshape(1, 2, 1, 1)
    assert compute_match_index(paths, paths[0]) == pytest.approx([1.0])
    assert compute_match_index(paths, np.zeros((2, 1, 1))) == pytest.approx([0.0])
    # the surplus of one county is no seat for the other
    assert compute_match_index(paths, np.array([50.0, 100.0]).reshape(2, 1, 1)) == pytest.approx([0.5])
    assert find_next_review(2025) == 2027


def test_shortfall_counts_paths_and_says_how_many_seats_would_do():
    paths = np.arange(901.0, 1001.0).reshape(100, 1, 1, 1)
    found = compare_seats(paths, np.full((1, 1, 1), 950.0))
    assert found.chance[0, 0, 0] == pytest.approx(0.5)
    assert found.safe[0, 0, 0] == pytest.approx(30.2)
    assert np.isnan(compare_seats(paths, np.full((1, 1, 1), np.nan)).chance).all()


def test_classes_teachers_and_money_follow_their_norms():
    assert count_classes([0.0, 45.0, 46.0], 45).tolist() == [0, 1, 2]
    assert count_teachers([1350.0], "junior") == pytest.approx([100.0])
    assert np.isnan(count_teachers([10.0], "vocational")).all()
    assert price_seats([10.0], 8.0, 3000.0)[1].tolist() == [240_000.0]


# --- what to do ---


def test_the_plan_is_the_best_of_all_sets():
    rng = np.random.default_rng(4)
    paths = rng.normal(900, 150, (60, 1, 4, 2))
    seats, years = np.full((1, 4, 2), 800.0), np.arange(2026.0, 2030)
    options = [
        Option(name="build", kind="build", area="1", seats={"junior": 200.0}, cost=5.0, lead=1),
        Option(
            name="convert",
            kind="convert",
            area="1",
            seats={"primary": -100.0, "junior": 120.0},
            cost=1.0,
            lead=0,
        ),
        Option(name="extend", kind="share", area="1", seats={"primary": 90.0}, cost=2.0, lead=1),
    ]
    weights = Weights(unmet=1.0, empty=0.4, cost=3.0)
    found = plan_seats(
        options, paths, seats, ["1"], ["primary", "junior"], years, budget=7.0, weights=weights, latest=1
    )

    def value(starts):
        held, cost = seats.copy(), 0.0
        for one, start in zip(options, starts, strict=True):
            if start is not None:
                cost += one.cost
                for stage, n in one.seats.items():
                    held[0, start + one.lead :, ["primary", "junior"].index(stage)] += n
        away = paths - held
        return (
            (np.maximum(away, 0).sum() + 0.4 * np.maximum(-away, 0).sum()) / 60 + 3 * cost
            if cost <= 7
            else np.inf
        )

    best = min(value(starts) for starts in product([None, 0, 1], repeat=3))
    assert found.objective == pytest.approx(best)
    waiting = min(value(starts) for starts in product([None, 1], repeat=3))
    assert found.waiting == pytest.approx(waiting - best)
    assert found.objective <= found.nothing
    assert found.cost <= 7


def test_of_one_site_one_option_is_taken_and_without_budget_nothing_that_costs():
    paths, seats, years = np.full((5, 1, 3, 1), 300.0), np.full((1, 3, 1), 100.0), np.arange(2026.0, 2029)
    both = [
        Option(name=n, kind="build", area="1", seats={"junior": 100.0}, cost=1.0, lead=0, site="s")
        for n in "ab"
    ]
    assert len(plan_seats(both, paths, seats, ["1"], ["junior"], years).taken) == 1
    assert plan_seats(both, paths, seats, ["1"], ["junior"], years, budget=0.0).taken == ()


@pytest.mark.parametrize(
    "change", [{"kind": "paint"}, {"area": "9"}, {"seats": {"college": 1.0}}, {"lead": -1}, {"cost": -2.0}]
)
def test_an_option_that_cannot_be_is_named(change):
    given = {
        "name": "新校",
        "kind": "build",
        "area": "1",
        "seats": {"junior": 1.0},
        "cost": 1.0,
        "lead": 0,
    } | change
    with pytest.raises(EdustatsError, match="新校"):
        plan_seats(
            [Option(**given)], np.ones((2, 1, 2, 1)), np.ones((1, 2, 1)), ["1"], ["junior"], np.arange(2.0)
        )


# --- across a decade ---


def test_births_by_month_stand_in_for_the_learned_split(cohorts):
    import dataclasses

    held = dataclasses.replace(cohorts, august=np.full(cohorts.births.shape[1], 0.5))
    g = cohorts.structure.first["primary"]
    year = cohorts.years[-1]
    at = int(year) - 6 - cohorts.births_from
    expected = cohorts.births[:, at - 1 : at + 1].mean(axis=1)
    assert held.intake(cohorts.births, np.array([year]), g)[:, 0] == pytest.approx(expected)
    assert np.isfinite(project_cohorts(held, 6, paths=100).paths).all()
