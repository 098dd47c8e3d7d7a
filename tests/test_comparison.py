"""Is what the counties of a prefecture share worked out once, the same as by each alone, and never out of date?"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from own_tables import OWN_MAPPING

import edustats as edu
from edustats.analysis.panel import build_panel
from edustats.errors import DamagedFileError
from edustats.load.tables.reader import load_tables
from edustats.present.standards.readiness import assess_neighbours
from edustats.report.run.prefecture import work_out_prefecture
from edustats.report.run.warm_process import _work_out_subject
from edustats.store.writing import write_store

HEADS = "学校代码,县代码,县名,学年,在校生,专任教师\n"
COUNTIES = ("990101", "990102", "990103", "990104", "990105")


def write_lines(seed, breaks=()):
    draw = np.random.default_rng(seed)
    return HEADS + "".join(
        f"{1001 + c},{code},{'甲乙丙丁戊'[c]}县,{year},{draw.integers(900, 1100)},{draw.integers(50, 70)}\n"
        for c, code in enumerate(COUNTIES)
        for year in range(2015, 2025)
        if (code, year) not in breaks
    )


@pytest.fixture
def store(own, tmp_path):
    def write(seed=1, breaks=()):
        write_store(load_tables(own(write_lines(seed, breaks), OWN_MAPPING)), tmp_path / "store")
        return tmp_path / "store"

    return write


def test_counties_of_a_prefecture_share_one_comparison(store):
    where = store()
    first, second = (edu.open_county(code, where) for code in COUNTIES[:2])
    assert first.comparison is second.comparison
    assert first.panel.tiers is second.panel.tiers
    assert first.ahead is second.ahead


def test_other_years_are_another_comparison(store):
    where = store()
    whole, short = edu.open_county("990101", where), edu.open_county("990101", where, first_year=2018)
    assert whole.comparison is not short.comparison
    assert short.compare["year"].min() == 2018 > whole.compare["year"].min()


def test_a_store_that_was_written_anew_is_read_anew(store):
    before = edu.open_county("990101", store(seed=1))
    after = edu.open_county("990101", store(seed=2))
    key = before.indicators[0].key
    assert len(before.series(key)) == len(after.series(key)) == 10
    assert not before.series(key)["value"].equals(after.series(key)["value"])


def test_rows_that_no_store_gave_are_shared_with_nobody(store):
    view = edu.open_county("990101", store())
    doubled = view.data.compare.assign(value=view.data.compare["value"] * 2)
    other = replace(view, data=replace(view.data, compare=doubled))
    key = view.indicators[0].key
    assert (other.series(key)["value"] == 2 * view.series(key)["value"]).all()
    assert edu.open_county("990101", view.store.path).comparison is view.comparison


def test_a_series_is_what_a_search_of_all_rows_finds(store):
    view = edu.open_county("990103", store(breaks={("990103", 2019)}))
    rows = view.compare
    for indicator in view.indicators:
        for area in (*COUNTIES, view.above, "none"):
            hit = (rows["area"] == area) & (rows["indicator"] == indicator.key)
            found = rows[hit].sort_values("year").reset_index(drop=True)
            pd.testing.assert_frame_equal(view.series(indicator.key, area), found)


def test_a_column_added_to_a_series_stays_with_whoever_added_it(store):
    view = edu.open_county("990101", store())
    key = view.indicators[0].key
    view.series(key)["mine"] = 1
    assert "mine" not in view.series(key)


@pytest.mark.parametrize("code", COUNTIES)
def test_verdicts_seen_from_a_county_are_those_it_would_have_alone(store, code):
    where = store(breaks={("990102", 2018)})
    assert edu.open_county("990101", where).panel.tiers is not None
    view = edu.open_county(code, where)
    alone = build_panel(view.compare, code, view.indicators, prices=view.prices)
    assert view.panel.areas[view.panel.own] == code == alone.areas[alone.own]
    np.testing.assert_array_equal(view.panel.values, alone.values)
    assert view.panel.tiers.tier.tolist() == alone.tiers.tier.tolist()
    assert view.panel.judged.verdict.tolist() == alone.judged.verdict.tolist()
    np.testing.assert_array_equal(view.panel.jumps.year, alone.jumps.year)


def test_a_prefecture_is_worked_out_for_the_first_county_that_asks(store):
    where = str(store())
    assert work_out_prefecture("990101", where)
    assert not work_out_prefecture("990102", where)
    assert work_out_prefecture("990102", where, first_year=2018)
    store(seed=3)
    assert work_out_prefecture("990102", where, first_year=2018)


def test_sentences_do_not_depend_on_who_asked_first(store):
    where = store()
    alone = (
        edu.show_trends(edu.open_county("990102", where)),
        edu.show_ranks(edu.open_county("990102", where)),
    )
    where = store()  # written anew: nothing is kept of it
    for code in COUNTIES:
        edu.show_trends(edu.open_county(code, where))
    after = (
        edu.show_trends(edu.open_county("990102", where)),
        edu.show_ranks(edu.open_county("990102", where)),
    )
    assert [list(items) for items in alone] == [list(items) for items in after]


def test_what_cannot_be_worked_out_is_left_to_the_kernel(tmp_path):
    _work_out_subject({"county": "990101", "store": str(tmp_path / "none")})


def test_a_store_without_the_standards_columns_has_no_neighbours_to_assess(store):
    assert assess_neighbours(edu.open_county("990101", store())) == []


def test_a_damaged_county_stops_no_neighbour_and_is_named(store):
    where = store()
    (where / "county=990102" / "units.parquet").write_bytes(b"no table")
    view = edu.open_county("990101", where, lang="en")
    name = view.store.name("990102").en
    assert f"files of {name} are damaged and cannot be read" in edu.show_cover(view)[0].items[0].note.en
    assert "990102" in view.damaged
    with pytest.raises(DamagedFileError, match=r"county=990102/units\.parquet .*(damaged|损坏)"):
        edu.open_county("990102", where)
    whole = edu.open_county("990101", store())
    assert not whole.damaged
    assert "damaged" not in edu.show_cover(whole)[0].items[0].note.en
