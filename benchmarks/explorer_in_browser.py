"""How long does somebody wait for the explorer after a change? Measured in the browser, over random changes.

    python benchmarks/explorer_in_browser.py STORE [CHANGES]

From the change of a control to the new picture on the page: JupyterLab, kernel and Chromium on this machine. Needs the
extra ``lab``, Playwright and Chromium. Prints the median, the 95th percentile, the slowest by what was changed.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edustats import cli
from edustats.present.explore.lab_copy import copy_notebooks

CHANGE = """([which, at]) => new Promise((give) => {
  const box = [...document.querySelectorAll('.widget-html-content')].find((one) => one.querySelector('table, p'));
  const list = document.querySelectorAll('.jp-OutputArea select')[which];
  const index = at % list.options.length, old = box.innerHTML, start = performance.now();
  if (!list.multiple && list.selectedIndex === index) { give(null); return; }
  const done = (found) => { watch.disconnect(); clearTimeout(late); requestAnimationFrame(() => give(found)); };
  const watch = new MutationObserver(() => { if (box.innerHTML !== old) done(performance.now() - start); });
  const late = setTimeout(() => done(null), 8000);
  watch.observe(box, { childList: true, subtree: true, characterData: true });
  for (const option of list.options) option.selected = false;
  list.options[index].selected = true;
  list.dispatchEvent(new Event('change', { bubbles: true }));
})"""
CONTROLS = ("areas", "indicator", "against", "group")


def measure(page: object, changes: int, seed: int = 4) -> list[tuple[float, str]]:
    """Seconds and what was changed, slowest first; a change that alters nothing on the page does not count."""
    chance, found = random.Random(seed), []  # noqa: S311 - no secret
    while len(found) < changes:
        which = chance.randrange(len(CONTROLS))
        waited = page.evaluate(CHANGE, [which, chance.randrange(10_000)])  # type: ignore[attr-defined]
        if waited is not None:
            found.append((waited / 1000, CONTROLS[which]))
    return sorted(found, reverse=True)


def main() -> None:
    from playwright.sync_api import sync_playwright

    store, changes = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 50
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        os.chdir(folder)
        notebooks, _ = copy_notebooks("zh")
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [*cli._build_lab_command(notebooks, "zh", "/"), "--no-browser", f"--port={port}", "--allow-root",
                   "--IdentityProvider.token=", "--ServerApp.password="]  # fmt: skip
        own = {
            "EDUSTATS_STORE": str(store),
            "JUPYTERLAB_WORKSPACES_DIR": f"{folder}/w",
            "JUPYTER_RUNTIME_DIR": f"{folder}/r",
        }
        server = subprocess.Popen(
            command, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            with sync_playwright() as started:
                found = measure(open_explorer(started, port), changes)
        finally:
            server.terminate()
            server.wait(30)
            os.chdir("/")
    waits = sorted(seconds for seconds, _ in found)
    middle, late = waits[len(waits) // 2], waits[int(0.95 * (len(waits) - 1))]
    print(f"{len(waits)} changes: median {middle:.2f} s, 95th percentile {late:.2f} s; ", end="")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("slowest: " + ", ".join(f"{seconds:.2f} s {what}" for seconds, what in found[:5]))


def open_explorer(started: object, port: int) -> object:
    """The page with the explorer shown."""
    chromium = next(path for name in ("chromium", "chromium-browser") if (path := shutil.which(name)))
    page = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()  # type: ignore[attr-defined]
    for _ in range(300):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.2)
    page.goto(f"http://127.0.0.1:{port}/lab/tree/zh/90_explore.ipynb")
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=120_000)
    page.wait_for_timeout(3_000)
    page.locator(".lm-MenuBar-itemLabel", has_text="运行").click()
    page.locator(".lm-Menu-item[data-command='runmenu:run-all']").click()
    page.wait_for_selector(".widget-html svg polyline", state="attached", timeout=180_000)
    return page


if __name__ == "__main__":
    main()
