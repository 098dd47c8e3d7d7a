"""Does a gap between two that are named follow from the values of the two?

乡村比城镇多3.4册, 教师高出公务员0.16万元, 不及2016年15800人的一半; 应配3200人，实有2980人，缺220人. The values may
stand before the gap, after it, or in one list whose labels name the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from edustats.briefing.gaps import judge_gap
from edustats.briefing.interval import Interval
from edustats.briefing.mentions import Mention
from edustats.briefing.pairs import Scene, comparable
from edustats.briefing.readings import Reading, span
from edustats.briefing.sums import PER_HEAD

_NAME = r"[\u4e00-\u9fff]{1,10}"
_MORE = r"多|高|大|长|重|快|领先|富余"
_LESS = r"少|低|小|短|轻|慢|落后"
_OUT = r"(?:出|了)?(?:约|近|整整|足足)?"
_ONE_THAN_OTHER = re.compile(
    rf"(?P<one>{_NAME}?)(?<!同)比(?!例|重|率|上|去|前|值|[年期])(?P<other>{_NAME}?)(?:平均|要|还|均|整体)?"
    rf"(?:(?P<more>{_MORE})|(?P<less>{_LESS})){_OUT}$"
)
_ONE_ABOVE_OTHER = re.compile(
    rf"(?P<one>{_NAME}?)(?:(?P<more>[多高超]出|[高多大]于|超过|领先)|(?P<less>[低少小]于|落后))(?P<other>{_NAME}?)$"
)
_LEADING = re.compile(r"^(?:其中|全[省市县区校州镇]|而|则|又|且|但|从|平均)+")
_RESULTS = frozenset({"change", "mean", "gap", "spread", "multiple", "reference", "base", "from"})


def side_readings(s: Scene) -> Iterator[Reading]:
    """Readings of every gap whose two sides are named, of needs and means, and of bounds in fractions."""
    for m in s.here:
        if m.role in ("spread", "gap", "level", "change"):
            yield from named_gap(m, s)
    yield from _check_needs(s)
    yield from _check_bounds(s)


def named_gap(m: Mention, s: Scene) -> Iterator[Reading]:
    """全县小学、初中…分别为86.2%和97.5%，初中比小学高11.3个百分点."""
    match = _ONE_THAN_OTHER.search(m.near) or _ONE_ABOVE_OTHER.search(m.near)
    if match is None or m.length > 1 or m.base:
        return
    one, other = (_LEADING.sub("", match[name]) for name in ("one", "other"))
    if not other or one == other:
        return
    first = _find_side(one, m, s) if one else _spoken_of(m, s)
    second = _find_side(other, m, s)
    if first is not None and second is not None and first is not second:
        yield judge_gap(first, second, m, firm=True, sign=1 if match["more"] else -1)


def _spoken_of(m: Mention, s: Scene) -> Mention | None:
    """城市学校生均28.4册，比农村学校少3.2册，农村学校31.6册: the value right before it is the side not named."""
    last = next((x for x in s.here if x.index == m.index - 1), None)
    rate = m.q.dimension == "points"
    if last is None or last.segment != m.segment or m.clause - last.clause != 1 or last.length > 1:
        return None
    alike = last.q.is_rate if rate else comparable(last.q, m.q)
    return last if alike and last.role not in _RESULTS else None


def _find_side(name: str, m: Mention, s: Scene) -> Mention | None:
    """The one value of the sentence, of the kind of the gap, whose label holds the name."""
    rate = m.q.dimension == "points"
    found = [
        x
        for x in s.here
        if x.index != m.index
        and x.role not in _RESULTS
        and (x.q.is_rate if rate else comparable(x.q, m.q))
        and name in label_of(x, s)
    ]
    return found[0] if len(found) == 1 else None


def label_of(x: Mention, s: Scene) -> str:
    """What one number is called: the words before it, or its member of the labels before a list."""
    head = next((y for y in s.here if y.index == x.index - x.place), x)
    if x.length == 1:
        return x.near
    labels = re.split(r"、|和|及|与", re.sub(r"(?:分别|依次)[^、]*$", "", head.near))
    return labels[x.place] if len(labels) == x.length else ""


# --- needs and means ---------------------------------------------------------------------------------

_NEEDED = re.compile(
    r"应[配有需设建]|核定|需求|需要|需[^，。；]{0,4}$|按(?:标准|编制|规定)|编制总?数?[为共]?$"
)
_AT_HAND = re.compile(r"实[有际配]|现有|现已|在[编岗]|已(?!退)|供给|到位|配备|建成")
_LACKING = re.compile(
    r"(?:缺编|缺口|缺额|空缺|缺员|短缺|欠缺|缺少|尚缺|^(?:尚|仍|还|共)?[缺差])(?!率)[\u4e00-\u9fff]{0,4}?(?:为|达|约|有)*$"
)
_FLOW = re.compile(r"新|招|退|调|培|缺|其中")


def _check_needs(s: Scene) -> Iterator[Reading]:
    """应配3200人，实有2980人，缺口220人: what is needed, less what there is, in any order."""
    for m in s.here:
        if not _LACKING.match(m.near) or m.q.is_rate or m.length > 1:
            continue
        alike = [
            x
            for x in s.here
            if x.segment == m.segment and x.q.unit == m.q.unit and not PER_HEAD.search(x.near)
        ]
        needed = [x for x in alike if x is not m and _NEEDED.search(x.near)]
        others = [x for x in alike if x is not m and x not in needed]
        at_hand = [x for x in others if _AT_HAND.search(x.near)]
        if not at_hand:  # 体育教师214人，按标准应配260人，缺额46人
            at_hand = [x for x in others if x.is_level and not x.part and not _FLOW.search(x.near)]
        if len(alike) == 3 and len(needed) == len(at_hand) == 1 and not needed[0].part:
            yield judge_gap(needed[0], at_hand[0], m, firm=True)


# --- bounds told as a fraction -----------------------------------------------------------------------

_BOUND = re.compile(
    r"^(?:已|仅|还)?(?:(?P<below>不及|不到|不足|未及|少于|低于)|(?P<above>超过|高于|多于|超))"
)


def _check_bounds(s: Scene) -> Iterator[Reading]:
    """7820人，不及2016年15800人的一半: the value over the amount that the fraction is of."""
    for value, whole, m in zip(s.here, s.here[1:], s.here[2:], strict=False):
        match = _BOUND.match(whole.near)
        told = m.q.is_rate and m.near == "的" and whole.segment == m.segment == value.segment
        levels = value.is_level and comparable(value.q, whole.q) and value.length == 1 and whole.q.lo > 0
        if match is None or not told or not levels or whole.clause != value.clause + 1:
            continue
        room = Interval(0, m.q.base) if match["below"] else Interval(m.q.base, float("inf"))
        share = (value.q.interval / whole.q.interval).times(100)
        start, end = span(value, whole, m)
        yield Reading(
            kind="bound",
            relation="part / whole < share" if match["below"] else "part / whole > share",
            start=start,
            end=end,
            numbers={"part": value.q.value, "whole": whole.q.value, "share_pct": m.q.value},
            stated=share,
            printed=m.q.value,
            expected=room,
            value=100 * value.q.base / whole.q.base,
            facts={"said": whole.near + whole.q.text + "的" + m.q.text},
        )
