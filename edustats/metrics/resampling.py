"""What does a measure become when units are left out or drawn again?

For measures without a closed form. The units stay in order of value; only their weights change, so that a
thousand draws of one area are one matrix of shares.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edustats.metrics.areas import Areas
from edustats.metrics.columns import Floats
from edustats.metrics.spread import Estimate

Flags = NDArray[np.bool_]

DRAWS = 999
SEED = 20231215


def reweighted(areas: Areas, row: int | np.integer[Any], times: Floats) -> Areas:
    """One area many times over, each unit counted as often as asked.

    Parameters
    ----------
    areas : Areas
    row : int
        Which area.
    times : (draws, units) array
        How often each unit is counted in each draw.

    Examples
    --------
    >>> from edustats.metrics.areas import one_area
    >>> pair = one_area(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    >>> reweighted(pair, 0, np.array([[1.0, 0.0], [1.0, 1.0]])).mean
    array([1., 2.])
    """
    n = areas.n[row]
    weight = times * areas.p[row, :n]
    total = weight.sum(axis=1)
    p = weight / total[:, None]
    mean = p @ areas.r[row, :n]
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw of zeros has no mean
        r = areas.r[row, :n] / mean[:, None]
    return Areas(
        r=r, p=p, n=np.full(len(p), n), mean=mean * areas.mean[row], weight=total * areas.weight[row]
    )


def left_out(areas: Areas, estimate: Estimate, wanted: Flags | None = None) -> Floats:
    """The measure of each area with each unit left out in turn; nan for filling and unwanted areas.

    Examples
    --------
    >>> from edustats.metrics import spread
    >>> from edustats.metrics.areas import one_area
    >>> left_out(one_area(np.array([1.0, 1.0, 3.0]), np.ones(3)), spread.gini().estimate).round(2)
    array([[0.25, 0.25, 0.  ]])
    """
    found = np.full(areas.r.shape, np.nan)
    for row in range(len(areas.n)) if wanted is None else np.flatnonzero(wanted):
        n = areas.n[row]
        found[row, :n] = estimate(reweighted(areas, row, 1 - np.eye(n)))
    return found


def drawn_again(areas: Areas, estimate: Estimate, draws: int = DRAWS, wanted: Flags | None = None) -> Floats:
    """The measure of each area in bootstrap draws of its units, (areas, draws).

    The draws depend on the number of units alone: the same data give the same figure, in whatever order
    they come and whatever other areas stand beside them.

    Examples
    --------
    >>> from edustats.metrics import spread
    >>> from edustats.metrics.areas import one_area
    >>> drawn_again(one_area(np.array([1.0, 1.0]), np.ones(2)), spread.gini().estimate, 3)
    array([[0., 0., 0.]])
    """
    found = np.full((len(areas.n), draws), np.nan)
    times: dict[int, Floats] = {}
    for row in range(len(areas.n)) if wanted is None else np.flatnonzero(wanted):
        n = int(areas.n[row])
        if n not in times:
            rng = np.random.default_rng([SEED, n])
            times[n] = rng.multinomial(n, np.full(n, 1 / n), draws).astype(float)
        found[row] = estimate(reweighted(areas, row, times[n]))
    return found
