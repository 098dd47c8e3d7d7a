"""Are the generated pages of the handbook those of today's catalogue?"""

import pytest

from edustats.catalogue import catalogue
from edustats.catalogue.handbook import DOCS, main, pages
from edustats.catalogue.standards import names, standard


@pytest.mark.parametrize("name", ["indicators.md", "standards.md"])
def test_the_page_is_fresh(name):
    assert (DOCS / name).read_text("utf-8") == pages()[name], "run python -m edustats.catalogue.handbook"


def test_check_says_so():
    assert main(["--check"]) == 0


def test_every_indicator_and_every_threshold_is_on_its_page():
    written = pages()
    assert all(
        f"`{key}`" in written["indicators.md"] for key in (*catalogue().indicators, *catalogue().columns)
    )
    for key in names():
        assert f"`{key}`" in written["standards.md"]
        assert all(t.clause.zh in written["standards.md"] for t in standard(key).thresholds)


def test_unconfirmed_clauses_are_marked_in_both_languages():
    written = pages()["indicators.md"]
    unconfirmed = sum(not one.confirmed for one in catalogue().indicators.values())
    assert written.count("待核实）") >= unconfirmed > 0
    assert written.count("(to be confirmed)") >= unconfirmed
