"""How does a prefecture stand against its plan, target by target, with the chance of what is to come?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from edustats.analysis.forecast_panel import ForecastPanel, build_forecast_panel
from edustats.catalogue import Catalogue
from edustats.metrics.standards.targets import (
    RefusedTarget,
    Target,
    TargetJudgement,
    judge_target,
    parse_target_plan,
)
from edustats.store.reading import Store

FURTHEST = 10
"""Years ahead a target is still judged."""
REGISTER = "targets"


@dataclass(frozen=True)
class JudgedPlan:
    """The plan of a prefecture, held against its panel."""

    compare: pd.DataFrame
    """Observations of the prefecture's counties and of what stands above them."""
    known: Catalogue
    targets: tuple[Target, ...]
    refused: tuple[RefusedTarget, ...]

    @cached_property
    def leads(self) -> int:
        """Years to forecast: as far as any target reaches."""
        last = int(self.compare["year"].max())
        ahead = [t.year - last for t in self.targets if t.year - last <= FURTHEST]
        return max(5, *ahead, 1)

    @cached_property
    def panel(self) -> ForecastPanel | None:
        """All series of the prefecture, forecast as far as any target reaches."""
        return build_forecast_panel(self.compare, self.known, leads=self.leads)

    @cached_property
    def counties(self) -> tuple[str, ...]:
        """Codes of the prefecture's counties, in their official order."""
        rows = self.compare
        return tuple(sorted(rows.loc[rows["level"] == "county", "area"].unique()))

    def judged(self, target: Target, area: str) -> TargetJudgement:
        """One target for one area."""
        found = self.panel
        key = (target.indicator, area)
        if found is None or key not in found.row:
            return TargetJudgement(target=target, area=area, verdict="cannot_tell", reason="missing")
        row, last = found.row[key], found.years[-1]
        chance, reason = math.nan, found.found.reason[row]
        if reason == "outside":  # an impossible value meets no target
            return TargetJudgement(target=target, area=area, verdict="cannot_tell", reason=reason)
        if last < target.year <= found.found.years[-1] and not reason:
            above = found.found.probability(row, target.year, target.value)
            chance = above if target.operator[0] == ">" else 1 - above
        values = found.series(target.indicator, {*self.counties, area})
        return judge_target(target, area, found.years, values, chance, reason)


def read_plan(store: Store, known: Catalogue) -> tuple[tuple[Target, ...], tuple[RefusedTarget, ...]]:
    """The conditions of a store's plan and the rows that are none; both empty where the store holds no plan."""
    rows = store.register(REGISTER)
    names = {str(r.code): (str(r.zh), str(r.en)) for r in store.areas.itertuples()}
    return parse_target_plan(rows, known, names) if len(rows) else ((), ())
