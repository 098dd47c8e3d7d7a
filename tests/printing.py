"""What do verbs, files and loads print? As plain lines, to be compared with what somebody has read.

``python tests/printing.py`` writes ``files/printed`` anew, or only the named parts of it: read the difference before
you keep it. A line tells what a reader sees; of a picture it tells what was drawn.
"""

from __future__ import annotations

import copy
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import docx
import handmade
import nbformat
import numpy as np
import openpyxl
import pandas as pd
import returns_made
import strangers
from asked_cases import ASKED_CASES
from equity_cases import EQUITY
from evaluated_cases import EVALUATED
from fact_cases import FACTS
from file_cases import FILES_READ
from layouts import describe_looks
from limit_cases import LIMITS
from list_cases import LISTS
from lxml import html as lxml_html
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import FixedFormatter
from own_tables import OWN_MAPPING
from published_cases import PUBLISHED
from reading_cases import READINGS
from run_cases import RUNS_READ
from table_cases import DRAFTED, MAPPED
from view_cases import SHOWN_ELSEWHERE

import edustats as edu
from edustats.errors import EdustatsError
from edustats.example.returns import write_example
from edustats.example.world import make_world
from edustats.load.ledger import lines as ledger_lines
from edustats.load.loaded import Loaded
from edustats.load.returns.reader import load_returns
from edustats.load.summary import as_json, summarise
from edustats.load.tables.draft import write_draft
from edustats.load.tables.inspection import inspect_files
from edustats.load.tables.reader import load_tables
from edustats.present.explore.answers import Choice, Explorer
from edustats.present.records.chart import Chart
from edustats.present.records.html import format_table_rows
from edustats.present.records.items import Finding, Item, Number, Provenance, TableColumn
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.publish.docx import write_annex, write_brief
from edustats.report.publish.html import write_html_page
from edustats.report.publish.xlsx import write_data_workbook
from edustats.report.trace.explain import format_explanation
from edustats.report.trace.sources import list_sources
from edustats.store.writing import write_store
from edustats.words import Text

PRINTED = Path(__file__).parent / "files" / "printed"
VERBS = {
    "county": """cover profile trends trend_chart ranks peers convergence data_warnings ledger validation_findings
        inequality lorenz_curves pen_parade contributors decomposition gaps gap_chart inequality_change segregation
        assessment difference_coefficients school_verdicts shortfalls allocation_plan standards_ranking declaration
        forecasts forecast_chart targets target_chart seat_outlook seat_wave seat_risk seat_table finance_chart
        finance_bulletin finance_rules finance_equity pay_parity school_quotas student_aid teacher_chart retirement
        teacher_structure rotation posts recruitment""",
    "county_brief": "judgements size main_figures resources balance duties reasons",
    "prefecture": """cover overview county_table prefecture_trends county_panels county_tiles theil_decomposition
        convergence target_matrix prefecture_seats outstanding_items""",
    "prefecture_brief": "judgements size main_figures resources counties duties reasons",
    "county_b": "cover profile ranks peers inequality gaps assessment shortfalls difference_coefficients convergence",
    "county_c": """profile trends trend_chart ranks peers inequality gaps gap_chart segregation forecasts assessment
        school_verdicts declaration targets seat_outlook seat_table finance_bulletin finance_equity pay_parity
        teacher_structure retirement""",
    "census": "cover profile trends trend_chart ranks peers gaps gap_chart data_warnings inequality_change",
    "served": """afterschool provision voices given_ranks projects programmes school_value_added index growth
        explorer frames effect""",
    "served_county": "afterschool provision voices given_ranks projects explorer frames",
    "county_c_brief": "judgements size main_figures resources balance duties reasons",
    "county_d_brief": "judgements size main_figures resources balance duties reasons",
    "county_e": "profile ranks peers inequality gaps convergence shortfalls finance_rules finance_equity",
    "county_e_brief": "judgements main_figures balance reasons",
    "served_county_brief": "judgements size main_figures duties",
    "census_brief": "judgements size main_figures resources",
    "census_above": "cover overview county_table prefecture_trends county_panels county_tiles convergence",
    "returned": """cover profile trends ranks peers data_warnings validation_findings inequality gaps segregation
        assessment shortfalls targets seat_outlook seat_table finance_bulletin finance_rules pay_parity student_aid
        teacher_structure retirement rotation afterschool provision voices school_quotas""",
    "returned_brief": "judgements size main_figures resources balance duties reasons",
    "returned_above": """cover overview county_table county_tiles target_matrix outstanding_items given_ranks projects
        programmes""",
    "returned_above_brief": "judgements size main_figures counties duties",
    **dict.fromkeys(
        (f"odd{k}" for k in range(1, 6)),
        """inequality lorenz_curves pen_parade contributors decomposition
        gaps gap_chart inequality_change segregation""",
    ),
    "odd_above": "theil_decomposition convergence inequality_change",
    "slight1": """afterschool provision voices projects posts rotation recruitment teacher_structure pay_parity
        finance_equity school_quotas""",
    "slight2": "afterschool provision voices projects posts rotation recruitment retirement pay_parity finance_rules",
    "slight3": """afterschool provision voices projects posts rotation recruitment retirement teacher_structure
        pay_parity finance_equity finance_bulletin""",
    "slight4": "afterschool voices projects retirement pay_parity teacher_chart",
    "slight5": "afterschool provision projects retirement",
    "slight_above": "afterschool provision voices projects prefecture_seats",
}
MOST_ROWS, MOST_NOTES = 12, 3
"""Rows of a table, and findings of a verb whose note on scope is compared too."""


def list_names() -> list[str]:
    """Everything that is compared, by name."""
    verbs = [f"{view}-{verb}" for view, told in VERBS.items() for verb in told.split()]
    return [*verbs, *(f"file-{name}" for name in FILES), *(f"load-{name}" for name in LOADS)]


def print_named(name: str) -> str:
    """One of :func:`list_names`, as it prints today."""
    kind, _, what = name.partition("-")
    if kind == "file":
        lines = FILES[what]()
    elif kind == "load":
        lines = LOADS[what]()
    else:
        lines = print_verb(open_view(kind), what)
    return "\n".join(lines).strip() + "\n"


def differs(name: str) -> bool:
    """Whether it prints otherwise than when it was read."""
    return print_named(name) != (PRINTED / f"{name}.txt").read_text("utf-8")


def prepare() -> None:
    """Make the store and the notebooks, in a process of its own: what is loaded here stays as it was."""
    folder = make_folder()
    if child := os.fork():
        os.waitpid(child, 0)
        store_of.cache_clear()
        returns_of.cache_clear()
        STORE.append(folder)
        NOTEBOOKS.extend(sorted(folder.glob("*.ipynb")))
        return
    others = len(FOLDERS)
    _write_returns(folder / "example")
    STORE.append(folder)
    for name in MAKERS:
        _write_store_of(name, folder)
    make_notebooks(folder)
    for made in FOLDERS[others:]:
        made.cleanup()
    os._exit(0)


STORE: list[Path] = []
"""The folder of the stores."""
NOTEBOOKS: list[Path] = []
"""Made before, if they are."""
FOLDERS: list[tempfile.TemporaryDirectory[str]] = []
"""Gone with the process."""


def make_folder() -> Path:
    FOLDERS.append(tempfile.TemporaryDirectory(prefix="printed-"))
    return Path(FOLDERS[-1].name)


# --- verbs ---


def _make_census() -> Loaded:
    folder = handmade.write_census(make_folder() / "census")
    return load_tables(folder / "census.toml", folder)


MAKERS: dict[str, Callable[[], Loaded]] = {
    "store": handmade.make_prefecture, "served": handmade.make_served, "census": _make_census,
    "returned": lambda: load_returns([returns_of()]), "odd": handmade.make_odd, "slight": handmade.make_slight,
}  # fmt: skip


def _write_store_of(name: str, folder: Path) -> None:
    write_store(MAKERS[name](), folder / name)
    if name == "served":
        (folder / "served.index.toml").write_text(handmade.DECLARED_INDEX, "utf-8")


@cache
def store_of(name: str = "store") -> Path:
    """The store of a prefecture made by hand, for as long as the process lives."""
    if STORE:
        return STORE[0] / name
    folder = make_folder()
    _write_store_of(name, folder)
    return folder / name


AREAS = {
    "county": ("store", "991101"), "county_b": ("store", "991102"), "county_c": ("store", "991103"),
    "prefecture": ("store", "991100"), "census": ("census", "430224"), "served": ("served", "991100"),
    "served_county": ("served", "991103"), "county_d": ("store", "991104"), "county_e": ("store", "991105"),
    "census_above": ("census", "430200"), "returned": ("returned", "990122"), "returned_above": ("returned", "990100"),
    **{f"odd{k}": ("odd", f"99110{k}") for k in range(1, 6)}, "odd_above": ("odd", "991100"),
    **{f"slight{code[-1]}": ("slight", code) for code in handmade.SLIGHT}, "slight_above": ("slight", "991100"),
}  # fmt: skip
"""Store and area of each view."""


@cache
def open_view(name: str) -> Any:
    store, area = AREAS[name.removesuffix("_brief")]
    opened = edu.open_prefecture if area.endswith("00") else edu.open_county
    view: Any = opened(area, store_of(store), lang="zh")
    return edu.prepare_brief(view) if name.endswith("brief") else view


def print_verb(view: Any, verb: str) -> list[str]:
    with record_drawings() as drawn:
        if verb == "explorer":
            return list(_print_explorer(view))
        items = list(OWN_VERBS[verb](view) if verb in OWN_VERBS else getattr(edu, f"show_{verb}")(view))
    return [*(line for k, item in enumerate(items) for line in print_item(item, k < MOST_NOTES)), *drawn]


def print_items(make: Callable[[], Iterable[Item]]) -> list[str]:
    """What is made, and what is drawn for it."""
    with record_drawings() as drawn:
        lines = [line for k, item in enumerate(make()) for line in print_item(item, k < MOST_NOTES)]
    return [*lines, *drawn]


def print_item(item: Item, noted: bool) -> list[str]:
    """An item as a reader sees it: sentences in both languages, the head and the rows of a table."""
    if isinstance(item, Finding):
        lines = [f"[{item.key}] {item.verdict}", item.sentence.zh, item.sentence.en]
        lines += [f"口径 {one}" for one in (item.note.zh, item.note.en) if one and noted]
        lines += _print_numbers(item.numbers)
        return [*lines, *_print_sources(number.source for number in item.numbers), ""]
    table = item if not hasattr(item, "data") else item.data
    ways = [name for name in ("brief", "sortable") if getattr(table, name)]
    lines = [f"[{item.key}] {item.title.zh} | {item.title.en} {' '.join(ways)}".rstrip()]
    if table is not item:
        lines.append(f"{item.alt.zh} | {item.alt.en}")
        lines += [line for chart in item.charts for line in _print_chart(chart)]
    lines.append(" | ".join(column.label.zh for column in table.columns))
    lines.append(" | ".join(column.label.en for column in table.columns))
    lines += _print_columns(table.columns)
    rows = format_table_rows(table, "zh")
    lines += [" | ".join(row) for row in format_table_rows(table, "en")[:2]]
    lines += [" | ".join(row) for row in rows[:MOST_ROWS]]
    lines += [f"（共{len(rows)}行）"] if len(rows) > MOST_ROWS else []
    lines += (
        [f"标 {' · '.join(f'{row} {column} {mark}' for row, column, mark in table.marks)}"]
        if table.marks
        else []
    )
    notes = dict.fromkeys(one for one in (item.note.zh, table.note.zh, table.note.en) if one)
    return [*lines, *(f"注 {one}" for one in notes), *_print_sources(table.sources), ""]


def _print_numbers(numbers: Iterable[Number]) -> list[str]:
    """What ``values.parquet`` and ``explain`` hold of a sentence: label, value, unit, decimals and kind.

    What is only rounding is nought: it is another on another processor.
    """
    told = [f"{n.label.zh} {round(n.value, 12) + 0.0:.6g} {n.unit} {n.decimals} {n.kind}" for n in numbers]
    return [f"数 {' · '.join(told)}"] if told else []


def _print_columns(columns: Iterable[TableColumn]) -> list[str]:
    """How a workbook writes and sums the numbers of a column: those of which anything is declared."""
    told = [
        f"{k} {'' if one.decimals is None else one.decimals} {one.unit} {one.kind}"
        f"{' 源' * bool(one.rests)}{_say(one.rests)}{' persons' * one.persons}{' quoted' * one.quoted}"
        for k, one in enumerate(columns)
        if one != TableColumn(label=one.label)
    ]
    return [f"列 {' · '.join(told)}"] if told else []


def _show_effect(view: Any) -> list[Item]:
    """The equipment of the schools that took part from 2021 on: two of each second county."""
    joined = [f"21{county[2:]}000{k}" for county in ("991101", "991104") for k in (1, 3)]
    list_ = pd.DataFrame({"unit": joined, "first": 2021})
    return list(edu.show_effect(view, list_, "per_pupil_equipment_primary"))


def _show_frames(view: Any) -> list[Item]:
    """Frames as tables and as charts: years, schools, places, yearly changes and pairs."""
    held, books = view.store, "per_pupil_books_primary"
    rows = edu.observations(held, books, level="county")
    made = {
        "年 / years": rows, "校 / schools": edu.schools(held, books, "991101", 2024),
        "位 / places": edu.rank(rows), "变 / trend": edu.trend(rows), "对 / pairs": edu.compare(rows, "991101"),
    }  # fmt: skip
    return [
        item
        for title, frame in made.items()
        for chart in (False, True)
        for item in edu.show_frame(view, frame, title=title, chart=chart)
    ]


OWN_VERBS: dict[str, Callable[[Any], list[Item]]] = {"effect": _show_effect, "frames": _show_frames}
"""Verbs that are asked with something in the hand."""


def _print_explorer(view: Any) -> Iterator[str]:
    """What is seen for some choices: chart, verdict, schools, places, table and code."""
    counties = ("991101", "991102") if view.area.endswith("00") else (view.area,)
    chosen = [
        Choice(areas=areas, indicator=indicator, first=first, last=2024, against=against, group=group)
        for areas, indicator, first, against, group in (
            (counties, "ratio_pupils_per_teacher_primary", 2020, "prefecture", ""),
            (counties, "per_pupil_books_primary", 2017, "target", ""),
            (("991101",), "share_teachers_female_primary", 2023, "peers", "village"),
            (("991100",), "per_pupil_equipment_primary", 2020, "standard", ""),
            (("991199",), "per_pupil_books_primary", 2020, "none", ""),
        )
    ]
    for lang in ("zh", "en"):
        for choice in chosen:
            found = Explorer(edu.open_store(store_of("served")), lang).answer(choice)
            shown = (found.verdict, found.places, found.table, found.schools, found.chart)
            yield f"{choice.areas} {choice.indicator} {choice.against} {choice.group}"
            yield from (line for text in shown for line in text.replace("</tr>", "</tr>\n").splitlines())
            yield from found.code


def _print_sources(sources: Iterable[Provenance]) -> list[str]:
    """Rows and formula of each source once; a list of many is cut."""
    told = dict.fromkeys(f"源 {one.filter} · {one.formula}" for one in sources if one.filter or one.formula)
    return list(told)[:MOST_NOTES]


def _print_chart(chart: Chart) -> Iterator[str]:
    """What Word draws: kind, unit and the series over their categories."""
    names = [one.zh if isinstance(one, Text) else str(one) for one in chart.categories]
    yield f"图表 {chart.kind} {chart.unit.zh} {chart.decimals} {chart.title.zh} : {' '.join(names[:MOST_ROWS])}"
    for one in chart.series[:MOST_ROWS]:
        ends = f" [{_say_held(one.low)} ; {_say_held(one.high)}]" if one.low else ""
        yield f"  列 {one.name.zh} {one.role} {_say_held(one.values)}{ends} {one.open or ''}".rstrip()


def _say_held(values: Iterable[float | None]) -> str:
    told = ["—" if value is None else f"{value:g}" for value in values]
    return " ".join(told[:MOST_ROWS])


@contextmanager
def record_drawings() -> Iterator[list[str]]:
    """What is drawn meanwhile, in numbers: lines, bars, areas and words of every picture."""
    drawn: list[str] = []
    kept = FigureCanvasAgg.buffer_rgba

    def note(canvas: Any) -> Any:
        drawn.extend(_describe_canvas(canvas.figure))
        return kept(canvas)

    FigureCanvasAgg.buffer_rgba = note  # type: ignore[method-assign]
    try:
        yield drawn
    finally:
        FigureCanvasAgg.buffer_rgba = kept  # type: ignore[method-assign]


def _describe_canvas(canvas: Any) -> Iterator[str]:
    yield f"图 {_say(canvas.get_size_inches())}"
    for legend in canvas.legends:
        yield f"例 {' · '.join(text.get_text() for text in legend.get_texts())}"
    yield from _describe_sheet(canvas)
    for axis in canvas.axes:
        sides = (axis.get_xlim(), axis.get_xlabel()), (axis.get_ylim(), axis.get_ylabel())
        title = "".join(axis.get_title(loc=place) for place in ("left", "center", "right"))
        yield f"画 {title} {' '.join(f'{_say(ends)} {name}' for ends, name in sides)}"
        for line in axis.lines:
            look = (
                line.get_linestyle(),
                line.get_marker(),
                line.get_color(),
                line.get_linewidth(),
                line.get_markersize(),
            )
            yield f"  线 {_say(line.get_xdata())} : {_say(line.get_ydata())} {' '.join(map(str, look))}"
        for patch in axis.patches:
            place = _say(patch.get_extents().transformed(axis.transData.inverted()).extents)
            yield f"  块 {place} {_say(patch.get_facecolor())} {patch.get_hatch() or ''}".rstrip()
        for area in axis.collections:
            corners = [path.get_extents().extents for path in area.get_paths()]
            colour = _say(np.unique(area.get_facecolor(), axis=0).ravel())
            places = _say(value for corner in corners for value in corner), _say(area.get_offsets().ravel())
            yield f"  面 {' '.join(places)} {colour}"
        yield f"  字 {' · '.join(map(_say_word, axis.texts))}"
        shown = [side for side, spine in axis.spines.items() if spine.get_visible()]
        length = {
            tick.tick1line.get_markersize()
            for tick in (*axis.xaxis.get_major_ticks()[:1], *axis.yaxis.get_major_ticks()[:1])
        }
        yield f"  边 {' '.join(shown)} {_say(sorted(length))}"
        for side in (axis.xaxis, axis.yaxis):
            if isinstance(side.get_major_formatter(), FixedFormatter):
                yield f"  度 {' · '.join(label.get_text() for label in side.get_ticklabels())}"
        sizes = [t.get_fontsize() for t in (*axis.texts, axis.title, axis.xaxis.label, axis.yaxis.label)]
        ticks = [t.get_fontsize() for t in (*axis.get_xticklabels()[:1], *axis.get_yticklabels()[:1])]
        yield f"  号 {' '.join(f'{size:g}' for size in dict.fromkeys([*sizes, *ticks]))}"


def _describe_sheet(canvas: Any) -> Iterator[str]:
    """What stands on the sheet itself and in no frame: small charts side by side are drawn so."""
    for one in canvas.artists:
        if hasattr(one, "get_xdata"):
            look = (
                one.get_linestyle(),
                one.get_marker(),
                one.get_color(),
                one.get_linewidth(),
                one.get_markersize(),
            )
            yield f"  线 {_say(one.get_xdata())} : {_say(one.get_ydata())} {' '.join(map(str, look))}"
        elif hasattr(one, "get_xy"):
            yield f"  块 {_say(one.get_xy().ravel())} {_say(one.get_facecolor())}"
        else:
            yield f"  面 {_say(np.concatenate(one.get_segments()).ravel())}"
    if canvas.get_supxlabel():  # where it stands, the letters decide that a machine has
        yield f"  字 {canvas.get_supxlabel()}"
    elif canvas.texts:
        yield f"  字 {' · '.join(map(_say_word, canvas.texts))}"
        yield f"  号 {' '.join(f'{size:g}' for size in dict.fromkeys(t.get_fontsize() for t in canvas.texts))}"


def _say_word(one: Any) -> str:
    """A word with its place, how it lies to it, and how it is turned."""
    turned = f" {one.get_rotation():g}°" if one.get_rotation() else ""
    text = one.get_text().replace("\n", "⏎")
    return f"{text} ({_say(one.get_unitless_position())} {one.get_ha()} {one.get_va()}{turned})"


def _say(values: Any) -> str:
    """A few numbers with four digits; none is too long to be read, and what is only rounding is nought."""
    told = [f"{round(float(value), 9) + 0.0:.4g}" for value in values]
    return " ".join(told if len(told) < 20 else [*told[:10], "…", *told[-10:]])


# --- published files ---

CHOSEN = {
    "profile": 9,
    "trends": 8,
    "gap_chart": 1,
    "inequality": 4,
    "finance_bulletin": 4,
    "shortfalls": 3,
    "ledger": 2,
}
"""Verbs whose first items go into the published files."""


@cache
def executed_of() -> list[Path]:
    """The notebooks that are published."""
    return list(NOTEBOOKS) or make_notebooks(make_folder())


def make_notebooks(folder: Path) -> list[Path]:
    """Two notebooks as they are after a run: some chapters of the county, and its brief."""
    items = [
        i for verb, n in CHOSEN.items() for i in list(getattr(edu, f"show_{verb}")(open_view("county")))[:n]
    ]
    brief = [
        i
        for verb in VERBS["county_brief"].split()
        for i in getattr(edu, f"show_{verb}")(open_view("county_brief"))
    ]
    return [
        _write_notebook(folder / "05_brief.ipynb", brief),
        _write_notebook(folder / "10_county_trend.ipynb", items),
    ]


def _write_notebook(path: Path, items: list[Item]) -> Path:
    book, cell = nbformat.v4.new_notebook(), nbformat.v4.new_code_cell("x")
    cell.outputs = [nbformat.v4.new_output("display_data", data=build_mime_bundle(i, "zh")) for i in items]
    book.cells = [nbformat.v4.new_markdown_cell("# 章\n\n## 节"), cell]
    nbformat.write(book, path)
    return path


def _print_page() -> list[str]:
    path = executed_of()[1]
    write_html_page(path, path.with_suffix(".html"), "zh", ["05_brief", "10_county_trend"], "甲县")
    root = lxml_html.document_fromstring(path.with_suffix(".html").read_text("utf-8"))
    for node in root.xpath("//script|//style|//template|//img"):
        node.getparent().remove(node)
    lines = [re.sub(r"\s+", " ", text).strip() for text in root.itertext()]
    links = [f"→ {one.get('href')}" for one in root.iter("a")]
    classes = [f"{one.tag} {one.get('class')}" for one in root.iter() if one.get("class")]
    return [*(line for line in lines if line), *links, *dict.fromkeys(classes)]


def _print_word(write: Callable[..., None], lang: str) -> list[str]:
    target = executed_of()[0].with_suffix(".docx")
    write(executed_of(), target, title="甲县", lang=lang)
    document = docx.Document(str(target))
    lines = [f"{one.style.name}: {_print_runs(one)}" for one in document.paragraphs if one.text]
    rows = [" | ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    return [*lines, *rows]


def _print_looks(kind: str, lang: str = "zh") -> list[str]:
    write = {"brief": write_brief, "annex": write_annex, "workbook": write_data_workbook}[kind]
    target = executed_of()[0].with_suffix(".xlsx" if kind == "workbook" else ".docx")
    write(executed_of(), target, title="甲县", lang=lang)
    return list(describe_looks(target))


def _print_runs(paragraph: Any) -> str:
    return "".join(f"^{run.text}^" if run.font.superscript else run.text for run in paragraph.runs)


def _print_workbook(lang: str) -> list[str]:
    target = executed_of()[0].with_suffix(".xlsx")
    write_data_workbook(executed_of(), target, title="甲县", lang=lang)
    lines = []
    for page in openpyxl.load_workbook(target):
        lines.append(
            f"[{page.title}] {page.freeze_panes} {page.auto_filter.ref} {page.page_setup.orientation}"
        )
        for row in page.iter_rows(max_row=16):
            lines.append(" | ".join(_say_cell(cell) for cell in row if cell.value is not None))
    return [line for line in lines if line]


def _say_cell(cell: Any) -> str:
    shown = f" {{{cell.number_format}}}" if isinstance(cell.value, int | float) else ""
    return f"{cell.value}{shown}"


def _print_explanation(lang: str) -> list[str]:
    found = list_sources(executed_of(), lang)
    return [
        re.sub(r"sha256 \w+|edustats [\d.]+", "…", line)
        for line in format_explanation(found, list(found.numbers[::30]))
    ]


FILES: dict[str, Callable[[], list[str]]] = {
    "page": _print_page,
    "brief": lambda: _print_word(write_brief, "zh"),
    "brief_en": lambda: _print_word(write_brief, "en"),
    "annex": lambda: _print_word(write_annex, "zh"),
    "workbook": lambda: _print_workbook("zh"),
    "workbook_en": lambda: _print_workbook("en"),
    **{f"looks_{kind}": partial(_print_looks, kind) for kind in ("brief", "annex", "workbook")},
    "looks_brief_en": partial(_print_looks, "brief", "en"),
    "explain": lambda: _print_explanation("zh"),
    "explain_en": lambda: _print_explanation("en"),
    **{f"reads_{name}": (lambda read=read: list(read(store_of()))) for name, read in RUNS_READ.items()},
    **{
        f"shown_{name}": (lambda read=read: list(read(open_view, print_items)))
        for name, read in (
            SHOWN_ELSEWHERE | PUBLISHED | EVALUATED | EQUITY | LIMITS | FACTS | ASKED_CASES
        ).items()
    },
}


# --- loads ---

TABLE = """表1 2022年各县基础教育情况,,,,,
学校代码,县代码,县名,学年,在校生,专任教师
1001,990101,甲县,2021,"1,200",60
1001,990101,甲县,2022,"1,100",61
1002,990101,甲县,2021,300,*
1002,990101,甲县,2022,310,20
1003,990102,乙县,2021,200,10
1003,990102,乙县,2022,190,190
1005,990102,乙县,2022,190,19
,990102,合计,2022,190,10
1004,990103,丙县,2022,50,4
注：本表不含教学点,,,,,
"""
FAULTY: list[list[Any]] = [
    ["2199000001", "甲村小学", "汀阳区", "211", 300, 340, 18, 6000],
    ["2199000002", "乙镇小学", "汀阳区", "211", "520人", 250, "三十", 9000],
    ["219900003", "丙村教学点", "汀阳区", "218", 12, 5, 2, None],
    ["2199000004", "丁村小学", "无名县", "211", 100, 40, 7, 900],
    [None, None, "合计", None, 812, 295, 20, 15000],
]


def _print_loaded(read: Callable[[], Loaded]) -> list[str]:
    """Every figure with its kind, the findings, the account and the words at the end of a load."""
    try:
        loaded = read()
    except EdustatsError as error:
        return [error.text("zh"), error.text("en")]
    lines = []
    tidy, kinds = loaded.tidy.reset_index(drop=True), loaded.kinds.reset_index(drop=True)
    for k, row in enumerate(tidy.to_dict("records")):
        figures = [
            f"{c}={'' if pd.isna(row[c]) else f'{row[c]:.10g}'}:{kinds.at[k, c]}" for c in kinds.columns
        ]
        facts = [
            f"{c}={row[c]}"
            for c in tidy
            if c not in kinds.columns and c != "file" and str(row[c]) not in ("", "nan")
        ]
        lines.append(" ".join([*facts, *figures]))
    for row in loaded.findings.to_dict("records"):
        lines.append(
            " · ".join(
                str(row[c])
                for c in ("severity", "rule", "row", "county", "unit", "year", "column", "zh", "en")
            )
        )
    lines += [line for lang in ("zh", "en") for line in ledger_lines(loaded.ledger, lang)]
    return [
        *lines,
        *(line for lang in ("zh", "en") for line in summarise(loaded.findings, loaded.ledger, lang)),
    ]


def _load_own(table: str = TABLE) -> Loaded:
    folder = make_folder()
    (folder / "schools.csv").write_text(table, "utf-8")
    (folder / "own.toml").write_text(OWN_MAPPING, "utf-8")
    return load_tables(folder / "own.toml")


def _print_json() -> list[str]:
    """What ``load --json`` tells another program."""
    loaded = _load_own()
    told = [as_json(loaded.findings, loaded.ledger, lang) for lang in ("zh", "en")]
    return [re.sub(r'"digest": "\w+"', '"digest": "…"', one) for one in told]


def _load_list() -> Loaded:
    folder = make_folder()
    returns_made.listed(folder, FAULTY)
    return load_returns([folder])


@cache
def returns_of() -> Path:
    """The returns of a small prefecture, both generations of forms, each county in its own way of sending them."""
    if STORE:
        return STORE[0] / "example" / "returns"
    return _write_returns(make_folder())


def _write_returns(folder: Path) -> Path:
    planned = copy.deepcopy(returns_made.plan()) | {"years": [2021, 2022]}
    planned["schools"] = {kind: number * 0.12 for kind, number in planned["schools"].items()}
    write_example(folder, make_world(planned))
    return folder / "returns"


def _print_returns() -> list[str]:
    """What became of a prefecture's returns: sums of columns, keys, lists, sources, findings, accounts."""
    loaded = load_returns([returns_of()])
    tidy, lines = loaded.tidy, []
    columns = [name for name in loaded.kinds]
    for (county, year), rows in tidy.groupby(["county", "year"]):
        sums = {name: rows[name].sum(min_count=1) for name in columns}
        lines.append(
            f"{county} {year} {len(rows)} "
            + " ".join(f"{name}={v:.10g}" for name, v in sums.items() if v == v)
        )
    lines += [
        " ".join(f"{n}={v}" for n, v in row.items() if v != "")
        for row in tidy[[n for n in tidy if n not in columns and n != "file"]].to_dict("records")[::7]
    ]
    lines += [f"{name} {loaded.kinds[name].value_counts().sort_index().to_dict()}" for name in columns[::5]]
    for name, table in [("areas", loaded.areas), ("former", loaded.former), *loaded.registers.items()]:
        lines += [
            f"[{name}] {len(table)}",
            *(" ".join(map(str, row)) for row in table.head(4).itertuples(index=False)),
        ]
    sources = loaded.sources.drop(columns="digest", errors="ignore")
    lines += [
        " ".join(map(str, row)) for row in sources.iloc[:: max(1, len(sources) // 40)].itertuples(index=False)
    ]
    told = ("severity", "rule", "row", "county", "unit", "year", "cell", "column", "zh", "en")
    lines += [" · ".join(str(row[c]) for c in told) for row in loaded.findings.to_dict("records")]
    lines += [line for lang in ("zh", "en") for line in ledger_lines(loaded.ledger, lang)[:40]]
    return [
        *lines,
        *(line for lang in ("zh", "en") for line in summarise(loaded.findings, loaded.ledger, lang)),
    ]


def _load_stranger(seed: int) -> Loaded:
    made = strangers.write(make_folder(), seed)
    return load_tables(made.path) if made.road == "mapping" else load_returns([made.path])


INSPECTED = {
    "schools": TABLE,
    "two_rows": """2023年各县区教育基本情况
单位：千元、人
县代码,县名,小学,,初中,教育经费
,,在校学生数,专任教师数,在校生数,一般公共预算教育经费
990121,柏溪县,12000,700,6000,300000
990122,石渚县,8000,450,4100,*
,合计,20000,1150,10100,300000
注：数据来自年报。
""",
    "years_across": """各县小学在校生数（人）
县名,2020年,2021年,2022年
甲县,1200,1150,1100
乙县,300,290,—
丙县,50,48,45
""",
    "turned": """2022年教育统计
指标,甲县,乙县,丙县
小学在校生数（人）,1200,300,50
初中专任教师数（人）,80,25,6
一般公共预算教育经费（万元）,5300,1200,400
""",
    "items": """县代码,县名,年份,指标,单位,数值
990101,甲县,2021,小学在校生数,人,1200
990101,甲县,2021,小学专任教师数,人,60
990102,乙县,2021,小学在校生数,人,300
990102,乙县,2021,小学专任教师数,人,20
""",
    "stages": """县名,学年,学段,在校生数,专任教师数
甲县,2021/2022,小学,1200,60
甲县,2021/2022,初中,700,50
乙县,2021/2022,小学,300,20
乙县,2021/2022,初中,无,无
""",
    "shares": """县名,年份,小学在校生数,其中：女生占比,小学生师比,学前教育毛入园率,备注
甲县,2021,1200,47.5%,20:1,92.5,新建一所
乙县,2021,300,48.0%,15:1,0.88,
""",
    "english": """County code,County,School year,Pupils in primary schools,Teachers,Spending (thousand yuan)
990101,Alpha,2021/22,"1,200",60,530
990102,Beta,2021/22,300,..,120
""",
}
"""Tables whose reading is told before they are loaded: a head of two rows, years across, turned, items and stages."""


MORE_INSPECTED = {
    "sections": """2022年甲市教育统计
一、小学
县名,在校生数（人）,专任教师数（人）
甲县,1200,60
乙县,300,20
小计,1500,80
二、初中
县名,在校生数（人）,专任教师数（人）
甲县,700,50
乙县,200,16
小计,900,66
""",
    "two_cities": """地区,年份,小学在校生数,小学专任教师数
甲市,2022,1500,80
　甲县,2022,1200,60
　乙县,2022,300,20
丙市,2022,950,58
　丁县,2022,450,30
　戊县,2022,500,28
全省,2022,2450,138
""",
    "codes": """行政区划代码,地区,小学在校生数（万人）,教育经费占GDP比例（%）,小学生师比
430000000000,湖南省,520.25,3.85,18.2
430200000000,株洲市,30.5,3.6,17.5
430202000000,荷塘区,2.31,,17.05
430223000000,攸县,4.125,4.4,—
430224000000,茶陵县,3.9,102,19
""",
    "same_names": """市,县区,年度,高中在校生数,高中专任教师数
甲市,城关区,2021年,1200,90
甲市,城郊区,2021年,800,61
乙市,城关区,2021年,950,75
乙市,城郊区,2021年,0,0
""",
    "months": """单位名称,日期,幼儿园在园幼儿数,幼儿园专任教师数,联系电话
甲园,2023-09-01,120,12,07311234567
乙园,2023/9/1,95,9,13800000000
丙园,2022年9月,60,6,
""",
    "off_scale": """县名,年份,教育经费（万元）,小学在校生数
甲县,2019,5200,1210
甲县,2020,5300,1205
甲县,2021,54000000,1200
甲县,2022,5500,1195
乙县,2019,1200,310
乙县,2020,1210,3100
乙县,2021,1220,300
乙县,2022,1230,295
""",
    "twice_named": """县名,在校生数,专任教师数,在校生数,专任教师数
,小学,小学,初中,初中
甲县,1200,60,700,50
乙县,300,20,200,16
""",
    "percent_sign": """县名,年份,学前三年毛入园率,九年义务教育巩固率（%）,小学女生占比
甲县,2021,92.5%,97.8,0.47
乙县,2021,88%,101.2,0.48
丙县,2021,无,95,0.5
""",
    "parts": """县名,年份,小学在校生数,小学在校女生数,小学专任教师数,小学女专任教师数
甲县,2020,1200,1200.5,60,61
甲县,2021,3200,1201,61,40
乙县,2020,300,300.6,20,20
乙县,2021,310,,21,22
丙县,2020,100,48,..,3
丙县,2021,50,24,7,4
""",
    "nothing": """姓名,电话
张三,1380000
李四,1390000
""",
    "empty": """县名,年份,小学在校生数
""",
    "blanks": """县名,年份,学段,在校生数,专任教师数

甲县,2021,小学,1200,60
,,初中,700,50
乙县,2021,小学,300,

,,初中,200,16
""",
    "thousands": """School,District,Year,Enrollment,Teachers (FTE),% female,Expenditure per pupil ($)
Adams,D1,2020-21,"1,234",61.5,48.2,"$9,850"
Baker,D1,2020-21,845,40.25,N/A,"$10,120"
Clark,D2,2020-21,*,12.0,51,$0
Total,,2020-21,"2,079",113.75,49,"$9,990"
""",
}
"""Sections, cities above their counties, codes of twelve digits, scales that jump, marks, blanks and nothing at all."""


def _print_inspected(table: str) -> list[str]:
    """What a table is read as, in both languages, the draft of its mapping, and what comes of loading by it."""
    folder = make_folder()
    (folder / "t.csv").write_text(table, "utf-8")
    try:
        found = inspect_files(folder / "t.csv")
        write_draft(found, folder / "my.toml")
    except EdustatsError as error:
        return [error.text("zh"), error.text("en")]
    draft = (folder / "my.toml").read_text("utf-8").splitlines()
    return [
        *found.lines("zh"), *found.lines("en"), *draft, *_print_loaded(lambda: load_tables(folder / "my.toml"))
    ]  # fmt: skip


def _write_files(files: dict[str, str]) -> Path:
    folder = make_folder() / "own"
    folder.mkdir()
    for name, table in files.items():
        (folder / name).write_text(table, "utf-8")
    return folder


def _print_mapped(cases: dict[str, tuple[dict[str, str], str]]) -> list[str]:
    """What each mapping makes of its files."""
    lines = []
    for name, (files, page) in cases.items():
        folder = _write_files(files)
        (folder / "my.toml").write_text(page, "utf-8")
        lines += [f"# {name}", *_print_loaded(lambda folder=folder: load_tables(folder / "my.toml"))]
    return lines


def _print_drafted(files: dict[str, str]) -> list[str]:
    """What some files are read as, the draft for them, and what comes of loading by it."""
    folder = _write_files(files)
    try:
        found = inspect_files([folder / name for name in files])
        write_draft(found, folder / "my.toml")
    except EdustatsError as error:
        return [error.text("zh"), error.text("en")]
    drafts = [path.read_text("utf-8").splitlines() for path in sorted(folder.glob("*.toml"))]
    load = _print_loaded(lambda: load_tables(folder / "my.toml"))
    return [*found.lines("zh"), *found.lines("en"), *(line for draft in drafts for line in draft), *load]


STRANGERS = range(24)
LOADS: dict[str, Callable[[], list[str]]] = {
    "own_table": lambda: _print_loaded(_load_own),
    "own_table_refused_year": lambda: _print_loaded(
        lambda: _load_own(TABLE.replace("丙县,2022", "丙县,20x2"))
    ),
    "own_table_refused_twice": lambda: _print_loaded(lambda: _load_own(TABLE.replace("1005,", "1003,"))),
    "own_table_refused_word": lambda: _print_loaded(lambda: _load_own(TABLE.replace(",50,4", ",五十,4"))),
    "json": _print_json,
    "school_list": lambda: _print_loaded(_load_list),
    "prefecture": _print_returns,
    **{
        f"inspect_{name}": (lambda table=table: _print_inspected(table))
        for name, table in (INSPECTED | MORE_INSPECTED).items()
    },
    **{
        f"reads_{name}": (lambda read=read: list(read()))
        for name, read in (READINGS | FILES_READ | LISTS).items()
    },
    **{f"mapped_{name}": (lambda cases=cases: _print_mapped(cases)) for name, cases in MAPPED.items()},
    **{
        f"drafted_{k}": (lambda files=files: _print_drafted(files))
        for k, files in enumerate(DRAFTED.values())
    },
    **{f"stranger_{n}": (lambda n=n: _print_loaded(lambda: _load_stranger(n))) for n in STRANGERS},
}


def main() -> None:
    PRINTED.mkdir(parents=True, exist_ok=True)
    asked = sys.argv[1:]
    for name in list_names():
        if not asked or any(name.startswith(one) for one in asked):
            (PRINTED / f"{name}.txt").write_text(print_named(name), "utf-8")


if __name__ == "__main__":
    main()
