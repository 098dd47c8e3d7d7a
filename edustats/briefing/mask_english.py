"""Which value does an English template leave open? By its own few ways to name a figure, an area and a year.

A mask is filled only where no word is left over: each word of its clause names the figure, its stage, area or year, or
is a verb of being. *xx% of rural children* names a part and stays open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pandas as pd

from edustats.briefing.mask_styles import Place
from edustats.briefing.mask_values import Answer
from edustats.briefing.match import printed_value
from edustats.catalogue import catalogue
from edustats.words import read_all_texts, say

STAGES: Final = {
    "preschool": r"kindergartens?|pre-?schools?",
    "primary": r"primary(?: schools?)?",
    "junior": r"(?:junior|lower)(?: secondary)?(?: schools?)?|middle schools?",
    "senior": r"(?:general )?(?:senior|upper)(?: secondary)?(?: schools?)?|high schools?",
    "vocational": r"vocational(?: schools?)?",
}
NOUNS: Final = {
    "schools": "count_schools", "pupils": "count_pupils", "students": "count_pupils", "teachers": "count_teachers",
    "classes": "count_classes", "entrants": "count_entrants",
}  # fmt: skip
PLAIN: Final = {
    "births": "count_births", "kindergartens": "count_kindergartens", "children in kindergarten": "count_children",
    "gross enrolment in kindergarten": "share_gross_enrolment_preschool",
    "gross enrolment rate in kindergarten": "share_gross_enrolment_preschool",
    "gross kindergarten enrolment rate": "share_gross_enrolment_preschool",
    "children in public or inclusive kindergartens": "share_inclusive_preschool",
    "children in public kindergartens": "share_public_preschool",
    "mean pay of teachers": "mean_pay_teachers", "teachers' mean pay": "mean_pay_teachers",
    "mean pay of civil servants": "mean_pay_civil_servants", "civil servants' mean pay": "mean_pay_civil_servants",
}  # fmt: skip
STAGED: Final = {
    "pupil-teacher ratio": "ratio_pupils_per_teacher", "mean class size": "mean_class_size",
    "classes with 56 pupils or more": "share_big_classes", "classes of 56 pupils or more": "share_big_classes",
    "classes of 56 or more": "share_big_classes", "teachers with a bachelor's degree": "share_bachelor",
    "teachers with a degree": "share_bachelor", **NOUNS,
}  # fmt: skip
VERBS: Final = {"have": "have|had|hold|held", "are": "are|were|attend|attended", "take": "take|took"}
_NOUN: Final = r"schools|pupils|students|teachers|classes|entrants"
_KINDS: Final = "|".join(f"(?P<{stage}>{words})" for stage, words in STAGES.items())
_SERVING: Final = re.compile(
    r"\b(?:the|a|an|there|is|are|was|were|has|have|had|of|in|at|and|with|to|from|share|number|rate|total|proportion|"
    r"stood|reached|numbered|totalled|rose|fell|grew|climbed|dropped|increased|decreased|declined|county|district|year"
    r")\b|[\d,.:%()'-]|\bs\b"
)
_MOVED: Final = re.compile(r"\b(?:rose|fell|grew|climbed|dropped|increased|decreased|declined)\b")
_SCALE: Final = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_ELSEWHERE: Final = re.compile(
    r"\b(?:province|provincial|national|nationwide|country|China|target|plan|aim|will|should|must|expected)\b"
)
_MORE: Final = r"more|higher|above|up"
_LESS: Final = r"fewer|less|lower|below|down"
_GAIN, _LOSS = r"increase|rise|gain|growth", r"decrease|fall|drop|decline|reduction"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a mask speaks of: the indicator's key, the area's name as the store has it, and the year."""

    key: str
    area: str
    year: int


@cache
def _list_phrases() -> dict[str, str]:
    """English name → key, of the catalogue's indicators and of the ways a letter names them; the longest first."""
    named = {i.en.lower().replace("–", "-"): i.key for i in catalogue().indicators.values()}
    held = named | PLAIN
    return {phrase: held[phrase] for phrase in sorted(held, key=len, reverse=True)}


@cache
def _list_sayings() -> tuple[tuple[re.Pattern[str], str], ...]:
    """84.2% of primary teachers have a degree: what follows the number, and the key."""
    found = []
    for address, text in read_all_texts().items():
        if address.startswith("brief.said_") and text.en.startswith("{value} of "):
            words = re.escape(text.en.removeprefix("{value}")).replace(r"\ ", " ")
            words = re.sub(r" (?:have|are|take) ", lambda m: f" (?:{VERBS[m[0].strip()]}) ", words)
            words = words.replace("a degree", "a (?:bachelor's )?degree")
            found.append(
                (re.compile(rf"(?:%| per ?cent){words}(?P<rest>[^¤;]*)"), address.rpartition("said_")[2])
            )
    return tuple(found)


def read_english(
    text: str, places: Sequence[Place], known: pd.DataFrame, year: int
) -> dict[int, tuple[str, float, Answer]]:
    """What the masks of an English text mean: role, scale (1e6 of a million) and answer, by where a mask begins.

    Parameters
    ----------
    text, places : as in :func:`edustats.briefing.mask_styles.find_masks`
    known : observations; ``attrs["english"]`` maps the areas' English names to the names they have there
    year : the year meant where a sentence names none
    """
    english = {str(en): str(zh) for en, zh in known.attrs.get("english", {}).items()}
    found: dict[int, tuple[str, float, Answer]] = {}
    for start, end in _split_sentences(text):
        held = [place for place in places if start <= place.start < end]
        sentence, done = "", start
        for k, place in enumerate(held):
            sentence += text[done : place.start] + f"¤{k}¤"
            done = place.end
        sentence = re.sub(
            r"^\s*(?:\d+[.)]|[-•])\s*", "", (sentence + text[done:end]).replace("–", "-").replace("’", "'")
        )
        reader = _SentenceReader(sentence, known, english, year)
        for k, place in enumerate(held):
            scale = re.match(r" (thousand|million|billion)\b", text[place.end :])
            role, answer = reader.read(k)
            found[place.start] = role, _SCALE[scale[1]] if scale else 1.0, answer
    return found


def _split_sentences(text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"(?:[^.!?\n]|\.(?=\S)|(?<=^\d)\.|(?<=\n\d)\.|(?<=\n\d\d)\.)+", text):
        yield match.span()


class _SentenceReader:
    """Reads the masks of one sentence in order; a change goes back to the levels before it."""

    def __init__(self, sentence: str, known: pd.DataFrame, english: dict[str, str], year: int) -> None:
        self.sentence, self.known, self.english, self.year = sentence, known, english, year
        names = "|".join(re.escape(name) for name in sorted(english, key=len, reverse=True)) or "(?!)"
        self.names = re.compile(rf"\b(?:{names})\b")
        self.levels: list[tuple[str, Answer, Subject]] = []

    def read(self, k: int) -> tuple[str, Answer]:
        lead, tail = self.sentence.split(f"¤{k}¤")
        tail = re.sub(r"^ (?:thousand|million|billion)\b", "", tail)
        if _ELSEWHERE.search(self.sentence):
            return "level", Answer(say("masks.left"))
        change = self._read_change(lead, tail)
        if change is not None:
            return "change", change
        key, role = self._name_after(lead, tail) or self._name_before(lead), "level"
        if re.search(r"\bfrom $", lead):
            role = "from"
        elif re.search(r"\bfrom ¤\d+¤[^¤]{0,24}\bto $", lead):
            role = "to"
        moved = _MOVED.search(lead) and role == "level" and not lead.endswith(" to ")  # fell xx is no level
        subject = self._place(key, tail, role) if key and not moved and _is_unit(key, tail) else None
        answer = self._look_up(subject) if subject else Answer(say("masks.left"))
        if subject is not None and answer.known:
            self.levels.append((role, answer, subject))
        return role, answer

    # --- the figure ---

    def _name_after(self, lead: str, tail: str) -> str:
        """xx primary schools; xx% of primary teachers have a degree."""
        for pattern, key in _list_sayings():
            if (match := pattern.match(self._drop_area(tail))) and not self._left_over(match["rest"], lead):
                return key
        match = re.match(
            rf" (?:(?:{_KINDS}) )?(?P<noun>{_NOUN}|births|kindergartens|children in kindergartens?)\b", tail
        )
        if match is None:
            return ""
        rest = re.split(r"[,;]| (?:and|with)(?= ¤)| with a (?=pupil)| and a (?=pupil)", tail[match.end() :])[
            0
        ]
        rest, noun = rest.split("¤")[0], match["noun"].replace("in kindergartens", "in kindergarten")
        if self._left_over(rest, self._drop_items(lead), staged=True):
            return ""
        if noun in PLAIN:
            return "" if self._find_stage(rest) else PLAIN[noun]
        stage = next((s for s in STAGES if match[s]), "") or self._find_stage(rest) or self._find_stage(lead)
        return f"{STAGED[noun]}_{stage}" if stage else ""

    def _name_before(self, lead: str) -> str:
        """The pupil-teacher ratio in primary schools was xx.x:1; the last item alone where the sentence lists some."""
        between = re.sub(r"from ¤\d+¤[^¤]{0,24}\bto $", "from ", lead)
        clause = re.split(r"¤\d+¤[^,;¤]*(?:,| and| with) ", between)[-1]
        if "¤" in clause:
            return ""
        plain = self._drop_area(clause).lower()
        counted = (
            re.search(r"\bnumber of\b|\bnumbered\b|\btotalled\b|\bbirths\b|\bentrants\b", plain) is not None
        )
        staged = clause != lead and re.search(_KINDS, lead.lower()) is not None
        for phrase, key in _list_phrases().items():
            if staged and not re.search(_KINDS, phrase):
                continue  # with a pupil-teacher ratio of xx: that of the stage named before
            if key.startswith("count_") and not counted:
                continue  # primary schools had xx: of something else
            if phrase in plain and not self._left_over(plain.replace(phrase, " ", 1), ""):
                return key
        for phrase, stem in STAGED.items():
            stage = self._find_stage(plain.replace(phrase, " ", 1)) or (
                self._find_stage(lead) if clause != lead else ""
            )
            rest = re.sub(_KINDS, " ", plain.replace(phrase, " ", 1))
            if (
                phrase in plain
                and stage
                and (counted or not stem.startswith("count_"))
                and not self._left_over(rest, "")
            ):
                return f"{stem}_{stage}"
        return ""

    def _find_stage(self, words: str) -> str:
        """The one stage that words name; nothing where they name none or several."""
        found = {
            stage for stage, pattern in STAGES.items() if re.search(rf"\b(?:{pattern})\b", words.lower())
        }
        return found.pop() if len(found) == 1 else ""

    def _drop_area(self, words: str) -> str:
        return re.sub(rf" ?(?:\b(?:in|of|for|at) )?{self.names.pattern}(?:'s)?", "", words)

    def _drop_items(self, lead: str) -> str:
        """xx primary schools with xx pupils and: what an earlier mask counted."""
        return re.sub(rf"¤\d+¤ (?:(?:{_KINDS}) )?(?:{_NOUN}|kindergartens|births)", "", lead)

    def _left_over(self, *parts: str, staged: bool = False) -> str:
        """What stands beside areas, years and serving words; the names of stages too where they are read already."""
        held = " ".join(self._drop_area(part).lower() for part in parts)
        held = re.sub(_KINDS, " ", held) if staged else held
        return _SERVING.sub("", re.sub(r"\b(?:in|by) \d{4}\b", "", held)).strip(" ;,¤")

    # --- whose, and when ---

    def _place(self, key: str, tail: str, role: str) -> Subject | None:
        own = re.sub(
            r"\b(?:than|against|with) (?:that )?(?:in|of)? ?" + self.names.pattern, "", self.sentence
        )
        areas = {self.english[name] for name in self.names.findall(own)}
        here = str(self.known.attrs.get("here", ""))
        area = areas.pop() if len(areas) == 1 else here if not areas else ""
        beside = re.match(r"(?:%| per ?cent|:1)?(?: [a-z' -]{2,40}?)? in (\d{4})\b", tail)
        years = set(re.findall(r"(?<!than in )\b((?:19|20)\d{2})\b", self.sentence))
        span = re.search(r"\b(?:between|from) (\d{4}) (?:and|to) (\d{4})\b", self.sentence)
        if beside:
            year = int(beside[1])
        elif span and role in ("from", "to"):
            year = int(span[1] if role == "from" else span[2])
        elif role == "level" and len(years) < 2:
            year = int(years.pop()) if years else self.year
        else:
            year = 0
        return Subject(key, area, year) if area and year else None

    def _look_up(self, subject: Subject) -> Answer:
        indicator = catalogue().indicators.get(subject.key)
        if indicator is None:
            return Answer(say("masks.left"))
        known = self.known
        rows = known[
            (known["indicator_name"] == indicator.zh) & (known["area_name"] == subject.area)
            & (known["year"] == subject.year) & (known["stage"] == indicator.stage)
        ]  # fmt: skip
        if len(rows) and rows["withheld"].astype(bool).any():
            return Answer(say("masks.withheld"))
        rows = rows[rows["value"].notna()].drop_duplicates(["value", "unit"])
        if len(rows) != 1:
            return Answer(say("masks.no_value", name=indicator.name, year=subject.year))
        row = rows.iloc[0]
        if not bool(row["whole"]):
            return Answer(say("masks.left"))
        return Answer(amount=printed_value(row), row=row, decimals=indicator_decimals(row))

    # --- changes ---

    def _read_change(self, lead: str, tail: str) -> Answer | None:
        """Up xx points after from … to …; xx more than in 2023; xx points more than in another area."""
        than = re.match(
            rf"(?: percentage points?)? (?P<way>{_MORE}|{_LESS}) than in (?P<what>\d{{4}}\b|{self.names.pattern})",
            tail,
        )
        points = re.match(r" percentage points?\b", tail)
        ends = (
            re.search(rf"\b(?P<way>(?:{_MORE}|{_LESS})(?= by $| $)|(?:{_GAIN}|{_LOSS})(?= of $))", lead)
            if points
            else None
        )
        relative = than or re.match(r" percentage points?\b| (?:more|fewer|higher|lower)\b", tail)
        if not (than or ends):
            return Answer(say("masks.left")) if relative else None
        if ends and [role for role, *_ in self.levels[-2:]] == ["from", "to"]:
            early, late = self.levels[-2][1], self.levels[-1][1]
        elif than and self.levels and self.levels[-1][0] == "level":
            (_, late, subject), what = self.levels[-1], than["what"]
            other = Subject(subject.key, subject.area, int(what)) if what.isdigit() else Subject(
                subject.key, self.english[what], subject.year)  # fmt: skip
            early = self._look_up(other)
        else:
            return Answer(say("masks.left"))
        match = than or ends
        if not early.known or match is None or bool(points) != (str(late.row["unit"]) == "share"):
            return Answer(say("masks.left"))
        size = late.amount - early.amount
        if (size > 0) != bool(re.fullmatch(f"{_MORE}|{_GAIN}", match["way"])) or not size:
            return Answer(say("masks.left"))
        return Answer(amount=abs(size), row=late.row, early=early.row, decimals=late.decimals)


def _is_unit(key: str, tail: str) -> bool:
    """Whether what follows the mask is the figure's unit: % behind shares and behind nothing else."""
    indicator = catalogue().indicators.get(key)
    percent = re.match(r"%| ?per ?cent\b", tail) is not None
    return indicator is not None and percent == (indicator.unit == "share")


def indicator_decimals(row: Any) -> int:
    """Decimals of a number where the mask does not say."""
    unit = catalogue().units.get(str(row["unit"]))
    return unit.decimals if unit else 0
