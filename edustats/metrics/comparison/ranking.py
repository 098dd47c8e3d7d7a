"""Which place does a county hold, and how sure is that place?

A place is a statement about every pair. The set of a county holds all places that the differences cannot rule
out, for all counties at once: "between 3rd and 15th" where that is the truth. Places are counted from the
better end; counties with equal values share the best of their places (competition ranking, 1 2 2 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, ndtri

from edustats.errors import DataError, ParameterError
from edustats.metrics.inequality.measures import (
    check_confidence,
    parse_number_column,
    refuse_wrong_entries,
    require_same_length,
)
from edustats.typing import Floats

Better = Literal["higher", "lower", "none"]
Whole = npt.NDArray[np.int64]
FEWEST_DRAWS, MOST_DRAWS = 2_000, 20_000
DIFFERENCES = 4_000_000
"""Drawn differences in all: the fewer counties, the more draws, and the surer the critical value."""
PAIRS_AT_ONCE = 400
SEED = 20_180_906
FUNNEL = 0.998
"""Limits outside which a county is named; three standard errors, the convention of funnel plots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSets:
    """(n,) arrays; 0 where the value is missing."""

    rank: Whole
    """Place by the values as they stand, 1 the best."""
    best: Whole
    worst: Whole
    """The places that cannot be ruled out."""
    confidence: float
    simultaneous: bool
    """Whether all sets hold together, or each by itself."""
    n: int
    """Counties with a value."""


def rank_with_confidence_sets(
    values: npt.ArrayLike,
    errors: npt.ArrayLike,
    better: Better = "higher",
    confidence: float = 0.95,
    simultaneous: bool = True,
) -> RankSets:
    """Places with the sets of places that cannot be ruled out.

    Parameters
    ----------
    values : (n,) array_like
        One value a county; nan where missing, which takes no place.
    errors : (n,) array_like
        Standard error of each value, >= 0, independent between counties; nan only beside a missing value.
    better : {"higher", "lower", "none"}
        Which end is the first place; ``none``: the highest value, without any meaning of good.
    confidence : float
        Between 0 and 1.
    simultaneous : bool
        True: all sets hold together with this confidence. False: each by itself, narrower.

    Returns
    -------
    RankSets

    Raises
    ------
    DataError
        Lengths differ, a value or an error is infinite, an error is negative or missing.
    ParameterError
        Unknown ``better``, or confidence not between 0 and 1.

    Notes
    -----
    Mogstad, Romano, Shaikh and Wilhelm (2024): a county is worse than as many others as have differences
    significantly above 0. The differences are tested together against the largest standardised difference of
    normal errors (2,000 to 20,000 draws, fixed seed), stepping down until no more are rejected (Romano and Wolf 2005).
    Two counties whose errors are both 0 are told apart by their values.

    Examples
    --------
    >>> found = rank_with_confidence_sets([10, 9.8, 5], [0.5, 0.5, 0.5])
    >>> found.rank.tolist(), found.best.tolist(), found.worst.tolist()
    ([1, 2, 3], [1, 1, 3], [2, 2, 3])
    """
    if better not in ("higher", "lower", "none"):
        raise ParameterError("metrics.choice", name="better", found=better, expected="higher, lower, none")
    check_confidence(confidence)
    x, se = parse_number_column("values", values), parse_number_column("values", errors)
    require_same_length("values", x, "values", se)
    held = ~np.isnan(x)
    refuse_wrong_entries("metrics.not_finite", "values", x, np.isinf(x))
    if (wrong := held & ~(se >= 0) | np.isinf(se)).any():
        place = int(wrong.argmax())
        raise DataError("trends.rank_error", place=place + 1, found=se[place])
    y = x[held] if better != "lower" else -x[held]
    above, below = _count_surely_better_and_worse(y, se[held], 1 - confidence, simultaneous)
    out = np.zeros((3, len(x)), dtype=np.int64)
    n = int(held.sum())
    out[0, held] = 1 + (y[None, :] > y[:, None]).sum(axis=1)
    out[1, held], out[2, held] = 1 + above, n - below
    return RankSets(
        rank=out[0], best=out[1], worst=out[2], confidence=confidence, simultaneous=simultaneous, n=n
    )


def _count_surely_better_and_worse(
    y: Floats, se: Floats, alpha: float, simultaneous: bool
) -> tuple[Whole, Whole]:
    """How many others are surely better, and surely worse, than each."""
    n = len(y)
    spread = np.sqrt(se[:, None] ** 2 + se[None, :] ** 2)
    gap = y[None, :] - y[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, gap / spread, np.sign(gap) * np.inf)
    z[gap == 0] = 0.0
    if n < 2:
        return np.zeros(n, np.int64), np.zeros(n, np.int64)
    sure = _test_all_pairs(z, spread, se, alpha) if simultaneous else _test_own_pairs(z, spread, se, alpha)
    return (sure & (gap > 0)).sum(axis=1), (sure & (gap < 0)).sum(axis=1)


def _draw_rank_errors(se: Floats) -> Floats:
    pairs = len(se) * (len(se) - 1) // 2
    draws = int(np.clip(DIFFERENCES // max(pairs, 1), FEWEST_DRAWS, MOST_DRAWS))
    return _draw_standard_normals(draws, len(se)) * se


@lru_cache(maxsize=2)
def _draw_standard_normals(draws: int, counties: int) -> Floats:
    """The same for every indicator of a prefecture, whose ranks are asked for one after the other."""
    drawn = np.random.default_rng(SEED).standard_normal((draws, counties))
    drawn.flags.writeable = False
    return drawn


def _test_all_pairs(z: Floats, spread: Floats, se: Floats, alpha: float) -> npt.NDArray[np.bool_]:
    i, j = np.triu_indices(len(z), 1)
    noise, size = _draw_rank_errors(se).astype(np.float32).T, np.abs(z[i, j])
    scale = np.where(spread[i, j] > 0, 1 / np.maximum(spread[i, j], 1e-300), 0).astype(np.float32)
    rejected = np.zeros(len(i), bool)

    def draw(pairs: Whole) -> npt.NDArray[np.float32]:
        return np.abs(noise[i[pairs]] - noise[j[pairs]]) * scale[pairs, None]

    parts = np.array_split(np.arange(len(i)), 1 + len(i) // PAIRS_AT_ONCE)
    # of a prefecture all are drawn once and looked at again
    held = draw(parts[0]) if len(parts) == 1 else None
    while not rejected.all():
        largest = np.zeros(noise.shape[1], np.float32)
        for part in parts:
            left = part[~rejected[part]]
            drawn = draw(left) if held is None else held[left]
            largest = np.maximum(largest, drawn.max(axis=0, initial=0.0))
        new = ~rejected & (size > np.quantile(largest, 1 - alpha))
        if not new.any():
            break
        rejected |= new
    sure = np.zeros(z.shape, bool)
    sure[i, j] = sure[j, i] = rejected
    return sure


def _test_own_pairs(z: Floats, spread: Floats, se: Floats, alpha: float) -> npt.NDArray[np.bool_]:
    sure, noise = np.zeros(z.shape, bool), _draw_rank_errors(se)
    for k in range(len(z)):
        other = np.arange(len(z)) != k
        scale = np.where(spread[k] > 0, spread[k], np.inf)
        drawn = np.abs((noise - noise[:, [k]]) / scale)
        while other.any():
            new = other & (np.abs(z[k]) > np.quantile(drawn[:, other].max(axis=1), 1 - alpha))
            if not new.any():
                break
            sure[k] |= new
            other &= ~new
    return sure


def detect_rank_changes(before: RankSets, after: RankSets) -> npt.NDArray[np.int64]:
    """Counties whose place really changed: 1 up, -1 down, 0 not told.

    A move is real when the two years' sets have no place in common. Each year's sets should be made with
    half the error allowed for both, e.g. 0.975 for 0.95 together; the number of counties must be the same.

    Examples
    --------
    >>> first, second = rank_with_confidence_sets([9, 5, 1], [0.1] * 3), rank_with_confidence_sets([1, 5, 9], [0.1] * 3)
    >>> detect_rank_changes(first, second).tolist()
    [-1, 0, 1]
    """
    if before.n != after.n or len(before.rank) != len(after.rank):
        raise DataError("trends.rank_others", before=before.n, after=after.n)
    both = (before.rank > 0) & (after.rank > 0)
    up, down = after.worst < before.best, after.best > before.worst
    return np.where(both & up, 1, np.where(both & down, -1, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelLimits:
    """What chance alone would leave counties of this size, were they all alike."""

    mean: float
    lower: Floats
    upper: Floats
    outside: npt.NDArray[np.int64]
    """1 above, -1 below, 0 within."""
    dispersion: float
    """How many times the variance exceeds chance, 1 or more; the limits are widened by its root."""


def compute_funnel_limits(num: npt.ArrayLike, den: npt.ArrayLike, confidence: float = FUNNEL) -> FunnelLimits:
    """Limits for a share by the size of its denominator.

    Parameters
    ----------
    num, den : (n,) array_like
        Counted and counted out of, 0 <= num <= den, den > 0; nan on either side leaves the county out.
    confidence : float
        Between 0 and 1; by default three standard errors.

    Returns
    -------
    Funnel
        Shares from 0 to 1.

    Raises
    ------
    DataError
        When a share lies outside 0-1, a denominator is not above 0, or all are missing.

    Notes
    -----
    Spiegelhalter (2005). Overdispersion is the mean squared z after winsorising a tenth at either end.

    Examples
    --------
    >>> found = compute_funnel_limits([50] * 9 + [80], [100] * 10)
    >>> found.outside.tolist()
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    """
    check_confidence(confidence)
    a, b = parse_number_column("values", num), parse_number_column("values", den)
    require_same_length("values", a, "values", b)
    held = np.isfinite(a) & np.isfinite(b)
    if not held.any() or ((a < 0) | (a > b) | (b <= 0))[held].any():
        raise DataError("trends.funnel", held=int(held.sum()))
    mean = float(a[held].sum() / b[held].sum())
    se = np.sqrt(mean * (1 - mean) / b)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(se > 0, (a / b - mean) / se, 0.0)
    low, high = np.quantile(z[held], [0.1, 0.9])
    dispersion = max(1.0, float(np.mean(np.clip(z[held], low, high) ** 2)))
    wide = ndtri((1 + confidence) / 2) * np.sqrt(dispersion)
    outside = np.where(held & (np.abs(z) > wide), np.sign(z), 0).astype(np.int64)
    if dispersion == 1.0:  # small counts: the exact tail decides
        tail = (1 - confidence) / 2
        fewer = np.where(a < b, 1 - betainc(a + 1, np.maximum(b - a, 1e-9), mean), 1.0)
        more = np.where(a > 0, betainc(np.maximum(a, 1e-9), b - a + 1, mean), 1.0)
        outside = np.where(held & (fewer < tail), -1, np.where(held & (more < tail), 1, 0))
    return FunnelLimits(
        mean=mean, lower=np.clip(mean - wide * se, 0, 1), upper=np.clip(mean + wide * se, 0, 1),
        outside=outside, dispersion=dispersion,
    )  # fmt: skip
