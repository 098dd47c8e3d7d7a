"""Which column of somebody's table is which? A mapping file says so.

The mapping names, for each catalogue column, the source column, the unit it arrives in and, for a
source that prints rates, the count the rate belongs to. `docs/mapping.md` explains it with an example. Whatever in it
names nothing is refused, all mistakes in one run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from edustats.catalogue import Catalogue, catalogue
from edustats.errors import MissingFileError
from edustats.load.files import values as clean
from edustats.load.files.own_catalogue import read_own_catalogue
from edustats.load.files.settings import (
    BOTH,
    NAME_OR_NAMES,
    NAMES,
    PAIRS,
    RANGE,
    WHOLE,
    WORDS,
    Kind,
    check_page,
    each,
    named,
    near,
    one_of,
    read_page,
    refuse,
    table,
)
from edustats.load.loaded import INF, SCHOOL, AreaRule, Filling, Group, SourceFile, TableMapping, YearRule
from edustats.load.reading.county_codes import listed
from edustats.load.reading.units import SHARE, fits, unit_of
from edustats.load.tables.attributes import NAMES as ATTRIBUTES
from edustats.words import LANGUAGES, NOTHING, Text, join_names, say

RATES = {0.01: (0.0, 100.0), 0.001: (0.0, 1000.0), 1.0: (0.0, 1.0)}
"""Possible values of a share by the size of its unit: per cent, per mille, a fraction."""
SCHEMES, PLACES = ("flat", "gbt2260"), ("title", "sheet", "file", "folder")
LEVELS = ("prefecture", "province", "nation")
WHERE = Kind(name="table_of_texts", types=(dict,), of=NAME_OR_NAMES)
SOURCE = {
    "file": WORDS, "package": WORDS, "sheet": NAME_OR_NAMES, "database": WORDS, "rename": PAIRS, "where": WHERE,
    "year": WHOLE, "columns": NAMES, "title": WORDS,
}  # fmt: skip
AREA = {
    "code": WORDS, "width": WHOLE, "divide": WHOLE, "unit": WORDS, "unit_width": WHOLE, "unit_name": BOTH,
    "name": WORDS, "city": WORDS,
    "names": WORDS, "scheme": one_of(*SCHEMES), "recode": PAIRS, "within": WORDS,
    "in": one_of(*PLACES[:3], "headings", "sections"),
    "value": WORDS,
    "totals": NAMES, "own": NAMES,
    "parent": table({"code": WORDS, "level": one_of(*LEVELS), "zh": WORDS, "en": WORDS}, "code", "level", "zh", "en"),
}  # fmt: skip
YEAR = {"from": WORDS, "value": WHOLE, "in": one_of(*PLACES), "label": one_of("first", "second")}
COLUMN = {"from": NAME_OR_NAMES, "unit": WORDS, "of": WORDS, "divides": WORDS, "range": RANGE, "where": WHERE}
GROUP = {"zh": WORDS, "en": WORDS, "high": BOTH, "low": BOTH, "by": WORDS, "codes": WORDS}
BREAK = {"year": WHOLE, "area": WORDS, "indicator": WORDS}
EVENT = {"year": WHOLE, "from": NAME_OR_NAMES, "to": NAME_OR_NAMES}
PAGE = table(
    {
        "title": BOTH, "cite": BOTH, "source": BOTH, "catalogue": WORDS, "lang": one_of(*LANGUAGES),
        "folder": WORDS, "tables": each(table(SOURCE, "file")),
        "area": table(AREA), "year": table(YEAR),
        "attributes": PAIRS,
        "missing": Kind(name="table", types=(dict,), keys=dict.fromkeys(clean.KINDS[1:], NAMES)),
        "columns": named(table(COLUMN, "from", "unit")), "groups": named(table(GROUP, "zh", "en", "high", "low")),
        "breaks": each(table(BREAK, "year")), "events": each(table(EVENT, "year")), "watch": NAMES,
        "numbers": table({"decimal": one_of(".", ","), "thousands": one_of(".", ",", " ", "'", "")}),
    },
    "title", "tables", "area", "year", "columns",
)  # fmt: skip


def read_mapping(path: Path, known: Catalogue | None = None) -> TableMapping:
    """Read a mapping file.

    Raises
    ------
    MissingFileError, DataError
        No such file; not TOML; a key, column, unit, indicator or pattern that does not exist: all of them at once.
    """
    if not path.is_file():
        raise MissingFileError("load.no_mapping", file=path.name)
    raw = read_page(path)
    check_page(path.name, raw, PAGE)
    own = read_own_catalogue(path.parent / raw["catalogue"]) if "catalogue" in raw else known
    known = own or catalogue()
    refuse(path.name, list(_find_mistakes(raw, known)))
    return replace(_build_mapping(path, raw, known), own=own)


def _build_mapping(path: Path, raw: Mapping[str, Any], known: Catalogue) -> TableMapping:
    numbers = raw.get("numbers", {})
    return TableMapping(
        path=path, title=Text(**raw["title"]), cite=Text(**raw.get("cite", raw["title"])),
        source=Text(**raw["source"]) if "source" in raw else NOTHING, lang=raw.get("lang", "zh"),
        folder=path.parent / raw.get("folder", "."), tables=tuple(_parse_source(entry) for entry in raw["tables"]),
        area=_parse_area(raw["area"]), year=_parse_year(raw["year"]),
        missing=_parse_marks(raw.get("missing", {"not_collected": [""]})),
        fillings=tuple(_parse_filling(key, entry, known) for key, entry in raw["columns"].items()),
        groups=tuple(_parse_group(key, entry) for key, entry in raw.get("groups", {}).items()),
        breaks=tuple(raw.get("breaks", ())), events=tuple(raw.get("events", ())),
        watch=tuple(raw.get("watch", ())), decimal=numbers.get("decimal", ""),
        thousands=numbers.get("thousands", ""), attributes=raw.get("attributes", {}),
    )  # fmt: skip


def _parse_source(raw: Mapping[str, Any]) -> SourceFile:
    sheets = raw.get("sheet", ())
    return SourceFile(
        file=raw["file"], package=raw.get("package", ""), database=raw.get("database", ""),
        sheets=(sheets,) if isinstance(sheets, str) else tuple(sheets), rename=raw.get("rename", {}),
        where=_parse_choices(raw.get("where", {})), year=raw.get("year", 0), columns=tuple(raw.get("columns", ())),
        title=raw.get("title", ""),
    )  # fmt: skip


def _parse_area(raw: Mapping[str, Any]) -> AreaRule:
    given = {key: value for key, value in raw.items() if key not in ("in", "unit_name", "totals", "own")}
    unit_name = Text(**raw["unit_name"]) if "unit_name" in raw else SCHOOL
    return AreaRule(
        **given, unit_name=unit_name, place=raw.get("in", ""), totals=tuple(map(clean.plain, raw.get("totals", ()))),
        own=tuple(map(clean.plain, raw.get("own", ()))),
    )  # fmt: skip


def _parse_year(raw: Mapping[str, Any]) -> YearRule:
    return YearRule(
        column=raw.get("from", ""),
        value=raw.get("value", 0),
        place=raw.get("in", ""),
        label=raw.get("label", "first"),
    )


def _parse_marks(raw: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {clean.plain(mark): kind for kind, marks in raw.items() for mark in marks}


def _parse_choices(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(map(clean.plain, [one] if isinstance(one, str) else one)) for key, one in raw.items()}


def _parse_group(key: str, raw: Mapping[str, Any]) -> Group:
    return Group(
        key=key, name=Text(raw["zh"], raw["en"]), by=raw.get("by", ""), codes=raw.get("codes", ""),
        high=Text(**raw["high"]), low=Text(**raw["low"]),
    )  # fmt: skip


def _parse_filling(key: str, raw: Mapping[str, Any], known: Catalogue) -> Filling:
    source, unit = raw["from"], raw["unit"]
    printed = unit_of(unit)
    share = RATES.get(printed.size) if printed is not None and printed.kind == SHARE else None
    low, high = raw.get("range", share or (-INF, INF))
    scales = list_scales(known, key, _is_rate(raw))
    return Filling(
        column=key, sources=(source,) if isinstance(source, str) else tuple(source), unit=unit,
        scale=scales[unit] if unit in scales else _size_of_unit(unit),
        of=raw.get("of", ""), divides=raw.get("divides", ""), range=(float(low), float(high)), declared="range" in raw,
        where=_parse_choices(raw.get("where", {})),
    )  # fmt: skip


def _is_rate(raw: Mapping[str, Any]) -> bool:
    return bool(raw.get("of") or raw.get("divides"))


def _size_of_unit(unit: str) -> float:
    printed = unit_of(unit)
    return printed.size if printed is not None else 1.0


def list_scales(known: Catalogue, column: str, rate: bool) -> dict[str, float]:
    """The units that a column's figures may come in, each with what it is in the catalogue's unit."""
    own = known.units[known.columns[column].unit]
    units: Iterable[Any] = known.units.values() if rate else (own,)
    return {name: float(factor) for unit in units for name, factor in unit.scales.items()}


# --- what names nothing ---


def _find_mistakes(raw: Mapping[str, Any], known: Catalogue) -> Iterator[Text]:
    columns = raw["columns"]
    for key, entry in columns.items():
        yield from _column_mistakes(key, entry, known)
    for name in raw.get("watch", ()):
        if name not in columns:
            yield _word_nothing("watch", name, columns)
    for key, entry in raw.get("groups", {}).items():
        yield from _group_mistakes(key, entry, known)
    for number, entry in enumerate(raw.get("breaks", ()), 1):
        if entry.get("indicator", "") not in ("", *known.indicators):
            yield _word_nothing(f"breaks {number}.indicator", entry["indicator"], known.indicators)
    for name in raw.get("attributes", ()):
        if name not in ATTRIBUTES:
            yield _word_nothing("attributes", name, ATTRIBUTES)
        elif not raw["area"].get("unit"):
            yield say("load.needed_key", where="area", key="unit")
    yield from _frame_mistakes(raw)


def _table_mistakes(where: str, held: Sequence[str], columns: Mapping[str, Any]) -> Iterator[Text]:
    """Columns that a table is said to hold and the mapping does not name, and rates without their base."""
    for name in held:
        if name not in columns:
            yield _word_nothing(where, name, columns)
            continue
        bases = (columns[name].get(key, "") for key in ("of", "divides"))
        yield from (
            say("load.needed_key", where=where, key=base) for base in bases if base and base not in held
        )


def _frame_mistakes(raw: Mapping[str, Any]) -> Iterator[Text]:
    """What the page as a whole must say: areas, years, tables."""
    for number, entry in enumerate(raw["tables"], 1):
        yield from _table_mistakes(f"tables {number}.columns", entry.get("columns", ()), raw["columns"])
    area = raw["area"]
    if not any(area.get(key) for key in ("code", "name", "in", "value")):
        yield (
            say("load.whose_figures") if "value" in area else say("load.needed_key", where="area", key="code")
        )
    yield from _taken_twice(raw)
    for key in ("width", "divide", "unit_width"):
        if key in area and area[key] < (1 if key == "divide" else 0):
            yield say("load.bad_number_key", where=f"area.{key}")
    if not raw["year"].keys() & {"from", "value", "in"}:
        yield say("load.needed_key", where="year", key="from")
    if raw["title"]["zh"] == "" or not raw["tables"]:
        yield say("load.needed_key", where=Text("文件", "the file"), key="title / tables")
    if not raw["columns"]:
        yield say("load.no_columns")


def _taken_twice(raw: Mapping[str, Any]) -> Iterator[Text]:
    """A column of areas that is said to hold items too: every item would become an area."""
    area = raw["area"]
    for key in ("code", "name"):
        for column, entry in raw["columns"].items():
            if area.get(key) and area[key] in entry.get("where", {}):
                yield say("load.area_is_item", heading=area[key], column=column)
                break


def _column_mistakes(key: str, entry: Mapping[str, Any], known: Catalogue) -> Iterator[Text]:
    where = f"columns.{key}"
    if key not in known.columns:
        yield say("load.unknown_column", column=key, near=near(key, known.columns))
        return
    allowed = list_scales(known, key, _is_rate(entry))
    printed = unit_of(entry["unit"])
    fitting = printed is not None and (
        fits(printed, known.columns[key].unit) or (_is_rate(entry) and printed.kind == SHARE)
    )
    if entry["unit"] not in allowed and not fitting:
        yield say("load.unknown_unit_of", column=key, unit=entry["unit"], known=join_names(sorted(allowed)))
    for name in ("of", "divides"):
        if entry.get(name, "") not in ("", *known.columns):
            yield _word_nothing(f"{where}.{name}", entry[name], known.columns)
    limits = entry.get("range", [0, 1])
    if len(limits) != 2 or limits[0] > limits[1]:
        yield say("load.bad_range", where=f"{where}.range")
    if entry["from"] in ("", []):
        yield say("load.needed_key", where=where, key="from")


def _group_mistakes(key: str, entry: Mapping[str, Any], known: Catalogue) -> Iterator[Text]:
    where = f"groups.{key}"
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", key):
        yield say("load.bad_group", where=where)
    if not entry.get("by") and not entry.get("codes"):
        yield say("load.needed_key", where=where, key="by / codes")
    if entry.get("by", "") not in ("", *known.indicators):
        yield _word_nothing(f"{where}.by", entry["by"], known.indicators)
    try:
        re.compile(entry.get("codes", ""))
    except re.error as error:
        yield say("load.bad_pattern", where=f"{where}.codes", value=entry["codes"], detail=str(error))


def _word_nothing(where: str, value: str, have: Iterable[str]) -> Text:
    return say("load.no_name", where=where, value=value, near=near(value, have))


def refuse_unknown_areas(mapping: TableMapping, held: Iterable[str]) -> None:
    """Refuse a break or a recoding of an area that no table has.

    Parameters
    ----------
    held : codes of all areas, the ones that were recoded among them
    """
    codes = sorted(set(held))
    named_ = [
        (f"breaks {number}.area", entry.get("area", "")) for number, entry in enumerate(mapping.breaks, 1)
    ]
    named_ += [("area.recode", old) for old in mapping.area.recode]
    # a county on the national lists is somebody's, though this table is not about it
    told = [
        _word_nothing(where, code, codes)
        for where, code in named_
        if code not in ("", *codes) and not listed(code)
    ]
    refuse(mapping.path.name, told)
