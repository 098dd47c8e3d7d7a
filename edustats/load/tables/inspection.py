"""What would any table be read as, and what is still to be decided? Told in plain words, with a draft of a mapping.

Nothing is known of the table beforehand: the header is the row of words over rows of data, columns are matched to the
catalogue by their names, and every match says how sure it is. A person corrects the draft instead of writing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from edustats.catalogue import Catalogue, catalogue
from edustats.load.files.values import number, plain, text
from edustats.load.files.workbook import Sheet, read_sheets
from edustats.load.reading import areas, evidence, years
from edustats.load.reading.areas import area_code
from edustats.load.reading.county_codes import listed
from edustats.load.reading.headers import (
    HEADER_WITHIN,
    extended,
    is_empty,
    is_numbering,
    is_unit_row,
    label,
    paths_of,
    words_in,
)
from edustats.load.reading.matching import matched
from edustats.load.reading.stages import stage_word, stages_said
from edustats.load.reading.synonyms import called
from edustats.load.reading.totals import is_total_word
from edustats.load.reading.units import SHARE, Unit, fits, unit_beside, unit_of
from edustats.load.tables.layout import NOTE
from edustats.words import Text, say

Heading = tuple[str, ...]
LOOKED_AT = 400
MOST_ITEMS = 120
"""Different words that a column of items may have."""
CODES = ("县代码", "地区代码", "行政区划代码", "区代码", "区划代码", "统计用区划代码", "leacode", "districtcode",
         "countycode", "areacode", "lacode", "localauthoritycode", "fips", "code", "districtid", "geoid")  # fmt: skip
FIGURES = ("数值", "值", "数据", "数量", "指标值", "value", "figure", "obsvalue", "amount", "number", "count")
UNITS_OF_ITEMS = ("单位", "计量单位", "unit", "unitofmeasure")
NAMES = ("县名", "地区名称", "区名", "name", "laname", "areaname", "districtname", "county", "district",
         "localauthority", "authority", "area")  # fmt: skip
UNITS = ("schoolcode", "schoolid", "urn", "学校代码")
UNIT_NAMES = ("学校名称", "schoolname", "school")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRead:
    """One column as it is read: what it is for (``column``, ``rate``, code, name, unit, year, stage, or nothing).

    In a long table ``item`` says what the figure of a row is, ``figure`` holds it, ``measure`` its unit; ``wide`` is a
    year's figures.
    """

    letter: str
    heading: str
    role: str
    column: str = ""
    sure: float = 0.0
    unit: str = ""
    unit_from: str = ""
    example: str = ""
    question: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRead:
    """What one word of a long table stands for: a column of the catalogue, at a stage where a column says it.

    Where only the stage stands in a column of its own, ``word`` is empty and ``heading`` holds the figures.
    """

    word: str
    stage_word: str
    column: str
    unit: str
    heading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRead:
    """The reading of one table: where it stands, its year and the evidence for it, and its columns."""

    sheet: Sheet
    first: int
    depth: int
    title: str
    rows: int
    totals: int
    notes: tuple[str, ...]
    year: evidence.YearSaid | None
    year_conflict: tuple[evidence.YearSaid, ...]
    stage: str
    columns: tuple[ColumnRead, ...]
    items: tuple[ItemRead, ...] = ()
    known: Catalogue = field(default_factory=catalogue, repr=False)
    area_from: str = ""
    """``title``, ``sheet`` or ``file`` where one of these alone names the area."""

    def of(self, role: str) -> ColumnRead | None:
        """The first column with a role."""
        return next((one for one in self.columns if one.role == role), None)

    def lines(self, lang: str) -> Iterator[str]:
        """The reading in plain words."""
        sheet = self.sheet
        yield say("load.read_table", file=sheet.file, sheet=sheet.name or "—", row=sheet.row(self.first),
                  rows=self.rows, totals=self.totals)[lang]  # fmt: skip
        if self.title:
            yield "  " + say("load.read_title", title=self.title)[lang]
        yield "  " + self._year_line()[lang]
        for one in self.columns:
            yield "  " + _column_line(one, self.known)[lang]
        for note in self.notes[:3]:
            yield "  " + say("load.read_note", note=note)[lang]

    def _year_line(self) -> Text:
        if (column := self.of("year")) is not None:
            return say("load.read_year_column", heading=column.heading, letter=column.letter)
        if self.year_conflict:
            return say(
                "load.read_year_conflict", told=evidence.joined(one.told() for one in self.year_conflict)
            )
        if self.year is not None:
            return say("load.read_year", year=self.year.year, told=self.year.told())
        wide = [one.heading for one in self.columns if one.role == "wide"]
        return say("load.read_year_wide", headings=", ".join(wide[:6])) if wide else say("load.read_no_year")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was found in some files: the readings of their tables, and the sheets without any."""

    tables: tuple[TableRead, ...]
    without: tuple[str, ...]
    """Sheets without a table."""
    turned: tuple[str, ...]
    """Those whose rows are what others have in columns: an item a row, an area or a year a column."""
    paths: Mapping[str, Path]
    """Where each file lies, by the name that its tables have."""

    def lines(self, lang: str) -> list[str]:
        """Everything in plain words, questions last."""
        told = [line for table in self.tables for line in table.lines(lang)]
        for where in self.without:
            key = "read_turned" if where in self.turned else "read_nothing"
            told.append(say(f"load.{key}", where=where)[lang])
        questions = [
            one.question[lang] for table in self.tables for one in table.columns if one.question is not None
        ]
        if questions:
            told.append(say("load.questions", count=len(questions))[lang])
            told += [f"  {number}. {question}" for number, question in enumerate(dict.fromkeys(questions), 1)]
        return told

    def _repr_html_(self) -> str:
        from html import escape

        from edustats.words import user_language

        return f"<pre>{escape(chr(10).join(self.lines(user_language())))}</pre>"

    def __str__(self) -> str:
        from edustats.words import user_language

        return "\n".join(self.lines(user_language()))


def inspect_files(files: Sequence[Path | str] | Path | str, known: Catalogue | None = None) -> Inspection:
    """Read any tables and say what they would be read as.

    Parameters
    ----------
    files : one file or several, workbooks or text
    known : the catalogue, the suite's own if not given

    Returns
    -------
    Inspection
        Prints as plain words; :func:`write_draft` writes the mapping it suggests.

    Raises
    ------
    MissingFileError, DataError
        A file that is not there or cannot be read.

    Examples
    --------
    >>> print(inspect_files("schools.csv"))  # doctest: +SKIP
    """
    known = known or catalogue()
    paths = [Path(files)] if isinstance(files, (str, Path)) else [Path(file) for file in files]
    sheets = [sheet for path in paths for sheet in read_sheets(path)]
    read = [(sheet, read_table(sheet, known)) for sheet in sheets]
    without = {_tell_place(sheet): sheet for sheet, found in read if found is None}
    return Inspection(
        tables=tuple(found for _, found in read if found is not None), without=tuple(without),
        turned=tuple(place for place, sheet in without.items() if _is_turned(sheet, known)),
        paths={path.name: path for path in paths},
    )  # fmt: skip


def _tell_place(sheet: Sheet) -> str:
    return f"{sheet.file} [{sheet.name}]" if sheet.name else sheet.file


def _is_turned(sheet: Sheet, known: Catalogue) -> bool:
    """Whether the first words of most rows name what is counted."""
    firsts = [_first(row) for row in sheet.rows[:LOOKED_AT] if sum(c not in ("", None) for c in row) > 1]
    named = sum(matched((word,), known, near=False) is not None for word in firsts)
    return len(firsts) > 2 and named > 0.5 * len(firsts)


inspect = inspect_files
"""The verb of a notebook."""


def read_table(sheet: Sheet, known: Catalogue) -> TableRead | None:
    """The reading of the first table on a sheet, None where no row of words stands over rows of data."""
    header = _find_header(sheet)
    if header is None:
        return None
    first, depth = header
    paths = paths_of(words_in(sheet, first, depth))
    unit_row = (
        first + depth if first + depth < len(sheet.rows) and is_unit_row(sheet.rows[first + depth]) else -1
    )
    start = first + depth + (unit_row >= 0)
    body = [row for row in sheet.rows[start:] if not is_empty(row) and not is_numbering(row)]
    notes = [row for row in body if NOTE.match(plain(_first(row)))]
    data = [
        row
        for row in body
        if not NOTE.match(plain(_first(row))) and sum(c not in ("", None) for c in row) > 1
    ]
    totals = [row for row in data if any(is_total_word(text(cell)) for cell in row[:4])]
    title = " ".join(text(c) for row in sheet.rows[:first] for c in row if c not in ("", None))
    stages = stages_said(f"{title} {sheet.file.rpartition('/')[2]} {sheet.name}")
    stage = stages[0] if len(stages) == 1 else ""
    said = evidence.year_evidence(sheet, range(first))
    year, others, conflict = evidence.settled_year(said)
    where = _Where(
        sheet,
        first,
        depth + (unit_row >= 0),
        unit_row,
        tuple(i for i, row in enumerate(sheet.rows) if row in notes),
    )
    sample = [row for row in data if row not in totals][:LOOKED_AT]
    columns = _mark_items(_columns(where, paths, sample, known, stage), where, sample)
    roles = {one.role for one in columns}
    if not roles & {"column", "rate", "wide", "code", "figure"} or (
        "item" in roles and not roles & {"figure", "wide"}
    ):
        return None
    return TableRead(
        sheet=sheet, first=first, depth=depth, title=title, rows=len(data) - len(totals), totals=len(totals),
        notes=tuple(_first(row) for row in notes), year=None if conflict else year,
        year_conflict=tuple([year, *others]) if conflict and year else (), stage=stage, columns=columns,
        items=_read_items(where, columns, sample, known, stage), known=known,
        area_from=_find_area_words(sheet, first, columns),
    )  # fmt: skip


def _find_area_words(sheet: Sheet, first: int, columns: Sequence[ColumnRead]) -> str:
    """Where the one area of a table stands that has no column of areas."""
    if any(one.role in ("code", "name", "unit") for one in columns):
        return ""
    titles = " ".join(text(c) for row in sheet.rows[:first] for c in row if c not in ("", None))
    file = sheet.file.rpartition("/")[2].rpartition(".")[0]
    for place, words in (("title", titles), ("sheet", sheet.name), ("file", file)):
        if any(areas.named_in(words)):
            return place
    return ""


def _mark_items(
    columns: tuple[ColumnRead, ...], where: _Where, data: Sequence[Sequence[object]]
) -> tuple[ColumnRead, ...]:
    """In a table with a column of items, the column of figures and that of their units."""
    if not any(one.role == "item" for one in columns):
        return columns
    found = []
    for one in columns:
        words = re.sub(r"[^\w]", "", label(one.heading).lower())
        cells = _cells(where, one, data)
        if (
            one.role in ("nothing", "column")
            and words in FIGURES
            and any(number(c) is not None for c in cells)
        ):
            one = replace(one, role="figure", column="", question=None)
        elif (
            one.role in ("nothing", "name")
            and words in UNITS_OF_ITEMS
            and all(unit_of(c) for c in cells if c)
        ):
            one = replace(one, role="measure")
        found.append(one)
    return tuple(found)


def _cells(where: _Where, one: ColumnRead, data: Sequence[Sequence[object]]) -> list[str]:
    width = max((len(row) for row in data), default=0)
    j = next((k for k in range(width) if where.sheet.letter(k) == one.letter), width)
    return [plain(text(row[j])) if j < len(row) else "" for row in data]


def _read_items(
    where: _Where,
    columns: Sequence[ColumnRead],
    data: Sequence[Sequence[object]],
    known: Catalogue,
    stage: str,
) -> tuple[ItemRead, ...]:
    """Every word of a long table's items, with its stage, once."""
    by_role = {one.role: one for one in reversed(columns)}
    if "item" not in by_role and "stage" in by_role:
        return tuple(_read_stages(where, columns, data, known))
    if "item" not in by_role or not {"figure", "wide"} & by_role.keys():
        return ()
    empty = [""] * len(data)
    words = _cells(where, by_role["item"], data)
    stages = _cells(where, by_role["stage"], data) if "stage" in by_role else empty
    units = _cells(where, by_role["measure"], data) if "measure" in by_role else empty
    found: dict[tuple[str, str], ItemRead] = {}
    for word, stage_of_row, unit in zip(words, stages, units, strict=True):
        match = matched((word,), known, stage_word(stage_of_row) or stage, near=False)
        if not word or match is None or (word, stage_of_row) in found:
            continue
        own = next(iter(known.units[known.columns[match.column].unit].scales))
        beside = unit_beside(word)[1]
        printed = unit or (beside.words if beside is not None else own)
        found[word, stage_of_row] = ItemRead(
            word=word, stage_word=stage_of_row, column=match.column, unit=printed
        )
    return tuple(found.values())


def _read_stages(
    where: _Where, columns: Sequence[ColumnRead], data: Sequence[Sequence[object]], known: Catalogue
) -> Iterator[ItemRead]:
    """A row per stage: every column of figures means another one at every stage."""
    column = next(one for one in columns if one.role == "stage")
    words = [w for w in dict.fromkeys(_cells(where, column, data)) if stage_word(w)]
    if len(words) < 2:
        return
    for one in columns:
        if one.role != "column" and not (one.role == "nothing" and one.column):
            continue
        for word in words:
            match = matched(tuple(one.heading.split("/")), known, stage_word(word), near=False)
            if match is not None and known.columns[match.column].unit == known.columns[one.column].unit:
                yield ItemRead(
                    word="", stage_word=word, column=match.column, unit=one.unit, heading=one.heading
                )


def _first(row: Sequence[object]) -> str:
    return next((text(cell) for cell in row if cell not in ("", None)), "")


def _find_header(sheet: Sheet) -> tuple[int, int] | None:
    """The row of words with the most different ones, over a row with numbers, and how many rows it takes."""
    best: tuple[int, int] | None = None
    most = 1
    for i, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        words = [text(cell) for cell in row if cell not in ("", None)]
        if len(words) < 2 or any(_is_figure(word) for word in words) or is_numbering(row) or is_unit_row(row):
            continue
        if len(set(words)) > most:
            best, most = (i, 1), len(set(words))
    if best is None:
        return None
    first = best[0]
    while first > 0 and _belongs_above(sheet, first):
        first -= 1
    key = next((j for j, cell in enumerate(sheet.rows[first]) if cell not in ("", None)), 0)
    depth = extended(sheet, first, best[0] - first + 1, [key])
    while depth > 1 and is_unit_row(sheet.rows[first + depth - 1]):
        depth -= 1
    return first, depth


def _is_figure(word: str) -> bool:
    return number(word) is not None and years.label(word) is None


def _belongs_above(sheet: Sheet, first: int) -> bool:
    """Whether the row above holds outer headings: several words, not a title alone."""
    words = [text(cell) for cell in sheet.rows[first - 1] if cell not in ("", None)]
    return len(words) > 1 and not any(_is_figure(word) for word in words) and len(words) < 40 and all(
        len(word) < 40 for word in words
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a table stands, as the search for units needs it."""

    sheet: Sheet
    first: int
    depth: int
    unit_row: int
    notes: tuple[int, ...]

    def unit(self, column: int) -> tuple[Unit | None, str]:
        """The nearest unit printed for a column, and the cell that says so."""
        said = evidence.unit_evidence(
            self.sheet, (self.first, self.depth), column, unit_row=self.unit_row, notes=self.notes
        )
        return (said[0].unit, said[0].cell) if said else (None, "")

    def units(self, column: int) -> list[evidence.UnitSaid]:
        """Every unit printed for a column."""
        return evidence.unit_evidence(
            self.sheet, (self.first, self.depth), column, unit_row=self.unit_row, notes=self.notes
        )


def _columns(
    where: _Where, paths: Sequence[Heading], data: Sequence[Sequence[object]], known: Catalogue, stage: str
) -> tuple[ColumnRead, ...]:
    found: list[ColumnRead] = []
    taken: set[str] = set()
    for j, path in enumerate(paths):
        if not path:
            continue
        cells = [row[j] for row in data if j < len(row) and row[j] not in ("", None)]
        one = _column(where, j, path, cells, known, stage, taken)
        taken |= {one.role, one.column}
        found.append(one)
    return tuple(found)


def _column(
    where: _Where,
    j: int,
    path: Heading,
    cells: Sequence[object],
    known: Catalogue,
    stage: str,
    taken: set[str],
) -> ColumnRead:
    letter, heading = where.sheet.letter(j), "/".join(word.replace("\n", "") for word in path)
    example = text(cells[0]) if cells else ""
    role = _role(path, cells, taken)
    if role:
        return ColumnRead(letter=letter, heading=heading, role=role, example=example, sure=1.0)
    if any(years.label(word) is not None for word in path):
        said = where.units(j)
        unit, cell = (said[0].unit.words, said[0].cell) if said else ("", "")
        return ColumnRead(
            letter=letter, heading=heading, role="wide", example=example, unit=unit, unit_from=cell
        )
    if "item" not in taken and _are_items(cells, known):
        return ColumnRead(letter=letter, heading=heading, role="item", example=example)
    match = matched(tuple(path), known, stage)
    if match is None or not any(
        type(c) is float or number(text(c).rstrip("%")) is not None for c in cells[:50]
    ):
        return ColumnRead(letter=letter, heading=heading, role="nothing", example=example)
    column = known.columns[match.column]
    said = [one for one in where.units(j) if fits(one.unit, column.unit)]
    shares = (
        [] if said else [one for one in where.units(j) if one.unit.kind == SHARE and column.unit != SHARE]
    )
    rate = next(iter(shares), None)
    unit = said[0].unit.words if said else next(iter(known.units[column.unit].scales))
    question = None
    if rate is not None or "率" in path[-1]:
        return ColumnRead(letter=letter, heading=heading, role="rate", column=match.column, sure=match.likeness,
                          unit="percent", example=example, question=say("load.ask_rate", heading=heading))  # fmt: skip
    if not said and column.unit in ("yuan", "square_metre", "dollar"):
        question = say("load.ask_unit", heading=heading, letter=letter)
    elif not match.sure:
        question = say("load.ask_column", heading=heading, letter=letter, what=column.name, column=match.column,
                       sure=f"{match.likeness:.0%}")  # fmt: skip
    elif match.column in taken:
        question = say("load.ask_twice", heading=heading, column=match.column)
    return ColumnRead(letter=letter, heading=heading, role="column" if match.column not in taken else "nothing",
                      column=match.column, sure=match.likeness, unit=unit, unit_from=said[0].cell if said else "",
                      example=example, question=question)  # fmt: skip


def _are_items(cells: Sequence[object], known: Catalogue) -> bool:
    """Whether most different words of a column name what is counted."""
    words = {plain(text(cell)) for cell in cells[:LOOKED_AT]}
    if not words or len(words) > MOST_ITEMS or any(number(word) is not None for word in words):
        return False
    named = sum(
        any(matched((word,), known, s, near=False) for s in ("", "primary", "preschool")) for word in words
    )
    return named > 0.5 * len(words)


def _role(path: Heading, cells: Sequence[object], taken: set[str]) -> str:
    """Whether a column is one of codes, names, units, years or stages, by its heading and by what stands in it."""
    words = re.sub(r"[^\w]", "", label(path[-1]).lower())
    shown = [plain(text(cell)) for cell in cells[:60]]
    if (
        years.is_heading(path[-1])
        and "year" not in taken
        and shown
        and all(years.label(c) is not None for c in cells[:20])
    ):
        return "year"
    heads = {
        "unit": {*UNITS, *called("学校(机构)标识码")} - {"代码"}, "unit_name": UNIT_NAMES,
        "code": {*CODES, *called("地区代码")}, "name": {*NAMES, *called("地区"), *called("所在县区")},
    }  # fmt: skip
    for role, names in heads.items():
        if words in {re.sub(r"[^\w]", "", name) for name in names} and role not in taken:
            return "" if role == "name" and shown and all(number(one) is not None for one in shown) else role
    if shown and "stage" not in taken and all(stage_word(one) or is_total_word(one) for one in shown):
        return "stage"
    codes = [area_code(one) for one in shown]
    if shown and "code" not in taken and sum(bool(listed(c[:6])) for c in codes) > 0.6 * len(shown):
        return "code"
    counties = sum(bool(areas.candidates(one)) or is_total_word(one) for one in shown)
    return "name" if shown and "name" not in taken and counties > 0.6 * len(shown) else ""


def _column_line(one: ColumnRead, known: Catalogue) -> Text:
    facts = {"letter": one.letter, "heading": one.heading, "example": one.example[:20]}
    if one.role in ("column", "rate"):
        name = known.columns[one.column].name
        sure = say("load.sure" if one.sure >= 0.99 else "load.perhaps", sure=f"{one.sure:.0%}")
        unit = f"{one.unit} ({one.unit_from})" if one.unit_from else one.unit
        return say("load.read_column", **facts, what=name, column=one.column, unit=unit, sure=sure)
    return say("load.read_other", **facts, role=say(f"load.role_{one.role}"))
