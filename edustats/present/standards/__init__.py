"""What is said of a county by the national standards?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "readiness": [
            "show_standards_ranking",
        ],
    },
)
