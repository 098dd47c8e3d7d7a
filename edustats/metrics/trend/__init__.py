"""What changed, is it a trend, how will it go on?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "autocorrelation": [
            "fit_lines",
            "estimate_persistence",
        ],
        "breaks": [
            "Jumps",
            "detect_jumps",
        ],
        "change": [
            "ValueChange",
            "cagr",
        ],
        "estimators": [
            "least_squares_hac",
            "mann_kendall",
            "theil_sen",
            "judge_trend",
        ],
        "forecast": [
            "BackTest",
            "Forecasts",
        ],
        "forecast_models": [
            "PanelPast",
            "estimate_pooled_drift",
            "smooth_exponentially",
        ],
        "pooling": [
            "estimate_pooled_slopes",
            "estimate_robust_slopes",
        ],
        "tiers": [
            "Tiers",
            "grade",
        ],
        "verdicts": [
            "TrendVerdicts",
            "LastStep",
            "adjust_p_values",
            "judge_trends",
            "measure_last_step",
            "transform_to_trend_scale",
        ],
    },
)
