"""Is what an edition prints what somebody else computes from the raw table? Reads published files and the raw table."""

import csv
import math

import numpy as np
import pandas as pd
import pytest
from recomputed import PanelForecast, count_retired, measure_convergence, measure_spread
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
    with (folder / "book.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["年份", "地区", *columns])
        for (code, year), held in rows.items():
            own = held | (aged if (code, year) == ("410602", 2024) else {})
            cells = [own.get(key, math.nan) for key in columns]
            out.writerow([year, COUNTIES[code], *("" if math.isnan(cell) else int(cell) for cell in cells)])
    units = {key: "平方米" if key.startswith("land") else "人" for key in columns}
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
