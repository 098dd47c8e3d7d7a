"""Is every package we stand on named, with its licence and who keeps it, and each lone keeper with a way out?"""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def maker():
    pytest.importorskip("packaging")
    spec = importlib.util.spec_from_file_location("make_dependencies", ROOT / "docs" / "make_dependencies.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def named():
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    return {
        cells[1]: cells for line in text.splitlines() if (cells := line.split("|"))[1:] and len(cells) == 6
    }


def test_every_package_of_ours_is_on_the_page_with_a_licence(maker):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    texts = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    held = {name.strip(): cells for name, cells in named().items()}
    ours = [maker.normal(re.split(r"[<>=!\[ ;]", text)[0]) for text in texts]
    assert not [name for name in ours if name not in held]
    assert not [name for name in ours if held[name][3].strip() in ("", "—")]


def test_every_package_of_one_person_says_what_would_take_its_place():
    judged = tomllib.loads((ROOT / "docs" / "dependencies.toml").read_text("utf-8"))
    lone = [name for name, entry in judged.items() if entry.get("kept_by", "").startswith("one person")]
    assert lone
    assert not [name for name in lone if len(judged[name].get("alone", "")) < 40]
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert not [name for name in lone if f"- **{name}**: {judged[name]['alone']}" not in text]


def test_a_sum_of_requirements_is_followed_to_its_end(maker):
    found = maker.closure(["papermill"])
    assert {"papermill", "nbclient", "jupyter-client", "traitlets"} <= found
