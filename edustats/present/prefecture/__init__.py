"""What is said of a prefecture? Its counties side by side, and what lies between and within them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "charts": [
            "read_boundaries",
        ],
        "decomposition": [
            "decompose_by_year",
        ],
        "overview": [
            "CountyComparison",
            "compare_counties",
            "read_headline_keys",
        ],
    },
)
