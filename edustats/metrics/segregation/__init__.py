"""How unevenly are groups of pupils spread over schools?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "indices": [
            "compute_school_contributions",
            "dissimilarity",
            "exposure",
            "isolation",
            "mutual_information",
            "measure_segregation",
            "theil_h",
        ],
        "levels": [
            "decompose_segregation",
            "measure_segregation_within_places",
        ],
        "random_placement": [
            "correct_for_chance",
            "simulate_chance_range",
        ],
    },
)
