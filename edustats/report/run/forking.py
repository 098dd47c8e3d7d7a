"""How does a process ask a warm one for a kernel?

The runner starts a warm process and lends every worker a socket to it, so that a prefecture is worked out once for all
of them. A worker whose loan ends, because the warm process was killed, has one of its own from then on.
Linux only (:func:`can_fork`).
"""

from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

NAME = "edustats-warm"
WARM_PROCESS = "edustats.report.run.warm_process"
PRELOAD = [
    "tornado.platform.asyncio", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger",
    "IPython.core.oinspect", "IPython.extensions.storemagic", "IPython.utils.wildcard", "sqlite3",
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger",
    "IPython.core.pylabtools", "IPython.core.completer",
    "numpy", "numpy.random", "pandas", "pandas.io.formats.html", "pyarrow.parquet", "pyarrow.dataset",
    "matplotlib.pyplot", "matplotlib.backends.backend_agg", "PIL.PngImagePlugin", "scipy.stats",
    "edustats.store.reading", "edustats.catalogue", "edustats.present.view.county",
    "edustats.present.county.trends", "edustats.present.equity.inequality", "edustats.present.county.data_quality",
    "edustats.present.drawing.figures", "edustats.present.records.html", "edustats.present.drawing.fonts",
    "edustats.present.county.ranking", "edustats.present.county.peers", "edustats.present.brief.trend_chart",
    "edustats.present.equity.groups", "edustats.present.equity.change", "edustats.present.equity.segregation",
    "edustats.present.standards.assessment",
    "edustats.present.standards.allocation", "edustats.present.standards.readiness", "edustats.disclosure.observations",
    "edustats.report.run.prefecture", "edustats.present.brief", "edustats.present.drawing.lines",
    "edustats.present.records.small_counts", "edustats.present.view.prefecture",
    "edustats.present.standards.coefficients", "edustats.present.standards.declaration",
    "edustats.metrics.standards.certainty", "edustats.analysis.like_for_like",
]  # fmt: skip
"""Modules of a report, all without threads; docx and the publishers stay with the worker."""
IMPORTANT = ("PYTHON", "MPL", "OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_", "LC_", "LANG")
"""Beginnings of variables that libraries read as they are imported."""
PATIENCE = 120.0
"""Seconds for the imports, on a slow disk."""
LOAN = "EDUSTATS_WARM_SOCKET"
"""Variable that tells a worker the descriptor of the socket it was lent."""


def can_fork() -> bool:
    """Whether this system has what forking a kernel takes."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


class KernelSource:
    """A socket to a warm process."""

    lent = True
    """Whether it is another's."""

    def __init__(self, control: socket.socket, interpreter: Sequence[str], env: Mapping[str, str]) -> None:
        self._interpreter, self._surroundings = list(interpreter), _select_variables(env)
        self._control = control

    def fits(self, interpreter: Sequence[str], env: Mapping[str, str]) -> bool:
        """Whether an ordinary kernel with this interpreter and these variables would be like its forks."""
        return self._interpreter == list(interpreter) and self._surroundings == _select_variables(env)

    def ready(self) -> bool:
        """Whether it can be asked; it answers when it has imported everything."""
        return True

    def fork(
        self, arguments: Sequence[str], cwd: str, env: dict[str, str], subject: dict[str, Any]
    ) -> ForkedKernel:
        """A kernel, as soon as it can be reached; OSError if the warm process is gone."""
        ours, theirs = _make_pair()
        asked = {"arguments": list(arguments), "cwd": cwd, "env": env, "subject": subject}
        with theirs:
            self._send(asked, theirs)
        ours.settimeout(PATIENCE)
        answer = json.loads(ours.recv(1000) or b"{}")
        if "bound" not in answer:  # the warm process was killed, or the kernel died as it began
            raise BrokenPipeError
        return ForkedKernel(ours, answer["bound"])

    def _send(self, request: Mapping[str, Any], enclosed: socket.socket) -> None:
        rights = array.array("i", [enclosed.fileno()])
        self._control.sendmsg(
            [json.dumps(request).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)]
        )

    def close(self) -> None:
        """Ask no more; kernels of this socket that are left are ended."""
        self._control.close()


class WarmProcess(KernelSource):
    """A warm process, seen from its owner."""

    lent = False

    def __init__(
        self,
        interpreter: Sequence[str],
        env: Mapping[str, str],
        modules: Sequence[str],
        *,
        quiet: bool = False,
    ) -> None:
        ours, theirs = _make_pair()
        command = [*interpreter, "-m", WARM_PROCESS, str(theirs.fileno()), ",".join(modules)]
        output = subprocess.DEVNULL if quiet else None
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=env,
                pass_fds=[theirs.fileno()],
                start_new_session=quiet,
            )
        super().__init__(ours, interpreter, env)
        self._ready = False

    @property
    def pid(self) -> int:
        """Of the warm process."""
        return self._process.pid

    def ready(self) -> bool:
        """Wait until everything is imported; False if that failed."""
        if not self._ready:
            self._control.settimeout(PATIENCE)
            with suppress(OSError):
                self._ready = bool(self._control.recv(1000))
        return self._ready

    def lend(self) -> socket.socket | None:
        """A socket through which another process asks for kernels; None if the warm process is gone."""
        ours, theirs = _make_pair()
        with theirs:
            try:
                self._send({"lent": True}, theirs)
            except OSError:
                ours.close()
                return None
        return ours

    def close(self) -> None:
        """End the warm process and its kernels."""
        super().close()
        self._process.kill()
        self._process.wait()


def start_lender(env: Mapping[str, str]) -> WarmProcess | None:
    """A warm process for all workers with these variables; None where kernels are ordinary ones."""
    if not can_fork():
        return None
    return WarmProcess([sys.executable], env, PRELOAD, quiet=True)


def take_loan() -> KernelSource | None:
    """The socket that this process was lent as it started, if it was."""
    if (number := os.environ.pop(LOAN, "")) and can_fork():
        control = socket.socket(fileno=int(number))
        control.set_inheritable(False)
        return KernelSource(control, [sys.executable], os.environ)
    return None


def _make_pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _select_variables(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(IMPORTANT)}


class ForkedKernel:
    """One forked kernel: what jupyter_client uses of a Popen."""

    stdin = stdout = stderr = None

    def __init__(self, reply: socket.socket, pid: int) -> None:
        self._reply, self.pid = reply, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while the kernel lives."""
        return self._read_exit_code(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, when there is one."""
        code = self._read_exit_code(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(NAME, timeout or 0)
        return code

    def _read_exit_code(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._reply], [], [], timeout)[0]:
            # An end without a word means that the warm process was killed, and its kernels with it.
            answer = self._reply.recv(1000)
            self.returncode = json.loads(answer)["exit"] if answer else -int(signal.SIGKILL)
            self._reply.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to a kernel that lives."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End the kernel."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)
