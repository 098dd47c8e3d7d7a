"""Does a batch give every county the list that goes back to its schools, and nothing where nothing goes back?"""

import openpyxl
import pytest
from returns_made import ROWS, listed

from edustats.present.county.corrections import build_correction_workbook, sort_corrections
from edustats.present.county.data_quality import show_correction_list
from edustats.present.view.county import open_county
from edustats.report.publish.corrections import write_correction_list
from edustats.store.writing import update_store


@pytest.fixture
def store(tmp_path):
    rows = [list(row) for row in ROWS]
    rows[0][5], rows[1][7], rows[2][0] = 400, "约9000", "=1+1"
    update_store([listed(tmp_path / "in", rows)], tmp_path / "store")
    return tmp_path / "store"


def parameters(store, **more):
    return {"county": "990102", "store": str(store), "first_year": 0, "last_year": 0, **more}


def rows_of(path):
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_batch_writes_what_the_notebooks_verb_writes_to_the_byte(store, tmp_path, lang):
    show_correction_list(open_county("990102", store, lang=lang), tmp_path / "verb")
    (tmp_path / "batch").mkdir()
    made = write_correction_list(parameters(store), tmp_path / "batch", lang)
    assert made == tmp_path / "batch" / "990102_returns.xlsx"
    assert made.read_bytes() == (tmp_path / "verb" / made.name).read_bytes()
    assert len(rows_of(made)) == 1 + 3


def test_only_the_years_asked_for_go_back(store, tmp_path):
    year = int(rows_of(write_correction_list(parameters(store), tmp_path, "zh"))[1][5])
    assert write_correction_list(parameters(store, last_year=year - 1), tmp_path, "zh") is None
    assert write_correction_list(parameters(store, first_year=year, last_year=year), tmp_path, "zh")


def test_nothing_is_written_where_nothing_goes_back(tmp_path):
    update_store([listed(tmp_path / "in")], tmp_path / "store")
    (tmp_path / "out").mkdir()
    assert write_correction_list(parameters(tmp_path / "store"), tmp_path / "out", "zh") is None
    assert write_correction_list({"prefecture": "990100"}, tmp_path / "out", "zh") is None
    assert not list((tmp_path / "out").iterdir())


def test_a_school_finds_its_lines_together_and_a_value_missing_is_an_empty_cell(tmp_path):
    row = {
        "file": "a", "row": 1, "year": 2024, "unit": "2", "rule": "range", "severity": "error", "value": None,
        "expected": "", "zh": "句", "en": "sentence",
    }  # fmt: skip
    found = sort_corrections([row, {**row, "unit": "1"}, {**row, "year": 2023}])
    assert [(line["unit"], line["year"]) for line in found] == [("1", 2024), ("2", 2023), ("2", 2024)]
    (tmp_path / "a.xlsx").write_bytes(build_correction_workbook(found, "en"))
    assert [line[8] for line in rows_of(tmp_path / "a.xlsx")[1:]] == [None] * 3
