"""What does a page say of figures that were published otherwise before?"""

from __future__ import annotations

from edustats.present.records.items import Finding, Table, TableColumn
from edustats.present.records.numbers import format_amount, format_year, join_sentence
from edustats.present.view.area import AreaView
from edustats.words import CLAUSES, Text, join_texts, say

MOST_ROWS = 30
"""A longer table stays on the page and out of the brief."""


def show_revisions(view: AreaView) -> list[Finding | Table]:
    """How many figures of the area are revised, and each with its old and new value and why; nothing where none is."""
    found = view.revisions
    if found.empty:
        return []
    edition = str(found["edition"].iloc[0])
    facts = {"n": len(found), "edition": edition, "year": int(found["year"].min())}
    said = say("revisions.said", area=view.name, **facts)
    reasons = [Text(zh, en) for zh, en in dict.fromkeys(zip(found["why_zh"], found["why_en"], strict=True))]
    note = say("revisions.note_why", edition=edition, why=join_texts(reasons, CLAUSES))
    heads = [
        say("sentences.head_indicator"),
        say("sentences.head_year"),
        say("revisions.head_old", edition=edition),
    ]
    heads += [say("revisions.head_new"), say("revisions.head_why")]
    rows = tuple(
        (
            view.known.indicator(str(row["indicator"])).name, format_year(int(row["year"])),
            *(format_amount(float(v), view.known.unit_of(str(row["indicator"]))) for v in (row["old"], row["new"])),
            Text(str(row["why_zh"]), str(row["why_en"])),
        )
        for row in found.to_dict("records")
    )  # fmt: skip
    return [
        Finding(key="revisions", sentence=join_sentence(said), note=note),
        Table(
            key="revisions", title=say("revisions.title", area=view.name), rows=rows,
            columns=tuple(TableColumn(label=head) for head in heads), brief=len(rows) <= MOST_ROWS,
        ),
    ]  # fmt: skip
