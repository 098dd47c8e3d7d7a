"""Does each rule speak when it should, name the cell, and stay silent otherwise?"""

import numpy as np
import pandas as pd
import pytest

from edustats.catalogue import STAGES, catalogue
from edustats.load.reading.stages import stage_of, stages_of_type
from edustats.load.returns.cells import ROW_TEXTS, collect_cells, widen_cells
from edustats.load.returns.consistency import Table, check_rules, rules_held
from edustats.load.returns.records import Block, Filled
from edustats.words import read_all_texts

GOOD = (
    {
        "pupils_primary": 300.0,
        "pupils_last_year_primary": 290.0,
        "entrants_primary": 60.0,
        "leavers_primary": 45.0,
        "transfers_in_primary": 5.0,
        "transfers_out_primary": 8.0,
        "dropouts_primary": 1.0,
        "deaths_primary": 1.0,
        "fact_first_grade_primary": 60.0,
        "fact_final_grade_primary": 50.0,
        "fact_expected_leavers_primary": 50.0,
        "teachers_primary": 18.0,
        "fact_master_primary": 1.0,
        "fact_bachelor_primary": 10.0,
        "fact_college_primary": 6.0,
        "fact_below_college_primary": 1.0,
        "classes_primary": 8.0,
        "fact_checkups": 270.0,
        "schools_network": 1.0,
        "fact_bandwidth": 100.0,
        "equipment_value": 900_000.0,
        "pupils_last_year_junior": 0.0,
        "schools_science_kit": 1.0,
        "teaching_area": 2000.0,
    }
    | {
        f"classes_primary_{band}": 0.0
        for band in ("le_25", "26_30", "31_35", "36_40", "41_45", "46_50", "51_55", "56_60", "61_65", "ge_66")
    }
    | {"classes_primary_36_40": 8.0}
)


def block(figures: dict[str, float], year: int = 2021, file: str = "a.xlsx", **texts: str) -> Block:
    filled = {
        name: Filled(
            values=np.array([v]),
            kinds=np.array([np.isnan(v)], np.uint8),
            rows=np.array([7], np.int32),
            letter="C",
            words=name,
        )
        for name, v in figures.items()
    }
    return Block(
        form="list_primary",
        kind="list",
        file=file,
        sheet="小学",
        year=year,
        units=["2199000001"],
        rows=np.array([7], np.int32),
        names=["甲村小学"],
        counties=["990102"],
        texts={name: [texts.get(name, "")] for name in ROW_TEXTS},
        columns=filled,
    )


def found(*blocks: Block, watch: tuple[str, ...] = ()) -> pd.DataFrame:
    cells = collect_cells(blocks, {b.file: b.file for b in blocks})
    wide = widen_cells(cells)
    kinds = np.where(wide.kinds == 255, 1, wide.kinds).astype(np.uint8)
    return check_rules(Table(wide=wide, kinds=kinds, found=cells, known=catalogue()), watch)


def test_a_return_in_order_breaks_no_rule():
    assert found(block(GOOD)).empty


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"classes_primary_41_45": 3.0}, "sum_of_parts"),
        ({"fact_bachelor_primary": 14.0}, "degrees"),
        ({"fact_below_college_primary": 4.0}, "sum_of_parts"),
        ({"transfers_in_primary": 42.0}, "identity_movement"),
        ({"fact_first_grade_primary": 40.0}, "entrants_grade_one"),
        ({"fact_expected_leavers_primary": 49.0}, "leavers_final"),
        ({"fact_checkups": 100.0}, "checkups"),
        ({"fact_checkups": 400.0}, "checkups"),
        ({"fact_bandwidth": 0.0}, "network_bandwidth"),
        ({"equipment_value": 0.0}, "kit_without_equipment"),
    ],
)
def test_a_figure_that_contradicts_another_is_named_with_its_cell(change, rule):
    told = found(block(GOOD | change))
    own = told[told["rule"] == rule].iloc[0]
    assert (own["file"], own["sheet"], own["cell"], own["unit"]) == ("a.xlsx", "小学", "C7", "2199000001")
    assert "甲村小学" in own["zh"]
    assert "C7" in own["en"]
    assert own["expected"] != ""
    assert own["tolerance"]


def test_pupils_that_do_not_fit_their_classes_are_named():
    bands = {"pupils_primary": 900.0, "entrants_primary": 660.0, "fact_first_grade_primary": 660.0}
    assert "class_sizes" in set(found(block(GOOD | bands))["rule"])


def test_a_repeater_or_two_in_the_first_grade_are_no_finding():
    assert found(block(GOOD | {"fact_first_grade_primary": 63.0})).empty


def test_last_years_figure_is_held_against_last_years_return():
    before = {"pupils_primary": 250.0}
    told = found(block(before, 2020, "b.xlsx"), block(GOOD))
    assert told["rule"].tolist() == ["identity_years"]
    assert told["expected"].tolist() == ["250"]


def test_two_files_with_two_numbers_use_neither():
    cells = collect_cells(
        [block(GOOD), block({"teaching_area": 2500.0}, file="b.xlsx")], {"a.xlsx": "a", "b.xlsx": "b"}
    )
    wide = widen_cells(cells)
    assert np.isnan(wide.values_of("teaching_area")).all()
    told = found(block(GOOD), block({"teaching_area": 2500.0}, file="b.xlsx"))
    assert told["rule"].tolist() == ["two_files"]
    assert "2000" in told["expected"].iloc[0]
    assert "a.xlsx" in told["expected"].iloc[0]


def test_two_files_with_one_number_agree():
    assert found(block(GOOD), block({"teaching_area": 2000.0}, file="b.xlsx")).empty


def test_a_missing_term_makes_a_rule_silent():
    assert found(block(GOOD | {"transfers_in_primary": np.nan})).empty


def test_a_jump_is_told_once_and_not_on_its_way_back():
    blocks = [
        block({"land_area": v}, y, f"{y}.xlsx") for y, v in ((2019, 5000.0), (2020, 50000.0), (2021, 5100.0))
    ]
    told = found(*blocks, watch=("land_area",))
    # a county of one school is its own peer: give it company
    assert told.empty or told["year"].tolist() == [2020]


def test_years_of_schooling_that_must_not_appear_are_named():
    told = found(block(GOOD, length="五年"))
    assert told["rule"].tolist() == ["school_length"]
    assert "五年" in told["zh"].iloc[0]


def test_two_schools_on_one_spot_are_named():
    a, b = (
        block({"longitude": 114.1, "latitude": 27.5}),
        block({"longitude": 114.1, "latitude": 27.5}, file="b.xlsx"),
    )
    b.units = ["2199000002"]
    assert found(a, b)["rule"].tolist() == ["same_place", "same_place"]


@pytest.mark.parametrize("rule", rules_held(), ids=lambda r: f"{r.name}-{r.left[:20]}")
def test_every_rule_has_its_sentence_its_name_and_known_columns(rule):
    from edustats.catalogue import parse_terms

    known = catalogue().columns
    assert f"rules.{rule.rule}" in read_all_texts()
    assert f"quality.rule_{rule.rule}" in read_all_texts()
    for side in (rule.left, rule.right, rule.whole):
        assert all(name in known or name.startswith("fact_") for name in parse_terms(side))


@pytest.mark.parametrize(
    ("column", "stage"),
    [("pupils_primary", "primary"), ("classes_junior_ge_66", "junior"), ("junior_exam_takers", "junior"),
     ("children_public", "preschool"), ("exam_tier1", "senior"), ("books", ""),
    ("teachers_under_35_primary", "primary")],
)  # fmt: skip
def test_a_column_tells_its_stage(column, stage):
    assert stage_of(column) == stage


def test_a_type_of_school_tells_its_stages():
    assert stages_of_type("312") == ("primary", "junior")
    assert stages_of_type("345") == ("primary", "junior", "senior")
    assert stages_of_type("365") == ("vocational",)
    assert stages_of_type("") == ()


def test_every_declared_type_of_school_teaches_a_stage():
    declared = catalogue().attributes["school_type"]
    assert {*declared.codes} == {*declared.stages} >= declared.apart
    assert all(stages and {*stages} <= {*STAGES} for stages in declared.stages.values())
