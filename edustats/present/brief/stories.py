"""Which judgement does each family of facts bear? One writer a family; each looks at every stage before it judges."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from edustats.present.brief.facts import Fact, FactBook
from edustats.present.brief.phrasing import (
    Story,
    call_above,
    clauses,
    derive_number,
    format_growth,
    format_size,
    format_value,
    join_clauses,
    name,
    say_above,
    say_amount,
    say_place,
    say_step,
    sentences,
)
from edustats.present.brief.staff import tell_teachers
from edustats.present.finance.for_brief import judge_two_rules_of
from edustats.present.records.items import Number
from edustats.present.records.numbers import format_amount, format_count, format_difference
from edustats.words import LIST, NOTHING, Text, concatenate_texts, join_texts, list_texts, say

FLAT = {"share": 0.01}
"""A share that moved by less over the years stood still."""
LEAST_FLOW = 0.005
"""A stage that changed by less is left to the table."""
STEEP = 0.1
"""A relative fall that is told from the first year on."""


# --- pupils and births --------------------------------------------------------------------------------------


def tell_enrolment(book: FactBook) -> Story | None:
    """Births, entrants and pupils by stage: where the crest of the wave stands."""
    births = book["count_births"]
    flows = book.some("count_children", "count_entrants_primary", "count_pupils_primary", "count_pupils_junior",
                      "count_pupils_senior", "count_pupils_vocational", "count_pupils", "count_population")  # fmt: skip
    if not flows and births is None:
        return None
    if births is None and len(flows) == 1:
        alone = flows[0]
        if not (alone.moved(alone.step) or alone.moved(alone.span)):
            return None
        return replace(tell_single(book, flows[0]), family="enrolment")
    told = [_tell_births(births)] if births is not None else []
    lead = _lead_enrolment(book)
    return Story(
        family="enrolment", lead=lead, body=[sentences(*told, *_tell_flows(flows))],
        facts=(*([births] if births else []), *flows),
    )  # fmt: skip


def _lead_enrolment(book: FactBook) -> Text:
    def way(key: str) -> int:
        fact = book[key]
        return 0 if fact is None or not fact.moved(fact.step) else int(math.copysign(1, fact.step))

    young, primary, junior = way("count_children"), way("count_pupils_primary"), way("count_pupils_junior")
    entering = way("count_entrants_primary")
    stages = ("count_children", *(f"count_pupils_{s}" for s in ("primary", "junior", "senior", "vocational")))
    told = [fact for fact in map(book.__getitem__, stages) if fact is not None and math.isfinite(fact.step)]
    known = [w for w in map(way, stages) if w]
    if len(set(known)) == 1 and len(known) == len(told) > 1:  # one that falls or stays is a stage too
        return say(f"brief.enrolment_all_{'up' if known[0] > 0 else 'down'}")
    if junior > 0 > primary:
        return say("brief.enrolment_wave_primary")
    if primary > 0 > entering:
        return say("brief.enrolment_wave_entrants")
    if young < 0 < primary:
        return say("brief.enrolment_wave_preschool")
    if young < 0 and primary < 0:
        return say("brief.enrolment_falling")
    ways = {*known}
    key = (
        "mixed"
        if len(ways) > 1
        else "now"
        if not told
        else "steady"
        if not ways
        else "some_up"
        if 1 in ways
        else "some_down"
    )
    return say(f"brief.enrolment_{key}")


def _tell_births(births: Fact) -> Text:
    if math.isfinite(births.first) and births.first and abs(births.span / births.first) >= STEEP:
        way = "down" if births.span < 0 else "up"
        return say(
            f"brief.births_{way}", first_year=births.first_year, year=births.year,
            first=format_value(births, births.first), last=format_value(births),
            rate=format_growth(births, births.span / births.first),
        )  # fmt: skip
    return clauses(say("brief.births", year=births.year, value=format_value(births)), say_step(births))


def _tell_flows(flows: Sequence[Fact]) -> list[Text]:
    """Stage by stage; the first names the year it is held against, a turn of direction is said as one."""
    told: list[Text] = []
    held, turned, named = 0, False, 0
    for fact in flows:
        if math.isfinite(fact.growth) and abs(fact.growth) < LEAST_FLOW:
            continue  # what stands still is no news; the table holds it
        if not math.isfinite(fact.step):
            told.append(say_amount(fact))
            continue
        way = 1 if fact.step > 0 else -1
        turn = bool(held and way != held and not turned)
        turned |= turn
        amount = say("brief.but", name=say_amount(fact)) if turn else say_amount(fact)
        told.append(clauses(amount, say_step(fact, since=turn or fact.before_year != named)))
        held, named = way, fact.before_year
    return told


# --- class sizes --------------------------------------------------------------------------------------------


def tell_class_size(book: FactBook) -> Story | None:
    """Large classes of every stage before anything is called ended; then the classes over the norm."""
    big = book.stages("share_big_classes", "primary", "junior", "senior")
    if not big:
        return None
    over = book.stages("share_classes_over_standard", "primary", "junior")
    huge = [fact for fact in book.stages("share_very_big_classes", "primary", "junior") if fact.value]
    shares = [_tell_big(book, fact) for fact in big if fact.value]
    none = [fact for fact in big if not fact.value]
    shares += [say("brief.big_zero", stage=_join_stages(none))] if none else []
    return Story(
        family="class_size", lead=_add_worries(_lead_class_size(big), huge, over),
        body=[say("brief.big_classes", parts=join_texts(shares, Text("；", "; "))),
              sentences(*(_tell_huge(fact) for fact in huge), *(_tell_over(book, fact) for fact in over))],
        facts=(*big, *huge, *over), counted=True,
    )  # fmt: skip


LEAST_OVER, LARGE = 0.05, 0.1
"""Classes over the norm: below the first left to the table, above the second (and above the city) in the lead."""
SWELLING = 0.04
"""A share of classes over the norm that rose by as much in a year is news although the city's is higher."""
ENDED = 0.05
"""56 pupils and more in at most 5 % of classes: 基本消除 (2019 opinion of three ministries)."""


def _stage(fact: Fact) -> Text:
    return say(f"brief.stage_{fact.indicator.stage}")


def _join_stages(facts: Sequence[Fact]) -> Text:
    return list_texts([_stage(fact) for fact in facts])


def _lead_class_size(big: Sequence[Fact]) -> Text:
    left = [fact for fact in big if fact.value > ENDED]
    done = [fact for fact in big if fact.value <= ENDED]
    if not left:
        return say(
            "brief.big_none" if all(f.value == 0 for f in big) else "brief.big_ended",
            stages=_join_stages(big),
        )
    if not done:
        return say("brief.big_left", stages=_join_stages(left))
    rising = all(fact.moved(fact.step) and fact.step > 0 for fact in left)
    ended_before = all(fact.value - fact.step <= ENDED for fact in left)
    way = "partly" if not rising else "rebound" if ended_before else "rising"
    return say(f"brief.big_{way}", done=_join_stages(done), left=_join_stages(left))


def _add_worries(lead: Text, huge: Sequence[Fact], over: Sequence[Fact]) -> Text:
    """The lead with what it must not hide: very large classes, large ones, and many more of these than last year."""
    large = [fact for fact in over if fact.value > LARGE and fact.gap > 0]
    swelling = [fact for fact in over if fact not in large and fact.value > LARGE and fact.step >= SWELLING]
    worries = [
        say(f"brief.worry_{kind}", stages=_join_stages(facts))
        for kind, facts in (("huge", huge), ("large", large), ("swelling", swelling)) if facts
    ]  # fmt: skip
    return say("brief.lead_but", lead=lead, worries=clauses(*worries)) if worries else lead


def _tell_huge(fact: Fact) -> Text:
    count = round(fact.num) if math.isfinite(fact.num) else 0
    return say("brief.huge_classes", stage=_stage(fact), n=format_count(count)) if count else NOTHING


def _tell_big(book: FactBook, fact: Fact) -> Text:
    counted = (
        say("brief.big_counted", part=format_count(round(fact.num)), whole=format_count(round(fact.den)))
        if math.isfinite(fact.num) and math.isfinite(fact.den) and fact.value > ENDED
        else NOTHING
    )
    own = concatenate_texts(say("brief.amount", name=_stage(fact), value=format_value(fact)), counted)
    return clauses(
        own, say_step(fact), _tell_plan(fact), say_above(book, fact) if fact.value > ENDED else NOTHING
    )


def _tell_plan(fact: Fact) -> Text:
    """What the plan asks, where it is not reached; what is reached is no news."""
    if fact.target is None or fact.target.verdict not in ("not_met", "overdue"):
        return NOTHING
    plan = fact.target.target
    return say("brief.plan_missed", year=plan.year, condition=say_condition(fact, plan.operator, plan.value))


def say_condition(fact: Fact, operator: str, value: float) -> Text:
    """不低于50%."""
    key = {">=": "at_least", "<=": "at_most", ">": "above", "<": "below"}[operator]
    places = fact.unit.decimals
    short = 0 if float(value * fact.unit.times).is_integer() else places
    return say(f"targets.{key}", value=format_amount(value, fact.unit, short))


def _tell_over(book: FactBook, fact: Fact) -> Text:
    if fact.value < LEAST_OVER and not (fact.moved(fact.step) and fact.step > 0):
        return NOTHING  # few, and fewer: the table's business
    said = say(f"brief.over_norm_{fact.indicator.stage}", value=format_value(fact))
    return clauses(said, say_step(fact), say_above(book, fact))


# --- kindergartens ------------------------------------------------------------------------------------------


def tell_preschool(book: FactBook) -> Story | None:
    """Public and inclusive kindergartens and enrolment against the national marks and the plan."""
    shares = book.some(
        "share_public_preschool", "share_inclusive_preschool", "share_gross_enrolment_preschool"
    )
    if not shares:
        return None
    missed = [fact for fact in shares if fact.mark and not fact.mark.met]
    lead = _lead_preschool(shares, missed)
    return Story(
        family="preschool", lead=lead, body=[sentences(*(_tell_share(book, f, f in missed) for f in shares))],
        facts=tuple(shares),
    )  # fmt: skip


def _lead_preschool(shares: Sequence[Fact], missed: Sequence[Fact]) -> Text:
    if not missed:
        judged = [fact for fact in shares if fact.mark]
        if len(judged) == 1:
            return say("brief.share_met", name=name(judged[0]))
        return say("brief.preschool_met") if judged else _lead_ways(shares)
    first = missed[0]
    if len(missed) == 1 and math.isfinite(first.span) and abs(first.span) < FLAT["share"]:
        return say("brief.share_stuck", name=name(first))
    return say("brief.share_short", name=join_texts([name(fact) for fact in missed], LIST))


def _lead_ways(shares: Sequence[Fact]) -> Text:
    """Which shares rose and which fell since the year before, where no mark judges them."""
    moved = [fact for fact in shares if fact.moved(fact.step) and abs(fact.step) >= FLAT["share"]]
    ways = {"up": [f for f in moved if f.step > 0], "down": [f for f in moved if f.step < 0]}
    told = [
        say(f"brief.single_{way}_plain", name=list_texts([name(fact) for fact in facts]))
        for way, facts in ways.items() if facts
    ]  # fmt: skip
    return clauses(*told) if told else say("brief.preschool_plain")


def _tell_share(book: FactBook, fact: Fact, missed: bool) -> Text:
    stuck = missed and math.isfinite(fact.span) and abs(fact.span) < FLAT["share"]
    opening = say_amount(fact)
    then = (
        say("brief.then", year=fact.first_year, value=format_value(fact, fact.first))
        if stuck
        else say_step(fact)
    )
    step, then = (NOTHING, then) if stuck else (then, NOTHING)
    return clauses(opening, step, say_place(book, fact), _tell_mark(fact), then, _tell_ahead(fact))


def _tell_mark(fact: Fact) -> Text:
    """The national mark, and the plan's where it asks the same."""
    mark = fact.mark
    if mark is None:
        return NOTHING
    plan = fact.target.target if fact.target is not None else None
    same = (
        plan is not None and plan.value == mark.value and plan.operator == mark.op and plan.year == fact.year
    )
    facts = {"condition": say_condition(fact, mark.op, mark.value)}
    if mark.met:
        return say("brief.mark_met", **facts)
    side = "under" if mark.op == ">=" else "over"
    return say(
        f"brief.mark_{side}{'_both' if same else ''}", gap=format_size(fact, mark.value - fact.value), **facts
    )


def _tell_ahead(fact: Fact) -> Text:
    """A target still to come that is off course."""
    if fact.target is None or fact.target.verdict != "off_course":
        return NOTHING
    plan = fact.target.target
    return say("brief.target_far", year=plan.year, condition=say_condition(fact, plan.operator, plan.value))


# --- money and teachers -------------------------------------------------------------------------------------


def tell_resources(book: FactBook) -> Story | None:
    """Spending by the two rules, teachers' pay against that of civil servants, and the staffing ratios."""
    money, pay = _tell_money(book), _tell_pay(book)
    staff = _tell_staff(book)
    if money is None and pay is None and staff is None:
        return None
    leads = [part[0] for part in (money, pay) if part is not None and part[0].zh]
    if len(leads) == 2:
        good_money, good_pay = _is_growing(book), _pay_gap(book) >= 0
        joint = "both" if good_money == good_pay else "but"
        lead = say(f"brief.resources_{joint}", money=leads[0], pay=leads[1])
    else:
        lead = leads[0] if leads else staff[0] if staff is not None else NOTHING
    told = [part[1] for part in (money, pay, staff) if part is not None]
    facts = tuple(fact for part in (money, pay, staff) if part is not None for fact in part[2])
    return Story(
        family="resources",
        lead=lead,
        body=[sentences(*told[:1]), sentences(*told[1:])],
        facts=facts,
        derived=_derive_pay_gaps(book) if pay is not None else (),
    )


def _is_growing(book: FactBook) -> bool:
    total = book["count_budget_education"]
    return total is not None and not total.step < 0


def _name_way_of_money(total: Fact, pupils_lose: bool) -> str:
    """Up, unchanged or down in total, and whether it fell per pupil."""
    if total.step < 0:
        return "total_down"
    way = "up" if total.moved(total.step) else "same"
    return way if not pupils_lose else "pupil_down" if way == "up" else "same_pupil_down"


def _tell_money(book: FactBook) -> tuple[Text, Text, list[Fact]] | None:
    total = book["count_budget_education"]
    if total is None:
        return None
    each = [
        f
        for f in book.stages("per_pupil_budget_education", "preschool", "primary", "junior", "senior")
        if math.isfinite(f.step)
    ]
    whole = book["per_pupil_budget_education"]
    per_pupil = [whole] if whole is not None and not each else each
    facts = [total, *per_pupil]
    if not math.isfinite(total.step):
        return NOTHING, say("brief.money", year=total.year, value=format_value(total)), facts
    verdict, stages = judge_two_rules_of(book.view, total.year)
    fallen = [fact for fact in per_pupil if fact.step < 0] or stages.zh
    judged = [fact for fact in per_pupil if fact.yearly and total.yearly]
    lead = say(f"brief.money_{_name_way_of_money(total, bool(fallen))}")
    parts = [clauses(say("brief.money", year=total.year, value=format_value(total)), say_step(total))]
    far = whole is not None and math.isfinite(whole.gap) and abs(whole.gap) > FAR * whole.above
    parts += [
        clauses(_tell_per_pupil(f), say_above(book, f) if far and f is whole else NOTHING) for f in judged[:3]
    ]
    if far and whole is not None and whole not in judged[:3]:
        parts.append(clauses(say_amount(whole), say_above(book, whole)))
    if stages.zh and not each:
        parts.append(say("finance.brief_fallen", stages=stages))
    if verdict in ("met", "not_met"):
        parts.append(say(f"brief.{'two_kept' if verdict == 'met' else 'two_broken'}"))
    elif judged and not verdict:
        key = "two_kept" if total.step >= 0 and not fallen else "two_broken"
        parts.append(say(f"brief.{key}"))
    return lead, join_clauses(*parts), facts


FAR = 0.05
"""Spending a pupil that differs by more from the area above is told with it."""


def _tell_per_pupil(fact: Fact) -> Text:
    return clauses(say_amount(fact), say_step(fact, since=False))


def _pay_gap(book: FactBook) -> float:
    teachers, servants = book["mean_pay_teachers"], book["mean_pay_civil_servants"]
    return teachers.value - servants.value if teachers and servants else math.nan


def _derive_pay_gaps(book: FactBook) -> tuple[Number, ...]:
    """What lies between both pays, this year and the last: it rests on both."""
    pays = [fact for key in ("mean_pay_teachers", "mean_pay_civil_servants") if (fact := book[key])]
    gaps = (_pay_gap(book), pays[0].before - pays[1].before)
    return tuple(derive_number(book, pays[0].indicator.name, gap, pays) for gap in gaps if math.isfinite(gap))


def _tell_pay(book: FactBook) -> tuple[Text, Text, list[Fact]] | None:
    teachers, servants = book["mean_pay_teachers"], book["mean_pay_civil_servants"]
    if teachers is None or servants is None:
        return None
    gap = teachers.value - servants.value
    before = teachers.before - servants.before if teachers.yearly and servants.yearly else math.nan
    lead = say(f"brief.pay_{_judge_pay(book, gap, before)}")
    said = say(f"brief.pay_{_name_side(gap)}", value=format_value(teachers), gap=_money(teachers, gap))
    then = (
        say(f"brief.pay_then_{_name_side(before)}", gap=_money(teachers, before))
        if math.isfinite(before) else NOTHING
    )  # fmt: skip
    return lead, join_clauses(said, then), [teachers, servants]


def _name_side(gap: float) -> str:
    return "less" if gap < 0 else "more" if gap > 0 else "same"


def _judge_pay(book: FactBook, gap: float, before: float) -> str:
    if gap == 0:
        return "even"
    if gap > 0:
        return "above_now" if before < 0 else "above"
    if not math.isfinite(before) or before < 0:
        return "below"
    ever = book.view.series("mean_pay_teachers").merge(
        book.view.series("mean_pay_civil_servants"), on="year", suffixes=("", "_other")
    )
    earlier = ever[ever["year"] < book.year - 1]
    return "below_again" if bool((earlier["value"] < earlier["value_other"]).any()) else "below_now"


def _money(fact: Fact, difference: float) -> Text:
    return format_difference(difference, fact.unit, fact.places)


def _tell_staff(book: FactBook) -> tuple[Text, Text, list[Fact]] | None:
    ratios = book.stages("ratio_pupils_per_teacher", "primary", "junior", "senior")
    if not ratios:
        return None
    short = [fact for fact in ratios if fact.mark and not fact.mark.met]
    values = join_texts([say("brief.amount", name=_stage(f), value=format_value(f)) for f in ratios], LIST)
    verdict = (
        say("brief.ratio_short", stages=_join_stages(short)) if short
        else say(f"brief.ratio_kept{'_one' if len(ratios) == 1 else ''}") if all(f.mark for f in ratios) else NOTHING
    )  # fmt: skip
    marked = all(fact.mark for fact in ratios)
    still = all(math.isfinite(fact.step) and not fact.moved(fact.step) for fact in ratios)
    lead = (
        say("brief.staff_short", stages=_join_stages(short)) if short
        else say(f"brief.staff_{'kept' if marked else 'steady' if still else 'now'}")
    )  # fmt: skip
    return lead, join_clauses(say("brief.ratios", values=values), verdict), ratios


# --- safety, vocational schools ------------------------------------------------------------------------------


def tell_safety(book: FactBook) -> Story | None:
    """Accidents, unlicensed kindergartens and cases of misconduct; nothing where there were none."""
    keys = ("count_accidents_preschool", "count_unlicensed_kindergartens", "count_ethics_cases_preschool")
    cases = [fact for fact in book.some(*keys) if fact.value > 0]
    if not cases:
        return None
    told = [clauses(say_amount(f), say_step(f)) for f in cases]
    return Story(family="safety", lead=say("brief.safety_lead"), body=[sentences(*told)], facts=tuple(cases))


def tell_vocational(book: FactBook) -> Story | None:
    """Vocational schools against their conditions, and pupils beside those of general schools."""
    ratio = book["ratio_pupils_per_teacher_vocational"]
    shares = book.some("ratio_vocational_general_entrants")
    pupils = book.some("count_pupils_vocational")
    if ratio is None and not shares:
        return None
    facts = [*pupils, *shares, *([ratio] if ratio is not None else [])]
    told = [clauses(say_amount(f), say_step(f)) for f in facts]
    return Story(
        family="vocational", lead=say("brief.vocational_lead"), body=[sentences(*told)], facts=tuple(facts)
    )


# --- anything else: a figure by itself -------------------------------------------------------------------------


def tell_single(book: FactBook, fact: Fact) -> Story:
    """A figure that no family speaks of: what it is, how it moved, where the others stand."""
    lead = _lead_single(book, fact)
    last = lead == say("brief.single_last", name=name(fact), above=call_above(book))
    place = NOTHING if last else say_place(book, fact)
    span = _say_span(fact) if math.isfinite(fact.span) and fact.moved(fact.span) else NOTHING
    # the first year last: 2019年为90.5%，高于全市的92.8% would hold the wrong year against the others
    body = clauses(
        say("brief.single_now", year=fact.year, value=format_value(fact)), place if place.zh else say_above(book, fact),
        _tell_mark(fact), say_step(fact), span, _tell_ahead(fact),
    )  # fmt: skip
    return Story(family=fact.key, lead=lead, body=[body], facts=(fact,))


def _say_span(fact: Fact) -> Text:
    """What it was in the first year; how much that is, where no year before is known."""
    then = say("brief.then", year=fact.first_year, value=format_value(fact, fact.first))
    if math.isfinite(fact.step) or (fact.unit.change == "percent" and fact.indicator.den):
        return then
    key = f"{'count' if not fact.indicator.den else 'level'}_{'up' if fact.span > 0 else 'down'}"
    return say(
        f"brief.{key}", since=say("brief.since_year", year=fact.first_year), size=format_size(fact, fact.span)
    )


def _lead_single(book: FactBook, fact: Fact) -> Text:
    called = name(fact)
    if fact.mark is not None and not fact.mark.met:
        return say("brief.single_short", name=called)
    if fact.place is not None and fact.place[0] == fact.place[1] == fact.ranked:
        return say("brief.single_last", name=called, above=call_above(book))
    change = fact.step if fact.moved(fact.step) else fact.span if fact.moved(fact.span) else 0.0
    if change:
        kind = "good" if change * fact.better > 0 else "bad" if change * fact.better < 0 else "plain"
        kind = kind if fact.indicator.den else "count"
        return say(f"brief.single_{'up' if change > 0 else 'down'}_{kind}", name=called)
    if fact.moved(fact.gap):
        return say(f"brief.single_{'over' if fact.gap > 0 else 'under'}", name=called, above=call_above(book))
    return say("brief.single_level", name=called)


WRITERS: Mapping[str, Callable[[FactBook], Story | None]] = {
    "enrolment": tell_enrolment, "class_size": tell_class_size, "preschool": tell_preschool,
    "resources": tell_resources, "teachers": tell_teachers, "safety": tell_safety, "vocational": tell_vocational,
}  # fmt: skip
"""The writer of each family; that of the standard needs more than the facts."""
