"""How does the folder of documents become a site? One build a language, offline: python tasks.py docs.

``EDUSTATS_DOCS_LANG`` is zh or en. A page that has a twin in the other language stands in one of the two sites, the
generated and the bilingual ones in both. Links and lines of code are held by tests/test_docs_researcher.py.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pygments.lexers import TextLexer

from edustats.shipped import version as own_version

HERE = Path(__file__).parent
LANG = os.environ.get("EDUSTATS_DOCS_LANG", "en")
ENDING = ".zh-CN.md"
TWINS = [path.name for path in HERE.glob(f"*{ENDING}")]
ORDER = ["tour", "howto", "researcher", "commands", "returns", "mapping", "areas", "own_catalogue", "word", "standards",
         "checker", "batch", "disclosure", "methods", "indicators", "seeds", "provenance", "dependencies",
         "api"]  # fmt: skip

project = "edustats"
author = "edustats"
release = own_version()
language = {"zh": "zh_CN"}.get(LANG, LANG)
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
nb_execution_mode = "off"
myst_heading_anchors = 3
root_doc = "index"
exclude_patterns = ["_build", *(TWINS if LANG == "en" else [name.replace(ENDING, ".md") for name in TWINS])]
# Pages lead to README, notebooks and sources as well, which are no part of the site.
suppress_warnings = ["myst.xref_missing"]
napoleon_google_docstring = False
autodoc_typehints = "none"
html_theme = "furo"
html_title = {"zh": "edustats 教育统计", "en": "edustats"}[LANG]
html_show_sourcelink = html_show_sphinx = False


def add_contents(app: Any, name: str, source: list[str]) -> None:
    """Put the list of pages at the end of the first page, where a reader on the web of the repository needs none."""
    if name == root_doc:
        ending = ".zh-CN" if LANG == "zh" else ""
        pages = [f"{page}{ending}" if f"{page}{ENDING}" in TWINS else page for page in ORDER]
        source[0] += "\n```{toctree}\n:hidden:\n" + "\n".join(pages) + "\n```\n"


def setup(app: Any) -> None:
    app.connect("source-read", add_contents)
    for name in ("csv", "figures", "printed", "sentences"):  # blocks that tests read, by their names
        app.add_lexer(name, TextLexer)
