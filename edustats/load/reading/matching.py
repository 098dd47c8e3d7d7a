"""Which column of the catalogue does a heading mean? By its names, by what others call it, by its stage and its unit.

A match is sure where the words leave one column only; it is a proposal to a person everywhere else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from edustats.catalogue import STAGES, Catalogue
from edustats.load.files.values import plain
from edustats.load.reading import areas
from edustats.load.reading.headers import bare_label
from edustats.load.reading.higher_areas import find_higher
from edustats.load.reading.stages import LONGEST, name_with_stage, stage_of, stages_said
from edustats.load.reading.synonyms import words_for

_NOISE = re.compile(r"\(.*?\)|^其中|普通|^其中[:：]|情况$|数$|人数$|总数$|合计$|/合计|/计$|[、，,_\-\s/]")
_STAGED = {
    "在校生": "pupils_{s}", "专任教师": "teachers_{s}", "教职工": "staff_{s}", "班": "classes_{s}",
    "班级": "classes_{s}",
    "招生": "entrants_{s}",
    "毕业生": "leavers_{s}", "学校": "schools_{s}", "女": "pupils_girls_{s}", "寄宿生": "pupils_boarding_{s}",
    "辍学学生": "dropouts_{s}", "学位": "seats_{s}", "在校女生": "pupils_girls_{s}",
    "教学及辅助用房": "teaching_area_{s}",
    "运动场地": "sports_area_{s}", "图书": "books_{s}", "计算机": "computers_{s}",
    "网络多媒体教室": "multimedia_rooms_{s}",
    "教学仪器设备资产值": "equipment_value_{s}", "校舍建筑面积": "floor_area_{s}", "骨干教师": "backbone_teachers_{s}",
    "一般公共预算教育经费": "budget_education_{s}", "教育经费": "budget_education_{s}",
}  # fmt: skip
_WHOLE = {
    "在校生": "pupils",
    "专任教师": "teachers",
    "在园幼儿": "children",
    "在园": "children",
    "幼儿园": "kindergartens",
    "一般公共预算教育经费": "budget_education",
}
_ENGLISH = {
    **dict.fromkeys(
        ("pupil", "pupils", "student", "students", "enrolment", "enrolments", "enrollment", "enrollments", "enrolled",
         "headcount", "nor", "totalpupils", "numberofpupils", "totalenrollment", "totalenrolment", "pupilenrollment",
         "studentenrollment", "pupilroll", "schoolroll", "studentroll", "roll", "onroll", "pupilnumbers",
         "studentnumbers", "fundedpupils"), "pupils"),
    **dict.fromkeys(
        ("teacher", "teachers", "teachingstaff", "numberofteachers", "teachersfte", "fteteachers", "fulltimeteachers"),
        "teachers"),
    **dict.fromkeys(("girls", "girlsenrolments", "girlsenrolment", "girlsenrollment", "norg"), "pupils_girls"),
    **dict.fromkeys(("freelunch", "fsm", "numfsm"), "pupils_free_lunch"),
    "school": "schools", "schools": "schools", "population": "population", "births": "births",
}  # fmt: skip
_PARTS = (
    "女", "男", "寄宿", "随迁", "留守", "少数民族", "残疾", "民办", "公办", "普惠", "农村", "乡村", "城区", "镇区",
    "县镇", "教辅", "代课", "兼任", "在编", "其中", "#", "新增", "减少", "增长", "比上年", "计划", "预计", "目标",
    "岁", "每", "比", "占", "aged", "female", "girl", "male", "boy", "rural", "urban", "private", "public", "boarding",
    "disab", "minority", "change",
)  # fmt: skip
"""Words of a part, a change or a plan: 在校生数/女 is not alike 在校生数."""
_LIMITS = (
    *_PARTS,
    "城市",
    "城镇",
    "市区",
    "市辖区",
    "随迁",
    "代课",
    "离校",
    "校外",
    "机构",
    "净",
    "高校",
    "技工",
    "均",
    "数",
    "率",
)
"""Words before a title's item that make it another: 农村, 民办, 学校数与."""
_KINDS_OF_PLACES = re.compile(r"^[城镇市校片库牧郊园老山林矿]区$|[农乡]|城[镇区市]|[镇校]区$")
_OF_ALL = re.compile(
    r"(?:全|本|各|分|所辖|按)[省市州盟县区旗地乡镇、（）()]+|历年|近年来?|主要|年末|普通|教育局?|[的年末度\s]"
)
_PLACE = re.compile(r"[一-鿿]{1,8}?(?:自治[区州县旗]|[省市州盟县区旗])(?![域级镇])")
_KEYS = ("名称", "代码", "标识码", "地区", "县区")
SURE, NEAR, NEAR_ENGLISH = 0.99, 0.72, 0.86
"""Likeness of the same words, and of words worth a question; short English words are alike by chance."""
_YEARS = re.compile(r"(?:19|20)\d\d(?:[-—/](?:20)?\d\d)?(?:学年[度初]?|年[度末底]?)")
_FOOTNOTE = re.compile(
    r"\s*(?:[(（\[]\s*(?:注|note|\*)?\s*\d{1,2}\s*[)）\]]|[①-⑳*†‡]|注\d{1,2})+\s*$", re.IGNORECASE
)
"""The mark of a note behind a heading: Pupil roll(1), 在校生数①."""
_HAN, _BESIDE_HAN = (
    re.compile(r"[一-鿿]"),
    re.compile(r"[A-Za-z][A-Za-z ,.'’&/-]{7,}|\s[A-Z][a-z]{2,}[a-z ]*$"),
)
_PARTS_OF = {
    "在校生": {**dict.fromkeys(("女", "女生", "女童"), "女"), **dict.fromkeys(("寄宿生", "寄宿"), "寄宿生")},
    "教职工": dict.fromkeys(("专任教师", "专任教师数"), "专任教师"),
}
"""What stands under a count and is a column of its own: 在校生数/其中：女, 教职工数/#专任教师."""
_ALL = ("计", "合计", "小计", "总计", "总数", "total")
"""Words over or under what is counted that leave it whole: 在校生数/计 beside 在校生数/女."""
_THEME = re.compile(
    r"(?:(?:文化|教育|科技|科学|技术|卫生|体育|旅游|社会|民生|民政|福利|保障|医疗|就业|资源|公共|服务|事业|综合|基本|主要|指标|情况|发展|其他)"
    r"[、，,和与及\s]*)+"
)
"""Headings of a yearbook's sections that say nothing of what is counted: 教育、卫生和社会保障."""
_AROUND = re.compile(r"(?:^|(?<=_))(?:total|number|num|no|count|of|all|the|sum|public)(?:$|(?=_))")
"""English words that leave a count what it is."""
_STAGE_AROUND = re.compile(
    r"(?:^|(?<=_))(?:primary|elementary|junior|lower|upper|senior|middle|high|secondary|preschool|kindergarten|vocational"
    r"|schools?(?=_))(?=$|_)"
)
"""English words of a stage, which the path says once for all."""


@dataclass(frozen=True, slots=True)
class Match:
    """The column of the catalogue that a heading most likely means, and how alike the words are (1: the same)."""

    column: str
    likeness: float

    @property
    def sure(self) -> bool:
        """Whether the words leave no other column."""
        return self.likeness >= SURE


def matched(path: Sequence[str], known: Catalogue, stage: str = "", *, near: bool = True) -> Match | None:
    """The best match of a heading, None where nothing is near.

    Parameters
    ----------
    path : the words above a column, outermost first (a tuple)
    known : the catalogue
    stage : the stage of the whole table, where its title says one
    near : whether a name that is only alike counts too

    Examples
    --------
    >>> from edustats.catalogue import catalogue
    >>> matched(("小学", "在校学生数"), catalogue()), matched(("天气",), catalogue())
    (Match(column='pupils_primary', likeness=1.0), None)
    """
    path = [_FOOTNOTE.sub("", word) or word for word in path]
    path = [word for word in _in_one_language(path) if bare_label(word) not in _ALL] or path
    path = [*(word for word in path[:-1] if not _THEME.fullmatch(word)), path[-1]]
    labels = [_YEARS.sub("", bare_label(word)) for word in path]
    # 教育经费/一般公共预算教育经费: the outer word says nothing that the inner one does not
    words = [word for k, word in enumerate(labels) if not any(word in inner for inner in labels[k + 1 :])]
    if all(word.isascii() for word in words):
        words = [_in_english(word, outer) for word, outer in zip(words, path[-len(words) :], strict=True)]
    named = stages_said(_in_words("/".join(path)))
    said = named or ([stage] if stage else [])
    own = said[0] if len(said) == 1 else ""
    core = _core("".join(words))
    if len(words) > 1 and (part := _PARTS_OF.get(_core("".join(words[:-1])), {}).get(words[-1])):
        core = part
    # a middle school is a junior one in some countries, 中学 of both stages in China; 教育经费 may be all the money,
    # 教育支出 is an item of the accounts, which 教育经费 goes beyond
    open_ = core == "教育经费" or "教育支出" in words[-1] or any("middle" in word.lower() for word in path)
    likeness = 0.9 if open_ else 1.0
    for candidate in _staged(core, own):  # 特殊教育学校 are not all schools
        if candidate in known.columns and (stage_of(candidate) or not named):
            return Match(candidate, likeness)
    names = _names(known)
    whole = name_with_stage("".join(words), own)
    exact = names.get(whole) or names.get(whole.replace(" ", "")) or names.get("".join(words))
    if exact or (
        len(named) < 2 and (exact := names.get(_without_noise("".join(words))))
    ):  # 高中（含职高）is more
        return Match(exact, 1.0)
    cutoff = NEAR_ENGLISH if "".join(words).isascii() else NEAR
    alike = difflib.get_close_matches("".join(words), names, n=1, cutoff=cutoff) if near else []
    if alike and len(said) > 1 and stage_of(names[alike[0]]):
        return None  # 普通中学 is more than 普通高中
    if not alike or _narrower("".join(words), alike[0]) or _each_or_all("".join(words), alike[0]):
        return None
    likeness = difflib.SequenceMatcher(None, "".join(words), alike[0]).ratio()
    return Match(names[alike[0]], round(min(likeness, 0.95), 2))


def _in_one_language(path: Sequence[str]) -> list[str]:
    """The Chinese words of a heading that has them in both languages: 学校数 Number of Schools."""
    if not any(_HAN.search(word) for word in path):
        return list(path)
    own = [_BESIDE_HAN.sub(" ", word) if _HAN.search(word) else word for word in path]
    told = [word for word in own if _HAN.search(word)]
    if {bare_label(word) for word in told} <= {
        word for word, _ in LONGEST
    }:  # 幼儿园 over Teachers counts no 幼儿园
        told += [word for word in path if word.isascii() and not stages_said(_in_words(word))]
    return told


def _in_words(heading: str) -> str:
    """PrimarySchoolStudents and primary_school_students as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", heading) if heading.isascii() else heading


def _in_english(label_: str, heading: str) -> str:
    """An English heading without the words around what is counted: Total Enrolments, num_pupils, school_count."""
    parted = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", plain(heading)).lower()).strip(
        "_"
    )
    if stages_said(parted.replace("_", " ")):
        parted = _STAGE_AROUND.sub("", parted)
    bare = re.sub(r"_+", "", _AROUND.sub("", parted))
    return _ENGLISH.get(bare, label_) if bare else ""  # Junior secondary: the stage alone


def _each_or_all(said: str, name: str) -> bool:
    """Whether one is so much a head (生均, 师均, per pupil) and the other an amount of all."""
    each = re.compile("[生师人班]均|per ")
    return bool(each.search(said.lower())) != bool(each.search(name.lower()))


def _narrower(said: str, name: str) -> bool:
    """Whether a heading speaks of a part (女, 寄宿, rural) that a name only alike leaves out, or the reverse."""
    if "支出" in said and ("教育" in said) != ("教育" in name):
        return True  # 一般公共预算教育支出 is a part of 一般公共预算支出
    return {word for word in _PARTS if word in said.lower()} != {
        word for word in _PARTS if word in name.lower()
    }


def find_named_in(title: str, known: Catalogue, stage: str = "") -> Match | None:
    """The column that the end of a title names; None where none or several fit.

    Examples
    --------
    >>> from edustats.catalogue import catalogue
    >>> find_named_in("各县区小学在校生数（万人）", catalogue()), find_named_in("各县区教育情况", catalogue())
    (Match(column='pupils_primary', likeness=1.0), None)
    """
    bare = re.sub(
        r"[（(][^（()）]*[)）]|(?:19|20)\d\d(?:[-—–~至]+(?:(?:19|20)\d\d)?)?(?:学年|年)?度?|单位[:：]\S*"
        r"|分(?:年级|性别|类型|办别|城乡)",
        "",
        title,
    )
    if english := re.match(r"\s*([A-Za-z ]+?)\s+(?:by|in|per)\s", bare):
        return matched((english[1],), known, stage, near=False)
    bare = re.sub(r"(?:统计表|情况表|一览表|情况|统计|数据|变化|历年)+$", "", bare.strip())
    found = (
        (bare[:start], match) for start in range(len(bare) - 1)
        if (match := matched((bare[start:],), known, stage, near=False)) is not None
    )  # fmt: skip
    before, match = next(found, ("", None))
    if match is None or len(set(stages_said(title))) > 1:
        return None
    left = _strip_places(before)
    if any(word in left for word in _LIMITS):
        return None  # 农村小学在校生数 are not all pupils of 小学
    return Match(match.column, min(match.likeness, 0.9)) if left else match


def _strip_places(words: str) -> str:
    """What stands before a title's item besides the areas and years that every title names."""
    bare = re.sub(r"^[\s\d一二三四五六七八九十表附续（）()、.．\-—]+", "", words)
    bare = _OF_ALL.sub("", bare)
    while (place := _PLACE.match(bare)) and not _KINDS_OF_PLACES.search(place[0]):
        bare = bare[place.end() :]
    named = not _KINDS_OF_PLACES.search(bare) and (areas.candidates(bare) or find_higher(bare))
    return "" if named else bare.strip("、，, ")


def _core(words: str) -> str:
    """What is counted, without the stage and the words around it."""
    bare = words
    for word, _ in LONGEST:
        bare = bare.replace(word, "")
    for ours, others in words_for().items():
        if any(word in ours for word in _KEYS):
            continue
        if bare in others or _without_noise(bare) in {_without_noise(other) for other in others}:
            bare = ours
            break
    return _without_noise(bare)


def _without_noise(words: str) -> str:
    """学生数合计 is 学生数, and that 学生."""
    return _NOISE.sub("", re.sub("(?<=数)[合总小]计$", "", words)) or words


def _staged(core: str, stage: str) -> list[str]:
    key = core.removesuffix("数")
    if key in _ENGLISH:
        own = _ENGLISH[key]
        young = {"pupils": "children", "schools": "kindergartens"}.get(own, f"{own}_{stage}")
        return [young if stage == "preschool" else f"{own}_{stage}" if stage else own]
    if stage == "preschool" and key in ("在校生", "在园幼儿", "在园", "幼儿"):
        return ["children"]
    if stage == "preschool" and key in ("学校", "幼儿园", ""):
        return ["kindergartens"]
    if stage in STAGES and key in _STAGED:
        return [_STAGED[key].format(s=stage), _STAGED[key].rpartition("_")[0]]
    return [_WHOLE[key]] if not stage and key in _WHOLE else []


_held: dict[str, dict[str, str]] = {}


def _names(known: Catalogue) -> dict[str, str]:
    """Every name of every column, without noise, in small letters, and its key."""
    if known.digest in _held:
        return _held[known.digest]
    found = _held[known.digest] = {}
    for key, column in known.columns.items():
        for name in (column.zh, column.en, key):
            found.setdefault(bare_label(name), key)
            found.setdefault(_without_noise(bare_label(name)), key)
    return found
