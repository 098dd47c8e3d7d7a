"""At which level are the groups of pupils kept apart: between counties, townships, or schools?

Mutual information and Theil's H split level by level; the parts add up to the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from edustats.metrics.inequality.decomposition import number_nested_groups
from edustats.metrics.segregation.counts import check_pupil_counts, entropy
from edustats.metrics.segregation.indices import compute_school_information
from edustats.typing import Floats, Positions


def decompose_segregation(
    counts: ArrayLike, levels: Sequence[ArrayLike], names: Sequence[str]
) -> pd.DataFrame:
    """Segregation between the groups of schools at every level, and between the schools inside them.

    Parameters
    ----------
    counts : (n, g) array_like
        As in :func:`edustats.metrics.segregation.indices.dissimilarity`.
    levels : sequence of (n,) array_like
        Where each school lies, outermost first (county, then township); none missing.
    names : sequence of str
        Name of each level.

    Returns
    -------
    DataFrame
        One row per level and one for the schools (``unit``), then ``all``: ``m`` (mutual information of the
        level inside the one above), ``h`` (over the entropy of the whole), ``share`` (of the total, nan
        where there is no segregation at all), ``units`` (places at that level). ``m``, ``h`` and ``share`` of
        the levels add up to the total.

    Raises
    ------
    DataError
        As :func:`edustats.metrics.segregation.indices.dissimilarity`; also when a level is missing or of another
        length.

    Notes
    -----
    The part of a level is the mutual information of its places less that of the places above (Mora and
    Ruiz-Castillo 2011). ``h`` of a level is not the H inside one place: that is
    :func:`measure_segregation_within_places`.

    Examples
    --------
    >>> found = decompose_segregation([[9, 1], [9, 1], [1, 9], [1, 9]], [["A", "A", "B", "B"]], ["county"])
    >>> found[["level", "share"]].values.tolist()
    [['county', 1.0], ['unit', 0.0], ['all', 1.0]]
    """
    table = np.asarray(counts, dtype=float)
    check_pupil_counts(table)
    codes = [*number_nested_groups(levels, len(table)), np.arange(len(table))]
    whole, before = entropy(table.sum(axis=0)), 0.0
    rows: list[tuple[object, ...]] = []
    total = float(compute_school_information(_sum_by_place(table, codes[-1])).sum())
    for name, code in zip([*names, "unit"], codes, strict=True):
        m = float(compute_school_information(_sum_by_place(table, code)).sum())
        part = max(0.0, m - before)
        rows.append(
            (name, part, part / whole, part / total if total > 1e-15 else math.nan, _count_places(code))
        )
        before = m
    rows.append(("all", total, total / whole, 1.0 if total > 1e-15 else math.nan, 1))
    return pd.DataFrame(rows, columns=["level", "m", "h", "share", "units"])


def _sum_by_place(table: Floats, code: Positions) -> Floats:
    """Counts added up by place, places without pupils dropped."""
    sums = np.column_stack([np.bincount(code, column) for column in table.T]).astype(float)
    return sums[sums.any(axis=1)]


def _count_places(code: Positions) -> int:
    return int(code.max()) + 1


def measure_segregation_within_places(counts: ArrayLike, places: ArrayLike) -> pd.DataFrame:
    """Segregation between the schools of each place by itself.

    Parameters
    ----------
    counts : (n, g) array_like
        As in :func:`edustats.metrics.segregation.indices.dissimilarity`.
    places : (n,) array_like
        Place of each school, none missing.

    Returns
    -------
    DataFrame
        By place: ``m``, ``h`` (over the place's own entropy; nan where it has one group only), ``p`` (its
        share of the pupils) and ``entropy_ratio`` (its entropy over that of the whole). The sum of
        ``h * p * entropy_ratio`` is the within part of H in :func:`decompose_segregation`.

    Raises
    ------
    DataError
        As :func:`decompose_segregation`.

    Examples
    --------
    >>> found = measure_segregation_within_places([[9, 1], [1, 9], [5, 5], [5, 5]], ["A", "A", "B", "B"])
    >>> found["h"].round(3).tolist()
    [0.531, 0.0]
    """
    table = np.asarray(counts, dtype=float)
    check_pupil_counts(table)
    number_nested_groups([places], len(table))
    whole, pupils = entropy(table.sum(axis=0)), table.sum()
    rows = []
    column = pd.Series(np.asarray(places, object))
    filled = np.asarray(table.any(axis=1))
    for place, index in column.groupby(column).groups.items():
        part = table[index][filled[index]]
        if not len(part):
            continue
        m, own = float(compute_school_information(part).sum()), entropy(part.sum(axis=0))
        h = m / own if own > 0 else math.nan
        rows.append((place, m, h, part.sum() / pupils, own / whole))
    return pd.DataFrame(rows, columns=["place", "m", "h", "p", "entropy_ratio"]).set_index("place")
