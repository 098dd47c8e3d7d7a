"""Do the papers for the next person name what is there, and does the version stand in one place?"""

import re
import tomllib
from pathlib import Path

import pytest

import edustats
from edustats.shipped import version

ROOT = Path(__file__).resolve().parent.parent
GUIDE, LOG = ((ROOT / name).read_text("utf-8") for name in ("CONTRIBUTING.md", "CHANGELOG.md"))


@pytest.mark.parametrize("text", [GUIDE, LOG], ids=["CONTRIBUTING", "CHANGELOG"])
def test_every_file_that_is_named_exists(text):
    named = set(re.findall(r"`((?:edustats|tests|notebooks|benchmarks|docs|data|bundle)/[\w./-]*)`", text))
    named |= set(re.findall(r"\]\(([\w./-]+)\)", text))
    assert named
    assert not [name for name in sorted(named) if not (ROOT / name).exists()]


def test_every_stop_of_the_tour_names_something_that_stands_in_its_file():
    tour = GUIDE.partition("## A tour")[2].partition("## The first hour")[0]
    stops = re.findall(r"`(edustats/[\w/]+\.py)`\s+`(\w+)`", tour)
    assert len(re.findall(r"^\d+\. ", tour, re.M)) == 10
    assert len(stops) >= 10
    for file, name in stops:
        assert re.search(rf"^(def|class) {name}\b", (ROOT / file).read_text("utf-8"), re.M), f"{file}: {name}"


def test_every_test_that_is_named_exists():
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", GUIDE):
        assert f"def {name}(" in tests, name


def test_every_room_is_on_the_map():
    rooms = GUIDE.partition("## The rooms")[2].partition("## A tour")[0]
    own = {p.name for p in (ROOT / "edustats").iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert not [name for name in sorted(own) if f"{name}/" not in rooms]


def test_the_version_stands_in_one_place_and_heads_the_log():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert edustats.__version__ == version() == project["version"]
    assert re.search(r"^## (\S+)", LOG, re.M)[1] == project["version"]
    for path in (ROOT / "edustats").rglob("*.py"):
        assert f'"{project["version"]}"' not in path.read_text("utf-8"), path


def test_what_a_commit_is_looked_at_with_is_what_check_runs():
    assert "entry: python tasks.py check" in (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
