"""Would the tests notice? Planted mistakes in what reads and what prints, each against the tests of its room.

    python benchmarks/mutants.py                    # 100 mutants of present, report and load
    python benchmarks/mutants.py --count 25 --seed 1

A mutant is one place of the code made wrong: a comparison turned, a sign, a limit one further, a word of a key taken
for its neighbour, a condition always true, a sum that leaves out its last. The sample is drawn with a seed from all
places, evenly over rooms, so that it is the same on every machine. Each is tried in a copy of the tree with
the tests of its room, named in ``ROOMS``, without the slow ones, until the first fails: what is printed by way of the
place first, in a fork of this process. A test that fails without the mistake too is left out, and told. One that no
test notices is printed with its line.
"""

from __future__ import annotations

import argparse
import ast
import gc
import hashlib
import importlib
import json
import multiprocessing
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).parents[1]
ROOMS = {
    "present/brief": """printed:county_brief- printed:prefecture_brief- printed:county_c-trend_chart brief_pages
        choosing brief one_verdict""",
    "present/county": """printed:county-profile printed:county-trend printed:county-ranks printed:county-peers
        printed:county-convergence printed:county-data_warnings printed:county-ledger
        printed:county-validation printed:county-forecast printed:county-target
        printed:prefecture-target printed:county_b- printed:county_c- printed:census- trends_shown peers
        one_verdict""",
    "present/drawing": """printed:county-trend_chart printed:county-pen_parade printed:county-lorenz
        printed:county-gap_chart printed:prefecture-county_ printed:prefecture-theil
        printed:county-seat_ printed:county-teacher_chart printed:county-forecast_chart
        printed:county_brief-resources printed:county_c- printed:served- explored_values lines
        word_chart""",
    "present/equity": """printed:county-inequality printed:county-lorenz printed:county-pen printed:county-contributors
        printed:county-decomposition printed:county-gap printed:county-segregation printed:county_b-
        printed:county_c- printed:census- equity_chapter one_verdict""",
    "present/evaluation": """printed:served- evaluation_chapters programmes value_added effects index_chapter
        evaluation_sentences""",
    "present/explore": "printed:served explored_values explorer chart_geometry",
    "present/finance": """printed:county-finance printed:county-pay printed:county-school_quotas printed:county-student
        printed:county_c- money_chapters finance_rules""",
    "present/prefecture": "printed:prefecture- printed:served-explorer prefecture areas_published",
    "present/records": """printed:county-profile printed:file- printed:served printed:census- page word lines sentences
        words values""",
    "present/seats": """printed:county-seat printed:prefecture-prefecture_seats printed:county_c-seat seats_shown""",
    "present/services": "printed:served services projects",
    "present/standards": """printed:county-assessment printed:county-difference printed:county-school_verdicts
        printed:county-shortfalls printed:county-allocation printed:county-standards
        printed:county-declaration printed:county_b- printed:county_c- present_standards present_targets""",
    "present/teachers": """printed:county-teacher printed:county-retirement printed:county-rotation printed:county-posts
        printed:county-recruitment printed:county_c- money_chapters teacher_rules""",
    "present/view": """printed:county-profile printed:county-peers printed:county-inequality printed:county-gaps
        printed:county-trends printed:prefecture-overview printed:county_b- printed:county_c-
        printed:census- printed:served withheld observe areas_published disclosure""",
    "report/edition": "edition stale plan revisions index parameters remote",
    "report/publish": """printed:file- template publish_returns index word word_chart workbook_of_county page brief""",
    "report/run": "runner engine progress faults kernels sockets prefecture_batch",
    "report/trace": "printed:file- values sources workbook_of_county brief_pages",
    "load/files": "printed:load- files_by_hand clean workbook one_file own_catalogue",
    "load/reading": """printed:load- inspect area_cases areas_published checks strangers_kinds nameless_totals
        own_catalogue strangers_amounts strangers_found strangers_shapes""",
    "load/returns": "printed:load- answers lines quality located returns",
    "load/tables": """printed:load- mapping docs_mapping inspect database nameless_totals own_catalogue
        strangers_amounts strangers_shapes""",
    "load": "printed:load- summary answers quality area_tree",
}
"""Tests that a mistake of a room is tried with: files, and the beginnings of what ``tests/printing.py`` prints."""
OF_ALL = ("small_answers", "small_limits", "small_readings", "small_steps")
"""Tests that are quick and stand for every room."""
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
    r"ensure_ascii=⟦": "the same JSON to whoever reads it",
    r"^(RESTARTS|CONNECTING|PATIENCE|WAITING|SECONDS)\b.*⟦": "how long is waited and how often tried again",
    r"\b(ms|lw|linewidth|fontsize|alpha|zorder|pad|dpi)\W{1,3}⟦": "how large and thick it is drawn",
    r"lru_cache\(⟦|maxsize=⟦": "how much is remembered",
}
"""Places, marked in their line, where a mistake changes nothing that anybody could see, and why."""
MOST_SECONDS = 240
"""Of computing for one mutant: what takes longer never ends, and is noticed."""
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
            self._add(node, self._span(node), repr(value * 10), "times ten")
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


def sample(count: int, seed: int) -> list[Mutant]:
    """Mutants drawn evenly over the rooms; each still parses.

    A place is drawn by what stands there and not by where it stands: an edit elsewhere leaves the sample as it was.
    """
    drawn: list[Mutant] = []
    rooms = find_places()
    for room, found in rooms.items():
        rooms[room] = sorted(
            found, key=lambda one: hashlib.sha256(f"{seed} {name_mutant(one)}".encode()).digest()
        )
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


def printed_of(room: str) -> list[str]:
    """What a room prints that somebody has read, by name."""
    begins = [name.partition("printed:")[2] for name in ROOMS[room].split() if ":" in name]
    printed = sorted(file.stem for file in (ROOT / "tests" / "files" / "printed").glob("*.txt"))
    return [name for begin in begins for name in printed if name.startswith(begin)]


def tests_of(room: str) -> list[str]:
    """The files of tests that a room is tried with beside what it prints."""
    told = [*OF_ALL, *ROOMS[room].split()]
    files = [f"tests/test_{name}.py" for name in told if ":" not in name]
    return [file for file in files if (ROOT / file).is_file()]


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


def try_in_fork(mutant: Mutant | None, printed: list[str], tests: list[str], left: list[str]) -> str:
    """What notices a mistake planted in a fork of this process, where everything is loaded; nothing if none does.

    First what is printed, then the tests without those that are left out.
    """
    printing = load_printing()
    with tempfile.TemporaryFile("w+") as told:
        if child := os.fork():
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            told.seek(0)
            return told.read() or ("" if code == 0 else f"ended with {code}")
        try:
            limit_computing()
            if mutant and not plant_here(mutant.path, mutant.plant(read_sound(mutant.path))):
                told.write(OUTSIDE)
            else:
                made = list(printing.NOTEBOOKS)
                if not mutant or not mutant.path.startswith("edustats/report"):
                    printing.NOTEBOOKS.clear()  # made anew, with the mistake
                printing.open_view.cache_clear()
                told.write(first_printed(printed))
                printing.NOTEBOOKS[:] = made
                if tests and not told.tell():
                    told.write(run_tests(tests, left))
            told.flush()
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)


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


def limit_computing() -> None:
    """A mistake that never ends is noticed."""
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


class _FirstFailed:
    """The name of the first test that fails, or of the file that cannot be loaded."""

    name = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.name = self.name or (report.nodeid if report.failed else "")

    pytest_collectreport = pytest_runtest_logreport


def run_tests(tests: list[str], left: list[str]) -> str:
    """The first of some tests that fails, run in silence; nothing where all pass."""
    import pytest

    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.dont_write_bytecode = True
    first = _FirstFailed()
    terms = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *(f"--deselect={name}" for name in left)]
    code = int(pytest.main([*terms, *tests], plugins=[first]))
    return first.name or ("" if code == 0 else f"pytest ended with {code}")


@cache
def find_function(mutant: Mutant) -> int:
    """The first line of the function that holds the place; nought where none does."""
    source = ast.parse((ROOT / mutant.path).read_bytes())
    around = [
        min([node.lineno, *(one.lineno for one in node.decorator_list)])
        for node in ast.walk(source)
        if isinstance(node, ast.FunctionDef) and node.body[0].lineno <= mutant.line <= (node.end_lineno or 0)
    ]
    return max(around, default=0)


@cache
def trace_printing() -> dict[str, set[tuple[str, int]]]:
    """For everything that is printed, file and first line of each function that it comes by.

    Each is printed in a fork of its own: what is remembered from one would else not be called for the next.
    """
    found = {}
    for name in load_printing().list_names():
        with tempfile.TemporaryFile("w+") as told:
            if child := os.fork():
                os.waitpid(child, 0)
                told.seek(0)
                found[name] = {(file, line) for file, line in json.loads(told.read() or "[]")}
                continue
            try:
                json.dump(_trace_one(name), told)
                told.flush()
            finally:
                os._exit(0)
    return found


def _trace_one(name: str) -> list[tuple[str, int]]:
    printing, seen = load_printing(), set[CodeType]()
    printing.NOTEBOOKS.clear()
    sys.setprofile(lambda frame, event, _: event == "call" and seen.add(frame.f_code))
    printing.print_named(name)
    sys.setprofile(None)
    return [(c.co_filename, c.co_firstlineno) for c in seen if c.co_filename.startswith(str(ROOT))]


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


def try_anew(room: str, left: list[str]) -> str:
    """The same in a process of its own, for a place that is read as its module is loaded."""
    printed = [f"{PRINTED_TEST}[{name}]" for name in printed_of(room)]
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told")
        trial = WARM.Process(target=_try_all, args=(str(ROOT), [*printed, *tests_of(room)], left, str(told)))
        trial.start()
        trial.join()
        return told.read_text("utf-8") if told.is_file() else f"ended with {trial.exitcode}"


def _try_all(tree: str, tests: list[str], left: list[str], told: str) -> None:
    limit_computing()
    os.chdir(tree)
    sys.path.insert(0, tree)
    Path(told).write_text(run_tests(tests, left), "utf-8")
    os._exit(0)


def try_mutant(mutant: Mutant, room: str) -> str:
    """What notices a mistake; it stands in the file too, for tests that start processes.

    A test that fails without the mistake has noticed nothing and is left out from then on.
    """
    file, around = ROOT / mutant.path, find_function(mutant)
    reach = (str(file), around)
    printed = [name for name in printed_of(room) if name not in LEFT and reach in trace_printing()[name]]
    sound = read_sound(mutant.path)
    while True:
        try:
            file.write_bytes(mutant.plant(sound))
            found = try_in_fork(mutant, printed, tests_of(room), LEFT) if around and FORKS else OUTSIDE
            if found == OUTSIDE:
                found = try_anew(room, LEFT)
        finally:
            file.write_bytes(sound)
        if not found.startswith("tests/") or not try_in_fork(None, [], [found], []):
            return found
        LEFT.append(found)


@cache
def read_sound(path: str) -> bytes:
    """A file as it was before any mistake."""
    return (ROOT / path).read_bytes()


FORKS = hasattr(os, "fork")
LEFT: list[str] = []
"""Tests and prints that fail without any mistake."""


def run(mutants: list[Mutant]) -> Iterator[tuple[Mutant, str]]:
    """Each mutant and what noticed it, told as they come."""
    while found := try_in_fork(
        None, [name for name in load_printing().list_names() if name not in LEFT], [], []
    ):
        LEFT.append(found.split(" ")[1])
    for mutant in mutants:
        begun = time.monotonic()
        how = try_mutant(mutant, room_of(mutant.path))
        yield mutant, how
        seconds = f"{time.monotonic() - begun:3.0f} s"
        print(f"{how or 'UNNOTICED'}\t{seconds}\t{_tell(mutant)}", end="", flush=True, file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", default="", help="only rooms that begin so")
    parser.add_argument(
        "--again", type=Path, help="only those that this file, told by an earlier run, has UNNOTICED"
    )
    parser.add_argument("--in-copy", action="store_true", help=argparse.SUPPRESS)
    terms = parser.parse_args()
    if not terms.in_copy:
        return run_in_copy()
    WARM.set_forkserver_preload(WARM_WITH)
    drawn = [one for one in sample(terms.count, terms.seed) if room_of(one.path).startswith(terms.room)]
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
