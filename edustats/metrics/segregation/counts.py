"""Are the counts of groups by unit fit to be measured, and what do all indices need of them?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import DataError, ParameterError
from edustats.typing import Floats

TINY = 1e-300


def check_pupil_counts(counts: ArrayLike) -> Floats:
    """Counts of pupils as a table: schools with pupils in rows, groups in columns.

    Raises
    ------
    DataError
        When it is no table of at least two columns, a count is missing or negative, or fewer than two
        schools have pupils, or fewer than two groups.

    Examples
    --------
    >>> check_pupil_counts([[1, 2], [0, 0], [3, 4]]).shape
    (2, 2)
    """
    table = np.asarray(counts, dtype=float)
    if table.ndim != 2 or table.shape[1] < 2:
        raise DataError("segregation.not_a_table", found=" × ".join(map(str, table.shape)))
    for address, wrong in (("missing", ~np.isfinite(table)), ("negative", table < 0)):
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            found = f"{table[row, column]:g}"
            raise DataError(f"segregation.{address}", row=row + 1, column=column + 1, found=found)
    table = table[table.any(axis=1)]
    if len(table) < 2:
        raise DataError("segregation.one_school" if len(table) else "segregation.no_pupils")
    if np.count_nonzero(table.any(axis=0)) < 2:
        raise DataError("segregation.group_absent")
    return table


def require_groups_present(table: Floats, *groups: int) -> None:
    """Refuse a column that is not there or has no pupils.

    Examples
    --------
    >>> require_groups_present(np.array([[1.0, 2.0]]), 0)
    """
    for group in groups:
        if not 0 <= group < table.shape[1]:
            raise ParameterError("segregation.column", found=group, last=table.shape[1] - 1)
        if not table[:, group].any():
            raise DataError("segregation.group_absent")


def entropy(totals: Floats) -> float:
    """Entropy of the groups, from their totals, in natural units.

    Examples
    --------
    >>> round(entropy(np.array([1.0, 1.0])), 6)
    0.693147
    """
    share = totals / totals.sum()
    return float(-(share * np.log(np.maximum(share, TINY))).sum())
