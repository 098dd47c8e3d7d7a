"""How many of the children counted in one census will be there ten years later? Cohorts of counties across a decade.

Where a county has two censuses and no yearly series, the change of a cohort (0–4 to 10–14, 5–9 to 15–19) is learned
from all counties: a ridge on what the first census tells (how the ages beside each other compare, town share,
schooling, age of the population, size), outliers weighed down, with the deviation of each province. How wrong that is
differs from county to county: the size of the error is learned too, so that heavy migration gets a wide band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edustats.errors import DataError
from edustats.typing import Floats

Names = npt.NDArray[np.str_]
RIDGE = 5.0
OUTLIER = 1.3
"""Residuals beyond so many robust standard deviations weigh less."""
FOLDS = 5
FEWEST = 60
"""Counties needed to learn from."""
STAYS = 0.9
"""With nothing learned: how much of what sets a county's age gap apart is taken to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortChange:
    """Change of a cohort as learned."""

    centre: Floats
    spread: Floats
    slopes: Floats
    offsets: dict[str, float]
    size_slopes: Floats
    standard: Floats
    """Residuals over their expected size, ascending."""


def learn_change(
    features: Floats, change: Floats, province: Sequence[str], group: Sequence[str]
) -> CohortChange:
    """Learn the change of a cohort from counties that hold both censuses.

    Parameters
    ----------
    features : (n, k) what the first census tells, nan where not held
    change : (n,) logarithm of the cohort in the second census over the first
    province, group : (n,) codes of province and prefecture; residuals are taken with whole prefectures held out

    Returns
    -------
    CohortChange

    Raises
    ------
    DataError
        Fewer than 60 counties.
    """
    if len(change) < FEWEST:
        raise DataError("seats.too_few_counties", n=len(change), least=FEWEST)
    provinces, groups = np.asarray(province, str), np.asarray(group, str)
    centre, spread = _measure_features(features)
    design = _expand_features(features, centre, spread)
    left = _residuals_held_out(design, change, provinces, groups)
    slopes, offsets = _fit_change(design, change, provinces)
    size_slopes = _fit_ridge(design, np.log(np.maximum(np.abs(left), 0.005)), RIDGE * 8)[0]
    standard = np.sort(left / _expected_size(design, size_slopes))
    return CohortChange(
        centre=centre,
        spread=spread,
        slopes=slopes,
        offsets=offsets,
        size_slopes=size_slopes,
        standard=standard,
    )


def predict_change(
    learned: CohortChange, features: Floats, province: Sequence[str], levels: Sequence[float] = (0.8, 0.95)
) -> Floats:
    """Expected change of a cohort and its bands.

    Parameters
    ----------
    learned : from :func:`learn_change`
    features : (m, k) of the first census, as learned with
    province : (m,) codes; a province not learned from has no deviation
    levels : shares of errors inside the bands

    Returns
    -------
    (m, 1 + 2 * levels) array
        Logarithms: expected, then lower and upper ends in the order of the levels.

    """
    design = _expand_features(features, learned.centre, learned.spread)
    middle = design @ learned.slopes + np.array([learned.offsets.get(str(one), 0.0) for one in province])
    size = _expected_size(design, learned.size_slopes)
    ends = [np.quantile(learned.standard, p) for level in levels for p in ((1 - level) / 2, (1 + level) / 2)]
    return np.stack([middle, *(middle + size * end for end in ends)], axis=1)


def carry_age_gap(younger: Floats, older: Floats) -> Floats:
    """Change of the cohort with nothing learned from a second census.

    Who is at 15–19 beside those at 10–14 in the same census tells who comes to board and who leaves to work: what sets
    a county apart from the nation in this goes on.

    Parameters
    ----------
    younger, older : (n,) persons aged 10–14 and 15–19 in the first census, > 0

    Returns
    -------
    (n,) array
        Logarithm of the expected cohort over the one counted.

    Examples
    --------
    >>> carry_age_gap(np.array([100.0, 100.0]), np.array([100.0, 100.0]))
    array([0., 0.])
    """
    nation = np.log(older.sum() / younger.sum())
    return STAYS * (np.log(older / younger) - nation)


def _measure_features(features: Floats) -> tuple[Floats, Floats]:
    centre = np.nanmedian(features, axis=0)
    spread = np.nanstd(features, axis=0)
    return centre, np.where(spread > 0, spread, 1.0)


def _expand_features(features: Floats, centre: Floats, spread: Floats) -> Floats:
    """One, the features, their squares and products of the first with all others; missing ones at the centre."""
    z = np.clip(np.where(np.isfinite(features), (features - centre) / spread, 0.0), -5, 5)
    products = [z[:, :1] * z[:, 1:], z[:, 1:2] * z[:, 2:]]
    return np.concatenate([np.ones((len(z), 1)), z, np.square(z) - 1, *products, np.abs(z)], axis=1)


def _fit_ridge(design: Floats, goal: Floats, penalty: float) -> tuple[Floats, Floats]:
    """Slopes by iterated weights, and the weights."""
    lift = penalty * np.eye(design.shape[1])
    lift[0, 0] = 0.0
    weight = np.ones(len(goal))
    slopes: Floats = np.zeros(design.shape[1])
    for _ in range(15):
        heavy = design * weight[:, None]
        slopes = np.asarray(np.linalg.solve(heavy.T @ design + lift, heavy.T @ goal), np.float64)
        left = goal - design @ slopes
        scale = 1.4826 * np.median(np.abs(left)) + 1e-9
        weight = np.minimum(1.0, OUTLIER * scale / np.maximum(np.abs(left), 1e-12))
    return slopes, weight


def _fit_change(design: Floats, change: Floats, province: Names) -> tuple[Floats, dict[str, float]]:
    """Slopes, and each province's deviation drawn towards none by how much of it is chance."""
    slopes = np.zeros(design.shape[1])
    offset = np.zeros(len(change))
    offsets: dict[str, float] = {}
    for _ in range(3):
        slopes, _ = _fit_ridge(design, change - offset, RIDGE)
        offsets = _shrink_groups(change - design @ slopes, province)
        offset = np.array([offsets[one] for one in province])
    return slopes, offsets


def _shrink_groups(left: Floats, group: Names) -> dict[str, float]:
    size = 1.4826 * np.median(np.abs(left)) + 1e-9
    capped = np.clip(left, -3 * size, 3 * size)
    names, place = np.unique(group, return_inverse=True)
    n = np.bincount(place)
    mean = np.bincount(place, capped) / n
    chance = np.var(capped) / n
    between = max(float(np.var(mean) - chance.mean()), 1e-5)
    return dict(zip(names.tolist(), (mean * between / (between + chance)).tolist(), strict=True))


def _residuals_held_out(design: Floats, change: Floats, province: Names, group: Names) -> Floats:
    """Residuals of every county with its whole prefecture held out."""
    fold = np.unique(group, return_inverse=True)[1] * 7919 % 104_729 % FOLDS
    left = np.empty(len(change))
    for k in range(FOLDS):
        out, kept = fold == k, fold != k
        slopes, offsets = _fit_change(design[kept], change[kept], province[kept])
        left[out] = (
            change[out] - design[out] @ slopes - np.array([offsets.get(str(p), 0.0) for p in province[out]])
        )
    return left


def _expected_size(design: Floats, slopes: Floats) -> Floats:
    return np.exp(np.clip(design @ slopes, np.log(0.01), np.log(1.5)))
