"""How many strangers' tables come in right, are reported, are refused, and how many are wrong in silence?

``python benchmarks/strangers.py [tables [first]]`` writes so many tables (5,000 if not said), from a seed on, and loads
each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import strangers

MOST_TOLD = 10


def count(number: int, first: int = 0) -> Counter[str]:
    """Outcomes of so many tables; the first that are silent are printed."""
    found: Counter[str] = Counter()
    for seed in range(first, first + number):
        with tempfile.TemporaryDirectory() as folder:
            made = strangers.write(Path(folder), seed)
            outcome, words = strangers.hold(made)
        found[("contradictory " if made.contradiction else "") + outcome] += 1
        if outcome == "silent" and found[outcome] <= MOST_TOLD:
            print(seed, made.road, words, made.choices)
    return found


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    started = time.perf_counter()
    found = count(number, first)
    print(f"{number} tables generated in {time.perf_counter() - started:.0f} s")
    for outcome, times in sorted(found.items()):
        print(f"{outcome:24} {times:6} {times / number:7.2%}")


if __name__ == "__main__":
    main()
