"""Does the prefecture's page say what its counties' data say, mark who leads, and draw no map it may not?"""

import base64
import dataclasses
import hashlib
import json
import math
import re
import shutil
import subprocess

import docx
import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import loaded

import edustats as edu
from edustats.briefing import check
from edustats.briefing.reference import reference
from edustats.catalogue import catalogue
from edustats.errors import DataError, MissingFileError, ParameterError, UnknownNameError
from edustats.present.prefecture import decomposition as prefecture_parts
from edustats.present.prefecture.charts import read_boundaries
from edustats.present.prefecture.decomposition import decompose_by_year
from edustats.present.prefecture.overview import CountyComparison, compare_counties, read_headline_keys
from edustats.present.records.html import format_table_rows, render_table
from edustats.present.records.items import Figure, Finding, Table, revive_item, serialize_item
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.publish.docx import write_brief
from edustats.report.publish.html import write_html_page
from edustats.store.reading import open_store
from edustats.store.writing import write_store

VERBS = (
    "show_cover",
    "show_overview",
    "show_county_table",
    "show_prefecture_trends",
    "show_county_panels",
    "show_county_tiles",
    "show_theil_decomposition",
    "show_convergence",
    "show_target_matrix",
    "show_outstanding_items",
)
INDICATOR = catalogue().indicator("share_passing_math4")
NUMBERS = st.floats(0.01, 100, allow_nan=False)


@pytest.fixture(scope="module")
def state(michigan):
    return edu.open_prefecture("MI", michigan, lang="zh")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Three invented counties with every column of the standards."""
    path = tmp_path_factory.mktemp("invented") / "store"
    write_store(loaded(), path)
    return edu.open_prefecture("", path, lang="zh")


PAGES = {}


def page(view):
    """Every item of the page, made once for each store and language."""
    key = (view.store.path, view.area, view.lang)
    if key not in PAGES:
        PAGES[key] = [item for verb in VERBS for item in getattr(edu, verb)(view)]
    return PAGES[key]


def sentences(view):
    return [item.sentence.zh for item in page(view) if isinstance(item, Finding)]


def side_by_side(view, *keys):
    return next(item for item in edu.show_county_table(view, keys) if isinstance(item, Table))


def standing(better="higher", **values):
    indicator = dataclasses.replace(INDICATOR, better=better)
    unit = catalogue().units["share"]
    return CountyComparison(indicator=indicator, unit=unit, year=1998, values=values, reference=math.nan)


# --- opening ------------------------------------------------------------------------------------------------------


def test_the_only_prefecture_of_a_store_need_not_be_named_and_one_of_several_must(michigan, zhuzhou):
    assert edu.open_prefecture(store=michigan).area == "MI"
    with pytest.raises(ParameterError, match="430100"):
        edu.open_prefecture(store=zhuzhou)


def test_an_area_without_counties_of_its_own_is_answered_with_those_that_have(zhuzhou):
    with pytest.raises(UnknownNameError, match="430000"):
        edu.open_prefecture("430000", zhuzhou)


@pytest.mark.parametrize(
    ("options", "found"),
    [({"prefecture": 26}, "26"), ({"lang": "fr"}, "fr"), ({"first_year": 1998, "last_year": 1992}, "1998")],
)
def test_a_wrong_parameter_is_refused_with_the_value_found(michigan, options, found):
    with pytest.raises(ParameterError, match=found):
        edu.open_prefecture(store=michigan, **options)


def test_of_the_units_only_the_columns_asked_for_are_read(state):
    units = state.read_units(["pupils", "no_such_column"])
    assert list(units) == ["county", "unit", "year", "pupils", "no_such_column"]
    assert units["no_such_column"].isna().all()
    assert units["county"].nunique() == 82


# --- what is said -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("which", ["state", "small", "zhuzhou"])
def test_every_verb_answers_for_many_counties_for_few_and_for_a_census(request, which, lang):
    held = request.getfixturevalue(which)
    view = edu.open_prefecture("430200", held) if which == "zhuzhou" else held
    found = page(dataclasses.replace(view, lang=lang))
    assert any(isinstance(item, Figure) for item in found)
    for item in found:
        assert build_mime_bundle(item, lang)["text/plain"]
        assert (
            revive_item(type(item).__name__.lower(), serialize_item(item), getattr(item, "png", b"")) == item
        )


@pytest.mark.parametrize("which", ["state", "small"])
def test_the_checker_finds_every_sentence_consistent(request, which):
    claims = check("\n".join(sentences(request.getfixturevalue(which))))
    assert not [(c.quote, c.message.zh) for c in claims if c.verdict == "inconsistent"]
    assert sum(c.verdict == "consistent" for c in claims) > 3


def test_the_checker_with_the_store_in_hand_contradicts_nothing(zhuzhou):
    text = "\n".join(sentences(edu.open_prefecture("430200", zhuzhou)))
    claims = check(text, reference(text, open_store(zhuzhou)))
    assert not [(c.quote, c.message.zh) for c in claims if c.verdict == "inconsistent"]


def test_no_english_text_holds_chinese(state):
    for item in page(state):
        texts = [item.sentence, item.note] if isinstance(item, Finding) else [item.title, item.note]
        assert not [t.en for t in texts if re.search("[一-鿿]", t.en)]


def test_every_headline_indicator_is_in_the_catalogue_once():
    assert len(set(read_headline_keys())) == len(read_headline_keys())
    assert set(read_headline_keys()) <= set(catalogue().indicators)


def test_the_number_of_indicators_said_to_have_improved_is_that_of_the_observations(state):
    said = next(i for i in edu.show_overview(state) if i.key == "prefecture.changed").sentence.zh
    rows = state.compare[(state.compare["area"] == "MI")].dropna(subset="value").sort_values("year")
    better = worse = 0
    for one in compare_counties(state):
        values = rows.loc[rows["indicator"] == one.indicator.key, "value"].to_numpy()
        sign = {"higher": 1, "lower": -1, "none": 0}[one.indicator.better]
        better += sign * (values[-1] - values[0]) > 0
        worse += sign * (values[-1] - values[0]) < 0
    assert better
    assert f"{better}项好转" in said
    assert (f"{worse}项变差" in said) == (worse > 0)


def test_counties_that_pass_are_counted_and_those_that_owe_data_listed(small, state):
    assert "3个县（市、区）中1个" in next(
        i.sentence.zh for i in edu.show_overview(small) if "readiness" in i.key
    )
    table = next(i for i in edu.show_outstanding_items(state) if i.key == "prefecture.owed")
    found = state.store.rows("findings", state.counties, ["county", "severity"])
    assert sum(row[1] + row[2] for row in table.rows) == len(found.dropna())
    assert {row[0].en for row in table.rows} == {
        state.county_name(c).en for c in found["county"].dropna().unique()
    }


def test_nothing_to_compare_is_one_sentence(state):
    none = dataclasses.replace(state, data=dataclasses.replace(state.data, compare=state.compare.iloc[:0]))
    assert [item.key for item in edu.show_overview(none)] == ["prefecture.nothing"]
    assert not [
        *edu.show_county_table(none),
        *edu.show_county_panels(none),
        *edu.show_county_tiles(none),
        *edu.show_prefecture_trends(none),
    ]
    assert [item.verdict for item in edu.show_theil_decomposition(none)] == ["cannot_tell"]


# --- side by side -------------------------------------------------------------------------------------------------


def test_the_table_holds_every_county_with_its_own_value_and_the_whole_at_its_foot(state):
    table = side_by_side(state, "share_passing_math4", "per_pupil_spending")
    rows = state.compare[
        (state.compare["year"] == 1998) & (state.compare["indicator"] == "share_passing_math4")
    ]
    values = rows.set_index("area")["value"]
    assert len(table.rows) == 82
    names = {state.county_name(code).en: code for code in state.counties}
    for name, share, _ in table.rows:
        assert share == pytest.approx(values[names[name.en]] * 100)
    assert table.foot[1] == pytest.approx(values["MI"] * 100)


def test_first_and_last_place_go_by_the_better_direction_and_are_signs_not_colours(state):
    table = side_by_side(state, "share_passing_math4", "ratio_pupils_per_teacher", "per_pupil_spending")
    places = {(table.rows[i][0].en, j): mark for i, j, mark in table.marks}
    columns = np.array([row[1:] for row in table.rows], float)
    names = [row[0].en for row in table.rows]
    assert places[names[int(columns[:, 0].argmax())], 1] == "best"
    assert places[names[int(columns[:, 0].argmin())], 1] == "worst"
    assert places[names[int(columns[:, 1].argmin())], 2] == "best"
    assert {j for _, j in places} == {1, 2}
    shown = [cell for row in format_table_rows(table, "en") for cell in row if cell[:1] in "▲▽"]
    assert len(shown) == len(table.marks)


def test_ties_share_a_place_and_too_many_leave_it_empty():
    assert standing(a=0.5, b=0.50001, c=0.2).find_best_and_worst() == (["a", "b"], ["c"])
    assert standing("lower", a=0.5, b=0.4, c=0.4, d=0.4, e=0.4).find_best_and_worst() == ([], ["a"])
    assert standing(a=0.5, b=0.5).find_best_and_worst() == ([], [])
    assert standing("none", a=0.5, b=0.2).find_best_and_worst() == ([], [])


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.floats(0, 1), min_size=2, max_size=9))
def test_whoever_is_marked_first_is_never_behind_another_county(values):
    best, worst = standing(**values).find_best_and_worst()
    for code in best:
        assert values[code] >= max(values.values()) - 1e-3
    assert not set(best) & set(worst)


# --- between and within, drawing together -------------------------------------------------------------------------


def theil(values, weights):
    share = weights / weights.sum()
    relative = values / (share @ values)
    return float(share @ (relative * np.log(relative)))


def test_counties_alike_inside_have_all_their_inequality_between_them():
    frame = pd.DataFrame({"county": list("aabb"), "year": 2024, "value": [1.0, 1, 3, 3], "weight": 1.0})
    parts = decompose_by_year(frame).set_index("part")
    assert parts.at["within", "estimate"] == pytest.approx(0)
    assert parts.at["between", "share"] == pytest.approx(1)
    frame["county"] = list("abab")
    assert decompose_by_year(frame).set_index("part").at["between", "share"] == pytest.approx(0)


@given(st.lists(st.tuples(st.sampled_from("abc"), NUMBERS, NUMBERS), min_size=3, max_size=30))
def test_the_two_parts_add_up_to_the_index_of_all_units(rows):
    frame = pd.DataFrame(rows, columns=["county", "value", "weight"]).assign(year=2024)
    parts = decompose_by_year(frame).set_index("part")["estimate"]
    if frame["county"].nunique() > 1:
        assert parts["between"] + parts["within"] == pytest.approx(parts["total"], abs=1e-12)
        assert parts["total"] == pytest.approx(theil(frame["value"], frame["weight"]), abs=1e-9)
    else:
        assert parts.empty


def test_the_page_splits_the_index_that_the_schools_themselves_give(small):
    key = "ratio_teachers_per_pupil_primary"
    table = next(i for i in edu.show_theil_decomposition(small, [key]) if isinstance(i, Table))
    units = small.read_units(["teachers_primary", "pupils_primary"]).dropna()
    units = units[(units["year"] == 2023) & (units["pupils_primary"] > 0)]
    expected = theil(
        (units["teachers_primary"] / units["pupils_primary"]).to_numpy(), units["pupils_primary"].to_numpy()
    )
    assert table.rows[0][3] == pytest.approx(expected)


def test_an_interval_of_the_part_between_is_printed_where_there_is_one(small, monkeypatch):
    key = "ratio_teachers_per_pupil_primary"
    told = next(i for i in edu.show_theil_decomposition(small, [key]) if isinstance(i, Finding))
    assert "95%区间" in told.sentence.zh
    monkeypatch.setattr(
        prefecture_parts,
        "decompose_by_year",
        lambda frame: decompose_by_year(frame).assign(lower=math.nan, upper=math.nan),
    )
    bare = next(i for i in edu.show_theil_decomposition(small, [key]) if isinstance(i, Finding))
    assert "95%" not in bare.sentence.zh
    assert bare.note != told.note


def test_a_census_of_counties_alone_cannot_be_split_and_says_so(zhuzhou):
    found = list(edu.show_theil_decomposition(edu.open_prefecture("430200", zhuzhou)))
    assert [item.verdict for item in found] == ["cannot_tell"]


def test_three_counties_are_too_few_to_be_said_to_draw_together(small):
    (told,) = edu.show_convergence(small)
    assert "太少" in told.sentence.zh


def test_counties_draw_together_only_where_the_interval_says_so(state):
    told = [item for item in edu.show_convergence(state) if isinstance(item, Finding)]
    assert all("95%区间" in item.sentence.zh for item in told[1:])


def test_a_plan_is_told_for_the_whole_prefecture(small):
    assert any(isinstance(item, Finding) and item.key == "plan" for item in edu.show_target_matrix(small))


# --- pictures and maps --------------------------------------------------------------------------------------------


def square(code, x):
    ring = [[x, 27], [x + 1, 27], [x + 1, 28], [x, 28], [x, 27]]
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def boundaries(path, codes, **more):
    features = [square(code, 113 + k) for k, code in enumerate(codes)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), "utf-8")
    return path


def test_no_map_without_its_approval_number(small, tmp_path):
    file = boundaries(tmp_path / "counties.geojson", small.counties)
    with pytest.raises(DataError) as caught:
        edu.show_county_map(small, file)
    assert "审图号" in caught.value.text("zh")
    assert "counties.geojson" in caught.value.text("zh")
    (figure,) = edu.show_county_map(small, file, approval="GS(2024)0650号")
    assert figure.png[:4] == b"\x89PNG"


def test_boundaries_beside_the_store_make_a_map_of_the_tiles(small, tmp_path):
    (tiles,) = edu.show_county_tiles(small)
    assert tiles.key.startswith("prefecture.tiles.")
    shutil.copytree(small.store.path, tmp_path / "store")
    boundaries(tmp_path / "store.map.geojson", small.counties, 审图号="GS(2024)0650号")
    (drawn,) = edu.show_county_tiles(edu.open_prefecture("", tmp_path / "store"))
    assert drawn.key.startswith("prefecture.map.")
    assert drawn.data.rows == tiles.data.rows


@pytest.mark.parametrize("text", ["not json", "[]", '{"features": [{}]}', '{"features": 3}'])
def test_a_file_that_holds_no_boundaries_is_refused_by_name(tmp_path, text):
    (tmp_path / "b.geojson").write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"b\.geojson"):
        read_boundaries(tmp_path / "b.geojson", "GS1")


def test_boundaries_of_other_counties_or_none_are_refused(small, tmp_path):
    file = boundaries(tmp_path / "b.geojson", ["110101"])
    with pytest.raises(DataError, match=r"b\.geojson"):
        edu.show_county_map(small, file, approval="GS1")
    with pytest.raises(MissingFileError):
        edu.show_county_map(small, tmp_path / "nowhere.geojson")


def test_figures_hold_what_they_draw_and_the_same_view_draws_the_same_bytes(state):
    (panels,), (again,) = edu.show_county_panels(state), edu.show_county_panels(state)
    assert panels.png == again.png
    assert len(panels.data.rows) == 82
    assert panels.alt.zh
    assert len(panels.png) < 300_000


# --- published ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(state, tmp_path_factory):
    """The page and the brief of eighty-two counties, made from a notebook that was not run."""
    folder = tmp_path_factory.mktemp("page")
    outputs = [nbformat.v4.new_output("display_data", build_mime_bundle(item, "zh")) for item in page(state)]
    cell = nbformat.v4.new_code_cell("page", outputs=outputs)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "60.ipynb")
    write_html_page(folder / "60.ipynb", folder / "60.html", "zh")
    write_brief([folder / "60.ipynb"], folder / "brief.docx", title="密歇根州", lang="zh")
    return folder


def test_the_page_of_eighty_two_counties_is_light_and_allows_one_script_alone(published):
    text = (published / "60.html").read_text("utf-8")
    assert len(text.encode()) < 2_000_000
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert text.count("<script") == 1
    assert "http" not in re.sub(r"http-equiv", "", text)


def test_a_page_without_a_table_to_sort_carries_no_script_that_sorts(tmp_path):
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 无表")]), tmp_path / "a.ipynb"
    )
    write_html_page(tmp_path / "a.ipynb", tmp_path / "a.html", "zh")
    assert "sortable" not in (tmp_path / "a.html").read_text("utf-8")


def test_the_brief_holds_static_tables_and_the_signs_of_a_short_one(published, small, tmp_path):
    assert len(docx.Document(published / "brief.docx").tables) >= 2
    table = side_by_side(small)
    outputs = [nbformat.v4.new_output("display_data", build_mime_bundle(table, "zh"))]
    cells = [nbformat.v4.new_code_cell("x", outputs=outputs)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "60.ipynb")
    write_brief([tmp_path / "60.ipynb"], tmp_path / "brief.docx", title="市", lang="zh")
    tables = docx.Document(tmp_path / "brief.docx").tables
    made = next(one for one in tables if one.cell(0, 0).text == table.columns[0].label.zh)
    shown = [[cell.text for cell in row.cells] for row in made.rows]
    assert shown[1:] == format_table_rows(table, "zh")
    assert any("▲" in cell for row in shown for cell in row)


def test_a_number_keeps_its_value_beside_its_print_only_where_a_page_sorts(state):
    table = side_by_side(state, "share_passing_math4")
    assert 'data-value="' in render_table(table, "zh")
    assert "data-" not in render_table(dataclasses.replace(table, sortable=False), "zh")


CLICKS = """
var table = document.querySelector("table[data-sortable]"), head = table.tHead.rows[0].cells[1];
var text = function (row) { return row.cells[1].textContent; };
var order = function () { return Array.from(table.tBodies[0].rows).map(text); };
var said = [head.getAttribute("aria-sort")];
head.querySelector("button").click(); said.push(head.getAttribute("aria-sort"), order());
head.querySelector("button").click(); said.push(head.getAttribute("aria-sort"), order());
document.title = JSON.stringify(said);
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="there is no browser here")
def test_a_click_on_a_heading_sorts_and_says_so_and_what_is_missing_stays_last(published, tmp_path):
    text = (published / "60.html").read_text("utf-8")
    body = text[text.index("<table") :]
    body = re.sub(r' data-value="[^"]*"([^>]*>)[^<]*', r"\1—", body, count=1)  # the first number is lost
    page = f"<!DOCTYPE html><html lang='zh-CN'><meta charset='utf-8'><title>-</title>{body}"
    page = page.replace("</body>", f"<script>{CLICKS}</script></body>")
    (tmp_path / "sort.html").write_text(page, "utf-8")
    words = ["chromium", "--headless", "--no-sandbox", "--dump-dom", f"file://{tmp_path / 'sort.html'}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    before, up, rising, down, falling = json.loads(re.search(r"<title>(.*?)</title>", done.stdout)[1])
    assert (before, up, down) == ("none", "ascending", "descending")
    numbers = [[float(cell.lstrip("▲▽")) for cell in order[:-1]] for order in (rising, falling)]
    assert numbers[0] == sorted(numbers[0])
    assert numbers[1] == sorted(numbers[1], reverse=True)
    assert rising[-1] == falling[-1] == "—"
