"""How are observations kept, county by county? Written whole or not at all, read in parts."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "reading": [
            "AreaData",
            "CountyData",
            "Store",
            "locate_boundary_file",
            "open_store",
        ],
        "writing": [
            "update_store",
            "write_store",
        ],
    },
)
