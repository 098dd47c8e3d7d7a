"""Does every file of a whole edition print what its ``values.parquet`` holds, and nothing else?

    python benchmarks/edition_numbers.py                  # the example in both languages, and Michigan
    python benchmarks/edition_numbers.py reports/2024 zh  # an edition that is there

Tells how many numbers were looked at, and each that is printed and not held, held and not printed, or held otherwise.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
MOST_TOLD = 12


def run_command(*terms: str) -> None:
    subprocess.run([sys.executable, "-m", "edustats", *terms], check=True, stdout=subprocess.DEVNULL)


def tell_edition(edition: Path, lang: str) -> int:
    """What is loose in an edition, told by file; how much it is."""
    from editions import find_loose_numbers
    from test_printed_numbers import names_with_digits

    found = find_loose_numbers(edition, names_with_digits(lang))
    held = len(pd.read_parquet(edition / "values.parquet", columns=["value"]))
    print(f"{edition} {lang}: {held} numbers held, {len(found)} loose", flush=True)
    told = Counter[str]()
    for file, what, wrong in found:
        kind = file.rpartition("/")[2]
        told[kind] += 1
        if told[kind] <= MOST_TOLD:
            print(f"  {file} | {what} | {wrong}")
    return len(found)


def main() -> int:
    if len(sys.argv) == 3:
        return int(bool(tell_edition(Path(sys.argv[1]), sys.argv[2])))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        run_command("example", str(folder / "example"))
        run_command("load", str(folder / "example" / "returns"), "--store", str(folder / "store"))
        run_command("load", "michigan", "--store", str(folder / "michigan"))
        loose = 0
        for store, lang in (("store", "zh"), ("store", "en"), ("michigan", "en")):
            out = folder / f"{store}_{lang}"
            areas = ["--county", "01,82,MI"] if store == "michigan" else []
            run_command(
                "report",
                "--store",
                str(folder / store),
                *areas,
                "--lang",
                lang,
                "--out",
                str(out),
                "--detail",
                "full",
            )
            edition = next(path.parent for path in out.glob("*/values.parquet"))
            loose += tell_edition(edition, lang)
    return int(bool(loose))


if __name__ == "__main__":
    raise SystemExit(main())
