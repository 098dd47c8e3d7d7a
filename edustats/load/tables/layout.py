"""How is one sheet of somebody's table laid out? Where its headings stand, which column is which, what is no data.

The mapping names headings; they are looked for wherever they stand, under titles and lines of units, in one row or
several. A sheet that has none of them is told, not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from edustats.errors import DataError
from edustats.load.files.settings import near
from edustats.load.files.values import plain, text
from edustats.load.files.workbook import Sheet
from edustats.load.loaded import SourceFile, TableMapping
from edustats.load.reading import areas, years
from edustats.load.reading.headers import (
    HEADER_WITHIN,
    MOST_HEADER_ROWS,
    Path,
    bare_label,
    column_of,
    extended,
    is_empty,
    is_numbering,
    is_unit_row,
    label,
    paths_of,
    words_in,
)
from edustats.load.reading.higher_areas import find_higher
from edustats.load.reading.totals import is_total_word
from edustats.load.reading.units import is_heading_of_units, is_line
from edustats.words import join_names

YEAR_HERE, AREA_HERE = "{year}", "{area}"
NO_AREAS = frozenset({"城区", "镇区", "市区", "地区", "县区", "城市", "县市", "老区", "山区", "牧区"})
"""Kinds of places that end as the names of counties do."""
NOTE = re.compile(
    r"^\s*(?:注\s*\d*|说明|备注|资料来源|数据来源|来源|note|notes|source|sources)\s*[:：.。]", re.IGNORECASE
)
CONTINUED = re.compile(r"^[（(]?\s*(?:续\s*表|续上表|接上表|continued)", re.IGNORECASE)
MOST_FIRSTS = 8


_KINDS_OF_PLACES = re.compile("地区$|城镇|农村|城乡|[城镇]区$")

Told = tuple[int, str]
"""The year and the area that the heading of a column says; 0 and "" where it says none, -1 for 上年."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One table on a sheet: its header, the column of every heading of the mapping, and its rows.

    ``columns`` is by the mapping's own words; ``wide`` holds, for a table with a column per year or per area, the
    columns of each; ``rows`` are positions in the sheet.
    """

    sheet: Sheet
    first: int
    depth: int
    headings: tuple[Path, ...]
    columns: Mapping[str, int]
    rows: tuple[int, ...]
    aside: tuple[tuple[int, str, str], ...] = ()
    start: int = 0
    unit_row: int = -1
    wide: Mapping[Told, Mapping[str, int]] = field(default_factory=dict)

    def heading(self, column: int) -> str:
        """A heading as it is printed in a sentence."""
        return "/".join(self.headings[column]) if column < len(self.headings) else ""

    def cell(self, position: int, column: int) -> str:
        """A cell as a person names it."""
        return f"{self.sheet.letter(column)}{self.sheet.row(position)}"

    @property
    def titles(self) -> range:
        """Positions of the rows above the header."""
        return range(self.start, self.first)

    @property
    def notes(self) -> list[int]:
        """Positions of the notes beneath the rows."""
        return [row - self.sheet.top - 1 for row, reason, _ in self.aside if reason == "note"]

    def values(self, column: int, *, down: bool = False) -> list[object]:
        """The cells of a column in the table's rows; ``down`` repeats what is merged over several rows."""
        rows = self.sheet.rows
        found = [rows[i][column] if column < len(rows[i]) else "" for i in self.rows]
        if down:
            above = _merged_down(self.sheet, column)
            found = [_cell_at(self.sheet, *above.get(i, (i, column))) for i in self.rows]
        return found

    def unread(self, *, units: bool = False) -> list[str]:
        """Headings that nothing is read from; ``units``: the column that says every row's unit was read."""
        used = {*self.columns.values(), *(j for own in self.wide.values() for j in own.values())}
        open_ = [j for j, path in enumerate(self.headings) if path and j not in used]
        return [self.heading(j) for j in open_ if not (units and is_heading_of_units(self.headings[j][-1]))]


def _merged_down(sheet: Sheet, column: int) -> dict[int, tuple[int, int]]:
    """Rows whose cell of a column is part of a merged one, and where that one's words stand."""
    j = column + sheet.left
    found = {}
    for (top, left), (bottom, right) in sheet.merged:
        if left <= j <= right and bottom > top:
            for i in range(top, bottom + 1):
                found[i - sheet.top] = (top - sheet.top, left - sheet.left)
    return found


def _cell_at(sheet: Sheet, i: int, j: int) -> object:
    return sheet.rows[i][j] if 0 <= i < len(sheet.rows) and j < len(sheet.rows[i]) else ""


# --- which headings are wanted ---


def list_wanted_headings(mapping: TableMapping, source: SourceFile) -> dict[str, str]:
    """Every heading that a mapping names, and what for."""
    area = mapping.area
    found = {
        "code": area.code,
        "unit": area.unit,
        "name": area.name,
        "city": area.city,
        "year": mapping.year.column,
    }
    pairs = [(heading, target) for target, heading in found.items() if heading]
    pairs += [(heading, name) for name, heading in mapping.attributes.items()]
    held = [f for f in mapping.fillings if source.holds(f.column)]
    pairs += [(heading, f.column) for f in held for heading in (*f.sources, *f.where)]
    pairs += [(heading, "where") for heading in source.where]
    return {heading: target for heading, target in reversed(pairs)}


def lay_out(sheet: Sheet, headings: Iterable[str], rename: Mapping[str, str]) -> list[Layout]:
    """The tables of a sheet whose headings are among those wanted; none where the sheet has none of them.

    Parameters
    ----------
    sheet : a sheet as it was read
    headings : what the mapping calls them
    rename : a heading of this file → what the mapping calls it

    Raises
    ------
    DataError
        A heading that fits two columns; a row with more cells than the header.
    """
    also = {new: old for old, new in rename.items()}
    names = {heading: (also[heading], heading) if heading in also else (heading,) for heading in headings}
    start, found = 0, []
    while (header := _find_header(sheet, names, start)) is not None:
        first, depth = header
        end = _next_table(sheet, first, depth, names)
        found.append(_build_table(sheet, start, first, depth, end, names))
        start = end
    return found


Names = Mapping[str, tuple[str, ...]]


def _find_header(sheet: Sheet, names: Names, start: int) -> tuple[int, int] | None:
    """First row and depth of the header with the most wanted headings; the shallowest, the first of equals."""
    words = {label(one).lower() for have in names.values() for name in have for one in _split_name(name)}
    hits = []
    for i in range(start, min(len(sheet.rows), start + HEADER_WITHIN)):
        row = sheet.rows[i]
        here = {form for cell in row if cell not in ("", None) for form in _word_forms(text(cell))}
        marked = (YEAR_HERE, _year_cells), (AREA_HERE, _area_cells)
        many = any(any(mark in word for word in words) and count(row) > 1 for mark, count in marked)
        if here & words or many:
            hits.append((-len(here & words), i))
    best = (
        0,
        0,
        0,
    )  # headings found, depth and row, both from below: the first of equals, a page break repeats it
    for _, first in sorted(hits)[:MOST_FIRSTS]:
        for depth in range(1, MOST_HEADER_ROWS):
            if first + depth > len(sheet.rows) or (depth > 1 and _has_figures(sheet.rows[first + depth - 1])):
                break
            fits = _count_fitting(paths_of(words_in(sheet, first, depth)), names)
            best = max(best, (fits, -depth, -first))
    return (-best[2], -best[1]) if best[0] else None


def _split_name(name: str) -> list[str]:
    return [name, *name.split("/")]


def _word_forms(words: str) -> set[str]:
    return {label(words).lower(), bare_label(words)}


def _year_cells(row: Sequence[object]) -> int:
    told = [cell for cell in row if cell not in ("", None)]
    return sum(
        years.label(cell) is not None or years.years_from_this(bare_label(text(cell))) is not None
        for cell in told
    )


def _area_cells(row: Sequence[object]) -> int:
    return sum(is_area(text(cell)) for cell in row if type(cell) is str and cell)


def is_area(word: str) -> bool:
    """Whether a heading is the name of a county, of an area above it, or of all of them."""
    bare = plain(word).replace(" ", "")
    if bare in NO_AREAS:
        return False
    named = areas.code_and_name(bare)[1] == bare and not _KINDS_OF_PLACES.search(bare)
    return bool(named or areas.candidates(bare) or find_higher(bare)) or is_total_word(bare)


def _has_figures(row: Sequence[object]) -> bool:
    """Whether a row holds numbers that are no years."""
    told = [cell for cell in row if cell not in ("", None)]
    numbers = [
        cell
        for cell in told
        if isinstance(cell, float) or re.fullmatch(r"[-+]?\d[\d,. ]*%?", plain(str(cell)))
    ]
    return sum(years.label(cell) is None for cell in numbers) > 0


def _count_fitting(headings: Sequence[Path], names: Names) -> int:
    return sum(len(_match_columns(headings, have)) == 1 for have in names.values())


def _match_columns(headings: Sequence[Path], have: Sequence[str]) -> list[int]:
    for name in have:
        if YEAR_HERE in name or AREA_HERE in name:
            if found := list(_find_wide(headings, name).values()):
                return found[:1]
        elif found := column_of(headings, name):
            return found
    return []


def _find_wide(headings: Sequence[Path], name: str) -> dict[Told, int]:
    """The column of each year and area that fits a name with their marks in it; ambiguous ones are left out."""
    pattern = re.escape("/".join(label(word).lower() for word in name.split("/")))
    for mark, group in ((YEAR_HERE, "year"), (AREA_HERE, "area")):
        pattern = pattern.replace(re.escape(mark), f"(?P<{group}>.+?)", 1)
    found: dict[Told, list[int]] = {}
    for j, path in enumerate(headings):
        for form in {"/".join(label(w).lower() for w in path), "/".join(bare_label(w) for w in path)}:
            match = re.fullmatch(pattern, form)
            told = _read_told(match.groupdict()) if match else None
            if told is not None and j not in found.setdefault(told, []):
                found[told].append(j)
    fitting = {told: columns[0] for told, columns in found.items() if len(columns) == 1}
    return dict(sorted(fitting.items(), key=lambda one: one[0][0]))


def _read_told(words: Mapping[str, str]) -> Told | None:
    """The year and area of a heading, where both are what the marks say."""
    year = None
    if "year" in words:
        this = years.years_from_this(words["year"])
        year = years.label(words["year"].removesuffix("年")) if this is None else years.Label(this, "one", "")
    area = words.get("area", "")
    if ("year" in words and year is None) or ("area" in words and ("/" in area or not is_area(area))):
        return None
    return (0 if year is None else year.year, area)


# --- one table ---


def _build_table(sheet: Sheet, start: int, first: int, depth: int, end: int, names: Names) -> Layout:
    headings = tuple(paths_of(words_in(sheet, first, depth)))
    columns = {}
    for name, have in names.items():
        found = _match_columns(headings, have)
        if len(found) > 1:
            letters = join_names(sheet.letter(j) for j in found)
            raise DataError(
                "load.heading_fits_twice", file=sheet.file, sheet=sheet.name or "—", column=name, letters=letters,
                headings=join_names("/".join(headings[j]) for j in found),
            )  # fmt: skip
        if found and YEAR_HERE not in name and AREA_HERE not in name:
            columns[name] = found[0]
    wide: dict[Told, dict[str, int]] = {}
    for name, have in names.items():
        marked = YEAR_HERE in have[-1] or AREA_HERE in have[-1]
        for told, j in _find_wide(headings, have[-1]).items() if marked else ():
            wide.setdefault(told, {})[name] = j
    keys = [columns[name] for name in names if name in columns][:1]
    deep = extended(sheet, first, depth, keys)
    unit_row = next((i for i in range(first + depth, first + deep) if is_unit_row(sheet.rows[i])), -1)
    made = Layout(
        sheet=sheet, first=first, depth=deep, headings=headings, columns=columns, rows=(), start=start,
        unit_row=unit_row, wide=wide,
    )  # fmt: skip
    rows, aside = _sorted_rows(made, start, end)
    return replace(made, rows=tuple(rows), aside=tuple(aside))


def _sorted_rows(made: Layout, start: int, end: int) -> tuple[list[int], list[tuple[int, str, str]]]:
    """Rows of data, and the others with the reason each is none."""
    sheet, width = made.sheet, len(made.headings)
    rows: list[int] = []
    aside: list[tuple[int, str, str]] = []
    for i in [*range(start, made.first), *range(made.first + made.depth, end)]:
        row = sheet.rows[i]
        if is_empty(row):
            continue
        if i >= made.first and any(cell not in ("", None) for cell in row[width:]):
            raise DataError(
                "load.long_row", file=sheet.file, sheet=sheet.name or "—", row=sheet.row(i), width=width
            )
        reason = (
            "title"
            if i < made.first
            else ""
            if _holds_codes(row, made.columns)
            else _name_furniture(row, made)
        )
        if reason:
            aside.append((sheet.row(i), reason, row_text(row)))
            continue
        rows.append(i)
    return rows, aside


def _holds_codes(row: Sequence[object], columns: Mapping[str, int]) -> bool:
    """Whether the first of the table's own columns holds a number of some length: a row of data without more ado."""
    key = next(iter(columns.values()), 0)
    cell = row[key] if key < len(row) else ""
    return (type(cell) is float and cell > 99) or (type(cell) is str and len(cell) > 3 and cell.isdigit())


def row_text(row: Iterable[object]) -> str:
    """A row as text, cells parted by tabs, for the ledger."""
    return "\t".join(text(cell) for cell in row).strip("\t")


def _name_furniture(row: Sequence[object], made: Layout) -> str:
    told = [text(cell) for cell in row if cell not in ("", None)]
    if len(told) == 1 and CONTINUED.match(plain(told[0])):
        return "heading"
    if NOTE.match(plain(told[0])) or (
        len(told) == 1 and len(made.headings) > 2 and _is_note(told[0], row, made)
    ):
        return "note"
    if is_numbering(row):
        return "numbering"
    heads = {label(word) for path in made.headings for word in path}
    return "heading" if len(told) > 1 and all(label(word) in heads for word in told) else ""


def _is_note(words: str, row: Sequence[object], made: Layout) -> bool:
    """A line of words alone beneath a table, where neither a code nor a name would stand."""
    keys = set(made.columns.values())
    at = next(j for j, cell in enumerate(row) if cell not in ("", None))
    return len(words) > 12 or at not in keys or is_line(words)


def _next_table(sheet: Sheet, first: int, depth: int, names: Names) -> int:
    """Where another table begins beneath: at a header with the same headings in other places."""
    headings = paths_of(words_in(sheet, first, depth))
    own = {label(word): j for j, path in enumerate(headings) for word in path[-1:]}
    words = {label(one) for have in names.values() for name in have for one in _split_name(name)}
    columns = {name: found[0] for name, have in names.items() if (found := _match_columns(headings, have))}
    for i in range(first + depth + 1, len(sheet.rows)):
        row = sheet.rows[i]
        if _holds_codes(row, columns):
            continue
        here = {label(cell): j for j, cell in enumerate(row) if type(cell) is str and cell}
        heads = [word for word in here if word in words]
        if (
            len(heads) > 1
            and len(heads) >= 0.5 * len(here)
            and (any(own.get(word) != here[word] for word in heads) or _has_title_with_year(sheet, i))
        ):
            return _start_of(sheet, first + depth, i)
    return len(sheet.rows)


def _has_title_with_year(sheet: Sheet, header: int) -> bool:
    """Whether the line over a header is a title of its own: 2023年各区小学情况."""
    told = [plain(text(cell)) for cell in sheet.rows[header - 1] if cell not in ("", None)]
    return len(told) == 1 and not NOTE.match(told[0]) and bool(years.years_said(told[0]))


def _start_of(sheet: Sheet, least: int, header: int) -> int:
    """The first row that belongs to the next table: its title, over its header."""
    i = header
    while i - 1 > least and sum(cell not in ("", None) for cell in sheet.rows[i - 1]) == 1:
        i -= 1
    return i


# --- what is missing ---


def refuse_absent(made: Layout, needed: Mapping[str, str]) -> None:
    """Refuse a table that lacks headings which the mapping names, all of them in one sentence."""
    lacking = [
        name
        for name in needed
        if name not in made.columns and not any(name in own for own in made.wide.values())
    ]
    if lacking:
        have = [made.heading(j) for j in range(len(made.headings)) if made.heading(j)]
        first = lacking[0]
        also = ", ".join(f"“{name}”" for name in lacking[1:])
        raise DataError(
            "load.absent_column", file=_name_sheet(made.sheet), column=first, target=needed[first],
            near=near(first, have, 3),
            also=f" ({also})" if also else "",
        )  # fmt: skip


def _name_sheet(sheet: Sheet) -> str:
    return f"{sheet.file} [{sheet.name}]" if sheet.name else sheet.file
