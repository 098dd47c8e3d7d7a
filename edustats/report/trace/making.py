"""How was a printed number made of the figures that its sources name? Their formula is that of those figures."""

from __future__ import annotations

from edustats.report.trace.sources import PrintedNumber
from edustats.words import NOTHING, Text, read_all_texts, say

MADE = (
    ("forecast", "forecast"),
    ("seats.errors", "seat_errors"),
    ("seats.match", "seat_match"),
    ("seats.doubt", ""),
    ("seats.", "seats"),
    ("convergence", "convergence"),
    ("brief.reasons", "reasons"),
    ("spread", "spread"),
    ("lorenz.", "lorenz"),
    ("parts", "parts"),
    ("prefecture.parts", "parts"),
    ("index.", "index"),
    ("growth", "growth"),
    ("peer_gaps", "peers"),
    ("peers", "peers"),
    ("target", "targets"),
    ("plan", "targets"),
    ("brief.targets", "targets"),
    ("changed", "changed"),
    ("segregation.", "segregation"),
    ("pushed", "pushed"),
    ("standards.carries.", "pushed"),
    ("back_test", "back_test"),
    ("finance.pay_gap", "pay_gap"),
)
"""What a record's key begins with, and the text that says how its numbers are made; the first that fits."""
BY_KIND = ("difference", "rate", "slope", "rank", "interval_end")
"""Kinds that say themselves how a number is made of figures, where the record does not."""


def describe_making(one: PrintedNumber) -> Text:
    """How a number was made of the figures behind it; nothing where it is such a figure itself.

    Parameters
    ----------
    one : its record and its kind tell
    """
    kind, _, key = one.record.partition(" ")
    own = next((made for start, made in MADE if key.startswith(start)), "") if kind != "note" else ""
    texts = [f"trace.made_{name}" for name in (own, one.kind if one.kind in BY_KIND else "") if name]
    known = read_all_texts()
    return next((say(address) for address in texts if address in known), NOTHING)
