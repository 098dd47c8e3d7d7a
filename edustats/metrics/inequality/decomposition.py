"""How much of an inequality lies between groups, level below level, and how much inside them?

School in township in county: every school's value is replaced by the mean of its group at one level after
the other, and what the measure gains from level to level is that level's part. The parts add up to the
whole. Contributions say what each school adds.

Measures: ``theil`` (Theil's T), ``mld`` (mean log deviation) and ``cv2`` (square of the coefficient of
variation); of the variance, ``cv2`` parts have the same shares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chndtr, ndtri, stdtrit, xlogy

from edustats.errors import DataError, ParameterError
from edustats.metrics.inequality.measures import (
    ALIKE,
    MIN_EFFECTIVE,
    MIN_UNITS,
    check_confidence,
    check_values_and_weights,
    count_effective_carriers,
    effective_sample_size,
    refuse_wrong_entries,
)
from edustats.typing import Floats, Positions

Measure = Literal["theil", "mld", "cv2"]
MEASURES: tuple[Measure, ...] = ("theil", "mld", "cv2")

MIN_GROUP = 8
"""Where a group has fewer units, its own mean is too noisy to tell what lies between groups from chance."""
SHUFFLES, MOST_SHUFFLES, SEED = 5, 20_000, 20231215
"""Times that units are dealt out by chance, over the probability asked about; the most; and where chance starts."""
FAR_FROM_NOUGHT = 400.0
"""Beyond this noncentrality the square root of a between part is normal to all printed digits."""
UNIT = "unit"
"""Name of the innermost level, the units themselves."""
ALL = "all"
"""Name of the level of the whole."""
COLUMNS = ["level", "part", "estimate", "se", "lower", "upper", "share", "n", "groups", "method", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecompositionPart:
    """One part, and the same part with each unit left out in turn."""

    level: str
    part: str
    estimate: float
    without: Floats
    influence: Floats
    """What each unit adds to the error of the part, to the first order; they sum to 0."""
    groups: int
    """Groups at this level; units at the innermost one."""
    above: int
    """Groups at the level above."""
    smallest: int
    """Units in the smallest group that this part rests on."""


# --- one measure as a function of group sums ---------------------------------------------------------------


def _compute_group_terms(measure: str, weight: Floats, total: Floats) -> Floats:
    """What a group of this weight and total adds to the sum that the measure is made of."""
    mean = np.divide(total, weight, out=np.ones_like(total), where=weight > 0)
    if measure == "theil":
        return np.asarray(xlogy(total, mean), float)
    if measure == "mld":
        return np.asarray(xlogy(weight, mean), float)
    return total * mean


def _compute_index_from_terms(measure: str, held: Floats, weight: Floats, total: Floats) -> Floats:
    """The measure from the sum over groups, all weight and the whole total."""
    if measure == "theil":
        return held / total - np.log(total / weight)
    if measure == "mld":
        return np.log(total / weight) - held / weight
    return weight * held / total**2 - 1


def _sum_by_code(code: Positions, parts: Floats) -> Floats:
    return np.bincount(code, parts).astype(float)


def _measure_group_means(
    measure: str, share: Floats, relative: Floats, code: Positions
) -> tuple[float, Floats, Floats]:
    """The measure of the group means, the same with each unit left out, and each unit's influence on it."""
    total = share * relative
    weights, totals = _sum_by_code(code, share), _sum_by_code(code, total)
    held = _compute_group_terms(measure, weights, totals)
    alone = np.bincount(code)[code] == 1  # no group is left without it
    rest_weight = np.where(alone, 0.0, weights[code] - share)
    rest_total = np.where(alone, 0.0, np.maximum(totals[code] - total, 0.0))
    rest = held.sum() - held[code] + _compute_group_terms(measure, rest_weight, rest_total)
    with np.errstate(divide="ignore", invalid="ignore"):  # infinite where one unit holds everything
        without = _compute_index_from_terms(measure, rest, 1 - share, 1 - total)
    mean = np.divide(totals, weights, out=np.ones_like(totals), where=weights > 0)
    # As a sum of non-negative terms no digits are lost where all are nearly alike.
    value, slope = (
        float(weights @ _compute_distance_from_mean(measure, mean)),
        _compute_distance_slope(measure, mean),
    )
    own = _compute_distance_from_mean(measure, mean)[code] - value + slope[code] * (relative - mean[code])
    return value, without, share * (own - float((weights * mean) @ slope) * (relative - 1))


def _compute_distance_from_mean(measure: str, relative: Floats) -> Floats:
    """Each unit's non-negative distance from the mean; weighted and summed it is the measure."""
    if measure == "theil":
        return np.maximum(xlogy(relative, relative) - relative + 1, 0.0)
    if measure == "mld":
        return np.maximum(relative - 1 - np.log(relative), 0.0)
    return (relative - 1) ** 2


def _compute_distance_slope(measure: str, relative: Floats) -> Floats:
    """Derivative of the distance."""
    if measure == "theil":
        return np.log(relative, out=np.zeros_like(relative), where=relative > 0)
    return 1 - 1 / relative if measure == "mld" else 2 * (relative - 1)


def split_inequality_by_level(
    share: Floats, relative: Floats, codes: Sequence[Positions], names: Sequence[str], measure: str
) -> list[DecompositionPart]:
    """Every part from the outermost level in, and the total last, each with its leave-one-out values.

    Parameters
    ----------
    share, relative : (n,) arrays, shares of the weight (sum 1) and values over their weighted mean
    codes : group of each unit at each level, outermost first; every level lies inside the one above
    names : name of each level, as many as ``codes``
    measure : theil, mld or cv2

    Returns
    -------
    list of Left
        One ``between`` part per level, the ``within`` part of the units, the ``total``.
    """
    n = len(share)
    found, above, fewest = [], 1, n
    before, left, moved = 0.0, np.zeros(n), np.zeros(n)
    for name, code in [*zip(names, codes, strict=True), (UNIT, np.arange(n))]:
        value, without, influence = _measure_group_means(measure, share, relative, code)
        groups, last = int(code.max()) + 1, name == UNIT
        fewest = fewest if last else int(np.bincount(code).min())
        found.append(
            DecompositionPart(
                level=name, part="within" if last else "between", estimate=max(0.0, value - before),
                without=without - left, influence=influence - moved, groups=groups, above=above,
                smallest=fewest,
            )
        )  # fmt: skip
        above, before, left, moved = groups, value, without, influence
    total = DecompositionPart(
        level=ALL, part="total", estimate=before, without=left, influence=moved, groups=1, above=1, smallest=n
    )
    return [*found, total]


# --- what may come in --------------------------------------------------------------------------------------


def check_decomposable_measure(measure: str) -> None:
    """Refuse a measure that does not split into parts.

    Examples
    --------
    >>> check_decomposable_measure("theil")
    """
    if measure not in MEASURES:
        raise ParameterError("metrics.choice", name="measure", found=measure, expected=", ".join(MEASURES))


def number_nested_groups(levels: Sequence[ArrayLike], n: int) -> list[Positions]:
    """Number the groups of each level, so that a group is one name inside one group of the level above.

    Raises
    ------
    DataError
        When a group is missing or a level has another length.

    Examples
    --------
    >>> [list(map(int, code)) for code in number_nested_groups([["a", "a", "b"], ["x", "y", "x"]], 3)]
    [[0, 0, 1], [0, 1, 2]]
    """
    codes: list[Positions] = []
    outer = np.zeros(n, dtype=np.intp)
    for level in levels:
        column = pd.Series(np.asarray(level, dtype=object))
        if len(column) != n:
            raise DataError("equity.level_length", n=n, found=len(column))
        own, _ = pd.factorize(column, sort=True)
        if (own < 0).any():
            raise DataError("metrics.group_missing", place=int((own < 0).argmax()) + 1)
        _, outer = np.unique(outer * (int(own.max(initial=0)) + 1) + own, return_inverse=True)
        codes.append(outer)
    return codes


def _explain_undefined_measure(values: Floats, measure: str) -> str:
    """Why the measure does not exist for these values; empty where it does."""
    if not len(values):
        return "no_units"
    if not values.any():
        return "all_zero"
    if len(values) == 1:
        return "one_unit"
    return "zero_value" if measure == "mld" and not values.all() else ""


def normalize_values_and_weights(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weights as shares of one, and values over their weighted mean.

    Examples
    --------
    >>> normalize_values_and_weights(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    (array([0.5, 0.5]), array([0.5, 1.5]))
    """
    # Scaled down first: the sums of very large values would overflow.
    values, weights = values / values.max(), weights / weights.max()
    share = weights / weights.sum()
    return share, values / float(share @ values)


# --- the interval ------------------------------------------------------------------------------------------


def _compute_part_limits(
    part: DecompositionPart, share: Floats, confidence: float, alike: bool
) -> tuple[float, float, str]:
    """Lower and upper limit and the method; or nan and the reason."""
    if reason := _explain_missing_interval(part, share, alike):
        return math.nan, math.nan, reason
    if part.part == "between":
        return _compute_between_limits(part, share, confidence)
    if not (np.isfinite(part.without) & (part.without > ALIKE * part.estimate)).all():
        return math.nan, math.nan, "one_unit_decides"
    logs, n, tail = np.log(part.without), len(share), (1 + confidence) / 2
    centre = n * math.log(part.estimate) - (n - 1) * logs.mean()
    above = max(count_effective_carriers(logs - logs.mean()) - 1, 1.0)
    se = jackknife_se(logs)
    with np.errstate(over="ignore"):
        lower = float(np.exp(centre - stdtrit(effective_sample_size(share) - 1, tail) * se))
        upper = float(np.exp(centre + stdtrit(above, tail) * se))
    return min(lower, part.estimate), upper, "jackknife_log"


def _explain_missing_interval(part: DecompositionPart, share: Floats, alike: bool) -> str:
    if len(share) < MIN_UNITS:
        return "too_few"
    if effective_sample_size(share) < MIN_EFFECTIVE:
        return "few_by_weight"
    if alike or (part.part == "within" and part.estimate <= ALIKE**2):
        return "no_variation"
    if part.part == "between" and part.groups == part.above:
        return "one_group"
    return "small_groups" if part.part != "total" and part.smallest < MIN_GROUP else ""


def jackknife_se(without: Floats) -> float:
    """Standard error from values with each unit left out in turn (Efron and Tibshirani 1993, ch. 11).

    Examples
    --------
    >>> round(jackknife_se(np.array([1.0, 2.0, 3.0])), 4)
    1.1547
    """
    n = len(without)
    return math.sqrt((n - 1) / n * float(((without - without.mean()) ** 2).sum()))


def linearised_se(influence: Floats) -> float:
    """Standard error from influence values that sum to 0, units drawn with replacement.

    Examples
    --------
    >>> round(linearised_se(np.array([-1.0, 0.0, 1.0])), 4)
    1.7321
    """
    n = len(influence)
    return math.sqrt(n / (n - 1) * float(influence @ influence))


def _compute_between_limits(
    part: DecompositionPart, share: Floats, confidence: float
) -> tuple[float, float, str]:
    """Invert the noncentral chi-square that a between part follows: a sum of squared differences of means.

    Near 0 it is not normal at all, and chance alone makes it positive; both are in the distribution.
    """
    n, estimate = len(share), part.estimate
    se = jackknife_se(part.without)
    if not (math.isfinite(se) and se > 0 and estimate > 0):
        return math.nan, math.nan, "no_variation"
    scale = se**2 / (4 * estimate)
    bias = (n - 1) * (float(part.without.mean()) - estimate)
    df = float(np.clip(bias / scale, 1.0, part.groups - part.above))
    tail = (1 + confidence) / 2
    by_weight = effective_sample_size(share) - 1
    carriers = count_effective_carriers(part.without - part.without.mean()) - 1
    low = _invert_noncentral_chi_square(estimate, scale, df, tail, by_weight)
    high = _invert_noncentral_chi_square(estimate, scale, df, 1 - tail, max(min(by_weight, carriers), 1.0))
    return min(low, estimate), max(high, estimate), "noncentral_chi2"


HAND = 100_000
"""Units dealt out at a time: so few that the answer may come early, and that they stay near the processor."""


def _exceeds_shuffled(
    share: Floats, relative: Floats, code: Positions, outer: Positions, measure: str, tail: float
) -> bool:
    """Whether what lies between groups is more than dealing the same units out by chance gives, but for ``tail``.

    Units keep their weight and stay inside their group of the level above. Where units are of very unequal size
    the noncentral chi-square alone puts the lower limit above 0 in one case of ten without any difference.
    """
    draws = min(math.ceil(SHUFFLES / tail), MOST_SHUFFLES)
    rng = np.random.default_rng([SEED, len(share), draws])
    held, _, _ = _measure_group_means(measure, share, relative, code)
    places, groups = np.argsort(outer, kind="stable"), int(code.max()) + 1
    member = np.eye(groups)[code]
    more = done = 0
    while done < draws:
        some = min(draws - done, max(1, HAND // len(share)))
        dealt = np.empty((some, len(share)), np.intp)
        dealt[:, places] = np.argsort(rng.random((some, len(share))) + outer, axis=1)
        weights, totals = share[dealt] @ member, (share * relative)[dealt] @ member
        means = np.divide(totals, weights, out=np.ones_like(totals), where=weights > 0)
        again = (weights * _compute_distance_from_mean(measure, means)).sum(axis=1)
        more += int((again >= held * (1 - 1e-12)).sum())
        done += some
        if (1 + more) / (1 + draws) > tail:
            return False
    return True


def _invert_noncentral_chi_square(
    estimate: float, scale: float, df: float, below: float, rest: float
) -> float:
    """The true part under which one this large or smaller has the probability ``below``.

    The scale is itself estimated: it is widened so that with one degree of freedom the limits are those of
    Student's t with ``rest`` degrees of freedom.
    """
    from scipy.optimize import brentq

    wide = scale * float(stdtrit(rest, below) / ndtri(below)) ** 2
    ratio = estimate / wide
    if ratio > FAR_FROM_NOUGHT:
        return wide * max(0.0, math.sqrt(max(ratio - df, 0.0)) - float(ndtri(below))) ** 2

    def excess(noncentrality: float) -> float:
        return float(chndtr(ratio, df, noncentrality)) - below

    # The inversion is empty where chance alone nearly always gives more: the upper limit then is Student's.
    least = (math.sqrt(max(ratio - df + 1, 0.0)) - float(ndtri(below))) ** 2 if below < 0.5 else 0.0
    if excess(least) <= 0:
        return wide * least
    high = ratio + 10.0
    while excess(high) > 0:
        high *= 2
    return wide * float(brentq(excess, least, high, xtol=1e-9))


# --- the tables --------------------------------------------------------------------------------------------


def decompose_inequality(
    values: ArrayLike,
    weights: ArrayLike | None,
    levels: Sequence[ArrayLike],
    names: Sequence[str],
    measure: Measure = "theil",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Inequality split between groups at every level and within the innermost ones, with intervals.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing.
    weights : (n,) array_like or None
        Pupils in each unit, > 0; None: every unit counts the same.
    levels : sequence of (n,) array_like
        Group of each unit at each level, outermost first (county, then township); none missing. A group is
        one name inside one group of the level above, so two counties may each have a town of one name. No
        level at all: everything is within.
    names : sequence of str
        Name of each level.
    measure : {"theil", "mld", "cv2"}
        Theil's T, mean log deviation, or square of the coefficient of variation.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    DataFrame
        One row per level with ``part`` ``between`` (between its groups, inside the level above), one row
        ``unit``/``within``, one row ``all``/``total``; columns ``estimate`` (>= 0; the parts add up to the
        total), ``se`` (linearised, nan when all units are alike), ``lower``, ``upper``, ``share`` (of the
        total, 0-1; nan when all units are alike),
        ``n`` units, ``groups``, ``method`` and ``note``. Without an interval, limits are nan, ``method`` is
        ``none`` and ``note`` names the reason: ``too_few`` (below 20 units), ``few_by_weight``,
        ``small_groups`` (a group below 8 units), ``one_group``, ``no_variation``, ``one_unit_decides``.
        Where the measure does not exist, ``estimate`` is nan too: ``one_unit``, ``all_zero``,
        ``no_units``, ``zero_value`` (``mld`` only).

    Raises
    ------
    DataError
        When a value is negative or missing, a weight is not above 0, a group is missing or lengths differ.
    ParameterError
        When the measure is unknown or the confidence is not between 0 and 1.

    Notes
    -----
    With I(k) the measure of the units' values, each replaced by the mean of its group at level k, the part of
    level k is I(k) - I(k-1) (Theil 1967; Shorrocks 1980). ``cv2`` is twice the generalized entropy of order 2.

    The intervals are *superpopulation* intervals with the groups given: they take the units as one draw, each
    with its group, and cover the parts of the process. Total and within: delete-one jackknife of the
    logarithm, as in :func:`edustats.metrics.inequality.intervals.estimate_interval`. Between: a sum of squared
    differences of means, positive by chance alone; its limits invert a noncentral chi-square whose scale and degrees of
    freedom come from the jackknife's variance and bias, and the lower one may be 0; it is above 0 only where dealing
    the same units out by chance, too, hardly ever gives as much between the groups. Coverage is tabled in
    ``docs/methods.md``.

    Examples
    --------
    >>> found = decompose_inequality([1, 1, 3, 3], None, [["village", "village", "town", "town"]], ["place"])
    >>> found[["level", "part", "share", "note"]].values.tolist()
    [['place', 'between', 1.0, 'too_few'], ['unit', 'within', 0.0, 'too_few'], ['all', 'total', 1.0, 'too_few']]
    """
    return pd.DataFrame(
        list_inequality_parts(values, weights, levels, names, measure, confidence), columns=COLUMNS
    )


def list_inequality_parts(
    values: ArrayLike,
    weights: ArrayLike | None,
    levels: Sequence[ArrayLike],
    names: Sequence[str],
    measure: Measure = "theil",
    confidence: float = 0.95,
) -> list[dict[str, Any]]:
    """The rows of :func:`decompose_inequality`, without a data frame, for who decomposes often.

    Examples
    --------
    >>> rows = list_inequality_parts([1, 1, 3, 3], None, [["village", "village", "town", "town"]], ["place"])
    >>> [(row["part"], row["share"]) for row in rows]
    [('between', 1.0), ('within', 0.0), ('total', 1.0)]
    """
    check_decomposable_measure(measure)
    check_confidence(confidence)
    x, w = check_values_and_weights(values, weights)
    refuse_wrong_entries("metrics.below", "values", x, x < 0)
    codes = number_nested_groups(levels, len(x))
    rows = _build_decomposition_rows(x, w, codes, names, measure, confidence)
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _build_decomposition_rows(
    x: Floats, w: Floats, codes: Sequence[Positions], names: Sequence[str], measure: str, confidence: float
) -> list[tuple[object, ...]]:
    if reason := _explain_undefined_measure(x, measure):
        parts = [*((name, "between") for name in names), (UNIT, "within"), (ALL, "total")]
        blank = (math.nan,) * 5
        return [(*part, *blank, len(x), 0, "none", reason) for part in parts]
    share, relative = normalize_values_and_weights(x, w)
    parts_left = split_inequality_by_level(share, relative, codes, names, measure)
    whole = parts_left[-1].estimate
    rows: list[tuple[object, ...]] = []
    alike = float(np.ptp(relative)) <= ALIKE
    outer = np.zeros(len(x), np.intp)
    for part, code in zip(parts_left, [*codes, None, None], strict=True):
        lower, upper, method = _compute_part_limits(part, share, confidence, alike)
        if code is not None:
            tail = (1 - confidence) / 2
            if lower > 0 and not _exceeds_shuffled(share, relative, code, outer, measure, tail):
                lower = 0.0
            outer = code
        given = math.isfinite(lower)
        se = math.nan if alike else linearised_se(part.influence)
        rows.append((
            part.level, part.part, part.estimate, se, lower, upper, math.nan if alike else part.estimate / whole,
            len(x), part.groups, method if given else "none", "" if given else method,
        ))  # fmt: skip
    return rows


def decompose_inequality_by_year(
    frame: pd.DataFrame,
    value: str,
    weight: str,
    year: str,
    levels: Sequence[str] = (),
    measure: Measure = "theil",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The parts of :func:`decompose_inequality` for every year of a table of units.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and year; value per pupil, pupils, year, and the group of each unit by level.
    value, weight, year : str
        Names of the columns.
    levels : sequence of str
        Columns of the groups, outermost first, such as ``["county", "location"]``.
    measure, confidence
        As in :func:`decompose_inequality`.

    Returns
    -------
    DataFrame
        The rows of :func:`decompose_inequality` with ``year`` in front and, last, ``missing``: rows of that year left
        out because value or weight is missing. Years ascend; a year without any complete row has ``no_units``.

    Raises
    ------
    DataError
        As :func:`decompose_inequality`; also a weight of 0, which is not the same as a missing one.

    Examples
    --------
    >>> table = pd.DataFrame({"y": [1, 1, 2, 2], "x": [1, 3, 2, None], "p": [5, 5, 5, 5]})
    >>> found = decompose_inequality_by_year(table, "x", "p", "y")
    >>> found[["year", "part", "n", "missing", "note"]].values.tolist()[1:3]
    [[1, 'total', 2, 0, 'too_few'], [2, 'within', 1, 1, 'one_unit']]
    """
    check_decomposable_measure(measure)
    check_confidence(confidence)
    rows: list[tuple[object, ...]] = []
    for one, units in frame.groupby(year, sort=True):
        whole = units[units[value].notna() & units[weight].notna()]
        codes = number_nested_groups([whole[level] for level in levels], len(whole))
        x, w = whole[value].to_numpy(float), whole[weight].to_numpy(float)
        if len(whole):
            x, w = check_values_and_weights(x, w)
            refuse_wrong_entries("metrics.below", "values", x, x < 0)
        found = _build_decomposition_rows(x, w, codes, levels, measure, confidence)
        rows.extend((one, *row, len(units) - len(whole)) for row in found)
    return pd.DataFrame(rows, columns=["year", *COLUMNS, "missing"])


def compute_unit_contributions(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    measure: Literal["theil", "mld", "cv2", "gini"] = "theil",
) -> Floats:
    """What each unit adds to a measure; never negative, and together the whole measure.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0; for ``mld`` none 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    measure : {"theil", "mld", "cv2", "gini"}
        What is taken apart.

    Returns
    -------
    (n,) array
        In the order of the values; 0 for a unit at the mean (Gini: for none, unless all are alike).

    Raises
    ------
    DataError
        When a value is negative, missing, all are 0 (or one is, for ``mld``), or a weight is not above 0.
    ParameterError
        When the measure is unknown.

    Notes
    -----
    With p the share of the pupils and r the value over the mean: Theil p (r ln r - r + 1), MLD
    p (r - 1 - ln r), squared coefficient of variation p (r - 1)^2. The terms in r - 1 sum to 0 over all
    units and make each contribution a distance from the mean. Gini: half of every pair's distance to each of
    the two, p_i sum_j p_j |r_i - r_j| / 2, the same whether a unit lies above or below; the Lerman-Yitzhaki
    (1985) covariance term 2 p (r - 1)(F - 1/2) sums to the same but is negative between mean and median.

    Examples
    --------
    >>> compute_unit_contributions([1, 3], measure="cv2")
    array([0.125, 0.125])
    """
    if measure != "gini":
        check_decomposable_measure(measure)
    x, w = check_values_and_weights(values, weights)
    refuse_wrong_entries("metrics.below", "values", x, x < 0)
    if not x.any():
        refuse_wrong_entries("metrics.not_positive", "values", x, x <= 0)
    if measure == "mld":
        refuse_wrong_entries("metrics.not_positive", "values", x, x <= 0)
    share, relative = normalize_values_and_weights(x, w)
    if measure != "gini":
        return share * _compute_distance_from_mean(measure, relative)
    order = np.argsort(relative, kind="stable")
    r, p = relative[order], share[order]
    below, held = np.cumsum(p), np.cumsum(p * r)
    pairs = np.empty_like(r)
    pairs[order] = p * (r * (2 * below - 1) - 2 * held + held[-1]) / 2
    return np.maximum(pairs, 0.0)
