"""What are the indicators of every school, county and area above? Tidy tables in, observations out.

A ratio is the ratio of sums over complete pairs: only rows where both sides are present are summed,
and the share of the denominator they hold is returned beside the value as its coverage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue, Indicator, terms
from edustats.catalogue.kinds import KINDS, OK

OBSERVATION_COLUMNS = (
    "area", "level", "year", "stage", "indicator", "value", "num", "den", "n", "coverage", "status",
)  # fmt: skip
STATUSES = ("ok", "partial", *KINDS[1:], "break")
LEVELS = ("school", "county", "prefecture", "province", "nation")


def add_up(tidy: pd.DataFrame, sum_of_columns: str) -> npt.NDArray[np.float64] | None:
    """Row-wise sum of columns; nan where any is missing, None where a column was not supplied at all."""
    parts = terms(sum_of_columns)
    if not parts or any(name not in tidy for name in parts):
        return None
    total = np.zeros(len(tidy))
    for name, sign in parts.items():
        total += sign * tidy[name].to_numpy(float)
    return total


def unit_values(tidy: pd.DataFrame, indicator: Indicator) -> pd.Series:
    """The indicator of every row of a tidy table, nan where a side is missing."""
    num, den = add_up(tidy, indicator.num), add_up(tidy, indicator.den)
    if num is None:
        return pd.Series(np.nan, index=tidy.index)
    return pd.Series(num if den is None else _divided(num, den), index=tidy.index)


def _divided(num: npt.NDArray[np.float64], den: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.divide(num, den, out=np.full(len(num), np.nan), where=den > 0)


def observe(
    tidy: pd.DataFrame, kinds: pd.DataFrame, area: Sequence[str] | pd.Series, level: str, known: Catalogue
) -> pd.DataFrame:
    """Observations of every indicator the table can feed, one area per distinct value of ``area``.

    Parameters
    ----------
    tidy : (n,) rows of units and years with one float column per catalogue column
    kinds : (n,) rows, same columns, positions in :data:`edustats.catalogue.kinds.KINDS`
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
    """
    groups = pd.MultiIndex.from_arrays([np.asarray(area, dtype=object), tidy["year"]], names=["area", "year"])
    position, distinct = pd.factorize(groups, sort=True)
    frames = [
        _observe_one(tidy, kinds, indicator, position, len(distinct)).assign(
            area=distinct.get_level_values(0), year=distinct.get_level_values(1)
        )
        for indicator in known.indicators.values()
        if all(name in tidy for name in indicator.inputs)
    ]
    return _typed(pd.concat(frames, ignore_index=True).assign(level=level))


def _observe_one(
    tidy: pd.DataFrame,
    kinds: pd.DataFrame,
    indicator: Indicator,
    group: npt.NDArray[np.intp],
    groups: int,
) -> pd.DataFrame:
    num, den = add_up(tidy, indicator.num), add_up(tidy, indicator.den)
    if num is None:
        raise KeyError(indicator.key)
    ratio = den is not None
    weight = np.ones(len(num)) if den is None else den
    complete = np.isfinite(num) & np.isfinite(weight)
    units, pairs = _summed(np.ones(len(num)), group, groups), _summed(complete, group, groups)
    num_sum = _summed(np.where(complete, num, 0), group, groups)
    den_sum = _summed(np.where(complete, weight, 0), group, groups)
    den_all = _summed(np.nan_to_num(weight), group, groups)
    none = pairs == 0
    value = np.where(none, np.nan, _divided(num_sum, den_sum) if ratio else num_sum)
    return pd.DataFrame(
        {
            "stage": indicator.stage,
            "indicator": indicator.key,
            "value": value,
            "num": np.where(none, np.nan, num_sum),
            "den": np.where(none, np.nan, den_sum) if ratio else np.nan,
            "n": pairs.astype("int32"),
            "coverage": np.where(none, 0.0, _divided(den_sum, den_all)),
            "status": _statuses(kinds, indicator, group, groups, pairs, units),
        }
    )


def _summed(
    values: npt.NDArray[np.generic], group: npt.NDArray[np.intp], groups: int
) -> npt.NDArray[np.float64]:
    return np.bincount(group, weights=values.astype(float), minlength=groups).astype(float)


def _statuses(
    kinds: pd.DataFrame,
    indicator: Indicator,
    group: npt.NDArray[np.intp],
    groups: int,
    pairs: npt.NDArray[np.float64],
    units: npt.NDArray[np.float64],
) -> npt.NDArray[np.object_]:
    """ok, partial, or for an area without one complete pair the gravest kind among its units."""
    worst = np.maximum.reduce([kinds[name].to_numpy() for name in indicator.inputs])
    gravest = np.full(groups, OK, np.uint8)
    np.maximum.at(gravest, group, worst)
    named = np.array(KINDS, dtype=object)[gravest]
    return np.where(pairs == 0, named, np.where(pairs < units, "partial", "ok"))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
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
