"""What figures does a table give? Cells into the catalogue's unit, each with its kind, its cell and its doubts.

The unit that a mapping declares is held against everything the sheet prints of it. A contradiction refuses the table:
which is right nobody can tell from here, and the figures would differ by a factor.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.errors import DataError
from edustats.load.files import values as clean
from edustats.load.files.values import plain, text
from edustats.load.loaded import SCHOOL, Filling, TableMapping
from edustats.load.reading import evidence
from edustats.load.reading.units import (
    CURRENCIES,
    MANY_OF_ANY,
    SHARE,
    Unit,
    amount_in,
    unit_of,
    units_of_rows,
)
from edustats.load.tables.findings import Doubt
from edustats.load.tables.rows import Rows, list_some, told_cell
from edustats.load.tables.sections import join_section, name_sections
from edustats.typing import Floats, KindCodes

ABSENT = 255
"""Kind of a figure that a row has no business with: the row is of another item."""
WHOLE = (
    "pupils",
    "children",
    "schools",
    "classes",
    "kindergartens",
    "entrants",
    "leavers",
    "births",
    "population",
)
COUNTS = ("person", "school", "class", "room", "set", "seat", "item", "volume")
_LOST = re.compile(r"^(#|=)")
_PERCENT = re.compile(r"(.+?)\s*(%|‰)$")
_THOUSANDTHS = re.compile(r"[1-9]\d{0,2}\.\d{3}")

NOTE_MARK = re.compile(r"\s*(?:[①-⑳*＊†‡]|注[①-⑳]|\[注?\d{1,2}\])+\s*$")
"""The mark of a note behind a figure: 50,988①, 3050*."""
FEW_PERCENT = 20.0
"""Where a column's middle value is above this, 0.95 among its values is more likely 95 % than 0.95 %."""


@dataclass(slots=True, kw_only=True)
class Figures:
    """The figures of one table: a row per row of its keys, a column per filled column of the catalogue."""

    rows: Rows
    values: dict[str, Floats] = field(default_factory=dict)
    kinds: dict[str, KindCodes] = field(default_factory=dict)
    units: Sequence[Unit | None] = ()
    """The unit that a column of units gives every row; none where the table has no such column."""
    doubts: list[Doubt] = field(default_factory=list)
    marks: list[tuple[int, int, str]] = field(default_factory=list)
    """Cells with text where a number belongs: row, column, text."""


def figures_of(mapping: TableMapping, rows: Rows, known: Catalogue) -> Figures:
    """Every filled column of one table.

    Raises
    ------
    DataError
        Units that contradict each other; text where a number belongs, every such cell in one sentence.
    """
    made = Figures(rows=rows, units=units_of_rows(rows.layout.headings, rows.layout.values))
    for filling in mapping.fillings:
        if rows.source.holds(filling.column) and rows.columns.keys() >= {*filling.sources, *filling.where}:
            _fill_column(mapping, filling, made, known)
        else:
            _leave_column(filling, made)
    if made.marks:
        told = [told_cell(rows.layout, at, column, value) for at, column, value in sorted(made.marks)]
        raise DataError(
            "load.not_a_number", file=rows.layout.sheet.file, count=len(told), told=list_some(told)
        )
    return made


def no_figures(mapping: TableMapping, rows: Rows) -> Figures:
    """The figures of a table none of whose rows is used."""
    made = Figures(rows=rows)
    for filling in mapping.fillings:
        _leave_column(filling, made)
    return made


def _leave_column(filling: Filling, made: Figures) -> None:
    """A column that the table does not hold, or not in this year: 女 under 2021年 alone."""
    n = len(made.rows.keys)
    made.values[filling.column] = np.full(n, np.nan)
    made.kinds[filling.column] = np.full(n, ABSENT, np.uint8)


def _fill_column(mapping: TableMapping, filling: Filling, made: Figures, known: Catalogue) -> None:
    n = len(made.rows.keys)
    data = (made.rows.keys["reason"] == "").to_numpy()
    chosen = data & _select_rows(filling, made.rows)
    total, worst = np.zeros(n), np.zeros(n, np.uint8)
    for source in filling.sources:
        value, kind = _read_column(mapping, filling, source, made, chosen, known)
        worst = np.maximum(worst, kind)
        total += np.where(kind == clean.OK, value, np.nan)
    total *= filling.scale
    if filling.scale > 1:
        total = np.round(total, 6)  # 16.1千人 is 16100, not 16100.000000000002
    value, kind = _apply_base(mapping, filling, total, worst, made)
    value, kind = _check_bounds(mapping, filling, value, kind, made, chosen, known)
    made.values[filling.column] = np.where(chosen, value, np.nan)
    made.kinds[filling.column] = np.where(chosen, kind, ABSENT).astype(np.uint8)


def _select_rows(filling: Filling, rows: Rows) -> np.ndarray:
    chosen = np.ones(len(rows.keys), bool)
    for heading, allowed in filling.where.items():
        cells = [plain(text(c)) for c in rows.layout.values(rows.columns[heading], down=True)]
        if any("/" in word for word in allowed):
            cells = _add_sections(rows, rows.columns[heading], cells, allowed)
        chosen &= np.array([cell in allowed for cell in cells], bool)
    return chosen


def _add_sections(rows: Rows, column: int, cells: Sequence[str], allowed: Sequence[str]) -> list[str]:
    """The words of a column with the line that stands over each: 一、学校数/小学."""
    layout = rows.layout
    first, last = layout.first + layout.depth, max(layout.rows, default=0)
    found = name_sections(layout.sheet.rows[first : last + 1], column)
    return [
        word if word in allowed else join_section(found[at - first], word)
        for at, word in zip(layout.rows, cells, strict=True)
    ]


# --- one source column ---


def _read_column(
    mapping: TableMapping, filling: Filling, source: str, made: Figures, chosen: np.ndarray, known: Catalogue
) -> tuple[Floats, KindCodes]:
    """A source column in the declared unit, and the kind of every cell."""
    column = made.rows.columns[source]
    unit = unit_of(filling.unit) or _name_counted(filling.unit)
    _settle_unit(filling, source, column, unit, made, chosen)
    cells = _prepare_cells(mapping, made, column, unit, chosen)
    value, kind, odd = clean.cells(cells, mapping.missing, filling.unit)
    for at, shown in odd.items():
        if not chosen[at]:
            continue
        if _LOST.match(shown):
            _add_doubt(made, "unreadable_cell", "error", at, column, shown, "")
        else:
            made.marks.append((at, column, shown))
    value, kind = value.copy() * _sizes_of_rows(source, made, unit, chosen), kind.copy()
    _refuse_wrong_share(filling, made, column, unit, value, kind, chosen)
    if not filling.of and not filling.divides and filling.scale == 1:
        _look_for_thousands(mapping, filling, made, column, cells, chosen, known)
        _look_for_fractions(filling, made, column, value, chosen)
    for at, own in _find_rows_of_another_kind(made, unit, chosen).items():
        _add_doubt(made, "unit_of_row", "error", at, column, own.words, filling.unit)
        kind[at] = clean.IMPOSSIBLE
    outside = chosen & (kind != clean.IMPOSSIBLE) & ((value < filling.range[0]) | (value > filling.range[1]))
    for at in np.flatnonzero(outside).tolist():
        low, high = filling.range
        _report_impossible(
            made, "impossible_value", int(at), column, value[at], f"{low:g}–{high:g} {filling.unit}", "range"
        )
    kind[outside] = clean.IMPOSSIBLE
    return value, kind


def _settle_unit(
    filling: Filling, source: str, column: int, unit: Unit | None, made: Figures, rows: np.ndarray
) -> None:
    """Hold the declared unit against what the sheet prints; where every row says its own, a line says less."""
    layout = made.rows.layout
    if unit is None:
        return
    said = evidence.unit_evidence(
        layout.sheet, (layout.first, layout.depth), column, start=layout.start, unit_row=layout.unit_row,
        notes=layout.notes, item="".join(word for words in filling.where.values() for word in words[:1]),
    )  # fmt: skip
    if weaker := _find_weaker_lines(said, unit, made, rows):
        made.doubts.append(
            Doubt(rule="unit_weaker", severity="warning", layout=layout, value=filling.unit, heading=source,
                  expected=evidence.joined(one.told() for one in weaker))
        )  # fmt: skip
        said = [one for one in said if one not in weaker]
    chosen, others, conflict = evidence.settled_unit(said, unit.kind)
    if chosen is None:
        return
    own = evidence.UnitSaid(unit, evidence.OWN, "mapping", "", filling.unit)
    if conflict or chosen.unit.contradicts(unit):
        told = evidence.joined(one.told() for one in (chosen, *others, own))
        sheet = layout.sheet
        raise DataError(
            "load.unit_conflict", file=sheet.file, sheet=sheet.name or "—", column=source, told=told
        )
    if others:
        made.doubts.append(
            Doubt(rule="unit_weaker", severity="warning", layout=layout, value=own.words, heading=source,
                  expected=evidence.joined(one.told() for one in others))
        )  # fmt: skip


def _find_weaker_lines(
    said: Sequence[evidence.UnitSaid], unit: Unit, made: Figures, rows: np.ndarray
) -> list[evidence.UnitSaid]:
    """Lines and notes of another size than the declared, over rows that each say their own unit of that kind.

    千元 under a line of 万元 is left to be refused: nobody has both on one sheet.
    """
    said_by_rows = [made.units[at] for at in np.flatnonzero(rows).tolist()] if made.units else [None]
    if any(own is None or own.kind != unit.kind for own in said_by_rows):
        return []
    return [
        one
        for one in said
        if one.near >= evidence.GENERAL
        and one.unit.kind == unit.kind
        and one.unit.contradicts(unit)
        and not evidence.is_tenfold(one.unit, unit)
    ]


def _find_rows_of_another_kind(made: Figures, unit: Unit | None, chosen: np.ndarray) -> dict[int, Unit]:
    """Rows that say of themselves that they count (人, 所) where money is declared, or give money where it is not."""
    if unit is None or not made.units or unit.kind in (SHARE, MANY_OF_ANY):
        return {}
    said = {at: own for at in np.flatnonzero(chosen).tolist() if (own := made.units[at]) is not None}
    return {
        at: own
        for at, own in said.items()
        if own.kind not in (SHARE, MANY_OF_ANY) and (own.kind in CURRENCIES) != (unit.kind in CURRENCIES)
    }


def _sizes_of_rows(source: str, made: Figures, unit: Unit | None, chosen: np.ndarray) -> Floats:
    """How many of the declared unit that of each row is, where a column says it of every row.

    Raises
    ------
    DataError
        All rows say another unit than the mapping.
    """
    sizes = np.ones(len(chosen))
    if unit is None or not made.units:
        return sizes
    said = {
        at: own
        for at in np.flatnonzero(chosen).tolist()
        if (own := made.units[at]) is not None and own.kind in (unit.kind, MANY_OF_ANY) and unit.kind != SHARE
    }
    if said and len({own.size for own in said.values()}) == 1 and next(iter(said.values())).contradicts(unit):
        layout, own = made.rows.layout, next(iter(said.values()))
        told = [
            evidence.UnitSaid(
                own, evidence.OWN, "row", f"{layout.sheet.row(layout.rows[min(said)])}", own.words
            ).told(),
            evidence.UnitSaid(unit, evidence.OWN, "mapping", "", unit.words).told(),
        ]
        raise DataError("load.unit_conflict", file=layout.sheet.file, sheet=layout.sheet.name or "—", column=source,
                        told=evidence.joined(told))  # fmt: skip
    for at, own in said.items():
        sizes[at] = own.size / unit.size
    return sizes


def _name_counted(key: str) -> Unit | None:
    """What is counted by the catalogue's own key of a unit: 98所 is 98 where schools are declared."""
    return Unit(key, 1.0, key) if key in COUNTS else None


def _prepare_cells(
    mapping: TableMapping, made: Figures, column: int, unit: Unit | None, chosen: np.ndarray
) -> list[object]:
    """Cells with per cent signs, per cent formats and decimal commas turned into the declared unit's numbers."""
    sheet, layout = made.rows.layout.sheet, made.rows.layout
    cells = layout.values(column)
    for at, (i, cell) in enumerate(zip(layout.rows, cells, strict=True)):
        if type(cell) is float and (i + sheet.top, column + sheet.left) in sheet.percent:
            if unit is not None and unit.kind == SHARE:
                cells[at] = round(cell / unit.size, 10)
            elif chosen[at]:
                _add_doubt(made, "percent_cell", "error", at, column, f"{cell:.1%}", "")
                cells[at] = f"={cell:.1%}"
        elif type(cell) is str and cell:
            bare = NOTE_MARK.sub("", cell)
            if bare != cell and chosen[at] and clean.number(_mark_decimal(mapping, plain(bare))) is not None:
                _add_doubt(made, "note_mark", "warning", at, column, plain(cell), "")
                cell = bare
            cells[at] = _as_number(mapping, cell, unit)
    return cells


def _as_number(mapping: TableMapping, cell: str, unit: Unit | None) -> object:
    """A cell as a number of the declared unit: 98.5% where shares are declared, 17500人 where persons are."""
    shown = plain(cell)
    if unit is not None and unit.kind == SHARE and (signed := _PERCENT.fullmatch(shown)):
        number = clean.number(_mark_decimal(mapping, signed[1]))
        if number is not None:
            return round(number * (0.01 if signed[2] == "%" else 0.001) / unit.size, 10)
    amount = (
        amount_in(shown, unit, lambda words: clean.number(_mark_decimal(mapping, words))) if unit else None
    )
    if amount is not None:
        return amount
    return _mark_decimal(mapping, shown) if mapping.decimal == "," else cell


def _mark_decimal(mapping: TableMapping, shown: str) -> str:
    """A number written with a decimal comma, as one with a point; anything else as it stands."""
    if mapping.decimal != ",":
        return shown
    mark = mapping.thousands or "."
    pattern = rf"[-+]?(?:\d+|\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+)(?:,\d+)?"
    return shown.replace(mark, "").replace(",", ".") if re.fullmatch(pattern, shown) else shown


def _refuse_wrong_share(
    filling: Filling,
    made: Figures,
    column: int,
    unit: Unit | None,
    value: Floats,
    kind: KindCodes,
    chosen: np.ndarray,
) -> None:
    """A column declared in per cent whose values are all fractions, or the other way round."""
    if unit is None or unit.kind != SHARE or filling.declared:
        return
    held = chosen & (kind == clean.OK) & np.isfinite(value) & (value != 0)
    if not held.any():
        return
    at = int(np.flatnonzero(held)[0])
    facts = {
        "file": made.rows.layout.sheet.file, "column": made.rows.layout.heading(column), "value": f"{value[at]:g}",
        "cell": made.rows.layout.cell(made.rows.layout.rows[at], column),
    }  # fmt: skip
    if unit.size < 1 and (value[held] <= 1).all():
        raise DataError("load.fraction_as_percent", **facts)
    if unit.size == 1 and (value[held] > 1).all():
        raise DataError("load.percent_as_fraction", **facts)
    if unit.size < 1 and np.median(value[held]) > FEW_PERCENT:
        for small in np.flatnonzero(held & (value > 0) & (value < 1)):
            _add_doubt(made, "percent_scale", "warning", int(small), column, f"{value[small]:g}", "")


def _look_for_thousands(
    mapping: TableMapping, filling: Filling, made: Figures, column: int, cells: Sequence[object], chosen: np.ndarray,
    known: Catalogue,
) -> None:  # fmt: skip
    """1.234 persons: a fraction of a person, or thousands as some countries write them?"""
    if mapping.decimal or known.columns[filling.column].unit not in COUNTS:
        return
    odd = [
        (at, plain(cell)) for at, cell in enumerate(cells) if chosen[at] and type(cell) is str and "." in cell
    ]
    odd = [
        (at, shown)
        for at, shown in odd
        if not re.fullmatch(r"\d+\.0+", shown) or _THOUSANDTHS.fullmatch(shown)
    ]
    if odd and all(_THOUSANDTHS.fullmatch(shown) for _, shown in odd):
        at, shown = odd[0]
        raise DataError(
            "load.decimal_mark", file=made.rows.layout.sheet.file, column=made.rows.layout.heading(column), value=shown,
            cell=made.rows.layout.cell(made.rows.layout.rows[at], column),
        )  # fmt: skip


def _look_for_fractions(
    filling: Filling, made: Figures, column: int, value: Floats, chosen: np.ndarray
) -> None:
    """Half a pupil: a wrong unit, a rate, or a slip."""
    if not filling.column.startswith(WHOLE) or "year" in filling.column:
        return
    broken = chosen & np.isfinite(value) & (np.abs(value - np.round(value)) > 1e-6)
    for at in np.flatnonzero(broken):
        _add_doubt(made, "not_whole", "warning", int(at), column, f"{value[at]:g}", "")


# --- bases and bounds ---


def _apply_base(
    mapping: TableMapping, filling: Filling, value: Floats, kind: KindCodes, made: Figures
) -> tuple[Floats, KindCodes]:
    """A rate becomes a count: times the count it is a rate of, or that count divided by it."""
    base = filling.of or filling.divides
    if not base:
        return value, kind
    if base not in made.values:
        raise DataError("load.unmapped_base", file=mapping.path.name, column=filling.column, base=base)
    known_base, base_kind = (
        made.values[base],
        np.where(made.kinds[base] == ABSENT, clean.OK, made.kinds[base]),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        counted = known_base * value if filling.of else known_base / value
    return counted, np.maximum(kind, base_kind)


def _check_bounds(
    mapping: TableMapping, filling: Filling, value: Floats, kind: KindCodes, made: Figures, chosen: np.ndarray,
    known: Catalogue,
) -> tuple[Floats, KindCodes]:  # fmt: skip
    """Values beyond what the catalogue says is possible at the level of the rows."""
    column = known.columns[filling.column]
    schools = bool(mapping.area.unit) and mapping.area.unit_name == SCHOOL
    low, high = column.bounds("school" if schools else "county")
    beyond = chosen & ((value < low) | (value > high))
    at_column = made.rows.columns[filling.sources[0]]
    for at in np.flatnonzero(beyond):
        expected = f"{low:g}–{high:g} {column.unit}"
        _report_impossible(
            made,
            "impossible_value",
            int(at),
            at_column,
            value[at],
            expected,
            "catalogue_range",
            filling.column,
        )
    return np.where(beyond, np.nan, value), np.where(beyond, np.uint8(clean.IMPOSSIBLE), kind)


def _report_impossible(
    made: Figures,
    sentence: str,
    at: int,
    column: int,
    value: float,
    expected: str,
    rule: str,
    heading: str = "",
) -> None:
    row = made.rows.keys.iloc[at]
    made.doubts.append(
        Doubt(rule=rule, sentence=sentence, severity="error", layout=made.rows.layout, at=at, column=column,
              value=f"{value:g}", expected=expected, county=row["county"], unit=row["unit"], year=int(row["year"]),
              heading=heading)
    )  # fmt: skip


def _add_doubt(
    made: Figures, rule: str, severity: str, at: int, column: int, value: str, expected: str
) -> None:
    row = made.rows.keys.iloc[at]
    made.doubts.append(
        Doubt(rule=rule, severity=severity, layout=made.rows.layout, at=at, column=column, value=value,
              expected=expected, county=row["county"], unit=row["unit"], year=int(row["year"]))
    )  # fmt: skip


def letters_of(filling: Filling, rows: Rows) -> str:
    """The letters of the columns that fill one of the catalogue's, parted by +."""
    return "+".join(rows.layout.sheet.letter(rows.columns[source]) for source in filling.sources)


def sources_of(mapping: TableMapping, made: Figures) -> pd.DataFrame:
    """The cells that every figure was read from, one row each."""
    keys = made.rows.keys
    frames: list[pd.DataFrame] = []
    for filling in mapping.fillings:
        held = made.kinds[filling.column] != ABSENT
        if not held.any() and frames:
            continue
        own = keys.loc[held, ["county", "unit", "year", "file", "sheet", "row"]]
        frames.append(
            own.assign(column=filling.column, letter=letters_of(filling, made.rows) if held.any() else "")
        )
    return pd.concat(frames, ignore_index=True)
