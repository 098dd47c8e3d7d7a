"""Do counts of a programme fit into each other, and is it said where they do not?"""

import numpy as np
import pandas as pd
import pytest

from edustats.analysis.projects import describe_projects, project_funnel
from edustats.metrics.composite.funnel import build_funnel


def frame(damaged, repaired, planned, done):
    rows = [("share_schools_repaired", repaired, damaged), ("share_projects_done", done, planned)]
    made = [("990100", "云汀市", 2021, key, num, den) for key, num, den in rows]
    return pd.DataFrame(made, columns=["area", "area_name", "year", "indicator", "num", "den"])


def test_shares_of_the_step_before():
    steps = build_funnel(["a", "b", "c", "d"], [518, 377, np.nan, 71])
    assert steps[1].of_before == pytest.approx(377 / 518)
    assert np.isnan(steps[2].of_before)
    assert steps[3].of_before == pytest.approx(71 / 377)
    assert all(step.nests for step in steps)


def test_what_does_not_nest_is_a_finding_and_nothing_is_no_base():
    assert [s.nests for s in build_funnel(["a", "b"], [10, 11])] == [True, False]
    assert np.isnan(build_funnel(["a", "b"], [0, 0])[1].of_before)


def test_the_sentence_of_a_real_year():
    said = describe_projects(project_funnel(frame(518, 377, 140, 71), "990100", 2021))
    assert (
        said.zh == "2021年，云汀市受灾学校518所，已修复377所，占72.78%；入库项目140个，已竣工71个，占50.71%。"
    )


def test_more_done_than_planned_has_no_share():
    said = describe_projects(project_funnel(frame(518, 377, 150, 160), "990100", 2021)).zh
    assert "入库项目150个，填报竣工160个，竣工数大于入库数，请核实" in said
    assert "待修复学校141所，入库项目多出9个" in said


@pytest.mark.parametrize("nothing", [np.nan, 0.0])
def test_nothing_reported_is_said(nothing):
    held = frame(nothing, nothing, nothing, nothing)
    assert (
        describe_projects(project_funnel(held, "990100", 2021)).zh
        == "2021年云汀市没有校舍修复和项目建设数据。"
    )
