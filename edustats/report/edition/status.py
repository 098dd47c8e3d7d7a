"""Where does an edition stand: what is done, what is out of date, what failed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edustats.report.edition.folders import Edition
from edustats.report.edition.manifest import (
    OK,
    RESULTS,
    STATES,
    SUPPRESSED,
    ReportResult,
    read_results,
    read_run_record,
    select_latest,
)
from edustats.report.edition.stale import ReportInputs, find_outdated


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStatus:
    """Where an edition stands: its newest results by state."""

    edition: str
    done: tuple[ReportResult, ...]
    stale: tuple[ReportResult, ...]
    """Done once, and made of something that has moved since."""
    failed: tuple[ReportResult, ...]
    timed_out: tuple[ReportResult, ...]
    killed: tuple[ReportResult, ...]
    started: str | None
    finished: str | None
    unpublished: bool
    """Whether some of it was made by a run that was cut short, and is not yet shown."""

    @property
    def wrong(self) -> tuple[ReportResult, ...]:
        """Everything that needs a person."""
        return self.failed + self.timed_out + self.killed

    @property
    def interrupted(self) -> bool:
        """Whether the last run began and never came to its end."""
        return self.unpublished or (self.started is not None and self.finished is None)


def read_status(live: Path, inputs: ReportInputs | None = None) -> EditionStatus:
    """Where an edition stands, with the reasons of what is not done.

    Parameters
    ----------
    live : the edition's folder
    inputs : what reports are made of now; nothing is called stale without it

    Raises
    ------
    MissingFileError
        If the folder holds no ``results.jsonl``.
    """
    edition = Edition(live)
    run = read_run_record(edition.truth)
    newest = select_latest(read_results(edition.truth), run.get("living"))
    groups = {state: tuple(result for result in newest if result.state == state) for state in STATES}
    done = [result for state in (OK, SUPPRESSED) for result in groups[state]]
    ways = run.get("ways", {}).get("notebooks", {})
    files = {stem: str(live.parent / way) for stem, way in ways.items()} or run.get("files", {})
    stale = _find_stale(done, inputs, files)
    return EditionStatus(
        edition=live.name,
        done=tuple(result for result in done if result not in stale),
        stale=tuple(stale),
        failed=groups["failed"],
        timed_out=groups["timed_out"],
        killed=groups["killed"],
        started=run.get("started"),
        finished=run.get("finished"),
        unpublished=edition.truth != live,
    )


def _find_stale(
    done: Sequence[ReportResult], inputs: ReportInputs | None, files: dict[str, str]
) -> list[ReportResult]:
    return find_outdated(done, inputs, files) if inputs else []


def find_editions(folder: Path) -> list[Path]:
    """The folder itself if it is an edition, else the editions in it, begun ones too, by name."""
    if (folder / RESULTS).is_file():
        return [folder]
    found = {path.parent.name for path in folder.glob(f"*/{RESULTS}")}
    names = {name[1:].removesuffix(".next") if name.endswith(".next") else name for name in found}
    return [folder / name for name in sorted(names) if not name.startswith(".")]
