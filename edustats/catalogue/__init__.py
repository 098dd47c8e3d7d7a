"""What is measured? Every raw column, indicator, gap and unit, read once from the TOML files here."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from edustats.catalogue.pupils import PupilGroup
from edustats.errors import DataError, UnknownNameError
from edustats.words import NOTHING, Text, say

HERE = Path(__file__).parent
Polarity = Literal["higher", "lower", "none"]
STAGES = ("preschool", "primary", "junior", "senior", "vocational", "special", "compulsory", "all")
POLARITIES = get_args(Polarity)
NO_BASE = "1"
"""Denominator of a rate that came without the counts it was made of."""
SOURCE_HERE = "{source}"
INTENSIVE = ("degree", "year")
"""Units whose figures do not add up from schools to counties."""
SCHOOLS_OF_A_COUNTY, MOST_SCHOOLS = 10_000.0, 1_000_000.0
COLUMN_LEVELS = ("school", "county")
_TERM = re.compile(r"([+-])\s*([a-z][a-z0-9_]*)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of measure: names, print rule and the scales in which sources supply it."""

    key: str
    zh: str
    en: str
    value: Text
    gap: Text
    decimals: int
    change: str
    scales: Mapping[str, float]
    times: float = 1.0

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawColumn:
    """A raw column as a source table supplies it.

    ``level`` says whose row holds it: the school's own, or the one row a county sends about itself.
    """

    key: str
    zh: str
    en: str
    unit: str
    range: tuple[float, float]
    part_of: str | None = None
    level: str = "school"

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)

    def bounds(self, level: str) -> tuple[float, float]:
        """The possible values at a level: a county has as many pupils as its schools together.

        Parameters
        ----------
        level : school, or county for everything above

        Returns
        -------
        (float, float)
            In the catalogue's unit; degrees and years of building are what they are at any level.

        Examples
        --------
        >>> one = catalogue().columns["schools_primary"]
        >>> one.bounds("school"), one.bounds("county")
        ((0.0, 1.0), (0.0, 1000000.0))
        """
        low, high = self.range
        if level == "school" or self.level != "school" or self.unit in INTENSIVE:
            return low, high
        return min(low, 0.0), max(high * SCHOOLS_OF_A_COUNTY, MOST_SCHOOLS if self.unit == "school" else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A text column of a unit; ``codes`` is empty where any text may stand.

    ``stages`` is given for the type of school: the stages each code teaches. Codes in ``apart`` teach a stage and
    lie outside its standards (schools for adults, reform schools).
    """

    key: str
    zh: str
    en: str
    codes: Mapping[str, Text]
    stages: Mapping[str, tuple[str, ...]]
    apart: frozenset[str]

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A ratio of two sums of raw columns, or a total, with the words needed to publish it.

    ``across`` is true where the two sums stand in different schools' rows (entrants of one stage over leavers of
    another), so that only sums of a county can be paired. ``confirmed`` is false while the
    clause or formula in ``source`` has not been read in the document itself;
    ``note`` says which definition this is where several compete. ``family`` is the key of the indicator that
    speaks for this one in counts, lists, ranks and charts, where both tell the same fact; empty where it speaks
    for itself. ``band`` is a difference that matters between years: in the value's unit, for amounts as a part
    of the value, read from ``bands.toml`` by family; None where it is a fifth of the spread between the counties.
    """

    key: str
    zh: str
    en: str
    stage: str
    num: str
    den: str
    unit: str
    better: Polarity
    range: tuple[float, float]
    source: Text
    compare: bool = False
    across: bool = False
    confirmed: bool = True
    note: Text = NOTHING
    family: str = ""
    band: float | None = None

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)

    @property
    def has_base(self) -> bool:
        """Whether the counts behind the figure are known; a rate without them is shown and never added up."""
        return self.den != NO_BASE

    @property
    def clause(self) -> Text:
        """The official clause, marked while nobody has confirmed it."""
        return self.source if self.confirmed else say("catalogue.to_be_confirmed", clause=self.source)

    @property
    def formula(self) -> str:
        """The two sums, as they are printed in a provenance note."""
        return f"({self.num}) / ({self.den})" if self.den and self.has_base else self.num

    @property
    def inputs(self) -> tuple[str, ...]:
        """Raw columns the two sums name, in order of appearance."""
        return tuple(dict.fromkeys([*parse_terms(self.num), *parse_terms(self.den)]))


ENDINGS = ("preschool", "primary", "junior", "senior", "vocational")


def strip_stage(key: str) -> str:
    """An indicator's key without its stage: what it measures.

    Examples
    --------
    >>> strip_stage("mean_class_size_junior"), strip_stage("count_births")
    ('mean_class_size', 'count_births')
    """
    head, _, tail = key.rpartition("_")
    return head if tail in ENDINGS else key


def select_spokespersons(indicators: Iterable[Indicator]) -> list[Indicator]:
    """The indicators that speak in counts, lists, ranks and charts: of a family, the one that speaks for it.

    One whose spokesperson is not among them speaks for itself.
    """
    held = list(indicators)
    keys = {i.key for i in held}
    return [i for i in held if i.family not in keys]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorGap:
    """The difference of two indicators, a minus b, between two named groups."""

    key: str
    zh: str
    en: str
    what: Text
    a: str
    b: str
    a_name: Text
    b_name: Text

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that can be measured, and the digest of the files that say so."""

    units: Mapping[str, Unit]
    columns: Mapping[str, RawColumn]
    indicators: Mapping[str, Indicator]
    gaps: Mapping[str, IndicatorGap]
    attributes: Mapping[str, Attribute]
    digest: str
    own_groups: tuple[PupilGroup, ...] = ()
    level_names: Mapping[str, Text] = field(default_factory=dict)
    """What levels are called in another country; empty where they are called as here."""
    sensitive: frozenset[str] = frozenset()
    """Columns of a bureau's own that count persons of sensitive groups."""
    page: str = ""
    """The bureau's own page as JSON; empty where nothing is added."""

    def indicator(self, key: str) -> Indicator:
        """One indicator; :class:`UnknownNameError` names the nearest declared keys."""
        if key not in self.indicators:
            near = difflib.get_close_matches(key, self.indicators, n=3, cutoff=0.4)
            names = ", ".join(near or list(self.indicators)[:3])
            raise UnknownNameError("errors.unknown_indicator", indicator=key, near=names)
        return self.indicators[key]

    def levels(self, indicator: Indicator) -> frozenset[str]:
        """Whose rows hold an indicator's columns: schools', counties', or both."""
        return frozenset(self.columns[name].level for name in indicator.inputs)

    def unit_of(self, key: str) -> Unit:
        """The unit an indicator is measured in."""
        return self.units[self.indicator(key).unit]


def parse_terms(sum_of_columns: str) -> dict[str, int]:
    """Column names of a sum such as ``a + b - c``, each with its sign; anything else is refused.

    Examples
    --------
    >>> parse_terms("boys + girls - boarders")
    {'boys': 1, 'girls': 1, 'boarders': -1}
    """
    text = sum_of_columns.strip()
    if text in ("", NO_BASE):
        return {}
    text = text if text[0] in "+-" else f"+ {text}"
    if _TERM.sub("", text):
        raise DataError("errors.not_a_sum", sum=sum_of_columns)
    return {name: 1 if sign == "+" else -1 for sign, name in _TERM.findall(text)}


@cache
def catalogue() -> Catalogue:
    """The suite's own catalogue.

    Examples
    --------
    >>> catalogue().indicator("ratio_pupils_per_teacher").formula
    '(pupils) / (teachers)'
    """
    raw, source = _read_raw_catalogue(), say("catalogue.table_source")
    return replace(raw, indicators={key: name_source(one, source) for key, one in raw.indicators.items()})


@cache
def _read_raw_catalogue() -> Catalogue:
    return read_catalogue(HERE)


def read_raw_indicators() -> Mapping[str, Indicator]:
    """The suite's indicators, those that rest on whoever a table comes from with a hole for the name."""
    return _read_raw_catalogue().indicators


def name_source(indicator: Indicator, source: Text) -> Indicator:
    """The indicator with whoever its figures come from named in its source."""
    said = Text(*(indicator.source[lang].replace(SOURCE_HERE, source[lang]) for lang in ("zh", "en")))
    return replace(indicator, source=said) if said != indicator.source else indicator


def read_catalogue(folder: Path) -> Catalogue:
    """Read a folder of catalogue files and check that it hangs together.

    Raises
    ------
    DataError
        An indicator that names an undeclared column, unit, stage or polarity, or anything but a sum; a key
        that stands in two files.
    """
    raw = {
        name: _read_entries(folder, name) for name in ("units", "columns", "indicators", "gaps", "attributes")
    }
    digest = hashlib.sha256(
        repr(raw).encode()
    ).hexdigest()  # of what figures rest on: bands judge, they do not count
    bands = _read_bands(folder, raw["indicators"])
    found = Catalogue(
        units={
            key: Unit(key=key, **_parse_texts(entry, "value", "gap")) for key, entry in raw["units"].items()
        },
        columns={key: RawColumn(key=key, **_parse_range(entry)) for key, entry in raw["columns"].items()},
        indicators={
            key: Indicator(key=key, **_parse_source({"band": bands.get(key), **entry}))
            for key, entry in raw["indicators"].items()
        },
        gaps={
            key: IndicatorGap(key=key, **_parse_texts(entry, "what", "a_name", "b_name"))
            for key, entry in raw["gaps"].items()
        },
        attributes={key: _build_attribute(key, entry) for key, entry in raw["attributes"].items()},
        digest=digest,
    )
    _check_references(found)
    return found


def _read_entries(folder: Path, name: str) -> dict[str, Any]:
    """All entries of ``name.toml`` and of the files in the folder ``name``, file by file."""
    single = folder / f"{name}.toml"
    files = [single] if single.is_file() else []
    entries: dict[str, Any] = {}
    home: dict[str, str] = {}
    for path in (*files, *sorted((folder / name).glob("*.toml"))):
        for key, entry in tomllib.loads(path.read_text("utf-8")).items():
            if key in entries:
                raise DataError("catalogue.twice", key=key, first=home[key], second=path.name)
            entries[key], home[key] = entry, path.name
    return entries


def _read_bands(folder: Path, indicators: Iterable[str]) -> dict[str, float]:
    """Indicator → the difference that matters, of those whose family ``bands.toml`` names; the longest name counts.

    Raises
    ------
    DataError
        A family that no indicator belongs to, or a size that is none.
    """
    declared, found, used = _read_entries(folder, "bands"), {}, set()
    for key in indicators:
        family = max((f for f in declared if f"{key}_".startswith(f"{f}_")), key=len, default="")
        if family:
            found[key] = float(declared[family])
            used.add(family)
    if wrong := [f for f in declared if f not in used or not 0 < declared[f] < 1]:
        raise DataError("errors.undeclared", key="bands", what="family", names=", ".join(wrong))
    return found


def _build_attribute(key: str, entry: dict[str, Any]) -> Attribute:
    codes = {code: Text(**text) for code, text in entry.get("codes", {}).items()}
    told = entry.get("stages", {})
    return Attribute(
        key=key, zh=entry["zh"], en=entry["en"], codes=codes,
        stages={code: tuple(stage for stage in said if stage != "apart") for code, said in told.items()},
        apart=frozenset(code for code, said in told.items() if "apart" in said),
    )  # fmt: skip


def _parse_range(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"range": (float(entry["range"][0]), float(entry["range"][1]))}


def _parse_source(entry: dict[str, Any]) -> dict[str, Any]:
    return _parse_texts(_parse_range(entry), "source", *(name for name in ("note",) if name in entry))


def _parse_texts(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return entry | {name: Text(**entry[name]) for name in names}


def _check_references(found: Catalogue) -> None:
    for i in found.indicators.values():
        _require_declared(i.key, "column", i.inputs, found.columns)
        _require_declared(i.key, "unit", (i.unit,), found.units)
        _require_declared(i.key, "stage", (i.stage,), STAGES)
        _require_declared(i.key, "better", (i.better,), POLARITIES)
        _require_declared(i.key, "family", (i.family,) if i.family else (), found.indicators)
    for c in found.columns.values():
        _require_declared(c.key, "unit", (c.unit,), found.units)
        _require_declared(c.key, "level", (c.level,), COLUMN_LEVELS)
        _require_declared(c.key, "part_of", (c.part_of,) if c.part_of else (), found.columns)
    for g in found.gaps.values():
        _require_declared(g.key, "indicator", (g.a, g.b), found.indicators)


def _require_declared(key: str, what: str, names: tuple[str, ...], known: Any) -> None:
    if unknown := [name for name in names if name not in known]:
        raise DataError("errors.undeclared", key=key, what=what, names=", ".join(unknown))
