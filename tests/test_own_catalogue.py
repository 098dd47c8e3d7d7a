"""Can a bureau or another country count what the suite does not, in words of its own?"""

import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import edustats as edu
from edustats.cli import app
from edustats.errors import DataError
from edustats.load.files.own_catalogue import read_own_catalogue
from edustats.present.records.items import Finding, Number, Provenance
from edustats.present.records.levels import rename_levels
from edustats.present.records.numbers import format_count
from edustats.present.records.row_filter import ALL_ROWS
from edustats.words import Text, say

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "own_catalogue.md").read_text("utf-8")
PARTS = {(kind, name): body for kind, name, body in re.findall(r"```(\w+) (\w+)\n(.*?)```", DOCS, re.DOTALL)}


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output + str(done.exception)
    return done.output


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.toml").write_text(PARTS["toml", "own"], "utf-8")
    (folder / "own.csv").write_text(PARTS["csv", "own"], "utf-8")
    (folder / "my.toml").write_text(PARTS["toml", "mapping"], "utf-8")
    run("load", folder / "my.toml", "--store", folder / "s")
    return folder / "s"


def test_the_manuals_sentences_are_those_that_are_printed(store):
    view = edu.open_county("E06000001", store)
    items = [*edu.show_profile(view), *edu.show_trends(view), *edu.show_inequality(view)]
    told = [item.sentence.en for item in items if isinstance(item, Finding)]
    for line in PARTS["sentences", "own"].strip().split("\n"):
        assert line in told


def test_observations_hold_its_indicators_and_a_rate_without_counts_goes_no_higher(store):
    rows = edu.observations(edu.open_store(store)).set_index(["indicator", "area", "year"])
    assert rows.loc[("share_reading_met", "N", 2022), "value"] == pytest.approx(3020 / 4150)
    assert rows.loc[("rate_absence", "E06000002", 2022), "value"] == pytest.approx(0.044)
    assert "N" not in rows.loc["rate_absence"].index.get_level_values("area")
    trends = edu.trend(edu.observations(edu.open_store(store)))
    assert set(trends["indicator"]) == {"share_reading_met", "rate_absence"}
    frame = edu.observations(edu.open_store(store))
    assert "Ministry of Education" in set(edu.codebook(frame, "en")["source"])


def test_a_county_of_several_schools_has_no_mean_of_their_rates(tmp_path):
    (tmp_path / "s.catalogue.toml").write_text(PARTS["toml", "own"], "utf-8")
    (tmp_path / "t.csv").write_text(
        "school,code,year,Absence rate\n1,A1,2022,5\n2,A1,2022,7\n3,A2,2022,6\n", "utf-8"
    )
    (tmp_path / "my.toml").write_text(
        'title = { zh = "表", en = "table" }\n[[tables]]\nfile = "t.csv"\n[area]\ncode = "code"\nunit = "school"\n'
        '[year]\nfrom = "year"\n[columns]\nabsence_rate = { from = "Absence rate", unit = "percent" }\n', "utf-8"
    )  # fmt: skip
    run("load", tmp_path / "my.toml", "--store", tmp_path / "s")
    rows = edu.observations(edu.open_store(tmp_path / "s")).set_index("area")
    assert rows.loc["A2", "value"] == pytest.approx(0.06)
    assert pd.isna(rows.loc["A1", "value"])
    assert rows.loc["A1", "status"] == "not_collected"


def test_a_report_prints_its_indicators_source_and_words_and_nobody_elses(store, tmp_path):
    run(
        "report",
        "--store",
        store,
        "--county",
        "E06000001",
        "--notebook",
        "10,20",
        "--lang",
        "en",
        "--out",
        tmp_path,
    )
    for file in (tmp_path / "2022").glob("*/*.html"):
        text = re.sub(r"<[^>]+>", "", re.sub(r"(?s)<(style|script)\b.*?</\1>", "", file.read_text("utf-8")))
        assert "reading pass rate" in text
        assert "Ministry of Education" in text
        assert "local authorities" in text or "10_" in file.name
        assert not re.search("census|Michigan|普查|密歇根", text)


def test_inspect_holds_headings_against_its_names(store):
    folder = store.parent
    told = run(
        "inspect", folder / "own.csv", "--catalogue", folder / "own.toml", "--write", folder / "draft.toml"
    )
    assert "pupils_reading_met" in told
    draft = (folder / "draft.toml").read_text("utf-8")
    assert 'catalogue = "own.toml"' in draft
    assert 'pupils_reading_met = { from = "Pupils meeting the reading standard", unit = "person" }' in draft


GOOD = PARTS["toml", "own"]
MISTAKES = [
    ("[columns.pupils_reading_met]", "[columns.pupils]", ["columns.pupils", "Pupils enrolled"]),
    ("[indicators.share_reading_met]", "[indicators.count_pupils]", ["indicators.count_pupils", "enrolment"]),
    ('num = "pupils_reading_met"', 'num = "pupils_reading_mett"', ["share_reading_met.num", "pupils_reading_met"]),
    ('num = "pupils_reading_met"', 'num = "pupils_reading_met * 2"', ["not a sum"]),
    ('stage = "primary"', 'stage = "primery"', ["primery", "primary"]),
    ('unit = "share"\nbetter = "higher"', 'unit = "shares"\nbetter = "higher"', ["shares", "share"]),
    ('better = "higher"', 'beter = "higher"', ["beter", "better"]),
    ('part_of = "pupils_reading_tested"', 'part_of = "pupils_reading_test"', ["pupils_reading_tested"]),
    ("[columns.absence_rate]", "[columns.Absence-Rate]", ["Absence-Rate"]),
    ("[levels]", "[leveles]", ["leveles", "levels"]),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "told"), MISTAKES)
def test_a_mistake_is_one_sentence_with_the_nearest_name(tmp_path, good, bad, told):
    assert good in GOOD
    path = tmp_path / "own.toml"
    path.write_text(GOOD.replace(good, bad, 1), "utf-8")
    with pytest.raises(DataError) as error:
        read_own_catalogue(path)
    assert "own.toml" in error.value.text("en")
    for word in told:
        assert word in error.value.text("en")


def test_a_changed_page_makes_the_store_be_loaded_again_and_another_store_is_not_touched(store, michigan):
    assert "share_reading_met" not in edu.open_store(michigan).known.indicators
    assert (
        edu.open_store(michigan)
        .known.indicator("share_free_lunch")
        .source.en.startswith("Michigan Department")
    )
    assert (
        edu.open_store(store)
        .known.indicator("share_free_lunch")
        .source.en.startswith("Ministry of Education")
    )


def test_words_for_levels_leave_numbers_and_names_where_they_are():
    source = Provenance(files=(), filter=ALL_ROWS, formula="", clause=Text("", ""), version="")
    three = format_count(3)
    sentence = say(
        "prefecture.cover", area=Text("某县", "Kent County"), code="1", n=three, first=2021, last=2022
    )
    item = Finding(
        key="k",
        sentence=sentence,
        numbers=(Number(label=Text("", ""), value=3, unit="", decimals=0, source=source),),
    )
    names = {"county": Text("学区", "district"), "counties": Text("学区", "districts")}
    told = rename_levels(item, names)
    assert told.sentence == Text(
        "某县（代码1，3个学区），2021—2022年", "Kent County (code 1, 3 districts), 2021–2022"
    )
    number = told.numbers[0]
    assert told.sentence.en[slice(*number.en)] == "3"
    assert told.sentence.zh[slice(*number.zh)] == "3"
