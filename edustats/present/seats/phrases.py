"""How are probabilities, bands and seats of the projection said?"""

from __future__ import annotations

import math

from edustats.present.records.numbers import format_percent, format_without_unit
from edustats.present.seats.outlook import AreaOutlook
from edustats.words import DASH, Text, say


def find_likeliest_peak(found: AreaOutlook, s: int) -> tuple[int, float]:
    """Year that is most likely the peak, and how likely."""
    k = int(found.peaks[s].argmax())
    return int(found.years[k]), float(found.peaks[s, k])


def format_chance(chance: float) -> Text:
    """A probability as a sentence says it, never as sure."""
    if chance > 0.98:
        return say("targets.percent_over", p=format_percent(0.98, 0, "interval_end"))
    if chance < 0.02:
        return say("targets.percent_under", p=format_percent(0.02, 0, "interval_end"))
    return say("targets.percent", p=format_percent(chance, 0))


def format_band(found: AreaOutlook, h: int, s: int) -> Text:
    """The 80 % band in single persons, as the pupils beside it."""
    unit = found.view.known.units["person"]
    low, high = (
        format_without_unit(found.bands[f"{side}_80"][h, s], unit, kind="interval_end")
        for side in ("lower", "upper")
    )
    return say("sentences.interval", low=low, high=high)


def format_seats(found: AreaOutlook, h: int, s: int) -> Text:
    """Seats of a year, with the mark of a lower bound."""
    if not math.isfinite(found.seats[h, s]):
        return DASH
    shown = format_without_unit(found.seats[h, s], found.view.known.units["seat"])
    return say("seats.cell_lower_bound", seats=shown) if found.lower_bound[s] else shown
