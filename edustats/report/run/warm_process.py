"""How does one process import everything once and be a fresh kernel many times?

``python -m edustats.report.run.warm_process CONTROL MODULES`` imports the modules, then answers requests on the
socket whose descriptor is CONTROL: each is forked into a kernel that has the libraries already and
nothing else. A request carries the kernel's arguments, folder and environment, and a socket of its own:
the kernel says there that it can be reached, we say there how it ended, and if the other end is closed
the kernel is killed. Or it says that the socket is lent to another process, whose requests come there.
When CONTROL closes, everything is.

Linux only. Before a fork there may be no Python thread, no ZMQ context and no event loop here: a child
would inherit their locks and not their threads.
"""

from __future__ import annotations

import builtins
import ctypes
import gc
import importlib
import importlib.util
import io
import json
import os
import random
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

LONGEST_REQUEST = 1 << 20
SELDOM = (100_000, 50, 50)
"""How often a kernel looks for what it left in circles: a report lives a second, and every look took a tenth of it."""
MOST_SUBJECTS = 5
DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


class KernelForker:
    """The kernels that were forked, by the descriptor that tells of their end."""

    def __init__(self, control: socket.socket, traces: dict[str, str]) -> None:
        self._control, self._traces = control, traces
        self._events = selectors.DefaultSelector()
        self._events.register(control, selectors.EVENT_READ, None)
        self._lent: set[socket.socket] = set()
        self._kernels: dict[int, tuple[int, socket.socket]] = {}

    def serve(self) -> None:
        """Answer until the owner goes away."""
        while True:
            for key, _ in self._events.select():
                if key.data is not None:
                    self._report_exit(key.data, at_owners_wish=key.fileobj not in self._kernels)
                elif not self._answer(key.fileobj) and key.fileobj is self._control:
                    return

    def _answer(self, asking: Any) -> bool:
        """Do what is asked on a socket; False if nobody is there any more."""
        message, received = b"", list[int]()
        with suppress(OSError):  # of a socket whose owner was killed
            message, received, _, _ = socket.recv_fds(asking, LONGEST_REQUEST, 1)
        if not message or not received:
            self._events.unregister(asking)
            self._lent.discard(asking)
            asking.close()
            return False
        enclosed, request = socket.socket(fileno=received[0]), json.loads(message)
        if "lent" in request:
            self._lent.add(enclosed)
            self._events.register(enclosed, selectors.EVENT_READ, None)
        else:
            self._fork_kernel(request, enclosed)
        return True

    def _fork_kernel(self, request: dict[str, Any], reply: socket.socket) -> None:
        _work_out_subject(request["subject"])
        pid = os.fork()
        if pid == 0:
            self._close_inherited()
            request["env"] = {**request["env"], **self._traces, **request["env"]}
            _become_kernel(request, reply)
        handle = os.pidfd_open(pid)
        self._kernels[handle] = (pid, reply)
        for source in (handle, reply):
            self._events.register(source, selectors.EVENT_READ, handle)

    def _close_inherited(self) -> None:
        """Close, in the child, what belongs to the parent and to other kernels."""
        self._events.close()
        for asking in (self._control, *self._lent):
            asking.close()
        for handle, (_, reply) in self._kernels.items():
            os.close(handle)
            reply.close()

    def _report_exit(self, handle: int, *, at_owners_wish: bool) -> None:
        if handle not in self._kernels:  # both of its descriptors spoke in the same round
            return
        pid, reply = self._kernels.pop(handle)
        if at_owners_wish:
            _kill_process_group(pid)
        _, status = os.waitpid(pid, 0)
        for source in (handle, reply):
            self._events.unregister(source)
        with suppress(OSError):
            reply.send(json.dumps({"exit": os.waitstatus_to_exitcode(status)}).encode())
        reply.close()
        os.close(handle)

    def kill_all_kernels(self) -> None:
        """Kill every kernel that is left."""
        for pid, _ in self._kernels.values():
            _kill_process_group(pid)


def _kill_process_group(pid: int) -> None:
    # A child that has not yet made a group of its own is killed by its number.
    for kill in (os.killpg, os.kill):
        with suppress(OSError):
            kill(pid, signal.SIGKILL)


def main() -> None:
    """Import, say so, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # what is imported and worked out stays; looking through it took a fifth of both
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    _drop_folder_from_path()
    traces = preload_modules(sys.argv[2].split(","))
    if threading.active_count() != 1:
        sys.exit(f"threads before the first fork: {[thread.name for thread in threading.enumerate()]}")
    gc.collect()
    gc.freeze()  # the collector would write to every object, and so copy every page into every kernel
    control.send(json.dumps({"ready": os.getpid()}).encode())
    nursery = KernelForker(control, traces)
    try:
        nursery.serve()
    finally:
        nursery.kill_all_kernels()
        os._exit(0)  # at once: taking down what was imported would outlive the runner


def die_with_parent() -> None:
    """Have the system kill this process when the one that started it is gone."""
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def _drop_folder_from_path() -> None:
    # ``python -m`` puts the folder first on the path; a kernel does without until its shell adds it.
    if sys.path and sys.path[0] in ("", str(Path.cwd())):
        del sys.path[0]


def preload_modules(modules: list[str]) -> dict[str, str]:
    """Import what kernels import; return the variables that the imports set, for the kernels to have."""
    before = dict(os.environ)
    # Not matplotlib_inline's backend: importing it is what ties figures to the shell, and here there is
    # no shell yet. Imported here, every plot would lose its picture without an error.
    for module in modules:
        with _pretend_kernel() if module == "pandas" else nullcontext():
            importlib.import_module(module)
    if "matplotlib.pyplot" in modules:
        _warm_up_matplotlib()
    if "edustats.catalogue" in modules:
        _warm_up_catalogue()
    if "ipykernel.kernelapp" in modules:
        _define_kernel()
    return {name: value for name, value in os.environ.items() if before.get(name) != value}


@contextmanager
def _pretend_kernel() -> Iterator[None]:
    """Let a module that asks as it is imported whether it is in a kernel or a terminal find a kernel.

    Pandas takes the number of columns it shows from the answer.
    """
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]


def _warm_up_matplotlib() -> None:
    """Have matplotlib load what only a first drawing loads."""
    # In its own style and on a figure of its own: what a report sets, a report must still find unset.
    from matplotlib.backends import backend_registry
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    backend_registry.list_all()  # reads what every installed package announces, for the first backend that is set
    figure = Figure(layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([0, 1], label="−1")
    axes.legend()
    if fonts := sys.modules.get("edustats.present.drawing.fonts"):
        fonts.register_font()
        figure.text(0.5, 0.5, "县", fontfamily=fonts.FAMILIES)
    figure.savefig(io.BytesIO(), format="png")


def _warm_up_catalogue() -> None:
    """Have this package read what every report reads of it: half of a report's own memory otherwise."""
    from edustats.catalogue import catalogue
    from edustats.words import read_all_texts

    catalogue()
    read_all_texts()


def _work_out_subject(subject: dict[str, Any]) -> None:
    """Have at hand, before the fork, what the reports of the county share with those of its neighbours."""
    prefecture = sys.modules.get("edustats.report.run.prefecture")
    if not prefecture or not subject or subject in _SUBJECTS:
        return
    _SUBJECTS.append(subject)
    with suppress(Exception):  # what cannot be worked out here is a kernel's to say
        if new := prefecture.work_out_prefecture(**subject):
            gc.unfreeze()  # what the one before left in circles
        gc.collect()
        if new:
            with suppress(AttributeError):  # of a C library without it
                ctypes.CDLL(None).malloc_trim(0)  # else the heap grows with every prefecture
        gc.freeze()


_SUBJECTS: deque[dict[str, Any]] = deque(maxlen=MOST_SUBJECTS)
"""Counties of the last forks: several workers ask in turn. Fewer than a process remembers the rows of."""


def _become_kernel(request: dict[str, Any], reply: socket.socket) -> NoReturn:
    code = 1
    try:
        die_with_parent()
        _apply_kernel_settings(request)
        _reseed_random()
        gc.set_threshold(*SELDOM)
        gc.enable()
        _run_kernel(request, reply)
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # the parent's loop must not go on in the child
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _apply_kernel_settings(request: dict[str, Any]) -> None:
    """Make folder, environment, arguments and signals those of an ordinary kernel."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [str(launcher.origin) if launcher else "", *request["arguments"]]


def _reseed_random() -> None:
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


@cache
def _define_kernel() -> Any:
    """The application that a fork becomes; defined before the forks, for defining it takes as long as a plain cell."""
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    class Application(IPKernelApp):
        reply: socket.socket | None = None
        """Where it says that it can be reached."""

        def parse_command_line(self, argv: Any = None) -> None:
            # An ordinary kernel watches the owner; this one's parent is the warm process. And what a report types is
            # no history of anybody's, and its file of the user's home is locked by each in turn.
            own: dict[str, dict[str, Any]] = {
                "IPKernelApp": {"parent_handle": os.getppid()},
                "HistoryManager": {"enabled": False},
            }
            self.argv = list(argv or ())
            # A parser of all that could be said would take a fifth of the start. Where a history that is not kept
            # would be kept, as the client says, is nothing to it.
            told = [one for one in self.argv if not one.startswith("--HistoryManager.hist_file=")]
            if len(told) == 2 and told[0] == "-f":
                own["IPKernelApp"]["connection_file"] = told[1]
            else:
                super().parse_command_line(self.argv)
            self.update_config(Config(own))

        def init_heartbeat(self) -> None:
            # All sockets are bound: a client that connects now need not try twice.
            super().init_heartbeat()
            assert self.reply is not None  # noqa: S101 - set before it is launched
            self.reply.send(json.dumps({"bound": os.getpid()}).encode())
            self.reply.close()

        def init_kernel(self) -> None:
            with _hide_modules():
                super().init_kernel()

        def init_gui_pylab(self) -> None:
            super().init_gui_pylab()
            _set_plot_backend()

    return Application


def _run_kernel(request: dict[str, Any], reply: socket.socket) -> None:
    application = _define_kernel()
    application.reply = reply
    application.launch_instance(request["arguments"])


class _SysWithoutModules(ModuleType):
    """The module ``sys`` to somebody who only lists what is loaded."""

    modules: Mapping[str, ModuleType] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


@contextmanager
def _hide_modules() -> Iterator[None]:
    """Keep a kernel, as it begins, from asking every module for its file, for a debugger that nobody attaches.

    To look at two thousand modules is to write to them all: 14 MB that the kernel shares no more, and a quarter of
    its start.
    """
    from ipykernel import ipkernel

    ipkernel.sys = _SysWithoutModules("sys")
    try:
        yield
    finally:
        ipkernel.sys = sys


def _set_plot_backend() -> None:
    """Let matplotlib, imported before there was an environment, take the kernel's backend."""
    matplotlib, backend = sys.modules.get("matplotlib"), os.environ.get("MPLBACKEND")
    if matplotlib and backend:
        matplotlib.rcParams["backend"] = backend


if __name__ == "__main__":
    main()
