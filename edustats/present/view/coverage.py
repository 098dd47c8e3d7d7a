"""Does a figure cover what it is said to be about: who is in, who is missing, within what bounds is the whole?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from edustats.analysis.coverage import ALL, WHOLE_RATIO
from edustats.present.records.numbers import MARKED_BELOW, mark_coverage, put_mark
from edustats.words import NumericText, Text, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What stands behind one figure."""

    share: float
    """Of the denominator, or of a count the value itself, that is in; nan where nobody knows."""
    members: int
    """Counties asked; 0 for a county's own figure and where nobody knows how many there are."""
    present: int
    absent: tuple[str, ...]
    ratio: bool
    above: bool
    """Whether the figure is that of an area above its counties."""
    held: int = 0
    """Counties of the table, where the figure is a sum of those and said to be so; else 0."""

    @property
    def least(self) -> float:
        """The share from which on the figure needs no mark."""
        if not self.above:
            return MARKED_BELOW
        return WHOLE_RATIO if self.ratio else ALL

    @property
    def is_whole(self) -> bool:
        """Whether the figure may stand without a mark."""
        if self.held:
            return self.present >= self.held
        return self.share >= self.least and (self.ratio or self.present >= self.members)

    def mark(self, text: Text) -> Text:
        """A printed number with its mark, where it needs one."""
        if self.is_whole or not isinstance(text, NumericText):
            return text
        if self.held:
            return put_mark(text, say("areas.mark_counties", n=self.present))
        return mark_coverage(text, min(self.share, ALL) if math.isfinite(self.share) else math.nan, least=1.0)

    def bounds(self, value: float) -> tuple[float, float]:
        """Between what a share lies whatever is missing: all of those not in, or none of them, have it.

        Examples
        --------
        >>> cover = Cover(share=0.2, members=0, present=0, absent=(), ratio=True, above=False)
        >>> [round(end, 2) for end in cover.bounds(0.55)]
        [0.11, 0.91]
        """
        inside = self.share * value
        return inside, inside + (1 - self.share)


COVER = ("coverage", "members", "present", "absent", "level")
"""Columns of an observation that tell what it covers."""


def find_open_years(series: pd.DataFrame) -> tuple[int, ...]:
    """Years of an area's series whose figures cover less than :data:`MARKED_BELOW` of it, or nobody knows how much."""
    return tuple(int(year) for year in series.loc[~(series["coverage"] >= MARKED_BELOW), "year"])


def read_cover(row: Mapping[str, Any] | None, ratio: bool, held: int = 0) -> Cover:
    """The cover of one observation; of none, one that covers nothing.

    Parameters
    ----------
    row : the observation of an area, indicator and year; None where there is none
    ratio : whether the indicator has a denominator
    held : counties of the table, where the figure is called a sum of those
    """
    if row is None:
        return Cover(share=0.0, members=0, present=0, absent=(), ratio=ratio, above=False)
    return Cover(
        share=float(row["coverage"]), members=int(row["members"]), present=int(row["present"]),
        absent=tuple(str(row["absent"]).split()), ratio=ratio, above=str(row["level"]) not in ("school", "county"),
        held=held,
    )  # fmt: skip
