"""Is a template speech filled only where the words leave one reading, and is every fill right?"""

import re
from pathlib import Path

import docx
import pandas as pd
import pytest
from docx.enum.text import WD_COLOR_INDEX
from typer.testing import CliRunner

from edustats.briefing import check
from edustats.briefing.mask_styles import find_masks
from edustats.briefing.masks import fill, masks
from edustats.briefing.reference import reference
from edustats.cli import app
from edustats.errors import DataError, MissingFileError, ParameterError
from edustats.store.reading import open_store

SEED = Path(__file__).resolve().parents[2] / "shared" / "seeds" / "004_9b437aeb17ed083d.txt"
ROWS = [
    ("primary", "小学在校生数", 26572.0, "person"),
    ("primary", "小学生师比", 16.47, "ratio"),
    ("preschool", "幼儿园数", 65.0, "unit"),
    ("compulsory", "课后服务学生参与率", 0.8791, "share"),
    ("primary", "小学大班额比例（56人及以上）", 0.0098, "share"),
    ("all", "预算内教育经费总量", 3.1324e9, "yuan"),
]


@pytest.fixture(scope="module")
def known():
    from edustats.catalogue import catalogue

    units = {i.zh: i.unit for i in catalogue().indicators.values()}
    rows = [("甲县", stage, name, 2024, value, units[name], 0.0) for stage, name, value, _ in ROWS]
    rows.append(("甲县", "primary", "小学大班额比例（56人及以上）", 2015, 0.2191, "share", 0.0))
    columns = ["area_name", "stage", "indicator_name", "year", "value", "unit", "half_unit"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("2024年，小学在校生x.xx万人。", ["2.66"]),
        ("小学在校生xxxxx人。", ["26572"]),
        ("全县小学在校生数达到x.xx万人。", ["2.66"]),
        ("小学生师比为xx.x:1。", ["16.5"]),
        ("课后服务学生参与率达xx.xx%。", ["87.91"]),
        ("现有幼儿园xx所。", ["65"]),
        ("预算内教育经费总量达到xx.xx亿元。", ["31.32"]),
        (
            "小学大班额比例（56人及以上）由2015年的xx.x%下降到2024年的x.x%，下降xx.x个百分点。",
            ["21.9", "1.0", "20.9"],
        ),
    ],
)
def test_a_mask_whose_words_name_one_indicator_is_filled_and_rounded_once(known, text, filled):
    assert [mask.text for mask in masks(text, known, 2024)] == filled


@pytest.mark.parametrize(
    "text",
    [
        "新建幼儿园xx所。",  # a part of them
        "各级各类学校、幼儿园xxx所。",  # together with others
        "全省小学生师比为xx.x:1。",  # of another area
        "课后服务学生参与率达xx%以上。",  # a bound, which no exact value keeps
        "2023年，小学在校生x.xx万人。",  # a year without a value
        "小学在校生xx所。",  # the wrong unit
        "课后服务学生参与率提高x.x个百分点。",  # a change whose ends are not there
        "群众满意率xx.x%。",  # nothing the store knows
        "小学在校生数占xx.x%。",  # a share of what is no share
        "赴xx市、xx市教育部门挂职。",  # names
        "下午服务时间延长至xx:xx。",
        "小学在校生的平均身高为xxx人。",  # another thing
    ],
)
def test_a_mask_that_could_mean_something_else_stays(known, text):
    assert not any(mask.text for mask in masks(text, known, 2024))


@pytest.mark.parametrize(
    ("text", "base", "filled"),
    [
        ("小学大班额比例（56人及以上）由2015年的xx.x%下降到x.x%。", 0, ["21.9", "1.0"]),
        ("小学大班额比例（56人及以上）由xx.x%下降到x.x%。", 0, ["", ""]),
        ("小学大班额比例（56人及以上）由xx.x%下降到x.x%。", 2015, ["21.9", "1.0"]),
    ],
)
def test_a_change_is_filled_with_two_years_or_stays_open(known, text, base, filled):
    found = masks(text, known, 2024, base_year=base)
    assert [mask.text for mask in found] == filled
    assert all("起始年份" in mask.why.zh for mask in found if not mask.text)


def test_a_change_against_its_verb_stays(known):
    text = "小学大班额比例（56人及以上）由2015年的xx.x%提高到2024年的x.x%，提高xx.x个百分点。"
    assert masks(text, known, 2024)[-1].text == ""


@pytest.mark.parametrize(
    ("share", "filled"), [(0.9996, ""), (1.0, "100"), (0.004, "0.4"), (0.0, "0"), (0.87, "87")]
)
def test_no_share_becomes_a_hundred_or_nought_by_the_decimals_of_its_mask(known, share, filled):
    here = known.assign(value=known["value"].where(known["unit"] != "share", share))
    assert masks("课后服务学生参与率为xx%。", here, 2024)[0].text == filled


def test_two_observations_that_fit_leave_the_mask_open(known):
    twice = pd.concat([known, known.assign(value=known["value"] * 2)])
    assert not masks("小学生师比为xx.x:1。", twice, 2024)[0].text


def test_a_fill_that_contradicts_the_rest_of_the_speech_is_taken_back(known):
    text = "小学大班额比例（56人及以上）由2015年的xx.x%下降到2024年的x.x%，下降9.9个百分点。"
    found = masks(text, known, 2024)
    assert not any(mask.text for mask in found)
    assert "不一致" in found[0].why.zh


def test_every_fill_names_its_source(known):
    mask = masks("小学生师比为xx.x:1。", known, 2024)[0]
    for word in ("甲县", "2024年", "小学生师比", "pupils_primary"):
        assert word in mask.why.zh


@pytest.mark.skipif(not SEED.is_file(), reason="the speech lies beside the repository")
def test_a_real_template_loses_no_mask_and_none_is_filled_wrongly(known):
    text = SEED.read_text("utf-8")
    found = masks(text, known, 2024)
    assert len(found) == len(find_masks(text)) > 60
    assert not [text[m.start - 20 : m.end] for m in found if m.text]  # it speaks of none of these indicators


@pytest.fixture(scope="module")
def speech(michigan):
    """A template about a county of the store, and the store."""
    text = "Wayne县教育工作讲话\n1998年，Wayne县四年级数学达标率为xx.x%，生师比为xx.x:1。新建学校xx所。"
    return text, open_store(michigan)


def test_the_checker_finds_nothing_wrong_with_a_filled_speech(speech, tmp_path):
    text, store = speech
    (tmp_path / "t.txt").write_text(text, "utf-8")
    found = fill(tmp_path / "t.txt", store, "82", 1998, tmp_path / "out.txt")
    made = (tmp_path / "out.txt").read_text("utf-8")
    assert [bool(mask.text) for mask in found] == [True, True, False]
    assert "【xx】" in made
    assert re.search(r"\[1\] .*四年级数学达标率", made)
    claims = check(made, reference(made, store))
    assert not [c.quote for c in claims if c.verdict == "inconsistent"]
    assert [c for c in claims if c.verdict == "consistent" and c.data]


def test_in_word_a_fill_has_its_comment_and_what_stays_is_yellow(speech, tmp_path):
    text, store = speech
    document = docx.Document()
    document.add_paragraph(text.split("\n")[0])
    paragraph = document.add_paragraph()
    for piece in re.split(r"(?<=x)(?=\.)|(?<=为)", text.split("\n")[1]):  # masks broken over runs
        paragraph.add_run(piece).bold = True
    document.save(tmp_path / "t.docx")
    found = fill(tmp_path / "t.docx", store, "82", 1998, tmp_path / "out.docx")
    made = docx.Document(tmp_path / "out.docx")
    assert found[0].text + "%" in made.paragraphs[1].text
    assert len(list(made.comments)) == 3  # two sources, and why the third stays
    yellow = [r.text for r in made.paragraphs[1].runs if r.font.highlight_color == WD_COLOR_INDEX.YELLOW]
    assert "".join(yellow) == "xx"
    assert all(run.bold for run in made.paragraphs[1].runs if run.text)


def test_bad_requests_get_one_sentence(speech, tmp_path):
    _, store = speech
    (tmp_path / "t.txt").write_text("xx", "utf-8")
    with pytest.raises(DataError, match=r"out\.docx"):
        fill(tmp_path / "t.txt", store, "82", 1998, tmp_path / "out.docx")
    with pytest.raises(ParameterError):
        fill(tmp_path / "t.txt", store, "82", 2050, tmp_path / "out.txt")
    with pytest.raises(MissingFileError):
        fill(tmp_path / "none.txt", store, "82", 1998, tmp_path / "out.txt")
    with pytest.raises(DataError):
        fill(tmp_path / "t.txt", store, "82", 1998, tmp_path / "t.txt")


def test_the_command_says_how_many_it_filled_and_asks_for_a_person_where_some_are_left(speech, tmp_path):
    text, store = speech
    (tmp_path / "t.txt").write_text(text, "utf-8")
    words = ["fill", str(tmp_path / "t.txt"), "--store", str(store.path), "--county", "82", "--year", "1998"]
    run = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "o.txt"), "--lang", "zh"])
    assert run.exit_code == 1
    assert "填入 2 处，1 处未填" in run.output
    assert "〔1〕新建学校【xx】　未填：" in run.output


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("下午服务时间延长至xx:30，", "时刻"), ("赴xx市教育部门挂职", "名称"), ("驻xx高校制度", "名称"),
        ("纳入“爱xx·城通”", "名称"),
        ("延时服务x.x版本", "版本"), ("“x+N”校外活动", "提法"),
        ("培训教师x万余人次", "约数"), ("每天运动不少于x小时", "约数"),
        ("家长、学生满意率达xx%。", "问卷"), ("配备专职保安xxxx名", "台账"), ("群众满意率xx%以上", "约数"),
    ],
)  # fmt: skip
def test_each_mask_that_stays_has_its_own_reason(known, text, word):
    (mask, *_) = masks(text, known, 2024)
    assert not mask.text
    assert word in mask.why.zh


def test_the_reasons_stand_below_the_speech(speech, tmp_path):
    text, store = speech
    (tmp_path / "t.txt").write_text(text, "utf-8")
    fill(tmp_path / "t.txt", store, "82", 1998, tmp_path / "o.txt")
    made = (tmp_path / "o.txt").read_text("utf-8")
    assert "新建学校【xx】〔1〕所" in made
    assert "未填各处及原因：\n〔1〕新建学校【xx】　未填：" in made
