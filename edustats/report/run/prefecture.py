"""What can be worked out before the kernels of a county are forked, so that they all find it?

The warm process calls this once for each county whose reports are about to be made. What is kept is kept by
:mod:`edustats.present.view.comparison` under the state of the store's files: a kernel that finds another state works
it out itself, so nothing here can make a report wrong, and nothing here may make one fail.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from edustats.catalogue import select_spokespersons
from edustats.places import find_store
from edustats.present.county.ranking import rank_county
from edustats.present.county.series import build_history
from edustats.present.county.targets import read_target_plan
from edustats.present.standards.readiness import assess_neighbours
from edustats.present.view.comparison import MOST_KEPT
from edustats.present.view.county import View, open_county
from edustats.present.view.schools import list_compared_indicators, list_measured_years
from edustats.store.reading import open_store

_DONE: deque[Hashable] = deque(maxlen=MOST_KEPT)
"""The last prefectures that were worked out."""


def work_out_prefecture(county: str, store: str, first_year: int = 0, last_year: int = 0, **_: Any) -> bool:
    """Judge, forecast, rank and assess all counties of a county's prefecture, unless that was just done.

    Parameters
    ----------
    county, store, first_year, last_year : as a notebook gives them to ``open_county``

    Returns
    -------
    bool
        Whether the prefecture was; what the county's own chapters share is worked out in any case.
    """
    where = find_store(store)
    if not isinstance(where, Path):
        return False
    opened = open_store(where)
    asked = (opened.comparison_state(opened.county_parent(county)), first_year, last_year)
    view = open_county(county, store, first_year, last_year)
    new = asked not in _DONE
    if new:
        _work_out(view)
        _DONE.append(asked)
    _work_out_county(view)
    return new


def _work_out_county(view: View) -> None:
    """What several chapters of the county itself ask for."""
    _ = view.origins
    for indicator in view.indicators:
        build_history(view, indicator)
    if view.has_units:
        for indicator in list_compared_indicators(view):
            list_measured_years(view, indicator)


def _work_out(view: View) -> None:
    panel, ahead = view.read_with, view.ahead
    _ = panel.tiers, panel.judged, panel.last, view.panel.judged, read_target_plan(view).panel
    if ahead is not None:
        _ = ahead.found.drawn_leads
    for indicator in view.indicators:
        view.covered_series(indicator.key, view.above)
        view.cover_of(indicator.key, view.above, view.last_year)
    for indicator in select_spokespersons(view.indicators):
        if indicator.compare:
            rank_county(view, indicator)
    _ = view.damaged
    assess_neighbours(view)
    _ = view.store.ledger(), view.store.set_aside()
