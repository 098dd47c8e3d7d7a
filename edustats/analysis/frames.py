"""What do the data say, as data frames? The researcher's door: long tables in, long tables out.

A frame is long and tidy: a row per area (or school), year and indicator, with names beside codes. It carries
units and labels in ``attrs`` and is protected as publications are, unless ``inside`` is asked for. Areas are given by
code or by name, one or several; years as one, as a list or as a ``slice``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.analysis.forecast_panel import build_forecast_panel as forecast_all
from edustats.analysis.group_observations import observe_group
from edustats.analysis.panel import IndicatorPanel
from edustats.analysis.pinyin import abbreviate_by_sound
from edustats.analysis.schools import select_school_values
from edustats.analysis.selection import (
    TEXTS,
    Names,
    Years,
    build_frame_panel,
    check_keys,
    find_areas,
    known_of,
    label_rows,
    list_names,
    match_group,
    name_areas,
    select_rows,
    select_years,
    take_weighted,
)
from edustats.catalogue import Catalogue, Indicator, catalogue, parse_terms
from edustats.disclosure import find_small_counts
from edustats.disclosure.observations import SUPPRESSED, withhold_small_groups
from edustats.disclosure.rules import list_sensitive
from edustats.disclosure.schools import find_withheld_counts
from edustats.errors import ParameterError
from edustats.metrics.comparison.ranking import rank_with_confidence_sets
from edustats.metrics.inequality.decomposition import decompose_inequality
from edustats.metrics.inequality.summary import summarize_inequality
from edustats.metrics.trend.tiers import name_tier
from edustats.metrics.trend.verdicts import transform_to_trend_scale
from edustats.store.reading import Store


def indicators(words: str = "") -> pd.DataFrame:
    """Indicators whose key, name in either language or first letters of its sounds hold all the words.

    Parameters
    ----------
    words : parted by spaces; ``生师比``, ``ssb`` and ``pupils teacher`` find the same; empty: every indicator

    Returns
    -------
    DataFrame
        ``indicator`` (the key), ``zh``, ``en``, ``stage``, ``unit``, ``better``, ``formula``.

    Examples
    --------
    >>> indicators("生师比 primary")["indicator"].tolist()[:1]
    ['ratio_pupils_per_teacher_primary']
    """
    wanted = words.casefold().split()
    rows = [
        (i.key, i.zh, i.en, i.stage, i.unit, i.better, i.formula)
        for i in catalogue().indicators.values()
        if all(
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
    level : county, prefecture, province, nation
    stage : preschool, primary, junior ...
    group : urban, town, village, public, private (城区, 镇区, 乡村, 公办, 民办), a type of school; counties only,
        and the indicators have to be named. A protected frame leaves out sums in which a few persons could be found
    inside : without protection, for use inside the bureau

    Returns
    -------
    DataFrame
        ``area``, ``area_name``, ``level``, ``year``, ``stage``, ``indicator``, ``indicator_name``, ``unit``,
        ``value`` (unrounded, in the unit; a share is 0-1), ``num``, ``den``, ``n``, ``coverage``, ``status``.

    Raises
    ------
    UnknownNameError
        An indicator or area that is not held; the nearest are named.

    Examples
    --------
    >>> store = open_store("data/store/example")
    >>> observations(store, "ratio_pupils_per_teacher_primary", "柏溪县", 2022)["unit"].tolist()
    ['pupils_per_teacher']
    """
    known = store.known
    keys = check_keys(indicator, known)
    if group:
        rows = _observe_group(store, keys, area, group, known, inside)
    else:
        frames = [store.comparison(code) for code in _list_prefectures(store, area)]
        if not inside:
            frames = [withhold_small_groups(frame, known)[0] for frame in frames]
        rows = pd.concat(frames, ignore_index=True).drop_duplicates(["area", "year", "indicator"])
    rows = select_rows(rows, "indicator", keys)
    rows = select_rows(rows, "area", find_areas(store, area))
    rows = select_rows(rows, "level", list_names(level))
    rows = select_rows(rows, "stage", list_names(stage))
    rows = select_years(rows, years).assign(**{name: lambda f, n=name: f[n].astype(str) for name in TEXTS})
    return label_rows(
        rows.sort_values(["indicator", "area", "year"], ignore_index=True), store, known, inside
    )


def _observe_group(
    store: Store, keys: tuple[str, ...] | None, area: Names, group: str, known: Catalogue, inside: bool
) -> pd.DataFrame:
    if keys is None:
        raise ParameterError("analysis.group_of_all", group=group)
    rows = observe_group(store, keys, _list_counties(store, area), group, known, inside=inside)
    return rows.assign(group=group)


def _list_prefectures(store: Store, area: Names) -> list[str]:
    """The areas whose comparison holds what is asked for: one for a county, all for what stands above."""
    asked = find_areas(store, area)
    direct = dict(zip(store.areas["code"], store.areas["parent"], strict=True))
    held = set(store.prefectures)
    if asked is None or not all(code in held or direct.get(code) in held for code in asked):
        return store.prefectures
    return list(dict.fromkeys(code if code in held else direct[code] for code in asked))


def _list_counties(store: Store, area: Names) -> list[str]:
    """The counties asked for; those of a prefecture that is asked for."""
    asked = find_areas(store, area)
    if asked is None:
        return list(store.counties)
    found = [c for code in asked for c in (store.members(code) if code in store.prefectures else [code])]
    return [code for code in dict.fromkeys(found) if code in set(store.counties)]


def schools(
    store: Store, indicator: str, area: Names = None, years: Years = None, *, group: str = "", inside: bool = False
) -> pd.DataFrame:  # fmt: skip
    """Values of schools, with weight, place and type, one row a school and year.

    Parameters
    ----------
    store, area, years, inside : as for :func:`observations`
    indicator : one key or name
    group : as for :func:`observations`

    Returns
    -------
    DataFrame
        ``area``, ``area_name``, ``school`` (code), ``year``, ``value``, ``weight`` (the denominator, mostly pupils),
        ``status``, ``unit_name`` and, as far as the store holds them, ``school_type``, ``location``, ``provider`` and
        the store's own groups. Counts of persons that tell of few are withheld unless ``inside``, also as weights.

    Examples
    --------
    >>> schools(store, "ratio_pupils_per_teacher_primary", "990121", 2022)["area_name"].unique().tolist()
    ['柏溪县']
    """
    known = store.known
    (key,) = check_keys(indicator, known) or ("",)
    held = [store.county(code) for code in _list_counties(store, area)]
    frames = [select_school_values(data, known.indicators[key]) for data in held]
    if not inside:
        gone = store.read_withheld()
        pairs = zip(frames, held, strict=True)
        frames = [
            _without_few(frame, data.units, known.indicators[key], gone, known) for frame, data in pairs
        ]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if group:
        rows = rows[match_group(rows, group, store)].assign(group=group)
    rows = select_years(rows.rename(columns={"county": "area", "unit": "school"}), years)
    return label_rows(rows.assign(indicator=key), store, known, inside).drop(columns="num")


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


def inequality(
    frame: pd.DataFrame, by: Sequence[str] = ("area", "year"), measures: Sequence[str] = ("cv", "gini", "theil"),
    **options: Any,
) -> pd.DataFrame:  # fmt: skip
    """Inequality between schools of each area and year, with intervals or the reason there is none.

    Parameters
    ----------
    frame : from :func:`schools`; where that has withheld weights, with ``inside=True``: no school shows in the result
    by : columns that make an area
    measures : names of :func:`edustats.metrics.inequality.summary.measure`
    **options : of :func:`edustats.metrics.inequality.summary.summary`

    Returns
    -------
    DataFrame
        A row per area and measure; see :func:`edustats.metrics.inequality.summary.summary`.
    """
    held = take_weighted(frame)
    return name_areas(
        summarize_inequality(held, "value", "weight", list(by), list(measures), **options), frame
    )


def decompose(
    frame: pd.DataFrame, levels: Sequence[str] = ("area",), by: str = "year", measure: str = "theil"
) -> pd.DataFrame:
    """How much of the inequality lies between the groups of each level and how much within, year by year.

    Parameters
    ----------
    frame : from :func:`schools`
    levels : columns, outermost first, such as ``("area", "group_location")``
    by : the split is made for each value of this column
    measure : theil, mld or cv2

    Returns
    -------
    DataFrame
        Rows of :func:`edustats.metrics.inequality.decomposition.nested` with ``by`` before them.
    """
    held = take_weighted(frame)
    held = held[held["value"] >= 0]
    parts = [
        decompose_inequality(own["value"], own["weight"], [own[name] for name in levels], list(levels), measure=measure)  # type: ignore[arg-type]
        .assign(**{by: key})
        for key, own in held.groupby(by)
    ]  # fmt: skip
    made = pd.concat(parts, ignore_index=True)
    return made[[by, *(name for name in made if name != by)]]


def trend(frame: pd.DataFrame) -> pd.DataFrame:
    """The verdict on every series, read together with the other series of the frame: as a county's page says it.

    Parameters
    ----------
    frame : from :func:`observations`, counties of one prefecture. What counties and indicators teach about each
        other comes from the frame: with all of them it is the verdict of the pages.

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``first_year``, ``last_year``, ``n``; ``verdict`` (improving, worsening, rising or
        falling, each also with ``likely_``, same, cannot_tell, change_only) of next year's level against the mean
        of the first three years, and ``reason``; ``p_above``, ``p_same``, ``p_below``, its probabilities;
        ``relative``, the same against what the counties did together; ``turn`` and ``turn_year``; ``per_year``, the
        mean yearly change of the fitted curve in the indicator's unit; money in prices of the last year.
        ``steady``: whether the years lie along a line beyond doubt; ``slope``, ``lower``, ``upper``: the slope of that
        line with its 95% limits, of amounts relative.
    """
    panel, known, rows = build_frame_panel(frame), known_of(frame), []
    for k, key in enumerate(panel.keys):
        better = known.indicators[key].better
        for a, area in enumerate(panel.areas):
            held = panel.years[np.isfinite(panel.values[k, a])]
            if len(held):
                rows.append(
                    (key, area, int(held[0]), int(held[-1]), len(held), *_row_of_tiers(panel, k, a, better))
                )
    return name_areas(pd.DataFrame(rows, columns=[*_TREND_COLUMNS]), frame)


_TREND_COLUMNS = (
    "indicator", "area", "first_year", "last_year", "n", "verdict", "reason", "p_above", "p_same", "p_below",
    "relative", "turn", "turn_year", "per_year", "steady", "slope", "lower", "upper",
)  # fmt: skip


def _row_of_tiers(panel: IndicatorPanel, k: int, a: int, better: str) -> tuple[Any, ...]:
    tiers, judged = panel.tiers, panel.judged
    tier = str(tiers.tier[k, a])
    chances = (tiers.up[k, a], tiers.same[k, a], tiers.down[k, a])
    line = (judged.per_year[k, a], judged.per_year_lower[k, a], judged.per_year_upper[k, a])
    return (
        name_tier(tier, better), str(tiers.reason[k, a]), *map(float, chances),
        name_tier(str(tiers.relative[k, a]), better), str(tiers.turn[k, a]), float(tiers.turn_year[k, a]),
        float(tiers.per_year[k, a]), tier == f"firm_{judged.verdict[k, a]}", *map(float, line),
    )  # fmt: skip


def rank(frame: pd.DataFrame, year: int | None = None) -> pd.DataFrame:
    """Places of the areas in one year, with the places that cannot be ruled out.

    Parameters
    ----------
    frame : from :func:`observations`, counties of one prefecture over some years
    year : None: the last

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``year``, ``value``, ``rank``, ``best``, ``worst``, ``of``; indicators of which neither
        end is better are left out.
    """
    panel, known, rows = build_frame_panel(frame), known_of(frame), []
    t = len(panel.years) - 1 if year is None else int(np.flatnonzero(panel.years == year)[0])
    for k, key in enumerate(panel.keys):
        better = known.indicators[key].better
        noise = panel.judged.slopes.noise[k]
        scaled = transform_to_trend_scale(panel.values[[k]], panel.shares[[k]], panel.dens[[k]])[0][0][:, t]
        now = np.where(np.isfinite(noise), scaled, np.nan)
        if better == "none" or np.isfinite(now).sum() < 2:
            continue
        sets = rank_with_confidence_sets(now, noise, better)
        rows += [
            (key, area, int(panel.years[t]), float(panel.values[k, a, t]), int(sets.rank[a]), int(sets.best[a]),
             int(sets.worst[a]), sets.n)
            for a, area in enumerate(panel.areas) if np.isfinite(now[a])
        ]  # fmt: skip
    columns = ["indicator", "area", "year", "value", "rank", "best", "worst", "of"]
    return name_areas(pd.DataFrame(rows, columns=columns), frame)


def forecast(frame: pd.DataFrame, leads: int = 5, level: float = 0.8) -> pd.DataFrame:
    """Every series some years on, with limits that past errors stayed within.

    Parameters
    ----------
    frame : from :func:`observations`
    leads : years ahead, 1 to 5
    level : share of past errors that the limits held

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``year``, ``value``, ``lower``, ``upper``; a series without a forecast has no row.
    """
    found = forecast_all(frame, known_of(frame), leads)
    columns = ["indicator", "area", "year", "value", "lower", "upper"]
    if found is None:
        return pd.DataFrame(columns=columns)
    low, high = found.found.interval(level)
    rows = [
        (key, area, int(year), *(float(part[k, j]) for part in (found.found.middle, low, high)))
        for (key, area), k in found.row.items() if not found.found.reason[k]
        for j, year in enumerate(found.found.years)
    ]  # fmt: skip
    return name_areas(pd.DataFrame(rows, columns=columns), frame)
