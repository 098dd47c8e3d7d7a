"""How far apart are groups? Gaps, concentration, gradients."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "concentration": [
            "concentration_index",
            "relative_index",
            "slope_index",
        ],
        "gap": [
            "GroupGap",
        ],
        "rank_formulas": [
            "RankFormula",
            "RankedUnits",
            "estimate_rank_limits",
            "rank_units",
        ],
    },
)
