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
            "formula",
            "note",
            "telling",
        ],
        "prefecture": [
            "PrefectureView",
        ],
        "schools": [
            "Field",
            "Floats",
            "Units",
            "coefficient",
            "compared",
            "field_of",
            "name_of",
            "per_pupil",
            "says_something",
            "source_of",
            "units_of",
            "with_interval",
            "years_of",
        ],
    },
)
