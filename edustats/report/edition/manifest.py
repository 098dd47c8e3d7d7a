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
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from sys import intern
from typing import Any

from edustats.errors import MissingFileError
from edustats.files import write_whole
from edustats.shipped import version as own_version

OK, SUPPRESSED = "ok", "ok_with_suppression"
STATES = (OK, SUPPRESSED, "failed", "timed_out", "killed")
RESULTS, RUN = "results.jsonl", "run.json"
PACKAGES = ("edustats", "papermill", "nbclient", "jupyter_client", "ipykernel", "pandas", "matplotlib")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportResult:
    """What became of one notebook for one area."""

    county: str
    name: str
    folder: str
    notebook: str
    """Name of the notebook without suffix."""
    state: str
    """One of ``ok``, ``ok_with_suppression``, ``failed``, ``timed_out``, ``killed``."""
    reason: str = ""
    cell: int | None = None
    """The n of ``In [n]`` where it ended, None when no cell is to blame."""
    seconds: float = 0.0
    peak_mb: float | None = None
    digest: str = ""
    """Of everything in ``inputs``; empty when something moved while the report was made."""
    started: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    """Digest of each thing the report was made of, see :mod:`edustats.report.edition.stale`."""
    attempt: int = 1
    signal: str | None = None
    """The signal that ended the kernel, or the worker: then the machine is to blame, not the notebook."""
    scope: str = "county"
    """What the area is: a county, or a prefecture that holds counties."""

    @property
    def done(self) -> bool:
        """Whether the report is complete, if need be with figures withheld."""
        return self.state in (OK, SUPPRESSED)


def append_result(edition: Path, result: ReportResult) -> None:
    """Add one line to ``results.jsonl`` and see it on the disk."""
    path = edition / RESULTS
    line = json.dumps(asdict(result), ensure_ascii=False).encode() + b"\n"
    with path.open("a+b") as file:
        if _ends_mid_line(file):
            line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _ends_mid_line(file: Any) -> bool:
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) != b"\n")


def read_results(edition: Path) -> list[ReportResult]:
    """Every result of an edition, oldest first; a line that a crash cut short is passed over."""
    path = edition / RESULTS
    if not path.is_file():
        raise MissingFileError("report.no_results", folder=edition)
    with path.open("rb") as lines:  # a nation's are ten megabytes
        found = map(_parse_result, lines)
        return [result for result in found if result is not None]


def _parse_result(line: bytes) -> ReportResult | None:
    try:
        found = json.loads(line)
        # Thousands of lines repeat the same names and digests; each is held once.
        inputs = {intern(part): intern(mark) for part, mark in found.pop("inputs", {}).items()}
        return ReportResult(**found, inputs=inputs)
    except (ValueError, TypeError, AttributeError):
        return None


def select_latest(
    results: Iterable[ReportResult], notebooks: Collection[str] | None = None
) -> list[ReportResult]:
    """The newest result of each county and notebook, in order of county and notebook.

    Parameters
    ----------
    results : oldest first
    notebooks : names that still exist; results of others are left out
    """
    newest = index_by_report(results)
    return [newest[key] for key in sorted(newest) if notebooks is None or key[1] in notebooks]


def index_by_report(results: Iterable[ReportResult]) -> dict[tuple[str, str], ReportResult]:
    """The newest result of each (county, notebook)."""
    return {(result.county, result.notebook): result for result in results}


def combine_digests(inputs: Mapping[str, str]) -> str:
    """Identity of one report: the digest of the digests of its parts."""
    return hashlib.sha256(json.dumps(dict(inputs), sort_keys=True).encode()).hexdigest()


def get_package_version(package: str) -> str | None:
    """The version installed, or None; of this package, the checkout's own where there is one."""
    if package == "edustats":
        return own_version()
    with suppress(PackageNotFoundError):
        return version(package)
    return None


def get_timestamp() -> str:
    """This moment, as it stands in the records."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def write_run_record(edition: Path, record: Mapping[str, object]) -> None:
    """Describe a run in ``run.json``."""
    write_whole(edition / RUN, json.dumps(dict(record), ensure_ascii=False, indent=1, default=str) + "\n")


def read_run_record(edition: Path) -> dict[str, Any]:
    """What ``run.json`` says, or nothing where there is none."""
    path = edition / RUN
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def describe_environment() -> dict[str, object]:
    """Versions and platform, for ``run.json``."""
    versions = {"python": platform.python_version(), **{name: get_package_version(name) for name in PACKAGES}}
    return {"versions": versions, "platform": f"{sys.platform} {platform.machine()}"}


def find_from(base: Path, path: Path) -> str:
    """The way from a folder to a file, the same wherever a command is run."""
    try:
        return Path(os.path.relpath(path.resolve(), base.resolve())).as_posix()
    except ValueError:  # another drive
        return str(path.resolve())


def make_portable_path(path: Path) -> str:
    """A path as the reader of a published file may see it: relative where that is possible."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
