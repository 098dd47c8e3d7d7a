"""Does every sum above a county add up the counties it names, each once, whatever begins, ends and is missing?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edustats.analysis.like_for_like import like_for_like
from edustats.areas import build_tree, make_areas, read_events
from edustats.catalogue import catalogue
from edustats.load.national_areas import list_events, list_spans
from edustats.schema import OBSERVATION_COLUMNS
from edustats.totals import add_up_areas

KEY = "ratio_pupils_per_teacher"
COUNT = "count_pupils"


def observed(rows):
    """Observations of counties: code, year, pupils, teachers."""
    frames = []
    for key, ratio in ((KEY, True), (COUNT, False)):
        frames += [
            {
                "area": code, "level": "county", "year": year, "stage": "all", "indicator": key,
                "value": pupils / teachers if ratio else pupils, "num": pupils, "den": teachers if ratio else np.nan,
                "n": 1, "coverage": 1.0, "status": "ok",
            }
            for code, year, pupils, teachers in rows
        ]  # fmt: skip
    return pd.DataFrame(frames)[list(OBSERVATION_COLUMNS)]


def totals(rows, **known):
    counties = observed(rows)
    held = counties.groupby("area")["year"].apply(list).to_dict()
    tree = build_tree(make_areas(held), held, **known)
    return add_up_areas(counties, tree, catalogue()), tree


def one(found, area, year, key=KEY):
    own = found[(found["area"] == area) & (found["year"] == year) & (found["indicator"] == key)]
    assert len(own) == 1
    return own.iloc[0]


def test_a_city_without_counties_is_counted_once_and_its_province_stays_a_province():
    rows = [("440103", 2019, 2000, 100), ("440104", 2019, 3000, 100), ("441900", 2019, 1000, 100)]
    found, tree = totals(rows, listed=list_spans())
    province = one(found, "440000", 2019)
    assert (province["num"], province["den"], province["level"]) == (6000, 300, "province")
    assert province["present"] == 3
    assert province["members"] == len(tree.members("440000", 2019)) > 100
    assert not tree.is_whole("440000")
    assert not found.duplicated(["area", "year", "indicator"]).any()


def test_counties_right_under_a_province_and_districts_of_a_municipality_belong_to_it():
    areas = make_areas(["419001", "429004", "110101", "659001", "370202"]).set_index("code")["parent"]
    assert areas[["419001", "429004", "110101", "659001", "370202"]].tolist() == [
        "410000", "420000", "110000", "650000", "370200",
    ]  # fmt: skip


def test_a_county_that_sent_nothing_is_counted_as_missing_with_what_it_held_before():
    rows = [
        (f"99010{k}", y, 1000 * k, 50 * k) for k in (1, 2, 3) for y in (2023, 2024) if (k, y) != (3, 2024)
    ]
    found, _ = totals(rows)
    last = one(found, "990100", 2024)
    assert (last["members"], last["present"], last["absent"], last["status"]) == (3, 2, "990103", "partial")
    assert last["coverage"] == pytest.approx(150 / 300)
    assert one(found, "990100", 2023)["status"] == "ok"


def test_of_an_invented_province_nobody_knows_how_many_counties_it_has():
    found, tree = totals([("990101", 2024, 100, 5)], listed=list_spans())
    province = one(found, "990000", 2024)
    assert province["members"] == 0
    assert np.isnan(province["coverage"])
    assert tree.is_whole("990100")
    assert not tree.is_whole("990000")
    assert not tree.is_whole("000000")


def test_a_register_says_which_counties_there_are():
    found, _ = totals([("990101", 2024, 100, 5)], register=["990101", "990102"])
    row = one(found, "990100", 2024)
    assert (row["members"], row["absent"]) == (2, "990102")


def test_an_event_says_that_a_county_began_and_nobody_is_missing_before():
    rows = [("990101", y, 900, 50) for y in (2020, 2021, 2022)] + [("990102", 2022, 400, 20)]
    begun = read_events([{"year": 2022, "from": ["990101"], "to": ["990101", "990102"]}])
    found, tree = totals(rows, events=begun)
    assert [one(found, "990100", y)["status"] for y in (2020, 2021, 2022)] == ["ok"] * 3
    assert begun[0].changes_land == {"990101", "990102"}
    assert tree.blocks("990100") == [("990101", "990102")]
    without, _ = totals(rows)
    assert one(without, "990100", 2020)["absent"] == "990102"


def test_two_counties_that_became_one_stay_the_same_land():
    rows = [("330203", y, 1000, 50) for y in (2020, 2021)] + [("330203", 2022, 1500, 70)]
    rows += [("330204", y, 500, 20) for y in (2020, 2021)] + [
        ("330205", y, 800, 40) for y in (2020, 2021, 2022)
    ]
    joined = read_events([{"year": 2022, "from": ["330203", "330204"], "to": ["330203"]}])
    counties = observed(rows)
    held = counties.groupby("area")["year"].apply(list).to_dict()
    tree = build_tree(make_areas(held), held, events=joined)
    own = counties[counties["indicator"] == KEY]
    found = like_for_like(own, tree, "330200", ratio=True)
    assert found.is_everybody
    assert found.num.tolist() == [2300, 2300, 2300]


def test_over_years_only_the_counties_that_are_there_in_all_of_them_are_compared():
    pupils = {"990101": 2000, "990102": 3000, "990103": 5000}
    teachers = {"990101": 100, "990102": 200, "990103": 250}
    rows = [
        (code, y, pupils[code] + 10 * (y - 2019), teachers[code] + y - 2019)
        for code in pupils for y in range(2019, 2025) if (code, y) != ("990103", 2024)
    ]  # fmt: skip
    counties = observed(rows)
    held = counties.groupby("area")["year"].apply(list).to_dict()
    tree = build_tree(make_areas(held), held)
    found = like_for_like(counties[counties["indicator"] == KEY], tree, "990100", ratio=True)
    assert found.kept == ("990101", "990102")
    assert found.left == {"990103": (2024,)}
    assert (found.values[0], found.values[-1]) == (pytest.approx(5000 / 300), pytest.approx(5100 / 310))


def test_a_county_under_its_old_code_does_not_make_the_new_one_missing():
    rows = [("130526", y, 100, 5) for y in (2019, 2020, 2021)]  # 任县 became 任泽区 130505 in 2020
    _, tree = totals(rows, listed=list_spans(), events=list_events())
    assert "130505" not in tree.members("130500", 2021)
    _, tree = totals([("130505", y, 100, 5) for y in (2018, 2021)], listed=list_spans(), events=list_events())
    assert "130526" not in tree.members("130500", 2018)


# --- any tree, any events, any gaps ---

CODES = ("110101", "429004", "441900", "440103", "440104", "440203", "990101", "990102", "460105", "469001")
YEARS = (2019, 2020, 2021, 2022)


@st.composite
def worlds(draw):
    """Counties with gaps, and events between some of them."""
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=8, unique=True))
    held = {code: draw(st.sets(st.sampled_from(YEARS), min_size=1)) for code in codes}
    size = st.integers(1, 500)
    rows = [(code, y, draw(size), draw(size)) for code in codes for y in sorted(held[code])]
    some = st.lists(st.sampled_from(codes), max_size=2, unique=True)
    events = [
        {"year": draw(st.sampled_from(YEARS[1:])), "from": draw(some), "to": draw(some)}
        for _ in range(draw(st.integers(0, 2)))
    ]
    return rows, read_events(events)


@given(worlds(), st.booleans())
@settings(max_examples=120, deadline=None)
def test_every_sum_is_that_of_the_members_it_names(world, national):
    rows, events = world
    found, tree = totals(rows, events=events, listed=list_spans() if national else None)
    assert not found.duplicated(["area", "year", "indicator"]).any()
    for row in found.itertuples():
        own = [r for r in rows if r[1] == row.year and row.area in tree.chain(r[0])]
        assert row.present == len(own)
        assert row.num == pytest.approx(sum(r[2] for r in own))
        if row.indicator == KEY:
            assert row.value == pytest.approx(sum(r[2] for r in own) / sum(r[3] for r in own))
        if row.members:
            assert row.members >= row.present
            missing = set(tree.members(row.area, row.year)) - {r[0] for r in own}
            assert row.members == len(own) + len(missing)
            assert set(row.absent.split()) <= missing
            assert (row.status == "ok") == (not missing)
            assert 0 < row.coverage <= 1 + 1e-9


@given(worlds())
@settings(max_examples=60, deadline=None)
def test_like_for_like_sums_are_those_of_the_counties_kept(world):
    rows, events = world
    counties = observed(rows)
    held = counties.groupby("area")["year"].apply(list).to_dict()
    tree = build_tree(make_areas(held), held, events=events)
    found = like_for_like(counties[counties["indicator"] == KEY], tree, "000000", ratio=True)
    assert not set(found.kept) & set(found.left)
    for year, num in zip(found.years, found.num, strict=True):
        own = [r[2] for r in rows if r[1] == year and r[0] in found.kept]
        assert np.nansum(num) == pytest.approx(sum(own))
        assert not found.kept or own
