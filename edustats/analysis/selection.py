"""What did a researcher ask for? Areas by name or code, years, groups of schools; and what a frame says of itself.

Shared by all functions that take and give data frames.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from edustats.analysis.panel import IndicatorPanel, build_panel
from edustats.analysis.prices import PriceChanges, read_prices
from edustats.catalogue import STAGES, Catalogue
from edustats.catalogue.own import extend_catalogue
from edustats.disclosure.observations import WITHHELD
from edustats.disclosure.rules import list_sensitive
from edustats.errors import ParameterError, UnknownNameError
from edustats.store.reading import Store
from edustats.words import Text, join_names, say

Names = str | Iterable[str] | None
Years = int | str | Iterable[int | str] | slice | None

TEXTS = ("area", "level", "stage", "indicator", "status")
MOST_LISTED = 20
TOLD = ("labels", "units", "prices", "protected", "cite", "catalogue", "groups")
"""What a frame tells of itself, and what is made of it tells again."""


def known_of(frame: pd.DataFrame) -> Catalogue:
    """The catalogue of the store that a frame was taken from; the suite's own where the frame does not tell."""
    return extend_catalogue(*frame.attrs.get("catalogue", ("",)))


def require_columns(frame: pd.DataFrame, columns: Iterable[str], source: str) -> None:
    """Refuse what is no frame, or one of another function.

    Parameters
    ----------
    source : the function whose frames have these columns
    """
    if not isinstance(frame, pd.DataFrame):
        raise ParameterError("analysis.no_frame", given=type(frame).__name__, source=source)
    if lacking := [name for name in columns if name not in frame]:
        raise ParameterError("analysis.other_frame", lacking=", ".join(lacking), source=source)


def build_frame_panel(frame: pd.DataFrame) -> IndicatorPanel:
    require_columns(frame, ("area", "level", "year", "indicator", "value"), "observations")
    known = known_of(frame)
    rows = frame[frame["level"] == "county"]
    if rows.empty:
        raise ParameterError("analysis.no_counties")
    kinds = tuple(known.indicators[key] for key in dict.fromkeys(rows["indicator"]))
    held = {int(year): change for year, change in frame.attrs.get("prices", {}).items()}
    return build_panel(rows, str(rows["area"].iloc[0]), kinds, prices=PriceChanges(changes=held))


def list_names(given: Names) -> tuple[str, ...] | None:
    return None if given is None else (given,) if isinstance(given, str) else tuple(map(str, given))


def check_keys(given: Names, known: Catalogue) -> tuple[str, ...] | None:
    """Keys of the indicators that are asked for by key or by name in either language."""
    asked = list_names(given)
    if asked is None:
        return None
    named = {name.casefold(): key for key, one in known.indicators.items() for name in (one.zh, one.en, key)}
    return tuple(named.get(one.casefold()) or _refuse_key(one, known) for one in asked)


def _refuse_key(given: str, known: Catalogue) -> str:
    """The nearest keys, or names where a name was meant, are in the message."""
    if given.isidentifier() and given.isascii():
        return known.indicator(given).key
    names = [one.en if given.isascii() else one.zh for one in known.indicators.values()]
    near = difflib.get_close_matches(given, names, n=3, cutoff=0.3) or names[:3]
    raise UnknownNameError("errors.unknown_indicator", indicator=given, near=join_names(near))


def find_areas(store: Store, given: Names) -> tuple[str, ...] | None:
    asked = list_names(given)
    return None if asked is None else tuple(store.find_area(one) for one in asked)


def list_counties(store: Store, area: Names) -> list[str]:
    """The counties asked for; those of a prefecture that is asked for."""
    asked = find_areas(store, area)
    if asked is None:
        return list(store.counties)
    above, held = set(store.prefectures), set(store.counties)
    found = [c for code in asked for c in (store.members(code) if code in above else [code])]
    return [code for code in dict.fromkeys(found) if code in held]


def find_frame_areas(frame: pd.DataFrame, given: Names) -> list[str]:
    """Codes of the areas of a frame that are asked for by code, by name or by the beginning of a name."""
    held = dict(zip(frame["area"].astype(str), frame["area_name"].astype(str), strict=True))
    found = []
    for one in list_names(given) or ():
        hits = [code for code, name in held.items() if one in (code, name)]
        hits = hits or [code for code, name in held.items() if len(one) > 1 and name.startswith(one)]
        if len(hits) > 1:
            told = join_names(f"{code} {held[code]}" for code in hits)
            raise UnknownNameError("analysis.several_areas", given=one, found=told)
        if not hits:
            names = list(dict.fromkeys(held.values()))
            near = difflib.get_close_matches(one, names, n=3, cutoff=0.3) or names[:6]
            raise UnknownNameError("analysis.no_value_at", area=one, have=join_names(near))
        found += hits
    return found


def select_rows(rows: pd.DataFrame, column: str, wanted: tuple[str, ...] | None) -> pd.DataFrame:
    return rows if wanted is None else rows[rows[column].astype(str).isin(wanted)]


# --- levels and stages, by key or by word ---

LEVELS = {
    "县": "county", "区县": "county", "市": "prefecture", "地市": "prefecture", "省": "province", "全国": "nation",
    **{name: name for name in ("county", "prefecture", "province", "nation")},
}  # fmt: skip
"""Levels of areas, and what else they are called."""


def find_levels(given: Names, known: Catalogue) -> tuple[str, ...] | None:
    own = {name: level for level, names in known.level_names.items() for name in (names.zh, names.en)}
    return _find_words("level", given, own | LEVELS)


def find_stages(given: Names) -> tuple[str, ...] | None:
    said = {key: say(f"catalogue.{key}") for key in STAGES}
    names = {name: key for key, text in said.items() for name in (key, text.zh, text.en)}
    return _find_words("stage", given, names)


def _find_words(what: str, given: Names, words: Mapping[str, str]) -> tuple[str, ...] | None:
    asked = list_names(given)
    for one in asked or ():
        if one not in words:
            raise UnknownNameError("analysis.unknown_word", what=what, given=one, have=join_names(words))
    return None if asked is None else tuple(words[one] for one in asked)


# --- years ---


def check_years(store: Store, years: Years) -> Years:
    """The years that are asked for, as numbers.

    Raises
    ------
    ParameterError
        One is no year, the store has nothing of it, or a slice ends before it begins.
    """
    held = [int(year) for year in store.about["years"]]
    have, name = _join_years(held), store.path.name
    if years is None:
        return None
    if isinstance(years, slice):
        ends = [None if end is None else _read_year(end, name, have) for end in (years.start, years.stop)]
        first, last = ends[0] or min(held, default=0), ends[1] or max(held, default=0)
        if first > last and None not in ends:
            raise ParameterError("errors.reversed_years", first=first, last=last)
        if not any(first <= year <= last for year in held):
            raise ParameterError("analysis.no_year", area=name, year=f"{first}–{last}", have=have)
        return slice(first, last)
    one_by_one = [years] if isinstance(years, str) or not isinstance(years, Iterable) else years
    wanted = [_read_year(year, name, have) for year in one_by_one]
    if lost := [year for year in wanted if year not in held]:
        raise ParameterError("analysis.no_year", area=name, year=lost[0], have=have)
    return wanted


def _read_year(given: Any, name: str, have: str | Text) -> int:
    try:
        return int(given)
    except (TypeError, ValueError):
        raise ParameterError("analysis.no_year", area=name, year=given, have=have) from None


def _join_years(held: Sequence[int]) -> str | Text:
    """2015–2024; with gaps, each."""
    whole = len(held) > 2 and list(held) == list(range(held[0], held[-1] + 1))
    return f"{held[0]}–{held[-1]}" if whole else join_names(held)


def select_years(rows: pd.DataFrame, years: Years) -> pd.DataFrame:
    """Rows of the years, which :func:`check_years` has read."""
    if years is None or rows.empty:
        return rows
    if isinstance(years, slice):
        return rows[rows["year"].between(years.start, years.stop)]
    return rows[rows["year"].isin([years] if isinstance(years, int) else list(years))]


def label_rows(rows: pd.DataFrame, store: Store, known: Catalogue, inside: bool) -> pd.DataFrame:
    """Names beside codes, and what the frame is made of in its ``attrs``."""
    rows = rows.reset_index(drop=True).drop(columns=WITHHELD, errors="ignore")  # a reason tells of the size
    if "absent" in rows:
        rows["absent"] = rows["absent"].fillna("").map(_list_first)
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
                  "cite": store.about["cite"][lang], "groups": store.about["groups"]}  # fmt: skip
    rows.attrs["catalogue"] = [known.page, *(store.about.get("source") or {"zh": "", "en": ""}).values()]
    return rows


def _list_first(codes: str) -> str:
    """Of very many codes with spaces between, the first ones."""
    held = str(codes).split(maxsplit=MOST_LISTED)
    return " ".join([*held[:MOST_LISTED], "…"] if len(held) > MOST_LISTED else held)


class _Told(dict[str, Any]):
    """What a frame tells of itself: pandas copies it with every step, and need not copy what is in it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Told:
        return self


def take_weighted(frame: pd.DataFrame) -> pd.DataFrame:
    """Schools with a value and a weight; counts, which have no denominator, weigh one each.

    Raises
    ------
    ParameterError
        Some weights are withheld: without the small schools the result would be another one.
    """
    require_columns(frame, ("area", "year", "indicator", "value", "weight"), "schools")
    held = frame[frame["value"].notna()]
    unweighted = held["weight"].isna()
    if unweighted.any() and not unweighted.all():
        raise ParameterError("analysis.withheld_weights", n=int(unweighted.sum()), of=len(held))
    return held.assign(weight=1.0) if unweighted.all() else held[held["weight"] > 0]


def name_areas(made: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """What was made of a frame, with its names and what it tells of itself."""
    if "area_name" in frame and "area" in made:
        names = dict(zip(frame["area"], frame["area_name"], strict=True))
        made.insert(list(made.columns).index("area") + 1, "area_name", made["area"].map(names))
    made.attrs = {name: frame.attrs[name] for name in TOLD if name in frame.attrs}
    return made


def name_measures(made: pd.DataFrame, *frames: pd.DataFrame) -> pd.DataFrame:
    """As :func:`name_areas`; of measures over schools, in which no school shows, unless of a sensitive group."""
    made, known = name_areas(made, frames[0]), known_of(frames[0])
    keys = {str(key) for frame in frames for key in frame["indicator"].unique()}
    sensitive = any(name in list_sensitive(known) for key in keys for name in known.indicators[key].inputs)
    made.attrs["protected"] = not sensitive or all(frame.attrs.get("protected", True) for frame in frames)
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


def match_group(
    schools: pd.DataFrame, group: str, own: Sequence[Mapping[str, Any]], known: Catalogue
) -> pd.Series:
    """Which rows of schools belong to a group.

    Parameters
    ----------
    schools : rows with the columns of their attributes, as far as the store holds them
    group : urban, town, village, public, private, or the same in Chinese; a type of school by code or name; or a side
        of one of the store's own groups by its name, such as 城镇学校
    own : the store's own groups
    known : the catalogue

    Returns
    -------
    Series of bool
        False where the attribute is not given.

    Raises
    ------
    UnknownNameError
        No such group in this store; those that there are, are named.
    ParameterError
        The store says nothing of its schools by which they could be grouped.
    """
    ways = {name: way for name, way in _list_groups(own, known).items() if way[0] in schools}
    key = SAID.get(group, group)
    if not ways:
        raise ParameterError("analysis.no_groups", given=group)
    if key not in ways:
        near = difflib.get_close_matches(group, list(ways), n=3, cutoff=0.4) or list(ways)[:8]
        raise UnknownNameError("analysis.unknown_group", given=group, near=join_names(near))
    column, pattern = ways[key]
    return schools[column].astype(str).str.fullmatch(pattern)


def _list_groups(own: Sequence[Mapping[str, Any]], known: Catalogue) -> dict[str, tuple[str, str]]:
    """Every name a group of schools may go by, the column that tells it and what stands there."""
    found: dict[str, tuple[str, str]] = {}
    for group in own:
        column = f"group_{group['key']}"
        found |= {name: (column, side) for side in ("high", "low") for name in group[side].values()}
    found |= GROUPS
    for code, name in known.attributes["school_type"].codes.items():
        found |= {each: ("school_type", re.escape(code)) for each in (code, name.zh, name.en)}
    return found
