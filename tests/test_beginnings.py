"""Is a stranger's panel read as meant, however years, codes and the list of who took part are written, or refused?"""

import numpy as np
import pandas as pd
import pytest

import edustats as edu
from edustats.errors import DataError

YEARS = range(2015, 2023)
TOOK = {"c0": 2019, "c1": 2019, "c2": 2019}


def panel(units=9, ids=None):
    rng = np.random.default_rng(0)
    level = rng.normal(50, 2, units)
    return pd.DataFrame(
        [(ids[k] if ids else f"c{k}", year, level[k] + rng.normal()) for k in range(units) for year in YEARS],
        columns=["area", "year", "value"],
    )


def estimate(frame, began=None):
    return edu.effect(frame, TOOK if began is None else began).summary.iloc[0]


PLAIN = estimate(panel())["effect"]


@pytest.mark.parametrize(
    "write",
    [
        lambda f: f.assign(year=f["year"].astype(str)),
        lambda f: f.assign(year=f["year"].astype(str) + "学年"),
        lambda f: f.assign(year=f["year"].map(lambda y: f"{y}-{y + 1}学年")),
        lambda f: f.assign(year=f["year"].astype(float)),
        lambda f: f.assign(year=pd.to_datetime(f["year"].astype(str) + "-09-01")),
        lambda f: f.assign(value=f["value"].astype(str)),
        lambda f: f.assign(area=f["area"] + " "),
        lambda f: f.rename(columns={"area": "unit"}),
        lambda f: f.sample(frac=1, random_state=1),
    ],
)
def test_the_same_panel_written_otherwise_gives_the_same_effect(write):
    assert estimate(write(panel()))["effect"] == pytest.approx(PLAIN)


@pytest.mark.parametrize(
    "began",
    [
        pd.Series(TOOK),
        pd.DataFrame({"unit": list(TOOK), "first": [2019.0] * 3, "last": [np.nan, 2022, 2030]}),
        pd.DataFrame({"first": ["2019年"] * 3, "学校代码": list(TOOK)}),
        {**TOOK, "c5": 0},
        {**TOOK, "c5": 2040},
    ],
)
def test_the_same_list_written_otherwise_gives_the_same_effect(began):
    assert estimate(panel(), began)["effect"] == pytest.approx(PLAIN)


@pytest.mark.parametrize(
    ("mark", "encoding"), [(",", "gb18030"), (";", "utf-8"), ("\t", "utf-16"), (",", "utf-8-sig")]
)
def test_a_file_is_read_as_offices_save_it(mark, encoding, tmp_path):
    rows = [
        ("学校标识码", "学校名称", "加入年份"),
        *((c, "学校", "2019-2020学年") for c in TOOK),
        ("", "", ""),
    ]
    path = tmp_path / "名单.csv"
    path.write_text("\n".join(mark.join(row) for row in rows), encoding)
    assert estimate(panel(), path)["effect"] == pytest.approx(PLAIN)


def test_a_workbook_is_read_and_its_rows_are_counted_as_seen(tmp_path):
    path = tmp_path / "名单.xlsx"
    pd.DataFrame({"学校代码": list(TOOK), "起始年份": [2019] * 3}).to_excel(path, index=False)
    assert estimate(panel(), path)["effect"] == pytest.approx(PLAIN)
    pd.DataFrame({"学校代码": ["c0", "c1"], "起始年份": [2019, "去年"]}).to_excel(path, index=False)
    with pytest.raises(DataError) as caught:
        estimate(panel(), path)
    assert caught.value.text("zh") == (
        "名单.xlsx 第3行“first”列为“去年”，应为四位年份，例如 2022；从未实行的填0，请补正"
    )


def test_codes_that_are_numbers_are_the_same_codes():
    for ids in (
        list(range(100, 109)),
        [float(n) for n in range(100, 109)],
        [str(n) for n in range(100, 109)],
    ):
        for began in (
            {100: 2019, 101: 2019, 102: 2019},
            pd.DataFrame({"unit": [100, 101, 102], "first": 2019}),
        ):
            assert estimate(panel(ids=ids), began)["effect"] == pytest.approx(PLAIN)


def test_a_column_of_the_frame_says_who_took_part_and_when():
    frame = panel()
    took = frame["area"].isin(TOOK)
    frame["on"] = (took & (frame["year"] >= 2019)).astype(int)
    frame["first"] = np.where(took, 2019, 0)
    assert estimate(frame, "on")["effect"] == pytest.approx(PLAIN)
    assert estimate(frame, "first")["effect"] == pytest.approx(PLAIN)


OFF = (
    "column “on”: c0 stopped after 2019; a measure that is switched off cannot be evaluated so; take the unit out, or "
    "end in 2019"
)


@pytest.mark.parametrize(
    ("change", "began", "said"),
    [
        (lambda f: f.assign(year=["去年", *f["year"][1:]]), TOOK,
         "row 1, column year: found “去年”, expected a year of four digits such as 2022; correct it"),
        (lambda f: f.assign(year=[np.nan, *f["year"][1:]]), TOOK,
         "row 1, column year: found “—”, expected a year of four digits such as 2022; correct it"),
        (lambda f: f.assign(area=[*f["area"][:-1], None]), TOOK,
         "row 72, column “area”: found nothing, expected a code; fill it or delete the row"),
        (lambda f: f.assign(value=["缺报", *f["value"][1:]]), TOOK,
         "the column “value” holds “缺报”; expected a number; correct it, and leave empty what is missing"),
        (lambda f: pd.concat([f, f.head(1)]), TOOK, "c0 has two rows in 2015; expected one; delete the other"),
        (lambda f: f.assign(year=f["year"].astype(str) + "年", area="c0"), TOOK,
         "c0 has two rows in 2015; expected one; delete the other"),
        (lambda f: f.assign(on=(f["area"].eq("c0") & f["year"].isin([2018, 2019, 2022])).astype(int)), "on", OFF),
        (lambda f: f.assign(on=f["year"]), "on",
         "the column “on” should hold 0 and 1, or one first year for each unit (0: never); c0 does not, correct it"),
        (lambda f: f, ["c0", "c1"],
         "the list of who took part is a list; expected a mapping of unit to first year, a frame or the path of a "
         "file"),
        (lambda f: f, {"c0": np.nan},
         "—, row 1, column first: found “—”, expected a year of four digits such as 2022, or 0 for never; correct it"),
        (lambda f: f, pd.DataFrame({"unit": ["c0"], "first": [2018], "last": [2020]}),
         "—, row 2: c0 stopped after 2020; a measure that is switched off cannot be evaluated so; take the unit out of "
         "data and list, or end in 2020"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_sentence(change, began, said):
    with pytest.raises(DataError) as caught:
        edu.effect(change(panel()), began)
    assert caught.value.text("en") == said


@pytest.mark.parametrize(
    ("change", "began", "reason"),
    [
        (lambda f: f, {f"c{k}": 2019 for k in range(9)}, "no_comparison"),
        (lambda f: f, {f"c{k}": 2015 for k in range(3)}, "always"),
        (lambda f: f[f["year"] >= 2018], TOOK, "one_before"),
        (lambda f: f[~(f["year"].isin([2016, 2020]) & ~f["area"].isin(TOOK))], TOOK, "no_complete"),
        (lambda f: f.drop(index=[0, 30, 50]), TOOK, "too_few_ways"),
        (lambda f: f.assign(value=3), TOOK, "no_change"),
        (lambda f: f, {}, "nobody"),
        (lambda f: f, {"c99": 2019}, "nobody"),
    ],
)
def test_a_strangers_panel_that_carries_no_effect_is_refused_by_its_reason(change, began, reason):
    found = edu.effect(change(panel()), began)
    assert found.summary["reason"].item() == reason
    assert np.isnan(found.summary["effect"].item())


# --- schools in areas ---


def schools(seed, took, each=20, areas=9, effect=0.0):
    """Schools whose area strays as a whole; ``took``: of area and school, whether it took part."""
    rng = np.random.default_rng(seed)
    area, school = np.divmod(np.arange(areas * each), each)
    first = np.where(took(area, school), 2019, 0)
    years = np.array(YEARS)
    stray = rng.normal(0, 1, (areas, len(years))).cumsum(axis=1)[area] + rng.normal(
        0, 1, (len(area), len(years))
    )
    values = stray + effect * ((first[:, None] > 0) & (years >= 2019))
    names = [f"s{k:03d}" for k in range(len(area))]
    frame = pd.DataFrame(
        {
            "area": np.repeat(area, len(years)), "school": np.repeat(names, len(years)),
            "year": np.tile(years, len(area)), "value": values.ravel(),
        }
    )  # fmt: skip
    return frame, {names[k]: 2019 for k in np.flatnonzero(first)}


def test_where_whole_areas_took_part_the_areas_are_compared_and_not_their_schools():
    found = [edu.effect(*schools(seed, lambda area, school: area < 3)) for seed in range(40)]
    assert all(one.by_area and (one.estimate.treated, one.estimate.others) == (3, 6) for one in found)
    assert np.mean([one.estimate.comparison.t_p <= 0.05 for one in found]) <= 0.15
    assert np.mean([one.estimate.verdict in ("higher", "lower") for one in found]) <= 0.05


def test_a_single_county_is_described_as_a_county_and_not_by_its_schools():
    frame, began = schools(1, lambda area, school: area == 0)
    found = edu.effect(frame, began)
    assert (found.by_area, found.estimate.reason, len(found.panel[2])) == (True, "too_few_ways", 9)


def test_where_those_who_took_part_crowd_in_few_areas_nothing_is_put_down_to_the_measure():
    found = [
        edu.effect(*schools(s, lambda area, school: (area < 2) | (area == 2) & (school < 2)))
        for s in range(10)
    ]
    assert all(one.estimate.crowded and not one.by_area for one in found)
    assert {one.estimate.verdict for one in found} <= {"crowded", "cannot_tell"}


def test_schools_are_compared_with_those_of_their_own_area_where_there_are_any():
    found = [
        edu.effect(*schools(s, lambda area, school: (school < 4) | (area < 3) & (school < 16)))
        for s in range(60)
    ]
    assert all(one.estimate.within for one in found)
    inside = [one.estimate.comparison.lower <= 0 <= one.estimate.comparison.upper for one in found]
    assert np.mean(inside) >= 0.9  # with what befell three areas in it the t would hold about half


def test_within_areas_the_difference_is_that_of_each_areas_means():
    frame, began = schools(1, lambda area, school: (school < 3) & (area < 8), areas=8, each=7)
    table = frame.assign(after=frame["year"] >= 2019, took=frame["school"].isin(list(began)))
    means = table.groupby(["area", "took", "after"])["value"].mean().unstack("after")
    change = (means[True] - means[False]).unstack("took")
    found = edu.effect(frame, began).summary.iloc[0]
    assert found["effect"] == pytest.approx((change[True] - change[False]).mean())
    assert found["change"] == pytest.approx(change[True].mean())
    assert found["change_others"] == pytest.approx(change[False].mean())
    assert found["all_units_effect"] == pytest.approx(found["effect"])


def test_schools_spread_over_the_areas_are_compared_as_schools():
    found = edu.effect(*schools(1, lambda area, school: school % 3 == 0, effect=3.0))
    assert (found.by_area, found.estimate.crowded, found.estimate.verdict) == (False, False, "higher")
