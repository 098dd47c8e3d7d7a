"""Does the road run one way? Imports go down it only: between rooms, between their chambers, between files."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "edustats"
ROOMS = [
    "typing", "addresses", "letters", "words", "errors", "files", "shipped", "renamed", "console", "schema",
    "catalogue", "areas", "indicator_values", "totals", "disclosure", "load", "places", "store", "long_tables",
    "metrics", "analysis", "present", "briefing", "report", "example", "doctor", "cli",
]  # fmt: skip
CHAMBERS = {
    "load": [["files"], ["reading"], ["returns", "tables"]],
    "present": [
        ["records"], ["drawing"], ["view"],
        ["county", "equity", "standards", "seats", "finance", "teachers", "services", "evaluation"],
        ["prefecture"], ["brief"], ["explore"],
    ],
    "report": [["edition"], ["trace"], ["publish"], ["run"]],
}  # fmt: skip
"""Sub-packages from the ground up; those on one floor do not know each other."""
MODULES = sorted(p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    return module.split("/")[0].removesuffix(".py")


def dotted(module: str) -> str:
    return "edustats." + module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


NAMES = {dotted(module): module for module in MODULES}


def imported(path: Path) -> set[str]:
    """Modules of the package that a file imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("edustats"):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                names.add(full if full in NAMES else node.module)
        elif isinstance(node, ast.Import):
            names |= {a.name for a in node.names if a.name.startswith("edustats.")}
    return names & set(NAMES)


GRAPH = {name: imported(PACKAGE / module) - {name} for name, module in NAMES.items()}


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) in ROOMS])
def test_imports_run_down_the_road_only(module):
    own = room(module)
    upward = {
        name for name in GRAPH[dotted(module)]
        if name.count(".") and name.split(".")[1] != own and ROOMS.index(name.split(".")[1]) > ROOMS.index(own)
    }  # fmt: skip
    assert not upward, f"{module} imports {', '.join(sorted(upward))} from further down the road"


def chamber(name: str) -> tuple[str, str]:
    parts = name.split(".")
    return (parts[1] if len(parts) > 1 else "", parts[2] if len(parts) > 2 else "")


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) in CHAMBERS and m.count("/") > 1])
def test_chambers_know_only_those_below(module):
    own_room, own = chamber(dotted(module))
    floors = {name: floor for floor, names in enumerate(CHAMBERS[own_room]) for name in names}
    for name in GRAPH[dotted(module)]:
        other_room, other = chamber(name)
        if other_room == own_room and other in floors and other != own:
            assert floors[other] < floors[own], f"{module} imports {name} from a chamber not below its own"


def test_no_file_stands_in_a_circle():
    left = {name: set(others) for name, others in GRAPH.items()}
    while free := [name for name, others in left.items() if not others & set(left)]:
        for name in free:
            del left[name]
    assert not left, f"circles among {', '.join(sorted(left))}"


def test_reading_a_store_does_not_import_the_loader():
    reached, todo = set(), {"edustats.store.reading"}
    while todo:
        name = todo.pop()
        reached.add(name)
        todo |= GRAPH[name] - reached
    assert not {name for name in reached if name.startswith("edustats.load")}


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
