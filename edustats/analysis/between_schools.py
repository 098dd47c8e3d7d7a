"""How unequal are schools, how far apart two groups of them, do pupils go to the same ones? As data frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import numpy as np
import pandas as pd

from edustats.analysis.selection import (
    Names,
    Years,
    check_years,
    known_of,
    label_rows,
    list_counties,
    list_names,
    match_group,
    name_areas,
    name_measures,
    require_columns,
    select_years,
    take_weighted,
)
from edustats.catalogue.pupils import PupilGroup, read_pupil_groups
from edustats.disclosure import find_small_counts, may_show_measure
from edustats.disclosure.rules import list_sensitive
from edustats.errors import DataError, ParameterError, UnknownNameError
from edustats.metrics.groups.gap import measure_group_gap
from edustats.metrics.inequality.decomposition import decompose_inequality
from edustats.metrics.inequality.summary import ChosenMeasure, summarize_inequality
from edustats.metrics.segregation.indices import measure_segregation
from edustats.store.reading import Store
from edustats.typing import Floats

WIDEST = 3.0
"""An upper limit farther off than so many times the figure says nothing."""
OPEN_ABOVE = ("cv", "theil", "mean_log_deviation", "generalized_entropy", "atkinson")
"""Measures whose upper limit runs off where few units are very unequal."""


def inequality(
    frame: pd.DataFrame, by: Names = None, measures: str | Iterable[str | ChosenMeasure] = ("cv", "gini", "theil"), *,
    rank: str | None = None, interval: str = "superpopulation", confidence: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Inequality between schools of each area and year, or between counties, with intervals or why there is none.

    Parameters
    ----------
    frame : from :func:`edustats.schools`; where that has withheld weights, with ``inside=True``: no school shows in
        the result. From :func:`edustats.observations`: between its counties, weighted by the denominator
    by : columns whose every combination is measured; None: indicator, area and year, of counties indicator and year
    measures : cv, gini, theil, mean_log_deviation, atkinson, percentile_ratio ...
    rank : the column that concentration and slope indices rank by
    interval : ``superpopulation``, or ``none``: the schools are all there are
    confidence : of the intervals

    Returns
    -------
    DataFrame
        A row per measure: the columns of ``by``, ``measure``, ``variant``, ``estimate``, ``se``, ``lower``, ``upper``,
        ``n``, ``weight``, ``missing``, ``method``, ``covers`` and ``note``, which says why there is none. An upper
        limit beyond three times the figure says nothing and is missing (``open_above``); the lower one holds.

    Raises
    ------
    ParameterError
        Weights that are withheld, another frame, a measure that there is not.
    DataError
        A column of ``by`` that the frame has not.

    Examples
    --------
    >>> books = schools(store, "per_pupil_books_primary", "柏溪县", 2022, inside=True)
    >>> inequality(books, measures="gini")["measure"].tolist()
    ['gini']
    >>> inequality(observations(store, "per_pupil_books_primary", years=2022), measures="cv")["year"].tolist()
    [2022]
    """
    require_columns(frame, ("area", "year", "indicator", "value"), "schools")
    between_counties = "level" in frame and "school" not in frame
    if between_counties:
        frame = frame[frame["level"] == "county"].rename(columns={"den": "weight"})
    held = take_weighted(frame)
    keys = list_names(by) or (("indicator", "year") if between_counties else ("indicator", "area", "year"))
    asked = (measures,) if isinstance(measures, str) else tuple(measures)
    made = summarize_inequality(held, "value", "weight", list(keys), asked, rank=rank, interval=interval,
                                confidence=confidence)  # fmt: skip
    made = _open_wide_limits(made)
    return name_areas(made, frame) if between_counties else name_measures(made, frame)


def _open_wide_limits(made: pd.DataFrame) -> pd.DataFrame:
    """The same without upper limits that say nothing: what lies above the lower one is true, and ``note`` says so.

    The whole interval is not left out: whoever drops those that come out wide keeps those that come out too narrow.
    """
    wide = made["measure"].isin(OPEN_ABOVE) & (made["upper"] > WIDEST * made["estimate"])
    if not wide.any():
        return made
    note = made["note"].astype(str).mask(wide, "open_above").astype("category")
    return made.assign(upper=made["upper"].mask(wide), note=note)


def decompose(
    frame: pd.DataFrame, levels: Names = "area", by: Names = ("indicator", "year"), measure: str = "theil"
) -> pd.DataFrame:
    """How much of the inequality lies between the groups of each level and how much within, year by year.

    Parameters
    ----------
    frame : from :func:`edustats.schools`
    levels : columns, outermost first, such as ``["area", "location"]``
    by : columns; every combination is split by itself
    measure : theil, mld or cv2

    Returns
    -------
    DataFrame
        The columns of ``by``, ``level``, ``part`` (between, within, total), ``estimate``, ``se``, ``lower``, ``upper``,
        ``share`` of the whole, ``n``, ``groups``, ``method`` and ``note``: ``negative`` where a value is below 0,
        for which none of these measures is made; nothing is left out to make one.

    Raises
    ------
    ParameterError
        Weights that are withheld, another frame, a measure that there is not.
    DataError
        A column that the frame has not.

    Examples
    --------
    >>> books = schools(store, "per_pupil_books_primary", years=2022, inside=True)
    >>> decompose(books, ["area", "group_location"])["part"].tolist()
    ['between', 'between', 'within', 'total']
    """
    held, names, keys = take_weighted(frame), list(list_names(levels) or ()), list(list_names(by) or ())
    if lost := [name for name in (*names, *keys) if name not in held]:
        raise DataError("metrics.no_column", column=", ".join(lost), known=", ".join(map(str, held)))
    parts = [
        _decompose_one(own, names, measure).assign(**{name: own[name].iloc[0] for name in keys})
        for _, own in held.groupby(keys)
    ]
    made = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*keys, *_PARTS])
    return name_measures(made[[*keys, *(name for name in made if name not in keys)]], frame)


def _decompose_one(own: pd.DataFrame, names: list[str], measure: str) -> pd.DataFrame:
    """One split; without figures, and with the reason, where a value is below 0."""
    below = own["value"] < 0
    made = decompose_inequality(
        own["value"].where(~below, 1.0), own["weight"], [own[name] for name in names], names,
        measure=measure,  # type: ignore[arg-type]
    )  # fmt: skip
    if below.any():
        made[["estimate", "se", "lower", "upper", "share"]] = np.nan
        made["method"], made["note"] = "none", "negative"
    return made


_PARTS = ("level", "part", "estimate", "se", "lower", "upper", "share", "n", "groups", "method", "note")


_SEGREGATION = (
    "area",
    "year",
    "pupils",
    "measure",
    "estimate",
    "by_chance",
    "beyond_chance",
    "n",
    "total",
    "missing",
    "note",
)
GAP_COLUMNS = ("estimate", "lower", "upper", "mean_a", "mean_b", "n_a", "n_b", "method")


def gap(frame: pd.DataFrame, first: str, second: str, store: Store | None = None) -> pd.DataFrame:
    """The distance between two groups of schools in each area and year, first less second, with its interval.

    Parameters
    ----------
    frame : from :func:`edustats.schools`
    first, second : groups as :func:`edustats.observations` takes them: town, village, public, private ...
    store : whose own groups may be named; not needed of a frame that still has its ``attrs``

    Returns
    -------
    DataFrame
        ``indicator``, ``area``, ``year``, ``first``, ``second``, ``estimate`` (the difference of the weighted means,
        in the indicator's unit; of a share 0.05 is five points), ``lower``, ``upper``, ``mean_a``, ``mean_b``,
        ``n_a``, ``n_b`` and ``method``, which says why there is no interval. A group without a school has no row.

    Raises
    ------
    UnknownNameError
        A group the store does not know.

    Examples
    --------
    >>> store = open_store("data/store/example")
    >>> books = schools(store, "per_pupil_books_primary", inside=True)
    >>> gap(books, "town", "village").columns[:6].tolist()
    ['indicator', 'area', 'area_name', 'year', 'first', 'second']
    """
    held = take_weighted(frame)
    groups = frame.attrs.get("groups", ()) if store is None else store.about["groups"]
    one, two = (match_group(held, name, groups, known_of(frame)) for name in (first, second))
    if (one & two).any():
        raise ParameterError("analysis.groups_overlap", first=first, second=second)
    rows = []
    keys = ["indicator", "area", "year"]
    for found_in, own in held.groupby(keys):
        a, b = own[one.loc[own.index]], own[two.loc[own.index]]
        if len(a) and len(b):
            found = asdict(measure_group_gap(a["value"], a["weight"], b["value"], b["weight"]))
            rows.append((*found_in, first, second, *(found[name] for name in GAP_COLUMNS)))
    made = pd.DataFrame(rows, columns=[*keys, "first", "second", *GAP_COLUMNS])
    return name_measures(made, frame)


def segregation(
    store: Store, pupils: Names = None, area: Names = None, years: Years = None, *, inside: bool = False
) -> pd.DataFrame:
    """Whether groups of pupils go to the same schools as the others, beside what chance alone would show.

    Parameters
    ----------
    store, area, years : as for :func:`edustats.observations`; counties reported by schools only
    pupils : groups such as ``girls_primary``, ``boarders_junior``; None: all that the returns tell apart
    inside : without protection: an index over fewer than three schools, or over a sensitive group of which a
        school counts few, is otherwise left out (``note`` is ``withheld``)

    Returns
    -------
    DataFrame
        ``area``, ``year``, ``pupils``, ``measure`` (dissimilarity), ``estimate`` 0-1, ``by_chance`` (under random
        placement), ``beyond_chance``, ``n`` schools, ``total`` pupils, ``missing`` and ``note`` (why there is none).

    Examples
    --------
    >>> segregation(store, "boarders_primary", "柏溪县", 2022).columns[:3].tolist()
    ['area', 'area_name', 'year']
    """
    years = check_years(store, years)
    known = {one.key: one for one in (*read_pupil_groups(), *store.known.own_groups)}
    asked = list_names(pupils) or tuple(known)
    for key in asked:
        if key not in known:
            raise UnknownNameError("analysis.unknown_pupils", given=key, known=", ".join(known))
    frames = [
        _measure_county(store, code, known[key], years, inside)
        for code in list_counties(store, area) for key in asked
    ]  # fmt: skip
    frames = [one for one in frames if len(one)]
    made = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*_SEGREGATION])
    return label_rows(made, store, store.known, inside)


def _measure_county(store: Store, code: str, group: PupilGroup, years: Years, inside: bool) -> pd.DataFrame:
    units = select_years(store.county(code).units, years)
    if not {group.own, group.all} <= set(units):
        return pd.DataFrame()
    rows = units[units["unit"] != units["county"]]
    own, whole = rows[group.own].to_numpy(float), rows[group.all].to_numpy(float)
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(own) & (whole > 0) & (own <= whole)
    counts = pd.DataFrame({"year": rows["year"].to_numpy(int), "own": own, "others": whole - own})[kept]
    if counts.empty:
        return pd.DataFrame()
    found = measure_segregation(counts, ["own", "others"], ["year"], measures=["dissimilarity"], chance=True)
    found = found.drop(columns="variant").assign(area=code, pupils=group.key)
    if not inside:
        shown = {
            year: _may_be_shown(store, group, each["own"].to_numpy(float))
            for year, each in counts.groupby("year")
        }
        gone = ~found["year"].map(shown).astype(bool)
        found.loc[gone, ["estimate", "by_chance", "beyond_chance"]] = np.nan
        found.loc[gone, "note"] = "withheld"
    return found[["area", "year", "pupils", *(n for n in found if n not in ("area", "year", "pupils"))]]


def _may_be_shown(store: Store, group: PupilGroup, own: Floats) -> bool:
    few = group.own in list_sensitive(store.known) and bool(find_small_counts(own).any())
    return may_show_measure(len(own), inputs_hidden=few)
