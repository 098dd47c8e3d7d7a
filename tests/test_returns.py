"""Do returns come out as what was written into them: every row, every figure, every planted oddity?"""

import json

import numpy as np
import pandas as pd
import pytest
from returns_made import ROWS, listed, prefecture

from edustats.catalogue import catalogue
from edustats.errors import DataError
from edustats.example.returns import write_example
from edustats.example.workbooks import Page, write_xlsx
from edustats.load.files.values import KINDS
from edustats.load.reading import county_codes as divisions
from edustats.load.reading.headers import find, label
from edustats.load.returns.forms import forms, read_forms
from edustats.load.returns.reader import load_returns
from edustats.load.returns.sheets import year_of

NOT_APPLICABLE = KINDS.index("not_applicable")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    home = tmp_path_factory.mktemp("prefecture")
    return home, load_returns([prefecture(home)])


def test_rows_read_are_rows_loaded_and_rows_set_aside_on_every_sheet(small):
    _, loaded = small
    assert len(loaded.ledger) > 300
    assert all(e.read == e.loaded + len(e.aside) for e in loaded.ledger)
    assert all(raw for e in loaded.ledger for _, _, raw in e.aside)


def test_a_golden_county_has_the_totals_that_were_written(small):
    home, loaded = small
    truth = pd.read_parquet(home / "truth.parquet")
    wrong = {p["unit"] for p in json.loads((home / "planted.json").read_text("utf-8")) if p["sort"] != "read"}
    for county in ("990122", "990102"):
        own = loaded.tidy[(loaded.tidy["county"] == county) & ~loaded.tidy["unit"].isin(wrong)]
        told = truth[(truth["county"] == county) & ~truth["unit"].isin(wrong)]
        for column in (
            "pupils_primary",
            "pupils_junior",
            "children",
            "teachers_primary",
            "classes_junior",
            "books",
        ):
            given = own.groupby("year")[column].sum()
            if column == "books":  # the lists of other counties do not ask it of every kind of school
                kinds = ["211", "218", "311", "312", "341", "342", "345"]
                own, told = own[own["school_type"].isin(kinds)], told[told["kind"].isin(kinds)]
                given = own.groupby("year")[column].sum()
            pd.testing.assert_series_equal(
                given, told.groupby("year")[column].sum(), check_dtype=False, check_index_type=False
            )  # fmt: skip


def test_money_in_ten_thousands_arrives_in_yuan(small):
    home, loaded = small
    truth = pd.read_parquet(home / "truth_counties.parquet")
    own = loaded.tidy[(loaded.tidy["unit"] == "990121") & (loaded.tidy["year"] == 2020)]
    told = truth[(truth["county"] == "990121") & (truth["year"] == 2020)]
    assert own["gdp"].iloc[0] == pytest.approx(told["gdp"].iloc[0] * 1e4)


def test_a_county_with_a_new_code_keeps_its_years_together(small):
    _, loaded = small
    assert "990123" not in set(loaded.tidy["county"])
    own = loaded.tidy[(loaded.tidy["unit"] == "990104")]
    assert sorted(own["year"]) == [2019, 2020, 2021, 2022]
    assert {"year": 2020, "area": "990104"} in [dict(b) for b in loaded.mapping.breaks]


def test_a_primary_school_has_no_junior_pupils_and_says_not_applicable(small):
    _, loaded = small
    primary = (loaded.tidy["school_type"] == "211").to_numpy()
    assert (loaded.kinds.loc[primary, "pupils_junior"] == NOT_APPLICABLE).all()
    county = (loaded.tidy["unit"] == loaded.tidy["county"]).to_numpy()
    assert (loaded.kinds.loc[county, "pupils_primary"] == NOT_APPLICABLE).all()
    assert (loaded.kinds.loc[~county, "gdp"] == NOT_APPLICABLE).all()


def test_a_through_school_is_split_by_the_official_weights(small):
    _, loaded = small
    nine = loaded.tidy[(loaded.tidy["school_type"] == "312") & loaded.tidy["books"].notna()]
    a, b = nine["pupils_primary"], nine["pupils_junior"]
    np.testing.assert_allclose(nine["books_primary"], nine["books"] * a / (a + 1.1 * b))
    np.testing.assert_allclose(nine["books_primary"] + nine["books_junior"], nine["books"])


def test_a_teaching_point_is_marked_and_stays(small):
    _, loaded = small
    points = loaded.tidy[loaded.tidy["school_type"] == "218"]
    assert (points["site"] == "point").all()
    assert (points["pupils_primary"] < 50).any()


def test_registers_keep_their_rows_as_they_come(small):
    _, loaded = small
    assert len(loaded.registers["projects"]) == 140
    assert set(loaded.registers) == {"programmes", "projects", "targets", "given_ranks"}
    assert loaded.registers["programmes"]["leavers"].str.fullmatch(r"\d+").all()


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    from returns_made import plan

    from edustats.example.world import make_world

    world = make_world(plan() | {"years": [2020, 2021]})
    write_example(tmp_path / "a", world)
    write_example(tmp_path / "b", make_world(plan() | {"years": [2020, 2021]}))
    a, b = (
        {p.relative_to(h): p.read_bytes() for p in h.rglob("*.xlsx")}
        for h in (tmp_path / "a", tmp_path / "b")
    )
    assert a == b
    assert len(a) > 60


@pytest.mark.slow
def test_every_planted_oddity_of_the_whole_prefecture_is_found_and_nothing_else(tmp_path):
    from edustats.example.judge import score_detection

    write_example(tmp_path)
    verdict = score_detection(load_returns([tmp_path / "returns"]), tmp_path)
    assert verdict.planted >= 55
    assert verdict.missed == []
    assert verdict.false_alarms == []


def test_a_campus_that_is_not_counted_is_added_to_its_main_school(tmp_path):
    path = listed(tmp_path)
    from returns_made import page

    made = page()
    for row, extra in zip(
        made.rows[1:],
        [["是否计校数", "本部标识码"], [None, None], ["1", None], ["1", None], ["0", "2199000001"]],
        strict=True,
    ):
        row += extra
    made.rows[5][3] = "211"
    write_xlsx(path, [made])
    tidy = load_returns([path]).tidy.set_index("unit")
    assert list(tidy.index) == ["2199000001", "2199000002"]
    assert tidy.loc["2199000001", "pupils_primary"] == 312
    assert tidy.loc["2199000001", "books"] == 6200
    assert tidy.loc["2199000001", "unit_name"] == "甲村小学"


def test_columns_are_found_by_their_words_wherever_they_stand(tmp_path):
    path = listed(tmp_path)
    from returns_made import page

    made = page()
    made.rows = [
        [*row[:4], row[7] if len(row) > 7 else None, *row[4:7]] if i else row
        for i, row in enumerate(made.rows)
    ]
    made.merged = [(1, 0, 2, 0), (1, 4, 2, 4), (1, 5, 1, 6)]
    write_xlsx(path, [made])
    tidy = load_returns([path]).tidy
    assert tidy["pupils_primary"].tolist() == [300, 520, 12]
    assert tidy["books"].tolist() == [6000, 9000, 200]


def test_a_column_that_fits_twice_is_not_read_and_is_named(tmp_path):
    path = listed(tmp_path)
    from returns_made import page

    made = page()
    made.rows[1] += ["图书"]
    for row in made.rows[3:]:
        row += [1]
    write_xlsx(path, [made])
    loaded = load_returns([path])
    assert "books" not in loaded.tidy
    found = loaded.findings[loaded.findings["rule"] == "two_columns"]
    assert found["expected"].tolist() == ["H, I"]


def test_the_unit_in_the_header_counts_and_an_unknown_one_is_refused(tmp_path):
    from returns_made import page

    path = listed(tmp_path)
    made = page([[*row[:7], row[7] / 10000] for row in ROWS])
    made.rows[1][7] = "图书（万册）"
    write_xlsx(path, [made])
    assert load_returns([path]).tidy["books"].tolist() == [6000, 9000, 200]
    made.rows[1][7] = "图书（万元）"
    write_xlsx(path, [made])
    with pytest.raises(DataError, match="万元"):
        load_returns([path])


@pytest.mark.parametrize(
    ("change", "rule", "reason"),
    [
        ("219900001", "school_code", "no_code"), ("2.19E+09", "school_code", "no_code"),
        ("2019-09-01", "school_code", "no_code"), ("9999000001", "school_code", "no_code"),
        ("2199000002", "duplicate_unit", "duplicate"),
    ],
)  # fmt: skip
def test_a_row_whose_code_is_none_is_set_aside_with_its_text_and_a_sentence(tmp_path, change, rule, reason):
    rows = [list(row) for row in ROWS]
    rows[2][0] = change
    loaded = load_returns([listed(tmp_path, rows)])
    found = loaded.findings[loaded.findings["rule"] == rule].iloc[0]
    assert (found["file"], found["cell"], found["value"]) == ("990102小学.xlsx", "A6", change)
    assert change in found["en"]
    assert ("丙村教学点" in raw and why == reason for e in loaded.ledger for _, why, raw in e.aside)
    assert len(loaded.tidy) == 2


def test_a_county_nobody_knows_is_not_guessed_from_the_name_of_the_file(tmp_path):
    rows = [list(row) for row in ROWS]
    rows[0][2] = "外星县"
    loaded = load_returns([listed(tmp_path, rows)])
    assert "外星县" in loaded.findings.loc[loaded.findings["rule"] == "county_unknown", "en"].iloc[0]
    assert len(loaded.tidy) == 2


REAL = """[counties]
990102 = { zh = "汀阳区", en = "T" }
430204 = { zh = "石峰区", en = "Shifeng" }
430299 = { zh = "新区", en = "New" }
330283 = { zh = "奉化市", en = "Fenghua" }
"""


def findings_of(folder, code, year):
    """What is found in a list whose first school names its county by a code."""
    rows = [list(row) for row in ROWS]
    rows[0][2] = code
    path = listed(folder, rows, title=f"{year}/{year + 1}学年初小学分校一览表")
    (folder / "returns.toml").write_text(REAL, "utf-8")
    return load_returns([path]).findings


@pytest.mark.parametrize(
    ("code", "year", "rule", "told"),
    [
        ("430221", 2021, "county_code_elsewhere", "株洲县"),
        ("430299", 2015, "county_code_unlisted", "1980-12"),
        ("330283", 2020, "county_code_past", "330213 奉化区"),
        ("439999", 2021, "county_unknown", "439999"),
    ],
)
def test_a_countys_code_is_held_against_the_national_lists(tmp_path, code, year, rule, told):
    found = findings_of(tmp_path, code, year)
    own = found[found["rule"] == rule].iloc[0]
    assert (own["value"], own["row"]) == (code, 4)
    assert told in own["zh"]
    assert told in own["en"]


def test_a_code_in_use_is_no_finding(tmp_path):
    for code in ("430204", "430299"):  # the second is newer than the lists: the bureau's to know
        found = findings_of(tmp_path, code, 2021)
        assert set(found["rule"]) == {"county_absent"}  # the others that the page names
        assert code not in set(found["county"])


def test_the_lists_know_every_county_of_china_and_when_each_code_came_and_went():
    held = [county for code in divisions._lists() for county in divisions.listed(code)]
    assert sum(not county.last for county in held) == 2851  # as the ministry counted them at the end of 2018
    assert all(county.first <= (county.last or "2019-04") for county in held)
    assert divisions.question("330283", 2016) == ("", "")
    assert divisions.question("330283", 2019)[0] == "county_code_past"
    assert divisions.question("990102", 1700) == ("", "")


def test_a_line_of_totals_that_its_schools_do_not_make_is_named(tmp_path):
    right, wrong = (
        ["合计", None, None, None, 832, 395, 50, 15200],
        ["合计", None, None, None, 840, 395, 50, 15200],
    )
    assert load_returns([listed(tmp_path, [*ROWS, right])]).findings.empty
    told = load_returns([listed(tmp_path, [wrong, *ROWS])]).findings
    assert told[["rule", "cell", "value", "expected"]].to_numpy().tolist() == [
        ["total_row", "E4", "840", "832"]
    ]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2020/2021学年初", 2020),
        ("２０２１—２０２２学年初", 2021),
        ("2019年教育经费", 2019),
        ("990102小学", 0),
        ("1号", 0),
    ],
)
def test_the_school_year_is_the_one_in_which_it_begins(text, year):
    assert year_of(text) == year


def test_labels_lose_breaks_spaces_and_the_mark_of_an_item():
    assert {label(t) for t in ("总　计", "总  计_x000D_", "总\n计", "#总计")} == {"总计"}
    assert label("其中：女") == "女"


def test_an_exact_path_goes_before_a_longer_one():
    paths = [("在校生数", "合计"), ("班数", "合计"), ("合计",)]
    assert find(paths, "合计") == [2]
    assert find(paths, "在校生数/合计") == [0]
    assert find(paths, "没有") == []


@pytest.mark.parametrize("form", [*forms().lists, *forms().grids.values()], ids=lambda f: f.key)
def test_every_form_fills_declared_columns_and_names_each_path_once(form):
    known = catalogue().columns
    assert all(f.column in known or f.column.startswith("fact_") for f in form.figures)
    assert len({f.column for f in form.figures}) == len(form.figures)
    assert form.title


@pytest.mark.parametrize("code", ["9901", "990100", "99010A", "099012"])
def test_a_county_code_that_cannot_be_one_is_refused(tmp_path, code):
    path = listed(tmp_path)
    (tmp_path / "returns.toml").write_text(f'[counties]\n{code} = {{ zh = "甲", en = "A" }}\n', "utf-8")
    with pytest.raises(DataError, match=code):
        load_returns([path])


def test_two_codes_of_one_place_are_one_county(tmp_path):
    path = listed(tmp_path)
    page = '[counties]\n990102 = { zh = "汀阳区", en = "T" }\n'
    page += '[[changes]]\nyear = 2020\nfrom = "990102"\nto = "990109"\n'
    (tmp_path / "returns.toml").write_text(page, "utf-8")
    assert set(load_returns([path]).tidy["county"]) == {"990109"}


def test_next_years_form_is_a_new_entry_and_no_new_code(tmp_path):
    (tmp_path / "new.toml").write_text(
        '["教基9999"]\nkind = "grid"\ntitle = "小学学生数"\n'
        '["教基9999".columns]\npupils_primary = "总计 @ 在校生数"\n',
        "utf-8",
    )
    assert read_forms(tmp_path).grids["教基9999"].figures[0].column == "pupils_primary"


OWN_LIST = """
[roll]
kind = "list"
title = "小学花名册"
words = ["小学"]
[roll.keys]
unit = "代码"
name = "校名"
county = "县区"
[roll.columns]
pupils_primary = "在册人数"
"""


def test_a_bureaus_own_form_lies_beside_its_returns(tmp_path):
    rows = [
        ["2021年小学花名册"],
        ["代码", "校名", "县区", "在册人数"],
        ["2199000001", "甲村小学", "汀阳区", 300],
    ]
    listed(tmp_path).unlink()
    write_xlsx(tmp_path / "a.xlsx", [Page(name="小学", rows=rows)])
    with_none = load_returns([tmp_path])
    assert "pupils_primary" not in with_none.tidy
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "own.toml").write_text(OWN_LIST, "utf-8")
    assert load_returns([tmp_path]).tidy["pupils_primary"].tolist() == [300]
