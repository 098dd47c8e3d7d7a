"""Is a store the same after the same file, newer after a corrected one, and whole after a crash?"""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from returns_made import ROWS, listed

from edustats.errors import DataError
from edustats.files import hold_lock
from edustats.store.reading import open_store
from edustats.store.writing import update_store


def bytes_of(store: Path) -> dict[str, bytes]:
    return {p.relative_to(store).as_posix(): p.read_bytes() for p in sorted(store.rglob("*")) if p.is_file()}


def test_the_same_file_twice_changes_nothing(tmp_path):
    path, store = listed(tmp_path / "in"), tmp_path / "store"
    _, first = update_store([path], store)
    before = bytes_of(store)
    _, second = update_store([path], store)
    assert (first, second) == (True, False)
    assert bytes_of(store) == before


def test_a_corrected_file_takes_the_place_of_the_old_and_both_are_kept(tmp_path):
    path, store = listed(tmp_path / "in"), tmp_path / "store"
    update_store([path], store)
    rows = [list(row) for row in ROWS]
    rows[0][4] = 310
    listed(tmp_path / "in", rows)
    loaded, changed = update_store([path], store)
    assert changed
    assert loaded.tidy["pupils_primary"].tolist() == [310, 520, 12]
    history = open_store(store).read_load_history()
    assert history["state"].tolist() == ["superseded", "current"]
    assert history["load"].tolist() == [1, 2]
    assert len(open_store(store).ledger()) == 1


def test_going_back_to_the_old_file_makes_it_count_again(tmp_path):
    path, store = listed(tmp_path / "in"), tmp_path / "store"
    update_store([path], store)
    listed(tmp_path / "in", ROWS[:2])
    update_store([path], store)
    listed(tmp_path / "in")
    loaded, _ = update_store([path], store)
    assert len(loaded.tidy) == 3
    assert open_store(store).read_load_history()["state"].tolist() == ["current", "superseded"]


def test_a_second_file_is_added_to_what_is_there(tmp_path):
    first, store = listed(tmp_path / "in"), tmp_path / "store"
    update_store([first], store)
    second = listed(tmp_path / "in", name="990102小学2022.xlsx", title="2022/2023学年初小学分校一览表")
    loaded, _ = update_store([second], store)
    assert sorted(loaded.tidy["year"].unique()) == [2021, 2022]
    assert len(open_store(store).county("990102").units) == 6


def test_file_by_file_and_all_at_once_hold_the_same_figures(tmp_path):
    first = listed(tmp_path / "in")
    second = listed(tmp_path / "in", name="990102小学2022.xlsx", title="2022/2023学年初小学分校一览表")
    update_store([first], tmp_path / "a")
    update_store([second], tmp_path / "a")
    update_store([tmp_path / "in"], tmp_path / "b")
    a, b = (open_store(tmp_path / n).county("990102").units for n in "ab")
    pd.testing.assert_frame_equal(a, b)


def test_a_store_moved_aside_by_a_crash_is_put_back(tmp_path):
    path, store = listed(tmp_path / "in"), tmp_path / "store"
    update_store([path], store)
    store.rename(tmp_path / ".store.old")
    (tmp_path / ".store.building").mkdir()
    _, changed = update_store([path], store)
    assert not changed
    assert len(open_store(store).county("990102").units) == 3


def test_a_crash_while_writing_leaves_the_old_store_as_it_was(tmp_path, monkeypatch):
    path, store = listed(tmp_path / "in"), tmp_path / "store"
    update_store([path], store)
    before = bytes_of(store)
    listed(tmp_path / "in", ROWS[:1])

    def crash(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("edustats.store.writing._write_comparisons", crash)
    with pytest.raises(KeyboardInterrupt):
        update_store([path], store)
    assert bytes_of(store) == before
    monkeypatch.undo()
    loaded, _ = update_store([path], store)
    assert len(loaded.tidy) == 1


def test_a_second_writer_is_refused_while_the_first_is_at_work(tmp_path):
    path, store = listed(tmp_path / "in"), tmp_path / "store"
    with hold_lock(tmp_path / ".store.writing"), pytest.raises(DataError, match=r"store|写入"):
        update_store([path], store)


@pytest.mark.slow
def test_two_loads_at_once_leave_one_whole_store(tmp_path):
    listed(tmp_path / "in")
    command = [
        sys.executable,
        "-m",
        "edustats",
        "load",
        str(tmp_path / "in"),
        "--store",
        str(tmp_path / "store"),
    ]
    runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    codes = sorted(run.wait() for run in runs)
    assert codes in ([0, 0], [0, 2])
    assert len(open_store(tmp_path / "store").county("990102").units) == 3


def test_returns_are_not_poured_into_a_store_of_a_mapping(tmp_path):
    path, store = listed(tmp_path / "in"), tmp_path / "store"
    update_store([path], store)
    for file in (store / "history").iterdir():
        file.unlink()
    with pytest.raises(DataError, match=r"mapping|映射"):
        update_store([path], store)


def test_a_form_explained_later_lets_the_same_file_be_read_anew(tmp_path):
    path, store = listed(tmp_path / "in"), tmp_path / "store"
    update_store([path], store)
    assert "hall_area" not in open_store(store).county("990102").units
    (tmp_path / "in" / "forms").mkdir()
    own = (
        '["list"]\nkind = "list"\ntitle = "{zh}分校一览表"\nstages = { primary = "小学" }\nwords = ["{zh}"]\n'
    )
    own += '["list".keys]\nunit = "学校(机构)标识码"\nname = "学校名称"\ncounty = "所在地区划三级"\n'
    own += '["list".columns]\n"pupils_{s}" = "在校生数/合计"\nhall_area = "图书"\n'
    (tmp_path / "in" / "forms" / "own.toml").write_text(own, "utf-8")
    loaded, changed = update_store([path], store)
    assert changed
    assert loaded.tidy["hall_area"].tolist() == [6000, 9000, 200]
    assert open_store(store).read_load_history()["state"].tolist() == ["current"]
    assert update_store([path], store)[1] is False


def test_what_is_not_given_again_stays_as_it_was_read(tmp_path):
    first, store = listed(tmp_path / "in"), tmp_path / "store"
    second = listed(tmp_path / "in", name="990102小学2022.xlsx", title="2022/2023学年初小学分校一览表")
    update_store([first, second], store)
    page = tmp_path / "in" / "returns.toml"
    page.write_text(page.read_text("utf-8").replace("Tingyang", "Ting-yang"), "utf-8")
    loaded, changed = update_store([second], store)
    assert changed
    assert sorted(loaded.tidy["year"].unique()) == [2021, 2022]
    assert len(open_store(store).read_load_history()) == 2
