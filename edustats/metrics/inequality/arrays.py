"""How are the units of many areas laid side by side, so that one formula serves them all?

An area is a row, a unit a column, shorter areas are filled up with units of weight 0. Every formula in
:mod:`edustats.metrics.inequality.formulas` reads such a matrix; a single area is a matrix of one row, and a bootstrap
of one area a matrix of its draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edustats.typing import Floats, Positions

CELLS = 1 << 16
"""Units worked on at a time: small enough for the processor's cache, large enough to be worth a call."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaArrays:
    """Values over their area's mean, and weights as shares of one."""

    r: Floats
    """(areas, units): value over the weighted mean; filling repeats some value of the area."""
    p: Floats
    """(areas, units): share of the area's weight; filling has 0."""
    n: NDArray[np.intp]
    """(areas,): units."""
    mean: Floats
    """(areas,): weighted mean, in the value's own unit."""
    weight: Floats
    """(areas,): sum of the weights."""

    @cached_property
    def log(self) -> Floats:
        """Logarithm of ``r``; minus infinity where a value is 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.r)

    @property
    def filled(self) -> bool:
        """Whether some area is shorter than the others."""
        return bool(self.n.min() < self.p.shape[1])

    @cached_property
    def ladder(self) -> Floats:
        """``below`` of all areas in one ascending column: area number plus cumulated share."""
        return (self.below + np.arange(len(self.p))[:, None]).ravel()

    @cached_property
    def effective(self) -> Floats:
        """How many units of equal weight would weigh as these do."""
        return 1 / np.vecdot(self.p, self.p)

    @cached_property
    def below(self) -> Floats:
        """Share of the weight at or below each unit; only where the units are in order of value."""
        return np.cumsum(self.p, axis=1)

    @cached_property
    def held(self) -> Floats:
        """Share of the total at or below each unit (the Lorenz curve); only where in order of value."""
        return np.cumsum(self.p * self.r, axis=1)

    @cached_property
    def distance(self) -> Floats:
        """Mean distance of each unit from all others, over the mean; only where in order of value."""
        held = self.held
        return self.r * (2 * self.below - 1) - 2 * held + held[:, -1:]

    def sum(self, part: NDArray[Any]) -> Floats:
        """Weighted mean of a part over the units of each area."""
        return np.asarray(np.vecdot(self.p, part))


def arrange_areas(
    x: Floats, w: Floats | None, n: NDArray[np.intp] | None = None, *, in_order: bool = True
) -> AreaArrays:
    """Lay values and weights out as areas.

    Parameters
    ----------
    x, w : (areas, units) array
        Values >= 0, not all 0, and weights > 0; filling, if any, at the end of each row with the largest
        value and weight 0. Without weights every unit counts the same.
    n : (areas,) array, optional
        Units of each area; left out, no row is filled.
    in_order : bool
        Bring the units of each area in order of value.

    Examples
    --------
    >>> found = arrange_areas(np.array([[3.0, 1.0]]), np.array([[1.0, 1.0]]))
    >>> found.r, found.p, found.mean
    (array([[0.5, 1.5]]), array([[0.5, 0.5]]), array([2.]))
    """
    counts = np.full(len(x), x.shape[1]) if n is None else n
    if w is None:
        x = np.sort(x, axis=1) if in_order else x
        w = (np.arange(x.shape[1]) < counts[:, None]).astype(float)
    elif in_order:
        order = np.argsort(x, axis=1)
        x, w = np.take_along_axis(x, order, axis=1), np.take_along_axis(w, order, axis=1)
    # Scaled down first: the sums of very large values would overflow.
    top = (x[:, -1] if in_order else x.max(axis=1))[:, None]
    weight = w.sum(axis=1)
    p = w / weight[:, None]
    r = x / top
    mean = np.vecdot(p, r)
    r /= mean[:, None]
    return AreaArrays(r=r, p=p, n=counts, mean=mean * top[:, 0], weight=weight)


def arrange_one_area(values: Floats, weights: Floats, *, in_order: bool = True) -> AreaArrays:
    """A single area as a matrix of one row.

    Examples
    --------
    >>> arrange_one_area(np.array([1.0, 3.0]), np.array([1.0, 1.0])).r
    array([[0.5, 1.5]])
    """
    # Scaled down first, as the values are: weights near the largest number would overflow in their sum.
    top = weights.max()
    found = arrange_areas(values[None], weights[None] / top, in_order=in_order)
    return replace(found, weight=found.weight * top)


def iterate_area_blocks(
    code: Positions, groups: int
) -> Iterator[tuple[Positions, Positions, NDArray[np.intp]]]:
    """Areas of like size together, a cache-full at a time.

    Yields the numbers of the areas, the row number of each of their units (areas, units) with -1 for
    filling, and how many units each has. Rows of one area keep the order they came in.

    Examples
    --------
    >>> [(a.tolist(), rows.tolist()) for a, rows, n in iterate_area_blocks(np.array([1, 0, 1]), 2)]
    [([0, 1], [[1, -1], [0, 2]])]
    """
    # A small whole number is sorted by radix, in a tenth of the time.
    small = np.min_scalar_type(max(groups - 1, 0))
    order = np.argsort(code.astype(small, copy=False), kind="stable")
    size = np.bincount(code, minlength=groups)
    start = np.cumsum(size) - size
    by_size = np.argsort(size, kind="stable")
    by_size = by_size[size[by_size] > 0]
    first = 0
    while first < len(by_size):
        last = first + 1
        while last < len(by_size) and _fits_one_block(
            size[by_size[first]], size[by_size[last]], last + 1 - first
        ):
            last += 1
        chosen = by_size[first:last]
        n = size[chosen]
        column = np.arange(n[-1])
        place = start[chosen, None] + column
        if n[0] == n[-1]:
            yield chosen, order[place], n
        else:
            real = column < n[:, None]
            yield chosen, np.where(real, order[np.where(real, place, 0)], -1), n
        first = last


def _fits_one_block(smallest: int, largest: int, areas: int) -> bool:
    """Whether areas of these sizes fit one block: no larger than the cache, and little of it filling."""
    cells = areas * largest
    return cells <= CELLS and (smallest == largest or cells <= CELLS // 4)
