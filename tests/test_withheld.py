"""Is what must not be printed nowhere in what is printed: sentence, table, chart, workbook?"""

import json

import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hidden_cells import bound_hidden_cells
from invented import loaded

import edustats as edu
from edustats.catalogue import catalogue
from edustats.disclosure import rules
from edustats.disclosure.observations import may_measure_schools, withhold_small_groups
from edustats.disclosure.sums import build_sum_matrix
from edustats.present.records.items import Figure, Finding, Table, TableColumn, serialize_item
from edustats.present.records.sheet import build_mime_bundle, collect_items
from edustats.present.records.small_counts import suppress_small_counts
from edustats.report.publish.xlsx import write_data_workbook
from edustats.report.run.faults import has_suppressed_figures
from edustats.store.writing import write_store
from edustats.words import Text, say

KEY = "share_disabled_special_school"
COUNTIES = ["990101", "990102", "990103", "990104"]


def observations(counts, year=2023, key=KEY, den=200.0):
    """Four counties and their prefecture, whose numerator is the sum of theirs."""
    nums = [*map(float, counts), float(np.nansum(counts))]
    dens = [den] * len(counts) + [den * len(counts)]
    return pd.DataFrame(
        {"area": [*COUNTIES, "990100"], "level": ["county"] * 4 + ["prefecture"], "year": year, "stage": "special",
         "indicator": key, "value": np.array(nums) / dens, "num": nums, "den": dens, "n": 1, "coverage": 1.0,
         "status": "ok"}
    )  # fmt: skip


def hidden(counts, **facts):
    shown, withheld = withhold_small_groups(observations(counts, **facts), catalogue())
    return shown, {one.area: one.why for one in withheld}


def test_a_small_group_and_one_more_are_withheld_so_that_the_prefecture_does_not_tell():
    shown, why = hidden([4, 30, 50, 80])
    assert why["990101"] == "primary"
    assert sorted(why.values()) == ["complementary", "primary"]
    gone = shown["status"] == "suppressed"
    assert shown.loc[gone, ["value", "num", "den"]].isna().all().all()
    assert shown.loc[~gone, "value"].notna().all()


def test_what_is_shown_of_the_counties_does_not_bound_what_is_not():
    counts = [4, 30, 50, 80]
    shown, _ = hidden(counts)
    cells = np.array([*counts, sum(counts)], float)
    gone = shown["num"].isna().to_numpy()
    found = bound_hidden_cells(cells, build_sum_matrix(cells, [(4, [0, 1, 2, 3])]), gone)
    assert all(i.high - i.low >= rules().width for i in found.values())


def test_a_large_group_is_shown_and_zero_is_shown():
    shown, why = hidden([0, 30, 50, 80])
    assert why == {}
    assert (shown["status"] == "ok").all()


def test_the_denominator_of_a_sensitive_group_counts_too():
    _, why = hidden([0, 0, 0, 0], den=6.0)
    assert set(COUNTIES) <= set(why)


def test_other_groups_are_left_alone():
    rows = observations([4, 30, 50, 80], key="share_bachelor_primary")
    shown, withheld = withhold_small_groups(rows, catalogue())
    assert shown is rows
    assert withheld == ()


def test_last_year_is_not_told_by_this_year_where_nothing_else_moved():
    both = pd.concat(
        [observations([4, 20, 50, 80], 2022), observations([12, 12, 50, 80], 2023)], ignore_index=True
    )
    _, withheld = withhold_small_groups(both, catalogue())
    told = {(one.year, one.area): one.why for one in withheld}
    assert told[2023, "990101"] == told[2023, "990102"] == "linked"


def test_missing_stays_missing_and_is_not_called_withheld():
    shown, why = hidden([np.nan, 30, 50, 80])
    assert why == {}
    assert np.isnan(shown["num"].iloc[0])
    assert shown["status"].iloc[0] == "ok"


# --- tables that list single schools ---


def listing(*pupils, **facts):
    columns = (TableColumn(label=Text("学校", "school")), TableColumn(label=Text("生均", "per pupil"), decimals=1),
               TableColumn(label=Text("在校生", "pupils"), decimals=0, persons=True))  # fmt: skip
    rows = tuple((f"{k}校", 3.5 + k, count) for k, count in enumerate(pupils))
    return Table(key="t", title=Text("表", "table"), columns=columns, rows=rows, **facts)


def test_a_small_school_loses_its_number_and_its_rate_and_another_its_number():
    made = suppress_small_counts(listing(6.0, 300.0, 200.0))
    assert [cell.zh if isinstance(cell, Text) else cell for cell in made.rows[0]] == ["0校", "※", "※"]
    assert sum(isinstance(row[2], Text) for row in made.rows) == 2
    assert made.note.zh == (
        "为保护少数人的信息（少于10人，或可由此推算出少于10人）隐去（※，不是零，也不是缺报）：0校、2校。"
    )


def test_nothing_tells_a_small_count_from_one_that_is_withheld_beside_it():
    made = suppress_small_counts(listing(6.0, 300.0, 200.0))
    marks = [[isinstance(cell, Text) and cell.zh == "※" for cell in row] for row in made.rows]
    assert marks[0] == marks[2] == [False, True, True]


def test_a_table_without_small_schools_is_the_same_object():
    table = listing(60.0, 300.0, 0, None)
    assert suppress_small_counts(table) is table


def test_a_chart_that_would_show_them_becomes_its_table():
    figure = Figure(
        key="f",
        title=Text("图", "figure"),
        alt=Text("最小的6人", "6 at least"),
        data=listing(6.0, 300.0, 80.0),
        png=b"x",
    )
    (item,) = collect_items("zh", figure)
    assert isinstance(item, Table)
    assert "改以表格列出" in item.note.zh
    (kept,) = collect_items(
        "zh", Figure(key="f", title=Text("图", "f"), alt=Text("a", "a"), data=listing(60.0), png=b"x")
    )
    assert isinstance(kept, Figure)


def test_nothing_of_it_is_in_the_record_or_the_workbook(tmp_path):
    (item,) = collect_items("zh", listing(7.0, 321.0, 200.0))
    body = build_mime_bundle(item, "zh")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    book.cells[0].outputs = [nbformat.v4.new_output("display_data", data=body)]
    assert has_suppressed_figures(book)
    nbformat.write(book, tmp_path / "10.ipynb")
    write_data_workbook([tmp_path / "10.ipynb"], tmp_path / "data.xlsx", title="县", lang="zh")
    values = [
        c.value for p in openpyxl.load_workbook(tmp_path / "data.xlsx") for r in p.iter_rows() for c in r
    ]
    assert "※" in values
    assert 7 not in values
    assert 0 not in values
    assert "7.0" not in (tmp_path / "10.ipynb").read_text("utf-8")


@pytest.mark.parametrize("verdict", ["withheld", "none"])
def test_a_page_says_in_its_state_that_it_withholds(verdict):
    finding = Finding(key="cover", sentence=Text("县", "county"), verdict=verdict)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    book.cells[0].outputs = [nbformat.v4.new_output("display_data", data=build_mime_bundle(finding, "zh"))]
    assert has_suppressed_figures(book) == (verdict == "withheld")


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A county of a prefecture of three, with seven disabled pupils among eight disabled children."""
    made = loaded()
    few = (made.tidy["county"] == "991101") & (made.tidy["unit"] == "991101")
    made.tidy.loc[few, ["disabled_children", "disabled_enrolled"]] = [8.0, 7.0]
    path = tmp_path_factory.mktemp("few") / "store"
    write_store(made, path)
    return edu.open_county("991101", path, lang="zh")


def test_a_county_with_few_says_so_on_top_and_nowhere_says_the_figure(county):
    (cover,) = edu.show_cover(county)
    assert cover.verdict == "withheld"
    assert "为保护少数人的信息（少于10人，或可由此推算出少于10人）" in cover.note.zh
    items = [
        item
        for verb in (edu.show_profile, edu.show_trends, edu.show_trend_chart, edu.show_data_warnings)
        for item in verb(county)
    ]
    text = json.dumps([serialize_item(item) for item in items], ensure_ascii=False)
    assert "share_disabled_enrolled" in set(county.compare["indicator"])
    assert "87.5" not in text
    assert "0.875" not in text


def test_withheld_is_listed_among_the_gaps_by_its_own_name(county):
    missing = next(item for item in edu.show_data_warnings(county) if item.key == "missing")
    kinds = {row[1].zh for row in missing.rows}
    assert say("status.suppressed").zh in kinds


def test_another_county_of_the_prefecture_is_withheld_with_it(county):
    areas = {(one.area, one.why) for one in county.withheld if one.indicator == "share_disabled_enrolled"}
    assert ("991101", "primary") in areas
    assert len({area for area, _ in areas}) >= 2


@pytest.mark.parametrize(
    ("pupils", "may"),
    [([40, 50], False), ([40, 50, 60], True), ([40, 50, 6], False), ([40, 50, 60, np.nan], True)],
)
def test_an_index_over_two_schools_or_over_a_small_one_is_not_made(pupils, may):
    units = pd.DataFrame(
        {"year": 2023, "pupils_special": pupils, "teachers_special": 9.0, "pupils_primary": pupils}
    )
    known = catalogue()
    assert may_measure_schools(units, known.indicator("ratio_pupils_per_teacher_special"), 2023) == may
    assert may_measure_schools(units, known.indicator("ratio_pupils_per_teacher_primary"), 2023)
