"""Of a programme, how many came through each step, and do the steps fit into each other?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of a funnel."""

    name: str
    count: float
    of_before: float
    """Part of the step before that came so far; nan for the first step, or where a count is missing or nothing."""
    nests: bool
    """False where more came through than were there before, which is a finding."""


def build_funnel(names: Sequence[str], counts: Sequence[float]) -> list[FunnelStep]:
    """The steps of a funnel, each with its part of the last step before it that has a count.

    Parameters
    ----------
    names : of the steps, widest first
    counts : how many reached each, nan where nobody said; a missing count is skipped and never taken for nothing

    Examples
    --------
    >>> [round(s.of_before, 4) for s in build_funnel(["damaged", "repaired"], [518, 377])]
    [nan, 0.7278]
    """
    steps, before = [], np.nan
    for name, count in zip(names, counts, strict=True):
        part = count / before if before > 0 else np.nan
        steps.append(FunnelStep(name, float(count), float(part), not count > before))
        before = before if np.isnan(count) else count
    return steps
