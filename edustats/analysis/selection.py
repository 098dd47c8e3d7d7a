"""What did a researcher ask for? Areas by name or code, years, groups of schools; and what a frame says of itself.

Shared by all functions that take and give data frames.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from edustats.analysis.panel import IndicatorPanel, build_panel
from edustats.analysis.prices import PriceChanges, read_prices
from edustats.catalogue import Catalogue
from edustats.catalogue.own import extend_catalogue
from edustats.disclosure.observations import WITHHELD
from edustats.errors import ParameterError, UnknownNameError
from edustats.store.reading import Store

Names = str | Iterable[str] | None
Years = int | Iterable[int] | slice | None

TEXTS = ("area", "level", "stage", "indicator", "status")


def known_of(frame: pd.DataFrame) -> Catalogue:
    """The catalogue of the store that a frame was taken from; the suite's own where the frame does not tell."""
    return extend_catalogue(*frame.attrs.get("catalogue", ("",)))


def build_frame_panel(frame: pd.DataFrame) -> IndicatorPanel:
    known = known_of(frame)
    rows = frame[frame["level"] == "county"]
    if rows.empty:
        raise ParameterError("analysis.no_counties")
    kinds = tuple(known.indicators[key] for key in dict.fromkeys(rows["indicator"]))
    held = {int(year): change for year, change in frame.attrs.get("prices", {}).items()}
    return build_panel(rows, str(rows["area"].iloc[0]), kinds, prices=PriceChanges(changes=held))


def list_names(given: Names) -> tuple[str, ...] | None:
    return None if given is None else (given,) if isinstance(given, str) else tuple(given)


def check_keys(given: Names, known: Catalogue) -> tuple[str, ...] | None:
    """Keys of the indicators that are asked for by key or by name in either language."""
    asked = list_names(given)
    if asked is None:
        return None
    named = {name: key for key, one in known.indicators.items() for name in (one.zh, one.en)}
    return tuple(known.indicator(named.get(name, name)).key for name in asked)


def find_areas(store: Store, given: Names) -> tuple[str, ...] | None:
    asked = list_names(given)
    return None if asked is None else tuple(store.find_area(one) for one in asked)


def select_rows(rows: pd.DataFrame, column: str, wanted: tuple[str, ...] | None) -> pd.DataFrame:
    return rows if wanted is None else rows[rows[column].astype(str).isin(wanted)]


def select_years(rows: pd.DataFrame, years: Years) -> pd.DataFrame:
    if years is None or rows.empty:
        return rows
    if isinstance(years, slice):
        first = rows["year"].min() if years.start is None else years.start
        last = rows["year"].max() if years.stop is None else years.stop
        return rows[rows["year"].between(first, last)]
    wanted = [years] if isinstance(years, int) else list(years)
    return rows[rows["year"].isin(wanted)]


def label_rows(rows: pd.DataFrame, store: Store, known: Catalogue, inside: bool) -> pd.DataFrame:
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
    rows.attrs = {"labels": _Told(told), "units": _Told(units), "prices": _Told(prices), "protected": not inside,
                  "cite": store.about["cite"][lang]}  # fmt: skip
    rows.attrs["catalogue"] = [known.page, *(store.about.get("source") or {"zh": "", "en": ""}).values()]
    return rows


class _Told(dict[str, Any]):
    """What a frame tells of itself: pandas copies it with every step, and need not copy what is in it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Told:
        return self


def take_weighted(frame: pd.DataFrame) -> pd.DataFrame:
    """Schools with value and weight.

    Raises
    ------
    ParameterError
        Some weights are withheld: without the small schools the result would be another one.
    """
    held = frame[frame["value"].notna()]
    unweighted = held["weight"].isna()
    if unweighted.any() and not unweighted.all():
        raise ParameterError("analysis.withheld_weights", n=int(unweighted.sum()), of=len(held))
    return held[held["weight"] > 0]


def name_areas(made: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    if "area_name" in frame and "area" in made:
        names = dict(zip(frame["area"], frame["area_name"], strict=True))
        made.insert(list(made.columns).index("area") + 1, "area_name", made["area"].map(names))
    made.attrs = {
        key: value for key, value in frame.attrs.items() if key in ("labels", "units", "cite", "catalogue")
    }
    return made


# --- groups of schools ---

GROUPS = {
    "urban": ("location", r"11\d"), "town": ("location", r"12\d"), "village": ("location", r"2\d\d"),
    "public": ("provider", "public"), "private": ("provider", "private|inclusive_private"),
}  # fmt: skip
"""Groups by what the returns say of a school: its place and its provider."""
SAID = {
    "城区": "urban", "镇区": "town", "乡村": "village", "农村": "village", "rural": "village", "公办": "public",
    "民办": "private",
}  # fmt: skip


def match_group(schools: pd.DataFrame, group: str, store: Store) -> pd.Series:
    """Which rows of schools belong to a group.

    Parameters
    ----------
    schools : rows with the columns of their attributes, as far as the store holds them
    group : urban, town, village, public, private, or the same in Chinese; a type of school by code or name; or a side
        of one of the store's own groups by its name, such as 城镇学校

    Returns
    -------
    Series of bool
        False where the attribute is not given.

    Raises
    ------
    UnknownNameError
        No such group in this store; those that there are, are named.
    """
    ways = _list_groups(schools, store)
    key = SAID.get(group, group)
    if key not in ways:
        near = difflib.get_close_matches(group, list(ways), n=3, cutoff=0.4) or list(ways)[:8]
        raise UnknownNameError("analysis.unknown_group", given=group, near="、".join(near) or "—")
    column, pattern = ways[key]
    return schools[column].astype(str).str.fullmatch(pattern)


def _list_groups(schools: pd.DataFrame, store: Store) -> dict[str, tuple[str, str]]:
    """Every name a group of these schools goes by."""
    known = store.known
    found: dict[str, tuple[str, str]] = {}
    for group in store.about["groups"]:
        column = f"group_{group['key']}"
        found |= {name: (column, side) for side in ("high", "low") for name in group[side].values()}
    found |= GROUPS
    for code, name in known.attributes["school_type"].codes.items():
        found |= {each: ("school_type", re.escape(code)) for each in (code, name.zh, name.en)}
    return {name: way for name, way in found.items() if way[0] in schools}
