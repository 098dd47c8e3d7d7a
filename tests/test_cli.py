"""Does the command line do the main job, and answer every mistake with one sentence and exit code 2?"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import docx
import nbformat
import openpyxl
import pytest
from typer.testing import CliRunner

from edustats import cli
from edustats.errors import EdustatsError
from edustats.report.edition.chapters import read_needs
from edustats.report.edition.folders import PUBLISHED
from edustats.report.edition.parameters import find_scope, read_parameters
from edustats.store.reading import open_store

ROOT = Path(__file__).resolve().parent.parent
REPORTS = [
    p
    for p in cli._select_notebooks(ROOT / "notebooks", [])
    if find_scope(read_parameters(p)) == "county" and not read_needs(p)
]
"""The chapters that a county of Michigan has: its data feed none of those that need what only forms hold."""


def edustats(*words, cwd=ROOT, lang="en"):
    """Run the command as a user does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "edustats", *map(str, words)],
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=300,
        env={**__import__("os").environ, "EDUSTATS_LANG": lang, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip


def invoke(*words):
    """The same inside this process: quicker, for mistakes. Returns (exit code, message)."""
    result = CliRunner().invoke(cli.app, [str(word) for word in words])
    if isinstance(result.exception, EdustatsError):
        return 2, str(result.exception)
    return result.exit_code, result.output


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("EDUSTATS_LANG", "en")


@pytest.fixture(scope="module")
def published(michigan, tmp_path_factory):
    """Three counties, one of which has lost its partition, published by the real command."""
    folder = tmp_path_factory.mktemp("published")
    store = folder / "store"
    shutil.copytree(michigan, store)
    (store / "county=07" / "units.parquet").write_bytes(b"not a table")
    done = edustats(
        "report", "--store", store, "--county", "01,07", "--county", "82", "--lang", "en",
        "--out", folder / "reports",
        "--workers", 2,
    )  # fmt: skip
    return done, folder / "reports" / "1998"


@pytest.mark.slow
def test_one_failing_county_does_not_stop_the_others_and_the_exit_code_says_so(published):
    done, edition = published
    assert done.returncode == 1, done.stderr
    assert "2 counties done, 1 to look at" in done.stdout
    for folder in ("01-Alcona-County", "82-Wayne-County"):
        names = {
            p.name for p in (edition / folder).iterdir() if p.suffix != ".pdf"
        }  # where an office suite makes them
        assert len(names) == 2 * len(REPORTS) + 2 + (folder[:2] == "82")  # the brief, the workbook, returns
        assert {f"{path.stem}{end}" for path in REPORTS for end in (".ipynb", ".html")} < names
        assert "brief.docx" in names


@pytest.mark.slow
def test_a_county_with_doubtful_values_gets_the_list_to_return_linked_and_recorded(published, michigan):
    _, edition = published
    page = openpyxl.load_workbook(edition / "82-Wayne-County" / "82_returns.xlsx").active
    assert page.max_row == 1 + len(open_store(michigan).county("82").findings)
    assert "82-Wayne-County/82_returns.xlsx" in (edition / "index.html").read_text("utf-8")
    record = edition / PUBLISHED / "82-Wayne-County.json"
    assert "82_returns.xlsx" in json.loads(record.read_text("utf-8"))
    assert not list((edition / "01-Alcona-County").glob("*_returns.xlsx"))


@pytest.mark.slow
def test_the_failed_countys_report_says_which_cell_and_why(published):
    _, edition = published
    results = [json.loads(line) for line in (edition / "results.jsonl").read_text("utf-8").splitlines()]
    failed = [r for r in results if r["county"] == "07"]
    assert {r["state"] for r in failed} == {"failed"}
    assert all(r["cell"] and r["reason"] for r in failed)
    folder = next(p for p in edition.iterdir() if p.name.startswith("07"))
    assert "incomplete" in (folder / "10_county_trend.html").read_text("utf-8")
    book = nbformat.read(folder / "10_county_trend.ipynb", as_version=4)
    assert book.metadata.papermill["status"] == "failed"


@pytest.mark.slow
def test_the_index_leads_with_the_failure_and_the_command_that_reruns_it(published):
    _, edition = published
    page = (edition / "index.html").read_text("utf-8")
    assert page.index("07") < page.index("Wayne County")
    assert "--county 07" in page
    assert "--edition 1998" in page


@pytest.mark.slow
def test_the_code_reaches_the_notebook_as_text_and_the_brief_names_its_county(published):
    _, edition = published
    book = nbformat.read(edition / "01-Alcona-County" / "10_county_trend.ipynb", as_version=4)
    assert book.metadata.papermill["parameters"]["county"] == "01"
    told = [p.text for p in docx.Document(edition / "01-Alcona-County" / "brief.docx").paragraphs]
    assert any("Alcona County" in text for text in told[:6]), told[:6]


@pytest.mark.slow
def test_status_tells_what_is_done_and_what_failed(published):
    _, edition = published
    told = edustats("status", edition.parent)
    assert told.returncode == 1
    assert f"{2 * len(REPORTS)} reports done, {len(REPORTS)} to look at" in told.stdout


def test_loading_prints_a_ledger_that_balances(own, tmp_path):
    code, said = invoke("load", own(), "--store", tmp_path / "store")
    assert code == 0
    assert "schools.csv: 6 rows read = 6 loaded + 0 set aside" in said


def test_strict_loading_fails_when_a_row_was_set_aside(own, tmp_path):
    from own_tables import OWN_TABLE

    path = own(OWN_TABLE + "合计,,全市,2022,610,35\n")
    assert invoke("load", path, "--store", tmp_path / "store")[0] == 0
    assert invoke("load", path, "--store", tmp_path / "store", "--strict")[0] == 1


def test_tables_that_are_not_there_are_skipped_only_when_asked(own, tmp_path):
    path = own()
    (tmp_path / "schools.csv").unlink()
    assert invoke("load", path, "--store", tmp_path / "store")[0] == 2
    code, said = invoke("load", path, "--store", tmp_path / "store", "--if-present")
    assert (code, "skipped own.toml" in said) == (0, True)


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--county", "99"], ["county", "99", "nearest"]),
        (["--county", "1"], ["01"]),
        (["--county", "9*"], ["9*", "01, 02, 03"]),
        (["--from", "1998", "--to", "1992"], ["1998", "1992"]),
        (["--from", "2020", "--to", "2024"], ["2020", "2024", "1992–1998"]),
        (["--notebook", "77"], ["77", "10_county_trend"]),
        (["--lang", "fr"], ["fr"]),
        (["--notebooks", "data"], ["data"]),
    ],
)
def test_a_mistake_is_answered_with_the_thing_the_place_and_what_to_do(michigan, words, parts, monkeypatch):
    monkeypatch.chdir(ROOT)
    code, said = invoke("report", "--store", michigan, *words)
    assert code == 2
    assert all(part in said for part in parts), said


def test_no_store_is_answered_with_how_to_build_one(tmp_path):
    code, said = invoke("report", "--store", tmp_path / "nowhere")
    assert code == 2
    assert "edustats load" in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_users_mistake_shows_one_sentence_and_no_traceback(tmp_path, lang):
    done = edustats("report", "--store", tmp_path, lang=lang)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    # Arrow speaks of itself where Wine stands for Windows and does not know the processor
    assert len([line for line in done.stderr.splitlines() if "/arrow/" not in line]) == 1
    assert ("数据库" in done.stderr) == (lang == "zh")


def test_an_indicator_is_explained_and_an_unknown_one_answered_with_the_nearest():
    code, said = invoke("indicators", "ratio_pupils_per_teacher")
    assert code == 0
    assert "(pupils) / (teachers)" in said
    code, said = invoke("indicators", "ratio_pupil_teacher")
    assert code == 2
    assert "ratio_pupils_per_teacher" in said


def test_the_command_starts_without_loading_the_heavy_libraries():
    heavy = "('pandas', 'statsmodels', 'papermill', 'matplotlib')"
    probe = f"import sys, edustats.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_second_run_makes_only_what_moved_and_says_why(michigan, tmp_path):
    import pandas as pd

    store = tmp_path / "store"
    shutil.copytree(michigan, store)
    words = ["report", "--store", store, "--county", "01,82", "--out", tmp_path / "reports", "--lang", "en"]
    assert edustats(*words).returncode == 0
    page = tmp_path / "reports" / "1998" / "01-Alcona-County" / "10_county_trend.html"
    before = page.stat().st_ino
    assert f"nothing has moved: all {2 * len(REPORTS)} reports" in edustats(*words, "--why").stdout
    path = store / "county=82" / "units.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path, index=False)
    told = edustats("status", tmp_path / "reports").stdout
    assert f"{len(REPORTS)} reports done, 0 to look at, {len(REPORTS)} out of date" in told
    done = edustats(*words, "--why", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert {(r["county"], tuple(r["why"])) for r in events[0]["reports"]} == {("82", ("data",))}
    assert [event["event"] for event in events] == ["due", *["report"] * len(REPORTS), "end"]
    assert events[-1]["fresh"] == len(REPORTS)
    assert page.stat().st_ino == before


@pytest.mark.parametrize(
    "words", [["report", "--county", "430202"], ["export", "--out", "o.csv"], ["check", "draft.txt"]]
)
@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "不是 edustats 数据库"), ("en", "is not an edustats store")]
)
def test_what_is_wrong_before_a_store_is_open_is_said_in_the_language_asked_for(
    words, lang, said, tmp_path, monkeypatch
):
    monkeypatch.setenv("EDUSTATS_LANG", "en" if lang == "zh" else "zh")
    (tmp_path / "draft.txt").write_text("2023年，学校3所。", "utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.app, [*words, "--store", "nowhere", "--lang", lang])
    assert said in str(done.exception)
