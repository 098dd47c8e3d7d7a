"""How do counts hang together by their sums, as rows of a matrix?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edustats.typing import Floats

Sums = Sequence[tuple[int, Sequence[int]]]
"""Pairs of a total's index and the indices of its parts."""
TOLERANCE = 1e-6


def build_sum_matrix(counts: npt.ArrayLike, sums: Sums) -> Floats:
    """Sums as rows of a matrix: parts 1, total −1, so that every row times the true cells is 0.

    Missing parts are left out where the others make the total, as a total over those that reported does;
    a sum that is missing itself, or of which a missing part is the rest, binds nothing and has no row.

    Raises
    ------
    ValueError
        A negative count, or a sum that does not add up.
    """
    counts = np.asarray(counts, float)
    if (counts < 0).any():
        raise ValueError(f"counts must be >= 0, got {np.nanmin(counts):g}")
    rows = []
    for total, parts in sums:
        held = [part for part in parts if not np.isnan(counts[part])]
        if np.isnan(counts[total]):
            continue
        gap = counts[total] - counts[held].sum()
        if abs(gap) > TOLERANCE * max(1.0, counts[total]):
            if len(held) < len(parts) and gap > 0:
                continue
            raise ValueError(
                f"cell {total} is {counts[total]:g} and its parts add up to {counts[total] - gap:g}"
            )
        row = np.zeros(len(counts))
        np.add.at(row, held, 1.0)
        row[total] -= 1.0
        rows.append(row)
    return np.array(rows).reshape(len(rows), len(counts))
