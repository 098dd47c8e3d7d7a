"""Which words name a number whose own clause does not? Four ways in which a sentence goes on with a noun."""

from __future__ import annotations

import re
from typing import Final

from edustats.briefing.match import Matcher, _left_over
from edustats.briefing.mentions import Mention
from edustats.briefing.spoken import stage_in

_NOUN_END: Final = re.compile(r"(?:每[生人]每年|每[年生人]|[由从自为是至约达]|达到)+$")
_VERBS: Final = re.compile(
    r"(?:[全我][市县区州旗])?(新建|改建|扩建|改造|维修|新增|建成|建设|招聘|培训|增加|减少)"
)
_AT_SCHOOLS: Final = re.compile(r"^对|^为|在?[全我][市县区州旗](?:中小学校?|学校)?|中小学校?")


def carry_words(matcher: Matcher, m: Mention) -> str:
    """The words a number may be read by instead of those of its clause; '' where there are none.

    Parameters
    ----------
    matcher : what reads the text
    m : the number
    """
    return (
        join_after(matcher, m)
        or name_schools(matcher, m)
        or carry_verb(matcher, m)
        or carry_noun(matcher, m)
        or carry_topic(matcher, m)
    )


def join_after(matcher: Matcher, m: Mention) -> str:
    """开放xx所学校体育场地设施, xx名教师参与交流轮岗: a name that goes around its number, or stands after it."""
    own = matcher.read_lead(m)[1].replace("上年度", "上年")
    after = re.split(r"[，。；、：\n]", m.after)[0].removeprefix("的")
    for tail in (after, re.sub(r"参与|参加|接受|进行|免费|实行", "", after)):
        joined = own + tail
        for word in matcher.names.longest:
            at = joined.rfind(word)
            reaches = (
                at >= 0
                and at <= len(own) < at + len(word)
                and (at < len(own) or len(joined) == at + len(word))
            )
            if reaches and not _left_over(_AT_SCHOOLS.sub("", own[:at])):
                return word
    return ""


def name_schools(matcher: Matcher, m: Mention) -> str:
    """共有小学xx所、初中xx所: what is counted by 所 behind the name of a level are its schools."""
    clause = matcher.read_lead(m)[1].split("、")[-1]
    ends = re.search(r"(?:小学|初中|普通高中|中等职业学校|特殊教育学校)$", clause)
    whole = m.after[:1] in ("", "，", "、", "。", "；", ",", ";", "）", ")")  # and not 所学校安装了空调
    return f"{clause}学校数" if ends and m.q.unit == "所" and whole else ""


def carry_verb(matcher: Matcher, m: Mention) -> str:
    """改造校舍x万平方米、运动场地x万平方米: the verb of the first is that of all."""
    first, *others = matcher.read_lead(m)[1].split("、")
    verb = _VERBS.match(first)
    return verb[1] + others[-1] if verb and others and re.search(r"\d", first) else ""


def carry_noun(matcher: Matcher, m: Mention) -> str:
    """在校生xx万人，其中小学xx万人: a clause that names a stage alone goes on with the noun before it."""
    lead, own = matcher.read_lead(m)
    *items, clause = re.split(r"[、(（]", own)
    stage, spoken = stage_in(clause), matcher.names.by_stage
    if not stage or _left_over(clause) or m.after.startswith("的"):
        return ""
    before = lead[: len(lead) - len(clause)]
    nouns = [(before.rfind(word) + len(word), len(word), word) for word in spoken if word in before]
    _, _, word = max(nouns, default=(0, 0, ""))
    carries = stage in spoken.get(word, ()) and len(spoken[word]) > 1
    # 建设中小学、幼儿园xx所 goes on with a verb, and is no list of levels
    return clause + word if carries and not any(_left_over(item.replace(word, "")) for item in items) else ""


def carry_topic(matcher: Matcher, m: Mention) -> str:
    """提供课后服务，补助标准由xx元: a clause whose noun goes on with what the sentence is about."""
    lead, own = matcher.read_lead(m)
    noun = _NOUN_END.sub("", re.sub(r"\d.*$", "", own))
    if len(noun) < 4:
        return ""
    before = lead[: len(lead) - len(own)]
    words = [
        word for word in matcher.names.by_stage
        if word.endswith(noun) and word != noun and word[: -len(noun)] in before
    ]  # fmt: skip
    return words[0] if len(words) == 1 else ""
