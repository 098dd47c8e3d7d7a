"""What would a measure be without each unit, or had the units been drawn again?"""

from __future__ import annotations

from typing import Any

import numpy as np

from edustats.metrics.inequality.arrays import AreaArrays
from edustats.metrics.inequality.formulas import Estimate
from edustats.typing import Flags, Floats

DRAWS = 999
SEED = 20231215


def reweight_area(areas: AreaArrays, row: int | np.integer[Any], times: Floats) -> AreaArrays:
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
    >>> from edustats.metrics.inequality.arrays import arrange_one_area
    >>> pair = arrange_one_area(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    >>> reweight_area(pair, 0, np.array([[1.0, 0.0], [1.0, 1.0]])).mean
    array([1., 2.])
    """
    n = areas.n[row]
    weight = times * areas.p[row, :n]
    total = weight.sum(axis=1)
    p = weight / total[:, None]
    mean = p @ areas.r[row, :n]
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw of zeros has no mean
        r = areas.r[row, :n] / mean[:, None]
    return AreaArrays(
        r=r, p=p, n=np.full(len(p), n), mean=mean * areas.mean[row], weight=total * areas.weight[row]
    )


def estimate_leaving_one_out(areas: AreaArrays, estimate: Estimate, wanted: Flags | None = None) -> Floats:
    """The measure of each area with each unit left out in turn; nan for filling and unwanted areas.

    Examples
    --------
    >>> from edustats.metrics.inequality.formulas import FORMULAS
    >>> from edustats.metrics.inequality.arrays import arrange_one_area
    >>> area = arrange_one_area(np.array([1.0, 1.0, 3.0]), np.ones(3))
    >>> estimate_leaving_one_out(area, FORMULAS["gini"]().estimate).round(2)
    array([[0.25, 0.25, 0.  ]])
    """
    found = np.full(areas.r.shape, np.nan)
    for row in range(len(areas.n)) if wanted is None else np.flatnonzero(wanted):
        n = areas.n[row]
        found[row, :n] = estimate(reweight_area(areas, row, 1 - np.eye(n)))
    return found


def estimate_bootstrap_draws(
    areas: AreaArrays, estimate: Estimate, draws: int = DRAWS, wanted: Flags | None = None
) -> Floats:
    """The measure of each area in bootstrap draws of its units, (areas, draws).

    The draws depend on the number of units alone: the same data give the same figure, in whatever order
    they come and whatever other areas stand beside them.

    Examples
    --------
    >>> from edustats.metrics.inequality.formulas import FORMULAS
    >>> from edustats.metrics.inequality.arrays import arrange_one_area
    >>> estimate_bootstrap_draws(arrange_one_area(np.array([1.0, 1.0]), np.ones(2)), FORMULAS["gini"]().estimate, 3)
    array([[0., 0., 0.]])
    """
    found = np.full((len(areas.n), draws), np.nan)
    times: dict[int, Floats] = {}
    for row in range(len(areas.n)) if wanted is None else np.flatnonzero(wanted):
        n = int(areas.n[row])
        if n not in times:
            rng = np.random.default_rng([SEED, n])
            times[n] = rng.multinomial(n, np.full(n, 1 / n), draws).astype(float)
        own = np.lexsort((areas.p[row, :n], areas.r[row, :n]))  # units of one value go by their weight
        drawn = np.empty_like(times[n])
        drawn[:, own] = times[n]
        found[row] = estimate(reweight_area(areas, row, drawn))
    return found
