"""What leaves a notebook? Findings, tables, figures, and how each shows itself."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "chart": [
            "Chart",
            "Series",
            "Values",
            "revive_chart",
            "round_values",
        ],
        "html": [
            "find_number_spans",
            "format_table_rows",
            "format_cell",
            "render_table",
        ],
        "items": [
            "Cell",
            "TableColumn",
            "Figure",
            "Finding",
            "Item",
            "Number",
            "Provenance",
            "Table",
            "serialize_item",
            "revive_item",
        ],
        "numbers": [
            "NumericText",
            "change_matches_ends",
            "format_amount",
            "format_without_unit",
            "format_difference",
            "format_digits",
            "format_interval",
            "is_printed_zero",
            "join_sentence",
            "choose_decimals",
            "round_half_up",
        ],
        "sheet": [
            "ChapterItems",
            "build_mime_bundle",
        ],
        "small_counts": [
            "suppress_small_counts",
        ],
    },
)
