"""Do reports of real tables, a few counties of each, run to the end and say whose figures they print?"""

import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

from edustats import open_county

ROOT = Path(__file__).resolve().parent.parent


def publish(store, out, counties, notebooks, lang):
    words = ["report", "--store", str(store), "--lang", lang, "--out", str(out), "--county", counties]
    done = subprocess.run(
        [sys.executable, "-m", "edustats", *words, "--notebook", notebooks],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=600,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    edition = next(out.glob("[!.]*"))
    lines = (edition / "results.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["state"] for line in lines} <= {"ok", "ok_with_suppression"}
    return edition


def page(edition, county, notebook):
    text = next(edition.glob(f"{county}*/{notebook}*.html")).read_text("utf-8")
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"(?s)<(template|style|script)\b.*?</\1>", "", text)))


def test_two_counties_of_the_census_and_their_prefecture(zhuzhou, tmp_path):
    edition = publish(zhuzhou, tmp_path / "o", "430202,430212,430200", "10,60", "zh")
    told = page(edition, "430202", "10")
    assert "湖南省" in told
    assert not re.search(r"全国(?!人口普查)[^。；]{0,12}9\.\d", told)  # the store holds one province
    assert "渌口区（原株洲县）" in page(edition, "430212", "10")


def test_a_county_of_michigan(michigan, tmp_path):
    edition = publish(michigan, tmp_path / "o", "26", "10", "en")
    assert "Michigan" in page(edition, "26", "10")


def test_a_whole_prefecture_has_the_censuss_own_figures(zhuzhou):
    series = open_county("430202", zhuzhou).series("count_population", "430200").set_index("year")
    assert series["value"][2020] == 3_902_738
    assert (series["members"] == series["present"]).all()
