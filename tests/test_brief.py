"""Does the brief open with the county on a page, tell where every number comes from, and bear any name?"""

import re
import zipfile

import docx
import nbformat
import pytest
from docx.oxml.ns import qn
from lxml import etree
from test_page import FIGURE, number, text
from test_publication import EVIL, notebook

import edustats as edu
from edustats.briefing import check
from edustats.catalogue import catalogue
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.row_filter import RowFilter
from edustats.present.records.sheet import build_mime_bundle, collect_items
from edustats.report.publish.docx import write_brief
from edustats.report.publish.one_page import FIGURES, build_one_page
from edustats.report.trace.sources import SourceList
from edustats.words import NOTHING, say

LONG = EVIL.replace("\x07", "") + "长名" * 100


def trend(key, verdict, first, last):
    unit = catalogue().indicators[key].unit
    return Finding(
        key=f"trend.{key}", verdict=verdict, note=text("口径"),
        sentence=text("甲县有变。"),
        numbers=(
            number(first, unit, label="2015年", rows=RowFilter(years=(2015,))),
            number(last, unit, label="2024年", rows=RowFilter(years=(2024,))),
        ),
    )  # fmt: skip


def profile_table(*keys):
    known = catalogue().indicators
    heads = ("指标", "年份", "甲县", "乙市", "相差")
    return Table(
        key="profile", title=text("主要指标"), columns=tuple(TableColumn(label=text(h)) for h in heads),
        rows=tuple((known[key].name, "2024", text(f"{k}人"), text("9人"), text("1人")) for k, key in enumerate(keys)),
        sources=tuple(number(1.0, rows=RowFilter(group=key)).source for key in keys),
    )  # fmt: skip


def made(tmp_path, *items, title="甲县", prose="# 章"):
    executed = notebook(
        tmp_path / "10.ipynb",
        *(nbformat.v4.new_output("display_data", data=build_mime_bundle(i, "zh")) for i in collect_items("zh", *items)),
        prose=prose,
    )  # fmt: skip
    write_brief([executed], tmp_path / "brief.docx", title=title, lang="zh")
    return docx.Document(tmp_path / "brief.docx")


# --- the county on one page ---


def test_the_page_shows_eight_figures_those_that_tell_who_the_county_is_first():
    keys = [*[k for k in catalogue().indicators if k.startswith("share_")][:12], "count_pupils_primary"]
    page = build_one_page([profile_table(*keys)])
    assert len(page.tiles) == FIGURES
    assert page.tiles[0].label == catalogue().indicators["count_pupils_primary"].name
    assert page.tiles[0].source.filter.group == "count_pupils_primary"


def test_what_improved_and_what_slipped_are_told_apart_and_the_larger_movement_comes_first():
    page = build_one_page([
        trend("share_big_classes_primary", "improving", 0.10, 0.09),
        trend("share_big_classes_junior", "improving", 0.40, 0.01),
        trend("share_tier1", "worsening", 0.30, 0.10),
        trend("mean_pay_civil_servants", "rising", 1.0, 2.0),
    ])  # fmt: skip
    improved, slipped = (point.said.zh for point in page.points)
    assert improved.index("初中大班额") < improved.index("小学大班额")
    assert "由30.0%变为10.0%" in slipped
    assert "公务员" not in improved + slipped


def test_that_nothing_slipped_is_said_only_where_every_indicator_was_judged():
    improving = trend("share_tier1", "improving", 0.1, 0.3)
    assert [point.lead for point in build_one_page([improving]).points] == ["improving"]
    head = tuple(TableColumn(label=text(h)) for h in ("指标", "年份", "数值", "判断"))
    row = (text("一本上线率"), "2015–2024", text("10% → 30%"), say("sentences.improving"))
    judged = Table(key="trends", title=text("表"), columns=head, rows=(row,))
    told = {point.lead: point.said.zh for point in build_one_page([improving, judged]).points}
    assert told["worsening"] == "没有指标被判定为明显下滑。"
    worse = Table(
        key="trends", title=text("表"), columns=head, rows=((*row[:3], say("sentences.worsening")),)
    )
    told = {point.lead: point.said.zh for point in build_one_page([improving, worse]).points}
    assert "一本上线率10% → 30%" in told["worsening"]


def test_a_trend_without_its_two_ends_or_without_a_unit_is_left_to_its_chapter():
    from dataclasses import replace

    whole = trend("share_tier1", "improving", 0.1, 0.3)
    bare = replace(whole, numbers=tuple(replace(n, unit="") for n in whole.numbers))
    assert not build_one_page([replace(whole, numbers=())]).points
    assert not build_one_page([bare]).points


def test_a_county_without_records_has_no_page_and_the_brief_says_that_there_is_nothing(tmp_path):
    page = build_one_page([])
    assert not page.tiles
    assert not page.points
    assert "没有可列入简报的内容" in "\n".join(p.text for p in made(tmp_path).paragraphs)


def test_the_chapters_begin_on_a_page_of_their_own_after_the_profile(tmp_path):
    document = made(
        tmp_path, profile_table("count_pupils_primary"), trend("share_tier1", "improving", 0.1, 0.3)
    )
    heads = [p for p in document.paragraphs if p.style.name == "Heading 1"]
    assert [bool(p.paragraph_format.page_break_before) for p in heads] == [True, False]


# --- where the numbers come from ---


def test_every_number_of_a_sentence_has_its_row_in_the_table_of_sources(tmp_path):
    document = made(tmp_path, trend("share_tier1", "improving", 0.1, 0.3), FIGURE)
    rows = {row.cells[0].text: [cell.text for cell in row.cells] for row in document.tables[-1].rows}
    told = "".join(r.text for p in document.paragraphs for r in p.runs if r.font.superscript)
    marks = set(re.findall(r"\[.+?\]", told))
    assert marks == set(rows) - {"编号"}
    first = rows["[1–2]"]
    assert "口径" in first[1]
    assert first[2] == "a / b"
    assert first[3] == "2015; 2024"
    assert first[4] == "F1"
    assert any(p.text.startswith("F1：a.xlsx，sha256 0000") for p in document.paragraphs)


def test_the_same_source_keeps_its_number_and_another_gets_the_next():
    one, other = (number(1.0, rows=RowFilter(group=group)).source for group in "ab")
    sources = SourceList("zh", {one: 4, other: 7})
    marks = [sources.mark(NOTHING, rested) for rested in ([one], [other], [one, other], [])]
    assert marks == ["4", "7", "4, 7", ""]
    assert sources.mark(say("page.cover_source", cite="x"), []) == "注1"


# --- what stands in the file, whatever is called how ---


@pytest.mark.parametrize("title", [EVIL, LONG, "=cmd|'/C calc'!A0", '"', "\u202e\u200f县", "<w:p/>"])
def test_any_name_stands_in_the_finished_file_as_it_was_given(tmp_path, title):
    named = Table(
        key="t", title=text(title), columns=(TableColumn(label=text(title)), TableColumn(label=text("值"))),
        rows=((title, "1"),), note=text(title),
    )  # fmt: skip
    document = made(tmp_path, Finding(key="k", sentence=text(title), note=text(title)), named, title=title)
    clean = title.replace("\x07", "")
    assert document.paragraphs[0].text.startswith(clean)
    assert document.tables[0].rows[1].cells[0].text == clean
    with zipfile.ZipFile(tmp_path / "brief.docx") as parts:
        assert parts.testzip() is None
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(parts.read(name))


def test_a_number_without_a_known_unit_is_written_and_has_its_source(tmp_path):
    bare = Finding(key="k", sentence=text("系数为0.512。"), numbers=(number(0.5119, unit=""),), note=NOTHING)
    document = made(tmp_path, bare)
    assert "系数为0.512。[1]" in [p.text for p in document.paragraphs]
    assert document.tables[-1].rows[1].cells[1].text == "依据"


def test_every_relation_of_the_package_finds_its_part_and_every_part_its_type(tmp_path):
    made(tmp_path, FIGURE, trend("share_tier1", "improving", 0.1, 0.3))
    with zipfile.ZipFile(tmp_path / "brief.docx") as parts:
        names = set(parts.namelist())
        types = etree.fromstring(parts.read("[Content_Types].xml"))
        known = {e.get("PartName") for e in types} | {e.get("Extension") for e in types}
        for name in names:
            assert f"/{name}" in known or name.rpartition(".")[2] in known or name == "[Content_Types].xml"
        for name in (n for n in names if n.endswith(".rels")):
            base = name.replace("_rels/", "").rpartition("/")[0]
            for link in etree.fromstring(parts.read(name)):
                if link.get("TargetMode") != "External":
                    target = link.get("Target")
                    path = target[1:] if target.startswith("/") else f"{base}/{target}"
                    while "/../" in path:
                        path = re.sub(r"[^/]+/\.\./", "", path, count=1)
                    assert path.lstrip("/") in names, f"{name}: {target}"


def test_the_fonts_are_named_for_chinese_in_every_run_that_names_any(tmp_path):
    document = made(tmp_path, profile_table("count_pupils_primary"), FIGURE)
    fonts = list(document.element.iter(qn("w:rFonts")))
    assert fonts
    assert all(f.get(qn("w:eastAsia")) for f in fonts)


def test_a_machine_without_the_chinese_fonts_writes_the_same_file(tmp_path, monkeypatch):
    """Fonts are named, never looked up: what is missing here is the reader's to replace."""
    items = (profile_table("count_pupils_primary"), trend("share_tier1", "improving", 0.1, 0.3))
    made(tmp_path, *items)
    before = (tmp_path / "brief.docx").read_bytes()
    monkeypatch.setattr("matplotlib.font_manager.fontManager.ttflist", [])
    made(tmp_path, *items)
    assert (tmp_path / "brief.docx").read_bytes() == before


# --- the sentences themselves ---

VERBS = (
    "show_profile",
    "show_trends",
    "show_data_warnings",
    "show_inequality",
    "show_decomposition",
    "show_gaps",
)


@pytest.mark.parametrize("county", ["82", "01"])
def test_the_checker_finds_every_generated_sentence_consistent(michigan, county):
    view = edu.open_county(county, michigan, lang="zh")
    said = [i.sentence.zh for verb in VERBS for i in getattr(edu, verb)(view) if isinstance(i, Finding)]
    assert len(said) > 10
    wrong = [
        (claim.quote, claim.message.zh) for s in said for claim in check(s) if claim.verdict == "inconsistent"
    ]
    assert not wrong


@pytest.mark.parametrize("county", ["82", "01"])
def test_what_the_profile_says_is_consistent_too(michigan, county):
    view = edu.open_county(county, michigan, lang="zh")
    page = build_one_page([*edu.show_profile(view), *edu.show_trends(view)])
    assert page.points
    assert not [c.quote for point in page.points for c in check(point.said.zh) if c.verdict == "inconsistent"]
    assert not [point.said.en for point in page.points if re.search(r"[\u4e00-\u9fff]", point.said.en)]


def test_no_generated_sentence_holds_a_causal_verb_or_two_approximations(michigan):
    view = edu.open_county("82", michigan, lang="zh")
    said = "".join(
        i.sentence.zh for verb in VERBS for i in getattr(edu, verb)(view) if isinstance(i, Finding)
    )
    assert not re.search(r"带动|得益于|促进了|使得|导致", said)
    assert not re.search(r"约[^，。]{0,12}左右|近[^，。]{0,12}左右|至少[^，。]{0,12}以上", said)
