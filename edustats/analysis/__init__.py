"""What does a prefecture's data say, for all its counties at once? Panels and what is computed from them, as frames."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "forecast_panel": [
            "ForecastPanel",
        ],
        "panel": [
            "IndicatorPanel",
            "build_panel",
        ],
        "schools": [
            "read_school_values",
            "select_school_values",
            "compute_group_ratio",
        ],
    },
)
