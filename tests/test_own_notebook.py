"""Does a chapter of one's own go through the batch like the others, and does a machine learn what it lacks?"""

import json
import shutil
from pathlib import Path

import docx
import pytest
from returns_made import prefecture
from typer.testing import CliRunner

import edustats as edu
from edustats import cli, doctor
from edustats.errors import MissingFileError, ParameterError
from edustats.report.publish.html import name_chapter
from edustats.store.writing import update_store

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "notebooks" / "template" / "own_chapter.ipynb"


def test_names_of_notebooks_come_with_commas_or_spaces_and_by_file(tmp_path):
    folder = ROOT / "notebooks"
    mine = shutil.copy(TEMPLATE, tmp_path / "70_专题.ipynb")
    both = cli._select_notebooks(folder, ["00,10"])
    assert both == cli._select_notebooks(folder, ["00", "10"])
    assert cli._select_notebooks(folder, [str(mine)]) == [tmp_path / "70_专题.ipynb"]
    everyone = cli._select_notebooks(folder, ["all", str(mine)])
    assert everyone == [*cli._select_notebooks(folder, []), tmp_path / "70_专题.ipynb"]
    assert cli._select_notebooks(folder, ["00", str(mine)])[0].stem == "00_data_quality"


def test_words_of_a_list_are_gathered_for_reports_alone():
    words = ["report", "--notebook", "00", "10", "--county", "柏溪县", "云麓区", "--force"]
    assert cli._gather_words(words) == [
        "report",
        "--notebook",
        "00,10",
        "--county",
        "柏溪县,云麓区",
        "--force",
    ]
    assert cli._gather_words(["check", "--county", "01", "a.docx"]) == ["check", "--county", "01", "a.docx"]


def test_a_notebook_that_no_batch_can_run_says_what_it_lacks(tmp_path):
    with pytest.raises(MissingFileError, match=r"none\.ipynb"):
        cli._find_own_notebook(str(tmp_path / "none.ipynb"))
    book = json.loads(TEMPLATE.read_text("utf-8"))
    book["cells"] = [c for c in book["cells"] if "parameters" not in c["metadata"].get("tags", ())]
    bare = tmp_path / "bare.ipynb"
    bare.write_text(json.dumps(book), "utf-8")
    with pytest.raises(ParameterError, match=r"bare\.ipynb"):
        cli._find_own_notebook(str(bare))


def test_an_own_chapter_is_called_by_its_file_without_the_number():
    assert name_chapter("70_留守儿童专题", "zh") == "留守儿童专题"
    assert name_chapter("70_left_behind", "en") == "left behind"


@pytest.mark.slow
def test_an_own_chapter_stands_in_page_index_and_brief(tmp_path, monkeypatch):
    update_store([prefecture(tmp_path / "in")], tmp_path / "store")
    store = edu.open_store(tmp_path / "store")
    mine = tmp_path / "70_我的专题.ipynb"
    shutil.copy(TEMPLATE, mine)
    monkeypatch.chdir(tmp_path)
    words = ["report", "--store", "store", "--county", store.counties[0], "--notebook", f"05,{mine.name}", "--lang",
             "zh", "--out", "out", "--workers", "1"]  # fmt: skip
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 0, done.output
    (page,) = (tmp_path / "out").glob("*/*/70_我的专题.html")
    text = page.read_text("utf-8")
    assert "小学师生比" in text or "生师比" in text
    (index,) = (tmp_path / "out").glob("*/index.html")
    assert "我的专题" in index.read_text("utf-8")
    (brief,) = (tmp_path / "out").glob("*/*/简报.docx")
    lines = [p.text for p in docx.Document(brief).paragraphs]
    heads = [line for line in lines if line.endswith(("、我的专题", "需协调事项"))]
    assert heads[-1].endswith("、我的专题"), lines
    assert not any("口径" in line for line in lines[: lines.index(heads[-1])]), (
        "it stands before scope and sources"
    )


def test_a_frame_becomes_a_table_of_the_chapter_unless_it_is_for_use_inside(tmp_path):
    update_store([prefecture(tmp_path / "in")], tmp_path / "store")
    store = edu.open_store(tmp_path / "store")
    view = edu.open_county(store.counties[0], tmp_path / "store", lang="zh")
    frame = edu.observations(store, "ratio_pupils_per_teacher_primary", view.area)
    (table,) = edu.show_frame(view, frame[["year", "value"]], "生师比 / Pupils per teacher").items
    assert (table.title.zh, table.title.en) == ("生师比", "Pupils per teacher")
    assert [row[0] for row in table.rows] == [str(year) for year in frame["year"]]
    assert [row[1] for row in table.rows] == pytest.approx(frame["value"].tolist())
    (figure,) = edu.show_frame(view, frame, "生师比", chart=True).items
    assert figure.png.startswith(b"\x89PNG")
    with pytest.raises(ParameterError):
        edu.show_frame(view, edu.observations(store, "ratio_pupils_per_teacher_primary", inside=True))


def test_the_doctor_says_what_is_missing_and_what_to_type(monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    done = CliRunner().invoke(cli.app, ["doctor", "--lang", "zh"])
    assert done.exit_code == 1  # the font is needed
    assert "必需  缺中文字体：pip install pylopdf-fonts-zh-cn" in done.output
    assert '可选  没有 JupyterLab，不能用 edustats lab：pip install "edustats[lab]"' in done.output
    assert "Traceback" not in done.output


def test_a_machine_with_everything_is_told_so(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.app, ["doctor", "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "ok  this folder" in done.output
    assert not list(tmp_path.iterdir())
