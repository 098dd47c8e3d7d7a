"""What is true in the invented prefecture? Every school, pupil count and yuan, from one committed seed.

Arrays are (parts, years): a part is one stage of one school, so a through-school has two or three parts
that share its rooms. Names of columns are the catalogue's; those that only a form asks for begin with ``x_``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import catalogue
from edustats.example.development import simulate_development
from edustats.example.services import simulate_services
from edustats.example.shocks import YearlyShocks, turn
from edustats.typing import Floats

Ints = npt.NDArray[np.int64]
NAMES = {
    "111": "幼儿园", "211": "小学", "218": "教学点", "311": "中学", "312": "学校", "341": "中学",
    "342": "高级中学", "345": "实验学校", "365": "职业中专", "514": "特殊教育学校",
}  # fmt: skip
STAGES_OF = {kind: catalogue().attributes["school_type"].stages[kind] for kind in NAMES}
CATEGORY = {"1": "11", "2": "21", "3": "31", "5": "51"}
PLACES = ("city", "town", "village")
BANDS = (0, 25, 30, 35, 40, 45, 50, 55, 60, 65, 10**6)
BAND_NAMES = ("le_25", "26_30", "31_35", "36_40", "41_45", "46_50", "51_55", "56_60", "61_65", "ge_66")
WARM_UP = 7
FLOOD_COLUMNS = {
    "damaged": "schools_damaged", "repaired": "schools_repaired", "projects": "projects_proposed",
    "stocked": "projects_planned", "approved": "projects_approved", "started": "projects_started",
    "finished": "projects_done",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The truth: schools, one row per school and year, one per county and year, and the vocational
    programmes.
    """

    plan: dict[str, Any]
    schools: pd.DataFrame
    truth: pd.DataFrame
    counties: pd.DataFrame
    programmes: pd.DataFrame


def make_world(plan: dict[str, Any] | None = None) -> World:
    """Invent the prefecture; the same plan gives the same world."""
    plan = plan or tomllib.loads(Path(__file__).with_name("world.toml").read_text("utf-8"))
    rng = np.random.default_rng(plan["seed"])
    schools = _invent_schools(plan, rng)
    births = _simulate_births(plan, rng)
    shocks = YearlyShocks(plan)
    parts = _simulate_stages(schools, plan, births, rng, shocks)
    truth = _build_school_years(plan, schools, parts, rng, shocks)
    counties = _build_county_years(plan, schools, truth, births, rng, shocks)
    return World(
        plan=plan,
        schools=schools,
        truth=truth,
        counties=counties,
        programmes=_simulate_programmes(plan, truth, rng),
    )


def list_school_years(plan: dict[str, Any]) -> Ints:
    """The school years, by the year each begins."""
    return np.arange(plan["years"][0], plan["years"][1] + 1)


# --- schools ---


def _invent_schools(plan: dict[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        (c, kind)
        for c, county in enumerate(plan["counties"])
        for kind, number in plan["schools"].items()
        for _ in range(max(1, round(number * county["size"])))
    ]
    schools = pd.DataFrame(rows, columns=["c", "kind"])
    city = np.array([county["city"] for county in plan["counties"]])[schools["c"]]
    place = _draw_locations(schools["kind"].to_numpy(), city, rng)
    schools = schools.assign(place=place, weight=_draw_school_sizes(schools["kind"].to_numpy(), place, rng))
    schools["code"] = _assign_school_codes(schools["kind"])
    schools["name"] = _invent_school_names(plan, schools, rng)
    schools["private"] = (schools["kind"] == "111") & (rng.random(len(schools)) < 0.52)
    schools.loc[schools["kind"].isin(["342", "345"]) & (rng.random(len(schools)) < 0.3), "private"] = True
    schools["inclusive"] = np.where(schools["private"], rng.random(len(schools)), 0.0)
    schools["urban"] = np.array(["111", "121", "220"])[place]
    schools["closed"] = _draw_closing_years(plan, schools, rng)
    schools["group"] = _draw_group_joining_years(plan, schools, rng)
    return schools


def _draw_locations(kind: npt.NDArray[Any], city: npt.NDArray[np.bool_], rng: np.random.Generator) -> Ints:
    """0 city, 1 town, 2 village."""
    draw = rng.random(len(kind))
    inland = np.where(draw < 0.42, 1, 2)
    place = np.where(city, np.where(draw < 0.62, 0, np.where(draw < 0.85, 1, 2)), inland)
    place[kind == "218"] = 2
    settled = np.isin(kind, ["341", "342", "345", "365", "514"])
    place[settled] = np.where(city, 0, 1)[settled]
    return place


def _draw_school_sizes(kind: npt.NDArray[Any], place: Ints, rng: np.random.Generator) -> Floats:
    base = np.array([2.4, 1.7, 0.55])[place] * np.exp(rng.normal(0, 0.38, len(kind)))
    return np.where(kind == "218", 0.06 * np.exp(rng.normal(0, 0.35, len(kind))), base)


def _assign_school_codes(kind: pd.Series) -> list[str]:
    serial = kind.groupby(kind.str[0]).cumcount() + 1
    category = np.where(kind == "365", "36", kind.str[0].map(CATEGORY))
    return [f"{c}99{s:06d}" for c, s in zip(category, serial, strict=True)]


def _invent_school_names(plan: dict[str, Any], schools: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    letters = list(plan["words"]["places"])
    names: list[str] = []
    seen: set[str] = set()
    every: Any = schools.itertuples()
    for row in every:
        county = plan["counties"][row.c]["zh"]
        name = ""
        while not name or name in seen:
            place = "".join(rng.choice(letters, 2, replace=False))
            where = ("", "镇", "村")[row.place] if row.kind not in ("342", "365", "514") else ""
            name = f"{county}{place}{where}{NAMES[row.kind]}"
        seen.add(name)
        names.append(name)
    return names


def _draw_closing_years(plan: dict[str, Any], schools: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """First year a village school is gone; 9999 for those that stay."""
    start = np.array([county["merge"] for county in plan["counties"]])[schools["c"]]
    small = schools["kind"].isin(["211", "218"]).to_numpy() & (schools["place"].to_numpy() == 2)
    closes = small & (start > 0) & (rng.random(len(schools)) < 0.4)
    return np.where(closes, start + rng.integers(0, 4, len(schools)), 9999)


def _draw_group_joining_years(plan: dict[str, Any], schools: pd.DataFrame, rng: np.random.Generator) -> Ints:
    """Year a junior school joined an education group, 0 where it never did."""
    junior = schools["kind"].isin(["311", "312", "341", "345"]).to_numpy()
    joins = junior & (rng.random(len(schools)) < plan["groups"]["share"])
    return np.where(joins, rng.choice(plan["groups"]["starts"], len(schools)), 0)


# --- pupils ---


def _simulate_births(plan: dict[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Births by county and year, from 1990 on: a bump in 2016 and 2017, then a steep fall."""
    span = np.arange(1990, plan["years"][1] + 1)
    level = np.interp(span, [1990, 1996, 2003, 2012, 2015, 2016, 2017, 2018, 2020, 2024],
                      [3300, 2500, 2150, 2500, 2550, 2800, 2750, 2420, 1870, 1360])  # fmt: skip
    rows = [level * c["size"] * c["birth"] * np.exp(rng.normal(0, 0.02, len(span))) for c in plan["counties"]]
    return pd.DataFrame(np.array(rows).round().astype(int), columns=span)


@dataclass(slots=True, kw_only=True)
class SimulatedStage:
    """One stage: its schools and, by year, what became of their pupils."""

    stage: str
    school: Ints
    columns: dict[str, Floats]


def _simulate_stages(
    schools: pd.DataFrame,
    plan: dict[str, Any],
    births: pd.DataFrame,
    rng: np.random.Generator,
    shocks: YearlyShocks,
) -> list[SimulatedStage]:
    found = []
    for stage in plan["stages"]:
        school = np.flatnonzero([stage in STAGES_OF[kind] for kind in schools["kind"]])
        found.append(_simulate_stage(stage, school, schools.iloc[school], plan, births, rng, shocks))
    return found


def _simulate_stage(
    stage: str, school: Ints, own: pd.DataFrame, plan: dict[str, Any], births: pd.DataFrame,
    rng: np.random.Generator, shocks: YearlyShocks,
) -> SimulatedStage:  # fmt: skip
    rule = plan["stages"][stage]
    flows, grades = _simulate_pupil_flows(rule, own, plan, births, rng)
    county, sizes = own["c"].to_numpy(), plan["shocks"]
    classes = _form_classes(rule, own, grades, rng, shocks.draw(sizes["class_size"], county))
    columns = (
        flows
        | classes
        | _draw_girls(flows["pupils"], rng)
        | _simulate_teachers(stage, rule, own, flows["pupils"], rng, shocks, sizes)
    )
    return SimulatedStage(stage=stage, school=school, columns=columns)


def _simulate_pupil_flows(
    rule: dict[str, Any],
    own: pd.DataFrame,
    plan: dict[str, Any],
    births: pd.DataFrame,
    rng: np.random.Generator,
) -> tuple[dict[str, Floats], Ints]:
    """Pupils by grade, year after year; every movement is counted, so last year + in − out = this year."""
    span = np.arange(plan["years"][0] - WARM_UP, plan["years"][1] + 1)
    n, grades = len(own), rule["grades"]
    now = _draw_entrants(rule, own, plan, births, int(span[0]), rng)[:, None].repeat(grades, axis=1)
    out: dict[str, list[Any]] = {name: [] for name in _FLOWS}
    kept = []
    for year in span[1:]:
        _, now, moved = _simulate_one_year(now, rule, own, plan, births, int(year), rng)
        if year >= plan["years"][0]:
            for name in _FLOWS:
                out[name].append(moved[name])
            kept.append(now)
    flows = {name: np.array(series, float).T.reshape(n, -1) for name, series in out.items()}
    return flows, np.array(kept).transpose(1, 0, 2)


_FLOWS = (
    "pupils", "pupils_last_year", "entrants", "leavers", "transfers_in", "transfers_out", "dropouts",
    "deaths",
    "x_grade1", "x_final",
)  # fmt: skip


def _simulate_one_year(
    before: Ints, rule: dict[str, Any], own: pd.DataFrame, plan: dict[str, Any], births: pd.DataFrame,
    year: int,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, dict[str, Ints]]:  # fmt: skip
    promoted, leavers = before[:, :-1].copy(), before[:, -1]
    away = rng.binomial(promoted, np.array([0.008, 0.012, 0.035])[own["place"]][:, None])
    closing = (own["closed"] == year).to_numpy()
    away[closing] = promoted[closing]
    lost = rng.binomial(away, 0.02)
    died = rng.binomial(promoted - away, 0.0001)
    came = _distribute_transfers(away - lost, own, year, rng)
    entrants = _draw_entrants(rule, own, plan, births, year, rng)
    now = np.column_stack([entrants, promoted - away - died + came])
    moved = {
        "pupils": now.sum(axis=1), "pupils_last_year": before.sum(axis=1), "entrants": entrants,
        "leavers": leavers,
        "transfers_in": came.sum(axis=1), "transfers_out": (away - lost).sum(axis=1),
        "dropouts": lost.sum(axis=1),
        "deaths": died.sum(axis=1), "x_grade1": entrants, "x_final": now[:, -1],
    }  # fmt: skip
    return before, now, moved


def _distribute_transfers(gone: Ints, own: pd.DataFrame, year: int, rng: np.random.Generator) -> Ints:
    """Those who leave a school arrive in a bigger one of the same county, most of them in town."""
    pull = _compute_school_pull(own, year)
    came = np.zeros_like(gone)
    for c in np.unique(own["c"]):
        here = np.flatnonzero((own["c"] == c).to_numpy())
        share = pull[here] * np.array([2.0, 1.5, 0.1])[own["place"].iloc[here]]
        if share.sum() > 0:
            for grade in range(gone.shape[1]):
                came[here, grade] = rng.multinomial(gone[here, grade].sum(), share / share.sum())
    return came


def _compute_school_pull(own: pd.DataFrame, year: int) -> Floats:
    drift = np.array([1.022, 1.014, 0.955])[own["place"]] ** (year - 2015)
    return own["weight"].to_numpy() * drift * (own["closed"] > year).to_numpy()


def _draw_entrants(
    rule: dict[str, Any], own: pd.DataFrame, plan: dict[str, Any], births: pd.DataFrame, year: int,
    rng: np.random.Generator,
) -> Ints:  # fmt: skip
    """First-graders of every school: the county's births some years before, by the pull of the schools."""
    pull, total = _compute_school_pull(own, year), np.zeros(len(plan["counties"]))
    np.add.at(total, own["c"].to_numpy(), pull)
    part = np.interp(year, plan["years"], rule["share"])
    cohort = births[year - rule["lag"]].to_numpy() * part
    moved = np.array([1.012 if c["city"] else 0.994 for c in plan["counties"]]) ** (year - 2015)
    expected = (cohort * moved / np.maximum(total, 1e-9))[own["c"]] * pull
    return rng.poisson(expected)


def _form_classes(
    rule: dict[str, Any], own: pd.DataFrame, grades: Ints, rng: np.random.Generator, shock: Floats
) -> dict[str, Floats]:
    """Classes by size. A grade is cut into classes as equal as can be; the size aimed at eases over the
    years, and strays from that by the shock of a year.
    """
    steps = np.linspace(0, 1, grades.shape[1])
    ends = np.array([rule["target"][place] for place in PLACES], float)[own["place"]]
    aim = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * steps + rng.normal(0, 2.2, (len(own), 1))
    aim = aim * np.exp(shock)
    number = np.maximum(np.round(grades / aim[:, :, None]), grades > 0).astype(int)
    size, rest = np.divmod(grades, np.maximum(number, 1))
    columns: dict[str, Floats] = {"classes": number.sum(axis=2).astype(float)}
    for name, low, high in zip(BAND_NAMES, BANDS, BANDS[1:], strict=False):
        small = ((size > low) & (size <= high)) * (number - rest)
        large = ((size + 1 > low) & (size + 1 <= high)) * rest
        columns[f"classes_{name}"] = ((small + large) * (number > 0)).sum(axis=2).astype(float)
    return columns


def _draw_girls(pupils: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    return {"pupils_girls": rng.binomial(pupils.astype(int), 0.468).astype(float)}


def _simulate_teachers(
    stage: str, rule: dict[str, Any], own: pd.DataFrame, pupils: Floats, rng: np.random.Generator,
    shocks: YearlyShocks, sizes: dict[str, float],
) -> dict[str, Floats]:  # fmt: skip
    county = own["c"].to_numpy()
    steps = np.linspace(0, 1, pupils.shape[1])
    aim = rule["ratio"][0] + (rule["ratio"][1] - rule["ratio"][0]) * steps
    local = np.array([1.05, 1.02, 0.82])[own["place"]] * np.exp(rng.normal(0, 0.09, len(own)))
    strayed = aim * local[:, None] * np.exp(shocks.draw(sizes["teachers"], county))
    teachers = np.maximum(np.round(pupils / strayed), 2 * (pupils > 0))
    remote = np.array([0.03, 0.0, -0.06])[own["place"]][:, None]
    skill = rng.normal(0, 0.03, (len(own), 1)) + remote

    def some(first: float, last: float, rise: float = 0.0) -> Floats:
        path = first + (last - first) * steps + rise * turn(len(steps))
        stray = shocks.draw(sizes["share"] * min(1.0, 4 * min(path.mean(), 1 - path.mean())), county)
        return np.floor(teachers * np.clip(path + stray + skill, 0, 1) + rng.random((len(own), 1)))

    college = np.minimum(teachers, some(0.94, 0.985))
    with_degree = {"preschool": (0.28, 0.42), "primary": (0.79, 0.88)}.get(stage, (0.87, 0.93))
    bachelor = np.minimum(college, some(*with_degree))
    master = np.minimum(bachelor, some(0.045, 0.07))
    facts = {
        "teachers": teachers,
        "staff": teachers + np.round(teachers * 0.12),
        "x_master": master,
        "x_bachelor": bachelor - master,
        "x_college": college - bachelor,
        "x_school": teachers - college,
        "x_backbone": np.minimum(teachers, some(0.16, 0.16)),
        "x_pe": np.minimum(teachers, some(0.075, 0.085)),
        "teachers_female": np.minimum(teachers, some(0.64, 0.64)),
    }
    left = teachers - facts["x_pe"]
    facts["x_music"] = np.minimum(left, some(0.055, 0.065))
    facts["x_art"] = np.minimum(left - facts["x_music"], some(0.055, 0.065))
    facts["teachers_senior_rank"] = np.minimum(teachers, some(0.105, 0.105))
    facts["teachers_mid_rank"] = np.minimum(
        teachers, facts["teachers_senior_rank"] + some(0.36, 0.36, rise=0.14)
    )
    return facts


# --- one row per school and year ---


def _build_school_years(
    plan: dict[str, Any],
    schools: pd.DataFrame,
    parts: list[SimulatedStage],
    rng: np.random.Generator,
    shocks: YearlyShocks,
) -> pd.DataFrame:
    span = list_school_years(plan)
    shape = (len(schools), len(span))
    columns: dict[str, Floats] = {}
    for part in parts:
        for name, values in part.columns.items():
            whole = np.full(shape, np.nan)
            whole[part.school] = values
            columns[_name_stage_column(name, part.stage)] = whole
    columns |= _simulate_resources(plan, schools, columns, rng, shocks)
    columns |= _simulate_exam_results(plan, schools, columns, rng, shocks)
    columns |= _simulate_kindergartens(schools, columns, rng)
    frame = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    school = np.repeat(np.arange(len(schools)), len(span))
    frame = pd.concat([_describe_area(plan, schools, school, np.tile(span, len(schools))), frame], axis=1)
    return frame[frame["year"] < schools["closed"].to_numpy()[school]].reset_index(drop=True)


def _name_stage_column(name: str, stage: str) -> str:
    """classes_le_25 of primary is classes_primary_le_25; everything else carries its stage at the end."""
    if stage == "preschool" and name == "pupils":
        return "children"
    if name.startswith("classes_"):
        return f"classes_{stage}_{name.removeprefix('classes_')}"
    return f"{name}_{stage}"


def _describe_area(plan: dict[str, Any], schools: pd.DataFrame, school: Ints, year: Ints) -> pd.DataFrame:
    county = np.array([c["code"] for c in plan["counties"]])[schools["c"].to_numpy()[school]]
    name = np.array([c["zh"] for c in plan["counties"]])[schools["c"].to_numpy()[school]]
    new = plan["reclassified"]
    after = (county == new["old"]) & (year >= new["year"])
    own = schools.iloc[school].reset_index(drop=True)
    urban = own["urban"].where(~(after & (own["urban"] == "121")), "112")
    return pd.DataFrame(
        {
            "unit": own["code"], "year": year, "county": county, "code": np.where(after, new["new"], county),
            "county_name": np.where(after, new["zh"], name), "name": own["name"], "kind": own["kind"],
            "urban": urban, "private": own["private"], "group": own["group"],
        }
    )  # fmt: skip


def _compute_pupil_equivalents(columns: dict[str, Floats]) -> Floats:
    """Pupils weighted as shared rooms are: primary 1, junior 1.1, senior 1.32; kindergarten places count
    half.
    """
    weights = {"children": 0.9, "pupils_primary": 1.0, "pupils_junior": 1.1, "pupils_senior": 1.32,
               "pupils_vocational": 1.4, "pupils_special": 2.5}  # fmt: skip
    return np.sum([np.nan_to_num(columns[name]) * w for name, w in weights.items()], axis=0)


def _simulate_resources(
    plan: dict[str, Any], schools: pd.DataFrame, columns: dict[str, Floats], rng: np.random.Generator,
    shocks: YearlyShocks,
) -> dict[str, Floats]:  # fmt: skip
    """Rooms follow the pupils of the first years and are then built up slowly; they do not shrink with
    the intake.
    """
    need = _compute_pupil_equivalents(columns)
    settled = need[:, :3].mean(axis=1, keepdims=True) * 0.55 + need.mean(axis=1, keepdims=True) * 0.45
    steps = np.linspace(0, 1, need.shape[1])
    rich = (
        np.exp(rng.normal(0, 0.17, (len(schools), 1)))
        * np.array([0.92, 1.0, 1.22])[schools["place"]][:, None]
    )

    def of(per: float, growth: float, noise: float = 0.12, stray: float = 0.0) -> Floats:
        own = np.exp(rng.normal(0, noise, (len(schools), 1)))
        built = settled * per * rich * own * (1 + growth * steps)
        return np.round(built * np.exp(shocks.draw(stray, schools["c"].to_numpy())) + 2)

    things = plan["shocks"]["things"]
    hall = np.where((settled > 900) & (rng.random((len(schools), 1)) < 0.55), of(0.55, 0.1), 0)
    teaching = of(4.6, 0.22) + hall
    return {
        "teaching_area": teaching,
        "hall_area": hall,
        "sports_area": of(7.4, 0.12),
        "equipment_value": of(0.155, 1.1, stray=things),
        "multimedia_rooms": of(0.0225, 0.35, stray=things),
        "computers": of(0.12, 0.5, stray=things),
        "books": of(25, 0.35, stray=things),
        "floor_area": np.round(teaching * 1.75),
        "land_area": of(21, 0.05),
        "x_network": np.where(rng.random((len(schools), 1)) < 0.55 + 0.44 * steps, 1.0, 0.0),
        "x_bandwidth": np.array([100.0, 200.0, 500.0, 1000.0])[rng.integers(0, 4, (len(schools), 1))]
        + 0 * need,
        "x_checked": np.zeros_like(need),
    }


def _simulate_exam_results(
    plan: dict[str, Any], schools: pd.DataFrame, columns: dict[str, Floats], rng: np.random.Generator,
    shocks: YearlyShocks,
) -> dict[str, Floats]:  # fmt: skip
    """Examinations. Joining a group raises the share of excellent pupils by the effect that is committed."""
    span, final = list_school_years(plan), np.nan_to_num(columns["x_final_junior"])
    takers = np.round(final * 0.985)
    steps = np.linspace(0, 1, len(span))
    joined = schools["group"].to_numpy()[:, None]
    treated = (joined > 0) & (span >= joined)
    share = plan["excellent"][0] + (plan["excellent"][1] - plan["excellent"][0]) * steps
    share = (
        share
        + rng.normal(0, 0.025, (len(schools), 1))
        + np.array([0.03, 0.0, -0.03])[schools["place"]][:, None]
        + shocks.draw(plan["shocks"]["exams"], schools["c"].to_numpy())
    )
    excellent = rng.binomial(
        takers.astype(int), np.clip(share + plan["groups"]["effect"] * treated, 0.01, 0.95)
    )
    none = np.isnan(columns["pupils_junior"])
    senior = np.round(np.nan_to_num(columns["x_final_senior"]) * 0.97)
    first_tier = 0.0952 + 0.0642 * steps + shocks.draw(plan["shocks"]["exams"] / 2, schools["c"].to_numpy())
    tier1 = rng.binomial(senior.astype(int), np.clip(first_tier, 0.02, 1.0))
    tier2 = tier1 + rng.binomial(
        (senior - tier1).astype(int), np.broadcast_to(0.27 + 0.115 * steps, senior.shape)
    )
    off = np.isnan(columns["pupils_senior"])
    return {
        "junior_exam_takers": np.where(none, np.nan, takers),
        "junior_exam_excellent": np.where(none, np.nan, excellent),
        "exam_takers": np.where(off, np.nan, senior),
        "exam_tier1": np.where(off, np.nan, tier1),
        "exam_tier2": np.where(off, np.nan, tier2),
    }


def _simulate_kindergartens(
    schools: pd.DataFrame, columns: dict[str, Floats], rng: np.random.Generator
) -> dict[str, Floats]:
    """Private kindergartens become inclusive one after the other: from about half of all to nine in ten."""
    children, steps = columns["children"], np.linspace(0, 1, columns["children"].shape[1])
    inclusive = (schools["inclusive"].to_numpy()[:, None] > 0) & (
        schools["inclusive"].to_numpy()[:, None] < 0.15 + 0.65 * steps
    )
    graded = rng.random((len(schools), 1)) < 0.45 + 0.33 * steps
    return {
        "x_inclusive": np.where(np.isnan(children), np.nan, inclusive),
        "x_graded": np.where(np.isnan(children), np.nan, graded),
        "outdoor_area_preschool": np.round(children * (3.6 + 0.9 * steps)),
        "activity_area_preschool": np.round(children * (7.4 + 1.2 * steps)),
    }


# --- one row per county and year ---


def _build_county_years(
    plan: dict[str, Any],
    schools: pd.DataFrame,
    truth: pd.DataFrame,
    births: pd.DataFrame,
    rng: np.random.Generator,
    shocks: YearlyShocks,
) -> pd.DataFrame:
    frames = [_simulate_county(plan, i, truth, births, rng, shocks) for i in range(len(plan["counties"]))]
    return pd.concat(frames, ignore_index=True)


def _simulate_county(
    plan: dict[str, Any], i: int, truth: pd.DataFrame, births: pd.DataFrame, rng: np.random.Generator,
    shocks: YearlyShocks,
) -> pd.DataFrame:  # fmt: skip
    span, county, money = list_school_years(plan), plan["counties"][i], plan["money"]
    steps, n = np.linspace(0, 1, len(span)), np.arange(len(span))
    own = truth[truth["county"] == county["code"]]
    sums = own.groupby("year")[
        ["pupils_primary", "pupils_junior", "teachers_primary", "teachers_junior"]
    ].sum()
    teachers = (sums["teachers_primary"] + sums["teachers_junior"]).to_numpy()
    education = (
        money["education"]
        * county["size"]
        * (1 + money["growth"]) ** n
        * np.exp(rng.normal(0, 0.008, len(n)) + shocks.draw(plan["shocks"]["money"], np.array([i]))[0])
    )
    pay = np.interp(steps, [0, 1], money["teacher_pay"]) * np.exp(rng.normal(0, 0.01, len(n)))
    official = np.interp(steps, [0, 1], money["official_pay"])
    bonus = np.interp(steps, [0, 1], money["pay_city" if county["city"] else "pay_county"])
    ages = {
        f"population_age_{a}_{b}": _count_people_by_age(births, i, span, a, b)
        for a, b in ((3, 5), (6, 11), (12, 14), (15, 17))
    }
    frame = {
        "county": county["code"],
        "year": span,
        "births": [births[y].iloc[i] for y in span],
        **ages,
        "gdp": money["gdp"] * county["size"] * (1 + money["gdp_growth"]) ** n,
        "budget_expenditure": education * (5.9 - 0.5 * steps),
        "budget_education": education,
        "budget_operating": education * (0.972 + 0.004 * steps),
        "fiscal_education": education * 1.07,
        "education_income": education * 1.07 / (0.81 + 0.05 * steps),
        "teachers_paid": teachers,
        "teacher_pay": pay * teachers,
        "civil_servants": np.round(1900 * county["size"]) + 0 * n,
        "civil_servant_pay": official * np.round(1900 * county["size"]),
        "performance_pay": bonus * teachers,
        "rotation_eligible": np.round(teachers * 0.46),
        "rotation_done": np.round(teachers * 0.46 * (0.085 + 0.035 * steps)),
        "rotation_backbone": np.round(teachers * 0.46 * (0.085 + 0.035 * steps) * (0.17 + 0.08 * steps)),
        "budget_education_primary": education * 0.37,
        "budget_education_junior": education * 0.24,
    }
    taught = own[["pupils_primary", "pupils_junior"]].fillna(0).sum(axis=1) > 0
    told = {
        "pupils": (sums["pupils_primary"] + sums["pupils_junior"]).to_numpy(), "teachers": teachers,
        "schools": own[taught].groupby("year")["unit"].nunique().reindex(span).to_numpy(float),
        "special": own.groupby("year")["pupils_special"].sum().reindex(span).to_numpy(float),
    }  # fmt: skip
    more = simulate_services(plan, i, span, told["pupils"], told["schools"])
    more |= simulate_development(plan, i, span, told)
    return pd.DataFrame(frame).round(2).assign(**_simulate_events(plan, county, span), **more)


def _count_people_by_age(births: pd.DataFrame, i: int, span: Ints, low: int, high: int) -> list[int]:
    return [round(sum(births[y - age].iloc[i] for age in range(low, high + 1)) * 0.99) for y in span]


def _simulate_events(plan: dict[str, Any], county: dict[str, Any], span: Ints) -> dict[str, Any]:
    """The flood year and the end of the training agencies, shared out by the size of the county."""
    sizes = np.array([c["size"] for c in plan["counties"]])
    at, part = plan["counties"].index(county), county["size"] / sizes.sum()
    flood, when = plan["disaster"], span == plan["disaster"]["year"]
    before = round(227 * part)
    left = np.where(span < 2021, before, np.where(span == 2021, round(before * 0.08), 0))
    made: dict[str, Any] = {
        "project_budget": np.where(when, round(flood["budget"] * part), 0),
        "project_investment": np.where(when, round(flood["spent"] * part), 0),
        "seats_added": np.where(when, round(flood["seats"] * part), 0),
        "training_agencies_before": before + 0 * span, "training_agencies_left": left,
        "training_agencies_closed": before - left, "training_agencies_nonprofit": left * (span >= 2021),
    }  # fmt: skip
    for steps in (("repaired", "damaged"), ("finished", "started", "approved", "stocked", "projects")):
        reached, total = np.zeros(len(sizes)), 0
        for step in steps:  # each step adds to the one before it, so that every county's steps nest
            reached, total = reached + _share_out(flood[step] - total, sizes), flood[step]
            made[FLOOD_COLUMNS[step]] = np.where(when, reached[at], 0)
    return made


def _share_out(total: int, sizes: Floats) -> Floats:
    """Whole numbers in proportion to some sizes that add up to the total."""
    exact = total * sizes / sizes.sum()
    whole = np.floor(exact)
    whole[np.argsort(whole - exact, kind="stable")[: round(total - whole.sum())]] += 1
    return np.asarray(whole)


def _simulate_programmes(plan: dict[str, Any], truth: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Graduates and employed by vocational programme, school and year."""
    schools = truth[truth["kind"] == "365"]
    offered = plan["programmes"]["list"]
    rows = []
    for code, own in schools.groupby("unit", sort=True):
        for k in sorted(rng.choice(len(offered), 5, replace=False)):
            rows.append(_simulate_programme(plan, str(code), own, offered[k], rng))
    return pd.concat(rows, ignore_index=True)


def _simulate_programme(
    plan: dict[str, Any], code: str, own: pd.DataFrame, major: dict[str, Any], rng: np.random.Generator
) -> pd.DataFrame:
    span = own["year"].to_numpy()
    leavers = rng.poisson(np.maximum(own["leavers_vocational"].to_numpy() / 5, 8))
    rate = np.interp(span, plan["years"], [major["first"], major["last"]])
    employed = rng.binomial(leavers, np.clip(rate + rng.normal(0, 0.015, len(span)), 0, 1))
    return pd.DataFrame(
        {
            "unit": code, "year": span, "county": own["county"].to_numpy(), "major": major["code"],
            "major_name": major["zh"], "leavers": leavers, "employed": employed,
            "certified": rng.binomial(leavers, 0.32),
        }
    )  # fmt: skip
