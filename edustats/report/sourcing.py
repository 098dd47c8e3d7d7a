"""Where does each number of a Word file come from? Numbered sources, listed in one table at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from edustats.present.finding import Finding, Provenance
from edustats.words import Text, say

MOST = 12
"""Formulas and filters of one row; what rests on more says how many."""


@dataclass(frozen=True, slots=True)
class Source:
    """One row of the table: scope in words, formulas over columns, rows of the store, files by number."""

    note: Text
    formulas: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    files: tuple[int, ...] = ()


@dataclass(slots=True)
class Sources:
    """Sources in the order in which the text first rests on them."""

    held: dict[Source, int] = field(default_factory=dict)
    files: dict[tuple[str, str], int] = field(default_factory=dict)

    def of_finding(self, finding: Finding) -> int:
        """Number of the source a sentence rests on; 0 where it needs none."""
        return self.of(finding.note, list(dict.fromkeys(number.source for number in finding.numbers)))

    def of(self, note: Text, found: Sequence[Provenance]) -> int:
        """Number of the source made of these; 0 where there is nothing to tell."""
        if not found and not note.zh:
            return 0
        files = dict.fromkeys(file for source in found for file in source.files)
        told = note if note.zh or not found else found[0].clause
        return self._add(
            Source(
                told,
                tuple(dict.fromkeys(source.formula for source in found)),
                tuple(dict.fromkeys(source.filter for source in found)),
                tuple(self.files.setdefault(file, len(self.files) + 1) for file in files),
            )
        )

    def _add(self, source: Source) -> int:
        return self.held.setdefault(source, len(self.held) + 1)

    def rows(self, lang: str) -> list[list[str]]:
        """The table's rows: number, scope, formulas, rows of the store, files."""
        return [
            [
                f"[{number}]",
                source.note[lang],
                _shortened(source.formulas, lang),
                _shortened(source.filters, lang),
                _spans(source.files),
            ]
            for source, number in self.held.items()
        ]

    def file_lines(self, lang: str) -> list[str]:
        """A line for each file: its number, name and digest."""
        return [
            say("publish.file_line", number=number, name=name, digest=digest[:16])[lang]
            for (name, digest), number in self.files.items()
        ]


def _shortened(parts: Sequence[str], lang: str) -> str:
    more = [say("publish.more_sources", count=len(parts))[lang]] if len(parts) > MOST else []
    return "; ".join([*parts[:MOST], *more])


def _spans(numbers: Sequence[int]) -> str:
    """Numbers of files, those in a row joined.

    Examples
    --------
    >>> _spans([1, 2, 3, 5, 7, 8])
    'F1–F3 F5 F7–F8'
    """
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return " ".join(f"F{a}" if a == b else f"F{a}–F{b}" for a, b in spans)
