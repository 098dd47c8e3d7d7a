"""What do engine, crew and worker make of each way that a kernel or a worker can end? Asked without a process.

Processes are played by records that say how they ended; the tests of whole runs start real ones.
"""

import io
import json
import os
import queue
import signal
import subprocess
from collections import defaultdict
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from run_cases import _make_order

from edustats.errors import DataError
from edustats.report.edition.manifest import ReportResult
from edustats.report.run import crew, engine, worker
from edustats.report.run.engine import (
    KernelGoneError,
    KernelWatch,
    NotebookEnding,
    NotebookKeptError,
    ReportClient,
    ReportEngine,
    ReportManager,
    read_peak_memory,
)

KILLED, STOPPED = int(signal.SIGTERM), int(signal.SIGINT)
"""Two signals that every system has."""


@pytest.fixture(autouse=True)
def _speak_english(monkeypatch):
    monkeypatch.setenv("EDUSTATS_LANG", "en")


# --- engine ---


class Provisioner:
    """A kernel's process as far as it is asked: its number, and how it ended."""

    def __init__(self, code=None, pid=None, pgid=None):
        self.code, self.pid, self.pgid, self.ended = code, pid, pgid, []
        self.process = SimpleNamespace(kill=lambda: self.ended.append("process"))

    async def poll(self):
        return self.code


def watch(code=None, seconds=None, folder=None, **more):
    return KernelWatch(Provisioner(code, **more), folder, seconds)


@pytest.mark.parametrize(
    ("code", "expired", "killed", "state", "told", "by"),
    [
        (-KILLED, False, True, "killed", "the kernel was ended by SIGTERM", "SIGTERM"),
        (-STOPPED, False, True, "killed", "the kernel was ended by SIGINT", "SIGINT"),
        (3, False, False, "killed", "the kernel ended itself with exit code 3", None),
        (0, False, False, "killed", "the kernel ended itself with exit code 0", None),
        (-KILLED, True, True, "timed_out", "not done after 2.5 seconds, and ended", None),
        (None, True, True, "timed_out", "not done after 2.5 seconds, and ended", None),
        (None, False, False, "killed", "the kernel ended itself with exit code None", None),
    ],
)
def test_the_end_of_a_kernel_is_told_by_its_exit_or_its_deadline(code, expired, killed, state, told, by):
    held = watch(code, seconds=2.5)
    held.expired = expired
    assert held.was_killed() is killed
    assert held.describe_death() == NotebookEnding(state, told, by)


def test_only_a_kernel_that_was_struck_dead_is_told_to_have_wanted_memory(monkeypatch):
    held = watch()
    memory = "the kernel was ended by SIGKILL, most often for want of memory (it had used 812 MB)"
    assert held._describe_signal("SIGKILL") == "the kernel was ended by SIGKILL"  # how much nobody knows
    held.peak_mb = 812.4
    assert held._describe_signal("SIGKILL") == memory
    assert held._describe_signal("SIGTERM") == "the kernel was ended by SIGTERM"
    monkeypatch.setenv("EDUSTATS_LANG", "zh")
    assert held._describe_signal("SIGKILL") == "计算进程被信号 SIGKILL 终止，常因内存不足（曾用 812 MB）"


def test_a_kernel_without_a_deadline_is_never_late_and_one_with_it_is_ended_then(monkeypatch):
    clock, looks = [100.0], []
    monkeypatch.setattr(engine.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(
        engine, "read_peak_memory", lambda pid: looks.append(pid) or (None if len(looks) > 1 else 7.0)
    )
    assert watch().deadline == float("inf")
    held = watch(seconds=3, pid=71)
    assert (held.deadline, held.peak_mb) == (103.0, None)
    ended, waited = [], []

    def wait(seconds):
        waited.append(seconds)
        clock[0] += 1.5
        return False

    monkeypatch.setattr(held, "kill", lambda: ended.append(clock[0]))
    monkeypatch.setattr(held._over, "wait", wait)
    held.run()
    assert (held.expired, ended, looks) == (True, [103.0], [71] * 2)
    assert waited == [0.5, 0.5]
    assert held.peak_mb == 7.0  # what was seen before the system said no more
    other = watch(seconds=3)
    clock[0] = 102.9
    monkeypatch.setattr(other._over, "wait", lambda seconds: waited.append(round(seconds, 3)) or True)
    other.deadline = 103.0
    other.run()
    assert (other.expired, waited[-1]) == (False, 0.1)
    other.deadline = 90.0
    other.run()
    assert waited[-1] == 0.01


def test_a_kernel_is_ended_with_all_it_started_where_it_leads_a_group(monkeypatch, tmp_path):
    struck = []
    monkeypatch.setattr(os, "killpg", lambda group, number: struck.append((group, number)), raising=False)
    monkeypatch.setattr(signal, "SIGKILL", 9, raising=False)
    led, alone = watch(pgid=5), watch()
    led.kill()
    assert (struck, led.provisioner.ended) == ([(5, 9)], [])
    alone.kill()
    assert (struck, alone.provisioner.ended) == ([(5, 9)], ["process"])
    alone.provisioner.process = None
    alone.kill()

    def gone(*_):
        raise ProcessLookupError

    monkeypatch.setattr(os, "killpg", gone)
    led.kill()  # it is gone already, which is what was asked
    (tmp_path / "k").mkdir()
    kept = watch(folder=tmp_path / "k")
    kept.clear()
    alone.clear()
    assert not (tmp_path / "k").exists()
    monkeypatch.setattr(engine, "RUNNING", {kept, alone})
    ended = []
    for one in (kept, alone):
        monkeypatch.setattr(one, "kill", lambda: ended.append("killed"))
        monkeypatch.setattr(one, "clear", lambda: ended.append("cleared"))
    engine.kill_all_kernels()
    assert ended == ["killed", "cleared"] * 2


def test_the_most_memory_of_a_process_is_read_in_megabytes(monkeypatch):
    told = {
        "/proc/5/status": "Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t  3072 kB\nVmRSS:\t 1 kB\n",
        "/proc/6/status": "Name:\tx\n",
    }
    monkeypatch.setattr(engine.sys, "platform", "linux")
    monkeypatch.setattr(Path, "read_text", lambda path, *_: told[path.as_posix()])
    assert (read_peak_memory(5), read_peak_memory(6)) == (3.0, None)
    monkeypatch.setattr(engine.sys, "platform", "win32")
    assert read_peak_memory(5) is None


def make_book(*sources):
    cells = [nbformat.v4.new_markdown_cell("# T"), *map(nbformat.v4.new_code_cell, sources)]
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "P"}}
    )


def make_client(*sources, **terms):
    manager = ReportManager(make_book(*sources), progress_bar=False)
    for part in (manager.nb, *manager.nb.cells):
        part.metadata["papermill"] = {}  # as papermill hands it over
    manager.notebook_start()
    terms = {"deadline": None, "on_kernel": None, "memory_mb": None, "kernel_name": "python3", **terms}
    return ReportClient(manager, **terms)


def run_cells(client, *endings):
    """What is left of a notebook whose cells end so; None is a cell that comes to its end."""
    left = iter(endings)

    def execute(cell, index):
        if cell.cell_type == "code":
            client.code_cells_executed += 1
            if error := next(left):
                raise error

    client.execute_cell = execute
    client.papermill_execute_cells()


def states_of(client):
    return [cell.metadata.papermill.status for cell in client.nb.cells]


def test_a_failing_cell_ends_the_notebook_and_is_named_with_what_follows_untouched():
    client = make_client("1", "x", "2")
    run_cells(client, None, CellExecutionError("trace", "KeyError", "\x1b[31m'x'\x1b[0m" + "y" * 3000))
    record = client.nb.metadata.papermill
    assert states_of(client) == ["completed", "completed", "failed", "pending"]
    assert (record.status, record.exception, record.cell, record.signal) == ("failed", True, 2, None)
    assert record.reason == "KeyError: 'x'" + "y" * (2000 - 13)
    guilty = client.nb.cells[2]
    assert (guilty.execution_count, guilty.metadata.papermill.reason) == (2, record.reason)
    assert guilty.outputs == [
        {"output_type": "error", "ename": "failed", "evalue": record.reason, "traceback": [record.reason]}
    ]


def test_a_cell_that_has_shown_its_error_keeps_it_and_its_number():
    client = make_client("x")
    shown = nbformat.v4.new_output("error", ename="ValueError", evalue="b", traceback=["t"])
    client.nb.cells[1].outputs, client.nb.cells[1].execution_count = [shown], 9
    run_cells(client, CellExecutionError("trace", "", ""))
    assert client.nb.metadata.papermill.reason == "ValueError: b"
    assert (client.nb.cells[1].outputs, client.nb.cells[1].execution_count) == ([shown], 9)


@pytest.mark.parametrize(
    ("error", "code", "status", "reason"),
    [
        (DeadKernelError("gone"), 4, "killed", "the kernel ended itself with exit code 4"),
        (CellTimeoutError("5 seconds\nmore"), None, "timed_out", "5 seconds"),
        (ValueError("channel"), -KILLED, "killed", "the kernel was ended by SIGTERM"),
    ],
)
def test_a_kernel_that_is_gone_ends_the_notebook_without_a_word_to_papermill(error, code, status, reason):
    client = make_client("1", "2")
    client.kernel = watch(code)
    client.kernel.stop_watching = lambda: None
    with pytest.raises(KernelGoneError):
        run_cells(client, error)
    record = client.nb.metadata.papermill
    assert (record.status, record.reason, record.cell) == (status, reason, 1)
    assert states_of(client) == ["completed", status, "pending"]
    assert client.nb_man.ended.state == status


@pytest.mark.parametrize("kernel", [None, watch(0)])
def test_a_fault_of_the_channel_to_a_kernel_that_lives_is_the_cells(kernel):
    client = make_client("1", "2")
    client.kernel = kernel
    run_cells(client, ValueError("channel"))
    record = client.nb.metadata.papermill
    assert (record.status, record.reason, record.cell) == ("failed", "ValueError: channel", 1)


@pytest.mark.parametrize(
    ("error", "code", "ran", "state", "reason"),
    [
        (OSError("no port"), 0, 0, "failed", "the kernel did not start: OSError: no port"),
        (OSError("no port"), 0, 1, "failed", "OSError: no port"),
        (OSError("no port"), -KILLED, 0, "killed", "the kernel was ended by SIGTERM"),
        (DeadKernelError("x"), 5, 0, "killed", "the kernel ended itself with exit code 5"),
        (DeadKernelError("x"), "none", 0, "failed", "the kernel did not start: DeadKernelError: x"),
    ],
)
def test_an_error_outside_the_cells_is_told_of_the_notebook_and_goes_on_to_who_asked(
    error, code, ran, state, reason, monkeypatch, tmp_path
):
    told = []
    client = make_client("1", on_kernel=lambda *facts: told.append(facts))
    client._folder = tmp_path / "sockets"
    client._folder.mkdir()
    if code != "none":
        client.kernel = watch(code, folder=client._folder)
        client.kernel.stop_watching = lambda: None
        client.kernel.peak_mb = 12.5
        monkeypatch.setattr(engine, "RUNNING", {client.kernel})
    client.code_cells_executed = ran

    def execute(_, **__):
        client.code_cells_executed = ran
        raise error

    monkeypatch.setattr(engine.PapermillNotebookClient, "execute", execute)
    with pytest.raises(type(error)):
        client.execute()
    record = client.nb.metadata.papermill
    assert (record.status, record.reason, record.cell) == (state, reason, None)
    assert not client._folder.exists()
    if code != "none":
        assert (record.peak_mb, told, engine.RUNNING) == (12.5, [(None, client._folder)], set())
    else:
        assert (record.get("peak_mb"), told) == (None, [])


def test_a_notebook_whose_kernel_is_gone_is_given_back_as_it_stands(monkeypatch):
    client = make_client("1")

    def execute(_, **__):
        raise KernelGoneError

    monkeypatch.setattr(engine.PapermillNotebookClient, "execute", execute)
    assert client.execute() is client.nb
    assert client.nb_man.ended is None


def test_a_kernel_is_looked_after_and_told_of_as_it_starts(monkeypatch, tmp_path):
    told, limited, running = [], [], set()
    client = make_client("1", deadline=40, memory_mb=300, on_kernel=lambda *facts: told.append(facts))
    client._folder = tmp_path
    client.km = SimpleNamespace(provisioner=Provisioner(pid=77))
    parent = engine.PapermillNotebookClient
    monkeypatch.setattr(parent, "start_new_kernel", lambda *_, **__: None)
    monkeypatch.setattr(parent, "start_new_kernel_client", lambda *_, **__: "client")
    monkeypatch.setattr(KernelWatch, "start", lambda self: told.append("watched"))
    monkeypatch.setattr(engine, "RUNNING", running)
    monkeypatch.setattr(engine.kernels, "limit_kernel_memory", lambda *facts: limited.append(facts))
    client.start_new_kernel()
    assert told == [(77, tmp_path), "watched"]
    assert (running, client.kernel.seconds, client.kernel.folder) == ({client.kernel}, 40, tmp_path)
    assert (client.start_new_kernel_client(), limited) == ("client", [(77, 300)])
    make_client("1")._report_kernel(3)  # nobody asked


@pytest.mark.parametrize(("folder", "transport"), [("s", "ipc"), (None, "tcp")])
def test_a_kernel_is_reached_through_files_where_there_may_be_any(folder, transport, monkeypatch, tmp_path):
    made = tmp_path / folder if folder else None
    monkeypatch.setattr(engine, "make_socket_folder", lambda: made)
    monkeypatch.setattr(engine.kernels, "configure_manager", lambda manager: None)
    manager = make_client("1").create_kernel_manager()
    assert manager.transport == transport
    if made:
        assert (manager.ip, manager.connection_file) == (str(made / "k"), str(made / "kernel.json"))


def test_what_a_cell_displays_is_kept_as_it_came_unless_somebody_waits_for_it(monkeypatch):
    client, outs = make_client("1"), []
    client.clear_before_next_output, client.output_hook_stack = False, defaultdict(list)
    monkeypatch.setattr(engine.PapermillNotebookClient, "output", lambda *_: "stock")
    message = {
        "msg_type": "display_data", "parent_header": {"msg_id": "m"},
        "content": {"data": {"a": {"b": 1}}, "metadata": {"c": 2}},
    }  # fmt: skip
    shown = client.output(outs, message, None, 0)
    assert outs == [shown] and shown == {
        "output_type": "display_data",
        "metadata": {"c": 2},
        "data": {"a": {"b": 1}},
    }
    assert type(shown["data"]) is dict  # no node to its last cell
    assert client.output(outs, message, "an id", 0) == "stock"
    assert client.output(outs, message | {"msg_type": "stream"}, None, 0) == "stock"
    client.output_hook_stack["m"].append("hook")
    assert client.output(outs, message, None, 0) == "stock"
    client.output_hook_stack["m"].clear()
    client.clear_before_next_output = True
    assert client.output(outs, message, None, 0) == "stock"
    assert len(outs) == 1


def run_engine(monkeypatch, end, **terms):
    seen = []

    def execute(manager, kernel_name, **more):
        seen.append((kernel_name, more))
        end(manager)

    monkeypatch.setattr(ReportEngine, "execute_managed_notebook", staticmethod(execute))
    book, kept, raised = make_book("1"), [], None
    book.metadata.papermill = {
        "status": "killed",
        "reason": "old",
        "signal": "S",
        "cell": 3,
        "peak_mb": 4,
        "x": 5,
    }
    try:
        ReportEngine.execute_notebook(
            book, "python3", progress_bar=False, autosave_cell_every=30, more=1, keep=kept.append, **terms
        )
    except Exception as error:
        raised = error
    return book.metadata.papermill, seen, kept, raised


def test_a_notebook_is_kept_for_who_asked_and_forgets_an_earlier_run(monkeypatch):
    record, seen, kept, raised = run_engine(monkeypatch, lambda manager: None)
    assert seen == [("python3", {"log_output": False, "more": 1})]
    assert isinstance(raised, NotebookKeptError) and [one.metadata.papermill for one in kept] == [record]
    assert set(record) - {"start_time", "end_time", "duration", "exception"} == {"x", "status"}
    assert (record.status, record.exception, record.x) == ("completed", None, 5)
    assert record.duration >= 0


def test_an_error_of_the_engine_is_recorded_once_and_raised(monkeypatch):
    def fail(manager):
        raise OSError("full")

    record, _, kept, raised = run_engine(monkeypatch, fail)
    assert (record.status, record.reason, len(kept), str(raised)) == ("failed", "OSError: full", 1, "full")

    def fail_told(manager):
        manager.stop(None, None, NotebookEnding("timed_out", "late"))
        raise OSError("full")

    record, *_ = run_engine(monkeypatch, fail_told)
    assert (record.status, record.reason) == ("timed_out", "late")


@pytest.mark.parametrize(
    ("terms", "timeout", "patience"),
    [
        ({}, None, 60), ({"deadline": 90.9}, None, 90), ({"deadline": 20}, None, 60), ({"timeout": 7}, 7, 60),
        ({"timeout": 7, "execution_timeout": 5}, 5, 60), ({"startup_timeout": 80}, None, 80),
        ({"start_timeout": 10}, None, 10), ({"start_timeout": 10, "deadline": 30}, None, 30),
    ],
)  # fmt: skip
def test_how_long_is_waited_for_a_kernel_and_for_its_cells(terms, timeout, patience, monkeypatch):
    asked = []

    class Client:
        def __init__(self, manager, **facts):
            asked.append(facts)

        def execute(self):
            return "book"

    monkeypatch.setattr(engine, "ReportClient", Client)
    assert ReportEngine.execute_managed_notebook("m", "k", input_path="in", **terms) == "book"
    facts = asked[0]
    assert (facts["timeout"], facts["startup_timeout"]) == (timeout, patience)
    assert "input_path" not in facts
    assert (facts["kernel_name"], facts["log_output"], facts["deadline"]) == (
        "k",
        False,
        terms.get("deadline"),
    )
    assert (facts["shutdown_kernel"], facts["iopub_timeout"], facts["shell_timeout_interval"]) == (
        "immediate",
        60,
        1,
    )
    ReportEngine.execute_managed_notebook("m", "k", shutdown_kernel="graceful")
    assert asked[1]["shutdown_kernel"] == "graceful"


# --- crew ---


class Process:
    """A worker's process that answers with given lines, and ends with a code."""

    def __init__(self, lines=(), code=0, patient=True):
        self.stdin = io.BytesIO()
        self.stdout = io.BytesIO("".join(f"{json.dumps(line)}\n" for line in lines).encode())
        self.code, self.patient, self.done = code, patient, []

    def kill(self):
        self.done.append("kill")

    def wait(self, seconds=None):
        self.done.append(("wait", seconds))
        if seconds and not self.patient:
            raise subprocess.TimeoutExpired("worker", seconds)
        return self.code


def make_worker(monkeypatch, process, said=b"", loan=None, lock=None):
    """A worker that is a record, and the terms on which it was started."""
    started = []
    monkeypatch.setattr(crew.subprocess, "Popen", lambda *words, **terms: started.append(terms) or process)
    made = crew.Worker("zh", lock, SimpleNamespace(lend=lambda: loan) if loan is not None else None)
    made._errors.write(said)
    return made, started[0]


def test_a_worker_answers_an_order_with_results_and_tells_meanwhile_what_it_does(monkeypatch):
    order = _make_order()
    results = [asdict(one) for one in order.results(state="ok")]
    lines = [
        {"doing": "a"},
        {"kernel": 5, "sockets": "/s"},
        {"doing": "b"},
        {"results": results},
        {"doing": "c"},
    ]
    process, alarms = Process(lines), []
    made, _ = make_worker(monkeypatch, process)

    class Alarm(SimpleNamespace):
        def __init__(self, seconds, ring):
            super().__init__(daemon=False, seconds=seconds, ring=ring, done=[])
            self.start, self.cancel = (
                (lambda: self.done.append(self.daemon)),
                lambda: self.done.append("cancelled"),
            )
            alarms.append(self)

    monkeypatch.setattr(crew.threading, "Timer", Alarm)
    assert made.request_results(order) == order.results(state="ok")
    assert json.loads(process.stdin.getvalue()) == json.loads(json.dumps(asdict(order)))
    assert (made._doing, made._kernel, made._patience) == ("b", (5, "/s"), 60 * 2 + 300)
    made._note_state({"kernel": None, "sockets": ""})
    assert made._kernel is None
    assert make_worker(monkeypatch, Process([{"doing": "a"}]))[0].request_results(order) is None
    assert [(one.seconds, one.ring.__name__, one.done) for one in alarms] == [
        (420, "_give_up", [True, "cancelled"])
    ] * 2


@pytest.mark.parametrize(
    ("code", "doing", "said", "lang", "told", "by"),
    [
        (-KILLED, "10_a", b"", "zh", "处理“10_a”时工作进程结束（信号 SIGTERM），本县本次未发布任何文件", "SIGTERM"),
        (3, "", b"", "zh", "处理“启动”时工作进程结束（退出码 3），本县本次未发布任何文件", None),
        (0, "10_a", b"", "en",
         "the worker process ended (exit code 0) at 10_a; nothing of this county was published", None),
        (3, "", b"first\nlast \n\n", "en", "the worker process ended (exit code 3) at the start; "
         "nothing of this county was published; its last words: last", None),
        (3, "a", b"x" * 5000, "zh",
         f"处理“a”时工作进程结束（退出码 3），本县本次未发布任何文件；最后的消息：{'x' * 300}", None),
    ],
)  # fmt: skip
def test_a_dead_worker_is_told_of_with_its_last_words(code, doing, said, lang, told, by, monkeypatch):
    made, _ = make_worker(monkeypatch, Process(code=code), said)
    made._doing = doing
    assert made.describe_death(lang) == (told, by)
    assert made._errors.closed


def test_a_worker_that_gave_no_answer_is_blamed_and_no_signal(monkeypatch):
    process = Process(code=-KILLED)
    made, _ = make_worker(monkeypatch, process)
    made._patience, made._doing = 420.0, "b"
    made._give_up()
    assert process.done == ["kill"]
    assert made.describe_death("en") == (
        "the worker process gave no answer for 420 seconds at b and was ended; "
        "nothing of this county was published", None
    )  # fmt: skip


def test_a_worker_that_leaves_is_waited_for_and_ended_only_when_it_will_not(monkeypatch, tmp_path):
    killed = []
    monkeypatch.setattr(crew, "_kill_process_group", killed.append)
    process = Process()
    made, _ = make_worker(monkeypatch, process)
    sockets = tmp_path / "s"
    sockets.mkdir()
    made._kernel = (5, str(sockets))
    made.dismiss()
    assert (process.done, killed, sockets.exists(), made._kernel) == ([("wait", 3)], [5], False, None)
    assert process.stdin.closed
    process = Process(patient=False)
    made, _ = make_worker(monkeypatch, process)
    made.dismiss()
    assert process.done == [("wait", 3), "kill", ("wait", None)]
    assert killed == [5]


def test_a_worker_holds_the_lock_and_what_it_was_lent(monkeypatch):
    closed = []
    loan = SimpleNamespace(fileno=lambda: 8, close=lambda: closed.append(8))
    monkeypatch.setattr(crew.sys, "platform", "linux")
    monkeypatch.setattr(crew.os, "environ", {"A": "1", "MALLOC_ARENA_MAX": "7", "OMP_NUM_THREADS": "5"})
    terms = make_worker(monkeypatch, Process(), loan=loan, lock=4)[1]
    assert (terms["pass_fds"], terms["start_new_session"], closed) == ([4, 8], True, [8])
    plain = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "7", "A": "1", "EDUSTATS_LANG": "zh",
             "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
             "NUMEXPR_NUM_THREADS": "1"}  # fmt: skip
    assert terms["env"] == plain | {"EDUSTATS_WARM_SOCKET": "8"}
    terms = make_worker(monkeypatch, Process())[1]
    assert (terms["pass_fds"], terms["env"]) == ([], plain)
    assert make_worker(monkeypatch, Process(), lock=0)[1]["pass_fds"] == [0]
    monkeypatch.setattr(crew.sys, "platform", "win32")
    monkeypatch.setattr(crew.subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    assert crew._choose_process_options([4]) == {"creationflags": 512}


def test_a_group_of_processes_is_struck_dead_or_where_there_is_none_asked_to_end(monkeypatch):
    struck = []
    monkeypatch.setattr(os, "killpg", lambda *told: struck.append(("group", *told)), raising=False)
    monkeypatch.setattr(os, "kill", lambda *told: struck.append(("one", *told)))
    monkeypatch.setattr(signal, "SIGKILL", 9, raising=False)
    crew._kill_process_group(5)
    monkeypatch.delattr(os, "killpg")
    crew._kill_process_group(6)
    assert struck == [("group", 5, 9), ("one", 6, signal.SIGTERM)]


def test_a_feeder_gives_the_next_county_a_new_worker_after_a_death(monkeypatch):
    order, made = _make_order(), []

    class Fake:
        def __init__(self, lang, lock, lender):
            made.append((lang, lock, lender))
            self.done = []

        def request_results(self, order):
            return None if len(made) == 1 else order.results(state="ok")

        def describe_death(self, lang):
            return f"died in {lang}", "SIGBUS"

        dismiss = release = kill = lambda self: self.done.append(1)

    monkeypatch.setattr(crew, "Worker", Fake)
    feeder = crew.WorkerFeeder(lambda _: None, "en", 6)
    feeder.lender = "lender"
    for leave in (feeder.dismiss, feeder.release, feeder.kill):
        leave()  # before it has a worker
    first = feeder.serve(order)
    assert [(one.notebook, one.state, one.reason, one.signal) for one in first] == [
        ("a", "killed", "died in en", "SIGBUS"), ("b", "killed", "died in en", "SIGBUS"),
    ]  # fmt: skip
    assert all(one.started for one in first) and feeder._worker is None
    assert [one.state for one in feeder.serve(order)] == ["ok", "ok"]
    feeder.serve(order)
    assert made == [("en", 6, "lender")] * 2
    held = feeder._worker
    feeder.release()
    feeder.kill()
    feeder.run()
    assert len(held.done) == 3 and feeder._worker is None


class Feeder:
    """A feeder that answers in this thread."""

    made: ClassVar[list] = []

    def __init__(self, work, lang, lock):
        self.work, self.facts, self.lender, self.done = work, (lang, lock), "none", []
        Feeder.made.append(self)

    def serve(self, order):
        if order.county == "09":
            raise OSError("full")
        return order.results(state="ok")

    def start(self):
        self.done.append("start")

    def release(self):
        self.done.append("release")

    def join(self, seconds=None):
        self.done.append(("join", seconds))

    def kill(self):
        self.done.append("kill")


@pytest.mark.parametrize(
    ("warm", "lends", "size", "lenders", "lent"),
    [
        (True, True, 9, 2, [1, 1, 1, 1, 2, 2]), (True, True, 4, 1, [1, 1, 1, 1]), (False, True, 9, 0, [None] * 6),
        (True, False, 9, 0, [None] * 6), (True, True, 5, 2, [1, 1, 1, 1, 2]),
    ],
)  # fmt: skip
def test_four_workers_share_what_is_warm(warm, lends, size, lenders, lent, monkeypatch):
    started, closed = [], []

    def start(env):
        if lends:
            started.append(SimpleNamespace(number=len(started) + 1, close=lambda: closed.append(1), env=env))
            return started[-1]
        return None

    monkeypatch.setattr(Feeder, "made", [])
    monkeypatch.setattr(crew, "WorkerFeeder", Feeder)
    monkeypatch.setattr(crew, "start_lender", start)
    orders = [_make_order() for _ in range(5)] + [_make_order(warm=warm)]
    with crew.WorkerCrew(orders, size, "zh", 3) as made:
        assert [one.lender and one.lender.number for one in Feeder.made] == lent
        assert {one.facts for one in Feeder.made} == {("zh", 3)}
        made._process_orders(feeder := Feeder.made[0]) if not made._orders.put(None) else None
        assert [len(made.next()[1]) for _ in orders] == [2] * 6
    assert (len(started), len(closed)) == (lenders, lenders)
    assert {one.env["EDUSTATS_LANG"] for one in started} <= {"zh"}
    assert feeder.done == ["start", "release", ("join", 3), "kill", ("join", None)]


def test_an_error_of_a_feeder_is_raised_to_who_waits_and_a_stopped_crew_begins_nothing(monkeypatch):
    monkeypatch.setattr(crew, "WorkerFeeder", Feeder)
    order = _make_order()
    made = crew.WorkerCrew([order], 1, "zh")
    made._orders.get()
    made.put(SimpleNamespace(county="09"))
    made._process_orders(Feeder.made[-1])
    with pytest.raises(OSError, match="full"):
        made.next()
    made._stopping.set()
    made.put(order)
    made._process_orders(Feeder.made[-1])
    with pytest.raises(queue.Empty):
        made._answers.get_nowait()


# --- worker ---


def test_what_a_worker_cannot_do_is_the_failure_of_its_county(monkeypatch):
    allowed = []
    monkeypatch.setattr(worker, "HOUSE", SimpleNamespace(allow_forking=allowed.append, subject=None))
    monkeypatch.setattr(worker, "make_county_reports", lambda order, tell: 1 / 0)
    found = worker._process_order(_make_order(warm=True), print)
    assert [(one.state, one.reason) for one in found] == [
        ("failed", "ZeroDivisionError: division by zero")
    ] * 2
    assert all(one.started for one in found)
    assert (allowed, worker.HOUSE.subject) == ([True], {"county": "01", "first_year": 2020})


def test_orders_are_read_a_line_each_and_the_process_ends_with_its_input(monkeypatch):
    done = []
    monkeypatch.setattr(worker, "kill_all_kernels", lambda: done.append("kernels"))
    monkeypatch.setattr(worker, "HOUSE", SimpleNamespace(close=lambda: done.append("house")))
    monkeypatch.setattr(worker.os, "_exit", lambda code: done.append(code))
    orders = queue.SimpleQueue()
    lines = [json.dumps(asdict(_make_order(attempt=k))).encode() for k in (1, 2)]
    worker._read_orders(lines, orders)
    assert ([orders.get_nowait().attempt for _ in lines], done) == ([1, 2], ["kernels", "house", 0])


def test_a_notebook_is_run_with_the_terms_of_its_order(monkeypatch, tmp_path):
    import papermill

    asked, told = [], []
    order = _make_order(kernel="own", memory_mb=70)

    def execute(*words, keep, on_kernel, **terms):
        asked.append((words, terms))
        on_kernel(5, Path("s"))
        on_kernel(None, None)
        book = make_book("1")
        book.metadata.papermill = {"status": "completed", "peak_mb": 41.27}
        keep(book)
        raise NotebookKeptError

    monkeypatch.setattr(papermill, "execute_notebook", execute)
    monkeypatch.setattr(worker, "_clean_notebook", lambda book, *facts: told.append(facts))
    found = worker._run_notebook(order, "x/10_a.ipynb", "a", {"p": 1}, {"code": "1"}, told.append)
    assert (found.state, found.notebook, found.peak_mb, found.reason) == ("ok", "a", 41.3, "")
    assert found.seconds == round(found.seconds, 3) >= 0
    assert told == [
        {"doing": "a"}, {"kernel": 5, "sockets": "s"}, {"kernel": None, "sockets": ""},
        ("10_a.ipynb", order.staging / "a.ipynb", "ok", "zh"),
    ]  # fmt: skip
    assert asked == [
        (("x/10_a.ipynb", None, {"p": 1}),
         {"engine_name": "edustats", "kernel_name": "own", "progress_bar": False, "deadline": 60, "memory_mb": 70})
    ]  # fmt: skip
    monkeypatch.setattr(papermill, "execute_notebook", lambda *_, **__: 1 / 0)
    found = worker._run_notebook(order, "10_a.ipynb", "a", {}, {}, told.append)
    assert (found.state, found.reason) == ("failed", "ZeroDivisionError: division by zero")


def test_pandas_alone_is_hidden_from_arrow():
    finder = worker._WithoutPandas()
    assert finder.find_spec("numpy") is None
    with pytest.raises(ModuleNotFoundError):
        finder.find_spec("pandas")


@pytest.fixture
def publishers(monkeypatch):
    """Publishers that note what they were asked; of a name in ``broken`` they make nothing."""
    asked, broken = [], set()

    class Publisher:
        def __init__(self, name):
            self.name = name.rpartition(".")[2]

        def __getattr__(self, verb):
            def publish(*words, **terms):
                asked.append((verb, words, terms))
                if verb in broken:
                    raise ValueError(verb)
                return SimpleNamespace(places=lambda: f"{verb} {words[1:]}")

            return publish

    monkeypatch.setattr(worker, "import_module", Publisher)
    return SimpleNamespace(asked=asked, broken=broken, verbs=lambda: [verb for verb, *_ in asked])


def test_a_brief_has_its_template_and_with_full_detail_an_annex(publishers):
    order = _make_order(template="own.docx")
    assert worker._publish_brief(order, ["x"], "found") == ""
    assert publishers.verbs() == ["write_brief", "write_pdf"]
    _, (executed, target), terms = publishers.asked[0]
    assert (executed, target.name, terms) == (
        ["x"], "简报.docx", {"title": "甲县", "lang": "zh", "template": Path("own.docx"), "found": "found"}
    )  # fmt: skip
    publishers.asked.clear()
    assert worker._publish_brief(_make_order(detail="full"), ["x"], "found") == ""
    assert publishers.verbs() == ["write_brief", "write_pdf", "write_annex"]
    assert publishers.asked[0][2]["template"] is None
    assert publishers.asked[2][1][1] != publishers.asked[0][1][1]
    publishers.broken.add("write_pdf")
    assert worker._publish_brief(order, ["x"], "found") == "Word 简报未能生成：ValueError: write_pdf"


def test_a_workbook_is_made_of_what_ran_and_the_table_of_numbers_always(publishers):
    order = _make_order()
    assert worker._publish_workbook(order, [], "found", "labels") == ""
    assert publishers.verbs() == ["write_county_numbers"]
    assert publishers.asked[0][1:] == (
        (order.values,), {"county": "01", "name": "甲县", "folder": "01-甲", "found": "found", "labels": "labels"}
    )  # fmt: skip
    assert worker._publish_workbook(order, ["x"], "found", "labels") == ""
    assert publishers.verbs()[1:] == ["write_data_workbook", "write_county_numbers"]
    publishers.broken |= {"write_county_numbers", "write_correction_list", "list_labelled_sources"}
    assert "ValueError: write_county_numbers" in worker._publish_workbook(order, [], "found", "labels")
    assert "ValueError: write_correction_list" in worker._publish_correction_list(order)
    found, labels, reason = worker._list_numbers(order, [])
    assert (found, labels) == (None, ()) and "ValueError: list_labelled_sources" in reason


def test_a_page_has_sources_of_its_own_where_its_notebook_did_not_end_well(publishers, tmp_path):

    order = replace(_make_order(), edition=str(tmp_path))
    done, failed = order.results(state="ok")[0], order.results(state="failed", reason="先")[1]
    assert worker._publish_page(order, done, "found") is done  # nothing was left to make a page of
    assert publishers.asked == []
    order.staging.mkdir(parents=True)
    for stem in order.stems:
        (order.staging / f"{stem}.ipynb").write_text("{}")
    assert worker._publish_page(order, done, "found") is done
    assert publishers.verbs() == ["select_sources", "write_html_page", "embed_sources"]
    assert publishers.asked[1][1][1:] == (
        order.staging / "a.html",
        "zh",
        ["a", "b"],
        "甲县",
        "select_sources ('a',)",
    )
    for result, found in ((failed, "found"), (done, None)):
        publishers.asked.clear()
        assert worker._publish_page(order, result, found) is result
        assert publishers.verbs()[0] == "list_sources" and len(publishers.asked) == 4
    publishers.broken.add("write_html_page")
    assert worker._publish_page(order, done, "f").reason == "网页未能生成：ValueError: write_html_page"
    assert worker._publish_page(order, failed, "f").reason == "先"


def test_kept_pages_are_made_again_only_where_their_sources_have_other_numbers(
    publishers, monkeypatch, tmp_path
):
    order, written = _make_order(), []
    monkeypatch.setattr(worker, "_write_page", lambda order, path, found: written.append(path.stem))
    here = [tmp_path / f"{stem}.ipynb" for stem in ("old", "same", "none", "bare")]
    for stem in ("old", "same", "bare"):
        (tmp_path / f"{stem}.html").write_text("")
    places = {"old": "1", "same": "select_sources ('same',)"}
    held = {stem: SimpleNamespace(places=lambda told=told: told) for stem, told in places.items()}
    real = worker.import_module

    def modules(name):
        module = real(name)
        if name.endswith("embedded"):
            return SimpleNamespace(read_embedded_sources=lambda page: held.get(page.stem))
        return module

    monkeypatch.setattr(worker, "import_module", modules)
    assert worker._renew_kept_pages(order, [order.staging / "a.ipynb", *here], "found") == ""
    assert written == ["old", "bare"]
    monkeypatch.setattr(worker, "_write_page", lambda *_: 1 / 0)
    assert worker._renew_kept_pages(order, here, "f") == "网页未能生成：ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    ("executed", "found", "called"),
    [(["x"], "found", "pages brief workbook list files"), ([], "found", "workbook list files"),
     (["x"], None, "list files")],
)  # fmt: skip
def test_what_is_published_depends_on_what_ran_and_whether_its_numbers_are_known(
    executed, found, called, monkeypatch, tmp_path
):

    order = replace(_make_order(), edition=str(tmp_path / "e"), live=str(tmp_path / "l"))
    done, told = [], []
    monkeypatch.setattr(
        worker,
        "_run_notebook",
        lambda order, path, stem, given, inputs, tell: order.result(stem, inputs, state="ok"),
    )
    monkeypatch.setattr(worker, "_list_executed", lambda *_: executed)
    monkeypatch.setattr(worker, "_list_numbers", lambda *_: (found, (), "" if found else "没有编号"))
    monkeypatch.setattr(worker, "_publish_page", lambda order, result, found: result)
    for name, word in (("renew_kept_pages", "pages"), ("publish_brief", "brief"), ("publish_workbook", "workbook"),
                       ("publish_correction_list", "list"), ("publish_files", "files")):  # fmt: skip
        monkeypatch.setattr(worker, f"_{name}", lambda *_, word=word: done.append(word) or "")
    results = worker.make_county_reports(order, told.append)
    assert (" ".join(done), told) == (called, [{"doing": "01-甲"}])
    assert {(one.state, one.reason) for one in results} == {("ok", "") if found else ("failed", "没有编号")}
    monkeypatch.setattr(worker, "_publish_files", lambda *_: "满了")
    assert {one.reason for one in worker.make_county_reports(order, told.append)} == {
        "满了" if found else "没有编号"
    }


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            PermissionError(13, "no", "x/a.html"),
            "a.html 不能写入，可能正被 Word 等程序打开；请关闭后重新运行",
        ),
        (
            PermissionError(13, "no", "x/a.html", None, "y/b.html"),
            "b.html 不能写入，可能正被 Word 等程序打开；请关闭后重新运行",
        ),
        (OSError("full"), "文件未能写入：OSError: full"),
    ],
)
def test_a_file_that_cannot_be_put_in_place_is_named(error, told, monkeypatch):
    def fail(_):
        raise error

    monkeypatch.setattr(worker, "_move_staged_files", fail)
    assert worker._publish_files(_make_order()) == told


def test_a_result_of_which_a_machine_is_told_is_the_orders():
    result = _make_order(attempt=2).result("b", {"x": "1"}, state="ok")
    assert isinstance(result, ReportResult)
    assert (result.county, result.folder, result.attempt, result.scope) == ("01", "01-甲", 2, "county")


# --- a cluster, seen from the runner ---


@pytest.fixture
def cluster(monkeypatch):
    """A crew on a cluster whose client is a record."""
    pytest.importorskip("distributed")
    from edustats.report.run import cluster as module

    class Client:
        made: ClassVar[list] = []

        def __init__(self, address, **terms):
            self.address, self.terms, self.status, self.done = address, terms, "running", []
            Client.made.append(self)

        def submit(self, work, order, lang, **terms):
            self.done.append(("submit", order.county, lang, terms))
            return Future(order)

        def run(self, work):
            self.done.append(work.__name__)

        def close(self, timeout):
            self.done.append(("close", timeout))

    class Future:
        def __init__(self, order):
            self.order, self.status, self.error, self.told = order, "finished", None, []

        def add_done_callback(self, tell):
            self.tell = lambda: tell(self)

        def result(self):
            return self.order.results(state="ok")

        def exception(self):
            return self.error

        def cancel(self):
            self.told.append("cancelled")

    monkeypatch.setattr(module, "Client", Client)
    return module


def test_a_cluster_gives_each_county_back_and_lets_its_workers_go(cluster):
    order = _make_order()
    logger = cluster.logging.getLogger("distributed")
    before = logger.level
    with cluster.ClusterCrew([order], "tcp://a:1", "zh") as crew_:
        client = crew_._client
        assert (client.address, client.terms) == ("tcp://a:1", {"timeout": 30, "set_as_default": False})
        assert logger.level == cluster.logging.CRITICAL + 1
        assert client.done == [("submit", "01", "zh", {"pure": False, "retries": 0})]
        (future,) = crew_._pending
        future.tell()
        asked, found = crew_.next()
        assert asked is order and [one.state for one in found] == ["ok", "ok"] and crew_._pending == {}
        crew_.put(order)
        (left,) = crew_._pending
    assert left.told == ["cancelled"] and client.done[2:] == ["dismiss_workers", ("close", 5)]
    assert logger.level == before


def test_a_lost_machine_is_told_in_its_first_line_and_a_lost_scheduler_with_what_is_left(cluster):
    order = _make_order()
    with cluster.ClusterCrew([order, order], "tcp://a:1", "zh") as crew_:
        first, second = crew_._pending
        first.status, first.error = "error", OSError("lost\nmore" + "x" * 400)
        found = cluster._collect_results(first, order, "zh")
        assert {(one.state, one.signal) for one in found} == {("killed", "SIGKILL")}
        assert {one.reason for one in found} == {"集群中的机器中途失去（lost），本县本次未发布任何文件"}
        first.error = OSError("x" * 400)
        assert f"（{'x' * 300}）" in cluster._collect_results(first, order, "zh")[0].reason
        second.status = "cancelled"
        assert "（cancelled）" in cluster._collect_results(second, order, "zh")[0].reason
        crew_._client.status = "closed"
        for tell in (False, True):
            if tell:
                first.tell()
            with pytest.raises(DataError) as error:
                crew_.next()
            assert error.value.address == "report.lost_scheduler" and error.value.facts["left"] == 2
    assert "dismiss_workers" not in crew_._client.done and crew_._client.done[-1] == ("close", 5)


def test_a_scheduler_that_cannot_be_reached_is_named_without_its_secrets(cluster, monkeypatch):
    def refuse(text):
        def client(*_, **__):
            raise OSError(text)

        monkeypatch.setattr(cluster, "Client", client)
        with pytest.raises(DataError) as error:
            cluster.ClusterCrew([], "tls://me:secret@a:1", "zh").__enter__()
        return error.value.facts

    facts = refuse("no route to tls://me:secret@a:1" + "y" * 300)
    assert "secret" not in str(facts) and "a:1" in facts["where"] and len(facts["found"]) == 200
    assert refuse("")["found"] == "OSError"


def test_on_a_machine_each_thread_has_one_worker_until_they_are_dismissed(cluster, monkeypatch):
    made = []

    class OneFeeder:
        def __init__(self, work, lang):
            made.append(lang)

        def serve(self, order):
            return order.results(state="ok")

        def dismiss(self):
            made.append("dismissed")

    monkeypatch.setattr(cluster, "WorkerFeeder", OneFeeder)
    monkeypatch.setattr(cluster, "_feeders", {})
    for _ in range(2):
        assert len(cluster.process_order(_make_order(), "en")) == 2
    assert len(cluster._feeders) == 1
    cluster.dismiss_workers()
    assert made[-1] == "dismissed" and cluster._feeders == {}


# --- files, folders, progress ---


def test_the_results_of_a_run_are_named_by_area_and_scope(tmp_path):
    from edustats.report.run import runner

    order = _make_order()
    ok = order.results(state="ok")[0]
    told = [
        ok,
        order.results(state="failed")[1],
        replace(ok, county="02", scope="prefecture", state="killed"),
    ]
    made = runner.RunSummary(results=tuple(told), seconds=1, edition=tmp_path)
    assert (made.counties, made.wrong_counties, made.prefectures, made.wrong_prefectures) == (
        ("01",),
        ("01",),
        ("02",),
        ("02",),
    )
    assert (
        made.exit_code,
        replace(made, results=(ok,)).exit_code,
        replace(made, results=(ok,), stopped="x").exit_code,
    ) == (1, 0, 1)


@pytest.mark.parametrize(
    ("results", "live", "kept"),
    [
        ((), True, False),
        (("failed",), False, False),
        (("failed", "killed"), True, True),
        (("failed", "ok"), True, False),
    ],
)
def test_a_run_of_which_nothing_ended_well_keeps_what_readers_see(results, live, kept, tmp_path):
    from edustats.report.run import runner

    order = _make_order()
    found = [replace(order.results(state=state)[0], reason="坏") for state in results]
    edition = SimpleNamespace(live=tmp_path if live else tmp_path / "none")
    said = runner._keep_shown_set(edition, found, "zh")
    assert said == ("本次 2 份报告全部出错，没有更新，已发布的报告没有变动：坏" if kept else "")


def test_a_report_is_complete_with_both_of_its_files_and_something_in_them(tmp_path):
    from edustats.report.run import runner

    result = _make_order().results(state="ok")[0]
    folder = tmp_path / result.folder
    folder.mkdir()
    assert not runner._is_complete(tmp_path, result)
    (folder / "a.ipynb").write_text("x")
    (folder / "a.html").write_text("")
    assert not runner._is_complete(tmp_path, result)
    (folder / "a.html").write_text("x")
    assert runner._is_complete(tmp_path, result)


def test_a_folder_of_sockets_is_private_and_none_where_its_path_is_too_long(monkeypatch, tmp_path):
    from edustats.report.run import sockets

    monkeypatch.setattr(sockets.os, "name", "nt")
    assert sockets.make_socket_folder() is None
    monkeypatch.undo()
    if os.name != "posix":
        return
    monkeypatch.setattr(sockets, "remove_abandoned_folders", lambda: None)
    for length, fits in ((sockets.LONGEST, True), (sockets.LONGEST + 1, False)):
        folder = tmp_path / f"{length}"
        folder.mkdir()
        path = (
            folder / ("x" * (length - len(os.fsencode(folder)) - 1))
            if length - len(os.fsencode(folder)) > 1
            else None
        )
        if path is None:
            continue
        path.mkdir()
        monkeypatch.setattr(sockets.tempfile, "mkdtemp", lambda prefix, path=path: str(path))
        assert (sockets.make_socket_folder() is not None) is fits
        assert path.exists() is fits


def test_a_process_is_alive_unless_there_is_none_of_its_number(monkeypatch):
    from edustats.report.run import sockets

    def answer(error):
        def kill(pid, number):
            assert number == 0
            if error:
                raise error

        monkeypatch.setattr(sockets.os, "kill", kill)
        return sockets._is_alive(5)

    assert [answer(error) for error in (None, ProcessLookupError(), PermissionError())] == [True, False, True]


def test_words_of_any_letters_are_sent_and_what_a_notebook_prints_goes_elsewhere(monkeypatch):
    sent, moved = io.BytesIO(), []
    monkeypatch.setattr(worker.os, "dup", lambda number: number + 40)
    monkeypatch.setattr(worker.os, "dup2", lambda *told: moved.append(told))
    monkeypatch.setattr(
        worker.os, "fdopen", lambda number, mode: sent if (number, mode) == (41, "wb") else None
    )
    worker._reserve_output()({"doing": "甲\udc80"})
    assert moved == [(2, 1)]
    assert json.loads(sent.getvalue().decode()) == {"doing": "甲?"} and sent.getvalue().endswith(b"\n")


def test_what_this_process_may_use_is_counted_where_the_system_tells(monkeypatch):
    from edustats.report.run import runner

    monkeypatch.setattr(
        runner.os, "sched_getaffinity", lambda pid: {3, 5} if pid == 0 else set(), raising=False
    )
    assert runner.count_cores() == 2
    monkeypatch.delattr(runner.os, "sched_getaffinity")
    monkeypatch.setattr(runner.os, "cpu_count", lambda: 4)
    assert runner.count_cores() == 4
    monkeypatch.setattr(runner.os, "cpu_count", lambda: None)
    assert runner.count_cores() == 1


@pytest.mark.parametrize(("forked", "workers"), [(True, [2, 3, 4, 6, 11, 86]), (False, [1, 2, 3, 4, 8, 64])])
def test_there_are_a_third_more_workers_than_cores_where_kernels_are_forked(forked, workers):
    from edustats.report.run import runner

    assert [runner.choose_worker_count(cores, forked=forked) for cores in (1, 2, 3, 4, 8, 64)] == workers


@pytest.mark.parametrize(
    ("asked", "warm", "forks", "made"),
    [(None, True, True, 3), (None, False, True, 2), (None, True, False, 2), (5, True, True, 5)],
)
def test_a_crew_is_as_large_as_asked_or_as_suits_its_kernels(asked, warm, forks, made, monkeypatch):
    from edustats.report.run import runner

    monkeypatch.setattr(runner, "can_fork", lambda: forks)
    monkeypatch.setattr(runner, "count_cores", lambda: 2)
    monkeypatch.setattr(runner, "WorkerCrew", lambda orders, size, lang, lock: (size, lang, lock))
    terms = runner.RunSettings(workers=asked, warm=warm, lang="zh")
    assert runner._create_crew([], terms, 7) == (made, "zh", 7)


def test_what_earlier_runs_published_is_removed_and_what_is_not_ours_stays(tmp_path):
    order = replace(
        _make_order(), edition=str(tmp_path / "e"), live=str(tmp_path / "l"), living=["a", "b", "kept"]
    )
    published = {"l": ["old.docx", "kept.html"], "e": ["new.docx"]}
    order.target.mkdir(parents=True)
    for name in ("old.docx", "new.docx", "kept.html", "own.txt"):
        (order.target / name).write_text("")
    for root, names in published.items():
        record = tmp_path / root / ".published" / "01-甲.json"
        record.parent.mkdir(parents=True)
        record.write_text(json.dumps(names), "utf-8")
    (tmp_path / "e" / ".published" / "01-甲.json").unlink()
    order.staging.parent.mkdir(parents=True)
    order.values.write_text("v")
    worker._remove_earlier_files(order, {"a.html"})  # the new set has no record yet: the old one's is asked
    assert sorted(path.name for path in order.target.iterdir()) == ["kept.html", "new.docx", "own.txt"]
    record = tmp_path / "e" / ".published" / "01-甲.json"
    assert json.loads(record.read_text("utf-8")) == ["a.html", "kept.html"]
    assert (record.parent / order.values.name).read_text() == "v" and not order.values.exists()
    record.write_text('["new.docx"]', "utf-8")
    worker._remove_earlier_files(order, set())
    assert sorted(path.name for path in order.target.iterdir()) == ["kept.html", "own.txt"]


def test_texts_of_a_notebook_are_kept_in_lines_and_lists_as_they_are():
    from edustats.report.run.output import _split_lines

    assert (_split_lines("a\nb"), _split_lines(["a", "b"])) == (["a\n", "b"], ["a", "b"])
