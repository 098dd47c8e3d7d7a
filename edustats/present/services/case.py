"""What every part of the chapter on services needs: the counties' own rows, their last year, how they are named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from edustats.analysis.projects import STEP_COLUMNS
from edustats.analysis.services import COLUMNS, read_county_rows
from edustats.present.records.items import Cell, Finding, Number, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_count, format_percent, join_sentence
from edustats.present.view.area import AreaView
from edustats.words import DASH, NOTHING, Text, join_texts, say

MOST_NAMED = 5
KEPT = "_service_case"
"""Under which a view keeps its case, as its cached properties are kept."""
CLAUSES = Text("；", "; ")


@dataclass(frozen=True)
class ServiceCase:
    """What the counties of an area, or one county, say about themselves in the years of a view."""

    view: AreaView

    @cached_property
    def counties(self) -> tuple[str, ...]:
        """Codes of the counties of the area; a county is its own only one."""
        store, area = self.view.store, self.view.area
        return tuple(code for code in store.counties if code == area or area in store.tree.chain(code))

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Their own rows, by year."""
        rows = read_county_rows(self.view.store, self.counties, (*COLUMNS, *STEP_COLUMNS))
        return rows[rows["year"].between(self.view.first_year, self.view.last_year)].reset_index(drop=True)

    def of_year(self, year: int) -> pd.DataFrame:
        """The rows of one year."""
        return self.rows[(self.rows["year"] == year).to_numpy()]

    def last_year(self, *columns: str) -> int:
        """The last year in which any county gave any of some columns; 0: none."""
        told = self.rows[list(columns)].notna().any(axis=1).to_numpy()
        return int(self.rows.loc[told, "year"].max()) if told.any() else 0

    def name(self, codes: Iterable[str]) -> Text:
        """Names of counties, the first few of many."""
        held = [self.view.store.name(code) for code in codes]
        more = [Text("等", "and others")] if len(held) > MOST_NAMED else []
        return join_texts([*held[:MOST_NAMED], *more])

    def mark_part(self, given: Sequence[str]) -> Text:
        """How many counties a sum is of, where it is not of all."""
        return NOTHING if len(given) == len(self.counties) else say("services.of_counties", n=str(len(given)))

    def note_lacking(self, codes: Sequence[str]) -> Text:
        """Who gave one side alone."""
        return say("services.note_lacking", names=self.name(codes)) if codes else NOTHING

    def source(self, key: str, year: int) -> Provenance:
        """Where the figures of an indicator come from."""
        return self.view.provenance(self.view.known.indicator(key), self.view.own_rows(year))


def open_case(view: AreaView) -> ServiceCase:
    """The case of a view, read once for all parts of the chapter."""
    held = vars(view)
    if KEPT not in held:
        held[KEPT] = ServiceCase(view)
    kept: ServiceCase = held[KEPT]
    return kept


def make_finding(
    case: ServiceCase,
    key: str,
    sentence: Text,
    source: str,
    year: int,
    verdict: str = "none",
    note: Text = NOTHING,
) -> Finding:
    """A finding whose numbers have the source of one indicator."""
    number = Number(label=say("services.title_chapter"), value=math.nan, unit="item", decimals=0,
                    source=case.source(source, year))  # fmt: skip
    return Finding(key=f"services.{key}", sentence=join_sentence(sentence), verdict=verdict, note=note,
                   numbers=(number,) if sentence.spans else ())  # fmt: skip


def join_notes(*notes: Text) -> Text:
    """Notes one after the other."""
    return join_texts((note for note in notes if note.zh), Text("", " "))


def count(value: float) -> Text:
    """A whole number."""
    return format_count(round(value))


def show_share(value: float, decimals: int = 1) -> Text:
    """A share, or a dash where there is none."""
    return format_percent(value, decimals)


def cell(value: float) -> Cell | Text:
    """A number of a table, or a dash."""
    return value if math.isfinite(value) else DASH


def tabulate_counties(
    case: ServiceCase, key: str, title: Text, columns: Sequence[TableColumn], rows: Iterable[tuple[Cell | Text, ...]],
    foot: tuple[Cell | Text, ...] = (), note: Text = NOTHING, sources: tuple[Provenance, ...] = (),
) -> list[Table]:  # fmt: skip
    """A row per county under a first column of names; nothing for a single county."""
    made = tuple(rows)
    if len(case.counties) < 2 or not made:
        return []
    heads = (TableColumn(label=say("services.head_county")), *columns)
    last = (say("services.whole"), *foot) if foot else ()
    return [Table(key=f"services.{key}", title=title, columns=heads, rows=made, foot=last, note=note, brief=False,
                  sources=sources, sortable=True)]  # fmt: skip


def say_nothing(case: ServiceCase, key: str, *columns: str) -> Finding:
    """That the area reports nothing of it; what it reports as nought, or without its other side, is not missing."""
    said = say("services.no_base" if case.last_year(*columns) else "services.nothing", area=case.view.name)
    return Finding(key=f"services.{key}", sentence=join_sentence(said), verdict="cannot_tell")
