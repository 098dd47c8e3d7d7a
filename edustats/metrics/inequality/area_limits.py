"""How far may a measure have fallen in each of many areas, all at once; and where nothing can be said, why?

What needs the units of an area is found a block of areas at a time (:func:`describe_areas`,
:func:`measure_log_spread`), what does not for all areas in one go (:func:`set_limits`). What the intervals mean is in
:mod:`edustats.metrics.inequality.intervals`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev, cheb2poly
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from edustats.metrics.inequality.arrays import AreaArrays
from edustats.metrics.inequality.formulas import SpreadFormula
from edustats.metrics.inequality.resampling import estimate_bootstrap_draws, estimate_leaving_one_out
from edustats.typing import Flags, Floats

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


METHODS = (
    "bootstrap_log", "census", "jackknife_log", "jackknife_log_left_out", "linearised", "linearised_log",
)  # fmt: skip
REASONS = (
    "", "all_tied", "all_zero", "base_near_zero", "few_by_weight", "negative", "no_sound_interval", "no_value",
    "no_variation", "not_finite", "one_unit", "one_unit_decides", "too_few", "too_few_ranked", "weight_missing",
    "weight_not_positive", "zero_base", "zero_value",
)  # fmt: skip
"""Why a row has no figure or no interval; each has its sentence in ``words/inequality.toml``."""
NAMES = np.array([*REASONS, *METHODS])
CODE = {str(name): np.int8(place) for place, name in enumerate(NAMES)}
"""Reasons and methods as numbers, 0 for nothing to say: text is slow to compare over all areas."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AreaLimits:
    """Intervals of many areas, one entry each."""

    estimate: Floats
    se: Floats
    lower: Floats
    upper: Floats
    method: NDArray[np.int8]
    """Number in ``NAMES`` of the method, or of the reason where limits are nan."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AreaFacts:
    """What bears on every measure of an area, one entry each."""

    n: NDArray[np.intp]
    effective: Floats
    widening: Floats
    """Factor on the upper quantile."""
    alike: Flags
    alone: Flags
    """Whether one unit holds all: without it there is nothing to measure."""
    zero: Flags
    """Whether the least value is 0."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LogSpread:
    """One measure of many areas, and how far the logarithm of its distance from ``least`` may have fallen."""

    estimate: Floats
    centre: Floats
    spread: Floats
    se: Floats
    carriers: Floats
    """Effective number of units behind the variance; nan where draws stand for them."""
    unsound: Flags
    decides: Flags
    """Whether the measure is 0 or undefined without some unit."""


def join_areas(blocks: list[Any]) -> Any:
    """Records of some areas each, as one of all of them.

    Examples
    --------
    >>> limits = AreaLimits(**dict.fromkeys(("estimate", "se", "lower", "upper", "method"), np.zeros(2)))
    >>> join_areas([limits, limits]).se
    array([0., 0., 0., 0.])
    """
    kind = type(blocks[0])
    return kind(**{f.name: np.concatenate([getattr(b, f.name) for b in blocks]) for f in fields(kind)})


def estimate_area_limits(areas: AreaArrays, formula: SpreadFormula, confidence: float = 0.95) -> AreaLimits:
    """One measure of many areas, with its intervals.

    Parameters
    ----------
    areas : Areas
        Complete and checked, in order of value.
    formula : Formula
        Decides the method: jackknife in closed form, linearised, jackknife by leaving out, or bootstrap.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Limits
        Limits are set on the logarithm of the measure's distance from its value where all units are alike.

    Notes
    -----
    See :func:`edustats.metrics.inequality.intervals.estimate_interval`.
    """
    facts = describe_areas(areas)
    return set_limits(formula, measure_log_spread(areas, formula, facts), facts, confidence)


def describe_areas(areas: AreaArrays, *, plain: bool = False) -> AreaFacts:
    """What bears on every measure; plain: on its definition alone, where no interval is asked for.

    Examples
    --------
    >>> from edustats.metrics.inequality.arrays import arrange_one_area
    >>> describe_areas(arrange_one_area(np.array([0.0, 3.0]), np.ones(2))).alone
    array([ True])
    """
    zero = areas.r[:, 0] == 0
    if plain:
        none, never = np.full(len(zero), math.nan), np.zeros(len(zero), dtype=bool)
        return AreaFacts(n=areas.n, effective=none, widening=none, alike=never, alone=never, zero=zero)
    held = areas.part
    few = held.max() >= 1 - ALIKE  # no need to look area by area in most blocks
    return AreaFacts(
        n=areas.n, effective=areas.effective, widening=_widen_for_large_units(areas),
        alike=np.sqrt(areas.sum(areas.square)) <= ALIKE,
        alone=held.max(axis=1) >= 1 - ALIKE if few else np.zeros(len(held), dtype=bool),
        zero=zero,
    )  # fmt: skip


def measure_log_spread(
    areas: AreaArrays, formula: SpreadFormula, facts: AreaFacts | None = None
) -> LogSpread:
    """A measure in each area, and its spread by the method the formula asks for; without facts the measure alone.

    Examples
    --------
    >>> from edustats.metrics.inequality.arrays import arrange_one_area
    >>> from edustats.metrics.inequality.formulas import FORMULAS
    >>> area = arrange_one_area(np.array([1.0, 3.0]), np.ones(2))
    >>> measure_log_spread(area, FORMULAS["gini"](), describe_areas(area)).estimate
    array([0.25])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        estimate = formula.estimate(areas)
        nothing, never = np.full(len(estimate), math.nan), np.zeros(len(estimate), dtype=bool)
        method = _name_interval_method(formula)
        if facts is None or method == "none":
            parts, unsound = (nothing, nothing, nothing, nothing, never), never
        else:
            unsound = never if formula.unsound is None else formula.unsound(areas)
            wanted = ~unsound & (_explain_unfit_areas(formula, facts) == 0) if formula.resample else ~never
            parts = _METHODS[method](areas, formula, estimate, wanted)
    centre, spread, se, carriers, decides = parts
    return LogSpread(
        estimate=estimate,
        centre=centre,
        spread=spread,
        se=se,
        carriers=carriers,
        unsound=unsound,
        decides=decides,
    )


def _name_interval_method(formula: SpreadFormula) -> str:
    if formula.without is not None:
        return "jackknife_log"
    return {"left_out": "jackknife_log_left_out", "drawn_again": "bootstrap_log"}.get(
        formula.resample, "none" if formula.influence is None else "linearised_log"
    )


def _explain_unfit_areas(formula: SpreadFormula, facts: AreaFacts) -> NDArray[np.int8]:
    """Why an area gets no interval, or 0: judged on its size, its weights and whether it varies at all."""
    reasons = {
        "zero_value": facts.zero & formula.above_zero,
        "too_few": facts.n < MIN_UNITS,
        "few_by_weight": facts.effective < MIN_EFFECTIVE,
        "no_variation": facts.alike,
    }
    found = np.select([*reasons.values()], [CODE[name] for name in reasons], CODE[""])
    # Without a unit that holds all there is nothing to measure; rounding leaves Theil's a number there, and cv's none.
    further = {
        "too_few": facts.n < formula.min_units,
        "few_by_weight": facts.effective < formula.min_effective,
        "one_unit_decides": facts.alone,
    }
    return np.where(
        found == 0, np.select([*further.values()], [CODE[name] for name in further], CODE[""]), found
    )


def set_limits(
    formula: SpreadFormula, found: LogSpread, facts: AreaFacts, confidence: float = 0.95
) -> AreaLimits:
    """Limits of a measure from its spread; and where there are none, why.

    Examples
    --------
    >>> from edustats.metrics.inequality.arrays import arrange_one_area
    >>> from edustats.metrics.inequality.formulas import FORMULAS
    >>> area = arrange_one_area(np.array([1.0, 3.0]), np.ones(2))
    >>> limits = estimate_area_limits(area, FORMULAS["gini"]())
    >>> NAMES[limits.method].tolist()
    ['too_few']
    """
    method = _name_interval_method(formula)
    reason = np.where(facts.zero & formula.above_zero, CODE["zero_value"], CODE[""])
    reason = np.where((reason == 0) & ~np.isfinite(found.estimate), CODE["zero_base"], reason)
    estimate = np.where(reason == 0, found.estimate, math.nan)
    reason = np.where(reason == 0, _explain_unfit_areas(formula, facts), reason)
    reason = np.where((reason == 0) & found.unsound, CODE["base_near_zero"], reason)
    reason = np.where((reason == 0) & (method == "none"), CODE["no_sound_interval"], reason)
    reason = np.where((reason == 0) & found.decides, CODE["one_unit_decides"], reason)
    given = reason == 0
    base, side = _find_side_of_base(formula, found.estimate)
    tail, drawn = (1 + confidence) / 2, method == "bootstrap_log"
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        below = above = _approximate_student_t(facts.effective - 1, tail)
        if not drawn:
            above = _approximate_student_t(np.maximum(found.carriers - 1, 1.0), tail) * facts.widening
        whole = side * (found.estimate - base)
        # The correction for bias can lift the whole interval above the estimate.
        near = np.minimum(np.exp(found.centre - below * found.spread), whole)
        far = np.exp(found.centre + above * found.spread)
    ends = base + side * near, base + side * (np.maximum(far, whole) if drawn else far)
    low, high, se = (
        np.where(given, limit, math.nan) for limit in (np.minimum(*ends), np.maximum(*ends), found.se)
    )
    return AreaLimits(
        estimate=estimate, se=se, lower=np.maximum(low, 0.0), upper=np.minimum(high, formula.most),
        method=np.where(given, CODE[method] if method in CODE else CODE[""], reason),
    )  # fmt: skip


def _find_side_of_base(formula: SpreadFormula, estimate: Floats) -> tuple[float, Floats]:
    """What the measure is where all are alike, and on which side of it each estimate lies."""
    return formula.least, np.where(estimate < formula.least, -1.0, 1.0)


_Parts = tuple[Floats, Floats, Floats, Floats, Flags]
"""Centre, spread, standard error and carriers of the logarithm; and whether nothing can be said."""


def _leave_each_out(areas: AreaArrays, formula: SpreadFormula, estimate: Floats, wanted: Flags) -> _Parts:
    """From the measure with each unit left out; there filling has the measure itself."""
    if formula.without is not None:
        left = formula.without(areas, estimate)
    else:
        left = estimate_leaving_one_out(areas, formula.estimate, wanted)
        left = np.where(areas.p > 0, left, estimate[:, None])
    n = areas.n
    base, side = _find_side_of_base(formula, estimate)
    whole, left = side * (estimate - base), left if base == 0 else side[:, None] * (left - base)
    logs = np.log(left)
    mean = np.vecdot(areas.real, logs) / n
    decides = ~np.isfinite(mean)
    if not left.min() > ALIKE * whole.max():  # no need to look area by area in most blocks
        decides |= ~(left.min(axis=1) > ALIKE * whole)
    logs -= mean[:, None]
    left -= whole[:, None]
    if areas.filled:
        logs *= areas.real
        left *= areas.real
    total, average = np.vecdot(logs, logs), np.vecdot(areas.real, left) / n
    logs *= logs
    log_whole = np.log(whole)
    return (
        log_whole + (n - 1) * (log_whole - mean),
        np.sqrt((n - 1) / n * total),
        np.sqrt((n - 1) / n * (np.vecdot(left, left) - n * average**2)),
        total**2 / np.vecdot(logs, logs),
        decides,
    )


def _add_up_influence(areas: AreaArrays, formula: SpreadFormula, estimate: Floats, wanted: Flags) -> _Parts:
    """From each unit's influence."""
    assert formula.influence is not None  # noqa: S101
    parts = formula.influence(areas, estimate)
    parts *= areas.p
    total, n = np.vecdot(parts, parts), areas.n
    se = np.sqrt(n / (n - 1) * np.maximum(total - np.vecdot(areas.real, parts) ** 2 / n, 0.0))
    parts *= parts
    base, side = _find_side_of_base(formula, estimate)
    whole = side * (estimate - base)
    spread = se / whole
    carriers = total**2 / np.vecdot(parts, parts)
    return np.log(whole), spread, se, carriers, ~(np.isfinite(spread) & (spread > 0))


def _draw_again(areas: AreaArrays, formula: SpreadFormula, estimate: Floats, wanted: Flags) -> _Parts:
    """From bootstrap draws; nothing can be said where too many have no logarithm."""
    again = estimate_bootstrap_draws(areas, formula.estimate, wanted=wanted)
    base, side = _find_side_of_base(formula, estimate)
    whole = side * (estimate - base)
    away = side[:, None] * (again - base)
    usable = away > ALIKE * whole[:, None]  # what is less is rounding, and so would be its logarithm
    logs = np.log(np.where(usable, away, 1.0))
    count = usable.sum(axis=1)
    mean = logs.sum(axis=1) / count
    spread = np.sqrt(np.where(usable, (logs - mean[:, None]) ** 2, 0.0).sum(axis=1) / (count - 1))
    centre = 2 * np.log(whole) - mean
    se = np.sqrt(np.var(again, axis=1, ddof=1))
    return centre, spread, se, np.full(len(se), math.nan), count < 0.9 * again.shape[1]


_METHODS = {
    "jackknife_log": _leave_each_out,
    "jackknife_log_left_out": _leave_each_out,
    "linearised_log": _add_up_influence,
    "bootstrap_log": _draw_again,
}


def _widen_for_large_units(areas: AreaArrays) -> Floats:
    """Factor on the upper quantile where the larger units have more: one or two that were not drawn decide then.

    One more than ``LARGE_DECIDE`` times the correlation of the logarithm of the weight with the square root of the
    value, where that is above 0; less where weights hardly differ, and with few units, where Student's t is wide enough
    for part of it. Calibrated by simulation, see ``docs/methods.md``.
    """
    if areas.even:
        return np.ones(len(areas.n))
    size = np.log(np.where(areas.p > 0, areas.p, 1.0) if areas.filled else areas.p)
    size -= (np.vecdot(areas.real, size) / areas.n)[:, None]
    value = areas.root - (np.vecdot(areas.real, areas.root) / areas.n)[:, None]
    if areas.filled:
        size *= areas.real
        value *= areas.real
    own = np.vecdot(size, size)
    both = np.sqrt(own * np.vecdot(value, value))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.vecdot(size, value) / both
    unlike = np.sqrt(own / areas.n)
    unequal = np.where(unlike > ALIKE, np.minimum(unlike / UNEQUAL, 1.0), 0.0)
    many = np.maximum(1 - FEW / areas.n, 0.0)
    return 1 + LARGE_DECIDE * many * unequal * np.where(both > ALIKE, np.maximum(found, 0.0), 0.0)


def _approximate_student_t(df: Floats, tail: float) -> Floats:
    """Student's t for many degrees of freedom at a time."""
    if len(df) < 50:
        return np.asarray(stdtrit(df, tail))
    place = 2 / np.maximum(df, 1.0) - 1
    first, *further = _fit_log_t(tail)
    found = np.full_like(place, first)
    for coefficient in further:
        found *= place
        found += coefficient
    return np.exp(found)


@lru_cache
def _fit_log_t(tail: float) -> tuple[float, ...]:
    """Its logarithm as a polynomial in 1 / df, brought to -1 ... 1; highest power first.

    The quantile itself takes a microsecond, this a hundredth; to 1e-13 up to a confidence of 99 %.
    """

    def log_t(place: Floats) -> Floats:
        inverse = (place + 1) / 2
        return np.log(np.where(inverse > 0, stdtrit(1 / np.maximum(inverse, 1e-300), tail), ndtri(tail)))

    return tuple(cheb2poly(Chebyshev.interpolate(log_t, 24).coef)[::-1])
