"""Is a store whole, the same every time, and does a report read only what it needs?"""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from edustats.errors import DataError, MissingFileError, UnknownNameError
from edustats.files import hold_lock
from edustats.load.tables.reader import load_tables
from edustats.store.reading import open_store
from edustats.store.writing import write_store


@pytest.fixture
def built(own, tmp_path):
    return write_store(load_tables(own()), tmp_path / "store")


def contents(path):
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def test_a_county_is_read_with_its_own_units_and_the_comparison_of_its_neighbours(built):
    data = built.county("990101")
    assert set(data.units["county"]) == {"990101"}
    assert set(data.compare["area"]) == {"990101", "990102", "0"}
    assert data.name.zh == "甲县"


def test_the_area_above_is_the_sum_of_its_counties(built):
    compare = built.county("990101").compare
    pupils = compare[(compare["indicator"] == "count_pupils") & (compare["year"] == 2022)].set_index("area")[
        "value"
    ]
    assert pupils.to_dict() == {"990101": 420, "990102": 190, "0": 610}


def test_reading_a_county_touches_no_other_countys_partition(built):
    for file in (built.path / "county=990102").iterdir():
        file.unlink()
    assert len(built.county("990101").units) == 4


def test_the_same_tables_give_the_same_files_to_the_byte(own, tmp_path):
    path = own()
    for name in ("one", "two", "two"):
        write_store(load_tables(path), tmp_path / name)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_kind_of_gap_survives_the_store(built):
    rows = built.county("990101").observations
    status = rows[(rows["area"] == "1002") & (rows["indicator"] == "ratio_pupils_per_teacher")].set_index(
        "year"
    )["status"]
    assert status.to_dict() == {2021: "not_collected", 2022: "ok"}


def test_the_ledger_is_kept_and_balances(built):
    row = built.ledger().iloc[0]
    assert row["read"] == row["loaded"] + row["set_aside"] == 6


def test_an_unknown_county_is_answered_with_the_nearest_codes(built):
    with pytest.raises(UnknownNameError) as caught:
        built.county("99010")
    assert "990101" in caught.value.text("en")


def test_a_code_that_lost_its_zeros_is_answered_with_the_padded_one(michigan):
    with pytest.raises(UnknownNameError) as caught:
        open_store(michigan).county("1")
    assert "nearest are: 01." in caught.value.text("en")


def test_no_store_an_old_layout_and_a_changed_catalogue_are_told_apart(built, tmp_path):
    with pytest.raises(MissingFileError):
        open_store(tmp_path)
    about = built.path / "store.json"
    good = json.loads(about.read_text("utf-8"))
    for change, address in (({"layout": 0}, "errors.old_store"), ({"catalogue": "x"}, "errors.stale_store")):
        about.write_text(json.dumps(good | change), "utf-8")
        with pytest.raises(DataError) as caught:
            open_store(built.path)
        assert caught.value.address == address


def test_a_second_writer_is_refused_and_a_dead_ones_lock_is_not_in_the_way(own, tmp_path):
    loaded = load_tables(own())
    with hold_lock(tmp_path / ".store.writing"), pytest.raises(DataError) as caught:
        write_store(loaded, tmp_path / "store")
    assert caught.value.address == "errors.busy_store_since"
    assert str(os.getpid()) in str(caught.value)
    # what a dead writer, or a power cut, leaves behind
    (tmp_path / ".store.writing").write_text("")
    (tmp_path / ".store.writing.holder").write_text('{"pid": 999999999')
    assert write_store(loaded, tmp_path / "store").counties == ["990101", "990102"]


def test_two_writers_at_once_leave_one_whole_store(own, tmp_path):
    loaded = load_tables(own())

    def attempt(_):
        try:
            write_store(loaded, tmp_path / "store")
        except DataError as error:
            return error.address
        return "written"

    with ThreadPoolExecutor(4) as pool:
        outcomes = set(pool.map(attempt, range(8)))
    assert "written" in outcomes <= {"written", "errors.busy_store", "errors.busy_store_since"}
    assert len(open_store(tmp_path / "store").county("990101").units) == 4


def test_a_writer_that_fails_leaves_the_old_store_as_it_was(own, tmp_path, monkeypatch):
    loaded = load_tables(own())
    write_store(loaded, tmp_path / "store")
    before = contents(tmp_path / "store")
    monkeypatch.setattr(
        pd.DataFrame, "to_parquet", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(OSError, match="disk full"):
        write_store(loaded, tmp_path / "store")
    monkeypatch.undo()
    assert contents(tmp_path / "store") == before
    assert open_store(tmp_path / "store").counties == ["990101", "990102"]
