"""Does a Dask cluster make the same reports, and what does a lost machine cost?"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_engine import toy
from test_notebooks import REPORTS
from test_runner import alive

from edustats.errors import DataError, MissingFileError
from edustats.report.edition.manifest import read_results
from edustats.report.edition.plan import ReportArea, ReportPlan, make_plan
from edustats.report.run import runner
from edustats.report.run.runner import RunSettings


def test_without_dask_one_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "edustats.report.run.cluster", raising=False)
    plan = make_plan(
        [ReportArea("01", "x")], [toy(tmp_path / "10_a.ipynb", "1")], {}, tmp_path / "out", "2023"
    )
    with pytest.raises(MissingFileError, match=r"edustats\[cluster\]"):
        runner.run_reports(plan, RunSettings(scheduler="tcp://127.0.0.1:1"))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("EDUSTATS_CLUSTER_TEST", "1")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as started:
        yield started


def published(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.glob("*-*/*") if p.is_file()}


@pytest.mark.slow
def test_a_cluster_publishes_the_bytes_of_a_local_run(
    cluster: object, michigan: Path, tmp_path: Path
) -> None:
    def plan(out: str) -> ReportPlan:
        areas = [ReportArea("01", "Alcona County"), ReportArea("02", "Alger County")]
        given = {"store": str(michigan), "lang": "en"}
        return make_plan(areas, REPORTS, given, tmp_path / out, "1998")

    address = cluster.scheduler_address  # type: ignore[attr-defined]
    far = runner.run_reports(plan("far"), RunSettings(lang="en", scheduler=address))
    near = runner.run_reports(plan("near"), RunSettings(lang="en", workers=1))
    assert far.exit_code == near.exit_code == 0
    assert published(far.edition) == published(near.edition)
    each = (
        2 * len(REPORTS) + 2
    )  # pages and notebooks, the brief and the workbook; what goes back from one of them
    assert len(published(far.edition)) == 2 * each + 1
    digests = [{(r.county, r.notebook): r.digest for r in read_results(s.edition)} for s in (far, near)]
    assert digests[0] == digests[1]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_a_lost_machine_costs_only_its_own_reports_and_they_are_tried_again(
    cluster: object, tmp_path: Path
) -> None:
    code = f"import time, pathlib; pathlib.Path({str(tmp_path)!r}, 'at-' + county).touch(); time.sleep(1)"
    areas = [ReportArea(f"{n:02}", "x") for n in range(6)]
    plan = make_plan(areas, [toy(tmp_path / "10_a.ipynb", code)], {}, tmp_path / "out", "2023")

    def strike() -> None:
        limit = time.monotonic() + 30
        while not list(tmp_path.glob("at-*")) and time.monotonic() < limit:
            time.sleep(0.05)
        machines = cluster.workers.values()  # type: ignore[attr-defined]
        os.kill(next(iter(machines)).pid, signal.SIGKILL)

    threading.Thread(target=strike, daemon=True).start()
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    summary = runner.run_reports(plan, RunSettings(lang="en", scheduler=address, warm=False))
    assert summary.exit_code == 0, summary.wrong
    assert len(list(summary.edition.glob("*-x/10_a.html"))) == 6
    assert alive("edustats.report.run.worker") == []


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    from edustats.report.run import cluster as module

    monkeypatch.setattr(module, "CONNECTING", 1)
    plan = make_plan(
        [ReportArea("01", "x")], [toy(tmp_path / "10_a.ipynb", "1")], {}, tmp_path / "out", "2023"
    )
    with pytest.raises(DataError, match=r"127\.0\.0\.1:9"):
        runner.run_reports(plan, RunSettings(scheduler="tcp://127.0.0.1:9"))
