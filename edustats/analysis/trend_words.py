"""By which word is a tier named, where one direction is the better one?"""

from __future__ import annotations

from edustats.metrics.trend.estimators import NAMES


def name_verdict(tier: str, better: str) -> str:
    """The tier of a level as better or worse, where the catalogue says which way is better.

    Examples
    --------
    >>> name_verdict("likely_up", "lower"), name_verdict("firm_up", "none"), name_verdict("same", "higher")
    ('likely_worsening', 'rising', 'same')
    """
    sure, _, way = tier.partition("_")
    if sure not in ("firm", "likely"):
        return tier
    word = NAMES[better][1 if way == "up" else -1]
    return word if sure == "firm" else f"likely_{word}"
