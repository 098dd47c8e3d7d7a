"""How long does it take to publish one county, and how large are its files?

    python benchmarks/publish.py [FOLDER]

FOLDER holds the executed notebooks of one county (a county's folder under reports/); the first of the
newest edition if none is given. Beside ours stands nbconvert's own HTML of the same notebooks, in the same
run. Seconds are of the processor, the least of several rounds, the libraries already loaded; the first round
of a process, which loads them, is told apart. The bar: Word, Excel and HTML together under 1.0 s and each
file under 2 MB.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BAR_SECONDS, BAR_MB, ROUNDS = 1.0, 2.0, 5


def main() -> None:
    """Time each publisher on the same notebooks."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else newest(Path("reports"))
    executed = sorted(folder.glob("*.ipynb"))
    lang = "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in folder.name) else "en"
    with tempfile.TemporaryDirectory() as place:
        jobs = publishers(executed, Path(place), folder.name, lang)
        times = {name: [timed(job) for _ in range(ROUNDS)] for name, job in jobs.items()}
        sizes = {p.name: p.stat().st_size / 1e6 for p in sorted(Path(place).iterdir()) if p.suffix != ".peer"}
    print(f"{folder.name}: {len(executed)} notebooks")
    for name, rounds in times.items():
        print(f"  {name:22} first {rounds[0]:5.2f} s   least of {ROUNDS} {min(rounds):5.2f} s")
    ours = sum(min(rounds) for name, rounds in times.items() if name != "nbconvert (peer)")
    print(
        f"  together {ours:.2f} s (bar {BAR_SECONDS:.1f} s), nbconvert {min(times['nbconvert (peer)']):.2f} s"
    )
    print(
        "  "
        + "   ".join(f"{name} {size:.2f} MB" for name, size in sizes.items())
        + f"   (bar {BAR_MB:.0f} MB)"
    )


def newest(reports: Path) -> Path:
    """A county's folder of the newest edition."""
    found = [p.parent for p in sorted(reports.glob("*/*/10_county_trend.ipynb"), reverse=True)]
    return found[0] if found else sys.exit("no executed notebooks under reports/; run: make reports")


def publishers(executed: list[Path], place: Path, title: str, lang: str) -> dict[str, Callable[[], object]]:
    """What is timed, by name; Excel where this version publishes it."""
    from nbconvert import HTMLExporter

    from edustats.report.publish.docx import write_brief
    from edustats.report.publish.html import write_html_page

    jobs: dict[str, Callable[[], object]] = {
        "Word": lambda: write_brief(executed, place / "brief.docx", title=title, lang=lang),
        "HTML": lambda: [write_html_page(path, place / f"{path.stem}.html", lang) for path in executed],
    }
    if importlib.util.find_spec("edustats.report.publish.xlsx"):
        from edustats.report.publish import xlsx as publish_xlsx

        jobs["Excel"] = lambda: publish_xlsx.write_data_workbook(
            executed, place / "data.xlsx", title=title, lang=lang
        )
    jobs["nbconvert (peer)"] = lambda: [HTMLExporter().from_filename(str(path)) for path in executed]
    return jobs


def timed(job: Callable[[], object]) -> float:
    """Seconds of the processor that a job takes."""
    start = time.process_time()
    job()
    return time.process_time() - start


if __name__ == "__main__":
    main()
