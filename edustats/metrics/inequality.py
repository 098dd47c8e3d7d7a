"""How unequally is one indicator spread over the units of an area?

Every measure takes values and weights, lists of equal length with one entry per unit (school), and returns
one float. The weights are pupils; without them every unit counts the same. Missing values are the caller's
business and are refused here. The order of the rows and the scale of the weights never matter.

The units are a census, so a measure is exact for the year it describes. :func:`interval` answers another
question: how far the figure might have fallen, had chance drawn another set of schools of the same kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from edustats.errors import DataError, ParameterError
from edustats.words import say

Floats = NDArray[np.float64]
Measure = Literal["cv", "gini", "theil"]

MIN_UNITS = 20
"""Below this many units an interval is as wide as the measure or misses its 93-97 %, and is refused."""
MIN_EFFECTIVE = 10
"""Units may weigh as little as this many equal ones; below, one large school decides how wide it gets."""
ALIKE = 1e-6
"""Relative spread at or below which the units count as alike: what is left is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceCoefficient:
    """The official inter-school difference coefficient (差异系数) of one resource in one stage."""

    cv: float
    """nan when there is only one school: it has no other to differ from, so there is no verdict."""
    mean: float
    """Resource per pupil of the whole area: the sum of the resource over the sum of the pupils."""
    sd: float
    """Pupil-weighted population standard deviation, in the unit of ``mean``."""
    n: int
    """Schools."""
    weight: float
    """Pupils."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TheilGroup:
    """One group's part in a decomposed Theil index; the parts of all groups add up."""

    group: Hashable
    n: int
    weight_share: float
    """Share of all pupils, 0-1."""
    value_share: float
    """Share of the total of the indicator, 0-1."""
    theil: float
    """Theil index inside the group; nan when every value in it is 0."""
    within: float
    """``value_share * theil``."""
    between: float
    """``value_share * ln(value_share / weight_share)``; negative for a group below the mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TheilParts:
    """A Theil index split into what lies inside the groups and what lies between them."""

    total: float
    within: float
    between: float
    share_between: float
    """``between / total``, 0-1; nan when all units are alike."""
    groups: tuple[TheilGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A measure with its interval; nan limits when ``method`` names a reason instead of a method."""

    estimate: float
    """The measure itself, without correction."""
    lower: float
    upper: float
    se: float
    """Jackknife standard error in the measure's own unit."""
    confidence: float
    n: int
    """Units."""
    method: str
    """``jackknife_log``; or why there is no interval: ``too_few``, ``no_variation``, ``one_unit_decides``."""
    covers: str
    """What is covered: ``superpopulation``, the value of the process these units came from."""


# --- what may come in -------------------------------------------------------------------------------------


def one_column(what: str, values: ArrayLike) -> Floats:
    """One list of numbers, missing ones kept; ``what`` is its name among the words of ``metrics``.

    Raises
    ------
    DataError
        When it is not one-dimensional or holds something that is no number.

    Examples
    --------
    >>> one_column("values", [1, None])
    array([ 1., nan])
    """
    try:
        column = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise DataError("metrics.not_numeric", what=say(f"metrics.{what}"), found=repr(values)[:60]) from None
    if column.ndim != 1:
        raise DataError("metrics.not_a_list", what=say(f"metrics.{what}"), found=column.ndim)
    return column


def refuse(address: str, what: str, column: Floats, wrong: NDArray[np.bool_]) -> None:
    """Raise a DataError that names the first wrong entry, counted from 1.

    Examples
    --------
    >>> refuse("metrics.below", "values", np.array([1.0, 2.0]), np.array([False, False]))
    """
    if wrong.any():
        place = int(wrong.argmax())
        raise DataError(address, what=say(f"metrics.{what}"), place=place + 1, found=f"{column[place]:g}")


def same_length(first: str, a: Floats, second: str, b: Floats) -> None:
    """Raise a DataError unless two columns are equally long.

    Examples
    --------
    >>> same_length("values", np.zeros(2), "weights", np.zeros(2))
    """
    if len(a) != len(b):
        names = {"first": say(f"metrics.{first}"), "second": say(f"metrics.{second}")}
        raise DataError("metrics.lengths", **names, n_first=len(a), n_second=len(b))


def checked_units(
    values: ArrayLike, weights: ArrayLike | None, names: tuple[str, str] = ("values", "weights")
) -> tuple[Floats, Floats]:
    """Values of either sign and weights > 0, both complete and equally long.

    Examples
    --------
    >>> checked_units([1, 2], None)
    (array([1., 2.]), array([1., 1.]))
    """
    x = one_column(names[0], values)
    w = np.ones_like(x) if weights is None else one_column(names[1], weights)
    if not len(x):
        raise DataError("metrics.empty", what=say(f"metrics.{names[0]}"))
    same_length(names[0], x, names[1], w)
    refuse("metrics.not_finite", names[0], x, ~np.isfinite(x))
    refuse("metrics.not_finite", names[1], w, ~np.isfinite(w))
    refuse("metrics.not_positive", names[1], w, w <= 0)
    return x, w


def checked_confidence(confidence: float) -> float:
    """The confidence level itself, or a ParameterError when it is not between 0 and 1.

    Examples
    --------
    >>> checked_confidence(0.95)
    0.95
    """
    if not 0 < confidence < 1:
        raise ParameterError("metrics.confidence", found=confidence)
    return confidence


def _checked(
    values: ArrayLike, weights: ArrayLike | None, names: tuple[str, str] = ("values", "weights")
) -> tuple[Floats, Floats]:
    """Values >= 0, not all 0, and weights > 0."""
    x, w = checked_units(values, weights, names)
    refuse("metrics.below", names[0], x, x < 0)
    if not x.any():
        raise DataError("metrics.all_zero", what=say(f"metrics.{names[0]}"), n=len(x))
    return x, w


def _relative(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Values over their weighted mean, and weights as shares of one."""
    # Scaled down first: the sums of very large values would overflow.
    values, weights = values / values.max(), weights / weights.max()
    share = weights / weights.sum()
    return values / (share @ values), share


def _x_log_x(x: Floats) -> Floats:
    return x * np.log(x, out=np.zeros_like(x), where=x > 0)  # 0 ln 0 is 0


# --- the measures -----------------------------------------------------------------------------------------


def coefficient_of_variation(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    variant: Literal["population", "sample"] = "population",
) -> float:
    """Standard deviation over mean, weighted by pupils: the form behind the official 差异系数.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit in any unit of measurement, >= 0, none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    variant : {"population", "sample"}
        ``sample`` divides by n - 1; it exists without weights only. For comparison with other tables: the
        official rule is the population form.

    Returns
    -------
    float
        From 0 (all alike) to ``sqrt(sum(w) / min(w) - 1)`` (everything in the smallest unit). One unit: 0;
        with ``variant="sample"``, nan.

    Raises
    ------
    DataError
        When a value is negative or missing, a weight is not above 0, all values are 0, there is no value,
        or the lengths differ.
    ParameterError
        When the variant is unknown, or weights are given for the sample form.

    Notes
    -----
    ``sqrt(sum(p_i (x_i - m)^2)) / m`` with ``p_i = w_i / sum(w)`` and ``m = sum(p_i x_i)``; the explanatory
    note (附件2) to 教督〔2012〕3号, kept by 教督〔2017〕6号. Unchanged by a change of unit. Sensitive to very
    high values: one school with many times the mean can carry it.

    Examples
    --------
    >>> round(coefficient_of_variation([2, 4, 6], [1, 2, 1]), 4)
    0.3536
    """
    if variant not in ("population", "sample"):
        raise ParameterError("metrics.choice", name="variant", found=variant, expected="population, sample")
    if variant == "sample" and weights is not None:
        raise ParameterError("metrics.sample_weights")
    cv = _cv(*_relative(*_checked(values, weights)))
    if variant == "population":
        return cv
    n = np.size(values)
    return cv * math.sqrt(n / (n - 1)) if n > 1 else math.nan


def _cv(relative: Floats, share: Floats) -> float:
    return math.sqrt(share @ (relative - 1) ** 2)


def official_cv(resource: ArrayLike, pupils: ArrayLike) -> DifferenceCoefficient:
    """The official 差异系数 of one resource, from each school's totals.

    Parameters
    ----------
    resource : (n,) array_like
        Total of the resource in each school (books, square metres, teachers), >= 0, not all 0.
    pupils : (n,) array_like
        Pupils of the same stage in each school, > 0.

    Returns
    -------
    DifferenceCoefficient
        ``cv`` from 0 to ``sqrt(sum(pupils) / min(pupils) - 1)``, the same whether the resource is counted per
        pupil or per hundred pupils. One school: ``cv`` is nan.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`, naming the school's place in the list.

    Notes
    -----
    ``mean`` is the area's ratio, the sum of the resource over the sum of the pupils, never the mean of the
    schools' ratios; ``sd`` weights every school by its pupils and divides by n, not n - 1 (教督〔2012〕3号,
    附件2). Limits: 0.50 primary and 0.45 junior for each of seven indicators (教督〔2017〕6号); 0.65 and 0.55
    for the mean of eight (教督〔2012〕3号). Which schools count is decided before, not here.

    Examples
    --------
    The ministry's worked example, books in five schools:

    >>> books = official_cv([279, 137, 935, 160, 402], [45, 37, 89, 76, 55])
    >>> round(books.mean, 2), round(books.sd, 2), round(books.cv, 4)
    (6.33, 3.26, 0.5153)
    """
    total, p = _checked(resource, pupils, ("resource", "pupils"))
    mean = float(total.sum() / p.sum())
    cv = _cv(*_relative(total / p, p))
    n = len(total)
    weight = float(p.sum())
    return DifferenceCoefficient(cv=cv if n > 1 else math.nan, mean=mean, sd=cv * mean, n=n, weight=weight)


def gini(values: ArrayLike, weights: ArrayLike | None = None, *, corrected: bool = False) -> float:
    """Gini coefficient of per-pupil values across units of unequal size.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    corrected : bool
        Divide by ``1 - sum(p_i^2)``, so that only pairs of different units are compared; without weights
        this is the usual factor n / (n - 1).

    Returns
    -------
    float
        From 0 (all alike) to ``1 - min(w) / sum(w)`` (everything in the smallest unit); corrected, below or
        equal to 1 without weights. One unit: 0, corrected nan.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`.

    Notes
    -----
    Half the mean difference between two pupils' values, over the mean: ``sum_ij p_i p_j |x_i - x_j| / (2 m)``
    (Gini 1912; weighted as in Lerman and Yitzhaki 1989, ties at mid-rank). Most sensitive to the middle.

    Examples
    --------
    >>> gini([0, 1])
    0.5
    >>> gini([0, 1], corrected=True)
    1.0
    """
    relative, share = _relative(*_checked(values, weights))
    found = _gini(relative, share)
    if not corrected:
        return found
    return found / (1 - float(share @ share)) if len(share) > 1 else math.nan


def _gini(relative: Floats, share: Floats) -> float:
    return max(0.0, float(share @ _distances(relative, share)) / 2)


def _distances(relative: Floats, share: Floats) -> Floats:
    """Mean distance from each unit to all the others; one sort instead of n squared pairs."""
    order = np.argsort(relative)
    x, p = relative[order], share[order]
    below, held = np.cumsum(p), np.cumsum(p * x)
    distances = np.empty_like(x)
    distances[order] = x * (2 * below - 1) - 2 * held + held[-1]
    return distances


def theil(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Theil's T of per-pupil values across units of unequal size.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.

    Returns
    -------
    float
        From 0 (all alike) to ``ln(sum(w) / min(w))`` (everything in the smallest unit). One unit: 0.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`.

    Notes
    -----
    ``sum(p_i r_i ln r_i)`` with ``r_i = x_i / m`` and 0 ln 0 = 0 (Theil 1967). Natural logarithm. Unchanged
    by a change of unit. Most sensitive to high values.

    Examples
    --------
    >>> round(theil([0, 0, 10, 10]), 6)
    0.693147
    """
    return _theil(*_relative(*_checked(values, weights)))


def _theil(relative: Floats, share: Floats) -> float:
    return max(0.0, float(share @ _x_log_x(relative)))  # rounding can leave -1e-17 where all are alike


def theil_decomposition(values: ArrayLike, weights: ArrayLike | None, groups: ArrayLike) -> TheilParts:
    """Theil's T split into inequality within the groups and between them.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
    weights : (n,) array_like or None
        Pupils in each unit, > 0; None: every unit counts the same.
    groups : (n,) array_like
        Name of each unit's group (town or village, county), none missing.

    Returns
    -------
    TheilParts
        ``within`` and ``between`` are >= 0 and add up to ``total``; ``groups`` holds one part per group, in
        the order of their names. One group: all is within. Groups of one unit: all is between.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`, and when a group is missing.

    Notes
    -----
    ``within = sum_g s_g T_g`` and ``between = sum_g s_g ln(s_g / p_g)``, with ``s_g`` the group's share of
    the total and ``p_g`` its share of the pupils (Theil 1967; Shorrocks 1980). A group whose values are all
    0 adds nothing to either part.

    Examples
    --------
    >>> parts = theil_decomposition([1, 1, 3, 3], None, ["rural", "rural", "town", "town"])
    >>> round(parts.within, 6), round(parts.share_between, 6)
    (0.0, 1.0)
    """
    relative, share = _relative(*_checked(values, weights))
    parts = _group_parts(relative, share, *_coded(groups, len(relative)))
    # Rounding can leave a part at -1e-17; a total taken as the sum adds up to the last digit.
    inside = max(0.0, math.fsum(part.within for part in parts))
    across = max(0.0, math.fsum(part.between for part in parts))
    portion = across / (inside + across) if _cv(relative, share) > ALIKE else math.nan
    return TheilParts(
        total=inside + across, within=inside, between=across, share_between=portion, groups=parts
    )


def _group_parts(
    relative: Floats, share: Floats, code: NDArray[np.intp], names: list[Hashable]
) -> tuple[TheilGroup, ...]:
    counts, p, s = np.bincount(code), np.bincount(code, share), np.bincount(code, share * relative)
    inner = relative / np.where(s > 0, s / p, 1)[code]  # every value over its own group's mean
    within = s / p * np.bincount(code, share * _x_log_x(inner))
    between = p * _x_log_x(s / p)
    inequality = np.divide(within, s, out=np.full_like(s, math.nan), where=s > 0)
    columns = zip(names, counts, p, s, inequality, within, between, strict=True)
    return tuple(_group(name, int(n), *map(float, numbers)) for name, n, *numbers in columns)


def _group(name: Hashable, n: int, *numbers: float) -> TheilGroup:
    fields = ("weight_share", "value_share", "theil", "within", "between")
    return TheilGroup(group=name, n=n, **dict(zip(fields, numbers, strict=True)))


def _coded(groups: ArrayLike, n: int) -> tuple[NDArray[np.intp], list[Hashable]]:
    column = pd.Series(groups, dtype=object)
    if len(column) != n:
        names = {"first": say("metrics.values"), "second": say("metrics.groups")}
        raise DataError("metrics.lengths", **names, n_first=n, n_second=len(column))
    code, names_found = pd.factorize(column, sort=True)
    if (code < 0).any():
        raise DataError("metrics.group_missing", place=int((code < 0).argmax()) + 1)
    return code, list(names_found)


# --- the interval -----------------------------------------------------------------------------------------


def _cv_without(relative: Floats, share: Floats) -> Floats:
    deviation = relative - 1
    rest = 1 - share
    shift = -share * deviation / rest
    variance = (share @ deviation**2 - share * deviation**2) / rest - shift**2
    return np.sqrt(np.maximum(variance, 0)) / (1 + shift)


def _gini_without(relative: Floats, share: Floats) -> Floats:
    distances = _distances(relative, share)
    return (share @ distances - 2 * share * distances) / (2 * (1 - share) * (1 - share * relative))


def _theil_without(relative: Floats, share: Floats) -> Floats:
    terms = share * _x_log_x(relative)
    held, rest = 1 - share * relative, 1 - share
    return (terms.sum() - terms) / held - np.log(held / rest)


# For each measure: itself, and itself with each unit left out in turn, in closed form.
_MEASURES: dict[str, tuple[Callable[[Floats, Floats], float], Callable[[Floats, Floats], Floats]]] = {
    "cv": (_cv, _cv_without),
    "gini": (_gini, _gini_without),
    "theil": (_theil, _theil_without),
}


def interval(
    measure: Measure, values: ArrayLike, weights: ArrayLike | None = None, confidence: float = 0.95
) -> Interval:
    """Interval of a measure as the outcome of the process that produced these units.

    Parameters
    ----------
    measure : {"cv", "gini", "theil"}
        Which measure; ``cv`` is the official population form.
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
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
        As :func:`coefficient_of_variation`.
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
    >>> found = interval("gini", [2, 3, 4, 5, 7] * 8)
    >>> found.lower < found.estimate < found.upper, found.method
    (True, 'jackknife_log')
    >>> interval("cv", [1, 2, 3]).method
    'too_few'
    """
    if measure not in _MEASURES:
        raise ParameterError("metrics.choice", name="measure", found=measure, expected=", ".join(_MEASURES))
    checked_confidence(confidence)
    whole, without = _MEASURES[measure]
    relative, share = _relative(*_checked(values, weights))
    n, estimate = len(relative), whole(relative, share)
    limits, method = (math.nan, math.nan, math.nan), "too_few"
    if n >= MIN_UNITS and effective_number(share) < MIN_EFFECTIVE:
        method = "few_by_weight"
    elif n >= MIN_UNITS:
        limits, method = _limits(relative, share, estimate, without, confidence)
    lower, upper, se = limits
    if measure == "gini":
        upper = min(upper, 1.0)
    return Interval(
        estimate=estimate,
        lower=lower,
        upper=upper,
        se=se,
        confidence=confidence,
        n=n,
        method=method,
        covers="superpopulation",
    )


def _limits(
    relative: Floats,
    share: Floats,
    estimate: float,
    without: Callable[[Floats, Floats], Floats],
    confidence: float,
) -> tuple[tuple[float, float, float], str]:
    """Lower, upper and standard error, and the method; or nan and the reason."""
    nothing = (math.nan, math.nan, math.nan)
    if _cv(relative, share) <= ALIKE:
        return nothing, "no_variation"
    with np.errstate(divide="ignore", invalid="ignore"):
        left = without(relative, share)  # nan or infinite where one unit holds everything
    if not (np.isfinite(left) & (left > ALIKE * estimate)).all():
        return nothing, "one_unit_decides"
    with np.errstate(over="ignore"):  # where one unit carries nearly all, no upper limit is too high
        below, above = np.exp(_jackknife(np.log(left), math.log(estimate), share, confidence))
    # The correction for bias can lift the whole interval above the estimate.
    return (min(float(below), estimate), float(above), _jackknife_se(left)), "jackknife_log"


def _jackknife(logs: Floats, log_estimate: float, share: Floats, confidence: float) -> tuple[float, float]:
    n, tail = len(logs), (1 + confidence) / 2
    centre = n * log_estimate - (n - 1) * logs.mean()
    carriers = effective_carriers(logs - logs.mean())
    se = _jackknife_se(logs)
    by_weight = effective_number(share) - 1
    return centre - stdtrit(by_weight, tail) * se, centre + stdtrit(max(carriers - 1, 1.0), tail) * se


def _jackknife_se(left: Floats) -> float:
    n = len(left)
    return math.sqrt((n - 1) / n * float(((left - left.mean()) ** 2).sum()))


def effective_number(share: Floats) -> float:
    """How many units of equal weight would weigh as these do (Kish 1965).

    Parameters
    ----------
    share : (n,) array
        Each unit's share of the weights; they sum to 1.

    Returns
    -------
    float
        From 1 to n.

    Examples
    --------
    >>> effective_number(np.array([0.5, 0.25, 0.25]))
    2.6666666666666665
    """
    return 1 / float(share @ share)


def effective_carriers(parts: Floats) -> float:
    """How many units carry a variance that is the sum of the squares of these parts.

    Parameters
    ----------
    parts : (n,) array
        What each unit adds, centred at 0.

    Returns
    -------
    float
        From 1 (one unit carries all) to n (all carry the same); nan when all parts are 0.

    Examples
    --------
    >>> effective_carriers(np.array([1.0, -1.0, 1.0, -1.0]))
    4.0
    """
    squares = (parts / np.abs(parts).max()) ** 2 if parts.any() else parts
    return float(squares.sum() ** 2 / (squares @ squares)) if parts.any() else math.nan
