"""How do the resources of an area's schools differ, and does the coefficient reach its limit as printed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edustats.errors import DataError
from edustats.typing import Floats

Codes = NDArray[np.int8]
EPSILON = 1e-7


def round_half_up(values: ArrayLike, decimals: int) -> Floats:
    """Round half up, as the declaration form does, whole arrays at once.

    Examples
    --------
    >>> round_half_up([4.505, 2.675, 0.5005], 2).tolist()
    [4.51, 2.68, 0.5]
    """
    power = 10.0**decimals
    scaled = np.asarray(values, float) * power
    return np.sign(scaled) * np.floor(np.abs(scaled) + 0.5 + EPSILON) / power


def reaches_mark(values: Floats, mark: float | Floats, op: str) -> NDArray[np.bool_]:
    """Whether values satisfy a mark; nan never does.

    Examples
    --------
    >>> reaches_mark(np.array([0.5, 0.501]), 0.5, "<=").tolist()
    [True, False]
    """
    slack = 1e-9 * np.maximum(1, np.abs(mark))
    tests = {
        ">=": values >= mark - slack, "<=": values <= mark + slack,
        ">": values > mark + slack, "<": values < mark - slack,
    }  # fmt: skip
    return np.asarray(tests[op])


def find_printed_edge(mark: ArrayLike, decimals: int | None) -> Floats:
    """The least value that reaches a mark once printed: comparing with it is cheaper than rounding millions.

    Examples
    --------
    >>> find_printed_edge([4.2, 4.505], 2).round(6).tolist()
    [4.195, 4.505]
    """
    wanted = np.asarray(mark, float)
    if decimals is None:
        return wanted - 1e-9 * np.maximum(1, np.abs(wanted))
    power = 10.0**decimals
    return (np.ceil(wanted * power - EPSILON) - 0.5 - EPSILON) / power


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DifferenceCoefficients:
    """Official difference coefficients, (g, k): g areas by k resources."""

    cv: Floats
    """nan where fewer than two schools are complete or all hold nothing."""
    mean: Floats
    """Resource per pupil of the area: sum over sum."""
    sd: Floats
    n: NDArray[np.int64]
    """Schools complete in this resource."""
    weight: Floats
    """Their pupils."""
    parts: Floats
    """(n, k): what each school adds to the square of its area's coefficient; nan where it is not counted."""


def compute_difference_coefficients(
    resource: ArrayLike, pupils: ArrayLike, group: ArrayLike | None = None, groups: int = 1
) -> DifferenceCoefficients:
    """Official difference coefficients of many areas and resources, and each school's part in them.

    Parameters
    ----------
    resource : (n, k) array_like
        Total of each resource in each school, >= 0; nan where missing: the school is left out of that resource.
    pupils : (n,) array_like
        Pupils of the stage, > 0.
    group : (n,) array_like of int, optional
        Area of each school, 0 to groups - 1; left out, all are one area.
    groups : int
        Number of areas.

    Returns
    -------
    Coefficients
        ``cv`` from 0 to ``sqrt(sum(pupils) / min(pupils) - 1)``; the parts of an area add up to ``cv ** 2``.

    Raises
    ------
    DataError
        A negative resource, or pupils that are missing or not above 0, naming the row.

    Notes
    -----
    ``sqrt(sum(p_i (x_i - m)^2)) / m`` with ``p_i`` the share of the pupils and ``m`` the area's ratio
    (教督〔2012〕3号 annex 2; 教督〔2017〕6号). The same figures as
    :func:`edustats.metrics.inequality.official_cv`, for many areas in one pass.

    Examples
    --------
    The ministry's worked example, books in five schools:

    >>> found = compute_difference_coefficients([[279], [137], [935], [160], [402]], [45, 37, 89, 76, 55])
    >>> round(float(found.cv[0, 0]), 4), round(float(found.parts.sum()), 4)
    (0.5153, 0.2655)
    """
    total, p = np.atleast_2d(np.asarray(resource, float)), np.asarray(pupils, float)
    _refuse_rows("catalogue.bad_pupils", p, ~(p > 0) | ~np.isfinite(p))
    for column in total.T:
        _refuse_rows("catalogue.bad_resource", column, column < 0)
    area = np.zeros(len(p), np.intp) if group is None else np.asarray(group, np.intp)
    columns = [_compute_one_resource(total[:, k], p, area, groups) for k in range(total.shape[1])]
    cv, mean, n, weight, parts = (np.stack(each, axis=1) for each in zip(*columns, strict=True))
    return DifferenceCoefficients(
        cv=cv, mean=mean, sd=cv * mean, n=n.astype(np.int64), weight=weight, parts=parts
    )


def _refuse_rows(address: str, column: Floats, wrong: NDArray[np.bool_]) -> None:
    if wrong.any():
        place = int(wrong.argmax())
        raise DataError(address, place=place + 1, found=f"{column[place]:g}")


def _compute_one_resource(total: Floats, p: Floats, area: NDArray[np.intp], groups: int) -> tuple[Any, ...]:
    held = np.isfinite(total)
    x, weight = np.where(held, total, 0), np.where(held, p, 0)
    n = np.bincount(area[held], minlength=groups)
    pupils = np.bincount(area, weight, minlength=groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(area, x, minlength=groups) / pupils
        deviation = x / (p * mean[area]) - 1
        parts = weight * deviation**2 / pupils[area]
    parts[~held] = np.nan
    square = np.bincount(area, np.where(held, parts, 0), minlength=groups)
    some = (n > 1) & (mean > 0)
    return np.where(some, np.sqrt(square), np.nan), mean, n, pupils, np.where(some[area], parts, np.nan)
