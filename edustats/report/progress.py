"""How far is the batch? One live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

from edustats.report.manifest import Result
from edustats.words import say

PLAIN_EVERY = 10.0
"""Seconds between two plain lines, so that a log stays readable."""


class Progress:
    """A context manager; hand its :meth:`step` to the runner."""

    def __init__(self, lang: str) -> None:
        self.lang, self.wrong, self._live = lang, 0, sys.stderr.isatty()
        self._started = self._told = time.monotonic()
        self._status: Any = None

    def __enter__(self) -> Progress:
        if self._live:
            from rich.console import Console

            self._status = Console(stderr=True).status("…")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def step(self, result: Result, done: int, total: int) -> None:
        """Called with each result as it is recorded."""
        self.wrong += result.state != "ok"
        if self._status:
            self._status.update(self._line(result, done, total))
        elif done == total or time.monotonic() - self._told > PLAIN_EVERY:
            self._told = time.monotonic()
            print(self._line(result, done, total), file=sys.stderr, flush=True)

    def _line(self, result: Result, done: int, total: int) -> str:
        spent = time.monotonic() - self._started
        left = spent / done * (total - done)
        facts = {
            "done": done,
            "total": total,
            "wrong": self.wrong,
            "left": f"{left:.0f}",
            "name": result.name,
        }
        return say("cli.progress", **facts)[self.lang]
