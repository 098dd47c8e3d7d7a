"""Can a reader work out what was withheld? Not by linear programming, not by whole numbers, not by last year."""

import itertools

import numpy as np
import pytest
from hidden_cells import bound_hidden_cells
from hypothesis import given, settings
from hypothesis import strategies as st

from edustats.disclosure import (
    Rules,
    find_linked_cells,
    find_small_counts,
    list_margin_sums,
    may_show_measure,
    protect_counts,
    rules,
)
from edustats.disclosure.sums import build_sum_matrix

RULE = rules()
counts = st.one_of(st.integers(0, 12), st.integers(0, 400))


def with_margins(inner):
    """A table with its totals, row by row, and its sums."""
    table = np.asarray(inner, float)
    table = np.vstack([table, table.sum(axis=0)])
    table = np.column_stack([table, table.sum(axis=1)])
    return table.ravel(), list_margin_sums(*table.shape)


def grids(rows, columns):
    return st.tuples(st.integers(2, rows), st.integers(2, columns)).flatmap(
        lambda shape: st.lists(
            st.lists(counts, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
        )
    )


def known_to_a_reader(cells, made):
    """What a reader knows of each cell who has read which are small and which stand for others."""
    primary = made.why == "primary"
    return np.where(primary, 1.0, 0.0), np.where(primary, RULE.threshold - 1.0, np.inf)


def recovered(cells, sums, made, whole=False):
    """Withheld cells that can be bounded more tightly than the rules allow."""
    low, high = known_to_a_reader(cells, made)
    found = bound_hidden_cells(cells, build_sum_matrix(cells, sums), made.hidden, low, high, whole=whole)
    assert all(i.low - 1e-6 <= cells[k] <= i.high + 1e-6 for k, i in found.items())
    return [k for k, i in found.items() if i.high - i.low < RULE.width - 1e-6]


@settings(max_examples=25, deadline=None)
@given(grids(4, 4))
def test_an_attack_by_linear_programming_recovers_no_cell_of_any_table_with_totals(inner):
    cells, sums = with_margins(inner)
    made = protect_counts(cells, sums)
    assert made.hidden[find_small_counts(cells)].all()
    assert recovered(cells, sums, made) == []


@settings(max_examples=8, deadline=None)
@given(grids(3, 3))
def test_nor_does_an_attacker_who_knows_that_persons_are_whole(inner):
    cells, sums = with_margins(inner)
    assert recovered(cells, sums, protect_counts(cells, sums), whole=True) == []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(counts, min_size=1, max_size=4), min_size=2, max_size=4))
def test_nor_of_schools_in_towns_in_a_county(towns):
    cells, sums, heads = [], [], []
    for schools in towns:
        first = len(cells)
        cells += [*schools, sum(schools)]
        sums.append((len(cells) - 1, list(range(first, len(cells) - 1))))
        heads.append(len(cells) - 1)
    cells.append(sum(cells[head] for head in heads))
    sums.append((len(cells) - 1, heads))
    made = protect_counts(cells, sums)
    assert recovered(np.array(cells, float), sums, made) == []


def test_a_small_table_is_protected_as_every_possible_reading_of_it_shows():
    """All whole tables that agree with what is printed are counted: the withheld cells take many values."""
    cells, sums = with_margins([[3, 12], [11, 15]])
    made = protect_counts(cells, sums)
    hidden = np.flatnonzero(made.hidden)
    assert hidden.tolist() == [0, 1, 3, 4]
    guesses = np.array(list(itertools.product(range(1, 10), range(40), range(40), range(40))), float)
    whole = np.tile(cells, (len(guesses), 1))
    whole[:, hidden] = guesses
    possible = guesses[~(whole @ build_sum_matrix(cells, sums).T).any(axis=1)]
    assert (np.ptp(possible, axis=0) >= RULE.width).all()


def test_totals_made_again_from_the_cells_that_are_kept_give_the_others_away():
    """The leak of a known tool: one margin is summed over kept cells, the grand total is the true one."""
    cells, sums = with_margins([[3, 20], [40, 50]])
    made = protect_counts(cells, sums)
    leaky = cells.copy()
    leaky[2] = cells[1]  # the first row's total, made from the 20 that is kept
    assert leaky[2] != cells[2]
    naive = np.zeros(9, bool)
    naive[0] = True  # only the 3 is withheld, and its row's total is the sum of kept cells
    with_leak = bound_hidden_cells(cells, build_sum_matrix(cells, [sums[2], sums[3], sums[4]]), naive)
    assert with_leak[0].low == with_leak[0].high == 3  # the column still has its true total
    assert recovered(cells, sums, made) == []
    assert made.hidden[[0, 1, 3, 4]].sum() >= 4 or made.hidden[2]


def test_what_is_shown_is_the_true_figure_and_never_another():
    cells, sums = with_margins([[3, 20], [40, 50]])
    made = protect_counts(cells, sums)
    kept = [total for total, parts in sums if not made.hidden[total] and made.hidden[list(parts)].any()]
    for total in kept:
        parts = next(parts for t, parts in sums if t == total)
        remade = cells[[p for p in parts if not made.hidden[p]]].sum()
        assert cells[total] != remade


@pytest.mark.parametrize(("value", "hidden"), [(0, False), (1, True), (9, True), (10, False)])
def test_the_threshold_is_where_the_rules_say(value, hidden):
    assert protect_counts([value, 500, 400, 900 + value], [(3, [0, 1, 2])]).hidden[0] == hidden


def test_zero_missing_and_withheld_are_three_things():
    made = protect_counts([0, np.nan, 5, 300, 200, 505], [(5, [0, 1, 2, 3, 4])])
    assert made.why.tolist() == ["", "", "primary", "", "complementary", ""]


def test_nothing_small_nothing_withheld():
    assert not protect_counts([10, 20, 30], [(2, [0, 1])]).hidden.any()


def test_two_that_add_up_to_two_are_one_each_unless_a_third_is_withheld():
    cells = np.array([1, 1, 50, 52.0])
    made = protect_counts(cells, [(3, [0, 1, 2])])
    assert made.hidden[:2].all()
    assert recovered(cells, [(3, [0, 1, 2])], made) == []
    assert made.hidden[2:].any()


def test_a_total_that_is_known_from_elsewhere_is_not_counted_on():
    made = protect_counts([4, 30, 40, 74], [(3, [0, 1, 2])], known=[False, False, False, True])
    assert made.why.tolist() == ["primary", "complementary", "", ""]


def test_a_lone_school_cannot_be_protected_from_a_known_total_and_the_search_ends():
    made = protect_counts([4, 4], [(1, [0])], known=[False, True])
    assert made.why.tolist() == ["primary", ""]


def test_little_is_lost_beside_withholding_everything():
    rng = np.random.default_rng(3)
    inner = rng.integers(20, 300, (6, 5))
    inner[2, 3] = 4
    cells, sums = with_margins(inner)
    assert protect_counts(cells, sums).hidden.sum() == 4  # the least possible: a rectangle


def test_last_years_withheld_cells_stay_withheld_where_nothing_else_moved():
    sums = [(4, [0, 1, 2, 3])]
    last, now = np.array([4, 20, 30, 40, 94.0]), np.array([12, 12, 30, 40, 94.0])
    before = protect_counts(last, sums)
    again = find_linked_cells(last, now, sums, before.hidden)
    made = protect_counts(now, sums, primary=again)
    assert (before.hidden <= made.hidden).all()
    moved = np.array([12, 12, 31, 40, 95.0])
    assert not find_linked_cells(last, moved, sums, before.hidden).any()


def test_an_index_over_two_schools_is_not_printed():
    assert not may_show_measure(2, inputs_hidden=False)
    assert may_show_measure(RULE.least_units, inputs_hidden=False)
    assert not may_show_measure(50, inputs_hidden=True)
    assert not may_show_measure(50, inputs_hidden=False, denominator=RULE.threshold - 1)


def test_a_table_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="add up to 7"):
        protect_counts([3, 4, 9], [(2, [0, 1])])


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="-3"):
        protect_counts([-3, 4], [])


def test_a_bureau_may_have_its_own_rules(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text('threshold = 5\nwidth = 2\nleast_units = 4\nsensitive = ["pupils_special"]\n', "utf-8")
    own = rules(path)
    assert own == Rules(threshold=5, width=2, least_units=4, sensitive=frozenset({"pupils_special"}))
    assert find_small_counts([4, 5], own).tolist() == [True, False]


def test_every_sensitive_column_is_in_the_catalogue_and_counts_persons():
    from edustats.catalogue import catalogue

    held = catalogue().columns
    assert {name: held[name].unit for name in RULE.sensitive} == dict.fromkeys(RULE.sensitive, "person")
