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
    "profile": "edustats.present.trends",
    "trends": "edustats.present.trends",
    "trend_chart": "edustats.present.trends",
    "doubts": "edustats.present.doubts",
    "ledger": "edustats.present.quality",
    "rules_broken": "edustats.present.quality",
    "return_to_sender": "edustats.present.quality",
    "spread": "edustats.present.equity",
    "parts": "edustats.present.equity",
    "gaps": "edustats.present.equity",
    "parade": "edustats.present.equity",
    "gap_chart": "edustats.present.equity",
    "open_prefecture": "edustats.present.prefecture",
    "overview": "edustats.present.prefecture",
    "changes": "edustats.present.prefecture",
    "owed": "edustats.present.prefecture",
    "side_by_side": "edustats.present.prefecture",
    "county_panels": "edustats.present.prefecture_shapes",
    "county_tiles": "edustats.present.prefecture_shapes",
    "county_map": "edustats.present.prefecture_shapes",
    "between_and_within": "edustats.present.prefecture_parts",
    "convergence": "edustats.present.prefecture_parts",
    "check_draft": "edustats.briefing",
    "assessment": "edustats.present.standards",
    "differences": "edustats.present.standards",
    "school_verdicts": "edustats.present.standards",
    "shortfalls": "edustats.present.standards",
    "moves": "edustats.present.standards",
    "readiness": "edustats.present.standards",
    "declaration": "edustats.present.declaration",
    "save_declaration": "edustats.present.declaration",
}
__all__ = ["__version__", *_VERBS]


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"edustats has no {name}; it offers {', '.join(_VERBS)}")
    return getattr(import_module(_VERBS[name]), name)


def __dir__() -> list[str]:
    return __all__
