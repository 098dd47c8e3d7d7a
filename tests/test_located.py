"""Is the wrong cell found, is nothing proposed where the rules hold, and do the rules agree with each other?"""

import numpy as np
import pytest
from scipy.optimize import linprog

from edustats.catalogue import catalogue
from edustats.load.returns.cells import collect_cells, widen_cells
from edustats.load.returns.consistency import Table, check_rules, rules_held
from edustats.load.returns.located import (
    Bound,
    add_proposals,
    bound_figures,
    find_fewest_cells,
    locate_errors,
    name_slip,
    part_failures,
    propose_slips,
)
from tests.test_checks import GOOD, block

UNIT = "2199012001"
WRONG = [
    ("pupils_primary", 30.0, "times_ten"),
    ("pupils_last_year_primary", 920.0, "swapped"),
    ("entrants_primary", 600.0, "times_ten"),
    ("leavers_primary", 54.0, "swapped"),
    ("transfers_out_primary", -8.0, "sign"),
    ("fact_final_grade_primary", 5.0, "times_ten"),
    ("fact_bachelor_primary", 100.0, "times_ten"),
    ("classes_primary_36_40", 6.0, "digit"),
    ("fact_expected_leavers_primary", 59.0, "digit"),
    ("teachers_primary", 188.0, "doubled"),
]
FULL = GOOD | {"fact_pupils_primary": 300.0, "fact_teachers_primary": 18.0, "fact_entrants_primary": 60.0}


def table(**figures):
    before = FULL | {
        "pupils_primary": 290.0, "fact_pupils_primary": 290.0, "pupils_last_year_primary": 280.0,
    }  # fmt: skip
    made = [block(before, year=2020, file="b.xlsx"), block(FULL | figures)]
    found = collect_cells(made, {"a.xlsx": "a", "b.xlsx": "b"})
    wide = widen_cells(found)
    return Table(
        wide=wide,
        kinds=np.where(np.isnan(wide.values), 1, 0).astype(np.uint8),
        found=found,
        known=catalogue(),
    )


def unit_of(held):
    return str(held.keys["unit"].iloc[0])


def test_a_return_whose_rules_hold_gets_no_proposal():
    held = table()
    assert not locate_errors(held, [unit_of(held)])
    found = check_rules(held)
    assert add_proposals(found, held)["zh"].tolist() == found["zh"].tolist()


@pytest.mark.parametrize(("column", "seen", "slip"), WRONG)
def test_the_wrong_cell_is_among_the_first_three_and_its_value_comes_back(column, seen, slip):
    held = table(**{column: seen})
    (group,) = locate_errors(held, [unit_of(held)])[unit_of(held)]
    mine = [p for p in group[:3] if p.cell == (2021, column)]
    assert mine
    if slip not in ("digit", "doubled") and column != "classes_primary_36_40":
        assert mine[0].meant == FULL[column]
        assert mine[0].slip == slip


def test_the_sentence_says_what_was_seen_and_what_would_do():
    held = table(pupils_primary=30.0)
    found = add_proposals(check_rules(held), held)
    told = found[found["rule"] == "identity_movement"].iloc[0]
    assert "“小学在校生数”30→300（多或少一个零、小数点）" in told["zh"]
    assert "未改动任何数" in told["zh"]
    assert "30 → 300 (a zero or the decimal point)" in told["en"]
    assert held.wide.values_of("pupils_primary")[1] == 30.0


def test_a_wide_stretch_names_the_cell_and_no_value():
    held = table(fact_checkups=120.0)
    (group,) = locate_errors(held, [unit_of(held)])[unit_of(held)]
    assert [p.cell for p in group] == [(2021, "fact_checkups")]
    assert np.isnan(group[0].meant)
    assert group[0].limits == (230.0, 292.0)
    told = add_proposals(check_rules(held), held)
    assert (
        "“上年参加体检人数”120（应在 230 至 292 之间）" in told.loc[told["rule"] == "checkups", "zh"].iloc[0]
    )


def test_each_finding_is_answered_for_its_own_figures():
    held = table(teachers_primary=188.0, entrants_primary=600.0)
    told = add_proposals(check_rules(held), held)
    forms = told[told["rule"] == "two_forms"].set_index("column")["zh"]
    assert "“小学专任教师数”188→18（" in forms["fact_teachers_primary"]
    assert "“小学招生数”600→60（" in forms["fact_entrants_primary"]
    assert "招生" not in forms["fact_teachers_primary"].split("供核对")[1]


def test_two_wrong_cells_that_no_single_change_explains_get_no_number():
    held = table(pupils_primary=30.0, fact_pupils_primary=3.0)
    bounds, figures = bound_figures(held, unit_of(held))
    (group,) = part_failures(bounds, figures)
    assert {len(cells) for cells in find_fewest_cells(group, figures)} == {2}
    assert propose_slips(group, figures, {}, UNIT) == []


def test_the_fewest_cells_agree_with_trying_every_cell():
    rng = np.random.default_rng(4)
    for _ in range(25):
        cells = [(2021, name) for name in "abcdef"]
        figures = {cell: float(rng.integers(5, 60)) for cell in cells}
        bounds = [Bound("sum", {cells[0]: 1.0, cells[1]: 1.0, cells[2]: -1.0}, 0, 0),
                  Bound("twice", {cells[2]: 1.0, cells[3]: -1.0}, 0, 0),
                  Bound("part", {cells[4]: 1.0, cells[5]: -1.0}, -np.inf, 0)]  # fmt: skip
        alone = set()
        for cell in cells:
            for value in range(800):
                if all(b.holds(figures | {cell: float(value)}) for b in bounds):
                    alone.add((cell,))
        found = find_fewest_cells(bounds, figures)
        if alone and not all(b.holds(figures) for b in bounds):
            assert set(found) == alone
        else:
            assert all(len(cells) != 1 for cells in found)


@pytest.mark.parametrize(
    ("seen", "meant", "slip"),
    [(4312, 4321, "swapped"), (412, 4312, "dropped"), (-5, 5, "sign"), (120, 12, "times_ten"), (0, 7, "digit"),
     (4433, 443, "doubled"), (12, 98, "other"), (0, 120, "other")],
)  # fmt: skip
def test_slips_have_their_names(seen, meant, slip):
    assert name_slip(seen, meant) == slip


# --- the rules among themselves ---


def _system():
    """Every linear rule of a stage, as bounds over two years of one school that gives every figure."""
    names = {c for rule in rules_held() for side in (rule.left, rule.right, rule.whole) for c in _names(side)}
    figures = dict.fromkeys(sorted(names | set(catalogue().columns)), 100.0)
    made = [block(figures, year=2020, file="b.xlsx"), block(figures)]
    found = collect_cells(made, {"a.xlsx": "a", "b.xlsx": "b"})
    wide = widen_cells(found)
    held = Table(wide=wide, kinds=np.zeros(wide.values.shape, np.uint8), found=found, known=catalogue())
    return bound_figures(held, unit_of(held))


def _names(expression):
    from edustats.catalogue import parse_terms

    return list(parse_terms(expression)) if expression else []


def _matrix(bounds, place):
    rows, ends = [], []
    for bound in bounds:
        row = np.zeros(len(place))
        for cell, weight in bound.weights.items():
            row[place[cell]] = weight
        if np.isfinite(bound.high):
            rows.append(row)
            ends.append(bound.high)
        if np.isfinite(bound.low):
            rows.append(-row)
            ends.append(-bound.low)
    return np.array(rows), np.array(ends)


def test_the_rules_contradict_themselves_nowhere():
    bounds, figures = _system()
    place = {cell: k for k, cell in enumerate(sorted(figures))}
    rows, ends = _matrix(bounds, place)
    # a school with something in every cell satisfies all of them at once
    answer = linprog(np.zeros(len(place)), A_ub=rows, b_ub=ends, bounds=(1, 100_000))
    assert answer.status == 0


def test_no_rule_repeats_others_that_speak_whenever_it_speaks():
    bounds, figures = _system()
    place = {cell: k for k, cell in enumerate(sorted(figures))}
    last = [b for b in bounds if max(year for year, _ in b.weights) == 2021]
    repeats = []
    for bound in last:
        others = [b for b in bounds if b is not bound and set(b.weights) <= set(bound.weights)]
        rows, ends = _matrix(others, place) if others else (None, None)
        row, _ = _matrix([Bound("", bound.weights, -np.inf, 0.0)], place)
        ways = [sign for sign, end in ((-1, bound.high), (1, bound.low)) if np.isfinite(end)]
        free = False
        for sign in ways:
            end = bound.high if sign < 0 else bound.low
            answer = linprog(sign * row[0], A_ub=rows, b_ub=ends, bounds=(0, 100_000))
            free |= -answer.fun > end + 1 if sign < 0 else answer.fun < end - 1
        if not free:
            repeats.append((bound.rule, sorted(bound.weights)))
    assert not repeats


def test_of_very_many_failing_schools_the_rest_is_told_that_it_was_not_looked_at(monkeypatch):
    monkeypatch.setattr("edustats.load.returns.located.MOST_UNITS", 0)
    held = table(pupils_primary=30.0)
    found = add_proposals(check_rules(held), held)
    assert found["zh"].str.endswith("规则不合的学校超过 0 所，此校未推算可能的错处。").any()
