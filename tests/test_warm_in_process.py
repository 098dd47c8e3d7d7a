"""Does a warm process answer, lend and clean up as it must, and does a worker know when it may ask one?

Asked without a fork: sockets are real, processes are played.
"""

import asyncio
import builtins
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from queue import Empty
from types import SimpleNamespace

import pytest

from edustats.report.run import forking, kernels, prefecture, warm_process
from edustats.report.run.forking import ForkedKernel, KernelSource, WarmProcess
from edustats.report.run.kernels import NotWarmError, PromptClient, WarmProcessOwner, WarmProvisioner
from edustats.report.run.warm_process import KernelForker

pytestmark = pytest.mark.skipif(not forking.can_fork(), reason="kernels are forked on Linux only")


# --- the warm process ---


@pytest.fixture
def forker(monkeypatch):
    """A forker without forks, the owner's end of its socket, and what was done to processes."""
    ours, theirs = forking._make_pair()
    made, done = KernelForker(theirs, {"SET": "by import", "PATH": "x"}), []
    statuses = {}
    monkeypatch.setattr(warm_process, "_work_out_subject", lambda subject: done.append(("subject", subject)))
    monkeypatch.setattr(warm_process, "_kill_process_group", lambda pid: done.append(("kill", pid)))
    monkeypatch.setattr(
        os, "waitpid", lambda pid, how: done.append(("wait", pid, how)) or (pid, statuses.get(pid, 0))
    )
    monkeypatch.setattr(os, "fork", lambda: 50)
    handles = []

    def open_handle(pid):
        read, write = os.pipe()
        handles.append(write)
        return read

    monkeypatch.setattr(os, "pidfd_open", open_handle)
    yield SimpleNamespace(made=made, owner=ours, done=done, handles=handles, statuses=statuses)
    for handle in handles:
        os.close(handle)
    ours.close()


def ask(owner, request, env=None):
    """Send a request as a worker does; the end of its socket that stays."""
    source = KernelSource(owner, [], {})
    ours, theirs = forking._make_pair()
    with theirs:
        source._send(request, theirs)
    return ours


KERNEL = {"arguments": ["-f", "x"], "cwd": "/", "env": {"A": "1"}, "subject": {"county": "1"}}


def test_a_request_is_forked_and_its_end_told_with_its_code(forker):
    made = forker.made
    reply = ask(forker.owner, KERNEL)
    assert made._answer(made._control) is True
    ((handle, (pid, _)),) = made._kernels.items()
    assert (pid, forker.done) == (50, [("subject", {"county": "1"})])
    sources = [key for key in made._events.get_map().values() if key.data is not None]
    assert [key.data for key in sources] == [handle, handle]
    forker.statuses[50] = 9  # of a signal
    made._report_exit(handle, at_owners_wish=False)
    assert json.loads(reply.recv(100)) == {"exit": -9}
    assert forker.done[1:] == [("wait", 50, 0)]
    assert made._kernels == {} and len(made._events.get_map()) == 1
    made._report_exit(handle, at_owners_wish=True)  # both of its descriptors spoke in the same round
    assert forker.done[1:] == [("wait", 50, 0)]
    reply.close()


def test_a_kernel_whose_owner_is_gone_is_killed_and_so_are_those_left_at_the_end(forker):
    made = forker.made
    ask(forker.owner, KERNEL).close()
    made._answer(made._control)
    handle = next(iter(made._kernels))
    forker.done.clear()
    made.kill_all_kernels()
    assert forker.done == [("kill", 50)]
    made._report_exit(handle, at_owners_wish=True)
    assert forker.done[1:] == [("kill", 50), ("wait", 50, 0)]


def test_it_serves_who_was_lent_a_socket_until_its_owner_goes(forker):
    made = forker.made
    lent = ask(forker.owner, {"lent": True})
    reply = ask(lent, KERNEL)
    other = ask(lent, KERNEL | {"subject": {}})
    rounds = []
    select = made._events.select

    def watched():
        rounds.append(len(made._kernels))
        if len(rounds) == 2:
            reply.close()  # its kernel is nobody's any more
        if len(rounds) == 4:
            lent.close()
        if len(rounds) == 5:
            os.write(forker.handles[1], b"x")  # the other kernel ended by itself
        if len(rounds) == 6:
            forker.owner.close()
        return select()

    made._events.select = watched
    made.serve()
    assert ("kill", 50) in forker.done
    assert forker.done.count(("kill", 50)) == 1
    assert [one for one in forker.done if one[0] == "subject"] == [
        ("subject", {"county": "1"}),
        ("subject", {}),
    ]
    assert made._lent == set() and made._kernels == {}
    assert json.loads(other.recv(100)) == {"exit": 0}
    other.close()


def test_a_child_closes_what_is_not_its_own_and_keeps_the_settings_it_was_asked_for(forker, monkeypatch):
    made, became = forker.made, []
    lent, first = ask(forker.owner, {"lent": True}), ask(forker.owner, KERNEL)
    made._answer(made._control)
    made._answer(made._control)
    monkeypatch.setattr(os, "fork", lambda: 0)

    def become(request, reply):
        became.append((request, reply.fileno()))
        raise SystemExit

    monkeypatch.setattr(warm_process, "_become_kernel", become)
    ours, theirs = forking._make_pair()
    handle, (_, reply) = next(iter(made._kernels.items()))
    with pytest.raises(SystemExit):
        made._fork_kernel({**KERNEL, "env": {"A": "1", "PATH": "own"}}, theirs)
    assert became == [({**KERNEL, "env": {"A": "1", "PATH": "own", "SET": "by import"}}, theirs.fileno())]
    assert [one.fileno() for one in (made._control, *made._lent, reply)] == [-1, -1, -1]
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(handle)
    for one in (lent, first, ours, theirs):
        one.close()


def test_a_child_is_killed_by_its_group_and_by_its_number(monkeypatch):
    struck = []
    monkeypatch.setattr(os, "killpg", lambda *told: struck.append(told) or 1 / 1)
    monkeypatch.setattr(os, "kill", lambda *told: struck.append(told))
    warm_process._kill_process_group(5)
    assert struck == [(5, signal.SIGKILL)] * 2


@pytest.mark.parametrize(
    ("end", "code", "told"),
    [(None, 0, ""), (SystemExit(4), 4, ""), (SystemExit(), 0, ""), (SystemExit("word"), 1, ""),
     (KeyboardInterrupt("here"), 1, "here"), (ValueError("there"), 1, "there")],
)  # fmt: skip
def test_a_kernel_ends_with_its_own_code_and_never_goes_on_in_the_parents_loop(
    end, code, told, monkeypatch, capsys
):
    done = []

    def run(request, reply):
        done.append((request, reply))
        if end is not None:
            raise end

    def leave(code):
        done.append(code)
        raise RuntimeError

    monkeypatch.setattr(warm_process, "die_with_parent", lambda: done.append("parent"))
    monkeypatch.setattr(warm_process, "_apply_kernel_settings", lambda request: done.append("settings"))
    monkeypatch.setattr(warm_process, "_reseed_random", lambda: done.append("random"))
    collector = SimpleNamespace(
        set_threshold=lambda *told: done.append(told), enable=lambda: done.append("on")
    )
    monkeypatch.setattr(warm_process, "gc", collector)
    monkeypatch.setattr(warm_process, "_run_kernel", run)
    monkeypatch.setattr(warm_process.os, "_exit", leave)
    with pytest.raises(RuntimeError):
        warm_process._become_kernel({"a": 1}, "reply")
    assert done == ["parent", "settings", "random", (100_000, 50, 50), "on", ({"a": 1}, "reply"), code]
    assert (told in capsys.readouterr().err) and code >= 0


def test_a_kernel_has_folder_variables_and_arguments_of_an_ordinary_one(monkeypatch, tmp_path):
    done = []
    env = {"ONLY": "this"}
    monkeypatch.setattr(os, "environ", {"OLD": "1"})
    monkeypatch.setattr(os, "setsid", lambda: done.append("session"))
    monkeypatch.setattr(os, "chdir", done.append)
    monkeypatch.setattr(signal, "signal", lambda *told: done.append(told))
    monkeypatch.setattr(sys, "argv", ["old"])
    warm_process._apply_kernel_settings({"env": env, "cwd": str(tmp_path), "arguments": ["-f", "x"]})
    assert (os.environ, done[0], done[-1]) == (env, "session", str(tmp_path))
    assert (signal.SIGINT, signal.default_int_handler) in done
    assert Path(sys.argv[0]).stem == "ipykernel_launcher" and sys.argv[1:] == ["-f", "x"]


def test_a_county_is_worked_out_once_before_its_kernels(monkeypatch):
    asked, done = [], []
    subject = {"county": "1", "store": "s"}
    monkeypatch.setattr(warm_process, "_SUBJECTS", warm_process.deque(maxlen=2))
    collector = SimpleNamespace(
        **{name: lambda name=name: done.append(name) for name in ("unfreeze", "collect", "freeze")}
    )
    monkeypatch.setattr(warm_process, "gc", collector)
    monkeypatch.setattr(
        prefecture, "work_out_prefecture", lambda **told: asked.append(told) or told["county"] == "1"
    )
    warm_process._work_out_subject({})
    warm_process._work_out_subject(subject)
    warm_process._work_out_subject(dict(subject))
    assert (asked, done) == ([subject], ["unfreeze", "collect", "freeze"])
    done.clear()
    warm_process._work_out_subject({"county": "2"})
    assert (len(asked), done) == (2, ["collect", "freeze"])
    monkeypatch.setattr(prefecture, "work_out_prefecture", lambda **_: 1 / 0)
    done.clear()
    warm_process._work_out_subject({"county": "3"})  # what cannot be worked out is a kernel's to say
    assert done == []
    monkeypatch.delitem(sys.modules, "edustats.report.run.prefecture")
    warm_process._work_out_subject({"county": "4"})
    assert [one["county"] for one in warm_process._SUBJECTS] == ["2", "3"]


@pytest.mark.parametrize(("first", "left"), [("", []), ("HERE", []), ("/elsewhere", ["/elsewhere"])])
def test_the_folder_of_the_start_is_taken_off_the_path(first, left, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(Path.cwd()) if first == "HERE" else first, "/b"])
    warm_process._drop_folder_from_path()
    assert sys.path == [*left, "/b"]
    monkeypatch.setattr(sys, "path", [])
    warm_process._drop_folder_from_path()


def test_what_kernels_import_is_imported_and_what_that_set_is_kept(monkeypatch):
    done = []
    monkeypatch.setattr(os, "environ", {"KEPT": "1", "OTHER": "1"})

    def load(name):
        shell = getattr(builtins, "get_ipython", None)
        done.append((name, shell and shell().kernel is None))
        if name == "setter":
            os.environ.update(NEW="2", OTHER="3")

    monkeypatch.setattr(warm_process.importlib, "import_module", load)
    for name in ("_warm_up_matplotlib", "_warm_up_catalogue", "_define_kernel"):
        monkeypatch.setattr(warm_process, name, lambda name=name: done.append(name))
    assert warm_process.preload_modules(["a", "pandas", "setter"]) == {"NEW": "2", "OTHER": "3"}
    assert done == [("a", None), ("pandas", True), ("setter", None)]
    done.clear()
    warm_process.preload_modules(["matplotlib.pyplot", "edustats.catalogue", "ipykernel.kernelapp"])
    assert done[3:] == ["_warm_up_matplotlib", "_warm_up_catalogue", "_define_kernel"]
    assert not hasattr(builtins, "get_ipython")


def test_it_says_that_it_is_ready_serves_and_ends_at_once(monkeypatch):
    ours, theirs = forking._make_pair()
    done, count = [], [1]

    def leave(code):
        done.append(code)
        raise RuntimeError

    class Forker:
        def __init__(self, control, traces):
            done.append((control.get_inheritable(), traces))

        def serve(self):
            done.append("serve")

        def kill_all_kernels(self):
            done.append("kill")

    monkeypatch.setattr(sys, "argv", ["x", str(theirs.detach()), "a,b"])
    monkeypatch.setattr(signal, "signal", lambda *told: done.append(told))
    names = ("disable", "collect", "freeze")
    monkeypatch.setattr(warm_process, "gc", SimpleNamespace(**{name: lambda: None for name in names}))
    monkeypatch.setattr(warm_process, "_drop_folder_from_path", lambda: None)
    monkeypatch.setattr(warm_process, "preload_modules", lambda names: done.append(names) or {"t": "1"})
    monkeypatch.setattr(warm_process, "KernelForker", Forker)
    monkeypatch.setattr(warm_process.os, "_exit", leave)
    threads = SimpleNamespace(active_count=lambda: count[0], enumerate=lambda: [SimpleNamespace(name="busy")])
    monkeypatch.setattr(warm_process, "threading", threads)
    with pytest.raises(RuntimeError):
        warm_process.main()
    assert done == [(signal.SIGINT, signal.SIG_IGN), ["a", "b"], (False, {"t": "1"}), "serve", "kill", 0]
    assert json.loads(ours.recv(100)) == {"ready": os.getpid()}
    count[0] = 2
    other, again = forking._make_pair()
    monkeypatch.setattr(sys, "argv", ["x", str(again.detach()), "a"])
    with pytest.raises(SystemExit, match=r"threads before the first fork: .'busy'."):
        warm_process.main()
    ours.close()
    other.close()


def test_a_kernel_that_is_started_as_jupyter_starts_it_is_not_parsed_again(monkeypatch):
    from ipykernel.kernelapp import IPKernelApp

    kind = warm_process._define_kernel()
    parsed, sent = [], []
    monkeypatch.setattr(IPKernelApp, "parse_command_line", lambda self, argv=None: parsed.append(argv))
    made = kind()
    made.parse_command_line(["-f", "file.json"])
    assert (made.connection_file, parsed, made.argv) == ("file.json", [], ["-f", "file.json"])
    assert made.parent_handle == os.getppid()
    assert made.config["HistoryManager"]["enabled"] is False
    with_history = [
        "-f",
        "other.json",
        "--HistoryManager.hist_file=:memory:",
    ]  # as notebooks' clients start one
    other = kind()
    other.parse_command_line(with_history)
    assert (other.connection_file, parsed) == ("other.json", [])
    for words in (["-f"], ["-x", "file.json"], ["-f", "a", "b"]):
        kind().parse_command_line(words)
    assert parsed == [["-f"], ["-x", "file.json"], ["-f", "a", "b"]]
    kind().parse_command_line(None)
    assert parsed[-1] == []
    monkeypatch.setattr(IPKernelApp, "init_heartbeat", lambda self: sent.append("bound"))
    made.reply = SimpleNamespace(
        send=lambda told: sent.append(json.loads(told)), close=lambda: sent.append("closed")
    )
    made.init_heartbeat()
    assert sent == ["bound", {"bound": os.getpid()}, "closed"]
    seen = []
    from ipykernel import ipkernel

    monkeypatch.setattr(
        IPKernelApp, "init_kernel", lambda self: seen.append((ipkernel.sys.modules, ipkernel.sys.argv))
    )
    made.init_kernel()
    assert seen == [({}, sys.argv)] and ipkernel.sys is sys
    monkeypatch.setattr(IPKernelApp, "init_gui_pylab", lambda self: seen.append("stock"))
    monkeypatch.setattr(warm_process, "_set_plot_backend", lambda: seen.append("own"))
    made.init_gui_pylab()
    assert seen[1:] == ["stock", "own"]
    launched = []
    app = SimpleNamespace(reply=None, launch_instance=launched.append)
    monkeypatch.setattr(warm_process, "_define_kernel", lambda: app)
    warm_process._run_kernel({"arguments": ["-f", "x"]}, "reply")
    assert (app.reply, launched) == ("reply", [["-f", "x"]])


@pytest.mark.parametrize(
    ("loaded", "backend", "kept"), [(True, "own", "own"), (True, "", "agg"), (False, "own", "agg")]
)
def test_matplotlib_takes_the_backend_of_the_kernel_where_there_are_both(loaded, backend, kept, monkeypatch):
    held = SimpleNamespace(rcParams={"backend": "agg"})
    monkeypatch.setitem(sys.modules, "matplotlib", held if loaded else None)
    monkeypatch.setenv("MPLBACKEND", backend)
    warm_process._set_plot_backend()
    assert held.rcParams["backend"] == kept


# --- its owner ---


@pytest.mark.parametrize(
    ("interpreter", "env", "fits"),
    [
        (["py"], {"PYTHONPATH": "a", "HOME": "other"}, True), (["py"], {"PYTHONPATH": "b"}, False),
        (["py", "-O"], {"PYTHONPATH": "a"}, False), (["py"], {"PYTHONPATH": "a", "MPLBACKEND": "x"}, False),
    ],
)  # fmt: skip
def test_a_kernel_fits_whose_interpreter_and_important_variables_are_the_same(interpreter, env, fits):
    source = KernelSource(None, ("py",), {"PYTHONPATH": "a", "HOME": "x"})
    assert source.fits(interpreter, env) is fits
    assert (source.lent, source.ready()) == (True, True)


def answer_with(monkeypatch, words):
    """Pairs of sockets on whose other end the words already lie, and what was asked."""
    asked = []

    class Ours:
        def settimeout(self, seconds):
            asked.append(seconds)

        def recv(self, size):
            return words

        def close(self):
            asked.append("closed")

    class Theirs:
        def fileno(self):
            return 9

        def __enter__(self):
            return self

        def __exit__(self, *_):
            asked.append("given")

    monkeypatch.setattr(forking, "_make_pair", lambda: (Ours(), Theirs()))
    return asked


def test_a_fork_is_had_as_soon_as_it_can_be_reached_and_not_of_a_dead_process(monkeypatch):
    asked = answer_with(monkeypatch, b'{"bound": 71}')
    control = SimpleNamespace(sendmsg=lambda words, rights: asked.append(json.loads(words[0])))
    source = KernelSource(control, ["py"], {})
    assert source.fork(["-f", "x"], "/", {"A": "1"}, {"county": "1"}).pid == 71
    assert asked == [KERNEL, "given", 120.0]
    for words in (b"", b'{"exit": 1}'):
        answer_with(monkeypatch, words)
        with pytest.raises(BrokenPipeError):
            source.fork([], "/", {}, {})


def test_a_warm_process_is_ready_once_it_has_spoken_and_lends_while_it_lives(monkeypatch):
    started, done = [], []
    process = SimpleNamespace(pid=5, kill=lambda: done.append("kill"), wait=lambda: done.append("wait"))
    monkeypatch.setattr(
        forking.subprocess, "Popen", lambda *words, **terms: started.append((words, terms)) or process
    )
    made = WarmProcess(["py", "-O"], {"A": "1"}, ["a", "b"])
    (words,), terms = started[0]
    assert words[:4] == ["py", "-O", "-m", "edustats.report.run.warm_process"] and words[5] == "a,b"
    assert terms["pass_fds"] == [int(words[4])] and terms["env"] == {"A": "1"}
    assert (terms["stdout"], terms["stderr"], terms["start_new_session"]) == (None, None, False)
    assert (made.lent, made.pid) == (False, 5)
    heard = [b'{"ready": 1}']
    made._control.close()
    made._control = SimpleNamespace(
        settimeout=done.append,
        recv=lambda _: heard.pop(),
        sendmsg=lambda *_: done.append("sent"),
        close=lambda: None,
    )
    assert made.ready() and made.ready()
    assert done == [120.0]
    made.lend().close()
    assert done[1:] == ["sent"]

    def gone(*_):
        raise BrokenPipeError

    made._control.sendmsg, made._control.recv, made._ready = gone, gone, False
    assert made.lend() is None
    assert made.ready() is False
    made.close()
    assert done[-2:] == ["kill", "wait"]
    lender = forking.start_lender({"A": "1"})
    (words,), terms = started[1]
    assert words[0] == sys.executable and words[4] == ",".join(forking.PRELOAD)
    assert (terms["stdout"], terms["stderr"], terms["start_new_session"]) == (subprocess.DEVNULL,) * 2 + (
        True,
    )
    lender._control.close()
    monkeypatch.setattr(forking, "can_fork", lambda: False)
    assert forking.start_lender({}) is None


def test_a_loan_is_taken_once_and_only_where_kernels_can_be_forked(monkeypatch):
    ours, theirs = forking._make_pair()
    monkeypatch.setattr(os, "environ", {"EDUSTATS_WARM_SOCKET": str(theirs.detach()), "LANG": "x"})
    taken = forking.take_loan()
    assert taken.fits([sys.executable], {"LANG": "x"}) and not taken._control.get_inheritable()
    assert os.environ == {"LANG": "x"} and forking.take_loan() is None
    taken.close()
    ours.close()
    monkeypatch.setenv("EDUSTATS_WARM_SOCKET", "3")
    monkeypatch.setattr(forking, "can_fork", lambda: False)
    assert forking.take_loan() is None
    monkeypatch.setattr(forking.sys, "platform", "darwin")
    monkeypatch.undo()
    monkeypatch.setattr(forking.sys, "platform", "darwin")
    assert not forking.can_fork()


def test_a_forked_kernel_tells_its_end_once_and_none_while_it_lives(monkeypatch):
    struck = []
    monkeypatch.setattr(os, "kill", lambda *told: struck.append(told))
    ours, theirs = forking._make_pair()
    kernel = ForkedKernel(ours, 5)
    assert kernel.poll() is None
    with pytest.raises(subprocess.TimeoutExpired) as late:
        kernel.wait(0.001)
    assert late.value.timeout == 0.001
    kernel.kill()
    kernel.terminate()
    assert struck == [(5, signal.SIGKILL), (5, signal.SIGTERM)]
    theirs.send(b'{"exit": -15}')
    assert (kernel.wait(5), kernel.poll(), kernel.returncode) == (-15, -15, -15)
    kernel.kill()
    assert len(struck) == 2
    theirs.close()
    ours, theirs = forking._make_pair()
    theirs.close()  # the warm process was killed, and its kernels with it
    assert ForkedKernel(ours, 5).wait() == -9

    def gone(*_):
        raise ProcessLookupError

    ours, theirs = forking._make_pair()
    monkeypatch.setattr(os, "kill", gone)
    ForkedKernel(ours, 5).kill()
    ours.close()
    theirs.close()


# --- the worker that asks ---


class Warm:
    """A source of kernels that answers as it was told to; ``made`` lists all of one test."""

    def __init__(self, made, lent=False, fits=True, ready=True, forks=("kernel",)):
        self.lent, self.fit, self.is_ready, self.forks, self.closed = lent, fits, ready, list(forks), 0
        self.asked = []
        made.append(self)

    def fits(self, interpreter, env):
        return self.fit

    def ready(self):
        return self.is_ready

    def fork(self, *asked):
        self.asked.append(asked)
        answer = self.forks.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def close(self):
        self.closed += 1


COMMAND = [sys.executable, "-O", "-m", "ipykernel_launcher", "-f", "x"]


@pytest.fixture
def owner(monkeypatch):
    """An owner that wants forks, and the warm processes that it started."""
    made, terms = [], []

    def start(*told):
        terms.append(told)
        return Warm(made, **(owner.next.pop(0) if owner.next else {}))

    monkeypatch.setattr(kernels, "WarmProcess", start)
    owner = SimpleNamespace(house=WarmProcessOwner(), made=made, terms=terms, next=[])
    owner.house.allow_forking(True)
    owner.house.subject = {"county": "1"}
    owner.fork = lambda: owner.house.fork(COMMAND, "/", {"A": "1", "JPY_X": "2"})
    return owner


def test_a_warm_process_is_started_when_first_needed_and_again_when_it_dies(owner):
    owner.next[:] = [{"forks": ["one", OSError()]}, {"forks": ["two"]}]
    assert (owner.fork(), owner.fork()) == ("one", "two")
    assert owner.terms == [([sys.executable, "-O"], {"A": "1"}, forking.PRELOAD)] * 2
    assert owner.made[0].asked == [(["-f", "x"], "/", {"A": "1", "JPY_X": "2"}, {"county": "1"})] * 2
    assert [one.closed for one in owner.made] == [1, 0]
    owner.house.allow_forking(True)
    assert owner.made[1].closed == 0
    owner.house.allow_forking(False)
    assert owner.made[1].closed == 1
    with pytest.raises(NotWarmError):
        owner.fork()


def test_after_three_that_died_kernels_are_ordinary_ones(owner):
    owner.next[:] = [{"forks": [OSError()]}] * 4
    with pytest.raises(NotWarmError):
        owner.fork()
    assert len(owner.made) == 3


def test_imports_that_failed_once_are_not_tried_again(owner):
    owner.next[:] = [{"ready": False}]
    for _ in range(2):
        with pytest.raises(NotWarmError):
            owner.fork()
    assert [one.closed for one in owner.made] == [1]


def test_one_of_its_own_that_does_not_fit_is_kept_and_a_loan_is_given_back(owner, monkeypatch):
    owner.next[:] = [{"fits": False}]
    with pytest.raises(NotWarmError):
        owner.fork()
    assert [one.closed for one in owner.made] == [0]
    lent = Warm([], lent=True, fits=False)
    monkeypatch.setattr(kernels, "take_loan", lambda: lent)
    owner.house.borrow()
    assert owner.fork() == "kernel"
    assert (lent.closed, lent.asked, len(owner.made)) == (1, [], 2)
    owner.house.close()
    owner.house.borrow()
    lent.fit = True
    assert owner.fork() == "kernel" and len(lent.asked) == 1


def launch(monkeypatch, fork, **terms):
    made, stock = object.__new__(WarmProvisioner), []

    async def plain(self, cmd, **more):
        stock.append((cmd, more))
        return "stock"

    monkeypatch.setattr(kernels.LocalProvisioner, "launch_kernel", plain)
    monkeypatch.setattr(kernels, "HOUSE", SimpleNamespace(fork=fork))
    made.__dict__["connection_info"] = {}
    return made, stock, asyncio.run(made.launch_kernel(["cmd"], **terms))


def test_a_kernel_whose_output_goes_elsewhere_or_that_does_not_fit_is_an_ordinary_one(monkeypatch, tmp_path):
    asked = []

    def fork(*told):
        asked.append(told)
        return SimpleNamespace(pid=8)

    def refuse(*_):
        raise NotWarmError

    made, stock, _ = launch(monkeypatch, fork, cwd=tmp_path, env={"A": "1"})
    assert asked == [(["cmd"], str(tmp_path), {"A": "1", "JPY_PARENT_PID": str(os.getpid())})]
    assert (stock, made.pid, made.pgid, made.cwd) == ([], 8, 8, tmp_path)
    launch(monkeypatch, fork)
    assert asked[1][1:] == (str(Path.cwd()), {**os.environ, "JPY_PARENT_PID": str(os.getpid())})
    for terms in ({"stdout": 1}, {"stderr": 1}):
        assert launch(monkeypatch, fork, **terms)[2] == "stock"
    assert len(asked) == 2
    assert launch(monkeypatch, refuse, env={"A": "1"})[1:] == ([(["cmd"], {"env": {"A": "1"}})], "stock")


@pytest.mark.parametrize(("ends_at", "looked"), [(3, 3), (1, 1), (10**6, kernels.LOOKS)])
def test_who_kills_a_forked_kernel_is_back_when_it_has_ended(ends_at, looked, monkeypatch):
    signals, looks = [], []

    class Dying(ForkedKernel):
        def __init__(self):
            self.pid = 5

        def poll(self):
            looks.append(1)
            return -9 if len(looks) >= ends_at else None

    async def send(self, number):
        signals.append(number)

    monkeypatch.setattr(kernels.LocalProvisioner, "send_signal", send)
    monkeypatch.setattr(kernels, "WAITING", 0)
    made = object.__new__(WarmProvisioner)
    made.__dict__["process"] = Dying()
    asyncio.run(made.kill())
    assert (signals, len(looks)) == ([signal.SIGKILL], looked)
    made.__dict__["process"] = SimpleNamespace(poll=None)  # an ordinary one is its manager's to wait for
    asyncio.run(made.kill())
    assert len(looks) == looked


class Client(PromptClient):
    """A client of a kernel that answers at given times."""

    def __init__(self, answers, heard, alive=()):
        self.answers, self.heard, self.alive, self.said = list(answers), list(heard), list(alive), []

    async def _kernel_answers(self):
        self.said.append("asked")
        return self.answers.pop(0)

    async def _kernel_broadcasts(self):
        self.said.append("listened")
        return self.heard.pop(0)

    async def _async_is_alive(self):
        return self.alive.pop(0) if self.alive else True


def wait(client, timeout=None):
    asyncio.run(client._async_wait_for_ready(timeout))
    return client.said


def test_a_client_is_ready_when_the_kernel_answers_and_its_broadcasts_arrive():
    assert wait(Client([True], [False, True]), 60) == ["listened", "listened", "asked"]
    assert wait(Client([False, True], [True])) == ["listened", "asked", "asked"]
    with pytest.raises(RuntimeError, match=r"^Kernel died before replying to kernel_info$"):
        wait(Client([], [False, False], [True, False]))
    with pytest.raises(RuntimeError, match=r"^Kernel didn't respond in -1 seconds$"):
        wait(Client([], [False]), -1)


def test_only_the_answer_to_what_was_asked_is_one(monkeypatch):
    handled = []

    def channel(*messages):
        left = list(messages)

        async def get(timeout):
            if not left:
                raise Empty
            return left.pop(0)

        return SimpleNamespace(get_msg=get)

    info = {"msg_type": "kernel_info_reply"}

    class Bare(PromptClient):
        shell_channel = channel({"msg_type": "other"}, info)
        iopub_channel = channel({}, {"a": 1})

        def __init__(self):
            pass

        def kernel_info(self):
            handled.append("asked")

        def _handle_kernel_info_reply(self, reply):
            handled.append(reply)

    bare = Bare()
    assert [asyncio.run(bare._kernel_answers()) for _ in range(3)] == [False, True, False]
    assert [asyncio.run(bare._kernel_broadcasts()) for _ in range(3)] == [False, True, False]
    assert handled == [info, "asked", "asked", "asked"]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_manager_takes_its_kernel_from_the_warm_process_where_there_is_to_be_one(wanted, monkeypatch):
    monkeypatch.setattr(kernels, "HOUSE", SimpleNamespace(wanted=wanted))
    manager = SimpleNamespace(kernel_spec=SimpleNamespace(metadata={"a": 1}))
    kernels.configure_manager(manager)
    assert manager.client_factory is PromptClient
    own = {"kernel_provisioner": {"provisioner_name": "edustats-warm"}} if wanted else {}
    assert manager.kernel_spec.metadata == {"a": 1, **own}


def test_a_kernel_may_take_so_much_beyond_what_it_holds_and_is_offered_up_first(monkeypatch):
    import resource

    written, limits = {}, []
    monkeypatch.setattr(Path, "write_text", lambda path, text, *_: written.update({path.as_posix(): text}))
    monkeypatch.setattr(
        Path, "read_text", lambda path, *_: "100 50 3" if path.as_posix() == "/proc/5/statm" else ""
    )
    monkeypatch.setattr(resource, "prlimit", lambda *told: limits.append(told))
    monkeypatch.setattr(resource, "getpagesize", lambda: 4096)
    kernels.limit_kernel_memory(5, 2)
    kernels.limit_kernel_memory(6, None)
    kernels.limit_kernel_memory(None, 2)
    most = 100 * 4096 + 2 * 1024 * 1024
    assert written == {"/proc/5/oom_score_adj": "500", "/proc/6/oom_score_adj": "500"}
    assert limits == [(5, resource.RLIMIT_AS, (most, most))]
    monkeypatch.setattr(kernels.sys, "platform", "darwin")
    kernels.limit_kernel_memory(7, 2)
    assert len(written) == 2


# --- what counties share ---


def test_a_prefecture_is_worked_out_once_for_each_state_of_its_store(monkeypatch, tmp_path):
    done, opened = [], []
    state = [1]
    store = SimpleNamespace(
        comparison_state=lambda above: (above, state[0]), county_parent=lambda code: code[:1]
    )
    monkeypatch.setattr(prefecture, "_DONE", prefecture.deque(maxlen=4))
    monkeypatch.setattr(prefecture, "find_store", lambda store: tmp_path if store else "s3://x")
    monkeypatch.setattr(prefecture, "open_store", lambda where: store)
    monkeypatch.setattr(prefecture, "open_county", lambda *told: opened.append(told) or "view")
    monkeypatch.setattr(prefecture, "_work_out", lambda view: done.append("all"))
    monkeypatch.setattr(prefecture, "_work_out_county", lambda view: done.append("own"))
    work_out = prefecture.work_out_prefecture
    assert work_out("11", "s", 2020, 2023, more=1) is True
    assert work_out("12", "s", 2020, 2023) is False
    assert opened == [("11", "s", 2020, 2023), ("12", "s", 2020, 2023)]
    assert done == ["all", "own", "own"]
    assert [work_out(*asked) for asked in (("12", "s"), ("11", "s", 2020), ("21", "s"), ("22", "s"))] == [
        True, True, True, False,
    ]  # fmt: skip
    assert opened[2] == ("12", "s", 0, 0)
    state[0] = 2
    assert work_out("11", "s") is True
    assert work_out("11", "") is False and len(opened) == 7


def test_a_socket_is_of_this_process_only():
    ours, theirs = forking._make_pair()
    assert (ours.family, ours.type) == (socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    theirs.close()
