"""What every part of the chapter on teachers needs: the county's record, its last year, how a figure is found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from edustats import __version__
from edustats.analysis.teachers import TeacherRecord
from edustats.present.records.items import Finding, Number, Provenance
from edustats.present.records.numbers import format_percent, join_sentence
from edustats.present.view.county import View
from edustats.words import NOTHING, Text, say


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator of the county in one year, the year before and the area above."""

    key: str
    year: int
    value: float
    before: float
    above: float


@dataclass(frozen=True)
class TeacherCase:
    """The teachers of one county in the years of a view."""

    view: View
    record: TeacherRecord

    @cached_property
    def years(self) -> tuple[int, ...]:
        return tuple(y for y in self.record.years if self.view.first_year <= y <= self.view.last_year)

    @property
    def year(self) -> int:
        return self.years[-1]

    def last_of(self, *names: str) -> int:
        """The last year in which the county's own row tells all of some columns; 0: none."""
        told = [y for y in self.years if all(math.isfinite(self.record.own(name, y)) for name in names)]
        return told[-1] if told else 0

    def figure(self, key: str) -> Figure | None:
        """An indicator in the last year it has; protected as everywhere."""
        if key not in self.held:
            return None
        own = self.view.series(key).dropna(subset="value").set_index("year")["value"]
        if own.empty:
            return None
        year = int(own.index[-1])
        above = self.view.series(key, self.view.above).dropna(subset="value").set_index("year")["value"]
        return Figure(
            key, year, float(own[year]), float(own.get(year - 1, math.nan)), float(above.get(year, math.nan))
        )

    @cached_property
    def held(self) -> frozenset[str]:
        return frozenset(i.key for i in self.view.indicators)

    def source(self, key: str, *years: int) -> Provenance:
        """Where the figures of an indicator come from; of the last year where none is named."""
        rows = self.view.own_rows(*(years or (self.year,)))
        return self.view.provenance(self.view.known.indicator(key), rows)

    def trace_columns(self, columns: Sequence[str], year: int = 0, formula: str = "") -> Provenance:
        """Where figures come from that no indicator is made of: a sum of columns, if nothing else is said."""
        rows = self.view.own_rows(year or self.year)
        files, places = self.view.origin(rows, columns)
        return Provenance(
            files=files, filter=rows, formula=formula or " + ".join(columns), clause=NOTHING, version=__version__,
            places=places,
        )  # fmt: skip

    def compared_source(self, key: str, *years: int) -> Provenance:
        """The same of figures that stand beside those of the area above."""
        return self.view.provenance(self.view.known.indicator(key), self.view.compared_rows(*years))


def open_case(view: View) -> TeacherCase | None:
    """The case of a view; None where its county tells nothing of teachers."""
    record = view.remember("teachers", lambda: TeacherRecord(view.data))
    case = TeacherCase(view, record)
    return case if case.years else None


def make_finding(
    case: TeacherCase,
    key: str,
    sentence: Text,
    source: str | Provenance,
    verdict: str = "none",
    note: Text = NOTHING,
) -> Finding:
    """A finding whose numbers have the source of one indicator."""
    number = Number(
        label=say("teachers.title_chapter"),
        value=math.nan,
        unit="person",
        decimals=0,
        source=source if isinstance(source, Provenance) else case.source(source),
    )
    return Finding(
        key=f"teachers.{key}",
        sentence=join_sentence(sentence),
        verdict=verdict,
        note=note,
        numbers=(number,) if sentence.spans else (),
    )


def share(value: float) -> Text:
    """A share to a tenth of a per cent."""
    return format_percent(value, 1)
