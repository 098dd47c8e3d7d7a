"""Has an indicator one value per area, year and scope in all that is published: page, brief, workbook, list of numbers?

Every number that is said to be an indicator's, of the area itself or of the area above, is held against the store; so
none of two documents can differ. Two figures of one measure over schools must name how many schools they are over.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from returns_made import prefecture
from typer.testing import CliRunner

import edustats as edu
from edustats.catalogue import catalogue
from edustats.cli import app
from edustats.present.equity.inequality import show_inequality
from edustats.present.records.items import Table
from edustats.present.standards.coefficients import show_difference_coefficients
from edustats.store.reading import open_store

ROOT = Path(__file__).resolve().parent.parent
PLAIN = ("最近一年", "数值", "当年", "末年")
"""Headings under which an area's own figure stands without its name."""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A county and its prefecture as a bureau publishes them, with the store they were made from."""
    folder = tmp_path_factory.mktemp("one_value")
    store = folder / "store"
    CliRunner().invoke(app, ["load", str(prefecture(folder / "made")), "--store", str(store)])
    words = [
        "report",
        "--store",
        str(store),
        "--lang",
        "zh",
        "--out",
        str(folder / "out"),
        "--county",
        "990103,990100",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "edustats", *words, "--notebook", "05,10,59"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return open_store(store), next((folder / "out").glob("[!.]*"))


def numbers_of(edition):
    """Every printed number of a level with the year it is of."""
    found = pd.read_parquet(edition / "values.parquet")
    return found[(found["kind"] == "level") & found["year"].notna()]


def whose(one, names):
    """The area whose figure a number is: that of its heading, else of its source; empty for a target or a mean."""
    known = {i.zh for i in catalogue().indicators.values()}
    pieces = [piece for piece in one.label_zh.split(" · ") if piece not in known]
    named = [piece for piece in pieces if not re.fullmatch(r"\d{4}年?", piece) and piece not in PLAIN]
    if named:
        return names.get(named[0], "") if len(named) == 1 else ""
    return next(iter(re.findall(r"^(?:rows=area )?area=(\d{6}) year=\d{4}$", one.filter)), "")


def read_number(shown):
    """A printed number and half of its last digit."""
    digits, large = re.match(r"(−?[\d.]+)(万|亿)?", shown.replace(" ", "").replace("-", "−")).groups()
    size = {"万": 1e4, "亿": 1e8}.get(large, 1.0)
    places = len(digits.partition(".")[2])
    return float(digits.replace("−", "-")) * size, 0.5 * 10.0**-places * size


def test_every_number_said_to_be_an_indicators_is_the_stores(published):
    store, edition = published
    known = catalogue()
    formulas = {i.formula: i for i in known.indicators.values()}
    names = dict(zip(store.areas["zh"], store.areas["code"], strict=True))
    rows = store.comparison("990100").set_index(["area", "indicator", "year"])["value"]
    wrong, held = [], 0
    for one in numbers_of(edition).itertuples():
        indicator = formulas.get(one.formula)
        if indicator is None or indicator.zh not in one.label_zh.split(" · "):
            continue
        key = (whose(one, names), indicator.key, int(one.year))
        if key in rows.index and (held := held + 1):
            shown, half = read_number(one.shown)
            if abs(shown - rows[key] * known.unit_of(indicator.key).times) > half * (1 + 1e-6):
                wrong.append((one.notebook, one.record, one.label_zh, one.shown, rows[key]))
    assert held > 300
    assert not wrong


def test_no_figure_of_the_word_briefs_is_called_wrong(published):
    store, edition = published
    for folder in sorted(edition.glob("990*")):
        draft = str(folder / "简报.docx")
        words = ["check", draft, "--store", str(store.path), "--county", folder.name[:6], "--format", "json"]
        told = json.loads(CliRunner().invoke(app, words).stdout)
        claims = [claim for one in (told if isinstance(told, list) else [told]) for claim in one["claims"]]
        assert sum(claim["verdict"] == "consistent" for claim in claims) > 20
        assert not [claim["quote"] for claim in claims if claim["severity"] == "error"]


def test_two_coefficients_of_one_indicator_are_over_numbers_of_schools_that_are_told(published):
    store, _ = published
    view = edu.open_county("990103", store.path, lang="zh")
    spread = next(i for i in show_inequality(view) if isinstance(i, Table) and i.key == "spread")
    judged = next(
        i for i in show_difference_coefficients(view) if isinstance(i, Table) and i.key == "standards.spread"
    )
    of_all = {row[0].zh: (read_cell(row[3]), read_cell(row[2])) for row in spread.rows}
    met = 0
    for row in judged.rows:
        value, schools, left_out = (read_cell(row[k]) for k in (4, 7, 9))
        if (name := row[0].zh + row[1].zh) in of_all:
            met += 1
            other, n = of_all[name]
            assert abs(value - other) <= 0.001 or n == schools + left_out > schools, name
    assert met > 5


def read_cell(cell):
    return float(re.match(r"[\d.]+", str(getattr(cell, "zh", cell))).group())
