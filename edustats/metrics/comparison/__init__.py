"""Where does an area stand among others? Ranks, peers, convergence."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "convergence": [
            "Convergence",
            "measure_convergence_by_group",
        ],
        "peers": [
            "PeerStanding",
            "find_nearest_peers",
            "compare_with_peers",
        ],
        "ranking": [
            "RankSets",
            "compute_funnel_limits",
            "detect_rank_changes",
            "rank_with_confidence_sets",
        ],
        "share_interval": [
            "estimate_share_interval",
        ],
    },
)
