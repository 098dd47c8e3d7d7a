"""What is judged, by which standard, and how are its verdicts named?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from edustats.analysis.county_case import QUOTA, build_county_case, read_standard_of
from edustats.catalogue import Unit, catalogue
from edustats.catalogue.standards import (
    Standard,
    Threshold,
)
from edustats.metrics.standards.items import CountyCase, ItemVerdict, judge_items
from edustats.metrics.standards.judgement import StageJudgement, list_required_columns
from edustats.present.records.items import Finding, Provenance, TableColumn
from edustats.present.records.numbers import (
    format_amount,
    format_count,
    format_exact,
    format_number,
    format_percent,
    join_sentence,
)
from edustats.present.records.row_filter import RowFilter
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.store.reading import FileStates, read_file_states
from edustats.words import (
    CLAUSES,
    DASH,
    NumericText,
    Span,
    SpokenText,
    Text,
    concatenate_texts,
    join_texts,
    say,
)

QUALITY, BASIC, PRESCHOOL = "quality_balance_2017", "basic_balance_2012", "preschool_universal_2020"
MOST_ROWS = 40
TOP = 3
TEN_THOUSAND = 10_000


@dataclass(frozen=True, kw_only=True)
class _JudgedStandard:
    """One standard on one county and year, with everything a sentence needs."""

    view: View
    case: CountyCase
    found: list[ItemVerdict]

    @property
    def standard(self) -> Standard:
        return self.case.standard

    @property
    def year(self) -> int:
        return self.case.year

    def rows(self, stage: str = "", schools: int = 0) -> RowFilter:
        """The county's schools in the year judged."""
        areas = (self.view.area,)
        return RowFilter(whose="units", areas=areas, years=(self.year,), group=stage, units=schools)

    def stages(self) -> Iterator[tuple[StageJudgement, int]]:
        """Stages with a school to judge, and the county's place in them."""
        for found in self.case.judgement.stages.values() if self.case.judgement else ():
            if (at := found.of(self.case.county, self.year)) >= 0:
                yield found, at

    def name(self, item: str) -> Text:
        if item == "schools":
            return say("standards.schools_rule")
        return self.standard.items[item].name

    def unit(self, item: str, stage: str) -> Unit:
        """The unit of an item that is judged school by school."""
        return self.view.known.unit_of(self.standard.items[item].indicators[stage])

    def school(self, row: int) -> Text:
        """A school's name where the data give one, else its code."""
        return self._names[row]

    @cached_property
    def _names(self) -> list[Text]:
        units = self.case.units
        codes = [str(code) for code in units["unit"]]
        named = [str(name) for name in units["unit_name"]] if "unit_name" in units else [""] * len(codes)
        return [
            Text(name or code, code if not name or not name.isascii() else name)
            for code, name in zip(codes, named, strict=True)
        ]


def name_stage(stage: str) -> Text:
    """A stage in words."""
    return say(f"catalogue.{stage}")


def name_verdict(verdict: str) -> Text:
    """A verdict in words."""
    return say(f"standards.verdict_{verdict}")


def read_local_standard(view: AreaView, key: str) -> Standard:
    """The national standard with the bureau's own files over it."""
    return read_standard_of(view.store, key, view.known)


def _list_local_standards(view: AreaView) -> list[Any]:
    folder = view.store.path.with_name(f"{view.store.path.name}.standards")
    return sorted(folder.glob("*.toml"))


def find_local_standards_state(view: AreaView) -> FileStates | None:
    """What changes when a bureau's own standards do; None in a store that is no folder of this machine."""
    return read_file_states(_list_local_standards(view))


def _list_missing_columns(view: View, which: Standard) -> list[str]:
    wanted = [
        name
        for stage in which.stages
        for name in (f"pupils_{stage}", *list_required_columns(which, stage, view.known))
    ]
    return [name for name in dict.fromkeys(wanted) if name not in view.units]


def _has_needed_columns(view: View, which: Standard) -> bool:
    """Whether at least one stage has all its columns."""
    return any(
        all(
            name in view.units
            for name in (f"pupils_{stage}", *list_required_columns(which, stage, view.known))
        )
        for stage in which.stages
    )


def _report_missing_columns(view: View, which: Standard) -> Finding:
    lacking = _list_missing_columns(view, which)
    shown = [view.known.columns[name].name for name in lacking[:TOP]]
    columns = join_texts(shown)
    said = say("standards.cannot_judge", area=view.name, standard=which.name, columns=columns, n=len(lacking))
    return Finding(key=f"standards.{which.key}", sentence=join_sentence(said), verdict="cannot_tell")


def _build_case(
    view: View, which: Standard, year: int, documents: Mapping[str, bool], concessions: Sequence[str] = ()
) -> CountyCase:
    return build_county_case(
        view.units, view.compare, view.area, which, year, read_local_standard(view, QUOTA), view.known,
        documents=documents, concessions=concessions,
    )  # fmt: skip


def _judge_county(
    view: View,
    key: str,
    documents: Mapping[str, bool] | None = None,
    year: int = 0,
    concessions: Sequence[str] = (),
) -> _JudgedStandard:
    asked = (key, frozenset((documents or {}).items()), year or view.last_year, tuple(concessions))

    def judge() -> tuple[CountyCase, list[ItemVerdict]]:
        which = read_local_standard(view, key)
        case = _build_case(view, which, year or view.last_year, documents or {}, concessions)
        return case, judge_items(case)

    years = (view.first_year, view.last_year)
    case, found = view.remember(("judged", *asked, years, find_local_standards_state(view)), judge)
    return _JudgedStandard(view=view, case=case, found=found)


def _make_provenance(
    view: View, rows: RowFilter, formula: str, clause: Text, columns: Sequence[str] = ()
) -> Provenance:
    from edustats import __version__

    rows = view.fill_years(rows)
    files, places = view.origin(rows, tuple(dict.fromkeys(columns)))
    return Provenance(
        files=files,
        filter=rows,
        formula=formula,
        clause=clause,
        version=__version__,
        places=places,
    )


def _trace_standard(judged: _JudgedStandard, stage: str = "") -> Provenance:
    """Where the tables of one standard come from: every column its items, or those of one stage, are made of."""
    asked = judged.standard.of_kind("school") if stage else judged.standard.items.values()
    keys = {key for item in asked for at, key in item.indicators.items() if at == (stage or at)}
    known = judged.view.known.indicators
    held = [known[key] for key in sorted(keys) if key in known]
    columns = [name for indicator in held for name in indicator.inputs]
    formula = f"standard {judged.standard.key}"
    if stage:
        formula += ": " + "; ".join(indicator.formula for indicator in held)
    return _make_provenance(judged.view, judged.rows(stage), formula, judged.standard.source, columns)


def _format_percent(value: float, decimals: int = 1) -> Text:
    return format_percent(value, decimals)


def _join_names(names: Sequence[Text], most: int = 5) -> Text:
    cut = list(names[:most])
    more = len(names) - len(cut)
    told = join_texts(cut)
    return concatenate_texts(told, _count_others(more)) if more else told


def _count_others(more: int) -> Text:
    """The rest of a list: a Chinese one does not say how many."""
    count, before = format_count(more), " and "
    place = (len(before), len(before) + len(count.en))
    return SpokenText("等", f"{before}{count.en} more", (Span(count, (0, 0), place),))


def _write_standard_note(judged: _JudgedStandard, *extra: Text) -> Text:
    stages = list(judged.case.judgement.stages.values()) if judged.case.judgement else []
    out, bad = sum(len(s.left_out) for s in stages), sum(len(s.refused) for s in stages)
    parts = [judged.standard.source, say("standards.note_weights"), say("standards.note_rounding")]
    parts += [say("standards.note_scope", left_out=out, refused=bad), *extra]
    return say("sentences.note", parts=join_texts(parts, CLAUSES))


def _append_coefficient(name: Text, cv: float) -> Text:
    return say("sentences.bracketed", name=name, value=format_number(cv, 3, "coefficient"))


def _make_columns(*names: str) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(label=say(f"standards.head_{name}")) for name in names)


def format_item_value(judged: _JudgedStandard, one: ItemVerdict) -> Text:
    """An item's value as the form prints it: of items about schools, how many miss it."""
    if not math.isfinite(one.value):
        return DASH
    kind = judged.standard.items[one.item].kind
    if kind in ("school", "spread"):
        return format_number(one.value, 3, "coefficient")
    key = judged.standard.items[one.item].indicators.get(one.stage, "")
    if kind == "county" and key:
        unit = judged.view.known.unit_of(key)
        return format_amount(one.value, unit, 1 if unit.key == "share" else None)
    if kind in ("compare", "growth"):
        return format_number(one.value, 3, "times")
    return format_amount(one.value, catalogue().units["yuan_per_pupil" if kind == "quota" else "school"])


def format_threshold(mark: Threshold | None) -> Text | str:
    """A threshold as its document prints it: ≥ 4.2, ≤ 50%."""
    if mark is None:
        return "—"
    sign = {">=": "≥", "<=": "≤", "per": "1 /"}.get(mark.op, mark.op)
    return concatenate_texts(f"{sign} ", format_mark(mark, mark.printed))


def format_mark(mark: Threshold, printed: float) -> Text:
    """A mark, or a part of it, as its document prints it, with its value in the catalogue's unit."""
    said, unit = (
        format_exact(printed, "share" if mark.unit == "share" else ""),
        catalogue().units.get(mark.unit),
    )
    if unit is None or not isinstance(said, NumericText) or unit.key == "share":
        return said
    return replace(said, value=printed / unit.times, unit=unit.key)


GOODS = {"teachers": "person", "square_metres": "square_metre", "yuan": "yuan", "rooms": "room"}
"""The unit of each sort of goods that a standard asks for."""


def format_goods(value: float, goods: str) -> Text:
    """A whole amount of goods under its heading."""
    return format_number(value, 0, GOODS.get(goods, ""))


def format_ten_thousands(yuan: float) -> Text:
    """A sum of money in 万元, without the word: it stands under its heading or before it."""
    return format_number(yuan / TEN_THOUSAND, 1, "ten_thousand_yuan")
