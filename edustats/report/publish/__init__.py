"""How does an executed notebook become a page, a brief, a workbook, an index?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "corrections": [
            "write_correction_list",
        ],
        "docx": [
            "write_brief",
        ],
        "html": [
            "write_html_page",
        ],
        "index": [
            "write_index",
        ],
        "one_page": [
            "build_one_page",
        ],
        "word_template": [
            "check_template",
        ],
        "xlsx": [
            "write_data_workbook",
        ],
    },
)
