"""Did it work? Effects of measures, value added by schools, programmes and the rule that closes them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "effects": [
            "EffectEstimate",
            "estimate_effect",
        ],
        "few_clusters": [
            "CollapsedComparison",
            "compare_collapsed",
            "count_permutations",
            "estimate_permutation_power",
        ],
        "group_time": [
            "GroupTimeEffects",
            "estimate_group_time",
        ],
        "programmes": [
            "ClosingRule",
            "ProgrammeVerdicts",
            "judge_programmes",
        ],
        "synthetic": [
            "SyntheticPath",
            "describe_synthetic",
        ],
        "value_added": [
            "ValueAdded",
            "estimate_value_added",
            "fit_random_intercepts",
        ],
    },
)
