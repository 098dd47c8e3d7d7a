"""Are schools' rows and a county's row about itself put together rightly?"""

import numpy as np
import pandas as pd
import pytest

from edustats.catalogue import catalogue
from edustats.indicator_values import compute_observations, sum_columns
from edustats.load.files.values import KINDS

OK, ABSENT, MISSING = KINDS.index("ok"), KINDS.index("not_applicable"), KINDS.index("not_collected")
NA = "n/a"
COLUMNS = (
    "pupils_primary", "pupils_junior", "teachers_primary", "teachers_junior", "entrants_junior", "leavers_primary",
    "population_age_12_14", "teachers_certified", "rotation_done", "rotation_eligible",
)  # fmt: skip


def table(*rows):
    """Tidy rows and kinds; NA does not apply, None is missing, a column not named does not apply."""
    tidy, kinds = [], []
    for county, unit, values in rows:
        given = {name: values.get(name, NA) for name in COLUMNS}
        tidy.append({"county": county, "unit": unit, "year": 2023}
                    | {n: np.nan if v in (NA, None) else float(v) for n, v in given.items()})  # fmt: skip
        kinds.append({n: ABSENT if v == NA else MISSING if v is None else OK for n, v in given.items()})
    return pd.DataFrame(tidy), pd.DataFrame(kinds).astype("uint8")


PRIMARY = ("A", "A1", {"pupils_primary": 100, "teachers_primary": 5, "leavers_primary": 20})
JUNIOR = ("A", "A2", {"pupils_junior": 60, "teachers_junior": 6, "entrants_junior": 18})
COUNTY = (
    "A",
    "A",
    {"population_age_12_14": 75, "teachers_certified": 11, "rotation_done": 3, "rotation_eligible": 20},
)
OTHER = ("B", "B1", {"pupils_junior": 40, "teachers_junior": 4, "entrants_junior": 10})
OTHER_COUNTY = ("B", "B", {"population_age_12_14": 25, "rotation_done": None, "rotation_eligible": 10})


def one(rows, indicator, level="county", area="A"):
    tidy, kinds = table(*rows)
    code = {"school": tidy["unit"], "county": tidy["county"]}.get(level, pd.Series("P", index=tidy.index))
    found = compute_observations(tidy, kinds, code, level, catalogue())
    hit = found[(found["area"] == area) & (found["indicator"] == indicator)]
    return hit.iloc[0] if len(hit) else None


def test_schools_over_a_county_population_is_the_ratio_of_the_sums():
    found = one([PRIMARY, JUNIOR, COUNTY], "share_gross_enrolment_junior")
    assert (found["num"], found["den"]) == (60, 75)
    assert found["value"] == pytest.approx(0.8)
    assert found["status"] == "ok"


def test_without_the_county_row_there_is_no_value_and_the_kind_says_so():
    found = one([PRIMARY, JUNIOR, ("A", "A", {"population_age_12_14": None})], "share_gross_enrolment_junior")
    assert np.isnan(found["value"])
    assert found["status"] == "not_collected"


def test_one_school_missing_withholds_the_ratio_over_the_whole_population():
    found = one([JUNIOR, ("A", "A3", {"pupils_junior": None}), COUNTY], "share_gross_enrolment_junior")
    assert np.isnan(found["value"])
    assert found["status"] == "not_collected"
    assert found["coverage"] == 0


def test_a_prefecture_pairs_only_the_counties_complete_on_both_sides():
    rows = [PRIMARY, JUNIOR, COUNTY, OTHER, ("B", "B", {"population_age_12_14": None})]
    found = one(rows, "share_gross_enrolment_junior", "prefecture", "P")
    assert (found["num"], found["den"]) == (60, 75)
    assert found["status"] == "partial"


def test_two_whole_counties_add_up_in_their_prefecture():
    found = one(
        [PRIMARY, JUNIOR, COUNTY, OTHER, OTHER_COUNTY], "share_gross_enrolment_junior", "prefecture", "P"
    )
    assert (found["num"], found["den"], found["value"]) == (100, 100, 1.0)
    assert found["status"] == "ok"


def test_entrants_of_one_stage_over_leavers_of_another_pair_by_county_and_not_by_school():
    found = one([PRIMARY, JUNIOR, COUNTY], "share_promoted_primary")
    assert (found["num"], found["den"]) == (18, 20)
    assert one([PRIMARY, JUNIOR, COUNTY], "share_promoted_primary", "school", "A2") is None


def test_a_sum_over_two_stages_takes_a_stage_that_does_not_apply_as_nothing():
    found = one([PRIMARY, JUNIOR, COUNTY], "share_teachers_certified")
    assert (found["num"], found["den"]) == (11, 11)
    assert found["status"] == "ok"


def test_a_missing_term_is_never_taken_as_nothing():
    tidy, kinds = table(("A", "A1", {"teachers_primary": 5, "teachers_junior": None}))
    assert np.isnan(sum_columns(tidy, "teachers_primary + teachers_junior", kinds)[0])


def test_schools_to_which_an_indicator_does_not_apply_do_not_make_it_partial():
    found = one([PRIMARY, JUNIOR, COUNTY], "ratio_pupils_per_teacher_primary")
    assert found["value"] == pytest.approx(20)
    assert (found["status"], found["n"]) == ("ok", 1)


def test_complete_pairs_are_kept_within_a_level():
    silent = ("A", "A4", {"pupils_primary": 300, "teachers_primary": None})
    found = one([PRIMARY, silent, COUNTY], "ratio_pupils_per_teacher_primary")
    assert found["value"] == pytest.approx(20)
    assert found["coverage"] == pytest.approx(
        5 / 5 * 1 / 2
    )  # one of two schools: its denominator is not known
    assert found["status"] == "partial"


def test_columns_of_the_county_pair_in_its_own_row():
    found = one([PRIMARY, JUNIOR, COUNTY], "share_rotation")
    assert (found["num"], found["den"], found["status"]) == (3, 20, "ok")
    assert one([PRIMARY, JUNIOR, COUNTY], "share_rotation", "school", "A1") is None


def test_a_school_is_not_asked_for_what_does_not_apply_to_it():
    assert one([PRIMARY, JUNIOR, COUNTY], "ratio_pupils_per_teacher_junior", "school", "A1") is None
