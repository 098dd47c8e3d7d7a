"""How is one notebook run so that the file it leaves tells the truth?

A papermill engine: ``papermill --engine edustats`` or ``execute_notebook(..., engine_name="edustats")``.
It differs from the stock one in what it writes and when. A kernel that died or ran out of time is
recorded as such in the notebook and in the cell where it happened; the notebook is written once, whole;
the deadline is for the notebook, not for each cell; and the kernel is ended without waiting for it to
tidy up after itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat


def __getattr__(name: str) -> None:
    # ruff: noqa: E402
    # Papermill loads its engines while it is imported. When this module is the one that imports it, the
    # class below does not exist yet; papermill takes this None for now and is given the class at the end.
    if name != "ReportEngine":
        raise AttributeError(name)


from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import strip_color
from papermill.log import logger

from edustats.report.run import kernels
from edustats.report.run.order import name_signal
from edustats.report.run.output import locate_output, write_output
from edustats.report.run.sockets import make_socket_folder
from edustats.words import say, user_language

OnKernel = Callable[[int | None, Path | None], None]
"""Told (pid, folder of the sockets) as a kernel starts, and (None, folder) when it is gone."""
SAMPLING = 0.5
"""Seconds between two looks at the kernel's memory and the clock."""
LONGEST_REASON = 2000
"""An exception can hold a whole table; the cell's own output shows all of it."""


@dataclass(frozen=True, slots=True)
class NotebookEnding:
    """Why a notebook stopped before its end."""

    state: str
    reason: str
    signal: str | None = None


class KernelGoneError(Exception):
    """The kernel ended inside a cell, and the record says so: there is nobody left to ask anything."""


class NotebookKeptError(Exception):
    """The notebook came to its end and was given to who asked for it."""


class KernelWatch(threading.Thread):
    """Looks after one kernel process: its memory, its deadline, its end."""

    def __init__(self, provisioner: Any, folder: Path | None, seconds: float | None) -> None:
        super().__init__(daemon=True, name="edustats-kernel")
        self.provisioner, self.folder, self.seconds = provisioner, folder, seconds
        self.pid: int | None = provisioner.pid
        self.deadline = time.monotonic() + seconds if seconds else float("inf")
        self.peak_mb: float | None = None
        self.expired = False
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(max(0.01, min(SAMPLING, self.deadline - time.monotonic()))):
            self.sample()
            if time.monotonic() >= self.deadline:
                self.expired = True
                return self.kill()
        return None

    def sample(self) -> None:
        """Note the most memory the kernel has held so far, where the system tells."""
        if (peak := read_peak_memory(self.pid)) is not None:
            self.peak_mb = peak

    def stop_watching(self) -> None:
        """Stop looking; the kernel is ended by whoever asked for it."""
        self._over.set()
        self.join()

    def kill(self) -> None:
        """End the kernel, and all that it started, at once."""
        with suppress(OSError):
            if hasattr(os, "killpg") and self.provisioner.pgid:
                os.killpg(self.provisioner.pgid, signal.SIGKILL)
            elif self.provisioner.process:
                self.provisioner.process.kill()

    def clear(self) -> None:
        """Remove the kernel's sockets."""
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def was_killed(self) -> bool:
        """Whether the kernel was ended from outside: by its deadline or by a signal."""
        code = run_sync(self.provisioner.poll)()
        return self.expired or (code is not None and code < 0)

    def describe_death(self) -> NotebookEnding:
        """What the dead kernel's exit says."""
        if self.expired:
            return NotebookEnding(
                "timed_out", _translate_text("reason_deadline", seconds=f"{self.seconds:g}")
            )
        code = run_sync(self.provisioner.poll)()
        if code is not None and code < 0:
            return NotebookEnding("killed", self._describe_signal(name_signal(-code)), name_signal(-code))
        return NotebookEnding("killed", _translate_text("reason_exit", code=code))

    def _describe_signal(self, name: str) -> str:
        if name == "SIGKILL" and self.peak_mb:
            return _translate_text("reason_memory", signal=name, peak=f"{self.peak_mb:.0f}")
        return _translate_text("reason_signal", signal=name)


RUNNING: set[KernelWatch] = set()
"""Kernels of this process, so that they can be ended when it must stop at once."""


def kill_all_kernels() -> None:
    """End every kernel of this process, without waiting."""
    for kernel in list(RUNNING):
        kernel.kill()
        kernel.clear()


def read_peak_memory(pid: int | None) -> float | None:
    """The most memory a process has held, in MB; None where the system does not say."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return None


def _translate_text(key: str, **facts: object) -> str:
    return say(f"report.{key}", **facts)[user_language()]


class ReportManager(NotebookExecutionManager):
    """Papermill's record of a run, written once and without embellishment."""

    ended: NotebookEnding | None = None

    def notebook_start(self, **_: Any) -> None:
        """Open the record, without what an earlier run left in it."""
        for key in ("status", "reason", "signal", "cell", "peak_mb"):
            self.nb.metadata.papermill.pop(key, None)
        super().notebook_start()

    def save(self, **_: Any) -> None:
        """Nothing: stock papermill writes the file here, twice for every cell."""

    def autosave_cell(self, **_: Any) -> None:
        """Nothing, for the same reason."""

    def stop(self, cell: Any | None, number: int | None, ending: NotebookEnding) -> None:
        """Say of the notebook, and of the cell to blame, how it ended."""
        facts = {"exception": True, "status": ending.state, "reason": ending.reason, "signal": ending.signal}
        self.ended = ending
        self.nb.metadata.papermill.update(facts, cell=number)
        if cell is not None:
            cell.metadata.papermill.update(facts)
            if number is not None and cell.get("execution_count") is None:
                cell["execution_count"] = number
            _show_ending(cell, ending)

    def notebook_complete(self, **_: Any) -> None:
        """Close the record and write the file. A cell that was not reached stays ``pending``."""
        self.end_time = self.now()
        record = self.nb.metadata.papermill
        record["end_time"] = self.end_time.isoformat()
        record["duration"] = (self.end_time - self.start_time).total_seconds()
        record.setdefault("status", self.COMPLETED)
        self.complete_pbar()
        self.cleanup_pbar()
        if path := locate_output(self.output_path):
            write_output(path, nbformat.writes(self.nb) + "\n")


def _name_error(error: CellExecutionError, cell: Any) -> str:
    """The exception that a cell ended with; one of a ``_repr_html_`` stands in its outputs only."""
    shown = next((out for out in cell.get("outputs", []) if out.output_type == "error"), None)
    if error.ename in ("", "NoneType") and shown:
        return f"{shown.ename}: {shown.evalue}"
    return f"{error.ename}: {error.evalue}"


def _show_ending(cell: Any, ending: NotebookEnding) -> None:
    """Let the cell show its end, where the kernel could not say it itself."""
    if not any(output.output_type == "error" for output in cell.get("outputs", [])):
        facts = {"ename": ending.state, "evalue": ending.reason, "traceback": [ending.reason]}
        cell.outputs = [*cell.get("outputs", []), nbformat.v4.new_output("error", **facts)]


class ReportClient(PapermillNotebookClient):
    """Runs the cells, and knows how the kernel came to its end."""

    def __init__(
        self,
        *args: Any,
        deadline: float | None,
        on_kernel: OnKernel | None,
        memory_mb: float | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.deadline, self.on_kernel, self.memory_mb = deadline, on_kernel, memory_mb
        self.kernel: KernelWatch | None = None
        self._folder: Path | None = None

    def create_kernel_manager(self) -> Any:
        """A manager whose kernel is reached through private files: no port to race for or to listen on."""
        manager = super().create_kernel_manager()
        kernels.configure_manager(manager)
        self._folder = make_socket_folder()
        if self._folder:
            manager.transport, manager.ip = "ipc", str(self._folder / "k")
            manager.connection_file = str(self._folder / "kernel.json")
        return manager

    def start_new_kernel(self, **kwargs: Any) -> None:
        super().start_new_kernel(**kwargs)
        self.kernel = KernelWatch(self.km.provisioner, self._folder, self.deadline)
        RUNNING.add(self.kernel)
        self._report_kernel(self.kernel.pid)
        self.kernel.start()

    def start_new_kernel_client(self, **kwargs: Any) -> Any:
        client = super().start_new_kernel_client(**kwargs)
        # Only now has an ordinary kernel imported what it needs to run at all.
        kernels.limit_kernel_memory(self.km.provisioner.pid, self.memory_mb)
        return client

    def _report_kernel(self, pid: int | None) -> None:
        if self.on_kernel:
            self.on_kernel(pid, self._folder)

    def _cleanup_kernel(self) -> None:
        if self.kernel:
            self.kernel.stop_watching()
            self.kernel.sample()
        super()._cleanup_kernel()

    def execute(self, **kwargs: Any) -> Any:
        """Run the notebook; how it ended stands in its metadata."""
        try:
            return super().execute(**kwargs)
        except KernelGoneError:
            return self.nb
        except Exception as error:
            self.nb_man.stop(None, None, self._describe_outside_error(error))
            raise
        finally:
            self._release_kernel()

    def _release_kernel(self) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self.kernel:
            self.kernel.stop_watching()
            RUNNING.discard(self.kernel)
            self.nb.metadata.papermill["peak_mb"] = self.kernel.peak_mb
            self._report_kernel(None)

    def papermill_execute_cells(self) -> None:
        """Run the cells in order until one does not come to its end."""
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            ending = self._run_cell(cell, index)
            if ending:
                self.nb_man.stop(self.nb.cells[index], self.code_cells_executed or None, ending)
            self._complete_cell(self.nb.cells[index], index, ending)
            if ending and ending.state != "failed":
                raise KernelGoneError
            if ending:
                return

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Keep what a cell displays as it came: records of thousands of rows need not be nodes to the last cell."""
        told = self.clear_before_next_output or self.output_hook_stack[msg["parent_header"].get("msg_id")]
        if msg["msg_type"] != "display_data" or display_id or told:
            return super().output(outs, msg, display_id, cell_index)
        shown = nbformat.NotebookNode(output_type="display_data", metadata=msg["content"]["metadata"])
        dict.__setitem__(shown, "data", msg["content"]["data"])
        outs.append(shown)
        return shown

    def _run_cell(self, cell: Any, index: int) -> NotebookEnding | None:
        try:
            self.execute_cell(cell, index)
        except CellExecutionError as error:
            found = _name_error(error, self.nb.cells[index])
            return NotebookEnding("failed", strip_color(found).strip()[:LONGEST_REASON])
        except DeadKernelError:
            return self._describe_death()
        except CellTimeoutError as error:
            return NotebookEnding("timed_out", str(error).splitlines()[0])
        except Exception as error:  # of the channel to the kernel; the cell is to be named all the same
            if self.kernel and self.kernel.was_killed():
                return self._describe_death()
            return NotebookEnding("failed", f"{type(error).__name__}: {error}")
        return None

    def _complete_cell(self, cell: Any, index: int, ending: NotebookEnding | None) -> None:
        self.nb_man.cell_complete(cell, index)
        if ending:
            # The stock record keeps "failed" and turns every other word into "completed".
            cell.metadata.papermill["status"] = ending.state

    def _describe_death(self) -> NotebookEnding:
        assert self.kernel is not None  # noqa: S101 - a kernel that never started cannot die
        self.kernel.stop_watching()
        return self.kernel.describe_death()

    def _describe_outside_error(self, error: Exception) -> NotebookEnding:
        if self.kernel and (isinstance(error, DeadKernelError) or self.kernel.was_killed()):
            return self._describe_death()
        found = f"{type(error).__name__}: {error}"
        return NotebookEnding(
            "failed", found if self.code_cells_executed else _translate_text("reason_start", found=found)
        )


class ReportEngine(NBClientEngine):
    """Papermill engine ``edustats``.

    Beyond papermill's own arguments it takes ``deadline``, the seconds that the whole notebook may take,
    ``memory_mb``, what the kernel may take beyond its libraries, and ``on_kernel``, called with (pid, folder
    of its sockets) as a kernel starts and (None, ...) as it ends, and ``keep``, called with the notebook at its end,
    whereupon :class:`NotebookKeptError` ends papermill's own part.
    """

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str | None,
        output_path: str | None = None,
        progress_bar: bool | dict[str, Any] = True,
        log_output: bool = False,
        keep: Callable[[Any], None] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run a loaded notebook and write it, whole, whatever happens; or give it to ``keep`` and raise."""
        kwargs.pop("autosave_cell_every", None)
        if (path := locate_output(output_path)) and not path.parent.is_dir():
            raise FileNotFoundError(
                f"output folder {path.parent} doesn't exist."
            )  # as stock papermill says it
        manager = ReportManager(nb, output_path=output_path, progress_bar=progress_bar, log_output=log_output)
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, log_output=log_output, **kwargs)
        except BaseException as error:
            if not manager.ended:
                manager.stop(None, None, NotebookEnding("failed", f"{type(error).__name__}: {error}"))
            raise
        finally:
            manager.notebook_complete()
            if keep:
                keep(manager.nb)
        if keep:
            raise NotebookKeptError  # papermill would turn it into text once more, for nobody
        return manager.nb

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str | None,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        deadline: float | None = None,
        on_kernel: OnKernel | None = None,
        memory_mb: float | None = None,
        execution_timeout: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run the cells in a kernel of the named kernelspec."""
        # What papermill's own engine takes, its caller may say here too; these are the values of ours.
        # Four seconds, nbclient's own patience with outputs, are too few for a large figure on a busy machine.
        own = {"shutdown_kernel": "immediate", "iopub_timeout": 60, "shell_timeout_interval": 1, **kwargs}
        own.pop("input_path", None)
        timeout = execution_timeout or own.pop("timeout", None)
        patience = max(start_timeout, own.pop("startup_timeout", 0), int(deadline or 0))
        return ReportClient(
            nb_man,
            deadline=deadline,
            on_kernel=on_kernel,
            memory_mb=memory_mb,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            **{**own, "timeout": timeout, "startup_timeout": patience},
        ).execute()


papermill_engines.register("edustats", ReportEngine)
