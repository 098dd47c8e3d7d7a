"""What does a notebook need? A dozen verbs, and nothing else.

The verbs load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_VERBS = {
    "open_store": "edustats.analysis.store",
    "indicators": "edustats.analysis.frames",
    "observations": "edustats.analysis.frames",
    "schools": "edustats.analysis.frames",
    "inequality": "edustats.analysis.between_schools",
    "decompose": "edustats.analysis.between_schools",
    "trend": "edustats.analysis.series",
    "rank": "edustats.analysis.series",
    "forecast": "edustats.analysis.series",
    "gap": "edustats.analysis.between_schools",
    "segregation": "edustats.analysis.between_schools",
    "between_groups": "edustats.analysis.school_groups",
    "gradient": "edustats.analysis.school_groups",
    "judge": "edustats.analysis.standings",
    "targets": "edustats.analysis.standings",
    "peers": "edustats.analysis.standings",
    "compare": "edustats.analysis.standings",
    "codebook": "edustats.analysis.codebook",
    "export": "edustats.analysis.codebook",
    "plot": "edustats.present.explore.frame_chart",
    "show_frame": "edustats.present.explore.frame_table",
    "explore": "edustats.present.explore.explorer",
    "effect": "edustats.analysis.evaluation",
    "value_added": "edustats.analysis.evaluation",
    "programmes": "edustats.analysis.evaluation",
    "show_effect": "edustats.present.evaluation.effects",
    "show_programmes": "edustats.present.evaluation.programmes",
    "show_school_value_added": "edustats.present.evaluation.value_added",
    "show_value_added": "edustats.present.evaluation.value_added",
    "index": "edustats.analysis.index",
    "show_index": "edustats.present.evaluation.composite",
    "show_growth": "edustats.present.evaluation.composite",
    "describe_roll_out": "edustats.analysis.index",
    "describe_growth_claim": "edustats.analysis.index",
    "project_funnel": "edustats.analysis.projects",
    "describe_projects": "edustats.analysis.projects",
    "services": "edustats.analysis.services",
    "describe_output_claim": "edustats.analysis.index",
    "project": "edustats.analysis.projection",
    "measure_seats": "edustats.analysis.projection",
    "choose_seats": "edustats.analysis.seat_plan",
    "finance": "edustats.analysis.finance",
    "teachers": "edustats.analysis.teachers",
    "open_county": "edustats.present.view.county",
    "show_cover": "edustats.present.view.county",
    "show_profile": "edustats.present.county.profile",
    "show_trends": "edustats.present.county.trends",
    "show_trend_chart": "edustats.present.brief.trend_chart",
    "show_ranks": "edustats.present.county.ranking",
    "show_peers": "edustats.present.county.peers",
    "show_convergence": "edustats.present.county.convergence",
    "show_data_warnings": "edustats.present.county.data_quality",
    "show_ledger": "edustats.present.county.data_quality",
    "show_validation_findings": "edustats.present.county.data_quality",
    "show_correction_list": "edustats.present.county.data_quality",
    "show_inequality": "edustats.present.equity.inequality",
    "show_lorenz_curves": "edustats.present.equity.inequality",
    "show_decomposition": "edustats.present.equity.groups",
    "show_gaps": "edustats.present.equity.groups",
    "show_pen_parade": "edustats.present.equity.inequality",
    "show_gap_chart": "edustats.present.equity.groups",
    "show_inequality_change": "edustats.present.equity.change",
    "show_contributors": "edustats.present.equity.change",
    "show_segregation": "edustats.present.equity.segregation",
    "prepare_brief": "edustats.present.brief.page_one",
    "show_judgements": "edustats.present.brief.page_one",
    "show_size": "edustats.present.brief.size",
    "show_main_figures": "edustats.present.brief.resources",
    "show_resources": "edustats.present.brief.resources",
    "show_balance": "edustats.present.brief.duties",
    "show_duties": "edustats.present.brief.duties",
    "show_reasons": "edustats.present.brief.page_one",
    "show_counties": "edustats.present.brief.prefecture",
    "open_prefecture": "edustats.present.view.prefecture",
    "show_overview": "edustats.present.prefecture.overview",
    "show_prefecture_trends": "edustats.present.prefecture.overview",
    "show_outstanding_items": "edustats.present.prefecture.overview",
    "show_county_table": "edustats.present.prefecture.overview",
    "show_county_panels": "edustats.present.prefecture.charts",
    "show_county_tiles": "edustats.present.prefecture.charts",
    "show_county_map": "edustats.present.prefecture.charts",
    "show_theil_decomposition": "edustats.present.prefecture.decomposition",
    "inspect": "edustats.load.tables.inspection",
    "check_draft": "edustats.briefing",
    "show_assessment": "edustats.present.standards.assessment",
    "show_difference_coefficients": "edustats.present.standards.coefficients",
    "show_school_verdicts": "edustats.present.standards.shortfalls",
    "show_shortfalls": "edustats.present.standards.shortfalls",
    "show_allocation_plan": "edustats.present.standards.allocation",
    "show_standards_ranking": "edustats.present.standards.readiness",
    "show_declaration": "edustats.present.standards.declaration",
    "save_declaration": "edustats.present.standards.declaration",
    "show_forecasts": "edustats.present.county.forecasts",
    "show_forecast_chart": "edustats.present.county.forecasts",
    "show_targets": "edustats.present.county.targets",
    "show_target_chart": "edustats.present.county.targets",
    "show_target_matrix": "edustats.present.county.targets",
    "show_seat_outlook": "edustats.present.seats.county",
    "show_seat_wave": "edustats.present.seats.charts",
    "show_seat_risk": "edustats.present.seats.charts",
    "show_seat_table": "edustats.present.seats.county",
    "show_prefecture_seats": "edustats.present.seats.prefecture",
    "show_finance_chart": "edustats.present.finance.bulletin",
    "show_finance_bulletin": "edustats.present.finance.bulletin",
    "show_finance_rules": "edustats.present.finance.rules",
    "show_finance_equity": "edustats.present.finance.equity",
    "show_pay_parity": "edustats.present.finance.pay",
    "show_school_quotas": "edustats.present.finance.quotas",
    "show_student_aid": "edustats.present.finance.quotas",
    "show_teacher_chart": "edustats.present.teachers.structure",
    "show_teacher_structure": "edustats.present.teachers.structure",
    "show_retirement": "edustats.present.teachers.retirement",
    "show_rotation": "edustats.present.teachers.rules",
    "show_posts": "edustats.present.teachers.rules",
    "show_recruitment": "edustats.present.teachers.structure",
    "show_afterschool": "edustats.present.services.afterschool",
    "show_provision": "edustats.present.services.provision",
    "show_voices": "edustats.present.services.voices",
    "show_given_ranks": "edustats.present.services.voices",
    "show_projects": "edustats.present.services.projects",
}
__all__ = ["__version__", *_VERBS]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("edustats.shipped").version()
    if name not in _VERBS and not name.startswith("_"):
        name = import_module("edustats.renamed").follow_rename(name)
    if name not in _VERBS:
        raise AttributeError(f"edustats has no {name}; it offers {', '.join(_VERBS)}")
    found = getattr(import_module(_VERBS[name]), name)
    if name.startswith("show_"):
        return import_module("edustats.present.view.choices").take_choices(found)
    return found


def __dir__() -> list[str]:
    return __all__
