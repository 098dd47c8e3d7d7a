"""How many seconds does a county cost, ours beside a plain loop of the papermill command, in one run?

    python benchmarks/report_batch.py [--counties 12] [--workers 2]

Both sides run the same notebooks for the same counties on the same store. Ours also makes the HTML page,
the Word brief and the index; the loop leaves executed notebooks only. Their findings are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAPPING = ROOT / "data" / "mappings" / "michigan.toml"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[12]0_*.ipynb"))
RECORDS = "application/vnd.edustats."


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


def ours(store: Path, counties: list[str], out: Path, workers: int) -> float:
    """``edustats report`` over the same notebooks and counties."""
    chosen = [word for code in counties for word in ("--county", code)]
    named = [word for path in NOTEBOOKS for word in ("--notebook", path.stem)]
    words = ["report", "--store", store, "--lang", "en", "--out", out, "--workers", workers, *chosen, *named]
    return run(sys.executable, "-m", "edustats", *words)


def findings(notebook: Path) -> list[object]:
    """The records a notebook's outputs hold, in order."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    data = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return [body for bundle in data for mime, body in bundle.items() if mime.startswith(RECORDS)]


def compare(loop: Path, published: Path, counties: list[str]) -> int:
    """How many notebooks hold the same records on both sides; all must."""
    same = 0
    for code in counties:
        folder = next(path for path in published.iterdir() if path.name.startswith(f"{code}-"))
        for notebook in NOTEBOOKS:
            same += findings(folder / notebook.name) == findings(loop / f"{code}-{notebook.name}")
    return same


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counties", type=int, default=12)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="edustats-benchmark-"))
    store = work / "store"
    run(sys.executable, "-m", "edustats", "load", MAPPING, "--store", store)
    counties = sorted(path.name.removeprefix("county=") for path in store.glob("county=*"))[: asked.counties]
    (work / "loop").mkdir()
    loop = papermill_loop(store, counties, work / "loop")
    mine = ours(store, counties, work / "reports", asked.workers)
    same = compare(work / "loop", next((work / "reports").iterdir()), counties)
    n = len(counties)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    print(f"{machine}, Python {platform.python_version()}")
    print(f"{n} counties × {len(NOTEBOOKS)} notebooks, {asked.workers} workers")
    print(f"papermill loop   {loop:7.1f} s   {loop / n:6.2f} s per county   (executed notebooks only)")
    print(f"edustats report  {mine:7.1f} s   {mine / n:6.2f} s per county   (with pages, briefs and index)")
    print(f"ratio            {loop / mine:7.2f}")
    print(f"same records in  {same} of {n * len(NOTEBOOKS)} notebooks")
    shutil.rmtree(work)
    sys.exit(same != n * len(NOTEBOOKS))


if __name__ == "__main__":
    main()
