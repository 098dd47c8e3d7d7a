"""What was a stranger's table read as? The records of a reading, and how they are told in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edustats.catalogue import Catalogue, catalogue
from edustats.load.files.values import plain, text
from edustats.load.files.workbook import Sheet
from edustats.load.reading import evidence, years
from edustats.load.reading.areas import area_code
from edustats.load.reading.units import is_line
from edustats.load.tables.layout import is_area
from edustats.words import Text, join_names, say

NEED_NOT_BE_SAID = ("person", "school", "class")
"""Units that a table need not say."""


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
    figures: bool = False
    below_one: bool = False
    """Per cents none of which is above one: 0.1 under 辍学率（%） may be a tenth."""
    too_many: bool = False
    """More persons than there are, by the unit of a line that speaks of the whole table."""
    question: Text | None = None


@dataclass(frozen=True, slots=True)
class SplitBy:
    """A column of words that tells rows of one area and year apart: the word to take, if plain, and the others."""

    heading: str
    word: str
    others: tuple[str, ...]


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


def own_title(sheet: Sheet, first: int) -> str:
    """The words of the last row over the headings that has words, and no line of units."""
    told = [[text(c).strip() for c in row if c not in ("", None)] for row in sheet.rows[:first]]
    lines = [row[0] for row in told if len(row) == 1 and not is_line(row[0])]
    return lines[-1] if lines else ""


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
    words_of_items: tuple[tuple[str, str], ...] = ()
    """Every word of a column of items (指标) with the unit of its row, whether the catalogue knows it or not."""
    known: Catalogue = field(default_factory=catalogue, repr=False)
    area_from: str = ""
    """``title``, ``sheet`` or ``file`` where one of these alone names the area."""
    split_by: tuple[SplitBy, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    """Words that stand where a figure is missing, and the kind of gap that each most likely is."""

    @property
    def titles(self) -> tuple[str, str]:
        """The words right over the headings, and all over them."""
        return own_title(self.sheet, self.first), self.title

    @property
    def above(self) -> str:
        """Everything that stands above the headings."""
        return " ".join(text(c) for row in self.sheet.rows[: self.first] for c in row if c not in ("", None))

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
            yield "  " + say("load.read_note", note=re.sub(r"^注[：:]\s*", "", note))[lang]

    def wide_columns(self, by: str) -> tuple[ColumnRead, ...]:
        """The columns that hold the figures of one year each, or of one area each."""
        says = {"year": lambda word: years.label(word) is not None, "area": is_area}[by]
        return tuple(
            one for one in self.columns if one.role == "wide" and any(map(says, one.heading.split("/")))
        )

    def knows_area(self) -> bool:
        """Whether the table says whose its figures are."""
        return bool(
            self.of("code")
            or self.of("name")
            or self.of("unit")
            or self.area_from
            or self.wide_columns("area")
        )

    def guess_area(self) -> ColumnRead | None:
        """The first column of words that may be of areas nobody lists.

        A column that says the same of every row as its item does (学校数, Number of Schools) is a translation, and
        one of a list of schools holds areas only where it has codes of areas, or its words come again.
        """
        schools, item = self.of("unit") or self.of("unit_name"), self.of("item") or self.of("stage")
        for one in self.columns:
            cells = [] if one.figures else self._cells(one)
            if one.role in ("unit", "unit_name") and any(map(area_code, cells)):
                return one
            words = [cell for cell in cells if cell and not cell[0].isdigit()]
            if one.role != "nothing" or not words:
                continue
            beside = self._cells(item) if item else [""] * len(cells)
            pairs = {pair for pair in zip(beside, cells, strict=True) if pair[1]}
            told = {word for word, _ in pairs if word}
            if len(pairs) > len(told) and not (schools and len({*words}) == len(words)):
                return one
        return None

    def _cells(self, column: ColumnRead) -> list[str]:
        """What stands in a column beneath the headings."""
        rows = self.sheet.rows[self.first + self.depth :]
        width = max((len(row) for row in rows), default=0)
        j = next((k for k in range(width) if self.sheet.letter(k) == column.letter), width)
        return [plain(text(row[j])) if j < len(row) else "" for row in rows]

    def _year_line(self) -> Text:
        if (column := self.of("year")) is not None:
            return say("load.read_year_column", heading=column.heading, letter=column.letter)
        if self.year_conflict:
            return say(
                "load.read_year_conflict", told=evidence.joined(one.told() for one in self.year_conflict)
            )
        wide = [one.heading for one in self.wide_columns("year")]
        if self.year is not None and len(wide) < 2:
            return say("load.read_year", year=self.year.year, told=self.year.told())
        return say("load.read_year_wide", headings=join_names(wide[:6])) if wide else say("load.read_no_year")


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
    page: str = ""
    """Rates that came without their counts, as a catalogue page of one's own that names them; see `stated_rates`."""

    def lines(self, lang: str) -> list[str]:
        """Everything in plain words, questions last."""
        told = [line for table in self.tables for line in table.lines(lang)]
        for where in self.without:
            key = "read_turned" if where in self.turned else "read_nothing"
            told.append(say(f"load.{key}", where=where)[lang])
        questions = [
            one.question[lang] for table in self.tables for one in table.columns if one.question is not None
        ]
        questions += [
            say("load.whose", file=table.sheet.file, sheet=table.sheet.name or "—")[lang]
            for table in self.tables
            if not table.knows_area()
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


def _column_line(one: ColumnRead, known: Catalogue) -> Text:
    facts = {"letter": one.letter, "heading": one.heading, "example": one.example[:20]}
    if one.role in ("column", "rate"):
        name = known.columns[one.column].name
        sure = say("load.sure" if one.sure >= 0.99 else "load.perhaps", sure=f"{one.sure:.0%}")
        unit = f"{one.unit} ({one.unit_from})" if one.unit_from else one.unit
        return say("load.read_column", **facts, what=name, column=one.column, unit=unit, sure=sure)
    by_area = one.role == "wide" and any(map(is_area, one.heading.split("/")))
    return say(
        "load.read_other", **facts, role=say("load.role_of_area" if by_area else f"load.role_{one.role}")
    )
