"""What does a notebook need? A dozen verbs, and nothing else.

The verbs load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_VERBS = {
    "open_county": "edustats.present.view",
    "cover": "edustats.present.view",
    "profile": "edustats.present.profile",
    "trends": "edustats.present.trends",
    "trend_chart": "edustats.present.outlook",
    "ranks": "edustats.present.ranks",
    "peers": "edustats.present.likeness",
    "converging": "edustats.present.converging",
    "doubts": "edustats.present.doubts",
    "ledger": "edustats.present.quality",
    "rules_broken": "edustats.present.quality",
    "return_to_sender": "edustats.present.quality",
    "spread": "edustats.present.equity",
    "lorenz": "edustats.present.equity",
    "parts": "edustats.present.equity_groups",
    "gaps": "edustats.present.equity_groups",
    "parade": "edustats.present.equity",
    "gap_chart": "edustats.present.equity_groups",
    "changed": "edustats.present.equity_change",
    "contributors": "edustats.present.equity_change",
    "pupil_segregation": "edustats.present.pupil_groups",
    "open_prefecture": "edustats.present.prefecture",
    "overview": "edustats.present.prefecture",
    "changes": "edustats.present.prefecture",
    "owed": "edustats.present.prefecture",
    "side_by_side": "edustats.present.prefecture",
    "county_panels": "edustats.present.prefecture_shapes",
    "county_tiles": "edustats.present.prefecture_shapes",
    "county_map": "edustats.present.prefecture_shapes",
    "between_and_within": "edustats.present.prefecture_parts",
    "check_draft": "edustats.briefing",
    "assessment": "edustats.present.standards",
    "differences": "edustats.present.standards",
    "school_verdicts": "edustats.present.standards",
    "shortfalls": "edustats.present.standards",
    "moves": "edustats.present.standards",
    "readiness": "edustats.present.standards",
    "declaration": "edustats.present.declaration",
    "save_declaration": "edustats.present.declaration",
    "forecasts": "edustats.present.forecasts",
    "forecast_chart": "edustats.present.forecasts",
    "targets": "edustats.present.targets",
    "target_chart": "edustats.present.targets",
    "plan": "edustats.present.targets",
}
__all__ = ["__version__", *_VERBS]


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"edustats has no {name}; it offers {', '.join(_VERBS)}")
    return getattr(import_module(_VERBS[name]), name)


def __dir__() -> list[str]:
    return __all__
