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
    attained: float
    """The level that permutations can reach without exceeding 5 %: with few units well below it."""
    detectable: float
    """The effect that the t finds with a probability of 80 %: the power, said before the verdict."""

    @property
    def verdict(self) -> str:
        """``higher`` or ``lower`` where both tests agree at 5 %, else ``cannot_tell``."""
        if max(self.t_p, self.permutation_p) > LEVEL:
            return "cannot_tell"
        return "higher" if self.effect > 0 else "lower"


def count_permutations(first: Ints, areas: Ints | None = None) -> int:
    """Ways in which the beginnings could have fallen on the units, or on those of each area.

    Examples
    --------
    >>> count_permutations(np.array([2020, 2020, 2020, 0, 0, 0, 0, 0, 0]))
    84
    """
    if areas is not None:
        return prod(count_permutations(first[areas == one]) for one in np.unique(areas))
    _, sizes = np.unique(first, return_counts=True)
    return factorial(len(first)) // prod(factorial(int(n)) for n in sizes)


def find_attained_level(first: Ints, areas: Ints | None = None) -> float:
    """The largest share of permutations up to 5 % that a test can reject; 0 where not even the least one fits.

    With one cohort as large as the comparison every assignment has its mirror, so permutations come in pairs.

    Examples
    --------
    >>> [round(find_attained_level(np.repeat([2020, 0], pair)), 3) for pair in ((2, 7), (3, 6), (3, 3), (4, 4))]
    [0.028, 0.048, 0.0, 0.029]
    """
    cohorts, sizes = np.unique(first[first > 0], return_counts=True)
    even = areas is None and len(cohorts) == 1 and 2 * sizes[0] == len(first)
    ways = count_permutations(first, areas) // (2 if even else 1)
    return int(LEVEL * ways + 1e-9) / ways


def compare_collapsed(
    values: Floats, years: Ints, first: Ints, seed: int = 1, areas: Ints | None = None
) -> CollapsedComparison:
    """Before and after, with comparison; permutations and t together.

    Parameters
    ----------
    values : (n, t) complete, in the indicator's unit
    years : (t,)
    first : (n,) year in which each unit began, 0: never; both kinds are there
    seed : of the permutations drawn where there are more than 20,000, or several areas
    areas : (n,) area of each unit; each is then compared, and permuted, within its own. Both kinds are in every area

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
    table, share = _tabulate_changes(values, years, first)
    effect, error, freedom = _compute_t(table, first, share, areas)
    p, ways, exact = _permute(table, first, effect, seed, areas)
    reach = float(stats.t.ppf(1 - LEVEL / 2, freedom))
    cohorts = np.unique(first[first > 0])
    change = float(np.concatenate([table[first == g, k] for k, g in enumerate(cohorts)]).mean())
    return CollapsedComparison(
        change=change, change_others=change - effect, effect=effect, lower=effect - reach * error,
        upper=effect + reach * error, error=error, freedom=freedom, permutation_p=p, permutations=ways, is_exact=exact,
        attained=find_attained_level(first, areas) if exact else LEVEL,
        t_p=float(2 * stats.t.sf(abs(effect) / error, freedom)) if error > 0 else float(effect == 0),
        detectable=(reach + float(stats.t.ppf(0.8, freedom))) * error,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftBefore:
    """How the two sides moved apart before, and what is left of the difference if that had gone on."""

    p: float
    """Chance of trends before as different as these, if both sides moved alike; a t, for few units too."""
    drift: float
    """What the difference of trends adds up to over the years compared."""
    lower: float
    upper: float
    """Limits of the effect less that drift, with the drift's own uncertainty."""
    detectable: float
    """The effect that still shows after it with a probability of 80 %."""


def bound_drift(values: Floats, years: Ints, first: Ints, areas: Ints | None = None) -> DriftBefore:
    """The effect if both sides had gone on moving apart in a straight line, as they did before.

    Parameters
    ----------
    values, years, first, areas : as for :func:`compare_collapsed`

    Returns
    -------
    DriftBefore
        All nan where no cohort has two years before.

    Notes
    -----
    Each unit gives its change and its slope before; one difference of slopes for all cohorts, each cohort with the
    weight of its information. Under a straight drift the limits hold as exactly as those of the plain comparison; this
    is the smoothness restriction of Rambachan and Roth (2023) with M = 0.

    Examples
    --------
    >>> steady = np.array([[0.0, 1, 2, 3], [0, 1, 2.1, 3], [0, 0, 0, 0], [0, 0, 0.1, 0], [0, 0, 0, 0.1]])
    >>> found = bound_drift(steady, np.arange(2020, 2024), np.array([2022, 2022, 0, 0, 0]))
    >>> round(found.drift, 2), found.lower < 0 < found.upper
    (2.0, True)
    """
    changes, share = _tabulate_changes(values, years, first)
    slopes, span = _tabulate_slopes(values, years, first), _measure_span(years, first)
    if slopes is None:
        return DriftBefore(**dict.fromkeys(("p", "drift", "lower", "upper", "detectable"), float("nan")))
    gap, error, freedom = _compute_t(slopes, first, share, areas)
    left, wide, count = _compute_t(changes - span * slopes, first, share, areas)
    reach = float(stats.t.ppf(1 - LEVEL / 2, count)) * wide
    return DriftBefore(
        p=float(2 * stats.t.sf(abs(gap) / error, freedom)) if error > 0 else float(gap == 0), drift=span * gap,
        lower=left - reach, upper=left + reach, detectable=reach + float(stats.t.ppf(0.8, count)) * wide,
    )  # fmt: skip


def _tabulate_changes(values: Floats, years: Ints, first: Ints) -> tuple[Floats, Floats]:
    """Each unit's mean after minus mean before every cohort's beginning (units, cohorts); the cohorts' shares."""
    cohorts, sizes = np.unique(first[first > 0], return_counts=True)
    columns = [values[:, years >= g].mean(axis=1) - values[:, years < g].mean(axis=1) for g in cohorts]
    return np.column_stack(columns), sizes / sizes.sum()


def _tabulate_slopes(values: Floats, years: Ints, first: Ints) -> Floats | None:
    """Each unit's slope before every cohort's beginning, so weighted that the cohorts' mean uses all information."""
    columns, known = [], 0.0
    for g in np.unique(first[first > 0]):
        before = years < g
        centred = years[before] - years[before].mean()
        columns.append(values[:, before] @ centred)
        known += float((first == g).sum() * (centred @ centred))
    return np.column_stack(columns) * (first > 0).sum() / known if known > 0 else None


def _measure_span(years: Ints, first: Ints) -> float:
    """Years from the middle of the years before to the middle of those after; mean over those who took part."""
    return float(np.mean([years[years >= g].mean() - years[years < g].mean() for g in first[first > 0]]))


def subtract_others(table: Floats, first: Ints, areas: Ints) -> Floats:
    """Every row less the mean of those of its area that never took part.

    Examples
    --------
    >>> subtract_others(np.array([[1.0], [2], [5]]), np.array([0, 0, 2020]), np.array([0, 0, 0])).tolist()
    [[-0.5], [0.5], [3.5]]
    """
    means = [table[(first == 0) & (areas == one)].mean(axis=0) for one in range(areas.max() + 1)]
    return np.asarray(table - np.array(means)[areas])


def _compute_t(table: Floats, first: Ints, share: Floats, areas: Ints | None) -> tuple[float, float, int]:
    """Difference of the two sides, its error and degrees of freedom: one spread for both sides, or each its own.

    With few units a spread of its own is too uncertain; with many, those who took part differ in spread too.
    """
    areas = np.zeros(len(first), dtype=np.int64) if areas is None else areas
    left = subtract_others(table, first, areas)
    cohorts = np.unique(first[first > 0])
    own = np.concatenate([left[first == g, k] for k, g in enumerate(cohorts)])
    rest = left[first == 0] @ share
    weight = np.bincount(areas[first > 0], minlength=areas.max() + 1) / len(own)
    widths = np.array([1 / len(own), (weight**2 / np.bincount(areas[first == 0])).sum()])
    freedoms = np.array([len(own) - 1, len(rest) - areas.max() - 1])
    squares = np.array([((own - own.mean()) ** 2).sum(), (rest**2).sum()])
    if min(len(own), len(rest)) >= MANY and freedoms.min() > 0:
        parts = squares / freedoms * widths
        whole = float(parts.sum())
        freedom = int(whole**2 / (parts**2 / freedoms).sum()) if whole > 0 else int(freedoms.sum())
        return float(own.mean()), float(np.sqrt(whole)), freedom
    freedom = int(freedoms.sum())
    return float(own.mean()), float(np.sqrt(squares.sum() / freedom * widths.sum())), freedom


def _permute(
    table: Floats, first: Ints, effect: float, seed: int, areas: Ints | None
) -> tuple[float, int, bool]:
    """How often an assignment as good as the real one gives a difference at least as large."""
    ways, cohorts = count_permutations(first, areas), np.unique(first[first > 0])
    exact = ways <= MOST_PERMUTATIONS and areas is None
    areas = np.zeros(len(first), dtype=np.int64) if areas is None else areas
    place = np.searchsorted(cohorts, first)
    marks = np.where(first > 0, place, -1)
    if exact:
        orders = np.array(list(_list_assignments(marks, len(cohorts))))
    else:
        chance = np.random.default_rng(seed)
        orders = np.tile(marks, (DRAWN + 1, 1))
        for one in np.unique(areas):
            own = areas == one
            orders[1:, own] = chance.permuted(orders[1:, own], axis=1)
    found = np.abs(_differences(table, orders, areas))
    # sums in another order differ in the last digits: the real one must count as equal to itself
    return float(np.mean(found >= abs(effect) - 1e-9 * max(1.0, abs(effect)))), ways, exact


def _differences(table: Floats, orders: Ints, areas: Ints) -> Floats:
    """Effect under each assignment; (w,)"""
    total, treated = np.zeros(len(orders)), (orders[0] >= 0).sum()
    for one in np.unique(areas):
        held, place = table[areas == one], orders[:, areas == one]
        outside = place < 0
        for k in range(table.shape[1]):
            inside = place == k
            others = outside @ held[:, k] / outside.sum(axis=1)
            total += inside @ held[:, k] - inside.sum(axis=1) * others
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
