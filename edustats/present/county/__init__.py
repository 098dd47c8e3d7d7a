"""What is said of one county? Its profile, trends, place, peers, targets, data."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "corrections": [
            "in_order",
            "workbook",
        ],
        "data_quality": [
            "ledger",
            "return_to_sender",
            "rules_broken",
        ],
        "forecasts": [
            "draw_fan",
            "fan_of",
        ],
        "targets": [
            "Plan",
            "targets_of_all",
        ],
        "trend_chart": [
            "Fan",
            "Mark",
            "draw_trend_panels",
        ],
        "trends": [
            "history",
            "trend_finding",
        ],
    },
)
