"""Which index has a bureau declared: indicators, weights, goals, how they are put together, and who decided it?

``NAME.index.toml`` beside the store ``NAME`` declares it; without one the suite's own stands in, for trial. Its table
``growth`` declares what a claim about education's part in growth rests on. Nothing that is not declared is assumed.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edustats.catalogue import Catalogue
from edustats.errors import DataError, ParameterError
from edustats.metrics.composite.growth import DECLARED, GrowthAssumptions
from edustats.metrics.composite.index import GAPS, MEANS, NORMALISATIONS, check_weights
from edustats.store.reading import Store
from edustats.words import Text

SHIPPED = Path(__file__).parents[1] / "catalogue" / "index.toml"
SETTINGS = (
    "name",
    "source",
    "how",
    "scores",
    "gaps",
    "phases",
    "spread",
    "indicators",
    "growth",
    "output_claims",
)
GROWTH = ("claim", "schooling", "output", "years", *DECLARED, "sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredGrowth:
    """What a claim about education's part in growth rests on, as far as it is declared."""

    claim: float
    """As a share; nan where nothing is claimed."""
    schooling: tuple[float, float] | None
    output: tuple[float, float] | None
    years: tuple[int, int] | None
    assumed: GrowthAssumptions | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredIndex:
    """An index as it was declared."""

    name: Text
    source: Text
    own: bool
    """Whether it is the bureau's, not the suite's for trial."""
    weights: Mapping[str, float]
    goals: Mapping[str, float] | None
    how: str
    gaps: str
    phases: tuple[int, ...]
    spread: float
    growth: DeclaredGrowth | None
    output_claims: tuple[str, ...]


def read_declared_index(store: Store, known: Catalogue) -> DeclaredIndex:
    """The index declared beside a store, else the suite's own.

    Raises
    ------
    DataError
        A file that is no TOML, or has settings nobody knows.
    ParameterError, UnknownNameError
        Weights that do not add up, goals for some indicators alone, an unknown indicator or way; a range of the growth
        models that is none or has no source.
    """
    own = store.path.with_name(f"{store.path.name}.index.toml")
    path = own if isinstance(own, Path) and own.is_file() else SHIPPED
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("load.bad_toml", file=path.name, detail=str(error)) from error
    _refuse_unknown(raw, SETTINGS, path.name)
    named = {one: key for key, each in known.indicators.items() for one in (each.zh, each.en)}
    rows = [_read_indicator(row, path.name) for row in raw.get("indicators", [])]
    keys = [known.indicator(named.get(name, name)).key for name, _, _ in rows]
    if not rows or len(set(keys)) < len(keys):
        raise DataError("index.no_indicators", file=path.name)
    check_weights([weight for _, weight, _ in rows], len(rows))
    goals = {
        k: goal / known.unit_of(k).times
        for k, (_, _, goal) in zip(keys, rows, strict=True)
        if goal is not None
    }
    by_goal = _choose(raw, "scores", NORMALISATIONS) == "goal"
    if by_goal and (lost := [k for k in keys if k not in goals]):
        raise ParameterError("index.goal_missing", name=known.indicator(lost[0]).name)
    phases = raw.get("phases", [1, 2])
    if not isinstance(phases, list) or not all(type(n) is int and n > 0 for n in phases):
        raise ParameterError("index.phases", found=str(phases))
    return DeclaredIndex(
        name=_read_text(raw.get("name", path.name)), source=_read_text(raw.get("source", "")), own=path is own,
        weights=dict(zip(keys, (weight for _, weight, _ in rows), strict=True)), goals=goals if by_goal else None,
        how=_choose(raw, "how", MEANS), gaps=_choose(raw, "gaps", GAPS), phases=tuple(phases),
        spread=_read_number(raw.get("spread", 1.0), "spread"), growth=_read_growth(raw.get("growth"), path.name),
        output_claims=tuple(map(str, raw.get("output_claims", []))),
    )  # fmt: skip


def _refuse_unknown(raw: Mapping[str, Any], allowed: tuple[str, ...], file: str) -> None:
    if unknown := [key for key in raw if key not in allowed]:
        raise DataError("index.setting", file=file, found=unknown[0], known=", ".join(allowed))


def _read_indicator(row: Any, file: str) -> tuple[str, float, float | None]:
    """Name, weight, and the goal as it is printed; None where none is given."""
    if not isinstance(row, dict) or not isinstance(row.get("indicator"), str):
        raise DataError("index.no_indicators", file=file)
    _refuse_unknown(row, ("indicator", "weight", "goal"), file)
    if "weight" not in row:
        raise ParameterError("index.weight_missing", name=Text(row["indicator"], row["indicator"]))
    goal = None if "goal" not in row else _read_number(row["goal"], "goal")
    return row["indicator"], _read_number(row["weight"], "weight"), goal


def _read_number(given: Any, name: str) -> float:
    if type(given) not in (int, float):
        raise ParameterError("index.number", name=name, found=str(given))
    return float(given)


def _read_text(given: Any) -> Text:
    return (
        Text(str(given["zh"]), str(given["en"])) if isinstance(given, dict) else Text(str(given), str(given))
    )


def _choose(raw: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    given = raw.get(name, known[0])
    if given not in known:
        raise ParameterError("index.unknown", what=f"{name} = {given}", known=", ".join(known))
    return str(given)


def _read_growth(raw: Any, file: str) -> DeclaredGrowth | None:
    if raw is None:
        return None
    _refuse_unknown(raw, GROWTH, file)
    assumed = None
    if any(name in raw for name in DECLARED):
        three = {name: tuple(_read_number(v, name) for v in raw.get(name, ())) for name in DECLARED}
        assumed = GrowthAssumptions(**three, sources=raw.get("sources", {}))  # type: ignore[arg-type]
    years = _read_pair(raw, "years")
    return DeclaredGrowth(
        claim=_read_number(raw.get("claim", math.nan), "claim") / 100, schooling=_read_pair(raw, "schooling"),
        output=_read_pair(raw, "output"), assumed=assumed,
        years=None if years is None else (int(years[0]), int(years[1])),
    )  # fmt: skip


def _read_pair(raw: Mapping[str, Any], name: str) -> tuple[float, float] | None:
    given = raw.get(name)
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != 2:
        raise ParameterError("index.number", name=name, found=str(given))
    return _read_number(given[0], name), _read_number(given[1], name)
