"""Does an indicator lean towards the better off, and how steeply?

Units are ranked by something other than the indicator, such as income or class, from the worst off to the
best off. Ties share their middle rank, so the order of the rows never matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, ndtri

from edustats.errors import DataError, ParameterError
from edustats.metrics.checks import (
    check_choice,
    check_confidence,
    check_values_and_weights,
    parse_number_column,
    refuse_wrong_entries,
    require_same_length,
)
from edustats.metrics.groups.rank_formulas import (
    RankedUnits,
    compute_extended_concentration,
    compute_symmetric_concentration,
    rank_units,
)
from edustats.metrics.groups.regression import FittedLine, fit_weighted_line
from edustats.typing import Floats

FORMS = ("standard", "generalised", "modified", "wagstaff", "erreygers")


@dataclass(frozen=True, slots=True, kw_only=True)
class RankIndex:
    """A rank-based measure, its standard error and the normal interval it gives."""

    estimate: float
    se: float
    """nan where the form has none; for a relative index, of its logarithm."""
    lower: float
    upper: float
    method: str
    """How the standard error was found."""
    variant: str


def _rank_checked_units(
    values: ArrayLike, rank: ArrayLike, weights: ArrayLike | None
) -> tuple[RankedUnits, Floats, Floats, Floats]:
    """The ranking, and value, fractional rank and weight in the order given."""
    h, w = check_values_and_weights(values, weights)
    r = parse_number_column("ranks", rank)
    require_same_length("values", h, "ranks", r)
    refuse_wrong_entries("metrics.not_finite", "ranks", r, ~np.isfinite(r))
    found = rank_units(h[None], r[None], w[None])
    middle = np.empty_like(h)
    middle[np.argsort(r, kind="stable")] = found.middle[0]
    return found, h, middle, w


def _build_rank_index(estimate: float, se: float, confidence: float, method: str, variant: str) -> RankIndex:
    reach = float(ndtri((1 + check_confidence(confidence)) / 2)) * se
    return RankIndex(
        estimate=estimate,
        se=se,
        lower=estimate - reach,
        upper=estimate + reach,
        method=method,
        variant=variant,
    )


def _scale_to_bounds(h: Floats, form: str, bounds: tuple[float, float] | None) -> Floats:
    """The value between its declared bounds as 0 to 1; unchanged where it has none."""
    if bounds is None:
        if form in ("wagstaff", "erreygers", "modified"):
            raise ParameterError("metrics.bounds_missing", form=form)
        return h
    low, high = bounds
    if not low < high:
        raise ParameterError("metrics.bounds", low=low, high=high)
    beyond = (h < low) | (h > high)
    if beyond.any():
        place = int(beyond.argmax())
        raise DataError("metrics.out_of_bounds", place=place + 1, found=f"{h[place]:g}", low=low, high=high)
    return h - low if form == "modified" or math.isinf(high) else (h - low) / (high - low)


def concentration_index(
    values: ArrayLike,
    rank: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    form: str = "standard",
    bounds: tuple[float, float] | None = None,
    errors: str = "robust",
    cluster: ArrayLike | None = None,
    confidence: float = 0.95,
) -> RankIndex:
    """Concentration index of an indicator over a ranking.

    Parameters
    ----------
    values : (n,) array_like
        The indicator, none missing, mean not 0.
    rank : (n,) array_like
        What the units are ranked by, higher is better off, none missing.
    weights : (n,) array_like, optional
        Pupils, > 0; left out, every unit counts the same.
    form : {"standard", "generalised", "modified", "wagstaff", "erreygers"}
        ``standard`` over the mean; ``generalised`` (absolute) in the value's unit; ``modified`` over the
        mean's distance from the lower bound; ``wagstaff`` and ``erreygers`` for bounded indicators.
    bounds : (low, high), optional
        The least and the most the indicator can be: declared, never taken from the data. Needed by
        ``modified``, ``wagstaff`` and ``erreygers``; the other forms are then taken of the value as a share
        of the range.
    errors : {"robust", "ols", "cluster", "kakwani"}
        Standard error: HC1, classical or by cluster of the convenient regression, which takes mean and ranks
        as known; ``kakwani``: by influence, with both as found.
    cluster : (n,) array_like, optional
        For ``errors="cluster"``.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    RankIndex
        Above 0: the better off have more. ``standard`` lies between -1 and 1 for values >= 0, ``erreygers``
        and ``wagstaff`` always.

    Raises
    ------
    DataError
        When a value, rank or weight is missing, a weight is not above 0, a value is out of bounds, the mean
        is at 0 or a bound, there are fewer than three units, or all are ranked the same.
    ParameterError
        When form or errors are unknown, or bounds are missing or the wrong way round.

    Notes
    -----
    ``2 cov(h, R) / mean`` with R the fractional rank (Kakwani, Wagstaff and van Doorslaer 1997); Wagstaff
    (2005) divides by one less the mean, Erreygers (2009) takes ``8 cov``. Not to be compared across
    indicators of different means without thought (Erreygers and van Ourti 2011).

    Examples
    --------
    >>> round(concentration_index([20, 30, 40, 50, 60], [1, 2, 3, 4, 5], [78, 91, 162, 103, 105]).estimate, 6)
    0.177769
    >>> round(concentration_index([1, 0, 1, 1], [1, 2, 3, 4], form="erreygers", bounds=(0, 1)).estimate, 9)
    0.25
    """
    check_choice("form", form, *FORMS)
    check_choice("errors", errors, "robust", "ols", "cluster", "kakwani")
    h, _ = check_values_and_weights(values, weights)
    ranking, h, middle, w = _rank_checked_units(_scale_to_bounds(h, form, bounds), rank, weights)
    mean = float(ranking.mean[0])
    factor = _choose_index_factor(mean, form, h)
    if errors == "kakwani":
        if form not in ("standard", "generalised"):
            raise ParameterError("metrics.choice", name="form", found=form, expected="standard, generalised")
        moved = 2 * ranking.lean_influence()[0]
        if form == "standard":
            moved = (moved - 2 * ranking.lean[0] / mean * (ranking.h[0] - mean)) / mean
        estimate, se = factor * float(ranking.lean[0]), math.sqrt(float(np.sum((ranking.p[0] * moved) ** 2)))
    else:
        line = fit_weighted_line(h, middle, w, errors, cluster)
        steepness = factor * float(ranking.rank_variance[0])
        estimate, se = steepness * line.coefficients[1], abs(steepness) * math.sqrt(line.covariance[1, 1])
    return _build_rank_index(float(estimate), se, confidence, errors, form)


def _choose_index_factor(mean: float, form: str, h: Floats) -> float:
    """What turns the covariance of value and rank into the index."""
    if form == "generalised":
        return 2.0
    if form == "erreygers":
        return 8.0
    if abs(mean) <= 1e-12 * float(np.abs(h).max()) or (form == "wagstaff" and 1 - mean <= 1e-12):
        raise DataError("metrics.mean_at_bound", mean=f"{mean:g}")
    return 2 / (mean * (1 - mean)) if form == "wagstaff" else 2 / mean


def extended_concentration_index(
    values: ArrayLike,
    rank: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    nu: float = 2.0,
    beta: float | None = None,
    generalised: bool = False,
    bounds: tuple[float, float] | None = None,
) -> float:
    """Concentration index with a stated aversion to inequality.

    Parameters
    ----------
    values, rank, weights, bounds
        As in :func:`concentration_index`.
    nu : float
        Above 1; 2 is the standard index, more lets the worst off count more (Pereira 1998; Wagstaff 2002).
    beta : float, optional
        Above 1; the symmetric index instead, in which both ends count more (Erreygers, Clarke and van Ourti
        2012); 2 is the standard index.
    generalised : bool
        The absolute form, of the value in its own unit or as a share of its bounds.

    Returns
    -------
    float
        There is no agreed standard error; :func:`edustats.metrics.inequality.summary.summarize_inequality` draws again.

    Examples
    --------
    >>> round(extended_concentration_index([20, 30, 40, 50, 60], [1, 2, 3, 4, 5], nu=3), 4)
    0.3
    """
    for name, found in (("nu", nu), ("beta", 2.0 if beta is None else beta)):
        if not found > 1:
            raise ParameterError("metrics.above_one", name=name, found=found)
    h, _ = check_values_and_weights(values, weights)
    ranking, h, *_ = _rank_checked_units(_scale_to_bounds(h, "standard", bounds), rank, weights)
    total = float(
        (
            compute_extended_concentration(ranking, nu)
            if beta is None
            else compute_symmetric_concentration(ranking, beta)
        )[0]
    )
    if generalised:
        return total * (nu ** (nu / (nu - 1)) / (nu - 1) if beta is None else 4.0)
    return total * _choose_index_factor(float(ranking.mean[0]), "standard", h) / 2


# --- slope and relative index ------------------------------------------------------------------------------


def slope_index(
    values: ArrayLike,
    rank: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    link: str = "linear",
    scale: float | None = None,
    se: ArrayLike | None = None,
    errors: str = "robust",
    cluster: ArrayLike | None = None,
    confidence: float = 0.95,
) -> RankIndex:
    """Slope index of inequality: what lies between the very worst and the very best off, on a fitted line.

    Parameters
    ----------
    values, rank, weights
        As in :func:`concentration_index`; values of either sign with the linear link.
    link : {"linear", "logit"}
        A straight line over the fractional rank, or one on the log odds, for shares.
    scale : float, optional
        What the values are out of, 1 or 100; needed by ``logit``, declared, never guessed.
    se : (n,) array_like, optional
        Standard error of each value; given, it is carried through, and the interval covers the measurement.
    errors, cluster, confidence
        As in :func:`concentration_index`, of the line itself.

    Returns
    -------
    RankIndex
        In the value's own unit.

    Raises
    ------
    DataError
        As :func:`concentration_index`, and when a value exceeds the scale.

    Notes
    -----
    Pamuk (1985); Mackenbach and Kunst (1997). Weights enter once, as numbers of pupils.

    Examples
    --------
    >>> round(slope_index([20, 30, 40, 50, 60], [1, 2, 3, 4, 5], [78, 91, 162, 103, 105]).estimate, 4)
    46.2538
    """
    ends, spread, method = _fit_line_ends(values, rank, weights, link, scale, se, errors, cluster)
    gradient = np.array([-1.0, 1.0])
    error = math.sqrt(gradient @ spread @ gradient)
    return _build_rank_index(float(ends[1] - ends[0]), error, confidence, method, link)


def relative_index(
    values: ArrayLike,
    rank: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    link: str = "linear",
    scale: float | None = None,
    se: ArrayLike | None = None,
    errors: str = "robust",
    cluster: ArrayLike | None = None,
    confidence: float = 0.95,
) -> RankIndex:
    """Relative index of inequality: the fitted value of the very best off over that of the very worst off.

    Parameters are those of :func:`slope_index`; ``se`` of the result is that of its logarithm. Refused where
    the line falls to 0 or below at either end.

    Examples
    --------
    >>> round(relative_index([20, 30, 40, 50, 60], [1, 2, 3, 4, 5], [78, 91, 162, 103, 105]).estimate, 4)
    3.5558
    """
    ends, spread, method = _fit_line_ends(values, rank, weights, link, scale, se, errors, cluster)
    if not (ends > 0).all():
        raise DataError("metrics.line_below_zero", found=f"{ends.min():g}")
    gradient = np.array([-1 / ends[0], 1 / ends[1]])
    error = math.sqrt(gradient @ spread @ gradient)
    found = _build_rank_index(math.log(ends[1] / ends[0]), error, confidence, method, link)
    return RankIndex(
        estimate=math.exp(found.estimate), se=error, lower=math.exp(found.lower), upper=math.exp(found.upper),
        method=method, variant=link,
    )  # fmt: skip


def _fit_line_ends(
    values: ArrayLike, rank: ArrayLike, weights: ArrayLike | None, link: str, scale: float | None,
    se: ArrayLike | None, errors: str, cluster: ArrayLike | None,
) -> tuple[Floats, np.ndarray, str]:  # fmt: skip
    """Fitted values at rank 0 and 1 and their covariance."""
    check_choice("link", link, "linear", "logit")
    _, h, middle, w = _rank_checked_units(values, rank, weights)
    at = np.array([[1.0, 0.0], [1.0, 1.0]])
    if link == "linear":
        line = fit_weighted_line(h, middle, w, errors, cluster)
        ends, slopes = at @ line.coefficients, at
    else:
        if scale is None:
            raise ParameterError("metrics.scale_missing")
        refuse_wrong_entries("metrics.below", "values", h, h < 0)
        line = _fit_logit_line(h / scale, middle, w, errors, cluster)
        ends = expit(at @ line.coefficients)
        slopes = at * (ends * (1 - ends))[:, None] * scale
        ends = ends * scale
    if se is None:
        return ends, slopes @ line.covariance @ slopes.T, errors
    if link == "logit":
        raise ParameterError("metrics.choice", name="link", found=link, expected="linear")
    own = parse_number_column("errors", se)
    require_same_length("values", h, "errors", own)
    design = np.column_stack([np.ones_like(middle), middle])
    carry = np.linalg.inv(design.T @ (w[:, None] * design)) @ (design * w[:, None]).T
    return ends, slopes @ ((carry * own**2) @ carry.T) @ slopes.T, "measurement"


def _fit_logit_line(y: Floats, x: Floats, w: Floats, errors: str, cluster: ArrayLike | None) -> FittedLine:
    """Quasi-binomial regression by reweighting until nothing moves; errors of the last weighted line."""
    if (y > 1).any():
        place = int((y > 1).argmax())
        raise DataError(
            "metrics.beyond_scale", what="value", place=place + 1, found=f"{y[place]:g}", scale="1"
        )
    eta = np.log((y + 0.5 * (0.5 - y) * 0.1) / (1 - y + 0.5 * (y - 0.5) * 0.1 + 1e-9))
    for _ in range(50):
        mu = expit(eta)
        weight = mu * (1 - mu)
        line = fit_weighted_line(eta + (y - mu) / weight, x, w * weight, errors, cluster)
        moved = line.coefficients[0] + line.coefficients[1] * x
        if np.abs(moved - eta).max() < 1e-12:
            return line
        eta = moved
    raise DataError("metrics.no_fit")
