"""What would it take for one stage of a county to reach its standard, at the least cost?

Shortfalls say what each school lacks by itself. The plan is the cheapest set of moves that brings every school
and every difference coefficient to the standard: whole teachers moved between schools, and the rest bought at
the prices given. It is exact to the gap it states: teachers and rooms are whole numbers.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from edustats.metrics.standards.allocation_by_parts import find_plan_by_parts
from edustats.metrics.standards.allocation_model import (
    MONEY,
    PRINTED_SLACK,
    ROUNDS,
    AllocationRules,
    Purchase,
    StageResources,
    Tangents,
    TeacherMove,
    _AllocationModel,
    _isolate_resource,
    _search_whole_numbers,
    _Solution,
    _solve_relaxation,
)
from edustats.metrics.standards.coefficients import compute_difference_coefficients
from edustats.typing import Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AllocationPlan:
    """The cheapest plan found, or the reasons why there is none."""

    status: str
    """``optimal``, ``gap`` (feasible, optimality not proven) or ``infeasible``, ``no_time`` (nothing found)."""
    cost: float
    """Yuan; nan without a plan."""
    bound: float
    """No plan can cost less."""
    gap: float
    """``(cost - bound) / cost``, 0–1."""
    moves: tuple[TeacherMove, ...] = ()
    purchases: tuple[Purchase, ...] = ()
    after: Floats = field(default_factory=lambda: np.empty((0, 0)))
    """(n, k) what every school has when it is done."""
    cv: Floats = field(default_factory=lambda: np.empty(0))
    reasons: tuple[tuple[int, str], ...] = ()
    """(item, why): ``no_price``, ``total``, ``rules``, ``spread``; item -1 ``together``."""
    seconds: float = 0.0


def compute_shortfalls(stage: StageResources, whole: ArrayLike) -> Floats:
    """What each school lacks of each resource to reach the mark by itself.

    Parameters
    ----------
    stage : n schools by k resources
    whole : (k,) of bool, resources counted in whole numbers

    Returns
    -------
    numpy.ndarray
        (n, k), >= 0, in the resource's unit; 0 where the mark is reached.

    Examples
    --------
    >>> one = StageResources(pupils=np.array([100.0]), totals=np.array([[3.0, 450.0]]),
    ...                      marks=np.array([0.042, 5.8]), limit=0.5)
    >>> compute_shortfalls(one, [True, False]).tolist()
    [[2.0, 130.0]]
    """
    lack = np.maximum(0, stage.wanted - stage.totals)
    lack[lack < 1e-9 * stage.wanted] = 0
    return np.where(np.asarray(whole, bool), np.ceil(lack - 1e-9), lack)


def plan_allocation(
    stage: StageResources, rules: AllocationRules, seconds: float = 10.0, gap: float = 1e-3
) -> AllocationPlan:
    """The cheapest moves that bring every school and every coefficient to the standard.

    Parameters
    ----------
    stage : what the schools have and must have
    rules : prices, and who may be moved where
    seconds : time allowed
    gap : relative gap at which the search may stop

    Returns
    -------
    Plan
        Every school reaches ``must_reach`` marks and ``floor`` of the others, and every coefficient prints at or
        below its limit; or ``infeasible`` with the reason per resource.

    Notes
    -----
    The three kinds of teachers are moved and hired independently: a teacher who counts in two of them is
    counted as two. Values are not rounded: the plan does not live on the last printed digit, except that a
    coefficient may print exactly its limit.

    Examples
    --------
    >>> stage = StageResources(pupils=np.array([100.0, 100.0]), totals=np.array([[1.0], [5.0]]), marks=np.array([0.02]),
    ...               limit=0.5, must_reach=1)
    >>> rules = AllocationRules(price=np.array([9.0]), whole=np.array([True]), movable=np.array([True]),
    ...                         move_cost=1.0, share=0.5)
    >>> found = plan_allocation(stage, rules)
    >>> found.status, found.cost, found.moves
    ('optimal', 1.0, (TeacherMove(item=0, source=1, target=0, count=1),))
    """
    begun = time.perf_counter()
    best, bound = find_plan_by_parts(stage, rules, begun + 0.4 * seconds, gap)
    if best is not None and best.cost - bound <= gap * best.cost:
        return _report_solution(stage, best, bound, gap, time.perf_counter() - begun)
    model = _AllocationModel(stage, rules)
    tangents, relaxed = _solve_relaxation(model, begun + 0.55 * seconds)
    found = [] if best is None else [best]
    if relaxed is not None:
        bound = max(bound, float(relaxed.fun) * MONEY)
        found += filter(None, [_solve_each_resource(model, relaxed.x, begun + 0.9 * seconds, gap)])
    best = min(found, key=lambda deal: deal.cost, default=None)
    if best is None or best.cost - bound > gap * best.cost:
        answer, below = _search_whole_numbers(model, tangents, begun + seconds, gap)
        if answer is not None and answer.status == 2:
            return _report_infeasible(stage, rules, begun)
        bound = max(bound, below * MONEY)
        found += [] if answer is None else [model.read(answer.x)]
        best = min(found, key=lambda deal: deal.cost, default=None)
    return _report_solution(stage, best, bound, gap, time.perf_counter() - begun)


def _solve_each_resource(model: _AllocationModel, x: Floats, until: float, gap: float) -> _Solution | None:
    """Reliefs taken from the relaxation; then every resource is a small problem of its own."""
    stage, spare = model.stage, model.k - model.stage.must_reach
    part = x[model.cells : 2 * model.cells].reshape(model.n, model.k)
    rank = np.argsort(np.argsort(-part, axis=1, kind="stable"), axis=1)
    relief = ((part > 1e-6) & (rank < spare)).astype(float)
    moves: list[TeacherMove] = []
    purchases: list[Purchase] = []
    after, cost = stage.totals.copy(), 0.0
    order = np.argsort(model.rules.whole, kind="stable")  # what is not counted is quick and leaves its time
    for done, k in enumerate(map(int, order)):
        now = time.perf_counter()
        mine = max(until - now, 0.1) / (model.k - done)
        alone = _AllocationModel(*_isolate_resource(stage, model.rules, k), relief=relief[:, k])
        tangents, _ = _solve_relaxation(alone, now + mine / 2)
        answer, _ = _search_whole_numbers(alone, tangents, now + mine, max(gap, 2e-3))
        if answer is None or answer.x is None:
            return None
        deal = alone.read(answer.x)
        cost += deal.cost
        after[:, k] = deal.after[:, 0]
        moves += [TeacherMove(item=k, source=m.source, target=m.target, count=m.count) for m in deal.moves]
        purchases += [Purchase(item=k, school=p.school, amount=p.amount) for p in deal.purchases]
    return _Solution(cost, tuple(moves), tuple(purchases), after)


def _report_infeasible(stage: StageResources, rules: AllocationRules, begun: float) -> AllocationPlan:
    return AllocationPlan(
        status="infeasible", cost=math.nan, bound=math.nan, gap=math.nan, reasons=_explain_infeasibility(stage, rules),
        seconds=time.perf_counter() - begun,
    )  # fmt: skip


def _report_solution(
    stage: StageResources, deal: _Solution | None, bound: float, gap: float, seconds: float
) -> AllocationPlan:
    if deal is None:
        return AllocationPlan(status="no_time", cost=math.nan, bound=bound, gap=math.nan, seconds=seconds)
    left = max(0.0, (deal.cost - bound) / deal.cost) if deal.cost > 0 else 0.0
    return AllocationPlan(
        status="optimal" if left <= gap * 1.01 + 1e-6 else "gap", cost=deal.cost, bound=bound, gap=left,
        moves=deal.moves, purchases=deal.purchases, after=deal.after,
        cv=compute_difference_coefficients(deal.after, stage.pupils).cv[0], seconds=seconds,
    )  # fmt: skip


# --- why there is no plan -----------------------------------------------------------------------------------


def _explain_infeasibility(stage: StageResources, rules: AllocationRules) -> tuple[tuple[int, str], ...]:
    """Each resource by itself, with less and less asked of it, until something is possible."""
    found = [
        (k, why)
        for k in range(stage.totals.shape[1])
        if (why := _explain_resource_infeasibility(stage, rules, k))
    ]
    return tuple(found) or ((-1, "together"),)


def _explain_resource_infeasibility(stage: StageResources, rules: AllocationRules, k: int) -> str:
    if _is_resource_feasible(stage, rules, k):
        return ""
    least = stage.wanted[:, k] * (stage.floor if stage.must_reach < stage.totals.shape[1] else 1.0)
    if not math.isfinite(rules.price[k]) and not (rules.movable[k] and rules.whole[k]):
        return "no_price"
    if np.ceil(least - 1e-6).sum() > stage.totals[:, k].sum() and not math.isfinite(rules.price[k]):
        return "total"
    return "spread" if _is_resource_feasible(stage, rules, k, limit=math.inf) else "rules"


def _is_resource_feasible(stage: StageResources, rules: AllocationRules, k: int, limit: float = 0.0) -> bool:
    """Whether one resource alone can reach its floor everywhere and, unless lifted, its coefficient."""
    model = _AllocationModel(*_isolate_resource(stage, rules, k, limit))
    tangents: Tangents = []
    for _ in range(ROUNDS):
        answer = model.solve(tangents, whole=True, seconds=2.0, gap=1.0)
        if answer.x is None:
            return bool(answer.status != 2)
        fresh = model.tangents(answer.x, PRINTED_SLACK)
        if not fresh:
            return True
        tangents += fresh
    return True
