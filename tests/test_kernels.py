"""Is a forked kernel the kernel an interpreter would have been, alone, and gone when it should be?"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import papermill
import pytest
from test_engine import outputs, run
from test_notebooks import REPORTS

from edustats.report.run import forking, kernels
from edustats.report.run.kernels import HOUSE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
CLOCK = re.compile(r"(Date|Time):\s+\S.*")
PARENT = "import os; print(open(f'/proc/{os.getppid()}/cmdline').read())"
ENGINE: dict[str, Any] = {"engine_name": "edustats", "deadline": 60}


@pytest.fixture(scope="module")
def house() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            patch.setenv(name, "1")
        HOUSE.allow_forking(True)
        yield
        HOUSE.allow_forking(False)


@pytest.fixture
def warm(house: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HOUSE, "_left", kernels.RESTARTS)
    HOUSE.allow_forking(True)


def printed(book: Any) -> str:
    """What the last cell printed."""
    return "".join(output.text for output in outputs(book)[-1] if output.output_type == "stream")


def masked(book: Any) -> str:
    """Every output of a notebook as text, without the lines that tell the time."""
    return CLOCK.sub(r"\1: -", json.dumps(outputs(book), ensure_ascii=False, sort_keys=True))


def both(tmp_path: Path, *cells: str) -> tuple[Any, Any]:
    """The same cells in a forked and in an ordinary kernel."""
    HOUSE.allow_forking(True)
    forked, raised = run(tmp_path, *cells, **ENGINE)
    assert raised is None
    HOUSE.wanted = False
    stock, _ = run(tmp_path, *cells, **ENGINE)
    HOUSE.allow_forking(True)
    return forked, stock


@pytest.mark.slow
@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("code", ["01", "82"])
def test_every_output_of_every_report_is_what_a_stock_run_gives(
    warm: None, path: Path, code: str, michigan: Path, tmp_path: Path
) -> None:
    given = {"county": code, "store": str(michigan), "lang": "zh"}
    target = tmp_path / "out.ipynb"
    ours = papermill.execute_notebook(path, target, given, progress_bar=False, **ENGINE)
    stock = papermill.execute_notebook(path, target, given, progress_bar=False)
    assert masked(ours) == masked(stock)
    shown = masked(ours)
    assert ('"image/png":' in shown) == ("figure+json" in shown)
    assert '"image/png":' in shown or code == "01" or path.stem not in ("10_county_trend", "20_county_equity")


@pytest.mark.slow
def test_a_plot_of_a_researchers_own_keeps_its_picture(warm: None, tmp_path: Path) -> None:
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('x')"
    forked, stock = both(tmp_path, plot, "plt.figure(); plt.hist([1, 1, 2]); plt.show()")
    assert masked(forked) == masked(stock)
    assert masked(forked).count("image/png") == 2


SURROUNDINGS = """
import json, os, sys, signal, threading, locale, matplotlib, logging
handlers = {str(n): str(signal.getsignal(n)) for n in (2, 15, 17)}
env = {k: v for k, v in os.environ.items() if k != "JPY_SESSION_NAME"}
json.dumps([sys.path, os.getcwd(), sys.argv[0], sys.argv[1:2], env, sys.flags, handlers, os.umask(18),
    sorted(t.name.split("-")[0] + type(t).__name__ for t in threading.enumerate()), str(sys.stdin), __name__,
    matplotlib.get_backend(), locale.getlocale(), sys.executable, logging.root.handlers,
    matplotlib.rcParams["figure.dpi"], sorted(globals())], default=str)"""


@pytest.mark.slow
def test_a_forked_kernel_has_the_surroundings_of_an_ordinary_one(warm: None, tmp_path: Path) -> None:
    forked, stock = both(tmp_path, SURROUNDINGS)
    ours, theirs = (re.sub(r"edu-\w+|ipykernel_\d+|JPY_PARENT_PID\W+\d+|<\S+ object at \S+|Thread-\d+", "-",
                           outputs(book)[-1][0].data["text/plain"]) for book in (forked, stock))  # fmt: skip
    assert set(ours.split(", ")) ^ set(theirs.split(", ")) == set()
    assert ours == theirs


@pytest.mark.slow
def test_two_kernels_share_neither_random_numbers_nor_state(warm: None, tmp_path: Path) -> None:
    numbers = "random.random(), numpy.random.rand(), hasattr(builtins, 'left')"
    code = f"import random, numpy, builtins; print({numbers})"
    first, _ = run(tmp_path, code + "; builtins.left = 1", **ENGINE)
    second, _ = run(tmp_path, code, **ENGINE)
    (a, b, _), (c, d, left) = printed(first).split(), printed(second).split()
    assert len({a, b, c, d}) == 4
    assert left == "False"


@pytest.mark.slow
def test_memory_beyond_the_limit_is_an_error_of_the_cell(warm: None, tmp_path: Path) -> None:
    for wanted in (True, False):
        HOUSE.wanted = wanted
        book, _ = run(tmp_path, "x = bytearray(800_000_000)", "1", **ENGINE, memory_mb=500)
        record = book.metadata.papermill
        assert (record.status, record.cell, record.reason) == ("failed", 3, "MemoryError:")


@pytest.mark.slow
def test_a_kernel_is_offered_up_before_its_owner(warm: None, tmp_path: Path) -> None:
    book, _ = run(tmp_path, "print(open('/proc/self/oom_score_adj').read())", **ENGINE)
    assert int(printed(book)) == kernels.SACRIFICE


@pytest.mark.slow
def test_a_killed_warm_process_costs_its_kernel_and_is_started_again(warm: None, tmp_path: Path) -> None:
    code = "import os, time; os.kill(os.getppid(), 9); time.sleep(30)"
    book, _ = run(tmp_path, code, **ENGINE)
    assert book.metadata.papermill.status == "killed"
    again, _ = run(tmp_path, PARENT, **ENGINE)
    assert "warm_process" in printed(again)


@pytest.mark.slow
def test_a_preload_that_fails_means_ordinary_kernels(
    warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    HOUSE.allow_forking(False)
    HOUSE.allow_forking(True)
    monkeypatch.setattr(forking, "PRELOAD", ["no_such_module"])
    book, raised = run(tmp_path, PARENT, **ENGINE)
    assert raised is None
    assert "warm_process" not in printed(book)


@pytest.mark.slow
def test_a_thread_before_the_fork_means_ordinary_kernels(
    warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    HOUSE.allow_forking(False)
    HOUSE.allow_forking(True)
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=[60], daemon=True).start()"
    (tmp_path / "threaded.py").write_text(code, "utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setattr(forking, "PRELOAD", ["threaded"])
    book, _ = run(tmp_path, PARENT, **ENGINE)
    assert "warm_process" not in printed(book)


@pytest.mark.slow
def test_other_variables_that_libraries_read_mean_an_ordinary_kernel(
    warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, "1", **ENGINE)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    book, _ = run(tmp_path, PARENT, **ENGINE)
    assert "warm_process" not in printed(book)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["os._exit(3)", "os.kill(os.getpid(), 9)", "raise SystemExit(4)"])
def test_the_end_of_a_forked_kernel_is_told_as_that_of_an_ordinary_one(
    warm: None, tmp_path: Path, code: str
) -> None:
    told = []
    for wanted in (True, False):
        HOUSE.wanted = wanted
        record = run(tmp_path, f"import os; {code}", "2", **ENGINE)[0].metadata.papermill
        # how much memory it had used is known only if somebody looked in time
        reason = record.reason.split(", most often")[0]
        told.append([record.status, record.cell, reason, record.signal])
    assert told[0] == told[1]


OWNER = """
import sys, papermill
from edustats.report.run.kernels import HOUSE
HOUSE.allow_forking(True)
papermill.execute_notebook(sys.argv[1], sys.argv[2], engine_name="edustats", progress_bar=False)
"""


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["owner", "warm process"])
def test_a_kernel_does_not_outlive_its_owner_or_the_warm_process(tmp_path: Path, victim: str) -> None:
    from test_engine import toy

    note = tmp_path / "pids"
    pids = f"open({str(note)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}')"
    code = f"import os, time; {pids}; time.sleep(60)"
    words = [toy(tmp_path / "a.ipynb", code), tmp_path / "b.ipynb"]
    owner = subprocess.Popen([sys.executable, "-c", OWNER, *map(str, words)], stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 40
    while not (note.exists() and note.read_text()) and time.monotonic() < limit:
        time.sleep(0.1)
    kernel, warm = map(int, note.read_text().split())
    os.kill(owner.pid if victim == "owner" else warm, signal.SIGKILL)
    limit = time.monotonic() + 5
    while (alive(kernel) or alive(warm)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not alive(kernel)
    assert not alive(warm)
    owner.kill()
    owner.wait()


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_provisioner_is_declared_where_jupyter_looks_for_it() -> None:
    import tomllib

    declared = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
    points = declared["project"]["entry-points"]["jupyter_client.kernel_provisioners"]
    assert points == {forking.NAME: "edustats.report.run.kernels:WarmProvisioner"}
