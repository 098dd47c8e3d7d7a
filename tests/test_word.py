"""Does every table fit the page, whatever stands in it?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edustats.report.publish.word_page import TEXT_WIDTH_MM, _compute_column_widths

cell = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60)
table = st.integers(1, 9).flatmap(
    lambda n: st.tuples(
        st.lists(cell, min_size=n, max_size=n), st.lists(st.lists(cell, min_size=n, max_size=n), max_size=6)
    )
)


@given(table)
def test_columns_are_all_wider_than_nothing_and_together_as_wide_as_the_text(drawn):
    head, rows = drawn
    widths = _compute_column_widths(head, rows, 10.5)
    assert all(width > 0 for width in widths)
    assert sum(widths) == pytest.approx(TEXT_WIDTH_MM)


def test_a_number_keeps_its_line_beside_a_long_text():
    widths = _compute_column_widths(["a", "n"], [["word " * 40, "1,672,052"]], 10.5)
    assert widths[1] > 9 * 0.5 * 10.5 * 0.3528
