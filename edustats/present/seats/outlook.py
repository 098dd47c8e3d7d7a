"""What does the chapter on seats know? One projection per prefecture, read off for one area."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edustats import __version__
from edustats.analysis.projection import SeatOutlook, open_outlook
from edustats.analysis.school_places import REGISTER
from edustats.disclosure import find_small_counts
from edustats.errors import DataError
from edustats.metrics.seats.ages import BY_AUGUST
from edustats.metrics.seats.capacity import Shortfall, compare_seats
from edustats.metrics.seats.simulation import find_peaks, summarize_paths
from edustats.present.records.items import Provenance
from edustats.present.records.numbers import format_percent
from edustats.present.records.row_filter import RowFilter
from edustats.present.view.area import AreaView
from edustats.typing import Flags, Floats
from edustats.words import Text, join_texts, say

SHOWN_LEADS = 15
WORTH_TELLING = 0.02
"""Difference from eight twelfths from which the share of births is told."""


@dataclass(frozen=True)
class AreaOutlook:
    """The projection of a view's area: a county's own, or the sum of a prefecture's counties."""

    view: AreaView
    whole: SeatOutlook
    row: int
    """Place of the county; -1 for the prefecture."""

    @property
    def name(self) -> Text:
        """The area's name."""
        return self.view.name

    @cached_property
    def paths(self) -> Floats:
        """(p, h, s) pupils of the coming years."""
        return self.whole.of_prefecture[0][:, 0] if self.row < 0 else self.whole.found.paths[:, self.row]

    @cached_property
    def seats(self) -> Floats:
        """(h, s) seats of the coming years."""
        return self.whole.of_prefecture[1][0] if self.row < 0 else self.whole.seats[self.row]

    @cached_property
    def lower_bound(self) -> Flags:
        """(s,) whether seats are only what classes imply."""
        held = self.whole.places.lower_bound
        return np.asarray(held.any(axis=0) if self.row < 0 else held[self.row])

    @cached_property
    def past(self) -> Floats:
        """(t, s) pupils counted."""
        held = self.whole.places.pupils
        return self.whole.past_of_prefecture if self.row < 0 else held[self.row]

    @cached_property
    def bands(self) -> dict[str, Floats]:
        """Median and bands, (h, s) each."""
        return summarize_paths(self.paths)

    @cached_property
    def shortfall(self) -> Shortfall:
        """Pupils against seats."""
        found = compare_seats(self.paths[:, None], self.seats[None])
        return Shortfall(**{name: getattr(found, name)[0] for name in found.__slots__})

    @cached_property
    def peaks(self) -> Floats:
        """(s, t + h) probability of each year, past ones among them, to be the peak."""
        return find_peaks(np.moveaxis(self.paths, 1, -1), self.past.T)

    @cached_property
    def years(self) -> Floats:
        """(t + h,) years counted and years to come."""
        return np.concatenate([self.whole.places.cohorts.years, self.whole.years])

    @property
    def last(self) -> int:
        """Last year that is counted."""
        return int(self.whole.places.cohorts.years[-1])

    @cached_property
    def told(self) -> list[int]:
        """Stages with paths and with enough pupils to speak of."""
        enough = ~find_small_counts(self.past[-1])
        whole = np.isfinite(self.paths).all(axis=(0, 1)) & (self.past[-1] > 0)
        return [int(s) for s in np.flatnonzero(enough & whole)]

    def stage(self, s: int) -> Text:
        """A stage's name."""
        return say(f"seats.stage_{self.whole.stages[s]}")

    def tell_method(self) -> Text:
        """How the figures were made, with the share of births that the intakes were found to take."""
        cohorts = self.whole.places.cohorts
        entered = [s for s in self.whole.stages if cohorts.structure.feeds[cohorts.structure.first[s]] < 0]
        shares = {s: cohorts.shares[cohorts.structure.first[s]] for s in entered}
        if cohorts.august is not None or all(abs(p - BY_AUGUST) < WORTH_TELLING for p in shares.values()):
            return say("seats.method", births=say("seats.births_by_august"))
        told = [
            say("seats.births_share", stage=say(f"seats.stage_{s}"), share=format_percent(share, 0))
            for s, share in shares.items()
        ]
        return say("seats.method", births=say("seats.births_by_intake", shares=join_texts(told)))

    def source(self, of_prefecture: bool = False) -> Provenance:
        """Where the area's figures come from; those of all counties of the prefecture where asked."""
        columns = [f"{what}_{s}" for s in self.whole.stages for what in ("entrants", "classes")]
        held = [name for name in ("births", *columns) if name in self.view.known.columns]
        rows = RowFilter(areas=(self.view.area,), until=self.last)
        if of_prefecture:
            rows = RowFilter(whose="counties", areas=(self.whole.places.prefecture,), until=self.last)
        files, places = self.view.origin(rows, held)
        return Provenance(
            files=files,
            filter=rows,
            formula="pupils[t+1, g+1] = pupils[t, g] × ratio[g]",
            clause=say("seats.formula"),
            version=__version__,
            places=places,
        )


def read_outlook(view: AreaView) -> AreaOutlook | None:
    """The projection of a view's prefecture, made once; None where the store holds nothing to project."""
    if "_seat_outlook" not in view.__dict__:
        view.__dict__["_seat_outlook"] = _make_outlook(view)
    found: AreaOutlook | None = view.__dict__["_seat_outlook"]
    return found


def _project_prefecture(view: AreaView, above: str) -> SeatOutlook:
    """The same for all counties of a prefecture, and so kept with what else they share."""
    store, last = view.store, view.last_year
    states = tuple(store.county_state(code) for code in store.members(above))
    key = ("seat outlook", above, states, store.register_state(REGISTER))
    return view.comparison.keep(key, lambda: open_outlook(store, above, SHOWN_LEADS, last_year=last))


def _make_outlook(view: AreaView) -> AreaOutlook | None:
    of_county = view.area in view.store.counties
    try:
        whole = _project_prefecture(view, view.data.parent if of_county else view.area)
    except DataError as error:
        if error.address not in ("seats.nothing_held", "seats.too_few_years"):
            raise
        return None
    row = whole.areas.index(view.area) if of_county else -1
    found = AreaOutlook(view, whole, row)
    return found if found.told else None
