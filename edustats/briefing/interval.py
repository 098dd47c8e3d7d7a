"""Which values can a printed number stand for, and what follows from them?

A printed number stands for every value that would have been printed so. Arithmetic on intervals keeps
every value that is still possible, so a claim is wrong only when nothing in them can make it right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SLACK = 1e-9
"""Relative room for binary fractions: 48.23 - 31.74 is not exactly 16.49 in floating point."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed range of values."""

    lo: float
    hi: float

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.lo + other.lo, self.hi + other.hi)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.lo - other.hi, self.hi - other.lo)

    def __mul__(self, other: Interval) -> Interval:
        ends = [_multiply_ends(a, b) for a in (self.lo, self.hi) for b in (other.lo, other.hi)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        """Quotient; a divisor that may be zero leaves every value possible."""
        if other.lo <= 0 <= other.hi:
            return Interval(-math.inf, math.inf)
        return self * Interval(1 / other.hi, 1 / other.lo)

    def times(self, factor: float) -> Interval:
        """Every value times a number."""
        ends = _multiply_ends(self.lo, factor), _multiply_ends(self.hi, factor)
        return Interval(min(ends), max(ends))

    def plus(self, shift: float) -> Interval:
        """Every value plus a number."""
        return Interval(self.lo + shift, self.hi + shift)

    def root(self, n: int) -> Interval:
        """The n-th root of every value; of none below zero."""
        return Interval(max(self.lo, 0.0) ** (1 / n), max(self.hi, 0.0) ** (1 / n))

    def meets(self, other: Interval) -> bool:
        """Do the two share a value, apart from binary rounding?

        Examples
        --------
        >>> Interval(1.442, 1.447).meets(Interval(1.45, 1.55))
        False
        """
        room = SLACK * max(
            1.0, *(abs(end) for end in (self.lo, self.hi, other.lo, other.hi) if math.isfinite(end))
        )
        return self.lo <= other.hi + room and other.lo <= self.hi + room


def _multiply_ends(a: float, b: float) -> float:
    return 0.0 if 0.0 in (a, b) else a * b


def point(value: float) -> Interval:
    """The interval of one value."""
    return Interval(value, value)
