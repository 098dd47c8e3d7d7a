"""Where does a published number come from? Sources, values, explanations."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "embedded": [
            "attach",
            "custom_part",
            "held_in",
            "into_package",
            "read_part",
        ],
        "explain": [
            "compared",
            "explained",
            "matching",
        ],
        "notebook": [
            "Block",
            "Heading",
            "Picture",
            "Printed",
            "Prose",
            "blocks",
        ],
        "quantities": [
            "Quantity",
            "held",
            "number_format",
            "quantity",
            "unit_of",
        ],
        "sources": [
            "PrintedNumber",
            "SourceList",
            "Sources",
            "row_sources",
            "source_heads",
            "source_rows",
        ],
        "values": [
            "assemble",
            "made_now",
            "write_part",
        ],
    },
)
