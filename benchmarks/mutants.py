"""Would the tests notice? Planted mistakes in what reads and what prints, each against the tests of its room.

    python benchmarks/mutants.py                    # 100 mutants of present, report and load
    python benchmarks/mutants.py --count 25 --seed 1

A mutant is one place of the code made wrong: a comparison turned, a sign, a limit one further, a word of a key taken
for its neighbour, a condition always true, a sum that leaves out its last. The sample is drawn with a seed from all
places, evenly over rooms, so that it is the same on every machine. Each is tried in a copy of the tree with
the tests that come by its function, without the slow ones, until the first fails: what is printed first, in a fork of
this process. Which come by is traced once, and anew where a file of tests has changed. A test that fails without the
mistake too is left out, and told. One that no test notices is printed with its line.
"""

from __future__ import annotations

import argparse
import ast
import cProfile
import gc
import hashlib
import importlib
import json
import multiprocessing
import os
import pkgutil
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import IO, Any

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "present/brief", "present/county", "present/drawing", "present/equity", "present/evaluation", "present/explore",
    "present/finance", "present/prefecture", "present/records", "present/seats", "present/services",
    "present/standards", "present/teachers", "present/view", "report/edition", "report/publish", "report/run",
    "report/trace", "load/files", "load/reading", "load/returns", "load/tables", "load",
)  # fmt: skip
"""Each is drawn from evenly. What a mistake is tried with is found by tracing: see :func:`trace_all`."""
IN_PROCESSES = {
    "report/run": "runner engine progress faults kernels sockets cluster",
    "report/publish": "edition_numbers",
    "report/trace": "edition_numbers",
    "load/files": "files_by_hand clean workbook one_file blocks strangers_kinds strangers_found strangers_shapes",
}
"""Tests that come by a room in processes of their own, where nothing is traced."""
SLOW_TOO = ("report/run",)
"""Rooms that hardly anything but slow tests comes by."""
UNTRACED = {
    "mutants": "it is this",
    "printed_text": "each print is tried by itself",
    "coverage": "days of computing",
    "bucket": "a server",
    "bundle": "builds",
    "wheel": "builds",
    "environment": "builds",
    "docs_site": "builds",
    "pages_in_browser": "a browser",
    "dependencies": "reads files of the project",
    "layers": "reads the source",
    "contributing": "reads the source",
    "coverage_decomposition": "draws for minutes",
}
"""Tests that no mistake is tried with, and why."""
PRINTED_TEST = "tests/test_printed_text.py::test_it_prints_what_was_read"
NEIGHBOURS = {
    "town": "village", "village": "town", "urban": "rural", "rural": "urban", "primary": "junior", "junior": "primary",
    "up": "down", "down": "up", "lower": "higher", "higher": "lower", "first": "last", "last": "first",
    "left": "right", "right": "left", "value": "count", "num": "den", "den": "num", "before": "after",
    "after": "before", "zh": "en", "en": "zh", "low": "high", "high": "low", "min": "max", "max": "min",
    "year": "area", "area": "year",
}  # fmt: skip
COMPARE = {ast.Lt: ">=", ast.LtE: "<", ast.Gt: "<=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in",
           ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is"}  # fmt: skip
REASONED = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*"}
ALIKE = {
    r"⟦MOVES_OPEN_FILES": "what another system does, which is tested there",
    r"@dataclass\(.*⟦|field\(.*(compare|kw_only|repr)=⟦": "how a record is built: only who writes the program sees it",
    r"strict=⟦": "both sides are of one length: said to the reader, no result comes by it",
    r"^BEFORE = datetime\(.*⟦": "nobody's clock: any one day serves as well",
    r"ensure_ascii=⟦": "the same JSON to whoever reads it",
    r"^(RESTARTS|CONNECTING|PATIENCE|WAITING|SECONDS)\b.*⟦": "how long is waited and how often tried again",
    r"\b(ms|lw|linewidth|fontsize|alpha|zorder|pad|dpi)\W{1,3}⟦": "how large and thick it is drawn",
    r"\bseconds: float = ⟦": "how long is looked for a better answer",
    r"history\..*to_parquet\(.*index=⟦": "the store's own file: a counted index comes back as it was",
    r"lru_cache\(⟦|maxsize=⟦": "how much is remembered",
}
"""Places, marked in their line, where a mistake changes nothing that anybody could see, and why."""
MOST_SECONDS, MOST_WAITING = 400, 1600
"""Of computing for one mutant: what takes longer never ends, and is noticed. And by the clock: what only waits is given
up and is not noticed, however busy the machine is."""
WARM: Any = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
WARM_WITH = ["pandas", "scipy.stats", "statsmodels.api", "pyarrow.parquet", "matplotlib.pyplot", "docx", "openpyxl",
             "hypothesis", "pytest", "nbformat", "typer", "lxml.html", "PIL.Image"]  # fmt: skip
"""What every trial needs and none changes: loaded once."""


@dataclass(frozen=True)
class Mutant:
    """One place made wrong: the source between two offsets in bytes and what stands there instead."""

    path: str
    line: int
    start: int
    end: int
    new: str
    kind: str

    def plant(self, source: bytes) -> bytes:
        return source[: self.start] + self.new.encode() + source[self.end :]


class _Places(ast.NodeVisitor):
    """Every place of a module that can be made wrong."""

    def __init__(self, path: str, source: str) -> None:
        self.path, self.source = path, source.encode()
        self.starts = [0]
        for line in self.source.split(b"\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.found: list[Mutant] = []

    def _at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def _span(self, node: ast.expr) -> tuple[int, int]:
        return self._at(node.lineno, node.col_offset), self._at(
            node.end_lineno or 0, node.end_col_offset or 0
        )

    def _add(self, node: ast.expr, span: tuple[int, int], new: str, kind: str) -> None:
        self.found.append(Mutant(self.path, node.lineno, *span, new, kind))

    def _between(self, node: ast.expr, left: ast.expr, right: ast.expr, new: str, kind: str) -> None:
        span = self._span(left)[1], self._span(right)[0]
        between = self.source[span[0] : span[1]].decode()
        if "(" in between or ")" in between or "\n" in between or "#" in between:
            return
        self._add(node, span, f" {new} ", kind)

    def visit_Compare(self, node: ast.Compare) -> None:
        self.generic_visit(node)
        if len(node.ops) == 1 and type(node.ops[0]) in COMPARE:
            self._between(node, node.left, node.comparators[0], COMPARE[type(node.ops[0])], "comparison")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.generic_visit(node)
        text = [side for side in (node.left, node.right) if isinstance(side, (ast.JoinedStr, ast.Constant))]
        if type(node.op) in REASONED and not any(
            isinstance(side, ast.JoinedStr) or isinstance(getattr(side, "value", 0), str) for side in text
        ):
            self._between(node, node.left, node.right, REASONED[type(node.op)], "arithmetic")

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.generic_visit(node)
        new = "or" if isinstance(node.op, ast.And) else "and"
        self._between(node, node.values[0], node.values[1], new, "and, or")

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        self.generic_visit(node)
        if isinstance(node.op, (ast.Not, ast.USub)):
            span = self._span(node)[0], self._span(node.operand)[0]
            self._add(node, span, "", "sign or not")

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.generic_visit(node)
        self._add(node, self._span(node.test), "True", "always")

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._add(node, self._span(node), str(not value), "true, false")
        elif isinstance(value, int):
            self._add(node, self._span(node), str(value + 1), "one further")
        elif isinstance(value, float):
            self._add(
                node, self._span(node), repr(value * 10 or 1.0), "times ten"
            )  # ten times nought is nought
        elif isinstance(value, str) and value in NEIGHBOURS:
            self._add(node, self._span(node), f'"{NEIGHBOURS[value]}"', "neighbour")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """The parts of a formatted text have no places of their own before Python 3.12."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in [*node.args.defaults, *[one for one in node.args.kw_defaults if one]]:
            self.visit(default)
        first = node.body[0] if isinstance(getattr(node.body[0], "value", None), ast.Constant) else None
        for statement in node.body:
            if statement is not first:  # its docstring
                self.visit(statement)

    def visit_Return(self, node: ast.Return) -> None:
        self.generic_visit(node)
        if isinstance(node.value, (ast.List, ast.Tuple)) and len(node.value.elts) > 1:
            kept = node.value.elts[:-1]
            span = self._span(kept[-1])[1], self._span(node.value.elts[-1])[1]
            if isinstance(node.value, ast.List):
                self._add(node.value, span, "", "the last left out")


def find_places(files: Iterable[str] = ()) -> dict[str, list[Mutant]]:
    """All places of the rooms, by room; of some files only, if they are named."""
    rooms: dict[str, list[Mutant]] = {room: [] for room in ROOMS}
    for path in sorted(map(ROOT.joinpath, files) if files else (ROOT / "edustats").rglob("*.py")):
        room = room_of(path.relative_to(ROOT).as_posix())
        if not room:
            continue
        source = path.read_text("utf-8")
        places = _Places(path.relative_to(ROOT).as_posix(), source)
        places.visit(ast.parse(source))
        rooms[room] += places.found
    return rooms


def list_all(files: list[str]) -> list[Mutant]:
    return [one for found in find_places(files).values() for one in found if _parses(one)]


def sample(count: int, seed: int, begins: str = "") -> list[Mutant]:
    """Mutants drawn evenly over the rooms that begin so; each still parses.

    A place is drawn by what stands there and not by where it stands: an edit elsewhere leaves the sample as it was.
    """
    drawn: list[Mutant] = []
    rooms = {
        room: found for room, found in find_places().items() if room.startswith(tuple(begins.split(",")))
    }
    for room, found in rooms.items():
        before, names = Counter[str](), dict[Mutant, str]()
        for one in found:  # the same said twice of one line is drawn twice, at different turns
            before[name := name_mutant(one)] += 1
            names[one] = f"{seed} {name}" + (f" {before[name]}" if before[name] > 1 else "")
        rooms[room] = sorted(found, key=lambda one: hashlib.sha256(names[one].encode()).digest())
    for turn in range(count):
        for found in rooms.values():
            if turn < len(found) and len(drawn) < count and _parses(found[turn]):
                drawn.append(found[turn])
    return drawn


def name_mutant(mutant: Mutant) -> str:
    """File, line of code as it reads, and what is planted."""
    return f"{mutant.path} {_read_line(mutant)} {mutant.kind} {mutant.new}"


def _read_line(mutant: Mutant) -> str:
    return _read_lines(mutant.path)[mutant.line - 1].strip()


@cache
def _read_lines(path: str) -> list[str]:
    return (ROOT / path).read_text("utf-8").split("\n")


def tell_alike(mutant: Mutant) -> str:
    """Why nobody could see the mistake; nothing where one could."""
    source = "\n".join(_read_lines(mutant.path)).encode()
    head = source[: mutant.start].decode().rpartition("\n")[2].lstrip()
    marked = f"{head}⟦{source[mutant.start : mutant.end].decode()}⟧"
    return next((reason for pattern, reason in ALIKE.items() if re.search(pattern, marked)), "")


def _parses(mutant: Mutant) -> bool:
    try:
        ast.parse(mutant.plant((ROOT / mutant.path).read_bytes()))
    except SyntaxError:
        return False
    return True


def printed_of(mutant: Mutant) -> list[str]:
    """What comes by the function of a mistake and is printed as somebody has read it, the quickest first."""
    return [name for name in _reaching(mutant) if not name.startswith("tests/")]


def tests_of(mutant: Mutant) -> list[str]:
    """The tests that come by the function of a mistake, the quickest file first, as long as there is time.

    Of a long file only the tests that come by it themselves; of a short one all, for what they hold in common.
    """
    files: dict[str, list[str]] = {}
    for name in _reaching(mutant):
        if name.startswith("tests/"):
            files.setdefault(name.partition("::")[0], []).append(name)
    traced, chosen, spent = load_traced(), dict[str, list[str]](), 0.0
    seconds = {file: sum(traced[file][name]["seconds"] for name in traced[file]) for file in files}
    for file in sorted(files, key=seconds.__getitem__):
        if seconds[file] > LONG:
            seconds[file] = sum(traced[file][name]["seconds"] for name in files[file])
        else:
            files[file] = [file]
        if spent + seconds[file] < MOST_TRACED:
            chosen[file], spent = files[file], spent + seconds[file]
    in_processes = "" if PRINTED_ONLY else IN_PROCESSES.get(room_of(mutant.path), "")
    own = [f"tests/test_{name}.py" for name in in_processes.split()]
    return [
        *(name for names in chosen.values() for name in names),
        *(file for file in own if file not in chosen),
    ]


def _reaching(mutant: Mutant) -> list[str]:
    """Names of prints and tests that come by the function of a mistake, or by its module where it is in none."""
    around = name_function(mutant)
    traced = load_traced()
    found = {
        name: told["seconds"] for tests in traced.values() for name, told in tests.items()
        if any(path == mutant.path and (not around or holds(called, around)) for path, called in told["reached"])
    }  # fmt: skip
    return sorted(found, key=found.__getitem__)


def holds(called: str, around: str) -> bool:
    """Whether a function that was called is the one meant or stands within it."""
    return called == around or called.startswith(f"{around}.")


def room_of(path: str) -> str:
    """The room that a file stands in; nothing for one that is not tried."""
    within = path.removeprefix("edustats/").rpartition("/")[0] + "/"
    return next((room for room in sorted(ROOMS, key=len, reverse=True) if within.startswith(room + "/")), "")


def _copy() -> Path:
    """A copy of the tree that may be spoilt."""
    place = Path(tempfile.mkdtemp(prefix="mutants-"))
    kept = shutil.ignore_patterns(
        "__pycache__", ".git", ".venv", "reports", ".mypy_cache", ".ruff_cache", "*.egg-info"
    )
    shutil.copytree(ROOT, place / "tree", ignore=kept, symlinks=True)
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        (place / "shared").symlink_to(shared)
    return place


OUTSIDE = "outside"
"""The place is in no function that is loaded: it is read as its module is."""


def try_in_fork(mutant: Mutant | None, printed: list[str], tests: list[str], slow: bool = False) -> str:
    """What notices a mistake planted in a fork of this process, where everything is loaded; nothing if none does.

    First what is printed, then the tests without those that are left out.
    """

    def notice(told: IO[str]) -> None:
        printing = load_printing()
        if mutant and not plant_here(mutant.path, mutant.plant(read_sound(mutant.path))):
            told.write(OUTSIDE)
            return
        made = list(printing.NOTEBOOKS)
        if not mutant or not mutant.path.startswith("edustats/report"):
            printing.NOTEBOOKS.clear()  # made anew, with the mistake
        printing.open_view.cache_clear()
        found = first_printed(printed)
        printing.NOTEBOOKS[:] = made
        told.write(found or (run_tests(tests, LEFT, slow) if tests else ""))

    return run_forked(notice)


def run_forked(
    work: Callable[[IO[str]], None], most_seconds: int = MOST_SECONDS, most_waiting: int = MOST_WAITING
) -> str:
    """What some work tells in a fork of this process, which ends without what a whole process does at its end."""
    printing = load_printing()
    with tempfile.TemporaryFile("w+") as told:
        if not (child := os.fork()):
            _held, printing.FOLDERS = printing.FOLDERS, []  # nobody may clear the parent's away there
            code = 1
            try:
                limit_computing(most_seconds, most_waiting)
                work(told)
                told.flush()
                code = 0
            finally:
                for folder in printing.FOLDERS:
                    folder.cleanup()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        told.seek(0)
        # one that was still being tried when its time was over has not been noticed
        return told.read() or ("" if code in (0, -signal.SIGALRM) else f"ended with {code}")


def first_printed(names: list[str]) -> str:
    """The first that prints otherwise than when it was read, or cannot be printed."""
    for name in names:
        try:
            if not load_printing().differs(name):
                continue
        except Exception as error:
            return f"printed {name} {type(error).__name__}"
        return f"printed {name}"
    return ""


def limit_computing(most_seconds: int = MOST_SECONDS, most_waiting: int = MOST_WAITING) -> None:
    """A mistake that never ends is noticed; one that only waits is given up."""
    if os.name == "posix":
        import resource

        signal.alarm(most_waiting)
        resource.setrlimit(resource.RLIMIT_CPU, (most_seconds, most_seconds))


class _FirstFailed:
    """The name of the first test that fails, or of the file that cannot be loaded."""

    name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.name = self.name or (report.nodeid if report.failed else "")

    pytest_collectreport = pytest_runtest_logreport


def run_tests(tests: list[str], left: list[str], slow: bool) -> str:
    """The first of some tests that fails, run in silence; nothing where all pass."""
    first = _FirstFailed()
    terms = ["-x", "-m", "" if slow else "not slow", *(f"--deselect={name}" for name in left)]
    code = run_silently([*terms, *tests], first)
    return first.name or ("" if code in {0, 5} else f"pytest ended with {code}")


def run_silently(terms: list[str], plugin: object) -> int:
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    return int(pytest.main(["-q", "-p", "no:cacheprovider", *terms], plugins=[plugin]))


@cache
def name_function(mutant: Mutant) -> str:
    """The qualified name of the function that holds the place; empty where none does."""
    found = ""
    inside: list[tuple[str, ast.AST]] = [("", ast.parse((ROOT / mutant.path).read_bytes()))]
    while inside:
        before, node = inside.pop()
        for one in ast.iter_child_nodes(node):
            name = before
            if isinstance(one, (ast.FunctionDef, ast.ClassDef)):
                name = f"{before}{one.name}"
                if isinstance(one, ast.FunctionDef) and one.body[0].lineno <= mutant.line <= (
                    one.end_lineno or 0
                ):
                    found = max(found, name, key=len)
                name += ".<locals>." if isinstance(one, ast.FunctionDef) else "."
            inside.append((name, one))
    return found


TRACED = Path(tempfile.gettempdir()) / "edustats-traced-tests"
"""Folder of which functions each test and each print calls; found anew for a file of tests, or what was read of a
print, that has changed since: remove the folder where they come by other functions now."""
MOST_TRACING = 1200
"""Seconds for tracing one file of tests; what was found until then is kept."""
LONG, MOST_TRACED = 20, 120
"""Seconds under the trace: of a file that is tried in parts only, and of all that one mistake is tried with."""


@cache
def load_traced() -> dict[str, dict[str, Any]]:
    """By file of tests, and of prints: for each test its seconds and the functions that it calls."""
    printing = load_printing()
    asked = {
        f"print {name}": (_trace_print, printing.PRINTED / f"{name}.txt") for name in printing.list_names()
    } | {
        f"tests/{file.name}": (_trace_file, file) for file in sorted((ROOT / "tests").glob("test_*.py"))
        if file.stem.removeprefix("test_") not in UNTRACED and not PRINTED_ONLY
    }  # fmt: skip
    return {name: _trace_anew(name, trace, source) for name, (trace, source) in asked.items()}


def _trace_anew(name: str, trace: Callable[[str, IO[str]], None], source: Path) -> dict[str, Any]:
    """The tests of a file and what they call, as they were kept; traced if the file is another now."""
    kept, digest = TRACED / f"{source.stem}.json", hashlib.sha256(source.read_bytes()).hexdigest()
    held: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    if held.get("digest") != digest:
        # in a fork of its own: what is remembered from another would not be called again
        told = run_forked(partial(trace, name), MOST_TRACING, MOST_TRACING)
        tests = dict(json.loads(line) for line in told.splitlines() if line.startswith("["))
        held = {"digest": digest, "tests": tests}
        TRACED.mkdir(exist_ok=True)
        (new := kept.with_suffix(f".{os.getpid()}")).write_text(json.dumps(held), "utf-8")
        new.replace(kept)
    return dict(held["tests"])


PRINTED_ONLY: list[bool] = []
"""Whether no test is tried but what is printed: a quick look at what no print shows."""


def _trace_file(file: str, told: IO[str]) -> None:
    run_silently(["-m", "not slow", file], _TracedTests(told))


class _TracedTests:
    """Tells for each test its seconds and what it calls, as soon as it is over."""

    def __init__(self, told: IO[str]) -> None:
        self.told = told

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        with record_calls() as called:
            yield
        print(json.dumps([item.nodeid, called]), file=self.told, flush=True)


def _trace_print(file: str, told: IO[str]) -> None:
    printing, name = load_printing(), file.removeprefix("print ")
    printing.NOTEBOOKS.clear()
    with record_calls() as called:
        printing.print_named(name)
    print(json.dumps([name, called]), file=told)


@contextmanager
def record_calls() -> Iterator[dict[str, Any]]:
    """Seconds and functions of the project that are called meanwhile."""
    told, begun, profile = (
        dict[str, Any](),
        time.monotonic(),
        cProfile.Profile(subcalls=False, builtins=False),
    )
    profile.enable()
    yield told
    profile.disable()
    told["seconds"] = round(time.monotonic() - begun, 2)
    within = f"{ROOT}{os.sep}"
    codes = [one.code for one in profile.getstats() if isinstance(one.code, CodeType)]
    told["reached"] = sorted(
        {(code.co_filename.removeprefix(within).replace(os.sep, "/"), code.co_qualname) for code in codes
         if code.co_filename.startswith(f"{within}edustats")}
    )  # fmt: skip


@cache
def load_printing() -> Any:
    """``tests/printing.py`` with the whole suite loaded, its store and its notebooks made, in this process."""
    import edustats

    sys.path.insert(0, str(ROOT / "tests"))
    printing = importlib.import_module("printing")
    for found in pkgutil.walk_packages(edustats.__path__, "edustats."):
        if not found.name.endswith("__main__"):
            with suppress(ModuleNotFoundError):  # an extra that is not installed
                importlib.import_module(found.name)
    printing.prepare()
    return printing


def plant_here(file: str, source: bytes) -> bool:
    """Give the functions of a loaded module the code of a wrong source; False where no function holds the place."""
    path = ROOT / file
    wrong = compile(source, str(path), "exec")
    codes = {(code.co_qualname, code.co_firstlineno): code for code in _walk_code(wrong)}
    held = [
        one for one in gc.get_objects()
        if isinstance(one, FunctionType) and Path(one.__code__.co_filename) == path
    ]  # fmt: skip
    planted = False
    for function in held:
        code = codes.get((function.__code__.co_qualname, function.__code__.co_firstlineno))
        if code is not None and code != function.__code__:
            function.__code__ = code
            planted = True
    return planted


def _walk_code(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _walk_code(one)


def try_anew(mutant: Mutant) -> str:
    """The same in a process of its own, for a place that is read as its module is loaded."""
    printed = [f"{PRINTED_TEST}[{name}]" for name in printed_of(mutant)]
    tests = [*printed, *tests_of(mutant)]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told")
        trial = WARM.Process(target=_try_all, args=(str(ROOT), tests, allowed(mutant), LEFT, str(told)))
        trial.start()
        trial.join()
        return told.read_text("utf-8") if told.is_file() else f"ended with {trial.exitcode}"


def _try_all(tree: str, tests: list[str], slow: bool, left: list[str], told: str) -> None:
    limit_computing()
    os.chdir(tree)
    sys.path.insert(0, tree)
    Path(told).write_text(run_tests(tests, left, slow), "utf-8")
    os._exit(0)


def allowed(mutant: Mutant) -> bool:
    return room_of(mutant.path) in SLOW_TOO


def try_mutant(mutant: Mutant) -> str:
    """What notices a mistake; it stands in the file too, for tests that start processes.

    A test that fails without the mistake has noticed nothing and is left out from then on.
    """
    file, slow = ROOT / mutant.path, allowed(mutant)
    sound = read_sound(mutant.path)
    while True:
        printed = [name for name in printed_of(mutant) if name not in LEFT]
        try:
            file.write_bytes(mutant.plant(sound))
            found = OUTSIDE
            if name_function(mutant) and FORKS:
                found = try_in_fork(mutant, printed, tests_of(mutant), slow)
            if found == OUTSIDE:
                found = try_anew(mutant)
        finally:
            file.write_bytes(sound)
        if found.startswith("printed "):
            found_anew = try_in_fork(None, [name := found.split(" ")[1]], [])
        elif found.startswith("tests/"):
            found_anew = try_in_fork(None, [], [name := found], slow)
        else:
            return found
        if not found_anew:
            return found
        LEFT.append(name)


@cache
def read_sound(path: str) -> bytes:
    """A file as it was before any mistake."""
    return (ROOT / path).read_bytes()


FORKS = hasattr(os, "fork")
LEFT: list[str] = []
"""Tests and prints that fail without any mistake."""


def run(mutants: list[Mutant]) -> Iterator[tuple[Mutant, str]]:
    """Each mutant and what noticed it, told as they come."""
    for mutant in mutants:
        begun = time.monotonic()
        how = try_mutant(mutant)
        yield mutant, how
        seconds = f"{time.monotonic() - begun:3.0f} s"
        print(f"{how or 'UNNOTICED'}\t{seconds}\t{_tell(mutant)}", end="", flush=True, file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", default="", help="only rooms that begin so")
    parser.add_argument("--file", default="", help="all mistakes of these files, by comma, and no sample")
    parser.add_argument(
        "--again", type=Path, help="only those that this file, told by an earlier run, has UNNOTICED"
    )
    parser.add_argument("--printed", action="store_true", help="only what is printed is tried, and no test")
    parser.add_argument("--trace", action="store_true", help="only trace what comes by which function")
    parser.add_argument("--in-copy", action="store_true", help=argparse.SUPPRESS)
    terms = parser.parse_args()
    if not terms.in_copy:
        return run_in_copy()
    PRINTED_ONLY[:] = [True] * terms.printed
    if terms.trace:
        return 0 if load_traced() else 1
    WARM.set_forkserver_preload(WARM_WITH)
    drawn = list_all(terms.file.split(",")) if terms.file else sample(terms.count, terms.seed, terms.room)
    if terms.again:
        told = [
            line.split("\t", 2)[2]
            for line in terms.again.read_text("utf-8").split("\n")
            if line.startswith("UNNOTICED")
        ]
        drawn = [one for one in drawn if _tell(one).strip() in map(str.strip, told)]
    alike = {one: reason for one in drawn if (reason := tell_alike(one))}
    tell_found(list(run([one for one in drawn if one not in alike])), alike)
    return 0


def run_in_copy() -> int:
    """The same from a copy of the tree: who goes on editing would else spoil what is compared."""
    place = _copy()
    try:
        command = [
            sys.executable,
            str(place / "tree" / "benchmarks" / "mutants.py"),
            *sys.argv[1:],
            "--in-copy",
        ]
        own = {"PYTHONPATH": str(place / "tree")}
        return subprocess.run(command, cwd=place / "tree", env=os.environ | own, check=False).returncode
    finally:
        shutil.rmtree(place, ignore_errors=True)


def tell_found(found: list[tuple[Mutant, str]], alike: dict[Mutant, str]) -> None:
    """The table by rooms and by kinds, what was not noticed, what cannot be, and what was left out."""
    by_rooms = [(room_of(mutant.path), how) for mutant, how in found]
    by_kinds = [(mutant.kind, how) for mutant, how in found]
    for head, pairs in (("room", by_rooms), ("kind", by_kinds)):
        drawn, noticed = Counter(name for name, _ in pairs), Counter(name for name, how in pairs if how)
        print(
            f"\n{head}\tnoticed\tof",
            *(f"{name}\t{noticed[name]}\t{n}" for name, n in drawn.items()),
            sep="\n",
        )
    noticed_all, printed = (
        sum(bool(how) for _, how in found),
        sum(how.startswith("printed") for _, how in found),
    )
    print(f"all\t{noticed_all}\t{len(found)}\t({printed} by what is printed)")
    print(f"\nnot tried, {len(alike)}:")
    for mutant, reason in alike.items():
        print(f"{reason}\t{_tell(mutant)}", end="")
    print("\nnot noticed:", *(_tell(mutant).rstrip() for mutant, how in found if not how), sep="\n")
    print("\nleft out, as they fail without a mistake:", *LEFT, sep="\n")


def _tell(mutant: Mutant) -> str:
    return f"{mutant.path}:{mutant.line}\t{mutant.kind}\t{_read_line(mutant)} -> {mutant.new.strip()}\n"


if __name__ == "__main__":
    raise SystemExit(main())
