"""Does a browser show a page and the index whole, on phone and desk, by day and night, and do their buttons work?"""

import shutil
import sys
from dataclasses import replace

import nbformat
import pytest
from test_index import EVIL, FAILED, publish, result
from test_page import FIGURE, FINDING, long_table, text
from test_publication import notebook

from edustats.present.records.items import Table, TableColumn
from edustats.present.records.sheet import build_mime_bundle
from edustats.report.publish.html import write_html_page

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")
WIDTHS = (375, 1280, 1920)
WIDE = Table(
    key="wide", title=text("很宽的表"),
    columns=tuple(TableColumn(label=text(f"第{k}项生均校舍建筑面积")) for k in range(14)),
    rows=tuple(("云汀市高新技术产业开发区第一实验学校", *["12345.67平方米"] * 13) for _ in range(30)),
)  # fmt: skip
FAULTS = """() => {
  const width = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > width + 1) found.push("the page scrolls sideways");
  const seen = (e) => e.offsetParent && getComputedStyle(e).clipPath === "none" && e.getBoundingClientRect().width > 2;
  document.querySelectorAll("table").forEach((table) => {
    let box = table.parentElement;
    while (box && !["auto", "scroll"].includes(getComputedStyle(box).overflowX)) box = box.parentElement;
    const right = (box || table).getBoundingClientRect().right;
    if (seen(table) && right > width + 1) found.push("cut table: " + table.textContent.trim().slice(0, 40));
  });
  document.querySelectorAll("td").forEach((cell) => {
    if (seen(cell) && cell.scrollWidth > cell.clientWidth + 2) found.push("cut cell: " + cell.textContent.trim());
  });
  document.querySelectorAll("img, svg, pre").forEach((one) => {
    if (seen(one) && one.getBoundingClientRect().right > width + 1) found.push("cut " + one.tagName);
  });
  return found;
}"""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM or sys.platform == "win32":
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shown")
    outputs = [
        nbformat.v4.new_output("display_data", data=build_mime_bundle(item, "zh"))
        for item in (FINDING, long_table(40), WIDE, replace(WIDE, sortable=True), FIGURE)
    ]
    write_html_page(
        notebook(folder / "n.ipynb", *outputs), folder / "n.html", "zh", area="云汀市高新技术产业开发区"
    )
    publish(
        folder / "edition",
        [result("01", "甲县"), result("02", EVIL), FAILED],
        lang="zh",
        command=["edustats"] * 40,
    )
    return folder / "n.html", folder / "edition" / "index.html"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_nothing_is_wrong_and_nobody_outside_is_asked(browser, files, scheme):
    page = browser.new_context(color_scheme=scheme).new_page()
    wrong, outside = [], []
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.on("request", lambda r: outside.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
    for file in files:
        page.goto(file.as_uri())
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(FAULTS) == [], (file.name, width)
    assert (wrong, outside) == ([], [])


@pytest.mark.slow
def test_the_buttons_of_a_page_copy_unfold_sort_and_lead_to_the_source(browser, files):
    page = browser.new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto(files[0].as_uri())
    for kind in ("text", "table", "picture"):
        button = page.locator(f".edustats-copy[value={kind}]").first
        done = button.get_attribute("name")
        button.click()
        page.wait_for_function("([b, done]) => b.textContent === done", arg=[button.element_handle(), done])
    folded = page.locator(".edustats-rest").first
    assert not folded.is_visible()
    page.locator(".edustats-more").first.click()
    assert folded.is_visible()
    head = page.locator("table[data-sortable] th button").first
    head.click()
    assert head.locator("xpath=..").get_attribute("aria-sort") == "ascending"
    page.locator("[data-source]").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".edustats-here").first.is_visible()


@pytest.mark.slow
def test_the_index_finds_a_county_and_copies_the_command(browser, files):
    page = browser.new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto(files[1].as_uri())
    page.fill("#words", "甲县")
    assert page.get_by_text("甲县").first.is_visible()
    shown = page.locator("tbody tr:visible").all_inner_texts()
    assert not any("alert" in row for row in shown if "Zeta" not in row)
    page.locator("#copy").click()
    page.wait_for_function(
        "() => document.getElementById('copy').textContent === document.getElementById('copy').dataset.done"
    )
