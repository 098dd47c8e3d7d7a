"""What does a standard ask, who meets it, what would it take?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "allocation": [
            "AllocationPlan",
            "AllocationRules",
            "StageResources",
            "plan_allocation",
            "compute_shortfalls",
        ],
        "certainty": [
            "VerdictCertainty",
        ],
        "coefficients": [
            "round_half_up",
            "reaches_mark",
        ],
        "items": [
            "CountyCase",
            "ItemVerdict",
            "combine_stage_verdicts",
            "judge_items",
            "judge_overall",
        ],
        "judgement": [
            "SchoolVerdicts",
            "StageJudgement",
            "judge_standard",
            "list_required_columns",
            "judge_schools",
        ],
        "readiness": [
            "MissedCriterion",
            "ReadinessStanding",
            "plan_readiness_path",
            "rank_by_readiness",
            "assess_readiness",
        ],
        "targets": [
            "TargetJudgement",
            "RefusedTarget",
            "Target",
            "find_fastest_change",
            "judge_target",
            "judge_county_count_target",
            "parse_target_plan",
        ],
    },
)
