"""Where does an area stand among others? Ranks, peers, convergence."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "convergence": [
            "Convergence",
            "convergence_by",
        ],
        "peers": [
            "Standing",
            "nearest",
            "standing",
        ],
        "ranking": [
            "RankSets",
            "funnel",
            "moved",
            "rank_sets",
        ],
        "share_interval": [
            "estimate_share_interval",
        ],
    },
)
