"""Does a letter, English or Chinese, get its figures, and never a figure of something else?"""

import pandas as pd
import pytest

from edustats.briefing.masks import masks
from edustats.catalogue import catalogue

HELD = {
    "count_schools_primary": (31, 33), "count_pupils_primary": (14659, 15101), "count_teachers_primary": (888, 903),
    "ratio_pupils_per_teacher_primary": (16.51, 16.72), "ratio_pupils_per_teacher": (15.0, 15.2),
    "share_public_preschool": (0.3506, 0.3496), "share_bachelor_primary": (0.8416, 0.8389),
    "count_births": (1322, 2540), "mean_pay_teachers": (107845, 104099),
}  # fmt: skip


@pytest.fixture(scope="module")
def known():
    rows = []
    for area, times in (("柏溪县", 1.0), ("云麓区", 1.1)):
        for key, values in HELD.items():
            indicator = catalogue().indicator(key)
            for year, value in zip((2024, 2015), values, strict=True):
                rows.append(
                    {"area_name": area, "stage": indicator.stage, "indicator_name": indicator.zh, "year": year,
                     "value": value * times, "unit": indicator.unit, "whole": True, "withheld": False, "file": ""}
                )  # fmt: skip
    frame = pd.DataFrame(rows).assign(half_unit=0.0, rank_first=0, rank_last=0, of=0)
    frame.attrs = {"here": "柏溪县", "above": "", "english": {"Baixi": "柏溪县", "Yunlu": "云麓区"}}
    return frame


@pytest.mark.parametrize(
    ("template", "fills"),
    [
        ("In 2024 Baixi had xx primary schools with xxxxx pupils and xxx teachers, a pupil–teacher ratio of xx.x:1.",
         ["31", "14659", "888", "16.5"]),
        ("The share of children in public kindergartens in Baixi rose from xx.x% in 2015 to xx.x% in 2024, "
         "up x.x percentage points.", ["35.0", "35.1", "0.1"]),
        ("In 2024, xx.x% of primary teachers in Baixi had a degree.", ["84.2"]),
        ("Births in Baixi fell from xxxx to xxxx between 2015 and 2024.", ["2540", "1322"]),
        ("Primary schools had xxx teachers, xx fewer than in 2015.", ["888", "15"]),
        ("xx.x% of children in Yunlu were in public kindergartens in 2024, x.x percentage points more than in Baixi.",
         ["38.6", "3.5"]),
        ("The mean pay of teachers in Baixi was ______ yuan.", ["107845"]),
        ("Primary pupils in Baixi numbered xx.x thousand in 2024.", ["14.7"]),
        ("There were xxx teachers in primary schools in Yunlu.", ["977"]),
    ],
)  # fmt: skip
def test_a_figure_that_is_named_is_filled(known, template, fills):
    assert [mask.text for mask in masks(template, known, 2024)] == fills


@pytest.mark.parametrize(
    "template",
    [
        "In 2024 Baixi had xx rural primary schools.",
        "In 2024 xx primary schools in Baixi were closed.",
        "xx.x% of rural primary teachers in Baixi had a degree.",
        "xx.x% of primary teachers in Baixi had a degree from abroad.",
        "Births in Baixi fell by xxxx in 2024.",
        "Births in Baixi fell xxxx in 2024.",
        "Primary teachers with a degree in Baixi numbered xxx.",
        "Primary pupils in Baixi made up xx.x% of all pupils.",
        "The share of primary pupils in Baixi was xx.x%.",
        "Baixi and Yunlu had xx primary schools.",
        "The prefecture had xx primary schools.",
        "The province had xx primary schools.",
        "Baixi plans xx primary schools.",
        "The share of children in public kindergartens in Baixi is to reach xx.x% by 2027.",
        "The share of children in public kindergartens rose from xx.x% to xx.x%.",
        "The pupil–teacher ratio in primary schools of Hunan was xx.x:1.",
        "Primary schools in Baixi had xx.x pupils per teacher last year.",
        "In 2015 and 2024 Baixi had xx and xx primary schools.",
        "Primary schools in Baixi recruited xx teachers.",
        "Primary schools in Baixi had xx teachers more than in 2015.",
        "xx of the primary schools in Baixi had a canteen.",
        "Kindergartens in Baixi had xx classrooms.",
        "Primary schools in Baixi had xx classrooms and xx computers.",
        "The girls among the pupils of primary schools in Baixi numbered xxxx.",
    ],
)
def test_what_is_something_else_stays_open(known, template):
    found = masks(template, known, 2024)
    assert found
    assert not [mask.text for mask in found if mask.text]
    assert all(mask.why.en for mask in found)


@pytest.mark.parametrize(
    ("template", "fills"),
    [
        ("2024年，柏溪县共有小学xx所，小学专任教师xxx人。", ["31", "888"]),
        ("2015—2024年，柏溪县公办园在园幼儿占比由xx.x%提高到xx.x%。", ["35.0", "35.1"]),
        ("2015年至2024年，柏溪县公办园在园幼儿占比由xx.x%提高到xx.x%。", ["35.0", "35.1"]),
        ("2015—2024年，柏溪县公办园在园幼儿占比由2015年的xx.x%提高到2024年的xx.x%。", ["35.0", "35.1"]),
        ("2024年，柏溪县有农村小学xx所。", [""]),
        ("2024年，柏溪县新建小学xx所。", [""]),
        ("2024年，柏溪县小学xx所学校安装了空调。", [""]),
        ("2024年，柏溪县小学xx所达到标准。", [""]),
    ],
)
def test_spans_of_years_and_schools_behind_the_name_of_a_level(known, template, fills):
    assert [mask.text for mask in masks(template, known, 2024)] == fills
