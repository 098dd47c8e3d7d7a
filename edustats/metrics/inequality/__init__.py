"""How unequal is it, how sure is that, what is it made of, how did it change?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "arrays": [
            "arrange_areas",
            "arrange_one_area",
        ],
        "change": [
            "CvChange",
            "decompose_cv_change",
            "decompose_change_by_composition",
        ],
        "decomposition": [
            "compute_unit_contributions",
            "decompose_inequality",
            "number_nested_groups",
            "decompose_inequality_by_year",
            "list_inequality_parts",
            "normalize_values_and_weights",
            "split_inequality_by_level",
        ],
        "intervals": [
            "estimate_interval",
            "estimate_linearised_se",
        ],
        "measures": [
            "Interval",
            "atkinson",
            "coefficient_of_variation",
            "equally_distributed_equivalent",
            "generalized_entropy",
            "gini",
            "hoover",
            "kolm",
            "mean_log_deviation",
            "official_cv",
            "theil",
        ],
        "area_limits": ["estimate_area_limits"],
        "resampling": ["estimate_leaving_one_out"],
        "summary": [
            "choose_measure",
        ],
    },
)
