"""Does the folder for a place without a network install there, and say in a sentence what is not right?"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bundle"))
import gather
import install

ROOT = gather.ROOT

WHY = "this Python, such as the embeddable one of Windows, makes no environments"
pytest.importorskip("venv", reason=WHY)
ensurepip = pytest.importorskip("ensurepip", reason=WHY)
PIP = next(iter(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl")), None)
OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"


def lend(folder):
    """A wheel that stands for all libraries: it lends those of the environment of the tests."""
    file, about = folder / "lent-1.0-py3-none-any.whl", "lent-1.0.dist-info"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("lent.pth", sysconfig.get_path("purelib"))
        packed.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: lent\nVersion: 1.0\n")
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(
            f"{about}/RECORD", f"lent.pth,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n"
        )
    return file


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle as ``gather`` leaves it, with one wheel in place of the hundred of the libraries."""
    if PIP is None:
        pytest.skip("this system's Python carries no wheel of pip")
    home = tmp_path_factory.mktemp("bundle 离线")
    wheels = home / gather.NAME
    wheels.mkdir()
    gather.build_wheel(wheels)
    shutil.copy(PIP, wheels)
    digest = subprocess.run(
        [sys.executable, "-m", "pip", "hash", str(lend(wheels))], capture_output=True, text=True, check=True
    ).stdout  # fmt: skip
    (home / "requirements.txt").write_text(f"lent==1.0 {re.search('--hash=.*', digest)[0]}\n", "utf-8")
    about = {"edustats": "0", "python": [OWN], "machines": [install.machine()]}
    (home / "bundle.json").write_text(json.dumps(about), "utf-8")
    shutil.copy(ROOT / "bundle" / "install.py", home)
    return home


def installed(bundle, target):
    refused = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "PYTHONUTF8": "1"}
    refused |= {"PIP_INDEX_URL": "http://127.0.0.1:9", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, str(bundle / "install.py"), str(target)], env=os.environ | refused,
        capture_output=True, text=True, encoding="utf-8", check=False, cwd=target.parent,
    )  # fmt: skip


def test_it_installs_with_the_network_refused_and_the_command_runs(bundle, tmp_path):
    done = installed(bundle, tmp_path / "edustats 家")
    assert done.returncode == 0, done.stderr
    command = re.search(r"^  (\S.*) example$", done.stdout, re.M)[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    words = [command, "load", "michigan", "--store", "store", "--lang", "en"]
    asked = subprocess.run(words, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    assert (tmp_path / "store" / "store.json").is_file()


def test_a_bundle_that_was_not_copied_whole_says_so(bundle, tmp_path):
    torn = tmp_path / "torn"
    shutil.copytree(bundle, torn)
    next((torn / gather.NAME).glob("lent-*")).unlink()
    done = installed(torn, tmp_path / "home")
    assert done.returncode == 1
    assert "没有装完" in done.stderr and "copy it again" in done.stderr


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"python": ["3.99"]}, f"这个安装包用于 Python 3.99，现在运行的是 {OWN}"),
        ({"machines": ["abacus"]}, "这个安装包用于 abacus，本机是"),
    ],
)
def test_another_machine_or_python_is_refused_in_a_sentence(about, told):
    with pytest.raises(SystemExit, match=re.escape(told)):
        install.check({"python": [OWN], "machines": [install.machine()]} | about)


def test_the_tags_reach_no_further_than_the_systems_of_the_bureaus():
    tags = gather.MACHINES["aarch64"][1]
    assert "manylinux_2_28_aarch64" in tags and "manylinux2014_aarch64" in tags
    assert not [tag for tag in tags if (n := re.search(r"manylinux_2_(\d+)_", tag)) and int(n[1]) > 28]


def test_the_installer_is_read_by_the_python_it_refuses():
    compile(
        (ROOT / "bundle" / "install.py").read_text("utf-8"), "install.py", "exec", flags=0, dont_inherit=True
    )
    import ast

    ast.parse((ROOT / "bundle" / "install.py").read_text("utf-8"), feature_version=(3, 7))
