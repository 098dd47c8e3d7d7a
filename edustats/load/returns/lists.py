"""What figures does a list hold, a unit a row, and what became of each of its rows?

Every row that is not empty is either loaded or set aside with a reason and its text; a cell that cannot be read is a
finding, never a guess; a unit that the sheet prints goes before the form's, and two that contradict each other are
refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edustats.catalogue import Catalogue
from edustats.errors import DataError
from edustats.load.files import values as clean
from edustats.load.files.workbook import Sheet
from edustats.load.reading import years
from edustats.load.reading.evidence import GENERAL, OWN, joined, settled_unit
from edustats.load.reading.headers import label
from edustats.load.reading.synonyms import find_called
from edustats.load.reading.totals import is_total_name, sums_of_the_others
from edustats.load.reading.units import MONEY, SHARE, Unit, amount_in, fits, unit_beside, units_of_rows
from edustats.load.returns.forms import FACT, Figure, Forms
from edustats.load.returns.headers import Header, refuse_other_stage, unread_doubts, unread_headings
from edustats.load.returns.records import (
    NOT_APPLICABLE,
    Account,
    Block,
    Doubt,
    Filled,
    Ints,
    Taken,
    add_filled,
    cell_at,
    is_empty,
    is_school,
    keep_rows,
    map_yes_no,
    plain_all,
    row_text,
    split_by_year,
)
from edustats.words import join_names


@dataclass(slots=True)
class Work:
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
            if not is_empty(row):
                self.aside(i, reason)
        return self.taken([])

    def doubt(self, rule: str, severity: str, where: tuple[int, str], unit: str, column: str, value: str,
              expected: str) -> None:  # fmt: skip
        self.doubts.append(Doubt(rule, severity, where[0], where[1], unit, column, value, expected))

    # --- a list: one unit a row ---

    def rows_of_units(self, header: Header) -> Taken:
        form = header.form
        self.account.form = form.key
        if form.kind == "register":
            return self.registered(header)
        self.furniture(header)
        data, codes, when = self.data_rows(header)
        refuse_other_stage(self.sheet, header, codes)
        block = self.list_block(header, data, codes, header.year)
        data, when = self.without_sums(header, block, data, when)
        self.account.read += len(data)
        self.account.loaded += len(data)
        self.totals(header, block)
        self.account.unread += unread_headings(header)
        self.doubts += unread_doubts(self.sheet, header, self.known)
        return self.taken(split_by_year(block, when))

    def without_sums(
        self, header: Header, block: Block, data: list[int], when: list[int]
    ) -> tuple[list[int], list[int]]:
        """Set aside the row that is what all the others add up to, though nothing calls it a total."""
        figures = [f.values for name, f in block.columns.items() if not name.startswith(FACT)]
        if len(set(when)) > 1 or not figures:
            return data, when
        found = sums_of_the_others(np.column_stack(figures))
        for at in found:
            self.aside(data[at], "subtotal")
            where = (self.sheet.row(data[at]), self.sheet.letter(header.key))
            name = block.names[at] or block.units[at]
            self.doubt("adds_up", "warning", where, block.units[at], "unit", name, "")
        keep = [k for k in range(len(data)) if k not in found]
        if found:
            keep_rows(block, np.array(keep, dtype=int))
        return [data[k] for k in keep], [when[k] for k in keep]

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
            place = find_called(header.paths, figure.paths[0])
            if place:
                self.total(lines[0], figure.column, cell_at(line, place[0]), filled)

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
            if not is_empty(self.sheet.rows[i]):
                self.aside(i, "heading" if i >= header.first else "title")

    def data_rows(self, header: Header) -> tuple[list[int], list[str], list[int]]:
        """Positions, codes and years of the rows of units; every other row is set aside with its reason."""
        rows, key, county = self.sheet.rows, header.key, header.form.kind == "county"
        name = header.name
        kept: dict[tuple[str, int], int] = {}
        for i in range(header.first + header.depth, len(rows)):
            cell = cell_at(rows[i], key)
            whole = type(cell) is str and len(cell) == 10 and cell.isascii() and cell.isdigit()
            code = str(cell) if whole else self.code_in(cell, header)
            year = header.year if header.year_column < 0 else self.year_in(i, header)
            good = (len(code) == 6 or header.by_name) and bool(code) if county else is_school(code)
            called = cell_at(rows[i], name)
            if good and type(called) is str and is_total_name(called):
                self.aside(i, "subtotal")
            elif good and not year:
                self.aside(i, "year")
                self.doubt("year_unreadable", "error", (self.sheet.row(i), self.sheet.letter(header.year_column)), code,
                           "year", clean.text(cell_at(rows[i], header.year_column)), "")  # fmt: skip
            elif good and (code, year) not in kept:
                kept[code, year] = i
            elif (reason := self.reason(header, i, code, (code, year) in kept)) != "empty":
                self.aside(i, reason)
        return list(kept.values()), [code for code, _ in kept], [year for _, year in kept]

    def code_in(self, cell: object, header: Header) -> str:
        """The code, or where a table has none the name, of a row's unit."""
        if header.by_name:
            name = clean.plain(clean.text(cell))
            return "" if is_total_name(name) or not name or header.is_heading(name) else name
        code = clean.code(clean.text(cell))
        return code[:6] if header.form.kind == "county" and len(code) in (9, 12) else code

    def year_in(self, i: int, header: Header) -> int:
        told = years.label(cell_at(self.sheet.rows[i], header.year_column))
        return told.year if told is not None and years.plausible(told.year) else 0

    def reason(self, header: Header, i: int, code: str, again: bool) -> str:
        """Why a row without a new good code is not loaded; a row somebody filled in is a finding too."""
        row = self.sheet.rows[i]
        if is_empty(row):
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
        raw, rule = clean.text(cell_at(row, header.key)), "duplicate_unit" if again else "school_code"
        where = (self.sheet.row(i), self.sheet.letter(header.key))
        self.doubt(rule, "error", where, code or name, "unit", raw, "")
        return "duplicate" if again else "no_code"

    def repeats_heading(self, header: Header, row: Sequence[object]) -> bool:
        """Whether a row is one of the header's own, come again after a page break."""
        have = {label(cell) for cell in row if type(cell) is str} - {""}
        heads = {word for path in header.paths for word in path}
        numbers = any(type(cell) is float for cell in row)
        return (
            bool(have)
            and not numbers
            and all(word in heads or label(unit_beside(word)[0]) in heads for word in have)
        )

    def cell(self, header: Header, row: Sequence[object], key: str) -> str:
        return clean.plain(clean.text(cell_at(row, header.column(key))))

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
            counties=self.texts(header, columns, "county", data),
        )  # fmt: skip
        header.units = units_of_rows(header.paths, columns.__getitem__)
        for key, words in form.texts.items():
            if found := find_called(header.paths, "|".join(words)):
                block.texts[key] = plain_all(columns[found[0]])
        for figure in form.figures:
            filled = self.figure(figure, header, columns, block)
            if filled is not None:
                block.columns[figure.column] = filled
        return block

    def texts(
        self, header: Header, columns: Sequence[Sequence[object]], key: str, data: Sequence[int] | None = None
    ) -> list[str]:
        j = header.column(key)
        if j < 0:
            return [""] * (len(columns[0]) if columns else 0)
        return plain_all(self.down(columns[j], j, data) if data is not None else columns[j])

    def down(self, cells: Sequence[object], column: int, data: Sequence[int]) -> Sequence[object]:
        """A column with what is merged over several rows repeated in each."""
        above = _merged_down(self.sheet, column)
        return [
            self.sheet.rows[above[i]][column] if i in above else cell
            for i, cell in zip(data, cells, strict=True)
        ]

    def figure(
        self, figure: Figure, header: Header, columns: Sequence[Sequence[object]], block: Block
    ) -> Filled | None:
        """A figure's values; one of its paths missing, or fitting two columns, and it is not read at all."""
        places = [find_called(header.paths, path) for path in figure.paths]
        if twice := next((p for p in places if len(p) > 1), None):
            letters = ", ".join(self.sheet.letter(j) for j in twice)
            place = (self.sheet.row(header.first), self.sheet.letter(twice[0]))
            self.doubt("two_columns", "error", place, "", figure.column, figure.paths[0], letters)
        if any(len(p) != 1 for p in places):
            return None
        parts = [self.one(figure, columns[p[0]], header, p[0], block) for p in places]
        words = "/".join(header.paths[places[0][0]])
        return add_filled(parts, words)

    def one(self, figure: Figure, cells: Sequence[object], header: Header, j: int, block: Block) -> Filled:
        """One column of cells as values in the catalogue's unit."""
        letter = self.sheet.letter(j)
        if figure.values:
            return map_yes_no(figure, cells, block.rows, letter, self.layouts.missing)
        unit, scale = self.unit(figure, header, j)
        if self.sheet.percent:
            cells = self.as_percent(figure, cells, block, j)
        values, kinds, raw = clean.cells(cells, self.layouts.missing, unit)
        if not figure.column.startswith(FACT):
            own = Unit(self.known.columns[figure.column].unit, scale, unit)
            for i, shown in [*raw.items()]:  # 30000千元
                if (amount := amount_in(clean.plain(shown), own)) is not None:
                    values[i], kinds[i] = amount, clean.OK
                    del raw[i]
            if header.units:
                values *= self.sizes_of_rows(own, header, figure, block)
        self.unreadable(figure.column, raw, block.rows, letter, block.units)
        if scale != 1:
            values = np.round(values * scale, 6)
        return Filled(
            values=values, kinds=kinds, rows=block.rows, letter=letter, words="", raw=raw, scale=scale
        )

    def sizes_of_rows(self, own: Unit, header: Header, figure: Figure, block: Block) -> np.ndarray:
        """How many of the column's unit that of each row is, where a column of units says another."""
        said = [
            unit if unit is not None and fits(unit, own.kind) and own.kind != SHARE else own
            for unit in header.units
        ]
        sizes = np.array([unit.size / own.size for unit in said])
        if (other := np.flatnonzero(~np.isclose(sizes, 1))).size:
            at = int(other[0])
            where = (int(block.rows[at]), self.sheet.letter(header.key))
            self.doubt(
                "unit_printed", "warning", where, block.units[at], figure.column, said[at].words, figure.unit
            )
        return sizes

    def as_percent(self, figure: Figure, cells: Sequence[object], block: Block, j: int) -> list[object]:
        """Cells shown as per cent, as the number shown where the figure is a rate, else as text nobody can read."""
        rate = figure.unit in clean.PERCENT
        shown: list[object] = []
        for row, cell in zip(block.rows.tolist(), cells, strict=True):
            if type(cell) is float and (row - 1, j + self.sheet.left) in self.sheet.percent:
                shown.append(round(cell * 100, 10) if rate else f"{cell:.1%}")
            else:
                shown.append(cell)
        return shown

    def unit(self, figure: Figure, header: Header, j: int) -> tuple[str, float]:
        """The unit that a column is in, as printed or else as the form has it, and its size in the catalogue's."""
        if figure.column.startswith(FACT):
            return figure.unit, 1.0
        kind = self.known.units[self.known.columns[figure.column].unit]
        said = header.said(self.sheet, j)
        own = next((one for one in said if one.near == OWN or one.unit.is_other_money(kind.key)), None)
        if own is not None and not fits(own.unit, kind.key):
            raise DataError("load.unit_of_form", file=self.sheet.file, column=figure.paths[0], unit=own.words,
                            known=join_names(sorted(kind.scales)))  # fmt: skip
        fitting = [
            replace(one, unit=replace(one.unit, kind=kind.key)) if fits(one.unit, kind.key) else one
            for one in said
        ]
        chosen, others, conflict = settled_unit(fitting, kind.key)
        default = float(kind.scales.get(figure.unit, 1.0))
        if chosen is None:
            if kind.key == MONEY and not any(doubt.rule == "unit_unsaid" for doubt in self.doubts):
                where = (self.sheet.row(header.first), self.sheet.letter(j))
                self.doubt("unit_unsaid", "warning", where, "", figure.column, figure.unit or "元", "")
            return figure.unit, default
        if conflict:
            told = joined(one.told() for one in (chosen, *others))
            raise DataError("load.unit_conflict", file=self.sheet.file, sheet=self.sheet.name or "—",
                            column="/".join(header.paths[j]), told=told)  # fmt: skip
        where = (self.sheet.row(header.first), self.sheet.letter(j))
        for one in others[:1]:
            self.doubt("unit_weaker", "warning", where, "", figure.column, chosen.words, one.words)
        if chosen.near >= GENERAL and figure.unit and abs(chosen.unit.size - default) > 1e-9:
            self.doubt("unit_printed", "warning", where, "", figure.column, chosen.words, figure.unit)
        return chosen.unit.words, chosen.unit.size

    def unreadable(
        self, column: str, raw: Mapping[int, str], rows: Ints, letter: str, units: Sequence[str]
    ) -> None:
        for i, shown in raw.items():
            self.doubt("unreadable", "error", (int(rows[i]), letter), units[i], column, shown, "")

    def registered(self, header: Header) -> Taken:
        """A register keeps its rows as they come, as text."""
        self.furniture(header)
        paths = {key: (label(words),) for key, words in header.form.fields.items()}
        at = {key: header.paths.index(path) for key, path in paths.items() if path in header.paths}
        rows = [i for i in range(header.first + 1, len(self.sheet.rows)) if not is_empty(self.sheet.rows[i])]
        picked = [self.sheet.rows[i] for i in rows]
        fields = {
            key: [clean.plain(clean.text(cell_at(row, at.get(key, -1)))) for row in picked] for key in paths
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


def _first_text(row: Sequence[object]) -> str:
    return next((clean.text(cell) for cell in row if cell not in ("", None)), "")


def _merged_down(sheet: Sheet, column: int) -> dict[int, int]:
    """Rows whose cell of a column is part of a merged one, and the row where its words stand."""
    j = column + sheet.left
    return {
        i - sheet.top: top - sheet.top
        for (top, left), (bottom, _) in sheet.merged if left == j and bottom > top
        for i in range(top, bottom + 1)
    }  # fmt: skip
