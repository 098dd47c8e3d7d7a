"""Does everything in the explorer stand where its value says, and is what it writes what the store holds?"""

import math
import re

import numpy as np
import pandas as pd
import pytest
from printing import store_of

import edustats as edu
from edustats.present.drawing.lines import Line, choose_limits, spread_labels
from edustats.present.explore.answers import Choice, Explorer
from edustats.present.explore.frame_chart import plot
from edustats.present.explore.svg import SvgLine, draw_histogram, draw_lines
from edustats.words import Text

RATIO, BOOKS = "ratio_pupils_per_teacher_primary", "per_pupil_books_primary"
OWN, OTHER, INK = "#1f4e79", "#7a7a7a", "#1a1a1a"


def pixels(drawn, tag, names):
    """Those attributes of each such element, numbers as numbers."""
    found = re.findall(rf"<{tag} ([^>]*)>", drawn)
    return [tuple(re.search(rf'(?<![\w-]){name}="([^"]*)"', one)[1] for name in names) for one in found]


# --- the small chart: 620 by 260; the years stand between 48 and 470, the values between 236 and 14 ---


def test_lines_marks_and_names_stand_where_their_values_are():
    """From nought, because 10 is below a third of 50: the top is 54, so a value stands 222/54 a unit above 236."""
    own = SvgLine(name="甲", years=[2020, 2021, 2022], values=[10.0, math.nan, 20.0], own=True)
    other = SvgLine(name="乙", years=[2020, 2022], values=[40.0, 30.0], band=([35.0, 25.0], [45.0, 50.0]))
    drawn = draw_lines([own, other], [("≤ 25", 25.0)], 1)

    def high(value):
        return f"{236 - 222 * value / 54:.1f}"

    assert pixels(drawn, "polyline", ("points", "stroke", "stroke-width", "stroke-dasharray")) == [
        (f"48.0,{high(10)} 470.0,{high(20)}", OWN, "2.4", ""),
        (f"48.0,{high(40)} 470.0,{high(30)}", OTHER, "1.2", "6 3"),
    ]
    ring = f"48.0,{high(35)} 470.0,{high(25)} 470.0,{high(50)} 48.0,{high(45)}"
    assert pixels(drawn, "polygon", ("points",)) == [(ring,)]
    assert pixels(drawn, "circle", ("cx", "cy")) == [("48.0", high(10)), ("470.0", high(20))]
    assert pixels(drawn, "line", ("x1", "x2", "y1", "y2")) == [("48", "470", high(25), high(25))]
    words = re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)"[^>]*anchor="(\w+)"[^>]*fill="([^"]*)">([^<]*)', drawn
    )
    assert words == [
        ("42.0", "236.0", "end", INK, "0.0"), ("42.0", "125.0", "end", INK, "27.0"),
        ("42.0", "14.0", "end", INK, "54.0"),
        ("48.0", "254.0", "middle", INK, "2020"), ("259.0", "254.0", "middle", INK, "2021"),
        ("470.0", "254.0", "middle", INK, "2022"),
        ("52.0", f"{236 - 222 * 25 / 54 - 4:.1f}", "start", INK, "≤ 25"),
        ("478.0", high(20), "start", OWN, "甲 20.0"), ("478.0", high(30), "start", INK, "乙 30.0"),
    ]  # fmt: skip


def test_a_line_of_one_year_is_a_point_and_a_line_without_values_is_none():
    drawn = draw_lines(
        [SvgLine(name="甲", years=[2024], values=[3.0], own=True),
         SvgLine(name="乙", years=[2024], values=[math.nan])], decimals=2)  # fmt: skip
    assert pixels(drawn, "circle", ("cx",)) == [("48.0",)]
    assert "甲 3.00" in drawn
    assert "乙" not in drawn


def test_of_many_years_every_second_is_named():
    drawn = draw_lines([SvgLine(name="甲", years=range(2008, 2025), values=[1.0] * 17)])
    assert re.findall(r">(20\d\d)<", drawn) == [str(year) for year in range(2008, 2025, 2)]


def test_bars_hold_the_schools_and_the_level_of_a_standard():
    """1 to 10 in 18 bars of half a unit: two schools in the first, one from 4.0 on."""
    drawn = draw_histogram([1.0, 1.0, 4.0, math.nan], 10.0, 1)
    bars = [(float(x), float(y), float(tall)) for x, y, tall in pixels(drawn, "rect", ("x", "y", "height"))]
    width = (620 - 2 * 48) / 18
    assert [round(x, 1) for x, _, _ in bars] == [round(48 + k * width, 1) for k in range(18)]
    assert {k: (y, tall) for k, (_, y, tall) in enumerate(bars) if tall} == {0: (14, 222), 6: (125, 111)}
    assert re.findall(r'<text x="([\d.]+)"[^>]*>([^<]*)', drawn) == [
        ("48.0", "1.0"), ("135.3", "2.5"), ("222.7", "4.0"), ("310.0", "5.5"), ("397.3", "7.0"), ("484.7", "8.5"),
        ("572.0", "10.0"), ("42.0", "2"),
    ]  # fmt: skip
    assert pixels(drawn, "line", ("x1", "x2", "y1", "y2")) == [("572.0", "572.0", "14", "236")]
    assert [y for (y,) in pixels(drawn, "text", ("y",))] == ["254.0"] * 7 + ["20.0"]
    alone = draw_histogram([7.0, 7.0])
    assert re.findall(r'anchor="middle"[^>]*>([^<]*)', alone)[::6] == ["6.5", "7.5"]
    assert "<line" not in alone


# --- axes and names ---


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([1.0, 10.0], (0.0, 10.8)),  # from nothing: 1 is below 0.35 of 10
        ([4.0, 10.0], (7 - 6 * 0.62, 7 + 6 * 0.62)),
        ([90.0, 91.0], (90.5 - 9.1 * 0.62, 90.5 + 9.1 * 0.62)),  # at least a tenth of the level
        ([-2.0, 1.0], (-0.5 - 3 * 0.62, -0.5 + 3 * 0.62)),
        ([0.0, 0.0], (0.0, 0.62 * 0.1)),  # nothing at all: a tenth of one
    ],
)
def test_an_axis_is_honest(values, ends):
    assert choose_limits(np.array(values)) == pytest.approx(ends)


def test_names_stand_apart_and_inside():
    assert spread_labels([5.0, 5.0, 1.0], 2.0, 0.0, 10.0) == pytest.approx([4.0, 6.0, 1.0])
    assert spread_labels([9.5, 9.9], 2.0, 0.0, 10.0) == pytest.approx([8.0, 10.0])
    assert spread_labels([0.2, 0.1], 2.0, 0.0, 10.0) == pytest.approx([2.0, 0.0])


def test_two_lines_share_an_axis_only_where_neither_is_a_tenth_of_the_other():
    def line(*values):
        return Line(Text("甲", "A"), tuple(range(len(values))), values)

    assert line(1.0, 5.0).same_scale(line(50.0))
    assert line(-50.0).same_scale(line(5.0))
    assert not line(1.0, 5.0).same_scale(line(51.0))
    assert not line(51.0).same_scale(line(5.0))
    assert not line(0.0).same_scale(line(5.0))


# --- the explorer on the prefecture made by hand ---


@pytest.fixture(scope="module")
def store():
    return edu.open_store(store_of())


def answer(store, lang="zh", **more):
    return Explorer(store, lang).answer(
        Choice(**{"areas": ("991101",), "indicator": RATIO, "first": 2020, "last": 2024} | more)
    )


def cells(table):
    return [re.findall(r"<t[hd]>([^<]*)", row) for row in table.split("<tr>")[1:]]


def pupils_of(year, k):
    """A primary school of 甲县, as ``handmade`` says."""
    return 400 - 10 * (year - 2017) + 3 * (((year - 2017) * 5 + k) % 3)


def test_the_own_county_alone(store):
    found = answer(store)
    ratios = [sum(pupils_of(year, k) for k in range(4)) / (20 + 20 + 18 + 18) for year in range(2020, 2025)]
    assert cells(found.table) == [
        ["", *map(str, range(2020, 2025))],
        ["甲县", *(f"{r:.1f}:1" for r in ratios)],
    ]
    assert found.verdict == "<p>甲县，2020—2024年：明显改善</p>"
    assert found.places == "<p>甲县，2024年位次：第1到第1位之间（共5个）</p>"
    assert found.schools.startswith("<p>甲县，2024年，4所学校的分布</p><svg")
    assert set(found.frame["area"]) == {"991101"}
    assert found.chart.count("<polyline") == 1
    assert f'fill="{OWN}">甲县 {ratios[-1]:.1f}<' in found.chart


def test_against_peers_the_nearest_and_against_the_prefecture_the_whole(store):
    assert list(dict.fromkeys(answer(store, against="peers").frame["area"])) == [
        "991101", "991102", "991104", "991105",
    ]  # fmt: skip
    found = answer(store, against="prefecture", indicator=BOOKS)
    assert [row[0] for row in cells(found.table)] == ["", "甲县", "手工市"]
    assert found.places == "<p>甲县，2024年位次：第1到第4位之间（共4个）</p>"  # 乙县 reports no books
    assert re.findall(r'fill="([^"]*)">([^< ]+) 24.99<', found.chart) == [(OWN, "甲县"), (INK, "手工市")]


def test_against_a_target_and_a_standard_their_levels(store):
    assert ">&gt;= 25.5 (2023)<" in answer(store, against="target", indicator=BOOKS).chart
    assert "25.5" not in answer(store, against="target", indicator=BOOKS, areas=("991102",)).chart
    found = answer(store, lang="en", against="standard")
    assert ">Staffing norms of schools &lt;= 19<" in found.chart
    assert found.chart.count("<line ") == 1
    assert found.schools.count("<line ") == 1  # the level stands in the bars of the schools too
    assert found.verdict == "<p>County A, 2020–2024: clearly better</p>"


def test_of_the_villages_only_their_schools(store):
    found = answer(store, lang="en", group="village", indicator=BOOKS, first=2024)
    assert cells(found.table) == [["", "2024"], ["County A", "20.00 volumes"]]
    assert found.schools.startswith("<p>County A, 2024: 2 schools</p>")


def test_a_missing_value_is_a_dash_and_a_prefecture_has_no_schools(store):
    found = answer(store, areas=("991102", "991101"), indicator=BOOKS, first=2023)
    assert ["乙县", "—", "—"] in cells(found.table)
    assert found.schools == ""
    assert answer(store, areas=("991100",)).schools == ""


def test_the_code_beside_says_what_was_chosen(store):
    found = answer(store, areas=("991101", "991103"), against="peers", group="village", indicator=BOOKS)
    assert found.code == (
        f"rows = edu.observations(store, '{BOOKS}', years=slice(2020, 2024), group='village')",
        "edu.plot(rows[rows['area'].isin(['991101', '991103', '991105', '991102', '991104'])], '991101')",
        "edu.trend(rows)",
        "edu.rank(rows)",
        f"edu.schools(store, '{BOOKS}', ['991101', '991103'], 2024, group='village')",
        "edu.peers(store, '991101')",
    )
    chosen = Choice(areas=("991101", "991103"), indicator=BOOKS, first=2020, last=2024)
    assert Explorer(store, "zh").write_command(chosen) == (
        "edustats report --store store --county 991101,991103 --to 2024"
    )


# --- a chart of a frame ---


def drawn_lines(axes):
    return {tuple(np.round(line.get_ydata(), 3)): line.get_color() for line in axes.lines}


def test_a_frame_of_years_is_lines_on_the_print_scale(store):
    rows = edu.observations(store, "share_qualified_primary", ["991101", "991105"], slice(2022, 2024))
    axes = plot(rows, "991105", lang="zh", quiet=True)
    # of 甲县's teachers (20, 20, 18, 18) one lacks the qualification; of 戊县's (16, 16, 14, 14) one too
    assert drawn_lines(axes) == {(98.684,) * 3: OTHER, (98.333,) * 3: OWN}
    assert [text.get_text() for text in axes.texts] == ["甲县 98.7", "戊县 98.3"]
    assert axes.get_title(loc="left").endswith("（%）")
    assert list(axes.get_xticks()) == [2022, 2023, 2024]


def test_a_frame_of_schools_is_bars_with_their_weighted_mean(store):
    rows = edu.schools(store, BOOKS, "991101", 2024)
    axes = plot(rows, lang="zh", quiet=True)
    held = [pupils_of(2024, k) for k in range(4)]
    mean = (30 * sum(held[:2]) + 20 * sum(held[2:])) / sum(held)
    assert [bar.get_height() for bar in axes.patches if bar.get_height()] == [2, 2]
    assert axes.lines[0].get_xdata() == pytest.approx([mean, mean])
    assert f"{mean:.2f}" in axes.get_xlabel()
    assert "4所" in axes.get_xlabel()


def test_a_frame_of_places_stands_with_the_first_on_top(store):
    rows = edu.rank(edu.observations(store, RATIO, level="county"), 2024)
    axes = plot(rows, "甲县", lang="zh", quiet=True)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["戊县", "丙县", "丁县", "乙县", "甲县"]  # 丙县 864/38, 丁县 13816/608 pupils a teacher
    assert [line.get_color() for line in axes.lines[::2]] == [OTHER] * 4 + [OWN]
    assert [float(line.get_xdata()[0]) for line in axes.lines[1::2]] == [5, 4, 3, 2, 1]


def test_a_frame_of_trends_is_the_yearly_change_in_per_cent(store):
    found = edu.trend(edu.observations(store, RATIO, level="county")).sort_values("slope")
    axes = plot(found, lang="zh", quiet=True)
    middles = [float(line.get_xdata()[0]) for line in axes.lines[1:-1:2]]
    assert middles == pytest.approx(list(found["slope"] * 100))
    low, high = axes.lines[0].get_xdata()
    assert (low, high) == pytest.approx(tuple(found.iloc[0][["lower", "upper"]] * 100))
    assert list(axes.lines[-1].get_xdata()) == [0, 0]


def test_a_frame_of_pairs_has_each_other_once(store):
    rows = pd.DataFrame({
        "area": "a", "area_name": "甲", "other": ["b", "b", "c"], "other_name": ["乙", "乙", "丙"],
        "year": [2023, 2024, 2024], "value": [1.0, 2.0, 2.0], "other_value": [5.0, 4.0, 3.0],
    })  # fmt: skip
    axes = plot(rows, lang="zh", quiet=True)
    assert drawn_lines(axes) == {(1.0, 2.0): OWN, (5.0, 4.0): OTHER, (3.0,): OTHER}
