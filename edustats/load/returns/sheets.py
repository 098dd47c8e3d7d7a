"""What does one sheet hold, whatever it is? A school's form, a list or several, a register, or nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from edustats.catalogue import Catalogue
from edustats.load.files import values as clean
from edustats.load.files.workbook import Sheet
from edustats.load.reading import years
from edustats.load.returns.forms import TABLE, Form, Forms
from edustats.load.returns.grids import take_grid
from edustats.load.returns.headers import find_header, parts_of
from edustats.load.returns.lists import Work
from edustats.load.returns.records import Account, Taken


def year_of(*hints: str) -> int:
    """The school year (or year) a sheet speaks of, from the first hint that names just one; 0 if none does."""
    for hint in hints:
        told = {said.year for said in years.years_said(hint)}
        if len(told) == 1:
            return told.pop()
    return 0


def take_sheet(sheet: Sheet, layouts: Forms, known: Catalogue) -> Taken:
    """Take what one sheet holds, whatever it is; several lists on it one after the other.

    Raises
    ------
    DataError
        A list without a year, or whose title, name and folder name different ones; units or stages that contradict
        each other. Guessing would put every figure in the wrong place.
    """
    form = grid_form(sheet, layouts)
    if form is not None:
        account = Account(file=sheet.file, sheet=sheet.name, digest=sheet.digest)
        return take_grid(Work(sheet, layouts, known, account, []), form)
    return _join_lists([_take_list(part, layouts, known) for part in parts_of(sheet, layouts)])


def _take_list(sheet: Sheet, layouts: Forms, known: Catalogue) -> Taken:
    account = Account(file=sheet.file, sheet=sheet.name, digest=sheet.digest)
    work = Work(sheet, layouts, known, account, [])
    header = find_header(sheet, layouts, known)
    return work.rows_of_units(header) if header else work.nothing()


def _join_lists(taken: Sequence[Taken]) -> Taken:
    """The lists of one sheet as one account."""
    if len(taken) == 1:
        return taken[0]
    first = taken[0].account
    account = Account(
        file=first.file, sheet=first.sheet, digest=first.digest, read=sum(t.account.read for t in taken),
        loaded=sum(t.account.loaded for t in taken), aside=[line for t in taken for line in t.account.aside],
        form="+".join(dict.fromkeys(t.account.form for t in taken if t.account.form)),
        unread=[name for t in taken for name in t.account.unread],
    )  # fmt: skip
    return Taken(
        blocks=[block for t in taken for block in t.blocks], account=account,
        doubts=[doubt for t in taken for doubt in t.doubts],
    )  # fmt: skip


def grid_form(sheet: Sheet, layouts: Forms) -> Form | None:
    """The form a sheet is, by the number of the table in its name or in its first rows."""
    found = TABLE.search(sheet.name)
    if not found:
        top = " ".join(clean.text(cell) for row in sheet.rows[:4] for cell in row if type(cell) is str)
        found = TABLE.search(top) if "表号" in re.sub(r"\s", "", top) else None
    return layouts.grids.get(found[0]) if found else None
