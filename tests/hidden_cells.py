"""What can a reader work out about the cells that are not shown? Bounds by linear programming, for tests."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edustats.typing import Floats


@dataclass(frozen=True, slots=True)
class CellBounds:
    """The least and the greatest a withheld cell can be."""

    low: float
    high: float


def bound_hidden_cells(
    counts: npt.ArrayLike, table: Floats, hidden: npt.ArrayLike, low: npt.ArrayLike | None = None,
    high: npt.ArrayLike | None = None, *, whole: bool = False,
) -> dict[int, CellBounds]:  # fmt: skip
    """The least and the greatest value of every withheld cell that agrees with all that is shown.

    Parameters
    ----------
    counts : (n,) the cells; of the withheld ones nothing is used
    table : (m, n) from :func:`build_sum_matrix`
    hidden : (n,) which are withheld
    low, high : (n,) what is known of them besides; 0 and no limit if not given
    whole : whether the reader uses that persons are whole; slower, and at least as tight

    Returns
    -------
    dict
        An interval for each withheld cell; its high end is infinite where nothing bounds it.

    Examples
    --------
    >>> bound_hidden_cells([4, 20, 24], build_sum_matrix([4, 20, 24], [(2, [0, 1])]), [True, True, False])
    {0: CellBounds(low=0.0, high=24.0), 1: CellBounds(low=0.0, high=24.0)}
    """
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp

    solve: Any = linprog

    counts, hidden = np.asarray(counts, float), np.asarray(hidden, bool)
    cells = np.flatnonzero(hidden & ~np.isnan(counts))
    least = np.zeros(len(counts)) if low is None else np.asarray(low, float)
    most = np.full(len(counts), np.inf) if high is None else np.asarray(high, float)
    coefficients = table[:, cells]
    bound = coefficients.any(axis=1)
    shown = np.where(hidden | np.isnan(counts), 0.0, counts)
    right, left = -(table[bound] @ shown), coefficients[bound]
    ends: list[list[float]] = []
    done: Any
    for position in range(len(cells)):
        pair = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(cells))
            goal[position] = sign
            if whole:
                limits = Bounds(least[cells], most[cells])
                rows = [LinearConstraint(left, right, right)] if len(left) else []
                done = milp(goal, integrality=np.ones(len(cells), np.int64), bounds=limits, constraints=rows)
            else:
                limit = np.column_stack([least[cells], most[cells]])
                done = solve(goal, A_eq=left, b_eq=right, bounds=limit)
            pair.append(float(sign * done.fun) if done.status == 0 else sign * -np.inf)
        ends.append(pair)
    return {int(cell): CellBounds(low=pair[0], high=pair[1]) for cell, pair in zip(cells, ends, strict=True)}
