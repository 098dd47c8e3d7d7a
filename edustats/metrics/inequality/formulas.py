"""By which formula is the spread of one indicator measured, and what does each unit add to it?

Every measure is a :class:`SpreadFormula` over :class:`~edustats.metrics.inequality.arrays.AreaArrays`: its estimate,
the measure with each unit left out in turn, and the influence of each unit, all in closed form and for many areas at
once. The scalar functions, the grouped call and the bootstrap read the same formulas.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edustats.errors import ParameterError
from edustats.metrics.checks import check_choice
from edustats.metrics.inequality.arrays import AreaArrays
from edustats.typing import Floats

Estimate = Callable[[AreaArrays], Floats]
PerUnit = Callable[[AreaArrays, Floats], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadFormula:
    """One measure with its variant settled."""

    estimate: Estimate
    """(areas,): the measure."""
    influence: PerUnit | None = None
    """(areas, units): first-order effect of each unit, so that weighted by share they sum to 0."""
    without: PerUnit | None = None
    """(areas, units): the measure with that unit left out."""
    in_order: bool = False
    """The units must stand in order of value."""
    above_zero: bool = False
    """Not defined where a value is 0."""
    most: float = math.inf
    """Upper bound; the lower one is 0."""
    least: float = 0.0
    """Value of the measure where all units are alike."""
    variant: str = ""
    resample: str = ""
    """Where there is no closed form that holds: ``left_out`` or ``drawn_again``."""
    min_units: int = 0
    """Units below which its interval misses its promise, beyond the rule for all measures."""
    min_effective: float = 0.0
    unsound: Callable[[AreaArrays], NDArray[np.bool_]] | None = None
    """Where the denominator lies so near to 0 that no interval holds."""


def _to_column(found: Floats) -> Floats:
    return found[:, None]


# --- functions of weighted means ---------------------------------------------------------------------------


def _make_means_formula(
    part: Callable[[AreaArrays], Floats],
    whole: Callable[[Floats, Floats | float, Floats | float], Floats],
    slopes: Callable[[Floats], tuple[Floats | float, Floats | float]],
    *,
    above_zero: bool = False,
    most: float = math.inf,
    variant: str = "",
) -> SpreadFormula:
    """A measure that is a function ``whole`` of the mean of ``part``, the mean of r (which is 1) and its logarithm.

    ``slopes`` are its derivatives by the first two.
    """

    def estimate(areas: AreaArrays) -> Floats:
        return np.maximum(whole(areas.sum(part(areas)), 1.0, 0.0), 0.0)  # rounding can leave -1e-17

    def without(areas: AreaArrays, _: Floats) -> Floats:
        terms = part(areas)
        others = _to_column(areas.sum(terms)) - areas.p * terms
        others /= areas.rest
        return whole(others, areas.mean_without, areas.log_mean_without)

    def influence(areas: AreaArrays, _: Floats) -> Floats:
        terms = part(areas)
        mean = areas.sum(terms)
        by_part, by_mean = (np.reshape(s, (-1, 1)) for s in slopes(mean))
        return by_part * (terms - _to_column(mean)) + by_mean * (areas.r - 1)

    return SpreadFormula(
        estimate=estimate, influence=influence, without=without,
        above_zero=above_zero, most=most, variant=variant,
    )  # fmt: skip


def _r_log_r(areas: AreaArrays) -> Floats:
    with np.errstate(invalid="ignore"):
        found = areas.r * areas.log
    if not areas.r.min() > 0:
        found[areas.r == 0] = 0.0  # 0 ln 0 is 0
    return found


def theil() -> SpreadFormula:
    """Theil's T."""
    return _make_means_formula(
        _r_log_r, lambda s, m, log: s / m - log, lambda s: (1.0, -s - 1), variant="GE(1), ln"
    )


def mean_log_deviation() -> SpreadFormula:
    """Theil's L."""
    return _make_means_formula(
        lambda a: a.log,
        lambda s, m, log: log - s,
        lambda s: (-1.0, 1.0),
        above_zero=True,
        variant="GE(0), ln",
    )


def generalized_entropy(alpha: float = 2.0) -> SpreadFormula:
    """GE(alpha); 0 and 1 are the mean log deviation and Theil's T."""
    if not math.isfinite(alpha):
        raise ParameterError("metrics.finite", name="alpha", found=alpha)
    if alpha in (0, 1):
        return theil() if alpha else mean_log_deviation()
    k = alpha * (alpha - 1)
    return _make_means_formula(
        lambda a: a.r**alpha,
        lambda s, m, _: (s / m**alpha - 1) / k,
        lambda s: (1 / k, -s / (alpha - 1)),
        above_zero=alpha < 0,
        variant=f"alpha={alpha:g}",
    )


def atkinson(epsilon: float = 0.5) -> SpreadFormula:
    """Atkinson's index; a value of 0 makes it 1 from epsilon = 1 on."""
    if not (epsilon > 0 and math.isfinite(epsilon)):
        raise ParameterError("metrics.above_zero", name="epsilon", found=epsilon)
    about = f"epsilon={epsilon:g}"
    if epsilon == 1:
        return _make_means_formula(
            lambda a: a.log, lambda s, m, _: 1 - np.exp(s) / m, lambda s: (-np.exp(s), np.exp(s)),
            most=1.0, variant=about,
        )  # fmt: skip
    a = 1 - epsilon

    def part(areas: AreaArrays) -> Floats:
        with np.errstate(divide="ignore"):
            return areas.root if a == 0.5 else areas.r**a

    return _make_means_formula(
        part,
        lambda s, m, _: 1 - (s * s if a == 0.5 else s ** (1 / a)) / m,
        lambda s: (-(s ** (1 / a - 1)) / a, s ** (1 / a)),
        most=1.0,
        variant=about,
    )


def cv() -> SpreadFormula:
    """Population coefficient of variation."""
    return _make_means_formula(
        lambda a: a.square,
        lambda s, m, _: np.sqrt(np.maximum(s - (m - 1) ** 2, 0)) / m,
        lambda s: (1 / (2 * np.sqrt(s)), -np.sqrt(s)),
        variant="population",
    )


# --- Gini and Hoover ---------------------------------------------------------------------------------------


def gini(corrected: bool = False, own_pair: bool = False) -> SpreadFormula:
    """Half the mean difference over the mean; corrected: over pairs of different units only.

    ``own_pair`` counts each unit's pairing with itself in its influence, as some survey software does.
    """

    def different(areas: AreaArrays) -> Floats:
        return 1 - 1 / areas.effective if corrected else np.ones(len(areas.p))

    def estimate(areas: AreaArrays) -> Floats:
        with np.errstate(invalid="ignore"):
            return np.maximum(areas.sum(areas.distance) / 2, 0.0) / different(areas)

    def influence(areas: AreaArrays, found: Floats) -> Floats:
        plain, factor = _to_column(found * different(areas)), _to_column(different(areas))
        moved = areas.distance - plain * (1 + areas.r) + own_pair * areas.p * areas.r
        # The factor itself moves with the weights, by their second order: 1 - sum(p^2).
        square = 1 - factor
        return moved / factor + plain / factor**2 * 2 * (areas.p - square) * corrected

    def without(areas: AreaArrays, _: Floats) -> Floats:
        left = _to_column(areas.sum(areas.distance) / 2) - areas.p * areas.distance
        left /= areas.rest * areas.rest
        left /= areas.mean_without
        if corrected:
            squares = (_to_column(1 / areas.effective) - areas.p**2) / areas.rest**2
            left = left / (1 - squares)
        return left

    return SpreadFormula(
        estimate=estimate, influence=influence, without=without, in_order=True,
        most=1.0, variant="corrected" if corrected else "population",
    )  # fmt: skip


def hoover() -> SpreadFormula:
    """Half the mean distance from the mean, over the mean."""

    def influence(areas: AreaArrays, found: Floats) -> Floats:
        h, apart = _to_column(found), np.abs(areas.r - 1)
        up_to_mean = _to_column(areas.sum((areas.r < 1) + 0.5 * (areas.r == 1)))
        return apart / 2 - h + ((2 * up_to_mean - 1) / 2 - h) * (areas.r - 1)

    return SpreadFormula(estimate=lambda a: a.sum(np.abs(a.r - 1)) / 2, influence=influence, most=1.0)


# --- shares and quantiles ----------------------------------------------------------------------------------

PLOTTING = {
    "interpolated": (0.0, 1.0), "hazen": (0.5, 0.5), "weibull": (0.0, 0.0), "linear": (1.0, 1.0),
    "median_unbiased": (1 / 3, 1 / 3), "normal_unbiased": (3 / 8, 3 / 8),
}  # fmt: skip
"""Rules that interpolate, R's types 4, 5, 6, 7, 8 and 9; weights are counts of equal units to them."""
RULES = ("inverse", "average", *PLOTTING)
NEAR = 1e-12
FEW = 2000
"""Areas that can be searched as one column before their numbers swallow a difference of ``NEAR``."""


def _find_unit_at_share(
    areas: AreaArrays, share: Floats | float
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Number of the first unit at or above a cumulated share, and whether the share ends with it."""
    if isinstance(share, float) and share in areas.found:
        return areas.found[share]
    units = areas.p.shape[1]
    if len(areas.rows) > FEW:
        number = (areas.below < np.reshape(share, (-1, 1)) - NEAR).sum(axis=1)
    else:
        number = np.searchsorted(areas.ladder, areas.rows + (share - NEAR)) - areas.rows * units
    number = np.minimum(np.maximum(number, 0), units - 1)
    found = number, np.abs(areas.below[areas.rows, number] - share) <= NEAR
    if isinstance(share, float):
        areas.found[share] = found
    return found


def lorenz_share(areas: AreaArrays, share: float) -> Floats:
    """Share of the total held by the poorest ``share`` of the weight, interpolated exactly."""
    number, _ = _find_unit_at_share(areas, share)
    here = areas.rows, number
    return areas.held[here] - (areas.below[here] - share) * areas.r[here]


def quantile(areas: AreaArrays, share: Floats | float, rule: str = "average") -> Floats:
    """Quantile over the mean, by a named rule."""
    check_choice("rule", rule, *RULES)
    if rule in PLOTTING:
        return _interpolate_quantile(areas, share, *PLOTTING[rule])
    number, exact = _find_unit_at_share(areas, share)
    here = areas.r[areas.rows, number]
    if rule == "inverse" or not exact.any():
        return here
    # Not simply the next one: in a draw it may be a unit that was not drawn.
    after = areas.r[areas.rows, _find_unit_at_share(areas, share + 2 * NEAR)[0]]
    return np.where(exact & (np.asarray(share) < 1), (here + after) / 2, here)


def _interpolate_quantile(areas: AreaArrays, share: Floats | float, a: float, b: float) -> Floats:
    count = areas.weight
    place = np.clip(a + share * (count + 1 - a - b), 1, count)
    low = np.floor(place + 1e-9)
    part = np.clip(place - low, 0, 1)
    first, second = (
        areas.r[areas.rows, _find_unit_at_share(areas, end / count)[0]]
        for end in (low, np.minimum(low + 1, count))
    )
    return first + part * (second - first)


def _compute_lorenz_influence(areas: AreaArrays, share: float, held: Floats) -> Floats:
    """Influence on the Lorenz curve at one share; the density at the quantile cancels."""
    q = _to_column(quantile(areas, share, "inverse"))
    return np.where(areas.r <= q, areas.r - q, 0.0) + share * q - _to_column(held) * areas.r


def share_ratio(top: float, bottom: float) -> SpreadFormula:
    """Share of the total held by the richest ``top`` over that held by the poorest ``bottom``."""

    def estimate(areas: AreaArrays) -> Floats:
        with np.errstate(divide="ignore"):
            return (1 - lorenz_share(areas, 1 - top)) / np.maximum(lorenz_share(areas, bottom), 0.0)

    def influence(areas: AreaArrays, found: Floats) -> Floats:
        high, low = lorenz_share(areas, 1 - top), lorenz_share(areas, bottom)
        moved_low = _compute_lorenz_influence(areas, bottom, low)
        return -(
            _compute_lorenz_influence(areas, 1 - top, high) + _to_column(found) * moved_low
        ) / _to_column(low)

    return SpreadFormula(
        estimate=estimate, influence=influence, in_order=True, least=top / bottom, resample="left_out",
        unsound=lambda a: (lorenz_share(a, bottom) < bottom / 10) | ((a.r[:, 0] <= 0) & (bottom <= 0.2)),
        variant="Lorenz curve, interpolated",
    )  # fmt: skip


def palma() -> SpreadFormula:
    """Richest tenth over poorest four tenths."""
    return share_ratio(0.1, 0.4)


def s80_s20(variant: str = "lorenz") -> SpreadFormula:
    """Richest fifth over poorest fifth; ``quantile``: whole units above P80 over those up to P20."""
    check_choice("variant", variant, "lorenz", "quantile")
    if variant == "lorenz":
        return share_ratio(0.2, 0.2)

    def sums(areas: AreaArrays) -> tuple[Floats, Floats, Floats, Floats]:
        low, high = (_to_column(quantile(areas, q, "inverse")) for q in (0.2, 0.8))
        lower, upper = areas.r * (areas.r <= low), areas.r * (areas.r > high)
        return low, high, areas.sum(lower), areas.sum(upper)

    def estimate(areas: AreaArrays) -> Floats:
        *_, lower, upper = sums(areas)
        with np.errstate(divide="ignore"):
            return upper / lower

    def influence(areas: AreaArrays, found: Floats) -> Floats:
        low, high, lower, _ = sums(areas)
        moved_low = (areas.r - low) * (areas.r <= low) + 0.2 * low
        moved_high = (areas.r - high) * (areas.r > high) + 0.2 * high
        moved = moved_high - _to_column(found) * moved_low
        return (moved - _to_column(areas.sum(moved))) / _to_column(lower)

    about = "units above P80 over units up to P20"
    return SpreadFormula(
        estimate=estimate, influence=influence, in_order=True, min_units=40, variant=about,
        unsound=lambda a: lorenz_share(a, 0.2) < 0.02,
    )  # fmt: skip


def percentile_ratio(upper: float = 0.9, lower: float = 0.1, rule: str = "average") -> SpreadFormula:
    """One quantile over another."""
    for name, share in (("upper", upper), ("lower", lower)):
        if not 0 < share < 1:
            raise ParameterError("metrics.share", name=name, found=share)

    def estimate(areas: AreaArrays) -> Floats:
        with np.errstate(divide="ignore"):
            return quantile(areas, upper, rule) / quantile(areas, lower, rule)

    def influence(areas: AreaArrays, found: Floats) -> Floats:
        high, above = _compute_log_quantile_influence(areas, upper, found)
        low, below = _compute_log_quantile_influence(areas, lower, found)
        high -= low
        high += _to_column(above - below)
        return high

    about = f"P{100 * upper:g}/P{100 * lower:g}, {rule}"
    return SpreadFormula(
        estimate=estimate, influence=influence, in_order=True, least=1.0, min_units=40, variant=about,
        unsound=lambda a: a.r[:, 0] <= 0,
    )  # fmt: skip


def _compute_log_quantile_influence(areas: AreaArrays, share: float, factor: Floats) -> tuple[Floats, Floats]:
    """Influence on the logarithm of a quantile, times a factor: a part for each unit and one for all of an area.

    Its slope is taken over two standard errors either way (Woodruff); nan where nothing lies above the quantile, for
    then one unit, or those tied with it, decide.
    """
    up_to = (areas.r <= _to_column(quantile(areas, share, "inverse"))).astype(float)
    held = areas.sum(up_to)
    inside = areas.p * up_to
    inside = np.vecdot(inside, inside)
    # The square of each share times that of up_to less its mean.
    se = np.sqrt((1 - 2 * held) * inside + held**2 / areas.effective)
    ends = np.minimum(np.maximum(share + 2 * np.array([-se, se]), NEAR), 1.0)
    low, high = quantile(areas, ends, "inverse")
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = factor * np.log(high / low) / np.where(held < 1 - NEAR, ends[1] - ends[0], math.nan)
    up_to *= _to_column(-slope)
    return up_to, slope * held


def federal_range_ratio(rule: str = "average") -> SpreadFormula:
    """Distance between P95 and P5, over P5."""
    ratio = percentile_ratio(0.95, 0.05, rule)
    moved = ratio.influence
    assert moved is not None  # noqa: S101
    return SpreadFormula(
        estimate=lambda a: ratio.estimate(a) - 1, influence=lambda a, found: moved(a, found + 1),
        in_order=True, min_units=100, unsound=ratio.unsound, variant=f"(P95-P5)/P5, {rule}",
    )  # fmt: skip


def _make_half_mean_estimate(lower: bool) -> Estimate:
    def estimate(areas: AreaArrays) -> Floats:
        median = _to_column(quantile(areas, 0.5))
        chosen = areas.r <= median if lower else areas.r >= median
        with np.errstate(divide="ignore", invalid="ignore"):
            return areas.sum(areas.r * chosen) / (areas.sum(chosen * 1.0) * median[:, 0])

    return estimate


def mcloone() -> SpreadFormula:
    """Mean of the units up to the median, over the median."""
    return SpreadFormula(
        estimate=_make_half_mean_estimate(True), in_order=True, least=1.0, most=1.0, resample="drawn_again",
        min_units=40, min_effective=20, variant="units <= median",
    )  # fmt: skip


def verstegen() -> SpreadFormula:
    """Mean of the units from the median up, over the median."""
    return SpreadFormula(
        estimate=_make_half_mean_estimate(False), in_order=True, least=1.0, resample="drawn_again",
        min_units=40, min_effective=20, variant="units >= median",
    )  # fmt: skip


def wolfson(variant: str = "doubled") -> SpreadFormula:
    """Bipolarisation around the median."""
    check_choice("variant", variant, "doubled", "interpolated", "whole_units")

    def estimate(areas: AreaArrays) -> Floats:
        median = quantile(areas, 0.5)
        half = lorenz_share(areas, 0.5)
        if variant == "whole_units":
            half = areas.sum(areas.r * (areas.r <= _to_column(median)))
        with np.errstate(divide="ignore"):
            found = (2 * (0.5 - half) - areas.sum(areas.distance) / 2) / median
        return found if variant == "interpolated" else 2 * found

    return SpreadFormula(estimate=estimate, in_order=True, variant=variant)


FORMULAS: dict[str, Callable[..., SpreadFormula]] = {
    "cv": cv, "gini": gini, "theil": theil, "mean_log_deviation": mean_log_deviation,
    "generalized_entropy": generalized_entropy, "atkinson": atkinson, "hoover": hoover, "palma": palma,
    "s80_s20": s80_s20, "percentile_ratio": percentile_ratio, "federal_range_ratio": federal_range_ratio,
    "mcloone": mcloone, "verstegen": verstegen, "wolfson": wolfson,
}  # fmt: skip
