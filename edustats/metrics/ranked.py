"""By which formula does one column lean towards the upper end of another, and what does each unit add?

The counterpart of :mod:`edustats.metrics.spread` for two columns: a value, and the rank of each unit by
something else. Fractional ranks run from 0 to 1; tied units share the middle of the place they fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edustats.metrics.columns import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranking:
    """Units of many areas in order of their rank variable; filling has share 0."""

    h: Floats
    """(areas, units): the value, of either sign, in any unit."""
    p: Floats
    """(areas, units): share of the area's weight."""
    first: Floats
    """(areas, units): weight share of all that rank below."""
    last: Floats
    """(areas, units): weight share of all that rank no higher, ties among them."""
    n: NDArray[np.intp]

    @cached_property
    def middle(self) -> Floats:
        """Fractional rank."""
        return (self.first + self.last) / 2

    @cached_property
    def mean(self) -> Floats:
        return np.vecdot(self.p, self.h)

    @cached_property
    def lean(self) -> Floats:
        """Covariance of value and fractional rank."""
        return np.vecdot(self.p * self.h, self.middle - 0.5)

    @cached_property
    def rank_variance(self) -> Floats:
        return np.vecdot(self.p, (self.middle - 0.5) ** 2)

    def lean_influence(self) -> Floats:
        """Influence of each unit on ``lean``, through its value and through everybody's rank."""
        held = _over_ties(np.cumsum(self.p * self.h, axis=1), self)
        return self.h * (self.middle - 0.5) + self.mean[:, None] / 2 - held - 2 * self.lean[:, None]


def _over_ties(cumulated: Floats, ranking: Ranking) -> Floats:
    """Mean of what is cumulated before and after the units tied with each."""
    before = np.concatenate([np.zeros((len(cumulated), 1)), cumulated[:, :-1]], axis=1)
    start, end = _runs(ranking.last)
    return (np.take_along_axis(before, start, 1) + np.take_along_axis(cumulated, end, 1)) / 2


def _runs(column: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each place in sorted rows, where the run of equal entries around it starts and ends."""
    places = np.arange(column.shape[1])
    new = np.ones(column.shape, dtype=bool)
    new[:, 1:] = column[:, 1:] != column[:, :-1]
    start = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    closing = np.ones(column.shape, dtype=bool)
    closing[:, :-1] = new[:, 1:]
    backwards = np.where(closing, places, column.shape[1] - 1)[:, ::-1]
    return start, np.minimum.accumulate(backwards, axis=1)[:, ::-1]


def ranking_of(h: Floats, rank: Floats, w: Floats, n: NDArray[np.intp] | None = None) -> Ranking:
    """Lay values out in order of rank.

    Parameters
    ----------
    h, rank, w : (areas, units) array
        Value, rank variable (higher is better off) and weight; filling at the end of each row with weight 0
        and the highest rank.
    n : (areas,) array, optional
        Units of each area; left out, no row is filled.

    Examples
    --------
    >>> ranking_of(np.array([[1.0, 2.0, 3.0]]), np.array([[5.0, 9.0, 5.0]]), np.ones((1, 3))).middle.round(2)
    array([[0.33, 0.33, 0.83]])
    """
    order = np.argsort(rank, axis=1, kind="stable")
    h, rank, w = (np.take_along_axis(column, order, axis=1) for column in (h, rank, w))
    p = w / w.sum(axis=1)[:, None]
    below = np.cumsum(p, axis=1)
    start, end = _runs(rank)
    first = np.take_along_axis(below - p, start, 1)
    last = np.take_along_axis(below, end, 1)
    counts = np.full(len(h), h.shape[1]) if n is None else n
    return Ranking(h=h, p=p, first=first, last=last, n=counts)


def extended(ranking: Ranking, nu: float) -> Floats:
    """Mean value times the extended concentration index: ``nu`` sets how much the worst off count."""
    share = ranking.last - ranking.first
    factor = share + (1 - ranking.last) ** nu - (1 - ranking.first) ** nu
    return np.vecdot(ranking.p * ranking.h, factor / share)


def symmetric(ranking: Ranking, beta: float) -> Floats:
    """Mean value times the symmetric concentration index: ``beta`` sets how much both ends count."""
    share = ranking.last - ranking.first
    ends = np.abs(ranking.last - 0.5) ** beta - np.abs(ranking.first - 0.5) ** beta
    return np.vecdot(ranking.p * ranking.h, 2 ** (beta - 2) * ends / share)
