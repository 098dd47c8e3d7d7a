"""Does the road run one way? Imports go down it only."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "edustats"
ROOMS = [
    "words", "errors", "catalogue", "indicators", "load", "places", "store", "metrics", "disclosure",
    "present", "briefing", "report", "example", "cli",
]  # fmt: skip
MODULES = sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    return module.split("/")[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("edustats."):
            names.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("edustats.")}
    return names


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) in ROOMS])
def test_imports_run_down_the_road_only(module):
    own = room(module)
    upward = {
        name for name in imported(PACKAGE / module)
        if name != own and ROOMS.index(name) > ROOMS.index(own)
    }  # fmt: skip
    assert not upward, f"{module} imports {', '.join(sorted(upward))} from further down the road"


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("metrics/")])
def test_metrics_touch_no_files_plots_or_wording_of_results(module):
    text = (PACKAGE / module).read_text("utf-8")
    tree = ast.parse(text)
    names = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    assert not names & {"matplotlib", "pathlib", "io", "docx", "jinja2"}
    assert "sentences." not in text


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_answers(module):
    path = PACKAGE / module
    opening = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert opening, f"{module} has no opening line"


@pytest.mark.parametrize("module", MODULES)
def test_no_function_is_longer_than_sixty_lines_of_code(module):
    for node in ast.walk(ast.parse((PACKAGE / module).read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 60, f"{module}: {node.name} has {lines} lines"
