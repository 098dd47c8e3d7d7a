"""Tables as strangers write them: known figures in a random layout, unit, year style, area style and mess.

Every table is made from a seed. :func:`hold` loads it and says what became of it: ``right`` (every figure in its place
and no other), ``reported`` (what differs is a finding or a gap with a kind), ``refused`` (a sentence), or ``silent``: a
wrong number that nobody is told of. Some tables contradict themselves on purpose; those must be refused or reported.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook

from edustats.errors import EdustatsError
from edustats.load.returns.reader import load_returns
from edustats.load.tables.reader import load_tables

REAL = [
    ("320104", "秦淮区"),
    ("320105", "建邺区"),
    ("320111", "浦口区"),
    ("320113", "栖霞区"),
    ("320114", "雨花台区"),
]
MADE = [
    ("990102", "汀阳区"),
    ("990103", "云麓区"),
    ("990121", "柏溪县"),
    ("990122", "石渚县"),
    ("990124", "青埠县"),
]
ENGLISH = [
    ("E06000001", "Harwick"),
    ("E06000002", "Ostley"),
    ("E08000012", "Penford"),
    ("E10000003", "Wrexmoor"),
]
COUNTS = {
    "pupils_primary": ("小学", "在校生数", "人", 9_000), "teachers_primary": ("小学", "专任教师数", "人", 520),
    "classes_primary": ("小学", "班数", "个", 210), "pupils_junior": ("初中", "在校生数", "人", 5_000),
    "teachers_junior": ("初中", "专任教师数", "人", 400), "schools_primary": ("小学", "学校数", "所", 30),
}  # fmt: skip
MONEY = {
    "budget_education": ("一般公共预算教育经费", "合计"), "budget_operating": ("一般公共预算教育经费", "教育事业费"),
    "budget_education_primary": ("一般公共预算教育经费", "小学"),
}  # fmt: skip
SIZES = {"元": 1.0, "千元": 1e3, "万元": 1e4, "百万元": 1e6, "亿元": 1e8}
PAGE = """title = { zh = "别人的表", en = "a stranger's table" }
lang = "en"
[[tables]]
file = "FILE"
AREA
[year]
YEAR
[missing]
not_collected = ["", "-"]
[columns]
COLUMNS
"""
RETURNS = """parent = { code = "990100", level = "prefecture", zh = "云汀市", en = "Yunting" }
[counties]
""" + "\n".join(f'{code} = {{ zh = "{name}", en = "{code}" }}' for code, name in MADE)


@dataclass(slots=True)
class Made:
    """A table that was written: its road, its figures by (area, year, column), and what contradicts what in it."""

    road: str
    path: Path
    truth: dict[tuple[str, int, str], float]
    choices: dict[str, Any] = field(default_factory=dict)
    contradiction: str = ""
    schools: tuple[str, ...] = ()
    """For lists of schools, the columns that were written; the areas of the truth are then schools' codes."""


def write(folder: Path, seed: int) -> Made:
    """Write the table of a seed into a folder."""
    rng = random.Random(seed)  # noqa: S311 - a table, no secret
    road = rng.random()
    if road < 0.2:
        return _returns(folder, rng)
    if road < 0.4:
        return _list(folder, rng)
    return _rates(folder, rng) if road < 0.55 else _mapped(folder, rng)


def hold(made: Made) -> tuple[str, str]:
    """What became of a table, and the words for it."""
    try:
        loaded = load_tables(made.path) if made.road == "mapping" else load_returns([made.path])
    except EdustatsError as error:
        return "refused", error.text("en")
    got = {
        (row["county"], int(row["year"]), column): row[column]
        for row in loaded.tidy.to_dict("records") for column in loaded.kinds.columns
        if pd.notna(row[column]) and (made.schools or row["unit"] == row["county"])
        and (not made.schools or column in made.schools)
    }  # fmt: skip
    if made.schools:
        got = {(row["unit"], int(row["year"]), column): row[column] for row in loaded.tidy.to_dict("records")
               for column in loaded.kinds.columns if column in made.schools and pd.notna(row[column])}  # fmt: skip
    wrong = [key for key in {*got, *made.truth} if not _same(got.get(key), made.truth.get(key))]
    if not wrong:
        return "right", ""
    key = "unit" if made.schools else "county"
    told = {(f[key], int(f["year"]), f["column"]) for f in loaded.findings.to_dict("records")}
    whole = loaded.findings[
        loaded.findings["rule"].isin(["column_magnitude", "unit_weaker", "year_from", "adds_up"])
    ]
    rows = {
        int(row)
        for entry in loaded.ledger
        for row, reason, _ in entry.aside
        if reason in ("no_code", "year", "no_county")
    }
    silent = [key for key in wrong if key not in told and not len(whole) and not rows]
    words = f"{sorted(silent or wrong)[:3]} got {[got.get(k) for k in sorted(silent or wrong)[:3]]} " \
            f"for {[made.truth.get(k) for k in sorted(silent or wrong)[:3]]}"  # fmt: skip
    return ("silent" if silent else "reported"), words


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-6 * max(abs(one), abs(other), 1.0)


# --- figures ---


def _figures(
    rng: random.Random, areas: list[str], years: list[int], columns: list[str]
) -> dict[tuple[str, int, str], float]:
    size = {area: rng.uniform(0.6, 1.9) for area in areas}
    made = {}
    for area in areas:
        for k, year in enumerate(years):
            for column in columns:
                base = (
                    COUNTS[column][3]
                    if column in COUNTS
                    else 3e8 * (0.9 if column != "budget_education" else 1.0)
                )
                base *= 0.5 if column == "budget_education_primary" else 1.0
                value = base * size[area] * (1 + 0.02 * k) * rng.uniform(0.93, 1.07)
                made[area, year, column] = (
                    float(round(value)) if column in COUNTS else float(round(value / 1e6) * 1_000_000)
                )
    return made


def _budget_order(truth: dict[tuple[str, int, str], float]) -> None:
    """Parts of a budget are below it, or they would be found."""
    for (area, year, column), value in list(truth.items()):
        whole = truth.get((area, year, "budget_education"))
        if column in MONEY and column != "budget_education" and whole is not None and value >= whole:
            truth[area, year, column] = float(round(whole * 0.8 / 1e6) * 1_000_000)


def _shown(rng: random.Random, style: str, value: float) -> object:
    whole = int(value) if float(value).is_integer() else value
    if style == "text":
        return f"{whole}"
    if style == "comma":
        return f"{whole:,}"
    if style == "wide":
        return str(whole).translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    if style == "spaced":
        return f" {whole} "
    return whole


def _year_label(style: str, year: int) -> object:
    return {
        "number": year, "text": f"{year}", "nian": f"{year}年", "xuenian": f"{year}-{year + 1}学年",
        "slash": f"{year}/{(year + 1) % 100:02d}", "dash": f"{year}-{(year + 1) % 100:02d}",
        "six": f"{year}{(year + 1) % 100:02d}",
    }[style]  # fmt: skip


# --- a table and its mapping ---


def _mapped(folder: Path, rng: random.Random) -> Made:
    style = rng.choice(["made", "made", "real_names", "english", "plain_names", "twelve", "float"])
    pool = {"real_names": REAL, "english": ENGLISH}.get(style, MADE)
    areas = rng.sample(pool, rng.randint(3, len(pool)))
    years = sorted(rng.sample(range(2016, 2025), rng.choice([1, 1, 2, 3])))
    money = rng.random() < 0.45
    columns = (
        rng.sample(list(MONEY), rng.randint(1, 3)) if money else rng.sample(list(COUNTS), rng.randint(1, 4))
    )
    truth = _figures(rng, [code for code, _ in areas], years, columns)
    _budget_order(truth)
    shape = rng.choice(["rows", "rows", "rows", "wide", "sheets"]) if len(years) > 1 else "rows"
    if shape == "wide":
        columns = columns[:1]
        truth = {key: value for key, value in truth.items() if key[2] == columns[0]}
    unit = rng.choice(list(SIZES)) if money else "人"
    choice: dict[str, Any] = {
        "style": style, "shape": shape, "unit": unit, "two_rows": rng.random() < 0.4 and shape != "wide",
        "unit_in": rng.choice(["heading", "line", "note", "nowhere", "row"] if money else ["heading", "nowhere"]),
        "year_style": rng.choice(["number", "text", "nian", "xuenian", "slash", "dash", "six"]),
        "year_in": rng.choice(["column", "column", "title", "value"]) if len(years) == 1 else "column",
        "numbers": rng.choice(["number", "number", "text", "comma", "wide", "spaced"]),
        "total": rng.choice(["none", "word", "code", "silent"]) if len(areas) > 3 else rng.choice(["none", "word"]),
        "blank_first": rng.choice([0, 0, 2]), "printed": rng.random() < 0.3, "title": rng.random() < 0.6,
        "note": rng.random() < 0.3, "blank_between": rng.random() < 0.2, "repeat_head": rng.random() < 0.15,
        "file": rng.choice(["csv", "gbk", "semicolon", "tab", "xlsx", "xlsx", "html", "csv_as_xls"]),
        "merged": rng.random() < 0.3,
    }  # fmt: skip
    if shape == "sheets":
        choice |= {"file": "xlsx", "year_in": rng.choice(["column", "sheet"])}
    if choice["file"] in ("semicolon", "tab") and choice["numbers"] == "comma":
        choice["numbers"] = "text"
    contradiction = rng.choice(["unit", "year"]) if rng.random() < 0.15 else ""
    if contradiction == "unit" and (not money or choice["unit_in"] == "nowhere"):
        contradiction = ""
    if contradiction == "year" and (choice["year_in"] != "value" or not choice["title"]):
        contradiction = ""
    return _write_mapped(folder, rng, areas, years, columns, truth, choice, contradiction)


def _write_mapped(
    folder: Path, rng: random.Random, areas: list[tuple[str, str]], years: list[int], columns: list[str],
    truth: dict[tuple[str, int, str], float], choice: dict[str, Any], contradiction: str,
) -> Made:  # fmt: skip
    pages = [years] if choice["shape"] != "sheets" else [[year] for year in years]
    sheets = [_sheet(rng, areas, own, columns, truth, choice) for own in pages]
    names = [str(own[0]) if len(pages) > 1 else "表" for own in pages]
    file = _save(folder, sheets, names, choice)
    by_name = choice["style"] in ("real_names", "plain_names")
    area = ["[area]", 'code = "地区"' if by_name else 'code = "地区代码"']
    area += [] if by_name else ['name = "地区"']
    if choice["style"] in ("made", "twelve", "float"):
        area += ["width = 6", 'scheme = "gbt2260"']
    year = {"column": 'from = "年份"', "title": 'in = "title"', "sheet": 'in = "sheet"'}.get(
        choice["year_in"], ""
    )
    told = years[0] + (1 if contradiction == "year" else 0)
    year = year or f"value = {told}"
    said = (
        choice["unit"] if contradiction != "unit" else rng.choice([u for u in SIZES if u != choice["unit"]])
    )
    lines = [
        f'{c} = {{ from = "{_source(c, choice)}", unit = "{said if c in MONEY else COUNTS[c][2]}" }}'
        for c in columns
    ]
    page = PAGE.replace("FILE", file).replace("AREA", "\n".join(area)).replace("YEAR", year)
    path = folder / "my.toml"
    path.write_text(page.replace("COLUMNS", "\n".join(lines)), "utf-8")
    codes = {code: name for code, name in areas}
    held = (
        truth if choice["style"] != "plain_names" else {(codes[a], y, c): v for (a, y, c), v in truth.items()}
    )
    return Made("mapping", path, held, choice, contradiction)


def _heading(column: str, choice: dict[str, Any]) -> tuple[str, str]:
    outer, inner = (COUNTS[column][0], COUNTS[column][1]) if column in COUNTS else MONEY[column]
    unit = COUNTS[column][2] if column in COUNTS else choice["unit"]
    return outer, f"{inner}（{unit}）" if choice["unit_in"] == "heading" else inner


def _source(column: str, choice: dict[str, Any]) -> str:
    outer, inner = _heading(column, choice)
    if choice["shape"] == "wide":
        return "{year}年"
    return f"{outer}/{inner}" if choice["two_rows"] else f"{outer}{inner}"


Grid = dict[str, Any]


def _sheet(
    rng: random.Random, areas: list[tuple[str, str]], years: list[int], columns: list[str],
    truth: dict[tuple[str, int, str], float], choice: dict[str, Any],
) -> Grid:  # fmt: skip
    by_name = choice["style"] in ("real_names", "plain_names")
    keys = ["地区"] if by_name else ["地区代码", "地区"]
    dated = choice["year_in"] == "column" and choice["shape"] != "wide"
    keys += ["年份"] if dated else []
    rows: list[list[object]] = [[] for _ in range(choice["blank_first"])]
    if choice["printed"]:
        rows.append(["制表时间：2031年3月10日"])
    if (
        choice["title"]
        or choice["year_in"] == "title"
        or (choice["shape"] == "wide" and choice["unit_in"] == "heading")
    ):
        year = f"{years[0]}年" if choice["year_in"] in ("title", "value") else ""
        unit = (
            f"（单位：{choice['unit']}）"
            if choice["shape"] == "wide" and choice["unit_in"] == "heading" and columns[0] in MONEY
            else ""
        )
        rows.append([f"{year}各县区教育情况{unit}"])
    if choice["unit_in"] == "line":
        rows.append([f"单位：{choice['unit']}"])
    heads = (
        [f"{year}年" for year in years]
        if choice["shape"] == "wide"
        else [_heading(c, choice) for c in columns]
    )
    merged, first = [], len(rows)
    if choice["two_rows"]:
        rows.append([*keys, *[h[0] for h in heads]])
        rows.append([*[""] * len(keys), *[h[1] for h in heads]])
        merged = _runs(rows[first], first, len(keys))
    else:
        rows.append([*keys, *[h if isinstance(h, str) else h[0] + h[1] for h in heads]])
    head = len(rows) - first
    if choice["unit_in"] == "row":
        rows.append([*[""] * len(keys), *[choice["unit"]] * len(heads)])
    rows += _data(rng, areas, years, columns, truth, choice, by_name, dated, rows[first], head == 1)
    if choice["unit_in"] == "note":
        rows.append([f"注：金额单位为{choice['unit']}。"])
    elif choice["note"]:
        rows.append(["注：数据来自年报。"])
    return {"rows": rows, "merged": merged}


def _runs(row: list[object], i: int, start: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Equal words beside each other, as merged cells."""
    found, j = [], start
    while j < len(row):
        end = j
        while end + 1 < len(row) and row[end + 1] == row[j]:
            end += 1
        if end > j:
            found.append(((i, j), (i, end)))
        j = end + 1
    return found


def _data(
    rng: random.Random, areas: list[tuple[str, str]], years: list[int], columns: list[str],
    truth: dict[tuple[str, int, str], float], choice: dict[str, Any], by_name: bool, dated: bool, heads: list[object],
    one_row: bool,
) -> list[list[object]]:  # fmt: skip
    size = SIZES.get(choice["unit"], 1.0)
    found: list[list[object]] = []
    wide = choice["shape"] == "wide"
    for number, year in enumerate([0] if wide else years):
        sums: dict[int, float] = {}
        if number and choice["repeat_head"] and one_row:
            found.append(list(heads))
        for code, name in areas:
            pairs = [(y, columns[0]) for y in years] if wide else [(year, c) for c in columns]
            values = [truth[code, y, c] / (size if c in MONEY else 1.0) for y, c in pairs]
            for j, value in enumerate(values):
                sums[j] = sums.get(j, 0.0) + value
            cells = [_shown(rng, choice["numbers"], round(value, 8)) for value in values]
            found.append([*_area_cells(code, name, choice, by_name), *_dated(choice, year, dated), *cells])
        if choice["total"] != "none":
            found.append([*_total_cells(choice, by_name), *_dated(choice, year, dated),
                          *[_shown(rng, choice["numbers"], round(v, 8)) for v in sums.values()]])  # fmt: skip
        if choice["blank_between"]:
            found.append([])
    return found


def _dated(choice: dict[str, Any], year: int, dated: bool) -> list[object]:
    return [_year_label(choice["year_style"], year)] if dated else []


def _area_cells(code: str, name: str, choice: dict[str, Any], by_name: bool) -> list[object]:
    if by_name:
        return [name]
    shown: object = code
    if choice["style"] == "twelve":
        shown = f"{code}000000"
    elif choice["style"] == "float":
        shown = f"{code}.0" if choice["file"] != "xlsx" else float(code)
    return [shown, name]


def _total_cells(choice: dict[str, Any], by_name: bool) -> list[object]:
    word = "合 计" if choice["total"] == "word" else "全部"
    if by_name:
        return ["合计"]
    code = {
        "word": "",
        "code": "000000",
        "silent": "990199" if choice["style"] != "english" else "E99000009",
    }[choice["total"]]
    return [code, "本地区" if choice["total"] == "silent" else word]


def _save(folder: Path, sheets: list[Grid], names: list[str], choice: dict[str, Any]) -> str:
    kind = choice["file"]
    if kind == "xlsx":
        book = Workbook()
        book.remove(book.active)
        for grid, name in zip(sheets, names, strict=True):
            page = book.create_sheet(name)
            for row in grid["rows"]:
                page.append([None if cell == "" else cell for cell in row])
            for (top, left), (bottom, right) in grid["merged"] if choice["merged"] else ():
                try:
                    page.merge_cells(
                        start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
                    )
                except ValueError:
                    continue
        book.save(folder / "t.xlsx")
        return "t.xlsx"
    rows = sheets[0]["rows"]
    width = max(map(len, rows))
    filled = [[*row, *[""] * (width - len(row))] for row in rows]
    if kind == "html":
        body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in filled)
        (folder / "t.xls").write_text(f"<html><table>{body}</table></html>", "utf-8")
        return "t.xls"
    mark = {"semicolon": ";", "tab": "\t"}.get(kind, ",")
    text = "\n".join(mark.join(_quoted(str(cell), mark) for cell in row) for row in filled) + "\n"
    file = "t.xls" if kind == "csv_as_xls" else "t.csv"
    (folder / file).write_bytes(text.encode("gb18030" if kind in ("gbk", "csv_as_xls") else "utf-8"))
    return file


def _quoted(cell: str, mark: str) -> str:
    return f'"{cell}"' if mark in cell else cell


# --- returns: tables of counties ---


def _returns(folder: Path, rng: random.Random) -> Made:
    areas = rng.sample(MADE, rng.randint(3, 5))
    years = sorted(rng.sample(range(2016, 2025), rng.choice([1, 1, 2])))
    columns = [
        "budget_education",
        *rng.sample(["budget_operating", "budget_education_primary"], rng.randint(1, 2)),
    ]
    truth = _figures(rng, [code for code, _ in areas], years, columns)
    _budget_order(truth)
    by_name = rng.random() < 0.3
    choice: dict[str, Any] = {
        "unit": rng.choice(list(SIZES)), "unit_in": rng.choice(["line", "heading", "outer", "note", "default"]),
        "year_in": rng.choice(["title", "file", "folder"]) if len(years) == 1 else "column",
        "year_style": rng.choice(["number", "nian", "text"]), "printed": rng.random() < 0.4, "by_name": by_name,
        "numbers": rng.choice(["number", "text", "comma"]), "total": rng.choice(["none", "word"]),
        "style": "names" if by_name else "made", "file": "xlsx", "note": rng.random() < 0.3,
    }  # fmt: skip
    if choice["unit_in"] == "default":
        choice["unit"] = "万元"
    contradiction = "year" if choice["year_in"] == "title" and rng.random() < 0.2 else ""
    return _write_returns(folder, rng, areas, years, columns, truth, choice, contradiction)


def _write_returns(
    folder: Path, rng: random.Random, areas: list[tuple[str, str]], years: list[int], columns: list[str],
    truth: dict[tuple[str, int, str], float], choice: dict[str, Any], contradiction: str,
) -> Made:  # fmt: skip
    (folder / "returns.toml").write_text(RETURNS, "utf-8")
    unit, size = choice["unit"], SIZES[choice["unit"]]
    rows: list[list[object]] = [["制表日期：2031-03-10"]] if choice["printed"] else []
    rows.append([f"{years[0]}年教育经费情况表" if choice["year_in"] == "title" else "各县区教育经费情况表"])
    if choice["unit_in"] == "line":
        rows.append([f"金额单位：{unit}"])
    keys = (["年份"] if choice["year_in"] == "column" else []) + (
        ["地区"] if choice["by_name"] else ["地区代码", "地区"]
    )
    outer = "一般公共预算教育经费" + (f"（{unit}）" if choice["unit_in"] == "outer" else "")
    inner = [MONEY[c][1] + (f"（{unit}）" if choice["unit_in"] == "heading" else "") for c in columns]
    first = len(rows)
    rows.append([*keys, outer, *[""] * (len(columns) - 1)])
    rows.append([*[""] * len(keys), *inner])
    for year in years:
        for code, name in areas:
            cells = [_shown(rng, choice["numbers"], round(truth[code, year, c] / size, 8)) for c in columns]
            own = [name] if choice["by_name"] else [code, name]
            rows.append(
                [
                    *([_year_label(choice["year_style"], year)] if choice["year_in"] == "column" else []),
                    *own,
                    *cells,
                ]
            )
        if choice["total"] == "word":
            sums = [sum(truth[a, year, c] for a, _ in areas) / size for c in columns]
            blank = [_year_label(choice["year_style"], year)] if choice["year_in"] == "column" else []
            own = ["合计"] if choice["by_name"] else ["", "合计"]
            rows.append([*blank, *own, *[_shown(rng, choice["numbers"], round(s, 8)) for s in sums]])
    if choice["unit_in"] == "note":
        rows.append([f"注：本表金额以{unit}为单位。"])
    merged = [((first, len(keys)), (first, len(keys) + len(columns) - 1))]
    name = f"{years[0]}年教育经费.xlsx" if choice["year_in"] == "file" else "教育经费.xlsx"
    if contradiction:
        name = f"{years[0] + 1}年教育经费.xlsx"
    home = folder / str(years[0]) if choice["year_in"] == "folder" else folder
    home.mkdir(exist_ok=True)
    _save(home, [{"rows": rows, "merged": merged}], ["表"], {"file": "xlsx", "merged": True})
    (home / "t.xlsx").rename(home / name)
    return Made("returns", folder, truth, choice, contradiction)


# --- lists of schools ---

STAGES = {"primary": ("小学", "21", "211"), "junior": ("初中", "31", "311"), "senior": ("高中", "34", "342")}
CALLED = {
    "pupils_{s}": ["在校生数", "在校学生数", "在校生人数", "学生数"],
    "teachers_{s}": ["专任教师", "专任教师数", "专任教师人数"],
    "classes_{s}": ["班数", "班级数", "教学班数"], "books": ["图书", "图书册数", "藏书量"],
    "equipment_value": ["教学仪器设备资产值", "教学仪器设备值"], "land_area": ["占地面积", "学校占地面积"],
}  # fmt: skip
LEVELS = {
    "pupils_{s}": 700,
    "teachers_{s}": 45,
    "classes_{s}": 16,
    "books": 21_000,
    "equipment_value": 1_400_000,
    "land_area": 21_000,
}
AREAS = {"平方米": 1.0, "㎡": 1.0, "亩": 2000 / 3, "万平方米": 1e4}


def _list(folder: Path, rng: random.Random) -> Made:
    """A list of schools of one stage, or of two beneath each other, as a county sends it."""
    (folder / "returns.toml").write_text(RETURNS, "utf-8")
    year, number = rng.randint(2016, 2024), rng.choice([1, 1, 1, 2])
    stages = rng.sample(list(STAGES), number)
    choice: dict[str, Any] = {
        "stages": stages, "says": rng.choice(["file", "title", "both", "codes"]),
        "year_in": rng.choice(["title", "file", "column"]),
        "unit_in": rng.choice(["heading", "line", "default"]), "money": rng.choice(list(SIZES)),
        "land": rng.choice(list(AREAS)),
        "printed": rng.random() < 0.3, "total": rng.choice(["none", "word", "coded", "silent"]),
        "numbers": rng.choice(["number", "text", "comma"]),
        "street": rng.random() < 0.2, "page_break": rng.random() < 0.2, "merged_county": rng.random() < 0.3,
    }  # fmt: skip
    if number > 1:
        choice |= {"says": "title", "year_in": "title", "merged_county": False}
    if choice["unit_in"] == "default":
        choice |= {"money": "万元", "land": "平方米"}
    names = rng.sample(list(CALLED), rng.randint(2, 6))
    rows, truth, merged = [], {}, []
    for stage in stages:
        rows += _stage_rows(rng, stage, year, names, truth, choice, merged, len(rows))
    contradiction = ""
    if number == 1 and choice["says"] in ("title", "both") and rng.random() < 0.12:
        contradiction = "stage"
    word = STAGES[stages[0]][0]
    file = "一览表" if choice["says"] in ("title", "codes") else f"{word}一览表"
    file = ("高中路街道" if choice["street"] and "senior" not in stages else "") + file
    file = f"{year}年{file}.xlsx" if choice["year_in"] == "file" else f"{file}.xlsx"
    if contradiction:
        other = next(name for name in STAGES if name not in stages)
        rows = [
            [
                cell.replace(word, STAGES[other][0]) if isinstance(cell, str) and "学年" in cell else cell
                for cell in row
            ]
            for row in rows
        ]
        file = file.replace(word, STAGES[other][0])
    _save(
        folder,
        [{"rows": rows, "merged": merged}],
        ["表"],
        {"file": "xlsx", "merged": choice["merged_county"]},
    )
    (folder / "t.xlsx").rename(folder / file)
    columns = tuple(name.format(s=stage) for name in names for stage in stages)
    return Made("returns", folder, truth, choice, contradiction, columns)


def _stage_rows(
    rng: random.Random, stage: str, year: int, names: list[str], truth: dict[tuple[str, int, str], float],
    choice: dict[str, Any], merged: list[Any], above: int,
) -> list[list[object]]:  # fmt: skip
    word, category, _ = STAGES[stage]
    says = word if choice["says"] in ("title", "both") else ""
    when = f"{year}/{year + 1}学年初" if choice["year_in"] == "title" else "各县区学年"
    rows: list[list[object]] = [["打印时间：2031年1月5日"]] if choice["printed"] and not above else []
    rows.append([f"{when}{says}分校一览表"])
    if choice["unit_in"] == "line":
        rows.append([f"单位：人、所、{choice['money']}、{choice['land']}"])
    units = {"equipment_value": choice["money"], "land_area": choice["land"]}
    heads = [rng.choice(CALLED[name]) for name in names]
    heads = [
        f"{h}（{units[n]}）" if choice["unit_in"] == "heading" and n in units else h
        for h, n in zip(heads, names, strict=True)
    ]
    head: list[object] = [
        "学校标识码",
        "学校名称",
        "所在县区",
        *(["年份"] if choice["year_in"] == "column" else []),
        *heads,
    ]
    rows.append(head)
    sums = [0.0] * len(names)
    sizes = {"equipment_value": SIZES[choice["money"]], "land_area": AREAS[choice["land"]]}
    county = rng.choice(MADE)[1]
    start = above + len(rows)
    for k in range(rng.randint(4, 9)):
        code, cells = f"{category}43{rng.randint(0, 999999):06d}", []
        for j, name in enumerate(names):
            value = float(round(LEVELS[name] * rng.uniform(0.5, 1.8)))
            value = round(value, -3) if name == "equipment_value" else value
            printed = round(value / sizes.get(name, 1.0), 6)
            sums[j] += printed
            truth[code, year, name.format(s=stage)] = round(printed * sizes.get(name, 1.0), 6)
            cells.append(_shown(rng, choice["numbers"], printed))
        if choice["page_break"] and k == 3:
            rows.append(list(head))
        place = county if not choice["merged_county"] or k == 0 or choice["page_break"] else ""
        rows.append(
            [code, f"第{k + 1}{word}", place, *([year] if choice["year_in"] == "column" else []), *cells]
        )
    if choice["merged_county"] and not choice["page_break"]:
        merged.append(((start, 2), (above + len(rows) - 1, 2)))
    if choice["total"] != "none":
        own = {"word": ["合计", "", ""], "coded": [f"{category}43000000", "全县合计", county],
               "silent": [f"{category}43000001", "本部", county]}[choice["total"]]  # fmt: skip
        rows.append(
            [
                *own,
                *([year] if choice["year_in"] == "column" else []),
                *[_shown(rng, choice["numbers"], round(s, 6)) for s in sums],
            ]
        )
    return rows if not above else [[], *rows]


# --- rates ---


def _rates(folder: Path, rng: random.Random) -> Made:
    """Counts and rates of them: per cent in cells shown so, as text, as numbers, as fractions."""
    areas = rng.sample(MADE, rng.randint(3, 5))
    year = rng.randint(2016, 2024)
    style = rng.choice(["cells", "text", "numbers", "fractions", "mixed"])
    unit = "share" if style == "fractions" else "percent"
    contradiction = ""
    if rng.random() < 0.15 and style in ("numbers", "fractions"):
        contradiction, unit = "rate", ("share" if style == "numbers" else "percent")
    book, truth = Workbook(), {}
    page = book.active
    page.append(
        [
            "地区代码",
            "地区",
            "年份",
            "在校生数",
            "毕业率（%）" if style == "numbers" and not contradiction else "毕业率",
            "缺",
        ]
    )
    for i, (code, name) in enumerate(areas, 2):
        pupils, rate = rng.randint(800, 9000), rng.randint(850, 999) / 10
        truth[code, year, "pupils"], truth[code, year, "pupils_graduating"] = (
            float(pupils),
            pupils * rate / 100,
        )
        own = style if style != "mixed" else ("cells" if i % 2 else "text")
        page.append(
            [
                code,
                name,
                year,
                pupils,
                {"cells": rate / 100, "text": f"{rate}%", "numbers": rate, "fractions": rate / 100}[own],
                "-",
            ]
        )
        if own == "cells":
            page.cell(row=i, column=5).number_format = rng.choice(["0.0%", "0%", "0.00%"])
    book.save(folder / "t.xlsx")
    area = '[area]\ncode = "地区代码"\nname = "地区"\nwidth = 6\nscheme = "gbt2260"'
    heading = page.cell(row=1, column=5).value
    lines = ['pupils = { from = "在校生数", unit = "人" }',
             f'pupils_graduating = {{ from = "{heading}", unit = "{unit}", of = "pupils" }}']  # fmt: skip
    text = PAGE.replace("FILE", "t.xlsx").replace("AREA", area).replace("YEAR", 'from = "年份"')
    (folder / "my.toml").write_text(text.replace("COLUMNS", "\n".join(lines)), "utf-8")
    return Made("mapping", folder / "my.toml", truth, {"style": style, "unit": unit}, contradiction)
