"""How do sources travel inside a published file, and how are they read back?"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape, unescape
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from edustats.files import write_whole
from edustats.present.records.items import Provenance
from edustats.present.records.row_filter import RowFilter
from edustats.report.trace.sources import SPACE, TEMPLATE, UNFIT, NumberSources, PrintedNumber
from edustats.words import Text


@lru_cache(maxsize=1)
def build_custom_part(found: NumberSources) -> bytes:
    """The list as one XML document in the namespace :data:`SPACE`."""
    # Written as letters: a tree of twenty thousand elements costs three times as much.
    lines = [f"<?xml version='1.0' encoding='UTF-8'?>\n<provenance xmlns=\"{SPACE}\" lang=\"{found.lang}\">"]
    files = {file: k for k, file in enumerate(dict.fromkeys(f for one in found.listed for f in one.files), 1)}
    for (name, digest), number in files.items():
        lines.append(_write_element("file", number=number, name=name, sha256=digest))
    for one, number in found.places().items():
        named = " ".join(str(files[file]) for file in one.files)
        held = [
            _write_element("place", file=file, sheet=sheet, rows=rows) for file, sheet, rows in one.places
        ]
        held += [
            _write_rows(one.filter),
            _write_element("formula", _escape_text(one.formula)),
        ]
        held.append(_write_element("clause", zh=one.clause.zh, en=one.clause.en))
        facts: dict[str, object] = {"number": number, "version": one.version, "files": named}
        lines.append(_write_element("source", "".join(held), **facts))
    lines += map(_write_number, found.numbers)
    return "".join([*lines, "</provenance>"]).encode()


def _write_number(printed: PrintedNumber) -> str:
    """One number; the page of a chapter and the list of its area hold the same one, which is written once."""
    held = _WRITTEN.get(id(printed))
    if held is None or held[0] is not printed:
        year = "" if printed.year is None else f' year="{printed.year}"'
        names = ("notebook", "record", "within", "label", "unit", "decimals", "kind")
        told = " ".join([f'{name}="{_escape_attribute(str(getattr(printed, name)))}"' for name in names])
        behind = " ".join(map(str, printed.sources))
        head = f'<number id="{printed.id}" {told} sources="{behind}" value="{printed.value!r}"{year}>'
        if len(_WRITTEN) > MOST_WRITTEN:
            _WRITTEN.clear()
        held = printed, f"{head}{_escape_text(printed.shown)}</number>"
        _WRITTEN[id(printed)] = held
    return held[1]


_WRITTEN: dict[int, tuple[PrintedNumber, str]] = {}
MOST_WRITTEN = 20_000


def _write_element(name: str, inside: str = "", /, **attributes: object) -> str:
    head = name + "".join([f' {key}="{_escape_attribute(str(value))}"' for key, value in attributes.items()])
    return f"<{head}>{inside}</{name}>" if inside else f"<{head}/>"


def _escape_text(text: str) -> str:
    """Text as XML holds it, without what XML cannot hold."""
    if not UNSAFE.search(text):
        return text
    return (
        UNFIT.sub("", text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\r", "&#13;")
    )


@lru_cache(maxsize=4096)
def _escape_attribute(text: str) -> str:
    if not UNSAFE.search(text):
        return text
    return _escape_text(text).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")


UNSAFE = re.compile(f'[&<>"\r\n\t{UNFIT.pattern[1:]}')


def _write_rows(rows: RowFilter) -> str:
    facts = {"whose": rows.whose, "group": rows.group, "until": rows.until, "units": rows.units}
    areas = "".join(_write_element("area", _escape_text(code)) for code in rows.areas)
    return _write_element("filter", areas, years=" ".join(map(str, rows.years)), **facts)


def parse_custom_part(xml: bytes) -> NumberSources:
    """The list that :func:`build_custom_part` wrote."""
    root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    space = {"e": SPACE}
    files = [(one.get("name"), one.get("sha256")) for one in root.iterfind("e:file", space)]
    sources = list(root.iterfind("e:source", space))
    return NumberSources(
        lang=root.get("lang", "zh"),
        listed=tuple(_parse_source(one, files) for one in sources),
        counted=tuple(int(one.get("number")) for one in sources),
        numbers=tuple(_parse_number(one) for one in root.iterfind("e:number", space)),
    )


def _parse_source(made: Any, files: Sequence[tuple[str, str]]) -> Provenance:
    def all_of(name: str) -> Iterator[Any]:
        yield from made.iterfind(f"{{{SPACE}}}{name}")

    clause = next(all_of("clause"))
    return Provenance(
        files=tuple(files[int(number) - 1] for number in made.get("files", "").split()),
        places=tuple((one.get("file"), one.get("sheet"), one.get("rows")) for one in all_of("place")),
        filter=_parse_rows(next(all_of("filter"))), formula=next(all_of("formula")).text or "",
        clause=Text(clause.get("zh"), clause.get("en")), version=made.get("version"),
    )  # fmt: skip


def _parse_rows(made: Any) -> RowFilter:
    return RowFilter(
        whose=made.get("whose", "area"), areas=tuple(one.text or "" for one in made),
        years=tuple(map(int, made.get("years", "").split())), until=int(made.get("until", 0)),
        group=made.get("group", ""), units=int(made.get("units", 0)),
    )  # fmt: skip


def _parse_number(made: Any) -> PrintedNumber:
    names = ("id", "notebook", "record", "within", "label", "unit", "kind")
    year = made.get("year")
    return PrintedNumber(
        **{name: made.get(name, "") for name in names}, value=float(made.get("value")),
        decimals=int(made.get("decimals")), shown=made.text or "", year=int(year) if year else None,
        sources=tuple(map(int, made.get("sources", "").split())),
    )  # fmt: skip


def embed_sources(path: Path, found: NumberSources) -> None:
    """Put the list into a finished .docx, .xlsx or .html, in place of one it may hold; whole or not at all."""
    kinds: dict[str, Callable[[bytes, NumberSources], bytes]] = {
        ".docx": embed_in_package, ".xlsx": embed_in_package, ".html": _embed_in_page,
    }  # fmt: skip
    write_whole(path, kinds[path.suffix.lower()](path.read_bytes(), found))


def _embed_in_page(page: bytes, found: NumberSources) -> bytes:
    bare = re.sub(rf'<template id="{TEMPLATE}">.*?</template>\n?'.encode(), b"", page, flags=re.DOTALL)
    inert = f'<template id="{TEMPLATE}">{escape(build_custom_part(found).decode())}</template>\n'.encode()
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


def embed_in_package(package: bytes, found: NumberSources) -> bytes:
    """An Office package with one more part: the list, its properties, and how both are found."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    place = _find_part_number(parts)
    item = CUSTOM.format(f"item{place}.xml")
    if item not in parts:
        _add_relation(parts, item, place)
    parts[item] = build_custom_part(found)
    core = parts.get("docProps/core.xml", b"")
    if core:  # when it was made stands in the run's record; equal numbers are equal bytes
        parts["docProps/core.xml"] = TIMES.sub(b"", core)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in parts.items():
            # a picture is packed already, and so is a chart's workbook
            kind = zipfile.ZIP_STORED if name.endswith((".png", ".xlsx")) else zipfile.ZIP_DEFLATED
            made.writestr(zipfile.ZipInfo(name), body, kind)
    return held.getvalue()


def _find_part_number(parts: dict[str, bytes]) -> int:
    """The number of the part that holds our list, or the next that is free."""
    numbers = {int(hit[1]): name for name in parts if (hit := ITEM.fullmatch(name))}
    ours = [number for number, name in numbers.items() if SPACE.encode() in parts[name][:600]]
    return ours[0] if ours else max(numbers, default=0) + 1


def _add_relation(parts: dict[str, bytes], item: str, place: int) -> None:
    main = "word/document.xml" if "word/document.xml" in parts else "xl/workbook.xml"
    folder, _, name = main.partition("/")
    own = f"{folder}/_rels/{name}.rels"
    added = RELATION.format(id=f"rIdEdustats{place}", kind="customXml", target=f"../{item}")
    parts[own] = _insert_before(parts[own], b"</Relationships>", added)
    properties = CUSTOM.format(f"itemProps{place}.xml")
    parts[properties] = PROPERTIES.encode()
    relation = RELATION.format(id="rId1", kind="customXmlProps", target=properties.rpartition("/")[2])
    parts[CUSTOM.format(f"_rels/item{place}.xml.rels")] = RELS.format(relation).encode()
    override = f'<Override PartName="/{properties}" ContentType="{PROPERTIES_TYPE}"/>'
    types = parts["[Content_Types].xml"]
    if b'Extension="xml"' not in types:
        override = f'<Default Extension="xml" ContentType="application/xml"/>{override}'
    parts["[Content_Types].xml"] = _insert_before(types, b"</Types>", override)


def _insert_before(xml: bytes, end: bytes, added: str) -> bytes:
    head, mark, tail = xml.rpartition(end)
    return head + added.encode() + mark + tail


def read_embedded_sources(path: Path) -> NumberSources | None:
    """The list inside a published file; None where it holds none."""
    if path.suffix.lower() in (".docx", ".xlsx"):
        with zipfile.ZipFile(path) as parts:
            for name in parts.namelist():
                if ITEM.fullmatch(name) and SPACE.encode() in (body := parts.read(name))[:600]:
                    return parse_custom_part(body)
        return None
    page = path.read_text("utf-8")
    hit = re.search(rf'<template id="{TEMPLATE}">(.*?)</template>', page, re.DOTALL)
    return parse_custom_part(unescape(hit[1]).encode()) if hit else None
