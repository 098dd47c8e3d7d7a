"""Returns made for tests: a small prefecture, and single sheets written by hand."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from edustats.example import world as made
from edustats.example.returns import write_example
from edustats.example.workbooks import Cell, Page, write_xlsx

HEAD: list[list[Cell]] = [
    ["学校（机构）标识码", "学校名称", "所在地区划三级", "办学类型", "在校生数", None, "专任教师", "图书"],
    [None, None, None, None, "合计", "#女", "合计", None],
]
MERGED = [(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3), (1, 4, 1, 5), (1, 7, 2, 7)]
ROWS: list[list[Cell]] = [
    ["2199000001", "甲村小学", "汀阳区", "211", 300, 140, 18, 6000],
    ["2199000002", "乙镇小学", "汀阳区", "211", 520, 250, 30, 9000],
    ["2199000003", "丙村教学点", "汀阳区", "218", 12, 5, 2, 200],
]


@cache
def plan() -> dict[str, Any]:
    """The committed plan, four years and a third of the schools: both generations of forms."""
    path = Path(made.__file__).with_name("world.toml")
    small = tomllib.loads(path.read_text("utf-8"))
    small["years"] = [2019, 2022]
    small["schools"] = {kind: number * 0.3 for kind, number in small["schools"].items()}
    return small


def prefecture(folder: Path) -> Path:
    """A small invented prefecture, written into a folder; the folder of its returns."""
    write_example(folder, made.make_world(plan()))
    return folder / "returns"


def page(rows: list[list[Cell]] | None = None, title: str = "2021/2022学年初小学分校一览表") -> Page:
    """A list of primary schools: title, two header rows, rows."""
    own = [list(row) for row in (ROWS if rows is None else rows)]
    return Page(name="小学", rows=[[title], *[list(r) for r in HEAD], *own], merged=list(MERGED))


def listed(
    folder: Path, rows: list[list[Cell]] | None = None, name: str = "990102小学.xlsx", **more: Any
) -> Path:
    """The list written as a workbook beside a small returns.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "returns.toml").write_text('[counties]\n990102 = { zh = "汀阳区", en = "Tingyang" }\n', "utf-8")
    write_xlsx(folder / name, [page(rows, **more)])
    return folder / name
