"""How does a chapter's item show one indicator, one year or one grouping only? Each verb takes these three choices."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache, wraps
from typing import Any

from edustats.errors import UnknownNameError
from edustats.present.records.items import Finding
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.area import AreaView
from edustats.words import join_names, say

CHOICES = ("indicator", "year", "group")


@cache
def take_choices(verb: Callable[..., ChapterItems]) -> Callable[..., ChapterItems]:
    """The verb, that also takes ``indicator=`` (key or name, one or several), ``year=`` and ``group=``.

    What is judged together stays together: a trend is read with all indicators of the page, whichever is shown.
    ``year`` is the last year that is looked at. Where nothing is left the answer says so.
    """
    own = inspect.signature(verb)
    added = [name for name in CHOICES if name not in own.parameters]

    @wraps(verb)
    def shown(view: AreaView, *args: Any, **more: Any) -> ChapterItems:
        chosen = {name: more.pop(name) for name in added if more.get(name)}
        if not (chosen and isinstance(view, AreaView)):
            return verb(view, *args, **{k: v for k, v in more.items() if v or k in own.parameters})
        found = verb(narrow_view(view, **chosen), *args, **more)
        if found.items:
            return found
        said = say("analysis.nothing_shown", given=join_names(chosen.values()))
        return collect_items(view, Finding(key="nothing", sentence=said, verdict="cannot_tell"))

    last = [
        p for p in own.parameters.values() if p.kind not in (p.VAR_KEYWORD, p.KEYWORD_ONLY)
    ]  # the choices come after what the verb takes by place
    choices = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in added]
    rest = [p for p in own.parameters.values() if p not in last]
    shown.__signature__ = own.replace(parameters=[*last, *_keep_order(choices, rest)])  # type: ignore[attr-defined]
    return shown


def _keep_order(choices: list[inspect.Parameter], rest: list[inspect.Parameter]) -> list[inspect.Parameter]:
    named = [p for p in rest if p.kind is p.KEYWORD_ONLY]
    return [*named, *choices, *(p for p in rest if p.kind is p.VAR_KEYWORD)]


def narrow_view(
    view: AreaView, *, indicator: str | Iterable[str] = (), year: int = 0, group: str = ""
) -> AreaView:
    """The view of some indicators, up to a year, with one of the store's groupings.

    Raises
    ------
    UnknownNameError
        An indicator or a grouping that is not there; the nearest are named.
    """
    more: dict[str, Any] = {}
    if indicator:
        named = {name: key for key, one in view.known.indicators.items() for name in (one.zh, one.en)}
        asked = [indicator] if isinstance(indicator, str) else list(indicator)
        more["chosen"] = tuple(view.known.indicator(named.get(each, each)).key for each in asked)
    if year:
        more["last_year"] = view.check_year(year)
    if group:
        more["store"] = replace(
            view.store, about=view.store.about | {"groups": [_find_grouping(view, group)]}
        )
    return replace(view, **more)


def _find_grouping(view: AreaView, given: str) -> dict[str, Any]:
    groups = view.store.about["groups"]
    for one in groups:
        names = {name for part in ("name", "high", "low") for name in one[part].values()}
        if given == one["key"] or given in names:
            return dict(one)
    near = join_names([one["key"] for one in groups] or ["—"])
    raise UnknownNameError("analysis.unknown_group", given=given, near=near)
