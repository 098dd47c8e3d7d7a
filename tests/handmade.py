"""A prefecture of five counties made by hand: every verb has something to say of it, and no two answers are alike.

Numbers follow a few rules that a reader can work out. 甲县 is the one looked at:

* its primary pupils fall by 40 a year, its teachers stay: pupils per teacher fall, and so does everything counted;
* its villages (two schools of four) have a third fewer books a pupil than its towns;
* 乙县 reports no books: a peer is missing, and a missing peer is not nought;
* 丙县 teaches no junior secondary stage;
* 丁县 is large: its sums of money and its places pass ten thousand and a hundred million.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from invented import ABSENT, COUNTY, OK, PER_PUPIL, loaded

from edustats.catalogue import catalogue
from edustats.load.loaded import Group, Loaded
from edustats.words import Text

YEARS = range(2017, 2025)
AREAS = (("991101", "甲县", "County A"), ("991102", "乙县", "County B"), ("991103", "丙县", "County C"),
         ("991104", "丁县", "County D"), ("991105", "戊县", "County E"))  # fmt: skip
SIZE = {"991101": 1.0, "991102": 1.2, "991103": 0.5, "991104": 8.0, "991105": 0.8}
LEVEL = {"991101": 1.0, "991102": 1.15, "991103": 0.9, "991104": 1.3, "991105": 0.8}
"""Resources of a county for each pupil, beside the common level."""
SPREAD = (0.45, 0.95, 1.2, 1.4)
"""Resources of a county's four schools of a stage, beside its mean."""
JUNIOR_WITHOUT, BOOKS_WITHOUT = "991103", "991102"
FIRST_PUPILS, FEWER = 400, 10
"""Primary pupils of each of 甲县's schools in 2017, and how many fewer a year."""
STAFF = {
    "posts_compulsory": 150, "staff_on_posts": 156, "teachers_part_time": 7, "teachers_substitute": 3,
    "teachers_recruited": 12, "recruited_graduates": 7, "recruited_state_funded": 3, "recruited_special_post": 2,
    "promoted_senior": 9, "promoted_with_rural_service": 5, "pupils_in_need": 130, "pupils_aided": 117,
    "aid_funds": 93_600,
}  # fmt: skip
PLACE = Group(key="place", name=Text("城乡", "location"), high=Text("城镇学校", "schools in towns"),
              low=Text("乡村学校", "schools in villages"))  # fmt: skip
AGES = dict(zip(("le_24", "25_29", "30_34", "35_39", "40_44", "45_49", "50_54", "55_59", "60_65",
                 "ge_66"), (6, 14, 21, 30, 26, 24, 19, 10, 3, 1), strict=True))  # fmt: skip


def make_prefecture() -> Loaded:
    """The prefecture as a loader would hand it over."""
    rows = [one for code, _, _ in AREAS for year in YEARS for one in _rows_of(code, year)]
    tidy = pd.DataFrame(rows)
    known = catalogue()
    attributes = [name for name in known.attributes if name in tidy]
    tidy[attributes] = tidy[attributes].fillna("")
    tidy = tidy.assign(file="invented.csv", row=np.arange(len(tidy)) + 2)
    columns = [name for name in tidy if name in known.columns]
    kinds = pd.DataFrame({c: np.where(tidy[c].isna(), ABSENT, OK) for c in columns}).astype("uint8")
    made = loaded()
    areas = [(c, "county", "991100", zh, en) for c, zh, en in AREAS]
    areas.append(("991100", "prefecture", "", "手工市", "Prefecture by hand"))
    targets = pd.DataFrame(
        [("2026", "", "教师交流轮岗比例", "≥", "20", "%", "规划第1条"),
         ("2023", "甲县", "小学生均图书册数", "≥", "25.5", "册", "规划第2条"),
         ("2027", "甲县", "小学平均班额", "≤", "43", "人／班", "规划第3条")],
        columns=["year", "area", "indicator", "relation", "target", "unit", "clause"],
    ).assign(file="计划.xlsx", row=[2, 3, 4])  # fmt: skip
    return dataclasses.replace(
        made, tidy=tidy, kinds=kinds, registers={"targets": targets},
        mapping=dataclasses.replace(made.mapping, groups=(PLACE,)),
        areas=pd.DataFrame(areas, columns=["code", "level", "parent", "zh", "en"]),
        ledger=(dataclasses.replace(made.ledger[0], read=len(tidy), loaded=len(tidy)),),
    )  # fmt: skip


def _rows_of(county: str, year: int) -> list[dict[str, object]]:
    stages = [("primary", "211", 6), ("junior", "311", 3)]
    kept = stages[:1] if county == JUNIOR_WITHOUT else stages
    schools = [_school(county, year, stage, kind, k, n) for stage, kind, n in kept for k in range(4)]
    return [*schools, _county(county, year, len(schools))]


def _school(county: str, year: int, stage: str, kind: str, k: int, grades: int) -> dict[str, object]:
    """One school: the first two stand in towns; the wobble keeps straight lines from being too straight."""
    t, size = year - YEARS[0], SIZE[county]
    falls = FEWER if county == "991101" else -4
    pupils = round(
        (FIRST_PUPILS - falls * t + 3 * ((t * 5 + k) % 3)) * size * (1.0 if stage == "primary" else 0.6)
    )
    town, better = k < 2, 1 + 0.02 * t * (2 if county == "991104" else 1)
    made: dict[str, object] = {
        "county": county, "unit": f"{kind[0]}1{county[2:]}{k + 1:04d}", "year": year, "school_type": kind,
        "location": "111" if town else "220", "unit_name": f"第{k + 1}{'小学' if stage == 'primary' else '初中'}",
        "township": "城关镇" if town else "河西乡", "group_place": "high" if town else "low",
        "public_funds": 700.0 * pupils * (0.9 if k == 1 else 1.1), f"schools_{stage}": 1.0,
    }  # fmt: skip
    for name, level in PER_PUPIL.items():
        made[f"{name}_{stage}"] = float(round(pupils * level * LEVEL[county] * SPREAD[k] * better))
    made[f"books_{stage}"] = np.nan if county == BOOKS_WITHOUT else float(pupils * (30 if town else 20))
    classes = max(1, round(pupils / 44))
    made |= {
        f"pupils_{stage}": float(pupils), f"pupils_girls_{stage}": float(round(pupils * 0.46)),
        f"entrants_{stage}": float(round(pupils / grades)), f"classes_{stage}": float(classes),
        f"teachers_{stage}": float(round(20 * size * (1 if town else 0.9) * (1.0 if stage == "primary" else 0.8))),
        f"classes_{stage}_46_50": float(k == 0), f"classes_{stage}_56_60": float(k == 3 and year > 2020),
    }  # fmt: skip
    teachers = float(made[f"teachers_{stage}"])  # type: ignore[arg-type]
    made |= {
        f"teachers_qualified_{stage}": teachers - (k == 3),
        f"teachers_bachelor_{stage}": teachers - 6 + k,
    }
    made |= {
        f"teachers_female_{stage}": float(round(teachers * 0.7)),
        f"teachers_senior_rank_{stage}": float(k + 1),
    }
    return made


def _county(county: str, year: int, schools: int) -> dict[str, object]:
    """What a county says of itself: money grows by a twentieth a year and falls by a tenth in 甲县's last."""
    t, size = year - YEARS[0], SIZE[county]
    money = 4.0e7 * size * 1.05**t * (0.9 if county == "991101" and year == YEARS[-1] else 1.0)
    own: dict[str, object] = {"county": county, "unit": county, "year": year, "unit_name": ""}
    own |= {name: value * size for name, value in COUNTY.items()}
    own |= {name: float(round(value * size)) for name, value in {**STAFF}.items()}
    own |= {f"teachers_age_{band}": float(round(n * size)) for band, n in AGES.items()}
    own |= {f"women_age_{band}": float(round(n * size * 0.6)) for band, n in AGES.items()}
    own |= {
        "gdp": 2.0e9 * size * 1.03**t, "budget_expenditure": 4.0e8 * size * 1.04**t, "budget_education": money,
        "budget_operating": money * 0.95, "fiscal_education": money * 1.1, "education_income": money * 1.25,
        "fiscal_revenue": 2.5e8 * size * 1.02**t, "births": float(round((260 - 12 * t) * size)),
        "quota_primary": 650.0, "quota_junior": 850.0,
        "rotation_done": float(round((30 + 3 * t) * size)),
    }  # fmt: skip
    for low, high in ((3, 5), (6, 11), (12, 14), (15, 17)):
        own[f"population_age_{low}_{high}"] = float(round((high - low + 1) * (270 - 4 * t) * size))
    for stage, share in (("primary", 0.6), ("junior", 0.4))[: 1 if schools == 4 else 2]:
        own[f"budget_education_{stage}"] = money * share
        own[f"average_pupils_{stage}"] = (1600 - 40 * t if county == "991101" else 1600 + 16 * t) * size * (
            1.0 if stage == "primary" else 0.6
        )  # fmt: skip
        own[f"budget_public_use_{stage}"] = money * share * 0.2
    return own


SCHOOLED = [f"edu_{level}" for level in ("noschool", "primary", "junior", "senior", "college", "bachelor")]
CENSUS_HEAD = [
    "year", "code", "province", "city", "county", "pop_m", "pop_f", "pop_urban", "pct_15_64", "pct_65p",
    "illiterate_pct_15p",
    *(f"{sex}_{ages}" for sex in "mf" for ages in ("0", "1_4", "5_9", "10_14", "15_19")),
    *(f"{level}_{sex}" for sex in "mf" for level in SCHOOLED), "mys_m", "mys_f",
]  # fmt: skip
CENSUS_COUNTIES = {"430202": "荷塘区", "430203": "芦淞区", "430223": "攸县", "430224": "茶陵县"}


def write_census(folder: Path) -> Path:
    """A census of four counties as the public files are laid out: towns grow, 茶陵县 shrinks."""
    folder.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[1] / "data" / "mappings" / "census.toml", folder)
    for year in (2010, 2020):
        lines = [",".join(CENSUS_HEAD)]
        for k, (code, name) in enumerate(CENSUS_COUNTIES.items()):
            men = 100_000 * (k + 1) + (year - 2010) * (3_000 if k < 2 else -2_000)
            young = [
                round(men * share)
                for share in (0.01, 0.04, 0.06, 0.058, 0.05, 0.009, 0.037, 0.052, 0.05, 0.044)
            ]
            schooled = [round(men * share) for share in (0.03, 0.25, 0.4, 0.15, 0.06, 0.03)]
            figures = [
                men,
                men - 4_000,
                round(men * (0.9 + 0.05 * (year > 2010)) * (1 if k < 2 else 0.5)),
                66.5,
                12.5,
            ]
            figures += ["" if code == "430224" else 3.2 + k - (year > 2010), *young, *schooled, *schooled]
            figures += [9.1 + 0.2 * (year > 2010), 8.4 + 0.4 * (year > 2010)]
            lines.append(",".join(map(str, [year, code, "湖南省", "株洲市", name, *figures])))
        (folder / f"china_census_county_{year}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


SERVED = {
    "schools_meals": 20, "pupils_meal_schools": 10_000, "pupils_meals": 8_000, "buses": 40, "buses_licensed": 39,
    "pupils_bus": 1_500, "schools_safety_asked": 50, "schools_guarded": 50, "schools_closed_campus": 49,
    "schools_alarm": 47, "schools_patrol": 44, "school_doctors": 25, "petitions": 120, "petitions_due": 110,
    "petitions_on_time": 99, "asked_education": 400, "satisfied_education": 372, "asked_afterschool": 300,
    "satisfied_afterschool": 270, "training_agencies_before": 30, "training_agencies_left": 2,
    "training_agencies_closed": 28, "training_agencies_nonprofit": 1, "schools_damaged": 50, "schools_repaired": 40,
    "projects_proposed": 14, "projects_planned": 12, "projects_approved": 10, "projects_started": 8,
    "projects_done": 5, "project_budget": 8e7, "project_investment": 5e7, "seats_added": 1250,
}  # fmt: skip
"""What 甲县 says of its services in the last year."""
SERVED_OTHERWISE: dict[str, dict[str, float]] = {
    "991102": {"pupils_meals": 11_000, "projects_approved": 13, "petitions_on_time": 80, "satisfied_education": 340},
    "991103": {"asked_education": np.nan, "satisfied_education": np.nan, "satisfied_share_education": 0.985,
               "asked_afterschool": 29, "satisfied_afterschool": 29, "buses": np.nan, "training_agencies_closed": 20},
    "991104": {"schools_guarded": 41, "projects_done": 8, "schools_damaged": np.nan, "schools_repaired": np.nan},
    "991105": {"pupils_meals": 6_000, "schools_safety_asked": 0, "schools_guarded": 0, "schools_closed_campus": 0,
               "schools_alarm": 0, "schools_patrol": 0, "asked_meals": 40, "satisfied_meals": 31},
}  # fmt: skip
"""How the others differ: a part above its whole, a share without its base, a step that does not nest."""
GIVEN_RANKS = [("2021", "3", "14"), ("2022", "1", "14"), ("2023", "第2位", "14"), ("2024", "2", ""),
               ("2019", "1", "13"), ("2019", "2", "13"), ("2018", "15", "13"), ("2020", "前列", "14")]  # fmt: skip
LEAVERS = [("991101", "730301", "会计", (80, 80), (40, 41)), ("991101", "710205", "计算机", (80, 80), (70, 40)),
           ("991102", "730301", "会计", (12, 19), (2, 3)), ("991103", "720301", "护理", (20, 20), (11, 12)),
           ("991104", "700206", "汽修", (50, 0), (20, 0)), ("991105", "740101", "酒店", (0, 30), (0, 9))]  # fmt: skip
"""Programmes of five schools: leavers and employed in 2023 and 2024."""


def make_served() -> Loaded:
    """The prefecture with what it says of services, programmes, and the scores of its pupils."""
    made = make_prefecture()
    tidy = made.tidy.reset_index(drop=True)
    whole = (tidy["unit"] == tidy["county"]) & (tidy["year"] >= YEARS[-2])
    for at in tidy.index[whole]:
        told = SERVED | SERVED_OTHERWISE.get(str(tidy.at[at, "county"]), {})
        before = tidy.at[at, "year"] < YEARS[-1]
        for name, value in told.items():
            tidy.loc[at, name] = value * (
                0.9 if before and name.startswith(("petitions", "satisfied_e")) else 1.0
            )
    place = tidy["unit"].str[-1].where(tidy["unit"] != tidy["county"], "")
    for stage in ("primary", "junior"):
        for who in ("pupils", "teachers"):
            joined = np.floor(tidy[f"{who}_{stage}"] * (0.8 if who == "pupils" else 0.6))
            of_county = tidy["county"].map({"991102": 0.5}).fillna(1.0)
            joined = (joined * of_county).round().mask((place == "2") & (tidy["county"] == "991104"), 0.0)
            joined = joined.mask((place == "4") & (tidy["county"] != "991101"))
            tidy[f"{who}_afterschool_{stage}"] = joined.where(tidy["year"] >= YEARS[-2])
    columns = [name for name in tidy if name in catalogue().columns]
    kinds = pd.DataFrame({c: np.where(tidy[c].isna(), ABSENT, OK) for c in columns}).astype("uint8")
    return dataclasses.replace(made, tidy=tidy, kinds=kinds, registers=made.registers | _list_registers(tidy))


def _list_registers(tidy: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Places that others gave, programmes of schools and scores of pupils, as their lists hold them: all as text."""
    first = {county: f"21{county[2:]}0001" for county in SIZE}
    ranks = [(y, "基础教育满意度", "手工市", r, n, "省教育厅") for y, r, n in GIVEN_RANKS]
    ranks += [("2024", "基础教育满意度", "手工县", "1", "14", ""), ("2024", "阅读", "甲县", "4", "5", "")]
    programmes = [
        (str(YEARS[-2] + k), first[county], "职校", code, name, str(left[k]), str(found[k]))
        for county, code, name, left, found in LEAVERS for k in (0, 1) if left[k]
    ]  # fmt: skip
    units = sorted(set(tidy.loc[tidy["unit"] != tidy["county"], "unit"]))
    pupils = [
        (str(year), unit, f"校{k}", f"{50 + (7 * j + k) % 45}", f"{45 + (7 * j + k) % 45 + (k % 7) * 2 + j * j % 5}")
        for year in (2023, 2024) for k, unit in enumerate(units) for j in range(9 if k == 3 else 10 + k % 5)
    ]  # fmt: skip
    lists = {
        "given_ranks": (ranks, "year what area rank among source"),
        "programmes": (programmes, "year unit name major major_name leavers employed"),
        "pupil_scores": (pupils, "year unit name prior score"),
    }
    return {
        name: pd.DataFrame(rows, columns=columns.split()).assign(
            file=f"{name}.xlsx", row=range(2, len(rows) + 2)
        )
        for name, (rows, columns) in lists.items()
    }


DECLARED_INDEX = """name = "试行指数"
source = "市政府试行办法"
[[indicators]]
indicator = "per_pupil_teaching_area_primary"
weight = 0.75
goal = 9
[[indicators]]
indicator = "per_pupil_equipment_primary"
weight = 0.25
goal = 3600
[growth]
claim = 25
schooling = [9.0, 9.6]
output = [100.0, 115.76]
years = [2021, 2024]
labour = [0.5, 0.6, 0.7]
returns = [0.05, 0.08, 0.11]
schooling_part = [0.6, 0.6, 0.6]
[growth.sources]
labour = "省投入产出表"
returns = "某项调查"
schooling_part = "某项研究"
"""


def make_odd() -> Loaded:
    """The prefecture with unlike schools: many, all in towns, all alike, hardly any, one that outweighs all."""
    made = make_prefecture()
    tidy = made.tidy.drop(columns=["file", "row"])
    whole = tidy["unit"] == tidy["county"]
    parts = [tidy[whole], *(change(tidy[~whole & (tidy["county"] == c)].copy()) for c, change in ODD.items())]
    tidy = pd.concat(parts, ignore_index=True).assign(
        file="invented.csv", row=lambda t: np.arange(len(t)) + 2
    )
    columns = [name for name in tidy if name in catalogue().columns]
    kinds = pd.DataFrame({c: np.where(tidy[c].isna(), ABSENT, OK) for c in columns}).astype("uint8")
    return dataclasses.replace(made, tidy=tidy, kinds=kinds)


def _scale_resources(rows: pd.DataFrame, by: object) -> pd.DataFrame:
    columns = [c for c in rows if c.startswith(tuple(PER_PUPIL)) and "books" not in c]
    return rows.assign(**{c: (rows[c] * by).round() for c in columns})


def _have_many(rows: pd.DataFrame) -> pd.DataFrame:
    """Twenty-four of a stage, from poor to rich, the gap closing over the years."""
    year = rows["year"] - YEARS[0]
    copies = [
        _scale_resources(rows, 0.3 + 0.04 * year + n * (0.35 - 0.02 * year)).assign(
            unit=[f"{unit[:-2]}{n}{unit[-1]}" for unit in rows["unit"]],
            unit_name=[f"{'东西南北中上'[n]}{name}" for name in rows["unit_name"]],
        )
        for n in range(6)
    ]
    return pd.concat(copies)


def _be_alike(rows: pd.DataFrame) -> pd.DataFrame:
    """As much for each pupil everywhere and always; no equipment and no large class at all."""
    alike = {
        c: rows["pupils_primary"] * (0.0 if c.startswith("equipment") else 8.0)
        for c in rows if c.startswith(tuple(PER_PUPIL)) and c.endswith("_primary")
    }  # fmt: skip
    return rows.assign(**alike, **{c: 0.0 for c in rows if c.startswith("classes_primary_")})


def _be_few(rows: pd.DataFrame) -> pd.DataFrame:
    """Two primary schools, and one of the juniors, which is new."""
    last = rows["unit"].str[-1]
    primary = rows["school_type"] == "211"
    return rows[(primary & last.isin(["1", "4"])) | (~primary & (last == "2") & (rows["year"] == YEARS[-1]))]


def _outweigh(rows: pd.DataFrame) -> pd.DataFrame:
    """The fourth has thirty times the pupils; the second begins late; the third has nothing of its own."""
    last = rows["unit"].str[-1]
    many = [c for c in rows if c.startswith(("pupils_", "entrants_", "classes_", "teachers_"))]
    by = np.where(last == "4", 30.0, 1.0)
    rows = rows.assign(**{c: rows[c] * by for c in many})
    rows = _scale_resources(rows, np.where(last == "3", 0.0, np.where(last == "4", 22.0, 1.0)))
    return rows[(last != "2") | (rows["year"] > 2020)]


ODD: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "991101": _have_many, "991102": lambda rows: rows.assign(group_place="high"), "991103": _be_alike,
    "991104": _be_few, "991105": _outweigh,
}  # fmt: skip
"""What becomes of the schools of each county."""


ONE = {name: 1.0 for name in SERVED} | {
    "schools_damaged": 2.0,
    "training_agencies_closed": 0.0,
    "asked_education": 30.0,
    "satisfied_education": 30.0,
    "asked_afterschool": 29.0,
    "asked_meals": 1.0,
    "satisfied_meals": 1.0,
    "rotation_done": 1.0,
    "rotation_eligible": 1.0,
    "rotation_backbone": 0.0,
    "promoted_senior": 1.0,
    "promoted_with_rural_service": 1.0,
    "teachers_recruited": 1.0,
    "recruited_graduates": 1.0,
    "recruited_state_funded": 0.0,
    "recruited_special_post": 0.0,
    "staff_on_posts": 149.0,
    **dict.fromkeys(("quota_primary", "quota_junior"), np.nan),
}
NONE = {name: 0.0 for name in SERVED} | {"asked_meals": 0.0, "satisfied_meals": 0.0, "rotation_done": 0.0,
    "rotation_eligible": 0.0, "rotation_backbone": 0.0, "promoted_senior": 0.0, "promoted_with_rural_service": 0.0,
    "teachers_recruited": 0.0, "recruited_graduates": 0.0, "recruited_state_funded": 0.0, "recruited_special_post": 0.0,
    "staff_on_posts": 180.0, "posts_compulsory": 180.0, "teachers_age_60_65": 0.0, "women_age_60_65": 0.0,
    "teachers_age_ge_66": 0.0, "women_age_ge_66": 0.0, "teachers_part_time": np.nan}  # fmt: skip
PARTLY = {"project_budget": np.nan, "project_investment": 1.0, "seats_added": np.nan, "school_doctors": np.nan,
    "pupils_bus": np.nan, "schools_meals": np.nan, "petitions": np.nan, "projects_approved": np.nan,
    "rotation_backbone": 90.0, "rotation_eligible": np.nan, "recruited_graduates": 13.0}  # fmt: skip
YOUNG = {"asked_education": np.nan, "asked_afterschool": np.nan, "petitions_due": np.nan, "projects_planned": 0.0,
    "schools_repaired": np.nan, "training_agencies_left": np.nan, "training_agencies_nonprofit": 0.0,
    **{f"{who}_age_{band}": 0.0 for who in ("teachers", "women") for band in AGES if band >= "40"},
    **{f"{who}_age_le_24": 300.0 for who in ("teachers", "women")}}  # fmt: skip
OLD = {"teachers_age_55_59": 90.0, "women_age_55_59": 50.0, "teachers_age_le_24": 0.0, "women_age_le_24": 0.0,
    "pupils_afterschool_primary": 700.0, "pupils_afterschool_junior": 400.0, "performance_pay": 3.1e7,
    "schools_proposed": 0.0}  # fmt: skip
SLIGHT = {"991101": ONE, "991102": NONE, "991103": PARTLY, "991124": YOUNG, "991125": OLD}
"""What counties say in the last two years: one of everything, nothing of it, one side alone, all young, many old."""
BELOW = {"991101": (2022, 2023, 2024), "991102": tuple(YEARS), "991103": (2020, 2021), "991124": (2024,)}
"""Years in which a county's teachers are paid less than its civil servants."""


def make_slight() -> Loaded:
    """The served prefecture as three districts and two counties, each of which says hardly anything of its services."""
    made = make_served()
    moved = {"991104": "991124", "991105": "991125"}
    tidy = made.tidy.replace({"county": moved, "unit": moved})
    tidy["unit"] = tidy["unit"].str.replace(r"^(.1)110([45])(....)$", r"\g<1>112\2\3", regex=True)
    whole = tidy["unit"] == tidy["county"]
    for county, told in SLIGHT.items():
        own = whole & (tidy["county"] == county)
        for name, value in told.items():
            tidy.loc[own & (tidy["year"] >= YEARS[-2]), name] = value
        low = own & tidy["year"].isin(BELOW.get(county, ()))
        tidy.loc[low, "teacher_pay"] *= 0.9
    tidy.loc[whole, "teacher_pay"] *= 1 + 0.01 * (tidy["year"] - YEARS[0]) * tidy["county"].isin(
        ("991101", "991102")
    )
    served = [c for c in tidy if "afterschool" in c and c.startswith(("pupils", "teachers"))]
    tidy.loc[~whole & tidy["county"].isin(("991102", "991125")), served] = np.nan
    tidy.loc[tidy["county"] == "991103", [f"women_age_{band}" for band in AGES]] = np.nan
    columns = [name for name in tidy if name in catalogue().columns]
    kinds = pd.DataFrame({c: np.where(tidy[c].isna(), ABSENT, OK) for c in columns}).astype("uint8")
    return dataclasses.replace(made, tidy=tidy, kinds=kinds, areas=made.areas.replace({"code": moved}))
