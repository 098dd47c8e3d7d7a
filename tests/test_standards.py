"""Are verdicts those the published rules give, to the printed digit, and is nothing else printed?"""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from edustats.catalogue import catalogue
from edustats.catalogue.standards import (
    FOLDER,
    apply_override,
    find_school_year_start,
    list_standards,
    load_standard,
    read_standard,
)
from edustats.errors import DataError, ParameterError
from edustats.load.returns.through_schools import compute_shares, split_resource
from edustats.metrics.inequality.measures import official_cv
from edustats.metrics.standards.certainty import assess_verdict_certainty
from edustats.metrics.standards.coefficients import (
    compute_difference_coefficients,
    reaches_mark,
    round_half_up,
)
from edustats.metrics.standards.judgement import MET, NOT_MET, UNKNOWN, judge_schools, judge_standard

SHARED = Path(__file__).resolve().parents[2] / "shared"
beside = pytest.mark.skipif(not SHARED.is_dir(), reason="the outside oracles are kept beside the repository")
QUALITY = load_standard("quality_balance_2017")
MARKS = {"primary": [4.2, 1, 0.9, 4.5, 7.5, 2000, 2.3], "junior": [5.3, 1, 0.9, 5.8, 10.2, 2500, 2.4]}
BOOKS, PUPILS = [279, 137, 935, 160, 402], [45, 37, 89, 76, 55]


def fixtures():
    return json.loads((SHARED / "oracles" / "published_cv_fixtures.json").read_text("utf-8"))


# --- published figures --------------------------------------------------------------------------------------


def test_the_ministrys_worked_example_is_0_515_and_not_the_unweighted_0_489_nor_the_sample_0_546():
    found = float(compute_difference_coefficients(np.array(BOOKS)[:, None], PUPILS).cv[0, 0])
    assert found == pytest.approx(0.5152566298844764, abs=1e-12)
    assert round_half_up(found, 2) == pytest.approx(0.52)
    assert abs(found - 0.4888) > 0.02
    assert abs(found - 0.5465) > 0.02


def test_the_worked_example_fails_where_the_unweighted_form_would_pass():
    limit = QUALITY.threshold("cv", "primary", find_school_year_start(2023)).value
    x = np.array(BOOKS) / np.array(PUPILS)
    assert x.std() / x.mean() <= limit < official_cv(BOOKS, PUPILS).cv


@beside
def test_the_sd_and_mean_of_the_worked_example_are_the_published_ones():
    for row in fixtures()["cv_weighted"]:
        found = compute_difference_coefficients(np.array(row["resource"], float)[:, None], row["pupils"])
        assert round_half_up(found.mean[0, 0], 2) == pytest.approx(row["mean"])
        assert round_half_up(found.sd[0, 0], 2) == pytest.approx(row["sd"])
        assert found.cv[0, 0] == pytest.approx(row["cv_unrounded"], abs=5e-5)
        assert abs(found.cv[0, 0] - row["wrong_unweighted_population"]) > 0.02
        assert abs(found.cv[0, 0] - row["wrong_unweighted_sample"]) > 0.02


def with_cv(target, n=40):
    """Two sorts of schools, half of the pupils in each: their coefficient is exactly the target."""
    pupils = np.full(n, 100.0)
    return np.where(np.arange(n) % 2, 100 * (1 + target), 100 * (1 - target)), pupils


@beside
def test_composites_of_published_counties_are_the_plain_mean_of_their_eight_coefficients():
    off = []
    for row in fixtures()["composite8"]:
        found = float(round_half_up(np.mean(row["cv"]), 3))
        if abs(found - row["published"]) > 1e-9:
            off.append((row["name"], found, row["published"]))
    assert [name for name, _, _ in off] == ["重庆永川小学"]  # its inputs were themselves rounded
    assert abs(off[0][1] - off[0][2]) < 0.0011


@beside
def test_every_row_of_the_published_county_tables_reproduces_its_composite():
    with (SHARED / "oracles" / "cn_cv_published_counties.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            mean = np.mean([float(value) for name, value in row.items() if name.startswith("cv_")])
            assert abs(mean - float(row["published_composite"])) <= 0.0005 + 1e-9, row["county"]


@beside
def test_jiujiang_reproduces_to_six_digits_and_fails_on_its_second_coefficient_alone():
    row = fixtures()["cv7"][0]
    ratio = np.array(row["sd"]) / np.array(row["mean"])
    assert np.abs(ratio - row["cv"]).max() < 2e-6
    assert np.mean(row["cv"]) == pytest.approx(row["composite"], abs=1e-6)
    limit = QUALITY.threshold("cv", "primary", find_school_year_start(2023)).value
    assert reaches_mark(round_half_up(row["cv"], 3), limit, "<=").tolist() == row["each_pass"]
    assert np.mean(row["cv"]) <= limit  # the mean would pass: it is not the test


@beside
def test_ningguo_passes_on_equipment_only():
    found = json.loads((SHARED / "oracles" / "cn_compliance_ningguo_2022.json").read_text("utf-8"))
    for stage in ("primary", "junior"):
        limit = QUALITY.threshold("cv", stage, find_school_year_start(2022)).value
        assert limit == found["limits"][stage]
        assert (
            reaches_mark(np.array(found[stage]), limit, "<=").astype(int).tolist()
            == found["expected"][f"{stage}_pass"]
        )


@beside
def test_means_and_composites_of_the_fourteen_districts_hold_together():
    table = pd.read_csv(SHARED / "data" / "equity_cv_tables.csv")
    eight = table.dropna(subset=["composite_cv"]).groupby(["county", "stage"])
    checked = 0
    for name, rows in eight:
        if len(rows) in (7, 8) and rows["cv"].notna().all():
            assert abs(rows["cv"].mean() - rows["composite_cv"].iloc[0]) < 0.0011, name
            checked += 1
    assert checked >= 20


@beside
def test_the_split_vector_of_a_nine_year_school_reproduces():
    for row in fixtures()["split"]:
        found = split_resource([row["resource"]], [row["primary"]], [row["junior"]], [0])
        assert round_half_up(found.primary / row["primary"], 1)[0] == row["primary_per_pupil"]
        assert found.primary[0] == pytest.approx(row["primary_share"], abs=0.01)
        assert found.junior[0] == pytest.approx(row["junior_share"], abs=0.01)


def test_a_complete_secondary_school_splits_one_to_one_point_two_and_parts_add_up():
    found = split_resource([1000], [0], [300], [200])
    assert found.junior[0] == pytest.approx(1000 * 300 / 540)
    twelve = compute_shares([100], [100], [100])
    assert [float(s[0]) for s in (twelve.primary, twelve.junior, twelve.senior)] == pytest.approx(
        [1 / 3.42, 1.1 / 3.42, 1.32 / 3.42]
    )


def test_a_missing_number_of_pupils_is_refused_and_not_taken_as_none():
    with pytest.raises(DataError, match="junior"):
        split_resource([10], [5], [np.nan], [0])


@beside
def test_thresholds_are_those_of_the_oracle():
    rules = json.loads((SHARED / "oracles" / "cn_quality_balance_rules.json").read_text("utf-8"))
    for k, mark in enumerate(rules["school_thresholds"].values(), start=1):
        for stage in ("primary", "junior"):
            assert QUALITY.threshold(f"r{k}", stage, find_school_year_start(2023)).printed == mark[stage]


# --- one school -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["primary", "junior"])
def test_six_marks_and_exactly_85_per_cent_of_the_seventh_pass(stage):
    values = np.array(MARKS[stage])
    values[3] *= 0.85
    assert judge_schools(values, MARKS[stage], 6, 0.85).verdict[0] == MET


def test_two_marks_missed_fail_however_nearly():
    values = np.array(MARKS["primary"])
    values[3:5] *= 0.99
    assert judge_schools(values, MARKS["primary"], 6, 0.85).verdict[0] == NOT_MET


def test_one_mark_below_85_per_cent_fails_however_high_the_others():
    values = np.array(MARKS["primary"]) * 3
    values[5] = 2000 * 0.84
    assert judge_schools(values, MARKS["primary"], 6, 0.85).verdict[0] == NOT_MET


def test_85_per_cent_of_5_3_is_4_505_so_a_printed_4_50_fails_and_4_51_passes():
    values = np.tile(MARKS["junior"], (2, 1)).astype(float)
    values[:, 0] = [4.504, 4.506]
    assert judge_schools(values, MARKS["junior"], 6, 0.85).verdict.tolist() == [NOT_MET, MET]


def test_a_value_that_prints_as_the_mark_reaches_it_and_unrounded_it_does_not():
    values = np.tile(MARKS["primary"], (1, 1)).astype(float)
    values[0, :2] = [4.196, 0.996]
    assert judge_schools(values, MARKS["primary"], 6, 0.85).count[0] == 7
    assert judge_schools(values, MARKS["primary"], 6, 0.85, None).verdict[0] == NOT_MET


def test_missing_values_leave_the_verdict_open_only_where_they_could_decide():
    values = np.array([MARKS["primary"]] * 2, float)
    values[0, 0] = np.nan
    values[1, 0], values[1, 1] = np.nan, 0.2
    assert judge_schools(values, MARKS["primary"], 6, 0.85).verdict.tolist() == [UNKNOWN, NOT_MET]


# --- many counties -------------------------------------------------------------------------------------------


def test_many_areas_at_once_give_the_same_as_one_by_one_and_parts_add_up_to_the_square():
    rng = np.random.default_rng(3)
    area, pupils = rng.integers(0, 30, 900), rng.lognormal(6, 1, 900)
    total = rng.lognormal(0, 0.5, (900, 3)) * pupils[:, None]
    found = compute_difference_coefficients(total, pupils, area, 30)
    for g in range(30):
        for k in range(3):
            one = official_cv(total[area == g, k], pupils[area == g])
            assert found.cv[g, k] == pytest.approx(one.cv, rel=1e-10)
            assert found.mean[g, k] == pytest.approx(one.mean, rel=1e-12)
            assert found.parts[area == g, k].sum() == pytest.approx(one.cv**2, rel=1e-10)


def test_one_school_and_all_zeros_give_no_coefficient_and_spoil_no_other_area():
    found = compute_difference_coefficients(
        [[5.0], [0.0], [0.0], [1.0], [3.0]], [10, 10, 10, 10, 10], [0, 1, 1, 2, 2], 3
    )
    assert np.isnan(found.cv[:2, 0]).all()
    assert found.cv[2, 0] == pytest.approx(0.5)


def table(n=12, **columns):
    """Alike schools with everything well above the marks."""
    rows = pd.DataFrame({"county": "01", "unit": [f"01{k:03d}" for k in range(n)], "year": 2023})
    per = {"teachers_above_required": 0.06, "backbone_teachers": 0.02, "pe_arts_teachers": 0.02, "teaching_area": 8.0,
           "hall_area": 0.5, "sports_area": 12.0, "equipment_value": 3000.0, "multimedia_rooms": 0.03,
           "teachers": 0.07}  # fmt: skip
    for stage in ("primary", "junior"):
        rows[f"pupils_{stage}"] = 200.0 if stage == "primary" else np.nan
        for name, level in per.items():
            rows[f"{name}_{stage}"] = 200.0 * level if stage == "primary" else np.nan
    return rows.assign(school_type="211", **columns)


def changed(rows, place, **cells):
    rows = rows.copy()
    for name, value in cells.items():
        rows.loc[place, name] = value
    return rows


def primary(rows, **options):
    return judge_standard(rows, QUALITY, **options).stages["primary"]


def test_alike_schools_above_the_marks_all_pass():
    found = primary(table())
    assert (found.schools.verdict == MET).all()
    assert (found.spread_verdict == MET).all()
    assert found.refused.empty


def test_each_coefficient_is_judged_and_a_good_mean_saves_none():
    rows = table()
    rows.loc[0, "sports_area_primary"] = 200 * 12 * 20
    found = primary(rows)
    assert found.spread_verdict[0].tolist() == [MET, MET, MET, MET, NOT_MET, MET, MET]
    assert found.composite[0] < 0.5


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"teachers_primary": 0.0}, "no_teachers"),
        ({"pupils_primary": 0.0}, "no_pupils"),
        ({"pupils_primary": -5.0}, "pupils_negative"),
        ({"pupils_primary": np.nan}, "pupils_missing"),
        ({"school_type": "999"}, "unknown_type"),
    ],
)
def test_a_faulty_school_is_named_with_its_reason_and_the_rest_is_judged(cells, reason):
    rows = changed(table(), 4, **cells)
    rows["pupils_primary__kind"] = 0
    found = primary(rows)
    assert found.refused[["unit", "item", "reason"]].to_numpy().tolist() == [["01004", "", reason]]
    assert len(found.rows) == 11
    assert (found.schools.verdict == MET).all()


def test_a_negative_area_and_a_hall_larger_than_its_school_refuse_that_value_only():
    rows = changed(changed(table(), 1, sports_area_primary=-1.0), 2, hall_area_primary=9_999.0)
    found = primary(rows)
    assert sorted(found.refused[["unit", "item", "reason"]].to_numpy().tolist()) == [
        ["01001", "r5", "negative"],
        ["01002", "r4", "negative"],
    ]
    assert found.spread.n[0].tolist() == [12, 12, 12, 11, 11, 12, 12]
    assert found.schools.verdict.tolist().count(UNKNOWN) == 2


def test_teaching_points_under_50_special_and_vocational_schools_stay_outside():
    rows = changed(table(), 0, school_type="218", pupils_primary=49.0)
    rows = changed(rows, 1, school_type="218", pupils_primary=50.0)
    rows = changed(changed(rows, 2, school_type="511"), 3, school_type="365")
    found = primary(rows)
    assert sorted(found.left_out["reason"]) == ["small_point", "special", "vocational"]
    assert 1 in found.rows
    assert len(found.rows) == 9


def test_a_stage_with_one_school_has_no_verdict_on_differences():
    found = primary(table(1))
    assert (found.spread_verdict == UNKNOWN).all()
    assert np.isnan(found.spread.cv).all()


def test_a_stage_whose_columns_are_missing_is_named_and_the_other_is_judged():
    found = judge_standard(table().drop(columns="sports_area_junior"), QUALITY)
    assert found.absent == {"junior": ("sports_area_junior",)}
    assert set(found.stages) == {"primary"}


def test_a_coefficient_that_prints_as_its_limit_meets_it_and_the_change_is_known():
    total, pupils = with_cv(0.5004)
    found = compute_difference_coefficients(total[:, None], pupils)
    assert round_half_up(found.cv[0, 0], 3) == 0.5
    rows = table(40, teaching_area_primary=0.5 * 200 + with_cv(0.5004)[0] * 16)
    judged = primary(rows)
    assert judged.spread_verdict[0, 3] == MET
    assert judged.spread_unrounded[0, 3] == NOT_MET


def test_a_concession_is_off_by_default_and_refused_outside_its_window():
    rows = table(pe_arts_visiting_primary=3.0, pe_arts_visiting_junior=np.nan, location="220")
    rows = changed(rows, 0, pupils_primary=80.0, pe_arts_teachers_primary=0.0).assign(year=2020)
    option = "small_rural_pe_arts"
    assert primary(rows).values[0, 2] == 0
    assert primary(rows, concessions=[option]).values[0, 2] == pytest.approx(3 / 80 * 100)
    assert primary(rows, concessions=[option]).values[1, 2] == pytest.approx(
        2
    )  # a large school gains nothing
    with pytest.raises(ParameterError, match="2022-09-30"):
        judge_standard(rows.assign(year=2023), QUALITY, concessions=[option])


# --- the files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", list_standards())
def test_every_standard_names_its_source_in_both_languages(key):
    found = load_standard(key)
    for text in (
        found.name,
        found.source,
        *(t.clause for t in found.thresholds),
        *(i.name for i in found.items.values()),
    ):
        assert text.zh
        assert text.en
        assert not any("一" <= letter <= "鿿" for letter in text.en), text.en


def test_quality_balance_has_its_32_items_five_preconditions_and_seven_vetoes():
    parts = [item.part for item in QUALITY.items.values()]
    assert [parts.count(p) for p in ("resources", "government", "quality", "approval")] == [7, 15, 9, 1]
    assert (parts.count("preconditions"), parts.count("vetoes")) == (5, 7)
    assert len(load_standard("preschool_universal_2020").items) == 36


def edited(tmp_path, old, new, key="quality_balance_2017", count=1):
    path = tmp_path / f"{key}.toml"
    text = (FOLDER / f"{key}.toml").read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), "utf-8")
    return path


def test_a_threshold_in_a_unit_of_another_kind_is_refused_by_item_and_stage(tmp_path):
    path = edited(
        tmp_path, 'value = 4.5\nunit = "square_metre_per_pupil"', 'value = 4.5\nunit = "yuan_per_pupil"'
    )
    with pytest.raises(DataError) as refused:
        read_standard(path)
    assert "r4 (primary)" in refused.value.text("en")
    assert "yuan_per_pupil" in refused.value.text("en")


def test_a_stage_without_a_threshold_is_refused_by_name(tmp_path):
    path = edited(tmp_path, 'item = "r6"\nstage = "junior"', 'item = "r6"\nstage = "senior"')
    with pytest.raises(DataError) as refused:
        read_standard(path)
    assert "r6" in refused.value.text("en")


def test_two_thresholds_in_force_at_once_are_refused_with_their_dates(tmp_path):
    path = edited(tmp_path, "end = 2023-08-31", "end = 2023-12-31", "funds_and_provision")
    with pytest.raises(DataError) as refused:
        read_standard(path)
    assert "2023-12-31" in refused.value.text("en")
    assert "2023-09-01" in refused.value.text("en")


def test_thresholds_change_on_their_day():
    quota = load_standard("funds_and_provision")
    assert quota.threshold("quota", "primary", find_school_year_start(2022)).value == 650
    assert quota.threshold("quota", "primary", find_school_year_start(2023)).value == 720


def test_shenyangs_quota_and_henans_90_per_cent_override_the_national_marks_by_key():
    own = apply_override(load_standard("funds_and_provision"), FOLDER / "local" / "shenyang.toml")
    assert [own.threshold("quota", s, find_school_year_start(2023)).value for s in ("primary", "junior")] == [
        1150,
        1350,
    ]
    assert (
        own.threshold("quota", "primary", find_school_year_start(2018)).value == 600
    )  # before its start the national one holds
    henan = apply_override(load_standard("preschool_universal_2020"), FOLDER / "local" / "henan.toml")
    assert henan.threshold("p01", "preschool", find_school_year_start(2023)).value == pytest.approx(0.9)
    assert henan.threshold("p02", "preschool", find_school_year_start(2023)).value == pytest.approx(0.8)


def test_an_override_of_another_standard_is_refused():
    with pytest.raises(DataError, match="funds_and_provision"):
        apply_override(QUALITY, FOLDER / "local" / "shenyang.toml")


def test_years_under_different_thresholds_must_be_judged_one_by_one(tmp_path):
    rows = pd.concat([table(), table().assign(year=2022)], ignore_index=True)
    assert len(judge_standard(rows, QUALITY).stages["primary"].areas) == 2
    own = tmp_path / "strict.toml"
    own.write_text(
        'overrides = "quality_balance_2017"\nzh = "某市"\nen = "a city"\n[[thresholds]]\nitem = "r7"\n'
        'stage = "primary"\nvalue = 3\nunit = "per_hundred_rooms"\nop = ">="\nstart = 2023-01-01\n'
        'source = { zh = "市文件", en = "city document" }\n', "utf-8",
    )  # fmt: skip
    with pytest.raises(ParameterError, match="2022"):
        judge_standard(rows, apply_override(QUALITY, own))


def test_printed_marks_are_stored_in_the_catalogues_unit():
    assert QUALITY.threshold("r1", "primary", find_school_year_start(2023)).value == pytest.approx(0.042)
    assert catalogue().unit_of("per_hundred_above_required_primary").times == 100


# --- how sure ---------------------------------------------------------------------------------------------------


def test_a_census_verdict_stands_for_certain_and_has_no_interval():
    found = assess_verdict_certainty(BOOKS, PUPILS, 0.5)
    assert (found.how, found.stands, found.met) == ("none", 1.0, False)
    assert np.isnan(found.lower)


def test_noise_matters_near_the_limit_and_not_far_from_it():
    total, pupils = with_cv(0.499)
    near, far = (
        assess_verdict_certainty(total, pupils, 0.5, "noise", noise=0.05),
        assess_verdict_certainty(total, pupils, 0.7, "noise", noise=0.05),
    )
    assert 0.3 < near.stands < 0.8
    assert far.stands > 0.99


def test_the_noise_interval_covers_the_true_coefficient_in_95_of_100_repetitions():
    rng = np.random.default_rng(11)
    pupils = rng.lognormal(6, 0.6, 60)
    true = pupils * rng.lognormal(0, 0.35, 60)
    target = official_cv(true, pupils).cv
    hits = 0
    for repetition in range(400):
        seen = true * (1 + 0.08 * rng.standard_normal(60))
        found = assess_verdict_certainty(seen, pupils, 0.5, "noise", noise=0.08, draws=400, seed=repetition)
        hits += found.lower <= target <= found.upper
    assert 0.92 <= hits / 400 <= 0.975


def test_the_probability_that_a_verdict_stands_is_honest_under_noise():
    rng = np.random.default_rng(5)
    pupils = rng.lognormal(6, 0.6, 60)
    true = pupils * rng.lognormal(0, 0.35, 60)
    limit = official_cv(true, pupils).cv + 0.004
    claimed, right = [], []
    for repetition in range(300):
        found = assess_verdict_certainty(
            true * (1 + 0.08 * rng.standard_normal(60)),
            pupils,
            limit,
            "noise",
            noise=0.08,
            draws=300,
            seed=repetition,
        )
        claimed.append(found.stands if found.met else 1 - found.stands)
        right.append(found.met)
    # The truth meets the limit. Noise lifts what is seen over it more often than not; the probability knows.
    assert np.mean(right) < 0.5 < np.mean(claimed)


def test_the_superpopulation_probability_is_that_of_the_interval_touching_the_limit():
    rng = np.random.default_rng(2)
    pupils = rng.lognormal(6, 0.5, 80)
    total = pupils * rng.lognormal(0, 0.45, 80)
    found = assess_verdict_certainty(total, pupils, 0.8, "superpopulation")
    assert found.met
    touching = assess_verdict_certainty(total, pupils, round(found.upper, 3), "superpopulation")
    assert touching.stands == pytest.approx(0.975, abs=0.005)


def test_too_few_schools_give_no_superpopulation_probability_and_say_why():
    found = assess_verdict_certainty(BOOKS, PUPILS, 0.5, "superpopulation")
    assert np.isnan(found.stands)
    assert found.method == "too_few"


def test_an_unknown_way_and_impossible_noise_are_refused():
    with pytest.raises(ParameterError, match="guess"):
        assess_verdict_certainty(BOOKS, PUPILS, 0.5, "guess")
    with pytest.raises(ParameterError, match=r"0\.02"):
        assess_verdict_certainty(BOOKS, PUPILS, 0.5, "noise", noise=0.9)
