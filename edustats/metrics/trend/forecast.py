"""Where will a short yearly series be in one to five years, how sure is that, and how wrong was it before?

Plain models read all series of a panel at once and are combined by how wrong each was before; what was always
wrong the same way is corrected; intervals are as wide as past errors were. Everything is rolled through the
past: what is said from a year uses no figure of a later one, and the errors made so are printed with the
forecast, beside those of "as last year" and of a plain drift.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from edustats.errors import DataError, ParameterError
from edustats.metrics.inequality.measures import (
    check_confidence,
    parse_number_column,
    refuse_wrong_entries,
    require_same_length,
)
from edustats.metrics.trend.forecast_models import (
    MODELS,
    PanelPast,
    SeriesScale,
    divide_or_missing,
    forecast_model_paths,
    sum_by_group,
)
from edustats.typing import Flags, Floats, Positions

MIN_POINTS = 5
"""With fewer values nothing is forecast."""
FIRST_ORIGIN = 3
"""From this many values on, trial forecasts feed weights and widths; only those from five on are counted."""
LONGEST_WAIT = 2
"""A series whose last value is older than this many years is not forecast."""
SHARPNESS = 2.0
"""A model half as wrong as another gets 2**2 times its weight."""
SHARE_WEIGHTS = {"level": 0.0, "theta": 1.5}
"""Weights of models of shares beside the others, before their errors count: Theta smooths them better than a level
that stays."""
BIAS_CAUTION = 9.0
"""A bias is corrected as far as it exceeds three standard errors."""
MOST_CORRECTED = 2
"""Leads whose own bias is estimated; beyond, the correction halves with each year."""
LEVELS = (0.2, 0.5, 0.8, 0.9, 0.95, 0.98)
FREEDOM_A_YEAR = 1.5
"""Degrees of freedom that one year of errors gives: the series of a year miss together."""
GROWTH = 0.75
"""Where no error of a lead is known, widths grow from the longest known one with this power of the lead."""
ALWAYS_DRAWN, OFF_BY = 3, 0.05
"""Leads that are drawn anyway, and how far from nominal the coverage of a later one may have been."""
TRIAL_COLUMNS = (
    "row", "origin", "lead", "error", "naive", "drift", "theta", "step", "whole", "in_80", "in_95"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """How wrong forecasts of one lead were in the past. Errors are in typical yearly steps of the series."""

    lead: int
    n: int
    """Trial forecasts made, from the fifth value of each series on."""
    error: float
    naive: float
    """Of "as in the last year"."""
    drift: float
    """Of the line through the first and the last value."""
    bias: float
    """Mean signed error, forecast less outcome, in the values' own unit."""
    cover_80: float
    cover_95: float


@dataclass(frozen=True, kw_only=True)
class Forecasts:
    """Forecasts of a panel: one row per series, one column per lead."""

    origin: int
    """Last year of the panel; lead 1 is the year after."""
    middle: Floats
    naive: Floats
    reason: tuple[str, ...]
    """Empty where a series is forecast, else ``missing``, ``outside``, ``too_few`` or ``ended``."""
    trials: pd.DataFrame = field(repr=False)
    """Every trial forecast of the past, columns :data:`TRIAL_COLUMNS`."""
    _line: Floats = field(repr=False)
    _width: Floats = field(repr=False)
    _scale: SeriesScale = field(repr=False)

    @property
    def years(self) -> list[int]:
        """The years forecast."""
        return [self.origin + lead for lead in range(1, self.middle.shape[1] + 1)]

    @cached_property
    def drawn_leads(self) -> int:
        """Leads whose intervals may be drawn: three, and those after whose past ones kept their word to 5 points."""
        leads = min(ALWAYS_DRAWN, self.middle.shape[1])
        for test in self.back_test():
            honest = abs(test.cover_80 - 0.8) <= OFF_BY and abs(test.cover_95 - 0.95) <= OFF_BY
            if test.lead == leads + 1 and honest:
                leads = test.lead
        return leads

    def interval(self, level: float = 0.8) -> tuple[Floats, Floats]:
        """Limits that past errors of each lead stayed within, as a share ``level`` of cases; (n, leads) each."""
        if level not in self._intervals:
            check_confidence(level)
            width = self._interpolate_width(level)
            self._intervals[level] = (
                self._scale.back(self._line - width),
                self._scale.back(self._line + width),
            )
        return self._intervals[level]

    @cached_property
    def _intervals(self) -> dict[float, tuple[Floats, Floats]]:
        return {}

    def _interpolate_width(self, level: float) -> Floats:
        """Half-widths between the levels kept; beyond the last of them, the last."""
        k = int(np.searchsorted(LEVELS, level))
        if k == 0 or k == len(LEVELS):
            return np.asarray(self._width[:, :, min(k, len(LEVELS) - 1)], float)
        part = (level - LEVELS[k - 1]) / (LEVELS[k] - LEVELS[k - 1])
        return (1 - part) * self._width[:, :, k - 1] + part * self._width[:, :, k]

    def probability(self, row: int, year: int, value: float) -> float:
        """Chance that a series is at or above a value in a year: from 0.01 to 0.99, nan where none is forecast.

        Parameters
        ----------
        row : position of the series
        year : one of :attr:`years`
        value : in the values' own unit
        """
        lead = year - self.origin - 1
        if not 0 <= lead < self.middle.shape[1] or self.reason[row]:
            return math.nan
        one = self._scale.rows(np.array([row]))
        apart = float(one.forth(np.array([[value]]))[0, 0] - self._line[row, lead])
        known = np.concatenate([[0.0], self._width[row, lead]])
        inside = float(np.interp(abs(apart), known, [0.0, *LEVELS]))
        above = 0.5 - 0.5 * inside if apart > 0 else 0.5 + 0.5 * inside
        return min(max(above, 0.01), 0.99)

    def back_test(self, rows: Sequence[int] | None = None) -> tuple[BackTest, ...]:
        """Errors of the past by lead, over all series or those named."""
        return self._all_tests if rows is None else _test_by_lead(self.trials[self.trials["row"].isin(rows)])

    @cached_property
    def _all_tests(self) -> tuple[BackTest, ...]:
        return _test_by_lead(self.trials)


def _test_by_lead(trials: pd.DataFrame) -> tuple[BackTest, ...]:
    return tuple(_summarize_trials(int(str(lead)), own) for lead, own in trials.groupby("lead"))


def _summarize_trials(lead: int, trials: pd.DataFrame) -> BackTest:
    scaled = trials[["error", "naive", "drift"]].abs().div(trials["step"], axis=0).mean()
    return BackTest(
        lead=lead, n=len(trials), error=float(scaled["error"]), naive=float(scaled["naive"]),
        drift=float(scaled["drift"]), bias=float(trials["error"].mean()),
        cover_80=float(trials["in_80"].mean()), cover_95=float(trials["in_95"].mean()),
    )  # fmt: skip


def forecast_series(
    years: ArrayLike,
    values: ArrayLike,
    groups: Sequence[str] | None = None,
    lower: ArrayLike = -math.inf,
    upper: ArrayLike = math.inf,
    leads: int = 5,
) -> Forecasts:
    """Forecast every series of a panel, with intervals and the errors made in the past.

    Parameters
    ----------
    years : (t,) array_like
        Whole years in any order, each once; years left out count as missing.
    values : (n, t) array_like
        One series a row, nan where missing; leave out (nan) what precedes a break.
    groups : (n,) sequence of str, optional
        What each series measures; series of a group lend each other strength. One group if not given.
    lower, upper : float or (n,) array_like
        Bounds of the values. From 0 to 1: forecast on the logit scale. From 0 up: on the logarithmic scale
        where no value of the group is 0.
    leads : int
        Years ahead, 1 to 10.

    Returns
    -------
    Forecasts
        ``middle`` is nan where ``reason`` says why nothing is forecast: all values missing, a value outside
        its bounds, fewer than five values, or the last one more than two years old.

    Raises
    ------
    DataError
        Years not whole or twice, lengths that differ.
    ParameterError
        Leads out of range.

    Notes
    -----
    The models: as last year; a drift pooled over the group by empirical Bayes, straight and damped (0.8 a
    year); a level smoothed exponentially (0.6, not for shares); the line through both ends; Theta. Weights fall
    with the square of a model's mean error at that lead in earlier years, every year counting alike. Half-widths
    are quantiles of earlier errors in typical steps of each series, pooled over the panel, widened as Student's t
    for the few years they come from. Past common shocks are in them only as far as they have happened.

    Examples
    --------
    >>> rising = [[0.50, 0.52, 0.53, 0.55, 0.58, 0.60], [0.40, 0.41, 0.44, 0.45, 0.47, 0.50]]
    >>> found = forecast_series(range(2018, 2024), rising, lower=0, upper=1, leads=2)
    >>> found.years, found.reason
    ([2024, 2025], ('', ''))
    >>> bool((found.middle[:, 0] > [0.60, 0.50]).all())
    True
    """
    if not 1 <= leads <= 10:
        raise ParameterError("forecast.leads", found=leads)
    origin, table = _fill_calendar(years, values)
    codes = _number_groups(groups, len(table))
    low, high = (np.broadcast_to(np.asarray(b, float), (len(table),)) for b in (lower, upper))
    outside: Flags = np.any((table < low[:, None]) | (table > high[:, None]), axis=1)
    used = np.where(outside[:, None], np.nan, table)
    scale = SeriesScale.of(used, codes, low, high)
    rolled = _RollingForecasts(line=scale.forth(used), codes=codes, share=scale.share, leads=leads)
    rolled.run()
    reason = _explain_missing_forecasts(used, outside)
    blank = np.array([bool(r) for r in reason])[:, None]
    ahead = rolled.ahead[used.shape[1]]
    return Forecasts(
        origin=origin,
        middle=np.where(blank, np.nan, scale.back(ahead.middle)),
        naive=np.where(blank, np.nan, np.repeat(scale.back(ahead.last[:, None]), leads, axis=1)),
        reason=reason, trials=_collect_trials(rolled, used, scale, origin),
        _line=np.where(blank, np.nan, ahead.middle), _width=ahead.width, _scale=scale,
    )  # fmt: skip


def _fill_calendar(years: ArrayLike, values: ArrayLike) -> tuple[int, Floats]:
    """The panel on every year from the first to the last, and that last year."""
    t, table = parse_number_column("years", years), np.asarray(values, float)
    if table.ndim != 2:
        raise DataError("forecast.not_a_table", found=table.ndim)
    require_same_length("years", t, "values", table.T)
    refuse_wrong_entries("metrics.year_not_whole", "years", t, ~np.isfinite(t) | (t != np.floor(t)))
    found, times = np.unique(t, return_counts=True)
    if (times > 1).any():
        twice = int(times.argmax())
        raise DataError("metrics.year_twice", year=f"{found[twice]:.0f}", times=int(times[twice]))
    whole = np.full((len(table), int(found[-1] - found[0]) + 1), np.nan)
    whole[:, (t - found[0]).astype(int)] = table
    return int(found[-1]), whole


def _number_groups(groups: Sequence[str] | None, n: int) -> Positions:
    if groups is None:
        return np.zeros(n, np.intp)
    require_same_length("groups", np.asarray(groups), "values", np.empty(n))
    return np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.intp)


def _explain_missing_forecasts(values: Floats, outside: Flags) -> tuple[str, ...]:
    held = np.isfinite(values)
    points = held.sum(axis=1)
    waited = held[:, ::-1].argmax(axis=1)
    told = np.select(
        [outside, points == 0, points < MIN_POINTS, waited > LONGEST_WAIT],
        ["outside", "missing", "too_few", "ended"],
        "",
    )
    return tuple(map(str, told))


@dataclass(slots=True, kw_only=True)
class _OriginForecast:
    """What is said from one origin, on the unbounded scale."""

    paths: Floats
    middle: Floats
    width: Floats
    step: Floats
    last: Floats
    drift: Floats
    live: Flags
    """Series with a value at the origin and enough before it."""


@dataclass(slots=True, kw_only=True)
class _RollingForecasts:
    """Forecasts from every origin in turn, each made of what earlier ones got wrong.

    The three lists hold, per lead, one entry for every year that has shown what was forecast ``lead`` years
    before: error of each model by group, signed error by group, and size of error by series.
    """

    line: Floats
    codes: Positions
    share: Flags
    leads: int
    ahead: dict[int, _OriginForecast] = field(default_factory=dict)
    wrong: dict[int, list[Floats]] = field(default_factory=dict)
    signed: dict[int, list[Floats]] = field(default_factory=dict)
    sizes: dict[int, list[Floats]] = field(default_factory=dict)

    def run(self) -> None:
        width = self.line.shape[1]
        for origin in range(min(FIRST_ORIGIN, width), width + 1):
            self._learn_from_outcome(origin - 1)
            self.ahead[origin] = self._forecast_from_origin(origin)

    def _learn_from_outcome(self, year: int) -> None:
        """Hold the outcome of one year against what was said of it."""
        for lead in range(1, self.leads + 1):
            said = self.ahead.get(year + 1 - lead)
            if said is None:
                continue
            outcome = np.where(said.live, self.line[:, year], np.nan)
            if not np.isfinite(outcome).any():
                continue
            models = np.abs(said.paths[:, :, lead - 1] - outcome) / said.step
            off = (said.middle[:, lead - 1] - outcome) / said.step
            self.wrong.setdefault(lead, []).append(
                np.stack([self._average_by_group(m) for m in models], axis=1)
            )
            self.signed.setdefault(lead, []).append(self._average_by_group(off))
            self.sizes.setdefault(lead, []).append(np.abs(off))

    def _average_by_group(self, values: Floats) -> Floats:
        return divide_or_missing(
            sum_by_group(self.codes, values), sum_by_group(self.codes, np.isfinite(values).astype(float))
        )

    def _forecast_from_origin(self, origin: int) -> _OriginForecast:
        past = PanelPast.of(self.line[:, :origin], self.codes, self.share)
        models = forecast_model_paths(past, self.leads)
        mixed = np.einsum("mnh,hnm->nh", models, self._compute_model_weights()[:, self.codes])
        middle = mixed - self._compute_bias()[:, self.codes].T * past.step[:, None]
        typical = past.step * self._compute_group_error_scale()[self.codes]
        waited = np.sqrt(1 + past.waited[:, None] / np.arange(1, self.leads + 1))
        width = self._compute_error_quantiles()[None] * (typical[:, None] * waited)[:, :, None]
        live = np.isfinite(self.line[:, origin - 1]) & (past.points >= FIRST_ORIGIN)
        return _OriginForecast(
            paths=models, middle=middle, width=width, step=past.step, last=past.last, drift=past.drift, live=live
        )  # fmt: skip

    def _compute_model_weights(self) -> Floats:
        """(leads, groups, models), each group's errors drawn towards the panel's by the weight of one year."""
        groups = self.codes.max(initial=-1) + 1
        weights = np.full((self.leads, groups, len(MODELS)), 1 / len(MODELS))
        for lead in range(1, self.leads + 1):
            if lead not in self.wrong:
                weights[lead - 1] = weights[max(lead - 2, 0)]
                continue
            errors = np.stack(self.wrong[lead])
            years = np.isfinite(errors[:, :, 0]).sum(axis=0)
            total = np.nansum(errors, axis=0)
            panel = np.nansum(total, axis=0) / max(years.sum(), 1)
            level = np.where(years > 0, total.mean(axis=1) / np.maximum(years, 1), panel.mean())
            drawn = (total + level[:, None] * panel / max(panel.mean(), 1e-12)) / (years[:, None] + 1)
            power = np.maximum(drawn / np.maximum(level[:, None], 1e-12), 1e-3) ** -SHARPNESS
            weights[lead - 1] = power
        start = np.ones((groups, len(MODELS)))
        shares = np.unique(self.codes[self.share])
        for name, beside in SHARE_WEIGHTS.items():
            start[shares, MODELS.index(name)] = beside
        weights = weights * start
        return weights / weights.sum(axis=2, keepdims=True)

    def _compute_bias(self) -> Floats:
        """(leads, groups), in typical steps; beyond two years, where errors overlap too much to tell, it halves."""
        bias = np.zeros((self.leads, self.codes.max(initial=-1) + 1))
        for lead, by_year in self.signed.items():
            if lead > MOST_CORRECTED:
                continue
            errors = np.stack(by_year)
            years = np.isfinite(errors).sum(axis=0)
            mean = np.nan_to_num(divide_or_missing(np.nansum(errors, axis=0), years.astype(float)))
            squares = np.nansum((errors - mean) ** 2, axis=0)
            doubt = BIAS_CAUTION * lead * squares / np.maximum(years * (years - 1), 1)
            sure = (years > 2) & (doubt < mean**2)
            kept = (1 - np.divide(doubt, mean**2, out=np.ones_like(mean), where=sure)) * years / (years + 2)
            bias[lead - 1] = np.where(sure, kept * mean, 0.0)
        for lead in range(MOST_CORRECTED, self.leads):
            bias[lead] = bias[lead - 1] / 2
        return bias

    def _compute_error_quantiles(self) -> Floats:
        """(leads, levels) of error sizes in typical steps, nan before any is known."""
        found = np.full((self.leads, len(LEVELS)), np.nan)
        levels = np.array(LEVELS)
        for lead, by_year in self.sizes.items():
            sizes = np.concatenate([s[np.isfinite(s)] for s in by_year])
            freedom = FREEDOM_A_YEAR * len(by_year)
            wider = stats.t.ppf((1 + levels) / 2, freedom) / stats.norm.ppf((1 + levels) / 2)
            ranks = np.minimum(levels * (1 + 1 / len(sizes)), 1)
            found[lead - 1] = np.quantile(sizes, ranks) * wider
        known = np.flatnonzero(np.isfinite(found[:, 0]))
        for lead in range(known[-1] + 1, self.leads) if len(known) else ():
            found[lead] = found[known[-1]] * ((lead + 1) / (known[-1] + 1)) ** GROWTH
        # Of later years few errors are known, and they may have been small: a later year is no surer than a nearer.
        return np.asarray(np.fmax.accumulate(found, axis=0))

    def _compute_group_error_scale(self) -> Floats:
        """How large a group's errors are beside the panel's, drawn towards 1 by the weight of three years."""
        groups = self.codes.max(initial=-1) + 1
        total, years = np.zeros(groups), np.zeros(groups)
        for by_year in self.sizes.values():
            level = max(float(np.nanmean(np.concatenate(by_year))), 1e-12)
            for sizes in by_year:
                own = self._average_by_group(sizes)
                total += np.nan_to_num(own / level)
                years += np.isfinite(own)
        return np.asarray((total + 3) / (years + 3), float)


def _collect_trials(
    rolled: _RollingForecasts, values: Floats, scale: SeriesScale, origin_year: int
) -> pd.DataFrame:
    """Every forecast that the years since have judged, from the fifth value of a series on."""
    width = values.shape[1]
    steps = _compute_mean_steps(values)
    frames = []
    for origin in range(MIN_POINTS, width):
        said = rolled.ahead[origin]
        theta, held = said.paths[MODELS.index("theta")], np.isfinite(values[:, :origin])
        whole = held.sum(axis=1) == origin - held.argmax(axis=1)
        enough = said.live & (np.isfinite(values[:, :origin]).sum(axis=1) >= MIN_POINTS)
        for lead in range(1, min(rolled.leads, width - origin) + 1):
            outcome = values[:, origin + lead - 1]
            rows = np.flatnonzero(enough & np.isfinite(outcome) & (steps[:, origin - 1] > 0))
            one = scale.rows(rows)
            off = np.abs(said.middle[rows, lead - 1] - one.forth(outcome[rows, None])[:, 0])
            last, first = values[rows, origin - 1], np.isfinite(values[rows]).argmax(axis=1)
            drift = (last - values[rows, first]) / (origin - 1 - first) * lead
            frames.append(
                pd.DataFrame({
                    "row": rows, "origin": origin_year - width + origin, "lead": lead,
                    "error": one.back(said.middle[rows, lead - 1, None])[:, 0] - outcome[rows],
                    "naive": last - outcome[rows], "drift": last + drift - outcome[rows],
                    "theta": one.back(theta[rows, lead - 1, None])[:, 0] - outcome[rows],
                    "step": steps[rows, origin - 1], "whole": whole[rows],
                    "in_80": off <= said.width[rows, lead - 1, LEVELS.index(0.8)],
                    "in_95": off <= said.width[rows, lead - 1, LEVELS.index(0.95)],
                })
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(TRIAL_COLUMNS))


def _compute_mean_steps(values: Floats) -> Floats:
    """Mean absolute step between the values held up to each year: (n, t)."""
    held = pd.DataFrame(values)
    steps = (held - held.ffill(axis=1).shift(1, axis=1)).abs().to_numpy()
    counted = np.isfinite(steps).cumsum(axis=1)
    return np.asarray(np.nancumsum(steps, axis=1) / np.maximum(counted, 1), float)
