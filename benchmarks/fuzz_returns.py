"""What do damaged and altered returns do to a load?  python benchmarks/fuzz_returns.py [MUTANTS] [SEED]

Each mutant is a file of the invented prefecture, broken or altered, loaded beside a sound one. Nothing may end in a
traceback, hang or end the process; the ledger balances; the sound file is loaded whole; and a known figure that was
changed beyond belief is among the findings. The seed of every failure is printed: with it and 1 as the number of
mutants the same file is made again.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from edustats.catalogue import catalogue
from edustats.errors import EdustatsError
from edustats.example.returns import write_example
from edustats.load.files import apart
from edustats.load.returns.prefecture_profile import FILE
from edustats.load.returns.reader import load_returns

Mutation = Callable[[bytes, random.Random], bytes]
SLOW = apart.SECONDS + 10
YEARS = "2024"
SOUND = "特教一览表.xlsx"


def flip(content: bytes, rng: random.Random) -> bytes:
    """Some bytes are others."""
    made = bytearray(content)
    for _ in range(rng.choice((1, 8, 64))):
        made[rng.randrange(len(made))] = rng.randrange(256)
    return bytes(made)


def cut(content: bytes, rng: random.Random) -> bytes:
    """The end, or a piece of the middle, is missing."""
    start = rng.randrange(len(content))
    return content[:start] + (content[start + rng.randrange(1, 4000) :] if rng.random() < 0.5 else b"")


def fill(content: bytes, rng: random.Random) -> bytes:
    """A run of zeros or ones, as a bad disk leaves."""
    start, length = rng.randrange(len(content)), rng.randrange(1, 2000)
    return content[:start] + rng.choice((b"\0", b"\xff")) * length + content[start + length :]


def rearrange(content: bytes, rng: random.Random) -> bytes:
    """A member of the archive is renamed, missing, empty or damaged."""
    parts = _unpacked(content)
    if not parts:
        return flip(content, rng)
    name = rng.choice(sorted(parts))
    body = parts.pop(name)
    what = rng.randrange(4)
    if what == 0:
        parts[name + "x"] = body
    elif what == 1:
        parts[name] = b""
    elif what == 2 and body:
        parts[name] = flip(body, rng)
    return _packed(parts)


def rewrite(content: bytes, rng: random.Random) -> bytes:
    """A sheet's XML or a table's text has other marks in it: far cells, repeats, quotes, controls, formulas."""
    marks = (
        b'<c r="XFD1048576"><v>1</v></c>', b"<c t='s' r='A1048576'><v>99999999</v></c>", b'<v>1e999</v>', b'"', b",,,,",
        b"\x1b\x07\x0b", b"=cmd|' /C calc'!A0", "\u202e\u2066$$".encode(), b"</row><row>", b"<!DOCTYPE a>", b"&amp;#0;",
        b' r="-5"', b't="e"><v>#REF!</v>', b"\r\r\n\n", b"\t" * 300,
    )  # fmt: skip
    parts = _unpacked(content) or {"": content}
    name = rng.choice([name for name in sorted(parts) if "sheet" in name] or sorted(parts))
    body = parts[name]
    at = rng.choice([i for i, byte in enumerate(body[:200_000]) if byte in b"<,\n"] or [0])
    parts[name] = body[:at] + rng.choice(marks) + body[at:]
    return parts[""] if "" in parts else _packed(parts)


MUTATIONS: tuple[Mutation, ...] = (flip, cut, fill, rearrange, rewrite)


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return {}


def _packed(parts: dict[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return made.getvalue()


def one_mutant(seed: int, sources: list[Path], sound: Path, folder: Path) -> str:
    """Load one mutant beside a sound file; what was wrong, '' for nothing."""
    rng = random.Random(seed)  # noqa: S311 - a draw that anybody may repeat
    source, mutation = rng.choice(sources), rng.choice(MUTATIONS)
    suffix = rng.choice((source.suffix,) * 8 + (".xls", ".xlsb", ".ods", ".csv", ".txt"))
    mutant = folder / f"坏_{source.stem}{suffix}"
    mutant.write_bytes(mutation(source.read_bytes(), rng))
    started = time.monotonic()
    try:
        loaded = load_returns([folder])
    except EdustatsError as error:
        return "" if error.text("zh") and error.text("en") else "no words"
    except BaseException as error:
        return f"{type(error).__name__}: {str(error)[:80]} ({mutation.__name__}, {source.name}{suffix})"
    finally:
        mutant.unlink()
    rows = sum(entry.loaded for entry in loaded.ledger if entry.file == sound.name)
    if time.monotonic() - started > SLOW:
        return f"slow ({mutation.__name__}, {source.name})"
    return "" if rows else f"the sound file was lost ({mutation.__name__}, {source.name})"


def main(mutants: int, seed: int) -> int:
    """Run, and print what was found; the number of mutants that did harm."""
    with tempfile.TemporaryDirectory() as made:
        write_example(Path(made) / "example")
        returns = Path(made) / "example" / "returns"
        sources = sorted(
            path for path in (returns / YEARS).rglob("*") if path.suffix in (".xlsx", ".xls", ".csv")
        )
        folder = Path(made) / "in"
        folder.mkdir()
        shutil.copy(returns / FILE, folder)
        sound = Path(shutil.copy(next(path for path in sources if path.name.endswith(SOUND)), folder))
        catalogue()
        started, found = time.monotonic(), Counter[str]()
        for k in range(seed, seed + mutants):
            if wrong := one_mutant(k, sources, sound, folder):
                found[wrong] += 1
                print(f"seed {k}: {wrong}", flush=True)
    seconds = time.monotonic() - started
    print(f"{mutants} mutants from seed {seed}: {sum(found.values())} did harm, {seconds:.0f} seconds")
    return min(sum(found.values()), 1)


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(words + [3000, 1][len(words) :])))
