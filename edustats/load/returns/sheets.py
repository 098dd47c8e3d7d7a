"""What figures does one sheet hold, and what became of each of its rows?

A sheet becomes blocks: figures with the place each was read from. Every row that is not empty is either
loaded or set aside with a reason and its text; a cell that cannot be read is a finding, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from edustats.catalogue import Catalogue
from edustats.errors import DataError
from edustats.load.files import values as clean
from edustats.load.files.workbook import Sheet
from edustats.load.returns.forms import FACT, TABLE, Figure, Form, Forms, find, label, unit_in
from edustats.typing import Floats, KindCodes

Ints = npt.NDArray[np.int32]

CATEGORIES = ("11", "21", "22", *map(str, range(31, 38)), "41", "42", "51", "91", "92", "93")
NOT_APPLICABLE = clean.KINDS.index("not_applicable")
MOST_HEADER_ROWS = 8
HEADER_WITHIN = 40
_SCHOOL_YEAR = re.compile(r"((?:19|20)\d\d)\s*[/\-—–至]\s*(?:(?:19|20)?\d\d)?\s*学年")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_ITEM = re.compile(r"^(\d{2,3})\s+(.+)$")


@dataclass(slots=True, kw_only=True)
class Filled:
    """One column of a block: its values, their kinds, and the cells they were read from."""

    values: Floats
    kinds: KindCodes
    rows: Ints
    letter: str
    words: str
    raw: dict[int, str] = field(default_factory=dict)
    scale: float = 1.0


@dataclass(slots=True, kw_only=True)
class Block:
    """The figures of some units in one year, from one sheet."""

    form: str
    kind: str
    file: str
    sheet: str
    year: int
    units: list[str]
    rows: Ints
    names: list[str]
    counties: list[str]
    texts: dict[str, list[str]] = field(default_factory=dict)
    columns: dict[str, Filled] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Account:
    """What became of every row of one sheet."""

    file: str
    sheet: str
    digest: str
    form: str = ""
    read: int = 0
    loaded: int = 0
    aside: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finding about one cell or row, before it is put in words."""

    rule: str
    severity: str
    row: int
    letter: str
    unit: str
    column: str
    value: str
    expected: str


@dataclass(slots=True, kw_only=True)
class Taken:
    """Everything taken from one sheet."""

    blocks: list[Block]
    account: Account
    doubts: list[Doubt]


def row_text(row: Iterable[object]) -> str:
    """A row as text, cells parted by tabs, for the ledger."""
    return "\t".join(clean.text(cell) for cell in row).strip("\t")


def year_of(*hints: str) -> int:
    """The school year (or year) a sheet speaks of, from the first hint that names one; 0 if none does."""
    for pattern in (_SCHOOL_YEAR, _YEAR):
        for hint in hints:
            if found := pattern.search(clean.plain(hint)):
                return int(found[1])
    return 0


def take(sheet: Sheet, layouts: Forms, known: Catalogue) -> Taken:
    """Take what one sheet holds, whatever it is.

    Raises
    ------
    DataError
        A form without a year anywhere: guessing one would put every figure in the wrong place.
    """
    account = Account(file=sheet.file, sheet=sheet.name, digest=sheet.digest)
    work = _Work(sheet, layouts, known, account, [])
    form = grid_form(sheet, layouts)
    if form is not None:
        return work.grid(form)
    header = work.header()
    return work.rows_of_units(header) if header else work.nothing()


def grid_form(sheet: Sheet, layouts: Forms) -> Form | None:
    """The form a sheet is, by the number of the table in its name or in its first rows."""
    found = TABLE.search(sheet.name)
    if not found:
        top = " ".join(clean.text(cell) for row in sheet.rows[:4] for cell in row if type(cell) is str)
        found = TABLE.search(top) if "表号" in re.sub(r"\s", "", top) else None
    return layouts.grids.get(found[0]) if found else None


@dataclass(slots=True, kw_only=True)
class Header:
    """A list's header: the form it is, where its rows begin and end, and the path above every column."""

    form: Form
    first: int
    depth: int
    paths: list[tuple[str, ...]]
    units: list[str]
    key: int


@dataclass(slots=True)
class _Work:
    """The work on one sheet."""

    sheet: Sheet
    layouts: Forms
    known: Catalogue
    account: Account
    doubts: list[Doubt]

    # --- the account ---

    def aside(self, position: int, reason: str) -> None:
        row = self.sheet.rows[position]
        self.account.read += 1
        self.account.aside.append((self.sheet.row(position), reason, row_text(row)))

    def taken(self, blocks: list[Block]) -> Taken:
        return Taken(blocks=blocks, account=self.account, doubts=self.doubts)

    def nothing(self) -> Taken:
        """A sheet that is no form of ours: cover, contents, somebody's notes."""
        name = label(self.sheet.name)
        reason = "cover" if name in ("封面", "目录", "填报说明") else "no_form"
        for i, row in enumerate(self.sheet.rows):
            if not _empty(row):
                self.aside(i, reason)
        return self.taken([])

    def doubt(self, rule: str, severity: str, where: tuple[int, str], unit: str, column: str, value: str,
              expected: str) -> None:  # fmt: skip
        self.doubts.append(Doubt(rule, severity, where[0], where[1], unit, column, value, expected))

    # --- finding the header of a list ---

    def header(self) -> Header | None:
        """The best fitting form, if the words of any stand above the columns."""
        candidates = [f for f in self.layouts.lists if f.kind != "register"]
        for i, row in enumerate(self.sheet.rows[:HEADER_WITHIN]):
            words = [label(cell) if type(cell) is str else "" for cell in row]
            if words.count("") > len(words) - 2:
                continue
            if register := self.register(words):
                return Header(form=register, first=i, depth=1, paths=[(w,) for w in words], units=[], key=0)
            keyed = [(f, words.index(k)) for f in candidates for k in f.keys.get("unit", ()) if k in words]
            if keyed:
                return self.best(i, keyed)
        return None

    def register(self, words: Sequence[str]) -> Form | None:
        for form in self.layouts.lists:
            needed = {label(w) for key, w in form.fields.items() if key not in form.optional}
            if form.kind == "register" and needed <= set(words):
                return form
        return None

    def best(self, first: int, keyed: Sequence[tuple[Form, int]]) -> Header | None:
        depth = self.depth(first, keyed[0][1])
        paths, units = self.paths(first, depth)
        year = self.year(first)
        scored = []
        for form, key in self.named(
            first, [pair for pair in keyed if pair[0].since <= year <= pair[0].until]
        ):
            fits = sum(any(find(paths, p) for p in figure.paths) for figure in form.figures)
            scored.append((fits, -len(form.figures), form, key))
        if not scored or max(scored, key=lambda s: s[:2])[0] == 0:
            return None
        _, _, form, key = max(scored, key=lambda s: s[:2])
        return Header(form=form, first=first, depth=depth, paths=paths, units=units, key=key)

    def named(self, first: int, keyed: Sequence[tuple[Form, int]]) -> Sequence[tuple[Form, int]]:
        """Forms whose words the name of the file or sheet bears, else the title, else all."""
        name = clean.plain(f"{self.sheet.file.rsplit('/', 1)[-1]} {self.sheet.name}")
        # 2015/2016学年初中职 speaks of 中职 at the beginning of the year, not of 初中
        title = clean.plain(self.title(first)).replace("学年初", "学年 ")
        for text in (name, title):
            if fit := [pair for pair in keyed if any(word in text for word in pair[0].words)]:
                return fit
        return keyed

    def title(self, first: int) -> str:
        return " ".join(
            clean.text(cell) for row in self.sheet.rows[:first] for cell in row if type(cell) is str
        )

    def year(self, first: int) -> int:
        folder, _, file = self.sheet.file.rpartition("/")
        return year_of(self.title(first), self.sheet.name, file, *reversed(folder.split("/")))

    def depth(self, first: int, key: int) -> int:
        """Rows of the header: those beneath its first row whose key cell is empty and that hold no number."""
        depth = 1
        for row in self.sheet.rows[first + 1 : first + MOST_HEADER_ROWS]:
            key_empty = key >= len(row) or clean.text(row[key]).strip() == ""
            if not key_empty or _empty(row) or any(type(cell) is float for cell in row):
                break
            depth += 1
        return depth

    def paths(self, first: int, depth: int) -> tuple[list[tuple[str, ...]], list[str]]:
        """The path of words above every column; a word spans the columns it is merged over."""
        block = self.sheet.rows[first : first + depth]
        width = max(map(len, block))
        words = [[label(clean.text(row[j])) if j < len(row) else "" for j in range(width)] for row in block]
        if not self.spread_merged(words, first):
            _spread_blank(words)
        paths, units = [], []
        for j in range(width):
            path = [row[j] for row in words if row[j]]
            bare, unit = unit_in(path[-1]) if path else ("", "")
            if unit and any(unit in u.scales for u in self.known.units.values()):
                path[-1] = bare
            else:
                unit = ""
            paths.append(tuple(path))
            units.append(unit)
        return paths, units

    def spread_merged(self, words: list[list[str]], first: int) -> bool:
        """Copy merged words to the right, inside the header only; whether there were any."""
        found = False
        for (top, left), (_, right) in self.sheet.merged:
            i = top - self.sheet.top - first
            if 0 <= i < len(words) and right > left:
                found = True
                start, end = left - self.sheet.left, min(right - self.sheet.left + 1, len(words[i]))
                for j in range(max(start, 0), end):
                    words[i][j] = words[i][start]
        return found

    # --- a list: one unit a row ---

    def rows_of_units(self, header: Header) -> Taken:
        form = header.form
        self.account.form = form.key
        if form.kind == "register":
            return self.registered(header)
        year = self.year(header.first)
        if not year:
            raise DataError("load.no_year", file=self.sheet.file, sheet=self.sheet.name or "—")
        self.furniture(header)
        data, codes = self.data_rows(header)
        block = self.list_block(header, data, codes, year)
        self.account.read += len(data)
        self.account.loaded += len(data)
        self.totals(header, block)
        return self.taken([block])

    def totals(self, header: Header, block: Block) -> None:
        """Hold the list's own line of totals against its rows, where every row was loaded."""
        lines = [row for row, reason, _ in self.account.aside if reason == "subtotal"]
        if len(lines) != 1 or any(reason in ("no_code", "duplicate") for _, reason, _ in self.account.aside):
            return
        line = self.sheet.rows[lines[0] - self.sheet.top - 1]
        for figure in header.form.figures:
            filled = block.columns.get(figure.column)
            if filled is None or len(figure.paths) > 1 or figure.values:
                continue
            given = line[find(header.paths, figure.paths[0])[0]]
            self.total(lines[0], figure.column, given, filled)

    def total(self, row: int, column: str, given: object, filled: Filled) -> None:
        if type(given) is not float or not np.isin(filled.kinds, (clean.OK, NOT_APPLICABLE)).all():
            return
        added = float(np.nansum(filled.values))
        told = given * filled.scale
        # every row may have been rounded in its second decimal
        if abs(added - told) > 0.5 + 0.005 * filled.scale * len(filled.values):
            self.doubt("total_row", "warning", (row, filled.letter), "", column, f"{told:g}", f"{added:g}")

    def furniture(self, header: Header) -> None:
        for i in range(header.first + header.depth):
            if not _empty(self.sheet.rows[i]):
                self.aside(i, "heading" if i >= header.first else "title")

    def data_rows(self, header: Header) -> tuple[list[int], list[str]]:
        """Positions and codes of the rows of units; every other row is set aside with its reason."""
        rows, key, county = self.sheet.rows, header.key, header.form.kind == "county"
        kept: dict[str, int] = {}
        for i in range(header.first + header.depth, len(rows)):
            cell = rows[i][key] if key < len(rows[i]) else ""
            whole = type(cell) is str and len(cell) == 10 and cell.isascii() and cell.isdigit()
            code = str(cell) if whole else clean.code(clean.text(cell))
            good = len(code) == 6 if county else len(code) == 10 and code[:2] in CATEGORIES
            if good and code not in kept:
                kept[code] = i
            elif (reason := self.reason(header, i, code, code in kept)) != "empty":
                self.aside(i, reason)
        return list(kept.values()), list(kept)

    def reason(self, header: Header, i: int, code: str, again: bool) -> str:
        """Why a row without a new good code is not loaded; a row somebody filled in is a finding too."""
        row = self.sheet.rows[i]
        if _empty(row):
            return "empty"
        first = label(_first_text(row))
        for reason, words in self.layouts.furniture.items():
            if first.startswith(words) if reason == "note" else first in words:
                return reason
        if self.repeats_heading(header, row):
            return "heading"
        name = self.cell(header, row, "name")
        if not name and all(label(clean.text(c)) == "" for c in row[header.key : header.key + 1]):
            return "no_code"
        raw, rule = clean.text(row[header.key]), "duplicate_unit" if again else "school_code"
        where = (self.sheet.row(i), self.sheet.letter(header.key))
        self.doubt(rule, "error", where, code or name, "unit", raw, "")
        return "duplicate" if again else "no_code"

    def repeats_heading(self, header: Header, row: Sequence[object]) -> bool:
        """Whether a row is one of the header's own, come again after a page break."""
        have = {label(cell) for cell in row if type(cell) is str} - {""}
        heads = {word for path in header.paths for word in path}
        numbers = any(type(cell) is float for cell in row)
        return bool(have) and not numbers and all(word in heads or unit_in(word)[0] in heads for word in have)

    def cell(self, header: Header, row: Sequence[object], key: str) -> str:
        for words in header.form.keys.get(key, ()):
            if (words,) in header.paths:
                j = header.paths.index((words,))
                return clean.plain(clean.text(row[j])) if j < len(row) else ""
        return ""

    def list_block(self, header: Header, data: Sequence[int], codes: Sequence[str], year: int) -> Block:
        form, width = header.form, len(header.paths)
        picked = [self.sheet.rows[i] for i in data]
        if any(len(row) < width for row in picked):
            picked = [[*row, *[""] * (width - len(row))] for row in picked]
        columns = list(zip(*picked, strict=False)) if picked else [()] * width
        numbers = np.array([self.sheet.row(i) for i in data], dtype=np.int32)
        block = Block(
            form=form.key, kind=form.kind, file=self.sheet.file, sheet=self.sheet.name, year=year,
            units=[*codes],
            rows=numbers, names=self.texts(header, columns, "name"),
            counties=self.texts(header, columns, "county"),
        )  # fmt: skip
        for key, words in form.texts.items():
            if found := find(header.paths, "|".join(words)):
                block.texts[key] = _plain_all(columns[found[0]])
        for figure in form.figures:
            filled = self.figure(figure, header, columns, block)
            if filled is not None:
                block.columns[figure.column] = filled
        return block

    def texts(self, header: Header, columns: Sequence[Sequence[object]], key: str) -> list[str]:
        for words in header.form.keys.get(key, ()):
            if (words,) in header.paths:
                return _plain_all(columns[header.paths.index((words,))])
        return [""] * (len(columns[0]) if columns else 0)

    def figure(
        self, figure: Figure, header: Header, columns: Sequence[Sequence[object]], block: Block
    ) -> Filled | None:
        """A figure's values; one of its paths missing, or fitting two columns, and it is not read at all."""
        places = [find(header.paths, path) for path in figure.paths]
        if twice := next((p for p in places if len(p) > 1), None):
            letters = ", ".join(self.sheet.letter(j) for j in twice)
            place = (self.sheet.row(header.first), self.sheet.letter(twice[0]))
            self.doubt("two_columns", "error", place, "", figure.column, figure.paths[0], letters)
        if any(len(p) != 1 for p in places):
            return None
        parts = [self.one(figure, columns[p[0]], header.units[p[0]], p[0], block) for p in places]
        words = "/".join(header.paths[places[0][0]])
        return _added(parts, words)

    def one(self, figure: Figure, cells: Sequence[object], printed: str, j: int, block: Block) -> Filled:
        """One column of cells as values in the catalogue's unit."""
        letter = self.sheet.letter(j)
        if figure.values:
            return _mapped(figure, cells, block.rows, letter, self.layouts.missing)
        unit = printed or figure.unit
        values, kinds, raw = clean.cells(cells, self.layouts.missing, unit)
        self.unreadable(figure.column, raw, block.rows, letter, block.units)
        scale = self.scale(figure.column, unit)
        if scale != 1:
            values = np.round(values * scale, 6)
        return Filled(
            values=values, kinds=kinds, rows=block.rows, letter=letter, words="", raw=raw, scale=scale
        )

    def unreadable(
        self, column: str, raw: Mapping[int, str], rows: Ints, letter: str, units: Sequence[str]
    ) -> None:
        for i, shown in raw.items():
            self.doubt("unreadable", "error", (int(rows[i]), letter), units[i], column, shown, "")

    def scale(self, column: str, unit: str) -> float:
        if column.startswith(FACT) or not unit:
            return 1.0
        scales = self.known.units[self.known.columns[column].unit].scales
        if unit not in scales:
            raise DataError(
                "load.unknown_unit",
                file=self.sheet.file,
                column=column,
                unit=unit,
                known=", ".join(sorted(scales)),
            )
        return float(scales[unit])

    def registered(self, header: Header) -> Taken:
        """A register keeps its rows as they come, as text."""
        self.furniture(header)
        paths = {key: (label(words),) for key, words in header.form.fields.items()}
        at = {key: header.paths.index(path) for key, path in paths.items() if path in header.paths}
        rows = [i for i in range(header.first + 1, len(self.sheet.rows)) if not _empty(self.sheet.rows[i])]
        picked = [self.sheet.rows[i] for i in rows]
        fields = {
            key: [clean.plain(clean.text(row[at[key]])) if key in at else "" for row in picked]
            for key in paths
        }
        self.account.read += len(rows)
        self.account.loaded += len(rows)
        block = Block(
            form=header.form.key, kind="register", file=self.sheet.file, sheet=self.sheet.name, year=0,
            units=[],
            rows=np.array([self.sheet.row(i) for i in rows], dtype=np.int32), names=[], counties=[],
            fields=fields,
        )  # fmt: skip
        return self.taken([block])

    # --- a grid: one unit a sheet ---

    def grid(self, form: Form) -> Taken:
        self.account.form = form.key
        grid = _Grid(self)
        if grid.items is None:
            return self.nothing()
        block = Block(
            form=form.key, kind="grid", file=self.sheet.file, sheet=self.sheet.name, year=0, units=[""],
            rows=np.zeros(1, np.int32), names=[""], counties=[""],
        )  # fmt: skip
        for key, paths in form.texts.items():
            if (found := grid.at("|".join(paths))) is not None:
                block.texts[key] = [clean.plain(clean.text(grid.value(found)))]
        for figure in form.figures:
            if (filled := self.grid_figure(grid, figure, block)) is not None:
                block.columns[figure.column] = filled
        grid.settle()
        return self.taken([block])

    def grid_figure(self, grid: _Grid, figure: Figure, block: Block) -> Filled | None:
        places = [grid.at(path) for path in figure.paths]
        if any(place is None for place in places):
            return None
        parts = []
        for place in places:
            i, j = place  # type: ignore[misc]
            row = np.array([self.sheet.row(i)], np.int32)
            cells, letter = [grid.value((i, j))], self.sheet.letter(j)
            if figure.values:
                parts.append(_mapped(figure, cells, row, letter, self.layouts.missing))
                continue
            unit = grid.unit(i) or figure.unit
            values, kinds, raw = clean.cells(cells, self.layouts.missing, unit)
            self.unreadable(figure.column, raw, row, letter, [""])
            values = values * self.scale(figure.column, unit if figure.unit else "")
            parts.append(Filled(values=values, kinds=kinds, rows=row, letter=letter, words="", raw=raw))
        return _added(parts, figure.paths[0])


class _Grid:
    """A form of items by headers: its stub, its header and the cells between them."""

    def __init__(self, work: _Work) -> None:
        self.work, self.sheet = work, work.sheet
        self.used: set[int] = set()
        self.items: dict[str, list[tuple[str, int]]] | None = None
        first = self.stub()
        if first is None:
            return
        start, left = first
        self.body = self.first_item(start)
        numbered = next(
            (i for i in range(start + 1, self.body) if "甲" in map(label, self.texts(i))), self.body
        )
        self.paths, _ = work.paths(start, numbered - start)
        self.first, self.left = start, left
        self.items = {}
        self.measure = next((j for j, path in enumerate(self.paths) if path == ("计量单位",)), None)
        for i in range(self.body, len(self.sheet.rows)):
            row = self.sheet.rows[i]
            number = clean.text(row[left + 1]).strip() if left + 1 < len(row) else ""
            if number.isdigit() and len(number) <= 3:
                item = label(clean.text(row[left]))
                self.items.setdefault(item, []).append((number.zfill(2), i))

    def stub(self) -> tuple[int, int] | None:
        """Where 甲 (or 指标名称) stands first: the corner of the table, whatever frame is around it."""
        for i, row in enumerate(self.sheet.rows[:HEADER_WITHIN]):
            for j, cell in enumerate(row[:4]):
                if type(cell) is str and label(cell) in ("甲", "指标名称"):
                    return i, j
        return None

    def texts(self, i: int) -> list[str]:
        return [clean.text(cell).strip() for cell in self.sheet.rows[i][:5]]

    def first_item(self, start: int) -> int:
        """The first row with a printed number (乙) beside its item; above it stand 甲 and 乙 and the
        header.
        """
        for i in range(start + 1, min(start + MOST_HEADER_ROWS, len(self.sheet.rows))):
            texts = self.texts(i)
            if "甲" not in texts and any(text.isdigit() for text in texts[1:3]):
                return i
        return start + 1

    def at(self, path: str) -> tuple[int, int] | None:
        """Row and column of ``item @ header``; None where either is missing or fits twice."""
        for one in path.split("|"):
            item, _, words = one.partition("@")
            rows = self.rows(item.strip())
            columns = find(self.paths, words.strip())
            if len(rows) == 1 and len(columns) == 1:
                self.used.add(rows[0])
                return rows[0], columns[0]
        return None

    def rows(self, item: str) -> list[int]:
        numbered = _ITEM.match(item)
        number, words = (numbered[1], label(numbered[2])) if numbered else ("", label(item))
        found = (self.items or {}).get(words, [])
        return [i for have, i in found if not number or have == number.zfill(2)]

    def value(self, place: tuple[int, int]) -> object:
        row = self.sheet.rows[place[0]]
        return row[place[1]] if place[1] < len(row) else ""

    def unit(self, i: int) -> str:
        """The unit printed beside an item, where the form has a column for it and the unit is one we know."""
        if self.measure is None:
            return ""
        printed = clean.plain(clean.text(self.value((i, self.measure)))).strip("()")
        return printed if any(printed in u.scales for u in self.work.known.units.values()) else ""

    def settle(self) -> None:
        """Every row of the sheet: loaded if a figure was read from it, else set aside."""
        for i, row in enumerate(self.sheet.rows):
            if _empty(row):
                continue
            if i in self.used:
                self.work.account.read += 1
                self.work.account.loaded += 1
            else:
                self.work.aside(i, "title" if i < self.first else "heading" if i < self.body else "not_asked")


def _empty(row: Sequence[object]) -> bool:
    return not any(cell not in ("", None) for cell in row)


def _first_text(row: Sequence[object]) -> str:
    return next((clean.text(cell) for cell in row if cell not in ("", None)), "")


def _plain_all(cells: Sequence[object]) -> list[str]:
    shown = {cell: clean.plain(clean.text(cell)) for cell in set(cells)}
    return [shown[cell] for cell in cells]


def _spread_blank(words: list[list[str]]) -> None:
    """A header without merged cells (a .csv): a blank belongs to the word at its left, if one stands
    beneath.
    """
    for i, row in enumerate(words[:-1]):
        for j in range(1, len(row)):
            above = [w[j] for w in words[:i]] == [w[j - 1] for w in words[:i]]
            if not row[j] and row[j - 1] and above and any(w[j] for w in words[i + 1 :]):
                row[j] = row[j - 1]


def _added(parts: list[Filled], words: str) -> Filled:
    """The sum of some columns; where one is missing the sum is, with the graver kind."""
    first = parts[0]
    first.words = words
    for part in parts[1:]:
        gaps = np.isnan(part.values)
        first.values = first.values + part.values
        first.kinds = np.where(gaps, np.maximum(first.kinds, part.kinds), first.kinds)
        first.raw |= part.raw
    return first


def _mapped(
    figure: Figure, cells: Sequence[object], rows: Ints, letter: str, missing: Mapping[str, str]
) -> Filled:
    """是 and 否 as the numbers the form declares for them."""
    values, kinds = np.full(len(cells), np.nan), np.zeros(len(cells), np.uint8)
    raw: dict[int, str] = {}
    for i, cell in enumerate(cells):
        shown = clean.plain(clean.text(cell))
        if shown in figure.values:
            values[i] = figure.values[shown]
        elif shown in missing:
            kinds[i] = clean.KINDS.index(missing[shown])
        else:
            kinds[i], raw[i] = clean.UNREADABLE, shown
    return Filled(values=values, kinds=kinds, rows=rows, letter=letter, words="", raw=raw)
