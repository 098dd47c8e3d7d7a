"""Is what an edition prints what somebody else computes from the raw table? Reads published files and the raw table."""

import csv
import math

import numpy as np
import pandas as pd
import pytest
from recomputed import PanelForecast, count_retired, measure_convergence, measure_spread
from recomputed_seats import (
    PUPILS_A_TEACHER,
    SEATS_A_CLASS,
    STAGES,
    Prefecture,
    project_cohorts,
    survive_cohorts,
)
from typer.testing import CliRunner

from edustats.cli import app

YEARS = range(2014, 2025)
COUNTIES = {"410602": "鹤山区", "410603": "山城区", "410611": "淇滨区", "410621": "浚县", "410622": "淇县"}
CITY = "鹤壁市"
COUNTED = {
    "普通高中在校生数": "pupils_senior", "普通高中专任教师数": "teachers_senior",
    "中职学校占地": "land_area_vocational", "中等职业教育在校生数": "pupils_vocational", "在园幼儿数": "children",
}  # fmt: skip
RATIOS = {
    "公办园在园幼儿占比": ("children_public", "children"), "普通高中生师比": ("pupils_senior", "teachers_senior"),
    "职普比（在校生）": ("pupils_vocational", "pupils_senior"),
    "中职生均占地面积": ("land_area_vocational", "pupils_vocational"),
}  # fmt: skip
BETTER = {"普通高中生师比": (-1, 1), "中职生均占地面积": (1, 2)}
"""Which way is better, and the decimals that are printed."""
BANDS = {"le_24": (18, 24), "25_29": (25, 29), "30_34": (30, 34), "35_39": (35, 39), "40_44": (40, 44),
         "45_49": (45, 49), "50_54": (50, 54), "55_59": (55, 59), "60_65": (60, 65), "ge_66": (66, 70)}  # fmt: skip
AGED = {"le_24": (60, 45), "25_29": (90, 66), "30_34": (110, 80), "35_39": (120, 70), "40_44": (95, 50),
        "45_49": (130, 61), "50_54": (150, 70), "55_59": (92, 23), "60_65": (12, 0), "ge_66": (0, 0)}  # fmt: skip
"""Teachers of 鹤山区 by age in 2024, and the women among them."""


def make_rows():
    """An invented yearbook of five counties: growth, falls, noise, and one cell that was never sent."""
    drawn = np.random.default_rng(28)
    rows = {}
    for k, code in enumerate(COUNTIES):
        size = (0.6, 1.0, 1.9, 3.1, 1.4)[k]
        senior, vocational, children = 2_100 * size, 900 * size, 4_200 * size
        for at, year in enumerate(YEARS):
            senior *= 1 + drawn.normal(0.02, 0.012)
            vocational *= 1 + drawn.normal(0.01, 0.04)
            children *= 1 + drawn.normal(-0.02 + 0.008 * k, 0.02)
            figures = {
                "pupils_senior": senior, "pupils_vocational": vocational, "children": children,
                "teachers_senior": senior / (13.5 + 0.3 * k - 0.12 * at + drawn.normal(0, 0.15)),
                "land_area_vocational": vocational * (31 + 2 * k + drawn.normal(0, 1)),
                "children_public": children * (0.38 + 0.03 * k + 0.012 * at + drawn.normal(0, 0.008)),
            }  # fmt: skip
            rows[code, year] = {key: float(round(value)) for key, value in figures.items()}
    rows["410621", 2019]["land_area_vocational"] = math.nan
    return rows


def write_yearbook(folder, rows):
    """The table and its mapping, as a stranger would bring them."""
    aged = {
        f"{whose}_age_{band}": AGED[band][k] for k, whose in enumerate(("teachers", "women")) for band in AGED
    }
    columns = [*next(iter(rows.values())), *aged]
    lines = []
    for (code, year), held in rows.items():
        own = held | (aged if (code, year) == ("410602", 2024) else {})
        lines.append([year, COUNTIES[code], *(own.get(key, math.nan) for key in columns)])
    write_table(folder, {key: "平方米" if key.startswith("land") else "人" for key in columns}, lines)


def write_table(folder, units, lines):
    """A table and its mapping; ``units`` by the name of a column, which is also its heading."""
    with (folder / "book.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["年份", "地区", *units])
        for year, area, *cells in lines:
            out.writerow([year, area, *("" if math.isnan(cell) else int(cell) for cell in cells)])
    told = "".join(f'{key} = {{ from = "{key}", unit = "{unit}" }}\n' for key, unit in units.items())
    (folder / "book.toml").write_text(
        'title = { zh = "年鉴", en = "yearbook" }\n[[tables]]\nfile = "book.csv"\n[area]\ncode = "地区"\n'
        f'[year]\nfrom = "年份"\n[missing]\nnot_collected = [""]\n[columns]\n{told}', "utf-8",
    )  # fmt: skip


def run_command(*words):
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def raw():
    return make_rows()


@pytest.fixture(scope="module")
def values(raw, tmp_path_factory):
    """The table of all numbers of an edition of two areas, as it is published."""
    folder = tmp_path_factory.mktemp("yearbook")
    write_yearbook(folder, raw)
    run_command("load", folder / "book.toml", "--store", folder / "store")
    run_command("report", "--store", folder / "store", "--county", "410602,410600", "--lang", "zh", "--out",
                folder / "out", "--notebook", "10,20,44,50,60", "--workers", "1")  # fmt: skip
    held = pd.read_parquet(next(folder.glob("out/*/values.parquet")))
    return held.astype({name: str for name in ("name", "record", "label_zh", "kind", "notebook")})


@pytest.fixture(scope="module")
def series(raw):
    """Every indicator of the counties and of the city: sums, and ratios of sums; none where a county is missing."""
    areas = {name: [code] for code, name in COUNTIES.items()} | {CITY: list(COUNTIES)}
    sums = {
        (column, name): [sum(raw[code, year][column] for code in codes) for year in YEARS]
        for name, codes in areas.items()
        for column in raw["410602", 2024]
    }
    made = {(label, name): sums[column, name] for label, column in COUNTED.items() for name in areas}
    for label, (over, under) in RATIOS.items():
        for name in areas:
            pairs = zip(sums[over, name], sums[under, name], strict=True)
            made[label, name] = [a / b for a, b in pairs]
    return made


def select(values, record, area, start):
    own = values[(values["record"] == record) & (values["name"] == area)]
    return own[own["label_zh"].str.startswith(start)]["value"].tolist()


def test_every_forecast_and_the_ends_of_its_interval(values, series):
    forecast = PanelForecast(series, shares={"公办园在园幼儿占比"})
    for label in (*COUNTED, *RATIOS):
        for lead in (1, 2, 3):
            printed = select(values, "table forecasts", "鹤山区", f"{label} · {2024 + lead}年")
            assert printed == pytest.approx(forecast.tell((label, "鹤山区"), lead), rel=1e-9), (label, lead)


def test_places_are_those_of_the_figures_as_printed(values, series):
    for label, (sign, decimals) in BETTER.items():
        now = {
            name: sign * math.floor(series[label, name][-1] * 10**decimals + 0.5)
            for name in COUNTIES.values()
        }
        place = 1 + sum(value > now["鹤山区"] for value in now.values())
        assert select(values, "table ranks", "鹤山区", f"{label} · 按数值") == [place, len(COUNTIES)]


def test_spread_between_the_counties(values, series, raw):
    for label in BETTER:
        now = np.array([series[label, name][-1] for name in COUNTIES.values()])
        weights = np.array([raw[code, 2024][RATIOS[label][1]] for code in COUNTIES])
        printed = select(values, "table spread", "鹤山区", f"{label} · ")
        assert printed == pytest.approx([len(COUNTIES), *measure_spread(now, weights)], rel=1e-9)


def test_convergence_of_the_counties(values, series):
    for label in BETTER:
        rows = np.log([series[label, name] for name in COUNTIES.values()])
        printed = select(values, "table convergence", CITY, f"{label} · ")
        assert printed == pytest.approx(measure_convergence([*YEARS], rows), rel=1e-8)


def test_teachers_who_reach_their_legal_age(values):
    bands = [("women", *BANDS[band], women) for band, (_, women) in AGED.items()]
    bands += [("men", *BANDS[band], everyone - women) for band, (everyone, women) in AGED.items()]
    own = values[(values["record"] == "table teachers.wave.years") & (values["name"] == "鹤山区")]
    gone = own[own["label_zh"].str.contains("累计退休")].set_index("year")["value"]
    assert len(gone) >= 5
    for year, printed in gone.items():
        assert printed == pytest.approx(count_retired(bands, 2024, int(year)), rel=1e-9), year


# --- pupils, seats and teachers ---

STAGE_NAMES = dict(zip(STAGES, ("幼儿园", "小学", "初中", "普通高中", "中职"), strict=True))
GROUPS = ((3, 5), (6, 11), (12, 14), (15, 17))
SHOWN = (1, 2, 3, 5, 8, 10, 15)
NEAR, NEAR_END = 0.12, 0.2
"""How far two simulations may lie apart, in standard deviations of the paths: four times what chance gives the
medians of 2,000 and of 4,000 paths, and nearly four times what it gives their ends."""


def make_counts():
    """Counts of five counties whose births turn, whose grades drift, and of which one never sent a figure."""
    drawn, counts = np.random.default_rng(40), {}
    for k, code in enumerate(COUNTIES):
        wave = 1 + 0.25 * np.sin(np.arange(1990, 2025) / 4)
        births = 2_000 * (0.6, 1.0, 1.9, 3.1, 1.4)[k] * wave * drawn.lognormal(0, 0.03, 35)
        born = dict(zip(range(1990, 2025), births.round(), strict=True))
        flow = 0.985 + 0.012 * k + 0.002 * drawn.standard_normal(5)
        held = {f"{what}_{s}": [] for s in STAGES for what in ("pupils", "entrants", "leavers", "classes")}
        for year in YEARS:
            for s, (stage, (grades, _, age)) in enumerate(STAGES.items()):
                share = {"senior": 0.6, "vocational": 0.3}.get(stage, 1)

                def count_grade(g, year=year, age=age, share=share, s=s, k=k, born=born, flow=flow):
                    entered = year - age - g
                    came = 0.7 * born.get(entered, 2_000) + 0.3 * born.get(entered - 1, 2_000)
                    drift = 1 + 0.004 * (year - 2019) * (s == 3)
                    return came * share * flow[s] ** (g + 1) * drift

                rows = [round(count_grade(g) * drawn.lognormal(0, 0.01)) for g in range(grades)]
                left = round(count_grade(grades) * drawn.lognormal(0, 0.01))
                per = SEATS_A_CLASS[stage] * (0.8 + 0.02 * k + 0.05 * s)
                figures = (
                    sum(rows),
                    rows[0],
                    left if stage != "preschool" else math.nan,
                    round(sum(rows) / per),
                )
                for what, figure in zip(("pupils", "entrants", "leavers", "classes"), figures, strict=True):
                    held[f"{what}_{stage}"].append(float(figure))
        held["births"] = [born[year] for year in YEARS]
        for low, high in GROUPS:
            held[f"population_age_{low}_{high}"] = [
                round(0.97 * sum(born[year - age] for age in range(low, high + 1))) for year in YEARS
            ]
        counts[code] = held
    counts["410621"]["pupils_primary"][4] = math.nan
    return counts


@pytest.fixture(scope="module")
def counts():
    return make_counts()


@pytest.fixture(scope="module")
def seats(counts, tmp_path_factory):
    """The numbers of the chapter on seats as they are published for one county."""
    folder = tmp_path_factory.mktemp("seats")
    left_out = {"leavers_preschool", "classes_vocational"}  # no form tells them
    held = {
        code: {
            name.replace("pupils_preschool", "children"): own[name] for name in own if name not in left_out
        }
        for code, own in counts.items()
    }
    units = {name: "个" if name.startswith("classes") else "人" for name in held["410602"]}
    lines = [
        [year, COUNTIES[code], *(own[name][at] for name in units)]
        for code, own in held.items()
        for at, year in enumerate(YEARS)
    ]
    write_table(folder, units, lines)
    run_command("load", folder / "book.toml", "--store", folder / "store")
    run_command("report", "--store", folder / "store", "--county", "410621", "--lang", "zh", "--out",
                folder / "out", "--notebook", "40", "--workers", "1")  # fmt: skip
    held = pd.read_parquet(next(folder.glob("out/*/values.parquet")))
    return held.astype({name: str for name in ("name", "record", "label_zh", "kind", "notebook")})


@pytest.fixture(scope="module")
def paths(counts):
    return project_cohorts(Prefecture(counts, YEARS), 15, 4_000)


def select_wave(seats, stage, what):
    own = seats[
        (seats["record"] == "figure seats.wave") & (seats["label_zh"] == f"{STAGE_NAMES[stage]} · {what}")
    ]
    return own.sort_values(["year", "value"], kind="stable")


def test_every_projected_year_and_the_ends_of_its_band(seats, paths):
    for stage in STAGES:
        middle = select_wave(seats, stage, "在校生").drop_duplicates("year")
        middle = middle[middle["year"] > 2024]["value"].to_numpy()
        ends = select_wave(seats, stage, "80%区间")["value"].to_numpy().reshape(-1, 2)
        low, mid, high = np.quantile(paths["410621", stage], [0.1, 0.5, 0.9], axis=1)
        wide = (ends[:, 1] - ends[:, 0]) / 2.563
        assert len(middle) == len(ends) == 15
        assert np.abs((mid - middle) / wide).max() < NEAR, stage
        assert np.abs((low - ends[:, 0]) / wide).max() < NEAR_END, stage
        assert np.abs((high - ends[:, 1]) / wide).max() < NEAR_END, stage


def test_seats_and_what_is_to_be_added_or_asked_for(seats, paths, counts):
    plan = seats[seats["record"] == "table seats.plan"]
    for stage, name in STAGE_NAMES.items():
        held = counts["410621"][f"classes_{stage}"][-1] * SEATS_A_CLASS[stage]
        own = {what: plan[plan["label_zh"] == f"{name} · {what}"]["value"].tolist() for what in
               ("在校生", "学位", "不够的可能性", "需增减", "需教师")}  # fmt: skip
        if stage == "vocational":
            assert not own["学位"] + own["不够的可能性"] + own["需增减"]
            continue
        drawn = paths["410621", stage][[lead - 1 for lead in SHOWN]]
        assert own["学位"] == [held] * len(SHOWN)
        assert own["不够的可能性"] == pytest.approx((drawn > held).mean(axis=1), abs=0.045)
        for k, add in enumerate(own["需增减"]):
            assert abs(add - (np.quantile(drawn[k], 0.8) - held)) < 1 + 0.15 * drawn[k].std(), (stage, k)
        norm = PUPILS_A_TEACHER.get(stage)
        assert own["需教师"] == ([math.ceil(p / norm) for p in own["在校生"]] if norm else [])


def test_past_errors_know_nothing_that_came_later(seats, counts):
    """Plain cohort survival has no chance in it: every error agrees."""
    missed: dict[tuple[str, int], list[float]] = {}
    for origin in range(4, len(YEARS)):
        reach = min(5, len(YEARS) - origin)
        said = survive_cohorts(Prefecture(counts, YEARS[:origin]), reach)
        for (code, stage), values in said.items():
            for lead, value in enumerate(values, 1):
                off = abs(value / counts[code][f"pupils_{stage}"][origin + lead - 1] - 1)
                if math.isfinite(off):
                    missed.setdefault((stage, lead), []).append(off)
    errors = seats[seats["record"] == "table seats.errors"]
    for stage, name in STAGE_NAMES.items():
        own = {
            what: errors[errors["label_zh"] == f"{name} · {what}"]["value"].tolist()
            for what in ("次数", "照搬误差")
        }
        assert own["次数"] == [len(missed[stage, lead]) for lead in (1, 3, 5)]
        assert own["照搬误差"] == pytest.approx(
            [np.mean(missed[stage, lead]) for lead in (1, 3, 5)], rel=1e-9
        )
