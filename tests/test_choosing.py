"""Does a brief choose what a director must hear, and say it without contradicting itself?"""

import dataclasses
import math

import pytest

from edustats.catalogue import catalogue
from edustats.present.brief.choosing import choose_cards, choose_families, read_rules, weigh_facts
from edustats.present.brief.facts import Fact, FactBook, Mark
from edustats.present.brief.phrasing import format_place, format_step_cell, format_value, say_step
from edustats.present.brief.stories import (
    WRITERS,
    tell_class_size,
    tell_enrolment,
    tell_preschool,
    tell_resources,
    tell_single,
)
from edustats.present.records.numbers import join_sentence
from edustats.words import Text

KNOWN = catalogue()


class Place:
    """A store's path without a store."""

    def __init__(self, path):
        self.path = path


class View:
    """What phrasing asks of a view."""

    name = Text("甲县", "Jia")
    area, above, above_name = "99", "9", Text("乙市", "Yi")

    class store:  # noqa: N801
        import pandas as pd

        areas = pd.DataFrame({"code": ["9", "99"], "level": ["prefecture", "county"]})

        @staticmethod
        def is_whole(area):
            return True

    def series(self, key, area=""):
        import pandas as pd

        return pd.DataFrame({"year": [2022, 2023, 2024], "value": [3.0, 1.0, 0.0]})

    def own_rows(self, *years):
        return years

    def provenance(self, indicator, rows):
        return None


def fact(key, value, before=math.nan, **more):
    known = {
        "indicator": KNOWN.indicator(key), "unit": KNOWN.unit_of(key), "year": 2024, "value": value, "num": math.nan,
        "den": math.nan, "before": before, "before_year": 2023,
        "first_year": 2015, "first": math.nan, "above": math.nan, "peers": math.nan,
        "place": None, "ranked": 9, "mark": None, "target": None, "trend": "cannot_tell", "whole": True,
    }  # fmt: skip
    return Fact(**known | more)


def book(*facts):
    return FactBook(View(), 2024, {one.key: one for one in facts})


def told(story):
    return join_sentence(story.lead).zh + "".join(join_sentence(part).zh for part in story.body if part.zh)


@pytest.fixture
def rules(tmp_path):
    return read_rules(Place(tmp_path / "store"))


def test_births_that_halved_and_a_wave_that_moves_on_are_one_judgement():
    found = book(
        fact("count_births", 1322.0, 1522.0, first=2540.0), fact("count_children", 4877.0, 5305.0),
        fact("count_pupils_primary", 14487.0, 14612.0), fact("count_pupils_junior", 7000.0, 6839.0),
    )  # fmt: skip
    assert told(tell_enrolment(found)) == (
        "生源高峰正由小学移向初中。出生人口由2015年的2540人降至2024年的1322人，下降48.0%；在园幼儿4877人，"
        "比上年减少428人，下降8.1%；小学在校生14487人，减少125人；但初中在校生7000人，比上年增加161人，增长2.4%。"
    )


def test_a_stage_that_stands_still_is_no_news():
    found = book(
        fact("count_children", 100.0, 90.0),
        fact("count_pupils_primary", 1000.0, 1001.0),
        fact("count_pupils_junior", 50.0, 55.0),
    )
    assert "小学" not in told(tell_enrolment(found))
    assert "持平" not in told(tell_enrolment(found))


@pytest.mark.parametrize(
    ("primary", "senior", "said"),
    [
        (0.01, 0.08, "小学大班额基本消除，普通高中占比上升。"),
        (0.08, 0.08, "小学、普通高中大班额尚未消除。"),
        (0.0, 0.0, "小学、普通高中均无大班额。"),
        (0.05, 0.01, "小学、普通高中大班额基本消除。"),
    ],
)
def test_large_classes_are_ended_only_where_every_stage_says_so(primary, senior, said):
    found = book(
        fact("share_big_classes_primary", primary, primary + 0.01),
        fact("share_big_classes_senior", senior, senior - 0.01),
    )
    assert told(tell_class_size(found)).startswith(said)


def test_a_share_that_did_not_move_for_years_is_held_against_the_first_and_not_the_last():
    mark = Mark(
        standard="preschool_universal_2020", item="p03", op=">=", value=0.5, clause=Text("条", "c"), met=False
    )
    stuck = fact("share_public_preschool", 0.3508, 0.3506, first=0.3501, mark=mark, place=(9, 9))
    said = told(tell_preschool(book(stuck)))
    assert (
        said == "公办园在园幼儿占比多年未动。"
        "公办园在园幼儿占比35.1%，居全市末位，比国家标准（不低于50%）低14.9个百分点，2015年为35.0%。"
    )


@pytest.mark.parametrize(
    ("total", "each", "said"),
    [
        ((110.0, 100.0), (11.0, 10.0), "做到“两个只增不减”"),
        ((110.0, 100.0), (9.0, 10.0), "未做到“两个只增不减”"),
        ((90.0, 100.0), (11.0, 10.0), "未做到“两个只增不减”"),
    ],
)
def test_the_two_rules_on_money_need_both_sums(total, each, said):
    found = book(fact("count_budget_education", *total), fact("per_pupil_budget_education", *each))
    assert f"，{said}。" in told(tell_resources(found))


def test_without_the_amount_per_pupil_nothing_is_said_of_the_two_rules():
    assert "只增不减" not in told(tell_resources(book(fact("count_budget_education", 110.0, 100.0))))


def test_pay_that_fell_behind_again_is_called_so():
    found = book(
        fact("mean_pay_teachers", 107347.3, 103394.5), fact("mean_pay_civil_servants", 108000.0, 103333.3)
    )
    assert "教师平均工资" in told(tell_resources(found))
    assert "107347元，比公务员低653元，上年高61元" in told(tell_resources(found))


def test_what_misses_a_mark_never_prints_as_if_it_reached_it():
    mark = Mark(standard="x", item="y", op="<=", value=0.01, clause=Text("", ""), met=False)
    assert format_value(fact("share_big_classes_primary", 0.010075, mark=mark)).zh == "1.01%"
    assert format_value(fact("share_big_classes_primary", 0.010075)).zh == "1.0%"


def test_a_change_is_printed_from_what_is_printed():
    assert say_step(fact("share_bachelor_primary", 0.9299, 0.8819)).zh == "比上年提高4.8个百分点"
    assert say_step(fact("share_bachelor_primary", 0.88191, 0.8819)).zh == ""
    assert format_step_cell(fact("count_children", 4877.0, 5305.0)).zh == "−8.1%"
    assert format_step_cell(fact("count_children", 4877.0)).zh == "—"


def test_a_place_that_many_share_is_no_place():
    shared = fact("share_rotation", 0.12, place=(2, 9))
    assert format_place(shared).zh == "—"
    assert format_place(dataclasses.replace(shared, place=(2, 3))).zh == "第2—3位"


def test_a_missed_national_mark_weighs_more_than_a_small_change(rules):
    mark = Mark(standard="x", item="y", op=">=", value=0.5, clause=Text("", ""), met=False)
    missed = fact("share_public_preschool", 0.35, 0.35, mark=mark)
    moved = fact("share_inclusive_preschool", 0.85, 0.84)
    weighed = weigh_facts(book(missed, moved), rules)
    assert weighed["share_public_preschool"].weight > weighed["share_inclusive_preschool"].weight
    assert weighed["share_public_preschool"].reasons[0].name == "standard_missed"


def test_promotion_rates_are_silent_by_default(rules):
    assert not weigh_facts(book(fact("share_tier1", 0.2, 0.1)), rules)


def test_a_bureau_pins_and_drops_families_and_weighs_reasons_anew(tmp_path):
    (tmp_path / "store.brief.toml").write_text(
        'drop = ["class_size"]\npin = ["preschool"]\n[reasons]\nbehind = 9\n', "utf-8"
    )
    rules = read_rules(Place(tmp_path / "store"))
    assert rules["reasons"]["behind"] == 9
    chosen = choose_families({name: 1.0 for name in WRITERS}, rules)
    assert "class_size" not in chosen
    assert "preschool" in chosen


def test_a_reason_nobody_knows_is_refused_with_the_file_and_those_known(tmp_path):
    from edustats.errors import DataError

    (tmp_path / "store.brief.toml").write_text("[reasons]\nmood = 1\n", "utf-8")
    with pytest.raises(DataError) as refused:
        read_rules(Place(tmp_path / "store"))
    assert "store.brief.toml" in refused.value.text("zh")
    assert "standard_missed" in refused.value.text("zh")


def test_cards_tell_first_what_the_judgements_do_not(rules):
    found = book(
        *(fact(key, 1.0, 0.9) for key in rules["cards"]["order"] if KNOWN.indicators[key].unit != "share")
    )
    weighed = weigh_facts(found, rules)
    assert len(choose_cards(weighed, rules, [])) <= rules["cards"]["most"]
    named = {f.key for f in choose_cards(weighed, rules, ["count_pupils_primary"])}
    assert "count_pupils_primary" not in named or len(weighed) <= rules["cards"]["most"]


def test_every_family_of_the_rules_has_facts_that_the_catalogue_knows(rules):
    for family in rules["families"].values():
        assert all(key in KNOWN.indicators for key in family["facts"])
    assert all(key in KNOWN.indicators for key in (*rules["cards"]["order"], *rules["silent"]["indicators"]))
    assert all(reason in rules["reasons"] for reason in ("standard_missed", "target_off_course"))


def test_a_year_that_is_not_whole_is_passed_over_and_the_older_one_named():
    older = fact("count_pupils_primary", 26572.0, 25728.0, before_year=2022)
    assert say_step(older).zh == "比2022年增加844人，增长3.3%"
    assert format_step_cell(older).zh == "—"
    money = fact("count_budget_education", 110.0, 100.0, before_year=2022)
    assert "只增不减" not in told(tell_resources(book(money, fact("per_pupil_budget_education", 11.0, 10.0))))


def test_a_very_large_class_and_a_jump_over_the_norm_are_not_hidden_behind_ended():
    found = book(
        fact("share_big_classes_primary", 0.008, 0.003, num=3.0, den=356.0),
        fact("share_very_big_classes_primary", 0.006, 0.0, num=2.0, den=356.0),
        fact("share_classes_over_standard_primary", 0.194, 0.079, above=0.205),
    )
    said = told(tell_class_size(found))
    assert said.startswith("小学大班额基本消除，但小学仍有超大班额，小学班额扩大。")
    assert "小学66人及以上的班级2个" in said


def test_a_plan_that_is_missed_is_named_however_many_large_classes_there_are(rules):
    target = type("Found", (), {"verdict": "overdue"})()
    target.target = type("Plan", (), {"year": 2023, "operator": "<=", "value": 0.01})()
    found = book(
        fact("share_big_classes_junior", 0.071, 0.128, num=14.0, den=196.0, above=0.015, target=target)
    )
    assert "未达到2023年计划（不高于1%），高于全市的1.5%" in told(tell_class_size(found))


def test_spending_far_from_the_prefectures_is_told_and_a_growth_of_nothing_is_not():
    found = book(
        fact("count_budget_education", 110.0, 100.0),
        fact("per_pupil_budget_education", 14390.0, 14389.0, above=17270.0),
    )
    said = told(tell_resources(found))
    assert "低于全市的17270元" in said
    assert "增长0.0%" not in said


def test_a_figure_by_itself_says_its_name_once():
    story = tell_single(book(), fact("share_bachelor_primary", 0.687, 0.556))
    assert told(story) == "小学专任教师本科以上学历占比提高。2024年68.7%，比上年提高13.1个百分点。"
