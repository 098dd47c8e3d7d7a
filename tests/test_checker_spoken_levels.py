"""Are figures that a bureau speaks of shortly held against the store?

小学46所, 初中生, 三地…分别为, 2019—2023年…增加.
"""

from __future__ import annotations

import pandas as pd
import pytest

from edustats.briefing import check

REFERENCE = pd.DataFrame(
    [
        ("青石县", "primary", "小学学校数", 2023, 46, "school"),
        ("青石县", "primary", "小学在校生数", 2019, 40_598, "person"),
        ("青石县", "primary", "小学在校生数", 2023, 36_914, "person"),
        ("青石县", "junior", "初中在校生数", 2023, 17_719, "person"),
        ("青石县", "primary", "小学平均班额", 2023, 40.34, "pupils_per_class"),
        ("云岭县", "primary", "小学在校生数", 2023, 31_396, "person"),
    ],
    columns=["area_name", "stage", "indicator_name", "year", "value", "unit"],
)
REFERENCE.attrs["here"] = "青石县"


@pytest.mark.parametrize(
    ("text", "false"),
    [
        ("青石县2023年教育情况\n全县小学46所。", ("46", "64")),
        ("2023年，青石县初中生17719人。", ("17719", "17179")),
        ("2023年，青石县小学班均40.3人。", ("40.3", "43.0")),
        ("2023年，青石县、云岭县两地小学在校生分别为36914人、31396人。", ("31396", "33196")),
        ("2019—2023年，青石县小学在校生减少3684人。", ("3684", "3864")),
    ],
)
def test_the_true_figure_stands_and_the_false_one_is_named(text: str, false: tuple[str, str]) -> None:
    assert "inconsistent" not in [claim.verdict for claim in check(text, REFERENCE)]
    changed = text.replace(*false)
    assert "inconsistent" in [claim.verdict for claim in check(changed, REFERENCE)]


@pytest.mark.parametrize(
    "text",
    [
        "青石县2023年教育情况\n全县小学12所学校安装了空调。",
        "青石县2023年教育情况\n全县小学生1200人参加研学。",
        "青石县2023年教育情况\n全县小学48所（含教学点2所）。",
        "青石县2023年教育情况\n全县完全小学40所。",
    ],
)
def test_what_speaks_of_some_of_them_is_not_held_against_all(text: str) -> None:
    assert "inconsistent" not in [claim.verdict for claim in check(text, REFERENCE)]
