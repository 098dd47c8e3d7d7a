"""What does a runner ask of a worker?"""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edustats.report.edition.folders import STAGING, VALUES
from edustats.report.edition.manifest import ReportResult, combine_digests


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """All notebooks of one area. ``notebooks`` holds (path, stem, parameters, digests) of each."""

    county: str
    name: str
    folder: str
    edition: str
    """The set that is being made."""
    live: str
    """The set that readers see."""
    notebooks: list[tuple[str, str, dict[str, Any], dict[str, str]]]
    living: list[str]
    """Stems of all notebooks that exist, whether they run now or not."""
    lang: str
    deadline: float
    kernel: str | None = None
    memory_mb: float = 0
    template: str = ""
    """A bureau's own .docx for the brief."""
    detail: str = "brief"
    """``full`` for an annex beside the brief."""
    warm: bool = False
    attempt: int = 1
    scope: str = "county"

    @property
    def target(self) -> Path:
        """Where the county's files are published."""
        return Path(self.edition) / self.folder

    @property
    def staging(self) -> Path:
        """Where they are made."""
        return Path(self.edition) / STAGING / self.folder

    @property
    def values(self) -> Path:
        """Where the table of its numbers is made."""
        return self.staging.with_name(f"{self.folder}.{VALUES}")

    @property
    def stems(self) -> list[str]:
        """The published names of the notebooks of this order."""
        return [notebook[1] for notebook in self.notebooks]

    def results(self, **facts: Any) -> list[ReportResult]:
        """The same result for each notebook of the order."""
        return [self.result(stem, inputs, **facts) for _, stem, _, inputs in self.notebooks]

    def result(self, stem: str, inputs: dict[str, str], **facts: Any) -> ReportResult:
        """A result of one notebook of the order."""
        return ReportResult(
            county=self.county,
            name=self.name,
            folder=self.folder,
            notebook=stem,
            digest=combine_digests(inputs),
            inputs=inputs,
            attempt=self.attempt,
            scope=self.scope,
            **facts,
        )


def name_signal(number: int) -> str:
    """``SIGKILL`` for 9; the number itself where it has no name."""
    with suppress(ValueError):
        return signal.Signals(number).name
    return str(number)
