"""What do tests share? The project's mappings, a small table of one's own, and their stores."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from own_tables import CENSUS, MAPPINGS, OWN_MAPPING, OWN_TABLE

from edustats.load.tables.reader import load_tables
from edustats.store.writing import write_store

# No test may depend on how fast a machine is, nor on the draw of a day: examples are the same everywhere.
settings.register_profile("anywhere", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("anywhere")


@pytest.fixture
def own(tmp_path):
    """A folder with a mapping and its table; returns a writer that can change either."""

    def write(table: str = OWN_TABLE, mapping: str = OWN_MAPPING, encoding: str = "utf-8") -> Path:
        (tmp_path / "schools.csv").write_bytes(table.encode(encoding))
        path = tmp_path / "own.toml"
        path.write_text(mapping, "utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def michigan(tmp_path_factory):
    """The Michigan store, built once."""
    path = tmp_path_factory.mktemp("stores") / "michigan"
    write_store(load_tables(MAPPINGS / "michigan.toml"), path)
    return path


@pytest.fixture(scope="session")
def zhuzhou(tmp_path_factory):
    """The census store of one prefecture, cut from the files kept beside the repository."""
    if not CENSUS.exists():
        pytest.skip("the census files are kept beside the repository and are not here")
    folder = tmp_path_factory.mktemp("census")
    for file in CENSUS.parent.glob("china_census_county_*.csv"):
        _cut(file, folder / file.name)
    shutil.copy(MAPPINGS / "census.toml", folder)
    write_store(load_tables(folder / "census.toml", folder), folder / "store")
    return folder / "store"


def _cut(file: Path, target: Path) -> None:
    head, *rows = file.read_text("utf-8-sig").splitlines()
    position = head.split(",").index("code")
    kept = [row for row in rows if row.split(",")[position].startswith("43")]
    target.write_text("\n".join([head, *kept]) + "\n", "utf-8")


@pytest.fixture(scope="session")
def example(tmp_path_factory):
    """The whole invented prefecture, loaded once, with the maker of the page that speaks of it."""
    path = Path(__file__).resolve().parent.parent / "docs" / "make_seeds.py"
    spec = importlib.util.spec_from_file_location("make_seeds", path)
    maker = importlib.util.module_from_spec(spec)
    sys.modules["make_seeds"] = maker  # its data classes look themselves up there
    spec.loader.exec_module(maker)
    return maker, maker.build_example(tmp_path_factory.mktemp("example"))
