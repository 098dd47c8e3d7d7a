"""How sure is a weighted line of one column on another?

Weighted least squares of one regressor with the usual choices of standard error, without a model object.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edustats.errors import DataError, ParameterError
from edustats.metrics.checks import check_choice
from edustats.typing import Floats

ERRORS = ("ols", "robust", "cluster")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedLine:
    """Intercept and slope with their covariance, and the share of the variance explained."""

    coefficients: Floats
    covariance: NDArray[np.float64]
    r_squared: float


def fit_weighted_line(
    y: Floats, x: Floats, w: Floats, errors: str = "robust", cluster: ArrayLike | None = None
) -> FittedLine:
    """Fit ``y = a + b x`` by weighted least squares.

    Parameters
    ----------
    y, x, w : (n,) array
        Complete; weights > 0. At least three units, and x must vary.
    errors : {"ols", "robust", "cluster"}
        Classical; HC1 (White with n / (n - 2)); by cluster with Stata's correction.
    cluster : (n,) array_like, optional
        Cluster of each unit, for ``cluster``.

    Raises
    ------
    DataError
        With fewer than three units, no variation of x, or fewer than two clusters.

    Examples
    --------
    >>> fit_weighted_line(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 2.0]), np.ones(3)).coefficients.round(9)
    array([1., 1.])
    """
    check_choice("errors", errors, *ERRORS)
    if len(y) < 3 or np.ptp(x) == 0:
        raise DataError("metrics.no_line", n=len(y))
    if (errors == "cluster") != (cluster is not None):
        raise ParameterError("metrics.cluster")
    w = w / w.mean()
    design = np.column_stack([np.ones_like(x), x])
    bread = np.linalg.inv(design.T @ (w[:, None] * design))
    coefficients = bread @ (design.T @ (w * y))
    left = y - design @ coefficients
    n = len(y)
    if errors == "ols":
        covariance = bread * float(w @ left**2) / (n - 2)
    else:
        scores = design * (w * left)[:, None]
        factor = n / (n - 2)
        if cluster is not None:
            scores = _sum_by_cluster(scores, cluster, n)
            factor = len(scores) / (len(scores) - 1) * (n - 1) / (n - 2)
        covariance = factor * bread @ (scores.T @ scores) @ bread
    total = float(w @ (y - np.average(y, weights=w)) ** 2)
    explained = 1 - float(w @ left**2) / total if total > 0 else float("nan")
    return FittedLine(coefficients=coefficients, covariance=covariance, r_squared=explained)


def _sum_by_cluster(scores: NDArray[np.float64], cluster: ArrayLike, n: int) -> NDArray[np.float64]:
    names, code = np.unique(np.asarray(cluster), return_inverse=True)
    if len(code) != n or len(names) < 2:
        raise DataError("metrics.clusters", n=n, found=len(code), clusters=len(names))
    return np.column_stack([np.bincount(code, column) for column in scores.T])
