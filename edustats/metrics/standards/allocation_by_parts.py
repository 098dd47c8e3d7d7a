"""What is the cheapest plan where few coefficients bind? Each resource's cost is known once its reliefs are.

Where a coefficient's limit does not bind, a resource costs what its schools lack: bought, or for teachers moved as
far as other schools can spare. Resources then share nothing but the reliefs, and one small programme chooses these.
A resource whose plan breaks its limit, or whose moves have rules of their own, takes its whole model along; the
programme leaves out limits only, so what it says is never more than the cheapest plan costs.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array

from edustats.metrics.standards.allocation_model import (
    LOOSE,
    MONEY,
    PRINTED_SLACK,
    ROUNDS,
    AllocationRules,
    Ints,
    Purchase,
    StageResources,
    Tangents,
    TeacherMove,
    _AllocationModel,
    _isolate_resource,
    _match_givers_to_takers,
    _Solution,
    solve_programme,
)
from edustats.typing import Floats


def find_plan_by_parts(
    stage: StageResources, rules: AllocationRules, until: float, gap: float
) -> tuple[_Solution | None, float]:
    """The cheapest plan, and what no plan can cost less than.

    Parameters
    ----------
    stage : what the schools have and must have
    rules : prices, and who may be moved where
    until : moment of ``time.perf_counter`` at which to give up
    gap : relative gap at which a search with whole models may stop

    Returns
    -------
    tuple
        The plan, None where none was found in time or there is none, and the bound in yuan.

    Examples
    --------
    >>> stage = StageResources(pupils=np.array([100.0, 100.0]), totals=np.array([[1.0], [5.0]]), marks=np.array([0.02]),
    ...               limit=0.5, must_reach=1)
    >>> rules = AllocationRules(price=np.array([9.0]), whole=np.array([True]), movable=np.array([True]),
    ...                         move_cost=1.0, share=0.5)
    >>> plan, bound = find_plan_by_parts(stage, rules, time.perf_counter() + 5, 1e-3)
    >>> plan.moves, round(bound, 6)
    ((TeacherMove(item=0, source=1, target=0, count=1),), 1.0)
    """
    parts, bound = _Parts(stage, rules), -math.inf
    for k in np.flatnonzero(~np.isfinite(rules.price) | parts.kept_apart):
        parts.tie(int(k))
    parts.relax(until)
    for _ in range(ROUNDS):
        left = until - time.perf_counter()
        if left <= 0:
            break
        x, below = parts.solve(left, gap)
        bound = max(bound, below)
        if x is None:
            break
        plan = parts.read(x)
        if not parts.tighten(plan.after, until):
            return plan, bound
    return None, bound


@dataclass(slots=True)
class _Tied:
    """A resource with its whole model, and the tangents that hold its coefficient."""

    model: _AllocationModel
    tangents: Tangents


class _Parts:
    """The programme of the parts.

    Columns: a 1 for what is paid in any case, the reliefs (n·k, school by school), the teachers moved within each
    pool (kind by township), and the columns of every tied resource's model.
    """

    def __init__(self, stage: StageResources, rules: AllocationRules) -> None:
        self.stage, self.rules = stage, rules
        self.n, self.k = stage.totals.shape
        self.cells = self.n * self.k
        self.floor = stage.floor if stage.must_reach < self.k else 1.0
        self.moved = rules.movable & rules.whole
        self.kept_apart = self.moved & (rules.place is not None and math.isfinite(rules.reach))
        group = np.zeros(self.n, np.intp) if rules.group is None else rules.group
        names, self.group = np.unique(group, return_inverse=True)
        self.groups = len(names)
        self.lack = [self._compute_lack(level) for level in (1.0, self.floor)]
        """(n, k) of each: without a relief and with it."""
        self.spare = [self._compute_spare(level) for level in (1.0, self.floor)]
        self.tied: dict[int, _Tied] = {}

    def _compute_lack(self, level: float) -> Floats:
        """What is bought is whole or counted in hundredths, as it is printed."""
        lack = np.maximum(0, self.stage.wanted * (level - 1e-9) - self.stage.totals)
        return np.where(self.rules.whole, np.ceil(lack - 1e-9), np.ceil(lack * 100 - 1e-3) / 100)

    def _compute_spare(self, level: float) -> Floats:
        """Teachers that may leave."""
        over = self.stage.totals - self.stage.wanted * (level - 1e-9)
        most = np.minimum(self.stage.totals * self.rules.share, over)
        return np.where(self.moved, np.maximum(np.floor(most + 1e-9), 0), 0)

    @property
    def pooled(self) -> Ints:
        """Kinds of teachers that are moved through pools here, not in a model of their own."""
        return np.array([k for k in np.flatnonzero(self.moved) if k not in self.tied], np.intp)

    def tie(self, k: int) -> None:
        """Take a resource's whole model along, with tangents where its schools stand today."""
        model = _AllocationModel(*_isolate_resource(self.stage, self.rules, k))
        self.tied[k] = _Tied(model, model.first_tangents())

    def relax(self, until: float) -> None:
        """Lay tangents until parts of teachers would be held to the limits; keep those the answer rests on."""
        for _ in range(ROUNDS if self.tied else 0):
            x, _ = self.solve(until - time.perf_counter(), 0, whole=False)
            if x is None:
                return
            own = list(zip(self.tied.values(), self._split(x), strict=True))
            fresh = [one.model.tangents(part, LOOSE) for one, part in own]
            if not any(fresh):
                for one, part in own:
                    one.tangents = one.model.binding(one.tangents, part)
                return
            for (one, _), more in zip(own, fresh, strict=True):
                one.tangents += more

    def _split(self, x: Floats) -> list[Floats]:
        """An answer's columns of each tied model."""
        widths = np.cumsum([0, *(one.model.width for one in self.tied.values())])
        begin = len(x) - widths[-1]
        return [x[begin + at : begin + end] for at, end in itertools.pairwise(widths)]

    def tighten(self, after: Floats, until: float) -> bool:
        """Hold the coefficients that a plan leaves above their limits; False if there is none."""
        share, limit = self.stage.pupils / self.stage.pupils.sum(), self.stage.limit
        value = after / self.stage.wanted
        mean = share @ value
        spread = np.sqrt(share @ (value - mean) ** 2)
        over = np.flatnonzero((spread > (limit + PRINTED_SLACK) * mean + 1e-15) & (self.n > 1))
        for k in map(int, over):
            if k in self.tied:
                self.tied[k].tangents += self.tied[k].model.lay_tangents(after[:, [k]], PRINTED_SLACK)
        if fresh := [int(k) for k in over if k not in self.tied]:
            for k in fresh:
                self.tie(k)
            self.relax(until)
        return bool(len(over))

    def solve(self, seconds: float, gap: float, whole: bool = True) -> tuple[Floats | None, float]:
        """The programme's answer and what no plan can cost less than, in yuan."""
        free = np.array([k not in self.tied for k in range(self.k)])
        price = np.where(free, self.rules.price, 0)
        saved = price * (self.lack[0] - self.lack[1])
        useful = ((saved > 0) | (self.spare[1] > self.spare[0])) & free
        moving = np.repeat(max(self.rules.move_cost, 1e-6) - price[self.pooled], self.groups)
        cost = np.concatenate([[(price * self.lack[0]).sum()], -saved.ravel(), moving]) / MONEY
        upper = np.concatenate([[1], useful.ravel(), np.full(len(moving), np.inf)])
        kinds = np.concatenate([[0], np.ones(self.cells), np.zeros(len(moving))])
        lower = np.concatenate([[1], np.zeros(len(cost) - 1)])
        columns = [(cost, lower, upper, kinds), *(one.model.describe_columns() for one in self.tied.values())]
        costs, lowest, highest, counted = (np.concatenate(parts) for parts in zip(*columns, strict=True))
        rows = self._list_rows(len(cost), len(costs))
        gap = gap if self.tied else 0  # without them the whole is found at once
        answer = solve_programme(costs, counted * whole, (lowest, highest), rows, max(seconds, 0.1), gap)
        bound = -math.inf if answer.mip_dual_bound is None else float(answer.mip_dual_bound) * MONEY
        return answer.x, bound

    def _list_rows(self, begin: int, width: int) -> list[LinearConstraint]:
        """So many reliefs a school; who is moved lacks somewhere and can be spared; the tied models."""
        school = np.arange(self.n)
        reliefs = np.zeros((self.n, width))
        reliefs[:, 1 : 1 + self.cells] = np.kron(np.eye(self.n), np.ones(self.k))
        rows = list(self._limit_pools(width))
        for one in self.tied.values():
            reliefs[school, begin + one.model.cells + school] = 1
            for row in one.model.list_rows(one.tangents):
                matrix: Any = row.A
                moved = csr_array(
                    (matrix.data, matrix.indices + begin, matrix.indptr), (matrix.shape[0], width)
                )
                rows.append(LinearConstraint(moved, row.lb, row.ub))
            begin += one.model.width
        return [*rows, LinearConstraint(csr_array(reliefs), -np.inf, self.k - self.stage.must_reach)]

    def _limit_pools(self, width: int) -> Iterator[LinearConstraint]:
        """Teachers moved of a kind in a township: no more than its schools lack, no more than they can spare."""
        pools = [(k, self.group == group) for k in self.pooled for group in range(self.groups)]
        if not pools:
            return
        begin = 1 + self.cells
        for without, relieved in (self.lack, self.spare):
            rows, most = np.zeros((len(pools), width)), np.zeros(len(pools))
            rows[:, begin : begin + len(pools)] = np.eye(len(pools))
            for at, (k, inside) in enumerate(pools):
                rows[at, 1 + k : begin : self.k] = np.where(inside, without[:, k] - relieved[:, k], 0)
                most[at] = without[inside, k].sum()
            yield LinearConstraint(csr_array(rows), -np.inf, most)

    def read(self, x: Floats) -> _Solution:
        """Moves between named schools, purchases, and what every school has then."""
        begin = 1 + self.cells
        relieved = np.rint(x[1:begin]).reshape(self.n, self.k) > 0
        lack, spare = (
            np.where(relieved, with_relief, without) for without, with_relief in (self.lack, self.spare)
        )
        after, bought, moves, cost = self.stage.totals + lack, lack.copy(), list[TeacherMove](), 0.0
        for k in self.pooled:
            for group in range(self.groups):
                count, begin = round(float(x[begin])), begin + 1
                inside = self.group == group
                given = self._choose_givers(after[:, k], np.where(inside, spare[:, k], 0), int(k), count)
                taken = _spend_on_the_largest(np.where(inside, lack[:, k], 0), count)
                after[:, k] -= given
                bought[:, k] -= taken
                sides = ([[int(i), int(c[i])] for i in np.flatnonzero(c)] for c in (given, taken))
                moves += _match_givers_to_takers(int(k), *sides)
        for (k, one), part in zip(self.tied.items(), self._split(x), strict=True):
            own = one.model.read(part)
            after[:, k], bought[:, k] = own.after[:, 0], 0
            moves += [TeacherMove(item=k, source=m.source, target=m.target, count=m.count) for m in own.moves]
            for purchase in own.purchases:
                bought[purchase.school, k] += purchase.amount
        places = np.argwhere(bought > 0)
        cost = float(sum(self.rules.price[k] * bought[i, k] for i, k in places))
        cost += self.rules.move_cost * sum(m.count for m in moves)
        purchases = tuple(Purchase(item=int(k), school=int(i), amount=float(bought[i, k])) for i, k in places)
        return _Solution(cost, tuple(moves), purchases, after)

    def _choose_givers(self, after: Floats, spare: Floats, k: int, count: int) -> Floats:
        """One teacher after the other leaves the school that has most of its mark then."""
        given = np.zeros(self.n)
        for _ in range(count):
            value = np.where(given < spare, (after - given) / self.stage.wanted[:, k], -1)
            given[value.argmax()] += 1
        return given


def _spend_on_the_largest(lack: Floats, count: int) -> Floats:
    """Teachers moved go where most are lacking; the rest is hired."""
    order = np.argsort(-lack, kind="stable")
    before = np.cumsum(lack[order]) - lack[order]
    taken = np.zeros_like(lack)
    taken[order] = np.clip(count - before, 0, lack[order])
    return taken
