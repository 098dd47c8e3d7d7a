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

from edustats.typing import Flags, Floats, Positions

CELLS = 3 << 14
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
    even: bool = False
    """Whether every unit counts the same in its area."""

    @cached_property
    def rows(self) -> Positions:
        """Number of each area."""
        return np.arange(len(self.p))

    @property
    def filled(self) -> bool:
        """Whether some area is shorter than the others."""
        return bool(self.n.min() < self.p.shape[1])

    @cached_property
    def real(self) -> Floats:
        """1 for each unit and 0 for filling: what a plain sum over the units of an area is weighted by."""
        return (self.p > 0).astype(float) if self.filled else np.ones(self.p.shape[1])

    @cached_property
    def log(self) -> Floats:
        """Logarithm of ``r``; minus infinity where a value is 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.r)

    @cached_property
    def root(self) -> Floats:
        """Square root of ``r``."""
        return np.sqrt(self.r)

    @cached_property
    def square(self) -> Floats:
        """Squared distance of ``r`` from its mean."""
        away = self.r - 1
        return away * away

    @cached_property
    def part(self) -> Floats:
        """Each unit's share of the total."""
        return self.p * self.r

    @cached_property
    def rest(self) -> Floats:
        """Share of the weight that is left when a unit is left out."""
        return 1 - self.p

    @cached_property
    def mean_without(self) -> Floats:
        """Mean of ``r`` when a unit is left out."""
        return (1 - self.part) / self.rest

    @cached_property
    def log_mean_without(self) -> Floats:
        """Its logarithm; minus infinity where the unit holds all."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(self.mean_without)

    @cached_property
    def ladder(self) -> Floats:
        """``below`` of all areas in one ascending column: area number plus cumulated share."""
        return (self.below + self.rows[:, None]).ravel()

    @cached_property
    def found(self) -> dict[float, tuple[Positions, Flags]]:
        """Units already looked for, by cumulated share."""
        return {}

    @cached_property
    def effective(self) -> Floats:
        """How many units of equal weight would weigh as these do."""
        return 1 / np.vecdot(self.p, self.p)

    @cached_property
    def _curve(self) -> NDArray[np.complex128]:
        """``below`` and ``held`` as real and imaginary part: two running sums take the time of one."""
        both = np.empty(self.p.shape, dtype=complex)
        both.real, both.imag = self.p, self.part
        return np.cumsum(both, axis=1, out=both)

    @property
    def below(self) -> Floats:
        """Share of the weight at or below each unit; only where the units are in order of value."""
        return self._curve.real

    @property
    def held(self) -> Floats:
        """Share of the total at or below each unit (the Lorenz curve); only where in order of value."""
        return self._curve.imag

    @cached_property
    def distance(self) -> Floats:
        """Mean distance of each unit from all others, over the mean; only where in order of value."""
        found = self.below - 0.5
        found *= self.r
        found -= self.held
        found *= 2
        found += self.held[:, -1:]
        return found

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
    counts, even = np.full(len(x), x.shape[1]) if n is None else n, w is None
    if w is None:
        x = np.sort(x, axis=1) if in_order else x
        w = (np.arange(x.shape[1]) < counts[:, None]).astype(float)
    elif in_order:
        place = order_rows(x)
        x, w = x.take(place), w.take(place)
    # Scaled down first: the sums of very large values would overflow.
    top = (x[:, -1] if in_order else x.max(axis=1))[:, None]
    weight = w.sum(axis=1)
    p = w / weight[:, None]
    r = x / top
    mean = np.vecdot(p, r)
    r /= mean[:, None]
    return AreaArrays(r=r, p=p, n=counts, mean=mean * top[:, 0], weight=weight, even=even)


def order_rows(x: Floats) -> Positions:
    """Places in the whole matrix that bring each row in order; equal values keep the order they came in.

    The numbers of the columns travel in the last binary places of the values, so that one sort without a second array
    does, which is several times as fast. Rows that those places would have ordered otherwise are sorted again.

    Examples
    --------
    >>> order_rows(np.array([[3.0, 1.0], [1.0, 2.0]]))
    array([[1, 0],
           [2, 3]])
    """
    areas, units = x.shape
    last = (1 << (units - 1).bit_length()) - 1
    place = np.ascontiguousarray(x).view(np.int64) & ~last
    place |= np.arange(units)
    place.sort(axis=1)
    place &= last
    place += (np.arange(areas) * units)[:, None]
    found = x.take(place)
    wrong = np.flatnonzero((found[:, 1:] < found[:, :-1]).any(axis=1))
    if len(wrong):
        place[wrong] = np.argsort(x[wrong], axis=1, kind="stable") + (wrong * units)[:, None]
    return place


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AreaBlock:
    """Some areas of like size: their numbers, the rows of their units one area after another, and how many each has."""

    areas: Positions
    rows: Positions
    n: NDArray[np.intp]

    def lay_out(self, column: Floats, filling: float = 0.0) -> Floats:
        """A column of the table with an area in each row; shorter areas are filled up at the end."""
        found = column[self.rows]
        areas, units = len(self.n), self.n[-1]
        if self.n[0] == units:
            return found.reshape(areas, units)
        laid = np.full((areas, units), filling)
        laid[np.arange(units) < self.n[:, None]] = found
        return laid


def iterate_area_blocks(code: NDArray[np.integer[Any]], wanted: Flags) -> Iterator[AreaBlock]:
    """Areas of like size together, a cache-full at a time.

    Parameters
    ----------
    code : (rows,) array
        Number of the area of each row; rows of one area keep the order they come in.
    wanted : (areas,) array
        Which areas.

    Examples
    --------
    >>> found = [*iterate_area_blocks(np.array([1, 0, 1]), np.array([True, True]))]
    >>> [(block.areas.tolist(), block.lay_out(np.array([3.0, 4.0, 5.0])).tolist()) for block in found]
    [([0, 1], [[4.0, 0.0], [3.0, 5.0]])]
    """
    size = np.bincount(code, minlength=len(wanted))
    by_size = np.argsort(size, kind="stable")
    by_size = by_size[(wanted & (size > 0))[by_size]]
    sizes = size[by_size]
    place = np.full(len(size), len(size))
    place[by_size] = np.arange(len(by_size))
    # Area and row in one number: one sort without a second array, several times as fast as a stable argsort.
    order = place.take(code)
    order <<= 32
    for start in range(0, len(code), CELLS):
        order[start : start + CELLS] |= np.arange(start, min(start + CELLS, len(code)))
    order.sort()
    order &= (1 << 32) - 1
    first = row = 0
    while first < len(sizes):
        reach = sizes[first : first + CELLS // sizes[first] + 1]
        cells = reach * np.arange(1, len(reach) + 1)
        # Areas of one size fill the cache; of different sizes fewer go together, so that little is filling.
        fits = (cells <= CELLS // 4) | ((reach == reach[0]) & (cells <= CELLS))
        n = reach[: max(int(fits.sum()), 1)]
        last, end = first + len(n), row + int(n.sum())
        yield AreaBlock(areas=by_size[first:last], rows=order[row:end], n=n)
        first, row = last, end
