"""What does a standard ask, who meets it, what would it take?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "allocation": [
            "Plan",
            "Rules",
            "Stage",
            "plan",
            "shortfalls",
        ],
        "certainty": [
            "Certainty",
        ],
        "coefficients": [
            "half_up",
            "reaches",
        ],
        "items": [
            "Case",
            "ItemVerdict",
            "by_item",
            "item_verdicts",
            "overall",
        ],
        "judgement": [
            "SchoolVerdicts",
            "StageJudgement",
            "judge",
            "needed",
            "school_verdicts",
        ],
        "readiness": [
            "Miss",
            "Standing",
            "path",
            "ranked",
            "standing",
        ],
        "targets": [
            "Judgement",
            "Refused",
            "Target",
            "fastest_change",
            "judge",
            "judge_count",
            "read_plan",
        ],
    },
)
