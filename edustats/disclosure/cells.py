"""Which counts of persons stand behind observations, and which of them make which others?

An observation prints two sums of columns; each sum of an area and year is a cell. Cells hang together: counties make
the area above them, parts make their whole, and what a part lacks of its whole is a count too, although nobody prints
it: 71 enrolled of 74 tells of 3 who are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue, parse_terms
from edustats.disclosure.rules import Rules, rules
from edustats.typing import Flags, Floats

Key = tuple[str, str, int]
"""Area, sum of columns, and which of several values of it."""
NONE = -1
SAME = 0.5
"""Persons by which a sum may differ from its parts; columns of persons are whole."""


@dataclass(slots=True)
class CellTable:
    """The cells of one year and the sums among them."""

    keys: list[Key] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    unseen: list[bool] = field(default_factory=list)
    """Counts that are printed nowhere, and follow from those that are."""
    printed: list[int] = field(default_factory=list)
    """Observations that print each cell."""
    sums: list[dict[int, float]] = field(default_factory=list)
    """Coefficients of cells; each sum of the true counts is 0."""
    sides: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Row of an observation → cells of its numerator and denominator, :data:`NONE` where it is not protected."""
    places: dict[tuple[str, str], list[int]] = field(default_factory=dict)

    def cell(self, area: str, form: str, count: float) -> int:
        """The cell of a count, made if it is new; a sum may have several values, of those who reported both sides."""
        if np.isnan(count):
            return NONE
        held = self.places.setdefault((area, form), [])
        for at in held:
            if abs(self.counts[at] - count) < SAME:
                self.printed[at] += 1
                return at
        held.append(self._add((area, form, len(held)), count, unseen=False))
        return held[-1]

    def rest(self, area: str, form: str, count: float) -> int:
        """A count that nobody prints."""
        return self._add((area, form, NONE), max(count, 0.0), unseen=True)

    def _add(self, key: Key, count: float, unseen: bool) -> int:
        self.keys.append(key)
        self.counts.append(count)
        self.unseen.append(unseen)
        self.printed.append(0 if unseen else 1)
        return len(self.keys) - 1

    def add_sum(self, total: int, parts: Sequence[int]) -> None:
        """That parts make a total."""
        row: dict[int, float] = defaultdict(float)
        for part in parts:
            row[part] += 1.0
        row[total] -= 1.0
        if any(row.values()):
            self.sums.append(dict(row))

    def matrix(self, cells: npt.NDArray[np.intp]) -> Floats:
        """The sums among some cells, which they have with no others, as rows over these cells."""
        place = {int(cell): k for k, cell in enumerate(cells)}
        own = [row for row in self.sums if next(iter(row)) in place]
        table = np.zeros((len(own), len(cells)))
        for i, row in enumerate(own):
            for cell, coefficient in row.items():
                table[i, place[cell]] = coefficient
        return table

    def components(self) -> Iterator[npt.NDArray[np.intp]]:
        """Cells that hang together."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        pairs = [(next(iter(row)), cell) for row in self.sums for cell in row]
        first, second = np.array(pairs, int).reshape(-1, 2).T
        n = len(self.keys)
        _, label = connected_components(
            coo_array((np.ones(len(first)), (first, second)), shape=(n, n)), False
        )
        order = np.argsort(label, kind="stable")
        yield from np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if n else ()


def sensitive_sides(known: Catalogue, rule: Rules | None = None) -> dict[str, dict[str, str]]:
    """Indicators with the sums of theirs that count persons of a sensitive group: ``num`` or ``den`` → the sum."""
    sensitive = (rule or rules()).sensitive | known.sensitive
    found: dict[str, dict[str, str]] = {}
    for key, one in known.indicators.items():
        for side, expression in (("num", one.num), ("den", one.den)):
            if set(parse_terms(expression)) & sensitive:
                found.setdefault(key, {})[side] = _form(expression)
    return found


def _form(expression: str) -> str:
    """A sum as it is always written."""
    return " ".join(
        f"{'+' if sign > 0 else '-'}{name}" for name, sign in sorted(parse_terms(expression).items())
    )


def cells_of(
    rows: pd.DataFrame, parents: Mapping[str, str], known: Catalogue, rule: Rules | None = None
) -> dict[int, CellTable]:
    """The cells of every year of some observations.

    Parameters
    ----------
    rows : observations; their labels are unique
    parents : the area right above each area
    known, rule : catalogue and rules
    """
    rule, sides = rule or rules(), sensitive_sides(known, rule)
    own = rows[rows["indicator"].isin(list(sides))]
    made = {int(year): CellTable() for year in sorted(own["year"].unique())}
    columns = [own[name] for name in ("area", "year", "indicator", "num", "den")]
    for label, area, year, key, num, den in zip(own.index, *columns, strict=True):
        table, held = made[int(year)], sides[str(key)]
        count = {"num": float(num), "den": float(den)}
        cells = [
            table.cell(str(area), held[s], count[s]) if s in held else NONE for s in ("num", "den")
        ]  # fmt: skip
        table.sides[int(label)] = cells[0], cells[1]
    for year, part in own.groupby("year"):
        _join_levels(made[int(str(year))], part, parents)
        _join_parts(made[int(str(year))], part, known)
        _join_declared(made[int(str(year))], rule)
    return made


def _join_levels(table: CellTable, rows: pd.DataFrame, parents: Mapping[str, str]) -> None:
    """Counties make the area above them, for each side of each indicator, where they do."""
    for _, own in rows.groupby("indicator", observed=True):
        at: dict[str, int] = dict(zip(own["area"].astype(str), own.index, strict=True))
        below: dict[str, list[str]] = defaultdict(list)
        for area in at:
            below[parents.get(area, "")].append(area)
        for total, members in below.items():
            for side in (0, 1):
                whole = table.sides[at[total]][side] if total in at else NONE
                parts = [table.sides[at[area]][side] for area in members]
                held = [part for part in parts if part != NONE]
                added = sum(table.counts[part] for part in held)
                if whole != NONE and held and abs(table.counts[whole] - added) < SAME:
                    table.add_sum(whole, held)


def _join_parts(table: CellTable, rows: pd.DataFrame, known: Catalogue) -> None:
    """A share of a whole tells how many are not in it."""
    for label, area, key in zip(rows.index, rows["area"], rows["indicator"], strict=True):
        part, whole = table.sides[int(label)]
        if part == NONE or whole == NONE or not _is_share(known, str(key)):
            continue
        lack = table.counts[whole] - table.counts[part]
        if lack > -SAME:
            rest = table.rest(str(area), f"{table.keys[whole][1]} without {table.keys[part][1]}", lack)
            table.add_sum(whole, [part, rest])


def _is_share(known: Catalogue, key: str) -> bool:
    """Whether an indicator's numerator is a part of its denominator."""
    one = known.indicators[key]
    num, den = list(parse_terms(one.num)), list(parse_terms(one.den))
    parts = [name for name in num if known.columns[name].part_of in den or name in den]
    return len(parts) == len(num) or (one.unit == "share" and one.range[1] <= 1.0)


def _join_declared(table: CellTable, rule: Rules) -> None:
    """Sums of columns that stand in the rules, and sums of several columns that are cells themselves."""
    areas = sorted({area for area, _ in table.places})
    sums = [(_form(total), [_form(part) for part in parts]) for total, parts in rule.sums]
    forms = sorted({form for _, form in table.places if " " in form and "-" not in form})
    sums += [(form, form.split(" ")) for form in forms]
    for area in areas:
        for total, parts in sums:
            found: list[Any] = [table.places.get((area, form), []) for form in (total, *parts)]
            if not all(found):
                continue
            whole, *held = [cells[0] for cells in found]
            lack = table.counts[whole] - sum(table.counts[cell] for cell in held)
            if abs(lack) < SAME:
                table.add_sum(whole, held)
            elif lack > 0:
                table.add_sum(whole, [*held, table.rest(area, f"{total} without {' '.join(parts)}", lack)])


def small_cells(table: CellTable, rule: Rules) -> Flags:
    """(n,): cells of few persons, seen and unseen; zero is not few."""
    counts = np.asarray(table.counts, float)
    return np.asarray((counts > 0) & (counts < rule.threshold))
