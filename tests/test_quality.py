"""Does the county's page say what became of its rows, and does the list that goes back hold every finding?"""

import pytest
from returns_made import ROWS, listed

from edustats.present.county.data_quality import show_correction_list, show_ledger, show_validation_findings
from edustats.present.view.county import open_county
from edustats.store.writing import update_store


@pytest.fixture
def view(tmp_path):
    rows = [list(row) for row in ROWS]
    rows[0][5], rows[1][7], rows[2][0] = 400, "约9000", "=1+1"
    update_store([listed(tmp_path / "in", rows)], tmp_path / "store")
    return open_county("990102", tmp_path / "store")


def test_the_page_gives_the_ledger_of_its_own_files(view):
    said, files, reasons = show_ledger(view)
    assert "读入 6 行 = 采用 2 行 + 搁置 4 行" in said.sentence.zh
    assert files.rows == (("990102小学.xlsx", 6, 2, 4),)
    assert {row[0].en for row in reasons.rows} == {
        "titles and lines of units", "headings, those repeated after a page break included",
        "no code, or an unreadable one",
    }  # fmt: skip


def test_every_rule_broken_is_counted_in_words(view):
    said, table = show_validation_findings(view)
    assert "3 errors" in said.sentence.en
    assert sum(row[2] for row in table.rows) == 3


def test_the_workbook_that_goes_back_has_a_row_for_every_finding_and_runs_nothing(view, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    show_correction_list(view, tmp_path)
    page = openpyxl.load_workbook(tmp_path / "990102_returns.xlsx").active
    rows = list(page.iter_rows(values_only=True))
    assert rows[0][0] == "文件"
    assert len(rows) == 1 + 3
    values = {row[8] for row in rows[1:]}
    assert values == {"400", "约9000", "'=1+1"}
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)


def test_a_county_in_order_has_nothing_to_send_back(tmp_path):
    update_store([listed(tmp_path / "in")], tmp_path / "store")
    view = open_county("990102", tmp_path / "store", lang="en")
    assert "break no rule" in next(iter(show_validation_findings(view))).sentence.en
    assert "Nothing" in next(iter(show_correction_list(view, tmp_path))).sentence.en
