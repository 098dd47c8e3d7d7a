"""How are the reports of all counties run? Workers, warm processes, kernels, a cluster."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "faults": [
            "fault_of",
            "withholds",
        ],
        "progress": [
            "Events",
            "Progress",
            "why_lines",
        ],
        "runner": [
            "Summary",
            "Terms",
            "Told",
            "run",
        ],
    },
)
