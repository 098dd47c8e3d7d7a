"""What does the bureau find in its inbox? The invented prefecture written as returns, mess and all.

Every fault is planted on purpose and written down in ``planted.json``: where it stands, and what a careful
reader should find there. ``truth.parquet`` and ``truth.json`` hold what the figures would be without it.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from edustats.catalogue import parse_terms
from edustats.example.campuses import SINCE, list_campus_faults, split_second_sites
from edustats.example.planted_faults import plant_faults
from edustats.example.records import PlacedPage, PlantedFault
from edustats.example.workbooks import Cell, Page, write_xls, write_xlsx
from edustats.example.world import World, make_world

STAGE_NAMES = {
    "preschool": "幼儿园",
    "primary": "小学",
    "junior": "初中",
    "senior": "高中",
    "vocational": "中职",
    "special": "特教",
}
NEW_FORMS = 2021
COUNT_OF = {"preschool": "children"}


@cache
def read_layouts() -> dict[str, Any]:
    """The layouts of the forms that are sent."""
    return tomllib.loads(Path(__file__).with_name("layouts.toml").read_text("utf-8"))


def write_example(folder: Path, world: World | None = None) -> dict[str, int]:
    """Write the invented prefecture's returns into a folder.

    Parameters
    ----------
    folder : made if it is not there; files of the same name are overwritten
    world : the truth to be reported; the committed one if not given

    Returns
    -------
    dict
        Counts: schools, files, planted.
    """
    world = world or make_world()
    truth = translate_truth_to_form_terms(world)
    planted: list[PlantedFault] = []
    files = 0
    for _, rows in truth.groupby("year"):
        year = int(rows["year"].iloc[0])
        home = folder / "returns" / str(year)
        home.mkdir(parents=True, exist_ok=True)
        files += _write_county_files(world, home, int(year), planted)
        files += _write_result_files(world, home, int(year), rows, planted)
        for county, own in rows.groupby("county"):
            by_school = county == world.plan["by_school"]
            write = _write_school_files if by_school else _write_stage_files
            files += write(world, home, int(year), own, planted)
    files += _write_registers(world, folder / "returns")
    _write_truth(world, truth, folder, planted)
    return {"schools": len(world.schools), "files": files, "planted": len(planted)}


def translate_truth_to_form_terms(world: World) -> pd.DataFrame:
    """The truth with what a form says in words, under the definitions of the day."""
    t = world.truth.copy()
    before = t["year"] < world.plan["redefined"]["year"]
    for stage in ("primary", "junior"):
        name = f"x_backbone_{stage}"
        t[name] = t[name].where(~before, np.floor(t[name] * 0.7))
        for who, rate in (("pupils", 0.88), ("teachers", 0.92)):
            t[f"{who}_afterschool_{stage}"] = np.floor(t[f"{who}_{stage}"] * rate)
    t["academic_test_takers"] = np.floor(t["pupils_senior"] / 3)
    t["academic_test_passed"] = np.floor(
        t["academic_test_takers"] * (0.948 + 0.003 * (t["year"] - t["year"].min()))
    )
    t["counted"] = np.where(t["kind"] == "218", "0", "1")
    t["owner"] = np.where(t["private"], "999", "831")
    t["grade_text"] = np.where(t["x_graded"] == 1, "二级", "三级")
    t["inclusive_text"] = np.where(t["x_inclusive"] == 1, "是", "否")
    t["network_text"] = np.where(t["x_network"] == 1, "是", "否")
    t["length_text"] = np.where(t["pupils_primary"].notna(), "六年", "三年")
    t["x_checked"] = np.floor(
        (t["pupils_last_year_primary"].fillna(0) + t["pupils_last_year_junior"].fillna(0)) * 0.93
    )
    share = 100 * t["junior_exam_excellent"] / t["junior_exam_takers"].where(t["junior_exam_takers"] > 0)
    t["excellent_text"] = [f"{s:.1f}%" if s == s else "*" for s in share]
    return t


def evaluate_figure(row: dict[str, Any], expression: str) -> Cell:
    """A sum of columns of one school's truth; a column it has none of is not applicable."""
    if not expression or expression == "*":
        return expression or None
    value = row.get(expression)
    if value is None and any(sign in expression for sign in "+-"):
        parts = [(row.get(name), sign) for name, sign in parse_terms(expression).items()]
        given = [v * s for v, s in parts if v is not None and v == v]
        value = sum(given) if given else None
    if isinstance(value, str):
        return value
    if value is None or value != value:
        return "*"
    return int(value) if float(value).is_integer() else round(float(value), 2)


def _to_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


# --- headers ---


def build_heading(paths: list[str], first: int) -> tuple[list[list[Cell]], list[tuple[int, int, int, int]]]:
    """Merged header rows of header paths: a word that spans several columns stands once, above them."""
    split = [path.split("/") for path in paths]
    depth = max(map(len, split))
    rows: list[list[Cell]] = [[None] * len(paths) for _ in range(depth)]
    merged = []
    for j, words in enumerate(split):
        for i, word in enumerate(words):
            if j and i + 1 < len(words) and split[j - 1][: i + 1] == words[: i + 1]:
                continue
            rows[i][j] = word
            last = i + 1 == len(words)
            bottom = depth - 1 if last else i
            right = j if last else max(k for k in range(j, len(paths)) if split[k][: i + 1] == words[: i + 1])
            if (bottom, right) != (i, j):
                merged.append((first + i, j, first + bottom, right))
    return rows, merged


# --- a list per stage ---


def _write_stage_files(
    world: World, home: Path, year: int, own: pd.DataFrame, planted: list[PlantedFault]
) -> int:
    written = 0
    for stage, zh in STAGE_NAMES.items():
        rows = own[own[COUNT_OF.get(stage, f"pupils_{stage}")].notna()]
        if rows.empty:
            continue
        code, county = rows["code"].iloc[0], rows["county_name"].iloc[0]
        city = str(world.plan["counties"][0]["code"])
        records = split_second_sites(stage, year, str(rows["county"].iloc[0]), city, _to_records(rows))
        placed = _build_stage_list(stage, year, records)
        name = f"{code}{county}_{zh}一览表"
        here = list_campus_faults(stage, year, records, placed)
        here += plant_faults(world, year, str(rows["county"].iloc[0]), stage, placed)
        suffix = _write_page(
            placed.page, home / name, _choose_file_format(world, year, str(rows["county"].iloc[0]), stage)
        )
        planted += [fault.at(f"{year}/{name}{suffix}") for fault in here]
        written += 1
    return written


def _choose_file_format(world: World, year: int, county: str, stage: str) -> str:
    """One county sends its kindergartens as a GBK table; another kept its old office until 2018."""
    codes = [c["code"] for c in world.plan["counties"]]
    if county == codes[6] and stage == "preschool":
        return ".csv"
    return ".xls" if county == codes[7] and year <= 2018 else ".xlsx"


def _write_page(page: Page, path: Path, suffix: str) -> str:
    path = path.with_name(path.name + suffix)
    if suffix == ".csv":
        lines = [",".join(_quote_csv_cell(v) for v in row) for row in page.rows]
        path.write_bytes("\r\n".join(lines).encode("gb18030") + b"\r\n")
    elif suffix == ".xls":
        write_xls(path, page)
    else:
        write_xlsx(path, [page])
    return suffix


def _quote_csv_cell(value: Cell) -> str:
    text = "" if value is None else str(value)
    return f'"{text}"' if any(sign in text for sign in ',"\n') else text


def list_stage_columns(stage: str, year: int) -> list[tuple[str, str]]:
    """Header path and column of every column of a stage's list, in the order of that generation."""
    sent = read_layouts()["lists"]
    middle = sent[stage] if stage in ("preschool", "vocational", "special") else sent["school"]
    pairs = [*sent["common"], *middle]
    if stage in ("primary", "junior", "senior"):
        pairs = [*pairs, *sent["rooms"]]
        if stage != "senior":
            backbone = sent["old_backbone" if year < NEW_FORMS else "new_backbone"]
            pairs = (
                [*pairs, *backbone]
                if year < NEW_FORMS
                else [*sent["common"], *backbone, *middle, *sent["rooms"]]
            )
    if stage == "primary" and year >= SINCE:
        pairs = [*pairs, *sent["sites"]]
    zh = STAGE_NAMES[stage]
    return [(path.format(zh=zh), column.format(s=stage)) for path, column in pairs]


def _build_stage_list(stage: str, year: int, records: list[dict[str, Any]]) -> PlacedPage:
    pairs = list_stage_columns(stage, year)
    width = len(pairs)
    title = f"{year}/{year + 1}学年初{STAGE_NAMES[stage]}分校一览表"
    unit = "单位：" + " " * 100 + "所、人、平方米、册"
    head, merged = build_heading([path for path, _ in pairs], 2)
    head = [[f"{v}_x000D_\n" if v == "合计" and year < NEW_FORMS else v for v in row] for row in head]
    rows: list[list[Cell]] = [[title, *[None] * (width - 1)], [unit, *[None] * (width - 1)], *head]
    rows.append(["甲", "乙", *range(1, width - 1)])
    page = Page(
        name=f"{STAGE_NAMES[stage]}一览表",
        rows=rows,
        merged=[(0, 0, 0, width - 1), (1, 0, 1, width - 1), *merged],
    )
    placed = PlacedPage(page=page)
    figures = [[evaluate_figure(record, column) for _, column in pairs] for record in records]
    rows.append(["合  计", *_sum_columns(figures, pairs)[1:]])
    for k, (record, cells) in enumerate(zip(records, figures, strict=True)):
        if k and k % 30 == 0:
            rows += [list(row) for row in head]  # the printed page ends and the header comes again
        for j, (_, column) in enumerate(pairs):
            placed.place[record["unit"], column] = (len(rows), j)
        rows.append(cells)
    rows.append([f"注：1.本表由学校填报。2.填表日期：{year}年9月。", *[None] * (width - 1)])
    return placed


TEXTS = ("unit", "name", "county_name", "urban", "kind", "counted", "owner", "main_unit")


def _sum_columns(figures: list[list[Cell]], pairs: list[tuple[str, str]]) -> list[Cell]:
    totals: list[Cell] = []
    for j, (_, column) in enumerate(pairs):
        numbers = [row[j] for row in figures if isinstance(row[j], (int, float))]
        totals.append(None if column in TEXTS or not numbers else round(sum(numbers), 2))  # type: ignore[arg-type]
    return totals


# --- a workbook per school ---


def _write_school_files(
    world: World, home: Path, year: int, own: pd.DataFrame, planted: list[PlantedFault]
) -> int:
    folder = home / f"{own['code'].iloc[0]}{own['county_name'].iloc[0]}"
    folder.mkdir(exist_ok=True)
    records = _to_records(own)
    for k, record in enumerate(records):
        pages = [_build_cover_page(record, year), *_build_school_pages(record, year)]
        name = f"{record['unit']}_{record['name']}.xlsx"
        here = plant_faults(world, year, record["county"], "school", pages, k)
        write_xlsx(folder / name, [p.page for p in pages])
        planted += [fault.at(f"{year}/{folder.name}/{name}") for fault in here]
    return len(records)


def _build_cover_page(record: dict[str, Any], year: int) -> PlacedPage:
    rows: list[list[Cell]] = [
        ["基础教育学校（机构）统计报表"],
        [f"{year}/{year + 1}学年初"],
        ["学校（机构）名称：", record["name"]],
        ["学校（机构）标识码：", record["unit"]],
        ["所在地区划：", record["county_name"]],
    ]
    return PlacedPage(page=Page(name="封面", rows=rows))


def _build_school_pages(record: dict[str, Any], year: int) -> list[PlacedPage]:
    new = year >= NEW_FORMS
    chosen = []
    for key, form in read_layouts()["forms"].items():
        newer = key.startswith("教基")
        if newer == new and (not form.get("when") or evaluate_figure(record, form["when"]) not in ("*", 0)):
            chosen.append(_build_form_page(key, form, record, year))
    return chosen


def _build_form_page(key: str, form: dict[str, Any], record: dict[str, Any], year: int) -> PlacedPage:
    """One form: title, number of the table with its unit, header, the row of 甲 and 乙, items."""
    head = [list(row) for row in form["head"]]
    width = len(head[0])
    rows: list[list[Cell]] = [[form["title"], *[None] * (width - 1)]]
    rows.append([f"表    号：{key}" + " " * 100 + f"单位：{form.get('unit', '')}", *[None] * (width - 1)])
    rows += [[f"{word}_x000D_" if word == "合计" else (word or None) for word in row] for row in head]
    items = any(word == "指标名称" for word in head[0])
    if items:
        tail: list[Cell] = ["丙", 1]
        rows.append(["甲", "乙", *tail[4 - width :]])
    elif len(head) > 1 or width > 3:
        rows.append(["甲", "乙", *range(1, width - 1)])
    merged = [(0, 0, 0, width - 1), (1, 0, 1, width - 1), *_find_merged_ranges(form["head"], 2)]
    placed = PlacedPage(
        page=Page(
            name=key if year < NEW_FORMS else f"{key}_{_name_school_type(record)}", rows=rows, merged=merged
        )
    )
    for item in form["rows"]:
        cells = [item[0], item[1], *(_evaluate_or_copy_word(record, word) for word in item[2:])]
        for j, word in enumerate(item[2:], 2):
            placed.place.setdefault((record["unit"], word), (len(rows), j))
        rows.append(cells)
    if year < NEW_FORMS and int(record["unit"]) % 3 == 0:
        _add_screen_frame(placed)
    return placed


def _evaluate_or_copy_word(record: dict[str, Any], word: str) -> Cell:
    """A figure, or where the words of the layout are no column of the truth, the words (a unit of
    measure).
    """
    known = word in record or any(sign in word for sign in "+") or word == ""
    return evaluate_figure(record, word) if known else word


def _find_merged_ranges(head: list[list[str]], first: int) -> list[tuple[int, int, int, int]]:
    """Ranges merged in a form's header: a word, and the empty cells to its right or beneath it."""
    merged = []
    if len(head) == 1:
        return []
    for j, word in enumerate(head[0]):
        right = j
        while word and right + 1 < len(head[0]) and not head[0][right + 1] and head[1][right + 1]:
            right += 1
        bottom = 0 if head[1][j] else 1
        if word and (right > j or bottom):
            merged.append((first, j, first + bottom, right))
    return merged


def _name_school_type(record: dict[str, Any]) -> str:
    return {"111": "幼儿园", "312": "九年一贯制学校", "341": "完全中学"}.get(record["kind"], "学校")


def _add_screen_frame(placed: PlacedPage) -> None:
    """An export that carries the letters and row numbers of the screen around the table."""
    page = placed.page
    width = len(page.rows[0])
    page.rows = [
        [None, *[chr(65 + j) for j in range(width)]],
        *[[i, *row] for i, row in enumerate(page.rows, 1)],
    ]
    page.merged = [(a + 1, b + 1, c + 1, d + 1) for a, b, c, d in page.merged]
    placed.place = {key: (i + 1, j + 1) for key, (i, j) in placed.place.items()}


# --- tables of counties, results, registers ---


def _write_county_files(world: World, home: Path, year: int, planted: list[PlantedFault]) -> int:
    written = 0
    own = world.counties[world.counties["year"] == year]
    for key, table in read_layouts()["counties"].items():
        if year < table.get("since", 0):
            continue
        pairs = [("地区代码", "code"), ("地区", "county_name"), *map(tuple, table["columns"])]
        records = [_apply_reclassification(world, r, year) for r in _to_records(own)]
        placed = _build_flat_table(table["title"], year, pairs, records, table.get("unit", ""), "code")
        here = plant_faults(world, year, "", key, placed)
        name = table["file"].format(year=year) + ".xlsx"
        write_xlsx(home / name, [placed.page])
        planted += [fault.at(f"{year}/{name}") for fault in here]
        written += 1
    return written


def _apply_reclassification(world: World, record: dict[str, Any], year: int) -> dict[str, Any]:
    new, county = world.plan["reclassified"], record["county"]
    names = {c["code"]: c["zh"] for c in world.plan["counties"]}
    changed = county == new["old"] and year >= new["year"]
    named = {
        "code": new["new"] if changed else county,
        "county_name": new["zh"] if changed else names[county],
    }
    return record | named | {"unit": named["code"]}


def _build_flat_table(
    title: str, year: int, pairs: list[tuple[str, str]], records: list[dict[str, Any]], unit: str, key: str
) -> PlacedPage:
    head, merged = build_heading([path for path, _ in pairs], 2)
    width = len(pairs)
    rows: list[list[Cell]] = [[f"{year}年{title}", *[None] * (width - 1)]]
    rows.append([f"单位：{unit}" if unit else None, *[None] * (width - 1)])
    rows += head
    placed = PlacedPage(page=Page(name="Sheet1", rows=rows, merged=[(0, 0, 0, width - 1), *merged]))
    for record in records:
        for j, (_, column) in enumerate(pairs):
            placed.place[str(record[key]), column] = (len(rows), j)
        rows.append([evaluate_figure(record, column) for _, column in pairs])
    return placed


def _write_result_files(
    world: World, home: Path, year: int, rows: pd.DataFrame, planted: list[PlantedFault]
) -> int:
    written = 0
    for key, table in read_layouts()["results"].items():
        if year < table.get("since", 0):
            continue
        pairs = [
            ("学校标识码", "unit"),
            ("学校名称", "name"),
            ("所在县区", "county_name"),
            *map(tuple, table["columns"]),
        ]
        records = [r for r in _to_records(rows) if evaluate_figure(r, table["when"]) not in ("*", 0)]
        placed = _build_flat_table(table["title"], year, pairs, records, "人", "unit")
        here = plant_faults(world, year, "", key, placed)
        name = table["file"].format(year=year) + ".xlsx"
        write_xlsx(home / name, [placed.page])
        planted += [fault.at(f"{year}/{name}") for fault in here]
        written += 1
    return written


def _write_registers(world: World, home: Path) -> int:
    """Lists of things that are no schools: programmes, building projects, the targets of the annual plan."""
    names = world.truth.drop_duplicates("unit").set_index("unit")["name"].to_dict()
    rows: list[list[Cell]] = [
        ["学年", "学校标识码", "学校名称", "专业代码", "专业名称", "毕业生数", "就业人数", "双证书人数"]
    ]
    for r in _to_records(world.programmes):
        told = [r["year"], r["unit"], names[r["unit"]], r["major"], r["major_name"]]
        rows.append([*told, r["leavers"], r["employed"], r["certified"]])
    write_xlsx(home / "中职专业就业情况.xlsx", [Page(name="专业", rows=rows)])
    write_xlsx(home / "校舍建设项目库.xlsx", [Page(name="项目", rows=_build_project_rows(world))])
    write_xlsx(home / "年度工作计划指标.xlsx", [Page(name="指标", rows=_build_target_rows(world))])
    write_xlsx(home / "位次情况.xlsx", [Page(name="位次", rows=_build_rank_rows(world))])
    return 4


def _build_rank_rows(world: World) -> list[list[Cell]]:
    """Places of the prefecture among others, as somebody above it published them."""
    told, area = world.plan["ranks"], world.plan["prefecture"]["zh"]
    rows: list[list[Cell]] = [["年度", "评价项目", "被评地区", "位次", "参评地区数", "发布单位"]]
    return rows + [
        [told["first"] + k, told["what"], area, place, told["among"], told["source"]]
        for k, place in enumerate(told["places"])
    ]


def _build_project_rows(world: World) -> list[list[Cell]]:
    flood, rng = world.plan["disaster"], np.random.default_rng(world.plan["seed"] + 1)
    schools = world.schools[world.schools["kind"].isin(["211", "311", "312"])].reset_index(drop=True)
    picked = np.sort(rng.choice(len(schools), flood["projects"], replace=len(schools) < flood["projects"]))
    share = rng.dirichlet(np.full(flood["projects"], 3.0)) * flood["spent"]
    rows: list[list[Cell]] = [
        [
            "项目编号",
            "学校标识码",
            "学校名称",
            "项目类别",
            "是否入库",
            "是否竣工",
            "完成投资（万元）",
            "建筑面积（平方米）",
        ]
    ]
    for k, i in enumerate(picked):
        kind = ("灾后修复", "新建", "改扩建")[int(rng.integers(0, 3))]
        stocked, done = "是" if k < flood["stocked"] else "否", "是" if k < flood["finished"] else "否"
        rows.append(
            [
                f"XM{flood['year']}{k + 1:03d}",
                schools["code"][i],
                schools["name"][i],
                kind,
                stocked,
                done,
                round(float(share[k]), 2),
                round(float(share[k]) * 10000 / 2800),
            ]
        )
    return rows


def _build_target_rows(world: World) -> list[list[Cell]]:
    """The annual plan: for every county, for the prefecture, for so many counties by phases; and three rows
    that cannot be judged (an indicator nobody declared, no unit, a county elsewhere).
    """
    last = world.plan["years"][1]
    county = world.plan["counties"][2]["zh"]
    inclusive, big = "普惠性幼儿园在园幼儿占比", "初中大班额比例（56人及以上）"
    degree = "小学专任教师本科及以上学历比例"
    aims: list[list[Cell]] = [
        [last, "各县", "小学大班额比例（56人及以上）", "≤", 1, "%", "年度工作要点第3条"],
        [last - 1, "各县", big, "≤", 1, "%", "年度工作要点第3条"],
        [last, "各县", "公办园在园幼儿占比", "≥", 50, "%", "年度工作要点第1条"],
        [last + 2, "各县", inclusive, "≥", 90, "%", "年度工作要点第1条"],
        [last + 1, "", "教师交流轮岗比例", "≥", 10, "%", "年度工作要点第8条"],
        [last + 1, "各县", "小学课后服务学生参与率", "≥", 90, "%", "年度工作要点第6条"],
        [last + 3, "各县", degree, "≥", 97, "%", "“十五五”规划教师队伍专栏"],
        [last + 2, world.plan["prefecture"]["zh"], "幼儿园师幼比", "≤", 11, "", "年度工作要点第1条"],
        [last + 2, world.plan["prefecture"]["zh"], inclusive, "≥", 92, "%", "年度工作要点第1条"],
        [last, "1个县", degree, "≥", 95, "%", "教育现代化第一阶段"],
        [last + 1, "增加2个县", degree, "≥", 95, "%", "教育现代化第二阶段"],
        [last + 3, "9个县", degree, "≥", 95, "%", "教育现代化第三阶段"],
        [last + 1, county, "小学平均班额", "≤", 36, "", "县政府教育督导整改清单"],
        [last + 1, "邻市某县", big, "≤", 2, "%", "抄录有误"],
    ]
    return [["年度", "地区", "指标", "关系", "目标值", "单位", "依据"], *aims]


def _write_truth(world: World, truth: pd.DataFrame, folder: Path, planted: list[PlantedFault]) -> None:
    plan = world.plan
    truth.to_parquet(folder / "truth.parquet", index=False)
    world.counties.to_parquet(folder / "truth_counties.parquet", index=False)
    known = {
        name: plan[name] for name in ("seed", "groups", "redefined", "reclassified", "disaster", "excellent")
    }
    members = world.schools.loc[world.schools["group"] > 0, ["code", "group"]]
    known["members"] = dict(zip(members["code"], map(int, members["group"]), strict=True))
    (folder / "truth.json").write_text(json.dumps(known, ensure_ascii=False, indent=1), "utf-8", newline="\n")
    rows = [fault.record() for fault in planted]
    (folder / "returns" / "returns.toml").write_text(_compose_prefecture_profile(plan), "utf-8", newline="\n")
    (folder / "planted.json").write_text(
        json.dumps(rows, ensure_ascii=False, indent=0), "utf-8", newline="\n"
    )


def _compose_prefecture_profile(plan: dict[str, Any]) -> str:
    """The bureau's own page about its returns: who it is, which counties it has, what changed when."""
    above = plan["prefecture"]
    lines = [
        "# Which prefecture these returns come from, its counties, and the years in which something changed.",
        'title = { zh = "云汀市教育事业统计报表（虚构示例）", '
        'en = "Education returns of Yunting, an invented prefecture" }',
        f'parent = {{ code = "{above["code"]}", level = "prefecture", '
        f'zh = "{above["zh"]}", en = "{above["en"]}" }}',
        "",
        "[counties]",
        *(f'{c["code"]} = {{ zh = "{c["zh"]}", en = "{c["en"]}" }}' for c in plan["counties"]),
        "",
        "# another code for the same place, from that year on",
        "[[changes]]",
    ]
    new, what = plan["reclassified"], plan["redefined"]
    lines += [
        f"year = {new['year']}",
        f'from = "{new["old"]}"',
        f'to = "{new["new"]}"',
        f'zh = "{new["zh"]}"',
    ]
    lines += ["", "[[breaks]]", f"year = {new['year']}", f'area = "{new["new"]}"']
    for stage in ("primary", "junior"):
        lines += ["", "[[breaks]]", f"year = {what['year']}", f'column = "backbone_teachers_{stage}"']
    return "\n".join(lines) + "\n"
