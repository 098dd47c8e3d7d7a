"""What can I do here?  python tasks.py reports | test | lab | check | setup | lock | benchmarks | bundle | docs

Standard library only, so that one file works on a fresh machine, with or without make.
Words after the task are handed on:  python tasks.py test -k equity
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
PYTHON = BIN / f"python{EXE}"
LOCK, DEV_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
RESEARCH = ("lab", "real-data", "test")
"""Extras that a checkout is set up with beside the daily core: notebooks, real figures and tests."""


def run(*command: object) -> None:
    """Run a command from the repository's root; its failure is ours."""
    print("+", *command, flush=True)
    done = subprocess.run([str(word) for word in command], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def uv() -> str | None:
    """uv from a corner of the environment, or None where it cannot be installed (pip serves then)."""
    tools = VENV / "tools"
    found = tools / BIN.name / f"uv{EXE}"
    if not found.exists():
        venv.create(tools, with_pip=True)
        pip = [str(tools / BIN.name / f"python{EXE}"), "-m", "pip", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "uv==0.13.9"], check=False)
    return str(found) if found.exists() else None


def install(lock: Path) -> None:
    """Install one hashed lock, with bytecode: without it every kernel spends five seconds compiling.

    uv with the system's certificates, as an office network may need; pip where uv cannot do it.
    """
    if installer := uv():
        words = [installer, "pip", "install", "-q", "--system-certs", "--python", PYTHON, "--require-hashes"]
        command = [*words, "--compile-bytecode", "-r", lock]
        print("+", *command, flush=True)
        if subprocess.run([str(word) for word in command], cwd=ROOT, check=False).returncode == 0:
            return
    run(PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock)


def setup(*locks: Path | str) -> None:
    """Make .venv hold exactly the locks and this checkout; do nothing when it already does."""
    if sys.version_info < (3, 11):
        found = sys.version.split()[0]
        sys.exit(f"edustats needs Python 3.11 or newer, this is {found}; install one and try again")
    for lock in map(Path, locks or (LOCK,)):
        stamp = VENV / f".{lock.stem}"
        wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()
        if stamp.exists() and stamp.read_text("utf-8") == wanted:
            continue
        if not PYTHON.exists():
            venv.create(VENV, with_pip=True)
        install(lock)
        run(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps",
            "--no-build-isolation", "-e", ".")  # fmt: skip
        stamp.write_text(wanted, "utf-8")


def edustats(*words: object) -> int:
    """Run the command line; return its exit code."""
    print("+ edustats", *words, flush=True)
    return subprocess.run([str(PYTHON), "-m", "edustats", *map(str, words)], cwd=ROOT, check=False).returncode


SOURCES = {
    "example": ("zh", "all"),
    "michigan": ("en", "all"),
    # 株洲 and 宁波: two prefectures are enough for a first look; --county all takes all of China
    "census": ("zh", "4302*,3302*"),
}


def reports(*words: str) -> None:
    """County reports of the invented prefecture; or of the sources named: michigan, census."""
    setup()
    named = [word for word in words if word in SOURCES] or ["example"]
    options = [word for word in words if word not in SOURCES]
    sys.exit(max(_publish(name, *options) for name in named))


def _publish(source: str, *words: str) -> int:
    lang, counties = SOURCES[source]
    store = Path("data", "store", source)
    if failed := _load(source, store):
        return failed
    if not (ROOT / store).exists():  # a source whose tables are not here is skipped
        return 0
    options = list(words) if "--county" in words else ["--county", counties, *words]
    return edustats("report", "--store", store, "--lang", lang, *options)


def _load(source: str, store: Path) -> int:
    if source != "example":
        mapping = Path("data", "mappings", f"{source}.toml")
        return edustats("load", mapping, "--store", store, "--if-present")
    home = Path("data", "example")
    if failed := _write_example(home):
        return failed
    return edustats("load", home / "returns", "--store", store)


def _write_example(home: Path) -> int:
    """Write the invented returns where they are not yet, or where an earlier version wrote them.

    ``planted.json`` is written last of all. What somebody changed since is left alone, and said.
    """
    sources = sorted((ROOT / "edustats" / "example").glob("*.*"))
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()
    written, stamp = ROOT / home / "planted.json", ROOT / home / "written_by"
    if written.exists():
        if stamp.exists() and stamp.read_text("utf-8") == wanted:
            return 0
        files = [file for file in (ROOT / home).rglob("*") if file.is_file() and file != stamp]
        # the time of the last change or, for a file copied with its old time, of its arrival
        if max(max(file.stat().st_mtime, file.stat().st_ctime) for file in files) > written.stat().st_ctime:
            print(f"- {home} was written by an earlier version and changed since: "
                  "move it away to have it written anew")  # fmt: skip
            return 0
        shutil.rmtree(ROOT / home)
    if failed := edustats("example", home):
        return failed
    stamp.write_text(wanted, "utf-8")
    return 0


def test(*words: str) -> None:
    """Every test, on two processes."""
    setup()
    run(PYTHON, "-m", "pytest", "-n", "2", *words)


def check() -> None:
    """Lint, security rules, formatting, types and known holes of the packages; changes nothing."""
    setup(LOCK, DEV_LOCK)
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", ".")
    run(PYTHON, "-m", "mypy")
    audit()


def audit() -> None:
    """Ask for known holes of the locked packages, where the asker is installed and its database can be reached."""
    held = subprocess.run([str(PYTHON), "-c", "import pip_audit"], cwd=ROOT, check=False, capture_output=True)
    if held.returncode:
        print("- pip-audit skipped: it is not installed (pip install pip-audit)")
        return
    command = [str(PYTHON), "-m", "pip_audit", "--require-hashes", "--disable-pip", "-r", str(LOCK)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode and any(
        word in done.stderr for word in ("Connection", "Timeout", "SSLError", "Proxy")
    ):
        print("- pip-audit skipped: its database of known holes cannot be reached from here")
        return
    print(done.stdout + done.stderr)
    if done.returncode:
        sys.exit(done.returncode)


def lab(*words: str) -> None:
    """JupyterLab on the notebooks."""
    setup()
    sys.exit(edustats("lab", *words))


def benchmarks(*words: str) -> None:
    """Seconds per county, ours beside a plain papermill loop, in one run."""
    setup()
    run(PYTHON, "benchmarks/report_batch.py", *words)


def docs() -> None:
    """The documents as a site in either language, in build/docs; a warning is an error."""
    setup(LOCK, DEV_LOCK)
    for lang in ("zh", "en"):
        os.environ["EDUSTATS_DOCS_LANG"] = lang
        run(PYTHON, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", f"build/docs/{lang}")


def bundle(*words: str) -> None:
    """A folder that installs without a network: our wheel and every library's, for Windows and Linux."""
    setup()
    run(
        PYTHON,
        "bundle/gather.py",
        *words,
        "--uv",
        uv() or sys.exit("gathering needs uv, which could not be installed"),
    )


def lock() -> None:
    """Resolve both locks afresh: hashed, for every platform, naming no host."""
    setup_tools = uv() or sys.exit("locking needs uv, which could not be installed")
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url",
               "--no-header", "--upgrade", "-q"]  # fmt: skip
    run(setup_tools, "pip", "compile", "pyproject.toml", *_extras(*RESEARCH), *options, "-o", LOCK.name)
    # not remote: what speaks to S3 wants python-dateutil below 3 and the kernels' library wants 4
    extras = _extras(*RESEARCH, "dev", "sql", "cluster", "docs")
    run(setup_tools, "pip", "compile", "pyproject.toml", *extras, "-c", LOCK.name, *options,
        "-o", DEV_LOCK.name)  # fmt: skip


def _extras(*names: str) -> list[str]:
    return [word for name in names for word in ("--extra", name)]


def main() -> None:
    tasks = {f.__name__: f for f in (reports, test, lab, check, setup, lock, benchmarks, bundle, docs)}
    name, *words = sys.argv[1:] or ["help"]
    if name not in tasks:
        sys.exit(__doc__)
    tasks[name](*words)


if __name__ == "__main__":
    main()
