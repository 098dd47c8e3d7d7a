"""How fast are returns read, and how much of what was planted in them is found?

    python benchmarks/load.py            all four
    python benchmarks/load.py planted    one: list | prefecture | nation | planted

Each figure is printed beside what it is measured against, in the same run.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from python_calamine import CalamineWorkbook

from edustats.catalogue import catalogue
from edustats.example.judge import score_detection
from edustats.example.returns import write_example
from edustats.example.workbooks import Page, write_xlsx
from edustats.load.files.workbook import read_sheets
from edustats.load.loaded import Loaded
from edustats.load.returns.forms import forms
from edustats.load.returns.history import begin_history
from edustats.load.returns.prefecture_profile import Profile
from edustats.load.returns.reader import join_up, load_returns, profile_of, read_all
from edustats.load.returns.sheets import take_sheet
from edustats.store.reading import open_store
from edustats.store.writing import update_store, write_store
from edustats.words import Text

ROWS = 50_000
HEAD = [
    "学校（机构）标识码",
    "学校名称",
    "所在地区划三级",
    "办学类型",
    "毕业生数",
    "招生数",
    "在校生数",
    "教学及辅助用房",
    "运动场地面积",
    "校舍建筑面积",
    "占地面积",
    "网络多媒体教室",
    "教学用计算机",
    "图书",
    "教学仪器设备资产值（万元）",
]


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Median seconds of some runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def long_list(folder: Path) -> Path:
    """A list of 50,000 schools with 15 columns."""
    rng = np.random.default_rng(1)
    numbers = rng.integers(1, 3000, (ROWS, 11)).tolist()
    rows = [[f"21{i:08d}", f"第{i}小学", "990102", "211", *numbers[i]] for i in range(ROWS)]
    path = folder / "小学一览表.xlsx"
    write_xlsx(path, [Page(name="小学", rows=[["2023/2024学年初小学一览表"], HEAD, *rows])])
    return path


def bare(path: Path) -> None:
    """python-calamine alone."""
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()


def ours(path: Path) -> None:
    """Read, matched to its form, cleaned, every row accounted for."""
    for sheet in read_sheets(path):
        take_sheet(sheet, forms(), catalogue())


def a_list(folder: Path) -> None:
    path = long_list(folder)
    alone, loaded = seconds(lambda: bare(path)), seconds(lambda: ours(path))
    print(
        f"list of {ROWS:,} rows x {len(HEAD)}: calamine {alone:.2f} s, ours {loaded:.2f} s, "
        f"ratio {loaded / alone:.2f}"
    )


def prefecture(folder: Path) -> None:
    start = time.perf_counter()
    written = write_example(folder / "example")
    wrote = time.perf_counter() - start
    start, busy = time.perf_counter(), time.process_time()
    update_store([folder / "example" / "returns"], folder / "store")
    took, busy = time.perf_counter() - start, time.process_time() - busy
    files = [p for p in (folder / "example").rglob("*") if p.is_file()]
    size = sum(p.stat().st_size for p in files) / 1e6
    print(f"prefecture: written in {wrote:.1f} s, {written['files']} files, {size:.0f} MB")
    print(f"prefecture: loaded and stored in {took:.1f} s ({busy:.1f} s of processor time)")


def planted(folder: Path) -> None:
    home = folder / "planted"
    write_example(home)
    loaded = load_returns([home / "returns"])
    verdict = score_detection(loaded, home)
    print(f"planted {verdict.planted}, found {verdict.found}, false alarms {len(verdict.false_alarms)}")
    unbalanced = sum(e.read != e.loaded + len(e.aside) for e in loaded.ledger)
    print(f"ledger: {len(loaded.ledger)} sheets, {unbalanced} out of balance")
    assert not verdict.missed, verdict.missed
    assert not verdict.false_alarms, verdict.false_alarms


def nation_rows(counties: int = 2843, years: int = 10, schools: int = 70) -> Loaded:
    """Two million rows of invented schools: 2,843 counties, ten years."""
    codes = [f"{110000 + (i // 12 + 1) * 100 + i % 12 + 1:06d}" for i in range(counties)]
    rng, n = np.random.default_rng(2), counties * years * schools
    county = np.repeat(codes, years * schools)
    unit = np.repeat([f"21{i:08d}" for i in range(counties * schools)], years)
    pupils = rng.integers(20, 2000, n).astype(float)
    tidy = pd.DataFrame(
        {
            "county": county, "unit": unit,
        "year": np.tile(np.arange(2015, 2015 + years), counties * schools),
            "file": "nation.xlsx", "row": 1, "location": "121", "pupils_primary": pupils,
            "teachers_primary": np.ceil(pupils / 17), "teaching_area_primary": pupils * 4.6,
        }
    )  # fmt: skip
    tidy = tidy.astype({"year": "int16", "row": "int32"})
    kinds = pd.DataFrame(
        0, index=tidy.index, columns=["pupils_primary", "teachers_primary", "teaching_area_primary"]
    )
    empty = Path(tempfile.mkdtemp())
    blank = join_up(
        _nothing(empty), Profile(title=Text("全国", "nation"), cite=Text("全国", "nation")), catalogue()
    )
    parents = sorted({f"{c[:4]}00" for c in codes})
    areas = [(c, "county", f"{c[:4]}00", c, c) for c in codes] + [
        (p, "prefecture", "", p, p) for p in parents
    ]
    frame = pd.DataFrame(areas, columns=["code", "level", "parent", "zh", "en"])
    return Loaded(
        mapping=blank.mapping,
        tidy=tidy,
        kinds=kinds.astype("uint8"),
        areas=frame,
        ledger=(),
        findings=blank.findings,
    )


def _nothing(folder: Path) -> object:
    write_xlsx(
        folder / "990102小学.xlsx",
        [
            Page(
                name="小学",
                rows=[["2023/2024学年初小学"], HEAD, ["2100000001", "甲", "990102", "211", *range(1, 12)]],
            )
        ],
    )
    (folder / "returns.toml").write_text('[counties]\n990102 = { zh = "甲县", en = "A" }\n', "utf-8")
    return begin_history(read_all([folder], profile_of([folder], catalogue()), catalogue())).reading()


def nation(folder: Path) -> None:
    path = folder / "nation"
    start = time.perf_counter()
    loaded = nation_rows()
    write_store(loaded, path)
    wrote = time.perf_counter() - start
    print(f"nation: {len(loaded.tidy):,} rows written in {wrote:.0f} s")
    code = str(loaded.tidy["county"].iloc[len(loaded.tidy) // 2])
    done = subprocess.run(
        [sys.executable, __file__, "one-county", str(path), code], check=True, capture_output=True, text=True
    )
    print(done.stdout, end="")


def one_county(path: str, code: str) -> None:
    """In a process of its own: open the store and one county, warm imports not counted."""
    catalogue()
    start = time.perf_counter()
    rows = len(open_store(Path(path)).county(code).units)
    took = time.perf_counter() - start
    again = seconds(lambda: open_store(Path(path)).county(code))
    peak = _peak()
    print(
        f"nation: county {code}, {rows} rows in {took:.3f} s first, {again:.3f} s after; "
        f"peak {peak:.0f} MB in all"
    )


def _peak() -> float:
    """Peak memory of this process in MB; getrusage would tell the parent's, which wrote the nation."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(row for row in status.read_text("utf-8").splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    if sys.argv[1:2] == ["one-county"]:
        one_county(*sys.argv[2:4])
        return
    tasks = {"list": a_list, "prefecture": prefecture, "planted": planted, "nation": nation}
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or tasks:
            tasks[name](Path(folder))


if __name__ == "__main__":
    main()
