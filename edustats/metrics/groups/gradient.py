"""How closely do results follow family background, and who escapes it?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from edustats.errors import DataError
from edustats.metrics.checks import (
    check_values_and_weights,
    parse_number_column,
    refuse_wrong_entries,
    require_same_length,
)
from edustats.metrics.groups.rank_formulas import rank_units
from edustats.metrics.groups.regression import fit_weighted_line


@dataclass(frozen=True, slots=True, kw_only=True)
class SesGradient:
    """The line of an outcome on social background."""

    slope: float
    """Outcome per unit of background."""
    se: float
    strength: float
    """Share of the outcome's variance that goes with background, 0-1 (R squared)."""
    intercept: float
    n: int
    method: str


def fit_ses_gradient(
    values: ArrayLike,
    ses: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    errors: str = "robust",
    cluster: ArrayLike | None = None,
) -> SesGradient:
    """Socio-economic gradient: slope and strength.

    Parameters
    ----------
    values, ses : (n,) array_like
        Outcome and social background, of either sign, none missing.
    weights : (n,) array_like, optional
        > 0; left out, every unit counts the same.
    errors : {"robust", "ols", "cluster"}
        Standard error of the slope: HC1, classical, or by ``cluster`` (pupils in schools).
    cluster : (n,) array_like, optional

    Returns
    -------
    Gradient

    Raises
    ------
    DataError
        When something is missing, there are fewer than three units, or the background does not vary.

    Notes
    -----
    Slope and strength as the OECD defines them for PISA.

    Examples
    --------
    >>> found = fit_ses_gradient([1, 2, 3, 4], [0, 1, 2, 3])
    >>> round(found.slope, 9), round(found.strength, 9)
    (1.0, 1.0)
    """
    y, x, w = _check_outcome_and_background(values, ses, weights)
    line = fit_weighted_line(y, x, w, errors, cluster)
    return SesGradient(
        slope=float(line.coefficients[1]), se=math.sqrt(line.covariance[1, 1]), strength=line.r_squared,
        intercept=float(line.coefficients[0]), n=len(y), method=errors,
    )  # fmt: skip


def _check_outcome_and_background(
    values: ArrayLike, ses: ArrayLike, weights: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, w = check_values_and_weights(values, weights)
    x = parse_number_column("ranks", ses)
    require_same_length("values", y, "ranks", x)
    refuse_wrong_entries("metrics.not_finite", "ranks", x, ~np.isfinite(x))
    return y, x, w


def _compute_fractional_ranks(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Fractional rank of each unit, ties at their middle."""
    found = np.empty_like(w)
    found[np.argsort(x, kind="stable")] = rank_units(x[None], x[None], w[None]).middle[0]
    return found


def measure_rank_gap(values: ArrayLike, disadvantaged: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Gap in mean rank between the others and the disadvantaged.

    Parameters
    ----------
    values : (n,) array_like
        Outcome, none missing.
    disadvantaged : (n,) array_like of bool
        Who is.
    weights : (n,) array_like, optional
        > 0; left out, every unit counts the same.

    Returns
    -------
    float
        From -1 to 1, 0 where the two rank alike; the chance that one of the others does better than one of
        the disadvantaged, less the chance of the contrary (Cliff's delta). England's disadvantage gap index
        is ten times this.

    Raises
    ------
    DataError
        When either group is absent.

    Examples
    --------
    >>> measure_rank_gap([1, 2, 3, 4], [True, True, False, False])
    1.0
    """
    y, w = check_values_and_weights(values, weights)
    low = np.asarray(disadvantaged, dtype=bool)
    require_same_length("values", y, "groups", low)
    if low.all() or not low.any():
        raise DataError("metrics.group_absent")
    rank = _compute_fractional_ranks(y, w)
    return 2 * float(np.average(rank[~low], weights=w[~low]) - np.average(rank[low], weights=w[low]))


def eta_squared(values: ArrayLike, groups: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Share of an outcome's variance that lies between groups, 0-1 (eta squared); 0 where nothing varies.

    Not corrected for the chance that small groups differ: with few units in each it is pushed up.

    Examples
    --------
    >>> eta_squared([1, 1, 3, 3], ["a", "a", "b", "b"])
    1.0
    """
    y, w = check_values_and_weights(values, weights)
    code = np.unique(np.asarray(groups), return_inverse=True)[1]
    require_same_length("values", y, "groups", code)
    mean = np.average(y, weights=w)
    size = np.bincount(code, w)
    between = float(size @ (np.bincount(code, w * y) / size - mean) ** 2)
    total = float(w @ (y - mean) ** 2)
    return between / total if total > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IntraclassCorrelation:
    """Variance of an outcome between groups and within them."""

    icc: float
    """Share between, 0-1."""
    between: float
    within: float


def intraclass_correlation(values: ArrayLike, groups: ArrayLike) -> IntraclassCorrelation:
    """Share of an outcome's variance between groups, free of the chance that small groups differ.

    Parameters
    ----------
    values : (n,) array_like
        Outcome, none missing.
    groups : (n,) array_like
        Group (school) of each unit; at least two, one of them with two units.

    Returns
    -------
    Intraclass

    Notes
    -----
    Random intercepts, restricted maximum likelihood, maximised over the ratio of the two variances.

    Examples
    --------
    >>> round(intraclass_correlation([1, 1.1, 2, 2.1, 3, 3.1], ["a", "a", "b", "b", "c", "c"]).icc, 4)
    0.995
    """
    y, _ = check_values_and_weights(values, None)
    names, code = np.unique(np.asarray(groups), return_inverse=True)
    require_same_length("values", y, "groups", code)
    n, k = len(y), len(names)
    if k < 2 or n == k:
        raise DataError("metrics.no_levels", n=n, groups=k)
    size = np.bincount(code)
    mean = np.bincount(code, y) / size
    inside = float(np.sum((y - mean[code]) ** 2))

    def split(ratio: float) -> tuple[float, float]:
        weight = size / (1 + size * ratio)
        across = float(weight @ (mean - np.average(mean, weights=weight)) ** 2)
        within = (inside + across) / (n - 1)
        return within, (n - 1) * math.log(within) + float(np.log1p(size * ratio).sum()) + math.log(
            weight.sum()
        )

    best = minimize_scalar(
        lambda log: split(math.exp(log))[1], bounds=(-20, 20), method="bounded", options={"xatol": 1e-10}
    )
    ratio = math.exp(best.x) if best.x > -19 else 0.0
    within = split(ratio)[0]
    return IntraclassCorrelation(icc=ratio / (1 + ratio), between=ratio * within, within=within)
