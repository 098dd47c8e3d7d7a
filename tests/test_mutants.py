"""Are mistakes planted in what reads and what prints noticed by what is printed? The whole run is in ``benchmarks``.

Each stands in ``files/mutants.txt`` with the print that shows it, by the words of its line: an edit of that line takes
it out of the sample, and a line more from ``benchmarks/mutants.py`` into it.
"""

import importlib.util
import os
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LISTED = [line.split("\t", 1) for line in (ROOT / "tests/files/mutants.txt").read_text("utf-8").splitlines()]
FEWEST = 20
"""Mistakes that still find their line."""
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a mistake is planted in a fork")


@cache
def load_mutants():
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "benchmarks" / "mutants.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module
    spec.loader.exec_module(module)
    return module


@cache
def find_listed():
    """The mistakes of the list that the code still has a place for, each with its print."""
    mutants, wanted = load_mutants(), {name: printed for printed, name in LISTED}
    found = {}
    for places in mutants.find_places(sorted({name.split(" ")[0] for name in wanted})).values():
        for one in places:
            name = mutants.name_mutant(one)
            if name in wanted:
                found.setdefault(name, (one, wanted[name]))
    return found


def test_most_mistakes_of_the_list_still_have_their_line():
    assert len(find_listed()) >= FEWEST


def test_each_mistake_changes_what_is_printed():
    mutants = load_mutants()
    found = {name: mutants.try_in_fork(one, [printed], []) for name, (one, printed) in find_listed().items()}
    assert [name for name, how in found.items() if not how or how == mutants.OUTSIDE] == []
