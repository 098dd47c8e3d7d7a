"""Does the first page lead to every file, show failures first, and stay harmless whatever a name holds?"""

import html
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from edustats.report.edition.manifest import ReportResult
from edustats.report.publish.index import command_line, write_index

EVIL = """<script>alert('1')</script>"&' 县"""


class Page(HTMLParser):
    """What a browser finds in the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.links, self.tags, self.ids, self.uses = text, [], [], set(), set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.attributes.extend(attrs)
        self.links += [found["href"]] if tag == "a" else []
        self.ids |= {found["id"]} if "id" in found else set()
        self.uses |= {found[key] for key in ("for", "aria-labelledby") if key in found}

    @property
    def plain(self) -> str:
        """The text a reader sees, on one line."""
        body = self.text[self.text.index("<body>") : self.text.index("<script>\n")]
        return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def result(county: str, name: str, notebook: str = "10_county_trend", **facts: object) -> ReportResult:
    """A result whose files lie where they are looked for."""
    settings = {"folder": f"{county}-{name}", "state": "ok", "started": "2024-10-08T08:10:00+00:00", **facts}
    return ReportResult(county=county, name=name, notebook=notebook, **settings)  # type: ignore[arg-type]


def publish(edition: Path, results: Sequence[ReportResult], lang: str = "en", **options: object) -> Page:
    """The page about results, with a file for each that has one."""
    for each in results:
        folder = edition / each.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name in (f"{each.notebook}.html", f"{each.notebook}.ipynb", "简报.docx"):
            (folder / name).touch()
    write_index(edition, results, lang=lang, **{"title": "Reports", **options})  # type: ignore[arg-type]
    return Page((edition / "index.html").read_text("utf-8"))


FAILED = result("02", "Zeta", state="failed", reason="ValueError: no rows", cell=7)


def test_failures_come_first_with_cell_and_reason(tmp_path: Path) -> None:
    page = publish(tmp_path, [result("01", "Alpha"), FAILED])
    assert page.plain.index("Zeta") < page.plain.index("Alpha")
    assert "failed In&nbsp;[7] ValueError: no rows" in page.plain
    assert "2 counties: reports of 1 made, 1 not" in page.plain


def test_one_command_makes_just_the_failed_counties_again(tmp_path: Path) -> None:
    results = [FAILED, replace(FAILED, notebook="20_county_equity"), result("01", "Alpha")]
    command = ["edustats", "report", "--store", "my data"]
    page = publish(tmp_path, [*results, replace(FAILED, county="001", folder="001")], command=command)
    told = command_line([*command, "--county", "001", "--county", "02"], windows=os.name == "nt")
    assert f">{told}<" in html.unescape(page.text)


@pytest.mark.parametrize(
    ("words", "windows", "posix"),
    [
        (["edustats", "--store", "my data"], 'edustats --store "my data"', "edustats --store 'my data'"),
        (["--store", "D:\\数据 2024\\"], '--store "D:\\数据 2024\\\\"', "--store 'D:\\数据 2024\\'"),
        (["--store", "D:\\数据\\a"], "--store D:\\数据\\a", "--store 'D:\\数据\\a'"),
        (["a&calc", "$(calc)"], '"a&calc" "`$(calc)"', "'a&calc' '$(calc)'"),
        (['a" & calc'], '"a & calc"', "'a\" & calc'"),
        (["4302*,3302*"], '"4302*,3302*"', "'4302*,3302*'"),
        (["“十四五”"], '"`“十四五`”"', "'“十四五”'"),
        ([""], '""', "''"),
    ],
)
def test_a_command_is_quoted_for_the_shells_of_the_system(words, windows, posix) -> None:
    assert command_line(words, windows=True) == windows
    assert command_line(words, windows=False) == posix


def test_a_run_without_failures_shows_none(tmp_path: Path) -> None:
    page = publish(tmp_path, [result("01", "Alpha")])
    assert "<pre" not in page.text
    assert "To look at" not in page.plain


def test_every_link_leads_to_a_file(tmp_path: Path) -> None:
    name = "盱眙 100%#区" if os.name == "nt" else "盱眙 100%#区?"  # Windows has no ? in names
    page = publish(tmp_path, [result("01", name), FAILED, result("02", "Zeta", "20_county_equity")])
    assert len(page.links) == 8
    for link in page.links:
        assert re.fullmatch(r"[A-Za-z0-9%._/~-]+", link)
        assert (tmp_path / unquote(link)).is_file()


def test_only_files_that_exist_are_linked(tmp_path: Path) -> None:
    write_index(tmp_path, [result("01", "Alpha", state="killed")], lang="en", title="Reports")
    page = Page((tmp_path / "index.html").read_text("utf-8"))
    assert page.links == []
    assert "no files yet" in page.plain


def test_files_of_an_earlier_run_are_called_so(tmp_path: Path) -> None:
    before = publish(tmp_path, [replace(FAILED, started="2024-10-08T08:10:00+00:00")])
    after = publish(tmp_path, [replace(FAILED, started="2999-10-08T08:10:00+00:00")])
    assert "files of an earlier run" not in before.plain
    assert "files of an earlier run" in after.plain


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_whatever_becomes_markup(tmp_path: Path, lang: str) -> None:
    results = [
        result("01", EVIL, folder="01-x", state="failed", reason=EVIL),
        result("<b>", EVIL, folder="b"),
    ]
    page = publish(tmp_path, results, lang, title=EVIL, command=["edustats", EVIL])
    assert page.tags.count("script") == 1
    assert "<script>alert" not in page.text
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "<b>" not in page.text


def test_the_page_asks_nothing_of_any_server(tmp_path: Path) -> None:
    page = publish(tmp_path, [result("01", "Alpha"), FAILED])
    assert not re.search(r"https?:|//[a-z]|@import|url\(|fetch\(|XMLHttp", page.text)
    assert not {"link", "img", "iframe"} & set(page.tags)


@pytest.mark.parametrize(
    ("lang", "code", "word"), [("zh", "zh-CN", "按名称或代码查找"), ("en", "en", "Find by")]
)
def test_the_page_speaks_one_language_and_says_which(tmp_path: Path, lang: str, code: str, word: str) -> None:
    page = publish(tmp_path, [result("01", "A"), result("02", "B", state="timed_out", reason="x")], lang)
    assert f'<html lang="{code}">' in page.text
    assert word in page.plain
    assert bool(re.search("[一-鿿]", page.plain)) == (lang == "zh")


def test_headings_fields_and_tables_are_labelled(tmp_path: Path) -> None:
    page = publish(tmp_path, [result("01", "Alpha"), FAILED])
    assert page.uses <= page.ids
    assert page.tags.count("caption") == page.tags.count("table") == 2
    assert page.text.count('scope="col"') == 10
    assert page.text.count('scope="row"') == 3
    assert "words" in page.uses


def test_each_county_can_be_found_by_code_and_by_name(tmp_path: Path) -> None:
    page = publish(tmp_path, [result("330106", "西湖区"), result("330108", "滨江区")], "zh")
    assert [value for name, value in page.attributes if name == "data-find"] == [
        "330106 西湖区",
        "330108 滨江区",
    ]


def test_light_dark_and_paper_are_provided_for(tmp_path: Path) -> None:
    page = publish(tmp_path, [FAILED])
    assert "prefers-color-scheme: dark" in page.text
    assert "@media print" in page.text


def test_a_notebook_without_a_title_is_listed_by_its_name_without_the_number(tmp_path: Path) -> None:
    page = publish(tmp_path, [result("01", "A", "99_own"), result("01", "A")], "zh")
    assert " own " in f"{page.plain} "
    assert "99_own" not in page.plain
    assert "变化趋势" in page.plain


def test_the_page_is_written_whole(tmp_path: Path) -> None:
    publish(tmp_path, [FAILED])
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["index.html"]
