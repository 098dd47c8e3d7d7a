"""How far might a measure of spread have fallen, had chance drawn another set of units of the same kind?

The units are a census, so a measure is exact for the year it describes. The interval is a *superpopulation*
interval: it takes the units as one draw from the process that makes such units, and covers the process's
value. It serves to compare years or areas, not to doubt this year's figure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from scipy.special import ndtri, stdtrit

from edustats.errors import DataError, ParameterError
from edustats.metrics.checks import check_amounts, check_confidence, refuse_wrong_entries
from edustats.metrics.inequality.arrays import AreaArrays, arrange_one_area
from edustats.metrics.inequality.formulas import FORMULAS, Estimate, SpreadFormula
from edustats.typing import Flags, Floats

REASON = "<U24"

MIN_UNITS = 20
"""Below this many units an interval is as wide as the measure or misses its 93-97 %, and is refused."""
MIN_EFFECTIVE = 10
"""Units may weigh as little as this many equal ones; below, one large school decides how wide it gets."""
LARGE_DECIDE = 1.2
"""How much farther the upper limit lies where the larger units have more, times their correlation."""
FEW, UNEQUAL = 10, 0.5
"""Units with which nothing is added; and the spread of the logarithm of the weight from which all of it is."""
ALIKE = 1e-6
"""Relative spread at or below which the units count as alike: what is left is rounding."""


CLOSED = ("cv", "gini", "theil", "mean_log_deviation", "generalized_entropy", "atkinson", "hoover")
"""Measures whose interval needs no resampling and no more units than ``MIN_UNITS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A measure with its interval; nan limits when ``method`` names a reason instead of a method."""

    estimate: float
    """The measure itself, without correction."""
    lower: float
    upper: float
    se: float
    """Standard error in the measure's own unit, by the method named."""
    confidence: float
    n: int
    """Units."""
    method: str
    """``jackknife_log`` or ``linearised_log``; or why there is no interval: ``too_few``, ``few_by_weight``,
    ``no_variation``, ``one_unit_decides``."""
    covers: str
    """What is covered: ``superpopulation``, the value of the process these units came from."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AreaLimits:
    """Intervals of many areas, one entry each; ``method`` names the reason where limits are nan."""

    se: Floats
    lower: Floats
    upper: Floats
    method: NDArray[Any]


def estimate_area_limits(
    areas: AreaArrays,
    formula: SpreadFormula,
    estimate: Floats,
    confidence: float = 0.95,
    refused: NDArray[Any] | None = None,
) -> AreaLimits:
    """Intervals of one measure in many areas.

    Parameters
    ----------
    areas : Areas
        Complete and checked, in order of value.
    formula : Formula
        Decides the method: jackknife in closed form, linearised, jackknife by leaving out, or bootstrap.
    estimate : (areas,) array
        The measure in each area.
    confidence : float
        Between 0 and 1.
    refused : (areas,) array of str, optional
        What :func:`explain_unfit_areas` found, where it is known already.

    Returns
    -------
    Limits
        Limits are set on the logarithm of the measure's distance from its value where all units are alike.

    Notes
    -----
    See :func:`estimate_interval`.
    """
    reason = (explain_unfit_areas(areas) if refused is None else refused).astype(REASON)
    effective = areas.effective
    reason[(reason == "") & (areas.n < formula.min_units)] = "too_few"
    reason[(reason == "") & (effective < formula.min_effective)] = "few_by_weight"
    # Without a unit that holds all there is nothing to measure; rounding leaves Theil's a number there, and cv's none.
    reason[(reason == "") & ((areas.p * areas.r).max(axis=1) >= 1 - ALIKE)] = "one_unit_decides"
    if formula.unsound is not None:
        reason[(reason == "") & formula.unsound(areas)] = "base_near_zero"
    method = _name_interval_method(formula)
    if method == "none":
        reason[reason == ""] = "no_sound_interval"
    given = reason == ""
    found = (np.full(len(estimate), math.nan),) * 3
    if given.any():
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found, decides = _METHODS[method](areas, formula, estimate, confidence, given)
        reason[given & decides] = "one_unit_decides"
        given = reason == ""
    low, high, se = (np.where(given, limit, math.nan) for limit in found)
    return AreaLimits(
        se=se,
        lower=np.maximum(low, 0.0),
        upper=np.minimum(high, formula.most),
        method=np.where(given, method, reason),
    )


def _name_interval_method(formula: SpreadFormula) -> str:
    if formula.without is not None:
        return "jackknife_log"
    return {"left_out": "jackknife_log_left_out", "drawn_again": "bootstrap_log"}.get(
        formula.resample, "none" if formula.influence is None else "linearised_log"
    )


def explain_unfit_areas(areas: AreaArrays) -> NDArray[Any]:
    """Why an area gets no interval, or an empty text: judged on its size and its weights alone."""
    alike = np.sqrt(areas.sum((areas.r - 1) ** 2)) <= ALIKE
    effective = areas.effective
    reasons = [areas.n < MIN_UNITS, effective < MIN_EFFECTIVE, alike]
    return np.select(reasons, ["too_few", "few_by_weight", "no_variation"], "")


def _find_side_of_base(formula: SpreadFormula, estimate: Floats) -> tuple[float, Floats]:
    """What the measure is where all are alike, and on which side of it each estimate lies."""
    return formula.least, np.where(estimate < formula.least, -1.0, 1.0)


def _restore_from_distance(
    base: float, side: Floats, near: Floats, far: Floats, se: Floats
) -> tuple[Floats, Floats, Floats]:
    """Limits of the measure from those of its distance from ``base``."""
    ends = base + side * near, base + side * far
    return np.minimum(*ends), np.maximum(*ends), se


def _jackknife_limits(
    areas: AreaArrays, formula: SpreadFormula, estimate: Floats, confidence: float, given: Flags
) -> tuple[tuple[Floats, Floats, Floats], Flags]:
    """Lower, upper and standard error from the measure with each unit left out; and whether one decides."""
    if formula.without is not None:
        left = formula.without(areas, estimate)
    else:
        left = estimate_leaving_one_out(areas, formula.estimate, given)
        left = np.where(areas.p > 0, left, estimate[:, None])
    n = areas.n
    base, side = _find_side_of_base(formula, estimate)
    whole, left = side * (estimate - base), left if base == 0 else side[:, None] * (left - base)
    # Filling has the measure itself, so that it adds nothing to a sum of differences.
    away = np.log(whole[:, None] / left)
    mean = away.sum(axis=1) / n
    decides = ~(np.isfinite(mean) & (left.min(axis=1) > ALIKE * whole))
    away -= mean[:, None]
    if areas.filled:
        away *= areas.p > 0
    total = np.vecdot(away, away)
    spread = np.sqrt((n - 1) / n * total)
    moved = left - whole[:, None]
    average = moved.sum(axis=1) / n
    se = np.sqrt((n - 1) / n * (np.vecdot(moved, moved) - n * average**2))
    centre = np.log(whole) + (n - 1) * mean
    below, above = _compute_t_quantiles(areas, away, total, confidence)
    # The correction for bias can lift the whole interval above the estimate.
    near = np.minimum(np.exp(centre - below * spread), whole)
    return _restore_from_distance(base, side, near, np.exp(centre + above * spread), se), decides


def _linearise_limits(
    areas: AreaArrays, formula: SpreadFormula, estimate: Floats, confidence: float, given: Flags
) -> tuple[tuple[Floats, Floats, Floats], Flags]:
    """Lower, upper and standard error from each unit's influence; and whether nothing can be said."""
    assert formula.influence is not None  # noqa: S101
    parts = areas.p * formula.influence(areas, estimate)
    se = compute_linearised_se(areas, parts)
    base, side = _find_side_of_base(formula, estimate)
    whole = side * (estimate - base)
    below, above = _compute_t_quantiles(areas, parts, np.vecdot(parts, parts), confidence)
    spread = se / whole
    found = _restore_from_distance(
        base, side, whole * np.exp(-below * spread), whole * np.exp(above * spread), se
    )
    return found, ~(np.isfinite(spread) & (spread > 0))


def _bootstrap_limits(
    areas: AreaArrays, formula: SpreadFormula, estimate: Floats, confidence: float, given: Flags
) -> tuple[tuple[Floats, Floats, Floats], Flags]:
    """Lower, upper and standard error from bootstrap draws; and whether a draw has none."""
    again = estimate_bootstrap_draws(areas, formula.estimate, wanted=given)
    base, side = _find_side_of_base(formula, estimate)
    whole, logs = side * (estimate - base), np.log(side[:, None] * (again - base))
    usable = np.isfinite(logs)
    logs = np.where(usable, logs, 0.0)
    count = usable.sum(axis=1)
    mean = logs.sum(axis=1) / count
    spread = np.sqrt(np.where(usable, (logs - mean[:, None]) ** 2, 0.0).sum(axis=1) / (count - 1))
    centre = 2 * np.log(whole) - mean
    effective = areas.effective
    reach = stdtrit(effective - 1, (1 + confidence) / 2) * spread
    se = np.sqrt(np.var(again, axis=1, ddof=1))
    near = np.minimum(np.exp(centre - reach), whole)
    return _restore_from_distance(
        base, side, near, np.maximum(np.exp(centre + reach), whole), se
    ), count < 0.9 * again.shape[1]


_METHODS = {
    "jackknife_log": _jackknife_limits,
    "jackknife_log_left_out": _jackknife_limits,
    "linearised_log": _linearise_limits,
    "bootstrap_log": _bootstrap_limits,
}


def compute_linearised_se(areas: AreaArrays, parts: Floats) -> Floats:
    """Standard error from each unit's part, as for units drawn with replacement."""
    n = areas.n
    total = np.vecdot(parts, parts) - parts.sum(axis=1) ** 2 / n  # they sum to about 0: nothing is lost
    return np.sqrt(n / (n - 1) * np.maximum(total, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearisedEstimate:
    """A measure with its standard error by influence function."""

    estimate: float
    se: float
    n: int
    clusters: int
    """As many as units where none were given."""


def estimate_linearised_se(
    measure: str,
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
    **options: Any,
) -> LinearisedEstimate:
    """Standard error of a measure by influence function, as survey software finds it.

    Parameters
    ----------
    measure : str
        A name in :data:`edustats.metrics.inequality.formulas.FORMULAS` with an influence function.
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0; > 0 where the measure asks for it.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    cluster : (n,) array_like, optional
        Cluster of each unit, at least two: units of one cluster were drawn together.
    **options
        Those of the measure: ``alpha``, ``epsilon``, ``corrected``, ``variant``, ``upper``, ``rule`` ...

    Returns
    -------
    Linearised
        With units (or clusters) taken as drawn with replacement; the factor is n / (n - 1).

    Raises
    ------
    DataError
        As :func:`estimate_interval`, and with fewer than two units or clusters.
    ParameterError
        When the measure is unknown or has no influence function.

    Notes
    -----
    Deville (1999); Biewen and Jenkins (2006). It is a little short in small samples; the intervals of
    :func:`estimate_interval` are built otherwise and hold.

    Examples
    --------
    >>> found = estimate_linearised_se("theil", [2, 3, 4, 5, 7])
    >>> round(found.estimate, 4), round(found.se, 4)
    (0.0838, 0.0402)
    """
    known = {name for name, make in FORMULAS.items() if make().influence is not None}
    if measure not in known:
        raise ParameterError(
            "metrics.choice", name="measure", found=measure, expected=", ".join(sorted(known))
        )
    formula = FORMULAS[measure](**options)
    x, w = check_values_for_formula(formula, values, weights)
    order = np.argsort(x, kind="stable")
    area = arrange_one_area(x[order], w[order])
    estimate = formula.estimate(area)
    assert formula.influence is not None  # noqa: S101
    parts = (area.p * formula.influence(area, estimate))[0]
    if cluster is not None:
        code = np.unique(np.asarray(cluster)[order], return_inverse=True)[1]
        parts = np.bincount(code, parts)
    if len(parts) < 2:
        raise DataError("metrics.one_unit", n=len(parts))
    factor = len(parts) / (len(parts) - 1)
    se = math.sqrt(factor * float(np.sum((parts - parts.mean()) ** 2)))
    return LinearisedEstimate(estimate=float(estimate[0]), se=se, n=len(x), clusters=len(parts))


def check_values_for_formula(
    formula: SpreadFormula, values: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats]:
    """Columns fit for a measure: amounts, and above 0 where it asks for that.

    Examples
    --------
    >>> check_values_for_formula(FORMULAS["gini"](), [0, 1], None)
    (array([0., 1.]), array([1., 1.]))
    """
    x, w = check_amounts(values, weights)
    if formula.above_zero:
        refuse_wrong_entries("metrics.not_positive", "values", x, x <= 0)
    return x, w


def _compute_t_quantiles(
    areas: AreaArrays, parts: Floats, total: Floats, confidence: float
) -> tuple[Floats, Floats]:
    """Student's t below and above: by the effective number of units, and of those behind the variance.

    ``parts`` are centred and ``total`` is the sum of their squares.
    """
    tail = (1 + confidence) / 2
    squares = parts * parts
    carriers = total**2 / np.vecdot(squares, squares)
    above = _approximate_student_t(np.maximum(carriers - 1, 1.0), tail)
    return _reach_by_weight(areas, tail), above * _widen_for_large_units(areas)


@lru_cache(maxsize=1)
def _reach_by_weight(areas: AreaArrays, tail: float) -> Floats:
    """Student's t by the effective number of units."""
    return _approximate_student_t(areas.effective - 1, tail)


@lru_cache(maxsize=1)  # every measure asks the same of its areas
def _widen_for_large_units(areas: AreaArrays) -> Floats:
    """Factor on the upper quantile where the larger units have more: one or two that were not drawn decide then.

    One more than ``LARGE_DECIDE`` times the correlation of the logarithm of the weight with the square root of the
    value, where that is above 0; less where weights hardly differ, and with few units, where Student's t is wide enough
    for part of it. Calibrated by simulation, see ``docs/methods.md``.
    """
    held = areas.p > 0
    size = np.log(np.where(held, areas.p, 1.0))
    if np.ptp(np.where(held, size, size[:, :1]), axis=1).max() <= ALIKE:
        return np.ones(len(areas.n))
    value = np.sqrt(np.where(held, areas.r, 0.0))
    size, value = (
        np.where(held, part - (part * held).sum(axis=1, keepdims=True) / areas.n[:, None], 0.0)
        for part in (size, value)
    )
    both = np.sqrt(np.vecdot(size, size) * np.vecdot(value, value))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.vecdot(size, value) / both
    unequal = np.minimum(np.sqrt(np.vecdot(size, size) / areas.n) / UNEQUAL, 1.0)
    many = np.maximum(1 - FEW / areas.n, 0.0)
    return 1 + LARGE_DECIDE * many * unequal * np.where(both > ALIKE, np.maximum(found, 0.0), 0.0)


def _approximate_student_t(df: Floats, tail: float) -> Floats:
    """Student's t for many degrees of freedom at a time."""
    if len(df) < 50:
        return np.asarray(stdtrit(df, tail))
    return np.exp(_build_log_t_spline(tail)(1 / np.maximum(df, 1.0)))


@lru_cache
def _build_log_t_spline(tail: float) -> CubicSpline:
    """Its logarithm over 1 / df; the quantile itself takes a microsecond, this a hundredth, to 1e-9."""
    inverse = np.linspace(0, 1, 1001) ** 1.5
    exact = np.append(ndtri(tail), stdtrit(1 / inverse[1:], tail))
    return CubicSpline(inverse, np.log(exact))


def estimate_interval(
    measure: str, values: ArrayLike, weights: ArrayLike | None = None, confidence: float = 0.95
) -> Interval:
    """Interval of a measure as the outcome of the process that produced these units.

    Parameters
    ----------
    measure : str
        A name in :data:`edustats.metrics.inequality.formulas.FORMULAS` that has a closed form: ``cv`` (the official
        population form), ``gini``, ``theil``, ``atkinson`` and others.
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0; > 0 for the mean log deviation.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Interval
        ``0 < lower <= estimate``, ``lower < upper``; Gini's upper limit is at most 1. Limits and ``se`` are
        nan, and ``method`` names the reason: fewer than 20 units (``too_few``), units that weigh as much as
        fewer than 10 equal ones (``few_by_weight``), all units alike (``no_variation``), or one unit without
        which the measure would be 0 or undefined (``one_unit_decides``).

    Raises
    ------
    DataError
        As :func:`edustats.metrics.inequality.measures.coefficient_of_variation`.
    ParameterError
        When the measure is unknown or the confidence is not between 0 and 1.

    Notes
    -----
    The units are all there are, so there is no sampling error. The interval is a *superpopulation* interval:
    it takes the units as one draw from the process that makes such schools, and covers that process's value.
    Use it to compare years or areas, not to doubt this year's official figure.

    Delete-one jackknife of the logarithm, centred at the bias-corrected value (Efron and Tibshirani 1993,
    ch. 11). The t quantile below has the effective number of units by weight less one as its degrees of
    freedom, ``1 / sum(p_i^2) - 1`` (Kish 1965). The one above has the effective number of units behind the
    variance less one, ``sum(u_i^2)^2 / sum(u_i^4) - 1`` with ``u_i`` the centred pseudo-values, at least 1:
    in skewed data the measure and its standard error fall short together, when the few schools that carry
    the inequality were not drawn. Where one school carries the variance, the upper limit is therefore far
    off. Simulated coverage, and the data in which it falls short, are tabled in ``docs/methods.md``.

    Examples
    --------
    >>> found = estimate_interval("gini", [2, 3, 4, 5, 7] * 8)
    >>> found.lower < found.estimate < found.upper, found.method
    (True, 'jackknife_log')
    >>> estimate_interval("cv", [1, 2, 3]).method
    'too_few'
    """
    if measure not in CLOSED:
        raise ParameterError("metrics.choice", name="measure", found=measure, expected=", ".join(CLOSED))
    check_confidence(confidence)
    formula = FORMULAS[measure]()
    x, w = check_values_for_formula(formula, values, weights)
    area = arrange_one_area(x, w)
    estimate = formula.estimate(area)
    found = estimate_area_limits(area, formula, estimate, confidence)
    return Interval(
        estimate=float(estimate[0]),
        lower=float(found.lower[0]),
        upper=float(found.upper[0]),
        se=float(found.se[0]),
        confidence=confidence,
        n=len(x),
        method=str(found.method[0]),
        covers="superpopulation",
    )


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
        found[row] = estimate(reweight_area(areas, row, times[n]))
    return found
