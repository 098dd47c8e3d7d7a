"""What does a notebook need? A dozen verbs, and nothing else.

The verbs load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_VERBS = {
    "open_county": "edustats.present.view.county",
    "cover": "edustats.present.view.county",
    "profile": "edustats.present.county.profile",
    "trends": "edustats.present.county.trends",
    "trend_chart": "edustats.present.county.trend_chart",
    "ranks": "edustats.present.county.ranking",
    "peers": "edustats.present.county.peers",
    "converging": "edustats.present.county.convergence",
    "doubts": "edustats.present.county.data_quality",
    "ledger": "edustats.present.county.data_quality",
    "rules_broken": "edustats.present.county.data_quality",
    "return_to_sender": "edustats.present.county.data_quality",
    "spread": "edustats.present.equity.inequality",
    "lorenz": "edustats.present.equity.inequality",
    "parts": "edustats.present.equity.groups",
    "gaps": "edustats.present.equity.groups",
    "parade": "edustats.present.equity.inequality",
    "gap_chart": "edustats.present.equity.groups",
    "changed": "edustats.present.equity.change",
    "contributors": "edustats.present.equity.change",
    "pupil_segregation": "edustats.present.equity.segregation",
    "open_prefecture": "edustats.present.view.prefecture",
    "overview": "edustats.present.prefecture.overview",
    "changes": "edustats.present.prefecture.overview",
    "owed": "edustats.present.prefecture.overview",
    "side_by_side": "edustats.present.prefecture.overview",
    "county_panels": "edustats.present.prefecture.charts",
    "county_tiles": "edustats.present.prefecture.charts",
    "county_map": "edustats.present.prefecture.charts",
    "between_and_within": "edustats.present.prefecture.decomposition",
    "check_draft": "edustats.briefing",
    "assessment": "edustats.present.standards.assessment",
    "differences": "edustats.present.standards.coefficients",
    "school_verdicts": "edustats.present.standards.shortfalls",
    "shortfalls": "edustats.present.standards.shortfalls",
    "moves": "edustats.present.standards.allocation",
    "readiness": "edustats.present.standards.readiness",
    "declaration": "edustats.present.standards.declaration",
    "save_declaration": "edustats.present.standards.declaration",
    "forecasts": "edustats.present.county.forecasts",
    "forecast_chart": "edustats.present.county.forecasts",
    "targets": "edustats.present.county.targets",
    "target_chart": "edustats.present.county.targets",
    "plan": "edustats.present.county.targets",
}
__all__ = ["__version__", *_VERBS]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("edustats.shipped").version()
    if name not in _VERBS:
        raise AttributeError(f"edustats has no {name}; it offers {', '.join(_VERBS)}")
    return getattr(import_module(_VERBS[name]), name)


def __dir__() -> list[str]:
    return __all__
