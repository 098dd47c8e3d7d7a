"""What must a director hear? Facts, their weights, the judgements and sections of a brief."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "choosing": ["read_rules", "read_settings", "weigh_facts"],
        "county": ["AreaBrief", "prepare_brief", "show_judgements", "show_reasons"],
        "facts": ["Fact", "FactBook", "collect_facts"],
        "duties": ["show_balance", "show_duties"],
        "resources": ["show_resources"],
        "size": ["show_size"],
    },
)
