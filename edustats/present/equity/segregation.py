"""Do girls, boarders or poor pupils go to the same schools as the others?"""

from __future__ import annotations

import numpy as np

from edustats import __version__
from edustats.catalogue.pupils import PupilGroup, read_pupil_groups
from edustats.errors import DataError
from edustats.metrics.segregation.indices import compute_school_contributions, dissimilarity
from edustats.metrics.segregation.random_placement import (
    compute_index_under_random_placement,
    simulate_chance_range,
)
from edustats.present.equity.change import join_texts
from edustats.present.records.items import Finding, Number, Provenance
from edustats.present.records.numbers import format_number, format_percent, join_sentence
from edustats.present.records.row_filter import select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.schools import describe_comparison_field
from edustats.typing import Floats
from edustats.words import NOTHING, Text, say


def show_segregation(view: View) -> ChapterItems:
    """Dissimilarity of each group of pupils that the returns tell apart, beside what chance would show."""
    found = (
        [
            f
            for group in (*read_pupil_groups(), *view.known.own_groups)
            if (f := _describe_segregation(view, group))
        ]
        if view.has_units
        else []
    )
    if not found:
        place = describe_comparison_field(view)
        said = say("equity.no_pupil_groups", area=place.area, unit=place.unit_name)
        found = [Finding(key="segregation", sentence=join_sentence(said), verdict="cannot_tell")]
    return collect_items(view, found)


def _count_group_pupils(view: View, group: PupilGroup, year: int) -> tuple[Floats, list[Text]]:
    """Own and other pupils of each school with both figures, and the schools' names."""
    rows = view.units[view.units["year"] == year]
    own, whole = rows[group.own].to_numpy(float), rows[group.all].to_numpy(float)
    with np.errstate(invalid="ignore"):
        kept = np.isfinite(own) & (whole > 0) & (own <= whole)
    codes = rows["unit"].astype(str)
    named = rows["unit_name"].astype(str) if "unit_name" in rows else codes
    names = [
        Text(zh if zh not in ("", "nan") else en, en) for zh, en in zip(named[kept], codes[kept], strict=True)
    ]
    return np.column_stack([own[kept], whole[kept] - own[kept]]), names


def _describe_segregation(view: View, group: PupilGroup) -> Finding | None:
    if not {group.own, group.all} <= set(view.units.columns):
        return None
    years = sorted({int(y) for y in view.units.loc[view.units[group.own].notna(), "year"]})
    if not years:
        return None
    counts, names = _count_group_pupils(view, group, years[-1])
    try:
        d, chance = dissimilarity(counts), compute_index_under_random_placement(counts)
    except DataError:  # one school, or nobody of the group: there is nothing to compare
        return None
    low, high = simulate_chance_range(counts)
    word = "segregated" if d > high else "evener" if d < low else "mixed"
    place = describe_comparison_field(view)
    said = say(
        f"equity.{word}", year=years[-1], area=view.name, own=group.name, n=len(names), unit=place.unit_name,
        d=_format_index(d), chance=_format_index(chance), low=_format_index(low), high=_format_index(high),
    )  # fmt: skip
    schools = _name_top_schools(counts, names, place.unit_name) if word == "segregated" else NOTHING
    number = Number(
        label=group.name,
        value=d,
        unit="coefficient",
        decimals=3,
        source=_make_provenance(view, group, years[-1]),
    )
    return Finding(
        key=f"segregation.{group.key}",
        sentence=join_sentence(said, _compare_first_year(view, group, years), schools),
        numbers=(number,),
        verdict="gap_real" if word == "segregated" else "cannot_tell" if word == "mixed" else "none",
        note=say("sentences.note", parts=say("equity.note_segregation", unit=place.unit_name)),
    )


def _format_index(value: float) -> Text:
    return format_number(value, 3, "coefficient")


def _compare_first_year(view: View, group: PupilGroup, years: list[int]) -> Text:
    """The first year's figure beside its own chance level."""
    if len(years) < 2:
        return NOTHING
    counts, _ = _count_group_pupils(view, group, years[0])
    try:
        then, chance = dissimilarity(counts), compute_index_under_random_placement(counts)
    except DataError:
        return NOTHING
    return say("equity.segregated_since", year=years[0], d=_format_index(then), chance=_format_index(chance))


def _name_top_schools(counts: Floats, names: list[Text], unit: Text) -> Text:
    parts = compute_school_contributions(counts, "dissimilarity")
    order = np.argsort(-parts, kind="stable")[:3]
    share = counts[:, 0] / counts.sum(axis=1)
    told = [
        say(
            "equity.school_share",
            name=names[i],
            unit=unit,
            share=format_percent(share[i], 1),
        )
        for i in order
    ]
    return say("equity.segregated_schools", unit=unit, names=join_texts(told))


def _make_provenance(view: View, group: PupilGroup, year: int) -> Provenance:
    return Provenance(
        files=tuple(sorted(view.store.about["files"].items())), filter=select_rows("units", view.area, year),
        formula=f"dissimilarity of {group.own} within {group.all}",
        clause=Text("Duncan & Duncan 1955", "Duncan & Duncan 1955"), version=__version__,
    )  # fmt: skip
