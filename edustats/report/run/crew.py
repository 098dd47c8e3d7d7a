"""Which workers run the reports, and how do they come and go?"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from edustats.report.edition.manifest import ReportResult, get_timestamp
from edustats.report.run.forking import LOAN, WarmProcess, start_lender
from edustats.report.run.order import WorkOrder, name_signal
from edustats.words import Text, say

WORKER = (sys.executable, "-m", "edustats.report.run.worker")
PUBLISHING = 300
"""Seconds a worker may spend on a county beyond its notebooks' deadlines before it is given up."""
LEAVING = 3
"""Seconds a worker has to end its kernel and itself before it is ended."""
BORROWERS = 4
"""Workers that share a warm process: it works one prefecture out at a time."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
SPARING = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "1"}
"""Settings under which a process gives back what it no longer needs."""
Answer = tuple[WorkOrder, list[ReportResult]]


class WorkerCrew:
    """Workers, a thread to feed each, and the counties still to be done."""

    def __init__(self, orders: list[WorkOrder], size: int, lang: str, lock: int | None = None) -> None:
        self.lang = lang
        self._orders: queue.SimpleQueue[WorkOrder | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer | BaseException] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._feeders = [
            WorkerFeeder(self._process_orders, lang, lock) for _ in range(min(size, len(orders)))
        ]
        self._warm = any(order.warm for order in orders)
        self._lenders: list[WarmProcess] = []
        for order in orders:
            self.put(order)

    def put(self, order: WorkOrder) -> None:
        """Have one more county done."""
        self._orders.put(order)

    def __enter__(self) -> WorkerCrew:
        for place, feeder in enumerate(self._feeders):
            if (
                self._warm
                and place % BORROWERS == 0
                and (lender := start_lender(_build_environment(self.lang)))
            ):
                self._lenders.append(lender)
            feeder.lender = self._lenders[-1] if self._lenders else None
            feeder.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for feeder in self._feeders:
            self._orders.put(None)
            feeder.release()
        for feeder in self._feeders:
            feeder.join(LEAVING)
            feeder.kill()
            feeder.join()
        for lender in self._lenders:
            lender.close()

    def next(self) -> Answer:
        """Wait for the next county to be done; the order, and its results."""
        while True:
            # Without a time limit, Ctrl-C would wait for the next county on Windows.
            with suppress(queue.Empty):
                answer = self._answers.get(timeout=0.5)
                if isinstance(answer, BaseException):
                    raise answer
                return answer

    def _process_orders(self, feeder: WorkerFeeder) -> None:
        try:
            while (order := self._orders.get()) is not None and not self._stopping.is_set():
                self._answers.put((order, feeder.serve(order)))
        except Exception as error:  # else the runner would wait for this thread's counties for ever
            self._answers.put(error)


class WorkerFeeder(threading.Thread):
    """Keeps one worker alive and hands it orders."""

    def __init__(self, work: Callable[[WorkerFeeder], None], lang: str, lock: int | None = None) -> None:
        super().__init__(daemon=True)
        self._process_orders, self._lang, self._lock = work, lang, lock
        self._worker: Worker | None = None
        self.lender: WarmProcess | None = None
        """Whom its workers ask for kernels; each has a warm process of its own otherwise."""

    def run(self) -> None:
        self._process_orders(self)
        self.dismiss()

    def dismiss(self) -> None:
        """Let the worker go."""
        if self._worker:
            self._worker.dismiss()
            self._worker = None

    def serve(self, order: WorkOrder) -> list[ReportResult]:
        """The results of one county, from the worker or about its death."""
        if self._worker is None:
            self._worker = Worker(self._lang, self._lock, self.lender)
        started, worker = get_timestamp(), self._worker
        found = worker.request_results(order)
        if found is None:
            self._worker = None
            reason, blamed = worker.describe_death(self._lang)
            return order.results(state="killed", reason=reason, signal=blamed, started=started)
        return found

    def release(self) -> None:
        """Tell the worker to go; what it is doing is lost."""
        if worker := self._worker:
            worker.release()

    def kill(self) -> None:
        """End the worker if it is still there."""
        if worker := self._worker:
            worker.kill()


class Worker:
    """One worker process, seen from the runner."""

    def __init__(self, lang: str, lock: int | None = None, lender: WarmProcess | None = None) -> None:
        loan = lender.lend() if lender else None
        held = [*([] if lock is None else [lock]), *([loan.fileno()] if loan else [])]
        # The error output goes to a file: a pipe that nobody empties would stop the worker.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            WORKER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_build_environment(lang) | ({LOAN: str(loan.fileno())} if loan else {}),
            **_choose_process_options(held),
        )
        if loan:
            loan.close()  # the worker has it now
        self._doing, self._patience = "", 0.0
        self._silent = False
        self._kernel: tuple[int, str] | None = None

    def request_results(self, order: WorkOrder) -> list[ReportResult] | None:
        """Hand over a county; its results, or None if the worker did not live to give them."""
        self._doing = ""
        self._patience = order.deadline * len(order.notebooks) + PUBLISHING
        alarm = threading.Timer(self._patience, self._give_up)
        alarm.daemon = True
        alarm.start()
        try:
            return self._exchange_messages(order)
        finally:
            alarm.cancel()

    def _exchange_messages(self, order: WorkOrder) -> list[ReportResult] | None:
        assert self._process.stdin and self._process.stdout  # noqa: S101 - both are pipes
        with suppress(OSError, ValueError):  # it died, or it was released meanwhile
            self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                message = json.loads(line)
                if "results" in message:
                    return [ReportResult(**fields) for fields in message["results"]]
                self._note_state(message)
        return None

    def _note_state(self, message: dict[str, Any]) -> None:
        self._doing = message.get("doing", self._doing)
        if "kernel" in message:
            self._kernel = (message["kernel"], message["sockets"]) if message["kernel"] else None

    def _give_up(self) -> None:
        self._silent = True
        self.kill()

    def release(self) -> None:
        """Tell the worker to end its kernel and itself."""
        with suppress(OSError, ValueError):
            self._process.stdin.close()  # type: ignore[union-attr]

    def kill(self) -> None:
        """End the worker if it is still there."""
        self._process.kill()

    def dismiss(self) -> None:
        """End the worker, and do not mind if it has to be made to."""
        self.release()
        try:
            self._process.wait(LEAVING)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._clean_up_worker()

    def describe_death(self, lang: str) -> tuple[str, str | None]:
        """How a dead worker died, for the record, and the signal if one came from outside."""
        self.kill()
        code = self._process.wait()
        doing = self._doing or say("report.starting")
        if self._silent:
            text = say("report.reason_silent", doing=doing, seconds=f"{self._patience:g}")
        else:
            text = say(
                "report.reason_worker", doing=doing, how=_describe_exit(code), said=self._read_last_error()
            )
        self._clean_up_worker()
        return text[lang], name_signal(-code) if code < 0 and not self._silent else None

    def _read_last_error(self) -> Text:
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode(errors="replace").strip().splitlines()
        return say("report.last_words", text=lines[-1][:300]) if lines else Text("", "")

    def _clean_up_worker(self) -> None:
        """Remove what the worker could not: its kernel, that kernel's sockets, the pipes."""
        if self._kernel:
            pid, sockets = self._kernel
            _kill_process_group(pid)
            if sockets:
                shutil.rmtree(sockets, ignore_errors=True)
            self._kernel = None
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]


def _build_environment(lang: str) -> dict[str, str]:
    """The worker's environment. Each has one core, so more threads would only wait for each other."""
    return {**SPARING, **os.environ, **dict.fromkeys(THREADS, "1"), "EDUSTATS_LANG": lang}


def _choose_process_options(held: list[int]) -> dict[str, Any]:
    """Options that keep Ctrl-C from the workers: the runner alone hears it, and lets them go.

    They hold the edition's lock with it, for they may still be writing a moment after it was killed.

    Parameters
    ----------
    held : descriptors that the worker has with the runner
    """
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True, "pass_fds": held}


def _kill_process_group(pid: int) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)


def _describe_exit(code: int) -> Text:
    if code < 0:
        return say("report.by_signal", signal=name_signal(-code))
    return say("report.by_code", code=code)
