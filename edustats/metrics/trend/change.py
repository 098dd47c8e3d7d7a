"""How much did one value change, and how fast on average?

Percentage points and per cent are different answers and are kept apart: ``points`` is a difference in the
value's own unit, ``relative`` is a share of the first value. Nothing here rounds; nothing here multiplies
by 100.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edustats.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueChange:
    """A change between two values of one indicator."""

    first: float
    last: float
    points: float
    """``last - first``, in the value's own unit; for a share, 0.05 is five percentage points."""
    relative: float
    """``last / first - 1``; 0.05 is five per cent. nan when the first value is 0, negative or missing."""


def measure_change(first: float, last: float) -> ValueChange:
    """Change from the first value to the last, in the value's unit and relative to the first.

    Parameters
    ----------
    first, last : float
        Two values of one indicator in the same unit; shares are 0-1.

    Returns
    -------
    ValueChange
        ``points`` is unbounded. ``relative`` is at least -1 when ``last`` is not negative; it is nan when
        ``first`` is 0 or negative, because a share of nothing, or of a debt, is not a growth.

    Notes
    -----
    A missing value (nan) on either side makes both answers nan; it is never read as 0.

    Examples
    --------
    >>> measure_change(0.25, 0.5)
    ValueChange(first=0.25, last=0.5, points=0.25, relative=1.0)
    >>> measure_change(0.0, 0.5).relative
    nan
    """
    relative = last / first - 1 if first > 0 else math.nan
    return ValueChange(first=first, last=last, points=last - first, relative=relative)


def cagr(first: float, last: float, intervals: float) -> float:
    """Compound annual growth rate: the constant yearly rate that leads from first to last.

    Parameters
    ----------
    first : float
        Value at the start, > 0.
    last : float
        Value at the end, same unit, >= 0.
    intervals : float
        Years between the two, >= 1: from 2019 to 2023 there are 4, not 5.

    Returns
    -------
    float
        ``(last / first) ** (1 / intervals) - 1``, from -1 upwards; 0.05 is five per cent a year. nan when a
        value is missing (nan).

    Raises
    ------
    DataError
        When there are fewer than one interval, ``first`` is 0 or negative, or ``last`` is negative.

    Examples
    --------
    >>> round(cagr(100, 121, 2), 6)
    0.1
    """
    # Written as "not at least 1" so that a missing number of years is refused too.
    if not intervals >= 1:
        raise DataError("metrics.cagr_intervals", found=intervals)
    if first <= 0:
        raise DataError("metrics.cagr_first", found=first)
    if last < 0:
        raise DataError("metrics.cagr_last", found=last)
    return (last / first) ** (1 / intervals) - 1
