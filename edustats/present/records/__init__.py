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
            "format_cell",
            "format_table_rows",
            "render_table",
        ],
        "items": [
            "Cell",
            "Figure",
            "Finding",
            "Item",
            "Number",
            "Provenance",
            "Table",
            "TableColumn",
            "revive_item",
            "serialize_item",
        ],
        "numbers": [
            "NumericText",
            "change_matches_ends",
            "choose_decimals",
            "format_amount",
            "format_difference",
            "format_digits",
            "format_interval",
            "format_without_unit",
            "is_printed_zero",
            "join_sentence",
            "round_half_up",
        ],
        "sheet": [
            "ChapterItems",
            "build_mime_bundle",
            "collect_items",
        ],
        "small_counts": [
            "suppress_small_counts",
        ],
    },
)
