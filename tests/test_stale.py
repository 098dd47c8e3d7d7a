"""Is a report made again exactly when something it is made of has moved, and is that said?"""

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from test_engine import toy

from edustats.report.edition import stale
from edustats.report.edition.folders import Edition
from edustats.report.edition.manifest import ReportResult, combine_digests
from edustats.report.edition.plan import ReportArea, ReportJob, make_plan
from edustats.report.edition.stale import FileDigests, ReportInputs, StoreDigests, find_reasons
from edustats.store.reading import open_store


@pytest.fixture
def store(michigan: Path, tmp_path: Path) -> Path:
    shutil.copytree(michigan, tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def plan(tmp_path: Path) -> tuple[ReportJob, ...]:
    paths = [toy(tmp_path / "10_a.ipynb", "1"), toy(tmp_path / "20_b.ipynb", "2")]
    return make_plan([ReportArea("01", "x"), ReportArea("82", "y")], paths, {}, tmp_path / "out", "2023").jobs


def parts(store: Path, jobs: tuple[ReportJob, ...]) -> dict[tuple[str, str], dict[str, str]]:
    inputs = ReportInputs(StoreDigests(open_store(store)))
    return {(job.county, job.stem): inputs.of(job) for job in jobs}


def moved(before: dict, after: dict) -> dict:
    found = {key: stale.list_changed_parts(before[key], after[key]) for key in before}
    return {key: names for key, names in found.items() if names}


def test_nothing_moves_by_itself_nor_when_files_get_another_time(
    store: Path, plan: tuple[ReportJob, ...]
) -> None:
    before = parts(store, plan)
    for path in store.rglob("*.parquet"):
        path.write_bytes(path.read_bytes())
        path.touch()
    assert moved(before, parts(store, plan)) == {}


def test_one_countys_data_makes_that_county_stale_and_no_other(
    store: Path, plan: tuple[ReportJob, ...]
) -> None:
    before, path = parts(store, plan), store / "county=82" / "units.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path, index=False)
    assert moved(before, parts(store, plan)) == {("82", "10_a"): ["data"], ("82", "20_b"): ["data"]}


def test_what_a_county_is_compared_with_makes_its_neighbours_stale(
    store: Path, plan: tuple[ReportJob, ...]
) -> None:
    before, path = parts(store, plan), next((store / "compare").iterdir())
    pd.read_parquet(path).iloc[1:].to_parquet(path, index=False)
    assert set(map(tuple, moved(before, parts(store, plan)).values())) == {("compare",)}
    assert len(moved(before, parts(store, plan))) == 4


def test_code_moves_its_notebook_and_prose_does_not(store: Path, plan: tuple[ReportJob, ...]) -> None:
    before = parts(store, plan)
    book = nbformat.read(plan[0].notebook, as_version=4)
    book.cells[0].source = "# Another title"
    nbformat.write(book, plan[0].notebook)
    assert moved(before, parts(store, plan)) == {}
    toy(plan[0].notebook, "3")
    assert moved(before, parts(store, plan)) == {("01", "10_a"): ["code"], ("82", "10_a"): ["code"]}


def test_parameters_lock_store_and_package_move_every_report(
    store: Path, plan: tuple[ReportJob, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = parts(store, plan)
    (tmp_path / "requirements.lock").write_text("pandas==0\n")
    about = json.loads((store / "store.json").read_text("utf-8"))
    (store / "store.json").write_text(json.dumps({**about, "title": {"zh": "新", "en": "new"}}), "utf-8")
    monkeypatch.setattr(stale, "digest_package", lambda: "another")
    other = tuple(replace(job, parameters={**job.parameters, "lang": "zh"}) for job in plan)
    found = moved(before, parts(store, other))
    assert len(found) == 4
    assert set(map(tuple, found.values())) == {("parameters", "store", "lock", "package")}


def test_a_files_digest_is_remembered_only_while_it_lies_still(tmp_path: Path) -> None:
    path, memory = tmp_path / "a", tmp_path / "memory"
    path.write_text("1")
    first = FileDigests(memory)
    old = first.of(path)
    first.keep()
    assert not memory.exists()  # it may change again within the same tick of its clock
    path.write_text("2")
    assert FileDigests(memory).of(path) != old


def test_a_remembered_digest_is_not_trusted_after_any_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stale, "UNSETTLED", -1)
    path, memory = tmp_path / "a", tmp_path / "memory"
    path.write_text("1")
    first = FileDigests(memory)
    old = first.of(path)
    first.keep()
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"never read")
    assert FileDigests(memory).of(path) == old
    monkeypatch.undo()
    time.sleep(0.02)
    path.write_text("2")
    assert FileDigests(memory).of(path) != old


def test_every_reason_has_its_words() -> None:
    from edustats.words import read_all_texts

    words = {key.removeprefix("report.why_") for key in read_all_texts() if key.startswith("report.why_")}
    assert words >= set(stale.PARTS) | {"never", "failed", "gone", "renamed", "unsure", "forced"}


def test_a_report_is_made_again_if_it_failed_is_gone_or_was_never_made(
    plan: tuple[ReportJob, ...], tmp_path: Path
) -> None:
    job, edition, inputs = plan[0], Edition(tmp_path / "out" / "2023"), {"code": "1"}
    facts = {"county": "01", "name": "x", "folder": job.folder, "notebook": job.stem, "inputs": inputs}
    done = ReportResult(**facts, state="ok", digest=combine_digests(inputs))
    assert find_reasons(job, None, inputs, edition.files) == ["never"]
    assert find_reasons(job, replace(done, state="killed"), inputs, edition.files) == ["failed"]
    assert find_reasons(job, done, inputs, edition.files) == ["gone"]
    (edition.live / job.folder).mkdir(parents=True)
    for kind in ("ipynb", "html"):
        (edition.live / job.folder / f"{job.stem}.{kind}").write_text("x")
    assert find_reasons(job, done, inputs, edition.files) == []
    assert find_reasons(job, done, {"code": "2"}, edition.files) == ["code"]
    assert find_reasons(job, replace(done, digest=""), inputs, edition.files) == ["unsure"]
    assert find_reasons(job, replace(done, folder="01-before"), inputs, edition.files) == ["renamed"]
