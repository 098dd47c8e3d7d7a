"""Where did this number of a published file come from? The answer stands in the file itself."""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from edustats.errors import DataError, MissingFileError
from edustats.present.records.items import Provenance
from edustats.present.records.numbers import DIGITS
from edustats.present.records.row_filter import describe_rows
from edustats.report.trace.embedded import read_embedded_sources
from edustats.report.trace.making import describe_making
from edustats.report.trace.sources import NumberSources, PrintedNumber, format_place, list_sources
from edustats.words import Text, say

MOST_LISTED = 5
"""Numbers of the page that stands for all of them."""
KINDS = (".html", ".ipynb", ".docx", ".xlsx")


def trace_file(path: Path, lang: str = "zh") -> NumberSources:
    """The numbers of a published file and their sources.

    Parameters
    ----------
    path : a published .html, .ipynb, .docx or .xlsx
    lang : zh or en, for a notebook, which holds both; the others speak one

    Raises
    ------
    MissingFileError
        There is no such file.
    DataError
        It is of another kind, cannot be read, or holds no list of sources.
    """
    if not path.is_file():
        raise MissingFileError("errors.missing_file", file=path.name, where=path.parent.name or ".")
    if path.suffix.lower() not in KINDS:
        raise DataError("trace.explain_kind", file=path.name, found=path.suffix)
    try:
        found = list_sources([path], lang) if path.suffix.lower() == ".ipynb" else read_embedded_sources(path)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        SyntaxError,
        zipfile.BadZipFile,
    ) as error:
        raise DataError("trace.explain_unreadable", file=path.name, found=type(error).__name__) from error
    if found is None or not found.numbers:
        raise DataError("trace.explain_nothing", file=path.name)
    return found


def find_numbers(found: NumberSources, text: str) -> list[PrintedNumber]:
    """Numbers that are printed so, else that are labelled so or stand in such a sentence; all for no text.

    Width, minus signs, spaces and thousands separators make no difference: ``48.23`` finds ``48.23%``.
    """
    if not text.strip():
        return list(found.numbers)
    wanted = _normalize_text(text)
    exact = re.compile(rf"(?<![\d.]){re.escape(wanted)}(?![\d.]*\d)")
    printed = [one for one in found.numbers if exact.search(_normalize_text(one.shown))]
    return printed or [one for one in found.numbers if wanted in _normalize_text(f"{one.label} {one.within}")]


def select_page(chosen: list[PrintedNumber]) -> list[PrintedNumber]:
    """One page of many numbers: of each sentence or table the first, as many as a screen or two hold."""
    seen: dict[tuple[str, str], PrintedNumber] = {}
    for one in chosen:
        seen.setdefault((one.record, one.within), one)
    return list(seen.values())[:MOST_LISTED]


def _normalize_text(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").casefold()
    return re.sub(r"(?<=\d),(?=\d{3})|\s", "", folded)


def format_explanation(
    found: NumberSources, chosen: list[PrintedNumber], held: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Each number with its sources, as lines for a terminal.

    Parameters
    ----------
    found, chosen : from :func:`format_explanation` and :func:`find_numbers`
    held : file names and digests that count in a store today, to compare with
    """
    lang = found.lang
    within = ""
    for one in chosen:
        if one.within != within:
            within = one.within
            yield f"\n{within}"
        unit = f" [{one.unit}]" if one.unit else ""
        year = [] if one.year is None else [say("trace.explain_year", year=one.year)]
        kind = [] if one.kind == "level" else [say(f"trace.kind_{one.kind}")]
        told = [*year, *kind, describe_making(one)]
        said = "".join(f" · {text[lang]}" for text in told if text.zh)
        yield f"  {one.shown}  {one.label} = {one.value:.{DIGITS}g}{unit}{said}"
        if not one.sources:
            own = "own_count" if one.kind == "count" else "no_source"
            yield f"    {say(f'trace.explain_{own}')[lang]}"
        for number, source in zip(one.sources, found.find_sources(one.sources), strict=True):
            yield from (f"    {line}" for line in _format_source(source, number, lang))
            if held is not None:
                yield f"    {compare_with_store(source, held)[lang]}"


def _format_source(source: Provenance, number: int, lang: str) -> Iterator[str]:
    told = (
        source.formula,
        describe_rows(source.filter)[lang],
        source.clause[lang],
        f"edustats {source.version}",
    )
    yield f"[{number}] {' · '.join(told)}"
    placed = {file for file, _, _ in source.places}
    digests = dict(source.files)
    for place in source.places:
        digest = digests.get(place[0], "")  # of files named together only their folder has one
        yield f"    {format_place(place, lang)}" + (f" (sha256 {digest[:16]}…)" if digest else "")
    for name, digest in source.files:
        if name not in placed:
            yield f"    {name} (sha256 {digest[:16]}…)"


def compare_with_store(source: Provenance, held: Mapping[str, str]) -> Text:
    """Whether the files of a source are still those that count in a store."""
    together = [name for name, _ in source.files if name not in held and re.search(r"/\*|^\*", name)]
    changed = [name for name, digest in source.files if name not in together and held.get(name, "") != digest]
    if changed:
        return say("trace.explain_changed", files=", ".join(changed))
    if together:
        return say("trace.explain_untold", files=", ".join(together))
    return say("trace.explain_still")


def dump_numbers(found: NumberSources, chosen: list[PrintedNumber]) -> str:
    """Each number with its sources written out, one JSON array."""
    told = [
        asdict(one) | {"sources": [asdict(source) for source in found.find_sources(one.sources)]}
        for one in chosen
    ]
    return json.dumps(told, ensure_ascii=False, indent=1)
