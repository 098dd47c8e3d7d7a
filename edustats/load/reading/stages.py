"""Which stage of schooling does a list speak of? Its words, and the codes of its schools.

A word inside the name of a place (高中路街道) is no word of a stage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from edustats.catalogue import STAGES, catalogue
from edustats.load.files.values import plain

PRESCHOOL, PRIMARY, JUNIOR, SENIOR, VOCATIONAL, SPECIAL = (
    "preschool", "primary", "junior", "senior", "vocational", "special",
)  # fmt: skip
WORDS: dict[str, tuple[str, ...]] = {
    PRESCHOOL: ("幼儿园", "学前教育", "学前", "preschool", "kindergarten", "pre-primary", "幼教"),
    PRIMARY: ("小学", "primary", "elementary"),
    JUNIOR: ("初级中学", "普通初中", "初中", "junior secondary", "junior high", "lower secondary", "middle school"),
    SENIOR: ("高级中学", "普通高中", "高中", "普高", "senior secondary", "senior high",
             "upper secondary", "high school"),
    VOCATIONAL: ("中等职业", "职业高中", "中职", "职高", "中专", "vocational"),
    SPECIAL: ("特殊教育", "特教", "special education", "special school"),
}  # fmt: skip
LONGEST = sorted(
    ((word, stage) for stage, words in WORDS.items() for word in words), key=lambda w: -len(w[0])
)
"""The longest first: 职业高中 is no 高中."""
_BEFORE_NAMES = {
    PRESCHOOL: "幼儿园", PRIMARY: "小学", JUNIOR: "初中", SENIOR: "普通高中", VOCATIONAL: "中职", SPECIAL: "特教学校",
}  # fmt: skip
_PLACE = re.compile(
    r"(?:小学|初中|高中|中学|幼儿园|中专|特教)(?:东|西|南|北|前|后|中|老|新)?(?:路|街|巷|弄|村|里|桥|社区|胡同|大道|小区|片区|湾|坝|坪|岭|山|镇|乡)"
)
_GRADES = {
    PRIMARY: re.compile(r"[四五六]年级|小[一二三四五六]"),
    JUNIOR: re.compile(r"初[一二三]|[七八九]年级"),
    SENIOR: re.compile(r"高[一二三]"),
    PRESCHOOL: re.compile(r"[小中大托]班"),
}
CATEGORIES: dict[str, tuple[str, ...]] = {
    "11": (PRESCHOOL,), "21": (PRIMARY,), "22": (PRIMARY,), "31": (JUNIOR,), "32": (JUNIOR,), "33": (JUNIOR,),
    "34": (SENIOR,), "35": (SENIOR,), "36": (VOCATIONAL,), "37": (JUNIOR,), "51": (SPECIAL,),
}  # fmt: skip
"""What a school's code begins with, and the stage that most such schools teach."""
TOGETHER: dict[str, tuple[str, ...]] = {
    "中小学": (PRIMARY, JUNIOR, SENIOR), "义务教育": (PRIMARY, JUNIOR), "九年义务": (PRIMARY, JUNIOR),
    "普通中学": (JUNIOR, SENIOR), "高中阶段": (SENIOR, VOCATIONAL), "中等教育": (JUNIOR, SENIOR, VOCATIONAL),
}  # fmt: skip
"""Words for several stages: figures under 中小学 are not those of 小学, under 高中阶段 not those of 高中."""
ALL_THROUGH = ("九年一贯", "十二年一贯", "完全中学")


def stages_said(text: str) -> list[str]:
    """The stages whose words a text bears, in their order there.

    Examples
    --------
    >>> stages_said("2023年高中路街道初级中学一览表"), stages_said("2015/2016学年初中职一览表")
    (['junior'], ['vocational'])
    >>> stages_said("小学、初中基本情况"), stages_said("中小学基本情况"), stages_said("义务教育阶段初中")
    (['primary', 'junior'], ['primary', 'junior', 'senior'], ['junior'])
    """
    # 2015/2016学年初中职 speaks of 中职 at the beginning of the year, not of 初中
    bare = re.sub(r"(?<=[小初高中幼]) (?=[学中等儿])", "", plain(text).lower()).replace("学年初", "学年 ")
    bare = _PLACE.sub(" ", bare)
    groups = [(bare.find(word), stages) for word, stages in TOGETHER.items() if word in bare]
    for word in TOGETHER:
        bare = bare.replace(word, "·" * len(word))
    found: list[tuple[int, str]] = []
    for word, stage in LONGEST:
        at = bare.find(word)
        if at >= 0:
            found.append((at, stage))
            bare = bare.replace(word, "·" * len(word))
    named = {stage for _, stage in found}
    for at, stages in groups:
        if not named & {*stages}:  # 义务教育阶段初中 speaks of 初中
            found += [(at, stage) for stage in stages]
    order = list(WORDS)
    return list(dict.fromkeys(stage for _, stage in sorted(found, key=lambda f: (f[0], order.index(f[1])))))


def name_with_stage(name: str, stage: str) -> str:
    """What a heading counts, by its whole name: 巩固率 under a title of primary schools.

    Examples
    --------
    >>> name_with_stage("巩固率", "primary"), name_with_stage("初中巩固率", "primary"), name_with_stage("巩固率", "")
    ('小学巩固率', '初中巩固率', '巩固率')
    """
    if (
        not name
        or stage not in _BEFORE_NAMES
        or stages_said(name)
        or (stage == PRESCHOOL and re.search("园|幼", name))
    ):
        return name
    return f"{stage} {name}" if name.isascii() else f"{_BEFORE_NAMES[stage]}{name}"


def stages_of_titles(titles: Sequence[str]) -> list[str]:
    """The stages that the lines over a table say, of several lines the one nearest to it that says any.

    Examples
    --------
    >>> stages_of_titles(["2023年小学情况", "单位：人"]), stages_of_titles(["2023年小学情况", "初中情况"])
    (['primary'], ['junior'])
    """
    return next((said for words in reversed(titles) if (said := stages_said(words))), [])


def stage_word(text: str) -> str:
    """The one stage that a cell names (小学, 初中, Primary), '' where it names none or several.

    Examples
    --------
    >>> stage_word("普通小学"), stage_word("合计"), stage_word("小学初中")
    ('primary', '', '')
    """
    found = stages_said(text)
    return found[0] if len(found) == 1 else ""


def stage_alone(heading: str) -> str:
    """The stage that is all a heading says, '' where it says none or something beside it.

    Examples
    --------
    >>> stage_alone("普通小学"), stage_alone("小学（人）"), stage_alone("小学女生")
    ('primary', 'primary', '')
    """
    bare = re.sub(r"[(（].*?[)）]|^普通|阶段$|\s", "", plain(heading).lower())
    return next((stage for stage, words in WORDS.items() if bare in words), "")


def stages_of_type(school_type: str) -> tuple[str, ...]:
    """The stages that a type of school (办学类型, three digits) teaches.

    Examples
    --------
    >>> stages_of_type("312"), stages_of_type("342"), stages_of_type("中学")
    (('primary', 'junior'), ('senior',), ())
    """
    if len(school_type) != 3 or not school_type.isdigit():
        return ()
    declared = catalogue().attributes["school_type"].stages
    return declared.get(school_type) or CATEGORIES.get(school_type[:2], ())


def stages_of_codes(codes: Iterable[str]) -> Counter[str]:
    """How many schools have a code of each stage."""
    return Counter(stage for code in codes for stage in CATEGORIES.get(code[:2], ()))


_IN_COLUMN = re.compile(rf"_({'|'.join(STAGES)})(?=_|$)")
_WITHOUT_STAGE = {
    "children": "preschool",
    "kindergartens": "preschool",
    "exam": "senior",
    "academic": "senior",
}


def stage_of(column: str) -> str:
    """The stage a column belongs to, '' for what a school has as a whole.

    Examples
    --------
    >>> stage_of("classes_primary_le_25"), stage_of("junior_exam_takers"), stage_of("books")
    ('primary', 'junior', '')
    """
    found = _IN_COLUMN.search(f"_{column}")
    return found[1] if found else _WITHOUT_STAGE.get(column.split("_", 1)[0], "")
