"""Which children enter together? Births counted by calendar year, ages counted in groups, an intake by 31 August.

A child enters in September of the year in which it has reached the age by 31 August. Those who enter at six in 2024
were born between 1 September 2017 and 31 August 2018: about eight twelfths of the births of 2018 and four twelfths
of those of 2017; by month where months are held.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from edustats.typing import Floats

BY_AUGUST = 8 / 12
"""Share of a calendar year's births that lies before 1 September, where no months are held."""
SMOOTHNESS = 0.2
"""How strongly neighbouring cohorts are held alike against the counts of age groups."""
CERTAINTY = 12.0
"""How many pairs of years the usual share weighs against what a prefecture's own intakes say."""


def combine_births(
    births: Floats, first: int, years: ArrayLike, age: int, share: ArrayLike = BY_AUGUST
) -> Floats:
    """Children who reach an age between two first days of September.

    Parameters
    ----------
    births : (..., b) births by calendar year, nan where not held
    first : calendar year of the first column
    years : (t,) years in whose September they enter
    age : full years of age at entry
    share : share of a year's births before 1 September; one, or (b,) by calendar year

    Returns
    -------
    (..., t) array
        nan where one of the two calendar years is not held, unless its share is 0.

    Examples
    --------
    >>> combine_births(np.array([[900.0, 600.0]]), 2017, [2024], 6)
    array([[700.]])
    """
    births = np.asarray(births, float)
    if not births.shape[-1]:  # no year of births is held yet
        return np.full((*births.shape[:-1], np.size(years)), np.nan)
    part = np.broadcast_to(np.asarray(share, float), births.shape[-1:])
    at = np.asarray(years, int) - age - first
    return _pick_births(births, at, part) + _pick_births(births, at - 1, 1 - part)


def _pick_births(births: Floats, at: np.ndarray, part: Floats) -> Floats:
    held = (at >= 0) & (at < births.shape[-1])
    place = np.where(held, at, 0)
    weight = np.where(held, part[place], np.where(len(part), part[0], 1.0))
    taken = np.where(held, births[..., place], np.nan)
    return np.where(weight > 0, taken * weight, 0.0)


def learn_share(births: Floats, first: int, entrants: Floats, years: ArrayLike, age: int) -> float:
    """Share of the calendar year's births that enter together, as the prefecture's own intakes tell it.

    The share under which entrants over births change least from year to year in the counties, drawn towards 8/12 as
    strongly as :data:`CERTAINTY` pairs of years would. Some offices count the cohort by calendar year: the share is
    then near 1.

    Parameters
    ----------
    births : (a, b) births of the counties by calendar year
    first : calendar year of the first column
    entrants : (a, t) those who entered
    years : (t,) ascending
    age : full years of age at entry

    Returns
    -------
    float
        From 0 to 1; 8/12 where too little is held.
    """
    tried = np.array([0.0, 1 / 3, 0.5, BY_AUGUST, 0.75, 5 / 6, 1.0])
    rough = []
    for share in tried:
        with np.errstate(divide="ignore", invalid="ignore"):
            # a share of 1 must not gain a pair of years by needing fewer births
            ratio = np.log(
                entrants / combine_births(births, first, years, age, np.clip(share, 1e-9, 1 - 1e-9))
            )
        steps = np.diff(ratio, n=2, axis=1)
        rough.append(np.square(steps[np.isfinite(steps)]))
    n = len(rough[0])
    if n < 4:
        return BY_AUGUST
    spread = np.array([np.mean(np.sort(one)[: max(3, int(0.95 * n))]) for one in rough])
    chance = -0.5 * n / 2 * np.log(np.maximum(spread, 1e-8)) - 0.5 * CERTAINTY * np.square(
        (tried - BY_AUGUST) / 0.5
    )
    weight = np.exp(chance - chance.max())
    return float(weight @ tried / weight.sum())


def recover_births(
    births: Floats, first: int, groups: Mapping[tuple[int, int], Floats], years: ArrayLike
) -> tuple[Floats, int]:
    """Cohorts born before births are held, from yearly counts of residents in age groups.

    A group that is counted every year gains the youngest cohort and loses the oldest: its changes tell single years
    of age. The cohorts that agree best with all counts are sought (least squares), neighbouring ones as alike as the
    counts allow. Residents are turned into births by the ratio of the two where both are held; where nothing is held of
    both, the residents themselves are carried on, and the ratios to those who enter take up the difference.

    Parameters
    ----------
    births : (a, b) births by calendar year, nan where not held
    first : calendar year of the first column
    groups : by (first age, last age) the residents of each year, (a, t)
    years : (t,) years of the counts

    Returns
    -------
    (a, b2) array and int
        Births and cohorts in births, and the calendar year of the first; what is held is kept as it is.

    Examples
    --------
    >>> groups = {(3, 5): np.full((1, 4), 300.0)}
    >>> held, since = recover_births(np.full((1, 6), 100.0), 2018, groups, [2020, 2021, 2022, 2023])
    >>> since, float(held[0, 0].round())
    (2015, 100.0)
    """
    years = np.asarray(years, int)
    if not groups:
        return births, first
    start = min(int(years[0]) - max(high for _, high in groups), first)
    wide = np.full((len(births), first - start + births.shape[1]), np.nan)
    wide[:, first - start :] = births
    made = np.stack([_recover_one(wide[a], start, groups, years, a) for a in range(len(births))])
    return made, start


def _recover_one(
    held: Floats, start: int, groups: Mapping[tuple[int, int], Floats], years: Floats, a: int
) -> Floats:
    rows, sums = [], []
    for (low, high), counted in groups.items():
        for t, year in enumerate(years):
            if np.isfinite(counted[a, t]):
                row = np.zeros(len(held))
                row[int(year) - high - start : int(year) - low - start + 1] = 1.0
                rows.append(row)
                sums.append(counted[a, t])
    if not rows:
        return held
    matrix, total = np.array(rows), np.array(sums)
    known = np.isfinite(held)
    both = matrix[:, ~known].sum(axis=1) == 0
    if both.any():
        total = total / np.median(total[both] / (matrix[both][:, known] @ held[known]))
    last = int(np.flatnonzero(known | matrix.any(axis=0))[-1])
    rough = np.diff(np.eye(len(held)), n=2, axis=0)[: last - 1]
    system = np.concatenate([matrix, SMOOTHNESS * rough])
    goal = np.concatenate([total, np.zeros(len(rough))])
    free = ~known & (np.arange(len(held)) <= last)
    found = np.linalg.lstsq(system[:, free], goal - system[:, known] @ held[known], rcond=None)[0]
    made = held.copy()
    made[free] = np.maximum(found, 0.0)
    return made
