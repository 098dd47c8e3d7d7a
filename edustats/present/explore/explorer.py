"""How does somebody look around without writing code? Choices on top, what they show below, the code beside it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from edustats.analysis.pinyin import abbreviate_by_sound
from edustats.errors import MissingFileError
from edustats.present.explore.answers import COMPARISONS, GROUPS, Choice, Explorer
from edustats.store.reading import Store
from edustats.words import say

STYLE = (
    "<style>table.edustats td,table.edustats th{padding:2px 8px;border-bottom:1px solid #d9d9d9;font-weight:normal}"
    "table.edustats td{text-align:right}</style>"
)
FIRST = "ratio_pupils_per_teacher_primary"
"""The indicator one begins with, where it is held."""
COPY = (
    "var area=document.createElement('textarea');area.value=this.parentNode.querySelector('pre').textContent;"
    "document.body.appendChild(area);area.select();document.execCommand('copy');area.remove()"
)
"""Copies in every browser: the clipboard itself may be asked only on this machine or by https."""


def explore(store: Store, lang: str = "") -> Any:
    """The explorer: areas, years, indicator, comparison and group of schools to choose.

    Parameters
    ----------
    store : from :func:`edustats.open_store`
    lang : zh or en; empty: the store's

    Returns
    -------
    ipywidgets.VBox
        Shown in a notebook.

    Raises
    ------
    MissingFileError
        ipywidgets is not installed; says what to type.

    Examples
    --------
    >>> type(explore(open_store("data/store/example"), "zh")).__name__
    'VBox'
    """
    try:
        import ipywidgets
    except ImportError as error:
        raise MissingFileError("explore.no_widgets") from error
    return _Panel(Explorer(store, lang or store.lang), ipywidgets).box


class _Panel:
    """The widgets and what joins them to the answers."""

    def __init__(self, explorer: Explorer, widgets: Any) -> None:
        self.explorer, self.widgets = explorer, widgets
        store, lang, years = explorer.store, explorer.lang, explorer.store.about["years"]
        names = dict(zip(store.areas["code"], store.areas[lang], strict=True))
        held = _list_held_indicators(store)
        self.options = [(known.name[lang], key, abbreviate_by_sound(known.zh)) for key, known in held.items()]
        self.areas = widgets.SelectMultiple(
            options=[(f"{names[code]} {code}", code) for code in store.counties], value=(store.counties[0],),
            rows=7, description=self._say("areas"))  # fmt: skip
        self.search = widgets.Text(description=self._say("search"), placeholder=self._say("search_hint"))
        self.indicator = widgets.Dropdown(
            options=[(name, key) for name, key, _ in self.options], value=FIRST if FIRST in held else next(iter(held)),
            description=self._say("indicator"))  # fmt: skip
        self.years = widgets.IntRangeSlider(
            value=(years[0], years[-1]), min=years[0], max=years[-1], description=self._say("years"),
            layout={"width": "420px"}, continuous_update=False)  # fmt: skip
        self.against = widgets.Dropdown(
            options=[(self._say(f"against_{key}"), key) for key in COMPARISONS],
            description=self._say("against"),
        )
        self.group = widgets.Dropdown(
            options=[(self._say(f"group_{key or 'all'}"), key) for key in GROUPS],
            description=self._say("group"),
        )
        self.shown, self.said = widgets.HTML(), widgets.HTML()
        for one in (self.areas, self.indicator, self.years, self.against, self.group):
            one.observe(self._show, "value")
        self.search.observe(self._narrow, "value")
        controls = widgets.VBox([self.search, self.indicator, self.years, self.against, self.group])
        buttons = [self._make_button(key, do) for key, do in (
            ("report", self._tell_command), ("excel", self._save_excel), ("png", self._save_png),
            ("word", self._save_word),
        )]  # fmt: skip
        self.box = widgets.VBox(
            [widgets.HBox([self.areas, controls]), self.shown, widgets.HBox(buttons), self.said]
        )
        self._show()

    def _say(self, key: str) -> str:
        return say(f"explore.{key}")[self.explorer.lang]

    def _make_button(self, key: str, do: Any) -> Any:
        button = self.widgets.Button(description=self._say(f"button_{key}"))
        button.on_click(do)
        return button

    @property
    def choice(self) -> Choice:
        first, last = self.years.value
        return Choice(
            areas=tuple(self.areas.value) or (self.explorer.store.counties[0],), indicator=self.indicator.value,
            first=first, last=last, against=self.against.value, group=self.group.value,
        )  # fmt: skip

    def _narrow(self, change: Any) -> None:
        """Indicators whose name, key or first letters hold the words; all where none does."""
        words = self.search.value.casefold().split()
        hits = [
            (name, key) for name, key, sound in self.options
            if all(word in f"{name} {key} {sound}".casefold() for word in words)
        ]  # fmt: skip
        if hits and tuple(hits) != tuple(self.indicator.options):
            kept = self.indicator.value
            self.indicator.unobserve(self._show, "value")  # new options choose their first by themselves
            self.indicator.options = hits
            self.indicator.value = kept if kept in {key for _, key in hits} else hits[0][1]
            self.indicator.observe(self._show, "value")
            if self.indicator.value != kept:
                self._show()

    def _show(self, change: Any = None) -> None:
        if self.indicator.value is None:
            return
        found = self.explorer.answer(self.choice)
        code = "\n".join(found.code)
        copied = f'<button onclick="{COPY}">{escape(self._say("copy"))}</button>'
        self.shown.value = (
            f"{STYLE}{found.verdict}{found.chart}{found.places}{found.schools}{found.table}"
            f"<div>{copied}<pre>{escape(code)}</pre></div>"
        )

    def _tell_command(self, button: Any) -> None:
        self.said.value = f"<div><pre>{escape(self.explorer.write_command(self.choice))}</pre></div>"

    def _save_excel(self, button: Any) -> None:
        from edustats.analysis.codebook import export

        file = self._name_file("xlsx")
        export(self.explorer.answer(self.choice).frame, file, lang=self.explorer.lang)
        self._tell_saved(file)

    def _save_png(self, button: Any) -> None:
        file = self._name_file("png")
        self._draw().figure.savefig(file)
        self._tell_saved(file)

    def _save_word(self, button: Any) -> None:
        from edustats.present.explore.frame_table import show_frame
        from edustats.present.view.county import open_county

        choice, file = self.choice, self._name_file("docx")
        view = open_county(choice.areas[0], self.explorer.store.path, lang=self.explorer.lang)
        frame = self.explorer.answer(choice).frame
        told = frame[["area_name", "year", "value"]]
        items = show_frame(view, frame, self._title(), chart=True)
        items = type(items)((*items.items, *show_frame(view, told, self._title()).items), items.lang)
        items.to_docx(file)
        self._tell_saved(file)

    def _draw(self) -> Any:
        from edustats.present.explore.frame_chart import plot

        choice = self.choice
        return plot(self.explorer.answer(choice).frame, choice.areas[0], lang=self.explorer.lang, quiet=True)

    def _title(self) -> str:
        name = self.explorer.known.indicator(self.choice.indicator).name
        return f"{name.zh} / {name.en}"

    def _name_file(self, ending: str) -> Path:
        return Path(f"{self.choice.areas[0]}_{self.choice.indicator}.{ending}")

    def _tell_saved(self, file: Path) -> None:
        self.said.value = f"<p>{escape(say('explore.saved', file=file.name)[self.explorer.lang])}</p>"


def _list_held_indicators(store: Store) -> dict[str, Any]:
    """Indicators that the first prefecture holds, in catalogue order."""
    rows = store.comparison(store.prefectures[0])
    held = set(rows.loc[rows["value"].notna(), "indicator"].astype(str))
    return {key: one for key, one in store.known.indicators.items() if key in held}
