"""Does every line of the researcher's page and of the README run, and does every link lead somewhere?"""

import re
from pathlib import Path

import pytest
from returns_made import prefecture

from edustats.store.writing import update_store

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)
RUN = [path for path in PAGES if path.name.startswith(("README", "researcher"))]
ONE_SCREEN = 60


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    update_store([prefecture(folder / "in")], folder / "store")
    return folder / "store"


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.name)
def test_every_line_of_code_runs(path, store, tmp_path, monkeypatch):
    monkeypatch.setenv("EDUSTATS_STORE", str(store))
    monkeypatch.chdir(tmp_path)
    blocks = CODE.findall(path.read_text("utf-8"))
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, path.name, "exec"), names)  # noqa: S102 - our own page


@pytest.mark.parametrize(
    "path", [p for p in RUN if p.name.startswith("researcher")], ids=lambda path: path.name
)
def test_each_of_the_five_questions_takes_three_lines_and_no_other_import(path):
    part = re.split(r"^## ", path.read_text("utf-8"), flags=re.M)[1]
    first, *questions = CODE.findall(part)
    assert first.startswith("import edustats as edu\n")
    assert len(questions) == 5
    for block in questions:
        assert len([line for line in block.splitlines() if line.strip()]) <= 3
        assert "import" not in block


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert not [link for link in links if "://" not in link and not (path.parent / link).exists()]


def test_the_readme_is_one_screen_in_either_language():
    for path in PAGES[:2]:
        assert len(path.read_text("utf-8").splitlines()) <= ONE_SCREEN, path.name


def test_every_page_stands_in_the_index():
    index = (ROOT / "docs" / "index.md").read_text("utf-8")
    missing = [path.name for path in PAGES[2:] if path.name != "index.md" and f"({path.name})" not in index]
    assert not missing
