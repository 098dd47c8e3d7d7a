"""What should be built, converted, shared or closed, and when? The set that leaves least unmet and least empty.

For every path, county, year and stage a seat can be missing or empty. The weighted mean number of both over all
years and paths, plus the weighted cost, is as small as the budget allows. That mean is convex in the seats, so a mixed
integer program with tangents is solved again and again until its bound meets the true mean: the optimum over all
paths, not over a sample of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from edustats.errors import ParameterError
from edustats.typing import Flags, Floats

KINDS = ("build", "convert", "share", "close")
MOST_ROUNDS = 60
CLOSE_ENOUGH = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something that could be done.

    ``seats`` are added by stage (a conversion takes from one and gives to another, a closure only takes), so many
    years (``lead``) after it is begun. Of options with the same ``site`` one at most is taken.
    """

    name: str
    kind: str
    area: str
    seats: Mapping[str, float]
    cost: float
    lead: int
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What a pupil without a seat, an empty seat and a unit of cost weigh, each year."""

    unmet: float = 1.0
    empty: float = 0.25
    cost: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatPlan:
    """The best set."""

    taken: tuple[tuple[Option, int], ...]
    """Options and the year in which each is begun."""
    objective: float
    unmet: float
    """Mean number of pupils without a seat, summed over counties, years and stages."""
    empty: float
    cost: float
    nothing: float
    """The objective if nothing is done."""
    waiting: float
    """By how much the objective is worse if nothing is begun before next year: the regret of waiting."""


@dataclass(frozen=True)
class _Problem:
    """One choice per option and year of beginning."""

    options: tuple[Option, ...]
    paths: Floats
    seats: Floats
    effects: Floats
    """(n, a, h, s) seats that each choice adds."""
    choices: tuple[tuple[int, int], ...]
    budget: float
    weights: Weights


def plan_seats(
    options: Sequence[Option],
    paths: Floats,
    seats: Floats,
    areas: Sequence[str],
    stages: Sequence[str],
    years: Floats,
    *,
    budget: float = np.inf,
    weights: Weights | None = None,
    latest: int = 5,
) -> SeatPlan:
    """The set of options that minimises what is unmet and what is empty.

    Parameters
    ----------
    options : what could be done
    paths : (p, a, h, s) pupils of the coming years, all finite where seats are
    seats : (a, h, s) seats without the options; where nan that county and stage do not count
    areas, stages, years : what the axes stand for
    budget : sum of costs that may be spent, in the unit of the options' costs
    weights : of a pupil without a seat, an empty seat, and a unit of cost
    latest : years after the first in which something may still be begun

    Returns
    -------
    SeatPlan
        Proven best for all paths.

    Raises
    ------
    ParameterError
        An option of an unknown kind, county or stage, a negative lead, cost or budget; it is named.

    Examples
    --------
    >>> build = Option(name="new", kind="build", area="1", seats={"primary": 100.0}, cost=1.0, lead=1)
    >>> paths = np.full((3, 1, 4, 1), 200.0)
    >>> best = plan_seats([build], paths, np.full((1, 4, 1), 100.0), ["1"], ["primary"], np.arange(2025.0, 2029))
    >>> [(one.name, year) for one, year in best.taken], best.waiting
    ([('new', 2025)], 100.0)
    """
    _check_options(options, areas, stages, budget)
    held = np.isfinite(seats) & np.isfinite(paths).all(axis=0)
    problem = _pose_problem(
        options,
        np.where(held, paths, 0.0),
        np.where(held, seats, 0.0),
        areas,
        stages,
        held,
        budget,
        weights or Weights(),
        range(min(latest, len(years) - 1) + 1),
    )
    chosen = _solve_problem(problem, first=0)
    later = _solve_problem(problem, first=1)
    parts, value = _evaluate_set(problem, chosen), _compute_objective(problem, chosen)
    taken = [
        (options[problem.choices[n][0]], int(years[problem.choices[n][1]])) for n in np.flatnonzero(chosen)
    ]
    return SeatPlan(
        taken=tuple(taken),
        objective=value,
        unmet=parts[0],
        empty=parts[1],
        cost=parts[2],
        nothing=_compute_objective(problem, np.zeros(len(chosen))),
        waiting=max(_compute_objective(problem, later) - value, 0.0),
    )


def _check_options(
    options: Sequence[Option], areas: Sequence[str], stages: Sequence[str], budget: float
) -> None:
    if np.isnan(budget) or budget < 0:
        raise ParameterError("seats.bad_budget", found=f"{budget:g}")
    for one in options:
        strange = [s for s in one.seats if s not in stages]
        if one.kind not in KINDS or one.area not in areas or strange or one.lead < 0 or not one.cost >= 0:
            found = (
                one.kind
                if one.kind not in KINDS
                else one.area
                if one.area not in areas
                else ", ".join(strange)
            )
            raise ParameterError(
                "seats.bad_option", option=one.name, found=found or f"{one.lead}, {one.cost:g}"
            )


def _pose_problem(
    options: Sequence[Option],
    paths: Floats,
    seats: Floats,
    areas: Sequence[str],
    stages: Sequence[str],
    held: Flags,
    budget: float,
    weights: Weights,
    starts: range,
) -> _Problem:
    choices = tuple((k, start) for k in range(len(options)) for start in starts)
    effects = np.zeros((len(choices), *seats.shape))
    for n, (k, start) in enumerate(choices):
        a = list(areas).index(options[k].area)
        for stage, added in options[k].seats.items():
            effects[n, a, start + options[k].lead :, list(stages).index(stage)] = added
    return _Problem(tuple(options), paths, seats, effects * held, choices, budget, weights)


def _evaluate_set(problem: _Problem, chosen: Floats) -> tuple[float, float, float]:
    """Mean unmet, mean empty and cost of a set."""
    away = problem.paths - (problem.seats + np.tensordot(chosen, problem.effects, 1))
    cost = sum(problem.options[k].cost * chosen[n] for n, (k, _) in enumerate(problem.choices))
    return (
        float(np.maximum(away, 0).sum() / len(away)),
        float(np.maximum(-away, 0).sum() / len(away)),
        float(cost),
    )


def _compute_objective(problem: _Problem, chosen: Floats) -> float:
    unmet, empty, cost = _evaluate_set(problem, chosen)
    return problem.weights.unmet * unmet + problem.weights.empty * empty + problem.weights.cost * cost


def _solve_problem(problem: _Problem, first: int) -> Floats:
    """Best 0/1 choice among those begun in the year ``first`` or later."""
    n = len(problem.choices)
    if not n:
        return np.zeros(0)
    cells = np.flatnonzero(np.abs(problem.effects).sum(axis=0).ravel() > 0)
    effects = problem.effects.reshape(n, -1)[:, cells]
    base = problem.seats.ravel()[cells]
    sorted_paths = np.sort(problem.paths.reshape(len(problem.paths), -1)[:, cells], axis=0)
    allowed = np.array([start >= first for _, start in problem.choices], float)
    price = problem.weights.cost * np.array([problem.options[k].cost for k, _ in problem.choices])
    cost = np.concatenate([price, np.ones(len(cells))])
    rows, floors = _limit_choices(problem, len(cells))
    best, best_value, tangents = np.zeros(n), np.inf, [np.zeros(n), allowed]
    for _ in range(MOST_ROUNDS):
        for at in tangents:
            slope, height, seats = _compute_tangent(problem, sorted_paths, base, effects, at)
            rows.append(np.concatenate([-(slope[:, None] * effects.T), np.eye(len(cells))], axis=1))
            floors.append((height + slope * (base - seats), np.full(len(cells), np.inf)))
        bounds = Bounds(np.zeros(n + len(cells)), np.concatenate([allowed, np.full(len(cells), np.inf)]))
        limits = [LinearConstraint(row, low, high) for row, (low, high) in zip(rows, floors, strict=True)]
        whole = np.concatenate([np.ones(n), np.zeros(len(cells))])
        found = milp(cost, constraints=limits, bounds=bounds, integrality=whole)
        now = np.round(np.asarray(found.x, float)[:n])
        _, height, _ = _compute_tangent(problem, sorted_paths, base, effects, now)
        value = float(price @ now + height.sum())
        if value < best_value:
            best, best_value = now, value
        if best_value - float(found.fun or 0.0) <= CLOSE_ENOUGH * max(abs(best_value), 1.0):
            break
        tangents = [now]
    return best


def _limit_choices(problem: _Problem, cells: int) -> tuple[list[Floats], list[tuple[Floats, Floats]]]:
    """Each option once, each site once, costs within the budget."""
    n, pad = len(problem.choices), cells
    groups: dict[str, list[int]] = {}
    for place, (k, _) in enumerate(problem.choices):
        groups.setdefault(f"option {k}", []).append(place)
        if problem.options[k].site:
            groups.setdefault(f"site {problem.options[k].site}", []).append(place)
    once = np.zeros((len(groups), n + pad))
    for row, places in enumerate(groups.values()):
        once[row, places] = 1.0
    rows, limits = [once], [(np.full(len(groups), -np.inf), np.ones(len(groups)))]
    if np.isfinite(problem.budget):
        costs = np.array([problem.options[k].cost for k, _ in problem.choices])
        rows.append(np.concatenate([costs, np.zeros(pad)])[None])
        limits.append((np.array([-np.inf]), np.array([problem.budget])))
    return rows, limits


def _compute_tangent(
    problem: _Problem, sorted_paths: Floats, base: Floats, effects: Floats, at: Floats
) -> tuple[Floats, Floats, Floats]:
    """Slope and height, cell by cell, of the mean of unmet and empty at the seats of a choice."""
    seats = base + at @ effects
    away = sorted_paths - seats
    w = problem.weights
    height = w.unmet * np.maximum(away, 0).mean(axis=0) + w.empty * np.maximum(-away, 0).mean(axis=0)
    slope = w.empty * (away < 0).mean(axis=0) - w.unmet * (away >= 0).mean(axis=0)
    return slope, height, seats
