"""Which judgement do the rules on teachers bear: rotation, rural service before promotion, posts, retirement?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edustats.metrics.finance.growth import MET, NOT_MET
from edustats.metrics.standards.coefficients import reaches_mark
from edustats.metrics.teachers.compliance import BACKBONE, ROTATED
from edustats.present.brief.facts import Fact, FactBook
from edustats.present.brief.phrasing import (
    Story,
    clauses,
    format_value,
    say_above,
    say_amount,
    say_step,
    sentences,
)
from edustats.present.teachers.for_brief import tell_wave
from edustats.words import LIST, Text, join_texts, say

RULES = {
    "share_rotation": ROTATED,
    "share_rotation_backbone": BACKBONE,
    "share_promoted_with_rural_service": 1.0,
}
"""Indicator → the share that the rule asks for at least."""
ABOVE_POSTS = "share_posts_filled"


def tell_teachers(book: FactBook) -> Story | None:
    """Rules that are missed before those that are kept; what retires soon; nothing where no rule has a figure."""
    facts = book.some(*RULES)
    if not facts:
        return None
    verdicts = {fact.key: _judge(fact) for fact in facts}
    missed = [fact for fact in facts if verdicts[fact.key] == NOT_MET]
    told = [
        _tell(book, fact, verdicts[fact.key]) for fact in [*missed, *(f for f in facts if f not in missed)]
    ]
    posts = book[ABOVE_POSTS]
    over = posts is not None and posts.value > 1
    if posts is not None and over:
        told.append(say("teachers.brief_posts", value=format_value(posts)))
    wave = tell_wave(book.view)
    held = (*facts, *([posts] if posts is not None and over else []))
    return Story(
        family="teachers", lead=_lead(missed, facts), facts=held, body=[sentences(*told), *([wave] if wave.zh else [])]
    )  # fmt: skip


def _judge(fact: Fact) -> str:
    return MET if reaches_mark(np.array([fact.value]), RULES[fact.key], ">=")[0] else NOT_MET


def _tell(book: FactBook, fact: Fact, verdict: str) -> Text:
    return clauses(
        say_amount(fact), say_step(fact), say(f"teachers.brief_{fact.key}_{verdict}"), say_above(book, fact)
    )


def _lead(missed: Sequence[Fact], facts: Sequence[Fact]) -> Text:
    if not missed:
        names = join_texts([say(f"teachers.brief_name_{fact.key}") for fact in facts], LIST)
        return say("teachers.brief_kept", names=names)
    return say(
        "teachers.brief_missed", names=join_texts([say(f"teachers.brief_name_{f.key}") for f in missed], LIST)
    )
