"""What happens exactly at a limit, one step beyond it, in the first row and in the last?"""

import math
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from printing import _write_notebook

from edustats.analysis.between_schools import _open_wide_limits
from edustats.catalogue import catalogue
from edustats.load.area_names import listed_name
from edustats.load.files.formats import format_codes
from edustats.load.files.workbook import _pages
from edustats.load.findings import no_findings
from edustats.load.reading.county_ratios import find_impossible_ratios
from edustats.present.county.forecasts import SHOWN, _score_forecast_change
from edustats.present.records.items import Table, TableColumn
from edustats.present.records.numbers import format_percent
from edustats.present.standards.case import format_item_value
from edustats.report.edition.manifest import select_latest
from edustats.report.publish.xlsx import write_data_workbook
from edustats.words import DASH, Text

# --- load ---

RATIOS = [
    ("children", "teachers_preschool", 2, 60), ("children", "kindergartens", 10, 1200), ("pupils", "teachers", 3, 45),
    ("pupils", "schools", 8, 6000), ("budget_education", "pupils", 1500, 150_000),
    ("pupils_primary", "teachers_primary", 3, 45), ("pupils_vocational", "teachers_vocational", 3, 90),
    ("pupils_junior", "classes_junior", 6, 80), ("pupils_primary", "schools_primary", 8, 5000),
    ("pupils_senior", "schools_senior", 20, 8000), ("budget_education_junior", "pupils_junior", 1500, 150_000),
]  # fmt: skip


def doubt_ratio(num, den, pairs):
    rows = [
        {
            "county": f"99010{k}",
            "unit": f"99010{k}",
            "year": 2023,
            "file": "t.csv",
            "row": k + 2,
            num: a,
            den: b,
        }
        for k, (a, b) in enumerate(pairs)
    ]
    places = pd.DataFrame(
        [(row["county"], 2023, column, "表", letter, row["row"])
         for row in rows for column, letter in ((num, "C"), (den, "D"))],
        columns=["county", "year", "column", "sheet", "letter", "row"],
    )  # fmt: skip
    return find_impossible_ratios(pd.DataFrame(rows), places, catalogue(), no_findings())


@pytest.mark.parametrize(("num", "den", "low", "high"), RATIOS)
def test_a_ratio_is_doubted_beyond_its_limit_and_not_at_it(num, den, low, high):
    """Ten counties: those that stand at a limit are not doubted, those a hundredth beyond it are."""
    pairs = [(low * 40.0, 40.0), (high * 40.0, 40.0), (low * 39.6, 40.0), (high * 40.4, 40.0)]
    pairs += [((low + high) * 20.0, 40.0)] * 6
    found = doubt_ratio(num, den, pairs)
    assert found["row"].tolist() == [4, 5]
    assert set(found["cell"]) == {"C4+D4", "C5+D5"}
    assert set(found["sheet"]) == {"表"}
    assert {f"{low:g}–{high:g}"} == set(found["expected"])


def test_a_county_of_fewer_than_twenty_has_no_ratios_and_a_whole_column_is_told_once():
    assert doubt_ratio("pupils", "teachers", [(19.0, 1.0), (19.0, 0.3)]).empty
    assert doubt_ratio("pupils", "teachers", [(20.0, 0.4)])["row"].tolist() == [2]
    whole = doubt_ratio("pupils", "teachers", [(5000.0, 10.0)] * 3 + [(500.0, 40.0)] * 2)  # three of five
    assert whole["row"].tolist() == [2]
    assert "3" in whole["zh"].iloc[0]
    assert doubt_ratio("pupils", "teachers", [(5000.0, 10.0)] * 3 + [(500.0, 40.0)] * 3)["row"].tolist() == [
        2,
        3,
        4,
    ]


@pytest.mark.parametrize(("year", "name"), [(1979, ""), (1980, "郊区"), (2004, "郊区"), (2005, "宜秀区")])
def test_a_county_has_the_name_of_the_end_of_the_year(year, name):
    assert listed_name("340811", year) == name


def test_tables_of_a_page_are_numbered_only_where_they_are_several():
    table = "<table><tr><th>县名</th><th>在校生数</th></tr><tr><td>甲县</td><td>{}</td></tr></table>"
    one = _pages(table.format(1).encode(), "t.html", "d")
    two = _pages((table.format(1) + "<p></p>" + table.format(2)).encode(), "t.html", "d")
    assert [sheet.name for sheet in one] == [""]
    assert [sheet.name for sheet in two] == ["1", "2"]


def test_formats_of_a_workbook_are_those_of_its_cells_and_none_without_styles():
    cells = b'<numFmt numFmtId="170" formatCode="0.0%"/><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
    styles = cells + b'<cellXfs><xf numFmtId="170"/><xf numFmtId="9"/></cellXfs><xf numFmtId="10"/>'
    assert format_codes(styles) == ["0.0%", "0%"]
    assert format_codes(cells) == []
    assert format_codes(b"") == []


# --- present ---


def forecast(middle, naive, half):
    """A panel of one series, as far as its score is asked for."""
    ends = [np.full((1, SHOWN), middle - half), np.full((1, SHOWN), middle + half)]
    found = SimpleNamespace(
        interval=lambda level: ends, middle=np.full((1, SHOWN), middle), naive=np.full((1, SHOWN), naive)
    )
    return SimpleNamespace(row={("k", "991101"): 0}, found=found)


@pytest.mark.parametrize(
    ("middle", "naive", "half", "score"), [(12, 10, 4, 0.5), (8, 10, 4, 0.5), (10, 10, 0, 0)]
)
def test_a_forecast_counts_by_how_far_it_goes_in_halves_of_its_interval(middle, naive, half, score):
    view, indicator = SimpleNamespace(area="991101"), SimpleNamespace(key="k")
    assert _score_forecast_change(view, forecast(middle, naive, half), indicator) == pytest.approx(score)


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [("spread", 0.36149, "0.361"), ("school", 0.5, "0.500"), ("compare", 1.0236, "1.024"), ("growth", 0.05, "0.050"),
     ("every", 3.0, "3所"), ("quota", 8000.0, "8000.00元"), ("every", math.nan, "—")],
)  # fmt: skip
def test_the_value_of_a_criterion_has_the_decimals_of_its_kind(kind, value, told):
    items = {"g": SimpleNamespace(kind=kind, indicators={})}
    judged = SimpleNamespace(standard=SimpleNamespace(items=items))
    said = format_item_value(judged, SimpleNamespace(item="g", value=value, stage=""))
    assert said.zh == told


def test_a_chance_that_nobody_can_tell_is_a_dash():
    assert format_percent(math.nan, 0) == DASH
    assert format_percent(0.256, 0).zh == "26%"


# --- report ---


def result(county, notebook, seconds):
    return SimpleNamespace(county=county, notebook=notebook, seconds=seconds)


def test_the_newest_result_of_each_report_that_still_exists():
    told = [result("2", "b", 1), result("1", "a", 2), result("1", "a", 3), result("1", "gone", 4)]
    assert [one.seconds for one in select_latest(told)] == [3, 4, 1]
    assert [one.seconds for one in select_latest(told, {"a", "b"})] == [3, 1]
    assert select_latest(told, set()) == []


def test_only_what_begins_as_a_formula_is_kept_from_being_one(tmp_path):
    table = Table(key="t", title=Text("表", "table"), rows=(("=1+1", 1.0), ("甲县", 2.0)),
                  columns=tuple(TableColumn(label=Text(one, one), decimals=0) for one in ("名", "数")))  # fmt: skip
    write_data_workbook(
        [_write_notebook(tmp_path / "b.ipynb", [table])], tmp_path / "b.xlsx", title="县", lang="zh"
    )
    held = {
        str(cell.value): cell.quotePrefix
        for page in openpyxl.load_workbook(tmp_path / "b.xlsx")
        for row in page.iter_rows()
        for cell in row
    }
    assert next(quoted for text, quoted in held.items() if "=1+1" in text)
    assert not held["甲县"]


# --- frames ---


@pytest.mark.parametrize(("upper", "note"), [(0.6, ""), (0.6000001, "open_above"), (math.nan, "one_unit")])
def test_an_upper_limit_beyond_three_times_the_figure_is_missing_with_its_reason(upper, note):
    made = pd.DataFrame({
        "measure": ["cv", "percentile_ratio"], "estimate": [0.2, 0.2], "lower": [0.1, 0.1], "upper": [upper, 9.0],
        "note": [note if math.isnan(upper) else "", ""],
    })  # fmt: skip
    found = _open_wide_limits(made)
    assert found["note"].tolist() == [note, ""]
    assert found["lower"].tolist() == [0.1, 0.1]
    assert math.isnan(found["upper"][0]) == (note != "")
    assert found["upper"][1] == 9.0
