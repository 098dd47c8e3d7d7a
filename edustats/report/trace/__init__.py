"""Where does a published number come from? Sources, values, explanations."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "embedded": [
            "embed_sources",
            "build_custom_part",
            "read_embedded_sources",
            "embed_in_package",
            "parse_custom_part",
        ],
        "explain": [
            "compare_with_store",
            "trace_file",
            "find_numbers",
        ],
        "notebook": [
            "Block",
            "Heading",
            "Picture",
            "Printed",
            "Prose",
            "read_blocks",
        ],
        "quantities": [
            "CellQuantity",
            "scale_for_cell",
            "build_number_format",
            "read_quantity",
            "find_unit",
        ],
        "sources": [
            "PrintedNumber",
            "SourceList",
            "NumberSources",
            "assign_row_sources",
            "name_source_columns",
            "tabulate_sources",
        ],
        "values": [
            "assemble_numbers",
            "find_new_parts",
            "write_county_numbers",
        ],
    },
)
