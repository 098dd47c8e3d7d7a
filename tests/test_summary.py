"""The grouped call: the same figures as one area at a time, a reason wherever there is none."""

import numpy as np
import pandas as pd
import pytest

from edustats.errors import DataError, ParameterError
from edustats.metrics.groups.concentration import concentration_index, relative_index, slope_index
from edustats.metrics.inequality import measures as inequality
from edustats.metrics.inequality import quantiles as shares
from edustats.metrics.inequality.area_limits import METHODS, REASONS
from edustats.metrics.inequality.arrays import order_rows
from edustats.metrics.inequality.intervals import estimate_interval
from edustats.metrics.inequality.summary import choose_measure, summarize_inequality
from edustats.words import say

SPREAD = {
    "gini": inequality.gini, "theil": inequality.theil, "mean_log_deviation": inequality.mean_log_deviation,
    "cv": inequality.coefficient_of_variation, "atkinson": inequality.atkinson,
    "generalized_entropy": inequality.generalized_entropy, "hoover": inequality.hoover,
    "palma": shares.palma, "s80_s20": shares.s80_s20, "percentile_ratio": shares.percentile_ratio,
    "federal_range_ratio": shares.federal_range_ratio, "mcloone": shares.mcloone,
    "verstegen": shares.verstegen, "wolfson": shares.wolfson,
}  # fmt: skip
SHOWN = ["estimate", "se", "lower", "upper"]


def schools(areas: int = 6, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = rng.integers(2, 70, areas)
    n = int(size.sum())
    return pd.DataFrame(
        {
            "county": np.repeat([f"c{i}" for i in range(areas)], size),
            "year": rng.choice([2020, 2021], n),
            "value": np.exp(0.4 * rng.standard_normal(n)),
            "pupils": np.exp(5 + 0.7 * rng.standard_normal(n)).round(),
            "ses": rng.integers(0, 9, n).astype(float),
        }
    )


def one(frame: pd.DataFrame, name: str, **options) -> pd.Series:
    return summarize_inequality(frame, "value", "pupils", measures=[name], **options).iloc[0]


def test_each_row_is_what_the_scalar_function_says_of_that_area():
    frame = schools()
    found = summarize_inequality(frame, "value", "pupils", ["county", "year"], SPREAD, interval="none")
    indexed = found.set_index(["county", "year", "measure"])
    for (county, year), part in frame.groupby(["county", "year"]):
        for name, scalar in SPREAD.items():
            row = indexed.loc[(county, year, name)]
            assert (row["n"], row["weight"]) == (len(part), part["pupils"].sum())
            if len(part) > 1:
                assert row["estimate"] == pytest.approx(
                    scalar(part["value"], part["pupils"]), rel=1e-9, abs=1e-12
                )


def test_intervals_are_those_of_one_area_at_a_time():
    frame = schools(8)
    found = summarize_inequality(frame, "value", "pupils", "county", ["cv", "gini", "theil", "hoover"])
    for row in found.itertuples():
        part = frame[frame["county"] == row.county]
        own = estimate_interval(row.measure, part["value"], part["pupils"])
        assert (row.method if row.note == "" else row.note) == own.method
        got = [getattr(row, name) for name in SHOWN]
        assert got == pytest.approx([getattr(own, name) for name in SHOWN], rel=1e-6, nan_ok=True)


def test_rank_measures_are_those_of_one_area_at_a_time():
    frame = schools()
    names = [
        "concentration_index",
        "slope_index",
        "relative_index",
        choose_measure("concentration_index", form="generalised"),
    ]
    found = summarize_inequality(frame, "value", "pupils", "county", names, rank="ses")
    for county, part in frame.groupby("county"):
        rows = found[found["county"] == county]["estimate"].to_numpy()
        columns = (part["value"], part["ses"], part["pupils"])
        own = [f(*columns).estimate for f in (concentration_index, slope_index, relative_index)]
        own.append(concentration_index(*columns, form="generalised").estimate)
        assert rows == pytest.approx(own, rel=1e-9)


def test_neither_order_of_rows_nor_scale_of_weights_nor_the_other_areas_matter():
    frame = schools()
    names = [*SPREAD, "concentration_index", "slope_index"]
    whole = summarize_inequality(frame, "value", "pupils", "county", names, rank="ses")
    mixed = frame.sample(frac=1, random_state=1)
    mixed["pupils"] *= 1e-3
    again = summarize_inequality(mixed, "value", "pupils", "county", names, rank="ses")
    for name in SHOWN:
        assert again[name].to_numpy() == pytest.approx(whole[name].to_numpy(), rel=1e-8, nan_ok=True)
    assert (again["note"].astype(str) == whole["note"].astype(str)).all()
    alone = summarize_inequality(
        frame[frame["county"] == "c3"], "value", "pupils", "county", names, rank="ses"
    )
    beside = whole[whole["county"] == "c3"]
    for name in SHOWN:
        assert alone[name].to_numpy() == pytest.approx(beside[name].to_numpy(), rel=1e-8, nan_ok=True)


# --- refusals ---

PAIR = [1.0, 3.0]
FAULTS = {
    "one_unit": ([2.0], [5.0]),
    "all_zero": ([0.0, 0.0], [5.0, 5.0]),
    "weight_missing": (PAIR, [5.0, np.nan]),
    "weight_not_positive": (PAIR, [5.0, 0.0]),
    "negative": ([-1.0, 3.0], [5.0, 5.0]),
    "not_finite": ([np.inf, 3.0], [5.0, 5.0]),
    "no_value": ([np.nan, np.nan], [5.0, 5.0]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_area_gets_its_reason_and_spoils_no_other(fault):
    x, w = FAULTS[fault]
    sound = schools(1)
    frame = pd.concat([sound, pd.DataFrame({"county": "bad", "value": x, "pupils": w})])
    found = summarize_inequality(frame, "value", "pupils", "county", ["gini", "mean_log_deviation", "palma"])
    bad, rest = found[found["county"] == "bad"], found[found["county"] != "bad"]
    assert set(bad["note"]) == {fault}
    assert bad[SHOWN].isna().all().all()
    alone = summarize_inequality(sound, "value", "pupils", "county", ["gini", "mean_log_deviation", "palma"])
    assert rest[SHOWN].to_numpy() == pytest.approx(alone[SHOWN].to_numpy(), nan_ok=True)


def test_all_alike_is_nought_with_the_reason_why_it_has_no_interval():
    frame = pd.DataFrame({"value": [2.0] * 30, "pupils": range(1, 31)})
    row = one(frame, "gini")
    assert row["estimate"] == pytest.approx(0, abs=1e-12)
    assert (row["note"], row["method"]) == ("no_variation", "none")


def test_a_zero_refuses_only_the_measures_that_cannot_bear_one():
    frame = pd.DataFrame({"value": [0.0, 1, 2, 3] * 10, "pupils": [1.0] * 40})
    found = summarize_inequality(
        frame, "value", "pupils", measures=["theil", "mean_log_deviation", "percentile_ratio"]
    )
    assert found["note"].tolist() == ["", "zero_value", "zero_base"]


def test_a_category_without_schools_gets_its_row():
    frame = schools(2)
    frame["county"] = pd.Categorical(frame["county"], ["c0", "c1", "nowhere"])
    row = summarize_inequality(frame, "value", "pupils", "county", ["gini"]).iloc[-1]
    assert (row["county"], row["n"], row["note"]) == ("nowhere", 0, "no_value")


def test_missing_values_are_left_out_and_counted_never_taken_for_0():
    frame = pd.DataFrame({"value": [1.0, 3.0, np.nan, np.nan], "pupils": [1.0] * 4})
    row = one(frame, "gini")
    assert (row["estimate"], row["n"], row["missing"]) == (0.25, 2, 0.5)


def test_a_census_is_told_without_interval_when_asked():
    row = one(schools(1, seed=9), "gini", interval="none")
    assert np.isnan([row["se"], row["lower"]]).all()
    assert (row["method"], row["covers"], row["note"]) == ("census", "none", "")


def test_every_row_says_what_its_interval_covers_or_why_there_is_none():
    found = summarize_inequality(schools(12), "value", "pupils", ["county", "year"], SPREAD)
    given = found["lower"].notna()
    assert (found.loc[given, "note"] == "").all()
    assert (found.loc[given, "covers"] == "superpopulation").all()
    assert set(found.loc[given, "method"]) <= set(METHODS)
    assert (found.loc[~given, "note"] != "").all()
    assert (found.loc[given, "lower"] <= found.loc[given, "estimate"]).all()
    assert (found.loc[given, "estimate"] <= found.loc[given, "upper"]).all()


@pytest.mark.parametrize("reason", [r for r in REASONS if r])
def test_every_reason_has_its_sentence_in_both_languages(reason):
    sentence = say(f"inequality.{reason}")
    assert sentence["zh"]
    assert sentence["en"]


def test_what_cannot_be_asked_is_refused_in_a_sentence():
    frame = schools(1)
    with pytest.raises(DataError, match=r"heads|没有"):
        summarize_inequality(frame, "heads")
    with pytest.raises(ParameterError):
        summarize_inequality(frame, "value", measures=["spread"])
    with pytest.raises(ParameterError):
        summarize_inequality(frame, "value", measures=["slope_index"])
    with pytest.raises(DataError):
        summarize_inequality(frame, "county")
    frame.loc[3, "county"] = None
    with pytest.raises(DataError) as caught:
        summarize_inequality(frame, "value", by="county")
    assert "row 4" in caught.value.text("en")


def test_variants_of_one_measure_stand_side_by_side():
    found = summarize_inequality(
        schools(1), "value", measures=[choose_measure("atkinson", epsilon=e) for e in (0.5, 1, 2)]
    )
    assert found["variant"].tolist() == ["epsilon=0.5", "epsilon=1", "epsilon=2"]
    assert found["estimate"].is_monotonic_increasing


RESAMPLED = ["palma", "s80_s20", "mcloone", "verstegen", "percentile_ratio"]


def uneven(seed: int) -> pd.DataFrame:
    """Areas of many sizes, values with many ties, the largest among them."""
    frame = schools(9, seed)
    frame["county"] += (np.arange(len(frame)) % 3).astype(str)
    frame = pd.concat([frame] * 4, ignore_index=True).drop(index=range(0, 40, 3))
    rng = np.random.default_rng(seed)
    return frame.assign(
        value=rng.permutation(frame["value"]).round(1).clip(0.5, 1.7), pupils=rng.permutation(frame["pupils"])
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_limits_found_by_leaving_out_and_drawing_again_do_not_depend_on_other_areas_or_the_order_of_rows(
    seed,
):
    frame = uneven(seed)
    found = summarize_inequality(frame, "value", "pupils", "county", RESAMPLED)
    assert found["lower"].notna().sum() > 20
    mixed = frame.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(summarize_inequality(mixed, "value", "pupils", "county", RESAMPLED), found)
    alone = [
        summarize_inequality(part, "value", "pupils", "county", RESAMPLED)
        for _, part in frame.groupby("county")
    ]
    pd.testing.assert_frame_equal(pd.concat(alone)[SHOWN].reset_index(drop=True), found[SHOWN])


def test_where_one_school_is_the_upper_tenth_the_percentile_ratio_has_no_interval():
    frame = schools(1, seed=9).assign(county="c")
    frame = pd.concat([frame] * 3, ignore_index=True)
    for share in np.linspace(0.12, 0.2, 30):  # whether the shares add up to exactly 1 is a matter of rounding
        largest = frame["value"].idxmax()
        others = frame["pupils"].drop(largest).sum()
        heavy = frame.assign(
            pupils=frame["pupils"].where(frame.index != largest, others * share / (1 - share))
        )
        heavy.loc[largest, "value"] *= 1.01
        assert one(heavy, "percentile_ratio")["note"] == "one_unit_decides"


@pytest.mark.parametrize("units", [1, 2, 7, 300])
def test_rows_are_put_in_order_as_by_a_stable_sort(units):
    rng = np.random.default_rng(units)
    alike = 1 + rng.integers(0, 5, (40, units)) * 2.0**-52  # the last places alone tell them apart
    for x in (
        alike,
        rng.integers(0, 4, (40, units)) * 1.0,
        np.where(alike > 1, -0.0, 0.0),
        rng.random((40, units)),
    ):
        stable = np.argsort(x, axis=1, kind="stable") + np.arange(40)[:, None] * units
        found = order_rows(x)
        np.testing.assert_array_equal(x.take(found), x.take(stable))
        assert (np.sort(found, axis=1) == np.arange(40 * units).reshape(40, units)).all()


@pytest.mark.parametrize("kind", ["int32", "Int64", "int8", "str", "category"])
def test_areas_may_be_named_by_numbers_of_any_width(kind):
    codes = [-120, 120, 7] if kind == "int8" else [-2_000_000_000, 2_000_000_000, 7]
    frame = pd.DataFrame({"county": np.repeat(codes, 3), "value": [1.0, 2, 3, 2, 2, 5, 1, 1, 4]})
    frame["county"] = frame["county"].astype(kind)
    found = summarize_inequality(frame, "value", by="county", measures=["gini"], interval="none")
    for code, estimate in zip(found["county"], found["estimate"], strict=True):
        assert estimate == pytest.approx(inequality.gini(frame.loc[frame["county"] == code, "value"]))


def test_a_missing_area_among_whole_numbers_is_named_by_its_row():
    frame = pd.DataFrame({"county": pd.array([1, None, 2], dtype="Int64"), "value": [1.0, 2.0, 3.0]})
    with pytest.raises(DataError) as caught:
        summarize_inequality(frame, "value", by="county")
    assert "row 2" in caught.value.text("en")
