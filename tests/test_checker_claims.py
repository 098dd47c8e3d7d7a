"""Are true statements left alone, and false ones named for what they are?"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from edustats.briefing import check
from edustats.words import read_all_texts

HERE = Path(__file__).parent
DRAFTS = HERE / "drafts"
SHARED = Path(os.environ.get("EDUSTATS_SHARED", HERE.parent.parent / "shared"))
sys.path.insert(0, str(DRAFTS))

from mutations import cases  # noqa: E402

needs_shared = pytest.mark.skipif(
    not (SHARED / "gold").is_dir(), reason="the shared folder is not beside the project"
)
KEYS = {
    "start",
    "end",
    "quote",
    "kind",
    "numbers",
    "relation",
    "stated",
    "expected",
    "interval",
    "verdict",
    "severity",
    "data",
    "note",
}


def drafts(name: str) -> list[dict]:
    return [json.loads(line) for line in (DRAFTS / f"{name}.jsonl").read_text("utf-8").splitlines()]


def errors(text: str) -> list[str]:
    return [claim.error for claim in check(text) if claim.verdict == "inconsistent"]


def test_the_bureaus_own_sentence_is_wrong_by_a_tenth() -> None:
    text = "由6.52%上升到15.94%，上升9.42个百分点，增长了1.5倍，高于省平（13.5%）2.4个百分点。"
    verdicts = {claim.kind: (claim.verdict, claim.expected) for claim in check(text)}
    assert verdicts == {
        "pp_change": ("consistent", 9.42),
        "growth_multiple": ("inconsistent", 1.4448),
        "gap_to_reference": ("consistent", 2.44),
    }


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("由92.8%下降到54.6%，同比下降38.2%。", "percent_for_points"),
        ("辍学率由1%下降到0.95%，下降0.05%。", "percent_for_points"),
        ("在校生由4.2万人增加到4.6万人，增长9.5个百分点。", "points_for_percent"),
        ("图书从12万册增加到30万册，增长2.5倍。", "growth_to"),
        ("经费由2.0亿元增加到3.1亿元，增长155%。", "growth_to"),
        ("信访量减少了1倍。", "fall_in_times"),
        ("巩固率393.4%。", "above_100"),
        ("毛入园率391.4%。", "above_100"),
        ("在校生3万人，其中女生5万人。", "part_above_whole"),
        ("学校96所，其中小学73所，初中27所，高中9所。", "sum"),
        ("2019—2022年，连续五年获评优秀。", "year_span"),
        ("“十三五”时期（2015—2020年）累计投入。", "plan_years"),
        ("统筹推进作业、睡眠、手机、读物五项管理。", "enumeration"),
        ("小学、初中、高中、中职巩固率分别为100%、99.6%、98.3%。", "labels"),
        ("在园幼儿4627.55万人，比上年减少177.66人，下降3.70%。", "lost_unit"),
        ("投入由2016年的3.4亿元增加到2021年的5.1亿元，年均增长10%。", "simple_mean"),
        ("上线率21.4%，低于全市平均水平（17.9%）3.5个百分点。", "wrong_direction"),
        ("公办园占比由42%提高到39%。", "direction"),
        ("三次产业结构为8.1:41.5:56.4。", "shares_not_100"),
        ("与2023个国家的50所学校结成友好学校。", "limit"),
        ("在全市8个县区中位列第9位。", "rank"),
        ("2020—2022年巩固率逐年提高，分别为95.1%、95.3%、95.2%。", "monotonic"),
    ],
)
def test_a_classic_error_is_named_for_what_it_is(text: str, error: str) -> None:
    assert error in errors(text)


def test_points_are_proposed_where_a_percent_sign_stands() -> None:
    (claim,) = check("由92.8%下降到54.6%，同比下降38.2%。")
    assert "下降38.2个百分点" in claim.message.zh


@pytest.mark.parametrize(
    "text",
    [
        "2021年总投入为3.94亿元，比上年的3.92亿元增长0.37%。",
        "学生由23.9万人增加到43.9万人，增长83.6%。",
        "在校生1.08亿人，比上年增加54.54万人，增长0.51%。",
        "生均公用经费2 716元，比上年的3 264元增长-16.79%。",
        "净利润144.35亿元，不及预期的233.3亿元，较上年同期的231.50亿元下降38%。",
        "存款余额98.6亿元，较年初增加6.2亿元，同比增长9.4%。",
        "教职工155843人，其中专任教师156087人。",
        "在校生10.2万人，其中小学6.1万人、初中2.9万人。",
        "专任教师100人，其中女教师70人、本科以上学历95人。",
        "高等教育毛入学率达到102.3%，拨备覆盖率289%，移动电话普及率118%。",
        "全市总产值69.93亿元，增长2.5%，增加值37.90亿元，增长2.7%。",
        "一般贸易进出口19.5万亿元；其中，一般贸易出口10.6万亿元，占出口总额的60.9%。",
        "在校生100人，其中女生50人；毕业生300人，其中女生160人。",
        "到2035年基本实现教育现代化，“十四五”期间新增学位5万个。",
    ],
)
def test_what_only_looks_wrong_is_not_condemned(text: str) -> None:
    assert errors(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "开展二十四节气课程。",
        "“520计划”惠及儿童。",
        "推进2.0行动。",
        "第十八中学获奖。",
        "教发〔2021〕12号。",
        "2021年3月15日上午9:30。",
        "电话0571-87654321。",
        "1.学前教育。2.义务教育。",
        "5G+课堂与“11242”工程。",
    ],
)
def test_numbers_that_claim_nothing_stay_silent(text: str) -> None:
    assert check(text) == []


def test_unlike_coverage_is_a_warning_and_no_error() -> None:
    (claim,) = check("教职工155843人，其中专任教师156087人。")
    assert (claim.verdict, claim.severity, claim.error) == ("uncheckable", "warning", "unlike_coverage")


def test_every_text_of_the_checker_is_used_and_none_is_missing() -> None:
    code = "".join(path.read_text("utf-8") for path in (HERE.parent / "edustats" / "briefing").glob("*.py"))
    texts = {address.split(".")[1] for address in read_all_texts() if address.startswith("briefing.")}
    named = set(re.findall(r'"briefing\.(\w+)"', code)) | set(re.findall(r'error="(\w+)"', code)) - {
        "arithmetic"
    }
    assert {text for text in texts if text not in code} == set()
    assert named - texts == set()


def test_a_change_without_its_other_number_is_beyond_checking() -> None:
    assert [claim.verdict for claim in check("高于全省平均水平4个百分点。")] == ["uncheckable"]


def test_the_subject_may_stand_in_the_sentence_before() -> None:
    (claim,) = [
        c for c in check("全市共有幼儿园100所。比上年增加5所，增长5.26%。") if c.verdict == "consistent"
    ]
    assert claim.kind == "growth_rate"


def test_a_list_is_checked_place_by_place() -> None:
    good = "小学、初中分别由82.1%、79.4%提高到88.6%、86.0%，分别提高6.5个和6.6个百分点。"
    assert errors(good) == []
    assert errors(good.replace("6.6个", "7.6个")) == ["arithmetic"]


@pytest.mark.parametrize(
    "text",
    [
        "投入从“十二五”末的12.6亿元增长到“十三五”末的20.3亿元，年均增长10%。",
        "近三年分别招聘教师320名、356名和412名，共计1088名。",
        "小学在校生23.4万人，初中在校生11.2万人，比上年分别增加0.5万人、0.3万人，分别增长2.18%、2.75%。",
        "全国人口共141178万人，与2010年的133972万人相比，增加7206万人，增长5.38%。",
        "收入完成24627万元，完成年初预算数60999万元的40.4%。",
        "生产总值722786亿元。分产业看，第一产业增加值48123亿元；第二产业增加值274267亿元；第三产业增加值400397亿元。",
        "GDP增长8.5%，增速比上年的6.2%提高2.3个百分点。",
        "教育经费增长6.42%，比财政经常性收入增长幅度3.10%高3.32个百分点。",
        "在校生8214人，专任教师512人，生师比16.04:1。",
    ],
)
def test_what_bulletins_and_budgets_say_is_followed(text: str) -> None:
    claims = check(text)
    assert errors(text) == []
    assert [claim for claim in claims if claim.verdict == "consistent"], text


@pytest.mark.parametrize(
    "text",
    [
        "投入从“十二五”末的12.6亿元增长到“十三五”末的20.3亿元，年均增长13%。",
        "小学在校生23.4万人，初中在校生11.2万人，比上年分别增加0.5万人、0.3万人，分别增长2.18%、7.75%。",
        "全国人口共141178万人，与2010年的133972万人相比，增加7206万人，增长8.38%。",
        "收入完成24627万元，完成年初预算数60999万元的70.4%。",
        "GDP增长8.5%，增速比上年的6.2%提高3.3个百分点。",
        "教育经费增长6.42%，比财政经常性收入增长幅度3.10%高5.32个百分点。",
    ],
)
def test_the_same_sentences_with_one_digit_changed_are_wrong(text: str) -> None:
    assert len(errors(text)) == 1


def test_the_total_row_of_a_table_is_added_up() -> None:
    table = "县区\t学校数\t学生数\n甲县\t10\t1000\n乙县\t20\t2100\n合计\t30\t3200\n"
    (wrong,) = [c for c in check(table) if c.verdict == "inconsistent"]
    assert (wrong.quote, wrong.expected) == ("3200", 3100)
    assert errors(table.replace("3200", "3100")) == []


def test_rates_in_a_table_do_not_add_up_and_are_left_alone() -> None:
    assert errors("县区\t入学率\n甲县\t98.1\n乙县\t97.2\n合计\t97.6\n") == []


def test_the_record_has_the_keys_of_the_contract_and_survives_json() -> None:
    (claim,) = check("由60%提高到72%，提高12个百分点。")
    record = claim.as_dict()
    assert set(record) == KEYS
    assert json.loads(json.dumps(record, ensure_ascii=False))["verdict"] == "consistent"


@pytest.mark.parametrize("name", ["development", "held_back"])
def test_no_invented_draft_is_condemned_wrongly_and_most_are_found(name: str) -> None:
    found = wanted = 0
    for draft in drafts(name):
        claims, right = check(draft["text"]), []
        for want in draft["claims"]:
            start = draft["text"].index(want["quote"])
            hits = [
                c
                for c in claims
                if c.start < start + len(want["quote"]) and c.end > start and c.verdict == want["verdict"]
            ]
            right += hits
            if want["verdict"] != "uncheckable":
                wanted, found = wanted + 1, found + bool(hits)
        condemned = [claim for claim in claims if claim.verdict == "inconsistent" and claim not in right]
        assert condemned == [], draft["text"]
    assert found / wanted >= 0.9


def test_one_change_turns_the_verdict_and_rounding_does_not() -> None:
    tally: Counter[tuple[str, bool]] = Counter()
    for case in cases(12, seed=3):
        wrong = any(claim.verdict == "inconsistent" for claim in check(case.text))
        tally[case.change, wrong == case.turned] += 1
        if case.change in ("none", "rounding"):
            assert not wrong, case.text
    turned = sum(n for (change, right), n in tally.items() if right and change not in ("none", "rounding"))
    changed = sum(n for (change, _), n in tally.items() if change not in ("none", "rounding"))
    assert turned / changed >= 0.97


@needs_shared
def test_the_development_claims_are_found_and_none_is_condemned_wrongly() -> None:
    wanted = [json.loads(line) for line in (SHARED / "gold" / "claims.jsonl").read_text("utf-8").splitlines()]
    found = checkable = 0
    for file in sorted({claim["file"] for claim in wanted}):
        text = (SHARED / "seeds" / file).read_text("utf-8")
        claims, right = check(text), []
        for want in (claim for claim in wanted if claim["file"] == file):
            start = text.index(want["quote"])
            hits = [
                c
                for c in claims
                if c.start < start + len(want["quote"]) and c.end > start and c.verdict == want["verdict"]
            ]
            if want["verdict"] == "inconsistent":
                assert hits, want["id"]
                right += hits
            if want["verdict"] != "uncheckable":
                checkable, found = checkable + 1, found + bool(hits)
        assert [c.quote for c in claims if c.verdict == "inconsistent" and c not in right] == []
    assert found / checkable >= 0.95


@needs_shared
def test_published_growth_rates_that_look_wrong_on_recomputation_are_consistent() -> None:
    """Rates computed before rounding: a point value disagrees with some of them, the interval with none."""
    rows = list(
        csv.DictReader((SHARED / "data" / "china_education_finance_growth.csv").open(encoding="utf-8"))
    )
    assert len(rows) > 30
    for row in rows:
        text = f"支出为{row['current']}亿元，比上年的{row['previous']}亿元增长{row['printed_rate']}。"
        assert [c.verdict for c in check(text) if c.kind == "growth_rate"] == ["consistent"], text


@pytest.mark.parametrize(
    "text",
    [
        "2024年，小学在校生2.66万人，初中在校生1.23万人，普通高中在校生7044人。",
        "城镇学校的专任教师本科及以上学历比例为95.1%，乡村学校为81.6%，城镇学校高13.6个百分点。",
    ],
)
def test_kinds_that_are_set_side_by_side_are_no_parts_of_the_first(text):
    assert not [claim for claim in check(text) if claim.verdict == "inconsistent"]


@pytest.mark.parametrize(
    "text",
    [
        "普通高中阶段在校生共计2.66万人，其中初中1.93万人、高中1.23万人。",
        "城镇学生占比为60.0%，乡村学生占比为45.0%。",
    ],
)
def test_parts_that_do_not_make_their_whole_are_still_found(text):
    assert [claim for claim in check(text) if claim.verdict == "inconsistent"]
