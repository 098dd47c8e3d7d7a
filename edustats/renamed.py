"""What did a verb of version 0.1 become? Old names work in 0.2 and say the new one; in 0.3 they are gone.

Plain nouns (``peers``, ``targets`` …) belong to functions that give data frames: where there is one, it answers.
"""

from __future__ import annotations

import warnings

from edustats.words import say, user_language

GONE_IN = "0.3.0"
RENAMED = {
    "cover": "show_cover",
    "profile": "show_profile",
    "trends": "show_trends",
    "trend_chart": "show_trend_chart",
    "ranks": "show_ranks",
    "peers": "show_peers",
    "converging": "show_convergence",
    "doubts": "show_data_warnings",
    "ledger": "show_ledger",
    "rules_broken": "show_validation_findings",
    "return_to_sender": "show_correction_list",
    "spread": "show_inequality",
    "lorenz": "show_lorenz_curves",
    "parts": "show_decomposition",
    "gaps": "show_gaps",
    "parade": "show_pen_parade",
    "gap_chart": "show_gap_chart",
    "changed": "show_inequality_change",
    "contributors": "show_contributors",
    "pupil_segregation": "show_segregation",
    "overview": "show_overview",
    "changes": "show_prefecture_trends",
    "owed": "show_outstanding_items",
    "side_by_side": "show_county_table",
    "county_panels": "show_county_panels",
    "county_tiles": "show_county_tiles",
    "county_map": "show_county_map",
    "between_and_within": "show_theil_decomposition",
    "assessment": "show_assessment",
    "differences": "show_difference_coefficients",
    "school_verdicts": "show_school_verdicts",
    "shortfalls": "show_shortfalls",
    "moves": "show_allocation_plan",
    "readiness": "show_standards_ranking",
    "declaration": "show_declaration",
    "forecasts": "show_forecasts",
    "forecast_chart": "show_forecast_chart",
    "targets": "show_targets",
    "target_chart": "show_target_chart",
    "plan": "show_target_matrix",
}


def follow_rename(name: str, depth: int = 3) -> str:
    """The new name of a verb, after a warning that says it; the same name where it was not renamed.

    Parameters
    ----------
    name : as the notebook has it
    depth : frames between this one and the notebook's line
    """
    new = RENAMED.get(name, name)
    if new != name:
        text = say("errors.renamed_verb", old=name, new=new, version=GONE_IN)[user_language()]
        warnings.warn(text, FutureWarning, stacklevel=depth)  # unlike a DeprecationWarning it is shown
    return new
