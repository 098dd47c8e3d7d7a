"""What text does a file hold, and where in the file does each character stand?

A Word file is read in the order of its body and text boxes, then footnotes, endnotes, headers, footers and the
workbooks inside its charts; slides, workbooks and PDF files become lines. Everything that could harm the reader (zip
and XML bombs, entities, encryption) is refused with a sentence before it is parsed.
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from lxml import etree  # type: ignore[import-untyped]

from edustats.briefing.office import chart_text, pdf_text, sheet_text, slide_parts, slide_text
from edustats.briefing.text import decode
from edustats.briefing.word_numbers import Numbering, read_numbering
from edustats.errors import DataError, MissingFileError

LIMIT_MB: Final = 40
"""Largest file read. A 50-page draft is well under 1 MB; pictures make some larger."""
TEXT_MB: Final = 5
"""Largest plain text read: a thousand pages and more."""
UNPACKED_MB: Final = 200
"""Largest declared size of all parts together; a bomb declares gigabytes."""
RATIO: Final = 200
"""Largest compression of one part; real documents stay below 100."""
PARTS: Final = 5000
W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAME: Final = f"{{{W}}}"
_NOTE_PARTS: Final = ("word/footnotes.xml", "word/endnotes.xml")
_MARKUP: Final = {
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".txt": "",
    ".text": "",
    "": "",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One text element of a Word file: its characters stand at ``start`` of the whole text."""

    start: int
    text: str
    node: Any
    part: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text as given, its markup, and for Word the place of every piece."""

    name: str
    text: str
    markup: str = ""
    pieces: list[Piece] = field(default_factory=list)
    data: bytes = b""
    numbering: Numbering = field(default_factory=Numbering)

    @property
    def hidden(self) -> list[tuple[int, int]]:
        """Start and end of every text that Word does not show."""
        return [
            (piece.start, piece.start + len(piece.text))
            for piece in self.pieces
            if piece.node is not None and _is_hidden(piece.node)
        ]


def read_document(file: str | Path) -> Document:
    """Read a draft.

    Parameters
    ----------
    file : path of a .docx, .pptx, .xlsx, .pdf, .txt, .md or .html file; ``-`` for standard input

    Returns
    -------
    Document

    Raises
    ------
    DataError, MissingFileError
        With a sentence that says what is wrong with the file and what to do.
    """
    if str(file) == "-":
        return parse(sys.stdin.buffer.read((LIMIT_MB + 1) << 20), "-")
    path = Path(file)
    if not path.is_file():
        raise MissingFileError("briefing.missing_file", file=path.name)
    _not_too_big(path.stat().st_size, LIMIT_MB, path.name)
    return parse(path.read_bytes(), path.name)


def parse(data: bytes, name: str) -> Document:
    """The document in the bytes of a file.

    Examples
    --------
    >>> parse("增长5%".encode(), "a.txt").text
    '增长5%'
    """
    suffix = Path(name).suffix.lower()
    _not_empty(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0"):  # the container of .doc, .wps and of encrypted .docx
        raise DataError(_name_old_format(data, suffix), file=name)
    if suffix in (".doc", ".wps", ".rtf") or data.startswith(b"{\\rtf"):
        raise DataError(_OLD.get(suffix, "briefing.rtf_file"), file=name)
    if data.startswith(b"%PDF") or suffix == ".pdf":
        return Document(name, pdf_text(data, name))
    if data.startswith(b"PK") or suffix in (".docx", ".pptx", ".xlsx", ".xlsm"):
        return _parse_package(data, name, suffix)
    if suffix not in _MARKUP:
        raise DataError("briefing.unknown_format", file=name)
    _not_too_big(len(data), TEXT_MB, name)
    return Document(name, decode(data, name), _MARKUP[suffix])


def _not_too_big(size: int, limit: int, name: str) -> None:
    if size > limit << 20:
        raise DataError("briefing.too_big", file=name, size=size >> 20, limit=limit)


def _not_empty(data: bytes, name: str) -> bytes:
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\0"):
        raise DataError("briefing.empty", file=name)
    return data


def _name_old_format(data: bytes, suffix: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data or suffix == ".docx":
        return "briefing.encrypted"
    return "briefing.wps_file" if suffix == ".wps" else "briefing.old_word"


_OLD: Final = {".doc": "briefing.old_word", ".wps": "briefing.wps_file"}
_MARGIN = re.compile(r"word/(?:header|footer)\d*\.xml$")


def _parse_package(data: bytes, name: str, suffix: str) -> Document:
    """A package of Word, PowerPoint or Excel, told by what it holds."""
    with _open_archive(data, name) as archive:
        present = archive.namelist()
        if "word/document.xml" in present:
            return _parse_word(data, name, archive, present)
        if "xl/workbook.xml" in present:
            text = sheet_text(data, name)
        elif "ppt/presentation.xml" in present:
            slides = [slide_text(safe_xml(archive.read(part), name)) for part in slide_parts(present)]
            text = "\n\n".join([*slides, chart_text(archive, present, name)])
        else:
            raise DataError("briefing.damaged", file=name)
    if not text.strip():
        raise DataError("briefing.picture_only", file=name)
    return Document(name, text, "docx")


def _parse_word(data: bytes, name: str, archive: zipfile.ZipFile, present: list[str]) -> Document:
    numbering = Numbering()
    if "word/numbering.xml" in present:
        numbering = read_numbering(safe_xml(archive.read("word/numbering.xml"), name))
    reader = WordReader(name, numbering)
    margins = sorted(part for part in present if _MARGIN.match(part))
    for part in ("word/document.xml", *(note for note in _NOTE_PARTS if note in present), *margins):
        reader.read(safe_xml(archive.read(part), name), part)
    charts = chart_text(archive, present, name)
    reader.add("\n" + charts if charts else "", "word/embeddings")
    pictures = any(entry.startswith("word/media/") for entry in present)
    text = "".join(piece.text for piece in reader.pieces)
    if not text.strip():
        raise DataError("briefing.picture_only" if pictures else "briefing.empty", file=name)
    return Document(name, text, "docx", reader.pieces, data, numbering)


def _is_hidden(node: Any) -> bool:
    """Text that Word keeps and does not show."""
    mark = node.getparent().find(f"{_NAME}rPr/{_NAME}vanish")
    return mark is not None and mark.get(f"{_NAME}val", "1") not in ("0", "false", "off")


def _open_archive(data: bytes, name: str) -> zipfile.ZipFile:
    """The archive, once its declared sizes are sane and every part is whole."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        squeezed = any(
            e.file_size > 1 << 20 and e.file_size > RATIO * max(1, e.compress_size) for e in entries
        )
        if len(entries) > PARTS or total > UNPACKED_MB << 20 or squeezed:
            raise DataError("briefing.bomb", file=name)
        if any(entry.flag_bits & 1 for entry in entries):
            raise DataError("briefing.encrypted", file=name)
        if archive.testzip() is not None:
            raise DataError("briefing.damaged", file=name)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError("briefing.damaged", file=name) from error
    return archive


def safe_xml(data: bytes, name: str) -> etree._Element:
    """Parse XML that may be hostile: no entities, no network, no giant trees."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise DataError("briefing.unsafe_xml", file=name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DataError("briefing.damaged", file=name) from error


class WordReader:
    """Collects the text of one Word file, and remembers the element of every character."""

    def __init__(self, name: str, numbering: Numbering | None = None) -> None:
        self.name, self.length = name, 0
        self.numbering = numbering.again() if numbering else Numbering()
        self.pieces: list[Piece] = []
        self.boxes: list[tuple[Any, str]] = []

    def read(self, root: Any, part: str) -> None:
        """Paragraphs and tables of a part, then the text boxes met on the way."""
        body = root.find(f"{_NAME}body")
        for block in _iterate_blocks(body if body is not None else root):
            self._block(block, part)
        boxes, self.boxes = self.boxes, []
        for box, where in boxes:
            for block in _iterate_blocks(box):
                self._block(block, where)

    def _block(self, block: Any, part: str) -> None:
        if block.tag == f"{_NAME}tbl":
            self._table(block, part)
        elif block.tag == f"{_NAME}p":
            self._paragraph(block, part)
        else:
            for inner in _iterate_blocks(block):
                self._block(inner, part)

    def _paragraph(self, paragraph: Any, part: str) -> None:
        self._add(self.numbering.before(paragraph), None, part)
        for node in _iterate_texts(paragraph, self.boxes, part):
            self._add(_visible_characters(node), node, part)
        self._add("\n", None, part)

    def _table(self, table: Any, part: str) -> None:
        """Cells end with a tab, rows with a line, as the clean text expects of a table."""
        for row in table.iter(f"{_NAME}tr"):
            if next(row.iterancestors(f"{_NAME}tbl")) is table:
                for cell in row.findall(f"{_NAME}tc"):
                    self._cell(cell, part)
                self._add("\n", None, part)

    def _cell(self, cell: Any, part: str) -> None:
        for paragraph in cell.iter(f"{_NAME}p"):
            for node in _iterate_texts(paragraph, self.boxes, part):
                self._add(_visible_characters(node), node, part)
        self._add("\t", None, part)

    def add(self, text: str, part: str) -> None:
        """Text that stands in no element of the file."""
        self._add(text, None, part)

    def _add(self, text: str, node: Any, part: str) -> None:
        if text:
            self.pieces.append(Piece(self.length, text, node, part))
            self.length += len(text)


_BLOCKS: Final = {
    f"{_NAME}{tag}" for tag in ("p", "tbl", "sdt", "sdtContent", "footnote", "endnote", "ins", "customXml")
}
_MARKS: Final = {f"{_NAME}tab": "\t", f"{_NAME}br": "\n", f"{_NAME}noBreakHyphen": "-"}
_BOX: Final = f"{_NAME}txbxContent"
_DELETED: Final = {f"{_NAME}del", f"{_NAME}moveFrom"}
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def _iterate_blocks(parent: Any) -> Iterator[Any]:
    return (child for child in parent if child.tag in _BLOCKS)


def _iterate_texts(element: Any, boxes: list[tuple[Any, str]], part: str) -> Iterator[Any]:
    """Text elements of a paragraph in order; boxes are kept for later, deleted text and fallbacks are
    left out."""
    for child in element:
        if child.tag == _BOX:
            boxes.append((child, part))
        elif child.tag == f"{_NAME}t" or child.tag in _MARKS:
            yield child
        elif child.tag not in _DELETED and child.tag not in (_FALLBACK, f"{_NAME}pPr", f"{_NAME}rPr"):
            yield from _iterate_texts(child, boxes, part)


def _visible_characters(node: Any) -> str:
    return _MARKS.get(node.tag) or node.text or ""
