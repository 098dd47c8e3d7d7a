"""How are the reports of all counties run? Workers, warm processes, kernels, a cluster."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "faults": [
            "find_fault",
            "has_suppressed_figures",
        ],
        "progress": [
            "JsonEvents",
            "TerminalProgress",
            "format_reasons",
        ],
        "runner": [
            "RunListeners",
            "RunSettings",
            "RunSummary",
            "run_reports",
        ],
    },
)
