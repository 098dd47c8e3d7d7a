"""Do the tiers name what moves, keep silent about what does not, and hold for panels as they come?"""

import numpy as np
import pytest

from edustats.errors import DataError
from edustats.metrics.trend.common_path import split_common
from edustats.metrics.trend.tiers import grade
from edustats.metrics.trend.two_levels import widening

YEARS = np.arange(2015, 2025)


def noise(shape, size=0.01, seed=1):
    return np.random.default_rng(seed).normal(0, size, shape)


def shares(slope=0.0, k=3, c=9, seed=1):
    level = np.linspace(0.3, 0.6, c)[None, :, None]
    return level + slope * np.arange(10) + noise((k, c, 10), seed=seed)


def is_a_share(values):
    return np.ones(len(values), bool)


def tiers(values, years=YEARS, **facts):
    return grade(years, values, is_a_share(values), **facts)


def test_what_moves_by_much_more_than_its_noise_is_firm():
    assert set(tiers(shares(0.02)).tier.ravel()) == {"firm_up"}
    assert set(tiers(shares(-0.02)).tier.ravel()) == {"firm_down"}


def test_flat_series_are_hardly_ever_firm():
    found = tiers(shares(k=40))
    assert np.isin(found.tier, ["firm_up", "firm_down"]).mean() <= 0.02


def test_the_probabilities_add_up():
    found = tiers(shares(0.003))
    assert found.up + found.same + found.down == pytest.approx(1.0, abs=1e-6)


def test_turning_a_share_round_turns_the_verdict_round():
    values = shares(0.004, seed=3)
    found, other = tiers(values), tiers(1 - values)
    assert other.up == pytest.approx(found.down, abs=1e-6)


def test_the_unit_of_an_amount_does_not_matter():
    amounts = 5000 * np.exp(shares(0.02))
    plain, cents = (grade(YEARS, v, np.zeros(3, bool)) for v in (amounts, 100 * amounts))
    assert (plain.tier == cents.tier).all()


def test_counties_in_another_order_are_said_the_same():
    values, order = shares(0.003, seed=5), np.random.default_rng(0).permutation(9)
    assert (tiers(values).tier[:, order] == tiers(values[:, order]).tier).all()


def test_a_county_that_began_late_is_judged_on_its_own_years():
    values = shares(0.02)
    values[:, 0, :6] = np.nan
    values[:, 1:, :6] = values[:, 1:, :1] + noise((3, 8, 6))
    found = tiers(values)
    assert set(found.reason[:, 0]) == {"short"}
    assert not np.isin(found.tier[:, 0], ["firm_up", "firm_down"]).any()


@pytest.mark.parametrize("n", [1, 2])
def test_two_years_are_a_change_only(n):
    assert set(tiers(shares(0.05)[..., :n], YEARS[:n]).tier.ravel()) == {"change_only"}


@pytest.mark.parametrize("n", [3, 4])
def test_short_histories_are_never_firm(n):
    found = tiers(shares(0.05)[..., :n], YEARS[:n])
    assert "likely_up" in found.tier
    assert set(found.tier.ravel()) <= {"likely_up", "cannot_tell"}


def test_five_years_can_be_firm():
    assert "firm_up" in tiers(shares(0.05)[..., :5], YEARS[:5]).tier


def test_what_never_moved_is_the_same_and_what_was_never_held_cannot_be_told():
    values = shares(0.02)
    values[0, 0], values[0, 1] = 0.97, np.nan
    found = tiers(values)
    assert (found.tier[0, 0], found.reason[0, 0]) == ("same", "constant")
    assert (found.tier[0, 1], found.reason[0, 1]) == ("cannot_tell", "all_missing")


def test_a_declared_band_decides_what_matters():
    values = shares(0.004)
    assert "firm_up" in tiers(values, band=[0.001] * 3).tier
    assert not np.isin(tiers(values, band=[0.2] * 3).tier, ["firm_up", "likely_up"]).any()


def test_one_that_stands_still_among_risers_has_fallen_behind():
    values = shares(0.02, k=6)
    values[:, 4] = 0.45 + noise((6, 10), seed=8)
    found = tiers(values)
    assert set(found.relative[:, 4]) <= {"firm_down", "likely_down"}
    assert "firm_down" not in found.tier[:, 0]


def test_few_counties_stand_alone():
    found = tiers(shares(0.02, c=3))
    assert set(found.relative.ravel()) == {"alone"}
    assert "firm_up" in found.tier


@pytest.mark.parametrize(("sign", "kind"), [(1, "peak"), (-1, "trough")])
def test_turns_are_named_with_their_year(sign, kind):
    path = sign * 0.03 * np.minimum(np.arange(10), 2 * (9 - np.arange(10)))
    found = tiers(0.5 + path + noise((3, 9, 10)))
    named = found.turn == kind
    assert named.mean() >= 0.7
    assert np.abs(found.turn_year[named] - 2021).max() <= 1


def test_straight_lines_are_not_called_turns():
    assert (tiers(shares(0.02, k=20)).turn != "").mean() <= 0.02


def test_the_yearly_change_of_a_share_keeps_to_what_happened():
    rng = np.random.default_rng(4)
    logit = rng.normal(0, 2, (20, 9, 1)) + rng.normal(0, 0.3, (20, 9, 1)) * np.arange(10)
    values = 1 / (1 + np.exp(-(logit + rng.normal(0, 0.15, logit.shape))))
    values[0] = np.linspace(0.563, 0.076, 10)
    found = tiers(values).per_year
    change, level = values[..., -1] - values[..., 0], values[..., 0]
    assert ((level + 9 * found >= -1e-12) & (level + 9 * found <= 1 + 1e-12)).all()
    assert found[0, 0] == pytest.approx(-0.0541, abs=0.004)
    assert (np.abs(9 * found) <= 1.25 * np.abs(change) + 0.05).mean() > 0.98


def test_levels_of_counties_and_the_common_path_add_up_to_the_values():
    values = shares(0.02)
    values[0, 0, 3] = np.nan
    path, own = split_common(values)
    assert (path[:, None] + own)[np.isfinite(values)] == pytest.approx(values[np.isfinite(values)])


def test_misses_of_earlier_years_widen_what_is_said_now():
    assert widening([9.0, 9.0]) > widening([]) > widening([1.0, 1.0, 1.0])


@pytest.mark.parametrize("shape", [(0, 9, 10), (3, 0, 10), (3, 9, 0)])
def test_nothing_held_says_nothing(shape):
    found = grade(YEARS[: shape[2]], np.zeros(shape), np.ones(shape[0], bool))
    assert found.tier.shape == shape[:2]


def test_years_that_do_not_ascend_are_refused():
    with pytest.raises(DataError, match="years"):
        grade(YEARS[::-1], shares(), np.ones(3, bool))
