"""What does a verb of a chapter return? Findings, tables and figures that show themselves in a notebook."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from edustats.present.records.items import NO_SOURCE, Figure, Finding, Item, Provenance, Table, serialize_item
from edustats.present.records.levels import rename_levels
from edustats.words import Text, join_texts, say

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.edustats.{}+json"


@dataclass(frozen=True)
class ChapterItems:
    """What one call of a notebook returns: items in reading order, shown one output each."""

    items: tuple[Item, ...]
    lang: str

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, at: int | slice) -> ChapterItems:
        """One item or several, shown as the whole is."""
        held = self.items[at]
        return replace(self, items=held if isinstance(held, tuple) else (held,))

    def __repr__(self) -> str:
        kinds = [type(item).__name__.lower() for item in self.items]
        told = ", ".join(f"{kinds.count(kind)} × {kind}" for kind in dict.fromkeys(kinds))
        return f"<{told or 'nothing'}>"

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """Sentences, tables and the numbers of figures as data frames, by key; numbers unrounded."""
        from edustats.present.records.saving import frame_items

        return frame_items(self.items, self.lang)

    def to_excel(self, file: str | Path) -> None:
        """Write sentences and tables into one workbook, a sheet each; what is withheld stays so."""
        from edustats.present.records.saving import save_workbook

        save_workbook(self.items, Path(file), self.lang)

    def to_docx(self, file: str | Path) -> None:
        """Write sentences, tables and figures into one Word file, in reading order."""
        from edustats.present.records.saving import save_document

        save_document(self.items, Path(file), self.lang)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for item in self.items:
            display(build_mime_bundle(item, self.lang), raw=True)


def build_mime_bundle(item: Item, lang: str) -> dict[str, Any]:
    """Mime bundle of one item: record, HTML, plain text and, for a figure, its PNG."""
    from edustats.present.records import html as cards

    kind = type(item).__name__.lower()
    shown: dict[str, Callable[[Any, str], str]] = {
        "finding": cards.render_finding,
        "table": cards.render_table,
        "figure": cards.render_figure,
    }
    plain = item.sentence if isinstance(item, Finding) else item.title
    parts = {
        MIME.format(kind): serialize_item(item),
        "text/html": shown[kind](item, lang),
        "text/plain": plain[lang],
    }
    if isinstance(item, Figure):
        parts["image/png"] = base64.b64encode(item.png).decode("ascii")
    return parts


class Teller(Protocol):
    """What a chapter looks at: it has a language and can account for what it counts."""

    @property
    def lang(self) -> str: ...

    def account(self, whose: str) -> Provenance: ...


def collect_items(
    view: Teller | str, *items: Item | Sequence[Item], source: Provenance | None = None
) -> ChapterItems:
    """Collect items and lists of items in reading order, each with a source.

    Parameters
    ----------
    view : what is looked at; its own account is the source of what names none. Or a language alone
    items : findings, tables, figures
    source : of items that name none, instead of the view's account
    """
    flat: list[Item] = []
    for item in items:
        flat.extend([item] if isinstance(item, (Finding, Table, Figure)) else item)
    if source is None and not isinstance(view, str):
        source = view.account("page")
    flat = [_add_source(item, source) if source else item for item in flat]
    if names := getattr(getattr(view, "known", None), "level_names", None):
        flat = [rename_levels(item, names) for item in flat]
    return ChapterItems(
        tuple(_protect_item(item) for item in flat), view if isinstance(view, str) else view.lang
    )


def _protect_item(item: Item) -> Item:
    """The item without small counts of persons; a figure that would show them becomes its table."""
    from edustats.present.records.small_counts import suppress_small_counts

    if isinstance(item, Table):
        return suppress_small_counts(item)
    if isinstance(item, Figure):
        data = suppress_small_counts(item.data)
        if data is not item.data:
            said = say("disclosure.figure")
            note = join_texts([data.note, said], Text("", " "))
            return replace(data, title=item.title, note=note)
    return item


def _add_source(item: Item, source: Provenance) -> Item:
    if isinstance(item, Finding) and any(number.source == NO_SOURCE for number in item.numbers):
        told = [replace(n, source=source) if n.source == NO_SOURCE else n for n in item.numbers]
        return replace(item, numbers=tuple(told))
    if isinstance(item, Table) and not item.sources:
        return replace(item, sources=(source,))
    if isinstance(item, Figure) and not item.data.sources:
        return replace(item, data=replace(item.data, sources=(source,)))
    return item
