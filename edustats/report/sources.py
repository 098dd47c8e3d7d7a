"""Where did every printed number of these notebooks come from? A numbered list, for page, brief and workbook.

The list travels inside the published file: as a custom XML part of a .docx or .xlsx, as an inert
``<template>`` of a page. ``edustats explain`` reads it there.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from html import escape, unescape
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from edustats.present.finding import Figure, Finding, Provenance, Table
from edustats.present.sentences import amount, digits
from edustats.report.executed import blocks
from edustats.report.manifest import write_whole
from edustats.report.quantities import Quantity, quantity, unit_of
from edustats.words import Text, say

SPACE = "urn:edustats:provenance:1"
TEMPLATE = "edustats-provenance"
YEAR = re.compile(r"(19|20)\d\d")
# What XML cannot hold, and the marks that turn the reading direction of what follows.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNumber:
    """One number of a published file, in the language of the file."""

    id: str
    notebook: str
    record: str
    """Kind and key of what it stands in, e.g. ``table trends``."""
    within: str
    """The sentence, or the title of the table or figure."""
    label: str
    value: float
    unit: str
    decimals: int
    shown: str
    year: int | None
    sources: tuple[int, ...]
    """Numbers in the list of sources, from 1; empty where the record names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The distinct sources of some notebooks in order of first use, and every number printed from them."""

    lang: str
    listed: tuple[Provenance, ...]
    numbers: tuple[PrintedNumber, ...]

    def places(self) -> dict[Provenance, int]:
        """The number of each source in the list, from 1."""
        return {one: number for number, one in enumerate(self.listed, 1)}


def sources(executed: Sequence[Path], lang: str) -> Sources:
    """List what stands behind every finding, table and figure.

    Parameters
    ----------
    executed : executed notebooks, in reading order
    lang : zh or en
    """
    return listed(executed, lang)[0]


def listed(executed: Sequence[Path], lang: str) -> tuple[Sources, tuple[Text, ...]]:
    """The same, with the label of each number in both languages."""
    listing = _Listing(lang)
    for notebook in executed:
        for block in blocks(notebook, lang):
            listing.add(block, notebook.stem)
    found = Sources(lang=lang, listed=tuple(listing.places), numbers=tuple(listing.numbers))
    return found, tuple(listing.labels)


class _Listing:
    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.places: dict[Provenance, int] = {}
        self.numbers: list[PrintedNumber] = []
        self.labels: list[Text] = []

    def add(self, block: object, notebook: str) -> None:
        match block:
            case Finding():
                for one in block.numbers:
                    found = Quantity(value=one.value, decimals=one.decimals, unit=one.unit)
                    where = self._of([one.source])
                    self._note(notebook, f"finding {block.key}", block.sentence, one.label, found, where)
            case Table():
                self._table(notebook, f"table {block.key}", block.title, block)
            case Figure():
                self._table(notebook, f"figure {block.key}", block.title, block.data)

    def _of(self, found: Iterable[Provenance]) -> tuple[int, ...]:
        return tuple(dict.fromkeys(self.places.setdefault(one, len(self.places) + 1) for one in found))

    def _table(self, notebook: str, record: str, title: Text, table: Table) -> None:
        for row, where in zip(table.rows, row_sources(table), strict=True):
            numbers, year = self._of(where), year_in(row)
            for j, cell in enumerate(row):
                found = quantity(cell, table.columns[j].decimals, self.lang)
                if found is None or (j == 0 and not isinstance(cell, (int, float))) or _is_year(cell):
                    continue
                opening, head = _both(row[0]), table.columns[j].label
                label = Text(f"{opening.zh} · {head.zh}", f"{opening.en} · {head.en}") if j else head
                self._note(notebook, record, title, label, found, numbers, year)

    def _note(
        self, notebook: str, record: str, within: Text, label: Text, found: Quantity, where: tuple[int, ...],
        year: int | None = None,
    ) -> None:  # fmt: skip
        if year is None:
            year = next((one for source in self._named(where) if (one := _only_year(source))), None)
        self.labels.append(label)
        self.numbers.append(
            PrintedNumber(
                id=f"n{len(self.numbers) + 1}", notebook=notebook, record=record, within=within[self.lang],
                label=label[self.lang], value=found.value, unit=found.unit or found.suffix, decimals=found.decimals,
                shown=shown(found, self.lang), year=year, sources=where,
            )
        )  # fmt: skip

    def _named(self, where: tuple[int, ...]) -> list[Provenance]:
        return [list(self.places)[number - 1] for number in where[:1]]


def _both(cell: object) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell), str(cell))


def row_sources(table: Table) -> list[tuple[Provenance, ...]]:
    """The sources of each row: one a row, or one for all rows that open alike, else all of the table's."""
    found = table.sources
    if len(found) == len(table.rows):
        return [(one,) for one in found]
    opened = list(dict.fromkeys(_opening(row) for row in table.rows))
    if len(found) == len(opened):
        return [(found[opened.index(_opening(row))],) for row in table.rows]
    return [found] * len(table.rows)


def _opening(row: Sequence[object]) -> str:
    return str(row[0]) if row else ""


def year_in(row: Sequence[object]) -> int | None:
    """The year a row names in a cell of its own, if it names just one."""
    years = [cell for cell in row if _is_year(cell)]
    return int(str(years[0])) if len(years) == 1 else None


def _is_year(cell: object) -> bool:
    return isinstance(cell, str) and bool(YEAR.fullmatch(cell))


def _only_year(source: Provenance) -> int | None:
    found = re.search(r"(?:^|\s)year=(\d{4})(?![\d,])", source.filter)
    return int(found[1]) if found else None


def shown(found: Quantity, lang: str) -> str:
    """A number as a page prints it, with its unit where that is known."""
    unit = unit_of(found.unit)
    if unit is not None:
        return amount(found.value, unit, found.decimals)[lang]
    return digits(found.value, found.decimals, lang, grouped=True) + found.suffix


def source_rows(found: Sources) -> list[tuple[str, ...]]:
    """The list as rows of text: number, figures taken, formula, definition, files, places, version."""
    return [
        (
            str(number), one.filter, one.formula, one.clause[found.lang],
            "; ".join(f"{name} (sha256 {digest[:16]}…)" for name, digest in one.files),
            "; ".join(place_text(place, found.lang) for place in one.places), one.version,
        )
        for number, one in enumerate(found.listed, 1)
    ]  # fmt: skip


def source_heads(lang: str) -> tuple[str, ...]:
    """The headings of :func:`source_rows`."""
    names = ("number", "filter", "formula", "clause", "files", "places", "version")
    return tuple(say(f"trace.source_{name}")[lang] for name in names)


def place_text(place: tuple[str, str, str], lang: str) -> str:
    """A file, its sheet and its rows in words."""
    file, sheet, rows = place
    said = say("trace.place" if sheet else "trace.place_no_sheet", file=file, sheet=sheet, rows=rows)
    return said[lang]


def to_json(found: Sources) -> str:
    """The list as JSON: ``{"lang", "listed": [...], "numbers": [...]}``."""
    return json.dumps(asdict(found), ensure_ascii=False)


# --- inside a published file ---


ATTRIBUTES = ("id", "notebook", "record", "within", "label", "unit", "decimals")


@lru_cache(maxsize=1)
def custom_part(found: Sources) -> bytes:
    """The list as one XML document in the namespace :data:`SPACE`."""
    root = etree.Element(f"{{{SPACE}}}provenance", nsmap={None: SPACE}, attrib={"lang": found.lang})
    files = {file: k for k, file in enumerate(dict.fromkeys(f for one in found.listed for f in one.files), 1)}
    for (name, digest), number in files.items():
        _add(root, "file", number=number, name=name, sha256=digest)
    for number, one in enumerate(found.listed, 1):
        named = " ".join(str(files[file]) for file in one.files)
        made = _add(root, "source", number=number, version=one.version, files=named)
        for file, sheet, rows in one.places:
            _add(made, "place", file=file, sheet=sheet, rows=rows)
        _add(made, "filter", one.filter)
        _add(made, "formula", one.formula)
        _add(made, "clause", zh=one.clause.zh, en=one.clause.en)
    for printed in found.numbers:
        facts = {name: getattr(printed, name) for name in ATTRIBUTES}
        facts |= {"sources": " ".join(map(str, printed.sources)), "value": repr(printed.value)}
        if printed.year is not None:
            facts["year"] = printed.year
        _add(root, "number", printed.shown, **facts)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add(parent: Any, name: str, text: str = "", /, **attributes: object) -> Any:
    made = etree.SubElement(parent, f"{{{SPACE}}}{name}")
    for key, value in attributes.items():
        made.set(key, UNFIT.sub("", str(value)))
    made.text = UNFIT.sub("", text) or None
    return made


def read_part(xml: bytes) -> Sources:
    """The list that :func:`custom_part` wrote."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    space = {"e": SPACE}
    files = [(one.get("name"), one.get("sha256")) for one in root.iterfind("e:file", space)]
    return Sources(
        lang=root.get("lang", "zh"),
        listed=tuple(_source(one, files) for one in root.iterfind("e:source", space)),
        numbers=tuple(_printed(one) for one in root.iterfind("e:number", space)),
    )


def _source(made: Any, files: Sequence[tuple[str, str]]) -> Provenance:
    def all_of(name: str) -> Iterator[Any]:
        yield from made.iterfind(f"{{{SPACE}}}{name}")

    clause = next(all_of("clause"))
    return Provenance(
        files=tuple(files[int(number) - 1] for number in made.get("files", "").split()),
        places=tuple((one.get("file"), one.get("sheet"), one.get("rows")) for one in all_of("place")),
        filter=next(all_of("filter")).text or "", formula=next(all_of("formula")).text or "",
        clause=Text(clause.get("zh"), clause.get("en")), version=made.get("version"),
    )  # fmt: skip


def _printed(made: Any) -> PrintedNumber:
    names = ("id", "notebook", "record", "within", "label", "unit")
    year = made.get("year")
    return PrintedNumber(
        **{name: made.get(name, "") for name in names}, value=float(made.get("value")),
        decimals=int(made.get("decimals")), shown=made.text or "", year=int(year) if year else None,
        sources=tuple(map(int, made.get("sources", "").split())),
    )  # fmt: skip


def attach(path: Path, found: Sources) -> None:
    """Put the list into a finished .docx, .xlsx or .html, in place of one it may hold; whole or not at all."""
    kinds: dict[str, Callable[[bytes, Sources], bytes]] = {
        ".docx": into_package, ".xlsx": into_package, ".html": _into_page,
    }  # fmt: skip
    write_whole(path, kinds[path.suffix.lower()](path.read_bytes(), found))


def _into_page(page: bytes, found: Sources) -> bytes:
    bare = re.sub(rf'<template id="{TEMPLATE}">.*?</template>\n?'.encode(), b"", page, flags=re.DOTALL)
    inert = f'<template id="{TEMPLATE}">{escape(custom_part(found).decode())}</template>\n'.encode()
    head, end, tail = bare.rpartition(b"</body>")
    return head + inert + end + tail if end else bare + inert


CUSTOM = "customXml/{}"
ITEM = re.compile(r"customXml/item(\d+)\.xml")
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
RELS = f'<Relationships xmlns="{PACKAGE}relationships">{{}}</Relationships>'
RELATION = '<Relationship Id="{id}" Type="' + OFFICE + 'relationships/{kind}" Target="{target}"/>'
STORE_ID = "{5E0D2B1C-7A64-4D0B-9E55-3B1D0A8C4F71}"
PROPERTIES = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<ds:datastoreItem ds:itemID="{STORE_ID}" '
    f'xmlns:ds="{OFFICE}customXml"><ds:schemaRefs><ds:schemaRef ds:uri="{SPACE}"/></ds:schemaRefs>'
    "</ds:datastoreItem>"
)
TIMES = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
PROPERTIES_TYPE = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"


def into_package(package: bytes, found: Sources) -> bytes:
    """An Office package with one more part: the list, its properties, and how both are found."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    place = _place_of(parts)
    item = CUSTOM.format(f"item{place}.xml")
    if item not in parts:
        _relate(parts, item, place)
    parts[item] = custom_part(found)
    core = parts.get("docProps/core.xml", b"")
    if core:  # when it was made stands in the run's record; equal numbers are equal bytes
        parts["docProps/core.xml"] = TIMES.sub(b"", core)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in parts.items():
            made.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _place_of(parts: dict[str, bytes]) -> int:
    """The number of the part that holds our list, or the next that is free."""
    numbers = {int(hit[1]): name for name in parts if (hit := ITEM.fullmatch(name))}
    ours = [number for number, name in numbers.items() if SPACE.encode() in parts[name][:600]]
    return ours[0] if ours else max(numbers, default=0) + 1


def _relate(parts: dict[str, bytes], item: str, place: int) -> None:
    main = "word/document.xml" if "word/document.xml" in parts else "xl/workbook.xml"
    folder, _, name = main.partition("/")
    own = f"{folder}/_rels/{name}.rels"
    added = RELATION.format(id=f"rIdEdustats{place}", kind="customXml", target=f"../{item}")
    parts[own] = _before(parts[own], b"</Relationships>", added)
    properties = CUSTOM.format(f"itemProps{place}.xml")
    parts[properties] = PROPERTIES.encode()
    relation = RELATION.format(id="rId1", kind="customXmlProps", target=properties.rpartition("/")[2])
    parts[CUSTOM.format(f"_rels/item{place}.xml.rels")] = RELS.format(relation).encode()
    override = f'<Override PartName="/{properties}" ContentType="{PROPERTIES_TYPE}"/>'
    types = parts["[Content_Types].xml"]
    if b'Extension="xml"' not in types:
        override = f'<Default Extension="xml" ContentType="application/xml"/>{override}'
    parts["[Content_Types].xml"] = _before(types, b"</Types>", override)


def _before(xml: bytes, end: bytes, added: str) -> bytes:
    head, mark, tail = xml.rpartition(end)
    return head + added.encode() + mark + tail


def held_in(path: Path) -> Sources | None:
    """The list inside a published file; None where it holds none."""
    if path.suffix.lower() in (".docx", ".xlsx"):
        with zipfile.ZipFile(path) as parts:
            for name in parts.namelist():
                if ITEM.fullmatch(name) and SPACE.encode() in (body := parts.read(name))[:600]:
                    return read_part(body)
        return None
    page = path.read_text("utf-8")
    hit = re.search(rf'<template id="{TEMPLATE}">(.*?)</template>', page, re.DOTALL)
    return read_part(unescape(hit[1]).encode()) if hit else None
