"""What are the indicators of every school, county and area above? Tidy tables in, observations out.

A ratio is the ratio of sums over complete pairs: only rows where both sides are present are summed,
and the share of the denominator they hold is returned beside the value as its coverage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import NO_BASE, Catalogue, Indicator, parse_terms
from edustats.schema import KINDS, LEVELS, OBSERVATION_COLUMNS, OK, STATUSES
from edustats.typing import Floats

NOT_APPLICABLE, NOT_COLLECTED = KINDS.index("not_applicable"), KINDS.index("not_collected")


def sum_columns(tidy: pd.DataFrame, sum_of_columns: str, kinds: pd.DataFrame | None = None) -> Floats | None:
    """Row-wise sum of columns; nan where any is missing, None where a column was not supplied at all.

    With ``kinds``, a term that is not applicable counts as nothing beside one that is present: a school
    without a junior stage has no junior pupils. Without one present term the sum is nan.
    """
    if sum_of_columns == NO_BASE:
        return np.ones(len(tidy))
    parts = parse_terms(sum_of_columns)
    if not parts or any(name not in tidy for name in parts):
        return None
    total, present = np.zeros(len(tidy)), np.zeros(len(tidy), bool)
    for name, sign in parts.items():
        value = tidy[name].to_numpy(float)
        absent = np.zeros(len(tidy), bool) if kinds is None else kinds[name].to_numpy() == NOT_APPLICABLE
        total += sign * np.where(absent, 0.0, value)
        present |= ~absent
    return np.where(present, total, np.nan)


def compute_unit_values(tidy: pd.DataFrame, indicator: Indicator) -> pd.Series:
    """The indicator of every row of a tidy table, nan where a side is missing."""
    num, den = sum_columns(tidy, indicator.num), sum_columns(tidy, indicator.den)
    if num is None:
        return pd.Series(np.nan, index=tidy.index)
    return pd.Series(num if den is None else _divide_or_missing(num, den), index=tidy.index)


def _divide_or_missing(num: npt.NDArray[np.float64], den: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.divide(num, den, out=np.full(len(num), np.nan), where=den > 0)


def compute_observations(
    tidy: pd.DataFrame, kinds: pd.DataFrame, area: Sequence[str] | pd.Series, level: str, known: Catalogue
) -> pd.DataFrame:
    """Observations of every indicator the table can feed, one area per distinct value of ``area``.

    Parameters
    ----------
    tidy : (n,) rows of units and years with one float column per catalogue column; a county's row about
        itself has the county's code as its unit
    kinds : (n,) rows, same columns, positions in :data:`edustats.schema.KINDS`
    area : (n,) code of the area each row belongs to
    level : level of those areas

    Returns
    -------
    pandas.DataFrame
        Columns :data:`OBSERVATION_COLUMNS`; ``value`` in the catalogue's unit, shares 0–1; ``status``
        ok where every unit is complete, partial where some are, else the kind of missingness.

    Notes
    -----
    The mean of school ratios is a different number and is never what a county's ratio means.

    Units for which no side of an indicator applies are out of its scope. Where the two sides stand in
    different rows (schools over a county's population, entrants of one stage over leavers of another), each
    is summed over its own rows first, and the counties complete on both sides are the pairs.
    """
    groups = pd.MultiIndex.from_arrays([np.asarray(area, dtype=object), tidy["year"]], names=["area", "year"])
    position, distinct = pd.factorize(groups, sort=True)
    table = _GroupedTable(tidy, kinds, position, len(distinct), _find_school_rows(tidy), level == "school")
    frames = [
        _observe_indicator(table, indicator, known).assign(
            area=distinct.get_level_values(0), year=distinct.get_level_values(1)
        )
        for indicator in known.indicators.values()
        if all(name in tidy for name in indicator.inputs)
        and not (table.schools and _has_sides_apart(indicator, known))
    ]
    if not frames:
        return set_types(pd.DataFrame(columns=list(OBSERVATION_COLUMNS)).assign(level=level))
    found = pd.concat(frames, ignore_index=True)
    kept = found["status"] != "not_applicable" if table.schools else found["n"] >= 0
    return set_types(found[kept].assign(level=level))


@dataclass(frozen=True, slots=True)
class _GroupedTable:
    """Tidy rows, the group each belongs to, and which rows are a unit's own rather than the county's."""

    tidy: pd.DataFrame
    kinds: pd.DataFrame
    group: npt.NDArray[np.intp]
    groups: int
    own: npt.NDArray[np.bool_]
    schools: bool

    def rows(self, level: str) -> npt.NDArray[np.bool_]:
        """Rows that hold the columns of a level."""
        return self.own if level == "school" else (self.tidy["unit"] == self.tidy["county"]).to_numpy()


def _find_school_rows(tidy: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows of schools; where a county reports nothing but itself, that row stands for its schools."""
    about_itself = (tidy["unit"] == tidy["county"]).to_numpy()
    with_schools = set(tidy.loc[~about_itself, "county"])
    return ~about_itself | ~tidy["county"].isin(with_schools).to_numpy()


def _has_sides_apart(indicator: Indicator, known: Catalogue) -> bool:
    """Whether the two sides stand in different rows, so that only sums of a county can be paired."""
    return indicator.across or "county" in known.levels(indicator)


def _observe_indicator(table: _GroupedTable, indicator: Indicator, known: Catalogue) -> pd.DataFrame:
    if indicator.across or len(known.levels(indicator)) > 1:
        return _observe_county_sums(table, indicator, known)
    rows = table.rows(next(iter(known.levels(indicator))))
    tidy, kinds, group = table.tidy[rows], table.kinds[rows], table.group[rows]
    num, den = sum_columns(tidy, indicator.num, kinds), sum_columns(tidy, indicator.den, kinds)
    if num is None:
        raise KeyError(indicator.key)
    codes = np.stack([kinds[name].to_numpy() for name in indicator.inputs])
    pairs = _IndicatorSides(num, den, (codes != NOT_APPLICABLE).any(axis=0), codes.max(axis=0))
    return _build_observations(indicator, pairs, group, table.groups)


@dataclass(frozen=True, slots=True)
class _IndicatorSides:
    """The two sides of an indicator in every row, whether the row is in its scope, and what is missing."""

    num: Floats
    den: Floats | None
    scope: npt.NDArray[np.bool_]
    worst: npt.NDArray[np.uint8]
    units: Floats | None = None


def _build_observations(
    indicator: Indicator, sides: _IndicatorSides, group: npt.NDArray[np.intp], groups: int
) -> pd.DataFrame:
    weight = np.ones(len(sides.num)) if sides.den is None else sides.den
    each = np.ones(len(sides.num)) if sides.units is None else sides.units
    complete = np.isfinite(sides.num) & np.isfinite(weight) & sides.scope
    scope, pairs = _sum_by_group(sides.scope, group, groups), _sum_by_group(complete, group, groups)
    num_sum = _sum_by_group(np.where(complete, sides.num, 0), group, groups)
    den_sum = _sum_by_group(np.where(complete, weight, 0), group, groups)
    den_all = _sum_by_group(np.where(sides.scope, np.nan_to_num(weight), 0), group, groups)
    # a unit whose denominator is not known either counts as one of average size, not as nothing
    weighed = _divide_or_missing(_sum_by_group(sides.scope & np.isfinite(weight), group, groups), scope)
    several = (scope > 1) & (not indicator.has_base)  # rates without their counts are not averaged
    none, ratio = (pairs == 0) | several, sides.den is not None
    value = np.where(none, np.nan, _divide_or_missing(num_sum, den_sum) if ratio else num_sum)
    return pd.DataFrame(
        {
            "stage": indicator.stage,
            "indicator": indicator.key,
            "value": value,
            "num": np.where(none, np.nan, num_sum),
            "den": np.where(none, np.nan, den_sum) if ratio else np.nan,
            "n": _sum_by_group(np.where(complete, each, 0), group, groups).astype("int32"),
            "coverage": np.where(none, 0.0, _divide_or_missing(den_sum, den_all) * weighed),
            "status": np.where(
                several, "not_collected", _determine_statuses(sides, group, groups, pairs, scope)
            ),
        }
    )


def _observe_county_sums(table: _GroupedTable, indicator: Indicator, known: Catalogue) -> pd.DataFrame:
    """Each column summed over its own rows of a county; a county with every one complete is a pair."""
    keys = pd.MultiIndex.from_arrays([table.tidy["county"], table.group])
    cell, cells = pd.factorize(keys, sort=True)
    sums = {name: _sum_county_column(table, name, known, cell, len(cells)) for name in indicator.inputs}
    num = _combine_county_sums(sums, indicator.num)
    if num is None:
        raise KeyError(indicator.key)
    parts = list(sums.values())
    sides = _IndicatorSides(
        num,
        _combine_county_sums(sums, indicator.den),
        np.logical_or.reduce([part.scope for part in parts]),
        _find_gravest_kind(parts),
        np.maximum.reduce([part.units for part in parts if part.units is not None]),
    )
    return _build_observations(indicator, sides, cells.get_level_values(1).to_numpy(np.intp), table.groups)


def _find_gravest_kind(parts: Sequence[_IndicatorSides]) -> npt.NDArray[np.uint8]:
    """The gravest kind among columns that apply; where those are complete, among the ones that do not."""
    applying = np.maximum.reduce([np.where(part.scope, part.worst, OK) for part in parts])
    others = np.maximum.reduce([part.worst for part in parts])
    return np.asarray(np.where(applying == OK, others, applying), np.uint8)


def _sum_county_column(
    table: _GroupedTable, name: str, known: Catalogue, cell: npt.NDArray[np.intp], cells: int
) -> _IndicatorSides:
    """One column's sum in every county and year: nan where a unit it applies to did not give it."""
    rows = table.rows(known.columns[name].level)
    value, kind = table.tidy[name].to_numpy(float)[rows], table.kinds[name].to_numpy()[rows]
    at, applies = cell[rows], kind != NOT_APPLICABLE
    units, given = _sum_by_group(applies, at, cells), _sum_by_group(applies & np.isfinite(value), at, cells)
    total = _sum_by_group(np.where(applies, np.nan_to_num(value), 0), at, cells)
    worst = np.full(cells, NOT_COLLECTED, np.uint8)
    worst[at] = NOT_APPLICABLE
    worst[at[applies]] = OK
    np.maximum.at(worst, at[applies], kind[applies])
    return _IndicatorSides(
        np.where((units > 0) & (given == units), total, np.nan), None, units > 0, worst, units
    )


def _combine_county_sums(sums: Mapping[str, _IndicatorSides], sum_of_columns: str) -> Floats | None:
    """A sum of county sums; a column that applies to no unit of a county adds nothing beside one that does."""
    if sum_of_columns == NO_BASE:
        return np.ones(len(next(iter(sums.values())).num))
    parts = parse_terms(sum_of_columns)
    if not parts:
        return None
    total: Floats = np.zeros(len(next(iter(sums.values())).num))
    present = np.zeros(len(total), bool)
    for name, sign in parts.items():
        nothing = ~sums[name].scope & (sums[name].worst == NOT_APPLICABLE)
        total += sign * np.where(nothing, 0.0, sums[name].num)
        present |= ~nothing
    return np.asarray(np.where(present, total, np.nan), float)


def _sum_by_group(
    values: npt.NDArray[np.generic], group: npt.NDArray[np.intp], groups: int
) -> npt.NDArray[np.float64]:
    return np.bincount(group, weights=values.astype(float), minlength=groups).astype(float)


def _determine_statuses(
    sides: _IndicatorSides, group: npt.NDArray[np.intp], groups: int, pairs: Floats, scope: Floats
) -> npt.NDArray[np.object_]:
    """ok, partial, or for an area without one complete pair the gravest kind among its units."""
    gravest = np.full(groups, OK, np.uint8)
    np.maximum.at(gravest, group[sides.scope], sides.worst[sides.scope])
    outside = np.full(groups, OK, np.uint8)
    np.maximum.at(outside, group, sides.worst)
    gravest = np.where(scope == 0, np.where(outside == OK, NOT_COLLECTED, outside), gravest)
    named = np.array(KINDS, dtype=object)[gravest]
    return np.where(pairs == 0, named, np.where(pairs < scope, "partial", "ok"))


def set_types(frame: pd.DataFrame) -> pd.DataFrame:
    """The observation table's column order and types."""
    categories: Mapping[str, Sequence[str] | None] = {
        "level": LEVELS, "status": STATUSES, "stage": None, "indicator": None,
    }  # fmt: skip
    for name, allowed in categories.items():
        frame[name] = pd.Categorical(frame[name], categories=list(allowed) if allowed else None)
    frame["area"], frame["year"] = frame["area"].astype("str"), frame["year"].astype("int16")
    return frame[list(OBSERVATION_COLUMNS)]


def mark_breaks(observations: pd.DataFrame, breaks: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Mark the first year of a new definition or boundary: status ``break`` where a value stands.

    A break names a ``year`` and any of ``area`` and ``indicator``; what it does not name, it covers.
    """
    marked = observations.copy()
    for b in breaks:
        hit = marked["value"].notna() & (marked["year"] == b["year"])
        for name in ("area", "indicator"):
            if name in b:
                hit &= marked[name] == b[name]
        marked.loc[hit, "status"] = "break"
    return marked
