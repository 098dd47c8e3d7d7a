"""What every part of the chapter on money needs: the accounts of the view, names of stages, growth in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from edustats.analysis.finance import KINDS, STAGES, Accounts, find_prices, name_pupils
from edustats.present.records.items import Finding, Number, Provenance
from edustats.present.records.numbers import format_amount, format_percent, join_sentence, keep_sign
from edustats.present.records.row_filter import select_rows
from edustats.present.view.county import View
from edustats.typing import Floats
from edustats.words import CLAUSES, NOTHING, Text, join_texts, say

AVERAGE_PUPILS = "average_pupils_"
RATE_DECIMALS = 2
"""The bulletins print growth to a hundredth of a per cent."""


@dataclass(frozen=True)
class FinanceCase:
    """The accounts of one county in the years of a view."""

    view: View
    accounts: Accounts

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years of the accounts that the view asks for."""
        return tuple(y for y in self.accounts.years if self.view.first_year <= y <= self.view.last_year)

    @property
    def year(self) -> int:
        return self.years[-1]

    def at(self, values: Floats, year: int) -> float:
        """One year of a series of the accounts; nan where there is none."""
        years = self.accounts.years
        return float(values[years.index(year)]) if year in years else math.nan

    def pair(self, values: Floats) -> tuple[float, float]:
        """The last year of the view and the one before it."""
        return self.at(values, self.year), self.at(values, self.year - 1)

    def source(self, key: str, *years: int) -> Provenance:
        """Where the figures of an indicator come from; of the last two years where none is named."""
        rows = self.view.own_rows(*(years or (self.year - 1, self.year)))
        return self._tell_average(key, self.view.provenance(self.view.known.indicator(key), rows))

    def shared_source(self, key: str, *years: int) -> Provenance:
        """The same of figures that are made of those of all counties of the prefecture."""
        rows = select_rows("counties", self.view.above, *(years or (self.year - 1, self.year)))
        return self._tell_average(key, self.view.provenance(self.view.known.indicator(key), rows))

    def _tell_average(self, key: str, source: Provenance) -> Provenance:
        """The source with the weights of two school years in its formula, where the average pupils are made of them."""
        stage = self.view.known.indicator(key).den.removeprefix(AVERAGE_PUPILS)
        if stage not in STAGES or self.accounts.pupils(stage)[1] != "two_school_years":
            return source
        pupils = self.view.known.indicator(name_pupils(stage)).num
        made = f"8/12 × {pupils}[school year before] + 4/12 × {pupils}"
        return replace(
            source,
            formula=source.formula.replace(f"{AVERAGE_PUPILS}{stage}", made),
            clause=join_texts([source.clause, say("finance.note_pupils_two_school_years")], CLAUSES),
        )

    def cite(self, source: Provenance, label: Text, values: Floats, unit: str) -> list[Number]:
        """What a sentence may say of a series in the last year: the value, its step and its growth."""
        value, before = self.pair(values)
        growth = value / before - 1 if before > 0 else math.nan
        places = self.view.known.units[unit].decimals
        told = ((value, unit), (value - before, unit), (growth, "share"))
        return [
            Number(label=label, value=number, unit=of, decimals=places, source=source)
            for number, of in told
            if math.isfinite(number)
        ]


def open_case(view: View) -> FinanceCase | None:
    """The case of a view; None where its county reports no money."""
    case = FinanceCase(view, Accounts(view.data, find_prices(view.store)))
    return case if case.years else None


def name_stage(stage: str) -> Text:
    """A stage as money speaks of it."""
    return say(f"finance.stage_{stage}")


def describe_change(value: float, before: float) -> Text:
    """比上年增长…; nothing where the year before is not known."""
    if not (math.isfinite(value) and before > 0):
        return NOTHING
    rate = value / before - 1
    key = "level" if abs(rate) < 0.5e-4 else "up" if rate > 0 else "down"
    return say(f"finance.{key}", rate=keep_sign(format_percent(abs(rate), RATE_DECIMALS, "rate"), rate))


def tell_amount(case: FinanceCase, name: Text, values: Floats, unit: str = "yuan") -> Text:
    """An amount of the last year with its change, as a clause; nothing where it is not known."""
    value, before = case.pair(values)
    if not math.isfinite(value):
        return NOTHING
    shown = format_amount(value, case.view.known.units[unit])
    return say("finance.amount", name=name, value=shown, change=describe_change(value, before))


def make_finding(
    case: FinanceCase, key: str, sentence: Text, source: str | Provenance, verdict: str = "none", note: Text = NOTHING,
    value: float = math.nan, unit: str = "yuan", years: tuple[int, ...] = (),
    cited: Sequence[Number] = (),
) -> Finding:  # fmt: skip
    """A finding with one number that lends its source to all the sentence says; of the last two years, or ``years``.

    ``source`` is an indicator of the county's own, or a source as it is.

    ``cited`` are the numbers that have a source of their own.
    """
    known = case.view.known
    number = Number(label=say("finance.title_chapter"), value=value, unit=unit, decimals=known.units[unit].decimals,
                    source=case.source(source, *years) if isinstance(source, str) else source)  # fmt: skip
    return Finding(
        key=f"finance.{key}",
        sentence=join_sentence(sentence),
        verdict=verdict,
        note=note,
        numbers=(number, *cited) if sentence.spans else (),
    )


def per_pupil_key(stage: str, kind: str = "education") -> str:
    """The catalogue's indicator of an amount per pupil."""
    return f"per_pupil_{KINDS[kind]}_{stage}"
