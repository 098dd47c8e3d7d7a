"""Whose returns are these? ``returns.toml`` beside them names the prefecture, its counties and what
changed when.

Without such a page the counties are taken from the codes in the names of files and folders.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from edustats.catalogue import Catalogue
from edustats.errors import DataError
from edustats.load.files.settings import (
    BOTH,
    NAME_OR_NAMES,
    NAMES,
    WHOLE,
    WORDS,
    check_page,
    each,
    named,
    near,
    one_of,
    read_page,
    refuse,
    table,
)
from edustats.load.files.values import plain
from edustats.load.reading import areas
from edustats.words import LANGUAGES, Text, say

FILE = "returns.toml"
FORMS = "forms"
CHANGE = {"year": WHOLE, "from": WORDS, "to": WORDS, "zh": WORDS, "en": WORDS}
EVENT = {"year": WHOLE, "from": NAME_OR_NAMES, "to": NAME_OR_NAMES}
BREAK = {"year": WHOLE, "area": WORDS, "indicator": WORDS, "column": WORDS}
PARENT = {"code": WORDS, "level": one_of("prefecture", "province", "nation"), "zh": WORDS, "en": WORDS}
PAGE = table({
    "title": BOTH, "cite": BOTH, "lang": one_of(*LANGUAGES), "parent": table(PARENT, "code", "zh", "en"),
    "counties": named(BOTH), "changes": each(table(CHANGE, "from", "to")), "breaks": each(table(BREAK, "year")),
    "events": each(table(EVENT, "year")), "watch": NAMES,
})  # fmt: skip
_COUNTY_CODE = re.compile(r"[1-9]\d{3}(?!00)\d{2}")
_COUNTY = re.compile(r"(?<!\d)(\d{6})(?!\d)([一-鿿]{1,12}?[县区市旗])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The bureau's page about its returns."""

    title: Text
    cite: Text
    lang: str = "zh"
    parent: Mapping[str, str] = field(default_factory=dict)
    counties: Mapping[str, Text] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    breaks: tuple[Mapping[str, Any], ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    register: Mapping[str, str] = field(default_factory=dict)
    """Counties that the page names; empty where they are only taken from the names of files."""
    watch: tuple[str, ...] = ("pupils_primary", "pupils_junior", "children", "land_area")
    forms: Path | None = None
    """Folder of the bureau's own layouts, beside the page."""

    def latest(self, code: str) -> str:
        """The code a county has today."""
        seen = {code}
        while code in self.changes and self.changes[code] not in seen:
            code = self.changes[code]
            seen.add(code)
        return code

    def county(self, named: str, hints: Sequence[str] = ()) -> str:
        """A county's code of today from what a form calls it, else from codes and names in the hints; or
        ''.
        """
        named = plain(named)
        above = self.parent.get("zh", "")
        if above and named not in self.names and len(named) > len(above):  # 云汀市汀阳区
            named = named.removeprefix(above)
        if named in self.names:
            return self.latest(self.names[named])
        if short := {code for name, code in self.names.items() if areas.stem(name) == areas.stem(named)}:
            return self.latest(short.pop()) if len(short) == 1 else ""
        if len(named) in (6, 12) and named.isdigit() and self.latest(named[:6]) in self.counties:
            return self.latest(named[:6])
        return "" if named else self._hinted(hints)

    def _hinted(self, hints: Sequence[str]) -> str:
        for hint in hints:
            for code, name in _COUNTY.findall(plain(hint)):
                if self.latest(code) in self.counties or (not self.counties and name):
                    return self.latest(code)
            for name, code in self.names.items():
                if name in hint:
                    return self.latest(code)
        return ""


def read_profile(folder: Path, known: Catalogue) -> Profile:
    """The profile in a folder, or a plain one made of the folder's own names.

    Raises
    ------
    DataError
        A page that is not TOML, with an unknown section, or with a break of an undeclared column.
    """
    path = folder / FILE
    if not path.is_file():
        return _profile_of_folder(folder)
    raw = read_page(path)
    check_page(FILE, raw, PAGE)
    refuse(FILE, list(_find_mistakes(raw, known)))
    own = folder / FORMS
    return replace(_build_profile(raw, known), forms=own if own.is_dir() else None)


def _find_mistakes(raw: Mapping[str, Any], known: Catalogue) -> Iterator[Text]:
    """Names on the page that name nothing."""
    for name in raw.get("watch", ()):
        if name not in known.columns:
            yield say("load.no_name", where="watch", value=name, near=near(name, known.columns))
    counties = {*raw.get("counties", {}), *(c["to"] for c in raw.get("changes", ()))}
    above = {raw.get("parent", {}).get("code", "")}
    for number, entry in enumerate(raw.get("breaks", ()), 1):
        for key, have in (
            ("indicator", known.indicators),
            ("column", known.columns),
            ("area", counties | above),
        ):
            if entry.get(key, "") not in ("", *have):
                yield say(
                    "load.no_name",
                    where=f"breaks {number}.{key}",
                    value=entry[key],
                    near=near(entry[key], have),
                )
    named_twice = Counter(names["zh"] for names in raw.get("counties", {}).values())
    for name, times in named_twice.items():
        if times > 1:
            yield say("load.county_twice", name=name)


def _build_profile(raw: dict[str, Any], known: Catalogue) -> Profile:
    counties = {_check_code(code): Text(**names) for code, names in raw.get("counties", {}).items()}
    changes = {c["from"]: c["to"] for c in raw.get("changes", ())}
    names = {text.zh: code for code, text in counties.items()}
    names |= {c["zh"]: c["to"] for c in raw.get("changes", ()) if "zh" in c}
    for change in raw.get("changes", ()):
        old = counties.pop(change["from"], Text(change["to"], change["to"]))
        counties[change["to"]] = Text(change.get("zh", old.zh), change.get("en", old.en))
    title = Text(**raw["title"]) if "title" in raw else say("load.returns_title")
    return Profile(
        title=title, cite=Text(**raw["cite"]) if "cite" in raw else title, lang=raw.get("lang", "zh"),
        parent=raw.get("parent", {}), counties=counties, changes=changes, names=names,
        breaks=tuple(_expand_breaks(raw.get("breaks", ()), known)), events=tuple(raw.get("events", ())),
        register={code: name.zh for code, name in counties.items()},
        watch=tuple(raw.get("watch", Profile.__dataclass_fields__["watch"].default)),
    )  # fmt: skip


def _check_code(code: str) -> str:
    """A county's code: six digits, not a province's or prefecture's; whether it exists the bureau knows."""
    if not _COUNTY_CODE.fullmatch(code):
        raise DataError("load.bad_county_code", file=FILE, code=code)
    return code


def _expand_breaks(raw: Sequence[Mapping[str, Any]], known: Catalogue) -> list[Mapping[str, Any]]:
    """A break named by a column is a break of every indicator that uses it."""
    found: list[Mapping[str, Any]] = []
    for entry in raw:
        column = entry.get("column")
        if column is None:
            found.append(entry)
            continue
        if column not in known.columns:
            raise DataError("load.form_column", file=FILE, form="breaks", column=column)
        rest = {name: value for name, value in entry.items() if name != "column"}
        found += [rest | {"indicator": i.key} for i in known.indicators.values() if column in i.inputs]
    return found


def _profile_of_folder(folder: Path) -> Profile:
    """Counties as the names of files and folders spell them: 430204石峰区."""
    counties: dict[str, Text] = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        for code, name in _COUNTY.findall(path.name):
            if name and not code.startswith(("19", "20")):
                counties.setdefault(code, Text(name, code))
    title = say("load.returns_title")
    names = {text.zh: code for code, text in counties.items()}
    return Profile(title=title, cite=title, counties=counties, names=names)
