"""Is every number that a page, brief or workbook prints held with its value, unit and kind, and nothing else?"""

import html
import json
import math
import random
import re
import tomllib
from dataclasses import asdict
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter

import docx
import nbformat
import openpyxl
import pandas as pd
import pytest
from handmade import make_prefecture, write_census
from returns_made import prefecture
from typer.testing import CliRunner

import edustats as edu
from edustats.catalogue import catalogue
from edustats.catalogue.standards import load_standard
from edustats.cli import app
from edustats.load.tables.reader import load_tables
from edustats.present.records.items import NO_SOURCE, Figure, Finding, Number, Table, TableColumn
from edustats.present.records.numbers import format_amount, format_count, format_number, round_half_up
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.publish.docx import write_brief
from edustats.report.publish.html import write_html_page
from edustats.report.publish.xlsx import write_data_workbook
from edustats.report.trace.embedded import embed_sources
from edustats.report.trace.quantities import build_number_format, list_quantities, read_quantity
from edustats.report.trace.sources import assign_row_sources, list_labelled_sources, list_notes, list_sources
from edustats.report.trace.values import write_county_numbers
from edustats.store.writing import write_store
from edustats.words import LANGUAGES, Text, read_all_texts

OF_COUNTY = """cover profile trends trend_chart ranks peers forecasts forecast_chart inequality lorenz_curves
    pen_parade inequality_change segregation gaps gap_chart contributors data_warnings validation_findings ledger
    correction_list assessment difference_coefficients school_verdicts shortfalls allocation_plan declaration
    targets target_chart target_matrix standards_ranking"""
OF_PREFECTURE = """cover overview county_table county_tiles county_panels prefecture_trends decomposition
    theil_decomposition outstanding_items"""
OF_MICHIGAN = "profile trends trend_chart ranks inequality gaps data_warnings"
OF_CENSUS = "cover profile trends trend_chart ranks peers gaps gap_chart data_warnings"


def show(view, verbs):
    return [item for verb in verbs.split() for item in getattr(edu, f"show_{verb}")(view)]


def notebook(path, items):
    cell = nbformat.v4.new_code_cell("x")
    cell.outputs = [
        nbformat.v4.new_output("display_data", data=build_mime_bundle(item, "zh")) for item in items
    ]
    book = nbformat.v4.new_notebook()
    book.cells = [cell]
    nbformat.write(book, path)
    return path


@pytest.fixture(scope="module")
def shown(michigan, tmp_path_factory):
    """Every verb on a county and the prefecture of a small store, on a county of Michigan and on one of a census."""
    folder = tmp_path_factory.mktemp("printed")
    returns = prefecture(folder / "made")
    CliRunner().invoke(app, ["load", str(returns), "--store", str(folder / "store")])
    census = write_census(folder / "census")
    write_store(load_tables(census / "census.toml", census), folder / "census_store")
    books = {
        "census": show(edu.open_county("430224", folder / "census_store", lang="zh"), OF_CENSUS),
        "county": show(edu.open_county("990103", folder / "store", lang="zh"), OF_COUNTY),
        "prefecture": show(edu.open_prefecture("990100", folder / "store", lang="zh"), OF_PREFECTURE),
        "michigan": show(
            edu.open_county("82", michigan, lang="zh"),
            OF_MICHIGAN,
        ),
    }
    return {name: (notebook(folder / f"{name}.ipynb", items), items) for name, items in books.items()}


def items_of(shown):
    return [item for _, items in shown.values() for item in items]


def table_of(item):
    return item.data if isinstance(item, Figure) else item


def cells_of(item):
    table = table_of(item)
    rows = [*table.rows, table.foot] if table.foot else table.rows
    return [(cell, column) for row in rows for cell, column in zip(row, table.columns, strict=True)]


# --- nothing printed lacks its number ---


def list_declared(value, lang):
    """Texts of a declaration: of a pair of languages the one, of all else every text."""
    if isinstance(value, dict):
        inside = [one for key, one in value.items() if key not in ("zh", "en") or key == lang]
        return [text for one in inside for text in list_declared(one, lang)]
    if isinstance(value, list):
        return [text for one in value for text in list_declared(one, lang)]
    return [value] if isinstance(value, str) and len(value) > 4 else []


@cache
def read_declared(lang):
    """What the catalogue, the standards and the mappings in the tree declare in words: clauses, names, documents."""
    files = [*CATALOGUE.rglob("*.toml"), *(Path(__file__).parents[1] / "data" / "mappings").glob("*.toml")]
    return [
        literal
        for path in sorted(files)
        for text in list_declared(tomllib.loads(path.read_text("utf-8")), lang)
        for literal in re.split(r"\{\w*\}", text)
        if len(literal) > 4
    ]


def names_with_digits(lang):
    """Names of things and the letters of our own templates: what holds digits and is no figure of the data."""
    known = catalogue()
    clauses = [one.clause[lang] for one in known.indicators.values()]
    clauses += [load_standard(key).source[lang] for key in ("quality_balance_2017", "basic_balance_2012")]
    named = [i.name[lang] for i in known.indicators.values()] + [c.name[lang] for c in known.columns.values()]
    named += [*clauses, *PLANNED, *read_declared(lang)]
    named += [unit.value[lang].replace("{value}", "") for unit in known.units.values()]
    named += [unit.gap[lang].replace("{value}", "") for unit in known.units.values()]
    for text in read_all_texts().values():
        named += [literal for literal, *_ in Formatter().parse(text[lang])]
    for key in ("quality_balance_2017", "preschool_universal_2020"):
        named += [getattr(item, lang) for item in load_standard(key).items.values()]
    return sorted({one for one in named if re.search(r"\d", one)}, key=len, reverse=True)


def unheld_digits(text, lang, names):
    letters = list(text[lang])
    for span in text.spans:
        start, end = getattr(span, lang)
        letters[start:end] = "#" * (end - start)
    left = "".join(letters)
    for name in names:
        left = re.sub(re.escape(name), "", left, flags=re.IGNORECASE)
    left = re.sub(r"(?<!\d)(\d{6}|\d{10}|(19|20)\d\d)(?!\d)", "", left)  # codes and years
    return left if re.search(r"\d", left) else ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_number_of_a_sentence_is_without_its_record(shown, lang):
    names = names_with_digits(lang)
    found = [item for item in items_of(shown) if isinstance(item, Finding)]
    loose = [left for item in found if (left := unheld_digits(item.sentence, lang, names))]
    assert loose == [], "\n".join(loose)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_number_of_a_note_is_without_its_record(shown, lang):
    names = names_with_digits(lang)
    notes = [note for item in items_of(shown) for note in list_notes(item)]
    loose = [left for note in notes if (left := unheld_digits(note, lang, names))]
    assert loose == [], "\n".join(loose)


PLANNED = [f"{plan}第{n}条" for plan in ("规划", "年度工作要点") for n in range(1, 9)]
CATALOGUE = Path(edu.__file__).parent / "catalogue"
"""Clauses that a bureau's own plan quotes."""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_cell_that_is_a_number_is_a_text(shown, lang):
    bare = re.compile(r"[+−-]?\d[\d,]*(\.\d+)?(%|万|亿)?")
    loose = []
    for item in items_of(shown):
        if isinstance(item, Finding):
            continue
        for cell, column in cells_of(item):
            text = cell[lang] if isinstance(cell, Text) else cell
            if not isinstance(text, str) or not bare.fullmatch(text) or list_quantities(cell, column):
                continue
            if not re.fullmatch(r"\d{10}|[12]\d{3}", text) and not column.quotes(cell):  # codes, single years
                loose.append((item.key, column.label[lang], text))
    assert loose == [], "\n".join(loose)


# --- and what is held is what is printed ---

SCALES = {"亿": Decimal(10**8), "万": Decimal(10**4)}


def assert_says(shown, value, unit, kind, decimals, *, cut=False):
    """The printed digits are the value on its unit's print scale, rounded to what is printed, or cut there."""
    digits = re.search(r"\d[\d,]*(\.\d+)?", shown)
    assert digits, shown
    printed = Decimal(digits[0].replace(",", ""))
    scale = next(
        (size for word, size in SCALES.items() if digits.end() < len(shown) and shown[digits.end()] == word),
        Decimal(1),
    )
    places = -printed.as_tuple().exponent
    assert scale > 1 or places == decimals, (shown, decimals)
    known = catalogue().units.get(unit)
    times = Decimal(100) if unit == "share" else Decimal(known.times if known else 1)
    half = scale * Decimal(10) ** -places / 2
    meant = abs(Decimal(repr(value))) * times
    most = half * Decimal("1.000001")
    assert -most <= meant - printed * scale <= most * (2 if cut else 1), (shown, value, unit)
    if kind in ("rank", "count"):
        assert not known or unit in ("person",) or value == int(value)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_number_says_its_value_and_stands_where_it_says(shown, lang):
    for path, items in shown.values():
        found = list_sources([path], lang)
        assert found.numbers
        for one in found.numbers:
            if not one.shown:
                continue  # a number that this language leaves unsaid
            cut = one.record.startswith("note ") and one.unit == "share"  # a coverage is never rounded up
            assert_says(one.shown, one.value, one.unit, one.kind, one.decimals, cut=cut)
            if one.record.startswith(("finding ", "note ")):
                assert one.shown in one.within or one.shown.capitalize() in one.within
        for item in items:
            if isinstance(item, Finding):
                for number in item.numbers:
                    start, end = getattr(number, lang)
                    assert item.sentence[lang][start:end] in ("", number.shown[lang])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_cell_and_sentence_is_in_the_list_and_nothing_else(shown, lang):
    for path, items in shown.values():
        found = list_sources([path], lang)
        held = sorted((one.record, one.shown, one.value, one.unit, one.kind) for one in found.numbers)
        printed = []
        for item in items:
            kind = f"{type(item).__name__.lower()} {item.key}"
            if isinstance(item, Finding):
                spans = [one.number for one in item.sentence.spans if len(set(getattr(one, lang))) == 2]
                printed += [(kind, one[lang], one.unit, one.kind, abs(one.value)) for one in spans]
            printed += [
                (
                    f"note {item.key}",
                    span.number[lang],
                    span.number.unit,
                    span.number.kind,
                    abs(span.number.value),
                )
                for note in list_notes(item)
                for span in note.spans
                if len(set(getattr(span, lang))) == 2 and span.number.kind != "year"
            ]
            if not isinstance(item, Finding):
                quantities = [
                    one for cell, column in cells_of(item) for one in list_quantities(cell, column, lang)
                ]
                printed += [
                    (kind, one.shown[lang], one.unit, one.kind, abs(one.value))
                    for one in quantities
                    if one.kind != "year"
                ]
        assert sorted(printed) == sorted(
            (r, shown, unit, kind, abs(value)) for r, shown, value, unit, kind in held
        )


def test_the_table_of_all_numbers_is_the_list(shown, tmp_path):
    path, _ = shown["county"]
    found, labels = list_labelled_sources([path], "zh")
    target = tmp_path / "part.parquet"
    write_county_numbers(target, county="990103", name="县", folder="990103", found=found, labels=labels)
    frame = pd.read_parquet(target)
    columns = ["record", "within", "shown", "value", "unit", "kind", "decimals"]
    rows = [tuple(row) for row in frame[columns].itertuples(index=False)]
    assert rows == [tuple(getattr(one, name) for name in columns) for one in found.numbers]
    assert set(frame["kind"]) <= {"level", "difference", "rate", "slope", "interval_end", "rank", "count"}


def test_every_point_of_a_chart_is_in_the_list(shown):
    """A chart holds printed values on the unit's scale; the figure's own table has each with value and source."""
    lacking = []
    for path, items in shown.values():
        numbers = list_sources([path], "zh").numbers
        for figure in (item for item in items if isinstance(item, Figure)):
            units = catalogue().units
            held = [
                (one.value * (units[one.unit].times if one.unit in units else 1), bool(one.sources))
                for one in numbers
                if one.record == f"figure {figure.key}"
            ]
            assert all(sourced for _, sourced in held)
            for chart in figure.charts:
                known = {float(round_half_up(value, chart.decimals)) for value, _ in held}
                for series in chart.series:
                    points = {*series.values, *series.low, *series.high} - {None}
                    lacking += [(figure.key, series.name.zh, point) for point in points - known]
    assert lacking == []


# --- the workbook ---


def find_heading_row(page, start, heads):
    """The row from ``start`` on that holds a table's headings: a sheet may hold all tables of a chapter."""
    rows = page.iter_rows(min_row=start, max_col=len(heads), values_only=True)
    return next(number for number, row in enumerate(rows, start) if list(row) == heads)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_cell_of_the_workbook_is_a_number(shown, tmp_path, lang):
    for name, (path, items) in shown.items():
        target = tmp_path / f"{name}.xlsx"
        write_data_workbook([path], target, title="县", lang=lang)
        meant = {}  # each table once: a figure and a table may share their rows
        for item in items:
            if not isinstance(item, Finding):
                meant[table_of(item)] = [read_quantity(cell, column) for cell, column in cells_of(item)]
        book = openpyxl.load_workbook(target)
        contents = [cell.hyperlink.location for cell in book.worksheets[0]["A"] if cell.hyperlink]
        assert len(contents) == len(meant)
        for place, (table, cells) in zip(contents, meant.items(), strict=True):
            sheet, start = re.fullmatch(r"'(.+)'!A(\d+)", place).groups()
            page, heads = book[sheet], [column.label[lang] for column in table.columns]
            top, width = find_heading_row(page, int(start), heads), len(heads)
            held = [page.cell(top + 1 + k // width, 1 + k % width).value for k in range(len(cells))]
            for value, quantity in zip(held, cells, strict=True):
                if quantity:
                    assert isinstance(value, (int, float)) and math.isfinite(value), (page.title, value)
                else:
                    assert not isinstance(value, (int, float))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_cell_of_the_workbook_is_in_per_cent_where_the_page_says_so(shown, lang):
    """A fitted curve of an amount moves by per cent a year: the same digits as points would be another number."""
    found = [
        (quantity.shown[lang], build_number_format(quantity, lang))
        for item in items_of(shown)
        if not isinstance(item, Finding)
        for cell, column in cells_of(item)
        if (quantity := read_quantity(cell, column))
        and quantity.shown[lang].removesuffix(quantity.mark[lang]).endswith("%")
    ]
    assert len(found) > 100
    loose = [(text, form) for text, form in found if "%" not in re.sub(r'"[^"]*"', "", form)]
    assert loose == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_year_is_said_as_a_number_of_things(shown, lang):
    texts = [
        text
        for item in items_of(shown)
        for text in [item.sentence if isinstance(item, Finding) else item.title, *list_notes(item)]
    ]
    years = [
        text[lang]
        for text in texts
        for span in text.spans
        if span.number.kind == "count" and 1990 <= span.number.value <= 2060
        if text[lang][getattr(span, lang)[1] :][:1] in ("年", "/")
    ]
    assert years == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_whole_numbers_above_ten_thousand_add_up_in_the_workbook(tmp_path, lang):
    numbers = [142_052, 21_000, 9_711, 1_000]
    person, yuan = (catalogue().units[key] for key in ("person", "yuan"))
    ways = {
        "plain": lambda number: number,
        "count": format_count,
        "number": lambda number: format_number(number, 0),
        "person": lambda number: format_amount(number, person),
        "yuan": lambda number: format_amount(number, yuan),
    }
    columns = tuple(TableColumn(label=Text(name, name)) for name in ways)
    rows = tuple(tuple(way(number) for way in ways.values()) for number in numbers)
    table = Table(key="t", title=Text("表", "table"), columns=columns, rows=rows)
    write_data_workbook([notebook(tmp_path / "b.ipynb", [table])], tmp_path / "b.xlsx", title="县", lang=lang)
    page = next(page for page in openpyxl.load_workbook(tmp_path / "b.xlsx") if page.auto_filter.ref)
    top = int(re.match(r"[A-Z]+(\d+)", page.auto_filter.ref)[1])
    for column in range(1, len(ways) + 1):
        assert sum(page.cell(top + k, column).value for k in range(1, 5)) == sum(numbers)


def test_a_number_under_a_heading_with_a_unit_has_a_unit(shown, tmp_path):
    """Tables, and the sums in 万元 of the standards and the brief, which print no unit beside them."""
    write_store(make_prefecture(), tmp_path / "store")
    county = edu.open_county("991101", tmp_path / "store", lang="zh")
    items = [
        *items_of(shown),
        *show(county, "shortfalls allocation_plan finance_bulletin finance_equity declaration"),
    ]
    items += show(edu.prepare_brief(county), "balance")
    named = re.compile("[（(](%|元|万元|亿元|平方米|所|人)[）)]")
    told = [
        (item.key, column.label.zh, quantity.unit)
        for item in items
        if not isinstance(item, Finding)
        for cell, column in cells_of(item)
        for quantity in list_quantities(cell, column)
        if named.search(column.label.zh) and quantity.kind != "count"
    ]
    assert len(told) > 100
    assert [one for one in told if not one[2]] == []
    money = [one for one in items if isinstance(one, Finding) and "万元" in one.sentence.zh]
    sums = [
        (n.shown.zh, n.unit)
        for one in money
        for n in one.numbers
        if one.sentence.zh[n.zh[1] :].startswith("万元")
    ]
    assert sums
    assert {unit for _, unit in sums} == {"ten_thousand_yuan"}


# --- where a number came from ---


@pytest.fixture(scope="module")
def published(shown, tmp_path_factory):
    """The county's page, brief and workbook, each with its sources inside."""
    folder, path = tmp_path_factory.mktemp("published"), shown["county"][0]
    found = list_sources([path], "zh")
    write_brief([path], folder / "brief.docx", title="县", lang="zh")
    write_data_workbook([path], folder / "data.xlsx", title="县", lang="zh", found=found)
    write_html_page(path, folder / "page.html", lang="zh")
    for file in ("brief.docx", "page.html"):
        embed_sources(folder / file, found)
    return folder


def text_of(path):
    if path.suffix == ".html":
        body = re.sub(r"(?s)<(template|style|script)\b.*?</\1>", "", path.read_text("utf-8"))
        return html.unescape(re.sub(r"<[^>]+>", "", body))
    if path.suffix == ".docx":
        document = docx.Document(str(path))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(one.text for one in document.paragraphs), *cells])
    return "\n".join(str(v) for page in openpyxl.load_workbook(path) for row in page.values for v in row if v)


@pytest.mark.parametrize("file", ["brief.docx", "data.xlsx", "page.html"])
def test_explain_answers_for_numbers_drawn_at_random(published, shown, file):
    """Drawn from what the file prints, compared with the items themselves and not with the file's own list."""
    text = text_of(published / file)
    sentences = [
        i for i in shown["county"][1] if isinstance(i, Finding) and i.numbers and i.sentence.zh in text
    ]
    tables = [i for i in shown["county"][1] if isinstance(i, Table) and i.sources and i.title.zh in text]
    drawn = random.Random(13)  # noqa: S311 - a sample, no secret
    asked = []
    for item in drawn.sample(sentences, min(10, len(sentences))):
        one = drawn.choice([number for number in item.numbers if number.shown.zh])
        asked.append((one.shown.zh, item.sentence.zh, one.value, one.source.filter))
    for item in drawn.sample(tables, min(10, len(tables))):
        places = [
            (quantity, row)
            for row, sources in zip(item.rows, assign_row_sources(item), strict=True)
            for cell, column in zip(row, item.columns, strict=True)
            for quantity in list_quantities(cell, column)
            if quantity.kind != "year"
        ]
        if places:
            quantity, row = drawn.choice(places)
            where = assign_row_sources(item)[item.rows.index(row)]
            asked.append((quantity.shown.zh, item.title.zh, quantity.value, where[0].filter))
    assert len(asked) >= 8
    for printed, within, value, filter_ in asked:
        answer = CliRunner().invoke(
            app,
            ["explain", str(published / file), "--number", printed, "--json"],
            env={"EDUSTATS_LANG": "zh"},
        )
        assert answer.exit_code == 0, (printed, answer.output)
        told = [one for one in json.loads(answer.stdout) if one["within"] == within and one["value"] == value]
        assert told, (printed, within)
        rows = [source["filter"] for one in told for source in one["sources"]]
        assert not filter_ or json.loads(json.dumps(asdict(filter_))) in rows, (printed, within, filter_)


def rests_on(finding, shown):
    """Formulas behind the first number of a sentence that is printed so."""
    number = next(one for one in finding.numbers if one.shown.zh == shown)
    return {source.formula for source in number.sources}


def test_a_number_that_is_no_figure_by_itself_rests_on_the_figures_it_was_made_of(tmp_path):
    """Sums over stages, gaps between two pays, and counts of targets stand in no row of a form."""
    write_store(make_prefecture(), tmp_path / "store")
    brief = edu.prepare_brief(edu.open_county("991101", tmp_path / "store", lang="zh"))
    size = next(i for i in edu.show_size(brief) if isinstance(i, Finding))
    for printed in ("2137人", "54人"):
        assert rests_on(size, printed) == {"pupils_primary", "pupils_junior"}
    births = next(one for one in size.numbers if one.shown.zh == "248人")
    assert (births.source.formula, births.source.filter.years) == ("births", (2018,))
    targets = next(i for i in edu.show_duties(brief) if isinstance(i, Finding))
    assert len(rests_on(targets, "3")) == 3
    duties = next(i for i in edu.show_duties(brief) if isinstance(i, Table))
    first = assign_row_sources(duties)[0]
    assert [one.formula for one in first] == ["(books_primary) / (pupils_primary)"]
    reasons = next(iter(edu.show_reasons(brief)))
    assert all(len(row) == 1 and row[0].files for row in assign_row_sources(reasons))


def test_every_amount_of_the_bulletin_rests_on_its_own_column(tmp_path):
    write_store(make_prefecture(), tmp_path / "store")
    told = {i.key: i for i in edu.show_finance_bulletin(edu.open_county("991101", tmp_path / "store", lang="zh"))
            if isinstance(i, Finding)}  # fmt: skip
    behind = {
        key: [
            [source.formula for source in one.sources]
            for one in told[f"finance.{key}"].numbers
            if one.kind == "level"
        ]
        for key in ("totals", "shares", "per_pupil_education")
    }  # fmt: skip
    assert behind == {
        "totals": [["education_income"], ["fiscal_education"], ["budget_education"]],
        "shares": [
            ["(budget_education) / (budget_expenditure)"], ["(fiscal_education) / (gdp)"],
            ["(fiscal_education) / (education_income)"],
        ],
        "per_pupil_education": [
            [f"(budget_education_{s}) / (average_pupils_{s})"] for s in ("primary", "junior")
        ],
    }  # fmt: skip
    years = {source.filter.years for one in told["finance.mean_growth"].numbers for source in one.sources}
    assert years == {(2017, 2024)}


def test_a_year_of_the_gap_chart_rests_on_that_year(shown):
    figure = next(i for i in items_of(shown) if isinstance(i, Figure) and i.key == "gap_chart")
    rows = zip(figure.data.rows, assign_row_sources(figure.data), strict=True)
    assert all(source.filter.years == (int(row[0].value),) for row, (source,) in rows)


def test_a_number_that_no_sentence_says_is_in_no_list(tmp_path):
    silent = Finding(key="silent", sentence=Text("各学段都在减少。", "All fall."),
                     numbers=(Number(label=Text("在校生", "Pupils"), value=-0.0024, unit="share", decimals=1,
                                     source=NO_SOURCE),))  # fmt: skip
    assert list_sources([notebook(tmp_path / "s.ipynb", [silent])], "zh").numbers == ()
    assert "0.0024" not in build_mime_bundle(silent, "zh")["text/html"]


def test_steps_of_the_briefs_tables_are_numbers_with_their_sign(tmp_path):
    write_store(make_prefecture(), tmp_path / "store")
    brief = edu.prepare_brief(edu.open_county("991101", tmp_path / "store", lang="zh"))
    tables = [i for i in (*edu.show_judgements(brief), *edu.show_size(brief), *edu.show_main_figures(brief))
              if isinstance(i, Table)]  # fmt: skip
    steps = [
        (cell.zh, read_quantity(cell, column))
        for table in tables
        for cell, column in cells_of(table)
        if isinstance(cell, Text) and re.match(r"[+−]\d", cell.zh)
    ]
    assert len(steps) > 4
    for text, found in steps:
        assert found is not None, text
        assert (found.value < 0) == text.startswith("−")
        assert found.kind in ("difference", "rate")


def test_counties_that_are_all_alike_in_both_years_have_no_change_to_tell(tmp_path):
    """Their coefficient is nought twice; the chapter of a census broke on it."""
    census = write_census(tmp_path / "census")
    write_store(load_tables(census / "census.toml", census), tmp_path / "store")
    assert (
        list(edu.show_inequality_change(edu.open_county("430202", tmp_path / "store", lang="zh"))) is not None
    )


FALLS = re.compile(r"(下降|减少|降低)了?约?$")


def test_a_fall_is_held_below_nought(shown):
    """What the words say in its place, the number says in its sign; the page prints the size alone."""
    falls = [
        (item.sentence.zh, number.shown.zh, number.value)
        for item in items_of(shown)
        if isinstance(item, Finding)
        for number in item.numbers
        if number.kind in ("difference", "rate") and FALLS.search(item.sentence.zh[: number.zh[0]])
    ]
    assert len(falls) > 20
    assert [one for one in falls if one[2] > 0] == []


def test_a_code_and_a_row_of_a_file_are_letters(tmp_path):
    """A number of ours beside them stays one: the column says what is quoted, the cell what is a number."""
    columns = tuple(TableColumn(label=Text(name, name), quoted=True) for name in ("行", "值"))
    table = Table(
        key="t", title=Text("表", "t"), columns=columns, rows=(("18", format_number(774, 0, "person")),)
    )
    path = notebook(tmp_path / "q.ipynb", [table])
    write_data_workbook([path], tmp_path / "q.xlsx", title="县", lang="zh")
    cells = [cell for page in openpyxl.load_workbook(tmp_path / "q.xlsx") for row in page for cell in row]
    assert [cell.number_format for cell in cells if cell.value == "18"] == ["@"]
    assert 774 in [cell.value for cell in cells]
    assert [one.shown for one in list_sources([path], "zh").numbers] == ["774"]
    write_html_page(path, tmp_path / "q.html", lang="zh")
    assert (tmp_path / "q.html").read_text("utf-8").count('class="edustats-quoted"') == 1
