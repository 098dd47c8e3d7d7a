"""Jumps that nobody declared."""

import numpy as np
import pytest

from edustats.metrics.trend.breaks import detect_jumps

YEARS = np.arange(2013, 2023)


@pytest.mark.parametrize("rho", [0.0, 0.3])
def test_series_without_a_jump_are_hardly_ever_flagged(rho):
    noise = np.random.default_rng(1).standard_normal((3000, 10))
    for i in range(1, 10):
        noise[:, i] = rho * noise[:, i - 1] + np.sqrt(1 - rho**2) * noise[:, i]
    # 1 % is promised; 3,000 draws have a standard error of 0.2 points.
    assert np.mean(detect_jumps(YEARS, noise + 0.4 * np.arange(10)).year > 0) < 0.016


def test_a_clear_jump_is_found_in_its_year_whatever_the_trend():
    noise = 0.5 * np.random.default_rng(2).standard_normal((200, 10))
    found = detect_jumps(YEARS, noise + 0.7 * np.arange(10) + np.where(YEARS >= 2018, 6, 0))
    assert np.mean(found.year == 2018) > 0.9
    assert np.nanmean(found.size) == pytest.approx(6, abs=0.5)


def test_a_straight_line_a_constant_and_a_short_series_have_no_jump():
    rows = np.stack([0.1 * np.arange(10), np.full(10, 3.3), np.where(YEARS < 2016, np.nan, YEARS % 3)])
    found = detect_jumps(YEARS, rows)
    assert found.year.tolist() == [0, 0, 0]
    assert np.isnan(found.p[2])


def test_the_last_year_alone_is_never_called_a_jump():
    found = detect_jumps(YEARS, np.where(YEARS == 2022, 9.0, 1.0 + 0.01 * (YEARS % 2))[None])
    assert found.year[0] != 2022
