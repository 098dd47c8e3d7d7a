"""Do the levels of education, and the paragraphs of a section, add up? Invented bulletins in the forms bureaus use."""

import pytest

from edustats.briefing import check

SCHOOLS = (
    "全县共有各级各类学校{whole}所，其中：幼儿园143所，小学88所，中学31所（其中：普通中学29所、职业中学2所），"
    "特殊教育学校1所。全县专任教师{staff}人，其中：幼儿园教师902人、小学教师2317人、普通中学1846人、职业中学118人、"
    "特殊教育19人。"
)
PUPILS = (
    "全县现有公办中小学校{schools}所，在校生{pupils}人，其中：小学96所，学生41208人；初级中学21所，学生18355人；"
    "普通高中3所，学生9460人；职业中学1所，学生3127人；特殊教育学校1所，学生74人。"
)
SECTION = """义务教育
全县义务教育学校44所。校舍总面积{area}万平方米，较上年增加0.64万平方米；仪器设备值{kit}万元，较上年增加{more}万元；\
图书102.45万册，较上年增加0.91万册。
——小学。校数29所。校舍总面积23.17万平方米，比上年增加0.41万平方米；仪器设备值5310.26万元，比上年增加181.40万元；\
图书60.12万册，比上年增加0.52万册。
——初中。校数15所。校舍总面积19.05万平方米，比上年增加0.23万平方米；仪器设备值4027.51万元，比上年减少20.15万元；\
图书42.34万册，比上年增加0.38万册。
"""


def judged(text):
    return {c.verdict for c in check(text)} - {"consistent", "uncheckable"}


@pytest.mark.parametrize(
    "text",
    [
        SCHOOLS.format(whole=263, staff=5202),
        PUPILS.format(schools=122, pupils=72224),
        SECTION.format(area=42.22, kit=9337.77, more=161.25),
        "全县共有各级各类学校263所，其中小学88所，初中25所，高中6所。",  # the others are not told
        "全县共有学校138所，其中小学88所、九年一贯制学校20所、初中30所，另有教学点40所。",
        "普通高校38所。其中，本科院校17所（含本科层次职业学校2所）；高职（专科）院校21所。",
        "小学88所，招生4210人，在校生2.61万人。\n初中25所，招生3977人，在校生11984人。\n全市高中招生2088人，在校生6120人。",
        "全区幼儿园113所，其中教育部门办23所、部队办1所、民办89所。",
        "教职工7888人，其中小学2658人、初中2618人、普高1625人、特殊教育33人、幼儿园258人、其他局属单位696人。",
        "全县义务教育学校120所，其中小学88所。全县招生9000人，其中小学4000人、初中3000人、寄宿生5000人。",
    ],
)
def test_true_bulletins_are_left_alone(text):
    assert judged(text) == set()


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("全区幼儿园113所，其中教育部门办32所、部队办1所、民办89所。", "inconsistent"),
        (
            "教职工7888人，其中小学2658人、初中2681人、普高1625人、特殊教育33人、幼儿园258人、其他局属单位696人。",
            "inconsistent",
        ),
        (SCHOOLS.format(whole=236, staff=5202), "inconsistent"),  # the levels pass the whole
        (SCHOOLS.format(whole=293, staff=5202), "inconsistent"),  # a slip, and the list of teachers adds up
        (SCHOOLS.format(whole=412, staff=5202), "please_check"),  # the levels may leave some out
        (SCHOOLS.format(whole=263, staff=2502), "inconsistent"),
        (PUPILS.format(schools=122, pupils=72242), "inconsistent"),
        (PUPILS.format(schools=112, pupils=72224), "inconsistent"),
        (SECTION.format(area=42.22, kit=9773.77, more=161.25), "inconsistent"),
        (SECTION.format(area=24.22, kit=9337.77, more=161.25), "inconsistent"),
        (SECTION.format(area=42.22, kit=9337.77, more=201.55), "inconsistent"),
    ],
)
def test_a_wrong_figure_is_found(text, verdict):
    assert verdict in judged(text)


def test_a_share_of_the_area_named_last_is_condemned():
    text = (
        "全省共有幼儿园4310所，比上年增加25所，增长0.58%。学前教育在园幼儿612.4万人。其中，普惠性幼儿园在园幼儿{part}万人，"
        "占全省在园幼儿的比例87.10%。"
    )
    assert judged(text.format(part="533.4")) == set()
    assert judged(text.format(part="333.4")) == {"inconsistent"}
    elsewhere = "青山县有关情况如下。" + text.format(part="333.4").replace("全省共有", "共有")
    assert judged(elsewhere) == set()


def test_growth_beside_a_share_of_output_is_still_growth():
    text = "全县教育经费为{now}万元，比上年的40046.55万元增长7.15%，占GDP比例为4.22%。"
    assert judged(text.format(now="42908.15")) == set()
    assert judged(text.format(now="49208.15")) == {"inconsistent"}
