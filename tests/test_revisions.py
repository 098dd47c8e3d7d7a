"""Is a figure that was published otherwise before listed, with the old one, the new one and why?"""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from test_areas_published import LATE, write_table

from edustats import open_county, show_data_warnings
from edustats.catalogue import catalogue
from edustats.report.edition import revisions
from edustats.report.edition.manifest import write_run_record
from edustats.store.reading import open_store

ROOT = Path(__file__).resolve().parent.parent


def publish(out, edition, store, kind):
    """What a finished run leaves of its figures."""
    folder, opened = out / edition, open_store(store)
    folder.mkdir(parents=True)
    figures = revisions.collect_figures(opened, opened.counties, catalogue())
    revisions.keep_figures(folder, folder, figures)
    record = {
        "finished": f"2025-0{len(list(out.iterdir()))}",
        "inputs": {"files": opened.about["files"], "kind": kind},
    }
    write_run_record(folder, record)
    return figures


def test_a_corrected_figure_is_told_with_old_and_new_and_why(tmp_path):
    store, _ = write_table(tmp_path, LATE)
    publish(tmp_path / "out", "2024快报", store, revisions.PRELIMINARY)
    corrected = [(*row[:3], 2130, row[4]) if row[:3] == ("990101", "甲县", 2022) else row for row in LATE]
    store, _ = write_table(tmp_path, [*corrected, ("990103", "丙县", 2024, 5050, 255)])
    opened = open_store(store)
    now = revisions.collect_figures(opened, opened.counties, catalogue())
    last = revisions.find_last_edition(tmp_path / "out", "2024年报")
    found = revisions.find_revisions(opened, now, last, catalogue())
    lines = revisions.tell_revisions(opened, found, catalogue(), "zh")
    assert lines == [
        "甲县，2022年在校生数：2024快报期为2030人，现为2130人（快报改为年报；来源文件有变：t.csv）",
        "甲县，2022年生师比：2024快报期为19.7:1，现为20.7:1（快报改为年报；来源文件有变：t.csv）",
    ]
    revisions.note_revisions(opened, found, opened.counties)
    told = [
        item.sentence.zh
        for item in show_data_warnings(open_county("990101", store))
        if hasattr(item, "sentence")
    ]
    assert "甲县有2个数与2024快报期公布的不同，最早为2022年。" in told
    assert open_county("990102", store).revisions.empty
    revisions.note_revisions(opened, found.head(0), opened.counties)
    assert open_county("990101", store).revisions.empty


def test_revisions_are_looked_for_again_as_soon_as_something_moved(tmp_path):
    store, _ = write_table(tmp_path, LATE)
    out = tmp_path / "out"
    publish(out, "2023", store, revisions.ANNUAL)

    def digest(kind=revisions.ANNUAL):
        opened = open_store(store)
        last = revisions.find_last_edition(out, "2024")
        return revisions.digest_revisions(opened, opened.counties, last, kind)

    before = digest()
    assert digest() == before
    assert digest(revisions.PRELIMINARY) != before
    publish(out, "2023b", store, revisions.ANNUAL)
    later = digest()
    assert later != before
    write_table(tmp_path, [*LATE, ("990103", "丙县", 2024, 5050, 255)])
    assert digest() not in (before, later)


def test_what_prints_alike_is_no_revision_and_an_edition_is_not_held_against_itself(tmp_path):
    store, _ = write_table(tmp_path, LATE)
    figures = publish(tmp_path / "out", "2024", store, revisions.ANNUAL)
    assert revisions.find_last_edition(tmp_path / "out", "2024") is None
    rows = pd.read_parquet(figures)
    nearly = BytesIO(rows.assign(value=rows["value"] * (1 + 1e-9)).to_parquet(index=False))
    assert revisions.find_revisions(open_store(store), nearly, tmp_path / "out" / "2024", catalogue()).empty


def test_next_years_edition_in_the_same_folder_finds_nothing_where_nothing_moved(tmp_path):
    store, _ = write_table(tmp_path, LATE)
    figures = publish(tmp_path / "out", "2023", store, revisions.ANNUAL)
    opened, last = open_store(store), revisions.find_last_edition(tmp_path / "out", "2024")
    found = revisions.find_revisions(opened, figures, last, catalogue())
    assert list(found.columns) == list(revisions.REVISION_COLUMNS)
    assert found.empty
    revisions.note_revisions(opened, found, opened.counties)
    assert open_county("990101", store).revisions.empty


@pytest.mark.slow
def test_status_and_report_agree_in_every_folder(tmp_path):
    store, _ = write_table(tmp_path, LATE)

    def edustats(*words, cwd):
        done = subprocess.run(
            [sys.executable, "-m", "edustats", *words, "--lang", "zh"], cwd=cwd, capture_output=True, text=True,
            encoding="utf-8", timeout=300, env={**__import__("os").environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        )  # fmt: skip
        return done.stdout + done.stderr

    asked = ["--county", "990101", "--notebook", "00", "--notebooks", str(ROOT / "notebooks"), "--why"]
    assert "完成 1 个县" in edustats("report", "--store", "s", "--out", "o", *asked, cwd=tmp_path)
    inner = tmp_path / "inner"
    inner.mkdir()
    for cwd, above in ((tmp_path, ""), (inner, "../"), (ROOT, f"{tmp_path}/")):
        assert "完成 1 份，过期 0 份" in edustats("status", f"{above}o", cwd=cwd)
        words = ["report", "--store", f"{above}s", "--out", f"{above}o", *asked]
        assert "没有变化" in edustats(*words, cwd=cwd)
    units = store / "county=990101" / "findings.parquet"
    units.write_bytes(b"moved")
    for cwd, above in ((tmp_path, ""), (inner, "../")):
        assert "完成 0 份，过期 1 份" in edustats("status", f"{above}o", cwd=cwd)
