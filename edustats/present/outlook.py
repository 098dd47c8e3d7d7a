"""Where has the county been and where is it heading? The trend panels with forecasts and targets drawn in."""

from __future__ import annotations

import numpy as np

from edustats.present import multiples
from edustats.present.finding import Sheet
from edustats.present.forecasts import Panel
from edustats.present.multiples import Fan, Mark
from edustats.present.targets import plan_of
from edustats.present.view import View


def trend_chart(view: View) -> Sheet:
    """The telling indicators over the years, a panel each: its forecast as a fan, its targets as triangles."""
    found: Panel | None = view.ahead
    fans = {} if found is None else {i.key: fan for i in view.indicators if (fan := _fan(view, found, i.key))}
    return multiples.trend_chart(view, fans, _marks(view))


def _fan(view: View, found: Panel, indicator: str) -> Fan | None:
    """The forecast of one indicator in the catalogue's unit; None where none can be made."""
    k = found.row.get((indicator, view.area))
    if k is None or found.found.reason[k]:
        return None
    (low, high), (inner_low, inner_high) = (found.found.interval(level) for level in (0.95, 0.8))
    return Fan(
        years=np.array(found.found.years, float), middle=found.found.middle[k], lower=low[k], upper=high[k],
        inner_lower=inner_low[k], inner_upper=inner_high[k],
    )  # fmt: skip


def _marks(view: View) -> dict[str, list[Mark]]:
    """Targets that bind the county, by indicator."""
    marks: dict[str, list[Mark]] = {}
    for target in plan_of(view).targets:
        if target.area in ("", view.area) and not target.counties:
            mark = Mark(year=target.year, value=target.value, operator=target.operator)
            marks.setdefault(target.indicator, []).append(mark)
    return marks
