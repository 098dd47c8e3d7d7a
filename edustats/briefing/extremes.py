"""Does a mean lie between the least and the largest, and does a selection never grow?

最小22岁，最大59岁，平均41.6岁; the mean of three schools; 城区97.2%，农村92.4%，全县94.6%;
申请610份，初审402份，复审166份.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import Mention
from edustats.briefing.pairs import Scene
from edustats.briefing.parts import is_family, judge_excess
from edustats.briefing.readings import Reading, span

_LEAST = re.compile(r"最(?:小|低|少|年轻|短|弱|差)[^，。；]{0,8}$")
_MOST = re.compile(r"最(?:大|高|多|年长|长|强|好)[^，。；]{0,8}$")
_MEAN = re.compile(r"(?:平均|均值|中位数)[^，。；]{0,8}$")
_OVERALL = re.compile(r"^(?:而|，)?(?:全[县市区省校国州]|总体|整体|平均|合计|城乡)")
_RATE = re.compile(r"(?P<rate>[\u4e00-\u9fff]{2}率)[为达到是约]*$")


def extreme_readings(s: Scene) -> Iterator[Reading]:
    """Readings of means between extremes, of a whole between its parts, and of selections."""
    for m in s.here:
        yield from _between_extremes(m, s)
        yield from _mean_of_list(m, s)
    yield from _check_overall_rate(s)
    yield from _check_selection_steps(s)


def _judge_bounds(
    low: Interval, high: Interval, m: Mention, sources: list[Mention], *, firm: bool = True
) -> Reading:
    room = Interval(low.lo, high.hi)
    if {x.q.decimals for x in (*sources, m)} == {m.q.decimals} and not m.q.approximation:
        room = Interval(sources[0].q.base, sources[-1].q.base)  # rounded alike, it stays between them
    stated = m.q.interval if room == Interval(low.lo, high.hi) else Interval(m.q.base, m.q.base)
    scale = m.q.scale
    start, end = span(*sources, m)
    return Reading(
        kind="bound",
        relation="least <= mean <= largest",
        start=start,
        end=end,
        numbers={"least": sources[0].q.value, "largest": sources[-1].q.value, "mean": m.q.value},
        stated=stated.times(1 / scale),
        printed=m.q.value,
        expected=room.times(1 / scale),
        value=None,
        firm=firm,
        error="mean_outside",
        facts={
            "said": m.q.text,
            "least": min(sources, key=lambda x: x.q.base).q.text,
            "most": max(sources, key=lambda x: x.q.base).q.text,
        },
    )


def _between_extremes(m: Mention, s: Scene) -> Iterator[Reading]:
    if not _MEAN.search(m.near) or not (m.is_level or m.role == "reference"):
        return
    near = [x for x in s.here if x.segment == m.segment and x.q.unit == m.q.unit and x.index != m.index]
    least, most = ([x for x in near if pattern.search(x.near)] for pattern in (_LEAST, _MOST))
    if len(least) == len(most) == 1:
        low, high = sorted((least[0], most[0]), key=lambda x: x.q.base)
        yield _judge_bounds(low.q.interval, high.q.interval, m, [low, high])


_LISTED_MEAN = re.compile(
    r"^(?:[两三四五六七八九十]|\d+)?[校县区地乡镇园所市级段者]?(?:总的?|总体|整体)?(?:平均|均值)(?:分|数|值)?(?:为|是|达到?)?$"
)


def _mean_of_list(m: Mention, s: Scene) -> Iterator[Reading]:
    """三所学校的平均分分别为82.1分、85.4分、88.2分，三校平均85.2分."""
    if not _LISTED_MEAN.match(m.near):
        return
    before = [x for x in s.here if x.index < m.index and x.length >= 2 and x.segment == m.segment]
    listed = [x for x in before if x.q.unit == m.q.unit]
    if len(listed) >= 2 and listed[-1].index == m.index - 1 and listed[-1].place == listed[-1].length - 1:
        run = sorted(listed[-listed[-1].length :], key=lambda x: x.q.base)
        yield _judge_bounds(run[0].q.interval, run[-1].q.interval, m, run)


def _check_overall_rate(s: Scene) -> Iterator[Reading]:
    """城区合格率97.2%，农村合格率92.4%，全县合格率94.6%: the whole lies between its parts."""
    rates = [m for m in s.here if m.q.is_rate and m.is_level and _RATE.search(m.near) and m.length == 1]
    for i in range(len(rates) - 2):
        run = rates[i : i + 3]
        names = {match["rate"] for m in run if (match := _RATE.search(m.near))}
        close = len({m.segment for m in run}) == 1 and run[2].index - run[0].index == 2
        if len(names) != 1 or not close:
            continue
        for whole in (run[0], run[2]):
            parts = [m for m in run if m is not whole]
            family = any(
                is_family([m.near for m in parts], kinds)
                for kinds in LEXICON.raw["families"]["complete"]
                if len(kinds) == 2
            )
            if _OVERALL.search(whole.near) and family:
                low, high = sorted(parts, key=lambda x: x.q.base)
                yield _judge_bounds(low.q.interval, high.q.interval, whole, [low, high])


_STEPS: Final = (
    re.compile(r"申请|报名|申报|参评|应聘|报考|收到|征集|推荐|提名|候选"),
    re.compile(r"初审|初选|初评|初筛|笔试|资格审查"),
    re.compile(r"复审|复评|复选|面试|复试"),
    re.compile(r"终审|终评|入围|答辩|决赛"),
    re.compile(r"最终|入选|录取|录用|获评|公示|评定|立项"),
)


def _check_selection_steps(s: Scene) -> Iterator[Reading]:
    """收到申请610份，初审通过402份，复审通过166份，最终入选140份: no step keeps more than it was given."""
    run: list[tuple[int, Mention]] = []
    for m in [x for x in s.here if x.is_level and not x.bracket and not x.q.is_rate]:
        step = next((k for k, words in enumerate(_STEPS) if words.search(m.near)), -1)
        same = not run or (run[-1][1].q.unit == m.q.unit and run[-1][1].segment == m.segment)
        if step < 0 or not same:
            continue
        if run and step <= run[-1][0]:
            run = []
        run.append((step, m))
        ends = len(run) == 2 and run[0][0] == 0 and step == len(_STEPS) - 1  # 申报320项，立项96项
        if len(run) >= 3 or (ends and m.index == run[0][1].index + 1):
            yield from _steps_fall([m for _, m in run][-2:])


def _steps_fall(pair: list[Mention]) -> Iterator[Reading]:
    for a, b in pairwise(pair):
        yield judge_excess(a, b, "consistent" if b.q.lo <= a.q.hi else "inconsistent")
