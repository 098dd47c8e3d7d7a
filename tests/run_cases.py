"""What do plans, editions and runs come to? Small runs by hand for ``printing.py``, with publishers that write a line.

No kernel is started: a crew in this process answers every order, and what lies in the folders afterwards is told.
"""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from edustats.errors import EdustatsError
from edustats.report.edition import chapters, folders, manifest, parameters, revisions, stale
from edustats.report.edition.folders import Edition
from edustats.report.edition.manifest import ReportResult
from edustats.report.edition.plan import ReportArea, ReportPlan, make_plan, make_slug
from edustats.report.edition.stale import (
    FileDigests,
    ReportInputs,
    StoreDigests,
    find_reasons,
    list_changed_parts,
)
from edustats.report.edition.status import find_editions, read_status
from edustats.report.run import output, runner, worker
from edustats.report.run.crew import _describe_exit
from edustats.report.run.faults import RECORD, find_fault, has_suppressed_figures
from edustats.report.run.kernels import _split_command
from edustats.report.run.order import WorkOrder, name_signal
from edustats.report.run.progress import JsonEvents, TerminalProgress, format_reasons
from edustats.report.run.runner import FailureBreaker, RunListeners, RunSettings, RunSummary, run_reports
from edustats.store.reading import open_store
from edustats.words import say

CELL = 'county: str = "82"  # 县\nyears: int = 3\nshare: float = 1\nshort: bool = False'
CELLS = [CELL, "", "x: int = True", "x: float = 1e999", "x: str = 1", "x: list = []", "x = 1", "x: int = 1 + 1", "x: int = (\n1)", "x: int = 1 2",
         "x: int = 1\nx: int = 2", "# 只有注释\n\nx: str = '甲'  #   帮助 # 二  ", "x: int = 1; y: int = 2", "x: int = 'a", "x: bool = 0", "x: float = True", "x: int = -3"]  # fmt: skip
GIVEN: list[dict[str, object]] = [{}, {"county": "01001"}, {"county": 1001}, {"years": 2.0}, {"years": True}, {"share": 2}, {"share": float("inf")}, {"short": 1},
                                  {"conty": "1"}, {"zzz": 1}, {"county": None}, {"share": "2"}]  # fmt: skip
WORDS = [("years", "07"), ("years", " 7 "), ("years", "-7"), ("years", "0"), ("years", "+7"), ("years", "1998年"), ("share", "1e3"), ("share", "nan"), ("short", "TRUE"), ("short", "false"), ("short", "1"), ("county", " 07 "), ("year", "1")]  # fmt: skip


def _tell(ask: Callable[[], object]) -> str:
    try:
        return str(ask())
    except EdustatsError as error:
        return f"{error.text('zh')} {error.text('en')}"


def _write_notebook(path: Path, *cells: str, needs: tuple[str, ...] = ()) -> Path:
    book = new_notebook(
        cells=[
            new_markdown_cell("# 章"),
            *(new_code_cell(cell, metadata={"tags": ["parameters"]}) for cell in cells),
            new_code_cell("x"),
        ]
    )
    book.metadata["edustats"] = {"needs": list(needs)}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)
    return path


def _tell_tree(folder: Path) -> list[str]:
    """Every file with the beginning of its words."""
    return [
        f"{path.relative_to(folder).as_posix()} {path.read_text('utf-8')[:24]!r}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def _without_folder(lines: Iterator[str], folder: str) -> Iterator[str]:
    for line in lines:
        yield re.sub(
            r"\d{4}-\d\d-\d\dT[\d:.+]+|\b[0-9a-f]{16,64}\b",
            "…",
            line.replace(str(Path(folder).resolve()), "OUT").replace(folder, "OUT"),
        )


def read_plans(_: Path) -> Iterator[str]:
    """Parameters, names, refusals of a plan."""
    with tempfile.TemporaryDirectory() as name:
        yield from _without_folder(_list_plans(Path(name)), name)


def _list_plans(folder: Path) -> Iterator[str]:
    for cell in CELLS:
        path = _write_notebook(folder / "a.ipynb", cell)
        yield f"{cell!r} → {_tell(lambda path=path: [(p.name, p.kind, p.default, p.help) for p in parameters.read_parameters(path)])}"
    signature = parameters.read_parameters(_write_notebook(folder / "a.ipynb", CELL))
    for given in GIVEN:
        yield f"{given} → {_tell(lambda given=given: parameters.resolve_parameters(signature, given))}"
    for key, word in WORDS:
        yield f"{key} {word!r} → {_tell(lambda key=key, word=word: parameters.parse_arguments(signature, {key: word}))}"
    two = _write_notebook(folder / "b.ipynb", CELL, CELL)
    other = _write_notebook(folder / "c.ipynb", CELL.replace("years: int = 3", "year: int = 2"))
    whole = _write_notebook(folder / "d.ipynb", CELL.replace("county", "prefecture"))
    (folder / "e.ipynb").write_text("{}")
    a, none, bad = folder / "a.ipynb", folder / "none.ipynb", folder / "e.ipynb"
    for asked in (two, none, bad):
        yield _tell(lambda asked=asked: parameters.read_parameters(asked))
    yield _tell(lambda: parameters.read_common_signature([a, other]))
    yield str([parameters.find_scope(parameters.read_parameters(one)) for one in (a, whole)])
    yield str(
        [
            make_slug(one)
            for one in ("../县/区 (新)", "St. Clair", "a_-_", "ＡＢ①", "ㅤ", "甲" * 40, "-x-", "😀", "a.b.c")
        ]
    )
    areas = [
        ReportArea("0101", "甲县"),
        ReportArea("0102", "乙 县"),
        ReportArea("01", "手工市", "prefecture"),
    ]
    cases: list[tuple[list[ReportArea], list[Path], dict[str, object], str]] = [
        (areas, [a, whole], {"years": 4}, "2024"), (areas[:2], [whole], {}, "2024"), ([], [a], {}, "2024"), (areas, [], {}, "2024"), (areas, [a], {}, "😀"), (areas, [a], {}, "con"),
        ([areas[0], areas[0]], [a], {}, "x"), ([ReportArea("a", "b"), ReportArea("A", "B")], [a], {}, "x"), ([ReportArea("", "甲")], [a], {}, "x"), ([ReportArea("nul", "")], [a], {}, "x"),
        (areas, [a, other], {}, "x"), (areas, [a, folder / "A.ipynb"], {}, "x"), (areas, [a], {"year": 1}, "x"),
    ]  # fmt: skip
    _write_notebook(folder / "A.ipynb", CELL)
    for number, (told, books, given, edition) in enumerate(cases):

        def plan(told: Any = told, books: Any = books, given: Any = given, edition: Any = edition) -> object:
            made = make_plan(told, books, given, folder / "out", edition)
            return (
                made.edition,
                [(j.county, j.name, j.folder, j.stem, j.scope, j.parameters) for j in made.jobs],
                len(made.counties()),
            )

        yield f"{number} → {_tell(plan)}"


# --- editions ---


def read_editions(store: Path) -> Iterator[str]:
    """Folders through a run that is cut short, results, what is out of date, revisions."""
    with tempfile.TemporaryDirectory() as name:
        yield from _without_folder(_list_editions(Path(name)), name)
        yield from _without_folder(_list_stale(Path(name) / "s", store), name)
        yield from _without_folder(_list_revisions(Path(name) / "r", store), name)


def _put(folder: Path, *files: str) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("[]" if file.endswith(".json") else f"{file} of {folder.name}", "utf-8")


RESULT = ReportResult(
    county="02",
    name="乙县",
    folder="02-乙",
    notebook="10_a",
    state="ok",
    digest="d",
    seconds=1.5,
    started="2024",
)


def _list_editions(folder: Path) -> Iterator[str]:
    edition = Edition(folder / "2024")
    _put(
        edition.live,
        "01-甲/a.html",
        "01-甲/sub/own.txt",
        "02-旧/b.html",
        "02-旧/note.txt",
        "readme.txt",
        "index.html",
        ".published/01-甲.json",
        ".published/02-旧.json",
        ".published/02-旧.values.parquet",
    )
    (edition.live / ".published" / "02-旧.json").write_text('["b.html"]')
    manifest.write_run_record(
        edition.live,
        {"sequence": 3, "living": ["10_a", "20_b"], "started": "1", "finished": None, "files": {}},
    )
    yield f"begun {folders.begin_edition(edition)} {edition.truth.name} {edition.place('01-甲').parent.name} {sorted(edition.files('01-甲'))} {edition.files('09')}"
    (edition.next / ".staging").mkdir()
    folders.link_previous_files(edition.live / "01-甲", edition.next / "01-甲")
    folders.link_previous_files(edition.live / "none", edition.next / "none")
    yield f"{(edition.next / '01-甲/a.html').stat().st_ino == (edition.live / '01-甲/a.html').stat().st_ino} {edition.place('01-甲').parent.name}"
    _put(edition.next, "02-乙/b.html")
    for result in (RESULT, replace(RESULT, state="failed", reason="坏", cell=2), replace(RESULT, county="01", state="ok_with_suppression", folder="01-甲"),
                   replace(RESULT, county="01", notebook="20_b", state="timed_out"), replace(RESULT, county="03", notebook="99_gone", state="killed")):  # fmt: skip
        manifest.append_result(edition.next, result)
    with (edition.next / "results.jsonl").open("ab") as file:
        file.write(b'{"county": "05", "na')
    manifest.append_result(edition.next, replace(RESULT, county="04", inputs={"code": "x"}))
    results = manifest.read_results(edition.next)
    yield str([(r.county, r.notebook, r.state, r.done, r.cell, r.inputs) for r in results])
    yield str([(r.county, r.notebook) for r in manifest.select_latest(results)])
    yield str([(r.county, r.notebook) for r in manifest.select_latest(results, ["10_a"])])
    manifest.write_run_record(
        edition.next, {"sequence": 4, "living": ["10_a", "20_b"], "started": "2", "finished": None}
    )
    yield from _tell_status(edition.live)
    folders.complete_edition(edition, {"02-旧"})
    yield from _tell_tree(edition.next)
    _put(edition.live, "01-甲/late.txt", "01-甲/a.html")
    folders.switch_edition(edition)
    yield from ("switched", *_tell_tree(folder))
    yield from _tell_status(edition.live)
    edition.live.rename(edition.ready)
    folders.recover_edition(edition)
    yield f"recovered {sorted(path.name for path in folder.iterdir())}"
    for ours, theirs in ((2, 3), (3, 3), (4, 3)):
        manifest.write_run_record(edition.live, {"sequence": ours, "who": "live"})
        edition.ready.mkdir(exist_ok=True)
        manifest.write_run_record(edition.ready, {"sequence": theirs, "who": "ready"})
        folders.recover_edition(edition)
        yield f"{ours} {theirs} {manifest.read_run_record(edition.live)} {sorted(path.name for path in folder.iterdir())}"
    with folders.lock_edition(edition, wait=False), patch.object(folders, "GRACE", 0.01):
        yield _tell(lambda: folders.lock_edition(edition, wait=False).__enter__())
    yield _tell(lambda: manifest.read_results(folder))
    for place in ("2025", ".2026.next", "hidden/2027"):
        _put(folder / place, "results.jsonl")
    yield str(
        [one.name for one in find_editions(folder)] + [one.name for one in find_editions(folder / "2025")]
    )
    yield f"{manifest.find_from(folder, folder / 'a' / 'b.txt')} {manifest.combine_digests({'b': '1', 'a': '2'}) == manifest.combine_digests({'a': '2', 'b': '1'})}"


def _tell_status(live: Path) -> Iterator[str]:
    told = read_status(live)
    groups = {
        name: [(r.county, r.notebook) for r in getattr(told, name)]
        for name in ("done", "stale", "failed", "timed_out", "killed", "wrong")
    }
    yield f"status {groups} {told.started} {told.finished} {told.unpublished} {told.interrupted}"


def _list_stale(folder: Path, store: Path) -> Iterator[str]:
    book = _write_notebook(folder / "10_a.ipynb", CELL)
    plan = make_plan([ReportArea("991101", "甲县")], [book], {}, folder / "out", "2024")
    job = plan.jobs[0]
    inputs = ReportInputs(lambda area, scope: {"data": f"{area} {scope}"})
    of = inputs.of(job)
    yield f"{sorted(of)} {sorted(ReportInputs(template=book, detail='full').of(job))} {sorted(ReportInputs(detail='brief').of(job))} {of['data']}"
    made = ReportResult(
        county="991101",
        name="甲县",
        folder=job.folder,
        notebook="10_a",
        state="ok",
        inputs=of,
        digest=manifest.combine_digests(of),
    )
    held = {"10_a.ipynb", "10_a.html"}
    for newest in (None, replace(made, state="failed"), made, replace(made, folder="x"), replace(made, digest=""), replace(made, digest="", folder="x"),
                   replace(made, inputs=of | {"code": "", "package": "", "lock": ""}, digest="")):  # fmt: skip
        yield f"{newest and newest.state} → {find_reasons(job, newest, of, lambda _: held)} {find_reasons(job, newest, of, lambda _: {'10_a.html'})}"
    yield str(
        list_changed_parts(
            {"code": "1", "data": "2", "gone": "3"}, {"data": "3", "code": "1", "package": "4", "other": "5"}
        )
    )
    yield str(
        list_changed_parts(of, inputs.of(replace(job, parameters=job.parameters | {"store": "elsewhere"})))
        + list_changed_parts(of, inputs.of(replace(job, parameters={"county": "x"})))
    )
    _write_notebook(book, CELL, CELL)
    yield str(
        list_changed_parts(of, inputs.of(job))
        + list_changed_parts(of, inputs.now("991101", book))
        + list_changed_parts(of, inputs.now("991101", book, "prefecture"))
    )
    yield str(
        [
            (r.county, r.notebook)
            for r in stale.find_outdated([made, replace(made, county="02")], inputs, {"10_a": str(book)})
        ]
        + stale.find_outdated([made], inputs, {})
    )
    opened = open_store(store)
    digests = StoreDigests(opened, folder / "memory.json")
    told = {
        (area, scope): digests(area, scope)
        for area, scope in (("991101", "county"), ("991102", "county"), ("991100", "prefecture"))
    }
    yield str({key: sorted(parts) for key, parts in told.items()})
    yield str(
        [
            name
            for name in told["991101", "county"]
            if told["991101", "county"][name] != told["991102", "county"][name]
        ]
    )
    file = folder / "x.txt"
    file.write_text("1")
    known = FileDigests(folder / "known.json")
    first = known.of(file)
    known.keep()
    yield f"{known.of(folder / 'none')!r} {known.of(file) == first} {(folder / 'known.json').exists()}"
    os.utime(file, (1, 1))
    with patch.object(stale, "UNSETTLED", -1.0):
        known.of(file)
    known.keep()
    yield f"{(folder / 'known.json').exists()} {FileDigests(folder / 'known.json').of(file) == first}"
    file.write_text("2")
    yield f"{FileDigests(folder / 'known.json').of(file) == first}"
    for needs in (
        (),
        ("per_pupil_books_primary",),
        ("no_such",),
        ("register:targets",),
        ("register:programmes",),
        ("beside:index.toml",),
        ("no_such", "per_pupil_books_junior"),
    ):
        _write_notebook(book, CELL, needs=needs)
        plan = make_plan(
            [ReportArea(code, code) for code in ("991101", "991102", "991103")],
            [book],
            {},
            folder / "out",
            "2024",
        )
        yield f"{needs} → {[job.county for job in chapters.drop_unfed_chapters(plan, opened).jobs]}"


def _hold_figures(rows: pd.DataFrame) -> io.BytesIO:
    return io.BytesIO(rows.to_parquet(index=False))


def _list_revisions(folder: Path, store: Path) -> Iterator[str]:
    opened = open_store(store)
    now = revisions.collect_figures(opened, ["991101", "991103", "991100"], opened.known)
    figures, none = (
        pd.read_parquet(file) for file in (now, revisions.collect_figures(opened, [], opened.known))
    )
    yield f"{len(figures)} {figures.groupby('area').size().to_dict()} {len(none)}"
    last = folder / "out" / "2023年报"
    last.mkdir(parents=True)
    asked = (
        figures["indicator"].isin(
            ["per_pupil_books_primary", "count_pupils_primary", "ratio_pupils_per_teacher_primary"]
        )
    ) & (figures["year"] == 2023)
    before = figures.assign(value=figures["value"].where(~asked, figures["value"] * 1.02 + 0.0))
    revisions.keep_figures(last, last, _hold_figures(before))
    yield f"{revisions.find_last_edition(folder / 'out', '2024')} {revisions.find_last_edition(folder / 'out', '2023年报')}"
    names = {f"f{n}.csv": str(n) for n in range(5)}
    for kind, files in (
        ("annual", opened.about["files"]),
        ("preliminary", opened.about["files"]),
        ("annual", {**opened.about["files"], "a.csv": "1"}),
        ("preliminary", names),
    ):
        manifest.write_run_record(last, {"finished": "2024-01", "inputs": {"files": files, "kind": kind}})
        found = revisions.find_revisions(opened, now, last, opened.known)
        yield from revisions.tell_revisions(opened, found, opened.known, "zh")[
            : 20 if kind == "annual" else 1
        ]
        yield from revisions.tell_revisions(opened, found, opened.known, "en")[:1]
    revisions.keep_figures(folder / "out", last, _hold_figures(figures[figures["area"] == "991101"]))
    kept = pd.read_parquet(folder / "out" / folders.FIGURES)
    yield f"{kept.groupby('area').size().to_dict()} {int((kept.merge(before, on=revisions.KEYS)['value_x'] != kept.merge(before, on=revisions.KEYS)['value_y']).sum())}"
    states = {
        revisions.digest_revisions(opened, areas, place, kind)
        for areas in (["991101"], ["991102"])
        for place in (None, last)
        for kind in ("annual", "preliminary")
    }
    yield f"{len(states)} {revisions.digest_revisions(opened, ['991101'], last, 'annual') in states}"


# --- runs ---


def _find_books() -> Iterator[tuple[str, Any]]:
    def book(*outputs: Any) -> Any:
        return new_notebook(cells=[new_code_cell("x", outputs=list(outputs)), new_markdown_cell("y")])

    def shown(**data: Any) -> Any:
        return new_output("display_data", data={RECORD.format(kind): body for kind, body in data.items()})

    cover = {"key": "cover", "sentence": {"zh": "甲县2024年教育情况", "en": "County A"}}
    yield "none", book()
    yield (
        "error",
        book(shown(finding=cover), new_output("error", ename="ValueError", evalue="x" * 300, traceback=[])),
    )
    yield "cover", book(shown(finding=cover))
    yield "other county", book(shown(finding=cover | {"sentence": {"zh": "乙县" * 60, "en": "County B"}}))
    yield "other finding", book(shown(finding={"key": "x", "sentence": {"zh": "乙县", "en": "B"}}))
    yield "lost picture", book(shown(figure={"key": "trend.chart"}))
    yield (
        "lost plot",
        book(new_output("execute_result", data={"text/plain": "<Figure size 640x480 with 1 Axes>"})),
    )
    yield (
        "empty plot",
        book(new_output("execute_result", data={"text/plain": "<Figure size 640x480 with 0 Axes>"})),
    )
    yield (
        "picture",
        book(new_output("display_data", data={"image/png": "x", RECORD.format("figure"): {"key": "k"}})),
    )
    yield (
        "withheld",
        book(shown(finding={"key": "x", "verdict": "withheld", "sentence": {"zh": "", "en": ""}})),
    )
    yield "marked", book(shown(table={"rows": [["甲", {"zh": say("disclosure.mark").zh}], [1, {"zh": "—"}]]}))
    yield (
        "table",
        book(shown(table={"rows": [["甲", {"zh": "—"}]]}), new_output("stream", name="stdout", text="a\nb")),
    )


def read_runs(_: Path) -> Iterator[str]:
    """Faults, progress, orders, and whole runs with a crew that writes a line a file."""
    for name, book in _find_books():
        yield f"{name} → {find_fault(book, '甲县', 'zh')!r} {find_fault(book, 'County A', 'en')!r} {has_suppressed_figures(book)}"
        yield from (
            re.sub(r'"id":"\w+",', "", output.format_notebook(book)).splitlines() if name == "table" else ()
        )
    done = ReportResult(county="01", name="甲县", folder="01-x", notebook="10_a", state="ok", seconds=2.5)
    slow = replace(done, county="02", state="failed", seconds=9.04, reason="第 <7> 所", cell=3)
    for lang in ("zh", "en"):
        held = io.StringIO()
        with (
            redirect_stderr(held),
            TerminalProgress(lang, why=True) as shown,
            patch("time.monotonic", lambda: 60.0),
        ):
            shown.due([(SimpleNamespace(county="01", name="甲县", stem="10_a"), ["data", "code"])] * 2)
            shown._started = 30.0
            shown.step(done, 1, 4)
            shown._told = 49.9
            shown.step(slow, 2, 4)
            shown._told = 50.0
            shown.step(done, 3, 4)
            shown.step(done, 4, 4)
        yield from held.getvalue().splitlines()
    jobs = [
        (SimpleNamespace(county=f"{k:02}", name="县", stem="a"), ["never"] if k % 2 else ["data"])
        for k in range(31)
    ]
    yield from format_reasons(jobs, "zh")[28:]
    held = io.StringIO()
    summary = RunSummary(
        results=(
            done,
            slow,
            replace(slow, county="03", state="ok_with_suppression"),
            replace(done, county="01", scope="prefecture", state="killed"),
        ),
        seconds=1.23456,
        edition=Path("x"),
        fresh=3,
    )
    with redirect_stdout(held), JsonEvents() as events:
        events.due(jobs[:2])
        events.step(slow, 1, 2)
        events.end(summary)
    yield from held.getvalue().splitlines()
    yield f"{summary.wrong_counties} {summary.counties} {summary.prefectures} {summary.wrong_prefectures} {summary.exit_code} {replace(summary, results=(done,)).exit_code} {replace(summary, results=(), stopped='x').exit_code}"
    yield str(
        [name_signal(number) for number in (9, 15, 999)]
        + [_describe_exit(code).zh for code in (0, 1, 2, -9, -15, 137)]
    )
    yield str(
        [
            _tell_split(one)
            for one in (
                "PY -m ipykernel_launcher -f x",
                "PY x.py",
                "PY -X a -m ipykernel_launcher -f y",
                "ir -m ipykernel_launcher",
                "PY -m",
                "-m ipykernel_launcher",
            )
        ]
    )
    yield from _tell_breakers(done, slow)
    with tempfile.TemporaryDirectory() as name:
        yield from _without_folder(_list_runs(Path(name)), name)
        yield from _without_folder(_list_outputs(Path(name) / "o"), name)


def _tell_split(command: str) -> object:
    try:
        own, given = _split_command(command.replace("PY", sys.executable).split())
        return [Path(own[0]).name == Path(sys.executable).name, *own[1:], given]
    except Exception as error:
        return type(error).__name__


def _tell_breakers(done: ReportResult, slow: ReportResult) -> Iterator[str]:
    alike = [[replace(slow, county=f"1{k}", name=f"县{k}", reason=f"县{k} 1{k} 第{k}格")] for k in range(7)]
    for counties, answers in (
        (6, alike),
        (5, alike),
        (6, [[done], *alike]),
        (6, [*alike[:3], [replace(slow, state="killed")], *alike]),
        (6, [[], *alike]),
        (6, [[done, slow], *alike]),
    ):
        breaker = FailureBreaker(counties)
        yield f"{counties} → {[breaker.find_common_failure(one) for one in answers]}"
    order = _make_order(attempt=1)
    for attempt, signals in (
        (1, ("SIGKILL", None)),
        (1, ("SIGSEGV", None)),
        (2, ("SIGKILL", None)),
        (1, ("SIGTERM", "SIGHUP")),
        (1, ("SIGBUS", None)),
    ):
        found = [
            replace(done, notebook=stem, signal=signal)
            for stem, signal in zip(("a", "b"), signals, strict=True)
        ]
        settled, again = runner._separate_retries(replace(order, attempt=attempt), found)
        yield f"{attempt} {signals} → {[one.notebook for one in settled]} {again and (again.stems, again.attempt)}"


def _make_order(**more: Any) -> WorkOrder:
    return WorkOrder(county="01", name="甲县", folder="01-甲", edition="E", live="L", lang="zh", deadline=60, living=["a", "b"],
                     notebooks=[("a.ipynb", "a", {"county": "01", "first_year": 2020, "x": 1}, {"code": "1"}), ("b.ipynb", "b", {}, {})], **more)  # fmt: skip


class _Crew:
    """Answers each order as its county asks for: 02 fails, 03 is killed once, 04 loses its page."""

    def __init__(self, orders: list[WorkOrder]) -> None:
        self.orders = list(orders)

    def __enter__(self) -> _Crew:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def put(self, order: WorkOrder) -> None:
        self.orders.append(order)

    def next(self) -> tuple[WorkOrder, list[ReportResult]]:
        order = self.orders.pop(0)
        if order.county in self.failing:
            return order, order.results(state="failed", reason="数据不足")
        if order.county == "03" and order.attempt == 1:
            return order, order.results(state="killed", signal="SIGKILL", reason="内存")
        folders.link_previous_files(Path(order.live) / order.folder, order.target)
        for _path, stem, _given, _inputs in order.notebooks:
            _put(order.target, f"{stem}.ipynb", *([] if order.county == "04" else [f"{stem}.html"]))
        _put(Path(order.edition) / ".published", f"{order.folder}.json")
        return order, order.results(state="ok" if order.county != "05" else "ok_with_suppression")

    failing: tuple[str, ...] = ("02",)


def _list_runs(folder: Path) -> Iterator[str]:
    books = [_write_notebook(folder / "n" / f"{stem}.ipynb", CELL) for stem in ("10_a", "20_b")]
    _write_notebook(folder / "n" / "30_c.ipynb", CELL)
    areas = [ReportArea(f"{k:02}", f"县{k}") for k in range(1, 8)]
    cases: list[tuple[str, tuple[str, ...], ReportPlan, dict[str, Any]]] = [
        ("first", ("02",), make_plan(areas, books[:1], {}, folder / "out", "2024"), {}), ("again", ("02",), make_plan(areas, books, {"years": 3}, folder / "out", "2024"), {}),
        ("other", (), make_plan(areas, books, {"years": 4}, folder / "out", "2024"), {"lang": "en", "template": str(books[0]), "detail": "full"}),
        ("nothing", (), make_plan(areas, books, {"years": 4}, folder / "out", "2024"), {}), ("forced", (), make_plan(areas[:1], books[:1], {"years": 4}, folder / "out", "2024"), {"force": True}),
        ("renamed", (), make_plan([ReportArea("01", "新名"), *areas[1:]], books, {"years": 4}, folder / "out", "2024"), {}),
        ("all fail", tuple(area.code for area in areas), make_plan(areas, books, {"years": 5}, folder / "out", "2024"), {}), ("two fail", ("01", "02"), make_plan(areas[:2], books, {"years": 6}, folder / "out", "2024"), {}),
    ]  # fmt: skip
    for name, failing, plan, terms in cases:
        heard: list[str] = []
        told = RunListeners(why=lambda due, heard=heard: heard.append(str([(job.county, job.stem, why) for job, why in due])),
                            progress=lambda result, done, total, heard=heard: heard.append(f"{done}/{total} {result.county} {result.notebook} {result.state} {result.attempt}"),
                            finish=lambda edition, newest, heard=heard: heard.append(f"finish {edition.name} {[(r.county, r.notebook, r.state) for r in newest]}"))  # fmt: skip
        with (
            patch.object(runner, "_create_crew", lambda orders, *_: _Crew(orders)),
            patch.object(_Crew, "failing", failing),
            patch.object(runner, "assemble_numbers", lambda *_: None),
            patch.object(runner, "find_new_parts", lambda *_: ()),
        ):
            summary = run_reports(
                plan, RunSettings(**terms), told=told, facts={"store": str(folder / "store"), "files": {}}
            )
        yield f"## {name}: {summary.counties} {summary.wrong_counties} {summary.fresh} {summary.stopped}"
        yield from heard
        record = manifest.read_run_record(plan.target)
        yield json.dumps(
            {
                key: record[key]
                for key in (
                    "sequence",
                    "edition",
                    "lang",
                    "deadline",
                    "counties",
                    "notebooks",
                    "ways",
                    "living",
                )
                if key in record
            },
            ensure_ascii=False,
        )
        yield from sorted(
            path.relative_to(folder).as_posix()
            for path in (folder / "out").rglob("*")
            if path.is_file() and "/01-" in path.as_posix() + "/04-"
        )
    order = runner._build_order(
        list(cases[0][2].jobs[:1]),
        cases[0][2],
        RunSettings(memory_mb=5, kernel="k", warm=False),
        ReportInputs(),
        ["10_a"],
    )
    yield str(replace(order, notebooks=[one[:3] for one in order.notebooks]))
    yield f"{order.stems} {order.values.name} {order.staging.name} {worker._describe_subject(order)} {worker._describe_subject(_make_order())} {worker._describe_subject(replace(order, notebooks=[]))}"


def _list_outputs(folder: Path) -> Iterator[str]:
    """What a worker makes of an executed notebook, and how files come into their places."""
    edition, live = folder / ".2024.next", folder / "2024"
    order = replace(_make_order(), edition=str(edition), live=str(live), living=["a", "b", "c", "d"])
    order.staging.mkdir(parents=True)
    for name, book in _find_books():
        for status, reason in (("completed", ""), ("timed_out", "超时\n第二行")):
            own = nbformat.from_dict(book)
            own.metadata["papermill"] = {
                "status": status,
                "reason": reason,
                "cell": 2,
                "start_time": "t",
                "peak_mb": 12.345,
                "exception": None,
            }
            yield f"{name} {status} → {worker._record_outcome(order, own, order.staging / 'a.ipynb', 'src.ipynb')}"
        if name in ("error", "cover"):
            yield from re.sub(
                r'"id":"[0-9a-f]+",', "", (order.staging / "a.ipynb").read_text("utf-8")
            ).splitlines()
    results = order.results(state="ok")
    yield str(
        [
            (r.notebook, r.state, r.reason)
            for r in worker._mark_all_failed(
                [results[0], replace(results[1], state="killed", reason="内存")], "没有页面"
            )
        ]
    )
    yield str([r.state for r in worker._mark_all_failed(results, "")])
    for stem, given, status in (
        ("a", order.notebooks[0][2], "completed"),
        ("c", order.notebooks[0][2], "completed"),
        ("d", {}, "completed"),
        ("e", order.notebooks[0][2], "completed"),
        ("b", order.notebooks[0][2], "failed"),
    ):
        order.target.mkdir(exist_ok=True)
        (order.target / f"{stem}.ipynb").write_text(
            json.dumps({"metadata": {"papermill": {"status": status, "parameters": given}}})
        )
        _put(order.target, f"{stem}.html")
    yield str(
        [
            path.name
            for path in worker._list_executed(order, [results[0], replace(results[1], state="failed")])
        ]
        + worker._list_chapters(order)
    )
    _put(order.staging, "a.html", "图/x.png")
    _put(edition / ".published", "01-甲.json")
    (edition / ".published" / "01-甲.json").write_text(
        json.dumps(["a.html", "gone.html", "c.html", "b.html", "old.docx"])
    )
    _put(order.target, "gone.html", "old.docx", "own.txt")
    yield f"{worker._publish_files(order)!r}"
    yield from (one for one in _tell_tree(edition) if ".ipynb" not in one)
    path = folder / "x.ipynb"
    output.write_output(path, "1")
    mode = oct(path.stat().st_mode)
    path.chmod(0o600)
    output.write_output(path, "2")
    yield f"{mode == oct(0o100666 & ~output._read_umask())} {oct(path.stat().st_mode)} {path.read_text()} {output.locate_output('-')} {output.locate_output('s3://a/b')} {output.locate_output('')}"


RUNS_READ: dict[str, Callable[[Path], Iterator[str]]] = {
    "plans": read_plans,
    "editions": read_editions,
    "runs": read_runs,
}
