"""To which area and year does each row of a table belong?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from edustats.errors import DataError
from edustats.typing import Positions

DENSE = 1 << 22
"""Combinations of keys up to which a table of all of them is kept; beyond, only those that occur are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RowGroups:
    """A number for each row, and the keys of each number, in the order of the keys."""

    code: NDArray[np.int32]
    keys: pd.DataFrame
    """One row a group. A category nobody belongs to is a group too, if it is the only key."""


def group_rows(frame: pd.DataFrame, by: list[str]) -> RowGroups:
    """Number the rows by their keys.

    Parameters
    ----------
    frame : DataFrame
    by : list of str
        Key columns, none missing in any row; empty: all rows are one group.

    Raises
    ------
    DataError
        When a key is missing; names the first such row.

    Examples
    --------
    >>> found = group_rows(pd.DataFrame({"county": ["b", "a", "b"], "year": [2020, 2020, 2021]}), ["county", "year"])
    >>> found.code.tolist(), found.keys["county"].tolist()
    ([1, 0, 2], ['a', 'b', 'b'])
    """
    if not by:
        return RowGroups(code=np.zeros(len(frame), dtype=np.int32), keys=pd.DataFrame(index=range(1)))
    columns = [_number_key_column(frame[name], name) for name in by]
    sizes = [len(names) for _, names in columns]
    code = columns[0][0]
    for (own, _), size in zip(columns[1:], sizes[1:], strict=True):
        code *= size
        code += own
    whole = int(np.prod(sizes))
    if whole <= DENSE:
        present = np.flatnonzero(np.bincount(code, minlength=whole)) if len(by) > 1 else np.arange(whole)
        place = np.zeros(whole, dtype=np.intp)
        place[present] = np.arange(len(present))
        code = place.take(code) if len(present) < whole else code
    else:
        present, code = np.unique(code, return_inverse=True)
    keys = {}
    rest = present
    for name, (_, names), size in reversed(list(zip(by, columns, sizes, strict=True))):
        keys[name] = names.take(rest % size)
        rest = rest // size
    return RowGroups(code=code.astype(np.int32), keys=pd.DataFrame({name: keys[name] for name in by}))


def _number_key_column(column: pd.Series, name: str) -> tuple[Positions, pd.Index]:
    """A number for each row of one key, and the names behind the numbers in order."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu" and len(column):
        low, high = int(column.min()), int(column.max())
        if high - low < DENSE:
            code = column.to_numpy().astype(np.intp)
            code -= low
            present = np.flatnonzero(np.bincount(code))
            if len(present) <= high - low:
                place = np.zeros(high - low + 1, dtype=np.intp)
                place[present] = np.arange(len(present))
                code = place.take(code)
            return code, pd.Index(present + low).astype(column.dtype)
    if isinstance(column.dtype, pd.CategoricalDtype):
        code, names = column.cat.codes.to_numpy().astype(np.intp), column.cat.categories
    else:
        code, names = pd.factorize(column, sort=True)
        names = pd.Index(names)
    if len(code) and code.min() < 0:
        raise DataError("metrics.key_missing", column=name, place=int((code < 0).argmax()) + 1)
    return code, names
