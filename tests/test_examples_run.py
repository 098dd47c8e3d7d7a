"""Do the examples in the docstrings run, with the names that functions have, on a small store where they need one?"""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from returns_made import prefecture

import edustats as edu
import edustats.metrics
from edustats.store.writing import update_store

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(edustats.metrics.__path__, "edustats.metrics.")
    if not found.ispkg
)
OTHERS = sorted(
    found.name
    for found in pkgutil.walk_packages(edu.__path__, "edustats.")
    if found.name not in MODULES and not found.name.endswith("__main__")
)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with a store where the examples look for it."""
    folder = tmp_path_factory.mktemp("examples")
    update_store([prefecture(folder / "in")], folder / "data" / "store" / "example")
    return folder


@pytest.mark.parametrize("name", MODULES)
def test_every_example_of_a_measure_runs_and_gives_what_it_says(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


@pytest.mark.slow
def test_every_example_on_a_store_runs_and_gives_what_it_says(here, monkeypatch):
    monkeypatch.chdir(here)
    monkeypatch.setenv("EDUSTATS_LANG", "zh")
    names = {name: getattr(edu, name) for name in edu.__all__}
    store = edu.open_store("data/store/example")
    failed = []
    for name in OTHERS:
        try:
            module = importlib.import_module(name)
        except ImportError:  # a library that only an extra brings
            continue
        done = doctest.testmod(module, extraglobs=names | {"store": store} | vars(module))
        failed += [name] if done.failed else []
    assert failed == []


REFERENCE = re.compile(r":(func|class|data|mod):`~?((?:edustats\.)?[\w.]+)`")


@pytest.mark.parametrize("name", [*MODULES, *OTHERS])
def test_every_function_that_a_docstring_refers_to_is_there(name):
    try:
        module = importlib.import_module(name)
    except ImportError:  # a library that only an extra brings
        return
    told = {
        target for kind, target in REFERENCE.findall(Path(str(module.__file__)).read_text("utf-8"))
        if target.startswith("edustats.") or "." not in target
    }  # fmt: skip
    assert [target for target in sorted(told) if not is_there(module, target)] == []


def is_there(module, target):
    if "." not in target:
        return hasattr(module, target)
    try:
        return importlib.import_module(target) is not None
    except ImportError:
        home, _, last = target.rpartition(".")
        return hasattr(importlib.import_module(home), last)
