"""What does the chapter on money hand to the brief, so that neither says what the other does not?"""

from __future__ import annotations

from edustats.metrics.finance.growth import NOT_MET, combine_verdicts
from edustats.present.finance.case import name_stage, open_case
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.words import LIST, NOTHING, Text, join_texts


def judge_two_rules_of(view: AreaView, year: int) -> tuple[str, Text]:
    """The county's verdict on 两个只增不减 in a year, and the stages whose amount per pupil fell.

    Parameters
    ----------
    view : a county; of a prefecture nothing is judged here
    year : calendar year

    Returns
    -------
    str, Text
        ``met``, ``not_met``, ``cannot_tell``, or empty where the county reports no money of that year by stage.
    """
    case = open_case(view) if isinstance(view, View) else None
    if case is None or year not in case.years or not case.accounts.stages:
        return "", NOTHING
    found = case.accounts.two_rules[year]
    fallen = [name_stage(v.stage) for v in found if v.rule == "per_pupil" and v.verdict == NOT_MET]
    return combine_verdicts(found), join_texts(fallen, LIST)
