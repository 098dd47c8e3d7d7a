"""Do the tables that once came in wrong come in right, through the commands that anybody uses?"""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from edustats.cli import app
from edustats.errors import EdustatsError

CASES = Path(__file__).resolve().parent.parent.parent / "shared" / "cases" / "intake"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir()) if CASES.exists() else []

FIGURES = {
    "01": {("990102", 2023, "budget_education"): 3.0e8, ("990102", 2023, "gdp"): 5.0e9,
           ("990102", 2023, "budget_operating"): 2.8e8, ("990102", 2023, "budget_education_primary"): 1.2e8},
    "02": {("990102", 2022, "budget_education"): 3.0e8, ("990102", 2023, "budget_education"): 3.15e8},
    "04": {("2143000001", 2023, "equipment_value"): 6.0e5, ("2143000002", 2023, "equipment_value"): 7.5e5},
    "05": {("990101", 2021, "pupils_graduating"): 985, ("990102", 2021, "pupils_graduating"): 1140},
    "10": {("990102", 2023, "budget_education"): 3.0e8},
    "12": {("990102", 2023, "gdp"): 5.0e9, ("990103", 2022, "gdp"): 6.0e9, ("990121", 2021, "gdp"): 3.0e9},
    "13": {("990102", 2023, "budget_education"): 3.0e8, ("990102", 2022, "budget_education"): 2.9999e8},
    "15": {("3143000011", 2023, "pupils_junior"): 900, ("3143000011", 2023, "pupils_girls_junior"): 430,
           ("3143000011", 2023, "classes_junior"): 20, ("3143000012", 2023, "teachers_junior"): 45},
    "16": {("3143000011", 2023, "pupils_junior"): 900, ("3143000012", 2023, "pupils_junior"): 600},
    "18": {("3143000011", 2023, "pupils_junior"): 900},
    "19": {("990121", 2021, "pupils_primary"): 168000, ("990121", 2021, "teachers_primary"): 9100,
           ("990122", 2021, "schools_primary"): 90},
    "21": {("00010000", 2021, "pupils"): 2100, ("00020000", 2021, "teachers"): 110},
    "23": {("990102", 2021, "pupils_primary"): 9000},
    "28": {("2143000001", 2023, "pupils_primary"): 500, ("2143000002", 2023, "teachers_primary"): 44},
    "32": {("2143000001", 2023, "pupils_primary"): 500},
    "33": {("990101", 2021, "computers"): 1000},
    "34": {("990102", 2023, "budget_education"): 3.0e8, ("990121", 2023, "gdp"): 3.0e9},
    "35": {("甲县", 2021, "pupils"): 1000, ("乙县", 2021, "teachers"): 60},
    "36": {("E06000001", 2021, "pupils"): 1000, ("E06000002", 2021, "teachers"): 60},
    "37": {("990101", 2021, "pupils"): 1000, ("990102", 2021, "teachers"): 60},
    "39": {("990101", 2021, "pupils"): 1000},
    "41": {("990101", 2020, "pupils"): 1000, ("990102", 2022, "pupils"): 1700},
    "42": {("1001", 2021, "pupils"): 100, ("1002", 2021, "pupils"): 300, ("1003", 2021, "teachers"): 12},
    "46": {("2143000001", 2023, "pupils_primary"): 500, ("2143000002", 2023, "pupils_primary"): 800},
    "48": {("990121", 2021, "pupils_primary"): 12000, ("990122", 2021, "pupils_junior"): 4100},
    "49": {("990101", 2019, "pupils"): 1000, ("990102", 2021, "pupils"): 1220},
    "50": {("990101", 2021, "pupils_primary"): 1000, ("990102", 2021, "pupils_junior"): 700},
    "53": {("990101", 2020, "pupils"): 1000},
}  # fmt: skip
REFUSED = {
    "07": ["毕业率(%)", "E2", "0.985"], "08": ["D1", "千元", "万元"], "25": ["line 2", "quotation mark"],
    "30": ["0,875", "012,345"], "40": ["row 6", "约1000"], "54": ["1.234", "decimal"],
}  # fmt: skip
SUMS = {"21": ("pupils", 3500), "23": ("pupils_primary", 20000), "32": ("pupils_primary", 1500)}


@pytest.mark.skipif(not NAMES, reason="the cases are kept beside the repository and are not here")
@pytest.mark.parametrize("name", NAMES)
def test_a_case_comes_in_right_or_says_why_not(name, tmp_path, monkeypatch):
    monkeypatch.setenv("EDUSTATS_LANG", "en")
    folder, number = CASES / name, name[:2]
    assert json.loads((folder / "expected.json").read_text("utf-8"))["right"]
    source = folder / "m.toml" if (folder / "m.toml").is_file() else folder
    told = CliRunner().invoke(app, ["load", str(source), "--store", str(tmp_path / "store"), "--lang", "en"])
    if number in REFUSED:
        assert isinstance(told.exception, EdustatsError)
        assert all(part in told.exception.text("en") for part in REFUSED[number]), told.exception.text("en")
        return
    assert told.exit_code == 0, told.output
    got = exported(tmp_path)
    held = {(r["unit"] or r["area"], r["year"], r["column"]): r["value"] for r in got.to_dict("records")}
    for key, value in FIGURES.get(number, {}).items():
        assert held.get(key) == pytest.approx(value), key
    if number in SUMS:
        column, total = SUMS[number]
        assert got.loc[got["column"] == column, "value"].sum() == total
    if number == "26":
        assert set(got.loc[(got["area"] == "990102") & (got["column"] == "teachers"), "kind"]) == {
            "unreadable"
        }
        assert "E3 is “#DIV/0!”" in findings(tmp_path)


def exported(folder):
    """The store through the command that writes it out."""
    out = folder / "out.csv"
    args = ["export", "--store", str(folder / "store"), "--what", "columns", "--inside", "--out", str(out)]
    assert CliRunner().invoke(app, args).exit_code == 0
    return pd.read_csv(out, dtype={"area": str, "unit": str}).fillna({"unit": ""})


def findings(folder):
    return " ".join(pd.concat(pd.read_parquet(p) for p in (folder / "store").rglob("findings.parquet"))["en"])
