"""Where does a published number come from? Sources, values, explanations."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "embedded": [
            "build_custom_part",
            "embed_in_package",
            "embed_sources",
            "parse_custom_part",
            "read_embedded_sources",
        ],
        "explain": [
            "compare_with_store",
            "find_numbers",
            "trace_file",
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
            "build_number_format",
            "find_unit",
            "read_quantity",
            "scale_for_cell",
        ],
        "sources": [
            "NumberSources",
            "PrintedNumber",
            "SourceList",
            "assign_row_sources",
            "list_sources",
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
