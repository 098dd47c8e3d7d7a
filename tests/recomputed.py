"""Forecasts, convergence and retirement computed a second time, from their description in ``docs/methods.md`` alone.

Nothing of the package is imported: one number at a time, where the package takes whole arrays. What a reader could
compute himself from the published description and the raw table is what the package must print.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import statsmodels.api as sm
from scipy import stats

LEVELS = (0.2, 0.5, 0.8, 0.9, 0.95, 0.98)
LEADS = (1, 2, 3, 4, 5)
Key = tuple[str, str]


def mean(values):
    held = list(values)
    return sum(held) / len(held) if held else math.nan


def smooth(values, weight):
    """Simple exponential smoothing from the first value on: the level at the end, and the squared errors."""
    level, squares = values[0], 0.0
    for value in values[1:]:
        squares += (value - level) ** 2
        level += weight * (value - level)
    return level, squares


def extend_theta(at, values, ahead):
    """Theta in the form of Hyndman and Billah (2003): smoothing with a drift of half the slope of the straight line."""
    weight = min(np.linspace(0.05, 0.999, 20), key=lambda w: smooth(values, w)[1])
    slope = np.polyfit(at, values, 1)[0] if len(at) > 1 else 0.0
    grown = (1 - (1 - weight) ** len(values)) / weight
    return [smooth(values, weight)[0] + slope / 2 * (h - 1 + grown) for h in ahead]


class PanelForecast:
    """A panel of series by (indicator, area); shares on the logit, positive amounts on the logarithmic scale."""

    def __init__(self, series: dict[Key, list[float]], shares: set[str]) -> None:
        self.shares = shares
        self.line = {key: [self.forth(key, v) for v in values] for key, values in series.items()}
        self.end = len(next(iter(series.values())))
        self.groups: dict[str, list[Key]] = {}
        for key in series:
            self.groups.setdefault(key[0], []).append(key)
        self.said: dict[int, dict] = {}
        self.wrong, self.signed, self.sizes = ({h: [] for h in LEADS} for _ in range(3))
        for origin in range(3, self.end + 1):
            self.learn(origin - 1)
            self.said[origin] = self.forecast(origin)

    def forth(self, key, value):
        if key[0] not in self.shares:
            return math.log(value)
        part = (value + 0.01) / 1.02
        return math.log(part / (1 - part))

    def back(self, key, line):
        return 1.02 / (1 + math.exp(-line)) - 0.01 if key[0] in self.shares else math.exp(line)

    def tell(self, key, lead):
        """The forecast and the ends of its interval of 80 %."""
        said = self.said[self.end]
        middle, half = said["middle"][key][lead - 1], said["width"][key][lead - 1][LEVELS.index(0.8)]
        return [self.back(key, middle + side * half) for side in (0, -1, 1)]

    def held(self, key, origin):
        line = self.line[key][:origin]
        return [(t, v) for t, v in enumerate(line) if math.isfinite(v)]

    def steps(self, key, origin):
        return [b - a for a, b in pairwise(self.line[key][:origin])]

    def typical_step(self, origin):
        """Mean size of a yearly step, drawn towards that of the indicator by the weight of four steps."""
        sizes = {key: [abs(s) for s in self.steps(key, origin) if math.isfinite(s)] for key in self.line}
        found = {}
        for keys in self.groups.values():
            shared = mean(s for key in keys for s in sizes[key])
            found |= {key: (sum(sizes[key]) + 4 * shared) / (len(sizes[key]) + 4) for key in keys}
        return found

    def pooled_drift(self, origin):
        """Empirical Bayes: the indicator's drift as far as it is sure, a county's own as far as it is no scatter."""
        found = {}
        for name, keys in self.groups.items():
            ends = {key: self.held(key, origin) for key in keys}
            own = {key: (at[-1][1] - at[0][1]) / (at[-1][0] - at[0][0]) for key, at in ends.items()}
            centre = mean(own.values())
            steps = {key: self.steps(key, origin) for key in keys}
            shared = [mean(s for s in year if math.isfinite(s)) for year in zip(*steps.values(), strict=True)]
            doubt = np.var(shared, ddof=1) / len(shared) * (3 if name in self.shares else 12)
            kept = max(0.0, 1 - doubt / centre**2)
            apart = [
                [a - b for a, b in zip(s, shared, strict=True) if math.isfinite(a)] for s in steps.values()
            ]
            noise = mean(np.var(rest, ddof=1) / len(rest) for rest in apart if len(rest) > 1)
            spread = sum((d - centre) ** 2 for d in own.values()) / (len(own) - 1)
            share = max(0.0, 1 - noise / spread)
            found |= {key: kept * centre + share * (d - centre) for key, d in own.items()}
        return found

    def paths(self, key, origin, drift):
        """As last year, the pooled drift straight and damped, a level, the line through both ends, Theta."""
        at, values = zip(*self.held(key, origin), strict=True)
        last, ahead = values[-1], [h + origin - 1 - at[-1] for h in LEADS]
        line = (last - values[0]) / (at[-1] - at[0])
        return np.array([
            [last for _ in ahead], [last + drift * h for h in ahead],
            [last + drift * sum(0.8**k for k in range(1, h + 1)) for h in ahead],
            [smooth(values, 0.6)[0] for _ in ahead], [last + line * h for h in ahead],
            extend_theta(at, values, ahead),
        ])  # fmt: skip

    def learn(self, year):
        """What one year shows of the forecasts made of it: by indicator and model, with sign, and by series."""
        for lead in LEADS:
            said = self.said.get(year + 1 - lead)
            if said is None:
                continue
            wrong, signed, sizes = {}, {}, {}
            for name, keys in self.groups.items():
                known = [k for k in keys if k in said["live"] and math.isfinite(self.line[k][year])]
                off = {k: (said["middle"][k][lead - 1] - self.line[k][year]) / said["step"][k] for k in known}
                missed = [
                    abs(said["paths"][k][:, lead - 1] - self.line[k][year]) / said["step"][k] for k in known
                ]
                if known:
                    wrong[name], signed[name] = np.mean(missed, axis=0), mean(off.values())
                sizes |= {key: abs(value) for key, value in off.items()}
            self.wrong[lead].append(wrong)
            self.signed[lead].append(signed)
            self.sizes[lead].append(sizes)

    def weights(self, lead, name):
        """Each model's by the square of its mean error, drawn towards the panel's by the weight of one year."""
        if not self.wrong[lead]:
            power = np.ones(6) if lead == 1 else self.weights(lead - 1, name)
        else:
            own = [year[name] for year in self.wrong[lead] if name in year]
            panel = np.mean([errors for year in self.wrong[lead] for errors in year.values()], axis=0)
            level = np.mean(own)
            drawn = (np.sum(own, axis=0) + level * panel / panel.mean()) / (len(own) + 1)
            power = (drawn / level) ** -2.0
        known = self.wrong[lead] or lead == 1
        start = np.array([1, 1, 1, 0, 1, 1.5]) if name in self.shares and known else np.ones(6)
        return power * start / (power * start).sum()

    def bias(self, lead, name):
        """What was always wrong the same way, beyond three standard errors; it halves after two years."""
        if lead > 2:
            return self.bias(lead - 1, name) / 2
        errors = np.array([year[name] for year in self.signed[lead] if name in year])
        n = len(errors)
        if n < 3:
            return 0.0
        doubt = 9 * lead * ((errors - errors.mean()) ** 2).sum() / (n * (n - 1))
        return max(0.0, 1 - doubt / errors.mean() ** 2) * n / (n + 2) * errors.mean()

    def widths(self):
        """Quantiles of past errors in typical steps, as Student's t with 1.5 degrees of freedom a year."""
        found: dict[int, np.ndarray] = {}
        last = max((h for h in LEADS if self.sizes[h]), default=0)
        for lead in LEADS if last else ():
            sizes = [s for year in self.sizes[lead] for s in year.values()]
            if sizes:
                freedom, more = 1.5 * len(self.sizes[lead]), 1 + 1 / len(sizes)
                own = [
                    np.quantile(sizes, min(p * more, 1))
                    * stats.t.ppf((1 + p) / 2, freedom) / stats.norm.ppf((1 + p) / 2)
                    for p in LEVELS
                ]  # fmt: skip
            else:
                own = found[last] * (lead / last) ** 0.75
            found[lead] = np.maximum(
                own, found.get(lead - 1, 0)
            )  # a later year is no surer than a nearer one
        return found

    def error_scale(self, name):
        """How large an indicator's errors are beside the panel's, drawn towards 1 by the weight of three years."""
        beside = []
        for years in self.sizes.values():
            level = mean(s for year in years for s in year.values())
            own = [mean(year[k] for k in self.groups[name] if k in year) / level for year in years]
            beside += [value for value in own if math.isfinite(value)]
        return (sum(beside) + 3) / (len(beside) + 3)

    def forecast(self, origin):
        drift, step, widths = self.pooled_drift(origin), self.typical_step(origin), self.widths()
        said = {"paths": {}, "middle": {}, "width": {}, "step": step, "live": set()}
        for name, keys in self.groups.items():
            weights, scale = [self.weights(h, name) for h in LEADS], self.error_scale(name)
            bias = [self.bias(h, name) for h in LEADS]
            for key in keys:
                paths, at = self.paths(key, origin, drift[key]), self.held(key, origin)
                said["paths"][key] = paths
                said["middle"][key] = [
                    float(weights[k] @ paths[:, k]) - bias[k] * step[key] for k in range(5)
                ]
                waited = origin - 1 - at[-1][0]
                said["width"][key] = [
                    widths[h] * step[key] * scale * math.sqrt(1 + waited / h) for h in LEADS if widths
                ]
                if not waited and len(at) >= 3:
                    said["live"].add(key)
        return said


def measure_convergence(years, rows):
    """Sigma with the interval of Pitman and Morgan, beta by statsmodels with HC3 errors: (sigma, ends, beta, ends)."""
    first, last, n = rows[:, 0], rows[:, -1], len(rows)
    ratio, r = last.var(ddof=1) / first.var(ddof=1), np.corrcoef(first, last)[0, 1]
    wide = 1 + 2 * (1 - r * r) * stats.t.ppf(0.975, n - 2) ** 2 / (n - 2)
    ends = [ratio * (wide + side * math.sqrt(wide**2 - 1)) for side in (-1, 1)]
    growth = (last - rows[:, 1]) / (years[-1] - years[1])
    fit = sm.OLS(growth, sm.add_constant(first)).fit(cov_type="HC3", use_t=True)
    return [math.sqrt(ratio), *map(math.sqrt, ends), float(fit.params[1]), *map(float, fit.conf_int()[1])]


def measure_spread(values, weights):
    """Coefficient of variation, Gini and Theil's T, weighted, by their definitions."""
    share = weights / weights.sum()
    ratio = values / (share @ values)
    apart = abs(ratio[:, None] - ratio[None, :])
    return [math.sqrt(share @ (ratio - 1) ** 2), share @ apart @ share / 2, share @ (ratio * np.log(ratio))]


def count_retired(bands, year, last_year):
    """Those who reach their legal age by the end of a year, of bands (sex, youngest, oldest, persons).

    The decision of 13 September 2024: from January 2025 one month later for every four months, to 63 and 58.
    """
    gone = 0.0
    for sex, low, high, persons in bands:
        months = 0
        for age in range(low, high + 1):
            for month in range(12):  # from September of the year before the birthday year to August
                born = (year - age - 1) * 12 + 8 + month
                old = born + (60 if sex == "men" else 55) * 12
                late = min(36, math.ceil(max(0, old - 2025 * 12 + 1) / 4))
                months += old + late < (last_year + 1) * 12
        gone += persons * months / (12 * (high - low + 1))
    return gone
