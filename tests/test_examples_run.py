"""Do the examples in the docstrings of the measures run, with the names that the functions have?"""

import doctest
import importlib
import pkgutil

import pytest

import edustats.metrics

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(edustats.metrics.__path__, "edustats.metrics.")
    if not found.ispkg
)


@pytest.mark.parametrize("name", MODULES)
def test_every_example_of_a_measure_runs_and_gives_what_it_says(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0
