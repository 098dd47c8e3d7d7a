"""How does an executed notebook become a page, a brief, a workbook, an index?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "corrections": [
            "returns",
        ],
        "docx": [
            "brief",
        ],
        "one_page": [
            "profile",
        ],
        "word_template": [
            "check",
        ],
        "xlsx": [
            "workbook",
        ],
    },
)
