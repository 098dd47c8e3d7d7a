"""Is a county's verdict the same on its own page, on the brief, and in the data frame of all counties?"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from own_tables import OWN_MAPPING

import edustats as edu
import edustats.catalogue
from edustats.analysis.panel import build_panel
from edustats.analysis.prices import PriceChanges, is_nominal_money, read_prices
from edustats.catalogue import catalogue, read_catalogue
from edustats.errors import DataError
from edustats.load.tables.reader import load_tables
from edustats.metrics.comparison.convergence import measure_convergence
from edustats.metrics.groups.gap import measure_group_gap
from edustats.metrics.trend.tiers import name_tier
from edustats.present.brief.facts import collect_facts
from edustats.present.county import convergence
from edustats.present.county.series import build_history
from edustats.present.equity import groups
from edustats.store.writing import write_store
from edustats.words import Text

YEARS = range(2016, 2025)
PUPILS = "ratio_pupils_per_teacher"


@pytest.fixture
def store(own, tmp_path):
    """Five counties: two rise, one falls, two stand; the last began in 2021."""
    rng = np.random.default_rng(3)
    lines = ["学校代码,县代码,县名,学年,在校生,专任教师"]
    for c, slope in enumerate((2.0, 1.5, -2.0, 0.0, 0.0)):
        for year in YEARS:
            if c < 4 or year >= 2021:
                teachers = round(60 + slope * (year - 2016) + float(rng.normal(0, 1)), 1)
                lines.append(f"{1001 + c},9901{c + 1:02d},{'甲乙丙丁戊'[c]}县,{year},1000,{teachers}")
    write_store(load_tables(own("\n".join(lines) + "\n", OWN_MAPPING)), tmp_path / "store")
    return tmp_path / "store"


def test_page_brief_and_data_frame_say_the_same_of_every_county(store):
    frame = edu.trend(edu.observations(edu.open_store(store), level="county"))
    said = frame.set_index([frame["area"].astype(str), frame["indicator"].astype(str)])["verdict"]
    for code in sorted(edu.open_store(store).counties):
        view = edu.open_county(code, store)
        facts = {fact.key: fact for fact in collect_facts(view)}
        for indicator in view.indicators:
            history = build_history(view, indicator)
            assert history.verdict == said[code, indicator.key]
            assert facts[indicator.key].trend == history.verdict


def test_the_frame_names_tiers_with_their_probabilities(store):
    frame = edu.trend(edu.observations(edu.open_store(store), level="county"))
    own = frame[frame["indicator"] == PUPILS].set_index("area")
    assert own.loc["990101", "verdict"] == "improving"  # more teachers for as many pupils
    assert own.loc["990101", "p_below"] >= 0.95
    assert own.loc["990103", "verdict"] in ("worsening", "likely_worsening")
    assert own.loc["990105", "verdict"] not in ("improving", "worsening")  # four years: nothing firm
    chances = own[["p_above", "p_same", "p_below"]].sum(axis=1)
    assert chances.to_numpy() == pytest.approx(1)


@pytest.mark.parametrize(
    ("tier", "better", "named"),
    [("firm_up", "higher", "improving"), ("firm_up", "lower", "worsening"), ("firm_up", "none", "rising"),
     ("likely_down", "lower", "likely_improving"), ("cannot_tell", "higher", "cannot_tell"),
     ("change_only", "none", "change_only"), ("alone", "higher", "alone")],
)  # fmt: skip
def test_a_tier_is_better_or_worse_only_where_one_way_is(tier, better, named):
    assert name_tier(tier, better) == named


# --- money ---


def panel_of(values, prices, unit="yuan_per_pupil"):
    known = catalogue()
    key = next(k for k, i in known.indicators.items() if i.unit == unit and i.better == "none")
    rows = pd.DataFrame(
        [("990101", "county", key, year, value, 1.0, "reported") for year, value in values.items()],
        columns=["area", "level", "indicator", "year", "value", "den", "status"],
    )
    return build_panel(rows, "990101", [known.indicators[key]], prices=prices)


def test_money_that_rose_with_prices_alone_did_not_rise():
    rising = {year: 10_000 * 1.08 ** (year - 2016) for year in YEARS}
    inflation = PriceChanges(changes={year: 1.08 for year in YEARS})
    assert panel_of(rising, None).tiers.tier[0, 0].endswith("_up")
    real = panel_of(rising, inflation)
    assert real.deflated.tolist() == [True]
    assert real.real[0, 0] == pytest.approx(np.full(9, 10_000 * 1.08**8))
    assert not real.tiers.tier[0, 0].endswith("_up")


def test_an_index_that_lacks_a_year_deflates_nothing():
    values = {year: 10_000.0 for year in YEARS}
    lacking = PriceChanges(changes={year: 1.02 for year in YEARS if year != 2020})
    assert lacking.missing(np.array(sorted(values))) == [2020]
    assert panel_of(values, lacking).deflated.tolist() == [False]


def test_shares_and_equipment_are_never_deflated():
    known = catalogue()
    asked = {i.key for i in known.indicators.values() if is_nominal_money(i)}
    assert "per_pupil_budget_education" in asked
    assert not {"per_pupil_equipment_primary", "share_budget_education"} & asked


def test_a_bureaus_own_index_goes_before_the_nations(store):
    held = edu.open_store(store)
    nation = read_prices(held)
    assert nation.levels(np.array([2014.0, 2024.0]))[0] == pytest.approx(1.169, abs=0.001)
    own = 'zh = "本市物价指数"\nen = "prices of the city"\n[index]\n2024 = 103.0\n'
    held.path.with_name(f"{held.path.name}.prices.toml").write_text(own, "utf-8")
    found = read_prices(held)
    assert found.name.zh == "本市物价指数"
    assert found.changes == {2024: 1.03}


# --- the difference that matters ---


def test_a_family_declares_the_difference_that_matters_for_all_its_stages():
    known = catalogue().indicators
    assert {known[f"share_big_classes_{stage}"].band for stage in ("primary", "junior", "senior")} == {0.01}
    assert known["share_very_big_classes_primary"].band == 0.005  # the longer name counts
    assert known["share_free_lunch"].band is None


@pytest.mark.parametrize("line", ["share_of_nothing = 0.01", "share_bachelor = 0", "share_bachelor = 2"])
def test_a_band_of_no_family_or_no_size_is_refused(tmp_path, line):
    folder = tmp_path / "catalogue"
    shutil.copytree(Path(edustats.catalogue.__file__).parent, folder)
    (folder / "bands.toml").write_text(line + "\n", "utf-8")
    with pytest.raises(DataError, match=r"bands"):
        read_catalogue(folder)


def test_a_level_that_moved_by_less_than_matters_is_about_the_same():
    rows = [
        (f"9901{c:02d}", "county", "share_net_enrolment_primary", year, 0.998 + 0.0002 * (year - 2016), 5e3, "reported")
        for c in range(1, 7) for year in YEARS
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["area", "level", "indicator", "year", "value", "den", "status"])
    panel = build_panel(frame, "990101", [catalogue().indicators["share_net_enrolment_primary"]])
    assert set(panel.tiers.tier.ravel()) == {"same"}


# --- what is picked must survive being picked ---


def test_one_gap_in_twenty_that_is_there_by_chance_is_not_beyond_doubt():
    rng = np.random.default_rng(8)
    gaps = [measure_group_gap(rng.normal(0, 1, 30), None, rng.normal(0, 1, 30), None) for _ in range(400)]
    plain = [not g.lower <= 0 <= g.upper for g in gaps]
    kept = [
        groups._is_beyond_chance(g)
        for k in range(0, 400, 20)
        for _, g in groups._keep_surviving([[(None, g) for g in gaps[k : k + 20]]])[0]
    ]
    assert 0.02 < np.mean(plain) < 0.09
    assert sum(kept) <= 2
    real = measure_group_gap(rng.normal(2, 1, 30), None, rng.normal(0, 1, 30), None)
    (_, g), *_ = groups._keep_surviving([[(None, real), *((None, g) for g in gaps[:19])]])[0]
    assert groups._is_beyond_chance(g)


def test_shares_that_ran_against_their_bound_have_not_become_alike():
    first, last = np.linspace(0.06, 0.14, 9), np.linspace(0.000, 0.004, 9)
    assert convergence._has_reached_bound(np.column_stack([first, last]))
    assert convergence._has_reached_bound(1 - np.column_stack([first, last]))
    assert not convergence._has_reached_bound(np.column_stack([first, np.linspace(0.4, 0.44, 9)]))


def test_narrower_is_said_of_nothing_that_does_not_survive_the_others():
    rng = np.random.default_rng(9)
    known = catalogue().indicators["ratio_pupils_per_teacher_primary"]
    rows = [
        (known, Text("", ""), measure_convergence([2015, 2024], rng.normal(size=(9, 2)))) for _ in range(400)
    ]
    said = [found.verdict in convergence.SAID for *_, found in rows]
    kept = [found.verdict in convergence.SAID for *_, found in convergence._keep_surviving(rows)]
    assert 0.02 < np.mean(said) < 0.09
    assert sum(kept) <= 3
