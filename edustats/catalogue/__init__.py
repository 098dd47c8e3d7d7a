"""What is measured? Every raw column, indicator, gap and unit, read once from the TOML files here."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from edustats.errors import DataError, UnknownNameError
from edustats.words import Text

HERE = Path(__file__).parent
Polarity = Literal["higher", "lower", "none"]
STAGES = ("preschool", "primary", "junior", "senior", "vocational", "special", "compulsory", "all")
POLARITIES = get_args(Polarity)
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
class Column:
    """A raw column as a source table supplies it."""

    key: str
    zh: str
    en: str
    unit: str
    range: tuple[float, float]
    part_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A ratio of two sums of raw columns, or a total, with the words needed to publish it."""

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

    @property
    def name(self) -> Text:
        return Text(self.zh, self.en)

    @property
    def formula(self) -> str:
        """The two sums, as they are printed in a provenance note."""
        return f"({self.num}) / ({self.den})" if self.den else self.num

    @property
    def inputs(self) -> tuple[str, ...]:
        """Raw columns the two sums name, in order of appearance."""
        return tuple(dict.fromkeys([*terms(self.num), *terms(self.den)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
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
    columns: Mapping[str, Column]
    indicators: Mapping[str, Indicator]
    gaps: Mapping[str, Gap]
    digest: str

    def indicator(self, key: str) -> Indicator:
        """One indicator; :class:`UnknownNameError` names the nearest declared keys."""
        if key not in self.indicators:
            near = (
                difflib.get_close_matches(key, self.indicators, n=3, cutoff=0.4) or list(self.indicators)[:3]
            )
            raise UnknownNameError("errors.unknown_indicator", indicator=key, near=", ".join(near))
        return self.indicators[key]

    def unit_of(self, key: str) -> Unit:
        """The unit an indicator is measured in."""
        return self.units[self.indicator(key).unit]


def terms(sum_of_columns: str) -> dict[str, int]:
    """Column names of a sum such as ``a + b - c``, each with its sign; anything else is refused.

    Examples
    --------
    >>> terms("boys + girls - boarders")
    {'boys': 1, 'girls': 1, 'boarders': -1}
    """
    text = sum_of_columns.strip()
    if not text:
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
    return read(HERE)


def read(folder: Path) -> Catalogue:
    """Read a folder of catalogue files and check that it hangs together.

    Raises
    ------
    DataError
        An indicator that names an undeclared column, unit, stage or polarity, or anything but a sum.
    """
    raw = {name: _toml(folder / f"{name}.toml") for name in ("units", "columns", "indicators", "gaps")}
    digest = hashlib.sha256(repr(raw).encode()).hexdigest()
    found = Catalogue(
        units={key: Unit(key=key, **_texts(entry, "value", "gap")) for key, entry in raw["units"].items()},
        columns={key: Column(key=key, **_ranged(entry)) for key, entry in raw["columns"].items()},
        indicators={key: Indicator(key=key, **_sourced(entry)) for key, entry in raw["indicators"].items()},
        gaps={
            key: Gap(key=key, **_texts(entry, "what", "a_name", "b_name"))
            for key, entry in raw["gaps"].items()
        },
        digest=digest,
    )
    _check(found)
    return found


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _ranged(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"range": (float(entry["range"][0]), float(entry["range"][1]))}


def _sourced(entry: dict[str, Any]) -> dict[str, Any]:
    return _texts(_ranged(entry), "source")


def _texts(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return entry | {name: Text(**entry[name]) for name in names}


def _check(found: Catalogue) -> None:
    for i in found.indicators.values():
        _declared(i.key, "column", i.inputs, found.columns)
        _declared(i.key, "unit", (i.unit,), found.units)
        _declared(i.key, "stage", (i.stage,), STAGES)
        _declared(i.key, "better", (i.better,), POLARITIES)
    for c in found.columns.values():
        _declared(c.key, "unit", (c.unit,), found.units)
        _declared(c.key, "part_of", (c.part_of,) if c.part_of else (), found.columns)
    for g in found.gaps.values():
        _declared(g.key, "indicator", (g.a, g.b), found.indicators)


def _declared(key: str, what: str, names: tuple[str, ...], known: Any) -> None:
    if unknown := [name for name in names if name not in known]:
        raise DataError("errors.undeclared", key=key, what=what, names=", ".join(unknown))
