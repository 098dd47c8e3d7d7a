"""Do the answers of the schools come back: a corrected cell corrected, a confirmed one not asked about again?"""

import openpyxl
import pandas as pd
import pytest
from returns_made import ROWS, listed

from edustats.load.returns.reader import load_returns
from edustats.present.county.corrections import COLUMNS, build_correction_workbook, sort_corrections
from edustats.store import open_store, update_store


@pytest.fixture
def asked(tmp_path):
    """A list with one unreadable cell and one part above its whole, and the workbook that goes back about it."""
    rows = [list(row) for row in ROWS]
    rows[0][4], rows[1][5] = "约300", 600
    listed(tmp_path / "in", rows)
    return tmp_path


def send_back(folder, answers, lang="zh"):
    found = load_returns([folder / "in"]).findings.to_dict("records")
    (folder / "list.xlsx").write_bytes(build_correction_workbook(sort_corrections(found), lang))
    book = openpyxl.load_workbook(folder / "list.xlsx")
    page = book.active
    for row in page.iter_rows(min_row=2):
        cell = row[COLUMNS.index("cell")].value
        if cell in answers:
            row[len(COLUMNS)].value, row[len(COLUMNS) + 1].value = answers[cell], "张老师"
    book.save(folder / "in" / "退回核对清单.xlsx")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_corrected_cell_takes_the_answer_and_is_not_asked_about_again(asked, lang):
    assert set(load_returns([asked / "in"]).findings["rule"]) == {"unreadable", "part_above_whole"}
    send_back(asked, {"E4": "应为 305", "F5": 250}, lang)
    loaded = load_returns([asked / "in"])
    tidy = loaded.tidy.set_index("unit")
    assert tidy.loc["2199000001", "pupils_primary"] == 305
    assert tidy.loc["2199000002", "pupils_girls_primary"] == 250
    assert loaded.findings.empty
    kept = pd.concat([frame for name, frame in loaded.registers.items() if name.startswith("answers")])
    assert "张老师" in set(kept["who"])


def test_a_confirmed_value_is_never_asked_about_again(asked):
    send_back(asked, {"F5": "核实无误"})
    assert "part_above_whole" not in set(load_returns([asked / "in"]).findings["rule"])


def test_a_form_sent_again_with_a_number_is_not_overwritten_by_an_older_answer(asked):
    send_back(asked, {"E4": "应为 305"})
    rows = [list(row) for row in ROWS]
    rows[0][4] = 299
    listed(asked / "in", rows)
    tidy = load_returns([asked / "in"]).tidy.set_index("unit")
    assert tidy.loc["2199000001", "pupils_primary"] == 299


def test_answers_are_kept_by_the_store_and_hold_after_another_year(asked):
    update_store([asked / "in"], asked / "store")
    send_back(asked, {"E4": 305})
    update_store([asked / "in"], asked / "store")
    listed(asked / "in", name="990102小学2022.xlsx", title="2022/2023学年初小学分校一览表")
    update_store([asked / "in"], asked / "store")
    units = open_store(asked / "store").county("990102").units.set_index(["unit", "year"])
    assert units.loc[("2199000001", 2021), "pupils_primary"] == 305
