"""Is enough rotated (10 %, 20 %), does every promotion rest on rural service, are there posts for all the staff?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edustats.errors import DataError
from edustats.metrics.finance.growth import MET, NOT_MET, UNKNOWN
from edustats.metrics.standards.coefficients import reaches_mark
from edustats.words import Text, read_all_texts, say

ROTATED, BACKBONE = 0.10, 0.20
RURAL_YEARS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRule:
    """A share against its mark, with the count below the line named."""

    rule: str
    num: float
    den: float
    denominator: str
    """What ``den`` counts: ``eligible``, ``rotated``, ``teachers``, ``promoted``, ``posts``."""
    mark: float
    verdict: str
    reason: str = ""

    @property
    def share(self) -> float:
        return self.num / self.den if self.den > 0 else math.nan

    @property
    def missing(self) -> int:
        """Persons more that the mark asks for; 0 where it is met or not known."""
        need = self.mark * self.den - self.num
        return max(0, math.ceil(need - 1e-9)) if math.isfinite(need) and self.verdict == NOT_MET else 0


def name_part(what: str) -> Text:
    """What a refusal calls a figure; a name that has no words stands as it is.

    Examples
    --------
    >>> name_part("rotation").en, name_part("x").en
    ('teachers who rotated', 'x')
    """
    address = f"teachers.what_{what}"
    return say(address) if address in read_all_texts() else Text(what, what)


def _count_rule(rule: str, num: float, den: float, denominator: str, mark: float) -> CountedRule:
    """A share judged: not below its mark; open where a side is missing, and a part above its whole is refused."""
    for found in (num, den):
        if found < 0:
            raise DataError("teachers.negative", what=name_part(rule), found=f"{found:g}")
    if num > den:
        raise DataError("teachers.part_above_whole", part=f"{num:g}", whole=f"{den:g}", what=name_part(rule))
    if math.isnan(num) or math.isnan(den):
        verdict, reason = UNKNOWN, "missing"
    elif den == 0:
        verdict, reason = UNKNOWN, "nobody"
    else:
        reached, reason = bool(reaches_mark(np.array([num / den]), mark, ">=")[0]), ""
        verdict = MET if reached else NOT_MET
    return CountedRule(
        rule=rule, num=num, den=den, denominator=denominator, mark=mark, verdict=verdict, reason=reason
    )


def judge_rotation(
    rotated: float, eligible: float = math.nan, backbone: float = math.nan, teachers: float = math.nan
) -> list[CountedRule]:
    """交流轮岗: at least 10 % of those eligible rotate, and at least 20 % of those who rotate are backbone teachers.

    Parameters
    ----------
    rotated : teachers who rotated in the year; nan: not known
    eligible : teachers eligible for it (符合交流条件). Without them the share of all teachers is told and not judged:
        the rule is one of the eligible
    backbone : backbone teachers among the rotated
    teachers : all compulsory teachers

    Returns
    -------
    list of CountedRule
        ``rotation`` then ``backbone``. 教师〔2014〕4号; both 不低于.

    Examples
    --------
    >>> [(r.verdict, r.missing) for r in judge_rotation(84, 697, 16)]
    [('met', 0), ('not_met', 1)]
    >>> judge_rotation(84, teachers=1515)[0].denominator
    'teachers'
    """
    if math.isnan(eligible) and math.isfinite(teachers):
        told = _count_rule("rotation", rotated, teachers, "teachers", ROTATED)
        first = CountedRule(rule="rotation", num=rotated, den=teachers, denominator="teachers", mark=told.mark,
                            verdict=UNKNOWN, reason=told.reason or "not_eligible")  # fmt: skip
    else:
        first = _count_rule("rotation", rotated, eligible, "eligible", ROTATED)
    return [first, _count_rule("backbone", backbone, rotated, "rotated", BACKBONE)]


def judge_promotions(rural_years: Sequence[float], least: float = RURAL_YEARS) -> CountedRule:
    """晋升高级职称前两年农村任教: every teacher promoted to senior rank served two years in the country before.

    Parameters
    ----------
    rural_years : of each teacher promoted in the year, years taught in a village or small town school before it, >= 0;
        nan: not recorded
    least : years asked for, two by default; a full two years are enough (以上 includes)

    Returns
    -------
    CountedRule
        ``num`` of ``den`` promoted fulfil it. Not met where any does not; open where one is not recorded.

    Examples
    --------
    >>> found = judge_promotions([2.0, 3.5, 1.0])
    >>> found.num, found.den, found.verdict, found.missing
    (2.0, 3.0, 'not_met', 1)
    """
    years = [float(y) for y in rural_years]
    if any(y < 0 for y in years):
        raise DataError("teachers.negative", what=name_part("rural_years"), found=f"{min(years):g}")
    known = [y for y in years if math.isfinite(y)]
    enough = float(sum(y >= least - 1e-9 for y in known))
    if any(y < least - 1e-9 for y in known):
        verdict, reason = NOT_MET, ""
    elif len(known) < len(years):
        verdict, reason = UNKNOWN, "missing"
    else:
        verdict, reason = (MET, "") if years else (UNKNOWN, "nobody")
    return CountedRule(rule="promotion", num=enough, den=float(len(years)), denominator="promoted", mark=1.0,
                       verdict=verdict, reason=reason)  # fmt: skip


def count_promotions(with_service: float, promoted: float) -> CountedRule:
    """The same from two counts.

    Examples
    --------
    >>> count_promotions(27, 30).missing
    3
    """
    return _count_rule("promotion", with_service, promoted, "promoted", 1.0)


def judge_posts(staff: float, posts: float) -> CountedRule:
    """Staff on the establishment against approved posts (编制): more staff than posts is named, not judged away.

    Parameters
    ----------
    staff : persons on the establishment, >= 0
    posts : approved posts, > 0

    Returns
    -------
    CountedRule
        Open with reason ``above_posts`` where staff is above posts: either is wrong, and nothing is judged. Else
        ``met``: vacant posts are no breach.

    Examples
    --------
    >>> judge_posts(103, 100).reason, judge_posts(95, 100).verdict, judge_posts(95, float("nan")).verdict
    ('above_posts', 'met', 'cannot_tell')
    """
    if staff < 0 or posts < 0:
        raise DataError("teachers.negative", what=name_part("posts"), found=f"{min(staff, posts):g}")
    if math.isnan(staff) or math.isnan(posts):
        verdict, reason = UNKNOWN, "missing"
    else:
        verdict, reason = (UNKNOWN, "above_posts") if staff > posts else (MET, "")
    return CountedRule(
        rule="posts", num=staff, den=posts, denominator="posts", mark=1.0, verdict=verdict, reason=reason
    )
