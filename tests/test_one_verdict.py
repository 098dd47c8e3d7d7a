"""Is a county's verdict the same on its own page, on the brief, and in the data frame of all counties?"""

import numpy as np
import pytest
from own_tables import OWN_MAPPING

import edustats as edu
from edustats.load.tables.reader import load
from edustats.metrics.trend.tiers import name_tier
from edustats.present.brief.facts import collect_facts
from edustats.present.county.series import build_history
from edustats.store.writing import write_store

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
    write_store(load(own("\n".join(lines) + "\n", OWN_MAPPING)), tmp_path / "store")
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
