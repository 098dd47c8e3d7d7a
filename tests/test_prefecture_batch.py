"""Is a notebook about a prefecture planned, run, kept up to date and listed like those about counties?"""

import json
import os
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from test_parameters import write

from edustats import cli
from edustats.errors import ParameterError
from edustats.report.edition import manifest
from edustats.report.edition.parameters import find_scope, read_parameters
from edustats.report.edition.plan import ReportArea, make_plan
from edustats.report.edition.stale import ReportInputs, StoreDigests
from edustats.report.edition.status import read_status
from edustats.report.publish.index import write_index
from edustats.report.run.runner import RunListeners, RunSettings, run_reports
from edustats.store.reading import open_store

STATE = ReportArea("MI", "Michigan", "prefecture")
COUNTIES = [ReportArea("01", "Alcona County"), ReportArea("82", "Wayne County")]
COVER = """from IPython.display import display
sentence = {"zh": "密歇根州", "en": "%s, all counties"}
record = {"key": "cover", "sentence": sentence, "numbers": [], "verdict": "none", "note": {"zh": "", "en": ""}}
display({"application/vnd.edustats.finding+json": record, "text/plain": prefecture}, raw=True)"""


def about(path: Path, scope: str, *cells: str) -> Path:
    """A notebook about one kind of area."""
    parameters = f'{scope}: str = "?"\nlang: str = "en"'
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    tagged = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[tagged, *code], metadata=kernel), path)
    return path


@pytest.fixture
def notebooks(tmp_path: Path) -> list[Path]:
    return [
        about(tmp_path / "10_trend.ipynb", "county"),
        about(tmp_path / "60_overview.ipynb", "prefecture", COVER % "Michigan"),
    ]


@pytest.fixture
def store(michigan: Path, tmp_path: Path) -> Path:
    shutil.copytree(michigan, tmp_path / "store")
    return tmp_path / "store"


def test_the_parameters_cell_says_what_a_notebook_is_about(tmp_path: Path, notebooks: list[Path]) -> None:
    assert [find_scope(read_parameters(path)) for path in notebooks] == ["county", "prefecture"]
    assert find_scope(read_parameters(write(tmp_path / "55.ipynb", 'draft: str = ""'))) == ""


def test_each_area_gets_the_notebooks_of_its_scope_and_its_own_code(
    notebooks: list[Path], tmp_path: Path
) -> None:
    plan = make_plan([STATE, *COUNTIES], notebooks, {"lang": "zh"}, tmp_path / "out", "1998")
    assert [(job.folder, job.stem, job.scope) for job in plan.jobs] == [
        ("MI-Michigan", "60_overview", "prefecture"),
        ("01-Alcona-County", "10_trend", "county"),
        ("82-Wayne-County", "10_trend", "county"),
    ]
    assert plan.jobs[0].parameters == {"prefecture": "MI", "lang": "zh"}


def test_a_county_and_a_prefecture_of_one_folder_are_refused(notebooks: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="26-X"):
        make_plan(
            [ReportArea("26", "x", "prefecture"), ReportArea("26", "X")], notebooks, {}, tmp_path, "1998"
        )


def test_a_notebook_that_fits_no_area_named_is_refused_with_both(
    notebooks: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(ParameterError) as caught:
        make_plan(COUNTIES, notebooks[1:], {}, tmp_path, "1998")
    assert "60_overview" in caught.value.text("en")
    assert "Alcona County" in caught.value.text("en")


@pytest.mark.parametrize(
    ("words", "prefectures", "counties"),
    [
        (["all"], ["MI"], 82),
        (["*"], ["MI"], 82),
        (["8*"], [], 4),
        (["82"], [], 1),
        (["MI"], ["MI"], 0),
        (["MI,82"], ["MI"], 1),
    ],
)
def test_a_prefecture_comes_with_all_its_counties_or_by_its_own_code(
    michigan: Path, words: list[str], prefectures: list[str], counties: int
) -> None:
    areas = cli._select_areas(open_store(michigan), words, "en")
    assert [area.code for area in areas if area.scope == "prefecture"] == prefectures
    assert sum(area.scope == "county" for area in areas) == counties
    assert [area.scope for area in areas] == sorted((area.scope for area in areas), reverse=True)


def test_a_store_of_two_prefectures_gets_a_report_for_each(zhuzhou: Path) -> None:
    opened = open_store(zhuzhou)
    assert {"430100", "430200"} <= set(opened.prefectures)
    assert "430000" not in opened.prefectures
    wide = [a.code for a in cli._select_areas(opened, ["4302*"], "zh") if a.scope == "prefecture"]
    assert wide == ["430200"]


def parts(store: Path, notebooks: list[Path], out: Path) -> dict[str, dict[str, str]]:
    plan = make_plan([STATE, *COUNTIES], notebooks, {}, out, "1998")
    inputs = ReportInputs(StoreDigests(open_store(store)))
    return {job.county: inputs.of(job) for job in plan.jobs}


@pytest.mark.parametrize("file", ["units", "observations", "findings"])
def test_any_countys_data_makes_the_prefecture_stale_and_of_the_counties_that_one_alone(
    store: Path, notebooks: list[Path], tmp_path: Path, file: str
) -> None:
    before, path = parts(store, notebooks, tmp_path), store / "county=82" / f"{file}.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path, index=False)
    after = parts(store, notebooks, tmp_path)
    assert {code for code in before if before[code] != after[code]} == {"MI", "82"}


def test_boundaries_that_a_bureau_puts_beside_the_store_make_the_prefecture_stale_alone(
    store: Path, notebooks: list[Path], tmp_path: Path
) -> None:
    before = parts(store, notebooks, tmp_path)
    (tmp_path / "store.map.geojson").write_text("{}", "utf-8")
    after = parts(store, notebooks, tmp_path)
    assert {code for code in before if before[code] != after[code]} == {"MI"}


def test_the_index_lists_the_prefecture_before_its_counties_and_counts_counties_alone(tmp_path: Path) -> None:
    facts = {"state": "ok", "started": "2024-10-08T08:10:00+00:00"}
    found = [
        manifest.ReportResult(county="01", name="Alcona", folder="01-Alcona", notebook="10_county_trend", **facts),
        manifest.ReportResult(
            county="MI", name="Michigan", folder="MI-Michigan", notebook="60_prefecture_overview",
            scope="prefecture", **facts,
        ),
    ]  # fmt: skip
    for one in found:
        (tmp_path / one.folder).mkdir()
        (tmp_path / one.folder / f"{one.notebook}.html").touch()
    write_index(tmp_path, found, lang="en", title="Reports")
    page = (tmp_path / "index.html").read_text("utf-8")
    body = page[page.index("<body>") :]
    assert body.index("MI-Michigan/60_prefecture_overview.html") < body.index(
        "01-Alcona/10_county_trend.html"
    )
    assert "1 county: reports of 1 made, 0 not" in body


@pytest.mark.slow
def test_a_run_publishes_the_prefecture_checks_its_name_and_redoes_it_when_a_county_moves(
    store: Path, notebooks: list[Path], tmp_path: Path
) -> None:
    areas = [STATE, ReportArea("82", "Wayne County"), ReportArea("XX", "Ohio", "prefecture")]
    plan = make_plan(areas, notebooks, {}, tmp_path / "out", "1998")

    def again() -> tuple[list[str], int]:
        due: list[str] = []
        told = RunListeners(why=lambda found: due.extend(job.county for job, _ in found))
        made = run_reports(
            plan,
            RunSettings(lang="en", workers=1),
            told=told,
            inputs=ReportInputs(StoreDigests(open_store(store))),
        )
        return due, made.exit_code

    assert again() == (["MI", "82", "XX"], 1)
    records = [json.loads(line) for line in (plan.target / "results.jsonl").read_text("utf-8").splitlines()]
    states = {r["county"]: (r["scope"], r["state"]) for r in records}
    assert states == {"MI": ("prefecture", "ok"), "82": ("county", "ok"), "XX": ("prefecture", "failed")}
    assert "Ohio" in next(r["reason"] for r in records if r["county"] == "XX")
    assert {path.name for path in (plan.target / "MI-Michigan").iterdir()} == {
        "60_overview.html", "60_overview.ipynb", "brief.docx", "data.xlsx",
    }  # fmt: skip
    path = store / "county=01" / "units.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path, index=False)
    os.utime(path, (0, 0))
    found = read_status(plan.target, ReportInputs(StoreDigests(open_store(store))))
    assert [one.county for one in found.stale] == ["MI"]
    assert again() == (["MI", "XX"], 1)
