"""Does the money grow as the rules ask, is it real, who pays, who gets how much, and is pay at parity?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "growth": ["MeanGrowth", "YearVerdict", "combine_verdicts", "compute_mean_growth", "judge_growing_faster",
                   "judge_not_falling", "judge_shares", "judge_three_growths", "judge_two_rules"],
        "pay": ["PayGap", "PayParity", "compare_pay", "compute_pay_gaps"],
        "per_pupil": ["average_pupils", "compute_per_pupil", "convert_money", "find_doubtful_money",
                      "find_falling_stock"],
        "prices": ["to_constant_prices"],
        "quota": ["QuotaYear", "judge_school_quotas"],
        "shares": ["CountySpread", "compare_counties", "compute_source_shares"],
    },
)  # fmt: skip
