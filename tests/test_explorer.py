"""Does the explorer show what the functions say, with names made harmless, and does the Lab run in a browser?"""

import os
import shutil
import socket
import subprocess
import sys
import time

import pytest
from returns_made import prefecture

import edustats as edu
from edustats import cli
from edustats.present.explore.answers import COMPARISONS, Choice, Explorer
from edustats.present.explore.lab_copy import copy_notebooks
from edustats.present.explore.svg import SvgLine, draw_histogram, draw_lines
from edustats.store.writing import update_store
from edustats.words import say

RATIO = "ratio_pupils_per_teacher_primary"
CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer")
    update_store([prefecture(folder / "in")], folder / "store")
    return edu.open_store(folder / "store")


def choose(store, **more):
    years = store.about["years"]
    asked = {"areas": (store.counties[0],), "indicator": RATIO, "first": years[0], "last": years[-1]} | more
    return Choice(**asked)


@pytest.mark.parametrize("against", COMPARISONS)
def test_every_comparison_shows_the_own_line_and_the_verdict_of_trend(store, against):
    found = Explorer(store, "zh").answer(choose(store, against=against))
    rows = edu.observations(store, RATIO, level="county")
    told = edu.trend(rows).set_index("area").loc[store.counties[0]]
    assert say(f"sentences.{told['verdict']}").zh in found.verdict
    assert "polyline" in found.chart
    assert store.counties[0] in set(found.frame["area"])


def test_each_line_of_code_that_is_shown_runs(store):
    explorer = Explorer(store, "zh")
    for against in COMPARISONS:
        names = {"edu": edu, "store": store}
        for line in explorer.write_code(choose(store, against=against, group="village")):
            exec(line, names)  # noqa: S102 - the line the explorer shows


def test_english_shows_english_names(store):
    found = Explorer(store, "en").answer(choose(store))
    assert store.name(store.counties[0]).en in found.verdict
    assert store.name(store.counties[0]).zh not in found.verdict + found.chart + found.table


def test_a_mistake_is_a_sentence(store):
    found = Explorer(store, "zh").answer(choose(store, indicator="count_projects_planned", group="village"))
    assert "<p>" in found.verdict
    assert "Traceback" not in found.verdict


def test_names_and_marks_are_escaped_in_a_chart():
    drawn = draw_lines(
        [SvgLine(name="<script>x</script>", years=[2020, 2021], values=[1.0, 2.0])], [("<b>", 1.5)]
    )
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert draw_lines([]) == draw_histogram([])


def test_missing_years_leave_no_point():
    drawn = draw_lines(
        [SvgLine(name="a", years=[2020, 2021, 2022], values=[1.0, float("nan"), 2.0], own=True)]
    )
    assert drawn.count("<circle") == 2


def test_the_widgets_follow_a_choice(store):
    pytest.importorskip("ipywidgets", reason="the extra lab is not installed")
    from edustats.present.explore import explorer

    panel = explorer._Panel(Explorer(store, "zh"), __import__("ipywidgets"))
    before = panel.shown.value
    panel.against.value = "prefecture"
    assert panel.shown.value != before
    panel.search.value = "xxssb"
    assert RATIO in {key for _, key in panel.indicator.options}
    panel.search.value = "no such words"
    assert panel.indicator.value
    panel._tell_command(None)
    assert f"--county {store.counties[0]}" in panel.said.value


# --- in a browser ---


@pytest.fixture
def lab(store, tmp_path, monkeypatch):
    """The Lab on a copy of the notebooks, in Chinese; its address."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    pytest.importorskip("jupyterlab", reason="the extra lab is not installed")
    pytest.importorskip("ipywidgets", reason="the extra lab is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    monkeypatch.chdir(tmp_path)
    folder, _ = copy_notebooks("zh")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = cli._build_lab_command(folder, "zh", f"/{say('lab.start_file').zh}")
    command += [
        "--no-browser",
        f"--port={port}",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--allow-root",
    ]
    own = {"EDUSTATS_STORE": str(store.path), "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
           "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}  # fmt: skip
    server = subprocess.Popen(
        command, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/lab/tree/zh/"
    try:
        _wait_for(port)
        with playwright.sync_playwright() as started:
            browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
            yield context.new_page(), address
            browser.close()
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(port):
    for _ in range(300):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail("the Lab did not start")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the browser test runs on Linux")
def test_the_lab_opens_on_its_first_page_and_the_explorer_runs_without_asking_anybody_outside(lab):
    page, address = lab
    outside = []
    page.on(
        "request",
        lambda r: outside.append(r.url) if r.url.startswith("http") and "127.0.0.1" not in r.url else None,
    )
    page.goto(address + say("lab.start_file").zh)
    page.wait_for_selector(".jp-MarkdownViewer:visible", timeout=90_000)
    assert page.locator(".jp-Dialog").count() == 0
    page.goto(address + "90_explore.ipynb")
    page.wait_for_selector(".jp-Notebook:visible", timeout=90_000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=90_000)
    page.wait_for_timeout(3_000)  # the menus are put together once more after the kernel is there
    page.locator(".lm-MenuBar-itemLabel", has_text="运行").click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    page.wait_for_selector(".widget-html svg polyline", state="attached", timeout=120_000)
    before = page.inner_html(".widget-html-content")
    page.evaluate(
        "() => {const s = document.querySelectorAll('.jp-OutputArea select')[0];"
        "for (const o of s.options) o.selected = false; s.options[1].selected = true;"
        "s.dispatchEvent(new Event('change', {bubbles: true}))}"
    )
    page.wait_for_function(
        "b => document.querySelector('.widget-html-content').innerHTML !== b", arg=before, timeout=60_000
    )
    page.get_by_role("button", name=say("explore.button_report").zh, exact=True).click()
    page.wait_for_function(
        "() => document.body.textContent.includes('edustats report --store')", timeout=60_000
    )
    code = page.locator(".widget-html-content pre").first.text_content()
    page.locator(".widget-html-content button", has_text=say("explore.copy").zh).first.click()
    assert page.evaluate("() => navigator.clipboard.readText()") == code
    assert outside == []
