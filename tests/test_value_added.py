"""Does value added get the published models right, refuse what it cannot tell, and grade instead of rank?"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import edustats as edu
from edustats.errors import DataError
from edustats.metrics.evaluation.value_added import estimate_value_added, fit_random_intercepts, grade_schools
from edustats.present.records.items import Finding

ORACLES = Path(__file__).resolve().parent.parent.parent / "shared" / "oracles"


def pupils(seed=0, schools=40, each=40, spread=0.3, years=(2024,)):
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, spread, schools)
    parts = []
    for year in years:
        place = np.repeat(np.arange(schools), each)
        prior = rng.normal(0, 1, len(place)) + 0.3 * rng.normal(0, 1, schools)[place]
        score = 0.6 * prior + truth[place] + rng.normal(0, 0.75, len(place))
        parts.append(
            pd.DataFrame(
                {"school": [f"s{k:02d}" for k in place], "year": year, "prior": prior, "score": score}
            )
        )
    return pd.concat(parts, ignore_index=True), truth


@pytest.fixture
def hsb():
    path = ORACLES / "data" / "hsb82.csv"
    if not path.is_file():
        pytest.skip("the published pupils lie outside the project")
    rows = pd.read_csv(path)
    return rows, json.loads((ORACLES / "multilevel_value_added.json").read_text("utf-8"))


def test_pupils_in_schools_are_fitted_as_published(hsb):
    rows, told = hsb
    place = pd.factorize(rows["school"])[0]
    y = rows["mAch"].to_numpy(float)
    empty = fit_random_intercepts(y, np.ones((len(y), 1)), place)
    want = told["hsb_null_REML"]["statsmodels"]
    assert empty.coefficients[0] == pytest.approx(want["intercept"], abs=1e-4)
    assert empty.errors[0] == pytest.approx(want["se"], abs=1e-4)
    assert empty.between == pytest.approx(want["tau00"], rel=2e-3)
    assert empty.within == pytest.approx(want["sigma2"], rel=1e-4)
    assert -2 * empty.loglikelihood == pytest.approx(want["minus2RLL"], abs=0.02)
    assert empty.between / (empty.between + empty.within) == pytest.approx(
        told["hsb_null_REML"]["icc"], abs=0.005
    )
    mean = rows.groupby("school")["ses"].transform("mean").to_numpy(float)
    told_mean = told["hsb_meanses_REML"]["published"]
    more = fit_random_intercepts(y, np.column_stack([np.ones(len(y)), mean]), place)
    # the published intercept belongs to a mean of SES counted from another zero; slope and errors do not
    assert more.coefficients[1] == pytest.approx(told_mean["meanses"], abs=0.002)
    assert more.errors == pytest.approx([told_mean["se"], told_mean["se_meanses"]], abs=0.002)
    assert more.between == pytest.approx(told_mean["tau00"], rel=0.01)
    assert 1 - more.between / empty.between == pytest.approx(
        told["hsb_meanses_REML"]["explained_between"], abs=0.005
    )


def test_effects_are_drawn_towards_zero_and_their_intervals_hold():
    inside, shrunk = [], []
    for seed in range(4):
        rows, truth = pupils(seed)
        found = edu.value_added(rows).schools
        inside.append(((found["lower"] <= truth) & (truth <= found["upper"])).mean())
        shrunk.append(found["effect"].std() < truth.std() * 1.15)
    assert np.mean(inside) > 0.9
    assert all(shrunk)


def test_a_school_of_five_takes_part_and_gets_no_effect_and_no_grade():
    rows, _ = pupils()
    rows = pd.concat([rows[rows["school"] != "s00"], rows[rows["school"] == "s00"].head(5)])
    found = edu.value_added(rows)
    own = found.schools.set_index("school").loc["s00"]
    assert own["pupils"] == 5
    assert np.isnan(own["effect"])
    assert own["grade"] == 0
    assert "small_school" in found.warnings


def test_pupils_without_an_earlier_score_are_left_out_and_counted():
    rows, _ = pupils()
    rows.loc[:199, "prior"] = np.nan
    found = edu.value_added(rows)
    assert found.fit.fit.without_prior == 200
    assert {"without_prior", "many_without_prior"} <= set(found.warnings)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.assign(prior=np.nan),
         "none of the 1600 pupils has an earlier score; no value added can be computed; fill the column prior"),
        (lambda f: f.drop(columns="prior"),
         "the table has no column “prior”; it holds school, year, score; rename or add it"),
        (lambda f: f[f["school"] < "s05"],
         "5 schools hold both scores; at least 10 are needed to compare value added"),
        (lambda f: f.assign(score=80),
         "all values of the column “score” are 80.0; nothing can be computed; check them"),
        (lambda f: f.assign(score="缺考"),
         "the column “score” holds “缺考”; expected a number; correct it, and leave empty what is missing"),
        (lambda f: f.assign(twice=2 * f["prior"]),
         "some of the explaining columns repeat each other; take one out"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_refused_in_one_sentence(change, said):
    rows = change(pupils()[0])
    with pytest.raises(DataError) as caught:
        edu.value_added(rows, allow_for=["twice"] if "twice" in rows else [])
    assert caught.value.text("en") == said


def test_schools_that_do_not_differ_are_not_graded_apart():
    rows, _ = pupils(3, spread=0.0)
    found = edu.value_added(rows)
    assert found.fit.grades in (1, 3)
    assert found.fit.grades == 1 or found.fit.misordered > 0.1


def test_the_stated_misordering_is_what_happens():
    rng, wrong, stated = np.random.default_rng(1), [], []
    for _ in range(60):
        truth, error = rng.normal(0, 1, 40), np.full(40, 0.5)
        trust = 1 / (1 + error**2)
        effect = trust * (truth + rng.normal(0, error))
        grade, _, told = grade_schools(effect, np.sqrt(1 - trust))
        i, j = np.triu_indices(40, 1)
        apart = grade[i] != grade[j]
        wrong.append(np.mean((grade[i] > grade[j])[apart] != (truth[i] > truth[j])[apart]))
        stated.append(told)
    assert np.mean(wrong) == pytest.approx(np.mean(stated), abs=0.015)


def test_needed_growth_is_what_lifts_the_mean_to_the_target():
    rows, _ = pupils()
    found = edu.value_added(rows, target=1.0)
    own = found.schools
    assert (own["expected"] + own["effect"] + own["needed"]).to_numpy() == pytest.approx(1.0)


def test_two_years_tell_how_steady_schools_are_and_one_year_says_so():
    steady = edu.value_added(pupils(years=(2023, 2024), spread=0.5)[0])
    assert steady.stability > 0.8
    assert "one_year" in edu.value_added(pupils()[0]).warnings


def test_the_page_names_the_doubt_and_no_rank():
    found = edu.value_added(pupils()[0])
    said = [i.sentence for i in edu.show_value_added(found, "en") if isinstance(i, Finding)]
    assert said[0].en.startswith("1600 pupils in 40 schools; among pupils with the same start, ")
    assert "grades instead of ranks" in said[1].en
    assert said[-1].en.startswith("Value added is a difference between pupils with the same start")
    assert "增值是入学成绩相同的学生之间的差别" in said[-1].zh


def test_the_order_of_the_rows_changes_nothing():
    rows, _ = pupils()
    mixed = rows.sample(frac=1, random_state=3)
    one, two = (edu.value_added(f).schools["effect"].to_numpy() for f in (rows, mixed))
    assert two == pytest.approx(one, abs=1e-4)


def test_a_trait_that_is_allowed_for_changes_the_expectation():
    rows, _ = pupils()
    place = pd.factorize(rows["school"])[0]
    found = estimate_value_added(
        rows["score"].to_numpy(), place, rows["prior"].to_numpy(), tuple(sorted(set(rows["school"]))),
        np.random.default_rng(1).normal(0, 1, (len(rows), 1)),
    )  # fmt: skip
    assert len(found.fit.coefficients) == 3
    assert "no_context" not in found.warnings
