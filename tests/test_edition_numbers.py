"""Is every number that an edition's files print held as they say it, and is nothing held that they do not print?

Of a small prefecture every chapter in Chinese and some in English, and a census; ``benchmarks/edition_numbers.py`` asks
the same of the whole example and of Michigan.
"""

import docx
import pandas as pd
import pytest
from editions import find_loose_numbers, says_value
from handmade import make_prefecture, write_census
from test_printed_numbers import names_with_digits
from typer.testing import CliRunner

from edustats.cli import app
from edustats.load.tables.reader import load_tables
from edustats.store.writing import write_store

SOME = "05_brief,30_standards,42_finance"


@pytest.fixture(scope="session")
def editions(tmp_path_factory):
    """By name: the folder of an edition, and its language."""
    folder = tmp_path_factory.mktemp("editions")
    write_store(make_prefecture(), folder / "hand")
    census = write_census(folder / "in")
    write_store(load_tables(census / "census.toml", census), folder / "census")
    asked = {
        "county and prefecture": ("hand", "991101,991100", "zh", [], "2024"),
        "county in English": ("hand", "991102", "en", ["--notebook", SOME], "2024"),
        "census": ("census", "430224", "zh", ["--notebook", "05_brief,10_county_trend"], "2020"),
    }
    made = {}
    for name, (store, areas, lang, more, edition) in asked.items():
        out = folder / name
        terms = [
            "report",
            "--store",
            str(folder / store),
            "--county",
            areas,
            "--lang",
            lang,
            "--out",
            str(out),
        ]
        done = CliRunner().invoke(app, [*terms, "--detail", "full", *more])
        assert done.exit_code == 0, done.output
        made[name] = (out / edition, lang)
    return made


@pytest.mark.parametrize("name", ["county and prefecture", "county in English", "census"])
def test_what_the_files_print_is_what_the_table_holds(editions, name):
    edition, lang = editions[name]
    loose = find_loose_numbers(edition, names_with_digits(lang))
    assert loose == [], "\n".join(map(" | ".join, loose[:40]))


def test_a_number_that_is_changed_or_taken_out_of_a_file_is_seen(editions, tmp_path):
    """The test of the test: a digit of a page, a paragraph in a brief, a row of the table."""
    edition, lang = editions["county in English"]
    names, spoilt = names_with_digits(lang), tmp_path / "spoilt"
    (folder,) = (path for path in edition.iterdir() if path.is_dir() and not path.name.startswith("."))
    (spoilt / folder.name).mkdir(parents=True)
    page = (folder / "42_finance.html").read_text("utf-8")
    values = pd.read_parquet(edition / "values.parquet")
    shown = next(
        one for one in values.loc[values["record"] == "finding finance.totals", "shown"] if "%" in one
    )
    (spoilt / folder.name / "42_finance.html").write_text(page.replace(shown, "77.77%"), "utf-8")
    document = docx.Document()
    document.add_paragraph("There are 98,765 pupils.")
    document.save(str(spoilt / folder.name / "brief.docx"))
    values.loc[values["notebook"] == "42_finance"].to_parquet(spoilt / "values.parquet")
    wrong = {file.rpartition("/")[2] for file, _, _ in find_loose_numbers(spoilt, names)}
    assert wrong == {"42_finance.html", "brief.docx"}


@pytest.mark.parametrize(
    ("shown", "value", "unit", "right"),
    [
        ("12.5%", 0.125, "share", True),
        ("12.5%", 12.5, "share", False),
        ("1.4个百分点", 0.0138, "share", True),
        ("5066", 5065.56, "ten_thousand_yuan", True),
        ("5066", 5064.9, "ten_thousand_yuan", False),
        ("3.46万人", 34_640, "person", True),
        ("3.46万人", 34_660, "person", False),
        ("641.6 million yuan", 641_637_792.7, "yuan", True),
        ("−2.0", 2.0, "", False),
    ],
)
def test_a_printed_number_says_its_value_or_does_not(shown, value, unit, right):
    decimals = 1 if "." in shown else 0
    assert says_value(shown, value, unit, decimals) == right
