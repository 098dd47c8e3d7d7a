"""How are the same reports made by a Dask cluster?

A task is one county. Dask's own process makes nothing: it keeps workers as a local run does, each a
process of its own with its own warm process, started by exec (a process with threads must not fork). So
the bytes are those of a local run. The runner alone writes the manifest and shows the set.

Store and reports must lie where every machine finds them under the same path, and every machine needs
the same environment. A machine that is lost costs the counties it was at; they are tried once more.
"""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import suppress
from typing import NoReturn

from distributed import Client, Future

from edustats.addresses import describe_address, remove_secrets
from edustats.errors import DataError
from edustats.report.edition.manifest import ReportResult
from edustats.report.run.crew import Answer, WorkerFeeder
from edustats.report.run.order import WorkOrder
from edustats.words import say

CONNECTING = 30
"""Seconds to find the scheduler."""
RUNNING = "running"
"""What a client calls itself while it has a scheduler."""
LEAVING = 5
"""Seconds to say goodbye to a scheduler."""
LOST = "SIGKILL"
"""What the record says of a machine that was lost: it came from outside, so it is tried again."""


class ClusterCrew:
    """A crew whose workers are kept by the machines of a cluster."""

    def __init__(self, orders: list[WorkOrder], address: str, lang: str) -> None:
        self._orders, self._address, self._lang = list(orders), address, lang
        self._pending: dict[Future, WorkOrder] = {}
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()

    def __enter__(self) -> ClusterCrew:
        shown = describe_address(self._address)
        # What Dask logs of a scheduler that it cannot reach are tracebacks; the user is told in a sentence.
        # Its parts have levels of their own.
        self._levels = {log: log.level for log in _list_dask_loggers()}
        for log in self._levels:
            log.setLevel(logging.CRITICAL + 1)
        try:
            self._client = Client(self._address, timeout=CONNECTING, set_as_default=False)
        except Exception as error:  # an address that is none, a scheduler of another version, no route to it
            found = remove_secrets(str(error), self._address)[:200]
            raise DataError("report.no_scheduler", where=shown, found=found or type(error).__name__) from None
        for order in self._orders:
            self.put(order)
        return self

    def __exit__(self, *_: object) -> None:
        # A scheduler that is gone can be told nothing; its machines let their workers go by themselves.
        with suppress(Exception):
            if self._client.status == RUNNING:
                for future in self._pending:
                    future.cancel()
                self._client.run(dismiss_workers)
        with suppress(Exception):
            self._client.close(timeout=LEAVING)
        for log, level in self._levels.items():
            log.setLevel(level)

    def put(self, order: WorkOrder) -> None:
        """Have one more county done."""
        future = self._client.submit(process_order, order, self._lang, pure=False, retries=0)
        self._pending[future] = order
        future.add_done_callback(self._done.put)

    def next(self) -> Answer:
        """Wait for the next county to be done; the order, and its results."""
        while True:
            with suppress(queue.Empty):  # without a time limit Ctrl-C would wait
                future = self._done.get(timeout=0.5)
                if self._client.status != RUNNING:
                    self._refuse_lost_scheduler()
                order = self._pending.pop(future)
                return order, _collect_results(future, order, self._lang)
            if self._client.status != RUNNING:
                self._refuse_lost_scheduler()

    def _refuse_lost_scheduler(self) -> NoReturn:
        """What is done stands in the record; the same command goes on from there."""
        raise DataError(
            "report.lost_scheduler", where=describe_address(self._address), left=len(self._pending)
        )


def _list_dask_loggers() -> list[logging.Logger]:
    names = [name for name in logging.Logger.manager.loggerDict if name.partition(".")[0] == "distributed"]
    return [logging.getLogger(name) for name in ("distributed", *names)]


def _collect_results(future: Future, order: WorkOrder, lang: str) -> list[ReportResult]:
    if future.status == "finished":
        return list(future.result())
    found = str(future.exception() if future.status == "error" else future.status)
    reason = say("report.reason_machine", found=found.splitlines()[0][:300])[lang]
    return order.results(state="killed", reason=reason, signal=LOST)


_feeders: dict[int, WorkerFeeder] = {}
"""Of a machine's process: the worker of each of its threads."""


def process_order(order: WorkOrder, lang: str) -> list[ReportResult]:
    """On a machine of the cluster: have a county made by this thread's worker."""
    feeder = _feeders.setdefault(threading.get_ident(), WorkerFeeder(lambda _: None, lang))
    return feeder.serve(order)


def dismiss_workers() -> None:
    """On a machine of the cluster: let its workers go."""
    while _feeders:
        _, feeder = _feeders.popitem()
        feeder.dismiss()
