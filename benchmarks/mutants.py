"""Would the tests notice? Planted mistakes in what reads and what prints, each against the tests of its room.

    python benchmarks/mutants.py                    # 100 mutants of present, report and load
    python benchmarks/mutants.py --count 25 --seed 1

A mutant is one place of the code made wrong: a comparison turned, a sign, a limit one further, a word of a key taken
for its neighbour, a condition always true, a sum that leaves out its last. The sample is drawn with a seed from all
places, evenly over rooms, so that it is the same on every machine. The tests of a room are those that import the
changed module, then those named in ``ROOMS``, without the slow ones. A mutant that no test notices is printed with
its line.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = {
    "present/brief": "brief brief_pages choosing word",
    "present/county": "trends_shown peers ranking forecast tiers chapters observe printed_numbers",
    "present/drawing": "word_chart chapters sentences page",
    "present/equity": "equity_chapter allocation gap chapters printed_numbers",
    "present/prefecture": "prefecture prefecture_batch areas_published index",
    "present/records": "sentences page word lines printed_numbers words",
    "present/standards": "present_standards present_targets standards targets",
    "present/view": "areas_published withheld observe chapters prefecture",
    "report/edition": "edition stale plan revisions index",
    "report/publish": "publication publish_returns word page workbook_of_county template index",
    "report/run": "runner engine kernels progress cluster faults",
    "report/trace": "values sources printed_numbers workbook_of_county",
    "load/files": "workbook clean one_file strangers",
    "load/reading": "strangers own_tables inspect area_cases intake_cases areas_published",
    "load/returns": "returns lines mutations own_tables through workbook quality answers",
    "load/tables": "mapping database strangers inspect intake_cases docs_mapping",
    "load": "answers quality summary lines returns",
}
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
MOST_SECONDS = 300.0


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


def find_places() -> dict[str, list[Mutant]]:
    """All places of the rooms, by room."""
    rooms: dict[str, list[Mutant]] = {room: [] for room in ROOMS}
    for path in sorted((ROOT / "edustats").rglob("*.py")):
        within = path.relative_to(ROOT / "edustats").parent.as_posix()
        room = next(
            (name for name in sorted(ROOMS, key=len, reverse=True) if (within + "/").startswith(name + "/")),
            "",
        )
        if not room:
            continue
        source = path.read_text("utf-8")
        places = _Places(path.relative_to(ROOT).as_posix(), source)
        places.visit(ast.parse(source))
        rooms[room] += places.found
    return rooms


def sample(count: int, seed: int) -> list[Mutant]:
    """Mutants drawn evenly over the rooms; each still parses."""
    drawn, rng = [], random.Random(seed)  # noqa: S311
    rooms = {room: rng.sample(found, min(len(found), count)) for room, found in find_places().items()}
    for turn in range(count):
        for room in rooms.values():
            if turn < len(room) and len(drawn) < count and _parses(room[turn]):
                drawn.append(room[turn])
    return drawn


def _parses(mutant: Mutant) -> bool:
    try:
        ast.parse(mutant.plant((ROOT / mutant.path).read_bytes()))
    except SyntaxError:
        return False
    return True


def tests_of(path: str) -> list[str]:
    """Files of tests that import the module, then those of its room."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    parent, _, name = module.rpartition(".")
    near = [
        file.name
        for file in sorted((ROOT / "tests").glob("test_*.py"))
        if f"{module} import" in (text := file.read_text("utf-8"))
        or any(line.startswith(f"from {parent} import") and name in line.split() for line in text.split("\n"))
    ]
    within = path.removeprefix("edustats/").rpartition("/")[0]
    room = next(
        (key for key in sorted(ROOMS, key=len, reverse=True) if (within + "/").startswith(key + "/")), ""
    )
    of_room = [f"test_{one}.py" for one in ROOMS.get(room, "").split()]
    return [f"tests/{one}" for one in dict.fromkeys([*near, *of_room]) if (ROOT / "tests" / one).is_file()]


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


def is_noticed(mutant: Mutant, place: Path) -> bool:
    """Whether a test of the room fails."""
    tree, file = place / "tree", place / "tree" / mutant.path
    sound = file.read_bytes()
    file.write_bytes(mutant.plant(sound))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--no-header",
        "-p",
        "no:cacheprovider",
        "-m",
        "not slow",
        *tests_of(mutant.path),
    ]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, timeout=MOST_SECONDS, check=False
        )
        return done.returncode != 0
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_bytes(sound)


def run(count: int, seed: int, workers: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant and whether it was noticed."""
    mutants = sample(count, seed)
    places = [_copy() for _ in range(workers)]
    try:
        with ThreadPoolExecutor(workers) as pool:
            tasks = [pool.submit(_run_share, mutants[k::workers], place) for k, place in enumerate(places)]
            for task in tasks:
                yield from task.result()
    finally:
        for place in places:
            shutil.rmtree(place, ignore_errors=True)


def _run_share(mutants: list[Mutant], place: Path) -> list[tuple[Mutant, bool]]:
    found = []
    for mutant in mutants:
        found.append((mutant, is_noticed(mutant, place)))
        print("." if found[-1][1] else f"\n{_tell(mutant)}", end="", flush=True, file=sys.stderr)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    terms = parser.parse_args()
    found = list(run(terms.count, terms.seed, terms.workers))
    rooms = {room: [0, 0] for room in ROOMS}
    kinds: Counter[str] = Counter()
    for mutant, noticed in found:
        within = mutant.path.removeprefix("edustats/").rpartition("/")[0]
        room = next(
            key for key in sorted(ROOMS, key=len, reverse=True) if (within + "/").startswith(key + "/")
        )
        rooms[room][0] += noticed
        rooms[room][1] += 1
        kinds[mutant.kind] += not noticed
    print("\n\nroom\tnoticed\tof")
    for room, (noticed, of) in rooms.items():
        print(f"{room}\t{noticed}\t{of}")
    print(f"all\t{sum(noticed for _, noticed in found)}\t{len(found)}\n\nnot noticed:")
    for mutant, noticed in found:
        if not noticed:
            print(_tell(mutant))
    return 0


def _tell(mutant: Mutant) -> str:
    line = (ROOT / mutant.path).read_text("utf-8").split("\n")[mutant.line - 1].strip()
    return f"{mutant.path}:{mutant.line}\t{mutant.kind}\t{line} -> {mutant.new.strip()}\n"


if __name__ == "__main__":
    raise SystemExit(main())
