"""What do surveys, letters and places among others say, each with the base without which it says nothing?"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import pandas as pd

from edustats.analysis.services import (
    LEAST_ANSWERS,
    SERVICES,
    SURVEYS,
    find_shares_that_differ,
    find_shares_without_base,
    measure_streak,
    sum_service,
)
from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_count, format_percent, join_sentence, keep_sign
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.services.case import (
    ServiceCase,
    cell,
    count,
    join_notes,
    make_finding,
    open_case,
    say_nothing,
    show_share,
    tabulate_counties,
)
from edustats.present.services.provision import SOURCES, read_service, tell_beyond
from edustats.present.view.area import AreaView
from edustats.words import NOTHING, Text, concatenate_texts, join_texts, say

COLUMNS = [column for service in (*SURVEYS, "letters_on_time") for column in SERVICES[service]]
REGISTER = "given_ranks"
_WHOLE = re.compile(r"\D{0,2}(\d{1,4})\D{0,2}")


def show_voices(view: AreaView) -> ChapterItems:
    """Satisfaction with its base, and letters with how many were answered in time."""
    case = open_case(view)
    made = [finding for survey in SURVEYS for finding in _tell_survey(case, survey)]
    letters = _tell_letters(case)
    return collect_items(view, (made + letters) or [say_nothing(case, "voices", *COLUMNS)], _tabulate(case))


def _tell_survey(case: ServiceCase, survey: str) -> list[Finding]:
    given = f"satisfied_share_{survey.removeprefix('satisfied_')}"
    year = max(read_service(case, survey)[0], case.last_year(given))
    if not year:
        return []
    rows, what = case.of_year(year), say(f"services.name_{survey}")
    found = sum_service(rows, survey)
    facts = {
        "year": year,
        "area": case.view.name,
        "what": what,
        "n": count(found.den) if found.den > 0 else "",
    }
    made: list[Finding] = []
    if found.den >= LEAST_ANSWERS:
        ends = {end: format_percent(getattr(found, end), 1, "interval_end") for end in ("low", "high")}
        share = show_share(found.share)
        said = say("services.survey", **facts, **ends, of=case.mark_part(found.given), share=share)
        note = join_notes(say("services.note_survey"), case.note_lacking(found.lacking))
        made.append(make_finding(case, survey, said, SOURCES[survey], year, note=note))
    elif found.den > 0:
        said = say("services.survey_few", **facts, least=LEAST_ANSWERS)
        made.append(make_finding(case, survey, said, SOURCES[survey], year, "cannot_tell"))
    return made + tell_beyond(case, survey, year, found) + _tell_given(case, survey, year, rows)


def _tell_given(case: ServiceCase, survey: str, year: int, rows: pd.DataFrame) -> list[Finding]:
    """Shares that came without their base, and those that their base contradicts."""
    made, what, name = [], say(f"services.name_{survey}"), case.view.store.name
    if bare := find_shares_without_base(rows, survey):
        told = [
            say("services.survey_bare_one", name=name(code), share=show_share(share))
            for code, share in bare.items()
        ]
        said = say("services.survey_bare", year=year, told=join_texts(told), what=what)
        made.append(make_finding(case, f"{survey}.bare", said, SOURCES[survey], year, "cannot_tell"))
    for code, (given, counted) in find_shares_that_differ(rows, survey).items():
        said = say("services.survey_differs", year=year, name=name(code), what=what, given=show_share(given),
                   made=show_share(counted))  # fmt: skip
        made.append(
            make_finding(case, f"{survey}.differs.{code}", said, SOURCES[survey], year, "cannot_tell")
        )
    return made


def _tell_letters(case: ServiceCase) -> list[Finding]:
    made, received = [], case.last_year("petitions")
    if received:
        now, before = (_count_letters(case, year) for year in (received, received - 1))
        given = tuple(now)
        said = say("services.letters_count", year=received, area=case.view.name, of=case.mark_part(given),
                   n=count(sum(now.values())), change=_describe_change(now, before))  # fmt: skip
        made.append(make_finding(case, "letters", said, "count_petitions", received))
    year, found = read_service(case, "letters_on_time")
    if found is None:
        return made
    if found.den > 0:
        said = say("services.letters", year=year, area=case.view.name, of=case.mark_part(found.given),
                   den=count(found.den), num=count(found.num), share=show_share(found.share))  # fmt: skip
        note = case.note_lacking(found.lacking)
        made.append(make_finding(case, "letters.on_time", said, SOURCES["letters_on_time"], year, note=note))
    return made + tell_beyond(case, "letters_on_time", year, found)


def _count_letters(case: ServiceCase, year: int) -> dict[str, float]:
    own = case.of_year(year)
    pairs = zip(own["county"].astype(str), own["petitions"].to_numpy(float), strict=True)
    return {code: float(n) for code, n in pairs if math.isfinite(n)}


def _describe_change(now: Mapping[str, float], before: Mapping[str, float]) -> Text:
    """Against the year before, where the same counties gave it."""
    first, last = sum(before.values()), sum(now.values())
    if set(now) != set(before) or first <= 0 or first == last:
        return NOTHING
    return say(
        f"services.letters_{'more' if last > first else 'fewer'}",
        rate=keep_sign(format_percent(abs(last / first - 1), 1, "rate"), last / first - 1),
    )


def _tabulate(case: ServiceCase) -> list[Table]:
    years = [year for survey in SURVEYS if (year := read_service(case, survey)[0])]
    if not years:
        return []
    year, columns = max(years), []
    for survey in SURVEYS:
        what = say(f"services.name_{survey}")
        columns += [TableColumn(label=say(f"services.head_{survey}")),
                    TableColumn(label=say("services.head_answers", what=what), decimals=0, unit="person")]  # fmt: skip
    rows = case.of_year(year)
    lines = [
        (case.view.store.name(code), *_line(own))
        for code in case.counties
        if len(own := rows[(rows["county"] == code).to_numpy()])
    ]
    title = say("services.title_survey", year=year, area=case.view.name)
    sources = tuple(case.source(SOURCES[s], year) for s in SURVEYS)
    note = say("services.note_survey")
    return tabulate_counties(case, "surveys.counties", title, columns, lines, _line(rows), note, sources)


def _line(rows: pd.DataFrame) -> tuple[float | int | str | Text | None, ...]:
    made: list[float | int | str | Text | None] = []
    for survey in SURVEYS:
        found = sum_service(rows, survey)
        made += [show_share(found.share if found.den >= LEAST_ANSWERS else math.nan), cell(found.den)]
    return tuple(made)


# --- places that somebody else gave ---


def show_given_ranks(view: AreaView, top: int = 3) -> ChapterItems:
    """Places among others over the years, as they were published, and how many years running the area was in front.

    Parameters
    ----------
    view : from :func:`edustats.open_prefecture` or :func:`edustats.open_county`
    top : how many places count as in front
    """
    held = view.store.register(REGISTER)
    if held.empty:
        return collect_items(view)
    names = {view.area, view.store.name(view.area).zh, view.store.name(view.area).en}
    said = held["area"].fillna("").str.strip()
    own = held[said.isin(names)]
    ranks, doubts = _read_ranks(view, own)
    doubts += _list_unknown_areas(view, held.assign(area=said))
    told = []
    for k, (what, years) in enumerate(ranks.items()):
        inside = {y: pair for y, pair in years.items() if y <= view.last_year}
        if inside:
            publishers = own.loc[own["what"].str.strip() == what, "source"].fillna("").str.strip()
            told.append(
                _tell_ranks(view, k, what, inside, top, "、".join(dict.fromkeys(p for p in publishers if p)))
            )
    columns = ("what", "rank", "among", "source")
    return collect_items(view, told, doubts, source=view.trace_register(REGISTER, columns))


def _list_unknown_areas(view: AreaView, rows: pd.DataFrame) -> list[Finding]:
    """Rows of no area that the store holds, which would otherwise be lost without a word; told by the prefecture."""
    if view.area in view.store.counties:
        return []
    areas = view.store.areas
    lost = rows[~rows["area"].isin({*areas["code"], *areas["zh"], *areas["en"]})]
    told = zip(lost["row"].astype(str), lost["area"].astype(str), strict=True)
    return [
        _doubt(f"row{row}", say("services.rank_nowhere", row=row, area=Text(area or "—", area or "—")))
        for row, area in told
    ]


def _read_ranks(
    view: AreaView, rows: pd.DataFrame
) -> tuple[dict[str, dict[int, tuple[int, int]]], list[Finding]]:
    """What → year → place and of how many (0: not said); and what could not be used."""
    found: dict[str, dict[int, tuple[int, int]]] = {}
    doubts: list[Finding] = []
    twice: set[tuple[str, int]] = set()
    for one in rows.to_dict("records"):
        year, rank, among = (_read_whole(one.get(name)) for name in ("year", "rank", "among"))
        facts = {
            "row": str(one["row"]),
            "year": Text(str(one["year"]), str(one["year"])),
            "rank": Text(str(one["rank"]), str(one["rank"])),
        }
        if year is None or rank is None:
            doubts.append(_doubt(f"row{one['row']}", say("services.rank_unreadable", **facts)))
        elif rank < 1 or (among is not None and rank > among):
            doubts.append(
                _doubt(f"row{one['row']}", say("services.rank_beyond", **facts, among=str(among or "—")))
            )
        else:
            held = found.setdefault(str(one["what"]).strip(), {})
            if year in held and held[year][0] != rank:
                twice.add((str(one["what"]).strip(), year))
            held[year] = (rank, among or 0)
    for what, year in sorted(twice):
        del found[what][year]
        doubts.append(_doubt(f"twice{year}", say("services.rank_twice", what=Text(what, what), year=year)))
    return found, doubts


def _read_whole(given: object) -> int | None:
    match = _WHOLE.fullmatch(str(given or "").strip())
    return int(match[1]) if match else None


def _doubt(key: str, said: Text) -> Finding:
    return Finding(key=f"services.ranks.{key}", sentence=join_sentence(said), verdict="cannot_tell")


def _tell_ranks(
    view: AreaView, k: int, what: str, years: Mapping[int, tuple[int, int]], top: int, publisher: str
) -> Finding:
    listed = [
        say(
            f"services.rank_{'among' if among else 'of_year'}",
            year=year,
            rank=format_count(rank, "rank"),
            among=format_count(among),
        )
        for year, (rank, among) in sorted(years.items())
    ]
    found = measure_streak({year: rank for year, (rank, _) in years.items()}, top)
    word = "streak" if found.years > 1 else "streak_one" if found.years else "streak_none"
    counts = {"n": format_count(found.years), "top": format_count(top)}
    streak = say(f"services.{word}", first=found.first, last=found.last, **counts)
    if found.gap:
        streak = concatenate_texts(streak, say("services.streak_gap", year=found.gap))
    said = say("services.ranks", what=Text(what, what), list=join_texts(listed), streak=streak)
    source = Text(publisher, publisher) if publisher else say("services.no_publisher")
    note = say("services.note_ranks", source=source)
    return Finding(key=f"services.ranks.{k}", sentence=join_sentence(said), note=note)
