"""How does one process make all the reports of one county, and then of the next?

``python -m edustats.report.worker`` reads an order a line on standard input and answers in lines of JSON
on standard output. When the input ends, because the work is done or because the runner has died, the
process ends at once and takes its kernel with it.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

if __name__ == "__main__":
    gc.disable()  # see main; of what is imported nothing is thrown away

# nbformat imports jsonschema, and that a grammar of web addresses, which takes a second to compile and is of
# use to nobody who checks no addresses; without the module jsonschema leaves that check out.
# ruff: noqa: E402
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

from edustats.errors import FileInUseError
from edustats.files import replace_file as put
from edustats.files import write_whole
from edustats.report.edition.folders import PUBLISHED, link_previous_files, read_published_files
from edustats.report.edition.manifest import OK, SUPPRESSED, ReportResult, get_timestamp
from edustats.report.run.engine import kill_all_kernels
from edustats.report.run.faults import find_fault, has_suppressed_figures
from edustats.report.run.kernels import HOUSE
from edustats.report.run.order import WorkOrder
from edustats.report.run.output import format_notebook
from edustats.words import say

BANNER = "edustats-banner"
TIMES = ("start_time", "end_time", "duration")
Tell = Callable[[Mapping[str, object]], None]


def main() -> None:
    """Answer orders until the input ends."""
    tell = _reserve_output()
    HOUSE.borrow()
    _hide_pandas_from_arrow()
    orders: queue.SimpleQueue[WorkOrder] = queue.SimpleQueue()
    threading.Thread(target=_read_orders, args=(sys.stdin.buffer, orders), daemon=True).start()
    # A county makes millions of short-lived records: looking through all that lives each time one part more does
    # takes a fifth of the whole. So what is left in circles is looked for between counties, among what they made.
    gc.freeze()
    while True:
        order = orders.get()
        tell({"results": [asdict(result) for result in _process_order(order, tell)]})
        gc.collect()
        gc.freeze()


def _hide_pandas_from_arrow() -> None:
    """Have Arrow note that there is no pandas: to ask whether a list is pandas' own, it imports it first.

    That is a third of a second. The publishers do without; whoever imports pandas later gets it.
    """
    sys.meta_path.insert(0, _WithoutPandas())
    try:
        import_module("pyarrow").array([0])
    finally:
        del sys.meta_path[0]


class _WithoutPandas:
    """Finds every module but pandas where Python finds it."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def _process_order(order: WorkOrder, tell: Tell) -> list[ReportResult]:
    started = get_timestamp()
    HOUSE.allow_forking(order.warm)
    HOUSE.subject = _describe_subject(order)
    try:
        return make_county_reports(order, tell)
    except Exception as error:  # a full disk, say: this county's failure, not the next one's
        return order.results(state="failed", reason=_describe_error(error), started=started)


def _reserve_output() -> Tell:
    # A kernel inherits descriptor 1 and whatever a notebook lets a subprocess print would land among our
    # answers; so they take a copy, and the descriptor itself goes where the errors go.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lock = threading.Lock()

    def tell(message: Mapping[str, object]) -> None:
        with lock:
            answers.write(json.dumps(dict(message), ensure_ascii=False).encode(errors="replace") + b"\n")
            answers.flush()

    return tell


def _read_orders(lines: BinaryIO, orders: queue.SimpleQueue[WorkOrder]) -> None:
    for line in lines:
        orders.put(WorkOrder(**json.loads(line)))
    kill_all_kernels()
    HOUSE.close()
    # The main thread may be deep in a notebook; nobody is left to read what it would answer.
    os._exit(0)


def make_county_reports(order: WorkOrder, tell: Tell) -> list[ReportResult]:
    """Run a county's notebooks and publish what they made.

    Parameters
    ----------
    order : the county
    tell : called with what is being done, so that the runner can say so should this process die

    Returns
    -------
    list of Result
        One for each notebook, whatever happened.
    """
    shutil.rmtree(order.staging, ignore_errors=True)
    link_previous_files(Path(order.live) / order.folder, order.target)
    order.staging.mkdir(parents=True)
    results = [_run_notebook(order, *notebook, tell) for notebook in order.notebooks]
    tell({"doing": order.folder})
    executed = _list_executed(order, results)
    found, labels, reason = _list_numbers(order, executed)
    results = _mark_all_failed([_publish_page(order, result, found) for result in results], reason)
    if executed and found is not None:
        results = _mark_all_failed(results, _renew_kept_pages(order, executed, found))
        results = _mark_all_failed(results, _publish_brief(order, executed, found))
    if found is not None:
        results = _mark_all_failed(results, _publish_workbook(order, executed, found, labels))
    results = _mark_all_failed(results, _publish_correction_list(order))
    return _mark_all_failed(results, _publish_files(order))


def _run_notebook(
    order: WorkOrder, notebook: str, stem: str, parameters: dict[str, Any], inputs: dict[str, str], tell: Tell
) -> ReportResult:
    tell({"doing": stem})
    output, clock = order.staging / f"{stem}.ipynb", time.monotonic()
    result = order.result(stem, inputs, state="ok", started=get_timestamp())
    outcome = _execute_notebook(order, notebook, output, parameters, tell)
    return replace(result, **outcome, seconds=round(time.monotonic() - clock, 3))


def _execute_notebook(
    order: WorkOrder, notebook: str, output: Path, parameters: dict[str, Any], tell: Tell
) -> dict[str, Any]:
    """Run one notebook; say its state, and if that is not ok the reason and the cell."""
    import papermill

    def on_kernel(pid: int | None, folder: Path | None) -> None:
        tell({"kernel": pid, "sockets": str(folder or "")})

    error = ""
    kept: list[Any] = []
    try:
        papermill.execute_notebook(
            notebook,
            None,  # it is written once, when what is known of this machine has been taken out
            parameters,
            engine_name="edustats",
            kernel_name=order.kernel,
            progress_bar=False,
            deadline=order.deadline,
            on_kernel=on_kernel,
            memory_mb=order.memory_mb,
            keep=kept.append,
        )
    except Exception as caught:  # one report's failure is a result, not the end of the others
        error = _describe_error(caught)
    if not kept:
        return {"state": "failed", "reason": error}
    return _record_outcome(order, kept[0], output, Path(notebook).name)


def _describe_subject(order: WorkOrder) -> dict[str, Any]:
    """The parameters that say whose reports these are; nothing for those of a whole prefecture."""
    given = order.notebooks[0][2] if order.notebooks else {}
    wanted = ("county", "store", "first_year", "last_year")
    return {name: given[name] for name in wanted if name in given} if "county" in given else {}


def _describe_error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _record_outcome(order: WorkOrder, book: Any, output: Path, source: str) -> dict[str, Any]:
    record = book.metadata.papermill
    if record.get("status") == "completed" and (fault := find_fault(book, order.name, order.lang)):
        record.update(status="failed", reason=fault)
    complete = SUPPRESSED if has_suppressed_figures(book) else OK
    state = complete if record.get("status") == "completed" else record.get("status", "failed")
    outcome = {name: record.get(name) for name in ("cell", "signal")}
    outcome |= {"state": state, "reason": record.get("reason", "")}
    peak = record.pop("peak_mb", None)
    _clean_notebook(book, source, output, state, order.lang)
    return {**outcome, "peak_mb": peak and round(peak, 1)}


def _clean_notebook(book: Any, source: str, output: Path, state: str, lang: str) -> None:
    """Leave no path of this machine and no time in the notebook, and one banner in place of papermill's.

    The same inputs so give the same bytes; when a report was made stands in ``results.jsonl``.
    """
    from papermill.execute import remove_error_markers

    record = book.metadata.papermill
    record.update(input_path=source, output_path=output.name)
    book = remove_error_markers(book)
    book.cells = [cell for cell in book.cells if BANNER not in cell.metadata.get("tags", [])]
    if state not in (OK, SUPPRESSED):
        book.cells.insert(0, _make_banner(state, record.get("cell"), record.get("reason", ""), lang))
    _strip_times(book)
    write_whole(output, format_notebook(book))
    with suppress(Exception):  # of what cannot be shown the page will say why
        import_module("edustats.report.trace.notebook").keep_blocks(output, lang, book)


def _strip_times(book: Any) -> None:
    for part in (book, *book.cells):
        for name in TIMES:
            part.metadata.get("papermill", {}).pop(name, None)
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        if named := {"injected-parameters", BANNER}.intersection(cell.metadata.get("tags", [])):
            cell["id"] = named.pop()  # those of papermill and nbformat are drawn at random


def _make_banner(state: str, cell: int | None, reason: str, lang: str) -> Any:
    # Indented, the reason is code to Markdown: what stands in it is shown and not obeyed.
    quoted = "\n".join(f"    {line}" for line in reason.splitlines())
    text = say(f"report.banner_{state}", cell=cell or "–")[lang]
    import nbformat

    return nbformat.v4.new_markdown_cell(f"> **{text}**\n\n{quoted}", metadata={"tags": [BANNER]})


def _list_executed(order: WorkOrder, results: list[ReportResult]) -> list[Path]:
    """The county's complete notebooks, those of an earlier run among them, in reading order."""
    executed = [order.staging / f"{result.notebook}.ipynb" for result in results if result.done]
    return sorted([*executed, *_find_kept_notebooks(order)], key=lambda path: path.name)


def _list_numbers(order: WorkOrder, executed: list[Path]) -> tuple[Any, Any, str]:
    """Every number of the county with its label and the one list of sources; what prevented it, or nothing."""
    try:
        origins = import_module("edustats.report.trace.sources")
        return (*origins.list_labelled_sources(executed, order.lang), "")
    except Exception as error:
        return None, (), say("trace.reason_workbook", found=_describe_error(error))[order.lang]


def _publish_page(order: WorkOrder, result: ReportResult, found: Any) -> ReportResult:
    """Make the HTML page of one executed notebook; one that did not end well has sources of its own."""
    executed = order.staging / f"{result.notebook}.ipynb"
    if not executed.is_file():
        return result
    try:
        if not result.done or found is None:
            found = import_module("edustats.report.trace.sources").list_sources([executed], order.lang)
        _write_page(order, executed, found)
    except Exception as error:  # a page that cannot be made is one report's failure
        return _mark_failed(result, say("report.reason_html", found=_describe_error(error))[order.lang])
    return result


def _write_page(order: WorkOrder, executed: Path, found: Any) -> None:
    page = order.staging / f"{executed.stem}.html"
    own = import_module("edustats.report.trace.sources").select_sources(found, executed.stem)
    publisher = import_module("edustats.report.publish.html")
    publisher.write_html_page(executed, page, order.lang, _list_chapters(order), order.name, own.places())
    import_module("edustats.report.trace.embedded").embed_sources(page, own)


def _renew_kept_pages(order: WorkOrder, executed: list[Path], found: Any) -> str:
    """Pages of an earlier run whose sources have other numbers now; return what prevented it, or nothing."""
    try:
        origins = import_module("edustats.report.trace.sources")
        embedded = import_module("edustats.report.trace.embedded")
        for path in executed:
            page = path.with_suffix(".html")
            if path.parent == order.staging or not page.is_file():
                continue
            held = embedded.read_embedded_sources(page)
            if held is None or held.places() != origins.select_sources(found, path.stem).places():
                _write_page(order, path, found)
    except Exception as error:  # as above
        return say("report.reason_html", found=_describe_error(error))[order.lang]
    return ""


def _list_chapters(order: WorkOrder) -> list[str]:
    """Stems of the chapters that lie beside a page once it is published."""
    kept = sorted(path.stem for path in order.target.glob("*.html") if path.stem in order.living)
    return list(dict.fromkeys([*order.stems, *kept]))


def _publish_brief(order: WorkOrder, executed: list[Path], found: Any) -> str:
    """Make the county's Word brief; return what prevented it, or nothing."""
    target = order.staging / say("report.brief_name")[order.lang]
    try:
        publisher = import_module("edustats.report.publish.docx")
        template = Path(order.template) if order.template else None
        publisher.write_brief(
            executed, target, title=order.name, lang=order.lang, template=template, found=found
        )
        import_module("edustats.report.publish.pdf").write_pdf(target)
        if order.detail == "full":
            annex = order.staging / say("brief.annex_name")[order.lang]
            publisher.write_annex(executed, annex, title=order.name, lang=order.lang, found=found)
    except Exception as error:  # as above
        return say("report.reason_brief", found=_describe_error(error))[order.lang]
    return ""


def _publish_workbook(order: WorkOrder, executed: list[Path], found: Any, labels: Any) -> str:
    """Make the county's workbook and the table of all its numbers; return what prevented it, or nothing."""
    try:
        if executed:
            target = order.staging / say("trace.workbook_name")[order.lang]
            publisher = import_module("edustats.report.publish.xlsx")
            publisher.write_data_workbook(executed, target, title=order.name, lang=order.lang, found=found)
        values = import_module("edustats.report.trace.values")
        values.write_county_numbers(
            order.values,
            county=order.county,
            name=order.name,
            folder=order.folder,
            found=found,
            labels=labels,
        )
    except Exception as error:  # as above
        return say("trace.reason_workbook", found=_describe_error(error))[order.lang]
    return ""


def _publish_correction_list(order: WorkOrder) -> str:
    """Make the county's list of values to return, if there is one; return what prevented it, or nothing."""
    try:
        publisher = import_module("edustats.report.publish.corrections")
        publisher.write_correction_list(order.notebooks[0][2], order.staging, order.lang)
    except Exception as error:  # as above
        return say("returns.reason", found=_describe_error(error))[order.lang]
    return ""


def _find_kept_notebooks(order: WorkOrder) -> Iterator[Path]:
    """Published notebooks that do not run now, complete and made with the same parameters."""
    parameters = order.notebooks[0][2]
    for path in order.target.glob("*.ipynb"):
        if path.stem in order.living and path.stem not in order.stems:
            record = json.loads(path.read_text("utf-8"))["metadata"].get("papermill", {})
            if record.get("status") == "completed" and record.get("parameters") == parameters:
                yield path


def _mark_failed(result: ReportResult, reason: str) -> ReportResult:
    """The result after its files could not be made; what was wrong before stays the reason."""
    return replace(result, state="failed", reason=reason) if result.done else result


def _mark_all_failed(results: list[ReportResult], reason: str) -> list[ReportResult]:
    return [_mark_failed(result, reason) for result in results] if reason else results


def _publish_files(order: WorkOrder) -> str:
    """Put the county's files in place, then remove those of an earlier run; return what prevented it."""
    try:
        made = _move_staged_files(order)
        _remove_earlier_files(order, made)
        shutil.rmtree(order.staging, ignore_errors=True)
    except FileInUseError as error:
        return error.text(order.lang)
    except PermissionError as error:
        return say("report.reason_in_use", file=Path(str(error.filename2 or error.filename)).name)[order.lang]
    except OSError as error:
        return say("report.reason_publish", found=_describe_error(error))[order.lang]
    return ""


def _move_staged_files(order: WorkOrder) -> set[str]:
    """Put every file from staging in its place; return their names."""
    made = sorted(path for path in order.staging.rglob("*") if path.is_file())
    for path in made:
        target = order.target / path.relative_to(order.staging)
        target.parent.mkdir(parents=True, exist_ok=True)
        _flush_file(path)
        put(path, target)
    return {path.relative_to(order.staging).as_posix() for path in made}


def _flush_file(path: Path) -> None:
    # Publishers write in their own ways; a rename must not reach the disk before the bytes do.
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _remove_earlier_files(order: WorkOrder, made: set[str]) -> None:
    """Remove what earlier runs published and nobody makes any more; a file that is not ours stays."""
    record = Path(order.edition) / PUBLISHED / f"{order.folder}.json"
    earlier = read_published_files(Path(order.edition if record.is_file() else order.live), order.folder)
    kept = {name for name in earlier - made if _is_kept(order, name)}
    for name in earlier - made - kept:
        (order.target / name).unlink(missing_ok=True)
    record.parent.mkdir(exist_ok=True)
    if order.values.is_file():
        put(order.values, record.parent / order.values.name)
    write_whole(record, json.dumps(sorted(made | kept), ensure_ascii=False))


def _is_kept(order: WorkOrder, name: str) -> bool:
    """Whether a file belongs to a notebook that exists and does not run now."""
    return Path(name).stem in order.living and Path(name).stem not in order.stems


if __name__ == "__main__":
    main()
