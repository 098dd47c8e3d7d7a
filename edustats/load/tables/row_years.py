"""Of which year is a row? Its cell says so, the mapping, or what stands over the table."""

from __future__ import annotations

from collections.abc import Sequence

from edustats.errors import DataError
from edustats.load.loaded import SourceFile, TableMapping
from edustats.load.reading import evidence, years
from edustats.load.tables.findings import Doubt
from edustats.load.tables.layout import Layout


def read_years(mapping: TableMapping, source: SourceFile, layout: Layout) -> tuple[list[int], list[Doubt]]:
    """The year of every row: from its cell, from the mapping, or from what stands over the table."""
    rule = mapping.year
    said = evidence.year_evidence(layout.sheet, layout.titles, rule.label)
    if rule.column in layout.columns and not source.year:
        return _year_cells(mapping, layout, said)
    if fixed := source.year or rule.value:
        against = [one for one in said if one.year != fixed]
        if any(one.place in ("title", "sheet", "file") for one in against):
            own = evidence.YearSaid(fixed, "mapping", "", str(fixed))
            raise _year_conflict(layout, [own, *against])
        return [fixed] * len(layout.rows), []
    if rule.place:
        said = [one for one in said if one.place == rule.place]
    chosen, others, conflict = evidence.settled_year(said)
    if conflict and chosen is not None:
        raise _year_conflict(layout, [chosen, *others])
    if chosen is None:
        raise DataError("load.year_unsaid", file=layout.sheet.file, sheet=layout.sheet.name or "—")
    doubt = Doubt(
        rule="year_from", severity="warning", layout=layout, value=str(chosen.year),
        expected=evidence.joined(one.told() for one in (chosen, *others)),
    )  # fmt: skip
    return [chosen.year] * len(layout.rows), [] if rule.place and not others else [doubt]


def _year_conflict(layout: Layout, said: Sequence[evidence.YearSaid]) -> DataError:
    told = evidence.joined(one.told() for one in said)
    return DataError("load.year_conflict", file=layout.sheet.file, sheet=layout.sheet.name or "—", told=told)


def _year_cells(
    mapping: TableMapping, layout: Layout, said: Sequence[evidence.YearSaid]
) -> tuple[list[int], list[Doubt]]:
    column = layout.columns[mapping.year.column]
    cells = layout.values(column, down=True)
    read = {cell: years.label(cell, mapping.year.label) for cell in set(cells)}
    found = [one.year if (one := read[cell]) else 0 for cell in cells]
    held = {year for year in found if year}
    title = [one for one in said if one.place in ("title", "sheet") and one.year not in held]
    doubts = []
    if title and held:
        shown = "、".join(map(str, sorted(held)[:6]))
        doubts.append(Doubt(rule="year_unlike_title", severity="warning", layout=layout, value=shown,
                            expected=evidence.joined(one.told() for one in title)))  # fmt: skip
    return found, doubts
