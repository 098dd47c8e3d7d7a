"""What does an executed notebook hold for its reader? Headings, prose, items and what went wrong.

The publishers read this and nothing else. Prose in the other language is left out; items are rebuilt
from their records, so that no HTML of a notebook is trusted.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edustats.present.records.items import Item, revive_item

HEADING = re.compile(r"^(#{1,3})\s+(.*)$")
RECORD = re.compile(r"application/vnd\.edustats\.(finding|table|figure)\+json")
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
LONGEST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph or more of Markdown."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Printed:
    """Text that a cell printed or returned; ``error`` where the cell failed."""

    text: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture a researcher's own cell drew."""

    png: bytes


@dataclass(frozen=True, slots=True)
class Silent:
    """A cell that ran and showed nothing: what it asks for is not in the data."""


Block = Heading | Prose | Printed | Picture | Silent | Item


_READ: dict[tuple[Path, str], tuple[tuple[int, int], list[Block]]] = {}
"""What the last notebooks hold, with time and size of the file: page, brief and workbook of a county ask for each."""
MOST_READ = 8


def read_blocks(executed: Path, lang: str) -> list[Block]:
    """What an executed notebook shows in one language, in reading order."""
    found = _READ.get((executed, lang))
    if found is None or found[0] != _look_at(executed):
        # The notebook is of our own making; nbformat's checks would cost as much as the page itself.
        return keep_blocks(executed, lang, json.loads(executed.read_text("utf-8")))
    return list(found[1])


def keep_blocks(executed: Path, lang: str, book: Any) -> list[Block]:
    """What a notebook shows that is at hand as it was read or just written; its file need not be read for it again."""
    blocks = [block for cell in book["cells"] for block in _read_cell(cell, lang)]
    _READ.pop((executed, lang), None)
    while len(_READ) >= MOST_READ:
        del _READ[next(iter(_READ))]
    _READ[executed, lang] = _look_at(executed), blocks
    return list(blocks)


def _look_at(executed: Path) -> tuple[int, int]:
    about = executed.stat()
    return about.st_mtime_ns, about.st_size


def _join_lines(lines: str | list[str]) -> str:
    """A text of a notebook on disk: a string, or its lines."""
    return lines if isinstance(lines, str) else "".join(lines)


def _read_cell(cell: Any, lang: str) -> Iterator[Block]:
    tags = cell["metadata"].get("tags", [])
    other = "lang-en" if lang == "zh" else "lang-zh"
    if cell["cell_type"] == "markdown" and other not in tags:
        yield from _split_markdown(_join_lines(cell["source"]))
    outputs = cell.get("outputs", [])
    if cell["cell_type"] == "code" and not outputs and "parameters" not in tags:
        yield Silent()
    for output in outputs:
        yield from _read_output(output)


def _split_markdown(source: str) -> Iterator[Block]:
    prose: list[str] = []
    for line in source.splitlines():
        if heading := HEADING.match(line):
            yield from _make_prose(prose)
            prose = []
            yield Heading(len(heading[1]), heading[2].strip())
        else:
            prose.append(line)
    yield from _make_prose(prose)


def _make_prose(lines: list[str]) -> Iterator[Block]:
    if text := "\n".join(lines).strip("\n"):
        yield Prose(text)


def _read_output(output: Any) -> Iterator[Block]:
    if output["output_type"] == "error":
        yield Printed(_shorten_text(ANSI.sub("", f"{output['ename']}: {output['evalue']}")), error=True)
    elif output["output_type"] == "stream":
        if output["name"] == "stdout":
            yield Printed(_shorten_text(ANSI.sub("", _join_lines(output["text"]))))
    else:
        yield from _read_data_bundle(output["data"])


def _read_data_bundle(data: dict[str, Any]) -> Iterator[Block]:
    png = base64.b64decode(_join_lines(data.get("image/png", "")))
    for mime, body in data.items():
        if kind := RECORD.fullmatch(mime):
            yield revive_item(kind[1], body, png)
            return
    if png:
        yield Picture(png)
    elif text := data.get("text/plain"):
        yield Printed(_shorten_text(_join_lines(text)))


def _shorten_text(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
