"""What was run, when, with what, and what became of it?

``results.jsonl`` grows by one line per notebook run and is never rewritten; ``run.json`` describes the
last run of an edition. A power cut costs at most the line being written.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import nbformat

from edustats.errors import MissingFileError

STATES = ("ok", "failed", "timed_out", "killed")
RESULTS, RUN = "results.jsonl", "run.json"
PACKAGES = ("edustats", "papermill", "nbclient", "jupyter_client", "ipykernel", "pandas", "matplotlib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one notebook for one county."""

    county: str
    name: str
    folder: str
    notebook: str
    """Name of the notebook without suffix."""
    state: str
    """One of ``ok``, ``failed``, ``timed_out``, ``killed``."""
    reason: str = ""
    cell: int | None = None
    """The n of ``In [n]`` where it ended, None when no cell is to blame."""
    seconds: float = 0.0
    peak_mb: float | None = None
    digest: str = ""
    """Of the notebook's code, its parameters and this package's version."""
    started: str = ""


def write_whole(path: Path, data: bytes | str) -> None:
    """Write a file so that a reader finds the old one or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # mkstemp lets only its owner read; a report is for others
        replace(Path(name), path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def replace(source: Path, target: Path) -> None:
    """Put a finished file in its place, and make the rename last."""
    source.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def append(edition: Path, result: Result) -> None:
    """Add one line to ``results.jsonl`` and see it on the disk."""
    path = edition / RESULTS
    line = json.dumps(asdict(result), ensure_ascii=False).encode() + b"\n"
    with path.open("a+b") as file:
        if _torn(file):
            line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _torn(file: Any) -> bool:
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) != b"\n")


def read_results(edition: Path) -> list[Result]:
    """Every result of an edition, oldest first; a line that a crash cut short is passed over."""
    path = edition / RESULTS
    if not path.is_file():
        raise MissingFileError("report.no_results", folder=edition)
    found = (_result(line) for line in path.read_bytes().split(b"\n"))
    return [result for result in found if result is not None]


def _result(line: bytes) -> Result | None:
    try:
        return Result(**json.loads(line))
    except (ValueError, TypeError):
        return None


def latest(results: Iterable[Result], notebooks: Collection[str] | None = None) -> list[Result]:
    """The newest result of each county and notebook, in order of county and notebook.

    Parameters
    ----------
    results : oldest first
    notebooks : names that still exist; results of others are left out
    """
    newest = {(result.county, result.notebook): result for result in results}
    return [newest[key] for key in sorted(newest) if notebooks is None or key[1] in notebooks]


def digest(notebook: Path, parameters: Mapping[str, object]) -> str:
    """Identity of one report: the notebook's code, its parameters, this package's version."""
    cells = nbformat.read(notebook, as_version=4).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    parts = [code, dict(parameters), _version("edustats")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def now() -> str:
    """This moment, as it stands in the records."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def write_run(edition: Path, record: Mapping[str, object]) -> None:
    """Describe a run in ``run.json``."""
    write_whole(edition / RUN, json.dumps(dict(record), ensure_ascii=False, indent=1, default=str) + "\n")


def read_run(edition: Path) -> dict[str, Any]:
    """What ``run.json`` says, or nothing where there is none."""
    path = edition / RUN
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def environment() -> dict[str, object]:
    """Versions and platform, for ``run.json``."""
    versions = {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}
    return {"versions": versions, "platform": f"{sys.platform} {platform.machine()}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where an edition stands: its newest results by state."""

    edition: str
    done: tuple[Result, ...]
    failed: tuple[Result, ...]
    timed_out: tuple[Result, ...]
    killed: tuple[Result, ...]
    started: str | None
    finished: str | None

    @property
    def wrong(self) -> tuple[Result, ...]:
        """Everything that needs a person."""
        return self.failed + self.timed_out + self.killed

    @property
    def interrupted(self) -> bool:
        """Whether the last run began and never came to its end."""
        return self.started is not None and self.finished is None


def status(edition: Path) -> Status:
    """Where an edition stands, with the reasons of what is not done.

    Raises
    ------
    MissingFileError
        If the folder holds no ``results.jsonl``.
    """
    run = read_run(edition)
    newest = latest(read_results(edition), run.get("living"))
    groups = {state: tuple(result for result in newest if result.state == state) for state in STATES}
    return Status(
        edition=edition.name,
        done=groups["ok"],
        failed=groups["failed"],
        timed_out=groups["timed_out"],
        killed=groups["killed"],
        started=run.get("started"),
        finished=run.get("finished"),
    )


def editions(folder: Path) -> list[Path]:
    """The folder itself if it is an edition, else the editions in it, by name."""
    if (folder / RESULTS).is_file():
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{RESULTS}"))
