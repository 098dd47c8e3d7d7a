"""From which forms and years does a brief's figure come? A line for each form, half a page in all.

Formulas, rows and digests stand in the workbook and in ``explain``; a reader of the brief asks whose table it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from edustats.present.records.items import Provenance
from edustats.words import Text, join_texts, read_texts, say

MOST_NAMES = 3
DEEP = 1
GENERIC = {text for key, text in read_texts("trace").items() if key.startswith("kind_")}
"""Labels that say of a number what it is, not what it counts."""
_NUMBERED = re.compile(r"^\d[0-9A-Za-z]*(?=[^\x00-\x7f])")
_YEAR = re.compile(r"(?<!\d)(19|20)\d{2}(?!\d)年?")


def name_form(file: str) -> str:
    """What a form is called, without year, code and area in its file's name.

    Examples
    --------
    >>> name_form("2024/990121柏溪县_小学一览表.xlsx"), name_form("2024/2024年人口与教师情况表.xlsx")
    ('小学一览表', '人口与教师情况表')
    """
    folder, _, name = file.rpartition("/")
    if not name:
        return say("brief.forms_of_counties").zh
    if name == "*" or folder.count("/") >= DEEP:  # year, county, school: a folder of schools' own forms
        return say("brief.forms_of_schools").zh
    stem = name.rsplit(".", 1)[0]
    stem = stem.rpartition("_")[2] if "_" in stem else stem
    return _NUMBERED.sub("", _YEAR.sub("", stem)).strip(" _-") or name


@dataclass(slots=True)
class FormSource:
    """One line of the list: a form, its years, and what was taken from it."""

    form: str
    years: set[int] = field(default_factory=set)
    taken: dict[str, Text] = field(default_factory=dict)


@dataclass(slots=True)
class FormSources:
    """The brief's list of sources, in the order in which the text first rests on them."""

    places: Mapping[Provenance, int]
    held: dict[str, FormSource] = field(default_factory=dict)

    def number(self, source: Provenance, label: Text) -> tuple[int, ...]:
        """The lines of a figure's forms; none where no file stands behind it."""
        if source not in self.places:
            return ()
        forms = tuple(dict.fromkeys(name_form(file) for file, _ in source.files))
        for form in forms:
            found = self.held.setdefault(form, FormSource(form))
            found.years.update(source.filter.years)
            if label not in GENERIC:
                found.taken.setdefault(label.zh, label)
        lines = list(self.held)
        return tuple(sorted(lines.index(form) + 1 for form in forms))

    def rows(self, lang: str) -> list[list[str]]:
        """Number, form, years, what was taken."""
        return [
            [
                str(line),
                _say_form(one.form)[lang],
                _say_years(one.years),
                _cut_texts(list(one.taken.values()), lang),
            ]
            for line, one in enumerate(self.held.values(), 1)
        ]


def _say_form(form: str) -> Text:
    kinds = {text.zh: text for text in (say("brief.forms_of_schools"), say("brief.forms_of_counties"))}
    return kinds.get(form, Text(form, form))


def _cut_texts(texts: list[Text], lang: str) -> str:
    more = say("publish.more_sources", count=len(texts))[lang] if len(texts) > MOST_NAMES else ""
    return join_texts(texts[:MOST_NAMES])[lang] + more


def _say_years(years: set[int]) -> str:
    """Years as a list prints them, those in a row joined.

    Examples
    --------
    >>> _say_years({2015, 2023, 2024})
    '2015, 2023–2024'
    """
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in spans)
