"""Do the groups of pupils go to the same schools, and which schools keep them apart?

Counts come in as one row per school and one column per group, every pupil in exactly one column. The
schools are all there are, so a measure is exact for its year and has no interval. But small schools differ
by chance alone: :func:`edustats.metrics.segregation.random_placement.compute_index_under_random_placement` says by how
much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from edustats.errors import DataError, ParameterError
from edustats.metrics.segregation.counts import TINY, check_pupil_counts, entropy, require_groups_present
from edustats.typing import Floats, Positions

Measure = Literal["dissimilarity", "isolation", "exposure", "theil_h"]
MEASURES: tuple[Measure, ...] = ("dissimilarity", "isolation", "exposure", "theil_h")


# --- what may come in --------------------------------------------------------------------------------------


# --- the measures ------------------------------------------------------------------------------------------


def dissimilarity(counts: ArrayLike) -> float:
    """Dissimilarity D: the share of a group that would have to change school for all schools to be alike.

    Parameters
    ----------
    counts : (n, g) array_like
        Pupils of each group in each school, >= 0, none missing; schools without pupils are passed over.

    Returns
    -------
    float
        From 0 (every school has the county's composition) to 1 (no school has two groups).

    Raises
    ------
    DataError
        When a count is missing or negative, or fewer than two schools or two groups have pupils.

    Notes
    -----
    ``sum_ig t_i |p_ig - P_g| / (2 T sum_g P_g (1 - P_g))``; with two groups the index of Duncan and Duncan
    (1955), ``sum_i |x_i / X - y_i / Y| / 2``; with more that of Morgan (1975) and Sakoda (1981). Unchanged by
    the groups' sizes, two groups given. Biased upward in small schools: see
    :func:`edustats.metrics.segregation.random_placement.compute_index_under_random_placement`.

    Examples
    --------
    >>> dissimilarity([[100, 0], [60, 40], [40, 60], [0, 100]])
    0.6
    """
    return float(compute_school_contributions(counts, "dissimilarity").sum())


def isolation(counts: ArrayLike, group: int = 0) -> float:
    """Isolation xPx: the share of the own group among the schoolmates of its average pupil.

    Parameters
    ----------
    counts : (n, g) array_like
        As in :func:`dissimilarity`.
    group : int
        Column of the group.

    Returns
    -------
    float
        From the group's share of all pupils (no segregation) to 1.

    Raises
    ------
    DataError
        As :func:`dissimilarity`; also when the group itself has no pupils.
    ParameterError
        When there is no such column.

    Notes
    -----
    ``sum_i (x_i / X)(x_i / t_i)`` (Bell 1954; Lieberson 1981). It rises with the size of the group.

    Examples
    --------
    >>> isolation([[30, 10], [10, 30]])
    0.625
    """
    return exposure(counts, group, group)


def exposure(counts: ArrayLike, group: int = 0, to: int = 1) -> float:
    """Exposure xPy: the share of another group among the schoolmates of a group's average pupil.

    Parameters
    ----------
    counts : (n, g) array_like
        As in :func:`dissimilarity`.
    group, to : int
        Columns of the group and of the other.

    Returns
    -------
    float
        0-1; a group's exposures to all groups, its own included, sum to 1.

    Raises
    ------
    DataError, ParameterError
        As :func:`isolation`.

    Notes
    -----
    ``sum_i (x_i / X)(y_i / t_i)`` (Bell 1954; interaction in Massey and Denton 1988). Not symmetric.

    Examples
    --------
    >>> exposure([[30, 10], [10, 30]])
    0.375
    """
    table = check_pupil_counts(counts)
    require_groups_present(table, group, to)
    x = table[:, group]
    return float((x / x.sum()) @ (table[:, to] / table.sum(axis=1)))


def mutual_information(counts: ArrayLike) -> float:
    """Mutual information M of school and group, in natural units: what knowing the school tells of the group.

    Parameters
    ----------
    counts : (n, g) array_like
        As in :func:`dissimilarity`.

    Returns
    -------
    float
        From 0 to the entropy of the groups, at most ln g. Its parts at nested levels add up.

    Raises
    ------
    DataError
        As :func:`dissimilarity`.

    Notes
    -----
    ``sum_ig p_ig ln(p_ig / (p_i p_g))`` (Theil 1971; Mora and Ruiz-Castillo 2011).

    Examples
    --------
    >>> round(mutual_information([[40, 0], [0, 40]]), 6)
    0.693147
    """
    return float(compute_school_information(check_pupil_counts(counts)).sum())


def theil_h(counts: ArrayLike) -> float:
    """Theil's H: how much less mixed the average school is than the county; two groups or more.

    Parameters
    ----------
    counts : (n, g) array_like
        As in :func:`dissimilarity`.

    Returns
    -------
    float
        From 0 (every school as mixed as the county) to 1 (no school has two groups).

    Raises
    ------
    DataError
        As :func:`dissimilarity`.

    Notes
    -----
    ``sum_i t_i (E - E_i) / (T E)`` with E the entropy of the groups, 0 ln 0 = 0 (Theil and Finizza 1971;
    Reardon and Firebaugh 2002); the mutual information over the entropy. A group without pupils adds nothing.

    Examples
    --------
    >>> theil_h([[40, 0, 0, 0], [0, 0, 0, 40]])
    1.0
    """
    return float(compute_school_contributions(counts, "theil_h").sum())


def compute_school_information(table: Floats) -> Floats:
    """Each school's part of the mutual information; never negative.

    Examples
    --------
    >>> compute_school_information(np.array([[5.0, 5.0], [1.0, 1.0]]))
    array([0., 0.])
    """
    total, size, held = table.sum(), table.sum(axis=1, keepdims=True), table.sum(axis=0)
    expected = size * (held / total)
    ratio = np.divide(table, expected, out=np.ones_like(table), where=table > 0)
    return np.asarray(np.maximum((table * np.log(ratio)).sum(axis=1), 0.0) / total)


def compute_school_contributions(
    counts: ArrayLike, measure: Literal["dissimilarity", "isolation", "theil_h"] = "theil_h", group: int = 0
) -> Floats:
    """What each school adds to a measure; never negative, and together the whole measure.

    Parameters
    ----------
    counts : (n, g) array_like
        As in :func:`dissimilarity`.
    measure : {"dissimilarity", "isolation", "theil_h"}
        What is taken apart.
    group : int
        Column of the group, for isolation only.

    Returns
    -------
    (k,) array
        One entry for each school with pupils, in order.

    Raises
    ------
    DataError, ParameterError
        As :func:`isolation`; also when the measure is unknown.

    Notes
    -----
    Dissimilarity: ``t_i sum_g |p_ig - P_g| / (2 T sum_g P_g (1 - P_g))``, what would go if the school took
    the county's composition, the county's held fixed. H: ``sum_g x_ig ln(p_ig / P_g) / (T E)``. Isolation:
    ``x_i^2 / (X t_i)``.

    Examples
    --------
    >>> compute_school_contributions([[100, 0], [60, 40], [40, 60], [0, 100]], "dissimilarity")
    array([0.25, 0.05, 0.05, 0.25])
    """
    if measure not in ("dissimilarity", "isolation", "theil_h"):
        expected = "dissimilarity, isolation, theil_h"
        raise ParameterError("metrics.choice", name="measure", found=measure, expected=expected)
    table = check_pupil_counts(counts)
    size, held = table.sum(axis=1), table.sum(axis=0)
    if measure == "isolation":
        require_groups_present(table, group)
        return np.asarray(table[:, group] ** 2 / (held[group] * size))
    if measure == "theil_h":
        return np.asarray(np.minimum(compute_school_information(table) / entropy(held), 1.0))
    share = held / held.sum()
    apart = np.abs(table - size[:, None] * share).sum(axis=1)
    return np.asarray(apart / (2 * held.sum() * float(share @ (1 - share))))


# --- many places at once -----------------------------------------------------------------------------------


def measure_segregation(
    frame: pd.DataFrame,
    counts: Sequence[str],
    by: Sequence[str],
    unit: str = "",
    measures: Sequence[Measure] = MEASURES,
    chance: bool = False,
) -> pd.DataFrame:
    """All measures for every group of rows (a county in a year), in one pass.

    Parameters
    ----------
    frame : DataFrame
        One row per school; several where ``unit`` names the school, whose rows are then added up.
    counts : sequence of str
        Columns of pupils, at least two, every pupil in one of them. Isolation and exposure are those of the
        first column, exposure to each of the others; dissimilarity and H compare all columns.
    by : sequence of str
        Columns that make the groups; empty for the whole frame at once.
    unit : str
        Column of the school; empty: every row is a school.
    measures : sequence of str
        Any of dissimilarity, isolation, exposure, theil_h.
    chance : bool
        Add ``by_chance`` and ``beyond_chance``: the measure under random placement, and what exceeds it.

    Returns
    -------
    DataFrame
        One row per group and measure, groups in order: the ``by`` columns, ``measure``, ``variant`` (the
        columns compared), ``estimate``, ``n`` schools with pupils, ``total`` pupils, ``missing`` (rows left
        out for want of a count), ``note``. Where a measure does not exist the estimate is nan and ``note``
        says why: ``one_school``, ``no_pupils``, ``group_absent``, ``negative`` (a count below 0),
        ``all_missing``. There is no interval: the schools are all there are.

    Raises
    ------
    ParameterError
        When fewer than two columns are named, or a measure is unknown.

    Examples
    --------
    >>> table = pd.DataFrame({"county": ["A", "A", "B"], "migrant": [30, 10, 5], "local": [10, 30, 5]})
    >>> found = measure_segregation(table, ["migrant", "local"], ["county"], measures=["dissimilarity"])
    >>> found[["county", "estimate", "n", "note"]].values.tolist()
    [['A', 0.5, 2, ''], ['B', nan, 1, 'one_school']]
    """
    _check_measure_choice(counts, measures)
    if unit:
        keys = [*by, unit]
        frame = _sum_by_school(frame, keys, list(counts))
    code, keys_found = _number_places(frame, by)
    columns = [frame[name].to_numpy(float) for name in counts]
    sums = _PlaceSums(code, len(keys_found), columns)
    blocks = []
    for measure in measures:
        for variant, estimate, note in sums.measured(measure, counts):
            block = keys_found.assign(measure=measure, variant=variant, estimate=estimate)
            block = block.assign(n=sums.n, total=sums.total, missing=sums.missing, note=note)
            if chance:
                expected = _measure_by_chance(sums, columns, code, measure)
                block["by_chance"] = np.where(note == "", expected, math.nan)
                block["beyond_chance"] = (block["estimate"] - expected) / (1 - expected)
            blocks.append(block)
    found = pd.concat(blocks)
    return found.sort_index(kind="stable").reset_index(drop=True)


def _sum_by_school(frame: pd.DataFrame, keys: list[str], counts: list[str]) -> pd.DataFrame:
    """Rows of one school added up; where one of them lacks a count, so does the school."""
    rows = frame.groupby(keys, sort=False, dropna=False)[counts]
    gaps = frame[counts].isna().groupby([frame[key] for key in keys], sort=False, dropna=False).any()
    return rows.sum().mask(gaps).reset_index()


def _check_measure_choice(counts: Sequence[str], measures: Sequence[str]) -> None:
    if len(counts) < 2:
        raise ParameterError("segregation.two_columns", found=", ".join(counts))
    for measure in measures:
        if measure not in MEASURES:
            expected = ", ".join(MEASURES)
            raise ParameterError("metrics.choice", name="measures", found=measure, expected=expected)


def _number_places(frame: pd.DataFrame, by: Sequence[str]) -> tuple[Positions, pd.DataFrame]:
    """Number of the group of each row, groups in order of their keys, and a table of the keys."""
    code, size = np.zeros(len(frame), dtype=np.intp), 1
    levels: list[tuple[str, pd.Index]] = []
    for name in by:
        own, found = _number_keys(frame[name])
        code, size = code * len(found) + own if levels else own, size * max(len(found), 1)
        levels.append((name, found))
    if size > 8 * len(frame) + 1:  # a sparse grid of keys is numbered by what is there
        there, code = np.unique(code, return_inverse=True)
    else:
        there = np.flatnonzero(np.bincount(code, minlength=size))
        number = np.zeros(size, dtype=np.intp)
        number[there] = np.arange(len(there))
        code = number[code]
    keys, rest = {}, there
    for name, level in reversed(levels):
        rest, own = np.divmod(rest, len(level))
        keys[name] = level.take(own)
    return code, pd.DataFrame({name: keys[name] for name in by}, index=pd.RangeIndex(len(there)))


def _number_keys(column: pd.Series) -> tuple[Positions, pd.Index]:
    """Number of each key, and the keys in order; whole numbers that lie close are their own numbers."""
    if len(column) and column.dtype.kind in "iu":
        values, low, high = column.to_numpy(), int(column.min()), int(column.max())
        if high - low < len(column):
            return (values - low).astype(np.intp), pd.RangeIndex(low, high + 1)
    own, found = pd.factorize(column, sort=True)
    if (own < 0).any():
        raise DataError("metrics.group_missing", place=int((own < 0).argmax()) + 1)
    return own, pd.Index(found)


class _PlaceSums:
    """Counts with their sums by place; rows with a missing count, or of no pupils, weigh nothing."""

    def __init__(self, code: Positions, places: int, columns: list[Floats]) -> None:
        self.code, self.places = code, places
        size = columns[0].copy()
        for column in columns[1:]:
            size += column
        known = np.isfinite(size)
        whole = bool(known.all())
        self.columns = columns if whole else [np.where(known, column, 0.0) for column in columns]
        self.size = size if whole else np.where(known, size, 0.0)
        self.missing = np.zeros(places, int) if whole else np.bincount(code[~known], minlength=places)
        self.known = places and np.bincount(code, minlength=places) - self.missing
        below = np.zeros(places, bool)
        for column in self.columns:
            if len(column) and column.min() < 0:
                below |= np.bincount(code[column < 0], minlength=places) > 0
        self.negative = below
        filled = self.size > 0
        self.n = self.sum(filled) if not filled.all() else self.known
        self.n = np.asarray(self.n).astype(int)
        self.held = [self.sum(column) for column in self.columns]
        self.total = np.asarray(sum(self.held))

    def sum(self, parts: NDArray[np.generic]) -> Floats:
        return np.asarray(np.bincount(self.code, parts, minlength=self.places), float)

    def measured(self, measure: str, names: Sequence[str]) -> list[tuple[str, Floats, NDArray[np.object_]]]:
        """(columns compared, estimate, note) of one measure, for every place."""
        everybody = " | ".join(names)
        with np.errstate(divide="ignore", invalid="ignore"):
            if measure == "dissimilarity":
                return [self._attach_notes(everybody, self._dissimilarity())]
            if measure == "theil_h":
                return [self._attach_notes(everybody, self._theil_h())]
            others = [0] if measure == "isolation" else range(1, len(names))
            return [self._attach_notes(f"{names[0]} | {names[k]}", self._exposure(k), (0, k)) for k in others]

    def _attach_notes(
        self, variant: str, estimate: Floats, groups: tuple[int, ...] = ()
    ) -> tuple[str, Floats, NDArray[np.object_]]:
        absent = sum((held > 0).astype(int) for held in self.held) < 2
        for group in groups:
            absent = absent | (self.held[group] <= 0)
        reasons = {
            "negative": self.negative, "all_missing": (self.known == 0) & (self.missing > 0),
            "no_pupils": self.n == 0, "one_school": self.n == 1, "group_absent": absent,
        }  # fmt: skip
        note = np.select(list(reasons.values()), list(reasons), "").astype(object)
        return variant, np.where(note == "", estimate, math.nan), note

    def _dissimilarity(self) -> Floats:
        share = [held / self.total for held in self.held]
        two = len(share) == 2
        apart = np.zeros(self.places)
        for column, own in zip(self.columns[: 1 if two else None], share, strict=False):
            apart += self.sum(np.abs(column - self.size * own[self.code]))
        mixed = sum(own * (1 - own) for own in share)
        return np.asarray((2 if two else 1) * apart / (2 * self.total * mixed))

    def _exposure(self, to: int) -> Floats:
        parts = self.columns[0] * self.columns[to] / np.where(self.size > 0, self.size, 1)
        return self.sum(parts) / self.held[0]

    def _theil_h(self) -> Floats:
        """From sums of x ln x: one logarithm for each count, none for each pair of school and county."""
        own = -self.size * np.log(np.maximum(self.size, TINY))
        for column in self.columns:
            own += column * np.log(np.maximum(column, TINY))
        spread = sum(held * np.log(np.maximum(held, TINY)) for held in self.held)
        entropy_ = np.log(self.total) * self.total - spread
        return np.asarray(np.clip(1 + self.sum(own) / entropy_, 0.0, 1.0))


def _measure_by_chance(sums: _PlaceSums, columns: list[Floats], code: Positions, measure: str) -> Floats:
    """Each place's measure under random placement; exposures have none."""
    from edustats.metrics.segregation.random_placement import compute_index_under_random_placement

    found = np.full(sums.places, math.nan)
    if measure == "exposure":
        return found
    order = np.argsort(code, kind="stable")
    ends = np.cumsum(np.bincount(code, minlength=sums.places))
    table = np.column_stack(sums.columns)[order]
    for place, (start, stop) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        try:
            found[place] = compute_index_under_random_placement(table[start:stop], measure)  # type: ignore[arg-type]
        except DataError:  # the note of the place says why
            continue
    return found
