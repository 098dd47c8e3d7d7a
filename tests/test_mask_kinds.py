"""Are masks of every style found, and read by the words around them: changes, gaps, shares, lists, parts, ranks?"""

import re

import pandas as pd
import pytest

from edustats.briefing.mask_styles import find_masks
from edustats.briefing.masks import Mask, list_open, masks
from edustats.catalogue import catalogue

COUNTS = {
    "小学在校生数": (14_726.0, 14_659.0), "初中在校生数": (6_960.0, 7_080.0), "小学专任教师数": (903.0, 888.0),
    "小学本科及以上学历专任教师数": (757.0, 748.0), "小学生师比": (16.3079, 16.5079), "初中生师比": (11.98, 11.9192),
    "在园幼儿数": (5_305.0, 4_877.0), "入园幼儿数": (1_600.0, 1_536.0), "幼儿园数": (44.0, 44.0),
    "公办园在园幼儿占比": (0.3501, 0.35085), "小学专任教师本科及以上学历比例": (0.8383, 0.8423),
    "小学大班额比例（56人及以上）": (0.0207, 0.0259), "各级各类学校（含幼儿园）数": (96.0, 95.0),
    "各级各类学校（含幼儿园）在校生数": (32_937.0, 32_664.0), "国家财政性教育经费": (6.1e8, 6.6e8),
    "教育经费总投入": (7.2e8, 7.7e8), "财政性教育经费占教育经费总投入比例": (0.847, 0.857),
    "国家财政性教育经费占GDP比例": (0.0391, 0.0402), "新增学位总数": (900.0, 1_260.0),
    "特殊教育生均公用经费基准定额": (6000.0, 7000.0), "体育场地设施开放学校数": (203.0, 216.0),
}  # fmt: skip
"""Name: the values of 甲县 in 2023 and 2024."""


@pytest.fixture(scope="module")
def known():
    told = {i.zh: (i.stage, i.unit) for i in catalogue().indicators.values()}
    told |= {
        c.zh: ("primary" if "小学" in c.zh else "all", c.unit)
        for c in catalogue().columns.values()
        if c.zh not in told
    }
    rows = []
    for name, (before, now) in COUNTS.items():
        stage, unit = told[name]
        for year, value in ((2022, before), (2023, before), (2024, now)):
            rows.append(("甲县", stage, name, year, value, unit, 3, 3, 9))
        rows.append(("乙市", stage, name, 2024, now - 0.018 if unit == "share" else now * 9, unit, 0, 0, 0))
    columns = [
        "area_name",
        "stage",
        "indicator_name",
        "year",
        "value",
        "unit",
        "rank_first",
        "rank_last",
        "of",
    ]
    made = pd.DataFrame(rows, columns=columns)
    made.attrs = {"here": "甲县", "above": "乙市"}
    return made


def fill(text, known):
    parts, done = [], 0
    for mask in masks(text, known, 2024):
        parts += [text[done : mask.start], mask.text or "〓"]
        done = mask.end
    return "".join([*parts, text[done:]])


@pytest.mark.parametrize(
    ("template", "speech"),
    [
        ("小学在校生xxxxx人，比上年减少xx人，下降x.x%。", "小学在校生14659人，比上年减少67人，下降0.5%。"),
        ("全县小学在校生比上年减少xx人。", "全县小学在校生比上年减少67人。"),
        ("小学在校生××人、初中在校生××人，分别比上年增加××人、减少××人。",
         "小学在校生14659人、初中在校生7080人，分别比上年增加〓人、减少〓人。"),
        ("小学、初中生师比分别为xx.x:1、xx.x:1。", "小学、初中生师比分别为16.5:1、11.9:1。"),
        ("小学在校生xxxxx人，初中xxxx人。", "小学在校生14659人，初中7080人。"),
        ("小学专任教师___人，其中本科及以上学历___人，占____%。",
         "小学专任教师888人，其中本科及以上学历748人，占84.2%。"),
        ("小学大班额比例x.xx%，高于全市平均x.x个百分点，居全市第x位。",
         "小学大班额比例2.59%，高于全市平均1.8个百分点，居全市第3位。"),
        ("入园幼儿（　）人，在园幼儿（　）人，比上年减少（　）人。",
         "入园幼儿1536人，在园幼儿4877人，比上年减少428人。"),
        ("现有各级各类学校、幼儿园xx所，在校生x.xx万人。", "现有各级各类学校、幼儿园95所，在校生3.27万人。"),
        ("20××年，小学在校生约×.×万人。", "2024年，小学在校生约1.5万人。"),
        ("小学在校生x.x万余人。", "小学在校生1.4万余人。"),
        ("教育经费总投入**.**亿元，其中财政性教育经费*.**亿元，占**.*%。",
         "教育经费总投入7.70亿元，其中财政性教育经费6.60亿元，占85.7%。"),
        ("国家财政性教育经费占GDP比例*.**%。", "国家财政性教育经费占GDP比例4.02%。"),
        ("特殊教育生均公用经费基准定额由xxxx元提高到xxxx元。", "特殊教育生均公用经费基准定额由6000元提高到7000元。"),
        ("小学在校生由2023年的xxxxx人减少到xxxxx人，减少xx人。",
         "小学在校生由2023年的14726人减少到14659人，减少67人。"),
        ("在上年度面向社会开放xxx所学校体育场地设施基础上，再增加开放学校xx所。",
         "在上年度面向社会开放203所学校体育场地设施基础上，再增加开放学校13所。"),
    ],
)  # fmt: skip
def test_a_mask_is_read_by_the_words_around_it(known, template, speech):
    assert fill(template, known) == speech


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("农村小学在校生xxxx人。", "没有唯一对应"),
        ("寄宿制小学xx所，在校生xxxx人。", "限定了范围"),
        ("乡镇中心幼儿园xx所，在园幼儿xxxx人。", "限定了范围"),
        ("全县在校生xxxxx人。", "可能指几个不同的数：甲县2024年小学在校生数14659人"),
        ("小学大班额比例比上年下降x.x个百分点。", "数据是增加或较高"),
        ("小学大班额比例由2023年的x.x%下降到x.x%。", "数据是增加或较高"),
        ("公办园在园幼儿占比由2023年的xx%提高到xx%。", "四舍五入后都是35"),
        ("公办园在园幼儿占比提高x.x个百分点。", "没有写明与哪一年比"),
        ("公办园在园幼儿占比比上年提高x.x%。", "分不清是百分点还是百分比"),
        ("力争到2027年，小学在校生达到xxxxx人。", "目标或要求"),
        ("小学在校生xxxxx人，增加xx人。", "没有写明与哪一年比"),
        ("小学在校生xxx间。", "没有唯一对应"),
        ("比20xx年增加学位xxx个。", "不能断定是哪一年"),
    ],
)  # fmt: skip
def test_a_mask_that_stays_says_why_and_what_it_might_be(known, text, word):
    found = masks(text, known, 2024)
    assert any(word in mask.why.zh for mask in found if not mask.text), [m.why.zh for m in found]
    assert "〓" in fill(text, known)


def test_no_figure_stands_twice_in_a_sentence_that_means_two(known):
    assert fill("小学在校生xxxxx人，小学生xxxxx人，小学在校生xxxxx人。", known).count("14659") <= 1


def test_an_area_or_part_not_whole_is_not_printed(known):
    partly = known.assign(whole=False)
    partly.attrs = known.attrs
    (mask,) = masks("小学在校生xxxxx人。", partly, 2024)
    assert (mask.text, "不是全数" in mask.why.zh) == ("", True)


def test_a_withheld_end_gives_no_change(known):
    hidden = known.assign(withheld=(known["year"] == 2023) & (known["area_name"] == "甲县"))
    hidden.attrs = known.attrs
    assert fill("小学在校生xxxxx人，比上年减少xx人。", hidden) == "小学在校生14659人，比上年减少〓人。"


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("在校生xx.xx万人", ["xx.xx"]), ("学校××所", ["××"]), ("学校ＸＸ所", ["ＸＸ"]), ("学校____所。", ["____"]),
        ("学校＿＿所。", ["＿＿"]), ("学校（　）所。", ["（　）"]), ("学校（ ）所。", ["（ ）"]),
        ("学校〇〇所。", ["〇〇"]),
        ("学校□□所。", ["□□"]), ("占**.*%", ["**.*"]), ("招聘**人，", ["**"]), ("共有学校　　所。", ["　　"]),
        ("N所学校", ["N"]), ("20××年", ["20××"]), ("实施**人才强教**工程", []), ("1+X证书", []), ("二〇〇八年", []),
        ("exit at XXL", []), ("（一）加强领导", []),
    ],
)  # fmt: skip
def test_every_style_of_mask_is_found_and_words_are_none(text, signs):
    assert [text[p.start : p.end] for p in find_masks(text)] == signs


def test_the_reasons_of_the_screen_are_numbered():
    from edustats.words import say

    left = [
        Mask(2, 4, "", say("masks.aim")),
        Mask(6, 8, "3", say("masks.left")),
        Mask(9, 11, "", say("masks.left")),
    ]
    lines = list_open("共有xx所，xx个xx", left, "zh")
    assert [re.match(r"〔\d+〕", line)[0] for line in lines] == ["〔1〕", "〔2〕"]
