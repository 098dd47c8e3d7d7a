"""What is said of one county? Its profile, trends, place, peers, targets, data."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "corrections": [
            "build_correction_workbook",
            "sort_corrections",
        ],
        "data_quality": [
            "show_correction_list",
            "show_ledger",
            "show_validation_findings",
        ],
        "forecasts": [
            "build_fan_chart",
            "build_fan_panel",
        ],
        "targets": [
            "TargetPlan",
            "build_target_matrix",
        ],
        "trends": [
            "build_history",
            "describe_trend",
        ],
    },
)
