"""How do charts show Chinese on a machine without Chinese fonts? With a font that comes as a package."""

from __future__ import annotations

from functools import cache

FAMILIES = ["Noto Sans SC", "DejaVu Sans"]


@cache
def register_font() -> None:
    """Make the font known to matplotlib, which reads the whole of it."""
    from matplotlib import font_manager
    from pylopdf_fonts_zh_cn import sans_path

    font_manager.fontManager.addfont(str(sans_path()))


@cache
def use_chinese_font() -> None:
    """Make matplotlib draw Chinese, with real minus signs, and keep text searchable in PDF."""
    import matplotlib

    register_font()
    matplotlib.rcParams.update(
        {
            "font.family": FAMILIES,
            "axes.unicode_minus": True,
            "pdf.fonttype": 42,
            "svg.fonttype": "none",
            "text.parse_math": False,  # two dollar signs in a name are no formula
            "text.hinting": "none",  # for screens of few points: at 200 to the inch it costs a tenth of a picture
        }
    )
