"""What are a county and a prefecture called elsewhere? Finished sentences and tables in a bureau's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from edustats.present.records.items import Figure, Finding, Item, Table
from edustats.words import NumericText, Span, SpokenText, Text

ZH = {
    "county": (
        (r"县（市、区）|县（市）", "{name}"), (r"(?<=[类各本])县(?![（级域])", "{name}"),
        (r"(?<=\d)县(?!（)", "个{name}"), (r"县际", "{name}之间"),
    ),
    "prefecture": ((r"(?<=全)市", "{name}"),),
}  # fmt: skip
EN = {
    "county": ((r"\bcounty\b|^County$", "{name}"),),
    "counties": ((r"\bcounties\b|^Counties$", "{name}"),),
    "prefecture": ((r"\bprefecture\b", "{name}"),),
    "province": ((r"\bprovince\b", "{name}"),),
}
"""Where the suite's own words stand, by level: in small letters or alone, so that names are left as they are."""
Cut = tuple[int, int, str]
Any_ = TypeVar("Any_", bound=object)


def rename_levels(item: Item, names: Mapping[str, Text]) -> Item:
    """An item with the levels called as a bureau calls them; its numbers stay what and where they are.

    Parameters
    ----------
    names : ``county``, ``counties``, ``prefecture``, ``province`` → the bureau's word in both languages

    Examples
    --------
    >>> told = Finding(key="k", sentence=Text("同类县", "3 counties"))
    >>> rename_levels(told, {"counties": Text("州", "states")}).sentence.en
    '3 states'
    """
    if isinstance(item, Finding):
        return replace(item, sentence=_rename(item.sentence, names), note=_rename(item.note, names))
    if isinstance(item, Figure):
        data = _rename_table(item.data, names)
        texts = {name: _rename(getattr(item, name), names) for name in ("title", "alt", "note")}
        return replace(item, data=data, **texts)
    return _rename_table(item, names)


def _rename_table(table: Table, names: Mapping[str, Text]) -> Table:
    return replace(
        table, title=_rename(table.title, names), note=_rename(table.note, names),
        columns=tuple(replace(column, label=_rename(column.label, names)) for column in table.columns),
        rows=tuple(tuple(_rename(cell, names) for cell in row) for row in table.rows),
        foot=tuple(_rename(cell, names) for cell in table.foot),
    )  # fmt: skip


def _rename(text: Any_, names: Mapping[str, Text]) -> Any_:
    """A text in the bureau's words; anything else, a number's text too, as it is."""
    if not isinstance(text, Text) or isinstance(text, NumericText):
        return text
    cuts = {lang: _find_cuts(text[lang], lang, names) for lang in ("zh", "en")}
    if not any(cuts.values()):
        return text
    zh, en = (_apply(text[lang], cuts[lang]) for lang in ("zh", "en"))
    if not text.spans:
        return Text(zh, en)  # type: ignore[return-value]
    spans = tuple(Span(s.number, _shift(s.zh, cuts["zh"]), _shift(s.en, cuts["en"])) for s in text.spans)
    return SpokenText(zh, en, spans)  # type: ignore[return-value]


def _find_cuts(text: str, lang: str, names: Mapping[str, Text]) -> list[Cut]:
    """Places of the suite's words, first to last and none over another."""
    found: list[Cut] = []
    for level, patterns in (ZH if lang == "zh" else EN).items():
        name = names.get(level) or (names.get("county") if level == "counties" else None)
        for pattern, form in patterns if name else ():
            for hit in re.finditer(pattern, text):
                if not any(hit.start() < end and start < hit.end() for start, end, _ in found):
                    told = form.format(name=name[lang] if name else "")
                    told = told[:1].upper() + told[1:] if hit[0][0].isupper() else told
                    found.append((hit.start(), hit.end(), told))
    return sorted(found)


def _apply(text: str, cuts: list[Cut]) -> str:
    told, at = "", 0
    for start, end, new in cuts:
        told, at = told + text[at:start] + new, end
    return told + text[at:]


def _shift(span: tuple[int, int], cuts: list[Cut]) -> tuple[int, int]:
    moved = sum(len(new) - (end - start) for start, end, new in cuts if end <= span[0])
    return (span[0] + moved, span[1] + moved) if span != (0, 0) else span
