"""Which further cells are best withheld so that one cell can no longer be worked out?

The cell is shifted by the width wanted and the table is brought back into balance by shifting others: those
must be withheld, and are chosen so that as little as possible is lost (small cells before large ones, shown
totals and zeros last).
"""

from __future__ import annotations

import numpy as np

from edustats.typing import Flags, Floats

SECONDS = 10.0
ZERO = 50.0
"""What it costs, in small counts, to withhold a zero."""


def cheapest_shift(
    counts: Floats,
    table: Floats,
    cell: int,
    free: Flags,
    fixed: Flags,
    low: Floats,
    high: Floats,
    width: float,
    printed: Floats,
) -> Floats | None:
    """The balanced shift of one cell that touches the least of what is shown.

    Parameters
    ----------
    counts : (n,) the cells
    table : (m, n) sums, each 0 for the true counts
    cell : the one to protect
    free : (n,) withheld already, or printed nowhere; they cost nothing
    fixed : (n,) known from elsewhere; they cannot be shifted
    low, high : (n,) between which a withheld cell must stay to be believed
    width : by how much the cell is to be shifted
    printed : (n,) figures that are lost with a cell

    Returns
    -------
    (n,) array of whole numbers, or None
        The cheaper of the two shifts, up or down; None where neither is possible.
    """
    tries = [
        _solve_balanced_shift(counts, table, cell, free, fixed, low, high, step, printed) for step in (width, -width)
    ]  # fmt: skip
    return min(tries, key=lambda one: one[0])[1]


def _solve_balanced_shift(
    counts: Floats, table: Floats, cell: int, free: Flags, fixed: Flags, low: Floats, high: Floats, step: float,
    printed: Floats,
) -> tuple[float, Floats | None]:  # fmt: skip
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(counts)
    value = np.nan_to_num(counts)
    movable = ~fixed & ~np.isnan(counts)
    reach = 4 * abs(step)  # a longer shift would withhold no less
    up = np.where(movable, np.clip(np.floor(high - value), 0, reach), 0.0)
    down = np.where(movable, np.clip(np.floor(value - low), 0, reach), 0.0)
    if (up if step > 0 else down)[cell] < abs(step):
        return np.inf, None
    price = np.where(free, 0.0, printed * (1.0 + np.log1p(value) + ZERO * (value == 0)))
    # Variables: shift up, shift down, and whether a cell is touched at all.
    goal = np.concatenate([np.full(2 * n, 1e-6), price])
    balance = LinearConstraint(np.hstack([table, -table, np.zeros((len(table), n))]), 0, 0)
    touched = LinearConstraint(np.hstack([np.eye(n), np.eye(n), -reach * np.eye(n)]), -np.inf, 0)
    least, most = np.zeros(3 * n), np.concatenate([up, down, np.ones(n)])
    side = cell if step > 0 else n + cell
    least[side] = most[side] = abs(step)
    most[n + cell if step > 0 else cell] = 0.0
    done = milp(
        goal, integrality=np.ones(3 * n, np.int64), bounds=Bounds(least, most), constraints=[balance, touched],
        options={"time_limit": SECONDS},
    )  # fmt: skip
    if done.x is None:
        return np.inf, None
    return float(done.fun), np.round(done.x[:n] - done.x[n : 2 * n])
