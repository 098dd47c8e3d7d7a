"""How far apart are two groups of schools, and do groups of pupils go to the same schools? As data frames."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from edustats.analysis.selection import (
    Names,
    Years,
    find_areas,
    label_rows,
    list_names,
    match_group,
    name_areas,
    select_years,
    take_weighted,
)
from edustats.catalogue.pupils import PupilGroup, read_pupil_groups
from edustats.disclosure import find_small_counts, may_show_measure
from edustats.disclosure.rules import list_sensitive
from edustats.errors import ParameterError, UnknownNameError
from edustats.metrics.groups.gap import measure_group_gap
from edustats.metrics.segregation.indices import measure_segregation
from edustats.store.reading import Store
from edustats.typing import Floats

GAP_COLUMNS = ("estimate", "lower", "upper", "mean_a", "mean_b", "n_a", "n_b", "method")


def gap(frame: pd.DataFrame, first: str, second: str, store: Store) -> pd.DataFrame:
    """The distance between two groups of schools in each area and year, first less second, with its interval.

    Parameters
    ----------
    frame : from :func:`edustats.schools`
    first, second : groups as :func:`edustats.observations` takes them: town, village, public, private ...
    store : the store the frame is of, whose own groups may be named

    Returns
    -------
    DataFrame
        ``area``, ``year``, ``first``, ``second``, ``estimate`` (the difference of the means weighted by pupils, in the
        indicator's unit; of a share 0.05 is five points), ``lower``, ``upper``, ``mean_a``, ``mean_b``, ``n_a``,
        ``n_b`` and ``method``, which says why there is no interval. A group without a school has no row.

    Raises
    ------
    UnknownNameError
        A group the store does not know.

    Examples
    --------
    >>> store = open_store("data/store/example")
    >>> books = schools(store, "per_pupil_books_primary", inside=True)
    >>> gap(books, "town", "village", store).columns[:5].tolist()
    ['area', 'area_name', 'year', 'first', 'second']
    """
    held = take_weighted(frame)
    one, two = match_group(held, first, store), match_group(held, second, store)
    if (one & two).any():
        raise ParameterError("analysis.groups_overlap", first=first, second=second)
    rows = []
    for (area, year), own in held.groupby(["area", "year"]):
        a, b = own[one.loc[own.index]], own[two.loc[own.index]]
        if len(a) and len(b):
            found = asdict(measure_group_gap(a["value"], a["weight"], b["value"], b["weight"]))
            rows.append((area, year, first, second, *(found[name] for name in GAP_COLUMNS)))
    made = pd.DataFrame(rows, columns=["area", "year", "first", "second", *GAP_COLUMNS])
    return name_areas(made, frame)


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
    known = {one.key: one for one in (*read_pupil_groups(), *store.known.own_groups)}
    asked = list_names(pupils) or tuple(known)
    for key in asked:
        if key not in known:
            raise UnknownNameError("analysis.unknown_pupils", given=key, known=", ".join(known))
    codes = find_areas(store, area) or tuple(store.counties)
    frames = [
        _measure_county(store, code, known[key], years, inside)
        for code in codes if code in set(store.counties) for key in asked
    ]  # fmt: skip
    frames = [one for one in frames if len(one)]
    made = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["area", "year"])
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
