"""Are the usual mistakes found, and is no true sentence condemned?

Every case is a true sentence and one change that makes it false; the kinds are those of strangers' drafts.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from edustats.briefing import check
from edustats.briefing.repeats import is_slip

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("EDUSTATS_SHARED", HERE.parents[1] / "shared"))
CASES = [json.loads(line) for line in (HERE / "drafts" / "kinds.jsonl").read_text("utf-8").splitlines()]
TRUE = [json.loads(line) for line in (HERE / "drafts" / "true.jsonl").read_text("utf-8").splitlines()]


def condemned(text: str) -> list[str]:
    return [f"{c.quote}: {c.message.zh}" for c in check(text) if c.verdict == "inconsistent"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["kind"])
def test_the_true_sentence_stands_and_the_changed_one_falls(case: dict[str, str]) -> None:
    assert condemned(case["text"]) == []
    assert case["old"] in case["text"]
    assert condemned(case["text"].replace(case["old"], case["new"], 1))


@pytest.mark.parametrize("text", TRUE)
def test_what_can_be_read_as_true_is_not_condemned(text: str) -> None:
    assert condemned(text) == []


@pytest.mark.skipif(not (SHARED / "cases" / "checker").is_dir(), reason="the shared cases are not here")
def test_the_cases_of_the_issue_hold() -> None:
    lines = (SHARED / "cases" / "checker" / "cases.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    false = [case for case in cases if case["expect"] == "inconsistent"]
    assert not [case["id"] for case in cases if case not in false and condemned(case["text"])]
    assert sum(bool(condemned(case["text"])) for case in false) >= len(false) - 1


def test_what_is_only_likely_says_please_check_and_condemns_nothing() -> None:
    (claim,) = [
        c for c in check("本科以上学历教师占82%，其中研究生学历占86%。") if c.verdict == "please_check"
    ]
    assert (claim.severity, claim.message.zh[:4]) == ("warning", "请核对：")
    assert condemned("本科以上学历教师占82%，其中研究生学历占86%。") == []


def test_a_reading_that_only_roundings_allow_confirms_nothing() -> None:
    assert not [c for c in check("全年投资3亿元，比上年的2亿元增长90%。") if c.verdict == "consistent"]


@pytest.mark.parametrize(
    ("a", "b", "slip"), [(12430, 12340, True), (86, 88, True), (430, 86, False), (52000, 61300, False)]
)
def test_a_slip_is_one_figure_changed_or_two_exchanged(a: float, b: float, slip: bool) -> None:
    assert is_slip(a, 1, b, 1) is slip


KNOWN = pd.DataFrame(
    [
        ("青石县", "primary", "小学在校生规模", 2023, 12_345, "person", 0.0, False, 0, 0, 0, "库"),
        ("青石县", "primary", "小学在校生规模", 2022, 12_010, "person", 0.0, False, 0, 0, 0, "库"),
        ("青石县", "primary", "小学生师比", 2023, 16.24, "pupils_per_teacher", 0.0, False, 2, 3, 9, "库"),
        ("青石县", "preschool", "学前三年毛入园率", 2023, 0.9312, "share", 0.0, False, 0, 0, 0, "库"),
        ("青石县", "special", "残疾儿童少年入学率", 2023, float("nan"), "share", 0.0, True, 0, 0, 0, "库"),
    ],
    columns=[
        "area_name", "stage", "indicator_name", "year", "value", "unit", "half_unit",
        "withheld", "rank_first", "rank_last", "of", "file",
    ],
)  # fmt: skip
TITLE = "青石县2023年教育工作总结\n\n"


def told(text: str) -> list[tuple[str, str]]:
    return [(c.verdict, c.message.zh) for c in check(text, KNOWN) if c.data]


def test_our_county_and_the_year_of_the_title_are_understood() -> None:
    assert told(TITLE + "全县小学在校生12345人，毛入园率达到93.1%。") == [
        ("consistent", "与数据相符（12345）"),
        ("consistent", "与数据相符（93.12）"),
    ]
    assert told(TITLE + "我县小学在校生1.32万人。") == [("inconsistent", "数据为1.23，文中为1.32万人")]
    assert told(TITLE + "全县上年小学在校生12010人。") == [("consistent", "与数据相符（12010）")]


def test_a_place_shared_with_another_county_is_right_at_either() -> None:
    text = TITLE + "全县小学生师比为16.2:1，居全市第{}位。"
    assert told(text.format(3))[-1] == ("consistent", "与数据相符（9个中第2–3位）")
    assert told(text.format(5))[-1] == ("inconsistent", "按数据为9个中第2–3位，文中为第5位")


def test_a_figure_that_may_not_be_published_is_not_printed() -> None:
    claims = [c for c in check(TITLE + "全县残疾儿童少年入学率96.3%。", KNOWN) if c.data]
    assert [(c.verdict, c.message.zh) for c in claims] == [
        ("uncheckable", "数据库中有该数，但按规定不得公布，不作比对")
    ]
    assert "value" not in (claims[0].data or {})


def test_a_target_and_another_area_are_not_compared() -> None:
    assert told(TITLE + "到2025年，全县毛入园率达到95%以上。全省毛入园率92.0%。") == []


def test_candidates_are_shown_in_the_unit_of_the_text_with_area_year_and_file() -> None:
    (claim,) = [c for c in check("青石县小学在校生1.2万人。", KNOWN) if c.data]
    assert claim.message.zh.startswith("可能对应：青石县2023年小学在校生规模1.23万人（库）；青石县2022年")


def test_the_columns_of_an_html_table_are_checked() -> None:
    head = "".join(f"<th>{name}</th>" for name in ("学段", "在校生", "专任教师", "生师比"))
    rows = [("小学", 17510, 1030, "17.0"), ("初中", 9120, 760, "14.2"), ("高中", 6840, 570, "12.0")]
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    claims = check(f"<table>\n<tr>{head}</tr>\n{body}\n</table>", None, "html")
    assert [c.message.zh for c in claims if c.verdict == "inconsistent"] == ["初中的生师比应为12，表中为14.2"]
