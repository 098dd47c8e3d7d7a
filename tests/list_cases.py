"""What becomes of a list of schools, and of the answers that come back? Lists a row or a figure beside a limit."""

# ruff: noqa: E501  (tables of cases are read across)

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from returns_made import HEAD, MERGED, ROWS, listed
from test_answers import send_back
from test_checks import GOOD, block

from edustats.errors import EdustatsError
from edustats.example.workbooks import Page, write_xlsx
from edustats.load.returns import (
    headers,
    history,
    origins,
    records,
    sheets,
    through_schools,
)
from edustats.load.returns.answers import CONFIRMED, _number_in
from edustats.load.returns.cells import collect_cells, widen_cells
from edustats.load.returns.reader import load_returns

TITLE = ["2021/2022学年初小学分校一览表"]
TOTAL: list[Any] = [None, "合计", None, None, 832, 395, 50, 15200]


def _changed(at: tuple[int, int], value: Any) -> list[list[Any]]:
    rows = copy.deepcopy(ROWS)
    rows[at[0]][at[1]] = value
    return rows


SHEETS: dict[str, list[list[Any]]] = {
    "a total that holds": [TITLE, *HEAD, *ROWS, TOTAL],
    **{f"a total {by:+g} off": [TITLE, *HEAD, *ROWS, [*TOTAL[:4], 832 + by, 399 + by, *TOTAL[6:]]] for by in (0.5, 0.52, -1, 40)},
    "a total that a word hides": [TITLE, *HEAD, *ROWS, [*TOTAL[:4], "约832", *TOTAL[5:]]],
    "two totals": [TITLE, *HEAD, *ROWS, TOTAL, [None, "总计", *TOTAL[2:]]],
    "a total without a name": [TITLE, *HEAD, *ROWS, ["2199000009", "丁校", "汀阳区", "211", *TOTAL[4:]]],
    "short rows": [TITLE, *HEAD, ROWS[0], ROWS[1][:6], ROWS[2][:5]],
    "a head of numbers": [["1", "2", "3"], TITLE, *HEAD, *ROWS],
    "two lists": [TITLE, *HEAD, *ROWS[:2], [], ["2022/2023学年初小学分校一览表"], *HEAD, *_changed((0, 4), 310)],
    "two stages": [TITLE, *HEAD, *ROWS[:2], ["2021/2022学年初初中分校一览表"], *HEAD, ["3199000001", "甲中", "汀阳区", "311", 200, 90, 15, 3000]],
    "a head again": [TITLE, *HEAD, ROWS[0], *HEAD, ROWS[1], ["注：含教学点"], ["填表人：张三"], ROWS[2]],
    "a school twice": [TITLE, *HEAD, *ROWS, ["2199000002", "乙镇小学", "汀阳区", "211", 521, 250, 30, 9000]],
    "no code and a bad one": [TITLE, *HEAD, [None, *ROWS[0][1:]], ["21990000", *ROWS[1][1:]], ["2199000003", *ROWS[2][1:]], ["x", None]],
    "girls above all": [TITLE, *HEAD, *_changed((0, 5), 301)], "just as many": [TITLE, *HEAD, *_changed((0, 5), 300)],
    "nought and missing": [TITLE, *HEAD, *_changed((1, 4), 0), ["2199000005", "戊", "汀阳区", "211", "—", "/", "…", "无"]],
    "an amount with its unit": [TITLE, *HEAD, *_changed((1, 7), "0.9万册"), ["2199000005", "戊", "汀阳区", "211", "1千人", 3, "12人", "1.5"]],
    "an unknown county": [TITLE, *HEAD, *_changed((2, 2), "他县")], "words": [TITLE, *HEAD, *_changed((0, 6), "十八")],
    "part of a person": [TITLE, *HEAD, *_changed((0, 4), 300.5)], "less than none": [TITLE, *HEAD, *_changed((0, 4), -3)],
    "no year": [["小学分校一览表"], *HEAD, *ROWS], "no rows": [TITLE, *HEAD], "another head": [TITLE, ["编号", "校名", "人数"], ["1", "甲", 3]],
    "a year of each row": [["小学一览表"], ["学校（机构）标识码", "学校名称", "所在地区划三级", "学年", "办学类型", "在校生数"], *([r[0], r[1], r[2], y, r[3], r[4]] for r in ROWS for y in ("2020/2021", "2021", "去年"))],
}  # fmt: skip


def _tell_loaded(folder: Path) -> Iterator[str]:
    try:
        loaded = load_returns([folder])
    except EdustatsError as error:
        yield f"  ! {error.text('zh')} | {error.text('en')}"
        return
    for row, kinds in zip(loaded.tidy.to_dict("records"), loaded.kinds.to_dict("records"), strict=True):
        figures = [f"{c}={row[c]:.10g}:{kind}" for c, kind in kinds.items() if row[c] == row[c]]
        yield f"  {row['unit']} {row['year']} {row['county']} {row.get('unit_name', '')} {row['row']} {' '.join(figures)} | {sum(k != 1 for k in kinds.values())} {sorted(set(kinds.values()))}"
    for one in loaded.findings.to_dict("records"):
        yield f"  {one['severity']} {one['rule']} {one['row']} {one['cell']} {one['unit']} {one['column']} {one['value']} {one['expected']} {one['zh']} | {one['en']}"
    for entry in loaded.ledger:
        yield f"  {entry.sheet} {entry.form} {entry.read} {entry.loaded} {entry.aside} {entry.unread}"
    sources = loaded.sources.drop(columns=["digest", "file"], errors="ignore")
    yield from (f"  源 {' '.join(map(str, row))}" for row in list(sources.itertuples(index=False))[:4])


def read_lists() -> Iterator[str]:
    for name, rows in SHEETS.items():
        yield f"# {name}"
        with tempfile.TemporaryDirectory() as held:
            folder = Path(held)
            listed(folder)
            write_xlsx(
                folder / "990102小学.xlsx",
                [Page(name="小学", rows=rows, merged=list(MERGED) if rows[0] is TITLE else [])],
            )
            yield from _tell_loaded(folder)


ANSWERED = [
    {"E4": "应为 305", "F5": 250}, {"E4": 305.5, "F5": "核实无误"}, {"E4": "属实。", "F5": "改为：1,250"}, {"F5": "250人"}, {"E4": "", "F5": "不知道"},
]  # fmt: skip


def read_answers() -> Iterator[str]:
    """Answers to an unreadable cell and to a part above its whole, one sent again since, and words of an answer."""
    for answers in ANSWERED:
        for again in (False, True):
            with tempfile.TemporaryDirectory() as held:
                folder = Path(held)
                rows = copy.deepcopy(ROWS)
                rows[0][4], rows[1][5] = "约300", 600
                listed(folder / "in", rows)
                send_back(folder, answers)
                if again:
                    rows[1][5], rows[0][4] = 610, 299
                    listed(folder / "in", rows)
                yield f"# {answers} {again}"
                yield from _tell_loaded(folder / "in")
    for told in (
        "305",
        "应为305。",
        "is 3.5",
        "更正为:-2",
        "1 250",
        "约3",
        "",
        "核对无误!",
        "数据无误",
        "true",
        "correct.",
        "经核实属实",
        "不属实",
    ):
        yield f"{told} → {_number_in(told)} {bool(CONFIRMED.fullmatch(told))}"


def read_cells_of() -> Iterator[str]:
    """Two files of one school: alike, all but alike, unlike, one missing; then a file sent again, as the store keeps it."""
    for first, second in (
        (20.0, 20.0),
        (20.0, 20.0 + 1e-10),
        (20.0, 21.0),
        (20.0, np.nan),
        (np.nan, 21.0),
        (0.0, 1e-8),
    ):
        blocks = [
            block({"teaching_area": first, "books": 5.0}),
            block({"teaching_area": second}, file="b.xlsx"),
            block({"books": 7.0}, 2022, "c.xlsx"),
        ]
        wide = widen_cells(collect_cells(blocks, {b.file: b.file for b in blocks}))
        yield f"{first} {second} → {wide.columns} {wide.values.tolist()} {wide.kinds.tolist()} {wide.source.tolist()} {wide.conflicts.to_dict('list')}"
        yield f"  {wide.keys[['unit', 'year', 'name', 'county', 'file', 'row']].to_dict('split')['data']}"
    cells = collect_cells([block(GOOD), block({"books": 1.0}, file="b.xlsx")], {"a.xlsx": "1", "b.xlsx": "2"})
    for keep in (["1"], ["2"], [], ["2", "1"]):
        kept = cells.of(keep)
        yield f"{keep} {len(kept.rows)} {len(kept.cells)} {kept.cells['at'].unique().tolist()}"
    for digest in ({"a.xlsx": "1", "b.xlsx": "3"}, {"b.xlsx": "2"}):
        kept = history._keep_files(cells, digest)
        yield f"{digest} {kept.rows['file'].tolist()} {kept.cells['at'].unique().tolist()}"


PROFILES = [
    '[counties]\n990102 = { zh = "汀阳区", en = "T" }\n[[changes]]\nfrom = "990102"\nto = "990112"\nzh = "新汀区"\nen = "New T"\nyear = 2021\n',
    '[counties]\n990102 = { zh = "汀阳区", en = "T" }\n990103 = { zh = "汀阳区", en = "U" }\n',
    '[counties]\n990100 = { zh = "市", en = "P" }\n', '[counties]\n12 = { zh = "市", en = "P" }\n',
    '[counties]\n990102 = { zh = "汀阳区", en = "T" }\n[[breaks]]\ncolumn = "books"\nyear = 2021\n',
    '[counties]\n990102 = { zh = "汀阳区", en = "T" }\n[[breaks]]\ncolumn = "bookz"\nyear = 2021\n',
    '[counties]\n990102 = { zh = "汀阳区", en = "T" }\n[[breaks]]\nindicator = "per_pupil_book_primary"\narea = "990109"\nyear = 2021\n',
    '[counties\n', 'lang = "en"\n[title]\nzh = "题"\nen = "Title"\n[cite]\nzh = "引"\nen = "Cite"\n[parent]\ncode = "990100"\nzh = "市"\nen = "P"\n[counties]\n990102 = { zh = "汀阳区", en = "T" }\n',
]  # fmt: skip


def read_profiles() -> Iterator[str]:
    """Counties, their new codes, breaks by column and by indicator, and what is refused."""
    for text in PROFILES:
        with tempfile.TemporaryDirectory() as held:
            folder = Path(held)
            listed(folder)
            (folder / "returns.toml").write_text(text, "utf-8")
            yield f"# {text!r}"
            try:
                loaded = load_returns([folder])
            except EdustatsError as error:
                yield f"  ! {error.text('zh')} | {error.text('en')}"
                continue
            yield f"  {loaded.areas.to_dict('split')['data']} {loaded.former.to_dict('split')['data']}"
            made = loaded.mapping
            yield f"  {made.title} {made.cite} {made.lang} {len(made.breaks)} {list(made.breaks)[:2]}"
            yield from (f"  {one['rule']} {one['zh']}" for one in loaded.findings.to_dict("records"))
    for rows in ((1, 1, 1), (4, 9, 6), (4, 9, 5), (4, 5, 2)):
        yield f"{rows} {origins.rows_text(*rows)}"
    for figures in ((600.0, 300.0, 0.0), (600.0, 300.0, 100.0), (0.0, 0.0, 5.0), (0.0, 3.0, 2.0)):
        found = through_schools.compute_shares(*([one] for one in figures))
        yield f"{figures} {found} {through_schools.split_resource([900.0], *([one] for one in figures))}"
    for hints in (
        ("2021/2022学年",),
        ("990102小学.xlsx", "2022年"),
        ("a", ""),
        ("2021", "2022"),
        ("2019—2020",),
    ):
        yield f"{hints} {sheets.year_of(*hints)}"
    for row in ([], ["", None], [0.0], ["x", ""], ["2199000001", 3.0, "a"]):
        yield f"{row} {records.is_empty(row)} {records.row_text(row)!r} {records.plain_all(row)}"
    for code in ("2199000001", "219900001", "3199000001", "x199000001", "21990000011", ""):
        yield f"{code} {records.is_school(code)}"
    notes = [["注：x"], ["说明"], ["", "备注 y"], ["1. 注"], ["单位：人"], ["注" * 200], [3.0], ["Note: z"]]
    yield from (f"{str(row)[:20]} {headers._is_note(row)}" for row in notes)


LISTS: dict[str, Callable[[], Iterator[str]]] = {
    "lists": read_lists, "answers": read_answers, "two_files": read_cells_of, "profiles": read_profiles,
}  # fmt: skip
