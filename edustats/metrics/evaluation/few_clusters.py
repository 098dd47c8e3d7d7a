"""Could a difference like this have come about without any effect, with so few counties or schools?

Each unit is reduced to one number, its mean after minus its mean before: years that resemble each other then cannot
pass for many observations. Two answers stand together, always: exact permutations of who took part, which need no
normal distribution, and a t on the reduced numbers, which gives an interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb, factorial, prod

import numpy as np
from scipy import stats

from edustats.typing import Floats, Ints

LEVEL = 0.05
MOST_PERMUTATIONS = 20_000
"""More ways than this are drawn and not counted out."""
DRAWN = 4_999
MANY = 10
"""Units on either side from which each side has its own spread (Welch)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollapsedComparison:
    """The change of those who took part, of those who did not, and the difference with both tests."""

    change: float
    """Mean change of those who took part, each from the mean before to the mean after its beginning."""
    change_others: float
    """Mean change of those who never took part, over the same years."""
    effect: float
    lower: float
    upper: float
    """Limits of 95 % from the t."""
    error: float
    freedom: int
    t_p: float
    permutation_p: float
    permutations: int
    is_exact: bool
    """Whether all permutations were counted, or some drawn."""
    detectable: float
    """The effect that the t finds with a probability of 80 %: the power, said before the verdict."""

    @property
    def verdict(self) -> str:
        """``higher`` or ``lower`` where both tests agree at 5 %, else ``cannot_tell``."""
        if max(self.t_p, self.permutation_p) > LEVEL:
            return "cannot_tell"
        return "higher" if self.effect > 0 else "lower"


def count_permutations(first: Ints) -> int:
    """Ways in which the beginnings could have fallen on the units.

    Examples
    --------
    >>> count_permutations(np.array([2020, 2020, 2020, 0, 0, 0, 0, 0, 0]))
    84
    """
    _, sizes = np.unique(first, return_counts=True)
    return factorial(len(first)) // prod(factorial(int(n)) for n in sizes)


def compare_collapsed(values: Floats, years: Ints, first: Ints, seed: int = 1) -> CollapsedComparison:
    """Before and after, with comparison; permutations and t together.

    Parameters
    ----------
    values : (n, t) complete, in the indicator's unit
    years : (t,)
    first : (n,) year in which each unit began, 0: never; both kinds are there
    seed : of the permutations drawn where there are more than 20,000

    Returns
    -------
    CollapsedComparison
        With one unit treated, or one not, the t borrows the spread of the others.

    Examples
    --------
    >>> values = np.array([[1.0, 4], [2, 5.1], [1, 1.9], [3, 4.1], [2, 3.0]])
    >>> found = compare_collapsed(values, np.array([2020, 2021]), np.array([2021, 2021, 0, 0, 0]))
    >>> round(found.effect, 2), found.permutations, found.permutation_p
    (2.05, 10, 0.1)
    """
    cohorts, sizes = np.unique(first[first > 0], return_counts=True)
    table = np.column_stack(
        [values[:, years >= g].mean(axis=1) - values[:, years < g].mean(axis=1) for g in cohorts]
    )
    share = sizes / sizes.sum()
    other = first == 0
    common = table[other].mean(axis=0)
    own = np.concatenate([table[first == g, k] - common[k] for k, g in enumerate(cohorts)])
    rest = (table[other] - common) @ share
    effect, error, freedom = _compute_t(own, rest)
    p, ways, exact = _permute(table, first, cohorts, effect, seed)
    reach = float(stats.t.ppf(1 - LEVEL / 2, freedom))
    change = float(sum(table[first == g, k].sum() for k, g in enumerate(cohorts)) / sizes.sum())
    return CollapsedComparison(
        change=change, change_others=float(common @ share), effect=effect, lower=effect - reach * error,
        upper=effect + reach * error, error=error, freedom=freedom, permutation_p=p, permutations=ways, is_exact=exact,
        t_p=float(2 * stats.t.sf(abs(effect) / error, freedom)) if error > 0 else float(effect == 0),
        detectable=(reach + float(stats.t.ppf(0.8, freedom))) * error,
    )  # fmt: skip


def compare_trends_before(values: Floats, years: Ints, first: Ints) -> float:
    """Chance of trends before the beginning as different as these, if both sides moved alike; a t, for few units too.

    Parameters
    ----------
    values, years, first : as for :func:`compare_collapsed`

    Returns
    -------
    float
        nan where no cohort has two years before.
    """
    cohorts = [g for g in np.unique(first[first > 0]) if (years < g).sum() > 1]
    if not cohorts:
        return float("nan")
    other, own, rest = first == 0, [], np.zeros(int((first == 0).sum()))
    total = sum(int((first == g).sum()) for g in cohorts)
    for g in cohorts:
        before = years < g
        centred = years[before] - years[before].mean()
        slope = values[:, before] @ centred / (centred @ centred)
        own.append(slope[first == g] - slope[other].mean())
        rest += (slope[other] - slope[other].mean()) * (first == g).sum() / total
    gap, error, freedom = _compute_t(np.concatenate(own), rest)
    return float(2 * stats.t.sf(abs(gap) / error, freedom)) if error > 0 else float(gap == 0)


def _compute_t(own: Floats, rest: Floats) -> tuple[float, float, int]:
    """Difference of two means, its error and degrees of freedom: one spread for both sides, or each its own.

    With few units a spread of its own is too uncertain; with many, those who took part differ in spread too.
    """
    gap = float(own.mean() - rest.mean())
    if min(len(own), len(rest)) >= MANY:
        parts = np.array([own.var(ddof=1) / len(own), rest.var(ddof=1) / len(rest)])
        sizes = np.array([len(own) - 1, len(rest) - 1])
        whole = float(parts.sum())
        freedom = int(whole**2 / (parts**2 / sizes).sum()) if whole > 0 else int(sizes.sum())
        return gap, float(np.sqrt(whole)), freedom
    freedom = len(own) + len(rest) - 2
    squares = ((own - own.mean()) ** 2).sum() + ((rest - rest.mean()) ** 2).sum()
    return gap, float(np.sqrt(squares / freedom * (1 / len(own) + 1 / len(rest)))), freedom


def _permute(table: Floats, first: Ints, cohorts: Ints, effect: float, seed: int) -> tuple[float, int, bool]:
    """How often an assignment as good as the real one gives a difference at least as large."""
    ways = count_permutations(first)
    exact = ways <= MOST_PERMUTATIONS
    place = np.searchsorted(cohorts, first)
    marks = np.where(first > 0, place, -1)
    if exact:
        orders = np.array(list(_list_assignments(marks, len(cohorts))))
    else:
        chance = np.random.default_rng(seed)
        orders = np.array([marks, *(chance.permutation(marks) for _ in range(DRAWN))])
    found = np.abs(_differences(table, orders))
    # sums in another order differ in the last digits: the real one must count as equal to itself
    return float(np.mean(found >= abs(effect) - 1e-9 * max(1.0, abs(effect)))), ways, exact


def _differences(table: Floats, orders: Ints) -> Floats:
    """Effect under each assignment; (w,)"""
    total, treated = np.zeros(len(orders)), (orders[0] >= 0).sum()
    outside = orders < 0
    for k in range(table.shape[1]):
        inside = orders == k
        others = outside @ table[:, k] / outside.sum(axis=1)
        total += inside @ table[:, k] - inside.sum(axis=1) * others
    return np.asarray(total / treated)


def _list_assignments(marks: Ints, cohorts: int) -> Iterator[Ints]:
    """All ways to give each cohort as many units as it has."""

    def fill(order: Ints, k: int) -> Iterator[Ints]:
        if k == cohorts:
            yield order
            return
        free = np.flatnonzero(order < 0)
        for chosen in combinations(free, int((marks == k).sum())):
            after = order.copy()
            after[list(chosen)] = k
            yield from fill(after, k + 1)

    yield from fill(np.full(len(marks), -1), 0)


def estimate_permutation_power(
    units: int, treated: int, effect: float, draws: int = 1000, seed: int = 1
) -> float:
    """Chance that exact permutations find an effect at 5 %, one cohort, normal changes.

    Parameters
    ----------
    units, treated : how many there are, and of them took part
    effect : in standard deviations of a unit's change
    draws : of the simulation; its error is about 1.5 points with 1,000
    seed : of the simulation

    Examples
    --------
    >>> estimate_permutation_power(9, 1, 2.0)
    0.0
    """
    if 1 / comb(units, treated) > LEVEL:
        return 0.0
    sets = np.array([np.isin(np.arange(units), c) for c in combinations(range(units), treated)], float)
    changes = np.random.default_rng(seed).standard_normal((draws, units))
    changes[:, :treated] += effect
    gaps = np.abs(changes @ sets.T / treated - changes @ (1 - sets).T / (units - treated))
    return float(np.mean((gaps >= gaps[:, :1] - 1e-9).mean(axis=1) <= LEVEL))
