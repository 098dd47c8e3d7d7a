"""Whatever is killed, full, gone or read-only: is the published set whole, and the manifest true?

The moments of the kills are drawn at random from a fixed seed, one for each kind of process;
``EDUSTATS_MOMENTS=20`` draws more.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from test_engine import toy
from test_runner import MARK, WORKER, alive, gone

from edustats.errors import DataError
from edustats.report.edition import folders as edition_module
from edustats.report.edition.folders import Edition
from edustats.report.edition.manifest import ReportResult, read_results, select_latest
from edustats.report.edition.plan import ReportArea, ReportPlan, make_plan
from edustats.report.edition.status import read_status
from edustats.report.run import crew, runner
from edustats.report.run.runner import RunSettings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc"),
]
MOMENTS = int(os.environ.get("EDUSTATS_MOMENTS", "1"))
COUNTIES = ("01", "02", "03", "04")
FEW = """import os
from edustats.report.run import forking
forking.PRELOAD = os.environ.get("PRELOAD", "ipykernel.ipkernel").split(",")
"""
LIGHT = WORKER.replace(
    "from edustats.report.run.worker import main\n", f"{FEW}from edustats.report.run.worker import main\n"
)
RUN = f"""{FEW}
import sys
from pathlib import Path
from edustats.report.run import crew, runner
from edustats.report.edition.plan import ReportArea, make_plan
script, first, second, out = map(Path, sys.argv[1:])
crew.WORKER = (sys.executable, str(script))
plan = make_plan([ReportArea(c, "x") for c in ("01", "02", "03", "04")], [first, second], {{}}, out, "2023")
summary = runner.run_reports(plan, runner.RunSettings(workers=2, lang="en", deadline=30))
sys.exit(summary.exit_code)
"""


class Bench:
    """A folder with two notebooks, of which every version can be run in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out, self.mark = folder, folder / "out", uuid.uuid4().hex
        self.script = folder / "worker.py"
        self.script.write_text(LIGHT, "utf-8")
        self.edition = Edition(self.out / "2023")

    def write(self, version: int) -> list[Path]:
        code = f"import time; time.sleep(0.1); print('version', {version}, county)"
        return [toy(self.folder / f"{name}.ipynb", code) for name in ("10_a", "20_b")]

    def start(self, version: int, **env: str) -> "subprocess.Popen[bytes]":
        words = [str(self.script), *map(str, self.write(version)), str(self.out)]
        surroundings = {**os.environ, MARK: self.mark, **env}
        return subprocess.Popen([sys.executable, "-c", RUN, *words], env=surroundings, stderr=subprocess.PIPE)

    def finish(self, version: int) -> int:
        """Run to the end; the exit code."""
        return self.start(version).wait(90)

    def versions(self) -> set[str]:
        """The versions that readers find, over all counties and notebooks; missing files are one too."""
        found = set()
        for county in COUNTIES:
            for name in ("10_a.ipynb", "10_a.html", "20_b.ipynb", "20_b.html"):
                path = self.edition.live / f"{county}-x" / name
                text = path.read_text("utf-8") if path.is_file() else "version missing "
                found.add(text.split("'version', ")[-1].split(",")[0] if "'version'" in text else "missing")
        return found

    def ok(self) -> list[ReportResult]:
        return [result for result in read_results(self.edition.live) if result.state == "ok"]

    def plan(self, version: int) -> ReportPlan:
        return make_plan([ReportArea(c, "x") for c in COUNTIES], self.write(version), {}, self.out, "2023")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def processes(mark: str, kind: str) -> list[int]:
    """Numbers of the worker, warm or kernel processes of a run."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark not in (path / "environ").read_text(errors="replace"):
                continue
            own, parent = cmdline(path.name), cmdline((path / "stat").read_text().split()[3])
        except OSError:
            continue
        warm, forked = "warm_process" in own, "warm_process" in own and "warm_process" in parent
        is_kind = {"worker": "worker.py" in own and not warm, "warm": warm and not forked, "kernel": forked}
        if is_kind[kind] and (kind != "worker" or "worker.py" not in parent) and "-c" not in own:
            found.append(int(path.name))
    return found


def cmdline(pid: str) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def test_a_runner_killed_at_any_moment_leaves_the_old_set_or_the_new_and_the_next_run_goes_on(
    bench: Bench,
) -> None:
    assert bench.finish(0) == 0
    moments, shown = random.Random(7), "0"  # noqa: S311
    for version in range(1, MOMENTS + 1):
        process = bench.start(version)
        time.sleep(moments.uniform(0.2, 6))
        process.kill()
        process.wait()
        assert gone(bench.mark)
        assert bench.versions() in ({shown}, {str(version)})
        shown = bench.versions().pop()
        for result in select_latest(read_results(bench.edition.truth)):
            assert result.state == "ok"
    assert bench.finish(MOMENTS) == 0
    assert bench.versions() == {str(MOMENTS)}
    assert not read_status(bench.edition.live).interrupted
    made = [(result.county, result.notebook, result.digest) for result in bench.ok()]
    assert len(made) == len(set(made)), "a report was made twice from the same inputs"


@pytest.mark.parametrize("victim", ["kernel", "warm", "worker"])
def test_a_run_outlives_any_process_killed_at_any_moment(bench: Bench, victim: str) -> None:
    moments = random.Random(victim)  # noqa: S311
    for version in range(MOMENTS):
        process = bench.start(version)
        limit, struck = time.monotonic() + moments.uniform(1, 5), 0
        while process.poll() is None:
            time.sleep(0.02)
            found = processes(bench.mark, victim) if time.monotonic() > limit and not struck else []
            if found:
                struck = moments.choice(found)
                os.kill(struck, signal.SIGKILL)
        if process.wait():  # struck twice by chance: the record says killed, and the next run makes the rest
            wrong = [r for r in select_latest(read_results(bench.edition.truth)) if r.state != "ok"]
            assert {r.state for r in wrong} == {"killed"}, [r.reason for r in wrong]
            assert bench.finish(version) == 0
        assert bench.versions() == {str(version)}
        assert gone(bench.mark)


def test_a_second_run_at_once_is_refused_and_harms_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bench.start(1)
    while not bench.edition.next.exists():
        time.sleep(0.05)
    monkeypatch.setattr(edition_module, "GRACE", 0.1)
    with pytest.raises(DataError, match="2023"):
        runner.run_reports(bench.plan(1), RunSettings(workers=1))
    assert first.wait(60) == 0
    assert bench.versions() == {"1"}


def test_an_output_folder_removed_while_running_is_reported_and_the_next_run_makes_all(bench: Bench) -> None:
    import shutil

    process = bench.start(1)
    while not (bench.edition.next / "01-x").exists():
        time.sleep(0.02)
    while bench.out.exists():  # the run goes on writing meanwhile
        shutil.rmtree(bench.out, ignore_errors=True)
    assert process.wait(60) != 0
    assert gone(bench.mark)
    assert bench.finish(1) == 0
    assert bench.versions() == {"1"}


def mounted(folder: Path, options: str) -> bool:
    """Put a small disk of its own in a folder; False where that is not permitted."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_full_disk_stops_the_run_and_what_is_published_stays(bench: Bench) -> None:
    if not mounted(bench.out, "size=2m"):
        pytest.skip("no disk can be mounted here")
    try:
        assert bench.finish(1) == 0
        free = os.statvfs(bench.out).f_bavail * os.statvfs(bench.out).f_frsize
        (bench.out / "ballast").write_bytes(b"x" * (free - 40 * 1024))
        bench.start(2).wait(60)
        assert bench.versions() == {"1"} or bench.versions() == {"2"}
        assert gone(bench.mark)
        (bench.out / "ballast").unlink()
        assert bench.finish(2) == 0
        assert bench.versions() == {"2"}
    finally:
        subprocess.run(["umount", "-l", str(bench.out)], check=True)  # noqa: S607


def test_a_read_only_folder_is_refused_in_one_sentence(bench: Bench) -> None:
    if not mounted(bench.out, "size=2m"):
        pytest.skip("no disk can be mounted here")
    try:
        assert bench.finish(1) == 0
        subprocess.run(["mount", "-o", "remount,ro", str(bench.out)], check=True)  # noqa: S607
        process = bench.start(2)
        assert process.wait(60) != 0
        assert "Read-only" in (process.stderr.read().decode() if process.stderr else "")
        assert bench.versions() == {"1"}
    finally:
        subprocess.run(["umount", "-l", str(bench.out)], check=True)  # noqa: S607


def test_the_manifest_says_what_each_report_was_made_of_and_a_clock_that_jumps_changes_nothing(
    bench: Bench,
) -> None:
    assert bench.finish(1) == 0
    lines = (bench.edition.live / "results.jsonl").read_text("utf-8").splitlines()
    assert {frozenset(json.loads(line)["inputs"]) for line in lines} == {
        frozenset({"code", "lock", "package", "catalogue", "parameters"})
    }
    assert alive(bench.mark) == []
    for path in bench.out.rglob("*"):
        os.utime(path, (4e9, 4e9))
    before = (bench.edition.live / "results.jsonl").read_text("utf-8")
    assert bench.finish(1) == 0
    assert (bench.edition.live / "results.jsonl").read_text("utf-8") == before
    assert bench.finish(2) == 0
    assert bench.versions() == {"2"}


def test_a_preload_that_fails_only_costs_time(bench: Bench) -> None:
    assert bench.start(1, PRELOAD="no_such_module").wait(90) == 0
    assert bench.versions() == {"1"}
    assert gone(bench.mark)


def test_workers_fork_their_kernels_from_one_warm_process(bench: Bench) -> None:
    def write(version: int) -> list[Path]:
        code = (
            f"import os, time; time.sleep(0.5); print('version', {version}, county, 'of', os.getppid(), '.')"
        )
        return [toy(bench.folder / f"{name}.ipynb", code) for name in ("10_a", "20_b")]

    bench.write = write  # type: ignore[method-assign]
    assert bench.finish(1) == 0
    pages = [path.read_text("utf-8") for path in bench.edition.live.glob("*-x/*.ipynb")]
    parents = {page.split(" of ")[-1].split(" ")[0] for page in pages}
    assert len(pages) == 8
    assert len(parents) == 1, parents


def test_the_first_five_counties_failing_alike_stop_the_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "WORKER", (sys.executable, str(bench.script)))
    path = toy(bench.folder / "10_a.ipynb", "raise ValueError(f'no column for {county}')")
    areas = [ReportArea(f"{n:02}", "x") for n in range(12)]
    plan = make_plan(areas, [path], {}, bench.out, "2023")
    summary = runner.run_reports(plan, RunSettings(workers=2, lang="en"))
    assert 5 <= len(summary.results) <= 7
    assert "no column" in summary.stopped
    assert summary.exit_code == 1
    assert not bench.edition.live.exists()
    toy(bench.folder / "10_a.ipynb", "print(county)")
    assert runner.run_reports(plan, RunSettings(workers=2, lang="en")).exit_code == 0
    assert len(list(bench.edition.live.glob("*-x"))) == 12


def test_a_fault_of_the_machine_is_tried_once_more_and_a_failing_cell_is_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "WORKER", (sys.executable, str(bench.script)))
    once = f"""import os, pathlib
pathlib.Path({str(bench.folder)!r}, 'ran-' + county).open('a').write('x')
seen = pathlib.Path({str(bench.folder)!r}, county)
if county == '01' and not seen.exists(): seen.touch(); os.kill(os.getpid(), 9)
if county == '02': os.kill(os.getpid(), 9)
if county == '03': raise ValueError
if county == '04': os._exit(3)"""
    plan = make_plan([ReportArea(c, "x") for c in COUNTIES], [toy(bench.folder / "10_a.ipynb", once)], {},
                     bench.out, "2023")  # fmt: skip
    found = {result.county: result for result in runner.run_reports(plan, RunSettings(workers=1)).results}
    assert {code: (r.state, r.attempt) for code, r in found.items()} == {
        "01": ("ok", 2), "02": ("killed", 2), "03": ("failed", 1), "04": ("killed", 1),
    }  # fmt: skip
    assert [len((bench.folder / f"ran-{code}").read_text()) for code in COUNTIES] == [2, 2, 1, 1]
    assert len(read_results(bench.edition.live)) == 4


def test_a_report_of_another_county_and_a_plot_without_its_picture_are_failures(bench: Bench) -> None:
    from edustats.report.run.faults import find_fault

    def book(**data: object) -> object:
        import nbformat

        output = nbformat.v4.new_output("display_data", data)
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])

    def record(kind: str, **body: object) -> dict[str, object]:
        return {f"application/vnd.edustats.{kind}+json": body}

    cover = record("finding", key="cover", sentence={"zh": "甲县", "en": "A"})
    assert find_fault(book(**cover), "甲县", "zh") == ""
    assert "乙县" in find_fault(book(**cover), "乙县", "zh")
    assert "bars" in find_fault(book(**record("figure", key="bars")), "甲县", "zh")
    assert find_fault(book(**record("figure", key="bars"), **{"image/png": "AAAA"}), "甲县", "zh") == ""
    assert find_fault(book(**{"text/plain": "<Figure size 640x480 with 2 Axes>"}), "A", "en")
    assert not find_fault(book(**{"text/plain": "<Figure size 640x480 with 0 Axes>"}), "A", "en")
