"""Do two versions of the code publish the same: every value, sentence, cell and picture?

Reads two folders of editions made from the same returns and prints every place where they differ:

    python benchmarks/compare_editions.py OLD NEW [--renames renames.toml] [--pixels 0] [--relative 0] [--most 20]

Compared: each row and column of ``values.parquet``; each paragraph, table cell, chart, embedded workbook, picture
and hidden part of Word files; each cell with its format, link and note, and each sheet's widths and merges, of Excel
files; each text, attribute and picture of pages; each source line and output of notebooks; the records of the run.
Order counts. Digests of the returns count too: a wrong one would send a reader to the wrong file.

Left out, because two runs of one version differ in it, or a version must: see ``REPLACED`` and ``DROPPED``. Names are
changed in the old edition by the table of ``--renames``. Exit code 0: equal; 1: something differs; 2: could not read.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import math
import re
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from lxml import etree, html
from PIL import Image
from pyarrow import parquet

REPLACED = (
    # moments: when a page was made, when a run began
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?"), "TIME"),
    # the package's version in footers and sources
    (re.compile(r"\bedustats \d+\.\d+\.\d+\w*"), "edustats VERSION"),
    # a page allows its one script by digest; the script itself is compared
    (re.compile(r"'sha256-[A-Za-z0-9+/]{43}='"), "'SCRIPT'"),
)
VERSION = re.compile(r"\d+\.\d+\.\d+\w*")
DROPPED = {
    "results.jsonl": re.compile(r"\.(seconds|peak_mb|started|attempt|digest|inputs\.\w+)$"),
    "run.json": re.compile(r"\.(versions\.\w+|platform|started|finished|sequence)$"),
    "ipynb": re.compile(r"\.(language_info\.version|papermill\.version)$"),
}
"""Leaves of JSON that are no part of what is published: seconds, memory, moments, versions, digests of the code."""
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
LONGEST = 160
MOST_ALIGNED = 20_000

Value = str | float | bytes
Place = tuple[str, Value]
"""Where something stands, as a person would look for it, and what stands there; bytes are a picture."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition's folder and what to replace in its texts."""

    folder: Path
    replaced: tuple[tuple[re.Pattern[str], str], ...]
    keys: dict[str, str]

    def text(self, text: str) -> str:
        """A text as it is compared."""
        for pattern, to in self.replaced:
            text = pattern.sub(to, text)
        return text


def open_edition(folder: Path, renames: dict[str, dict[str, str]]) -> Edition:
    """An edition with its replacements; the store's folder is one of them, as it may lie elsewhere."""
    replaced = list(REPLACED)
    store = json.loads((folder / "run.json").read_text("utf-8"))["inputs"]["store"]
    replaced.append((re.compile(re.escape(store)), "STORE"))
    for old, new in renames.get("modules", {}).items():
        replaced.append((re.compile(rf"(?<![\w.]){re.escape(old)}\b"), new))
    for old, new in renames.get("verbs", {}).items():
        replaced.append((re.compile(rf"\bedu\.{old}\b"), f"edu.{new}"))
    return Edition(folder, tuple(replaced), renames.get("keys", {}))


# --- what each kind of file holds ---


def places(path: Path, edition: Edition) -> list[Place]:
    """Everything a published file says, in reading order."""
    return [(where, _clean(value, edition)) for where, value in _reader(path)(path, edition)]


def _clean(value: Value, edition: Edition) -> Value:
    return edition.text(value) if isinstance(value, str) else value


def _reader(path: Path) -> Callable[[Path, Edition], Iterator[Place]]:
    return {
        ".parquet": _parquet, ".docx": _word, ".xlsx": _excel, ".html": _page, ".ipynb": _notebook,
        ".json": _json, ".jsonl": _json_lines, ".png": _picture,
    }.get(path.suffix, _bytes)  # fmt: skip


def _picture(path: Path, edition: Edition) -> Iterator[Place]:
    yield "picture", path.read_bytes()


def _bytes(path: Path, edition: Edition) -> Iterator[Place]:
    yield "bytes", path.read_bytes().hex()


def _parquet(path: Path, edition: Edition) -> Iterator[Place]:
    table = parquet.read_table(path)
    yield "columns", " ".join(f"{field.name}:{field.type}" for field in table.schema)
    for number, row in enumerate(table.to_pylist()):
        if "record" in row:
            kind, _, key = row["record"].partition(" ")
            row["record"] = f"{kind} {edition.keys.get(key, key)}".rstrip()
            row["version"] = VERSION.sub("VERSION", row["version"])
        where = " ".join(str(row.get(name, "")) for name in ("folder", "notebook", "record", "id")).strip()
        for column, value in row.items():
            yield (f"row {number} ({where}), {column}", _leaf(value))


def _leaf(value: Any) -> Value:
    if isinstance(value, float):
        return value
    return value if isinstance(value, str) else repr(value)


def _word(path: Path, edition: Edition) -> Iterator[Place]:
    yield from _package(path.read_bytes(), "")


def _package(packed: bytes, inside: str) -> Iterator[Place]:
    """Parts of an Office file; those of a workbook that are cells are read as cells."""
    with zipfile.ZipFile(io.BytesIO(packed)) as parts:
        names = sorted(parts.namelist())
        yield f"{inside}list of parts", " ".join(names)
        if "xl/workbook.xml" in names:
            yield from _cells(packed, inside)
        for name in names:
            yield from _part(name, parts.read(name), inside)


def _part(name: str, content: bytes, inside: str) -> Iterator[Place]:
    where = f"{inside}{name}"
    if name.startswith(("xl/worksheets/sheet", "xl/sharedStrings", "xl/styles")):
        return  # read as cells
    if name.startswith("word/") and name.endswith(".xml") and b"<w:p" in content[:100_000]:
        yield from _paragraphs(where, content)
    elif name.endswith((".xml", ".rels")):
        yield from _elements(where, content)
    elif name.endswith(".xlsx"):
        yield from _package(content, f"{where} › ")
    elif name.endswith((".png", ".jpeg", ".jpg")):
        yield where, content
    else:
        yield where, content.hex()


def _paragraphs(where: str, content: bytes) -> Iterator[Place]:
    """Each paragraph's text, then its form, so that a moved comma and a changed font are told apart."""
    root = etree.fromstring(content)
    tables = {table: number for number, table in enumerate(root.iter(f"{WORD}tbl"), 1)}
    for number, paragraph in enumerate(root.iter(f"{WORD}p"), 1):
        place = f"{where} {_cell_of(paragraph, tables) or f'paragraph {number}'}"
        yield place, "".join(part.text or "" for part in paragraph.iter(f"{WORD}t"))
        yield f"{place}, form", etree.tostring(paragraph, method="c14n").decode()


def _cell_of(paragraph: Any, tables: dict[Any, int]) -> str:
    cell = next(paragraph.iterancestors(f"{WORD}tc"), None)
    if cell is None:
        return ""
    row = cell.getparent()
    table = next(cell.iterancestors(f"{WORD}tbl"))
    rows, cells = table.findall(f"{WORD}tr"), row.findall(f"{WORD}tc")
    return f"table {tables[table]} row {rows.index(row) + 1} column {cells.index(cell) + 1}"


def _elements(where: str, content: bytes) -> Iterator[Place]:
    for element in etree.fromstring(content).iter(etree.Element):
        name = etree.QName(element).localname
        place = f"{where} line {element.sourceline} <{name}>"
        text = " ".join((element.text or "").split())
        yield place, " ".join([*(f'{key}="{held}"' for key, held in sorted(element.items())), text])


def _excel(path: Path, edition: Edition) -> Iterator[Place]:
    yield from _package(path.read_bytes(), "")


def _cells(packed: bytes, inside: str) -> Iterator[Place]:
    book = openpyxl.load_workbook(io.BytesIO(packed))
    for sheet in book.worksheets:
        widths = {key: column.width for key, column in sorted(sheet.column_dimensions.items())}
        layout = (widths, sorted(map(str, sheet.merged_cells.ranges)), sheet.freeze_panes, sheet.sheet_state)
        yield f"{inside}sheet {sheet.title}, layout", repr(layout)
        for row in sheet.iter_rows():
            for cell in row:
                yield from _cell(cell, f"{inside}{sheet.title}!{cell.coordinate}")


def _cell(cell: Any, where: str) -> Iterator[Place]:
    if cell.value is None:
        return
    yield where, _leaf(cell.value)
    link = cell.hyperlink and (cell.hyperlink.target or cell.hyperlink.location)
    note = cell.comment and cell.comment.text
    font = cell.font
    form = (cell.number_format, link, note, font.b, font.color and font.color.rgb, cell.fill.fgColor.rgb)
    yield f"{where}, form", repr(form)


def _page(path: Path, edition: Edition) -> Iterator[Place]:
    yield from _tags(path.read_text("utf-8"), "")


def _tags(page: str, inside: str) -> Iterator[Place]:
    """Each text and attribute of HTML; a picture within it is one."""
    if not page.strip():
        return
    for element in html.fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        place = f"{inside}{_where(element)}"
        for name, value in sorted(element.items()):
            yield f"{place} {name}", _source(value) if name == "src" else value
        for text in (element.text, element.tail):
            if text and text.strip():
                yield place, " ".join(text.split())


def _where(element: Any) -> str:
    named = next((one.get("id") for one in [element, *element.iterancestors()] if one.get("id")), "")
    place = f"line {element.sourceline} <{element.tag}>" + (f" in #{named}" if named else "")
    if element.tag in ("td", "th"):
        row = element.getparent()
        place += f" row {len(list(row.itersiblings(preceding=True))) + 1} column {row.index(element) + 1}"
    return place


def _source(src: str) -> Value:
    head, found, body = src.partition(";base64,")
    return base64.b64decode(body) if found and head.startswith("data:image/") else src


def _notebook(path: Path, edition: Edition) -> Iterator[Place]:
    for where, value in _leaves(json.loads(path.read_text("utf-8")), "", edition):
        if not DROPPED["ipynb"].search(where):
            yield where, value


def _json(path: Path, edition: Edition) -> Iterator[Place]:
    yield from _kept(path, _leaves(json.loads(path.read_text("utf-8")), "", edition))


def _json_lines(path: Path, edition: Edition) -> Iterator[Place]:
    """Lines in the order of the counties: which is done first is chance."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in sorted(lines, key=lambda line: (line["county"], line["notebook"])):
        yield from _kept(path, _leaves(line, f"{line['county']} {line['notebook']}", edition))


def _kept(path: Path, found: Iterator[Place]) -> Iterator[Place]:
    dropped = DROPPED.get(path.name)
    return (place for place in found if not (dropped and dropped.search(place[0])))


def _leaves(node: Any, where: str, edition: Edition) -> Iterator[Place]:
    if isinstance(node, dict):
        for key, value in node.items():
            place = f"{where}.{key}"
            if key == "key" and isinstance(value, str):
                value = edition.keys.get(value, value)
            if key in ("image/png", "image/jpeg"):
                yield place, base64.b64decode(_joined(value))
            elif key == "text/html":
                yield from _tags(_joined(value), f"{place} ")
            else:
                yield from _leaves(value, place, edition)
    elif isinstance(node, list):
        for number, value in enumerate(node):
            named = value.get("id") if isinstance(value, dict) else None
            yield from _leaves(value, f"{where}[{named or number}]", edition)
    else:
        yield where, _leaf(node)


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


# --- side by side ---


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How much a number and a colour may differ: share of the value, and steps of 255."""

    relative: float
    pixels: int

    def alike(self, old: Value, new: Value) -> bool:
        """Whether two values are equal within the tolerance."""
        if isinstance(old, float) and isinstance(new, float):
            return math.isclose(old, new, rel_tol=self.relative) or (math.isnan(old) and math.isnan(new))
        if isinstance(old, bytes) and isinstance(new, bytes):
            return old == new or self._same_picture(old, new)
        return old == new

    def _same_picture(self, old: bytes, new: bytes) -> bool:
        one, other = _pixels(old), _pixels(new)
        return one.shape == other.shape and int(np.abs(one - other).max(initial=0)) <= self.pixels


def _pixels(picture: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGBA"), dtype=np.int16)


def differences(old: list[Place], new: list[Place], alike: Callable[[Value, Value], bool]) -> Iterator[str]:
    """Each place where two files differ, as a line; what was put in or left out moves nothing else."""
    start = 0
    while start < min(len(old), len(new)) and alike(old[start][1], new[start][1]):
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and alike(old[-1 - end][1], new[-1 - end][1]):
        end += 1
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    for a, b, c, d in _unequal(old, new):
        for number in range(max(b - a, d - c)):
            before = old[a + number] if a + number < b else None
            after = new[c + number] if c + number < d else None
            if not (before and after and alike(before[1], after[1])):
                yield _line(before, after)


def _unequal(old: list[Place], new: list[Place]) -> list[tuple[int, int, int, int]]:
    if len(old) == len(new) or max(len(old), len(new)) > MOST_ALIGNED:
        return [(0, len(old), 0, len(new))]
    matcher = SequenceMatcher(None, [value for _, value in old], [value for _, value in new], autojunk=False)
    return [(a, b, c, d) for kind, a, b, c, d in matcher.get_opcodes() if kind != "equal"]


def _line(before: Place | None, after: Place | None) -> str:
    if before is None:
        assert after is not None
        return f"{after[0]}: only in the new edition: {_shown(after[1], '')}"
    if after is None:
        return f"{before[0]}: only in the old edition: {_shown(before[1], '')}"
    return f"{after[0]}: {_shown(before[1], after[1])} → {_shown(after[1], before[1])}"


def _shown(value: Value, other: Value) -> str:
    """A value shortened around the first character that differs."""
    if isinstance(value, bytes):
        size = Image.open(io.BytesIO(value)).size
        return f"picture {size[0]}×{size[1]}"
    text, beside = str(value), str(other)
    same = next((n for n, (a, b) in enumerate(zip(text, beside, strict=False)) if a != b), 0)
    start = max(0, same - 40)
    cut = text[start : start + LONGEST]
    return repr(("…" if start else "") + cut + ("…" if len(text) > start + LONGEST else ""))


def files_of(folder: Path) -> dict[str, Path]:
    """Published files by their place in the edition."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def compare(old: Edition, new: Edition, tolerance: Tolerance, most: int) -> tuple[int, int]:
    """Print what differs; return the number of differences and of places compared."""
    ours, theirs = files_of(old.folder), files_of(new.folder)
    wrong = compared = 0
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in ours or name not in theirs:
            print(f"{name}: only in the {'old' if name in ours else 'new'} edition")
            wrong += 1
            continue
        before, after = places(ours[name], old), places(theirs[name], new)
        compared += len(after)
        found = list(differences(before, after, tolerance.alike))
        wrong += len(found)
        for line in found[:most]:
            print(f"{name}: {line}")
        if len(found) > most:
            print(f"{name}: … and {len(found) - most} more")
    return wrong, compared


def main() -> int:
    """Compare the two folders named on the command line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("old", type=Path)
    asked.add_argument("new", type=Path)
    asked.add_argument("--renames", type=Path, default=Path(__file__).with_name("renames.toml"))
    asked.add_argument("--pixels", type=int, default=0, help="steps of 255 that a colour may differ")
    asked.add_argument(
        "--relative", type=float, default=0.0, help="share that an unrounded number may differ"
    )
    asked.add_argument("--most", type=int, default=20, help="lines printed for one file")
    words = asked.parse_args()
    for folder in (words.old, words.new):
        if not (folder / "run.json").is_file():
            print(f"{folder} is no edition: run.json is not there; name a folder such as reports/2024")
            return 2
    old = open_edition(words.old, tomllib.loads(words.renames.read_text("utf-8")))
    new = open_edition(words.new, {})
    wrong, compared = compare(old, new, Tolerance(words.relative, words.pixels), words.most)
    if not compared:
        print("nothing was compared")
        return 2
    print(f"{len(files_of(words.new))} files, {compared:,} places compared, {wrong:,} differ")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
