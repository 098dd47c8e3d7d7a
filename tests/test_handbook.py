"""Are the generated pages of the handbook those of today's catalogue?"""

import pytest

from edustats.catalogue import catalogue
from edustats.catalogue.handbook import DOCS, build_handbook_pages, main
from edustats.catalogue.standards import list_standards, load_standard


@pytest.mark.parametrize("name", ["indicators.md", "standards.md"])
def test_the_page_is_fresh(name):
    assert (DOCS / name).read_text("utf-8") == build_handbook_pages()[name], (
        "run python -m edustats.catalogue.handbook"
    )


def test_check_says_so():
    assert main(["--check"]) == 0


def test_every_indicator_and_every_threshold_is_on_its_page():
    written = build_handbook_pages()
    assert all(
        f"`{key}`" in written["indicators.md"] for key in (*catalogue().indicators, *catalogue().columns)
    )
    for key in list_standards():
        assert f"`{key}`" in written["standards.md"]
        assert all(t.clause.zh in written["standards.md"] for t in load_standard(key).thresholds)


def test_unconfirmed_clauses_are_marked_in_both_languages():
    written = build_handbook_pages()["indicators.md"]
    unconfirmed = sum(not one.confirmed for one in catalogue().indicators.values())
    assert written.count("待核实）") >= unconfirmed > 0
    assert written.count("(to be confirmed)") >= unconfirmed
