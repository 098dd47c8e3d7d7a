"""Which mark must a school or a county reach, from when until when, and who says so?

Standards are data: one TOML file each in ``standards/``. A bureau's own file names the national standard it
changes and carries only the thresholds that differ; where both have one in force, the bureau's holds.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from edustats.catalogue import HERE, NOTHING, STAGES, Catalogue, catalogue
from edustats.errors import DataError, MissingFileError, UnknownNameError
from edustats.words import Text, join_texts, say

FOLDER = HERE / "standards"
KINDS = (
    "school", "spread", "county", "every", "compare", "growth", "rooms", "size", "funded", "quota", "document",
)  # fmt: skip
OPERATORS = (">=", "<=", ">", "<", "per")
UNITS = {
    "spread": "coefficient", "compare": "times", "growth": "times", "rooms": "class", "size": "person",
    "funded": "person", "quota": "yuan_per_pupil",
}  # fmt: skip
"""Unit of the threshold of an item that compares no indicator of its own."""
SCHOOL_YEAR_BEGINS = (9, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One mark: what to reach, in which stage, from when until when (both days included)."""

    item: str
    stage: str
    value: float
    """In the catalogue's unit: a share is 0–1, a figure per hundred is per pupil."""
    printed: float
    """As the document prints it, in ``unit``."""
    unit: str
    op: str
    start: date
    end: date | None
    source: Text
    confirmed: bool
    basic: float | None = None
    """The lower mark that some provinces call basically qualified."""
    local: bool = False
    """Whether a bureau's own file says so."""

    @property
    def clause(self) -> Text:
        """The source, marked while nobody has confirmed it."""
        return self.source if self.confirmed else say("catalogue.to_be_confirmed", clause=self.source)

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.start <= on and (self.end is None or on <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardItem:
    """One thing a standard asks for."""

    key: str
    zh: str
    en: str
    part: str
    kind: str
    indicators: Mapping[str, str]
    against: Mapping[str, str]
    goods: str
    note: Text

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concession:
    """A relief granted for some years; off unless somebody asks for it."""

    key: str
    item: str
    zh: str
    en: str
    start: date
    end: date
    source: Text
    confirmed: bool
    adds: Mapping[str, str]
    values: Mapping[str, float]

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)

    def holds(self, on: date) -> bool:
        """Whether its window is open on a day."""
        return self.start <= on <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A standard with all its items, thresholds and concessions."""

    key: str
    zh: str
    en: str
    source: Text
    stages: tuple[str, ...]
    judge: str
    start: date
    decimals: Mapping[str, int]
    must_reach: int
    floor: float
    levels: Mapping[str, tuple[int, int]]
    items: Mapping[str, StandardItem]
    thresholds: tuple[Threshold, ...]
    concessions: Mapping[str, Concession]
    local: Text = NOTHING

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)

    def of_kind(self, *kinds: str) -> tuple[StandardItem, ...]:
        """Items of some kinds, in the standard's order."""
        return tuple(item for item in self.items.values() if item.kind in kinds)

    def threshold(self, item: str, stage: str, on: date) -> Threshold | None:
        """The mark in force on a day; the bureau's own before the national one; None when there is none."""
        found = [t for t in self.thresholds if t.item == item and t.stage == stage and t.holds(on)]
        return next((t for t in found if t.local), found[0] if found else None)


def find_school_year_start(year: int) -> date:
    """The day a school year begins: standards in force then judge that year.

    Examples
    --------
    >>> find_school_year_start(2023).isoformat()
    '2023-09-01'
    """
    return date(year, *SCHOOL_YEAR_BEGINS)


def list_standards() -> list[str]:
    """Keys of the national standards."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def find_standard(given: str) -> str:
    """The key of the standard that is called so, by key or by a part of its name that no other has.

    Raises
    ------
    UnknownNameError
        None is, or several are; all are named.

    Examples
    --------
    >>> find_standard("优质均衡")
    'quality_balance_2017'
    """
    keys = list_standards()
    if given in keys:
        return given
    named = [load_standard(key) for key in keys]
    hits = [one for one in named if given and given.casefold() in f"{one.key}\n{one.zh}\n{one.en}".casefold()]
    if len(hits) == 1:
        return hits[0].key
    told = [Text(f"{one.key} {one.zh}", f"{one.key} {one.en}") for one in hits or named]
    raise UnknownNameError("catalogue.no_standard", key=given, known=join_texts(told, Text("；", "; ")))


@cache
def load_standard(key: str) -> Standard:
    """One of the suite's own standards.

    Raises
    ------
    UnknownNameError
        No such standard; all of them are named.

    Examples
    --------
    >>> from datetime import date
    >>> load_standard("quality_balance_2017").threshold("cv", "junior", date(2023, 9, 1)).value
    0.45
    """
    if key not in list_standards():
        raise UnknownNameError("catalogue.no_standard", key=key, known=", ".join(list_standards()))
    return read_standard(FOLDER / f"{key}.toml")


def apply_override(national: Standard, path: Path, known: Catalogue | None = None) -> Standard:
    """The national standard with a bureau's own thresholds over it.

    Parameters
    ----------
    national : the standard the file overrides
    path : a file with ``overrides``, ``zh``, ``en`` and its ``thresholds``

    Raises
    ------
    DataError
        The file overrides another standard, names an unknown item, or breaks a rule of thresholds.
    """
    raw = _read_toml(path)
    if raw.get("overrides") != national.key:
        raise DataError(
            "catalogue.wrong_override", file=path.name, found=raw.get("overrides"), expected=national.key
        )
    reader = _ThresholdReader(path.name, known or catalogue(), national.items)
    own = tuple(replace(t, local=True) for t in reader.thresholds(raw.get("thresholds", ())))
    return replace(national, thresholds=(*own, *national.thresholds), local=Text(raw["zh"], raw["en"]))


def read_overridden_key(path: Path) -> str:
    """Key of the standard a bureau's file changes.

    Examples
    --------
    >>> read_overridden_key(FOLDER / "local" / "henan.toml")
    'preschool_universal_2020'
    """
    return str(_read_toml(path).get("overrides", ""))


def read_standard(path: Path, known: Catalogue | None = None) -> Standard:
    """Read one standard.

    Raises
    ------
    MissingFileError, DataError
        No such file; not TOML; an unknown indicator, kind, operator or stage; a threshold in a unit that is not
        the indicator's; two thresholds of one item and stage in force on the same day; a stage without one.
    """
    raw = _read_toml(path)
    known = known or catalogue()
    items = {key: _build_item(key, entry) for key, entry in raw["items"].items()}
    reader = _ThresholdReader(path.name, known, items)
    reader.check_items()
    head = raw["standard"]
    found = Standard(
        key=path.stem,
        zh=head["zh"],
        en=head["en"],
        source=Text(**head["source"]),
        stages=tuple(head["stages"]),
        judge=head["judge"],
        start=head["start"],
        decimals=head["decimals"],
        must_reach=head.get("must_reach", 0),
        floor=head.get("floor", 1.0),
        levels={key: (pair[0], pair[1]) for key, pair in head.get("levels", {}).items()},
        items=items,
        thresholds=reader.thresholds(raw.get("thresholds", ())),
        concessions={key: _build_concession(key, entry) for key, entry in raw.get("concessions", {}).items()},
    )
    reader.check_stages(found)
    return found


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise MissingFileError("catalogue.no_standard_file", file=path.name)
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("load.bad_toml", file=path.name, detail=str(error)) from error


def _build_item(key: str, entry: Mapping[str, Any]) -> StandardItem:
    return StandardItem(
        key=key,
        zh=entry["zh"],
        en=entry["en"],
        part=entry["part"],
        kind=entry["kind"],
        indicators=entry.get("indicators", {}),
        against=entry.get("against", {}),
        goods=entry.get("goods", ""),
        note=Text(**entry["note"]) if "note" in entry else NOTHING,
    )


def _build_concession(key: str, entry: Mapping[str, Any]) -> Concession:
    return Concession(
        key=key,
        item=entry["item"],
        zh=entry["zh"],
        en=entry["en"],
        start=entry["start"],
        end=entry["end"],
        source=Text(**entry["source"]),
        confirmed=entry.get("confirmed", True),
        adds=entry.get("adds", {}),
        values={stage: float(value) for stage, value in entry.get("values", {}).items()},
    )


@dataclass(frozen=True, slots=True)
class _ThresholdReader:
    """Turns raw thresholds into records, naming the file, item and stage of every complaint."""

    file: str
    known: Catalogue
    items: Mapping[str, StandardItem]

    def check_items(self) -> None:
        for item in self.items.values():
            self.expect(item.key, "kind", item.kind, KINDS)
            for stage, key in (*item.indicators.items(), *item.against.items()):
                self.expect(item.key, "stage", stage, STAGES)
                self.expect(item.key, "indicator", key, self.known.indicators)

    def expect(self, key: str, what: str, found: str, allowed: Any) -> None:
        if found not in allowed:
            raise DataError("catalogue.standard_entry", file=self.file, key=key, what=what, found=found)

    def thresholds(self, raw: Sequence[Mapping[str, Any]]) -> tuple[Threshold, ...]:
        found = tuple(self.threshold(entry) for entry in raw)
        for item, stage in dict.fromkeys((t.item, t.stage) for t in found):
            self.apart(
                sorted((t for t in found if (t.item, t.stage) == (item, stage)), key=lambda t: t.start)
            )
        return found

    def threshold(self, entry: Mapping[str, Any]) -> Threshold:
        item, stage = entry.get("item", "?"), entry.get("stage", "?")
        self.expect(str(item), "item", item, self.items)
        self.expect(item, "stage", stage, STAGES)
        self.expect(item, "op", entry.get("op", "?"), OPERATORS)
        scale = self.scale(self.items[item], stage, entry.get("unit", "?"))
        return Threshold(
            item=item,
            stage=stage,
            value=float(entry["value"]) * scale,
            printed=float(entry["value"]),
            unit=entry["unit"],
            op=entry["op"],
            start=entry["start"],
            end=entry.get("end"),
            source=Text(**entry["source"]),
            confirmed=entry.get("confirmed", True),
            basic=entry.get("basic"),
        )

    def scale(self, item: StandardItem, stage: str, unit: str) -> float:
        """What turns the printed value into the catalogue's unit; a unit of another kind is refused."""
        key = item.indicators.get(stage, "")
        own = (
            self.known.unit_of(key)
            if item.kind not in UNITS and key
            else self.known.units[UNITS.get(item.kind, "share")]
        )
        if unit not in own.scales:
            raise DataError(
                "catalogue.threshold_unit", file=self.file, item=item.key, stage=say(f"catalogue.{stage}"),
                found=unit, expected=", ".join(own.scales),
            )  # fmt: skip
        return float(own.scales[unit])

    def apart(self, ordered: Sequence[Threshold]) -> None:
        for first, second in pairwise(ordered):
            if first.end is None or second.start <= first.end:
                raise DataError(
                    "catalogue.overlap", file=self.file, item=first.item, stage=say(f"catalogue.{first.stage}"),
                    first=first.start, end=first.end or "…", second=second.start,
                )  # fmt: skip

    def check_stages(self, found: Standard) -> None:
        """Every stage that an item measures, and every stage of the standard for the spread, has a threshold."""
        for item in found.items.values():
            wanted = found.stages if item.kind == "spread" else tuple(item.indicators)
            have = {t.stage for t in found.thresholds if t.item == item.key}
            if found.judge == "mean" and item.kind == "school":
                continue  # judged by the composite alone
            if missing := [stage for stage in wanted if stage not in have]:
                raise DataError(
                    "catalogue.missing_stage",
                    file=self.file,
                    item=item.key,
                    stage=say(f"catalogue.{missing[0]}"),
                )
