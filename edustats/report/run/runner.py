"""How do all counties get their reports, on all cores, whatever becomes of one of them?

Each worker is a process with one county at a time. What it cannot survive costs that county alone: the
runner records how it died and starts another. Workers live no longer than the runner.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edustats.errors import DataError, EdustatsError, MissingFileError
from edustats.places import is_address
from edustats.report.edition.folders import (
    Edition,
    begin_edition,
    complete_edition,
    lock_edition,
    recover_edition,
    switch_edition,
)
from edustats.report.edition.manifest import (
    RESULTS,
    ReportResult,
    append_result,
    describe_environment,
    find_from,
    get_timestamp,
    index_by_report,
    make_portable_path,
    read_results,
    read_run_record,
    select_latest,
    write_run_record,
)
from edustats.report.edition.plan import ReportJob, ReportPlan
from edustats.report.edition.stale import ReportInputs, find_reasons, list_changed_parts
from edustats.report.run.crew import WorkerCrew
from edustats.report.run.forking import can_fork
from edustats.report.run.order import WorkOrder
from edustats.report.trace.values import assemble_numbers, find_new_parts
from edustats.words import say

if TYPE_CHECKING:
    from edustats.report.run.cluster import ClusterCrew

MEMORY_MB = 4096.0
"""What a report may take beyond its libraries."""

ATTEMPTS = 2
"""Times that a report is tried when the machine and not the notebook ends it."""
FAULTS = ("SIGKILL", "SIGTERM", "SIGBUS", "SIGHUP")
"""Signals that come from outside."""
FIRST = 5
"""Counties that must fail alike, before any other is done, for a run to be given up."""

Progress = Callable[[ReportResult, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a run is to go about its work."""

    lang: str = "zh"
    """Language of the published files and of the reasons."""
    deadline: float = 600
    """Seconds that one notebook may take, from the start of its kernel."""
    memory_mb: float = MEMORY_MB
    """What a report may take beyond its libraries; 0 for no limit."""
    warm: bool = True
    """Whether kernels may be forked from a process that has imported the libraries."""
    kernel: str | None = None
    """Name of a kernelspec; the one each notebook names if not given."""
    workers: int | None = None
    """Processes at a time; as :func:`choose_worker_count` says if not given."""
    force: bool = False
    """Whether reports are made again of which nothing has moved."""
    wait: bool = False
    """Whether to wait for another run of the edition; it is refused otherwise."""
    template: str = ""
    detail: str = "brief"
    """``full`` for an annex beside every brief."""
    """A bureau's own .docx for the brief; the official page if not given."""
    scheduler: str = ""
    """Address of a Dask scheduler whose workers are to be used; our own processes if not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a run came to."""

    results: tuple[ReportResult, ...]
    seconds: float
    edition: Path
    fresh: int = 0
    """Reports of which nothing has moved, and which were left as they are."""
    stopped: str = ""
    """Why the run was given up before its end; then readers still see the old set."""

    @property
    def wrong(self) -> tuple[ReportResult, ...]:
        """Results that need a person."""
        return tuple(result for result in self.results if not result.done)

    @property
    def counties(self) -> tuple[str, ...]:
        """Codes of the counties that were run, in order."""
        return _list_area_codes(self.results, "county")

    @property
    def wrong_counties(self) -> tuple[str, ...]:
        """Codes of the counties with a report that is not complete."""
        return _list_area_codes(self.wrong, "county")

    @property
    def prefectures(self) -> tuple[str, ...]:
        """Codes of the prefectures that were run."""
        return _list_area_codes(self.results, "prefecture")

    @property
    def wrong_prefectures(self) -> tuple[str, ...]:
        """Codes of the prefectures whose report is not complete."""
        return _list_area_codes(self.wrong, "prefecture")

    @property
    def exit_code(self) -> int:
        """0 if everything is complete, 1 if something needs a person."""
        return int(bool(self.wrong or self.stopped))


def _list_area_codes(results: Sequence[ReportResult], scope: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(result.county for result in results if result.scope == scope))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunListeners:
    """Whom a run tells what; each is a function that may do nothing."""

    why: Callable[[list[tuple[ReportJob, list[str]]]], None] = lambda _: None
    """Told, before the first kernel starts, what will be made and why."""
    progress: Progress = lambda *_: None
    """Told each result as it is recorded, how many there are now, and how many there will be."""
    finish: Callable[[Path, list[ReportResult]], None] = lambda *_: None
    """Given the new set, complete but for its index, and the newest result of every report."""


def run_reports(
    plan: ReportPlan,
    terms: RunSettings | None = None,
    *,
    told: RunListeners | None = None,
    inputs: ReportInputs | None = None,
    facts: Mapping[str, object] | None = None,
) -> RunSummary:
    """Make what has moved, and show the new set when it is whole.

    Parameters
    ----------
    plan : from :func:`edustats.report.edition.plan.make_plan`
    terms : how to go about it
    told : whom to tell
    inputs : what reports are made of, data included
    facts : what the caller wants ``run.json`` to say about its data

    Returns
    -------
    Summary
        Of this run; earlier results of the edition stand in ``results.jsonl`` beside it.

    Raises
    ------
    DataError
        If another run is at work in the edition, or its folder cannot be written.
    """
    terms, told, inputs = terms or RunSettings(), told or RunListeners(), inputs or ReportInputs()
    edition, clock = Edition(plan.target), time.monotonic()
    try:
        with lock_edition(edition, terms.wait) as lock:
            recover_edition(edition)
            due = _find_due_reports(plan, edition, inputs, terms.force)
            told.why(due)
            made = _make_reports(plan, due, terms, told, inputs, {**(facts or {})}, lock)
    except EdustatsError:
        raise
    except OSError as error:
        raise DataError("report.cannot_write", folder=plan.target.name, found=str(error)) from error
    return replace(made, seconds=time.monotonic() - clock, fresh=len(plan.jobs) - len(due))


def _find_due_reports(
    plan: ReportPlan, edition: Edition, inputs: ReportInputs, force: bool
) -> list[tuple[ReportJob, list[str]]]:
    """What must be made, and why."""
    known = index_by_report(read_results(edition.truth)) if (edition.truth / RESULTS).is_file() else {}
    found, files = [], cache(edition.files)
    for job in plan.jobs:
        newest = known.get((job.county, job.stem))
        why = ["forced"] if force else find_reasons(job, newest, inputs.of(job), files)
        if why:
            found.append((job, why))
    return found


def _make_reports(
    plan: ReportPlan,
    due: list[tuple[ReportJob, list[str]]],
    terms: RunSettings,
    told: RunListeners,
    inputs: ReportInputs,
    facts: dict[str, object],
    lock: int,
) -> RunSummary:
    edition = Edition(plan.target)
    if not due and not edition.next.exists():
        return RunSummary(results=(), seconds=0, edition=plan.target)
    record = {**_describe_run(plan, terms, facts), "sequence": begin_edition(edition)}
    earlier = read_run_record(edition.live).get("ways", {}).get("notebooks", {})
    record["ways"]["notebooks"] = {**earlier, **record["ways"]["notebooks"]}
    write_run_record(edition.next, record)
    orders = [_build_order(jobs, plan, terms, inputs, record["living"]) for jobs in _group_by_county(due)]
    crew = _create_crew(orders, terms, lock)
    results, stopped = _collect_results(crew, orders, edition, told, inputs, terms.lang)
    stopped = stopped or _keep_shown_set(edition, results, terms.lang)
    if not stopped:
        _publish_edition(edition, {**record, "finished": get_timestamp()}, told)
    return RunSummary(results=results, seconds=0, edition=plan.target, stopped=stopped)


def _keep_shown_set(edition: Edition, results: Sequence[ReportResult], lang: str) -> str:
    """Why readers go on seeing the old set: a run of which nothing came to its end has nothing to show for it."""
    if not results or not edition.live.is_dir() or any(result.done for result in results):
        return ""
    return say("report.nothing_done", count=len(results), reason=results[0].reason)[lang]


def _group_by_county(due: list[tuple[ReportJob, list[str]]]) -> list[list[ReportJob]]:
    return [list(jobs) for _, jobs in groupby((job for job, _ in due), key=lambda job: job.folder)]


def _publish_edition(edition: Edition, record: dict[str, Any], told: RunListeners) -> None:
    """Complete the new set, look whether it is whole, and show it."""
    everything = read_results(edition.next)
    newest = index_by_report(everything)
    folders = {(result.scope, result.county): result.folder for result in newest.values()}
    made = find_new_parts(edition)
    complete_edition(edition, {result.folder for result in everything} - set(folders.values()))
    for result in newest.values():
        if result.done and result.notebook in record["living"] and not _is_complete(edition.next, result):
            reason = say("report.reason_lost")[record["lang"]]
            everything.append(replace(result, state="failed", reason=reason, digest=""))
            append_result(edition.next, everything[-1])
    assemble_numbers(edition, made, folders.values())
    write_run_record(edition.next, record)
    told.finish(edition.next, select_latest(everything, record["living"]))
    switch_edition(edition)


def _is_complete(folder: Path, result: ReportResult) -> bool:
    files = [folder / result.folder / f"{result.notebook}.{kind}" for kind in ("ipynb", "html")]
    return all(path.is_file() and path.stat().st_size for path in files)


def count_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choose_worker_count(cores: int, *, forked: bool) -> int:
    """How many counties to make at a time.

    Where kernels are forked, a third more than there are cores: a worker waits a third of its time, for a kernel to
    begin, to answer and to end, and for the disk. An ordinary kernel imports for seconds and shares no memory.
    """
    return cores + -(-cores // 3) if forked else cores


def _describe_run(plan: ReportPlan, terms: RunSettings, facts: dict[str, object]) -> dict[str, Any]:
    return {
        "edition": plan.edition,
        "inputs": facts,
        "lang": terms.lang,
        "deadline": terms.deadline,
        "counties": len({job.county for job in plan.jobs if job.scope == "county"}),
        "notebooks": sorted({job.stem for job in plan.jobs}),
        "files": {
            stem: make_portable_path(path)
            for stem, path in {job.stem: job.notebook for job in plan.jobs}.items()
        },
        "ways": _list_ways(plan, terms, facts),
        "living": _list_notebook_stems(plan.jobs),
        **describe_environment(),
        "started": get_timestamp(),
        "finished": None,
    }


def _list_ways(plan: ReportPlan, terms: RunSettings, facts: dict[str, object]) -> dict[str, Any]:
    """How to get from the folder of editions to what the reports were made of, whatever folder one stands in."""
    store = str(facts.get("store", ""))
    return {
        "store": store if is_address(store) or not store else find_from(plan.out, Path(store)),
        "template": find_from(plan.out, Path(terms.template)) if terms.template else "",
        "detail": terms.detail,
        "notebooks": {job.stem: find_from(plan.out, job.notebook) for job in plan.jobs},
    }


def _list_notebook_stems(jobs: Sequence[ReportJob]) -> list[str]:
    """Stems of the notebooks beside those that run: what they published in earlier runs is kept."""
    folders = {job.notebook.parent for job in jobs}
    stems = {path.stem for folder in folders for path in folder.glob("*.ipynb")}
    return sorted(stems | {job.stem for job in jobs})


def _build_order(
    jobs: list[ReportJob], plan: ReportPlan, terms: RunSettings, inputs: ReportInputs, living: list[str]
) -> WorkOrder:
    edition = Edition(plan.target.resolve())
    return WorkOrder(
        county=jobs[0].county,
        name=jobs[0].name,
        folder=jobs[0].folder,
        edition=str(edition.next),
        live=str(edition.live),
        notebooks=[(str(job.notebook), job.stem, job.parameters, inputs.of(job)) for job in jobs],
        living=living,
        lang=terms.lang,
        deadline=terms.deadline,
        kernel=terms.kernel,
        memory_mb=terms.memory_mb,
        template=terms.template,
        detail=terms.detail,
        warm=terms.warm,
        scope=jobs[0].scope,
    )


def _create_crew(orders: list[WorkOrder], terms: RunSettings, lock: int) -> WorkerCrew | ClusterCrew:
    if terms.scheduler:
        try:
            from edustats.report.run.cluster import ClusterCrew
        except ImportError as error:
            raise MissingFileError("report.no_dask") from error
        return ClusterCrew(orders, terms.scheduler, terms.lang)
    size = terms.workers or choose_worker_count(count_cores(), forked=terms.warm and can_fork())
    return WorkerCrew(orders, size, terms.lang, lock)


def _collect_results(
    crew: WorkerCrew | ClusterCrew,
    orders: list[WorkOrder],
    edition: Edition,
    told: RunListeners,
    inputs: ReportInputs,
    lang: str,
) -> tuple[tuple[ReportResult, ...], str]:
    """Record every result; say why the run was given up, if it was."""
    results: list[ReportResult] = []
    breaker, total = FailureBreaker(len(orders)), sum(len(order.notebooks) for order in orders)
    with crew:
        while len(results) < total:
            order, found = crew.next()
            settled, again = _separate_retries(order, found)
            if again:
                crew.put(again)
            for result in settled:
                recorded = _confirm_digest(result, order, inputs)
                append_result(edition.next, recorded)
                results.append(replace(recorded, inputs={}))  # they stand in the manifest
                told.progress(recorded, len(results), total)
            if alike := breaker.find_common_failure(settled):
                return tuple(results), say("report.stopped", count=FIRST, reason=alike)[lang]
    return tuple(results), ""


def _separate_retries(
    order: WorkOrder, found: list[ReportResult]
) -> tuple[list[ReportResult], WorkOrder | None]:
    """Results that stand, and an order for those that the machine is to blame for and not the notebook."""
    if order.attempt >= ATTEMPTS:
        return found, None
    struck = {result.notebook for result in found if result.signal in FAULTS}
    settled = [result for result in found if result.notebook not in struck]
    notebooks = [notebook for notebook in order.notebooks if notebook[1] in struck]
    again = replace(order, notebooks=notebooks, attempt=order.attempt + 1)
    return settled, again if struck else None


def _confirm_digest(result: ReportResult, order: WorkOrder, inputs: ReportInputs) -> ReportResult:
    """The result; without a digest if what it was made of moved meanwhile, so that it is made again."""
    path, _, _, before = next(notebook for notebook in order.notebooks if notebook[1] == result.notebook)
    return (
        replace(result, digest="")
        if list_changed_parts(before, inputs.now(result.county, Path(path), result.scope))
        else result
    )


class FailureBreaker:
    """Gives a run up when its first counties fail alike: then the cause is not in them."""

    def __init__(self, counties: int) -> None:
        self._open = counties > FIRST
        self._seen: list[str] = []

    def find_common_failure(self, results: list[ReportResult]) -> str:
        """The reason they have in common, once enough have failed with it; nothing otherwise."""
        wrong = [result for result in results if not result.done]
        if results and not wrong:
            self._open = False
        if not self._open or not wrong:
            return ""
        self._seen.append(_normalize_reason(wrong[0]))
        self._open = len(set(self._seen)) == 1
        return wrong[0].reason if self._open and len(self._seen) == FIRST else ""


def _normalize_reason(result: ReportResult) -> str:
    """State and reason without what differs from county to county."""
    reason = result.reason.replace(result.name, "").replace(result.county, "")
    return f"{result.state} {re.sub(r'[0-9]+', '', reason)}"
