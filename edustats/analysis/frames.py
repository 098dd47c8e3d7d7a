"""What do the data say, as data frames? The researcher's door: observations of areas and values of schools.

A frame is long and tidy: a row per area (or school), year and indicator, with names beside codes. It carries
units and labels in ``attrs`` and is protected as publications are, unless ``inside`` is asked for. Areas are given by
code or by name, one or several; years as one, as a list or as a ``slice``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.analysis.group_observations import observe_group
from edustats.analysis.pinyin import abbreviate_by_sound
from edustats.analysis.schools import select_school_values
from edustats.analysis.selection import (
    TEXTS,
    Names,
    Years,
    check_keys,
    check_years,
    find_areas,
    find_levels,
    find_stages,
    label_rows,
    list_counties,
    match_group,
    select_rows,
    select_years,
)
from edustats.catalogue import Catalogue, Indicator, catalogue, parse_terms
from edustats.disclosure import find_small_counts
from edustats.disclosure.observations import SUPPRESSED, withhold_small_groups
from edustats.disclosure.rules import list_sensitive
from edustats.disclosure.schools import find_withheld_counts
from edustats.errors import ParameterError
from edustats.store.reading import CountyData, Store


def indicators(words: str = "", store: Store | None = None) -> pd.DataFrame:
    """Indicators whose key, name in either language or first letters of its sounds hold all the words.

    Parameters
    ----------
    words : parted by spaces; ``生师比``, ``ssb`` and ``pupils teacher`` find the same; empty: every indicator
    store : only those that it holds, those of its own catalogue among them

    Returns
    -------
    DataFrame
        ``indicator`` (the key), ``zh``, ``en``, ``stage``, ``unit``, ``better``, ``formula``.

    Examples
    --------
    >>> indicators("生师比 primary")["indicator"].tolist()[:1]
    ['ratio_pupils_per_teacher_primary']
    """
    wanted, known = words.casefold().split(), catalogue() if store is None else store.known
    held = (
        None
        if store is None
        else {key for code in store.prefectures for key in store.comparison(code)["indicator"]}
    )
    rows = [
        (i.key, i.zh, i.en, i.stage, i.unit, i.better, i.formula)
        for i in known.indicators.values()
        if (held is None or i.key in held)
        and all(
            word in f"{i.key} {i.zh} {i.en} {i.stage} {abbreviate_by_sound(i.zh)}".casefold()
            for word in wanted
        )
    ]
    return pd.DataFrame(rows, columns=["indicator", "zh", "en", "stage", "unit", "better", "formula"])


def observations(
    store: Store, indicator: Names = None, area: Names = None, years: Years = None, *,
    level: Names = None, stage: Names = None, group: str = "", inside: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Observations of areas: counties, prefectures and what stands above them; or of a group of counties' schools.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    indicator : keys or names; None: all
    area : codes or names; None: all
    years : a year, several, or a slice such as ``slice(2018, 2024)``, both ends included
    level : county, prefecture, province, nation (县, 市, 省, 全国)
    stage : preschool, primary, junior ... (学前, 小学, 初中 ...)
    group : urban, town, village, public, private (城区, 镇区, 乡村, 公办, 民办), a type of school; counties only,
        and the indicators have to be named. A protected frame leaves out sums in which a few persons could be found
    inside : without protection, for use inside the bureau

    Returns
    -------
    DataFrame
        ``area``, ``area_name``, ``level``, ``year``, ``stage``, ``indicator``, ``indicator_name``, ``unit``,
        ``value`` (unrounded, in the unit; a share is 0-1), ``num``, ``den``, ``n``, ``coverage``, ``status``; of
        areas above counties how many ``members`` they have and how many are ``present``, and codes of those
        ``absent``; where these weigh something ``status`` is partial and the value is no figure of the whole area.

    Raises
    ------
    UnknownNameError
        An indicator, area, level or stage that there is not; the nearest are named.
    ParameterError
        A year of which the store holds nothing.

    Examples
    --------
    >>> store = open_store("data/store/example")
    >>> observations(store, "ratio_pupils_per_teacher_primary", "柏溪县", 2022)["unit"].tolist()
    ['pupils_per_teacher']
    """
    known = store.known
    keys, years = check_keys(indicator, known), check_years(store, years)
    levels, stages = find_levels(level, known), find_stages(stage)
    if group:
        rows = _observe_group(store, keys, area, group, known, inside)
    else:
        frames = [store.comparison(code) for code in _list_prefectures(store, area)]
        if not inside:
            frames = [withhold_small_groups(frame, known)[0] for frame in frames]
        rows = pd.concat(frames, ignore_index=True).drop_duplicates(["area", "year", "indicator"])
    rows = select_rows(rows, "indicator", keys)
    rows = select_rows(rows, "area", find_areas(store, area))
    rows = select_rows(rows, "level", levels)
    rows = select_rows(rows, "stage", stages)
    rows = select_years(rows, years).assign(**{name: lambda f, n=name: f[n].astype(str) for name in TEXTS})
    return label_rows(
        rows.sort_values(["indicator", "area", "year"], ignore_index=True), store, known, inside
    )


def _observe_group(
    store: Store, keys: tuple[str, ...] | None, area: Names, group: str, known: Catalogue, inside: bool
) -> pd.DataFrame:
    if keys is None:
        raise ParameterError("analysis.group_of_all", group=group)
    rows = observe_group(store, keys, list_counties(store, area), group, known, inside=inside)
    return rows.assign(group=group)


def _list_prefectures(store: Store, area: Names) -> list[str]:
    """The areas whose comparison holds what is asked for: one for a county, all for what stands above."""
    asked = find_areas(store, area)
    direct, held = store.parents, set(store.prefectures)
    if asked is None or not all(code in held or direct.get(code) in held for code in asked):
        return store.prefectures
    return list(dict.fromkeys(code if code in held else direct[code] for code in asked))


def schools(
    store: Store, indicator: Names, area: Names = None, years: Years = None, *, group: str = "", inside: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Values of schools, with weight, place and type, one row a school, year and indicator.

    Parameters
    ----------
    store, area, years, inside : as for :func:`observations`
    indicator : keys or names, one or several
    group : as for :func:`observations`

    Returns
    -------
    DataFrame
        ``area``, ``area_name``, ``school`` (code), ``unit_name`` (its name), ``year``, ``indicator``,
        ``indicator_name``, ``unit``, ``value``, ``weight`` (the denominator, mostly pupils), ``status`` and, as far as
        the store holds them, ``school_type``, ``location``, ``provider`` and the store's own groups. Counts of persons
        that tell of few are withheld unless ``inside``, also as weights.

    Raises
    ------
    UnknownNameError
        An indicator, area or group that there is not; the nearest are named.
    ParameterError
        A store of counties only; a year of which it holds nothing.

    Examples
    --------
    >>> schools(store, "ratio_pupils_per_teacher_primary", "990121", 2022)["area_name"].unique().tolist()
    ['柏溪县']
    """
    known, years = store.known, check_years(store, years)
    keys = check_keys(indicator, known)
    if not keys:
        raise ParameterError("analysis.schools_of_all")
    held = [store.county(code) for code in list_counties(store, area)]
    gone = None if inside else store.read_withheld()
    parts = [_read_schools(data, known.indicators[key], gone, known) for key in keys for data in held]
    parts = [part for part in parts if len(part)]
    if not parts and not any(has_schools(data) for data in held):
        raise ParameterError("analysis.no_schools_held", store=store.path.name)
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_SCHOOL_COLUMNS])
    if group:
        rows = rows[match_group(rows, group, store.about["groups"], known)].assign(group=group)
    rows = select_years(rows, years)
    about = [name for name in rows if name not in _SCHOOL_COLUMNS]
    return label_rows(rows[[*(n for n in _SCHOOL_COLUMNS if n in rows), *about]], store, known, inside)


_SCHOOL_COLUMNS = ("area", "school", "unit_name", "year", "indicator", "value", "weight", "status")


def _read_schools(
    data: CountyData, one: Indicator, gone: frozenset[tuple[str, int, str]] | None, known: Catalogue
) -> pd.DataFrame:
    """A county's schools with their values; without those that tell of few, unless ``gone`` is None."""
    rows = select_school_values(data, one)
    if gone is not None:
        rows = _without_few(rows, data.units, one, gone, known)
    return (
        rows.rename(columns={"county": "area", "unit": "school"})
        .drop(columns="num")
        .assign(indicator=one.key)
    )


def has_schools(data: CountyData) -> bool:
    """Whether a county is held by schools, and not as one sum."""
    return bool((data.observations["area"] != data.area).any())


def _without_few(
    rows: pd.DataFrame, units: pd.DataFrame, one: Indicator, gone: frozenset[tuple[str, int, str]], known: Catalogue
) -> pd.DataFrame:  # fmt: skip
    """Values of schools without those that tell of few: their own count, or one of a sensitive group."""
    told = rows["num"] if one.den else rows["value"]
    few = find_small_counts(told.to_numpy(float)) & (known.unit_of(one.key).key in ("person", "share"))
    if not one.den:  # a plain count: with its county's total the largest of the others would tell a small one
        few |= _find_covered(rows, units, one, gone, known)
    sensitive = [name for name in one.inputs if name in list_sensitive(known) and name in units]
    if sensitive:
        hidden = np.flatnonzero(find_withheld_counts(units, sensitive, gone, known).any(axis=1))
        places = pd.MultiIndex.from_frame(units[["unit", "year"]].take(hidden))
        few |= pd.MultiIndex.from_frame(rows[["unit", "year"]]).isin(places)
    shown = rows.copy()
    shown.loc[few, ["value", "num"]] = np.nan
    if sensitive:
        shown.loc[few, "weight"] = np.nan
    elif _counts_persons(one, known):  # the ratio is published, how few it is made of is not
        shown.loc[find_small_counts(rows["weight"].to_numpy(float)), ["weight", "num"]] = np.nan
    shown["status"] = shown["status"].astype(str).where(~few, SUPPRESSED)
    return shown


def _counts_persons(one: Indicator, known: Catalogue) -> bool:
    """Whether an indicator's denominator is a number of persons."""
    return bool(one.den) and all(known.columns[name].unit == "person" for name in parse_terms(one.den))


def _find_covered(
    rows: pd.DataFrame, units: pd.DataFrame, one: Indicator, gone: frozenset[tuple[str, int, str]], known: Catalogue
) -> npt.NDArray[np.bool_]:  # fmt: skip
    names = [name for name in one.inputs if name in units]
    hidden = np.flatnonzero(find_withheld_counts(units, names, gone, known).any(axis=1))
    places = pd.MultiIndex.from_frame(units[["unit", "year"]].take(hidden))
    return np.asarray(pd.MultiIndex.from_frame(rows[["unit", "year"]]).isin(places))
