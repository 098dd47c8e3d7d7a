"""What else does a bureau or another country count? Its own columns, indicators and words, beside the suite's.

The page is of the same form as the suite's files; a store keeps the one it was made with.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from edustats.catalogue import (
    COLUMN_LEVELS,
    NO_BASE,
    POLARITIES,
    STAGES,
    Catalogue,
    Indicator,
    RawColumn,
    catalogue,
    name_source,
    parse_terms,
    read_raw_indicators,
)
from edustats.catalogue.pupils import PupilGroup
from edustats.errors import DataError
from edustats.words import Text, say

KEY_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"
MOST = 1e12
SOURCE = "source"


@cache
def extend_catalogue(page: str, source_zh: str = "", source_en: str = "") -> Catalogue:
    """The suite's catalogue with what a page adds to it, and with whoever a table comes from named as its source.

    Parameters
    ----------
    page : the page as JSON, as a store keeps it; empty: nothing is added
    source_zh, source_en : whose figures they are; empty: those of the table that is loaded

    Examples
    --------
    >>> made = extend_catalogue('{"columns": {"pupils_reading": {"zh": "阅读达标人数", "en": "reading met"}}}')
    >>> made.columns["pupils_reading"].unit, extend_catalogue("").indicator("share_urban").source.en
    ('person', 'the table loaded')
    """
    base, own = catalogue(), json.loads(page) if page else {}
    source = Text(source_zh, source_en) if source_zh else None
    if source is None and not page:
        return base
    source = Text(**own[SOURCE]) if SOURCE in own else source or say("catalogue.table_source")
    columns = {key: _make_column(key, entry) for key, entry in own.get("columns", {}).items()}
    indicators = {
        key: _make_indicator(key, entry, source) for key, entry in own.get("indicators", {}).items()
    }
    stated = own.get("stated", {})
    ours = {key: name_source(_state_rate(one, stated), source) for key, one in read_raw_indicators().items()}
    groups = tuple(PupilGroup(key=key, **entry) for key, entry in own.get("pupil_groups", {}).items())
    return replace(
        base, columns={**base.columns, **columns}, indicators={**indicators, **ours}, own_groups=groups, page=page,
        level_names={level: Text(**names) for level, names in own.get("levels", {}).items()},
        sensitive=frozenset(key for key, entry in own.get("columns", {}).items() if entry.get("sensitive")),
        digest=hashlib.sha256(f"{base.digest} {page}".encode()).hexdigest() if page else base.digest,
    )  # fmt: skip


def _make_column(key: str, entry: Mapping[str, Any]) -> RawColumn:
    unit = entry.get("unit", "person")
    low, high = entry.get("range", (0.0, 1.0 if unit == "share" else MOST))
    return RawColumn(
        key=key, zh=entry["zh"], en=entry["en"], unit=unit, range=(float(low), float(high)),
        part_of=entry.get("part_of"), level=entry.get("level", "school"),
    )  # fmt: skip


def _make_indicator(key: str, entry: Mapping[str, Any], source: Text) -> Indicator:
    low, high = entry.get("range", (0.0, 1.0 if entry["unit"] == "share" else MOST))
    told: dict[str, Any] = {name: Text(**entry[name]) for name in (SOURCE, "note") if name in entry}
    compare = bool(entry.get("compare", entry.get("den")))
    return Indicator(
        key=key, zh=entry["zh"], en=entry["en"], stage=entry.get("stage", "all"), num=entry["num"],
        den=entry.get("den", ""), unit=entry["unit"], better=entry.get("better", "none"),
        range=(float(low), float(high)), compare=compare, **{SOURCE: source} | told,
    )  # fmt: skip


def _state_rate(indicator: Indicator, stated: Mapping[str, str]) -> Indicator:
    """The suite's indicator as its source states it, where a page names the column that holds it: no counts."""
    column = stated.get(indicator.key)
    return replace(indicator, num=column, den=NO_BASE, across=False) if column else indicator


# --- what a page may not say ---


def find_mistakes(own: Mapping[str, Any]) -> Iterator[Text]:
    """Everything in a page that clashes with the suite's catalogue or names nothing."""
    base = catalogue()
    columns, indicators = own.get("columns", {}), own.get("indicators", {})
    known = {**base.columns, **columns}
    for what, page, ours in (("columns", columns, base.columns), ("indicators", indicators, base.indicators)):
        for key in page:
            if key in ours:
                yield say("catalogue.own_clash", where=f"{what}.{key}", name=ours[key].name)
            elif set(key) - set(KEY_LETTERS) or not key[:1].isalpha():
                yield say("catalogue.own_key", where=f"{what}.{key}")
    for key, entry in columns.items():
        yield from _names_nothing(f"columns.{key}.unit", [entry.get("unit", "person")], base.units)
        yield from _names_nothing(
            f"columns.{key}.part_of", [entry["part_of"]] if "part_of" in entry else [], known
        )
        yield from _names_nothing(f"columns.{key}.level", [entry.get("level", "school")], COLUMN_LEVELS)
        yield from _wrong_range(f"columns.{key}", entry)
    for key, entry in indicators.items():
        yield from _indicator_mistakes(f"indicators.{key}", entry, base, known)
    for key, column in own.get("stated", {}).items():
        yield from _names_nothing("stated", [key], base.indicators)
        yield from _names_nothing(f"stated.{key}", [column], columns)
        yield from _other_unit(key, columns.get(column, {}), base)
    for key, entry in own.get("pupil_groups", {}).items():
        yield from _names_nothing(f"pupil_groups.{key}", [entry["own"], entry["all"]], known)


def _other_unit(key: str, column: Mapping[str, Any], base: Catalogue) -> Iterator[Text]:
    """A column that cannot hold an indicator: pupils per teacher are no share."""
    if key in base.indicators and column and column.get("unit", "person") != base.indicators[key].unit:
        yield say("catalogue.stated_unit", where=f"stated.{key}", unit=base.indicators[key].unit)


def _indicator_mistakes(
    where: str, entry: Mapping[str, Any], base: Catalogue, known: Mapping[str, Any]
) -> Iterator[Text]:
    for side in ("num", "den"):
        try:
            yield from _names_nothing(f"{where}.{side}", list(parse_terms(entry.get(side, ""))), known)
        except DataError as error:
            yield Text(error.text("zh"), error.text("en"))
    yield from _names_nothing(f"{where}.unit", [entry["unit"]], base.units)
    yield from _names_nothing(f"{where}.stage", [entry.get("stage", "all")], STAGES)
    yield from _names_nothing(f"{where}.better", [entry.get("better", "none")], POLARITIES)
    yield from _wrong_range(where, entry)


def _wrong_range(where: str, entry: Mapping[str, Any]) -> Iterator[Text]:
    limits = entry.get("range", [0, 1])
    if len(limits) != 2 or not limits[0] < limits[1]:
        yield say("load.bad_range", where=f"{where}.range")


def _names_nothing(where: str, names: Iterable[str], known: Iterable[str]) -> Iterator[Text]:
    have = [str(one) for one in known]
    for name in names:
        if name not in have:
            near = difflib.get_close_matches(name, have, n=3, cutoff=0.5) or have[:6]
            yield say("load.no_name", where=where, value=name, near=", ".join(near))
