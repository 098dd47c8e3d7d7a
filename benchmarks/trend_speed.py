"""How long do the verdicts take, beside scipy's one series at a time?

    python benchmarks/trend_speed.py [--counties 2843]

One county as its report needs it (80 indicators, 10 years, read together with eight neighbours), then all
counties of the country in prefectures of about nine, one after the other on one core. The named peer is
``scipy.stats.theilslopes`` with ``kendalltau``, which judges less: no neighbours, no persistence, no control of
false discoveries. The robust slopes of both are compared.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from scipy import stats

from edustats.metrics.trend.autocorrelation import _plan_line_fit
from edustats.metrics.trend.verdicts import judge_trends, transform_to_trend_scale

INDICATORS, YEARS = 80, np.arange(2015, 2025)


def prefecture(rng: np.random.Generator, counties: int) -> tuple[np.ndarray, np.ndarray]:
    """Shares and amounts with a twentieth missing and one indicator in eight that begins late."""
    shape = (INDICATORS, counties, len(YEARS))
    values = (
        0.5
        + 0.01 * rng.standard_normal((INDICATORS, 1, 1)) * np.arange(10)
        + 0.03 * rng.standard_normal(shape)
    )
    values[rng.random(shape) < 0.05] = np.nan
    values[::8, :, :3] = np.nan
    shares = np.arange(INDICATORS) % 2 == 0
    values[~shares] = 1000 * np.exp(values[~shares])
    return values.clip(0.001, None), shares


def one_by_one(values: np.ndarray) -> np.ndarray:
    slopes = np.full(values.shape[:2], np.nan)
    for k, c in np.ndindex(slopes.shape):
        held = np.isfinite(values[k, c])
        if held.sum() >= 4:
            slopes[k, c] = stats.theilslopes(values[k, c, held], YEARS[held]).slope
            stats.kendalltau(YEARS[held], values[k, c, held])
    return slopes


def seconds(call, *facts) -> tuple[float, object]:  # type: ignore[no-untyped-def]
    start = time.perf_counter()
    found = call(*facts)
    return time.perf_counter() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--counties", type=int, default=2843)
    asked = parser.parse_args()
    rng = np.random.default_rng(1)
    values, shares = prefecture(rng, 9)
    _plan_line_fit.cache_clear()
    cold, _ = seconds(judge_trends, YEARS, values, shares)
    warm, found = seconds(judge_trends, YEARS, values, shares)
    scaled, _ = transform_to_trend_scale(values, shares, None)
    peer, slopes = seconds(one_by_one, scaled)
    same = np.allclose(found.slopes.robust, slopes, equal_nan=True)
    print(f"one county with 8 neighbours, {INDICATORS} indicators: {cold:.3f} s first, {warm:.3f} s again")
    print(
        f"scipy one by one, the same {values[..., 0].size} series: {peer:.3f} s; {peer / warm:.0f} times as long"
    )
    print(f"robust slopes agree: {same}")
    start, done = time.perf_counter(), 0
    while done < asked.counties:
        size = min(int(rng.integers(6, 13)), asked.counties - done)
        judge_trends(YEARS, *prefecture(rng, size))
        done += size
    print(f"{done} counties, one core: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
