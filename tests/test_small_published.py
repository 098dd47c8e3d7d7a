"""Is each step of publishing, tracing and keeping an edition right where its neighbour is not?"""

# ruff: noqa: E501  (tables of cases are read across)

import io
import json
import os
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import docx as python_docx
import pandas as pd
import pytest

from edustats.catalogue import catalogue
from edustats.errors import DataError, MissingFileError
from edustats.present.records.items import NO_SOURCE, Finding, Table, TableColumn
from edustats.report.edition import remote, revisions, stale, status
from edustats.report.edition.manifest import ReportResult
from edustats.report.publish import brief, docx, front, html, index, one_page, pdf, word_page, word_template
from edustats.report.trace import embedded, explain
from edustats.report.trace.embedded import embed_in_package, parse_custom_part, read_embedded_sources
from edustats.report.trace.notebook import LONGEST_TEXT, Heading, _shorten_text
from edustats.report.trace.sources import NumberSources, PrintedNumber
from edustats.words import Text

KNOWN = catalogue()


NOTE = Text("注", "note")


def finding(key, zh, en="It is. And more.", note=NOTE):
    return Finding(key=key, sentence=Text(zh, en), note=note)


def table(key="t", rows=(("甲", 1.0),), heads=("名", "数"), **more):
    columns = tuple(TableColumn(label=Text(one, one), decimals=1) for one in heads)
    return Table(key=key, title=Text("表", "table"), columns=columns, rows=rows, **more)


# --- the brief ---


def test_the_words_of_a_template_are_those_of_the_cover_the_points_and_the_chapters():
    tile = SimpleNamespace(
        label=Text("生师比", "ratio"), year="2023", value=Text("17", "17"), above=Text("18", "18")
    )
    lead, place = next(iter(word_template.POINTS.items()))
    point = SimpleNamespace(lead=lead, said=Text("好", "good"))
    page = SimpleNamespace(points=[point], tiles=[tile])
    cover = finding("cover", "甲县2023年", "County A", Text("据年报", "from returns"))
    made = word_template.collect_placeholder_words(
        "甲县", "报告", page, [[finding("x", "他")], [cover]], "zh"
    )
    assert (made["county"], made["title"], made["cover"], made["source"]) == (
        "甲县",
        "报告",
        "甲县2023年",
        "据年报",
    )
    assert made["figures"] == [{"label": "生师比", "year": "2023", "value": "17", "above": "18"}]
    others = [made[name] for name in word_template.POINTS.values() if name != place]
    assert (made[place], set(others)) == ("好", {""})
    assert len(made["chapters"]) == 2
    bare = word_template.collect_placeholder_words("A", "T", SimpleNamespace(points=[], tiles=[]), [], "en")
    assert (bare["cover"], bare["source"], bare["figures"], bare["chapters"]) == ("", "", [], [])
    english = word_template.collect_placeholder_words("A", "T", page, [[cover]], "en")
    assert (english["cover"], english["source"], english[place]) == ("County A", "from returns", "good")


def save_template(path, *paragraphs):
    document = python_docx.Document()
    for words in paragraphs:
        document.add_paragraph(words)
    document.save(path)
    return path


def refusal(ask):
    with pytest.raises((DataError, MissingFileError)) as error:
        ask()
    return error.value.address, error.value.text("zh")


def test_a_template_is_refused_by_what_is_wrong_with_it(tmp_path, monkeypatch):
    check = word_template.check_template
    check(save_template(tmp_path / "good.docx", "{{ county }}", word_template.BRIEF))
    check(save_template(tmp_path / "none.docx", "{{ county }}"))
    for words, key, told in (
        (f"见{word_template.BRIEF}", "publish.template_place", "bad.docx"), ("{{ countie }}", "publish.template_unknown", "county"),
        ("{{r county }}", "publish.template_broken", "{{r county }}"), ("{{ county", "publish.template_broken", "bad.docx"),
        ("{{ county.upper() }}", "publish.template_not_allowed", "call"), ("{{ county|upper|list }}", "publish.template_not_allowed", "|list"),
        ("{% for a in figures %}{% for b in figures %}{{ b.label }}{% endfor %}{% endfor %}", "publish.template_not_allowed", "for"),
        ("{% for a in county %}{{ a }}{% endfor %}", "publish.template_not_allowed", "for"),
    ):  # fmt: skip
        found = refusal(lambda words=words: check(save_template(tmp_path / "bad.docx", words)))
        assert found[0] == key and told in found[1], words
    assert refusal(lambda: check(tmp_path / "gone.docx"))[0] == "publish.template_missing"
    (tmp_path / "text.docx").write_text("x")
    assert refusal(lambda: check(tmp_path / "text.docx"))[0] == "publish.template_not_word"
    with zipfile.ZipFile(tmp_path / "good.docx") as parts:
        size = sum(part.file_size for part in parts.infolist())
    monkeypatch.setattr(word_template, "MOST_BYTES", size)
    check(tmp_path / "good.docx")
    monkeypatch.setattr(word_template, "MOST_BYTES", size - 1)
    assert refusal(lambda: check(tmp_path / "good.docx"))[0] == "publish.template_large"
    monkeypatch.setattr(word_template.zipfile, "ZipFile", lambda _: zipfile_of(3_000_000))
    monkeypatch.setattr(word_template, "MOST_BYTES", 5)
    assert "3 MB" in refusal(lambda: check(tmp_path / "good.docx"))[1].replace("3MB", "3 MB")


class zipfile_of:  # noqa: N801  (stands for a function)
    def __init__(self, size):
        self.size = size

    def __enter__(self):
        return SimpleNamespace(infolist=lambda: [SimpleNamespace(file_size=self.size)])

    def __exit__(self, *_):
        pass


@pytest.mark.parametrize(
    ("lang", "text", "lead"),
    [
        ("zh", "好。更好。", 2),
        ("zh", "没有句号", 4),
        ("zh", "一句。", 3),
        ("en", "Good. Better.", 6),
        ("en", "Good.", 5),
    ],
)
def test_the_judgement_is_the_first_sentence_and_the_whole_where_there_is_one(lang, text, lead, monkeypatch):
    marked = []
    monkeypatch.setattr(brief, "_add_marked", lambda pages, paragraph, item, size, lead: marked.append(lead))
    pages = SimpleNamespace(
        lang=lang, document=python_docx.Document(), page_one=SimpleNamespace(size=11.5, line=16.5)
    )
    brief._write_judgement(pages, finding("brief.judgement.3", text, text))
    assert marked == [lead]
    assert pages.document.paragraphs[0].text.startswith("3. ")


@pytest.mark.parametrize(
    ("text", "end", "found"),
    [("有5所学校", 2, 3), ("有5项次", 2, 4), ("有5%", 2, 2), ("5县合计", 1, 4), ("五所", 0, 0)],
)
def test_a_mark_stands_behind_the_measure_word_of_its_figure(text, end, found):
    assert brief._end_of(SimpleNamespace(zh=(0, end), en=(0, end)), text, "zh") == found


def test_a_chapter_of_ones_own_is_called_by_its_heading_or_by_its_file():
    stems = ["10_county_trend", "my_chapter", "other"]
    own = brief.select_own_chapters(
        stems, [[], [Heading(2, "x"), Heading(1, "我的")], [finding("x", "y")]], "zh"
    )
    assert [name for name, _ in own] == ["我的", "other"]
    judged = [finding("brief.judgement.1", "x")]
    assert (
        brief.select_brief_items([[finding("x", "y")], judged, [finding("brief.judgement.2", "z")]]) == judged
    )
    assert brief.select_brief_items([[finding("x", "y")]]) == []
    held = list(
        brief._brief_items(
            [finding("brief.a", "x"), finding("b", "x"), Heading(1, "brief.c"), table("brief.t")]
        )
    )
    assert [one.key for one in held] == ["brief.a", "brief.t"]
    assert (brief._choose_widths("none", "zh"), brief._choose_widths(brief.CARDS, "en")[0]) == ((), 72.0)
    assert brief._choose_widths("brief.resources.table", "en") == brief._choose_widths(
        "brief.resources.table", "zh"
    )
    assert (
        brief._choose_widths("brief.duties", "zh")[3] == 28.0
        and brief._choose_widths("brief.duties", "en")[3] == 27.0
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (99, "九十九")],
)
def test_numerals_are_chinese_ones(number, said):
    assert word_page.format_chinese_numeral(number) == said


def chart(values, zh="甲", years=None):
    series = (SimpleNamespace(values=tuple(values)),)
    return SimpleNamespace(
        categories=tuple(years or range(2020, 2020 + len(values))),
        series=series,
        title=Text(zh, zh),
        decimals=1,
    )


def test_a_panel_is_described_by_its_first_and_last_value_and_by_its_title_where_it_has_none():
    state = SimpleNamespace(
        lang="zh",
        said=lambda key, **facts: (
            f"{facts['first_year']} {facts['first']} {facts['last_year']} {facts['last']}"
        ),
    )
    assert (
        docx._describe_panel(state, chart([None, 1.25, None, 3.0, None])) == "2021 1.3 2023 3.0"
        or "2021 1.2 2023 3.0"
    )
    assert docx._describe_panel(state, chart([None, None])) == "甲"
    one = SimpleNamespace(charts=(chart([1.0]),), alt=Text("整图", "whole"))
    assert docx._list_alt_texts(state, one) == ["整图"]
    two = SimpleNamespace(charts=(chart([1.0]), chart([None])), alt=Text("整图", "whole"))
    assert docx._list_alt_texts(state, two) == ["2020 1.0 2020 1.0", "甲"]


def test_a_tile_has_the_mark_of_its_source_where_it_has_one():
    marks = SimpleNamespace(mark=lambda note, sources: "7" if sources else "")
    state = SimpleNamespace(
        lang="zh",
        sources=marks,
        said=lambda key, **facts: f"{key} {facts.get('label', '')}{facts.get('value', '')}",
    )
    tile = SimpleNamespace(source="s", label="生师比", year="2023", value=Text("17\x07", "17"), above="18")
    assert docx._format_tile(state, tile, Text("市", "P")) == (
        "17",
        "publish.profile_tile 生师比 [7]",
        "publish.profile_above 18",
    )
    tile.source = None
    assert docx._format_tile(state, tile, Text("市", "P"))[1] == "publish.profile_tile 生师比"


def test_a_program_that_prints_is_asked_for_unless_none_is_wanted(tmp_path, monkeypatch):
    brief_file = tmp_path / "a.docx"
    brief_file.write_text("x")
    asked = []
    monkeypatch.setenv("EDUSTATS_PDF", "0")
    monkeypatch.setattr(pdf.shutil, "which", lambda name: f"/bin/{name}" if name == "libreoffice" else None)
    assert pdf.find_office.__wrapped__() == ""
    monkeypatch.setenv("EDUSTATS_PDF", "1")
    assert pdf.find_office.__wrapped__() == "/bin/libreoffice"
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    assert pdf.find_office.__wrapped__() == ""

    def run(command, **terms):
        asked.append((command, terms))
        (Path(command[command.index("--outdir") + 1]) / "a.pdf").write_bytes(
            b"%PDF /CreationDate(D:20261128044117Z') /ID [<" + b"A" * 32 + b">]"
        )

    monkeypatch.setattr(pdf, "find_office", lambda: "")
    assert pdf.write_pdf(brief_file) is None
    monkeypatch.setattr(pdf, "find_office", lambda: "office")
    monkeypatch.setattr(pdf.subprocess, "run", run)
    assert pdf.write_pdf(brief_file) == tmp_path / "a.pdf"
    assert (
        tmp_path / "a.pdf"
    ).read_bytes() == b"%PDF /CreationDate(D:00000000000000Z') /ID [<" + b"0" * 32 + b">]"
    ((command, terms),) = asked
    assert command[0] == "office" and command[-1] == str(brief_file)
    assert terms == {"capture_output": True, "timeout": 180.0, "check": False}
    monkeypatch.setattr(pdf.subprocess, "run", lambda *_, **__: None)
    assert pdf.write_pdf(brief_file) is None

    def late(*_, **__):
        raise pdf.subprocess.TimeoutExpired("office", 1)

    monkeypatch.setattr(pdf.subprocess, "run", late)
    assert pdf.write_pdf(brief_file) is None


# --- index, front page, one page ---


RESULT = ReportResult(
    county="01", name="甲县", folder="01-甲", notebook="10_a", state="ok", started="2024-05-01T10:00:00+00:00"
)


def test_the_newest_time_is_told_and_none_where_nothing_ran():
    assert index._format_newest_time([]) == ""
    later = replace(RESULT, started="2024-05-02T11:30:00+00:00")
    meant = datetime(2024, 5, 2, 11, 30, tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    assert index._format_newest_time([later, RESULT]) == meant


def test_a_file_of_before_the_run_that_failed_is_older(tmp_path):
    file = tmp_path / "a.ipynb"
    assert not index._is_older_than_run(file, RESULT)
    file.write_text("")
    began = datetime.fromisoformat(RESULT.started).timestamp()
    for seconds, older in ((-1, True), (0, False), (1, False)):
        os.utime(file, (began + seconds, began + seconds))
        assert index._is_older_than_run(file, RESULT) is older
    assert not index._is_older_than_run(file, replace(RESULT, started=""))


def test_the_front_page_is_that_of_the_first_prefecture_that_ran(tmp_path, monkeypatch):
    read = []
    counties = table(front.COUNTIES, rows=(("甲", 1.0),), note=Text("注", "note"))
    judged = [finding(f"{front.JUDGEMENT}.{k}", f"好{k}。还有。") for k in range(9)]
    monkeypatch.setattr(
        front,
        "read_blocks",
        lambda path, lang: (
            read.append(path.parent.name) or ([counties, *judged] if path.parent.name == "c" else [])
        ),
    )
    for folder in "abcd":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "10_a.ipynb").write_text("")
    results = [
        replace(RESULT, folder="a"), replace(RESULT, folder="b", scope="prefecture", state="failed"),
        replace(RESULT, folder="gone", scope="prefecture"), replace(RESULT, folder="d", scope="prefecture"), replace(RESULT, folder="c", scope="prefecture"),
    ]  # fmt: skip
    made = front.read_front_page(tmp_path, results, "zh")
    assert read == ["d", "c"]
    assert len(made.judgements) == front.MOST_JUDGED and made.judgements[0] == ("好0。", "还有。")
    assert (made.title, made.heads, made.note, made.rows[0].name) == ("表", ("名", "数"), "注", "甲")
    assert [(cell.text, cell.value) for cell in made.rows[0].cells] == [("1", 1.0)]
    assert front.read_front_page(tmp_path, results[:4], "zh") is None


def test_a_cell_is_sorted_by_its_number_or_by_the_ratio_of_two():
    def text(*values):
        return SimpleNamespace(
            spans=[SimpleNamespace(number=SimpleNamespace(value=value)) for value in values]
        )

    class Words(Text):
        __slots__ = ("held",)

        @property
        def spans(self):
            return self.held

    def cell(*values):
        made = Words("x", "x")
        object.__setattr__(made, "held", text(*values).spans)
        return made

    found = [front._find_value(cell(*values)) for values in ((5, 11), (5, 0), (5,), (), (1, 2, 3))]
    assert found == [5 / 11, None, 5, None, None]
    assert (
        front._find_value(3),
        front._find_value(Text("a", "a")),
        front._find_value("x"),
        front._find_value(None),
    ) == (3.0, None, None, None)
    assert front._split_lead("好。", "zh") == ("好。", "") and front._split_lead("Good. More.", "en") == (
        "Good.",
        "More.",
    )


def test_the_key_figures_of_a_page_need_four_columns_and_keep_their_source():
    assert (
        one_page._select_key_figures(None)
        == ()
        == one_page._select_key_figures(table(heads=("名", "年", "数"), rows=(("a", "2023", 1.0),)))
    )
    made = table(heads=("名", "年", "本县", "市"), rows=(("甲", "2023", "1", "2"), ("乙", "2023", "3", "4")))
    found = one_page._select_key_figures(made)
    assert [one.label.zh for one in found] == ["甲", "乙"] and [one.source for one in found] == [None, None]


def test_the_heading_of_a_page_says_whose_it_is():
    shown = [Heading(1, "我的"), Heading(2, "二")]
    assert [b.text for b in html._name_heading(shown, "my", "zh", "甲县")] == ["甲县 · 我的", "二"]
    assert [b.text for b in html._name_heading(shown, "my", "zh", "")] == ["我的", "二"]
    assert html._name_heading(shown, "10_county_trend", "zh", "甲县")[0].text not in ("甲县 · 我的", "我的")


# --- the numbers inside a file ---


def numbers(lang="zh", year=2023):
    printed = PrintedNumber(id="n1", notebook="a", record="finding x", within="甲<乙&", label="标", unit="share", kind="level", value=0.25,
                            decimals=1, shown="25.0%", year=year, sources=(1,))  # fmt: skip
    source = replace(NO_SOURCE, files=(("a.csv", "d"),), places=(("a.csv", "s", "1–2"),), formula="x / y")
    return NumberSources(
        lang=lang,
        listed=(source,),
        numbers=(printed, replace(printed, id="n2", year=None, sources=(), shown="")),
    )


def package(**parts):
    held = io.BytesIO()
    base = {
        "[Content_Types].xml": "<Types></Types>",
        "word/document.xml": "<w/>",
        "word/_rels/document.xml.rels": "<Relationships></Relationships>",
    }
    with zipfile.ZipFile(held, "w") as made:
        for name, body in (base | parts).items():
            made.writestr(name, body)
    return held.getvalue()


def test_the_list_of_numbers_comes_back_from_the_file_that_holds_it(tmp_path):
    told = numbers()
    assert parse_custom_part(embedded.build_custom_part(told)).numbers == told.numbers
    made = embed_in_package(package(), told)
    again = embed_in_package(made, numbers("en"))
    with zipfile.ZipFile(io.BytesIO(again)) as parts:
        names = parts.namelist()
        assert (
            sum(name.startswith("customXml/item1.xml") for name in names) == 1
            and "customXml/item2.xml" not in names
        )
        assert parts.read("word/_rels/document.xml.rels").count(b"rIdEdustats1") == 1
        types = parts.read("[Content_Types].xml")
        assert types.count(b'Extension="xml"') == 1 and types.endswith(b"</Types>")
        assert parts.read("customXml/_rels/item1.xml.rels").count(b'Target="itemProps1.xml"') == 1
    (tmp_path / "a.docx").write_bytes(again)
    held = read_embedded_sources(tmp_path / "a.docx")
    assert (held.lang, held.numbers, held.listed, held.counted) == ("en", told.numbers, told.listed, (1,))
    (tmp_path / "b.docx").write_bytes(package(**{"customXml/item4.xml": "<other/>"}))
    assert read_embedded_sources(tmp_path / "b.docx") is None
    embedded.embed_sources(tmp_path / "b.docx", told)
    with zipfile.ZipFile(tmp_path / "b.docx") as parts:
        assert "customXml/item5.xml" in parts.namelist() and parts.read("customXml/item4.xml") == b"<other/>"
    assert read_embedded_sources(tmp_path / "b.docx").numbers == told.numbers
    sheet = package(**{"xl/workbook.xml": "<x/>", "xl/_rels/workbook.xml.rels": "<Relationships></Relationships>", "docProps/core.xml":
                       '<c><dcterms:created xsi:type="t">2024</dcterms:created><a/></c>', "xl/a.png": "p"})  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(embed_in_package(sheet, told))) as parts:
        assert parts.read("docProps/core.xml") == b"<c><a/></c>"
        assert parts.getinfo("xl/a.png").compress_type == zipfile.ZIP_STORED
        assert parts.getinfo("xl/workbook.xml").compress_type == zipfile.ZIP_DEFLATED


def test_the_list_stands_in_a_page_once_and_before_its_end(tmp_path):
    page = tmp_path / "a.html"
    page.write_text("<body>x</body>", "utf-8")
    assert read_embedded_sources(page) is None
    for lang in ("zh", "en"):
        embedded.embed_sources(page, numbers(lang))
    text = page.read_text("utf-8")
    assert (
        text.startswith("<body>x<template id=")
        and text.endswith("</template>\n</body>")
        and text.count("<template") == 1
    )
    assert read_embedded_sources(page).lang == "en"
    page.write_text("bare", "utf-8")
    embedded.embed_sources(page, numbers())
    assert page.read_text("utf-8").startswith("bare<template")


def test_a_number_is_written_once_and_what_was_written_is_forgotten_when_it_is_much(monkeypatch):
    monkeypatch.setattr(embedded, "_WRITTEN", {})
    monkeypatch.setattr(embedded, "MOST_WRITTEN", 1)
    one, two = numbers().numbers
    first = embedded._write_number(one)
    assert embedded._write_number(one) is first and 'year="2023"' in first and 'value="0.25"' in first
    second = embedded._write_number(two)
    assert "year=" not in second and len(embedded._WRITTEN) == 2
    embedded._write_number(replace(one, id="n3"))
    assert len(embedded._WRITTEN) == 1
    key = id(two)
    embedded._WRITTEN[key] = (one, "of another that is gone")
    assert embedded._write_number(two) == second


@pytest.mark.parametrize(
    ("asked", "found"),
    [("", ["48.23%", "−5", "1,234", "148"]), (" 48.23 ", ["48.23%"]), ("-5", ["−5"]), ("1234", ["1,234"]), ("48", []), ("生师", ["1,234"]),
     ("8.23", []), ("没有", [])],
)  # fmt: skip
def test_a_number_is_found_as_it_is_printed_or_by_its_words(asked, found):
    made = [
        replace(numbers().numbers[0], shown=shown, label=label)
        for shown, label in (("48.23%", "a"), ("−5", "b"), ("1,234", "生师比"), ("148", "c"))
    ]
    assert [one.shown for one in explain.find_numbers(SimpleNamespace(numbers=made), asked)] == found


def test_the_files_of_a_source_are_compared_with_those_that_count_today():
    def told(*files, **held):
        return explain.compare_with_store(SimpleNamespace(files=files), held).en

    still = told(("a", "1"), a="1")
    assert told(("a", "1"), ("b", "2"), a="1", b="2") == still != told(("a", "1"), a="2")
    assert "b" in told(("a", "1"), ("b", "2"), a="1") and "a," not in told(("a", "1"), ("b", "2"), a="1")
    assert "in/* (7)" in told(("in/* (7)", "x"), ("a", "1"), a="1") and told(("in/* (7)", "x")) != still
    assert told(("* (7)", "x")) == told(("* (7)", "x"), a="1")


def test_files_that_cannot_be_explained_are_refused_by_what_they_are(tmp_path):
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "a.docx").write_text("")
    (tmp_path / "a.html").write_text("<body/>")
    read = explain.trace_file
    assert refusal(lambda: read(tmp_path / "b.html", "zh"))[0] == "errors.missing_file"
    assert refusal(lambda: read(tmp_path / "a.txt", "zh"))[0] == "trace.explain_kind"
    assert refusal(lambda: read(tmp_path / "a.docx", "zh"))[0] == "trace.explain_unreadable"
    assert refusal(lambda: read(tmp_path / "a.html", "zh"))[0] == "trace.explain_nothing"


def test_a_long_text_is_cut_and_one_at_the_limit_is_not():
    assert _shorten_text("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    assert _shorten_text("x" * (LONGEST_TEXT + 1)) == "x" * LONGEST_TEXT + "…"


def test_numbers_are_told_as_text_for_other_programs():
    found = numbers()
    (first, _) = json.loads(explain.dump_numbers(found, list(found.numbers)))
    assert first["shown"] == "25.0%" and first["sources"][0]["formula"] == "x / y"
    assert "甲<乙&" in explain.dump_numbers(found, list(found.numbers))


# --- editions ---


def test_the_index_of_a_place_leads_to_where_the_files_are():
    page = '<head>\n<a href="01-%E7%94%B2/a.html">x</a><a href="results.jsonl">r</a><a href="02/b.html">y</a><a href="other.txt">o</a>'
    name = "0123456789abcdef"
    made = remote._relink_index(page, {"01-甲": "01-甲.s1"}, name)
    assert 'href="01-%E7%94%B2.s1/a.html"' in made and 'href="02/b.html"' in made
    assert f'href="sets/{name}/results.jsonl"' in made and 'href="other.txt"' in made
    assert remote.NAME.search(made)[1] == name


def test_the_folder_of_a_place_on_this_machine_is_that_of_its_system(monkeypatch):
    place = SimpleNamespace(address="s3://x")
    for name in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", lambda: Path("/h"))
    assert remote.find_cache_folder(place).parent == Path("/h/.cache/edustats")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert remote.find_cache_folder(place).parent == Path("/x/edustats")
    monkeypatch.setenv("LOCALAPPDATA", "/l")
    assert remote.find_cache_folder(place).parent == Path("/l/edustats")


def test_revisions_are_noted_beside_the_store_for_the_areas_that_were_looked_at(tmp_path, monkeypatch):
    file = tmp_path / "revisions.parquet"
    monkeypatch.setattr(revisions, "revisions_file", lambda store: file)

    def rows(*areas):
        return pd.DataFrame(
            {
                **{key: ["x"] * len(areas) for key in revisions.KEYS},
                "area": list(areas),
                "old": [1.0] * len(areas),
            }
        )

    def kept():
        return pd.read_parquet(file)["area"].tolist() if file.is_file() else None

    revisions.note_revisions(None, rows(), ["1"])
    assert kept() is None
    revisions.note_revisions(None, rows("2", "1"), ["1", "2"])
    assert kept() == ["1", "2"]
    stamp = file.stat().st_mtime_ns
    os.utime(file, ns=(10**9, 10**9))  # Windows counts in hundreds of nanoseconds
    revisions.note_revisions(None, rows("1"), ["1"])
    assert kept() == ["1", "2"] and file.stat().st_mtime_ns == 10**9 != stamp  # nothing new: not written
    revisions.note_revisions(None, rows(), ["2"])
    assert kept() == ["1"]
    revisions.note_revisions(None, rows(), ["1"])
    assert kept() is None
    monkeypatch.setattr(revisions, "revisions_file", lambda store: "s3://x")
    revisions.note_revisions(None, rows("1"), ["1"])
    assert kept() is None


def test_the_last_edition_is_the_one_that_was_finished_last(tmp_path, monkeypatch):
    ended = {"a": "2024-02", "b": "2024-01", "c": None, "d": "2024-03"}
    for name in ended:
        (tmp_path / name).mkdir()
        (tmp_path / name / revisions.FIGURES).write_text("")
    monkeypatch.setattr(revisions, "read_run_record", lambda path: {"finished": ended[path.name]})
    assert revisions.find_last_edition(tmp_path, "d").name == "a"
    assert revisions.find_last_edition(tmp_path, "x").name == "d"
    assert revisions.find_last_edition(tmp_path / "a", "x") is None


def test_of_a_place_each_folder_is_asked_once():
    class Place:
        def __init__(self, name, marks=(), parent=None):
            self.name, self.held, self.parent, self.asked = name, dict(marks), parent, 0

        def __str__(self):
            return self.name

        def marks(self):
            self.asked += 1
            return self.held

    root = Place("root", {"f": "m"})
    file, gone = Place("f", parent=root), Place("g", parent=root)
    digests = stale.PlaceDigests(root)
    assert digests.of(file) == stale.compute_digest("m") and digests.of(gone) == ""
    assert root.asked == 1
    digests.forget()
    assert digests.of(file) == stale.compute_digest("m") and digests.of(gone) == "" and root.asked == 2
    digests.keep()


def test_only_what_exists_and_has_moved_is_out_of_date(tmp_path):
    (tmp_path / "a.ipynb").write_text("")
    inputs = SimpleNamespace(
        digest_without_parameters=lambda county, path, scope: {"code": "2" if county == "02" else "1"}
    )
    results = [
        replace(RESULT, county=county, notebook=stem, inputs={"code": "1"})
        for county, stem in (("01", "a"), ("02", "a"), ("02", "gone"), ("02", "none"))
    ]
    notebooks = {"a": str(tmp_path / "a.ipynb"), "gone": str(tmp_path / "gone.ipynb")}
    assert [(one.county, one.notebook) for one in stale.find_outdated(results, inputs, notebooks)] == [
        ("02", "a")
    ]


@pytest.mark.parametrize(
    ("started", "finished", "unpublished", "interrupted"),
    [
        ("1", None, False, True),
        ("1", "2", False, False),
        (None, None, False, False),
        ("1", "2", True, True),
        (None, "2", False, False),
    ],
)
def test_an_edition_was_interrupted_where_its_run_began_and_did_not_end(
    started, finished, unpublished, interrupted
):
    one = status.EditionStatus(
        edition="e",
        done=(),
        stale=(),
        failed=(1,),
        timed_out=(2,),
        killed=(3,),
        started=started,
        finished=finished,
        unpublished=unpublished,
    )
    assert one.interrupted is interrupted and one.wrong == (1, 2, 3)


def test_heaps_are_as_large_as_they_may_be(monkeypatch):
    from edustats.report.edition import parts

    monkeypatch.setattr(parts, "MOST_ROWS", 3)
    four = [("a", [1]), ("b", [2, 3]), ("c", [4, 5, 6, 7]), ("d", [8])]
    assert list(parts._gather_parts(four)) == [[[1], [2, 3]], [[4, 5, 6, 7]], [[8]]]
    assert list(parts._gather_parts([])) == []


def test_a_line_of_parameters_is_shown_and_one_beyond_the_cell_is_not():
    from edustats.report.edition.parameters import _make_line_error

    assert _make_line_error("n", ["a", " b "], 2).facts == {"notebook": "n", "line": 2, "found": "b"}
    assert _make_line_error("n", ["a"], 2).facts["found"] == ""


def test_revisions_of_a_store_elsewhere_are_looked_for_anew_each_time(monkeypatch, tmp_path):
    monkeypatch.setattr(revisions, "revisions_file", lambda store: tmp_path / "r")

    def digest(state):
        store = SimpleNamespace(
            parents={"1": "9"},
            has_comparison=lambda code: False,
            comparison_state=lambda group: state,
            known=KNOWN,
        )
        return revisions.digest_revisions(store, ["1"], None, "annual")

    assert digest("s") == digest("s") != digest("t")
    assert digest(None) != digest(None)


def test_an_area_that_the_store_does_not_know_is_told_by_its_code():
    key = next(iter(KNOWN.indicators))
    store = SimpleNamespace(areas=pd.DataFrame({"code": ["1"]}), name=lambda code: Text("甲县", "A"))
    rows = pd.DataFrame(
        {
            "area": ["1", "2"],
            "year": 2023,
            "indicator": key,
            "edition": "e",
            "old": 1.0,
            "new": 2.0,
            "why_zh": "因",
            "why_en": "why",
        }
    )
    first, second = revisions.tell_revisions(store, rows, KNOWN, "zh")
    assert "甲县" in first and "甲县" not in second and second.startswith("2")


def test_a_first_cell_is_text_and_a_row_without_any_is_none():
    from edustats.report.trace.sources import _get_first_cell

    assert (_get_first_cell(["a", 1]), _get_first_cell([5]), _get_first_cell([])) == ("a", "5", "")


def test_the_nearest_lock_above_a_folder_decides_and_no_other(tmp_path, monkeypatch):
    monkeypatch.setattr(stale, "_list_versions", lambda: ["1"])
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    bare = stale.digest_libraries(deep)
    (tmp_path / stale.LOCK).write_text("far")
    far = stale.digest_libraries(deep)
    (tmp_path / "a" / stale.LOCK).write_text("near")
    near = stale.digest_libraries(deep)
    assert len({bare, far, near}) == 3
    (tmp_path / stale.LOCK).write_text("moved")
    assert stale.digest_libraries(deep) == near
    (deep / stale.LOCK).write_text("own")
    assert stale.digest_libraries(deep) != near


def test_of_no_ways_the_files_of_the_record_are_asked(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(status, "read_results", lambda folder: [RESULT])
    monkeypatch.setattr(status, "find_outdated", lambda done, inputs, files: seen.append(files) or [])
    for record in (
        {"ways": {"notebooks": {"10_a": "n/a.ipynb"}}, "files": {"10_a": "f"}},
        {"files": {"10_a": "f"}},
        {},
    ):
        monkeypatch.setattr(status, "read_run_record", lambda folder, record=record: record)
        made = status.read_status(tmp_path / "e", SimpleNamespace())
        assert (made.edition, len(made.done), made.stale, made.unpublished) == ("e", 1, (), False)
    assert seen == [{"10_a": str(tmp_path / "n/a.ipynb")}, {"10_a": "f"}, {}]
    assert status.read_status(tmp_path / "e").stale == () and len(seen) == 3


def test_widths_share_what_room_there_is_and_shrink_where_there_is_none():
    head, rows = ["名", "数"], [["甲乙丙丁戊己庚辛", "1"]]
    find = word_page._compute_column_widths
    found = find(head, rows, 10.5)
    assert sum(found) == pytest.approx(word_page.TEXT_WIDTH_MM) and found[0] > found[1]
    crowded = find(["县"] * 60, [["在校学生"] * 60], 10.5)
    assert sum(crowded) == pytest.approx(word_page.TEXT_WIDTH_MM)
    plain = find(["a", "a"], [["b", "b"]], 10.5)
    assert plain[0] == plain[1]
