"""Installs edustats from this folder: no network, no administrator rights.   py install.py [FOLDER]

With --check it only says whether this Python and this machine are the right ones.

Standard library only, and no word of Python newer than 3.8 before the version has been looked at, so that an older
one gets a sentence and not a syntax error.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
WHEELS = HERE / "wheels"
OLDEST = (3, 11)


def stop(zh, en):
    """End with one sentence in both languages."""
    sys.exit("%s\n%s" % (zh, en))


def machine():
    """What this machine is called in the bundle, or what it is where the bundle has no name for it."""
    kind = platform.machine().lower()
    known = {("win32", "amd64"): "windows", ("linux", "x86_64"): "linux", ("linux", "aarch64"): "aarch64"}
    return known.get((sys.platform, kind), "%s %s" % (sys.platform, kind))


def check(about):
    """Refuse a machine or a Python that the wheels are not for."""
    own = "%d.%d" % sys.version_info[:2]
    held, pythons = ", ".join(about["machines"]), ", ".join(about["python"])
    if sys.version_info < OLDEST or own not in about["python"]:
        stop(
            "这个安装包用于 Python %s，现在运行的是 %s；请先安装其中一个版本（不需要管理员），再用它运行 install.py。"
            % (pythons, own),
            "this bundle is for Python %s and %s is running; install one of them (for yourself, no administrator is "
            "needed) and run install.py with it." % (pythons, own),
        )
    if machine() not in about["machines"]:
        stop(
            "这个安装包用于 %s，本机是 %s；请在能联网的机器上重新制作：python tasks.py bundle。"
            % (held, machine()),
            "this bundle is for %s and this machine is %s; gather it again where there is a network: "
            "python tasks.py bundle." % (held, machine()),
        )


def install(home):
    """Make an environment of its own and put everything into it."""
    import venv

    venv.create(str(home), with_pip=False)  # the pip of the bundle serves: many a system has none
    python = (
        home / ("Scripts" if os.name == "nt" else "bin") / ("python.exe" if os.name == "nt" else "python")
    )
    pip = [
        str(python),
        str(next(WHEELS.glob("pip-*.whl")) / "pip"),
        "install",
        "-q",
        "--disable-pip-version-check",
    ]
    pip += ["--no-index", "--find-links", str(WHEELS)]
    own = str(next(WHEELS.glob("edustats-*.whl")))
    for words in (
        ["--require-hashes", "-r", str(HERE / "requirements.txt")],
        ["--no-deps", "--force-reinstall", own],
    ):
        # PYTHONPATH and pip's own settings of this machine must not lead anywhere else
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_"))}
        kept["PIP_CONFIG_FILE"] = os.devnull
        if subprocess.call([*pip, *words], env=kept):
            stop(
                "没有装完；上面是 pip 的说明。安装包可能没有复制完整，请重新复制后再试。",
                "it could not be installed; pip says why above. Perhaps not all of it was copied; copy it again.",
            )
    return python.parent / ("edustats.exe" if os.name == "nt" else "edustats")


def main():
    """Install into the folder named, else into ``edustats`` in the user's own folder."""
    check(json.loads((HERE / "bundle.json").read_text("utf-8")))
    if sys.argv[1:] == ["--check"]:
        return
    command = install(Path(sys.argv[1]) if len(sys.argv) > 1 else Path.home() / "edustats")
    print("已安装。以后这样运行：\ninstalled; run it so:\n\n  %s example\n  %s lab" % (command, command))


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if sys.version_info >= (3, 7):
            stream.reconfigure(errors="replace" if stream.isatty() else "backslashreplace")
    main()
