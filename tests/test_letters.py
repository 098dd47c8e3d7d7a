"""Is a text from outside a text everywhere it goes? Controls, formulas, marks of direction, dollar signs."""

import json

import matplotlib
import nbformat
import openpyxl
import pytest
from returns_made import ROWS, listed

from edustats.letters import guard_formula, show_controls
from edustats.load.returns.reader import load_returns
from edustats.long_tables import write_store_table
from edustats.present.county.corrections import build_correction_workbook, sort_corrections
from edustats.present.drawing.fonts import use_chinese_font
from edustats.present.records.html import render_finding
from edustats.present.records.items import Finding
from edustats.store.writing import update_store
from edustats.words import Text


@pytest.mark.parametrize(
    ("given", "shown"),
    [("甲\x1b县", "甲␛县"), ("\x07", "␇"), ("a\x7fb", "a␡b"), ("12\u202e34\u2066", "1234"), ("a\nb\t", "a\nb\t"),
     ("\x85", "�"), ("\ud800", "�")],
)  # fmt: skip
def test_every_letter_can_be_seen_and_written(given, shown):
    assert show_controls(given) == shown
    assert show_controls(given).encode()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\n=1"])
def test_a_formula_is_guarded(text):
    assert guard_formula(text) == f"'{text}"


def odd_list(folder):
    rows = [list(row) for row in ROWS]
    rows[0][1], rows[1][1] = "=cmd|' /C calc'!A0", "乙\u202e镇$$小学$$"
    path = listed(folder, rows, name="990102小学.xlsx")
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    lines = [
        "\t".join("" if cell is None else str(cell) for cell in row)
        for row in page.iter_rows(values_only=True)
    ]
    lines[5] = (
        lines[5].replace("2000", "20\x1b00", 1) if "2000" in lines[5] else lines[5].replace("200", "2\x1b00")
    )
    path.unlink()
    (folder / "990102小学.txt").write_text("\n".join(lines), "utf-8")
    return folder


def test_a_control_character_in_one_cell_costs_that_cell_and_no_list(tmp_path):
    loaded = load_returns([odd_list(tmp_path)])
    found = loaded.findings[loaded.findings["rule"] == "unreadable"]
    assert "2␛00" in "".join(found["value"].astype(str))
    made = build_correction_workbook(sort_corrections(loaded.findings.to_dict("records")), "zh")
    (tmp_path / "list.xlsx").write_bytes(made)
    page = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert page.title.startswith("内部")
    assert not [c for row in page.iter_rows() for c in row if c.data_type == "f"]


def test_nothing_that_runs_or_turns_around_is_exported(tmp_path):
    folder = odd_list(tmp_path / "in")
    update_store([folder], tmp_path / "store")
    from edustats.store.reading import open_store

    store = open_store(tmp_path / "store")
    for ending in ("csv", "xlsx"):
        write_store_table(store, tmp_path / f"out.{ending}", "observations", lang="zh")
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert not [line for line in text.splitlines() for cell in line.split(",") if cell.startswith(("=", "@"))]
    assert "\u202e" not in text
    cells = [c for row in openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows() for c in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_two_dollar_signs_are_no_formula_on_a_page_or_in_a_chart():
    use_chinese_font()
    assert not matplotlib.rcParams["text.parse_math"]
    page = render_finding(Finding(key="k", sentence=Text("$$x$$<b>", "x"), verdict="none"), "zh")
    assert "mathjax_ignore" in page
    assert "&lt;b&gt;" in page
    assert json.dumps(page)
    assert nbformat.v4.new_output("display_data", data={"text/html": page})
