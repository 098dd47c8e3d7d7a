"""Does the closing rule decide every case of its conventions as worked by hand, and refuse damaged lists?"""

import numpy as np
import pandas as pd
import pytest

import edustats as edu
from edustats.errors import DataError, ParameterError
from edustats.metrics.evaluation.programmes import estimate_chance_under, match_share

NAN = float("nan")
# (leavers and employed of the year before and the year judged), further study in both, convention, least, verdict
TRUTH = [
    ((100, 59), (100, 59), None, "ignored", 20, "close"),
    ((100, 60), (100, 59), None, "ignored", 20, "watch"),  # exactly on the line is not under it
    ((100, 59), (100, 60), None, "ignored", 20, "keep"),
    ((100, 80), (100, 80), None, "ignored", 20, "keep"),
    ((100, 59), (100, 80), None, "ignored", 20, "keep"),
    ((NAN, NAN), (100, 59), None, "ignored", 20, "missing"),  # a missing year is not a year under the line
    ((NAN, NAN), (100, 80), None, "ignored", 20, "keep"),
    ((100, 59), (NAN, NAN), None, "ignored", 20, "missing"),
    ((100, NAN), (100, 59), None, "ignored", 20, "missing"),
    ((0, 0), (100, 59), None, "ignored", 20, "missing"),  # nobody left: no rate
    ((19, 5), (100, 59), None, "ignored", 20, "too_small"),
    ((100, 5), (19, 5), None, "ignored", 20, "too_small"),
    ((20, 11), (20, 11), None, "ignored", 20, "close"),
    ((19, 5), (19, 5), None, "ignored", 10, "close"),
    ((5, 3), (5, 3), None, "ignored", 1, "keep"),  # three of five is 60 %
    ((100, 50), (100, 50), (30, 30), "ignored", 20, "close"),
    ((100, 50), (100, 50), (30, 30), "employed", 20, "keep"),
    ((100, 50), (100, 50), (10, 9), "employed", 20, "watch"),
    ((100, 50), (100, 50), (30, 30), "left_out", 20, "keep"),  # 50 of 70
    ((100, 40), (100, 40), (30, 30), "left_out", 20, "close"),  # 40 of 70
    (
        (100, 20),
        (100, 5),
        (70, 85),
        "left_out",
        20,
        "too_small",
    ),  # 5 of 15 are left, 20 of 30 the year before
]


def table(before, now, studying=None):
    rows = [("A", "710205", 2023, *before), ("A", "710205", 2024, *now)]
    frame = pd.DataFrame(rows, columns=["school", "programme", "year", "leavers", "employed"])
    if studying:
        frame["studying"] = studying
    return frame[frame["leavers"].notna() | (frame["year"] == 2024)]


@pytest.mark.parametrize(("before", "now", "studying", "convention", "least", "verdict"), TRUTH[:-1])
def test_every_convention_decides_as_worked_by_hand(before, now, studying, convention, least, verdict):
    found = edu.programmes(table(before, now, studying), further_study=convention, least_leavers=least)
    assert found["verdict"].tolist() == [verdict]


def test_leavers_who_study_on_can_make_a_programme_too_small():
    frame = table((100, 10), (100, 5), (70, 85))
    assert edu.programmes(frame, further_study="left_out")["verdict"].tolist() == ["too_small"]


def test_years_are_neighbours_and_not_merely_the_last_two_held():
    frame = table((100, 50), (100, 50)).replace({"year": {2023: 2022}})
    assert edu.programmes(frame)["verdict"].tolist() == ["missing"]


def test_the_line_is_compared_in_whole_persons():
    frame = table((1000, 599), (1000, 599))
    assert edu.programmes(frame)["verdict"].item() == "close"
    assert edu.programmes(frame, line="0.599")["verdict"].item() == "keep"


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda f: pd.concat([f, f.tail(1)]), {},
         "A, programme 710205 has two rows in 2024; expected one; merge or delete"),
        (lambda f: f.assign(employed=101), {},
         "A, programme 710205, 2023: 101 employed of 100 leavers; employed and studying cannot exceed leavers; "
         "check them"),
        (lambda f: f.assign(employed="多数"), {},
         "the column “employed” holds “多数”; expected a number; correct it, and leave empty what is missing"),
        (lambda f: f.drop(columns="leavers"), {},
         "the table has no column “leavers”; it holds school, programme, year, employed; rename or add it"),
        (lambda f: f, {"further_study": "left_out"},
         "further study is to be “left_out”, but the data hold nobody who studies on; add the column or "
         "choose ignored"),
        (lambda f: f, {"further_study": "both"},
         "further study is “both”; expected one of ignored, left_out, employed"),
        (lambda f: f, {"line": "60"}, "the line is “60”; expected a share between 0 and 1 such as 0.6"),
        (lambda f: f.assign(school=["A", None]), {},
         "row 2, column “school”: found nothing, expected a code; fill it or delete the row"),
        (lambda f: f.assign(year=["去年", "2024学年"]), {},
         "row 1, column year: found “去年”, expected a year of four digits such as 2022; correct it"),
        (lambda f: f.head(0), {}, "the table holds no row; check years and areas"),
    ],
)  # fmt: skip
def test_a_damaged_list_is_refused_in_one_sentence(change, options, said):
    with pytest.raises((DataError, ParameterError)) as caught:
        edu.programmes(change(table((100, 50), (100, 50))), **options)
    assert caught.value.text("en") == said


WORLDS = {
    "one rate": lambda rng: np.full(65, 0.75),
    "two rates": lambda rng: np.where(rng.random(65) < 0.3, 0.5, 0.8),
    "two kinds": lambda rng: np.where(
        rng.random(65) < 0.3, rng.normal(0.55, 0.06, 65), rng.normal(0.85, 0.05, 65)
    ).clip(0.05, 0.99),
    "one kind": lambda rng: rng.beta(8, 3, 65),
}


@pytest.mark.parametrize("world", WORLDS)
def test_a_stated_chance_is_how_often_it_is_so(world):
    rng, stated, true = np.random.default_rng(5), [], []
    for _ in range(40):
        rate, leavers = WORLDS[world](rng), rng.integers(12, 160, 65)
        stated.append(
            estimate_chance_under(rng.binomial(leavers, rate).astype(float), leavers.astype(float), 0.6)
        )
        true.append(rate < 0.6)
    p, hit = np.concatenate(stated), np.concatenate(true)
    off = [abs((p - hit)[(p * 5).astype(int).clip(0, 4) == k].sum()) for k in range(5)]
    assert sum(off) / len(p) < 0.03


def test_a_small_programme_is_less_sure_than_a_large_one_of_the_same_rate():
    leavers = np.array([5.0, 200, 100, 100, 100, 100])
    chance = estimate_chance_under(np.array([2.0, 80, 80, 85, 90, 75]), leavers, 0.6)
    assert 0.02 < chance[0] < chance[1]
    assert chance[1] > 0.99


def test_the_match_is_weighted_by_pupils_and_unknown_programmes_take_no_part():
    assert match_share(np.array([1.0, 0, np.nan]), np.array([300.0, 100, 50])) == 0.75
    assert np.isnan(match_share(np.array([1.0]), np.array([0.0])))
