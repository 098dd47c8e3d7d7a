"""Does the checker agree with the store, and with every sentence that this project itself writes?"""

import json

import pytest
from typer.testing import CliRunner

import edustats as edu
from edustats import cli
from edustats.briefing import check
from edustats.briefing.reference import reference
from edustats.present.records.items import Finding
from edustats.store.reading import open_store

VERBS = (
    "show_profile",
    "show_trends",
    "show_ranks",
    "show_peers",
    "show_data_warnings",
    "show_inequality",
    "show_decomposition",
    "show_gaps",
    "show_inequality_change",
    "show_contributors",
    "show_segregation",
)


def sentences(view):
    items = [item for verb in VERBS for item in getattr(edu, verb)(view)]
    return [item.sentence.zh for item in items if isinstance(item, Finding)]


@pytest.mark.parametrize("code", ["01", "13", "25", "41", "50", "63", "82"])
def test_no_sentence_of_a_report_is_called_wrong(michigan, code):
    view = edu.open_county(code, michigan, lang="zh")
    text = "\n".join(sentences(view))
    wrong = [(c.quote, c.message.zh) for c in check(text) if c.verdict == "inconsistent"]
    assert not wrong
    assert sum(c.verdict == "consistent" for c in check(text)) > 5


def test_no_sentence_of_a_census_report_is_called_wrong_by_arithmetic_or_by_the_store(zhuzhou):
    for code in ("430211", "430225"):
        text = "\n".join(sentences(edu.open_county(code, zhuzhou)))
        claims = check(text, reference(text, open_store(zhuzhou)))
        assert not [(c.quote, c.message.zh) for c in claims if c.verdict == "inconsistent"]
        assert any(c.data and c.data.get("agrees") for c in claims)


def test_a_figure_that_the_store_contradicts_is_named_with_the_stores_own(zhuzhou):
    text = "2020年，天元区平均受教育年限为11.35年。"
    (claim,) = [c for c in check(text, reference(text, open_store(zhuzhou))) if c.data]
    assert claim.verdict == "inconsistent"
    assert claim.data["value"] == pytest.approx(11.53, abs=0.01)


def test_only_the_areas_a_draft_names_are_read_from_the_store(michigan):
    assert set(reference("今年Wayne县的情况", open_store(michigan))["area_name"]) == {"Wayne县"}
    assert reference("本县", open_store(michigan)).empty


def test_the_national_series_is_compared_but_condemns_nobody():
    text = "2012年，全国小学招生1800万人。"
    frame = reference(text)
    claims = [c for c in check(text, frame) if c.data]
    assert claims
    assert all(c.verdict != "inconsistent" for c in claims)


@pytest.mark.parametrize(
    ("draft", "code"),
    [("由60.0%提高到72.0%，提高12.0个百分点。", 0), ("由60.0%提高到72.0%，提高13.0个百分点。", 1)],
)
def test_the_command_exits_with_one_when_an_error_is_found(tmp_path, draft, code):
    (tmp_path / "稿.txt").write_text(draft, "utf-8")
    out = tmp_path / "out.json"
    words = ["check", str(tmp_path / "稿.txt"), "--format", "json", "--out", str(out)]
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == code
    found = json.loads(out.read_text("utf-8"))
    assert draft[found["claims"][0]["start"] : found["claims"][0]["end"]] == found["claims"][0]["quote"]


def test_an_old_word_file_is_refused_with_how_to_convert_it(tmp_path):
    (tmp_path / "稿.doc").write_bytes(b"\xd0\xcf\x11\xe0" + b"x" * 600)
    assert CliRunner().invoke(cli.app, ["check", str(tmp_path / "稿.doc")]).exit_code == 2
