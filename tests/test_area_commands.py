"""Any counties, events and gaps through load, export and a page: is every sum that of the counties it names?"""

import re
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_areas_published import HEAD, MAPPING, headings
from typer.testing import CliRunner

from edustats import open_county, show_profile
from edustats.cli import app
from edustats.store.reading import open_store

CODES = (
    "441900", "442000", "620200", "460400", "419001", "429004", "659001", "440103", "440104", "330204", "330212",
    "430221", "430212", "469001", "990101", "990102", "990103",
)  # fmt: skip
YEARS = (2014, 2015, 2016, 2017)


@st.composite
def tables(draw):
    """Rows of counties with gaps, and events among them."""
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=6, unique=True))
    size = st.integers(1, 9999)
    rows = [
        (code, f"县{code}", year, draw(size), draw(size))
        for code in codes
        for year in sorted(draw(st.sets(st.sampled_from(YEARS), min_size=1)))
    ]
    some = st.lists(st.sampled_from(codes), max_size=2, unique=True)
    events = [
        (draw(st.sampled_from(YEARS[1:])), draw(some), draw(some)) for _ in range(draw(st.integers(0, 2)))
    ]
    return rows, events


def load_and_export(folder, rows, events):
    lines = "\n".join(",".join(map(str, row)) for row in rows)
    (folder / "t.csv").write_text(f"{HEAD}{lines}\n", "utf-8")
    told = "".join(f"\n[[events]]\nyear = {y}\nfrom = {a}\nto = {b}\n" for y, a, b in events).replace(
        "'", '"'
    )
    (folder / "my.toml").write_text(MAPPING.format(scheme="gbt2260") + told, "utf-8")
    for words in (
        ["load", str(folder / "my.toml"), "--store", str(folder / "s")],
        ["export", "--store", str(folder / "s"), "--out", str(folder / "o.csv"), "--what", "observations"],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, f"{done.output}{done.exception}"
    return pd.read_csv(folder / "o.csv", dtype={"area": str}, encoding="utf-8-sig")


@given(tables())
@settings(max_examples=8, deadline=None)
def test_every_exported_and_printed_sum_is_that_of_the_counties_it_names(table):
    rows, events = table
    with tempfile.TemporaryDirectory() as folder:
        found = load_and_export(Path(folder), rows, events)
        store = open_store(Path(folder) / "s")
        tree = store.tree
        for one in found[~found["level"].isin(["county", "school"])].itertuples():
            own = [r for r in rows if r[2] == one.year and one.area in tree.chain(r[0])]
            pupils, teachers = sum(r[3] for r in own), sum(r[4] for r in own)
            assert one.value == pytest.approx(
                pupils / teachers if one.indicator.startswith("ratio") else pupils
            )
        county, last = rows[-1][0], max(r[2] for r in rows if r[0] == rows[-1][0])
        heads, profile = headings(show_profile(open_county(county, store.path)), "profile")
        printed = next(row[3].zh for row in profile.rows if row[0].zh == "在校生数")
        above = store.county(county).parent
        if store.count_counties(above) == 1:  # a county is not held against itself
            assert printed == "—"
            return
        own = [r for r in rows if r[2] == last and above in tree.chain(r[0])]
        if named := re.fullmatch(r"本表(\d+)县合计", heads[3]):
            assert int(named[1]) == len({r[0] for r in rows if above in tree.chain(r[0])})
            assert len(own) == int(re.search(r"〔(\d+)县〕", printed)[1] if "〔" in printed else named[1])
        if "万" not in printed:
            assert int(re.match(r"\d+", printed)[0]) == sum(r[3] for r in own)
