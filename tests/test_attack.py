"""Does anything that is published give a withheld count away? An attack over all of it, as a stranger would make it.

The attacker knows what every observation shows and how the columns hang together, and nothing of how the suite
decides: all unknown counts are whole and not negative. Everything is read back from stores that really withhold.
"""

import numpy as np
import pandas as pd
import pytest
from hidden_cells import bound_hidden_cells

from edustats.catalogue import catalogue
from edustats.disclosure import rules
from edustats.disclosure.observations import withhold_small_groups
from edustats.load.tables.reader import load_tables
from edustats.store.reading import open_store
from edustats.store.writing import write_store

MAPPING = """title = { zh = "测试", en = "test" }
[[tables]]
file = "t.csv"
[area]
code = "县代码"
width = 6
name = "县名"
parent = { code = "990100", level = "prefecture", zh = "某市", en = "City" }
[year]
from = "学年"
[columns]
pupils_primary = { from = "小学在校生", unit = "人" }
teachers_primary = { from = "小学专任教师", unit = "人" }
disabled_children = { from = "残疾儿童", unit = "人" }
disabled_enrolled = { from = "残疾在学", unit = "人" }
disabled_special_school = { from = "特教", unit = "人" }
disabled_inclusive = { from = "随班", unit = "人" }
disabled_home = { from = "送教", unit = "人" }
migrant_children = { from = "随迁", unit = "人" }
migrant_children_public = { from = "随迁公办", unit = "人" }
"""
HEADINGS = [
    "县代码",
    "县名",
    "学年",
    "小学在校生",
    "小学专任教师",
    "残疾儿童",
    "残疾在学",
    "特教",
    "随班",
    "送教",
    "随迁",
    "随迁公办",
]
ENROLLED = ("disabled_special_school", "disabled_inclusive", "disabled_home")
WHOLES = {
    "disabled_enrolled": "disabled_children",
    "migrant_children_public": "migrant_children",
} | dict.fromkeys(ENROLLED, "disabled_enrolled")


def prefecture(seed, counties=5, years=(2023, 2024)):
    """Counties with few of one kind here and there, many elsewhere; a table as a bureau sends it."""
    rng = np.random.default_rng(seed)
    few = rng.random((counties, 5)) < 0.25
    rows = []
    for year in years:
        for k in range(counties):
            lot = np.where(few[k], rng.integers(0, 12, 5), rng.integers(12, 90, 5))
            special, inclusive, home, without, public = map(int, lot)
            enrolled = special + inclusive + home
            migrants = public + int(rng.integers(0, 60))
            rows.append([990101 + k, f"{'甲乙丙丁戊己'[k]}县", year, 1000 + k, 60 + k, enrolled + without, enrolled, special,  # noqa: E501
                         inclusive, home, migrants, public])  # fmt: skip
    return pd.DataFrame(rows, columns=HEADINGS)


def stored(folder, table):
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / "t.csv", index=False)
    (folder / "my.toml").write_text(MAPPING, "utf-8")
    return write_store(load_tables(folder / "my.toml"), folder / "store")


def published(store):
    """What an observation shows: the two sums it prints; NaN where it is withheld."""
    rows, _ = withhold_small_groups(store.comparison("990100"), catalogue())
    return rows[rows["indicator"].str.contains("disabled|migrant")]


def truth(store):
    return store.comparison("990100").pipe(
        lambda rows: rows[rows["indicator"].str.contains("disabled|migrant")]
    )


def unknowns(rows):
    """Counts of single columns by area, year and column, in the order of the attack's variables."""
    found = {}
    known = catalogue().indicators
    for area, year, key, num, den in rows[["area", "year", "indicator", "num", "den"]].itertuples(
        index=False
    ):
        for column, count in ((known[key].num, num), (known[key].den, den)):
            place = (area, year, column)
            if place not in found or np.isnan(found[place]):
                found[place] = count
    return found


def attack(shown, real):
    """Bounds of every count that no observation prints, complements of wholes among them."""
    places = list(real)
    counts = np.array([real[place] for place in places])
    hidden = np.array([np.isnan(shown.get(place, np.nan)) for place in places])
    at = {place: k for k, place in enumerate(places)}
    sums, rest = [], {}
    for (area, year, column), k in at.items():
        if area == "990100":
            sums.append((k, [i for p, i in at.items() if p[1:] == (year, column) and p[0] != area]))
        parts = [at[area, year, part] for part in ENROLLED if (area, year, part) in at]
        if column == "disabled_enrolled" and len(parts) == len(ENROLLED):
            sums.append((k, parts))
        if column in WHOLES and (whole := at.get((area, year, WHOLES[column]))) is not None:
            rest[area, year, f"not {column}"] = (whole, k)
    matrix = np.zeros((len(sums) + len(rest), len(places) + len(rest)))
    for i, (total, parts) in enumerate(sums):
        matrix[i, parts], matrix[i, total] = 1, -1
    for i, (whole, part) in enumerate(rest.values()):
        matrix[len(sums) + i, [part, len(places) + i]], matrix[len(sums) + i, whole] = 1, -1
    lacks = np.array([counts[whole] - counts[part] for whole, part in rest.values()])
    found = bound_hidden_cells(
        np.append(counts, lacks), matrix, np.append(hidden, np.ones(len(rest), bool)), whole=True
    )
    names = [*places, *rest]
    return {names[k]: (interval, np.append(counts, lacks)[k]) for k, interval in found.items()}


def told_too_well(found):
    """Counts of few persons, or withheld ones, that are bounded more tightly than the rules allow."""
    rule = rules()
    return {
        name: (interval, count)
        for name, (interval, count) in found.items()
        if interval.high - interval.low < rule.width - 1e-6
        and (0 < count < rule.threshold or not name[2].startswith("not "))
    }


@pytest.mark.parametrize("seed", range(4))
def test_nothing_that_is_shown_bounds_what_is_not(tmp_path, seed):
    store = stored(tmp_path / "a", prefecture(seed))
    shown, real = unknowns(published(store)), unknowns(truth(store))
    small = [place for place, count in real.items() if 0 < count < rules().threshold]
    assert small, "the table withholds nothing: the attack proves nothing"
    assert all(np.isnan(shown[place]) for place in small)
    assert told_too_well(attack(shown, real)) == {}


def test_the_attack_finds_what_a_protection_of_each_indicator_by_itself_gives_away(tmp_path):
    store = stored(tmp_path / "a", prefecture(0))
    real = unknowns(truth(store))
    naive = {place: np.nan if 0 < count < rules().threshold else count for place, count in real.items()}
    assert told_too_well(attack(naive, real))


@pytest.mark.parametrize("seed", [5, 6])
def test_nor_do_two_editions_together(tmp_path, seed):
    table = prefecture(seed)
    first = unknowns(published(stored(tmp_path / "a", table)))
    corrected = table.copy()
    at = corrected.index[(corrected["县代码"] == 990103) & (corrected["学年"] == 2024)]
    corrected.loc[at, ["残疾儿童", "残疾在学", "送教"]] += 4 - corrected.loc[at, "送教"].iloc[0]
    before = unknowns(truth(open_store(tmp_path / "a" / "store")))
    store = stored(tmp_path / "a", corrected)
    shown, real = unknowns(published(store)), unknowns(truth(store))
    # what the first edition showed and the second did not move is known to whoever keeps both
    for place, count in first.items():
        if not np.isnan(count) and real[place] == before[place]:
            shown[place] = count
    assert told_too_well(attack(shown, real)) == {}


def test_the_same_data_again_withhold_the_same(tmp_path):
    table = prefecture(1)
    once = published(stored(tmp_path / "a", table))
    again = published(stored(tmp_path / "a", table))
    pd.testing.assert_frame_equal(once, again)
