"""Which claims does a text make beyond the arithmetic of single sentences?"""

from __future__ import annotations

from collections.abc import Iterator

from edustats.briefing.calendar import calendar_readings
from edustats.briefing.listing import listing_readings
from edustats.briefing.mentions import Mention
from edustats.briefing.numbers import Year
from edustats.briefing.order import order_readings
from edustats.briefing.parts import proportion_readings
from edustats.briefing.readings import Reading
from edustats.briefing.style import style_readings
from edustats.briefing.tables import table_readings
from edustats.briefing.text import Cleaned


def count_readings(cleaned: Cleaned, found: list[Mention], dates: list[Year]) -> Iterator[Reading]:
    """Readings of lists, years, orders and wording."""
    yield from listing_readings(cleaned, found)
    yield from calendar_readings(cleaned, dates)
    yield from order_readings(cleaned, found)
    yield from proportion_readings(cleaned)
    yield from table_readings(cleaned)
    yield from style_readings(cleaned, found)
