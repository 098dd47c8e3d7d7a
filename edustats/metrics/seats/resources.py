"""What do so many pupils take? Classes, teachers and those who retire, floor area and money, by norms and quotas."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import ParameterError
from edustats.typing import Floats

PUPILS_PER_TEACHER = {"primary": 19.0, "junior": 13.5, "senior": 12.5}
"""The staffing norm of 2014 (中央编办发〔2014〕72号); kindergartens and vocational schools have norms of their own."""


def count_teachers(pupils: ArrayLike, stage: str) -> Floats:
    """Teachers by the staffing norm: 19, 13.5 and 12.5 pupils each.

    Parameters
    ----------
    pupils : any shape, >= 0
    stage : primary, junior or senior

    Returns
    -------
    array
        Not rounded up; nan for a stage without this norm.

    Examples
    --------
    >>> count_teachers([1900.0], "primary")
    array([100.])
    """
    return np.asarray(pupils, float) / PUPILS_PER_TEACHER.get(stage, np.nan)


def count_classes(pupils: ArrayLike, size: float) -> Floats:
    """Classes, rounded up.

    Examples
    --------
    >>> count_classes([91.0], 45)
    array([3.])
    """
    if not size > 0:
        raise ParameterError("seats.bad_class_size", found=f"{size:g}")
    return np.ceil(np.asarray(pupils, float) / size)


def price_seats(seats: ArrayLike, area_per_seat: float, yuan_per_area: float) -> tuple[Floats, Floats]:
    """Floor area and budget of further seats by quota.

    Parameters
    ----------
    seats : any shape; below 0 nothing is built
    area_per_seat : square metres of floor area a seat, by the building standard in force
    yuan_per_area : yuan a square metre

    Returns
    -------
    arrays
        Square metres and yuan.

    Examples
    --------
    >>> price_seats([100.0, -5.0], 9.0, 3000.0)
    (array([900.,   0.]), array([2700000.,       0.]))
    """
    area = np.maximum(np.asarray(seats, float), 0.0) * area_per_seat
    return area, area * yuan_per_area
