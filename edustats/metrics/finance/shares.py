"""Who pays, and does a pupil cost the same in every county?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import DataError
from edustats.metrics.inequality.measures import official_cv

TOLERANCE = 1e-6


def compute_source_shares(total: float, parts: Mapping[str, float]) -> dict[str, float]:
    """Shares of the sources of all education funds, 0-1; what no part names is ``other``.

    Parameters
    ----------
    total : yuan, > 0
    parts : source → yuan, parts that do not contain each other; nan: not known, and then ``other`` is not known

    Raises
    ------
    DataError
        A part below 0, a total that is not above 0, or parts that are more than their total.

    Examples
    --------
    >>> compute_source_shares(100.0, {"fiscal": 86.0})
    {'fiscal': 0.86, 'other': 0.14}
    """
    if not total > 0:
        raise DataError("finance.total_not_positive", found=f"{total:g}")
    for name, amount in parts.items():
        if amount < 0:
            raise DataError("finance.negative_source", name=name, found=f"{amount:g}")
    known = [amount for amount in parts.values() if not math.isnan(amount)]
    if math.fsum(known) > total * (1 + TOLERANCE):
        raise DataError("finance.sources_above_total", parts=f"{math.fsum(known):g}", total=f"{total:g}")
    rest = max(0.0, total - math.fsum(parts.values())) if len(known) == len(parts) else math.nan
    shares = {name: amount / total for name, amount in parts.items()}
    return {**shares, "other": round(rest / total, 12)}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountySpread:
    """Spending per pupil of the counties of one year: horizontal equity."""

    cv: float
    """Weighted by pupils; nan for one county."""
    mean: float
    highest: int
    lowest: int
    ratio: float
    """Highest over lowest."""
    n: int


def compare_counties(money: ArrayLike, pupils: ArrayLike) -> CountySpread:
    """How unequally counties spend on a pupil of one stage in one year.

    Parameters
    ----------
    money : (n,) yuan, >= 0
    pupils : (n,) average pupils, > 0

    Returns
    -------
    CountySpread
        ``highest`` and ``lowest`` are places in the list; counties of which a side is not known are left to the caller.

    Examples
    --------
    >>> found = compare_counties([200.0, 100.0], [10, 10])
    >>> round(found.cv, 3), found.highest, found.ratio
    (0.333, 0, 2.0)
    """
    found = official_cv(money, pupils)
    each = np.asarray(money, float) / np.asarray(pupils, float)
    low = float(each.min())
    return CountySpread(
        cv=found.cv, mean=found.mean, highest=int(each.argmax()), lowest=int(each.argmin()), n=found.n,
        ratio=float(each.max()) / low if low > 0 else math.nan,
    )  # fmt: skip
