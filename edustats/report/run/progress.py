"""How far is the batch? One live line on a terminal, plain lines elsewhere, events for other programs."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any

from edustats.report.edition.manifest import ReportResult
from edustats.report.edition.plan import ReportJob
from edustats.report.run.runner import RunSummary
from edustats.words import say

PLAIN_EVERY = 10.0
"""Seconds between two plain lines, so that a log stays readable."""
MOST_REASONS = 30
"""Counties named by ``--why``; the rest are counted."""
Due = list[tuple[ReportJob, list[str]]]


class TerminalProgress:
    """A context manager; hand :meth:`due` and :meth:`step` to the runner."""

    def __init__(self, lang: str, *, why: bool = False) -> None:
        self.lang, self.why = lang, why
        self.made, self.total = 0, 0
        self.wrong, self._live = 0, sys.stderr.isatty()
        self._started = self._told = time.monotonic()
        self._slowest: ReportResult | None = None
        self._status: Any = None

    def __enter__(self) -> TerminalProgress:
        if self._live:
            from rich.console import Console

            self._status = Console(stderr=True).status("…")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def due(self, due: Due) -> None:
        """Say what will be made and why, if that was asked."""
        self._started = self._told = time.monotonic()
        self.total = len(due)
        for line in format_reasons(due, self.lang) if self.why else ():
            print(line, file=sys.stderr)

    def end(self, summary: RunSummary) -> None:
        """Nothing: the command says itself what the run came to."""

    def step(self, result: ReportResult, done: int, total: int) -> None:
        """Called with each result as it is recorded."""
        self.made, self.total = done, total
        self.wrong += not result.done
        if self._slowest is None or result.seconds > self._slowest.seconds:
            self._slowest = result
        if self._status:
            self._status.update(self._format_status_line(result, done, total))
        elif done == total or time.monotonic() - self._told > PLAIN_EVERY:
            self._told = time.monotonic()
            print(self._format_status_line(result, done, total), file=sys.stderr, flush=True)

    def _format_status_line(self, result: ReportResult, done: int, total: int) -> str:
        spent = max(time.monotonic() - self._started, 1e-3)
        slowest = self._slowest or result
        facts = {
            "done": done,
            "total": total,
            "wrong": self.wrong,
            "rate": f"{done / spent * 60:.0f}",
            "left": f"{spent / done * (total - done):.0f}",
            "name": result.name,
            "slowest": f"{slowest.name} {slowest.notebook} {slowest.seconds:.1f}",
        }
        return say("cli.progress", **facts)[self.lang]


def format_reasons(due: Due, lang: str) -> list[str]:
    """A line for each report that will be made, and a count of reasons at the end."""
    told = [_format_job_reasons(job, reasons, lang) for job, reasons in due[:MOST_REASONS]]
    counts = Counter(reason for _, reasons in due for reason in reasons)
    summed = [(say(f"report.why_{reason}")[lang], count) for reason, count in counts.most_common()]
    return [*told, *(say("cli.why_count", reason=reason, count=count)[lang] for reason, count in summed)]


def _format_job_reasons(job: ReportJob, reasons: list[str], lang: str) -> str:
    texts = [say(f"report.why_{reason}")[lang] for reason in reasons]
    return f"  {job.county} {job.name} {job.stem}: {', '.join(texts)}"


class JsonEvents:
    """The same for other programs: a line of JSON on standard output for each thing that happens."""

    def __init__(self) -> None:
        self.made, self.total = 0, 0

    def __enter__(self) -> JsonEvents:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def due(self, due: Due) -> None:
        """What will be made, and why."""
        self.total = len(due)
        found = [{"county": job.county, "notebook": job.stem, "why": reasons} for job, reasons in due]
        _print_event({"event": "due", "total": len(due), "reports": found})

    def step(self, result: ReportResult, done: int, total: int) -> None:
        """One report, recorded."""
        self.made, self.total = done, total
        names = ("county", "name", "notebook", "state", "reason", "cell", "seconds", "peak_mb", "attempt")
        facts = {name: getattr(result, name) for name in names}
        _print_event({"event": "report", "done": done, "total": total, **facts})

    def end(self, summary: RunSummary) -> None:
        """What the run came to."""
        facts = {"made": len(summary.results), "wrong": len(summary.wrong), "fresh": summary.fresh}
        _print_event(
            {"event": "end", **facts, "stopped": summary.stopped, "seconds": round(summary.seconds, 3)}
        )


def _print_event(event: dict[str, object]) -> None:
    print(json.dumps(event, ensure_ascii=False), flush=True)
