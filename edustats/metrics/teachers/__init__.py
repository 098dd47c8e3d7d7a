"""Who teaches, who retires when, who rotates, and are there enough of them for the posts and the timetable?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "compliance": [
            "CountedRule",
            "count_promotions",
            "judge_posts",
            "judge_promotions",
            "judge_rotation",
        ],
        "retirement": ["RetirementWave", "project_retirement", "retirement_age"],
        "subjects": ["SubjectNeed", "compute_class_loads", "judge_subjects"],
    },
)
