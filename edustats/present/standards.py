"""Does the county meet the national standards, how sure is that, and what would it take?

Every verb takes a view and returns a sheet. Where the data lack the columns a standard needs, the first verb
says so in one sentence and the others have nothing to show.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from edustats.catalogue.standards import Standard, Threshold, day_of, overridden, standard, with_override
from edustats.metrics.allocation import Plan, Rules, Stage, plan
from edustats.metrics.allocation import shortfalls as lacks
from edustats.metrics.items import (
    OPEN,
    Case,
    ItemVerdict,
    by_item,
    item_verdicts,
    overall,
)
from edustats.metrics.readiness import Miss, Standing, path, ranked, standing
from edustats.metrics.standards import (
    MET,
    NOT_MET,
    UNKNOWN,
    Certainty,
    SchoolVerdicts,
    StageJudgement,
    certainty,
    half_up,
    judge,
    needed,
)
from edustats.present import figures
from edustats.present.chart import Chart, Series, values
from edustats.present.finding import Column, Figure, Finding, Item, Number, Provenance, Sheet, Table, sheet
from edustats.present.sentences import amount, digits, joined
from edustats.present.view import View
from edustats.words import Text, say

QUALITY, BASIC, PRESCHOOL = "quality_balance_2017", "basic_balance_2012", "preschool_universal_2020"
QUOTA = "funds_and_provision"
MOST_ROWS = 40
TOP = 3
NOISE = 0.02
PRICES = {
    "r1": 80_000.0,
    "r2": 100_000.0,
    "r3": 80_000.0,
    "r4": 3_500.0,
    "r5": 400.0,
    "r6": 1.0,
    "r7": 60_000.0,
}
"""Yuan per teacher and year, square metre, yuan of equipment and room: examples, to be replaced by the user's."""
WHOLE = ("teachers", "rooms")
MOVABLE = ("r1", "r2", "r3")
TEN_THOUSAND = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One standard on one county and year, with everything a sentence needs."""

    view: View
    case: Case
    found: list[ItemVerdict]

    @property
    def standard(self) -> Standard:
        return self.case.standard

    @property
    def year(self) -> int:
        return self.case.year

    def stages(self) -> Iterator[tuple[StageJudgement, int]]:
        """Stages with a school to judge, and the county's place in them."""
        for found in self.case.judgement.stages.values() if self.case.judgement else ():
            if (at := found.of(self.case.county, self.year)) >= 0:
                yield found, at

    def name(self, item: str) -> Text:
        if item == "schools":
            return say("standards.schools_rule")
        return self.standard.items[item].name

    def school(self, row: int) -> Text:
        """A school's name where the data give one, else its code."""
        units = self.case.units
        code = str(units["unit"].iloc[row])
        named = str(units["unit_name"].iloc[row]) if "unit_name" in units else ""
        return Text(named or code, code if not named or not named.isascii() else named)


def stage_name(stage: str) -> Text:
    """A stage in words."""
    return say(f"catalogue.{stage}")


def verdict_name(verdict: str) -> Text:
    """A verdict in words."""
    return say(f"standards.verdict_{verdict}")


def own_standard(view: View, key: str) -> Standard:
    """The national standard with the bureau's own files over it.

    They lie beside the store, in a folder named after it: ``data/store/ours.standards/*.toml`` for
    ``data/store/ours``.
    """
    found = standard(key)
    folder = view.store.path.with_name(f"{view.store.path.name}.standards")
    for file in sorted(folder.glob("*.toml")):
        if overridden(file) == key:
            found = with_override(found, file, view.known)
    return found


# --- what the county's data allow ---------------------------------------------------------------------------


def _lacking(view: View, which: Standard) -> list[str]:
    wanted = [
        name for stage in which.stages for name in (f"pupils_{stage}", *needed(which, stage, view.known))
    ]
    return [name for name in dict.fromkeys(wanted) if name not in view.units]


def _can(view: View, which: Standard) -> bool:
    """Whether at least one stage has all its columns."""
    return any(
        all(name in view.units for name in (f"pupils_{stage}", *needed(which, stage, view.known)))
        for stage in which.stages
    )


def _cannot(view: View, which: Standard) -> Finding:
    lacking = _lacking(view, which)
    shown = [view.known.columns[name].name for name in lacking[:TOP]]
    columns = Text("、".join(t.zh for t in shown), ", ".join(t.en for t in shown))
    said = say("standards.cannot_judge", area=view.name, standard=which.name, columns=columns, n=len(lacking))
    return Finding(key=f"standards.{which.key}", sentence=joined(said), verdict="cannot_tell")


def _case(
    view: View, which: Standard, year: int, documents: Mapping[str, bool], concessions: Sequence[str] = ()
) -> Case:
    units = view.units[view.units["year"] == year].reset_index(drop=True)
    own = view.compare[view.compare["area"] == view.area]
    on = max(day_of(year), which.start)
    between = which.of_kind("school") and len(units)
    return Case(
        standard=which, county=view.area, year=year, units=units, observed=own[own["year"] == year],
        before=own[own["year"] == year - 1], quota=own_standard(view, QUOTA), documents=documents, known=view.known,
        judgement=judge(units, which, on, concessions=concessions, known=view.known) if between else None,
    )  # fmt: skip


def _judged(
    view: View,
    key: str,
    documents: Mapping[str, bool] | None = None,
    year: int = 0,
    concessions: Sequence[str] = (),
) -> _Judged:
    case = _case(view, own_standard(view, key), year or view.last_year, documents or {}, concessions)
    return _Judged(view=view, case=case, found=item_verdicts(case))


def _source(view: View, what: str, formula: str, clause: Text, columns: Sequence[str] = ()) -> Provenance:
    from edustats import __version__

    files, places = view.origin(what, tuple(dict.fromkeys(columns)))
    return Provenance(
        files=files,
        filter=f"units of {view.area} {what}",
        formula=formula,
        clause=clause,
        version=__version__,
        places=places,
    )


def _basis(judged: _Judged) -> Provenance:
    """Where the tables of one standard come from: every column its items are made of."""
    keys = {key for item in judged.standard.items.values() for key in item.indicators.values()}
    known = judged.view.known.indicators
    columns = [name for key in sorted(keys) if key in known for name in known[key].inputs]
    formula = f"standard {judged.standard.key}"
    return _source(judged.view, f"year={judged.year}", formula, judged.standard.source, columns)


def _share(value: float, decimals: int = 1) -> Text:
    return Text(f"{digits(value * 100, decimals, 'zh')}%", f"{digits(value * 100, decimals, 'en')}%")


def _listed(names: Sequence[Text], most: int = 5) -> Text:
    cut = list(names[:most])
    more = len(names) - len(cut)
    zh, en = "、".join(t.zh for t in cut), ", ".join(t.en for t in cut)
    return Text(f"{zh}等" if more else zh, f"{en} and {more} more" if more else en)


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


def _note(judged: _Judged, *extra: Text) -> Text:
    stages = list(judged.case.judgement.stages.values()) if judged.case.judgement else []
    out, bad = sum(len(s.left_out) for s in stages), sum(len(s.refused) for s in stages)
    parts = [judged.standard.source, say("standards.note_weights"), say("standards.note_rounding")]
    parts += [say("standards.note_scope", left_out=out, refused=bad), *extra]
    return say("sentences.note", parts=Text("；".join(p.zh for p in parts), "; ".join(p.en for p in parts)))


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


def _with_value(name: Text, cv: float) -> Text:
    return Text(f"{name.zh}（{digits(cv, 3, 'zh')}）", f"{name.en} ({digits(cv, 3, 'en')})")


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


def _heads(*names: str) -> tuple[Column, ...]:
    return tuple(Column(label=say(f"standards.head_{name}")) for name in names)


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


def mark_text(mark: Threshold | None) -> Text | str:
    """A threshold as its document prints it: ≥ 4.2, ≤ 50%."""
    if mark is None:
        return "—"
    sign = {">=": "≥", "<=": "≤", "per": "1 /"}.get(mark.op, mark.op)
    if mark.unit == "share":
        return f"{sign} {mark.printed * 100:g}%"
    return f"{sign} {mark.printed:g}"


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


def differences(view: View) -> Sheet:
    """Seven coefficients per stage against their limits, with mean, spread, schools, pupils and exclusions."""
    if not _can(view, own_standard(view, QUALITY)):
        return sheet(view.lang)
    judged = _judged(view, QUALITY)
    rows = [row for found, at in judged.stages() for row in _spread_rows(judged, found, at)]
    if not rows:
        return sheet(view.lang)
    table = _spread_table(judged, tuple(rows))
    return sheet(view.lang, _sure(judged), table, _chart(judged, table), source=_basis(judged))


def _spread_table(judged: _Judged, rows: tuple[tuple[Text | str, ...], ...]) -> Table:
    heads = ("stage", "item", "mean", "sd", "cv", "mark", "verdict", "n", "weight", "left_out")
    title = say("standards.title_spread", area=judged.view.name, year=judged.year)
    return Table(key="standards.spread", title=title, columns=_heads(*heads), rows=rows, note=_note(judged))


def _spread_rows(judged: _Judged, found: StageJudgement, at: int) -> list[tuple[Text | str, ...]]:
    times = [
        judged.view.known.unit_of(judged.standard.items[i].indicators[found.stage]).times for i in found.items
    ]
    codes = {
        MET: "met",
        NOT_MET: "not_met",
        UNKNOWN: "one_school" if (found.area == at).sum() < 2 else "no_data",
    }
    outside = len(found.left_out) + int((found.refused["item"] == "").sum())
    rows: list[tuple[Text | str, ...]] = []
    for k, item in enumerate(found.items):
        here = int((found.area == at).sum())
        rows.append((
            stage_name(found.stage), judged.name(item), _number(found.spread.mean[at, k] * times[k], 2),
            _number(found.spread.sd[at, k] * times[k], 2), _number(found.spread.cv[at, k], 3),
            f"≤ {found.limit.printed:.2f}", verdict_name(codes[int(found.spread_verdict[at, k])]),
            str(found.spread.n[at, k]), _number(found.spread.weight[at, k], 0),
            str(outside + here - int(found.spread.n[at, k])),
        ))  # fmt: skip
    return rows


def _number(value: float, decimals: int) -> Text | str:
    if not math.isfinite(value):
        return "—"
    return Text(digits(value, decimals, "zh"), digits(value, decimals, "en", grouped=True))


def _chart(judged: _Judged, table: Table) -> list[Figure]:
    shown = [
        (found.stage, found.limit.printed, half_up(found.spread.cv[at], 3)) for found, at in judged.stages()
    ]
    names = [judged.name(item.key) for item in judged.standard.of_kind("school")]
    top = max((float(np.nanmax(cv)) for _, _, cv in shown if np.isfinite(cv).any()), default=math.nan)
    if not math.isfinite(top):
        return []
    lang = judged.view.lang
    png = figures.against_limits(
        [name[lang] for name in names], [(stage_name(stage)[lang], limit, cv) for stage, limit, cv in shown],
        say("standards.head_cv")[lang],
    )  # fmt: skip
    return [Figure(
        key="standards.chart", title=say("standards.title_chart", area=judged.view.name, year=judged.year),
        alt=say("standards.alt_chart", top=digits(top, 3, "zh")), data=table, png=png,
        charts=(_bars(names, shown),),
    )]  # fmt: skip


def _bars(names: list[Text], stages: list[tuple[str, float, Any]]) -> Chart:
    """The coefficients as bars, each stage named with its limit."""
    return Chart(
        kind="bar", categories=tuple(names), unit=say("standards.head_cv"), decimals=3,
        series=tuple(
            Series(
                name=say("publish.with_limit", stage=stage_name(stage), limit=f"{limit:.2f}"),
                values=values(cv, 3),
            )
            for stage, limit, cv in stages
        ),
    )  # fmt: skip


def _sure(judged: _Judged) -> list[Finding]:
    return [made for found, at in judged.stages() if (made := _sure_of(judged, found, at))]


def _sure_of(judged: _Judged, found: StageJudgement, at: int) -> Finding | None:
    cv = found.spread.cv[at]
    if not np.isfinite(cv).any():
        return None
    k = int(np.nanargmin(np.abs(cv - found.limit.printed)))
    here = (found.area == at) & np.isfinite(found.totals[:, k])
    data = (found.totals[here, k], found.pupils[here], found.limit.printed)
    noisy, wider = certainty(*data, "noise", noise=NOISE), certainty(*data, "superpopulation")
    said = say(
        "standards.sure", year=judged.year, area=judged.view.name, stage=stage_name(found.stage),
        item=judged.name(found.items[k]), cv=digits(cv[k], 3, "zh"), limit=f"{found.limit.printed:.2f}",
        verdict=verdict_name("met" if noisy.met else "not_met"), noise=_share(NOISE, 0), p_noise=_chance(noisy),
        p_super=_chance(wider), i_noise=_between(noisy), i_super=_between(wider),
    )  # fmt: skip
    return Finding(
        key=f"standards.sure.{found.stage}", sentence=joined(said), note=_note(judged),
        verdict="cannot_tell" if min(noisy.stands, wider.stands) < 0.95 else "none",
    )  # fmt: skip


def _chance(found: Certainty) -> Text:
    if not math.isfinite(found.stands):
        return say("standards.no_chance")
    return Text(">99%", ">99%") if found.stands > 0.99 else _share(found.stands, 0)


def _between(found: Certainty) -> Text:
    if not math.isfinite(found.lower):
        return Text("", "")
    return say("standards.interval", low=digits(found.lower, 3, "zh"), high=digits(found.upper, 3, "zh"))


# --- schools, shortfalls, contributions ----------------------------------------------------------------------


def school_verdicts(view: View) -> Sheet:
    """Schools that do not reach the standard, with what they miss."""
    if not _can(view, own_standard(view, QUALITY)):
        return sheet(view.lang)
    judged = _judged(view, QUALITY)
    tables = [table for found, at in judged.stages() for table in _failing(judged, found, at)]
    return sheet(view.lang, tables, source=_basis(judged))


def _failing(judged: _Judged, found: StageJudgement, at: int) -> list[Table]:
    schools = found.schools
    if schools is None:
        return []
    order = [int(i) for i in np.flatnonzero(found.area == at) if schools.verdict[i] != MET]
    order.sort(key=lambda i: (int(schools.count[i]), judged.school(int(found.rows[i])).zh))
    rows = tuple(_failing_row(judged, found, schools, i) for i in order[:MOST_ROWS])
    if not rows:
        return []
    title = say(
        "standards.title_schools", area=judged.view.name, stage=stage_name(found.stage), year=judged.year
    )
    heads = _heads("school", "reached", "missed", "verdict")
    return [Table(key=f"standards.schools.{found.stage}", title=title, columns=heads, rows=rows, brief=False)]


def _failing_row(
    judged: _Judged, found: StageJudgement, schools: SchoolVerdicts, i: int
) -> tuple[Text | str, ...]:
    missed = [
        _with_amount(judged.name(found.items[k]), float(found.values[i, k]))
        for k in np.flatnonzero(schools.reached[i] != MET)
    ]
    verdict = {MET: "met", NOT_MET: "not_met"}.get(int(schools.verdict[i]), "unknown")
    return (
        judged.school(int(found.rows[i])),
        str(int(schools.count[i])),
        _listed(missed, 7),
        verdict_name(verdict),
    )


def _with_amount(name: Text, value: float) -> Text:
    shown = digits(value, 2, "zh") if math.isfinite(value) else "—"
    return Text(f"{name.zh}（{shown}）", f"{name.en} ({shown})")


def _stage_of(judged: _Judged, found: StageJudgement, at: int) -> tuple[Stage, np.ndarray] | None:
    """The schools of a stage whose data are complete, as a planning problem, and their positions."""
    here = np.flatnonzero((found.area == at) & np.isfinite(found.totals).all(axis=1))
    marks = [mark.value for mark in found.marks if mark is not None]
    if not len(here) or len(marks) != len(found.items):
        return None
    problem = Stage(
        pupils=found.pupils[here], totals=found.totals[here], marks=np.array(marks), limit=found.limit.printed,
        must_reach=judged.standard.must_reach, floor=judged.standard.floor,
    )  # fmt: skip
    return problem, here


def _whole(judged: _Judged, found: StageJudgement) -> np.ndarray:
    return np.array([judged.standard.items[item].goods in WHOLE for item in found.items])


def shortfalls(view: View) -> Sheet:
    """What each failing school lacks, and which schools carry each coefficient."""
    if not _can(view, own_standard(view, QUALITY)):
        return sheet(view.lang)
    judged = _judged(view, QUALITY)
    items: list[Item] = []
    for found, at in judged.stages():
        items += [*_lack_items(judged, found, at), *_carriers(judged, found, at)]
    return sheet(view.lang, items, source=_basis(judged))


def _lack_items(judged: _Judged, found: StageJudgement, at: int) -> list[Item]:
    made = _stage_of(judged, found, at)
    if made is None:
        return []
    stage, here = made
    lack = lacks(stage, _whole(judged, found))
    some = lack.sum(axis=1) > 0
    facts: dict[str, Any] = {"year": judged.year, "area": judged.view.name, "stage": stage_name(found.stage)}
    key = f"standards.lacks.{found.stage}"
    if not some.any():
        return [Finding(key=key, sentence=joined(say("standards.lacks_none", **facts)), verdict="met")]
    said = say("standards.lacks", n=int(some.sum()), **_goods(judged, found, lack, "area_short"), **facts)
    return [
        Finding(key=key, sentence=joined(said), verdict="not_met"),
        _lack_table(judged, found, here, lack),
    ]


def _goods(judged: _Judged, found: StageJudgement, amounts: np.ndarray, area: str) -> dict[str, Text]:
    """Totals by sort of goods, as a sentence prints them."""
    goods = np.array([judged.standard.items[item].goods for item in found.items])
    totals = {
        sort: float(amounts[:, goods == sort].sum())
        for sort in ("teachers", "square_metres", "yuan", "rooms")
    }
    as_printed = {
        "teachers": (totals["teachers"], 0), area: (totals["square_metres"], 0),
        "yuan": (totals["yuan"] / TEN_THOUSAND, 1), "rooms": (totals["rooms"], 0),
    }  # fmt: skip
    return {
        name: Text(digits(v, d, "zh"), digits(v, d, "en", grouped=True))
        for name, (v, d) in as_printed.items()
    }


def _lack_table(judged: _Judged, found: StageJudgement, here: np.ndarray, lack: np.ndarray) -> Table:
    order = [i for i in np.argsort(-(lack > 0).sum(axis=1), kind="stable") if lack[i].any()]
    rows = [
        (judged.school(int(found.rows[here[i]])), *(_number(v, 0) if v else "—" for v in lack[i]))
        for i in order[:MOST_ROWS]
    ]
    columns = (
        Column(label=say("standards.head_school")),
        *(Column(label=judged.name(item)) for item in found.items),
    )
    title = say(
        "standards.title_lacks", area=judged.view.name, stage=stage_name(found.stage), year=judged.year
    )
    return Table(
        key=f"standards.lacks.{found.stage}", title=title, columns=columns, rows=tuple(rows), brief=False
    )


def _carriers(judged: _Judged, found: StageJudgement, at: int) -> list[Item]:
    """Per indicator the schools that make up most of the squared coefficient."""
    here = np.flatnonzero(found.area == at)
    rows = []
    for k, item in enumerate(found.items):
        square = found.spread.cv[at, k] ** 2
        if not square > 0:
            continue
        parts = np.nan_to_num(found.spread.parts[here, k]) / square
        for i in np.argsort(-parts, kind="stable")[:TOP]:
            rows.append((judged.name(item), judged.school(int(found.rows[here[i]])), _share(float(parts[i]))))
    if not rows:
        return []
    title = say(
        "standards.title_carries", area=judged.view.name, stage=stage_name(found.stage), year=judged.year
    )
    heads = _heads("item", "school", "part")
    return [
        Table(
            key=f"standards.carries.{found.stage}", title=title, columns=heads, rows=tuple(rows), brief=False
        )
    ]


# --- the plan ---------------------------------------------------------------------------------------------------


def moves(
    view: View,
    prices: Mapping[str, float] | None = None,
    *,
    move_cost: float = 10_000.0,
    share: float = 0.2,
    movable: Sequence[str] = MOVABLE,
    within_township: bool = False,
    kilometres: float = math.inf,
    seconds: float = 5.0,
) -> Sheet:
    """The cheapest moves that bring each stage to the resource standard.

    Parameters
    ----------
    view : one county
    prices : yuan per unit of each item r1 to r7; ``math.inf`` where it cannot be bought or hired
    move_cost : yuan per teacher moved
    share : at most this share of a school's teachers of a kind may leave it
    movable : kinds of teachers that may be moved: r1, r2 (backbone), r3 (PE and arts)
    within_township, kilometres : rules on how far
    seconds : time allowed per stage
    """
    if not _can(view, own_standard(view, QUALITY)):
        return sheet(view.lang)
    judged = _judged(view, QUALITY)
    wanted = PRICES | dict(prices or {})
    items: list[Item] = []
    for found, at in judged.stages():
        if (made := _stage_of(judged, found, at)) is None:
            continue
        stage, here = made
        rules = Rules(
            price=np.array([wanted.get(item, math.inf) for item in found.items]), whole=_whole(judged, found),
            movable=np.array([item in movable for item in found.items]), move_cost=move_cost, share=share,
            group=_townships(judged, found, here) if within_township else None,
            place=_places(judged, found, here) if math.isfinite(kilometres) else None, reach=kilometres,
        )  # fmt: skip
        items += _plan_items(judged, found, at, here, plan(stage, rules, seconds), rules)
    return sheet(view.lang, items, source=_basis(judged))


def _townships(judged: _Judged, found: StageJudgement, here: np.ndarray) -> np.ndarray | None:
    if "township" not in judged.case.units:
        return None
    return pd.factorize(judged.case.units["township"].iloc[found.rows[here]])[0]


def _places(judged: _Judged, found: StageJudgement, here: np.ndarray) -> np.ndarray | None:
    units = judged.case.units
    if not {"longitude", "latitude"} <= set(units):
        return None
    return units[["longitude", "latitude"]].to_numpy(float)[found.rows[here]]


def _plan_items(
    judged: _Judged, found: StageJudgement, at: int, here: np.ndarray, made: Plan, rules: Rules
) -> list[Item]:
    items: list[Item] = [_plan_finding(judged, found, made, rules)]
    if gaps := int((found.area == at).sum()) - len(here):
        said = say("standards.plan_missing", area=judged.view.name, stage=stage_name(found.stage), n=gaps)
        items.append(
            Finding(key=f"standards.plan_gap.{found.stage}", sentence=joined(said), verdict="cannot_tell")
        )
    return items + _plan_tables(judged, found, here, made)


def _plan_finding(judged: _Judged, found: StageJudgement, made: Plan, rules: Rules) -> Finding:
    facts: dict[str, Any] = {"area": judged.view.name, "stage": stage_name(found.stage)}
    key = f"standards.plan.{found.stage}"
    if made.status == "infeasible":
        why = [
            say(f"standards.reason_{why}", item=judged.name(found.items[k]) if k >= 0 else "")
            for k, why in made.reasons
        ]
        said = say("standards.plan_infeasible", why=_listed(why, 7), **facts)
        return Finding(
            key=key, sentence=joined(said), verdict="not_met", note=_plan_note(judged, found, rules)
        )
    if made.status == "no_time":
        bound = digits(max(made.bound, 0) / TEN_THOUSAND, 1, "zh")
        said = say("standards.plan_no_time", bound=bound, **facts)
        return Finding(key=key, sentence=joined(said), verdict="cannot_tell")
    if not made.moves and not made.purchases:
        return Finding(key=key, sentence=joined(say("standards.plan_nothing", **facts)), verdict="met")
    said = say("standards.plan", **_plan_facts(judged, found, made), **facts)
    return Finding(key=key, sentence=joined(said), note=_plan_note(judged, found, rules))


def _plan_facts(judged: _Judged, found: StageJudgement, made: Plan) -> dict[str, Any]:
    bought = np.zeros((1, len(found.items)))
    for p in made.purchases:
        bought[0, p.item] += p.amount
    goods = _goods(judged, found, bought, "area_bought")
    return {
        "moved": sum(m.count for m in made.moves), "hired": goods.pop("teachers"), **goods,
        "cost": Text(digits(made.cost / TEN_THOUSAND, 1, "zh"),
                     digits(made.cost / TEN_THOUSAND, 1, "en", grouped=True)),
        "gap": _share(made.gap, 2),
    }  # fmt: skip


def _plan_note(judged: _Judged, found: StageJudgement, rules: Rules) -> Text:
    listed = [
        Text(f"{judged.name(item).zh}{price:g}", f"{judged.name(item).en} {price:g}")
        for item, price in zip(found.items, rules.price, strict=True) if math.isfinite(price)
    ]  # fmt: skip
    said = say(
        "standards.note_plan",
        prices=_listed(listed, 7),
        move=f"{rules.move_cost:g}",
        share=_share(rules.share, 0),
    )
    return say("sentences.note", parts=said)


def _plan_tables(judged: _Judged, found: StageJudgement, here: np.ndarray, made: Plan) -> list[Table]:
    def school(i: int) -> Text:
        return judged.school(int(found.rows[here[i]]))

    facts = {"area": judged.view.name, "stage": stage_name(found.stage)}
    tables = []
    if made.moves:
        rows = tuple(
            (judged.name(found.items[m.item]), school(m.source), school(m.target), m.count)
            for m in made.moves
        )
        tables.append(Table(
            key=f"standards.moves.{found.stage}", title=say("standards.title_moves", **facts),
            columns=_heads("item", "from", "to", "count"), rows=rows[:MOST_ROWS], brief=False,
        ))  # fmt: skip
    if made.purchases:
        largest = sorted(made.purchases, key=lambda p: (p.item, -p.amount))
        rows2 = tuple(
            (judged.name(found.items[p.item]), school(p.school), _number(p.amount, 0)) for p in largest
        )
        tables.append(Table(
            key=f"standards.purchases.{found.stage}", title=say("standards.title_purchases", **facts),
            columns=_heads("item", "school", "amount"), rows=rows2[:MOST_ROWS], brief=False,
        ))  # fmt: skip
    return tables


# --- several counties -------------------------------------------------------------------------------------------


def readiness(view: View, target: int = 0, steps: Sequence[int] = ()) -> Sheet:
    """Which counties around this one pass now, who is nearest, on what, and a path by year.

    Parameters
    ----------
    view : one county; its neighbours are the others beneath the same area
    target : counties the plan wants recognised (12 in one city's plan); 0: none
    steps : counties in all by the end of each year; empty: one, two more, then all
    """
    if not _can(view, own_standard(view, QUALITY)):
        return sheet(view.lang)
    order = ranked([one for code in _around(view) if (one := _standing_of(view, code))])
    if not order:
        return sheet(view.lang)
    said = _ready_finding(view, order, target)
    return sheet(
        view.lang,
        said,
        _ready_table(view, order),
        _path_table(view, order, steps or _default_steps(len(order))),
        source=_source(
            view,
            f"area={view.above} year={view.last_year}",
            "ranked by what is missing",
            own_standard(view, QUALITY).source,
        ),
    )


def _around(view: View) -> list[str]:
    areas = view.store.areas
    return sorted(areas.loc[(areas["level"] == "county") & (areas["parent"] == view.above), "code"])


def _standing_of(view: View, code: str) -> Standing | None:
    other = View(view.store, view.store.county(code), view.first_year, view.last_year, view.lang, view.known)
    if not _can(other, own_standard(view, QUALITY)) or not len(
        other.units[other.units["year"] == view.last_year]
    ):
        return None
    return standing(_case(other, own_standard(view, QUALITY), view.last_year, {}))


def _default_steps(n: int) -> tuple[int, ...]:
    return tuple(dict.fromkeys((min(1, n), min(3, n), n)))


def _miss_name(view: View, miss: Miss) -> Text:
    named = (
        say("standards.schools_rule")
        if miss.item == "schools"
        else own_standard(view, QUALITY).items[miss.item].name
    )
    stage = stage_name(miss.stage)
    return Text(f"{named.zh}（{stage.zh}）", f"{named.en} ({stage.en})")


def _ready_finding(view: View, order: Sequence[Standing], target: int) -> Finding:
    passing = [one for one in order if one.passes]
    rest = [one for one in order if not one.passes]
    facts: dict[str, Any] = {"year": view.last_year, "n": len(order), "passing": len(passing)}
    if rest:
        near = rest[0]
        which = _listed([_miss_name(view, miss) for miss in near.misses], 3)
        parts = [
            say(
                "standards.ready" if passing else "standards.ready_none",
                nearest=view.store.name(near.county),
                missed=len(near.misses),
                which=which,
                **facts,
            )
        ]
    else:
        parts = [say("standards.ready_all", year=view.last_year, n=len(order))]
    if target:
        parts.append(say("standards.ready_target", target=target, short=max(0, target - len(passing))))
    return Finding(
        key="standards.readiness",
        sentence=joined(*parts),
        note=say("sentences.note", parts=own_standard(view, QUALITY).source),
    )


def _ready_table(view: View, order: Sequence[Standing]) -> Table:
    rows = tuple(
        (view.store.name(one.county), one.judged, len(one.misses), one.open,
         _listed([_miss_name(view, miss) for miss in one.misses], 4) if one.misses else "—")
        for one in order
    )  # fmt: skip
    title = say("standards.title_ready", year=view.last_year)
    heads = _heads("county", "judged", "missed", "open", "to_fix")
    return Table(key="standards.readiness", title=title, columns=heads, rows=rows)


def _path_table(view: View, order: Sequence[Standing], steps: Sequence[int]) -> Table:
    misses = {one.county: one.misses for one in order}
    rows: list[tuple[Text | str | int, ...]] = []
    for step in path(order, steps, view.last_year + 1):
        for county in step.counties:
            which = _listed([_miss_name(view, miss) for miss in misses[county]], 4) if misses[county] else "—"
            rows.append((str(step.year), step.cumulative, view.store.name(county), which))
    heads = _heads("year", "step", "county", "to_fix")
    return Table(
        key="standards.path", title=say("standards.title_path"), columns=heads, rows=tuple(rows),
        note=say("standards.path_note"),
    )  # fmt: skip
