"""What is said about series that are short, broken, constant, impossible, or lost among their neighbours?"""

import re

import numpy as np
import pytest
from own_tables import OWN_MAPPING

import edustats as edu
from edustats.briefing import check
from edustats.load.tables.reader import load_tables
from edustats.present.brief.trend_chart import ForecastFan, TargetMark, draw_trend_panels
from edustats.present.records.items import Figure, Finding, Table
from edustats.store.writing import write_store

SERIES = "学校代码,县代码,县名,学年,在校生,专任教师\n"
YEARS = range(2015, 2025)
VERBS = ("show_trends", "show_ranks", "show_peers", "show_convergence")


@pytest.fixture
def prefecture(own, tmp_path):
    """Build a prefecture from each county's yearly (pupils, teachers) and open its first county."""

    def build(counties, mapping=OWN_MAPPING, **options):
        lines = [
            f"{1001 + c},9901{c + 1:02d},{'甲乙丙丁戊己庚辛壬'[c]}县,{year},{pupils},{teachers}"
            for c, rows in enumerate(counties)
            for year, (pupils, teachers) in rows.items()
        ]
        write_store(load_tables(own(SERIES + "\n".join(lines) + "\n", mapping)), tmp_path / "store")
        return edu.open_county("990101", tmp_path / "store", **options)

    return build


def noisy(seed, slope=0.0, size=1000):
    rng = np.random.default_rng(seed)
    return {y: (size, 50 + slope * (y - 2015) + round(float(rng.normal(0, 1)), 2)) for y in YEARS}


def said(view, verb):
    return {i.key: i for i in getattr(edu, verb)(view) if isinstance(i, Finding)}


def trend_of(view):
    return said(view, "show_trends")["trend.ratio_pupils_per_teacher"]


BAD = {
    "constant": {y: (1000, 50) for y in YEARS},
    "one point": {2020: (1000, 50)},
    "a gap in the middle": {y: v for y, v in noisy(1).items() if y not in (2018, 2019)},
    "all missing": {y: (1000, "") for y in YEARS},
    "years out of order": dict(sorted(noisy(2).items(), key=lambda row: (row[0] * 7) % 10)),
}


@pytest.mark.parametrize("rows", BAD.values(), ids=BAD)
@pytest.mark.parametrize("neighbours", [0, 8])
def test_a_bad_series_is_named_and_no_verdict_is_invented(prefecture, rows, neighbours):
    view = prefecture([rows] + [noisy(10 + k) for k in range(neighbours)], lang="zh")
    for verb in VERBS:
        for item in getattr(edu, verb)(view):
            text = item.sentence if isinstance(item, Finding) else item.title
            assert not re.search(r"[{}]|nan|inf\b|None", text.zh + text.en)
    assert trend_of(view).verdict in ("same", "cannot_tell", "change_only")


@pytest.mark.parametrize("kind", ["one point", "all missing"])
def test_a_bad_series_can_be_drawn_beside_good_ones(prefecture, kind):
    assert all(i.png for i in edu.show_trend_chart(prefecture([BAD[kind], noisy(1)])))


def test_a_constant_series_is_the_same_because_it_never_moved(prefecture):
    assert "10个年份数值未变，变化不大" in trend_of(prefecture([BAD["constant"]])).sentence.zh


def test_a_break_in_the_last_year_leaves_one_year_and_no_trend(prefecture):
    mapping = OWN_MAPPING + '\n[[breaks]]\nyear = 2024\nindicator = "ratio_pupils_per_teacher"\n'
    found = trend_of(prefecture([noisy(3, 4)], mapping))
    assert found.verdict == "change_only"
    assert "只有这一年的数据" in found.sentence.zh


def test_years_in_another_order_say_the_same(prefecture):
    rows = noisy(2)
    assert trend_of(prefecture([BAD["years out of order"]])).sentence == trend_of(prefecture([rows])).sentence


def test_the_last_year_is_told_apart_from_the_trend(prefecture):
    rows = noisy(4, 4)
    rows[2024] = (1000, 40)
    found = trend_of(prefecture([rows] + [noisy(20 + k, 4) for k in range(8)]))
    assert "仅就最近一年看，2024年比上年高" in found.sentence.zh
    assert "变动大于以往各年，请核对" in found.sentence.zh


def test_counties_read_together_find_what_one_alone_does_not(prefecture):
    rows = [{y: (1000, v[1] + 0.3 * (y - 2015)) for y, v in noisy(104 + k).items()} for k in range(9)]
    assert trend_of(prefecture(rows[:1])).verdict == "cannot_tell"
    together = trend_of(prefecture(rows))
    assert together.verdict == "improving"
    assert "本地区9个县（市、区）合并估计" in together.note.zh


def test_an_undeclared_jump_is_a_question_and_a_declared_one_is_not(prefecture):
    rows = {y: (1000 if y < 2019 else 2000, v[1]) for y, v in noisy(5).items()}
    assert "2019年起数值整体抬高" in trend_of(prefecture([rows])).sentence.zh
    mapping = OWN_MAPPING + '\n[[breaks]]\nyear = 2019\nindicator = "ratio_pupils_per_teacher"\n'
    assert "整体抬高" not in trend_of(prefecture([rows], mapping)).sentence.zh


def test_places_that_cannot_be_told_apart_are_given_as_a_range(prefecture):
    view = prefecture([noisy(40 + k) for k in range(9)])
    table = next(i for i in edu.show_ranks(view) if isinstance(i, Table))
    assert table.rows[0][4].zh == "1–9"
    apart = prefecture([{y: (1000, 20 + 10 * k + y % 2 / 10) for y in YEARS} for k in range(9)])
    told = said(apart, "show_ranks")["rank.ratio_pupils_per_teacher"].sentence
    assert "9个县（市、区）中位次为第9位" in told.zh
    assert "9th of the 9 counties" in told.en


def test_peers_are_chosen_by_size_and_their_distance_is_shown(prefecture):
    rows = [{y: (size, size / 20) for y in YEARS} for size in (1000, 1100, 5000, 9000, 990)]
    view = prefecture(rows)
    told = said(view, "show_peers")["peers"].sentence.zh
    assert told.index("戊县（距离") < told.index("乙县（距离") < told.index("丙县（距离")


def test_every_sentence_passes_the_projects_own_checker(prefecture):
    view = prefecture([noisy(50 + k, k - 4, 500 + 200 * k) for k in range(9)])
    text = "\n".join(f.sentence.zh for verb in VERBS for f in said(view, verb).values())
    assert not [(c.quote, c.message.zh) for c in check(text) if c.verdict == "inconsistent"]


def test_forecasts_and_targets_have_their_place_in_the_panels(prefecture):
    view = prefecture([noisy(60)])
    years = np.arange(2025.0, 2028)
    fan = ForecastFan(years=years, middle=years * 0 + 20, lower=years * 0 + 18, upper=years * 0 + 22)
    plain = next(i for i in draw_trend_panels(view) if isinstance(i, Figure))
    marks = {"ratio_pupils_per_teacher": [TargetMark(year=2027, value=19)]}
    full = next(iter(draw_trend_panels(view, {"ratio_pupils_per_teacher": fan}, marks)))
    assert full.png != plain.png
    more = [[getattr(cell, "zh", cell) for cell in row[1:]] for row in full.data.rows[len(plain.data.rows) :]]
    assert more == [[year, "20.0", "—", "—", "—", "18.0～22.0"] for year in ("2025", "2026", "2027")] + [
        ["2027", "19.0", "—", "—", "目标", "—"]
    ]


def table_of(view):
    return next(i for i in edu.show_trends(view) if isinstance(i, Table) and i.key == "trends")


def moving(step, seed, years=YEARS):
    """A county whose ratio of pupils to teachers moves by one way, by about ``step`` teachers a year."""
    return {y: v for y, v in noisy(seed, step).items() if y in years}


def test_firm_is_said_without_a_hedge_and_against_the_first_three_years(prefecture):
    found = trend_of(prefecture([moving(2, 70 + k) for k in range(9)]))
    assert found.verdict == "improving"
    assert "；与2015—2017年平均水平比，明显改善，拟合曲线平均每年向下" in found.sentence.zh
    assert "against the mean level of 2015 to 2017: clearly better" in found.sentence.en
    assert not re.search("较有把握改善|可能|大体持平", found.sentence.zh)


def test_rising_as_everywhere_and_falling_behind_are_different_news(prefecture):
    with_all = trend_of(prefecture([moving(2, 70 + k) for k in range(9)]))
    behind = trend_of(prefecture([moving(0, 70)] + [moving(3, 71 + k) for k in range(8)]))
    assert "差于本地区各县共同走势" not in with_all.sentence.zh
    assert "；变化明显差于本地区各县共同走势" in behind.sentence.zh


@pytest.mark.parametrize("n", [3, 4])
def test_three_or_four_years_are_never_firm_and_say_so(prefecture, n):
    years = range(2025 - n, 2025)
    found = trend_of(prefecture([moving(9, 80 + k, years) for k in range(9)]))
    assert found.verdict == "likely_improving"
    assert "较有把握改善" in found.sentence.zh
    assert f"（只有{n}个年份，不作明确判断）" in found.sentence.zh


def test_two_years_are_a_change_and_nothing_more(prefecture):
    found = trend_of(prefecture([moving(9, 90 + k, (2023, 2024)) for k in range(9)]))
    assert found.verdict == "change_only"
    assert not re.search("明显|较有把握|变化不大|尚难判断", found.sentence.zh)


def test_a_rise_that_became_a_fall_is_named_with_its_year(prefecture):
    def turning(seed):
        return {y: (1000 + 90 * min(y - 2015, 2024 - y), 50 + v[1] / 100) for y, v in noisy(seed).items()}

    found = trend_of(prefecture([turning(100 + k) for k in range(9)]))
    assert re.search("；先升后降，20(19|20)年最高", found.sentence.zh)


def test_sentence_chip_table_and_summary_use_the_same_word(prefecture):
    view = prefecture([moving(2, 70 + k) for k in range(9)])
    assert "明显改善的有" in said(view, "show_trends")["verdicts"].sentence.zh
    row = next(r for r in table_of(view).rows if r[0].zh == "生师比")
    assert (row[-1].zh, row[-1].en) == ("明显改善", "clearly better")


def test_what_a_probability_is_of_is_told_once(prefecture):
    note = said(prefecture([moving(2, 70 + k) for k in range(9)]), "show_trends")["verdicts"].note.zh
    assert "概率不低于95%" in note
    assert "概率是多年平均而言的，不是每年都准" in note
