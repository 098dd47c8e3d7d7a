"""Do parts, wholes and shares agree?

Rules for 其中 lists, brackets, 合计, and 占…的…%. A list is taken for complete only when its kinds are
known to
divide the whole (公办 and 民办); of any other list only the bound is known: no part exceeds its whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from typing import Any

from edustats.briefing.changes import Scene, comparable
from edustats.briefing.interval import Interval
from edustats.briefing.lexicon import LEXICON
from edustats.briefing.mentions import OF_WHOLE, Mention
from edustats.briefing.readings import Reading, span
from edustats.briefing.text import Cleaned

FAR = 160
"""Characters between a whole and its parts beyond which only the parts are quoted."""
_OPEN_ENDED = re.compile(r"(?<![中高初同均平相一二三四特优次上下])等(?![级第奖])|以及其他|其余|另有")
_UNSUMMABLE = frozenset(
    {"percent", "points", "times", "duration", "doublings", "ratio", "inverse", "score", ""}
)


def part_readings(s: Scene) -> Iterator[Reading]:
    """Readings of every list of parts in a sentence."""
    for head, parts, marked in _lists(s):
        if _is_mean(head) and not (len(parts) > 1 and _total(parts).meets(head.q.interval)):
            continue  # rural spending per pupil is no part of spending per pupil, and may be the larger
        yield _parts(head, parts, s, marked=marked)
    yield from _closing_sums(s)


_MEAN_WORDS = re.compile(r"生均|人均|平均|校均|班均|每|均价|单价|工资|收入")


def _is_mean(head: Mention) -> bool:
    """An amount per head: named so, or yuan without 万."""
    return bool(_MEAN_WORDS.search(head.near + head.subject)) or (
        head.q.dimension == "money" and head.q.scale == 1.0
    )


def _lists(s: Scene) -> Iterator[tuple[Mention, list[Mention], bool]]:
    """Each whole with its parts, and whether the words (其中, a bracket) say that they are parts."""
    done: set[int] = set()
    for group in _groups(s):
        head = _head(group[0], s)
        if head is not None:
            longer = [*group, *_further(group, head, s)]
            whole = (
                longer
                if len(longer) > len(group)
                and (_total(longer).meets(head.q.interval) or _kinds(longer, s, "complete"))
                else group
            )
            done |= {m.index for m in whole}
            yield head, whole, True
    yield from _silent_lists(s, done)
    yield from _branches(s, done)


def _groups(s: Scene) -> Iterator[list[Mention]]:
    """Runs of parts of one unit: after 其中 up to the end of the segment, or inside one bracket."""
    by_key: dict[tuple[object, ...], list[Mention]] = {}
    for m in s.here:
        kind = m.role in ("level", "whole") and m.q.dimension not in _UNSUMMABLE and "占" not in m.near
        if kind and (m.part or m.bracket):
            bracket = s.text.rfind("(", 0, m.q.start) if m.bracket else -1
            by_key.setdefault((m.segment, bracket, m.q.dimension, m.q.unit), []).append(m)
    yield from by_key.values()


def _further(group: list[Mention], head: Mention, s: Scene) -> list[Mention]:
    """Levels of the same unit in the segments after a list: 其中A…；B…；C…."""
    last = group[-1]
    return [
        m
        for m in s.here
        if m.index > last.index
        and m.role == "level"
        and m.q.unit == head.q.unit
        and not m.bracket
        and not m.part
    ][:5]


def _branches(s: Scene, done: set[int]) -> Iterator[tuple[Mention, list[Mention], bool]]:
    """分产业看，第一产业…；第二产业…；第三产业…: the whole stands in the sentence before."""
    levels = [
        m
        for m in s.here
        if m.role == "level"
        and m.q.dimension not in _UNSUMMABLE
        and not m.part
        and not m.bracket
        and m.index not in done
    ]
    heads = [m for m in s.before if m.sentence >= s.here[0].sentence - 2 and m.is_level] + levels
    for n in (2, 3, 4):
        for i in range(len(levels) - n + 1):
            run = levels[i : i + n]
            if len({m.q.unit for m in run}) != 1 or not _kinds(run, s, "complete"):
                continue
            fits = [
                h
                for h in heads
                if h.index < run[0].index and h.q.unit == run[0].q.unit and _total(run).meets(h.q.interval)
            ]
            named = [
                h
                for h in heads
                if h.index < run[0].index and h.q.unit == run[0].q.unit and _branch_of(run[0], h)
            ]
            if fits or named:
                yield (fits or named)[-1], run, bool(named)
                return


_BRANCH = re.compile(
    "|".join(sorted({w for f in LEXICON.raw["families"]["complete"] for w in f}, key=len, reverse=True))
)


def _branch_of(part: Mention, head: Mention) -> bool:
    """中央一般公共预算收入 is a branch of 全国一般公共预算收入; 第一产业增加值 one of 国内生产总值."""
    whole = _EDGES.sub("", head.subject)
    if "第一产业" in part.subject:
        return whole.endswith("生产总值")
    return len(whole) >= 4 and _BRANCH.sub("", part.subject).replace("本级", "") == whole


def _head(first: Mention, s: Scene) -> Mention | None:
    """The whole of a list of parts: the last level of the same unit before it."""
    back = [m for m in s.here if m.index < first.index and m.role in ("level", "to", "whole")]
    fits = [
        m
        for m in back
        if comparable(m.q, first.q)
        and m.q.unit == first.q.unit
        and (not m.part or first.bracket)
        and not m.bracket
        and _same_noun(m, first)
    ]
    if first.bracket:
        near = [m for m in fits if m.index >= first.index - 2 and not m.bracket]
        return near[-1] if near else None
    if fits:
        return fits[-1]
    earlier = (
        [m for m in s.before if m.sentence == first.sentence - 1] if not any(not m.part for m in back) else []
    )
    fits = [
        m
        for m in earlier
        if m.role in ("level", "to", "whole")
        and m.q.unit == first.q.unit
        and not m.part
        and not m.bracket
        and _same_noun(m, first)
    ]
    return fits[-1] if fits else None


_NOUN = re.compile(r"[\u4e00-\u9fff]{2,4}")


def _same_noun(head: Mention, part: Mention) -> bool:
    """赛事4个，其中…吸引了29个省市: what is counted must not differ, where the unit says little."""
    noun = _NOUN.match(part.after)
    if part.q.dimension not in ("things", "firms", "sets") or noun is None:
        return True
    return noun.group()[:2] in head.near + head.after[:8]


def _silent_lists(s: Scene, done: set[int]) -> Iterator[tuple[Mention, list[Mention], bool]]:
    """A level followed by two to six of the same unit that add up to it: parts, though no word says so."""
    levels = [
        m
        for m in s.here
        if m.role in ("level", "whole") and m.q.dimension not in _UNSUMMABLE and m.index not in done
    ]
    for i, head in enumerate(levels):
        run: list[Mention] = []
        for m in levels[i + 1 : i + 7]:
            if m.q.unit != head.q.unit or m.segment != head.segment:
                break
            run.append(m)
            if len(run) >= 2 and _total(run).meets(head.q.interval):
                yield head, list(run), False
                return
        # 小学…人，初中…人，高中…人: the first is one of them, and no whole
        if 2 <= len(run) <= 6 and _kinds(run, s, "complete") and not _kinds([head, *run], s, "complete"):
            yield head, run, False
            return


def _total(parts: list[Mention]) -> Interval:
    return reduce(Interval.__add__, (m.q.interval for m in parts))


def _parts(head: Mention, parts: list[Mention], s: Scene, *, marked: bool) -> Reading:
    whole, total = head.q.interval, _total(parts)
    scale = head.q.scale
    numbers: dict[str, object] = {"whole": head.q.value, "parts": [m.q.value for m in parts]}
    near = parts[0].q.start - head.q.end < FAR
    start, end = span(head, *parts) if near else span(*parts)
    facts: dict[str, object] = {"whole": head.q.text, "parts": "、".join(m.q.text for m in parts)}
    shared: dict[str, Any] = {
        "numbers": numbers,
        "start": start,
        "end": end,
        "stated": whole.times(1 / scale),
        "printed": head.q.value,
        "facts": facts,
    }
    value = sum(m.q.base for m in parts) / scale
    complete = _must_add_up(parts, total, whole, s) or _years_divide(parts, head, total)
    if len(parts) > 1 and (total.meets(whole) or complete):
        return Reading(
            kind="sum_of_parts",
            relation="sum(parts) == whole",
            expected=total.times(1 / scale),
            value=value,
            error="sum",
            **shared,
        )
    # A later number above the whole has begun a new subject: 毕业生80人，其中女生40人，招生120人.
    fitting = [m for m in parts if m.q.lo <= whole.hi]
    largest = parts[0] if parts[0] not in fitting else max(fitting, key=lambda m: m.q.base)
    shared["facts"] = facts | {"part": largest.q.text}
    room = Interval(largest.q.lo / scale, float("inf"))
    unlike = _unlike(head, largest)
    return Reading(
        kind="part_whole",
        relation="part <= whole",
        expected=room,
        value=largest.q.base / scale,
        firm=marked and not unlike,
        error="unlike_coverage" if unlike else "part_above_whole",
        severity="warning" if unlike and largest.q.lo > head.q.hi else "",
        **shared,
    )


def _must_add_up(parts: list[Mention], total: Interval, whole: Interval, s: Scene) -> bool:
    if _kinds(parts, s, "complete"):
        first, last = parts[0].q.start, parts[-1].q.end
        return not _OPEN_ENDED.search(s.text[first - 20 if first > 20 else 0 : last + 6])
    return total.lo > whole.hi and _kinds(parts, s, "disjoint")


_WORD = re.compile(r"[\u4e00-\u9fff]")
_YEAR_LABEL = re.compile(r"((?:19|20)\d{2})年(?:度)?$")
_ALL_YEARS = re.compile(r"累计|近[两二三四五六七八九十\d]{1,2}年|[两二三四五六七八九十]年|期间|年共")


def _years_divide(parts: list[Mention], head: Mention, total: Interval) -> bool:
    """近三年累计1236人，其中2021年402人、2022年415人、2023年419人: these are all the years."""
    found = [_YEAR_LABEL.search(m.near) for m in parts]
    years = [match[1] for match in found if match]
    distinct = len(years) == len(parts) and len(set(years)) == len(years)
    return distinct and (total.lo > head.q.hi or bool(_ALL_YEARS.search(head.near + head.subject)))


def _kinds(parts: list[Mention], s: Scene, table: str) -> bool:
    """Do the parts' labels divide a whole?"""
    labels = [m.near if _WORD.search(m.near.strip("其中、")) else m.near + m.after[:8] for m in parts]
    if table == "disjoint":
        return any(_are_distinct(labels, group) for group in LEXICON.raw["families"]["disjoint"])
    return any(
        _is_family(labels, family)
        for family in LEXICON.raw["families"]["complete"]
        if len(family) == len(labels)
    )


def _are_distinct(labels: list[str], group: list[str]) -> bool:
    found = [next((word for word in group if word in label), "") for label in labels]
    return all(found) and len(set(found)) == len(found)


def _is_family(labels: list[str], family: list[str]) -> bool:
    left = sorted(family, key=len, reverse=True)
    for label in labels:
        word = next((word for word in left if word in label), None)
        if word is None:
            return False
        left.remove(word)
    return True


def _unlike(head: Mention, part: Mention) -> bool:
    """Wholes and parts that are counted over different bodies may cross."""
    words = LEXICON.raw["families"]["unlike"]
    return any(a in head.near + head.subject and b in part.near for a, b in words)


def _closing_sums(s: Scene) -> Iterator[Reading]:
    """小学50所、初中30所，合计80所."""
    for total in s.here:
        if total.role != "whole" or total.q.dimension in _UNSUMMABLE or total.part:
            continue
        run: list[Mention] = []
        for m in reversed([x for x in s.here if x.index < total.index]):
            if (
                m.role not in ("level", "base")
                or m.q.unit != total.q.unit
                or m.segment != total.segment
                or m.bracket
            ):
                break
            run.insert(0, m)
        if 2 <= len(run) <= 14:
            yield _closing(run, total, s)


def _closing(run: list[Mention], total: Mention, s: Scene) -> Reading:
    amount = _total(run)
    start, end = span(*run, total)
    clear = bool(re.search(r"合计|共计|总计", total.near)) and not total.own and _new_clauses(run, total)
    scale = total.q.scale
    return Reading(
        kind="sum_of_parts",
        relation="sum(parts) == whole",
        start=start,
        end=end,
        error="sum",
        firm=clear,
        numbers={"parts": [m.q.value for m in run], "whole": total.q.value},
        stated=total.q.interval.times(1 / scale),
        printed=total.q.value,
        expected=amount.times(1 / scale),
        value=sum(m.q.base for m in run) / scale,
        facts={"whole": total.q.text, "parts": "、".join(m.q.text for m in run)},
    )


def _new_clauses(run: list[Mention], total: Mention) -> bool:
    return total.clause - run[-1].clause <= 1 and all(b.clause - a.clause <= 1 for a, b in pairwise(run))


# --- shares ----------------------------------------------------------------------------------------

_OF = re.compile(
    r"占(?P<of>[^，。；()]{0,30}?)(?:的?(?:比例|比重|份额|比率|总数|总量|总额)+)?(?:为|达到?|的|约|近|是|超过|\()*$"
)
_EDGES = re.compile(
    r"^(?:地方|全国|全省|全市|全县|全区|全州|我省|我市|我县|同期|当年|所有|总)+|(?:总数|总量|总额|人数|总人数|总|的|数|比例|比重)+$"
)


def share_readings(m: Mention, s: Scene) -> Iterator[Reading]:
    """Readings of 占幼儿园总数的83.0%: the part over the whole."""
    match = _OF.search(m.near)
    of = _EDGES.sub("", _EDGES.sub("", match["of"])) if match else ""
    named = m.near[: match.start()].strip("，、") if match else ""
    for part, sure in _share_parts(m, s, named):
        for whole, certain in _share_wholes(part, m, s, of):
            yield _share(part, whole, m, firm=sure and certain)


def _share_parts(m: Mention, s: Scene, named: str) -> Iterator[tuple[Mention, bool]]:
    """What the share is of: the level before, or the one the clause names."""
    amounts = [
        x
        for x in s.here
        if x.is_level
        and x.index < m.index
        and x.q.dimension not in _UNSUMMABLE
        and x.length == m.length
        and x.place == m.place
        and not (x.index == m.index - 1 and _is_inline(x, m))
    ]
    if len(named) >= 2:
        pool = [*s.before[-20:], *amounts]
        subjects = [x for x in pool if x.is_level and x.q.dimension not in _UNSUMMABLE and x.subject]
        found = [x for x in subjects if x.subject.endswith(named[-6:]) or named.endswith(x.subject)]
        for k, x in enumerate(reversed(found)):
            same = _EDGES.sub("", x.subject) == _EDGES.sub("", named)
            alone = len(found) == 1 and len(named) >= 3 and x.sentence == m.sentence
            yield x, k == 0 and (same or alone) and x.sentence >= m.sentence - 2
        return
    for k, x in enumerate(reversed(amounts[-4:])):
        yield x, k == 0 and x.segment == m.segment and not x.bracket


def _is_inline(whole: Mention, m: Mention) -> bool:
    """占支出52.40亿元的16.72%, 占支出(52.40亿元)的比例为16.72%: the whole stands right before the share."""
    return (m.near.startswith("的") and bool(OF_WHOLE.search(whole.near))) or (
        whole.bracket and "占" in whole.near
    )


def _share_wholes(part: Mention, m: Mention, s: Scene, of: str) -> Iterator[tuple[Mention, bool]]:
    """What the share is taken of: a number in the bracket, the whole that 占 names, or the head of the
    list."""
    pool = [
        x
        for x in [*s.before[-40:], *s.here]
        if (x.is_level or x.role == "reference")
        and x.index not in (part.index, m.index)
        and x.q.dimension == part.q.dimension
        and x.index < m.index
        and x.q.hi >= part.q.lo
    ]
    bracket = [x for x in pool if x.index == m.index - 1 and _is_inline(x, m)]
    if bracket:
        yield bracket[0], True
        return
    named = [x for x in reversed(pool) if of and x.subject and not x.part and _same_thing(x.subject, of)]
    heads = (
        []
        if of
        else [
            x
            for x in reversed(pool)
            if x.index < part.index and part.part and not x.part and x.q.unit == part.q.unit
        ]
    )
    strong = named or heads[:1]
    for k, x in enumerate(strong):
        exact = not of or _EDGES.sub("", x.subject) == of or (part.part and len(of) >= 3)
        alike = exact and x.q.unit == part.q.unit and (not x.year or not m.year or x.year == m.year)
        reach = 3 if len(of) >= 4 else 1
        yield x, k == 0 and alike and x.sentence >= m.sentence - reach and len(strong) == 1
    for x in reversed(pool):
        if x not in strong and x.index < part.index and x.q.unit == part.q.unit:
            yield x, False


def _same_thing(subject: str, of: str) -> bool:
    subject = _EDGES.sub("", subject)
    return bool(subject) and (
        subject == of or (len(of) >= 2 and subject.endswith(of)) or (len(subject) >= 2 and of == subject)
    )


def _share(part: Mention, whole: Mention, m: Mention, *, firm: bool) -> Reading:
    expected = (part.q.interval / whole.q.interval).times(100 / m.q.scale)
    start, end = span(part, m) if whole.sentence != m.sentence else span(part, whole, m)
    return Reading(
        kind="ratio_share",
        relation="part / whole * 100 == share_pct",
        start=start,
        end=end,
        firm=firm,
        numbers={"part": part.q.value, "whole": whole.q.value, "share_pct": m.q.value},
        stated=m.q.interval.times(1 / m.q.scale),
        printed=m.q.value,
        expected=expected,
        value=100 * part.q.base / whole.q.base / m.q.scale if whole.q.base else None,
        facts={"v0": whole.q.text, "v1": part.q.text, "said": m.q.text},
    )


_COMPARED = re.compile(r"，[^，；。]{0,14}(?:高|低|多|少|相差)(?:出|了)?约?\d")
"""城镇学校比例为95.1%，乡村学校为81.6%，城镇学校高13.6个百分点: two rates held against each other."""


def split_readings(s: Scene) -> Iterator[Reading]:
    """Shares of kinds that divide a whole add up to 100: 第一产业占3.0%，第二产业占41.8%，第三产业占55.2%."""
    shares = [m for m in s.here if m.role in ("share", "level") and m.q.is_rate]
    if len(shares) < 2:
        return
    yield from _full_split(shares)
    for family in LEXICON.raw["families"]["complete"]:
        n = len(family)
        for i in range(len(shares) - n + 1):
            run = shares[i : i + n]
            labels = [m.near for m in run]
            said = any(re.search(r"占|比重|比例", m.near) for m in run)
            if _COMPARED.match(s.text, run[-1].q.end):
                continue
            if said and len({m.segment for m in run}) == 1 and _is_family(labels, family):
                yield _split(run)


_PROPORTION = re.compile(r"(?<![\d.:])\d{1,2}(?:\.\d{1,3})?(?::\d{1,2}(?:\.\d{1,3})?){2,3}(?![\d:.])")


def proportion_readings(cleaned: Cleaned) -> Iterator[Reading]:
    """三次产业结构比例为6.01:55.04:38.95: the members of a proportion in hundredths add up to 100."""
    for match in _PROPORTION.finditer(cleaned.text):
        words = cleaned.text[max(0, match.start() - 16) : match.start()]
        parts = match.group().split(":")
        total = sum(map(float, parts))
        half = sum(0.5 * 10.0 ** -len(part.partition(".")[2]) for part in parts)
        if re.search(r"结构|比例|构成", words) and 90 < total < 110:
            yield Reading(
                kind="sum_of_parts",
                relation="sum(shares) == 100",
                start=match.start(),
                end=match.end(),
                numbers={"parts": [float(part) for part in parts], "whole": 100},
                stated=Interval(100, 100),
                printed=100,
                expected=Interval(total - half, total + half),
                value=total,
                error="shares_not_100",
                facts={"parts": "、".join(parts)},
            )


def _full_split(shares: list[Mention]) -> Iterator[Reading]:
    """Three or more shares in a row that happen to add up to 100."""
    for i in range(len(shares) - 2):
        for n in (3, 4, 5):
            run = shares[i : i + n]
            if (
                len(run) == n
                and _total(run).meets(Interval(100, 100))
                and sum("占" in m.near or "比" in m.near for m in run) >= 2
            ):
                yield _split(run)
                return


def _split(run: list[Mention]) -> Reading:
    total = _total(run)
    start, end = span(*run)
    return Reading(
        kind="sum_of_parts",
        relation="sum(shares) == 100",
        start=start,
        end=end,
        error="shares_sum",
        numbers={"parts": [m.q.value for m in run], "whole": 100},
        stated=Interval(100, 100),
        printed=100,
        expected=total,
        value=sum(m.q.base for m in run),
        firm=total.lo > 100,
        facts={"whole": "100%", "parts": "、".join(m.q.text for m in run)},
    )
