"""Is the plan the cheapest there is, does it meet every rule, and does it say why there is none?"""

import itertools
import math

import numpy as np
import pytest

from edustats.errors import DataError
from edustats.metrics.inequality.measures import official_cv
from edustats.metrics.standards.allocation import (
    PRINTED_SLACK,
    AllocationRules,
    StageResources,
    compute_shortfalls,
    plan_allocation,
)
from edustats.metrics.standards.allocation_by_parts import find_plan_by_parts
from edustats.metrics.standards.allocation_model import _AllocationModel, _search_whole_numbers

TEACHERS = np.array([True])


def stage(pupils, totals, marks, limit=0.5, must_reach=None, floor=0.85):
    totals = np.array(totals, float).reshape(len(pupils), -1)
    k = totals.shape[1]
    return StageResources(
        pupils=np.array(pupils, float), totals=totals, marks=np.array(marks, float), limit=limit,
        must_reach=k if must_reach is None else must_reach, floor=floor,
    )  # fmt: skip


def rules(price=(10.0,), whole=(True,), movable=(True,), **options):
    options = {"move_cost": 1.0, "share": 1.0} | options
    return AllocationRules(price=np.array(price), whole=np.array(whole), movable=np.array(movable), **options)


def allowed(one, totals):
    """Whether every school and coefficient meets the standard: the definition, not the model."""
    wanted = one.wanted
    reached = (totals >= wanted - 1e-9).sum(axis=1) >= one.must_reach
    floor = (totals >= one.floor * wanted - 1e-9).all(axis=1)
    spread = all(
        official_cv(column, one.pupils).cv <= one.limit + PRINTED_SLACK
        for column in totals.T
        if len(totals) > 1
    )
    return reached.all() and floor.all() and spread


def brute(one, cost, group=None, share=1.0, most=3):
    """Every way to move and hire whole teachers of each kind among a few schools."""
    n, k = one.totals.shape
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j and (group is None or group[i] == group[j])]
    choices = []
    for kind in range(k):
        ways = {}
        for sent in itertools.product(range(most), repeat=len(pairs)):
            after = one.totals[:, kind].copy()
            left = np.zeros(n)
            for (i, j), count in zip(pairs, sent, strict=True):
                after[i] -= count
                after[j] += count
                left[i] += count
            if (left > np.floor(share * one.totals[:, kind] + 1e-9)).any() or (after < 0).any():
                continue
            key = tuple(after)
            ways[key] = min(ways.get(key, math.inf), cost.move_cost * sum(sent))
        choices.append(ways)
    hires = list(itertools.product(range(5), repeat=n)) if np.isfinite(cost.price[0]) else [(0,) * n]
    best = math.inf
    for combination in itertools.product(*(ways.items() for ways in choices)):
        paid = sum(price for _, price in combination)
        base = np.array([after for after, _ in combination]).T
        if paid >= best:
            continue
        for bought in itertools.product(hires, repeat=k):
            price = paid + sum(cost.price[kind] * sum(b) for kind, b in enumerate(bought) if sum(b))
            if price < best and allowed(one, base + np.array(bought).T):
                best = price
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_costs_what_the_best_of_all_possible_plans_costs(seed):
    rng = np.random.default_rng(seed)
    pupils = rng.integers(60, 300, 3)
    one = stage(pupils, rng.integers(1, 7, 3), [0.012], limit=float(rng.choice([0.25, 0.5])))
    cost = rules(price=(float(rng.choice([4.0, 10.0])),), share=float(rng.choice([0.5, 1.0])))
    expected, found = brute(one, cost, share=cost.share, most=4), plan_allocation(one, cost, gap=1e-6)
    if math.isinf(expected):
        assert found.status == "infeasible" or found.cost > 0
    else:
        assert found.cost == pytest.approx(expected, abs=1e-3)
        assert allowed(one, found.after)


@pytest.mark.parametrize("seed", range(6))
def test_with_two_kinds_and_one_relief_per_school_it_is_still_the_cheapest(seed):
    rng = np.random.default_rng(100 + seed)
    pupils = rng.integers(100, 300, 2)
    one = stage(pupils, rng.integers(1, 5, (2, 2)), [0.013, 0.01], limit=0.6, must_reach=1, floor=0.7)
    cost = rules(price=(5.0, 7.0), whole=(True, True), movable=(True, True))
    expected, found = brute(one, cost, most=4), plan_allocation(one, cost, gap=1e-6)
    assert found.cost == pytest.approx(expected, abs=1e-3)
    assert allowed(one, found.after)


@pytest.mark.parametrize("seed", range(6))
def test_moves_stay_within_a_township(seed):
    rng = np.random.default_rng(200 + seed)
    group = np.array([0, 0, 1])
    one = stage(rng.integers(100, 300, 3), rng.integers(1, 7, 3), [0.012], limit=0.9)
    cost = rules(group=group)
    found = plan_allocation(one, cost, gap=1e-6)
    assert found.cost == pytest.approx(brute(one, cost, group=group, most=4), abs=1e-3)
    assert all(group[m.source] == group[m.target] for m in found.moves)


def test_moves_stay_within_the_distance():
    place = np.array([[112.0, 27.0], [112.05, 27.0], [113.0, 27.0]])
    one = stage([100, 100, 100], [0, 6, 6], [0.02], limit=1.0)
    found = plan_allocation(one, rules(place=place, reach=20.0, share=0.5))
    assert {(m.source, m.target) for m in found.moves} == {(1, 0)}


def test_square_metres_and_yuan_are_bought_to_the_mark_and_no_further():
    one = stage([100, 200], [[400, 150_000], [1200, 400_000]], [4.5, 2000])
    found = plan_allocation(one, rules(price=(3000.0, 1.0), whole=(False, False), movable=(False, False)))
    assert found.cost == pytest.approx(50 * 3000 + 50_000, rel=1e-3)
    assert allowed(one, found.after)


def test_a_coefficient_over_its_limit_is_brought_to_it_though_every_school_reaches_the_mark():
    one = stage([100] * 6, [500, 500, 500, 500, 500, 3500], [4.5], limit=0.5)
    found = plan_allocation(one, rules(price=(1.0,), whole=(False,), movable=(False,)))
    assert official_cv(one.totals[:, 0], one.pupils).cv > 1
    assert found.cv[0] == pytest.approx(0.5, abs=PRINTED_SLACK + 1e-6)
    assert found.cost > 0


def test_no_more_than_the_share_of_a_schools_teachers_leaves_it():
    one = stage([100, 100], [0, 10], [0.02], limit=2.0)
    found = plan_allocation(one, rules(price=(100.0,), share=0.1))
    assert [m.count for m in found.moves] == [1]
    assert sum(p.amount for p in found.purchases) == 1


def test_only_the_kinds_named_are_moved():
    one = stage([100, 100], [[0, 0], [10, 10]], [0.02, 0.02], limit=2.0)
    found = plan_allocation(one, rules(price=(5.0, 5.0), whole=(True, True), movable=(True, False)))
    assert {m.item for m in found.moves} == {0}
    assert {p.item for p in found.purchases} == {1}


@pytest.mark.parametrize(
    ("totals", "options", "why"),
    [
        ([0, 1], {"price": (math.inf,)}, "total"),
        ([0, 9], {"price": (math.inf,), "group": np.array([0, 1])}, "rules"),
        ([0, 9], {"price": (math.inf,), "movable": (False,)}, "no_price"),
    ],
)
def test_where_there_is_no_plan_the_reason_is_given(totals, options, why):
    found = plan_allocation(stage([100, 100], totals, [0.02]), rules(**options))
    assert found.status == "infeasible"
    assert found.reasons == ((0, why),)
    assert math.isnan(found.cost)


def test_a_coefficient_that_whole_teachers_cannot_even_out_is_named_as_the_reason():
    found = plan_allocation(stage([100, 10], [3, 3], [0.02], limit=0.05), rules(price=(math.inf,), share=0.1))
    assert found.reasons == ((0, "spread"),)


def test_a_county_that_meets_the_standard_needs_nothing():
    found = plan_allocation(stage([100, 100], [5, 5], [0.02]), rules())
    assert (found.status, found.cost, found.moves, found.purchases) == ("optimal", 0.0, (), ())


def test_shortfalls_are_whole_for_teachers_and_exact_for_space():
    found = compute_shortfalls(stage([150, 100], [[6, 600], [5, 450]], [0.042, 4.5]), [True, False])
    assert found.tolist() == [[1.0, 75.0], [0.0, 0.0]]


def test_a_negative_or_missing_resource_is_refused_by_school_and_item():
    with pytest.raises(DataError) as refused:
        stage([100, 100], [[1, 1], [1, math.nan]], [1, 1])
    assert "2" in refused.value.text("en")


@pytest.mark.parametrize("seed", range(10))
def test_chosen_by_parts_the_plan_costs_what_the_model_of_everything_costs(seed):
    rng = np.random.default_rng(300 + seed)
    n, whole = 8, np.array([True, True, False, False])
    pupils, marks = np.round(rng.lognormal(6, 0.7, n)) + 30, np.array([0.042, 0.012, 4.5, 2000.0])
    totals = pupils[:, None] * marks * rng.lognormal(0, 0.3, (n, 4))
    one = stage(pupils, np.where(whole, np.round(totals), totals), marks, 0.5, must_reach=3)
    cost = rules((80e3, 100e3, 3500.0, 1.0), whole, (True, seed % 2 == 0, False, False), move_cost=1e4, share=0.3,
                 group=np.arange(n) % 2 if seed % 3 == 0 else None)  # fmt: skip
    found, bound = find_plan_by_parts(one, cost, math.inf, gap=1e-9)
    model = _AllocationModel(one, cost)
    answer, _ = _search_whole_numbers(model, model.first_tangents(), math.inf, gap=1e-9)
    assert found.cost == pytest.approx(model.read(answer.x).cost, rel=1e-5)
    assert bound <= found.cost + 1e-3
    assert allowed(one, found.after)


@pytest.mark.slow
def test_a_county_of_120_schools_gets_a_plan_that_meets_the_standard():
    rng = np.random.default_rng(0)
    pupils = np.round(rng.lognormal(6, 0.9, 120)) + 20
    per = np.array([0.05, 0.0125, 0.0105, 5.4, 8.9, 2600, 0.028])
    totals = np.round(pupils[:, None] * per * rng.lognormal(-0.1, 0.45, (120, 7)))
    one = StageResources(
        pupils=pupils, totals=totals, marks=np.array([0.042, 0.01, 0.009, 4.5, 7.5, 2000, 0.023]), limit=0.5
    )
    whole = np.array([True, True, True, False, False, False, True])
    found = plan_allocation(one, AllocationRules(
        price=np.array([80e3, 100e3, 80e3, 3500, 400, 1, 60e3]), whole=whole,
        movable=np.array([True] * 3 + [False] * 4), move_cost=10_000.0, share=0.2,
    ), seconds=30)  # fmt: skip
    assert found.status in ("optimal", "gap")
    assert found.gap < 0.02
    assert allowed(one, found.after)
