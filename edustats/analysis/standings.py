"""Does a county reach a standard or its targets, whom is it like, how does it stand beside others? As data frames."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from edustats.analysis.county_case import QUOTA, build_county_case, read_standard_of
from edustats.analysis.coverage import only_covered
from edustats.analysis.judged_plan import JudgedPlan, read_plan
from edustats.analysis.panel import build_panel
from edustats.analysis.peers import find_peers
from edustats.analysis.selection import (
    Names,
    find_areas,
    find_frame_areas,
    known_of,
    label_rows,
    list_counties,
    require_columns,
)
from edustats.catalogue.standards import Standard, find_school_year_start, find_standard
from edustats.disclosure.observations import withhold_small_groups
from edustats.errors import ParameterError, UnknownNameError
from edustats.metrics.standards.items import judge_items, judge_overall
from edustats.store.reading import Store
from edustats.words import join_names

Marks = Mapping[str, float | Mapping[str, float]]


def judge(
    store: Store, standard: str, area: Names = None, year: int = 0, *, thresholds: Marks | None = None,
    documents: Mapping[str, bool] | None = None, inside: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """A standard item by item, for counties in a year; with other marks, if wanted.

    Parameters
    ----------
    store : from :func:`edustats.open_store`; a bureau's own marks beside it hold
    standard : key, such as ``quality_balance_2017``, ``basic_balance_2012``, ``class_size_2016``, or a part of its name
    area : counties by code or name; None: all
    year : 0: the last
    thresholds : what if: item to mark, as its document prints it, in all stages or by stage:
        ``{"cv": 0.45}``, ``{"cv": {"primary": 0.5}}``
    documents : what papers show, item to met
    inside : without protection

    Returns
    -------
    DataFrame
        ``area``, ``year``, ``item``, ``item_name``, ``stage``, ``verdict`` (met, basic, not_met, or open:
        needs_document, no_data, partial, one_school), ``value`` (catalogue's unit; of items about schools how many
        miss it),
        ``operator``, ``mark`` (as printed), ``unit`` of the mark, ``n`` units, ``schools`` (codes that miss it, with
        spaces between). ``attrs["overall"]``: area to met, not_met or open.

    Raises
    ------
    UnknownNameError
        No such standard, item or area; the nearest are named.
    ParameterError
        A mark is to be changed where there is none, or a year that is not held.

    Examples
    --------
    >>> judged = judge(store, "quality_balance_2017", "柏溪县", thresholds={"cv": 0.5})
    >>> sorted(set(judged["verdict"]))
    ['met', 'needs_document', 'no_data', 'not_met']
    """
    known = store.known
    year = year or int(store.about["years"][-1])
    if year not in store.about["years"]:
        have = join_names(store.about["years"])
        raise ParameterError("analysis.no_year", area=store.path.name, year=year, have=have)
    which = _change_marks(
        read_standard_of(store, find_standard(standard), known), thresholds or {}, year, store.lang
    )
    quota = read_standard_of(store, QUOTA, known)
    rows, overall = [], {}
    for code in list_counties(store, area):
        data = store.county(code)
        compare = data.compare if inside else withhold_small_groups(data.compare, known)[0]
        found = judge_items(
            build_county_case(data.units, compare, code, which, year, quota, known, documents=documents or {})
        )
        overall[code] = judge_overall(found)
        for one in found:
            mark = (one.mark.op, one.mark.printed, one.mark.unit) if one.mark else ("", np.nan, "")
            name = which.items[one.item].name[store.lang]
            rows.append((code, year, one.item, name, one.stage, one.verdict, one.value, *mark, one.n,
                         " ".join(one.offenders)))  # fmt: skip
    columns = ["area", "year", "item", "item_name", "stage", "verdict", "value", "operator", "mark", "unit", "n",
               "schools"]  # fmt: skip
    made = label_rows(pd.DataFrame(rows, columns=columns), store, known, inside)
    made.attrs |= {"standard": which.key, "source": which.source[store.lang], "overall": overall}
    return made


def _change_marks(which: Standard, changed: Marks, year: int, lang: str) -> Standard:
    """The standard with other values of its marks; the document's own unit and operator stay."""
    if not isinstance(changed, Mapping):
        raise ParameterError("analysis.no_marks", given=changed)
    on = max(find_school_year_start(year), which.start)
    names = {each: key for key, item in which.items.items() for each in (key, item.zh, item.en)}
    for given, marks in changed.items():
        if given not in names:
            near = difflib.get_close_matches(given, list(names), n=3, cutoff=0.3) or list(which.items)[:5]
            raise UnknownNameError(
                "analysis.unknown_item", standard=which.key, given=given, near=join_names(near)
            )
        item, moved = names[given], []
        for mark in which.thresholds:
            wanted = marks.get(mark.stage) if isinstance(marks, Mapping) else marks
            moved.append(wanted is not None and mark.item == item and mark.holds(on))
        if not any(moved):
            raise ParameterError("analysis.no_threshold", standard=which.key, given=given, year=year)
        told = [
            replace(mark, printed=(wanted := _pick(marks, mark.stage)), value=wanted * _scale(mark.value, mark.printed))
            if hit else mark
            for mark, hit in zip(which.thresholds, moved, strict=True)
        ]  # fmt: skip
        which = replace(which, thresholds=tuple(told))
    return which


def _pick(marks: float | Mapping[str, float], stage: str) -> float:
    return float(marks[stage] if isinstance(marks, Mapping) else marks)


def _scale(value: float, printed: float) -> float:
    return value / printed if printed else 1.0


def targets(store: Store, area: Names = None, *, inside: bool = False) -> pd.DataFrame:
    """The annual plan of a prefecture, target by target and county by county.

    Parameters
    ----------
    store : with the plan among its returns
    area : counties or prefectures; None: all
    inside : without protection

    Returns
    -------
    DataFrame
        ``area``, ``indicator``, ``target_year``, ``operator``, ``target``, ``verdict`` (met, on_course, off_course,
        not_met, overdue, cannot_tell), ``reason``, ``year`` and ``value`` (the last held), ``chance`` (0-1),
        ``needed`` and ``fastest`` (a change a year, in the indicator's unit), ``clause``.
        ``attrs["refused"]``: rows of the plan
        that are no condition, each with its reason. Targets that so many counties have to reach stand county by county.

    Examples
    --------
    >>> targets(store, "柏溪县").columns[:4].tolist()
    ['area', 'area_name', 'indicator', 'indicator_name']
    """
    known = store.known
    wanted, refused = read_plan(store, known)
    asked = find_areas(store, area)
    rows = []
    for prefecture in store.prefectures:
        compare = store.comparison(prefecture)
        compare = compare if inside else withhold_small_groups(compare, known)[0]
        plan = JudgedPlan(compare=compare, known=known, targets=wanted, refused=refused)
        for target in wanted:
            for code in [target.area] if target.area else plan.counties:
                if code not in {*plan.counties, prefecture} or (asked is not None and code not in asked):
                    continue
                j = plan.judged(target, code)
                rows.append((code, target.indicator, target.year, target.operator, target.value, j.verdict, j.reason,
                             j.year or None, j.value, j.chance, j.needed, j.fastest, target.clause))  # fmt: skip
    columns = ["area", "indicator", "target_year", "operator", "target", "verdict", "reason", "year", "value", "chance",
               "needed", "fastest", "clause"]  # fmt: skip
    made = label_rows(pd.DataFrame(rows, columns=columns), store, known, inside)
    made.attrs["refused"] = [(one.row, one.name, one.why[store.lang]) for one in refused]
    return made


def peers(store: Store, area: str) -> pd.DataFrame:
    """The counties most like one, nearest first, and by which features.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    area : one county, by code or name

    Returns
    -------
    DataFrame
        ``area``, ``place`` (1 the nearest, 0 the county itself), ``distance`` (root mean squared difference in standard
        deviations between the counties) and a column for each feature, named in ``attrs["features"]``.

    Raises
    ------
    ParameterError
        The store holds one county only, or no feature.

    Examples
    --------
    >>> peers(store, "柏溪县")["area_name"].head(1).tolist()
    ['柏溪县']
    """
    known = store.known
    code = store.county_code(store.find_area(area))
    compare, _ = withhold_small_groups(store.county(code).compare, known)
    held = set(compare.loc[compare["area"] == code, "indicator"].astype(str))
    panel = build_panel(compare, code, [one for key, one in known.indicators.items() if key in held])
    found = find_peers(panel)
    if found is None:
        raise ParameterError("analysis.no_peers", store=store.path.name)
    at = [panel.own, *found.index]
    made = pd.DataFrame({"area": [panel.areas[i] for i in at], "place": range(len(at))})
    made["distance"] = [0.0, *found.distance]
    for k, feature in enumerate(found.features):
        made[feature.key] = found.values[at, k]
    made = label_rows(made, store, known, inside=False)
    made.attrs["features"] = {
        one.key: (one.name[store.lang], year) for one, year in zip(found.features, found.years, strict=True)
    }
    return made


def compare(frame: pd.DataFrame, area: str, others: Names = None) -> pd.DataFrame:
    """One area's values beside others', year by year, with the difference.

    Parameters
    ----------
    frame : from :func:`edustats.observations`
    area : code or name, as the frame has it
    others : codes or names; None: every other area of the frame; areas above only where the counties cover them

    Returns
    -------
    DataFrame
        ``indicator``, ``year``, ``area``, ``other``, their names, ``value``, ``other_value``, ``difference`` (value
        less other_value, in the unit) and ``ratio``.

    Raises
    ------
    UnknownNameError
        The frame does not hold an area; those it holds are named.

    Examples
    --------
    >>> rows = observations(store, "ratio_pupils_per_teacher_primary")
    >>> compare(rows, "柏溪县", "云汀市")["other_name"].unique().tolist()
    ['云汀市']
    """
    require_columns(frame, ("area", "area_name", "level", "year", "indicator", "value"), "observations")
    own = frame[frame["area"].isin(find_frame_areas(frame, area))]
    rest = only_covered(frame, known_of(frame))
    wanted = (
        ~rest["area"].isin(own["area"])
        if others is None
        else rest["area"].isin(find_frame_areas(frame, others))
    )
    rest = rest[wanted & rest["value"].notna()]
    keys = ["indicator", "year"]
    columns = [*keys, "area", "area_name", "value"]
    other = rest[columns].rename(columns={"area": "other", "area_name": "other_name", "value": "other_value"})
    made = own[columns].merge(other, on=keys, how="inner")
    made["difference"] = made["value"] - made["other_value"]
    made["ratio"] = made["value"] / made["other_value"].where(made["other_value"] != 0)
    made.attrs = dict(frame.attrs)
    return made.sort_values(["indicator", "other", "year"], ignore_index=True)
