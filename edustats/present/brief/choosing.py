"""What must a director hear first? Every fact is weighed by declared reasons; the heaviest, spread over subjects.

The rules are data: ``choice.toml`` here, and over it a bureau's own ``<store>.brief.toml`` beside its store. One choice
feeds the brief, its first page, the prefecture's page and the index, so that none says what another does not.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from edustats.catalogue import strip_stage
from edustats.errors import DataError
from edustats.present.brief.facts import Fact, FactBook
from edustats.store.reading import BRIEF_SETTINGS, Store, find_settings_file
from edustats.words import Text, join_names, say

TOUCHED = (
    "count_children",
    "count_pupils_primary",
    "count_pupils_junior",
    "count_pupils_senior",
    "count_pupils_vocational",
)
MONEY = ("budget", "pay", "spending", "fiscal", "revenue", "accidents", "unlicensed", "ethics")
REST = 0.25
"""What the other facts of a family add to its heaviest."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a fact weighs what it weighs."""

    name: str
    weight: float

    @property
    def said(self) -> Text:
        return say(f"brief.reason_{self.name}")


@dataclass(frozen=True, slots=True)
class WeighedFact:
    """A fact with its reasons, the weightiest first."""

    fact: Fact
    reasons: tuple[Reason, ...]

    @property
    def weight(self) -> float:
        return math.fsum(reason.weight for reason in self.reasons)


@dataclass(frozen=True)
class Rules:
    """The choice's rules, read from TOML; the bureau's own lines over those of the suite."""

    table: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.table[name]

    @cached_property
    def stems(self) -> Mapping[str, tuple[str, ...]]:
        """What the facts of each family measure, whatever the stage."""
        families = self.table["families"].items()
        return {name: tuple(map(strip_stage, family["facts"])) for name, family in families}

    def material(self, fact: Fact) -> float:
        """The difference of this fact that is worth telling."""
        held = self.table["material"]
        return float(held[fact.unit.key] if fact.unit.key in held else held["relative"] * abs(fact.value))


@cache
def _read_own_rules() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("choice.toml").read_text("utf-8"))


def read_settings(store: Store) -> dict[str, Any]:
    """What stands in the bureau's own file; nothing where there is none.

    Raises
    ------
    DataError
        The file is no TOML; the message says where.
    """
    path = find_settings_file(store)
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("brief.settings_broken", file=path.name, found=str(error)) from error


def read_rules(store: Store) -> Rules:
    """The rules of the choice for a store.

    Raises
    ------
    DataError
        The bureau's own file names a table or reason that there is not, or gives a word where a number is due.
    """
    own, settings = _read_own_rules(), read_settings(store)
    changed = {name: part for name, part in settings.items() if name in own}
    for name, part in changed.items():
        _refuse_unknown(store, name, part, own[name])
    return Rules({name: _lay_over(part, changed.get(name)) for name, part in own.items()})


def _lay_over(base: Any, over: Any) -> Any:
    if over is None:
        return base
    return {**base, **over} if isinstance(base, dict) else over


def _refuse_unknown(store: Store, name: str, part: Any, own: Any) -> None:
    file = BRIEF_SETTINGS.format(store.path.name)
    if isinstance(own, dict) and isinstance(part, dict) and name in ("reasons", "material"):
        for key, value in part.items():
            if (key not in own and name == "reasons") or not isinstance(value, (int, float)):
                raise DataError("brief.settings_entry", file=file, table=name, key=key, known=join_names(own))
    elif isinstance(own, dict) != isinstance(part, dict) or isinstance(own, list) != isinstance(part, list):
        raise DataError(
            "brief.settings_entry",
            file=file,
            table="",
            key=name,
            known=join_names(own) if isinstance(own, dict) else str(own),
        )


def weigh_facts(book: FactBook, rules: Rules) -> dict[str, WeighedFact]:
    """Every fact of the book's year with its reasons, by indicator."""
    shares = _share_of_pupils(book)
    silent = set(rules["silent"]["indicators"])
    return {
        fact.key: WeighedFact(fact, _list_reasons(fact, rules, shares.get(fact.indicator.stage, 0.0)))
        for fact in book
        if fact.year == book.year and fact.key not in silent
    }


def _share_of_pupils(book: FactBook) -> dict[str, float]:
    held = {fact.indicator.stage: fact.value for fact in book.some(*TOUCHED)}
    total = sum(held.values())
    shares = {stage: value / total for stage, value in held.items()} if total else {}
    return shares | {"all": 1.0, "compulsory": shares.get("primary", 0) + shares.get("junior", 0)}


def _list_reasons(fact: Fact, rules: Rules, touched: float) -> tuple[Reason, ...]:
    full, material = float(rules["full"]), rules.material(fact)

    def strength(size: float) -> float:
        return min(abs(size) / material / full, 1.0) if material and math.isfinite(size) else 0.0

    found = {**_standing_reasons(fact, material), **_target_reasons(fact), **_change_reasons(fact, strength)}
    found |= _place_reasons(fact, strength) | {"pupils": touched}
    found["money_or_safety"] = float(any(word in fact.key for word in MONEY))
    weighed = [Reason(name, part * float(rules["reasons"][name])) for name, part in found.items() if part]
    return tuple(sorted(weighed, key=lambda reason: -reason.weight))


def _standing_reasons(fact: Fact, material: float) -> dict[str, float]:
    """On which side of a national mark the fact stands, and on which it stood."""
    mark = fact.mark
    if mark is None:
        return {}
    above = mark.op == ">="
    before = fact.before >= mark.value if above else fact.before <= mark.value
    crossed = math.isfinite(fact.before) and before != mark.met and fact.moved(fact.step)
    return {
        "standard_missed": float(not mark.met),
        "standard_just_met": float(mark.met and 0 <= abs(fact.value - mark.value) < material),
        "crossed": float(crossed),
    }


def _target_reasons(fact: Fact) -> dict[str, float]:
    if fact.target is None:
        return {}
    reason = {
        "not_met": "target_missed", "overdue": "target_missed", "off_course": "target_off_course",
        "cannot_tell": "target_unsure",
    }.get(fact.target.verdict)  # fmt: skip
    return {reason: 1.0} if reason else {}


def _change_reasons(fact: Fact, strength: Any) -> dict[str, float]:
    step, span = strength(fact.step), strength(fact.span)
    trends = {
        "improving": "trend_good",
        "worsening": "trend_bad",
        "rising": "trend_good",
        "falling": "trend_bad",
    }
    found = {"long_change": span}
    if not fact.better:
        found["change"] = step
    elif fact.step * fact.better < 0:
        found["change_bad"] = step
    else:
        found["change_good"] = step
    if fact.better and fact.trend in trends:
        found[trends[fact.trend]] = 1.0
    return found


def _place_reasons(fact: Fact, strength: Any) -> dict[str, float]:
    found = {}
    if fact.better and math.isfinite(fact.gap) and fact.gap * fact.better < 0:
        found["behind"] = strength(fact.gap)
    if fact.better and math.isfinite(fact.peers) and (fact.value - fact.peers) * fact.better < 0:
        found["behind_peers"] = strength(fact.value - fact.peers)
    if fact.place is not None and fact.place[0] == fact.place[1]:
        found["first_place"] = float(fact.place[0] == 1)
        found["last_place"] = float(fact.place[1] == fact.ranked)
    return found


def weigh_family(weighed: Mapping[str, WeighedFact], keys: Sequence[str]) -> float:
    """The heaviest fact's weight and a quarter of the others'; 0 where the family has no fact."""
    weights = sorted((weighed[key].weight for key in keys if key in weighed), reverse=True)
    return weights[0] + REST * math.fsum(weights[1:]) if weights else 0.0


def find_family(key: str, rules: Rules) -> str:
    """The family of the choice that an indicator belongs to; else what it measures, whatever the stage."""
    stem = strip_stage(key)
    return next((name for name, stems in rules.stems.items() if stem.startswith(stems)), stem)


def choose_families(weights: Mapping[str, float], rules: Rules) -> list[str]:
    """The families that page one tells, in reading order.

    Parameters
    ----------
    weights : family → weight, of the families that have something to say
    rules : how many, how many of a subject, which are pinned and which dropped
    """
    families = rules["families"]
    held = [name for name in families if name in weights and name not in rules["drop"]]
    order = sorted(held, key=lambda name: (name not in rules["pin"], -weights[name]))
    chosen: list[str] = []
    for name in order:
        subject = families[name]["subject"]
        alike = sum(families[one]["subject"] == subject for one in chosen)
        if len(chosen) < rules["judgements"] and alike < rules["per_subject"]:
            chosen.append(name)
    return [name for name in families if name in chosen]


def choose_cards(weighed: Mapping[str, WeighedFact], rules: Rules, told: Sequence[str]) -> list[Fact]:
    """The figures beside the judgements: first what these do not name, few of one kind."""
    cards = rules["cards"]
    order = {key: 1 - k / len(cards["order"]) for k, key in enumerate(cards["order"])}
    scores = {
        key: one.weight + cards["bonus"] * order[key] - (4.0 if key in told else 0.0)
        for key, one in weighed.items() if key in order
    }  # fmt: skip
    chosen: list[str] = []
    for key in sorted(scores, key=lambda k: -scores[k]):
        stem = strip_stage(key)
        counts = sum(k.startswith(("count_pupils", "count_children")) for k in chosen)
        full = sum(strip_stage(k) == stem for k in chosen) >= cards["per_stem"] and not key.startswith(
            "count_"
        )
        if full or (key.startswith(("count_pupils", "count_children")) and counts >= cards["scale"]):
            continue
        chosen.append(key)
    chosen = chosen[: rules["cards"]["most"]]
    return [weighed[key].fact for key in order if key in chosen]
