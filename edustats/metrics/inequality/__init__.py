"""How unequal is it, how sure is that, what is it made of, how did it change?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "arrays": [
            "areas_of",
            "one_area",
        ],
        "change": [
            "CvChange",
            "cv_change",
            "within_between_composition",
        ],
        "decomposition": [
            "contributions",
            "nested",
            "nested_codes",
            "over_years",
            "shares",
            "split",
        ],
        "intervals": [
            "interval",
            "left_out",
            "limits",
            "linearised",
        ],
        "measures": [
            "Interval",
            "atkinson",
            "checked_confidence",
            "coefficient_of_variation",
            "equally_distributed_equivalent",
            "generalized_entropy",
            "gini",
            "hoover",
            "interval",
            "kolm",
            "mean_log_deviation",
            "official_cv",
            "one_column",
            "refuse",
            "same_length",
            "theil",
        ],
        "summary": [
            "measure",
        ],
    },
)
