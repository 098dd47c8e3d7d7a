"""Which schools send their pupils in two rows? Some teach on a second site that is no school of its own.

The national list asks for both sites (是否计校数: 否) and for the code of the main one (本部标识码). What the
school has is what both rows add up to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edustats.example.records import PlantedFault
from edustats.example.workbooks import format_column_letters

if TYPE_CHECKING:
    from edustats.example.records import PlacedPage

SINCE = 2021
"""First year whose form asks for the main site's code."""
SCHOOLS = 3
SHARE = 0.3
"""Of everything a school has, what stands on its second site."""
Record = dict[str, Any]


def split_second_sites(stage: str, year: int, county: str, city: str, records: list[Record]) -> list[Record]:
    """The records with a second row after each of the largest public primary schools of the first city."""
    marked = [record | {"main_unit": ""} for record in records]
    if stage != "primary" or year < SINCE or county != city:
        return marked
    own = [r for r in marked if r["kind"] == "211" and not r["private"]]
    # by code, so that the same schools have two sites every year
    chosen = {r["unit"] for r in sorted(own, key=lambda r: r["unit"])[:SCHOOLS]}
    return [part for r in marked for part in (_split_record(r) if r["unit"] in chosen else [r])]


def _split_record(record: Record) -> list[Record]:
    figures = {k: v for k, v in record.items() if isinstance(v, float | int) and v == v}
    second = {k: round(v * SHARE, 2) if v % 1 else v * SHARE // 1 for k, v in figures.items()}
    rest = {k: round(v - second[k], 2) for k, v in figures.items()}
    campus = {
        "unit": f"{record['unit'][:4]}9{record['unit'][5:]}", "name": f"{record['name']}（东校区）",
        "counted": "0", "main_unit": record["unit"],
    }  # fmt: skip
    return [record | rest, record | second | campus]


def list_campus_faults(
    stage: str, year: int, records: list[Record], placed: PlacedPage
) -> list[PlantedFault]:
    """What a reader should make of the second rows: one school with the figures of both.

    The cells of these schools are taken from ``placed``: no fault is planted in them.
    """
    column = f"pupils_{stage}"
    by_code = {record["unit"]: record for record in records}
    told = []
    for record in records:
        if not record["main_unit"]:
            continue
        row, at = placed.place[record["unit"], column]
        main = by_code[record["main_unit"]]
        told.append(
            PlantedFault(
                sort="read",
                kind="campus",
                year=year,
                unit=record["main_unit"],
                column=column,
                sheet=placed.page.name,
                row=row + 1,
                letter=format_column_letters(at),
                was=str(int(main[column] + record[column])),
                planted=str(int(record[column])),
                expected="number",
            )
        )
    away = {fault.unit for fault in told} | {r["unit"] for r in records if r["main_unit"]}
    placed.place = {key: at for key, at in placed.place.items() if key[0] not in away}
    return told
