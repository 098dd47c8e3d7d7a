"""How are services to pupils, surveys, letters, places and building projects said, drawn and tabled for an area?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "afterschool": ["show_afterschool"],
        "projects": ["show_projects"],
        "provision": ["show_provision"],
        "voices": ["show_given_ranks", "show_voices"],
    },
)
