"""What is wrong in the returns? Each planted oddity with the place it stands and what should be found there.

Three sorts: ``read`` is untidy but means one number, which must come out; ``gap`` is a missing value of some
kind; ``fault`` is a figure that cannot be right, which a rule must report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edustats.example.records import PlantedFault
from edustats.example.workbooks import format_column_letters

if TYPE_CHECKING:
    from edustats.example.records import PlacedPage
    from edustats.example.world import World


@dataclass(frozen=True, slots=True)
class PlantedPlan:
    """What to plant: how often, where, and how the cell is changed."""

    sort: str
    kind: str
    expected: str
    stage: str
    column: str
    change: Callable[[Any], Any]
    least: int = 1


def _widen_digits(value: Any) -> str:
    return "".join(chr(ord(d) + 0xFEE0) if d.isdigit() else d for d in str(value))


def _space_thousands(value: Any) -> str:
    return f"{int(value):,}".replace(",", "\u2009")


PLANS = (
    PlantedPlan("read", "full_width", "number", "primary", "pupils_primary", _widen_digits),
    PlantedPlan("read", "thousands_comma", "number", "junior", "pupils_junior", lambda v: f"{v:,}", 1000),
    PlantedPlan("read", "thousands_space", "number", "primary", "sports_area", _space_thousands, 1000),
    PlantedPlan("read", "ten_thousands", "number", "primary", "books", lambda v: f"{v / 10000:.4f}万", 100),
    PlantedPlan("read", "padded", "number", "preschool", "children", lambda v: f"\u3000{v}\u00a0"),
    PlantedPlan("read", "code_as_float", "number", "junior", "unit", float),
    PlantedPlan("gap", "dash", "not_collected", "primary", "computers", lambda v: "—"),
    PlantedPlan("gap", "masked", "masked", "junior", "teachers_female_junior", lambda v: "xx"),
    PlantedPlan("gap", "masked_stars", "masked", "preschool", "staff_preschool", lambda v: "***"),
    PlantedPlan("gap", "suppressed", "suppressed", "primary", "deaths_primary", lambda v: "…", 0),
    PlantedPlan("gap", "footnote", "unreadable", "primary", "land_area", lambda v: f"{v}①"),
    PlantedPlan("gap", "about", "unreadable", "junior", "books", lambda v: f"约{v}"),
    PlantedPlan("gap", "formula_error", "unreadable", "primary", "multimedia_rooms", lambda v: "#DIV/0!"),
    PlantedPlan("fault", "extra_digit", "jump", "primary", "land_area", lambda v: v * 10, 100),
    PlantedPlan(
        "fault",
        "girls_above_all",
        "part_above_whole",
        "junior",
        "pupils_girls_junior",
        lambda v: v * 4 + 50,
        20,
    ),
    PlantedPlan("fault", "negative", "catalogue_range", "primary", "dropouts_primary", lambda v: -3, 0),
    PlantedPlan(
        "fault", "bands_do_not_add_up", "sum_of_parts", "primary", "classes_primary_41_45", lambda v: v + 4, 0
    ),
    PlantedPlan(
        "fault", "degrees_do_not_add_up", "sum_of_parts", "junior", "x_bachelor_junior", lambda v: v + 9, 5
    ),
    PlantedPlan(
        "fault",
        "movement_broken",
        "identity_movement",
        "primary",
        "transfers_in_primary",
        lambda v: v + 37,
        0,
    ),
    PlantedPlan(
        "fault",
        "last_year_differs",
        "identity_years",
        "junior",
        "pupils_last_year_junior",
        lambda v: v + 60,
        60,
    ),
    PlantedPlan(
        "fault",
        "entrants_not_grade_one",
        "entrants_grade_one",
        "primary",
        "x_grade1_primary",
        lambda v: v + 25,
        1,
    ),
    PlantedPlan(
        "fault",
        "backbone_above_teachers",
        "part_above_whole",
        "primary",
        "x_backbone_primary",
        lambda v: v + 400,
        0,
    ),
    PlantedPlan("fault", "five_year_primary", "school_length", "primary", "length_text", lambda v: "五年"),
    PlantedPlan(
        "fault", "network_without_bandwidth", "network_bandwidth", "junior", "x_bandwidth", lambda v: 0, 1
    ),
    PlantedPlan("fault", "checkups_low", "checkups", "primary", "x_checked", lambda v: round(v * 0.4), 100),
    PlantedPlan("fault", "short_code", "school_code", "primary", "unit", lambda v: v[:-1]),
    PlantedPlan("fault", "date_as_code", "school_code", "preschool", "unit", lambda v: "2019-09-01"),
    PlantedPlan("fault", "code_cut_by_excel", "school_code", "junior", "unit", lambda v: "3.2E+09"),
    PlantedPlan("fault", "other_county", "county_unknown", "primary", "county_name", lambda v: "外星县"),
    PlantedPlan("fault", "two_files_differ", "two_files", "primary", "teaching_area", lambda v: v + 800, 100),
    PlantedPlan("fault", "graduates_not_final", "leavers_final", "junior", "预计", lambda v: v + 31, 1),
    PlantedPlan("fault", "equipment_zero", "peers", "primary", "equipment_value", lambda v: v * 100, 5),
)
MOST_YEARS = 2
SHARED = (
    "land_area", "books", "multimedia_rooms", "sports_area", "equipment_value", "x_bandwidth", "length_text",
    "x_checked", "computers",
)  # fmt: skip
KINDS_SEEN = ("211", "218", "311", "312", "341", "342", "345")


def plant_faults(
    world: World, year: int, county: str, stage: str, placed: PlacedPage | Sequence[PlacedPage], k: int = 0
) -> list[PlantedFault]:
    """Plant what is due on one page (or on one school's pages) and say what was planted."""
    if stage == "school":
        return []
    if county == "":
        return _plant_county_faults(year, stage, placed)  # type: ignore[arg-type]
    codes = [c["code"] for c in world.plan["counties"]]
    turn = year - world.plan["years"][0]
    found = []
    for i, plan in enumerate(PLANS):
        due = (
            plan.stage == stage
            and turn in _choose_planting_years(i)
            and codes.index(county) == (i + turn) % 9
        )
        # the .xls and the plain table of two counties cannot hold an error cell
        if due and not (plan.kind == "formula_error" and codes.index(county) in (6, 7)):
            found += _plant_one_plan(plan, placed, year, i + turn)  # type: ignore[arg-type]
    return found


def _choose_planting_years(i: int) -> tuple[int, ...]:
    """Years in which an oddity is planted: two of the ten, not the first."""
    return tuple(1 + (i * 3 + j * 4) % 9 for j in range(MOST_YEARS))


def _plant_one_plan(plan: PlantedPlan, placed: PlacedPage, year: int, salt: int) -> list[PlantedFault]:
    rows = placed.page.rows
    column = plan.column if plan.column != "预计" else "x_final_junior"
    places = [(unit, at) for (unit, name), at in placed.place.items() if name == column]
    fit = [(unit, at) for unit, at in places if _can_hold_fault(rows[at[0]][at[1]], plan)]
    if plan.kind == "two_files_differ":
        fit = [(unit, at) for unit, at in fit if rows[at[0]][4] in ("312", "345")]
    elif plan.stage in ("primary", "junior") and plan.column in SHARED:
        fit = [
            (unit, at) for unit, at in fit if unit not in _find_through_schools(placed)
        ]  # their other list would differ
    if plan.kind == "network_without_bandwidth":
        fit = [(unit, at) for unit, at in fit if rows[at[0]][at[1] - 1] == "是"]
    if not fit:
        return []
    unit, (i, j) = fit[(salt * 7) % len(fit)]
    was = rows[i][j]
    rows[i][j] = plan.change(was)
    # one oddity a school and page: a row that is set aside would take another one with it
    placed.place = {key: place for key, place in placed.place.items() if key[0] != unit}
    return [
        PlantedFault(
            sort=plan.sort, kind=plan.kind, year=year, unit=unit, column=column, sheet=placed.page.name,
        row=i + 1,
            letter=format_column_letters(j), was=str(was), planted=str(rows[i][j]), expected=plan.expected,
        )
    ]  # fmt: skip


def _find_through_schools(placed: PlacedPage) -> set[str]:
    """Schools whose rooms stand in two lists."""
    at = {unit: place[0] for (unit, name), place in placed.place.items() if name == "kind"}
    kind = {unit: str(next(v for v in placed.page.rows[i][3:7] if v in KINDS_SEEN)) for unit, i in at.items()}
    return {unit for unit, k in kind.items() if k in ("312", "341", "345")}


def _can_hold_fault(value: Any, plan: PlantedPlan) -> bool:
    if isinstance(value, str):
        return plan.column in ("unit", "length_text", "county_name") and value != "*"
    return isinstance(value, (int, float)) and value >= plan.least


def _plant_county_faults(year: int, stage: str, placed: PlacedPage) -> list[PlantedFault]:
    """Money in the wrong unit for one county in one year, and one excellent count above the takers."""
    if (stage, year) not in (("finance", 2018), ("exam", 2019)):
        return []
    column, kind, rule = {
        "finance": ("budget_education", "yuan_for_ten_thousand", "part_above_whole"),
        "exam": ("junior_exam_excellent", "excellent_above_takers", "part_above_whole"),
    }[stage]
    plan = PlantedPlan(
        "fault", kind, rule, stage, column, lambda v: v * 10000 if stage == "finance" else v + 2000
    )
    return _plant_one_plan(plan, placed, year, 3)
