"""What does the writer of the invented returns remember of what it placed and planted?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from edustats.example.workbooks import Page


@dataclass(slots=True, kw_only=True)
class PlacedPage:
    """A page and where each school's figure stands on it: (unit, column) → (row, column) from 0."""

    page: Page
    place: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedFault:
    """One planted oddity."""

    sort: str
    kind: str
    year: int
    unit: str
    column: str
    sheet: str
    row: int
    letter: str
    was: str
    planted: str
    expected: str
    file: str = ""

    def at(self, file: str) -> PlantedFault:
        """The same oddity, in its file."""
        return replace(self, file=file)

    def record(self) -> dict[str, Any]:
        """As it is written into ``planted.json``."""
        return {name: getattr(self, name) for name in self.__slots__}
