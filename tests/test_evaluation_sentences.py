"""Are effects, programmes, value added, maps and frames of one's own printed as they are, sentence by sentence?

Every estimate is written by hand, with no two numbers alike, so that one taken for another is seen.
"""

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest
from evaluated_cases import COMPARED, DRIFT, ESTIMATE, RATIO, SCHOOLS, UNIT, frames, value_added
from printing import record_drawings, store_of

import edustats as edu
from edustats.errors import ParameterError
from edustats.metrics.evaluation.synthetic import SyntheticPath
from edustats.present.evaluation.effects import _tabulate, describe_effect
from edustats.present.records.html import format_table_rows
from edustats.present.records.items import NO_SOURCE, Figure, Finding, Table


def told(estimate=ESTIMATE, lang="zh", unknown=(), synthetic=None, **more):
    estimate = dataclasses.replace(estimate, **more)
    found = describe_effect(frames(estimate, unknown), RATIO, UNIT, SCHOOLS, synthetic)
    return {one.key.removeprefix("effect."): (one.sentence[lang], one.verdict) for one in found}


# --- effects ---


def test_an_effect_is_told_with_what_could_be_seen_first():
    assert told() == {
        "power": (
            "先说能看出多大的作用：5个学校实行，14个未实行，作用要达到2.5左右，才有八成把握看得出来；要连此前两边走势的差别也排除，"
            "须达到3.4左右。", "none"),
        "verdict": (
            "实行的学校小学生师比下降3.1；未实行的提高1.2；能归于这项措施的部分为−4.3，在−6.0与−2.6之间。", "none"),
        "tests": (
            "两种检验并列：置换检验p=0.012（抽取4999种排列），少量单位的t检验p<0.001（自由度17）；即使此前两边走势的差别延续下去，"
            "结果也在−7.5与−1.1之间。", "none"),
        "beside.0": (
            "只看前后：学校小学生师比由实行前各年平均的21.4:1变为实行后的18.3:1，其中有各处都有的变化。", "none"),
    }  # fmt: skip
    weak = dataclasses.replace(DRIFT, detectable=0.5)
    assert (
        "须达到2.5左右" in told(before_drift=weak)["power"][0]
    )  # never less than what the test itself finds


def test_a_rise_that_holds_is_put_down_to_the_measure_too():
    risen = dataclasses.replace(COMPARED, change=3.1, change_others=-1.2, effect=4.3, lower=2.6, upper=6.0)
    said = told(comparison=risen, before_drift=dataclasses.replace(DRIFT, lower=1.1, upper=7.5))
    assert said["verdict"] == (
        "实行的学校小学生师比提高3.1；未实行的下降1.2；能归于这项措施的部分为4.3，在2.6与6.0之间。", "none",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"comparison": dataclasses.replace(COMPARED, t_p=0.06)},
         "这样的差别也可能是偶然的，尚不能判断有没有作用；这不等于没有作用。"),
        ({"crowded": True}, "实行的学校集中在少数县，各县自己的变化分不开，不作判断。"),
        ({"before_drift": dataclasses.replace(DRIFT, p=0.04)},
         "实行之前两边的走势已经不同，这一差别可能只是原有走势的延续，不作判断。"),
        ({"before_drift": dataclasses.replace(DRIFT, upper=0.2)},
         "此前两边走势的差别如果延续下去，结果在−7.5与0.2之间，可能没有作用，不作判断。"),
    ],
)  # fmt: skip
def test_whatever_speaks_against_it_leaves_the_difference_only(more, why):
    said = told(**more)
    assert said["verdict"] == (
        f"实行的学校小学生师比下降3.1；未实行的提高1.2；两边相差−4.3，在−6.0与−2.6之间；{why}", "cannot_tell",
    )  # fmt: skip
    assert "即使" not in said["tests"][0]


def test_all_ways_are_said_with_the_level_they_reach():
    exact = dataclasses.replace(COMPARED, is_exact=True, permutations=36, attained=0.0278, t_p=0.001)
    assert told(lang="en", comparison=exact)["tests"][0].startswith(
        "Both tests together: permutations p=0.012 (all 36 permutations, whose 5% level is in fact 2.8%), "
        "t on few units p=0.001 (17 degrees of freedom); even if"
    )


def test_what_stands_beside_an_effect_is_told_only_where_it_is():
    said = told(
        lang="en", left_out=np.array([3, 4]), all_units_effect=1.75, from_start=np.array([7]),
        apart=np.array([1, 2, 5]), unknown=("A", "B", "C", "D", "E", "F"),
        synthetic=SyntheticPath(weights=np.ones(1), path=np.ones(1), miss_before=0.25, gap_after=-2.25),
    )  # fmt: skip
    assert [said[f"beside.{k}"][0] for k in range(1, 6)] == [
        "A single unit took part; as a description, without a test: a mixture of the others lies −2.3 pupils "
        "per teacher from it afterwards, and 0.3 pupils per teacher before.",
        "Left out for want of figures in some year: 2; with them the difference is 1.8 pupils per teacher.",
        "Left out because they took part from the first year on: 1.",
        "Left out because nobody of their own county did not take part: 3.",
        "Codes of the list that are not in the data (6): A, B, C, D, E….",
    ]
    assert list(told(left_out=np.array([3]), before=math.nan)) == ["power", "verdict", "tests"]
    assert told(before=math.nan, lang="en", unknown=("A",))["beside.0"][0].endswith("(1): A.")


def test_without_a_comparison_the_reason_stands_first():
    said = told(comparison=None, before_drift=None, reason="no_comparison")
    assert said["refused"] == (
        "所有单位都实行了，没有可比的对象；只能说前后变化，不能说成效。",
        "cannot_tell",
    )
    assert list(said) == ["refused", "beside.0"]


def test_the_method_says_whether_each_was_compared_at_home():
    notes = [describe_effect(frames(dataclasses.replace(ESTIMATE, within=w)), RATIO, UNIT, SCHOOLS)[1].note.zh
             for w in (True, False)]  # fmt: skip
    assert notes[0] == f"只与本县未实行的比较；{notes[1]}"


def test_the_tables_of_an_effect_have_years_as_years_and_differences_with_their_sign():
    event, cohorts = _tabulate(frames(ESTIMATE), UNIT)
    assert [column.label.zh for column in event.columns] == ["距起始年份（年）", "相差", "标准误"]
    assert format_table_rows(event, "zh") == [["−2", "0.3", "0.5"], ["1", "−3.8", "0.6"]]
    assert format_table_rows(cohorts, "zh") == [["2019", "2021", "1.5", "0.8"]]
    assert not event.brief
    assert _tabulate(frames(dataclasses.replace(ESTIMATE, comparison=None)), UNIT) == []


def test_show_effect_refuses_in_a_sentence_what_the_store_does_not_hold():
    view = edu.open_prefecture("991100", store_of(), lang="zh")
    said = [one.sentence.zh for one in edu.show_effect(view, "", RATIO.key)]
    assert said == [
        "还没有名单：请在参数 joined 填一个CSV文件，表头为“学校代码,起始年份”，每行一所实行的学校。"
    ]
    joined = pd.DataFrame({"unit": ["211010001"], "first": [2020]})
    (only,) = edu.show_effect(view, joined, "share_gross_enrolment_preschool")
    assert (only.verdict, only.sentence.zh[:9]) == ("cannot_tell", "数据库中没有各校的")


# --- programmes ---


class View:
    """As much of a prefecture's view as the chapter of programmes reads."""

    area, lang, first_year, last_year, counties = "990100", "zh", 2020, 2024, ("990101",)

    def __init__(self, rows):
        self.held, self.store = rows, self

    def register(self, name):
        return self.held

    def rows(self, part, counties, columns):
        return pd.DataFrame({"unit": ["A", "B"]})

    def account(self, what):
        return NO_SOURCE

    def trace_register(self, name, columns):
        return NO_SOURCE


HEAD = [
    "year",
    "unit",
    "name",
    "major",
    "major_name",
    "leavers",
    "employed",
    "studying",
    "satisfaction",
    "industry",
]
PROGRAMMES = [
    (2023, "A", "甲校", "71", "会计", 80, 40, 0, 91.25, ""), (2024, "A", "甲校", "71", "会计", 60, 33, 0, 88.5, "无"),
    (2023, "A", "甲校", "72", "护理", 50, 45, 0, "", "康养"), (2024, "A", "甲校", "72", "护理", 40, 38, 0, "", "康养"),
    (2023, "B", "乙校", "73", "汽修", 30, 10, 0, "", "否"), (2023, "B", "乙校", "74", "焊接", 30, 29, 0, "", ""),
    (2024, "B", "乙校", "75", "烹饪", 25, 5, 0, "", ""),
]  # fmt: skip


def items_of(**options):
    rows = pd.DataFrame([tuple(map(str, row)) for row in PROGRAMMES], columns=HEAD)
    return list(edu.show_programmes(View(rows), **options))


def test_programmes_in_chinese_with_what_was_added_cut_and_matched():
    said = {one.key: one.sentence.zh for one in items_of() if isinstance(one, Finding)}
    assert said == {
        "programmes.rule": "2024年共有3个专业点（每校每专业计1个）；按“连续两年就业率低于60%予以停办”，符合的有1个。",
        "programmes.close": "应停办：甲校 会计。",
        "programmes.missing": "缺一年数据、不作判断的有1个；缺报不当作低于60%。",
        "programmes.beside.0": "与2023年相比，新增1个、撤销2个，净变化−1个。",
        "programmes.beside.1": "对应重点产业的专业占32.0%（按毕业生加权）。",  # 40 of 60 + 40 + 25
        "programmes.beside.2": "2所学校平均每校开设1.5个专业大类。",
    }
    rule = items_of()[0]
    assert rule.note.zh == "等于60%不算低于；升学的学生不计为就业；毕业生不足20人的年份不作依据"


def test_the_table_of_programmes_begins_with_those_to_close():
    (table,) = (one for one in items_of() if isinstance(one, Table))
    rows = format_table_rows(table, "zh")
    assert [[*row[:5], *row[6:]] for row in rows] == [
        ["甲校", "会计", "60", "55.0%", "50.0%", "88.5", "停办"],
        ["乙校", "烹饪", "25", "20.0%", "—", "—", "缺数据"],
        ["甲校", "护理", "40", "95.0%", "90.0%", "—", "保留"],
        ["乙校", "汽修", "—", "—", "33.3%", "—", "本年未列"],
        ["乙校", "焊接", "—", "—", "96.7%", "—", "本年未列"],
    ]
    assert not table.brief
    assert [column.persons for column in table.columns] == [
        False,
        False,
        True,
        False,
        False,
        False,
        False,
        False,
    ]


def test_other_conventions_are_told_and_decide():
    items = items_of(line="0.4", least_leavers=30, further_study="employed")
    assert items[0].sentence.zh.endswith("按“连续两年就业率低于40%予以停办”，符合的有0个。")
    assert items[0].note.zh == "等于40%不算低于；升学的学生计为就业；毕业生不足30人的年份不作依据"


# --- value added ---


def test_value_added_in_sentences():
    items = list(edu.show_value_added(value_added(stability=0.625)))
    assert [one.sentence.zh for one in items if isinstance(one, Finding)] == [
        "640名学生、12所学校；入学成绩相同的学生，成绩差别的25.0%在学校之间。",
        "分为3档，不排名次；不同档的两所学校，约有5%的可能实际高低相反。",
        "区间在零以上的有1所，在零以下的有1所，其余与平均分不开。",
        "与上一年各校增值的相关系数为0.63。",
        "增值是入学成绩相同的学生之间的差别，不全是学校的功劳或过错；只有一年，看不出各校是否稳定。",
    ]
    alone = [one.sentence.zh for one in edu.show_value_added(value_added(1)) if isinstance(one, Finding)]
    assert alone[1] == "学校之间分不出档次，不分档、不排名。"
    assert len(alone) == 4  # one year: nothing is said of steadiness


def test_the_tables_of_value_added():
    schools, fit = (
        one
        for one in edu.show_value_added(value_added(needed=4.5), "zh", {"S1": "一中"})
        if isinstance(one, Table)
    )
    assert format_table_rows(schools, "zh") == [
        ["一中", "300", "2.25", "1.25～3.25", "3", "4.50"],
        ["S2", "12", "人数太少", "—", "—", "—"],
        ["S3", "335", "−1.50", "−2.00～−1.00", "1", "4.50"],
    ]
    assert schools.rows[0][0].en == "S1"
    assert schools.rows[2][3].en == "−2.00 to −1.00"
    assert format_table_rows(fit, "zh") == [
        ["学校之间的方差", "6.00"], ["校内学生之间的方差", "18.00"], ["入学成绩解释的校间差别（%）", "75.00"],
        ["入学成绩的系数", "0.63"], ["残差偏度", "−0.38"], ["没有入学成绩而未参加的学生", "31"],
    ]  # fmt: skip
    ungraded, _ = (one for one in edu.show_value_added(value_added(1)) if isinstance(one, Table))
    assert len(ungraded.columns) == 5  # no target: no column of what is needed
    assert [row[4] for row in format_table_rows(ungraded, "zh")] == ["—", "—", "—"]
    assert not ungraded.brief
    assert not fit.brief


# --- a map from boundaries of one's own ---


def test_a_map_names_each_county_its_value_and_the_approval_number(tmp_path):
    view = edu.open_prefecture("991100", store_of(), lang="zh")
    square = [[[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 0.0]]]
    shapes = [
        {"properties": {"adcode": 991101}, "geometry": {"type": "Polygon", "coordinates": square}},
        {"properties": {"code": "991102"}, "geometry": {"type": "MultiPolygon", "coordinates": [square, square]}},
    ]  # fmt: skip
    file = tmp_path / "map.geojson"
    file.write_text(json.dumps({"features": shapes, "审图号": "GS（2024）1号"}), "utf-8")
    with record_drawings() as drawn:
        (figure,) = edu.show_county_map(view, file, "per_pupil_books_primary")
    assert isinstance(figure, Figure)
    assert figure.key == "prefecture.map.per_pupil_books_primary"
    assert figure.title.zh == "2024年手工市各县（市、区）小学生均图书册数（册）分布图"
    assert format_table_rows(figure.data, "zh") == [["甲县", "24.99"], ["乙县", "—"]]  # 乙县 reports none
    words = " ".join(drawn)
    assert "24.99" in words
    assert "审图号：GS（2024）1号" in words
    assert figure.data.sources[0].filter.years == (2024,)


# --- a frame of one's own ---


def test_a_frame_is_a_table_with_names_years_and_two_decimals():
    view = edu.open_county("991101", store_of(), lang="zh")
    frame = pd.DataFrame({
        "area_name": ["甲县", "乙县"], "year": [2023, 2024], "value": [1234.5, math.nan], "rank": [2.0, math.nan],
        "自定": ["甲", None],
    })  # fmt: skip
    (table,) = edu.show_frame(view, frame, "比较 / Compared")
    assert (table.title.zh, table.title.en) == ("比较", "Compared")
    assert [column.label.zh for column in table.columns][1:3] == ["年份", "数值"]
    assert [column.decimals for column in table.columns] == [None, None, 2, None, None]
    assert [row[1:] for row in format_table_rows(table, "zh")] == [
        ["2023", "1234.50", "2", "甲"], ["2024", "—", "—", "—"],
    ]  # fmt: skip
    (other,) = edu.show_frame(view, frame, "比较")
    assert other.title.en == "比较"


def test_a_frame_keeps_its_first_two_hundred_rows_and_one_for_use_inside_stays_inside():
    view = edu.open_county("991101", store_of(), lang="zh")
    (table,) = edu.show_frame(view, pd.DataFrame({"value": range(250)}))
    assert len(table.rows) == 200
    inside = pd.DataFrame({"value": [1.0]})
    inside.attrs["protected"] = False
    with pytest.raises(ParameterError):
        edu.show_frame(view, inside)


def test_a_charted_frame_is_a_figure_with_its_table():
    view = edu.open_county("991101", store_of(), lang="zh")
    rows = edu.observations(view.store, RATIO.key, level="county", years=2024)
    (figure,) = edu.show_frame(view, rows, "生师比 / Ratio", chart=True)
    assert isinstance(figure, Figure)
    assert len(figure.data.rows) == 5
    assert figure.alt.en == "Ratio"


def test_an_effect_that_is_not_nought_is_not_printed_as_nought():
    close = dataclasses.replace(
        COMPARED, change=0.1, change_others=0.06, effect=0.04, lower=-0.008, upper=0.3
    )
    assert "两边相差0.04，在−0.01与0.3之间" in told(comparison=close)["verdict"][0]
    assert "differ by 0.04 pupils per teacher" in told(comparison=close, lang="en")["verdict"][0]
    nought = dataclasses.replace(close, effect=-1e-12)  # what is left of two sums of doubles
    assert "两边相差0.0，在" in told(comparison=nought)["verdict"][0]
