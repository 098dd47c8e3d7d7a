"""Do the chapters say what a store holds, and in one sentence what it does not?"""

import numpy as np
import pandas as pd
import pytest

import edustats as edu
from edustats.present.records.items import Finding, Table
from edustats.words import DASH


class View:
    """As much of a prefecture's view as the chapter of programmes reads."""

    area, lang, first_year, last_year, counties = "990100", "en", 2020, 2024, ("990101",)

    def __init__(self, rows, name="programmes", units=("A", "B")):
        self.rows_held, self.name, self.units = rows, name, units
        self.store = self

    def register(self, name):
        return self.rows_held if name == self.name else pd.DataFrame()

    def rows(self, part, counties, columns):
        return pd.DataFrame({"unit": list(self.units)})

    def account(self, what):
        from edustats.present.records.items import NO_SOURCE

        return NO_SOURCE

    def trace_register(self, name, columns):
        return self.account(name)


def register(rows, columns=("year", "unit", "name", "major", "major_name", "leavers", "employed")):
    return pd.DataFrame([tuple(map(str, row)) for row in rows], columns=list(columns))


LIST = [
    ("2023学年", "A", "甲校", "730301", "会计", 80, 40), (2024, "A", "甲校", "730301", "会计", 80, 40),
    (2023, "A", "甲校", "710205", "计算机", 80, 70), (2024, "A", "甲校", "710205", "计算机", 80, 40),
    (2023, "B", "乙校", "730301", "会计", 12, 2), (2024, "B", "乙校", "730301", "会计", 12, 2),
    (2024, "B", "乙校", "720301", "护理", 50, 45), (2024, "Z", "别市", "720301", "护理", 50, 1),
]  # fmt: skip


def said(rows, lang="en", **options):
    items = list(edu.show_programmes(View(rows), **options))
    return [i.sentence[lang] for i in items if isinstance(i, Finding)], [
        i for i in items if isinstance(i, Table)
    ]


def test_the_rule_is_told_with_whom_it_closes_watches_and_spares():
    told, (table,) = said(register(LIST))
    assert told == [
        "In 2024 there are 4 programmes (one for each school and subject); the rule “under 60% two years running: "
        "close” is met by 1.",
        "To be closed: A 730301.",
        "Under 60% in this year only, to be watched: 1.",
        "Under 60% in both years, but with fewer than 20 leavers and so not closed: 1.",
        "Against 2023: 1 added, 0 cut, net +1.",
        "2 schools offer 2.0 fields of study each on average.",
    ]
    assert len(table.rows) == 4


def test_chinese_names_schools_and_programmes():
    told, _ = said(register(LIST), "zh")
    assert told[1] == "应停办：甲校 会计。"


def test_a_programme_of_another_prefecture_takes_no_part():
    told, _ = said(register(LIST))
    assert "Z" not in " ".join(told)


def test_industries_are_matched_by_pupils_where_they_are_held():
    columns = ("year", "unit", "name", "major", "major_name", "leavers", "employed", "pupils", "industry")
    rows = [
        (2024, "A", "甲校", "1", "一", 40, 30, 300, "装备制造"),
        (2024, "A", "甲校", "2", "二", 40, 30, 100, ""),
    ]
    told, _ = said(register(rows, columns))
    assert "Programmes that serve key industries make up 75.0% (weighted by pupils)." in told


def test_without_a_list_nothing_is_decided():
    told, tables = said(pd.DataFrame())
    assert told == ["No list of programmes was handed in; nothing is decided."]
    assert not tables


SCHOOLS = [f"s{k:02d}" for k in range(30)]


def scores(years=("2023学年", "2024学年"), schools=SCHOOLS, each=25):
    """Pupils' scores as a bureau keeps them: text, some absent; a pupil's name would be in no column taken over."""
    rng = np.random.default_rng(2)
    added = rng.normal(0, 5, len(schools))
    rows = []
    for year in years:
        for k, code in enumerate(schools):
            prior = rng.normal(70, 10, each if k else 5)
            score = 30 + 0.6 * prior + added[k] + rng.normal(0, 7, len(prior))
            rows += [
                (year, code, f"校{k}", f"{a:.1f}" if a < 88 else "", f"{b:.1f}" if b < 94 else "缺考")
                for a, b in zip(prior, score, strict=True)
            ]
    return pd.DataFrame(rows, columns=["year", "unit", "name", "prior", "score"])


VALUE_ADDED = [
    "695 pupils in 30 schools; among pupils with the same start, 32.9% of the differences lie between schools.",
    "5 grades instead of ranks; two schools in different grades truly stand the other way round with a chance of "
    "about 5%.",
    "8 schools lie above zero with the whole interval, 8 below; the others cannot be told from the mean.",
    "The correlation with the year before is 0.97.",
    "Value added is a difference between pupils with the same start, not all of it a school's doing; homes and intake "
    "are not allowed for; pupils without an earlier score are left out; no result is given for schools with fewer "
    "than 10 pupils.",
]


def told_of_value_added(rows, lang="en", **options):
    items = list(edu.show_school_value_added(View(rows, "pupil_scores", SCHOOLS), **options))
    return [i.sentence[lang] for i in items if isinstance(i, Finding)], [
        i for i in items if isinstance(i, Table)
    ]


def test_value_added_tells_its_model_its_grades_and_its_warnings():
    told, (schools, fit) = told_of_value_added(scores(), target=80.0)
    assert told == VALUE_ADDED
    assert len(schools.rows) == 30
    small = schools.rows[0]
    assert (small[0].zh, small[2].en, small[4]) == ("校0", "too few pupils", DASH)
    assert [row[0].en for row in fit.rows][:2] == [
        "Variance between schools",
        "Variance between pupils of a school",
    ]
    needed = [float(row[5].en) for row in schools.rows[1:] if row[5].en != "※"]
    assert max(needed) > 10


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (pd.DataFrame(), "No list of pupils' scores was handed in; no value added is computed."),
        (scores().assign(prior=""),
         "None of the 721 pupils has an earlier score; no value added can be computed; fill the column prior."),
        (scores(schools=SCHOOLS[:5]),
         "5 schools hold both scores; at least 10 are needed to compare value added."),
        (scores().assign(score="优"),
         "The column “score” holds “优”; expected a number; correct it, and leave empty what is missing."),
    ],
)  # fmt: skip
def test_value_added_that_cannot_be_computed_is_refused_in_one_sentence(rows, said):
    told, tables = told_of_value_added(rows)
    assert told == [said]
    assert not tables


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_list_of_schools_no_effect_is_spoken_of(michigan, lang):
    view = edu.open_prefecture("MI", michigan, lang=lang)
    (only,) = edu.show_effect(view, "", "share_passing_math4")
    assert "unit,first" in only.sentence.en
    assert "学校代码,起始年份" in only.sentence.zh


def test_an_effect_of_the_stores_schools_is_said_with_power_first(michigan, tmp_path):
    view = edu.open_prefecture("MI", michigan, lang="en")
    rows = edu.schools(view.store, "share_passing_math4", None, inside=True)
    whole = rows.dropna(subset="value").groupby("school")["year"].nunique()
    units = sorted(whole[whole == whole.max()].index)[::3]
    path = tmp_path / "joined.csv"
    pd.DataFrame({"unit": units, "first": 1996}).to_csv(path, index=False)
    items = [i for i in edu.show_effect(view, path, "share_passing_math4") if isinstance(i, Finding)]
    assert [i.key for i in items[:3]] == ["effect.power", "effect.verdict", "effect.tests"]
    assert all(number.source.files for number in items[1].numbers)


@pytest.mark.parametrize("name", ["72_value_added", "80_programmes"])
@pytest.mark.parametrize(("rows", "made"), [(register(LIST), 1), (pd.DataFrame(), 0)])
def test_the_chapter_is_made_only_where_its_list_was_handed_in(name, rows, made, tmp_path):
    from pathlib import Path

    from edustats.report.edition.chapters import drop_unfed_chapters
    from edustats.report.edition.plan import ReportArea, make_plan

    notebook = Path(__file__).resolve().parent.parent / "notebooks" / f"{name}.ipynb"
    plan = make_plan([ReportArea("990100", "云汀市", "prefecture")], [notebook], {}, tmp_path, "2024")
    store = View(rows, "programmes" if name.startswith("80") else "pupil_scores")
    store.list_fed = lambda keys: []
    assert len(drop_unfed_chapters(plan, store).jobs) == made
