"""What does the chapter on teachers hand to the brief: the wave of retirements in one clause?"""

from __future__ import annotations

from edustats.present.records.numbers import format_percent
from edustats.present.teachers.case import open_case
from edustats.present.teachers.retirement import SOON, find_wave
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.words import NOTHING, Text, say


def tell_wave(view: AreaView) -> Text:
    """Which share of the teachers reaches the legal age within five years; nothing without ages."""
    case = open_case(view) if isinstance(view, View) else None
    found = find_wave(case) if case is not None else None
    if found is None:
        return NOTHING
    _, wave = found
    share = format_percent(float(wave.total[SOON - 1]) / wave.teachers, 1)
    return say("teachers.brief_wave", last_year=wave.years[SOON - 1], share=share)
