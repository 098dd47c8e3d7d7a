"""Does the long table hold what was loaded, cell by cell, and nothing that a publication would withhold?"""

import pandas as pd
import pytest
from returns_made import listed
from typer.testing import CliRunner

from edustats.cli import app
from edustats.errors import ParameterError
from edustats.long_tables import COLUMNS, OBSERVATIONS, write_store_table
from edustats.store import open_store, update_store


@pytest.fixture
def store(tmp_path):
    update_store([listed(tmp_path / "in", name="2021/990102小学.xlsx").parent.parent], tmp_path / "store")
    return open_store(tmp_path / "store")


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "in" / "2021").mkdir(parents=True)


def read(file):
    return pd.read_csv(file, dtype={"area": str, "unit": str})


def test_columns_name_the_cell_every_figure_was_read_from(store, tmp_path):
    write_store_table(store, tmp_path / "out.csv", "columns", inside=True)
    got = read(tmp_path / "out.csv")
    assert tuple(got.columns) == (*COLUMNS, "mark")
    one = got[(got["unit"] == "2199000002") & (got["column"] == "pupils_primary")].iloc[0]
    assert (one["value"], one["kind"], one["source"]) == (520.0, "ok", "2021/990102小学.xlsx, 小学, E5")
    assert (one["area"], one["area_name"], one["year"], one["mark"]) == ("990102", "汀阳区", 2021, "内部")


def test_a_protected_export_withholds_few_persons_and_what_would_give_them_away(store, tmp_path):
    write_store_table(store, tmp_path / "out.csv", "columns")
    got = read(tmp_path / "out.csv").set_index(["unit", "column"])
    assert "mark" not in got
    for unit in ("2199000003", "2199000001"):  # two teachers, and the next larger: the total would tell
        assert got.loc[(unit, "teachers_primary"), "kind"] == "suppressed"
        assert pd.isna(got.loc[(unit, "teachers_primary"), "value"])
    assert got.loc[("2199000002", "teachers_primary"), "value"] == 30
    write_store_table(store, tmp_path / "obs.csv")
    shown = read(tmp_path / "obs.csv")
    assert tuple(shown.columns) == OBSERVATIONS
    ratio = shown[(shown["area"] == "2199000003") & (shown["indicator"] == "ratio_pupils_teacher_primary")]
    assert set(ratio["status"]) <= {"suppressed"}


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "dta"])
def test_other_formats_hold_the_same_lines(store, tmp_path, ending):
    count = write_store_table(store, tmp_path / f"out.{ending}", "observations")
    read_back = {"xlsx": pd.read_excel, "parquet": pd.read_parquet, "dta": pd.read_stata}[ending]
    assert len(read_back(tmp_path / f"out.{ending}")) == count > 0


def test_a_wrong_ending_or_content_is_refused_in_a_sentence(store, tmp_path):
    with pytest.raises(ParameterError) as told:
        write_store_table(store, tmp_path / "out.pdf")
    assert told.value.text("en") == (
        "out.pdf is no format that can be written; the endings are: .csv, .xlsx, .parquet, .dta."
    )
    with pytest.raises(ParameterError) as told:
        write_store_table(store, tmp_path / "out.csv", "cells")
    assert (
        told.value.text("en") == "there is nothing called cells to export; there are: columns, observations."
    )


def test_the_command_writes_the_file_excel_opens(store, tmp_path, monkeypatch):
    monkeypatch.setenv("EDUSTATS_LANG", "en")
    args = [
        "export",
        "--store",
        str(tmp_path / "store"),
        "--out",
        str(tmp_path / "o.csv"),
        "--what",
        "columns",
    ]
    assert CliRunner().invoke(app, args).exit_code == 0
    assert (tmp_path / "o.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
