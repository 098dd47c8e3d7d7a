"""Where does a report's kernel come from: a fresh interpreter, or a fork of one that is warm?

Four fifths of a report's seconds go into starting a kernel and importing. A warm process does that once;
each report still gets a kernel of its own. Where that cannot be (another system, another Python, a module
that does not import) the kernel is an ordinary one, and nothing else changes.
"""

from __future__ import annotations

import array
import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

NAME = "edustats-warm"
LAUNCHER = ["-m", "ipykernel_launcher"]
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
RESTARTS = 3
"""Warm processes of one worker that may die before it does without."""
WAITING = 0.01
SACRIFICE = 500
"""Added to the kernel's badness, so that a machine out of memory ends a report and not its runner."""


class NotWarmError(Exception):
    """There is no warm process, and there is an ordinary kernel to be had."""


class WarmProcess:
    """One warm process, seen from its owner."""

    def __init__(self, interpreter: Sequence[str], env: dict[str, str], modules: Sequence[str]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [*interpreter, "-m", WARM_PROCESS, str(theirs.fileno()), ",".join(modules)]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command, stdin=subprocess.DEVNULL, env=env, pass_fds=[theirs.fileno()]
            )
        self.interpreter, self.surroundings = list(interpreter), _select_variables(env)
        self._control = ours
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

    def fork(
        self, arguments: Sequence[str], cwd: str, env: dict[str, str], subject: dict[str, Any]
    ) -> ForkedKernel:
        """A kernel, as soon as it can be reached; OSError if the warm process is gone."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        asked = {"arguments": list(arguments), "cwd": cwd, "env": env, "subject": subject}
        request = json.dumps(asked).encode()
        with theirs:
            rights = array.array("i", [theirs.fileno()])
            self._control.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        ours.settimeout(PATIENCE)
        answer = json.loads(ours.recv(1000) or b"{}")
        if "bound" not in answer:  # the warm process was killed, or the kernel died as it began
            raise BrokenPipeError
        return ForkedKernel(ours, answer["bound"])

    def close(self) -> None:
        """End the warm process and its kernels."""
        self._control.close()
        self._process.kill()
        self._process.wait()


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


class WarmProcessOwner:
    """The warm process of this process: started when first needed, and again if it dies."""

    def __init__(self) -> None:
        self.wanted = False
        self.subject: dict[str, Any] = {}
        """Parameters of the county whose kernels come next; what all of its prefecture share is worked out once."""
        self._warm: WarmProcess | None = None
        self._left = RESTARTS

    def allow_forking(self, warm: bool) -> None:
        """Let kernels be forked from now on, where that is possible, or be ordinary again."""
        self.wanted = warm and sys.platform == "linux" and hasattr(os, "pidfd_open")
        if not self.wanted:
            self.close()

    def fork(self, command: Sequence[str], cwd: str, env: dict[str, str]) -> ForkedKernel:
        """A kernel for a command that would start an ordinary one.

        Raises
        ------
        NotWarmError
            If it must be an ordinary one.
        """
        interpreter, arguments = _split_command(command)
        while True:
            warm = self._get_warm_process(interpreter, env)
            if warm.surroundings != _select_variables(env) or warm.interpreter != interpreter:
                raise NotWarmError
            with suppress(OSError):
                return warm.fork(arguments, cwd, env, self.subject)
            self.close()  # it was killed since; the next one serves

    def _get_warm_process(self, interpreter: list[str], env: dict[str, str]) -> WarmProcess:
        if not self.wanted or (self._warm is None and not self._left):
            raise NotWarmError
        if self._warm is None:
            self._left -= 1
            plain = {name: value for name, value in env.items() if not name.startswith("JPY_")}
            self._warm = WarmProcess(interpreter, plain, PRELOAD)
        if not self._warm.ready():
            self.close()
            self._left = 0  # an import that failed once fails again
            raise NotWarmError
        return self._warm

    def close(self) -> None:
        """End the warm process, if there is one, and wait until it is gone."""
        if self._warm:
            self._warm.close()
        self._warm = None


HOUSE = WarmProcessOwner()


def _split_command(command: Sequence[str]) -> tuple[list[str], list[str]]:
    """The interpreter with its options, and the kernel's arguments; only of our own Python."""
    words = list(command)
    at = next((i for i in range(len(words)) if words[i : i + 2] == LAUNCHER), 0)
    if not at or Path(words[0]).absolute() != Path(sys.executable).absolute():
        raise NotWarmError
    return words[:at], words[at + 2 :]


def _select_variables(env: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(IMPORTANT)}


class WarmProvisioner(LocalProvisioner):
    """Kernel provisioner ``edustats-warm``: a forked kernel where there can be one, else an ordinary one."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the kernel; where its output must go elsewhere, it is an ordinary one."""
        if kwargs.get("stdout") is not None or kwargs.get("stderr") is not None:
            return await super().launch_kernel(cmd, **kwargs)
        cwd, env = str(kwargs.get("cwd") or Path.cwd()), dict(kwargs.get("env") or os.environ)
        env["JPY_PARENT_PID"] = str(os.getpid())  # as the stock launcher says it
        try:
            forked = HOUSE.fork(cmd, cwd, env)
        except NotWarmError:
            return await super().launch_kernel(cmd, **kwargs)
        self.process: Any = forked
        self.pid = self.pgid = forked.pid  # the kernel leads a session of its own
        self.cwd = Path(cwd)
        return self.connection_info

    async def wait(self) -> int | None:
        """The exit code when the kernel has ended; looked for often, for it ends at once."""
        while isinstance(self.process, ForkedKernel) and self.process.poll() is None:
            await asyncio.sleep(WAITING)
        return await super().wait()


class PromptClient(AsyncKernelClient):
    """A client that is ready when the kernel is.

    The stock one then listens for a fifth of a second more, in case something is said; what is said
    belongs to no cell and is passed over by the notebook's client in any case.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        limit = asyncio.get_running_loop().time() + (timeout or float("inf"))
        heard = False
        while not (heard and await self._kernel_answers()):
            heard = heard or await self._kernel_broadcasts()
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if asyncio.get_running_loop().time() > limit:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    wait_for_ready = _async_wait_for_ready

    async def _kernel_answers(self) -> bool:
        """Whether the kernel answers on the shell channel."""
        with suppress(Empty):
            reply = await self.shell_channel.get_msg(timeout=1)
            if reply["msg_type"] == "kernel_info_reply":
                self._handle_kernel_info_reply(reply)
                return True
        return False

    async def _kernel_broadcasts(self) -> bool:
        """Whether what it broadcasts arrives: a client that subscribes late would miss outputs."""
        self.kernel_info()
        with suppress(Empty):
            return bool(await self.iopub_channel.get_msg(timeout=0.2))
        return False


def configure_manager(manager: Any) -> None:
    """Let a kernel manager take its kernel from the warm process, if there is to be one."""
    manager.client_factory = PromptClient
    if HOUSE.wanted:
        # Registered by hand as well: the installed metadata may be older than this module.
        entry = EntryPoint(
            NAME, f"{__name__}:{WarmProvisioner.__name__}", KernelProvisionerFactory.GROUP_NAME
        )
        KernelProvisionerFactory.provisioners.setdefault(NAME, entry)
        spec = manager.kernel_spec
        spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": NAME}}


def limit_kernel_memory(pid: int | None, memory_mb: float | None) -> None:
    """Limit what a kernel may take beyond what it holds as it starts, and offer it up first.

    At the limit the cell gets a MemoryError. Nothing happens where the system has no such limits.
    """
    if sys.platform != "linux" or not pid:
        return
    import resource

    with suppress(OSError, ValueError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(SACRIFICE))
        if memory_mb:
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + int(memory_mb * 1024 * 1024)
            resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
