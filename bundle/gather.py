"""What must be carried to a place without a network? Our wheel, every library's for its machines, and an installer.

    python tasks.py bundle [windows] [linux] [aarch64] [--python 3.11 …] [--out FOLDER]

All three kinds of machine by default (aarch64 is that of 麒麟 and 统信 on 鲲鹏 and 飞腾), for the version of
Python that runs this. The folder is copied to the other place as it is; ``README.txt`` in it says the rest.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).resolve().parent
NAME = "wheels"
GLIBC = (28, 27, 26, 24, 17, 12, 5)
"""Of the C libraries that wheels are built for, those not newer than the 2.28 of 麒麟 V10 and 统信 20."""
BUILD = "import sys; from setuptools import build_meta as b; print(b.build_wheel(sys.argv[1]))"
TREE = ("edustats", "notebooks", "data/mappings", "data/reference")
FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")


def _linux(machine: str) -> tuple[str, ...]:
    old = ("manylinux2014", "manylinux2010", "manylinux1")
    return tuple(f"{tag}_{machine}" for tag in (*(f"manylinux_2_{n}" for n in GLIBC), *old))


MACHINES = {
    # name: what uv calls it, and the tags of wheels that run there
    "windows": ("x86_64-pc-windows-msvc", ("win_amd64",)),
    "linux": ("x86_64-manylinux_2_28", _linux("x86_64")),
    "aarch64": ("aarch64-manylinux_2_28", _linux("aarch64")),
}


def build_wheel(out: Path) -> Path:
    """Build the package's wheel from a copy, so that nothing is left in the checkout, nor anything old goes in."""
    with tempfile.TemporaryDirectory() as copy:
        for name in TREE:
            ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            shutil.copytree(ROOT / name, Path(copy, name), ignore=ignored)
        for name in FILES:
            shutil.copyfile(ROOT / name, Path(copy, name))
        done = subprocess.run(
            [sys.executable, "-c", BUILD, str(out)], cwd=copy, capture_output=True, text=True
        )
    if done.returncode:
        sys.exit(done.stderr)
    return out / done.stdout.splitlines()[-1]


def write_requirements(uv: str, target: Path, *options: str) -> None:
    """What daily work and the Lab need, in the versions of the lock, with hashes."""
    command = [
        uv,
        "pip",
        "compile",
        str(ROOT / "pyproject.toml"),
        "--extra",
        "lab",
        "-c",
        str(ROOT / "requirements.lock"),
    ]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "-q", *options]
    _run([*command, "-o", str(target)])


def gather(uv: str, machine: str, python: str, wheels: Path) -> None:
    """Download every wheel for one kind of machine and one version of Python.

    The list is made for that machine first: pip would judge "only on Windows" by the machine it runs on. It is
    made for the first and the last patch of the version: some libraries part ways within one (3.11.5).
    """
    platform, tags = MACHINES[machine]
    abi = f"cp{python.replace('.', '')}"
    for patch in (f"{python}.0", f"{python}.99"):
        with tempfile.TemporaryDirectory() as folder:
            wanted = Path(folder, "wanted.txt")
            write_requirements(uv, wanted, "--python-platform", platform, "--python-version", patch)
            _run([
                sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                "--only-binary=:all:", "--require-hashes", "--implementation", "cp", "--python-version", patch,
                *(word for one in (abi, "abi3", "none") for word in ("--abi", one)),
                *(word for tag in tags for word in ("--platform", tag)),
                "-d", str(wheels), "-r", str(wanted),
            ])  # fmt: skip


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


def main(words: Sequence[str] | None = None) -> None:
    """Gather the bundle that the command line asks for."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("machines", nargs="*", choices=[[], *MACHINES], help="; ".join(MACHINES))
    asked.add_argument("--python", nargs="+", default=[f"{sys.version_info[0]}.{sys.version_info[1]}"])
    asked.add_argument("--out", type=Path)
    asked.add_argument("--uv", default="uv")
    given = asked.parse_args(words)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    out = given.out or ROOT / "dist" / f"edustats-{version}-offline"
    machines = given.machines or list(MACHINES)
    shutil.rmtree(out, ignore_errors=True)
    (out / NAME).mkdir(parents=True)
    build_wheel(out / NAME)
    write_requirements(
        given.uv, out / "requirements.txt", "--universal", "--python-version", min(given.python, key=_key)
    )
    for python in given.python:
        for machine in machines:
            print(f"+ {machine}, Python {python}", flush=True)
            gather(given.uv, machine, python, out / NAME)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "pip"]
    _run([*pip, "-d", str(out / NAME)])
    about = {"edustats": version, "python": given.python, "machines": machines}
    (out / "bundle.json").write_text(json.dumps(about), "utf-8")
    for name in ("install.py", "install.bat", "install.sh", "README.txt"):
        shutil.copy2(HERE / name, out / name)
    held = list((out / NAME).glob("*.whl"))
    megabytes = sum(path.stat().st_size for path in held) / 1e6
    print(
        f"{len(held)} wheels, {megabytes:.0f} MB, for {', '.join(machines)} and Python {', '.join(given.python)}: {out}"
    )


def _key(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


if __name__ == "__main__":
    main()
