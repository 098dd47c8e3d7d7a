"""Do the names of lines touch, and is the frame around them honest?"""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text as Words

from edustats.present.drawing.figures import open_canvas
from edustats.present.drawing.lines import Line, choose_limits, draw_labelled_lines, name_ends, spread_labels
from edustats.words import Text

YEARS = tuple(range(2015, 2025))
CASES = {
    "one": [(1.0,) * 10],
    "equal ends": [tuple(range(10)), tuple(range(9, -1, -1)), (4.5,) * 10, (0.0,) * 9 + (9.0,)],
    "constant": [(87.9,) * 10, (87.9,) * 10],
    "far apart": [(1.0,) * 10, (1e6,) * 10],
    "many": [tuple(100.0 + k * 0.01 for _ in YEARS) for k in range(6)],
}


def lines(values, name="很长的地区和指标名称"):
    return [Line(Text(f"{name}{k}", f"{name}{k}"), YEARS, tuple(map(float, v))) for k, v in enumerate(values)]


@pytest.mark.parametrize("case", CASES)
def test_no_name_stands_on_another(case):
    drawn = lines(CASES[case])
    with open_canvas(1, 1, 2.7) as (figure, axes):
        axis = axes[0, 0]
        axis.set_ylim(*choose_limits(np.concatenate([line.values for line in drawn])))
        axis.set_xlim(2014.8, 2024.2)
        name_ends(figure, axis, drawn, "zh", 1.0, 1)
        figure.canvas.draw()
        boxes = [Words.get_window_extent(text) for text in axis.texts]  # without the hair line
    assert len(boxes) == len(drawn)
    for one, other in combinations(boxes, 2):
        assert min(one.y1, other.y1) - max(one.y0, other.y0) <= 0.5


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8))
def test_names_keep_their_order_and_their_distance(wanted):
    placed = spread_labels(wanted, 5.0, 0.0, 100.0)
    order = np.argsort(wanted, kind="stable")
    assert all(
        b - a >= 5.0 - 1e-9
        for a, b in zip(np.array(placed)[order], np.array(placed)[order][1:], strict=False)
    )


def test_a_name_with_room_stands_at_its_line():
    assert spread_labels([10.0, 50.0], 5.0, 0.0, 100.0) == [10.0, 50.0]


@given(st.floats(0.1, 1e6))
def test_a_line_that_does_not_move_does_not_fill_the_frame(level):
    low, high = choose_limits(np.array([level, level]))
    assert low < level < high
    assert high - low >= 0.1 * level


def test_counts_that_come_near_nothing_begin_at_nothing():
    assert choose_limits(np.array([100.0, 1000.0]))[0] == 0.0


def test_the_same_lines_give_the_same_bytes():
    drawn = lines(CASES["equal ends"])
    assert draw_labelled_lines(drawn, "人", "zh") == draw_labelled_lines(drawn, "人", "zh")
