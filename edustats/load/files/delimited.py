"""How is a plain table read, whatever wrote it? Every cell comes back as text, nothing is guessed."""

from __future__ import annotations

import bz2
import hashlib
import importlib.util
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from edustats.errors import DataError, MissingFileError

ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One table as it stands in its file: all text, rows in file order."""

    name: str
    digest: str
    cells: pd.DataFrame

    def row(self, position: int) -> int:
        """Row number as a person sees it in the file: the heading is row 1."""
        return position + 2


def locate(file: str, folder: Path, package: str = "") -> Path:
    """Path of a table: inside an installed package that ships it, else relative to ``folder``."""
    if not package:
        return _existing(folder / file, file)
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingFileError("load.no_package", package=package, file=file)
    return _existing(Path(next(iter(spec.submodule_search_locations))) / file, file)


def _existing(path: Path, file: str) -> Path:
    if not path.is_file():
        raise MissingFileError("load.no_table", file=file, folder=path.parent.name or ".")
    return path


def read_table(path: Path, sheet: str = "") -> RawTable:
    """Read a csv (UTF-8, GB18030 or UTF-16; also bz2) or a workbook's sheet as text.

    Raises
    ------
    DataError
        An empty file, a heading that occurs twice, a damaged workbook, an unknown sheet.
    """
    content = path.read_bytes()
    is_workbook = path.suffix.lower() in WORKBOOKS
    cells = _workbook(content, path, sheet) if is_workbook else _csv(content, path)
    if cells.empty:
        raise DataError("load.empty_table", file=path.name)
    headings = [str(name).strip() for name in cells.columns]
    if twice := sorted({name for name in headings if headings.count(name) > 1}):
        raise DataError("load.heading_twice", file=path.name, headings=", ".join(twice))
    digest = hashlib.sha256(content).hexdigest()
    return RawTable(name=path.name, digest=digest, cells=cells.set_axis(headings, axis=1))


def _csv(content: bytes, path: Path) -> pd.DataFrame:
    content = bz2.decompress(content) if path.suffix == ".bz2" else content
    text = decoded(content, path.name)
    if not text.strip():
        raise DataError("load.empty_table", file=path.name)
    first_line = text.split("\n", 1)[0]
    separator = "\t" if first_line.count("\t") > first_line.count(",") else ","
    try:
        rows = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
        )
    except pd.errors.ParserError as error:
        raise DataError(
            "load.ragged", file=path.name, detail=str(error).split("C error: ")[-1].strip()
        ) from error
    return rows.iloc[1:].set_axis(rows.iloc[0].tolist(), axis=1).reset_index(drop=True)


def decoded(content: bytes, name: str) -> str:
    """Text of a file in one of the encodings bureaus use; a byte that fits none is refused."""
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if utf16 else ENCODINGS[:2]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError("load.encoding", file=name, known=", ".join(ENCODINGS))


def _workbook(content: bytes, path: Path, sheet: str) -> pd.DataFrame:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        name = sheet or book.sheet_names[0]
        if name not in book.sheet_names:
            raise DataError("load.no_sheet", file=path.name, sheet=name, known=", ".join(book.sheet_names))
        rows = book.get_sheet_by_name(name).to_python()
    except CalamineError as error:
        raise DataError("load.damaged", file=path.name, detail=str(error)) from error
    if not rows:
        raise DataError("load.empty_table", file=path.name)
    return pd.DataFrame(
        [[_text(cell) for cell in row] for row in rows[1:]], columns=[_text(c) for c in rows[0]]
    )


def _text(cell: object) -> str:
    """A workbook cell as text; a whole number loses the .0 that the file format gave it."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
