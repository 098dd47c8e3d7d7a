"""What does a notebook open when nothing is said? The invented prefecture, or a sentence that says how to get it."""

import os
import subprocess
import tomllib
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from edustats import cli
from edustats.errors import MissingFileError, ParameterError
from edustats.example import world
from edustats.places import find_store
from edustats.report.edition.parameters import find_scope, read_parameters

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
REPORTS = [path for path in NOTEBOOKS if find_scope(read_parameters(path))]


@pytest.fixture
def stores(tmp_path, monkeypatch):
    """A project with the stores named; one looks from its notebooks."""
    monkeypatch.delenv("EDUSTATS_STORE", raising=False)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")

    def make(*names):
        for name in names:
            (tmp_path / "data" / "store" / name).mkdir(parents=True)
            (tmp_path / "data" / "store" / name / "store.json").touch()
        return tmp_path / "data" / "store"

    return make


def test_the_example_is_preferred_and_a_single_store_serves(stores):
    home = stores("michigan")
    assert find_store() == home / "michigan"
    stores("example", ".example.building")
    assert find_store() == home / "example"


def test_what_is_named_goes_before_all(stores, monkeypatch):
    stores("example")
    monkeypatch.setenv("EDUSTATS_STORE", "elsewhere")
    assert (find_store(), find_store("mine")) == (Path("elsewhere"), Path("mine"))


def test_several_stores_without_the_example_are_named_in_the_refusal(stores):
    stores("census", "michigan")
    with pytest.raises(ParameterError, match="census, michigan"):
        find_store()


@pytest.mark.parametrize("names", [(), (".example.building",)])
def test_without_a_store_one_sentence_says_which_command_makes_it(stores, names):
    stores(*names)
    with pytest.raises(MissingFileError) as caught:
        find_store()
    assert all("make reports" in caught.value.text(lang) for lang in ("zh", "en"))


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_every_report_opens_an_area_of_the_invented_prefecture_in_chinese(path):
    made = tomllib.loads(Path(world.__file__).with_name("world.toml").read_text("utf-8"))
    counties = {county["code"] for county in made["counties"]}
    defaults = {parameter.name: parameter.default for parameter in read_parameters(path)}
    assert defaults["lang"] == "zh"
    assert defaults["store"] == ""
    assert defaults.get("county", "") in {*counties, ""}
    assert defaults.get("prefecture", "") in {f"{next(iter(counties))[:4]}00", ""}


@pytest.mark.parametrize("held", [(), ("example",)])
def test_the_lab_opens_with_and_without_a_store_and_says_what_is_wanting(stores, monkeypatch, held):
    stores(*held)
    started = []

    def start(command, check):
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", start)
    done = CliRunner().invoke(cli.app, ["lab", ".", "--lang", "en"])
    assert done.exit_code == 0
    assert "jupyterlab" in started[0]
    assert ("make reports" in done.output) == (not held)


@pytest.mark.parametrize(
    ("lang", "own", "start"), [("en", "my_chapter.ipynb", "start.md"), ("zh", "我的专题.ipynb", "开始.md")]
)
def test_the_lab_works_on_a_copy_in_one_language_and_leaves_what_is_changed(
    tmp_path, monkeypatch, lang, own, start
):
    monkeypatch.chdir(tmp_path)
    started = []

    def begin(command, check):
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", begin)
    done = CliRunner().invoke(cli.app, ["lab", "--lang", lang])
    assert done.exit_code == 0
    folder = tmp_path / "edustats_notebooks" / lang
    assert {path.name for path in folder.glob("*.ipynb")} == {own, *(path.name for path in NOTEBOOKS)}
    assert started[0][-1].endswith(f"{lang}/{start}")
    for path in folder.glob("*.ipynb"):
        book = nbformat.read(path, as_version=4)
        tags = {tag for cell in book.cells for tag in cell.metadata.get("tags", ())}
        assert f"lang-{'zh' if lang == 'en' else 'en'}" not in tags, path.name
        source = "\n".join(cell.source for cell in book.cells)
        assert f'lang: str = "{"zh" if lang == "en" else "en"}"' not in source
        assert f"(<{path.name}>)" in (folder / start).read_text("utf-8")
    changed, gone = (folder / path.name for path in NOTEBOOKS[:2])
    changed.write_text("mine")
    gone.unlink()
    again = CliRunner().invoke(cli.app, ["lab", "--lang", lang])
    assert ("1 notebook was copied" if lang == "en" else "已把 1 个报告本复制到") in again.output
    assert changed.read_text() == "mine"
    assert gone.is_file()
    assert (tmp_path / "edustats_notebooks" / ".gitignore").read_text() == "*\n"


def test_a_store_that_is_named_is_the_one_the_lab_opens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDUSTATS_STORE", raising=False)
    seen = []

    def begin(command, check):
        seen.append(os.environ["EDUSTATS_STORE"])
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", begin)
    monkeypatch.setenv("EDUSTATS_STORE", "before")
    CliRunner().invoke(cli.app, ["lab", "--lang", "en", "--store", "mine"])
    assert seen == [str((tmp_path / "mine").resolve())]


def test_without_jupyterlab_the_lab_says_what_to_install(stores, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = CliRunner().invoke(cli.app, ["lab", ".", "--lang", "en"])
    assert done.exit_code != 0
    assert 'pip install "edustats[lab]"' in done.exception.text("en")


def test_reports_away_from_a_checkout_take_the_notebooks_that_came_with_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli._find_notebooks() is None
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "own.ipynb").touch()
    assert cli._find_notebooks() == Path("notebooks")
