"""Which counts of persons must not be printed, so that nobody can be recognised or worked out?

Numbers only: a table is a list of cells and of sums among them. Small counts are withheld, then as many
others as it takes for no withheld count to follow from what stays. Totals stay what they are or are
withheld too; none is ever made again from the cells that are kept, for that would give the others away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edustats.disclosure.cover import cheapest_shift
from edustats.disclosure.rules import Rules, rules
from edustats.disclosure.sums import Sums, build_sum_matrix
from edustats.typing import Flags, Floats

__all__ = [
    "COMPLEMENTARY",
    "LINKED",
    "PRIMARY",
    "ProtectedCells",
    "Rules",
    "Sums",
    "find_linked_cells",
    "find_small_counts",
    "list_margin_sums",
    "may_show_measure",
    "protect_counts",
    "protect_table",
    "rules",
]  # fmt: skip
SHOWN, PRIMARY, COMPLEMENTARY, LINKED = "", "primary", "complementary", "linked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedCells:
    """Which cells are withheld, and why."""

    why: npt.NDArray[np.str_]
    """(n,): '' for a cell that is shown, else primary, complementary or linked."""

    @property
    def hidden(self) -> Flags:
        """(n,): whether a cell is withheld."""
        return np.asarray(self.why != SHOWN)


def find_small_counts(counts: npt.ArrayLike, rule: Rules | None = None) -> Flags:
    """Counts from 1 to the threshold, exclusive; zero and missing are not small.

    Examples
    --------
    >>> find_small_counts([0, 1, 9, 10, float("nan")]).tolist()
    [False, True, True, False, False]
    """
    counts, rule = np.asarray(counts, float), rule or rules()
    return np.asarray((counts > 0) & (counts < rule.threshold))


def may_show_measure(
    units: int, inputs_hidden: bool, denominator: float = np.inf, rule: Rules | None = None
) -> bool:
    """Whether a measure derived from counts may be printed.

    Parameters
    ----------
    units : schools behind it; an index over two of them gives both back
    inputs_hidden : whether any count it is made of is withheld
    denominator : persons it is a rate of

    Examples
    --------
    >>> [may_show_measure(*asked) for asked in ((2, False), (30, True), (30, False, 8), (30, False))]
    [False, False, False, True]
    """
    rule = rule or rules()
    return (
        units >= rule.least_units
        and not inputs_hidden
        and not bool(find_small_counts([denominator], rule)[0])
    )


def protect_counts(
    counts: npt.ArrayLike, sums: Sums, rule: Rules | None = None, *, primary: npt.ArrayLike | None = None,
    known: npt.ArrayLike | None = None,
) -> ProtectedCells:  # fmt: skip
    """Withhold small counts, and others until none can be worked out.

    Parameters
    ----------
    counts : (n,) whole numbers >= 0; NaN is missing, which nobody can print and nobody knows
    sums : (total, parts) index pairs; see :func:`edustats.disclosure.sums.build_sum_matrix` on missing parts
    rule : the suite's own rules if not given
    primary : (n,) cells to withhold whatever their size, besides the small ones
    known : (n,) cells a reader knows from elsewhere, such as a county's total; never withheld

    Returns
    -------
    Protected
        After it no withheld cell can be bounded more tightly than ``rule.width`` persons, by linear
        programming over everything that is shown and the rules themselves (a primary cell is between 1 and
        the threshold). Where only known cells bound a cell so that nothing can help, all is withheld that
        can be.

    Raises
    ------
    ValueError
        A negative count, or a sum that does not add up: its table was made from other figures.

    Examples
    --------
    Three schools and their total: the total and the two others would give the 4 away.

    >>> protect_counts([4, 300, 200, 504], [(3, [0, 1, 2])]).why.tolist()
    ['primary', '', 'complementary', '']
    """
    counts, rule = np.asarray(counts, float), rule or rules()
    fixed = np.zeros(len(counts), bool) if known is None else np.asarray(known, bool)
    first = (
        find_small_counts(counts, rule)
        if primary is None
        else find_small_counts(counts, rule) | np.asarray(primary, bool)
    )
    first = first & ~fixed & ~np.isnan(counts)
    if not first.any():
        return ProtectedCells(why=np.where(first, PRIMARY, SHOWN).astype("<U13"))
    return protect_table(counts, build_sum_matrix(counts, sums), first, rule, fixed=fixed)


def protect_table(
    counts: Floats, table: Floats, first: Flags, rule: Rules, *, fixed: Flags, unseen: Flags | None = None,
    printed: Floats | None = None,
) -> ProtectedCells:  # fmt: skip
    """Withhold what must be, and others until none of it can be worked out.

    A second reading of the table, in whole persons, that moves a cell by ``rule.width`` and touches nothing that is
    shown is the proof that the cell is safe. Cells are withheld until each withheld cell has one, and each small cell
    that is printed nowhere.

    Parameters
    ----------
    counts : (n,) the cells
    table : (m, n) the sums among them; each row times the true counts is 0
    first : (n,) cells to withhold
    fixed : (n,) cells a reader knows; never withheld
    unseen : (n,) cells that are printed nowhere
    printed : (n,) how many figures are lost with a cell; 1 if not given
    """
    dark = np.zeros(len(counts), bool) if unseen is None else unseen
    why = np.where(first & ~dark, PRIMARY, SHOWN).astype("<U13")
    low, high = _bound_withheld_cells(counts, first & ~dark, rule)
    needed = dark & find_small_counts(counts, rule)
    least, most = np.nan_to_num(counts), np.nan_to_num(counts)
    tried = np.zeros(len(counts), bool)
    price = np.ones(len(counts)) if printed is None else printed
    while True:
        open_ = ((why != SHOWN) | needed) & ~tried & (most - least < rule.width)
        if not open_.any():
            return ProtectedCells(why=why)
        cell = int(np.argmax(open_ * (1 + (why == PRIMARY))))
        free = (why != SHOWN) | dark
        shift = cheapest_shift(counts, table, cell, free, fixed, low, high, rule.width, price)
        if shift is None:
            tried[cell] = True  # the figures known from elsewhere bound it whatever we withhold
            continue
        why[(shift != 0) & ~free] = COMPLEMENTARY
        least, most = np.minimum(least, counts + shift), np.maximum(most, counts + shift)


def _bound_withheld_cells(counts: Floats, primary: Flags, rule: Rules) -> tuple[Floats, Floats]:
    """What a reader may guess of a withheld cell: it is not negative, and a small one is small."""
    tiny = primary & find_small_counts(counts, rule)
    low = np.where(tiny, 1.0, 0.0)
    return low, np.where(tiny, rule.threshold - 1.0, np.inf)


def list_margin_sums(rows: int, columns: int) -> list[tuple[int, list[int]]]:
    """The sums of a table whose last row and last column are totals, its cells counted row by row.

    Examples
    --------
    >>> list_margin_sums(2, 3)
    [(2, [0, 1]), (5, [3, 4]), (3, [0]), (4, [1]), (5, [2])]
    """
    grid = np.arange(rows * columns).reshape(rows, columns)
    across = [(int(line[-1]), line[:-1].tolist()) for line in grid]
    down = [(int(line[-1]), line[:-1].tolist()) for line in grid.T]
    return across + down


def find_linked_cells(
    before: npt.ArrayLike, after: npt.ArrayLike, sums: Sums, hidden_before: npt.ArrayLike
) -> Flags:  # fmt: skip
    """Cells that would tell today what last year's table withheld.

    Where neither a total nor any shown part of it moved, a reader concludes that the withheld parts did not
    move either; so they are withheld again, small or not.

    Parameters
    ----------
    before, after : (n,) counts of two tables of the same shape, as they are
    sums : as for :func:`protect_counts`
    hidden_before : (n,) what the first table withheld

    Examples
    --------
    >>> find_linked_cells([4, 20, 30, 54], [12, 12, 30, 54], [(3, [0, 1, 2])], [True, True, False, False]).tolist()
    [True, True, False, False]
    """
    before, after = np.asarray(before, float), np.asarray(after, float)
    hidden, found = np.asarray(hidden_before, bool), np.zeros(len(before), bool)
    for total, parts in sums:
        cells = [total, *parts]
        still = [cell for cell in cells if not hidden[cell]]
        if np.array_equal(before[still], after[still], equal_nan=True):
            found[[cell for cell in cells if hidden[cell]]] = True
    return found
