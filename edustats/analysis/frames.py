"""What do the data say, as data frames? The researcher's door: long tables in, long tables out.

A frame is long and tidy: a row per area (or school), year and indicator, with names beside codes. It carries
units and labels in ``attrs`` and is protected as publications are, unless ``inside`` is asked for. Areas are given by
code or by name, one or several; years as one, as a list or as a ``slice``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.forecast_panel import build_forecast_panel as forecast_all
from edustats.analysis.panel import IndicatorPanel, build_panel
from edustats.analysis.prices import PriceIndex, read_prices
from edustats.analysis.schools import select_school_values
from edustats.catalogue import Catalogue, Indicator, catalogue
from edustats.disclosure import find_small_counts
from edustats.disclosure.observations import SUPPRESSED, WITHHELD, withhold_small_groups
from edustats.disclosure.rules import rules
from edustats.disclosure.schools import find_withheld_counts
from edustats.errors import ParameterError
from edustats.metrics.comparison.ranking import rank_with_confidence_sets
from edustats.metrics.inequality.decomposition import decompose_inequality
from edustats.metrics.inequality.summary import summarize_inequality
from edustats.metrics.trend.tiers import name_tier
from edustats.metrics.trend.verdicts import transform_to_trend_scale
from edustats.store.reading import Store

Names = str | Iterable[str] | None
Years = int | Iterable[int] | slice | None


def indicators(words: str = "") -> pd.DataFrame:
    """Indicators whose key or name, in either language, holds all the words.

    Parameters
    ----------
    words : parted by spaces; empty: every indicator

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
        if all(word in f"{i.key} {i.zh} {i.en} {i.stage}".casefold() for word in wanted)
    ]
    return pd.DataFrame(rows, columns=["indicator", "zh", "en", "stage", "unit", "better", "formula"])


def observations(
    store: Store, indicator: Names = None, area: Names = None, years: Years = None, *,
    level: Names = None, stage: Names = None, inside: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Observations of areas: counties, prefectures and what stands above them.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    indicator : keys; None: all
    area : codes or names; None: all
    years : a year, several, or a slice such as ``slice(2018, 2024)``, both ends included
    level : county, prefecture, province, nation
    stage : preschool, primary, junior ...
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
    >>> store = open_store("data/store/example")  # doctest: +SKIP
    >>> observations(store, "ratio_pupils_per_teacher_primary", "柏溪县")  # doctest: +SKIP
    """
    known = catalogue()
    frames = [store.comparison(code) for code in store.prefectures]
    if not inside:
        frames = [withhold_small_groups(frame, known)[0] for frame in frames]
    rows = pd.concat(frames, ignore_index=True).drop_duplicates(["area", "year", "indicator"])
    rows = _select(rows, "indicator", _keys(indicator, known))
    rows = _select(rows, "area", _areas(store, area))
    rows = _select(rows, "level", _listed(level))
    rows = _select(rows, "stage", _listed(stage))
    rows = _select_years(rows, years).assign(**{name: lambda f, n=name: f[n].astype(str) for name in _TEXTS})
    return _label(rows.sort_values(["indicator", "area", "year"], ignore_index=True), store, known, inside)


def schools(
    store: Store, indicator: str, area: Names = None, years: Years = None, *, inside: bool = False
) -> pd.DataFrame:
    """Values of schools, with weight, place and type, one row a school and year.

    Parameters
    ----------
    store, area, years, inside : as for :func:`observations`
    indicator : one key

    Returns
    -------
    DataFrame
        ``area``, ``area_name``, ``school`` (code), ``year``, ``value``, ``weight`` (the denominator, mostly pupils),
        ``status`` and the schools' groups. Counts of persons that tell of few are withheld unless ``inside``.

    Examples
    --------
    >>> schools(store, "ratio_pupils_per_teacher_primary", "990121", 2024)  # doctest: +SKIP
    """
    known = catalogue()
    (key,) = _keys(indicator, known) or ("",)
    codes = [code for code in _areas(store, area) or store.counties if code in set(store.counties)]
    held = [store.county(code) for code in codes]
    frames = [select_school_values(data, known.indicators[key]) for data in held]
    if not inside:
        gone = store.read_withheld()
        pairs = zip(frames, held, strict=True)
        frames = [
            _without_few(frame, data.units, known.indicators[key], gone, known) for frame, data in pairs
        ]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    rows = _select_years(rows.rename(columns={"county": "area", "unit": "school"}), years)
    return _label(rows.assign(indicator=key), store, known, inside).drop(columns="num")


def _without_few(
    rows: pd.DataFrame, units: pd.DataFrame, one: Indicator, gone: frozenset[tuple[str, int, str]], known: Catalogue
) -> pd.DataFrame:  # fmt: skip
    """Values of schools without those that tell of few: their own count, or one of a sensitive group."""
    told = rows["num"] if one.den else rows["value"]
    few = find_small_counts(told.to_numpy(float)) & (known.unit_of(one.key).key in ("person", "share"))
    sensitive = [name for name in one.inputs if name in rules().sensitive and name in units]
    if sensitive:
        hidden = np.flatnonzero(find_withheld_counts(units, sensitive, gone, known).any(axis=1))
        places = pd.MultiIndex.from_frame(units[["unit", "year"]].take(hidden))
        few |= pd.MultiIndex.from_frame(rows[["unit", "year"]]).isin(places)
    shown = rows.copy()
    shown.loc[few, ["value", "num"]] = np.nan
    if sensitive:
        shown.loc[few, "weight"] = np.nan
    shown["status"] = shown["status"].astype(str).where(~few, SUPPRESSED)
    return shown


def inequality(
    frame: pd.DataFrame, by: Sequence[str] = ("area", "year"), measures: Sequence[str] = ("cv", "gini", "theil"),
    **options: Any,
) -> pd.DataFrame:  # fmt: skip
    """Inequality between schools of each area and year, with intervals or the reason there is none.

    Parameters
    ----------
    frame : from :func:`schools`
    by : columns that make an area
    measures : names of :func:`edustats.metrics.inequality.summary.measure`
    **options : of :func:`edustats.metrics.inequality.summary.summary`

    Returns
    -------
    DataFrame
        A row per area and measure; see :func:`edustats.metrics.inequality.summary.summary`.
    """
    held = frame[(frame["weight"] > 0) & frame["value"].notna()]
    return summarize_inequality(held, "value", "weight", list(by), list(measures), **options)


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
    held = frame[(frame["weight"] > 0) & (frame["value"] >= 0)]
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
    panel, known, rows = _panel(frame), catalogue(), []
    for k, key in enumerate(panel.keys):
        better = known.indicators[key].better
        for a, area in enumerate(panel.areas):
            held = panel.years[np.isfinite(panel.values[k, a])]
            if len(held):
                rows.append(
                    (key, area, int(held[0]), int(held[-1]), len(held), *_row_of_tiers(panel, k, a, better))
                )
    return _name_areas(pd.DataFrame(rows, columns=[*_TREND_COLUMNS]), frame)


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
    panel, known, rows = _panel(frame), catalogue(), []
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
    return _name_areas(pd.DataFrame(rows, columns=columns), frame)


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
    found = forecast_all(frame, catalogue(), leads)
    columns = ["indicator", "area", "year", "value", "lower", "upper"]
    if found is None:
        return pd.DataFrame(columns=columns)
    low, high = found.found.interval(level)
    rows = [
        (key, area, int(year), *(float(part[k, j]) for part in (found.found.middle, low, high)))
        for (key, area), k in found.row.items() if not found.found.reason[k]
        for j, year in enumerate(found.found.years)
    ]  # fmt: skip
    return _name_areas(pd.DataFrame(rows, columns=columns), frame)


# --- names, years, labels ---

_TEXTS = ("area", "level", "stage", "indicator", "status")


def _panel(frame: pd.DataFrame) -> IndicatorPanel:
    known = catalogue()
    rows = frame[frame["level"] == "county"]
    if rows.empty:
        raise ParameterError("analysis.no_counties")
    kinds = tuple(known.indicators[key] for key in dict.fromkeys(rows["indicator"]))
    held = {int(year): change for year, change in frame.attrs.get("prices", {}).items()}
    return build_panel(rows, str(rows["area"].iloc[0]), kinds, prices=PriceIndex(changes=held))


def _listed(given: Names) -> tuple[str, ...] | None:
    return None if given is None else (given,) if isinstance(given, str) else tuple(given)


def _keys(given: Names, known: Catalogue) -> tuple[str, ...] | None:
    asked = _listed(given)
    for key in asked or ():
        known.indicator(key)
    return asked


def _areas(store: Store, given: Names) -> tuple[str, ...] | None:
    asked = _listed(given)
    return None if asked is None else tuple(store.find_area(one) for one in asked)


def _select(rows: pd.DataFrame, column: str, wanted: tuple[str, ...] | None) -> pd.DataFrame:
    return rows if wanted is None else rows[rows[column].astype(str).isin(wanted)]


def _select_years(rows: pd.DataFrame, years: Years) -> pd.DataFrame:
    if years is None or rows.empty:
        return rows
    if isinstance(years, slice):
        first = rows["year"].min() if years.start is None else years.start
        last = rows["year"].max() if years.stop is None else years.stop
        return rows[rows["year"].between(first, last)]
    wanted = [years] if isinstance(years, int) else list(years)
    return rows[rows["year"].isin(wanted)]


def _label(rows: pd.DataFrame, store: Store, known: Catalogue, inside: bool) -> pd.DataFrame:
    """Names beside codes, and what the frame is made of in its ``attrs``."""
    rows = rows.reset_index(drop=True).drop(columns=WITHHELD, errors="ignore")  # a reason tells of the size
    lang = store.lang
    names = dict(zip(store.areas["code"], store.areas[lang], strict=True))
    keys = dict.fromkeys(rows["indicator"].astype(str)) if "indicator" in rows else {}
    told = {key: known.indicators[key].name[lang] for key in keys}
    units = {key: known.unit_of(key).key for key in keys}
    rows.insert(list(rows.columns).index("area") + 1, "area_name", rows["area"].map(names))
    if "indicator" in rows:
        at = list(rows.columns).index("indicator") + 1
        rows.insert(at, "indicator_name", rows["indicator"].map(told))
        rows.insert(at + 1, "unit", rows["indicator"].map(units))
    prices = {str(year): change for year, change in read_prices(store).changes.items()}
    rows.attrs = {
        "labels": told, "units": units, "protected": not inside, "cite": store.about["cite"][lang], "prices": prices,
    }  # fmt: skip
    return rows


def _name_areas(made: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    if "area_name" in frame and "area" in made:
        names = dict(zip(frame["area"], frame["area_name"], strict=True))
        made.insert(list(made.columns).index("area") + 1, "area_name", made["area"].map(names))
    made.attrs = {key: value for key, value in frame.attrs.items() if key in ("labels", "units", "cite")}
    return made
