"""Does the county meet the national standards, how sure is that, and what would it take?

Every verb takes a view and returns a sheet. Where the data lack the columns a standard needs, the first verb
says so in one sentence and the others have nothing to show.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from edustats.metrics.standards.items import OPEN, ItemVerdict, by_item, overall
from edustats.metrics.standards.judgement import (
    MET,
    NOT_MET,
    UNKNOWN,
    StageJudgement,
)
from edustats.present.records.items import Finding, Item, Number, Table
from edustats.present.records.numbers import amount, digits, joined
from edustats.present.records.sheet import Sheet, sheet
from edustats.present.standards.case import (
    BASIC,
    MOST_ROWS,
    PRESCHOOL,
    QUALITY,
    _basis,
    _can,
    _cannot,
    _heads,
    _Judged,
    _judged,
    _listed,
    _note,
    _share,
    _source,
    _with_value,
    mark_text,
    own_standard,
    stage_name,
    verdict_name,
)
from edustats.present.view.county import View
from edustats.words import Text, say

# --- what the county's data allow ---------------------------------------------------------------------------


# --- where the county stands --------------------------------------------------------------------------------


def assessment(
    view: View, documents: Mapping[str, bool] | None = None, concessions: Sequence[str] = ()
) -> Sheet:
    """Whether the county meets quality balance, basic balance and universal preschool, item by item.

    Parameters
    ----------
    view : one county
    documents : what the papers show: item → met; an item without an entry stays open
    concessions : keys of the 2019 concessions to apply; off by default
    """
    which = own_standard(view, QUALITY)
    if not _can(view, which):
        return sheet(view.lang, _cannot(view, which))
    judged = _judged(view, QUALITY, documents, concessions=concessions)
    items: list[Item] = [_overall(judged), *_stage_findings(judged), *_absent(judged)]
    items += [*_basic(view), *_preschool(view, documents), _items_table(judged), *_years_table(view)]
    return sheet(view.lang, items, _refused_table(judged), source=_basis(judged))


def _overall(judged: _Judged) -> Finding:
    joint = {key: verdict for key, verdict in by_item(judged.found).items() if key not in ("cv",)}
    asked = {
        key: verdict
        for key, verdict in joint.items()
        if judged.standard.items[key].part not in ("preconditions", "vetoes")
    }
    missed = [judged.name(key) for key, verdict in asked.items() if verdict == "not_met"]
    rule = _schools_miss(judged)
    open_ = sum(verdict in OPEN for verdict in asked.values())
    met = sum(verdict in ("met", "basic") for verdict in asked.values())
    verdict = "not_met" if missed or rule else overall(judged.found)
    said = say(
        f"standards.overall_{verdict}", year=judged.year, area=judged.view.name, standard=judged.standard.name,
        n=len(asked), met=met, missed=len(missed), open=open_, which=_listed(missed, 4) or "—",
    )  # fmt: skip
    parts = [said, say("standards.overall_rule")] if rule else [said]
    chip = {"not_met": "not_met", "open": "cannot_tell", "met": "met"}[verdict]
    return Finding(
        key=f"standards.{judged.standard.key}", sentence=joined(*parts), verdict=chip, note=_note(judged)
    )


def _schools_miss(judged: _Judged) -> bool:
    return any(
        found.schools is not None and (found.schools.verdict[found.area == at] == NOT_MET).any()
        for found, at in judged.stages()
    )


def _stage_findings(judged: _Judged) -> list[Finding]:
    return [_stage_finding(judged, found, at) for found, at in judged.stages()]


def _stage_finding(judged: _Judged, found: StageJudgement, at: int) -> Finding:
    here = found.area == at
    verdicts = found.schools.verdict[here] if found.schools else np.empty(0, np.int8)
    told, met = int((verdicts != UNKNOWN).sum()), int((verdicts == MET).sum())
    facts: dict[str, Any] = {
        "year": judged.year, "area": judged.view.name, "stage": stage_name(found.stage), "n": told, "met": met,
        "share": _share(met / told) if told else "—",
    }  # fmt: skip
    parts = [say("standards.schools", **facts)]
    if unknown := len(verdicts) - told:
        parts.append(say("standards.schools_unknown", n=unknown))
    parts.append(_spread_words(judged, found, at))
    if changed := _changes(found, at):
        parts.append(say("standards.unrounded", n=changed))
    good = told and met == told and (found.spread_verdict[at] == MET).all()
    return Finding(
        key=f"standards.{judged.standard.key}.{found.stage}", sentence=joined(*parts),
        verdict="met" if good else "not_met", numbers=_stage_numbers(judged, found, at, met, told), note=_note(judged),
    )  # fmt: skip


def _spread_words(judged: _Judged, found: StageJudgement, at: int) -> Text:
    limit = digits(found.limit.printed, 2, "zh")
    over = [k for k in range(len(found.items)) if found.spread_verdict[at, k] == NOT_MET]
    if (found.spread_verdict[at] == UNKNOWN).all():
        return say("standards.spread_one")
    if not over:
        return say("standards.spread_all", limit=limit)
    which = [_with_value(judged.name(found.items[k]), found.spread.cv[at, k]) for k in over]
    return say("standards.spread_some", limit=limit, n=len(over), which=_listed(which, 7))


def _changes(found: StageJudgement, at: int) -> int:
    """Verdicts on schools and coefficients that rounding decides."""
    changed = int((found.spread_verdict[at] != found.spread_unrounded[at]).sum())
    if found.schools is not None and found.unrounded is not None:
        here = found.area == at
        changed += int((found.schools.verdict[here] != found.unrounded.verdict[here]).sum())
    return changed


def _stage_numbers(
    judged: _Judged, found: StageJudgement, at: int, met: int, told: int
) -> tuple[Number, ...]:
    source = _source(
        judged.view,
        f"year={judged.year} stage={found.stage} n={told}",
        "met / judged",
        judged.standard.source,
    )
    label = say("standards.head_share")
    numbers = [Number(label=label, value=met / told, unit="share", decimals=1, source=source)] if told else []
    for k, item in enumerate(found.items):
        cv = float(found.spread.cv[at, k])
        if math.isfinite(cv):
            key = judged.standard.items[item].indicators[found.stage]
            own = judged.view.provenance(
                judged.view.known.indicator(key), f"units of {judged.view.area} year={judged.year}"
            )
            named = say("standards.cv_of", item=judged.name(item))
            numbers.append(Number(label=named, value=cv, unit="coefficient", decimals=3, source=own))
    return tuple(numbers)


def _absent(judged: _Judged) -> list[Finding]:
    """Stages without the columns, or without a school: one sentence each."""
    shown = {found.stage for found, _ in judged.stages()}
    made = []
    for stage in judged.standard.stages:
        if stage not in shown:
            said = say(
                "standards.no_schools", year=judged.year, area=judged.view.name, stage=stage_name(stage),
                standard=judged.standard.name,
            )  # fmt: skip
            made.append(
                Finding(key=f"standards.absent.{stage}", sentence=joined(said), verdict="cannot_tell")
            )
    return made


def _basic(view: View) -> list[Finding]:
    if not _can(view, own_standard(view, BASIC)):
        return []
    judged = _judged(view, BASIC)
    return [
        _composite(judged, found, at) for found, at in judged.stages() if math.isfinite(found.composite[at])
    ]


def _composite(judged: _Judged, found: StageJudgement, at: int) -> Finding:
    value = float(found.composite[at])
    said = say(
        "standards.composite", year=judged.year, area=judged.view.name, stage=stage_name(found.stage),
        value=digits(value, 3, "zh"), limit=digits(found.limit.printed, 2, "zh"),
    )  # fmt: skip
    source = _source(
        judged.view, f"year={judged.year} stage={found.stage}", "mean of 8 coefficients", found.limit.clause
    )
    label = say("standards.head_cv")
    return Finding(
        key=f"standards.{BASIC}.{found.stage}", sentence=joined(said),
        verdict="met" if found.composite_verdict[at] == MET else "not_met",
        numbers=(Number(label=label, value=value, unit="coefficient", decimals=3, source=source),),
        note=_note(judged, say("standards.note_basic")),
    )  # fmt: skip


def _preschool(view: View, documents: Mapping[str, bool] | None) -> list[Finding]:
    judged = _judged(view, PRESCHOOL, documents)
    count = Counter(by_item(judged.found).values())
    met, missed = count["met"] + count["basic"], count["not_met"]
    if not met and not missed:
        return []
    said = say(
        "standards.preschool_level", year=judged.year, area=view.name, judged=met + missed, met=met, missed=missed,
        open=36 - met - missed,
    )  # fmt: skip
    return [Finding(
        key=f"standards.{PRESCHOOL}", sentence=joined(said), verdict="not_met" if missed else "cannot_tell",
        note=say("sentences.note", parts=judged.standard.source),
    )]  # fmt: skip


# --- tables ---------------------------------------------------------------------------------------------------


def _printed(judged: _Judged, one: ItemVerdict) -> Text | str:
    """An item's value as the form prints it."""
    if not math.isfinite(one.value):
        return "—"
    kind = judged.standard.items[one.item].kind
    if kind in ("school", "spread"):
        return digits(one.value, 3, "zh")
    key = judged.standard.items[one.item].indicators.get(one.stage, "")
    if kind == "county" and key:
        unit = judged.view.known.unit_of(key)
        return amount(one.value, unit, 1 if unit.key == "share" else None)
    return digits(one.value, 3 if kind in ("compare", "growth") else 0, "zh")


def _items_table(judged: _Judged) -> Table:
    rows = tuple(_item_row(judged, one) for one in judged.found)
    return Table(
        key="standards.items", columns=_heads("item", "stage", "value", "mark", "n", "verdict"), rows=rows,
        title=say("standards.title_items", area=judged.view.name, standard=judged.standard.name, year=judged.year),
        note=_note(judged), brief=False,
    )  # fmt: skip


def _item_row(judged: _Judged, one: ItemVerdict) -> tuple[Text | str, ...]:
    item = judged.standard.items[one.item]
    name = Text(f"{one.item} {item.zh}", f"{one.item} {item.en}")
    verdict = verdict_name(one.verdict)
    if one.unrounded:
        exact = verdict_name(one.unrounded)
        verdict = Text(f"{verdict.zh}（未舍入：{exact.zh}）", f"{verdict.en} (unrounded: {exact.en})")
    return name, stage_name(one.stage), _printed(judged, one), _asked(judged, one), str(one.n or "—"), verdict


def _asked(judged: _Judged, one: ItemVerdict) -> Text | str:
    """The mark; for a resource the floor of every school and the limit of the coefficient, which decide."""
    limit = judged.standard.threshold("cv", one.stage, judged.case.on)
    if judged.standard.items[one.item].kind != "school" or one.mark is None or limit is None:
        return mark_text(one.mark)
    return say(
        "standards.two_marks",
        floor=f"{one.mark.printed * judged.standard.floor:g}",
        limit=f"{limit.printed:.2f}",
    )


def _years_table(view: View) -> list[Table]:
    rows = []
    for year in sorted({int(y) for y in view.units["year"]}):
        judged = _judged(view, QUALITY, year=year) if year >= own_standard(view, QUALITY).start.year else None
        rows += [_year_row(judged, found, at) for found, at in judged.stages()] if judged else []
    if len(rows) < 2:
        return []
    return [Table(
        key="standards.years",
        title=say("standards.title_years", area=view.name, standard=own_standard(view, QUALITY).name),
        columns=_heads("year", "stage", "n", "share", "over"), rows=tuple(rows),
    )]  # fmt: skip


def _year_row(judged: _Judged, found: StageJudgement, at: int) -> tuple[Text | str, ...]:
    verdicts = found.schools.verdict[found.area == at] if found.schools else np.empty(0)
    told = int((verdicts != UNKNOWN).sum())
    share = _share((verdicts == MET).sum() / told) if told else "—"
    over = [judged.name(found.items[k]) for k in np.flatnonzero(found.spread_verdict[at] == NOT_MET)]
    return str(judged.year), stage_name(found.stage), str(told), share, _listed(over, 7) if over else "—"


def _refused_table(judged: _Judged) -> list[Table]:
    stages = judged.case.judgement.stages.values() if judged.case.judgement else ()
    rows: list[tuple[Text | str, ...]] = []
    for found in stages:
        for bad in found.refused.to_dict("records"):
            what = judged.name(bad["item"]) if bad["item"] else Text("", "")
            rows.append(
                (
                    judged.school(int(bad["row"])),
                    stage_name(found.stage),
                    what or "—",
                    say(f"standards.why_{bad['reason']}"),
                )
            )
        for out in found.left_out.to_dict("records"):
            rows.append(
                (
                    judged.school(int(out["row"])),
                    stage_name(found.stage),
                    "—",
                    say(f"standards.why_{out['reason']}"),
                )
            )
    if not rows:
        return []
    title = say("standards.refused_title", year=judged.year)
    heads = _heads("school", "stage", "item", "reason")
    return [
        Table(key="standards.refused", title=title, columns=heads, rows=tuple(rows[:MOST_ROWS]), brief=False)
    ]


# --- schools, shortfalls, contributions ----------------------------------------------------------------------


# --- the plan ---------------------------------------------------------------------------------------------------


# --- several counties -------------------------------------------------------------------------------------------
