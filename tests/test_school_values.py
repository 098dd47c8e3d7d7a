"""Is a school's value one value? What is shown of schools is what the store holds, and adds up to what is published."""

import numpy as np
import pytest
from returns_made import prefecture

import edustats as edu
from edustats.analysis.schools import compute_group_ratio, select_school_values
from edustats.catalogue import catalogue
from edustats.store.writing import update_store


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schools")
    update_store([prefecture(folder / "in")], folder / "store")
    store = edu.open_prefecture("", folder / "store").store
    return edu.open_county(store.counties[-1], folder / "store")


def test_the_weighted_mean_of_the_schools_shown_is_the_county_s_published_value(view):
    known, compared = catalogue(), 0
    for indicator in view.indicators:
        rows = select_school_values(view.data, indicator)
        if not indicator.den or indicator.across or rows.empty:
            continue  # figures that stand in rows of different kinds have no value of one school
        for year, published in view.series(indicator.key).set_index("year").iterrows():
            own = rows[(rows["year"] == year) & rows["value"].notna()]
            if not np.isfinite(published["value"]) or known.levels(indicator) != {"school"}:
                continue
            mean = np.average(own["value"], weights=own["weight"])
            assert mean == pytest.approx(published["value"], rel=1e-9), (indicator.key, year)
            assert len(own) == published["n"], (indicator.key, year)
            years = np.array([float(year)])
            assert compute_group_ratio(own, years)[0] == pytest.approx(published["value"], rel=1e-9)
            compared += 1
    assert compared > 150


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verb_of_a_prefecture_of_returns_answers(view, lang):
    city = edu.open_prefecture("", view.store.path, lang=lang)
    told = [
        item
        for verb in ("overview", "county_table", "prefecture_trends", "county_panels", "county_tiles",
                     "theil_decomposition", "convergence", "target_matrix", "outstanding_items")
        for item in getattr(edu, f"show_{verb}")(city)
    ]  # fmt: skip
    sentences = [
        getattr(item, "sentence", item.title if hasattr(item, "title") else None)[lang] for item in told
    ]
    assert sentences
    assert not [one for one in sentences if "  " in one or "of ," in one or "of :" in one]
