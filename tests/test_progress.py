"""Is one told how far the batch is, on a terminal, in a log and by a program?"""

import json
from pathlib import Path

import pytest

from edustats.report.edition.manifest import ReportResult
from edustats.report.edition.plan import ReportJob
from edustats.report.run.progress import JsonEvents, TerminalProgress, format_reasons
from edustats.report.run.runner import RunSummary

FACTS = {"name": "甲县", "folder": "01-x", "notebook": "10_a"}
DONE = ReportResult(**FACTS, county="01", state="ok", seconds=2.5)
SLOW = ReportResult(**FACTS, county="02", state="failed", seconds=9.0, reason="x")
JOB = ReportJob(
    county="01", name="甲县", notebook=Path("10_a.ipynb"), parameters={}, folder="01-x", stem="10_a"
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_last_line_tells_done_failed_rate_and_the_slowest(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with TerminalProgress(lang) as shown:
        shown.step(SLOW, 1, 2)
        shown.step(DONE, 2, 2)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "2/2" in said
    assert "10_a 9.0" in said
    assert ("1 wrong" if lang == "en" else "出错 1 份") in said


def test_why_names_counties_first_and_counts_the_reasons() -> None:
    lines = format_reasons([(JOB, ["data", "code"])] * 40, "en")
    assert lines[0] == "  01 甲县 10_a: the county's data changed, the code changed"
    assert lines[-1] == "the code changed: 40 reports"
    assert len(lines) == 32


def test_events_are_a_line_of_json_each(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with JsonEvents() as events:
        events.due([(JOB, ["never"])])
        events.step(SLOW, 1, 1)
        events.end(RunSummary(results=(SLOW,), seconds=1, edition=tmp_path, fresh=3))
    due, report, end = map(json.loads, capsys.readouterr().out.splitlines())
    assert due["reports"] == [{"county": "01", "notebook": "10_a", "why": ["never"]}]
    assert (report["state"], report["reason"], report["done"]) == ("failed", "x", 1)
    assert (end["made"], end["wrong"], end["fresh"]) == (1, 1, 3)
