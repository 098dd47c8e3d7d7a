"""What leaves a notebook? Findings, tables, figures, and how each shows itself."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "chart": [
            "Chart",
            "Series",
            "Values",
            "revive",
            "values",
        ],
        "html": [
            "anchors",
            "printed_rows",
            "shown",
            "table_html",
        ],
        "items": [
            "Cell",
            "Column",
            "Figure",
            "Finding",
            "Item",
            "Number",
            "Provenance",
            "Table",
            "record",
            "revive",
        ],
        "numbers": [
            "Measure",
            "adds_up",
            "amount",
            "bare",
            "difference",
            "digits",
            "interval",
            "is_nil",
            "joined",
            "places_for",
            "rounded",
        ],
        "sheet": [
            "Sheet",
            "bundle",
        ],
        "small_counts": [
            "table_without_small_counts",
        ],
    },
)
