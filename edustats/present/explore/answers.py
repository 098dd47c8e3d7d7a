"""What is seen for one set of choices: chart, verdict, schools, places, table, and the line of code for each?

No widgets here: choices in, text out, so that it can be tested and is fast. What was read once is kept.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html import escape
from typing import Any

import pandas as pd

from edustats.analysis.county_case import read_standard_of
from edustats.analysis.frames import has_schools, observations, schools
from edustats.analysis.judged_plan import read_plan
from edustats.analysis.series import rank, trend
from edustats.analysis.standings import peers
from edustats.catalogue import Catalogue
from edustats.catalogue.standards import find_school_year_start, list_standards
from edustats.errors import EdustatsError, ParameterError
from edustats.present.explore.svg import SvgLine, draw_histogram, draw_lines
from edustats.present.records.numbers import format_amount
from edustats.store.kept import keep_what_is_read
from edustats.store.reading import Store
from edustats.words import say

COMPARISONS = ("none", "peers", "prefecture", "standard", "target")
GROUPS = ("", "urban", "town", "village", "public", "private")
MOST_ROWS = 60
MOST_AREAS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose."""

    areas: tuple[str, ...]
    indicator: str
    first: int
    last: int
    against: str = "none"
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is shown for a choice: HTML, and the frame of the table."""

    chart: str
    verdict: str
    schools: str
    places: str
    table: str
    code: tuple[str, ...]
    frame: pd.DataFrame = field(repr=False)


class Explorer:
    """A store in the hands of somebody who looks around."""

    def __init__(self, store: Store, lang: str) -> None:
        store = keep_what_is_read(replace(store, about=store.about | {"lang": lang}))
        self.store, self.lang, self.known = store, lang, store.known
        areas = store.areas[store.areas["level"] == "county"]
        self.above = dict(zip(areas["code"], areas["parent"], strict=True))
        self.rows = lru_cache(64)(self._rows)
        self.schools = lru_cache(64)(self._schools)
        self.marks = lru_cache(256)(self._marks)
        self.judged = lru_cache(256)(self._judge)
        self.plan = lru_cache(1)(lambda: read_plan(self.store, self.known)[0])
        self.nearest = lru_cache(64)(self._find_nearest)

    def answer(self, choice: Choice) -> Answer:
        """Everything for one choice; a mistake is a sentence and no traceback."""
        try:
            return self._answer(choice)
        except EdustatsError as error:
            said = f"<p>{escape(error.text(self.lang))}</p>"
            return Answer(
                chart="", verdict=said, schools="", places="", table="", code=(), frame=pd.DataFrame()
            )

    def _answer(self, choice: Choice) -> Answer:
        rows = self._select(choice)
        unit = self.known.unit_of(choice.indicator)
        found, placed = self.judged(replace(choice, areas=self._list_above(choice), against="none"))
        shown = rows[rows["area"].isin([*choice.areas, *self._list_others(choice)])]
        shown = shown.sort_values("area", key=lambda area: ~area.isin(choice.areas), kind="stable")
        marks = self.marks(choice.indicator, choice.last, choice.against, choice.areas[:1])
        decimals = unit.decimals
        lines = [
            SvgLine(name=str(own["area_name"].iloc[0]), years=own["year"].tolist(), own=str(area) in choice.areas,
                    values=(own["value"] * unit.times).tolist())
            for area, own in shown.groupby("area", sort=False)
        ]  # fmt: skip
        return Answer(
            chart=draw_lines(lines[: MOST_AREAS * 3], marks, decimals),
            verdict=self._tell_verdicts(found, choice),
            schools=self._draw_schools(choice, marks, unit.times, decimals),
            places=self._tell_places(placed, choice),
            table=self._write_table(shown, choice.indicator),
            code=self.write_code(choice),
            frame=shown,
        )

    # --- what is read ---

    def _rows(self, indicator: str, above: str, group: str) -> pd.DataFrame:
        """Observations of a prefecture and its counties, protected."""
        inside = [code for code, parent in self.above.items() if parent == above]
        if group:
            return observations(self.store, indicator, inside, group=group)
        return observations(self.store, indicator, [above, *inside])

    def _schools(self, indicator: str, area: str, group: str) -> pd.DataFrame:
        """Schools of a county; no row where the store holds counties alone."""
        if not has_schools(self.store.county(area)):
            return pd.DataFrame({"value": [], "year": []})
        return schools(self.store, indicator, area, group=group)

    def _find_nearest(self, area: str) -> tuple[str, ...]:
        """Counties that are alike; none where the store holds no feature to tell by."""
        try:
            return tuple(peers(self.store, area)["area"][1:])
        except ParameterError:
            return ()

    def _select(self, choice: Choice) -> pd.DataFrame:
        frames = [self.rows(choice.indicator, area, choice.group) for area in self._list_above(choice)]
        rows = frames[0] if len(frames) == 1 else pd.concat(frames).drop_duplicates(["area", "year"])
        return rows[rows["year"].between(choice.first, choice.last)]

    def _list_above(self, choice: Choice) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.above.get(area, area) for area in choice.areas))

    def _judge(self, choice: Choice) -> tuple[dict[Any, dict[Any, Any]], list[dict[Any, Any]]]:
        """Verdicts by area, and places, of all counties beside those chosen; both are kept for other areas."""
        rows = self._select(choice)
        counties = rows[rows["level"] == "county"]
        known = counties["value"].notna()
        if not known.any():
            return {}, []
        found = trend(counties).set_index("area").to_dict("index")
        if known.sum() < 2 or self.known.indicators[choice.indicator].better == "none":
            return found, []
        return found, rank(counties, int(counties.loc[known, "year"].max())).to_dict("records")

    def _list_others(self, choice: Choice) -> list[str]:
        if choice.against == "peers":
            return [code for area in choice.areas[:1] for code in self.nearest(area)]
        if choice.against == "prefecture":
            return [self.above[area] for area in choice.areas[:1] if area in self.above]
        return []

    def _marks(
        self, indicator: str, year: int, against: str, areas: tuple[str, ...]
    ) -> list[tuple[str, float]]:
        """Levels that a standard or the plan asks for, on the print scale."""
        times = self.known.unit_of(indicator).times
        if against == "standard":
            return [
                (name, value * times)
                for name, value in _find_marks(self.store, self.known, indicator, year, self.lang)
            ]
        if against == "target":
            wanted = self.plan()
            return [
                (f"{t.operator} {t.value * times:g} ({t.year})", t.value * times) for t in wanted
                if t.indicator == indicator and t.area in ("", *areas)
            ]  # fmt: skip
        return []

    # --- what is said ---

    def _tell_verdicts(self, found: dict[Any, dict[Any, Any]], choice: Choice) -> str:
        if not found:
            return f"<p>{escape(say('explore.nothing')[self.lang])}</p>"
        told = [
            say("explore.verdict", area=str(found[area]["area_name"]), first=int(found[area]["first_year"]),
                last=int(found[area]["last_year"]), verdict=say(f"sentences.{found[area]['verdict']}"))[self.lang]
            for area in choice.areas if area in found
        ]  # fmt: skip
        return "".join(f"<p>{escape(text)}</p>" for text in told)

    def _tell_places(self, placed: list[dict[Any, Any]], choice: Choice) -> str:
        told = [
            say("explore.place", area=str(r["area_name"]), year=int(r["year"]), best=str(r["best"]),
                worst=str(r["worst"]), of=str(r["of"]))
            for r in placed if r["area"] in choice.areas
        ]  # fmt: skip
        return "".join(f"<p>{escape(text[self.lang])}</p>" for text in told)

    def _draw_schools(
        self, choice: Choice, marks: list[tuple[str, float]], times: float, decimals: int
    ) -> str:
        area = choice.areas[0]
        if area not in self.above:
            return ""
        rows = self.schools(choice.indicator, area, choice.group)
        held = rows[rows["value"].notna() & rows["year"].between(choice.first, choice.last)]
        if held.empty:
            return ""
        last = held[held["year"] == held["year"].max()]
        said = say(
            "explore.schools",
            area=str(last["area_name"].iloc[0]),
            year=int(last["year"].iloc[0]),
            n=str(len(last)),
        )
        level = marks[0][1] if marks else math.nan
        picture = draw_histogram((last["value"] * times).tolist(), level, decimals)
        return f"<p>{escape(said[self.lang])}</p>{picture}"

    def _write_table(self, rows: pd.DataFrame, indicator: str) -> str:
        """Years across, areas down, as a page prints them."""
        unit = self.known.unit_of(indicator)
        years = sorted(set(rows["year"]))
        wide: dict[str, dict[int, float]] = {}
        for name, year, value in zip(rows["area_name"], rows["year"], rows["value"], strict=True):
            wide.setdefault(str(name), {})[year] = value
        head = "".join(f"<th>{year}</th>" for year in years)
        body = "".join(
            f"<tr><th>{escape(name)}</th>"
            + "".join(
                f"<td>{escape(_print_value(held.get(year, math.nan), unit, self.lang))}</td>"
                for year in years
            )
            + "</tr>"
            for name, held in [*wide.items()][:MOST_ROWS]
        )
        return f'<table class="edustats"><tr><th></th>{head}</tr>{body}</table>'

    def write_code(self, choice: Choice) -> tuple[str, ...]:
        """The lines of code that do what is shown."""
        areas = choice.areas[0] if len(choice.areas) == 1 else list(choice.areas)
        more = f", group={choice.group!r}" if choice.group else ""
        years = f"slice({choice.first}, {choice.last})"
        above = self._list_above(choice)
        inside = " + ".join(f"[{code!r}, *store.members({code!r})]" for code in above)
        where = f", {inside}" if len(self.store.prefectures) > 1 else ""
        lines = [
            f"rows = edu.observations(store, {choice.indicator!r}{where}, years={years}{more})",
            f"edu.plot(rows[rows['area'].isin({[*choice.areas, *self._list_others(choice)]!r})], {choice.areas[0]!r})",
            "edu.trend(rows)",
        ]
        if self.known.indicators[choice.indicator].better != "none":
            lines.append("edu.rank(rows)")
        if has_schools(self.store.county(choice.areas[0])):
            lines.append(f"edu.schools(store, {choice.indicator!r}, {areas!r}, {choice.last}{more})")
        if choice.against == "peers":
            lines.append(f"edu.peers(store, {choice.areas[0]!r})")
        if choice.against == "target":
            lines.append(f"edu.targets(store, {areas!r})")
        return tuple(lines)

    def write_command(self, choice: Choice) -> str:
        """The command that makes the reports of what is looked at."""
        return f"edustats report --store {self.store.path.name} --county {','.join(choice.areas)} --to {choice.last}"


def _print_value(value: float, unit: object, lang: str) -> str:
    return format_amount(value, unit)[lang]  # type: ignore[arg-type]


def _find_marks(
    store: Store, known: Catalogue, indicator: str, year: int, lang: str
) -> list[tuple[str, float]]:
    """Marks of any standard on an indicator that hold in a year."""
    found = []
    for key in list_standards():
        which = read_standard_of(store, key, known)
        on = max(find_school_year_start(year), which.start)
        for item in which.items.values():
            for stage, own in item.indicators.items():
                mark = which.threshold(item.key, stage, on) if own == indicator else None
                if mark is not None and mark.op in (">=", "<=", ">", "<"):
                    found.append((f"{which.name[lang]} {mark.op} {mark.printed:g}", mark.value))
    return found
