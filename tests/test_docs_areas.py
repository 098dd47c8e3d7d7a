"""Do the manual's counties that begin, split and merge come out as the manual says?"""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edustats import open_county, open_prefecture, show_peers
from edustats.cli import app
from edustats.present.records.items import Table

DOCS = (Path(__file__).resolve().parent.parent / "docs" / "areas.md").read_text("utf-8")
PARTS = {(kind, name): body for kind, name, body in re.findall(r"```(\w+) (\w+)\n(.*?)```", DOCS, re.DOTALL)}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("areas")
    (folder / "counties.csv").write_text(PARTS["csv", "events"], "utf-8")
    (folder / "my.toml").write_text(PARTS["toml", "events"], "utf-8")
    (folder / "s.reference.csv").write_text(PARTS["csv", "reference"], "utf-8")
    done = CliRunner().invoke(
        app, ["load", str(folder / "my.toml"), "--store", str(folder / "s"), "--lang", "zh"]
    )
    assert done.exit_code == 0, done.output
    assert "没有20" not in done.output
    return folder / "s"


def test_nobody_is_missing_and_the_prefecture_is_whole_in_every_year(store):
    whole = open_prefecture("990100", store).series("ratio_pupils_per_teacher").set_index("year")
    assert set(whole["status"].astype(str)) == {"ok"}
    assert whole["members"].tolist() == [3, 4, 3]
    assert whole["num"].tolist() == [6800, 6920, 7130]


def test_a_county_that_gave_land_away_breaks_and_one_that_begins_does_not_hang_on_the_old(store):
    own = open_county("990101", store).series("ratio_pupils_per_teacher")
    assert own.loc[own["status"] == "break", "year"].tolist() == [2022]
    new = open_county("990105", store).series("count_pupils")
    assert new["year"].tolist() == [2023]


def test_published_figures_have_a_column_of_their_own(store):
    gaps = next(
        i for i in show_peers(open_county("990101", store)) if isinstance(i, Table) and i.key == "peer_gaps"
    )
    assert gaps.columns[-1].label.zh == "某省公布数"
