"""How are the shared rooms and equipment of a through-school divided between its stages?

A nine-year, twelve-year or complete secondary school reports its floor area, grounds, equipment and multimedia
rooms once. The evaluation divides them by pupils weighted 1 : 1.1 : 1.32 (primary, junior, senior); a school
without a primary stage by 1 : 1.2 (junior, senior). Teachers are counted in the stage they teach, never divided.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import DataError
from edustats.typing import Floats

WITH_PRIMARY = (1.0, 1.1, 1.32)
WITHOUT_PRIMARY = (0.0, 1.0, 1.2)
SHARED = (
    "teaching_area",
    "hall_area",
    "sports_area",
    "equipment_value",
    "multimedia_rooms",
    "computers",
    "books",
)
"""Columns that arrive per school and are judged per stage; ``{column}_primary`` and ``_junior`` are the parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Share of each stage in what its school holds in common, each (n,); the three add up to 1."""

    primary: Floats
    junior: Floats
    senior: Floats


def compute_shares(primary: ArrayLike, junior: ArrayLike, senior: ArrayLike) -> Shares:
    """How much of a school's shared resources belongs to each of its stages.

    Parameters
    ----------
    primary, junior, senior : (n,) array_like
        Pupils of the stage in each school, >= 0; 0 where the school does not teach it.

    Returns
    -------
    Shares
        Each 0–1. A school with one stage keeps all in it; a school without pupils gets nan.

    Raises
    ------
    DataError
        A missing or negative number of pupils: it cannot be divided by, and 0 would be a guess.

    Notes
    -----
    Nine-year: A / (A + 1.1 B) to primary. Twelve-year: A / (A + 1.1 B + 1.32 C). Complete secondary:
    B / (B + 1.2 C) to junior (notes to tables II of 教督〔2012〕3号 and 教督〔2017〕6号).

    Examples
    --------
    >>> found = compute_shares([166], [210], [0])
    >>> round(float(23226 * found.primary[0]) / 166, 1)
    58.5
    """
    pupils = [np.atleast_1d(np.asarray(stage, float)) for stage in (primary, junior, senior)]
    for name, stage in zip(("primary", "junior", "senior"), pupils, strict=True):
        if (wrong := ~(stage >= 0)).any():
            place = int(wrong.argmax())
            raise DataError("catalogue.split_pupils", stage=name, place=place + 1, found=f"{stage[place]:g}")
    has_primary = pupils[0] > 0
    weighted = [
        stage * np.where(has_primary, with_, without)
        for stage, with_, without in zip(pupils, WITH_PRIMARY, WITHOUT_PRIMARY, strict=True)
    ]
    whole = np.add.reduce(weighted)
    parts = [np.divide(w, whole, out=np.full(len(whole), np.nan), where=whole > 0) for w in weighted]
    return Shares(primary=parts[0], junior=parts[1], senior=parts[2])


def split_resource(resource: ArrayLike, primary: ArrayLike, junior: ArrayLike, senior: ArrayLike) -> Shares:
    """The parts of a shared resource that belong to each stage, in the resource's own unit.

    Parameters
    ----------
    resource : (n,) array_like
        What each school holds in common; nan stays nan.
    primary, junior, senior : as :func:`compute_shares`

    Returns
    -------
    Shares
        The three parts; they add up to ``resource``.

    Examples
    --------
    >>> books = split_resource([23226], [166], [210], [0])
    >>> round(float(books.primary[0]), 2), round(float(books.junior[0]), 2)
    (9711.63, 13514.37)
    """
    part = compute_shares(primary, junior, senior)
    whole = np.atleast_1d(np.asarray(resource, float))
    return Shares(primary=whole * part.primary, junior=whole * part.junior, senior=whole * part.senior)
