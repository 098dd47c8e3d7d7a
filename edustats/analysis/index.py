"""Which area is ready first by a declared set of indicators, how sure is that order, and whose turn is it then?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from edustats.analysis.selection import check_keys, known_of, require_columns
from edustats.errors import ParameterError
from edustats.metrics.composite.growth import GrowthAssumptions, growth_shares
from edustats.metrics.composite.index import (
    DRAWS,
    check_weights,
    combine,
    draw_weights,
    plan_phases,
    rank_acceptability,
    score_values,
)
from edustats.words import NOTHING, Text, join_texts, say

CLAUSES = Text("；", "; ")


def index(
    frame: pd.DataFrame, weights: Mapping[str, float], year: int, *, goals: Mapping[str, float] | None = None,
    how: str = "arithmetic", gaps: str = "none", phases: Sequence[int] = (1, 2), spread: float = 1.0,
    draws: int = DRAWS,
) -> pd.DataFrame:  # fmt: skip
    """An index of the areas of one year from a declared set of indicators, with its bounds, ranks and phases.

    Parameters
    ----------
    frame : from :func:`edustats.observations`; of several levels the counties
    weights : weight of every indicator, by key or name, together 1
    year : the year
    goals : goal of every indicator, in its unit; None: scores are places between the lowest and the highest area
    how : ``arithmetic`` or ``geometric``
    gaps : ``none``: an area that lacks an indicator has no index; ``spread``: the others share its weight
    phases : areas that each phase of the roll-out adds; what is left is the last phase
    spread : how far other weights may lie from the declared, 1: any
    draws : sets of other weights that are tried

    Returns
    -------
    DataFrame
        ``area``, ``area_name``, ``value`` (0-1), ``low``, ``high`` (with what is missing at worst and at best),
        ``covered`` (weight that is there), ``missing`` (keys), ``rank``, ``rank_share`` (of other weights under which
        it keeps its rank), ``first_share``, ``phase``. ``attrs``: how it was made, ``tied`` phases, ``acceptability``
        (areas by ranks).

    Raises
    ------
    ParameterError
        Weights that do not add up to 1, an indicator without direction, a goal that is missing.

    Examples
    --------
    >>> rows = observations(store, level="county")
    >>> weights = {"ratio_pupils_per_teacher_primary": 0.5, "per_pupil_books_primary": 0.5}
    >>> index(rows, weights, 2022).columns[:5].tolist()
    ['area', 'area_name', 'value', 'low', 'high']
    """
    require_columns(frame, ("area", "area_name", "year", "indicator", "value"), "observations")
    known = known_of(frame)
    keys = list(check_keys(weights, known) or ())
    weights = dict(zip(keys, weights.values(), strict=True))
    goals = None if goals is None else dict(zip(check_keys(goals, known) or (), goals.values(), strict=True))
    check_weights(list(weights.values()), len(keys))
    own = frame[(frame["year"] == year) & frame["indicator"].isin(keys)]
    own = own[own["level"] == "county"] if "level" in own and own["level"].nunique() > 1 else own
    wide = own.pivot_table(index=["area", "area_name"], columns="indicator", values="value", aggfunc="first")
    values = wide.reindex(columns=keys)
    better = [known.indicators[key].better for key in keys]
    if goals is not None and (lost := [key for key in keys if key not in goals]):
        raise ParameterError("index.no_goal", found=lost[0])
    high = None if goals is None else np.array([goals[key] for key in keys], float)
    made: pd.DataFrame = values.index.to_frame(index=False)
    if made.empty:
        return _empty()
    scores = score_values(values.to_numpy(float), better, "range" if goals is None else "goal", high=high)
    alike = np.isfinite(values.to_numpy(float)).any(axis=0) & np.isnan(scores).all(axis=0)
    if alike.any():
        name = known.indicators[keys[int(np.argmax(alike))]].name
        raise ParameterError("index.all_alike", indicator=name, year=year)
    found = combine(scores, list(weights.values()), how, gaps)
    made = made.assign(value=found.value, low=found.low, high=found.high, covered=found.covered)
    gone = np.isnan(scores)
    made["missing"] = [", ".join(key for key, lost in zip(keys, row, strict=True) if lost) for row in gone]
    made["rank"] = made["value"].round(12).rank(ascending=False, method="min")
    made["phase"], tied = plan_phases(np.round(found.value, 12), phases)
    ranks = _ranks(made, scores, draw_weights(list(weights.values()), draws, spread), how)
    made = made.sort_values(["rank", "area"], ignore_index=True)
    facts = {"year": year, "how": how, "gaps": gaps, "weights": weights, "draws": draws, "spread": spread}
    made.attrs.update(facts, tied=tied, acceptability=ranks)
    return made


def _empty() -> pd.DataFrame:
    return pd.DataFrame(columns=["area", "area_name", "value", "low", "high", "covered", "missing", "rank", "phase",
                                 "rank_share", "first_share"])  # fmt: skip


def _ranks(made: pd.DataFrame, scores: np.ndarray, tried: np.ndarray, how: str) -> dict[str, list[float]]:
    """Shares of the weights by area and rank, of areas without gaps; writes two columns of them."""
    whole = np.isfinite(scores).all(axis=1)
    made["rank_share"] = made["first_share"] = np.nan
    if not whole.any():
        return {}
    shares = rank_acceptability(scores[whole], tried, how)
    among = made.loc[whole, "value"].round(12).rank(ascending=False, method="min").astype(int).to_numpy() - 1
    made.loc[whole, "rank_share"] = shares[np.arange(len(among)), among]
    made.loc[whole, "first_share"] = shares[:, 0]
    return dict(zip(made.loc[whole, "area"].astype(str), shares.tolist(), strict=True))


def describe_roll_out(made: pd.DataFrame, year: int) -> Text:
    """Who is ready first, who next, who last; how sure that is, and who has no place.

    Parameters
    ----------
    made : from :func:`index`
    year : the year, for the case that nobody has all indicators
    """
    if made.empty or made["value"].isna().all():
        return say("index.roll_out_none", year=year)
    parts = [
        say("index.roll_out_phase", phase=f"{phase:.0f}", names=_names(own["area_name"]))
        for phase, own in made.dropna(subset="phase").groupby("phase")
    ]
    first = made.iloc[0]
    if np.isfinite(first["first_share"]):
        share = f"{first['first_share'] * 100:.1f}%"
        parts.append(
            say(
                "index.roll_out_sure",
                draws=made.attrs["draws"],
                first=_names([first["area_name"]]),
                share=share,
            )
        )
    if made.attrs["tied"]:
        parts.append(say("index.roll_out_tied", phases=", ".join(map(str, made.attrs["tied"]))))
    if made["value"].isna().any():
        parts.append(say("index.roll_out_left", names=_names(made.loc[made["value"].isna(), "area_name"])))
    how = say(f"index.how_{made.attrs['how']}")
    return say(
        "index.roll_out", year=year, k=len(made.attrs["weights"]), how=how, phases=join_texts(parts, CLAUSES)
    )


def _names(names: Sequence[str] | pd.Series) -> Text:
    return join_texts([Text(str(name), str(name)) for name in names])


def describe_growth_claim(
    claim: float,
    schooling: tuple[float, float] | None = None,
    output: tuple[float, float] | None = None,
    n: int = 0,
    assumed: GrowthAssumptions | None = None,
) -> Text:
    """What is to be said of a claimed share of education in growth: which model agrees, or 口径待核.

    Parameters
    ----------
    claim : the share claimed, 0.192 for 19.2 %
    schooling : mean years of schooling of those at work at both ends; None: not known
    output : output at constant prices at both ends; None: not known
    n : years between
    assumed : what the models hold, with its sources; None: nobody declared it, and nothing is worked out

    Examples
    --------
    >>> describe_growth_claim(0.192).zh[:23]
    '教育对经济增长的贡献率19.2%：口径待核。缺'
    """
    said = f"{claim * 100:.1f}%"
    given = {"output": output, "schooling": schooling, "assumptions": assumed}
    lost = [say(f"index.growth_lacks_{name}") for name, one in given.items() if one is None]
    if schooling is None or output is None or assumed is None:
        return say("index.growth_open", claim=said, told=say("index.growth_no_data", what=join_texts(lost)))
    found = growth_shares(schooling, output, n, assumed)
    facts = [
        {"model": say(f"index.model_{s.model}"), **{k: f"{getattr(s, k) * 100:.1f}%" for k in ("value", "low", "high")}}
        for s in found
    ]  # fmt: skip
    fits = [f for s, f in zip(found, facts, strict=True) if s.low - 0.0005 <= claim <= s.high + 0.0005]
    if not fits:
        told = join_texts([say("index.growth_model", **f) for f in facts], CLAUSES)
        return say("index.growth_open", claim=said, told=told)
    return join_texts([say("index.growth_fits", claim=said, **f) for f in fits], NOTHING)


def describe_output_claim(claim: str) -> Text:
    """What is to be said of a yearly output of an industry in a draft: no return of education holds it.

    Examples
    --------
    >>> describe_output_claim("320亿元").zh[:15]
    '产业年产值320亿元：口径待核'
    """
    return say("index.output_open", claim=claim)
