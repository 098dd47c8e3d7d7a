"""Does one county's misfortune stay its own, and is it told as it was?"""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import pytest
from test_engine import toy

from edustats.console import StoppedError, hear_signals
from edustats.errors import MissingFileError
from edustats.report.edition import manifest
from edustats.report.edition.manifest import ReportResult
from edustats.report.edition.plan import ReportArea, make_plan
from edustats.report.edition.status import find_editions, read_status
from edustats.report.run import crew, runner
from edustats.report.run.runner import RunListeners, RunSettings

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")
MARK = "EDUSTATS_TEST_MARK"
# A worker whose publishers are simple: a page is a copy, a brief lists what it was made from.
WORKER = """
import os, sys, types
from pathlib import Path

NONE = types.SimpleNamespace(places=dict)

def write_html_page(executed, target, lang, beside=(), area="", places=None):
    if os.environ.get("BAD_PAGE") == executed.stem:
        raise ValueError("no page")
    target.write_text(f"{lang} {executed.read_text('utf-8')}", "utf-8")

def write_brief(executed, target, *, title, lang, template=None, found=None):
    if os.environ.get("BAD_BRIEF"):
        raise ValueError("no brief")
    target.write_text(" ".join([title, *(path.stem for path in executed)]), "utf-8")

def write_data_workbook(executed, target, **facts):
    pass

def list_labelled_sources(executed, lang):
    return NONE, ()

def list_sources(executed, lang):
    return NONE

def select_sources(found, notebook):
    return NONE

def read_embedded_sources(path):
    return NONE

def write_county_numbers(target, **facts):
    pass

def embed_sources(path, found):
    pass

published = {
    "publish.html": [write_html_page], "publish.docx": [write_brief], "publish.xlsx": [write_data_workbook],
    "trace.sources": [list_sources, list_labelled_sources, select_sources],
    "trace.embedded": [embed_sources, read_embedded_sources],
    "trace.values": [write_county_numbers],
}
for name, functions in published.items():
    module = types.ModuleType(name)
    for function in functions:
        setattr(module, function.__name__, function)
    sys.modules[f"edustats.report.{name}"] = module

if os.environ.get("STUCK"):
    import edustats.report.run.worker, time
    edustats.report.run.worker.make_county_reports = lambda order, tell: time.sleep(60)

from edustats.report.run.worker import main
main()
"""
FAULTS = """import os, time
if county == "02": raise ValueError("school <7> twice")
if county == "03": os._exit(3)
if county == "04": os.kill(os.getpid(), 9)
if county == "05": time.sleep(60)
if county == "06": os.kill(os.getppid(), 9); time.sleep(60)
print(repr(county))"""


@pytest.fixture(autouse=True, scope="module")
def simple_publishers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    script = tmp_path_factory.mktemp("worker") / "worker.py"
    script.write_text(WORKER, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crew, "WORKER", (sys.executable, str(script)))
        yield


@dataclass
class Batch:
    """A finished run."""

    summary: runner.RunSummary
    out: Path

    def result(self, county: str, notebook: str = "10_faults") -> ReportResult:
        return next(r for r in self.summary.results if (r.county, r.notebook) == (county, notebook))

    def files(self, folder: str) -> list[str]:
        return files(self.out / folder)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def batch(tmp_path: Path, codes: str, notebooks: dict[str, str], **options: object) -> Batch:
    """Run notebooks of one cell each for counties called after their codes."""
    paths = [toy(tmp_path / f"{name}.ipynb", code) for name, code in notebooks.items()]
    plan = make_plan([ReportArea(code, "县") for code in codes.split()], paths, {}, tmp_path / "out", "2023")
    progress = options.pop("progress", lambda *_: None)
    terms = RunSettings(**{"workers": 2, "lang": "en", "deadline": 60, "warm": False, **options})  # type: ignore[arg-type]
    told = RunListeners(progress=progress)  # type: ignore[arg-type]
    return Batch(runner.run_reports(plan, terms, told=told), plan.target)


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Batch, str]]:
    tmp_path, mark = tmp_path_factory.mktemp("faults"), uuid.uuid4().hex
    notebooks = {"10_faults": FAULTS, "20_calm": "print(county)"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, mark)
        yield batch(tmp_path, "05 01001 02 03 04 06 07", notebooks, deadline=7), mark


def alive(mark: str) -> list[str]:
    """Command lines of the processes that carry a mark, but for this one."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (path / "environ").read_text(errors="replace") and path.name != str(os.getpid()):
                found.append((path / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def gone(mark: str, seconds: float = 6) -> bool:
    """Whether every process with the mark is gone soon."""
    limit = time.monotonic() + seconds
    while alive(mark) and time.monotonic() < limit:
        time.sleep(0.1)
    return not alive(mark)


@pytest.mark.slow
@pytest.mark.parametrize("county", ["01001", "07"])
def test_the_other_counties_are_published_whole(faults: tuple[Batch, str], county: str) -> None:
    run, _ = faults
    assert run.files(f"{county}-县") == [
        "10_faults.html",
        "10_faults.ipynb",
        "20_calm.html",
        "20_calm.ipynb",
        "brief.docx",
    ]
    assert (run.out / f"{county}-县" / "brief.docx").read_text("utf-8") == "县 10_faults 20_calm"
    assert run.result(county).state == "ok"


@pytest.mark.slow
def test_a_code_stays_text_from_the_plan_into_the_kernel(faults: tuple[Batch, str]) -> None:
    book = nbformat.read(faults[0].out / "01001-县" / "10_faults.ipynb", as_version=4)
    assert book.cells[-1].outputs[0].text == "'01001'\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("county", "state", "reason"),
    [
        ("02", "failed", "ValueError: school <7> twice"),
        ("03", "killed", "exit code 3"),
        ("04", "killed", "SIGKILL"),
        ("05", "timed_out", "7 seconds"),
    ],
)
def test_the_manifest_and_the_notebook_say_the_same_of_a_failure(
    faults: tuple[Batch, str], county: str, state: str, reason: str
) -> None:
    run, _ = faults
    result = run.result(county)
    assert (result.state, result.cell) == (state, 3)
    assert reason in result.reason
    book = nbformat.read(run.out / f"{county}-县" / "10_faults.ipynb", as_version=4)
    assert book.metadata.papermill.status == state
    assert reason in book.metadata.papermill.reason
    assert "incomplete" in book.cells[0].source
    assert reason in book.cells[0].source


@pytest.mark.slow
def test_a_failed_notebook_is_published_and_left_out_of_the_brief(faults: tuple[Batch, str]) -> None:
    run, _ = faults
    assert "10_faults.html" in run.files("03-县")
    assert (run.out / "03-县" / "brief.docx").read_text("utf-8") == "县 20_calm"
    assert run.result("03", "20_calm").state == "ok"


@pytest.mark.slow
@LINUX
def test_a_dead_worker_costs_its_own_county_and_publishes_nothing(faults: tuple[Batch, str]) -> None:
    run, _ = faults
    assert not (run.out / "06-县").exists()
    for notebook in ("10_faults", "20_calm"):
        assert run.result("06", notebook).state == "killed"
        assert "SIGKILL" in run.result("06", notebook).reason
        assert "10_faults" in run.result("06", notebook).reason


@pytest.mark.slow
@LINUX
def test_no_process_and_no_staging_is_left_after_a_run(faults: tuple[Batch, str]) -> None:
    run, mark = faults
    assert gone(mark)
    assert not (run.out / ".staging").exists()


@pytest.mark.slow
def test_the_manifest_holds_every_result_and_its_circumstances(faults: tuple[Batch, str]) -> None:
    run, _ = faults
    written = manifest.read_results(run.out)  # the runner does not hold what each was made of
    assert [replace(result, inputs={}) for result in written] == list(run.summary.results)
    assert all(result.inputs for result in written)
    assert len(run.summary.results) == 14
    assert run.summary.exit_code == 1
    assert set(run.summary.wrong_counties) == {"02", "03", "04", "05", "06"}
    found = read_status(run.out)
    counts = [len(group) for group in (found.done, found.failed, found.timed_out, found.killed)]
    assert counts == [8, 1, 1, 4]
    assert not found.interrupted
    record = manifest.read_run_record(run.out)
    assert record["versions"]["papermill"]
    assert record["finished"] >= record["started"]


@pytest.mark.slow
def test_published_notebooks_name_no_folder_of_this_machine(faults: tuple[Batch, str]) -> None:
    run, _ = faults
    for path in run.out.rglob("*.ipynb"):
        metadata = json.loads(path.read_text("utf-8"))["metadata"]["papermill"]
        assert metadata["input_path"] == path.name
        assert str(run.out) not in path.read_text("utf-8")


@pytest.mark.slow
def test_a_second_run_replaces_its_files_and_leaves_those_of_others(tmp_path: Path) -> None:
    batch(tmp_path, "01", {"10_a": "1", "20_b": "1", "30_c": "1"}, lang="zh")
    folder = tmp_path / "out" / "2023" / "01-县"
    (folder / "局长批注.docx").write_text("mine", "utf-8")
    (tmp_path / "30_c.ipynb").unlink()
    batch(tmp_path, "01", {"10_a": "2"}, lang="en")
    assert files(folder) == [
        "10_a.html",
        "10_a.ipynb",
        "20_b.html",
        "20_b.ipynb",
        "brief.docx",
        "局长批注.docx",
    ]
    assert (folder / "10_a.html").read_text("utf-8").startswith("en")
    assert (folder / "brief.docx").read_text("utf-8") == "县 10_a 20_b"


@pytest.mark.slow
def test_a_notebook_made_with_other_parameters_stays_out_of_the_brief(tmp_path: Path) -> None:
    paths = [toy(tmp_path / f"{name}.ipynb", "1") for name in ("10_a", "20_b")]
    area, out, terms = (
        [ReportArea("01", "x")],
        tmp_path / "out",
        RunSettings(lang="en", workers=1, warm=False),
    )
    runner.run_reports(make_plan(area, paths, {"lang": "zh"}, out, "2023"), terms)
    runner.run_reports(make_plan(area, paths[:1], {"lang": "en"}, out, "2023"), terms)
    assert (out / "2023" / "01-x" / "brief.docx").read_text("utf-8") == "x 10_a"


@pytest.mark.slow
def test_a_page_that_cannot_be_made_fails_its_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAD_PAGE", "10_a")
    run = batch(tmp_path, "01", {"10_a": "1", "20_b": "1"})
    assert run.result("01", "10_a").state == "failed"
    assert "no page" in run.result("01", "10_a").reason
    assert run.result("01", "20_b").state == "ok"
    assert run.files("01-县") == ["10_a.ipynb", "20_b.html", "20_b.ipynb", "brief.docx"]


@pytest.mark.slow
def test_a_brief_that_cannot_be_made_fails_the_county(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAD_BRIEF", "1")
    run = batch(tmp_path, "01", {"10_a": "1"})
    assert run.result("01", "10_a").state == "failed"
    assert "no brief" in run.result("01", "10_a").reason
    assert run.files("01-县") == ["10_a.html", "10_a.ipynb"]


def test_a_worker_that_cannot_start_is_told_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "WORKER", (sys.executable, "-c", "raise SystemExit('no such library')"))
    run = batch(tmp_path, "01 02", {"10_a": "1"})
    assert [result.state for result in run.summary.results] == ["killed", "killed"]
    assert "exit code 1" in run.result("02", "10_a").reason
    assert "no such library" in run.result("02", "10_a").reason


@pytest.mark.slow
def test_a_worker_that_gives_no_answer_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUCK", "1")
    monkeypatch.setattr(crew, "PUBLISHING", 1)
    run = batch(tmp_path, "01", {"10_a": "1"}, deadline=1)
    assert run.result("01", "10_a").state == "killed"
    assert "no answer for 2 seconds" in run.result("01", "10_a").reason


@pytest.mark.slow
def test_progress_is_told_as_each_report_is_recorded(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    batch(
        tmp_path, "01", {"10_a": "1", "20_b": "1"}, progress=lambda r, n, of: seen.append((r.notebook, n, of))
    )
    assert seen == [("10_a", 1, 2), ("20_b", 2, 2)]


@pytest.mark.slow
def test_libraries_keep_to_one_thread_in_each_kernel(tmp_path: Path) -> None:
    run = batch(tmp_path, "01", {"10_a": "import os; print(os.environ['OMP_NUM_THREADS'])"})
    assert "'text': '1\\n'" in str(nbformat.read(run.out / "01-县" / "10_a.ipynb", as_version=4))


OWN_RUN = """
import signal
import sys
from pathlib import Path
from edustats.report.run import crew, runner
from edustats.report.edition.plan import ReportArea, make_plan
# a shell that runs its jobs in the background leaves them deaf to Ctrl-C
signal.signal(signal.SIGINT, signal.default_int_handler)
crew.WORKER = (sys.executable, sys.argv[1])
areas = [ReportArea(code, "x") for code in ("01", "02", "03")]
plan = make_plan(areas, [Path(sys.argv[2])], {}, Path(sys.argv[3]), "2023")
runner.run_reports(plan, runner.RunSettings(workers=2, warm=False))
"""


@pytest.fixture
def own_run(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A runner in a process of its own, both its kernels deep in a cell that takes long."""
    mark, started = uuid.uuid4().hex, tmp_path / "started"
    code = f"import time, pathlib; pathlib.Path({str(started)!r} + county).touch(); time.sleep(120)"
    words = [crew.WORKER[1], str(toy(tmp_path / "a.ipynb", code)), str(tmp_path / "out")]
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_RUN, *words], env={**os.environ, MARK: mark}, stderr=subprocess.DEVNULL
    )
    limit = time.monotonic() + 30
    while len(list(tmp_path.glob("started*"))) < 2 and time.monotonic() < limit:
        time.sleep(0.1)
    yield process, mark
    process.kill()
    process.wait()


@pytest.mark.slow
@LINUX
def test_a_killed_runner_leaves_no_worker_and_no_kernel(own_run: tuple[subprocess.Popen[bytes], str]) -> None:
    process, mark = own_run
    assert len(alive(mark)) == 5
    process.kill()
    process.wait()
    assert gone(mark)


@pytest.mark.slow
@LINUX
def test_ctrl_c_stops_the_run_and_leaves_no_process(
    own_run: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    process, mark = own_run
    process.send_signal(signal.SIGINT)
    process.wait(40)
    assert gone(mark, 1)
    assert not (tmp_path / "out" / "2023").exists()
    assert read_status(tmp_path / "out" / "2023").interrupted
    assert find_editions(tmp_path / "out") == [tmp_path / "out" / "2023"]


RESULT = ReportResult(county="01", name="x", folder="01-x", notebook="10_a", state="ok")


def test_a_line_cut_short_by_a_crash_costs_nothing_else(tmp_path: Path) -> None:
    manifest.append_result(tmp_path, RESULT)
    with (tmp_path / manifest.RESULTS).open("a") as file:
        file.write('{"county": "02", "na')
    assert manifest.read_results(tmp_path) == [RESULT]
    manifest.append_result(tmp_path, RESULT)
    assert manifest.read_results(tmp_path) == [RESULT, RESULT]


def test_the_latest_result_of_each_report_counts(tmp_path: Path) -> None:
    failed = ReportResult(county="01", name="x", folder="01-x", notebook="10_a", state="failed")
    other = ReportResult(county="01", name="x", folder="01-x", notebook="20_gone", state="failed")
    assert manifest.select_latest([failed, other, RESULT]) == [RESULT, other]
    assert manifest.select_latest([failed, other, RESULT], {"10_a"}) == [RESULT]


def test_a_folder_without_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=tmp_path.name):
        read_status(tmp_path)


def test_editions_are_found_in_the_folder_or_below_it(tmp_path: Path) -> None:
    for edition in ("2022", "2023"):
        (tmp_path / edition).mkdir()
        manifest.append_result(tmp_path / edition, RESULT)
    assert [path.name for path in find_editions(tmp_path)] == ["2022", "2023"]
    assert find_editions(tmp_path / "2023") == [tmp_path / "2023"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    manifest.write_whole(tmp_path / "a", "old")
    with pytest.raises(UnicodeEncodeError):
        manifest.write_whole(tmp_path / "a", "\ud800")
    assert files(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text("utf-8") == "old"


@pytest.mark.slow
def test_a_run_of_which_nothing_came_to_its_end_is_not_shown_in_place_of_an_older_one(tmp_path: Path) -> None:
    batch(tmp_path, "01 02", {"10_a": "print('sound')"})
    before = files(tmp_path / "out" / "2023")
    run = batch(tmp_path, "01 02", {"10_a": "raise ValueError('no rows')"})
    assert run.summary.stopped.startswith(
        "none of the 2 reports of this run came to its end, so what is published"
    )
    assert "ValueError: no rows" in run.summary.stopped
    assert files(run.out) == before
    assert "sound" in (run.out / "01-县" / "10_a.ipynb").read_text("utf-8")
    assert batch(tmp_path, "01 02", {"10_a": "print('better')"}).summary.stopped == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of other systems")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_after_a_signal_that_asks_to_stop_the_same_run_goes_on(tmp_path: Path, name: str) -> None:
    number = getattr(signal, name)

    def stop(result: ReportResult, done: int, total: int) -> None:
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    with pytest.raises(StoppedError) as caught, hear_signals():
        batch(tmp_path, "01 02 03", {"10_a": "print(county)"}, workers=1, progress=stop)
    assert caught.value.number == number
    assert signal.getsignal(number) == before
    rest = batch(tmp_path, "01 02 03", {"10_a": "print(county)"})
    assert sorted(result.county for result in rest.summary.results) == ["02", "03"]
    assert all((rest.out / f"{code}-县" / "10_a.ipynb").is_file() for code in ("01", "02", "03"))
