"""How unevenly are groups of pupils spread over schools?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "indices": [
            "contributions",
            "dissimilarity",
            "exposure",
            "isolation",
            "mutual_information",
            "segregation",
            "theil_h",
        ],
        "levels": [
            "nested",
            "within",
        ],
        "random_placement": [
            "beyond_chance",
            "chance_range",
        ],
    },
)
