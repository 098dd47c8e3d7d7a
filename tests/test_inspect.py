"""Does inspect tell what a table is read as, and is its draft a mapping that loads?"""

import pytest
from typer.testing import CliRunner

import edustats
from edustats.cli import app
from edustats.load.tables.inspection import inspect_files
from edustats.load.tables.reader import load_tables

YEARBOOK = """2023年各县区教育基本情况
单位：千元、人
县代码,县名,小学,,初中,教育经费
,,在校学生数,专任教师数,在校生数,一般公共预算教育经费
990121,柏溪县,12000,700,6000,300000
990122,石渚县,8000,450,4100,200000
,合计,20000,1150,10100,500000
注：数据来自年报。
"""


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv("EDUSTATS_LANG", "en")
    (tmp_path / "t.csv").write_text(YEARBOOK, "utf-8")
    return tmp_path / "t.csv"


def test_the_reading_names_title_year_units_and_columns_with_their_evidence(table):
    told = "\n".join(inspect_files(table).lines("en"))
    assert "t.csv, sheet —: headings in row 3, 2 rows of data, 1 total" in told
    assert "year: 2023 (the title A1 says “2023年各县区教育基本情况”)" in told
    assert "C “小学/在校学生数” (such as 12000) → Pupils, primary, pupils_primary, unit 人 (A2), sure" in told
    assert "unit 千元 (A2)" in told
    assert "note: 数据来自年报。" in told


def test_the_draft_is_a_mapping_that_loads_and_is_right(table, tmp_path):
    done = CliRunner().invoke(
        app, ["inspect", str(table), "--write", str(tmp_path / "my.toml"), "--lang", "en"]
    )
    assert done.exit_code == 0
    loaded = load_tables(tmp_path / "my.toml")
    tidy = loaded.tidy.set_index("county")
    assert tidy["pupils_primary"].to_dict() == {"990121": 12000, "990122": 8000}
    assert tidy["pupils_junior"].to_dict() == {"990121": 6000, "990122": 4100}
    assert tidy["budget_education"].to_dict() == {"990121": 3e8, "990122": 2e8}
    assert set(tidy["year"]) == {2023}
    assert [reason for _, reason, _ in loaded.ledger[0].aside] == ["title", "title", "total", "note"]


def test_a_draft_in_another_folder_still_finds_its_table(table, tmp_path):
    draft = tmp_path / "maps" / "my.toml"
    assert CliRunner().invoke(app, ["inspect", str(table), "--write", str(draft)]).exit_code == 0
    assert len(load_tables(draft).tidy) == 2


def test_what_a_cell_holds_stays_inside_the_quotation_marks_of_the_draft(tmp_path):
    (tmp_path / "t.csv").write_text('"x"" }\n[evil]",县代码,在校生数\n1,990121,5\n2,990122,6\n', "utf-8")
    CliRunner().invoke(app, ["inspect", str(tmp_path / "t.csv"), "--write", str(tmp_path / "my.toml")])
    assert "[evil]\n" not in (tmp_path / "my.toml").read_text("utf-8")


def test_a_sheet_without_a_table_is_named(tmp_path):
    (tmp_path / "t.csv").write_text("今天天气很好\n", "utf-8")
    done = CliRunner().invoke(app, ["inspect", str(tmp_path / "t.csv"), "--lang", "en"])
    assert done.exit_code == 1
    assert "t.csv: no table found" in done.output


def test_a_notebook_has_the_same_verb(table):
    assert "pupils_primary" in str(edustats.inspect(table))
