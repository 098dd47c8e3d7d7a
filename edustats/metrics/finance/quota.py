"""Does every school get its quota of public-use funds, the small ones as if they had a hundred pupils?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import DataError
from edustats.metrics.checks import parse_number_column, require_same_length
from edustats.metrics.finance.growth import MET, NOT_MET, UNKNOWN
from edustats.typing import Flags, Floats

LEAST_PUPILS = 100
"""不足100人的学校按100人核定公用经费."""
SLACK = 0.5
"""Yuan: funds are printed in whole yuan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaYear:
    """The schools of one stage in one year against their quota."""

    verdict: str
    due: Floats
    """(n,) yuan due: quota × pupils, of a small school quota × 100; nan where pupils or quota are not known."""
    allocated: Floats
    short: Flags
    """(n,) schools that got less."""
    small: Flags
    """(n,) schools below 100 pupils."""
    known: Flags
    """(n,) schools of which both sides are known."""

    @property
    def missing(self) -> float:
        """Yuan that the short schools lack together."""
        return float((self.due - self.allocated)[self.short].sum())


def judge_school_quotas(pupils: ArrayLike, allocated: ArrayLike, quota: ArrayLike) -> QuotaYear:
    """Quota compliance of the schools of one year.

    Parameters
    ----------
    pupils : (n,) >= 0; a school without pupils is left out by the caller; nan: not known
    allocated : (n,) yuan allocated in the year, >= 0; nan: not known
    quota : yuan per pupil of the year, > 0: one number, or one a school (stages differ)

    Returns
    -------
    QuotaYear
        ``not_met`` where any school is short, else ``cannot_tell`` where any is not known or there is none, else
        ``met`` (教督〔2017〕6号, 第七条: every school).

    Raises
    ------
    DataError
        Pupils or funds below 0, or a quota that is not above 0.

    Examples
    --------
    >>> found = judge_school_quotas([60, 300], [72_000, 215_000], 720)
    >>> found.short.tolist(), found.verdict, found.missing
    ([False, True], 'not_met', 1000.0)
    """
    p, a = parse_number_column("pupils", pupils), parse_number_column("values", allocated)
    require_same_length("pupils", p, "values", a)
    q = np.broadcast_to(np.asarray(quota, float), p.shape)
    for column, word in ((p, "pupils"), (a, "money")):
        if (column < 0).any():
            place = int((column < 0).argmax())
            raise DataError(f"finance.negative_{word}_at", place=place + 1, found=f"{column[place]:g}")
    if (q <= 0).any():
        raise DataError("finance.quota_not_positive", found=f"{q[q <= 0][0]:g}")
    due = q * np.where(np.isnan(p), np.nan, np.maximum(p, LEAST_PUPILS))
    known = np.isfinite(due) & np.isfinite(a)
    short = known & (a < due - SLACK)
    verdict = NOT_MET if short.any() else MET if len(p) and known.all() else UNKNOWN
    return QuotaYear(verdict=verdict, due=due, allocated=a, short=short, small=p < LEAST_PUPILS, known=known)
