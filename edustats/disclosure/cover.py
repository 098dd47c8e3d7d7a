"""Which further cells are best withheld so that one cell can no longer be worked out?

The cell is shifted by the width wanted and the table is brought back into balance by shifting others: those
must be withheld, and are chosen so that as little as possible is lost (small cells before large ones, shown
totals and zeros last).
"""

from __future__ import annotations

import numpy as np

from edustats.typing import Flags, Floats

SECONDS = 10.0


def cheapest_cover(
    counts: Floats,
    table: Floats,
    cell: int,
    hidden: Flags,
    known: Flags,
    low: Floats,
    high: Floats,
    width: float,
) -> Flags:
    """The cells that a balanced shift of one cell touches, at the least cost of shown ones.

    Parameters
    ----------
    counts : (n,) the cells
    table : (m, n) sums, parts 1 and totals −1
    cell : the one to protect
    hidden : (n,) withheld already; they cost nothing
    known : (n,) known from elsewhere; they cannot be shifted
    low, high : (n,) between which a withheld cell must stay to be believed
    width : by how much the cell is to be shifted

    Returns
    -------
    (n,) array of bool
        The cells of the cheaper of the two shifts, up or down; none where neither is possible.
    """
    tries = [_shift(counts, table, cell, hidden, known, low, high, step) for step in (width, -width)]
    held = [(cost, cover) for cost, cover in tries if cover.any()]
    return min(held, key=lambda one: one[0])[1] if held else np.zeros(len(counts), bool)


def _shift(
    counts: Floats, table: Floats, cell: int, hidden: Flags, known: Flags, low: Floats, high: Floats, step: float
) -> tuple[float, Flags]:  # fmt: skip
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(counts)
    value = np.nan_to_num(counts)
    free = ~known & ~np.isnan(counts)
    reach = 4 * abs(step)  # a longer shift would withhold no less
    up = np.where(free, np.clip(high - value, 0, reach), 0.0)
    down = np.where(free, np.clip(value - low, 0, reach), 0.0)
    if (up if step > 0 else down)[cell] < abs(step):
        return np.inf, np.zeros(n, bool)
    price = np.where(hidden, 0.0, 1.0 + np.log1p(value) + 50.0 * (value == 0))
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
        return np.inf, np.zeros(n, bool)
    return float(done.fun), np.asarray(done.x[:n] + done.x[n : 2 * n] > 0.5)
