"""Does the notebook that a run leaves tell the truth about the run?"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError
from papermill.iorw import papermill_io

import edustats.report.run.engine  # noqa: F401 - papermill knows the engine then, even where nothing is installed

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
CELL = 'county: str = "82"  # code\nlang: str = "en"  # language'


def toy(path: Path, *cells: str) -> Path:
    """A notebook with a title, a parameters cell and the cells given."""
    parameters = nbformat.v4.new_code_cell(CELL, metadata={"tags": ["parameters"]})
    head = [nbformat.v4.new_markdown_cell("# Toy"), parameters]
    book = nbformat.v4.new_notebook(cells=[*head, *map(nbformat.v4.new_code_cell, cells)], metadata=KERNEL)
    nbformat.write(book, path)
    return path


def run(tmp_path: Path, *cells: str, **options: Any) -> tuple[Any, BaseException | None]:
    """The saved notebook and what papermill raised."""
    source, output = toy(tmp_path / "toy.ipynb", *cells), tmp_path / "done.ipynb"
    options = options or {"engine_name": "edustats", "deadline": 60}
    raised: BaseException | None = None
    try:
        papermill.execute_notebook(source, output, {"county": "01001"}, progress_bar=False, **options)
    except Exception as error:
        raised = error
    return nbformat.read(output, as_version=4), raised


def outputs(book: Any) -> list[Any]:
    """Outputs of every cell, without papermill's markers and the cells' times."""
    return [cell.outputs for cell in book.cells if cell.cell_type == "code"]


def statuses(book: Any) -> list[str]:
    """Status of each cell, without papermill's markers."""
    return [c.metadata.papermill.status for c in book.cells if "papermill" in c.metadata]


def test_a_code_with_a_leading_zero_reaches_the_kernel_as_text(tmp_path: Path) -> None:
    book, raised = run(tmp_path, "print(repr(county))")
    assert raised is None
    assert outputs(book)[-1][0].text == "'01001'\n"
    assert book.metadata.papermill.status == "completed"


@pytest.mark.slow
def test_stock_papermill_runs_the_same_notebook_to_the_same_outputs(tmp_path: Path) -> None:
    cells = ("print(county)", "import sys; print('x', file=sys.stderr)\n1 + 1", "from math import pi; pi")
    ours, _ = run(tmp_path, *cells)
    stock, raised = run(tmp_path, *cells, engine_name=None)
    assert raised is None
    assert outputs(ours) == outputs(stock)
    assert [cell.get("execution_count") for cell in ours.cells] == [
        cell.get("execution_count") for cell in stock.cells
    ]


@pytest.mark.slow
def test_the_engine_is_found_by_its_name_on_papermills_command_line(tmp_path: Path) -> None:
    source, output = toy(tmp_path / "toy.ipynb", "county"), tmp_path / "done.ipynb"
    command = ["papermill", "--engine", "edustats", "--no-progress-bar", str(source), str(output)]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    assert nbformat.read(output, as_version=4).metadata.papermill.status == "completed"


@pytest.mark.parametrize("first", ["papermill", "edustats.report.run.engine"])
def test_the_engine_is_registered_whichever_module_is_imported_first(first: str) -> None:
    code = f"import {first}; import edustats.report.run.engine as ours; from papermill.engines import *; "
    code += "assert papermill_engines.get_engine('edustats') is ours.ReportEngine"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_cell_that_raises_is_named_with_its_exception(tmp_path: Path) -> None:
    book, raised = run(tmp_path, "1", "raise ValueError('no <b>rows</b>')", "2")
    assert isinstance(raised, PapermillExecutionError)
    record = book.metadata.papermill
    assert (record.status, record.reason, record.cell) == ("failed", "ValueError: no <b>rows</b>", 4)
    assert statuses(book)[-2:] == ["failed", "pending"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "word", "signal"),
    [("os._exit(3)", "3", None), ("os.kill(os.getpid(), 9)", "SIGKILL", "SIGKILL")],
)
def test_a_saved_notebook_says_killed_and_not_completed(
    tmp_path: Path, code: str, word: str, signal: str | None
) -> None:
    book, raised = run(tmp_path, "print('before')", f"import os; {code}", "2")
    assert isinstance(raised, PapermillExecutionError)
    record = book.metadata.papermill
    assert (record.status, record.cell, record.signal, record.exception) == ("killed", 4, signal, True)
    assert word in record.reason
    assert statuses(book)[-3:] == ["completed", "killed", "pending"]
    guilty = next(c for c in book.cells if c.metadata.get("papermill", {}).get("status") == "killed")
    assert guilty.outputs[-1].ename == "killed"
    assert word in guilty.outputs[-1].evalue


@pytest.mark.slow
def test_an_endless_loop_is_ended_at_the_notebooks_deadline(tmp_path: Path) -> None:
    book, _ = run(
        tmp_path, "import time; time.sleep(1)", "while True: pass", "2", engine_name="edustats", deadline=3
    )
    record = book.metadata.papermill
    assert (record.status, record.cell) == ("timed_out", 4)
    assert "3" in record.reason
    assert 3 <= record.duration < 12
    assert statuses(book)[-2:] == ["timed_out", "pending"]


@pytest.mark.slow
def test_a_flood_of_output_does_not_outlive_the_deadline(tmp_path: Path) -> None:
    book, _ = run(tmp_path, "while True: print('x' * 100, flush=True)", engine_name="edustats", deadline=3)
    assert book.metadata.papermill.status == "timed_out"


@pytest.mark.slow
def test_a_kernel_that_dies_between_cells_is_killed(tmp_path: Path) -> None:
    code = "import os, threading; threading.Timer(0.3, os._exit, [5]).start()"
    book, raised = run(tmp_path, code, "import time; time.sleep(5)")
    assert book.metadata.papermill.status == "killed"
    assert raised is not None


def test_a_kernel_that_cannot_start_is_recorded(tmp_path: Path) -> None:
    source, output = toy(tmp_path / "toy.ipynb", "1"), tmp_path / "done.ipynb"
    with pytest.raises(Exception, match="no-such-kernel"):
        papermill.execute_notebook(
            source,
            output,
            engine_name="edustats",
            kernel_name="no-such-kernel",
            progress_bar=False,
            language="python",
        )
    record = nbformat.read(output, as_version=4).metadata.papermill
    assert record.status == "failed"
    assert "no-such-kernel" in record.reason


def test_the_file_is_written_once_by_the_engine_and_never_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[str] = []
    monkeypatch.setattr(type(papermill_io), "write", lambda *words, **_: writes.append("papermill"))
    monkeypatch.setattr(
        "edustats.report.run.engine.write_whole",
        lambda path, text: (writes.append("engine"), Path(path).write_text(text, "utf-8")),
    )
    run(tmp_path, "1", "2", "3")
    assert writes == ["engine", "papermill"]


def test_what_an_earlier_run_left_in_the_notebook_is_forgotten(tmp_path: Path) -> None:
    source = toy(tmp_path / "toy.ipynb", "1")
    book = nbformat.read(source, as_version=4)
    book.metadata.papermill = {"status": "killed", "reason": "old", "cell": 3}
    nbformat.write(book, source)
    papermill.execute_notebook(source, tmp_path / "done.ipynb", engine_name="edustats", progress_bar=False)
    record = json.loads((tmp_path / "done.ipynb").read_text("utf-8"))["metadata"]["papermill"]
    assert record["status"] == "completed"
    assert "reason" not in record


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_peak_memory_is_recorded(tmp_path: Path) -> None:
    book, _ = run(tmp_path, "block = bytearray(150_000_000)", "del block")
    assert 150 < book.metadata.papermill.peak_mb < 1000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")
def test_the_kernel_is_reached_through_private_files_that_are_gone_afterwards(tmp_path: Path) -> None:
    seen: list[tuple[int | None, Path | None]] = []
    run(tmp_path, "1", engine_name="edustats", on_kernel=lambda pid, folder: seen.append((pid, folder)))
    (pid, folder), (gone, _) = seen
    assert pid
    assert gone is None
    assert folder
    assert not folder.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that sends itself a signal")
@pytest.mark.parametrize(("ending", "state"), [("kill -9 $$", "killed"), ("exit 1", "failed")])
def test_a_kernel_struck_as_it_starts_was_killed_and_one_that_gives_up_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, state: str
) -> None:
    spec = {"argv": ["sh", "-c", f"sleep 0.3; {ending}"], "display_name": "x", "language": "python"}
    folder = tmp_path / "kernels" / "dying"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    book, raised = run(tmp_path, "1", engine_name="edustats", kernel_name="dying", deadline=60)
    assert raised is not None
    assert book.metadata.papermill.status == state
    assert book.metadata.papermill.signal == ("SIGKILL" if state == "killed" else None)
