"""Do the pages on forecasts and targets say what the figures say, in both languages, also where nothing can be said?"""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from invented import COUNTY, loaded

import edustats as edu
from edustats.analysis import judged_plan
from edustats.analysis.forecast_panel import ForecastPanel, build_forecast_panel
from edustats.briefing import check
from edustats.briefing.reference import reference
from edustats.catalogue import catalogue
from edustats.metrics.standards.targets import parse_target_plan
from edustats.present.county.forecasts import build_fan_chart, build_fan_panel
from edustats.present.county.targets import TargetPlan, build_target_matrix
from edustats.present.records.items import Figure, Finding, Table
from edustats.store.reading import open_store
from edustats.store.writing import write_store

PLAN = [
    ("2023", "", "教师交流轮岗比例", "≥", "10", "%", "要点第1条"),
    ("2022", "", "社会认可度（问卷）", "≥", "95", "%", "要点第2条"),
    ("2026", "甲县", "教师交流轮岗比例", "≥", "30", "%", "要点第3条"),
    ("2026", "", "教师交流轮岗比例", "≥", "16", "%", "要点第3条"),
    ("2026", "虚构市", "教师交流轮岗比例", "≥", "50", "%", "要点第4条"),
    ("2023", "1个县", "教师交流轮岗比例", "≥", "12", "%", "第一阶段"),
    ("2025", "增加2个县", "教师交流轮岗比例", "≥", "14", "%", "第二阶段"),
    ("2025", "", "不存在的指标", "≥", "14", "%", ""),
    ("2025", "", "教师交流轮岗比例", "≥", "14", "", ""),
]
FIELDS = ("year", "area", "indicator", "relation", "target", "unit", "clause")


def prefecture(plan=PLAN, years=range(2015, 2024)):
    """Three counties over nine years; the share of teachers who rotate rises in all, at different speeds."""
    made = loaded(years=tuple(years))
    tidy = made.tidy.copy()
    own = tidy["unit"] == tidy["county"]
    speed = tidy["county"].map({"991101": 3.0, "991102": 1.0, "991103": 0.0})
    tidy.loc[own, "rotation_done"] = (
        COUNTY["rotation_done"] - 10 + speed[own] * (tidy.loc[own, "year"] - 2015)
    )
    rows = pd.DataFrame(plan, columns=list(FIELDS)).assign(file="计划.xlsx", row=np.arange(len(plan)) + 2)
    return dataclasses.replace(made, tidy=tidy, registers={"targets": rows} if len(plan) else {})


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "store"
    write_store(prefecture(), path)
    return path


def sentences(sheet):
    return [item.sentence for item in sheet if isinstance(item, Finding)]


def table(sheet, key):
    return next(item for item in sheet if isinstance(item, Table) and item.key == key)


def test_every_target_of_the_county_is_judged_and_counted(store):
    sheet = edu.show_targets(edu.open_county("991101", store))
    assert "4项目标" in sentences(sheet)[0].zh
    assert len(table(sheet, "targets").rows) == 4
    verdicts = {
        item.key.split(".")[1]: item.verdict
        for item in sheet
        if isinstance(item, Finding) and item.key != "targets"
    }
    assert verdicts["2"] == "met"
    assert verdicts["3"] == "overdue"


def test_the_change_needed_is_named_with_whether_anyone_ever_managed_it(store):
    said = [s for s in sentences(edu.show_targets(edu.open_county("991101", store))) if "30.0%" in s.zh]
    assert "每年还需提高" in said[0].zh
    assert "没有先例" in said[0].zh
    assert "甲县" in said[0].zh or "各县" in said[0].zh


def test_the_whole_plan_has_a_row_per_target_and_a_column_per_county(store):
    for sheet in (
        edu.show_target_matrix(edu.open_county("991102", store)),
        build_target_matrix(open_store(store)),
    ):
        matrix = table(sheet, "plan")
        assert [c.label.zh for c in matrix.columns] == ["目标", "甲县", "乙县", "丙县"]
        assert len(matrix.rows) == 3
        said = " ".join(s.zh for s in sentences(sheet))
        assert "到2023年应有1个县（市、区）达到" in said
        assert "第二阶段：到2025年" in said
        assert "虚构市" in said


def test_rows_that_cannot_be_judged_are_listed_with_what_to_do(store):
    rows = table(edu.show_target_matrix(edu.open_county("991101", store)), "targets_refused").rows
    assert [row[0] for row in rows] == ["不存在的指标", "教师交流轮岗比例"]
    assert "没有单位" in rows[1][1].zh


def test_no_sentence_is_called_wrong_by_the_checker(store):
    for code in ("991101", "991102", "991103"):
        view = edu.open_county(code, store)
        aims = "\n".join(
            s.zh for verb in (edu.show_targets, edu.show_target_matrix) for s in sentences(verb(view))
        )
        ahead = "\n".join(s.zh for s in sentences(edu.show_forecasts(view)))
        claims = [*check(aims, reference(aims, open_store(store))), *check(ahead)]
        assert not [(c.quote, c.message.zh) for c in claims if c.verdict == "inconsistent"]


def test_no_english_sentence_lacks_a_figure_that_the_chinese_has(store):
    view = edu.open_county("991101", store, lang="en")
    for said in (s for verb in (edu.show_targets, edu.show_forecasts) for s in sentences(verb(view))):
        assert said.zh.count("%") == said.en.count("%")


@pytest.mark.parametrize("verb", ["show_targets", "show_target_matrix"])
def test_a_store_without_a_plan_says_so(verb, michigan):
    sheet = getattr(edu, verb)(edu.open_county("01", michigan))
    assert len(sheet.items) == 1
    assert "没有年度计划" in sentences(sheet)[0].zh
    assert not edu.show_target_chart(edu.open_county("01", michigan)).items


def test_fewer_than_five_years_are_not_forecast_and_targets_to_come_not_judged(tmp_path):
    write_store(prefecture(years=range(2020, 2024)), tmp_path / "short")
    view = edu.open_county("991101", tmp_path / "short")
    assert "0个可以预测" in sentences(edu.show_forecasts(view))[0].zh
    assert not edu.show_forecast_chart(view).items
    assert any("可比年份不足五年，不作判断" in s.zh for s in sentences(edu.show_targets(view)))


def test_two_censuses_are_not_forecast(zhuzhou):
    sheet = edu.show_forecasts(edu.open_county("430211", zhuzhou))
    assert "0个可以预测" in sentences(sheet)[0].zh
    assert len(sheet.items) == 1


def test_a_target_met_after_its_year_says_so(store):
    plan = [("2017", "甲县", "教师交流轮岗比例", "≥", "13", "%", "")]
    view = edu.open_county("991101", store)
    (target,), _ = parse_target_plan(
        pd.DataFrame(plan, columns=list(FIELDS)), catalogue(), {"991101": ("甲县", "County A")}
    )
    found = TargetPlan(
        compare=view.compare, known=view.known, targets=(target,), refused=(), view=view
    ).judged(target, "991101")
    assert (found.verdict, found.year) == ("met", 2023)


def test_a_neighbour_asks_for_no_target_again_and_a_store_written_anew_for_all(tmp_path, monkeypatch):
    asked, judge = [], judged_plan.judge_target
    monkeypatch.setattr(judged_plan, "judge_target", lambda *given: asked.append(given[:2]) or judge(*given))
    path = tmp_path / "store"
    write_store(prefecture(), path)
    edu.show_target_matrix(edu.open_county("991101", path))
    first = len(asked)
    assert first == len(set(asked)) > 0
    for verb in (edu.show_target_matrix, edu.show_targets, edu.show_target_chart):
        verb(edu.open_county("991102", path))
    assert {area for _, area in asked[first:]} <= {
        "991102"
    }  # the matrix asks for no target of one county alone
    again = len(asked)
    for county in ("991101", "991102"):
        edu.show_target_matrix(edu.open_county(county, path))
    assert len(asked) == again
    write_store(prefecture(years=range(2016, 2024)), path)
    edu.show_target_matrix(edu.open_county("991102", path))
    assert len(asked) - again == first


def test_an_impossible_value_meets_no_target(store):
    view = edu.open_county("991101", store)
    rows = view.data.compare.copy()
    own = (rows["area"] == "991101") & (rows["indicator"] == "share_rotation") & (rows["year"] == 2023)
    rows.loc[own, "value"] = 1.2
    broken = dataclasses.replace(view, data=dataclasses.replace(view.data, compare=rows))
    said = [s.zh for s in sentences(edu.show_targets(broken)) if "2023年目标" in s.zh]
    assert said
    assert all("超出可能范围的数值，不作判断" in s for s in said)


def test_years_before_a_break_are_not_used():
    view_years = list(range(2014, 2024))
    rows = [
        {
            "area": a,
            "level": "county",
            "year": y,
            "indicator": "share_rotation",
            "value": 0.1 + 0.01 * (y - 2014),
            "status": "ok",
        }
        for a in ("a", "b")
        for y in view_years
    ]
    frame = pd.DataFrame(rows)
    whole = build_forecast_panel(frame, catalogue())
    frame.loc[(frame["area"] == "a") & (frame["year"] == 2023), "status"] = "break"
    broken = build_forecast_panel(frame, catalogue())
    assert whole.found.reason == ("", "")
    assert broken.found.reason[broken.row["share_rotation", "a"]] == "too_few"
    assert broken.found.reason[broken.row["share_rotation", "b"]] == ""


def test_the_forecast_table_shows_the_back_test_beside_the_naive_one(store):
    sheet = edu.show_forecasts(edu.open_county("991101", store))
    heads = [c.label.zh for c in table(sheet, "back_test").columns]
    assert heads[2:5] == ["本预测误差", "照搬上年", "首末直线"]
    assert len(table(sheet, "back_test").rows) == 4  # nine years: leads of one to four have been judged


def test_a_fan_is_drawn_with_its_targets(store):
    view = edu.open_county("991101", store)
    found = build_forecast_panel(view.compare, view.known)
    assert isinstance(found, ForecastPanel)
    fan = build_fan_chart(
        view, found, view.known.indicator("share_rotation"), marks=((2026, 0.3, ">="), (2025, 0.2, "<="))
    )
    panel = build_fan_panel(fan)
    assert [line.style["marker"] for line in panel.lines[-2:]] == ["^", "v"]
    assert panel.lines[-2].y[0] == pytest.approx(30)
    assert panel.limits[1] > 30


def test_the_pictures_carry_the_numbers_they_draw(store):
    view = edu.open_county("991102", store)
    for sheet in (edu.show_target_chart(view), edu.show_forecast_chart(view)):
        (figure,) = sheet.items
        assert isinstance(figure, Figure)
        assert figure.png.startswith(b"\x89PNG")
        assert {row[1].zh for row in figure.data.rows} >= {"2015", "2023", "2024", "2026"}
