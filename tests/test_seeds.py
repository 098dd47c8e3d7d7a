"""Has every statement of the documents an answer or a reason, and is the page of them that of today?"""

import json
import re
from pathlib import Path

import pytest

from edustats.briefing.mask_styles import find_masks
from edustats.briefing.masks import masks
from edustats.catalogue import catalogue

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT.parent / "shared" / "seeds" / "004_9b437aeb17ed083d.txt"


@pytest.fixture(scope="module")
def told(example):
    maker, made = example
    return maker, made, maker.tell_rows(made)


def test_no_row_says_nothing_and_none_is_contradicted(told):
    _, _, rows = told
    assert len(rows) == 68
    assert [row[0] for row in rows if not row[4].strip() or row[4] == "—"] == []
    nothing = re.compile(r"没有关于|未采集|nothing")
    assert [row[:1] + row[4:] for row in rows if nothing.search(row[4]) and row[5] != "—"] == []
    assert [row[:1] + row[4:] for row in rows if re.search("不符|请核对", row[5])] == []
    assert sum(row[5] == "—" for row in rows) <= 12
    assert sum("相符" in row[5] for row in rows) >= 35


def test_the_page_is_that_of_today(told):
    maker, _, rows = told
    assert (ROOT / "docs" / "seeds.md").read_text("utf-8") == maker.page(rows), (
        "run python docs/make_seeds.py"
    )


def test_every_row_names_what_exists(told):
    maker, _, _ = told
    for key, row in maker.read_rows().items():
        assert set(row["indicators"]) <= set(catalogue().indicators), key
        if "notebook" in row:
            cells = json.loads((ROOT / "notebooks" / f"{row['notebook']}.ipynb").read_text("utf-8"))["cells"]
            code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
            assert f"edu.{row['verb']}(" in code if "verb" in row else code, key


@pytest.mark.skipif(not SEED.is_file(), reason="the speech lies beside the repository")
@pytest.mark.parametrize("year", [2021, 2024])
def test_the_template_speech_is_filled_and_what_stays_says_why(told, year):
    maker, made, _ = told
    text = SEED.read_text("utf-8")
    found = masks(text, made.known[maker.PREFECTURE], year)
    assert len(found) == len(find_masks(text)) == 64
    assert sum(bool(mask.text) for mask in found) >= 22
    assert all(mask.why.zh and mask.why.en for mask in found)
    shown = {text[max(0, m.start - 8) : m.start]: m.text for m in found if m.text}
    pupils = next(value for near, value in shown.items() if near.endswith("在校生"))
    observed = made.known[maker.PREFECTURE].set_index(["indicator_name", "area_name", "year"])["value"]
    whole = observed.loc["各级各类学校（含幼儿园）在校生数", "云汀市", year]
    assert pupils == f"{whole / 1e4:.2f}"
    drawn = {
        near: value for near, value in shown.items() if near.endswith(("新建幼儿园", "全市投资", "满意率达"))
    }
    assert drawn == {}  # no return feeds these
