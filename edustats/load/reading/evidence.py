"""What does a table say about the unit of a column and the year of its figures, and where does it say so?

Every piece of evidence keeps its place, its cell and its words. Pieces that disagree are never settled in silence: the
weaker one becomes a finding; where neither is weaker the table is refused with both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edustats.load.files.values import text
from edustats.load.files.workbook import Sheet
from edustats.load.reading import units, years
from edustats.load.reading.headers import words_in
from edustats.load.reading.named_units import choose_named, read_named_units
from edustats.load.reading.units import MANY_OF_ANY, SHARE, Unit
from edustats.words import Text, say

_ASKS = re.compile(r"单\s*位\s*[:：]?\s*$")
OWN, OUTER, GENERAL, NOTE = 0, 1, 2, 3
"""How near to a column a unit stands: on its heading, over it, on the sheet, in a note beneath."""


@dataclass(frozen=True, slots=True)
class UnitSaid:
    """A unit that a sheet prints for some column."""

    unit: Unit
    near: int
    place: str
    cell: str
    words: str

    def told(self) -> Text:
        """The evidence in words: a note beneath (A9) says “金额单位：千元”."""
        cell = f" {self.cell}" if self.cell else ""
        return say("load.evidence", place=say(f"load.place_{self.place}"), cell=cell, words=self.words)


@dataclass(frozen=True, slots=True)
class YearSaid:
    """A year that a title or a name says a table is of."""

    year: int
    place: str
    cell: str
    words: str

    def told(self) -> Text:
        """The evidence in words."""
        cell = f" {self.cell}" if self.cell else ""
        return say("load.evidence", place=say(f"load.place_{self.place}"), cell=cell, words=self.words)


# --- units ---


def unit_evidence(
    sheet: Sheet,
    header: tuple[int, int],
    column: int,
    *,
    start: int = 0,
    unit_row: int = -1,
    notes: Sequence[int] = (),
    item: str = "",
) -> list[UnitSaid]:
    """Every unit that a sheet prints for one column, the nearest first.

    Parameters
    ----------
    sheet : the sheet
    header : first row of the header and the number of its rows
    column : position of the column
    start : where the table's own title begins
    unit_row : position of a row of units beneath the headings, -1 if there is none
    notes : positions of the notes beneath the table
    item : what its rows say is counted, where a row is an item
    """
    first, depth = header
    found: list[UnitSaid] = []
    near = OWN
    for i in range(first + depth - 1, first - 1, -1):
        j = _word_above(sheet, header, i, column)
        if j is None:
            continue
        words = text(sheet.rows[i][j])
        unit = units.unit_of(words) if i == unit_row else units.unit_beside(words)[1]
        if unit is not None:
            found.append(UnitSaid(unit, near, "heading", _cell(sheet, i, j), words.strip()))
        near = near if i == unit_row else OUTER
    heading = _words_over(sheet, header, column) + item
    found += _general(sheet, range(start, first), column, heading, GENERAL, "line")
    for place, words in (("sheet", sheet.name), ("file", sheet.file.rpartition("/")[2].rpartition(".")[0])):
        found += [UnitSaid(unit, GENERAL, place, "", words) for unit in units.units_in(words)]
    found += _general(sheet, notes, column, heading, NOTE, "note")
    return found


def _word_above(sheet: Sheet, header: tuple[int, int], i: int, column: int) -> int | None:
    """Where the word that stands over a column in a header row is written, merged cells and blanks regarded."""
    row = sheet.rows[i]
    for (top, left), (bottom, right) in sheet.merged:
        if top <= i + sheet.top <= bottom and left <= column + sheet.left <= right:
            return left - sheet.left if top == i + sheet.top and left - sheet.left < len(row) else None
    if column < len(row) and text(row[column]).strip():
        return column
    first, depth = header
    spread = words_in(sheet, first, depth)[i - first]
    if column >= len(spread) or not spread[column]:
        return None
    return next((j for j in range(min(column, len(row)) - 1, -1, -1) if text(row[j]).strip()), None)


def _words_over(sheet: Sheet, header: tuple[int, int], column: int) -> str:
    """What the header says over a column, the outer words first."""
    first, depth = header
    at = [(i, _word_above(sheet, header, i, column)) for i in range(first, first + depth)]
    return "".join(text(sheet.rows[i][j]).strip() for i, j in at if j is not None)


def _general(
    sheet: Sheet, rows: Iterable[int], column: int, heading: str, near: int, place: str
) -> list[UnitSaid]:
    found = []
    for i in rows:
        cells = [
            (j, text(cell)) for j, cell in enumerate(sheet.rows[i]) if type(cell) is str and cell.strip()
        ]
        for k, (j, words) in enumerate(cells):
            if k + 1 < len(cells) and _ASKS.search(words):
                words += cells[k + 1][1]
            named = read_named_units(words)
            said = choose_named(named, heading) if named else units.units_in(words)
            if not said:
                continue
            after = cells[k + 1][0] if k + 1 < len(cells) else 10**6
            alone = len(cells) == 1 or units.is_line(words)
            if alone or _spans(sheet, i, j, column, after):
                found += [UnitSaid(unit, near, place, _cell(sheet, i, j), words.strip()) for unit in said]
    return found


def _spans(sheet: Sheet, i: int, j: int, column: int, after: int) -> bool:
    """Whether a heading over the header reaches to a column: as far as it is merged, or to the next one."""
    for (top, left), (bottom, right) in sheet.merged:
        if top <= i + sheet.top <= bottom and left <= j + sheet.left <= right:
            return left <= column + sheet.left <= right
    return j <= column < after


def _cell(sheet: Sheet, i: int, j: int) -> str:
    """A cell as a person names it; the lines over a table of a Word file are in none."""
    return f"{sheet.letter(j)}{sheet.row(i)}" if sheet.row(i) > 0 else ""


def settled_unit(said: Sequence[UnitSaid], kind: str) -> tuple[UnitSaid | None, list[UnitSaid], bool]:
    """The unit of a column of some kind of measure, from everything said of it.

    Returns
    -------
    chosen, others, conflict
        The nearest evidence (None where nothing speaks of this kind); the pieces that contradict it; and whether
        those are no weaker than it, so that nothing can be chosen.
    """
    own = [one for one in said if one.unit.kind == kind or (one.unit.kind == MANY_OF_ANY and kind != SHARE)]
    foreign = [one for one in said if one.unit.is_other_money(kind)]
    if not own:
        return (foreign[0], foreign[1:], True) if foreign else (None, [], False)
    chosen = own[0]
    others = [one for one in (*own[1:], *foreign) if one.unit.contradicts(chosen.unit)]
    level = _rank(chosen)
    return chosen, others, any(_rank(one) <= level or is_tenfold(one.unit, chosen.unit) for one in others)


def is_tenfold(one: Unit, other: Unit) -> bool:
    """Whether two units are 千元 and 万元: nobody has both on one sheet, as 元 beside 万元 may well be."""
    return 0.099 < one.size / other.size < 0.101 or 9.9 < one.size / other.size < 10.1


def _rank(said: UnitSaid) -> int:
    """A line of units and a note speak of the whole sheet alike."""
    return min(said.near, GENERAL)


# --- years ---


def year_evidence(sheet: Sheet, titles: Iterable[int], which: years.Which = "first") -> list[YearSaid]:
    """The years that titles, the sheet's name, the file's and the folders' say, one for each place at most.

    A place that names several years says nothing; dates of printing are no years.

    Parameters
    ----------
    sheet : the sheet
    titles : positions of the rows above the table
    which : year of a label of two
    """
    above = [
        (i, j, text(cell))
        for i in titles
        for j, cell in enumerate(sheet.rows[i])
        if type(cell) is str and cell.strip()
    ]
    found = []
    told = [
        (label, _cell(sheet, i, j), words.strip())
        for i, j, words in above
        for label in years.years_said(words, which)
    ]
    if len({label.year for label, _, _ in told}) == 1:
        label, cell, words = told[0]
        found.append(YearSaid(label.year, "title", cell, words))
    elif not told and (point := years.date_of(words for _, _, words in above)):
        found.append(YearSaid(point.year, "title", "", point.words))
    folder, _, file = sheet.file.rpartition("/")
    for place, words in (("sheet", sheet.name), ("file", file.rpartition(".")[0]), *_folders(folder)):
        said = years.years_said(words, which)
        if len({label.year for label in said}) == 1:
            found.append(YearSaid(said[0].year, place, "", words))
    return found


def _folders(folder: str) -> list[tuple[str, str]]:
    """The nearest folder that names a year."""
    parts = [part for part in reversed(folder.split("/")) if years.years_said(part)]
    return [("folder", parts[0])] if parts else []


def settled_year(said: Sequence[YearSaid]) -> tuple[YearSaid | None, list[YearSaid], bool]:
    """The year of a table without a column of years: what most places say.

    Returns
    -------
    chosen, others, conflict
        The evidence chosen; what disagrees with it; and whether as much speaks against it as for it.

    Examples
    --------
    >>> said = [YearSaid(2023, "title", "A1", ""), YearSaid(2024, "file", "", ""), YearSaid(2023, "folder", "", "")]
    >>> chosen, others, conflict = settled_year(said)
    >>> chosen.year, [one.place for one in others], conflict
    (2023, ['file'], False)
    """
    if not said:
        return None, [], False
    count = {one.year: sum(other.year == one.year for other in said) for one in said}
    most = max(count.values())
    best = [one for one in said if count[one.year] == most]
    others = [one for one in said if one.year != best[0].year]
    return best[0], others, bool(others) and (len({one.year for one in best}) > 1 or most == len(others))


def joined(told: Iterable[Text]) -> Text:
    """Pieces of evidence in one sentence, each once."""
    shown = list(dict.fromkeys(told))
    return Text("，".join(t.zh for t in shown), "; ".join(t.en for t in shown))
