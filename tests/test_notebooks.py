"""Are the notebooks clean as committed, alike in their parameters, and do they run as they stand?"""

import ast
from pathlib import Path

import nbformat
import papermill
import pytest

from edustats.report.edition.parameters import find_scope, read_common_signature, read_parameters

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
REPORTS = [p for p in NOTEBOOKS if find_scope(read_parameters(p)) == "county"]
OF_PREFECTURE = [p for p in NOTEBOOKS if find_scope(read_parameters(p)) == "prefecture"]
ids = {"ids": lambda path: path.stem}


def cells(path, kind="code"):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


@pytest.mark.parametrize("path", NOTEBOOKS, **ids)
def test_nothing_that_a_run_left_is_committed(path):
    for cell in cells(path):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert "papermill" not in cell.metadata


@pytest.mark.parametrize("path", NOTEBOOKS, **ids)
def test_cells_call_and_do_not_define_clean_or_import_more_than_the_verbs(path):
    for cell in cells(path):
        tree = ast.parse(cell.source)
        assert not [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.Lambda))]
        imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        assert imported <= {"edustats"}
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]


@pytest.mark.parametrize("path", NOTEBOOKS, **ids)
def test_prose_stands_in_both_languages_chinese_first(path):
    tags = [next(t for t in cell.metadata.tags if t.startswith("lang-")) for cell in cells(path, "markdown")]
    assert tags == ["lang-zh", "lang-en"] * (len(tags) // 2)


@pytest.mark.parametrize("path", [*REPORTS, *OF_PREFECTURE], **ids)
def test_every_parameter_is_explained_in_both_languages(path):
    for parameter in read_parameters(path):
        assert any("一" <= letter <= "鿿" for letter in parameter.help), parameter.name
        assert " / " in parameter.help


def test_all_reports_take_the_same_parameters():
    more = ["store", "first_year", "last_year", "lang"]
    assert [p.name for p in read_common_signature(REPORTS)] == ["county", *more]
    assert [p.name for p in read_common_signature(OF_PREFECTURE)] == ["prefecture", *more]


@pytest.mark.slow
@pytest.mark.parametrize("path", REPORTS, **ids)
@pytest.mark.parametrize(("code", "lang"), [("01", "zh"), ("82", "en")])
def test_stock_papermill_runs_every_report_for_the_smallest_and_the_largest_county(
    path, code, lang, michigan, tmp_path
):
    _runs(path, tmp_path, {"county": code, "store": str(michigan), "lang": lang})


@pytest.mark.slow
@pytest.mark.parametrize("path", OF_PREFECTURE, **ids)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_stock_papermill_runs_every_report_of_a_prefecture(path, lang, michigan, tmp_path):
    _runs(path, tmp_path, {"prefecture": "MI", "store": str(michigan), "lang": lang})


def _runs(path, tmp_path, parameters):
    """Nothing fails, something is found, every figure has its picture."""
    book = papermill.execute_notebook(path, tmp_path / "out.ipynb", parameters, progress_bar=False)
    shown = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert not [output for output in shown if output.output_type == "error"]
    assert any("application/vnd.edustats.finding+json" in output.get("data", {}) for output in shown)
    for output in shown:
        if "application/vnd.edustats.figure+json" in output.get("data", {}):
            assert output.data["image/png"]
