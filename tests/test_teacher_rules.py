"""Are the rules on teachers what the documents say, and does a known wave of retirements lie in the stated band?"""

import math

import numpy as np
import pytest

from edustats.errors import DataError
from edustats.example.chapter_tables import BANDS, bands_by_sex, simulate_staffroom
from edustats.metrics.teachers.compliance import (
    count_promotions,
    judge_posts,
    judge_promotions,
    judge_rotation,
)
from edustats.metrics.teachers.retirement import project_retirement, retirement_age
from edustats.metrics.teachers.subjects import compute_class_loads, judge_subjects

# birth year, month, sex → age at retirement in years and months, from the annexes to the decision of September 2024
TABLE = [
    ("men", 1964, 12, 60, 0), ("men", 1965, 1, 60, 1), ("men", 1965, 4, 60, 1), ("men", 1965, 5, 60, 2),
    ("men", 1970, 6, 61, 5), ("men", 1976, 8, 62, 11), ("men", 1976, 9, 63, 0), ("men", 1990, 3, 63, 0),
    ("women", 1969, 12, 55, 0), ("women", 1970, 1, 55, 1), ("women", 1975, 2, 56, 4), ("women", 1981, 9, 58, 0),
]  # fmt: skip


@pytest.mark.parametrize(("sex", "year", "month", "years", "months"), TABLE)
def test_legal_ages_are_those_of_the_printed_table(sex, year, month, years, months):
    assert round(retirement_age(sex, year, month) * 12) == years * 12 + months


def test_single_ages_retire_in_their_month():
    """Men of 58 in September 2014 were born from September 1955: four of twelve months reach 60 by the end of 2015."""
    wave = project_retirement({"men": {(59, 59): 12, (40, 40): 88}}, 2014, 2)
    assert wave.total.tolist() == [12.0, 12.0]
    younger = project_retirement({"men": {(58, 58): 12, (40, 40): 88}}, 2014, 2)
    assert younger.total.tolist() == pytest.approx([4.0, 12.0])
    assert (younger.lower.tolist(), younger.upper.tolist()) == ([0, 12], [12, 12])


def test_a_third_is_dated_with_the_earliest_and_the_latest_year():
    wave = project_retirement({"men": {(55, 59): 60, (30, 34): 40}}, 2014, 6)
    assert wave.year_of_share(1 / 3) == (2015, 2017, 2019)
    assert wave.year_of_share(0.9) == (0, 0, 0)


def test_the_reform_moves_the_wave_later():
    bands = {"women": {(50, 54): 100, (30, 34): 100}}
    before, after = project_retirement(bands, 2014, 5), project_retirement(bands, 2026, 5)
    assert (after.total <= before.total + 1e-9).all()
    assert after.total[-1] < before.total[-1]


@pytest.mark.parametrize("seed", range(12))
def test_what_really_happens_lies_within_the_stated_band(seed):
    room = simulate_staffroom(800, 2020, np.random.default_rng(seed))
    counts = room.count_bands(2020)
    wave = project_retirement(bands_by_sex(counts), 2020, 15)
    truth = room.count_retired(2020, wave.years)
    assert wave.teachers == sum(counts[f"teachers_age_{key}"] for key in BANDS)
    assert (wave.lower <= truth + 1e-9).all()
    assert (truth <= wave.upper + 1e-9).all()
    assert np.abs(wave.total - truth).max() < 0.08 * wave.teachers


def test_ages_above_65_are_set_aside_and_counted():
    wave = project_retirement({"men": {(40, 44): 10, (66, 70): 3}}, 2024, 5)
    assert (wave.too_old, wave.teachers) == (3.0, 10.0)


def test_rotation_is_of_those_eligible_and_backbone_of_those_who_rotated():
    rotation, backbone = judge_rotation(70, 700, 13)
    assert (rotation.share, rotation.verdict, rotation.denominator) == (pytest.approx(0.1), "met", "eligible")
    assert (backbone.verdict, backbone.missing, backbone.denominator) == ("not_met", 1, "rotated")
    assert judge_rotation(69, 700, 14)[0].missing == 1


def test_without_the_eligible_the_share_of_all_is_told_and_not_judged():
    rotation, backbone = judge_rotation(140, teachers=1400, backbone=math.nan)
    assert (rotation.verdict, rotation.reason, rotation.denominator) == (
        "cannot_tell",
        "not_eligible",
        "teachers",
    )
    assert rotation.share == pytest.approx(0.1)
    assert backbone.reason == "missing"
    assert judge_rotation(0, 700, 0)[1].reason == "nobody"


def test_two_full_years_in_the_country_are_enough_and_every_promotion_counts():
    assert judge_promotions([2.0, 2.0]).verdict == "met"
    assert judge_promotions([2.0, 1.9]).missing == 1
    assert judge_promotions([2.0, math.nan]).verdict == "cannot_tell"
    assert judge_promotions([math.nan, 1.0]).verdict == "not_met"
    assert judge_promotions([]).reason == "nobody"
    assert count_promotions(30, 30).verdict == "met"


def test_more_staff_than_posts_is_named_and_not_judged():
    found = judge_posts(1710, 1700)
    assert (found.verdict, found.reason) == ("cannot_tell", "above_posts")
    assert judge_posts(1700, 1700).verdict == "met"


def test_a_subject_is_short_only_below_the_least_share():
    def verdicts(teachers):
        return [n.verdict for n in judge_subjects({"pe": teachers}, 200, {"pe": (0.10, 0.11)})]

    assert [verdicts(n)[0] for n in (19, 20, 21, 22)] == ["not_met", "cannot_tell", "cannot_tell", "met"]
    assert judge_subjects({}, 200, {"pe": (0.1, 0.11)})[0].verdict == "cannot_tell"


def test_loads_need_classes_and_teachers():
    assert compute_class_loads(10, 30, 20) == (15.0, 2.0)
    assert all(math.isnan(x) for x in compute_class_loads(0, 30, 20))


REFUSED = [
    (lambda: judge_rotation(800, 700), "“交流轮岗教师”为800，大于总数700；请核对后重报。"),
    (lambda: judge_rotation(-1, 700), "“交流轮岗教师”为-1，不能小于零；请核对后重报。"),
    (lambda: judge_posts(5, -1), "“编制和在编人数”为-1，不能小于零；请核对后重报。"),
    (lambda: count_promotions(31, 30), "“有农村任教经历的晋升教师”为31，大于总数30；请核对后重报。"),
    (lambda: project_retirement({"men": {}}, 2024, 5), "没有教师人数，不能计算；请补报专任教师数。"),
    (lambda: project_retirement({"men": {(30, 34): 1, (33, 36): 1}}, 2024, 5),
     "年龄段33—36岁首尾颠倒、与前一段重叠或小于18岁；请按年龄由小到大分段。"),
    (lambda: project_retirement({"all": {(30, 34): 1}}, 2024, 5),
     "年龄结构须分男、女（men、women），“all”不认识。"),
    (lambda: project_retirement({"men": {(30, 34): 1}}, 2024, 50), "推算年数为50，应在1至20之间。"),
    (lambda: judge_subjects({"pe_arts": 30}, 20, {}), "“体育、艺术教师”为30，大于总数20；请核对后重报。"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "said"), REFUSED)
def test_what_cannot_be_is_named_in_one_sentence(call, said):
    with pytest.raises(DataError) as raised:
        call()
    assert raised.value.text("zh") == said
    assert not any("一" <= letter <= "鿿" for letter in raised.value.text("en"))
