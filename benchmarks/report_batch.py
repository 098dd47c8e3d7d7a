"""How fast and how large is the batch, beside a papermill loop and beside plain functions, in one run?

    python benchmarks/report_batch.py [--counties 48] [--loop 48] [--workers N]
    python benchmarks/report_batch.py --scale 9,100,500     cost per county as the batch grows (long)
    python benchmarks/report_batch.py --runner              memory of the runner, 9 and 2,843 counties
    python benchmarks/report_batch.py --idle                nothing to do for 2,843 counties × 5 notebooks

All sides run the same notebooks for the same counties on the same store, and their findings are compared.

ours   one kernel a notebook; pages, brief, workbook, list to return and table of values, with their sources,
       each file put in place whole; the record of the run, the index, the table of all counties' values
plain  the same cells and the same files of a county by the same functions, in long-lived processes: no kernels,
       no record, no index, nothing flushed to the disk a second time
loop   the executed notebooks only

No PDF on any side: it is LibreOffice's work and would cost each county more than all else.
Unless ``--workers`` says it for both, ours has as many workers as it chooses (a worker waits for its kernel now and
then) and the plain side a process a core, for that never waits; more would only import more.

``--loop 8`` runs the loop for eight counties and counts a county as it was then.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAPPING = ROOT / "data" / "mappings" / "michigan.toml"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[12]0_*.ipynb"))
RECORDS = "application/vnd.edustats."
MB = 1024 * 1024
PLAIN = """
import json, sys
from pathlib import Path
import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from edustats.report.edition.parameters import read_parameters, resolve_parameters
from edustats.report.publish import corrections, docx, html, xlsx
from edustats.report.run.output import format_notebook
from edustats.report.trace import embedded, sources, values as table

store, out = sys.argv[1:3]
shell = InteractiveShell.instance(history_length=0)
books = [(path, nbformat.read(path, as_version=4)) for path in map(Path, sys.argv[3:])]
for line in sys.stdin:
    code = line.strip()
    folder = Path(out) / code
    folder.mkdir()
    made = []
    for path, book in books:
        values = resolve_parameters(read_parameters(path), {"county": code, "store": store, "lang": "en"})
        space = dict(values)
        for cell in book.cells:
            if cell.cell_type != "code" or "parameters" in cell.metadata.get("tags", []):
                continue
            with capture_output() as caught:
                *head, last = cell.source.rstrip().rsplit("\\n", 1)
                exec(chr(10).join(head), space)
                shown = eval(last, space)
                shown._ipython_display_()
            cell.outputs = [nbformat.v4.new_output("display_data", o.data) for o in caught.outputs]
        made.append(folder / path.name)
        made[-1].write_text(format_notebook(book), "utf-8")
    found, labels = sources.list_labelled_sources(made, "en")
    for one in made:
        page, own = one.with_suffix(".html"), sources.select_sources(found, one.stem)
        html.write_html_page(one, page, "en", [path.stem for path, _ in books], code, own.places())
        embedded.embed_sources(page, own)
    docx.write_brief(made, folder / "brief.docx", title=code, lang="en", found=found)
    xlsx.write_data_workbook(made, folder / "data.xlsx", title=code, lang="en", found=found)
    corrections.write_correction_list(values, folder, "en")
    target = folder.with_suffix(".parquet")
    table.write_county_numbers(target, county=code, name=code, folder=code, found=found, labels=labels)
    print(code, flush=True)
"""


def run(*words: object) -> float:
    """Run a command; its seconds."""
    clock = time.perf_counter()
    subprocess.run([str(word) for word in words], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - clock


def papermill_loop(store: Path, counties: list[str], out: Path) -> float:
    """The command line of papermill, once per notebook and county, one after the other."""
    seconds = 0.0
    for code in counties:
        for notebook in NOTEBOOKS:
            target = out / f"{code}-{notebook.name}"
            words = ["-m", "papermill", "--no-progress-bar", notebook, target, "-r", "county", code]
            seconds += run(sys.executable, *words, "-r", "store", store, "-r", "lang", "en")
    return seconds


def plain_functions(store: Path, counties: list[str], out: Path, workers: int) -> float:
    """The notebooks' code and the publishers in long-lived Python processes, without any kernel."""
    clock = time.perf_counter()
    threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    words = [sys.executable, "-c", PLAIN, str(store), str(out), *map(str, NOTEBOOKS)]
    crew = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                         env={**os.environ, **threads})
        for _ in range(workers)
    ]  # fmt: skip
    left = list(counties)
    feeders = [threading.Thread(target=_feed, args=(process, left)) for process in crew]
    for feeder in feeders:
        feeder.start()
    for feeder, process in zip(feeders, crew, strict=True):
        feeder.join()
        assert process.wait() == 0
    return time.perf_counter() - clock


def _feed(process: subprocess.Popen[str], left: list[str]) -> None:
    assert process.stdin and process.stdout
    while left:
        process.stdin.write(left.pop(0) + "\n")
        process.stdin.flush()
        assert process.stdout.readline()
    process.stdin.close()


@dataclass
class Ours:
    """One run of ``edustats report``."""

    seconds: float
    runner_mb: float
    kernel_mb: list[float]
    """Memory that a running kernel shares with nobody, now and then."""
    cpu: float
    """Processor seconds of all its processes: what load beside it does not change much."""


def ours(store: Path, counties: list[str], out: Path, workers: int, *more: str) -> Ours:
    """``edustats report`` over the same notebooks and counties."""
    named = [word for path in NOTEBOOKS for word in ("--notebook", path.stem)]
    words = ["report", "--store", store, "--out", out, "--workers", workers, "--county", ",".join(counties)]
    command = [sys.executable, "-m", "edustats", *map(str, [*words, *named, *more])]
    clock = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    kernels, runner, spent = [], 0.0, {}
    while process.poll() is None:
        time.sleep(0.25)
        runner = max(runner, status_mb(process.pid))
        kernels += [unique_mb(pid) for pid in forked()]
        spent |= processor_seconds(process.pid)
    assert process.returncode in (0, 1)
    return Ours(time.perf_counter() - clock, runner, [mb for mb in kernels if mb], sum(spent.values()))


def processor_seconds(runner: int) -> dict[int, float]:
    """Processor seconds of the runner, its workers and their warm processes, ended kernels included."""
    found, tick = {}, os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes()
            own = int(path.name) == runner
            if own or b"edustats.report.run.worker" in words or b"edustats.report.run.warm_process" in words:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
                # utime and stime; the children that were waited for are kernels, but those of the runner
                # are workers, which are counted by themselves.
                found[int(path.name)] = sum(map(int, fields[11 : 13 if own else 15])) / tick
        except OSError:
            continue
    return {pid: seconds for pid, seconds in found.items() if str(pid) not in forked()}


def status_mb(pid: int) -> float:
    """The most memory a process has held."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0.0


def unique_mb(pid: str) -> float:
    """Memory that a process shares with no other."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Private")) / 1024
    except OSError:
        return 0.0


def forked() -> list[str]:
    """Forked kernels: warm processes whose parent is one."""
    warm = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"edustats.report.run.warm_process" in (path / "cmdline").read_bytes():
                warm[path.name] = (path / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
    return [pid for pid, parent in warm.items() if parent in warm]


def findings(notebook: Path) -> list[object]:
    """The records a notebook's outputs hold, in order."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return [body for bundle in data for mime, body in bundle.items() if mime.startswith(RECORDS)]


def compare(work: Path, looped: list[str], counties: list[str]) -> int:
    """How many notebooks hold the same records on every side, with the same files beside ours and the plain ones."""
    edition, same = next(path for path in (work / "reports").iterdir() if path.is_dir()), 0
    for code in counties:
        folder = next(path for path in edition.iterdir() if path.name.startswith(f"{code}-"))
        files = [sorted(path.suffix for path in made.iterdir()) for made in (folder, work / "plain" / code)]
        for notebook in NOTEBOOKS:
            sides = [work / "plain" / code / notebook.name]
            sides += [work / "loop" / f"{code}-{notebook.name}"] if code in looped else []
            held = findings(folder / notebook.name)
            same += files[0] == files[1] and all(findings(side) == held for side in sides)
    return same


def side_by_side(store: Path, work: Path, counties: list[str], looped: list[str], workers: int) -> bool:
    """Ours, the plain functions and the loop; whether all found the same."""
    for name in ("loop", "plain"):
        (work / name).mkdir()
    mine = ours(store, counties, work / "reports", workers, "--lang", "en")
    plain = plain_functions(store, counties, work / "plain", workers or os.cpu_count() or 1)
    loop = papermill_loop(store, looped, work / "loop") / len(looped) * len(counties)
    n, same = len(counties), compare(work, looped, counties)
    print(
        f"{n} counties × {len(NOTEBOOKS)} notebooks, {workers or 'chosen'} workers; loop measured on {len(looped)}"
    )
    print(f"papermill loop   {loop:7.1f} s   {loop / n:6.2f} s per county   (executed notebooks only)")
    print(f"edustats report  {mine.seconds:7.1f} s   {mine.seconds / n:6.2f} s per county   (all files)")
    print(f"plain functions  {plain:7.1f} s   {plain / n:6.2f} s per county   (all files)")
    print(f"loop / ours      {loop / mine.seconds:7.2f}      ours / plain  {mine.seconds / plain:5.2f}")
    print(f"same records in  {same} of {n * len(NOTEBOOKS)} notebooks")
    print(f"memory of a kernel's own: median {statistics.median(mine.kernel_mb):.0f} MB, "
          f"most {max(mine.kernel_mb):.0f} MB; runner {mine.runner_mb:.0f} MB")  # fmt: skip
    return same == n * len(NOTEBOOKS)


def scale(work: Path, sizes: list[int], workers: int) -> None:
    """Cost per county as the batch grows, and what 2,843 would take, on the invented prefecture many times."""
    run(sys.executable, "-m", "edustats", "example", work / "example")
    run(sys.executable, "-m", "edustats", "load", work / "example" / "returns", "--store", work / "one")
    counties = multiplied(work / "one", work / "store", max(sizes))
    measured = []
    for size in sizes:
        mine = ours(work / "store", counties[:size], work / f"scale-{size}", workers)
        measured.append((size, mine.seconds, mine.cpu))
        print(f"{size:5} counties   {mine.seconds:7.1f} s   {mine.seconds / size:5.2f} s per county   "
              f"processor {mine.cpu / size:5.2f} s per county   runner {mine.runner_mb:.0f} MB",
              flush=True)  # fmt: skip
    (small, first, cheap), (large, last, dear) = measured[0], measured[-1]
    each, spent = ((b - a) / (large - small) for a, b in ((first, last), (cheap, dear)))
    print(f"each further county {each:.2f} s, processor {spent:.2f} s; "
          f"2,843 counties about {(first + each * (2843 - small)) / 60:.0f} min")  # fmt: skip


def multiplied(one: Path, target: Path, counties: int) -> list[str]:
    """A store in which a prefecture stands as often as it takes, each time under codes of its own."""
    import pandas as pd

    areas = pd.read_parquet(one / "areas.parquet")
    own = areas[areas["level"] == "county"]
    (above,) = own["parent"].unique()
    (target / "compare").mkdir(parents=True)
    shutil.copy(one / "store.json", target)
    kept = [areas[~areas["code"].isin([above, *own["code"]])]]
    parts = ("members", "absent", "withheld", "ledger", "set_aside", "former")
    held = [one / f"{part}.parquet" for part in parts]
    lists = {p: pd.read_parquet(p) for p in [*held, *one.glob("registers/*.parquet")] if p.exists()}
    many: dict[Path, list[pd.DataFrame]] = {path: [] for path in lists}
    made: list[str] = []
    while len(made) < counties:
        prefecture = f"{1000 + len(made) // len(own)}"
        codes = {above: prefecture, **{code: prefecture + code[4:] for code in own["code"]}}
        kept.append(areas[areas["code"].isin(codes)].replace({"code": codes, "parent": codes}))
        for path, frame in lists.items():
            many[path].append(frame.apply(lambda column, codes=codes: column.replace(codes)))
        for code in own["code"]:
            (target / f"county={codes[code]}").mkdir()
            for path in (one / f"county={code}").glob("*.parquet"):
                _renamed(path, target / f"county={codes[code]}" / path.name, codes)
        _renamed(one / "compare" / f"{above}.parquet", target / "compare" / f"{prefecture}.parquet", codes)
        made += [codes[code] for code in own["code"]]
    pd.concat(kept).to_parquet(target / "areas.parquet", index=False)
    (target / "registers").mkdir(exist_ok=True)
    for path, frames in many.items():
        pd.concat(frames).to_parquet(target / path.relative_to(one), index=False)
    return made[:counties]


def _renamed(source: Path, target: Path, codes: dict[str, str]) -> None:
    import pandas as pd

    frame = pd.read_parquet(source)
    for column in {"county", "area"} & set(frame):
        frame[column] = frame[column].astype("str").replace(codes).astype(frame[column].dtype)
    frame.to_parquet(target, index=False)


RUNNER = """
import sys
from pathlib import Path
from edustats.report.run import crew
from edustats.report.run.runner import RunSettings, run_reports
from edustats.report.edition.plan import ReportArea, make_plan
from edustats.report.edition.stale import ReportInputs, StoreDigests
from edustats.store.reading import open_store
store, notebooks, out, script, size = sys.argv[1:]
crew.WORKER = (sys.executable, script)
opened = open_store(Path(store))
areas = [ReportArea(code, "x") for code in opened.counties[:int(size)]]
given = {"store": store, "first_year": 0, "last_year": 0, "lang": "en"}
plan = make_plan(areas, sorted(Path(notebooks).glob("*.ipynb")), given, Path(out), "x")
settings = RunSettings(workers=2, warm=False)
summary = run_reports(plan, settings, inputs=ReportInputs(StoreDigests(opened), None, "brief"))
assert len(summary.results) == 3 * int(size) and not summary.wrong
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024)
"""
ANSWERS = """
import json, sys
from dataclasses import asdict
from edustats.report.run.order import WorkOrder
for line in sys.stdin:
    order = WorkOrder(**json.loads(line))
    order.target.mkdir(exist_ok=True)
    for stem in order.stems:
        for kind in ("ipynb", "html"):
            (order.target / f"{stem}.{kind}").write_text("x")
    print(json.dumps({"results": [asdict(result) for result in order.results(state="ok")]}), flush=True)
"""


def runner_memory(work: Path) -> None:
    """The runner's memory for few and for many counties, with workers that answer at once."""
    from idle_store import build

    store, script = build(work, 2843, 3), work / "answers.py"
    script.write_text(ANSWERS, "utf-8")
    for size in (9, 2843):
        words = [store, work / "notebooks", work / f"runner-{size}", script, size]
        clock = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", RUNNER, *map(str, words)], cwd=ROOT, check=True,
                              capture_output=True, text=True)  # fmt: skip
        print(f"{size:5} counties × 3 notebooks: runner at most {float(done.stdout):.0f} MB, "
              f"{time.perf_counter() - clock:.0f} s", flush=True)  # fmt: skip


def idle(work: Path) -> None:
    """Nothing to do for 2,843 counties and five notebooks, the store and the manifest made up."""
    from idle_store import build

    store, notebooks, seconds = build(work, 2843, 5), work / "notebooks", []
    for _ in range(3):
        words = ["report", "--store", store, "--out", work / "reports", "--notebooks", notebooks]
        seconds.append(run(sys.executable, "-m", "edustats", *words))
    print(f"nothing to do, 2,843 counties × 5 notebooks: {', '.join(f'{s:.2f}' for s in seconds)} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counties", type=int, default=48)
    parser.add_argument("--loop", type=int, default=0)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--scale", default="")
    parser.add_argument("--idle", action="store_true")
    parser.add_argument("--runner", action="store_true")
    asked = parser.parse_args()
    os.environ["EDUSTATS_PDF"] = "0"
    work, good = Path(tempfile.mkdtemp(prefix="edustats-benchmark-")), True
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, Python {platform.python_version()}")
    if asked.idle:
        idle(work)
    elif asked.runner:
        runner_memory(work)
    elif asked.scale:
        scale(work, [int(size) for size in asked.scale.split(",")], asked.workers)
    else:
        store = asked.store or work / "store"
        if not asked.store:
            run(sys.executable, "-m", "edustats", "load", MAPPING, "--store", store)
        counties = sorted(path.name.removeprefix("county=") for path in store.glob("county=*"))
        chosen = counties[: asked.counties]
        good = side_by_side(store, work, chosen, chosen[: asked.loop or None], asked.workers)
    shutil.rmtree(work)
    sys.exit(not good)


if __name__ == "__main__":
    main()
