"""Is the index what a hand works out, its order what trying all weights gives, and is what is missing told?"""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.analysis.index import describe_growth_claim, describe_output_claim, describe_roll_out, index
from edustats.errors import ParameterError
from edustats.metrics.composite.growth import GrowthAssumptions, growth_shares
from edustats.metrics.composite.index import (
    combine,
    draw_weights,
    plan_phases,
    rank_acceptability,
    score_values,
)

SAID = dict.fromkeys(("labour", "returns", "schooling_part"), "测试")
ASSUMED = GrowthAssumptions((0.5, 0.6, 0.7), (0.05, 0.08, 0.11), (0.6, 0.6, 0.6), SAID)
A, B = "share_pupils_afterschool", "ratio_pupils_per_teacher_primary"


def frame(rows, year=2024):
    made = [
        (f"99010{i}", f"{n}县", year, key, v)
        for i, (n, *vs) in enumerate(rows)
        for key, v in zip((A, B), vs, strict=True)
    ]
    return pd.DataFrame(made, columns=["area", "area_name", "year", "indicator", "value"])


def test_a_small_case_worked_by_hand():
    scores = score_values(np.array([[2.0, 20.0], [4.0, 10.0], [3.0, 15.0]]), ["higher", "lower"])
    assert scores.tolist() == [[0, 0], [1, 1], [0.5, 0.5]]
    assert combine(np.array([[0.2, 0.8]]), [0.25, 0.75]).value[0] == pytest.approx(0.65)
    assert combine(np.array([[0.2, 0.8]]), [0.5, 0.5], "geometric").value[0] == pytest.approx(0.4)
    assert combine(np.array([[0.0, 1.0]]), [0.5, 0.5], "geometric").value[0] == 0
    goal = score_values(
        np.array([[0.45, 24.0], [1.2, 12.0]]), ["higher", "lower"], "goal", high=np.array([0.9, 18.0])
    )
    assert goal.tolist() == [[0.5, 0.75], [1, 1]]


def test_what_is_missing_is_told_and_bounded():
    made = combine(np.array([[0.4, np.nan], [0.4, 0.6], [np.nan, np.nan]]), [0.25, 0.75])
    assert np.isnan(made.value[[0, 2]]).all()
    assert made.low.round(9).tolist() == [0.1, 0.55, 0.0]
    assert made.high.round(9).tolist() == [0.85, 0.55, 1.0]
    assert made.covered.tolist() == [0.25, 1.0, 0.0]
    assert combine(np.array([[0.4, np.nan]]), [0.25, 0.75], gaps="spread").value[0] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("weights", "said"),
    [([0.5, 0.6], "权重之和为 1.1，应为 1"), ([1.5, -0.5], "权重不能为负"), ([1.0], "权重有 1 个，指标有 2 项"),
     ([np.nan, 1.0], "权重不能为负或缺失")],
)  # fmt: skip
def test_weights_that_are_none_are_named(weights, said):
    with pytest.raises(ParameterError) as error:
        combine(np.array([[0.2, 0.8]]), weights)
    assert said in error.value.text("zh")


def test_an_indicator_without_direction_is_refused():
    with pytest.raises(ParameterError, match="none"):
        score_values(np.array([[1.0], [2.0]]), ["none"])


@pytest.mark.parametrize("how", ["arithmetic", "geometric"])
def test_rank_acceptability_is_what_trying_every_weight_gives(how):
    rng = np.random.default_rng(3)
    scores = rng.random((4, 3)).round(1)
    grid = [(a / 20, b / 20, 1 - (a + b) / 20) for a in range(21) for b in range(21 - a)]
    counted = np.zeros((4, 4))
    for w in grid:
        value = [
            sum(x * s for x, s in zip(w, row, strict=True)) if how == "arithmetic"
            else np.prod([s**x for x, s in zip(w, row, strict=True)]) for row in scores
        ]  # fmt: skip
        orders = [
            o
            for o in itertools.permutations(range(4))
            if all(value[o[i]] >= value[o[i + 1]] - 1e-11 for i in range(3))
        ]
        for order in orders:
            for rank, area in enumerate(order):
                counted[area, rank] += 1 / len(orders)
    assert np.allclose(rank_acceptability(scores, np.array(grid), how), counted / len(grid))


def test_any_weights_of_two_indicators_have_a_known_answer():
    # first comes the area whose score is above 0.4: under weights w > 0.4, a part of 0.6 of them all
    shares = rank_acceptability(np.array([[1.0, 0.0], [0.4, 0.4]]), draw_weights([0.5, 0.5], 40_000))
    assert shares[0, 0] == pytest.approx(0.6, abs=0.01)


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=6))
def test_acceptability_adds_up_both_ways_and_the_index_lies_between_its_scores(rows):
    scores = np.array(rows)
    shares = rank_acceptability(scores, draw_weights([0.2, 0.3, 0.5], 20, 0.5))
    assert np.allclose(shares.sum(axis=0), 1)
    assert np.allclose(shares.sum(axis=1), 1)
    for how in ("arithmetic", "geometric"):
        value = combine(scores, [0.2, 0.3, 0.5], how).value
        assert ((value >= scores.min(axis=1) - 1e-9) & (value <= scores.max(axis=1) + 1e-9)).all()


def test_a_roll_out_of_one_then_two_then_the_rest():
    rows = frame([("甲", 0.9, 14.0), ("乙", 0.6, 18.0), ("丙", 0.8, 15.0), ("丁", 0.7, 16.0)])
    made = index(rows, {A: 0.5, B: 0.5}, 2024, draws=200)
    assert made["area_name"].tolist() == ["甲县", "丙县", "丁县", "乙县"]
    assert made["phase"].tolist() == [1, 2, 2, 3]
    assert describe_roll_out(made, 2024).zh == (
        "2024年按所列2项指标合成（算术平均），第1批甲县；第2批丙县、丁县；第3批乙县；200组其他权重下，甲县居首的占100.0%。"
    )


def test_an_area_that_lacks_an_indicator_is_named_and_ties_are_said():
    rows = frame([("甲", 0.9, 14.0), ("乙", 0.9, 14.0), ("丙", 0.8, np.nan), ("丁", 0.5, 20.0)])
    made = index(rows, {A: 0.5, B: 0.5}, 2024, draws=50)
    said = describe_roll_out(made, 2024).zh
    assert "丙县缺指标，未排入" in said
    assert "第1批末位与下一位指数相同，数据不能定先后" in said
    assert made.set_index("area_name").loc["丙县", "missing"] == B
    assert (
        describe_roll_out(index(rows, {A: 1.0}, 2030), 2030).zh
        == "2030年没有一个地区齐备所列指标，不能合成指数。"
    )


def test_phases_leave_areas_without_an_index_out():
    phase, tied = plan_phases(np.array([0.3, np.nan, 0.5]), [1])
    assert phase[[0, 2]].tolist() == [2, 1]
    assert np.isnan(phase[1])
    assert not tied


def test_growth_by_hand_and_its_order():
    denison, stock = growth_shares((9.0, 9.6), (100.0, 100 * 1.05**3), 3, ASSUMED)
    growth = 3 * np.log(1.05)
    assert denison.value == pytest.approx(0.6 * 0.6 * 0.08 * 0.6 / growth)
    assert stock.value == pytest.approx(0.6 * np.log(9.6 / 9) / growth)
    for one in (denison, stock):
        assert one.low <= one.value <= one.high


def test_a_claim_that_a_model_reaches_names_it_and_one_without_figures_is_open():
    said = describe_growth_claim(0.192, (9.0, 9.6), (100.0, 115.76), 3, ASSUMED)
    assert said.zh == (
        "教育对经济增长的贡献率19.2%：口径待核。丹尼森模型测算为11.8%（6.1%—18.9%）；"
        "含教育存量的柯布—道格拉斯模型测算为26.5%（22.0%—30.9%）。"
    )
    agreed = describe_growth_claim(0.25, (9.0, 9.6), (100.0, 115.76), 3, ASSUMED).zh
    assert agreed.startswith(
        "教育对经济增长的贡献率25.0%：含教育存量的柯布—道格拉斯模型测算为26.5%（22.0%—30.9%），与"
    )
    assert describe_growth_claim(0.9, (9.0, 9.6), (100.0, 115.76), 3, ASSUMED).zh.startswith(
        "教育对经济增长的贡献率90.0%：口径待核。丹尼森模型测算为11.8%"
    )
    assert describe_growth_claim(0.192).zh.endswith(
        "缺可比价产出、从业人员受教育年限、注明出处的劳动份额、教育收益率和归因比例，两个模型都不能测算。"
    )
    assert "口径待核" in describe_output_claim("320亿元").zh
    with pytest.raises(ParameterError):
        growth_shares((9, 9.6), (100, 99), 3, ASSUMED)


def test_nothing_is_assumed_about_growth_that_nobody_declared():
    open_ = describe_growth_claim(0.192, (9.0, 9.6), (100.0, 115.76), 3).zh
    assert open_.endswith("口径待核。缺注明出处的劳动份额、教育收益率和归因比例，两个模型都不能测算。")
    with pytest.raises(ParameterError, match=r"returns (?:has no source|没有出处)"):
        GrowthAssumptions((0.5, 0.6, 0.7), (0.05, 0.08, 0.11), (0.6, 0.6, 0.6), SAID | {"returns": " "})
    for wrong in ((0.5, 0.6, 1.7), (0.7, 0.6, 0.8), (0.0, 0.1, 0.2), (float("nan"), 0.5, 0.6)):
        with pytest.raises(ParameterError, match="labour"):
            GrowthAssumptions(wrong, (0.05, 0.08, 0.11), (0.6, 0.6, 0.6), SAID)


def test_the_declared_ranges_are_what_the_models_span():
    denison, stock = growth_shares((9.0, 9.6), (100.0, 115.76), 3, ASSUMED)
    growth = np.log(1.1576)
    assert denison.high == pytest.approx(0.7 * 0.6 * 0.11 * 0.6 / growth)
    assert stock.low == pytest.approx(0.5 * np.log(9.6 / 9) / growth)
    # schooling that falls turns the order round and stays an order
    for one in growth_shares((9.6, 9.0), (100.0, 115.76), 3, ASSUMED):
        assert one.low <= one.value <= one.high < 0


def test_an_indicator_in_which_all_are_alike_is_named_instead_of_emptying_the_index():
    rows = frame([("甲", 1.0, 14.0), ("乙", 1.0, 18.0)])
    with pytest.raises(ParameterError) as error:
        index(rows, {A: 0.5, B: 0.5}, 2024)
    assert error.value.text("zh").startswith("2024年各地“课后服务学生参与率”相同")
    assert index(rows, {A: 0.5, B: 0.5}, 2024, goals={A: 0.9, B: 15.0}, draws=20)["rank"].tolist() == [1, 2]
