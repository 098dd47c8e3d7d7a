"""How fast and how large is the batch, beside a papermill loop and beside plain functions, in one run?

    python benchmarks/report_batch.py [--counties 48] [--loop 48] [--workers 2]
    python benchmarks/report_batch.py --scale 9,100,500     cost per county, memory of the runner
    python benchmarks/report_batch.py --idle                nothing to do for 2,843 counties × 3 notebooks

All sides run the same notebooks for the same counties on the same store, and their findings are compared.
Ours and the plain functions also make the HTML page and the Word brief; the loop leaves notebooks only.
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
from edustats.report import publish_docx, publish_html
from edustats.report.parameters import read_parameters, resolve

store, out = sys.argv[1:3]
shell = InteractiveShell.instance(history_length=0)
books = [(path, nbformat.read(path, as_version=4)) for path in map(Path, sys.argv[3:])]
for line in sys.stdin:
    code = line.strip()
    folder = Path(out) / code
    folder.mkdir()
    made = []
    for path, book in books:
        values = resolve(read_parameters(path), {"county": code, "store": store, "lang": "en"})
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
        made[-1].write_text(nbformat.writes(book), "utf-8")
        publish_html.html(made[-1], made[-1].with_suffix(".html"), "en")
    publish_docx.brief(made, folder / "brief.docx", title=code, lang="en")
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


def ours(store: Path, counties: list[str], out: Path, workers: int, *more: str) -> Ours:
    """``edustats report`` over the same notebooks and counties."""
    named = [word for path in NOTEBOOKS for word in ("--notebook", path.stem)]
    words = ["report", "--store", store, "--out", out, "--workers", workers, "--county", ",".join(counties)]
    command = [sys.executable, "-m", "edustats", *map(str, [*words, *named, *more])]
    clock = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    kernels, runner = [], 0.0
    while process.poll() is None:
        time.sleep(0.25)
        runner = max(runner, status_mb(process.pid))
        kernels += [unique_mb(pid) for pid in forked()]
    assert process.returncode == 0
    return Ours(time.perf_counter() - clock, runner, [mb for mb in kernels if mb])


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
            if b"edustats.report.zygote" in (path / "cmdline").read_bytes():
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
    """How many notebooks hold the same records on every side; all must."""
    edition, same = next(path for path in (work / "reports").iterdir() if path.is_dir()), 0
    for code in counties:
        folder = next(path for path in edition.iterdir() if path.name.startswith(f"{code}-"))
        for notebook in NOTEBOOKS:
            sides = [work / "plain" / code / notebook.name]
            sides += [work / "loop" / f"{code}-{notebook.name}"] if code in looped else []
            same += all(findings(side) == findings(folder / notebook.name) for side in sides)
    return same


def side_by_side(store: Path, work: Path, counties: list[str], looped: list[str], workers: int) -> bool:
    """Ours, the plain functions and the loop; whether all found the same."""
    for name in ("loop", "plain"):
        (work / name).mkdir()
    mine = ours(store, counties, work / "reports", workers, "--lang", "en")
    plain = plain_functions(store, counties, work / "plain", workers)
    loop = papermill_loop(store, looped, work / "loop") / len(looped) * len(counties)
    n, same = len(counties), compare(work, looped, counties)
    print(f"{n} counties × {len(NOTEBOOKS)} notebooks, {workers} workers; loop measured on {len(looped)}")
    print(f"papermill loop   {loop:7.1f} s   {loop / n:6.2f} s per county   (executed notebooks only)")
    print(f"edustats report  {mine.seconds:7.1f} s   {mine.seconds / n:6.2f} s per county   (all files)")
    print(f"plain functions  {plain:7.1f} s   {plain / n:6.2f} s per county   (pages and briefs)")
    print(f"loop / ours      {loop / mine.seconds:7.2f}      ours / plain  {mine.seconds / plain:5.2f}")
    print(f"same records in  {same} of {n * len(NOTEBOOKS)} notebooks")
    print(f"memory of a kernel's own: median {statistics.median(mine.kernel_mb):.0f} MB, "
          f"most {max(mine.kernel_mb):.0f} MB; runner {mine.runner_mb:.0f} MB")  # fmt: skip
    return same == n * len(NOTEBOOKS)


def scale(store: Path, work: Path, counties: list[str], sizes: list[int], workers: int) -> None:
    """Cost per county and the runner's memory as the batch grows, and what 2,843 would take."""
    measured = []
    for size in sizes:
        mine = ours(store, counties[:size], work / f"scale-{size}", workers)
        measured.append((size, mine.seconds))
        print(f"{size:5} counties   {mine.seconds:7.1f} s   {mine.seconds / size:5.2f} s per county   "
              f"runner {mine.runner_mb:.0f} MB")  # fmt: skip
    (small, first), (large, last) = measured[0], measured[-1]
    each = (last - first) / (large - small) if large > small else last / large
    total = (first + each * (2843 - small)) / 60
    print(f"each further county {each:.2f} s; 2,843 counties about {total:.0f} min")


def idle(work: Path) -> None:
    """Nothing to do for 2,843 counties and three notebooks, the store and the manifest made up."""
    from idle_store import build

    store, notebooks, seconds = build(work, 2843, 3), work / "notebooks", []
    for _ in range(3):
        words = ["report", "--store", store, "--out", work / "reports", "--notebooks", notebooks]
        seconds.append(run(sys.executable, "-m", "edustats", *words))
    print(f"nothing to do, 2,843 counties × 3 notebooks: {', '.join(f'{s:.2f}' for s in seconds)} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counties", type=int, default=48)
    parser.add_argument("--loop", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--scale", default="")
    parser.add_argument("--idle", action="store_true")
    asked = parser.parse_args()
    work, good = Path(tempfile.mkdtemp(prefix="edustats-benchmark-")), True
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, Python {platform.python_version()}")
    if asked.idle:
        idle(work)
    else:
        store = asked.store or work / "store"
        if not asked.store:
            run(sys.executable, "-m", "edustats", "load", MAPPING, "--store", store)
        counties = sorted(path.name.removeprefix("county=") for path in store.glob("county=*"))
        if asked.scale:
            scale(store, work, counties, [int(size) for size in asked.scale.split(",")], asked.workers)
        else:
            chosen = counties[: asked.counties]
            good = side_by_side(store, work, chosen, chosen[: asked.loop or None], asked.workers)
    shutil.rmtree(work)
    sys.exit(not good)


if __name__ == "__main__":
    main()
