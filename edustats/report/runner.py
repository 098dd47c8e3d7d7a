"""How do all counties get their reports, on all cores, whatever becomes of one of them?

Each worker is a process with one county at a time. What it cannot survive costs that county alone: the
runner records how it died and starts another. Workers live no longer than the runner.
"""

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
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from edustats.report.engine import signal_name
from edustats.report.manifest import Result, append, environment, now, write_run
from edustats.report.plan import Job, Plan
from edustats.report.worker import STAGING, Order
from edustats.words import Text, say

WORKER = (sys.executable, "-m", "edustats.report.worker")
PUBLISHING = 300
"""Seconds a worker may spend on a county beyond its notebooks' deadlines before it is given up."""
LEAVING = 3
"""Seconds a worker has to end its kernel and itself before it is ended."""
MEMORY_MB = 4096.0
"""What a report may take beyond its libraries."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

Progress = Callable[[Result, int, int], None]
"""Called with each result as it is recorded, how many there are now, and how many there will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run came to."""

    results: tuple[Result, ...]
    seconds: float
    edition: Path

    @property
    def wrong(self) -> tuple[Result, ...]:
        """Results that need a person."""
        return tuple(result for result in self.results if result.state != "ok")

    @property
    def counties(self) -> tuple[str, ...]:
        """Codes of the counties that were run, in order."""
        return tuple(dict.fromkeys(result.county for result in self.results))

    @property
    def wrong_counties(self) -> tuple[str, ...]:
        """Codes of the counties with a report that is not complete."""
        return tuple(dict.fromkeys(result.county for result in self.wrong))

    @property
    def exit_code(self) -> int:
        """0 if everything is complete, 1 if something needs a person."""
        return int(bool(self.wrong))


def run(
    plan: Plan,
    *,
    workers: int | None = None,
    lang: str = "zh",
    deadline: float = 600,
    progress: Progress | None = None,
    inputs: Mapping[str, object] | None = None,
    kernel: str | None = None,
    memory_mb: float = MEMORY_MB,
    warm: bool = True,
) -> Summary:
    """Run a plan and publish every county as it is done.

    Parameters
    ----------
    plan : from :func:`edustats.report.plan.make_plan`
    workers : processes at a time; as many as there are cores if not given
    lang : language of the published files and of the reasons
    deadline : seconds that one notebook may take, from the start of its kernel
    progress : called with (result, done, total) as each result is recorded
    inputs : what the caller wants ``run.json`` to say about its data
    kernel : name of a kernelspec; the one each notebook names if not given
    memory_mb : what a report may take beyond its libraries; 0 for no limit
    warm : whether kernels may be forked from a process that has imported the libraries

    Returns
    -------
    Summary
        Of this run; earlier results of the edition stand in ``results.jsonl`` beside it.
    """
    clock, record = time.monotonic(), _record(plan, lang, deadline, inputs)
    plan.target.mkdir(parents=True, exist_ok=True)
    write_run(plan.target, record)
    terms = {"lang": lang, "deadline": deadline, "kernel": kernel, "memory_mb": memory_mb, "warm": warm}
    orders = [_order(jobs, plan, terms) for jobs in plan.counties()]
    try:
        with Crew(orders, workers or cores(), lang) as crew:
            results = _collect(crew, plan, progress)
    finally:
        _clear_staging(plan, orders)
    write_run(plan.target, {**record, "finished": now()})
    return Summary(results=results, seconds=time.monotonic() - clock, edition=plan.target)


def _clear_staging(plan: Plan, orders: list[Order]) -> None:
    """Remove what dead workers left behind, and nothing that another run may be making."""
    for order in orders:
        shutil.rmtree(order.staging, ignore_errors=True)
    with suppress(OSError):
        (plan.target / STAGING).rmdir()


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _record(plan: Plan, lang: str, deadline: float, inputs: Mapping[str, object] | None) -> dict[str, object]:
    return {
        "edition": plan.edition,
        "inputs": dict(inputs or {}),
        "lang": lang,
        "deadline": deadline,
        "counties": len(plan.counties()),
        "notebooks": sorted({job.stem for job in plan.jobs}),
        "living": _living(plan.jobs),
        **environment(),
        "started": now(),
        "finished": None,
    }


def _living(jobs: tuple[Job, ...]) -> list[str]:
    """Stems of the notebooks beside those that run: what they published in earlier runs is kept."""
    folders = {job.notebook.parent for job in jobs}
    stems = {path.stem for folder in folders for path in folder.glob("*.ipynb")}
    return sorted(stems | {job.stem for job in jobs})


def _order(jobs: tuple[Job, ...], plan: Plan, terms: dict[str, Any]) -> Order:
    return Order(
        county=jobs[0].county,
        name=jobs[0].name,
        folder=jobs[0].folder,
        edition=str(plan.target.resolve()),
        notebooks=[(str(job.notebook), job.stem, job.parameters) for job in jobs],
        living=_living(jobs),
        **terms,
    )


def _collect(crew: Crew, plan: Plan, progress: Progress | None) -> tuple[Result, ...]:
    results: list[Result] = []
    while len(results) < len(plan.jobs):
        for result in crew.next():
            append(plan.target, result)
            results.append(result)
            if progress:
                progress(result, len(results), len(plan.jobs))
    return tuple(results)


class Crew:
    """Workers, a thread to feed each, and the counties still to be done."""

    def __init__(self, orders: list[Order], size: int, lang: str) -> None:
        self.lang = lang
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[list[Result] | BaseException] = queue.SimpleQueue()
        self._stopping = threading.Event()
        size = max(1, min(size, len(orders)))
        self._feeders = [Feeder(self._work) for _ in range(size)]
        for order in [*orders, *[None] * size]:
            self._orders.put(order)

    def __enter__(self) -> Crew:
        for feeder in self._feeders:
            feeder.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for feeder in self._feeders:
            feeder.release()
        for feeder in self._feeders:
            feeder.join(LEAVING)
            feeder.kill()
            feeder.join()

    def next(self) -> list[Result]:
        """Wait for the results of the next county to be done."""
        while True:
            # Without a time limit, Ctrl-C would wait for the next county on Windows.
            with suppress(queue.Empty):
                answer = self._answers.get(timeout=0.5)
                if isinstance(answer, BaseException):
                    raise answer
                return answer

    def _work(self, feeder: Feeder) -> None:
        try:
            while (order := self._orders.get()) is not None and not self._stopping.is_set():
                self._answers.put(feeder.serve(order, self.lang))
        except Exception as error:  # else the runner would wait for this thread's counties for ever
            self._answers.put(error)


class Feeder(threading.Thread):
    """Keeps one worker alive and hands it orders."""

    def __init__(self, work: Callable[[Feeder], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._worker: Worker | None = None

    def run(self) -> None:
        self._work(self)
        if self._worker:
            self._worker.dismiss()

    def serve(self, order: Order, lang: str) -> list[Result]:
        """The results of one county, from the worker or about its death."""
        if self._worker is None:
            self._worker = Worker(lang)
        started, worker = now(), self._worker
        found = worker.ask(order)
        if found is None:
            self._worker = None
            return order.results(state="killed", reason=worker.epitaph(lang), started=started)
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

    def __init__(self, lang: str) -> None:
        # The error output goes to a file: a pipe that nobody empties would stop the worker.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            WORKER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_surroundings(lang),
            **_apart(),
        )
        self._doing, self._patience = "", 0.0
        self._silent = False
        self._kernel: tuple[int, str] | None = None

    def ask(self, order: Order) -> list[Result] | None:
        """Hand over a county; its results, or None if the worker did not live to give them."""
        self._doing = ""
        self._patience = order.deadline * len(order.notebooks) + PUBLISHING
        alarm = threading.Timer(self._patience, self._give_up)
        alarm.daemon = True
        alarm.start()
        try:
            return self._converse(order)
        finally:
            alarm.cancel()

    def _converse(self, order: Order) -> list[Result] | None:
        assert self._process.stdin and self._process.stdout  # noqa: S101 - both are pipes
        with suppress(OSError, ValueError):  # it died, or it was released meanwhile
            self._process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                message = json.loads(line)
                if "results" in message:
                    return [Result(**fields) for fields in message["results"]]
                self._note(message)
        return None

    def _note(self, message: dict[str, Any]) -> None:
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
        self._bury()

    def epitaph(self, lang: str) -> str:
        """How a dead worker died, for the record."""
        self.kill()
        code = self._process.wait()
        doing = self._doing or say("report.starting")
        if self._silent:
            text = say("report.reason_silent", doing=doing, seconds=f"{self._patience:g}")
        else:
            text = say("report.reason_worker", doing=doing, how=_manner(code), said=self._last_words())
        self._bury()
        return text[lang]

    def _last_words(self) -> Text:
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode(errors="replace").strip().splitlines()
        return say("report.last_words", text=lines[-1][:300]) if lines else Text("", "")

    def _bury(self) -> None:
        """Remove what the worker could not: its kernel, that kernel's sockets, the pipes."""
        if self._kernel:
            pid, sockets = self._kernel
            _end_group(pid)
            if sockets:
                shutil.rmtree(sockets, ignore_errors=True)
            self._kernel = None
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]


def _surroundings(lang: str) -> dict[str, str]:
    """The worker's environment. Each has one core, so more threads would only wait for each other."""
    return {**os.environ, **dict.fromkeys(THREADS, "1"), "EDUSTATS_LANG": lang}


def _apart() -> dict[str, Any]:
    """Options that keep Ctrl-C from the workers: the runner alone hears it, and lets them go."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _end_group(pid: int) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGTERM)


def _manner(code: int) -> Text:
    if code < 0:
        return say("report.by_signal", signal=signal_name(-code))
    return say("report.by_code", code=code)
