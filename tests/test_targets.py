"""Are the plan's rows read as they stand or refused by name, and is every target judged by the rule?"""

import math

import numpy as np
import pandas as pd
import pytest
from returns_made import ROWS, listed

from edustats.catalogue import catalogue
from edustats.example.workbooks import Page, write_xlsx
from edustats.load.returns.reader import load_returns
from edustats.metrics.standards.targets import (
    Target,
    find_fastest_change,
    judge_county_count_target,
    judge_target,
    parse_target_plan,
)

AREAS = {"990101": ("甲县", "Jia"), "990102": ("乙县", "Yi"), "990100": ("某市", "The city")}
GOOD = {"indicator": "公办园在园幼儿占比", "year": "2026", "relation": "≥", "target": "50", "unit": "%"}


def read(**changes):
    targets, refused = parse_target_plan(pd.DataFrame([GOOD | changes]), catalogue(), AREAS)
    assert len(targets) + len(refused) == 1
    return targets[0] if targets else refused[0].why


@pytest.mark.parametrize(
    ("relation", "operator"),
    [("≥", ">="), ("不低于", ">="), ("<=", "<="), ("不超过", "<="), (">", ">"), ("低于", "<")],
)
def test_a_condition_is_read_in_the_catalogues_unit(relation, operator):
    target = read(relation=relation)
    assert (target.indicator, target.year, target.operator) == ("share_public_preschool", 2026, operator)
    assert target.value == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("changes", "found", "expected"),
    [
        ({"indicator": "公办园占比例"}, "公办园占比例", "公办园在园幼儿占比"),
        ({"unit": ""}, "50", "没有单位"),
        ({"unit": "万元"}, "万元", "%"),
        ({"relation": "约"}, "约", "≥"),
        ({"year": "明年"}, "明年", "四位年份"),
        ({"year": ""}, "—", "四位年份"),
        ({"target": "过半"}, "过半", "数字"),
        ({"target": "150"}, "150", "100"),
        ({"area": "外县"}, "外县", "代码"),
    ],
)
def test_a_row_that_is_no_condition_is_refused_with_what_stands_there_and_what_should(
    changes, found, expected
):
    why = read(**changes)
    assert found in why.zh
    assert expected in why.zh
    assert "第1行" in why.zh


@pytest.mark.parametrize(
    ("area", "code", "count"),
    [
        ("", "", 0),
        ("各县", "", 0),
        ("甲县", "990101", 0),
        ("990102", "990102", 0),
        ("某市", "990100", 0),
        ("3个县", "", 3),
    ],
)
def test_whom_a_target_binds_is_read(area, code, count):
    target = read(area=area)
    assert (target.area, target.counties) == (code, count)


def test_a_phase_that_adds_counties_counts_from_the_one_before():
    phases = [("2024", "1个县"), ("2025", "增加2个县"), ("2027", "9个县（市、区）")]
    plan = pd.DataFrame([GOOD | {"year": year, "area": area} for year, area in phases])
    targets, _ = parse_target_plan(plan, catalogue(), AREAS)
    assert [t.counties for t in targets] == [1, 3, 9]


def test_a_plan_without_the_newer_columns_is_read():
    targets, refused = parse_target_plan(pd.DataFrame([GOOD]).drop(columns=[]), catalogue(), {})
    assert (len(targets), len(refused)) == (1, 0)
    assert parse_target_plan(pd.DataFrame(), catalogue(), {}) == ((), ())


YEARS = [2021, 2022, 2023]


def judged(values, year, value=0.5, operator=">=", chance=math.nan, reason="", others=None):
    target = Target(indicator="x", year=year, operator=operator, value=value)
    series = {"a": np.array(values, float)} | {k: np.array(v, float) for k, v in (others or {}).items()}
    return judge_target(target, "a", YEARS, series, chance, reason)


@pytest.mark.parametrize(
    ("values", "year", "verdict"),
    [
        ([0.3, 0.4, 0.6], 2023, "met"),
        ([0.3, 0.4, 0.45], 2023, "not_met"),
        ([0.3, 0.4, 0.45], 2022, "overdue"),
        ([0.3, 0.55, 0.45], 2022, "met"),
        ([0.3, 0.4, 0.6], 2022, "met"),
        ([0.3, 0.4, math.nan], 2023, "cannot_tell"),
        ([math.nan] * 3, 2022, "cannot_tell"),
        ([0.3, 0.4, 0.6], 2026, "met"),
    ],
)
def test_a_year_that_has_come_is_judged_by_its_figure(values, year, verdict):
    assert judged(values, year).verdict == verdict


@pytest.mark.parametrize(
    ("chance", "reason", "verdict", "why"),
    [
        (0.9, "", "on_course", ""),
        (0.1, "", "off_course", ""),
        (0.5, "", "cannot_tell", "even_chance"),
        (math.nan, "too_few", "cannot_tell", "too_few"),
        (math.nan, "", "cannot_tell", "too_far"),
    ],
)
def test_a_year_to_come_is_judged_by_its_chance(chance, reason, verdict, why):
    found = judged([0.3, 0.35, 0.4], 2025, chance=chance, reason=reason)
    assert (found.verdict, found.reason) == (verdict, why)


def test_what_is_needed_and_what_was_once_managed_stand_side_by_side():
    found = judged([0.3, 0.35, 0.4], 2025, chance=0.1, others={"b": [0.1, 0.2, 0.5]})
    assert found.needed == pytest.approx(0.05)
    assert (found.fastest, found.fastest_area) == (pytest.approx(0.2), "b")
    assert found.precedent is True


def test_a_change_no_county_ever_made_has_no_precedent_and_one_never_observed_so_long_is_not_judged():
    assert judged([0.3, 0.31, 0.32], 2025, chance=0.1).precedent is False
    assert judged([0.3, 0.31, 0.32], 2027, chance=0.1).precedent is None


def test_a_target_to_fall_looks_for_the_fastest_fall():
    found = judged([0.3, 0.2, 0.15], 2024, value=0.05, operator="<=", chance=0.5)
    assert found.needed == pytest.approx(-0.1)
    assert found.fastest == pytest.approx(-0.1)
    assert found.precedent is True


def test_rounding_in_the_last_bit_does_not_miss_a_target():
    assert Target(indicator="x", year=2023, operator=">=", value=0.95).reached(95 * 0.01 - 1e-12)
    assert not Target(indicator="x", year=2023, operator=">", value=0.95).reached(95 * 0.01)


def test_a_missing_year_is_no_step():
    best, who = find_fastest_change([2020, 2021, 2023], {"a": np.array([0.0, 1.0, 9.0])}, 1, rising=True)
    assert (best, who) == (1.0, "a")


def counted(chances, need, year=2025, verdicts=()):
    target = Target(indicator="x", year=year, operator=">=", value=0.5, counties=need)
    each = [judged([0.3, 0.35, 0.4], year, chance=c) for c in chances]
    return judge_county_count_target(target, each or verdicts, 2023)


def test_a_roll_out_is_as_likely_as_enough_counties_making_it():
    verdict, met, chance = counted([0.5, 0.5], 1)
    assert (verdict, met, chance) == ("on_course", 0, pytest.approx(0.75))
    assert counted([0.5, 0.5], 2)[2] == pytest.approx(0.25)
    assert counted([0.9, 0.9, 0.9], 4)[0] == "off_course"


def test_a_roll_out_with_a_county_that_cannot_be_told_is_not_guessed():
    assert counted([0.5, math.nan], 1)[0] == "cannot_tell"


@pytest.mark.parametrize(("need", "verdict"), [(1, "met"), (2, "overdue")])
def test_a_roll_out_whose_year_is_past_counts_the_counties_there(need, verdict):
    target = Target(indicator="x", year=2022, operator=">=", value=0.5, counties=need)
    each = [judged([0.3, 0.6, 0.7], 2022), judged([0.3, 0.3, 0.3], 2022)]
    assert judge_county_count_target(target, each, 2023)[:2] == (verdict, 1)


@pytest.mark.parametrize("more", [[], ["地区", "依据"]])
def test_a_plan_is_loaded_with_and_without_the_columns_on_area_and_clause(tmp_path, more):
    path = listed(tmp_path, ROWS)
    head = ["年度", "指标", "关系", "目标值", "单位", *more]
    row = [2026, "公办园在园幼儿占比", "≥", 50, "%", "汀阳区", "要点第1条"][: len(head)]
    write_xlsx(path.with_name("年度工作计划指标.xlsx"), [Page(name="指标", rows=[head, row])])
    loaded = load_returns([path, path.with_name("年度工作计划指标.xlsx")])
    names = {str(r.code): (str(r.zh), str(r.en)) for r in loaded.areas.itertuples()}
    targets, refused = parse_target_plan(loaded.registers["targets"], catalogue(), names)
    assert not refused
    assert (targets[0].area, targets[0].clause) == (("990102", "要点第1条") if more else ("", ""))
