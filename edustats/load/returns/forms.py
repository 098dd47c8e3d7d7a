"""Which form is this sheet, and where on it do the figures stand? The answers are data: ``forms/*.toml``.

A form names its figures by the words that stand above and beside them (宾栏 and 主栏), never by position, so
that a column moved by the next edition is still found and a column that is gone is missed, not misread.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from edustats.catalogue import Catalogue, catalogue
from edustats.errors import DataError
from edustats.load.files.values import KINDS, plain
from edustats.load.reading.headers import label

HERE = Path(__file__).parent / "forms"
FACT = "fact_"
TABLE = re.compile(r"(中职基|基础基|教基)\d{3,4}")
_UNIT = re.compile(r"[(（]([^()（）]{1,8})[)）]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a form: the column it fills and the paths whose sum it is.

    A path is words from the outermost header to the innermost; in a grid the item of the row comes first,
    before ``@``, and its printed number may stand before the item.
    """

    column: str
    paths: tuple[str, ...]
    unit: str = ""
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One layout of one generation of forms."""

    key: str
    kind: str
    title: str
    words: tuple[str, ...] = ()
    since: int = 0
    until: int = 9999
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    """Fields of a register that may be absent, and are then empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """Every layout known, and what marks a missing value on them."""

    lists: tuple[Form, ...]
    grids: Mapping[str, Form]
    missing: Mapping[str, str]
    furniture: Mapping[str, tuple[str, ...]]


@cache
def forms() -> Forms:
    """The suite's own layouts."""
    return read_forms(HERE)


def forms_with(own: Path | None) -> Forms:
    """The suite's layouts and a bureau's own, which go before them; one of the same name takes its place."""
    if own is None:
        return forms()
    first, suite = read_forms(own), forms()
    named = {form.key for form in first.lists}
    return Forms(
        lists=(*first.lists, *(form for form in suite.lists if form.key not in named)),
        grids={**suite.grids, **first.grids}, missing={**suite.missing, **first.missing},
        furniture={**suite.furniture, **first.furniture},
    )  # fmt: skip


def read_forms(folder: Path, known: Catalogue | None = None) -> Forms:
    """Read a folder of layouts; each must fill declared columns only.

    Raises
    ------
    DataError
        A file that is not TOML, an undeclared column, a kind of layout nobody knows.
    """
    known = known or catalogue()
    made: list[Form] = []
    common: dict[str, Any] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DataError("load.bad_toml", file=path.name, detail=str(error)) from error
        common |= {key: raw.pop(key) for key in ("missing", "furniture") if key in raw}
        for key, entry in raw.items():
            made += _expand_stages(key, entry, path.name, known)
    marks = {plain(mark): kind for kind in KINDS[1:] for mark in common.get("missing", {}).get(kind, ())}
    return Forms(
        lists=tuple(f for f in made if f.kind != "grid"),
        grids={f.key: f for f in made if f.kind == "grid"},
        missing=marks,
        furniture={reason: tuple(words) for reason, words in common.get("furniture", {}).items()},
    )


def _expand_stages(key: str, entry: dict[str, Any], file: str, known: Catalogue) -> Iterator[Form]:
    """A layout shared by several stages is one form per stage."""
    if entry.get("kind") not in ("list", "county", "grid", "register"):
        raise DataError("load.form_kind", file=file, form=key, kind=entry.get("kind", ""))
    for stage, zh in entry.get("stages", {"": ""}).items():
        yield _build_form(f"{key}_{stage}" if stage else key, entry, stage, zh, file, known)


def _build_form(key: str, entry: dict[str, Any], stage: str, zh: str, file: str, known: Catalogue) -> Form:
    def filled(text: str) -> str:
        return text.replace("{s}", stage).replace("{zh}", zh)

    figures = []
    others = tuple(f"_{other}" for other in entry.get("stages", {}) if other != stage)
    for name, spec in entry.get("columns", {}).items():
        column = filled(name)
        if column.endswith(others):
            continue
        if column in known.columns or column.startswith(FACT):
            figures.append(_build_figure(column, spec, filled))
        elif "{s}" not in name:
            raise DataError("load.form_column", file=file, form=key, column=column)
    return Form(
        key=key, kind=entry["kind"], title=filled(entry["title"]),
        words=tuple(filled(word) for word in entry.get("words", ())),
        since=entry.get("since", 0), until=entry.get("until", 9999),
        keys={name: _parse_alternatives(spec) for name, spec in entry.get("keys", {}).items()},
        texts={name: _parse_alternatives(spec) for name, spec in entry.get("texts", {}).items()},
        figures=tuple(figures), fields=entry.get("fields", {}), optional=tuple(entry.get("optional", ())),
    )  # fmt: skip


def _build_figure(column: str, spec: Any, filled: Any) -> Figure:
    body = spec if isinstance(spec, dict) else {"from": spec}
    paths = body["from"] if isinstance(body["from"], list) else [body["from"]]
    return Figure(
        column=column, paths=tuple(filled(path) for path in paths), unit=body.get("unit", ""),
        values=body.get("values", {}),
    )  # fmt: skip


def _parse_alternatives(spec: str) -> tuple[str, ...]:
    return tuple(label(part) for part in spec.split("|"))
