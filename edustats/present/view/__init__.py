"""What does a page look at? A county or a prefecture with its rows, notes and sources."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "area": [
            "AreaView",
        ],
        "county": [
            "View",
            "find_store",
            "open_county",
        ],
        "notes": [
            "describe_formula",
            "select_most_telling",
            "write_scope_note",
        ],
        "prefecture": [
            "PrefectureView",
        ],
        "schools": [
            "ComparisonField",
            "UnitValues",
            "describe_comparison_field",
            "format_coefficient",
            "format_with_interval",
            "get_unit_values",
            "is_narrow_interval",
            "is_per_pupil",
            "list_compared_indicators",
            "list_measured_years",
            "name_unit",
            "trace_units",
        ],
    },
)
