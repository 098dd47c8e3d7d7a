"""What is the figure of an area above its counties, and what is it made of?

The sums behind a prefecture's, a province's or a nation's figure are those of its counties' own observations, each
county once. Beside the figure stand the counties that were asked, how many are in, who is missing, and the share of
the denominator that those who are in hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.areas import AreaTree
from edustats.catalogue import Catalogue, parse_terms
from edustats.indicator_values import set_types
from edustats.schema import KINDS, MEMBER_COLUMNS, OBSERVATION_COLUMNS
from edustats.typing import Floats

MOST_NAMED = 40
"""Codes of missing counties that are kept; of more, only how many they are."""
NOT_APPLICABLE, NOT_COLLECTED = KINDS.index("not_applicable"), KINDS.index("not_collected")


def add_up_areas(counties: pd.DataFrame, tree: AreaTree, known: Catalogue) -> pd.DataFrame:
    """Observations of every area above the counties.

    Parameters
    ----------
    counties : observations of counties, one per county, year and indicator, before breaks are marked
    tree : the areas and the years of their counties

    Returns
    -------
    DataFrame
        :data:`OBSERVATION_COLUMNS` and :data:`MEMBER_COLUMNS`; ``coverage`` is the share of the denominator that the
        figure holds (of a count: of the counties' latest values), nan where nobody knows how many counties there are.

    Notes
    -----
    A missing county's denominator is that of its nearest year; where a county never gave one, the share of counties
    stands for the share of the denominator. A county to which an indicator does not apply is not asked and not missing.
    """
    based = {key for key, one in known.indicators.items() if one.has_base}
    cube = _make_cube(counties[counties["indicator"].astype(str).isin(based)])
    areas = [code for code in tree.levels if tree.own(code)]
    frames = [frame for area in areas for frame in _area_rows(cube, tree, area, known)]
    if not frames:
        return pd.DataFrame(columns=[*OBSERVATION_COLUMNS, *MEMBER_COLUMNS])
    found = pd.concat(frames, ignore_index=True)
    return pd.concat([set_types(found), found[list(MEMBER_COLUMNS)]], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cube:
    """Observations as arrays: indicators by counties by years."""

    keys: Sequence[str]
    stages: Sequence[str]
    place: Mapping[str, int]
    years: npt.NDArray[np.int64]
    num: Floats
    den: Floats
    n: Floats
    whole: Floats
    """What the denominator, or of a count the value, would be if no unit were missing; of the nearest year where the
    county's own is not known."""
    asked: npt.NDArray[np.bool_]
    complete: npt.NDArray[np.bool_]
    kinds: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.bool_]
    """(counties, years): whether the county has any row."""


def _make_cube(counties: pd.DataFrame) -> _Cube:
    keys, codes = counties["indicator"].astype(str).unique(), np.sort(counties["area"].unique())
    years = np.sort(counties["year"].unique()).astype(int)
    shape = (len(keys), len(codes), len(years))
    at = (
        pd.Categorical(counties["indicator"].astype(str), categories=keys).codes,
        pd.Categorical(counties["area"], categories=codes).codes,
        np.searchsorted(years, counties["year"].to_numpy(int)),
    )
    num, den, n, coverage = (_spread(counties[name], at, shape) for name in ("num", "den", "n", "coverage"))
    status = np.full(shape, "", dtype=object)
    status[at] = counties["status"].astype(str).to_numpy()
    kinds = np.full(shape, NOT_COLLECTED, np.uint8)
    for kind, name in enumerate(KINDS):
        kinds[status == name] = kind
    kinds[status == "partial"] = 0
    asked = _nearest_year(np.where(status == "", np.nan, (status != "not_applicable").astype(float))) != 0
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.where(np.isfinite(den), den, num) / np.where(coverage > 0, coverage, np.nan)
    whole = np.where((num == 0) & np.isnan(whole), 0.0, whole)
    stages = counties.drop_duplicates("indicator").set_index("indicator")["stage"].astype(str).to_dict()
    return _Cube(
        keys=[str(key) for key in keys], stages=[stages[key] for key in keys],
        place={str(code): i for i, code in enumerate(codes)}, years=years, num=num, den=den, n=np.nan_to_num(n),
        whole=_nearest_year(whole), asked=asked, complete=status == "ok", kinds=kinds, rows=(status != "").any(axis=0),
    )  # fmt: skip


def _spread(column: pd.Series, at: tuple[npt.NDArray[np.integer], ...], shape: tuple[int, ...]) -> Floats:
    made: Floats = np.full(shape, np.nan)
    made[at] = column.to_numpy(float)
    return made


def _nearest_year(values: Floats) -> Floats:
    """The value of the nearest year where a year has none; the earlier one of two that are as near."""
    years = np.arange(values.shape[-1])
    known = np.isfinite(values)
    before = np.maximum.accumulate(np.where(known, years, -1), axis=-1)
    after = np.flip(np.minimum.accumulate(np.flip(np.where(known, years, len(years) * 3), -1), axis=-1), -1)
    pick = np.where((before >= 0) & (years - before <= after - years), before, after)
    pick = np.where(pick < len(years), pick, np.maximum(before, 0))
    return np.take_along_axis(values, pick, axis=-1)


def _area_rows(cube: _Cube, tree: AreaTree, area: str, known: Catalogue) -> list[pd.DataFrame]:
    frames = []
    level = "prefecture" if tree.levels[area] == "county" else tree.levels[area]
    for t, year in enumerate(cube.years):
        codes = tree.members(area, int(year))
        known_codes = [code for code in codes if code in cube.place]
        strangers = [code for code in codes if code not in cube.place]
        itself = area in cube.place and cube.rows[cube.place[area], t]  # a city that had no counties yet
        if not itself and cube.rows[[cube.place[code] for code in known_codes], t].any():
            made = _one_year(cube, t, known_codes, strangers, known, area in tree.open_areas)
            frames.append(made.assign(area=area, year=int(year), level=level))
    return frames


def _one_year(
    cube: _Cube, t: int, codes: Sequence[str], strangers: Sequence[str], known: Catalogue, opened: bool
) -> pd.DataFrame:
    """Every indicator of an area in one year; ``strangers`` are counties that have no row in any year."""
    own = np.array([cube.place[code] for code in codes], np.intp)
    ratio = np.array([bool(known.indicators[key].den) for key in cube.keys])
    num, den, asked = cube.num[:, own, t], cube.den[:, own, t], cube.asked[:, own, t]
    inside = np.isfinite(num) & (np.isfinite(den) | ~ratio[:, None])
    num_sum, den_sum = _summed(num, inside), _summed(den, inside)
    members, present = (asked | inside).sum(axis=1) + len(strangers), inside.sum(axis=1)
    whole = cube.whole[:, own, t]
    lacking = np.isnan(np.where(asked | inside, whole, 0.0)).any(axis=1) | bool(strangers)
    held = np.where(ratio, den_sum, num_sum)
    of_all = _share(held, _summed(whole, (asked | inside) & np.isfinite(whole)))
    of_counties = _share(held, _summed(whole, inside)) * _share(present.astype(float), members.astype(float))
    none = present == 0
    coverage = np.where(none, 0.0, np.where(lacking, of_counties, of_all))
    whole_in = (present == members) & (cube.complete[:, own, t] | ~inside).all(axis=1)
    kinds = np.where(asked, cube.kinds[:, own, t], 0).max(axis=1)
    kinds = np.where(asked.any(axis=1), np.where(kinds == 0, NOT_COLLECTED, kinds), NOT_APPLICABLE)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(ratio, np.where(den_sum > 0, num_sum / den_sum, np.nan), num_sum)
    away = [[code for code, gone in zip(codes, line, strict=True) if gone] for line in asked & ~inside]
    return pd.DataFrame(
        {
            "stage": cube.stages, "indicator": cube.keys, "value": np.where(none, np.nan, value),
            "num": np.where(none, np.nan, num_sum), "den": np.where(none | ~ratio, np.nan, den_sum),
            "n": _summed(cube.n[:, own, t], inside).astype("int32"),
            "coverage": np.where(opened & ~none, np.nan, coverage),
            "status": np.where(none, np.array(KINDS, object)[kinds], np.where(whole_in, "ok", "partial")),
            "members": np.zeros(len(members), "int32") if opened else members.astype("int32"),
            "present": present.astype("int32"),
            "absent": [" ".join(sorted([*gone, *strangers])[:MOST_NAMED]) for gone in away],
        }
    )  # fmt: skip


def _summed(values: Floats, mask: npt.NDArray[np.bool_]) -> Floats:
    return np.asarray(np.where(mask, np.nan_to_num(values), 0.0).sum(axis=1), float)


def _share(part: Floats, whole: Floats) -> Floats:
    """Part over whole; all of nothing is all."""
    return np.divide(part, whole, out=np.ones(len(part)), where=whole > 0)


def state_rates(
    declared: pd.DataFrame, counties: pd.DataFrame, tree: AreaTree, known: Catalogue
) -> pd.DataFrame:
    """Rates without counts of areas above, where a table's own row for the area states them; never a mean of counties'.

    Parameters
    ----------
    declared : totals of columns that a table gives for areas: area, year, column, value
    counties : observations of counties

    Returns
    -------
    DataFrame
        :data:`OBSERVATION_COLUMNS` and :data:`MEMBER_COLUMNS`, a row for every area, year and indicator that is stated.
    """
    based = {one.num: one for one in known.indicators.values() if not one.has_base}
    told = declared[declared["column"].isin(list(based)) & declared["area"].isin([*tree.levels])]
    if told.empty:
        return pd.DataFrame(columns=[*OBSERVATION_COLUMNS, *MEMBER_COLUMNS])
    held = {(str(i), int(y)) for i, y in zip(counties["indicator"], counties["year"], strict=True)}
    rows = []
    for area, year, column, value in zip(*(told[name].tolist() for name in told), strict=True):
        one = based[column]
        if (one.key, int(year)) not in held or not tree.own(area) or not tree.is_whole(area):
            continue  # beside 本表3县合计 the city's own rate would be read as theirs
        members = len(tree.members(area, int(year)))
        level = "prefecture" if tree.levels[area] == "county" else tree.levels[area]
        rows.append(
            {"area": area, "level": level, "year": int(year), "stage": one.stage, "indicator": one.key, "value": value,
             "num": value, "den": 1.0, "n": members, "coverage": 1.0, "status": "ok", "members": members,
             "present": members, "absent": ""}
        )  # fmt: skip
    if not rows:
        return pd.DataFrame(columns=[*OBSERVATION_COLUMNS, *MEMBER_COLUMNS])
    found = pd.DataFrame(rows).astype({"members": "int32", "present": "int32", "n": "int32"})
    return pd.concat([set_types(found), found[list(MEMBER_COLUMNS)]], axis=1)


LEAST_LACK = 5e-4
"""Part of a declared total below which what is missing is rounding."""


def hold_against_totals(above: pd.DataFrame, declared: pd.DataFrame, known: Catalogue) -> pd.DataFrame:
    """The observations of areas above, covering no more than their part of what a table itself says they have in all.

    Parameters
    ----------
    above : from :func:`add_up_areas`
    declared : totals of columns that a table gives for areas: area, year, column, value

    Returns
    -------
    DataFrame
        The same rows; where the counties hold less than the total, ``coverage`` is the share they hold and the status
        is partial. The values stay sums of the counties.
    """
    if declared.empty or above.empty:
        return above
    columns = (declared[name].tolist() for name in ("area", "year", "column", "value"))
    totals = {(area, year, column): total for area, year, column, total in zip(*columns, strict=True)}
    coverage = above["coverage"].to_numpy(float).copy()
    status = above["status"].astype(str).to_numpy(object).copy()
    at = np.flatnonzero((above["area"].isin(declared["area"]) & above["value"].notna()).to_numpy())
    facts = (above[name].to_numpy(object)[at] for name in ("area", "year", "indicator", "num", "den"))
    for k, area, year, key, num, den in zip(at, *facts, strict=True):
        one = known.indicators[str(key)]
        parts = parse_terms(one.den or one.num).items()
        whole = sum(sign * totals.get((area, int(year), name), np.nan) for name, sign in parts)
        own = float(den if one.den else num)
        if whole > 0 and own < whole * (1 - LEAST_LACK):
            coverage[k] = np.fmin(coverage[k], own / whole)
            status[k] = "partial" if status[k] == "ok" else status[k]
    kept = above.assign(coverage=coverage, status=status)
    return pd.concat([set_types(kept), above[list(MEMBER_COLUMNS)]], axis=1)
