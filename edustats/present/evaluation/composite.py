"""Which county is ready first by the declared index, how sure is that, and what may be said of education and growth?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from edustats.analysis.declared_index import DeclaredGrowth, DeclaredIndex, read_declared_index
from edustats.analysis.index import describe_growth_claim, describe_output_claim, index
from edustats.errors import EdustatsError
from edustats.metrics.composite.growth import DECLARED, GrowthAssumptions, growth_shares
from edustats.metrics.composite.index import DRAWS
from edustats.present.drawing.ranks import draw_rank_grid
from edustats.present.records.items import Cell, Figure, Finding, Number, Provenance, Table, TableColumn
from edustats.present.records.numbers import (
    format_amount,
    format_count,
    format_number,
    format_ordinal,
    format_percent,
    join_sentence,
)
from edustats.present.records.row_filter import RowFilter
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.prefecture import PrefectureView
from edustats.words import DASH, NOTHING, Text, join_texts, say

CLAUSES = Text("；", "; ")
DECIMALS = 3
NOTHING_DECLARED = DeclaredGrowth(claim=math.nan, schooling=None, output=None, years=None, assumed=None)


def show_index(view: PrefectureView) -> ChapterItems:
    """The declared index of the counties in the last year that has it: order, limits, phases, and how sure they are."""
    try:
        declared = read_declared_index(view.store, view.known)
        made = _make_index(view, declared)
        other = _make_index(view, declared, "geometric" if declared.how == "arithmetic" else "arithmetic")
    except EdustatsError as error:
        why = Text(error.text("zh").rstrip("。"), error.text("en").rstrip("."))
        said = join_sentence(say("index.refused", area=view.name, why=why))
        return collect_items(view, Finding(key="index", sentence=said, verdict="cannot_tell"))
    source = _account(view, declared, made)
    return collect_items(
        view, _tell_roll_out(view, declared, made, other), _tabulate_areas(view, declared, made),
        _draw_ranks(view, declared, made), _tabulate_declared(view, declared), source=source,
    )  # fmt: skip


def _make_index(view: PrefectureView, declared: DeclaredIndex, how: str = "") -> pd.DataFrame:
    """The index of the last year in which anybody has it; of the last year held where nobody has."""
    rows = view.by_county.assign(area_name=view.by_county["area"].astype(str))
    held = rows[rows["indicator"].isin(list(declared.weights)) & rows["value"].notna()]
    held.attrs["catalogue"] = [view.known.page, "", ""]
    years = sorted({int(year) for year in held["year"]}, reverse=True) or [view.last_year]
    settings: dict[str, Any] = {
        "goals": declared.goals, "how": how or declared.how, "gaps": declared.gaps, "phases": declared.phases,
        "spread": declared.spread, "draws": DRAWS,
    }  # fmt: skip
    each = (index(held, dict(declared.weights), year, **settings) for year in years)
    made = next(each)
    if len(made) and made["value"].notna().any():
        return made
    return next((one for one in each if len(one) and one["value"].notna().any()), made)


def _account(view: PrefectureView, declared: DeclaredIndex, made: pd.DataFrame) -> Provenance:
    """The source of the index: the files behind the first indicator, and the declared sum as its formula."""
    year = made.attrs.get("year", view.last_year)
    first = view.provenance(view.known.indicator(next(iter(declared.weights))), view.own_rows(year))
    formula = " + ".join(f"{weight:g} × {key}" for key, weight in declared.weights.items())
    return Provenance(
        files=first.files, filter=first.filter, formula=formula, clause=declared.source, version=first.version
    )


# --- what is said ---


def _tell_roll_out(
    view: PrefectureView, declared: DeclaredIndex, made: pd.DataFrame, other: pd.DataFrame
) -> list[Finding]:
    year = int(made.attrs.get("year", view.last_year))
    if made.empty or made["value"].isna().all():
        said = say("index.roll_out_none", year=year)
        return [Finding(key="index.roll_out", sentence=said, verdict="cannot_tell")]
    parts = [
        say(
            "index.roll_out_phase",
            phase=_whole(float(own["phase"].iloc[0])),
            names=_name(view, own["area"]),
        )
        for _, own in made.dropna(subset="phase").groupby("phase")
    ]
    first = made.iloc[0]
    if math.isfinite(first["first_share"]):
        parts.append(say("index.said_sure", draws=format_count(DRAWS), first=_name(view, [first["area"]]),
                         share=format_percent(float(first["first_share"]), 1)))  # fmt: skip
    if made.attrs["tied"]:
        parts.append(
            say(
                "index.roll_out_tied",
                phases=join_texts([format_count(phase, "rank") for phase in made.attrs["tied"]]),
            )
        )
    if made["value"].isna().any():
        parts.append(say("index.roll_out_left", names=_name(view, made.loc[made["value"].isna(), "area"])))
    parts.append(_compare_means(view, made, other))
    counts = {"n": format_count(len(made)), "k": format_count(len(declared.weights))}
    said = say("index.said", year=year, area=view.name, how=say(f"index.how_{declared.how}"), **counts,
               phases=join_texts([p for p in parts if p.zh], CLAUSES))  # fmt: skip
    note = say(
        "index.note_declared" if declared.gaps == "none" else "index.note_spread_gaps", source=declared.source
    )
    if not declared.own:
        trial = say("index.note_trial", file=f"{view.store.path.name}.index.toml")
        note = join_texts([note, trial], Text("", " "))
    found = [Finding(key="index.roll_out", sentence=join_sentence(said), note=note)]
    zeros = int((made["value"] == 0).sum())
    if declared.how == "geometric" and declared.goals is None and zeros > 1:
        wrong = say("index.zeros", n=format_count(zeros))
        found.append(Finding(key="index.zeros", sentence=join_sentence(wrong), verdict="cannot_tell"))
    return found


def _compare_means(view: PrefectureView, made: pd.DataFrame, other: pd.DataFrame) -> Text:
    """Whether the other mean, which makes up for weak indicators or does not, gives the same phases."""
    if other.empty or other["value"].isna().all() or other.attrs["tied"]:
        return NOTHING
    before, after = (one.set_index("area")["phase"].dropna().to_dict() for one in (made, other))
    first = other.loc[other["phase"] == 1, "area"]
    word = say("index.same") if before == after else say("index.changed", names=_name(view, first))
    return say("index.said_other", how=say(f"index.how_{other.attrs['how']}"), word=word)


def _name(view: PrefectureView, codes: Sequence[str] | pd.Series) -> Text:
    return join_texts([view.store.name(str(code)) for code in codes])


def _tabulate_areas(view: PrefectureView, declared: DeclaredIndex, made: pd.DataFrame) -> list[Table]:
    if made.empty:
        return []
    heads = ("value", "limits", "missing", "rank", "rank_share", "first_share", "phase")
    columns = (
        TableColumn(label=say("services.head_county")),
        *(
            TableColumn(
                label=say(f"index.head_{h}"), decimals=DECIMALS if h == "value" else None, unit="coefficient"
            )
            for h in heads
        ),
    )
    rows = []
    for row in made.to_dict("records"):
        names = [view.known.indicator(key).name for key in str(row["missing"]).split(", ") if key]
        whole = not names
        ends = {end: format_number(float(row[end]), DECIMALS, "coefficient") for end in ("low", "high")}
        rows.append((
            view.store.name(str(row["area"])), float(row["value"]) if math.isfinite(row["value"]) else DASH,
            DASH if whole else say("index.limits", **ends), join_texts(names) if names else DASH, _whole(row["rank"]),
            _share(row["rank_share"]), _share(row["first_share"]), _whole(row["phase"]),
        ))  # fmt: skip
    title = say(
        "index.title_index", year=int(made.attrs["year"]), area=view.name_whose(view.area), name=declared.name
    )
    return [
        Table(key="index.areas", title=title, columns=columns, rows=tuple(rows), brief=False, sortable=True)
    ]


def _whole(value: float) -> Text:
    return format_count(round(value), "rank") if math.isfinite(value) else DASH


def _share(value: float) -> Text:
    return format_percent(float(value), 1)


def _draw_ranks(view: PrefectureView, declared: DeclaredIndex, made: pd.DataFrame) -> list[Figure]:
    shares = made.attrs.get("acceptability", {})
    order = [str(code) for code in made.get("area", ()) if str(code) in shares]
    if len(order) < 2:
        return []
    grid, lang = np.array([shares[code] for code in order]), view.lang
    title = say("index.title_ranks", year=int(made.attrs["year"]), area=view.name)
    heads = [say("index.place_column", rank=format_ordinal(k + 1)) for k in range(len(order))]
    columns = (TableColumn(label=say("services.head_county")), *(TableColumn(label=head) for head in heads))
    rows = tuple((view.store.name(code), *map(_share, row)) for code, row in zip(order, grid, strict=True))
    data = Table(key="index.ranks.data", title=title, columns=columns, rows=rows, brief=False)
    alt = say("index.alt_ranks", draws=format_count(DRAWS))
    near = format_percent(declared.spread, 0)
    note = say("index.note_ranks") if declared.spread == 1 else say("index.note_ranks_near", spread=near)
    png = draw_rank_grid(
        [view.store.name(code)[lang] for code in order], grid, [head[lang] for head in heads], alt[lang]
    )
    return [Figure(key="index.ranks", title=title, alt=alt, data=data, note=note, png=png)]


def _tabulate_declared(view: PrefectureView, declared: DeclaredIndex) -> Table:
    heads = ("indicator", "weight", "better", *(("goal",) if declared.goals else ()))
    rows = []
    for key, weight in declared.weights.items():
        one = view.known.indicator(key)
        goal = (format_amount(declared.goals[key], view.known.unit_of(key)),) if declared.goals else ()
        rows.append((one.name, weight, say(f"index.better_{one.better}"), *goal))
    columns = tuple(
        TableColumn(
            label=say(f"index.head_{h}"), decimals=DECIMALS if h == "weight" else None, unit="coefficient"
        )
        for h in heads
    )
    return Table(key="index.declared", title=say("index.title_declared", name=declared.name), columns=columns,
                 rows=tuple(rows), note=declared.source, brief=False)  # fmt: skip


# --- growth ---


def show_growth(view: PrefectureView, claim: float = math.nan) -> ChapterItems:
    """Education's part in growth by two declared models with their sensitivity, or that nothing is declared.

    What is not declared with its source in ``NAME.index.toml`` beside the store is not assumed: 口径待核.

    Parameters
    ----------
    view : from :func:`edustats.open_prefecture`
    claim : a share that a draft claims, in per cent; the declared one if not given
    """
    try:
        declared = read_declared_index(view.store, view.known)
        told = declared.growth or NOTHING_DECLARED
        made = _tell_growth(view, replace(told, claim=claim / 100) if math.isfinite(claim) else told)
    except EdustatsError as error:
        why = Text(error.text("zh").rstrip("。"), error.text("en").rstrip("."))
        return collect_items(view, Finding(key="growth", sentence=join_sentence(why), verdict="cannot_tell"))
    claims = [Finding(key=f"growth.output.{k}", sentence=describe_output_claim(claim), verdict="cannot_tell")
              for k, claim in enumerate(declared.output_claims)]  # fmt: skip
    return collect_items(view, made, claims)


def _tell_growth(view: PrefectureView, told: DeclaredGrowth) -> list[Finding | Table]:
    made: list[Finding | Table] = []
    n = told.years[1] - told.years[0] if told.years else 0
    if math.isfinite(told.claim):
        known = told.schooling if told.years else None
        text = describe_growth_claim(told.claim, known, told.output, n, told.assumed)
        verdict = "cannot_tell" if say("index.open").zh in text.zh else "none"
        text = Text(text.zh, f"{text.en[:1].upper()}{text.en[1:]}")
        made.append(Finding(key="growth.claim", sentence=text, verdict=verdict))
    if told.schooling and told.output and told.years and told.assumed:
        made += _tell_models(told, told.schooling, told.output, told.years, told.assumed)
    elif not made:
        said = join_sentence(say("index.growth_none", file=f"{view.store.path.name}.index.toml"))
        made.append(Finding(key="growth", sentence=said, verdict="cannot_tell"))
    return made


def _tell_models(
    told: DeclaredGrowth, schooling: tuple[float, float], output: tuple[float, float], years: tuple[int, int],
    assumed: GrowthAssumptions,
) -> list[Finding | Table]:  # fmt: skip
    found = growth_shares(schooling, output, years[1] - years[0], assumed)
    named = [(say("index.label_" + name), assumed.sources[name]) for name in DECLARED]
    sources = [say("index.one_source", name=name, source=Text(source, source)) for name, source in named]
    note = say("index.note_growth", sources=join_texts(sources, CLAUSES))
    parts = [
        say("index.growth_model", model=say(f"index.model_{one.model}"), value=format_percent(one.value, 1),
            low=format_percent(one.low, 1, "interval_end"), high=format_percent(one.high, 1, "interval_end"))
        for one in found
    ]  # fmt: skip
    said = say("index.growth_values", first=years[0], last=years[1], told=join_texts(parts, CLAUSES))
    source = Provenance(
        files=(), filter=RowFilter(years=tuple(years)), formula="growth_shares", clause=note, version=""
    )
    number = Number(
        label=say("index.head_value"), value=found[0].value, unit="share", decimals=1, source=source
    )
    finding = Finding(key="growth.models", sentence=join_sentence(said), note=note, numbers=(number,))
    return [finding, _tabulate_growth(schooling, output, years, assumed, note)]


def _tabulate_growth(
    schooling: tuple[float, float],
    output: tuple[float, float],
    years: tuple[int, int],
    assumed: GrowthAssumptions,
    note: Text,
) -> Table:
    """Each model at each declared part of labour; the first also at each return to schooling."""
    returns = dict.fromkeys(assumed.returns)
    columns = (
        *(TableColumn(label=say(f"index.head_{head}")) for head in ("model", "labour")),
        *(TableColumn(label=say("index.head_returns", value=f"{r:g}"), decimals=1) for r in returns),
    )
    rows: list[tuple[Cell | Text, ...]] = []
    for place, model in enumerate(("denison", "cobb_douglas")):
        for labour in dict.fromkeys(assumed.labour):
            held = []
            for r in returns:
                fixed = GrowthAssumptions((labour,) * 3, (r,) * 3, assumed.schooling_part, assumed.sources)
                held.append(growth_shares(schooling, output, years[1] - years[0], fixed)[place].value * 100)
            rows.append((say(f"index.model_{model}"), f"{labour:g}", *held))
    title = say("index.title_growth")
    return Table(
        key="growth.sensitivity", title=title, columns=columns, rows=tuple(rows), note=note, brief=False
    )
