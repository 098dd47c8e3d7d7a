"""Which column of somebody's table is which? A mapping file says so.

The mapping names, for each catalogue column, the source column, the unit it arrives in and, for a
source that prints rates, the count the rate belongs to. `docs/mapping.md` explains it with an example.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edustats.catalogue import Catalogue, catalogue
from edustats.errors import DataError, MissingFileError
from edustats.load.files import values as clean
from edustats.load.loaded import INF, AreaRule, Filling, Group, SourceFile, TableMapping
from edustats.words import Text

RATES = {"percent": (0.0, 100.0), "%": (0.0, 100.0), "permille": (0.0, 1000.0), "‰": (0.0, 1000.0)}
SECTIONS = (
    "title",
    "cite",
    "lang",
    "folder",
    "tables",
    "area",
    "year",
    "missing",
    "columns",
    "groups",
    "breaks",
    "events",
    "watch",
)


def read_mapping(path: Path, known: Catalogue | None = None) -> TableMapping:
    """Read a mapping file.

    Raises
    ------
    MissingFileError, DataError
        No such file; not TOML; an entry, catalogue column or unit that does not exist.
    """
    if not path.is_file():
        raise MissingFileError("load.no_mapping", file=path.name)
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("load.bad_toml", file=path.name, detail=str(error)) from error
    reader = _Reader(path.name, known or catalogue())
    return reader.mapping(path, raw)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns raw TOML into records, naming the file and section of every complaint."""

    file: str
    known: Catalogue

    def mapping(self, path: Path, raw: dict[str, Any]) -> TableMapping:
        self.only(raw, SECTIONS, "the file")
        area, title = self.need(raw, "area", "the file"), self.need(raw, "title", "the file")
        return TableMapping(
            path=path,
            title=Text(**title),
            cite=Text(**raw.get("cite", title)),
            lang=raw.get("lang", "zh"),
            folder=path.parent / raw.get("folder", "."),
            tables=tuple(self.record(SourceFile, t, "tables") for t in self.need(raw, "tables", "the file")),
            area=self.record(AreaRule, self.texts(area, "unit_name"), "area"),
            year=self.need(self.need(raw, "year", "the file"), "from", "year"),
            missing=self.marks(raw.get("missing", {"not_collected": [""]})),
            fillings=tuple(self.filling(k, e) for k, e in self.need(raw, "columns", "the file").items()),
            groups=tuple(self.group(k, e) for k, e in raw.get("groups", {}).items()),
            breaks=tuple(raw.get("breaks", ())),
            watch=tuple(raw.get("watch", ())),
            events=tuple(raw.get("events", ())),
        )

    def only(self, raw: Mapping[str, Any], allowed: Sequence[str], section: str) -> None:
        if unknown := sorted(set(raw) - set(allowed)):
            raise DataError(
                "load.mapping_keys",
                file=self.file,
                section=section,
                keys=", ".join(unknown),
                known=", ".join(allowed),
            )

    def need(self, raw: Mapping[str, Any], key: str, section: str) -> Any:
        if key not in raw:
            raise DataError("load.mapping_needs", file=self.file, section=section, key=key)
        return raw[key]

    def record(self, kind: type[Any], raw: Mapping[str, Any], section: str) -> Any:
        allowed = tuple(kind.__dataclass_fields__)
        self.only(raw, allowed, section)
        for name in allowed[:1]:
            self.need(raw, name, section)
        return kind(**raw)

    def texts(self, raw: Mapping[str, Any], *names: str) -> dict[str, Any]:
        return dict(raw) | {name: Text(**raw[name]) for name in names if name in raw}

    def marks(self, raw: Mapping[str, Sequence[str]]) -> dict[str, str]:
        self.only(raw, clean.KINDS[1:], "missing")
        return {clean.plain(mark): kind for kind, marks in raw.items() for mark in marks}

    def group(self, key: str, raw: Mapping[str, Any]) -> Group:
        section = f"groups.{key}"
        self.only(raw, ("zh", "en", "high", "low", "by", "codes"), section)
        by, codes = raw.get("by", ""), raw.get("codes", "")
        if not codes:
            self.known.indicator(self.need(raw, "by", section))
        high, low = self.need(raw, "high", section), self.need(raw, "low", section)
        name = Text(self.need(raw, "zh", section), self.need(raw, "en", section))
        return Group(key=key, name=name, by=by, codes=codes, high=Text(**high), low=Text(**low))

    def filling(self, key: str, raw: Mapping[str, Any]) -> Filling:
        if key not in self.known.columns:
            near = difflib.get_close_matches(key, self.known.columns, n=3, cutoff=0.3)
            raise DataError("load.unknown_column", file=self.file, column=key, near=", ".join(near))
        section = f"columns.{key}"
        self.only(raw, ("from", "unit", "of", "divides", "range"), section)
        source, unit = self.need(raw, "from", section), self.need(raw, "unit", section)
        scale = self.scale(key, unit, rate=bool(raw.get("of") or raw.get("divides")))
        low, high = raw.get("range", RATES.get(unit, (-INF, INF)))
        return Filling(
            column=key, sources=(source,) if isinstance(source, str) else tuple(source), unit=unit,
            scale=scale,
            of=raw.get("of", ""), divides=raw.get("divides", ""), range=(float(low), float(high)),
        )  # fmt: skip

    def scale(self, key: str, unit: str, rate: bool) -> float:
        own = self.known.units[self.known.columns[key].unit]
        units: Iterable[Any] = self.known.units.values() if rate else (own,)
        scales = {name: factor for u in units for name, factor in u.scales.items()}
        if unit not in scales:
            raise DataError(
                "load.unknown_unit", file=self.file, column=key, unit=unit, known=", ".join(sorted(scales))
            )
        return float(scales[unit])
