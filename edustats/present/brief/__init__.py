"""What must a director hear? Facts, their weights, the judgements and sections of a brief."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "choosing": ["read_rules", "read_settings", "weigh_facts"],
        "area": ["AreaBrief"],
        "page_one": ["prepare_brief", "show_judgements", "show_reasons"],
        "prefecture": ["PrefectureBrief", "show_counties"],
        "facts": ["Fact", "FactBook", "collect_facts"],
        "duties": ["show_balance", "show_duties"],
        "resources": ["show_main_figures", "show_resources"],
        "size": ["show_size"],
        "trend_chart": ["ForecastFan", "TargetMark", "draw_trend_panels"],
    },
)
