"""What changed, is it a trend, how will it go on?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "autocorrelation": [
            "lines",
            "persistence",
        ],
        "breaks": [
            "Jumps",
            "jumps",
        ],
        "change": [
            "Change",
            "cagr",
        ],
        "estimators": [
            "least_squares_hac",
            "mann_kendall",
            "theil_sen",
            "trend",
        ],
        "forecast": [
            "BackTest",
            "Forecasts",
        ],
        "forecast_models": [
            "Past",
            "pooled_drift",
            "smoothed",
        ],
        "pooling": [
            "pooled_slopes",
            "robust_slopes",
        ],
        "tiers": [
            "Tiers",
            "grade",
        ],
        "verdicts": [
            "Judged",
            "LastStep",
            "adjusted",
            "judge",
            "last_step",
            "to_scale",
        ],
    },
)
