"""Does a ratio follow from the two numbers beside it?

生师比 from pupils and teachers, 校均 and 生均 amounts, 压减率 and its like. The words seldom say which
two numbers
were divided (pupils are often weighted), so these rules confirm; only a rate named after its own part can
condemn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import permutations

from edustats.briefing.changes import Scene
from edustats.briefing.lexicon import LEXICON, one_of
from edustats.briefing.mentions import Mention
from edustats.briefing.readings import Reading, span

_PER = re.compile(r"生师比|师生比|师幼比|幼师比|校均|班均|平均班额|生均|人均|平均每|每校|户均|亩均|园均")
_STEM = re.compile(f"(?P<stem>{one_of(LEXICON.raw['families']['stems'])})率")


def quotient_readings(s: Scene) -> Iterator[Reading]:
    """在校生8214人，专任教师512人，生师比16.04:1: one number divided by another."""
    for m in s.here:
        if m.role not in ("level", "whole") or m.q.is_rate or not _PER.search(m.near):
            continue
        amounts = [
            x
            for x in [*s.before[-6:], *s.here]
            if x.is_level
            and x.index < m.index
            and x.q.lo > 0
            and not x.q.is_rate
            and x.q.dimension != "duration"
            and not _PER.search(x.near)
        ][-6:]
        found = next((pair for pair in permutations(amounts, 2) if _divides(*pair, m)), None)
        if found:
            yield _quotient(*found, m)


def _divides(top: Mention, bottom: Mention, m: Mention) -> bool:
    if (
        m.q.dimension not in ("ratio", "inverse", top.q.dimension, "")
        or top.q.dimension == bottom.q.dimension == "money"
    ):
        return False
    narrow = m.q.hi - m.q.lo < 0.05 * m.q.base
    return narrow and (top.q.interval / bottom.q.interval).meets(m.q.interval)


def _quotient(top: Mention, bottom: Mention, m: Mention) -> Reading:
    start, end = span(top, bottom, m)
    return Reading(
        kind="ratio_share",
        relation="numerator / denominator == ratio",
        start=start,
        end=end,
        firm=False,
        numbers={"part": top.q.value, "whole": bottom.q.value, "ratio": m.q.value},
        stated=m.q.interval,
        printed=m.q.value,
        expected=top.q.interval / bottom.q.interval,
        value=top.q.base / bottom.q.base,
        facts={"said": m.q.text},
    )


def rate_readings(s: Scene) -> Iterator[Reading]:
    """227家…压减209家，压减率92.07%: the part that bears the name of the rate, over the whole before it."""
    for m in s.here:
        match = _STEM.search(m.near) if m.q.is_rate and m.role in ("level", "to") else None
        if match is None:
            continue
        amounts = [
            x
            for x in s.here
            if x.index < m.index
            and (x.is_level or x.role == "change")
            and not x.base
            and x.q.dimension not in ("percent", "points", "times")
            and x.segment == m.segment
        ][-3:]
        named = [x for x in amounts if match["stem"] in x.near + x.after[:6]]
        part = named[-1] if named else amounts[-1] if len(amounts) >= 2 else None
        wholes = [x for x in amounts if part is not None and x.index < part.index and x.q.unit == part.q.unit]
        if part is not None and wholes:
            firm = bool(named) and len(wholes) == 1 and m.clause - part.clause <= 1 and len(amounts) == 2
            reading = _rate(part, wholes[-1], m, firm=firm)
            if firm or (reading.stated and reading.expected and reading.stated.meets(reading.expected)):
                yield reading


def _rate(part: Mention, whole: Mention, m: Mention, *, firm: bool) -> Reading:
    start, end = span(part, whole, m)
    return Reading(
        kind="ratio_share",
        relation="part / whole * 100 == rate",
        start=start,
        end=end,
        firm=firm,
        numbers={"part": part.q.value, "whole": whole.q.value, "share_pct": m.q.value},
        stated=m.q.interval,
        printed=m.q.value,
        expected=(part.q.interval / whole.q.interval).times(100),
        value=100 * part.q.base / whole.q.base if whole.q.base else None,
        facts={"said": m.q.text},
    )
