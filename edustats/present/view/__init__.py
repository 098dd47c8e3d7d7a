"""What does a page look at? A county or a prefecture with its rows, notes and sources."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "county": [
            "View",
            "find_store",
            "open_county",
        ],
        "notes": [
            "describe_formula",
            "write_scope_note",
            "select_most_telling",
        ],
        "prefecture": [
            "PrefectureView",
        ],
        "schools": [
            "ComparisonField",
            "Floats",
            "UnitValues",
            "format_coefficient",
            "list_compared_indicators",
            "describe_comparison_field",
            "name_unit",
            "is_per_pupil",
            "is_narrow_interval",
            "trace_units",
            "get_unit_values",
            "format_with_interval",
            "list_measured_years",
        ],
    },
)
