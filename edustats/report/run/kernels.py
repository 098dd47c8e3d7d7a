"""Where does a report's kernel come from: a fresh interpreter, or a fork of one that is warm?

Four fifths of a report's seconds go into starting a kernel and importing. A warm process does that once;
each report still gets a kernel of its own. Where that cannot be (another system, another Python, a module
that does not import) the kernel is an ordinary one, and nothing else changes.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

from edustats.report.run import forking
from edustats.report.run.forking import NAME, ForkedKernel, KernelSource, WarmProcess, can_fork, take_loan

LAUNCHER = ["-m", "ipykernel_launcher"]
RESTARTS = 3
"""Warm processes of one worker that may die before it does without."""
WAITING = 0.002
LOOKS = 500
"""How often a killed kernel is looked for before its end is left to others."""
SACRIFICE = 500
"""Added to the kernel's badness, so that a machine out of memory ends a report and not its runner."""


class NotWarmError(Exception):
    """There is no warm process, and there is an ordinary kernel to be had."""


class WarmProcessOwner:
    """The warm process of this process: the runner's, or one started when first needed, and again if it dies."""

    def __init__(self) -> None:
        self.wanted = False
        self.subject: dict[str, Any] = {}
        """Parameters of the county whose kernels come next; what all of its prefecture share is worked out once."""
        self._warm: KernelSource | None = None
        self._left = RESTARTS

    def borrow(self) -> None:
        """Ask the runner's warm process, if it lent us a socket."""
        self._warm = take_loan()

    def allow_forking(self, warm: bool) -> None:
        """Let kernels be forked from now on, where that is possible, or be ordinary again."""
        self.wanted = warm and can_fork()
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
            if not warm.fits(interpreter, env):
                raise NotWarmError
            with suppress(OSError):
                return warm.fork(arguments, cwd, env, self.subject)
            self.close()  # it was killed since; the next one serves

    def _get_warm_process(self, interpreter: list[str], env: dict[str, str]) -> KernelSource:
        if self._warm and self._warm.lent and not self._warm.fits(interpreter, env):
            self.close()
        if not self.wanted or (self._warm is None and not self._left):
            raise NotWarmError
        if self._warm is None:
            self._left -= 1
            plain = {name: value for name, value in env.items() if not name.startswith("JPY_")}
            self._warm = WarmProcess(interpreter, plain, forking.PRELOAD)
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

    async def kill(self, restart: bool = False) -> None:
        """End the kernel, and be back when it has ended: whoever asked looks again in a tenth of a second."""
        await super().kill(restart)
        for _ in range(LOOKS):
            if not isinstance(self.process, ForkedKernel) or self.process.poll() is not None:
                break
            await asyncio.sleep(WAITING)

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
