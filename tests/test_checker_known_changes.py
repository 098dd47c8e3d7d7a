"""Does a change hold that the store knows both ends of, and the text one? And of which area does a paragraph speak?"""

import pandas as pd
import pytest

from edustats.areas import make_areas
from edustats.briefing import check
from edustats.briefing.reference import _own_area

PUPILS = {
    "云汀市": (200_000, 190_000, 188_100),
    "甲县": (40_000, 37_000, 36_075),
    "乙区": (20_000, 21_000, 21_420),
}
TEACHERS = {"云汀市": (11_000, 11_500, 11_600), "甲县": (2_400, 2_300, 2_250), "乙区": (1_100, 1_180, 1_200)}
YEARS = (2014, 2022, 2023)


@pytest.fixture(scope="module")
def known():
    """Primary pupils, teachers, their ratio and the share of degrees of a city and two of its counties."""
    rows = []
    for area in PUPILS:
        for year, pupils, teachers in zip(YEARS, PUPILS[area], TEACHERS[area], strict=True):
            rows += [
                (area, "小学在校生数", year, pupils, "person"),
                (area, "小学专任教师数", year, teachers, "person"),
                (area, "小学生师比", year, pupils / teachers, "pupils_per_teacher"),
                (area, "小学专任教师本科及以上学历比例", year, teachers / 20_000, "share"),
            ]
    frame = pd.DataFrame(rows, columns=["area_name", "indicator_name", "year", "value", "unit"])
    frame["stage"] = "primary"
    frame.attrs = {"here": "云汀市", "above": ""}
    return frame


def judged(text, known):
    """Quotes that the data confirm, and those that they contradict."""
    claims = [c for c in check(text, known) if c.data is not None]
    return ([c.quote for c in claims if c.verdict == "consistent"],
            [c.quote for c in claims if c.verdict == "inconsistent"])  # fmt: skip


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("2023年，全市小学在校生188100人，比上年减少1900人。", "比上年减少1900人"),
        ("2023年，全市小学在校生18.81万人，同比下降1.0%。", "同比下降1.0%"),
        ("2023年，全市小学在校生188100人，较2014年减少1.19万人。", "较2014年减少1.19万人"),
        ("2023年，甲县小学在校生36075人，占全市的19.2%。", "占全市的19.2%"),
        ("2023年，甲县小学生师比16.0:1，低于全市平均水平0.2。", "低于全市平均水平0.2"),
        ("2023年，甲县小学生师比16.0:1，低于全市平均水平16.2:1。", "低于全市平均水平16.2:1"),
        ("2023年，甲县小学在校生比上年减少925人。", "甲县小学在校生比上年减少925人"),
        ("2023年小学专任教师本科及以上学历比例58.0%，比上年提高0.5个百分点。", "比上年提高0.5个百分点"),
        ("与2022年相比，2023年乙区小学在校生增加420人。", "2023年乙区小学在校生增加420人"),
    ],
)  # fmt: skip
def test_what_the_store_knows_both_ends_of_is_confirmed(text, quote, known):
    right, wrong = judged(text, known)
    assert quote in right
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("2023年，全市小学在校生188100人，比上年减少9100人。", "比上年减少9100人"),
        ("2023年，全市小学在校生188100人，比上年增加1900人。", "比上年增加1900人"),
        ("2023年，全市小学在校生18.81万人，同比下降10.0%。", "同比下降10.0%"),
        ("2023年，甲县小学在校生36075人，占全市的29.2%。", "占全市的29.2%"),
        ("2023年，甲县小学生师比16.0:1，高于全市平均水平0.2。", "高于全市平均水平0.2"),
        ("2023年，甲县小学在校生比上年减少295人。", "甲县小学在校生比上年减少295人"),
        ("2023年小学专任教师本科及以上学历比例58.0%，比上年提高5个百分点。", "比上年提高5个百分点"),
    ],
)  # fmt: skip
def test_what_differs_from_both_ends_is_condemned(text, quote, known):
    assert quote in judged(text, known)[1]


@pytest.mark.parametrize(
    "text",
    [
        "2023年，全市小学在校生188100人，比上年约减少2000人。",
        "2023年，全市小学在校生188100人，其中女生比上年减少300人。",
        "2023年，全市小学在校生188100人，民办学校比上年减少300人。",
        "2023年，全市小学在校生188100人，预计比上年减少300人。",
        "2023年，全市小学在校生188100人，五年减少9000人。",
        "2023年，甲县小学在校生36075人，占全省的3.1%。",
    ],
)
def test_what_the_words_do_not_leave_to_one_observation_is_not_condemned(text, known):
    assert judged(text, known)[1] == []


def test_the_message_says_that_the_data_go_the_other_way(known):
    claim = next(
        c
        for c in check("2023年，全市小学在校生188100人，比上年增加1900人。", known)
        if c.verdict == "inconsistent"
    )
    assert claim.message.zh == "方向相反：数据为-1900"


def test_a_number_that_text_and_data_contradict_is_told_once(known):
    text = "2023年，全市小学在校生188100人，2022年为190000人，比上年减少9100人。"
    assert [c.quote[-7:] for c in check(text, known) if c.verdict == "inconsistent"] == ["减少9100人"[-7:]]


@pytest.mark.parametrize(
    "opening", ["（一）甲县。", "1．甲县：", "甲县\n", "## 甲县\n", "二、甲县\n", "**甲县**："]
)  # fmt: skip
def test_the_area_that_opens_a_paragraph_is_its_own(opening, known):
    text = f"云汀市教育事业发展情况\n2023年的情况如下。\n{opening}2023年小学在校生36075人，比上年减少925人。"
    right, wrong = judged(text, known)
    assert "小学在校生36075人" in " ".join(right)
    assert wrong == []


@pytest.mark.parametrize("number", ["188100", "36075"])
def test_after_a_sentence_about_a_county_the_next_may_be_about_the_city_again(number, known):
    text = f"云汀市教育事业发展情况\n2023年甲县小学专任教师2250人。2023年小学在校生{number}人。"
    right, wrong = judged(text, known)
    assert len(right) == 2
    assert wrong == []


def test_a_beginning_without_a_year_is_not_held_against_the_last_one(known):
    assert judged("2023年，全市小学在校生由200000人减少到188100人。", known)[1] == []


def test_what_two_figures_are_held_against_is_not_told_twice():
    text = (
        "3．小学平均班额低于全市。2023年37.6人，低于全市的39.9人。\n"
        "4．初中平均班额低于全市。2023年43.7人，低于全市的45.9人。"
    )
    assert [c.quote for c in check(text) if c.verdict == "inconsistent"] == []


@pytest.mark.parametrize(
    ("said", "verdict"), [("40", "consistent"), ("39.9", "consistent"), ("41", "inconsistent")]
)
def test_a_mean_in_persons_is_rounded_though_persons_are_counted(said, verdict):
    row = {"area_name": "云汀市", "stage": "primary", "indicator_name": "小学平均班额", "year": 2023}
    known = pd.DataFrame([{**row, "value": 39.87, "unit": "pupils_per_class"}])
    known.attrs = {"here": "云汀市", "above": ""}
    assert [c.verdict for c in check(f"2023年，全市小学平均班额{said}人。", known)] == [verdict]


@pytest.fixture
def known_in_a_county(known):
    """The same, for a text of 甲县."""
    told = known.copy()
    told.attrs = {"here": "甲县", "above": "云汀市"}
    return told


@pytest.mark.parametrize(
    "text",
    [
        "2023年，全县小学在校生36075人，占全县的48.2%。",  # of all pupils of the county, whatever they are
        "2023年，乙区小学在校生21420人，占全市的11.4%。",  # of the city, and not of the county whose text it is
        "2023年，乙区小学生师比17.9:1，高于全市平均水平1.6。",
    ],
)
def test_in_a_countys_text_the_whole_is_the_city_above(text, known_in_a_county):
    assert judged(text, known_in_a_county)[1] == []


def test_a_city_of_county_level_may_call_itself_the_city(known):
    told = known.replace("甲县", "丙市")
    told.attrs = {"here": "丙市", "above": "云汀市"}
    assert judged("2023年，全市小学在校生36075人，占全市的48.2%。", told)[1] == []


def test_so_many_of_a_hundred_are_rounded_too():
    row = {
        "area_name": "云汀市",
        "stage": "primary",
        "indicator_name": "小学每百名学生拥有骨干教师数",
        "year": 2023,
    }
    known = pd.DataFrame([{**row, "value": 1.6, "unit": "per_hundred_persons"}])
    known.attrs = {"here": "云汀市", "above": ""}
    claims = check("2023年，全市小学每百名学生拥有骨干教师数2人。", known)
    assert [c.verdict for c in claims if c.data] == ["consistent"]


class Zhuzhou:
    """A store of two counties and a city of county level; as much of it as the question whose text it is needs."""

    areas = make_areas(["430202", "430223", "430281"], {"430202": ("荷塘区", ""), "430223": ("攸县", ""),
                       "430281": ("醴陵市", ""), "430200": ("株洲市", "")})  # fmt: skip

    @staticmethod
    def is_whole(code):
        return code == "430200"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("2023年，全市小学262所。攸县小学46所，荷塘区小学22所。", "430200"),
        ("2023年，全市小学262所，株洲市教育局统计。", "430200"),
        ("2023年，全市小学62所。醴陵市委高度重视。", ""),
        ("2023年，全市小学62所。", ""),
        ("攸县2023年小学46所，全市262所。", "430223"),
        ("2023年，全市小学262所，我县46所。攸县教育局", "430223"),
    ],
)
def test_whose_a_text_is_that_begins_with_the_whole_city(text, own):
    assert _own_area(text, Zhuzhou) == own
