"""How are a county's teachers said, drawn and tabled: structure, retirement, rotation, posts, subjects, recruitment?"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "retirement": ["show_retirement"],
        "rules": ["show_posts", "show_rotation"],
        "structure": ["show_recruitment", "show_teacher_chart", "show_teacher_structure"],
    },
)
