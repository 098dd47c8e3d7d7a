"""How does a doubt about somebody's table become a finding with its place and its sentence?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from edustats.load.findings import no_findings
from edustats.load.tables.layout import Layout
from edustats.schema import FINDING_COLUMNS
from edustats.words import Text, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A doubt about a table, a row of it (``at``) or a cell (``column`` too), before it is put in words."""

    rule: str
    severity: str
    layout: Layout
    value: str
    expected: str | Text
    at: int = -1
    column: int = -1
    heading: str = ""
    sentence: str = ""
    """The words for it, where they are not the rule's own."""
    county: str = ""
    unit: str = ""
    year: int = 0

    def row(self) -> dict[str, object]:
        """The finding as a row of the findings table."""
        layout, sheet = self.layout, self.layout.sheet
        number = sheet.row(layout.rows[self.at]) if self.at >= 0 else 0
        cell = layout.cell(layout.rows[self.at], self.column) if self.at >= 0 and self.column >= 0 else ""
        heading = self.heading or (layout.heading(self.column) if self.column >= 0 else "")
        facts = {
            "rule": self.rule, "severity": self.severity, "file": sheet.file, "sheet": sheet.name, "row": number,
            "cell": cell, "county": self.county, "unit": self.unit, "name": "", "year": self.year, "column": heading,
            "value": self.value, "tolerance": "",
        }  # fmt: skip
        said = say(f"load.{self.sentence or self.rule}", **{**facts, "expected": self.expected})
        expected = self.expected.zh if isinstance(self.expected, Text) else self.expected
        return {**facts, "expected": expected, "zh": said.zh, "en": said.en}


def findings_of(doubts: Sequence[Doubt]) -> pd.DataFrame:
    """Doubts as a table of findings."""
    if not doubts:
        return no_findings()
    return pd.DataFrame([one.row() for one in doubts])[list(FINDING_COLUMNS)]
