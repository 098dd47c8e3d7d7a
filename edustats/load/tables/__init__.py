"""What does any other table say? A mapping names its columns; a database is a table too."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "database": [
            "read_query",
        ],
        "reader": [
            "load_tables",
        ],
    },
)
