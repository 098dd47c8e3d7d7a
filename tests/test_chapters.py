"""Do the chapters say what the data say, no more, and each number with its source?"""

import dataclasses
import json
import re
import warnings

import numpy as np
import pytest
from own_tables import OWN_MAPPING

import edustats as edu
from edustats.errors import ParameterError, UnknownNameError
from edustats.load.tables.reader import load_tables
from edustats.present.drawing import figures
from edustats.present.records.items import Figure, Finding, Table, revive_item, serialize_item
from edustats.store.writing import write_store

VERBS = (
    "show_cover",
    "show_profile",
    "show_trends",
    "show_trend_chart",
    "show_ranks",
    "show_peers",
    "show_data_warnings",
    "show_inequality",
    "show_decomposition",
    "show_gaps",
    "show_pen_parade",
    "show_gap_chart",
    "show_lorenz_curves",
    "show_inequality_change",
    "show_contributors",
    "show_segregation",
)
SERIES = "学校代码,县代码,县名,学年,在校生,专任教师\n"


def items(view, verb):
    return list(getattr(edu, verb)(view))


def findings(view, verb):
    return {item.key: item for item in items(view, verb) if isinstance(item, Finding)}


@pytest.fixture
def county(own, tmp_path):
    """Build a one-county store from yearly (pupils, teachers) and open it."""

    def build(rows, mapping=OWN_MAPPING, **options):
        lines = [f"1001,990101,甲县,{year},{pupils},{teachers}" for year, (pupils, teachers) in rows.items()]
        write_store(load_tables(own(SERIES + "\n".join(lines) + "\n", mapping)), tmp_path / "store")
        return edu.open_county("990101", tmp_path / "store", **options)

    return build


@pytest.mark.parametrize("code", ["01", "42", "63", "82"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verb_answers_for_small_and_large_counties_in_both_languages(michigan, code, lang):
    if code == "42":
        with pytest.raises(UnknownNameError):
            edu.open_county(code, michigan)
        return
    view = edu.open_county(code, michigan, lang=lang)
    shown = [item for verb in VERBS for item in items(view, verb)]
    assert any(isinstance(item, Table) for item in shown)
    for item in shown:
        text = item.sentence if isinstance(item, Finding) else item.title
        assert text.zh
        assert not re.search(r"[{}]|nan|None", text.zh + text.en)
        assert not re.search("[一-鿿]", text.en)


def test_every_number_of_every_finding_carries_its_files_filter_formula_and_clause(michigan):
    view = edu.open_county("63", michigan)
    numbers = [n for verb in VERBS for f in findings(view, verb).values() for n in f.numbers]
    assert len(numbers) > 60
    for number in numbers:
        assert re.fullmatch(r"[0-9a-f]{64}", number.source.files[0][1])
        assert number.source.filter.areas in (("63",), ("MI",), ("63", "MI"))
        assert number.source.formula
        assert number.source.clause.zh


def test_every_table_and_figure_of_indicators_says_where_its_numbers_come_from(michigan):
    view = edu.open_county("63", michigan)
    for verb in (
        "show_profile",
        "show_trends",
        "show_trend_chart",
        "show_ranks",
        "show_inequality",
        "show_pen_parade",
        "show_gap_chart",
    ):
        for item in items(view, verb):
            table = item if isinstance(item, Table) else item.data if isinstance(item, Figure) else None
            assert table is None or table.sources


def test_the_sentence_of_a_rate_has_the_two_ends_and_their_difference_in_points(michigan):
    said = findings(edu.open_county("82", michigan), "show_trends")["trend.share_passing_math4"].sentence
    assert "由1992年的24.6%提高到1998年的68.7%，提高44.1个百分点" in said.zh
    assert "rose from 24.6% in 1992 to 68.7% in 1998, up 44.1 percentage points" in said.en


def test_a_steady_rise_is_called_a_trend_and_noise_is_not(county):
    steady = county({2010 + t: (1000, 50 + 3 * t + t % 2) for t in range(8)})
    assert findings(steady, "show_trends")["trend.ratio_pupils_per_teacher"].verdict == "improving"
    noise = [52, 47, 55, 46, 53, 49, 54, 48]
    flat = county({2010 + t: (1000, n) for t, n in enumerate(noise)})
    assert findings(flat, "show_trends")["trend.ratio_pupils_per_teacher"].verdict == "cannot_tell"


def test_polarity_comes_from_the_catalogue(county):
    view = county({2010 + t: (1000, 80 - 3 * t - t % 2) for t in range(8)})
    assert findings(view, "show_trends")["trend.ratio_pupils_per_teacher"].verdict == "worsening"


def test_two_years_are_a_change_and_are_never_called_a_trend(county):
    view = county({2020: (1000, 50), 2021: (900, 50)})
    told = findings(view, "show_trends")
    assert told["verdicts"].sentence.zh == "只有2020年、2021年这2个年份的数据，以下是前后变化，不是趋势。"
    assert told["trend.count_pupils"].verdict == "change_only"
    assert "减少到2021年的900人，下降10.0%" in told["trend.count_pupils"].sentence.zh


def test_one_year_is_a_level_and_nothing_is_compared(county):
    said = findings(county({2020: (1000, 50)}), "show_trends")["trend.count_pupils"].sentence
    assert "只有这一年的数据" in said.zh
    assert "this is the only year held" in said.en


def test_what_was_never_collected_is_said_by_its_kind_and_not_as_nought(county):
    told = findings(county({2020: (1000, ""), 2021: (1000, "")}), "show_trends")[
        "trend.ratio_pupils_per_teacher"
    ]
    assert "未采集" in told.sentence.zh
    assert not told.numbers


def test_years_before_a_break_take_no_part(county):
    mapping = OWN_MAPPING + '\n[[breaks]]\nyear = 2014\nindicator = "count_pupils"\n'
    view = county({2010 + t: (5000 if t < 4 else 1000, 50) for t in range(8)}, mapping)
    told = findings(view, "show_trends")["trend.count_pupils"]
    assert "由2014年" in told.sentence.zh or "2014年为" in told.sentence.zh
    assert "2014年起口径变动" in told.note.zh


def test_a_value_that_did_not_move_is_said_not_to_have_moved(county):
    said = findings(county({2020: (1000, 50), 2021: (1000, 50)}), "show_trends")[
        "trend.count_pupils"
    ].sentence.zh
    assert "没有变化" in said


def test_average_growth_names_its_base_year_and_number_of_steps(county):
    said = findings(county({2020: (1000, 50), 2021: (1100, 50), 2022: (1210, 50)}), "show_trends")[
        "trend.count_pupils"
    ]
    assert "年均增长10.0%（2020年为基期，2个年度）" in said.sentence.zh


def test_the_years_of_a_view_bound_every_sentence(michigan):
    view = edu.open_county("82", michigan, first_year=1994, last_year=1996)
    said = findings(view, "show_trends")["trend.share_passing_math4"].sentence.zh
    assert "由1994年" in said
    assert "1996年" in said


def test_a_single_district_gets_no_coefficient_and_no_gap(michigan):
    view = edu.open_county("01", michigan)
    assert "不计算差异系数" in findings(view, "show_inequality")["spread"].sentence.zh
    assert findings(view, "show_gaps")["gap.poverty"].verdict == "cannot_tell"
    assert not items(view, "show_pen_parade")


def test_impossible_values_are_counted_and_listed(michigan):
    found = items(edu.open_county("82", michigan), "show_data_warnings")
    assert found[0].sentence.en.startswith("Wayne County has 18 impossible values")
    table = next(i for i in found if i.key == "doubtful")
    assert len(table.rows) == 18
    assert not table.brief


def test_figures_hold_the_numbers_they_draw_and_a_text_for_those_who_cannot_see(michigan):
    view = edu.open_county("63", michigan)
    figures = [
        i for verb in ("show_trend_chart", "show_pen_parade", "show_gap_chart") for i in items(view, verb)
    ]
    assert {f.key.split(".")[0] for f in figures} >= {"trend_chart", "parade"}
    for figure in figures:
        assert isinstance(figure, Figure)
        assert figure.png.startswith(b"\x89PNG")
        assert figure.alt.zh
        assert figure.data.rows


def test_every_glyph_of_a_chart_is_there_minus_signs_and_rare_place_names_included():
    names = ["鄠邑区", "浉河区", "硚口区", "勐腊县", "盱眙县"]
    bars = figures.ParadeBars(
        values=np.array([-3.2, 1.0, 2.0, -0.5, 4.0]), widths=np.ones(5), names=names, own=1, mean=0.66
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        png = figures.draw_pen_parade(bars, "较上年增减（个百分点）", "人口（%）", "−0.7")
    assert png.startswith(b"\x89PNG")


def test_the_same_view_draws_the_same_picture_to_the_byte(michigan):
    one, two = (items(edu.open_county("63", michigan), "show_trend_chart")[0].png for _ in range(2))
    assert one == two


def test_a_record_comes_back_as_the_item_it_was(michigan):
    view = edu.open_county("63", michigan)
    for verb in VERBS:
        for item in items(view, verb):
            body = json.loads(json.dumps(serialize_item(item)))
            again = revive_item(type(item).__name__.lower(), body, getattr(item, "png", b""))
            assert again == item or dataclasses.asdict(again) == dataclasses.asdict(item)


def test_a_census_county_compares_sexes_and_its_neighbours(zhuzhou):
    view = edu.open_county("430211", zhuzhou)
    gap = findings(view, "show_gaps")["gap.gap_years_schooling_sex"]
    assert (
        "男性的平均受教育年限为11.63年，女性为11.42年，男性高0.21年；2010年差距为0.42年，差距缩小"
        in gap.sentence.zh
    )
    assert "10个县（市、区）" in findings(view, "show_inequality")["spread.mean_years_schooling"].sentence.zh


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({"first_year": 1998, "last_year": 1992}, "errors.reversed_years"),
        ({"first_year": 2020}, "errors.no_years"),
        ({"lang": "fr"}, "errors.unknown_language"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(michigan, options, address):
    with pytest.raises(ParameterError) as caught:
        edu.open_county("82", michigan, **options)
    assert caught.value.address in (address, "errors.reversed_years")


def test_a_county_given_as_a_number_is_refused(michigan):
    with pytest.raises(ParameterError, match="82"):
        edu.open_county(82, michigan)


def test_an_unknown_verb_is_answered_with_the_known_ones():
    with pytest.raises(AttributeError, match="open_county"):
        edu.forecast_everything  # noqa: B018
