"""Is a cell of a draft's table compared with the observation that its row and column name, and with no other?"""

import pandas as pd
import pytest

from edustats.briefing import check

VALUES = {
    ("青川县", 2023): {
        "小学生师比": 16.8,
        "小学大班额占比": 0.046,
        "小学招生数": 4247,
        "教育经费": 2.845e9,
    },
    ("青川县", 2024): {
        "小学生师比": 16.5,
        "小学大班额占比": 0.028,
        "小学招生数": 4128,
        "教育经费": 3.132e9,
    },
    ("临江市", 2023): {
        "小学生师比": 16.1,
        "小学大班额占比": 0.05,
        "小学招生数": 21000,
        "教育经费": 1.78e10,
    },
    ("临江市", 2024): {
        "小学生师比": 15.7,
        "小学大班额占比": 0.04,
        "小学招生数": 20500,
        "教育经费": 1.95e10,
    },
}
UNITS = {
    "小学生师比": "pupils_per_teacher",
    "小学大班额占比": "share",
    "小学招生数": "person",
    "教育经费": "yuan",
}


@pytest.fixture(scope="module")
def known():
    rows = [
        (area, "primary", name, year, value, UNITS[name])
        for (area, year), held in VALUES.items()
        for name, value in held.items()
    ]
    frame = pd.DataFrame(rows, columns=["area_name", "stage", "indicator_name", "year", "value", "unit"])
    frame.attrs = {"here": "青川县", "above": "临江市"}
    return frame


def verdicts(lines, known):
    """What is said of each number that is compared with data, by its text."""
    text = "青川县2024年教育简报\n\n" + "\n".join("\t".join(line) for line in lines) + "\n"
    return [(claim.quote, claim.verdict) for claim in check(text, known) if claim.data]


OWN = [
    ["指标", "青川县", "上年", "全市", "同类县", "标准"],
    ["小学生师比", "16.5:1", "16.8:1", "15.7:1", "15.9:1", "不高于19:1"],
    ["小学大班额占比", "2.8%", "4.6%", "4.0%", "3.1%", "不高于5%"],
    ["教育经费", "31.32亿元", "28.45亿元", "195.00亿元", "—", "—"],
]


def test_last_year_the_prefecture_and_the_county_each_have_their_own_figure(known):
    found = verdicts(OWN, known)
    assert [said for said, _ in found] == [
        "16.5:1",
        "16.8:1",
        "15.7:1",
        "2.8%",
        "4.6%",
        "4.0%",
        "31.32亿元",
        "28.45亿元",
        "195.00亿元",
    ]
    assert {verdict for _, verdict in found} == {"consistent"}


@pytest.mark.parametrize("column", [1, 2, 3])
def test_a_figure_in_the_wrong_column_is_found(known, column):
    lines = [list(line) for line in OWN]
    lines[1][column] = "17.9:1"
    assert [verdict for said, verdict in verdicts(lines, known) if said == "17.9:1"] == ["inconsistent"]


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        (
            ["年份", "小学生师比", "小学大班额占比（%）", "小学招生数"],
            [["2023", "16.8", "4.6", "4247"], ["2024", "16.5", "2.8", "4128"]],
        ),
        (
            ["县（市、区）", "2023年小学招生数（人）", "2024年小学招生数（人）"],
            [["青川县", "4247", "4128"], ["临江市", "21000", "20500"]],
        ),
        (["学段", "2024年招生（人）", "2023年招生（人）"], [["小学", "4128", "4247"]]),
        (
            ["地区", "教育经费（亿元）", "小学大班额占比（%）"],
            [["全市", "195.0", "4.0"], ["全县", "31.32", "2.8"]],
        ),
    ],
)
def test_years_areas_and_stages_may_stand_in_rows_or_columns(known, head, rows):
    found = verdicts([head, *rows], known)
    assert len(found) == len(rows) * (len(head) - 1)
    assert {verdict for _, verdict in found} == {"consistent"}
    wrong = [[cell if j != 1 else "9" + cell for j, cell in enumerate(row)] for row in rows]
    found = verdicts([head, *wrong], known)
    assert [verdict for _, verdict in found].count("inconsistent") == len(rows)


@pytest.mark.parametrize("head", ["比上年", "同类县", "城区", "目标", "全省", "还差", "其中：民办"])
def test_a_column_that_is_something_else_is_not_compared(known, head):
    lines = [["指标", "青川县", head], ["小学生师比", "16.5:1", "12.0:1"], ["小学招生数", "4128", "77"]]
    assert [said for said, _ in verdicts(lines, known)] == ["16.5:1", "4128"]


def test_a_name_before_another_item_is_that_items(known):
    frame = pd.DataFrame(
        [
            ("青川县", "preschool", "幼儿园数", 2024, 64, "school"),
            ("青川县", "primary", "小学校数", 2024, 59, "school"),
        ],
        columns=["area_name", "stage", "indicator_name", "year", "value", "unit"],
    )
    frame.attrs = {"here": "青川县", "above": ""}
    claims = check("青川县2024年教育简报\n现有幼儿园64所、小学59所、初中21所。", frame)
    assert [(c.quote, c.verdict) for c in claims if c.data] == [("现有幼儿园64所", "consistent")]


def test_a_year_looked_back_to_does_not_date_the_next_clause(known):
    text = "青川县2024年教育简报\n小学大班额占比2.8%，2023年为4.6%；小学生师比16.5:1，比上年下降0.3。"
    assert {c.verdict for c in check(text, known) if c.data} == {"consistent"}


@pytest.mark.parametrize(
    "over",
    [["单位：亿元"], ["表1 教育经费", "单位：亿元、人"]],
)
def test_a_line_of_units_over_a_table_leaves_its_bare_cells_open(known, over):
    table = [["地区", "教育经费", "小学招生数"], ["青川县", "31.32", "0.41"], ["临江市", "195.0", "2.05"]]
    text = "青川县2024年教育简报\n\n" + "\n".join([*over, *("\t".join(line) for line in table)]) + "\n"
    assert [c.quote for c in check(text, known) if c.data and c.verdict == "inconsistent"] == []


def test_money_without_any_unit_is_not_held_against_yuan(known):
    assert verdicts([["地区", "教育经费"], ["青川县", "31.32"], ["临江市", "195.0"]], known) == []


def test_under_several_years_a_column_without_a_year_is_of_nobody_knows_which(known):
    text = "青川县教育简报\n\n2023—2024年教育情况\n地区\t小学招生数\n青川县\t4128\n临江市\t20500\n"
    assert [c.quote for c in check(text, known) if c.data and c.verdict == "inconsistent"] == []
