"""What is said of inequality between a county's schools and groups?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "inequality": [
            "find_most_unequal",
        ],
    },
)
