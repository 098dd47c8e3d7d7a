"""What can be asked from the command line? One short function per command.

Exit codes: 0 done; 1 done, with something that needs a person; 2 could not run, and the message says
what to do. A user's mistake never shows a traceback.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edustats.console import StoppedError, fold_line, hear_signals, prepare_streams, speak_to_programs
from edustats.errors import EdustatsError, MissingFileError, ParameterError
from edustats.files import write_whole
from edustats.places import RemotePlace, is_address, resolve_place
from edustats.shipped import PACKAGE, shipped
from edustats.words import LANGUAGES, say, user_language

if TYPE_CHECKING:
    from edustats.report.edition.manifest import ReportResult
    from edustats.report.edition.plan import ReportPlan
    from edustats.report.edition.stale import ReportInputs
    from edustats.report.run.progress import JsonEvents, TerminalProgress
    from edustats.report.run.runner import RunSettings, RunSummary
    from edustats.store.reading import Store

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=say("cli.app")[user_language()],
)


def _get_help(key: str) -> str:
    return say(f"cli.{key}")[user_language()]


def _get_trace_help(key: str) -> str:
    return say(f"trace.{key}")[user_language()]


def main() -> None:
    """Entry point of the ``edustats`` command."""
    prepare_streams()
    try:
        app(_gather_words(sys.argv[1:]))
    except EdustatsError as error:
        typer.echo(f"edustats: {error}", err=True)
        sys.exit(2)


LISTS = ("--notebook", "--county")


def _gather_words(words: list[str]) -> list[str]:
    """The words of a report's command with lists joined: ``--notebook 00 10`` is ``--notebook 00,10``.

    Examples
    --------
    >>> _gather_words(["report", "--notebook", "00", "10", "--lang", "zh"])
    ['report', '--notebook', '00,10', '--lang', 'zh']
    """
    if words[:1] != ["report"]:
        return words
    told: list[str] = []
    gathering = 0
    for word in words:
        if gathering > 1 and not word.startswith("-"):
            told[-1] += f",{word}"
            continue
        gathering = 1 if word in LISTS else 2 if gathering == 1 and not word.startswith("-") else 0
        told.append(word)
    return told


MOST_TOLD = 20
DETAILS = ("brief", "full")
"""Failures named on the terminal; the index names all."""
StoreOption = Annotated[Path | None, typer.Option("--store", parser=resolve_place, help=_get_help("store"))]


def _use_language(given: str) -> str:
    """What is wrong with another word of the command is said in the language that the command asks for."""
    if given in LANGUAGES:
        os.environ["EDUSTATS_LANG"] = given
    return given


LangOption = Annotated[
    str, typer.Option("--lang", help=_get_help("lang"), callback=_use_language, is_eager=True)
]


@app.command(help=_get_help("example"))
def example(
    folder: Annotated[Path, typer.Argument(help=_get_help("example_folder"))] = Path("data/example"),
    lang: LangOption = "",
) -> None:
    from edustats.example.returns import write_example

    lang = _choose_language(lang)
    written = write_example(folder)
    typer.echo(say("cli.example_done", folder=_make_portable_path(folder / "returns"), **written)[lang])


@app.command(help=_get_help("load"))
def load(
    source: Annotated[list[Path], typer.Argument(help=_get_help("source"))],
    store: StoreOption = None,
    data: Annotated[Path | None, typer.Option("--data", help=_get_help("data"))] = None,
    strict: Annotated[bool, typer.Option("--strict", help=_get_help("strict"))] = False,
    if_present: Annotated[bool, typer.Option("--if-present", help=_get_help("if_present"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_get_help("load_json"))] = False,
    lang: LangOption = "",
) -> None:
    from edustats.load import ledger, summary

    lang = _choose_language(lang)
    try:
        loaded = _load_sources(source, store, data, lang)
    except MissingFileError as error:
        if not if_present:
            raise
        typer.echo(say("load.not_there", mapping=source[0].name, reason=error.text(lang))[lang])
        return
    if as_json:
        typer.echo(summary.as_json(loaded.findings, loaded.ledger, lang))
        _leave(strict, loaded)
    for line in ledger.lines(loaded.ledger, lang):
        typer.echo(line)
    for refused in loaded.findings.loc[loaded.findings["rule"] == "file_refused", lang]:
        typer.echo(refused, err=True)
    absent = loaded.findings.loc[loaded.findings["rule"] == "county_absent", lang]
    for line in absent.head(MOST_TOLD):
        typer.echo(line)
    if len(absent) > MOST_TOLD:
        typer.echo(say("areas.absent_more", n=len(absent) - MOST_TOLD)[lang])
    for line in summary.summarise(loaded.findings, loaded.ledger, lang):
        typer.echo(line)
    _leave(strict, loaded)


def _leave(strict: bool, loaded: Any) -> None:
    """End with 1 where a person is asked for."""
    from edustats.load import summary

    errors = int((loaded.findings["severity"] == "error").sum())
    aside = summary.needs_a_person(loaded.ledger)
    raise typer.Exit(1 if strict and (aside or errors) else 0)


@app.command(help=_get_help("inspect"))
def inspect(
    files: Annotated[list[Path], typer.Argument(help=_get_help("inspect_files"))],
    write: Annotated[Path | None, typer.Option("--write", help=_get_help("inspect_write"))] = None,
    own: Annotated[Path | None, typer.Option("--catalogue", help=_get_help("inspect_catalogue"))] = None,
    lang: LangOption = "",
) -> None:
    from edustats.load.files.own_catalogue import read_own_catalogue
    from edustats.load.tables.draft import write_draft
    from edustats.load.tables.inspection import inspect_files

    lang = _choose_language(lang)
    found = inspect_files(files, read_own_catalogue(own) if own else None)
    for line in found.lines(lang):
        typer.echo(line)
    if write is not None:
        write_draft(found, write, own)
        typer.echo(say("load.draft_written", file=_make_portable_path(write))[lang])
    raise typer.Exit(0 if found.tables else 1)


def _load_sources(source: list[Path], store: Path | None, data: Path | None, lang: str) -> Any:
    """One mapping file, or folders and files of returns, into a store."""
    from edustats.load.files.own_catalogue import find_own_catalogue
    from edustats.load.tables import reader as tables
    from edustats.store.writing import update_store, write_store

    source = [_find_mapping(path) for path in source]
    if any(path.suffix == ".toml" for path in source):
        if len(source) > 1:
            raise ParameterError("errors.one_mapping", files=", ".join(path.name for path in source))
        target = store or Path("data/store") / source[0].stem
        loaded = tables.load_tables(source[0], data, find_own_catalogue(target))
        write_store(loaded, target)
        return loaded
    first = source[0].resolve()
    name = first.parent.name if first.name == "returns" or first.is_file() else first.name
    loaded, changed = update_store(source, store or Path("data/store") / name)
    if not changed:
        typer.echo(say("load.unchanged")[lang])
    return loaded


def _find_mapping(path: Path) -> Path:
    """A mapping that travels with the package may be named without its folder: ``michigan``."""
    if len(path.parts) > 1 or path.exists():
        return path
    named = shipped("data/mappings") / path.with_suffix(".toml").name
    return named if named.is_file() else path


@app.command(help=_get_help("indicators"))
def indicators(
    key: Annotated[str, typer.Argument(help=_get_help("key"))] = "",
    lang: LangOption = "",
) -> None:
    from edustats.analysis.frames import indicators as find_indicators
    from edustats.analysis.selection import check_keys
    from edustats.catalogue import catalogue

    lang, known = _choose_language(lang), catalogue()
    hits = find_indicators(key)
    if len(hits) > 1 and key not in {*hits["indicator"], *hits["zh"], *hits["en"]}:
        for code, name in zip(hits["indicator"], hits[lang], strict=True):
            typer.echo(fold_line(f"{code:32} {name}", 33))
        return
    (key,) = hits["indicator"] if len(hits) == 1 else check_keys(key, known) or ()
    one = known.indicator(key)
    facts = {
        "name": one.name, "formula": one.formula, "unit": known.unit_of(key).name, "source": one.clause,
        "low": f"{one.range[0]:g}", "high": f"{one.range[1]:g}", "better": say(f"cli.better_{one.better}"),
    }  # fmt: skip
    typer.echo(say("cli.indicator", **facts)[lang])


@app.command(help=_get_help("report"))
def report(
    store: StoreOption = None,
    county: Annotated[list[str] | None, typer.Option("--county", help=_get_help("county"))] = None,
    notebook: Annotated[list[str] | None, typer.Option("--notebook", help=_get_help("notebook"))] = None,
    from_: Annotated[int, typer.Option("--from", help=_get_help("from"))] = 0,
    to: Annotated[int, typer.Option("--to", help=_get_help("to"))] = 0,
    lang: LangOption = "",
    out: Annotated[Path, typer.Option("--out", parser=resolve_place, help=_get_help("out"))] = Path(
        "reports"
    ),
    work: Annotated[Path | None, typer.Option("--work", help=_get_help("work"))] = None,
    edition: Annotated[str, typer.Option("--edition", help=_get_help("edition"))] = "",
    workers: Annotated[int, typer.Option("--workers", min=0, help=_get_help("workers"))] = 0,
    deadline: Annotated[float, typer.Option("--deadline", min=1, help=_get_help("deadline"))] = 600,
    memory: Annotated[float, typer.Option("--memory", min=0, help=_get_help("memory"))] = 4096,
    notebooks: Annotated[Path | None, typer.Option("--notebooks", help=_get_help("notebooks"))] = None,
    scheduler: Annotated[str, typer.Option("--scheduler", help=_get_help("scheduler"))] = "",
    why: Annotated[bool, typer.Option("--why", help=_get_help("why"))] = False,
    force: Annotated[bool, typer.Option("--force", help=_get_help("force"))] = False,
    warm: Annotated[bool, typer.Option(" /--no-warm", help=_get_help("no_warm"))] = True,
    wait: Annotated[bool, typer.Option("--wait", help=_get_help("wait"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_get_help("json"))] = False,
    template: Annotated[Path | None, typer.Option("--template", help=_get_help("template"))] = None,
    detail: Annotated[str, typer.Option("--detail", help=_get_help("detail"))] = "brief",
    preliminary: Annotated[bool, typer.Option("--preliminary", help=_get_help("preliminary"))] = False,
) -> None:
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own keeps what it was ever given
    from edustats.places import find_store
    from edustats.report.edition.chapters import drop_unfed_chapters
    from edustats.report.run.runner import RunSettings
    from edustats.store.reading import open_store

    opened = open_store(store or find_store())
    lang = _choose_language(lang, opened.lang)
    _check_years(opened, from_, to)
    _check_template(template)
    if detail not in DETAILS:
        raise ParameterError("cli.unknown_detail", detail=detail)
    parameters = {
        "store": _make_portable_path(opened.path),
        "first_year": from_,
        "last_year": to,
        "lang": lang,
    }
    areas = _select_areas(opened, county or ["all"], lang)
    files = _select_notebooks(notebooks or _find_notebooks() or shipped("notebooks"), notebook or [])
    plan = _lay_out_plan(areas, files, parameters, out, work, edition or str(to or opened.about["years"][-1]))
    plan = plan if notebook else drop_unfed_chapters(plan, opened)
    terms = RunSettings(
        lang=lang, deadline=deadline, memory_mb=memory, warm=warm, workers=workers or None, force=force,
        wait=wait, scheduler=scheduler, template=str(template.resolve()) if template else "",
        detail=detail,
    )  # fmt: skip
    raise typer.Exit(
        _run_plan(
            plan, opened, terms, why=why, as_json=as_json, kind="preliminary" if preliminary else "annual"
        )
    )


def _lay_out_plan(
    areas: list[Any], files: list[Path], parameters: dict[str, object], out: Path | RemotePlace,
    work: Path | None, edition: str,
) -> ReportPlan:  # fmt: skip
    """The plan, in the folder of the reports or, where they go elsewhere, in one they are made in."""
    from edustats.report.edition.plan import make_plan

    if isinstance(out, Path):
        return make_plan(areas, files, parameters, out, edition)
    from edustats.report.edition.remote import find_cache_folder

    return replace(
        make_plan(areas, files, parameters, work or find_cache_folder(out), edition), address=str(out)
    )


def _note_revisions(plan: ReportPlan, opened: Store, kind: str) -> Callable[[], Any]:
    """Hold the store against the last edition, and say beside it what differs; returns what reads its figures once.

    They are read at the first asking: a run that has nothing to do needs none.
    """
    from edustats.report.edition import revisions

    areas = {job.county for job in plan.jobs}
    figures = cache(partial(revisions.collect_figures, opened, areas, opened.known))
    last = revisions.find_last_edition(plan.out, plan.edition)
    made_of = partial(revisions.digest_revisions, opened, areas, last, kind)
    noted = plan.out / f".{plan.edition}.revised"
    if last is not None and not (noted.is_file() and noted.read_text("utf-8") == made_of()):
        found = revisions.find_revisions(opened, figures(), last, opened.known, kind)
        revisions.note_revisions(opened, found, areas)
        write_whole(noted, made_of())
    return figures


def _tell_due_reports(shown: Any, figures: Callable[[], Any], due: list[Any]) -> None:
    """Say what will be made; the figures are those of the store as it is before the first kernel starts."""
    shown.due(due)
    if due:
        figures()


def _run_plan(
    plan: ReportPlan, opened: Store, terms: RunSettings, *, why: bool, as_json: bool, kind: str = "annual"
) -> int:
    from edustats.report.edition.stale import ReportInputs, StoreDigests
    from edustats.report.run.progress import JsonEvents, TerminalProgress
    from edustats.report.run.runner import RunListeners, run_reports

    figures = _note_revisions(plan, opened, kind)
    data = StoreDigests(opened, plan.out / f".{plan.edition}.digests")
    title = opened.about["title"][terms.lang]
    facts = {
        "store": _make_portable_path(opened.path),
        "title": title,
        "files": opened.about["files"],
        "kind": kind,
    }
    if as_json:
        speak_to_programs()
    shown = JsonEvents() if as_json else TerminalProgress(terms.lang, why=why)
    try:
        with hear_signals(), shown:
            told = RunListeners(
                why=partial(_tell_due_reports, shown, figures),
                progress=shown.step,
                finish=partial(_write_edition_index, plan, opened, terms.lang, kind, figures),
            )
            template = Path(terms.template) if terms.template else None
            with _open_remote_place(plan, terms):
                summary = run_reports(
                    plan,
                    terms,
                    told=told,
                    inputs=ReportInputs(data, template, terms.detail),
                    facts=facts,
                )
    except StoppedError as stopped:
        return _tell_interruption(shown, terms.lang, stopped.number)
    data.remember()
    shown.end(summary)
    if not as_json:
        _print_summary(summary, plan, terms.lang)
    return summary.exit_code


def _tell_interruption(shown: TerminalProgress | JsonEvents, lang: str, number: int) -> int:
    """What is done, and what to type to go on; the exit code of a command that a signal stopped."""
    command = shlex.join(["edustats", *sys.argv[1:]])
    typer.echo(say("cli.interrupted", done=shown.made, total=shown.total, command=command)[lang], err=True)
    return 128 + number


def _open_remote_place(plan: ReportPlan, terms: RunSettings) -> AbstractContextManager[Any]:
    """What shows the set in a place that is no folder of this machine."""
    if not plan.address:
        return nullcontext()
    from edustats.report.edition.remote import open_remote_edition

    return open_remote_edition(resolve_place(plan.address), plan.out, plan.edition, terms.wait)


def _write_edition_index(
    plan: ReportPlan,
    opened: Store,
    lang: str,
    kind: str,
    figures: Callable[[], Any],
    folder: Path,
    newest: list[ReportResult],
) -> None:
    import pandas as pd

    from edustats.report.edition import revisions
    from edustats.report.publish.index import write_index
    from edustats.store.reading import revisions_file

    title = say("cli.index_title", title=opened.about["title"][lang], edition=plan.edition)[lang]
    if kind != revisions.ANNUAL:
        title = say("revisions.edition_kind", title=title, kind=revisions.name_kind(kind))[lang]
    revisions.keep_figures(folder, plan.target, figures())
    file, revised = revisions_file(opened), []
    if isinstance(file, Path) and file.is_file() and revisions.find_last_edition(plan.out, plan.edition):
        revised = revisions.tell_revisions(opened, pd.read_parquet(file), opened.known, lang)
    absent = opened.absent()[lang].tolist()
    write_index(
        folder,
        newest,
        lang=lang,
        title=title,
        command=_build_command(plan, opened, lang),
        absent=absent,
        revised=revised,
    )


def _print_summary(summary: RunSummary, plan: ReportPlan, lang: str) -> None:
    """Failures first, then what was done and where to look."""
    for result in summary.wrong[:MOST_TOLD]:
        typer.echo(_format_failure(result, lang), err=True)
    if summary.stopped:
        typer.echo(summary.stopped, err=True)
    facts: dict[str, object] = {
        "done": len(summary.counties) - len(summary.wrong_counties),
        "wrong": len(summary.wrong_counties),
        "seconds": f"{summary.seconds:.0f}",
        "fresh": summary.fresh,
        "page": f"{plan.address or _make_portable_path(plan.out)}/{plan.edition}/index.html",
    }
    if summary.prefectures:
        wrong = len(summary.wrong_prefectures)
        wide = facts | {"done": len(summary.prefectures) - wrong, "wrong": wrong}
        typer.echo(say(f"prefecture.report_{'also' if summary.counties else 'done'}", **wide)[lang])
    if summary.counties or not summary.results:
        typer.echo(say("cli.report_done" if summary.results else "cli.report_nothing", **facts)[lang])


def _build_command(plan: ReportPlan, opened: Store, lang: str) -> list[str]:
    """The command that makes this edition; the index adds the counties that need it."""
    first, last = (plan.jobs[0].parameters[name] for name in ("first_year", "last_year"))
    years = [word for flag, year in (("--from", first), ("--to", last)) if year for word in (flag, str(year))]
    place = [
        "--store",
        _make_portable_path(opened.path),
        "--out",
        plan.address or _make_portable_path(plan.out),
        "--edition",
        plan.edition,
    ]
    return ["edustats", "report", *place, "--lang", lang, *years]


def _format_failure(result: ReportResult, lang: str) -> str:
    state = say(f"report.state_{result.state}")
    where = f" In [{result.cell}]" if result.cell else ""
    return f"  {result.county} {result.name} {result.notebook}{where} {state[lang]}: {result.reason}"


@app.command(help=say("export.help")[user_language()])
def export(
    out: Annotated[Path, typer.Option("--out", help=say("export.help_out")[user_language()])],
    store: StoreOption = None,
    what: Annotated[
        str, typer.Option("--what", help=say("export.help_what")[user_language()])
    ] = "observations",
    inside: Annotated[
        bool, typer.Option("--inside", help=say("export.help_inside")[user_language()])
    ] = False,
    lang: LangOption = "",
) -> None:
    from edustats.long_tables import write_store_table as write
    from edustats.present.view.county import find_store
    from edustats.store.reading import open_store

    opened = open_store(store or find_store())
    lang = _choose_language(lang, opened.lang)
    rows = write(opened, out, what, inside=inside, lang=lang)
    mark = say("export.marked")[lang] if inside else ""
    typer.echo(say("export.done", rows=rows, file=_make_portable_path(out), mark=mark)[lang])


@app.command(help=_get_help("status"))
def status(
    folder: Annotated[Path, typer.Argument(parser=resolve_place, help=_get_help("folder"))] = Path("reports"),
    lang: LangOption = "",
) -> None:
    from edustats.report.edition.status import find_editions
    from edustats.report.edition.status import read_status as stand

    lang, wrong = _choose_language(lang), False
    with TemporaryDirectory(prefix="edustats-") as fetched:
        if isinstance(folder, RemotePlace):
            from edustats.report.edition.remote import fetch_records

            folder = fetch_records(folder, Path(fetched))
        stands = [stand(edition, _read_edition_inputs(edition)) for edition in find_editions(folder)]
    for found in stands:
        wrong |= bool(found.wrong) or found.interrupted
        facts = {
            "edition": found.edition, "done": len(found.done), "wrong": len(found.wrong),
            "stale": len(found.stale),
        }  # fmt: skip
        typer.echo(say("cli.status_interrupted" if found.interrupted else "cli.status_line", **facts)[lang])
        for result in found.wrong:
            typer.echo(_format_failure(result, lang))
    raise typer.Exit(int(wrong))


@app.command(help=_get_help("check"))
def check(
    files: Annotated[list[str], typer.Argument(help=_get_help("files"))],
    store: StoreOption = None,
    county: Annotated[str, typer.Option("--county", help=_get_help("check_county"))] = "",
    format_: Annotated[str, typer.Option("--format", help=_get_help("format"))] = "text",
    out: Annotated[Path | None, typer.Option("--out", help=_get_help("check_out"))] = None,
    lang: LangOption = "",
) -> None:
    from edustats import briefing

    lang, opened = _choose_language(lang, "zh"), None
    if format_ in ("json", "html"):
        speak_to_programs()
    if store is not None:
        from edustats.store.reading import open_store

        opened = open_store(store)
    raise typer.Exit(briefing.run(files, store=opened, county=county, format=format_, out=out, lang=lang))


@app.command(help=_get_help("fill"))
def fill(
    template: Annotated[Path, typer.Argument(help=_get_help("fill_template"))],
    county: Annotated[str, typer.Option("--county", help=_get_help("fill_county"))],
    year: Annotated[int, typer.Option("--year", help=_get_help("fill_year"))],
    out: Annotated[Path, typer.Option("--out", help=_get_help("fill_out"))],
    base_year: Annotated[int, typer.Option("--base-year", help=_get_help("fill_base_year"))] = 0,
    store: StoreOption = None,
    lang: LangOption = "",
) -> None:
    from edustats.briefing import masks
    from edustats.briefing.documents import read_document
    from edustats.places import find_store
    from edustats.store.reading import open_store

    lang, opened = _choose_language(lang, "zh"), open_store(store or find_store())
    area = county if county in set(opened.areas["code"]) else opened.county_code(county)
    found = masks.fill(template, opened, area, year, out, lang, base_year)
    filled = sum(bool(mask.text) for mask in found)
    facts = {
        "filled": filled,
        "left": len(found) - filled,
        "file": template.name,
        "out": _make_portable_path(out),
    }
    for line in masks.list_open(read_document(template).text, found, lang):
        typer.echo(line)
    typer.echo(say("masks.done" if found else "masks.none", **facts)[lang])
    raise typer.Exit(int(filled < len(found)))


@app.command(help=_get_trace_help("explain"))
def explain(
    file: Annotated[Path, typer.Argument(help=_get_trace_help("explain_file"))],
    number: Annotated[str, typer.Option("--number", help=_get_trace_help("explain_number"))] = "",
    store: Annotated[Path | None, typer.Option("--store", help=_get_trace_help("explain_store"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_get_trace_help("explain_json"))] = False,
    lang: LangOption = "",
) -> None:
    from edustats.report.trace import explain as told

    lang = _choose_language(lang)
    found = told.trace_file(file, lang)
    chosen = told.find_numbers(found, number)
    if not chosen:
        facts = {"file": file.name, "number": number, "count": len(found.numbers)}
        raise ParameterError("trace.explain_none", **facts)
    if as_json:
        speak_to_programs()
        typer.echo(told.dump_numbers(found, chosen))
        return
    held = _list_store_files(store) if store is not None else None
    facts = {"file": file.name, "count": len(chosen), "sources": len({n for c in chosen for n in c.sources})}
    typer.echo(say("trace.explain_count", **facts)[lang])
    page = told.select_page(chosen) if not number.strip() else chosen
    for line in told.format_explanation(found, page, held):
        typer.echo(line)
    if len(page) < len(chosen):
        typer.echo("\n" + say("trace.explain_more", shown=len(page), count=len(chosen))[lang])


def _list_store_files(path: Path) -> dict[str, str]:
    """Names and digests of the files that count in a store, and of the folders it names them by."""
    from edustats.store.reading import open_store

    opened = open_store(path)
    history = opened.history()
    current = history[history["state"] == "current"] if len(history) else history
    return {**opened.about["files"], **dict(zip(current["file"], current["digest"], strict=True))}


def _read_edition_inputs(edition: Path) -> ReportInputs:
    """What the reports of an edition are made of now, as far as its store is still there."""
    from edustats.report.edition.folders import Edition
    from edustats.report.edition.manifest import read_run_record
    from edustats.report.edition.stale import ReportInputs, StoreDigests
    from edustats.store.reading import open_store

    record = read_run_record(Edition(edition).truth)
    ways, named = record.get("ways", {}), record.get("inputs", {}).get("store", "")
    if way := ways.get("store", ""):
        beside = edition.parent / way
        named = (
            way if is_address(way) else beside if beside.is_dir() else named
        )  # fetched records lie elsewhere
    given = edition.parent / ways["template"] if ways.get("template") else None
    template = given if given is not None and given.is_file() else None
    with suppress(EdustatsError):
        data = StoreDigests(open_store(named), edition.with_name(f".{edition.name}.digests"))
        return ReportInputs(data, template, str(ways.get("detail", "")))
    typer.echo(say("cli.status_no_store", edition=edition.name, store=str(named))[user_language()], err=True)
    return ReportInputs(template=template, detail=str(ways.get("detail", "")))


@app.command(help=_get_help("lab"))
def lab(
    notebooks: Annotated[Path | None, typer.Argument(help=_get_help("lab_notebooks"))] = None,
    store: Annotated[str, typer.Option("--store", help=_get_help("store"))] = "",
    lang: LangOption = "",
) -> None:
    import subprocess
    from importlib.util import find_spec

    from edustats.present.explore.lab_copy import copy_notebooks

    language = _choose_language(lang)
    if find_spec("jupyterlab") is None:
        raise MissingFileError("cli.no_lab")
    if store:
        os.environ["EDUSTATS_STORE"] = store if is_address(store) else str(Path(store).resolve())
    opening = ""
    if notebooks is None:
        notebooks, new = copy_notebooks(language, _find_notebooks())
        opening = f"/{say('lab.start_file')[language]}"
        if new:
            typer.echo(say("cli.copied_notebooks", folder=_make_portable_path(notebooks), n=new)[language])
    if not notebooks.is_dir():
        raise MissingFileError(
            "errors.missing_file", file=notebooks.name, where=_make_portable_path(notebooks.parent)
        )
    _warn_without_store()
    raise typer.Exit(subprocess.run(_build_lab_command(notebooks, language, opening), check=False).returncode)  # noqa: S603 - our own interpreter


def _build_lab_command(notebooks: Path, language: str, opening: str) -> list[str]:
    """JupyterLab with the house's settings, opened on a folder or on a file of it."""
    settings = PACKAGE / "lab" / language
    return [
        sys.executable, "-m", "jupyterlab", f"--LabApp.app_settings_dir={settings}", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        f"--ServerApp.root_dir={notebooks.resolve().parent}",
        f"--LabApp.default_url=/lab/tree/{notebooks.name}{opening}",
    ]  # fmt: skip


@app.command(help=say("doctor.help")[user_language()])
def doctor(lang: LangOption = "") -> None:
    from edustats.doctor import examine_machine

    lang, found = _choose_language(lang), examine_machine()
    for one in found:
        mark = "good" if one.good else "bad" if one.needed else "optional"
        typer.echo(fold_line(f"{say(f'doctor.{mark}')[lang]}  {one.said[lang]}", 6))
    raise typer.Exit(1 if any(one.needed and not one.good for one in found) else 0)


def _find_notebooks() -> Path | None:
    """The notebooks of the folder one stands in, as in a checkout."""
    here = Path("notebooks")
    return here if any(here.glob("*.ipynb")) else None


def _warn_without_store() -> None:
    """Say which command makes a store, where the notebooks would find none."""
    from edustats.places import find_store

    try:
        find_store()
    except EdustatsError as error:
        typer.echo(f"edustats: {error}", err=True)


def _choose_language(given: str, default: str = "") -> str:
    if given and given not in LANGUAGES:
        raise ParameterError("errors.unknown_language", lang=given)
    chosen = given or default or user_language()
    os.environ["EDUSTATS_LANG"] = chosen
    return chosen


def _check_years(opened: Store, first: int, last: int) -> None:
    have = opened.about["years"]
    if first and last and first > last:
        raise ParameterError("errors.reversed_years", first=first, last=last)
    if not any((first or have[0]) <= year <= (last or have[-1]) for year in have):
        span = f"{have[0]}–{have[-1]}"
        area = say("cli.the_store", store=opened.path.name)
        raise ParameterError(
            "errors.no_years", area=area, first=first or have[0], last=last or have[-1], have=span
        )  # fmt: skip


def _check_template(template: Path | None) -> None:
    if template is not None:
        from edustats.report.publish.word_template import check_template

        check_template(template)


def _select_areas(opened: Store, chosen: list[str], lang: str) -> list[Any]:
    """Areas by code, by the beginning of a code with a star (4302*), or all; prefectures first.

    A prefecture comes with its counties where all or a star takes every one of them.
    """
    from edustats.report.edition.plan import ReportArea

    counties, prefectures = set(opened.counties), opened.prefectures
    picked: list[str] = []
    above: list[str] = []
    for word in (part for text in chosen for part in text.replace("，", ",").split(",")):
        if word == "all" or word.endswith("*"):
            start = "" if word == "all" else word[:-1]
            picked += [code for code in sorted(counties) if code.startswith(start)] or _refuse_selection(
                opened, word
            )
            above += [p for p in prefectures if all(c.startswith(start) for c in opened.members(p))]
        elif (code := opened.find_area(word)) in prefectures and code not in counties:
            above.append(code)
        else:
            picked.append(opened.county_code(code))
    names = dict(zip(opened.areas["code"], opened.areas[lang], strict=True))
    wide = [ReportArea(code, names[code], "prefecture") for code in dict.fromkeys(above)]
    return wide + [ReportArea(code, names[code]) for code in dict.fromkeys(picked)]


def _refuse_selection(opened: Store, word: str) -> list[str]:
    near = ", ".join(opened.counties[:3])
    raise ParameterError("errors.no_counties", selection=word, store=opened.path.name, near=near)


def _select_notebooks(folder: Path, names: list[str]) -> list[Path]:
    """The named notebooks, by name or its beginning; every report where none is named."""
    from edustats.report.edition.parameters import find_scope, read_parameters

    words = [part for text in names for part in text.replace("，", ",").split(",") if part]
    own = [_find_own_notebook(word) for word in words if word.endswith(".ipynb")]
    names = [word for word in words if not word.endswith(".ipynb")]
    held = [path for path in sorted(folder.glob("*.ipynb")) if find_scope(read_parameters(path))]
    if own:
        return own if not names else [*_select_notebooks(folder, [n for n in names if n != "all"]), *own]
    if not names:
        if not held:
            raise ParameterError("errors.no_notebooks", folder=folder.name, name="*", near="—")
        return held
    chosen = []
    for name in names:
        found = [path for path in held if path.stem == name or path.stem.startswith(f"{name}_")]
        if not found:
            near = ", ".join(path.stem for path in held) or "—"
            raise ParameterError("errors.no_notebooks", folder=folder.name, name=name, near=near)
        chosen += found
    return list(dict.fromkeys(chosen))


def _find_own_notebook(name: str) -> Path:
    """A notebook of one's own, wherever it lies; one that no batch could run says what it lacks."""
    from edustats.report.edition.parameters import find_scope, read_parameters

    path = Path(name)
    if not path.is_file():
        raise MissingFileError("errors.missing_file", file=path.name, where=_make_portable_path(path.parent))
    if not find_scope(read_parameters(path)):
        raise ParameterError("lab.no_parameters", notebook=path.name)
    return path


def _make_portable_path(path: Path | RemotePlace) -> str:
    """A path as the reader of a published file may see it: relative where that is possible."""
    if isinstance(path, RemotePlace):
        return str(path)
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
