"""What may be done in one stage of a county, and which linear programme says what that costs?

The limit on a coefficient, a cone, is met by adding its tangents until none is violated.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import coo_array, csr_array

from edustats.errors import DataError
from edustats.typing import Floats

Ints = NDArray[np.intp]

PRINTED_SLACK = 4e-4
"""A coefficient this far above its limit still prints as the limit (three decimals)."""
LOOSE = 1e-4
"""How far the continuous relaxation may violate a coefficient's limit before another tangent is added."""
ROUNDS = 60
MONEY = 10_000.0
"""The solver counts in ten thousand yuan."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageResources:
    """One stage of a county: n schools by k resources, in the resources' own units."""

    pupils: Floats
    totals: Floats
    """(n, k) what each school has, >= 0, none missing."""
    marks: Floats
    """(k,) what it must have per pupil, > 0."""
    limit: float
    """The limit of every coefficient."""
    must_reach: int = 6
    floor: float = 0.85

    def __post_init__(self) -> None:
        bad = ~np.isfinite(self.totals) | (self.totals < 0)
        if bad.any():
            place, item = (int(index[0]) for index in np.nonzero(bad))
            raise DataError(
                "catalogue.plan_needs", place=place + 1, item=item + 1, found=f"{self.totals[place, item]:g}"
            )
        if not (self.pupils > 0).all():
            place = int((~(self.pupils > 0)).argmax())
            raise DataError("catalogue.bad_pupils", place=place + 1, found=f"{self.pupils[place]:g}")

    @property
    def wanted(self) -> Floats:
        """(n, k) what every school must have to reach every mark."""
        return self.pupils[:, None] * self.marks


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AllocationRules:
    """What may be done, and at what price."""

    price: Floats
    """(k,) yuan per unit bought; inf: it cannot be bought."""
    whole: NDArray[np.bool_]
    """(k,) counted in whole numbers (teachers, rooms)."""
    movable: NDArray[np.bool_]
    """(k,) may be moved between schools; only whole things may."""
    move_cost: float = 0.0
    """Yuan per teacher moved."""
    share: float = 0.2
    """At most this share of a school's teachers of a kind may leave it, 0–1."""
    group: Ints | None = None
    """(n,) township of each school: teachers move within it only."""
    place: Floats | None = None
    """(n, 2) longitude and latitude in degrees, with ``reach``."""
    reach: float = math.inf
    """Kilometres a teacher may be moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherMove:
    """Teachers of one kind moved from one school to another (positions in the stage)."""

    item: int
    source: int
    target: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Something bought for one school."""

    item: int
    school: int
    amount: float


@dataclass(frozen=True, slots=True)
class _Solution:
    """What is done, what it costs, and what every school has then."""

    cost: float
    moves: tuple[TeacherMove, ...]
    purchases: tuple[Purchase, ...]
    after: Floats


@contextlib.contextmanager
def _silence_solver() -> Iterator[None]:
    """Keep the solver's own notes off the page: they come from below Python and heed no option."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def solve_programme(
    cost: Floats,
    kinds: Floats,
    bounds: tuple[Floats, Floats],
    rows: list[LinearConstraint],
    seconds: float,
    gap: float,
) -> OptimizeResult:
    """A linear programme with whole numbers where ``kinds`` is 1; the solver keeps silent."""
    with _silence_solver():
        return milp(
            cost,
            integrality=kinds.astype(int),
            bounds=Bounds(*bounds),
            constraints=rows,
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )


Tangents = list[tuple[Ints, Floats]]
"""(cells, slopes): where the deviation of a school in a resource is touched, as a part of the limit."""


class _AllocationModel:
    """Variables and constraints of one stage, everything measured in marks.

    Columns: purchases (n·k, school by school), reliefs (n·k, 1 where a value may stay between floor and mark),
    the teachers' moves, then for every cell the value q per pupil over its mark and w, a school's part in the
    square of the coefficient, and for every resource the county's mean m.

    The limit on a coefficient is a cone, ``sum(v_i^2 / (L m)) <= L m`` with ``v_i = sqrt(p_i) (q_i - m)``.
    Tangents are laid to each part ``w_i >= v_i^2 / (L m)`` by itself, which takes a handful of rounds where
    tangents to the whole cone take hundreds (Vielma, Dunning, Huchette and Lubin 2017).
    """

    def __init__(self, stage: StageResources, rules: AllocationRules, relief: Floats | None = None) -> None:
        self.stage, self.rules, self.relief = stage, rules, relief
        self.n, self.k = stage.totals.shape
        self.cells = self.n * self.k
        self.share = stage.pupils / stage.pupils.sum()
        self.ways, self.balance = _list_move_columns(stage, rules)
        self.at_q = 2 * self.cells + len(self.ways)
        self.at_w, self.at_m = self.at_q + self.cells, self.at_q + 2 * self.cells
        self.width = self.at_m + self.k
        # What is bought by the metre or yuan is counted in the school's own need: the solver wants numbers near 1.
        self.scale = np.where(np.tile(rules.whole, self.n), 1.0, stage.wanted.ravel())
        self.effect = self._build_effect_matrix()
        self.fixed = self._build_fixed_constraints()

    def _build_sparse_rows(self, value: ArrayLike, row: Any, column: Any, rows: int) -> Any:
        return csr_array(coo_array((np.asarray(value, float), (row, column)), shape=(rows, self.width)))

    def _build_effect_matrix(self) -> Any:
        """(n·k, columns): what one unit of each purchase or move adds to each school's resource."""
        row, column, value = list(range(self.cells)), list(range(self.cells)), self.scale.tolist()
        for at, way in enumerate(self.ways):
            for school, sign in ((way.source, -1.0), (way.target, 1.0)):
                if school >= 0:
                    row.append(school * self.k + way.item)
                    column.append(2 * self.cells + at)
                    value.append(sign)
        return self._build_sparse_rows(value, row, column, self.cells)

    def _build_fixed_constraints(self) -> list[LinearConstraint]:
        """Everything but the tangents."""
        cell, wanted = np.arange(self.cells), self.stage.wanted.ravel()
        have = self.stage.totals.ravel() / wanted
        one = np.ones(self.cells)
        value = self._build_sparse_rows(one, cell, self.at_q + cell, self.cells)
        value -= csr_array(self.effect.multiply(1 / wanted[:, None]))
        mean = self._build_sparse_rows(
            np.tile(-1.0, self.k), range(self.k), self.at_m + np.arange(self.k), self.k
        )
        mean += self._build_sparse_rows(
            np.repeat(self.share, self.k), cell % self.k, self.at_q + cell, self.k
        )
        reached = self._build_sparse_rows(one, cell, self.at_q + cell, self.cells)
        reached += self._build_sparse_rows(one * (1 - self.stage.floor), cell, self.cells + cell, self.cells)
        relieved = self._build_sparse_rows(one, cell // self.k, self.cells + cell, self.n)
        leaving, most = self._limit_departures()
        rows = [
            LinearConstraint(value, have, have),
            LinearConstraint(mean, 0, 0),
            LinearConstraint(reached, 1 - 1e-9, np.inf),
            LinearConstraint(relieved, -np.inf, float(self.k - self.stage.must_reach)),
            LinearConstraint(leaving, -np.inf, most),
        ]
        return rows + self._build_pool_constraints() + self._build_spread_constraints()

    def _build_pool_constraints(self) -> list[LinearConstraint]:
        """What leaves a township arrives in it."""
        if not self.balance.shape[0]:
            return []
        part = coo_array(self.balance)
        rows = self._build_sparse_rows(part.data, part.row, part.col + 2 * self.cells, self.balance.shape[0])
        return [LinearConstraint(rows, 0, 0)]

    def _build_spread_constraints(self) -> list[LinearConstraint]:
        if self.n < 2 or not math.isfinite(self.stage.limit):
            return []
        cell = np.arange(self.cells)
        rows = self._build_sparse_rows(np.ones(self.cells), cell % self.k, self.at_w + cell, self.k)
        limit = np.full(self.k, -self.stage.limit)
        rows += self._build_sparse_rows(limit, range(self.k), self.at_m + np.arange(self.k), self.k)
        return [LinearConstraint(rows, -np.inf, 0)]

    def _limit_departures(self) -> tuple[Any, Floats]:
        """Of each kind at most a share of a school's teachers leaves."""
        out = [
            (w.source * self.k + w.item, 2 * self.cells + at)
            for at, w in enumerate(self.ways)
            if w.source >= 0
        ]
        row, column = (np.array(side, np.intp) for side in (zip(*out, strict=True) if out else ((), ())))
        most = np.floor(self.stage.totals.ravel() * self.rules.share + 1e-9)
        return self._build_sparse_rows(np.ones(len(row)), row, column, self.cells), most

    def solve(self, tangents: Tangents, whole: bool, seconds: float, gap: float) -> OptimizeResult:
        """One linear programme, with or without whole numbers."""
        cost, lower, upper, kinds = self.describe_columns()
        return solve_programme(
            cost,
            kinds if whole else np.zeros(self.width),
            (lower, upper),
            self.list_rows(tangents),
            seconds,
            gap,
        )

    def describe_columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Cost, least, most and 1 for whole numbers of every column."""
        bought = np.isfinite(self.rules.price)
        rest = np.zeros(2 * self.cells + self.k)
        ways = len(self.ways)
        upper = np.concatenate([np.tile(np.where(bought, np.inf, 0), self.n), np.ones(self.cells),
                                np.full(ways, np.inf),
                                rest + np.inf])  # fmt: skip
        price = np.tile(np.where(bought, self.rules.price, 0), self.n) * self.scale
        kinds = np.concatenate([np.tile(self.rules.whole, self.n), np.ones(self.cells + ways), rest])
        lower = np.zeros(self.width)
        if self.relief is not None:
            lower[self.cells : 2 * self.cells] = upper[self.cells : 2 * self.cells] = self.relief
        cost = np.concatenate([price, np.zeros(self.cells), self._price_moves(), rest]) / MONEY
        return cost, lower, upper, kinds

    def list_rows(self, tangents: Tangents) -> list[LinearConstraint]:
        """Every constraint, the tangents among them."""
        return [*self.fixed, *self._build_tangent_constraints(tangents)]

    def _price_moves(self) -> Floats:
        """A move through a township's pool is paid once, on leaving; a tiny price stops idle circles."""
        paid = max(self.rules.move_cost, 1e-6)
        return np.array([paid if way.source >= 0 else 0.0 for way in self.ways])

    def _build_tangent_constraints(self, tangents: Tangents) -> list[LinearConstraint]:
        """``2 r v - r^2 L m <= w`` for every school's slope r."""
        if not tangents:
            return []
        cell = np.concatenate([cells for cells, _ in tangents])
        slope = np.concatenate([slopes for _, slopes in tangents])
        root, row = np.sqrt(self.share)[cell // self.k], np.arange(len(cell))
        value = [2 * slope * root, -2 * slope * root - slope**2 * self.stage.limit, -np.ones(len(cell))]
        column = [self.at_q + cell, self.at_m + cell % self.k, self.at_w + cell]
        rows = self._build_sparse_rows(
            np.concatenate(value), np.tile(row, 3), np.concatenate(column), len(cell)
        )
        return [LinearConstraint(rows, -np.inf, 0)]

    def binding(self, tangents: Tangents, x: Floats) -> Tangents:
        """Only the tangents that a solution rests on: the others would slow the search for whole numbers."""
        if not tangents:
            return []
        cell = np.concatenate([cells for cells, _ in tangents])
        slope = np.concatenate([slopes for _, slopes in tangents])
        rows: Any = self._build_tangent_constraints(tangents)[0].A
        tight = rows @ x > -1e-5
        return [(cell[tight], slope[tight])]

    def totals(self, x: Floats) -> Floats:
        """(n, k) what every school has under a solution."""
        return self.stage.totals + (self.effect @ x).reshape(self.n, self.k)

    def first_tangents(self) -> Tangents:
        """Tangents where the schools stand today."""
        return self.lay_tangents(self.stage.totals, LOOSE)

    def tangents(self, x: Floats, slack: float) -> Tangents:
        """Tangents for every coefficient above its limit by more than ``slack``."""
        return self.lay_tangents(self.totals(x), slack)

    def lay_tangents(self, totals: Floats, slack: float) -> Tangents:
        """Tangents for every coefficient of these totals above its limit by more than ``slack``."""
        if self.n < 2 or not math.isfinite(self.stage.limit):
            return []
        q = np.maximum(totals, 0) / self.stage.wanted
        mean = self.share @ q
        v = np.sqrt(self.share)[:, None] * (q - mean)
        over = np.sqrt((v**2).sum(axis=0)) > (self.stage.limit + slack) * mean + 1e-15
        school = np.arange(self.n)
        return [
            (school * self.k + k, v[:, k] / max(self.stage.limit * mean[k], 1e-12))
            for k in np.flatnonzero(over)
        ]

    def read(self, x: Floats) -> _Solution:
        """Moves between named schools, purchases, and what every school has then."""
        bought = (x[: self.cells] * self.scale).reshape(self.n, self.k)
        bought = np.where(self.rules.whole, np.rint(bought), np.ceil(bought * 100 - 1e-3) / 100)
        counts = np.rint(x[2 * self.cells : self.at_q]).astype(int)
        used = [(way, int(c)) for way, c in zip(self.ways, counts, strict=True) if c]
        moves = tuple(_pair_moves(used, self.rules.group))
        after = self.stage.totals + bought
        for m in moves:
            after[m.source, m.item] -= m.count
            after[m.target, m.item] += m.count
        purchases = tuple(
            Purchase(item=int(k), school=int(i), amount=float(bought[i, k]))
            for i, k in np.argwhere(bought > 0)
        )
        paid = sum(self.rules.price[p.item] * p.amount for p in purchases)
        return _Solution(
            float(self.rules.move_cost * sum(m.count for m in moves) + paid), moves, purchases, after
        )


@dataclass(frozen=True, slots=True)
class _MoveColumn:
    """One column of moves: from a school (or -1: a township's pool) to a school (or -1)."""

    item: int
    source: int
    target: int


def _list_move_columns(stage: StageResources, rules: AllocationRules) -> tuple[list[_MoveColumn], csr_array]:
    """Columns of moves. Without distances a township's pool stands between giver and taker: 2n columns, not n²."""
    kinds = [int(k) for k in np.flatnonzero(rules.movable & rules.whole)]
    n = len(stage.pupils)
    if rules.place is not None and math.isfinite(rules.reach):
        near = np.argwhere(_compute_distances_km(rules.place) <= rules.reach)
        same = np.zeros(n, np.intp) if rules.group is None else rules.group
        pairs = [(int(i), int(j)) for i, j in near if i != j and same[i] == same[j]]
        ways = [_MoveColumn(k, i, j) for k in kinds for i, j in pairs]
        return ways, csr_array((0, len(ways)))
    group = np.zeros(n, np.intp) if rules.group is None else np.asarray(rules.group)
    ways = [way for k in kinds for i in range(n) for way in (_MoveColumn(k, i, -1), _MoveColumn(k, -1, i))]
    pools = {pair: at for at, pair in enumerate((k, g) for k in kinds for g in np.unique(group))}
    rows = [pools[way.item, group[max(way.source, way.target)]] for way in ways]
    signs = [1.0 if way.source >= 0 else -1.0 for way in ways]
    cells = (signs, (rows, range(len(ways))))
    return ways, csr_array(coo_array(cells, shape=(len(pools), len(ways)))) if ways else csr_array((0, 0))


def _compute_distances_km(place: Floats) -> Floats:
    """(n, n) great-circle distances."""
    longitude, latitude = np.radians(place).T
    half = np.sin((latitude[:, None] - latitude) / 2) ** 2
    half += np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    return np.asarray(2 * 6371.0 * np.arcsin(np.sqrt(np.minimum(1, half))))


def _pair_moves(counts: Sequence[tuple[_MoveColumn, int]], group: Ints | None) -> Iterable[TeacherMove]:
    """Moves between two schools: given ones as they are, those through a pool matched giver to taker."""
    given: dict[tuple[int, int], list[list[int]]] = {}
    taken: dict[tuple[int, int], list[list[int]]] = {}
    for way, count in counts:
        if way.source >= 0 and way.target >= 0:
            yield TeacherMove(item=way.item, source=way.source, target=way.target, count=count)
            continue
        school = max(way.source, way.target)
        pool = (way.item, 0 if group is None else int(group[school]))
        (given if way.source >= 0 else taken).setdefault(pool, []).append([school, count])
    for pool, takers in taken.items():
        yield from _match_givers_to_takers(pool[0], given.get(pool, []), takers)


def _match_givers_to_takers(
    item: int, givers: list[list[int]], takers: list[list[int]]
) -> Iterable[TeacherMove]:
    for taker in takers:
        for giver in givers:
            count = min(giver[1], taker[1])
            if count and giver[0] != taker[0]:
                yield TeacherMove(item=item, source=giver[0], target=taker[0], count=count)
                giver[1] -= count
                taker[1] -= count


def _isolate_resource(
    stage: StageResources, rules: AllocationRules, k: int, limit: float = 0.0
) -> tuple[StageResources, AllocationRules]:
    """One resource by itself, its value free to stay at the floor where the whole would allow it."""
    spared = stage.must_reach < stage.totals.shape[1]
    alone = StageResources(
        pupils=stage.pupils, totals=stage.totals[:, [k]], marks=stage.marks[[k]], limit=limit or stage.limit,
        must_reach=0 if spared else 1, floor=stage.floor,
    )  # fmt: skip
    own = AllocationRules(
        price=rules.price[[k]], whole=rules.whole[[k]], movable=rules.movable[[k]], move_cost=rules.move_cost,
        share=rules.share, group=rules.group, place=rules.place, reach=rules.reach,
    )  # fmt: skip
    return alone, own


def _solve_relaxation(model: _AllocationModel, until: float) -> tuple[Tangents, OptimizeResult | None]:
    """Tangents that hold the continuous relaxation to the limits, valid for the whole numbers too; its answer."""
    tangents, answer = model.first_tangents(), None
    for _ in range(ROUNDS):
        last, answer = (
            answer,
            model.solve(tangents, whole=False, seconds=max(until - time.perf_counter(), 0.5), gap=0),
        )
        if answer.x is None:
            return tangents, last
        fresh = model.tangents(answer.x, LOOSE)
        if not fresh or time.perf_counter() > until:
            return model.binding(tangents, answer.x) + fresh, answer
        tangents += fresh
    return tangents, answer


def _search_whole_numbers(
    model: _AllocationModel, tangents: Tangents, until: float, gap: float
) -> tuple[OptimizeResult | None, float]:
    """Whole numbers that keep every coefficient to its limit, and a bound on every plan's cost.

    The answer may be an infeasible one (status 2); None where time ran out.
    """
    bound = -math.inf
    while (left := until - time.perf_counter()) > 0:
        answer = model.solve(tangents, whole=True, seconds=left, gap=gap)
        if answer.mip_dual_bound is not None:
            bound = max(bound, float(answer.mip_dual_bound))
        if answer.x is None:
            return (answer if answer.status == 2 else None), bound
        fresh = model.tangents(answer.x, PRINTED_SLACK)
        if not fresh:
            return answer, bound
        tangents = tangents + fresh
    return None, bound
